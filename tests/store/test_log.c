/* The write-ahead log that is written a transaction at a time: what it hides of
 * a transaction, what it shows when that is committed, and to whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"
#include "tests/support/scratch.h"

static struct scratch scratch;
static struct db *writer, *reader;

static struct db *open_as(const char *path, enum db_mode mode)
{
	struct err err = ERR_INIT;
	struct db *db;

	if (db_open(path, mode, NULL, &db, &err) != RC_OK)
		fail_msg("%s", err.text);
	return db;
}

static int setup(void **state)
{
	(void)state;
	scratch_begin(&scratch);
	writer = open_as(scratch.path, DB_WRITER);
	scratch_run(writer, "CREATE TABLE t (id INTEGER PRIMARY KEY, v BLOB);"
			    "CREATE INDEX t_v ON t (v)");
	reader = open_as(scratch.path, DB_READER);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	db_close(reader);
	db_close(writer);
	scratch_end(&scratch);
	return 0;
}

static void add(int n)
{
	char sql[256];

	snprintf(sql, sizeof(sql),
		 "WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1"
		 " FROM c WHERE i < %d) INSERT INTO t (v)"
		 " SELECT randomblob(900) FROM c",
		 n);
	scratch_run(writer, sql);
}

static int64_t rows(struct db *db)
{
	return scratch_number(db, "SELECT count(*) FROM t");
}

static int64_t log_bytes(void)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s-wal", scratch.path);
	return stat(path, &st) == 0 ? (int64_t)st.st_size : 0;
}

/* Far more than the cache holds and than is gathered: pages go to the log
 * before the commit, and are read from it again. */
static void large(const char *synchronous)
{
	char sql[64];
	int64_t before = rows(writer);

	snprintf(sql, sizeof(sql), "PRAGMA synchronous = %s", synchronous);
	scratch_run(writer, sql);
	scratch_run(writer, "PRAGMA cache_size = 20; BEGIN IMMEDIATE");
	add(3000);
	assert_int_equal(rows(writer), before + 3000);
	assert_int_equal(rows(reader), before);
	scratch_run(writer, "COMMIT");
	assert_int_equal(rows(reader), before + 3000);
	assert_int_equal(scratch_number(reader,
					"SELECT count(*) FROM t"
					" WHERE v IS NOT NULL AND id IN"
					" (SELECT id FROM t ORDER BY v)"),
			 before + 3000);
}

static void what_is_committed_is_there(void **state)
{
	(void)state;
	large("FULL");
	large("NORMAL"); /* no sync comes after the pages */
	large("OFF");
	for (int i = 0; i < 50; i++) {
		add(1 + i % 3);
		assert_int_equal(rows(reader), rows(writer));
	}
}

static void what_is_undone_is_not(void **state)
{
	int64_t before;

	(void)state;
	add(10);
	before = rows(writer);
	scratch_run(writer, "PRAGMA cache_size = 20");
	for (int i = 0; i < 5; i++) {
		scratch_run(writer, "BEGIN IMMEDIATE");
		add(700);
		scratch_run(writer, "SAVEPOINT s");
		add(700);
		scratch_run(writer, "ROLLBACK TO s");
		assert_int_equal(rows(writer), before + 700);
		scratch_run(writer, "ROLLBACK");
		add(1);
		assert_int_equal(rows(writer), ++before);
		assert_int_equal(rows(reader), before);
	}
}

/* Pages of a transaction are in no file before its commit, if they are few. */
static void a_small_one_is_written_at_once(void **state)
{
	int64_t before;

	(void)state;
	add(5);
	before = log_bytes();
	scratch_run(writer, "BEGIN IMMEDIATE");
	add(5);
	assert_int_equal(log_bytes(), before);
	scratch_run(writer, "COMMIT");
	assert_true(log_bytes() > before);
}

static void copy(const char *suffix, const char *to)
{
	char path[128];
	struct buf bytes;
	struct err err = ERR_INIT;

	snprintf(path, sizeof(path), "%s%s", scratch.path, suffix);
	buf_init(&bytes, (size_t)1 << 30);
	assert_int_equal(file_read(path, &bytes, &err), RC_OK);
	snprintf(path, sizeof(path), "%s%s", to, suffix);
	assert_int_equal(
		file_write_new(path, bytes.data, bytes.len, 0600, &err), RC_OK);
	buf_fini(&bytes);
}

/* What a process that is killed leaves: the files as they are, while another
 * transaction has begun. */
static void the_files_alone_have_it(void **state)
{
	char to[128];
	struct db *after;
	int64_t stored;

	(void)state;
	add(400);
	assert_int_equal(db_checkpoint(writer, 0, NULL), RC_OK);
	add(300);
	stored = rows(writer);
	scratch_run(writer, "BEGIN IMMEDIATE");
	add(50);
	snprintf(to, sizeof(to), "%s/copy.db", scratch.dir);
	copy("", to);
	copy("-wal", to);
	scratch_run(writer, "ROLLBACK");
	after = open_as(to, DB_WRITER);
	assert_int_equal(rows(after), stored);
	assert_int_equal(scratch_number(after, "SELECT count(*) FROM"
					       " pragma_integrity_check"
					       " WHERE integrity_check = 'ok'"),
			 1);
	db_close(after);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_committed_is_there),
		TEST(what_is_undone_is_not),
		TEST(a_small_one_is_written_at_once),
		TEST(the_files_alone_have_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
