/*
 * steps - what is done when a due row's time has come (store/due.h).
 *
 * One function a purpose. It finds its row taken away already: what is to
 * follow it puts. It is told the step and when that was due, which may be long
 * ago if the service stood still; w->who is nobody, and its events are by the
 * system. It answers RC_OK also when there is nothing left to do; anything else
 * undoes all of it, and the row is there again.
 *
 * Many steps are done in one transaction. Where one of them fails nothing of
 * it is stored, and whoever runs them (daemon/main/due.h) runs them one by one,
 * until the one that fails is alone and is put off.
 */
#ifndef DAEMON_WORK_STEPS_H
#define DAEMON_WORK_STEPS_H

#include "daemon/store/due.h"
#include "daemon/work/work.h"

#define STEPS_AT_ONCE 64 /* in one transaction; others may wait meanwhile */

struct steps {
	/* in */
	unsigned limit;	  /* of steps; a hold that lapses is none */
	bool leave_holds; /* as they are */
	/* out */
	bool more;	    /* is due by now */
	bool any;	    /* a step was begun: the last one is `row` */
	struct due_row row; /* by which it failed, where it did */
	struct err why;
};

/* Ends the holds that have lapsed, and does what is due. */
__attribute__((warn_unused_result)) enum rc steps_run(struct tx *tx,
						      struct steps *steps);
/* Is there anything to do? For a reading tx too. */
__attribute__((warn_unused_result)) enum rc
steps_are_due(struct tx *tx, bool *out, struct err *err);

#endif
