#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"

static void known_days(void **state)
{
	static const struct {
		int year, month, day;
		int64_t days;
		int weekday;
	} rows[] = {
		{1970, 1, 1, 0, 3},	    {1969, 12, 31, -1, 2},
		{2000, 2, 29, 11016, 1},    {2026, 12, 1, 20788, 1},
		{1, 1, 1, -719162, 0},	    {9999, 12, 31, 2932896, 4},
		{1582, 10, 15, -141427, 4}, {2038, 1, 19, 24855, 1},
		{1900, 3, 1, -25508, 3},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(
			civil_days(rows[i].year, rows[i].month, rows[i].day),
			rows[i].days);
		assert_int_equal(civil_weekday(rows[i].days), rows[i].weekday);
	}
	assert_int_equal(civil_days(2026, 1, 32), civil_days(2026, 2, 1));
	assert_int_equal(civil_days(2026, 3, 0), civil_days(2026, 2, 28));
}

/* Counted by hand, a day at a time, over every year that there is. */
static void every_day_goes_round(void **state)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30,
				      31, 31, 30, 31, 30, 31};
	int64_t days = -719162;
	int weekday = 0;

	(void)state;
	for (int y = 1; y <= 9999; y++)
		for (int m = 1; m <= 12; m++) {
			int leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
			int len = lengths[m - 1] + (m == 2 ? leap : 0);

			assert_int_equal(civil_month_days(y, m), len);
			for (int d = 1; d <= len; d++) {
				struct civil c;

				if (civil_days(y, m, d) != days ||
				    civil_weekday(days) != weekday)
					fail_msg("%d-%d-%d", y, m, d);
				civil_from_days(days, &c);
				if (c.year != y || c.month != m || c.day != d ||
				    c.hour != 0 || c.minute || c.second)
					fail_msg("%d-%d-%d back", y, m, d);
				weekday = (weekday + 1) % 7;
				days++;
			}
		}
	assert_int_equal(days, 2932897);
	assert_int_equal(civil_month_days(2026, 0), 0);
	assert_int_equal(civil_month_days(2026, 13), 0);
}

static void walls_go_round(void **state)
{
	static const int64_t walls[] = {
		0,	-1,	1,	    86399,	  86400,
		-86400, -86401, 1796117400, 253402300799, -62135596800};

	(void)state;
	for (size_t i = 0; i < sizeof(walls) / sizeof(walls[0]); i++) {
		struct civil c;

		civil_from_wall(walls[i], &c);
		assert_int_equal(civil_wall(&c), walls[i]);
		assert_in_range(c.hour, 0, 23);
		assert_in_range(c.minute, 0, 59);
		assert_in_range(c.second, 0, 59);
	}
	assert_int_equal(civil_day_of(-1), -1);
	assert_int_equal(civil_day_of(-86400), -1);
	assert_int_equal(civil_day_of(-86401), -2);
	assert_int_equal(civil_day_of(86399), 0);
	assert_int_equal(civil_day_of(86400), 1);
	assert_int_equal(civil_day_of(INT64_MIN), INT64_MIN / 86400 - 1);
}

static void beyond_the_years_is_their_edge(void **state)
{
	char out[CIVIL_RFC3339_LEN + 1];

	(void)state;
	civil_show_rfc3339(INT64_MAX, 28800, out);
	assert_string_equal(out, "9999-12-31T23:59:59+08:00");
	civil_show_rfc3339(INT64_MIN, -28800, out);
	assert_string_equal(out, "0001-01-01T00:00:00-08:00");
	civil_show_date(INT64_MAX, out);
	assert_string_equal(out, "9999-12-31");
	civil_show_date(INT64_MIN, out);
	assert_string_equal(out, "0001-01-01");
	civil_show_wall(INT64_MIN, out);
	assert_string_equal(out, "0001-01-01T00:00");
}

static void reads_rfc3339(void **state)
{
	static const struct {
		const char *s;
		int64_t utc;
		const char *shown; /* with the offset it was read with */
		int32_t offset;
	} rows[] = {
		{"1970-01-01T00:00:00Z", 0, NULL, 0},
		{"2026-12-01T09:30:00+08:00", 1796088600, NULL, 28800},
		{"2026-12-01T01:30:00Z", 1796088600, NULL, 0},
		{"2024-02-29T23:59:59-03:30", 1709263799, NULL, -12600},
		{"2026-12-01T01:30:00+00:00", 1796088600,
		 "2026-12-01T01:30:00Z", 0},
		{"2026-12-01T01:30:00-00:00", 1796088600,
		 "2026-12-01T01:30:00Z", 0},
		{"0001-01-01T00:00:00Z", -62135596800, NULL, 0},
		{"9999-12-31T23:59:59Z", 253402300799, NULL, 0},
		{"2026-01-01T00:00:00+23:59", 1767139260, NULL, 86340},
		{"2026-01-01T00:00:00-23:59", 1767311940, NULL, -86340},
	};
	char out[CIVIL_RFC3339_LEN + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t utc;

		if (!civil_read_rfc3339(rows[i].s, strlen(rows[i].s), &utc))
			fail_msg("%s", rows[i].s);
		assert_int_equal(utc, rows[i].utc);
		civil_show_rfc3339(utc, rows[i].offset, out);
		assert_string_equal(out,
				    rows[i].shown ? rows[i].shown : rows[i].s);
	}
	/* Shanghai before 1901: +08:05:43 is shown by the minute */
	civil_show_rfc3339(-3000000000, 29143, out);
	assert_string_equal(out, "1874-12-08T02:45:00+08:05");
}

