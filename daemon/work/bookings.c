/* What happens to a booking: confirm, release, move, cancel. */
#include <string.h>

#include "daemon/core/kind.h"
#include "daemon/core/local.h"
#include "daemon/store/spent.h"
#include "daemon/store/why.h"
#include "daemon/work/beside.h"
#include "daemon/work/cases.h"
#include "daemon/work/half_days.h"
#include "daemon/work/parts.h"
#include "daemon/work/refuse.h"
#include "daemon/work/sessions.h"
#include "daemon/work/stay.h"
#include "daemon/work/tools.h"
#include "daemon/work/waitlist.h"

static enum rc find_to_change(struct work *w, const char *code,
			      struct booking *b)
{
	enum rc rc = work_find_booking(w, code, SIDE_LEAD | SIDE_PARTNER, b);

	return rc == RC_OK ? work_match(w, b->version) : rc;
}

enum rc work_find_own_hold(struct work *w, const char *code, struct booking *b)
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

/* Whoever was too late to confirm reads what became of the hold. */
static enum rc say_released(struct work *w, const struct booking *b)
{
	struct field_list history;
	const struct msg_event *v;
	enum rc rc = work_view_history(w, "booking", b->id, &history);

	v = history.v;
	if (rc != RC_OK || !history.n || v[history.n - 1].verb == NULL ||
	    strcmp(v[history.n - 1].verb, "release") != 0 ||
	    !v[history.n - 1].reason)
		return rc == RC_OK ? RC_STATE : rc;
	return err_set(&w->err, RC_STATE, "the hold was released: %s",
		       v[history.n - 1].reason);
}

/* The time was decided on when the hold was taken and is claimed since. */
enum rc work_booking_confirm(struct work *w, const char *code,
			     struct msg_booking *out)
{
	struct work_change change = {.verb = VERB_CONFIRM};
	struct booking b;
	enum rc rc = work_find_own_hold(w, code, &b);

	if (rc != RC_OK)
		return rc;
	change.from = (int)b.status;
	rc = work_step(w, THING_BOOKING, change.from, change.verb, &change.to);
	if (rc == RC_STATE && b.status == BOOKING_RELEASED)
		return say_released(w, &b);
	if (rc == RC_OK)
		rc = work_schedule_request(w, &b, VERB_SCHEDULE, NULL);
	if (rc != RC_OK)
		return rc;
	b.status = (enum booking_status)change.to;
	b.hold_until = 0;
	rc = booking_keep_claims(w->tx, b.id, &w->err);
	if (rc == RC_OK)
		rc = booking_update(w->tx, &b, &w->err);
	if (rc == RC_OK)
		rc = work_event_booking(w, &b, &change);
	return rc == RC_OK ? work_answer_booking(w, &b.code, out) : rc;
}

enum rc work_booking_release(struct work *w, const char *code,
			     struct msg_booking *out)
{
	struct booking b;
	enum rc rc = work_find_own_hold(w, code, &b);

	if (rc == RC_OK)
		rc = work_booking_end(w, &b, VERB_RELEASE, NULL);
	return rc == RC_OK ? work_answer_booking(w, &b.code, out) : rc;
}

static enum rc too_late(struct work *w, const struct booking *b,
			const struct core_agreement *a)
{
	const struct refusal why = {
		.reason = BLOCK_LATE_CHANGE,
		.rule = a->slug,
		.span = {b->from - a->terms.partner_notice, b->from},
	};

	return refuse_by_rule(w, &why,
			      "less than %lld minutes before its start a"
			      " booking is changed by a lead coordinator of %s"
			      " alone: ask them",
			      (long long)(a->terms.partner_notice / 60),
			      b->lead_slug);
}

/* Whether the place that it has will not go back to the quota of its month, or
 * the side may not change it any more. What was moved too late is given up too
 * late, whenever it is cancelled after that. */
static enum rc judge_late(struct work *w, struct booking *b,
			  struct core_agreement *out)
{
	bool by_lead = w->who->site == b->lead;
	enum rc rc =
		agreement_by_id(w->tx, b->agreement, w->arena, out, &w->err);

	if (rc != RC_OK ||
	    !core_terms_late(&out->terms, by_lead, b->from, w->tx->now))
		return rc;
	if (!by_lead && out->terms.late == LATE_LEAD_ONLY)
		return too_late(w, b, out);
	b->spent = true;
	return RC_OK;
}

