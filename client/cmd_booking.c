/* The commands of a booking: book, hold, release, move, cancel. */
#include "client/ask.h"
#include "client/command.h"
#include "client/input.h"
#include "client/page.h"
#include "client/viewer.h"

static enum rc show_booking(struct client *c, const struct msg_booking *b)
{
	if (c->json)
		page_json(c);
	else
		page_booking_line(c, b);
	return RC_OK;
}

/* What both a booking and a hold are asked with. */
static enum rc read_book(struct client *c, struct msg_book *in, struct err *err)
{
	enum rc rc = client_code(c, c->args.v[0], &in->request, err);

	if (rc == RC_OK)
		rc = viewer_when(c, err);
	if (rc == RC_OK)
		rc = when_read(&c->when, options_get(&c->opts, OPT_AT), &in->at,
			       err);
	if (rc == RC_OK)
		rc = options_slug(&c->opts, OPT_EXPERT, &in->expert, err);
	if (rc == RC_OK)
		rc = input_duration(c, &msg_hold_table, &in->duration_minutes,
				    err);
	if (rc == RC_OK)
		rc = input_with(c, &in->with, err);
	return rc;
}

static enum rc make(struct client *c, const char *path, const struct msg *msg,
		    const struct msg_book *in, struct err *err)
{
	struct msg_booking made = {0};
	struct ask ask = {
		.path = path, .answer = &msg_booking_table, .out = &made};
	struct ask_body body = {.msg = msg, .in = in};
	enum rc rc = ask_post(c, &ask, &body, err);

	return rc == RC_OK ? show_booking(c, &made) : rc;
}

static enum rc change(struct client *c, const char *verb, const struct msg *msg,
		      const void *in, struct err *err)
{
	struct msg_booking changed = {0};
	struct ask ask = {.answer = &msg_booking_table, .out = &changed};
	struct ask_body body = {.msg = msg, .in = in};
	const char *code;
	enum rc rc = client_code(c, c->args.v[0], &code, err);

	if (rc == RC_OK)
		rc = viewer_when(c, err);
	if (rc != RC_OK)
		return rc;
	ask.path = client_printf(c, "/v1/bookings/%s", code);
	rc = ask_change(c, verb, &ask, &body, err);
	return rc == RC_OK ? show_booking(c, &changed) : rc;
}

/* Without --at: the code is a hold's, which becomes a booking. */
static enum rc confirm(struct client *c, struct err *err)
{
	struct msg_empty in = {0};
	enum rc rc = change(c, "confirm", &msg_empty_table, &in, err);

	if (rc != RC_NOT_FOUND)
		return rc;
	c->problem = NULL;
	return err_set(err, RC_NOT_FOUND,
		       "there is no hold %s; to book a request say when, with "
		       "--at TIME, and find times with: teleconsult slots "
		       "--request %s",
		       c->args.v[0], c->args.v[0]);
}

static enum rc book(struct client *c, struct err *err)
{
	struct msg_book in;
	enum rc rc;

	proto_clear(&msg_book_table, &in);
	if (!options_has(&c->opts, OPT_AT)) {
		if (options_has(&c->opts, OPT_EXPERT) ||
		    options_has(&c->opts, OPT_WITH) ||
		    options_has(&c->opts, OPT_DURATION))
			return err_set(
				err, RC_USAGE,
				"a hold is booked as it is held; to book "
				"a request say when, with --at TIME");
		return confirm(c, err);
	}
	rc = read_book(c, &in, err);
	if (rc != RC_OK)
		return rc;
	return make(c, "/v1/bookings", &msg_book_table, &in, err);
}

static enum rc hold(struct client *c, struct err *err)
{
	struct msg_book in;
	enum rc rc;

	proto_clear(&msg_hold_table, &in);
	rc = read_book(c, &in, err);
	if (rc == RC_OK)
		rc = input_number(c, OPT_MINUTES, &msg_hold_table,
				  "hold_minutes", &in.hold_minutes, err);
	if (rc != RC_OK)
		return rc;
	return make(c, "/v1/holds", &msg_hold_table, &in, err);
}

static enum rc release(struct client *c, struct err *err)
{
	struct msg_empty in = {0};

	return change(c, "release", &msg_empty_table, &in, err);
}

static enum rc move(struct client *c, struct err *err)
{
	struct msg_move in;
	enum rc rc = viewer_when(c, err);

	proto_clear(&msg_move_table, &in);
	if (rc == RC_OK)
		rc = when_read(&c->when, options_get(&c->opts, OPT_MOVE_TO),
			       &in.at, err);
	if (rc == RC_OK)
		rc = options_slug(&c->opts, OPT_EXPERT, &in.expert, err);
	if (rc == RC_OK)
		rc = input_duration(c, &msg_move_table, &in.duration_minutes,
				    err);
	if (rc == RC_OK)
		rc = input_with(c, &in.with, err);
	return rc == RC_OK ? change(c, "move", &msg_move_table, &in, err) : rc;
}

static enum rc cancel(struct client *c, struct err *err)
{
	struct msg_reason in = {options_get(&c->opts, OPT_REASON)};

	return change(c, "cancel", &msg_cancel_table, &in, err);
}

const struct command cmd_book = {
	.name = "book",
	.args = "CODE",
	.min_args = 1,
	.max_args = 1,
	.options =
		OPTSET(AT) | OPTSET(EXPERT) | OPTSET(WITH) | OPTSET(DURATION),
	.help = "book an accepted request (--at), or make a hold a booking",
	.example = "teleconsult book 7K2M-QX91 --at 'tomorrow 14:00'",
	.run = book,
};

const struct command cmd_hold = {
	.name = "hold",
	.args = "CODE",
	.min_args = 1,
	.max_args = 1,
	.options = OPTSET(AT) | OPTSET(MINUTES) | OPTSET(EXPERT) |
		   OPTSET(WITH) | OPTSET(DURATION),
	.required = OPTSET(AT),
	.help = "hold a time for an accepted request, for minutes",
	.example = "teleconsult hold 7K2M-QX91 --at 'tomorrow 14:00' "
		   "--minutes 10",
	.run = hold,
};

const struct command cmd_release = {
	.name = "release",
	.args = "CODE",
	.min_args = 1,
	.max_args = 1,
	.help = "give a hold back",
	.example = "teleconsult release 7K2M-QX91",
	.run = release,
};

const struct command cmd_move = {
	.name = "move",
	.args = "CODE",
	.min_args = 1,
	.max_args = 1,
	.options = OPTSET(MOVE_TO) | OPTSET(EXPERT) | OPTSET(WITH) |
		   OPTSET(DURATION),
	.required = OPTSET(MOVE_TO),
	.help = "move a booking to another time",
	.example = "teleconsult move 7K2M-QX91 --to 'mon 9:30'",
	.run = move,
};

const struct command cmd_cancel = {
	.name = "cancel",
	.args = "CODE",
	.min_args = 1,
	.max_args = 1,
	.options = OPTSET(REASON),
	.required = OPTSET(REASON),
	.help = "cancel a booking, with the reason",
	.example = "teleconsult cancel 7K2M-QX91 --reason 'the patient is "
		   "not fit to travel'",
	.run = cancel,
};
