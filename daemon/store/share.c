#include "daemon/store/share.h"

#include <stdio.h>

#include "daemon/core/kind.h"
#include "daemon/store/keep.h"
#include "daemon/store/rows.h"

/* Beside the window: a session begins before its places. */
#define BESIDE CORE_RULE_MAX

#define SQL_SHARES                                                             \
	"SELECT p.agreement, a.valid_from, a.valid_to, e.id, p.expert,"        \
	" p.rrule, p.places, p.days_before, p.at_minute, s.time_zone"          \
	" FROM agreement a JOIN place_share p ON p.agreement = a.id"           \
	" JOIN site s ON s.id = a.lead"                                        \
	" LEFT JOIN subject e ON e.slug = p.expert"

/* -1: one whom nobody knows, and so nobody's. */
static int64_t expert_of(struct query *q)
{
	if (query_col_null(q, 4))
		return 0;
	return query_col_null(q, 3) ? -1 : query_col_int(q, 3);
}

static enum rc end_shares(struct tx *tx, struct query *q, struct arena *arena,
			  struct core_shares *out, struct err *err)
{
	char zone[TZ_NAME_MAX + 1] = "";
	const struct tz *tz = NULL;
	struct core_share *v = NULL;
	size_t n = 0;

	while (query_row(q)) {
		v = rows_grown(arena, v, n, sizeof(*v));
		if (!v)
			break;
		snprintf(zone, sizeof(zone), "%s", query_col_text(q, 9));
		v[n++] = (struct core_share){
			.agreement = query_col_int(q, 0),
			.first_day = query_col_int(q, 1),
			.last_day = query_col_int(q, 2),
			.expert = expert_of(q),
			.rule = query_col_dup(q, 5, arena),
			.places = query_col_int(q, 6),
			.days_before = query_col_int(q, 7),
			.minute = query_col_int(q, 8),
		};
	}
	enum rc rc = rows_end(q, v, err);

	if (rc == RC_OK && n > 0)
		rc = rows_zone(tx, zone, &tz, err);
	for (size_t i = 0; v && i < n; i++)
		v[i].lead_zone = tz;
	out->v = v;
	out->n = n;
	return rc;
}

static enum rc read_taken(struct tx *tx, int64_t lead, struct core_span span,
			  struct arena *arena, struct core_shares *out,
			  struct err *err)
{
	struct core_taken_back *v = NULL;
	struct query q;
	size_t n = 0;

	query_begin(&q, tx->db,
		    "SELECT t.agreement, t.expert, t.session"
		    " FROM agreement a JOIN place_taken_back t"
		    "  ON t.agreement = a.id"
		    " WHERE a.lead = $1 AND t.session > $2 AND t.session < $3");
	query_int(&q, 1, lead);
	query_int(&q, 2, span.from);
	query_int(&q, 3, span.to);
	while (query_row(&q)) {
		v = rows_grown(arena, v, n, sizeof(*v));
		if (!v)
			break;
		v[n++] = (struct core_taken_back){query_col_int(&q, 0),
						  query_col_int(&q, 1),
						  query_col_int(&q, 2)};
	}
	out->taken = v;
	out->ntaken = n;
	return rows_end(&q, v, err);
}

/* Every booking of theirs that may be a place; the claims say which stand. */
static enum rc read_placed(struct tx *tx, int64_t lead, struct core_span span,
			   struct arena *arena, struct core_shares *out,
			   struct err *err)
{
	struct core_placed *v = NULL;
	struct query q;
	size_t n = 0;

	query_begin(&q, tx->db,
		    "SELECT DISTINCT b.id, b.agreement FROM agreement a"
		    " JOIN place_share p ON p.agreement = a.id"
		    " JOIN agreement_kind k ON k.agreement = a.id"
		    " JOIN booking b ON b.agreement = a.id AND b.kind = k.kind"
		    " WHERE a.lead = $1 AND b.from_time > $2"
		    "  AND b.from_time < $3 ORDER BY b.id");
	query_int(&q, 1, lead);
	query_int(&q, 2, span.from);
	query_int(&q, 3, span.to);
	while (query_row(&q)) {
		v = rows_grown(arena, v, n, sizeof(*v));
		if (!v)
			break;
		v[n++] = (struct core_placed){query_col_int(&q, 0),
					      query_col_int(&q, 1)};
	}
	out->placed = v;
	out->nplaced = n;
	return rows_end(&q, v, err);
}

/* Most leads share nothing, and each of their bookings asks: whether there is
 * anything is a fact of the network. */
static enum rc has_shares(struct tx *tx, int64_t lead, struct arena *other,
			  bool *out, struct err *err)
{
	const struct keep_key key = {.sort = KEEP_SHARES, .a = lead};
	const bool *kept = keep_find(tx, &key);
	struct arena *arena = keep_arena(tx, other);
	struct query q;

	*out = kept && *kept;
	if (kept)
		return RC_OK;
	query_begin(&q, tx->db,
		    "SELECT 1 FROM agreement a JOIN place_share p"
		    " ON p.agreement = a.id WHERE a.lead = $1 LIMIT 1");
	query_int(&q, 1, lead);
	*out = query_row(&q);
	enum rc rc = query_end(&q, err);
	bool *fact = rc == RC_OK ? arena_alloc(arena, sizeof(*fact)) : NULL;

	if (fact) {
		*fact = *out;
		keep_add(tx, arena, &key, fact);
	}
	return rc;
}

enum rc share_load(struct tx *tx, const struct core_agreement *agreement,
		   struct core_span window, struct arena *arena,
		   struct core_shares *out, struct err *err)
{
	struct core_span span = {window.from - BESIDE, window.to + BESIDE};
	struct query q;
	bool any;
	enum rc rc = has_shares(tx, agreement->lead, arena, &any, err);

	*out = (struct core_shares){0};
	if (rc != RC_OK || !any)
		return rc;
	query_begin(&q, tx->db,
		    SQL_SHARES " WHERE a.lead = $1 AND a.id <> $2"
			       " ORDER BY p.agreement, p.position");
	query_int(&q, 1, agreement->lead);
	query_int(&q, 2, agreement->id);
	rc = end_shares(tx, &q, arena, out, err);

	if (rc == RC_OK && out->n > 0)
		rc = read_taken(tx, agreement->lead, span, arena, out, err);
	if (rc == RC_OK && out->n > 0)
		rc = read_placed(tx, agreement->lead, span, arena, out, err);
	return rc;
}

enum rc share_of(struct tx *tx, const struct core_agreement *agreement,
		 struct arena *arena, struct core_shares *out, struct err *err)
{
	struct query q;

	*out = (struct core_shares){0};
	query_begin(&q, tx->db,
		    SQL_SHARES " WHERE a.id = $1 ORDER BY p.position");
	query_int(&q, 1, agreement->id);
	return end_shares(tx, &q, arena, out, err);
}

enum rc share_take_back(struct tx *tx, const struct core_taken_back *what,
			bool *out_new, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO place_taken_back (agreement, expert, session,"
		    " at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING");
	query_int(&q, 1, what->agreement);
	query_int(&q, 2, what->expert);
	query_int(&q, 3, what->session);
	query_int(&q, 4, tx->now);
	enum rc rc = query_end(&q, err);

	*out_new = rc == RC_OK && db_changes(tx->db) > 0;
	return rc;
}
