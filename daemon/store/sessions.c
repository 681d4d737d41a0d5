#include "daemon/store/sessions.h"

#include "daemon/store/booking_row.h"
#include "daemon/store/rows.h"

#define DAY 86400
#define DAYS_ABOUT 3 /* zones, and the longest session */

enum rc sessions_insert(struct tx *tx, const struct session_row *in,
			struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO session (booking, lead, kind, day, title,"
		    " seats, per_site, no_record, shows, tokens)"
		    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
	query_int(&q, 1, in->booking);
	query_int(&q, 2, in->lead);
	query_text(&q, 3, words_name(&words_kind, (int)in->kind));
	query_int(&q, 4, in->day);
	query_text(&q, 5, in->title);
	query_int(&q, 6, in->seats);
	query_int(&q, 7, in->per_site);
	query_int(&q, 8, in->no_record);
	query_int_or_null(&q, 9, in->shows, 0);
	query_int(&q, 10, in->tokens);
	return query_end(&q, err);
}

enum rc sessions_find(struct tx *tx, int64_t booking, struct arena *arena,
		      struct session_row *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT s.booking, s.lead, s.kind, s.day, s.title,"
		    " s.seats, s.per_site, s.no_record, s.shows, s.tokens,"
		    " (SELECT coalesce(sum(t.seats), 0) FROM session_seat t"
		    "  WHERE t.booking = s.booking)"
		    " FROM session s WHERE s.booking = $1");
	query_int(&q, 1, booking);
	bool found = query_row(&q);

	if (found)
		*out = (struct session_row){
			.booking = query_col_int(&q, 0),
			.lead = query_col_int(&q, 1),
			.kind = (enum kind)rows_word(&q, 2, &words_kind),
			.day = query_col_int(&q, 3),
			.title = query_col_dup(&q, 4, arena),
			.seats = query_col_int(&q, 5),
			.per_site = query_col_int(&q, 6),
			.no_record = query_col_int(&q, 7) != 0,
			.shows = query_col_int(&q, 8),
			.tokens = query_col_int(&q, 9),
			.taken = query_col_int(&q, 10),
		};
	return rows_end_found(&q, found, "session", err);
}

enum rc sessions_set_day(struct tx *tx, int64_t booking, int64_t day,
			 struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "UPDATE session SET day = $1 WHERE booking = $2");
	query_int(&q, 1, day);
	query_int(&q, 2, booking);
	return query_end(&q, err);
}

enum rc sessions_showing(struct tx *tx, int64_t shown, struct arena *arena,
			 int64_t **out, size_t *out_n, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT s.booking FROM session s"
		    " JOIN booking b ON b.id = s.booking"
		    " WHERE s.shows = $1"
		    " AND b.status IN ('booked', 'arrived', 'started')"
		    " ORDER BY s.booking");
	query_int(&q, 1, shown);
	return rows_ids(&q, arena, out, out_n, err);
}

/* --- seats --- */

enum rc sessions_seats(struct tx *tx, int64_t booking, struct arena *arena,
		       struct session_seats **out, size_t *out_n,
		       struct err *err)
{
	struct session_seats *v = NULL;
	struct query q;
	size_t n = 0;

	query_begin(&q, tx->db,
		    "SELECT t.site, s.slug, t.seats, t.came"
		    " FROM session_seat t JOIN site s ON s.id = t.site"
		    " WHERE t.booking = $1 ORDER BY s.slug");
	query_int(&q, 1, booking);
	while (query_row(&q)) {
		v = rows_grown(arena, v, n, sizeof(*v));
		if (!v)
			break;
		v[n++] = (struct session_seats){
			.site = query_col_int(&q, 0),
			.slug = query_col_dup(&q, 1, arena),
			.seats = query_col_int(&q, 2),
			.came = query_col_null(&q, 3) ? -1
						      : query_col_int(&q, 3),
		};
	}
	*out = v;
	*out_n = n;
	return rows_end(&q, v, err);
}

static enum rc drop_seats(struct tx *tx, int64_t booking, int64_t site,
			  struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "DELETE FROM session_seat WHERE booking = $1"
		    " AND site = $2");
	query_int(&q, 1, booking);
	query_int(&q, 2, site);
	return query_end(&q, err);
}

enum rc sessions_put_seats(struct tx *tx, int64_t booking, int64_t site,
			   int64_t seats, struct err *err)
{
	struct query q;

	if (seats == 0)
		return drop_seats(tx, booking, site, err);
	query_begin(&q, tx->db,
		    "INSERT INTO session_seat (booking, site, seats)"
		    " VALUES ($1, $2, $3) ON CONFLICT (booking, site)"
		    " DO UPDATE SET seats = excluded.seats");
	query_int(&q, 1, booking);
	query_int(&q, 2, site);
	query_int(&q, 3, seats);
	return query_end(&q, err);
}