static void refuses_what_is_no_rfc3339(void **state)
{
	static const char *const bad[] = {
		"",
		"2026-12-01",
		"2026-12-01T09:30:00",
		"2026-12-01T09:30Z",
		"2026-13-01T09:30:00Z",
		"2026-00-01T09:30:00Z",
		"2026-12-00T09:30:00Z",
		"2026-12-32T09:30:00Z",
		"2026-02-29T09:30:00Z",
		"1900-02-29T09:30:00Z",
		"2026-04-31T09:30:00Z",
		"2026-12-01T24:00:00Z",
		"2026-12-01T09:60:00Z",
		"2026-12-31T23:59:60Z",
		"2026-12-01t09:30:00Z",
		"2026-12-01T09:30:00z",
		"2026-12-01 09:30:00Z",
		"2026-12-01T09:30:00.5Z",
		"2026-12-01T09:30:00,5Z",
		"2026-12-01T09:30:00+0800",
		"2026-12-01T09:30:00+08",
		"2026-12-01T09:30:00+24:00",
		"2026-12-01T09:30:00+08:60",
		"2026-12-01T09:30:00 +08:00",
		"2026-12-01T09:30:00Z ",
		" 2026-12-01T09:30:00Z",
		"2026-12-01T09:30:00+08:00Z",
		"2026-12-01T+9:30:00Z",
		"2026-12-01T09:+3:00Z",
		"2026-12-01T-9:30:00Z",
		"+026-12-01T09:30:00Z",
		"2026/12/01T09:30:00Z",
		"2026-12-01T09-30:00Z",
		"2026-12-01T09:30-00Z",
		"0000-12-01T09:30:00Z",
		"0001-01-01T00:00:00+00:01",
		"9999-12-31T23:59:59-00:01",
		"20261201T093000Z",
		"12026-12-01T09:30:00Z",
	};
	int64_t utc = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (civil_read_rfc3339(bad[i], strlen(bad[i]), &utc))
			fail_msg("took %s", bad[i]);
	assert_false(civil_read_rfc3339("2026-12-01T09:30:0\0Z", 20, &utc));
	assert_int_equal(utc, 42);
}

static void every_cut_is_refused(void **state)
{
	static const char whole[] = "2026-12-01T09:30:00+08:00";
	int64_t utc;

	(void)state;
	for (size_t len = 0; len < sizeof(whole) - 1; len++)
		assert_false(civil_read_rfc3339(whole, len, &utc));
	assert_true(civil_read_rfc3339(whole, sizeof(whole) - 1, &utc));
}

static void reads_dates_and_walls(void **state)
{
	char out[CIVIL_RFC3339_LEN + 1];
	int64_t v = 0;

	(void)state;
	assert_true(civil_read_date("2026-12-01", 10, &v));
	assert_int_equal(v, 20788);
	civil_show_date(v, out);
	assert_string_equal(out, "2026-12-01");
	assert_true(civil_read_wall("2026-12-01T09:30", 16, &v));
	assert_int_equal(v, INT64_C(20788) * 86400 + 34200);
	civil_show_wall(v, out);
	assert_string_equal(out, "2026-12-01T09:30");
	assert_true(civil_read_wall("2026-12-01T09:30:59", 19, &v));
	assert_int_equal(v, INT64_C(20788) * 86400 + 34259);
	assert_false(civil_read_date("2026-12-1", 9, &v));
	assert_false(civil_read_date("2026-12-01T", 11, &v));
	assert_false(civil_read_wall("2026-12-01T09:30:5", 18, &v));
	assert_false(civil_read_wall("2026-12-01T09:30:60", 19, &v));
	assert_false(civil_read_wall("2026-12-01T09:30Z05", 19, &v));
	assert_false(civil_read_wall("2026-12-01T09:30Z", 17, &v));
	assert_false(civil_read_wall("2026-12-01 09:30", 16, &v));
	assert_false(civil_read_wall("2026-12-01T24:00", 16, &v));
	assert_false(civil_read_wall("2026-02-30T09:30", 16, &v));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_days),
		cmocka_unit_test(every_day_goes_round),
		cmocka_unit_test(walls_go_round),
		cmocka_unit_test(beyond_the_years_is_their_edge),
		cmocka_unit_test(reads_rfc3339),
		cmocka_unit_test(refuses_what_is_no_rfc3339),
		cmocka_unit_test(every_cut_is_refused),
		cmocka_unit_test(reads_dates_and_walls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
