/*
 * token - what systems show: a secret of which the SHA-256 is kept, for whom,
 * what it is good for and until when. An identity has one at most.
 */
#ifndef DAEMON_STORE_TOKEN_H
#define DAEMON_STORE_TOKEN_H

#include "base/words.h"
#include "daemon/store/tx.h"

struct token {
	const uint8_t *hash; /* 32 bytes */
	int64_t identity;
	scopeset scopes;
	int64_t not_after;
};

__attribute__((warn_unused_result)) enum rc
token_add(struct tx *tx, const struct token *in, struct err *err);
/* Another secret for what the identity's is good for, while that is not over:
 * else RC_RULE. */
__attribute__((warn_unused_result)) enum rc token_rekey(struct tx *tx,
							int64_t identity,
							const uint8_t hash[32],
							struct err *err);
/* Ends now what the identity has. */
__attribute__((warn_unused_result)) enum rc
token_end(struct tx *tx, int64_t identity, struct err *err);

#endif
