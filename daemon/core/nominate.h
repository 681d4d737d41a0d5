/*
 * nominate - the starts at which it is worth asking, chunk by chunk (rows.h).
 *
 * Internal to the core's search. What does not depend on the expert is laid for
 * a chunk; then each expert's rows, unless they are known. Sessions of places
 * have grids of their own: no row nominates them.
 */
#ifndef DAEMON_CORE_NOMINATE_H
#define DAEMON_CORE_NOMINATE_H

#include "daemon/core/inquiry.h"
#include "daemon/core/plane.h"
#include "daemon/core/rows.h"

struct nominator {
	const struct core_ask *ask;
	struct core_rows *rows;
	struct rows_stripe *stripe; /* of the chunk */
	int64_t length;		    /* of the session, seconds */
	/* Planes are as much longer than a chunk as what begins in it reaches
	 * beyond it: an operation with its reserve, and the pause. */
	int64_t base;
	size_t nbits;
	struct inquiry_room room;

	struct rows_bits shared;  /* starts at which everybody but the expert
				   * and the expert's place may do */
	struct rows_bits studios; /* ... at which some studio of the lead may */
	struct plane starts, some, one, work, work2;
};

/* Memory; RC_NOMEM beyond the arena's bound. */
__attribute__((warn_unused_result)) enum rc
nominate_init(struct nominator *s, const struct core_ask *ask,
	      struct core_rows *rows, struct arena *arena);
void nominate_chunk(struct nominator *s, int64_t chunk);
/* The starts of the chunk at which the expert may do with everybody else;
 * answers what the ask's fetch() does. */
__attribute__((warn_unused_result)) enum rc
nominate_expert(struct nominator *s, size_t expert, struct rows_bits *out);

#endif
