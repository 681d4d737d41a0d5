/*
 * call - one request on its way through the skin.
 *
 * A call is made on a worker, may then travel to the writer and the report
 * thread (one at a time, by mailbox), and ends with one answer. It owns its
 * arena and everything decoded; nothing of the exchange is kept but the
 * ticket.
 */
#ifndef DAEMON_API_CALL_H
#define DAEMON_API_CALL_H

#include "daemon/api/auth.h"
#include "daemon/api/kept.h"
#include "daemon/api/route.h"
#include "daemon/store/idem.h"

#define CALL_ARENA_MAX (8u * 1024u * 1024u)
#define CALL_ARENA_HEAVY (256u * 1024u * 1024u)
#define CALL_ANSWER_MAX (4u * 1024u * 1024u)

struct health;

struct call {
	struct job job; /* first: the executor gives this back */
	const struct api_config *config;
	const struct api_public *public; /* as others reach us */
	struct health *health;
	struct net *net;
	const struct route *route;
	struct http_ticket ticket;
	struct arena arena;
	struct arena_mark before; /* as of the first run */
	bool ran;
	struct principal who;
	char request_id[HTTP_REQUEST_ID_LEN + 1];
	char param[ROUTE_PARAMS][SLUG_MAX + 1];
	const char *query;  /* as sent; for the link to the next page */
	const char *accept; /* as sent, where `run` makes the reply; or NULL */
	bool csv;	    /* rows are wanted (ROUTE_ROWS) */
	struct buf raw;	    /* a heavy body, until it is decoded */
	void *in;	    /* route->body or route->query, decoded */
	void *out;	    /* route->out */
	bool has_key;
	char key[65];
	struct idem_key idem;
	int64_t match;
	/* people.c: what was signed; a secret that is shown once, its hash */
	struct work_certified cert;
	uint8_t cert_issuer[32], cert_key[32];
	struct buf cert_pem;
	uint8_t secret[32], hash[32];
	struct backup_call *backup;   /* backup.c's; NULL: none */
	struct work_moves *moves;     /* emergency.c's; NULL: none */
	struct series_sought *sought; /* series.c's; NULL: none */
	struct work w;
	struct field_list nearest; /* msg_slot */
	const char *challenge;	   /* static: WWW-Authenticate */
	struct http_reply reply;
	bool urgent;
	bool answered; /* the reply is complete (a kept answer) */
};

struct call *call_new(const struct api_config *config, struct net *net,
		      const struct route *route);
void call_free(struct call *call);

/* read.c: the header fields that the route asks for and the message; faults
 * stand in call->w. After the principal is known. */
enum rc call_read(struct call *call, const struct http_request *req);
/* Runs the use case in tx and makes the reply; for every thread. */
enum rc call_run(struct call *call, struct tx *tx);
/* Turns a result other than RC_OK into the reply. */
void call_fail(struct call *call, enum rc rc);
/* Sends the reply, or what a result other than RC_OK makes of it; the call is
 * gone afterwards. */
void call_answer(struct call *call);
void call_refuse(struct call *call, enum rc rc);
/* Decodes route->body; faults stand in call->w. */
enum rc call_decode(struct call *call, const char *body, size_t len);

/* The message's field of that name, or NULL. */
const struct field *call_field(const struct msg *msg, const char *name);

/* problem.c: an application/problem+json. */
struct problem {
	enum rc rc;
	const char *detail;
	const char *request_id;
	const struct field_faults *faults;
	struct field_list blockers, nearest, occurrences;
	size_t blockers_more;
};
void problem_reply(const struct problem *problem, struct http_reply *reply);

/* backup.c: the three steps of that route, and what a call has of it. */
enum rc backup_prepare(struct call *call);
enum rc backup_run(struct call *call);
void backup_after(struct call *call);
void backup_call_free(struct backup_call *backup);

/* openapi.c: starts the document as a stream of pieces. */
void openapi_reply(struct http_reply *reply);

#endif
