/* Where each case of a pooled half-day gets its time (half_days.h). */
#include "daemon/work/half_days.h"
#include "daemon/work/imaging.h"
#include "daemon/work/parts.h"
#include "daemon/work/waitlist.h"

struct arranging {
	const struct half_day *h;
	struct pooled_terms terms;
	struct core_span taken[POOLED_CASES_MAX];
	size_t n;
};

static enum rc take_span(struct work *w, struct arranging *a,
			 struct core_span span)
{
	if (a->n == POOLED_CASES_MAX)
		return work_nomem(w);
	a->taken[a->n++] = span;
	return RC_OK;
}

static int64_t start_of(const struct arranging *a, int64_t from, int64_t length)
{
	return pooled_start(a->h->span, a->taken, a->n, from, length);
}

static enum rc full(struct work *w)
{
	w->wish = (struct wish){0}; /* there are no other times */
	return err_set(&w->err, RC_REFUSED,
		       "the half-day has no time that does for everybody");
}

/* What was refused at one time is no reason against the next. */
static void forget(struct work *w)
{
	w->blockers = (struct field_list){0};
	w->blockers_more = 0;
}

/* --- one that has no time yet --- */

/* Is it a time that those who wait for it said would do? */
static bool suits(const struct work *w, const struct waiting *row,
		  struct core_span span)
{
	bool in = row->nwindows == 0;

	for (size_t i = 0; i < row->nwindows && !in; i++)
		in = span.from >= row->windows[i].from &&
		     span.from < row->windows[i].to;
	return in && span.to <= row->until &&
	       span.from >= w->tx->now + row->notice * 60;
}

/* One that is not on the list takes any time. */
static enum rc read_waiting(struct work *w, int64_t request,
			    struct waiting *out)
{
	enum rc rc = waiting_find(w->tx, request, out, &w->err);

	if (rc != RC_NOT_FOUND)
		return rc;
	*out = (struct waiting){.until = INT64_MAX};
	return RC_OK;
}

static enum rc book_at(struct work *w, const struct arranging *a,
		       const struct request *r, int64_t at, struct booking *b)
{
	const struct half_day *h = a->h;
	struct wish wish;
	enum rc rc = RC_OK;

	work_wish_of(r, &wish);
	wish.expert = h->expert;
	wish.minutes = a->terms.minutes[r->kind];
	wish.at = at;
	wish.pool = h->span.from;
	*b = (struct booking){.request = r->id,
			      .request_code = r->code,
			      .agreement = r->agreement,
			      .lead = r->lead,
			      .partner = r->partner,
			      .kind = r->kind,
			      .owner_site = h->lead};
	if (!w->who)
		rc = half_day_owner(w->tx, h->lead, &b->owner, &w->err);
	if (rc == RC_OK)
		rc = work_take(w, &wish, b);
	if (rc == RC_OK)
		rc = work_schedule_request(w, b, VERB_SCHEDULE, NULL);
	return rc == RC_OK ? half_day_put(w->tx, h, b, &w->err) : rc;
}

static enum rc seat_new(struct work *w, struct arranging *a,
			const struct half_day_seat *s)
{
	struct waiting row;
	struct request r;
	struct booking b;
	int to;
	enum rc rc =
		request_by_id(w->tx, s->is.is.request, w->arena, &r, &w->err);

	if (rc == RC_OK)
		rc = work_step(w, THING_REQUEST, (int)r.status, VERB_SCHEDULE,
			       &to);
	if (rc == RC_OK)
		rc = imaging_check_meeting(w, &r);
	if (rc == RC_OK)
		rc = read_waiting(w, r.id, &row);
	if (rc != RC_OK)
		return rc;
	int64_t length = a->terms.minutes[r.kind] * 60;
	int64_t at = start_of(a, a->h->span.from, length);

	for (rc = RC_REFUSED; rc == RC_REFUSED && at != INT64_MAX;) {
		struct core_span span = {at, at + length};

		forget(w);
		if (suits(w, &row, span))
			rc = book_at(w, a, &r, at, &b);
		if (rc == RC_OK)
			return take_span(w, a, span);
		at = start_of(a, at + CORE_GRANULE, length);
	}
	return rc == RC_REFUSED ? full(w) : rc;
}

/* --- one that moves --- */

static enum rc rooms_of(struct work *w, const struct booking *b,
			struct field_strs *out)
{
	struct booking_claim *claims;
	size_t n;
	enum rc rc =
		booking_claims(w->tx, b->id, w->arena, &claims, &n, &w->err);

	*out = (struct field_strs){0};
	if (rc != RC_OK)
		return rc;
	out->v = arena_array(w->arena, n, sizeof(*out->v));
	if (n && !out->v)
		return work_nomem(w);
	for (size_t i = 0; i < n; i++)
		if (ask_is_resource(claims[i].role))
			out->v[out->n++] = claims[i].slug;
	return RC_OK;
}

