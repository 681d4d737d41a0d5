/* The commands that look: list, show. */
#include <inttypes.h>
#include <string.h>

#include "base/civil.h"
#include "base/text.h"
#include "client/ask.h"
#include "client/command.h"
#include "client/input.h"
#include "client/page.h"
#include "client/pages.h"
#include "client/table.h"
#include "client/viewer.h"
#include "proto/csv.h"

/* The lists: what differs between them. */
struct list_type {
	const char *what; /* "requests" */
	const char *path;
	const struct words *status;
	const struct msg *answer;
	const struct table_column *columns;
	void (*add_row)(struct client *c, struct table *t, const void *item);
	const char *hint; /* what to do with them; or NULL */
};

static const struct table_column request_columns[] = {
	{"CODE", 0},
	{"STATUS", 0},
	{"URGENCY", 0},
	{"SUBMITTED", 0},
	{"KIND", TABLE_CUT},
	{"EXPERT", TABLE_CUT},
	{"PARTNER", TABLE_CUT},
	{"LEAD", TABLE_CUT | TABLE_SPARE},
	{"BOOKING", TABLE_SPARE},
	{NULL, 0}};

static void add_request(struct client *c, struct table *t, const void *item)
{
	const struct msg_request *r = item;
	char shown[WHEN_LEN + 1] = "";

	if (r->submitted_at != FIELD_NONE)
		when_show(c->when.zone, r->submitted_at, shown);
	table_row(t);
	table_cell(t, page_code(c, r->code));
	table_cell(t, words_name(&words_request_status, r->status));
	table_cell(t, r->urgency >= 0 ? words_name(&words_urgency, r->urgency)
				      : NULL);
	table_cell(t, shown + (shown[0] ? 4 : 0)); /* without the weekday */
	table_cell(t, words_name(&words_kind, r->kind));
	table_cell(t, r->expert ? r->expert : r->specialty);
	table_cell(t, r->partner);
	table_cell(t, r->lead);
	table_cell(t, page_code(c, r->booking));
}

static const struct table_column booking_columns[] = {
	{"CODE", 0},
	{"STATUS", 0},
	{"TIME", 0},
	{"KIND", TABLE_CUT},
	{"EXPERT", TABLE_CUT},
	{"PARTNER", TABLE_CUT},
	{"LEAD", TABLE_CUT | TABLE_SPARE},
	{"REQUEST", TABLE_SPARE},
	{NULL, 0}};

static void add_booking(struct client *c, struct table *t, const void *item)
{
	const struct msg_booking *b = item;
	char shown[WHEN_SPAN_LEN + 1];

	when_show_span(c->when.zone, b->from, b->to, shown);
	table_row(t);
	table_cell(t, page_code(c, b->code));
	table_cell(t,
		   client_printf(
			   c, "%s%s",
			   words_name(&words_booking_status, b->status),
			   b->consent_due == FIELD_NONE ? "" : ", no consent"));
	table_cell(t, shown);
	table_cell(t, words_name(&words_kind, b->kind));
	table_cell(t, b->expert);
	table_cell(t, b->partner);
	table_cell(t, b->lead);
	table_cell(t, page_code(c, b->request));
}

static const struct table_column waiting_columns[] = {
	{"BEFORE", 0},
	{"REQUEST", 0},
	{"URGENCY", 0},
	{"SUBMITTED", 0},
	{"UNTIL", 0},
	{"KIND", TABLE_CUT},
	{"EXPERT", TABLE_CUT},
	{"PARTNER", TABLE_CUT},
	{"LEAD", TABLE_CUT | TABLE_SPARE},
	{"OFFER", TABLE_SPARE},
	{NULL, 0}};

static void add_waiting(struct client *c, struct table *t, const void *item)
{
	const struct msg_waiting *v = item;
	char submitted[WHEN_LEN + 1], until[WHEN_LEN + 1];

	when_show(c->when.zone, v->submitted_at, submitted);
	when_show(c->when.zone, v->until, until);
	table_row(t);
	table_cell(t, client_printf(c, "%" PRId64 "%s", v->before,
				    v->rests_since != FIELD_NONE ? " rests"
				    : v->displaced		 ? " first"
								 : ""));
	table_cell(t, page_code(c, v->request));
	table_cell(t, words_name(&words_urgency, v->urgency));
	table_cell(t, submitted + 4); /* without the weekday */
	table_cell(t, until + 4);
	table_cell(t, words_name(&words_kind, v->kind));
	table_cell(t, v->expert ? v->expert : v->specialty);
	table_cell(t, v->partner);
	table_cell(t, v->lead);
	table_cell(t, page_code(c, v->offer));
}

