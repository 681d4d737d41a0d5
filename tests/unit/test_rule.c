#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/civil.h"
#include "daemon/core/local.h"
#include "daemon/core/rule.h"

struct bed {
	struct tz_store *zones;
	struct arena arena;
};

static int set_up(void **state)
{
	struct bed *bed = calloc(1, sizeof(*bed));

	bed->zones = tz_store_new(TZ_SYSTEM_DIR);
	arena_init(&bed->arena, 1u << 24);
	*state = bed;
	return 0;
}

static int tear_down(void **state)
{
	struct bed *bed = *state;

	arena_fini(&bed->arena);
	tz_store_free(bed->zones);
	free(bed);
	return 0;
}

static const struct tz *zone(struct bed *bed, const char *name)
{
	const struct tz *tz;

	assert_int_equal(tz_get(bed->zones, name, &tz, NULL), RC_OK);
	return tz;
}

static int64_t wall(const char *s)
{
	int64_t w;

	if (!civil_read_wall(s, strlen(s), &w))
		fail_msg("%s", s);
	return w;
}

static int64_t day(const char *s)
{
	int64_t d;

	if (!civil_read_date(s, strlen(s), &d))
		fail_msg("%s", s);
	return d;
}

static struct core_rule rule(struct bed *bed, const char *rrule,
			     const char *start, const char *end,
			     const char *zone_name)
{
	struct core_rule r = {
		.text = rrule,
		.start = wall(start),
		.end = wall(end),
		.zone = zone(bed, zone_name),
		.first_day = INT64_MIN,
		.last_day = CORE_NO_DAY,
	};

	assert_int_equal(rrule_parse(rrule, strlen(rrule), &r.rrule, NULL),
			 RC_OK);
	return r;
}

struct set {
	struct core_rule rules[4];
	size_t n;
	struct core_away away[2];
	size_t naway;
};

static struct core_span span(const char *from, const char *to)
{
	struct core_span s;

	assert_true(civil_read_rfc3339(from, strlen(from), &s.from));
	assert_true(civil_read_rfc3339(to, strlen(to), &s.to));
	return s;
}

/* The opens from `from` to `to`, as "from/to" in UTC, one after the other. */
static void expect(struct bed *bed, const struct set *set,
		   struct core_span window, const char *const *want)
{
	struct core_opens opens;
	size_t n = 0;

	while (want[n] != NULL)
		n++;
	assert_int_equal(rule_expand(set->rules, set->n, set->away, set->naway,
				     window, &bed->arena, &opens),
			 RC_OK);
	for (size_t i = 0; i < opens.n; i++) {
		char from[CIVIL_RFC3339_LEN + 1], to[CIVIL_RFC3339_LEN + 1];
		char shown[2 * CIVIL_RFC3339_LEN + 2];

		civil_show_rfc3339(opens.v[i].from, 0, from);
		civil_show_rfc3339(opens.v[i].to, 0, to);
		snprintf(shown, sizeof(shown), "%.16s/%.16s", from, to);
		if (i >= n || strcmp(want[i], shown) != 0)
			fail_msg("%s instead of %s", shown,
				 i < n ? want[i] : "an end");
	}
	if (opens.n < n)
		fail_msg("%s is missing", want[opens.n]);
}

#define OPENS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NO_OPENS ((const char *const[]){NULL})

static void new_york(void **state)
{
	struct set set = {.n = 1};

	/* into the gap (2:00 is 3:00 on 10 March) */
	set.rules[0] = rule(*state, "FREQ=DAILY", "2024-01-01T00:30",
			    "2024-01-01T04:00", "America/New_York");
	expect(*state, &set,
	       span("2024-03-09T00:00:00Z", "2024-03-12T00:00:00Z"),
	       OPENS("2024-03-09T05:30/2024-03-09T09:00",
		     "2024-03-10T05:30/2024-03-10T08:00",
		     "2024-03-11T04:30/2024-03-11T08:00"));
	/* from within the gap: shifted by it */
	set.rules[0] = rule(*state, "FREQ=DAILY", "2024-01-01T02:30",
			    "2024-01-01T04:00", "America/New_York");
	expect(*state, &set,
	       span("2024-03-10T00:00:00Z", "2024-03-11T00:00:00Z"),
	       OPENS("2024-03-10T07:30/2024-03-10T08:00"));
	/* swallowed: 3:30 would be its start, 3:15 its end */
	set.rules[0] = rule(*state, "FREQ=DAILY", "2024-01-01T02:30",
			    "2024-01-01T03:15", "America/New_York");
	expect(*state, &set,
	       span("2024-03-10T00:00:00Z", "2024-03-11T00:00:00Z"), NO_OPENS);
	/* 1:00 to 2:00 happens twice on 3 November: its first pass */
	set.rules[0] = rule(*state, "FREQ=DAILY", "2024-01-01T00:30",
			    "2024-01-01T01:30", "America/New_York");
	expect(*state, &set,
	       span("2024-11-03T00:00:00Z", "2024-11-04T00:00:00Z"),
	       OPENS("2024-11-03T04:30/2024-11-03T05:30"));
	/* across it: an hour longer */
	set.rules[0] = rule(*state, "FREQ=DAILY", "2024-01-01T00:30",
			    "2024-01-01T04:00", "America/New_York");
	expect(*state, &set,
	       span("2024-11-03T00:00:00Z", "2024-11-04T00:00:00Z"),
	       OPENS("2024-11-03T04:30/2024-11-03T09:00"));
}

