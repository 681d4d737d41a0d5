/*
 * attempt - one of several steps of a use case, of which some may fail.
 *
 * Within the transaction: what failed for a reason of its own (a time that is
 * taken, a rule of the agreement) has left nothing behind, and the use case
 * goes on; anything else ends it.
 */
#ifndef DAEMON_WORK_ATTEMPT_H
#define DAEMON_WORK_ATTEMPT_H

#include "daemon/work/work.h"

/* Why it failed; of the caller's arena. */
struct attempt {
	bool done;
	struct field_list blockers; /* msg_blocker */
	size_t blockers_more;
	const char *why;	   /* in words; NULL where it is done */
	struct field_list nearest; /* msg_slot, where they were looked for */
};

typedef enum rc (*attempt_step)(struct work *w, void *ctx);

/* Runs the step with facts in memory of its own; of its reasons at most `room`
 * are answered. */
enum rc attempt_run(struct work *w, attempt_step step, void *ctx, size_t room,
		    struct attempt *out);
/* The same of a step that writes nothing; with the nearest times of its wish.
 */
enum rc attempt_look(struct work *w, attempt_step step, void *ctx,
		     struct attempt *out);

#endif
