/*
 * A connection's state machine without a socket: the bytes, the clock, the
 * application and the peer's pace are all the test's.
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
#include "daemon/net/conn.h"

#define H "Host: localhost\r\n"
#define GET(path) "GET " path " HTTP/1.1\r\n" H "\r\n"
#define POST5 "POST /echo HTTP/1.1\r\n" H "Content-Length: 5\r\n"

/* What the application did, and what it is to do. */
struct rig {
	struct net_config config;
	struct conn_env env;
	struct conn_stats stats;
	struct http_app app;
	struct clock clock;
	struct rnd rnd;
	struct conn conn;
	int64_t ms;
	struct buf held; /* input that the conn did not take */
	struct buf out;	 /* everything that it wrote */
	unsigned handled, done, freed, pieces;
	int last_status;
	uint64_t last_bytes;
	struct http_ticket ticket;
	struct http_exchange *waiting;
	char last_body[64];
	size_t big; /* length of /big's answer and of /flood's pieces */
};

static int64_t rig_now(void *ctx)
{
	struct rig *rig = ctx;

	return 784111777 + rig->ms / 1000; /* RFC 9110 section 5.6.7 */
}

static int64_t rig_ms(void *ctx)
{
	struct rig *rig = ctx;

	return rig->ms;
}

static void rig_fill(void *ctx, void *out, size_t len)
{
	(void)ctx;
	memset(out, 0x5a, len);
}

static void rig_write(void *ctx, const void *data, size_t len)
{
	struct rig *rig = ctx;

	buf_add(&rig->out, data, len);
}

static void rig_take(void *ctx, struct buf *body)
{
	rig_write(ctx, body->data, body->len);
	buf_fini(body);
}

static const struct conn_sink rig_sink = {rig_write, rig_take};

static bool path_is(const struct http_request *req, const char *path)
{
	return req->path.len == strlen(path) &&
	       memcmp(req->path.p, path, req->path.len) == 0;
}

static bool rig_admit(void *ctx, void *state, const struct http_request *req,
		      size_t *out_max_body, struct http_reply *reply)
{
	(void)ctx;
	(void)state;
	*out_max_body = 100000;
	if (!path_is(req, "/forbidden"))
		return true;
	reply->status = 403;
	return false;
}

static bool rig_next(void *ctx, struct buf *out)
{
	struct rig *rig = ctx;

	if (rig->pieces)
		buf_printf(out, "piece %u\n", rig->pieces);
	return rig->pieces == 0 || --rig->pieces > 0;
}

static bool rig_flood(void *ctx, struct buf *out)
{
	struct rig *rig = ctx;
	char *room = buf_room(out, rig->big);

	if (room) {
		memset(room, 'f', rig->big);
		out->len += rig->big;
	}
	return true;
}

static void rig_freed(void *ctx)
{
	struct rig *rig = ctx;

	rig->freed++;
}

static void answer(struct http_exchange *x, int status, const char *text)
{
	struct http_reply reply;

	http_reply_init(&reply, status);
	reply.content_type = "text/plain";
	buf_str(&reply.body, text);
	http_answer(x, &reply);
}

static void answer_stream(struct rig *rig, struct http_exchange *x,
			  bool (*next)(void *ctx, struct buf *out))
{
	struct http_reply reply;

	http_reply_init(&reply, 200);
	reply.content_type = "text/plain";
	reply.stream = (struct http_stream){next, rig_freed, rig};
	http_answer(x, &reply);
}

static void answer_big(struct rig *rig, struct http_exchange *x)
{
	struct http_reply reply;

	http_reply_init(&reply, 200);
	reply.content_type = "text/plain";
	(void)rig_flood(rig, &reply.body);
	http_answer(x, &reply);
}

static void answer_fields(struct http_exchange *x)
{
	struct http_reply reply;

	http_reply_init(&reply, 201);
	snprintf(reply.location, sizeof(reply.location), "/v1/a\r\nEvil: 1");
	snprintf(reply.link, sizeof(reply.link), "</n>; rel=\"next\"");
	snprintf(reply.etag, sizeof(reply.etag), "\"7\"");
	reply.allow = "GET";
	reply.retry_after = 3;
	reply.no_store = true;
	http_answer(x, &reply);
}

static void answer_twice(struct http_exchange *x)
{
	answer(x, 200, "first");
	answer(x, 200, "second");
}

