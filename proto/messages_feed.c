#include "proto/messages_feed.h"

#include "proto/rows.h"

#define WORD_LEN 32

MESSAGE(feed_query, "FeedQuery", "Which changes",
	STR(feed_query, after, OPTIONAL, 1, 64,
	    "the last known id, for those who cannot send Last-Event-ID"),
	SLUG(feed_query, expert, OPTIONAL, "only what is about this expert"),
	SLUG(feed_query, site, OPTIONAL, "only what this site is a party of"));

MESSAGE(change, "Change", "Something has changed",
	COUNT(change, seq, REQUIRED, "the number in the log"),
	TIME(change, at, REQUIRED, "when"),
	STR(change, thing, REQUIRED, 1, WORD_LEN,
	    "request, booking, session, series, agreement; to administrators: "
	    "network ..."),
	CODE(change, code, OPTIONAL, "which"),
	STR(change, verb, REQUIRED, 1, WORD_LEN, "what was done"),
	STR(change, from_state, OPTIONAL, 1, WORD_LEN, "its state before"),
	STR(change, to_state, OPTIONAL, 1, WORD_LEN, "its state since"),
	COUNT(change, version, REQUIRED, "its version since"),
	SLUG(change, lead, OPTIONAL, "the one party"),
	SLUG(change, partner, OPTIONAL, "the other"),
	SLUG(change, actor_site, OPTIONAL,
	     "whose people did it; absent: the clock, or an administrator"),
	SLUG(change, expert, OPTIONAL, "the expert whom it is about"),
	SLUG(change, agreement, OPTIONAL, "of an agreement: which"));

MESSAGE(reset, "Reset", "Changes were missed that will not be told",
	STR(reset, why, REQUIRED, 1, 128, "a sentence"));
