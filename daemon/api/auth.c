#include "daemon/api/auth.h"

enum rc auth_principal(const struct http_request *req, struct tx *tx,
		       const struct route *route, struct arena *arena,
		       struct principal *out, struct err *err)
{
	if (!req->peer->has_cert)
		return err_set(err, RC_UNAUTHENTICATED,
			       "come with a client certificate, to the"
			       " partners' port");
	enum rc rc = principal_find(tx, req->peer->issuer, req->peer->key,
				    arena, out, err);

	if (rc == RC_OK && !(route->roles & (1u << out->role)))
		rc = err_set(err, RC_FORBIDDEN, "this is not for the role %s",
			     words_name(&words_role, (int)out->role));
	return rc;
}
