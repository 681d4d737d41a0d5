/*
 * stamps - when what somebody keeps of the database is good no more.
 *
 * A table of numbers that only ever change when something was committed: one a
 * subject (its claims, and the bookings that hold them), one a site (the
 * bookings of either side), and one for everything else that may be kept
 * (networks, people and what they show). The writer says what its jobs touch
 * and publishes after the commit, before anybody hears of it; readers on any
 * thread look without a lock. So whoever keeps something
 *
 *	looks at the stamps, and only then begins the transaction it reads from;
 *	uses it while each of those stamps is what it was, and its time is good
 *	(a hold lapses, a credential ends: stamps know no clock);
 *
 * and never answers with less than what was acknowledged before it was asked.
 * Subjects and sites share numbers: one that changes with another costs a look
 * into the database and nothing else.
 *
 * Nobody but the writer of this process changes the database meanwhile: the
 * lock (lock.h) is held from before it is opened, and whatever else of ours
 * writes (an emergency's invitation, a restore) takes it first.
 *
 * Safe by default. Each change appends an event, and one that is not known to
 * concern single subjects changes `all`; so does a job that changes rows and
 * appends none. Of requests nothing may be kept: they have no stamp.
 *
 * The writer itself reads what its own batch has not committed yet: what it
 * keeps is good while stamps_all_of(tx) stands, and must hold no claims.
 */
#ifndef DAEMON_STORE_STAMPS_H
#define DAEMON_STORE_STAMPS_H

#include "daemon/store/tx.h"

struct stamps;
struct stamps *stamps_new(void);
void stamps_free(struct stamps *s);

/* Any thread. */
uint64_t stamps_all(const struct stamps *s);
uint64_t stamps_subject(const struct stamps *s, int64_t subject);
uint64_t stamps_site(const struct stamps *s, int64_t site);
/* How often anything was published: it changes before any of these does. So who
 * asks for it before the transaction, and finds it unchanged after having asked
 * for a stamp within, has a stamp that is not younger than what is read. */
uint64_t stamps_published(const struct stamps *s);

/* `all` as this tx sees it: for the writer it also changes with what its batch
 * has done so far, and with the undoing of that. 0 where nothing may be kept
 * (an env without stamps). */
uint64_t stamps_all_of(const struct tx *tx);

/* The writer's, within a writing tx; for nobody where its env has none. */
void stamps_touch_subject(struct tx *tx, int64_t subject);
void stamps_touch_site(struct tx *tx, int64_t site);
void stamps_touch_all(struct tx *tx);

/* The executor's; s may be NULL. What a job touched stays touched when it is
 * undone: that costs somebody a look. */
void stamps_job_begins(struct stamps *s);
void stamps_job_undone(struct stamps *s);
/* After the commit, or the loss, of a transaction. */
void stamps_publish(struct stamps *s);

#endif
