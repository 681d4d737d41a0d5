/*
 * explain - of a window in which nothing is free, what took away which starts.
 *
 * Every start that may be booked is asked about, of every expert, and each
 * answer of core_decide() is counted: a chance is one start of one expert. A
 * reason is one of a subject (or of the agreement) by one rule; it took a
 * chance away alone when the answer named nothing else. So the chances that one
 * reason alone took, and those that several took together, are all there are.
 *
 * Bounded by EXPLAIN_ASKS_MAX questions: in a wider window every n-th start is
 * asked about, n without a factor in common with a day, and the answer says n.
 */
#ifndef DAEMON_CORE_EXPLAIN_H
#define DAEMON_CORE_EXPLAIN_H

#include "daemon/core/decide.h"

#define EXPLAIN_ASKS_MAX ((size_t)60000)
#define EXPLAIN_REASONS_MAX 4096

struct explain_reason {
	const struct core_subject *subject; /* NULL: the agreement, or a rule */
	int role;			    /* enum claim_role, or -1 */
	enum block reason;
	const char *rule; /* NULL: none has words for it */
	size_t of;	  /* chances in which it takes part at all */
	size_t alone, with_others;
	/* From the first to the last of what is in the way, and how long that
	 * is altogether within the window; from == to: it has no time. */
	struct core_span span;
	int64_t seconds;
};

struct explain_count {
	size_t starts;			/* that were asked about */
	size_t every;			/* one out of so many; 1: all of them */
	size_t chances;			/* starts times experts */
	size_t free;			/* that nothing took */
	size_t by_one;			/* that one reason alone took */
	size_t by_several;		/* that several took together */
	struct explain_reason *reasons; /* the most chances first */
	size_t n;
};

/* Sees each answer before it is counted, and may change what it says. */
struct explain_mask {
	void (*mask)(void *ctx, struct core_blockers *blockers, size_t expert);
	void *ctx;
};

/* The ask brings all its facts (no fetch(), no rows). asks: at most so many of
 * EXPLAIN_ASKS_MAX. mask may be NULL. RC_NOMEM beyond the arena's bound. */
__attribute__((warn_unused_result)) enum rc
explain_count(const struct core_ask *ask, struct core_span window, size_t asks,
	      const struct explain_mask *mask, struct arena *arena,
	      struct explain_count *out);

#endif
