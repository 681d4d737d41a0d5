/* Tokens: how systems are let in. */
#include "daemon/store/token.h"
#include "daemon/work/people.h"

#define DAY 86400
#define DAYS_DEFAULT 365

static enum rc view(struct work *w, int64_t id, struct msg_token *out)
{
	struct identity who;
	enum rc rc = identity_by_id(w->tx, id, w->arena, &who, &w->err);

	proto_clear(&msg_token_table, out);
	if (rc != RC_OK)
		return rc;
	out->user = people_show_id(w, USER_PREFIX, id);
	out->name = who.name;
	out->site = who.site_slug;
	out->scopes = who.scopes;
	out->not_after = who.not_after;
	return out->user ? RC_OK : work_nomem(w);
}

/* The figures of the service are nobody's; all else is some site's. */
static enum rc whom(struct work *w, const struct msg_token_new *in,
		    struct identity_new *out)
{
	*out = (struct identity_new){.name = in->name, .role = ROLE_SYSTEM};
	if (!in->site && in->scopes == SCOPESET(SCOPE_METRICS))
		return RC_OK;
	if (!in->site)
		return work_fault(w, "/site",
				  "is required but for metrics alone");
	return people_whom(w, ROLE_SYSTEM, in->site, NULL, out);
}

enum rc work_token_make(struct work *w, const struct msg_token_new *in,
			const uint8_t hash[32], struct msg_token *out)
{
	int64_t days = in->days == FIELD_NONE ? DAYS_DEFAULT : in->days;
	struct token token = {.hash = hash,
			      .scopes = in->scopes,
			      .not_after = w->tx->now + days * DAY};
	struct identity_new who;
	enum rc rc = RC_OK;

	if (!in->scopes)
		rc = work_fault(w, "/scopes", "must have one at least");
	if (rc == RC_OK)
		rc = whom(w, in, &who);
	if (rc == RC_OK)
		rc = identity_add(w->tx, &who, &token.identity, &w->err);
	if (rc == RC_OK)
		rc = token_add(w->tx, &token, &w->err);
	if (rc == RC_OK)
		rc = people_event(w, "identity", token.identity, VERB_GRANT,
				  NULL);
	return rc == RC_OK ? view(w, token.identity, out) : rc;
}

enum rc work_token_again(struct work *w, const char *user,
			 const uint8_t hash[32], struct msg_token *out)
{
	int64_t id;
	enum rc rc = people_read_id(w, user, USER_PREFIX, "user", &id);

	if (rc == RC_OK)
		rc = token_rekey(w->tx, id, hash, &w->err);
	if (rc == RC_RULE)
		return err_set(&w->err, RC_STATE,
			       "the token was revoked or has ended");
	if (rc == RC_OK)
		rc = people_event(w, "identity", id, VERB_GRANT, NULL);
	return rc == RC_OK ? view(w, id, out) : rc;
}
