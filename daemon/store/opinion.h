/*
 * opinion - what experts have signed of a request, as it is stored.
 *
 * Rows only grow: a correction is another version, which names the one before
 * by being signed over its hash (base/opinion.h). Text, reference and signature
 * are one sealed value; the public key stands beside it, so that the signature
 * can be checked for as long as the row is kept, whatever becomes of the
 * certificate.
 */
#ifndef DAEMON_STORE_OPINION_H
#define DAEMON_STORE_OPINION_H

#include "base/opinion.h"
#include "base/sign.h"
#include "daemon/store/request.h"

#define OPINION_EXPERTS_MAX 32
#define OPINION_VERSIONS_MAX 1000 /* of one request, by all its experts */

struct opinion {
	int64_t id; /* out */
	int64_t expert;
	int64_t version;
	int64_t identity;
	int64_t signed_at, filed_at;
	int64_t received_at; /* 0: not yet */
	uint8_t key[SIGN_KEY_LEN];
	const char *text, *reference; /* NULL: none */
	uint8_t signature[SIGN_SIGNATURE_MAX];
	size_t signature_len;
	/* read only */
	const char *expert_slug, *signer;
	uint8_t corrects[CRYPT_HASH_LEN]; /* worked out: of the one before */
	uint8_t hash[CRYPT_HASH_LEN];	  /* of this one */
	bool verified;			  /* the signature is one over it */
};

/* Fills id; the caller sets all that is stored. RC_RULE: that version does not
 * follow the last of this expert's. */
__attribute__((warn_unused_result)) enum rc
opinion_insert(struct tx *tx, const struct request *r, struct opinion *in,
	       struct err *err);
/* All of them, in the order in which they were filed, opened and verified. */
__attribute__((warn_unused_result)) enum rc
opinion_list(struct tx *tx, const struct request *r, struct arena *arena,
	     struct opinion **out, size_t *out_n, struct err *err);

/* Who has to sign: the experts of the request's live booking, or, where there
 * is none, the one whom it is assigned to. out has OPINION_EXPERTS_MAX. */
__attribute__((warn_unused_result)) enum rc
opinion_experts(struct tx *tx, const struct request *r, int64_t *out,
		size_t *out_n, struct err *err);
/* How many of those have not signed yet. */
__attribute__((warn_unused_result)) enum rc
opinion_missing(struct tx *tx, const struct request *r, size_t *out,
		struct err *err);

/* The partner has those that are there; how many it had not before. */
__attribute__((warn_unused_result)) enum rc opinion_receive(struct tx *tx,
							    int64_t request,
							    int64_t *out_n,
							    struct err *err);
/* How many the partner has not confirmed yet. */
__attribute__((warn_unused_result)) enum rc opinion_unreceived(struct tx *tx,
							       int64_t request,
							       int64_t *out,
							       struct err *err);

/* What the event log says of one that is signed, so that not even the opinion
 * and its signature together can be exchanged: which version, and the hash. */
#define OPINION_SAID_MAX 128
void opinion_said(int64_t version, const uint8_t hash[CRYPT_HASH_LEN],
		  char out[OPINION_SAID_MAX]);

struct opinion_report {
	int64_t opinions;
	int64_t bad;	/* how many do not verify, or are gone */
	struct code of; /* the request of the first of those */
};
/* Verifies every one that there is: its signature, and that it is the one that
 * the log says was signed (where those words are not purged). */
__attribute__((warn_unused_result)) enum rc
opinion_verify_all(struct tx *tx, struct opinion_report *out, struct err *err);

#endif
