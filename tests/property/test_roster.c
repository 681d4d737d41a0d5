/*
 * Rosters: whatever the turns or duties, the swaps and the leave, at each
 * moment exactly one is on duty or there is a gap, and it is who a plain
 * reading of the rules says. The oracle looks at single moments and walks from
 * turn to turn; it shares nothing with the roster but the time zones.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/core/roster.h"
#include "tests/support/fake.h"

#define ROSTERS 600
#define MOMENTS 60
#define PEOPLE 5
#define SWAPS 6
#define HOUR 3600
#define DAY 86400
#define BEGIN INT64_C(1767225600) /* 2026-01-01 */

struct plan {
	uint64_t seed;
	struct fake_rnd rnd;
	struct roster roster;
	struct roster_person people[PEOPLE + 1];
	struct core_span absent[PEOPLE + 1][2];
	struct roster_swap swaps[SWAPS];
	struct core_span window;
};

static struct tz_store *zones;

static int64_t below(struct plan *p, int64_t bound)
{
	return (int64_t)fake_rnd_below(&p->rnd, (uint64_t)bound);
}

static struct core_span some_span(struct plan *p)
{
	int64_t from = BEGIN + below(p, 300) * DAY + below(p, 24) * HOUR;

	return (struct core_span){from, from + (1 + below(p, 90)) * HOUR};
}

static void draw_duty(struct plan *p, struct core_rule *r)
{
	static const char *const rules[] = {
		"FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,WE,SU",
		"FREQ=DAILY;INTERVAL=2", "FREQ=MONTHLY;BYMONTHDAY=1,15"};
	const char *text = rules[below(p, 4)];

	*r = (struct core_rule){.text = text,
				.zone = p->roster.zone,
				.on_holidays = true,
				.first_day = INT64_MIN,
				.last_day = INT64_MAX};
	r->start = BEGIN + below(p, 60) * DAY + below(p, 24) * HOUR;
	r->end = r->start + (1 + below(p, 30)) * HOUR;
	assert_int_equal(RC_OK,
			 rrule_parse(text, strlen(text), &r->rrule, NULL));
}

static void draw_person(struct plan *p, size_t i)
{
	struct roster_person *who = &p->people[i];

	*who = (struct roster_person){.expert = (int64_t)i + 1,
				      .reach = "telephone",
				      .absent = p->absent[i],
				      .nabsent = (size_t)below(p, 3)};
	for (size_t k = 0; k < who->nabsent; k++)
		p->absent[i][k] = some_span(p);
	draw_duty(p, &who->duty);
}

static void draw(struct plan *p, uint64_t seed)
{
	static const char *const names[] = {"Asia/Shanghai", "America/Toronto",
					    "Australia/Lord_Howe"};
	struct roster *r = &p->roster;

	*p = (struct plan){.seed = seed};
	fake_rnd_init(&p->rnd, seed);
	*r = (struct roster){.id = 1,
			     .level = 1,
			     .days = (int)(below(p, 2) * (1 + below(p, 9))),
			     .start = BEGIN + below(p, 60) * DAY +
				      below(p, 24) * HOUR,
			     .until = INT64_MAX,
			     .people = p->people,
			     .npeople = PEOPLE + 1,
			     .nown = 1 + (size_t)below(p, PEOPLE),
			     .swaps = p->swaps,
			     .nswaps = (size_t)below(p, SWAPS + 1)};
	assert_int_equal(RC_OK,
			 tz_get(zones, names[below(p, 3)], &r->zone, NULL));
	if (below(p, 3) == 0)
		r->until = r->start + below(p, 200) * DAY;
	for (size_t i = 0; i <= PEOPLE; i++)
		draw_person(p, i);
	for (size_t i = 0; i < r->nswaps; i++) {
		p->swaps[i].from = (size_t)below(p, PEOPLE + 1);
		p->swaps[i].to = (size_t)below(p, PEOPLE + 1);
		p->swaps[i].span = some_span(p);
	}
	p->window.from = BEGIN + below(p, 250) * DAY + below(p, DAY);
	p->window.to = p->window.from + 1 + below(p, 60 * DAY);
}

/* --- the oracle --- */

static bool within(struct core_span s, int64_t at)
{
	return s.from <= at && at < s.to;
}

/* Every day of the year is looked at, and its one instance asked. */
static bool on_duty(const struct core_rule *r, int64_t at)
{
	int64_t first = r->start / DAY;

	for (int64_t day = first; day < first + 500; day++) {
		int64_t wall = day * DAY + r->start % DAY;

		if (rrule_on(&r->rrule, first, day, -1) &&
		    at >= tz_to_utc(r->zone, wall) &&
		    at < tz_to_utc(r->zone, wall + r->end - r->start))
			return true;
	}
	return false;
}

/* Turn after turn, from the first on. */
static size_t whose_turn(const struct roster *r, int64_t at)
{
	int64_t wall = r->start;
	size_t who = 0;

	for (;;) {
		wall += r->days * DAY;
		if (at < tz_to_utc(r->zone, wall))
			return who;
		who = (who + 1) % r->nown;
	}
}

