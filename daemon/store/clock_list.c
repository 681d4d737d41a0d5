#include "daemon/store/clock_list.h"

#include "daemon/core/lifecycle.h"
#include "daemon/store/rows.h"

#define AND_ONE(sym, name) ", '" name "'"
#define ASSIGNED "''" WORDS_REQUEST_ASSIGNED(AND_ONE)

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
	"  OR (r.expert = $7 AND r.status IN (" ASSIGNED ")))"                 \
	" AND (CAST($8 AS TEXT) IS NULL OR r.kind = CAST($8 AS TEXT))"         \
	" AND (CAST($9 AS TEXT) IS NULL OR ls.slug = CAST($9 AS TEXT)"         \
	"  OR ps.slug = CAST($9 AS TEXT))"                                     \
	" AND (CAST($10 AS TEXT) IS NULL OR xs.slug = CAST($10 AS TEXT))"      \
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

/* --- how they were kept --- */

#define SQL_KEPT                                                               \
	"SELECT ls.slug, ps.slug, xs.slug, c.what, c.state, c.due_at,"         \
	" COALESCE(c.ended_at - c.since, -1) FROM clock c"                     \
	" JOIN request r ON r.id = c.request"                                  \
	" JOIN site ls ON ls.id = r.lead JOIN site ps ON ps.id = r.partner"    \
	" LEFT JOIN subject xs ON xs.id = r.expert"                            \
	"  AND r.status IN (" ASSIGNED ")"                                     \
	" WHERE c.since >= $1 AND c.since < $2 AND c.state <> 'dropped'"       \
	" AND (r.lead = $3 OR r.partner = $4 OR xs.id = $5)"                   \
	" AND (CAST($6 AS TEXT) IS NULL OR r.kind = CAST($6 AS TEXT))"

static const char SQL_BY_SITES[] =
	SQL_KEPT " ORDER BY ls.slug, ps.slug, c.what, 7";
static const char SQL_BY_EXPERT[] =
	SQL_KEPT " AND xs.id IS NOT NULL ORDER BY xs.slug, c.what, 7";

void clock_walk_begin(struct clock_walk *walk, struct tx *tx,
		      const struct list_filter *f, bool by_expert)
{
	struct query *q = &walk->q;

	query_begin(q, tx->db, by_expert ? SQL_BY_EXPERT : SQL_BY_SITES);
	query_int(q, 1, f->from);
	query_int(q, 2, f->to);
	query_int(q, 3, f->as_lead);
	query_int(q, 4, f->as_partner);
	query_int(q, 5, f->as_expert);
	query_text(q, 6, f->kind < 0 ? NULL : words_name(&words_kind, f->kind));
}

bool clock_walk_next(struct clock_walk *walk, struct clock_kept *out)
{
	struct query *q = &walk->q;

	if (!query_row(q))
		return false;
	*out = (struct clock_kept){
		.lead = query_col_text(q, 0),
		.partner = query_col_text(q, 1),
		.expert = query_col_text(q, 2),
		.what = (enum due_what)rows_word(q, 3, &words_due),
		.state = (enum clock_state)rows_word(q, 4, &words_clock),
		.due_at = query_col_int(q, 5),
		.took = query_col_int(q, 6),
	};
	return true;
}

enum rc clock_walk_end(struct clock_walk *walk, struct err *err)
{
	return query_end(&walk->q, err);
}
