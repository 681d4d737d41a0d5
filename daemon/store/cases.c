#include "daemon/store/cases.h"

#include "daemon/store/rows.h"

enum rc cases_put(struct tx *tx, int64_t session, const struct case_row *row,
		  struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO session_case (booking, session, begins,"
		    " length) VALUES ($1, $2, $3, $4)");
	query_int(&q, 1, row->booking);
	query_int(&q, 2, session);
	query_int(&q, 3, row->begins);
	query_int(&q, 4, row->length);
	return query_end(&q, err);
}

enum rc cases_drop(struct tx *tx, int64_t booking, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db, "DELETE FROM session_case WHERE booking = $1");
	query_int(&q, 1, booking);
	return query_end(&q, err);
}

enum rc cases_of(struct tx *tx, int64_t session, struct arena *arena,
		 struct case_row **out, size_t *out_n, struct err *err)
{
	struct case_row *v = NULL;
	struct query q;
	size_t n = 0;

	query_begin(&q, tx->db,
		    "SELECT booking, begins, length FROM session_case"
		    " WHERE session = $1 ORDER BY begins");
	query_int(&q, 1, session);
	while (query_row(&q)) {
		v = rows_grown(arena, v, n, sizeof(*v));
		if (!v)
			break;
		v[n++] = (struct case_row){.booking = query_col_int(&q, 0),
					   .begins = query_col_int(&q, 1),
					   .length = query_col_int(&q, 2)};
	}
	*out = v;
	*out_n = n;
	return rows_end(&q, v, err);
}

enum rc cases_session_of(struct tx *tx, int64_t booking, int64_t *out,
			 struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT session FROM session_case WHERE booking = $1");
	query_int(&q, 1, booking);
	*out = query_row(&q) ? query_col_int(&q, 0) : 0;
	return query_end(&q, err);
}

enum rc cases_has_partner(struct tx *tx, int64_t session, int64_t partner,
			  bool *out, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "SELECT 1 FROM session_case t"
		    " JOIN booking b ON b.id = t.booking"
		    " WHERE t.session = $1 AND b.partner = $2 LIMIT 1");
	query_int(&q, 1, session);
	query_int(&q, 2, partner);
	*out = query_row(&q);
	return query_end(&q, err);
}
