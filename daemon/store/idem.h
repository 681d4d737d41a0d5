/*
 * idem - a submission retried makes one thing.
 *
 * A key is scoped to the identity and the route, stored in the transaction of
 * the change with the SHA-256 of the request's body and the answer (which has
 * no patient field), and kept for 72 hours. The same key with another body is
 * RC_KEY_REUSED. (draft-ietf-httpapi-idempotency-key-header)
 */
#ifndef DAEMON_STORE_IDEM_H
#define DAEMON_STORE_IDEM_H

#include "base/buf.h"
#include "daemon/store/tx.h"

#define IDEM_KEPT (72 * 3600)

struct idem_key {
	int64_t identity;
	const char *route;
	const char *key;
	uint8_t body_hash[32];
};

struct idem_answer {
	int status;
	char etag[48];
	char location[96];
	struct buf body; /* to be freed by the caller */
};

/* RC_OK: out is the first answer. RC_NOT_FOUND: it is new. RC_KEY_REUSED. */
__attribute__((warn_unused_result)) enum rc
idem_find(struct tx *tx, const struct idem_key *key, struct idem_answer *out,
	  struct err *err);
__attribute__((warn_unused_result)) enum rc
idem_keep(struct tx *tx, const struct idem_key *key,
	  const struct idem_answer *answer, struct err *err);
/* Deletes up to `limit` expired ones. */
__attribute__((warn_unused_result)) enum rc
idem_expire(struct tx *tx, int limit, struct err *err);

#endif
