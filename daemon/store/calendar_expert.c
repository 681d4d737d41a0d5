/* Experts, with what they know and where they are (calendar.h). */
#include <string.h>

#include "daemon/store/calendar.h"
#include "daemon/store/credential.h"
#include "daemon/store/keep.h"
#include "daemon/store/rows.h"

/* A list of words in the making. */
struct word_list {
	const char **v;
	size_t n;
};

static enum rc add_word(struct calendar_loader *l, struct query *q,
			struct word_list *list)
{
	list->v = rows_grown(l->arena, list->v, list->n, sizeof(*list->v));
	if (!list->v)
		return RC_NOMEM;
	list->v[list->n] = query_col_dup(q, 1, l->arena);
	return list->v[list->n++] ? RC_OK : RC_NOMEM;
}

/* Kinds, languages, modalities and specialties: sorts by their first letter. */
static enum rc load_words(struct calendar_loader *l, struct core_expert *e,
			  struct err *err)
{
	struct word_list languages = {0}, modalities = {0}, specialties = {0};
	enum rc bad = RC_OK;
	struct query q;

	query_begin(&q, l->tx->db,
		    "SELECT sort, word FROM expert_word WHERE expert = $1"
		    " ORDER BY sort, word");
	query_int(&q, 1, e->subject.id);
	while (bad == RC_OK && query_row(&q)) {
		switch (query_col_text(&q, 0)[0]) {
		case 'k':
			e->kinds |= KINDSET(rows_word(&q, 1, &words_kind));
			break;
		case 'l':
			bad = add_word(l, &q, &languages);
			break;
		case 'm':
			bad = add_word(l, &q, &modalities);
			break;
		default:
			bad = add_word(l, &q, &specialties);
		}
	}
	enum rc rc = query_end(&q, err);

	e->languages = languages.v;
	e->nlanguages = languages.n;
	e->modalities = modalities.v;
	e->nmodalities = modalities.n;
	e->specialties = specialties.v;
	e->nspecialties = specialties.n;
	return rc == RC_OK && bad != RC_OK ? rows_full(err) : rc;
}

static enum rc load_away(struct calendar_loader *l, struct core_expert *e,
			 struct err *err)
{
	struct query q;
	struct core_away *away = NULL;
	enum rc zone_rc = RC_OK;
	size_t n = 0;

	query_begin(&q, l->tx->db,
		    "SELECT first_day, last_day, site, remote_requests,"
		    " time_zone FROM secondment"
		    " JOIN site ON site.id = secondment.site"
		    " WHERE expert = $1 ORDER BY first_day");
	query_int(&q, 1, e->subject.id);
	while (zone_rc == RC_OK && query_row(&q)) {
		away = rows_grown(l->arena, away, n, sizeof(*away));
		if (!away)
			break;
		away[n++] = (struct core_away){
			.first_day = query_col_int(&q, 0),
			.last_day = query_col_int(&q, 1),
			.site = query_col_int(&q, 2),
			.remote_requests =
				!strcmp(query_col_text(&q, 3), "allow"),
		};
		zone_rc = rows_zone(l->tx, query_col_text(&q, 4),
				    &away[n - 1].zone, err);
	}
	enum rc rc = rows_end(&q, away, err);

	if (rc == RC_OK)
		rc = zone_rc;
	e->away = away;
	e->naway = n;
	return rc;
}

/* The expert with what the network says, to the loader's arena; as a subject by
 * the other loader, which may be the same. */
static enum rc load_fixed(struct calendar_loader *l,
			  struct calendar_loader *subjects, int64_t id,
			  struct core_expert *out, struct err *err)
{
	enum rc bad = RC_OK;
	struct query q;

	*out = (struct core_expert){0};
	query_begin(&q, l->tx->db,
		    "SELECT independent_since, buffer_minutes, cap_per_day,"
		    " title, credentials FROM expert WHERE subject = $1");
	query_int(&q, 1, id);
	bool found = query_row(&q);

