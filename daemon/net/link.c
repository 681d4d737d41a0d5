#include "daemon/net/link.h"

#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

#define TURNS_MAX 16u /* of one link, before the others have theirs */

static void sink_write(void *ctx, const void *data, size_t len)
{
	struct link *l = ctx;

	if (evbuffer_add(l->worker->out, data, len) != 0)
		l->broken = true;
}

static void free_body(const void *data, size_t len, void *ctx)
{
	struct buf *body = ctx;

	(void)data;
	(void)len;
	buf_fini(body);
	mem_free(body);
}

static void sink_take(void *ctx, struct buf *body)
{
	struct link *l = ctx;
	struct buf *own = mem_try(sizeof(*own));

	if (!own) {
		buf_fini(body);
		l->broken = true;
		return;
	}
	*own = *body;
	buf_init(body, body->max);
	if (evbuffer_add_reference(l->worker->out, own->data, own->len,
				   free_body, own) != 0) {
		free_body(NULL, 0, own);
		l->broken = true;
	}
}

const struct conn_sink link_sink = {sink_write, sink_take};

static bool nothing_waits(const struct link *l)
{
	return evbuffer_get_length(bufferevent_get_output(l->bev)) == 0;
}

/* Straight to OpenSSL while nothing is queued: saves arming the write event
 * and a turn of the loop. What is left goes the bufferevent's way, which
 * retries with the same bytes, as SSL_write() demands. */
static void write_now(struct link *l, struct evbuffer *out)
{
	SSL *ssl = bufferevent_openssl_get_ssl(l->bev);
	size_t len;

	while ((len = evbuffer_get_contiguous_space(out)) > 0) {
		size_t written = 0;

		ERR_clear_error();
		if (SSL_write_ex(ssl, evbuffer_pullup(out, (ssize_t)len), len,
				 &written) != 1) {
			int why = SSL_get_error(ssl, 0);

			if (why != SSL_ERROR_WANT_WRITE)
				l->broken = true;
			return;
		}
		evbuffer_drain(out, written);
	}
}

static void flush(struct link *l)
{
	struct evbuffer *out = l->worker->out;

	if (!l->broken && evbuffer_get_length(out) && nothing_waits(l))
		write_now(l, out);
	if (!l->broken && evbuffer_get_length(out) &&
	    bufferevent_write_buffer(l->bev, out) != 0)
		l->broken = true;
	if (l->broken)
		evbuffer_drain(out, evbuffer_get_length(out));
}

static bool takes_input(const struct link *l)
{
	enum conn_want want = conn_want(&l->conn);

	return want == CONN_WANT_INPUT || want == CONN_WANT_DISCARD;
}

/* The conn sees the buffer's first piece in place. */
static void feed(struct link *l)
{
	struct evbuffer *in = bufferevent_get_input(l->bev);

	while (takes_input(l)) {
		size_t len = evbuffer_get_contiguous_space(in);
		const char *data =
			(const char *)evbuffer_pullup(in, (ssize_t)len);

		if (!len)
			break;
		size_t used = conn_input(&l->conn, data, len);
		evbuffer_drain(in, used);
		if (!used)
			break;
	}
}

/* One round; true when there may be more to do at once. */
static bool turn(struct link *l)
{
	if (l->conn.unsent && nothing_waits(l))
		conn_drained(&l->conn);
	feed(l);
	flush(l);
	return !l->broken && l->conn.unsent && nothing_waits(l);
}

static void want_reading(struct link *l, bool on)
{
	if (l->conn.eof || l->reading == on)
		return;
	l->reading = on;
	if (on)
		bufferevent_enable(l->bev, EV_READ);
	else
		bufferevent_disable(l->bev, EV_READ);
}

/* Our side ends: close_notify, then FIN. */
static void shut(struct link *l)
{
	if (l->shut)
		return;
	l->shut = true;
	ERR_clear_error();
	SSL_shutdown(bufferevent_openssl_get_ssl(l->bev));
	ERR_clear_error();
	shutdown(bufferevent_getfd(l->bev), SHUT_WR);
}

/* Does what the conn wants now; releases it when that is over. */
static void settle(struct link *l)
{
	size_t waiting = evbuffer_get_length(bufferevent_get_input(l->bev));

	switch (l->broken ? CONN_WANT_CUT : conn_want(&l->conn)) {
	case CONN_WANT_INPUT:
		want_reading(l, true);
		break;
	case CONN_WANT_HOLD: /* so that its going away is seen */
		want_reading(l, waiting == 0);
		break;
	case CONN_WANT_FLUSH:
		want_reading(l, false);
		break;
	case CONN_WANT_DISCARD:
		shut(l);
		want_reading(l, true);
		break;
	case CONN_WANT_CUT:
		link_free(l);
		return;
	}
	wheel_set(&l->worker->wheel, &l->node, conn_deadline(&l->conn));
}

