/*
 * when - the times that people type, and how times are shown to them.
 *
 * Typed: RFC 3339 ("2026-12-01T09:30:00+08:00"), or a day and a time of day on
 * the wall of `zone`: "2026-12-01 09:30", "today 9:30", "tomorrow 14:00",
 * "mon 9:30" (the next such day; today as long as that time is ahead), or what
 * is shown, "Tue 2026-12-01 09:30". Where only a day matters the time may be
 * left out.
 *
 * A wall time that the clocks skip is refused, because the person who types it
 * means another one; a wall time that occurs twice is the first (RFC 5545
 * section 3.3.5), the second can be written in RFC 3339. Nothing here asks the
 * machine for its clock or its zone.
 */
#ifndef CLIENT_WHEN_H
#define CLIENT_WHEN_H

#include <stdint.h>

#include "base/err.h"
#include "base/tz.h"

struct when {
	const struct tz *zone;
	int64_t now; /* UTC seconds */
};

/* A point in time: a day alone is refused. RC_USAGE with a text. */
__attribute__((warn_unused_result)) enum rc when_read(const struct when *when,
						      const char *s,
						      int64_t *out_utc,
						      struct err *err);
/* As when_read(); a day alone is its first moment. */
__attribute__((warn_unused_result)) enum rc
when_read_from(const struct when *when, const char *s, int64_t *out_utc,
	       struct err *err);
/* As when_read(); a day alone is included: the first moment after it. */
__attribute__((warn_unused_result)) enum rc
when_read_to(const struct when *when, const char *s, int64_t *out_utc,
	     struct err *err);
/* "FROM/TO", where TO may be a time of day alone, on the day of FROM. */
__attribute__((warn_unused_result)) enum rc
when_read_span(const struct when *when, const char *s, int64_t *out_from,
	       int64_t *out_to, struct err *err);

/* The first moment of a day (days since 1970-01-01). */
int64_t when_day_start(const struct tz *zone, int64_t days);
/* The local day of an instant. */
int64_t when_day_of(const struct tz *zone, int64_t utc);

#define WHEN_CLOCK_LEN 5 /* 09:30 */
#define WHEN_LEN 20	 /* Tue 2026-12-01 09:30 */
#define WHEN_SPAN_LEN 48
/* Each out holds the length + 1. */
void when_show_clock(const struct tz *zone, int64_t utc, char *out);
void when_show(const struct tz *zone, int64_t utc, char *out);
/* "Tue 2026-12-01 09:30-10:15"; the second day only when it is another. */
void when_show_span(const struct tz *zone, int64_t from, int64_t to, char *out);
/* "2026-12-01T09:30:00+08:00": what can be typed back. */
void when_show_exact(const struct tz *zone, int64_t utc, char *out);
/* "Mon" and so on; weekday from Monday = 0. */
const char *when_weekday(int weekday);

#endif
