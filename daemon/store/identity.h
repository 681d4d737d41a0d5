/*
 * identity - whom the service knows, apart from what they show for it
 * (certificate.h, token.h). Rows are never deleted; a revoked one keeps its
 * history and never comes back. What somebody shows is good while its
 * not_after lies ahead: at that second it has ended.
 */
#ifndef DAEMON_STORE_IDENTITY_H
#define DAEMON_STORE_IDENTITY_H

#include "base/words.h"
#include "daemon/store/tx.h"

struct identity {
	int64_t id;
	const char *name;
	enum role role;
	int64_t site; /* 0: none */
	const char *site_slug, *site_name, *time_zone;
	int64_t expert; /* subject; 0: none */
	const char *expert_slug;
	int64_t made_at;
	int64_t revoked_at; /* 0: not revoked */
	/* Of what they showed; of a list's row what lasts longest, 0: nothing.
	 */
	int64_t not_after;
	scopeset scopes;    /* of a token; 0 */
	const char *status; /* in a list: "live", "ended", "revoked" */
};

struct identity_new {
	const char *name;
	enum role role;
	int64_t site, expert; /* 0: none */
	/* With a certificate; or NULL: 32 bytes each. */
	const uint8_t *issuer, *key;
	int64_t not_after;
};

/* By the certificate shown. RC_NOT_FOUND when nobody was ever known by it.
 * Strings in the arena. */
__attribute__((warn_unused_result)) enum rc
identity_find(struct tx *tx, const uint8_t issuer[32], const uint8_t key[32],
	      struct arena *arena, struct identity *out, struct err *err);
/* The same by a token's SHA-256. */
__attribute__((warn_unused_result)) enum rc
identity_find_token(struct tx *tx, const uint8_t hash[32], struct arena *arena,
		    struct identity *out, struct err *err);
/* As a list has it. RC_NOT_FOUND. */
__attribute__((warn_unused_result)) enum rc
identity_by_id(struct tx *tx, int64_t id, struct arena *arena,
	       struct identity *out, struct err *err);

/* RC_EXISTS for a key that is known already. The event is the caller's. */
__attribute__((warn_unused_result)) enum rc
identity_add(struct tx *tx, const struct identity_new *in, int64_t *out_id,
	     struct err *err);
/* For good; RC_RULE when it is already. What they show is the caller's. */
__attribute__((warn_unused_result)) enum rc
identity_revoke(struct tx *tx, int64_t id, struct err *err);
/* How many administrators the service answers, but for this one. */
__attribute__((warn_unused_result)) enum rc
identity_other_admins(struct tx *tx, int64_t but, int64_t *out_n,
		      struct err *err);

/* The newest first; of users and of invitations. */
struct people_filter {
	const char *site, *status; /* NULL: any */
	int64_t before;		   /* ids below it; INT64_MAX: from the start */
	int64_t limit;
};
__attribute__((warn_unused_result)) enum rc
identity_list(struct tx *tx, const struct people_filter *filter,
	      struct arena *arena, struct identity **out, size_t *out_n,
	      struct err *err);

#endif
