/* The command that reviews a schedule: a week as a calendar, days as lists. */
#include <string.h>

#include "base/civil.h"
#include "base/text.h"
#include "client/ask.h"
#include "client/command.h"
#include "client/input.h"
#include "client/page.h"
#include "client/table.h"
#include "client/viewer.h"
#include "client/week.h"
#include "proto/csv.h"

/* What is asked for. */
struct view {
	const char *path, *other; /* other: asked when path is not found */
	struct msg_schedule_query range;
	int64_t monday;
	bool calendar;
	bool day;    /* one day, as a list */
	bool expert; /* whose schedule it is: an expert's, not a place's */
};

static enum rc own_path(struct client *c, struct view *v, struct err *err)
{
	enum rc rc = viewer_whoami(c, err);

	if (rc != RC_OK)
		return rc;
	v->expert = c->me->expert;
	if (c->me->expert)
		v->path = client_printf(c, "/v1/experts/%s/schedule",
					c->me->expert);
	else if (c->me->site)
		v->path =
			client_printf(c, "/v1/sites/%s/schedule", c->me->site);
	else
		return err_set(err, RC_USAGE,
			       "whose schedule? You have no site of your own: "
			       "name an expert, a site or SITE/NAME");
	return RC_OK;
}

static enum rc choose_path(struct client *c, struct view *v, struct err *err)
{
	const char *who = c->args.n > 0 ? c->args.v[0] : NULL;

	if (!who)
		return own_path(c, v, err);
	if (text_ref(who, strlen(who))) {
		v->path = client_printf(c, "/v1/resources/%s/schedule", who);
		return RC_OK;
	}
	if (!text_slug(who, strlen(who)))
		return err_set(err, RC_USAGE,
			       "\"%.60s\" is no expert, site or SITE/NAME",
			       who);
	v->expert = true;
	v->path = client_printf(c, "/v1/experts/%s/schedule", who);
	v->other = client_printf(c, "/v1/sites/%s/schedule", who);
	return RC_OK;
}

/* Whole days from that day on. */
static void take_days(struct client *c, struct view *v, int64_t day, int n)
{
	v->range.from = when_day_start(c->when.zone, day);
	v->range.to = when_day_start(c->when.zone, day + n);
}

static enum rc check_range(const struct client *c, struct err *err)
{
	bool day = options_has(&c->opts, OPT_DAY);
	bool week = options_has(&c->opts, OPT_WEEK);

	if (day && week)
		return err_set(err, RC_USAGE, "--day or --week, not both");
	if ((day || week) && options_has(&c->opts, OPT_TO))
		return err_set(err, RC_USAGE,
			       "--day and --week have their end already: "
			       "leave --to out");
	return RC_OK;
}

/* What --day, --week, --from and --to together mean. */
static void settle_range(struct client *c, struct view *v)
{
	struct msg_schedule_query *r = &v->range;
	bool from = r->from != FIELD_NONE, to = r->to != FIELD_NONE;
	int64_t first = when_day_of(c->when.zone, from ? r->from : c->when.now);

	v->monday = first - civil_weekday(first);
	v->day = options_has(&c->opts, OPT_DAY);
	v->calendar =
		options_has(&c->opts, OPT_WEEK) || !(v->day || from || to);
	if (v->calendar)
		take_days(c, v, v->monday, 7);
	else if (v->day)
		take_days(c, v, first, 1);
	else if (!from)
		r->from = c->when.now;
	else if (!to)
		r->to = when_day_start(c->when.zone, first + 7);
}

static enum rc choose_range(struct client *c, struct view *v, struct err *err)
{
	enum rc rc = check_range(c, err);

	if (rc == RC_OK)
		rc = viewer_when(c, err);
	if (rc == RC_OK)
		rc = input_range(c, &v->range.from, &v->range.to, err);
	if (rc == RC_OK)
		settle_range(c, v);
	return rc;
}

static enum rc fetch(struct client *c, struct view *v, struct msg_schedule *out,
		     struct err *err)
{
	struct ask ask = {.path = v->path,
			  .query = &msg_schedule_query_table,
			  .query_in = &v->range,
			  .answer = &msg_schedule_table,
			  .out = out};
	enum rc rc = ask_get(c, &ask, err);

	if (rc != RC_NOT_FOUND || !v->other)
		return rc;
	ask.path = v->other;
	v->expert = false;
	return ask_get(c, &ask, err);
}

/* --- the list --- */

