/*
 * The wheel against a plain list: every deadline is met, none early, none
 * later than a tick and a half, whatever is set again or removed meanwhile.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "daemon/net/wheel.h"

#define NODES 200

struct world {
	struct wheel wheel;
	struct wheel_node nodes[NODES];
	int64_t now;
	unsigned fired;
	struct wheel_node *victim; /* removed by the next that is due */
	int64_t again;		   /* set again by so much, when > 0 */
};

static void on_due(struct wheel_node *node, void *ctx)
{
	struct world *w = ctx;

	assert_true(node->at <= w->now);
	w->fired++;
	if (w->victim) {
		wheel_remove(w->victim);
		w->victim = NULL;
	}
	if (w->again)
		wheel_set(&w->wheel, node, w->now + w->again);
}

static void advance(struct world *w, int64_t to)
{
	w->now = to;
	wheel_advance(&w->wheel, to, on_due, w);
}

static uint32_t seed;

static uint32_t draw(uint32_t below)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % below;
}

static void a_deadline_is_met(void **state)
{
	struct world w = {.now = 123456};

	(void)state;
	wheel_init(&w.wheel, w.now);
	wheel_set(&w.wheel, &w.nodes[0], w.now + 1000);
	advance(&w, 123456 + 999);
	assert_int_equal(w.fired, 0);
	advance(&w, 123456 + 1000 + WHEEL_TICK_MS);
	assert_int_equal(w.fired, 1);
	assert_null(w.nodes[0].next);
}

static void a_later_deadline_waits(void **state)
{
	struct world w = {.now = 0};

	(void)state;
	wheel_init(&w.wheel, 0);
	wheel_set(&w.wheel, &w.nodes[0], 1000);
	wheel_set(&w.wheel, &w.nodes[0], 100000); /* beyond a turn */
	for (int64_t t = 0; t < 100000; t += 10)
		advance(&w, t);
	assert_int_equal(w.fired, 0);
	advance(&w, 100000 + WHEEL_TICK_MS);
	assert_int_equal(w.fired, 1);
}

static void an_earlier_deadline_counts(void **state)
{
	struct world w = {.now = 0};

	(void)state;
	wheel_init(&w.wheel, 0);
	wheel_set(&w.wheel, &w.nodes[0], 5000);
	wheel_set(&w.wheel, &w.nodes[0], 100);
	advance(&w, 100 + WHEEL_TICK_MS);
	assert_int_equal(w.fired, 1);
}

static void one_removes_another_that_is_due(void **state)
{
	struct world w = {.now = 0};

	(void)state;
	wheel_init(&w.wheel, 0);
	wheel_set(&w.wheel, &w.nodes[0], 100);
	wheel_set(&w.wheel, &w.nodes[1], 100);
	w.victim = &w.nodes[1];
	advance(&w, 200);
	assert_int_equal(w.fired, 1);
}

static void set_again_within_its_own_turn(void **state)
{
	struct world w = {.now = 0, .again = 10};

	(void)state;
	wheel_init(&w.wheel, 0);
	wheel_set(&w.wheel, &w.nodes[0], 10);
	for (int64_t t = 0; t <= 1000; t += WHEEL_TICK_MS)
		advance(&w, t);
	assert_in_range(w.fired, 15, 20); /* a tick each, no endless loop */
}

static void a_leap_of_the_clock(void **state)
{
	struct world w = {.now = 0};

	(void)state;
	wheel_init(&w.wheel, 0);
	for (int i = 0; i < NODES; i++)
		wheel_set(&w.wheel, &w.nodes[i], 100 * (i + 1));
	advance(&w, (int64_t)10 * 365 * 86400 * 1000);
	assert_int_equal(w.fired, NODES);
}

static void drawn_at_random(void **state)
{
	struct world w = {.now = 0};

	(void)state;
	printf("SEED=%u\n", seed);
	wheel_init(&w.wheel, 0);
	for (int i = 0; i < NODES; i++)
		wheel_set(&w.wheel, &w.nodes[i], draw(60000));
	for (int step = 0; step < 5000; step++) {
		struct wheel_node *node = &w.nodes[draw(NODES)];

		if (draw(8) == 0)
			wheel_remove(node);
		else
			wheel_set(&w.wheel, node, w.now + draw(60000));
		advance(&w, w.now + draw(120));
		for (int i = 0; i < NODES; i++)
			assert_false(w.nodes[i].next &&
				     w.nodes[i].at < w.now - 2 * WHEEL_TICK_MS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_deadline_is_met),
		cmocka_unit_test(a_later_deadline_waits),
		cmocka_unit_test(an_earlier_deadline_counts),
		cmocka_unit_test(one_removes_another_that_is_due),
		cmocka_unit_test(set_again_within_its_own_turn),
		cmocka_unit_test(a_leap_of_the_clock),
		cmocka_unit_test(drawn_at_random),
	};
	const char *given = getenv("SEED");

	seed = given ? (uint32_t)strtoul(given, NULL, 10) : 7u;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
