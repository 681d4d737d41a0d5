/*
 * notify - what the service manager is told, and how often it wants to hear.
 *
 * The protocol of sd_notify(3): newline-separated "KEY=VALUE" in one datagram
 * to the Unix socket that $NOTIFY_SOCKET names ('@' in front: abstract). The
 * environment is an argument.
 */
#ifndef DAEMON_SYS_NOTIFY_H
#define DAEMON_SYS_NOTIFY_H

#include <stdint.h>

#include "base/err.h"

/* path: $NOTIFY_SOCKET; NULL: nobody listens, RC_OK. Never blocks long. */
__attribute__((warn_unused_result)) enum rc
sys_notify(const char *path, const char *state, struct err *err);

/* The watchdog's interval in milliseconds out of $WATCHDOG_USEC; 0: there is
 * none, or $WATCHDOG_PID says that it is another process's. */
int64_t sys_watchdog_ms(const char *usec, const char *pid);

#endif
