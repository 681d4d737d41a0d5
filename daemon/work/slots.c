/* Times that would do: the search, and the nearest ones after a refusal. */
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "daemon/core/kind.h"
#include "daemon/store/site.h"
#include "daemon/work/ask.h"
#include "daemon/work/tools.h"

#define SLOTS_DEFAULT 10
#define SLOTS_DAYS 14
#define SLOTS_DAYS_MAX 180
#define AGREEMENTS_MAX 32

/* What every agreement's search has in common. */
struct search {
	struct wish wish;
	struct core_span window;
	size_t n;
	int64_t agreements[AGREEMENTS_MAX];
	size_t nagreements;
};

static enum rc search_window(struct work *w, const struct msg_slots_query *in,
			     struct core_span *out)
{
	out->from = in->from == FIELD_NONE ? w->tx->now : in->from;
	out->to = in->to == FIELD_NONE ? out->from + SLOTS_DAYS * CIVIL_DAY
				       : in->to;
	if (out->to <= out->from)
		return work_fault(w, "#to", "must be after from");
	if (out->to - out->from > SLOTS_DAYS_MAX * (int64_t)CIVIL_DAY)
		return work_fault(w, "#to", "at most %d days after from",
				  SLOTS_DAYS_MAX);
	return RC_OK;
}

static enum rc search_expert(struct work *w, const char *slug,
			     struct core_subject *out)
{
	struct calendar_loader loader = {.tx = w->tx, .arena = w->arena};

	*out = (struct core_subject){0};
	if (!slug)
		return RC_OK;
	enum rc rc = calendar_find(&loader, slug, out, &w->err);

	if (rc == RC_NOT_FOUND || (rc == RC_OK && out->type != SUBJECT_EXPERT))
		return work_fault(w, "#expert", "there is no such expert");
	return rc;
}

/* For a request the wish is the request's own. */
static enum rc search_for_request(struct work *w,
				  const struct msg_slots_query *in,
				  struct search *s)
{
	struct request r;
	enum rc rc = work_find_request(
		w, in->request, SIDE_LEAD | SIDE_PARTNER | SIDE_EXPERT, &r);

	if (rc == RC_NOT_FOUND)
		return work_fault(w, "#request", "there is no such request");
	if (rc != RC_OK)
		return rc;
	s->wish.kind = r.kind;
	s->wish.minutes = r.minutes;
	s->wish.specialty = r.specialty;
	s->wish.patient = r.patient;
	if (!s->wish.expert)
		s->wish.expert = r.expert;
	s->agreements[0] = r.agreement;
	s->nagreements = 1;
	return RC_OK;
}

/* The partner is the caller's site, or one that the caller's site leads. */
static enum rc search_partner(struct work *w, const char *slug, int64_t *out)
{
	struct site site;
	bool joined = false;

	*out = w->who->site;
	if (!slug || (w->who->site_slug && !strcmp(slug, w->who->site_slug)))
		return RC_OK;
	enum rc rc = site_by_slug(w->tx, slug, w->arena, &site, &w->err);

	if (rc == RC_OK)
		rc = agreement_joins(w->tx, w->who->site, site.id, &joined,
				     &w->err);
	if (rc == RC_NOT_FOUND || (rc == RC_OK && !joined))
		return work_fault(w, "#site", "you work with no such site");
	*out = site.id;
	return rc;
}

static enum rc search_for_kind(struct work *w, const struct msg_slots_query *in,
			       int64_t lead, struct search *s)
{
	struct agreement_filter filter = {
		.lead = lead,
		.slug = in->agreement,
		.kind = (enum kind)in->kind,
		.specialty = in->specialty,
		.now = s->window.from,
	};
	enum rc rc = RC_OK;

	if (in->kind < 0)
		return work_fault(w, "#kind", "name a kind or a request");
	if (!kind_row(filter.kind)->served)
		return work_fault(w, "#kind", "this version does not book %s",
				  words_name(&words_kind, in->kind));
	s->wish.kind = filter.kind;
	s->wish.specialty = in->specialty;
	s->wish.minutes = kind_row(filter.kind)->default_minutes;
	rc = search_partner(w, in->site, &filter.partner);
	/* A lead asks for its own partner: only its own agreements with it. */
	if (rc == RC_OK && filter.partner != w->who->site)
		filter.lead = w->who->site;
	if (rc == RC_OK)
		rc = agreement_find(w->tx, &filter, s->agreements,
				    AGREEMENTS_MAX, &s->nagreements, &w->err);
	if (rc == RC_OK && !s->nagreements)
		return err_set(&w->err, RC_RULE,
			       "no live agreement covers this");
	return rc;
}

static enum rc search_read(struct work *w, const struct msg_slots_query *in,
			   struct search *s)
{
	struct core_subject expert;
	enum rc rc = search_window(w, in, &s->window);

