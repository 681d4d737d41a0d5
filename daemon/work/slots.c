/* Times that would do: the search, and the nearest ones after a refusal. */
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "daemon/core/kind.h"
#include "daemon/store/calendar.h"
#include "daemon/store/site.h"
#include "daemon/work/ask.h"
#include "daemon/work/beside.h"
#include "daemon/work/clinic.h"
#include "daemon/work/explain.h"
#include "daemon/work/refuse.h"
#include "daemon/work/tools.h"

#define SLOTS_DEFAULT 10
#define SLOTS_DAYS 14
#define SLOTS_DAYS_MAX 180
#define SLOTS_DAYS_NARROW 31
#define AGREEMENTS_MAX 32
#define FACTS_MAX ((size_t)16 << 20) /* of one agreement's search */

/* What every agreement's search has in common. */
struct search {
	struct wish wish;
	struct core_span window;
	size_t n;
	int64_t agreements[AGREEMENTS_MAX];
	size_t nagreements;
	struct msg_slot *found; /* room for n of each agreement */
	size_t nfound;
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

/* What the request says already, and the booking will go by. */
static enum rc check_of_request(struct work *w,
				const struct msg_slots_query *in)
{
	const struct work_given fields[] = {
		{"#kind", in->kind >= 0},
		{"#site", in->site != NULL},
		{"#agreement", in->agreement != NULL},
		{"#specialty", in->specialty != NULL},
		{"#title", in->title != NULL},
		{"#modality", in->modality != NULL},
		{"#languages", in->languages.n > 0},
		{"#surgeon", in->surgeon != NULL},
	};
	return work_given_already(w, fields,
				  sizeof(fields) / sizeof(fields[0]));
}

/* For a request the wish is the request's own. */
static enum rc search_for_request(struct work *w,
				  const struct msg_slots_query *in,
				  struct search *s)
{
	struct core_subject expert;
	struct request r;
	enum rc rc = check_of_request(w, in);

	if (rc != RC_OK)
		return rc;
	rc = work_find_request(w, in->request,
			       SIDE_LEAD | SIDE_PARTNER | SIDE_EXPERT, &r);

	if (rc == RC_NOT_FOUND)
		return work_fault(w, "#request", "there is no such request");
	if (rc == RC_OK)
		rc = work_find_expert(w, "#expert", in->expert,
				      request_receiver(&r), &expert);
	if (rc != RC_OK)
		return rc;
	work_wish_of(&r, &s->wish);
	if (in->expert)
		s->wish.expert = expert.id;
	s->agreements[0] = r.agreement;
	s->nagreements = 1;
	return RC_OK;
}

static enum rc find_agreements(struct work *w, struct agreement_filter *filter,
			       struct search *s)
{
	enum rc rc = agreement_find(w->tx, filter, s->agreements,
				    AGREEMENTS_MAX, &s->nagreements, &w->err);

	/* That expert suits none of them: then each says why not. */
	if (rc == RC_OK && !s->nagreements && filter->expert) {
		filter->expert = 0;
		rc = agreement_find(w->tx, filter, s->agreements,
				    AGREEMENTS_MAX, &s->nagreements, &w->err);
	}
	/* Never a silent cut: those beyond the room would be missed. */
	if (rc == RC_OK && s->nagreements == AGREEMENTS_MAX)
		return work_fault(w, "#agreement",
				  "too many agreements fit; name one, or a"
				  " specialty");
	if (rc == RC_OK && !s->nagreements)
		return refuse_uncovered(w, filter);
	return rc;
}

/* Who takes part, of those whom the query names. */
static enum rc find_people(struct work *w, const struct msg_slots_query *in,
			   struct agreement_filter *filter, struct search *s)
{
	struct core_subject expert;
	struct site partner;
	enum rc rc = work_find_partner(w, "#site", in->site, &partner);

	if (rc != RC_OK)
		return rc;
	filter->partner = partner.id;
	/* A lead asks for its own partner: only its own agreements with it. */
	if (filter->partner != w->who->site)
		filter->lead = w->who->site;
	rc = work_find_expert(w, "#expert", in->expert, filter->lead, &expert);
	if (rc == RC_OK)
		rc = work_find_surgeon(w, "#surgeon", filter->kind, in->surgeon,
				       partner.id, &s->wish.surgeon);
	if (rc != RC_OK)
		return rc;
	s->wish.expert = filter->expert = expert.id;
	if (expert.id)
		filter->lead = expert.site;
	return RC_OK;
}

static enum rc search_for_kind(struct work *w, const struct msg_slots_query *in,
			       struct search *s)
{
	struct agreement_filter filter = {
		.slug = in->agreement,
		.kind = (enum kind)in->kind,
		.specialty = in->specialty,
		/* what is past is not offered */
		.now = s->window.from > w->tx->now ? s->window.from
						   : w->tx->now,
		.until = s->window.to,
	};

