#include "tests/bench/common/ground.h"

#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "daemon/core/local.h"
#include "daemon/core/rule.h"
#include "daemon/store/calendar.h"
#include "daemon/store/rows.h"
#include "daemon/store/site.h"

/* A rule is laid out so far at once. */
#define STEP ((int64_t)360 * CIVIL_DAY)

static enum rc count(struct db *db, const char *sql, size_t *out,
		     struct err *err)
{
	int64_t n = 0;
	enum rc rc = rows_last_id(db, sql, &n, err);

	*out = (size_t)n + 1;
	return rc;
}

static enum rc read_slugs(struct ground *g, struct err *err)
{
	struct query q;
	enum rc rc = count(g->tx->db, "SELECT max(id) FROM subject", &g->nslugs,
			   err);

	if (rc != RC_OK)
		return rc;
	g->slugs = arena_array(g->arena, g->nslugs, sizeof(*g->slugs));
	if (g->slugs == NULL)
		return rows_full(err);
	query_begin(&q, g->tx->db,
		    "SELECT id, slug FROM subject WHERE type <> 'patient'");
	while (query_row(&q))
		g->slugs[query_col_int(&q, 0)] = query_col_dup(&q, 1, g->arena);
	return query_end(&q, err);
}

static enum rc read_studios(struct ground *g, size_t site, struct err *err)
{
	struct calendar_loader loader = {.tx = g->tx, .arena = g->arena};
	int64_t *ids;
	enum rc rc =
		calendar_ids_of_type(&loader, (int64_t)site, SUBJECT_STUDIO,
				     &ids, &g->sites[site].nstudios, err);

	g->sites[site].studios = ids;
	return rc;
}

static enum rc read_sites(struct ground *g, struct err *err)
{
	struct query q;
	enum rc rc =
		count(g->tx->db, "SELECT max(id) FROM site", &g->nsites, err);

	if (rc != RC_OK)
		return rc;
	g->sites = arena_array(g->arena, g->nsites, sizeof(*g->sites));
	if (g->sites == NULL)
		return rows_full(err);
	query_begin(&q, g->tx->db, "SELECT id, slug FROM site");
	while (query_row(&q))
		g->sites[query_col_int(&q, 0)].slug =
			query_col_dup(&q, 1, g->arena);
	rc = query_end(&q, err);
	for (size_t i = 0; rc == RC_OK && i < g->nsites; i++)
		if (g->sites[i].slug != NULL)
			rc = read_studios(g, i, err);
	return rc;
}

static enum rc read_desks(struct ground *g, struct err *err)
{
	struct query q;

	query_begin(&q, g->tx->db,
		    "SELECT site, id, name FROM identity"
		    " WHERE role = 'lead-coordinator' AND revoked_at IS NULL"
		    " ORDER BY id DESC");
	while (query_row(&q))
		g->sites[query_col_int(&q, 0)].lead = (struct ground_desk){
			query_col_int(&q, 1), query_col_dup(&q, 2, g->arena)};
	return query_end(&q, err);
}

static enum rc read_agreements(struct ground *g, struct err *err)
{
	struct query q;
	int64_t *ids;

	query_begin(&q, g->tx->db,
		    "SELECT agreement FROM agreement_kind"
		    " WHERE kind = 'clinic-slot' ORDER BY agreement");
	enum rc rc = rows_ids(&q, g->arena, &ids, &g->nagreements, err);

	if (rc == RC_OK)
		g->agreements = arena_array(g->arena, g->nagreements,
					    sizeof(*g->agreements));
	if (rc == RC_OK && g->agreements == NULL)
		rc = rows_full(err);
	for (size_t i = 0; rc == RC_OK && i < g->nagreements; i++) {
		struct ground_agreement *a = &g->agreements[i];

		rc = agreement_by_id(g->tx, ids[i], g->arena, &a->core, err);
		if (rc == RC_OK)
			a->valid =
				local_days(a->core.lead_zone, a->core.first_day,
					   a->core.last_day);
	}
	return rc;
}

static bool shares_specialty(const struct core_agreement *a,
			     const struct core_expert *e)
{
	for (size_t i = 0; i < a->nspecialties; i++)
		for (size_t k = 0; k < e->nspecialties; k++)
			if (!strcmp(a->specialties[i], e->specialties[k]))
				return true;
	return a->nspecialties == 0;
}

/* With years to spare; a day's care is the core's. */
static int64_t seasoned(const struct core_agreement *a,
			const struct core_expert *e)
{
	if (a->min_independent_years == 0)
		return INT64_MIN;
	if (e->independent_since == CORE_NO_DAY)
		return INT64_MAX;
	return (e->independent_since + 366 * a->min_independent_years + 2) *
	       CIVIL_DAY;
}

static enum rc choose_agreements(struct ground *g, struct ground_expert *e,
				 struct err *err)
{
	size_t *v = arena_array(g->arena, g->nagreements, sizeof(*v));

	if (v == NULL)
		return rows_full(err);
	e->seasoned = INT64_MIN;
	for (size_t i = 0; i < g->nagreements; i++) {
		const struct core_agreement *a = &g->agreements[i].core;
		int64_t from = seasoned(a, &e->core);

		if (a->lead != e->core.subject.site ||
		    !shares_specialty(a, &e->core))
			continue;
		v[e->nagreements++] = i;
		if (e->seasoned < from)
			e->seasoned = from;
	}
	e->agreements = v;
	return RC_OK;
}

