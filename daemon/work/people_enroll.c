/* An invitation becomes a certificate; a certificate is renewed. */
#include "daemon/work/people.h"

#include <string.h>

#include "base/crypt.h"
#include "base/invite.h"
#include "base/text.h"
#include "daemon/store/certificate.h"

/* Of one that was used, revoked, has ended or never was a stranger hears the
 * same. */
static enum rc refuse(struct work *w)
{
	return err_set(&w->err, RC_FORBIDDEN,
		       "this invitation is not good (any more): ask for a new"
		       " one");
}

enum rc work_secret_hash(struct work *w, const char *secret, uint8_t out[32])
{
	uint8_t bytes[INVITE_SECRET_LEN];
	const struct crypt_part part = {bytes, sizeof(bytes)};

	if (!text_unhex(secret, strlen(secret), bytes, sizeof(bytes)))
		return refuse(w);
	crypt_sha256(&part, 1, out);
	mem_wipe(bytes, sizeof(bytes));
	return RC_OK;
}

static bool is(const struct invitation *v, int status)
{
	return !strcmp(v->status, words_name(&words_invitation_status, status));
}

static enum rc find(struct work *w, const uint8_t hash[32],
		    struct invitation *out)
{
	enum rc rc = invitation_by_hash(w->tx, hash, w->arena, out, &w->err);

	if (rc == RC_NOT_FOUND)
		return refuse(w);
	if (rc != RC_OK)
		return rc;
	bool good = is(out, INVITATION_OPEN) || is(out, INVITATION_USED);

	return good && out->not_after > w->tx->now ? RC_OK : refuse(w);
}

enum rc work_enroll_check(struct work *w, const uint8_t hash[32],
			  const char **out_name)
{
	struct invitation v;
	enum rc rc = find(w, hash, &v);

	if (rc == RC_OK)
		*out_name = v.name;
	return rc;
}

static enum rc view(struct work *w, int64_t id,
		    const struct work_certified *cert, struct msg_enrolled *out)
{
	struct identity who;
	enum rc rc = identity_by_id(w->tx, id, w->arena, &who, &w->err);

	proto_clear(&msg_enrolled_table, out);
	if (rc != RC_OK)
		return rc;
	out->user = people_show_id(w, USER_PREFIX, id);
	out->name = who.name;
	out->role = (int)who.role;
	out->site = who.site_slug;
	out->expert = who.expert_slug;
	out->not_after = cert->not_after;
	return out->user ? RC_OK : work_nomem(w);
}

static enum rc own_event(struct work *w, const struct invitation *v, int64_t id)
{
	const struct principal who = {.name = v->name, .site = v->site};
	struct work as = *w;

	/* Whoever enrols is nobody until this is done. */
	as.who = &who;
	enum rc rc = people_event(&as, "identity", id, VERB_ENROLL, NULL);

	w->err = as.err;
	return rc;
}

/* Theirs is that key, and signed again lasts as long as the new signature. */
static enum rc sign_again(struct work *w, int64_t identity,
			  const struct certificate *known,
			  const struct work_certified *cert, bool *out_theirs)
{
	const struct certificate now = {.issuer = cert->issuer,
					.key = cert->key,
					.not_after = cert->not_after};

	*out_theirs =
		known->identity == identity && known->not_after > w->tx->now;
	return *out_theirs ? certificate_extend(w->tx, &now, &w->err) : RC_OK;
}

/* The answer was lost: the same key gets it again. */
static enum rc enroll_again(struct work *w, const struct invitation *v,
			    const struct work_certified *cert,
			    struct msg_enrolled *out)
{
	struct certificate known;
	bool theirs = false;
	enum rc rc = certificate_find(w->tx, cert->issuer, cert->key, &known,
				      &w->err);

	if (rc == RC_NOT_FOUND)
		return refuse(w);
	if (rc == RC_OK)
		rc = sign_again(w, v->used_by, &known, cert, &theirs);
	if (rc == RC_OK && !theirs)
		rc = refuse(w);
	if (rc == RC_OK)
		rc = own_event(w, v, v->used_by);
	return rc == RC_OK ? view(w, v->used_by, cert, out) : rc;
}

