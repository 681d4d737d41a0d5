/* The commands of rosters: look, change, try; visits and orphaned bookings. */
#include <inttypes.h>
#include <string.h>

#include "base/civil.h"
#include "client/ask.h"
#include "client/command.h"
#include "client/input.h"
#include "client/orphans.h"
#include "client/page.h"
#include "client/table.h"
#include "client/viewer.h"

#define FILE_MAX (1024 * 1024)
#define PLAN_TIMEOUT_S 120

/* --- looking --- */

static const char *date_text(struct client *c, int64_t day)
{
	char shown[CIVIL_DATE_LEN + 1];

	civil_show_date(day, shown);
	return client_printf(c, "%s", shown);
}

static const char *wall_text(struct client *c, int64_t wall)
{
	char shown[17];

	civil_show_wall(wall, shown);
	return client_printf(c, "%s", shown);
}

static const char *kinds_text(struct client *c, kindset kinds)
{
	const char *text = NULL;

	for (int k = 0; k < KIND_COUNT; k++)
		if (kinds & KINDSET(k))
			text = client_printf(c, "%s%s%s", text ? text : "",
					     text ? "," : "",
					     words_name(&words_kind, k));
	return text;
}

static void print_rules(struct client *c, const struct field_list *rules)
{
	static const struct table_column columns[] = {
		{"RULE", TABLE_RIGHT},
		{"DAYS", 0},
		{"FIRST", 0},
		{"UNTIL", 0},
		{"PLACE", TABLE_RARE},
		{"KINDS", TABLE_CUT | TABLE_RARE},
		{NULL, 0}};
	const struct msg_net_rule *v = rules->v;
	struct table *t = table_new(columns);

	for (size_t i = 0; i < rules->n; i++) {
		table_row(t);
		table_cell(t, client_printf(c, "%zu", i + 1));
		table_cell(t, v[i].rrule);
		table_cell(t, wall_text(c, v[i].start));
		table_cell(t, wall_text(c, v[i].end));
		table_cell(t, v[i].at);
		table_cell(t, kinds_text(c, v[i].kinds));
	}
	table_print(t, &c->term, &c->out);
	table_free(t);
}

static void print_leave(struct client *c, const struct field_list *leave)
{
	static const struct table_column columns[] = {{"LEAVE FROM", 0},
						      {"TO", 0},
						      {"TIME ZONE", TABLE_RARE},
						      {"NOTE", TABLE_CUT},
						      {NULL, 0}};
	const struct msg_net_leave *v = leave->v;
	struct table *t = table_new(columns);

	for (size_t i = 0; i < leave->n; i++) {
		table_row(t);
		table_cell(t, wall_text(c, v[i].start));
		table_cell(t, wall_text(c, v[i].end));
		table_cell(t, v[i].time_zone);
		table_cell(t, v[i].note);
	}
	table_print(t, &c->term, &c->out);
	table_free(t);
}

static void print_visits(struct client *c, const struct field_list *visits)
{
	static const struct table_column columns[] = {
		{"EXPERT", TABLE_CUT},
		{"AT", TABLE_CUT},
		{"FROM", 0},
		{"TO", 0},
		{"STATE", 0},
		{"REMOTE REQUESTS", TABLE_SPARE},
		{"HOME", TABLE_SPARE},
		{"NOTE", TABLE_CUT | TABLE_SPARE},
		{NULL, 0}};
	const struct msg_visit *v = visits->v;
	struct table *t = table_new(columns);

	for (size_t i = 0; i < visits->n; i++) {
		table_row(t);
		table_cell(t, v[i].expert);
		table_cell(t, v[i].site);
		table_cell(t, date_text(c, v[i].first_day));
		table_cell(t, date_text(c, v[i].last_day));
		table_cell(t, v[i].state);
		table_cell(t, v[i].remote_requests);
		table_cell(t, v[i].home);
		table_cell(t, v[i].note);
	}
	table_print(t, &c->term, &c->out);
	table_free(t);
}

static void print_days(struct client *c, const struct field_list *days)
{
	static const struct table_column columns[] = {
		{"DAY", 0}, {"WORKS AS", 0}, {NULL, 0}};
	const struct msg_roster_day *v = days->v;
	struct table *t = table_new(columns);

	for (size_t i = 0; i < days->n; i++) {
		table_row(t);
		table_cell(t, date_text(c, v[i].date));
		table_cell(t, v[i].works_as);
	}
	table_print(t, &c->term, &c->out);
	table_free(t);
}

