/* The commands of pooled half-days: list, show, open, order. */
#include <string.h>

#include "base/civil.h"
#include "base/code.h"
#include "client/ask.h"
#include "client/command.h"
#include "client/page.h"
#include "client/table.h"
#include "client/viewer.h"

#define BACK (31 * (int64_t)CIVIL_DAY)
#define AHEAD (28 * (int64_t)CIVIL_DAY)

static const struct table_column columns[] = {
	{"CODE", 0},
	{"WHEN", 0},
	{"EXPERT", 0},
	{"SPECIALTY", TABLE_CUT | TABLE_SPARE},
	{"WAIT", TABLE_RIGHT},
	{"OPENS AT", TABLE_RIGHT},
	{"CASES", TABLE_RIGHT},
	{NULL, 0}};

static const char *number(struct client *c, int64_t n)
{
	return client_printf(c, "%lld", (long long)n);
}

static void print_list(struct client *c, const struct msg_pool_list *list)
{
	const struct msg_pool *v = list->items.v;
	struct table *t = table_new(columns);

	for (size_t i = 0; i < list->items.n; i++) {
		char span[WHEN_SPAN_LEN + 1];

		when_show_span(c->when.zone, v[i].from, v[i].to, span);
		table_row(t);
		table_cell(t, v[i].code ? page_code(c, v[i].code) : "-");
		table_cell(t, span);
		table_cell(t, v[i].expert);
		table_cell(t, v[i].specialty);
		table_cell(t, number(c, v[i].waiting));
		table_cell(t, number(c, v[i].threshold));
		table_cell(t,
			   v[i].code ? number(c, (int64_t)v[i].cases.n) : "-");
	}
	table_print(t, &c->term, &c->out);
	table_free(t);
	buf_printf(&c->out, "Times in %s.\n", tz_name(c->when.zone));
}

static const struct table_column case_columns[] = {
	{"TIME", 0},	{"BOOKING", 0}, {"REQUEST", 0},
	{"URGENCY", 0}, {"KIND", 0},	{"SITE", TABLE_CUT | TABLE_SPARE},
	{"STATUS", 0},	{NULL, 0}};

static void print_one(struct client *c, const struct msg_pool *p)
{
	const struct msg_pool_case *v = p->cases.v;
	struct table *t = table_new(case_columns);
	char span[WHEN_SPAN_LEN + 1];

	when_show_span(c->when.zone, p->from, p->to, span);
	buf_printf(&c->out, "%s, ", p->code ? page_code(c, p->code) : "-");
	term_add(&c->out, p->expert);
	buf_str(&c->out, ", ");
	term_add(&c->out, p->specialty);
	buf_printf(&c->out, ", %s: %zu cases, %lld more wait\n", span,
		   p->cases.n, (long long)p->waiting);
	for (size_t i = 0; i < p->cases.n; i++) {
		when_show_span(c->when.zone, v[i].from, v[i].to, span);
		table_row(t);
		table_cell(t, span);
		table_cell(t, page_code(c, v[i].booking));
		table_cell(t, page_code(c, v[i].request));
		table_cell(t, words_name(&words_urgency, v[i].urgency));
		table_cell(t, words_name(&words_kind, v[i].kind));
		table_cell(t, v[i].partner);
		table_cell(t, words_name(&words_booking_status, v[i].status));
	}
	table_print(t, &c->term, &c->out);
	table_free(t);
}

/* Those that begin in the four weeks to come, and `back` seconds before. */
static enum rc fetch(struct client *c, int64_t back, struct msg_pool_list *out,
		     struct err *err)
{
	struct msg_pool_query q;
	struct ask ask = {.path = "/v1/pools",
			  .query = &msg_pool_query_table,
			  .query_in = &q,
			  .answer = &msg_pool_list_table,
			  .out = out};
	enum rc rc = viewer_when(c, err);

