/* Working time: hours, days off, shifted workdays, clocks that are changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/civil.h"
#include "daemon/core/deadline.h"

#define HOUR 3600

static struct tz_store *zones;

static int set_up(void **state)
{
	(void)state;
	zones = tz_store_new(TZ_SYSTEM_DIR);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	tz_store_free(zones);
	return 0;
}

static const struct tz *zone(const char *name)
{
	const struct tz *tz;

	assert_int_equal(tz_get(zones, name, &tz, NULL), RC_OK);
	return tz;
}

/* The instant that a wall shows there. */
static int64_t utc(const struct deadline_hours *h, const char *wall)
{
	int64_t out;

	assert_true(civil_read_wall(wall, 16, &out));
	return tz_to_utc(h->zone, out);
}

static int64_t day(const char *date)
{
	int64_t out;

	assert_true(civil_read_date(date, CIVIL_DATE_LEN, &out));
	return out;
}

/* 08:00 to 12:00 and 14:00 to 17:30, Monday to Friday. */
static const struct deadline_span office[] = {
	{0, 480, 720}, {0, 840, 1050}, {1, 480, 720}, {1, 840, 1050},
	{2, 480, 720}, {2, 840, 1050}, {3, 480, 720}, {3, 840, 1050},
	{4, 480, 720}, {4, 840, 1050},
};

static struct deadline_hours office_in(const char *name)
{
	return (struct deadline_hours){
		.spans = office, .n = 10, .zone = zone(name)};
}

static void until(const struct deadline_hours *h, const char *from,
		  int64_t minutes, const char *to)
{
	int64_t a = utc(h, from), b = utc(h, to);

	assert_int_equal(deadline_after(h, a, minutes * 60), b);
	assert_int_equal(deadline_between(h, a, b), minutes * 60);
}

static void round_the_clock(void **state)
{
	const struct deadline_hours h = {.zone = zone("Asia/Shanghai")};

	(void)state;
	until(&h, "2026-11-21T23:00", 180, "2026-11-22T02:00");
	assert_int_equal(deadline_after(&h, 1000, 0), 1000);
	assert_int_equal(deadline_after(&h, 1000, -5), 1000);
	assert_int_equal(deadline_between(&h, 1000, 1000), 0);
	assert_int_equal(deadline_between(&h, 1000, 900), 0);
}

static void within_hours(void **state)
{
	const struct deadline_hours h = office_in("Asia/Shanghai");

	(void)state;
	/* 2026-11-23 is a Monday */
	until(&h, "2026-11-23T08:00", 1, "2026-11-23T08:01");
	until(&h, "2026-11-23T08:00", 240, "2026-11-23T12:00");
	until(&h, "2026-11-23T08:00", 241, "2026-11-23T14:01");
	until(&h, "2026-11-23T13:00", 1, "2026-11-23T14:01");
	until(&h, "2026-11-23T17:29", 2, "2026-11-24T08:01");
	until(&h, "2026-11-27T17:00", 60, "2026-11-30T08:30");
	until(&h, "2026-11-28T03:00", 450 * 5, "2026-12-04T17:30");
	assert_int_equal(deadline_after(&h, utc(&h, "2026-11-28T03:00"), 0),
			 utc(&h, "2026-11-28T03:00"));
	/* what lies between is none, and what comes before is not looked at */
	assert_int_equal(deadline_between(&h, utc(&h, "2026-11-27T17:30"),
					  utc(&h, "2026-11-30T08:00")),
			 0);
	assert_int_equal(deadline_between(&h, utc(&h, "2026-11-27T17:31"),
					  utc(&h, "2026-11-30T08:07")),
			 420);
	/* to the second */
	assert_int_equal(
		deadline_after(&h, utc(&h, "2026-11-23T11:59") + 30, 31),
		utc(&h, "2026-11-23T14:00") + 1);
}

static void the_calendar(void **state)
{
	const struct core_calendar_day days[] = {
		{day("2026-09-27"), 2}, /* a Sunday works as Wednesday */
		{day("2026-10-01"), -1},
		{day("2026-10-02"), -1},
		{day("2026-10-05"), -1},
	};
	const struct core_calendar calendar = {days, 4};
	struct deadline_hours h = office_in("Asia/Shanghai");

	(void)state;
	h.calendar = &calendar;
	until(&h, "2026-09-25T17:00", 60, "2026-09-27T08:30");
	until(&h, "2026-09-30T17:00", 60, "2026-10-06T08:30");
	until(&h, "2026-10-03T09:00", 1, "2026-10-06T08:01");
	h.calendar = NULL;
	until(&h, "2026-09-30T17:00", 60, "2026-10-01T08:30");
}

