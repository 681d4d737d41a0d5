/*
 * check - everything that a start or a reload would judge, judged without
 * touching anything: also while the daemon runs.
 *
 * The options, the time zones, every key and certificate and whether they fit
 * together, the database (that it is one of ours, of no newer program, and that
 * the field key is its own), whether this user may do what a start does. All
 * faults are told, not the first alone.
 */
#ifndef DAEMON_MAIN_CHECK_H
#define DAEMON_MAIN_CHECK_H

#include "base/buf.h"
#include "base/clock.h"
#include "daemon/conf/conf.h"

struct check_order {
	const struct conf *conf;
	const char *credentials; /* $CREDENTIALS_DIRECTORY, or NULL */
	const struct clock *clock;
	const struct rnd *rnd;
};

/* out_said: a line for each fault, and for what is worth a warning. The result
 * is that of the first fault. */
__attribute__((warn_unused_result)) enum rc
check_run(const struct check_order *order, struct buf *out_said);

#endif
