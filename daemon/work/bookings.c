/* Bookings and holds: book, hold, confirm, release, move, cancel. */
#include "daemon/core/kind.h"
#include "daemon/store/site.h"
#include "daemon/work/ask.h"
#include "daemon/work/tools.h"

#define HOLD_MINUTES 5

/* The expert whom a message names, instead of the one in *out. */
static enum rc name_expert(struct work *w, const char *slug, int64_t lead,
			   int64_t *out)
{
	struct core_subject expert;
	enum rc rc = work_find_expert(w, "/expert", slug, lead, &expert);

	if (rc == RC_OK && slug)
		*out = expert.id;
	return rc;
}

static struct core_span window_at(const struct wish *wish)
{
	return (struct core_span){wish->at, wish->at + wish->minutes * 60};
}

static struct wish wish_of(const struct request *r)
{
	return (struct wish){
		.agreement = r->agreement,
		.kind = r->kind,
		.minutes = r->minutes,
		.specialty = r->specialty,
		.expert = r->expert,
		.patient = r->patient,
	};
}

static enum rc decide(struct work *w, const struct wish *wish,
		      struct core_plan *plan, struct ask *ask)
{
	enum rc rc = ask_load(w, wish, window_at(wish), w->arena, ask);

	return rc == RC_OK ? ask_decide(w, ask, wish, plan) : rc;
}

static enum rc schedule_request(struct work *w, struct request *r,
				enum verb verb, const char *reason)
{
	struct work_change change = {
		.verb = verb, .from = (int)r->status, .reason = reason};
	enum rc rc = work_step(w, THING_REQUEST, change.from, verb, &change.to);

	if (rc != RC_OK)
		return rc;
	r->status = (enum request_status)change.to;
	rc = request_update(w->tx, r, &w->err);
	return rc == RC_OK ? work_event_request(w, r, &change) : rc;
}

static enum rc answer(struct work *w, const struct code *code,
		      struct msg_booking *out)
{
	struct booking b;
	enum rc rc = booking_by_code(w->tx, code->s, w->arena, &b, &w->err);

	return rc == RC_OK ? work_view_booking(w, &b, out) : rc;
}

/* Stores the booking with the plan's claims; the database's guard has the
 * last word. */
static enum rc store_booking(struct work *w, struct booking *b,
			     const struct ask *ask,
			     const struct core_plan *plan, enum verb verb)
{
	struct work_change change = {.verb = verb, .from = STATE_NONE};
	enum rc rc = work_step(w, THING_BOOKING, STATE_NONE, verb, &change.to);

	if (rc != RC_OK)
		return rc;
	b->status = (enum booking_status)change.to;
	b->expert = ask->core.experts[plan->expert].subject.id;
	b->from = plan->span.from;
	b->to = plan->span.to;
	rc = request_draw_code(w->tx, &b->code, &w->err);
	if (rc == RC_OK)
		rc = booking_insert(w->tx, b, plan, &w->err);
	if (rc == RC_OK)
		rc = work_event_booking(w, b, &change);
	return rc;
}

/* What a request must be for time to be taken for it. */
static enum rc find_bookable(struct work *w, const struct msg_book *in,
			     struct request *r)
{
	int to;
	struct booking held;

	if (!in->request)
		return work_fault(w, "/request", "is required");
	enum rc rc =
		work_find_request(w, in->request, SIDE_LEAD | SIDE_PARTNER, r);

	if (rc == RC_NOT_FOUND)
		return work_fault(w, "/request", "there is no such request");
	if (rc == RC_OK)
		rc = work_step(w, THING_REQUEST, (int)r->status, VERB_SCHEDULE,
			       &to);
	if (rc == RC_OK)
		rc = work_lapse_holds(w);
	if (rc != RC_OK)
		return rc;
	rc = booking_of_request(w->tx, r->id, w->arena, &held, &w->err);
	if (rc == RC_NOT_FOUND)
		return RC_OK;
	if (rc != RC_OK)
		return rc;
	char shown[CODE_SHOWN_LEN + 1];

	code_show(&held.code, shown);
	return err_set(&w->err, RC_STATE,
		       "time is held for it already: confirm or release %s",
		       shown);
}

static enum rc take_time(struct work *w, const struct msg_book *in,
			 enum verb verb, int64_t hold_until, struct request *r,
			 struct booking *b)
{
	struct core_plan plan = {0};
	struct wish wish;
	struct ask ask;
	enum rc rc = find_bookable(w, in, r);

