/*
 * The front for real: loopback, TLS, workers' threads, requests and answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/text.h"
#include "tests/support/netrig.h"

#define LAST                                                                   \
	"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: "             \
	"close\r\n\r\n"
#define POST(path) "POST " path " HTTP/1.1\r\nHost: localhost\r\n"

static int setup(void **state)
{
	struct netrig *rig = mem_alloc(sizeof(*rig));

	netrig_new(rig);
	netrig_start(rig);
	*state = rig;
	return 0;
}

static int teardown(void **state)
{
	netrig_free(*state);
	mem_free(*state);
	return 0;
}

static const char *content(const struct buf *out)
{
	const char *end = strstr(buf_cstr(out), "\r\n\r\n");

	return end ? end + 4 : "";
}

static void assert_asks(struct netrig_client *c, const char *request,
			const char *status, const char *body)
{
	struct buf out;

	buf_init(&out, 1 << 24);
	assert_true(netrig_ask(c, request, &out));
	assert_non_null(strstr(buf_cstr(&out), status));
	assert_string_equal(content(&out), body);
	buf_fini(&out);
}

static void both_listeners(void **state)
{
	struct netrig *rig = *state;
	struct netrig_client people, partner;
	char id[65];

	text_hex(rig->partner.id, 32, id);
	netrig_open(rig, NULL, &people);
	netrig_open(rig, &rig->partner, &partner);
	assert_asks(&people, NETRIG_GET("/healthz"), " 200 ", "alive\n");
	assert_asks(&partner, NETRIG_GET("/healthz"), " 200 ", "alive\n");
	assert_asks(&people, NETRIG_GET("/whoami"), " 200 ", "nobody");
	assert_asks(&partner, NETRIG_GET("/whoami"), " 200 ", id);
	assert_asks(&partner, NETRIG_GET("/absent"), " 404 ", "");
	netrig_close(&people);
	netrig_close(&partner);
}

static void kept_alive(void **state)
{
	struct netrig *rig = *state;
	struct netrig_client c;
	struct net_figures figures = {0};

	netrig_open(rig, NULL, &c);
	for (int i = 0; i < 50; i++)
		assert_asks(&c, NETRIG_GET("/healthz"), " 200 ", "alive\n");
	assert_asks(&c, POST("/healthz") "Content-Length: 0\r\n\r\n", " 405 ",
		    "");
	net_figures(rig->net, &figures);
	assert_int_equal(figures.accepted, 1);
	assert_int_equal(figures.connections, 1);
	assert_int_equal(figures.requests, 51);
	netrig_close(&c);
	assert_true(netrig_await(rig, &figures.connections, &figures, 0));
}

/* A hundred in one go, each with an answer of another length. */
static void pipelined(void **state)
{
	struct netrig *rig = *state;
	struct netrig_client c;
	struct buf in, out;
	char request[128], expected[64];

	buf_init(&in, 1 << 20);
	buf_init(&out, 1 << 24);
	netrig_open(rig, NULL, &c);
	for (int i = 1; i <= 100; i++) {
		snprintf(request, sizeof(request),
			 "GET /big?%d HTTP/1.1\r\nHost: localhost\r\n%s\r\n",
			 i * 100, i == 100 ? "Connection: close\r\n" : "");
		buf_str(&in, request);
	}
	netrig_send(&c, in.data, in.len);
	assert_true(netrig_read(&c, NULL, &out));
	const char *at = buf_cstr(&out);
	for (int i = 1; i <= 100; i++) {
		snprintf(expected, sizeof(expected), "Content-Length: %d\r\n",
			 i * 100);
		at = strstr(at, expected);
		assert_non_null(at);
		at = strstr(at, "\r\n\r\n") + 4 + i * 100;
	}
	assert_int_equal(at - out.data, out.len);
	buf_fini(&in);
	buf_fini(&out);
	netrig_close(&c);
}

