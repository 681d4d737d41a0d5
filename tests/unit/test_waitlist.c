/* Who of those that wait goes first, and which of their times are asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/core/waitlist.h"

/* In the order that is wanted; request: as its row. */
static const struct waitlist_place wanted[] = {
	{.urgency = URGENCY_EMERGENCY, .submitted_at = 90, .served = 9},
	{.urgency = URGENCY_URGENT, .first = true, .submitted_at = 30},
	/* Among those whose time was taken age alone counts. */
	{.urgency = URGENCY_URGENT,
	 .first = true,
	 .submitted_at = 31,
	 .passed = 9,
	 .served = 1},
	/* Passed often enough: by age, whatever else. */
	{.urgency = URGENCY_URGENT,
	 .submitted_at = 20,
	 .passed = WAITLIST_PASSES,
	 .served = 7},
	{.urgency = URGENCY_URGENT,
	 .submitted_at = 21,
	 .passed = WAITLIST_PASSES + 1},
	{.urgency = URGENCY_URGENT, .submitted_at = 50, .served = 0},
	{.urgency = URGENCY_URGENT, .submitted_at = 51, .served = 0},
	{.urgency = URGENCY_URGENT, .submitted_at = 51, .served = 0},
	{.urgency = URGENCY_URGENT,
	 .submitted_at = 10,
	 .passed = WAITLIST_PASSES - 1,
	 .served = 1},
	{.urgency = URGENCY_ROUTINE, .first = true, .submitted_at = 1},
	{.urgency = URGENCY_ROUTINE, .submitted_at = 0},
};
#define NWANTED (sizeof(wanted) / sizeof(wanted[0]))

static void the_order(void **state)
{
	struct waitlist_place v[NWANTED];

	(void)state;
	/* However they come: turned, and reversed. */
	for (size_t turn = 0; turn < 2 * NWANTED; turn++) {
		for (size_t i = 0; i < NWANTED; i++) {
			size_t at = (i + turn) % NWANTED;

			if (turn >= NWANTED)
				at = NWANTED - 1 - at;
			v[at] = wanted[i];
			v[at].request = (int64_t)i + 1;
		}
		waitlist_sort(v, NWANTED);
		for (size_t i = 0; i < NWANTED; i++)
			assert_int_equal(i + 1, v[i].request);
	}
	waitlist_sort(v, 1);
	waitlist_sort(NULL, 0);
}

static void who_is_passed(void **state)
{
	const struct waitlist_place old = {
		.request = 1, .urgency = URGENCY_URGENT, .submitted_at = 10};
	struct waitlist_place young = {
		.request = 2, .urgency = URGENCY_URGENT, .submitted_at = 11};

	(void)state;
	assert_true(waitlist_passes(&young, &old));
	assert_false(waitlist_passes(&old, &young));
	assert_false(waitlist_passes(&old, &old));
	young.submitted_at = 10; /* the one that came in later */
	assert_true(waitlist_passes(&young, &old));
	young.first = true;
	assert_false(waitlist_passes(&young, &old));
	young.first = false;
	young.urgency = URGENCY_EMERGENCY;
	assert_false(waitlist_passes(&young, &old));
}

/* Does that start do? The long way. */
static bool would_do(const struct waitlist_wish *w, struct core_span within,
		     int64_t start)
{
	int64_t end = start + w->length;
	bool in = w->nwindows == 0;

	for (size_t i = 0; i < w->nwindows; i++)
		in |= start >= w->windows[i].from && end <= w->windows[i].to;
	for (size_t i = 0; i < w->nrefused; i++)
		in &= end <= w->refused[i].from || start >= w->refused[i].to;
	return in && start >= w->earliest && end <= w->until &&
	       start >= within.from && start < within.to;
}

static bool has(const struct core_span *v, size_t n, int64_t start)
{
	for (size_t i = 0; i < n; i++) {
		if (start >= v[i].from && start < v[i].to)
			return true;
	}
	return false;
}

static uint32_t drawn = 1;

static int64_t draw(int64_t below)
{
	drawn = drawn * 1664525u + 1013904223u;
	return (int64_t)(drawn >> 8) % below;
}

static void starts_are_those_that_would_do(void **state)
{
	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct core_span windows[3], refused[4], out[15];
		struct waitlist_wish w = {
			.windows = windows,
			.nwindows = (size_t)draw(4),
			.earliest = draw(20),
			.until = 10 + draw(40),
			.length = 1 + draw(8),
			.refused = refused,
			.nrefused = (size_t)draw(5),
		};
		struct core_span within = {draw(30), 0};

		within.to = within.from + draw(30);
		for (size_t i = 0; i < 3; i++) {
			windows[i].from = draw(40);
			windows[i].to = windows[i].from + 1 + draw(15);
		}
		for (size_t i = 0; i < 4; i++) {
			refused[i].from = draw(40);
			refused[i].to = refused[i].from + 1 + draw(6);
		}
		size_t n = waitlist_starts(&w, within, out);

		assert_true(n <= waitlist_starts_max(&w));
		assert_true(waitlist_starts_max(&w) <= 15);
		for (size_t i = 0; i < n; i++)
			assert_true(out[i].from < out[i].to);
		for (int64_t at = -2; at < 80; at++)
			assert_int_equal(would_do(&w, within, at),
					 has(out, n, at));
	}
}

static void deadlines_leave_the_notice(void **state)
{
	(void)state;
	/* There is time enough; and there is not. */
	assert_int_equal(1000 + 30 * 60,
			 waitlist_deadline(1000, 100000, 30, 60));
	assert_int_equal(7000 - 60 * 60, waitlist_deadline(1000, 7000, 60, 60));
	for (int u = 0; u < URGENCY_COUNT; u++) {
		const struct waitlist_terms *t =
			waitlist_terms((enum urgency)u);
		int64_t first = waitlist_earliest(1000, t->offer, t->notice);

		assert_true(t->offer > 0 && t->notice >= 0);
		/* The earliest that is offered can be answered yet. */
		assert_int_equal(
			1000 + 5 * 60,
			waitlist_deadline(1000, first, t->offer, t->notice));
	}
	assert_int_equal(1000 + 2 * 60, waitlist_earliest(1000, 2, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_order),
		cmocka_unit_test(who_is_passed),
		cmocka_unit_test(starts_are_those_that_would_do),
		cmocka_unit_test(deadlines_leave_the_notice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
