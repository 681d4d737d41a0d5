/* days - see days.h. */
#include "client/days.h"

#include "client/complain.h"
#include "client/page.h"
#include "client/table.h"

static const struct table_column columns[] = {{"N", TABLE_RIGHT},
					      {"TIME", 0},
					      {"", 0},
					      {"BOOKING", TABLE_RARE},
					      {"STATUS", TABLE_RARE},
					      {"PLANNED", TABLE_RARE},
					      {"WAS", TABLE_RARE},
					      {"EXPERT", TABLE_RARE},
					      {"WHY", TABLE_CUT | TABLE_RARE},
					      {NULL, 0}};

static const char *at(struct client *c, int64_t utc)
{
	char shown[WHEN_LEN + 1];

	when_show(c->when.zone, utc, shown);
	return client_printf(c, "%s", shown);
}

/* The time that it has, or would have. */
static int64_t time_of(const struct msg_occurrence *o)
{
	return o->from != FIELD_NONE ? o->from : o->planned;
}

static void print_one(struct client *c, struct table *t,
		      const struct msg_occurrence *o)
{
	table_row(t);
	table_cell(t, client_printf(c, "%lld", (long long)o->position));
	table_cell(t, at(c, time_of(o)));
	table_cell(t,
		   o->apart ? "apart" : words_name(&words_outcome, o->outcome));
	table_cell(t, o->booking ? page_code(c, o->booking) : NULL);
	table_cell(t, o->status < 0
			      ? NULL
			      : words_name(&words_booking_status, o->status));
	table_cell(t, o->apart ? at(c, o->planned) : NULL);
	table_cell(t, o->was != FIELD_NONE ? at(c, o->was) : NULL);
	table_cell(t, o->expert);
	table_cell(t, o->why);
}

static void add_times(const struct client *c, const struct field_list *list,
		      struct buf *out)
{
	const struct msg_slot *v = list->v;

	for (size_t i = 0; i < list->n; i++) {
		char shown[WHEN_LEN + 1];

		when_show(c->when.zone, v[i].from, shown);
		buf_printf(out, "%s %s", i ? "," : "  nearest:", shown);
		if (v[i].expert) {
			buf_str(out, " with ");
			term_add(out, v[i].expert);
		}
	}
	if (list->n > 0)
		buf_chr(out, '\n');
}

void days_reasons(const struct client *c, const struct field_list *days,
		  struct buf *out)
{
	const struct msg_occurrence *v = days->v;

	for (size_t i = 0; i < days->n; i++) {
		const bool moves = v[i].tried != FIELD_NONE;
		char shown[WHEN_LEN + 1];

		if (v[i].blockers.n == 0 || !c->when.zone)
			continue;
		when_show(c->when.zone, moves ? v[i].tried : v[i].planned,
			  shown);
		buf_printf(out, "%lld, %s %s:\n", (long long)v[i].position,
			   moves ? "at" : "planned for", shown);
		complain_blockers(c, &v[i].blockers, v[i].blockers_more, out);
		add_times(c, &v[i].nearest, out);
	}
}

void days_print(struct client *c, const struct field_list *days)
{
	const struct msg_occurrence *v = days->v;
	struct table *t = table_new(columns);

	for (size_t i = 0; i < days->n; i++)
		print_one(c, t, &v[i]);
	table_print(t, &c->term, &c->out);
	table_free(t);
	days_reasons(c, days, &c->out);
}
