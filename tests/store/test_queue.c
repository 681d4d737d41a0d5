/* The writer's queue: what is urgent goes first, and keeps nobody out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/store/queue.h"
#include "tests/support/fake.h"

#define CAPACITY 16

struct bench {
	struct fake_clock time;
	struct queue queue;
	struct job jobs[2 * CAPACITY + 2];
	struct job *out[2 * CAPACITY + 2];
};

static int set_up(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	if (!b)
		return -1;
	fake_clock_init(&b->time, 1000000);
	queue_init(&b->queue, CAPACITY, &b->time.clock);
	*state = b;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *b = *state;

	while (queue_take(&b->queue, b->out, 1) > 0)
		continue;
	queue_fini(&b->queue);
	free(b);
	return 0;
}

/* Puts job i; a capital letter is urgent. */
static void put(struct bench *b, unsigned i, char kind)
{
	b->jobs[i].urgent = kind >= 'A' && kind <= 'Z';
	assert_true(queue_put(&b->queue, &b->jobs[i]));
}

static void put_all(struct bench *b, const char *kinds)
{
	for (unsigned i = 0; kinds[i] != '\0'; i++)
		put(b, i, kinds[i]);
}

/* The next batch is these jobs, by their numbers. */
static void takes(struct bench *b, unsigned max, const char *numbers)
{
	unsigned n = queue_take(&b->queue, b->out, max);

	assert_int_equal(n, strlen(numbers));
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(b->out[i] - b->jobs, numbers[i] - '0');
}

static void test_urgent_work_goes_first_and_alone(void **state)
{
	struct bench *b = *state;

	put_all(b, "aaAaA");
	takes(b, 8, "24");
	takes(b, 8, "013");
	takes(b, 8, "");
}

static void test_ordinary_work_is_not_kept_out(void **state)
{
	struct bench *b = *state;

	put_all(b, "aaaAAAAA");
	takes(b, 2, "34");
	takes(b, 4, "5670"); /* not alone twice */
	put(b, 8, 'A');
	takes(b, 2, "8");
	put(b, 9, 'A');
	takes(b, 3, "912");
	takes(b, 3, "");
}

/* However much is called urgent. */
static void test_nor_by_a_flood(void **state)
{
	struct bench *b = *state;

	put_all(b, "aaAAAAAAAAAAA");
	takes(b, 4, "2345");
	takes(b, 4, "6780");
	takes(b, 2, "9:");
	takes(b, 1, "1");
	takes(b, 4, ";<");
	put(b, 13, 'A');
	takes(b, 1, "="); /* what nobody else takes */
}

static void test_each_lane_is_bounded(void **state)
{
	struct bench *b = *state;

	for (unsigned i = 0; i < CAPACITY; i++)
		put(b, i, 'a');
	assert_false(queue_put(&b->queue, &b->jobs[CAPACITY]));
	assert_int_equal(atomic_load(&b->queue.waiting), CAPACITY);
	for (unsigned i = CAPACITY; i < 2 * CAPACITY; i++)
		put(b, i, 'A');
	b->jobs[2 * CAPACITY].urgent = true;
	assert_false(queue_put(&b->queue, &b->jobs[2 * CAPACITY]));
	assert_int_equal(queue_take(&b->queue, b->out, 64), CAPACITY);
	assert_int_equal(queue_take(&b->queue, b->out, 64), CAPACITY);
	assert_int_equal(atomic_load(&b->queue.waiting), 0);
}

static bool late(const struct bench *b)
{
	return queue_is_late(&b->queue, 2, 100);
}

static void test_late_when_many_wait_for_long(void **state)
{
	struct bench *b = *state;

	put_all(b, "aa");
	b->time.mono_ms += 500;
	assert_false(late(b)); /* few: a slow moment */
	put(b, 2, 'a');
	assert_true(late(b));
	takes(b, 8, "012");
	assert_false(late(b));
}

static void test_late_by_the_oldest_that_is_left(void **state)
{
	struct bench *b = *state;

	put(b, 0, 'a');
	b->time.mono_ms += 90;
	put(b, 1, 'a');
	put(b, 2, 'a');
	put(b, 3, 'a');
	assert_false(late(b));
	b->time.mono_ms += 20;
	assert_true(late(b)); /* the first came 110 ms ago */
	takes(b, 1, "0");
	put(b, 4, 'a');
	assert_true(late(b)); /* known to within one batch */
	takes(b, 1, "1");
	put(b, 5, 'a');
	assert_false(late(b)); /* 20 ms */
	b->time.mono_ms += 81;
	assert_true(late(b));
}

static void test_a_quiet_queue_begins_anew(void **state)
{
	struct bench *b = *state;

	put_all(b, "aaa");
	takes(b, 8, "012");
	b->time.mono_ms += 10000;
	put(b, 3, 'a');
	put(b, 4, 'a');
	put(b, 5, 'a');
	assert_false(late(b));
	b->time.mono_ms += 101;
	assert_true(late(b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(test_urgent_work_goes_first_and_alone),
		TEST(test_ordinary_work_is_not_kept_out),
		TEST(test_nor_by_a_flood),
		TEST(test_each_lane_is_bounded),
		TEST(test_late_when_many_wait_for_long),
		TEST(test_late_by_the_oldest_that_is_left),
		TEST(test_a_quiet_queue_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
