#include "tests/support/connrig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static void must(bool ok)
{
	if (!ok)
		abort();
}

static int64_t on_now(void *ctx)
{
	struct connrig *rig = ctx;

	return 784111777 + rig->ms / 1000; /* RFC 9110 section 5.6.7 */
}

static int64_t on_ms(void *ctx)
{
	struct connrig *rig = ctx;

	return rig->ms;
}

static void on_fill(void *ctx, void *out, size_t len)
{
	(void)ctx;
	memset(out, 0x5a, len);
}

static void on_write(void *ctx, const void *data, size_t len)
{
	struct connrig *rig = ctx;

	buf_add(&rig->out, data, len);
}

static void on_take(void *ctx, struct buf *body)
{
	on_write(ctx, body->data, body->len);
	buf_fini(body);
}

static const struct conn_sink on_sink = {on_write, on_take};

static bool path_is(const struct http_request *req, const char *path)
{
	return req->path.len == strlen(path) &&
	       memcmp(req->path.p, path, req->path.len) == 0;
}

static bool on_admit(void *ctx, void *state, const struct http_request *req,
		     size_t *out_max_body, struct http_reply *reply)
{
	struct connrig *rig = ctx;

	(void)state;
	*out_max_body = 100000;
	if (!path_is(req, "/forbidden"))
		return true;
	rig->refused++;
	reply->status = 403;
	return false;
}

static bool on_next(void *ctx, struct buf *out)
{
	struct connrig *rig = ctx;

	if (rig->pieces)
		buf_printf(out, "piece %u\n", rig->pieces);
	return rig->pieces == 0 || --rig->pieces > 0;
}

/* There is always more to come; a piece now and then. */
static bool on_endless(void *ctx, struct buf *out)
{
	struct connrig *rig = ctx;

	rig->asked++;
	if (rig->pieces)
		buf_printf(out, "piece %u\n", rig->pieces--);
	return true;
}

static bool on_flood(void *ctx, struct buf *out)
{
	struct connrig *rig = ctx;
	char *room = buf_room(out, rig->big);

	if (room) {
		memset(room, 'f', rig->big);
		out->len += rig->big;
	}
	return true;
}

static void on_freed(void *ctx)
{
	struct connrig *rig = ctx;

	rig->freed++;
}

void connrig_answer(struct http_exchange *x, int status, const char *text)
{
	struct http_reply reply;

	http_reply_init(&reply, status);
	reply.content_type = "text/plain";
	buf_str(&reply.body, text);
	http_answer(x, &reply);
}

static void answer_stream(struct connrig *rig, struct http_exchange *x,
			  bool (*next)(void *ctx, struct buf *out))
{
	struct http_reply reply;

	http_reply_init(&reply, 200);
	reply.content_type = "text/plain";
	reply.stream = (struct http_stream){next, on_freed, rig};
	if (path_is(http_exchange_request(x), "/endless"))
		reply.stream.pause_ms = CONNRIG_PAUSE_MS;
	if (path_is(http_exchange_request(x), "/sized")) {
		reply.stream.length = rig->big;
		snprintf(reply.digest, sizeof(reply.digest), "sha-256=:YQ==:");
	}
	http_answer(x, &reply);
}

static void answer_big(struct connrig *rig, struct http_exchange *x)
{
	struct http_reply reply;

	http_reply_init(&reply, 200);
	reply.content_type = "text/plain";
	(void)on_flood(rig, &reply.body);
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
	connrig_answer(x, 200, "first");
	connrig_answer(x, 200, "second");
}

static void on_handle(void *ctx, void *state, struct http_exchange *x)
{
	struct connrig *rig = ctx;
	const struct http_request *req = http_exchange_request(x);

	(void)state;
	rig->handled++;
	snprintf(rig->last_body, sizeof(rig->last_body), "%.*s",
		 (int)req->body.len, req->body.p);
	if (path_is(req, "/later")) {
		rig->ticket = http_exchange_ticket(x);
		rig->waiting = x;
	} else if (path_is(req, "/patient")) {
		http_exchange_patience(x, rig->config.handler_ms * 3);
		rig->ticket = http_exchange_ticket(x);
		rig->waiting = x;
	} else if (path_is(req, "/stream") || path_is(req, "/sized")) {
		answer_stream(rig, x, on_next);
	} else if (path_is(req, "/endless")) {
		answer_stream(rig, x, on_endless);
	} else if (path_is(req, "/flood")) {
		answer_stream(rig, x, on_flood);
	} else if (path_is(req, "/big")) {
		answer_big(rig, x);
	} else if (path_is(req, "/fields")) {
		answer_fields(x);
	} else if (path_is(req, "/twice")) {
		answer_twice(x);
	} else if (path_is(req, "/204")) {
		connrig_answer(x, 204, "not to be seen");
	} else if (path_is(req, "/304")) {
		connrig_answer(x, 304, "not to be seen");
	} else {
		connrig_answer(x, 200,
			       path_is(req, "/echo") ? rig->last_body : "ok");
	}
	/* Borrowed until we return, whether it is answered or not. */
	must(req->path.p[0] == '/' || path_is(req, "*"));
}

