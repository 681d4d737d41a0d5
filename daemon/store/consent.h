/*
 * consent - what patients consented to, as it is stored.
 *
 * Of a request, or of a booking that has none. Each of its sort stands once,
 * until it is withdrawn; then it stays as it was, and another may be signed.
 * Who signed, for whom, why, and where the paper is kept are sealed together
 * as papers (papers.h): name, relation (its summary), reason, kept (purpose).
 */
#ifndef DAEMON_STORE_CONSENT_H
#define DAEMON_STORE_CONSENT_H

#include "daemon/store/booking.h"

/* Of what: one of the two is 0. */
struct consent_of {
	int64_t request, booking;
	int64_t partner;
};

struct consent_row {
	int64_t id; /* out */
	enum consent consent;
	enum signer signer;
	int64_t signed_at, withdrawn_at; /* 0: not */
};

/* RC_STATE when one of that sort stands already. */
__attribute__((warn_unused_result)) enum rc
consent_add(struct tx *tx, const struct consent_of *of,
	    const struct consent_row *in, const struct papers *papers,
	    struct err *err);
/* RC_STATE when none of that sort stands. */
__attribute__((warn_unused_result)) enum rc
consent_withdraw(struct tx *tx, const struct consent_of *of,
		 enum consent consent, struct err *err);
/* In their order. */
__attribute__((warn_unused_result)) enum rc
consent_list(struct tx *tx, const struct consent_of *of, struct arena *arena,
	     struct consent_row **out, size_t *out_n, struct err *err);
__attribute__((warn_unused_result)) enum rc
consent_open(struct tx *tx, const struct consent_of *of, int64_t id,
	     struct arena *arena, struct papers *out, struct err *err);
/* Those that stand. */
__attribute__((warn_unused_result)) enum rc
consent_standing(struct tx *tx, const struct consent_of *of, consentset *out,
		 struct err *err);

#endif
