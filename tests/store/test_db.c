#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/support/scratch.h"

static struct scratch scratch;
static struct db *db;

static int set_up(void **state)
{
	(void)state;
	scratch_begin(&scratch);
	db = scratch_open(&scratch);
	scratch_run(db, "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT, c BLOB,"
			" d INTEGER UNIQUE CHECK (d > 0)) STRICT");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	db_close(db);
	scratch_end(&scratch);
	return 0;
}

static void test_values(void **state)
{
	static const char bytes[] = {0, 1, 2};
	struct arena arena;
	struct query q;
	size_t len;
	char *copy;

	(void)state;
	query_begin(&q, db, "INSERT INTO t VALUES ($1, $2, $3, $4)");
	query_int(&q, 1, INT64_MIN);
	query_text(&q, 2, "读");
	query_blob(&q, 3, bytes, sizeof(bytes));
	query_int_or_null(&q, 4, 7, 7);
	assert_int_equal(query_end(&q, NULL), RC_OK);
	assert_int_equal(db_changes(db), 1);

	arena_init(&arena, 65536);
	query_begin(&q, db, "SELECT a, b, c, d FROM t WHERE a = $1");
	query_int(&q, 1, INT64_MIN);
	assert_true(query_row(&q));
	assert_true(query_col_int(&q, 0) == INT64_MIN);
	assert_string_equal(query_col_text(&q, 1), "读");
	copy = query_col_dup(&q, 1, &arena);
	assert_memory_equal(query_col_blob(&q, 2, &len), bytes, 3);
	assert_int_equal(len, 3);
	assert_true(query_col_null(&q, 3));
	assert_null(query_col_text(&q, 3));
	assert_null(query_col_dup(&q, 3, &arena));
	assert_null(query_col_blob(&q, 3, &len));
	assert_int_equal(len, 0);
	assert_false(query_row(&q));
	assert_int_equal(query_end(&q, NULL), RC_OK);
	assert_string_equal(copy, "读");
	arena_fini(&arena);
}

static void test_empty_is_not_null(void **state)
{
	struct query q;
	size_t len = 9;

	(void)state;
	query_begin(&q, db, "INSERT INTO t VALUES (1, $1, $2, 1)");
	query_text(&q, 1, "");
	query_blob(&q, 2, "", 0);
	assert_int_equal(query_end(&q, NULL), RC_OK);
	query_begin(&q, db, "SELECT b, c FROM t");
	assert_true(query_row(&q));
	assert_string_equal(query_col_text(&q, 0), "");
	assert_non_null(query_col_blob(&q, 1, &len));
	assert_int_equal(len, 0);
	assert_int_equal(query_end(&q, NULL), RC_OK);
}

static void test_small_arena(void **state)
{
	struct arena arena;
	struct err err = ERR_INIT;
	struct query q;

	(void)state;
	arena_init(&arena, 16);
	query_begin(&q, db, "SELECT 'much longer than sixteen bytes'");
	assert_true(query_row(&q));
	assert_null(query_col_dup(&q, 0, &arena));
	assert_false(query_row(&q));
	assert_int_equal(query_end(&q, &err), RC_NOMEM);
	assert_int_equal(err.rc, RC_NOMEM);
	arena_fini(&arena);
}

static enum rc insert(int64_t a, int64_t d, struct err *err)
{
	struct query q;

	query_begin(&q, db, "INSERT INTO t (a, d) VALUES ($1, $2)");
	query_int(&q, 1, a);
	query_int(&q, 2, d);
	return query_end(&q, err);
}

