/* The commands of sessions with seats: session make, join, leave, attend, add,
 * order. */
#include <string.h>

#include "base/text.h"
#include "client/ask.h"
#include "client/book.h"
#include "client/command.h"
#include "client/input.h"
#include "client/page.h"
#include "client/viewer.h"

static void show(struct client *c, const struct msg_session *s)
{
	if (c->json)
		page_json(c);
	else
		page_session_line(c, s);
}

static enum rc read_number(const char *typed, const char *what, int64_t least,
			   int64_t *out, struct err *err)
{
	if (text_int(typed, strlen(typed), least, 10000, out))
		return RC_OK;
	return err_set(err, RC_USAGE, "\"%.39s\" is no number of %s", typed,
		       what);
}

/* --- making one --- */

static enum rc read_times(struct client *c, struct msg_session_new *in,
			  struct err *err)
{
	const char *at = options_get(&c->opts, OPT_AT);
	enum rc rc = viewer_when(c, err);

	if (rc == RC_OK && at)
		rc = when_read(&c->when, at, &in->at, err);
	if (rc == RC_OK)
		rc = input_duration(c, &msg_session_new_table,
				    &in->duration_minutes, err);
	return rc;
}

enum rc book_read_session(struct client *c, struct msg_session_new *in,
			  struct err *err)
{
	const struct options *o = &c->opts;
	const char *shows = options_get(o, OPT_SHOWS);
	enum rc rc = option_word(c->args.v[0], &words_kind, &in->kind, err);

	in->title = c->args.v[1];
	in->no_record = options_has(o, OPT_NO_RECORD);
	if (rc == RC_OK)
		rc = read_times(c, in, err);
	if (rc == RC_OK)
		rc = options_slug(o, OPT_EXPERT, &in->expert, err);
	if (rc == RC_OK)
		rc = input_with(c, &in->with, err);
	if (rc == RC_OK && shows)
		rc = client_code(c, shows, &in->shows, err);
	in->experts = o->v[OPT_BESIDE];
	in->also = o->v[OPT_ALSO];
	if (rc == RC_OK)
		rc = options_slug(o, OPT_SITE, &in->site, err);
	if (rc == RC_OK)
		rc = options_slug(o, OPT_AGREEMENT, &in->agreement, err);
	if (rc == RC_OK)
		rc = input_number(c, OPT_TOKENS, &msg_session_new_table,
				  "tokens", &in->tokens, err);
	if (rc == RC_OK)
		rc = input_number(c, OPT_SEATS, &msg_session_new_table, "seats",
				  &in->seats, err);
	if (rc == RC_OK)
		rc = input_number(c, OPT_PER_SITE, &msg_session_new_table,
				  "seats_per_site", &in->seats_per_site, err);
	return rc;
}

static enum rc make(struct client *c, struct err *err)
{
	struct msg_session_new in;
	struct msg_session made = {0};
	struct ask ask = {.path = "/v1/sessions",
			  .answer = &msg_session_table,
			  .out = &made};
	struct ask_body body = {.msg = &msg_session_new_table, .in = &in};

	proto_clear(&msg_session_new_table, &in);
	enum rc rc = book_read_session(c, &in, err);

	if (rc == RC_OK)
		rc = ask_post(c, &ask, &body, err);
	if (rc == RC_OK)
		show(c, &made);
	return rc;
}

/* --- seats --- */

static enum rc change(struct client *c, const char *verb, const struct msg *msg,
		      const void *in, struct err *err)
{
	struct msg_session changed = {0};
	struct ask ask = {.answer = &msg_session_table, .out = &changed};
	struct ask_body body = {.msg = msg, .in = in};
	const char *code;
	enum rc rc = client_code(c, c->args.v[0], &code, err);

	if (rc == RC_OK)
		rc = viewer_when(c, err);
	if (rc != RC_OK)
		return rc;
	ask.path = client_printf(c, "/v1/sessions/%s", code);
	rc = ask_change(c, verb, &ask, &body, err);
	if (rc == RC_OK)
		show(c, &changed);
	return rc;
}

