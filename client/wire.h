/*
 * wire - HTTPS requests by libcurl: one connection, kept; bounded retries.
 *
 * TLS 1.2 or newer, the profile's CA and no other, the profile's certificate.
 * A redirect is an answer like any other and is not followed.
 * A request is tried up to three times when the connection fails or the server
 * answers 503 or 429 with Retry-After; each try carries the same
 * Idempotency-Key, so that trying again never does a thing twice. An answer
 * larger than WIRE_ANSWER_MAX is refused.
 */
#ifndef CLIENT_WIRE_H
#define CLIENT_WIRE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"

#define WIRE_ANSWER_MAX (16 * 1024 * 1024)
#define WIRE_TRIES 3

struct wire_conf {
	const char *server;   /* https://host:port */
	const char *dir;      /* of the profile, for messages; NULL: none */
	const char *identity; /* PEM, key and certificate; NULL: neither */
	const char *ca;	      /* PEM; the only one to be believed */
	const char *whose_ca; /* for messages: "this profile" */
	const struct rnd *rnd;
	/* Told before a wait, for a person who watches; may be NULL. */
	void (*waiting)(void *ctx, int seconds);
	void *ctx;
};

struct wire_request {
	const char *path; /* with its query */
	const char *body; /* NULL: a GET, else a POST */
	size_t body_len;
	const char *key;      /* Idempotency-Key of a POST */
	const char *if_match; /* NULL: none */
	long timeout_s;	      /* 0: the usual */
	/* Where the body of a good answer goes instead, as it comes; false ends
	 * the try. With NULL when a try begins. */
	bool (*take)(void *ctx, const void *data, size_t len);
	void *take_ctx;
	bool once; /* no second try */
};

struct wire_answer {
	long status;
	long retry_after; /* seconds; 0 without one */
	struct buf body;
	char digest[80]; /* Repr-Digest (RFC 9530); "" none */
};

struct wire;

/* conf and its strings must outlive the wire. NULL: no memory. */
struct wire *wire_new(const struct wire_conf *conf);
void wire_free(struct wire *wire);

/* RC_OK: there is an answer, whatever its status. out->body is initialised by
 * the caller and emptied here. The text says when the server may have done it.
 */
__attribute__((warn_unused_result)) enum rc
wire_send(struct wire *wire, const struct wire_request *request,
	  struct wire_answer *out, struct err *err);

/* A stream that is followed for as long as it lasts. */
struct wire_follow {
	const char *path;    /* with its query */
	const char *last_id; /* Last-Event-ID; "" none */
	int stop_fd;	     /* readable: it is to end now */
	/* The body of a good answer, as it comes; false: that is enough. */
	bool (*take)(void *ctx, const void *data, size_t len);
	void *ctx;
};

/* One try. RC_OK: somebody wants no more (take() or stop_fd), or there was an
 * answer, and when its status is 200 it has ended, however it did; out->body
 * holds one that is not good. A connection on which nothing comes for
 * WIRE_SILENCE_S is taken for dead. Otherwise *out_again says whether trying
 * again may help. */
#define WIRE_SILENCE_S 40L
__attribute__((warn_unused_result)) enum rc
wire_follow(struct wire *wire, const struct wire_follow *follow,
	    struct wire_answer *out, bool *out_again, struct err *err);

#endif
