/*
 * sessions_view - who sees a session, and what of it.
 *
 * Internal to the use cases of sessions.
 */
#ifndef DAEMON_WORK_SESSIONS_VIEW_H
#define DAEMON_WORK_SESSIONS_VIEW_H

#include "daemon/store/sessions.h"
#include "daemon/work/sessions.h"

struct sessions_seen {
	struct booking b;
	struct session_row row;
	unsigned sides; /* SIDE_*; 0: of one who joins, or may */
	int64_t had;	/* seats of the principal's site */
};
/* RC_NOT_FOUND, in the same words, whether it is none or not theirs to see. */
enum rc sessions_see(struct work *w, const char *code,
		     struct sessions_seen *out);
enum rc sessions_view(struct work *w, const struct sessions_seen *s,
		      struct msg_session *out);
/* As it stands now. */
enum rc sessions_answer(struct work *w, const char *code,
			struct msg_session *out);

#endif
