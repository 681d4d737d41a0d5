/*
 * principal - who asks: an identity of the database, looked up each time,
 * or recalled while that is still good (known.h).
 *
 * People show a verified certificate: issuer and key count, never a name in
 * it. Systems show a token, of which the SHA-256 is known. Whoever is revoked,
 * or whose certificate or token has ended, is nobody. What a principal may do
 * is in the route table (roles; scopes of a token) and in principal_sides()
 * (objects).
 */
#ifndef DAEMON_AUTH_PRINCIPAL_H
#define DAEMON_AUTH_PRINCIPAL_H

#include <stdbool.h>

#include "base/words.h"
#include "daemon/store/tx.h"

/* What was shown. */
struct principal_proof {
	bool token;
	uint8_t issuer[32]; /* of a certificate */
	uint8_t hash[32];   /* SHA-256 of its key, or of the token */
};

struct principal {
	int64_t identity;
	const char *name;
	enum role role;
	int64_t site; /* 0: the administrator has none */
	const char *site_slug;
	const char *site_name;
	const char *time_zone; /* of the site; "UTC" without one */
	int64_t expert;	       /* subject; 0: is no expert */
	const char *expert_slug;
	int64_t not_after; /* of the certificate or token */
	scopeset scopes;   /* of the token; SCOPES_ALL of a certificate */
	struct principal_proof proof;
};

/* RC_UNAUTHENTICATED when nobody (any more) is known by it. */
__attribute__((warn_unused_result)) enum rc
principal_find(struct tx *tx, const struct principal_proof *proof,
	       struct arena *arena, struct principal *out, struct err *err);

/* With its texts; false where the arena is too small. */
bool principal_copy(const struct principal *who, struct arena *arena,
		    struct principal *out);

/* What somebody sees depends on this alone: two who have the same see the
 * same. */
struct principal_view {
	int64_t site, expert;
	enum role role;
};
struct principal_view principal_view(const struct principal *who);

/* On which sides of an agreement somebody stands; an object is visible when
 * the set is not empty. */
enum side {
	SIDE_LEAD = 1,	  /* coordinates or audits for the lead */
	SIDE_PARTNER = 2, /* the same for the partner */
	SIDE_EXPERT = 4,  /* is assigned to it */
};
unsigned principal_sides(const struct principal *who, int64_t lead,
			 int64_t partner, int64_t expert);

/* Whether somebody who may see a thing may read the words about its patient,
 * too: auditors see what happened, not to whom. */
bool principal_reads_papers(const struct principal *who);

/* Bits for route tables: ROLES(LEAD_COORDINATOR) | ... */
#define ROLES(r) (1u << ROLE_##r)
#define ROLES_COORDINATORS (ROLES(LEAD_COORDINATOR) | ROLES(SITE_COORDINATOR))

#endif
