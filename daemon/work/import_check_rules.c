/* What can be wrong with rules, secondments, leave and transfers (import.h). */
#include <stdlib.h>
#include <string.h>

#include "daemon/core/kind.h"
#include "daemon/core/model.h"
#include "daemon/work/import.h"

/* Pointers to a part's elements in this order, for comparing neighbours; NULL
 * where there are none, or no memory. */
static const void **sorted(struct import_check *c,
			   const struct field_list *list, size_t size,
			   int (*order)(const void *a, const void *b))
{
	const void **v = arena_array(c->w->arena, list->n, sizeof(*v));

	if (!list->n)
		return NULL;
	if (!v) {
		c->broken = work_nomem(c->w);
		return NULL;
	}
	for (size_t i = 0; i < list->n; i++)
		v[i] = (const char *)list->v + i * size;
	qsort(v, list->n, sizeof(*v), order);
	return v;
}

static int by_text(const char *a, const char *b)
{
	if (!a || !b)
		return (a != NULL) - (b != NULL);
	return strcmp(a, b);
}

static int by_number(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

#define NOBODY(name) import_said(c, "there is no expert or resource ", name, "")

/* --- a rule --- */

/* Kinds whose sessions are booked place by place must be told how long one
 * is: they have no length of their own. */
static bool has_places(enum kind kind)
{
	const struct kind_row *row = kind_row(kind);

	return row->places ||
	       (row->how == KIND_DIRECT && !row->default_minutes);
}

static kindset kinds_that(bool (*fits)(enum kind kind))
{
	kindset set = 0;

	for (int k = 0; k < KIND_COUNT; k++) {
		if (fits((enum kind)k))
			set |= KINDSET(k);
	}
	return set;
}

static bool is_direct(enum kind kind)
{
	return kind_has_places(kind);
}

/* NULL: nothing. */
static const char *wrong_slot(const struct msg_net_rule *r, bool room)
{
	if (r->slot_minutes == FIELD_NONE)
		return !room && r->kinds & kinds_that(has_places)
			       ? "is required: the session's kind has places"
			       : NULL;
	if (room)
		return "is for an expert's sessions, not for a resource";
	if (!r->kinds || r->kinds & ~kinds_that(is_direct))
		return "is for kinds that are booked directly, and they alone"
		       " must be named in kinds";
	if (r->start != FIELD_NONE && r->end > r->start &&
	    r->slot_minutes * 60 > r->end - r->start)
		return "is longer than the session";
	return NULL;
}

static void check_places(struct import_check *c, const struct msg_net_rule *r,
			 const char *at)
{
	const char *kinds = arena_printf(c->w->arena, "%s/kinds", at);
	bool room = r->of && strchr(r->of, '/');
	const char *wrong;

	if (!kinds) {
		c->broken = work_nomem(c->w);
		return;
	}
	if (import_unread(c, kinds))
		return;
	wrong = wrong_slot(r, room);
	if (wrong)
		import_fault(c, wrong, "%s/slot_minutes", at);
	else if (!room && r->slot_minutes != FIELD_NONE && !r->at)
		import_fault(c, "is required: a session of places is somewhere",
			     "%s/at", at);
}

static void check_recurrence(struct import_check *c,
			     const struct msg_net_rule *r, const char *at)
{
	struct rrule rrule;
	struct err err = ERR_INIT;

	if (r->rrule &&
	    rrule_parse(r->rrule, strlen(r->rrule), &rrule, &err) != RC_OK)
		import_fault(c, err.text, "%s/rrule", at);
	if (r->time_zone && !import_knows_zone(c, r->time_zone))
		import_fault(c, "is no IANA time zone", "%s/time_zone", at);
	if (r->start == FIELD_NONE || r->end == FIELD_NONE)
		return;
	if (r->end <= r->start)
		import_fault(c, "must be after start", "%s/end", at);
	else if (r->end - r->start > CORE_RULE_MAX)
		import_fault(c, "is more than a week after start", "%s/end",
			     at);
}

static void check_rule(struct import_check *c, const struct msg_net_rule *r,
		       const char *at)
{
	check_recurrence(c, r, at);
	check_places(c, r, at);
	import_check_pool(c, r, at);
	if (r->at && !import_knows_subject(c, r->at))
		import_fault(c,
			     import_said(c, "there is no resource ", r->at, ""),
			     "%s/at", at);
}

static int by_strs(const struct field_strs *a, const struct field_strs *b)
{
	int order = by_number((int64_t)a->n, (int64_t)b->n);

	for (size_t i = 0; !order && i < a->n; i++)
		order = by_text(a->v[i], b->v[i]);
	return order;
}

/* 0: the two say the same. */
static int compare_rules(const struct msg_net_rule *a,
			 const struct msg_net_rule *b)
{
	const int orders[] = {
		by_text(a->of, b->of),
		by_text(a->rrule, b->rrule),
		by_number(a->start, b->start),
		by_number(a->end, b->end),
		by_text(a->time_zone, b->time_zone),
		by_text(a->at, b->at),
		by_number((int64_t)a->kinds, (int64_t)b->kinds),
		by_number(a->slot_minutes, b->slot_minutes),
		by_number(a->on_holidays, b->on_holidays),
		by_strs(&a->exdates, &b->exdates),
		by_strs(&a->rdates, &b->rdates),
	};

	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		if (orders[i])
			return orders[i];
	}
	return 0;
}

