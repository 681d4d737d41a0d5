/*
 * gate - what must be there before a session begins.
 *
 * Everything that is missing is told at once, as blockers. A reason stands for
 * some of it: in an emergency by its kind for consents, which are then to come
 * by a time; in whatever was accepted as an emergency for the surgeon who takes
 * over and for what nobody looked at, unless the agreement insists on it; else
 * for what nobody looked at where the agreement says so (core/session.h). Never
 * for a credential, nor for what is red: that wants something chosen instead.
 */
#ifndef DAEMON_WORK_GATE_H
#define DAEMON_WORK_GATE_H

#include "daemon/store/day.h"
#include "daemon/work/work.h"

/* RC_RULE: w->blockers has everything that is missing. day->passed: what the
 * reason stood for. */
enum rc gate_pass(struct work *w, const struct booking *b,
		  const struct msg_start *in, struct day *day);

/* When somebody is assigned to read it: consents that lack have a deadline. */
enum rc gate_assigned(struct work *w, const struct request *r);
/* Before an opinion is signed on what was sent without a meeting, that being
 * when it begins. No word passes it: what is that urgent is an emergency by its
 * kind, and has a meeting. */
enum rc gate_read(struct work *w, const struct request *r);

#endif
