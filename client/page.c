/* page - see page.h. */
#include "client/page.h"

#include <string.h>

#include "base/code.h"
#include "client/table.h"
#include "proto/csv.h"

#define LABEL 13

const char *page_code(struct client *c, const char *code)
{
	const char *shown;

	return code && client_code(c, code, &shown, NULL) == RC_OK ? shown
								   : code;
}

void page_json(struct client *c)
{
	const struct buf *body = &c->answer.body;

	term_json(&c->out, buf_cstr(body), body->len);
}

void page_csv(struct client *c, const struct msg *row,
	      const struct field_list *rows)
{
	struct csv csv = {
		.out = &c->out, .zone = c->when.zone, .show = term_add};

	csv_names(&csv, row);
	csv_end(&csv);
	for (size_t i = 0; i < rows->n; i++) {
		csv_values(&csv, row, (const char *)rows->v + i * row->size);
		csv_end(&csv);
	}
}

void page_line(struct client *c, const char *label, const char *value)
{
	if (!value)
		return;
	term_paint(&c->out, &c->term, TERM_DIM, label, LABEL);
	term_add(&c->out, value);
	buf_chr(&c->out, '\n');
}

static void add_word(struct client *c, const char *label,
		     const struct words *words, int word)
{
	if (word >= 0)
		page_line(c, label, words_name(words, word));
}

static void add_minutes(struct client *c, const char *label, int64_t minutes)
{
	if (minutes != FIELD_NONE)
		page_line(c, label,
			  client_printf(c, "%lld minutes", (long long)minutes));
}

static void add_time(struct client *c, const char *label, int64_t utc)
{
	char shown[WHEN_LEN + 1];

	if (utc == FIELD_NONE)
		return;
	when_show(c->when.zone, utc, shown);
	page_line(c, label,
		  client_printf(c, "%s %s", shown, tz_name(c->when.zone)));
}

/* By when, and how it stands with that. */
static void add_promise(struct client *c, const char *label, int64_t due,
			int state)
{
	char shown[WHEN_LEN + 1];
	const char *how = words_name(&words_clock, state);

	if (state < 0)
		return;
	if (due == FIELD_NONE) {
		page_line(c, label, how);
		return;
	}
	when_show(c->when.zone, due, shown);
	page_line(c, label,
		  client_printf(c, "%s %s, %s", shown, tz_name(c->when.zone),
				how));
}

static const char *span_in(struct client *c, const struct tz *zone,
			   int64_t from, int64_t to)
{
	char shown[WHEN_SPAN_LEN + 1];

	when_show_span(zone, from, to, shown);
	return client_printf(c, "%s %s", shown, tz_name(zone));
}

static void add_text(struct client *c, const char *label, const char *text)
{
	if (!text)
		return;
	if (!strchr(text, '\n')) {
		page_line(c, label, text);
		return;
	}
	term_paint(&c->out, &c->term, TERM_DIM, label, strlen(label));
	buf_chr(&c->out, '\n');
	term_add_lines(&c->out, text, "  ");
}

void page_heading(struct client *c, const char *text)
{
	buf_chr(&c->out, '\n');
	term_paint(&c->out, &c->term, TERM_BOLD, text, term_columns(text));
	buf_chr(&c->out, '\n');
}

void page_title(struct client *c, const char *code, int kind,
		const char *status, const char *what)
{
	const char *title =
		client_printf(c, "%s  %s %s, %s", page_code(c, code),
			      words_name(&words_kind, kind), what, status);

	term_paint(&c->out, &c->term, TERM_BOLD, title, term_columns(title));
	buf_str(&c->out, "\n\n");
}

static void add_patient(struct client *c, const struct msg_patient *p)
{
	if (!p)
		return;
	page_heading(c, "Patient");
	page_line(c, "number", p->local_id);
	page_line(c, "name", p->name);
	add_text(c, "summary", p->summary);
}

static void add_consents(struct client *c, const struct field_list *consents)
{
	static const struct table_column columns[] = {
		{"CONSENT", 0},	     {"SIGNED", 0},    {"BY", TABLE_CUT},
		{"KEPT", TABLE_CUT}, {"WITHDRAWN", 0}, {NULL, 0}};
	const struct msg_consent *v = consents->v;
	struct table *t;

	if (consents->n == 0)
		return;
	page_heading(c, "Consent");
	t = table_new(columns);
	for (size_t i = 0; i < consents->n; i++) {
		char signed_at[WHEN_LEN + 1], gone[WHEN_LEN + 1] = "";

		when_show(c->when.zone, v[i].signed_at, signed_at);
		if (v[i].withdrawn_at != FIELD_NONE)
			when_show(c->when.zone, v[i].withdrawn_at, gone);
		table_row(t);
		table_cell(t, words_name(&words_consent, v[i].consent));
		table_cell(t, signed_at);
		table_cell(t, v[i].relation
				      ? v[i].relation
				      : words_name(&words_signer, v[i].signer));
		table_cell(t, v[i].kept);
		table_cell(t, gone);
	}
	table_print(t, &c->term, &c->out);
	table_free(t);
}