/* In another month it has another place: what was spent stays behind. */
static enum rc leave_month(struct work *w, struct booking *b, int64_t at,
			   const struct core_agreement *agreement)
{
	struct core_span month = local_month(agreement->lead_zone, b->from);

	if (!b->spent || (at >= month.from && at < month.to))
		return RC_OK;
	b->spent = false;
	return spent_add(w->tx, b, &w->err);
}

static enum rc keep_why(struct work *w, const struct booking *b, int reason)
{
	struct why_row row = {
		.booking = b->id,
		.what = WHY_CANCELLED,
		.side = w->who->site == b->lead ? WHY_LEAD : WHY_PARTNER,
		.reason = reason,
		.to = b->to,
	};

	return why_put(w->tx, &row, &w->err);
}

enum rc work_booking_cancel_it(struct work *w, const struct msg_reason *in,
			       struct booking *b)
{
	struct core_agreement agreement;
	int to;
	enum rc rc =
		work_step(w, THING_BOOKING, (int)b->status, VERB_CANCEL, &to);

	if (rc == RC_OK)
		rc = judge_late(w, b, &agreement);
	if (rc == RC_OK)
		rc = work_booking_end(w, b, VERB_CANCEL, in->reason);
	return rc == RC_OK ? keep_why(w, b, in->reason_code) : rc;
}

enum rc work_booking_cancel(struct work *w, const char *code,
			    const struct msg_reason *in,
			    struct msg_booking *out)
{
	struct booking b;
	enum rc rc = find_to_change(w, code, &b);

	if (rc == RC_OK)
		rc = work_booking_cancel_it(w, in, &b);
	return rc == RC_OK ? work_answer_booking(w, &b.code, out) : rc;
}

/* What it has of rooms and other resources. */
static enum rc claimed_rooms(struct work *w, const struct booking *b,
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
		if (ask_is_resource(claims[i].role))
			out->v[out->n++] = claims[i].slug;
	}
	return RC_OK;
}

enum rc work_wish_again(struct work *w, const struct booking *b,
			struct wish *out)
{
	struct request r;
	enum rc rc = RC_OK;

	*out = (struct wish){.agreement = b->agreement,
			     .kind = b->kind,
			     .patient = b->patient};
	if (b->request) {
		rc = request_by_id(w->tx, b->request, w->arena, &r, &w->err);
		if (rc == RC_OK)
			work_wish_of(&r, out);
	}
	out->title = NULL;
	out->expert = b->expert;
	out->at = b->from;
	out->minutes = (b->to - b->from) / 60;
	out->before = b->before;
	out->after = b->after;
	out->ignore_booking = b->id;
	if (rc == RC_OK)
		rc = half_days_wish(w, b, out);
	if (rc == RC_OK)
		rc = cases_within(w, b, &out->within);
	if (rc == RC_OK)
		rc = beside_again(w, b, out);
	return rc == RC_OK ? stay_again(w, b, out) : rc;
}

/* Others instead of those that it has. */
static enum rc read_beside(struct work *w, const struct msg_move *in,
			   const struct booking *b, struct wish *wish)
{
	struct core_agreement agreement;
	enum rc rc = agreement_by_id(w->tx, b->agreement, w->arena, &agreement,
				     &w->err);

	if (rc == RC_OK)
		rc = beside_check(w, "/also", &in->also, &agreement, b->kind);
	if (rc == RC_OK && in->also.n > b->nalso && w->who->site != b->lead)
		rc = err_set(&w->err, RC_FORBIDDEN,
			     "the lead says whether more experts are needed");
	wish->also = in->also;
	return rc == RC_OK && b->request
		       ? request_set_also(w->tx, b->request, in->also.v,
					  in->also.n, &w->err)
		       : rc;
}

/* The resources that were asked for are asked for again; of others those that
 * it has come first (ask.h), and any that is free will do. */
static enum rc replan(struct work *w, const struct msg_move *in,
		      struct booking *b, struct core_plan *plan,
		      struct ask *ask, const char **out_reason)
{
	struct wish wish;
	enum rc rc = work_wish_again(w, b, &wish);

