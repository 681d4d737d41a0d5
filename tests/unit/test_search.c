#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/civil.h"
#include "daemon/core/rule.h"
#include "tests/support/stage.h"

static void without_memory(void **state)
{
	struct stage *s = *state;
	struct core_span week = {s->t, s->t + 7 * CIVIL_DAY};
	struct core_plan plans[4];
	bool done = false;
	size_t n;

	s->named[0].rules = s->rules;
	s->named[0].nrules = 1;
	s->ask.nnamed = 1;
	for (size_t max = 0; !done; max += 16) {
		struct arena small;
		enum rc rc;

		arena_init(&small, max);
		rc = core_decide(&s->ask, 0, s->t, &small, &s->plan, NULL);
		arena_fini(&small);
		done = rc == RC_OK;
		assert_true(rc == RC_OK || rc == RC_NOMEM);
		assert_true(max < 100000);
	}
	done = false;
	for (size_t max = 0; !done; max += 16) {
		struct arena small;
		enum rc rc;

		arena_init(&small, max);
		n = 77;
		rc = core_search(&s->ask, week, 4, &small, plans, &n);
		arena_fini(&small);
		done = rc == RC_OK;
		assert_true(rc == RC_OK ? n == 4 : rc == RC_NOMEM && n == 0);
		assert_true(max < 1000000);
	}
}

static size_t found(struct stage *s, struct core_span window, size_t n,
		    struct core_plan *plans)
{
	size_t got = 77;

	assert_int_equal(
		core_search(&s->ask, window, n, &s->arena, plans, &got), RC_OK);
	return got;
}

static void search_edges(void **state)
{
	struct stage *s = *state;
	struct core_span day = {s->t - 9 * HOUR, s->t + 15 * HOUR};
	struct core_plan plans[64];
	size_t n;

	/* 8:00 to 11:30 by five minutes */
	assert_int_equal(found(s, day, 64, plans), 43);
	assert_int_equal(plans[0].span.from, s->t - HOUR);
	assert_int_equal(plans[42].span.from, s->t + 150 * MIN);
	assert_int_equal(plans[42].nclaims, 4);
	assert_int_equal(found(s, day, 0, plans), 0);
	/* the window bounds the starts alone, its end not included */
	assert_int_equal(found(s, (struct core_span){s->t, s->t + 1}, 9, plans),
			 1);
	assert_int_equal(found(s, (struct core_span){s->t, s->t}, 9, plans), 0);
	assert_int_equal(
		found(s, (struct core_span){s->t - 299, s->t}, 9, plans), 0);
	assert_int_equal(
		found(s, (struct core_span){day.to, day.from}, 9, plans), 0);
	/* not before now, and now is not on the grid */
	s->ask.now = s->t + 1;
	assert_int_equal(found(s, day, 64, plans), 30);
	assert_int_equal(plans[0].span.from, s->t + 300);
	s->ask.now = day.to;
	assert_int_equal(found(s, day, 9, plans), 0);
	/* what no time can mend */
	s->ask.now = 0;
	s->agreement.quota[KIND_REMOTE_CONSULTATION] = 0;
	assert_int_equal(found(s, day, 9, plans), 0);
	s->agreement.quota[KIND_REMOTE_CONSULTATION] = -1;
	s->ask.specialty = "brain";
	assert_int_equal(found(s, day, 9, plans), 0);
	s->ask.specialty = NULL;
	s->ask.minutes = 0;
	assert_int_equal(core_search(&s->ask, day, 9, &s->arena, plans, &n),
			 RC_INVALID);
	assert_int_equal(n, 0);
}

/* The time before 1970 and the far end of a window. */
static void search_far(void **state)
{
	struct stage *s = *state;
	struct core_plan plans[2];
	struct core_span years = {s->t, s->t + 3 * CORE_WINDOW_MAX};
	size_t n;

	s->ask.now = INT64_MIN;
	s->agreement.first_day = INT64_MIN;
	s->expert.independent_since = civil_days(1900, 1, 1);
	s->rules[0].start = civil_days(1960, 1, 1) * CIVIL_DAY + 8 * HOUR;
	s->rules[0].end = s->rules[0].start + HOUR;
	assert_int_equal(
		found(s,
		      (struct core_span){stage_utc("1965-06-01T00:00:01Z"),
					 stage_utc("1965-06-02T00:00:00Z")},
		      1, plans),
		1);
	assert_int_equal(plans[0].span.from, stage_utc("1965-06-01T00:05:00Z"));
	/* of ten years the first CORE_WINDOW_MAX is searched */
	s->rules[0] =
		stage_rule(s, "FREQ=MONTHLY;BYMONTHDAY=1;INTERVAL=12",
			   civil_days(2025, 12, 1) * CIVIL_DAY, CIVIL_DAY);
	assert_int_equal(found(s, years, 1, plans), 1);
	s->rules[0] = stage_rule(s, "FREQ=MONTHLY;BYMONTHDAY=1;INTERVAL=12",
				 civil_days(2026, 2, 1) * CIVIL_DAY, CIVIL_DAY);
	assert_int_equal(found(s, years, 1, plans), 0);
	/* near to a time outside the window, on either side */
	years.to = s->t + 30 * CIVIL_DAY;
	s->rules[0] = stage_rule(s, "FREQ=DAILY", 0, CIVIL_DAY);
	assert_int_equal(core_nearest(&s->ask, years,
				      years.to + 999 * CIVIL_DAY, 2, &s->arena,
				      plans, &n),
			 RC_OK);
	assert_int_equal(n, 2);
	assert_int_equal(plans[1].span.from, years.to - 300);
	assert_int_equal(
		core_nearest(&s->ask, years, 0, 2, &s->arena, plans, &n),
		RC_OK);
	assert_int_equal(plans[0].span.from, years.from);
	/* between two granules the earlier of two as near comes first */
	assert_int_equal(core_nearest(&s->ask, years, s->t + CIVIL_DAY + 150, 1,
				      &s->arena, plans, &n),
			 RC_OK);
	assert_int_equal(plans[0].span.from, s->t + CIVIL_DAY);
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, stage_set_up, stage_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_memory),
		TEST(search_edges),
		TEST(search_far),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
