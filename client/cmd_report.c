/* The commands report ...: figures over a span of time, all in one way. */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "base/civil.h"
#include "client/ask.h"
#include "client/command.h"
#include "client/input.h"
#include "client/page.h"
#include "client/table.h"
#include "client/viewer.h"

#define PREFIX "report "

/* What one has of its own; without a table of its own its columns are the
 * fields of its rows. */
struct report {
	const struct command *command;
	const struct msg *answer;
	bool span_only; /* the time and the kind can be chosen */
	const struct table_column *columns;
	void (*add)(struct client *c, struct table *t, const void *row);
	const char *note;
};

/* --- a table of any rows --- */

/* A column's name as a person reads it; short, as terminals are narrow. */
static const char *head_of(struct client *c, const char *name)
{
	static const struct {
		const char *end, *head;
	} units[] = {{"_minutes", " MIN"}, {"_percent", " %"}};
	size_t len = strlen(name);
	const char *unit = "";

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		size_t end = strlen(units[i].end);

		if (len > end && strcmp(name + len - end, units[i].end) == 0) {
			unit = units[i].head;
			len -= end;
			break;
		}
	}
	char *head = client_alloc(c, len + strlen(unit) + 1);

	memcpy(head + len, unit, strlen(unit) + 1);
	for (size_t i = 0; i < len; i++)
		head[i] = name[i] == '_'
				  ? ' '
				  : (char)toupper((unsigned char)name[i]);
	return head;
}

static struct table *begin_table(struct client *c, const struct msg *row)
{
	/* the table borrows them */
	struct table_column *columns =
		client_alloc(c, (TABLE_COLUMNS_MAX + 1) * sizeof(*columns));
	size_t n = 0;

	for (const struct field *f = row->fields;
	     f->name && n < TABLE_COLUMNS_MAX; f++)
		columns[n++] = (struct table_column){
			head_of(c, f->name), f->type == FIELD_INT ? TABLE_RIGHT
					     : f->flags & FIELD_REQUIRED
						     ? TABLE_CUT
						     : TABLE_CUT | TABLE_RARE};
	columns[n] = (struct table_column){NULL, 0};
	return table_new(columns);
}

static void add_fields(struct client *c, struct table *t, const struct msg *row,
		       const void *in)
{
	for (const struct field *f = row->fields; f->name; f++) {
		const char *at = (const char *)in + f->offset;
		const char *text;
		int64_t n;

		if (f->type == FIELD_INT) {
			memcpy(&n, at, sizeof(n));
			text = n == FIELD_NONE
				       ? NULL
				       : client_printf(c, "%" PRId64, n);
		} else {
			memcpy(&text, at, sizeof(text));
		}
		table_cell(t, text);
	}
}

/* --- how promises were kept --- */

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

static const struct table_column answers_columns[] = {
	{"PARTNER OR EXPERT", TABLE_CUT}, {"LEAD", TABLE_CUT},
	{"ANSWERED IN TIME", 0},	  {"STARTED IN TIME", 0},
	{"OPINION IN TIME", 0},		  {NULL, 0}};

static void add_answers(struct client *c, struct table *t, const void *row)
{
	const struct msg_answers *v = row;

	table_cell(t, v->expert ? v->expert : v->partner);
	table_cell(t, v->lead);
	table_cell(t, kept(c, v->answers, v->answers_in_time,
			   v->answer_median_minutes, v->answer_p90_minutes));
	table_cell(t, kept(c, v->starts, v->starts_in_time,
			   v->start_median_minutes, v->start_p90_minutes));
	table_cell(t, kept(c, v->opinions, v->opinions_in_time,
			   v->opinion_median_minutes, v->opinion_p90_minutes));
}

/* --- how much is asked of experts --- */

static const char *counted(struct client *c, int64_t n, int64_t minutes)
{
	return n > 0 ? client_printf(c, "%" PRId64 ", %" PRId64 " min", n,
				     minutes)
		     : NULL;
}

