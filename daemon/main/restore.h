/*
 * restore - a backup put in the place of the database.
 *
 * While no daemon runs (lock.h). The file is copied beside the database, and
 * everything of the copy is verified, migrated and recorded there; then the two
 * exchange their names in one step, and what was in place before stays beside
 * it (teleconsult.db.before-restore-TIME), marked as a backup is. Whatever
 * fails before that leaves the old database as it was; a crash leaves the one
 * or the other. A restored database begins a new epoch: ids of its event stream
 * do not go on; and its open invitations are revoked, for they may have been
 * used since.
 */
#ifndef DAEMON_MAIN_RESTORE_H
#define DAEMON_MAIN_RESTORE_H

#include "base/buf.h"
#include "base/clock.h"
#include "daemon/conf/conf.h"

struct restore_order {
	const struct conf *conf; /* its state directory counts */
	const char *credentials; /* $CREDENTIALS_DIRECTORY, or NULL */
	const char *from;
	const struct clock *clock;
	const struct rnd *rnd;
};

/* out_said: what was restored and what is lost, for people. RC_BUSY: a daemon
 * runs. Root goes on as the owner of the state directory. */
__attribute__((warn_unused_result)) enum rc
restore_run(const struct restore_order *order, struct buf *out_said,
	    struct err *err);

#endif
