/*
 * args - the command line: one table of options, three commands.
 *
 * Everything points into argv.
 */
#ifndef DAEMON_MAIN_ARGS_H
#define DAEMON_MAIN_ARGS_H

#include "base/buf.h"
#include "base/err.h"
#include "daemon/conf/conf.h"

#define ARGS_CONFIG "/etc/teleconsult/teleconsultd.conf"

enum args_command {
	ARGS_SERVE,
	ARGS_CHECK,
	ARGS_PRINT,
	ARGS_CATALOGUE,
	ARGS_REPORTS,
	ARGS_INIT,
	ARGS_RESTORE,
	ARGS_INVITE,
	ARGS_HELP,
	ARGS_VERSION,
};

struct args {
	enum args_command command;
	const char *config; /* NULL: not given */
	/* of init; state also of restore, admin of invite */
	const char *state, *name, *admin, *partners, *people;
	const char *hosts[CONF_HOSTS_MAX];
	unsigned nhosts;
	const char *from; /* of restore */
};

/* RC_USAGE: err says what is wrong. */
__attribute__((warn_unused_result)) enum rc
args_read(int argc, char *const *argv, struct args *out, struct err *err);

void args_help(struct buf *out);

#endif
