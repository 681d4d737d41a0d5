/* The command course: how it goes on with a patient who was referred. */
#include <string.h>

#include "client/ask.h"
#include "client/command.h"
#include "client/input.h"
#include "client/page.h"
#include "client/term.h"
#include "client/viewer.h"

#define TEXT_BYTES 16000

static enum rc read_text(struct client *c, const char **out, struct err *err)
{
	struct buf text;
	size_t len;

	buf_init(&text, TEXT_BYTES);
	enum rc rc = input_read(options_get(&c->opts, OPT_FILE), &text, err);

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

static enum rc add(struct client *c, const char *path, struct err *err)
{
	struct msg_course_new in;
	struct msg_course_entry made = {0};
	struct ask ask = {
		.path = path, .answer = &msg_course_entry_table, .out = &made};
	struct ask_body body = {.msg = &msg_course_new_table, .in = &in};
	char shown[WHEN_LEN + 1];
	enum rc rc;

	proto_clear(&msg_course_new_table, &in);
	if (!options_has(&c->opts, OPT_FILE))
		return err_set(err, RC_USAGE,
			       "--what goes with --file: what is to be told");
	rc = options_word(&c->opts, OPT_WHAT, &words_course, &in.what, err);
	if (rc == RC_OK && options_has(&c->opts, OPT_WHEN))
		rc = when_read(&c->when, options_get(&c->opts, OPT_WHEN),
			       &in.at, err);
	if (rc == RC_OK)
		rc = read_text(c, &in.text, err);
	if (rc == RC_OK)
		rc = ask_post(c, &ask, &body, err);
	if (rc != RC_OK || c->json) {
		if (rc == RC_OK)
			page_json(c);
		return rc;
	}
	when_show(c->when.zone, made.at, shown);
	buf_printf(&c->out, "%s %s %s, written\n", page_code(c, c->args.v[0]),
		   words_name(&words_course, made.what), shown);
	return RC_OK;
}

static void add_time(struct client *c, const char *label, int64_t at)
{
	char shown[WHEN_LEN + 1];

	if (at == FIELD_NONE)
		return;
	when_show(c->when.zone, at, shown);
	page_line(c, label, shown);
}

static void show(struct client *c, const struct msg_course *r)
{
	const struct msg_course_entry *v = r->entries.v;
	char shown[WHEN_LEN + 1];

	page_line(c, "referral",
		  client_printf(c, "%s, %s", page_code(c, r->request),
				words_name(&words_request_status, r->status)));
	page_line(c, "booking", r->booking ? page_code(c, r->booking) : NULL);
	add_time(c, "arrived", r->arrived_at);
	add_time(c, "began", r->started_at);
	add_time(c, "over", r->finished_at);
	for (size_t i = 0; i < r->entries.n; i++) {
		when_show(c->when.zone, v[i].at, shown);
		page_heading(c,
			     client_printf(c, "%s %s, %s (%s)", shown,
					   words_name(&words_course, v[i].what),
					   v[i].site, v[i].by));
		if (v[i].text)
			term_add_lines(&c->out, v[i].text, "  ");
	}
	if (r->entries.n == 0)
		buf_str(&c->out, "\nNothing was written yet.\n");
}

static enum rc course(struct client *c, struct err *err)
{
	struct msg_course r = {0};
	struct ask ask = {.answer = &msg_course_table, .out = &r};
	const char *code;
	enum rc rc = client_code(c, c->args.v[0], &code, err);

	if (rc == RC_OK)
		rc = viewer_when(c, err);
	if (rc != RC_OK)
		return rc;
	ask.path = client_printf(c, "/v1/requests/%s/course", code);
	if (options_has(&c->opts, OPT_WHAT))
		return add(c, ask.path, err);
	rc = ask_get(c, &ask, err);
	if (rc == RC_OK && c->json)
		page_json(c);
	else if (rc == RC_OK)
		show(c, &r);
	return rc;
}

const struct command cmd_course = {
	.name = "course",
	.args = "CODE",
	.min_args = 1,
	.max_args = 1,
	.options = OPTSET(WHAT) | OPTSET(WHEN) | OPTSET(FILE),
	.help = "read how it goes on with a referred patient, or write it",
	.example = "teleconsult course 7K2M-QX91 --what admitted --file "
		   "course.txt",
	.run = course,
};
