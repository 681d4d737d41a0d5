#include "daemon/store/load.h"

#include "daemon/store/rows.h"

#define OF(alias)                                                              \
	" AND (" alias ".lead = $3 OR " alias ".partner = $4 OR " alias        \
	".expert = $5)"                                                        \
	" AND (CAST($6 AS TEXT) IS NULL OR " alias ".kind = CAST($6 AS TEXT))"
/* The time of a case is that of the session on whose list it is; to its partner
 * it is its own. */
#define NO_CASE                                                                \
	" AND (b.partner = $4 OR NOT EXISTS (SELECT 1 FROM session_case y"     \
	"  WHERE y.booking = b.id))"
#define SESSIONS                                                               \
	"SELECT b.expert AS expert, 1 AS s,"                                   \
	" (b.to_time - b.from_time) / 60 AS sm, 0 AS t, 0 AS tm, 0 AS r,"      \
	" 0 AS rm FROM booking b WHERE b.from_time >= $1"                      \
	" AND b.from_time < $2 AND b.expert IS NOT NULL AND b.status IN"       \
	" ('booked', 'arrived', 'started', 'fulfilled')" OF("b") NO_CASE
/* The same sessions, of the experts beside the first. */
#define BESIDE                                                                 \
	"SELECT co.expert AS expert, 1, (b.to_time - b.from_time) / 60, 0, 0," \
	" 0, 0 FROM booking b JOIN co_expert co ON co.booking = b.id"          \
	" WHERE b.from_time >= $1 AND b.from_time < $2 AND b.status IN"        \
	" ('booked', 'arrived', 'started', 'fulfilled')"                       \
	" AND (b.lead = $3 OR b.partner = $4 OR co.expert = $5)"               \
	" AND (CAST($6 AS TEXT) IS NULL OR b.kind = CAST($6 AS TEXT))" NO_CASE
#define TO_READ                                                                \
	"SELECT q.expert, 0, 0, 1, q.minutes, 0, 0 FROM request q"             \
	" WHERE q.mode = 'store-and-forward' AND q.status = 'accepted'"        \
	" AND q.expert IS NOT NULL" OF("q")
#define READ_ONES                                                              \
	"SELECT q.expert, 0, 0, 0, 0, 1, q.minutes FROM request q"             \
	" JOIN opinion o ON o.request = q.id AND o.version = 1"                \
	" WHERE q.mode = 'store-and-forward' AND o.filed_at >= $1"             \
	" AND o.filed_at < $2" OF("q")

enum rc load_list(struct tx *tx, const struct list_filter *f,
		  struct arena *arena, struct load_row **out, size_t *out_n,
		  struct err *err)
{
	struct load_row *v = NULL;
	struct query q;
	size_t n = 0;

	query_begin(&q, tx->db,
		    "SELECT e.slug, sum(l.s), sum(l.sm), sum(l.t), sum(l.tm),"
		    " sum(l.r), sum(l.rm) FROM (" SESSIONS " UNION ALL " BESIDE
		    " UNION ALL " TO_READ " UNION ALL " READ_ONES
		    ") l JOIN subject e ON e.id = l.expert"
		    " GROUP BY e.slug ORDER BY e.slug");
	query_int(&q, 1, f->from);
	query_int(&q, 2, f->to);
	query_int(&q, 3, f->as_lead);
	query_int(&q, 4, f->as_partner);
	query_int(&q, 5, f->as_expert);
	query_text(&q, 6,
		   f->kind < 0 ? NULL : words_name(&words_kind, f->kind));
	while (query_row(&q)) {
		v = rows_grown(arena, v, n, sizeof(*v));
		if (!v) {
			q.rc = RC_NOMEM;
			break;
		}
		v[n++] = (struct load_row){
			.expert = query_col_dup(&q, 0, arena),
			.sessions = query_col_int(&q, 1),
			.session_minutes = query_col_int(&q, 2),
			.to_read = query_col_int(&q, 3),
			.to_read_minutes = query_col_int(&q, 4),
			.read = query_col_int(&q, 5),
			.read_minutes = query_col_int(&q, 6),
		};
	}
	*out = v;
	*out_n = n;
	return query_end(&q, err);
}

static enum rc count_calls(struct tx *tx, int64_t expert, int64_t since,
			   const struct tz *zone, int64_t *out, struct err *err)
{
	struct query q;

	*out = 0;
	query_begin(&q, tx->db,
		    "SELECT called_at FROM duty_call WHERE expert = $1"
		    " AND called_at >= $2 AND outcome <> 'engaged'");
	query_int(&q, 1, expert);
	query_int(&q, 2, since);
	while (query_row(&q))
		*out += fair_is_night(zone, query_col_int(&q, 0));
	return query_end(&q, err);
}

enum rc load_of(struct tx *tx, int64_t expert, int64_t since,
		const struct tz *zone, struct core_load *out, struct err *err)
{
	struct query q;

	*out = (struct core_load){0};
	query_begin(&q, tx->db,
		    "SELECT coalesce(sum(to_time - from_time), 0) FROM claim"
		    " WHERE subject = $1 AND from_time >= $2"
		    " AND role = 'expert' AND hold_until = 0");
	query_int(&q, 1, expert);
	query_int(&q, 2, since);
	if (query_row(&q))
		out->seconds = query_col_int(&q, 0);
	enum rc rc = query_end(&q, err);

	return rc == RC_OK
		       ? count_calls(tx, expert, since, zone, &out->calls, err)
		       : rc;
}
