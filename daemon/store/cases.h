/*
 * cases - the bookings that are on the list of a session, as they are stored.
 *
 * A case is a booking of its own (case-discussion) whose experts and whose
 * rooms of the lead are the session's (case-conference), so it claims none of
 * these. The database's guard refuses one that is not within the session,
 * another lead's, two at one time, and one whose experts the session does not
 * have (RC_REFUSED). Rows come and go and are never changed; one is put after
 * its booking is stored.
 */
#ifndef DAEMON_STORE_CASES_H
#define DAEMON_STORE_CASES_H

#include "daemon/store/booking.h"

struct case_row {
	int64_t booking;
	int64_t begins, length; /* seconds, after the session begins */
};

__attribute__((warn_unused_result)) enum rc
cases_put(struct tx *tx, int64_t session, const struct case_row *row,
	  struct err *err);
__attribute__((warn_unused_result)) enum rc
cases_drop(struct tx *tx, int64_t booking, struct err *err);
/* By when they begin. */
__attribute__((warn_unused_result)) enum rc
cases_of(struct tx *tx, int64_t session, struct arena *arena,
	 struct case_row **out, size_t *out_n, struct err *err);
/* 0: the booking is on no list. */
__attribute__((warn_unused_result)) enum rc
cases_session_of(struct tx *tx, int64_t booking, int64_t *out, struct err *err);
/* Is one of the session's that partner's? */
__attribute__((warn_unused_result)) enum rc
cases_has_partner(struct tx *tx, int64_t session, int64_t partner, bool *out,
		  struct err *err);

#endif
