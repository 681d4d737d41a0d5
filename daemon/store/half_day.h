/*
 * half_day - pooled half-days that were opened, what is in them, and what waits
 * for one (daemon/core/pooled.h).
 *
 * A row is made when one is opened; the database lets an expert have one at a
 * time only. A case is an ordinary booking with a row here beside it, which
 * stays when it leaves: nothing is put twice into the same.
 */
#ifndef DAEMON_STORE_HALF_DAY_H
#define DAEMON_STORE_HALF_DAY_H

#include "daemon/core/pooled.h"
#include "daemon/store/booking.h"

struct half_day {
	int64_t id;
	struct code code;
	int64_t lead, expert;
	struct core_span span;
	const char *terms;
	int64_t opened_at;
	int64_t opened_by; /* identity; 0: the queue */
};

/* Draws a code that nothing else has (codes.c). */
__attribute__((warn_unused_result)) enum rc
half_day_draw_code(struct tx *tx, struct code *out, struct err *err);
/* Fills id. RC_REFUSED: the expert has one that begins then. */
__attribute__((warn_unused_result)) enum rc
half_day_insert(struct tx *tx, struct half_day *in, struct err *err);

/* RC_NOT_FOUND; by its expert and start, by its code, or that the booking is or
 * was a case of (out_in: it is). */
__attribute__((warn_unused_result)) enum rc
half_day_find(struct tx *tx, int64_t expert, int64_t from, struct arena *arena,
	      struct half_day *out, struct err *err);
__attribute__((warn_unused_result)) enum rc
half_day_by_code(struct tx *tx, const char *code, struct arena *arena,
		 struct half_day *out, struct err *err);
__attribute__((warn_unused_result)) enum rc
half_day_of_booking(struct tx *tx, int64_t booking, struct arena *arena,
		    struct half_day *out, bool *out_in, struct err *err);
/* A lead's that begin in the span, by start. */
__attribute__((warn_unused_result)) enum rc
half_day_list(struct tx *tx, int64_t lead, struct core_span span,
	      struct arena *arena, struct half_day **out, size_t *out_n,
	      struct err *err);

/* The booking is a case of it from now on; it is not any more. */
__attribute__((warn_unused_result)) enum rc
half_day_put(struct tx *tx, const struct half_day *h, const struct booking *b,
	     struct err *err);
__attribute__((warn_unused_result)) enum rc
half_day_leave(struct tx *tx, int64_t booking, struct err *err);

struct half_day_case {
	struct pooled_case is;
	int64_t booking;
	enum kind kind;
	enum booking_status status;
	struct core_span span;
	struct code code, request_code;
	const char *partner;
};
/* Those that are in it, by start. */
__attribute__((warn_unused_result)) enum rc
half_day_cases(struct tx *tx, int64_t half_day, struct arena *arena,
	       struct half_day_case **out, size_t *out_n, struct err *err);

/* The experts of a lead who have pooled half-days by their rules, by slug. */
__attribute__((warn_unused_result)) enum rc
half_day_experts(struct tx *tx, int64_t lead, struct arena *arena,
		 int64_t **out, size_t *out_n, struct err *err);

/* Requests of the lead that wait for any expert or for that one, of the
 * specialty, of one of the kinds that have minutes, with a meeting and without
 * time; not those that ever were in that half-day (0: whichever), nor those
 * that rest. In no order; at most POOLED_QUEUE_MAX, those asked for first. */
#define POOLED_QUEUE_MAX 500
struct half_day_wants {
	int64_t lead, expert, half_day;
	const struct pooled_terms *terms;
};
__attribute__((warn_unused_result)) enum rc
half_day_queue(struct tx *tx, const struct half_day_wants *wants,
	       struct arena *arena, struct pooled_case **out, size_t *out_n,
	       struct err *err);

/* Somebody of the lead's desk, to whom belongs what the queue books. */
__attribute__((warn_unused_result)) enum rc
half_day_owner(struct tx *tx, int64_t lead, int64_t *out, struct err *err);

#endif
