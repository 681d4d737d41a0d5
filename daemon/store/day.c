#include "daemon/store/day.h"

#include "daemon/store/booking_row.h"
#include "daemon/store/rows.h"

enum rc day_find(struct tx *tx, int64_t booking, struct arena *arena,
		 struct day *out, struct err *err)
{
	struct query q;

	*out = (struct day){
		.booking = booking, .absent = -1, .contingency = -1};
	query_begin(&q, tx->db,
		    "SELECT d.arrived_at, d.started_at, d.finished_at,"
		    " d.absent, d.contingency, d.fallback, s.slug, d.passed"
		    " FROM session_day d LEFT JOIN subject s"
		    " ON s.id = d.fallback WHERE d.booking = $1");
	query_int(&q, 1, booking);
	if (query_row(&q)) {
		out->arrived_at = query_col_int(&q, 0);
		out->started_at = query_col_int(&q, 1);
		out->finished_at = query_col_int(&q, 2);
		if (query_col_text(&q, 3))
			out->absent = rows_word(&q, 3, &words_absent);
		if (query_col_text(&q, 4))
			out->contingency = rows_word(&q, 4, &words_contingency);
		out->fallback = query_col_int(&q, 5);
		out->fallback_slug = query_col_dup(&q, 6, arena);
		out->passed = (gateset)query_col_int(&q, 7);
	}
	return query_end(&q, err);
}

enum rc day_put(struct tx *tx, const struct day *day, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO session_day (booking, arrived_at, started_at,"
		    " finished_at, absent, contingency, fallback, passed)"
		    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
		    " ON CONFLICT (booking) DO UPDATE SET"
		    " arrived_at = excluded.arrived_at,"
		    " started_at = excluded.started_at,"
		    " finished_at = excluded.finished_at,"
		    " absent = excluded.absent,"
		    " contingency = excluded.contingency,"
		    " fallback = excluded.fallback,"
		    " passed = excluded.passed");
	query_int(&q, 1, day->booking);
	query_int_or_null(&q, 2, day->arrived_at, 0);
	query_int_or_null(&q, 3, day->started_at, 0);
	query_int_or_null(&q, 4, day->finished_at, 0);
	query_text(&q, 5,
		   day->absent < 0 ? NULL
				   : words_name(&words_absent, day->absent));
	query_text(&q, 6,
		   day->contingency < 0
			   ? NULL
			   : words_name(&words_contingency, day->contingency));
	query_int_or_null(&q, 7, day->fallback, 0);
	query_int(&q, 8, (int64_t)day->passed);
	return query_end(&q, err);
}

enum rc day_put_check(struct tx *tx, int64_t booking,
		      const struct day_check *in, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO session_check (booking, site, what, red,"
		    " said_at) VALUES ($1, $2, $3, $4, $5)"
		    " ON CONFLICT (booking, site, what) DO UPDATE SET"
		    " red = excluded.red, said_at = excluded.said_at");
	query_int(&q, 1, booking);
	query_int(&q, 2, in->site);
	query_text(&q, 3, words_name(&words_check, (int)in->what));
	query_int(&q, 4, in->red);
	query_int(&q, 5, in->said_at);
	return query_end(&q, err);
}

enum rc day_forget_check(struct tx *tx, int64_t booking, enum check_what what,
			 int64_t before, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "DELETE FROM session_check WHERE booking = $1"
		    " AND what = $2 AND said_at < $3 AND red = 0");
	query_int(&q, 1, booking);
	query_text(&q, 2, words_name(&words_check, (int)what));
	query_int(&q, 3, before);
	return query_end(&q, err);
}

enum rc day_checks(struct tx *tx, int64_t booking,
		   struct day_check out[DAY_CHECKS_MAX], size_t *out_n,
		   struct err *err)
{
	struct query q;

