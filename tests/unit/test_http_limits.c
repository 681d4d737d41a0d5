/*
 * A connection's deadlines phase by phase, its streams, and its ends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/connrig.h"

#define H "Host: localhost\r\n"
#define GET(path) "GET " path " HTTP/1.1\r\n" H "\r\n"
#define POST5 "POST /echo HTTP/1.1\r\n" H "Content-Length: 5\r\n"

static void want(const struct connrig *rig, enum conn_want expected)
{
	assert_int_equal(conn_want(&rig->conn), expected);
}

/* --- deadlines -------------------------------------------------------- */

static void handshake_deadline(void **state)
{
	struct connrig *rig = *state;

	conn_init(&rig->conn, &rig->env, rig, HTTP_PEOPLE, 7);
	connrig_later(rig, rig->config.handshake_ms - 1);
	want(rig, CONN_WANT_HOLD);
	connrig_later(rig, 1);
	want(rig, CONN_WANT_CUT);
	assert_int_equal(rig->out.len, 0);
	assert_int_equal(rig->stats.timeouts, 1);
}

static void idle_deadline(void **state)
{
	struct connrig *rig = *state;

	connrig_later(rig, rig->config.idle_ms - 1);
	want(rig, CONN_WANT_INPUT);
	connrig_later(rig, 1);
	want(rig, CONN_WANT_DISCARD);
	assert_int_equal(rig->out.len, 0);
	assert_int_equal(rig->stats.timeouts, 0);
}

/* A byte now and then moves nothing: the deadline is absolute. */
static void head_deadline(void **state)
{
	struct connrig *rig = *state;
	const char *head = "GET / HTTP/1.1\r\n" H;

	for (int i = 0; i < 10; i++) {
		char byte[2] = {head[i], '\0'};

		connrig_feed(rig, byte);
		connrig_later(rig, rig->config.head_ms / 10 - 1);
	}
	want(rig, CONN_WANT_INPUT);
	connrig_later(rig, 10);
	assert_true(connrig_has(rig, "HTTP/1.1 408 "));
	assert_true(connrig_has(rig, "Connection: close\r\n"));
	assert_int_equal(rig->stats.timeouts, 1);
	want(rig, CONN_WANT_FLUSH);
}

static void start_body(struct connrig *rig)
{
	connrig_feed(rig, "POST /echo HTTP/1.1\r\n" H
			  "Content-Length: 100000\r\n\r\n");
}

static void body_without_a_byte(void **state)
{
	struct connrig *rig = *state;

	start_body(rig);
	connrig_later(rig, CONN_BODY_GRACE_MS - 1);
	want(rig, CONN_WANT_INPUT);
	connrig_later(rig, 1);
	assert_true(connrig_has(rig, "HTTP/1.1 408 "));
}

static void body_below_the_least_rate(void **state)
{
	struct connrig *rig = *state;

	start_body(rig);
	for (int s = 0; s < 7; s++) {
		connrig_push_bytes(rig, 900);
		connrig_later(rig, 1000);
	}
	assert_true(connrig_has(rig, "HTTP/1.1 408 "));
	assert_true(rig->ms > 1000000 + CONN_BODY_GRACE_MS);
}

static void body_at_the_least_rate(void **state)
{
	struct connrig *rig = *state;
	int64_t start = rig->ms;

	start_body(rig);
	while (rig->out.len == 0 && rig->ms < start + 100000) {
		connrig_push_bytes(rig, 1100);
		connrig_later(rig, 1000);
	}
	assert_true(connrig_has(rig, "HTTP/1.1 408 "));
	assert_int_equal(rig->ms - start, rig->config.body_ms);
}

/* Where no rate is asked for, the phase's own deadline is all there is. */
static void body_without_a_rate(void **state)
{
	struct connrig *rig = *state;

	rig->config.body_rate = 0;
	start_body(rig);
	connrig_later(rig, rig->config.body_ms - 1);
	want(rig, CONN_WANT_INPUT);
	connrig_later(rig, 1);
	assert_true(connrig_has(rig, "HTTP/1.1 408 "));
}

