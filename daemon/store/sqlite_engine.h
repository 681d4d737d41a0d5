/*
 * sqlite_engine - the library as a whole, below the driver's connections.
 *
 * Its memory is mem_ops(), its messages go to the log (db_init() in db.h), and
 * its codes (sqlite.org/rescode.html) become ours here, in one table. Only the
 * driver includes this.
 */
#ifndef DAEMON_STORE_SQLITE_ENGINE_H
#define DAEMON_STORE_SQLITE_ENGINE_H

#include "base/rc.h"

/* Of an extended code, and what the engine said with it. */
enum rc sqlite_engine_rc(int code, const char *text);

#endif