static void print_roster(struct client *c, const struct msg_roster *r)
{
	static const struct {
		void (*print)(struct client *c, const struct field_list *list);
		size_t list;
	} parts[] = {
		{print_rules, offsetof(struct msg_roster, rules)},
		{print_leave, offsetof(struct msg_roster, leave)},
		{print_visits, offsetof(struct msg_roster, visits)},
		{print_days, offsetof(struct msg_roster, days)},
	};

	page_line(c, "of", client_printf(c, "%s (%s)", r->of, r->name));
	page_line(c, "times in", r->time_zone);
	page_line(c, "calendar", r->calendar);
	page_line(c, "version", client_printf(c, "%" PRId64, r->version));
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		const struct field_list *list =
			(const void *)((const char *)r + parts[i].list);

		if (!list->n)
			continue;
		buf_chr(&c->out, '\n');
		parts[i].print(c, list);
	}
}

static enum rc show(struct client *c, struct err *err)
{
	struct msg_roster_query q = {.of = c->args.v[0]};
	struct msg_roster r = {0};
	struct ask ask = {.path = "/v1/roster",
			  .query = &msg_roster_query_table,
			  .query_in = &q,
			  .answer = &msg_roster_table,
			  .out = &r};
	enum rc rc = ask_get(c, &ask, err);

	if (rc != RC_OK)
		return rc;
	if (c->json)
		page_json(c);
	else
		print_roster(c, &r);
	return RC_OK;
}

const struct command cmd_roster_show = {
	.name = "roster show",
	.args = "EXPERT|SITE/NAME|SITE",
	.min_args = 1,
	.max_args = 1,
	.help = "when an expert, a room or your site is there",
	.example = "teleconsult roster show coronary-1",
	.run = show,
};

/* --- what a change did --- */

static void print_report(struct client *c, const struct msg_roster_report *r)
{
	const struct msg_roster_changed *v = r->changed.v;

	orphans_print(c, &r->orphans);
	if (r->orphaned)
		buf_printf(&c->out,
			   "\n%" PRId64 " booking%s to come %s, to be moved or"
			   " cancelled (times in %s).\n",
			   r->orphaned, r->orphaned == 1 ? "" : "s",
			   r->dry_run ? "would not be allowed any more"
				      : "are on the worklist: teleconsult"
					" orphans",
			   tz_name(c->when.zone));
	else
		buf_str(&c->out, "No booking is in its way.\n");
	if (r->orphaned > (int64_t)r->orphans.n)
		buf_printf(&c->out, "The first %zu are listed.\n",
			   r->orphans.n);
	if (r->dry_run && r->unsought)
		buf_printf(&c->out,
			   "For %" PRId64 " no other times were looked for.\n",
			   r->unsought);
	if (r->unchecked)
		buf_printf(&c->out,
			   "%" PRId64 " later ones were not looked at.\n",
			   r->unchecked);
	for (size_t i = 0; !r->dry_run && i < r->changed.n; i++)
		buf_printf(&c->out, "%s: version %" PRId64 "%s%s\n", v[i].of,
			   v[i].version, v[i].calendar ? ", calendar " : "",
			   v[i].calendar ? v[i].calendar : "");
	if (r->dry_run)
		buf_str(&c->out, "Nothing was stored: this was a dry run.\n");
}

static enum rc send(struct client *c, struct ask_body *body, struct err *err)
{
	bool dry = options_has(&c->opts, OPT_DRY_RUN);
	struct msg_roster_report report = {0};
	struct ask ask = {.path = dry ? "/v1/roster/dry-run" : "/v1/roster",
			  .answer = &msg_roster_report_table,
			  .out = &report};
	enum rc rc = viewer_when(c, err);

	body->timeout_s = PLAN_TIMEOUT_S;
	if (rc == RC_OK)
		rc = ask_post(c, &ask, body, err);
	if (rc != RC_OK)
		return rc;
	if (c->json)
		page_json(c);
	else
		print_report(c, &report);
	return RC_OK;
}

/* --- one change out of words --- */

static enum rc read_rule(struct client *c, const char *path,
			 struct msg_net_rule *out, struct err *err)
{
	struct field_faults faults = {0};
	struct buf text;

