/* The commands of a request: submit, accept, assign, decline, withdraw. */
#include "client/ask.h"
#include "client/change.h"
#include "client/command.h"
#include "client/input.h"
#include "client/page.h"
#include "client/viewer.h"

static enum rc read_door(struct client *c, int64_t *out, struct err *err)
{
	const char *typed = options_get(&c->opts, OPT_DOOR);
	enum rc rc = typed ? viewer_when(c, err) : RC_OK;

	return rc == RC_OK && typed ? when_read(&c->when, typed, out, err) : rc;
}

/* Whoever asks for an emergency wants to know at once who is called. */
static enum rc show_made(struct client *c, const struct msg_request *made,
			 struct err *err)
{
	enum rc rc = RC_OK;

	if (c->json) {
		page_json(c);
		return RC_OK;
	}
	if (made->calls.n)
		rc = viewer_when(c, err);
	if (rc != RC_OK)
		return rc;
	buf_printf(&c->out, "%s\n", page_code(c, made->code));
	page_call_line(c, &made->calls);
	return RC_OK;
}

/* Whom it names, by their ids. */
static enum rc read_names(const struct options *o, struct msg_request_new *r,
			  struct err *err)
{
	enum rc rc = options_slug(o, OPT_SITE, &r->site, err);

	if (rc == RC_OK)
		rc = options_slug(o, OPT_AGREEMENT, &r->agreement, err);
	if (rc == RC_OK)
		rc = options_slug(o, OPT_SPECIALTY, &r->specialty, err);
	if (rc == RC_OK)
		rc = options_slug(o, OPT_EXPERT, &r->expert, err);
	if (rc == RC_OK)
		rc = options_slug(o, OPT_REFER_TO, &r->to, err);
	return rc == RC_OK ? options_slug(o, OPT_SURGEON, &r->surgeon, err)
			   : rc;
}

static enum rc read_papers(struct client *c, struct msg_request_new *r,
			   struct err *err)
{
	enum rc rc = input_attachments(c, &r->attachments, err);

	if (rc == RC_OK)
		rc = input_physician(c, &r->accompanied_by, err);
	if (rc == RC_OK)
		rc = input_patient(c, &r->patient, err);
	if (rc == RC_OK && !r->patient)
		rc = err_set(err, RC_USAGE,
			     "the patient is missing: give --patient FILE, a "
			     "JSON object with local_id, name and summary");
	return rc;
}

static enum rc read_request(struct client *c, struct msg_request_new *r,
			    struct err *err)
{
	const struct options *o = &c->opts;
	enum rc rc = option_word(c->args.v[0], &words_kind, &r->kind, err);

	r->reason = options_get(o, OPT_REASON);
	r->purpose = options_get(o, OPT_PURPOSE);
	r->title = options_get(o, OPT_TITLE);
	r->modality = options_get(o, OPT_MODALITY);
	r->languages = o->v[OPT_LANGUAGE];
	r->also = o->v[OPT_ALSO];
	if (rc == RC_OK)
		rc = read_names(o, r, err);
	if (rc == RC_OK && options_has(o, OPT_OF))
		rc = client_code(c, options_get(o, OPT_OF), &r->of, err);
	if (rc == RC_OK)
		rc = options_word(o, OPT_URGENCY, &words_urgency, &r->urgency,
				  err);
	if (rc == RC_OK)
		rc = options_word(o, OPT_MODE, &words_mode, &r->mode, err);
	if (rc == RC_OK)
		rc = input_duration(c, &msg_request_new_table,
				    &r->duration_minutes, err);
	if (rc == RC_OK)
		rc = input_around(c, &msg_request_new_table, &r->before_minutes,
				  &r->after_minutes, err);
	if (rc == RC_OK)
		rc = input_wanted(c, &r->wanted, err);
	if (rc == RC_OK)
		rc = read_door(c, &r->door_at, err);
	return rc == RC_OK ? read_papers(c, r, err) : rc;
}

static enum rc submit(struct client *c, struct err *err)
{
	struct msg_request_new new;
	struct msg_request made = {0};
	struct ask ask = {.path = "/v1/requests",
			  .answer = &msg_request_table,
			  .out = &made};
	struct ask_body body = {.msg = &msg_request_new_table, .in = &new};
	enum rc rc;

	proto_clear(&msg_request_new_table, &new);
	rc = read_request(c, &new, err);
	if (rc == RC_OK)
		rc = ask_post(c, &ask, &body, err);
	if (rc != RC_OK)
		return rc;
	return show_made(c, &made, err);
}

static enum rc accept_request(struct client *c, struct err *err)
{
	struct msg_accept in;
	enum rc rc;

