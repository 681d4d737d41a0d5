#include "daemon/auth/principal.h"

#include <string.h>

#include "daemon/store/identity.h"

static enum rc refuse(const struct principal_proof *proof, struct err *err)
{
	return err_set(err, RC_UNAUTHENTICATED, "%s",
		       proof->token ? "nobody is known by this token (any more)"
				    : "nobody is known by this certificate (any"
				      " more); have a new one made");
}

enum rc principal_find(struct tx *tx, const struct principal_proof *proof,
		       struct arena *arena, struct principal *out,
		       struct err *err)
{
	struct identity id;
	enum rc rc = proof->token ? identity_find_token(tx, proof->hash, arena,
							&id, err)
				  : identity_find(tx, proof->issuer,
						  proof->hash, arena, &id, err);

	if (rc != RC_OK && rc != RC_NOT_FOUND)
		return rc;
	if (rc == RC_NOT_FOUND || id.revoked_at || id.not_after <= tx->now)
		return refuse(proof, err);
	const struct principal found = {
		.identity = id.id,
		.name = id.name,
		.role = id.role,
		.site = id.site,
		.site_slug = id.site_slug,
		.site_name = id.site_name,
		.time_zone = id.time_zone ? id.time_zone : "UTC",
		.expert = id.expert,
		.expert_slug = id.expert_slug,
		.not_after = id.not_after,
		.scopes = proof->token ? id.scopes : SCOPES_ALL,
		.proof = *proof,
	};
	/* the identity may be the connection's, and theirs is another time */
	return principal_copy(&found, arena, out)
		       ? RC_OK
		       : err_set(err, RC_NOMEM, "no memory for who asks");
}

static bool copy_text(const char **text, struct arena *arena)
{
	if (*text)
		*text = arena_strndup(arena, *text, strlen(*text));
	return *text;
}

bool principal_copy(const struct principal *who, struct arena *arena,
		    struct principal *out)
{
	const char **texts[] = {&out->name, &out->site_slug, &out->site_name,
				&out->time_zone, &out->expert_slug};

	*out = *who;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (*texts[i] && !copy_text(texts[i], arena))
			return false;
	return true;
}

struct principal_view principal_view(const struct principal *who)
{
	return (struct principal_view){who->site, who->expert, who->role};
}

/* Which sides of an agreement a role may stand on for its own site. */
static const unsigned role_sides[ROLE_COUNT] = {
	[ROLE_ADMINISTRATOR] = 0, /* runs the service, sees no patient */
	[ROLE_LEAD_COORDINATOR] = SIDE_LEAD | SIDE_PARTNER,
	[ROLE_SITE_COORDINATOR] = SIDE_PARTNER,
	[ROLE_EXPERT] = SIDE_EXPERT,
	[ROLE_AUDITOR] = SIDE_LEAD | SIDE_PARTNER,
	[ROLE_SYSTEM] = SIDE_LEAD | SIDE_PARTNER,
};

bool principal_reads_papers(const struct principal *who)
{
	return who->role != ROLE_AUDITOR;
}

unsigned principal_sides(const struct principal *who, int64_t lead,
			 int64_t partner, int64_t expert)
{
	unsigned sides = 0;

	if (who->site && who->site == lead)
		sides |= SIDE_LEAD;
	if (who->site && who->site == partner)
		sides |= SIDE_PARTNER;
	if (who->expert && who->expert == expert)
		sides |= SIDE_EXPERT;
	return sides & role_sides[who->role];
}
