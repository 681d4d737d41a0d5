#include "daemon/store/duty_call.h"

#include "daemon/core/kind.h"
#include "daemon/store/rows.h"
#include "daemon/store/stamps.h"

#define OUTCOME_NAME(sym, name) name,
static const char *const outcome_names[] = {WORDS_CALL_OUTCOME(OUTCOME_NAME)};
const struct words words_call_outcome = {"outcome", outcome_names,
					 CALL_OUTCOMES};

enum rc duty_call_add(struct tx *tx, struct duty_call *call, struct err *err)
{
	struct query q;
	enum rc rc = rows_last_id(tx->db, "SELECT max(id) FROM duty_call",
				  &call->id, err);

	if (rc != RC_OK)
		return rc;
	call->id++;
	if (call->expert)
		stamps_touch_subject(tx, call->expert); /* load.h */
	query_begin(
		&q, tx->db,
		"INSERT INTO duty_call (id, request, step, expert, level,"
		" reach, called_at, until, outcome, ended_at, said_by, round)"
		" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"
		" $12)");
	query_int(&q, 1, call->id);
	query_int(&q, 2, call->request);
	query_int(&q, 3, call->step);
	query_int_or_null(&q, 4, call->expert, 0);
	query_int_or_null(&q, 5, call->level, 0);
	query_text(&q, 6, call->reach);
	query_int(&q, 7, call->called_at);
	query_int_or_null(&q, 8, call->until, 0);
	query_text(&q, 9, words_name(&words_call_outcome, (int)call->outcome));
	query_int_or_null(&q, 10, call->ended_at, 0);
	query_text(&q, 11, call->said_by);
	query_int(&q, 12, call->round);
	return query_end(&q, err);
}

static void from_row(struct query *q, struct arena *arena,
		     struct duty_call *out)
{
	*out = (struct duty_call){
		.id = query_col_int(q, 0),
		.request = query_col_int(q, 1),
		.step = query_col_int(q, 2),
		.expert = query_col_int(q, 3),
		.level = query_col_int(q, 4),
		.reach = query_col_dup(q, 5, arena),
		.called_at = query_col_int(q, 6),
		.until = query_col_int(q, 7),
		.outcome =
			(enum call_outcome)rows_word(q, 8, &words_call_outcome),
		.ended_at = query_col_int(q, 9),
		.said_by = query_col_dup(q, 10, arena),
		.slug = query_col_dup(q, 11, arena),
		.name = query_col_dup(q, 12, arena),
		.round = query_col_int(q, 13),
	};
}

enum rc duty_call_list(struct tx *tx, int64_t request, struct arena *arena,
		       struct duty_call **out, size_t *out_n, struct err *err)
{
	struct duty_call *v = NULL;
	struct query q;
	size_t n = 0;

	query_begin(&q, tx->db,
		    "SELECT c.id, c.request, c.step, c.expert, c.level,"
		    " c.reach, c.called_at, c.until, c.outcome, c.ended_at,"
		    " c.said_by, s.slug, s.name, c.round FROM duty_call c"
		    " LEFT JOIN subject s ON s.id = c.expert"
		    " WHERE c.request = $1 ORDER BY c.id");
	query_int(&q, 1, request);
	while (query_row(&q)) {
		v = rows_grown(arena, v, n, sizeof(*v));
		if (!v)
			break;
		from_row(&q, arena, &v[n++]);
	}
	*out = v;
	*out_n = n;
	return rows_end(&q, v, err);
}

enum rc duty_call_end(struct tx *tx, const struct duty_call *call,
		      enum call_outcome outcome, const char *said_by,
		      struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "UPDATE duty_call SET outcome = $1, ended_at = $2,"
		    " said_by = $3 WHERE id = $4");
	query_text(&q, 1, words_name(&words_call_outcome, (int)outcome));
	query_int(&q, 2, tx->now);
	query_text(&q, 3, said_by);
	query_int(&q, 4, call->id);
	return query_end(&q, err);
}

enum rc duty_call_over(struct tx *tx, int64_t request, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "UPDATE duty_call SET outcome = 'over', ended_at = $1"
		    " WHERE request = $2 AND outcome = 'called'");
	query_int(&q, 1, tx->now);
	query_int(&q, 2, request);
	return query_end(&q, err);
}

enum rc duty_call_reached(struct tx *tx, int64_t request, int64_t expert,
			  bool *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT 1 FROM duty_call c WHERE " SQL_WAS_CALLED(
			    "$1", "$2") " LIMIT 1");
	query_int(&q, 1, expert);
	query_int(&q, 2, request);
	*out = query_row(&q);
	return query_end(&q, err);
}

enum rc duty_call_engaged(struct tx *tx, int64_t expert, bool *out,
			  struct err *err)
{
	struct query q;

	*out = false;
	query_begin(&q, tx->db,
		    "SELECT b.status, b.kind FROM claim c"
		    " JOIN booking b ON b.id = c.booking"
		    " WHERE c.subject = $1 AND c.from_time <= $2"
		    " AND c.to_time > $2 AND c.role IN ('expert', 'overrun')"
		    " AND b.status IN ('started', 'booked', 'arrived')");
	query_int(&q, 1, expert);
	query_int(&q, 2, tx->now);
	while (query_row(&q))
		*out |= rows_word(&q, 0, &words_booking_status) ==
				BOOKING_STARTED ||
			kind_row((enum kind)rows_word(&q, 1, &words_kind))
					->how == KIND_AT_ONCE;
	return query_end(&q, err);
}