/* Sundays from midnight to midnight, in places that change clocks then. */
static void clocks_that_change(void **state)
{
	const struct deadline_span sunday = {6, 0, 1440};
	const struct deadline_span early[] = {
		{6, 60, 90}, {6, 90, 150}, {6, 150, 160}, {6, 180, 240}};
	struct deadline_hours h = {&sunday, 1, zone("America/New_York"), NULL};

	(void)state;
	until(&h, "2026-03-08T00:00", 23 * 60, "2026-03-09T00:00");
	until(&h, "2026-11-01T00:00", 25 * 60, "2026-11-02T00:00");
	h.spans = early;
	h.n = 4;
	/* Of 01:30 to 02:30 half is there, of 02:30 to 02:40 nothing. */
	until(&h, "2026-03-08T00:00", 60, "2026-03-08T03:00");
	until(&h, "2026-03-08T00:00", 120, "2026-03-08T04:00");
	/* From 01:30 on the hour is shown once more. */
	until(&h, "2026-11-01T00:00", 30 + 120, "2026-11-01T02:30");
	/* The day that Samoa left out was a Friday. */
	const struct deadline_span friday = {4, 0, 1440};
	struct deadline_hours apia = {&friday, 1, zone("Pacific/Apia"), NULL};

	until(&apia, "2011-12-29T12:00", 1, "2012-01-06T00:01");
}

/* 02:00 to 02:30 is left out at Lord Howe, and repeated; spans that begin or
 * end there are whole beside it. */
static void half_hours(void **state)
{
	const struct deadline_span spans[] = {{6, 105, 135}, {6, 140, 200}};
	const struct deadline_hours h = {spans, 2, zone("Australia/Lord_Howe"),
					 NULL};

	(void)state;
	/* 2026-10-04: at 02:00 it is 02:30 */
	until(&h, "2026-10-04T00:00", 15, "2026-10-04T02:30");
	until(&h, "2026-10-04T00:00", 15 + 50, "2026-10-04T03:20");
	/* 2026-04-05: at 02:00 it is 01:30 once more */
	until(&h, "2026-04-05T00:00", 15 + 30 + 15, "2026-04-05T02:15");
}

static void never(void **state)
{
	struct core_calendar_day off[3];
	const struct core_calendar calendar = {off, 3};
	const struct deadline_span spans[] = {{0, 480, 481}};
	struct deadline_hours h = {spans, 1, zone("UTC"), &calendar};
	int64_t from = utc(&h, "2026-11-23T00:00");

	(void)state;
	for (int i = 0; i < 3; i++)
		off[i] = (struct core_calendar_day){
			day("2026-11-23") + (int64_t)i * 7, -1};
	until(&h, "2026-11-23T00:00", 1, "2026-12-14T08:01");
	/* a minute a week: 200 years have 10457 weeks */
	assert_int_equal(deadline_after(&h, from, 10000 * 60),
			 utc(&h, "2026-11-23T08:01") +
				 (int64_t)(10000 + 2) * 7 * CIVIL_DAY);
	assert_int_equal(deadline_after(&h, from, 10500 * 60), DEADLINE_NEVER);
	assert_in_range(deadline_between(&h, from, DEADLINE_NEVER), 10450 * 60,
			10457 * 60);
}

static void pauses(void **state)
{
	const struct deadline_hours h = office_in("Asia/Shanghai");
	struct deadline_clock c = {.limit = 4 * HOUR};

	(void)state;
	assert_int_equal(deadline_at(&h, &c, 100), DEADLINE_NEVER);
	deadline_resume(&c, utc(&h, "2026-11-23T10:00"));
	assert_int_equal(deadline_at(&h, &c, 100), utc(&h, "2026-11-23T16:00"));
	assert_int_equal(deadline_at(&h, &c, 50), utc(&h, "2026-11-23T12:00"));
	assert_int_equal(deadline_at(&h, &c, 150), utc(&h, "2026-11-24T08:30"));
	deadline_resume(&c, utc(&h, "2026-11-23T10:30")); /* does nothing */
	/* For two days the partner has it; an hour was used. */
	deadline_pause(&h, &c, utc(&h, "2026-11-23T11:00"));
	deadline_pause(&h, &c, utc(&h, "2026-11-23T15:00"));
	assert_int_equal(c.used, HOUR);
	assert_int_equal(deadline_at(&h, &c, 100), DEADLINE_NEVER);
	deadline_resume(&c, utc(&h, "2026-11-25T09:30"));
	assert_int_equal(deadline_at(&h, &c, 100), utc(&h, "2026-11-25T14:30"));
	/* What was passed before is at once. */
	assert_int_equal(deadline_at(&h, &c, 20), utc(&h, "2026-11-25T09:30"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_the_clock),
		cmocka_unit_test(within_hours),
		cmocka_unit_test(the_calendar),
		cmocka_unit_test(clocks_that_change),
		cmocka_unit_test(half_hours),
		cmocka_unit_test(never),
		cmocka_unit_test(pauses),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
