/*
 * A connection's state machine: answers, their order and bounds, errors.
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
#include "tests/support/connrig.h"

#define H "Host: localhost\r\n"
#define GET(path) "GET " path " HTTP/1.1\r\n" H "\r\n"
#define POST5 "POST /echo HTTP/1.1\r\n" H "Content-Length: 5\r\n"

static void want(const struct connrig *rig, enum conn_want expected)
{
	assert_int_equal(conn_want(&rig->conn), expected);
}

/* --- answers ---------------------------------------------------------- */

static void an_answer_byte_for_byte(void **state)
{
	struct connrig *rig = *state;

	connrig_feed(rig, GET("/"));
	assert_string_equal(buf_cstr(&rig->out),
			    "HTTP/1.1 200 OK\r\n"
			    "Date: Sun, 06 Nov 1994 09:06:17 GMT\r\n"
			    "Content-Length: 2\r\n"
			    "Content-Type: text/plain\r\n"
			    "X-Request-Id: 5a5a5a5a5a5a5a5a\r\n"
			    "X-Content-Type-Options: nosniff\r\n"
			    "Strict-Transport-Security: max-age=31536000\r\n"
			    "\r\nok");
	assert_int_equal(rig->done, 1);
	assert_int_equal(rig->last_bytes, 2);
	assert_null(rig->conn.x); /* an idle conn has no exchange */
	want(rig, CONN_WANT_INPUT);
}

static void computed_fields(void **state)
{
	struct connrig *rig = *state;

	connrig_feed(rig, GET("/fields"));
	assert_true(connrig_has(rig, "HTTP/1.1 201 Created\r\n"));
	assert_false(connrig_has(rig, "Evil"));
	assert_false(connrig_has(rig, "Location"));
	assert_true(connrig_has(rig, "\r\nLink: </n>; rel=\"next\"\r\n"));
	assert_true(connrig_has(rig, "\r\nETag: \"7\"\r\n"));
	assert_true(connrig_has(rig, "\r\nAllow: GET\r\n"));
	assert_true(connrig_has(rig, "\r\nRetry-After: 3\r\n"));
	assert_true(connrig_has(rig, "\r\nCache-Control: no-store\r\n"));
	assert_true(connrig_has(rig, "\r\nContent-Length: 0\r\n"));
	assert_false(connrig_has(rig, "Content-Type:"));
}

static void head_is_get_without_content(void **state)
{
	struct connrig *rig = *state;
	char *get;

	connrig_feed(rig, GET("/"));
	get = mem_strdup(buf_cstr(&rig->out));
	connrig_forget_output(rig);
	connrig_feed(rig, "HEAD / HTTP/1.1\r\n" H "\r\n");
	get[strlen(get) - 2] = '\0'; /* without "ok" */
	assert_string_equal(buf_cstr(&rig->out), get);
	mem_free(get);
}

static void status_without_content(void **state)
{
	struct connrig *rig = *state;

	connrig_feed(rig, GET("/204") GET("/304") GET("/"));
	assert_int_equal(connrig_count(rig, "HTTP/1.1 "), 3);
	assert_int_equal(connrig_count(rig, "Content-Length"), 1);
	assert_false(connrig_has(rig, "not to be seen"));
}

static void bodies(void **state)
{
	struct connrig *rig = *state;

	connrig_feed(rig, POST5 "\r\nhello");
	assert_true(connrig_has(rig, "\r\n\r\nhello"));
	connrig_feed(rig, POST5 "\r\nwo");
	connrig_feed(rig, "r");
	connrig_feed(rig, "ld");
	assert_true(connrig_has(rig, "\r\n\r\nworld"));
	connrig_feed(rig, "POST /echo HTTP/1.1\r\n" H
			  "Transfer-Encoding: chunked\r\n\r\n"
			  "3\r\nchu\r\n3\r\nnks\r\n0\r\n\r\n");
	assert_true(connrig_has(rig, "\r\n\r\nchunks"));
	assert_int_equal(rig->handled, 3);
}

static void only_the_first_answer_counts(void **state)
{
	struct connrig *rig = *state;

	connrig_feed(rig, GET("/twice"));
	assert_true(connrig_has(rig, "first"));
	assert_false(connrig_has(rig, "second"));
	assert_int_equal(rig->done, 1);
}

static void too_long_an_answer(void **state)
{
	struct connrig *rig = *state;

	rig->big = rig->config.max_output;
	connrig_feed(rig, GET("/big"));
	assert_true(connrig_has(rig, "HTTP/1.1 200 OK\r\n"));
	connrig_forget_output(rig);
	rig->big++;
	connrig_feed(rig, GET("/big"));
	assert_true(connrig_has(rig, "HTTP/1.1 500 "));
	assert_true(connrig_has(rig, "{internal}"));
	assert_false(connrig_has(rig, "ffff"));
	want(rig, CONN_WANT_INPUT);
}