	if (rc != RC_OK)
		return rc;
	wish = wish_of(r);
	wish.at = in->at;
	wish.with = in->with;
	if (in->duration_minutes != FIELD_NONE)
		wish.minutes = in->duration_minutes;
	rc = name_expert(w, in->expert, r->lead, &wish.expert);
	if (rc == RC_OK)
		rc = decide(w, &wish, &plan, &ask);
	if (rc != RC_OK)
		return rc;
	*b = (struct booking){
		.request = r->id,
		.agreement = r->agreement,
		.lead = r->lead,
		.partner = r->partner,
		.kind = r->kind,
		.hold_until = hold_until,
		.owner = w->who->identity,
		.owner_site = w->who->site,
		.version = 1,
	};
	return store_booking(w, b, &ask, &plan, verb);
}

enum rc work_booking_book(struct work *w, const struct msg_book *in,
			  struct msg_booking *out)
{
	struct request r;
	struct booking b;
	enum rc rc = take_time(w, in, VERB_BOOK, 0, &r, &b);

	if (rc == RC_OK)
		rc = schedule_request(w, &r, VERB_SCHEDULE, NULL);
	return rc == RC_OK ? answer(w, &b.code, out) : rc;
}

enum rc work_booking_hold(struct work *w, const struct msg_book *in,
			  struct msg_booking *out)
{
	struct request r;
	struct booking b;
	int64_t minutes = in->hold_minutes == FIELD_NONE ? HOLD_MINUTES
							 : in->hold_minutes;
	enum rc rc =
		take_time(w, in, VERB_HOLD, w->tx->now + minutes * 60, &r, &b);

	return rc == RC_OK ? answer(w, &b.code, out) : rc;
}

/* --- what happens to a booking --- */

static enum rc find_to_change(struct work *w, const char *code,
			      struct booking *b)
{
	enum rc rc = work_find_booking(w, code, SIDE_LEAD | SIDE_PARTNER, b);

	return rc == RC_OK ? work_match(w, b->version) : rc;
}

/* A hold belongs to the site that took it, and only while it lives. */
static enum rc find_own_hold(struct work *w, const char *code,
			     struct booking *b)
{
	enum rc rc = find_to_change(w, code, b);

	if (rc != RC_OK)
		return rc;
	if (b->owner_site != w->who->site)
		return err_set(&w->err, RC_FORBIDDEN,
			       "the hold is the other site's");
	if (b->status == BOOKING_PENDING &&
	    !core_booking_live(b->status, b->hold_until, w->tx->now))
		return err_set(&w->err, RC_STATE,
			       "the hold has lapsed; look for a time again");
	return RC_OK;
}

static enum rc request_of(struct work *w, const struct booking *b,
			  struct request *out)
{
	return request_by_id(w->tx, b->request, w->arena, out, &w->err);
}

/* The time was decided on when the hold was taken and is claimed since. */
enum rc work_booking_confirm(struct work *w, const char *code,
			     struct msg_booking *out)
{
	struct work_change change = {.verb = VERB_CONFIRM};
	struct booking b;
	struct request r;
	enum rc rc = find_own_hold(w, code, &b);

	if (rc != RC_OK)
		return rc;
	change.from = (int)b.status;
	rc = work_step(w, THING_BOOKING, change.from, change.verb, &change.to);
	if (rc == RC_OK)
		rc = request_of(w, &b, &r);
	if (rc == RC_OK)
		rc = schedule_request(w, &r, VERB_SCHEDULE, NULL);
	if (rc != RC_OK)
		return rc;
	b.status = (enum booking_status)change.to;
	b.hold_until = 0;
	rc = booking_keep_claims(w->tx, b.id, &w->err);
	if (rc == RC_OK)
		rc = booking_update(w->tx, &b, &w->err);
	if (rc == RC_OK)
		rc = work_event_booking(w, &b, &change);
	return rc == RC_OK ? answer(w, &b.code, out) : rc;
}

enum rc work_booking_release(struct work *w, const char *code,
			     struct msg_booking *out)
{
	struct booking b;
	enum rc rc = find_own_hold(w, code, &b);

	if (rc == RC_OK)
		rc = work_booking_end(w, &b, VERB_RELEASE, NULL);
	return rc == RC_OK ? answer(w, &b.code, out) : rc;
}

enum rc work_booking_cancel(struct work *w, const char *code,
			    const struct msg_reason *in,
			    struct msg_booking *out)
{
	struct booking b;
	struct request r;
	enum rc rc = find_to_change(w, code, &b);

	if (rc == RC_OK)
		rc = work_booking_end(w, &b, VERB_CANCEL, in->reason);
	if (rc == RC_OK)
		rc = request_of(w, &b, &r);
	if (rc == RC_OK)
		rc = schedule_request(w, &r, VERB_UNSCHEDULE, in->reason);
	return rc == RC_OK ? answer(w, &b.code, out) : rc;
}

