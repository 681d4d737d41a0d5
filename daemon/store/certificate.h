/*
 * certificate - what people show: issuer and key of a certificate, and whose
 * it is. A key belongs to one identity for ever; a certificate that is ended
 * early has that as its not_after and stays.
 */
#ifndef DAEMON_STORE_CERTIFICATE_H
#define DAEMON_STORE_CERTIFICATE_H

#include "daemon/store/tx.h"

#define CERTIFICATE_KEY_LEN 32

struct certificate {
	const uint8_t *issuer, *key; /* 32 bytes each */
	int64_t identity;
	int64_t not_after;
};

/* Whose it is and when it ends. RC_NOT_FOUND: that key is new. */
__attribute__((warn_unused_result)) enum rc
certificate_find(struct tx *tx, const uint8_t issuer[32], const uint8_t key[32],
		 struct certificate *out, struct err *err);
/* RC_EXISTS for a key that is known already. */
__attribute__((warn_unused_result)) enum rc
certificate_add(struct tx *tx, const struct certificate *in, struct err *err);
/* The same key was signed again. */
__attribute__((warn_unused_result)) enum rc
certificate_extend(struct tx *tx, const struct certificate *in,
		   struct err *err);

/* Ends now what the identity has but that key (NULL: all of it). The ended
 * keys, CERTIFICATE_KEY_LEN bytes each, in the arena. */
__attribute__((warn_unused_result)) enum rc
certificate_end(struct tx *tx, int64_t identity, const uint8_t *but,
		struct arena *arena, const uint8_t **out_keys, size_t *out_n,
		struct err *err);

#endif
