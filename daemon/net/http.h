/*
 * http - one exchange as a handler sees it: no socket, no TLS, no event loop.
 *
 * Life of an exchange: the reader has a whole head -> app.admit() bounds the
 * body or refuses -> the body is complete -> app.handle() answers at once with
 * http_answer(), or keeps the ticket and somebody answers later, from any
 * thread, with net_answer(). Exactly one answer is given to each exchange; an
 * answer to a ticket whose connection is gone is dropped. Requests of one
 * connection are handled one after the other, in their order.
 *
 * Everything in struct http_request is borrowed until app.handle() returns.
 * Semantics: RFC 9110; framing: RFC 9112.
 */
#ifndef DAEMON_NET_HTTP_H
#define DAEMON_NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/rc.h"

enum http_method {
	HTTP_GET,
	HTTP_HEAD,
	HTTP_POST,
	HTTP_PUT,
	HTTP_PATCH,
	HTTP_DELETE,
	HTTP_OPTIONS,
	HTTP_METHOD_COUNT, /* any other token: 501 without asking the app */
};

struct http_str {
	const char *p; /* not NUL-terminated */
	size_t len;
};

struct http_field {
	struct http_str name;  /* as sent; compare with http_field_find() */
	struct http_str value; /* without white space around it */
};

enum http_listener {
	HTTP_PARTNERS, /* a client certificate is required and was verified */
	HTTP_PEOPLE,   /* no client certificate is asked for */
};

/* Who is at the other end: verified by TLS, not yet known to anybody. */
struct http_peer {
	enum http_listener listener;
	bool has_cert;
	uint8_t issuer[32]; /* SHA-256 of the issuer's name, as pki_cert_id() */
	uint8_t key[32];    /* SHA-256 of the SubjectPublicKeyInfo */
	int64_t not_after;
	char address[64]; /* for the log */
};

#define HTTP_REQUEST_ID_LEN 16

struct http_request {
	enum http_method method;
	struct http_str path;  /* percent-decoded, no dot segments, no NUL */
	struct http_str query; /* as sent, without the '?' */
	const struct http_field *fields;
	size_t nfields;
	struct http_str body; /* complete and unchunked; empty in admit() */
	const struct http_peer *peer;
	char id[HTTP_REQUEST_ID_LEN + 1]; /* ours, random: for log and answer */
};

/* The value of the only field of that name; false when absent. A field that
 * may stand once only and stands twice was refused by the reader (Host,
 * Content-Length, Content-Type, If-Match, Idempotency-Key, ...). */
bool http_field_find(const struct http_request *req, const char *name,
		     struct http_str *out_value);
const char *http_method_name(enum http_method method);

/* A body made as the peer takes it: with its length where that is known, else
 * chunked (RFC 9112 section 7.1), or until close for HTTP/1.0. */
struct http_stream {
	/* Appends the next piece, at most net_config's max_output; false when
	 * that was the last. Called on the worker's thread whenever the output
	 * has drained; after a piece without a byte, again in about 50 ms. */
	bool (*next)(void *ctx, struct buf *out);
	void (*free)(void *ctx); /* always called, once */
	void *ctx;
	/* Of all pieces together; 0: not known. A stream that ends with fewer
	 * or more is cut, so that nobody takes it for whole. */
	uint64_t length;
	/* Of one without an end: how long after a piece without a byte it is
	 * asked again. It is ended, in order, when the worker drains. 0: it
	 * has an end. */
	unsigned pause_ms;
};

struct http_reply {
	int status;
	const char *content_type; /* static; NULL: no body */
	struct buf body;	  /* consumed */
	/* The caller's, used instead of body when p is set: for
	 * http_answer() alone, until it returns. */
	struct http_str lent;
	struct http_stream stream; /* used instead of body when next is set */
	const char *allow;	   /* static: 405, OPTIONS */
	const char *www_authenticate; /* static: 401; 403 of a token */
	char etag[48];		      /* with its quotes; "" none */
	char location[96];	      /* path; "" none */
	char link[512];		      /* whole Link value; "" none */
	char digest[64];	      /* Repr-Digest (RFC 9530); "" none */
	int retry_after;	      /* seconds; 0 none */
	bool no_store; /* Cache-Control: no-store (patient data) */
	bool close;    /* close the connection after it */
};

void http_reply_init(struct http_reply *reply, int status);
/* Frees what was not consumed. */
void http_reply_fini(struct http_reply *reply);

struct http_exchange;
const struct http_request *http_exchange_request(struct http_exchange *x);

/* Names a waiting exchange from another thread; plain values, copy freely. */
struct http_ticket {
	uint32_t worker;
	uint32_t slot;
	uint64_t generation;
};
struct http_ticket http_exchange_ticket(const struct http_exchange *x);
/* Within handle(), on its thread: this one may take so long, and not what the
 * configuration says. */
void http_exchange_patience(struct http_exchange *x, unsigned ms);
/* Within handle(), on its thread. Consumes reply's contents. */
void http_answer(struct http_exchange *x, struct http_reply *reply);

#define HTTP_BODY_DEFAULT (64u * 1024u)

/* What sits above the front: the skins. All calls come on a worker's thread. */
struct http_app {
	void *ctx;
	/* A worker's own state (its database reader); NULL aborts the start. */
	void *(*worker_start)(void *ctx, unsigned worker);
	void (*worker_stop)(void *ctx, void *state);
	/* The largest body that this head may be followed by. To refuse at
	 * once, fill reply and answer false: it is sent, the connection closes
	 * unless the body is empty, and no "100 Continue" goes out. */
	bool (*admit)(void *ctx, void *state, const struct http_request *req,
		      size_t *out_max_body, struct http_reply *reply);
	void (*handle)(void *ctx, void *state, struct http_exchange *x);
	/* The body of an error that net itself answers with (400, 408, 413,
	 * 503, ...): an application/problem+json into reply->body. */
	void (*problem)(void *ctx, enum rc rc, const char *detail,
			const char *request_id, struct http_reply *reply);
	/* Every answered exchange, for the access log and metrics; one that was
	 * refused before its head was read has HTTP_METHOD_COUNT, no path and
	 * no fields. */
	void (*done)(void *ctx, void *state, const struct http_request *req,
		     int status, uint64_t bytes, int64_t elapsed_ms);
};

#endif
