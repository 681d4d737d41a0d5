/*
 * identity - whom the service knows: issuer and key of a certificate, and as
 * whom. Rows are never deleted; a revoked one keeps its history.
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
	int64_t not_after;
	int64_t revoked_at; /* 0: live */
};

struct identity_new {
	const uint8_t *issuer, *key; /* 32 bytes each */
	const char *name;
	enum role role;
	int64_t site, expert; /* 0: none */
	int64_t not_after;
};

/* RC_NOT_FOUND when nobody was ever known by it. Strings in the arena. */
__attribute__((warn_unused_result)) enum rc
identity_find(struct tx *tx, const uint8_t issuer[32], const uint8_t key[32],
	      struct arena *arena, struct identity *out, struct err *err);

/* RC_EXISTS for a key that is known already. The event is the caller's. */
__attribute__((warn_unused_result)) enum rc
identity_add(struct tx *tx, const struct identity_new *in, int64_t *out_id,
	     struct err *err);

#endif