static void add_physician(struct client *c, const struct msg_physician *p)
{
	if (!p)
		return;
	page_line(c, "with them", p->name);
	page_line(c, "licence", p->licence);
	page_line(c, "telephone", p->phone);
}

static void add_attachments(struct client *c, const struct field_list *list)
{
	const struct msg_attachment *v = list->v;

	for (size_t i = 0; i < list->n; i++) {
		page_line(c, v[i].uid ? "study" : "document",
			  v[i].uid ? v[i].uid : v[i].url);
		page_line(c, "  SHA-256", v[i].sha256);
		page_line(c, "  shows", v[i].label);
	}
}

static void add_checks(struct client *c, const struct field_list *checks)
{
	static const struct table_column columns[] = {
		{"CHECK", 0}, {"AT", 0}, {"BY", 0}, {"STATE", 0}, {NULL, 0}};
	const struct msg_check *v = checks->v;
	struct table *t;

	if (checks->n == 0)
		return;
	page_heading(c, "Checks");
	t = table_new(columns);
	for (size_t i = 0; i < checks->n; i++) {
		char at[WHEN_LEN + 1];

		when_show(c->when.zone, v[i].due_at, at);
		table_row(t);
		table_cell(t, words_name(&words_check, v[i].check));
		table_cell(t, v[i].site);
		table_cell(t, at);
		table_cell(t, v[i].state);
	}
	table_print(t, &c->term, &c->out);
	table_free(t);
}

static void add_words(struct client *c, const char *label,
		      const struct field_strs *words)
{
	for (size_t i = 0; i < words->n; i++)
		page_line(c, i ? "" : label, words->v[i]);
}

static void add_wanted(struct client *c, const struct field_list *wanted)
{
	const struct msg_interval *v = wanted->v;

	for (size_t i = 0; i < wanted->n; i++)
		page_line(c, i ? "" : "wanted",
			  span_in(c, c->when.zone, v[i].from, v[i].to));
}

/* What it said before it was supplemented. */
static void add_earlier(struct client *c, const struct msg_earlier *e)
{
	if (!e)
		return;
	page_heading(c, "Before the supplement");
	add_time(c, "until", e->until);
	page_line(c, "by", e->by);
	add_text(c, "reason", e->reason);
	add_text(c, "purpose", e->purpose);
	add_text(c, "summary", e->summary);
	add_wanted(c, &e->wanted);
	add_physician(c, e->accompanied_by);
	add_attachments(c, &e->attachments);
}

static const char *change_of(struct client *c, const struct msg_event *e)
{
	if (e->from_state && e->to_state &&
	    strcmp(e->from_state, e->to_state) != 0)
		return client_printf(c, "%s \u2192 %s", e->from_state,
				     e->to_state);
	return e->to_state ? e->to_state : e->from_state;
}

static const char *actor_of(struct client *c, const struct msg_event *e)
{
	if (e->actor && e->actor_site)
		return client_printf(c, "%s (%s)", e->actor, e->actor_site);
	return e->actor ? e->actor : e->actor_site;
}

/* Which booking of a request it happened to; to the page's own thing: none. */
static const char *thing_of(struct client *c, const char *own,
			    const struct msg_event *e)
{
	if (!e->code || strcmp(e->code, own) == 0)
		return NULL;
	return client_printf(c, "%s %s", e->thing ? e->thing : "",
			     page_code(c, e->code));
}

void page_events(struct client *c, const char *heading, const char *own,
		 const struct field_list *events)
{
	static const struct table_column columns[] = {
		{"WHEN", 0},   {"OF", TABLE_RARE}, {"WHAT", 0},
		{"STATUS", 0}, {"BY", TABLE_CUT},  {"REASON", TABLE_CUT},
		{NULL, 0}};
	const struct msg_event *e = events->v;
	struct table *t;

	if (events->n == 0)
		return;
	page_heading(c, heading);
	t = table_new(columns);
	for (size_t i = 0; i < events->n; i++) {
		char shown[WHEN_LEN + 1];

		when_show(c->when.zone, e[i].at, shown);
		table_row(t);
		table_cell(t, shown);
		table_cell(t, thing_of(c, own, &e[i]));
		table_cell(t, e[i].verb);
		table_cell(t, change_of(c, &e[i]));
		table_cell(t, actor_of(c, &e[i]));
		table_cell(t, e[i].reason);
	}
	table_print(t, &c->term, &c->out);
	table_free(t);
}

