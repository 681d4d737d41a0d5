/* The commands of a session's day: consent, arrive, start, finish, noshow. */
#include <string.h>

#include "base/text.h"
#include "client/change.h"
#include "client/command.h"
#include "client/input.h"
#include "client/viewer.h"

#define LATE_MAX 480 /* minutes */

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
	struct msg_start in = {options_get(&c->opts, OPT_REASON)};

	return change_booking(c, "start", &msg_start_table, &in, err);
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

/* A session by minutes, a bed by days. */
static enum rc read_late(struct client *c, struct msg_run_late *in,
			 struct err *err)
{
	const char *typed = c->args.n > 1 ? c->args.v[1] : "";

	if ((c->args.n > 1) == options_has(&c->opts, OPT_BED_DAYS))
		return err_set(err, RC_USAGE,
			       "a session ends MINUTES later, a bed"
			       " --bed-days N");
	if (c->args.n == 1)
		return input_number(c, OPT_BED_DAYS, &msg_run_late_table,
				    "days", &in->days, err);
	if (!text_int(typed, strlen(typed), 1, LATE_MAX, &in->minutes))
		return err_set(err, RC_USAGE,
			       "\"%.39s\" is no number of minutes, 1 to %d",
			       typed, LATE_MAX);
	return RC_OK;
}

static enum rc late(struct client *c, struct err *err)
{
	struct msg_run_late in;
	enum rc rc;

	proto_clear(&msg_run_late_table, &in);
	in.reason = options_get(&c->opts, OPT_REASON);
	rc = options_word(&c->opts, OPT_REASON_CODE, &words_why,
			  &in.reason_code, err);
	if (rc == RC_OK)
		rc = read_late(c, &in, err);
	return rc == RC_OK ? change_booking(c, "late", &msg_run_late_table, &in,
					    err)
			   : rc;
}

static const char *const colour_names[] = {"green", "red"};
static const struct words colours = {"state", colour_names, 2};

static enum rc check(struct client *c, struct err *err)
{
	struct msg_checking in;
	int colour = 0;
	enum rc rc = RC_OK;

	proto_clear(&msg_checking_table, &in);
	if (c->args.n > 1)
		rc = option_word(c->args.v[1], &words_check, &in.check, err);
	if (rc == RC_OK && c->args.n > 2)
		rc = option_word(c->args.v[2], &colours, &colour, err);
	if (rc == RC_OK)
		rc = options_slug(&c->opts, OPT_SITE, &in.site, err);
	if (rc == RC_OK)
		rc = options_word(&c->opts, OPT_INSTEAD, &words_contingency,
				  &in.contingency, err);
	in.red = colour == 1;
	in.reason = options_get(&c->opts, OPT_REASON);
	return rc == RC_OK ? change_booking(c, "checks", &msg_checking_table,
					    &in, err)
			   : rc;
}

static enum rc fallback(struct client *c, struct err *err)
{
	struct msg_fallback in = {c->args.v[1]};

	return change_booking(c, "fallback", &msg_fallback_table, &in, err);
}

static enum rc read_consent(struct client *c, struct msg_consent_new *in,
			    struct err *err)
{
	const struct options *o = &c->opts;
	const char *at = options_get(o, OPT_AT);
	enum rc rc =
		option_word(c->args.v[1], &words_consent, &in->consent, err);

	in->kept = c->args.n > 2 ? c->args.v[2] : NULL;
	in->name = options_get(o, OPT_NAME);
	in->relation = options_get(o, OPT_RELATION);
	in->reason = options_get(o, OPT_REASON);
	in->withdrawn = options_has(o, OPT_WITHDRAWN);
	if (in->relation)
		in->signer = SIGNER_GUARDIAN;
	if (rc == RC_OK && at)
		rc = viewer_when(c, err);
	if (rc == RC_OK && at)
		rc = when_read(&c->when, at, &in->signed_at, err);
	return rc;
}

/* The code is a request's, or that of a booking without one. */
static enum rc consent(struct client *c, struct err *err)
{
	struct msg_consent_new in;
	enum rc rc;

	proto_clear(&msg_consent_new_table, &in);
	rc = read_consent(c, &in, err);
	if (rc == RC_OK)
		rc = change_request(c, "consent", &msg_consent_new_table, &in,
				    err);
	if (rc != RC_NOT_FOUND)
		return rc;
	c->problem = NULL;
	return change_booking(c, "consent", &msg_consent_new_table, &in, err);
}

const struct command cmd_consent = {
	.name = "consent",
	.args = "CODE treatment|telementoring|broadcast [KEPT]",
	.min_args = 2,
	.max_args = 3,
	.options = OPTSET(NAME) | OPTSET(RELATION) | OPTSET(AT) |
		   OPTSET(REASON) | OPTSET(WITHDRAWN),
	.help = "say that a consent is signed, and where it is kept",
	.example =
		"teleconsult consent 7K2M-QX91 treatment 'ward 12, folder 88'",
	.run = consent,
};

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
	.options = OPTSET(REASON),
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

const struct command cmd_late = {
	.name = "late",
	.args = "CODE [MINUTES]",
	.min_args = 1,
	.max_args = 2,
	.options = OPTSET(REASON) | OPTSET(REASON_CODE) | OPTSET(BED_DAYS),
	.help = "say that it ends later, and see what it runs into",
	.example = "teleconsult late 7K2M-QX91 40",
	.run = late,
};

const struct command cmd_check = {
	.name = "check",
	.args = "CODE [equipment|link|connected] [green|red]",
	.min_args = 1,
	.max_args = 3,
	.options = OPTSET(SITE) | OPTSET(INSTEAD) | OPTSET(REASON),
	.help = "say whether what a session needs works at your end",
	.example = "teleconsult check 7K2M-QX91 link green",
	.run = check,
};

const struct command cmd_fallback = {
	.name = "fallback",
	.args = "CODE EXPERT",
	.min_args = 2,
	.max_args = 2,
	.help = "name the surgeon of the partner's who takes over",
	.example = "teleconsult fallback 7K2M-QX91 chest-pain-1",
	.run = fallback,
};
