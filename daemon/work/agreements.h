/*
 * agreements - what two hospitals agreed on, as they look at it, and its end.
 *
 * Both sides are told that an agreement ends (an event of the agreement, seen
 * by the people of the two), so long before as it says itself; and again when
 * it has ended. Each once for each last day, unless another follows without a
 * gap. One due row, put when an import makes or changes the agreement.
 */
#ifndef DAEMON_WORK_AGREEMENTS_H
#define DAEMON_WORK_AGREEMENTS_H

#include "daemon/store/due.h"
#include "daemon/work/work.h"

/* Those of the principal's site. */
enum rc work_agreement_list(struct work *w,
			    const struct msg_agreement_query *in,
			    struct msg_agreement_list *out);

/* It is new, or another than it was. */
enum rc agreements_imported(struct work *w, const char *slug);
/* Step 1: nothing is told of an end that has passed already. */
enum rc agreements_step(struct work *w, const struct due_row *row);

#endif
