#include "daemon/core/series.h"

#include <stdlib.h>

#include "base/civil.h"

#define SATURDAY 5
#define HOLIDAYS_MAX 62 /* one after the other */

struct layout {
	const struct series_rule *rule;
	struct rrule rrule; /* COUNT turned into UNTIL */
	int64_t start_day, time;
	struct series_day *v;
	size_t n;
};

static const struct core_calendar_day *
calendar_day(const struct core_calendar *calendar, int64_t day)
{
	for (size_t i = 0; calendar && i < calendar->n; i++)
		if (calendar->days[i].day == day)
			return &calendar->days[i];
	return NULL;
}

bool series_is_off(const struct core_calendar *calendar, int64_t day)
{
	const struct core_calendar_day *c = calendar_day(calendar, day);

	return c && c->works_as < 0;
}

static bool is_working(const struct core_calendar *calendar, int64_t day)
{
	const struct core_calendar_day *c = calendar_day(calendar, day);

	return c ? c->works_as >= 0 : civil_weekday(day) < SATURDAY;
}

int64_t series_next_working(const struct core_calendar *calendar, int64_t day)
{
	for (int i = 0; i < HOLIDAYS_MAX; i++)
		if (is_working(calendar, ++day))
			break;
	return day;
}

static bool is_listed(const int64_t *days, size_t n, int64_t day)
{
	for (size_t i = 0; i < n; i++)
		if (days[i] == day)
			return true;
	return false;
}

static bool is_named(const struct layout *l, int64_t day)
{
	const struct core_calendar_day *c =
		calendar_day(l->rule->calendar, day);

	return rrule_on(&l->rrule, l->start_day, day, c ? c->works_as : -1);
}

static enum rc too_many(struct err *err)
{
	return err_set(err, RC_INVALID,
		       "a series has at most %d occurrences, within five years",
		       SERIES_MAX);
}

/* The last day of the rule itself. */
static enum rc find_end(struct layout *l, struct err *err)
{
	const struct rrule *r = &l->rule->rrule;
	int64_t horizon = l->start_day + SERIES_DAYS_MAX;

	l->rrule = *r;
	if (r->count == 0 && r->until == INT64_MAX)
		return err_set(err, RC_INVALID,
			       "a series ends: say COUNT or UNTIL");
	int64_t last = rrule_last(r, l->start_day, horizon + 1);

	if (last > horizon || r->count > SERIES_MAX)
		return too_many(err);
	l->rrule.count = 0;
	l->rrule.until = last;
	return RC_OK;
}

/* An exception that takes nothing out is a slip of the pen. */
static enum rc check_except(const struct layout *l, struct err *err)
{
	const struct series_rule *r = l->rule;

	for (size_t i = 0; i < r->nexcept; i++) {
		char shown[CIVIL_DATE_LEN + 1];

		if (is_named(l, r->except[i]))
			continue;
		civil_show_date(r->except[i], shown);
		return err_set(err, RC_INVALID,
			       "%s is none of its days: there is nothing to"
			       " leave out",
			       shown);
	}
	return RC_OK;
}

static enum rc check_also(const struct layout *l, struct err *err)
{
	const struct series_rule *r = l->rule;

	for (size_t i = 0; i < r->nalso; i++)
		if (r->also[i] < l->start_day ||
		    r->also[i] > l->start_day + SERIES_DAYS_MAX)
			return err_set(err, RC_INVALID,
				       "a day is added after the first one,"
				       " within five years");
	return RC_OK;
}

/* The days as they are named; what falls on a holiday is left out as yet. */
static enum rc add_days(struct layout *l, struct err *err)
{
	const struct series_rule *r = l->rule;
	int64_t last = l->rrule.until;

	if (r->nalso > 0 && r->also[r->nalso - 1] > last)
		last = r->also[r->nalso - 1];
	for (int64_t day = l->start_day; day <= last; day++) {
		bool added = is_listed(r->also, r->nalso, day);

		if (!added && (!is_named(l, day) ||
			       is_listed(r->except, r->nexcept, day)))
			continue;
		if (l->n == SERIES_MAX)
			return too_many(err);
		l->v[l->n++] = (struct series_day){
			.day = day,
			.wall = day * CIVIL_DAY + l->time,
			.left_out = !added &&
				    r->on_holiday != ON_HOLIDAY_AS_ANY_DAY &&
				    series_is_off(r->calendar, day),
		};
	}
	return l->n ? RC_OK
		    : err_set(err, RC_INVALID, "the series has no day at all");
}

static bool has_wall(const struct layout *l, int64_t wall)
{
	for (size_t i = 0; i < l->n; i++)
		if (!l->v[i].left_out && l->v[i].wall == wall)
			return true;
	return false;
}

static void shift_holidays(struct layout *l)
{
	if (l->rule->on_holiday != ON_HOLIDAY_NEXT_WORKING_DAY)
		return;
	for (size_t i = 0; i < l->n; i++) {
		int64_t wall =
			series_next_working(l->rule->calendar, l->v[i].day) *
				CIVIL_DAY +
			l->time;

		if (!l->v[i].left_out || has_wall(l, wall))
			continue;
		l->v[i].wall = wall;
		l->v[i].left_out = false;
	}
}

static int by_wall(const void *left, const void *right)
{
	const struct series_day *a = left, *b = right;

	if (a->wall != b->wall)
		return a->wall < b->wall ? -1 : 1;
	return (a->day > b->day) - (a->day < b->day);
}

enum rc series_lay(const struct series_rule *rule, struct arena *arena,
		   struct series_day **out, size_t *out_n, struct err *err)
{
	struct layout l = {
		.rule = rule,
		.start_day = civil_day_of(rule->start),
		.v = arena_array(arena, SERIES_MAX, sizeof(*l.v)),
	};

	if (!l.v)
		return RC_NOMEM;
	l.time = rule->start - l.start_day * CIVIL_DAY;
	enum rc rc = find_end(&l, err);

	if (rc == RC_OK)
		rc = check_except(&l, err);
	if (rc == RC_OK)
		rc = check_also(&l, err);
	if (rc == RC_OK)
		rc = add_days(&l, err);
	if (rc != RC_OK)
		return rc;
	shift_holidays(&l);
	qsort(l.v, l.n, sizeof(l.v[0]), by_wall);
	*out = l.v;
	*out_n = l.n;
	return RC_OK;
}
