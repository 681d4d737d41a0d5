/*
 * handover - listening sockets that the service manager opened for us.
 *
 * The protocol of sd_listen_fds(3): $LISTEN_FDS descriptors from number 3 on,
 * for the process $LISTEN_PID, named by $LISTEN_FDNAMES ("a:b"). Ours are
 * named after the listeners: "partners" and "people". Each must be a stream
 * socket that listens; it is made non-blocking (systemd's are not) and
 * close-on-exec. The environment is an argument.
 */
#ifndef DAEMON_SYS_HANDOVER_H
#define DAEMON_SYS_HANDOVER_H

#include "base/err.h"

#define SYS_HANDOVER_FIRST 3 /* SD_LISTEN_FDS_START */
#define SYS_HANDOVER_MAX 4
#define SYS_HANDOVER_NAME_MAX 31

struct sys_handover_env {
	const char *pid, *fds, *names; /* NULL when not set */
	int first;		       /* SYS_HANDOVER_FIRST */
};

struct sys_handed {
	int fd;
	char name[SYS_HANDOVER_NAME_MAX + 1];
};

/* None is RC_OK too. The descriptors are the caller's. */
__attribute__((warn_unused_result)) enum rc
sys_handover(const struct sys_handover_env *env,
	     struct sys_handed out[SYS_HANDOVER_MAX], unsigned *out_n,
	     struct err *err);

#endif
