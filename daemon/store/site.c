#include "daemon/store/site.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/civil.h"
#include "daemon/store/keep.h"
#include "daemon/store/rows.h"

static void site_from_row(struct query *q, struct arena *arena,
			  struct site *out)
{
	*out = (struct site){
		.id = query_col_int(q, 0),
		.slug = query_col_dup(q, 1, arena),
		.name = query_col_dup(q, 2, arena),
		.short_name = query_col_dup(q, 3, arena),
		.time_zone = query_col_dup(q, 4, arena),
	};
}

static enum rc site_end(struct tx *tx, struct query *q,
			const struct keep_key *key, struct arena *arena,
			struct site *out, struct err *err)
{
	struct site *fact;
	bool found = query_row(q);

	arena = keep_arena(tx, arena);
	if (found)
		site_from_row(q, arena, out);
	enum rc rc = rows_end_found(q, found, "site", err);

	fact = rc == RC_OK ? arena_alloc(arena, sizeof(*fact)) : NULL;
	if (fact) {
		*fact = *out;
		keep_add(tx, arena, key, fact);
	}
	return rc;
}

enum rc site_by_slug(struct tx *tx, const char *slug, struct arena *arena,
		     struct site *out, struct err *err)
{
	const struct keep_key key = {.sort = KEEP_SITE, .s = slug};
	const struct site *kept = slug ? keep_find(tx, &key) : NULL;
	struct query q;

	if (kept) {
		*out = *kept;
		return RC_OK;
	}
	query_begin(&q, tx->db,
		    "SELECT id, slug, name, short_name, time_zone FROM site"
		    " WHERE slug = $1");
	query_text(&q, 1, slug);
	return site_end(tx, &q, &key, arena, out, err);
}

enum rc site_by_id(struct tx *tx, int64_t id, struct arena *arena,
		   struct site *out, struct err *err)
{
	const struct keep_key key = {.sort = KEEP_SITE_ID, .a = id};
	const struct site *kept = keep_find(tx, &key);
	struct query q;

	if (kept) {
		*out = *kept;
		return RC_OK;
	}
	query_begin(&q, tx->db,
		    "SELECT id, slug, name, short_name, time_zone FROM site"
		    " WHERE id = $1");
	query_int(&q, 1, id);
	return site_end(tx, &q, &key, arena, out, err);
}

static enum rc load_kinds(struct tx *tx, struct core_agreement *out,
			  struct err *err)
{
	struct query q;

	for (int k = 0; k < KIND_COUNT; k++)
		out->quota[k] = -1;
	query_begin(&q, tx->db,
		    "SELECT kind, quota FROM agreement_kind"
		    " WHERE agreement = $1");
	query_int(&q, 1, out->id);
	while (query_row(&q)) {
		int kind = rows_word(&q, 0, &words_kind);

		out->kinds |= KINDSET(kind);
		if (!query_col_null(&q, 1))
			out->quota[kind] = query_col_int(&q, 1);
	}
	return query_end(&q, err);
}

#define MINUTE 60
#define DAY 86400

static int64_t times_or(const struct query *q, int col, int64_t unit,
			int64_t other)
{
	return query_col_null(q, col) ? other : query_col_int(q, col) * unit;
}

/* From the column of cancel_notice_minutes on. */
static void read_terms(struct query *q, int col, struct core_terms *out)
{
	const struct core_terms *d = &core_terms_default;
	int64_t both = query_col_int(q, col) * MINUTE;

	*out = (struct core_terms){
		.lead_notice = times_or(q, col + 1, MINUTE, both),
		.partner_notice = times_or(q, col + 2, MINUTE, both),
		.late = d->late,
		.requires = (needset)query_col_int(q, col + 4),
		.requires_emergency = (needset)query_col_int(q, col + 5),
		.supplement = times_or(q, col + 6, MINUTE, d->supplement),
		.expiry = times_or(q, col + 7, DAY, d->expiry),
		.ending_notice = times_or(q, col + 8, DAY, d->ending_notice),
		.receipt = times_or(q, col + 9, MINUTE, d->receipt),
		.receipt_notices = times_or(q, col + 10, 1, d->receipt_notices),
		.signing_slack =
			times_or(q, col + 11, MINUTE, d->signing_slack),
		.overbook_most = times_or(q, col + 12, 1, d->overbook_most),
		.fairness_weeks = times_or(q, col + 13, 1, d->fairness_weeks),
		.night_call = times_or(q, col + 14, MINUTE, d->night_call),
	};
	if (!query_col_null(q, col + 3))
		out->late = (enum late)rows_word(q, col + 3, &words_late);
}

static enum rc load_agreement(struct tx *tx, int64_t id, struct arena *arena,
			      struct core_agreement *out, struct err *err)
{
	struct query q;
	char zone[TZ_NAME_MAX + 1] = "";

