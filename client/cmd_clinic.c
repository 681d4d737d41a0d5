/* The command of clinic places: take-back. */
#include "client/ask.h"
#include "client/command.h"
#include "client/input.h"
#include "client/page.h"
#include "client/viewer.h"

static enum rc take_back(struct client *c, struct err *err)
{
	struct msg_take_back in = {.agreement = c->args.v[0],
				   .reason = options_get(&c->opts, OPT_REASON)};
	struct msg_taken_back t = {0};
	struct ask ask = {.path = "/v1/take-backs",
			  .answer = &msg_taken_back_table,
			  .out = &t};
	struct ask_body body = {.msg = &msg_take_back_table, .in = &in};
	char session[WHEN_SPAN_LEN + 1], until[WHEN_LEN + 1];
	enum rc rc = viewer_when(c, err);

	if (rc == RC_OK)
		rc = when_read(&c->when, options_get(&c->opts, OPT_AT), &in.at,
			       err);
	if (rc == RC_OK)
		rc = options_slug(&c->opts, OPT_EXPERT, &in.expert, err);
	if (rc == RC_OK)
		rc = ask_post(c, &ask, &body, err);
	if (rc != RC_OK)
		return rc;
	if (c->json) {
		page_json(c);
		return RC_OK;
	}
	when_show_span(c->when.zone, t.from, t.to, session);
	when_show(c->when.zone, t.until, until);
	buf_printf(&c->out,
		   "%s %s: what is left of %lld places is anybody's now,"
		   " not only from %s on\n",
		   t.expert, session, (long long)t.places, until);
	return RC_OK;
}

const struct command cmd_take_back = {
	.name = "take-back",
	.args = "AGREEMENT",
	.min_args = 1,
	.max_args = 1,
	.options = OPTSET(EXPERT) | OPTSET(AT) | OPTSET(REASON),
	.required = OPTSET(EXPERT) | OPTSET(AT) | OPTSET(REASON),
	.help = "give anybody the places kept for a partner in a session",
	.example = "teleconsult take-back heart-liaoyang --expert coronary-1 "
		   "--at 'mon 8:00' --reason 'the partner has nobody'",
	.run = take_back,
};
