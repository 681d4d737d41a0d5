/*
 * local - days and months of a place, as spans of UTC.
 *
 * A local day runs from its midnight (the first, where a clock set back shows
 * it twice) to the next day's midnight. So days never overlap nor leave a gap,
 * may be 23 or 25 hours long, and are empty where a zone has skipped one.
 * Every rule that says "day" or "month" asks here.
 */
#ifndef DAEMON_CORE_LOCAL_H
#define DAEMON_CORE_LOCAL_H

#include "daemon/core/model.h"

/* The local day that the instant belongs to. */
int64_t local_day(const struct tz *zone, int64_t utc);
/* From the midnight that begins first_day to the one that ends last_day. Days
 * before year 1 or after year 9999 stand for "no bound". */
struct core_span local_days(const struct tz *zone, int64_t first_day,
			    int64_t last_day);
/* The month that the instant belongs to. */
struct core_span local_month(const struct tz *zone, int64_t utc);

#endif
