/*
 * worker - one event loop with its connections; the inside of net.
 *
 * A worker is a step function: worker_step() does one turn. All of it but
 * worker_post() belongs to the one thread that steps it. A connection's link
 * stands in a slot until it is released; a ticket names slot and generation,
 * so that an answer finds its exchange or nothing.
 *
 * Whoever accepts a connection hands it to the worker that has the fewest: what
 * the kernel wakes first would have most of them, and its requests would wait
 * while another worker has nothing to do. From then on nothing that a request
 * touches is written by two workers.
 */
#ifndef DAEMON_NET_WORKER_H
#define DAEMON_NET_WORKER_H

#include <event2/event.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/mbox.h"
#include "daemon/net/conn.h"
#include "daemon/net/net.h"
#include "daemon/net/peers.h"
#include "daemon/net/tls.h"
#include "daemon/net/tlsio.h"
#include "daemon/net/wheel.h"

#define WORKER_MAX 64u
#define WORKER_ACCEPT_PAUSE_MS 200 /* without descriptors or memory */

struct link;
struct worker;

enum mail_kind { MAIL_ANSWER, MAIL_CLOSE_KEY, MAIL_ARRIVAL, MAIL_KIND_COUNT };

/* A connection before it is anybody's; has its place among the peers. */
struct arrival {
	int fd;
	enum http_listener kind;
	struct peers_key key;
	char address[64];
};

struct mail {
	enum mail_kind kind;
	struct http_ticket ticket;
	struct http_reply reply;
	uint8_t key[32];
	struct arrival arrival;
};

struct worker_listener {
	struct worker *worker;
	enum http_listener kind;
	int fd; /* shared with the other workers */
	struct event *event;
};

/* What the workers share. */
struct net {
	struct net_config config; /* strings are ours */
	const struct http_app *app;
	const struct clock *clock;
	const struct rnd *rnd;
	struct tls_pair *tls;
	struct peers *peers;
	int fds[NET_LISTEN_MAX];
	_Atomic unsigned listening; /* workers */
	struct worker *workers[WORKER_MAX];
	unsigned started;	     /* threads */
	_Atomic int64_t drain_until; /* mono ms; 0: not draining */
	_Atomic uint64_t accepted, refused, handshakes_failed;
};

struct worker {
	struct net *net;
	unsigned index;
	struct event_base *base;
	struct event *tick; /* bounds the sleep */
	unsigned tick_ms;
	_Atomic int64_t turned_ms; /* monotonic: its last turn began */
	struct mbox *box;
	struct event *mail; /* box is readable */
	struct worker_listener listeners[NET_LISTEN_MAX];
	unsigned nlisteners;
	int64_t accept_at; /* listening again; 0: listens */
	bool open;
	struct conn_env env;
	struct wheel wheel;
	struct link **links; /* by slot */
	uint32_t *free_slots;
	uint32_t nfree;
	_Atomic uint32_t load; /* links, and arrivals on their way here */
	_Atomic bool takes;    /* arrivals: its thread runs, nothing drains */
	struct conn_stats stats;
	struct link *again; /* have more to do at once */
	pthread_t thread;
	struct tlsio_stage stage; /* for what a link writes in one turn */
	char in[TLSIO_RECORD];	  /* and for what it reads */
};

struct worker *worker_new(struct net *net, unsigned index);
void worker_free(struct worker *w);
/* Gets the app's state; false when it gives none. */
bool worker_open(struct worker *w);
/* Lets go of all connections and of the app's state. */
void worker_close(struct worker *w);
/* One turn; false when drained. */
bool worker_step(struct worker *w, unsigned wait_ms);
/* Any thread. False when the mailbox is full: mail stays the caller's. */
bool worker_post(struct worker *w, struct mail *mail);
void worker_wake(struct worker *w);
/* Closes what this worker was to take. */
void worker_turn_away(struct worker *w, const struct arrival *arrival);

#endif