	if (rc != RC_OK)
		return rc;
	if (in->with.n) {
		b->named = in->with.v;
		b->nnamed = in->with.n;
	}
	wish.at = in->at;
	wish.with = (struct field_strs){b->named, b->nnamed};
	if (rc == RC_OK)
		rc = work_read_minutes(w, "/duration_minutes", b->kind,
				       in->duration_minutes, &wish.minutes);
	if (rc == RC_OK)
		rc = work_read_around(w, "/before_minutes", b->kind,
				      in->before_minutes, &wish.before);
	if (rc == RC_OK)
		rc = work_read_around(w, "/after_minutes", b->kind,
				      in->after_minutes, &wish.after);
	if (rc == RC_OK)
		rc = work_name_expert(w, in->expert, booking_receiver(b),
				      &wish.expert);
	if (rc == RC_OK && in->also.n)
		rc = read_beside(w, in, b, &wish);
	if (rc == RC_OK)
		rc = work_read_bed(w, "/bed_days", in->bed_days, &wish);
	if (rc == RC_OK)
		rc = work_go_beyond(w, in->beyond_end, b->lead, &wish,
				    out_reason);
	if (rc == RC_OK)
		rc = half_days_move(w, b, &wish);
	if (rc == RC_OK)
		rc = work_decide(w, &wish, plan, ask);
	b->before = wish.before;
	b->after = wish.after;
	return rc;
}

enum rc work_replace_claims(struct work *w, struct booking *b,
			    const struct core_plan *plan, const struct ask *ask)
{
	const struct booking had = *b;

	enum rc rc = work_wait_freed(w, b);

	b->expert = ask->core.experts[plan->expert].subject.id;
	b->from = plan->span.from;
	b->to = plan->span.to;
	b->behind = plan->behind;
	if (rc == RC_OK)
		rc = booking_replace_claims(w->tx, b, plan, &w->err);
	if (rc == RC_OK)
		rc = work_take_experts(w, plan, ask, b);
	return rc == RC_OK ? work_mend_ways(w, &had, had.from) : rc;
}

/* Is it one that may be moved at all? */
static enum rc begin_move(struct work *w, struct booking *b,
			  struct work_change *change,
			  struct core_agreement *out)
{
	enum rc rc = work_step(w, THING_BOOKING, change->from, change->verb,
			       &change->to);

	if (rc == RC_OK)
		rc = sessions_check_move(w, b);
	return rc == RC_OK ? judge_late(w, b, out) : rc;
}

enum rc work_booking_would_move(struct work *w, const struct msg_move *in,
				struct booking *b)
{
	struct work_change change = {.verb = VERB_MOVE, .from = (int)b->status};
	struct core_agreement agreement;
	struct core_plan plan = {0};
	struct ask ask;
	enum rc rc = begin_move(w, b, &change, &agreement);

	return rc == RC_OK ? replan(w, in, b, &plan, &ask, &change.reason) : rc;
}

enum rc work_booking_move_it(struct work *w, const struct msg_move *in,
			     struct booking *b)
{
	struct work_change change = {.verb = VERB_MOVE,
				     .from = (int)b->status,
				     .other = b->expert,
				     .gone = b->also,
				     .ngone = b->nalso};
	struct core_agreement agreement;
	struct core_plan plan = {0};
	struct ask ask;
	enum rc rc = begin_move(w, b, &change, &agreement);

	if (rc == RC_OK)
		rc = work_lapse_holds(w);
	if (rc == RC_OK)
		rc = replan(w, in, b, &plan, &ask, &change.reason);
	if (rc == RC_OK)
		rc = leave_month(w, b, plan.span.from, &agreement);
	if (rc == RC_OK)
		rc = work_replace_claims(w, b, &plan, &ask);
	if (rc != RC_OK)
		return rc;
	b->sequence++;
	rc = booking_update(w->tx, b, &w->err);
	return rc == RC_OK ? work_event_booking(w, b, &change) : rc;
}

enum rc work_booking_move(struct work *w, const char *code,
			  const struct msg_move *in, struct msg_booking *out)
{
	struct booking b;
	enum rc rc = find_to_change(w, code, &b);

	if (rc == RC_OK)
		rc = work_booking_move_it(w, in, &b);
	return rc == RC_OK ? work_answer_booking(w, &b.code, out) : rc;
}

