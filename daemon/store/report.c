#include "daemon/store/report.h"

#include "daemon/store/rows.h"
#include "daemon/store/spent.h"

/* Tables are looked at in the order in which they stand (CROSS JOIN): what is
 * asked, then what its time is found by. */
/* clang-format off */

/* What is asked, as a table of one row: its numbers stand in this order. */
#define ASK                                                                    \
	"WITH ask AS (SELECT CAST($1 AS TEXT) AS period,"                      \
	" CAST($2 AS BIGINT) AS from_time, CAST($3 AS BIGINT) AS to_time,"     \
	" CAST($4 AS TEXT) AS zone, CAST($5 AS BIGINT) AS as_lead,"            \
	" CAST($6 AS BIGINT) AS as_partner,"                                   \
	" CAST($7 AS BIGINT) AS as_expert, CAST($8 AS TEXT) AS kind,"          \
	" CAST($9 AS TEXT) AS site, CAST($10 AS TEXT) AS expert,"              \
	" CAST($11 AS BIGINT) AS by_lead, CAST($12 AS BIGINT) AS by_partner,"  \
	" CAST($13 AS BIGINT) AS by_expert, CAST($14 AS BIGINT) AS by_kind,"   \
	" CAST($15 AS BIGINT) AS first_day, CAST($16 AS BIGINT) AS last_day,"  \
	" CAST($17 AS BIGINT) AS now) "

#define IF_BY(what, column) " CASE WHEN ask.by_" what " = 1 THEN " column " END"
/* What a row is about: of the booking, request, ... t. */
#define ABOUT(t)                                                               \
	IF_BY("lead", "l.slug") " AS lead, ask.period AS period,"              \
	IF_BY("partner", "p.slug") " AS partner,"                              \
	IF_BY("expert", "e.slug") " AS expert,"                                \
	IF_BY("kind", t ".kind") " AS kind"
#define SITES(t)                                                               \
	" JOIN site l ON l.id = " t ".lead JOIN site p ON p.id = " t           \
	".partner LEFT JOIN subject e ON e.id = " t ".expert"
#define WANTED(t)                                                              \
	" AND (ask.zone IS NULL OR l.time_zone = ask.zone)"                    \
	" AND (ask.kind IS NULL OR " t ".kind = ask.kind)"                     \
	" AND (ask.site IS NULL OR l.slug = ask.site OR p.slug = ask.site)"    \
	" AND (ask.expert IS NULL OR e.slug = ask.expert)"
#define SEEN(t)                                                                \
	"(" t ".lead = ask.as_lead OR " t ".partner = ask.as_partner"          \
	" OR " t ".expert = ask.as_expert"

/* Bookings that were to begin in the span, with what came of them. */
#define BOOKINGS                                                               \
	" FROM ask CROSS JOIN agreement a CROSS JOIN booking b" SITES("b")     \
	" LEFT JOIN session_day d ON d.booking = b.id"
#define OF_BOOKINGS                                                            \
	" WHERE b.agreement = a.id AND b.from_time >= ask.from_time"           \
	" AND b.from_time < ask.to_time AND " SEEN("b")                        \
	" OR EXISTS (SELECT 1 FROM co_expert x WHERE x.booking = b.id"         \
	"  AND x.expert = ask.as_expert))" WANTED("b")

#define COUNT_IF(what) "CASE WHEN " what " THEN 1 ELSE 0 END"
#define TOOK                                                                   \
	"coalesce(d.finished_at, b.to_time)"                                   \
	" - coalesce(d.started_at, b.from_time)"
#define ACTIVITY                                                               \
	ASK "SELECT f.lead, f.period, f.partner, f.expert, f.kind,"            \
	" sum(f.done), sum(f.seconds) / 60, sum(f.open), sum(f.cancelled),"    \
	" sum(f.noshow), sum(f.read) FROM (SELECT" ABOUT("b") ", "             \
	COUNT_IF("b.status = 'fulfilled'") " AS done,"                         \
	" CASE WHEN b.status = 'fulfilled' THEN " TOOK " ELSE 0 END"           \
	"  AS seconds, "                                                       \
	COUNT_IF("b.status IN ('booked', 'arrived', 'started')") " AS open, "  \
	COUNT_IF("b.status = 'cancelled'") " AS cancelled, "                   \
	COUNT_IF("b.status = 'noshow'") " AS noshow, 0 AS read"                \
	BOOKINGS OF_BOOKINGS " AND b.status IN ('booked', 'arrived',"          \
	" 'started', 'fulfilled', 'cancelled', 'noshow')"                      \
	" UNION ALL SELECT" ABOUT("r") ", 0, 0, 0, 0, 0, 1"                    \
	" FROM ask CROSS JOIN opinion o CROSS JOIN request r" SITES("r")       \
	" WHERE o.version < 2 AND o.filed_at >= ask.from_time"                 \
	" AND o.filed_at < ask.to_time AND r.id = o.request"                   \
	" AND r.mode = 'store-and-forward'"                                    \
	" AND " SEEN("r") ")" WANTED("r") ") f GROUP BY 1, 2, 3, 4, 5"

