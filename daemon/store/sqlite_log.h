/*
 * sqlite_log - the write-ahead log, written a transaction at a time.
 *
 * SQLite writes each page of a transaction to the log with two calls, its head
 * and itself. Here they are gathered, and go to the file with the page that
 * commits, before that write answers: whatever the engine does next, syncs,
 * publishes, or hears that the disk is full, is as it would be without. Also
 * before the log is read, synced, measured or truncated through this
 * connection, and when enough has been gathered. Another connection never reads
 * of the log what no commit has told it of.
 */
#ifndef DAEMON_STORE_SQLITE_LOG_H
#define DAEMON_STORE_SQLITE_LOG_H

#include <stdbool.h>

/* Once in a process, for every connection that names no file system of its
 * own; false: the engine refuses. */
bool sqlite_log_register(void);

#endif
