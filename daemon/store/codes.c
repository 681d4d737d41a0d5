/*
 * The next code of a request, a booking, a series or a half-day (request.h,
 * booking.h, series.h, half_day.h).
 *
 * Codes are drawn in runs: RUN things of a sort that were made one after the
 * other have their first three characters in common, which are drawn anew for
 * each run; the rest is random. So the entries of what is made together lie
 * together in the index of codes, and chance moves them once a run, not once a
 * booking. Nothing is kept of it but the codes themselves: the next one begins
 * as the last one's.
 */
#include "daemon/store/half_day.h"
#include "daemon/store/rows.h"
#include "daemon/store/series.h"

#define RUN 256
#define DRAWS 20 /* 2^20 ends of a run: the first nearly always does */

static enum rc is_taken(struct tx *tx, const struct code *code, bool *out,
			struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT 1 FROM request WHERE code = $1"
		    " UNION ALL SELECT 1 FROM booking WHERE code = $1"
		    " UNION ALL SELECT 1 FROM series WHERE code = $1"
		    " UNION ALL SELECT 1 FROM half_day WHERE code = $1");
	query_text(&q, 1, code->s);
	*out = query_row(&q);
	return query_end(&q, err);
}

/* Answers with the last one's code; "" where a new run begins. */
static enum rc find_last(struct tx *tx, const char *sql, struct code *out,
			 struct err *err)
{
	struct query q;

	*out = (struct code){0};
	query_begin(&q, tx->db, sql);
	if (query_row(&q) && query_col_int(&q, 0) % RUN != RUN - 1)
		rows_code(&q, 1, out);
	return query_end(&q, err);
}

static enum rc draw(struct tx *tx, const char *sql_last, struct code *out,
		    struct err *err)
{
	struct code last;
	enum rc rc = find_last(tx, sql_last, &last, err);

	for (int i = 0; rc == RC_OK && i < DRAWS; i++) {
		bool taken;

		if (last.s[0] != '\0')
			code_make_beside(tx->env->rnd, &last, out);
		else
			code_make(tx->env->rnd, out);
		rc = is_taken(tx, out, &taken, err);
		if (rc != RC_OK || !taken)
			return rc;
	}
	return rc == RC_OK ? err_set(err, RC_INTERNAL, "no free code was drawn")
			   : rc;
}

enum rc request_draw_code(struct tx *tx, struct code *out, struct err *err)
{
	return draw(tx, "SELECT id, code FROM request ORDER BY id DESC LIMIT 1",
		    out, err);
}

enum rc booking_draw_code(struct tx *tx, struct code *out, struct err *err)
{
	return draw(tx, "SELECT id, code FROM booking ORDER BY id DESC LIMIT 1",
		    out, err);
}

enum rc series_draw_code(struct tx *tx, struct code *out, struct err *err)
{
	return draw(tx, "SELECT id, code FROM series ORDER BY id DESC LIMIT 1",
		    out, err);
}

enum rc half_day_draw_code(struct tx *tx, struct code *out, struct err *err)
{
	return draw(tx,
		    "SELECT id, code FROM half_day ORDER BY id DESC LIMIT 1",
		    out, err);
}