static const struct table_column offer_columns[] = {
	{"CODE", 0},
	{"ANSWER BY", 0},
	{"TIME", 0},
	{"URGENCY", 0},
	{"KIND", TABLE_CUT},
	{"EXPERT", TABLE_CUT},
	{"PARTNER", TABLE_CUT},
	{"LEAD", TABLE_CUT | TABLE_SPARE},
	{"REQUEST", TABLE_SPARE},
	{NULL, 0}};

static void add_offer(struct client *c, struct table *t, const void *item)
{
	const struct msg_offer *o = item;
	char until[WHEN_LEN + 1], shown[WHEN_SPAN_LEN + 1];

	when_show(c->when.zone, o->until, until);
	when_show_span(c->when.zone, o->from, o->to, shown);
	table_row(t);
	table_cell(t, page_code(c, o->booking));
	table_cell(t, until);
	table_cell(t, shown);
	table_cell(t, words_name(&words_urgency, o->urgency));
	table_cell(t, words_name(&words_kind, o->kind));
	table_cell(t, o->expert);
	table_cell(t, o->partner);
	table_cell(t, o->lead);
	table_cell(t, page_code(c, o->request));
}

static const struct table_column late_columns[] = {
	{"CODE", 0},
	{"DUE", 0},
	{"STATE", 0},
	{"WHAT", 0},
	{"URGENCY", 0},
	{"STATUS", TABLE_CUT},
	{"KIND", TABLE_CUT},
	{"OWED BY", TABLE_CUT},
	{"PARTNER", TABLE_CUT},
	{"LEAD", TABLE_CUT | TABLE_SPARE},
	{NULL, 0}};

/* "coronary-1, coronary-2" */
static const char *owed_by(struct client *c, const struct msg_late *v)
{
	const char *text = "";

	for (size_t i = 0; i < v->owes.n; i++)
		text = client_printf(c, "%s%s%s", text, i ? ", " : "",
				     v->owes.v[i]);
	return text;
}

static void add_late(struct client *c, struct table *t, const void *item)
{
	const struct msg_late *v = item;
	char due[WHEN_LEN + 1];

	when_show(c->when.zone, v->due, due);
	table_row(t);
	table_cell(t, page_code(c, v->booking ? v->booking : v->code));
	table_cell(t, due);
	table_cell(t, words_name(&words_clock, v->state));
	table_cell(t, v->check < 0 ? v->what
				   : client_printf(
					     c, "%s at %s",
					     words_name(&words_check, v->check),
					     v->site));
	table_cell(t, words_name(&words_urgency, v->urgency));
	table_cell(t, words_name(&words_request_status, v->status));
	table_cell(t, words_name(&words_kind, v->kind));
	table_cell(t, owed_by(c, v));
	table_cell(t, v->partner);
	table_cell(t, v->lead);
}

static const struct table_column agreement_columns[] = {
	{"AGREEMENT", 0},
	{"LEAD", TABLE_CUT},
	{"PARTNER", TABLE_CUT},
	{"UNTIL", 0},
	{"DAYS", 0},
	{"LEFT THIS MONTH", TABLE_CUT},
	{"BEYOND", 0},
	{NULL, 0}};

/* "clinic-slot 3 of 60, referral": how much is left of what has a quota. */
static const char *kinds_left(struct client *c, const struct msg_agreement *a)
{
	const struct msg_agreed_kind *v = a->kinds.v;
	const char *text = "";

	for (size_t i = 0; i < a->kinds.n; i++) {
		const char *name = words_name(&words_kind, v[i].kind);
		const char *comma = i ? ", " : "";

		text = v[i].quota == FIELD_NONE
			       ? client_printf(c, "%s%s%s", text, comma, name)
			       : client_printf(c, "%s%s%s %lld of %lld", text,
					       comma, name,
					       (long long)v[i].left,
					       (long long)v[i].quota);
	}
	return text;
}

static const char *beyond_of(struct client *c, const struct msg_agreement *a)
{
	const struct msg_beyond *v = a->beyond.v;
	const char *text = NULL;

	for (size_t i = 0; i < a->beyond.n && i < 3; i++)
		text = client_printf(c, "%s%s%s", text ? text : "",
				     text ? ", " : "",
				     page_code(c, v[i].booking));
	return a->beyond_all > 3 ? client_printf(c, "%s and %lld more", text,
						 (long long)a->beyond_all - 3)
				 : text;
}

static void add_agreement(struct client *c, struct table *t, const void *item)
{
	const struct msg_agreement *a = item;
	struct civil day;

	civil_from_days(a->valid_to, &day);
	table_row(t);
	table_cell(t, a->id);
	table_cell(t, a->lead);
	table_cell(t, a->partner);
	table_cell(t, client_printf(c, "%04d-%02d-%02d", (int)day.year,
				    day.month, day.day));
	table_cell(t,
		   a->live ? client_printf(c, "%lld", (long long)a->days_left)
			   : "ended");
	table_cell(t, kinds_left(c, a));
	table_cell(t, beyond_of(c, a));
}

