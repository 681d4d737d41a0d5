/*
 * steps - what is done when a due row's time has come (store/due.h).
 *
 * One function a purpose. It finds its row taken away already: what is to
 * follow it puts. It is told the step and when that was due, which may be long
 * ago if the service stood still; w->who is nobody, and its events are by the
 * system. It answers RC_OK also when there is nothing left to do.
 */
#ifndef DAEMON_WORK_STEPS_H
#define DAEMON_WORK_STEPS_H

#include "daemon/store/due.h"
#include "daemon/work/work.h"

#define STEPS_AT_ONCE 64 /* in one transaction; others may wait meanwhile */

/* Does what is due, at most so much. */
enum rc steps_run(struct work *w);

#endif
