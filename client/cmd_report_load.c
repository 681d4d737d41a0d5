/* The command report load: how much is asked of each expert. */
#include "client/ask.h"
#include "client/command.h"
#include "client/csv.h"
#include "client/input.h"
#include "client/page.h"
#include "client/table.h"
#include "client/viewer.h"

static const char *counted(struct client *c, int64_t n, int64_t minutes)
{
	return n > 0 ? client_printf(c, "%lld, %lld min", (long long)n,
				     (long long)minutes)
		     : NULL;
}

static void print_table(struct client *c, const struct msg_report_load *r)
{
	static const struct table_column columns[] = {
		{"EXPERT", TABLE_CUT}, {"SESSIONS", 0},		 {"TO READ", 0},
		{"READ", 0},	       {"MINUTES", TABLE_RIGHT}, {NULL, 0}};
	const struct msg_load *v = r->items.v;
	struct table *t = table_new(columns);
	char span[WHEN_SPAN_LEN + 1];

	for (size_t i = 0; i < r->items.n; i++) {
		table_row(t);
		table_cell(t, v[i].expert);
		table_cell(t, counted(c, v[i].sessions, v[i].session_minutes));
		table_cell(t, counted(c, v[i].to_read, v[i].to_read_minutes));
		table_cell(t, counted(c, v[i].read, v[i].read_minutes));
		table_cell(t,
			   client_printf(c, "%lld", (long long)v[i].minutes));
	}
	table_print(t, &c->term, &c->out);
	when_show_span(c->when.zone, r->from, r->to, span);
	buf_printf(&c->out, "%s%s %s\n",
		   table_rows(t) ? "\n" : "Nothing: ", span,
		   tz_name(c->when.zone));
	table_free(t);
}

static void print_csv(struct client *c, const struct msg_report_load *r)
{
	const struct msg_load *v = r->items.v;
	struct csv csv = {.out = &c->out, .zone = c->when.zone};

	csv_names(&csv, &msg_load_table);
	csv_end(&csv);
	for (size_t i = 0; i < r->items.n; i++) {
		csv_values(&csv, &msg_load_table, &v[i]);
		csv_end(&csv);
	}
}

static enum rc report(struct client *c, struct err *err)
{
	struct msg_report_query query;
	struct msg_report_load r = {0};
	struct ask ask = {.path = "/v1/reports/load",
			  .query = &msg_report_query_table,
			  .query_in = &query,
			  .answer = &msg_report_load_table,
			  .out = &r};
	enum rc rc;

	proto_clear(&msg_report_query_table, &query);
	rc = options_word(&c->opts, OPT_KIND, &words_kind, &query.kind, err);
	if (rc == RC_OK)
		rc = input_range(c, &query.from, &query.to, err);
	if (rc == RC_OK && !c->json)
		rc = viewer_when(c, err);
	if (rc == RC_OK)
		rc = ask_get(c, &ask, err);
	if (rc != RC_OK)
		return rc;
	if (c->json)
		page_json(c);
	else if (c->csv)
		print_csv(c, &r);
	else
		print_table(c, &r);
	return RC_OK;
}

const struct command cmd_report_load = {
	.name = "report load",
	.args = "",
	.options = OPTSET(FROM) | OPTSET(TO) | OPTSET(KIND),
	.rows = true,
	.help = "how much is asked of each expert",
	.example = "teleconsult report load --from 2026-11-01 --to today",
	.run = report,
};
