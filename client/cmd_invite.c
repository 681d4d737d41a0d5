/* The commands that let somebody in: admin invite, admin token. */
#include <string.h>

#include "client/ask.h"
#include "client/command.h"
#include "client/input.h"
#include "client/page.h"
#include "client/viewer.h"
#include "proto/messages_people.h"

/* What only somebody new is described with: --user knows it all. */
#define WHO (OPTSET(NAME) | OPTSET(ROLE) | OPTSET(SITE) | OPTSET(EXPERT))

static int first_of(const struct client *c, optset set, bool there)
{
	for (int o = 0; o < OPT_COUNT; o++)
		if ((set >> o & 1) &&
		    options_has(&c->opts, (enum option)o) == there)
			return o;
	return -1;
}

static enum rc check_who(const struct client *c, struct err *err)
{
	bool user = options_has(&c->opts, OPT_USER);
	int o = user ? first_of(c, WHO, true)
		     : first_of(c, OPTSET(NAME) | OPTSET(ROLE), false);

	if (o < 0)
		return RC_OK;
	if (user)
		return err_set(err, RC_USAGE,
			       "--%s says who is new; who --user is, the "
			       "service knows",
			       option_rows[o].name);
	return err_set(err, RC_USAGE,
		       "admin invite wants --%s %s, or --user USER",
		       option_rows[o].name, option_rows[o].arg);
}

static enum rc read_invitation(struct client *c, struct msg_invitation_new *in,
			       struct err *err)
{
	enum rc rc = check_who(c, err);

	proto_clear(&msg_invitation_new_table, in);
	in->name = options_get(&c->opts, OPT_NAME);
	if (rc == RC_OK)
		rc = options_word(&c->opts, OPT_ROLE, &words_role, &in->role,
				  err);
	if (rc == RC_OK)
		rc = options_slug(&c->opts, OPT_SITE, &in->site, err);
	if (rc == RC_OK)
		rc = options_slug(&c->opts, OPT_EXPERT, &in->expert, err);
	if (rc == RC_OK)
		rc = options_slug(&c->opts, OPT_USER, &in->user, err);
	if (rc == RC_OK)
		rc = input_number(c, OPT_HOURS, &msg_invitation_new_table,
				  "hours", &in->hours, err);
	return rc;
}

/* The one text that counts stands alone, so that it can go into a file; what
 * a person wants to know besides goes to the terminal. */
static void print_secret(struct client *c, const char *secret, const char *note)
{
	if (c->json) {
		page_json(c);
		return;
	}
	term_add(&c->out, secret ? secret : "?");
	buf_chr(&c->out, '\n');
	buf_str(&c->note, note);
}

/* "user-12 (李医生)", escaped. */
static const char *safe(struct client *c, const char *text)
{
	struct buf out;
	const char *kept;

	buf_init(&out, 4096);
	term_add(&out, text ? text : "?");
	kept = client_printf(c, "%s", buf_cstr(&out));
	buf_fini(&out);
	return kept;
}

static void print_invitation(struct client *c, const struct msg_invitation *i)
{
	char until[WHEN_LEN + 1];

	when_show(c->when.zone, i->not_after, until);
	print_secret(c, i->invitation,
		     client_printf(c,
				   "%s for %s, once, until %s %s. They run: "
				   "teleconsult enroll INVITATION\n"
				   "(take it back with: teleconsult admin "
				   "revoke %s --reason TEXT)\n",
				   safe(c, i->id), safe(c, i->name), until,
				   tz_name(c->when.zone), safe(c, i->id)));
}

static enum rc invite(struct client *c, struct err *err)
{
	struct msg_invitation_new in;
	struct msg_invitation made = {0};
	struct ask ask = {.path = "/v1/invitations",
			  .answer = &msg_invitation_table,
			  .out = &made};
	struct ask_body body = {.msg = &msg_invitation_new_table, .in = &in};
	enum rc rc = read_invitation(c, &in, err);

	if (rc == RC_OK)
		rc = viewer_when(c, err);
	if (rc == RC_OK)
		rc = ask_post(c, &ask, &body, err);
	if (rc == RC_OK)
		print_invitation(c, &made);
	return rc;
}

/* --- token --- */

/* --scope read --scope metrics, or --scope read,metrics. */
static enum rc read_scopes(struct client *c, scopeset *out, struct err *err)
{
	const struct field_strs *typed = &c->opts.v[OPT_SCOPE];
	enum rc rc = RC_OK;
	int scope = -1;

	*out = 0;
	for (size_t i = 0; i < typed->n; i++) {
		const char *at = typed->v[i];

		do {
			size_t len = strcspn(at, ",");
			const char *word =
				client_printf(c, "%.*s", (int)len, at);

			rc = option_word(word, &words_scope, &scope, err);
			if (rc != RC_OK)
				return rc;
			*out |= SCOPESET(scope);
			at += len + (at[len] == ',');
		} while (*at);
	}
	return rc;
}

static enum rc read_token(struct client *c, struct msg_token_new *in,
			  struct err *err)
{
	enum rc rc;

	proto_clear(&msg_token_new_table, in);
	in->name = options_get(&c->opts, OPT_NAME);
	rc = options_slug(&c->opts, OPT_SITE, &in->site, err);
	if (rc == RC_OK)
		rc = read_scopes(c, &in->scopes, err);
	if (rc == RC_OK)
		rc = input_number(c, OPT_DAYS, &msg_token_new_table, "days",
				  &in->days, err);
	return rc;
}

static void print_token(struct client *c, const struct msg_token *t)
{
	char until[WHEN_LEN + 1];

	when_show(c->when.zone, t->not_after, until);
	print_secret(c, t->token,
		     client_printf(c,
				   "%s for %s, until %s %s; it is shown this "
				   "once. Send it as Authorization: Bearer "
				   "TOKEN\n(take it back with: teleconsult "
				   "admin revoke %s --reason TEXT)\n",
				   safe(c, t->user), safe(c, t->name), until,
				   tz_name(c->when.zone), safe(c, t->user)));
}

static enum rc token(struct client *c, struct err *err)
{
	struct msg_token_new in;
	struct msg_token made = {0};
	struct ask ask = {
		.path = "/v1/tokens", .answer = &msg_token_table, .out = &made};
	struct ask_body body = {.msg = &msg_token_new_table, .in = &in};
	enum rc rc = read_token(c, &in, err);

	if (rc == RC_OK)
		rc = viewer_when(c, err);
	if (rc == RC_OK)
		rc = ask_post(c, &ask, &body, err);
	if (rc == RC_OK)
		print_token(c, &made);
	return rc;
}

const struct command cmd_admin_invite = {
	.name = "admin invite",
	.args = "",
	.options = WHO | OPTSET(USER) | OPTSET(HOURS),
	.help = "print an invitation that makes somebody known, once",
	.example = "teleconsult admin invite --name 'Liaoyang desk' "
		   "--role site-coordinator --site liaoyang-central "
		   "> liaoyang.invitation",
	.run = invite,
};

const struct command cmd_admin_token = {
	.name = "admin token",
	.args = "",
	.options = OPTSET(NAME) | OPTSET(SITE) | OPTSET(SCOPE) | OPTSET(DAYS),
	.required = OPTSET(NAME) | OPTSET(SCOPE),
	.help = "print a token for a system, this once",
	.example = "teleconsult admin token --name 'Liaoyang HIS' "
		   "--site liaoyang-central --scope read --scope requests "
		   "--days 365 > his.token",
	.run = token,
};
