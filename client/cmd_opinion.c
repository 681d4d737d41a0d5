/* The commands of opinions: opinion, receive. */
#include <string.h>

#include "base/opinion.h"
#include "base/sign.h"
#include "base/text.h"
#include "client/ask.h"
#include "client/change.h"
#include "client/command.h"
#include "client/input.h"
#include "client/page.h"
#include "client/viewer.h"

#define TEXT_BYTES ((size_t)4 * OPINION_TEXT_MAX)

static enum rc read_text(struct client *c, const char **out, struct err *err)
{
	struct buf text;
	size_t len;
	enum rc rc;

	buf_init(&text, TEXT_BYTES);
	rc = input_read(options_get(&c->opts, OPT_FILE), &text, err);
	len = text.len;
	while (len > 0 && strchr("\r\n ", text.data[len - 1]))
		len--; /* what an editor leaves at the end */
	if (rc == RC_OK && len == 0)
		rc = err_set(err, RC_USAGE, "the file says nothing");
	if (rc == RC_OK)
		*out = client_printf(c, "%.*s", (int)len, text.data);
	buf_fini(&text);
	return rc;
}

static enum rc ask_what(struct client *c, const char *path,
			const struct msg_to_sign **out, struct err *err)
{
	struct msg_opinion_list *list = client_alloc(c, sizeof(*list));
	struct ask ask = {
		.path = path, .answer = &msg_opinion_list_table, .out = list};
	enum rc rc = ask_get(c, &ask, err);

	if (rc != RC_OK)
		return rc;
	*out = list->to_sign;
	return *out ? RC_OK
		    : err_set(err, RC_STATE,
			      "there is nothing for you to sign: the experts "
			      "of its session sign, once that has begun");
}

/* A correction is said, so that nobody signs a second opinion by mistake. */
static enum rc check_corrects(struct client *c, const struct msg_to_sign *next,
			      struct msg_opinion_new *in, struct err *err)
{
	enum rc rc = input_number(c, OPT_CORRECTS, &msg_opinion_new_table,
				  "corrects", &in->corrects, err);

	if (rc != RC_OK)
		return rc;
	if (next->version > 1 && in->corrects != next->version - 1)
		return err_set(err, RC_USAGE,
			       "you have signed version %lld: --corrects %lld "
			       "says that this one corrects it",
			       (long long)next->version - 1,
			       (long long)next->version - 1);
	if (next->version == 1 && in->corrects != FIELD_NONE)
		return err_set(err, RC_USAGE,
			       "you have signed none that could be corrected");
	return RC_OK;
}

static const char *hex_of(struct client *c, const struct buf *bytes)
{
	char *s = client_alloc(c, 2 * bytes->len + 1);

	text_hex(bytes->data, bytes->len, s);
	s[2 * bytes->len] = '\0';
	return s;
}

/* With the key of the certificate that this profile enrolled with. */
static enum rc sign(struct client *c, const struct msg_to_sign *next,
		    struct msg_opinion_new *in, struct err *err)
{
	struct opinion_lines lines = {.request = next->request,
				      .expert = next->expert,
				      .version = next->version,
				      .time = next->now,
				      .text = in->text,
				      .reference = in->reference};
	struct buf bytes, made;
	enum rc rc;

	if (!text_unhex(next->previous, strlen(next->previous), lines.corrects,
			sizeof(lines.corrects)))
		return err_set(err, RC_INTERNAL, "the answer has no hash");
	in->version = next->version;
	in->signed_at = next->now;
	buf_init(&bytes, OPINION_LINES_MAX);
	buf_init(&made, OPINION_LINES_MAX);
	opinion_write(&lines, &bytes);
	rc = sign_key_of(c->profile.identity, &made, err);
	if (rc == RC_OK) {
		in->key = hex_of(c, &made);
		buf_reset(&made);
		rc = sign_make(c->profile.identity, bytes.data, bytes.len,
			       &made, err);
	}
	if (rc == RC_OK)
		in->signature = hex_of(c, &made);
	buf_fini(&bytes);
	buf_fini(&made);
	return rc;
}

static void show_filed(struct client *c, const struct msg_opinion_filed *filed)
{
	if (c->json) {
		page_json(c);
		return;
	}
	buf_printf(&c->out, "%s %s, version %lld signed\n",
		   page_code(c, filed->code),
		   words_name(&words_request_status, filed->status),
		   (long long)filed->opinion_version);
}

static enum rc file_opinion(struct client *c, struct err *err)
{
	const struct msg_to_sign *next;
	struct msg_opinion_new in;
	struct msg_opinion_filed filed = {0};
	struct ask ask = {.answer = &msg_opinion_filed_table, .out = &filed};
	struct ask_body body = {.msg = &msg_opinion_new_table, .in = &in};
	const char *code;
	enum rc rc = client_code(c, c->args.v[0], &code, err);

	proto_clear(&msg_opinion_new_table, &in);
	in.reference = options_get(&c->opts, OPT_REFERENCE);
	if (rc == RC_OK)
		rc = read_text(c, &in.text, err);
	if (rc != RC_OK)
		return rc;
	ask.path = client_printf(c, "/v1/requests/%s/opinions", code);
	rc = ask_what(c, ask.path, &next, err);
	if (rc == RC_OK)
		rc = check_corrects(c, next, &in, err);
	if (rc == RC_OK)
		rc = sign(c, next, &in, err);
	if (rc == RC_OK)
		rc = ask_post(c, &ask, &body, err);
	if (rc == RC_OK)
		show_filed(c, &filed);
	return rc;
}

static enum rc receive(struct client *c, struct err *err)
{
	struct msg_empty in = {0};

	enum rc rc = change_request(c, "receive", &msg_empty_table, &in, err);

	/* Or a booking that gave way. */
	return rc == RC_NOT_FOUND ? change_booking(c, "receive",
						   &msg_empty_table, &in, err)
				  : rc;
}

const struct command cmd_opinion = {
	.name = "opinion",
	.args = "CODE",
	.min_args = 1,
	.max_args = 1,
	.options = OPTSET(FILE) | OPTSET(REFERENCE) | OPTSET(CORRECTS),
	.required = OPTSET(FILE),
	.help = "sign your opinion on a request with your key",
	.example = "teleconsult opinion 7K2M-QX91 --file opinion.txt",
	.run = file_opinion,
};

const struct command cmd_receive = {
	.name = "receive",
	.args = "CODE",
	.min_args = 1,
	.max_args = 1,
	.help = "say that opinions, or a cancellation, were received",
	.example = "teleconsult receive 7K2M-QX91",
	.run = receive,
};