static void test_constraints(void **state)
{
	struct err err = ERR_INIT;
	struct query q;

	(void)state;
	assert_int_equal(insert(1, 1, NULL), RC_OK);
	assert_int_equal(insert(1, 2, &err), RC_EXISTS);
	assert_int_equal(insert(2, 1, &err), RC_EXISTS);
	assert_non_null(strstr(err.text, "t.d"));
	assert_int_equal(insert(3, 0, &err), RC_RULE);
	query_begin(&q, db, "INSERT INTO t (a, d) VALUES (4, $1)");
	query_text(&q, 1, "x");
	assert_int_equal(query_end(&q, &err), RC_RULE);
	query_begin(&q, db,
		    "INSERT INTO rule (subject, rrule, start_wall,"
		    " end_wall, time_zone) VALUES (9, '', 0, 1, '')");
	assert_int_equal(query_end(&q, &err), RC_RULE); /* foreign key */
	assert_int_equal(insert(2, 2, NULL), RC_OK);
	assert_int_equal(db_failed(db), RC_OK);
}

static void test_programming_errors(void **state)
{
	struct err err = ERR_INIT;
	struct query q, again;
	static const char one[] = "SELECT 1";

	(void)state;
	query_begin(&q, db, "SELECT $2, $1");
	assert_int_equal(query_end(&q, &err), RC_INTERNAL);
	query_begin(&q, db, "SELECT $1 + ?");
	assert_int_equal(query_end(&q, &err), RC_INTERNAL);
	query_begin(&q, db, "no statement");
	query_int(&q, 1, 1);
	query_text(&q, 1, "");
	query_blob(&q, 1, "", 0);
	assert_false(query_row(&q));
	assert_int_equal(query_end(&q, &err), RC_INTERNAL);
	query_begin(&q, db, "SELECT $1");
	query_int(&q, 2, 1);
	assert_int_equal(query_end(&q, &err), RC_INTERNAL);
	query_begin(&q, db, "SELECT $1");
	query_text(&q, 2, "");
	assert_int_equal(query_end(&q, &err), RC_INTERNAL);
	query_begin(&q, db, "SELECT $1");
	query_blob(&q, 2, "", 0);
	assert_int_equal(query_end(&q, &err), RC_INTERNAL);

	query_begin(&q, db, one);
	assert_true(query_row(&q));
	query_begin(&again, db, one);
	assert_int_equal(query_end(&again, &err), RC_INTERNAL);
	assert_int_equal(query_col_int(&q, 0), 1);
	assert_int_equal(query_end(&q, NULL), RC_OK);
	assert_int_equal(db_run(db, one, NULL), RC_OK);
}

static void test_many_statements(void **state)
{
	static char texts[300][32];

	(void)state;
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 300; i++) {
			snprintf(texts[i], sizeof(texts[i]), "SELECT %d", i);
			assert_int_equal(scratch_number(db, texts[i]), i);
		}
}

static void test_savepoints(void **state)
{
	(void)state;
	assert_int_equal(db_begin(db, NULL), RC_OK);
	assert_int_equal(db_savepoint(db, NULL), RC_OK);
	assert_int_equal(insert(1, 1, NULL), RC_OK);
	assert_int_equal(db_release(db, NULL), RC_OK);
	assert_int_equal(db_savepoint(db, NULL), RC_OK);
	assert_int_equal(insert(2, 2, NULL), RC_OK);
	db_rollback_savepoint(db);
	assert_true(db_in_transaction(db));
	assert_int_equal(db_commit(db, NULL), RC_OK);
	assert_int_equal(scratch_number(db, "SELECT count(*) FROM t"), 1);

	assert_int_equal(db_begin(db, NULL), RC_OK);
	assert_int_equal(insert(3, 3, NULL), RC_OK);
	db_rollback(db);
	assert_false(db_in_transaction(db));
	assert_int_equal(scratch_number(db, "SELECT count(*) FROM t"), 1);
}

/* What the engine undid on its own must not be written on outside of it. */
static void test_lost_transaction(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(db_begin(db, NULL), RC_OK);
	scratch_run(db, "ROLLBACK"); /* as a full disk would */
	assert_false(db_in_transaction(db));
	assert_int_equal(insert(1, 1, &err), RC_INTERNAL);
	db_rollback_savepoint(db);
	assert_int_equal(insert(1, 1, &err), RC_INTERNAL);
	assert_int_not_equal(db_commit(db, NULL), RC_OK);
	db_rollback(db);
	assert_int_equal(scratch_number(db, "SELECT count(*) FROM t"), 0);
	assert_int_equal(insert(1, 1, NULL), RC_OK);
}

