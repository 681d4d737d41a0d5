/*
 * process - what holds for the whole process, set first of all.
 */
#ifndef DAEMON_SYS_PROCESS_H
#define DAEMON_SYS_PROCESS_H

#include <stdint.h>

#include "base/err.h"

/* No core dump and no reading of our memory by others of the same user
 * (patients' data is in it); new files are nobody else's; as many descriptors
 * as the hard limit allows. */
__attribute__((warn_unused_result)) enum rc sys_process_harden(struct err *err);

/* Root becomes who owns that directory, for good, so that what is made in it
 * from here on is theirs; anybody else stays who they are. */
__attribute__((warn_unused_result)) enum rc
sys_process_be_owner_of(const char *path, struct err *err);

struct sys_process_figures {
	int64_t cpu_ms;		   /* user and system */
	int64_t resident, virtual; /* bytes */
	int64_t open_fds, max_fds;
};

/* Of this process, now; what cannot be found out stays as it was. */
void sys_process_figures(struct sys_process_figures *out);

/* Cores that this process may run on; at least 1. */
unsigned sys_process_cores(void);

#endif
