/*
 * spent - places of a month's quota that nobody has any more and that count
 * all the same: given up later than was agreed, for a time in another month.
 *
 * What is cancelled too late, or moved within its month, says so itself
 * (struct booking, spent). Rows are only added.
 */
#ifndef DAEMON_STORE_SPENT_H
#define DAEMON_STORE_SPENT_H

#include "daemon/store/booking.h"

/* The booking's place where it is, before it moves away. */
__attribute__((warn_unused_result)) enum rc
spent_add(struct tx *tx, const struct booking *b, struct err *err);

/* The places of a month that count: of an agreement and a kind, from and to,
 * without one booking (0: with all), holds as of then; each a column or a
 * parameter. CASE: for a list of more than two words an engine makes an index.
 */
#define SQL_SPENT(agreement_, kind_, from_, to_, ignore_, now_)                \
	"((SELECT count(*) FROM booking s WHERE s.agreement = " agreement_     \
	"  AND s.kind = " kind_ " AND s.from_time >= " from_                   \
	"  AND s.from_time < " to_ " AND s.id <> " ignore_                     \
	"  AND CASE s.status WHEN 'booked' THEN TRUE"                          \
	"   WHEN 'arrived' THEN TRUE WHEN 'started' THEN TRUE"                 \
	"   WHEN 'fulfilled' THEN TRUE"                                        \
	"   WHEN 'cancelled' THEN s.spent = 1"                                 \
	"   WHEN 'noshow' THEN s.spent = 1"                                    \
	"   WHEN 'pending' THEN s.hold_until > " now_ " ELSE FALSE END)"       \
	" + (SELECT count(*) FROM spent_place z WHERE z.agreement "            \
	"= " agreement_ "  AND z.kind = " kind_ " AND z.from_time >= " from_   \
	"  AND z.from_time < " to_ "))"

/* How much of the month's quota is used: what stands, and what was spent (of
 * who did not come, when it was the partner or its patient). Of
 * the agreement and kind, without ignore_booking (which spent what it spent).
 */
struct spent_ask {
	int64_t agreement;
	enum kind kind;
	struct core_span month;
	int64_t ignore_booking;
};
__attribute__((warn_unused_result)) enum rc
spent_used(struct tx *tx, const struct spent_ask *ask, int64_t *out,
	   struct err *err);

#endif