	buf_init(&text, FILE_MAX);
	enum rc rc = input_read(path, &text, err);

	if (rc == RC_OK)
		rc = proto_decode(&msg_net_rule_table, buf_cstr(&text),
				  text.len, PROTO_STRICT, &c->arena, out,
				  &faults, err);
	if (rc == RC_INVALID && faults.n)
		rc = err_set(err, RC_INVALID, "%s: %s %s", path,
			     faults.v[0].pointer, faults.v[0].detail);
	buf_fini(&text);
	return rc;
}

/* Of a visit all that there are there; else the one that is changed. */
static enum rc read_rules(struct client *c, struct msg_roster_change *out,
			  struct err *err)
{
	const struct field_strs *files = &c->opts.v[OPT_RULE_FILE];
	struct msg_net_rule *v = client_alloc(c, (files->n + 1) * sizeof(*v));
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < files->n; i++)
		rc = read_rule(c, files->v[i], &v[i], err);
	if (rc != RC_OK || !files->n)
		return rc;
	if (out->change == ROSTER_VISIT)
		out->availability = (struct field_list){v, files->n};
	else if (files->n > 1)
		return err_set(err, RC_USAGE, "--rule is given twice");
	else
		out->rule = v;
	return RC_OK;
}

/* A leave is from one time to another; all else goes by days, of which the
 * last one counts whole. */
static void set_times(struct client *c, int64_t from, int64_t to,
		      struct msg_roster_change *out)
{
	const struct tz *zone = c->when.zone;
	bool leave =
		out->change == ROSTER_LEAVE || out->change == ROSTER_END_LEAVE;

	if (leave) {
		out->from = from == FIELD_NONE ? from : tz_to_wall(zone, from);
		out->to = to == FIELD_NONE ? to : tz_to_wall(zone, to);
		return;
	}
	out->first_day = from == FIELD_NONE ? from : when_day_of(zone, from);
	out->last_day = to == FIELD_NONE ? to : when_day_of(zone, to - 1);
}

static enum rc read_change(struct client *c, struct msg_roster_change *out,
			   struct err *err)
{
	const struct options *o = &c->opts;
	int64_t from, to;
	enum rc rc;

	proto_clear(&msg_roster_change_table, out);
	rc = option_word(c->args.v[0], &words_roster, &out->change, err);
	out->of = c->args.v[1];
	out->note = options_get(o, OPT_NOTE);
	out->remote_requests = options_get(o, OPT_REMOTE);
	out->works_as = options_get(o, OPT_WORKS_AS);
	if (rc == RC_OK)
		rc = options_slug(o, OPT_SITE, &out->site, err);
	if (rc == RC_OK)
		rc = input_number(c, OPT_NUMBER, &msg_roster_change_table,
				  "number", &out->number, err);
	if (rc == RC_OK)
		rc = input_number(c, OPT_SEEN, &msg_roster_change_table,
				  "version", &out->version, err);
	if (rc == RC_OK)
		rc = read_rules(c, out, err);
	if (rc == RC_OK)
		rc = input_range(c, &from, &to, err);
	if (rc == RC_OK)
		set_times(c, from, to, out);
	return rc;
}

static enum rc change(struct client *c, struct err *err)
{
	struct msg_roster_change one;
	struct msg_roster_changes in = {
		.reason = options_get(&c->opts, OPT_REASON),
		.changes = {&one, 1},
	};
	struct ask_body body = {.msg = &msg_roster_changes_table, .in = &in};
	enum rc rc = viewer_when(c, err);

	if (rc == RC_OK)
		rc = read_change(c, &one, err);
	return rc == RC_OK ? send(c, &body, err) : rc;
}

const struct command cmd_roster_change = {
	.name = "roster change",
	.args = "CHANGE EXPERT|SITE/NAME|SITE",
	.min_args = 2,
	.max_args = 2,
	.options = OPTSET(FROM) | OPTSET(TO) | OPTSET(SITE) | OPTSET(REMOTE) |
		   OPTSET(WORKS_AS) | OPTSET(RULE_FILE) | OPTSET(NUMBER) |
		   OPTSET(NOTE) | OPTSET(SEEN) | OPTSET(REASON) |
		   OPTSET(DRY_RUN),
	.required = OPTSET(REASON),
	.help = "change a roster; --dry-run says what that would orphan",
	.example = "teleconsult roster change visit coronary-1 "
		   "--site liaoyang-central --from 2027-02-01 --to 2027-10-31 "
		   "--rule clinic.json --reason 'nine months' --dry-run",
	.run = change,
};

