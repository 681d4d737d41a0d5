#include "daemon/core/rule.h"

#include <stdlib.h>

#include "base/civil.h"
#include "daemon/core/kind.h"
#include "daemon/core/local.h"

/* How many more days than the window has may be asked about: a longest
 * instance before it, one day on either side (first_day(), last_day()), and
 * what a zone that moves by a day and the rounding to days add. */
#define ROOM_DAYS (CORE_RULE_MAX / CIVIL_DAY + 8)

/* A rule made ready to be asked about many days. */
struct layout {
	const struct core_rule *rule;
	struct rrule rrule; /* COUNT turned into UNTIL */
	int64_t start_day;
	int64_t time; /* of the day */
	int64_t length;
	/* How far the calendar's days, exdates and rdates are read: days are
	 * asked about in rising order. */
	size_t at, exdate_at, rdate_at;
	unsigned leave;
};

static struct core_span cut_window(struct core_span window)
{
	if (window.to - window.from > CORE_WINDOW_MAX)
		window.to = window.from + CORE_WINDOW_MAX;
	return window;
}

size_t rule_room(size_t nrules, struct core_span window)
{
	window = cut_window(window);
	if (window.from >= window.to)
		return 0;
	return nrules *
	       (size_t)((window.to - window.from) / CIVIL_DAY + ROOM_DAYS);
}

/* What the calendar says of the day; NULL: nothing. */
static const struct core_calendar_day *calendar_day(struct layout *l,
						    int64_t day)
{
	const struct core_calendar *c = l->rule->calendar;

	if (c == NULL)
		return NULL;
	while (l->at < c->n && c->days[l->at].day < day)
		l->at++;
	return l->at < c->n && c->days[l->at].day == day ? &c->days[l->at]
							 : NULL;
}

static bool is_listed(const int64_t *days, size_t n, size_t *at, int64_t day)
{
	while (*at < n && days[*at] < day)
		(*at)++;
	return *at < n && days[*at] == day;
}

static bool on_day(struct layout *l, int64_t day)
{
	const struct core_rule *r = l->rule;
	const struct core_calendar_day *c = calendar_day(l, day);
	int weekday = c != NULL ? c->works_as : -1;

	if (is_listed(r->exdates, r->nexdates, &l->exdate_at, day))
		return false;
	if (c != NULL && c->works_as < 0 && !r->on_holidays &&
	    (l->leave & RULE_NO_HOLIDAYS) == 0)
		return false;
	if (is_listed(r->rdates, r->nrdates, &l->rdate_at, day))
		return true;
	return rrule_on(&l->rrule, l->start_day, day, weekday);
}

/* Takes the expert's absences out of an instance of a home rule. */
static void cut_away(const struct rule_set *set, struct core_open *open)
{
	for (size_t i = 0; i < set->naway; i++) {
		struct core_span away =
			local_days(set->away[i].zone, set->away[i].first_day,
				   set->away[i].last_day);

		if (open->from >= away.from && open->from < away.to)
			open->to = open->from;
		else if (open->from < away.from && open->to > away.from)
			open->to = away.from;
	}
}

