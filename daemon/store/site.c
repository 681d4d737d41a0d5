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

static enum rc load_agreement(struct tx *tx, int64_t id, struct arena *arena,
			      struct core_agreement *out, struct err *err)
{
	struct query q;
	char zone[TZ_NAME_MAX + 1] = "";

	*out = (struct core_agreement){.id = id};
	query_begin(&q, tx->db,
		    "SELECT a.slug, a.lead, a.partner, s.time_zone,"
		    " a.valid_from, a.valid_to, a.min_independent_years,"
		    " a.overrun_minutes, a.cancel_notice_minutes"
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
		out->cancel_notice = query_col_int(&q, 8) * 60;
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

static enum rc query_agreements(struct tx *tx,
				const struct agreement_filter *filter,
				int64_t *out_ids, size_t max, size_t *out_n,
				struct err *err)
{
	struct query q;
	int64_t day = civil_day_of(filter->now);
	int64_t until = filter->until ? civil_day_of(filter->until) : day;

	query_begin(&q, tx->db,
		    "SELECT a.id FROM agreement a WHERE a.partner = $1"
		    " AND (CAST($2 AS BIGINT) = 0"
		    "  OR a.lead = CAST($2 AS BIGINT))"
		    " AND (a.slug = CAST($3 AS TEXT)"
		    "  OR (CAST($3 AS TEXT) IS NULL"
		    "   AND a.valid_from <= CAST($4 AS BIGINT) + 1"
		    "   AND a.valid_to >= CAST($5 AS BIGINT) - 1"
		    "   AND EXISTS (SELECT 1 FROM agreement_kind k"
		    "    WHERE k.agreement = a.id AND k.kind = $6)"
		    "   AND (CAST($7 AS TEXT) IS NULL"
		    "    OR EXISTS (SELECT 1 FROM agreement_specialty s"
		    "     WHERE s.agreement = a.id"
		    "     AND s.specialty = CAST($7 AS TEXT))"
		    "    OR NOT EXISTS (SELECT 1 FROM agreement_specialty s"
		    "     WHERE s.agreement = a.id))"
		    "   AND (CAST($8 AS BIGINT) = 0"
		    "    OR EXISTS (SELECT 1 FROM agreement_specialty s"
		    "     JOIN expert_word p ON p.word = s.specialty"
		    "     WHERE s.agreement = a.id AND p.sort = 'specialty'"
		    "     AND p.expert = CAST($8 AS BIGINT))"
		    "    OR NOT EXISTS (SELECT 1 FROM agreement_specialty s"
		    "     WHERE s.agreement = a.id))))"
		    " ORDER BY a.slug");
	query_int(&q, 1, filter->partner);
	query_int(&q, 2, filter->lead);
	query_text(&q, 3, filter->slug);
	query_int(&q, 4, until);
	query_int(&q, 5, day);
	query_text(&q, 6, words_name(&words_kind, (int)filter->kind));
	query_text(&q, 7, filter->specialty);
	query_int(&q, 8, filter->expert);
	*out_n = 0;
	while (*out_n < max && query_row(&q))
		out_ids[(*out_n)++] = query_col_int(&q, 0);
	return query_end(&q, err);
}

struct agreement_ids {
	size_t n;
	int64_t ids[];
};

/* What the ids depend on, as a text; "": too long to be kept by. */
static void name_filter(const struct agreement_filter *f, char *out,
			size_t size)
{
	int64_t until = f->until ? f->until : f->now;
	const char *slug = f->slug ? f->slug : "";
	int n = snprintf(out, size, "%d/%" PRId64 "/%" PRId64 "/%zu/%s/%s",
			 (int)f->kind, civil_day_of(f->now),
			 civil_day_of(until), strlen(slug), slug,
			 f->specialty ? f->specialty : "");

	if (n < 0 || (size_t)n >= size || (f->slug && !*f->slug) ||
	    (f->specialty && !*f->specialty))
		*out = 0;
}

enum rc agreement_find(struct tx *tx, const struct agreement_filter *filter,
		       int64_t *out_ids, size_t max, size_t *out_n,
		       struct err *err)
{
	char name[256];
	const struct keep_key key = {.sort = KEEP_AGREEMENTS,
				     .a = filter->partner,
				     .b = filter->lead,
				     .c = filter->expert,
				     .d = (int64_t)max,
				     .s = name};
	struct agreement_ids *fact = NULL;

	name_filter(filter, name, sizeof(name));
	const struct agreement_ids *kept = *name ? keep_find(tx, &key) : NULL;

	if (kept) {
		memcpy(out_ids, kept->ids, kept->n * sizeof(*out_ids));
		*out_n = kept->n;
		return RC_OK;
	}
	struct arena *arena = keep_arena(tx, NULL);
	enum rc rc = query_agreements(tx, filter, out_ids, max, out_n, err);

	/* that there is none is not kept: there is no end of what is not */
	if (rc == RC_OK && *out_n && *name && arena)
		fact = arena_alloc(arena,
				   sizeof(*fact) + *out_n * sizeof(*out_ids));
	if (fact) {
		fact->n = *out_n;
		memcpy(fact->ids, out_ids, *out_n * sizeof(*out_ids));
		keep_add(tx, arena, &key, fact);
	}
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
