/* The command that searches for free times: slots. */
#include <inttypes.h>
#include <string.h>

#include "client/ask.h"
#include "client/command.h"
#include "client/complain.h"
#include "client/explain.h"
#include "client/input.h"
#include "client/page.h"
#include "client/table.h"
#include "client/viewer.h"

static enum rc read_what(struct client *c, struct msg_slots_query *q,
			 struct err *err)
{
	const char *request = options_get(&c->opts, OPT_REQUEST);

	if (!request && c->args.n == 0)
		return err_set(err, RC_USAGE,
			       "times for what? Name a KIND or --request CODE");
	if (request && c->args.n > 0)
		return err_set(err, RC_USAGE,
			       "a KIND or --request CODE, not both: the "
			       "request says its kind");
	if (request)
		return client_code(c, request, &q->request, err);
	return option_word(c->args.v[0], &words_kind, &q->kind, err);
}

static enum rc read_query(struct client *c, struct msg_slots_query *q,
			  struct err *err)
{
	const struct options *o = &c->opts;
	enum rc rc;

	proto_clear(&msg_slots_query_table, q);
	q->why_not = options_has(o, OPT_WHY_NOT);
	q->overbook = options_has(o, OPT_BEHIND);
	q->explain = options_has(o, OPT_EXPLAIN);
	q->title = options_get(o, OPT_TITLE);
	q->modality = options_get(o, OPT_MODALITY);
	q->languages = o->v[OPT_LANGUAGE];
	q->also = o->v[OPT_ALSO];
	rc = read_what(c, q, err);
	if (rc == RC_OK)
		rc = options_slug(o, OPT_EXPERT, &q->expert, err);
	if (rc == RC_OK)
		rc = options_slug(o, OPT_SPECIALTY, &q->specialty, err);
	if (rc == RC_OK)
		rc = options_slug(o, OPT_SURGEON, &q->surgeon, err);
	if (rc == RC_OK)
		rc = options_slug(o, OPT_SITE, &q->site, err);
	if (rc == RC_OK)
		rc = options_slug(o, OPT_AGREEMENT, &q->agreement, err);
	if (rc == RC_OK)
		rc = input_number(c, OPT_LIMIT, &msg_slots_query_table, "n",
				  &q->n, err);
	if (rc == RC_OK)
		rc = input_duration(c, &msg_slots_query_table,
				    &q->duration_minutes, err);
	if (rc == RC_OK)
		rc = input_around(c, &msg_slots_query_table, &q->before_minutes,
				  &q->after_minutes, err);
	if (rc == RC_OK)
		rc = input_number(c, OPT_BED_DAYS, &msg_slots_query_table,
				  "bed_days", &q->bed_days, err);
	if (rc == RC_OK)
		rc = input_with(c, &q->with, err);
	return rc == RC_OK ? input_range(c, &q->from, &q->to, err) : rc;
}

static const struct table_column columns[] = {
	{"TIME", 0},
	{"OPERATION", TABLE_RARE},
	{"EXPERT", 0},
	{"NAME", TABLE_CUT},
	{"THERE", TABLE_CUT | TABLE_RARE},
	{"TURN", TABLE_RARE | TABLE_SPARE},
	{"WITH", TABLE_CUT | TABLE_SPARE},
	{NULL, 0}};

/* The whole operation, when the expert is not there from its beginning to its
 * end. */
static const char *operation(struct client *c, const struct msg_slot *s)
{
	const struct tz *zone = c->when.zone;
	int64_t from = s->operation_from, to = s->operation_to;
	char shown[WHEN_SPAN_LEN + 1];

	if (from == FIELD_NONE || to == FIELD_NONE)
		return NULL;
	when_show_span(zone, from, to, shown);
	if (when_day_of(zone, from) != when_day_of(zone, s->from))
		return client_printf(c, "%s", shown);
	return client_printf(c, "%s", shown + WHEN_LEN - WHEN_CLOCK_LEN);
}

/* The wall clock of the lead's place, when it shows another time. */
static const char *there(struct client *c, const struct msg_slot *s)
{
	char shown[WHEN_CLOCK_LEN + 1];
	const struct tz *zone;

	if (!s->time_zone || tz_get(c->zones, s->time_zone, &zone, NULL))
		return NULL;
	if (tz_offset(zone, s->from, NULL) ==
	    tz_offset(c->when.zone, s->from, NULL))
		return NULL;
	when_show_clock(zone, s->from, shown);
	return client_printf(c, "%s %s", shown, s->time_zone);
}