enum rc work_booking_shift(struct work *w, struct booking *b, int64_t at,
			   const char *reason)
{
	struct work_change change = {
		.verb = VERB_MOVE, .from = (int)b->status, .reason = reason};
	struct core_plan plan;
	struct wish wish;
	struct ask ask;
	enum rc rc = work_step(w, THING_BOOKING, change.from, change.verb,
			       &change.to);

	if (rc == RC_OK)
		rc = work_wish_again(w, b, &wish);
	if (rc != RC_OK)
		return rc;
	wish.at = at;
	wish.with = (struct field_strs){b->named, b->nnamed};
	rc = half_days_move(w, b, &wish);
	if (rc == RC_OK)
		rc = work_decide(w, &wish, &plan, &ask);
	if (rc == RC_OK)
		rc = work_replace_claims(w, b, &plan, &ask);
	if (rc != RC_OK)
		return rc;
	b->sequence++;
	b->spent = false; /* it was not the partner who gave it up */
	rc = booking_update(w->tx, b, &w->err);
	return rc == RC_OK ? work_event_booking(w, b, &change) : rc;
}

#define NEAREST_MEMORY ((size_t)32 << 20)

static enum rc find_nearest(struct work *w, const struct wish *wish,
			    struct core_span window, struct arena *facts,
			    struct booking_times *out)
{
	struct core_plan *plans =
		arena_array(facts, BOOKING_TIMES, sizeof(*plans));
	struct ask ask;

	if (!plans)
		return work_nomem(w);
	enum rc rc = ask_load(w, wish, window, facts, &ask);

	if (rc == RC_OK)
		rc = core_nearest(&ask.core, window, wish->at, BOOKING_TIMES,
				  facts, plans, &out->n);
	for (size_t i = 0; rc == RC_OK && i < out->n; i++)
		out->at[i] = plans[i].span.from;
	return rc;
}

enum rc work_booking_nearest(struct work *w, const struct booking *b,
			     struct core_span window, struct booking_times *out)
{
	struct arena facts;
	struct wish wish;
	enum rc rc = work_wish_again(w, b, &wish);

	out->n = 0;
	if (rc != RC_OK || wish.within) /* it goes where its session goes */
		return rc;
	wish.with = (struct field_strs){b->named, b->nnamed};
	wish.pool = 0; /* time beside it */
	arena_init(&facts, NEAREST_MEMORY);
	rc = find_nearest(w, &wish, window, &facts, out);
	arena_fini(&facts);
	return rc;
}

/* What there was to ask about is not the agreement's any more: the expert has
 * another home, or the agreement another lead. */
static enum rc refuse_gone(struct work *w, const struct booking *b)
{
	struct msg_blocker *v = arena_alloc(w->arena, sizeof(*v));

	if (!v)
		return work_nomem(w);
	proto_clear(&msg_blocker_table, v);
	v->subject = b->expert_slug;
	v->role = CLAIM_EXPERT;
	v->reason = BLOCK_ELSEWHERE;
	v->detail =
		arena_printf(w->arena, "%s: %s", b->expert_slug, w->err.text);
	if (!v->detail)
		return work_nomem(w);
	w->blockers = (struct field_list){v, 1};
	return RC_REFUSED;
}

/* It may have begun: that is no reason against it. */
enum rc work_booking_recheck(struct work *w, const struct booking *b)
{
	struct core_plan plan;
	struct wish wish;
	struct ask ask;

	/* Nobody asked the calendar when it was taken. */
	if (kind_row(b->kind)->how == KIND_AT_ONCE || !b->expert)
		return RC_OK;
	enum rc rc = work_wish_again(w, b, &wish);

	if (rc == RC_OK)
		rc = claimed_rooms(w, b, &wish.with);
	if (rc == RC_OK)
		rc = ask_load(w, &wish, work_window_at(&wish), w->arena, &ask);
	if (rc == RC_INVALID)
		return refuse_gone(w, b);
	if (rc != RC_OK)
		return rc;
	ask.core.overbook =
		b->behind ? CORE_OVERBOOK_STANDS : CORE_PLACE_STANDS;
	if (ask.core.now > b->from)
		ask.core.now = b->from;
	return ask_decide(w, &ask, &wish, &plan);
}