static void on_problem(void *ctx, enum rc rc, const char *detail,
		       const char *request_id, struct http_reply *reply)
{
	struct connrig *rig = ctx;

	rig->problems++;
	rig->handled_then = rig->handled;
	must(detail != NULL);
	must(strlen(request_id) == HTTP_REQUEST_ID_LEN);
	reply->content_type = "application/problem+json";
	buf_printf(&reply->body, "{%s}", rc_row(rc)->code);
}

static void on_done(void *ctx, void *state, const struct http_request *req,
		    int status, uint64_t bytes, int64_t elapsed_ms)
{
	struct connrig *rig = ctx;

	(void)state;
	must(req->path.p != NULL);
	must(elapsed_ms >= 0);
	rig->done++;
	rig->last_status = status;
	rig->last_bytes = bytes;
}

void connrig_open_conn(struct connrig *rig)
{
	conn_init(&rig->conn, &rig->env, rig, HTTP_PEOPLE, 7);
	conn_open(&rig->conn);
}

int connrig_setup(void **state)
{
	struct connrig *rig = mem_alloc(sizeof(*rig));

	net_config_init(&rig->config);
	rig->config.max_output = 200000;
	rig->ms = 1000000;
	rig->clock = (struct clock){on_now, on_ms, rig};
	rig->rnd = (struct rnd){on_fill, NULL};
	rig->app = (struct http_app){
		.ctx = rig,
		.admit = on_admit,
		.handle = on_handle,
		.problem = on_problem,
		.done = on_done,
	};
	rig->env = (struct conn_env){
		.config = &rig->config,
		.app = &rig->app,
		.clock = &rig->clock,
		.rnd = &rig->rnd,
		.sink = &on_sink,
		.stats = &rig->stats,
		.worker = 3,
	};
	conn_env_init(&rig->env);
	buf_init(&rig->held, 1 << 22);
	buf_init(&rig->out, 1 << 24);
	connrig_open_conn(rig);
	*state = rig;
	return 0;
}

int connrig_teardown(void **state)
{
	struct connrig *rig = *state;

	conn_fini(&rig->conn);
	conn_env_fini(&rig->env);
	buf_fini(&rig->held);
	buf_fini(&rig->out);
	mem_free(rig);
	return 0;
}

/* As the owner of a transport does: hands over what is held while the conn
 * takes of it. The bytes are at a new place each time. */
void connrig_push(struct connrig *rig)
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

void connrig_feed(struct connrig *rig, const char *text)
{
	buf_str(&rig->held, text);
	connrig_push(rig);
}

/* The peer takes everything that is written, until nothing more is. */
void connrig_take_all(struct connrig *rig)
{
	while (rig->conn.unsent) {
		conn_drained(&rig->conn);
		connrig_push(rig);
	}
}

void connrig_later(struct connrig *rig, int64_t ms)
{
	rig->ms += ms;
	conn_tick(&rig->conn);
}

unsigned connrig_count(const struct connrig *rig, const char *what)
{
	unsigned n = 0;
	const char *at = buf_cstr(&rig->out);

	while ((at = strstr(at, what))) {
		at += strlen(what);
		n++;
	}
	return n;
}

bool connrig_has(const struct connrig *rig, const char *what)
{
	return connrig_count(rig, what) > 0;
}

void connrig_forget_output(struct connrig *rig)
{
	connrig_take_all(rig);
	buf_reset(&rig->out);
}

void connrig_push_bytes(struct connrig *rig, size_t n)
{
	char *room = buf_room(&rig->held, n);

	memset(room, 'x', n);
	rig->held.len += n;
	connrig_push(rig);
}
