/* What a connection shows of its own work. */
#include "daemon/store/sqlite_db.h"

enum rc db_failed(const struct db *db)
{
	return db->failed;
}

int64_t db_changes(const struct db *db)
{
	return sqlite3_changes64(db->handle);
}

int64_t db_log_pages(const struct db *db)
{
	return db->log_pages - db->log_copied;
}

int64_t db_changes_ever(const struct db *db)
{
	return sqlite3_total_changes64(db->handle);
}

static int on_progress(void *ctx)
{
	const struct db *db = ctx;

	db->moving(db->moving_ctx);
	return 0; /* go on */
}

void db_watch(struct db *db, void (*moving)(void *ctx), void *ctx)
{
	db->moving = moving;
	db->moving_ctx = ctx;
	sqlite3_progress_handler(db->handle, DB_PROGRESS_STEPS, on_progress,
				 db);
}

static int64_t count_of(const struct stmt *stmt, int what)
{
	return sqlite3_stmt_status(stmt->handle, what, 1);
}

void db_see_effort(struct db *db,
		   void (*see)(void *ctx, const struct db_effort *effort),
		   void *ctx)
{
	for (size_t i = 0; i < db->nslots; i++) {
		const struct stmt *stmt = db->slots[i];
		struct db_effort effort;

		if (!stmt)
			continue;
		effort = (struct db_effort){
			.sql = stmt->sql,
			.runs = count_of(stmt, SQLITE_STMTSTATUS_RUN),
			.steps = count_of(stmt, SQLITE_STMTSTATUS_VM_STEP),
			.walked =
				count_of(stmt, SQLITE_STMTSTATUS_FULLSCAN_STEP),
		};
		if (effort.runs > 0)
			see(ctx, &effort);
	}
}