	if (found) {
		out->independent_since = query_col_null(&q, 0)
						 ? CORE_NO_DAY
						 : query_col_int(&q, 0);
		out->buffer_minutes = (int)query_col_int(&q, 1);
		out->cap_per_day = (int)query_col_int(&q, 2);
		out->title = query_col_dup(&q, 3, l->arena);
		bad = credential_split(query_col_text(&q, 4), l->arena,
				       &out->credentials, &out->ncredentials);
	}
	enum rc rc = rows_end_found(&q, found, "expert", err);

	if (rc == RC_OK && bad != RC_OK)
		rc = err_set(err, bad, "an expert's credentials");

	if (rc == RC_OK)
		rc = calendar_subject(subjects, id, &out->subject, err);
	if (rc == RC_OK)
		rc = load_words(l, out, err);
	if (rc == RC_OK)
		rc = load_away(l, out, err);
	return rc;
}

/* Read to be kept. */
static enum rc load_kept(struct calendar_loader *l, struct arena *arena,
			 const struct keep_key *key, struct core_expert *out,
			 struct err *err)
{
	struct calendar_loader to = {.tx = l->tx, .arena = arena};
	struct calendar_loader bare = *l;
	struct core_expert *fact;

	bare.bare = true;
	enum rc rc = load_fixed(&to, &bare, key->a, out, err);

	fact = rc == RC_OK ? arena_alloc(arena, sizeof(*fact)) : NULL;
	if (fact) {
		*fact = *out;
		keep_add(l->tx, arena, key, fact);
	}
	return rc;
}

enum rc calendar_expert(struct calendar_loader *l, int64_t id,
			struct core_expert *out, struct err *err)
{
	const struct keep_key key = {.sort = KEEP_EXPERT, .a = id};
	const struct core_expert *kept = keep_find(l->tx, &key);
	struct arena *arena = keep_arena(l->tx, l->arena);
	enum rc rc = RC_OK;

	if (!kept && arena == l->arena)
		return load_fixed(l, l, id, out, err);
	if (kept)
		*out = *kept;
	else
		rc = load_kept(l, arena, &key, out, err);
	return rc == RC_OK && !l->bare ? calendar_claims(l, &out->subject, err)
				       : rc;
}

enum rc calendar_experts_for(struct calendar_loader *l,
			     const struct core_agreement *agreement,
			     enum kind kind, const char *specialty,
			     int64_t **out_ids, size_t *out_n, struct err *err)
{
	const struct keep_key key = {.sort = KEEP_EXPERTS_FOR,
				     .a = agreement->lead,
				     .b = specialty ? 0 : agreement->id,
				     .c = (int64_t)kind,
				     .s = specialty};
	const struct calendar_ids *kept = keep_find(l->tx, &key);
	struct query q;

	if (kept) {
		*out_ids = kept->v;
		*out_n = kept->n;
		return RC_OK;
	}
	query_begin(&q, l->tx->db,
		    "SELECT s.id FROM subject s"
		    " JOIN expert_word k ON k.expert = s.id"
		    "  AND k.sort = 'kind' AND k.word = $1"
		    " WHERE s.site = $2 AND s.type = 'expert'"
		    " AND s.type <> 'patient'"
		    " AND (EXISTS (SELECT 1 FROM expert_word p"
		    "   WHERE p.expert = s.id AND p.sort = 'specialty'"
		    "   AND (p.word = CAST($3 AS TEXT)"
		    "    OR (CAST($3 AS TEXT) IS NULL"
		    "     AND p.word IN (SELECT specialty"
		    "      FROM agreement_specialty WHERE agreement = $4))))"
		    "  OR (CAST($3 AS TEXT) IS NULL AND NOT EXISTS"
		    "   (SELECT 1 FROM agreement_specialty"
		    "    WHERE agreement = $4)))"
		    " ORDER BY s.slug");
	query_text(&q, 1, words_name(&words_kind, (int)kind));
	query_int(&q, 2, agreement->lead);
	query_text(&q, 3, specialty);
	query_int(&q, 4, agreement->id);
	return calendar_ids_end(l, &q, &key, out_ids, out_n, err);
}
