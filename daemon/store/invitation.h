/*
 * invitation - somebody is asked to enrol: a secret of which the SHA-256 is
 * kept, that works once and until its not_after (at that second no more).
 */
#ifndef DAEMON_STORE_INVITATION_H
#define DAEMON_STORE_INVITATION_H

#include "daemon/store/identity.h"

struct invitation {
	int64_t id;
	const char *name;
	enum role role;
	int64_t site, expert; /* 0: none */
	const char *site_slug, *expert_slug;
	int64_t of;	 /* somebody known; 0 */
	int64_t made_by; /* 0: made with the service */
	int64_t made_at, not_after;
	int64_t used_at, used_by; /* 0: not used */
	int64_t revoked_at;
	const char *status; /* now: "open", "used", "revoked", "ended" */
};

/* id, made_at and what follows not_after are not asked. */
__attribute__((warn_unused_result)) enum rc
invitation_add(struct tx *tx, const struct invitation *in,
	       const uint8_t hash[32], int64_t *out_id, struct err *err);

/* RC_NOT_FOUND. Strings in the arena. */
__attribute__((warn_unused_result)) enum rc
invitation_by_hash(struct tx *tx, const uint8_t hash[32], struct arena *arena,
		   struct invitation *out, struct err *err);
__attribute__((warn_unused_result)) enum rc
invitation_by_id(struct tx *tx, int64_t id, struct arena *arena,
		 struct invitation *out, struct err *err);
/* The newest first. */
__attribute__((warn_unused_result)) enum rc
invitation_list(struct tx *tx, const struct people_filter *filter,
		struct arena *arena, struct invitation **out, size_t *out_n,
		struct err *err);

/* These are for one that is open; the database refuses the others, RC_RULE. */
__attribute__((warn_unused_result)) enum rc
invitation_use(struct tx *tx, int64_t id, int64_t by, struct err *err);
__attribute__((warn_unused_result)) enum rc
invitation_rekey(struct tx *tx, int64_t id, const uint8_t hash[32],
		 struct err *err);
__attribute__((warn_unused_result)) enum rc
invitation_revoke(struct tx *tx, int64_t id, struct err *err);
/* All open ones that are for that identity or were made by it. */
__attribute__((warn_unused_result)) enum rc
invitation_revoke_with(struct tx *tx, int64_t identity, struct err *err);
/* All open ones, whoever made them: for a restore, which cannot know whether
 * one was used after the copy was made. out_n: how many these were. */
__attribute__((warn_unused_result)) enum rc
invitation_revoke_all(struct tx *tx, int64_t *out_n, struct err *err);

#endif