static void handler_deadline(void **state)
{
	struct connrig *rig = *state;
	struct http_reply reply;

	connrig_feed(rig, GET("/later"));
	connrig_later(rig, rig->config.handler_ms - 1);
	assert_int_equal(rig->out.len, 0);
	connrig_later(rig, 1);
	assert_true(connrig_has(rig, "HTTP/1.1 503 "));
	assert_true(connrig_has(rig, "{busy}"));
	assert_true(connrig_has(rig, "Retry-After: 1\r\n"));
	http_reply_init(&reply, 200);
	buf_str(&reply.body, "too late");
	conn_answer(&rig->conn, rig->ticket.generation, &reply);
	assert_false(connrig_has(rig, "too late"));
	assert_int_equal(connrig_count(rig, "HTTP/1.1 "), 1);
	assert_int_equal(rig->done, 1);
}

static void a_change_whose_handler_is_late(void **state)
{
	struct connrig *rig = *state;

	connrig_feed(rig, "POST /later HTTP/1.1\r\n" H "\r\n");
	connrig_later(rig, rig->config.handler_ms);
	assert_true(connrig_has(rig, "HTTP/1.1 503 "));
	assert_true(connrig_has(rig, "{outcome-unknown}"));
}

/* What changes nothing may be asked again as it is. */
static void a_question_whose_handler_is_late(void **state)
{
	static const char *const methods[] = {"GET", "HEAD", "OPTIONS"};
	struct connrig *rig = *state;

	for (size_t i = 0; i < 3; i++) {
		char request[80];

		snprintf(request, sizeof(request),
			 "%s /later HTTP/1.1\r\nHost: localhost\r\n\r\n",
			 methods[i]);
		connrig_feed(rig, request);
		connrig_later(rig, rig->config.handler_ms);
		assert_true(connrig_has(rig, "HTTP/1.1 503 "));
		assert_false(connrig_has(rig, "{outcome-unknown}"));
		connrig_forget_output(rig);
		connrig_open_conn(rig);
	}
}

static void write_deadline(void **state)
{
	struct connrig *rig = *state;

	connrig_feed(rig, GET("/"));
	connrig_later(rig, rig->config.write_ms / 2);
	connrig_feed(rig, GET("/")); /* another answer does not move it */
	connrig_later(rig, rig->config.write_ms / 2 - 1);
	want(rig, CONN_WANT_INPUT);
	connrig_later(rig, 1);
	want(rig, CONN_WANT_CUT);
	assert_int_equal(rig->stats.timeouts, 1);
}

static void a_closing_conn_that_nobody_reads(void **state)
{
	struct connrig *rig = *state;

	connrig_feed(rig, "BAD\r\n\r\n");
	connrig_later(rig, rig->config.write_ms - 1);
	want(rig, CONN_WANT_FLUSH);
	connrig_later(rig, 1);
	want(rig, CONN_WANT_CUT);
}

/* --- streams ---------------------------------------------------------- */

static void stream_as_the_peer_takes_it(void **state)
{
	struct connrig *rig = *state;

	rig->pieces = 3;
	connrig_feed(rig, GET("/stream") GET("/"));
	assert_true(connrig_has(rig, "Transfer-Encoding: chunked\r\n"));
	assert_false(connrig_has(rig, "Content-Length"));
	assert_false(connrig_has(rig, "piece"));
	conn_drained(&rig->conn);
	assert_int_equal(connrig_count(rig, "8\r\npiece "), 1);
	conn_drained(&rig->conn);
	assert_int_equal(connrig_count(rig, "8\r\npiece "), 2);
	assert_int_equal(rig->handled, 1);
	assert_int_equal(rig->freed, 0);
	connrig_take_all(rig);
	assert_int_equal(connrig_count(rig, "8\r\npiece "), 3);
	assert_int_equal(connrig_count(rig, "\r\n0\r\n\r\n"), 1);
	assert_int_equal(rig->freed, 1);
	assert_int_equal(rig->handled, 2);
	assert_int_equal(rig->done, 2);
}

static void stream_to_http10(void **state)
{
	struct connrig *rig = *state;

	rig->pieces = 2;
	connrig_feed(rig, "GET /stream HTTP/1.0\r\n\r\n");
	connrig_take_all(rig);
	assert_false(connrig_has(rig, "chunked"));
	assert_true(connrig_has(rig, "Connection: close\r\n"));
	assert_true(connrig_has(rig, "\r\n\r\npiece 2\npiece 1\n"));
	want(rig, CONN_WANT_DISCARD);
}

static void stream_to_head(void **state)
{
	struct connrig *rig = *state;

	rig->pieces = 2;
	connrig_feed(rig, "HEAD /stream HTTP/1.1\r\n" H "\r\n");
	assert_int_equal(rig->freed, 1);
	assert_false(connrig_has(rig, "piece"));
	assert_true(connrig_has(rig, "chunked"));
	want(rig, CONN_WANT_INPUT);
}

