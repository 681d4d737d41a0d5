/* What a page and a line say of a session with seats (page.h). */
#include <inttypes.h>

#include "client/page.h"
#include "client/table.h"

static const char *span(struct client *c, const struct msg_session *s)
{
	char shown[WHEN_SPAN_LEN + 1];

	when_show_span(c->when.zone, s->from, s->to, shown);
	return client_printf(c, "%s %s", shown, tz_name(c->when.zone));
}

static const char *seats(struct client *c, const struct msg_session *s)
{
	return client_printf(
		c, "%" PRId64 " free of %" PRId64 ", %" PRId64 " for one site",
		s->free, s->seats, s->seats_per_site);
}

static const char *number(struct client *c, int64_t n)
{
	return n == FIELD_NONE ? NULL : client_printf(c, "%" PRId64, n);
}

static void add_sites(struct client *c, const struct field_list *sites)
{
	static const struct table_column columns[] = {
		{"SITE", 0}, {"SEATS", 0}, {"CAME", 0}, {NULL, 0}};
	const struct msg_session_seats *v = sites->v;
	struct table *t;

	if (sites->n == 0)
		return;
	page_heading(c, "Who joins");
	t = table_new(columns);
	for (size_t i = 0; i < sites->n; i++) {
		table_row(t);
		table_cell(t, v[i].site);
		table_cell(t, number(c, v[i].seats));
		table_cell(t, number(c, v[i].came));
	}
	table_print(t, &c->term, &c->out);
	table_free(t);
}

static void add_cases(struct client *c, const struct field_list *cases)
{
	static const struct table_column columns[] = {
		{"CASE", 0},	{"TIME", 0},   {"PARTNER", 0}, {"REQUEST", 0},
		{"URGENCY", 0}, {"STATUS", 0}, {NULL, 0}};
	const struct msg_case *v = cases->v;
	struct table *t;

	if (cases->n == 0)
		return;
	page_heading(c, "Cases");
	t = table_new(columns);
	for (size_t i = 0; i < cases->n; i++) {
		char shown[WHEN_SPAN_LEN + 1];

		when_show_span(c->when.zone, v[i].from, v[i].to, shown);
		table_row(t);
		table_cell(t, page_code(c, v[i].code));
		table_cell(t, shown);
		table_cell(t, v[i].partner);
		table_cell(t, page_code(c, v[i].request));
		table_cell(t, words_name(&words_urgency, v[i].urgency));
		table_cell(t, words_name(&words_booking_status, v[i].status));
	}
	table_print(t, &c->term, &c->out);
	table_free(t);
}

static void add_all(struct client *c, const char *label,
		    const struct field_strs *all)
{
	for (size_t i = 0; i < all->n; i++)
		page_line(c, i ? "" : label, all->v[i]);
}

static const char *tokens(struct client *c, const struct msg_session *s)
{
	if (s->tokens == FIELD_NONE)
		return NULL;
	return client_printf(c,
			     "%" PRId64 " at most: %" PRId64 " wait, %" PRId64
			     " called, %" PRId64 " seen, %" PRId64 " gone",
			     s->tokens, s->waiting, s->called, s->seen,
			     s->gone);
}

void page_session(struct client *c, const struct msg_session *s)
{
	page_title(c, s->code, s->kind,
		   words_name(&words_booking_status, s->status), "session");
	page_line(c, "title", s->title);
	page_line(c, "time", span(c, s));
	page_line(c, "expert", s->expert);
	page_line(c, "lead", s->lead);
	page_line(c, "partner", s->partner);
	page_line(c, "shows", page_code(c, s->shows));
	page_line(c, "record", s->no_record ? "nobody may record it" : NULL);
	page_line(c, "seats", s->seats ? seats(c, s) : NULL);
	page_line(c, "yours", number(c, s->joined));
	page_line(c, "tokens", tokens(c, s));
	add_all(c, "experts", &s->experts);
	add_all(c, "with", &s->with);
	page_line(c, "reason", s->reason);
	add_cases(c, &s->cases);
	add_sites(c, &s->sites);
	page_events(c, "History", s->code, &s->history);
}

void page_session_line(struct client *c, const struct msg_session *s)
{
	term_add(&c->out, page_code(c, s->code));
	buf_printf(&c->out, " %s, %s",
		   words_name(&words_booking_status, s->status), span(c, s));
	if (s->seats)
		buf_printf(&c->out, "; %s", seats(c, s));
	if (s->tokens != FIELD_NONE)
		buf_printf(&c->out, "; tokens: %s", tokens(c, s));
	if (s->joined != FIELD_NONE)
		buf_printf(&c->out, "; yours: %" PRId64, s->joined);
	if (s->cases.n)
		buf_printf(&c->out, "; cases: %zu", s->cases.n);
	if (s->no_record)
		buf_str(&c->out, "; nobody may record it");
	buf_chr(&c->out, '\n');
}
