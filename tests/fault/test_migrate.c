/*
 * A migration is interrupted at its n-th operation on the disk, for every n:
 * the disk is full, it fails, or the process is killed there. What was stored
 * is there, under the schema of one step or the next, and the next start ends
 * it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "daemon/store/db.h"
#include "daemon/store/vfs.h"
#include "tests/support/scratch.h"

#define PEOPLE 200
#define MOST 2000 /* operations; a bound for the loop */

/* The first schema, as migrate.c embeds it. */
extern const char migrate_schema_1[];

static struct scratch scratch;
static char old_path[128]; /* a database of the first schema */

static struct {
	enum vfs_fault fault; /* VFS_PASS: sound */
	bool kill;
	int left;
	bool fired;
} disk;

static enum vfs_fault ask(void *ctx, enum vfs_op op, const char *path,
			  int64_t bytes)
{
	(void)ctx;
	(void)path;
	(void)bytes;
	if ((disk.fault == VFS_PASS && !disk.kill) || op == VFS_READ ||
	    op == VFS_OPEN)
		return VFS_PASS;
	if (disk.left-- > 0)
		return VFS_PASS;
	disk.fired = true;
	if (disk.kill)
		raise(SIGKILL);
	return disk.fault;
}

static const struct vfs_hook hook = {ask, NULL};

static void copy_file(const char *from, const char *to)
{
	struct err err = ERR_INIT;
	struct buf bytes;

	unlink(to);
	buf_init(&bytes, 16 << 20);
	assert_int_equal(file_read(from, &bytes, &err), RC_OK);
	assert_int_equal(
		file_write_new(to, buf_cstr(&bytes), bytes.len, 0600, &err),
		RC_OK);
	buf_fini(&bytes);
}

static void make_old(void)
{
	struct err err = ERR_INIT;
	struct db *db;

	assert_int_equal(db_open(old_path, DB_WRITER, NULL, &db, &err), RC_OK);
	assert_int_equal(db_begin(db, &err), RC_OK);
	assert_int_equal(db_script(db, migrate_schema_1, &err), RC_OK);
	scratch_run(db, "INSERT INTO meta VALUES ('schema', '1'),"
			" ('epoch', '00112233445566778899aabbccddeeff')");
	scratch_run(db, "WITH RECURSIVE n (a) AS (SELECT 1 UNION ALL SELECT a"
			" + 1 FROM n WHERE a < 200) INSERT INTO identity (id,"
			" issuer, key, name, role, made_at, not_after) SELECT"
			" a, randomblob(32), randomblob(32), 'n' || a,"
			" 'administrator', a, a + 1000 FROM n");
	assert_int_equal(db_commit(db, &err), RC_OK);
	assert_int_equal(db_checkpoint(db, DB_LOG_EMPTY, &err), RC_OK);
	db_close(db);
}

static int set_up(void **state)
{
	static bool registered;

	(void)state;
	scratch_begin(&scratch);
	memset(&disk, 0, sizeof(disk));
	registered = registered || vfs_register(&hook);
	snprintf(old_path, sizeof(old_path), "%s/old", scratch.dir);
	make_old();
	return registered ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_end(&scratch);
	return 0;
}

static void begin(void)
{
	static const char *const suffixes[] = {"-wal", "-shm"};
	char path[160];

	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s%s", scratch.path, suffixes[i]);
		unlink(path);
	}
	copy_file(old_path, scratch.path);
}

static enum rc migrate(void)
{
	struct db *db = NULL;
	enum rc rc =
		db_open(scratch.path, DB_WRITER, VFS_FAULT_NAME, &db, NULL);

	if (rc == RC_OK)
		rc = db_migrate(db, scratch.env.rnd, NULL);
	if (rc == RC_OK)
		rc = db_checkpoint(db, DB_LOG_EMPTY, NULL);
	db_close(db);
	return rc;
}

/* By a program that is killed at the n-th operation: true when it was. */
static bool migrate_killed(int n)
{
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		disk.kill = true;
		disk.left = n;
		_exit(migrate() == RC_OK ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFSIGNALED(status))
		return true;
	assert_int_equal(WEXITSTATUS(status), 0);
	return false;
}

/* Some schema from the first on, and what was stored; answers which. */
static int look(void)
{
	struct err err = ERR_INIT;
	struct db *db;
	int version;

	assert_int_equal(db_open(scratch.path, DB_WRITER, NULL, &db, &err),
			 RC_OK);
	assert_int_equal(db_find_schema(db, &version, &err), RC_OK);
	assert_in_range(version, 1, db_schema_version());
	assert_int_equal(scratch_number(db, "SELECT count(*) FROM identity"),
			 PEOPLE);
	assert_int_equal(scratch_number(db, "SELECT integrity_check = 'ok'"
					    " FROM pragma_integrity_check"),
			 1);
	assert_int_equal(scratch_number(db, "SELECT count(*) FROM sqlite_schema"
					    " WHERE name = 'identity_3'"),
			 0);
	assert_int_equal(scratch_number(db, "SELECT count(*) FROM sqlite_schema"
					    " WHERE name = 'certificate'"),
			 version >= 3);
	db_close(db);
	return version;
}

static void ends_well(void)
{
	assert_int_equal(migrate(), RC_OK);
	assert_int_equal(look(), db_schema_version());
}

/* Every schema on the way is one that an interruption has left at least once,
 * so that the loop has really been everywhere. */
static void seen_all(const bool *seen)
{
	for (int i = 1; i <= db_schema_version(); i++)
		assert_true(seen[i]);
}

static void walk(enum vfs_fault fault, enum rc expected)
{
	bool seen[32] = {false};
	int n = 0;

	for (bool fired = true; fired; n++) {
		enum rc rc;

		assert_in_range(n, 0, MOST);
		begin();
		disk.fault = fault;
		disk.left = n;
		disk.fired = false;
		rc = migrate();
		disk.fault = VFS_PASS;
		fired = disk.fired;
		if (rc != RC_OK)
			assert_int_equal(rc, expected);
		seen[look()] = true;
		ends_well();
	}
	assert_in_range(n, 10, MOST);
	seen_all(seen);
}

static void test_full(void **state)
{
	(void)state;
	walk(VFS_FAIL_FULL, RC_FULL);
}

static void test_failing(void **state)
{
	(void)state;
	walk(VFS_FAIL_IO, RC_IO);
}

static void test_killed(void **state)
{
	bool seen[32] = {false};
	int n = 0;

	(void)state;
	for (;; n++) {
		bool killed;

		assert_in_range(n, 0, MOST);
		begin();
		killed = migrate_killed(n);
		seen[look()] = true;
		ends_well();
		if (!killed)
			break;
	}
	assert_in_range(n, 10, MOST);
	seen_all(seen);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_full),
		TEST(test_failing),
		TEST(test_killed),
	};

	log_set_level(LOG_LVL_ERR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
