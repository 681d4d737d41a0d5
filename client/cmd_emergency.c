/* The commands of emergencies: answer, papers, displace, on-call, report. */
#include <string.h>

#include "client/ask.h"
#include "client/change.h"
#include "client/command.h"
#include "client/input.h"
#include "client/page.h"
#include "client/table.h"
#include "client/viewer.h"

/* --- answering --- */

static enum rc answer(struct client *c, struct err *err)
{
	struct msg_answer in = {.answer = c->args.v[1],
				.reason = options_get(&c->opts, OPT_REASON)};
	struct msg_request changed = {0};
	struct ask ask = {.answer = &msg_request_table, .out = &changed};
	struct ask_body body = {.msg = &msg_answer_table, .in = &in};
	const char *code;
	enum rc rc = client_code(c, c->args.v[0], &code, err);

	if (rc == RC_OK && strcmp(in.answer, "accept") != 0 &&
	    strcmp(in.answer, "cannot") != 0)
		rc = err_set(err, RC_USAGE, "the answer is accept or cannot");
	if (rc == RC_OK)
		rc = options_slug(&c->opts, OPT_FOR_EXPERT, &in.expert, err);
	if (rc == RC_OK)
		rc = viewer_when(c, err);
	if (rc != RC_OK)
		return rc;
	ask.path = client_printf(c, "/v1/requests/%s", code);
	rc = ask_change(c, "answer", &ask, &body, err);
	if (rc != RC_OK)
		return rc;
	change_show_request(c, &changed);
	if (c->json)
		return RC_OK;
	if (changed.booking)
		buf_printf(&c->out, "booking %s, now\n",
			   page_code(c, changed.booking));
	page_call_line(c, &changed.calls);
	return RC_OK;
}

const struct command cmd_answer = {
	.name = "answer",
	.args = "CODE accept|cannot",
	.min_args = 2,
	.max_args = 2,
	.options = OPTSET(FOR_EXPERT) | OPTSET(REASON),
	.help = "answer the call to an emergency",
	.example = "teleconsult answer 7K2M-QX91 accept",
	.run = answer,
};

static enum rc papers(struct client *c, struct err *err)
{
	struct msg_papers in = {
		.reason = options_get(&c->opts, OPT_REASON),
		.purpose = options_get(&c->opts, OPT_PURPOSE),
	};
	struct msg_patient *patient;
	enum rc rc = input_patient(c, &patient, err);

	if (rc == RC_OK && (!patient || !patient->summary))
		rc = err_set(err, RC_USAGE,
			     "the summary is missing: give --patient FILE, a "
			     "JSON object with local_id, name and summary");
	if (rc != RC_OK)
		return rc;
	in.summary = patient->summary;
	in.name = patient->name;
	return change_request(c, "papers", &msg_papers_table, &in, err);
}

const struct command cmd_papers = {
	.name = "papers",
	.args = "CODE",
	.min_args = 1,
	.max_args = 1,
	.options = OPTSET(PATIENT) | OPTSET(PATIENT_ID) | OPTSET(PATIENT_NAME) |
		   OPTSET(SUMMARY) | OPTSET(REASON) | OPTSET(PURPOSE),
	.help = "give the papers of an emergency, afterwards",
	.example = "teleconsult papers 7K2M-QX91 --patient patient.json",
	.run = papers,
};

/* --- giving way --- */

static enum rc displace(struct client *c, struct err *err)
{
	struct msg_displace in = {.reason = options_get(&c->opts, OPT_REASON)};
	enum rc rc = client_code(c, options_get(&c->opts, OPT_URGENT),
				 &in.request, err);

	return rc == RC_OK ? change_booking(c, "displace", &msg_displace_table,
					    &in, err)
			   : rc;
}

const struct command cmd_displace = {
	.name = "displace",
	.args = "CODE",
	.min_args = 1,
	.max_args = 1,
	.options = OPTSET(URGENT) | OPTSET(REASON),
	.required = OPTSET(URGENT) | OPTSET(REASON),
	.help = "give a booking's time to an urgent request",
	.example = "teleconsult displace 7K2M-QX91 --request J0EH-N457 "
		   "--reason 'shock, cannot wait'",
	.run = displace,
};

