/*
 * copy - the engine's way to copy a database that is written meanwhile.
 *
 * A copy belongs to the thread of the connection that it is taken from, and is
 * carried on some pages at a time while no transaction is open. What that same
 * connection changes between two steps is in the copy as well, so that it is
 * whole when it ends, and as of then (sqlite.org/backup.html). Begin, step
 * until it says so, end.
 */
#ifndef DAEMON_STORE_COPY_H
#define DAEMON_STORE_COPY_H

#include "daemon/store/db.h"

struct db_copy;

/* path: an empty file of ours; nothing of it is synced. vfs as db_open(). */
__attribute__((warn_unused_result)) enum rc
db_copy_begin(struct db *db, const char *path, const char *vfs,
	      struct db_copy **out, struct err *err);
/* out_done: that was the last; the file is complete and needs no log. */
__attribute__((warn_unused_result)) enum rc
db_copy_step(struct db_copy *copy, int pages, bool *out_done, struct err *err);
/* Also in the middle: then the file is of no use. */
void db_copy_end(struct db_copy *copy);

#endif
