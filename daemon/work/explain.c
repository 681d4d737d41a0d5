#include "daemon/work/explain.h"

#include <string.h>

#include "base/civil.h"
#include "daemon/core/explain.h"
#include "daemon/core/relax.h"
#include "daemon/store/site.h"
#include "daemon/work/ask.h"
#include "daemon/work/tools.h"

#define FACTS_MAX ((size_t)96 << 20) /* of all asks of one agreement */
#define BEYOND ((int64_t)28 * CIVIL_DAY)
#define OTHERS_MAX 4
#define REMOVALS_MAX 200

/* What the core is asked with. */
struct facts {
	struct arena arena;
	struct ask asked, wide;
	struct ask *others;
	struct core_ask *other_asks;
	struct relax_world world;
};

/* --- the facts --- */

/* Earlier and later than the window as well. */
static enum rc load_one(struct work *w, const struct wish *wish,
			const struct explain_search *s, struct facts *f,
			struct ask *out)
{
	struct core_span span = {s->window.from - BEYOND,
				 s->window.to + BEYOND};

	if (span.from < w->tx->now)
		span.from = w->tx->now < s->window.from ? w->tx->now
							: s->window.from;
	return ask_load(w, wish, span, &f->arena, out);
}

static enum rc load_wide(struct work *w, const struct explain_search *s,
			 struct facts *f)
{
	struct wish wish = *s->wish;
	enum rc rc;

	if (!wish.expert)
		return RC_OK;
	wish.expert = 0;
	rc = load_one(w, &wish, s, f, &f->wide);
	f->world.wide = &f->wide.core;
	return rc;
}

/* Agreements of the same two sites that cover it as well. */
static enum rc find_others(struct work *w, const struct explain_search *s,
			   const struct facts *f, int64_t *out, size_t *out_n)
{
	const struct core_agreement *a = &f->asked.agreement;
	struct agreement_filter filter = {.partner = a->partner,
					  .lead = a->lead,
					  .kind = s->wish->kind,
					  .specialty = s->wish->specialty,
					  .expert = s->wish->expert,
					  .now = w->tx->now,
					  .until = s->window.to};
	size_t n = 0;
	enum rc rc = agreement_find(w->tx, &filter, out, OTHERS_MAX + 1, &n,
				    &w->err);

	*out_n = 0;
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		if (out[i] != a->id && *out_n < OTHERS_MAX)
			out[(*out_n)++] = out[i];
	return rc;
}

static enum rc load_others(struct work *w, const struct explain_search *s,
			   struct facts *f)
{
	int64_t ids[OTHERS_MAX + 1];
	struct wish wish = *s->wish;
	size_t n = 0;
	enum rc rc = s->one ? find_others(w, s, f, ids, &n) : RC_OK;

	if (rc != RC_OK || n == 0)
		return rc;
	f->others = arena_array(&f->arena, n, sizeof(*f->others));
	f->other_asks = arena_array(&f->arena, n, sizeof(*f->other_asks));
	if (!f->others || !f->other_asks)
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		wish.agreement = ids[i];
		rc = load_one(w, &wish, s, f, &f->others[i]);
		f->other_asks[i] = f->others[i].core;
	}
	f->world.others = f->other_asks;
	f->world.nothers = n;
	return rc;
}

static enum rc load_facts(struct work *w, const struct explain_search *s,
			  struct facts *f)
{
	enum rc rc = load_one(w, s->wish, s, f, &f->asked);

	f->world = (struct relax_world){.ask = &f->asked.core,
					.window = s->window,
					.beyond = BEYOND,
					.assigned = s->request};
	if (rc == RC_OK)
		rc = load_wide(w, s, f);
	if (rc == RC_OK)
		rc = load_others(w, s, f);
	if (rc != RC_NOMEM)
		return rc;
	return work_fault(w, "#explain",
			  "too much to explain at once: name an agreement, an"
			  " expert or a shorter window");
}

/* --- how it is told --- */

