#include "daemon/store/orphan.h"

#include "daemon/store/booking_row.h"
#include "daemon/store/rows.h"

/* Of o, an orphan, and b, its booking. */
#define COUNTS(now)                                                            \
	"b.id = o.booking AND b.sequence = o.sequence AND " SQL_TO_COME(now)

enum rc orphan_put(struct tx *tx, const struct booking *b, const char *by,
		   const char *cause, bool *out_new, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO orphan (booking, sequence, since, by_name,"
		    " cause) VALUES ($1, $2, $3, $4, $5)"
		    " ON CONFLICT (booking) DO UPDATE SET"
		    " sequence = excluded.sequence, since = excluded.since,"
		    " by_name = excluded.by_name, cause = excluded.cause"
		    " WHERE orphan.sequence <> excluded.sequence");
	query_int(&q, 1, b->id);
	query_int(&q, 2, b->sequence);
	query_int(&q, 3, tx->now);
	query_text(&q, 4, by);
	query_text(&q, 5, cause);
	enum rc rc = query_end(&q, err);

	*out_new = rc == RC_OK && db_changes(tx->db);
	return rc;
}

enum rc orphan_drop(struct tx *tx, int64_t booking, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, "DELETE FROM orphan WHERE booking = $1");
	query_int(&q, 1, booking);
	return query_end(&q, err);
}

enum rc orphan_sweep(struct tx *tx, struct err *err)
{
	struct query q;

	query_begin(
		&q, tx->db,
		"DELETE FROM orphan WHERE booking NOT IN"
		" (SELECT o.booking FROM orphan o JOIN booking b ON " COUNTS(
			"CAST($1 AS BIGINT)") ")");
	query_int(&q, 1, tx->now);
	return query_end(&q, err);
}

enum rc orphan_list(struct tx *tx, int64_t site, struct arena *arena,
		    size_t max, struct orphan **out, size_t *out_n,
		    struct err *err)
{
	struct orphan *v = NULL;
	struct query q;
	size_t n = 0;

	query_begin(&q, tx->db,
		    "SELECT o.booking, o.since, o.by_name, o.cause"
		    " FROM orphan o JOIN booking b ON " COUNTS(
			    "CAST($1 AS BIGINT)") " WHERE b.lead = $2 OR "
						  "b.partner = $2"
						  " ORDER BY b.from_time, b.id "
						  "LIMIT $3");
	query_int(&q, 1, tx->now);
	query_int(&q, 2, site);
	query_int(&q, 3, (int64_t)max);
	while (query_row(&q)) {
		v = rows_grown(arena, v, n, sizeof(*v));
		if (!v) {
			q.rc = RC_NOMEM;
			break;
		}
		v[n++] = (struct orphan){query_col_int(&q, 0),
					 query_col_int(&q, 1),
					 query_col_dup(&q, 2, arena),
					 query_col_dup(&q, 3, arena)};
	}
	*out = v;
	*out_n = n;
	enum rc rc = query_end(&q, err);

	return rc == RC_NOMEM ? rows_full(err) : rc;
}
