#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mbox.h"

static int readable(const struct mbox *box, int timeout_ms)
{
	struct pollfd fd = {.fd = mbox_fd(box), .events = POLLIN};

	return poll(&fd, 1, timeout_ms) == 1;
}

static void keeps_order_and_refuses_when_full(void **state)
{
	struct mbox *box = mbox_new(5); /* eight */
	char cells[100];

	(void)state;
	assert_null(mbox_take(box));
	for (int round = 0; round < 10; round++) {
		for (int i = 0; i < 8; i++)
			assert_true(mbox_put(box, &cells[round + i]));
		assert_false(mbox_put(box, &cells[99]));
		assert_false(mbox_put(box, &cells[99]));
		for (int i = 0; i < 3; i++)
			assert_ptr_equal(mbox_take(box), &cells[round + i]);
		assert_true(mbox_put(box, &cells[50]));
		for (int i = 3; i < 8; i++)
			assert_ptr_equal(mbox_take(box), &cells[round + i]);
		assert_ptr_equal(mbox_take(box), &cells[50]);
		assert_null(mbox_take(box));
	}
	mbox_free(box);
	mbox_free(NULL);
}

static void descriptor_tells_once(void **state)
{
	struct mbox *box = mbox_new(8);

	(void)state;
	assert_false(readable(box, 0));
	assert_true(mbox_put(box, &box));
	assert_true(readable(box, 0));
	mbox_rearm(box);
	assert_false(readable(box, 0));
	assert_ptr_equal(mbox_take(box), &box);
	assert_null(mbox_take(box));
	mbox_rearm(box); /* nothing was there: fine */
	assert_true(mbox_put(box, &box));
	assert_true(mbox_put(box, &box));
	assert_true(readable(box, 0));
	mbox_rearm(box);
	while (mbox_take(box) != NULL)
		continue;
	assert_false(readable(box, 0));
	mbox_wake(box);
	assert_true(readable(box, 0));
	assert_null(mbox_take(box));
	mbox_rearm(box);
	assert_false(readable(box, 0));
	/* a wake does not hide the next message */
	mbox_wake(box);
	mbox_rearm(box);
	assert_true(mbox_put(box, &box));
	assert_true(readable(box, 0));
	mbox_rearm(box);
	assert_non_null(mbox_take(box));
	mbox_free(box);
}

#define PUTTERS 4
#define EACH 20000

struct message {
	int from, number;
};

struct putter {
	struct mbox *box;
	int id;
	int refused;
};

static void *put_many(void *arg)
{
	struct putter *p = arg;

	for (int i = 0; i < EACH; i++) {
		struct message *m = malloc(sizeof(*m));

		if (m == NULL)
			abort();
		*m = (struct message){p->id, i};
		while (!mbox_put(p->box, m)) {
			p->refused++;
			sched_yield();
		}
		if (i % 64 == 0)
			usleep(50); /* let the taker run dry and sleep */
	}
	return NULL;
}

/* The taker sleeps on the descriptor whenever the mailbox looks empty: one
 * lost wake-up and the last messages never come. */
static void no_message_and_no_wake_is_lost(void **state)
{
	struct mbox *box = mbox_new(64);
	pthread_t threads[PUTTERS];
	struct putter putters[PUTTERS];
	int next[PUTTERS] = {0};
	int taken = 0;

	(void)state;
	for (int i = 0; i < PUTTERS; i++) {
		putters[i] = (struct putter){box, i, 0};
		assert_int_equal(pthread_create(&threads[i], NULL, put_many,
						&putters[i]),
				 0);
	}
	while (taken < PUTTERS * EACH) {
		struct message *m;

		if (!readable(box, 10000))
			fail_msg("nobody woke the taker after %d", taken);
		mbox_rearm(box);
		while ((m = mbox_take(box)) != NULL) {
			/* one thread's messages come in its order */
			assert_int_equal(m->number, next[m->from]);
			next[m->from]++;
			taken++;
			free(m);
		}
	}
	for (int i = 0; i < PUTTERS; i++)
		pthread_join(threads[i], NULL);
	assert_null(mbox_take(box));
	mbox_free(box);
}

static void put_nothing(void)
{
	(void)mbox_put(mbox_new(2), NULL);
}

static void free_too_early(void)
{
	static int message;
	struct mbox *box = mbox_new(2);

	if (mbox_put(box, &message))
		mbox_free(box);
}

static int aborts(void (*f)(void))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		const struct rlimit no_core = {0, 0};

		setrlimit(RLIMIT_CORE, &no_core);
		signal(SIGABRT, SIG_DFL);
		f();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void mistakes_abort(void **state)
{
	(void)state;
	assert_true(aborts(put_nothing));
	assert_true(aborts(free_too_early));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_order_and_refuses_when_full),
		cmocka_unit_test(descriptor_tells_once),
		cmocka_unit_test(no_message_and_no_wake_is_lost),
		cmocka_unit_test(mistakes_abort),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
