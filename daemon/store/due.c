#include "daemon/store/due.h"

#include "daemon/store/rows.h"

#define DUE_NAME(sym, name) name,
static const char *const due_names[] = {WORDS_DUE(DUE_NAME)};
const struct words words_due = {"due", due_names, DUE_COUNT};

/* As they stand in the table. */
static const char *const thing_names[] = {
	[THING_REQUEST] = "request",
	[THING_BOOKING] = "booking",
	[THING_AGREEMENT] = "agreement",
};
static const struct words words_thing = {"thing", thing_names, 3};

static const char *name_of(enum thing thing)
{
	return words_name(&words_thing, (int)thing);
}

enum rc due_put(struct tx *tx, const struct due_row *row, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO due (at, what, thing, thing_id, step, try_at)"
		    " VALUES ($1, $2, $3, $4, $5, $1)"
		    " ON CONFLICT (thing, thing_id, what) DO UPDATE"
		    " SET at = excluded.at, step = excluded.step,"
		    " try_at = excluded.try_at, failed = 0");
	query_int(&q, 1, row->at);
	query_text(&q, 2, words_name(&words_due, (int)row->what));
	query_text(&q, 3, name_of(row->thing));
	query_int(&q, 4, row->thing_id);
	query_int(&q, 5, row->step);
	return query_end(&q, err);
}

enum rc due_drop(struct tx *tx, enum due_what what, enum thing thing,
		 int64_t thing_id, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "DELETE FROM due WHERE thing = $1 AND thing_id = $2"
		    " AND what = $3");
	query_text(&q, 1, name_of(thing));
	query_int(&q, 2, thing_id);
	query_text(&q, 3, words_name(&words_due, (int)what));
	return query_end(&q, err);
}

enum rc due_drop_all(struct tx *tx, enum thing thing, int64_t thing_id,
		     struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "DELETE FROM due WHERE thing = $1 AND thing_id = $2");
	query_text(&q, 1, name_of(thing));
	query_int(&q, 2, thing_id);
	return query_end(&q, err);
}

#define SQL_DUE "SELECT id, at, what, thing, thing_id, step, failed FROM due"

static enum rc end_one(struct query *q, struct due_row *out, struct err *err)
{
	bool found = query_row(q);

	if (found)
		*out = (struct due_row){
			.id = query_col_int(q, 0),
			.at = query_col_int(q, 1),
			.what = (enum due_what)rows_word(q, 2, &words_due),
			.thing = (enum thing)rows_word(q, 3, &words_thing),
			.thing_id = query_col_int(q, 4),
			.step = query_col_int(q, 5),
			.failed = query_col_int(q, 6),
		};
	return rows_end_found(q, found, "due step", err);
}

enum rc due_next(struct tx *tx, struct due_row *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    SQL_DUE " WHERE try_at <= $1"
			    " ORDER BY try_at, at, id LIMIT 1");
	query_int(&q, 1, tx->now);
	return end_one(&q, out, err);
}

enum rc due_put_off(struct tx *tx, const struct due_row *row,
		    int64_t *out_try_at, struct err *err)
{
	int64_t wait = DUE_RETRY_S;
	struct query q;

	for (int64_t i = 0; i < row->failed && wait < DUE_RETRY_MAX_S; i++)
		wait *= 2;
	if (wait > DUE_RETRY_MAX_S)
		wait = DUE_RETRY_MAX_S;
	*out_try_at = tx->now + wait;
	query_begin(&q, tx->db,
		    "UPDATE due SET try_at = $1, failed = failed + 1"
		    " WHERE id = $2");
	query_int(&q, 1, *out_try_at);
	query_int(&q, 2, row->id);
	return query_end(&q, err);
}

enum rc due_find(struct tx *tx, enum due_what what, enum thing thing,
		 int64_t thing_id, struct due_row *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    SQL_DUE " WHERE thing = $1 AND thing_id = $2"
			    " AND what = $3");
	query_text(&q, 1, name_of(thing));
	query_int(&q, 2, thing_id);
	query_text(&q, 3, words_name(&words_due, (int)what));
	return end_one(&q, out, err);
}
