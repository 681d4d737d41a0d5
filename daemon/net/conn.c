#include "daemon/net/conn.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "daemon/net/exchange.h"

/* Each call from outside looks at the clock once. */
static void look_at_clock(struct conn *c)
{
	c->env->now_ms = clock_mono_ms(c->env->clock);
}

static void enter(struct conn *c, enum conn_phase phase, int64_t ms)
{
	c->phase = phase;
	c->phase_at = c->env->now_ms;
	c->phase_deadline = ms == CONN_NEVER ? CONN_NEVER : c->phase_at + ms;
}

static void cut(struct conn *c)
{
	enter(c, CONN_DEAD, 0);
}

void conn_init(struct conn *c, struct conn_env *env, void *sink_ctx,
	       enum http_listener listener, uint32_t slot)
{
	*c = (struct conn){
		.env = env,
		.sink_ctx = sink_ctx,
		.slot = slot,
		.peer.listener = listener,
		.write_deadline = CONN_NEVER,
	};
	look_at_clock(c);
	enter(c, CONN_HANDSHAKE, env->config->handshake_ms);
}

void conn_fini(struct conn *c)
{
	look_at_clock(c);
	if (c->x)
		exchange_end(c);
	cut(c);
}

static void enter_idle(struct conn *c)
{
	unsigned ms = c->env->config->idle_ms;

	if (c->env->draining && ms > CONN_DRAIN_IDLE_MS)
		ms = CONN_DRAIN_IDLE_MS;
	enter(c, CONN_IDLE, ms);
}

/* Ends when the output is out: the write deadline bounds it. */
static void enter_closing(struct conn *c)
{
	if (c->unsent)
		enter(c, CONN_CLOSING, CONN_NEVER);
	else
		enter(c, CONN_LINGER,
		      c->hasty ? CONN_DRAIN_IDLE_MS : CONN_LINGER_MS);
}

void conn_open(struct conn *c)
{
	look_at_clock(c);
	if (c->phase == CONN_HANDSHAKE)
		enter_idle(c);
}

static void write_out(struct conn *c, const void *data, size_t len)
{
	if (!len)
		return;
	if (!c->unsent)
		c->write_deadline = c->env->now_ms + c->env->config->write_ms;
	c->unsent += len;
	c->env->sink->write(c->sink_ctx, data, len);
}

static void take_out(struct conn *c, struct buf *body)
{
	if (!c->unsent)
		c->write_deadline = c->env->now_ms + c->env->config->write_ms;
	c->unsent += body->len;
	c->env->sink->take(c->sink_ctx, body);
}

/* An answer is complete on our side. */
static void finish(struct conn *c)
{
	bool close = c->x->close;

	exchange_end(c);
	if (close || c->eof)
		enter_closing(c);
	else
		enter_idle(c);
}

/* One piece of a stream, framed. */
static void write_piece(struct conn *c, struct buf *piece)
{
	char size[WRITER_CHUNK_MAX];
	bool chunked = c->x->framing == WRITER_CHUNKED;

	c->x->bytes += piece->len;
	if (chunked) {
		write_out(c, size, writer_chunk(piece->len, size));
		buf_str(piece, "\r\n");
	}
	take_out(c, piece);
}

/* With this piece, is a body another length than was said? */
static bool is_amiss(const struct http_exchange *x, size_t piece, bool more)
{
	uint64_t bytes = x->bytes + piece;

	return x->framing == WRITER_LENGTH &&
	       (bytes > x->stream.length ||
		(!more && bytes < x->stream.length));
}

static void end_stream(struct conn *c)
{
	if (c->x->framing == WRITER_CHUNKED)
		write_out(c, "0\r\n\r\n", 5);
	finish(c);
}

/* One without an end: its peer is told that this was all, and comes again. One
 * that does not take what it has is not waited for. */
static void cut_short(struct conn *c)
{
	int64_t until = c->env->now_ms + CONN_LINGER_MS;

	c->hasty = true;
	c->x->close = true;
	end_stream(c);
	if (c->write_deadline != CONN_NEVER && c->write_deadline > until)
		c->write_deadline = until;
}

static int64_t pause_of(const struct http_exchange *x)
{
	return x->stream.pause_ms ? x->stream.pause_ms : CONN_POLL_MS;
}

