#include "client/orphans.h"

#include "client/complain.h"
#include "client/page.h"
#include "client/table.h"

static void add_row(struct client *c, struct table *t,
		    const struct msg_orphan *o, const char *who,
		    const char *why)
{
	char shown[WHEN_SPAN_LEN + 1];

	when_show_span(c->when.zone, o->from, o->to, shown);
	table_row(t);
	table_cell(t, page_code(c, o->booking));
	table_cell(t, shown);
	table_cell(t, words_name(&words_kind, o->kind));
	table_cell(t, o->expert);
	table_cell(t, o->partner);
	table_cell(t, who);
	table_cell(t, why);
}

static void add_reasons(struct client *c, struct table *t,
			const struct msg_orphan *o)
{
	const struct msg_blocker *b = o->blockers.v;

	for (size_t i = 0; i < o->blockers.n; i++) {
		const char *reason = words_name(&words_block, b[i].reason);

		add_row(c, t, o, complain_who(&b[i]),
			b[i].detail ? client_printf(c, "%s: %s", reason,
						    b[i].detail)
				    : reason);
	}
}

static void add_moves(struct client *c, struct table *t,
		      const struct msg_orphan *o)
{
	const struct msg_slot *s = o->moves.v;
	char shown[WHEN_SPAN_LEN + 1];

	for (size_t i = 0; i < o->moves.n; i++) {
		when_show_span(c->when.zone, s[i].from, s[i].to, shown);
		add_row(c, t, o, "could go",
			client_printf(c, "%s, %s", shown, s[i].expert));
	}
}

void orphans_print(struct client *c, const struct field_list *list)
{
	static const struct table_column columns[] = {
		{"BOOKING", 0},		{"TIME", 0},
		{"KIND", TABLE_CUT},	{"EXPERT", TABLE_CUT},
		{"PARTNER", TABLE_CUT}, {"WHO", TABLE_CUT},
		{"WHY", TABLE_CUT},	{NULL, 0}};
	const struct msg_orphan *v = list->v;
	struct table *t = table_new(columns);

	for (size_t i = 0; i < list->n; i++) {
		add_reasons(c, t, &v[i]);
		add_moves(c, t, &v[i]);
	}
	table_print(t, &c->term, &c->out);
	table_free(t);
}
