/* The commands of an administrator: certify, verify-log. */
#include <signal.h>
#include <string.h>

#include "base/pki.h"
#include "client/ask.h"
#include "client/command.h"
#include "client/page.h"
#include "client/viewer.h"

#define VERIFY_TIMEOUT_S 600
#define PEM_MAX (64 * 1024)

/* --- certify --- */

static enum rc read_identity(struct client *c, struct msg_identity_new *in,
			     struct err *err)
{
	enum rc rc;

	proto_clear(&msg_identity_new_table, in);
	in->name = options_get(&c->opts, OPT_NAME);
	rc = options_word(&c->opts, OPT_ROLE, &words_role, &in->role, err);
	if (rc == RC_OK)
		rc = options_slug(&c->opts, OPT_SITE, &in->site, err);
	if (rc == RC_OK)
		rc = options_slug(&c->opts, OPT_EXPERT, &in->expert, err);
	return rc;
}

static enum rc choose_dir(struct client *c, const char **out, struct err *err)
{
	const char *dir = options_get(&c->opts, OPT_OUT);
	const char *profile = options_get(&c->opts, OPT_NEW_PROFILE);

	if (!dir == !profile)
		return err_set(err, RC_USAGE,
			       "where to? Give --profile NAME or --out DIR");
	if (profile)
		return profile_dir(&c->env->home, profile, &c->arena, out, err);
	if (!*dir)
		return err_set(err, RC_USAGE, "--out wants a directory");
	*out = dir;
	return RC_OK;
}

/* The four files are written together: an interrupt waits for them. */
static enum rc store(struct client *c, const char *dir, const char *key,
		     const struct msg_identity *id, struct err *err)
{
	struct profile_new files = {.server = c->profile.server,
				    .key_pem = key,
				    .cert_pem = id->certificate,
				    .ca_pem = id->ca};
	sigset_t block, before;
	enum rc rc;

	sigemptyset(&block);
	sigaddset(&block, SIGINT);
	sigaddset(&block, SIGTERM);
	sigaddset(&block, SIGHUP);
	sigprocmask(SIG_BLOCK, &block, &before);
	rc = profile_write(dir, &files, &c->arena, err);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return rc;
}

static void print_identity(struct client *c, const char *dir,
			   const struct msg_identity *id)
{
	char date[WHEN_LEN + 1];

	if (c->json) {
		page_json(c);
		return;
	}
	term_add(&c->out, id->name ? id->name : "?");
	buf_printf(&c->out, ", %s", words_name(&words_role, id->role));
	if (id->site) {
		buf_str(&c->out, " of ");
		term_add(&c->out, id->site);
	}
	when_show(c->when.zone, id->not_after, date);
	buf_printf(&c->out, ": certificate until %s %s in ", date,
		   tz_name(c->when.zone));
	term_add(&c->out, dir);
	buf_chr(&c->out, '\n');
}

static enum rc sign(struct client *c, struct msg_identity_new *in,
		    const char *dir, const char *key, struct err *err)
{
	struct msg_identity made = {0};
	struct ask ask = {.path = "/v1/identities",
			  .answer = &msg_identity_table,
			  .out = &made};
	struct ask_body body = {.msg = &msg_identity_new_table, .in = in};
	enum rc rc = ask_post(c, &ask, &body, err);

	if (rc == RC_OK)
		rc = store(c, dir, key, &made, err);
	if (rc == RC_OK)
		print_identity(c, dir, &made);
	return rc;
}

static enum rc certify(struct client *c, struct err *err)
{
	struct msg_identity_new in;
	struct buf key, csr;
	const char *dir;
	enum rc rc = read_identity(c, &in, err);

	if (rc == RC_OK)
		rc = choose_dir(c, &dir, err);
	if (rc == RC_OK)
		rc = viewer_when(c, err);
	if (rc == RC_OK)
		rc = profile_prepare(dir, err);
	if (rc != RC_OK)
		return rc;
	buf_init(&key, PEM_MAX);
	buf_init(&csr, PEM_MAX);
	rc = pki_key_new(&key, err);
	if (rc == RC_OK)
		rc = pki_csr_new(buf_cstr(&key), in.name, &csr, err);
	in.csr = buf_cstr(&csr);
	if (rc == RC_OK)
		rc = sign(c, &in, dir, buf_cstr(&key), err);
	buf_fini(&csr);
	buf_fini(&key);
	return rc;
}

/* --- verify-log --- */

static enum rc print_report(struct client *c, const struct msg_log_report *r,
			    struct err *err)
{
	if (c->json)
		page_json(c);
	c->keep_out = c->json; /* the report is the answer, good or bad */
	if (!r->ok)
		return err_set(err, RC_CORRUPT,
			       "the log is broken at event %lld: %s; tell who "
			       "runs the server at once",
			       (long long)r->first_bad,
			       r->detail ? r->detail : "its hash is another");
	if (c->json)
		return RC_OK;
	buf_printf(&c->out, "The log is whole: %lld events.\nepoch  ",
		   (long long)r->events);
	term_add(&c->out, r->epoch ? r->epoch : "-");
	buf_str(&c->out, "\nhead   ");
	term_add(&c->out, r->head ? r->head : "-");
	buf_chr(&c->out, '\n');
	return RC_OK;
}

static enum rc verify_log(struct client *c, struct err *err)
{
	struct msg_empty in = {0};
	struct msg_log_report report = {0};
	struct ask ask = {.path = "/v1/log/verify",
			  .answer = &msg_log_report_table,
			  .out = &report};
	struct ask_body body = {.msg = &msg_empty_table,
				.in = &in,
				.timeout_s = VERIFY_TIMEOUT_S};
	enum rc rc = ask_post(c, &ask, &body, err);

	return rc == RC_OK ? print_report(c, &report, err) : rc;
}

const struct command cmd_admin_certify = {
	.name = "admin certify",
	.args = "",
	.options = OPTSET(NAME) | OPTSET(ROLE) | OPTSET(SITE) | OPTSET(EXPERT) |
		   OPTSET(NEW_PROFILE) | OPTSET(OUT),
	.required = OPTSET(NAME) | OPTSET(ROLE),
	.help = "make a key, have it signed, store it as a profile",
	.example = "teleconsult admin certify --name 'Liaoyang desk' "
		   "--role site-coordinator --site liaoyang-central "
		   "--out liaoyang-desk",
	.run = certify,
};

const struct command cmd_admin_verify_log = {
	.name = "admin verify-log",
	.args = "",
	.help = "verify the hash chain of the event log",
	.example = "teleconsult admin verify-log",
	.run = verify_log,
};