static enum rc read_experts(struct ground *g, struct err *err)
{
	struct calendar_loader loader = {
		.tx = g->tx,
		.arena = g->arena,
		.window = {g->tx->now, g->tx->now + 1}};
	struct query q;
	int64_t *ids;

	query_begin(&q, g->tx->db,
		    "SELECT DISTINCT r.subject FROM rule r"
		    " JOIN expert e ON e.subject = r.subject"
		    " WHERE r.slot_minutes > 0 ORDER BY r.subject");
	enum rc rc = rows_ids(&q, g->arena, &ids, &g->nexperts, err);

	if (rc != RC_OK)
		return rc;
	g->experts = arena_array(g->arena, g->nexperts, sizeof(*g->experts));
	if (g->experts == NULL)
		return rows_full(err);
	for (size_t i = 0; rc == RC_OK && i < g->nexperts; i++) {
		rc = calendar_expert(&loader, ids[i], &g->experts[i].core, err);
		if (rc == RC_OK)
			rc = choose_agreements(g, &g->experts[i], err);
	}
	return rc;
}

enum rc ground_read(struct ground *g, struct tx *tx, struct arena *arena,
		    struct err *err)
{
	*g = (struct ground){.tx = tx, .arena = arena};
	enum rc rc = read_slugs(g, err);

	if (rc == RC_OK)
		rc = read_sites(g, err);
	if (rc == RC_OK)
		rc = read_desks(g, err);
	if (rc == RC_OK)
		rc = read_agreements(g, err);
	return rc == RC_OK ? read_experts(g, err) : rc;
}

/* --- the sessions --- */

static enum rc add_session(struct ground *g, size_t expert,
			   const struct core_open *open, struct err *err)
{
	const struct ground_expert *e = &g->experts[expert];
	int places = (int)((open->to - open->from) /
			   (open->rule->slot_minutes * 60));

	if (open->from < e->seasoned || e->nagreements == 0)
		return RC_OK;
	if (e->core.cap_per_day > 0 && places > e->core.cap_per_day)
		places = e->core.cap_per_day;
	g->sessions = rows_grown(g->arena, g->sessions, g->nsessions,
				 sizeof(*g->sessions));
	if (g->sessions == NULL)
		return rows_full(err);
	g->sessions[g->nsessions++] =
		(struct ground_session){.expert = expert,
					.span = {open->from, open->to},
					.place = open->rule->place,
					.places = places,
					.minutes = open->rule->slot_minutes};
	return RC_OK;
}

static enum rc lay_expert(struct ground *g, size_t expert,
			  struct core_span span, struct err *err)
{
	const struct core_expert *e = &g->experts[expert].core;
	struct core_opens opens;
	enum rc rc = rule_expand(e->subject.rules, e->subject.nrules, e->away,
				 e->naway, span, g->arena, &opens);

	for (size_t i = 0; rc == RC_OK && i < opens.n; i++) {
		const struct core_open *open = &opens.v[i];

		if (open->rule->slot_minutes > 0 && open->from >= span.from &&
		    open->from < span.to)
			rc = add_session(g, expert, open, err);
	}
	return rc;
}

static int by_start(const void *a, const void *b)
{
	const struct ground_session *x = a, *y = b;

	if (x->span.from != y->span.from)
		return x->span.from < y->span.from ? -1 : 1;
	return (x->expert > y->expert) - (x->expert < y->expert);
}

/* Of two that want one room at a time the first has it. */
static enum rc drop_clashes(struct ground *g, struct err *err)
{
	int64_t *until = arena_array(g->arena, g->nslugs, sizeof(*until));
	int64_t *busy = arena_array(g->arena, g->nexperts, sizeof(*busy));
	size_t n = 0;

	if (until == NULL || busy == NULL)
		return rows_full(err);
	for (size_t i = 0; i < g->nsessions; i++) {
		struct ground_session *s = &g->sessions[i];
		int64_t pause = g->experts[s->expert].core.buffer_minutes * 60;

		if (until[s->place] > s->span.from ||
		    busy[s->expert] > s->span.from)
			continue;
		until[s->place] = s->span.to;
		busy[s->expert] = s->span.to + pause;
		g->nplaces += (size_t)s->places;
		g->sessions[n++] = *s;
	}
	g->nsessions = n;
	return RC_OK;
}

enum rc ground_lay(struct ground *g, struct core_span span, struct err *err)
{
	enum rc rc = RC_OK;

	g->nsessions = g->nplaces = 0;
	for (size_t i = 0; i < g->nexperts; i++)
		for (int64_t at = span.from; rc == RC_OK && at < span.to;
		     at += STEP) {
			int64_t to = at + STEP < span.to ? at + STEP : span.to;

			rc = lay_expert(g, i, (struct core_span){at, to}, err);
		}
	if (rc != RC_OK)
		return rc;
	if (g->nsessions > 0)
		qsort(g->sessions, g->nsessions, sizeof(*g->sessions),
		      by_start);
	return drop_clashes(g, err);
}
