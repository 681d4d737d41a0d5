/*
 * status - what the database says about how the service does.
 */
#ifndef DAEMON_WORK_STATUS_H
#define DAEMON_WORK_STATUS_H

#include "daemon/work/work.h"

/* Days ahead. */
#define WORK_STATUS_USERS 30
#define WORK_STATUS_AGREEMENTS 60

/* Clears out and fills in its own part: the time, schema, head, epoch and the
 * last backup (out->store is made), and what ends soon. */
enum rc work_status(struct work *w, struct msg_status *out);

#endif
