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
