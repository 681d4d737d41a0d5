/*
 * tls - TLS contexts out of PEM texts, and who is at the other end.
 *
 * TLS 1.2 and above, forward secret and authenticated ciphers only, no
 * compression, no renegotiation. Where client certificates are asked for
 * nothing is ever resumed: a resumed session would not be verified again, so
 * that an expired or revoked one would go on. Contexts are never changed once
 * made; a reload makes new ones, and SSL's own references keep an old one for
 * as long as a connection uses it. tls_pair is thread-safe.
 */
#ifndef DAEMON_NET_TLS_H
#define DAEMON_NET_TLS_H

#include <openssl/ssl.h>

#include "base/err.h"
#include "daemon/net/http.h"
#include "daemon/net/net.h"

struct tls_pair;

/* With client_ca, for both kinds; without, for people alone. */
__attribute__((warn_unused_result)) enum rc
tls_pair_new(const struct net_tls *tls, struct tls_pair **out, struct err *err);
/* Makes new contexts and puts them in force; all or nothing. */
__attribute__((warn_unused_result)) enum rc
tls_pair_reload(struct tls_pair *pair, const struct net_tls *tls,
		struct err *err);
void tls_pair_free(struct tls_pair *pair);

/* A server's side for one new connection, whose certificates are judged at
 * this time (UTC seconds). NULL when it cannot be had: then close. */
SSL *tls_accept(struct tls_pair *pair, enum http_listener kind, int64_t now);

/* After the handshake: has_cert, issuer, key, not_after. False when a
 * certificate is due and absent or unreadable: then close. */
__attribute__((warn_unused_result)) bool tls_peer(SSL *ssl,
						  struct http_peer *peer);
/* Why a handshake failed: from OpenSSL's error code (0: none) and from the
 * verification. Static text. */
const char *tls_reason(SSL *ssl, unsigned long code);

#endif
