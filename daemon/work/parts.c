#include "daemon/work/parts.h"

#include "daemon/core/kind.h"
#include "daemon/core/local.h"
#include "daemon/work/cases.h"
#include "daemon/work/tools.h"

enum rc work_name_expert(struct work *w, const char *slug, int64_t lead,
			 int64_t *out)
{
	struct core_subject expert;
	enum rc rc = work_find_expert(w, "/expert", slug, lead, &expert);

	if (rc == RC_OK && slug)
		*out = expert.id;
	return rc;
}

struct core_span work_window_at(const struct wish *wish)
{
	return (struct core_span){wish->at, wish->at + wish->minutes * 60};
}

/* Mostly there is no way to the next session, and was none: then nothing is to
 * be looked for. */
static void leave_no_way(const struct ask *ask, struct core_plan *plan)
{
	const struct core_subject *s = &ask->core.experts[plan->expert].subject;

	if (!plan->next.booking || plan->next.span.from < plan->next.span.to)
		return;
	for (size_t i = 0; i < s->nclaims; i++)
		if (s->claims[i].booking == plan->next.booking &&
		    s->claims[i].role == CLAIM_TRANSFER)
			return;
	plan->next.booking = 0;
}

enum rc work_go_beyond(struct work *w, bool asked, int64_t lead,
		       struct wish *wish, const char **out_reason)
{
	struct core_agreement a;

	*out_reason = NULL;
	if (!asked)
		return RC_OK;
	if (w->who->role != ROLE_LEAD_COORDINATOR || w->who->site != lead)
		return err_set(&w->err, RC_FORBIDDEN,
			       "beyond an agreement's end a coordinator of the"
			       " lead books");
	wish->beyond_end = true;
	enum rc rc =
		agreement_by_id(w->tx, wish->agreement, w->arena, &a, &w->err);

	if (rc == RC_OK && local_day(a.lead_zone, wish->at) > a.last_day)
		*out_reason = "beyond the agreement's end, by the lead's word";
	return rc;
}

enum rc work_decide(struct work *w, const struct wish *wish,
		    struct core_plan *plan, struct ask *ask)
{
	enum rc rc = ask_load(w, wish, work_window_at(wish), w->arena, ask);

	if (rc == RC_OK)
		rc = ask_decide(w, ask, wish, plan);
	if (rc == RC_OK && wish->within)
		cases_leave(plan);
	else if (rc == RC_OK)
		leave_no_way(ask, plan);
	return rc;
}

enum rc work_take_experts(struct work *w, const struct core_plan *plan,
			  const struct ask *ask, struct booking *b)
{
	const struct core_subject *first =
		&ask->core.experts[plan->expert].subject;
	int64_t *ids;
	const char **slugs;

	b->expert = first->id;
	b->expert_slug = first->slug;
	b->also = NULL;
	b->nalso = 0;
	if (plan->nalso == 0)
		return RC_OK;
	ids = arena_array(w->arena, plan->nalso, sizeof(*ids));
	slugs = arena_array(w->arena, plan->nalso, sizeof(*slugs));
	if (!ids || !slugs)
		return work_nomem(w);
	for (size_t i = 0; i < plan->nalso; i++) {
		ids[i] = plan->also[i].expert->subject.id;
		slugs[i] = plan->also[i].expert->subject.slug;
	}
	b->also = ids;
	b->also_slugs = slugs;
	b->nalso = plan->nalso;
	return RC_OK;
}

/* From its booking on it is its booking's expert's, and nobody's who had it
 * before; without the booking it is theirs again. */
static void hand_over(struct request *r, const struct booking *b,
		      struct work_change *change)
{
	change->expert = b->expert;
	if (change->verb == VERB_SCHEDULE) {
		change->other = r->unbooked_expert = r->expert;
		r->expert = b->expert;
	} else if (change->verb == VERB_UNSCHEDULE) {
		change->other = r->expert = r->unbooked_expert;
		r->unbooked_expert = 0;
	}
}

static enum rc schedule_request(struct work *w, struct request *r,
				const struct booking *b, enum verb verb,
				const char *reason)
{
	struct work_change change = {.verb = verb,
				     .from = (int)r->status,
				     .reason = reason,
				     .of = b};
	enum rc rc = work_step(w, THING_REQUEST, change.from, verb, &change.to);

	if (rc != RC_OK)
		return rc;
	r->status = (enum request_status)change.to;
	hand_over(r, b, &change);
	if (verb == VERB_UNSCHEDULE && kind_row(r->kind)->how == KIND_AT_ONCE)
		r->expert = 0; /* whoever answers now has it */
	rc = request_update(w->tx, r, &w->err);
	return rc == RC_OK ? work_event_request(w, r, &change) : rc;
}

enum rc work_schedule_request(struct work *w, const struct booking *b,
			      enum verb verb, const char *reason)
{
	struct request r;

	if (!b->request)
		return RC_OK;
	enum rc rc = request_by_id(w->tx, b->request, w->arena, &r, &w->err);

	return rc == RC_OK ? schedule_request(w, &r, b, verb, reason) : rc;
}

enum rc work_answer_booking(struct work *w, const struct code *code,
			    struct msg_booking *out)
{
	struct booking b;
	enum rc rc = booking_by_code(w->tx, code->s, w->arena, &b, &w->err);

	return rc == RC_OK ? work_view_booking(w, &b, out) : rc;
}
