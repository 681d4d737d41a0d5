/*
 * feed - the use case of those who are told what changes, as it changes.
 *
 * A principal is told of a change when they stand on one of its sides
 * (principal_sides(), as every list asks it), and an expert also when the
 * thing was theirs until then. What is neither a request nor a booking is told
 * to administrators, and nothing else to them. See docs/decisions/0015.
 */
#ifndef DAEMON_WORK_FEED_H
#define DAEMON_WORK_FEED_H

#include "daemon/work/work.h"

/* Narrowed to; 0: to none. */
struct work_feed {
	int64_t expert, site;
};

/* What of the query is asked of the store; RC_NOT_FOUND for an expert or site
 * that the principal does not work with. */
enum rc work_feed_begin(struct work *w, const struct msg_feed_query *in,
			struct work_feed *out);

struct work_feed_span {
	int64_t after, upto; /* seq: after < it <= upto */
	/* Called for each change that the principal is told of, oldest first;
	 * the message is borrowed. False: that was enough. */
	bool (*tell)(void *ctx, const struct msg_change *change);
	void *ctx;
};

/* *out_seq: up to where all was looked at. When it fails, nothing that was
 * told counts. */
enum rc work_feed_read(struct work *w, const struct work_feed *feed,
		       const struct work_feed_span *span, int64_t *out_seq);

#endif
