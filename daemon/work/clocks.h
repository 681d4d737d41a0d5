/*
 * clocks - what is promised of a request follows its states.
 *
 * Each promise (answer, begin, opinion) begins to run, stands still, goes on
 * and ends with the states of its request, by one table. While it runs, a due
 * row says when the next rung of the ladder is reached: at so many per cent of
 * the limit somebody is told, once, by an event that they alone see. The hours
 * and the ladder are those of the limit set as it is now: a change of them
 * counts from the next rung on.
 *
 * Within a use case's transaction, called by work_event_request() and
 * work_event_booking() alone.
 */
#ifndef DAEMON_WORK_CLOCKS_H
#define DAEMON_WORK_CLOCKS_H

#include "daemon/store/clock.h"
#include "daemon/work/steps.h"
#include "daemon/work/tools.h"

/* The request has gone from one state to another (STATE_NONE: it is new). */
enum rc clocks_follow(struct work *w, const struct request *r, int from,
		      int to);
/* The session of a request is over: from now on the opinion is waited for. */
enum rc clocks_finished(struct work *w, const struct booking *b);

/* One that no state of a request begins or keeps: from now on it is waited for
 * that long, by the same hours and ladder; and it has come. */
enum rc clocks_promise(struct work *w, const struct request *r,
		       enum due_what what, int64_t minutes);
enum rc clocks_keep(struct work *w, const struct request *r,
		    enum due_what what);

/* A rung is reached: the step of all promises. */
enum rc clocks_step(struct work *w, const struct due_row *due);

/* How the promises stand, as part of the request that is answered. */
enum rc clocks_view(struct work *w, const struct request *r,
		    struct msg_request *out);
/* A clock as it is shown: one that is past its time is late. */
enum clock_state clocks_state(const struct clock_row *row, int64_t now);

#endif
