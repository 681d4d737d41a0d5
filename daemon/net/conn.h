/*
 * conn - one connection as a state machine: HTTP in, HTTP out, no transport.
 *
 *   HANDSHAKE -> IDLE -> HEAD -> BODY -> HANDLER -> (STREAM) -> IDLE ...
 *                  \______\_______\________\___________\-> CLOSING -> LINGER
 *
 * Whoever owns the transport drives it: conn_open() when the handshake is
 * done, conn_input() with what came, conn_drained() when the peer has taken
 * all output, conn_tick() when conn_deadline() is reached; after each call it
 * asks conn_want() what to do next. Output goes to the sink, whose functions
 * only store. One exchange at a time: while one is under way conn_input()
 * consumes nothing, so that what a peer sends ahead is bounded by what its
 * owner reads ahead.
 *
 * Deadlines are absolute, per phase, in clock_mono_ms(). An error is answered
 * once, then the connection closes: CLOSING until the answer is out, LINGER
 * (our side shut, input discarded, bounded in time and bytes) so that it is
 * not lost to a reset (RFC 9112 section 9.6), then cut.
 *
 * All conns of a worker share its conn_env; none outlives it. Not thread-safe.
 */
#ifndef DAEMON_NET_CONN_H
#define DAEMON_NET_CONN_H

#include "base/clock.h"
#include "daemon/net/http.h"
#include "daemon/net/net.h"
#include "daemon/net/reader.h"
#include "daemon/net/writer.h"

#define CONN_NEVER INT64_MAX
#define CONN_LINGER_MS 2000	   /* for the peer to take our last answer */
#define CONN_LINGER_MAX (1u << 20) /* bytes discarded meanwhile */
#define CONN_DRAIN_IDLE_MS 250	   /* grace for a request on its way */
#define CONN_DRAIN_SHAKE_MS 2000   /* and for a handshake */
#define CONN_POLL_MS 50		   /* a stream with nothing to say */
#define CONN_PAUSE (64u * 1024u)   /* output that stops further requests */
#define CONN_BODY_GRACE_MS 5000	   /* before the least rate counts */

struct conn_sink {
	void (*write)(void *ctx, const void *data, size_t len); /* copies */
	void (*take)(void *ctx, struct buf *body); /* by reference; consumes */
};

struct conn_stats { /* relaxed atomics: a worker's own, read by all */
	_Atomic uint64_t requests, timeouts;
	_Atomic uint64_t streams; /* now */
};

struct conn_env {
	const struct net_config *config;
	const struct http_app *app;
	void *state; /* the worker's own, of the app */
	const struct clock *clock;
	const struct rnd *rnd;
	const struct conn_sink *sink;
	struct conn_stats *stats;
	unsigned worker;
	bool draining;

	/* Inside, set up by conn_env_init(). */
	struct reader_limits limits;
	struct http_exchange *spare; /* a few, kept for the next request */
	unsigned nspare;
	uint64_t generation; /* of the newest exchange */
	int64_t date_at;
	char date[WRITER_DATE_LEN + 1];
	unsigned char random[256];
	size_t random_left;
	int64_t now_ms;		   /* as of the call that is being served */
	char out[WRITER_HEAD_MAX]; /* a head is made here */
};

enum conn_phase {
	CONN_HANDSHAKE,
	CONN_IDLE,
	CONN_HEAD,
	CONN_BODY,
	CONN_HANDLER,
	CONN_STREAM,
	CONN_CLOSING,
	CONN_LINGER,
	CONN_DEAD,
	CONN_PHASE_COUNT
};

enum conn_want {
	CONN_WANT_INPUT,   /* hand over what comes */
	CONN_WANT_HOLD,	   /* keep what comes, bounded */
	CONN_WANT_FLUSH,   /* read nothing; say when the output is drained */
	CONN_WANT_DISCARD, /* our side is to be shut; input goes nowhere */
	CONN_WANT_CUT,	   /* release it now */
};

struct conn {
	struct conn_env *env;
	void *sink_ctx;
	enum conn_phase phase;
	bool eof;	/* the peer sends no more */
	bool answering; /* app.handle() runs for this conn */
	bool hasty;	/* its stream was ended: it is not waited for */
	uint32_t slot;	/* its place in the worker, for tickets */
	struct http_peer peer;
	struct http_exchange *x; /* the one under way */
	uint64_t generation;	 /* of the exchange that waits; 0: none */
	int64_t phase_at;	 /* when the phase began */
	int64_t phase_deadline;
	int64_t write_deadline; /* from the first byte that is not taken */
	size_t unsent;		/* bytes since the peer had taken all */
	size_t discarded;
	unsigned handled; /* requests so far */
};

/* The caller has set the first part; frees nothing. */
void conn_env_init(struct conn_env *env);
void conn_env_fini(struct conn_env *env);

void conn_init(struct conn *c, struct conn_env *env, void *sink_ctx,
	       enum http_listener listener, uint32_t slot);
/* Ends whatever is under way; the only way to let go of a conn. */
void conn_fini(struct conn *c);

/* The handshake is done; c->peer is filled in. */
void conn_open(struct conn *c);
/* Answers how many bytes it consumed; they stay valid during the call. */
size_t conn_input(struct conn *c, const char *data, size_t len);
/* The peer ended its side in order. */
void conn_eof(struct conn *c);
/* Nothing that was written waits any more. */
void conn_drained(struct conn *c);
/* Consumes reply; dropped when the exchange does not wait any more. */
void conn_answer(struct conn *c, uint64_t generation, struct http_reply *reply);
int64_t conn_deadline(const struct conn *c);
/* Does what is due. */
void conn_tick(struct conn *c);
/* The worker is draining (env->draining is set). */
void conn_drain(struct conn *c);
enum conn_want conn_want(const struct conn *c);

#endif