	proto_clear(&msg_accept_table, &in);
	rc = options_slug(&c->opts, OPT_EXPERT, &in.expert, err);
	if (rc == RC_OK)
		rc = input_duration(c, &msg_accept_table, &in.duration_minutes,
				    err);
	if (rc != RC_OK)
		return rc;
	return change_request(c, "accept", &msg_accept_table, &in, err);
}

static enum rc assign_request(struct client *c, struct err *err)
{
	struct msg_assign in = {.reason = options_get(&c->opts, OPT_REASON)};
	enum rc rc = options_slug(&c->opts, OPT_EXPERT, &in.expert, err);

	return rc == RC_OK ? change_request(c, "assign", &msg_assign_table, &in,
					    err)
			   : rc;
}

static enum rc end_request(struct client *c, const char *verb,
			   const struct msg *msg, struct err *err)
{
	struct msg_reason in = {options_get(&c->opts, OPT_REASON), -1};
	enum rc rc = options_word(&c->opts, OPT_REASON_CODE, &words_why,
				  &in.reason_code, err);

	return rc == RC_OK ? change_request(c, verb, msg, &in, err) : rc;
}

static enum rc decline_request(struct client *c, struct err *err)
{
	return end_request(c, "decline", &msg_decline_table, err);
}

static enum rc withdraw_request(struct client *c, struct err *err)
{
	return end_request(c, "withdraw", &msg_withdraw_table, err);
}

const struct command cmd_submit = {
	.name = "submit",
	.args = "KIND",
	.min_args = 1,
	.max_args = 1,
	.options = OPTSET(SITE) | OPTSET(REASON) | OPTSET(PURPOSE) |
		   OPTSET(URGENCY) | OPTSET(SPECIALTY) | OPTSET(EXPERT) |
		   OPTSET(TITLE) | OPTSET(MODALITY) | OPTSET(MODE) |
		   OPTSET(LANGUAGE) | OPTSET(ALSO) | OPTSET(SURGEON) |
		   OPTSET(DURATION) | OPTSET(BEFORE) | OPTSET(AFTER) |
		   OPTSET(WANTED) | OPTSET(AGREEMENT) | OPTSET(DOOR) |
		   OPTSET(PATIENT) | OPTSET(PATIENT_ID) | OPTSET(PATIENT_NAME) |
		   OPTSET(SUMMARY) | OPTSET(ATTACH) | OPTSET(ACCOMPANIED_BY) |
		   OPTSET(LICENCE) | OPTSET(PHONE) | OPTSET(REFER_TO) |
		   OPTSET(OF),
	.required = OPTSET(SITE) | OPTSET(REASON),
	.help = "submit a request; prints its code",
	.example = "teleconsult submit remote-consultation "
		   "--site liaoyang-central --reason 'chest pain, ST changes' "
		   "--specialty coronary --wanted 'tomorrow 14:00/17:00' "
		   "--patient patient.json",
	.run = submit,
};

const struct command cmd_accept = {
	.name = "accept",
	.args = "CODE",
	.min_args = 1,
	.max_args = 1,
	.options = OPTSET(EXPERT) | OPTSET(DURATION),
	.help = "accept a request, and perhaps assign its expert",
	.example = "teleconsult accept 7K2M-QX91 --expert coronary-1",
	.run = accept_request,
};

const struct command cmd_assign = {
	.name = "assign",
	.args = "CODE",
	.min_args = 1,
	.max_args = 1,
	.options = OPTSET(EXPERT) | OPTSET(REASON),
	.required = OPTSET(EXPERT),
	.help = "assign an accepted request to another expert",
	.example = "teleconsult assign 7K2M-QX91 --expert coronary-2",
	.run = assign_request,
};

const struct command cmd_decline = {
	.name = "decline",
	.args = "CODE",
	.min_args = 1,
	.max_args = 1,
	.options = OPTSET(REASON) | OPTSET(REASON_CODE),
	.required = OPTSET(REASON),
	.help = "decline a request, with the reason",
	.example = "teleconsult decline 7K2M-QX91 --reason 'an aortic case: "
		   "please ask aortic surgery'",
	.run = decline_request,
};

const struct command cmd_withdraw = {
	.name = "withdraw",
	.args = "CODE",
	.min_args = 1,
	.max_args = 1,
	.options = OPTSET(REASON) | OPTSET(REASON_CODE),
	.required = OPTSET(REASON),
	.help = "withdraw a request of your own site, with the reason",
	.example = "teleconsult withdraw 7K2M-QX91 --reason 'the patient was "
		   "transferred'",
	.run = withdraw_request,
};