static void half_hours_and_odd_offsets(void **state)
{
	struct set set = {.n = 1};

	/* Lord Howe: half an hour, back on 7 April, forth on 6 October 2024 */
	set.rules[0] = rule(*state, "FREQ=DAILY", "2024-01-01T01:00",
			    "2024-01-01T03:00", "Australia/Lord_Howe");
	expect(*state, &set,
	       span("2024-04-05T12:00:00Z", "2024-04-07T20:00:00Z"),
	       OPENS("2024-04-05T14:00/2024-04-05T16:00",
		     "2024-04-06T14:00/2024-04-06T16:30",
		     "2024-04-07T14:30/2024-04-07T16:30"));
	expect(*state, &set,
	       span("2024-10-05T12:00:00Z", "2024-10-06T20:00:00Z"),
	       OPENS("2024-10-05T14:30/2024-10-05T16:00",
		     "2024-10-06T14:00/2024-10-06T16:00"));
	/* St. John's: UTC-3:30 and -2:30 */
	set.rules[0] = rule(*state, "FREQ=WEEKLY;BYDAY=SU", "2024-01-01T00:00",
			    "2024-01-02T00:00", "America/St_Johns");
	expect(*state, &set,
	       span("2024-03-08T00:00:00Z", "2024-03-12T00:00:00Z"),
	       OPENS("2024-03-10T03:30/2024-03-11T02:30"));
	expect(*state, &set,
	       span("2024-11-01T00:00:00Z", "2024-11-06T00:00:00Z"),
	       OPENS("2024-11-03T02:30/2024-11-04T03:30"));
}

static void nights_and_whole_days(void **state)
{
	struct set set = {.n = 1};

	set.rules[0] = rule(*state, "FREQ=WEEKLY;BYDAY=FR", "2024-01-01T18:00",
			    "2024-01-02T08:00", "Asia/Shanghai");
	/* a window that begins in the night finds it */
	expect(*state, &set,
	       span("2024-01-05T20:00:00Z", "2024-01-06T20:00:00Z"),
	       OPENS("2024-01-05T10:00/2024-01-06T00:00"));
	/* its ends are no part of it */
	expect(*state, &set,
	       span("2024-01-06T00:00:00Z", "2024-01-12T10:00:00Z"), NO_OPENS);
	set.rules[0] = rule(*state, "FREQ=DAILY", "2024-01-01T00:00",
			    "2024-01-02T00:00", "America/New_York");
	expect(*state, &set,
	       span("2024-03-10T00:00:00Z", "2024-03-11T05:00:00Z"),
	       OPENS("2024-03-09T05:00/2024-03-10T05:00",
		     "2024-03-10T05:00/2024-03-11T04:00",
		     "2024-03-11T04:00/2024-03-12T04:00"));
	/* a week long, the longest; a second more is never open */
	set.rules[0] = rule(*state, "FREQ=MONTHLY;BYMONTHDAY=1",
			    "2024-01-01T12:00", "2024-01-08T12:00", "UTC");
	expect(*state, &set,
	       span("2024-02-08T11:59:59Z", "2024-02-09T00:00:00Z"),
	       OPENS("2024-02-01T12:00/2024-02-08T12:00"));
	set.rules[0].end++;
	expect(*state, &set,
	       span("2024-02-01T00:00:00Z", "2024-02-09T00:00:00Z"), NO_OPENS);
	set.rules[0].end = set.rules[0].start;
	expect(*state, &set,
	       span("2024-02-01T00:00:00Z", "2024-02-09T00:00:00Z"), NO_OPENS);
}

