/*
 * gate - what must be there before a session begins.
 *
 * Everything that is missing is told at once, as blockers. What may be passed
 * by with a reason is said in the message.
 */
#ifndef DAEMON_WORK_GATE_H
#define DAEMON_WORK_GATE_H

#include "daemon/store/day.h"
#include "daemon/work/work.h"

/* RC_RULE: w->blockers has everything that is missing. Whatever is passed by
 * has its deadline then. */
enum rc gate_pass(struct work *w, const struct booking *b,
		  const struct day *day, const struct msg_start *in);

/* When somebody is assigned to read it: consents that lack have a deadline. */
enum rc gate_assigned(struct work *w, const struct request *r);
/* Before an opinion is signed on what was sent without a meeting, that being
 * when it begins. An emergency passes, and the consent has its deadline. */
enum rc gate_read(struct work *w, const struct request *r);

#endif
