#include "daemon/net/link.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

#define TURNS_MAX 16u /* of one link, before the others have theirs */

static void sink_write(void *ctx, const void *data, size_t len)
{
	struct link *l = ctx;

	if (!l->broken && !tlsio_copy(&l->io, data, len))
		l->broken = true;
}

static void sink_take(void *ctx, struct buf *body)
{
	struct link *l = ctx;

	if (l->broken)
		buf_fini(body);
	else if (!tlsio_take(&l->io, body))
		l->broken = true;
}

const struct conn_sink link_sink = {sink_write, sink_take};

static void send_out(struct link *l)
{
	if (!l->broken && tlsio_send(&l->io) == TLSIO_FAILED)
		l->broken = true;
	l->worker->stage.len = 0;
}

static void come_again(struct link *l)
{
	if (l->queued)
		return;
	l->queued = true;
	l->next_again = l->worker->again;
	l->worker->again = l;
}

/* --- input ------------------------------------------------------------ */

static bool takes_input(const struct link *l)
{
	enum conn_want want = conn_want(&l->conn);

	return want == CONN_WANT_INPUT || want == CONN_WANT_DISCARD;
}

/* Whatever comes is looked for; in HOLD, so that its going away is seen. */
static bool looks_for_input(const struct link *l)
{
	return !l->rest && !l->conn.eof && !l->broken &&
	       (takes_input(l) || conn_want(&l->conn) == CONN_WANT_HOLD);
}

static size_t offer(struct link *l, const char *data, size_t len)
{
	size_t at = 0;

	while (at < len && takes_input(l)) {
		size_t used = conn_input(&l->conn, data + at, len - at);

		if (!used)
			break;
		at += used;
	}
	return at;
}

static void drop_rest(struct link *l)
{
	if (!l->rest)
		return;
	mem_wipe(l->rest, l->rest_len);
	mem_free(l->rest);
	l->rest = NULL;
}

static void keep_rest(struct link *l, const char *data, size_t len)
{
	l->rest = mem_try(len);
	if (!l->rest) {
		l->broken = true;
		return;
	}
	memcpy(l->rest, data, len);
	l->rest_at = 0;
	l->rest_len = len;
}

static void offer_rest(struct link *l)
{
	if (!l->rest)
		return;
	l->rest_at += offer(l, l->rest + l->rest_at, l->rest_len - l->rest_at);
	if (l->rest_at == l->rest_len)
		drop_rest(l);
}

static void take_in(struct link *l)
{
	char *in = l->worker->in;
	size_t len = 0, used;

	switch (tlsio_read(&l->io, in, TLSIO_RECORD, &len)) {
	case TLSIO_DONE:
		l->readable = tlsio_pending(&l->io);
		used = offer(l, in, len);
		if (used < len)
			keep_rest(l, in + used, len - used);
		mem_wipe(in, len); /* as the exchange does with its own */
		break;
	case TLSIO_WAITS:
		l->readable = false;
		break;
	case TLSIO_ENDED:
		conn_eof(&l->conn);
		break;
	case TLSIO_FAILED:
		l->broken = true;
		break;
	}
}

/* Who sends as fast as we read does not keep the others waiting. */
static void feed(struct link *l)
{
	unsigned n = 0;

	offer_rest(l);
	while (l->readable && looks_for_input(l) && n++ < TURNS_MAX)
		take_in(l);
	if (n > TURNS_MAX)
		come_again(l);
}

/* --- what is to be done ----------------------------------------------- */

static bool all_is_taken(const struct link *l)
{
	return l->conn.unsent && !tlsio_holds(&l->io) && !l->broken;
}

/* Before more is read: behind its request may lie the peer's own end. */
static void shut_if_due(struct link *l)
{
	if (!l->shut && !l->broken && conn_want(&l->conn) == CONN_WANT_DISCARD)
		l->shut = tlsio_shut(&l->io) == TLSIO_DONE;
}

/* One round; true when there may be more to do at once. */
static bool turn(struct link *l)
{
	if (all_is_taken(l))
		conn_drained(&l->conn);
	shut_if_due(l);
	feed(l);
	send_out(l);
	return all_is_taken(l);
}

static void want_reading(struct link *l, bool on)
{
	if (l->reading == on)
		return;
	if ((on ? event_add(&l->read_event, NULL)
		: event_del(&l->read_event)) != 0)
		l->broken = true;
	l->reading = on;
}

static void on_ready(evutil_socket_t fd, short what, void *ctx)
{
	struct link *l = ctx;

	(void)fd;
	if ((what & EV_READ) || l->io.reads_when_writable)
		l->readable = true;
	link_pump(l);
}

static void want_writing(struct link *l, bool on)
{
	if (on == (l->write_event != NULL))
		return;
	if (!on) {
		event_free(l->write_event);
		l->write_event = NULL;
		return;
	}
	l->write_event = event_new(l->worker->base, l->io.fd,
				   EV_WRITE | EV_PERSIST, on_ready, l);
	if (!l->write_event || event_add(l->write_event, NULL) != 0)
		l->broken = true;
}

