/*
 * report - the queries behind reports: each one statement over a span of time,
 * of what the asker's sides see, grouped by what rows are told apart by.
 *
 * Bookings are found by their agreement and time, requests by their site and
 * time: by the indexes that lists have. A statement's columns are those of its
 * message, in order (proto/messages_report.h).
 */
#ifndef DAEMON_STORE_REPORT_H
#define DAEMON_STORE_REPORT_H

#include "daemon/core/model.h"
#include "daemon/store/tx.h"

struct report_ask {
	const char *period;    /* what stands in that column; NULL: nothing */
	struct core_span span; /* UTC */
	int64_t first_day, last_day; /* the same as local days */
	const char *zone;	     /* leads of that zone only; NULL: all */
	int64_t as_lead, as_partner, as_expert; /* 0: none */
	const char *kind, *site, *expert;	/* NULL: all */
	byset by;
};

enum report_of {
	REPORT_ACTIVITY,
	REPORT_WAITS,
	REPORT_DEVIATIONS,
	REPORT_DECLINES,
	REPORT_QUOTAS,
	REPORT_POOLED,
	REPORT_COUNT
};
extern const char *const report_sql[REPORT_COUNT];

/* Begins a statement with what is asked; rows and end are the query's. */
void report_begin(struct query *q, struct tx *tx, enum report_of what,
		  const struct report_ask *ask);

/* The zones of all leads, each once. */
__attribute__((warn_unused_result)) enum rc
report_zones(struct tx *tx, struct arena *arena, const char *const **out,
	     size_t *out_n, struct err *err);

/* An expert's sessions that begin in the span: how many, how long. */
struct report_sessions {
	int64_t n, seconds;
};
__attribute__((warn_unused_result)) enum rc
report_sessions(struct tx *tx, int64_t expert, struct core_span span,
		struct report_sessions *out, struct err *err);

/* The experts whose time somebody is told of: those of the lead's own site, or
 * the one. By slug. */
__attribute__((warn_unused_result)) enum rc
report_experts(struct tx *tx, const struct report_ask *ask, int64_t site,
	       struct arena *arena, int64_t **out, size_t *out_n,
	       struct err *err);

#endif
