/*
 * walk_in - the use cases of a free clinic's tokens (work.h): somebody walks
 * in, draws a number, and is called to a station.
 *
 * As such a clinic is held: one row of numbers for all of it, so that a number
 * called over one loudspeaker is one person's; for a station of their choice,
 * or for whichever is free. A name is needed for nothing, and shown to whoever
 * calls.
 */
#ifndef DAEMON_WORK_WALK_IN_H
#define DAEMON_WORK_WALK_IN_H

#include "daemon/work/work.h"

/* On the clinic's day, until it is over. */
enum rc work_walk_in_draw(struct work *w, const char *code,
			  const struct msg_walk_in_new *in,
			  struct msg_walk_in *out);
/* Once it has begun: whoever was called there is called again until they are
 * marked, so that a call whose answer was lost calls nobody else; then the
 * first who waits for the station or for any. RC_STATE: nobody does. Its answer
 * has a name, and is not to be kept. */
enum rc work_walk_in_call(struct work *w, const char *code,
			  const struct msg_walk_in_call *in,
			  struct msg_walk_in *out);
enum rc work_walk_in_mark(struct work *w, const char *code,
			  const struct msg_walk_in_mark *in,
			  struct msg_walk_in *out);
enum rc work_walk_in_list(struct work *w, const char *code,
			  struct msg_walk_in_list *out);

#endif
