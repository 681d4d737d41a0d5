/*
 * parts - what taking time and changing it have in common.
 *
 * Internal to the use cases of bookings.
 */
#ifndef DAEMON_WORK_PARTS_H
#define DAEMON_WORK_PARTS_H

#include "daemon/work/ask.h"

/* The expert whom a message names, instead of the one in *out. */
enum rc work_name_expert(struct work *w, const char *slug, int64_t lead,
			 int64_t *out);
/* What of time must be loaded to decide about wish->at. */
struct core_span work_window_at(const struct wish *wish);
/* The facts and the decision on them. */
enum rc work_decide(struct work *w, const struct wish *wish,
		    struct core_plan *plan, struct ask *ask);
/* Takes the step of the booking's request, where there is one. */
enum rc work_schedule_request(struct work *w, const struct booking *b,
			      enum verb verb, const char *reason);
/* A hold belongs to the site that took it, or for which it was taken, and only
 * while it lives. */
enum rc work_find_own_hold(struct work *w, const char *code, struct booking *b);
/* The booking as it stands now. */
enum rc work_answer_booking(struct work *w, const struct code *code,
			    struct msg_booking *out);

#endif