static const char *joined(struct client *c, const struct field_strs *list)
{
	const char *all = NULL;

	for (size_t i = 0; i < list->n; i++)
		all = all ? client_printf(c, "%s %s", all, list->v[i])
			  : list->v[i];
	return all;
}

/* Whose turn it is: "1 of 5, 12 h". */
static const char *turn(struct client *c, const struct msg_slot *s)
{
	const struct msg_fair *f = s->fair;

	if (!f)
		return NULL;
	return client_printf(
		c, "%" PRId64 " of %" PRId64 ", %" PRId64 ".%" PRId64 " h",
		f->rank, f->of, f->minutes / 60, f->minutes % 60 / 6);
}

static void print_slots(struct client *c, const struct msg_slots *s)
{
	struct table *t;
	const struct msg_slot *v = s->slots.v;

	if (s->slots.n == 0 && s->explained.n > 0) {
		explain_print(c, &s->explained);
		return;
	}
	t = table_new(columns);
	for (size_t i = 0; i < s->slots.n; i++) {
		char shown[WHEN_SPAN_LEN + 1];

		when_show_span(c->when.zone, v[i].from, v[i].to, shown);
		table_row(t);
		table_cell(t, shown);
		table_cell(t, operation(c, &v[i]));
		table_cell(t, v[i].experts.n ? joined(c, &v[i].experts)
					     : v[i].expert);
		table_cell(t, v[i].expert_name);
		table_cell(t, there(c, &v[i]));
		table_cell(t, turn(c, &v[i]));
		table_cell(t, joined(c, &v[i].with));
	}
	table_print(t, &c->term, &c->out);
	table_free(t);
	if (s->slots.n > 0) {
		buf_printf(&c->out, "\nTimes in %s.\n", tz_name(c->when.zone));
		return;
	}
	buf_printf(&c->out, "No time is free%s\n",
		   s->blockers.n > 0 ? ":" : "; ask why with --explain.");
	complain_blockers(c, &s->blockers, s->blockers_more, &c->out);
}

static enum rc slots(struct client *c, struct err *err)
{
	struct msg_slots_query q;
	struct msg_slots found = {0};
	struct ask ask = {.path = "/v1/slots",
			  .query = &msg_slots_query_table,
			  .query_in = &q,
			  .answer = &msg_slots_table,
			  .out = &found};
	enum rc rc = read_query(c, &q, err);

	if (rc == RC_OK && q.why_not && q.explain)
		rc = err_set(err, RC_USAGE,
			     "--explain or --why-not, not both: the first says "
			     "more");
	if (rc == RC_OK && c->csv && (q.why_not || q.explain))
		rc = err_set(err, RC_USAGE,
			     "csv has no place for reasons: leave --%s out, or "
			     "ask for table or json",
			     q.explain ? "explain" : "why-not");
	if (rc == RC_OK && !c->json)
		rc = viewer_when(c, err);
	if (rc == RC_OK)
		rc = ask_get(c, &ask, err);
	if (rc != RC_OK)
		return rc;
	if (c->json)
		page_json(c);
	else if (c->csv)
		page_csv(c, &msg_slot_table, &found.slots);
	else
		print_slots(c, &found);
	return RC_OK;
}

const struct command cmd_slots = {
	.name = "slots",
	.args = "KIND|--request CODE",
	.max_args = 1,
	.options = OPTSET(REQUEST) | OPTSET(EXPERT) | OPTSET(SPECIALTY) |
		   OPTSET(SITE) | OPTSET(AGREEMENT) | OPTSET(FROM) |
		   OPTSET(TO) | OPTSET(DURATION) | OPTSET(BEFORE) |
		   OPTSET(AFTER) | OPTSET(TITLE) | OPTSET(MODALITY) |
		   OPTSET(LANGUAGE) | OPTSET(SURGEON) | OPTSET(WITH) |
		   OPTSET(ALSO) | OPTSET(LIMIT) | OPTSET(WHY_NOT) |
		   OPTSET(EXPLAIN) | OPTSET(BEHIND) | OPTSET(BED_DAYS),
	.rows = true,
	.help = "the first free times for a kind of work or a request",
	.example = "teleconsult slots remote-consultation --specialty coronary "
		   "--with anzhen/studio-2 --from mon -n 5",
	.run = slots,
};
