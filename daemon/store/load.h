/*
 * load - how much of whom: sessions, and opinions without a session.
 */
#ifndef DAEMON_STORE_LOAD_H
#define DAEMON_STORE_LOAD_H

#include "daemon/core/fair.h"
#include "daemon/store/request.h"

/* Of one expert, in a span of time. */
struct load_row {
	const char *expert;
	int64_t sessions,
		session_minutes;	  /* that begin in it, not called off */
	int64_t to_read, to_read_minutes; /* accepted and not signed, by now */
	int64_t read, read_minutes;	  /* first signed in it */
};

/* filter: whose, from, to and kind count. By the expert's slug. */
__attribute__((warn_unused_result)) enum rc
load_list(struct tx *tx, const struct list_filter *filter, struct arena *arena,
	  struct load_row **out, size_t *out_n, struct err *err);

/* What the expert has had from then on: sessions that are booked (a hold is
 * not), and calls at night by that clock. Good while the stamp of the expert
 * stands. */
__attribute__((warn_unused_result)) enum rc
load_of(struct tx *tx, int64_t expert, int64_t since, const struct tz *zone,
	struct core_load *out, struct err *err);

#endif