/* Chunks of 7000 bytes, so that none ends where a TLS record does. */
static void chunked_upload(void **state)
{
	struct netrig *rig = *state;
	struct netrig_client c;
	struct buf in, out;
	char *chunk = mem_alloc(7000);

	buf_init(&in, 1 << 24);
	buf_init(&out, 1 << 24);
	netrig_open(rig, NULL, &c);
	buf_str(&in, POST("/echo") "Transfer-Encoding: chunked\r\n\r\n");
	for (int i = 0; i < 100; i++) {
		memset(chunk, 'a' + i % 26, 7000);
		buf_printf(&in, "%x\r\n", 7000);
		buf_add(&in, chunk, 7000);
		buf_str(&in, "\r\n");
	}
	buf_str(&in, "0\r\n\r\n");
	assert_true(netrig_ask(&c, buf_cstr(&in), &out));
	const char *body = content(&out);
	assert_int_equal(strlen(body), 700000);
	for (int i = 0; i < 700000; i++)
		if (body[i] != 'a' + i / 7000 % 26)
			fail_msg("byte %d is wrong", i);
	mem_free(chunk);
	buf_fini(&in);
	buf_fini(&out);
	netrig_close(&c);
}

static void chunked_download(void **state)
{
	struct netrig *rig = *state;
	struct netrig_client c;
	struct buf out;
	char piece[64];

	buf_init(&out, 1 << 24);
	netrig_open(rig, NULL, &c);
	netrig_send(&c, NETRIG_GET("/stream?2000"),
		    strlen(NETRIG_GET("/stream?2000")));
	assert_true(netrig_read(&c, "\r\n0\r\n\r\n", &out));
	const char *at = buf_cstr(&out);
	for (int i = 0; i < 2000; i++) {
		snprintf(piece, sizeof(piece), "\r\npiece %d\n\r\n", i);
		at = strstr(at, piece);
		assert_non_null(at);
		at += 2;
	}
	/* The connection goes on. */
	assert_asks(&c, NETRIG_GET("/healthz"), " 200 ", "alive\n");
	buf_fini(&out);
	netrig_close(&c);
}

static void large_both_ways(void **state)
{
	struct netrig *rig = *state;
	struct netrig_client c;
	struct buf in, out;
	size_t n = 3000000;

	buf_init(&in, 1 << 24);
	buf_init(&out, 1 << 24);
	netrig_open(rig, NULL, &c);
	buf_printf(&in, POST("/echo") "Content-Length: %zu\r\n\r\n", n);
	memset(buf_room(&in, n), 'e', n);
	in.len += n;
	in.data[in.len] = '\0';
	assert_true(netrig_ask(&c, buf_cstr(&in), &out));
	assert_int_equal(strlen(content(&out)), n);
	assert_int_equal(strspn(content(&out), "e"), n);
	buf_fini(&in);
	buf_fini(&out);
	netrig_close(&c);
}

static void answered_by_another_thread(void **state)
{
	struct netrig *rig = *state;
	struct netrig_client c[8];

	for (int i = 0; i < 8; i++)
		netrig_open(rig, NULL, &c[i]);
	for (int round = 0; round < 50; round++)
		for (int i = 0; i < 8; i++)
			netrig_send(&c[i], NETRIG_GET("/later"),
				    strlen(NETRIG_GET("/later")));
	for (int i = 0; i < 8; i++) {
		struct buf out;

		buf_init(&out, 1 << 20);
		netrig_send(&c[i], LAST, sizeof(LAST) - 1);
		assert_true(netrig_read(&c[i], NULL, &out));
		unsigned count = 0;
		for (const char *at = buf_cstr(&out);
		     (at = strstr(at, "later\n")); at++)
			count++;
		assert_int_equal(count, 50);
		assert_string_equal(out.data + out.len - 6, "alive\n");
		buf_fini(&out);
		netrig_close(&c[i]);
	}
}

/* Forty requests in one TLS record, each answered by another thread: while
 * one waits reading is off, and nothing stays behind inside OpenSSL. */
static void pipelined_in_one_record(void **state)
{
	struct netrig *rig = *state;
	struct netrig_client c;
	struct buf in, out;

	buf_init(&in, 1 << 20);
	buf_init(&out, 1 << 20);
	netrig_open(rig, NULL, &c);
	for (int i = 0; i < 40; i++)
		buf_printf(&in,
			   "GET /later HTTP/1.1\r\nHost: localhost\r\n"
			   "X: %0320d\r\n%s\r\n",
			   i, i == 39 ? "Connection: close\r\n" : "");
	assert_in_range(in.len, 14000, 16384);
	netrig_send(&c, in.data, in.len);
	assert_true(netrig_read(&c, NULL, &out));
	unsigned count = 0;
	for (const char *at = buf_cstr(&out); (at = strstr(at, "later\n"));
	     at++)
		count++;
	assert_int_equal(count, 40);
	buf_fini(&in);
	buf_fini(&out);
	netrig_close(&c);
}