static int64_t present(const struct plan *p, size_t whose, int64_t at)
{
	const struct roster *r = &p->roster;
	size_t who = whose;

	for (size_t i = 0; i < r->nswaps; i++) {
		if (who == r->swaps[i].from && within(r->swaps[i].span, at))
			who = r->swaps[i].to;
	}
	for (size_t i = 0; i < p->people[who].nabsent; i++) {
		if (within(p->absent[who][i], at))
			return 0;
	}
	return p->people[who].expert;
}

static int64_t who_should(const struct plan *p, int64_t at)
{
	const struct roster *r = &p->roster;

	if (at < tz_to_utc(r->zone, r->start) ||
	    (r->until != INT64_MAX && at >= tz_to_utc(r->zone, r->until)))
		return 0;
	if (r->days)
		return present(p, whose_turn(r, at), at);
	for (size_t i = 0; i < r->nown; i++) {
		int64_t who =
			on_duty(&p->people[i].duty, at) ? present(p, i, at) : 0;

		if (who)
			return who;
	}
	return 0;
}

/* --- the property --- */

static const struct roster_turn *turn_of(const struct roster_turn *v, size_t n,
					 int64_t at)
{
	const struct roster_turn *found = NULL;

	for (size_t i = 0; i < n; i++) {
		if (!within(v[i].span, at))
			continue;
		assert_null(found);
		found = &v[i];
	}
	assert_non_null(found);
	return found;
}

static void check_seams(const struct plan *p, const struct roster_turn *v,
			size_t n)
{
	assert_true(n > 0);
	assert_int_equal(p->window.from, v[0].span.from);
	assert_int_equal(p->window.to, v[n - 1].span.to);
	for (size_t i = 0; i < n; i++) {
		assert_true(v[i].span.from < v[i].span.to);
		if (i == 0)
			continue;
		assert_int_equal(v[i - 1].span.to, v[i].span.from);
		assert_true(v[i - 1].who != v[i].who ||
			    v[i - 1].instead != v[i].instead);
	}
}

static void check_moment(const struct plan *p, const struct roster_turn *v,
			 size_t n, int64_t at, struct arena *arena)
{
	const struct roster_turn *turn = turn_of(v, n, at);
	const struct roster_person *who;
	int64_t should = who_should(p, at);

	assert_int_equal(RC_OK, roster_at(&p->roster, at, arena, &who));
	if ((turn->who ? turn->who->expert : 0) != should || who != turn->who)
		fail_msg("SEED=%" PRIu64 " at %" PRId64 ": %" PRId64
			 " is on duty, not %" PRId64,
			 p->seed, at, should,
			 turn->who ? turn->who->expert : 0);
	if (turn->who)
		assert_true(turn->instead != turn->who);
}

static void one_or_a_gap(void **state)
{
	uint64_t seed = fake_seed();

	(void)state;
	for (uint64_t i = 0; i < ROSTERS; i++) {
		struct arena arena;
		struct roster_turn *v;
		struct plan p;
		size_t n;

		arena_init(&arena, 16u << 20);
		draw(&p, seed + i);
		assert_int_equal(
			RC_OK, roster_lay(&p.roster, p.window, &arena, &v, &n));
		check_seams(&p, v, n);
		for (size_t k = 0; k < n && k < MOMENTS; k++) {
			check_moment(&p, v, n, v[k].span.from, &arena);
			check_moment(&p, v, n, v[k].span.to - 1, &arena);
		}
		for (int k = 0; k < MOMENTS; k++)
			check_moment(
				&p, v, n,
				p.window.from +
					below(&p, p.window.to - p.window.from),
				&arena);
		arena_fini(&arena);
	}
}

/* The clocks of Toronto go forward on 2026-03-08: hands change at 08:00 on the
 * wall before it and after it. */
static void hands_change_by_the_wall(void **state)
{
	struct roster_person people[] = {{.expert = 1, .reach = "a"},
					 {.expert = 2, .reach = "b"}};
	struct roster r = {.days = 1,
			   .start = BEGIN + 8 * HOUR,
			   .until = INT64_MAX,
			   .people = people,
			   .npeople = 2,
			   .nown = 2};
	struct roster_turn *v;
	struct arena arena;
	size_t n;

	(void)state;
	arena_init(&arena, 1u << 20);
	assert_int_equal(RC_OK,
			 tz_get(zones, "America/Toronto", &r.zone, NULL));
	struct core_span window = {
		tz_to_utc(r.zone, BEGIN + 64 * DAY + 8 * HOUR),
		tz_to_utc(r.zone, BEGIN + 67 * DAY + 8 * HOUR)};

	assert_int_equal(RC_OK, roster_lay(&r, window, &arena, &v, &n));
	assert_int_equal(3, n);
	assert_int_equal(24 * HOUR, v[0].span.to - v[0].span.from);
	assert_int_equal(23 * HOUR, v[1].span.to - v[1].span.from);
	assert_int_equal(24 * HOUR, v[2].span.to - v[2].span.from);
	assert_int_equal(1, v[0].who->expert);
	assert_int_equal(2, v[1].who->expert);
	arena_fini(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_or_a_gap),
		cmocka_unit_test(hands_change_by_the_wall),
	};

	zones = tz_store_new(TZ_SYSTEM_DIR);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	tz_store_free(zones);
	return failed;
}
