/*
 * kill -9 at any moment: a child takes jobs from several threads and sends each
 * outcome through a pipe when it is told; the parent kills it, and finds all
 * that was acknowledged. The moment counts from the child's beginning one time,
 * from some of its outcomes the other: these come late where it is slow. KILLS
 * in the environment: how many times.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/store/lock.h"
#include "tests/support/ledger.h"

#define KILLS 30
#define SENDERS 3
#define OUTCOMES 8
#define MOST_JOBS 2000 /* of one child */

struct answer { /* less than PIPE_BUF: written whole or not at all */
	int number, outcome;
};

static struct scratch scratch;
static struct ledger *ledger;

/* ---- the child ---- */

struct child {
	struct executor *ex;
	int pipe;
	pthread_mutex_t mutex; /* the ledger's next number */
};

static void heard(struct ledger *of, int number, enum rc outcome)
{
	struct answer answer = {number, (int)outcome};
	struct child *child = of->ctx;

	if (write(child->pipe, &answer, sizeof(answer)) != sizeof(answer))
		_exit(3);
}

static void *send_for_ever(void *arg)
{
	struct child *child = arg;

	for (int i = 0; i < MOST_JOBS / SENDERS; i++) {
		struct job *job;

		pthread_mutex_lock(&child->mutex);
		job = ledger_job(ledger);
		while (!executor_write(child->ex, job))
			sched_yield();
		pthread_mutex_unlock(&child->mutex);
		if (i % 7 == 0)
			usleep(200);
	}
	return NULL;
}

static void be_child(int fd)
{
	struct child child = {.pipe = fd, .mutex = PTHREAD_MUTEX_INITIALIZER};
	pthread_t threads[SENDERS];
	struct lock *lock;

	ledger->ctx = &child;
	ledger->heard = heard;
	if (lock_take(scratch.path, &lock, NULL) != RC_OK ||
	    executor_new(&scratch.env, &child.ex, NULL) != RC_OK ||
	    executor_start(child.ex, NULL) != RC_OK)
		_exit(2);
	for (int i = 0; i < SENDERS; i++)
		pthread_create(&threads[i], NULL, send_for_ever, &child);
	for (int i = 0; i < SENDERS; i++)
		pthread_join(threads[i], NULL);
	executor_stop(child.ex);
	_exit(0);
}

/* ---- the parent ---- */

static int set_up(void **state)
{
	(void)state;
	scratch_begin(&scratch);
	scratch.clock = *clock_system();
	ledger = calloc(1, sizeof(*ledger));
	ledger_prepare(&scratch);
	return ledger != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	free(ledger);
	scratch_end(&scratch);
	return 0;
}

/* Notes what the child is heard to say, this often or until it is dead. */
static int listen_to(int fd, int most)
{
	struct answer answer;
	int heard_of = 0;

	while (heard_of < most &&
	       read(fd, &answer, sizeof(answer)) == sizeof(answer)) {
		ledger_note(ledger, answer.number, (enum rc)answer.outcome);
		if (answer.number >= ledger->next)
			ledger->next = answer.number + 1;
		heard_of++;
	}
	return heard_of;
}

/* One life of a child; answers how many outcomes it told. */
static int live_and_die(int outcomes, useconds_t us)
{
	int pipes[2], status, told;
	pid_t pid;

	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(pipes[0]);
		be_child(pipes[1]);
	}
	close(pipes[1]);
	told = listen_to(pipes[0], outcomes);
	usleep(us);
	kill(pid, SIGKILL);
	told += listen_to(pipes[0], INT_MAX);
	close(pipes[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status))
		assert_int_equal(WEXITSTATUS(status), 0);
	/* jobs may be stored of which nobody heard: take no number twice */
	ledger->next += MOST_JOBS;
	return told;
}

static void test_kill(void **state)
{
	const char *given = getenv("KILLS");
	int kills = given != NULL ? (int)strtol(given, NULL, 10) : KILLS;
	uint64_t rnd = scratch_seed();
	int told = 0;

	(void)state;
	for (int i = 0; i < kills; i++) {
		told += live_and_die(
			i % 2 * OUTCOMES,
			(useconds_t)(2000 + scratch_random(&rnd, 60000)));
		ledger_check(&scratch, ledger);
		if (ledger->next > LEDGER_MAX - 2 * MOST_JOBS)
			break;
	}
	print_message("%d outcomes told: %d stored, %d refused\n", told,
		      ledger->stored, ledger->absent);
	assert_true(ledger->stored > kills);
	assert_true(ledger->absent > 0);
	assert_int_equal(ledger->unknown, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_kill, set_up, tear_down),
	};

	log_init(STDERR_FILENO, LOG_LVL_ERR, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
