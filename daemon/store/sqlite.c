/*
 * The driver for SQLite (>= 3.40).
 *
 * Threads: "multi-thread" mode, every connection used by one thread at a time
 * (sqlite.org/threadsafe.html). Checkpoints are the executor's alone: the
 * automatic ones are off on every connection, and a connection that closes
 * does none (sqlite.org/wal.html, "the WAL-reset bug").
 */
#include "daemon/store/db.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "daemon/store/sqlite_db.h"
#include "daemon/store/sqlite_engine.h"

#define BUSY_MS 250
#define RESTART_MS 50 /* for readers of a large log to end */
#define CACHE_WRITER "PRAGMA cache_size = -16384"
#define CACHE_READER "PRAGMA cache_size = -4096"
#define LOG_UNKNOWN (INT64_MAX / 2)

static const char sql_begin[] = "BEGIN IMMEDIATE";
static const char sql_begin_read[] = "BEGIN";
static const char sql_commit[] = "COMMIT";
static const char sql_rollback[] = "ROLLBACK";
static const char sql_savepoint[] = "SAVEPOINT job";
static const char sql_release[] = "RELEASE job";
static const char sql_undo[] = "ROLLBACK TO job";

/* ---- errors ---- */

/* Remembers what the engine says of its last call, and answers our word. */
enum rc sqlite_db_failure(struct db *db, int code)
{
	const char *text = sqlite3_errmsg(db->handle);
	enum rc rc = sqlite_engine_rc(code, text);
	int number = sqlite3_system_errno(db->handle);

	if ((code & 0xff) == SQLITE_CANTOPEN && number == ENOENT)
		rc = RC_NOT_FOUND;
	/* once it was open, a file that is moved or made read-only is no
	 * question of somebody's rights: the storage failed */
	if (db->opened && (rc == RC_NOT_FOUND || rc == RC_FORBIDDEN))
		rc = RC_IO;
	if (rc == RC_IO || rc == RC_CORRUPT)
		db->failed = rc;
	snprintf(db->text, sizeof(db->text), "%s",
		 rc == RC_FULL ? "the disk is full" : text);
	return rc;
}

/* Where the file is, is for the administrator who opens it, and for no answer
 * to anybody else. */
static enum rc report(const struct db *db, enum rc rc, struct err *err)
{
	return err_set(err, rc, "%s", db->text);
}

/* ---- statements, kept by the address of their text ---- */

static size_t slot_of(const struct db *db, const char *sql)
{
	uint64_t h = (uint64_t)(uintptr_t)sql * UINT64_C(0x9e3779b97f4a7c15);
	size_t i = (size_t)(h >> 32) & (db->nslots - 1);

	while (db->slots[i] != NULL && db->slots[i]->sql != sql)
		i = (i + 1) & (db->nslots - 1);
	return i;
}

static void grow(struct db *db)
{
	struct stmt **old = db->slots;
	size_t n = db->nslots;

	db->nslots = n > 0 ? 2 * n : 128;
	db->slots = mem_alloc(db->nslots * sizeof(struct stmt *));
	for (size_t i = 0; i < n; i++)
		if (old[i] != NULL)
			db->slots[slot_of(db, old[i]->sql)] = old[i];
	mem_free(old);
}

/* SQLite numbers $1, $2 by first appearance; PostgreSQL by what they say. */
static bool numbered_in_order(sqlite3_stmt *handle)
{
	int n = sqlite3_bind_parameter_count(handle);

	for (int i = 1; i <= n; i++) {
		const char *name = sqlite3_bind_parameter_name(handle, i);
		char want[16];

		snprintf(want, sizeof(want), "$%d", i);
		if (name == NULL || strcmp(name, want) != 0)
			return false;
	}
	return true;
}

static enum rc prepare(struct db *db, const char *sql, struct stmt **out)
{
	sqlite3_stmt *handle;
	int code = sqlite3_prepare_v3(db->handle, sql, -1,
				      SQLITE_PREPARE_PERSISTENT, &handle, NULL);

	if (code != SQLITE_OK)
		return sqlite_db_failure(db, code);
	if (handle == NULL || !numbered_in_order(handle)) {
		sqlite3_finalize(handle);
		snprintf(db->text, sizeof(db->text),
			 "parameters not numbered by appearance: %s", sql);
		return RC_INTERNAL;
	}
	*out = mem_alloc(sizeof(**out));
	(*out)->sql = sql;
	(*out)->handle = handle;
	return RC_OK;
}

/* A text that changed under its address is a bug of ours: it is looked for
 * where others are, since each statement would read both texts. */
static void check_text(const struct stmt *stmt)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	if (strcmp(sqlite3_sql(stmt->handle), stmt->sql) != 0)
		abort();
