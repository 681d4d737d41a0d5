/* Time is taken: book and hold. */
#include <stdlib.h>

#include "daemon/core/kind.h"
#include "daemon/store/site.h"
#include "daemon/work/beside.h"
#include "daemon/work/calls.h"
#include "daemon/work/clinic.h"
#include "daemon/work/fairness.h"
#include "daemon/work/imaging.h"
#include "daemon/work/parts.h"
#include "daemon/work/tools.h"
#include "daemon/work/waitlist.h"

/* For what: an accepted request, or a patient of a kind that is booked without
 * one. */
struct taking {
	struct wish wish;
	struct booking b;
	struct papers papers;
	const struct papers *sealed;	/* &papers, or NULL: the request's */
	struct request_patient patient; /* then */
	struct core_plan plan;
	struct ask ask;
	const char *reason; /* that it is beyond the agreement's end; NULL */
};

/* Whom nobody knew before is entered with the booking: a refusal leaves
 * nothing behind. */
static enum rc keep_patient(struct work *w, struct taking *t)
{
	enum rc rc = RC_OK;

	if (t->sealed == NULL)
		return RC_OK;
	rc = request_keep_patient(w->tx, &t->patient, &w->err);
	t->b.patient = t->ask.patient.id = t->patient.id;
	return rc;
}

/* Stores the booking with the plan's claims; the database's guard has the
 * last word. */
static enum rc store_booking(struct work *w, struct taking *t, enum verb verb)
{
	const struct core_plan *plan = &t->plan;
	struct work_change change = {
		.verb = verb, .from = STATE_NONE, .reason = t->reason};
	struct booking *b = &t->b;
	enum rc rc = work_step(w, THING_BOOKING, STATE_NONE, verb, &change.to);

	if (rc != RC_OK)
		return rc;
	b->status = (enum booking_status)change.to;
	rc = work_take_experts(w, plan, &t->ask, b);
	b->from = plan->span.from;
	b->to = plan->span.to;
	b->behind = plan->behind;
	b->before = t->wish.before;
	b->after = t->wish.after;
	if (w->who) {
		b->owner = w->who->identity;
		b->owner_site = w->who->site;
	}
	b->version = 1;
	if (rc == RC_OK)
		rc = keep_patient(w, t);
	if (rc == RC_OK)
		rc = booking_draw_code(w->tx, &b->code, &w->err);
	if (rc == RC_OK)
		rc = booking_insert(w->tx, b, plan, t->sealed, &w->err);
	if (rc == RC_OK)
		rc = work_event_booking(w, b, &change);
	return rc;
}

enum rc work_find_bookable(struct work *w, const char *code, struct request *r)
{
	int to;
	struct booking held;
	enum rc rc = work_find_request(w, code, SIDE_LEAD | SIDE_PARTNER, r);

	if (rc == RC_NOT_FOUND)
		return work_fault(w, "/request", "there is no such request");
	if (rc == RC_OK)
		rc = calls_refuse(w, r);
	if (rc == RC_OK)
		rc = work_step(w, THING_REQUEST, (int)r->status, VERB_SCHEDULE,
			       &to);
	if (rc == RC_OK)
		rc = imaging_check_meeting(w, r);
	/* Whatever time it is offered, it takes other. */
	if (rc == RC_OK)
		rc = work_offer_end(w, r->id);
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

/* What the request says already. */
static enum rc check_of_request(struct work *w, const struct msg_book *in)
{
	const struct work_given fields[] = {
		{"/kind", in->kind >= 0},
		{"/site", in->site != NULL},
		{"/agreement", in->agreement != NULL},
		{"/specialty", in->specialty != NULL},
		{"/title", in->title != NULL},
		{"/modality", in->modality != NULL},
		{"/languages", in->languages.n > 0},
		{"/patient", in->patient != NULL},
	};
	return work_given_already(w, fields,
				  sizeof(fields) / sizeof(fields[0]));
}

/* Whoever is named beyond what the request wanted is from now on as if it had:
 * it is the lead who says that more experts are needed. */
static enum rc name_beside(struct work *w, const struct msg_book *in,
			   const struct request *r, struct wish *wish)
{
	struct core_agreement agreement;

	if (in->also.n == 0)
		return RC_OK;
	if (in->also.n > r->nalso && w->who->site != r->lead)
		return err_set(&w->err, RC_FORBIDDEN,
			       "the lead says whether more experts are needed");
	enum rc rc = agreement_by_id(w->tx, r->agreement, w->arena, &agreement,
				     &w->err);

	if (rc == RC_OK)
		rc = beside_check(w, "/also", &in->also, &agreement, r->kind);
	if (rc == RC_OK)
		rc = beside_name(w, &in->also, wish);
	return rc == RC_OK && in->also.n > r->nalso
		       ? request_set_also(w->tx, r->id, wish->also.v,
					  wish->also.n, &w->err)
		       : rc;
}

static enum rc take_for_request(struct work *w, const struct msg_book *in,
				struct taking *t)
{
	struct request r;
	enum rc rc = check_of_request(w, in);