static void rig_handle(void *ctx, void *state, struct http_exchange *x)
{
	struct rig *rig = ctx;
	const struct http_request *req = http_exchange_request(x);

	(void)state;
	rig->handled++;
	snprintf(rig->last_body, sizeof(rig->last_body), "%.*s",
		 (int)req->body.len, req->body.p);
	if (path_is(req, "/later")) {
		rig->ticket = http_exchange_ticket(x);
		rig->waiting = x;
	} else if (path_is(req, "/stream")) {
		answer_stream(rig, x, rig_next);
	} else if (path_is(req, "/flood")) {
		answer_stream(rig, x, rig_flood);
	} else if (path_is(req, "/big")) {
		answer_big(rig, x);
	} else if (path_is(req, "/fields")) {
		answer_fields(x);
	} else if (path_is(req, "/twice")) {
		answer_twice(x);
	} else if (path_is(req, "/204")) {
		answer(x, 204, "not to be seen");
	} else if (path_is(req, "/304")) {
		answer(x, 304, "not to be seen");
	} else {
		answer(x, 200, path_is(req, "/echo") ? rig->last_body : "ok");
	}
	/* Borrowed until we return, whether it is answered or not. */
	assert_true(req->path.len > 0 && req->path.p[0] == '/');
}

static void rig_problem(void *ctx, enum rc rc, const char *detail,
			const char *request_id, struct http_reply *reply)
{
	(void)ctx;
	assert_non_null(detail);
	assert_int_equal(strlen(request_id), HTTP_REQUEST_ID_LEN);
	reply->content_type = "application/problem+json";
	buf_printf(&reply->body, "{%s}", rc_row(rc)->code);
}

static void rig_done(void *ctx, void *state, const struct http_request *req,
		     int status, uint64_t bytes, int64_t elapsed_us)
{
	struct rig *rig = ctx;

	(void)state;
	assert_non_null(req->path.p);
	assert_true(elapsed_us >= 0);
	rig->done++;
	rig->last_status = status;
	rig->last_bytes = bytes;
}

static void open_conn(struct rig *rig)
{
	conn_init(&rig->conn, &rig->env, rig, HTTP_PEOPLE, 7);
	conn_open(&rig->conn);
}

static int setup(void **state)
{
	struct rig *rig = mem_alloc(sizeof(*rig));

	net_config_init(&rig->config);
	rig->config.max_output = 200000;
	rig->ms = 1000000;
	rig->clock = (struct clock){rig_now, rig_ms, rig};
	rig->rnd = (struct rnd){rig_fill, NULL};
	rig->app = (struct http_app){
		.ctx = rig,
		.admit = rig_admit,
		.handle = rig_handle,
		.problem = rig_problem,
		.done = rig_done,
	};
	rig->env = (struct conn_env){
		.config = &rig->config,
		.app = &rig->app,
		.clock = &rig->clock,
		.rnd = &rig->rnd,
		.sink = &rig_sink,
		.stats = &rig->stats,
		.worker = 3,
	};
	conn_env_init(&rig->env);
	buf_init(&rig->held, 1 << 22);
	buf_init(&rig->out, 1 << 24);
	open_conn(rig);
	*state = rig;
	return 0;
}

static int teardown(void **state)
{
	struct rig *rig = *state;

	conn_fini(&rig->conn);
	conn_env_fini(&rig->env);
	buf_fini(&rig->held);
	buf_fini(&rig->out);
	mem_free(rig);
	return 0;
}

/* As the owner of a transport does: hands over what is held while the conn
 * takes of it. The bytes are at a new place each time. */
static void push(struct rig *rig)
{
	while (rig->held.len) {
		char *copy = malloc(rig->held.len);
		size_t len = rig->held.len;

		memcpy(copy, rig->held.data, len);
		size_t used = conn_input(&rig->conn, copy, len);
		free(copy);
		if (!used)
			return;
		memmove(rig->held.data, rig->held.data + used, len - used);
		rig->held.len = len - used;
	}
}

static void feed(struct rig *rig, const char *text)
{
	buf_str(&rig->held, text);
	push(rig);
}

/* The peer takes everything that is written, until nothing more is. */
static void take_all(struct rig *rig)
{
	while (rig->conn.unsent) {
		conn_drained(&rig->conn);
		push(rig);
	}
}

static void later(struct rig *rig, int64_t ms)
{
	rig->ms += ms;
	conn_tick(&rig->conn);
}

