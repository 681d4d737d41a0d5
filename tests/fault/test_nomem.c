/*
 * The n-th allocation fails while the writer opens and works: each time the
 * process either says so or aborts, and afterwards every promise it made holds.
 * Each n is a child of its own, over the same database. Every STRIDEth n is
 * tried, from a random one on; STRIDE=1 in the environment tries them all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "tests/support/ledger.h"

#define JOBS 6
#define STRIDE 7
#define FINISHED 42 /* exit status: no allocation was left to fail */

static struct scratch scratch;
static struct ledger *ledger;

/* ---- an allocator that fails once ---- */

static long allocations_left = -1; /* -1: sound */
static bool fired;

static bool fails(void)
{
	if (allocations_left < 0)
		return false;
	if (allocations_left-- > 0)
		return false;
	fired = true;
	return true;
}

static void *failing_alloc(size_t size)
{
	return fails() ? NULL : malloc(size);
}

static void *failing_realloc(void *old, size_t size)
{
	return fails() ? NULL : realloc(old, size);
}

static const struct mem_ops failing = {failing_alloc, failing_realloc, free};

/* ---- the child ---- */

static void tell(struct ledger *of, int number, enum rc outcome)
{
	const int answer[2] = {number, (int)outcome};

	if (write(*(int *)of->ctx, answer, sizeof(answer)) != sizeof(answer))
		_exit(3);
}

/* Opening and working, with the n-th allocation of it failing. */
static void be_child(int fd, long n)
{
	struct rlimit no_core = {0, 0};
	struct executor *ex;

	setrlimit(RLIMIT_CORE, &no_core);
	signal(SIGABRT, SIG_DFL);
	ledger->ctx = &fd;
	ledger->heard = tell;
	allocations_left = n;
	if (executor_new(&scratch.env, &ex, NULL) == RC_OK) {
		for (int i = 0; i < JOBS; i++) {
			long left = allocations_left;
			struct job *job;

			allocations_left = -1;
			job = ledger_job(ledger);
			allocations_left = left;
			if (!executor_write(ex, job))
				_exit(4);
			if (i % 2 == 1)
				executor_step(ex);
		}
		executor_stop(ex);
		executor_free(ex);
	}
	_exit(fired ? 0 : FINISHED);
}

/* ---- the parent ---- */

static int set_up(void **state)
{
	(void)state;
	scratch_begin(&scratch);
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

/* Answers the child's wait status. */
static int one_life(long n)
{
	int pipes[2], answer[2], status;
	pid_t pid;

	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		be_child(pipes[1], n);
	close(pipes[1]);
	while (read(pipes[0], answer, sizeof(answer)) == sizeof(answer))
		ledger_note(ledger, answer[0], (enum rc)answer[1]);
	close(pipes[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	ledger->next += JOBS;
	return status;
}

static void test_nomem(void **state)
{
	const char *given = getenv("STRIDE");
	long stride = given != NULL ? strtol(given, NULL, 10) : STRIDE;
	uint64_t rnd = scratch_seed();
	int clean = 0, aborted = 0, before;
	bool finished = false;
	long n, tried = 0;

	(void)state;
	n = (long)scratch_random(&rnd, (uint64_t)stride);
	scratch_lean();
	for (; !finished; n += stride, tried++) {
		int status = one_life(n);

		if (WIFSIGNALED(status)) {
			assert_int_equal(WTERMSIG(status), SIGABRT);
			aborted++;
		} else {
			finished = WEXITSTATUS(status) == FINISHED;
			assert_true(finished || WEXITSTATUS(status) == 0);
			clean++;
		}
		/* reading it all back each time would take too long */
		if (tried % 16 == 0 || finished)
			ledger_check(&scratch, ledger);
		assert_true(tried < LEDGER_MAX / JOBS - 2);
	}
	before = ledger->stored;
	one_life(1 << 30);
	assert_true(ledger->stored >= before + JOBS * 2 / 3);
	ledger_check(&scratch, ledger);
	print_message("%ld of %ld allocations: %d times clean, %d aborted;"
		      " %d stored, %d refused, %d unknown\n",
		      tried - 1, n - stride, clean, aborted, ledger->stored,
		      ledger->absent, ledger->unknown);
	assert_true(clean > aborted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_nomem, set_up, tear_down),
	};

	/* above the lowest level there is: thousands of lines otherwise */
	log_init(STDERR_FILENO, LOG_LVL_ERR - 1, 0);
	mem_set_ops(&failing);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