static void a_day_that_never_was(void **state)
{
	struct set set = {.n = 1};

	/* Samoa had no 30 December 2011: that instance is shifted by the gap,
	 * onto the next day's */
	set.rules[0] = rule(*state, "FREQ=DAILY", "2011-12-28T08:00",
			    "2011-12-28T09:00", "Pacific/Apia");
	expect(*state, &set,
	       span("2011-12-29T00:00:00Z", "2012-01-01T00:00:00Z"),
	       OPENS("2011-12-29T18:00/2011-12-29T19:00",
		     "2011-12-30T18:00/2011-12-30T19:00",
		     "2011-12-30T18:00/2011-12-30T19:00",
		     "2011-12-31T18:00/2011-12-31T19:00"));
	/* and is there, as well, for a window that begins within it */
	expect(*state, &set,
	       span("2011-12-30T18:30:00Z", "2011-12-30T20:00:00Z"),
	       OPENS("2011-12-30T18:00/2011-12-30T19:00",
		     "2011-12-30T18:00/2011-12-30T19:00"));
}

/* St. John's went back at 0:01, to 23:01 of the day before: a window that ends
 * on the 28th for the second time has the 29th's instance, begun at 0:00. */
static void a_day_that_began_twice(void **state)
{
	struct set set = {.n = 1};

	set.rules[0] = rule(*state, "FREQ=DAILY", "2006-10-01T00:00",
			    "2006-10-01T06:00", "America/St_Johns");
	expect(*state, &set,
	       span("2006-10-28T12:00:00Z", "2006-10-29T02:40:00Z"),
	       OPENS("2006-10-29T02:30/2006-10-29T09:30"));
}

static void bounds_of_a_rule(void **state)
{
	struct set set = {.n = 1};
	struct core_span week =
		span("2024-01-01T00:00:00Z", "2024-01-08T00:00:00Z");

	set.rules[0] = rule(*state, "FREQ=DAILY;UNTIL=20240104",
			    "2024-01-03T09:00", "2024-01-03T10:00", "UTC");
	expect(*state, &set, week,
	       OPENS("2024-01-03T09:00/2024-01-03T10:00",
		     "2024-01-04T09:00/2024-01-04T10:00"));
	set.rules[0] = rule(*state, "FREQ=DAILY;COUNT=3", "2023-12-31T09:00",
			    "2023-12-31T10:00", "UTC");
	expect(*state, &set, week,
	       OPENS("2024-01-01T09:00/2024-01-01T10:00",
		     "2024-01-02T09:00/2024-01-02T10:00"));
	set.rules[0] = rule(*state, "FREQ=DAILY", "2023-12-01T09:00",
			    "2023-12-01T10:00", "UTC");
	set.rules[0].first_day = day("2024-01-02");
	set.rules[0].last_day = day("2024-01-03");
	expect(*state, &set, week,
	       OPENS("2024-01-02T09:00/2024-01-02T10:00",
		     "2024-01-03T09:00/2024-01-03T10:00"));
}

/* Exceptions and days of their own, of a rule with three Mondays. */
static void exdates_and_rdates(void **state)
{
	const int64_t off[] = {day("2023-12-24"), day("2024-01-08"),
			       day("2024-01-24")};
	const int64_t more[] = {day("2023-12-20"), day("2024-01-03"),
				day("2024-01-15"), day("2024-01-24"),
				day("2024-02-01"), day("2024-02-29")};
	const struct core_calendar_day days[] = {{day("2024-01-03"), -1},
						 {day("2024-02-01"), 6}};
	const struct core_calendar calendar = {days, 2};
	struct core_span all =
		span("2023-12-01T00:00:00Z", "2024-02-10T00:00:00Z");
	struct set set = {.n = 1};

	set.rules[0] = rule(*state, "FREQ=WEEKLY;BYDAY=MO;COUNT=3",
			    "2024-01-01T09:00", "2024-01-01T10:00", "UTC");
	/* COUNT counts the day that is taken out, too */
	set.rules[0].exdates = off;
	set.rules[0].nexdates = 3;
	expect(*state, &set, all,
	       OPENS("2024-01-01T09:00/2024-01-01T10:00",
		     "2024-01-15T09:00/2024-01-15T10:00"));
	/* before the start and after the end; a Monday that the rule names is
	 * there once; what is taken out stays out */
	set.rules[0].rdates = more;
	set.rules[0].nrdates = 6;
	expect(*state, &set, all,
	       OPENS("2023-12-20T09:00/2023-12-20T10:00",
		     "2024-01-01T09:00/2024-01-01T10:00",
		     "2024-01-03T09:00/2024-01-03T10:00",
		     "2024-01-15T09:00/2024-01-15T10:00",
		     "2024-02-01T09:00/2024-02-01T10:00"));
	/* a window in which the rule itself has ended */
	expect(*state, &set,
	       span("2024-01-31T00:00:00Z", "2024-03-31T00:00:00Z"),
	       OPENS("2024-02-01T09:00/2024-02-01T10:00",
		     "2024-02-29T09:00/2024-02-29T10:00"));
	/* a holiday closes it as any other day; a workday does not ask whose */
	set.rules[0].calendar = &calendar;
	expect(*state, &set,
	       span("2024-01-02T00:00:00Z", "2024-02-10T00:00:00Z"),
	       OPENS("2024-01-15T09:00/2024-01-15T10:00",
		     "2024-02-01T09:00/2024-02-01T10:00"));
	set.rules[0].on_holidays = true;
	expect(*state, &set,
	       span("2024-01-02T00:00:00Z", "2024-01-10T00:00:00Z"),
	       OPENS("2024-01-03T09:00/2024-01-03T10:00"));
	/* the dates of a secondment bound them */
	set.rules[0].first_day = day("2024-01-01");
	set.rules[0].last_day = day("2024-01-31");
	expect(*state, &set, all,
	       OPENS("2024-01-01T09:00/2024-01-01T10:00",
		     "2024-01-03T09:00/2024-01-03T10:00",
		     "2024-01-15T09:00/2024-01-15T10:00"));
}

