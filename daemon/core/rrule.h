/*
 * rrule - recurrence rules (RFC 5545 section 3.3.10), on local days.
 *
 * Read are FREQ=DAILY, WEEKLY or MONTHLY with INTERVAL, COUNT, UNTIL (a date),
 * WKST, BYDAY (with ordinals under MONTHLY), BYMONTHDAY and BYSETPOS, in
 * capitals. Any other part is refused by name, never ignored. A rule here has
 * days, not instants: the wall times belong to the availability rule around it
 * (rule.h), and so do EXDATE and RDATE.
 *
 * The start only bounds a rule: the first instance is the first match on or
 * after it. A part given twice, COUNT beside UNTIL, an ordinal outside MONTHLY
 * BYMONTHDAY under WEEKLY and BYSETPOS alone are refused, as the RFC has it.
 *
 * BYSETPOS counts in the whole day, week (from WKST on) or month, also in that
 * of the start, of which only what is not before the start is an instance.
 * Positions that no period has are read; nothing is ever there.
 *
 * Work is bounded: a day costs the same wherever it lies (with BYSETPOS, what
 * the days of its week or month cost), except for COUNT, which counts forward
 * from the start, for RRULE_DAYS_MAX days at most, each looked at once; whoever
 * asks about many days asks rrule_last() once and turns COUNT into UNTIL. Days
 * lie in the years 1 to 9999.
 */
#ifndef DAEMON_CORE_RRULE_H
#define DAEMON_CORE_RRULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum rrule_freq { RRULE_DAILY, RRULE_WEEKLY, RRULE_MONTHLY };

#define RRULE_BYDAY_MAX 14
#define RRULE_INTERVAL_MAX 1000
#define RRULE_COUNT_MAX 10000
#define RRULE_DAYS_MAX 36525 /* a rule with COUNT ends within a century */

struct rrule {
	enum rrule_freq freq;
	int interval;
	int count;     /* 0: no end by count */
	int64_t until; /* last local day, inclusive; INT64_MAX: no end */
	int wkst;      /* Monday = 0 */
	int nbyday;
	struct {
		short ordinal; /* 0: every; 2: second; -1: last */
		short weekday;
	} byday[RRULE_BYDAY_MAX];
	uint64_t bymonthday; /* bit d: day d; bit 31 + d: day -d */
	uint64_t bysetpos;   /* the same; bit 0: only beyond 31; 0: all */
};

__attribute__((warn_unused_result)) enum rc
rrule_parse(const char *s, size_t len, struct rrule *out, struct err *err);

/* Is `day` an instance? start: the rule's first possible local day, which also
 * fixes the phase of INTERVAL and, without BYDAY or BYMONTHDAY, the weekday or
 * the day of the month. weekday: what the day works as (a shifted workday
 * under WEEKLY and DAILY with BYDAY), or -1 for its own. BYSETPOS goes by the
 * days' own weekdays: a Sunday that works as a Monday is an instance if the
 * Monday of its week is at a position. COUNT counts the days that the rule
 * names by itself, whatever a calendar makes of them. */
bool rrule_on(const struct rrule *rule, int64_t start, int64_t day,
	      int weekday);

/* The last day, not after the horizon, on which the rule can have an instance,
 * by UNTIL or COUNT. */
int64_t rrule_last(const struct rrule *rule, int64_t start, int64_t horizon);

#endif