/* --- several changes --- */

static enum rc apply(struct client *c, struct err *err)
{
	struct ask_body body = {0};
	struct buf text;

	buf_init(&text, FILE_MAX);
	enum rc rc = input_read(c->args.v[0], &text, err);

	body.raw = buf_cstr(&text);
	body.raw_len = text.len;
	if (rc == RC_OK)
		rc = send(c, &body, err);
	buf_fini(&text);
	return rc;
}

const struct command cmd_roster_apply = {
	.name = "roster apply",
	.args = "FILE|-",
	.min_args = 1,
	.max_args = 1,
	.options = OPTSET(DRY_RUN),
	.help = "make the changes of rosters in a file, all or none",
	.example = "teleconsult roster apply spring.json --dry-run",
	.run = apply,
};

/* --- visits --- */

static enum rc visits(struct client *c, struct err *err)
{
	struct msg_visit_query q = {.over = options_has(&c->opts, OPT_OVER)};
	struct msg_visit_list found = {0};
	struct ask ask = {.path = "/v1/visits",
			  .query = &msg_visit_query_table,
			  .query_in = &q,
			  .answer = &msg_visit_list_table,
			  .out = &found};
	enum rc rc = options_slug(&c->opts, OPT_EXPERT, &q.expert, err);

	if (rc == RC_OK)
		rc = options_slug(&c->opts, OPT_SITE, &q.site, err);
	if (rc == RC_OK && !c->json)
		rc = viewer_when(c, err);
	if (rc == RC_OK)
		rc = ask_get(c, &ask, err);
	if (rc != RC_OK)
		return rc;
	if (c->json)
		page_json(c);
	else if (c->csv)
		page_csv(c, &msg_visit_table, &found.items);
	else if (found.items.n)
		print_visits(c, &found.items);
	else
		buf_str(&c->out, "No visits.\n");
	return RC_OK;
}

const struct command cmd_visits = {
	.name = "visits",
	.args = "",
	.rows = true,
	.options = OPTSET(EXPERT) | OPTSET(SITE) | OPTSET(OVER),
	.help = "who is, or will be, at another site",
	.example = "teleconsult visits --site liaoyang-central",
	.run = visits,
};

/* --- orphans --- */

static void print_list(struct client *c, const struct msg_orphan_list *list)
{
	const struct msg_orphan *v = list->items.v;

	if (!list->items.n) {
		buf_str(&c->out, "No orphans.\n");
		return;
	}
	orphans_print(c, &list->items);
	buf_printf(&c->out, "\nTimes in %s.%s\n", tz_name(c->when.zone),
		   list->more ? " There are later ones." : "");
	for (size_t i = 0; i < list->items.n; i++)
		if (v[i].cause)
			buf_printf(&c->out, "%s: %s (%s)\n",
				   page_code(c, v[i].booking), v[i].cause,
				   v[i].by);
	buf_str(&c->out, "Move or cancel each: teleconsult move CODE --to"
			 " TIME, teleconsult cancel CODE\n");
}

static enum rc orphans(struct client *c, struct err *err)
{
	struct msg_orphan_query q = {.moves = options_has(&c->opts, OPT_MOVES)};
	struct msg_orphan_list found = {0};
	struct ask ask = {.path = "/v1/orphans",
			  .query = &msg_orphan_query_table,
			  .query_in = &q,
			  .answer = &msg_orphan_list_table,
			  .out = &found};
	enum rc rc = c->json ? RC_OK : viewer_when(c, err);

	if (rc == RC_OK)
		rc = ask_get(c, &ask, err);
	if (rc != RC_OK)
		return rc;
	if (c->json)
		page_json(c);
	else if (c->csv)
		page_csv(c, &msg_orphan_table, &found.items);
	else
		print_list(c, &found);
	return RC_OK;
}

const struct command cmd_orphans = {
	.name = "orphans",
	.args = "",
	.rows = true,
	.options = OPTSET(MOVES),
	.help = "bookings that a change left without ground, until moved",
	.example = "teleconsult orphans --moves",
	.run = orphans,
};
