/* Reports (report.h): the table, and the way through it. */
#include "daemon/work/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "daemon/core/local.h"
#include "daemon/store/rows.h"
#include "daemon/work/tools.h"

#define PERIODS (BYSET(BY_MONTH) | BYSET(BY_DAY))
#define SITES (BYSET(BY_LEAD) | BYSET(BY_PARTNER))
#define ALL (SITES | BYSET(BY_EXPERT) | BYSET(BY_KIND))
#define DEFAULT_DAYS 30

struct report_row {
	const char *name, *about;
	const struct msg *answer;
	enum report_of sql;		       /* or, where it has none: */
	enum rc (*fill)(struct report_run *r); /* NULL: by the statement */
	byset by;			       /* unless it is asked for */
	byset may; /* be asked for, beside month and day */
	byset always;
	bool whole; /* months are looked at whole */
};

static const struct report_row rows[] = {
	{.name = "activity",
	 .about = "What was done: consultations, clinic visits, procedures and "
		  "all other kinds, by site, expert, kind and month.",
	 .answer = &msg_report_activity_table,
	 .sql = REPORT_ACTIVITY,
	 .by = ALL | BYSET(BY_MONTH),
	 .may = ALL},
	{.name = "waits",
	 .about = "How long it took from the request to the session's start, "
		  "by urgency.",
	 .answer = &msg_report_waits_table,
	 .sql = REPORT_WAITS,
	 .by = BYSET(BY_LEAD),
	 .may = ALL},
	{.name = "pooled",
	 .about = "What pooled half-days cost: how long it took from the "
		  "acceptance to the session, of consultations in one and of "
		  "those at a time of their own, by specialty.",
	 .answer = &msg_report_pooled_table,
	 .sql = REPORT_POOLED,
	 .by = BYSET(BY_LEAD) | BYSET(BY_MONTH),
	 .may = ALL},
	{.name = "deviations",
	 .about = "What did not go as it was booked: cancellations and by "
		  "whom, overruns of a minute and more, who did not come; "
		  "with the words given as reasons.",
	 .answer = &msg_report_deviations_table,
	 .sql = REPORT_DEVIATIONS,
	 .by = BYSET(BY_KIND),
	 .may = ALL},
	{.name = "declines",
	 .about = "Requests that were declined, withdrawn or expired, with "
		  "the words given as reasons.",
	 .answer = &msg_report_declines_table,
	 .sql = REPORT_DECLINES,
	 .by = BYSET(BY_LEAD) | BYSET(BY_KIND),
	 .may = ALL},
	{.name = "quotas",
	 .about = "How far the quotas of agreements are used, month by month, "
		  "as booking counts them.",
	 .answer = &msg_report_quotas_table,
	 .sql = REPORT_QUOTAS,
	 .always = BYSET(BY_MONTH) | SITES | BYSET(BY_KIND),
	 .whole = true},
	{.name = "hours",
	 .about = "Experts' time: what their rules offer, what of it is taken, "
		  "and what is free; of the experts of one's own hospital.",
	 .answer = &msg_report_hours_table,
	 .fill = report_hours,
	 .by = BYSET(BY_MONTH),
	 .always = BYSET(BY_LEAD) | BYSET(BY_EXPERT)},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

const struct report_row *report_rows(size_t *out_n)
{
	*out_n = ROWS;
	return rows;
}

static const struct field *items_of(const struct msg *answer)
{
	const struct field *f = answer->fields;

	while (f->type != FIELD_OBJECTS)
		f++;
	return f;
}

/* --- rows --- */

void *report_add(struct report_run *r)
{
	struct work *w = r->w;

	if (r->n == REPORT_ROWS_MAX) {
		(void)work_fault(w, "#from",
				 "more than %d rows: ask for less time, or"
				 " tell them apart by less",
				 REPORT_ROWS_MAX);
		return NULL;
	}
	r->v = rows_grown(w->arena, r->v, r->n, r->row->size);
	if (!r->v) {
		(void)work_nomem(w);
		return NULL;
	}
	void *row = r->v + r->n++ * r->row->size;

	proto_clear(r->row, row);
	return row;
}

/* Columns are the row's fields: text or numbers. */
static void read_row(struct report_run *r, struct query *q, char *row)
{
	int column = 0;

	for (const struct field *f = r->row->fields; f->name; f++, column++) {
		if (f->type == FIELD_INT) {
			int64_t n = query_col_null(q, column)
					    ? FIELD_NONE
					    : query_col_int(q, column);

			memcpy(row + f->offset, &n, sizeof(n));
		} else {
			const char *s = query_col_dup(q, column, r->w->arena);

			memcpy(row + f->offset, &s, sizeof(s));
		}
	}
}

static enum rc fill_by_sql(struct report_run *r, enum report_of what)
{
	enum rc rc = RC_OK;
	struct query q;

	report_begin(&q, r->w->tx, what, &r->ask);
	while (rc == RC_OK && query_row(&q)) {
		char *row = report_add(r);

		if (row)
			read_row(r, &q, row);
		else
			rc = r->w->faults.n ? RC_INVALID : RC_NOMEM;
	}
	enum rc ended = query_end(&q, rc == RC_OK ? &r->w->err : NULL);

	return rc == RC_OK ? ended : rc;
}

static int by_text(const char *a, const char *b)
{
	if (!a || !b)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

/* By their texts, in the order of the fields. */
static int in_order(const void *left, const void *right, void *ctx)
{
	const struct msg *row = ctx;
	int order = 0;

	for (const struct field *f = row->fields; !order && f->name; f++) {
		const char *a, *b;

		if (f->type == FIELD_INT)
			continue;
		memcpy(&a, (const char *)left + f->offset, sizeof(a));
		memcpy(&b, (const char *)right + f->offset, sizeof(b));
		order = by_text(a, b);
	}
	return order;
}

/* --- months and days --- */

static enum rc fill(struct report_run *r, const struct report_row *of)
{
	return of->fill ? of->fill(r) : fill_by_sql(r, of->sql);
}

static enum rc name_period(struct report_run *r, int64_t day)
{
	char shown[CIVIL_DATE_LEN + 1];

	civil_show_date(day, shown);
	if (r->ask.by & BYSET(BY_MONTH))
		shown[7] = '\0';
	r->ask.period = arena_strndup(r->w->arena, shown, strlen(shown));
	return r->ask.period ? RC_OK : work_nomem(r->w);
}

/* The month or day that begins there, cut to what is asked for. */
static enum rc fill_period(struct report_run *r, const struct report_row *of,
			   const struct tz *zone, struct core_span asked,
			   int64_t *inout_at)
{
	struct core_span *span = &r->ask.span;
	int64_t day = local_day(zone, *inout_at);

	*span = (r->ask.by & BYSET(BY_MONTH)) ? local_month(zone, *inout_at)
					      : local_days(zone, day, day);
	*inout_at = span->to;
	if (!of->whole && span->from < asked.from)
		span->from = asked.from;
	if (!of->whole && span->to > asked.to)
		span->to = asked.to;
	r->ask.first_day = local_day(zone, span->from);
	r->ask.last_day = local_day(zone, span->to - 1);
	enum rc rc = name_period(r, day);

	return rc == RC_OK ? fill(r, of) : rc;
}

static enum rc fill_zone(struct report_run *r, const struct report_row *of,
			 const char *name)
{
	struct core_span asked = r->ask.span;
	const struct tz *zone;
	enum rc rc = rows_zone(r->w->tx, name, &zone, &r->w->err);

	r->ask.zone = name;
	for (int64_t at = asked.from; rc == RC_OK && at < asked.to;)
		rc = fill_period(r, of, zone, asked, &at);
	r->ask.span = asked;
	return rc;
}

static enum rc fill_periods(struct report_run *r, const struct report_row *of)
{
	const char *const *zones;
	size_t n;

	if (of->fill)
		return fill_zone(r, of, r->w->who->time_zone);
	enum rc rc =
		report_zones(r->w->tx, r->w->arena, &zones, &n, &r->w->err);

	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = fill_zone(r, of, zones[i]);
	return rc;
}

/* --- what is asked --- */

static enum rc read_by(struct work *w, const struct report_row *of, byset in,
		       byset *out)
{
	byset may = of->may | of->always | PERIODS;

	if (of->always & PERIODS)
		may &= ~BYSET(BY_DAY);
	if (in & ~may)
		return work_fault(w, "#by", "is none of this report's");
	*out = (in ? in : of->by) | of->always;
	if ((*out & PERIODS) == PERIODS)
		return work_fault(w, "#by", "month or day, not both");
	/* A month is the lead's: rows of two leads are two. */
	if (*out & PERIODS)
		*out |= BYSET(BY_LEAD);
	return RC_OK;
}

static enum rc read_span(struct work *w, const struct msg_report_query *in,
			 struct core_span *out)
{
	out->to = in->to == FIELD_NONE ? w->tx->now : in->to;
	out->from = in->from == FIELD_NONE
			    ? out->to - (int64_t)DEFAULT_DAYS * CIVIL_DAY
			    : in->from;
	if (out->from > out->to)
		return work_fault(w, "#to", "must not be before from");
	if (out->to - out->from > (int64_t)REPORT_DAYS_MAX * CIVIL_DAY)
		return work_fault(w, "#to", "at most %d days after from",
				  REPORT_DAYS_MAX);
	return RC_OK;
}

static enum rc read_ask(struct work *w, const struct report_row *of,
			const struct msg_report_query *in,
			struct report_ask *out)
{
	struct list_filter filter;
	struct msg_list_query all;

	proto_clear(&msg_list_query_table, &all);
	enum rc rc = work_list_filter(w, &all, &words_booking_status, &filter);

	if (rc == RC_OK)
		rc = read_by(w, of, in->by, &out->by);
	if (rc == RC_OK)
		rc = read_span(w, in, &out->span);
	out->as_lead = filter.as_lead;
	out->as_partner = filter.as_partner;
	out->as_expert = filter.as_expert;
	out->kind = in->kind < 0 ? NULL : words_name(&words_kind, in->kind);
	out->site = in->site;
	out->expert = in->expert;
	out->first_day = INT64_MIN;
	out->last_day = INT64_MAX;
	return rc;
}

enum rc work_report(struct work *w, const struct msg *out_msg,
		    const struct msg_report_query *in, struct msg_report *out)
{
	const struct report_row *of = rows;
	struct report_run r = {.w = w, .row = items_of(out_msg)->msg};

	while (of->answer != out_msg)
		of++;
	proto_clear(out_msg, out);
	enum rc rc = read_ask(w, of, in, &r.ask);

	out->from = r.ask.span.from;
	out->to = r.ask.span.to;
	if (rc == RC_OK)
		rc = (r.ask.by & PERIODS) ? fill_periods(&r, of) : fill(&r, of);
	if (rc == RC_OK && r.n)
		qsort_r(r.v, r.n, r.row->size, in_order,
			(void *)(uintptr_t)r.row);
	out->items = (struct field_list){r.v, r.n};
	return rc;
}

/* --- printed --- */

static void print_by(struct buf *out, const char *before, byset by)
{
	for (int b = 0; b < BY_COUNT; b++)
		if (by & BYSET(b)) {
			buf_printf(out, "%s`%s`", before,
				   words_name(&words_by, b));
			before = ", ";
		}
}

static void print_one(struct buf *out, const struct report_row *of)
{
	buf_printf(out,
		   "\n## %s\n\n%s `GET /v1/reports/%s`, `teleconsult report "
		   "%s`.\n",
		   of->name, of->about, of->name, of->name);
	print_by(out, "Rows are told apart by ", of->by | of->always);
	buf_str(out, of->always & ~BYSET(BY_LEAD) ? ""
						  : " unless asked "
						    "otherwise");
	buf_str(out, ".\n\n| column | what |\n|---|---|\n");
	for (const struct field *f = items_of(of->answer)->msg->fields; f->name;
	     f++)
		buf_printf(out, "| `%s` | %s |\n", f->name, f->help);
}

void report_print(struct buf *out)
{
	buf_str(out,
		"# Reports\n\n"
		"Figures over a span of time, as JSON, as rows for a "
		"spreadsheet (`Accept: text/csv` or `format=csv`: RFC 4180,\n"
		"UTF-8, cells that a spreadsheet would take for a formula "
		"behind an apostrophe) and as a table of `teleconsult "
		"report`.\n`teleconsultd --print-reports` prints this "
		"page.\n\n"
		"- A partner sees its own figures, a lead those of its "
		"agreements, an expert their own. No patient is in any.\n"
		"- `from` and `to` bound the time; without them it is the last "
		"30 days. `kind`, `site` and `expert` choose.\n"
		"- `by`, repeated, says by what rows are told apart: `month` "
		"or `day`, `lead`, `partner`, `expert`, `kind`. Months and "
		"days are\n  those of the lead, so rows that are told apart by "
		"them are so by the lead, too.\n"
		"- A booking counts when it was to begin, under its first "
		"expert; once, however often it was moved.\n"
		"- A report has no more than 10,000 rows and 1,100 days.\n"
		"- [answers](clocks.md) (how promises were kept), load (how "
		"much is asked of each expert) and\n  [emergencies]"
		"(clocks.md) stand beside these.\n");
	for (size_t i = 0; i < ROWS; i++)
		print_one(out, &rows[i]);
}
