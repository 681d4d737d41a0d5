/* The commands of series: book, show, list, move, cancel. */
#include <string.h>

#include "base/civil.h"
#include "client/ask.h"
#include "client/book.h"
#include "client/command.h"
#include "client/days.h"
#include "client/page.h"
#include "client/table.h"
#include "client/viewer.h"

/* --- what is shown --- */

static void print_head(struct client *c, const struct msg_series *s)
{
	char wall[17];

	civil_show_wall(s->start, wall);
	if (s->code)
		buf_printf(&c->out, "%s, ", page_code(c, s->code));
	buf_printf(&c->out, "%s, ", words_name(&words_kind, s->kind));
	term_add(&c->out, s->lead);
	buf_str(&c->out, " for ");
	term_add(&c->out, s->partner);
	buf_str(&c->out, ": ");
	term_add(&c->out, s->rrule);
	buf_printf(&c->out, " from %s %s", wall, s->time_zone);
	buf_printf(&c->out, ", holidays %s\n",
		   words_name(&words_on_holiday, s->on_holiday));
}

static void show(struct client *c, const struct msg_series *s, const char *done)
{
	if (c->json) {
		page_json(c);
		return;
	}
	print_head(c, s);
	days_print(c, &s->occurrences);
	if (done)
		buf_printf(&c->out, "%s%lld of %zu %s.\n",
			   s->dry_run ? "A dry run, nothing is stored: " : "",
			   (long long)s->done, s->occurrences.n, done);
	buf_printf(&c->out, "Times in %s.\n", tz_name(c->when.zone));
}

/* --- book --- */

static enum rc read_days(const struct client *c, enum option o,
			 struct field_strs *out, struct err *err)
{
	*out = c->opts.v[o];
	for (size_t i = 0; i < out->n; i++) {
		int64_t day;

		if (!civil_read_date(out->v[i], strlen(out->v[i]), &day))
			return err_set(err, RC_USAGE,
				       "--%s is a day, like 2026-10-01",
				       option_rows[o].name);
	}
	return RC_OK;
}

static int together(const struct client *c)
{
	return options_has(&c->opts, OPT_POSSIBLE) ? TOGETHER_POSSIBLE : -1;
}

/* How it repeats, of which `in` has the first already. */
static enum rc repeat(struct client *c, struct msg_series_new *in,
		      struct err *err)
{
	bool trial = options_has(&c->opts, OPT_DRY_RUN);
	struct msg_series made = {0};
	struct ask ask = {.path = trial ? "/v1/series/dry-run" : "/v1/series",
			  .answer = &msg_series_table,
			  .out = &made};
	struct ask_body body = {.msg = &msg_series_new_table, .in = in};
	enum rc rc = read_days(c, OPT_EXCEPT, &in->except, err);

	in->rrule = options_get(&c->opts, OPT_RULE);
	in->together = together(c);
	if (rc == RC_OK)
		rc = read_days(c, OPT_ADD, &in->add, err);
	if (rc == RC_OK)
		rc = options_word(&c->opts, OPT_ON_HOLIDAY, &words_on_holiday,
				  &in->on_holiday, err);
	if (rc == RC_OK)
		rc = ask_post(c, &ask, &body, err);
	if (rc == RC_OK)
		show(c, &made, "made");
	return rc;
}

static enum rc book(struct client *c, struct err *err)
{
	struct msg_series_new in;
	struct msg_book first;

	proto_clear(&msg_series_new_table, &in);
	proto_clear(&msg_book_table, &first);
	in.booking = &first;
	enum rc rc = book_read(c, &first, err);

	return rc == RC_OK ? repeat(c, &in, err) : rc;
}

static enum rc session(struct client *c, struct err *err)
{
	struct msg_series_new in;
	struct msg_session_new first;

	proto_clear(&msg_series_new_table, &in);
	proto_clear(&msg_session_new_table, &first);
	in.session = &first;
	enum rc rc = book_read_session(c, &first, err);

	return rc == RC_OK ? repeat(c, &in, err) : rc;
}

/* --- show and list --- */

