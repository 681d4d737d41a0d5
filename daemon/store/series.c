#include "daemon/store/series.h"

#include "daemon/store/rows.h"

#define DAYS_MAX 4096 /* bytes: SERIES_MAX dates */

static enum rc insert(struct tx *tx, const struct series *s,
		      const struct buf *except, const struct buf *also,
		      struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO series (id, code, lead, partner, kind, rrule,"
		    " start_wall, time_zone, on_holiday, except_days,"
		    " also_days, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7,"
		    " $8, $9, $10, $11, $12)");
	query_int(&q, 1, s->id);
	query_text(&q, 2, s->code.s);
	query_int(&q, 3, s->lead);
	query_int(&q, 4, s->partner);
	query_text(&q, 5, words_name(&words_kind, (int)s->kind));
	query_text(&q, 6, s->rrule);
	query_int(&q, 7, s->start);
	query_text(&q, 8, s->time_zone);
	query_text(&q, 9, words_name(&words_on_holiday, (int)s->on_holiday));
	query_text(&q, 10, buf_cstr(except));
	query_text(&q, 11, buf_cstr(also));
	query_int(&q, 12, s->made_at);
	return query_end(&q, err);
}

enum rc series_insert(struct tx *tx, struct series *s, struct err *err)
{
	struct buf except, also;
	enum rc rc =
		rows_last_id(tx->db, "SELECT max(id) FROM series", &s->id, err);

	if (rc != RC_OK)
		return rc;
	s->id++;
	s->made_at = tx->now;
	buf_init(&except, DAYS_MAX);
	buf_init(&also, DAYS_MAX);
	rows_join(s->except, s->nexcept, &except);
	rows_join(s->also, s->nalso, &also);
	rc = except.failed || also.failed
		     ? err_set(err, RC_TOO_LARGE, "too many days")
		     : insert(tx, s, &except, &also, err);
	buf_fini(&except);
	buf_fini(&also);
	return rc;
}

enum rc series_add(struct tx *tx, int64_t series, const struct occurrence *in,
		   struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO occurrence (series, position, day, planned,"
		    " left_out, booking, why) VALUES ($1, $2, $3, $4, $5, $6,"
		    " $7)");
	query_int(&q, 1, series);
	query_int(&q, 2, in->position);
	query_int(&q, 3, in->day);
	query_int(&q, 4, in->planned);
	query_int(&q, 5, in->left_out);
	query_int_or_null(&q, 6, in->booking, 0);
	query_text(&q, 7, in->why);
	return query_end(&q, err);
}

enum rc series_replan(struct tx *tx, int64_t series,
		      const struct occurrence *in, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "UPDATE occurrence SET day = $1, planned = $2"
		    " WHERE series = $3 AND position = $4");
	query_int(&q, 1, in->day);
	query_int(&q, 2, in->planned);
	query_int(&q, 3, series);
	query_int(&q, 4, in->position);
	return query_end(&q, err);
}

#define SQL_SERIES                                                             \
	"SELECT s.id, s.code, s.lead, s.partner, s.kind, s.rrule,"             \
	" s.start_wall, s.time_zone, s.on_holiday, s.except_days,"             \
	" s.also_days, s.made_at, ls.slug, ps.slug,"                           \
	" (SELECT count(*) FROM occurrence o WHERE o.series = s.id),"          \
	" (SELECT count(o.booking) FROM occurrence o WHERE o.series = s.id)"   \
	" FROM series s JOIN site ls ON ls.id = s.lead"                        \
	" JOIN site ps ON ps.id = s.partner"

static void read_series(struct query *q, struct arena *arena, struct series *s)
{
	*s = (struct series){
		.id = query_col_int(q, 0),
		.lead = query_col_int(q, 2),
		.partner = query_col_int(q, 3),
		.kind = (enum kind)rows_word(q, 4, &words_kind),
		.rrule = query_col_dup(q, 5, arena),
		.start = query_col_int(q, 6),
		.time_zone = query_col_dup(q, 7, arena),
		.on_holiday =
			(enum on_holiday)rows_word(q, 8, &words_on_holiday),
		.made_at = query_col_int(q, 11),
		.lead_slug = query_col_dup(q, 12, arena),
		.partner_slug = query_col_dup(q, 13, arena),
		.noccurrences = query_col_int(q, 14),
		.nbooked = query_col_int(q, 15),
	};
	rows_code(q, 1, &s->code);
	if ((!rows_split(query_col_text(q, 9), arena, &s->except,
			 &s->nexcept) ||
	     !rows_split(query_col_text(q, 10), arena, &s->also, &s->nalso)) &&
	    q->rc == RC_OK)
		q->rc = RC_NOMEM;
}

