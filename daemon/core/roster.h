/*
 * roster - who is on call at a lead for a specialty, level by level.
 *
 * A roster is one level: its people take turns (each for a day, or for some
 * days, from a wall time on, in their order) or each has a recurring duty of
 * their own, in local wall time. So a turn changes hands at the same hour of
 * the wall all the year round. At any moment at most one of them is on duty:
 * of several whose duties overlap the first in the roster's order who is
 * there. Swaps, in the order in which they were made, put another in the place
 * of who would be; whoever is on leave then, or seconded where remote requests
 * are refused, is not there. Where nobody is, there is a gap.
 *
 * Pure: the store loads (store/roster.h); times are UTC seconds.
 */
#ifndef DAEMON_CORE_ROSTER_H
#define DAEMON_CORE_ROSTER_H

#include "base/mem.h"
#include "daemon/core/rule.h"

#define ROSTER_LEVELS 9
#define ROSTER_DAYS_MAX 28 /* of a turn */
#define ROSTER_PEOPLE_MAX 64

struct roster_person {
	int64_t expert;
	const char *slug, *name;
	const char *reach;     /* telephone, channel; never NULL */
	struct core_rule duty; /* where the roster has no turns */
	/* Instants at which they are not to be reached. */
	const struct core_span *absent;
	size_t nabsent;
};

struct roster_swap {
	size_t from, to; /* people: who gives, who takes over */
	struct core_span span;
};

struct roster {
	int64_t id;
	int64_t site;
	const char *specialty;
	int level; /* 1: the first to be called */
	const struct tz *zone;
	int days; /* of a turn; 0: duties */
	/* Wall; INT64_MIN, which turns have not: always; INT64_MAX: no end. */
	int64_t start, until;
	const struct roster_person *people;
	size_t npeople; /* with those who only take over */
	size_t nown;	/* the first of them: whose turns or duties they are */
	const struct roster_swap *swaps; /* in the order they were made */
	size_t nswaps;
};

struct roster_turn {
	struct core_span span;
	const struct roster_person *who; /* NULL: a gap */
	/* Whose turn it was before a swap, or who is absent; NULL: the same,
	 * or nobody has that time. */
	const struct roster_person *instead;
};

/* The window in turns, without a hole or an overlap; neighbours differ. Of a
 * roster that has not begun or has ended, gaps. RC_NOMEM: the arena is full.
 * At most CORE_WINDOW_MAX of the window. */
__attribute__((warn_unused_result)) enum rc
roster_lay(const struct roster *roster, struct core_span window,
	   struct arena *arena, struct roster_turn **out, size_t *out_n);

/* Who is on duty at that moment, as roster_lay() has it; NULL: nobody. */
__attribute__((warn_unused_result)) enum rc
roster_at(const struct roster *roster, int64_t at, struct arena *arena,
	  const struct roster_person **out);

#endif