	*out = (struct core_agreement){.id = id};
	query_begin(&q, tx->db,
		    "SELECT a.slug, a.lead, a.partner, s.time_zone,"
		    " a.valid_from, a.valid_to, a.min_independent_years,"
		    " a.overrun_minutes, a.cancel_notice_minutes,"
		    " a.lead_notice_minutes, a.partner_notice_minutes,"
		    " a.late_change, a.requires, a.requires_emergency,"
		    " a.supplement_minutes, a.expiry_days,"
		    " a.ending_notice_days, a.receipt_minutes,"
		    " a.receipt_notices, a.signing_slack_minutes,"
		    " a.overbook_most, a.fairness_weeks,"
		    " a.night_call_minutes"
		    " FROM agreement a JOIN site s ON s.id = a.lead"
		    " WHERE a.id = $1");
	query_int(&q, 1, id);
	bool found = query_row(&q);

	if (found) {
		out->slug = query_col_dup(&q, 0, arena);
		out->lead = query_col_int(&q, 1);
		out->partner = query_col_int(&q, 2);
		snprintf(zone, sizeof(zone), "%s", query_col_text(&q, 3));
		out->first_day = query_col_int(&q, 4);
		out->last_day = query_col_int(&q, 5);
		out->min_independent_years = (int)query_col_int(&q, 6);
		out->overrun_minutes =
			query_col_null(&q, 7) ? -1 : (int)query_col_int(&q, 7);
		read_terms(&q, 8, &out->terms);
	}
	enum rc rc = rows_end_found(&q, found, "agreement", err);

	if (rc == RC_OK)
		rc = rows_zone(tx, zone, &out->lead_zone, err);
	if (rc == RC_OK)
		rc = load_kinds(tx, out, err);
	if (rc != RC_OK)
		return rc;
	query_begin(&q, tx->db,
		    "SELECT specialty FROM agreement_specialty"
		    " WHERE agreement = $1 ORDER BY specialty");
	query_int(&q, 1, id);
	return rows_texts(&q, arena, &out->specialties, &out->nspecialties,
			  err);
}

enum rc agreement_by_id(struct tx *tx, int64_t id, struct arena *arena,
			struct core_agreement *out, struct err *err)
{
	const struct keep_key key = {.sort = KEEP_AGREEMENT, .a = id};
	const struct core_agreement *kept = keep_find(tx, &key);
	struct core_agreement *fact;

	if (kept) {
		*out = *kept;
		return RC_OK;
	}
	arena = keep_arena(tx, arena);
	enum rc rc = load_agreement(tx, id, arena, out, err);

	fact = rc == RC_OK ? arena_alloc(arena, sizeof(*fact)) : NULL;
	if (fact) {
		*fact = *out;
		keep_add(tx, arena, &key, fact);
	}
	return rc;
}

/* One that fits but for the days; of those that are named none counts. */
struct fitting {
	int64_t id, first_day, last_day;
};

struct fittings {
	const struct fitting *v;
	size_t n;
};

static enum rc query_fitting(struct tx *tx,
			     const struct agreement_filter *filter,
			     struct arena *arena, struct fittings *out,
			     struct err *err)
{
	struct fitting *v = NULL;
	struct query q;
	size_t n = 0;

	query_begin(&q, tx->db,
		    "SELECT a.id, a.valid_from, a.valid_to FROM agreement a"
		    " WHERE a.partner = $1"
		    " AND (CAST($2 AS BIGINT) = 0"
		    "  OR a.lead = CAST($2 AS BIGINT))"
		    " AND (a.slug = CAST($3 AS TEXT)"
		    "  OR (CAST($3 AS TEXT) IS NULL"
		    "   AND EXISTS (SELECT 1 FROM agreement_kind k"
		    "    WHERE k.agreement = a.id AND k.kind = $4)"
		    "   AND (CAST($5 AS TEXT) IS NULL"
		    "    OR EXISTS (SELECT 1 FROM agreement_specialty s"
		    "     WHERE s.agreement = a.id"
		    "     AND s.specialty = CAST($5 AS TEXT))"
		    "    OR NOT EXISTS (SELECT 1 FROM agreement_specialty s"
		    "     WHERE s.agreement = a.id))"
		    "   AND (CAST($6 AS BIGINT) = 0"
		    "    OR EXISTS (SELECT 1 FROM agreement_specialty s"
		    "     JOIN expert_word p ON p.word = s.specialty"
		    "     WHERE s.agreement = a.id AND p.sort = 'specialty'"
		    "     AND p.expert = CAST($6 AS BIGINT))"
		    "    OR NOT EXISTS (SELECT 1 FROM agreement_specialty s"
		    "     WHERE s.agreement = a.id))))"
		    " ORDER BY a.slug");
	query_int(&q, 1, filter->partner);
	query_int(&q, 2, filter->lead);
	query_text(&q, 3, filter->slug);
	query_text(&q, 4, words_name(&words_kind, (int)filter->kind));
	query_text(&q, 5, filter->specialty);
	query_int(&q, 6, filter->expert);
	while (query_row(&q)) {
		v = rows_grown(arena, v, n, sizeof(*v));
		if (!v)
			break;
		v[n++] = (struct fitting){query_col_int(&q, 0),
					  query_col_int(&q, 1),
					  query_col_int(&q, 2)};
	}
	*out = (struct fittings){v, n};
	return rows_end(&q, v, err);
}