/* An answer whose connection is gone finds nobody, and harms nobody. */
static void late_answer_to_nobody(void **state)
{
	struct netrig *rig = *state;
	struct net_figures figures = {0};

	for (int i = 0; i < 20; i++) {
		struct netrig_client c;

		netrig_open(rig, NULL, &c);
		netrig_send(&c, NETRIG_GET("/later"),
			    strlen(NETRIG_GET("/later")));
		netrig_close(&c);
	}
	assert_true(netrig_await(rig, &figures.connections, &figures, 0));
}

static int compare(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void assert_quick(struct netrig_client *c, const char *request)
{
	int64_t took[41];
	struct buf out;

	buf_init(&out, 1 << 20);
	for (int i = 0; i < 41; i++) {
		struct timespec from, to;

		clock_gettime(CLOCK_MONOTONIC, &from);
		assert_true(netrig_ask(c, request, &out));
		clock_gettime(CLOCK_MONOTONIC, &to);
		took[i] = (to.tv_sec - from.tv_sec) * 1000000 +
			  (to.tv_nsec - from.tv_nsec) / 1000;
	}
	qsort(took, 41, sizeof(took[0]), compare);
	if (took[20] >= 20000)
		fail_msg("median %lld us: Nagle waits for an acknowledgement",
			 (long long)took[20]);
	buf_fini(&out);
}

/* Answers of one write, and of several. */
static void no_delayed_acknowledgement(void **state)
{
	struct netrig *rig = *state;
	struct netrig_client c;

	netrig_open(rig, NULL, &c);
	assert_quick(&c, NETRIG_GET("/healthz"));
	assert_quick(&c, NETRIG_GET("/big?6000"));
	assert_quick(&c, NETRIG_GET("/later"));
	netrig_close(&c);
}

/* The answer to a request refused at its head reaches a client that goes on
 * sending a megabyte: no reset overtakes it. */
static void an_early_answer_is_not_lost(void **state)
{
	struct netrig *rig = *state;

	for (int i = 0; i < 10; i++) {
		struct netrig_client c;
		struct buf in, out;
		size_t n = 900000;

		buf_init(&in, 1 << 24);
		buf_init(&out, 1 << 24);
		netrig_open(rig, NULL, &c);
		buf_printf(&in, POST("/small") "Content-Length: %zu\r\n\r\n",
			   n);
		memset(buf_room(&in, n), 'e', n);
		in.len += n;
		netrig_send(&c, in.data, in.len);
		assert_true(netrig_read(&c, NULL, &out));
		assert_non_null(strstr(buf_cstr(&out), "HTTP/1.1 413 "));
		buf_fini(&in);
		buf_fini(&out);
		netrig_close(&c);
	}
}

static void errors_close(void **state)
{
	struct netrig *rig = *state;
	struct netrig_client c;
	struct buf out;

	buf_init(&out, 1 << 20);
	netrig_open(rig, NULL, &c);
	netrig_send(&c, "GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n", 36);
	assert_true(netrig_read(&c, NULL, &out));
	assert_ptr_equal(strstr(buf_cstr(&out), "HTTP/1.1 400 "), out.data);
	assert_null(strstr(out.data + 1, "HTTP/1.1 "));
	buf_fini(&out);
	netrig_close(&c);
}

static void continued(void **state)
{
	struct netrig *rig = *state;
	struct netrig_client c;
	struct buf out;
	static const char head[] = POST("/small") "Expect: 100-continue\r\n"
						  "Content-Length: 5\r\n\r\n";

	buf_init(&out, 1 << 20);
	netrig_open(rig, NULL, &c);
	netrig_send(&c, head, sizeof(head) - 1);
	assert_true(netrig_read(&c, "\r\n\r\n", &out));
	assert_string_equal(buf_cstr(&out), "HTTP/1.1 100 Continue\r\n\r\n");
	assert_asks(&c, "hello", " 200 ", "hello");
	buf_fini(&out);
	netrig_close(&c);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(both_listeners),
		T(kept_alive),
		T(pipelined),
		T(chunked_upload),
		T(chunked_download),
		T(large_both_ways),
		T(answered_by_another_thread),
		T(pipelined_in_one_record),
		T(late_answer_to_nobody),
		T(no_delayed_acknowledgement),
		T(an_early_answer_is_not_lost),
		T(errors_close),
		T(continued),
	};

	netrig_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
