/*
 * orphan - bookings that a change of the network left without ground, until
 * each is moved or cancelled.
 *
 * A row counts while its booking is held or booked, is not over and has the
 * sequence number that it had: one that moved was decided on anew. Whoever
 * lists them asks whether each would be allowed by now.
 */
#ifndef DAEMON_STORE_ORPHAN_H
#define DAEMON_STORE_ORPHAN_H

#include "daemon/store/booking.h"

struct orphan {
	int64_t booking;
	int64_t since;
	const char *by, *cause;
};

/* *out_new: it was none before. */
__attribute__((warn_unused_result)) enum rc
orphan_put(struct tx *tx, const struct booking *b, const char *by,
	   const char *cause, bool *out_new, struct err *err);
__attribute__((warn_unused_result)) enum rc
orphan_drop(struct tx *tx, int64_t booking, struct err *err);
/* Drops the rows that do not count. */
__attribute__((warn_unused_result)) enum rc orphan_sweep(struct tx *tx,
							 struct err *err);
/* Those of a site, on either side, that count, by start; at most max. */
__attribute__((warn_unused_result)) enum rc
orphan_list(struct tx *tx, int64_t site, struct arena *arena, size_t max,
	    struct orphan **out, size_t *out_n, struct err *err);

#endif
