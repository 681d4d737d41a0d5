/*
 * cert - what a certificate says of itself, for whoever keeps or receives one.
 *
 * X.509 v3 (RFC 5280) as PEM; the first certificate of a text counts, other
 * blocks in it are passed over, so that a key may stand in the same text.
 * Answers nothing about trust but cert_fits(). crypt_init() comes first.
 */
#ifndef BASE_CERT_H
#define BASE_CERT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* From when and until when it counts, UTC seconds. */
__attribute__((warn_unused_result)) enum rc
cert_life(const char *pem, int64_t *out_from, int64_t *out_to, struct err *err);

/* The certificate is one for this private key, signed by this CA; RC_INVALID
 * says which of it is not so. */
__attribute__((warn_unused_result)) enum rc cert_fits(const char *cert_pem,
						      const char *key_pem,
						      const char *ca_pem,
						      struct err *err);
bool cert_is_for(const char *cert_pem, const char *key_pem);
/* Does it hold for a host name or address, as a client would ask (RFC 6125)? */
bool cert_covers(const char *cert_pem, const char *host);

/* The common name, and after it each DNS name and address that it is for, with
 * a line end before each. */
__attribute__((warn_unused_result)) enum rc
cert_names(const char *pem, struct buf *out, struct err *err);

/* Of an SSL_CTX of OpenSSL's, for whoever connects: what the other side is sent
 * is what was given to it. Left to itself it also sends the authority that the
 * other side is verified by, which has it, and takes it apart, each time. */
void cert_send_given(void *ssl_ctx);

#endif