static const struct table_column session_columns[] = {
	{"CODE", 0},
	{"STATUS", 0},
	{"TIME", 0},
	{"FREE", 0},
	{"YOURS", 0},
	{"KIND", TABLE_CUT},
	{"TITLE", TABLE_CUT},
	{"EXPERT", TABLE_CUT},
	{"LEAD", TABLE_CUT | TABLE_SPARE},
	{NULL, 0}};

static void add_session(struct client *c, struct table *t, const void *item)
{
	const struct msg_session *s = item;
	char shown[WHEN_SPAN_LEN + 1];

	when_show_span(c->when.zone, s->from, s->to, shown);
	table_row(t);
	table_cell(t, page_code(c, s->code));
	table_cell(t, words_name(&words_booking_status, s->status));
	table_cell(t, shown);
	table_cell(t, client_printf(c, "%" PRId64 "%s", s->free,
				    s->no_record ? ", no record" : ""));
	table_cell(t, s->joined == FIELD_NONE
			      ? NULL
			      : client_printf(c, "%" PRId64, s->joined));
	table_cell(t, words_name(&words_kind, s->kind));
	table_cell(t, s->title);
	table_cell(t, s->expert);
	table_cell(t, s->lead);
}

static const struct list_type list_types[] = {
	{"requests", "/v1/requests", &words_request_status,
	 &msg_request_list_table, request_columns, add_request},
	{"bookings", "/v1/bookings", &words_booking_status,
	 &msg_booking_list_table, booking_columns, add_booking},
	{"unresolved", "/v1/unresolved", &words_booking_status,
	 &msg_booking_list_table, booking_columns, add_booking},
	{"late", "/v1/worklist", &words_clock, &msg_worklist_table,
	 late_columns, add_late},
	{"waitlist", "/v1/waitlist", &words_request_status, &msg_waitlist_table,
	 waiting_columns, add_waiting},
	{"offers", "/v1/offers", &words_request_status, &msg_offer_list_table,
	 offer_columns, add_offer,
	 "Take one: teleconsult book CODE. Refuse it: teleconsult refuse CODE"},
	{"sessions", "/v1/sessions", &words_booking_status,
	 &msg_session_list_table, session_columns, add_session,
	 "Take seats: teleconsult session join CODE SEATS"},
	{"agreements", "/v1/agreements", &words_request_status,
	 &msg_agreement_list_table, agreement_columns, add_agreement},
};

/* What is asked, and what has been gathered so far. */
struct gather {
	const struct list_type *type;
	struct msg_list_query query;
	struct pages pages;
	struct table *table;
	struct csv csv;
};

static enum rc choose_type(struct client *c, const struct list_type **out,
			   struct err *err)
{
	const char *word = c->args.n > 0 ? c->args.v[0] : "requests";

	for (size_t i = 0; i < sizeof(list_types) / sizeof(list_types[0]); i++)
		if (strcmp(word, list_types[i].what) == 0) {
			*out = &list_types[i];
			return RC_OK;
		}
	return err_set(err, RC_USAGE,
		       "\"%.39s\" cannot be listed: requests, bookings, "
		       "unresolved, late, waitlist, offers or agreements is "
		       "wanted",
		       word);
}

static enum rc read_query(struct client *c, struct gather *g, struct err *err)
{
	struct msg_list_query *q = &g->query;
	int status;
	enum rc rc;

	proto_clear(&msg_list_query_table, q);
	rc = options_word(&c->opts, OPT_STATUS, g->type->status, &status, err);
	q->status = options_get(&c->opts, OPT_STATUS);
	if (rc == RC_OK)
		rc = options_word(&c->opts, OPT_KIND, &words_kind, &q->kind,
				  err);
	if (rc == RC_OK)
		rc = options_slug(&c->opts, OPT_SITE, &q->site, err);
	if (rc == RC_OK)
		rc = options_slug(&c->opts, OPT_EXPERT, &q->expert, err);
	if (rc == RC_OK)
		rc = options_int(&c->opts, OPT_LIMIT, 1, PAGES_ROWS_MAX,
				 &g->pages.left, err);
	return rc == RC_OK ? input_range(c, &q->from, &q->to, err) : rc;
}

static void take_item(struct client *c, void *ctx, const void *item)
{
	struct gather *g = ctx;

	if (!c->csv) {
		g->type->add_row(c, g->table, item);
		return;
	}
	csv_values(&g->csv, g->type->answer->fields[0].msg, item);
	csv_end(&g->csv);
}

