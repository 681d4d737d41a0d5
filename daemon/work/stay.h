/*
 * stay - a bed, which is had for days and by nobody's hours.
 *
 * Internal to the use cases of bookings.
 */
#ifndef DAEMON_WORK_STAY_H
#define DAEMON_WORK_STAY_H

#include "daemon/work/ask.h"
#include "daemon/work/tools.h"

/* Of a booking that is one: the wish for as many days again; of others nothing.
 */
enum rc stay_again(struct work *w, const struct booking *b, struct wish *out);
/* Whoever lies there stays so many days longer, in the same ward. RC_REFUSED,
 * with the reasons, where that has no bed left on one of them. */
enum rc stay_longer(struct work *w, struct booking *b, int64_t days);

#endif