	if (rc == RC_OK)
		rc = work_find_bookable(w, in->request, &r);
	if (rc != RC_OK)
		return rc;
	work_wish_of(&r, &t->wish);
	t->b = (struct booking){.request = r.id,
				.request_code = r.code,
				.agreement = r.agreement,
				.lead = r.lead,
				.partner = r.partner,
				.kind = r.kind,
				.down = r.down};
	rc = work_name_expert(w, in->expert, request_receiver(&r),
			      &t->wish.expert);
	if (rc == RC_OK)
		rc = name_beside(w, in, &r, &t->wish);
	return rc == RC_OK
		       ? work_read_bed(w, "/bed_days", in->bed_days, &t->wish)
		       : rc;
}

static enum rc check_direct(struct work *w, const struct msg_book *in)
{
	if (in->kind < 0)
		return work_fault(w, "/request",
				  "name an accepted request, or a kind that is"
				  " booked without one");
	const struct kind_row *kind = kind_row((enum kind)in->kind);

	if (kind->how != KIND_DIRECT)
		return work_fault(w, "/kind",
				  "is not booked without a request");
	if (!kind->served)
		return work_fault(w, "/kind", "this version does not book it");
	if (!in->patient)
		return work_fault(w, "/patient", "is required with a kind");
	if (!in->expert && !in->specialty)
		return work_fault(w, "/specialty",
				  "name a specialty or an expert");
	return RC_OK;
}

/* The agreement under which the partner's patient comes: one that is in force
 * on the day. */
static enum rc find_direct(struct work *w, const struct msg_book *in,
			   struct site *partner, struct core_agreement *out,
			   int64_t *out_expert)
{
	struct agreement_filter filter = {
		.slug = in->agreement,
		.kind = (enum kind)in->kind,
		.specialty = in->specialty,
		.now = in->at > w->tx->now ? in->at : w->tx->now,
	};
	struct core_subject expert = {0};
	enum rc rc = work_find_partner(w, "/site", in->site, partner);

	if (rc != RC_OK)
		return rc;
	filter.partner = partner->id;
	if (partner->id != w->who->site) {
		/* Of the lead's people those who arrange for it. */
		if (!principal_sides(w->who, w->who->site, 0, 0))
			return work_fault(w, "/site",
					  "you book for your own site alone");
		filter.lead = w->who->site;
	}
	rc = work_find_expert(w, "/expert", in->expert, filter.lead, &expert);
	if (rc != RC_OK)
		return rc;
	*out_expert = expert.id;
	if (expert.id && !in->agreement) {
		filter.lead = expert.site;
		filter.expert = in->specialty ? 0 : expert.id;
	}
	return work_find_agreement(w, &filter, out);
}

static enum rc take_direct(struct work *w, const struct msg_book *in,
			   struct taking *t)
{
	struct core_agreement agreement;
	struct site partner;
	int64_t expert = 0;
	enum rc rc = check_direct(w, in);

	if (rc == RC_OK)
		rc = find_direct(w, in, &partner, &agreement, &expert);
	if (rc != RC_OK)
		return rc;
	t->wish = (struct wish){.agreement = agreement.id,
				.kind = (enum kind)in->kind,
				.minutes = work_minutes((enum kind)in->kind),
				.specialty = in->specialty,
				.title = in->title,
				.modality = in->modality,
				.languages = in->languages.v,
				.nlanguages = in->languages.n,
				.also = in->also,
				.expert = expert};
	t->b = (struct booking){.agreement = agreement.id,
				.lead = agreement.lead,
				.partner = agreement.partner,
				.kind = (enum kind)in->kind};
	t->papers = (struct papers){.local_id = in->patient->local_id,
				    .name = in->patient->name,
				    .summary = in->patient->summary};
	t->sealed = &t->papers;
	rc = beside_check(w, "/also", &in->also, &agreement,
			  (enum kind)in->kind);
	if (rc != RC_OK)
		return rc;
	rc = request_find_patient(w->tx, partner.id, partner.slug,
				  t->papers.local_id, &t->patient, &w->err);
	t->wish.patient = t->patient.id;
	t->wish.new_patient = t->patient.id == 0;
	return rc;
}

/* What both may say otherwise. */
static enum rc read_times(struct work *w, const struct msg_book *in,
			  struct wish *wish)
{
	enum rc rc = work_read_minutes(w, "/duration_minutes", wish->kind,
				       in->duration_minutes, &wish->minutes);

	if (rc == RC_OK)
		rc = work_read_around(w, "/before_minutes", wish->kind,
				      in->before_minutes, &wish->before);
	if (rc == RC_OK)
		rc = work_read_around(w, "/after_minutes", wish->kind,
				      in->after_minutes, &wish->after);
	wish->at = in->at;
	wish->with = in->with;
	return rc;
}

/* What is wanted, and the decision on it: reads alone, where there is no
 * request. */
static enum rc plan_time(struct work *w, const struct msg_book *in,
			 struct taking *t)
{
	*t = (struct taking){0};
	enum rc rc = in->request ? take_for_request(w, in, t)
				 : take_direct(w, in, t);

