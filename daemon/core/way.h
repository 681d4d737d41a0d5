/*
 * way - coming from one place to another in time.
 *
 * An expert whose sessions are at two places needs the way between them. It is
 * made right before the later session, and nothing else may lie in it: neither
 * another session nor the pause after one. Where somebody was more than a day
 * ago does not matter any more. A session at no place of note is held where
 * the expert happens to be.
 *
 * The stored claim of role transfer is the way to its booking's session from
 * the one before it, as it stands: whoever puts a session between the two, or
 * takes one away, replaces it. So it is never asked about here; the sessions
 * are.
 */
#ifndef DAEMON_CORE_WAY_H
#define DAEMON_CORE_WAY_H

#include "daemon/core/model.h"

struct way_map {
	const struct core_transfer *transfers;
	size_t n;
};

struct way_view {
	const struct core_expert *expert;
	struct way_map map;
	int64_t now;
	int64_t ignore_booking;
};

/* The session whose way is looked for. */
struct way_stop {
	int64_t place, site;   /* place 0: where the expert is */
	struct core_span busy; /* with the reserve and the pause behind it */
	int64_t end;	       /* of the session and its reserve */
	int64_t session;       /* of places; 0: none */
};

/* How long from one place to the other; the narrowest entry counts. */
int64_t way_seconds(const struct way_map *map, int64_t site_a, int64_t place_a,
		    int64_t site_b, int64_t place_b);

/* Is it a place of that session of places, which began then and is there? */
bool way_of_session(const struct core_claim *c, int64_t session, int64_t place);
/* When the claim has ended for others than its own session of places: with
 * the expert's pause, for which such claims have no claim of their own. */
int64_t way_end(const struct core_expert *expert, const struct core_claim *c,
		int64_t session, int64_t place);

struct way {
	struct core_span before; /* to the session; empty: none is needed */
	struct core_span after;	 /* to the next, which ends where that begins */
	const struct core_claim *next; /* NULL: none within a day */
};

/* Both ways of a session, and the first claim that lies in one of them (NULL:
 * they are free). */
const struct core_claim *way_find(const struct way_view *view,
				  const struct way_stop *stop, struct way *out);

/* The way to the first session at a place that begins at or after that
 * instant, cut to what is free before it; out->next is NULL when there is no
 * such session. Of the end of one that is gone a day may be counted to a way
 * that is none any more: however late it begins, the next is looked at. */
void way_next(const struct way_view *view, int64_t instant, struct way *out);

#endif
