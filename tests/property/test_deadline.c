/*
 * Working time against a model that walks minute by minute and knows but what
 * the clock on the wall shows: random hours, calendars and instants, in zones
 * that change their clocks in every way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "daemon/core/deadline.h"
#include "daemon/core/local.h"
#include "tests/support/fake.h"

#define MINUTE 60
#define ROUNDS 300
#define SPANS_MAX 21 /* a week */
#define DAYS 24
#define WINDOW (DAYS * 1440)

/* Each with a time about which its clocks change. */
static const struct {
	const char *zone, *date;
} places[] = {
	{"Asia/Shanghai", "2026-10-01"},
	{"America/New_York", "2026-03-08"},
	{"America/New_York", "2026-11-01"},
	{"Australia/Lord_Howe", "2026-04-05"},
	{"Australia/Lord_Howe", "2026-10-04"},
	{"Pacific/Apia", "2011-12-30"},
	{"Africa/Cairo", "2026-04-24"},
	{"Africa/Cairo", "2026-10-30"},
	{"America/St_Johns", "2006-04-02"},
	{"America/Havana", "2026-11-01"},
};

struct case_of {
	struct deadline_span spans[SPANS_MAX];
	struct core_calendar_day days[8];
	struct core_calendar calendar;
	struct deadline_hours hours;
	int64_t begin; /* of the window, a whole minute */
	bool works[WINDOW];
};

static uint64_t below(struct fake_rnd *rnd, uint64_t n)
{
	return fake_rnd_below(rnd, n);
}

/* Up to three disjoint spans a day, more often near the changes. */
static void draw_hours(struct fake_rnd *rnd, struct case_of *c)
{
	size_t n = 0;

	for (int weekday = 0; weekday < 7; weekday++) {
		int at = 0;

		for (uint64_t k = below(rnd, 4); k > 0 && at < 1440; k--) {
			int from =
				at + (int)below(rnd, below(rnd, 2) ? 90 : 500);
			int to = from + 1 + (int)below(rnd, 240);

			if (from >= 1440)
				break;
			to = to > 1440 ? 1440 : to;
			c->spans[n++] =
				(struct deadline_span){weekday, from, to};
			at = to;
		}
	}
	if (n == 0)
		c->spans[n++] = (struct deadline_span){6, 0, 1440};
	c->hours.spans = c->spans;
	c->hours.n = n;
}

static void draw_calendar(struct fake_rnd *rnd, struct case_of *c)
{
	int64_t day = local_day(c->hours.zone, c->begin);
	size_t n = below(rnd, 8);

	for (size_t i = 0; i < n; i++) {
		day += 1 + (int64_t)below(rnd, 4);
		c->days[i] =
			(struct core_calendar_day){day, (int)below(rnd, 8) - 1};
	}
	c->calendar = (struct core_calendar){c->days, n};
	c->hours.calendar = n > 0 ? &c->calendar : NULL;
}

static int weekday_of(const struct case_of *c, int64_t day)
{
	for (size_t i = 0; i < c->calendar.n; i++)
		if (c->days[i].day == day)
			return c->days[i].works_as;
	return civil_weekday(day);
}

static bool is_open(const struct case_of *c, int64_t day, int64_t shown)
{
	int weekday = weekday_of(c, day);
	int64_t minute = (shown - day * CIVIL_DAY) / MINUTE;

	for (size_t i = 0; i < c->hours.n; i++)
		if (c->spans[i].weekday == weekday &&
		    c->spans[i].from <= minute && minute < c->spans[i].to)
			return true;
	return false;
}

/* shown: the latest that the wall has shown on that day. */
static void walk(struct case_of *c)
{
	int64_t day = INT64_MIN, shown = 0;

	for (size_t i = 0; i < WINDOW; i++) {
		int64_t now = c->begin + (int64_t)i * MINUTE;
		int64_t wall = tz_to_wall(c->hours.zone, now);
		int64_t today = local_day(c->hours.zone, now);

		if (today != day || wall > shown)
			shown = wall;
		day = today;
		c->works[i] = is_open(c, day, shown);
	}
}