	if (in->kind < 0)
		return work_fault(w, "#kind", "name a kind or a request");
	if (kind_row(filter.kind)->how == KIND_AT_ONCE)
		return work_fault(w, "#kind",
				  "is not booked ahead: submit it, and whoever"
				  " is on call is called at once");
	if (kind_row(filter.kind)->how == KIND_BY_LEAD)
		return work_fault(w, "#kind",
				  "is a change of a roster: try it, and what"
				  " is in its way is told");
	if (!kind_row(filter.kind)->served)
		return work_fault(w, "#kind", "this version does not book %s",
				  words_name(&words_kind, in->kind));
	s->wish.kind = filter.kind;
	s->wish.specialty = in->specialty;
	s->wish.minutes = work_minutes(filter.kind);
	s->wish.title = in->title;
	s->wish.modality = in->modality;
	s->wish.languages = in->languages.v;
	s->wish.nlanguages = in->languages.n;
	enum rc rc = find_people(w, in, &filter, s);

	return rc == RC_OK ? find_agreements(w, &filter, s) : rc;
}

static enum rc search_read(struct work *w, const struct msg_slots_query *in,
			   struct search *s)
{
	enum rc rc = search_window(w, in, &s->window);

	if (rc != RC_OK)
		return rc;
	s->n = in->n == FIELD_NONE ? SLOTS_DEFAULT : (size_t)in->n;
	s->wish.also = (struct field_strs){0};
	rc = in->request ? search_for_request(w, in, s)
			 : search_for_kind(w, in, s);
	if (rc == RC_OK)
		rc = beside_name(w, &in->also, &s->wish);
	s->wish.with = in->with;
	if (rc == RC_OK)
		rc = work_read_bed(w, "#bed_days", in->bed_days, &s->wish);
	if (rc == RC_OK && in->overbook)
		rc = work_overbook(w, "", &s->wish, &(const char *){NULL});
	if (rc == RC_OK && in->duration_minutes != FIELD_NONE)
		rc = work_read_minutes(w, "#duration_minutes", s->wish.kind,
				       in->duration_minutes, &s->wish.minutes);
	if (rc == RC_OK)
		rc = work_read_around(w, "#before_minutes", s->wish.kind,
				      in->before_minutes, &s->wish.before);
	if (rc == RC_OK)
		rc = work_read_around(w, "#after_minutes", s->wish.kind,
				      in->after_minutes, &s->wish.after);
	return rc;
}

/* --- the search itself --- */

/* At the same time whose turn it is. */
static int by_start(const void *a, const void *b)
{
	const struct msg_slot *x = a, *y = b;
	int64_t p = x->fair ? x->fair->rank : 0;
	int64_t q = y->fair ? y->fair->rank : 0;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (p != q)
		return p < q ? -1 : 1;
	return x->expert && y->expert ? strcmp(x->expert, y->expert) : 0;
}

/* Two agreements may offer the same: what is sorted keeps each time of an
 * expert once. */
static bool is_double(const struct msg_slot *v, size_t n,
		      const struct msg_slot *slot)
{
	for (size_t i = n; i > 0 && v[i - 1].from == slot->from; i--) {
		if (!strcmp(v[i - 1].expert, slot->expert))
			return true;
	}
	return false;
}

static size_t without_doubles(struct msg_slot *v, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (!is_double(v, kept, &v[i]))
			v[kept++] = v[i];
	}
	return kept;
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

/* One agreement's first n times, appended to s->found. */
static enum rc search_one(struct work *w, struct search *s, struct ask *ask)
{
	struct arena *arena = ask->loader.arena;
	struct core_plan *plans = arena_array(arena, s->n, sizeof(*plans));
	size_t n;

	if (!plans)
		return work_nomem(w);
	enum rc rc = core_search(&ask->core, s->window, s->n, arena, plans, &n);

	if (rc == RC_OK)
		rc = view_plans(w, ask, plans, n, s->found + s->nfound);
	if (rc == RC_OK)
		s->nfound += n;
	return rc == RC_NOMEM ? work_nomem(w) : rc;
}

/* Why not at the first moment of the window. */
static enum rc explain_one(struct work *w, struct search *s, struct ask *ask)
{
	struct core_plan plan;
	enum rc rc = ask_decide(w, ask, &s->wish, &plan);

	return rc == RC_REFUSED ? RC_OK : rc;
}

/* Asks in each agreement; the facts of one are let go before the next. What
 * takes part with one lead's experts needs not be another lead's: it is at
 * fault only when no agreement has it. */
static enum rc ask_each(struct work *w, struct search *s,
			enum rc (*load)(struct work *w, const struct wish *wish,
					struct core_span window,
					struct arena *arena, struct ask *out),
			enum rc (*each)(struct work *w, struct search *s,
					struct ask *ask))
{
	size_t misfits = 0;
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < s->nagreements; i++) {
		struct arena facts;
		struct ask ask;

		arena_init(&facts, FACTS_MAX);
		s->wish.agreement = s->agreements[i];
		rc = load(w, &s->wish, s->window, &facts, &ask);
		if (rc == RC_OK)
			rc = each(w, s, &ask);
		else if (rc == RC_INVALID && ++misfits < s->nagreements)
			rc = RC_OK;
		arena_fini(&facts);
	}
	if (rc == RC_OK)
		w->faults = (struct field_faults){0};
	return rc;
}

