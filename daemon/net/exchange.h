/*
 * exchange - the memory and the bookkeeping of one request under way.
 *
 * A connection has one only from a request's first byte until its answer is
 * written; idle ones cost none. A worker keeps a few to use again. The head
 * and the body may hold secrets: both are wiped when the exchange ends.
 */
#ifndef DAEMON_NET_EXCHANGE_H
#define DAEMON_NET_EXCHANGE_H

#include "daemon/net/conn.h"

struct http_exchange {
	struct http_request req;
	struct conn *conn;
	struct reader reader;
	struct buf body; /* what came in several pieces */
	struct http_stream stream;
	enum writer_framing framing;
	bool close;		    /* the connection, after this answer */
	int status;		    /* 0: not answered */
	int64_t at;		    /* first byte, mono ms */
	uint64_t bytes;		    /* of content sent */
	struct http_exchange *next; /* among the spare ones */
	struct http_field *fields;
	char *head;
};

/* Gives c an exchange; false without memory. */
__attribute__((warn_unused_result)) bool exchange_begin(struct conn *c);
/* The reader has a head: fills in what the app sees. */
void exchange_read(struct http_exchange *x);
/* Tells app.done() when it was answered; takes it from c. */
void exchange_end(struct conn *c);
/* The Date field's value, now. */
const char *exchange_date(struct conn_env *env);

#endif