/* The resources that were asked for when it was booked. Its studios were not,
 * as far as is known: any that is free will do again. */
static enum rc named_before(struct work *w, const struct booking *b,
			    struct field_strs *out)
{
	struct booking_claim *claims;
	size_t n;
	enum rc rc =
		booking_claims(w->tx, b->id, w->arena, &claims, &n, &w->err);

	if (rc != RC_OK)
		return rc;
	*out = (struct field_strs){
		.v = arena_array(w->arena, n, sizeof(*out->v))};
	if (!out->v)
		return work_nomem(w);
	for (size_t i = 0; i < n; i++) {
		if (claims[i].role == CLAIM_RESOURCE)
			out->v[out->n++] = claims[i].slug;
	}
	return RC_OK;
}

static enum rc replan(struct work *w, const struct msg_move *in,
		      struct booking *b, struct core_plan *plan,
		      struct ask *ask)
{
	struct request r;
	enum rc rc = request_of(w, b, &r);

	if (rc != RC_OK)
		return rc;
	struct wish wish = wish_of(&r);

	wish.at = in->at;
	wish.with = in->with;
	wish.expert = b->expert;
	wish.ignore_booking = b->id;
	wish.minutes = in->duration_minutes == FIELD_NONE
			       ? (b->to - b->from) / 60
			       : in->duration_minutes;
	if (!in->with.n)
		rc = named_before(w, b, &wish.with);
	if (rc == RC_OK)
		rc = name_expert(w, in->expert, b->lead, &wish.expert);
	if (rc == RC_OK)
		rc = work_lapse_holds(w);
	return rc == RC_OK ? decide(w, &wish, plan, ask) : rc;
}

enum rc work_booking_move(struct work *w, const char *code,
			  const struct msg_move *in, struct msg_booking *out)
{
	struct work_change change = {.verb = VERB_MOVE};
	struct core_plan plan = {0};
	struct booking b;
	struct ask ask;
	enum rc rc = find_to_change(w, code, &b);

	if (rc != RC_OK)
		return rc;
	change.from = (int)b.status;
	rc = work_step(w, THING_BOOKING, change.from, change.verb, &change.to);
	if (rc == RC_OK)
		rc = replan(w, in, &b, &plan, &ask);
	if (rc != RC_OK)
		return rc;
	b.expert = ask.core.experts[plan.expert].subject.id;
	b.from = plan.span.from;
	b.to = plan.span.to;
	b.sequence++;
	rc = booking_replace_claims(w->tx, &b, &plan, &w->err);
	if (rc == RC_OK)
		rc = booking_update(w->tx, &b, &w->err);
	if (rc == RC_OK)
		rc = work_event_booking(w, &b, &change);
	return rc == RC_OK ? answer(w, &b.code, out) : rc;
}

/* --- reading --- */

static const char *last_reason(const struct field_list *history)
{
	const struct msg_event *v = history->v;
	const char *reason = NULL;

	for (size_t i = 0; i < history->n; i++) {
		if (v[i].reason)
			reason = v[i].reason;
	}
	return reason;
}

enum rc work_booking_show(struct work *w, const char *code,
			  struct msg_booking *out)
{
	struct booking b;
	enum rc rc = work_find_booking(
		w, code, SIDE_LEAD | SIDE_PARTNER | SIDE_EXPERT, &b);

	if (rc == RC_OK)
		rc = work_view_booking(w, &b, out);
	if (rc == RC_OK)
		rc = work_view_history(w, "booking", b.id, &out->history);
	if (rc == RC_OK)
		out->reason = last_reason(&out->history);
	return rc;
}

enum rc work_booking_list(struct work *w, const struct msg_list_query *in,
			  struct msg_booking_list *out)
{
	struct list_filter filter;
	struct booking *rows = NULL;
	size_t n = 0;
	enum rc rc = work_list_filter(w, in, &words_booking_status, &filter);

	proto_clear(&msg_booking_list_table, out);
	if (rc == RC_OK)
		rc = booking_list(w->tx, &filter, w->arena, &rows, &n, &w->err);
	if (rc != RC_OK)
		return rc;
	bool more = work_list_more(&filter, &n);
	struct msg_booking *v = arena_array(w->arena, n, sizeof(*v));

	if (n && !v)
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = work_view_booking(w, &rows[i], &v[i]);
	out->items = (struct field_list){v, n};
	if (more)
		out->next = work_cursor(w, rows[n - 1].from, rows[n - 1].id);
	return rc;
}