	proto_clear(&msg_pool_query_table, &q);
	if (back) {
		q.from = c->when.now - back;
		q.to = c->when.now + AHEAD;
	}
	return rc == RC_OK ? ask_get(c, &ask, err) : rc;
}

static enum rc list(struct client *c, struct err *err)
{
	struct msg_pool_list found = {0};
	enum rc rc = fetch(c, 0, &found, err);

	if (rc == RC_OK && c->json)
		page_json(c);
	else if (rc == RC_OK)
		print_list(c, &found);
	return rc;
}

static enum rc show(struct client *c, struct err *err)
{
	struct msg_pool_list found = {0};
	const struct msg_pool *v;
	const char *shown;
	struct code code;
	enum rc rc = client_code(c, c->args.v[0], &shown, err);

	if (rc == RC_OK)
		rc = fetch(c, BACK, &found, err);
	if (rc != RC_OK)
		return rc;
	v = found.items.v;
	(void)code_read(shown, strlen(shown), &code);
	for (size_t i = 0; i < found.items.n; i++) {
		if (!v[i].code || strcmp(v[i].code, code.s) != 0)
			continue;
		if (c->json)
			page_json(c);
		else
			print_one(c, &v[i]);
		return RC_OK;
	}
	return err_set(err, RC_NOT_FOUND,
		       "there is no such half-day within four weeks");
}

static enum rc done(struct client *c, const char *path, const struct msg *msg,
		    const void *in, struct err *err)
{
	struct msg_pool made = {0};
	struct ask ask = {
		.path = path, .answer = &msg_pool_table, .out = &made};
	struct ask_body body = {.msg = msg, .in = in};
	enum rc rc = ask_post(c, &ask, &body, err);

	if (rc == RC_OK && c->json)
		page_json(c);
	else if (rc == RC_OK)
		print_one(c, &made);
	return rc;
}

static enum rc open_one(struct client *c, struct err *err)
{
	struct msg_pool_new in = {.expert = c->args.v[0]};
	enum rc rc = viewer_when(c, err);

	if (rc == RC_OK)
		rc = when_read(&c->when, options_get(&c->opts, OPT_AT), &in.at,
			       err);
	return rc == RC_OK ? done(c, "/v1/pools", &msg_pool_new_table, &in, err)
			   : rc;
}

static enum rc order(struct client *c, struct err *err)
{
	struct msg_pool_order in = {.cases = {c->args.v + 1, c->args.n - 1}};
	const char *code;
	enum rc rc = client_code(c, c->args.v[0], &code, err);

	if (rc == RC_OK)
		rc = viewer_when(c, err);
	return rc == RC_OK
		       ? done(c, client_printf(c, "/v1/pools/%s/order", code),
			      &msg_pool_order_table, &in, err)
		       : rc;
}

const struct command cmd_pool_list = {
	.name = "pool list",
	.args = "",
	.help = "list pooled half-days of the next four weeks",
	.example = "teleconsult pool list",
	.run = list,
};

const struct command cmd_pool_show = {
	.name = "pool show",
	.args = "CODE",
	.min_args = 1,
	.max_args = 1,
	.help = "show who is in a pooled half-day, and when",
	.example = "teleconsult pool show 7K2M-QX91",
	.run = show,
};

const struct command cmd_pool_open = {
	.name = "pool open",
	.args = "EXPERT",
	.min_args = 1,
	.max_args = 1,
	.options = OPTSET(AT),
	.required = OPTSET(AT),
	.help = "open a pooled half-day for whoever waits",
	.example = "teleconsult pool open coronary-1 --at 'fri 13:30'",
	.run = open_one,
};

const struct command cmd_pool_order = {
	.name = "pool order",
	.args = "CODE CASE...",
	.min_args = 2,
	.max_args = 64,
	.help = "say who comes first in a pooled half-day",
	.example = "teleconsult pool order 7K2M-QX91 4MBD-7T2C 9F3A-WQ60",
	.run = order,
};