/* --- what an emergency has besides --- */

/* What a limit set says that does not say otherwise. */
static const struct duty_limits by_default = {.call = 3, .papers = 1440};

enum rc duty_limits_of(struct tx *tx, int64_t agreement,
		       struct duty_limits *out, struct err *err)
{
	struct query q;

	*out = by_default;
	query_begin(&q, tx->db,
		    "SELECT l.call_minutes, l.papers_minutes FROM agreement a"
		    " JOIN limit_set l ON l.name = a.limits"
		    " AND l.urgency = 'emergency' WHERE a.id = $1");
	query_int(&q, 1, agreement);
	if (query_row(&q)) {
		if (!query_col_null(&q, 0))
			out->call = query_col_int(&q, 0);
		if (!query_col_null(&q, 1))
			out->papers = query_col_int(&q, 1);
	}
	return query_end(&q, err);
}

enum rc duty_set(struct tx *tx, int64_t request, const struct duty_row *row,
		 struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "UPDATE request SET door_at = $1, papers_until = $2,"
		    " papers_at = $3 WHERE id = $4");
	query_int_or_null(&q, 1, row->door_at, INT64_MIN);
	query_int_or_null(&q, 2, row->papers_until, INT64_MIN);
	query_int_or_null(&q, 3, row->papers_at, INT64_MIN);
	query_int(&q, 4, request);
	return query_end(&q, err);
}

enum rc duty_set_papers(struct tx *tx, const struct request *r,
			const struct papers *papers, struct err *err)
{
	const struct seal_place place = {"request.papers", r->id, r->partner};
	struct buf sealed;
	struct query q;

	buf_init(&sealed, PAPERS_SEALED_MAX);
	enum rc rc = papers_close(tx, &place, papers, &sealed, err);

	if (rc == RC_OK) {
		query_begin(&q, tx->db,
			    "UPDATE request SET papers = $1,"
			    " papers_at = coalesce(papers_at, $2)"
			    " WHERE id = $3");
		query_blob(&q, 1, sealed.data, sealed.len);
		query_int(&q, 2, tx->now);
		query_int(&q, 3, r->id);
		rc = query_end(&q, err);
	}
	buf_fini(&sealed);
	return rc;
}

static int64_t time_of(const struct query *q, int column)
{
	return query_col_null(q, column) ? INT64_MIN : query_col_int(q, column);
}

enum rc duty_times_of(struct tx *tx, int64_t request, struct duty_times *out,
		      struct err *err)
{
	struct query q;

	*out = (struct duty_times){INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN,
				   INT64_MIN, INT64_MIN, INT64_MIN};
	query_begin(&q, tx->db,
		    "SELECT r.door_at, r.submitted_at,"
		    " (SELECT min(c.called_at) FROM duty_call c"
		    "  WHERE c.request = r.id AND c.outcome <> 'engaged'),"
		    " (SELECT min(c.ended_at) FROM duty_call c"
		    "  WHERE c.request = r.id AND c.outcome = 'answered'),"
		    " (SELECT min(e.at) FROM event e WHERE e.thing = 'request'"
		    "  AND e.id = r.id AND e.verb = 'start'),"
		    " r.papers_until, r.papers_at"
		    " FROM request r WHERE r.id = $1");
	query_int(&q, 1, request);
	if (query_row(&q))
		*out = (struct duty_times){time_of(&q, 0), time_of(&q, 1),
					   time_of(&q, 2), time_of(&q, 3),
					   time_of(&q, 4), time_of(&q, 5),
					   time_of(&q, 6)};
	return query_end(&q, err);
}

/* --- the report --- */

enum rc duty_report(struct tx *tx, const struct duty_filter *f,
		    struct arena *arena, struct duty_measured **out,
		    size_t *out_n, struct err *err)
{
	struct duty_measured *v = NULL;
	struct query q;
	size_t n = 0;

	query_begin(&q, tx->db,
		    "SELECT r.id, p.slug, r.status,"
		    " (SELECT count(*) FROM displaced d WHERE d.request = r.id)"
		    " FROM request r JOIN site p ON p.id = r.partner"
		    " WHERE r.kind = 'emergency-consultation'"
		    " AND (r.lead = $1 OR r.partner = $2)"
		    " AND r.submitted_at >= $3 AND r.submitted_at < $4"
		    " AND (CAST($5 AS TEXT) IS NULL"
		    "  OR p.slug = CAST($5 AS TEXT)) ORDER BY p.slug, r.id");
	query_int(&q, 1, f->as_lead);
	query_int(&q, 2, f->as_partner);
	query_int(&q, 3, f->from);
	query_int(&q, 4, f->to);
	query_text(&q, 5, f->site);
	while (query_row(&q)) {
		v = rows_grown(arena, v, n, sizeof(*v));
		if (!v)
			break;
		v[n++] = (struct duty_measured){
			.request = query_col_int(&q, 0),
			.site = query_col_dup(&q, 1, arena),
			.status = (enum request_status)rows_word(
				&q, 2, &words_request_status),
			.displaced = query_col_int(&q, 3),
		};
	}
	enum rc rc = rows_end(&q, v, err);

	for (size_t i = 0; rc == RC_OK && v && i < n; i++)
		rc = duty_times_of(tx, v[i].request, &v[i].times, err);
	*out = v;
	*out_n = n;
	return rc;
}
