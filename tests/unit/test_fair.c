/* Whose turn it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/civil.h"
#include "daemon/core/fair.h"
#include "tests/support/stage.h"

static void who_had_the_least_is_first(void **state)
{
	struct core_terms t = core_terms_default;
	struct core_load v[] = {
		{7200, 0}, {3600, 1}, {3600, 0}, {10800, 0}, {3600, 0}};
	uint32_t order[] = {0, 1, 2, 3, 4}, rank[5];

	(void)state;
	t.night_call = 5400;
	fair_order(&t, v, order, 5);
	/* an hour and a call are two and a half */
	assert_memory_equal(order, ((uint32_t[]){2, 4, 0, 1, 3}),
			    sizeof(order));
	fair_rank(order, 5, rank);
	assert_int_equal(2, rank[0]);
	assert_int_equal(0, rank[2]);
	assert_true(fair_less(&t, &v[0], &v[1]));
	t.night_call = 0;
	assert_true(fair_less(&t, &v[1], &v[0]));
	fair_order(&t, v, order, 5);
	assert_memory_equal(order, ((uint32_t[]){1, 2, 4, 0, 3}),
			    sizeof(order));
}

static void weeks_are_whole_days(void **state)
{
	struct core_terms t = core_terms_default;

	(void)state;
	t.fairness_weeks = 2;
	assert_int_equal(86 * CIVIL_DAY,
			 fair_since(&t, 100 * CIVIL_DAY + 86399));
	assert_int_equal(87 * CIVIL_DAY, fair_since(&t, 101 * CIVIL_DAY));
}

static void a_night_is_of_the_place(void **state)
{
	struct stage *s = *state;
	const struct tz *zone = stage_zone(s, "Asia/Shanghai");

	assert_true(
		fair_is_night(zone, stage_utc("2024-12-02T22:00:00+08:00")));
	assert_true(
		fair_is_night(zone, stage_utc("2024-12-02T05:59:59+08:00")));
	assert_false(
		fair_is_night(zone, stage_utc("2024-12-02T06:00:00+08:00")));
	assert_false(
		fair_is_night(zone, stage_utc("2024-12-02T21:59:59+08:00")));
	assert_true(
		fair_is_night(zone, stage_utc("1960-01-01T00:00:00+08:00")));
}

/* Of one start those come by turn; those who do not suit are not counted. */
static void the_search_goes_by_turn(void **state)
{
	struct stage *s = *state;
	struct core_expert v[3] = {s->expert, s->expert, s->expert};
	uint32_t order[] = {2, 0, 1}, rank[3];
	struct core_plan plans[7];
	size_t n, place, of;

	for (int i = 0; i < 3; i++)
		v[i].subject.id = EXPERT + 100 + i;
	v[0].title = "attending";
	v[1].title = v[2].title = "chief-physician";
	fair_rank(order, 3, rank);
	s->ask.experts = v;
	s->ask.nexperts = 3;
	s->ask.order = order;
	s->ask.rank = rank;
	assert_int_equal(RC_OK,
			 core_search(&s->ask,
				     (struct core_span){s->t, s->t + HOUR}, 7,
				     &s->arena, plans, &n));
	assert_int_equal(7, n);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(order[i % 3], plans[i].expert);
	assert_int_equal(RC_OK, core_nearest(&s->ask,
					     (struct core_span){s->t - HOUR,
								s->t + HOUR},
					     s->t, 5, &s->arena, plans, &n));
	/* of two as near the earlier, by turn as well */
	assert_int_equal(s->t - 300, plans[0].span.from);
	assert_int_equal(2, plans[0].expert);
	assert_int_equal(0, plans[1].expert);
	assert_int_equal(s->t, plans[2].span.from);
	assert_int_equal(2, plans[2].expert);
	fair_place(&s->ask, 1, &place, &of);
	assert_int_equal(3, place);
	assert_int_equal(3, of);
	s->ask.title = "chief-physician";
	fair_place(&s->ask, 1, &place, &of);
	assert_int_equal(2, place);
	assert_int_equal(2, of);
}

#define T(f) cmocka_unit_test_setup_teardown(f, stage_set_up, stage_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_had_the_least_is_first),
		cmocka_unit_test(weeks_are_whole_days),
		T(a_night_is_of_the_place),
		T(the_search_goes_by_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
