/*
 * auth - who sends a request, and may they ask this?
 *
 * By the certificate that TLS verified (partners), or by a token in
 * "Authorization: Bearer" (RFC 6750; people). Looked up in the database on
 * every request. RC_UNAUTHENTICATED: nobody (any more); RC_FORBIDDEN: the
 * route is for other roles, or the token's scopes are others.
 */
#ifndef DAEMON_API_AUTH_H
#define DAEMON_API_AUTH_H

#include "daemon/api/route.h"

enum rc auth_principal(const struct http_request *req, struct tx *tx,
		       const struct route *route, struct arena *arena,
		       struct principal *out, struct err *err);

#endif
