/* What the load generator measures with: the histogram, and where an answer
 * ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "tests/bench/common/answer.h"
#include "tests/bench/common/histogram.h"

/* ---- the histogram ---- */

static void near_by(uint64_t got, uint64_t want)
{
	uint64_t off = got > want ? got - want : want - got;

	assert_true(off * 100 < want || off == 0);
}

static void test_one_value_of_any_size(void **state)
{
	(void)state;
	for (uint64_t ns = 1; ns < (uint64_t)1 << 43; ns += ns / 3 + 1) {
		struct histogram *h = mem_alloc(sizeof(*h));

		histogram_add(h, ns);
		histogram_add(h, ns * 2);
		near_by(histogram_at(h, 0.5), ns);
		assert_int_equal(h->max, ns * 2);
		assert_true(histogram_at(h, 1) <= h->max);
		mem_free(h);
	}
}

static void test_shares(void **state)
{
	struct histogram *h = mem_alloc(sizeof(*h));

	(void)state;
	assert_int_equal(histogram_at(h, 0.5), 0);
	for (uint64_t i = 1; i <= 100000; i++)
		histogram_add(h, i * 1000);
	near_by(histogram_at(h, 0.5), 50000000);
	near_by(histogram_at(h, 0.9), 90000000);
	near_by(histogram_at(h, 0.99), 99000000);
	near_by(histogram_at(h, 0.999), 99900000);
	assert_int_equal(histogram_at(h, 0), 1000 - 1000 % 4 + 2);
	mem_free(h);
}

static void test_what_is_too_long_counts_as_the_longest(void **state)
{
	struct histogram *h = mem_alloc(sizeof(*h));

	(void)state;
	histogram_add(h, UINT64_MAX);
	histogram_add(h, 5);
	assert_int_equal(h->n, 2);
	assert_int_equal(h->max, UINT64_MAX);
	assert_true(histogram_at(h, 1) > (uint64_t)3600 * 1000000000);
	mem_free(h);
}

static void test_threads_are_merged(void **state)
{
	struct histogram *a = mem_alloc(sizeof(*a));
	struct histogram *b = mem_alloc(sizeof(*b));

	(void)state;
	for (unsigned i = 0; i < 99; i++)
		histogram_add(a, 10);
	histogram_add(b, 200);
	histogram_merge(a, b);
	assert_int_equal(a->n, 100);
	assert_int_equal(a->max, 200);
	assert_int_equal(histogram_at(a, 0.99), 10);
	assert_int_equal(histogram_at(a, 0.991), 200);
	mem_free(a);
	mem_free(b);
}

/* ---- answers ---- */

/* Feeds it in pieces of this size: the result, and how much was taken. */
static int feed(struct answer *a, const char *text, size_t piece,
		size_t *out_taken)
{
	size_t len = strlen(text), at = 0, n;
	int rc = 0;

	answer_begin(a);
	while (at < len && rc == 0) {
		size_t some = len - at < piece ? len - at : piece;

		rc = answer_feed(a, text + at, some, &n);
		at += n;
		if (rc == 0)
			assert_int_equal(n, some);
	}
	*out_taken = at;
	return rc;
}

static const struct {
	const char *text;
	int rc, status;
	bool close, retry_after;
	size_t left; /* bytes behind the answer */
} rows[] = {
	{"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHT", 1, 200, false,
	 false, 2},
	{"HTTP/1.1 200 OK\r\ncontent-length:  0\r\n\r\n", 1, 200, false, false,
	 0},
	{"HTTP/1.1 204 No Content\r\nDate: x\r\n\r\nH", 1, 204, false, false,
	 1},
	{"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 1, 304,
	 false, false, 0},
	{"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nConnection: close\r\n"
	 "Content-Length: 2\r\n\r\n{}",
	 1, 503, true, true, 0},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	 "4\r\nabcd\r\nA;x=y\r\n0123456789\r\n0\r\n\r\nHTTP",
	 1, 200, false, false, 4},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	 "0\r\nDigest: x\r\n\r\n",
	 1, 200, false, false, 0},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nab", 0, 200,
	 false, false, 0},
	{"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", 0, 200, false, false,
	 0},
	{"HTTP/1.1 200 OK\r\n", 0, 0, false, false, 0},
	{"HTTP/1.1 200 OK\r\nnonsense\r\n\r\n", -1, 200, false, false, 0},
	{"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", -1, 200, false, false,
	 0},
	{"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", -1, 0, false, false,
	 0},
	{"HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n", -1, 0, false, false,
	 0},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", -1, 200,
	 false, false, 0},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
	 -1, 200, false, false, 0},
};

static void test_where_an_answer_ends(void **state)
{
	struct answer a;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size_t piece = 1; piece < 120; piece++) {
			size_t len = strlen(rows[i].text), taken;
			int rc = feed(&a, rows[i].text, piece, &taken);

			assert_int_equal(rc, rows[i].rc);
			assert_int_equal(a.status, rows[i].status);
			if (rc < 0)
				continue;
			assert_int_equal(a.close, rows[i].close);
			assert_int_equal(a.retry_after, rows[i].retry_after);
			assert_int_equal(taken, len - rows[i].left);
			assert_int_equal(a.bytes, taken);
		}
}

static void test_a_head_without_an_end(void **state)
{
	struct answer a;
	char text[ANSWER_HEAD_MAX + 2];
	size_t taken;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(feed(&a, text, 100, &taken), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_value_of_any_size),
		cmocka_unit_test(test_shares),
		cmocka_unit_test(test_what_is_too_long_counts_as_the_longest),
		cmocka_unit_test(test_threads_are_merged),
		cmocka_unit_test(test_where_an_answer_ends),
		cmocka_unit_test(test_a_head_without_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
