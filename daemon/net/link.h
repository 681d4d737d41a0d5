/*
 * link - a conn over a TLS bufferevent: the only file that knows both.
 *
 * Rules learnt from libevent 2.1.12 with OpenSSL 3.0: BEV_OPT_CLOSE_ON_FREE is
 * the only option; no watermark and no read-ahead, both leave bytes inside
 * OpenSSL that no readiness announces; what bounds the input is that reading
 * is switched off while something waits in the buffer (one TLS record at most
 * lies there). Callbacks may come from within our own calls, so a link is
 * released at one place only, when nothing of it is on the stack.
 */
#ifndef DAEMON_NET_LINK_H
#define DAEMON_NET_LINK_H

#include <event2/bufferevent.h>

#include "daemon/net/worker.h"

struct link {
	struct conn conn;
	struct worker *worker;
	struct bufferevent *bev;
	struct wheel_node node;
	struct peers_key key;
	struct link *next_again;
	bool busy;   /* on the stack */
	bool broken; /* to be released */
	bool queued; /* among the worker's `again` */
	bool reading;
	bool shut; /* our side has ended */
};

extern const struct conn_sink link_sink;

/* Takes fd and the place among the peers, or closes it and gives that back. */
void link_accept(struct worker *w, int fd, enum http_listener kind,
		 const struct peers_key *key, const char *address);
/* Moves bytes and does what the conn wants; may release it. */
void link_pump(struct link *l);
/* Its deadline is reached. */
void link_due(struct link *l);
void link_free(struct link *l);

#endif
