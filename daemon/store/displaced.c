#include "daemon/store/displaced.h"

enum rc displaced_add(struct tx *tx, const struct displaced *in,
		      struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO displaced (booking, request, at, moved,"
		    " settled_at) VALUES ($1, $2, $3, $4, $5)");
	query_int(&q, 1, in->booking);
	query_int(&q, 2, in->request);
	query_int(&q, 3, tx->now);
	query_int(&q, 4, in->moved);
	query_int_or_null(&q, 5, in->open ? 0 : tx->now, 0);
	return query_end(&q, err);
}

enum rc displaced_settle(struct tx *tx, int64_t booking, bool *out,
			 struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "UPDATE displaced SET settled_at = $1"
		    " WHERE settled_at IS NULL AND booking = $2 RETURNING id");
	query_int(&q, 1, tx->now);
	query_int(&q, 2, booking);
	*out = query_row(&q);
	return query_end(&q, err);
}

enum rc displaced_rebooked(struct tx *tx, const struct booking *by,
			   struct err *err)
{
	struct query q;
	int64_t booking = 0;
	bool unused;

	query_begin(
		&q, tx->db,
		"SELECT b.id FROM displaced d"
		/* in this order: there are few of these, and many of those */
		" CROSS JOIN booking b ON b.id = d.booking"
		" WHERE d.settled_at IS NULL"
		" AND b.patient = $1 AND b.agreement = $2"
		" AND b.kind = $3 ORDER BY d.booking LIMIT 1");
	query_int(&q, 1, by->patient);
	query_int(&q, 2, by->agreement);
	query_text(&q, 3, words_name(&words_kind, (int)by->kind));
	if (query_row(&q))
		booking = query_col_int(&q, 0);
	enum rc rc = query_end(&q, err);

	return rc == RC_OK && booking
		       ? displaced_settle(tx, booking, &unused, err)
		       : rc;
}
