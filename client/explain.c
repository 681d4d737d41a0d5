/* explain - see explain.h. */
#include "client/explain.h"

#include <inttypes.h>
#include <string.h>

#include "client/table.h"

/* "2 d 3 h", "9 h 30 min" */
static const char *length(struct client *c, int64_t minutes)
{
	int64_t days = minutes / 1440, hours = minutes / 60 % 24;

	if (days > 0 && hours > 0)
		return client_printf(c, "%" PRId64 " d %" PRId64 " h", days,
				     hours);
	if (days > 0)
		return client_printf(c, "%" PRId64 " d", days);
	if (hours > 0 && minutes % 60 > 0)
		return client_printf(c, "%" PRId64 " h %" PRId64 " min", hours,
				     minutes % 60);
	if (hours > 0)
		return client_printf(c, "%" PRId64 " h", hours);
	return client_printf(c, "%" PRId64 " min", minutes);
}

static const char *number(struct client *c, int64_t n)
{
	return client_printf(c, "%" PRId64, n);
}

/* --- what would help --- */

static const struct table_column help_columns[] = {
	{"WHAT WOULD HELP", 0},
	{"GRANTED BY", 0},
	{"FIRST TIME", 0},
	{"EXPERT", 0},
	{"WITH", TABLE_CUT | TABLE_SPARE},
	{NULL, 0}};

static const char *change(struct client *c, const struct msg_relaxed *r)
{
	const char *text =
		r->detail ? r->detail : words_name(&words_relax, r->what);

	if (r->minutes != FIELD_NONE)
		return client_printf(c, "%s: %" PRId64 " minutes", text,
				     r->minutes);
	return r->value ? client_printf(c, "%s: %s", text, r->value) : text;
}

static const char *changes(struct client *c, const struct field_list *list)
{
	const struct msg_relaxed *v = list->v;
	const char *all = change(c, &v[0]);

	for (size_t i = 1; i < list->n; i++)
		all = client_printf(c, "%s, and %s", all, change(c, &v[i]));
	return all;
}

static const char *grantors(struct client *c, const struct field_list *list)
{
	const struct msg_relaxed *v = list->v;
	const char *all = words_name(&words_role, v[0].granted_by);

	for (size_t i = 1; i < list->n; i++)
		if (v[i].granted_by != v[0].granted_by)
			all = client_printf(
				c, "%s, %s", all,
				words_name(&words_role, v[i].granted_by));
	return all;
}

static const char *joined(struct client *c, const struct field_strs *list)
{
	const char *all = NULL;

	for (size_t i = 0; i < list->n; i++)
		all = all ? client_printf(c, "%s %s", all, list->v[i])
			  : list->v[i];
	return all;
}

static void print_help(struct client *c, const struct msg_explanation *e)
{
	const struct msg_relaxation *v = e->relaxations.v;
	struct table *t;

	if (e->relaxations.n == 0) {
		buf_str(&c->out, "Nothing that could be given way in, one thing"
				 " or two at once, gives a time.\n");
		return;
	}
	t = table_new(help_columns);
	for (size_t i = 0; i < e->relaxations.n; i++) {
		const struct msg_slot *s = v[i].slot;
		char shown[WHEN_SPAN_LEN + 1];

		when_show_span(c->when.zone, s->from, s->to, shown);
		table_row(t);
		table_cell(t, changes(c, &v[i].changes));
		table_cell(t, grantors(c, &v[i].changes));
		table_cell(t, shown);
		table_cell(t, s->expert);
		table_cell(t, joined(c, &s->with));
	}
	table_print(t, &c->term, &c->out);
	table_free(t);
}

/* --- what took them --- */

static const struct table_column removal_columns[] = {
	{"WHO", 0},
	{"WHAT", 0},
	{"SHARE", TABLE_RIGHT},
	{"ALONE", TABLE_RIGHT},
	{"WITH OTHERS", TABLE_RIGHT},
	{"HOW LONG", TABLE_RARE},
	{"FROM - TO", TABLE_RARE},
	{"RULE", TABLE_RARE | TABLE_CUT | TABLE_SPARE},
	{NULL, 0}};

static const char *who(const struct msg_removal *r)
{
	if (r->subject)
		return r->subject;
	return r->role >= 0 ? words_name(&words_claim_role, r->role)
			    : "agreement";
}

static const char *share(struct client *c, const struct msg_removal *r)
{
	int64_t taken = r->alone + r->with_others;

	if (r->of <= 0)
		return NULL;
	return client_printf(c, "%" PRId64 "%%",
			     (taken * 100 + r->of / 2) / r->of);
}

static const char *span(struct client *c, const struct msg_removal *r)
{
	char shown[WHEN_SPAN_LEN + 1];

	if (r->from == FIELD_NONE || r->to == FIELD_NONE)
		return NULL;
	when_show_span(c->when.zone, r->from, r->to, shown);
	return client_printf(c, "%s", shown);
}

static void print_removals(struct client *c, const struct msg_explanation *e)
{
	struct table *t = table_new(removal_columns);
	const struct msg_removal *v = e->removals.v;

	for (size_t i = 0; i < e->removals.n; i++) {
		table_row(t);
		table_cell(t, who(&v[i]));
		table_cell(t, words_name(&words_block, v[i].reason));
		table_cell(t, share(c, &v[i]));
		table_cell(t, number(c, v[i].alone));
		table_cell(t, number(c, v[i].with_others));
		table_cell(t, v[i].minutes != FIELD_NONE
				      ? length(c, v[i].minutes)
				      : NULL);
		table_cell(t, span(c, &v[i]));
		table_cell(t, v[i].rule);
	}
	table_print(t, &c->term, &c->out);
	table_free(t);
	if (e->removals_more != FIELD_NONE)
		buf_printf(&c->out, "and %" PRId64 " more\n", e->removals_more);
}

static void print_one(struct client *c, const struct msg_explanation *e)
{
	char shown[WHEN_SPAN_LEN + 1];

	when_show_span(c->when.zone, e->from, e->to, shown);
	buf_printf(&c->out, "\nUnder %s, %s:\n\n", e->agreement, shown);
	print_help(c, e);
	if (e->cut)
		buf_str(&c->out, "Not everything could be tried: ask for less,"
				 " or name an expert.\n");
	buf_printf(&c->out,
		   "\nOf %" PRId64 " chances (a start of an expert) one reason"
		   " alone took %" PRId64 ",\nseveral together %" PRId64,
		   e->chances, e->by_one, e->by_several);
	if (e->every > 1)
		buf_printf(&c->out,
			   "; one start out of %" PRId64 " was asked about",
			   e->every);
	buf_str(&c->out, ".\n\n");
	print_removals(c, e);
}

void explain_print(struct client *c, const struct field_list *explained)
{
	const struct msg_explanation *v = explained->v;

	buf_str(&c->out, "No time is free.\n");
	for (size_t i = 0; i < explained->n; i++)
		print_one(c, &v[i]);
	buf_printf(&c->out, "\nTimes in %s.\n", tz_name(c->when.zone));
}