/* Of an expert, who knows who it is; of a room or a site. */
static const struct table_column expert_columns[] = {
	{"TIME", 0},   {"WHAT", TABLE_CUT}, {"WITH", TABLE_CUT},
	{"STATUS", 0}, {"BOOKING", 0},	    {"PLACE", TABLE_CUT | TABLE_SPARE},
	{NULL, 0}};
static const struct table_column place_columns[] = {
	{"TIME", 0},	       {"WHAT", TABLE_CUT},
	{"EXPERT", TABLE_CUT}, {"WITH", TABLE_CUT},
	{"STATUS", 0},	       {"BOOKING", 0},
	{"PLACE", TABLE_CUT},  {NULL, 0}};

/* Where the rows of a schedule go. */
struct rows {
	const struct msg_schedule *schedule;
	const struct view *view;
	struct table *table;
	struct csv csv;
	void (*add_entry)(struct client *c, struct rows *rows,
			  const struct msg_entry *e);
	void (*add_open)(struct client *c, struct rows *rows,
			 const struct msg_open *o);
};

/* On its own day the times of day are enough. */
static void add_time_cell(struct client *c, const struct rows *rows,
			  int64_t from, int64_t to)
{
	const struct msg_schedule_query *range = &rows->view->range;
	const struct tz *zone = c->when.zone;
	char shown[WHEN_SPAN_LEN + 1], end[WHEN_CLOCK_LEN + 1] = "24:00";

	if (rows->view->day && from >= range->from && to <= range->to) {
		when_show_clock(zone, from, shown);
		if (to < range->to)
			when_show_clock(zone, to, end);
		table_cell(rows->table,
			   client_printf(c, "%s\u2013%s", shown, end));
		return;
	}
	when_show_span(zone, from, to, shown);
	table_cell(rows->table, shown);
}

static void skip_cells(struct table *t, int n)
{
	while (n-- > 0)
		table_cell(t, NULL);
}

static void table_entry(struct client *c, struct rows *rows,
			const struct msg_entry *e)
{
	const char *beside = week_beside(e);
	struct table *t = rows->table;

	table_row(t);
	add_time_cell(c, rows, e->from, e->to);
	if (beside || e->status < 0) {
		table_cell(t, beside ? beside : "busy");
		return;
	}
	table_cell(t, words_name(&words_kind, e->kind));
	if (!rows->view->expert)
		table_cell(t, e->expert);
	table_cell(t, week_site(rows->schedule, e));
	table_cell(t, words_name(&words_booking_status, e->status));
	table_cell(t, page_code(c, e->booking));
	table_cell(t, e->place);
}

static void table_open(struct client *c, struct rows *rows,
		       const struct msg_open *o)
{
	struct table *t = rows->table;
	const char *what = "open";

	if (o->slot_minutes != FIELD_NONE)
		what = client_printf(c, "open, %lld min each",
				     (long long)o->slot_minutes);
	table_row(t);
	add_time_cell(c, rows, o->from, o->to);
	table_cell(t, what);
	skip_cells(t, rows->view->expert ? 3 : 4);
	table_cell(t, o->place);
}

/* Open time and work in one list, by their beginning. */
static void add_all(struct client *c, struct rows *rows)
{
	const struct msg_schedule *s = rows->schedule;
	const struct msg_entry *e = s->entries.v;
	const struct msg_open *o = s->open.v;
	size_t i = 0, j = 0;

	while (i < s->entries.n || j < s->open.n) {
		bool open = j < s->open.n &&
			    (i == s->entries.n || o[j].from <= e[i].from);

		if (open)
			rows->add_open(c, rows, &o[j++]);
		else
			rows->add_entry(c, rows, &e[i++]);
	}
}

/* Under the calendar: exactly when, and the codes to act on. */
static void add_sessions(struct client *c, struct rows *rows)
{
	const struct msg_entry *e = rows->schedule->entries.v;

	for (size_t i = 0; i < rows->schedule->entries.n; i++)
		if (e[i].status >= 0 && !week_beside(&e[i]))
			rows->add_entry(c, rows, &e[i]);
}

static struct rows table_rows_of(const struct view *v,
				 const struct msg_schedule *s)
{
	return (struct rows){
		.schedule = s,
		.view = v,
		.table = table_new(v->expert ? expert_columns : place_columns),
		.add_entry = table_entry,
		.add_open = table_open};
}

