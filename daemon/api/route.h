/*
 * route - the table of routes: what is called how, by whom, with which
 * messages. To add a route add a row and its function.
 */
#ifndef DAEMON_API_ROUTE_H
#define DAEMON_API_ROUTE_H

#include "base/text.h"
#include "daemon/api/api.h"
#include "daemon/work/work.h"

struct call;

enum {
	ROUTE_PUBLIC = 1,  /* no credential needed, on both listeners */
	ROUTE_WRITE = 2,   /* runs on the writer */
	ROUTE_REPORT = 4,  /* runs on the report thread */
	ROUTE_HEAVY = 8,   /* is decoded on the report thread, too */
	ROUTE_KEY = 16,	   /* Idempotency-Key is required */
	ROUTE_MATCH = 32,  /* If-Match is required */
	ROUTE_PAPERS = 64, /* the answer holds words about a patient: no-store,
			    * and none is kept to a key */
	ROUTE_CREATED = 128, /* 201 and a Location */
	ROUTE_TRIAL = 256,   /* on the writer, but nothing of it is kept: no
			      * change, no event, no answer to its key */
	ROUTE_KEPT = 2048,   /* a worker keeps its answers (kept.h); the tag
			      * of one is made of its bytes */
	ROUTE_STREAM = 1024, /* the answer is a stream of events (stream.h) */
	ROUTE_ROWS = 4096,   /* a list under "items" alone, which is answered
			      * as CSV, too: by Accept or the query's format */
	ROUTE_OPEN = 512     /* a use case for whom nobody knows yet, on the
			      * people's listener alone: no credential, and no
			      * answer is kept to a key */
};

#define ROUTE_PARAMS 2

struct route {
	enum http_method method;
	/* Segments {code} take a code, {id}, {site} and {name} a slug. */
	const char *path;
	unsigned roles; /* ROLES(...) */
	unsigned flags;
	/* What a token must be good for, one of them; 0: certificates only,
	 * which are good for all. */
	scopeset scope;
	const struct msg *query; /* GET */
	const struct msg *body;	 /* POST */
	const struct msg *out;	 /* NULL: run makes the reply */
	/* Before the transaction: what needs no writer. On the worker, or
	 * (ROUTE_HEAVY) on the report thread; there also for a message whose
	 * form has faults, so that it can add its own. */
	enum rc (*prepare)(struct call *call);
	enum rc (*run)(struct call *call);
	/* Where the answer holds a secret that is shown once: it is not kept,
	 * and a repeat of the key comes here. id: the answer's first field. */
	enum rc (*again)(struct call *call, const char *id);
	/* What is left to do when that is committed, on the writer's thread,
	 * and ends with the answer; NULL: nothing, `out` is the answer. */
	void (*after)(struct call *call);
	/* A read that may take long: is this one to run on the report thread?
	 * NULL: as the flags say. */
	bool (*is_wide)(const struct call *call);
	/* A change: does this one go before others, and is it not sent away
	 * when there is more than can be done? NULL: no. On the worker. */
	bool (*is_urgent)(struct call *call);
	size_t max_body;      /* 0: HTTP_BODY_DEFAULT */
	size_t max_answer;    /* 0: CALL_ANSWER_MAX */
	unsigned patience_ms; /* 0: as the configuration says */
	const char *media;    /* of an answer that is no JSON; several with a
			       * blank between */
	const char *summary;
};

const struct route *routes(size_t *out_n);

struct route_match {
	const struct route *route; /* NULL: no such path or method */
	char param[ROUTE_PARAMS][SLUG_MAX + 1];
	const char *allow; /* the path's methods, static; NULL: no such path */
};
void route_find(enum http_method method, struct http_str path,
		struct route_match *out);

#endif