/* --- a body whose length is known ------------------------------------- */

static void a_stream_with_its_length(void **state)
{
	struct connrig *rig = *state;

	rig->pieces = 3;
	rig->big = 3 * strlen("piece 1\n");
	connrig_feed(rig, GET("/sized"));
	connrig_take_all(rig);
	assert_true(connrig_has(rig, "\r\nContent-Length: 24\r\n"));
	assert_true(connrig_has(rig, "\r\nRepr-Digest: sha-256=:YQ==:\r\n"));
	assert_false(connrig_has(rig, "chunked"));
	assert_true(connrig_has(rig, "\r\n\r\npiece 3\npiece 2\npiece 1\n"));
	assert_int_equal(rig->freed, 1);
	assert_int_equal(rig->last_bytes, 24);
	want(rig, CONN_WANT_INPUT);
}

/* Nobody takes for whole what is not. */
static void a_stream_that_is_not_as_long_is_cut(void **state)
{
	struct connrig *rig = *state;

	rig->pieces = 3;
	rig->big = 3 * strlen("piece 1\n") + 1;
	connrig_feed(rig, GET("/sized"));
	connrig_take_all(rig);
	want(rig, CONN_WANT_CUT);
}

static void a_stream_that_is_longer_is_cut(void **state)
{
	struct connrig *rig = *state;

	rig->pieces = 4;
	rig->big = 3 * strlen("piece 1\n");
	connrig_feed(rig, GET("/sized"));
	connrig_take_all(rig);
	assert_false(connrig_has(rig, "piece 1"));
	want(rig, CONN_WANT_CUT);
}

static void some_answers_may_take_longer(void **state)
{
	struct connrig *rig = *state;
	unsigned ms = rig->config.handler_ms;

	connrig_feed(rig, GET("/patient"));
	connrig_later(rig, 3 * (int64_t)ms - 1);
	assert_int_equal(rig->done, 0);
	connrig_later(rig, 2);
	assert_true(connrig_has(rig, "HTTP/1.1 503 "));
}

/* --- order and bounds ------------------------------------------------- */

static void pipelined_in_order(void **state)
{
	struct connrig *rig = *state;

	connrig_feed(rig, GET("/") GET("/fields") GET("/204"));
	const char *out = buf_cstr(&rig->out);
	assert_true(strstr(out, " 200 ") < strstr(out, " 201 "));
	assert_true(strstr(out, " 201 ") < strstr(out, " 204 "));
	assert_int_equal(rig->handled, 3);
}

static void waits_for_a_late_answer(void **state)
{
	struct connrig *rig = *state;
	struct http_reply reply;

	connrig_feed(rig, GET("/later") GET("/"));
	assert_int_equal(rig->handled, 1);
	assert_int_equal(rig->held.len, strlen(GET("/")));
	assert_int_equal(rig->out.len, 0);
	want(rig, CONN_WANT_HOLD);
	assert_int_equal(rig->ticket.worker, 3);
	assert_int_equal(rig->ticket.slot, 7);
	http_reply_init(&reply, 202);
	conn_answer(&rig->conn, rig->ticket.generation, &reply);
	connrig_push(rig);
	assert_int_equal(rig->handled, 2);
	assert_true(strstr(buf_cstr(&rig->out), " 202 ") <
		    strstr(buf_cstr(&rig->out), " 200 "));
}

static void a_foreign_generation_is_dropped(void **state)
{
	struct connrig *rig = *state;
	struct http_reply reply;

	connrig_feed(rig, GET("/later"));
	for (int i = -1; i <= 1; i++) {
		http_reply_init(&reply, 200);
		buf_str(&reply.body, "for somebody else");
		if (i)
			conn_answer(&rig->conn,
				    rig->ticket.generation + (uint64_t)i,
				    &reply);
		else
			conn_answer(&rig->conn, 0, &reply);
		http_reply_fini(&reply);
	}
	assert_int_equal(rig->out.len, 0);
	want(rig, CONN_WANT_HOLD);
}

static void output_stops_input(void **state)
{
	struct connrig *rig = *state;

	rig->big = 20000;
	for (int i = 0; i < 8; i++)
		connrig_feed(rig, GET("/big"));
	assert_int_equal(rig->handled, 4); /* 4 * 20000 > CONN_PAUSE */
	want(rig, CONN_WANT_HOLD);
	connrig_take_all(rig);
	assert_int_equal(rig->handled, 8);
	want(rig, CONN_WANT_INPUT);
}