enum rc sessions_put_came(struct tx *tx, int64_t booking, int64_t site,
			  int64_t came, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "UPDATE session_seat SET came = $1 WHERE booking = $2"
		    " AND site = $3 RETURNING site");
	query_int(&q, 1, came);
	query_int(&q, 2, booking);
	query_int(&q, 3, site);
	bool found = query_row(&q);

	return rows_end_found(&q, found, "seat of that site", err);
}

/* --- who sees it --- */

enum rc sessions_covers(struct tx *tx, const struct session_row *row,
			int64_t site, bool *out, struct err *err)
{
	struct query q;

	*out = false;
	if (row->seats == 0)
		return RC_OK;
	query_begin(&q, tx->db,
		    "SELECT 1 FROM agreement a"
		    " JOIN agreement_kind k ON k.agreement = a.id"
		    " WHERE a.partner = $1 AND a.lead = $2 AND a.lead <> $1"
		    " AND k.kind = $3"
		    " AND $4 BETWEEN a.valid_from AND a.valid_to LIMIT 1");
	query_int(&q, 1, site);
	query_int(&q, 2, row->lead);
	query_text(&q, 3, words_name(&words_kind, (int)row->kind));
	query_int(&q, 4, row->day);
	*out = query_row(&q);
	return query_end(&q, err);
}

/* $1: the site as lead; $2, $3: days; $4: the site as partner; $5: the expert.
 */
#define SEEN                                                                   \
	"SELECT x.booking FROM session x WHERE x.lead = $1"                    \
	"  AND x.day BETWEEN $2 AND $3"                                        \
	" UNION SELECT x.booking FROM agreement a"                             \
	"  JOIN agreement_kind k ON k.agreement = a.id"                        \
	"  JOIN session x ON x.lead = a.lead AND x.kind = k.kind"              \
	"  WHERE a.partner = $4 AND a.lead <> $4"                              \
	"  AND x.day BETWEEN $2 AND $3"                                        \
	"  AND x.day BETWEEN a.valid_from AND a.valid_to AND x.seats > 0"      \
	" UNION SELECT t.booking FROM session_seat t WHERE t.site = $4"        \
	" UNION SELECT x.booking FROM session x"                               \
	"  JOIN session_case y ON y.session = x.booking"                       \
	"  JOIN booking o ON o.id = y.booking"                                 \
	"  WHERE x.day BETWEEN $2 AND $3 AND o.partner = $4"                   \
	" UNION SELECT x.booking FROM session x"                               \
	"  JOIN booking o ON o.id = x.booking"                                 \
	"  WHERE x.day BETWEEN $2 AND $3"                                      \
	"  AND ((o.partner = $4 AND o.lead <> $4) OR o.expert = $5"            \
	"   OR o.id IN (SELECT co.booking FROM co_expert co"                   \
	"    WHERE co.expert = $5))"

enum rc sessions_list(struct tx *tx, const struct list_filter *f,
		      struct arena *arena, struct booking **out, size_t *out_n,
		      struct err *err)
{
	struct booking *v = arena_array(arena, (size_t)f->limit, sizeof(*v));
	struct query q;
	size_t n = 0;

	if (!v)
		return rows_full(err);
	query_begin(
		&q, tx->db,
		SQL_BOOKING
		" WHERE b.id IN (" SEEN ")"
		" AND b.to_time > $6 AND b.from_time < $7"
		" AND (b.from_time > $8"
		"  OR (b.from_time = $8 AND b.id > $9))"
		" AND (CAST($10 AS TEXT) IS NULL"
		"  OR b.status = CAST($10 AS TEXT))"
		" AND (CAST($11 AS TEXT) IS NULL OR ls.slug = CAST($11 AS TEXT)"
		"  OR ps.slug = CAST($11 AS TEXT))"
		" AND (CAST($12 AS TEXT) IS NULL OR es.slug = CAST($12 AS "
		"TEXT))"
		" AND (CAST($13 AS TEXT) IS NULL OR b.kind = CAST($13 AS TEXT))"
		" ORDER BY b.from_time, b.id LIMIT $14");
	query_int(&q, 1, f->as_lead);
	query_int(&q, 2, f->from / DAY - DAYS_ABOUT);
	query_int(&q, 3, f->to / DAY + DAYS_ABOUT);
	query_int(&q, 4, f->as_partner);
	query_int(&q, 5, f->as_expert);
	query_int(&q, 6, f->from);
	query_int(&q, 7, f->to);
	query_int(&q, 8, f->after ? f->after_key : INT64_MIN);
	query_int(&q, 9, f->after ? f->after_id : 0);
	query_text(&q, 10, f->status);
	query_text(&q, 11, f->site);
	query_text(&q, 12, f->expert);
	query_text(&q, 13,
		   f->kind < 0 ? NULL : words_name(&words_kind, f->kind));
	query_int(&q, 14, f->limit);
	while (n < (size_t)f->limit && query_row(&q))
		booking_from_row(&q, arena, &v[n++]);
	*out = v;
	*out_n = n;
	return query_end(&q, err);
}
