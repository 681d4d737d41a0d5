/*
 * stream - GET /v1/events: what changes, as it changes, for whom it concerns.
 *
 * Server-sent events (WHATWG HTML, section 9.2). An id is "epoch.seq": the
 * number in the log, within one life of the database. A stream goes on behind
 * the id in Last-Event-ID, or in the query's `after`, or else from now on. An
 * id that it cannot go on from (of another epoch, not yet given, or too old)
 * gets the event "reset" with the id from which it goes on: whoever hears that
 * reads the lists anew.
 *
 * While nothing is committed a stream compares one number (executor_seq()) and
 * asks no SQL. Otherwise each piece looks up first who asks, in the snapshot
 * that it reads: to revoke somebody is a change like any other, so whoever is
 * revoked is told nothing from that one on. A piece looks at STREAM_STEP
 * records at most; between two of them the peer must have taken the first, so
 * a slow one costs one piece of memory until net's deadline cuts it.
 *
 * A stream lives on its worker, and uses its reader between two requests.
 */
#ifndef DAEMON_API_STREAM_H
#define DAEMON_API_STREAM_H

#include "daemon/api/route.h"

#define STREAM_PAUSE_MS 200    /* between two looks of an idle one */
#define STREAM_BEAT_MS 15000   /* without a byte: its position is told */
#define STREAM_STEP 128	       /* records of the log a piece */
#define STREAM_PIECE 32768     /* bytes of a piece, and one event more */
#define STREAM_BEHIND 100000   /* records; further back is too old */
#define STREAM_RETRY_MS 2000   /* what the peer waits before it comes again */
#define STREAM_RETRY_AFTER_S 5 /* when there are too many */

/* All that are open, of every worker. */
struct streams;

/* config is kept. */
struct streams *streams_new(const struct api_config *config);
void streams_free(struct streams *all);

/* Answers the exchange with a stream, or says why not. */
void streams_answer(struct streams *all, struct reader *reader,
		    struct http_exchange *x, const struct route *route);

#endif