static enum rc one_end(struct query *q, struct arena *arena, struct series *out,
		       struct err *err)
{
	bool found = query_row(q);

	if (found)
		read_series(q, arena, out);
	return rows_end_found(q, found, "series", err);
}

enum rc series_by_code(struct tx *tx, const char *code, struct arena *arena,
		       struct series *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, SQL_SERIES " WHERE s.code = $1");
	query_text(&q, 1, code);
	return one_end(&q, arena, out, err);
}

enum rc series_of_booking(struct tx *tx, int64_t booking, struct arena *arena,
			  struct series *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    SQL_SERIES " WHERE s.id = (SELECT series FROM occurrence"
			       " WHERE booking = $1 AND booking IS NOT NULL)");
	query_int(&q, 1, booking);
	return one_end(&q, arena, out, err);
}

static void read_occurrence(struct query *q, struct arena *arena,
			    struct occurrence *o)
{
	*o = (struct occurrence){
		.position = query_col_int(q, 0),
		.day = query_col_int(q, 1),
		.planned = query_col_int(q, 2),
		.left_out = query_col_int(q, 3) != 0,
		.booking = query_col_int(q, 4),
	};
	if (!o->booking) {
		o->why = query_col_dup(q, 10, arena);
		return;
	}
	rows_code(q, 5, &o->code);
	o->status = (enum booking_status)rows_word(q, 6, &words_booking_status);
	o->from = query_col_int(q, 7);
	o->to = query_col_int(q, 8);
	o->expert_slug = query_col_dup(q, 9, arena);
}

enum rc series_occurrences(struct tx *tx, int64_t series, struct arena *arena,
			   struct occurrence **out, size_t *out_n,
			   struct err *err)
{
	struct occurrence *v = NULL;
	struct query q;
	size_t n = 0;

	query_begin(&q, tx->db,
		    "SELECT o.position, o.day, o.planned, o.left_out,"
		    " o.booking, b.code, b.status, b.from_time, b.to_time,"
		    " e.slug, o.why FROM occurrence o"
		    " LEFT JOIN booking b ON b.id = o.booking"
		    " LEFT JOIN subject e ON e.id = b.expert"
		    " WHERE o.series = $1 ORDER BY o.planned, o.position");
	query_int(&q, 1, series);
	while (query_row(&q)) {
		v = rows_grown(arena, v, n, sizeof(*v));
		if (!v)
			break;
		read_occurrence(&q, arena, &v[n++]);
	}
	*out = v;
	*out_n = n;
	return rows_end(&q, v, err);
}

enum rc series_list(struct tx *tx, const struct list_filter *f,
		    struct arena *arena, struct series **out, size_t *out_n,
		    struct err *err)
{
	struct series *v = arena_array(arena, (size_t)f->limit, sizeof(*v));
	struct query q;
	size_t n = 0;

	if (!v)
		return rows_full(err);
	query_begin(&q, tx->db,
		    SQL_SERIES
		    " WHERE (s.lead = $1 OR s.partner = $2 OR EXISTS (SELECT 1"
		    "  FROM occurrence o JOIN booking b ON b.id = o.booking"
		    "  WHERE o.series = s.id AND (b.expert = $3 OR EXISTS"
		    "   (SELECT 1 FROM co_expert c WHERE c.booking = b.id"
		    "    AND c.expert = $3))))"
		    " AND ($4 = 0 OR s.id < $5)"
		    " AND (CAST($6 AS TEXT) IS NULL OR s.kind ="
		    "  CAST($6 AS TEXT))"
		    " AND (CAST($7 AS TEXT) IS NULL OR CAST($7 AS TEXT) IN"
		    "  (ls.slug, ps.slug)) ORDER BY s.id DESC LIMIT $8");
	query_int(&q, 1, f->as_lead);
	query_int(&q, 2, f->as_partner);
	query_int(&q, 3, f->as_expert);
	query_int(&q, 4, f->after);
	query_int(&q, 5, f->after_id);
	query_text(&q, 6,
		   f->kind < 0 ? NULL : words_name(&words_kind, f->kind));
	query_text(&q, 7, f->site);
	query_int(&q, 8, f->limit);
	while (n < (size_t)f->limit && query_row(&q))
		read_series(&q, arena, &v[n++]);
	*out = v;
	*out_n = n;
	return query_end(&q, err);
}