static unsigned count(const struct rig *rig, const char *what)
{
	unsigned n = 0;
	const char *at = buf_cstr(&rig->out);

	while ((at = strstr(at, what))) {
		at += strlen(what);
		n++;
	}
	return n;
}

static bool has(const struct rig *rig, const char *what)
{
	return count(rig, what) > 0;
}

static void forget_output(struct rig *rig)
{
	take_all(rig);
	buf_reset(&rig->out);
}

static void want(const struct rig *rig, enum conn_want expected)
{
	assert_int_equal(conn_want(&rig->conn), expected);
}

/* --- answers ---------------------------------------------------------- */

static void an_answer_byte_for_byte(void **state)
{
	struct rig *rig = *state;

	feed(rig, GET("/"));
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
	struct rig *rig = *state;

	feed(rig, GET("/fields"));
	assert_true(has(rig, "HTTP/1.1 201 Created\r\n"));
	assert_false(has(rig, "Evil"));
	assert_false(has(rig, "Location"));
	assert_true(has(rig, "\r\nLink: </n>; rel=\"next\"\r\n"));
	assert_true(has(rig, "\r\nETag: \"7\"\r\n"));
	assert_true(has(rig, "\r\nAllow: GET\r\n"));
	assert_true(has(rig, "\r\nRetry-After: 3\r\n"));
	assert_true(has(rig, "\r\nCache-Control: no-store\r\n"));
	assert_true(has(rig, "\r\nContent-Length: 0\r\n"));
	assert_false(has(rig, "Content-Type:"));
}

static void head_is_get_without_content(void **state)
{
	struct rig *rig = *state;
	char *get;

	feed(rig, GET("/"));
	get = mem_strdup(buf_cstr(&rig->out));
	forget_output(rig);
	feed(rig, "HEAD / HTTP/1.1\r\n" H "\r\n");
	get[strlen(get) - 2] = '\0'; /* without "ok" */
	assert_string_equal(buf_cstr(&rig->out), get);
	mem_free(get);
}

static void status_without_content(void **state)
{
	struct rig *rig = *state;

	feed(rig, GET("/204") GET("/304") GET("/"));
	assert_int_equal(count(rig, "HTTP/1.1 "), 3);
	assert_int_equal(count(rig, "Content-Length"), 1);
	assert_false(has(rig, "not to be seen"));
}

static void bodies(void **state)
{
	struct rig *rig = *state;

	feed(rig, POST5 "\r\nhello");
	assert_true(has(rig, "\r\n\r\nhello"));
	feed(rig, POST5 "\r\nwo");
	feed(rig, "r");
	feed(rig, "ld");
	assert_true(has(rig, "\r\n\r\nworld"));
	feed(rig,
	     "POST /echo HTTP/1.1\r\n" H "Transfer-Encoding: chunked\r\n\r\n"
	     "3\r\nchu\r\n3\r\nnks\r\n0\r\n\r\n");
	assert_true(has(rig, "\r\n\r\nchunks"));
	assert_int_equal(rig->handled, 3);
}

static void only_the_first_answer_counts(void **state)
{
	struct rig *rig = *state;

	feed(rig, GET("/twice"));
	assert_true(has(rig, "first"));
	assert_false(has(rig, "second"));
	assert_int_equal(rig->done, 1);
}

static void too_long_an_answer(void **state)
{
	struct rig *rig = *state;

	rig->big = rig->config.max_output;
	feed(rig, GET("/big"));
	assert_true(has(rig, "HTTP/1.1 200 OK\r\n"));
	forget_output(rig);
	rig->big++;
	feed(rig, GET("/big"));
	assert_true(has(rig, "HTTP/1.1 500 "));
	assert_true(has(rig, "{internal}"));
	assert_false(has(rig, "ffff"));
	want(rig, CONN_WANT_INPUT);
}

/* --- order and bounds ------------------------------------------------- */

static void pipelined_in_order(void **state)
{
	struct rig *rig = *state;

	feed(rig, GET("/") GET("/fields") GET("/204"));
	const char *out = buf_cstr(&rig->out);
	assert_true(strstr(out, " 200 ") < strstr(out, " 201 "));
	assert_true(strstr(out, " 201 ") < strstr(out, " 204 "));
	assert_int_equal(rig->handled, 3);
}

