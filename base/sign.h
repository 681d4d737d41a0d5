/*
 * sign - signatures with the key that somebody enrolled with.
 *
 * ECDSA over P-256 with SHA-256 (FIPS 186-4), DER (RFC 3279 section 2.2.3). A
 * public key is its SubjectPublicKeyInfo, DER (RFC 5480); the SHA-256 of that
 * is what an enrolment is known by (pki.h). Other kinds of keys are refused.
 * crypt_init() comes first.
 */
#ifndef BASE_SIGN_H
#define BASE_SIGN_H

#include "base/buf.h"
#include "base/err.h"

#define SIGN_KEY_LEN 91	       /* a P-256 SubjectPublicKeyInfo */
#define SIGN_SIGNATURE_MAX 72  /* the longest of P-256 */
#define SIGN_SIGNATURE_LEAST 8 /* the shortest that DER can make */

/* The public key of a private one (PEM; other blocks may follow). */
__attribute__((warn_unused_result)) enum rc
sign_key_of(const char *key_pem, struct buf *out_key, struct err *err);
/* Appends the signature over the bytes. */
__attribute__((warn_unused_result)) enum rc
sign_make(const char *key_pem, const void *data, size_t len,
	  struct buf *out_signature, struct err *err);
/* RC_INVALID: it is none over these bytes under this key, or no such key. */
__attribute__((warn_unused_result)) enum rc
sign_check(const void *key, size_t key_len, const void *data, size_t len,
	   const void *signature, size_t signature_len, struct err *err);

#endif
