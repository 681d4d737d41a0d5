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

/* What is asked for. */
struct view {
	const char *path, *other; /* other: asked when path is not found */
	struct msg_schedule_query range;
	int64_t monday;
	bool calendar;
};

static enum rc own_path(struct client *c, struct view *v, struct err *err)
{
	enum rc rc = viewer_whoami(c, err);

	if (rc != RC_OK)
		return rc;
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
	bool day = options_has(&c->opts, OPT_DAY);
	int64_t first = when_day_of(c->when.zone, from ? r->from : c->when.now);

	v->monday = first - civil_weekday(first);
	v->calendar = options_has(&c->opts, OPT_WEEK) || !(day || from || to);
	if (v->calendar)
		take_days(c, v, v->monday, 7);
	else if (day)
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

static enum rc fetch(struct client *c, const struct view *v,
		     struct msg_schedule *out, struct err *err)
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
	return ask_get(c, &ask, err);
}

/* --- the list --- */

static const struct table_column list_columns[] = {
	{"TIME", 0},   {"WHAT", TABLE_CUT}, {"WITH", TABLE_CUT},
	{"STATUS", 0}, {"BOOKING", 0},	    {"PLACE", TABLE_CUT | TABLE_SPARE},
	{NULL, 0}};

static void add_time_cell(struct client *c, struct table *t, int64_t from,
			  int64_t to)
{
	char shown[WHEN_SPAN_LEN + 1];

	when_show_span(c->when.zone, from, to, shown);
	table_cell(t, shown);
}

static void add_entry(struct client *c, struct table *t,
		      const struct msg_schedule *s, const struct msg_entry *e)
{
	bool own = e->status >= 0;
	bool pause = e->role == CLAIM_BUFFER;

	table_row(t);
	add_time_cell(c, t, e->from, e->to);
	if (e->kind >= 0 && !pause)
		table_cell(t, words_name(&words_kind, e->kind));
	else
		table_cell(t, pause ? "pause" : "busy");
	table_cell(t, own ? week_partner(s, e) : NULL);
	table_cell(t,
		   own ? words_name(&words_booking_status, e->status) : NULL);
	table_cell(t, page_code(c, e->booking));
	table_cell(t, e->place);
}

static void add_open(struct client *c, struct table *t,
		     const struct msg_open *o)
{
	table_row(t);
	add_time_cell(c, t, o->from, o->to);
	table_cell(t, "open");
	table_cell(t, NULL);
	table_cell(t, NULL);
	table_cell(t, NULL);
	table_cell(t, o->place);
}

/* Open time and work in one list, by their beginning. */
static void list_all(struct client *c, struct table *t,
		     const struct msg_schedule *s)
{
	const struct msg_entry *e = s->entries.v;
	const struct msg_open *o = s->open.v;
	size_t i = 0, j = 0;

	while (i < s->entries.n || j < s->open.n) {
		bool open = j < s->open.n &&
			    (i == s->entries.n || o[j].from <= e[i].from);

		if (open)
			add_open(c, t, &o[j++]);
		else
			add_entry(c, t, s, &e[i++]);
	}
}

/* Under the calendar: exactly when, and the codes to act on. */
static void list_own(struct client *c, struct table *t,
		     const struct msg_schedule *s)
{
	const struct msg_entry *e = s->entries.v;

	for (size_t i = 0; i < s->entries.n; i++)
		if (e[i].status >= 0 && e[i].role != CLAIM_BUFFER)
			add_entry(c, t, s, &e[i]);
}

static void show_list(struct client *c, const struct msg_schedule *s)
{
	struct table *t = table_new(list_columns);

	if (s->name) {
		term_paint(&c->out, &c->term, TERM_BOLD, s->name,
			   term_columns(s->name));
		buf_str(&c->out, "  ");
	}
	term_add(&c->out, s->subject ? s->subject : "");
	buf_printf(&c->out, ", times in %s\n\n", tz_name(c->when.zone));
	list_all(c, t, s);
	if (table_rows(t) == 0)
		buf_str(&c->out, "Nothing is planned, and no time is open.\n");
	table_print(t, &c->term, &c->out);
	table_free(t);
}

static void show_week(struct client *c, const struct view *v,
		      const struct msg_schedule *s)
{
	struct week week = {.schedule = s,
			    .zone = c->when.zone,
			    .monday = v->monday,
			    .now = c->when.now,
			    .term = c->term};
	struct table *t = table_new(list_columns);

	week_render(&week, &c->out);
	list_own(c, t, s);
	if (table_rows(t) > 0)
		buf_chr(&c->out, '\n');
	table_print(t, &c->term, &c->out);
	table_free(t);
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
	else if (v.calendar && c->term.width >= WEEK_WIDTH_MIN)
		show_week(c, &v, &s);
	else
		show_list(c, &s);
	return RC_OK;
}

const struct command cmd_schedule = {
	.name = "schedule",
	.args = "[EXPERT|SITE/NAME|SITE]",
	.max_args = 1,
	.options = OPTSET(DAY) | OPTSET(WEEK) | OPTSET(FROM) | OPTSET(TO),
	.help = "a schedule: yours this week, or another's",
	.example = "teleconsult schedule coronary-1 --week --from 2026-12-07",
	.run = schedule,
};
