/*
 * deadline - when so much working time has passed.
 *
 * Working time is what lies in the hours that two hospitals agreed on: spans of
 * the wall on some weekdays, in the lead's zone, on the days that the lead's
 * calendar leaves: a day off has none, a shifted workday has those of the
 * weekday it works as. Without hours all time is working time.
 *
 * A span begins at the first moment of its local day (local.h) at which the
 * clock on the wall shows its first minute or a later one, and ends at the
 * first at which it shows its last or a later one. So where clocks are changed
 * no span is missed, none overlaps another, and no instant counts twice.
 *
 * Pure arithmetic over UTC seconds, of the years 1 to 9999.
 */
#ifndef DAEMON_CORE_DEADLINE_H
#define DAEMON_CORE_DEADLINE_H

#include "daemon/core/model.h"

#define DEADLINE_NEVER INT64_MAX

/* Minutes of a weekday (Monday = 0), 0 <= from < to <= 1440. */
struct deadline_span {
	int weekday, from, to;
};

struct deadline_hours {
	const struct deadline_span *spans; /* by weekday, by from; disjoint */
	size_t n;			   /* 0: round the clock */
	const struct tz *zone;
	const struct core_calendar *calendar; /* NULL: none */
};

/* The first moment at which `seconds` of working time have passed since from;
 * from itself for none (or fewer). DEADLINE_NEVER: not within
 * DEADLINE_DAYS_MAX. */
#define DEADLINE_DAYS_MAX (200 * 366)
int64_t deadline_after(const struct deadline_hours *hours, int64_t from,
		       int64_t seconds);
/* The working time in [from, to), in seconds. */
int64_t deadline_between(const struct deadline_hours *hours, int64_t from,
			 int64_t to);

/* A limit that runs, or stands still for a while. */
struct deadline_clock {
	int64_t limit; /* seconds of working time */
	int64_t used;  /* of it, before run_from */
	bool running;
	int64_t run_from;
};

/* When so many per cent of the limit are over, if it runs on: not before
 * run_from. DEADLINE_NEVER while it stands still. */
int64_t deadline_at(const struct deadline_hours *hours,
		    const struct deadline_clock *clock, int64_t percent);
/* Nothing happens to one that stands still, or runs, already. */
void deadline_pause(const struct deadline_hours *hours,
		    struct deadline_clock *clock, int64_t now);
void deadline_resume(struct deadline_clock *clock, int64_t now);

#endif
