#include "daemon/store/half_day.h"

#include "daemon/store/rows.h"

enum rc half_day_insert(struct tx *tx, struct half_day *in, struct err *err)
{
	struct query q;
	enum rc rc = rows_last_id(tx->db, "SELECT max(id) FROM half_day",
				  &in->id, err);

	if (rc != RC_OK)
		return rc;
	in->id++;
	in->opened_at = tx->now;
	query_begin(&q, tx->db,
		    "INSERT INTO half_day (id, code, lead, expert, from_time,"
		    " to_time, terms, opened_at, opened_by)"
		    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");
	query_int(&q, 1, in->id);
	query_text(&q, 2, in->code.s);
	query_int(&q, 3, in->lead);
	query_int(&q, 4, in->expert);
	query_int(&q, 5, in->span.from);
	query_int(&q, 6, in->span.to);
	query_text(&q, 7, in->terms);
	query_int(&q, 8, in->opened_at);
	query_int_or_null(&q, 9, in->opened_by, 0);
	return query_end(&q, err);
}

#define SQL_HALF_DAY                                                           \
	"SELECT h.id, h.code, h.lead, h.expert, h.from_time, h.to_time,"       \
	" h.terms, h.opened_at, h.opened_by"

static void read_one(struct query *q, struct arena *arena, struct half_day *h)
{
	*h = (struct half_day){
		.id = query_col_int(q, 0),
		.lead = query_col_int(q, 2),
		.expert = query_col_int(q, 3),
		.span = {query_col_int(q, 4), query_col_int(q, 5)},
		.terms = query_col_dup(q, 6, arena),
		.opened_at = query_col_int(q, 7),
		.opened_by = query_col_int(q, 8),
	};
	rows_code(q, 1, &h->code);
}

static enum rc end_one(struct query *q, struct arena *arena,
		       struct half_day *out, struct err *err)
{
	bool found = query_row(q);

	if (found)
		read_one(q, arena, out);
	return rows_end_found(q, found, "pooled half-day", err);
}

enum rc half_day_find(struct tx *tx, int64_t expert, int64_t from,
		      struct arena *arena, struct half_day *out,
		      struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    SQL_HALF_DAY " FROM half_day h"
				 " WHERE h.expert = $1 AND h.from_time = $2");
	query_int(&q, 1, expert);
	query_int(&q, 2, from);
	return end_one(&q, arena, out, err);
}

enum rc half_day_by_code(struct tx *tx, const char *code, struct arena *arena,
			 struct half_day *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    SQL_HALF_DAY " FROM half_day h WHERE h.code = $1");
	query_text(&q, 1, code);
	return end_one(&q, arena, out, err);
}

enum rc half_day_of_booking(struct tx *tx, int64_t booking, struct arena *arena,
			    struct half_day *out, bool *out_in, struct err *err)
{
	struct query q;
	bool found;

	query_begin(&q, tx->db,
		    SQL_HALF_DAY ", c.left_at IS NULL FROM half_day_case c"
				 " JOIN half_day h ON h.id = c.half_day"
				 " WHERE c.booking = $1");
	query_int(&q, 1, booking);
	found = query_row(&q);
	if (found) {
		read_one(&q, arena, out);
		*out_in = query_col_int(&q, 9) != 0;
	}
	return rows_end_found(&q, found, "pooled half-day", err);
}

enum rc half_day_list(struct tx *tx, int64_t lead, struct core_span span,
		      struct arena *arena, struct half_day **out, size_t *out_n,
		      struct err *err)
{
	struct half_day *v = NULL;
	struct query q;
	size_t n = 0;

	query_begin(&q, tx->db,
		    SQL_HALF_DAY " FROM half_day h WHERE h.lead = $1"
				 " AND h.from_time >= $2 AND h.from_time < $3"
				 " ORDER BY h.from_time, h.id");
	query_int(&q, 1, lead);
	query_int(&q, 2, span.from);
	query_int(&q, 3, span.to);
	while (query_row(&q)) {
		v = rows_grown(arena, v, n, sizeof(*v));
		if (!v)
			break;
		read_one(&q, arena, &v[n++]);
	}
	*out = v;
	*out_n = n;
	return rows_end(&q, v, err);
}

/* --- cases --- */

enum rc half_day_put(struct tx *tx, const struct half_day *h,
		     const struct booking *b, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO half_day_case (half_day, request, booking)"
		    " VALUES ($1, $2, $3)");
	query_int(&q, 1, h->id);
	query_int(&q, 2, b->request);
	query_int(&q, 3, b->id);
	return query_end(&q, err);
}

enum rc half_day_leave(struct tx *tx, int64_t booking, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "UPDATE half_day_case SET left_at = $1 WHERE booking = $2"
		    " AND left_at IS NULL");
	query_int(&q, 1, tx->now);
	query_int(&q, 2, booking);
	return query_end(&q, err);
}

