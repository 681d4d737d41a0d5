/*
 * pki - keys, certificates and the service's own certificate authority.
 *
 * ECDSA P-256 everywhere (FIPS 186-4; RFC 5480), X.509 v3 (RFC 5280). PEM in,
 * PEM out. An identity is the SHA-256 of a key's SubjectPublicKeyInfo together
 * with its issuer, never a name. Serial numbers are 127 random bits below a
 * one. Validity starts an hour before `now` so that clocks may differ. Other
 * kinds of keys are refused, here and in requests. crypt_init() comes first.
 */
#ifndef BASE_PKI_H
#define BASE_PKI_H

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"

#define PKI_ID_LEN 32

enum pki_usage { PKI_SERVER, PKI_CLIENT };

/* A new private key, PKCS #8 PEM. */
__attribute__((warn_unused_result)) enum rc pki_key_new(struct buf *out_key,
							struct err *err);
/* A self-signed CA certificate for the key (pathlen 0, keyCertSign). */
__attribute__((warn_unused_result)) enum rc
pki_ca_new(const char *key_pem, const char *name, int64_t now, int days,
	   const struct rnd *rnd, struct buf *out_cert, struct err *err);
/* A certificate signing request (PKCS #10) for the key; name: its CN. */
__attribute__((warn_unused_result)) enum rc pki_csr_new(const char *key_pem,
							const char *name,
							struct buf *out_csr,
							struct err *err);

struct pki_order {
	const char *csr_pem; /* its signature is checked, only its key taken */
	const char *name;    /* CN of the certificate */
	enum pki_usage usage;
	const char *const *hosts; /* subjectAltName DNS or IP; servers only */
	size_t nhosts;
	int64_t now;
	int days;
};

/* Signs; out_id: the SHA-256 of the key's SubjectPublicKeyInfo. No certificate
 * outlives its CA: out_not_after says what it came to. */
__attribute__((warn_unused_result)) enum rc
pki_sign(const char *ca_cert_pem, const char *ca_key_pem,
	 const struct pki_order *order, const struct rnd *rnd,
	 struct buf *out_cert, uint8_t out_id[PKI_ID_LEN],
	 int64_t *out_not_after, struct err *err);

/* SHA-256 over the certificate's issuer name (DER) and over its SPKI. */
__attribute__((warn_unused_result)) enum rc
pki_cert_id(const char *cert_pem, uint8_t out_issuer[PKI_ID_LEN],
	    uint8_t out_key[PKI_ID_LEN], int64_t *out_not_after,
	    struct err *err);

/* SHA-256 over the whole certificate (DER): how an invitation names a CA. */
__attribute__((warn_unused_result)) enum rc
pki_cert_hash(const char *cert_pem, uint8_t out[PKI_ID_LEN], struct err *err);

#endif