static enum rc known_key(struct work *w, enum rc rc)
{
	return rc == RC_EXISTS ? err_set(&w->err, rc,
					 "this key is somebody's already; make"
					 " a new key")
			       : rc;
}

static enum rc enter(struct work *w, const struct invitation *v,
		     const struct work_certified *cert, int64_t *out_id)
{
	const struct identity_new who = {
		.name = v->name,
		.role = v->role,
		.site = v->site,
		.expert = v->expert,
		.issuer = cert->issuer,
		.key = cert->key,
		.not_after = cert->not_after,
	};

	return known_key(w, identity_add(w->tx, &who, out_id, &w->err));
}

/* What they had before ends. */
static enum rc replace(struct work *w, const struct invitation *v,
		       const struct work_certified *cert)
{
	const struct certificate mine = {.issuer = cert->issuer,
					 .key = cert->key,
					 .identity = v->of,
					 .not_after = cert->not_after};
	struct identity who;
	enum rc rc = identity_by_id(w->tx, v->of, w->arena, &who, &w->err);

	if (rc == RC_OK && who.revoked_at)
		return refuse(w);
	if (rc == RC_OK)
		rc = people_end(w, v->of, NULL);
	return rc == RC_OK
		       ? known_key(w, certificate_add(w->tx, &mine, &w->err))
		       : rc;
}

enum rc work_enroll(struct work *w, const uint8_t hash[32],
		    const struct work_certified *cert, struct msg_enrolled *out)
{
	struct invitation v;
	int64_t id;
	enum rc rc = find(w, hash, &v);

	if (rc != RC_OK)
		return rc;
	if (v.used_at)
		return enroll_again(w, &v, cert, out);
	id = v.of;
	rc = v.of ? replace(w, &v, cert) : enter(w, &v, cert, &id);
	if (rc == RC_OK)
		rc = invitation_use(w->tx, v.id, id, &w->err);
	if (rc == RC_OK)
		rc = own_event(w, &v, id);
	return rc == RC_OK ? view(w, id, cert, out) : rc;
}

/* --- renewal --- */

static enum rc renew_known(struct work *w, const struct certificate *known,
			   const struct work_certified *cert)
{
	bool theirs;
	enum rc rc = sign_again(w, w->who->identity, known, cert, &theirs);

	if (rc == RC_OK && !theirs)
		rc = known_key(w, RC_EXISTS);
	return rc;
}

static enum rc renew_new(struct work *w, const struct work_certified *cert)
{
	const struct certificate mine = {.issuer = cert->issuer,
					 .key = cert->key,
					 .identity = w->who->identity,
					 .not_after = cert->not_after};
	enum rc rc = people_end(w, mine.identity, w->who->proof.hash);

	return rc == RC_OK ? certificate_add(w->tx, &mine, &w->err) : rc;
}

enum rc work_renew(struct work *w, const struct work_certified *cert,
		   struct msg_enrolled *out)
{
	int64_t id = w->who->identity;
	struct certificate known;
	enum rc rc;

	if (w->who->proof.token)
		return err_set(&w->err, RC_FORBIDDEN,
			       "a token does not become a certificate");
	if (crypt_equal(cert->key, w->who->proof.hash, 32))
		return err_set(&w->err, RC_EXISTS,
			       "this is the key of the certificate that you"
			       " come with; make a new key");
	rc = certificate_find(w->tx, cert->issuer, cert->key, &known, &w->err);
	if (rc == RC_OK)
		rc = renew_known(w, &known, cert);
	else if (rc == RC_NOT_FOUND)
		rc = renew_new(w, cert);
	if (rc == RC_OK)
		rc = people_event(w, "identity", id, VERB_RENEW, NULL);
	return rc == RC_OK ? view(w, id, cert, out) : rc;
}
