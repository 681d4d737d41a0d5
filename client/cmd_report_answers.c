/* The command report answers: how promises were kept. */
#include <inttypes.h>

#include "client/ask.h"
#include "client/command.h"
#include "client/csv.h"
#include "client/input.h"
#include "client/page.h"
#include "client/table.h"
#include "client/viewer.h"

/* "12 of 14, 25 min (90 min)": in time, of how many, median, 90 of 100. */
static const char *kept(struct client *c, int64_t n, int64_t in_time,
			int64_t median, int64_t p90)
{
	if (n <= 0)
		return NULL;
	if (median == FIELD_NONE)
		return client_printf(c, "%" PRId64 " of %" PRId64, in_time, n);
	return client_printf(
		c, "%" PRId64 " of %" PRId64 ", %" PRId64 " min (%" PRId64 ")",
		in_time, n, median, p90);
}

static void add_row(struct client *c, struct table *t,
		    const struct msg_answers *v)
{
	table_row(t);
	table_cell(t, v->expert ? v->expert : v->partner);
	table_cell(t, v->lead);
	table_cell(t, kept(c, v->answers, v->answers_in_time,
			   v->answer_median_minutes, v->answer_p90_minutes));
	table_cell(t, kept(c, v->starts, v->starts_in_time,
			   v->start_median_minutes, v->start_p90_minutes));
	table_cell(t, kept(c, v->opinions, v->opinions_in_time,
			   v->opinion_median_minutes, v->opinion_p90_minutes));
}

static void print_table(struct client *c, const struct msg_report_answers *r)
{
	static const struct table_column columns[] = {
		{"PARTNER OR EXPERT", TABLE_CUT}, {"LEAD", TABLE_CUT},
		{"ANSWERED IN TIME", 0},	  {"STARTED IN TIME", 0},
		{"OPINION IN TIME", 0},		  {NULL, 0}};
	const struct msg_answers *v = r->items.v;
	struct table *t = table_new(columns);
	char span[WHEN_SPAN_LEN + 1];

	for (size_t i = 0; i < r->items.n; i++)
		add_row(c, t, &v[i]);
	table_print(t, &c->term, &c->out);
	when_show_span(c->when.zone, r->from, r->to, span);
	buf_printf(&c->out,
		   table_rows(t)
			   ? "\nOf what began %s %s. Behind them: half took "
			     "so long or less (nine of ten),\nof the time "
			     "that the limits count: in working hours, and "
			     "not while\nthe partner supplements.\n"
			   : "Nothing began %s %s.\n",
		   span, tz_name(c->when.zone));
	table_free(t);
}

static void print_csv(struct client *c, const struct msg_report_answers *r)
{
	const struct msg_answers *v = r->items.v;
	struct csv csv = {.out = &c->out, .zone = c->when.zone};

	csv_names(&csv, &msg_answers_table);
	csv_end(&csv);
	for (size_t i = 0; i < r->items.n; i++) {
		csv_values(&csv, &msg_answers_table, &v[i]);
		csv_end(&csv);
	}
}

static enum rc report(struct client *c, struct err *err)
{
	struct msg_report_query query;
	struct msg_report_answers r = {0};
	struct ask ask = {.path = "/v1/reports/answers",
			  .query = &msg_report_query_table,
			  .query_in = &query,
			  .answer = &msg_report_answers_table,
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

const struct command cmd_report_answers = {
	.name = "report answers",
	.args = "",
	.options = OPTSET(FROM) | OPTSET(TO) | OPTSET(KIND),
	.rows = true,
	.help = "how promises were kept, by partner and by expert",
	.example = "teleconsult report answers --from 2026-11-01 --to today",
	.run = report,
};
