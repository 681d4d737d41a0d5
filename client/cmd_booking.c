/* The commands of a booking: book, hold, release, move, cancel. */
#include <string.h>

#include "base/code.h"
#include "client/ask.h"
#include "client/book.h"
#include "client/change.h"
#include "client/command.h"
#include "client/input.h"
#include "client/page.h"
#include "client/viewer.h"

/* The first option of the set that was given, or -1. */
static int given(const struct client *c, optset set)
{
	for (int o = 0; o < OPT_COUNT; o++)
		if ((set >> o & 1) && options_has(&c->opts, (enum option)o))
			return o;
	return -1;
}

static enum rc read_request(struct client *c, struct msg_book *in,
			    struct err *err)
{
	int extra = given(c, BOOK_DIRECT);
	struct code code;

	if (!code_read(c->args.v[0], strlen(c->args.v[0]), &code))
		return err_set(err, RC_USAGE,
			       "\"%.39s\" is no code, like 7K2M-QX91, and no "
			       "kind, like clinic-slot",
			       c->args.v[0]);
	if (extra >= 0)
		return err_set(err, RC_USAGE,
			       "--%s goes with a KIND that is booked without a "
			       "request; a request has said it already",
			       option_rows[extra].name);
	return client_code(c, c->args.v[0], &in->request, err);
}

/* Of a kind that is booked without a request; the server knows which are. */
static enum rc read_kind(struct client *c, struct msg_book *in, struct err *err)
{
	const struct options *o = &c->opts;
	enum rc rc;

	in->title = options_get(o, OPT_TITLE);
	in->modality = options_get(o, OPT_MODALITY);
	in->languages = o->v[OPT_LANGUAGE];
	rc = options_slug(o, OPT_SITE, &in->site, err);
	if (rc == RC_OK)
		rc = options_slug(o, OPT_AGREEMENT, &in->agreement, err);
	if (rc == RC_OK)
		rc = options_slug(o, OPT_SPECIALTY, &in->specialty, err);
	return rc == RC_OK ? input_patient(c, &in->patient, err) : rc;
}

/* What both a booking and a hold are asked with. */
enum rc book_read(struct client *c, struct msg_book *in, struct err *err)
{
	const char *what = c->args.v[0];
	enum rc rc;

	in->kind = words_find(&words_kind, what, strlen(what));
	rc = in->kind >= 0 ? read_kind(c, in, err) : read_request(c, in, err);
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
		rc = input_around(c, &msg_hold_table, &in->before_minutes,
				  &in->after_minutes, err);
	if (rc == RC_OK)
		rc = input_number(c, OPT_BED_DAYS, &msg_hold_table, "bed_days",
				  &in->bed_days, err);
	if (rc == RC_OK)
		rc = input_with(c, &in->with, err);
	in->also = c->opts.v[OPT_ALSO];
	in->beyond_end = options_has(&c->opts, OPT_BEYOND_END);
	in->overbook = options_get(&c->opts, OPT_OVERBOOK);
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

	if (rc == RC_OK)
		change_show_booking(c, &made);
	if (rc == RC_OK && made.fair && made.fair->detail && !c->json)
		buf_printf(&c->out, "%s was chosen: %s\n", made.expert,
			   made.fair->detail);
	return rc;
}

/* Without --at: the code is a hold's, which becomes a booking. */
static enum rc confirm(struct client *c, struct err *err)
{
	const char *what = c->args.v[0];
	struct msg_empty in = {0};
	enum rc rc;

	if (words_find(&words_kind, what, strlen(what)) >= 0)
		return err_set(err, RC_USAGE,
			       "when? Say it with --at TIME, and find times "
			       "with: teleconsult slots %s",
			       what);
	if (given(c, BOOK_DIRECT | BOOK_TAKEN) >= 0)
		return err_set(err, RC_USAGE,
			       "a hold is booked as it is held; to book a "
			       "request say when, with --at TIME");
	rc = change_booking(c, "confirm", &msg_empty_table, &in, err);
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
	if (!options_has(&c->opts, OPT_AT))
		return confirm(c, err);
	rc = book_read(c, &in, err);
	if (rc != RC_OK)
		return rc;
	return make(c, "/v1/bookings", &msg_book_table, &in, err);
}

static enum rc hold(struct client *c, struct err *err)
{
	struct msg_book in;
	enum rc rc;

	proto_clear(&msg_hold_table, &in);
	rc = book_read(c, &in, err);
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

	return change_booking(c, "release", &msg_empty_table, &in, err);
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
		rc = input_around(c, &msg_move_table, &in.before_minutes,
				  &in.after_minutes, err);
	if (rc == RC_OK)
		rc = input_number(c, OPT_BED_DAYS, &msg_move_table, "bed_days",
				  &in.bed_days, err);
	if (rc == RC_OK)
		rc = input_with(c, &in.with, err);
	in.also = c->opts.v[OPT_ALSO];
	in.beyond_end = options_has(&c->opts, OPT_BEYOND_END);
	return rc == RC_OK
		       ? change_booking(c, "move", &msg_move_table, &in, err)
		       : rc;
}

static enum rc cancel(struct client *c, struct err *err)
{
	struct msg_reason in = {options_get(&c->opts, OPT_REASON), -1};
	enum rc rc = options_word(&c->opts, OPT_REASON_CODE, &words_why,
				  &in.reason_code, err);

	return rc == RC_OK ? change_booking(c, "cancel", &msg_cancel_table, &in,
					    err)
			   : rc;
}

const struct command cmd_book = {
	.name = "book",
	.args = "CODE|KIND",
	.min_args = 1,
	.max_args = 1,
	.options = OPTSET(AT) | OPTSET(OVERBOOK) | BOOK_TAKEN | BOOK_DIRECT,
	.help = "book a request or a kind (--at), or make a hold a booking",
	.example = "teleconsult book 7K2M-QX91 --at 'tomorrow 14:00'",
	.run = book,
};

const struct command cmd_hold = {
	.name = "hold",
	.args = "CODE|KIND",
	.min_args = 1,
	.max_args = 1,
	.options = OPTSET(AT) | OPTSET(MINUTES) | OPTSET(OVERBOOK) |
		   BOOK_TAKEN | BOOK_DIRECT,
	.required = OPTSET(AT),
	.help = "hold a time for a request or a kind, for minutes",
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
	.options = OPTSET(MOVE_TO) | BOOK_TAKEN,
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
	.options = OPTSET(REASON) | OPTSET(REASON_CODE),
	.required = OPTSET(REASON),
	.help = "cancel a booking, with the reason",
	.example = "teleconsult cancel 7K2M-QX91 --reason 'the patient is "
		   "not fit to travel'",
	.run = cancel,
};