/* As the end of a sentence that begins with whom; NULL: as it is of a time. */
static const char *const removal_texts[BLOCK_COUNT] = {
	[BLOCK_BUSY] = "has other sessions",
	[BLOCK_BUFFER] = "has the pauses about other sessions",
	[BLOCK_CLOSED] = "is not available",
	[BLOCK_HOLIDAY] = "is closed for holidays",
	[BLOCK_SECONDED] = "is away at another site",
	[BLOCK_KIND] = "does not take this kind",
	[BLOCK_SPECIALTY] = "does not cover this specialty",
	[BLOCK_EXPERIENCE] = "has too few years of independent practice",
	[BLOCK_DAY_CAP] = "has as many sessions as a day may have",
	[BLOCK_AGREEMENT] = "is not in force",
	[BLOCK_AGREEMENT_KIND] = "does not cover this kind",
	[BLOCK_QUOTA] = "has no place left in the month",
	[BLOCK_PAST] = "cannot begin in the past",
	[BLOCK_GRID] = "begins on a five-minute mark only",
	[BLOCK_NO_ROOM] = "has no such room at all",
	[BLOCK_LEAVE] = "is on leave or out of service",
	[BLOCK_TRANSFER] = "has no time for the way between two places",
	[BLOCK_PLACE_START] = "has no place that begins then",
	[BLOCK_ELSEWHERE] = "sees patients at a third hospital",
	[BLOCK_TITLE] = "does not have the title that is asked for",
	[BLOCK_MODALITY] = "does not read what is asked for",
	[BLOCK_LANGUAGE] = "does not speak what is asked for",
	[BLOCK_CREDENTIAL] = "has a credential that has ended",
	[BLOCK_SHARE] = "keeps the places left for another partner",
	[BLOCK_OVERBOOK] = "has no place but behind the session's last",
	[BLOCK_OVERBOOK_MOST] = "has no more places behind the last",
	[BLOCK_TWICE] = "sits in the session already",
	[BLOCK_PATH] = "goes the same way as another link, or nobody says",
	[BLOCK_POOL] = "has half-days that are filled from the queue",
};

static const char *const relax_texts[RELAX_COUNT] = {
	[RELAX_ROOM] = "without this room, with any other of its type",
	[RELAX_AFTER] = "without the minutes after it",
	[RELAX_BEFORE] = "without the minutes before it",
	[RELAX_EXPERT] = "with another expert",
	[RELAX_TITLE] = "with an expert of a lower title",
	[RELAX_LANGUAGE] = "without this language",
	[RELAX_MODALITY] = "without this modality",
	[RELAX_SURGEON] = "without this surgeon, with another or none named",
	[RELAX_ALSO] = "without this further expert",
	[RELAX_DURATION] = "in less time",
	[RELAX_LATER] = "later than the window",
	[RELAX_EARLIER] = "earlier than the window",
	[RELAX_AGREEMENT] = "under another agreement of the same hospitals",
	[RELAX_PARTNER_HOLIDAY] = "with the partner's rooms on a holiday",
	[RELAX_PARTNER_HOURS] = "with the partner's rooms out of hours",
	[RELAX_LEAD_HOLIDAY] = "with the lead's experts and rooms on a holiday",
	[RELAX_LEAD_HOURS] = "with the lead's rooms out of hours",
	[RELAX_SHARE] = "with a place that is kept for another partner",
	[RELAX_OVERBOOK] = "behind the session's last place",
	[RELAX_SECONDED] = "with an expert who is seconded, from there",
	[RELAX_BEYOND] = "beyond the agreement's end",
	[RELAX_DAY_CAP] = "with one more a day than the expert takes",
	[RELAX_QUOTA] = "with one more a month than is agreed",
};

/* A copy that outlives the facts. */
static const char *kept(struct work *w, const char *s)
{
	return s ? arena_strndup(w->arena, s, strlen(s)) : NULL;
}

static const char *who_of(const struct explain_reason *r)
{
	if (r->subject)
		return r->subject->slug ? r->subject->slug : "the patient";
	return r->role == CLAIM_EXPERT ? "the lead"
	       : r->role >= 0	       ? "the site"
				       : "the agreement";
}

static enum rc view_removal(struct work *w, const struct explain_reason *r,
			    struct msg_removal *out)
{
	proto_clear(&msg_removal_table, out);
	out->subject = kept(w, r->subject ? r->subject->slug : NULL);
	out->role = r->role;
	out->reason = (int)r->reason;
	out->rule = kept(w, r->rule);
	out->alone = (int64_t)r->alone;
	out->with_others = (int64_t)r->with_others;
	out->of = (int64_t)r->of;
	if (r->span.from < r->span.to) {
		out->from = r->span.from;
		out->to = r->span.to;
		out->minutes = r->seconds / 60;
	}
	if (!removal_texts[r->reason])
		return RC_OK;
	out->detail = arena_printf(w->arena, "%s %s", who_of(r),
				   removal_texts[r->reason]);
	return out->detail ? RC_OK : work_nomem(w);
}

static enum rc view_counts(struct work *w, const struct explain_count *c,
			   struct msg_explanation *out)
{
	size_t n = c->n < REMOVALS_MAX ? c->n : REMOVALS_MAX;
	struct msg_removal *v = arena_array(w->arena, n, sizeof(*v));
	enum rc rc = RC_OK;

	if (n && !v)
		return work_nomem(w);
	out->every = (int64_t)c->every;
	out->chances = (int64_t)c->chances;
	out->by_one = (int64_t)c->by_one;
	out->by_several = (int64_t)c->by_several;
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = view_removal(w, &c->reasons[i], &v[i]);
	out->removals = (struct field_list){v, n};
	if (c->n > n)
		out->removals_more = (int64_t)(c->n - n);
	return rc;
}

