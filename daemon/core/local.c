#include "daemon/core/local.h"

#include "base/civil.h"

/* 0001-01-01 and 9999-12-31, as civil.h counts days. */
#define FIRST_DAY (-719162)
#define LAST_DAY 2932896

static int64_t midnight(const struct tz *zone, int64_t day)
{
	if (day < FIRST_DAY)
		return INT64_MIN;
	if (day > LAST_DAY)
		return INT64_MAX;
	return tz_to_utc(zone, day * CIVIL_DAY);
}

int64_t local_day(const struct tz *zone, int64_t utc)
{
	int64_t day = civil_day_of(tz_to_wall(zone, utc));

	/* a clock set back over midnight shows the day before once more */
	while (utc >= midnight(zone, day + 1))
		day++;
	return day;
}

struct core_span local_days(const struct tz *zone, int64_t first_day,
			    int64_t last_day)
{
	return (struct core_span){.from = midnight(zone, first_day),
				  .to = last_day == INT64_MAX
						? INT64_MAX
						: midnight(zone, last_day + 1)};
}

struct core_span local_month(const struct tz *zone, int64_t utc)
{
	int64_t day = local_day(zone, utc);
	struct civil c;

	civil_from_days(day, &c);
	day -= c.day - 1;
	return local_days(zone, day,
			  day + civil_month_days(c.year, c.month) - 1);
}
