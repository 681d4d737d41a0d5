/*
 * lock - one active daemon per database.
 *
 * A lock file beside the database (PATH.lock), held by an open-file-description
 * lock (fcntl F_OFD_SETLK) for the life of the process: it goes with the
 * process, also by kill -9. RC_BUSY when another process has it; the error
 * names its process id.
 */
#ifndef DAEMON_STORE_LOCK_H
#define DAEMON_STORE_LOCK_H

#include "base/err.h"

struct lock;
__attribute__((warn_unused_result)) enum rc
lock_take(const char *database_path, struct lock **out, struct err *err);
void lock_drop(struct lock *lock);

#endif