static int64_t count(const struct case_of *c, size_t from, size_t to)
{
	int64_t n = 0;

	for (size_t i = from; i < to; i++)
		n += c->works[i];
	return n;
}

/* The first minute's end by which n have passed; WINDOW: not in it. */
static size_t reach(const struct case_of *c, size_t from, int64_t n)
{
	for (size_t i = from; i < WINDOW; i++) {
		if (c->works[i] && --n == 0)
			return i + 1;
	}
	return WINDOW + 1;
}

static void check(struct fake_rnd *rnd, const struct case_of *c)
{
	size_t from = below(rnd, WINDOW / 2);
	size_t to = from + below(rnd, WINDOW - from);
	int64_t start = c->begin + (int64_t)from * MINUTE;
	int64_t minutes = 1 + (int64_t)below(rnd, 3000);
	size_t reached = reach(c, from, minutes);
	int64_t after = deadline_after(&c->hours, start, minutes * MINUTE);

	assert_int_equal(deadline_between(&c->hours, start,
					  c->begin + (int64_t)to * MINUTE),
			 count(c, from, to) * MINUTE);
	if (reached <= WINDOW)
		assert_int_equal(after, c->begin + (int64_t)reached * MINUTE);
	else
		assert_true(after > c->begin + (int64_t)WINDOW * MINUTE);
	if (after != DEADLINE_NEVER)
		assert_int_equal(deadline_between(&c->hours, start, after),
				 minutes * MINUTE);
}

/* However it is stopped and goes on, what was used and what is left are the
 * whole; and it is not over before. */
static void check_pauses(struct fake_rnd *rnd, const struct case_of *c)
{
	struct deadline_clock clock = {
		.limit = (1 + (int64_t)below(rnd, 2000)) * MINUTE};
	int64_t used = 0;
	size_t at = below(rnd, WINDOW / 4);

	for (int i = 0; i < 6; i++) {
		size_t stop = at + below(rnd, WINDOW / 10);

		deadline_resume(&clock, c->begin + (int64_t)at * MINUTE);
		int64_t left = clock.limit / MINUTE - used;
		size_t reached = left > 0 ? reach(c, at, left) : at;

		if (reached <= WINDOW)
			assert_int_equal(deadline_at(&c->hours, &clock, 100),
					 c->begin + (int64_t)reached * MINUTE);
		used += count(c, at, stop);
		deadline_pause(&c->hours, &clock,
			       c->begin + (int64_t)stop * MINUTE);
		assert_int_equal(clock.used, used * MINUTE);
		at = stop + below(rnd, WINDOW / 20);
	}
}

static void as_the_walk_has_it(void **state)
{
	static struct case_of c;
	struct tz_store *zones = tz_store_new(TZ_SYSTEM_DIR);
	struct fake_rnd rnd;

	(void)state;
	fake_rnd_init(&rnd, fake_seed());
	for (int i = 0; i < ROUNDS; i++) {
		size_t at = below(&rnd, sizeof(places) / sizeof(places[0]));
		int64_t day;

		memset(&c, 0, sizeof(c));
		assert_int_equal(
			tz_get(zones, places[at].zone, &c.hours.zone, NULL),
			RC_OK);
		assert_true(
			civil_read_date(places[at].date, CIVIL_DATE_LEN, &day));
		day -= (int64_t)below(&rnd, 10) + 1;
		c.begin = local_days(c.hours.zone, day, day).from;
		draw_hours(&rnd, &c);
		draw_calendar(&rnd, &c);
		walk(&c);
		for (int k = 0; k < 20; k++) {
			check(&rnd, &c);
			check_pauses(&rnd, &c);
		}
	}
	tz_store_free(zones);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_the_walk_has_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
