/*
 * service - the daemon's life: boot in order, serve, shut down in reverse.
 *
 * The order is a table (service.c): each row brings one part up and takes it
 * down again; what could not come up ends the start, and everything below it
 * goes down in reverse. The seams (memory, cryptography, messages, engine,
 * event loops) were initialised before, in main().
 */
#ifndef DAEMON_MAIN_SERVICE_H
#define DAEMON_MAIN_SERVICE_H

#include "base/clock.h"
#include "base/err.h"
#include "daemon/conf/conf.h"
#include "daemon/sys/handover.h"

/* What the process was given: the environment, time and chance. */
struct service_env {
	const char *credentials;		  /* $CREDENTIALS_DIRECTORY */
	const char *notify;			  /* $NOTIFY_SOCKET */
	const char *watchdog_usec, *watchdog_pid; /* $WATCHDOG_... */
	struct sys_handover_env handover;	  /* $LISTEN_... */
	const struct clock *clock;
	const struct rnd *rnd;
};

/* Serves until it is told to stop (RC_OK) or cannot go on; conf_path is read
 * again on reload. Signals are blocked already. */
__attribute__((warn_unused_result)) enum rc
service_run(const char *conf_path, const struct conf *conf,
	    const struct service_env *env, struct err *err);

#endif