static void stream_with_nothing_to_say(void **state)
{
	struct connrig *rig = *state;

	connrig_feed(rig, GET("/stream"));
	connrig_take_all(rig);
	for (int i = 0; i < 10000; i++) /* longer than any deadline */
		connrig_later(rig, CONN_POLL_MS);
	want(rig, CONN_WANT_HOLD);
	assert_false(connrig_has(rig, "piece"));
	rig->pieces = 1;
	connrig_later(rig, CONN_POLL_MS);
	assert_true(connrig_has(rig, "piece 1"));
	assert_int_equal(rig->freed, 1);
}

static void stream_to_a_slow_reader(void **state)
{
	struct connrig *rig = *state;

	rig->big = 100000;
	connrig_feed(rig, GET("/flood"));
	conn_drained(&rig->conn);
	size_t written = rig->out.len;
	connrig_later(rig, rig->config.write_ms - 1);
	assert_int_equal(rig->out.len, written); /* nothing more is made */
	connrig_later(rig, 1);
	want(rig, CONN_WANT_CUT);
	conn_fini(&rig->conn);
	assert_int_equal(rig->freed, 1);
	assert_int_equal(rig->done, 1);
}

static void endless_stream_has_a_pause_of_its_own(void **state)
{
	struct connrig *rig = *state;

	rig->pieces = 2;
	connrig_feed(rig, GET("/endless"));
	connrig_take_all(rig);
	assert_int_equal(connrig_count(rig, "piece"), 2);
	assert_int_equal(rig->asked, 3);
	connrig_later(rig, CONNRIG_PAUSE_MS - 1);
	assert_int_equal(rig->asked, 3);
	connrig_later(rig, 1);
	assert_int_equal(rig->asked, 4);
	want(rig, CONN_WANT_HOLD);
}

/* In order: the last chunk goes, then our side, and soon all of it. */
static void endless_stream_ends_when_it_drains(void **state)
{
	struct connrig *rig = *state;

	connrig_feed(rig, GET("/endless") GET("/"));
	connrig_take_all(rig);
	rig->env.draining = true;
	conn_drain(&rig->conn);
	assert_int_equal(rig->freed, 1);
	assert_int_equal(connrig_count(rig, "\n0\r\n\r\n"), 1);
	want(rig, CONN_WANT_FLUSH);
	conn_drained(&rig->conn);
	want(rig, CONN_WANT_DISCARD);
	assert_int_equal(rig->handled, 1);
	connrig_later(rig, CONN_DRAIN_IDLE_MS);
	want(rig, CONN_WANT_CUT);
}

static void endless_stream_that_begins_when_it_drains(void **state)
{
	struct connrig *rig = *state;

	rig->env.draining = true;
	connrig_feed(rig, GET("/endless"));
	conn_drained(&rig->conn);
	assert_int_equal(rig->asked, 0);
	assert_int_equal(rig->freed, 1);
	assert_int_equal(connrig_count(rig, "\n0\r\n\r\n"), 1);
}

/* A reader that does not read is not waited for. */
static void endless_stream_to_a_slow_reader_that_drains(void **state)
{
	struct connrig *rig = *state;

	rig->pieces = 1;
	connrig_feed(rig, GET("/endless"));
	conn_drained(&rig->conn);
	connrig_later(rig, 10);
	rig->env.draining = true;
	conn_drain(&rig->conn);
	want(rig, CONN_WANT_FLUSH);
	connrig_later(rig, CONN_LINGER_MS - 1);
	want(rig, CONN_WANT_FLUSH);
	connrig_later(rig, 1);
	want(rig, CONN_WANT_CUT);
}

/* One that has an end is sent whole. */
static void stream_goes_on_when_it_drains(void **state)
{
	struct connrig *rig = *state;

	rig->pieces = 3;
	connrig_feed(rig, GET("/stream"));
	conn_drained(&rig->conn);
	rig->env.draining = true;
	conn_drain(&rig->conn);
	connrig_take_all(rig);
	assert_int_equal(connrig_count(rig, "piece"), 3);
	assert_int_equal(connrig_count(rig, "\n0\r\n\r\n"), 1);
}