static void waits_for_a_late_answer(void **state)
{
	struct rig *rig = *state;
	struct http_reply reply;

	feed(rig, GET("/later") GET("/"));
	assert_int_equal(rig->handled, 1);
	assert_int_equal(rig->held.len, strlen(GET("/")));
	assert_int_equal(rig->out.len, 0);
	want(rig, CONN_WANT_HOLD);
	assert_int_equal(rig->ticket.worker, 3);
	assert_int_equal(rig->ticket.slot, 7);
	http_reply_init(&reply, 202);
	conn_answer(&rig->conn, rig->ticket.generation, &reply);
	push(rig);
	assert_int_equal(rig->handled, 2);
	assert_true(strstr(buf_cstr(&rig->out), " 202 ") <
		    strstr(buf_cstr(&rig->out), " 200 "));
}

static void a_foreign_generation_is_dropped(void **state)
{
	struct rig *rig = *state;
	struct http_reply reply;

	feed(rig, GET("/later"));
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
	struct rig *rig = *state;

	rig->big = 20000;
	for (int i = 0; i < 8; i++)
		feed(rig, GET("/big"));
	assert_int_equal(rig->handled, 4); /* 4 * 20000 > CONN_PAUSE */
	want(rig, CONN_WANT_HOLD);
	take_all(rig);
	assert_int_equal(rig->handled, 8);
	want(rig, CONN_WANT_INPUT);
}

static void a_last_request(void **state)
{
	struct rig *rig = *state;

	rig->config.requests_per_connection = 2;
	feed(rig, GET("/") GET("/") GET("/"));
	assert_int_equal(rig->handled, 2);
	assert_int_equal(count(rig, "Connection: close\r\n"), 1);
	want(rig, CONN_WANT_FLUSH);
}

static void closes_when_asked_to(void **state)
{
	struct rig *rig = *state;

	feed(rig, "GET / HTTP/1.1\r\n" H "Connection: close\r\n\r\n" GET("/"));
	assert_int_equal(rig->handled, 1);
	assert_true(has(rig, "Connection: close\r\n"));
	want(rig, CONN_WANT_FLUSH);
	take_all(rig);
	want(rig, CONN_WANT_DISCARD);
}

