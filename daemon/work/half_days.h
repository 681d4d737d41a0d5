/*
 * half_days - pooled half-days: opened, filled from the queue, put in order.
 *
 * A half-day is a rule of an expert's with terms (daemon/core/pooled.h). It is
 * opened by a coordinator of the lead, or by the queue when so many wait; then
 * whoever waits is put into it, one behind another, in the order of urgency and
 * age, and who comes later as well, until it begins. Each case is an ordinary
 * booking, taken and moved by the functions that take and move all others.
 *
 * Whatever makes a request wait, or takes a case away, puts a due row
 * (DUE_POOL); work_event_request() and work_event_booking() do. What does not
 * fit stays where it was.
 */
#ifndef DAEMON_WORK_HALF_DAYS_H
#define DAEMON_WORK_HALF_DAYS_H

#include "daemon/store/due.h"
#include "daemon/store/half_day.h"
#include "daemon/work/tools.h"

/* --- use cases --- */

/* Those of the principal's own site, with what is in them. */
enum rc work_pool_list(struct work *w, const struct msg_pool_query *in,
		       struct msg_pool_list *out);
/* RC_STATE: it is open already. */
enum rc work_pool_open(struct work *w, const struct msg_pool_new *in,
		       struct msg_pool *out);
/* Those that are named come first, in their order. RC_REFUSED: not all of them
 * could be had so; then nothing is moved. */
enum rc work_pool_order(struct work *w, const char *code,
			const struct msg_pool_order *in, struct msg_pool *out);

/* --- for other use cases --- */

/* What the wish of a booking is about, where it is a case. */
enum rc half_days_wish(struct work *w, const struct booking *b,
		       struct wish *wish);
/* It goes to wish->at: out of the half-day, unless that is in it and the lead
 * says so. */
enum rc half_days_move(struct work *w, const struct booking *b,
		       struct wish *wish);
enum rc half_days_follow_request(struct work *w, const struct request *r,
				 const struct work_change *change);
enum rc half_days_follow_booking(struct work *w, const struct booking *b,
				 const struct work_change *change);
/* Due step: DUE_POOL. */
enum rc half_days_step(struct work *w, const struct due_row *row);

/* --- of these files --- */

/* One by the rules, opened or not. */
struct half_day_open {
	int64_t expert;
	struct core_span span;
	const char *terms, *slug, *zone;
	struct pooled_terms read;
};
/* The lead's that begin in the span, by start; leave takes them away. */
enum rc half_days_lay(struct work *w, int64_t lead, struct core_span span,
		      struct half_day_open **out, size_t *out_n);
/* Opens it and puts into it whoever waits. */
enum rc half_days_open(struct work *w, int64_t lead,
		       const struct half_day_open *o, struct half_day *out);

/* A case while it gets its place. */
struct half_day_seat {
	struct half_day_case is;
	struct booking b; /* of one that has its time; read when it moves */
	struct field_strs rooms; /* ... and what it had of them */
	bool comes;		 /* it has none yet */
};
/* All of them in that order, each as early as can be. What fails leaves cases
 * without their time: to be undone by the caller. RC_STATE: it has begun. */
enum rc half_days_arrange(struct work *w, const struct half_day *h,
			  struct half_day_seat *v, size_t n);
/* Those that are in it, with room for one more. */
enum rc half_days_seats(struct work *w, const struct half_day *h,
			struct half_day_seat **out, size_t *out_n);

#endif