/* The value of that rank of a hundred: the smallest that so many per cent of
 * all are no longer than. */
#define RANKED(percent)                                                        \
	"max(CASE WHEN k.rank <= (k.n * " percent " + 99) / 100"               \
	" THEN k.wait END) / 60"
#define OF_ONE_ROW                                                             \
	"PARTITION BY f.lead, f.partner, f.expert, f.kind, f.urgency"
#define OF_ONE_POOL                                                            \
	"PARTITION BY f.lead, f.partner, f.expert, f.kind, f.specialty,"       \
	" f.booked"
#define WAITS                                                                  \
	ASK "SELECT k.lead, k.period, k.partner, k.expert, k.kind,"            \
	" k.urgency, max(k.n), " RANKED("50") ", " RANKED("90") ","            \
	" max(k.wait) / 60 FROM (SELECT f.*,"                                  \
	" count(*) OVER (" OF_ONE_ROW ") AS n,"                                \
	" row_number() OVER (" OF_ONE_ROW " ORDER BY f.wait) AS rank"          \
	" FROM (SELECT" ABOUT("b") ", r.urgency AS urgency,"                   \
	" d.started_at - r.submitted_at AS wait" BOOKINGS                      \
	" JOIN request r ON r.id = b.request" OF_BOOKINGS                      \
	" AND b.status IN ('started', 'fulfilled')"                            \
	" AND d.started_at IS NOT NULL) f) k GROUP BY 1, 2, 3, 4, 5, 6"

#define POOLED                                                                 \
	ASK "SELECT k.lead, k.period, k.partner, k.expert, k.kind,"            \
	" k.specialty, k.booked, max(k.n), " RANKED("50") ", "                 \
	RANKED("90") ", max(k.wait) / 60 FROM (SELECT f.*,"                    \
	" count(*) OVER (" OF_ONE_POOL ") AS n,"                               \
	" row_number() OVER (" OF_ONE_POOL " ORDER BY f.wait) AS rank"         \
	" FROM (SELECT" ABOUT("b") ", r.specialty AS specialty,"               \
	" CASE WHEN EXISTS (SELECT 1 FROM half_day_case c"                     \
	"   WHERE c.booking = b.id AND c.left_at IS NULL)"                     \
	"  THEN 'pooled' ELSE 'alone' END AS booked,"                          \
	" b.from_time - (SELECT max(v.at) FROM event v"                        \
	"  WHERE v.thing = 'request' AND v.id = r.id"                          \
	"  AND v.verb = 'accept') AS wait" BOOKINGS                            \
	" JOIN request r ON r.id = b.request" OF_BOOKINGS                      \
	" AND b.kind IN ('remote-consultation', 'imaging-consultation')"       \
	" AND b.status IN ('booked', 'arrived', 'started', 'fulfilled')) f"    \
	" WHERE f.wait IS NOT NULL) k GROUP BY 1, 2, 3, 4, 5, 6, 7"

#define PLANNED "(b.to_time - b.from_time)"
#define BEYOND "(d.finished_at - coalesce(w.to_time, b.to_time))"
#define DEVIATIONS                                                             \
	ASK "SELECT f.lead, f.period, f.partner, f.expert, f.kind, f.what,"    \
	" f.side, f.reason, count(*), sum(f.seconds) / 60"                     \
	" FROM (SELECT" ABOUT("b") ","                                         \
	" CASE WHEN b.status = 'fulfilled' THEN 'overrun'"                     \
	"  ELSE b.status END AS what,"                                         \
	" CASE WHEN b.status = 'cancelled' AND b.id IN"                        \
	"   (SELECT g.booking FROM displaced g WHERE g.moved = 0)"             \
	"  THEN 'emergency'"                                                   \
	"  WHEN b.status = 'cancelled' THEN w.side"                            \
	"  WHEN d.absent = 'expert' THEN 'expert'"                             \
	"  WHEN d.absent IN ('patient', 'site') THEN 'partner' END AS side,"   \
	" CASE WHEN b.status = 'noshow' THEN d.absent"                         \
	"  ELSE w.reason END AS reason,"                                       \
	" CASE WHEN b.status = 'fulfilled' THEN " BEYOND " ELSE " PLANNED      \
	" END AS seconds" BOOKINGS                                             \
	" LEFT JOIN booking_why w ON w.booking = b.id AND w.what ="            \
	"  CASE WHEN b.status = 'cancelled' THEN 'cancelled' ELSE 'late' END"  \
	OF_BOOKINGS " AND (b.status IN ('cancelled', 'noshow')"                \
	"  OR (b.status = 'fulfilled' AND " BEYOND " >= 60))) f"               \
	" GROUP BY 1, 2, 3, 4, 5, 6, 7, 8"

#define IN_SPAN(column)                                                        \
	"SELECT q.id FROM request q WHERE q." column " = ask.as_" column       \
	" AND q.submitted_at >= ask.from_time"                                 \
	" AND q.submitted_at < ask.to_time"
