/* The watchdog's eye, over a writer and workers that are played here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/main/watch.h"

static int64_t now_ms;
static struct job *held; /* what the writer was given last */
static bool full;	 /* the writer's queue */
static uint64_t settled;
static int64_t turned_ms;

static int64_t mono(void *ctx)
{
	(void)ctx;
	return now_ms;
}

static const struct clock clock_played = {.mono_ms = mono};

bool executor_write(struct executor *ex, struct job *job)
{
	(void)ex;
	if (full)
		return false;
	assert_null(held); /* never the same job twice at once */
	held = job;
	return true;
}

void executor_figures(const struct executor *ex, struct executor_figures *out)
{
	(void)ex;
	*out = (struct executor_figures){.jobs = settled};
}

void net_figures(const struct net *net, struct net_figures *out)
{
	(void)net;
	*out = (struct net_figures){.turned_ms = turned_ms};
}

static void settle(void)
{
	struct job *job = held;

	held = NULL;
	settled++;
	assert_int_equal(job->run(job, NULL), RC_OK);
	job->done(job, RC_FULL); /* any outcome is an answer */
}

static int set_up(void **state)
{
	static struct watch watch;

	now_ms = 1000000;
	turned_ms = now_ms;
	held = NULL;
	full = false;
	settled = 0;
	watch_init(&watch, NULL, NULL, &clock_played, 4000);
	*state = &watch;
	return 0;
}

static void test_all_well(void **state)
{
	for (int i = 0; i < 10; i++) {
		assert_true(watch_turn(*state));
		assert_false(watch_turn(*state)); /* not due again yet */
		settle();
		now_ms += 999;
		assert_false(watch_turn(*state));
		now_ms += 1;
		turned_ms = now_ms;
	}
}

static void test_writer_hangs(void **state)
{
	assert_true(watch_turn(*state));
	for (int i = 0; i < 5; i++) {
		now_ms += 1000;
		turned_ms = now_ms;
		assert_false(watch_turn(*state));
	}
	settle();
	now_ms += 1000;
	turned_ms = now_ms;
	assert_true(watch_turn(*state));
}

/* Behind many others, but they are being done. */
static void test_writer_is_busy(void **state)
{
	assert_true(watch_turn(*state));
	now_ms += 1000;
	turned_ms = now_ms;
	settled++;
	assert_true(watch_turn(*state));
	settle();
	full = true;
	now_ms += 1000;
	turned_ms = now_ms;
	assert_true(watch_turn(*state));
	now_ms += 1000;
	turned_ms = now_ms;
	assert_false(watch_turn(*state)); /* full, and nothing moves */
	full = false;
	now_ms += 1000;
	turned_ms = now_ms;
	assert_true(watch_turn(*state));
}

static void test_worker_hangs(void **state)
{
	assert_true(watch_turn(*state));
	settle();
	now_ms += 3999; /* its last turn is less than an interval ago */
	assert_true(watch_turn(*state));
	settle();
	now_ms += 1000;
	assert_false(watch_turn(*state));
	settle();
	now_ms += 1000;
	turned_ms = now_ms - 1000;
	assert_true(watch_turn(*state));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_all_well, set_up),
		cmocka_unit_test_setup(test_writer_hangs, set_up),
		cmocka_unit_test_setup(test_writer_is_busy, set_up),
		cmocka_unit_test_setup(test_worker_hangs, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