static void holidays_and_shifted_workdays(void **state)
{
	const struct core_calendar_day days[] = {
		{day("2022-10-05"), -1}, /* a Wednesday off */
		{day("2022-10-08"), 3},	 /* Saturday works as a Thursday */
		{day("2022-10-09"), 4},	 /* Sunday as a Friday */
	};
	const struct core_calendar calendar = {days, 3};
	struct core_span week =
		span("2022-10-03T00:00:00Z", "2022-10-10T00:00:00Z");
	struct set set = {.n = 1};

	set.rules[0] = rule(*state, "FREQ=WEEKLY;BYDAY=WE,TH,SA",
			    "2022-01-03T09:00", "2022-01-03T10:00", "UTC");
	set.rules[0].calendar = &calendar;
	/* the Saturday is there as a Thursday */
	expect(*state, &set, week,
	       OPENS("2022-10-06T09:00/2022-10-06T10:00",
		     "2022-10-08T09:00/2022-10-08T10:00"));
	set.rules[0].on_holidays = true;
	expect(*state, &set, week,
	       OPENS("2022-10-05T09:00/2022-10-05T10:00",
		     "2022-10-06T09:00/2022-10-06T10:00",
		     "2022-10-08T09:00/2022-10-08T10:00"));
	/* a Saturday's clinic is not held on one that works as a Thursday */
	set.rules[0] = rule(*state, "FREQ=WEEKLY;BYDAY=FR,SA",
			    "2022-01-03T09:00", "2022-01-03T10:00", "UTC");
	set.rules[0].calendar = &calendar;
	expect(*state, &set, week,
	       OPENS("2022-10-07T09:00/2022-10-07T10:00",
		     "2022-10-09T09:00/2022-10-09T10:00"));
	/* a night belongs to the day on which it begins */
	set.rules[0] = rule(*state, "FREQ=DAILY", "2022-01-03T18:00",
			    "2022-01-04T08:00", "UTC");
	set.rules[0].calendar = &calendar;
	expect(*state, &set,
	       span("2022-10-04T12:00:00Z", "2022-10-06T12:00:00Z"),
	       OPENS("2022-10-04T18:00/2022-10-05T08:00"));
	/* without a calendar nothing closes it */
	set.rules[0].calendar = NULL;
	expect(*state, &set,
	       span("2022-10-04T12:00:00Z", "2022-10-06T12:00:00Z"),
	       OPENS("2022-10-04T18:00/2022-10-05T08:00",
		     "2022-10-05T18:00/2022-10-06T08:00"));
}

static struct set seconded(struct bed *bed)
{
	struct set set = {.n = 2, .naway = 1};

	/* home by day and by night; the roster in the afternoons */
	set.rules[0] = rule(bed, "FREQ=DAILY", "2024-01-01T22:00",
			    "2024-01-02T06:00", "Asia/Shanghai");
	set.rules[1] = rule(bed, "FREQ=DAILY", "2024-01-01T14:00",
			    "2024-01-01T15:00", "Asia/Tokyo");
	set.rules[1].seconded = true;
	set.rules[1].first_day = day("2024-03-05");
	set.rules[1].last_day = day("2024-03-06");
	set.away[0] = (struct core_away){
		.zone = zone(bed, "Asia/Tokyo"),
		.first_day = day("2024-03-05"),
		.last_day = day("2024-03-06"),
	};
	return set;
}

