#include "daemon/store/why.h"

static const char *const whats[] = {"cancelled", "late"};
static const char *const sides[] = {"lead", "partner", "expert"};

enum rc why_put(struct tx *tx, const struct why_row *row, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO booking_why (booking, what, side, reason,"
		    " to_time) VALUES ($1, $2, $3, $4, $5)"
		    " ON CONFLICT (booking, what) DO UPDATE SET"
		    " side = excluded.side, reason = excluded.reason");
	query_int(&q, 1, row->booking);
	query_text(&q, 2, whats[row->what]);
	query_text(&q, 3, sides[row->side]);
	query_text(&q, 4,
		   row->reason < 0 ? NULL
				   : words_name(&words_why, row->reason));
	query_int(&q, 5, row->to);
	return query_end(&q, err);
}
