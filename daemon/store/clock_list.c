#include "daemon/store/clock_list.h"

#include "daemon/core/lifecycle.h"
#include "daemon/store/rows.h"

#define AND_ONE(sym, name) ", '" name "'"
#define ASSIGNED "''" WORDS_REQUEST_ASSIGNED(AND_ONE)

/* The experts of request r, by its booking or as it is assigned. */
#define BOOKED                                                                 \
	"b.request = r.id AND b.status IN"                                     \
	" ('pending', 'booked', 'arrived', 'started', 'fulfilled')"            \
	" AND b.status <> 'pending'"
#define EXPERTS                                                                \
	"(SELECT b.expert FROM booking b WHERE " BOOKED                        \
	" UNION SELECT m.expert FROM booking b"                                \
	"  JOIN co_expert m ON m.booking = b.id"                               \
	"  WHERE " BOOKED                                                      \
	" UNION SELECT r.expert WHERE r.status IN (" ASSIGNED ")"              \
	"  AND NOT EXISTS (SELECT 1 FROM booking b WHERE " BOOKED "))"

#define SQL_ITEMS                                                              \
	"SELECT c.id, c.request, c.what, c.state, c.since, c.limit_minutes,"   \
	" c.used, c.run_from, c.due_at, c.told, r.code, r.kind, r.status,"     \
	" r.urgency, ls.slug, ps.slug, xs.slug FROM clock c"                   \
	" JOIN request r ON r.id = c.request"                                  \
	" JOIN site ls ON ls.id = r.lead JOIN site ps ON ps.id = r.partner"    \
	" LEFT JOIN subject xs ON xs.id = r.expert"                            \
	" WHERE c.state = 'running' AND c.due_at >= $1 AND c.due_at < $2"      \
	" AND (c.due_at > $3 OR c.id > $4)"                                    \
	" AND (r.lead = $5 OR r.partner = $6"                                  \
	"  OR CAST($7 AS BIGINT) IN " EXPERTS ")"                              \
	" AND (CAST($8 AS TEXT) IS NULL OR r.kind = CAST($8 AS TEXT))"         \
	" AND (CAST($9 AS TEXT) IS NULL OR ls.slug = CAST($9 AS TEXT)"         \
	"  OR ps.slug = CAST($9 AS TEXT))"                                     \
	" AND (CAST($10 AS TEXT) IS NULL OR xs.slug = CAST($10 AS TEXT)"       \
	"  OR (SELECT n.id FROM subject n WHERE n.slug = CAST($10 AS TEXT))"   \
	"   IN " EXPERTS ")"                                                   \
	" ORDER BY c.due_at, c.id LIMIT $11"

static struct clock_item item_of(struct query *q, struct arena *arena)
{
	struct clock_item out = {
		.row = {.id = query_col_int(q, 0),
			.request = query_col_int(q, 1),
			.what = (enum due_what)rows_word(q, 2, &words_due),
			.state =
				(enum clock_state)rows_word(q, 3, &words_clock),
			.since = query_col_int(q, 4),
			.limit_minutes = query_col_int(q, 5),
			.used = query_col_int(q, 6),
			.run_from = query_col_int(q, 7),
			.due_at = query_col_int(q, 8),
			.told = query_col_int(q, 9)},
		.kind = (enum kind)rows_word(q, 11, &words_kind),
		.status = (enum request_status)rows_word(q, 12,
							 &words_request_status),
		.urgency = (enum urgency)rows_word(q, 13, &words_urgency),
		.lead = query_col_dup(q, 14, arena),
		.partner = query_col_dup(q, 15, arena),
		.expert = query_col_dup(q, 16, arena),
	};

	rows_code(q, 10, &out.code);
	return out;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

enum rc clock_list(struct tx *tx, const struct list_filter *f,
		   struct arena *arena, struct clock_item **out, size_t *out_n,
		   struct err *err)
{
	const char *late = words_name(&words_clock, CLOCK_LATE);
	bool only_late = f->status && f->status[0] == late[0];
	int64_t from = f->from, to = f->to == INT64_MIN ? INT64_MAX : f->to;
	struct clock_item *v = arena_array(arena, (size_t)f->limit, sizeof(*v));
	struct query q;
	size_t n = 0;

	if (!v)
		return err_set(err, RC_NOMEM, "the list is too long");
	/* Late is what was due before now. */
	if (only_late)
		to = sooner(to, tx->now);
	else if (f->status)
		from = later(from, tx->now);
	if (f->after)
		from = later(from, f->after_key);
	query_begin(&q, tx->db, SQL_ITEMS);
	query_int(&q, 1, from);
	query_int(&q, 2, to);
	query_int(&q, 3, f->after ? f->after_key : INT64_MIN);
	query_int(&q, 4, f->after ? f->after_id : 0);
	query_int(&q, 5, f->as_lead);
	query_int(&q, 6, f->as_partner);
	query_int(&q, 7, f->as_expert);
	query_text(&q, 8,
		   f->kind < 0 ? NULL : words_name(&words_kind, f->kind));
	query_text(&q, 9, f->site);
	query_text(&q, 10, f->expert);
	query_int(&q, 11, f->limit);
	while (n < (size_t)f->limit && query_row(&q))
		v[n++] = item_of(&q, arena);
	*out = v;
	*out_n = n;
	return query_end(&q, err);
}

enum rc clock_count_late(struct tx *tx, int64_t out[CLOCK_WHATS],
			 struct err *err)
{
	struct query q;