static enum rc join(struct client *c, struct err *err)
{
	struct msg_join in = {0};
	enum rc rc = read_number(c->args.v[1], "seats, 1 or more", 1, &in.seats,
				 err);

	return rc == RC_OK ? change(c, "join", &msg_join_table, &in, err) : rc;
}

static enum rc leave(struct client *c, struct err *err)
{
	struct msg_empty in = {0};

	return change(c, "leave", &msg_empty_table, &in, err);
}

static enum rc attend(struct client *c, struct err *err)
{
	struct msg_attendance in = {0};
	enum rc rc = read_number(c->args.v[1], "people, 0 or more", 0, &in.came,
				 err);

	if (rc == RC_OK)
		rc = options_slug(&c->opts, OPT_SITE, &in.site, err);
	return rc == RC_OK ? change(c, "attendance", &msg_attendance_table, &in,
				    err)
			   : rc;
}

/* --- the list of cases --- */

static enum rc add(struct client *c, struct err *err)
{
	struct msg_case_new in;

	proto_clear(&msg_case_new_table, &in);
	enum rc rc = client_code(c, c->args.v[1], &in.request, err);

	if (rc == RC_OK)
		rc = input_duration(c, &msg_case_new_table,
				    &in.duration_minutes, err);
	return rc == RC_OK ? change(c, "cases", &msg_case_new_table, &in, err)
			   : rc;
}

static enum rc order(struct client *c, struct err *err)
{
	struct msg_case_order in = {{c->args.v + 1, c->args.n - 1}};

	return change(c, "order", &msg_case_order_table, &in, err);
}

const struct command cmd_session_add = {
	.name = "session add",
	.args = "CODE REQUEST",
	.min_args = 2,
	.max_args = 2,
	.options = OPTSET(DURATION),
	.help = "put an accepted request on the list of a case conference",
	.example = "teleconsult session add 7K2M-QX91 J0EH-N457",
	.run = add,
};

const struct command cmd_session_order = {
	.name = "session order",
	.args = "CODE CASE...",
	.min_args = 2,
	.max_args = 289,
	.help = "bring the cases of a list into this order, without a gap",
	.example = "teleconsult session order 7K2M-QX91 9D3F-61ZT 2C8N-5RYA",
	.run = order,
};

const struct command cmd_session_make = {
	.name = "session make",
	.args = "KIND TITLE",
	.min_args = 2,
	.max_args = 2,
	.options = OPTSET(AT) | OPTSET(DURATION) | OPTSET(EXPERT) |
		   OPTSET(WITH) | OPTSET(SHOWS) | OPTSET(SEATS) |
		   OPTSET(PER_SITE) | OPTSET(NO_RECORD) | OPTSET(SITE) |
		   OPTSET(AGREEMENT) | OPTSET(BESIDE) | OPTSET(ALSO) |
		   OPTSET(TOKENS),
	.help = "make a session that partners join, or a free clinic",
	.example = "teleconsult session make teaching-round 'Mitral valves'"
		   " --at 'fri 15:00' --expert coronary-1 --seats 60",
	.run = make,
};

const struct command cmd_session_join = {
	.name = "session join",
	.args = "CODE SEATS",
	.min_args = 2,
	.max_args = 2,
	.help = "take so many seats, instead of what your hospital has",
	.example = "teleconsult session join 7K2M-QX91 6",
	.run = join,
};

const struct command cmd_session_leave = {
	.name = "session leave",
	.args = "CODE",
	.min_args = 1,
	.max_args = 1,
	.help = "give the seats of your hospital back",
	.example = "teleconsult session leave 7K2M-QX91",
	.run = leave,
};

const struct command cmd_session_attend = {
	.name = "session attend",
	.args = "CODE CAME",
	.min_args = 2,
	.max_args = 2,
	.options = OPTSET(SITE),
	.help = "say how many of a hospital's people came; 0: nobody",
	.example = "teleconsult session attend 7K2M-QX91 5",
	.run = attend,
};
