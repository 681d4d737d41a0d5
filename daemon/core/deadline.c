#include "daemon/core/deadline.h"

#include "base/civil.h"
#include "daemon/core/local.h"

#define MINUTE 60

/* A walk over the spans from an instant on, each as an interval of UTC. */
struct walk {
	const struct deadline_hours *hours;
	int64_t day, days;	 /* the day, and how many were begun */
	struct core_span bounds; /* of it */
	int weekday;		 /* whose spans it has; -1: none */
	size_t at;		 /* the next span */
	int64_t counted;	 /* all before it is behind us */
};

/* What the calendar makes of the day: a weekday, or -1 for a day off. */
static int works_as(const struct core_calendar *calendar, int64_t day)
{
	size_t low = 0, high = calendar != NULL ? calendar->n : 0;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct core_calendar_day *d = &calendar->days[mid];

		if (d->day == day)
			return d->works_as;
		if (d->day < day)
			low = mid + 1;
		else
			high = mid;
	}
	return civil_weekday(day);
}

static void enter_day(struct walk *w, int64_t day)
{
	w->day = day;
	w->days++;
	w->bounds = local_days(w->hours->zone, day, day);
	w->weekday = works_as(w->hours->calendar, day);
	w->at = 0;
}

static void walk_begin(struct walk *w, const struct deadline_hours *hours,
		       int64_t from)
{
	*w = (struct walk){.hours = hours, .counted = from};
	enter_day(w, local_day(hours->zone, from));
}

/* The first moment at which the clock shows that or more. */
static int64_t first_shown(const struct tz *zone, int64_t wall)
{
	int64_t high = tz_to_utc(zone, wall);
	int64_t gap = tz_to_wall(zone, high) - wall;
	int64_t low = high - gap; /* it shows less just before */

	/* Where the clock leaves it out, that is when it was put forward. */
	while (low < high) {
		int64_t mid = low + (high - low) / 2;

		if (tz_to_wall(zone, mid) >= wall)
			high = mid;
		else
			low = mid + 1;
	}
	return high;
}

static int64_t instant(const struct walk *w, int minute)
{
	int64_t utc = first_shown(
		w->hours->zone, w->day * CIVIL_DAY + (int64_t)minute * MINUTE);

	return utc < w->bounds.to ? utc : w->bounds.to;
}

/* What is left of the span; empty where nothing is. */
static struct core_span cut(struct walk *w, const struct deadline_span *span)
{
	struct core_span out = {instant(w, span->from), instant(w, span->to)};

	if (out.from < w->counted)
		out.from = w->counted;
	if (out.to > w->counted)
		w->counted = out.to;
	return out;
}

/* The next interval; false where there is none for DEADLINE_DAYS_MAX. */
static bool walk_next(struct walk *w, struct core_span *out)
{
	while (w->days <= DEADLINE_DAYS_MAX) {
		while (w->at < w->hours->n) {
			const struct deadline_span *span =
				&w->hours->spans[w->at++];

			if (span->weekday != w->weekday)
				continue;
			*out = cut(w, span);
			if (out->from < out->to)
				return true;
		}
		enter_day(w, w->day + 1);
	}
	return false;
}

int64_t deadline_after(const struct deadline_hours *hours, int64_t from,
		       int64_t seconds)
{
	struct core_span open;
	struct walk walk;

	if (seconds <= 0)
		return from;
	if (hours->n == 0)
		return from + seconds;
	walk_begin(&walk, hours, from);
	while (walk_next(&walk, &open)) {
		if (seconds <= open.to - open.from)
			return open.from + seconds;
		seconds -= open.to - open.from;
	}
	return DEADLINE_NEVER;
}

int64_t deadline_between(const struct deadline_hours *hours, int64_t from,
			 int64_t to)
{
	struct core_span open;
	struct walk walk;
	int64_t sum = 0;

	if (from >= to)
		return 0;
	if (hours->n == 0)
		return to - from;
	walk_begin(&walk, hours, from);
	while (walk_next(&walk, &open) && open.from < to)
		sum += (open.to < to ? open.to : to) - open.from;
	return sum;
}

int64_t deadline_at(const struct deadline_hours *hours,
		    const struct deadline_clock *clock, int64_t percent)
{
	if (!clock->running)
		return DEADLINE_NEVER;
	return deadline_after(hours, clock->run_from,
			      clock->limit * percent / 100 - clock->used);
}

void deadline_pause(const struct deadline_hours *hours,
		    struct deadline_clock *clock, int64_t now)
{
	if (!clock->running)
		return;
	clock->used += deadline_between(hours, clock->run_from, now);
	clock->running = false;
}

void deadline_resume(struct deadline_clock *clock, int64_t now)
{
	if (clock->running)
		return;
	clock->run_from = now;
	clock->running = true;
}
