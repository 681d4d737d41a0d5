/* When a limit set's time runs, and who is told of it: what can be wrong with
 * it in a file, and how it is stored. */
#include <stdlib.h>
#include <string.h>

#include "daemon/work/import.h"

#define DAY_MINUTES 1440
#define WEEKDAYS 7

int import_minute(const char *s)
{
	int at = 0;

	for (int i = 0; i < 5; i++) {
		if (i == 2 ? s[i] != ':' : s[i] < '0' || s[i] > '9')
			return -1;
	}
	at = ((s[0] - '0') * 10 + s[1] - '0') * 60 + (s[3] - '0') * 10 + s[4] -
	     '0';
	return s[3] < '6' && at <= DAY_MINUTES ? at : -1;
}

static bool is_read(const struct msg_net_hours *h)
{
	return h->from && h->to && import_minute(h->from) >= 0 &&
	       import_minute(h->to) > import_minute(h->from);
}

static bool overlap(const struct msg_net_hours *a,
		    const struct msg_net_hours *b)
{
	return (a->days & b->days) && is_read(a) && is_read(b) &&
	       import_minute(a->from) < import_minute(b->to) &&
	       import_minute(b->from) < import_minute(a->to);
}

static void check_hours(struct import_check *c,
			const struct msg_net_limits *set)
{
	const struct msg_net_hours *v = set->hours.v;

	for (size_t i = 0; i < set->hours.n; i++) {
		bool from = v[i].from && import_minute(v[i].from) >= 0;
		bool to = v[i].to && import_minute(v[i].to) >= 0;

		if (v[i].from && !from)
			import_fault(c, "is no time of day, as 08:30",
				     "/limit_sets/%s/hours/%zu/from", set->name,
				     i);
		if (v[i].to && !to)
			import_fault(c, "is no time of day, as 17:30",
				     "/limit_sets/%s/hours/%zu/to", set->name,
				     i);
		if (from && to && !is_read(&v[i]))
			import_fault(c, "must be after from, on the same day",
				     "/limit_sets/%s/hours/%zu/to", set->name,
				     i);
		for (size_t k = 0; k < i; k++) {
			if (!overlap(&v[k], &v[i]))
				continue;
			import_fault(c, "overlaps hours that stand before it",
				     "/limit_sets/%s/hours/%zu", set->name, i);
			break;
		}
	}
}

static void check_ladder(struct import_check *c,
			 const struct msg_net_limits *set)
{
	const struct msg_net_rung *v = set->ladder.v;

	for (size_t i = 0; i < set->ladder.n; i++) {
		for (size_t k = 0; k < i; k++) {
			if (v[k].percent != v[i].percent ||
			    v[i].percent == FIELD_NONE)
				continue;
			import_fault(c, "stands there twice",
				     "/limit_sets/%s/ladder/%zu/percent",
				     set->name, i);
			break;
		}
	}
}

/* A set without a word in it is a fault of form, unless it says so. */
static void check_empty(struct import_check *c,
			const struct msg_net_limits *set)
{
	const struct msg_net_hours *hours = set->hours.v;
	const struct msg_net_rung *ladder = set->ladder.v;

	for (size_t i = 0; i < set->hours.n; i++)
		if (!hours[i].days)
			import_fault(c, "must name a day",
				     "/limit_sets/%s/hours/%zu/days", set->name,
				     i);
	for (size_t i = 0; i < set->ladder.n; i++)
		if (!ladder[i].tell)
			import_fault(c, "must name somebody",
				     "/limit_sets/%s/ladder/%zu/tell",
				     set->name, i);
}

void import_check_limits(struct import_check *c)
{
	const struct msg_net_limits *v = c->in->limit_sets.v;

	for (size_t i = 0; i < c->in->limit_sets.n; i++) {
		if (!v[i].name)
			continue;
		check_hours(c, &v[i]);
		check_ladder(c, &v[i]);
		check_empty(c, &v[i]);
	}
}

/* --- storing it --- */

static int by_time(const void *a, const void *b)
{
	const struct deadline_span *x = a, *y = b;

	return x->weekday != y->weekday ? x->weekday - y->weekday
					: x->from - y->from;
}

static int by_percent(const void *a, const void *b)
{
	const struct clock_rung *x = a, *y = b;

	return (x->percent > y->percent) - (x->percent < y->percent);
}

static size_t spans_of(const struct msg_net_limits *in,
		       struct deadline_span *out)
{
	const struct msg_net_hours *v = in->hours.v;
	size_t n = 0;

	for (size_t i = 0; i < in->hours.n; i++) {
		for (int day = 0; day < WEEKDAYS; day++) {
			if (v[i].days & KINDSET(day))
				out[n++] = (struct deadline_span){
					day, import_minute(v[i].from),
					import_minute(v[i].to)};
		}
	}
	qsort(out, n, sizeof(*out), by_time);
	return n;
}

enum rc import_clocks(struct work *w, const struct msg_net_limits *in,
		      enum network_put *out)
{
	const struct msg_net_rung *rungs = in->ladder.v;
	size_t most = in->hours.n * WEEKDAYS, n = in->ladder.n;
	struct deadline_span *spans =
		arena_array(w->arena, most + 1, sizeof(*spans));
	struct clock_rung *ladder =
		arena_array(w->arena, n + 1, sizeof(*ladder));

	if (!spans || !ladder)
		return work_nomem(w);
	for (size_t i = 0; i < n; i++)
		ladder[i] =
			(struct clock_rung){rungs[i].percent, rungs[i].tell};
	qsort(ladder, n, sizeof(*ladder), by_percent);
	const struct network_clocks clocks = {
		.spans = spans,
		.nspans = spans_of(in, spans),
		.ladder = ladder,
		.nladder = n,
	};

	return network_put_clocks(w->tx, in->name, &clocks, out, &w->err);
}