/* The next piece; the last one ends the exchange. */
static void pump_stream(struct conn *c)
{
	struct http_exchange *x = c->x;
	size_t max = c->env->config->max_output;
	struct buf piece;

	if (c->env->draining && x->stream.pause_ms) {
		cut_short(c);
		return;
	}
	buf_init(&piece, max + 2); /* CR LF */
	bool more = x->stream.next(x->stream.ctx, &piece);
	if (piece.failed || piece.len > max || is_amiss(x, piece.len, more)) {
		log_event(LOG_LVL_ERR, "stream-cut",
			  LOG_S("request_id", x->req.id), LOG_DO_REPORT);
		buf_fini(&piece);
		cut(c);
		return;
	}
	if (piece.len)
		write_piece(c, &piece);
	buf_fini(&piece);
	if (!more)
		end_stream(c);
	else
		enter(c, CONN_STREAM, c->unsent ? CONN_NEVER : pause_of(x));
}

static bool must_close(const struct conn *c, const struct http_reply *reply)
{
	const struct conn_env *env = c->env;

	return reply->close || c->eof || !c->x->reader.keep_alive ||
	       env->draining ||
	       c->handled >= env->config->requests_per_connection;
}

static enum writer_framing choose_framing(const struct conn *c,
					  const struct http_reply *reply)
{
	if (reply->status == 204 || reply->status == 304)
		return WRITER_NONE;
	if (!reply->stream.next || reply->stream.length)
		return WRITER_LENGTH;
	return c->x->reader.http10 ? WRITER_CLOSE : WRITER_CHUNKED;
}

static uint64_t length_of(const struct http_reply *reply)
{
	if (reply->stream.next)
		return reply->stream.length;
	return reply->lent.p ? reply->lent.len : reply->body.len;
}

static void begin_stream(struct conn *c, struct http_reply *reply)
{
	c->x->stream = reply->stream;
	reply->stream = (struct http_stream){0};
	atomic_fetch_add_explicit(&c->env->stats->streams, 1,
				  memory_order_relaxed);
	enter(c, CONN_STREAM, CONN_NEVER);
}

static void write_lent(struct conn *c, struct http_str lent)
{
	c->x->bytes = lent.len;
	write_out(c, lent.p, lent.len);
}

static void write_body(struct conn *c, struct buf *body)
{
	c->x->bytes = body->len;
	take_out(c, body);
}

/* Writes the answer to the exchange under way; consumes reply. */
static void respond(struct conn *c, struct http_reply *reply)
{
	struct http_exchange *x = c->x;
	char *out = c->env->out;
	unsigned dropped;
	bool no_content;

	c->generation = 0;
	x->status = reply->status;
	x->close = must_close(c, reply);
	x->framing = choose_framing(c, reply);
	no_content = x->framing == WRITER_NONE || x->req.method == HTTP_HEAD;
	struct writer_head head = {
		.reply = reply,
		.framing = x->framing,
		.length = length_of(reply),
		.close = x->close,
		.date = exchange_date(c->env),
		.request_id = x->req.id,
	};
	size_t len = writer_head(&head, out, &dropped);
	if (dropped)
		log_event(LOG_LVL_ERR, "field-dropped",
			  LOG_S("request_id", x->req.id), LOG_DO_REPORT);
	write_out(c, out, len);
	if (reply->stream.next && !no_content)
		begin_stream(c, reply);
	else if (reply->lent.p && !no_content)
		write_lent(c, reply->lent);
	else if (!no_content)
		write_body(c, &reply->body);
	http_reply_fini(reply);
}

/* Answers with an error of our own and closes. */
static void refuse(struct conn *c, enum rc rc, const char *detail)
{
	const struct http_app *app = c->env->app;
	struct http_reply reply;
	int status = rc_row(rc)->http;

	http_reply_init(&reply, status);
	app->problem(app->ctx, rc, detail, c->x->req.id, &reply);
	reply.status = status;
	reply.close = true;
	if (status == 503)
		reply.retry_after = 1;
	respond(c, &reply);
	finish(c);
}

/* An app's answer; too long for us to hold is our fault, not the peer's. */
static void respond_checked(struct conn *c, struct http_reply *reply)
{
	if (reply->body.failed ||
	    reply->body.len > c->env->config->max_output) {
		log_event(LOG_LVL_ERR, "answer-too-long",
			  LOG_S("request_id", c->x->req.id),
			  LOG_DO("ask for less at a time: a page, fewer days"));
		http_reply_fini(reply);
		http_reply_init(reply, 500);
		c->env->app->problem(c->env->app->ctx, RC_INTERNAL,
				     "the answer is too long", c->x->req.id,
				     reply);
		reply->status = 500;
	}
	respond(c, reply);
}

