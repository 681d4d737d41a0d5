/* The places of sessions that an agreement keeps: what can be wrong with them
 * in a file, and how they are stored. */
#include <string.h>

#include "daemon/work/import.h"

#define LAST_MINUTE 1439

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static void check_share(struct import_check *c, size_t agreement, size_t i)
{
	const struct msg_net_agreement *a = c->in->agreements.v;
	const struct msg_net_share *v = a[agreement].shares.v;
	int minute = v[i].until ? import_minute(v[i].until) : 0;

	if (v[i].expert &&
	    !import_knows(c, &c->experts, NETWORK_SUBJECT, v[i].expert))
		import_fault(
			c,
			import_said(c, "there is no expert ", v[i].expert, ""),
			"/agreements/%zu/shares/%zu/expert", agreement, i);
	if (minute < 0 || minute > LAST_MINUTE)
		import_fault(c, "is no time of day, as 17:00",
			     "/agreements/%zu/shares/%zu/until", agreement, i);
	for (size_t k = 0; k < i; k++) {
		if (!same(v[k].expert, v[i].expert) ||
		    !same(v[k].rule, v[i].rule))
			continue;
		import_fault(c, "is about the same sessions as another",
			     "/agreements/%zu/shares/%zu", agreement, i);
		break;
	}
}

void import_check_shares(struct import_check *c)
{
	const struct msg_net_agreement *a = c->in->agreements.v;

	for (size_t i = 0; i < c->in->agreements.n; i++)
		for (size_t k = 0; k < a[i].shares.n; k++)
			check_share(c, i, k);
}

const struct network_share *import_shares(struct work *w,
					  const struct field_list *in)
{
	const struct msg_net_share *said = in->v;
	struct network_share *v =
		in->n ? arena_array(w->arena, in->n, sizeof(*v)) : NULL;

	for (size_t i = 0; v && i < in->n; i++)
		v[i] = (struct network_share){
			.expert = said[i].expert,
			.rule = said[i].rule,
			.places = said[i].places,
			.days_before = said[i].days_before,
			.minute = said[i].until ? import_minute(said[i].until)
						: 0,
		};
	return v;
}
