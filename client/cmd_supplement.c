/* What is missing in a request: ask, supplement. */
#include "client/change.h"
#include "client/command.h"
#include "client/input.h"

static enum rc ask_for(struct client *c, struct err *err)
{
	struct msg_ask in = {options_get(&c->opts, OPT_FOR)};

	return change_request(c, "ask", &msg_ask_table, &in, err);
}

static enum rc supplement(struct client *c, struct err *err)
{
	const struct options *o = &c->opts;
	struct msg_supplement in;
	enum rc rc;

	proto_clear(&msg_supplement_table, &in);
	in.note = options_get(o, OPT_NOTE);
	in.reason = options_get(o, OPT_REASON);
	in.purpose = options_get(o, OPT_PURPOSE);
	in.summary = options_get(o, OPT_SUMMARY);
	in.title = options_get(o, OPT_TITLE);
	in.modality = options_get(o, OPT_MODALITY);
	in.replace_attachments = options_has(o, OPT_ONLY_THESE);
	rc = options_slug(o, OPT_SPECIALTY, &in.specialty, err);
	if (rc == RC_OK)
		rc = input_wanted(c, &in.wanted, err);
	if (rc == RC_OK)
		rc = input_attachments(c, &in.attachments, err);
	if (rc == RC_OK)
		rc = input_physician(c, &in.accompanied_by, err);
	return rc == RC_OK ? change_request(c, "supplement",
					    &msg_supplement_table, &in, err)
			   : rc;
}

const struct command cmd_ask = {
	.name = "ask",
	.args = "CODE",
	.min_args = 1,
	.max_args = 1,
	.options = OPTSET(FOR),
	.required = OPTSET(FOR),
	.help = "ask the partner for what a request lacks; once",
	.example = "teleconsult ask 7K2M-QX91 --for 'the ECG of this morning'",
	.run = ask_for,
};

const struct command cmd_supplement = {
	.name = "supplement",
	.args = "CODE",
	.min_args = 1,
	.max_args = 1,
	.options = OPTSET(NOTE) | OPTSET(REASON) | OPTSET(PURPOSE) |
		   OPTSET(SUMMARY) | OPTSET(SPECIALTY) | OPTSET(TITLE) |
		   OPTSET(MODALITY) | OPTSET(WANTED) | OPTSET(ATTACH) |
		   OPTSET(ONLY_THESE) | OPTSET(ACCOMPANIED_BY) |
		   OPTSET(LICENCE) | OPTSET(PHONE),
	.help = "add or replace what the lead asked for",
	.example = "teleconsult supplement 7K2M-QX91 --note 'the ECG' --attach "
		   "1.2.840.113619.2.55.3.604688119",
	.run = supplement,
};
