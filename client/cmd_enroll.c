/* The command that makes one known to a service: enroll. */
#include <string.h>

#include "base/cert.h"
#include "base/invite.h"
#include "base/pki.h"
#include "base/text.h"
#include "client/ask.h"
#include "client/chain.h"
#include "client/command.h"
#include "client/input.h"
#include "client/page.h"
#include "client/settle.h"
#include "client/viewer.h"
#include "proto/messages_people.h"

#define TEXT_MAX 4096
#define ENROLL_PATH "/v1/enroll"

/* One enrolment, from the invitation to the profile. */
struct enrolment {
	struct invite invite;
	const char *name; /* of the profile */
	const char *time_zone;
	const char *people, *partners; /* https://HOST:PORT */
	struct buf ca;
	struct settle settle;
};

/* The invitation; "-": a line of standard input, which ps does not show. */
static enum rc read_invitation(const struct client *c, struct enrolment *e,
			       struct err *err)
{
	const char *word = c->args.v[0];
	struct buf text;
	enum rc rc;

	if (strcmp(word, "-") != 0)
		return invite_read(word, &e->invite, err);
	buf_init(&text, TEXT_MAX);
	rc = input_read(word, &text, err);
	if (rc == RC_OK && memchr(buf_cstr(&text), '\0', text.len))
		rc = err_set(err, RC_USAGE, "this is no invitation");
	if (rc == RC_OK)
		rc = invite_read(buf_cstr(&text), &e->invite, err);
	buf_fini(&text);
	return rc;
}

static enum rc url_of(struct client *c, const char *address, const char **out,
		      struct err *err)
{
	const char *url = client_printf(c, "https://%s", address);

	*out = profile_server(url, strlen(url), &c->arena);
	if (*out)
		return RC_OK;
	return err_set(err, RC_USAGE,
		       "the invitation names no server that can be reached: "
		       "%.60s",
		       address);
}

/* --time-zone; else the one of the profile that is replaced. */
static enum rc choose_zone(struct client *c, struct enrolment *e,
			   struct err *err)
{
	const char *typed = options_get(&c->opts, OPT_TIME_ZONE);
	struct profile before;

	if (typed) {
		e->time_zone = typed;
		return viewer_zone(c, typed, err);
	}
	if (options_has(&c->opts, OPT_REPLACE) &&
	    profile_read(&c->env->home, e->name, &c->arena, &before, NULL) ==
		    RC_OK)
		e->time_zone = before.time_zone;
	return viewer_zone(c, e->time_zone ? e->time_zone : "UTC", err);
}

static enum rc read_all(struct client *c, struct enrolment *e, struct err *err)
{
	enum rc rc = read_invitation(c, e, err);

	e->name = client_profile_name(c);
	if (rc == RC_OK)
		rc = url_of(c, e->invite.people, &e->people, err);
	if (rc == RC_OK)
		rc = url_of(c, e->invite.partners, &e->partners, err);
	return rc == RC_OK ? choose_zone(c, e, err) : rc;
}

/*
 * The CA first, by its hash, over a connection on which nothing is said; from
 * then on nobody is believed but by that CA and the host's name.
 */
static enum rc open_wire(struct client *c, struct enrolment *e, struct err *err)
{
	enum rc rc = chain_find(e->people, e->invite.ca, &e->ca, err);

	if (rc != RC_OK)
		return rc;
	return client_open(c,
			   &(struct wire_conf){.server = e->people,
					       .ca = buf_cstr(&e->ca),
					       .whose_ca = "the invitation"},
			   err);
}

static enum rc send_order(struct client *c, struct enrolment *e,
			  const char *csr, struct msg_enrolled *out,
			  struct err *err)
{
	char secret[2 * INVITE_SECRET_LEN + 1];
	struct msg_enroll in = {.secret = secret, .csr = csr};
	struct ask ask = {
		.path = ENROLL_PATH, .answer = &msg_enrolled_table, .out = out};
	struct ask_body body = {
		.msg = &msg_enroll_table, .in = &in, .no_key = true};
	enum rc rc;

