/*
 * export - what is stored as the parts of a network file; no use case of its
 * own.
 */
#ifndef DAEMON_WORK_EXPORT_H
#define DAEMON_WORK_EXPORT_H

#include "daemon/work/work.h"

struct export
{
	struct work *w;
	struct msg_network *out;
};

/* One element as one of the file; false: the arena is full. */
typedef bool export_fill(struct export *e, const void *stored, void *out);
export_fill export_rule;       /* network_stored_rule, msg_net_rule */
export_fill export_secondment; /* network_stored_secondment, ... */
export_fill export_leave;      /* network_stored_leave, msg_net_leave */

#endif