static void away_and_back(void **state)
{
	struct set set = seconded(*state);
	struct core_opens opens = {
		calloc(rule_room(2, (struct core_span){0, 86400 * 9}),
		       sizeof(struct core_open)),
		0};
	struct rule_set rules = {set.rules, 2, set.away, 1};
	struct core_span window =
		span("2024-03-03T12:00:00Z", "2024-03-08T12:00:00Z");

	/* Tokyo's 5 March begins at 15:00 UTC on the 4th, an hour into the
	 * night at home, which ends there; the night of the 6th would begin an
	 * hour before the expert is back, and is none */
	expect(*state, &set, window,
	       OPENS("2024-03-03T14:00/2024-03-03T22:00",
		     "2024-03-04T14:00/2024-03-04T15:00",
		     "2024-03-05T05:00/2024-03-05T06:00",
		     "2024-03-06T05:00/2024-03-06T06:00",
		     "2024-03-07T14:00/2024-03-07T22:00"));
	/* out of account: the home rules are there all the time */
	rule_lay(&rules, window, RULE_NO_AWAY, &opens);
	assert_int_equal(opens.n, 7);
	/* two secondments, one after the other */
	set.naway = 2;
	set.away[1] = set.away[0];
	set.away[1].first_day = set.away[1].last_day = day("2024-03-07");
	expect(*state, &set, window,
	       OPENS("2024-03-03T14:00/2024-03-03T22:00",
		     "2024-03-04T14:00/2024-03-04T15:00",
		     "2024-03-05T05:00/2024-03-05T06:00",
		     "2024-03-06T05:00/2024-03-06T06:00"));
	free(opens.v);
}

static void in_order_and_bounded(void **state)
{
	struct bed *bed = *state;
	struct set set = {.n = 3};
	struct core_opens opens;
	struct arena small;
	struct core_span year =
		span("2024-01-01T00:00:00Z", "2034-01-01T00:00:00Z");

	set.rules[0] = rule(*state, "FREQ=DAILY", "2024-01-01T10:00",
			    "2024-01-01T11:00", "UTC");
	set.rules[1] = rule(*state, "FREQ=DAILY", "2024-01-01T09:00",
			    "2024-01-01T11:00", "UTC");
	set.rules[2] = rule(*state, "FREQ=DAILY", "2024-01-01T09:00",
			    "2024-01-01T10:00", "UTC");
	expect(*state, &set,
	       span("2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"),
	       OPENS("2024-01-01T09:00/2024-01-01T10:00",
		     "2024-01-01T09:00/2024-01-01T11:00",
		     "2024-01-01T10:00/2024-01-01T11:00"));
	expect(*state, &set,
	       span("2024-01-02T00:00:00Z", "2024-01-02T00:00:00Z"), NO_OPENS);
	expect(*state, &set,
	       span("2024-01-02T12:00:00Z", "2024-01-02T08:00:00Z"), NO_OPENS);
	/* ten years are cut to CORE_WINDOW_MAX */
	assert_int_equal(
		rule_expand(set.rules, 1, NULL, 0, year, &bed->arena, &opens),
		RC_OK);
	assert_int_equal(opens.n, CORE_WINDOW_MAX / 86400);
	arena_init(&small, 2000);
	assert_int_equal(
		rule_expand(set.rules, 3, NULL, 0, year, &small, &opens),
		RC_NOMEM);
	arena_fini(&small);
}

static struct core_open open_at(int64_t from, int64_t to,
				const struct core_rule *r)
{
	return (struct core_open){from, to, r};
}

static void unions(void **state)
{
	const struct core_rule here = {.place = 1};
	const struct core_rule there = {.place = 2};
	struct core_open v[] = {
		open_at(0, 100, &here),	   open_at(50, 150, &there),
		open_at(100, 200, &here),  open_at(120, 160, &here),
		open_at(210, 300, &there), open_at(210, 300, &here),
	};
	struct core_opens opens = {v, 6};
	size_t at = 0;

	(void)state;
	assert_true(rule_covers(&opens, 1, (struct core_span){0, 200}));
	assert_true(rule_covers(&opens, 1, (struct core_span){99, 101}));
	assert_false(rule_covers(&opens, 1, (struct core_span){0, 201}));
	assert_false(rule_covers(&opens, 1, (struct core_span){-1, 10}));
	assert_false(rule_covers(&opens, 1, (struct core_span){199, 211}));
	assert_true(rule_covers(&opens, 2, (struct core_span){50, 150}));
	assert_false(rule_covers(&opens, 2, (struct core_span){50, 151}));
	assert_false(rule_covers(&opens, 3, (struct core_span){60, 61}));
	/* each place once */
	assert_ptr_equal(
		rule_next_place(&opens, (struct core_span){0, 400}, &at),
		&v[0]);
	assert_ptr_equal(
		rule_next_place(&opens, (struct core_span){0, 400}, &at),
		&v[1]);
	assert_null(rule_next_place(&opens, (struct core_span){0, 400}, &at));
	/* what does not touch the span is as if it were not there */
	at = 0;
	assert_ptr_equal(
		rule_next_place(&opens, (struct core_span){200, 400}, &at),
		&v[4]);
	assert_ptr_equal(
		rule_next_place(&opens, (struct core_span){200, 400}, &at),
		&v[5]);
	at = 0;
	assert_ptr_equal(
		rule_next_cover(&opens, (struct core_span){100, 150}, &at),
		&v[1]);
	assert_ptr_equal(
		rule_next_cover(&opens, (struct core_span){100, 150}, &at),
		&v[2]);
	assert_null(rule_next_cover(&opens, (struct core_span){100, 150}, &at));
}