/* What they depend on beside numbers, as a text; "": too long to be kept by. */
static void name_filter(const struct agreement_filter *f, char *out,
			size_t size)
{
	const char *slug = f->slug ? f->slug : "";
	int n = snprintf(out, size, "%d/%zu/%s/%s", (int)f->kind, strlen(slug),
			 slug, f->specialty ? f->specialty : "");

	if (n < 0 || (size_t)n >= size || (f->slug && !*f->slug) ||
	    (f->specialty && !*f->specialty))
		*out = 0;
}

static enum rc find_fitting(struct tx *tx,
			    const struct agreement_filter *filter,
			    struct arena *arena, struct fittings *out,
			    struct err *err)
{
	char name[256];
	const struct keep_key key = {.sort = KEEP_AGREEMENTS,
				     .a = filter->partner,
				     .b = filter->lead,
				     .c = filter->expert,
				     .s = name};
	struct fittings *fact = NULL;

	name_filter(filter, name, sizeof(name));
	const struct fittings *kept = *name ? keep_find(tx, &key) : NULL;

	if (kept) {
		*out = *kept;
		return RC_OK;
	}
	if (*name)
		arena = keep_arena(tx, arena);
	enum rc rc = query_fitting(tx, filter, arena, out, err);

	/* that there is none is not kept: there is no end of what is not */
	if (rc == RC_OK && out->n && *name)
		fact = arena_alloc(arena, sizeof(*fact));
	if (fact) {
		*fact = *out;
		keep_add(tx, arena, &key, fact);
	}
	return rc;
}

#define FITTING_ARENA ((size_t)1 << 20)

enum rc agreement_find(struct tx *tx, const struct agreement_filter *filter,
		       int64_t *out_ids, size_t max, size_t *out_n,
		       struct err *err)
{
	int64_t day = civil_day_of(filter->now);
	int64_t until = filter->until ? civil_day_of(filter->until) : day;
	struct fittings all;
	struct arena arena;

	arena_init(&arena, FITTING_ARENA);
	enum rc rc = find_fitting(tx, filter, &arena, &all, err);

	*out_n = 0;
	for (size_t i = 0; rc == RC_OK && all.v && i < all.n && *out_n < max;
	     i++)
		if (filter->slug || (all.v[i].first_day <= until + 1 &&
				     all.v[i].last_day >= day - 1))
			out_ids[(*out_n)++] = all.v[i].id;
	arena_fini(&arena);
	return rc;
}

enum rc agreement_joins(struct tx *tx, int64_t site, int64_t other, bool *out,
			struct err *err)
{
	const struct keep_key key = {
		.sort = KEEP_JOINED, .a = site, .b = other};
	static const bool yes = true;
	struct query q;

	*out = keep_find(tx, &key) != NULL;
	if (*out)
		return RC_OK;
	query_begin(&q, tx->db,
		    "SELECT 1 FROM agreement WHERE (lead = $1 AND partner = $2)"
		    " OR (lead = $2 AND partner = $1) LIMIT 1");
	query_int(&q, 1, site);
	query_int(&q, 2, other);
	*out = query_row(&q);
	enum rc rc = query_end(&q, err);

	if (rc == RC_OK && *out)
		keep_add(tx, keep_arena(tx, NULL), &key, &yes);
	return rc;
}

enum rc agreement_all(struct tx *tx, int64_t partner, int64_t lead,
		      int64_t *out_ids, size_t max, size_t *out_n,
		      struct err *err)
{
	struct query q;
	size_t n = 0;

	query_begin(&q, tx->db,
		    "SELECT id FROM agreement WHERE partner = $1 AND lead <> $1"
		    " AND (CAST($2 AS BIGINT) = 0 OR lead = $2)"
		    " ORDER BY slug LIMIT $3");
	query_int(&q, 1, partner);
	query_int(&q, 2, lead);
	query_int(&q, 3, (int64_t)max);
	while (n < max && query_row(&q))
		out_ids[n++] = query_col_int(&q, 0);
	*out_n = n;
	return query_end(&q, err);
}

enum rc agreement_suits(struct tx *tx, int64_t id, int64_t expert, bool *out,
			struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM"
		    "  agreement_specialty WHERE agreement = $1)"
		    " OR EXISTS (SELECT 1 FROM agreement_specialty s"
		    "  JOIN expert_word p ON p.word = s.specialty"
		    "  WHERE s.agreement = $1 AND p.sort = 'specialty'"
		    "  AND p.expert = $2)");
	query_int(&q, 1, id);
	query_int(&q, 2, expert);
	*out = query_row(&q);
	return query_end(&q, err);
}
