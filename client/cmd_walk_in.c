/* The commands of a free clinic: session draw, call, mark, waiting. */
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "client/ask.h"
#include "client/command.h"
#include "client/page.h"
#include "client/table.h"
#include "client/viewer.h"

#define NUMBER_MAX 10000

/* "7 called to one/station-2: Zhang" */
static void show(struct client *c, const struct msg_walk_in *t)
{
	const char *where = t->called_to ? t->called_to : t->station;

	if (c->json) {
		page_json(c);
		return;
	}
	buf_printf(&c->out, "%" PRId64 " %s", t->number,
		   words_name(&words_walk_in, t->state));
	if (where) {
		buf_str(&c->out, t->called_to ? " to " : " for ");
		term_add(&c->out, where);
	}
	if (t->name) {
		buf_str(&c->out, ": ");
		term_add(&c->out, t->name);
	}
	buf_chr(&c->out, '\n');
}

static enum rc send(struct client *c, const char *verb, const struct msg *msg,
		    const void *in, struct err *err)
{
	struct msg_walk_in out = {0};
	struct ask ask = {.answer = &msg_walk_in_table, .out = &out};
	struct ask_body body = {.msg = msg, .in = in};
	const char *code;
	enum rc rc = client_code(c, c->args.v[0], &code, err);

	if (rc != RC_OK)
		return rc;
	ask.path = client_printf(c, "/v1/sessions/%s/%s", code, verb);
	rc = ask_post(c, &ask, &body, err);
	if (rc == RC_OK)
		show(c, &out);
	return rc;
}

static enum rc draw(struct client *c, struct err *err)
{
	struct msg_walk_in_new in = {options_get(&c->opts, OPT_STATION),
				     options_get(&c->opts, OPT_NAME)};

	return send(c, "tokens", &msg_walk_in_new_table, &in, err);
}

static enum rc call(struct client *c, struct err *err)
{
	struct msg_walk_in_call in = {c->args.v[1]};

	return send(c, "call", &msg_walk_in_call_table, &in, err);
}

static const char *const outcome_names[] = {"seen", "gone"};
static const struct words outcomes = {"outcome", outcome_names, 2};

static enum rc mark(struct client *c, struct err *err)
{
	struct msg_walk_in_mark in = {0};
	const char *typed = c->args.v[1];

	if (!text_int(typed, strlen(typed), 1, NUMBER_MAX, &in.number))
		return err_set(err, RC_USAGE, "\"%.39s\" is no number", typed);
	enum rc rc = option_word(c->args.v[2], &outcomes, &in.outcome, err);

	in.outcome += WALK_IN_SEEN;
	return rc == RC_OK ? send(c, "mark", &msg_walk_in_mark_table, &in, err)
			   : rc;
}

static void add_tokens(struct client *c, const struct msg_walk_in_list *list)
{
	static const struct table_column columns[] = {
		{"NUMBER", 0},	  {"STATE", 0}, {"FOR", 0},
		{"CALLED TO", 0}, {"SINCE", 0}, {NULL, 0}};
	const struct msg_walk_in *v = list->items.v;
	struct table *t = table_new(columns);

	for (size_t i = 0; i < list->items.n; i++) {
		char since[WHEN_CLOCK_LEN + 1];

		when_show_clock(c->when.zone,
				v[i].called_at == FIELD_NONE ? v[i].drawn_at
							     : v[i].called_at,
				since);
		table_row(t);
		table_cell(t, client_printf(c, "%" PRId64, v[i].number));
		table_cell(t, words_name(&words_walk_in, v[i].state));
		table_cell(t, v[i].station ? v[i].station : "any");
		table_cell(t, v[i].called_to);
		table_cell(t, since);
	}
	if (list->items.n > 0)
		table_print(t, &c->term, &c->out);
	table_free(t);
	buf_printf(&c->out,
		   "%" PRId64 " wait, %" PRId64 " called, %" PRId64
		   " seen, %" PRId64 " gone\n",
		   list->waiting, list->called, list->seen, list->gone);
}

static enum rc waiting(struct client *c, struct err *err)
{
	struct msg_walk_in_list list = {.items = {NULL, 0}};
	struct ask ask = {.answer = &msg_walk_in_list_table, .out = &list};
	const char *code;
	enum rc rc = client_code(c, c->args.v[0], &code, err);

	if (rc == RC_OK)
		rc = viewer_when(c, err);
	if (rc != RC_OK)
		return rc;
	ask.path = client_printf(c, "/v1/sessions/%s/tokens", code);
	rc = ask_get(c, &ask, err);
	if (rc == RC_OK && c->json)
		page_json(c);
	else if (rc == RC_OK)
		add_tokens(c, &list);
	return rc;
}

const struct command cmd_session_draw = {
	.name = "session draw",
	.args = "CODE",
	.min_args = 1,
	.max_args = 1,
	.options = OPTSET(STATION) | OPTSET(NAME),
	.help = "draw a free clinic's next token",
	.example = "teleconsult session draw 7K2M-QX91",
	.run = draw,
};

const struct command cmd_session_call = {
	.name = "session call",
	.args = "CODE SITE/NAME",
	.min_args = 2,
	.max_args = 2,
	.help = "call the next to a station",
	.example = "teleconsult session call 7K2M-QX91"
		   " liaoyang-central/station-1",
	.run = call,
};

const struct command cmd_session_mark = {
	.name = "session mark",
	.args = "CODE NUMBER seen|gone",
	.min_args = 3,
	.max_args = 3,
	.help = "say that somebody was seen, or is gone",
	.example = "teleconsult session mark 7K2M-QX91 12 seen",
	.run = mark,
};

const struct command cmd_session_waiting = {
	.name = "session waiting",
	.args = "CODE",
	.min_args = 1,
	.max_args = 1,
	.help = "who waits at a free clinic, and who is called",
	.example = "teleconsult session waiting 7K2M-QX91",
	.run = waiting,
};
