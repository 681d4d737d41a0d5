/*
 * sqlite_db - a connection as the driver's own files see it: statements and
 * transactions (sqlite.c), copies (sqlite_copy.c), progress (sqlite_watch.c).
 * Nobody else includes this.
 */
#ifndef DAEMON_STORE_SQLITE_DB_H
#define DAEMON_STORE_SQLITE_DB_H

#include <sqlite3.h>

#include "daemon/store/db.h"

#define SQLITE_DB_TEXT_MAX 240

struct stmt {
	const char *sql; /* the key: its address */
	sqlite3_stmt *handle;
	bool open; /* between query_begin() and query_end() */
	bool stepped;
};

struct db {
	sqlite3 *handle;
	char *path;
	struct stmt **slots; /* open addressing; size a power of two */
	size_t nslots, nstmts;
	bool writing;	    /* between db_begin() and its end */
	int64_t log_pages;  /* in the log after the last commit */
	int64_t log_copied; /* of these, in the database already */
	bool opened;	    /* db_open() is through */
	enum rc failed;
	char text[SQLITE_DB_TEXT_MAX]; /* what the engine said at the last
					  failure */
	void (*moving)(void *ctx);     /* db_watch() */
	void *moving_ctx;
};

/* Remembers what the engine says of its last call, and answers our word. */
enum rc sqlite_db_failure(struct db *db, int code);

#endif