static enum rc show_one(struct client *c, struct err *err)
{
	struct msg_series found = {0};
	struct ask ask = {.answer = &msg_series_table, .out = &found};
	const char *code;
	enum rc rc = client_code(c, c->args.v[0], &code, err);

	if (rc == RC_OK)
		rc = viewer_when(c, err);
	if (rc != RC_OK)
		return rc;
	ask.path = client_printf(c, "/v1/series/%s", code);
	rc = ask_get(c, &ask, err);
	if (rc == RC_OK)
		show(c, &found, NULL);
	return rc;
}

static const struct table_column columns[] = {{"CODE", 0},
					      {"KIND", 0},
					      {"LEAD", TABLE_CUT},
					      {"PARTNER", TABLE_CUT},
					      {"FROM", 0},
					      {"RULE", TABLE_CUT | TABLE_SPARE},
					      {"DAYS", TABLE_RIGHT},
					      {"BOOKED", TABLE_RIGHT},
					      {NULL, 0}};

static const char *number(struct client *c, int64_t n)
{
	return n == FIELD_NONE ? NULL : client_printf(c, "%lld", (long long)n);
}

static void print_list(struct client *c, const struct msg_series_list *list)
{
	const struct msg_series *v = list->items.v;
	struct table *t = table_new(columns);

	for (size_t i = 0; i < list->items.n; i++) {
		char wall[17];

		civil_show_wall(v[i].start, wall);
		table_row(t);
		table_cell(t, v[i].code ? page_code(c, v[i].code) : NULL);
		table_cell(t, words_name(&words_kind, v[i].kind));
		table_cell(t, v[i].lead);
		table_cell(t, v[i].partner);
		table_cell(t, wall);
		table_cell(t, v[i].rrule);
		table_cell(t, number(c, v[i].days));
		table_cell(t, number(c, v[i].booked));
	}
	table_print(t, &c->term, &c->out);
	table_free(t);
	if (list->next)
		buf_str(&c->out, "There are more: name another -n, up to 200, "
				 "or a --site or --kind.\n");
}

static enum rc list(struct client *c, struct err *err)
{
	struct msg_series_list found = {0};
	struct msg_list_query q;
	struct ask ask = {.path = "/v1/series",
			  .query = &msg_list_query_table,
			  .query_in = &q,
			  .answer = &msg_series_list_table,
			  .out = &found};
	enum rc rc;

	proto_clear(&msg_list_query_table, &q);
	rc = options_slug(&c->opts, OPT_SITE, &q.site, err);
	if (rc == RC_OK)
		rc = options_word(&c->opts, OPT_KIND, &words_kind, &q.kind,
				  err);
	if (rc == RC_OK)
		rc = options_int(&c->opts, OPT_LIMIT, 1, 200, &q.limit, err);
	if (rc == RC_OK)
		rc = ask_get(c, &ask, err);
	if (rc != RC_OK)
		return rc;
	if (c->json)
		page_json(c);
	else
		print_list(c, &found);
	return RC_OK;
}

/* --- from one of its bookings on --- */

static enum rc follow(struct client *c, const char *verb, const struct msg *msg,
		      const void *in, const char *done, struct err *err)
{
	struct msg_series changed = {0};
	struct ask ask = {.answer = &msg_series_table, .out = &changed};
	struct ask_body body = {.msg = msg, .in = in};
	const char *code;
	enum rc rc = client_code(c, c->args.v[0], &code, err);

	if (rc != RC_OK)
		return rc;
	ask.path = client_printf(c, "/v1/bookings/%s", code);
	if (options_has(&c->opts, OPT_DRY_RUN))
		verb = client_printf(c, "%s/dry-run", verb);
	rc = ask_change(c, verb, &ask, &body, err);
	if (rc == RC_OK)
		show(c, &changed, done);
	return rc;
}

static enum rc move(struct client *c, struct err *err)
{
	struct msg_series_move in = {.together = together(c)};
	enum rc rc = viewer_when(c, err);