	text_hex(e->invite.secret, INVITE_SECRET_LEN, secret);
	rc = ask_post(c, &ask, &body, err);
	mem_wipe(secret, sizeof(secret));
	return rc;
}

/* The service has said no, and will say no again. */
static bool is_final(enum rc rc)
{
	static const enum rc finals[] = {RC_UNAUTHENTICATED, RC_FORBIDDEN,
					 RC_NOT_FOUND, RC_STATE, RC_INVALID};

	for (size_t i = 0; i < sizeof(finals) / sizeof(finals[0]); i++)
		if (finals[i] == rc)
			return true;
	return false;
}

/* What came back is for our key and from the CA, or it is not kept. */
static enum rc keep(const struct client *c, const struct enrolment *e,
		    const struct msg_enrolled *made, struct err *err)
{
	const struct settle_files files = {.server = e->partners,
					   .time_zone = e->time_zone,
					   .cert_pem = made->certificate,
					   .ca_pem = buf_cstr(&e->ca)};
	struct err why = ERR_INIT;

	if (cert_fits(made->certificate, buf_cstr(&e->settle.key),
		      buf_cstr(&e->ca), &why) != RC_OK)
		return err_set(err, RC_INTERNAL,
			       "what %s answered is no good: %s; tell who runs "
			       "the server",
			       c->wire_conf.server, why.text);
	return settle_finish(&e->settle, &files, err);
}

static void print_who(struct client *c, const struct enrolment *e,
		      const struct msg_enrolled *made)
{
	char shown[WHEN_LEN + 1];

	if (c->json) {
		page_json(c);
		return;
	}
	when_show(c->when.zone, made->not_after, shown);
	page_line(c, "name", made->name);
	page_line(c, "role", words_name(&words_role, made->role));
	page_line(c, "site", made->site);
	page_line(c, "expert", made->expert);
	page_line(c, "certificate",
		  client_printf(c, "until %s %s, renews itself", shown,
				tz_name(c->when.zone)));
	page_line(c, "server", e->partners);
	page_line(c, "profile", e->settle.target);
}

static enum rc order(struct client *c, struct enrolment *e, struct err *err)
{
	struct msg_enrolled made = {0};
	struct buf csr;
	enum rc rc;

	buf_init(&csr, PROFILE_PEM_MAX);
	rc = pki_csr_new(buf_cstr(&e->settle.key), "teleconsult", &csr, err);
	if (rc == RC_OK)
		rc = send_order(c, e, buf_cstr(&csr), &made, err);
	buf_fini(&csr);
	if (rc != RC_OK && c->problem && is_final(rc))
		settle_forget(&e->settle);
	if (rc == RC_OK)
		rc = keep(c, e, &made, err);
	if (rc == RC_OK)
		print_who(c, e, &made);
	return rc;
}

static enum rc enroll(struct client *c, struct err *err)
{
	struct enrolment e = {.settle = {.lock = -1}};
	struct settle_begin begin;
	enum rc rc = read_all(c, &e, err);

	if (rc != RC_OK)
		return rc;
	begin = (struct settle_begin){
		.home = &c->env->home,
		.name = e.name,
		.secret = e.invite.secret,
		.secret_len = sizeof(e.invite.secret),
		.replace = options_has(&c->opts, OPT_REPLACE)};
	buf_init(&e.ca, PROFILE_PEM_MAX);
	rc = settle_begin(&e.settle, &begin, &c->arena, err);
	if (rc == RC_OK)
		rc = open_wire(c, &e, err);
	if (rc == RC_OK)
		rc = order(c, &e, err);
	settle_fini(&e.settle);
	client_close(c);
	buf_fini(&e.ca);
	mem_wipe(&e.invite, sizeof(e.invite));
	return rc;
}

const struct command cmd_enroll = {
	.name = "enroll",
	.args = "INVITATION|-",
	.min_args = 1,
	.max_args = 1,
	.options = OPTSET(TIME_ZONE) | OPTSET(REPLACE),
	.help = "make a key here, have it signed, remember server and CA",
	.example = "teleconsult enroll - < invitation",
	.run = enroll,
};