static void print_table(struct client *c, const struct gather *g)
{
	table_print(g->table, &c->term, &c->out);
	if (table_rows(g->table) == 0)
		buf_printf(&c->out, "No %s.\n", g->type->what);
	else
		buf_printf(
			&c->out, "\nTimes in %s.%s\n", tz_name(c->when.zone),
			g->pages.next
				? " There may be more: ask without -n for all."
				: "");
	if (table_rows(g->table) > 0 && g->type->hint)
		buf_printf(&c->out, "%s\n", g->type->hint);
}

static enum rc list(struct client *c, struct err *err)
{
	struct gather g = {0};
	enum rc rc = choose_type(c, &g.type, err);

	if (rc == RC_OK)
		rc = read_query(c, &g, err);
	if (rc == RC_OK && !c->json)
		rc = viewer_when(c, err);
	if (rc != RC_OK)
		return rc;
	g.pages.path = g.type->path;
	g.pages.query = &msg_list_query_table;
	g.pages.query_in = &g.query;
	g.pages.limit = &g.query.limit;
	g.pages.cursor = &g.query.cursor;
	g.pages.answer = g.type->answer;
	g.pages.take = take_item;
	g.pages.ctx = &g;
	pages_init(&g.pages);
	g.table = table_new(g.type->columns);
	g.csv = (struct csv){
		.out = &c->out, .zone = c->when.zone, .show = term_add};
	if (c->csv) {
		csv_names(&g.csv, g.type->answer->fields[0].msg);
		csv_end(&g.csv);
	}
	rc = pages_fetch(c, &g.pages, err);
	if (rc == RC_OK && c->json)
		pages_print_json(c, &g.pages);
	else if (rc == RC_OK && !c->csv)
		print_table(c, &g);
	table_free(g.table);
	pages_fini(&g.pages);
	return rc;
}

static enum rc show_request(struct client *c, const char *code, struct err *err)
{
	struct msg_request r = {0};
	struct ask ask = {.path = client_printf(c, "/v1/requests/%s", code),
			  .answer = &msg_request_table,
			  .out = &r};
	enum rc rc = ask_get(c, &ask, err);

	if (rc != RC_OK)
		return rc;
	if (c->json)
		page_json(c);
	else
		page_request(c, &r);
	return RC_OK;
}

static enum rc show_session(struct client *c, const char *code, struct err *err)
{
	struct msg_session s = {0};
	struct ask ask = {.path = client_printf(c, "/v1/sessions/%s", code),
			  .answer = &msg_session_table,
			  .out = &s};
	enum rc rc = ask_get(c, &ask, err);

	if (rc != RC_OK)
		return rc;
	if (c->json)
		page_json(c);
	else
		page_session(c, &s);
	return RC_OK;
}

/* It has seats, walk-ins, or a list of cases: of such a one the session is
 * looked at. */
static bool is_session(const struct msg_booking *b)
{
	return b->kind == KIND_TEACHING_ROUND ||
	       b->kind == KIND_SURGERY_DEMONSTRATION ||
	       b->kind == KIND_FREE_CLINIC || b->kind == KIND_CASE_CONFERENCE;
}

static enum rc show_booking(struct client *c, const char *code, struct err *err)
{
	struct msg_booking b = {0};
	struct ask ask = {.path = client_printf(c, "/v1/bookings/%s", code),
			  .answer = &msg_booking_table,
			  .out = &b};
	enum rc rc = ask_get(c, &ask, err);

	if (rc != RC_OK)
		return rc;
	if (is_session(&b))
		return show_session(c, code, err);
	if (c->json)
		page_json(c);
	else
		page_booking(c, &b);
	return RC_OK;
}

static enum rc show(struct client *c, struct err *err)
{
	const char *code;
	enum rc rc = client_code(c, c->args.v[0], &code, err);

	if (rc == RC_OK && !c->json)
		rc = viewer_when(c, err);
	if (rc == RC_OK)
		rc = show_request(c, code, err);
	if (rc == RC_NOT_FOUND)
		rc = show_booking(c, code, err);
	if (rc == RC_NOT_FOUND) /* a partner may join what is not its own */
		rc = show_session(c, code, err);
	return rc;
}

const struct command cmd_list = {
	.name = "list",
	.args = "[requests|bookings|sessions|unresolved|late|waitlist|"
		"offers|agreements]",
	.max_args = 1,
	.options = OPTSET(STATUS) | OPTSET(SITE) | OPTSET(EXPERT) |
		   OPTSET(KIND) | OPTSET(FROM) | OPTSET(TO) | OPTSET(LIMIT),
	.rows = true,
	.help = "list requests as submitted, bookings or sessions by start",
	.example = "teleconsult list bookings --expert coronary-1 --from today",
	.run = list,
};

const struct command cmd_show = {
	.name = "show",
	.args = "CODE",
	.min_args = 1,
	.max_args = 1,
	.help = "everything about a request or a booking, with its history",
	.example = "teleconsult show 7K2M-QX91",
	.run = show,
};