static void kinds(void **state)
{
	const struct core_rule any = {.kinds = 0};
	const struct core_rule clinic = {.kinds = KINDSET(KIND_CLINIC_SLOT)};
	const struct {
		enum kind kind;
		kindset kinds; /* the expert's */
		size_t left;
	} rows[] = {
		{KIND_CLINIC_SLOT, KINDSET(KIND_CLINIC_SLOT), 1},
		{KIND_CASE_DISCUSSION, KINDSET(KIND_CASE_DISCUSSION), 1},
		{KIND_CASE_DISCUSSION, KINDSET(KIND_CLINIC_SLOT), 0},
		/* only where a rule names it */
		{KIND_REFERRAL, KINDSET(KIND_REFERRAL), 0},
		/* a resource */
		{KIND_CLINIC_SLOT, 0, 2},
		{KIND_CASE_DISCUSSION, 0, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct core_open v[] = {open_at(0, 1, &any),
					open_at(0, 1, &clinic)};
		struct core_opens opens = {v, 2};

		rule_keep_kind(&opens, rows[i].kind, rows[i].kinds);
		assert_int_equal(opens.n, rows[i].left);
	}
}

/* --- the dearest rules --- */

#define ALL_WEEK "MO,TU,WE,TH,FR,SA,SU"
#define EVERY_DAY                                                              \
	"1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,"   \
	"26,27,28,29,30,31"

/* Seconds of this thread's CPU. */
static double cpu(void)
{
	struct timespec t;

	assert_int_equal(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t), 0);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* What a century of plain questions costs: the measure of one machine, one
 * set of flags. */
static double cost_of_a_century(struct bed *bed)
{
	struct core_rule r =
		rule(bed, "FREQ=MONTHLY;BYMONTHDAY=1", "1924-01-01T00:00",
		     "1924-01-01T01:00", "UTC");
	int64_t start = civil_day_of(r.start);
	double begun = cpu();
	int n = 0;

	for (int64_t d = start; d < start + RRULE_DAYS_MAX; d++)
		n += rrule_on(&r.rrule, start, d, -1);
	assert_int_equal(n, 1200);
	return cpu() - begun;
}

static double cost_of_a_lay(const struct core_rule *r)
{
	struct arena arena;
	struct core_opens opens;
	double begun = cpu(), cost;

	arena_init(&arena, 1u << 20);
	assert_int_equal(rule_expand(r, 1, NULL, 0,
				     span("2023-11-01T00:00:00Z",
					  "2024-12-05T00:00:00Z"),
				     &arena, &opens),
			 RC_OK);
	cost = cpu() - begun;
	arena_fini(&arena);
	return cost;
}

/* 400 days of a rule that began a century ago cost no more than a few looks
 * at each of its days. */
static void hostile_rules_are_bounded(void **state)
{
	static const char *const texts[] = {
		"FREQ=MONTHLY;INTERVAL=1000;COUNT=10000;BYMONTHDAY=31;"
		"BYSETPOS=-1",
		"FREQ=MONTHLY;COUNT=10000;BYSETPOS=366;BYDAY=" ALL_WEEK
		"," ALL_WEEK,
		"FREQ=MONTHLY;BYDAY=-5MO,-5MO,-5MO,-5MO,-5MO,-5MO,-"
		"5MO," ALL_WEEK ";BYMONTHDAY=" EVERY_DAY ";BYSETPOS=" EVERY_DAY,
		"FREQ=MONTHLY;COUNT=10000;BYMONTHDAY=31;BYSETPOS=2;"
		"BYDAY=5MO,5MO,5MO,5MO,5MO,5MO,5MO,5MO,5MO,5MO,5MO,5MO,5MO,5MO",
		"FREQ=DAILY;COUNT=10000;BYDAY=MO;BYMONTHDAY=" EVERY_DAY,
		"FREQ=WEEKLY;COUNT=10000;BYSETPOS=7,-7;BYDAY=" ALL_WEEK
		"," ALL_WEEK,
		"FREQ=DAILY;COUNT=10000;BYMONTHDAY=31;BYSETPOS=366;"
		"BYDAY=MO,MO,MO,MO,MO,MO,MO,MO,MO,MO,MO,MO,MO,MO",
	};
	struct bed *bed = *state;
	double century = 1e9, worst = 0;

	for (int round = 0; round < 5; round++) {
		double cost = cost_of_a_century(bed);

		century = cost < century ? cost : century;
	}
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct core_rule r = rule(bed, texts[i], "1924-01-01T00:00",
					  "1924-01-08T00:00", "UTC");
		double best = 1e9;

		for (int round = 0; round < 5; round++) {
			double cost = cost_of_a_lay(&r);

			best = cost < best ? cost : best;
		}
		if (best > 5 * century)
			fail_msg("%s: %.3f ms, a century of days %.3f ms",
				 texts[i], best * 1e3, century * 1e3);
		worst = best > worst ? best : worst;
	}
	print_message("400 days of the dearest rule: %.3f ms; "
		      "a century of plain days: %.3f ms\n",
		      worst * 1e3, century * 1e3);
}

