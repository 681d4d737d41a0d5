/* The commands of the waitlist: wait, unwait, and refuse what is offered. */
#include "client/change.h"
#include "client/command.h"
#include "client/input.h"
#include "client/viewer.h"

static enum rc read_until(struct client *c, int64_t *out, struct err *err)
{
	const char *until = options_get(&c->opts, OPT_UNTIL);
	enum rc rc = until ? viewer_when(c, err) : RC_OK;

	return rc == RC_OK && until ? when_read_to(&c->when, until, out, err)
				    : rc;
}

static enum rc put_on(struct client *c, struct err *err)
{
	struct msg_wait in;
	enum rc rc;

	proto_clear(&msg_wait_table, &in);
	in.any_expert = options_has(&c->opts, OPT_ANY_EXPERT);
	rc = options_slug(&c->opts, OPT_EXPERT, &in.expert, err);
	if (rc == RC_OK)
		rc = input_wanted(c, &in.windows, err);
	if (rc == RC_OK)
		rc = read_until(c, &in.until, err);
	if (rc == RC_OK)
		rc = input_number(c, OPT_NOTICE, &msg_wait_table,
				  "notice_minutes", &in.notice_minutes, err);
	return rc == RC_OK
		       ? change_request(c, "wait", &msg_wait_table, &in, err)
		       : rc;
}

static enum rc take_off(struct client *c, struct err *err)
{
	struct msg_reason in = {.reason = options_get(&c->opts, OPT_REASON),
				.reason_code = -1};

	return change_request(c, "unwait", &msg_unwait_table, &in, err);
}

static enum rc refuse(struct client *c, struct err *err)
{
	struct msg_reason in = {.reason = options_get(&c->opts, OPT_REASON),
				.reason_code = -1};

	return change_booking(c, "refuse", &msg_refuse_table, &in, err);
}

const struct command cmd_wait = {
	.name = "wait",
	.args = "CODE",
	.min_args = 1,
	.max_args = 1,
	.options = OPTSET(WANTED) | OPTSET(UNTIL) | OPTSET(EXPERT) |
		   OPTSET(ANY_EXPERT) | OPTSET(NOTICE),
	.help = "put a request on the waitlist, or say that it still waits",
	.example = "teleconsult wait 7K2M-QX91 --until 2026-12-18 --notice 240",
	.run = put_on,
};

const struct command cmd_unwait = {
	.name = "unwait",
	.args = "CODE",
	.min_args = 1,
	.max_args = 1,
	.options = OPTSET(REASON),
	.help = "take a request off the waitlist",
	.example = "teleconsult unwait 7K2M-QX91",
	.run = take_off,
};

const struct command cmd_refuse = {
	.name = "refuse",
	.args = "CODE",
	.min_args = 1,
	.max_args = 1,
	.options = OPTSET(REASON),
	.required = OPTSET(REASON),
	.help = "refuse a time that is offered, with the reason",
	.example = "teleconsult refuse 7K2M-QX91 --reason 'the road is closed "
		   "that day'",
	.run = refuse,
};