static const struct table_column load_columns[] = {
	{"EXPERT", TABLE_CUT}, {"SESSIONS", 0},		 {"TO READ", 0},
	{"READ", 0},	       {"MINUTES", TABLE_RIGHT}, {NULL, 0}};

static void add_load(struct client *c, struct table *t, const void *row)
{
	const struct msg_load *v = row;

	table_cell(t, v->expert);
	table_cell(t, counted(c, v->sessions, v->session_minutes));
	table_cell(t, counted(c, v->to_read, v->to_read_minutes));
	table_cell(t, counted(c, v->read, v->read_minutes));
	table_cell(t, client_printf(c, "%" PRId64, v->minutes));
}

/* --- clinic places --- */

static const struct table_column clinic_columns[] = {
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

static void add_clinic(struct client *c, struct table *t, const void *row)
{
	const struct msg_clinic_figure *v = row;
	const int64_t counts[] = {v->booked, v->came,	   v->absent,
				  v->failed, v->cancelled, v->cancelled_late,
				  v->open};
	char shown[CIVIL_DATE_LEN + 1];

	civil_show_date(v->month, shown);
	table_cell(t, client_printf(c, "%.7s", shown));
	table_cell(t, v->partner);
	table_cell(t, v->agreement);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		table_cell(t, client_printf(c, "%" PRId64, counts[i]));
}

static const struct report reports[] = {
	{.command = &cmd_report_activity,
	 .answer = &msg_report_activity_table,
	 .note = "Sessions that were to begin then"},
	{.command = &cmd_report_waits,
	 .answer = &msg_report_waits_table,
	 .note = "From the request to the start, of sessions of that time"},
	{.command = &cmd_report_pooled,
	 .answer = &msg_report_pooled_table,
	 .note = "From the acceptance to the session, in a pooled half-day or "
		 "alone"},
	{.command = &cmd_report_deviations,
	 .answer = &msg_report_deviations_table,
	 .note = "Sessions that were to begin then"},
	{.command = &cmd_report_declines,
	 .answer = &msg_report_declines_table,
	 .note = "Requests submitted then"},
	{.command = &cmd_report_quotas,
	 .answer = &msg_report_quotas_table,
	 .note = "The months touched, whole"},
	{.command = &cmd_report_hours,
	 .answer = &msg_report_hours_table,
	 .note = "By the rules as they are now"},
	{.command = &cmd_report_answers,
	 .answer = &msg_report_answers_table,
	 .span_only = true,
	 .columns = answers_columns,
	 .add = add_answers,
	 .note = "What began then. Behind it: half took so long or less (nine "
		 "of ten), of the\ntime that the limits count: in working "
		 "hours, and not while the partner\nsupplements"},
	{.command = &cmd_report_load,
	 .answer = &msg_report_load_table,
	 .span_only = true,
	 .columns = load_columns,
	 .add = add_load,
	 .note = "Sessions that begin then, and what is read without one"},
	{.command = &cmd_report_clinic,
	 .answer = &msg_clinic_report_table,
	 .span_only = true,
	 .columns = clinic_columns,
	 .add = add_clinic,
	 .note = "Places that begin then"},
};

/* --- the way of all --- */

static const struct msg *row_of(const struct report *of)
{
	const struct field *f = of->answer->fields;

	while (f->type != FIELD_OBJECTS)
		f++;
	return f->msg;
}

static void print_table(struct client *c, const struct report *of,
			const struct msg_report *r)
{
	const struct msg *row = row_of(of);
	struct table *t =
		of->columns ? table_new(of->columns) : begin_table(c, row);
	char span[WHEN_SPAN_LEN + 1];

	for (size_t i = 0; i < r->items.n; i++) {
		const char *at = (const char *)r->items.v + i * row->size;

		table_row(t);
		if (of->add)
			of->add(c, t, at);
		else
			add_fields(c, t, row, at);
	}
	table_print(t, &c->term, &c->out);
	when_show_span(c->when.zone, r->from, r->to, span);
	buf_printf(&c->out, "%s%s: %s %s\n", table_rows(t) ? "\n" : "Nothing. ",
		   of->note, span, tz_name(c->when.zone));
	table_free(t);
}

static enum rc read_by(struct client *c, byset *out, struct err *err)
{
	const struct field_strs *given = &c->opts.v[OPT_BY];
	enum rc rc = RC_OK;
	int word = 0;

	for (size_t i = 0; rc == RC_OK && i < given->n; i++) {
		rc = option_word(given->v[i], &words_by, &word, err);
		if (rc == RC_OK)
			*out |= BYSET(word);
	}
	return rc;
}

static enum rc read_query(struct client *c, struct msg_report_query *out,
			  struct err *err)
{
	enum rc rc =
		options_word(&c->opts, OPT_KIND, &words_kind, &out->kind, err);

	if (rc == RC_OK)
		rc = options_slug(&c->opts, OPT_SITE, &out->site, err);
	if (rc == RC_OK)
		rc = options_slug(&c->opts, OPT_EXPERT, &out->expert, err);
	if (rc == RC_OK)
		rc = read_by(c, &out->by, err);
	return rc == RC_OK ? input_range(c, &out->from, &out->to, err) : rc;
}

static enum rc report(struct client *c, struct err *err)
{
	const struct report *of = reports;
	struct msg_report_query query;
	struct msg_report r = {0};

	while (of->command != c->command)
		of++;
	struct ask ask = {
		.path = client_printf(c, "/v1/reports/%s",
				      of->command->name + strlen(PREFIX)),
		.query = of->span_only ? &msg_report_span_table
				       : &msg_report_query_table,
		.query_in = &query,
		.answer = of->answer,
		.out = &r};

	proto_clear(&msg_report_query_table, &query);
	enum rc rc = read_query(c, &query, err);

	if (rc == RC_OK && !c->json)
		rc = viewer_when(c, err);
	if (rc == RC_OK)
		rc = ask_get(c, &ask, err);
	if (rc != RC_OK)
		return rc;
	if (c->json)
		page_json(c);
	else if (c->csv)
		page_csv(c, row_of(of), &r.items);
	else
		print_table(c, of, &r);
	return RC_OK;
}

#define SPAN (OPTSET(FROM) | OPTSET(TO) | OPTSET(KIND))
#define CHOICES (SPAN | OPTSET(SITE) | OPTSET(EXPERT) | OPTSET(BY))
#define COMMAND(word, may, text, more)                                         \
	const struct command cmd_report_##word = {                             \
		.name = PREFIX #word,                                          \
		.args = "",                                                    \
		.options = may,                                                \
		.rows = true,                                                  \
		.help = text,                                                  \
		.example = "teleconsult report " #word more,                   \
		.run = report,                                                 \
	}

COMMAND(activity, CHOICES, "what was done, by site, expert, kind and month",
	" --from 2026-01-01 --by month --by kind");
COMMAND(waits, CHOICES, "how long it took from request to start, by urgency",
	" --from 2026-11-01 --by partner");
COMMAND(pooled, CHOICES, "what pooled half-days cost: waits with and without",
	" --from 2026-11-01 --expert coronary-1");
COMMAND(deviations, CHOICES, "cancellations, overruns, who did not come, why",
	" --from 2026-11-01 --to today");
COMMAND(declines, CHOICES, "requests that ended unserved, and why",
	" --from 2026-11-01 --to today");
COMMAND(quotas, CHOICES, "how far the months' quotas are used",
	" --from 2026-11-01 --to today");
COMMAND(hours, CHOICES, "experts' time, and how much of it is free",
	" --from 2026-11-01 --to 2026-11-30");
COMMAND(answers, SPAN, "how promises were kept, by partner and by expert",
	" --from 2026-11-01 --to today");
COMMAND(load, SPAN, "how much is asked of each expert",
	" --from 2026-11-01 --to today");
COMMAND(clinic, SPAN, "what became of clinic places, by month and partner",
	" --from 2022-07-01 --to 2023-03-31");
