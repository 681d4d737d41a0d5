#include "daemon/api/people.h"

#include <string.h>

#include "base/crypt.h"
#include "base/pki.h"
#include "base/text.h"

#define INVITATION_MAX 2048

/* --- certificates --- */

/* Signing costs a signature, not a transaction: it comes before. */
static enum rc sign(struct call *c, const char *csr, const char *name)
{
	const struct pki_order order = {
		.csr_pem = csr,
		.name = name,
		.usage = PKI_CLIENT,
		.now = clock_now(c->config->clock),
		.days = c->config->certificate_days,
	};
	enum rc rc = pki_sign(c->config->ca_cert_pem, c->config->ca_key_pem,
			      &order, c->config->rnd, &c->cert_pem, c->cert_key,
			      &c->cert.not_after, &c->w.err);

	if (rc == RC_OK)
		rc = pki_cert_id(buf_cstr(&c->cert_pem), c->cert_issuer,
				 c->cert_key, &c->cert.not_after, &c->w.err);
	c->cert.issuer = c->cert_issuer;
	c->cert.key = c->cert_key;
	return rc;
}

static void show_certificate(struct call *c)
{
	struct msg_enrolled *out = c->out;

	out->certificate = buf_cstr(&c->cert_pem);
	out->ca = c->config->ca_cert_pem;
}

enum rc people_prepare_enroll(struct call *c)
{
	const struct msg_enroll *in = c->in;
	const char *name;
	enum rc rc = work_secret_hash(&c->w, in->secret, c->hash);

	if (rc == RC_OK)
		rc = work_enroll_check(&c->w, c->hash, &name);
	return rc == RC_OK ? sign(c, in->csr, name) : rc;
}

enum rc people_run_enroll(struct call *c)
{
	enum rc rc = work_enroll(&c->w, c->hash, &c->cert, c->out);

	show_certificate(c);
	return rc;
}

enum rc people_prepare_renew(struct call *c)
{
	const struct msg_renew *in = c->in;

	return sign(c, in->csr, c->who.name);
}

enum rc people_run_renew(struct call *c)
{
	enum rc rc = work_renew(&c->w, &c->cert, c->out);

	show_certificate(c);
	return rc;
}

/* --- invitations --- */

/* Whoever is invited must find us. */
static enum rc check_public(struct call *c)
{
	if (c->public->people[0] && c->public->partners[0])
		return RC_OK;
	return err_set(&c->w.err, RC_STATE,
		       "nobody could enrol: the daemon listens for people or"
		       " partners nowhere");
}

enum rc people_prepare_secret(struct call *c)
{
	const struct crypt_part part = {c->secret, INVITE_SECRET_LEN};

	rnd_fill(c->config->rnd, c->secret, INVITE_SECRET_LEN);
	crypt_sha256(&part, 1, c->hash);
	return check_public(c);
}

static enum rc show_invitation(struct call *c)
{
	struct msg_invitation *out = c->out;
	struct invite invite = {.people = ""};
	struct buf text;
	enum rc rc;

	memcpy(invite.ca, c->public->ca, sizeof(invite.ca));
	memcpy(invite.secret, c->secret, sizeof(invite.secret));
	memcpy(invite.people, c->public->people, sizeof(invite.people));
	memcpy(invite.partners, c->public->partners, sizeof(invite.partners));
	buf_init(&text, INVITATION_MAX);
	invite_write(&invite, &text);
	out->invitation = arena_strndup(&c->arena, buf_cstr(&text), text.len);
	rc = text.failed || !out->invitation
		     ? err_set(&c->w.err, RC_NOMEM, "out of memory")
		     : RC_OK;
	buf_fini(&text);
	mem_wipe(&invite, sizeof(invite));
	return rc;
}

enum rc people_run_invite(struct call *c)
{
	enum rc rc = work_invitation_make(&c->w, c->in, c->hash, c->out);

	return rc == RC_OK ? show_invitation(c) : rc;
}

enum rc people_invite_again(struct call *c, const char *id)
{
	enum rc rc = work_invitation_again(&c->w, id, c->hash, c->out);

	return rc == RC_OK ? show_invitation(c) : rc;
}

enum rc people_run_invitations(struct call *c)
{
	return work_invitation_list(&c->w, c->in, c->out);
}

enum rc people_run_invitation_revoke(struct call *c)
{
	return work_invitation_revoke(&c->w, c->param[0], c->in, c->out);
}

/* --- tokens --- */

#define TOKEN_PREFIX "tct_"
#define TOKEN_LEN (sizeof(TOKEN_PREFIX) - 1 + 64)

static void write_token(const struct call *c, char out[TOKEN_LEN + 1])
{
	memcpy(out, TOKEN_PREFIX, sizeof(TOKEN_PREFIX));
	text_hex(c->secret, sizeof(c->secret), out + sizeof(TOKEN_PREFIX) - 1);
}

/* The hash is of the text, as it comes in the Authorization field. */
enum rc people_prepare_token(struct call *c)
{
	char text[TOKEN_LEN + 1];
	const struct crypt_part part = {text, TOKEN_LEN};

	rnd_fill(c->config->rnd, c->secret, sizeof(c->secret));
	write_token(c, text);
	crypt_sha256(&part, 1, c->hash);
	mem_wipe(text, sizeof(text));
	return RC_OK;
}

static enum rc show_token(struct call *c)
{
	struct msg_token *out = c->out;
	char *text = arena_alloc(&c->arena, TOKEN_LEN + 1);

	if (!text)
		return err_set(&c->w.err, RC_NOMEM, "out of memory");
	write_token(c, text);
	out->token = text;
	return RC_OK;
}

enum rc people_run_token(struct call *c)
{
	enum rc rc = work_token_make(&c->w, c->in, c->hash, c->out);

	return rc == RC_OK ? show_token(c) : rc;
}

enum rc people_token_again(struct call *c, const char *user)
{
	enum rc rc = work_token_again(&c->w, user, c->hash, c->out);

	return rc == RC_OK ? show_token(c) : rc;
}

/* --- users --- */

enum rc people_run_users(struct call *c)
{
	return work_user_list(&c->w, c->in, c->out);
}

enum rc people_run_revoke(struct call *c)
{
	return work_user_revoke(&c->w, c->param[0], c->in, c->out);
}