/* Which readiness is to be told; what OpenSSL needs the other way about comes
 * on top of what the conn wants. */
static void arm(struct link *l, bool reading)
{
	const struct tlsio *w = &l->io;
	bool shutting = !l->shut && conn_want(&l->conn) == CONN_WANT_DISCARD;
	bool sending = tlsio_holds(w) && !w->writes_when_readable;

	reading = reading && !l->conn.eof && !w->reads_when_writable;
	reading = reading || w->writes_when_readable;
	want_reading(l, reading && !l->broken);
	want_writing(l, (sending || shutting || w->reads_when_writable) &&
				!l->broken);
}

static bool is_over(const struct link *l)
{
	return l->broken || conn_want(&l->conn) == CONN_WANT_CUT;
}

static int64_t deadline(const struct link *l)
{
	return l->failed ? l->failed_at + CONN_LINGER_MS
			 : conn_deadline(&l->conn);
}

/* Does what the conn wants now; releases it when that is over. */
static void settle(struct link *l)
{
	enum conn_want want = conn_want(&l->conn);

	shut_if_due(l);
	if (!is_over(l))
		arm(l, want != CONN_WANT_FLUSH && !l->rest);
	if (is_over(l))
		link_free(l);
	else
		wheel_set(&l->worker->wheel, &l->node, deadline(l));
}

static void move_bytes(struct link *l)
{
	unsigned turns = 0;

	while (turn(l) && ++turns < TURNS_MAX)
		;
	if (turns == TURNS_MAX)
		come_again(l);
}

/* --- the handshake ---------------------------------------------------- */

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
	struct worker *w = l->worker;

	atomic_fetch_add_explicit(&w->net->handshakes_failed, 1,
				  memory_order_relaxed);
	log_failure(l, tls_reason(l->io.ssl, ERR_peek_last_error()));
	ERR_clear_error();
	shutdown(l->io.fd, SHUT_WR);
	l->failed = true;
	l->failed_at = clock_mono_ms(w->env.clock);
}

static void throw_away(struct link *l)
{
	ssize_t n = recv(l->io.fd, l->worker->in, TLSIO_RECORD, 0);

	if (n > 0)
		l->thrown += (size_t)n;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR) ||
	    l->thrown > CONN_LINGER_MAX)
		l->broken = true;
}

static void shake(struct link *l)
{
	switch (tlsio_shake(&l->io)) {
	case TLSIO_WAITS:
		return;
	case TLSIO_DONE:
		l->readable = tlsio_pending(&l->io);
		if (tls_peer(l->io.ssl, &l->conn.peer)) {
			conn_open(&l->conn);
			return;
		}
		break;
	case TLSIO_ENDED:
	case TLSIO_FAILED:
		break;
	}
	fail_handshake(l);
}

/* --- life ------------------------------------------------------------- */

void link_pump(struct link *l)
{
	if (l->conn.phase == CONN_HANDSHAKE && !l->failed)
		shake(l);
	if (l->failed)
		throw_away(l);
	else if (l->conn.phase != CONN_HANDSHAKE)
		move_bytes(l);
	settle(l);
}

void link_due(struct link *l)
{
	if (l->failed)
		l->broken = true;
	else
		conn_tick(&l->conn);
	link_pump(l);
}

static struct link *make_link(struct worker *w, const struct arrival *a)
{
	struct link *l = w->nfree ? mem_try(sizeof(*l)) : NULL;
	SSL *ssl = l ? tls_accept(w->net->tls, a->kind, clock_now(w->env.clock))
		     : NULL;

	if (ssl && tlsio_init(&l->io, ssl, a->fd, &w->stage))
		return l;
	SSL_free(ssl);
	ERR_clear_error();
	mem_free(l);
	return NULL;
}

void link_accept(struct worker *w, const struct arrival *arrival)
{
	struct link *l = make_link(w, arrival);

	if (!l) {
		worker_turn_away(w, arrival);
		return;
	}
	l->worker = w;
	l->key = arrival->key;
	uint32_t slot = w->free_slots[--w->nfree];
	w->links[slot] = l;
	conn_init(&l->conn, &w->env, l, arrival->kind, slot);
	snprintf(l->conn.peer.address, sizeof(l->conn.peer.address), "%s",
		 arrival->address);
	if (event_assign(&l->read_event, w->base, arrival->fd,
			 EV_READ | EV_PERSIST, on_ready, l) != 0)
		abort();
	if (w->env.draining) /* it was on its way here */
		conn_drain(&l->conn);
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
	event_del(&l->read_event);
	if (l->write_event)
		event_free(l->write_event);
	tlsio_fini(&l->io);
	drop_rest(l);
	peers_leave(w->net->peers, &l->key);
	w->links[l->conn.slot] = NULL;
	w->free_slots[w->nfree++] = l->conn.slot;
	atomic_fetch_sub_explicit(&w->load, 1, memory_order_relaxed);
	mem_free(l);
}
