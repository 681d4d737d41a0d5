#include "daemon/store/clock.h"

#include "daemon/store/rows.h"

_Static_assert(DUE_ANSWER == 0 && DUE_BEGIN == 1 && DUE_OPINION == 2,
	       "the first three are what is promised");

/* --- limits --- */

enum rc clock_hours(struct tx *tx, const char *name, struct arena *arena,
		    struct deadline_hours *out, struct err *err)
{
	struct deadline_span *v = NULL;
	struct query q;
	size_t n = 0;

	query_begin(&q, tx->db,
		    "SELECT weekday, from_minute, to_minute FROM limit_hours"
		    " WHERE name = $1 ORDER BY weekday, from_minute");
	query_text(&q, 1, name);
	while (query_row(&q)) {
		v = rows_grown(arena, v, n, sizeof(*v));
		if (!v)
			break;
		v[n++] = (struct deadline_span){(int)query_col_int(&q, 0),
						(int)query_col_int(&q, 1),
						(int)query_col_int(&q, 2)};
	}
	out->spans = v;
	out->n = n;
	return rows_end(&q, v, err);
}

static enum rc read_days(struct tx *tx, const char *name, struct arena *arena,
			 const struct core_calendar **out, struct err *err)
{
	struct core_calendar *calendar = arena_alloc(arena, sizeof(*calendar));
	struct core_calendar_day *v = NULL;
	struct query q;
	size_t n = 0;

	if (!calendar)
		return rows_full(err);
	query_begin(&q, tx->db,
		    "SELECT day, works_as FROM calendar_day"
		    " WHERE calendar = $1 ORDER BY day");
	query_text(&q, 1, name);
	while (query_row(&q)) {
		v = rows_grown(arena, v, n, sizeof(*v));
		if (!v)
			break;
		v[n++] = (struct core_calendar_day){
			.day = query_col_int(&q, 0),
			.works_as = query_col_null(&q, 1)
					    ? -1
					    : (int)query_col_int(&q, 1),
		};
	}
	*calendar = (struct core_calendar){v, n};
	*out = calendar;
	return rows_end(&q, v, err);
}

enum rc clock_ladder(struct tx *tx, const char *name, struct arena *arena,
		     const struct clock_rung **out, size_t *out_n,
		     struct err *err)
{
	struct clock_rung *v = NULL;
	struct query q;
	size_t n = 0;

	query_begin(&q, tx->db,
		    "SELECT percent, tell FROM limit_ladder"
		    " WHERE name = $1 ORDER BY percent");
	query_text(&q, 1, name);
	while (query_row(&q)) {
		v = rows_grown(arena, v, n, sizeof(*v));
		if (!v)
			break;
		v[n++] = (struct clock_rung){query_col_int(&q, 0),
					     (tellset)query_col_int(&q, 1)};
	}
	*out = v;
	*out_n = n;
	return rows_end(&q, v, err);
}

struct agreed {
	const char *limits, *zone, *calendar;
};

static enum rc read_agreed(struct tx *tx, int64_t agreement,
			   enum urgency urgency, struct arena *arena,
			   struct clock_limits *limits, struct agreed *out,
			   struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT l.answer_minutes, l.start_minutes,"
		    " l.opinion_minutes, a.limits, s.time_zone, s.calendar"
		    " FROM agreement a JOIN site s ON s.id = a.lead"
		    " LEFT JOIN limit_set l"
		    " ON l.name = a.limits AND l.urgency = $1"
		    " WHERE a.id = $2");
	query_text(&q, 1, words_name(&words_urgency, (int)urgency));
	query_int(&q, 2, agreement);
	bool found = query_row(&q);

	if (found) {
		for (int i = 0; i < CLOCK_WHATS; i++)
			limits->minutes[i] = query_col_int(&q, i);
		*out = (struct agreed){query_col_dup(&q, 3, arena),
				       query_col_dup(&q, 4, arena),
				       query_col_dup(&q, 5, arena)};
	}
	return rows_end_found(&q, found, "agreement", err);
}

