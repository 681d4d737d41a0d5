/* The watchdog's eye, over a store and workers that are played here. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "daemon/main/watch.h"
#include "daemon/store/probe.h"

#define INTERVAL 8000
#define LOOK 2000 /* a quarter */
#define WORKERS 3

/* A thread of the store: what it was given, and whether it does it. */
struct played {
	struct job *held;
	bool full;  /* its queue */
	bool hangs; /* it does nothing */
	int64_t turned_ms;
};

static int64_t now_ms;
static struct played writer, reports;
static enum rc doubted;
static int64_t turned_ms[WORKERS];
static bool hangs[WORKERS];
static unsigned written; /* probes that stored something */
static int ends[2];

static int64_t mono(void *ctx)
{
	(void)ctx;
	return now_ms;
}

static const struct clock clock_played = {.mono_ms = mono};

static bool give(struct played *thread, struct job *job)
{
	if (thread->full)
		return false;
	assert_null(thread->held); /* never the same job twice at once */
	thread->held = job;
	return true;
}

bool executor_write(struct executor *ex, struct job *job)
{
	(void)ex;
	return give(&writer, job);
}

bool executor_report(struct executor *ex, struct job *job)
{
	(void)ex;
	return give(&reports, job);
}

void executor_figures(const struct executor *ex, struct executor_figures *out)
{
	(void)ex;
	*out = (struct executor_figures){
		.write_turned_ms = writer.turned_ms,
		.report_turned_ms = reports.turned_ms,
		.doubted = doubted,
	};
}

void net_figures(const struct net *net, struct net_figures *out)
{
	(void)net;
	*out = (struct net_figures){.workers = WORKERS};
}

int64_t net_turned_ms(const struct net *net, unsigned worker)
{
	(void)net;
	return turned_ms[worker];
}

enum rc probe_write(struct tx *tx, struct err *err)
{
	(void)tx;
	(void)err;
	written++;
	return RC_FULL;
}

static void settle(struct played *thread)
{
	struct job *job = thread->held;

	if (job == NULL || thread->hangs)
		return;
	thread->held = NULL;
	thread->turned_ms = now_ms;
	job->done(job, job->run(job, NULL)); /* any outcome is an answer */
}

/* Time passes; who does not hang does what is to be done. */
static void pass(int64_t ms)
{
	for (; ms > 0; ms -= 500) {
		settle(&writer);
		settle(&reports);
		now_ms += 500;
		for (int i = 0; i < WORKERS; i++)
			if (!hangs[i])
				turned_ms[i] = now_ms;
	}
}

static const char *log_lines(void)
{
	static char out[8192];
	ssize_t n = read(ends[0], out, sizeof(out) - 1);

	out[n > 0 ? n : 0] = '\0';
	return out;
}

static int begin(struct watch *watch, int64_t interval)
{
	now_ms = 1000000;
	writer = (struct played){.turned_ms = now_ms};
	reports = writer;
	doubted = RC_OK;
	written = 0;
	for (int i = 0; i < WORKERS; i++) {
		turned_ms[i] = now_ms;
		hangs[i] = false;
	}
	watch_init(watch, NULL, NULL, &clock_played, interval);
	return 0;
}