/* Room was made in the piece, and nothing put into it. */
static void stream_with_an_empty_piece(void **state)
{
	struct connrig *rig = *state;

	rig->big = 0;
	connrig_feed(rig, GET("/flood"));
	connrig_take_all(rig);
	connrig_later(rig, CONN_POLL_MS);
	assert_true(connrig_has(rig, "chunked"));
	assert_false(connrig_has(rig, "\r\n\r\n0\r\n"));
	want(rig, CONN_WANT_HOLD);
}

static void stream_with_too_long_a_piece(void **state)
{
	struct connrig *rig = *state;

	rig->big = rig->config.max_output + 1;
	connrig_feed(rig, GET("/flood"));
	conn_drained(&rig->conn);
	want(rig, CONN_WANT_CUT);
}

/* --- the peer goes, the worker goes ----------------------------------- */

static void eof_while_idle(void **state)
{
	struct connrig *rig = *state;

	conn_eof(&rig->conn);
	want(rig, CONN_WANT_CUT);
}

static void eof_with_output_on_its_way(void **state)
{
	struct connrig *rig = *state;

	connrig_feed(rig, GET("/"));
	conn_eof(&rig->conn);
	want(rig, CONN_WANT_FLUSH);
	connrig_take_all(rig);
	want(rig, CONN_WANT_DISCARD);
}

static void eof_within_a_request(void **state)
{
	struct connrig *rig = *state;

	connrig_feed(rig, POST5 "\r\nhe");
	conn_eof(&rig->conn);
	want(rig, CONN_WANT_CUT);
	assert_int_equal(rig->out.len, 0);
}

static void eof_before_the_answer(void **state)
{
	struct connrig *rig = *state;

	connrig_feed(rig, GET("/later"));
	conn_eof(&rig->conn);
	want(rig, CONN_WANT_HOLD);
	connrig_answer(rig->waiting, 200, "for the half that listens");
	assert_true(connrig_has(rig, "Connection: close\r\n"));
	assert_true(connrig_has(rig, "for the half that listens"));
	want(rig, CONN_WANT_FLUSH);
}

static void eof_within_a_stream(void **state)
{
	struct connrig *rig = *state;

	connrig_feed(rig, GET("/stream"));
	conn_eof(&rig->conn);
	want(rig, CONN_WANT_CUT);
}

static void released_with_an_exchange(void **state)
{
	struct connrig *rig = *state;

	connrig_feed(rig, GET("/later"));
	conn_fini(&rig->conn);
	assert_null(rig->conn.x);
	assert_int_equal(rig->done, 0);
}

static void draining(void **state)
{
	struct connrig *rig = *state;

	rig->env.draining = true;
	conn_drain(&rig->conn);
	connrig_later(rig, CONN_DRAIN_IDLE_MS - 1);
	connrig_feed(rig, GET("/")); /* was on its way */
	assert_true(connrig_has(rig, "Connection: close\r\n"));
	want(rig, CONN_WANT_FLUSH);
}

static void draining_while_idle(void **state)
{
	struct connrig *rig = *state;

	rig->env.draining = true;
	conn_drain(&rig->conn);
	connrig_later(rig, CONN_DRAIN_IDLE_MS);
	want(rig, CONN_WANT_DISCARD);
}

#define T(f) cmocka_unit_test_setup_teardown(f, connrig_setup, connrig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(handshake_deadline),
		T(idle_deadline),
		T(head_deadline),
		T(body_without_a_byte),
		T(body_below_the_least_rate),
		T(body_at_the_least_rate),
		T(body_without_a_rate),
		T(handler_deadline),
		T(a_change_whose_handler_is_late),
		T(a_question_whose_handler_is_late),
		T(write_deadline),
		T(a_closing_conn_that_nobody_reads),
		T(stream_as_the_peer_takes_it),
		T(stream_to_http10),
		T(stream_to_head),
		T(stream_with_nothing_to_say),
		T(stream_to_a_slow_reader),
		T(stream_with_an_empty_piece),
		T(stream_with_too_long_a_piece),
		T(endless_stream_has_a_pause_of_its_own),
		T(endless_stream_ends_when_it_drains),
		T(endless_stream_that_begins_when_it_drains),
		T(endless_stream_to_a_slow_reader_that_drains),
		T(stream_goes_on_when_it_drains),
		T(eof_while_idle),
		T(eof_with_output_on_its_way),
		T(eof_within_a_request),
		T(eof_before_the_answer),
		T(eof_within_a_stream),
		T(released_with_an_exchange),
		T(draining),
		T(draining_while_idle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
