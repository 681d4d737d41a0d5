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
	int absent;		   /* enum absent, or -1: nobody was */
	int contingency;	   /* enum contingency, or -1 */
	gateset passed;		   /* without what it began */
	int64_t fallback;	   /* the surgeon who takes over; 0: none */
	const char *fallback_slug; /* read only */
};

/* One thing at one end of a session. */
struct day_check {
	int64_t site;
	enum check_what what;
	bool red;
	int64_t said_at;
};
#define DAY_CHECKS_MAX (2 * CHECK_COUNT)
/* Instead of what was said of it before. */
__attribute__((warn_unused_result)) enum rc
day_put_check(struct tx *tx, int64_t booking, const struct day_check *in,
	      struct err *err);
__attribute__((warn_unused_result)) enum rc
day_checks(struct tx *tx, int64_t booking, struct day_check out[DAY_CHECKS_MAX],
	   size_t *out_n, struct err *err);

/* That it worked before that time says nothing any more. */
__attribute__((warn_unused_result)) enum rc
day_forget_check(struct tx *tx, int64_t booking, enum check_what what,
		 int64_t before, struct err *err);

/* Of one of which nothing is said: zeros. */
__attribute__((warn_unused_result)) enum rc
day_find(struct tx *tx, int64_t booking, struct arena *arena, struct day *out,
	 struct err *err);
__attribute__((warn_unused_result)) enum rc
day_put(struct tx *tx, const struct day *day, struct err *err);

#define DAY_DISTURBED_MAX 32
/* Adds the other bookings, each once, that stand on a subject which takes but
 * one at a time, anywhere in the span; those beyond the bound are left out. */
__attribute__((warn_unused_result)) enum rc
day_disturbed(struct tx *tx, int64_t booking, int64_t subject,
	      struct core_span span, int64_t ids[DAY_DISTURBED_MAX],
	      size_t *inout_n, struct err *err);
/* When the first claim of another booking on it begins, at or after that time;
 * INT64_MAX: none does, or it takes several at a time. */
__attribute__((warn_unused_result)) enum rc
day_next_claim(struct tx *tx, int64_t booking, int64_t subject, int64_t from,
	       int64_t *out, struct err *err);
__attribute__((warn_unused_result)) enum rc
day_booking(struct tx *tx, int64_t id, struct arena *arena, struct booking *out,
	    struct err *err);

/* Bookings whose time is over and of which nobody said what became of it, by
 * their start; of one that has begun when its reserve is over, too. And those
 * that gave way and are open yet (displaced.h), or began without the patient's
 * consent, once its time is over, until it is there. */
__attribute__((warn_unused_result)) enum rc
day_unresolved(struct tx *tx, const struct list_filter *filter,
	       struct arena *arena, struct booking **out, size_t *out_n,
	       struct err *err);

#endif
