/*
 * calls - an emergency calls whoever is on call, one after the other.
 *
 * Submitted, it calls the first of the roster at once; whoever does not answer
 * within the agreement's limit, or cannot, is followed by the next, level by
 * level as the rosters are by then, nobody twice. The last rung calls everybody
 * on the rosters and the lead's coordinators and stays until somebody answers,
 * told again and again. Any who was called may still take it. After a
 * standstill the next is called with the whole limit before them: one step,
 * however long it was.
 *
 * Where its session does not take place it is accepted again and called anew,
 * in another round: the same levels, but that who had it or said that they
 * cannot is not called before everybody is. The calls follow its states, as its
 * promises do, and take the place of their reminders: who is concerned is told
 * of each call, not of the per cents as well.
 */
#ifndef DAEMON_WORK_CALLS_H
#define DAEMON_WORK_CALLS_H

#include "daemon/store/due.h"
#include "daemon/store/duty_call.h"
#include "daemon/work/tools.h"

/* What an emergency must be besides; and what it needs not say. */
enum rc calls_check(struct work *w, const struct msg_request_new *in);
/* After it was submitted: the first call, and the papers' limit. */
enum rc calls_begin(struct work *w, const struct request *r,
		    const struct msg_request_new *in);
/* DUE_CALL: nobody has answered in time. */
enum rc calls_step(struct work *w, const struct due_row *row);
/* DUE_PAPERS: they are not there yet. */
enum rc papers_step(struct work *w, const struct due_row *row);
/* The emergency has gone from one state to another: somebody took it, it ended,
 * or it is to be answered again. By work_event_request() alone. */
enum rc calls_follow(struct work *w, const struct request *r,
		     const struct work_change *change);
/* Is somebody called for it, and may answer? */
bool calls_open(const struct request *r);
/* RC_STATE for an emergency: it is neither accepted nor planned by hand. */
enum rc calls_refuse(struct work *w, const struct request *r);

/* Calls the next, in an answer of somebody who cannot. */
enum rc calls_next(struct work *w, const struct request *r,
		   const char *because);
/* The round that its calls are in. */
int64_t calls_round(const struct duty_call *v, size_t n);
/* The last call of a person's in this round; expert 0: of anybody's.
 * RC_NOT_FOUND: they were not called, and *out is a row of the newest step as
 * far as one is known. */
enum rc calls_find(struct work *w, const struct request *r, int64_t expert,
		   struct duty_call *out);

/* What show says of calls and times; of an emergency alone. */
enum rc calls_view(struct work *w, const struct request *r,
		   struct msg_request *out);
void calls_view_times(const struct duty_times *times,
		      struct msg_intervals *out);

#endif