	if (rc == RC_OK)
		rc = when_read(&c->when, options_get(&c->opts, OPT_MOVE_TO),
			       &in.at, err);
	if (rc != RC_OK)
		return rc;
	return follow(c, "move-following", &msg_series_move_table, &in, "moved",
		      err);
}

static enum rc cancel(struct client *c, struct err *err)
{
	struct msg_series_cancel in = {options_get(&c->opts, OPT_REASON), -1,
				       together(c)};
	enum rc rc = viewer_when(c, err);

	if (rc == RC_OK)
		rc = options_word(&c->opts, OPT_REASON_CODE, &words_why,
				  &in.reason_code, err);
	if (rc != RC_OK)
		return rc;
	return follow(c, "cancel-following", &msg_series_cancel_table, &in,
		      "cancelled", err);
}

const struct command cmd_series_book = {
	.name = "series book",
	.args = "KIND",
	.min_args = 1,
	.max_args = 1,
	.options = OPTSET(AT) | OPTSET(RULE) | OPTSET(EXCEPT) | OPTSET(ADD) |
		   OPTSET(ON_HOLIDAY) | OPTSET(POSSIBLE) | OPTSET(DRY_RUN) |
		   BOOK_TAKEN | BOOK_DIRECT,
	.required = OPTSET(AT) | OPTSET(RULE),
	.help = "book a kind again and again",
	.example = "teleconsult series book onsite-procedure --expert "
		   "coronary-1 --patient p.json --at 'tue 9:00' --rrule "
		   "'FREQ=WEEKLY;COUNT=10' --dry-run",
	.run = book,
};

const struct command cmd_series_session = {
	.name = "series session",
	.args = "KIND TITLE",
	.min_args = 2,
	.max_args = 2,
	.options = OPTSET(AT) | OPTSET(RULE) | OPTSET(EXCEPT) | OPTSET(ADD) |
		   OPTSET(ON_HOLIDAY) | OPTSET(POSSIBLE) | OPTSET(DRY_RUN) |
		   OPTSET(DURATION) | OPTSET(EXPERT) | OPTSET(WITH) |
		   OPTSET(ALSO) | OPTSET(SEATS) | OPTSET(PER_SITE) |
		   OPTSET(NO_RECORD),
	.required = OPTSET(AT) | OPTSET(RULE),
	.help = "make a session with seats again and again",
	.example = "teleconsult series session teaching-round 'Mitral valves' "
		   "--expert coronary-1 --seats 60 --at 'fri 15:00' --rrule "
		   "'FREQ=WEEKLY;COUNT=8'",
	.run = session,
};

const struct command cmd_series_show = {
	.name = "series show",
	.args = "CODE",
	.min_args = 1,
	.max_args = 1,
	.help = "show a series, day by day",
	.example = "teleconsult series show 7K2M-QX91",
	.run = show_one,
};

const struct command cmd_series_list = {
	.name = "series list",
	.args = "",
	.options = OPTSET(SITE) | OPTSET(KIND) | OPTSET(LIMIT),
	.help = "list series, the latest first",
	.example = "teleconsult series list --kind onsite-procedure",
	.run = list,
};

const struct command cmd_series_move = {
	.name = "series move",
	.args = "CODE",
	.min_args = 1,
	.max_args = 1,
	.options = OPTSET(MOVE_TO) | OPTSET(POSSIBLE) | OPTSET(DRY_RUN),
	.required = OPTSET(MOVE_TO),
	.help = "move a booking of a series and all that follow it",
	.example = "teleconsult series move 7K2M-QX91 --to 'wed 14:00' "
		   "--possible --dry-run",
	.run = move,
};

const struct command cmd_series_cancel = {
	.name = "series cancel",
	.args = "CODE",
	.min_args = 1,
	.max_args = 1,
	.options = OPTSET(REASON) | OPTSET(REASON_CODE) | OPTSET(POSSIBLE) |
		   OPTSET(DRY_RUN),
	.required = OPTSET(REASON),
	.help = "cancel a booking of a series and all that follow it",
	.example = "teleconsult series cancel 7K2M-QX91 --reason 'treated at "
		   "home from now on'",
	.run = cancel,
};