static int set_up(void **state)
{
	static struct watch watch;

	assert_int_equal(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
	log_init(ends[1], LOG_LVL_INFO, 0);
	*state = &watch;
	return begin(&watch, INTERVAL);
}

static int tear_down(void **state)
{
	(void)state;
	log_init(STDERR_FILENO, LOG_LVL_INFO, 0);
	close(ends[0]);
	close(ends[1]);
	return 0;
}

static void test_all_well(void **state)
{
	for (int i = 0; i < 100; i++) {
		assert_true(watch_turn(*state));
		assert_false(watch_turn(*state)); /* not due again yet */
		pass(LOOK);
	}
	assert_string_equal(log_lines(), "");
}

/* Looks until the manager hears nothing; the log must say who it was, once. */
static void expect_bite(struct watch *watch, const char *who)
{
	char line[64];
	int looks = 0;

	do {
		assert_in_range(++looks, 1, 3); /* half an interval */
		pass(LOOK);
	} while (watch_turn(watch));
	snprintf(line, sizeof(line), "event=thread-silent thread=%s ms=", who);
	const char *log = log_lines();

	assert_non_null(strstr(log, line));
	assert_null(strstr(strstr(log, line) + strlen(line), "thread-silent"));
	for (int i = 0; i < 5; i++) {
		pass(LOOK);
		assert_false(watch_turn(watch));
	}
	assert_string_equal(log_lines(), "");
}

static void expect_back(struct watch *watch, const char *who)
{
	char line[64];

	pass(LOOK);
	assert_true(watch_turn(watch));
	snprintf(line, sizeof(line), "event=thread-back thread=%s\n", who);
	assert_non_null(strstr(log_lines(), line));
}

static void test_writer_hangs(void **state)
{
	assert_true(watch_turn(*state));
	pass(LOOK);
	assert_true(watch_turn(*state));
	writer.hangs = true;
	expect_bite(*state, "writer");
	writer.hangs = false;
	expect_back(*state, "writer");
}

static void test_reports_hang(void **state)
{
	assert_true(watch_turn(*state));
	reports.hangs = true;
	expect_bite(*state, "reports");
	reports.hangs = false;
	expect_back(*state, "reports");
}

static void test_each_worker_hangs(void **state)
{
	for (int i = 0; i < WORKERS; i++) {
		char who[20];

		snprintf(who, sizeof(who), "worker-%d", i);
		begin(*state, INTERVAL);
		assert_true(watch_turn(*state));
		hangs[i] = true;
		expect_bite(*state, who);
		hangs[i] = false;
		expect_back(*state, who);
	}
}

/* Nobody looks while main hangs; it says so when it comes back. */
static void test_main_hangs(void **state)
{
	assert_true(watch_turn(*state));
	pass(LOOK * 10);
	assert_true(watch_turn(*state)); /* the others are well */
	assert_non_null(strstr(log_lines(),
			       "event=thread-silent thread=main ms=20000"));
	pass(500);
	assert_false(watch_turn(*state));
	assert_non_null(strstr(log_lines(), "event=thread-back thread=main"));
}

/* Two at once are both named. */
static void test_several_hang(void **state)
{
	assert_true(watch_turn(*state));
	writer.hangs = hangs[1] = true;
	do {
		pass(LOOK);
	} while (watch_turn(*state));
	pass(LOOK);
	assert_false(watch_turn(*state));
	const char *log = log_lines();

	assert_non_null(strstr(log, "thread=writer"));
	assert_non_null(strstr(log, "thread=worker-1"));
	writer.hangs = false;
	pass(LOOK);
	assert_false(watch_turn(*state)); /* the other hangs still */
}

/* A long job from within which the engine is seen to move. */
static void test_long_report_moves(void **state)
{
	assert_true(watch_turn(*state));
	reports.hangs = true;
	for (int i = 0; i < 50; i++) {
		pass(LOOK);
		reports.turned_ms = now_ms - 1000;
		assert_true(watch_turn(*state));
	}
	assert_string_equal(log_lines(), "");
}

/* Behind many others, but they are being done. */
static void test_queue_is_full(void **state)
{
	writer.full = true;
	for (int i = 0; i < 10; i++) {
		assert_true(watch_turn(*state));
		pass(LOOK);
		writer.turned_ms = now_ms;
	}
	assert_true(watch_turn(*state));
	expect_bite(*state, "writer"); /* full, and nothing moves */
}

/* An interval that is short beside the threads' own turns. */
static void test_short_interval(void **state)
{
	struct watch *watch = *state;

	for (int64_t interval = 1; interval <= 3000; interval *= 3) {
		begin(watch, interval);
		assert_in_range(watch_wait_ms(watch), 1, 1000);
		for (int i = 0; i < 20; i++) {
			assert_true(watch_turn(watch));
			pass(1000);
		}
		writer.hangs = true;
		pass(3000);
		(void)watch_turn(watch);
		pass(3000);
		assert_false(watch_turn(watch));
	}
}

/* Nobody waits for us: silence is in the log all the same. */
static void test_no_manager(void **state)
{
	begin(*state, 0);
	assert_true(watch_turn(*state));
	reports.hangs = true;
	for (int i = 0; i < 10; i++) {
		pass(5000);
		(void)watch_turn(*state);
	}
	assert_non_null(strstr(log_lines(), "thread=reports"));
}

/* What could not be stored is tried again until it can. */
static void test_doubt_is_settled(void **state)
{
	for (int i = 0; i < 3; i++) {
		(void)watch_turn(*state);
		pass(LOOK);
	}
	assert_int_equal(written, 0);
	doubted = RC_FULL;
	for (int i = 0; i < 3; i++) {
		assert_true(watch_turn(*state)); /* a refusal is an answer */
		pass(LOOK);
	}
	assert_int_equal(written, 3);
	doubted = RC_OK;
	(void)watch_turn(*state);
	pass(LOOK);
	assert_int_equal(written, 3);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_all_well),	      TEST(test_writer_hangs),
		TEST(test_reports_hang),      TEST(test_each_worker_hangs),
		TEST(test_main_hangs),	      TEST(test_several_hang),
		TEST(test_long_report_moves), TEST(test_queue_is_full),
		TEST(test_short_interval),    TEST(test_no_manager),
		TEST(test_doubt_is_settled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
