/*
 * body - the words of an event, as they are stored and as the chain holds them.
 *
 * Three forms, told apart by which key id stands where:
 * - new: sealed( 2 | salt | words ), and its hash is that of what is sealed, so
 *   that another key may seal it and the chain still stands. The salt keeps
 *   the hash from telling anything of a few words.
 * - of old: salt | sealed( words ), and its hash is that of these bytes.
 * - of old, sealed anew: sealed( 1 | length | the old bytes | words ). The hash
 *   is that of the old bytes, which are still there; that the words are theirs
 *   is what the seal says, and whoever has kept the old key can prove it.
 */
#ifndef DAEMON_STORE_BODY_H
#define DAEMON_STORE_BODY_H

#include "daemon/store/seal.h"

#define BODY_WORDS_MAX 65536
#define BODY_MAX (BODY_WORDS_MAX + 4 * CRYPT_SEAL_EXTRA + 64)

/* Which event it is of. */
struct body_of {
	int64_t seq, lead;
};

/* Appends the new form. */
__attribute__((warn_unused_result)) enum rc
body_close(const struct tx *tx, const struct body_of *of, const char *words,
	   struct buf *out, uint8_t out_hash[CRYPT_HASH_LEN], struct err *err);
/* Appends the words of a body of any form; its hash. */
__attribute__((warn_unused_result)) enum rc
body_open(const struct tx *tx, const struct body_of *of, const void *body,
	  size_t len, struct buf *out, uint8_t out_hash[CRYPT_HASH_LEN],
	  struct err *err);
/* Appends the same words under the key that seals; RC_EXISTS: they are. */
__attribute__((warn_unused_result)) enum rc
body_close_anew(const struct tx *tx, const struct body_of *of, const void *body,
		size_t len, struct buf *out, struct err *err);
/* The slot of its key, whatever its form; -1: none that is there. */
int body_slot(const struct tx *tx, const void *body, size_t len);

#endif