static int64_t max_day(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t min_day(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* The first day that may have an instance which touches the window. */
static int64_t first_day(const struct layout *l, int64_t from)
{
	const struct core_rule *r = l->rule;
	int64_t wall = tz_to_wall(r->zone, from);
	int64_t bound = l->start_day;

	if (r->nrdates > 0)
		bound = min_day(bound, r->rdates[0]);
	bound = max_day(bound, r->first_day);
	return max_day(bound, civil_day_of(wall - l->length) - 1);
}

/* The last day, and on the way until: the last of the rule itself. */
static int64_t last_day(struct layout *l, int64_t to)
{
	const struct core_rule *r = l->rule;
	int64_t day = civil_day_of(tz_to_wall(r->zone, to)) + 1;

	day = min_day(day, r->last_day);
	l->rrule.until = rrule_last(&r->rrule, l->start_day, day);
	l->rrule.count = 0;
	if (r->nrdates == 0)
		return l->rrule.until;
	return min_day(day, max_day(l->rrule.until, r->rdates[r->nrdates - 1]));
}

static void lay_rule(const struct rule_set *set, const struct core_rule *rule,
		     struct core_span window, unsigned leave,
		     struct core_opens *out)
{
	struct layout l = {.rule = rule,
			   .rrule = rule->rrule,
			   .start_day = civil_day_of(rule->start),
			   .length = rule->end - rule->start,
			   .leave = leave};
	int64_t last;

	if (l.length < 1 || l.length > CORE_RULE_MAX)
		return;
	l.time = rule->start - l.start_day * CIVIL_DAY;
	last = last_day(&l, window.to);
	for (int64_t d = first_day(&l, window.from); d <= last; d++) {
		int64_t wall = d * CIVIL_DAY + l.time;
		struct core_open open = {.rule = rule};

		if (!on_day(&l, d))
			continue;
		open.from = tz_to_utc(rule->zone, wall);
		open.to = tz_to_utc(rule->zone, wall + l.length);
		if (!rule->seconded && (leave & RULE_NO_AWAY) == 0)
			cut_away(set, &open);
		if (open.from < open.to && open.from < window.to &&
		    open.to > window.from)
			out->v[out->n++] = open;
	}
}

static int by_time(const void *left, const void *right)
{
	const struct core_open *a = left;
	const struct core_open *b = right;

	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	if (a->to != b->to)
		return a->to < b->to ? -1 : 1;
	return (a->rule > b->rule) - (a->rule < b->rule);
}

void rule_lay(const struct rule_set *set, struct core_span window,
	      unsigned leave, struct core_opens *out)
{
	window = cut_window(window);
	out->n = 0;
	if (window.from >= window.to)
		return;
	for (size_t i = 0; i < set->nrules; i++)
		lay_rule(set, &set->rules[i], window, leave, out);
	if (out->n > 1)
		qsort(out->v, out->n, sizeof(out->v[0]), by_time);
}

enum rc rule_expand(const struct core_rule *rules, size_t nrules,
		    const struct core_away *away, size_t naway,
		    struct core_span window, struct arena *arena,
		    struct core_opens *out)
{
	struct rule_set set = {rules, nrules, away, naway};

	out->v = arena_array(arena, rule_room(nrules, window),
			     sizeof(out->v[0]));
	out->n = 0;
	if (out->v == NULL)
		return RC_NOMEM;
	rule_lay(&set, window, 0, out);
	return RC_OK;
}

void rule_keep_kind(struct core_opens *opens, enum kind kind, kindset kinds)
{
	size_t kept = 0;

	for (size_t i = 0; i < opens->n; i++) {
		kindset offered = opens->v[i].rule->kinds;

		if (offered == 0 && kinds == 0)
			offered = KINDSET(kind);
		if ((kind_offered(offered, kinds) & KINDSET(kind)) != 0)
			opens->v[kept++] = opens->v[i];
	}
	opens->n = kept;
}

bool rule_covers(const struct core_opens *opens, int64_t place,
		 struct core_span span)
{
	int64_t until = span.from;

	for (size_t i = 0; i < opens->n && until < span.to; i++) {
		const struct core_open *open = &opens->v[i];

		if (open->rule->place == place && open->from <= until &&
		    open->to > until)
			until = open->to;
	}
	return until >= span.to;
}

static bool touches(const struct core_open *open, struct core_span span)
{
	return open->from < span.to && open->to > span.from;
}

const struct core_open *rule_next_place(const struct core_opens *opens,
					struct core_span span, size_t *at)
{
	while (*at < opens->n) {
		const struct core_open *open = &opens->v[(*at)++];
		bool first = touches(open, span);

		for (const struct core_open *o = opens->v; first && o < open;
		     o++)
			first = o->rule->place != open->rule->place ||
				!touches(o, span);
		if (first)
			return open;
	}
	return NULL;
}

const struct core_open *rule_next_cover(const struct core_opens *opens,
					struct core_span span, size_t *at)
{
	const struct core_open *open = rule_next_place(opens, span, at);

	while (open != NULL && !rule_covers(opens, open->rule->place, span))
		open = rule_next_place(opens, span, at);
	return open;
}
