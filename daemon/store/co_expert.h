/*
 * co_expert - the experts of a booking beside the first, as they are stored.
 *
 * Most bookings have none, and then no row. Whoever reads a booking reads them
 * with it (booking_row.h): ids and slugs in one column, by position.
 */
#ifndef DAEMON_STORE_CO_EXPERT_H
#define DAEMON_STORE_CO_EXPERT_H

#include "daemon/store/booking.h"

/* Those of the plan, instead of whatever it had. */
__attribute__((warn_unused_result)) enum rc
co_expert_replace(struct tx *tx, const struct booking *b,
		  const struct core_plan *plan, struct err *err);

/* What the column SQL_ALSO says; RC_NOMEM: the arena is full. */
__attribute__((warn_unused_result)) enum rc
co_expert_read(const char *column, struct arena *arena, struct booking *b);

/* Where the plan has the expert whose claim it is. */
int64_t co_expert_place(const struct core_plan *plan, int64_t subject);

#endif