/* The answer is written: what comes next, if app.handle() has returned. */
static void after_answer(struct conn *c)
{
	if (c->x->stream.next)
		return; /* conn_drained() pulls it */
	finish(c);
}

void conn_answer(struct conn *c, uint64_t generation, struct http_reply *reply)
{
	if (c->phase != CONN_HANDLER || !generation ||
	    c->generation != generation) {
		http_reply_fini(reply);
		return;
	}
	look_at_clock(c); /* a handler takes its time */
	respond_checked(c, reply);
	if (!c->answering)
		after_answer(c);
}

void http_answer(struct http_exchange *x, struct http_reply *reply)
{
	conn_answer(x->conn, x->conn->generation, reply);
}

static void handle(struct conn *c)
{
	struct conn_env *env = c->env;
	struct http_exchange *x = c->x;

	enter(c, CONN_HANDLER, env->config->handler_ms);
	c->generation = ++env->generation;
	c->handled++;
	if (x->body.len)
		x->req.body = (struct http_str){x->body.data, x->body.len};
	c->answering = true;
	env->app->handle(env->app->ctx, env->state, x);
	c->answering = false;
	x->req.body = (struct http_str){"", 0};
	buf_fini(&x->body);
	if (!c->generation)
		after_answer(c);
}

/* By when enough of the body must be there: absolute, or the least rate. */
static void bound_body(struct conn *c)
{
	const struct net_config *config = c->env->config;
	int64_t rated = CONN_BODY_GRACE_MS;

	if (config->body_rate) {
		int64_t earned = (int64_t)(c->x->reader.received * 1000 /
					   config->body_rate);

		rated = earned > rated ? earned : rated;
	} else {
		rated = config->body_ms;
	}
	if (rated > config->body_ms)
		rated = config->body_ms;
	c->phase_deadline = c->phase_at + rated;
}

static void on_head(struct conn *c)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct conn_env *env = c->env;
	struct http_exchange *x = c->x;
	struct http_reply reply;
	size_t max_body = 0;

	exchange_read(x);
	atomic_fetch_add_explicit(&env->stats->requests, 1,
				  memory_order_relaxed);
	http_reply_init(&reply, 500);
	if (!env->app->admit(env->app->ctx, env->state, &x->req, &max_body,
			     &reply)) {
		if (reader_has_body(&x->reader))
			reply.close = true;
		c->handled++;
		respond_checked(c, &reply);
		after_answer(c);
		return;
	}
	http_reply_fini(&reply);
	reader_bound(&x->reader, max_body);
	buf_init(&x->body, max_body);
	enter(c, CONN_BODY, env->config->body_ms);
	bound_body(c);
	if (x->reader.expects_continue && reader_has_body(&x->reader) &&
	    x->reader.length <= max_body)
		write_out(c, go_on, sizeof(go_on) - 1);
}

/* Content that came in one piece is not copied: it is handled within the same
 * conn_input(). */
static void on_body(struct conn *c)
{
	struct http_exchange *x = c->x;
	struct http_str piece = x->reader.piece;

	bound_body(c);
	if (!x->reader.chunked && piece.len == x->reader.length) {
		x->req.body = piece;
		return;
	}
	buf_add(&x->body, piece.p, piece.len);
	if (x->body.failed)
		refuse(c, RC_NOMEM, "there is no memory for the body");
}

static void on_more(struct conn *c)
{
	(void)c;
}

static void on_error(struct conn *c)
{
	refuse(c, c->x->reader.error, c->x->reader.detail);
}

static void (*const on_got[])(struct conn *c) = {
	[READER_MORE] = on_more,   [READER_HEAD] = on_head,
	[READER_BODY] = on_body,   [READER_DONE] = handle,
	[READER_ERROR] = on_error,
};

/* A request's first byte is there. */
static bool begin(struct conn *c)
{
	if (!exchange_begin(c)) {
		cut(c);
		return false;
	}
	enter(c, CONN_HEAD, c->env->config->head_ms);
	return true;
}

static bool reads(const struct conn *c)
{
	if (c->phase == CONN_IDLE)
		return c->unsent < CONN_PAUSE && !c->eof;
	return c->phase == CONN_HEAD || c->phase == CONN_BODY;
}

static size_t discard(struct conn *c, size_t len)
{
	c->discarded += len;
	if (c->discarded > CONN_LINGER_MAX)
		cut(c);
	return len;
}

