/*
 * relax - what would have to be given way for a time to be found: the smallest
 * changes of an ask, one row a sort in one table (relax.c).
 *
 * A change makes another ask (relax_apply()), and core_nearest() is asked about
 * that one: there is no second opinion on what would do. relax_find() tries all
 * changes one by one, in the order of the table, which is from what costs
 * nobody anything to what two hospitals have agreed; if none of them gives a
 * time, two at once.
 *
 * Nothing is written, and no clock is looked at. The asks bring all their
 * facts (no fetch(), no rows), over the window and `beyond` on either side of
 * it. Work is bounded by RELAX_WORK_MAX, whatever is asked.
 */
#ifndef DAEMON_CORE_RELAX_H
#define DAEMON_CORE_RELAX_H

#include "daemon/core/decide.h"

/* Whose facts the changes draw on. */
struct relax_world {
	const struct core_ask *ask; /* for which there is no time */
	struct core_span window;    /* of starts */
	/* By how much the window may be longer at either end. */
	int64_t beyond;
	/* The same of any expert; NULL: none was named. */
	const struct core_ask *wide;
	bool assigned; /* by the lead, to a request */
	/* The same under other agreements of the same two sites. */
	const struct core_ask *others;
	size_t nothers;
};

/* One change: a row of the table, and which of the several that it can be (a
 * room, a language, how much shorter). */
struct relax_case {
	enum relax what;
	size_t which;
};

/* The changed ask, at its place in memory. */
struct relax_ask {
	struct core_ask ask;
	struct core_agreement agreement;
	struct core_span window;
	int64_t at;	  /* to be near to */
	unsigned dropped; /* bits: groups of the world's ask */
};

/* The ask as it is. */
void relax_begin(const struct relax_world *world, struct relax_ask *out);
/* Changes it further. RC_NOT_FOUND: there is nothing to change. Another
 * agreement comes before another expert, and both before whatever else. */
__attribute__((warn_unused_result)) enum rc
relax_apply(const struct relax_world *world, struct relax_case change,
	    struct arena *arena, struct relax_ask *io);
/* How many there are of a sort. */
size_t relax_count(const struct relax_world *world, enum relax what);
/* The nearest time of it; RC_NOT_FOUND. */
__attribute__((warn_unused_result)) enum rc
relax_search(const struct relax_ask *changed, struct arena *arena,
	     struct core_plan *out);

/* Who may grant it. */
enum role relax_grants(const struct relax_world *world, enum relax what);
/* What it is about: a slug, a language, a title; NULL. */
const char *relax_value(const struct relax_world *world,
			struct relax_case change);
/* How long the session still is; 0: as it was. */
int64_t relax_minutes(const struct relax_world *world,
		      struct relax_case change);

struct relax_found {
	struct relax_case cases[2]; /* as they are applied */
	size_t ncases;
	struct relax_ask *changed;
	struct core_plan plan;
};

#define RELAX_CASES_MAX 64
#define RELAX_FOUND_MAX 32
#define RELAX_PAIRS_MAX 5 /* that are answered */
/* Experts times chunks of rows (rows.h): a second, and as much for the counts.
 */
#define RELAX_WORK_MAX ((size_t)250000)

struct relax_answer {
	struct relax_found *v;
	size_t n;
	bool cut; /* not everything could be tried */
};

/* RC_NOMEM beyond the arena's bound; what is answered lives in it. work: at
 * most so much of RELAX_WORK_MAX. */
__attribute__((warn_unused_result)) enum rc
relax_find(const struct relax_world *world, size_t work, struct arena *arena,
	   struct relax_answer *out);

#endif