	*out_n = 0;
	query_begin(&q, tx->db,
		    "SELECT site, what, red, said_at FROM session_check"
		    " WHERE booking = $1 ORDER BY site, what");
	query_int(&q, 1, booking);
	while (*out_n < DAY_CHECKS_MAX && query_row(&q))
		out[(*out_n)++] = (struct day_check){
			.site = query_col_int(&q, 0),
			.what = (enum check_what)rows_word(&q, 1, &words_check),
			.red = query_col_int(&q, 2) != 0,
			.said_at = query_col_int(&q, 3),
		};
	return query_end(&q, err);
}

static bool is_among(const int64_t *ids, size_t n, int64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (ids[i] == id)
			return true;
	return false;
}

enum rc day_disturbed(struct tx *tx, int64_t booking, int64_t subject,
		      struct core_span span, int64_t ids[DAY_DISTURBED_MAX],
		      size_t *inout_n, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT c.booking FROM claim c"
		    " JOIN subject s ON s.id = c.subject"
		    " WHERE c.subject = $1 AND c.from_time >= $2"
		    " AND c.from_time < $3 AND c.booking <> $4"
		    " AND s.capacity = 1 ORDER BY c.from_time");
	query_int(&q, 1, subject);
	query_int(&q, 2, span.from);
	query_int(&q, 3, span.to);
	query_int(&q, 4, booking);
	while (query_row(&q)) {
		int64_t id = query_col_int(&q, 0);

		if (*inout_n < DAY_DISTURBED_MAX &&
		    !is_among(ids, *inout_n, id))
			ids[(*inout_n)++] = id;
	}
	return query_end(&q, err);
}

enum rc day_next_claim(struct tx *tx, int64_t booking, int64_t subject,
		       int64_t from, int64_t *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT c.from_time FROM claim c"
		    " JOIN subject s ON s.id = c.subject"
		    " WHERE c.subject = $1 AND c.from_time >= $2"
		    " AND c.booking <> $3 AND s.capacity = 1"
		    " ORDER BY c.from_time LIMIT 1");
	query_int(&q, 1, subject);
	query_int(&q, 2, from);
	query_int(&q, 3, booking);
	*out = query_row(&q) ? query_col_int(&q, 0) : INT64_MAX;
	return query_end(&q, err);
}

enum rc day_booking(struct tx *tx, int64_t id, struct arena *arena,
		    struct booking *out, struct err *err)
{
	struct query q;
	bool found;

	query_begin(&q, tx->db, SQL_BOOKING " WHERE b.id = $1");
	query_int(&q, 1, id);
	found = query_row(&q);
	if (found)
		booking_from_row(&q, arena, out);
	return rows_end_found(&q, found, "booking", err);
}

/* Nobody has said yet what became of it. The index of an agreement's bookings
 * has all but the end in it: those that are settled are passed over without a
 * look. An expert's are found by their claims. */
#define OPEN                                                                   \
	"b.status IN ('booked', 'arrived', 'started')"                         \
	" AND b.from_time < $3"                                                \
	" AND (b.from_time > $4 OR (b.from_time = $4 AND b.id > $5))"
#define OF_SIDES                                                               \
	" SELECT b.id FROM agreement a JOIN booking b ON b.agreement = a.id"   \
	" WHERE (a.lead = $1 OR a.partner = $2) AND " OPEN
#define OF_EXPERT                                                              \
	" SELECT b.id FROM booking b WHERE b.id IN " SQL_OF_EXPERT(            \
		"$6") " AND " SQL_IS_EXPERT("$6") " AND " OPEN
/* It gave way and was cancelled, and nobody has said that they know. */
#define OF_DISPLACED                                                           \
	" SELECT d.booking FROM displaced d JOIN booking b"                    \
	" ON b.id = d.booking WHERE d.settled_at IS NULL"                      \
	" AND (b.lead = $1 OR b.partner = $2)"                                 \
	" AND (b.from_time > $4 OR (b.from_time = $4 AND b.id > $5))"