/* --- on call --- */

static void print_turns(struct client *c, const struct msg_on_call *o)
{
	static const struct table_column columns[] = {
		{"SPECIALTY", TABLE_CUT},
		{"LEVEL", TABLE_RIGHT},
		{"FROM", 0},
		{"TO", 0},
		{"EXPERT", 0},
		{"INSTEAD OF", TABLE_RARE},
		{"REACHED", TABLE_CUT | TABLE_SPARE},
		{NULL, 0}};
	const struct msg_turn *v = o->turns.v;
	struct table *t = table_new(columns);

	for (size_t i = 0; i < o->turns.n; i++) {
		char from[WHEN_LEN + 1], to[WHEN_LEN + 1];

		when_show(c->when.zone, v[i].from, from);
		when_show(c->when.zone, v[i].to, to);
		table_row(t);
		table_cell(t, v[i].specialty);
		table_cell(t, client_printf(c, "%lld", (long long)v[i].level));
		table_cell(t, from);
		table_cell(t, to);
		table_cell(t, v[i].gap ? "nobody" : v[i].expert);
		table_cell(t, v[i].instead);
		table_cell(t, v[i].reach);
	}
	table_print(t, &c->term, &c->out);
	table_free(t);
	if (o->gaps)
		buf_printf(&c->out,
			   "\nNobody is called first in %lld of them.\n",
			   (long long)o->gaps);
}

static enum rc on_call(struct client *c, struct err *err)
{
	struct msg_on_call_query q;
	struct msg_on_call found = {0};
	struct ask ask = {.path = "/v1/on-call",
			  .query = &msg_on_call_query_table,
			  .query_in = &q,
			  .answer = &msg_on_call_table,
			  .out = &found};
	enum rc rc;

	proto_clear(&msg_on_call_query_table, &q);
	rc = options_slug(&c->opts, OPT_SITE, &q.site, err);
	if (rc == RC_OK)
		rc = options_slug(&c->opts, OPT_SPECIALTY, &q.specialty, err);
	if (rc == RC_OK)
		rc = input_range(c, &q.from, &q.to, err);
	if (rc == RC_OK && !c->json)
		rc = viewer_when(c, err);
	if (rc == RC_OK)
		rc = ask_get(c, &ask, err);
	if (rc != RC_OK)
		return rc;
	if (c->json)
		page_json(c);
	else if (c->csv)
		page_csv(c, &msg_turn_table, &found.turns);
	else
		print_turns(c, &found);
	return RC_OK;
}

const struct command cmd_on_call = {
	.name = "on-call",
	.args = "",
	.rows = true,
	.options = OPTSET(SITE) | OPTSET(SPECIALTY) | OPTSET(FROM) | OPTSET(TO),
	.help = "who is on call, and when nobody is",
	.example = "teleconsult on-call --specialty coronary --to fri",
	.run = on_call,
};

static enum rc read_swap(struct client *c, struct msg_swap *in, struct err *err)
{
	const struct options *o = &c->opts;
	enum rc rc;

	proto_clear(&msg_swap_table, in);
	in->reason = options_get(o, OPT_REASON);
	rc = options_slug(o, OPT_SPECIALTY, &in->specialty, err);
	if (rc == RC_OK)
		rc = options_slug(o, OPT_GIVES, &in->gives, err);
	if (rc == RC_OK)
		rc = options_slug(o, OPT_TAKES, &in->takes, err);
	if (rc == RC_OK)
		rc = input_number(c, OPT_LEVEL, &msg_swap_table, "level",
				  &in->level, err);
	return rc == RC_OK ? input_range(c, &in->from, &in->to, err) : rc;
}

static enum rc swap(struct client *c, struct err *err)
{
	struct msg_swap in;
	struct msg_swapped made = {0};
	struct ask ask = {.path = "/v1/on-call/swap",
			  .answer = &msg_swapped_table,
			  .out = &made};
	struct ask_body body = {.msg = &msg_swap_table, .in = &in};
	enum rc rc = read_swap(c, &in, err);

	if (rc == RC_OK)
		rc = viewer_when(c, err);
	if (rc == RC_OK)
		rc = ask_post(c, &ask, &body, err);
	if (rc != RC_OK)
		return rc;
	if (c->json) {
		page_json(c);
		return RC_OK;
	}
	char shown[WHEN_SPAN_LEN + 1];

