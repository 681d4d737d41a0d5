/*
 * tzrule - the daylight-saving rule at the end of a TZif file: a POSIX TZ
 * string (POSIX.1-2017 section 8.3) with the wider times of RFC 8536 3.3.1.
 *
 * A rule is a value; it answers for every instant of the years 1 to 9999.
 * Only tz.c uses it.
 */
#ifndef BASE_TZRULE_H
#define BASE_TZRULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TZRULE_ABBR_MAX 15

/* What a clock shows for a while. */
struct tzrule_side {
	int32_t offset; /* seconds east of UTC */
	char abbr[TZRULE_ABBR_MAX + 1];
};

/* The day and time of a change, each year. */
struct tzrule_when {
	char form; /* 'M' month.week.day, 'J' 1-365 without Feb 29, 'N' 0-365 */
	int month, week;
	int day;      /* 'M': Sunday is 0 */
	int32_t time; /* seconds after that day's midnight, may be negative */
};

struct tzrule {
	struct tzrule_side std, dst;
	bool has_dst;
	struct tzrule_when start, end; /* of daylight-saving time */
};

/* A stretch [from, to) of time with one offset. */
struct tzrule_span {
	int64_t from, to; /* INT64_MIN, INT64_MAX: without end */
	const struct tzrule_side *side;
};

/* False when s is no such string in full. */
bool tzrule_read(const char *s, size_t len, struct tzrule *out);
struct tzrule_span tzrule_at(const struct tzrule *rule, int64_t utc);

#endif