size_t conn_input(struct conn *c, const char *data, size_t len)
{
	enum reader_got got = READER_HEAD;
	size_t used = 0;

	look_at_clock(c);
	if (c->phase == CONN_LINGER)
		return discard(c, len);
	while (reads(c)) {
		if (c->phase == CONN_IDLE && (used == len || !begin(c)))
			break;
		used += reader_feed(&c->x->reader, data + used, len - used,
				    &got);
		on_got[got](c);
		if (got == READER_MORE)
			break;
	}
	return used;
}

void conn_eof(struct conn *c)
{
	look_at_clock(c);
	c->eof = true;
	if (c->phase == CONN_HANDLER || c->phase == CONN_CLOSING)
		return;
	if (c->phase == CONN_IDLE && c->unsent)
		enter_closing(c);
	else
		cut(c);
}

void conn_drained(struct conn *c)
{
	c->unsent = 0;
	c->write_deadline = CONN_NEVER;
	if (c->phase != CONN_STREAM && c->phase != CONN_CLOSING)
		return; /* most often: not even the time is needed */
	look_at_clock(c);
	if (c->phase == CONN_STREAM)
		pump_stream(c);
	else
		enter_closing(c);
}

/* Whoever connects and says nothing holds up no drain. */
static void hurry_handshake(struct conn *c)
{
	int64_t last = c->env->now_ms + CONN_DRAIN_SHAKE_MS;

	if (c->phase_deadline > last)
		c->phase_deadline = last;
}

void conn_drain(struct conn *c)
{
	look_at_clock(c);
	if (c->phase == CONN_IDLE)
		enter_idle(c);
	if (c->phase == CONN_HANDSHAKE)
		hurry_handshake(c);
	if (c->phase == CONN_STREAM && c->x->stream.pause_ms)
		cut_short(c);
}

int64_t conn_deadline(const struct conn *c)
{
	return c->write_deadline < c->phase_deadline ? c->write_deadline
						     : c->phase_deadline;
}

/* A change whose handler is late may still happen: the peer must ask. */
static void late_handler(struct conn *c)
{
	enum http_method m = c->x->req.method;
	bool safe = m == HTTP_GET || m == HTTP_HEAD || m == HTTP_OPTIONS;

	refuse(c, safe ? RC_BUSY : RC_UNKNOWN, "the answer took too long");
}

static void late_request(struct conn *c)
{
	refuse(c, RC_TIMEOUT, "the request did not arrive in time");
}

static const struct {
	void (*act)(struct conn *c);
	bool timeout; /* worth counting */
} on_deadline[CONN_PHASE_COUNT] = {
	[CONN_HANDSHAKE] = {cut, true},
	[CONN_IDLE] = {enter_closing, false},
	[CONN_HEAD] = {late_request, true},
	[CONN_BODY] = {late_request, true},
	[CONN_HANDLER] = {late_handler, true},
	[CONN_STREAM] = {pump_stream, false},
	[CONN_CLOSING] = {cut, true},
	[CONN_LINGER] = {cut, false},
	[CONN_DEAD] = {cut, false},
};

void conn_tick(struct conn *c)
{
	look_at_clock(c);
	int64_t now = c->env->now_ms;
	bool stuck = now >= c->write_deadline;

	if (!stuck && now < c->phase_deadline)
		return;
	if (stuck || on_deadline[c->phase].timeout)
		atomic_fetch_add_explicit(&c->env->stats->timeouts, 1,
					  memory_order_relaxed);
	if (stuck)
		cut(c);
	else
		on_deadline[c->phase].act(c);
}

enum conn_want conn_want(const struct conn *c)
{
	static const enum conn_want wants[CONN_PHASE_COUNT] = {
		[CONN_HANDSHAKE] = CONN_WANT_HOLD,
		[CONN_IDLE] = CONN_WANT_INPUT,
		[CONN_HEAD] = CONN_WANT_INPUT,
		[CONN_BODY] = CONN_WANT_INPUT,
		[CONN_HANDLER] = CONN_WANT_HOLD,
		[CONN_STREAM] = CONN_WANT_HOLD,
		[CONN_CLOSING] = CONN_WANT_FLUSH,
		[CONN_LINGER] = CONN_WANT_DISCARD,
		[CONN_DEAD] = CONN_WANT_CUT,
	};

	if (c->phase == CONN_IDLE && !reads(c))
		return CONN_WANT_HOLD;
	return wants[c->phase];
}
