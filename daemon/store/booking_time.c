/* The claims of a booking, one by one (booking.h). */
#include "daemon/store/booking.h"
#include "daemon/store/stamps.h"

static void bind_claim(struct query *q, int first, int64_t booking,
		       const struct booking_claim *claim)
{
	query_int(q, first, claim->subject);
	query_int(q, first + 1, claim->from);
	query_int(q, first + 2, booking);
	query_text(q, first + 3,
		   words_name(&words_claim_role, (int)claim->role));
}

enum rc booking_set_claim(struct tx *tx, int64_t booking,
			  const struct booking_claim *claim,
			  struct core_span span, struct err *err)
{
	struct query q;

	stamps_touch_subject(tx, claim->subject);
	if (span.from >= span.to) {
		query_begin(&q, tx->db,
			    "DELETE FROM claim WHERE subject = $1"
			    " AND from_time = $2 AND booking = $3"
			    " AND role = $4");
		bind_claim(&q, 1, booking, claim);
		return query_end(&q, err);
	}
	query_begin(&q, tx->db,
		    "UPDATE claim SET from_time = $1, to_time = $2"
		    " WHERE subject = $3 AND from_time = $4 AND booking = $5"
		    " AND role = $6");
	query_int(&q, 1, span.from);
	query_int(&q, 2, span.to);
	bind_claim(&q, 3, booking, claim);
	return query_end(&q, err);
}