static void come_again(struct link *l)
{
	if (l->queued)
		return;
	l->queued = true;
	l->next_again = l->worker->again;
	l->worker->again = l;
}

void link_pump(struct link *l)
{
	unsigned turns = 0;

	if (l->busy)
		return;
	l->busy = true;
	while (turn(l) && ++turns < TURNS_MAX)
		;
	if (turns == TURNS_MAX)
		come_again(l);
	l->busy = false;
	settle(l);
}

void link_due(struct link *l)
{
	conn_tick(&l->conn);
	link_pump(l);
}

static void on_ready(struct bufferevent *bev, void *ctx)
{
	(void)bev;
	link_pump(ctx);
}

static void log_failure(const struct link *l, const char *why)
{
	log_event(LOG_LVL_NOTICE, "handshake-failed",
		  LOG_SORT_S("peer", l->conn.peer.address),
		  LOG_S("listener", l->conn.peer.listener == HTTP_PARTNERS
					    ? "partners"
					    : "people"),
		  LOG_S("why", why));
}

static void fail_handshake(struct link *l)
{
	SSL *ssl = bufferevent_openssl_get_ssl(l->bev);

	atomic_fetch_add_explicit(&l->worker->net->handshakes_failed, 1,
				  memory_order_relaxed);
	log_failure(l, tls_reason(ssl, bufferevent_get_openssl_error(l->bev)));
	l->broken = true;
}

static void on_open(struct link *l)
{
	if (tls_peer(bufferevent_openssl_get_ssl(l->bev), &l->conn.peer))
		conn_open(&l->conn);
	else
		fail_handshake(l);
}

static void on_event(struct bufferevent *bev, short what, void *ctx)
{
	struct link *l = ctx;

	(void)bev;
	if (what & BEV_EVENT_CONNECTED)
		on_open(l);
	else if (l->conn.phase == CONN_HANDSHAKE)
		fail_handshake(l);
	else if (what & BEV_EVENT_EOF)
		conn_eof(&l->conn);
	else
		l->broken = true;
	/* libevent has stopped both directions; the answer must still go. */
	if ((what & BEV_EVENT_EOF) && !l->broken)
		bufferevent_enable(l->bev, EV_WRITE);
	link_pump(l);
}

static struct bufferevent *make_bev(struct worker *w, int fd,
				    enum http_listener kind)
{
	SSL *ssl = tls_accept(w->net->tls, kind, clock_now(w->env.clock));

	if (!ssl)
		return NULL;
	return bufferevent_openssl_socket_new(w->base, fd, ssl,
					      BUFFEREVENT_SSL_ACCEPTING,
					      BEV_OPT_CLOSE_ON_FREE);
}

void link_accept(struct worker *w, int fd, enum http_listener kind,
		 const struct peers_key *key, const char *address)
{
	struct bufferevent *bev = make_bev(w, fd, kind);
	struct link *l = bev && w->nfree ? mem_try(sizeof(*l)) : NULL;

	if (!l) {
		if (bev)
			bufferevent_free(bev);
		else
			close(fd);
		peers_leave(w->net->peers, key);
		return;
	}
	l->worker = w;
	l->bev = bev;
	l->key = *key;
	l->reading = true;
	uint32_t slot = w->free_slots[--w->nfree];
	w->links[slot] = l;
	w->nlinks++;
	atomic_fetch_add_explicit(&w->net->connections, 1,
				  memory_order_relaxed);
	conn_init(&l->conn, &w->env, l, kind, slot);
	snprintf(l->conn.peer.address, sizeof(l->conn.peer.address), "%s",
		 address);
	bufferevent_setcb(bev, on_ready, on_ready, on_event, l);
	bufferevent_enable(bev, EV_READ | EV_WRITE);
	settle(l);
}

static void leave_again(struct link *l)
{
	struct link **at = &l->worker->again;

	while (l->queued && *at != l)
		at = &(*at)->next_again;
	if (l->queued)
		*at = l->next_again;
}

void link_free(struct link *l)
{
	struct worker *w = l->worker;

	conn_fini(&l->conn);
	wheel_remove(&l->node);
	leave_again(l);
	ERR_clear_error();
	bufferevent_free(l->bev);
	peers_leave(w->net->peers, &l->key);
	w->links[l->conn.slot] = NULL;
	w->free_slots[w->nfree++] = l->conn.slot;
	w->nlinks--;
	atomic_fetch_sub_explicit(&w->net->connections, 1,
				  memory_order_relaxed);
	mem_free(l);
}
