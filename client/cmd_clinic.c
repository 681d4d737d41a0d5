/* The commands of clinic places: take-back, report clinic. */
#include "base/civil.h"
#include "client/ask.h"
#include "client/command.h"
#include "client/csv.h"
#include "client/input.h"
#include "client/page.h"
#include "client/table.h"
#include "client/viewer.h"

static enum rc take_back(struct client *c, struct err *err)
{
	struct msg_take_back in = {.agreement = c->args.v[0],
				   .reason = options_get(&c->opts, OPT_REASON)};
	struct msg_taken_back t = {0};
	struct ask ask = {.path = "/v1/take-backs",
			  .answer = &msg_taken_back_table,
			  .out = &t};
	struct ask_body body = {.msg = &msg_take_back_table, .in = &in};
	char session[WHEN_SPAN_LEN + 1], until[WHEN_LEN + 1];
	enum rc rc = viewer_when(c, err);

	if (rc == RC_OK)
		rc = when_read(&c->when, options_get(&c->opts, OPT_AT), &in.at,
			       err);
	if (rc == RC_OK)
		rc = options_slug(&c->opts, OPT_EXPERT, &in.expert, err);
	if (rc == RC_OK)
		rc = ask_post(c, &ask, &body, err);
	if (rc != RC_OK)
		return rc;
	if (c->json) {
		page_json(c);
		return RC_OK;
	}
	when_show_span(c->when.zone, t.from, t.to, session);
	when_show(c->when.zone, t.until, until);
	buf_printf(&c->out,
		   "%s %s: what is left of %lld places is anybody's now,"
		   " not only from %s on\n",
		   t.expert, session, (long long)t.places, until);
	return RC_OK;
}

static void cell_count(struct client *c, struct table *t, int64_t n)
{
	table_cell(t, client_printf(c, "%lld", (long long)n));
}

static void print_table(struct client *c, const struct msg_clinic_report *r)
{
	static const struct table_column columns[] = {
		{"MONTH", 0},
		{"PARTNER", 0},
		{"AGREEMENT", TABLE_CUT | TABLE_SPARE},
		{"BOOKED", TABLE_RIGHT},
		{"CAME", TABLE_RIGHT},
		{"ABSENT", TABLE_RIGHT},
		{"FAILED", TABLE_RIGHT},
		{"CANCELLED", TABLE_RIGHT},
		{"LATE", TABLE_RIGHT},
		{"OPEN", TABLE_RIGHT},
		{NULL, 0}};
	const struct msg_clinic_figure *v = r->items.v;
	struct table *t = table_new(columns);
	char shown[CIVIL_DATE_LEN + 1];

	for (size_t i = 0; i < r->items.n; i++) {
		civil_show_date(v[i].month, shown);
		table_row(t);
		table_cell(t, client_printf(c, "%.7s", shown));
		table_cell(t, v[i].partner);
		table_cell(t, v[i].agreement);
		cell_count(c, t, v[i].booked);
		cell_count(c, t, v[i].came);
		cell_count(c, t, v[i].absent);
		cell_count(c, t, v[i].failed);
		cell_count(c, t, v[i].cancelled);
		cell_count(c, t, v[i].cancelled_late);
		cell_count(c, t, v[i].open);
	}
	table_print(t, &c->term, &c->out);
	if (!table_rows(t))
		buf_str(&c->out, "No places were booked then.\n");
	table_free(t);
}

static void print_csv(struct client *c, const struct msg_clinic_report *r)
{
	const struct msg_clinic_figure *v = r->items.v;
	struct csv csv = {.out = &c->out, .zone = c->when.zone};

	csv_names(&csv, &msg_clinic_figure_table);
	csv_end(&csv);
	for (size_t i = 0; i < r->items.n; i++) {
		csv_values(&csv, &msg_clinic_figure_table, &v[i]);
		csv_end(&csv);
	}
}

static enum rc report(struct client *c, struct err *err)
{
	struct msg_report_query query;
	struct msg_clinic_report r = {0};
	struct ask ask = {.path = "/v1/reports/clinic",
			  .query = &msg_report_query_table,
			  .query_in = &query,
			  .answer = &msg_clinic_report_table,
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

const struct command cmd_take_back = {
	.name = "take-back",
	.args = "AGREEMENT",
	.min_args = 1,
	.max_args = 1,
	.options = OPTSET(EXPERT) | OPTSET(AT) | OPTSET(REASON),
	.required = OPTSET(EXPERT) | OPTSET(AT) | OPTSET(REASON),
	.help = "give anybody the places that a session keeps for a partner",
	.example = "teleconsult take-back heart-liaoyang --expert coronary-1 "
		   "--at 'mon 8:00' --reason 'the partner has nobody'",
	.run = take_back,
};

const struct command cmd_report_clinic = {
	.name = "report clinic",
	.args = "",
	.options = OPTSET(FROM) | OPTSET(TO) | OPTSET(KIND),
	.rows = true,
	.help = "what became of clinic places, by month and partner",
	.example = "teleconsult report clinic --from 2022-07-01 --to "
		   "2023-03-31",
	.run = report,
};