#define DECLINES                                                               \
	ASK "SELECT" ABOUT("r") ", r.status, r.reason_code, count(*)"          \
	" FROM ask CROSS JOIN request r" SITES("r") " WHERE r.id IN ("         \
	IN_SPAN("lead") " UNION " IN_SPAN("partner") " UNION "                 \
	IN_SPAN("expert") ") AND r.status IN"                                  \
	" ('declined', 'withdrawn', 'expired')" WANTED("r")                    \
	" GROUP BY 1, 2, 3, 4, 5, 6, 7"

#define QUOTAS                                                                 \
	ASK "SELECT f.lead, f.period, f.partner, f.agreement, f.kind,"         \
	" f.quota, f.used, CASE WHEN f.used < f.quota THEN f.quota - f.used"   \
	" ELSE 0 END FROM (SELECT l.slug AS lead, ask.period AS period,"       \
	" p.slug AS partner, a.slug AS agreement, k.kind AS kind,"             \
	" k.quota AS quota, "                                                  \
	SQL_SPENT("a.id", "k.kind", "ask.from_time", "ask.to_time", "0",       \
		  "ask.now") " AS used"                                        \
	" FROM ask CROSS JOIN agreement a"                                     \
	" JOIN agreement_kind k ON k.agreement = a.id"                         \
	" JOIN site l ON l.id = a.lead JOIN site p ON p.id = a.partner"        \
	" WHERE k.quota IS NOT NULL AND a.valid_from <= ask.last_day"          \
	" AND a.valid_to >= ask.first_day AND l.time_zone = ask.zone"          \
	" AND (a.lead = ask.as_lead OR a.partner = ask.as_partner)"            \
	" AND (ask.kind IS NULL OR k.kind = ask.kind)"                         \
	" AND (ask.site IS NULL OR l.slug = ask.site"                          \
	"  OR p.slug = ask.site)) f"
/* clang-format on */

const char *const report_sql[REPORT_COUNT] = {
	[REPORT_ACTIVITY] = ACTIVITY,	  [REPORT_WAITS] = WAITS,
	[REPORT_DEVIATIONS] = DEVIATIONS, [REPORT_DECLINES] = DECLINES,
	[REPORT_QUOTAS] = QUOTAS,	  [REPORT_POOLED] = POOLED,
};

void report_begin(struct query *q, struct tx *tx, enum report_of what,
		  const struct report_ask *ask)
{
	query_begin(q, tx->db, report_sql[what]);
	query_text(q, 1, ask->period);
	query_int(q, 2, ask->span.from);
	query_int(q, 3, ask->span.to);
	query_text(q, 4, ask->zone);
	query_int(q, 5, ask->as_lead);
	query_int(q, 6, ask->as_partner);
	query_int(q, 7, ask->as_expert);
	query_text(q, 8, ask->kind);
	query_text(q, 9, ask->site);
	query_text(q, 10, ask->expert);
	query_int(q, 11, (ask->by & BYSET(BY_LEAD)) != 0);
	query_int(q, 12, (ask->by & BYSET(BY_PARTNER)) != 0);
	query_int(q, 13, (ask->by & BYSET(BY_EXPERT)) != 0);
	query_int(q, 14, (ask->by & BYSET(BY_KIND)) != 0);
	query_int(q, 15, ask->first_day);
	query_int(q, 16, ask->last_day);
	query_int(q, 17, tx->now);
}

enum rc report_zones(struct tx *tx, struct arena *arena,
		     const char *const **out, size_t *out_n, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT DISTINCT s.time_zone FROM agreement a"
		    " JOIN site s ON s.id = a.lead ORDER BY s.time_zone");
	return rows_texts(&q, arena, out, out_n, err);
}

enum rc report_sessions(struct tx *tx, int64_t expert, struct core_span span,
			struct report_sessions *out, struct err *err)
{
	struct query q;

	*out = (struct report_sessions){0};
	query_begin(&q, tx->db,
		    "SELECT count(*), coalesce(sum(b.to_time - b.from_time), 0)"
		    " FROM claim c JOIN booking b ON b.id = c.booking"
		    " WHERE c.subject = $1 AND c.from_time >= $2"
		    " AND c.from_time < $3 AND c.role = 'expert'"
		    " AND b.status IN"
		    " ('booked', 'arrived', 'started', 'fulfilled')");
	query_int(&q, 1, expert);
	query_int(&q, 2, span.from);
	query_int(&q, 3, span.to);
	if (query_row(&q))
		*out = (struct report_sessions){query_col_int(&q, 0),
						query_col_int(&q, 1)};
	return query_end(&q, err);
}

enum rc report_experts(struct tx *tx, const struct report_ask *ask,
		       int64_t site, struct arena *arena, int64_t **out,
		       size_t *out_n, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT s.id FROM subject s WHERE s.type = 'expert'"
		    " AND s.type <> 'patient'"
		    " AND (s.site = $1 OR s.id = $2)"
		    " AND (CAST($3 AS TEXT) IS NULL"
		    "  OR s.slug = CAST($3 AS TEXT)) ORDER BY s.slug");
	query_int(&q, 1, site);
	query_int(&q, 2, ask->as_expert);
	query_text(&q, 3, ask->expert);
	return rows_ids(&q, arena, out, out_n, err);
}
