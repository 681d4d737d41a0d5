#include "daemon/store/stays.h"

#include "daemon/store/booking_row.h"
#include "daemon/store/rows.h"

enum rc stays_of_patient(struct tx *tx, int64_t patient,
			 struct core_span window, int64_t ignore_booking,
			 struct arena *arena, struct core_span **out,
			 size_t *out_n, struct err *err)
{
	struct core_span *v = NULL;
	struct query q;
	size_t n = 0;

	query_begin(&q, tx->db,
		    "SELECT b.from_time, b.to_time FROM claim c"
		    " JOIN booking b ON b.id = c.booking"
		    " WHERE c.subject = $1 AND c.role = 'patient'"
		    " AND b.kind = 'referral' AND b.expert IS NULL"
		    " AND b.id <> $2 AND b.from_time < $3 AND b.to_time > $4"
		    " AND " SQL_LIVE("$5") " AND b.status <> 'fulfilled'"
					   " ORDER BY b.from_time");
	query_int(&q, 1, patient);
	query_int(&q, 2, ignore_booking);
	query_int(&q, 3, window.to);
	query_int(&q, 4, window.from);
	query_int(&q, 5, tx->now);
	while (query_row(&q)) {
		v = rows_grown(arena, v, n, sizeof(*v));
		if (!v) {
			q.rc = RC_NOMEM;
			break;
		}
		v[n++] = (struct core_span){query_col_int(&q, 0),
					    query_col_int(&q, 1)};
	}
	*out = v;
	*out_n = n;
	return query_end(&q, err);
}
