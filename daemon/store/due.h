/*
 * due - what time does by itself, as rows with their times.
 *
 * A row says that at some time something is to be done about a thing: one row
 * for each thing and purpose (`what`), whose `step` counts how far it has come.
 * Whoever does the step takes the row away or puts the next one in the same
 * transaction as what the step changes, so that none is done twice or left
 * out, whenever the process ends. Nothing is a timer in memory: what was due
 * while the service stood still is done, in the order of its times, when it
 * runs again.
 *
 * A step that fails keeps its row and its time, and is tried again later,
 * first after a minute, then after twice as long each time, at most every
 * hour: it holds up nobody else, and is not forgotten.
 */
#ifndef DAEMON_STORE_DUE_H
#define DAEMON_STORE_DUE_H

#include "daemon/core/lifecycle.h"
#include "daemon/store/tx.h"

/* Each has its row in daemon/work/steps.c. */
#define WORDS_DUE(X)                                                           \
	X(ANSWER, "answer")	    /* request: of the lead */                 \
	X(BEGIN, "begin")	    /* request: its session starts */          \
	X(OPINION, "opinion")	    /* request: all are signed */              \
	X(SUPPLEMENT, "supplement") /* request: of the partner */              \
	X(EXPIRY, "expiry")	    /* request: nobody wants it any more */    \
	X(CALL, "call")		    /* request: whoever is called answers */   \
	X(PAPERS, "papers")	    /* request: of an emergency, afterwards */ \
	X(CONSENT, "consent")	    /* request: of an emergency, afterwards */ \
	X(CHECK, "check") /* booking: is everything there that is needed */    \
	X(OFFER, "offer") /* request: a time is found to offer it */           \
	X(FREED, "freed") /* booking: others may have its time */              \
	X(RECEIPT, "receipt") /* request: the partner has the opinions */      \
	X(ENDING, "ending")   /* agreement: both sides are told of its end */  \
	X(POOL, "pool")	      /* request, booking: a half-day is filled */

#define WORDS_DUE_(sym, name) DUE_##sym,
enum due_what { WORDS_DUE(WORDS_DUE_) DUE_COUNT };
extern const struct words words_due;

struct due_row {
	int64_t id; /* out */
	int64_t at;
	enum due_what what;
	enum thing thing;
	int64_t thing_id;
	int64_t step;
	int64_t failed; /* out: so often */
};

/* In place of the one for that thing and purpose, if there is one. */
__attribute__((warn_unused_result)) enum rc
due_put(struct tx *tx, const struct due_row *row, struct err *err);
/* RC_OK also when there was none. */
__attribute__((warn_unused_result)) enum rc
due_drop(struct tx *tx, enum due_what what, enum thing thing, int64_t thing_id,
	 struct err *err);
/* All purposes of a thing that has ended. */
__attribute__((warn_unused_result)) enum rc due_drop_all(struct tx *tx,
							 enum thing thing,
							 int64_t thing_id,
							 struct err *err);
/* The oldest that is due by tx->now; RC_NOT_FOUND: none. */
__attribute__((warn_unused_result)) enum rc
due_next(struct tx *tx, struct due_row *out, struct err *err);
/* It failed: not to be tried before some time from tx->now, which is answered.
 */
#define DUE_RETRY_S 60
#define DUE_RETRY_MAX_S 3600
__attribute__((warn_unused_result)) enum rc
due_put_off(struct tx *tx, const struct due_row *row, int64_t *out_try_at,
	    struct err *err);
/* That of a thing and purpose; RC_NOT_FOUND. */
__attribute__((warn_unused_result)) enum rc
due_find(struct tx *tx, enum due_what what, enum thing thing, int64_t thing_id,
	 struct due_row *out, struct err *err);

#endif