	if (rc == RC_OK)
		rc = read_times(w, in, &t->wish);
	if (rc == RC_OK)
		rc = work_go_beyond(w, in->beyond_end, t->b.lead, &t->wish,
				    &t->reason);
	if (rc == RC_OK)
		rc = work_overbook(w, in->overbook, &t->wish, &t->reason);
	return rc == RC_OK ? work_decide(w, &t->wish, &t->plan, &t->ask) : rc;
}

static enum rc take_time(struct work *w, const struct msg_book *in,
			 enum verb verb, int64_t hold_until, struct taking *t)
{
	enum rc rc = work_lapse_holds(w);

	if (rc == RC_OK)
		rc = plan_time(w, in, t);
	if (rc != RC_OK)
		return rc;
	t->b.hold_until = hold_until;
	t->b.named = t->wish.with.v;
	t->b.nnamed = t->wish.with.n;
	return store_booking(w, t, verb);
}

enum rc work_take(struct work *w, const struct wish *wish, struct booking *b)
{
	struct taking t = {.wish = *wish, .b = *b};
	enum rc rc = work_lapse_holds(w);

	if (rc == RC_OK)
		rc = work_decide(w, &t.wish, &t.plan, &t.ask);
	if (rc != RC_OK)
		return rc;
	t.b.named = t.wish.with.v;
	t.b.nnamed = t.wish.with.n;
	rc = store_booking(w, &t, VERB_BOOK);
	*b = t.b;
	return rc;
}

enum rc work_booking_between(struct work *w, const struct msg_book *in,
			     int64_t *out_lead, int64_t *out_partner)
{
	struct core_agreement agreement = {0};
	struct site partner;
	int64_t expert;
	enum rc rc = check_direct(w, in);

	if (rc == RC_OK)
		rc = find_direct(w, in, &partner, &agreement, &expert);
	*out_lead = agreement.lead;
	*out_partner = agreement.partner;
	return rc;
}

enum rc work_booking_would(struct work *w, const struct msg_book *in)
{
	struct taking t;

	return plan_time(w, in, &t);
}

enum rc work_booking_take(struct work *w, const struct msg_book *in,
			  struct booking *out)
{
	struct taking t;
	enum rc rc = take_time(w, in, VERB_BOOK, 0, &t);

	*out = t.b;
	return rc;
}

static int by_start(const void *left, const void *right)
{
	const struct booking_claim *a = left, *b = right;

	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return (a->subject > b->subject) - (a->subject < b->subject);
}

/* Nothing of it is read again: all that the answer shows is known. */
static enum rc answer(struct work *w, struct taking *t, struct msg_booking *out)
{
	struct booking_claim claims[CORE_PLAN_MAX];
	const struct core_plan *plan = &t->plan;
	struct site lead, partner;
	struct booking *b = &t->b;
	enum rc rc = site_by_id(w->tx, b->lead, w->arena, &lead, &w->err);

	if (rc == RC_OK)
		rc = site_by_id(w->tx, b->partner, w->arena, &partner, &w->err);
	if (rc != RC_OK)
		return rc;
	b->agreement_slug = t->ask.agreement.slug;
	b->lead_slug = lead.slug;
	b->lead_zone = lead.time_zone;
	b->partner_slug = partner.slug;
	for (size_t i = 0; i < plan->nclaims; i++)
		claims[i] = (struct booking_claim){
			.role = plan->claims[i].role,
			.from = plan->claims[i].span.from,
			.to = plan->claims[i].span.to,
			.slug = plan->claims[i].subject->slug,
			.subject = plan->claims[i].subject->id};
	qsort(claims, plan->nclaims, sizeof(claims[0]), by_start);
	enum rc viewed = work_view_claimed(w, b, claims, plan->nclaims, out);

	return viewed == RC_OK
		       ? fairness_view(w, &t->ask, plan->expert, &out->fair)
		       : viewed;
}

enum rc work_booking_book_for(struct work *w, const struct msg_book *in,
			      const char *reason, struct msg_booking *out)
{
	struct taking t;
	enum rc rc = take_time(w, in, VERB_BOOK, 0, &t);

	if (rc == RC_OK)
		rc = work_schedule_request(w, &t.b, VERB_SCHEDULE, reason);
	return rc == RC_OK ? answer(w, &t, out) : rc;
}

enum rc work_booking_book(struct work *w, const struct msg_book *in,
			  struct msg_booking *out)
{
	return work_booking_book_for(w, in, NULL, out);
}

enum rc work_booking_hold(struct work *w, const struct msg_book *in,
			  struct msg_booking *out)
{
	struct taking t;
	int64_t minutes = in->hold_minutes == FIELD_NONE ? WORK_HOLD_MINUTES
							 : in->hold_minutes;
	enum rc rc = take_time(w, in, VERB_HOLD, w->tx->now + minutes * 60, &t);

	return rc == RC_OK ? answer(w, &t, out) : rc;
}
