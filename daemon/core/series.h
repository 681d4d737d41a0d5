/*
 * series - the days of a series: a recurrence, what is taken out of it and
 * added to it, and what its place's calendar makes of them.
 *
 * The first day and the time of day are those of `start`, wall time of the
 * lead; every occurrence keeps the time of day. The days are those that the
 * recurrence rule names (rrule.h: COUNT counts those, whatever becomes of
 * them), with a shifted workday as the weekday that it works as, without the
 * exceptions, and the days added. On a day off an occurrence is left out, put
 * on the next working day, or is as on any day; an added day is as it was
 * asked for. Two never fall on one day: what would be put on the day of
 * another is left out.
 *
 * The work is bounded: a rule must end, within SERIES_DAYS_MAX, after at most
 * SERIES_MAX occurrences. Pure; walls are turned into UTC by whoever asks.
 */
#ifndef DAEMON_CORE_SERIES_H
#define DAEMON_CORE_SERIES_H

#include "base/mem.h"
#include "daemon/core/model.h"

#define SERIES_MAX 200
#define SERIES_DAYS_MAX (5 * 366)

struct series_rule {
	struct rrule rrule;
	int64_t start; /* wall */
	enum on_holiday on_holiday;
	/* Local days, in order, each once. */
	const int64_t *except, *also;
	size_t nexcept, nalso;
	const struct core_calendar *calendar; /* NULL: none */
};

struct series_day {
	int64_t day;  /* that the rule, or who added it, names */
	int64_t wall; /* when it begins */
	bool left_out;
};

/* By wall. RC_INVALID with a text: it has no end, too many, no day at all, or
 * an exception that is none of its days. RC_NOMEM. */
__attribute__((warn_unused_result)) enum rc
series_lay(const struct series_rule *rule, struct arena *arena,
	   struct series_day **out, size_t *out_n, struct err *err);

/* Is the day a day off by the calendar (NULL: there is none)? */
bool series_is_off(const struct core_calendar *calendar, int64_t day);
/* The first after it on which people work, by the calendar; without one, from
 * Monday to Friday. */
int64_t series_next_working(const struct core_calendar *calendar, int64_t day);

#endif