static void http10_closes(void **state)
{
	struct rig *rig = *state;

	feed(rig, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	assert_true(has(rig, "HTTP/1.1 200 OK\r\n"));
	assert_true(has(rig, "Connection: close\r\n"));
	want(rig, CONN_WANT_FLUSH);
}

/* --- 100-continue ----------------------------------------------------- */

static void continue_is_sent(void **state)
{
	struct rig *rig = *state;

	feed(rig, POST5 "Expect: 100-continue\r\n\r\n");
	assert_string_equal(buf_cstr(&rig->out),
			    "HTTP/1.1 100 Continue\r\n\r\n");
	feed(rig, "hello");
	assert_true(has(rig, "HTTP/1.1 200 OK\r\n"));
	assert_int_equal(rig->done, 1);
}

static void no_continue_without_body(void **state)
{
	struct rig *rig = *state;

	feed(rig, "GET / HTTP/1.1\r\n" H "Expect: 100-continue\r\n\r\n");
	assert_false(has(rig, " 100 "));
	assert_true(has(rig, " 200 "));
}

static void no_continue_when_refused(void **state)
{
	struct rig *rig = *state;

	feed(rig, "POST /forbidden HTTP/1.1\r\n" H
		  "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n");
	assert_int_equal(count(rig, "HTTP/1.1 "), 1);
	assert_true(has(rig, "HTTP/1.1 403 "));
	assert_true(has(rig, "Connection: close\r\n"));
	assert_int_equal(rig->handled, 0);
	want(rig, CONN_WANT_FLUSH);
}

static void refused_without_body_stays_open(void **state)
{
	struct rig *rig = *state;

	feed(rig, GET("/forbidden") GET("/"));
	assert_true(has(rig, "HTTP/1.1 403 "));
	assert_true(has(rig, "HTTP/1.1 200 "));
	assert_int_equal(rig->handled, 1);
	assert_int_equal(rig->done, 2);
}

static void no_continue_when_too_large(void **state)
{
	struct rig *rig = *state;

	feed(rig, "POST /echo HTTP/1.1\r\n" H
		  "Expect: 100-continue\r\nContent-Length: 100001\r\n\r\n");
	assert_int_equal(count(rig, "HTTP/1.1 "), 1);
	assert_true(has(rig, "HTTP/1.1 413 "));
}

/* --- errors ----------------------------------------------------------- */

static void an_error_is_the_end(void **state)
{
	struct rig *rig = *state;

	feed(rig, GET("/") "BAD\r\n\r\n" GET("/"));
	assert_int_equal(count(rig, "HTTP/1.1 "), 2);
	assert_int_equal(count(rig, "HTTP/1.1 400 "), 1);
	assert_true(has(rig, "{malformed}"));
	assert_int_equal(rig->handled, 1);
	assert_int_equal(rig->done, 2);
	want(rig, CONN_WANT_FLUSH);
	take_all(rig);
	feed(rig, GET("/"));
	assert_int_equal(rig->handled, 1);
	assert_int_equal(rig->held.len, 0); /* discarded */
	assert_int_equal(count(rig, "HTTP/1.1 "), 2);
	later(rig, CONN_LINGER_MS);
	want(rig, CONN_WANT_CUT);
}

static void lingering_is_bounded(void **state)
{
	struct rig *rig = *state;
	char *junk = mem_alloc(65536);

	feed(rig, "BAD\r\n\r\n");
	take_all(rig);
	for (unsigned i = 0; i < CONN_LINGER_MAX / 65536; i++) {
		want(rig, CONN_WANT_DISCARD);
		conn_input(&rig->conn, junk, 65536);
	}
	want(rig, CONN_WANT_CUT);
	mem_free(junk);
}

static void an_error_within_a_body(void **state)
{
	struct rig *rig = *state;

	feed(rig, "POST /echo HTTP/1.1\r\n" H
		  "Transfer-Encoding: chunked\r\n\r\n1\r\nxx");
	assert_true(has(rig, "HTTP/1.1 400 "));
	assert_int_equal(rig->handled, 0);
	want(rig, CONN_WANT_FLUSH);
}

/* --- deadlines -------------------------------------------------------- */

static void handshake_deadline(void **state)
{
	struct rig *rig = *state;

	conn_init(&rig->conn, &rig->env, rig, HTTP_PEOPLE, 7);
	later(rig, rig->config.handshake_ms - 1);
	want(rig, CONN_WANT_HOLD);
	later(rig, 1);
	want(rig, CONN_WANT_CUT);
	assert_int_equal(rig->out.len, 0);
	assert_int_equal(rig->stats.timeouts, 1);
}

static void idle_deadline(void **state)
{
	struct rig *rig = *state;

	later(rig, rig->config.idle_ms - 1);
	want(rig, CONN_WANT_INPUT);
	later(rig, 1);
	want(rig, CONN_WANT_DISCARD);
	assert_int_equal(rig->out.len, 0);
	assert_int_equal(rig->stats.timeouts, 0);
}

/* A byte now and then moves nothing: the deadline is absolute. */
static void head_deadline(void **state)
{
	struct rig *rig = *state;
	const char *head = "GET / HTTP/1.1\r\n" H;

	for (int i = 0; i < 10; i++) {
		char byte[2] = {head[i], '\0'};

		feed(rig, byte);
		later(rig, rig->config.head_ms / 10 - 1);
	}
	want(rig, CONN_WANT_INPUT);
	later(rig, 10);
	assert_true(has(rig, "HTTP/1.1 408 "));
	assert_true(has(rig, "Connection: close\r\n"));
	assert_int_equal(rig->stats.timeouts, 1);
	want(rig, CONN_WANT_FLUSH);
}

static void start_body(struct rig *rig)
{
	feed(rig, "POST /echo HTTP/1.1\r\n" H "Content-Length: 100000\r\n\r\n");
}

static void push_bytes(struct rig *rig, size_t n)
{
	char *room = buf_room(&rig->held, n);

	memset(room, 'x', n);
	rig->held.len += n;
	push(rig);
}

static void body_without_a_byte(void **state)
{
	struct rig *rig = *state;

	start_body(rig);
	later(rig, CONN_BODY_GRACE_MS - 1);
	want(rig, CONN_WANT_INPUT);
	later(rig, 1);
	assert_true(has(rig, "HTTP/1.1 408 "));
}

static void body_below_the_least_rate(void **state)
{
	struct rig *rig = *state;

	start_body(rig);
	for (int s = 0; s < 7; s++) {
		push_bytes(rig, 900);
		later(rig, 1000);
	}
	assert_true(has(rig, "HTTP/1.1 408 "));
	assert_true(rig->ms > 1000000 + CONN_BODY_GRACE_MS);
}

static void body_at_the_least_rate(void **state)
{
	struct rig *rig = *state;
	int64_t start = rig->ms;

	start_body(rig);
	while (rig->out.len == 0 && rig->ms < start + 100000) {
		push_bytes(rig, 1100);
		later(rig, 1000);
	}
	assert_true(has(rig, "HTTP/1.1 408 "));
	assert_int_equal(rig->ms - start, rig->config.body_ms);
}

static void handler_deadline(void **state)
{
	struct rig *rig = *state;
	struct http_reply reply;

	feed(rig, GET("/later"));
	later(rig, rig->config.handler_ms - 1);
	assert_int_equal(rig->out.len, 0);
	later(rig, 1);
	assert_true(has(rig, "HTTP/1.1 503 "));
	assert_true(has(rig, "{busy}"));
	assert_true(has(rig, "Retry-After: 1\r\n"));
	http_reply_init(&reply, 200);
	buf_str(&reply.body, "too late");
	conn_answer(&rig->conn, rig->ticket.generation, &reply);
	assert_false(has(rig, "too late"));
	assert_int_equal(count(rig, "HTTP/1.1 "), 1);
	assert_int_equal(rig->done, 1);
}

static void a_change_whose_handler_is_late(void **state)
{
	struct rig *rig = *state;

	feed(rig, "POST /later HTTP/1.1\r\n" H "\r\n");
	later(rig, rig->config.handler_ms);
	assert_true(has(rig, "HTTP/1.1 503 "));
	assert_true(has(rig, "{outcome-unknown}"));
}

static void write_deadline(void **state)
{
	struct rig *rig = *state;

	feed(rig, GET("/"));
	later(rig, rig->config.write_ms / 2);
	feed(rig, GET("/")); /* another answer does not move it */
	later(rig, rig->config.write_ms / 2 - 1);
	want(rig, CONN_WANT_INPUT);
	later(rig, 1);
	want(rig, CONN_WANT_CUT);
	assert_int_equal(rig->stats.timeouts, 1);
}

static void a_closing_conn_that_nobody_reads(void **state)
{
	struct rig *rig = *state;

	feed(rig, "BAD\r\n\r\n");
	later(rig, rig->config.write_ms - 1);
	want(rig, CONN_WANT_FLUSH);
	later(rig, 1);
	want(rig, CONN_WANT_CUT);
}

/* --- streams ---------------------------------------------------------- */

static void stream_as_the_peer_takes_it(void **state)
{
	struct rig *rig = *state;

	rig->pieces = 3;
	feed(rig, GET("/stream") GET("/"));
	assert_true(has(rig, "Transfer-Encoding: chunked\r\n"));
	assert_false(has(rig, "Content-Length"));
	assert_false(has(rig, "piece"));
	conn_drained(&rig->conn);
	assert_int_equal(count(rig, "8\r\npiece "), 1);
	conn_drained(&rig->conn);
	assert_int_equal(count(rig, "8\r\npiece "), 2);
	assert_int_equal(rig->handled, 1);
	assert_int_equal(rig->freed, 0);
	take_all(rig);
	assert_int_equal(count(rig, "8\r\npiece "), 3);
	assert_int_equal(count(rig, "\r\n0\r\n\r\n"), 1);
	assert_int_equal(rig->freed, 1);
	assert_int_equal(rig->handled, 2);
	assert_int_equal(rig->done, 2);
}

static void stream_to_http10(void **state)
{
	struct rig *rig = *state;

	rig->pieces = 2;
	feed(rig, "GET /stream HTTP/1.0\r\n\r\n");
	take_all(rig);
	assert_false(has(rig, "chunked"));
	assert_true(has(rig, "Connection: close\r\n"));
	assert_true(has(rig, "\r\n\r\npiece 2\npiece 1\n"));
	want(rig, CONN_WANT_DISCARD);
}

static void stream_to_head(void **state)
{
	struct rig *rig = *state;

	rig->pieces = 2;
	feed(rig, "HEAD /stream HTTP/1.1\r\n" H "\r\n");
	assert_int_equal(rig->freed, 1);
	assert_false(has(rig, "piece"));
	assert_true(has(rig, "chunked"));
	want(rig, CONN_WANT_INPUT);
}

static void stream_with_nothing_to_say(void **state)
{
	struct rig *rig = *state;

	feed(rig, GET("/stream"));
	take_all(rig);
	for (int i = 0; i < 10000; i++) /* longer than any deadline */
		later(rig, CONN_POLL_MS);
	want(rig, CONN_WANT_HOLD);
	assert_false(has(rig, "piece"));
	rig->pieces = 1;
	later(rig, CONN_POLL_MS);
	assert_true(has(rig, "piece 1"));
	assert_int_equal(rig->freed, 1);
}

static void stream_to_a_slow_reader(void **state)
{
	struct rig *rig = *state;

	rig->big = 100000;
	feed(rig, GET("/flood"));
	conn_drained(&rig->conn);
	size_t written = rig->out.len;
	later(rig, rig->config.write_ms - 1);
	assert_int_equal(rig->out.len, written); /* nothing more is made */
	later(rig, 1);
	want(rig, CONN_WANT_CUT);
	conn_fini(&rig->conn);
	assert_int_equal(rig->freed, 1);
	assert_int_equal(rig->done, 1);
}

static void stream_with_too_long_a_piece(void **state)
{
	struct rig *rig = *state;

	rig->big = rig->config.max_output + 1;
	feed(rig, GET("/flood"));
	conn_drained(&rig->conn);
	want(rig, CONN_WANT_CUT);
}

/* --- the peer goes, the worker goes ----------------------------------- */

static void eof_while_idle(void **state)
{
	struct rig *rig = *state;

	conn_eof(&rig->conn);
	want(rig, CONN_WANT_CUT);
}

static void eof_with_output_on_its_way(void **state)
{
	struct rig *rig = *state;

	feed(rig, GET("/"));
	conn_eof(&rig->conn);
	want(rig, CONN_WANT_FLUSH);
	take_all(rig);
	want(rig, CONN_WANT_DISCARD);
}

static void eof_within_a_request(void **state)
{
	struct rig *rig = *state;

	feed(rig, POST5 "\r\nhe");
	conn_eof(&rig->conn);
	want(rig, CONN_WANT_CUT);
	assert_int_equal(rig->out.len, 0);
}

static void eof_before_the_answer(void **state)
{
	struct rig *rig = *state;

	feed(rig, GET("/later"));
	conn_eof(&rig->conn);
	want(rig, CONN_WANT_HOLD);
	answer(rig->waiting, 200, "for the half that listens");
	assert_true(has(rig, "Connection: close\r\n"));
	assert_true(has(rig, "for the half that listens"));
	want(rig, CONN_WANT_FLUSH);
}

static void eof_within_a_stream(void **state)
{
	struct rig *rig = *state;

	feed(rig, GET("/stream"));
	conn_eof(&rig->conn);
	want(rig, CONN_WANT_CUT);
}

static void released_with_an_exchange(void **state)
{
	struct rig *rig = *state;

	feed(rig, GET("/later"));
	conn_fini(&rig->conn);
	assert_null(rig->conn.x);
	assert_int_equal(rig->done, 0);
}

static void draining(void **state)
{
	struct rig *rig = *state;

	rig->env.draining = true;
	conn_drain(&rig->conn);
	later(rig, CONN_DRAIN_IDLE_MS - 1);
	feed(rig, GET("/")); /* was on its way */
	assert_true(has(rig, "Connection: close\r\n"));
	want(rig, CONN_WANT_FLUSH);
}

static void draining_while_idle(void **state)
{
	struct rig *rig = *state;

	rig->env.draining = true;
	conn_drain(&rig->conn);
	later(rig, CONN_DRAIN_IDLE_MS);
	want(rig, CONN_WANT_DISCARD);
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

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

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
		T(handshake_deadline),
		T(idle_deadline),
		T(head_deadline),
		T(body_without_a_byte),
		T(body_below_the_least_rate),
		T(body_at_the_least_rate),
		T(handler_deadline),
		T(a_change_whose_handler_is_late),
		T(write_deadline),
		T(a_closing_conn_that_nobody_reads),
		T(stream_as_the_peer_takes_it),
		T(stream_to_http10),
		T(stream_to_head),
		T(stream_with_nothing_to_say),
		T(stream_to_a_slow_reader),
		T(stream_with_too_long_a_piece),
		T(eof_while_idle),
		T(eof_with_output_on_its_way),
		T(eof_within_a_request),
		T(eof_before_the_answer),
		T(eof_within_a_stream),
		T(released_with_an_exchange),
		T(draining),
		T(draining_while_idle),
		cmocka_unit_test(dates),
		cmocka_unit_test(chunk_lines),
		cmocka_unit_test(reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
