/*
 * network_lean - the bookings to come that lean on a part of the network:
 * those that somebody must look at again when it has changed.
 *
 * A list gathers them, each once at the end; it lives in its arena. A booking
 * leans on whom and what it claims, on its agreement and on both its sites;
 * it is to come as long as it can be an orphan (SQL_TO_COME).
 */
#ifndef DAEMON_STORE_NETWORK_LEAN_H
#define DAEMON_STORE_NETWORK_LEAN_H

#include "daemon/store/booking.h"

enum network_part {
	NETWORK_OF_SUBJECT,   /* an expert or a resource */
	NETWORK_OF_AGREEMENT, /* its bookings */
	NETWORK_OF_SITE,      /* on either side, and its experts and rooms */
	NETWORK_OF_CALENDAR,  /* of every site that follows it */
	NETWORK_OF_END,	      /* of a way: a site or one of its places; and all
				 of whoever is there: they may be on that way
				 while they have something else */
};

/* Who is ever seconded to the site of that slug, for a statement on their
 * claims. Joined instead, an engine began with every claim there is. */
#define NETWORK_SECONDED                                                       \
	"SELECT s.id, s.longest FROM subject s WHERE s.id IN"                  \
	" (SELECT d.expert FROM site t JOIN secondment d ON d.site = t.id"     \
	"  WHERE t.slug = $1)"

struct network_leaning {
	int64_t id, from;
};
struct network_leanings {
	struct arena *arena;
	struct network_leaning *v;
	size_t n, room;
};

/* Is there any claim at all? Without one nothing leans on anything. */
__attribute__((warn_unused_result)) enum rc
network_is_booked(struct tx *tx, bool *out, struct err *err);
/* Adds those that lean on the part of that name; none of an unknown one. */
__attribute__((warn_unused_result)) enum rc
network_lean_on(struct tx *tx, enum network_part part, const char *name,
		struct network_leanings *list, struct err *err);
/* Puts them in the order of their start, each once. */
void network_leanings_end(struct network_leanings *list);

__attribute__((warn_unused_result)) enum rc
network_leaning_booking(struct tx *tx, int64_t id, struct arena *arena,
			struct booking *out, struct err *err);

#endif
