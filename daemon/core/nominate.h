/*
 * nominate - the starts at which it is worth asking, as planes.
 *
 * Internal to the core's search. What does not depend on the expert is laid
 * once for a stretch of time, then expert after expert. A plane of starts has
 * a bit for every start that may do; it is longer than the starts that are
 * asked for, by the longest operation with its reserve and pause. Sessions of
 * places have grids of their own: no plane nominates them.
 */
#ifndef DAEMON_CORE_NOMINATE_H
#define DAEMON_CORE_NOMINATE_H

#include "daemon/core/inquiry.h"
#include "daemon/core/plane.h"

struct nominator {
	const struct core_ask *ask;
	int64_t length; /* of the session, seconds */
	int64_t reach;	/* how much longer than its starts a plane is */
	struct inquiry_room room;

	struct plane shared;  /* starts at which everybody but the expert and
			       * the expert's place may do */
	struct plane studios; /* ... at which some studio of the lead may */
	struct plane *places; /* ... at which lead_rooms[i] may */
	struct plane starts;  /* ... at which the expert may as well */
	struct plane work, work2;
};

/* Memory for as many seconds of starts; RC_NOMEM beyond the arena's bound. */
__attribute__((warn_unused_result)) enum rc
nominate_init(struct nominator *s, const struct core_ask *ask, int64_t starts,
	      struct arena *arena);
/* base: on the grid; nbits: of the starts and the reach, no more than at
 * first. */
void nominate_shared(struct nominator *s, int64_t base, size_t nbits);
/* Into s->starts, which plane_move() has cleared for the expert: of the same
 * base, no longer than what is shared. */
void nominate_expert(struct nominator *s, const struct core_expert *e);

#endif
