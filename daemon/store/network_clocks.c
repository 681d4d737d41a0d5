/* A limit set's hours and ladder: compared as a whole, replaced when they
 * differ. */
#include "daemon/store/network_set.h"

static enum rc delete_of(struct tx *tx, const char *sql, const char *name,
			 struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, sql);
	query_text(&q, 1, name);
	return query_end(&q, err);
}

static enum rc insert_span(struct tx *tx, const char *name,
			   const struct deadline_span *span, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO limit_hours (name, weekday, from_minute,"
		    " to_minute) VALUES ($1, $2, $3, $4)");
	query_text(&q, 1, name);
	query_int(&q, 2, span->weekday);
	query_int(&q, 3, span->from);
	query_int(&q, 4, span->to);
	return query_end(&q, err);
}

static enum rc put_hours(struct tx *tx, const char *name,
			 const struct network_clocks *in, bool *out_same,
			 struct err *err)
{
	struct query q;
	struct set set;

	set_init(&set);
	for (size_t i = 0; i < in->nspans; i++) {
		set_want_int(&set, in->spans[i].weekday);
		set_want_int(&set, in->spans[i].from);
		set_want_int(&set, in->spans[i].to);
		set_want_row(&set);
	}
	query_begin(&q, tx->db,
		    "SELECT weekday, from_minute, to_minute FROM limit_hours"
		    " WHERE name = $1 ORDER BY weekday, from_minute");
	query_text(&q, 1, name);
	enum rc rc = set_read(&set, &q, 3, err);

	*out_same = set_same(&set);
	set_fini(&set);
	if (rc != RC_OK || *out_same)
		return rc;
	rc = delete_of(tx, "DELETE FROM limit_hours WHERE name = $1", name,
		       err);
	for (size_t i = 0; rc == RC_OK && i < in->nspans; i++)
		rc = insert_span(tx, name, &in->spans[i], err);
	return rc;
}

static enum rc insert_rung(struct tx *tx, const char *name,
			   const struct clock_rung *rung, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO limit_ladder (name, percent, tell)"
		    " VALUES ($1, $2, $3)");
	query_text(&q, 1, name);
	query_int(&q, 2, rung->percent);
	query_int(&q, 3, rung->tell);
	return query_end(&q, err);
}

static enum rc put_ladder(struct tx *tx, const char *name,
			  const struct network_clocks *in, bool *out_same,
			  struct err *err)
{
	struct query q;
	struct set set;

	set_init(&set);
	for (size_t i = 0; i < in->nladder; i++) {
		set_want_int(&set, in->ladder[i].percent);
		set_want_int(&set, in->ladder[i].tell);
		set_want_row(&set);
	}
	query_begin(&q, tx->db,
		    "SELECT percent, tell FROM limit_ladder"
		    " WHERE name = $1 ORDER BY percent");
	query_text(&q, 1, name);
	enum rc rc = set_read(&set, &q, 2, err);

	*out_same = set_same(&set);
	set_fini(&set);
	if (rc != RC_OK || *out_same)
		return rc;
	rc = delete_of(tx, "DELETE FROM limit_ladder WHERE name = $1", name,
		       err);
	for (size_t i = 0; rc == RC_OK && i < in->nladder; i++)
		rc = insert_rung(tx, name, &in->ladder[i], err);
	return rc;
}

enum rc network_put_clocks(struct tx *tx, const char *name,
			   const struct network_clocks *in,
			   enum network_put *out, struct err *err)
{
	bool same_hours = true, same_ladder = true;
	enum rc rc = put_hours(tx, name, in, &same_hours, err);

	if (rc == RC_OK)
		rc = put_ladder(tx, name, in, &same_ladder, err);
	if (!same_hours || !same_ladder)
		network_note_change(out);
	return rc;
}
