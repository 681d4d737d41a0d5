/* What a page and a line say of an emergency (page.h). */
#include <string.h>

#include "client/page.h"
#include "client/table.h"

/* "02:13:05"; NULL for none. */
static const char *clock_of(struct client *c, int64_t utc)
{
	char shown[WHEN_CLOCK_LEN + 1];

	if (utc == FIELD_NONE)
		return NULL;
	when_show_clock(c->when.zone, utc, shown);
	return client_printf(c, "%s:%02d", shown, (int)(utc % 60));
}

const char *page_seconds(struct client *c, int64_t seconds)
{
	int64_t s = seconds < 0 ? -seconds : seconds;
	const char *sign = seconds < 0 ? "-" : "";

	if (seconds == FIELD_NONE)
		return NULL;
	if (s < 60)
		return client_printf(c, "%s%lld s", sign, (long long)s);
	if (s % 60 == 0)
		return client_printf(c, "%s%lld min", sign,
				     (long long)(s / 60));
	return client_printf(c, "%s%lld min %lld s", sign, (long long)(s / 60),
			     (long long)(s % 60));
}

void page_call_line(struct client *c, const struct field_list *calls)
{
	const struct msg_call *v = calls->v;

	for (size_t i = calls->n; i-- > 0;) {
		const struct msg_call *call = &v[i];

		if (strcmp(call->outcome, "called") != 0)
			continue;
		if (call->until == FIELD_NONE) {
			buf_str(&c->out, "everybody is called, and the lead's"
					 " coordinators\n");
			return;
		}
		buf_str(&c->out, "called: ");
		term_add(&c->out,
			 client_printf(c, "%s (%s), %s, until %s", call->expert,
				       call->name, call->reach,
				       clock_of(c, call->until)));
		buf_chr(&c->out, '\n');
		return;
	}
}

static void add_calls(struct client *c, const struct field_list *calls)
{
	static const struct table_column columns[] = {
		{"CALLED", 0},
		{"WHO", TABLE_CUT},
		{"LEVEL", TABLE_RIGHT},
		{"UNTIL", 0},
		{"OUTCOME", 0},
		{"AT", 0},
		{"SAID BY", TABLE_CUT | TABLE_RARE},
		{"REACHED", TABLE_CUT | TABLE_SPARE},
		{NULL, 0}};
	const struct msg_call *v = calls->v;
	struct table *t;

	if (calls->n == 0)
		return;
	page_heading(c, "Calls");
	t = table_new(columns);
	for (size_t i = 0; i < calls->n; i++) {
		table_row(t);
		table_cell(t, clock_of(c, v[i].called_at));
		table_cell(t, v[i].expert ? v[i].expert : "coordinators");
		table_cell(t, v[i].level == FIELD_NONE
				      ? "all"
				      : client_printf(c, "%lld",
						      (long long)v[i].level));
		table_cell(t, clock_of(c, v[i].until));
		table_cell(t, v[i].outcome);
		table_cell(t, clock_of(c, v[i].ended_at));
		table_cell(t, v[i].said_by);
		table_cell(t, v[i].reach);
	}
	table_print(t, &c->term, &c->out);
	table_free(t);
}

static void add_papers(struct client *c, const struct msg_request *r)
{
	bool came = r->papers_at != FIELD_NONE;

	page_line(c, came ? "papers came" : "papers due",
		  clock_of(c, came ? r->papers_at : r->papers_until));
}

void page_emergency(struct client *c, const struct msg_request *r)
{
	const struct msg_intervals *v = r->intervals;

	if (!v)
		return;
	add_calls(c, &r->calls);
	page_heading(c, "Measured");
	page_line(c, "patient came", clock_of(c, r->door_at));
	add_papers(c, r);
	page_line(c, "door-request", page_seconds(c, v->door_to_request));
	page_line(c, "request-call", page_seconds(c, v->request_to_call));
	page_line(c, "call-answer", page_seconds(c, v->call_to_answer));
	page_line(c, "door-answer", page_seconds(c, v->door_to_answer));
	page_line(c, "door-start", page_seconds(c, v->door_to_start));
}