/* Auditors alone are told. */
static void add_reads(struct client *c, const char *own,
		      const struct field_list *reads, int64_t more)
{
	page_events(c, "Read by", own, reads);
	if (more != FIELD_NONE && more > 0)
		buf_printf(&c->out, "and %lld times before\n", (long long)more);
}

static const char *said_at(struct client *c, int64_t utc)
{
	char shown[WHEN_LEN + 1];

	when_show(c->when.zone, utc, shown);
	return client_printf(c, "%s %s", shown, tz_name(c->when.zone));
}

static void add_opinion(struct client *c, const struct msg_opinion *o)
{
	const char *which =
		client_printf(c, "%s (%s), version %lld%s", o->expert, o->by,
			      (long long)o->version,
			      o->corrects == FIELD_NONE
				      ? ""
				      : client_printf(c, ", corrects %lld",
						      (long long)o->corrects));

	page_line(c, "by", which);
	page_line(c, "signed", said_at(c, o->signed_at));
	if (o->received_at != FIELD_NONE)
		page_line(c, "received", said_at(c, o->received_at));
	page_line(c, "signature",
		  o->verified ? "holds" : "DOES NOT HOLD: tell the auditor");
	page_line(c, "reference", o->reference);
	if (o->text)
		term_add_lines(&c->out, o->text, "  ");
}

static void add_opinions(struct client *c, const struct field_list *opinions)
{
	const struct msg_opinion *v = opinions->v;

	if (opinions->n > 0)
		page_heading(c, opinions->n > 1 ? "Opinions" : "Opinion");
	for (size_t i = 0; i < opinions->n; i++) {
		if (i > 0)
			buf_chr(&c->out, '\n');
		add_opinion(c, &v[i]);
	}
}

void page_request(struct client *c, const struct msg_request *r)
{
	page_title(c, r->code, r->kind,
		   words_name(&words_request_status, r->status), "request");
	add_word(c, "urgency", &words_urgency, r->urgency);
	page_line(c, "partner", r->partner);
	page_line(c, "lead", r->lead);
	page_line(c, "agreement", r->agreement);
	page_line(c, "specialty", r->specialty);
	page_line(c, "expert", r->expert);
	page_line(c, "goes to", r->to);
	page_line(c, "comes from", r->of ? page_code(c, r->of) : NULL);
	for (size_t i = 0; i < r->referrals.n; i++)
		page_line(c, "referral", page_code(c, r->referrals.v[i]));
	page_line(c, "title", r->title);
	page_line(c, "modality", r->modality);
	add_words(c, "languages", &r->languages);
	add_words(c, "also", &r->also);
	page_line(c, "surgeon", r->surgeon);
	add_minutes(c, "duration", r->duration_minutes);
	add_minutes(c, "before it", r->before_minutes);
	add_minutes(c, "after it", r->after_minutes);
	add_wanted(c, &r->wanted);
	add_time(c, "submitted", r->submitted_at);
	add_promise(c, "answer by", r->answer_due, r->answer_state);
	add_promise(c, "start by", r->start_due, r->start_state);
	add_promise(c, "opinion by", r->opinion_due, r->opinion_state);
	page_line(c, "booking", page_code(c, r->booking));
	add_text(c, "reason", r->reason);
	add_text(c, "purpose", r->purpose);
	add_word(c, "reason code", &words_why, r->reason_code);
	add_time(c, "asked", r->asked_at);
	add_text(c, "asked for", r->missing);
	add_time(c, "until", r->supplement_until);
	add_patient(c, r->patient);
	add_physician(c, r->accompanied_by);
	add_attachments(c, &r->attachments);
	add_earlier(c, r->earlier);
	add_consents(c, &r->consents);
	page_emergency(c, r);
	add_opinions(c, &r->opinions);
	page_events(c, "History", r->code, &r->history);
	add_reads(c, r->code, &r->reads, r->reads_more);
}

static void add_claims(struct client *c, const struct field_list *claims)
{
	static const struct table_column columns[] = {
		{"TAKES", 0}, {"AS", 0}, {"TIME", 0}, {NULL, 0}};
	const struct msg_claim *v = claims->v;
	struct table *t;

	if (claims->n == 0)
		return;
	page_heading(c, "Who and what takes part");
	t = table_new(columns);
	for (size_t i = 0; i < claims->n; i++) {
		char shown[WHEN_SPAN_LEN + 1];

		when_show_span(c->when.zone, v[i].from, v[i].to, shown);
		table_row(t);
		table_cell(t, v[i].subject);
		table_cell(t, v[i].role >= 0
				      ? words_name(&words_claim_role, v[i].role)
				      : NULL);
		table_cell(t, shown);
	}
	table_print(t, &c->term, &c->out);
	table_free(t);
}