enum rc clock_limits(struct tx *tx, int64_t agreement, enum urgency urgency,
		     struct arena *arena, struct clock_limits *out,
		     struct err *err)
{
	struct agreed agreed = {0};

	*out = (struct clock_limits){.n = 0};
	enum rc rc =
		read_agreed(tx, agreement, urgency, arena, out, &agreed, err);

	if (rc == RC_OK)
		rc = rows_zone(tx, agreed.zone, &out->hours.zone, err);
	if (rc != RC_OK || !agreed.limits)
		return rc;
	rc = clock_ladder(tx, agreed.limits, arena, &out->ladder, &out->n, err);
	if (rc == RC_OK && urgency != URGENCY_EMERGENCY)
		rc = clock_hours(tx, agreed.limits, arena, &out->hours, err);
	if (rc == RC_OK && out->hours.n > 0 && agreed.calendar)
		rc = read_days(tx, agreed.calendar, arena, &out->hours.calendar,
			       err);
	return rc;
}

/* --- rows --- */

enum rc clock_put(struct tx *tx, const struct clock_row *row, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO clock (request, what, state, since,"
		    " limit_minutes, used, run_from, due_at, told, ended_at)"
		    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
		    " ON CONFLICT (request, what) DO UPDATE"
		    " SET state = excluded.state, since = excluded.since,"
		    " limit_minutes = excluded.limit_minutes,"
		    " used = excluded.used, run_from = excluded.run_from,"
		    " due_at = excluded.due_at, told = excluded.told,"
		    " ended_at = excluded.ended_at");
	query_int(&q, 1, row->request);
	query_text(&q, 2, words_name(&words_due, (int)row->what));
	query_text(&q, 3, words_name(&words_clock, (int)row->state));
	query_int(&q, 4, row->since);
	query_int(&q, 5, row->limit_minutes);
	query_int(&q, 6, row->used);
	query_int(&q, 7, row->run_from);
	query_int_or_null(&q, 8, row->due_at, 0);
	query_int(&q, 9, row->told);
	query_int_or_null(&q, 10, row->ended_at, 0);
	return query_end(&q, err);
}

#define SQL_CLOCK                                                              \
	"SELECT id, request, what, state, since, limit_minutes, used,"         \
	" run_from, due_at, told, ended_at FROM clock"

static struct clock_row row_of(struct query *q)
{
	return (struct clock_row){
		.id = query_col_int(q, 0),
		.request = query_col_int(q, 1),
		.what = (enum due_what)rows_word(q, 2, &words_due),
		.state = (enum clock_state)rows_word(q, 3, &words_clock),
		.since = query_col_int(q, 4),
		.limit_minutes = query_col_int(q, 5),
		.used = query_col_int(q, 6),
		.run_from = query_col_int(q, 7),
		.due_at = query_col_int(q, 8),
		.told = query_col_int(q, 9),
		.ended_at = query_col_int(q, 10),
	};
}

enum rc clock_find(struct tx *tx, int64_t request, enum due_what what,
		   struct clock_row *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, SQL_CLOCK " WHERE request = $1 AND what = $2");
	query_int(&q, 1, request);
	query_text(&q, 2, words_name(&words_due, (int)what));
	bool found = query_row(&q);

	if (found)
		*out = row_of(&q);
	return rows_end_found(&q, found, "clock", err);
}

enum rc clock_all(struct tx *tx, int64_t request,
		  struct clock_row out[CLOCK_WHATS], struct err *err)
{
	struct query q;

	for (int i = 0; i < CLOCK_WHATS; i++)
		out[i] = (struct clock_row){.id = 0};
	query_begin(&q, tx->db, SQL_CLOCK " WHERE request = $1");
	query_int(&q, 1, request);
	while (query_row(&q)) {
		struct clock_row row = row_of(&q);

		if (row.what < CLOCK_WHATS)
			out[row.what] = row;
	}
	return query_end(&q, err);
}
