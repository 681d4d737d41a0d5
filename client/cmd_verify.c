/* The command that has the event log verified. */
#include "client/ask.h"
#include "client/command.h"
#include "client/page.h"

#define VERIFY_TIMEOUT_S 600

static enum rc print_report(struct client *c, const struct msg_log_report *r,
			    struct err *err)
{
	if (c->json)
		page_json(c);
	c->keep_out = c->json; /* the report is the answer, good or bad */
	if (!r->ok && r->first_bad == FIELD_NONE)
		return err_set(err, RC_CORRUPT,
			       "%lld opinions are not what was signed, the "
			       "first of them on %s; tell who runs the server "
			       "at once",
			       (long long)r->opinions_bad,
			       page_code(c, r->bad_opinion));
	if (!r->ok)
		return err_set(err, RC_CORRUPT,
			       "the log is broken at event %lld: %s; tell who "
			       "runs the server at once",
			       (long long)r->first_bad,
			       r->detail ? r->detail : "its hash is another");
	if (c->json)
		return RC_OK;
	buf_printf(&c->out,
		   "The log is whole: %lld events, %lld opinions.\nepoch  ",
		   (long long)r->events, (long long)r->opinions);
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

const struct command cmd_admin_verify_log = {
	.name = "admin verify-log",
	.args = "",
	.help = "verify the hash chain of the event log",
	.example = "teleconsult admin verify-log",
	.run = verify_log,
};