static void test_snapshot(void **state)
{
	static const char count[] = "SELECT count(*) FROM t";
	struct err err = ERR_INIT;
	struct db *reader;

	(void)state;
	assert_int_equal(db_open(scratch.path, DB_READER, NULL, &reader, &err),
			 RC_OK);
	assert_int_equal(db_read_begin(reader, &err), RC_OK);
	assert_int_equal(scratch_number(reader, count), 0);
	assert_int_equal(insert(1, 1, NULL), RC_OK);
	assert_int_equal(scratch_number(reader, count), 0);

	/* a part of the log must wait for the snapshot */
	assert_int_equal(db_checkpoint(db, 0, &err), RC_OK);
	assert_true(db_log_pages(db) > 0);
	db_read_end(reader);
	assert_int_equal(scratch_number(reader, count), 1);
	assert_int_equal(db_checkpoint(db, 0, &err), RC_OK);
	assert_int_equal(db_log_pages(db), 0);
	assert_int_equal(db_run(reader, "DELETE FROM t", &err), RC_IO);
	assert_null(strstr(err.text, scratch.path));
	assert_int_equal(db_failed(reader), RC_IO);
	db_read_end(reader); /* without one: nothing happens */
	db_close(reader);
}

static void test_checkpoint_bound(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(db_checkpoint(db, 0, &err), RC_OK);
	assert_int_equal(insert(1, 1, NULL), RC_OK);
	assert_in_range(db_log_pages(db), 1, 9);
	assert_int_equal(db_checkpoint(db, 10, &err), RC_OK);
	assert_in_range(db_log_pages(db), 1, 9);
	assert_int_equal(db_checkpoint(db, 0, &err), RC_OK);
	assert_int_equal(db_log_pages(db), 0);
}

/* A log that is begun anew and then is as long as it was holds something. */
static void test_log_as_long_as_before(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	for (int64_t i = 1; i <= 5; i++) {
		assert_int_equal(insert(i, i, NULL), RC_OK);
		assert_true(db_log_pages(db) > 0);
		assert_int_equal(db_checkpoint(db, 0, &err), RC_OK);
		assert_int_equal(db_log_pages(db), 0);
	}
}

struct crowd {
	pthread_t threads[2];
	atomic_bool over;
};

/* Some moment of a snapshot after the other. */
static void *read_on(void *arg)
{
	struct crowd *crowd = arg;
	const struct timespec moment = {.tv_nsec = 2000000};
	struct err err = ERR_INIT;
	struct db *reader;

	if (db_open(scratch.path, DB_READER, NULL, &reader, &err) != RC_OK)
		abort();
	while (!atomic_load(&crowd->over)) {
		if (db_read_begin(reader, &err) != RC_OK)
			abort();
		(void)scratch_number(reader, "SELECT count(*) FROM t");
		nanosleep(&moment, NULL);
		db_read_end(reader);
	}
	db_close(reader);
	return NULL;
}

static off_t log_size(void)
{
	char path[sizeof(scratch.path) + 8];
	struct stat st;

	snprintf(path, sizeof(path), "%s-wal", scratch.path);
	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

/* Though somebody reads at every time, the log's file does not grow for ever:
 * it is begun anew once it has more than twice its bound. */
static void test_log_is_bounded_under_readers(void **state)
{
	const int64_t bound = 20;
	struct crowd crowd = {.over = false};
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&crowd.threads[i], NULL,
						read_on, &crowd),
				 0);
	for (int64_t i = 1; i <= 600; i++) {
		assert_int_equal(insert(i, i, NULL), RC_OK);
		assert_int_equal(db_checkpoint(db, bound, &err), RC_OK);
	}
	atomic_store(&crowd.over, true);
	for (size_t i = 0; i < 2; i++)
		pthread_join(crowd.threads[i], NULL);
	/* A reader that the machine does not let run makes the writer wait in
	 * vain; of what is written, two pages an insert, the file never has
	 * more than a quarter. */
	assert_in_range(log_size(), 1, (off_t)600 * 2 * 4120 / 4);
}