static void a_last_request(void **state)
{
	struct connrig *rig = *state;

	rig->config.requests_per_connection = 2;
	connrig_feed(rig, GET("/") GET("/") GET("/"));
	assert_int_equal(rig->handled, 2);
	assert_int_equal(connrig_count(rig, "Connection: close\r\n"), 1);
	want(rig, CONN_WANT_FLUSH);
}

static void closes_when_asked_to(void **state)
{
	struct connrig *rig = *state;

	connrig_feed(rig, "GET / HTTP/1.1\r\n" H
			  "Connection: close\r\n\r\n" GET("/"));
	assert_int_equal(rig->handled, 1);
	assert_true(connrig_has(rig, "Connection: close\r\n"));
	want(rig, CONN_WANT_FLUSH);
	connrig_take_all(rig);
	want(rig, CONN_WANT_DISCARD);
}

static void http10_closes(void **state)
{
	struct connrig *rig = *state;

	connrig_feed(rig, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	assert_true(connrig_has(rig, "HTTP/1.1 200 OK\r\n"));
	assert_true(connrig_has(rig, "Connection: close\r\n"));
	want(rig, CONN_WANT_FLUSH);
}

/* --- 100-continue ----------------------------------------------------- */

static void continue_is_sent(void **state)
{
	struct connrig *rig = *state;

	connrig_feed(rig, POST5 "Expect: 100-continue\r\n\r\n");
	assert_string_equal(buf_cstr(&rig->out),
			    "HTTP/1.1 100 Continue\r\n\r\n");
	connrig_feed(rig, "hello");
	assert_true(connrig_has(rig, "HTTP/1.1 200 OK\r\n"));
	assert_int_equal(rig->done, 1);
}

static void no_continue_without_body(void **state)
{
	struct connrig *rig = *state;

	connrig_feed(rig,
		     "GET / HTTP/1.1\r\n" H "Expect: 100-continue\r\n\r\n");
	assert_false(connrig_has(rig, " 100 "));
	assert_true(connrig_has(rig, " 200 "));
}

static void no_continue_when_refused(void **state)
{
	struct connrig *rig = *state;

	connrig_feed(rig, "POST /forbidden HTTP/1.1\r\n" H
			  "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n");
	assert_int_equal(connrig_count(rig, "HTTP/1.1 "), 1);
	assert_true(connrig_has(rig, "HTTP/1.1 403 "));
	assert_true(connrig_has(rig, "Connection: close\r\n"));
	assert_int_equal(rig->handled, 0);
	want(rig, CONN_WANT_FLUSH);
}

static void refused_without_body_stays_open(void **state)
{
	struct connrig *rig = *state;

	connrig_feed(rig, GET("/forbidden") GET("/"));
	assert_true(connrig_has(rig, "HTTP/1.1 403 "));
	assert_true(connrig_has(rig, "HTTP/1.1 200 "));
	assert_int_equal(rig->handled, 1);
	assert_int_equal(rig->done, 2);
}

static void no_continue_when_too_large(void **state)
{
	struct connrig *rig = *state;

	connrig_feed(rig,
		     "POST /echo HTTP/1.1\r\n" H
		     "Expect: 100-continue\r\nContent-Length: 100001\r\n\r\n");
	assert_int_equal(connrig_count(rig, "HTTP/1.1 "), 1);
	assert_true(connrig_has(rig, "HTTP/1.1 413 "));
}

/* --- errors ----------------------------------------------------------- */

static void an_error_is_the_end(void **state)
{
	struct connrig *rig = *state;

	connrig_feed(rig, GET("/") "BAD\r\n\r\n" GET("/"));
	assert_int_equal(connrig_count(rig, "HTTP/1.1 "), 2);
	assert_int_equal(connrig_count(rig, "HTTP/1.1 400 "), 1);
	assert_true(connrig_has(rig, "{malformed}"));
	assert_int_equal(rig->handled, 1);
	assert_int_equal(rig->done, 2);
	want(rig, CONN_WANT_FLUSH);
	connrig_take_all(rig);
	connrig_feed(rig, GET("/"));
	assert_int_equal(rig->handled, 1);
	assert_int_equal(rig->held.len, 0); /* discarded */
	assert_int_equal(connrig_count(rig, "HTTP/1.1 "), 2);
	connrig_later(rig, CONN_LINGER_MS);
	want(rig, CONN_WANT_CUT);
}

static void lingering_is_bounded(void **state)
{
	struct connrig *rig = *state;
	char *junk = mem_alloc(65536);

	connrig_feed(rig, "BAD\r\n\r\n");
	connrig_take_all(rig);
	for (unsigned i = 0; i < CONN_LINGER_MAX / 65536; i++) {
		want(rig, CONN_WANT_DISCARD);
		conn_input(&rig->conn, junk, 65536);
	}
	want(rig, CONN_WANT_CUT);
	mem_free(junk);
}

static void an_error_within_a_body(void **state)
{
	struct connrig *rig = *state;

	connrig_feed(rig, "POST /echo HTTP/1.1\r\n" H
			  "Transfer-Encoding: chunked\r\n\r\n1\r\nxx");
	assert_true(connrig_has(rig, "HTTP/1.1 400 "));
	assert_int_equal(rig->handled, 0);
	want(rig, CONN_WANT_FLUSH);
}

/* --- the writer's small parts ----------------------------------------- */

static void dates(void **state)
{
	char date[WRITER_DATE_LEN + 1];

	(void)state;
	writer_date(784111777, date);
	assert_string_equal(date, "Sun, 06 Nov 1994 08:49:37 GMT");
	writer_date(1709164800, date);
	assert_string_equal(date, "Thu, 29 Feb 2024 00:00:00 GMT");
}

static void chunk_lines(void **state)
{
	char line[WRITER_CHUNK_MAX];

	(void)state;
	assert_int_equal(writer_chunk(255, line), 4);
	assert_memory_equal(line, "ff\r\n", 4);
	assert_int_equal(writer_chunk((size_t)1 << 32, line), 11);
}

/* Every status that an error of ours has can be written with its reason. */
static void reasons(void **state)
{
	(void)state;
	for (int rc = 0; rc < RC_COUNT; rc++) {
		int status = rc_row((enum rc)rc)->http;

		if (status && !*writer_reason(status))
			fail_msg("%d has no reason phrase", status);
	}
	assert_string_equal(writer_reason(299), "");
}

static size_t head_of(struct http_reply *reply, char *out, unsigned *dropped)
{
	const struct writer_head head = {.reply = reply,
					 .framing = WRITER_LENGTH,
					 .date = "",
					 .request_id = "1"};
	size_t len = writer_head(&head, out, dropped);

	out[len] = '\0';
	return len;
}

/* A value that would end its line, or whose end a peer may see elsewhere. */
static void values_with_controls_are_left_out(void **state)
{
	static const char *const bad[] = {"a\r\nX: b", "a\x7f", "a\x1f", "\n"};
	char out[WRITER_HEAD_MAX + 1];
	struct http_reply reply = {.status = 200};
	unsigned dropped;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		strcpy(reply.etag, bad[i]);
		head_of(&reply, out, &dropped);
		assert_int_equal(1, dropped);
		assert_null(strstr(out, "ETag"));
	}
	strcpy(reply.etag, "\"a\xe5\"");
	head_of(&reply, out, &dropped);
	assert_int_equal(0, dropped);
	assert_non_null(strstr(out, "ETag: \"a\xe5\"\r\n"));
}

