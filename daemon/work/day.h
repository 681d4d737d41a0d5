/*
 * day - the use cases of a session's day: who came, when it began, when it
 * ended, who did not come (work.h).
 *
 * All of it is said by a person of either side or by the expert, if not of the
 * operation that a demonstration shows; nothing is ever said by the clock. What
 * passed its end without a word is listed.
 */
#ifndef DAEMON_WORK_DAY_H
#define DAEMON_WORK_DAY_H

#include "daemon/work/work.h"

/* Somebody whom it is about is there. */
enum rc work_booking_arrive(struct work *w, const char *code,
			    struct msg_booking *out);
/* It begins, and so does its request. RC_RULE when something is missing that
 * must be there (gate.h): w->blockers has all of it. An emergency may begin
 * without the patient's consent, with a reason. */
enum rc work_booking_start(struct work *w, const char *code,
			   const struct msg_start *in, struct msg_booking *out);
/* It is over: what is left of its time is free. Its request waits for the
 * opinions of kinds that have any, and is complete otherwise. */
enum rc work_booking_finish(struct work *w, const char *code,
			    struct msg_booking *out);
/* The same of one that has begun and ends with another. */
enum rc work_booking_over(struct work *w, const struct booking *b,
			  const char *reason);
/* It is going to end so much later: its claims grow, into the reserve first and
 * then as far as nobody else is in the way. Of those that are, each is moved to
 * the first time of its day that does by the rules, where its agreement has
 * agreed to that and it has not begun; the others stay where they are and are
 * told of. All of them stand in out->following. A stay in a bed ends days
 * later, or is refused. */
enum rc work_booking_late(struct work *w, const char *code,
			  const struct msg_run_late *in,
			  struct msg_booking *out);
/* Not before its time. It counts in its month when it was the partner's side
 * that did not come. */
enum rc work_booking_noshow(struct work *w, const char *code,
			    const struct msg_noshow *in,
			    struct msg_booking *out);
/* The oldest first, of both sides and of the expert. */
enum rc work_unresolved_list(struct work *w, const struct msg_list_query *in,
			     struct msg_booking_list *out);

#endif
