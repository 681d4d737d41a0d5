#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "daemon/core/rrule.h"

#define VECTORS "tests/data/rrule-vectors.txt"

static int64_t date(const char *s)
{
	int64_t day;

	assert_true(civil_read_date(s, strlen(s), &day));
	return day;
}

static struct rrule parsed(const char *s)
{
	struct rrule rule;
	struct err err = ERR_INIT;

	if (rrule_parse(s, strlen(s), &rule, &err) != RC_OK)
		fail_msg("%s: %s", s, err.text);
	return rule;
}

static void what_is_read(void **state)
{
	struct rrule r =
		parsed("FREQ=MONTHLY;INTERVAL=3;UNTIL=20261201;WKST=SU;"
		       "BYDAY=MO,2TU,-1SU,+5FR;BYMONTHDAY=1,31,-1,-31");

	(void)state;
	assert_int_equal(r.freq, RRULE_MONTHLY);
	assert_int_equal(r.interval, 3);
	assert_int_equal(r.count, 0);
	assert_int_equal(r.until, date("2026-12-01"));
	assert_int_equal(r.wkst, 6);
	assert_int_equal(r.nbyday, 4);
	assert_int_equal(r.byday[0].ordinal, 0);
	assert_int_equal(r.byday[1].ordinal, 2);
	assert_int_equal(r.byday[1].weekday, 1);
	assert_int_equal(r.byday[2].ordinal, -1);
	assert_int_equal(r.byday[3].ordinal, 5);
	assert_true(r.bymonthday == (UINT64_C(1) << 1 | UINT64_C(1) << 31 |
				     UINT64_C(1) << 32 | UINT64_C(1) << 62));
	assert_true(r.bysetpos == 0);
	r = parsed("FREQ=MONTHLY;BYSETPOS=1,+2,31,-1,-31;BYMONTHDAY=1");
	assert_true(r.bysetpos ==
		    (UINT64_C(1) << 1 | UINT64_C(1) << 2 | UINT64_C(1) << 31 |
		     UINT64_C(1) << 32 | UINT64_C(1) << 62));
	/* read, though no period has them */
	r = parsed("FREQ=DAILY;BYDAY=MO;BYSETPOS=32,366,-32,-366");
	assert_true(r.bysetpos == 1);
	r = parsed("COUNT=10000;FREQ=DAILY");
	assert_int_equal(r.freq, RRULE_DAILY);
	assert_int_equal(r.count, 10000);
	assert_int_equal(r.interval, 1);
	assert_true(r.until == INT64_MAX);
	assert_int_equal(r.wkst, 0);
	assert_int_equal(parsed("FREQ=WEEKLY;INTERVAL=1000").interval, 1000);
	assert_int_equal(parsed("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU,"
				"MO,TU,WE,TH,FR,SA,SU")
				 .nbyday,
			 14);
}

