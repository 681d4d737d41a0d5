/* Not more lines than so many, and every one accounted for. */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/lograte.h"

/* ---- the table, with time as we like it ---- */

static struct lograte *rate;
static struct lograte_sum sums[4096];
static size_t nsums;

static void hear(void *ctx, const struct lograte_sum *sum)
{
	(void)ctx;
	assert_true(nsums < sizeof(sums) / sizeof(sums[0]));
	sums[nsums++] = *sum;
}

static const struct lograte_ear ear = {hear, NULL};

static int set_up(void **state)
{
	(void)state;
	rate = lograte_new();
	nsums = 0;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	lograte_free(rate);
	return 0;
}

static bool take(const char *what, const char *whose, int64_t now)
{
	const struct lograte_sort sort = {what, LOG_LVL_WARN, whose};

	return lograte_take(rate, &sort, 5, now, &ear);
}

static unsigned passed(const char *what, const char *whose, unsigned n,
		       int64_t now)
{
	unsigned count = 0;

	for (unsigned i = 0; i < n; i++)
		count += take(what, whose, now);
	return count;
}

static void so_many_pass_and_the_others_are_told(void **state)
{
	(void)state;
	assert_int_equal(passed("a", "", 12, 1000), 5);
	assert_int_equal(nsums, 0);
	assert_int_equal(passed("a", "", 1, 1000 + LOGRATE_WINDOW_MS - 1), 0);
	assert_int_equal(passed("a", "", 1, 1000 + LOGRATE_WINDOW_MS), 1);
	assert_int_equal(nsums, 1);
	assert_string_equal(sums[0].what, "a");
	assert_string_equal(sums[0].whose, "");
	assert_int_equal(sums[0].level, LOG_LVL_WARN);
	assert_int_equal(sums[0].lines, 8);
	assert_int_equal(sums[0].ms, LOGRATE_WINDOW_MS);
	/* as from the beginning */
	assert_int_equal(passed("a", "", 9, 1000 + LOGRATE_WINDOW_MS), 4);
}

static void few_lines_need_no_sum(void **state)
{
	(void)state;
	for (int64_t now = 0; now < 100 * LOGRATE_WINDOW_MS;
	     now += LOGRATE_WINDOW_MS / 4)
		assert_int_equal(passed("a", "b", 1, now), 1);
	lograte_turn(rate, true, 0, &ear);
	assert_int_equal(nsums, 0);
}

static void sorts_do_not_disturb_each_other(void **state)
{
	const struct lograte_sort error = {"a", LOG_LVL_ERR, "x"};

	(void)state;
	assert_int_equal(passed("a", "x", 100, 0), 5);
	assert_int_equal(passed("a", "y", 100, 0), 5);
	assert_int_equal(passed("b", "x", 100, 0), 5);
	assert_true(lograte_take(rate, &error, 5, 0, &ear));
}

/* Many peers together get no more than so many, either. */
static void all_of_an_event_are_bounded(void **state)
{
	unsigned count = 0;
	uint64_t told = 0;

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		char peer[32];

		snprintf(peer, sizeof(peer), "192.0.2.%u", i);
		count += passed("a", peer, 4, 0);
	}
	assert_int_equal(count, 5 * LOGRATE_ALL);
	lograte_turn(rate, false, LOGRATE_WINDOW_MS, &ear);
	for (size_t i = 0; i < nsums; i++)
		told += sums[i].lines;
	assert_int_equal(told, 400 - count);
	assert_int_equal(nsums, 1);
	assert_string_equal(sums[0].whose, "");
}

/* More sorts than the table has places: passed and told are all. */
static void the_table_is_bounded(void **state)
{
	uint64_t count = 0, told = 0, all = 0;

	(void)state;
	for (unsigned i = 0; i < 3000; i++) {
		char what[32];
		char *name;

		snprintf(what, sizeof(what), "event-%u", i);
		name = strdup(what);
		assert_non_null(name);
		count += passed(name, "", 7, (int64_t)i);
		all += 7;
	}
	lograte_turn(rate, true, 5000, &ear);
	for (size_t i = 0; i < nsums; i++)
		told += sums[i].lines;
	assert_int_equal(count, 3000 * 5);
	assert_int_equal(count + told, all);
	/* the names are the table's until now: a sum may show them */
	for (size_t i = 0; i < nsums; i++)
		free((char *)(uintptr_t)sums[i].what);
}

static void what_is_long_is_told_apart(void **state)
{
	char a[400], b[400];

	(void)state;
	memset(a, 'x', sizeof(a));
	a[sizeof(a) - 1] = '\0';
	memcpy(b, a, sizeof(b));
	b[sizeof(b) - 2] = 'y';
	assert_int_equal(passed("a", a, 9, 0), 5);
	assert_int_equal(passed("a", b, 9, 0), 5);
	lograte_turn(rate, true, 0, &ear);
	assert_int_equal(nsums, 2);
	assert_int_equal(strlen(sums[0].whose), LOGRATE_WHOSE_MAX - 1);
}

/* ---- the log, flooded from several threads ---- */

#define THREADS 8
#define FLOOD 20000

static _Atomic int64_t now_ms;

static int64_t mono(void *ctx)
{
	(void)ctx;
	return now_ms;
}

