/* The days of a series, by hand: holidays, shifted workdays, exceptions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "daemon/core/series.h"

/* Of the autumn of 2022 in China: the week of 1 October is off, and the
 * Saturday and Sunday after it work as Thursday and Friday. */
static struct core_calendar_day days[9];
static struct core_calendar cn = {days, 9};
static struct arena arena;

static int setup(void **state)
{
	(void)state;
	arena_init(&arena, 1u << 20);
	for (int i = 0; i < 7; i++)
		days[i] = (struct core_calendar_day){
			civil_days(2022, 10, 1 + i), -1};
	days[7] = (struct core_calendar_day){civil_days(2022, 10, 8), 3};
	days[8] = (struct core_calendar_day){civil_days(2022, 10, 9), 4};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

static struct series_rule rule(const char *text, int month, int day,
			       enum on_holiday on_holiday)
{
	struct series_rule r = {.on_holiday = on_holiday, .calendar = &cn};

	assert_int_equal(RC_OK,
			 rrule_parse(text, strlen(text), &r.rrule, NULL));
	r.start = civil_days(2022, month, day) * CIVIL_DAY + 9 * 3600;
	return r;
}

/* "09-29 -10-06 10-13": the days in their order, one left out with a hyphen. */
static const char *laid(const struct series_rule *r)
{
	static char text[SERIES_MAX * 8 + 1];
	struct series_day *v;
	struct err err = ERR_INIT;
	size_t n;

	if (series_lay(r, &arena, &v, &n, &err) != RC_OK)
		return arena_strndup(&arena, err.text, strlen(err.text));
	text[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		char shown[CIVIL_DATE_LEN + 1];

		assert_int_equal(9 * 3600, v[i].wall % CIVIL_DAY);
		civil_show_date(v[i].wall / CIVIL_DAY, shown);
		strcat(text, i ? " " : "");
		strcat(text, v[i].left_out ? "-" : "");
		strcat(text, shown + 5);
	}
	return text;
}

static void what_holidays_do(void **state)
{
	static const char weekly[] = "FREQ=WEEKLY;COUNT=4";
	struct series_rule r = rule(weekly, 9, 29, ON_HOLIDAY_LEAVE_OUT);

	(void)state;
	/* The Saturday that works as a Thursday is one of them, and COUNT is of
	 * what the rule names by itself. */
	assert_string_equal("09-29 -10-06 10-08 10-13 10-20", laid(&r));
	r.on_holiday = ON_HOLIDAY_AS_ANY_DAY;
	assert_string_equal("09-29 10-06 10-08 10-13 10-20", laid(&r));
	/* The next working day is one of them already. */
	r.on_holiday = ON_HOLIDAY_NEXT_WORKING_DAY;
	assert_string_equal("09-29 -10-06 10-08 10-13 10-20", laid(&r));
	r = rule("FREQ=WEEKLY;COUNT=3", 9, 28, ON_HOLIDAY_NEXT_WORKING_DAY);
	assert_string_equal("09-28 10-08 10-12", laid(&r));
	r.calendar = NULL;
	assert_string_equal("09-28 10-05 10-12", laid(&r));
}

static void two_never_share_a_day(void **state)
{
	struct series_rule r = rule("FREQ=DAILY;UNTIL=20221011", 9, 30,
				    ON_HOLIDAY_NEXT_WORKING_DAY);

	(void)state;
	assert_string_equal("09-30 -10-01 -10-02 -10-03 -10-04 -10-05 -10-06"
			    " -10-07 10-08 10-09 10-10 10-11",
			    laid(&r));
	r = rule("FREQ=WEEKLY;BYDAY=MO,TU;UNTIL=20221011", 9, 26,
		 ON_HOLIDAY_NEXT_WORKING_DAY);
	/* The first of two has the place. */
	assert_string_equal("09-26 09-27 -10-04 10-08 10-10 10-11", laid(&r));
}

static void days_taken_out_and_added(void **state)
{
	const int64_t out[] = {civil_days(2022, 10, 13)};
	const int64_t in[] = {civil_days(2022, 10, 2),
			      civil_days(2022, 10, 14)};
	struct series_rule r =
		rule("FREQ=WEEKLY;COUNT=4", 9, 29, ON_HOLIDAY_LEAVE_OUT);

	(void)state;
	r.except = out;
	r.nexcept = 1;
	r.also = in;
	r.nalso = 2;
	/* Who adds a holiday means it. */
	assert_string_equal("09-29 10-02 -10-06 10-08 10-14 10-20", laid(&r));
	r.start += CIVIL_DAY;
	assert_string_equal("2022-10-13 is none of its days: there is nothing"
			    " to leave out",
			    laid(&r));
	r.nexcept = 0;
	r.start += 3 * CIVIL_DAY;
	assert_string_equal(
		"a day is added after the first one, within five years",
		laid(&r));
}

static void it_ends(void **state)
{
	static const char many[] =
		"a series has at most 200 occurrences, within five years";
	static const struct {
		const char *rule, *says;
	} v[] = {
		{"FREQ=DAILY", "a series ends: say COUNT or UNTIL"},
		{"FREQ=DAILY;COUNT=201", many},
		{"FREQ=DAILY;UNTIL=20280101", many},
		{"FREQ=DAILY;UNTIL=20230501", many},
		{"FREQ=DAILY;INTERVAL=1000;COUNT=10", many},
		{"FREQ=DAILY;UNTIL=20220101", "the series has no day at all"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		struct series_rule r =
			rule(v[i].rule, 9, 29, ON_HOLIDAY_AS_ANY_DAY);

		assert_string_equal(v[i].says, laid(&r));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_holidays_do),
		cmocka_unit_test(two_never_share_a_day),
		cmocka_unit_test(days_taken_out_and_added),
		cmocka_unit_test(it_ends),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
