/*
 * day - what people said of a booking on its day, as it is stored.
 *
 * One row a booking, made with the first word. What was said stays said: the
 * database refuses another time for what happened already.
 */
#ifndef DAEMON_STORE_DAY_H
#define DAEMON_STORE_DAY_H

#include "daemon/store/booking.h"

struct day {
	int64_t booking;
	int64_t arrived_at, started_at, finished_at; /* 0: not (yet) */
	int absent; /* enum absent, or -1: nobody was */
};

/* Of one of which nothing is said: zeros. */
__attribute__((warn_unused_result)) enum rc
day_find(struct tx *tx, int64_t booking, struct day *out, struct err *err);
__attribute__((warn_unused_result)) enum rc
day_put(struct tx *tx, const struct day *day, struct err *err);

/* Bookings whose time is over and of which nobody said what became of it, by
 * their start; of one that has begun when its reserve is over, too. */
__attribute__((warn_unused_result)) enum rc
day_unresolved(struct tx *tx, const struct list_filter *filter,
	       struct arena *arena, struct booking **out, size_t *out_n,
	       struct err *err);

#endif
