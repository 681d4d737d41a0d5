/*
 * messages_feed - what changes, as the stream of events tells it.
 *
 * A change says which thing went from where to where, never why and never for
 * whom: who wants to know that reads the thing itself. See messages.h; the
 * tables are in messages_feed.c.
 */
#ifndef PROTO_MESSAGES_FEED_H
#define PROTO_MESSAGES_FEED_H

#include "proto/field.h"

struct msg_feed_query {
	const char *after;  /* the id of the last event that is known */
	const char *expert; /* only what is about them */
	const char *site;   /* only what it is a party of */
};

struct msg_change {
	int64_t seq;
	int64_t at;
	const char *thing; /* also the name of the event */
	const char *code;
	const char *verb;
	const char *from_state, *to_state;
	int64_t version;
	const char *lead, *partner;
	const char *actor_site;
	const char *expert;
	const char *agreement; /* of a change of one */
};

/* What was missed will not be told: read the lists anew. */
struct msg_reset {
	const char *why;
};

extern const struct msg msg_feed_query_table, msg_change_table, msg_reset_table;

#endif
