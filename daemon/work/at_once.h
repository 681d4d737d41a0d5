/*
 * at_once - the time of an emergency: now, with who answers, a studio at each
 * end where one can be had, and the patient.
 *
 * Nobody asks the calendar whether they are open. Whoever answers must not be
 * in a session that has started nor with another emergency; all else that is
 * in the way gives way. A studio that is free comes first, then one whose
 * session may give way, and without one it is done by telephone. A patient who
 * cannot be claimed, being in another session that has started, is not. Of a
 * studio for several so many are emptied as are needed, those that begin last
 * first.
 */
#ifndef DAEMON_WORK_AT_ONCE_H
#define DAEMON_WORK_AT_ONCE_H

#include "daemon/store/calendar.h"
#include "daemon/work/give_way.h"

struct at_once_pause {
	int64_t booking, subject;
};

/* In the arena of the work. */
struct at_once {
	struct core_plan plan;
	struct give_way gives;
	struct at_once_pause *pauses; /* are cut short */
	size_t npauses;
};

/* RC_REFUSED: the expert cannot, with w->blockers. Reads only. */
enum rc at_once_plan(struct work *w, const struct request *r, int64_t expert,
		     struct at_once *out);

/* What rules against the expert's taking it, in a word of the blockers' list,
 * whatever the time; NULL: nothing does. */
enum rc at_once_lacks(struct work *w, const struct request *r, int64_t expert,
		      const char **out);

#endif