#else
	(void)stmt;
#endif
}

static enum rc find_stmt(struct db *db, const char *sql, struct stmt **out)
{
	size_t i = slot_of(db, sql);
	enum rc rc;

	if (db->slots[i] != NULL) {
		check_text(db->slots[i]);
		*out = db->slots[i];
		return RC_OK;
	}
	rc = prepare(db, sql, out);
	if (rc != RC_OK)
		return rc;
	db->slots[i] = *out;
	if (++db->nstmts * 4 > db->nslots * 3)
		grow(db);
	return RC_OK;
}

/* ---- a connection ---- */

static int log_grew(void *ctx, sqlite3 *handle, const char *name, int pages)
{
	struct db *db = ctx;

	(void)handle;
	(void)name;
	/* What was copied as a whole is overwritten from its beginning, as soon
	 * as no reader is in it any more. */
	if (pages <= db->log_copied)
		db->log_copied = 0;
	db->log_pages = pages;
	return SQLITE_OK;
}

static enum rc set_options(struct db *db)
{
	static const struct {
		int option, value;
	} options[] = {
		{SQLITE_DBCONFIG_DEFENSIVE, 1},
		{SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
		{SQLITE_DBCONFIG_ENABLE_FKEY, 1},
		{SQLITE_DBCONFIG_ENABLE_TRIGGER, 1},
		{SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
		{SQLITE_DBCONFIG_DQS_DML, 0},
		{SQLITE_DBCONFIG_DQS_DDL, 0},
		{SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1},
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		int is = -1;
		int code = sqlite3_db_config(db->handle, options[i].option,
					     options[i].value, &is);

		if (code != SQLITE_OK || is != options[i].value)
			return sqlite_db_failure(db, code);
	}
	sqlite3_limit(db->handle, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_busy_timeout(db->handle, BUSY_MS);
	sqlite3_wal_hook(db->handle, log_grew, db); /* and no automatic ones */
	return RC_OK;
}

static enum rc run(struct db *db, const char *sql)
{
	int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? RC_OK : sqlite_db_failure(db, code);
}

/* The answer is the mode in force, which need not be the one asked for. */
static enum rc set_log_mode(struct db *db)
{
	struct query q;
	bool wal = false;
	enum rc rc;

	query_begin(&q, db, "PRAGMA journal_mode = WAL");
	if (query_row(&q))
		wal = strcmp(query_col_text(&q, 0), "wal") == 0;
	rc = query_end(&q, NULL);
	if (rc != RC_OK || wal)
		return rc;
	snprintf(db->text, sizeof(db->text),
		 "this file system takes no write-ahead log");
	return RC_FORBIDDEN;
}

static enum rc set_up(struct db *db, enum db_mode mode)
{
	static const char *const common[] = {
		"PRAGMA synchronous = FULL", "PRAGMA cell_size_check = ON",
		"PRAGMA temp_store = MEMORY", "PRAGMA mmap_size = 0"};
	static const char *const kept[] = {
		sql_begin,     sql_begin_read, sql_commit, sql_rollback,
		sql_savepoint, sql_release,    sql_undo};
	struct stmt *unused;
	enum rc rc = set_options(db);

	if (rc == RC_OK && mode == DB_WRITER)
		rc = set_log_mode(db);
	for (size_t i = 0; i < 4 && rc == RC_OK; i++)
		rc = run(db, common[i]);
	if (rc == RC_OK)
		rc = run(db, mode == DB_WRITER ? CACHE_WRITER : CACHE_READER);
	if (rc == RC_OK) /* opening reads nothing: is it a database at all? */
		rc = run(db, "SELECT count(*) FROM sqlite_schema");
	/* so that undoing needs no memory */
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (rc == RC_OK)
			rc = find_stmt(db, kept[i], &unused);
	return rc;
}

static enum rc open_handle(struct db *db, enum db_mode mode, const char *vfs)
{
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	int code;

	if (mode == DB_WRITER)
		flags |= SQLITE_OPEN_READWRITE;
	else
		flags |= SQLITE_OPEN_READONLY;
	code = sqlite3_open_v2(db->path, &db->handle, flags, vfs);
	if (db->handle == NULL) {
		snprintf(db->text, sizeof(db->text), "no memory to open it");
		return RC_NOMEM;
	}
	if (code != SQLITE_OK)
		return sqlite_db_failure(db, code);
	/* SQLite opens read-only what it may not write */
	if (mode == DB_WRITER && sqlite3_db_readonly(db->handle, "main") != 0) {
		snprintf(db->text, sizeof(db->text), "not writable");
		return RC_FORBIDDEN;
	}
	return set_up(db, mode);
}

enum rc db_open(const char *path, enum db_mode mode, const char *vfs,
		struct db **out, struct err *err)
{
	struct db *db;
	struct err why;
	enum rc rc = RC_OK;

	if (mode == DB_WRITER) /* SQLite would make it readable by everybody */
		rc = file_write_new(path, "", 0, 0600, &why);
	if (rc != RC_OK && rc != RC_EXISTS)
		return err_set(err, rc, "%s", why.text);
	db = mem_alloc(sizeof(*db));
	db->path = mem_strdup(path);
	db->log_pages = LOG_UNKNOWN;
	grow(db);
	rc = open_handle(db, mode, vfs);
	if (rc == RC_OK) {
		db->opened = true;
		*out = db;
		return RC_OK;
	}
	err_set(err, rc, "database %s: %s", path, db->text);
	db_close(db);
	return rc;
}

void db_close(struct db *db)
{
	if (db == NULL)
		return;
	for (size_t i = 0; i < db->nslots; i++)
		if (db->slots[i] != NULL) {
			sqlite3_finalize(db->slots[i]->handle);
			mem_free(db->slots[i]);
		}
	sqlite3_close_v2(db->handle);
	mem_free(db->slots);
	mem_free(db->path);
	mem_free(db);
}

/* ---- queries ---- */

static void query_fail(struct query *q, int code)
{
	if (q->rc == RC_OK)
		q->rc = sqlite_db_failure(q->db, code);
}

static void query_refuse(struct query *q, const char *text)
{
	snprintf(q->db->text, sizeof(q->db->text), "%s", text);
	q->rc = RC_INTERNAL;
}

void query_begin(struct query *q, struct db *db, const char *sql)
{
	struct stmt *stmt = NULL;

	*q = (struct query){.db = db, .rc = RC_OK};
	if (db->writing && !db_in_transaction(db) && sql != sql_rollback) {
		query_refuse(q, "the transaction was rolled back already");
		return;
	}
	q->rc = find_stmt(db, sql, &stmt);
	if (stmt == NULL)
		return;
	if (stmt->open) {
		query_refuse(q, "a statement was begun before its end");
		return;
	}
	stmt->open = true;
	stmt->stepped = false;
	q->stmt = stmt;
}

void query_int(struct query *q, int n, int64_t value)
{
	int code;

	if (q->rc != RC_OK)
		return;
	code = sqlite3_bind_int64(q->stmt->handle, n, value);
	if (code != SQLITE_OK)
		query_fail(q, code);
}

void query_int_or_null(struct query *q, int n, int64_t value,
		       int64_t null_value)
{
	if (value == null_value)
		query_text(q, n, NULL);
	else
		query_int(q, n, value);
}

/* Static: the callers' values live until query_end(), which unbinds them. */
void query_text(struct query *q, int n, const char *s)
{
	int code;

	if (q->rc != RC_OK)
		return;
	code = s == NULL ? sqlite3_bind_null(q->stmt->handle, n)
			 : sqlite3_bind_text(q->stmt->handle, n, s, -1,
					     SQLITE_STATIC);
	if (code != SQLITE_OK)
		query_fail(q, code);
}

void query_blob(struct query *q, int n, const void *data, size_t len)
{
	int code;

	if (q->rc != RC_OK)
		return;
	if (data == NULL)
		code = sqlite3_bind_null(q->stmt->handle, n);
	else
		code = sqlite3_bind_blob64(q->stmt->handle, n, data, len,
					   SQLITE_STATIC);
	if (code != SQLITE_OK)
		query_fail(q, code);
}

bool query_row(struct query *q)
{
	int code;

	q->row = false;
	if (q->rc != RC_OK || q->stmt == NULL)
		return false;
	q->stmt->stepped = true;
	code = sqlite3_step(q->stmt->handle);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		query_fail(q, code);
	q->row = code == SQLITE_ROW;
	return q->row;
}

int64_t query_col_int(const struct query *q, int column)
{
	return q->row ? sqlite3_column_int64(q->stmt->handle, column) : 0;
}

bool query_col_null(const struct query *q, int column)
{
	return !q->row ||
	       sqlite3_column_type(q->stmt->handle, column) == SQLITE_NULL;
}

const char *query_col_text(const struct query *q, int column)
{
	const char *s;

	if (query_col_null(q, column))
		return NULL;
	/* without memory for it the statement has failed: query_end() says so
	 */
	s = (const char *)sqlite3_column_text(q->stmt->handle, column);
	return s != NULL ? s : "";
}

const void *query_col_blob(const struct query *q, int column, size_t *out_len)
{
	const void *data;

	*out_len = 0;
	if (!q->row || query_col_null(q, column))
		return NULL;
	data = sqlite3_column_blob(q->stmt->handle, column);
	*out_len = (size_t)sqlite3_column_bytes(q->stmt->handle, column);
	return data != NULL ? data : ""; /* of no bytes, but not null */
}

char *query_col_dup(struct query *q, int column, struct arena *arena)
{
	const char *s = query_col_text(q, column);
	char *copy;

	if (s == NULL)
		return NULL;
	copy = arena_strndup(arena, s, strlen(s));
	if (copy == NULL && q->rc == RC_OK) {
		snprintf(q->db->text, sizeof(q->db->text), "too much to read");
		q->rc = RC_NOMEM;
	}
	return copy;
}

enum rc query_end(struct query *q, struct err *err)
{
	if (q->stmt != NULL) {
		int code;

		if (!q->stmt->stepped)
			query_row(q);
		code = sqlite3_reset(q->stmt->handle);
		if (code != SQLITE_OK)
			query_fail(q, code);
		sqlite3_clear_bindings(q->stmt->handle);
		q->stmt->open = false;
		q->stmt = NULL;
	}
	q->row = false;
	return q->rc == RC_OK ? RC_OK : report(q->db, q->rc, err);
}

enum rc db_run(struct db *db, const char *sql, struct err *err)
{
	struct query q;

	query_begin(&q, db, sql);
	return query_end(&q, err);
}

enum rc db_script(struct db *db, const char *sql, struct err *err)
{
	enum rc rc = run(db, sql);

	return rc == RC_OK ? RC_OK : report(db, rc, err);
}

/* ---- transactions ---- */

enum rc db_read_begin(struct db *db, struct err *err)
{
	return db_run(db, sql_begin_read, err);
}

void db_read_end(struct db *db)
{
	if (db_in_transaction(db) && db_run(db, sql_rollback, NULL) != RC_OK)
		run(db, sql_rollback);
}

enum rc db_begin(struct db *db, struct err *err)
{
	enum rc rc = db_run(db, sql_begin, err);

	db->writing = rc == RC_OK;
	return rc;
}

enum rc db_commit(struct db *db, struct err *err)
{
	enum rc rc = db_run(db, sql_commit, err);

	if (rc == RC_OK)
		db->writing = false;
	return rc;
}

void db_rollback(struct db *db)
{
	if (db_in_transaction(db) && db_run(db, sql_rollback, NULL) != RC_OK)
		run(db, sql_rollback);
	db->writing = false;
}

enum rc db_savepoint(struct db *db, struct err *err)
{
	return db_run(db, sql_savepoint, err);
}

enum rc db_release(struct db *db, struct err *err)
{
	return db_run(db, sql_release, err);
}

void db_rollback_savepoint(struct db *db)
{
	if (db_in_transaction(db) && (db_run(db, sql_undo, NULL) != RC_OK ||
				      db_run(db, sql_release, NULL) != RC_OK))
		run(db, sql_rollback); /* db->writing stays: it is gone */
}

bool db_in_transaction(const struct db *db)
{
	return sqlite3_get_autocommit(db->handle) == 0;
}

/* ---- the log ---- */

/* Short readers that follow one another keep the log from being overwritten,
 * and it grows. A large one is worth a moment's wait for those that are in it;
 * who begins meanwhile reads the database alone. */
static int checkpoint(struct db *db, int64_t min_pages, int *pages, int *copied)
{
	bool large = min_pages > 0 && db->log_pages > 2 * min_pages;
	int mode = min_pages == DB_LOG_EMPTY ? SQLITE_CHECKPOINT_TRUNCATE
		   : large		     ? SQLITE_CHECKPOINT_RESTART
					     : SQLITE_CHECKPOINT_PASSIVE;
	int code;

	if (large)
		sqlite3_busy_timeout(db->handle, RESTART_MS);
	code = sqlite3_wal_checkpoint_v2(db->handle, "main", mode, pages,
					 copied);
	if (large)
		sqlite3_busy_timeout(db->handle, BUSY_MS);
	return code;
}

enum rc db_checkpoint(struct db *db, int64_t min_pages, struct err *err)
{
	int pages = 0, copied = 0;
	int code;

	if (db_log_pages(db) <= min_pages)
		return RC_OK;
	code = checkpoint(db, min_pages, &pages, &copied);
	if (code != SQLITE_OK && code != SQLITE_BUSY) /* busy: a reader */
		return report(db, sqlite_db_failure(db, code), err);
	if (pages < 0 || copied < 0) /* it did not come to look */
		return RC_OK;
	db->log_pages = pages;
	db->log_copied = copied;
	return RC_OK;
}