/* Without claims for a moment: another may have its time. */
static enum rc lift(struct work *w, struct half_day_seat *s)
{
	enum rc rc =
		booking_by_id(w->tx, s->is.booking, w->arena, &s->b, &w->err);

	if (rc == RC_OK)
		rc = rooms_of(w, &s->b, &s->rooms);
	return rc == RC_OK ? booking_delete_claims(w->tx, s->b.id, &w->err)
			   : rc;
}

/* Where it stays what it has stays, too: nobody is told of anything. */
static enum rc put_at(struct work *w, const struct half_day_seat *s, int64_t at)
{
	struct work_change change = {.verb = VERB_MOVE,
				     .from = (int)s->b.status};
	bool stays = at == s->b.from;
	struct booking b = s->b;
	struct core_plan plan;
	struct wish wish;
	struct ask ask;
	enum rc rc = work_step(w, THING_BOOKING, change.from, change.verb,
			       &change.to);

	if (rc == RC_OK)
		rc = work_wish_again(w, &b, &wish);
	if (rc != RC_OK)
		return rc;
	wish.at = at;
	wish.with = stays ? s->rooms : (struct field_strs){b.named, b.nnamed};
	rc = work_decide(w, &wish, &plan, &ask);
	if (rc == RC_OK)
		rc = work_replace_claims(w, &b, &plan, &ask);
	if (rc != RC_OK || stays)
		return rc;
	b.sequence++;
	b.spent = false;
	rc = booking_update(w->tx, &b, &w->err);
	return rc == RC_OK ? work_event_booking(w, &b, &change) : rc;
}

static enum rc seat_again(struct work *w, struct arranging *a,
			  const struct half_day_seat *s)
{
	int64_t length = s->b.to - s->b.from;
	int64_t at = start_of(a, a->h->span.from, length);
	enum rc rc = RC_REFUSED;

	while (rc == RC_REFUSED && at != INT64_MAX) {
		forget(w);
		rc = put_at(w, s, at);
		if (rc == RC_OK)
			return take_span(w, a,
					 (struct core_span){at, at + length});
		at = start_of(a, at + CORE_GRANULE, length);
	}
	return rc == RC_REFUSED ? full(w) : rc;
}

/* --- all of them --- */

static bool may_move(const struct half_day_seat *s)
{
	return s->is.status == BOOKING_BOOKED;
}

/* Who has come, or is where the order puts them, stays: before the first who
 * is not, all that are there. */
static enum rc keep(struct work *w, struct arranging *a,
		    const struct half_day_seat *v, size_t n, size_t *out)
{
	size_t i = 0;
	enum rc rc = RC_OK;

	for (size_t k = 0; rc == RC_OK && k < n; k++)
		if (!v[k].comes && !may_move(&v[k]))
			rc = take_span(w, a, v[k].is.span);
	for (; rc == RC_OK && i < n && !v[i].comes; i++) {
		struct core_span span = v[i].is.span;

		if (!may_move(&v[i]))
			continue;
		if (start_of(a, a->h->span.from, span.to - span.from) !=
		    span.from)
			break;
		rc = take_span(w, a, span);
	}
	*out = i;
	return rc;
}

enum rc half_days_arrange(struct work *w, const struct half_day *h,
			  struct half_day_seat *v, size_t n)
{
	struct arranging a = {.h = h};
	size_t first = 0;

	if (!pooled_read(h->terms, &a.terms))
		return err_set(&w->err, RC_CORRUPT, "terms of a half-day");
	if (h->span.from <= w->tx->now)
		return err_set(&w->err, RC_STATE, "it has begun");
	enum rc rc = keep(w, &a, v, n, &first);

	for (size_t i = first; rc == RC_OK && i < n; i++)
		if (!v[i].comes && may_move(&v[i]))
			rc = lift(w, &v[i]);
	for (size_t i = first; rc == RC_OK && i < n; i++) {
		if (v[i].comes)
			rc = seat_new(w, &a, &v[i]);
		else if (may_move(&v[i]))
			rc = seat_again(w, &a, &v[i]);
	}
	return rc;
}

enum rc half_days_seats(struct work *w, const struct half_day *h,
			struct half_day_seat **out, size_t *out_n)
{
	struct half_day_case *cases;
	struct half_day_seat *v;
	enum rc rc =
		half_day_cases(w->tx, h->id, w->arena, &cases, out_n, &w->err);

	if (rc != RC_OK)
		return rc;
	v = arena_array(w->arena, *out_n + 1, sizeof(*v));
	if (!v)
		return work_nomem(w);
	for (size_t i = 0; i < *out_n; i++)
		v[i] = (struct half_day_seat){.is = cases[i]};
	*out = v;
	return RC_OK;
}
