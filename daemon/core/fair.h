/*
 * fair - whose turn it is, among experts who would all do.
 *
 * Whoever has had the least comes first: hours in sessions that begin from so
 * many weeks ago on, what is booked ahead included, and each call at night as
 * so many more (terms.h). Of two who had the same the one whose slug comes
 * first. Who stood by at night without being called had none.
 *
 * Pure: the store sums up, and whoever asks keeps the sums.
 */
#ifndef DAEMON_CORE_FAIR_H
#define DAEMON_CORE_FAIR_H

#include "daemon/core/decide.h"

struct core_load {
	int64_t seconds; /* in sessions */
	int64_t calls;	 /* at night */
};

/* From when on loads count: whole days of UTC, so that they are kept for one.
 */
int64_t fair_since(const struct core_terms *terms, int64_t now);
/* 22 to 6 o'clock, as labour law has it, by that clock. */
bool fair_is_night(const struct tz *zone, int64_t at);
/* Both as one, by which they are compared; seconds. */
int64_t fair_weighed(const struct core_terms *terms,
		     const struct core_load *load);
/* Has a had less than b? */
bool fair_less(const struct core_terms *terms, const struct core_load *a,
	       const struct core_load *b);

/* Puts the n numbers in the order of the loads, those that had the same by
 * number; quick where they are nearly so. */
void fair_order(const struct core_terms *terms, const struct core_load *loads,
		uint32_t *order, size_t n);
/* Where the expert comes among those of the ask who suit it, from 1 on, and how
 * many these are. */
void fair_place(const struct core_ask *ask, size_t expert, size_t *out_rank,
		size_t *out_of);
/* out_rank[order[i]] = i. */
void fair_rank(const uint32_t *order, size_t n, uint32_t *out_rank);

#endif