static const struct clock played = {.mono_ms = mono};

static void *flood(void *arg)
{
	const char *peer = arg;

	for (int i = 0; i < FLOOD; i++) {
		log_event(LOG_LVL_ERR, "broken", LOG_SORT_S("peer", peer),
			  LOG_N("i", i));
		log_event(LOG_LVL_INFO, "request", LOG_SORT_S("peer", peer),
			  LOG_SORT_N("status", 200 + 204 * (i % 10 == 0)));
		if (i % 1000 == 0)
			atomic_fetch_add(&now_ms, 500);
	}
	return NULL;
}

/* Appended to: elsewhere two threads may write to the same place. */
static int log_file(void)
{
	int fd = memfd_create("log", MFD_CLOEXEC);

	assert_int_equal(fcntl(fd, F_SETFL, O_APPEND), 0);
	return fd;
}

static const char *text_of(int fd)
{
	off_t len = lseek(fd, 0, SEEK_END);
	char *text = malloc((size_t)len + 1);

	assert_non_null(text);
	assert_int_equal(pread(fd, text, (size_t)len, 0), len);
	text[len] = '\0';
	return text;
}

/* The lines that begin so, and what those with "lines=" sum up to. */
static uint64_t lines(const char *text, const char *begin, uint64_t *out_sum)
{
	uint64_t n = 0;

	*out_sum = 0;
	for (const char *p = strstr(text, begin); p != NULL;
	     p = strstr(p + 1, begin)) {
		const char *at = strstr(p, " lines=");

		if (p != text && p[-1] != '\n')
			continue;
		n++;
		if (at != NULL && at < strchr(p, '\n'))
			*out_sum += strtoull(at + 7, NULL, 10);
	}
	return n;
}

static void a_flood_is_cut_and_accounted_for(void **state)
{
	static const char *const peers[] = {"192.0.2.1", "192.0.2.2"};
	int fd = log_file();
	struct log_figures before, after;
	pthread_t threads[THREADS];
	uint64_t sum, unused;

	(void)state;
	log_init(fd, LOG_LVL_INFO, 1);
	log_limit(&played);
	log_set_lines(100);
	log_figures(LOG_LVL_ERR, &before);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, flood,
				       (void *)(uintptr_t)peers[i % 2]),
			0);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	log_last();
	log_figures(LOG_LVL_ERR, &after);
	const char *text = text_of(fd);
	uint64_t windows = (uint64_t)now_ms / LOGRATE_WINDOW_MS + 2;
	uint64_t n = lines(text, "<3>event=broken ", &unused);

	assert_in_range(n, 2 * LOG_BAD_LINES, 2 * windows * LOG_BAD_LINES);
	(void)lines(text, "<3>event=suppressed of=broken ", &sum);
	assert_int_equal(n + sum, THREADS * FLOOD);
	assert_int_equal(after.suppressed - before.suppressed, sum);
	/* of either status some are to be seen */
	assert_in_range(lines(text,
			      "<6>event=request peer=192.0.2.1 status=200",
			      &unused),
			100, windows * 100);
	assert_in_range(lines(text,
			      "<6>event=request peer=192.0.2.2 status=404",
			      &unused),
			100, windows * 100);
	n = lines(text, "<6>event=request ", &unused);
	(void)lines(text, "<6>event=suppressed of=request ", &sum);
	assert_int_equal(n + sum, THREADS * FLOOD);
	assert_non_null(strstr(text, "of=request whose=192.0.2.1,404 lines="));
	free((char *)(uintptr_t)text);
	log_limit(NULL);
	log_init(STDERR_FILENO, LOG_LVL_INFO, 0);
	close(fd);
}

/* The next turn tells what nobody else comes to tell. */
static void a_turn_tells_what_is_over(void **state)
{
	int fd = log_file();
	uint64_t sum;

	(void)state;
	now_ms = 0;
	log_init(fd, LOG_LVL_INFO, 1);
	log_limit(&played);
	log_set_lines(0); /* ordinary lines all pass */
	for (int i = 0; i < 50; i++) {
		log_event(LOG_LVL_WARN, "odd");
		log_event(LOG_LVL_INFO, "even");
	}
	log_turn();
	now_ms = LOGRATE_WINDOW_MS;
	log_turn();
	log_turn();
	const char *text = text_of(fd);

	assert_int_equal(lines(text, "<4>event=odd", &sum), LOG_BAD_LINES);
	assert_int_equal(lines(text, "<6>event=even", &sum), 50);
	assert_int_equal(lines(text, "<4>event=suppressed of=odd", &sum), 1);
	assert_int_equal(sum, 50 - LOG_BAD_LINES);
	free((char *)(uintptr_t)text);
	log_limit(NULL);
	log_init(STDERR_FILENO, LOG_LVL_INFO, 0);
	close(fd);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(so_many_pass_and_the_others_are_told),
		TEST(few_lines_need_no_sum),
		TEST(sorts_do_not_disturb_each_other),
		TEST(all_of_an_event_are_bounded),
		TEST(the_table_is_bounded),
		TEST(what_is_long_is_told_apart),
		cmocka_unit_test(a_flood_is_cut_and_accounted_for),
		cmocka_unit_test(a_turn_tells_what_is_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