	for (int i = 0; i < CLOCK_WHATS; i++)
		out[i] = 0;
	query_begin(&q, tx->db,
		    "SELECT what, count(*) FROM clock"
		    " WHERE state = 'running' AND due_at < $1 GROUP BY what");
	query_int(&q, 1, tx->now);
	while (query_row(&q)) {
		int what = rows_word(&q, 0, &words_due);

		if (what >= 0 && what < CLOCK_WHATS)
			out[what] = query_col_int(&q, 1);
	}
	return query_end(&q, err);
}

/* --- whose they are --- */

enum rc clock_owing(struct tx *tx, int64_t request, enum due_what what,
		    struct arena *arena, struct clock_owing **out,
		    size_t *out_n, struct err *err)
{
	struct clock_owing *v = NULL;
	struct query q;
	size_t n = 0;

	query_begin(&q, tx->db,
		    "SELECT s.id, s.slug FROM request r"
		    " JOIN subject s ON s.id IN " EXPERTS
		    " WHERE r.id = $1 AND ($2 = 0 OR NOT EXISTS"
		    "  (SELECT 1 FROM opinion o WHERE o.request = r.id"
		    "   AND o.expert = s.id AND o.version = 1))"
		    " ORDER BY s.id");
	query_int(&q, 1, request);
	query_int(&q, 2, what == DUE_OPINION);
	while (query_row(&q)) {
		v = rows_grown(arena, v, n, sizeof(*v));
		if (!v)
			break;
		v[n++] = (struct clock_owing){query_col_int(&q, 0),
					      query_col_dup(&q, 1, arena)};
	}
	*out = v;
	*out_n = n;
	return rows_end(&q, v, err);
}

/* --- how they were kept --- */

#define SQL_KEPT                                                               \
	" c.id, c.request, c.what, c.state, c.since, c.limit_minutes, c.used," \
	" c.run_from, c.due_at, c.ended_at, r.agreement, r.urgency,"           \
	" ls.slug, ps.slug FROM clock c JOIN request r ON r.id = c.request"    \
	" JOIN site ls ON ls.id = r.lead JOIN site ps ON ps.id = r.partner"
#define SQL_ASKED                                                              \
	" WHERE c.since >= $1 AND c.since < $2 AND c.state <> 'dropped'"       \
	" AND (CAST($3 AS TEXT) IS NULL OR r.kind = CAST($3 AS TEXT))"

static const char SQL_BY_SITES[] =
	"SELECT NULL, c.ended_at," SQL_KEPT SQL_ASKED
	" AND (r.lead = $4 OR r.partner = $5"
	"  OR CAST($6 AS BIGINT) IN " EXPERTS ") ORDER BY ls.slug, ps.slug";
static const char SQL_BY_EXPERT[] =
	"SELECT xs.slug, CASE WHEN c.what = 'opinion' THEN o.filed_at"
	" ELSE c.ended_at END," SQL_KEPT " JOIN subject xs ON xs.id IN " EXPERTS
	" LEFT JOIN opinion o ON o.request = r.id AND o.expert = xs.id"
	"  AND o.version = 1" SQL_ASKED
	" AND (r.lead = $4 OR r.partner = $5 OR xs.id = $6) ORDER BY xs.slug";

void clock_walk_begin(struct clock_walk *walk, struct tx *tx,
		      const struct list_filter *f, bool by_expert)
{
	struct query *q = &walk->q;

	query_begin(q, tx->db, by_expert ? SQL_BY_EXPERT : SQL_BY_SITES);
	query_int(q, 1, f->from);
	query_int(q, 2, f->to);
	query_text(q, 3, f->kind < 0 ? NULL : words_name(&words_kind, f->kind));
	query_int(q, 4, f->as_lead);
	query_int(q, 5, f->as_partner);
	query_int(q, 6, f->as_expert);
}

bool clock_walk_next(struct clock_walk *walk, struct clock_kept *out)
{
	struct query *q = &walk->q;

	if (!query_row(q))
		return false;
	*out = (struct clock_kept){
		.expert = query_col_text(q, 0),
		.kept_at = query_col_int(q, 1),
		.row = {.id = query_col_int(q, 2),
			.request = query_col_int(q, 3),
			.what = (enum due_what)rows_word(q, 4, &words_due),
			.state =
				(enum clock_state)rows_word(q, 5, &words_clock),
			.since = query_col_int(q, 6),
			.limit_minutes = query_col_int(q, 7),
			.used = query_col_int(q, 8),
			.run_from = query_col_int(q, 9),
			.due_at = query_col_int(q, 10),
			.ended_at = query_col_int(q, 11)},
		.agreement = query_col_int(q, 12),
		.urgency = (enum urgency)rows_word(q, 13, &words_urgency),
		.lead = query_col_text(q, 14),
		.partner = query_col_text(q, 15),
	};
	return true;
}

enum rc clock_walk_end(struct clock_walk *walk, struct err *err)
{
	return query_end(&walk->q, err);
}