static void read_case(struct query *q, struct arena *arena,
		      struct half_day_case *c)
{
	*c = (struct half_day_case){
		.is = {.request = query_col_int(q, 0),
		       .urgency = (enum urgency)rows_word(q, 1, &words_urgency),
		       .submitted_at = query_col_int(q, 2)},
		.booking = query_col_int(q, 3),
		.kind = (enum kind)rows_word(q, 4, &words_kind),
		.status = (enum booking_status)rows_word(q, 5,
							 &words_booking_status),
		.span = {query_col_int(q, 6), query_col_int(q, 7)},
		.partner = query_col_dup(q, 10, arena),
	};
	rows_code(q, 8, &c->code);
	rows_code(q, 9, &c->request_code);
}

enum rc half_day_cases(struct tx *tx, int64_t half_day, struct arena *arena,
		       struct half_day_case **out, size_t *out_n,
		       struct err *err)
{
	struct half_day_case *v = NULL;
	struct query q;
	size_t n = 0;

	query_begin(&q, tx->db,
		    "SELECT r.id, r.urgency, r.submitted_at, b.id, b.kind,"
		    " b.status, b.from_time, b.to_time, b.code, r.code, p.slug"
		    " FROM half_day_case c JOIN booking b ON b.id = c.booking"
		    " JOIN request r ON r.id = c.request"
		    " JOIN site p ON p.id = b.partner"
		    " WHERE c.half_day = $1 AND c.left_at IS NULL"
		    " ORDER BY b.from_time, b.id");
	query_int(&q, 1, half_day);
	while (query_row(&q)) {
		v = rows_grown(arena, v, n, sizeof(*v));
		if (!v)
			break;
		read_case(&q, arena, &v[n++]);
	}
	*out = v;
	*out_n = n;
	return rows_end(&q, v, err);
}

/* --- who waits --- */

enum rc half_day_experts(struct tx *tx, int64_t lead, struct arena *arena,
			 int64_t **out, size_t *out_n, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT s.id FROM (SELECT DISTINCT subject FROM rule"
		    "  WHERE pool <> '') r JOIN subject s"
		    " ON s.id = r.subject WHERE s.site = $1"
		    " AND s.type = 'expert' ORDER BY s.slug");
	query_int(&q, 1, lead);
	return rows_ids(&q, arena, out, out_n, err);
}

enum rc half_day_queue(struct tx *tx, const struct half_day_wants *wants,
		       struct arena *arena, struct pooled_case **out,
		       size_t *out_n, struct err *err)
{
	struct pooled_case *v = NULL;
	struct query q;
	size_t n = 0;

	query_begin(&q, tx->db,
		    "SELECT r.id, r.urgency, r.submitted_at, r.kind"
		    " FROM request r LEFT JOIN waiting w ON w.request = r.id"
		    " WHERE r.lead = $1 AND r.specialty = $2"
		    " AND r.status IN ('accepted', 'waitlisted')"
		    " AND r.mode <> 'store-and-forward' AND w.rests_at IS NULL"
		    " AND CASE WHEN w.request IS NULL THEN"
		    "  coalesce(r.expert, $3) ELSE coalesce(w.expert, $3) END"
		    "  = $3"
		    " AND NOT EXISTS (SELECT 1 FROM booking b"
		    "  WHERE b.request = r.id AND b.status IN ('pending',"
		    "  'booked', 'arrived', 'started', 'fulfilled'))"
		    " AND NOT EXISTS (SELECT 1 FROM half_day_case c"
		    "  WHERE c.half_day = $4 AND c.request = r.id)"
		    " ORDER BY r.submitted_at, r.id");
	query_int(&q, 1, wants->lead);
	query_text(&q, 2, wants->terms->specialty);
	query_int(&q, 3, wants->expert);
	query_int(&q, 4, wants->half_day);
	while (n < POOLED_QUEUE_MAX && query_row(&q)) {
		if (!wants->terms->minutes[rows_word(&q, 3, &words_kind)])
			continue;
		v = rows_grown(arena, v, n, sizeof(*v));
		if (!v)
			break;
		v[n++] = (struct pooled_case){
			.request = query_col_int(&q, 0),
			.urgency =
				(enum urgency)rows_word(&q, 1, &words_urgency),
			.submitted_at = query_col_int(&q, 2)};
	}
	*out = v;
	*out_n = n;
	return rows_end(&q, v, err);
}

enum rc half_day_owner(struct tx *tx, int64_t lead, int64_t *out,
		       struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT id FROM identity WHERE site = $1"
		    " ORDER BY role = 'lead-coordinator' DESC, id LIMIT 1");
	query_int(&q, 1, lead);
	bool found = query_row(&q);

	if (found)
		*out = query_col_int(&q, 0);
	return rows_end_found(&q, found, "coordinator of the lead", err);
}