	if (rc == RC_OK)
		rc = search_expert(w, in->expert, &expert);
	if (rc != RC_OK)
		return rc;
	s->n = in->n == FIELD_NONE ? SLOTS_DEFAULT : (size_t)in->n;
	s->wish.expert = expert.id;
	s->wish.with = in->with;
	rc = in->request ? search_for_request(w, in, s)
			 : search_for_kind(w, in, expert.site, s);
	if (in->duration_minutes != FIELD_NONE)
		s->wish.minutes = in->duration_minutes;
	return rc;
}

/* --- the search itself --- */

static int by_start(const void *a, const void *b)
{
	const struct msg_slot *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return strcmp(x->expert, y->expert);
}

static enum rc view_plans(struct work *w, const struct ask *ask,
			  const struct core_plan *plans, size_t n,
			  struct msg_slot *out)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = ask_view_slot(w, ask, &plans[i], &out[i]);
	return rc;
}

/* One agreement's first n times, appended to out. */
static enum rc search_one(struct work *w, struct search *s, int64_t agreement,
			  struct msg_slot *out, size_t *out_n)
{
	struct ask *ask = arena_alloc(w->arena, sizeof(*ask));
	struct core_plan *plans = arena_array(w->arena, s->n, sizeof(*plans));
	size_t n;

	if (!ask || !plans)
		return work_nomem(w);
	s->wish.agreement = agreement;
	enum rc rc = ask_load(w, &s->wish, s->window, ask);

	if (rc == RC_OK)
		rc = core_search(&ask->core, s->window, s->n, w->arena, plans,
				 &n);
	if (rc == RC_OK)
		rc = view_plans(w, ask, plans, n, out);
	if (rc == RC_OK)
		*out_n = n;
	return rc == RC_NOMEM ? work_nomem(w) : rc;
}

/* Why not at the first moment of the window: in each agreement. */
static enum rc explain(struct work *w, struct search *s, struct msg_slots *out)
{
	struct core_plan plan;

	s->wish.at = (s->window.from + CORE_GRANULE - 1) / CORE_GRANULE *
		     CORE_GRANULE;
	for (size_t i = 0; i < s->nagreements; i++) {
		struct ask *ask = arena_alloc(w->arena, sizeof(*ask));

		if (!ask)
			return work_nomem(w);
		s->wish.agreement = s->agreements[i];
		enum rc rc = ask_load(w, &s->wish, s->window, ask);

		if (rc == RC_OK)
			rc = ask_decide(w, ask, &s->wish, &plan);
		if (rc != RC_OK && rc != RC_REFUSED)
			return rc;
	}
	out->blockers = w->blockers;
	return RC_OK;
}

enum rc work_slots(struct work *w, const struct msg_slots_query *in,
		   struct msg_slots *out)
{
	struct search s = {0};
	size_t n = 0;
	enum rc rc = search_read(w, in, &s);

	proto_clear(&msg_slots_table, out);
	if (rc != RC_OK)
		return rc;
	struct msg_slot *v =
		arena_array(w->arena, s.n * s.nagreements, sizeof(*v));

	if (!v)
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < s.nagreements; i++) {
		size_t found = 0;

		rc = search_one(w, &s, s.agreements[i], v + n, &found);
		n += found;
	}
	if (rc != RC_OK)
		return rc;
	if (n == 0)
		return in->why_not ? explain(w, &s, out) : RC_OK;
	qsort(v, n, sizeof(*v), by_start);
	out->slots = (struct field_list){v, n < s.n ? n : s.n};
	return RC_OK;
}

/* --- after a refusal --- */

#define NEAREST 3
#define NEAREST_BEFORE (3 * CIVIL_DAY)
#define NEAREST_AFTER (14 * CIVIL_DAY)

enum rc work_nearest(struct work *w, struct field_list *out)
{
	struct ask *ask = arena_alloc(w->arena, sizeof(*ask));
	struct core_plan *plans =
		arena_array(w->arena, NEAREST, sizeof(*plans));
	struct msg_slot *v = arena_array(w->arena, NEAREST, sizeof(*v));
	struct wish wish = w->wish;
	struct core_span window = {wish.at - NEAREST_BEFORE,
				   wish.at + NEAREST_AFTER};
	size_t n = 0;

	*out = (struct field_list){0};
	if (!ask || !plans || !v)
		return work_nomem(w);
	/* A time long past is refused: what is near is near to now. */
	if (window.to < w->tx->now)
		window = (struct core_span){w->tx->now,
					    w->tx->now + NEAREST_AFTER};
	enum rc rc = ask_load(w, &wish, window, ask);

	if (rc == RC_OK)
		rc = core_nearest(&ask->core, window, wish.at, NEAREST,
				  w->arena, plans, &n);
	if (rc == RC_OK)
		rc = view_plans(w, ask, plans, n, v);
	if (rc == RC_OK)
		*out = (struct field_list){v, n};
	return rc;
}
