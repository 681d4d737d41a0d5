/*
 * ask - one call of the API: encode, send, decode, or learn why not.
 *
 * The answer's bytes stay in c->answer until the next call (for -o json). When
 * the server refuses, c->problem holds its reasons and the result is the one
 * of the problem's code.
 */
#ifndef CLIENT_ASK_H
#define CLIENT_ASK_H

#include "client/client.h"

struct ask {
	const char *path;
	const struct msg *query; /* NULL: none */
	const void *query_in;
	const struct msg *answer; /* decoded into out */
	void *out;
};

__attribute__((warn_unused_result)) enum rc
ask_get(struct client *c, const struct ask *ask, struct err *err);

/* Why the answer in c->answer, which is none of 200 to 299, refuses. */
enum rc ask_refused(struct client *c, struct err *err);

struct ask_body {
	const struct msg *msg; /* NULL: raw */
	const void *in;
	const char *raw;
	size_t raw_len;
	const char *if_match; /* NULL: none */
	long timeout_s;	      /* 0: the usual */
	/* wire.h: a body that does not become c->answer's. */
	bool (*take)(void *ctx, const void *data, size_t len);
	void *take_ctx;
	bool no_key; /* nobody is known yet, whose key it would be */
	bool once;   /* no second try */
};
__attribute__((warn_unused_result)) enum rc
ask_post(struct client *c, const struct ask *ask, const struct ask_body *body,
	 struct err *err);

/*
 * Changes a thing that exists: posts to path/verb. Whoever types a command has
 * named no version, so any will do (If-Match: *, RFC 9110 section 13.1.1);
 * whether the thing is in a state for it, the server decides.
 */
__attribute__((warn_unused_result)) enum rc
ask_change(struct client *c, const char *verb, const struct ask *ask,
	   const struct ask_body *body, struct err *err);

#endif
