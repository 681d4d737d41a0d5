/*
 * waitlist - who of those that wait is asked first, and about which times.
 *
 * Pure rules over plain values; what is stored is daemon/store/waiting.h. A
 * list is a lead's: all requests that wait for its experts, whichever partner
 * they come from. The order:
 *
 *	the more urgent before the less;
 *	within one urgency those whose time was taken from them (`first`), the
 *	oldest first;
 *	then those that were passed WAITLIST_PASSES times, the oldest first;
 *	then those of the partner that was served least of late, and of one
 *	partner's (or of equals') the oldest first;
 *
 * and behind all of them those that rest, which are offered nothing.
 *
 * A request is passed when a younger one of the same urgency, which was not
 * first, is offered a time meanwhile. So fairness between partners goes before
 * age, but nobody is overtaken by younger ones of the same urgency more than
 * WAITLIST_PASSES times. Age counts from the submission, so that nobody gains
 * or loses by leaving the list and coming back
 * (docs/decisions/0029-who-waits-first.md).
 */
#ifndef DAEMON_CORE_WAITLIST_H
#define DAEMON_CORE_WAITLIST_H

#include "daemon/core/model.h"

#define WAITLIST_MAX 500	/* of one lead */
#define WAITLIST_PASSES 3	/* times that somebody is overtaken at most */
#define WAITLIST_SERVED_DAYS 28 /* "of late" */
#define WAITLIST_DAYS 60	/* on the list, where nothing else is said */
#define WAITLIST_DAYS_MAX 180

/* What holds where an agreement or a request says nothing; minutes. */
struct waitlist_terms {
	int64_t offer;	/* to answer an offer */
	int64_t notice; /* between the answer and the start, at least */
	int64_t lapses; /* offers in a row without an answer, then it rests */
};
const struct waitlist_terms *waitlist_terms(enum urgency urgency);

struct waitlist_place {
	size_t row; /* the caller's */
	int64_t request;
	int64_t partner;
	enum urgency urgency;
	bool first;
	bool rests;
	int64_t submitted_at;
	int64_t passed;
	int64_t served; /* the partner: offers of late */
};

void waitlist_sort(struct waitlist_place *v, size_t n);
/* Does an offer to the one pass the other? */
bool waitlist_passes(const struct waitlist_place *offered,
		     const struct waitlist_place *other);

/* What would do for somebody who waits. */
struct waitlist_wish {
	const struct core_span *windows; /* none: any time */
	size_t nwindows;
	int64_t earliest; /* start */
	int64_t until;	  /* the session's end */
	int64_t length;	  /* seconds */
	/* Nothing that touches one of these is asked about again. */
	const struct core_span *refused;
	size_t nrefused;
};
/* The spans of starts within `within` that would do, by the order of windows;
 * room for waitlist_starts_max() of them. */
size_t waitlist_starts_max(const struct waitlist_wish *wish);
size_t waitlist_starts(const struct waitlist_wish *wish,
		       struct core_span within, struct core_span *out);

/* How long an offer of that start stands; at or before now: it is too late to
 * offer it. offer and notice in minutes. */
int64_t waitlist_deadline(int64_t now, int64_t start, int64_t offer,
			  int64_t notice);
/* The earliest start that is worth an offer. */
int64_t waitlist_earliest(int64_t now, int64_t offer, int64_t notice);

#endif
