/*
 * pooled - a half-day of one expert that is filled from the queue.
 *
 * A rule of availability with terms is a pooled half-day: requests of its
 * specialty and kinds that wait are put into it one behind another, each for so
 * many minutes as its kind takes there; nothing else is offered or booked in it
 * (decide.h). Where each stands follows from where the others stand, and from
 * nothing that is kept besides: who comes new stands behind all that are not
 * less urgent, and are older where they are as urgent, so that the order which
 * a coordinator gave stays as it is.
 *
 * Pure; docs/decisions/0038-pooled-half-days.md.
 */
#ifndef DAEMON_CORE_POOLED_H
#define DAEMON_CORE_POOLED_H

#include "daemon/core/kind.h"
#include "daemon/core/model.h"

#define POOLED_THRESHOLD_MAX 500
#define POOLED_NOTICE_MAX 40320 /* minutes: four weeks */
#define POOLED_SPECIALTY_MAX 64
#define POOLED_DAYS 28 /* ahead of time one is opened by itself */
#define POOLED_CASES_MAX 288

struct pooled_terms {
	char specialty[POOLED_SPECIALTY_MAX + 1];
	/* So many that wait open it, as long as it does not begin within
	 * `notice` minutes. */
	int64_t threshold, notice;
	int64_t minutes[KIND_COUNT]; /* of a case; 0: it takes none of these */
};

/* As the terms stand in a rule's column: "coronary 6 1440
 * remote-consultation:8". False: it is no such text. */
bool pooled_read(const char *text, struct pooled_terms *out);

struct pooled_case {
	enum urgency urgency;
	int64_t submitted_at;
	int64_t request;
};

/* Where the new one stands among n that stand already: 0 to n. */
size_t pooled_place(const struct pooled_case *v, size_t n,
		    const struct pooled_case *comes);

/* The first start at or after `from`, and with all of the length within the
 * session, that touches none of the spans (in any order): behind one of them,
 * or `from` itself; INT64_MAX: there is none. */
int64_t pooled_start(struct core_span session, const struct core_span *taken,
		     size_t n, int64_t from, int64_t length);

#endif
