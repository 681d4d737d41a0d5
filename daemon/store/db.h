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
 * Columns are borrowed until the next query_row() or query_end(). A statement
 * may not be begun again before its query_end().
 */
#ifndef DAEMON_STORE_DB_H
#define DAEMON_STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
 * that is no sound database, RC_FORBIDDEN, RC_IO, RC_FULL, RC_NOT_FOUND. */
__attribute__((warn_unused_result)) enum rc
db_open(const char *path, enum db_mode mode, const char *vfs, struct db **out,
	struct err *err);
void db_close(struct db *db);

/* A constraint's or guard's refusal is RC_EXISTS (unique), RC_REFUSED (the
 * claims' guard) or RC_RULE (any other); the engine wanting a repeat is
 * RC_BUSY; then RC_FULL, RC_IO, RC_CORRUPT, RC_NOMEM, RC_INTERNAL. */
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
/* Rows changed by the last INSERT, UPDATE or DELETE on this connection. */
int64_t db_changes(const struct db *db);

/* Read transactions: one snapshot for all that a request reads. */
__attribute__((warn_unused_result)) enum rc db_read_begin(struct db *db,
							  struct err *err);
void db_read_end(struct db *db);

/* Write transactions (writer only): BEGIN IMMEDIATE; savepoints within. After
 * an error ask db_in_transaction(): a full disk rolls back everything. */
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

/* Moves the log into the database when it is larger than so many pages. */
__attribute__((warn_unused_result)) enum rc
db_checkpoint(struct db *db, int64_t min_pages, struct err *err);

/* Brings the schema up to this program's; refuses a newer one. */
__attribute__((warn_unused_result)) enum rc db_migrate(struct db *db,
						       struct err *err);
/* The schema this program has. */
int db_schema_version(void);

#endif