/* It began without the patient's consent, whose time is over. Of the index of
 * requests' bookings the first condition is its own, word for word. */
#define CONSENT_LATE                                                           \
	"SELECT l.request FROM clock l WHERE l.state = 'running'"              \
	" AND l.what = 'consent' AND l.due_at < $3"
#define OF_CONSENTS                                                            \
	" SELECT b.id FROM booking b WHERE b.status IN"                        \
	" ('pending', 'booked', 'arrived', 'started', 'fulfilled')"            \
	" AND b.request IN (" CONSENT_LATE ")"                                 \
	" AND (b.lead = $1 OR b.partner = $2"                                  \
	"  OR " SQL_IS_EXPERT("$6") ")"                                        \
				    " AND (b.from_time > $4 OR (b.from_time "  \
				    "= $4 AND b.id > $5))"
#define SQL_UNRESOLVED                                                         \
	SQL_BOOKING " WHERE b.id IN (" OF_SIDES " UNION" OF_EXPERT             \
		    " UNION" OF_DISPLACED " UNION" OF_CONSENTS ")"             \
		    " AND (b.request IN (" CONSENT_LATE ")"                    \
		    "  AND b.status IN ('started', 'fulfilled')"               \
		    " OR b.status = 'cancelled' OR b.status <> 'fulfilled'"    \
		    " AND b.to_time <= $3 AND NOT EXISTS"                      \
		    " (SELECT 1 FROM claim c WHERE b.status = 'started'"       \
		    "  AND c.booking = b.id AND c.role = 'overrun'"            \
		    "  AND c.to_time > $3))"                                   \
		    " AND (CAST($7 AS TEXT) IS NULL"                           \
		    "  OR b.status = CAST($7 AS TEXT))"                        \
		    " AND (CAST($8 AS TEXT) IS NULL"                           \
		    "  OR CAST($8 AS TEXT) IN (ls.slug, ps.slug))"             \
		    " AND (CAST($9 AS TEXT) IS NULL"                           \
		    "  OR " SQL_IS_EXPERT("(SELECT n.id FROM subject n"        \
					  "   WHERE n.slug = CAST($9 AS "      \
					  "TEXT))") ")"                        \
						    " AND (CAST($10 AS TEXT) " \
						    "IS NULL"                  \
						    "  OR b.kind = CAST($10 "  \
						    "AS TEXT))"                \
						    " AND b.from_time >= $11 " \
						    "AND b.from_time < $12"    \
						    " ORDER BY b.from_time, "  \
						    "b.id LIMIT $13"

enum rc day_unresolved(struct tx *tx, const struct list_filter *f,
		       struct arena *arena, struct booking **out, size_t *out_n,
		       struct err *err)
{
	struct query q;
	struct booking *v = arena_array(arena, (size_t)f->limit, sizeof(*v));
	size_t n = 0;

	if (!v)
		return err_set(err, RC_NOMEM, "the list is too long");
	query_begin(&q, tx->db, SQL_UNRESOLVED);
	query_int(&q, 1, f->as_lead);
	query_int(&q, 2, f->as_partner);
	query_int(&q, 3, tx->now);
	query_int(&q, 4, f->after ? f->after_key : INT64_MIN);
	query_int(&q, 5, f->after ? f->after_id : 0);
	query_int(&q, 6, f->as_expert);
	query_text(&q, 7, f->status);
	query_text(&q, 8, f->site);
	query_text(&q, 9, f->expert);
	query_text(&q, 10,
		   f->kind < 0 ? NULL : words_name(&words_kind, f->kind));
	query_int(&q, 11, f->from);
	query_int(&q, 12, f->to == INT64_MIN ? INT64_MAX : f->to);
	query_int(&q, 13, f->limit);
	while (n < (size_t)f->limit && query_row(&q))
		booking_from_row(&q, arena, &v[n++]);
	*out = v;
	*out_n = n;
	return query_end(&q, err);
}
