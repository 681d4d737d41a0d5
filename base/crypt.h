/*
 * crypt - the few cryptographic helpers, over OpenSSL's EVP (3.0).
 *
 * Algorithms are fetched once by crypt_init(), before threads. Sealed form
 * (AES-256-GCM, NIST SP 800-38D): key id (4 bytes, the first of the key's
 * SHA-256) | nonce (12 random bytes) | ciphertext | tag (16). The caller's
 * associated data ties the bytes to their row and site; it is not stored.
 * After 2^32 seals under one key a new key is due (SP 800-38D section 8.3).
 */
#ifndef BASE_CRYPT_H
#define BASE_CRYPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"

#define CRYPT_KEY_LEN 32
#define CRYPT_HASH_LEN 32
#define CRYPT_ID_LEN 4
#define CRYPT_SEAL_EXTRA (CRYPT_ID_LEN + 12 + 16)

struct crypt_key {
	uint8_t bytes[CRYPT_KEY_LEN];
};

/* Gives OpenSSL mem_ops() and fetches; aborts when it cannot. Once. */
void crypt_init(void);

struct crypt_part {
	const void *data;
	size_t len;
};
/* SHA-256 of the parts, one after the other. */
void crypt_sha256(const struct crypt_part *parts, size_t n,
		  uint8_t out[CRYPT_HASH_LEN]);
/* The same of what comes bit by bit; end() frees it. */
struct crypt_sum;
struct crypt_sum *crypt_sum_new(void);
void crypt_sum_add(struct crypt_sum *sum, const void *data, size_t len);
void crypt_sum_end(struct crypt_sum *sum, uint8_t out[CRYPT_HASH_LEN]);
/* HMAC-SHA-256 (RFC 2104) of the parts. */
void crypt_hmac(const struct crypt_key *key, const struct crypt_part *parts,
		size_t n, uint8_t out[CRYPT_HASH_LEN]);
/* A key for another purpose out of the one that is kept: HMAC of a label. */
void crypt_derive(const struct crypt_key *key, const char *label,
		  struct crypt_key *out);

/* What stands first in all that is sealed under the key. */
void crypt_key_id(const struct crypt_key *key, uint8_t out[CRYPT_ID_LEN]);

/* Appends the sealed form to out. */
__attribute__((warn_unused_result)) enum rc
crypt_seal(const struct crypt_key *key, const struct rnd *rnd,
	   const struct crypt_part *aad, const void *plain, size_t len,
	   struct buf *out, struct err *err);
/* RC_CORRUPT when key, associated data or bytes are not the ones sealed. */
__attribute__((warn_unused_result)) enum rc
crypt_open(const struct crypt_key *key, const struct crypt_part *aad,
	   const void *sealed, size_t len, struct buf *out, struct err *err);

/* Equal in constant time. */
bool crypt_equal(const void *a, const void *b, size_t len);

#endif
