/*
 * share - the places of a session that are kept for some agreement.
 *
 * A share keeps so many places of each session that it is about, until so many
 * days before the session's day, at a time of that day, by the wall clock of
 * where the session is; or until the lead takes them back by hand. What its
 * own bookings of the session have taken is kept no longer. Until then the
 * others have what is left beyond all that is kept; from then on anybody has
 * it, each within its quota. Of one agreement's shares about a session the
 * narrowest counts: one that names the rule, then one that names the expert.
 *
 * Behind its last place a session has as many more as an agreement allows
 * (core_terms.overbook_most): for a coordinator of the lead, with a reason.
 */
#ifndef DAEMON_CORE_SHARE_H
#define DAEMON_CORE_SHARE_H

#include "daemon/core/model.h"
#include "daemon/core/rule.h"

#define SHARE_MAX 64 /* of one agreement */

struct core_share {
	int64_t agreement;
	int64_t first_day, last_day; /* of the agreement, in lead_zone */
	const struct tz *lead_zone;
	int64_t expert;	  /* 0: each of the lead's */
	const char *rule; /* RRULE, as written; NULL: each */
	int64_t places;
	int64_t days_before; /* the session's day ... */
	int64_t minute;	     /* ... at this minute of that day */
};

struct core_taken_back {
	int64_t agreement, expert, session;
};

/* Whose booking it is, of the agreements that have shares. */
struct core_placed {
	int64_t booking, agreement;
};

/* Of all agreements but the one that asks. */
struct core_shares {
	const struct core_share *v; /* by agreement */
	size_t n;
	const struct core_taken_back *taken;
	size_t ntaken;
	const struct core_placed *placed; /* by booking */
	size_t nplaced;
};

/* When what it keeps of a session of that rule is anybody's. */
int64_t share_until(const struct core_share *share,
		    const struct core_rule *rule, int64_t session);
/* Is it about that session? */
bool share_covers(const struct core_share *share, int64_t expert,
		  const struct core_open *open);

/* Does it count before the other, about a session that both are about? */
bool share_narrower(const struct core_share *share,
		    const struct core_share *than);

/* How many places the session has. */
int64_t share_places(const struct core_open *open);
/* Which one behind its last place begins then: the first is 1; 0: none does.
 * Only a session that has places has any. */
int64_t share_behind(const struct core_open *open, int64_t at);
/* Sessions end at most so long before a place behind them begins. */
#define SHARE_BEHIND ((int64_t)12 * 3600)

#endif
