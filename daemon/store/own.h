/*
 * own - the agreement of a lead with itself: its own sessions are under it, as
 * other bookings are under one with a partner.
 *
 * There is one for each lead of agreements that name such a kind, or cases,
 * without limits and without an end. No file has it, no list shows it.
 */
#ifndef DAEMON_STORE_OWN_H
#define DAEMON_STORE_OWN_H

#include "daemon/store/tx.h"

/* Is it a session of the lead's own, at nobody's but its place? */
bool own_is_kind(enum kind kind);
/* Does the lead of an agreement that names the kind have sessions of its own?
 * Whose cases are discussed, they may be on the list of one. */
bool own_is_had_with(enum kind kind);
/* Makes it where there is none. */
__attribute__((warn_unused_result)) enum rc own_put(struct tx *tx, int64_t lead,
						    struct err *err);
/* 0: there is none. */
__attribute__((warn_unused_result)) enum rc
own_find(struct tx *tx, int64_t lead, int64_t *out, struct err *err);

#endif