static void show_list(struct client *c, const struct view *v,
		      const struct msg_schedule *s)
{
	struct rows rows = table_rows_of(v, s);
	char day[WHEN_LEN + 1];

	if (s->name) {
		term_paint(&c->out, &c->term, TERM_BOLD, s->name,
			   term_columns(s->name));
		buf_str(&c->out, "  ");
	}
	term_add(&c->out, s->subject ? s->subject : "");
	if (v->day) {
		when_show(c->when.zone, v->range.from, day);
		buf_printf(&c->out, ", %.*s", WHEN_LEN - WHEN_CLOCK_LEN - 1,
			   day);
	}
	buf_printf(&c->out, ", times in %s\n\n", tz_name(c->when.zone));
	add_all(c, &rows);
	if (table_rows(rows.table) == 0)
		buf_str(&c->out, "Nothing is planned, and no time is open.\n");
	table_print(rows.table, &c->term, &c->out);
	table_free(rows.table);
}

/* --- csv --- */

/* subject, what, the fields of an entry, what an open has besides. */
static void csv_row(struct rows *rows, const char *what,
		    const struct msg_entry *e, const struct msg_open *o)
{
	csv_cell(&rows->csv, rows->schedule->subject);
	csv_cell(&rows->csv, what);
	csv_values(&rows->csv, &msg_entry_table, e);
	csv_kinds(&rows->csv, o ? o->kinds : 0);
	csv_number(&rows->csv, o ? o->slot_minutes : FIELD_NONE);
	csv_end(&rows->csv);
}

static void csv_entry(struct client *c, struct rows *rows,
		      const struct msg_entry *e)
{
	const char *what = e->status >= 0 ? "session" : "busy";

	(void)c;
	if (week_beside(e))
		what = words_name(&words_claim_role, e->role);
	csv_row(rows, what, e, NULL);
}

static void csv_open(struct client *c, struct rows *rows,
		     const struct msg_open *o)
{
	struct msg_entry e;

	(void)c;
	proto_clear(&msg_entry_table, &e);
	e.from = o->from;
	e.to = o->to;
	e.place = o->place;
	csv_row(rows, "open", &e, o);
}

static void write_csv(struct client *c, const struct msg_schedule *s)
{
	struct rows rows = {
		.schedule = s,
		.csv = {.out = &c->out, .zone = c->when.zone, .show = term_add},
		.add_entry = csv_entry,
		.add_open = csv_open};

	csv_cell(&rows.csv, "subject");
	csv_cell(&rows.csv, "what");
	csv_names(&rows.csv, &msg_entry_table);
	csv_cell(&rows.csv, "kinds");
	csv_cell(&rows.csv, "slot_minutes");
	csv_end(&rows.csv);
	add_all(c, &rows);
}

/* --- the calendar --- */

static void show_week(struct client *c, const struct view *v,
		      const struct msg_schedule *s)
{
	struct week week = {.schedule = s,
			    .zone = c->when.zone,
			    .monday = v->monday,
			    .now = c->when.now,
			    .term = c->term};
	struct rows rows = table_rows_of(v, s);

	week_render(&week, &c->out);
	add_sessions(c, &rows);
	if (table_rows(rows.table) > 0)
		buf_chr(&c->out, '\n');
	table_print(rows.table, &c->term, &c->out);
	table_free(rows.table);
}

static void add_away(struct client *c, const struct msg_schedule *s)
{
	const struct msg_away *v = s->away.v;
	char from[CIVIL_DATE_LEN + 1], to[CIVIL_DATE_LEN + 1];

	for (size_t i = 0; i < s->away.n; i++) {
		civil_show_date(v[i].first_day, from);
		civil_show_date(v[i].last_day, to);
		buf_printf(&c->out, "%sAt %s from %s to %s\n", i ? "" : "\n",
			   v[i].site, from, to);
	}
}

static enum rc schedule(struct client *c, struct err *err)
{
	struct view v = {0};
	struct msg_schedule s = {0};
	enum rc rc = choose_path(c, &v, err);

	if (rc == RC_OK)
		rc = choose_range(c, &v, err);
	if (rc == RC_OK)
		rc = fetch(c, &v, &s, err);
	if (rc != RC_OK)
		return rc;
	if (c->json)
		page_json(c);
	else if (c->csv)
		write_csv(c, &s);
	else if (v.calendar && c->term.width >= WEEK_WIDTH_MIN)
		show_week(c, &v, &s);
	else
		show_list(c, &v, &s);
	if (!c->json && !c->csv)
		add_away(c, &s);
	return RC_OK;
}

const struct command cmd_schedule = {
	.name = "schedule",
	.args = "[EXPERT|SITE/NAME|SITE]",
	.max_args = 1,
	.options = OPTSET(DAY) | OPTSET(WEEK) | OPTSET(FROM) | OPTSET(TO),
	.rows = true,
	.help = "a schedule: yours this week, or another's",
	.example = "teleconsult schedule coronary-1 --week --from 2026-12-07",
	.run = schedule,
};
