/*
 * net - the front: listeners, TLS, connections, workers.
 *
 * Each worker is a thread with an event_base without locks, its own listening
 * events on the shared non-blocking descriptors and its own connections; a
 * connection never changes thread. The other threads reach a worker only
 * through its mailbox, by ticket. A worker is a step function
 * (net_worker_step) that the daemon's thread calls for ever and a simulation
 * calls when it likes.
 *
 * Never plain HTTP: a connection without a finished TLS handshake writes
 * nothing but TLS. Session resumption is off where client certificates are
 * asked for. Lifecycle: new -> start -> (answer | reload)* -> drain -> stop.
 */
#ifndef DAEMON_NET_NET_H
#define DAEMON_NET_NET_H

#include "base/clock.h"
#include "base/err.h"
#include "daemon/net/http.h"

struct net;

#define NET_LISTEN_MAX 4
#define NET_HOSTS_MAX 8

struct net_listen {
	enum http_listener kind;
	const char *address; /* "127.0.0.1", "::1", "::" (both families) */
	uint16_t port;	     /* 0: any; ask net_port() */
	int fd;		     /* >= 0: handed over by systemd, address unused */
};

/* PEM texts, not paths: who may read files is main's business. */
struct net_tls {
	const char *cert_chain;
	const char *key;
	const char *client_ca; /* who signs partners' certificates */
};

struct net_config {
	struct net_listen listen[NET_LISTEN_MAX];
	unsigned nlisten;
	struct net_tls tls;
	/* The authorities (Host) that we answer for, without port; any other is
	 * 421. None: any. */
	const char *hosts[NET_HOSTS_MAX];
	unsigned nhosts;
	unsigned workers;	  /* 1..64 */
	unsigned max_connections; /* over all workers; beyond: closed at once */
	unsigned max_per_address;
	/* Bounds of a head: bytes, and number of fields. */
	size_t max_head;     /* 16384: 431, or 414 for the target */
	unsigned max_fields; /* 100 */
	size_t max_target;   /* 8192 */
	size_t max_output;   /* a slow reader's backlog: then cut */
	/* Absolute deadlines per phase, milliseconds. */
	unsigned handshake_ms; /* 10 000 */
	unsigned idle_ms;      /* 75 000: kept alive, no byte of a head */
	unsigned head_ms;      /* 10 000 from a head's first byte: 408 */
	unsigned body_ms;      /* 30 000, and at least body_rate */
	unsigned body_rate;    /* 1024 bytes a second after 5 s: else 408 */
	unsigned handler_ms;   /* 30 000: 503 */
	unsigned write_ms;     /* 30 000 to take one answer: cut */
	unsigned requests_per_connection; /* 100 000, then Connection: close */
};
/* The figures above; listen, tls and hosts are the caller's. */
void net_config_init(struct net_config *config);

/* Gives libevent our memory and its fatal callback, and ignores SIGPIPE (a peer
 * that left must not end us); once, before threads. */
void net_init(void);

/* Binds and listens, loads the TLS material; no thread yet. app, clock and rnd
 * outlive it. */
__attribute__((warn_unused_result)) enum rc
net_new(const struct net_config *config, const struct http_app *app,
	const struct clock *clock, const struct rnd *rnd, struct net **out,
	struct err *err);
/* The port that listen[i] has. */
uint16_t net_port(const struct net *net, unsigned i);
/* Starts the workers' threads. */
__attribute__((warn_unused_result)) enum rc net_start(struct net *net,
						      struct err *err);
/* One turn of one worker's loop, for those who have no thread: false when the
 * worker has drained. wait_ms bounds the sleep. */
bool net_worker_step(struct net *net, unsigned worker, unsigned wait_ms);

/* Any thread. Consumes reply's contents whatever happens. */
void net_answer(struct net *net, struct http_ticket ticket,
		struct http_reply *reply);

/* New connections use the new material, live ones keep theirs; on failure the
 * old stays in force. */
__attribute__((warn_unused_result)) enum rc
net_reload_tls(struct net *net, const struct net_tls *tls, struct err *err);

/* Would net_new() and net_reload_tls() take it? */
__attribute__((warn_unused_result)) enum rc
net_check_tls(const struct net_tls *tls, struct err *err);

/* Closes every live connection of that key (SHA-256 of the SPKI). */
void net_close_key(struct net *net, const uint8_t key[32]);

/* Stops accepting, closes idle connections, answers what is under way with
 * Connection: close; after grace_ms what is left is cut. Returns at once. */
void net_drain(struct net *net, unsigned grace_ms);
/* Waits for the workers' end (they end when drained). */
void net_join(struct net *net);
void net_free(struct net *net);

struct net_figures {
	uint64_t accepted, refused, handshakes_failed, requests, timeouts;
	uint64_t connections; /* now */
	uint64_t streams;     /* answers that are being made piece by piece */
	uint64_t limit;	      /* of connections */
	unsigned workers;
};
void net_figures(const struct net *net, struct net_figures *out);
/* Monotonic milliseconds: when the worker last turned its loop. One that is
 * well turns at least once a second. */
int64_t net_turned_ms(const struct net *net, unsigned worker);

#endif
