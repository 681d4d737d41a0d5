/*
 * link - a conn over a tlsio, driven by the loop's events: the only file that
 * knows all three.
 *
 * Reading is armed once and stays so: an answered request costs one turn of
 * the loop, one read(2) and one write(2). It is disarmed only while something
 * that the conn does not take yet waits here (what was left of one record at
 * most: that bounds the input) or when the peer has ended. The write event
 * exists only while something is unsent.
 *
 * The socket is read when its readiness was told, once; then for as long as
 * bytes lie inside OpenSSL, which no readiness tells: `readable` stands for
 * both and outlives a pause of the conn. What was read lies in the worker's
 * buffer, shared by all its links; only what is left over is kept.
 *
 * After a handshake that failed the peer gets to read why: our side ends, and
 * what it sends is thrown away for a short while. A reset would take the alert
 * with it.
 */
#ifndef DAEMON_NET_LINK_H
#define DAEMON_NET_LINK_H

#include <event2/event_struct.h>

#include "daemon/net/tlsio.h"
#include "daemon/net/worker.h"

struct link {
	struct conn conn;
	struct tlsio io;
	struct worker *worker;
	struct event read_event;
	struct event *write_event; /* NULL while nothing is unsent */
	struct wheel_node node;
	struct peers_key key;
	struct link *next_again;
	char *rest; /* was read, and the conn does not take it yet */
	size_t rest_at, rest_len;
	bool readable;
	bool reading; /* read_event is armed */
	bool queued;  /* among the worker's `again` */
	bool broken;  /* to be released */
	bool shut;    /* our side has ended */
	bool failed;  /* the handshake: */
	int64_t failed_at;
	size_t thrown; /* away since */
};

extern const struct conn_sink link_sink;

/* Takes it, or turns it away. */
void link_accept(struct worker *w, const struct arrival *arrival);
/* Moves bytes and does what the conn wants; may release it. */
void link_pump(struct link *l);
/* Its deadline is reached. */
void link_due(struct link *l);
void link_free(struct link *l);

#endif