static enum rc explain(struct work *w, struct search *s, struct msg_slots *out)
{
	int64_t from =
		s->window.from > w->tx->now ? s->window.from : w->tx->now;
	int64_t at = (from + CORE_GRANULE - 1) / CORE_GRANULE * CORE_GRANULE;

	s->wish.at = at;
	s->window = (struct core_span){at, at + s->wish.minutes * 60};
	enum rc rc = ask_each(w, s, ask_load, explain_one);

	out->blockers = w->blockers;
	if (w->blockers_more)
		out->blockers_more = (int64_t)w->blockers_more;
	return rc;
}

/* What took which times, by agreement. */
static enum rc explain_all(struct work *w, const struct msg_slots_query *in,
			   struct search *s, struct msg_slots *out)
{
	struct msg_explanation *v =
		arena_array(w->arena, s->nagreements, sizeof(*v));
	struct explain_search of = {.wish = &s->wish,
				    .window = s->window,
				    .request = in->request != NULL,
				    .one = in->request || in->agreement,
				    .share = s->nagreements};
	enum rc rc = v ? RC_OK : work_nomem(w);
	size_t n = 0;

	if (of.window.from < w->tx->now)
		of.window.from = w->tx->now;
	if (of.window.to < of.window.from)
		of.window.to = of.window.from;
	for (size_t i = 0; rc == RC_OK && i < s->nagreements; i++) {
		s->wish.agreement = s->agreements[i];
		rc = explain_none(w, &of, &v[n]);
		if (rc == RC_OK)
			n++;
		else if (rc == RC_INVALID && (n > 0 || i + 1 < s->nagreements))
			rc = RC_OK; /* another lead has what takes part */
	}
	if (rc == RC_OK)
		w->faults = (struct field_faults){0};
	out->explained = (struct field_list){v, n};
	return rc;
}

/* Nothing was found: what is told of it. */
static enum rc tell_none(struct work *w, const struct msg_slots_query *in,
			 struct search *s, struct msg_slots *out)
{
	enum rc rc = in->explain ? explain_all(w, in, s, out) : RC_OK;

	return rc == RC_OK && in->why_not ? explain(w, s, out) : rc;
}

bool work_slots_wide(const struct msg_slots_query *in, int64_t now)
{
	int64_t from = in->from == FIELD_NONE ? now : in->from;

	if (in->explain || (!in->request && !in->expert && !in->specialty))
		return true;
	return in->to != FIELD_NONE &&
	       in->to - from > SLOTS_DAYS_NARROW * (int64_t)CIVIL_DAY;
}

enum rc work_slots(struct work *w, const struct msg_slots_query *in,
		   struct msg_slots *out)
{
	struct search s = {0};
	enum rc rc = search_read(w, in, &s);

	proto_clear(&msg_slots_table, out);
	if (rc != RC_OK)
		return rc;
	s.found = arena_array(w->arena, s.n * s.nagreements, sizeof(*s.found));
	if (!s.found)
		return work_nomem(w);
	rc = ask_each(w, &s, ask_load_search, search_one);
	if (rc != RC_OK)
		return rc;
	if (s.nfound == 0)
		return tell_none(w, in, &s, out);
	qsort(s.found, s.nfound, sizeof(*s.found), by_start);
	s.nfound = without_doubles(s.found, s.nfound);
	out->slots =
		(struct field_list){s.found, s.nfound < s.n ? s.nfound : s.n};
	return RC_OK;
}

/* --- after a refusal --- */

#define NEAREST 3
#define NEAREST_BEFORE (3 * CIVIL_DAY)
#define NEAREST_AFTER (14 * CIVIL_DAY)

enum rc work_nearest(struct work *w, struct field_list *out)
{
	struct core_plan plans[NEAREST];
	struct ask ask;
	struct msg_slot *v = arena_array(w->arena, NEAREST, sizeof(*v));
	struct wish wish = w->wish;
	struct core_span window = {wish.at - NEAREST_BEFORE,
				   wish.at + NEAREST_AFTER};
	size_t n = 0;

	*out = (struct field_list){0};
	if (!v)
		return work_nomem(w);
	/* A time long past is refused: what is near is near to now. */
	if (window.to < w->tx->now)
		window = (struct core_span){w->tx->now,
					    w->tx->now + NEAREST_AFTER};
	enum rc rc = ask_load(w, &wish, window, w->arena, &ask);

	if (rc == RC_OK)
		rc = core_nearest(&ask.core, window, wish.at, NEAREST, w->arena,
				  plans, &n);
	if (rc == RC_OK)
		rc = view_plans(w, &ask, plans, n, v);
	if (rc == RC_OK)
		*out = (struct field_list){v, n};
	return rc;
}