static int by_rule(const void *a, const void *b)
{
	const struct msg_net_rule *x = *(const struct msg_net_rule *const *)a;
	const struct msg_net_rule *y = *(const struct msg_net_rule *const *)b;
	int order = compare_rules(x, y);

	return order ? order : (x > y) - (x < y);
}

static bool is_whole(const struct msg_net_rule *r)
{
	return r->rrule && r->time_zone && r->start != FIELD_NONE &&
	       r->end != FIELD_NONE;
}

/* A part's rules, at the pointer of their list. */
static void check_rules(struct import_check *c, const struct field_list *list,
			const char *part)
{
	const struct msg_net_rule *in = list->v;
	const void **v = sorted(c, list, sizeof(*in), by_rule);

	for (size_t i = 0; i < list->n; i++) {
		const char *at = arena_printf(c->w->arena, "%s/%zu", part, i);

		if (at)
			check_rule(c, &in[i], at);
		else
			c->broken = work_nomem(c->w);
	}
	for (size_t i = 1; v && i < list->n; i++) {
		const struct msg_net_rule *r = v[i];

		if (is_whole(r) && !compare_rules(v[i - 1], r))
			import_fault(c, "stands in the file twice", "%s/%zu",
				     part, (size_t)(r - in));
	}
}

void import_check_availability(struct import_check *c)
{
	const struct msg_net_rule *v = c->in->availability.v;

	check_rules(c, &c->in->availability, "/availability");
	for (size_t i = 0; i < c->in->availability.n; i++) {
		if (!v[i].of)
			import_fault(c, "is required", "/availability/%zu/of",
				     i);
		else if (!import_knows_subject(c, v[i].of))
			import_fault(c, NOBODY(v[i].of), "/availability/%zu/of",
				     i);
	}
}

/* --- secondments --- */

static int by_stay(const void *a, const void *b)
{
	const struct msg_net_secondment *x =
		*(const struct msg_net_secondment *const *)a;
	const struct msg_net_secondment *y =
		*(const struct msg_net_secondment *const *)b;
	int order = by_text(x->expert, y->expert);

	if (!order)
		order = by_number(x->from, y->from);
	return order ? order : (x > y) - (x < y);
}

/* An expert is at one place at a time. */
static void check_overlaps(struct import_check *c)
{
	const struct msg_net_secondment *in = c->in->secondments.v;
	const void **v = sorted(c, &c->in->secondments, sizeof(*in), by_stay);
	const struct msg_net_secondment *last = NULL; /* to end so far */

	for (size_t i = 0; v && i < c->in->secondments.n; i++) {
		const struct msg_net_secondment *s = v[i];
		bool same = last && s->expert && last->expert &&
			    !strcmp(last->expert, s->expert);

		if (same && s->from != FIELD_NONE && last->to != FIELD_NONE &&
		    s->from <= last->to)
			import_fault(c,
				     "begins before another one of the same"
				     " expert has ended",
				     "/secondments/%zu/from", (size_t)(s - in));
		if (!same || s->to > last->to)
			last = s;
	}
}

