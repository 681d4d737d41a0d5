/*
 * work_people - the use cases of who is known, and of who is to be: a part of
 * work.h, which includes it.
 */
#ifndef DAEMON_WORK_WORK_PEOPLE_H
#define DAEMON_WORK_WORK_PEOPLE_H

#include "proto/messages.h"

struct work;

/* A certificate that was just signed. */
struct work_certified {
	const uint8_t *issuer, *key; /* 32 bytes each */
	int64_t not_after;
};

/* Whoever makes a secret keeps it: here comes its SHA-256, and what is
 * answered has everything but the secret. */
enum rc work_invitation_make(struct work *w,
			     const struct msg_invitation_new *in,
			     const uint8_t hash[32],
			     struct msg_invitation *out);
/* Another secret for an open one, as its maker lost the first. */
enum rc work_invitation_again(struct work *w, const char *slug,
			      const uint8_t hash[32],
			      struct msg_invitation *out);
enum rc work_invitation_list(struct work *w, const struct msg_people_query *in,
			     struct msg_invitation_list *out);
/* RC_STATE when it is not open. */
enum rc work_invitation_revoke(struct work *w, const char *slug,
			       const struct msg_revoke *in,
			       struct msg_revoked *out);

/* The hash of an invitation's secret as it stands in a message. RC_FORBIDDEN,
 * in the words with which every invitation is refused, when it is none. */
enum rc work_secret_hash(struct work *w, const char *secret, uint8_t out[32]);
/* Is there an invitation that may be used, or was? Reads only; for before
 * anything is signed. out_name: whom the certificate is to name. */
enum rc work_enroll_check(struct work *w, const uint8_t hash[32],
			  const char **out_name);
/* Uses it: once, but the key that it was used with gets its certificate again.
 * certificate and ca of the answer are the caller's. */
enum rc work_enroll(struct work *w, const uint8_t hash[32],
		    const struct work_certified *cert,
		    struct msg_enrolled *out);
/* Another certificate for the principal, who came with one; what they have
 * besides these two ends. */
enum rc work_renew(struct work *w, const struct work_certified *cert,
		   struct msg_enrolled *out);

/* A system, known from now on by a token with that hash. */
enum rc work_token_make(struct work *w, const struct msg_token_new *in,
			const uint8_t hash[32], struct msg_token *out);
/* Another secret for it, as its maker lost the first. */
enum rc work_token_again(struct work *w, const char *user,
			 const uint8_t hash[32], struct msg_token *out);

enum rc work_user_list(struct work *w, const struct msg_people_query *in,
		       struct msg_user_list *out);
/* For good, with their open invitations. RC_STATE: revoked already, or the
 * last administrator whom the service answers. */
enum rc work_user_revoke(struct work *w, const char *slug,
			 const struct msg_revoke *in, struct msg_revoked *out);

#endif
