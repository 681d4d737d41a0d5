/*
 * sse - a stream of server-sent events, read as it comes (WHATWG HTML, 9.2.6).
 *
 * Bytes go in however they were cut; whole events come out. The id of the last
 * one is kept over connections, so that the next goes on behind it: what a
 * broken connection had begun to say is forgotten by sse_begin(). Lines and
 * events are bounded: a peer that says more is not believed any further.
 */
#ifndef CLIENT_SSE_H
#define CLIENT_SSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

#define SSE_EVENT_MAX (256u * 1024)
#define SSE_NAME_MAX 63
#define SSE_ID_MAX 127
#define SSE_RETRY_MAX_MS 60000

struct sse_event {
	const char *name; /* "message" when the stream names none */
	const char *data; /* borrowed; lines of it joined by \n */
	size_t len;
};

struct sse {
	/* False: no more is wanted. */
	bool (*take)(void *ctx, const struct sse_event *event);
	void *ctx;
	char last_id[SSE_ID_MAX + 1]; /* "": none was given */
	int64_t retry_ms;	      /* -1: the stream has not said */

	/* inside: the line, and the event, under way */
	struct buf line, data;
	char name[SSE_NAME_MAX + 1];
	char id[SSE_ID_MAX + 1];
	bool after_cr, begun;
};

void sse_init(struct sse *sse, bool (*take)(void *, const struct sse_event *),
	      void *ctx);
void sse_fini(struct sse *sse);
/* A connection begins. */
void sse_begin(struct sse *sse);
/* False: take() wants no more, or the stream is none. */
bool sse_feed(struct sse *sse, const void *data, size_t len);

#endif
