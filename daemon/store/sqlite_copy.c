#include "daemon/store/copy.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "daemon/store/sqlite_db.h"
#include "daemon/store/sqlite_engine.h"

struct db_copy {
	struct db *from;
	sqlite3 *to;
	sqlite3_backup *work; /* NULL: none, or ended */
};

/* Whichever of the two connections it was: the next statement of the service
 * finds out by itself whether its own file failed. */
static enum rc fail(struct db_copy *copy, int code, struct err *err)
{
	const char *text = sqlite3_errmsg(copy->to);
	enum rc rc = sqlite_engine_rc(code, text);

	return err_set(err, rc, "cannot copy the database: %s",
		       rc == RC_FULL ? "the disk is full"
				     : sqlite3_errstr(code));
}

/* Nobody reads the file before it is complete, and it is not kept. */
static int prepare(sqlite3 *to)
{
	int code =
		sqlite3_exec(to, "PRAGMA journal_mode = OFF", NULL, NULL, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_exec(to, "PRAGMA synchronous = OFF", NULL, NULL,
				    NULL);
	/* no other process looks, so the log needs no index beside it */
	if (code == SQLITE_OK)
		code = sqlite3_exec(to, "PRAGMA locking_mode = EXCLUSIVE", NULL,
				    NULL, NULL);
	return code;
}

enum rc db_copy_begin(struct db *db, const char *path, const char *vfs,
		      struct db_copy **out, struct err *err)
{
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
		    SQLITE_OPEN_READWRITE;
	struct db_copy *copy = mem_alloc(sizeof(*copy));
	int code = sqlite3_open_v2(path, &copy->to, flags, vfs);
	enum rc rc;

	copy->from = db;
	if (code == SQLITE_OK)
		code = prepare(copy->to);
	if (code == SQLITE_OK) {
		copy->work = sqlite3_backup_init(copy->to, "main", db->handle,
						 "main");
		if (copy->work == NULL)
			code = sqlite3_extended_errcode(copy->to);
	}
	if (code == SQLITE_OK) {
		*out = copy;
		return RC_OK;
	}
	rc = fail(copy, code, err);
	db_copy_end(copy);
	return rc;
}

/* The copy says of itself that it has a log, as its source does; without one
 * it is a file that can be carried about. */
static enum rc settle(struct db_copy *copy, struct err *err)
{
	int code = sqlite3_backup_finish(copy->work);

	copy->work = NULL;
	if (code == SQLITE_OK)
		code = sqlite3_exec(copy->to, "PRAGMA journal_mode = DELETE",
				    NULL, NULL, NULL);
	return code == SQLITE_OK ? RC_OK : fail(copy, code, err);
}

enum rc db_copy_step(struct db_copy *copy, int pages, bool *out_done,
		     struct err *err)
{
	int code = sqlite3_backup_step(copy->work, pages);

	*out_done = code == SQLITE_DONE;
	if (code == SQLITE_DONE)
		return settle(copy, err);
	if (code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED)
		return RC_OK;
	return fail(copy, code, err);
}

void db_copy_end(struct db_copy *copy)
{
	if (copy == NULL)
		return;
	sqlite3_backup_finish(copy->work);
	sqlite3_close_v2(copy->to);
	mem_free(copy);
}
