/* The commands of a session's day: arrive, start, finish, noshow. */
#include "client/change.h"
#include "client/command.h"

static enum rc say(struct client *c, const char *verb, struct err *err)
{
	struct msg_empty in = {0};

	return change_booking(c, verb, &msg_empty_table, &in, err);
}

static enum rc arrive(struct client *c, struct err *err)
{
	return say(c, "arrive", err);
}

static enum rc start(struct client *c, struct err *err)
{
	return say(c, "start", err);
}

static enum rc finish(struct client *c, struct err *err)
{
	return say(c, "finish", err);
}

static enum rc noshow(struct client *c, struct err *err)
{
	struct msg_noshow in = {.reason = options_get(&c->opts, OPT_REASON)};
	enum rc rc = options_word(&c->opts, OPT_ABSENT, &words_absent,
				  &in.absent, err);

	return rc == RC_OK ? change_booking(c, "noshow", &msg_noshow_table, &in,
					    err)
			   : rc;
}

const struct command cmd_arrive = {
	.name = "arrive",
	.args = "CODE",
	.min_args = 1,
	.max_args = 1,
	.help = "say that they are there whom a booking is about",
	.example = "teleconsult arrive 7K2M-QX91",
	.run = arrive,
};

const struct command cmd_start = {
	.name = "start",
	.args = "CODE",
	.min_args = 1,
	.max_args = 1,
	.help = "say that a session begins",
	.example = "teleconsult start 7K2M-QX91",
	.run = start,
};

const struct command cmd_finish = {
	.name = "finish",
	.args = "CODE",
	.min_args = 1,
	.max_args = 1,
	.help = "say that a session is over",
	.example = "teleconsult finish 7K2M-QX91",
	.run = finish,
};

const struct command cmd_noshow = {
	.name = "noshow",
	.args = "CODE",
	.min_args = 1,
	.max_args = 1,
	.options = OPTSET(ABSENT) | OPTSET(REASON),
	.required = OPTSET(ABSENT),
	.help = "say that somebody did not come, and who",
	.example = "teleconsult noshow 7K2M-QX91 --absent patient",
	.run = noshow,
};
