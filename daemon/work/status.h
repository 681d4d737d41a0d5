/*
 * status - what the database says about how the service does.
 */
#ifndef DAEMON_WORK_STATUS_H
#define DAEMON_WORK_STATUS_H

#include "daemon/work/work.h"

/* Days ahead. */
#define WORK_STATUS_AGREEMENTS 60

/* Clears out and fills in its own part: the time, schema, head, epoch and the
 * last backup (out->store is made), and what ends soon; certificate_days: of
 * those that are made here (ending_notice()). */
enum rc work_status(struct work *w, int64_t certificate_days,
		    struct msg_status *out);

#endif
