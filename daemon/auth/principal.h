/*
 * principal - who asks: an identity of the database, looked up each time.
 *
 * Identity is the pair of issuer and key of a verified certificate, never a
 * name in it. A revoked or expired identity is nobody. What a principal may do
 * is in the route table (roles) and in principal_side() (objects).
 */
#ifndef DAEMON_AUTH_PRINCIPAL_H
#define DAEMON_AUTH_PRINCIPAL_H

#include "base/words.h"
#include "daemon/store/tx.h"

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
	int64_t not_after; /* of the certificate */
};

/* RC_UNAUTHENTICATED when nobody (any more) is known by it. */
__attribute__((warn_unused_result)) enum rc
principal_find(struct tx *tx, const uint8_t issuer[32], const uint8_t key[32],
	       struct arena *arena, struct principal *out, struct err *err);

/* On which sides of an agreement somebody stands; an object is visible when
 * the set is not empty. */
enum side {
	SIDE_LEAD = 1,	  /* coordinates or audits for the lead */
	SIDE_PARTNER = 2, /* the same for the partner */
	SIDE_EXPERT = 4,  /* is assigned to it */
};
unsigned principal_sides(const struct principal *who, int64_t lead,
			 int64_t partner, int64_t expert);

/* Bits for route tables: ROLES(LEAD_COORDINATOR) | ... */
#define ROLES(r) (1u << ROLE_##r)
#define ROLES_COORDINATORS (ROLES(LEAD_COORDINATOR) | ROLES(SITE_COORDINATOR))

#endif