/* --- against dateutil and zoneinfo --- */

#define VECTORS "tests/data/rule-vectors.txt"
#define DATES_MAX 16

/* "2026-12-01,2026-12-03", or "-" for none */
static size_t read_dates(char *list, int64_t *out)
{
	char *save;
	size_t n = 0;

	for (char *word = strtok_r(list, ",", &save);
	     word != NULL && strcmp(word, "-") != 0;
	     word = strtok_r(NULL, ",", &save)) {
		assert_true(n < DATES_MAX);
		out[n++] = day(word);
	}
	return n;
}

/* ZONE START END RULE EXDATES RDATES FROM TO: FROM+LENGTH ... */
static void check_line(struct bed *bed, const char *line)
{
	char name[64], start[20], end[20], text[300], exdates[200], rdates[200];
	int64_t off[DATES_MAX], more[DATES_MAX];
	long long from, to;
	struct core_opens opens;
	struct core_rule r;
	int at;

	if (sscanf(line, "%63s %19s %19s %299s %199s %199s %lld %lld:%n", name,
		   start, end, text, exdates, rdates, &from, &to, &at) != 8)
		fail_msg("%s", line);
	r = rule(bed, text, start, end, name);
	r.exdates = off;
	r.nexdates = read_dates(exdates, off);
	r.rdates = more;
	r.nrdates = read_dates(rdates, more);
	assert_int_equal(rule_expand(&r, 1, NULL, 0,
				     (struct core_span){from, to}, &bed->arena,
				     &opens),
			 RC_OK);
	for (size_t i = 0; i < opens.n; i++) {
		char shown[50];
		int n = snprintf(shown, sizeof(shown), " %lld+%lld",
				 (long long)(opens.v[i].from - from),
				 (long long)(opens.v[i].to - opens.v[i].from));

		if (strncmp(line + at, shown, (size_t)n) != 0)
			fail_msg("%.*s%s instead of%s", at, line, shown,
				 line + at);
		at += n;
	}
	if (line[at] != '\n')
		fail_msg("missing%s of %s", line + at, line);
}

static void as_dateutil_and_zoneinfo_have_it(void **state)
{
	FILE *file = fopen(VECTORS, "r");
	char line[1024];
	int n = 0;

	if (file == NULL)
		fail_msg("run me where " VECTORS " is");
	while (fgets(line, sizeof(line), file) != NULL) {
		struct bed bed = *(struct bed *)*state;

		if (line[0] == '#')
			continue;
		arena_init(&bed.arena, 1u << 20);
		check_line(&bed, line);
		arena_fini(&bed.arena);
		n++;
	}
	fclose(file);
	assert_int_equal(n, 3000);
}

/* --- days and months --- */