	when_show_span(c->when.zone, made.from, made.to, shown);
	term_add(&c->out,
		 client_printf(c, "%s for %s, %s%s", made.takes, made.gives,
			       shown,
			       made.agreed ? ""
					   : "; the other has to say so"
					     " too"));
	buf_chr(&c->out, '\n');
	return RC_OK;
}

const struct command cmd_on_call_swap = {
	.name = "on-call swap",
	.args = "",
	.options = OPTSET(SPECIALTY) | OPTSET(LEVEL) | OPTSET(GIVES) |
		   OPTSET(TAKES) | OPTSET(FROM) | OPTSET(TO) | OPTSET(REASON),
	.required = OPTSET(SPECIALTY) | OPTSET(GIVES) | OPTSET(TAKES) |
		    OPTSET(FROM) | OPTSET(TO) | OPTSET(REASON),
	.help = "let somebody take over a duty on call",
	.example = "teleconsult on-call swap --specialty coronary "
		   "--gives chest-pain-1 --takes chest-pain-2 "
		   "--from 'fri 18:00' --to 'sat 8:00' --reason 'a course'",
	.run = swap,
};

/* --- the report --- */

static void add_figure(struct client *c, struct table *t,
		       const struct msg_interval_figure *f)
{
	table_cell(t, f->n == 0 ? NULL
				: client_printf(c, "%s / %s",
						page_seconds(c, f->median),
						page_seconds(c, f->p90)));
}

static void print_report(struct client *c, const struct msg_emergencies *r)
{
	static const struct table_column columns[] = {
		{"PARTNER", 0},
		{"REQUESTS", TABLE_RIGHT},
		{"ANSWERED", TABLE_RIGHT},
		{"DISPLACED", TABLE_RIGHT},
		{"DOOR-REQUEST", 0},
		{"REQUEST-CALL", 0},
		{"CALL-ANSWER", 0},
		{"DOOR-ANSWER", 0},
		{"DOOR-START", 0},
		{NULL, 0}};
	const struct msg_emergency_site *v = r->sites.v;
	struct table *t = table_new(columns);

	for (size_t i = 0; i < r->sites.n; i++) {
		table_row(t);
		table_cell(t, v[i].site);
		table_cell(t,
			   client_printf(c, "%lld", (long long)v[i].requests));
		table_cell(t,
			   client_printf(c, "%lld", (long long)v[i].answered));
		table_cell(t,
			   client_printf(c, "%lld", (long long)v[i].displaced));
		add_figure(c, t, v[i].door_to_request);
		add_figure(c, t, v[i].request_to_call);
		add_figure(c, t, v[i].call_to_answer);
		add_figure(c, t, v[i].door_to_answer);
		add_figure(c, t, v[i].door_to_start);
	}
	table_print(t, &c->term, &c->out);
	table_free(t);
	if (r->sites.n)
		buf_str(&c->out, "\nOf each: the median / what nine of ten do"
				 " not exceed.\n");
}

static enum rc report(struct client *c, struct err *err)
{
	struct msg_emergencies_query q;
	struct msg_emergencies found = {0};
	struct ask ask = {.path = "/v1/reports/emergencies",
			  .query = &msg_emergencies_query_table,
			  .query_in = &q,
			  .answer = &msg_emergencies_table,
			  .out = &found};
	enum rc rc;

	proto_clear(&msg_emergencies_query_table, &q);
	rc = options_slug(&c->opts, OPT_SITE, &q.site, err);
	if (rc == RC_OK)
		rc = input_range(c, &q.from, &q.to, err);
	if (rc == RC_OK)
		rc = ask_get(c, &ask, err);
	if (rc != RC_OK)
		return rc;
	if (c->json)
		page_json(c);
	else
		print_report(c, &found);
	return RC_OK;
}

const struct command cmd_report_emergencies = {
	.name = "report emergencies",
	.args = "",
	.options = OPTSET(SITE) | OPTSET(FROM) | OPTSET(TO),
	.help = "how long emergencies waited, by partner",
	.example = "teleconsult report emergencies --from 2026-12-01",
	.run = report,
};