/* Each is refused, and the message has the word. */
static void what_is_refused(void **state)
{
	static const struct {
		const char *rule, *word;
	} rows[] = {
		{"", "\"\" is not a part"},
		{"INTERVAL=2", "FREQ is missing"},
		{"FREQ=YEARLY", "FREQ must be"},
		{"FREQ=daily", "FREQ must be"},
		{"FREQ=DAIL", "FREQ must be"},
		{"FREQ", "FREQ must be"},
		{"FREQ=", "FREQ must be"},
		{"freq=DAILY", "\"\" is not a part"},
		{"FREQ=DAILY;", "\"\" is not a part"},
		{";FREQ=DAILY", "\"\" is not a part"},
		{"FREQ=DAILY;FREQ=DAILY", "FREQ stands there twice"},
		{"FREQ=DAILY;BYSETPOS=1", "BYSETPOS needs"},
		{"FREQ=MONTHLY;BYSETPOS=366", "BYSETPOS needs"},
		{"FREQ=WEEKLY;BYDAY=MO;BYSETPOS=0", "BYSETPOS must be"},
		{"FREQ=WEEKLY;BYDAY=MO;BYSETPOS=367", "BYSETPOS must be"},
		{"FREQ=WEEKLY;BYDAY=MO;BYSETPOS=-367", "BYSETPOS must be"},
		{"FREQ=WEEKLY;BYDAY=MO;BYSETPOS=1,", "BYSETPOS must be"},
		{"FREQ=WEEKLY;BYDAY=MO;BYSETPOS=", "BYSETPOS must be"},
		{"FREQ=WEEKLY;BYDAY=MO;BYSETPOS=1MO", "BYSETPOS must be"},
		{"FREQ=WEEKLY;BYDAY=MO;BYSETPOS=1;BYSETPOS=1",
		 "BYSETPOS stands there twice"},
		{"FREQ=DAILY;BYHOUR=1", "\"BYHOUR\" is not a part"},
		{"FREQ=DAILY;ABCDEFGHIJKLMNOPQRST=1", "\"ABCDEFGHIJKLMNOP\""},
		{"FREQ=DAILY;X[31m=1", "\"X\" is not a part"},
		{"FREQ=DAILY;X1=1", "\"X\" is not a part"},
		{"FREQ=DAILY;BYDAY=XX", "BYDAY must be"},
		{"FREQ=MONTHLY;BYDAY=1XX", "BYDAY must be"},
		{"FREQ=DAILY;INTERVAL=0", "INTERVAL must be"},
		{"FREQ=DAILY;INTERVAL=1001", "INTERVAL must be"},
		{"FREQ=DAILY;INTERVAL=+1", "INTERVAL must be"},
		{"FREQ=DAILY;INTERVAL=01", "INTERVAL must be"},
		{"FREQ=DAILY;INTERVAL=1 ", "INTERVAL must be"},
		{"FREQ=DAILY;COUNT=0", "COUNT must be"},
		{"FREQ=DAILY;COUNT=10001", "COUNT must be"},
		{"FREQ=DAILY;COUNT=-1", "COUNT must be"},
		{"FREQ=DAILY;UNTIL=2026-12-01", "UNTIL must be"},
		{"FREQ=DAILY;UNTIL=20261301", "UNTIL must be"},
		{"FREQ=DAILY;UNTIL=20260230", "UNTIL must be"},
		{"FREQ=DAILY;UNTIL=20261201T000000Z", "UNTIL must be"},
		{"FREQ=DAILY;COUNT=1;UNTIL=20261201", "cannot stand together"},
		{"FREQ=DAILY;WKST=XX", "WKST must be"},
		{"FREQ=DAILY;WKST=", "WKST must be"},
		{"FREQ=DAILY;BYDAY=", "BYDAY must be"},
		{"FREQ=DAILY;BYDAY=M", "BYDAY must be"},
		{"FREQ=DAILY;BYDAY=MO,", "BYDAY must be"},
		{"FREQ=DAILY;BYDAY=MO,,TU", "BYDAY must be"},
		{"FREQ=DAILY;BYDAY=1MO", "under MONTHLY alone"},
		{"FREQ=WEEKLY;BYDAY=-1MO", "under MONTHLY alone"},
		{"FREQ=MONTHLY;BYDAY=0MO", "BYDAY must be"},
		{"FREQ=MONTHLY;BYDAY=6MO", "BYDAY must be"},
		{"FREQ=MONTHLY;BYDAY=-6MO", "BYDAY must be"},
		{"FREQ=MONTHLY;BYDAY=+MO", "BYDAY must be"},
		{"FREQ=MONTHLY;BYDAY=--1MO", "BYDAY must be"},
		{"FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU,MO,TU,WE,TH,FR,SA,SU,"
		 "MO",
		 "BYDAY must be"},
		{"FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY must be"},
		{"FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY must be"},
		{"FREQ=MONTHLY;BYMONTHDAY=-32", "BYMONTHDAY must be"},
		{"FREQ=MONTHLY;BYMONTHDAY=1,", "BYMONTHDAY must be"},
		{"FREQ=WEEKLY;BYMONTHDAY=1", "cannot stand under WEEKLY"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct rrule rule = {.interval = 77};
		struct err err = ERR_INIT;

		if (rrule_parse(rows[i].rule, strlen(rows[i].rule), &rule,
				&err) != RC_INVALID)
			fail_msg("taken: %s", rows[i].rule);
		if (strstr(err.text, rows[i].word) == NULL)
			fail_msg("%s: %s", rows[i].rule, err.text);
		assert_int_equal(rule.interval, 77);
	}
	assert_int_equal(rrule_parse("FREQ=DAILY", 9, &(struct rrule){0}, NULL),
			 RC_INVALID);
	assert_int_equal(rrule_parse(NULL, 0, &(struct rrule){0}, NULL),
			 RC_INVALID);
}

/* "START RULE: OFFSET ... [+]" against every day that the line speaks of. */
static void check_line(char *line)
{
	char *save;
	const char *start = strtok_r(line, " ", &save);
	const char *text = strtok_r(NULL, ":", &save);
	struct rrule rule = parsed(text);
	int64_t first = date(start);
	int64_t day = first - 40;
	const char *word;

	while ((word = strtok_r(NULL, " \n", &save)) != NULL && *word != '+') {
		int64_t next = first + strtol(word, NULL, 10);

		for (; day <= next; day++)
			if (rrule_on(&rule, first, day, -1) != (day == next))
				fail_msg("%s from %s, day %+d", text, start,
					 (int)(day - first));
	}
	for (; word == NULL && day <= first + 3000; day++)
		if (rrule_on(&rule, first, day, -1))
			fail_msg("%s from %s, no day %+d", text, start,
				 (int)(day - first));
}

static void as_dateutil_has_it(void **state)
{
	FILE *file = fopen(VECTORS, "r");
	char line[512];
	int n = 0;

	(void)state;
	if (file == NULL)
		fail_msg("run me where " VECTORS " is");
	while (fgets(line, sizeof(line), file) != NULL) {
		if (line[0] == '#')
			continue;
		check_line(line);
		n++;
	}
	fclose(file);
	assert_int_equal(n, 4500);
}

/* The days of the list, and no other within sixty days of the first, are on. */
static void expect(const char *text, const char *start, const char *const *days)
{
	struct rrule rule = parsed(text);
	int64_t first = date(start);

	for (int64_t d = first - 10; d < first + 60; d++) {
		char shown[CIVIL_DATE_LEN + 1];
		bool want = false;

		civil_show_date(d, shown);
		for (const char *const *p = days; *p != NULL; p++)
			want |= strcmp(*p, shown) == 0;
		if (rrule_on(&rule, first, d, -1) != want)
			fail_msg("%s: %s", text, shown);
	}
}

/* What dateutil reads in another way: BYDAY's parts are alternatives. */
static void numbered_and_bare_weekdays(void **state)
{
	(void)state;
	expect("FREQ=MONTHLY;UNTIL=20260930;BYDAY=1MO,FR", "2026-09-01",
	       (const char *const[]){"2026-09-07", "2026-09-04", "2026-09-11",
				     "2026-09-18", "2026-09-25", NULL});
}

static void the_start_only_bounds(void **state)
{
	(void)state;
	/* RFC 5545 would make the start itself an instance */
	expect("FREQ=WEEKLY;BYDAY=MO;COUNT=2", "2026-09-02",
	       (const char *const[]){"2026-09-07", "2026-09-14", NULL});
	/* a fortnight is counted from the start's own week */
	expect("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;COUNT=2", "2026-09-02",
	       (const char *const[]){"2026-09-14", "2026-09-28", NULL});
}

static void shifted_workdays(void **state)
{
	int64_t sunday = date("2022-10-09"); /* works as a Friday */
	int64_t start = date("2022-01-03");
	struct rrule week = parsed("FREQ=WEEKLY;BYDAY=MO,FR");
	struct rrule bare = parsed("FREQ=WEEKLY");
	struct rrule daily = parsed("FREQ=DAILY;BYDAY=FR");
	struct rrule every = parsed("FREQ=DAILY");
	struct rrule month = parsed("FREQ=MONTHLY;BYDAY=2SU");
	struct rrule twice = parsed("FREQ=WEEKLY;BYDAY=FR;COUNT=40");

	(void)state;
	assert_false(rrule_on(&week, start, sunday, -1));
	assert_true(rrule_on(&week, start, sunday, 4));
	assert_false(rrule_on(&week, start, sunday, 3));
	assert_true(rrule_on(&bare, start, sunday, 0)); /* starts on a Monday */
	assert_false(rrule_on(&bare, start, sunday, 4));
	assert_true(rrule_on(&daily, start, sunday, 4));
	assert_true(rrule_on(&every, start, sunday, 4));
	/* the second Sunday of the month stays what it is */
	assert_true(rrule_on(&month, start, sunday, 4));
	assert_false(rrule_on(&month, start, date("2022-10-08"), 6));
	/* the 40th Friday is 7 October: two days later nothing is left */
	assert_int_equal(rrule_last(&twice, start, INT64_MAX),
			 date("2022-10-07"));
	assert_false(rrule_on(&twice, start, sunday, 4));
	assert_true(rrule_on(&twice, start, date("2022-10-06"), 4));
}

static void positions(void **state)
{
	(void)state;
	/* the last workday of the month */
	expect("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-08-01",
	       (const char *const[]){"2026-08-31", NULL});
	expect("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-10-01",
	       (const char *const[]){"2026-10-30", NULL});
	/* the first week is counted whole, its first Wednesday or Friday is the
	 * day before the start; COUNT counts from the start */
	expect("FREQ=WEEKLY;BYDAY=WE,FR;BYSETPOS=1;COUNT=2", "2026-09-03",
	       (const char *const[]){"2026-09-09", "2026-09-16", NULL});
	expect("FREQ=WEEKLY;BYDAY=WE,FR;BYSETPOS=2;COUNT=2", "2026-09-03",
	       (const char *const[]){"2026-09-04", "2026-09-11", NULL});
	/* which is first is said by WKST */
	expect("FREQ=WEEKLY;BYDAY=MO,SU;BYSETPOS=1;COUNT=1;WKST=SU",
	       "2026-09-01", (const char *const[]){"2026-09-06", NULL});
	expect("FREQ=WEEKLY;BYDAY=MO,SU;BYSETPOS=1;COUNT=1;WKST=MO",
	       "2026-09-01", (const char *const[]){"2026-09-07", NULL});
	/* a day is the first and the last of its own */
	expect("FREQ=DAILY;BYDAY=TU;BYSETPOS=-1;COUNT=1", "2026-09-03",
	       (const char *const[]){"2026-09-08", NULL});
	expect("FREQ=DAILY;BYDAY=TU;BYSETPOS=2", "2026-09-03",
	       (const char *const[]){NULL});
	expect("FREQ=MONTHLY;BYMONTHDAY=1,2,3;BYSETPOS=4,-4,366", "2026-09-01",
	       (const char *const[]){NULL});
}

/* Positions go by the days' own weekdays; what a day works as says whose
 * place it takes. */
static void shifted_positions(void **state)
{
	int64_t start = date("2022-01-03");
	int64_t sunday = date("2022-10-09");
	struct rrule first =
		parsed("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1");
	struct rrule last = parsed("FREQ=WEEKLY;WKST=SU;BYSETPOS=-1;"
				   "BYDAY=MO,TU,WE,TH,FR");
	struct rrule daily = parsed("FREQ=DAILY;BYDAY=FR;BYSETPOS=1");
	struct rrule month = parsed("FREQ=MONTHLY;BYDAY=SU;BYSETPOS=2");

	(void)state;
	assert_true(rrule_on(&first, start, sunday, 0));
	assert_false(rrule_on(&first, start, sunday, 4));
	assert_false(rrule_on(&first, start, sunday, -1));
	assert_true(rrule_on(&last, start, sunday, 4));
	assert_false(rrule_on(&last, start, sunday, 0));
	assert_true(rrule_on(&daily, start, sunday, 4));
	assert_false(rrule_on(&daily, start, sunday, -1));
	/* of the month it stays what it is */
	assert_true(rrule_on(&month, start, sunday, 0));
	assert_false(rrule_on(&month, start, sunday + 7, 6));
}

static void ends(void **state)
{
	int64_t start = date("2026-01-01");
	struct rrule until = parsed("FREQ=DAILY;UNTIL=20260105");
	struct rrule never = parsed("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31;"
				    "COUNT=3");
	struct rrule endless = parsed("FREQ=DAILY");

	(void)state;
	assert_int_equal(rrule_last(&until, start, start + 99), start + 4);
	assert_int_equal(rrule_last(&until, start, start + 3), start + 3);
	assert_int_equal(rrule_last(&endless, start, start + 99), start + 99);
	assert_int_equal(rrule_last(&never, start, INT64_MAX),
			 date("2028-01-31"));
	assert_int_equal(rrule_last(&never, start, start + 99), start + 99);
	assert_int_equal(rrule_last(&never, start, start - 1), start - 1);
	/* every twelfth month from April on has no 31st: given up on */
	start = date("2026-04-01");
	assert_int_equal(rrule_last(&never, start, INT64_MAX),
			 start + RRULE_DAYS_MAX);
	assert_false(rrule_on(&never, start, date("2030-01-31"), -1));
	/* COUNT may end beyond a century: it does not */
	never = parsed("FREQ=WEEKLY;COUNT=10000");
	assert_false(rrule_on(&never, start, start + 36526 / 7 * 7 + 7, -1));
	/* nor beyond the calendar's last year */
	start = date("9999-11-30");
	never = parsed("FREQ=MONTHLY;COUNT=3");
	assert_int_equal(rrule_last(&never, start, start + 99), start + 99);
	assert_true(rrule_on(&never, start, date("9999-12-30"), -1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_read),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(as_dateutil_has_it),
		cmocka_unit_test(numbered_and_bare_weekdays),
		cmocka_unit_test(the_start_only_bounds),
		cmocka_unit_test(shifted_workdays),
		cmocka_unit_test(positions),
		cmocka_unit_test(shifted_positions),
		cmocka_unit_test(ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
