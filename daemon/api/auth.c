#include "daemon/api/auth.h"

#include <string.h>
#include <strings.h>

#include "base/crypt.h"

#define REALM "Bearer realm=\"teleconsult\""
/* RFC 6750 section 3.1. */
static const char nobody_known[] = REALM;
static const char bad_token[] = REALM ", error=\"invalid_token\"";
static const char bad_scope[] = REALM ", error=\"insufficient_scope\"";

#define SCHEME "Bearer"
#define TOKEN_MAX 128

/* The token of "Bearer TOKEN"; only its hash is kept. */
static bool read_token(struct http_str value, uint8_t out_hash[32])
{
	size_t n = strlen(SCHEME);

	if (value.len <= n + 1 || strncasecmp(value.p, SCHEME, n) != 0 ||
	    value.p[n] != ' ')
		return false;
	while (n < value.len && value.p[n] == ' ')
		n++;
	const struct crypt_part part = {value.p + n, value.len - n};

	if (part.len == 0 || part.len > TOKEN_MAX)
		return false;
	crypt_sha256(&part, 1, out_hash);
	return true;
}

/* Who comes with a certificate came to the partners' listener, and who comes
 * to people's shows a token: never both, so that nobody is two. */
static enum rc read_proof(const struct http_request *req,
			  struct principal_proof *out,
			  const char **out_challenge, struct err *err)
{
	struct http_str value;
	bool field = http_field_find(req, "Authorization", &value);

	*out = (struct principal_proof){.token = !req->peer->has_cert};
	if (req->peer->has_cert && field)
		return err_set(err, RC_MALFORMED,
			       "here the certificate says who asks; tokens are"
			       " for the people's port");
	*out_challenge = nobody_known;
	if (req->peer->has_cert) {
		memcpy(out->issuer, req->peer->issuer, sizeof(out->issuer));
		memcpy(out->hash, req->peer->key, sizeof(out->hash));
		return RC_OK;
	}
	if (!field)
		return err_set(err, RC_UNAUTHENTICATED,
			       "come with a client certificate, to the"
			       " partners' port, or with a token");
	*out_challenge = bad_token;
	if (!read_token(value, out->hash))
		return err_set(err, RC_UNAUTHENTICATED,
			       "the Authorization field holds no Bearer token");
	return RC_OK;
}

static enum rc may_ask(const struct principal *who, const struct route *route,
		       const char **out_challenge, struct err *err)
{
	*out_challenge = NULL;
	if (!(route->roles & (1u << who->role)))
		return err_set(err, RC_FORBIDDEN, "this is not for the role %s",
			       words_name(&words_role, (int)who->role));
	if (!who->proof.token || (route->scope & who->scopes))
		return RC_OK;
	*out_challenge = bad_scope;
	return err_set(err, RC_FORBIDDEN,
		       "this is not in the scopes of the token");
}

const struct principal *auth_recall(const struct http_request *req,
				    struct known *known,
				    const struct route *route, int64_t now)
{
	const char *challenge;
	struct principal_proof proof;
	const struct principal *who = NULL;

	if (!(route->flags & ROUTE_OPEN) &&
	    read_proof(req, &proof, &challenge, NULL) == RC_OK)
		who = known_find(known, &proof, now);
	if (who && may_ask(who, route, &challenge, NULL) != RC_OK)
		return NULL;
	return who;
}

enum rc auth_principal(const struct http_request *req,
		       const struct auth_source *from,
		       const struct route *route, struct arena *arena,
		       struct principal *out, const char **out_challenge,
		       struct err *err)
{
	static const struct principal nobody = {
		.name = "nobody", .role = ROLE_SYSTEM, .time_zone = "UTC"};
	struct principal_proof proof;

	*out_challenge = NULL;
	if ((route->flags & ROUTE_OPEN) && req->peer->listener == HTTP_PEOPLE) {
		*out = nobody;
		return RC_OK;
	}
	enum rc rc = read_proof(req, &proof, out_challenge, err);

	if (rc == RC_OK)
		rc = principal_find(from->tx, &proof, arena, out, err);
	if (rc == RC_OK && from->known)
		known_keep(from->known, out, from->all);
	return rc == RC_OK ? may_ask(out, route, out_challenge, err) : rc;
}

enum rc auth_again(const struct principal *who, struct tx *tx,
		   struct arena *arena, const char **out_challenge,
		   struct err *err)
{
	struct principal now;
	enum rc rc = who->identity
			     ? principal_find(tx, &who->proof, arena, &now, err)
			     : RC_OK;

	if (rc == RC_UNAUTHENTICATED)
		*out_challenge = who->proof.token ? bad_token : nobody_known;
	return rc;
}