/* The operation, of which from and to are the expert's part; NULL when that
 * is all. */
static const char *operation(struct client *c, const struct msg_booking *b)
{
	int64_t before = b->before_minutes, after = b->after_minutes;

	if (before == FIELD_NONE && after == FIELD_NONE)
		return NULL;
	return span_in(c, c->when.zone,
		       b->from - (before == FIELD_NONE ? 0 : before) * 60,
		       b->to + (after == FIELD_NONE ? 0 : after) * 60);
}

/* The same time on the wall of the lead's place, when that is another one. */
static void add_place_time(struct client *c, const struct msg_booking *b)
{
	const struct tz *zone;

	if (!b->time_zone || tz_get(c->zones, b->time_zone, &zone, NULL))
		return;
	if (tz_offset(zone, b->from, NULL) ==
	    tz_offset(c->when.zone, b->from, NULL))
		return;
	page_line(c, "there", span_in(c, zone, b->from, b->to));
}

static void add_passed(struct client *c, gateset passed)
{
	const char *text = NULL;

	for (int g = 0; g < GATE_COUNT; g++)
		if (passed & GATESET(g))
			text = client_printf(c, "%s%s%s", text ? text : "",
					     text ? ", " : "",
					     words_name(&words_gate, g));
	page_line(c, "began without", text);
}

void page_booking(struct client *c, const struct msg_booking *b)
{
	page_title(c, b->code, b->kind,
		   words_name(&words_booking_status, b->status), "booking");
	page_line(c, "time", span_in(c, c->when.zone, b->from, b->to));
	add_place_time(c, b);
	page_line(c, "operation", operation(c, b));
	add_time(c, "held until", b->hold_until);
	add_time(c, "arrived", b->arrived_at);
	add_time(c, "began", b->started_at);
	add_time(c, "ended", b->finished_at);
	add_word(c, "did not come", &words_absent, b->absent);
	page_line(c, "takes over", b->fallback_surgeon);
	add_word(c, "instead", &words_contingency, b->contingency);
	add_passed(c, b->passed);
	add_time(c, "consent by", b->consent_due);
	if (b->experts.n > 0)
		add_words(c, "experts", &b->experts);
	else
		page_line(c, "expert", b->expert);
	page_line(c, "partner", b->partner);
	page_line(c, "lead", b->lead);
	page_line(c, "agreement", b->agreement);
	page_line(c, "request", page_code(c, b->request));
	page_line(c, "series", b->series ? page_code(c, b->series) : NULL);
	page_line(c, "session", b->session ? page_code(c, b->session) : NULL);
	add_text(c, "reason", b->reason);
	add_patient(c, b->patient);
	add_consents(c, &b->consents);
	add_checks(c, &b->checks);
	add_claims(c, &b->claims);
	page_events(c, "History", b->code, &b->history);
	add_reads(c, b->code, &b->reads, b->reads_more);
}

void page_request_line(struct client *c, const struct msg_request *r)
{
	term_add(&c->out, page_code(c, r->code));
	buf_printf(&c->out, " %s",
		   words_name(&words_request_status, r->status));
	if (r->expert) {
		buf_str(&c->out, ", with ");
		term_add(&c->out, r->expert);
	}
	buf_chr(&c->out, '\n');
}

static void add_following(struct client *c, const struct msg_booking *b)
{
	const struct msg_follower *v = b->following.v;

	for (size_t i = 0; i < b->following.n; i++) {
		term_add(&c->out, v[i].booking ? page_code(c, v[i].booking)
					       : "another hospital's");
		buf_printf(&c->out, ", %s: %s",
			   span_in(c, c->when.zone, v[i].from, v[i].to),
			   v[i].outcome);
		if (v[i].now_from != FIELD_NONE)
			buf_printf(&c->out, " to %s",
				   span_in(c, c->when.zone, v[i].now_from,
					   v[i].now_to));
		buf_chr(&c->out, '\n');
	}
}

void page_booking_line(struct client *c, const struct msg_booking *b)
{
	char until[WHEN_CLOCK_LEN + 1];
	const char *whole = operation(c, b);

	term_add(&c->out, page_code(c, b->code));
	buf_printf(&c->out, " %s, %s",
		   words_name(&words_booking_status, b->status),
		   span_in(c, c->when.zone, b->from, b->to));
	if (b->expert) {
		buf_str(&c->out, ", with ");
		term_add(&c->out, b->expert);
	}
	if (whole)
		buf_printf(&c->out, "; operation %s", whole);
	if (b->hold_until != FIELD_NONE) {
		when_show_clock(c->when.zone, b->hold_until, until);
		buf_printf(&c->out, "; held until %s", until);
	}
	buf_chr(&c->out, '\n');
	add_following(c, b);
}