static void local_days_and_months(void **state)
{
	struct bed *bed = *state;
	const struct tz *ny = zone(bed, "America/New_York");
	const struct tz *apia = zone(bed, "Pacific/Apia");
	struct core_span s =
		local_days(ny, day("2024-03-10"), day("2024-03-10"));

	assert_int_equal(s.to - s.from, 23 * 3600);
	s = local_days(ny, day("2024-11-03"), day("2024-11-04"));
	assert_int_equal(s.to - s.from, 49 * 3600);
	assert_int_equal(local_day(ny, s.from), day("2024-11-03"));
	assert_int_equal(local_day(ny, s.from - 1), day("2024-11-02"));
	assert_int_equal(local_day(ny, s.to - 1), day("2024-11-04"));
	assert_int_equal(local_day(ny, s.to), day("2024-11-05"));
	s = local_days(apia, day("2011-12-30"), day("2011-12-30"));
	assert_int_equal(s.to, s.from);
	assert_int_equal(local_day(apia, s.from), day("2011-12-31"));
	assert_int_equal(local_day(apia, s.from - 1), day("2011-12-29"));
	s = local_days(ny, INT64_MIN, CORE_NO_DAY);
	assert_true(s.from == INT64_MIN && s.to == INT64_MAX);
	s = local_days(ny, day("9999-12-31") + 1, day("9999-12-31") + 2);
	assert_true(s.from == INT64_MAX && s.to == INT64_MAX);
	s = local_month(
		ny, span("2024-03-01T05:00:00Z", "2024-03-01T05:00:00Z").from);
	assert_memory_equal(
		&s,
		&((struct core_span[]){span("2024-03-01T05:00:00Z",
					    "2024-04-01T04:00:00Z")})[0],
		sizeof(s));
	s = local_month(ny, s.from - 1);
	assert_memory_equal(
		&s,
		&((struct core_span[]){span("2024-02-01T05:00:00Z",
					    "2024-03-01T05:00:00Z")})[0],
		sizeof(s));
}

/* A clock set back over midnight shows 23:01 to 24:00 of the day before once
 * more: St. John's until 2011. Days stay whole and follow one another. */
static void days_never_run_backwards(void **state)
{
	static const char *const names[] = {
		"America/St_Johns", "America/Havana", "Africa/Cairo",
		"Asia/Amman",	    "Pacific/Apia",   "America/Sao_Paulo",
	};
	struct bed *bed = *state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct tz *tz = zone(bed, names[i]);
		int64_t t = day("1985-01-01") * CIVIL_DAY;
		int64_t before = local_day(tz, t);

		for (; t < day("2026-01-01") * CIVIL_DAY; t += 1800) {
			int64_t d = local_day(tz, t);
			struct core_span s = local_days(tz, d, d);

			if (d < before || t < s.from || t >= s.to)
				fail_msg("%s at %lld", names[i], (long long)t);
			before = d;
		}
	}
}

/* --- the machine's own zone is nobody's business --- */

static uint64_t fingerprint(struct bed *bed)
{
	static const char *const names[] = {"Asia/Shanghai", "America/New_York",
					    "Australia/Lord_Howe",
					    "America/St_Johns", "UTC"};
	uint64_t print = 0;

	for (size_t i = 0; i < 5; i++) {
		struct core_rule r =
			rule(bed, "FREQ=WEEKLY;BYDAY=SU,WE", "2024-01-01T01:15",
			     "2024-01-02T02:45", names[i]);
		struct core_opens opens;

		assert_int_equal(rule_expand(&r, 1, NULL, 0,
					     span("2024-01-01T00:00:00Z",
						  "2025-01-01T00:00:00Z"),
					     &bed->arena, &opens),
				 RC_OK);
		for (size_t k = 0; k < opens.n; k++)
			print = print * 1000003 +
				(uint64_t)opens.v[k].from * 7 +
				(uint64_t)opens.v[k].to;
	}
	return print;
}

static void whatever_the_machines_zone(void **state)
{
	static const char *const names[] = {"UTC", "Asia/Shanghai",
					    "America/New_York",
					    "Australia/Lord_Howe"};
	uint64_t first = 0;

	for (size_t i = 0; i < 4; i++) {
		uint64_t print;

		assert_int_equal(setenv("TZ", names[i], 1), 0);
		tzset();
		print = fingerprint(*state);
		assert_true(print != 0);
		if (i > 0)
			assert_true(print == first);
		first = print;
	}
	unsetenv("TZ");
	tzset();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_york),
		cmocka_unit_test(half_hours_and_odd_offsets),
		cmocka_unit_test(nights_and_whole_days),
		cmocka_unit_test(a_day_that_never_was),
		cmocka_unit_test(a_day_that_began_twice),
		cmocka_unit_test(bounds_of_a_rule),
		cmocka_unit_test(exdates_and_rdates),
		cmocka_unit_test(holidays_and_shifted_workdays),
		cmocka_unit_test(away_and_back),
		cmocka_unit_test(in_order_and_bounded),
		cmocka_unit_test(unions),
		cmocka_unit_test(kinds),
		cmocka_unit_test(hostile_rules_are_bounded),
		cmocka_unit_test(as_dateutil_and_zoneinfo_have_it),
		cmocka_unit_test(local_days_and_months),
		cmocka_unit_test(days_never_run_backwards),
		cmocka_unit_test(whatever_the_machines_zone),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