static void check_stay(struct import_check *c, size_t i,
		       const struct msg_net_secondment *s)
{
	const struct msg_net_rule *rules = s->availability.v;
	const char *part =
		arena_printf(c->w->arena, "/secondments/%zu/availability", i);

	if (s->expert && !import_knows_subject(c, s->expert))
		import_fault(
			c, import_said(c, "there is no expert ", s->expert, ""),
			"/secondments/%zu/expert", i);
	if (s->site && !import_knows_site(c, s->site))
		import_fault(c,
			     import_said(c, "there is no site ", s->site, ""),
			     "/secondments/%zu/site", i);
	if (s->from != FIELD_NONE && s->to != FIELD_NONE && s->to < s->from)
		import_fault(c, "must not be before from",
			     "/secondments/%zu/to", i);
	if (!part)
		c->broken = work_nomem(c->w);
	else
		check_rules(c, &s->availability, part);
	for (size_t k = 0; part && k < s->availability.n; k++) {
		if (rules[k].of)
			import_fault(c, "must be absent: it is the expert's",
				     "%s/%zu/of", part, k);
	}
}

void import_check_secondments(struct import_check *c)
{
	const struct msg_net_secondment *v = c->in->secondments.v;

	for (size_t i = 0; i < c->in->secondments.n; i++)
		check_stay(c, i, &v[i]);
	check_overlaps(c);
}

/* --- leave --- */

void import_check_leave(struct import_check *c)
{
	const struct msg_net_leave *v = c->in->leave.v;

	for (size_t i = 0; i < c->in->leave.n; i++) {
		if (v[i].of && !import_knows_subject(c, v[i].of))
			import_fault(c, NOBODY(v[i].of), "/leave/%zu/of", i);
		if (v[i].start != FIELD_NONE && v[i].end != FIELD_NONE &&
		    v[i].end <= v[i].start)
			import_fault(c, "must be after start", "/leave/%zu/end",
				     i);
		if (v[i].time_zone && !import_knows_zone(c, v[i].time_zone))
			import_fault(c, "is no IANA time zone",
				     "/leave/%zu/time_zone", i);
	}
}

/* --- transfers --- */

static int by_pair(const void *a, const void *b)
{
	const struct msg_net_transfer *x =
		*(const struct msg_net_transfer *const *)a;
	const struct msg_net_transfer *y =
		*(const struct msg_net_transfer *const *)b;
	bool turn_x = by_text(x->from, x->to) > 0;
	bool turn_y = by_text(y->from, y->to) > 0;
	int order = by_text(turn_x ? x->to : x->from, turn_y ? y->to : y->from);

	if (!order)
		order = by_text(turn_x ? x->from : x->to,
				turn_y ? y->from : y->to);
	return order ? order : (x > y) - (x < y);
}

static bool is_same_pair(const struct msg_net_transfer *a,
			 const struct msg_net_transfer *b)
{
	return (!strcmp(a->from, b->from) && !strcmp(a->to, b->to)) ||
	       (!strcmp(a->from, b->to) && !strcmp(a->to, b->from));
}

static bool has_ends(const struct msg_net_transfer *t)
{
	return t->from && t->to;
}

static void check_pairs(struct import_check *c)
{
	const struct msg_net_transfer *in = c->in->transfers.v;
	const void **v = sorted(c, &c->in->transfers, sizeof(*in), by_pair);

	for (size_t i = 1; v && i < c->in->transfers.n; i++) {
		const struct msg_net_transfer *t = v[i];

		if (has_ends(t) && has_ends(v[i - 1]) &&
		    is_same_pair(t, v[i - 1]))
			import_fault(c,
				     "the way between these two stands in the"
				     " file twice",
				     "/transfers/%zu", (size_t)(t - in));
	}
}

static void check_end(struct import_check *c, size_t i, const char *field,
		      const char *end)
{
	bool known = strchr(end, '/') ? import_knows_subject(c, end)
				      : import_knows_site(c, end);

	if (!known)
		import_fault(c,
			     import_said(c, "there is no resource or site ",
					 end, ""),
			     "/transfers/%zu/%s", i, field);
}

static void check_ends(struct import_check *c, size_t i,
		       const struct msg_net_transfer *t)
{
	bool room = strchr(t->from, '/');

	check_end(c, i, "from", t->from);
	check_end(c, i, "to", t->to);
	if (room != (strchr(t->to, '/') != NULL))
		import_fault(c, "must be a resource as from is, or both sites",
			     "/transfers/%zu/to", i);
	else if (room && !strcmp(t->from, t->to))
		import_fault(c, "must be another resource than from",
			     "/transfers/%zu/to", i);
}

void import_check_transfers(struct import_check *c)
{
	const struct msg_net_transfer *v = c->in->transfers.v;

	for (size_t i = 0; i < c->in->transfers.n; i++) {
		if (has_ends(&v[i]))
			check_ends(c, i, &v[i]);
	}
	check_pairs(c);
}
