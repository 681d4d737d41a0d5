/*
 * db - a connection to the database, whatever the engine.
 *
 * A driver prepares, binds, steps and translates errors; nothing else.
 * Statements are portable text (SQLite >= 3.40, PostgreSQL >= 15) with $1, $2
 * ... for parameters; DDL and guards belong to the driver. A connection is
 * used by one thread at a time. Statements are prepared once per connection
 * and kept, keyed by the address of their text: pass string literals.
 *
 * A query is used so, with errors kept until the end:
 *
 *	struct query q;
 *	query_begin(&q, db, "SELECT name FROM site WHERE slug = $1");
 *	query_text(&q, 1, slug);
 *	while (query_row(&q))
 *		name = arena_strndup(arena, query_col_text(&q, 0), ...);
 *	return query_end(&q, err);
 *
 * A statement without rows needs no query_row(): query_end() runs what was not
 * stepped yet. Values bound must live until then. Columns are borrowed until
 *the next query_row() or query_end(). A statement may not be begun again before
 *its query_end().
 *
 * A transaction that the engine has rolled back on its own (a full disk, say)
 * takes no further statement: each answers RC_INTERNAL until db_rollback(), so
 * that nothing is ever stored outside the transaction it was meant for.
 */
#ifndef DAEMON_STORE_DB_H
#define DAEMON_STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"

struct db;

enum db_mode {
	DB_WRITER, /* creates, commits and checkpoints: one per database */
	DB_READER, /* opened read-only, never checkpoints */
};

/* Gives the engine mem_ops(); once, before threads and before any db_open. */
void db_init(void);

/* vfs: NULL, or the name of a registered one (vfs.h). RC_CORRUPT for a file
 * that is no sound database, RC_FORBIDDEN, RC_IO, RC_FULL, RC_NOT_FOUND. A
 * writer makes the file when there is none, readable by its owner only. */
__attribute__((warn_unused_result)) enum rc
db_open(const char *path, enum db_mode mode, const char *vfs, struct db **out,
	struct err *err);
void db_close(struct db *db);

/* RC_OK, or RC_IO or RC_CORRUPT once the engine has said so on this connection:
 * then nothing more should be asked of it. */
enum rc db_failed(const struct db *db);

/* A constraint's or guard's refusal is RC_EXISTS (unique), RC_REFUSED (the
 * claims' guard) or RC_RULE (any other); the engine wanting a repeat is
 * RC_BUSY; then RC_FULL, RC_IO (also a file that became read-only), RC_CORRUPT,
 * RC_NOMEM, RC_TOO_LARGE, RC_INTERNAL. No text names the file: it may go into
 * an answer. */
struct query {
	struct db *db;
	struct stmt *stmt; /* NULL after a failure */
	enum rc rc;
	bool row;
};

void query_begin(struct query *q, struct db *db, const char *sql);
void query_int(struct query *q, int n, int64_t value);
void query_int_or_null(struct query *q, int n, int64_t value,
		       int64_t null_value);
void query_text(struct query *q, int n, const char *s); /* NULL: null */
void query_blob(struct query *q, int n, const void *data, size_t len);
bool query_row(struct query *q); /* false at the end and on failure */
int64_t query_col_int(const struct query *q, int column);
bool query_col_null(const struct query *q, int column);
const char *query_col_text(const struct query *q, int column); /* or NULL */
const void *query_col_blob(const struct query *q, int column, size_t *out_len);
/* A copy in the arena; NULL for null (or a full arena: q->rc says so). */
char *query_col_dup(struct query *q, int column, struct arena *arena);
__attribute__((warn_unused_result)) enum rc query_end(struct query *q,
						      struct err *err);
/* Runs a statement without parameters and rows. */
__attribute__((warn_unused_result)) enum rc
db_run(struct db *db, const char *sql, struct err *err);
/* Runs statements of the driver's own dialect, not kept; up to the first
 * failure. For migrations, inside a transaction. */
__attribute__((warn_unused_result)) enum rc
db_script(struct db *db, const char *sql, struct err *err);
/* Rows changed by the last INSERT, UPDATE or DELETE on this connection. */
int64_t db_changes(const struct db *db);
/* Rows changed on this connection since it was opened. */
int64_t db_changes_ever(const struct db *db);

/* Calls moving() from within statements, every so many steps of the engine
 * (well under a millisecond): one that takes long is not one that hangs. */
#define DB_PROGRESS_STEPS 10000
void db_watch(struct db *db, void (*moving)(void *ctx), void *ctx);

/* What the statements of this connection took since somebody asked: steps of
 * the engine, and of these onto the next row of a whole table. How often they
 * ran and what they found is not in it, so that a search which walks more than
 * it finds is seen. */
struct db_effort {
	const char *sql;
	int64_t runs, steps, walked;
};
void db_see_effort(struct db *db,
		   void (*see)(void *ctx, const struct db_effort *effort),
		   void *ctx);

/* Read transactions: one snapshot for all that a request reads. */
__attribute__((warn_unused_result)) enum rc db_read_begin(struct db *db,
							  struct err *err);
void db_read_end(struct db *db);

/* Write transactions (writer only): BEGIN IMMEDIATE; savepoints within. After
 * an error ask db_in_transaction(): a full disk rolls back everything. After
 * db_rollback_savepoint() the savepoint is undone or, where even that failed,
 * the transaction is gone. */
__attribute__((warn_unused_result)) enum rc db_begin(struct db *db,
						     struct err *err);
__attribute__((warn_unused_result)) enum rc db_commit(struct db *db,
						      struct err *err);
void db_rollback(struct db *db);
__attribute__((warn_unused_result)) enum rc db_savepoint(struct db *db,
							 struct err *err);
__attribute__((warn_unused_result)) enum rc db_release(struct db *db,
						       struct err *err);
void db_rollback_savepoint(struct db *db);
bool db_in_transaction(const struct db *db);

/* Pages of the log that are not in the database yet, as far as this connection
 * (the writer's) knows: many after db_open(), which cannot know. */
int64_t db_log_pages(const struct db *db);
/* Moves the log into the database when more than so many pages wait. Readers
 * in the middle of a snapshot may keep a part of it waiting: RC_OK too; once
 * the file has more than twice so many it waits a little for them. With
 * DB_LOG_EMPTY the log's file is emptied as well, which spares the next start
 * reading it. */
#define DB_LOG_EMPTY (-1)
__attribute__((warn_unused_result)) enum rc
db_checkpoint(struct db *db, int64_t min_pages, struct err *err);

/* Brings the schema up to this program's, each step in a transaction of its
 * own; rnd names a new database's epoch. RC_INVALID for one that a newer
 * program made, RC_CORRUPT for one that is not ours. */
__attribute__((warn_unused_result)) enum rc
db_migrate(struct db *db, const struct rnd *rnd, struct err *err);
/* The schema that a database has, 0 for an empty one; nothing is changed. As
 * db_migrate() for what is not ours. */
__attribute__((warn_unused_result)) enum rc
db_find_schema(struct db *db, int *out, struct err *err);
/* RC_CORRUPT when a row points at none: a table that is made anew leaves those
 * that point at it alone for a while (sqlite.org/lang_altertable.html, section
 * 7), and a file from elsewhere may hold anything. */
__attribute__((warn_unused_result)) enum rc
db_check_references(struct db *db, struct err *err);
/* The schema this program has. */
int db_schema_version(void);

#endif
