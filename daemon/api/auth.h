/*
 * auth - who sends a request, and may they ask this?
 *
 * By the certificate that TLS verified (partners), or by a token in
 * "Authorization: Bearer" (RFC 6750; people). Looked up in the database on
 * every request, or recalled from an earlier look that is still good
 * (known.h). RC_UNAUTHENTICATED: nobody (any more); RC_FORBIDDEN: the
 * route is for other roles, or the token's scopes are others; RC_MALFORMED: a
 * token where a certificate is asked for.
 */
#ifndef DAEMON_API_AUTH_H
#define DAEMON_API_AUTH_H

#include "daemon/api/route.h"
#include "daemon/auth/known.h"

/* Whom this worker knows already, if they may be asked for nothing more;
 * borrowed until somebody else is looked up. NULL: auth_principal() says. */
const struct principal *auth_recall(const struct http_request *req,
				    struct known *known,
				    const struct route *route, int64_t now);

/* Where principals are found. */
struct auth_source {
	struct tx *tx;
	struct known *known; /* NULL: none is remembered */
	uint64_t all;	     /* stamps_all() from before the transaction */
};

/* out_challenge: what a refusal says in WWW-Authenticate, static; or NULL. */
enum rc auth_principal(const struct http_request *req,
		       const struct auth_source *from,
		       const struct route *route, struct arena *arena,
		       struct principal *out, const char **out_challenge,
		       struct err *err);

/* Of one found earlier, whose request has waited for its thread since: is what
 * they came with still good? Nobody, of an open route, stays nobody. */
enum rc auth_again(const struct principal *who, struct tx *tx,
		   struct arena *arena, const char **out_challenge,
		   struct err *err);

#endif