/* Nobody at the lead takes the kind in that specialty at all. */
static enum rc view_nobody(struct work *w, const struct wish *wish,
			   struct msg_explanation *out)
{
	struct explain_reason none = {
		.role = CLAIM_EXPERT,
		.reason = wish->specialty ? BLOCK_SPECIALTY : BLOCK_KIND,
		.rule = wish->specialty
				? wish->specialty
				: words_name(&words_kind, (int)wish->kind),
	};
	struct msg_removal *v = arena_alloc(w->arena, sizeof(*v));

	if (!v)
		return work_nomem(w);
	out->removals = (struct field_list){v, 1};
	return view_removal(w, &none, v);
}

static enum rc view_changes(struct work *w, const struct facts *f,
			    const struct relax_found *found,
			    struct field_list *out)
{
	struct msg_relaxed *v =
		arena_array(w->arena, found->ncases, sizeof(*v));

	if (!v)
		return work_nomem(w);
	for (size_t i = 0; i < found->ncases; i++) {
		struct relax_case c = found->cases[i];
		int64_t minutes = relax_minutes(&f->world, c);

		proto_clear(&msg_relaxed_table, &v[i]);
		v[i].what = (int)c.what;
		v[i].value = kept(w, relax_value(&f->world, c));
		v[i].granted_by = (int)relax_grants(&f->world, c.what);
		v[i].detail = relax_texts[c.what];
		if (minutes)
			v[i].minutes = minutes;
	}
	*out = (struct field_list){v, found->ncases};
	return RC_OK;
}

static enum rc view_found(struct work *w, const struct facts *f,
			  const struct relax_found *found,
			  struct msg_relaxation *out)
{
	struct ask ask = {.agreement = found->changed->agreement,
			  .core = found->changed->ask};

	proto_clear(&msg_relaxation_table, out);
	out->slot = arena_alloc(w->arena, sizeof(*out->slot));
	if (!out->slot)
		return work_nomem(w);
	enum rc rc = ask_view_slot(w, &ask, &found->plan, out->slot);

	return rc == RC_OK ? view_changes(w, f, found, &out->changes) : rc;
}

static enum rc view_relaxed(struct work *w, const struct facts *f,
			    const struct relax_answer *a,
			    struct msg_explanation *out)
{
	struct msg_relaxation *v = arena_array(w->arena, a->n, sizeof(*v));
	enum rc rc = RC_OK;

	if (a->n && !v)
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < a->n; i++)
		rc = view_found(w, f, &a->v[i], &v[i]);
	out->relaxations = (struct field_list){v, a->n};
	out->cut = a->cut;
	return rc;
}

/* --- both --- */

struct hiding {
	const struct work *w;
	const struct ask *ask;
};

static void hide(void *ctx, struct core_blockers *blockers, size_t expert)
{
	const struct hiding *h = ctx;

	(void)expert; /* each says of whom it is told */
	ask_hide_places(h->w, h->ask, blockers);
}

static enum rc count(struct work *w, const struct explain_search *s,
		     struct facts *f, struct msg_explanation *out)
{
	struct hiding hiding = {w, &f->asked};
	struct explain_mask mask = {hide, &hiding};
	struct explain_count c;
	enum rc rc;

	if (f->asked.core.nexperts == 0)
		return view_nobody(w, s->wish, out);
	rc = explain_count(&f->asked.core, s->window,
			   EXPLAIN_ASKS_MAX / s->share, &mask, &f->arena, &c);
	if (rc != RC_OK)
		return rc == RC_NOMEM ? work_nomem(w)
				      : err_set(&w->err, rc,
						"this cannot be explained");
	return view_counts(w, &c, out);
}

static enum rc relax(struct work *w, const struct explain_search *s,
		     struct facts *f, struct msg_explanation *out)
{
	struct relax_answer a;
	enum rc rc =
		relax_find(&f->world, RELAX_WORK_MAX / s->share, &f->arena, &a);

	if (rc != RC_OK)
		return rc == RC_NOMEM ? work_nomem(w)
				      : err_set(&w->err, rc,
						"this cannot be explained");
	return view_relaxed(w, f, &a, out);
}

enum rc explain_none(struct work *w, const struct explain_search *search,
		     struct msg_explanation *out)
{
	struct facts *f = arena_alloc(w->arena, sizeof(*f));

	if (!f)
		return work_nomem(w);
	proto_clear(&msg_explanation_table, out);
	arena_init(&f->arena, FACTS_MAX);
	enum rc rc = load_facts(w, search, f);

	if (rc == RC_OK) {
		out->agreement = kept(w, f->asked.agreement.slug);
		out->from = search->window.from;
		out->to = search->window.to;
		rc = count(w, search, f, out);
	}
	if (rc == RC_OK)
		rc = relax(w, search, f, out);
	arena_fini(&f->arena);
	return rc;
}