static void a_status_that_is_none_is_an_error_of_ours(void **state)
{
	static const int none[] = {0, 99, 1000, -1};
	char out[WRITER_HEAD_MAX + 1];
	unsigned dropped;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct http_reply reply = {.status = none[i]};

		head_of(&reply, out, &dropped);
		assert_ptr_equal(out,
				 strstr(out, "HTTP/1.1 500 Internal Server "
					     "Error\r\n"));
	}
}

static void names_of_methods(void **state)
{
	(void)state;
	assert_string_equal("GET", http_method_name(HTTP_GET));
	assert_string_equal("OPTIONS", http_method_name(HTTP_OPTIONS));
	assert_string_equal("?", http_method_name(HTTP_METHOD_COUNT));
}

#define T(f) cmocka_unit_test_setup_teardown(f, connrig_setup, connrig_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_answer_byte_for_byte),
		T(computed_fields),
		T(head_is_get_without_content),
		T(status_without_content),
		T(bodies),
		T(only_the_first_answer_counts),
		T(too_long_an_answer),
		T(a_stream_with_its_length),
		T(a_stream_that_is_not_as_long_is_cut),
		T(a_stream_that_is_longer_is_cut),
		T(some_answers_may_take_longer),
		T(pipelined_in_order),
		T(waits_for_a_late_answer),
		T(a_foreign_generation_is_dropped),
		T(output_stops_input),
		T(a_last_request),
		T(closes_when_asked_to),
		T(http10_closes),
		T(continue_is_sent),
		T(no_continue_without_body),
		T(no_continue_when_refused),
		T(refused_without_body_stays_open),
		T(no_continue_when_too_large),
		T(an_error_is_the_end),
		T(lingering_is_bounded),
		T(an_error_within_a_body),
		cmocka_unit_test(dates),
		cmocka_unit_test(chunk_lines),
		cmocka_unit_test(reasons),
		cmocka_unit_test(values_with_controls_are_left_out),
		cmocka_unit_test(a_status_that_is_none_is_an_error_of_ours),
		cmocka_unit_test(names_of_methods),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