/* The settings that trust in the store rests on. */
static void test_settings(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(scratch_number(db, "PRAGMA synchronous"), 2);
	assert_int_equal(scratch_number(db, "PRAGMA foreign_keys"), 1);
	assert_int_equal(scratch_number(db, "PRAGMA trusted_schema"), 0);
	assert_int_equal(scratch_number(db, "PRAGMA cell_size_check"), 1);
	assert_int_equal(scratch_number(db, "PRAGMA wal_autocheckpoint"), 0);
	assert_int_equal(scratch_number(db, "SELECT count(*) FROM"
					    " pragma_journal_mode WHERE"
					    " journal_mode = 'wal'"),
			 1);
	assert_int_not_equal(
		db_run(db, "UPDATE sqlite_schema SET sql = ''", NULL), RC_OK);
	assert_int_equal(stat(scratch.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static enum rc try_open(const char *path, enum db_mode mode, struct err *err)
{
	struct db *other;
	enum rc rc = db_open(path, mode, NULL, &other, err);

	if (rc == RC_OK)
		db_close(other);
	return rc;
}

static void test_open_failures(void **state)
{
	static char junk[5000];
	struct err err = ERR_INIT;
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/none", scratch.dir);
	assert_int_equal(try_open(path, DB_READER, &err), RC_NOT_FOUND);
	assert_non_null(strstr(err.text, path));
	snprintf(path, sizeof(path), "%s/none/db", scratch.dir);
	assert_int_equal(try_open(path, DB_WRITER, &err), RC_NOT_FOUND);
	assert_non_null(strstr(err.text, path));

	memset(junk, 'x', sizeof(junk));
	snprintf(path, sizeof(path), "%s/junk", scratch.dir);
	assert_int_equal(file_write_new(path, junk, sizeof(junk), 0600, NULL),
			 RC_OK);
	assert_int_equal(try_open(path, DB_WRITER, &err), RC_CORRUPT);
	assert_int_equal(try_open(path, DB_READER, &err), RC_CORRUPT);

	if (geteuid() == 0)
		return; /* to whom everything is writable */
	snprintf(path, sizeof(path), "%s/fixed", scratch.dir);
	assert_int_equal(file_write_new(path, "", 0, 0400, NULL), RC_OK);
	assert_int_equal(try_open(path, DB_WRITER, &err), RC_FORBIDDEN);
	assert_non_null(strstr(err.text, path));
}

static void test_migrations(void **state)
{
	static const char version[] =
		"SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'schema'";
	static const char epoch[] = "SELECT length(value) FROM meta"
				    " WHERE name = 'epoch'";
	struct err err = ERR_INIT;
	char path[128];
	struct db *other;

	(void)state;
	assert_int_equal(scratch_number(db, version), db_schema_version());
	assert_int_equal(scratch_number(db, epoch), 32);
	assert_int_equal(db_migrate(db, scratch.env.rnd, &err), RC_OK);
	scratch_run(db, "UPDATE meta SET value = '999' WHERE name = 'schema'");
	assert_int_equal(db_migrate(db, scratch.env.rnd, &err), RC_INVALID);
	assert_non_null(strstr(err.text, "newer"));

	snprintf(path, sizeof(path), "%s/other", scratch.dir);
	assert_int_equal(db_open(path, DB_WRITER, NULL, &other, &err), RC_OK);
	scratch_run(other, "CREATE TABLE theirs (a)");
	assert_int_equal(db_migrate(other, scratch.env.rnd, &err), RC_CORRUPT);
	scratch_run(other, "CREATE TABLE meta (name TEXT, value TEXT)");
	assert_int_equal(db_migrate(other, scratch.env.rnd, &err), RC_CORRUPT);
	db_close(other);
}

/* What is booked under the first schema is known as what it is since: where the
 * expert is, and what was asked for. */
static void test_migration_of_bookings(void **state)
{
	static const char rows[] =
		"INSERT INTO meta (name, value) VALUES ('schema', '1');"
		"INSERT INTO subject (id, type, slug, site, name, capacity)"
		" VALUES (1, 'expert', 'e', 1, 'e', 1),"
		" (2, 'studio', 'lead/s', 1, 's', 1),"
		" (3, 'device', 'lead/d', 1, 'd', 1),"
		" (4, 'device', 'lead/c', 1, 'c', 1);"
		"INSERT INTO claim (subject, from_time, to_time, booking, role)"
		" VALUES (1, 0, 9, 1, 'expert'), (1, 9, 10, 1, 'buffer'),"
		" (2, 0, 9, 1, 'lead-studio'), (3, 0, 9, 1, 'resource'),"
		" (4, 0, 9, 1, 'resource'), (1, 20, 29, 2, 'expert')";
	struct err err = ERR_INIT;
	char path[128];
	struct buf first;
	struct db *old;

	(void)state;
	buf_init(&first, 65536);
	assert_int_equal(
		file_read("daemon/store/schema_sqlite.sql", &first, NULL),
		RC_OK);
	snprintf(path, sizeof(path), "%s/old", scratch.dir);
	assert_int_equal(db_open(path, DB_WRITER, NULL, &old, &err), RC_OK);
	scratch_run(old, buf_cstr(&first));
	buf_fini(&first);
	scratch_run(old, "INSERT INTO identity (id, issuer, key, name, role,"
			 " made_at, not_after) VALUES (1, zeroblob(32),"
			 " zeroblob(32), 'n', 'system', 0, 0)");
	scratch_basics(old, 2);
	scratch_run(old, rows);
	assert_int_equal(db_migrate(old, scratch.env.rnd, &err), RC_OK);
	assert_int_equal(scratch_number(old, "SELECT count(*) FROM claim"
					     " WHERE place IS NOT NULL"),
			 1);
	assert_int_equal(scratch_number(old,
					"SELECT place FROM claim WHERE"
					" role = 'expert' AND booking = 1"),
			 2);
	assert_int_equal(
		scratch_number(old, "SELECT count(*) FROM booking WHERE named"
				    " = 'lead/d' || char(10) || 'lead/c'"
				    " OR named = 'lead/c' || char(10) ||"
				    " 'lead/d'"),
		1);
	assert_int_equal(scratch_number(old, "SELECT count(*) FROM booking"
					     " WHERE named = ''"),
			 1);
	db_close(old);
}

/* A migration that fails leaves nothing of itself. */
static void test_migration_is_whole(void **state)
{
	struct err err = ERR_INIT;
	char path[128];
	struct db *other;

	(void)state;
	snprintf(path, sizeof(path), "%s/other", scratch.dir);
	assert_int_equal(db_open(path, DB_WRITER, NULL, &other, &err), RC_OK);
	scratch_run(other, "CREATE VIEW event AS SELECT 1");
	assert_int_not_equal(db_migrate(other, scratch.env.rnd, &err), RC_OK);
	assert_false(db_in_transaction(other));
	assert_int_equal(
		scratch_number(other, "SELECT count(*) FROM sqlite_schema"), 1);
	scratch_run(other, "DROP VIEW event");
	assert_int_equal(db_migrate(other, scratch.env.rnd, &err), RC_OK);
	db_close(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_values),
		TEST(test_empty_is_not_null),
		TEST(test_small_arena),
		TEST(test_constraints),
		TEST(test_programming_errors),
		TEST(test_many_statements),
		TEST(test_savepoints),
		TEST(test_lost_transaction),
		TEST(test_snapshot),
		TEST(test_checkpoint_bound),
		TEST(test_log_as_long_as_before),
		TEST(test_log_is_bounded_under_readers),
		TEST(test_settings),
		TEST(test_open_failures),
		TEST(test_migrations),
		TEST(test_migration_of_bookings),
		TEST(test_migration_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
