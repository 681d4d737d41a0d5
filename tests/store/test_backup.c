/*
 * The copy that the writer makes between its batches: whole, as of its end,
 * and nothing to the service but a few milliseconds, also where it fails.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypt.h"
#include "base/file.h"
#include "daemon/store/event.h"
#include "daemon/store/executor.h"
#include "daemon/store/vfs.h"
#include "tests/support/scratch.h"

#define ROWS 3000 /* of a thousand bytes each */

static struct scratch scratch;
static struct executor *ex;
static enum vfs_fault fault; /* of writes to the copy */
static int faults_after;

static enum vfs_fault ask(void *ctx, enum vfs_op op, const char *path,
			  int64_t bytes)
{
	size_t len = strlen(path);

	(void)ctx;
	(void)bytes;
	if (fault == VFS_PASS || op != VFS_WRITE || len < 7 ||
	    strcmp(path + len - 7, ".backup") != 0)
		return VFS_PASS;
	return faults_after-- > 0 ? VFS_PASS : fault;
}

static const struct vfs_hook hook = {ask, NULL};

/* ---- jobs ---- */

struct add {
	struct job job;
	int64_t number;
	enum rc outcome;
};

static const struct event nothing = {.actor = "system",
				     .thing = "backup",
				     .verb = VERB_BACKUP,
				     .request_id = "r"};

static enum rc run_add(struct job *job, struct tx *tx)
{
	struct add *add = (struct add *)job;
	struct query q;
	enum rc rc;

	query_begin(&q, tx->db,
		    "INSERT INTO t (a, b) VALUES ($1, randomblob(1000))"
		    " ON CONFLICT (a) DO UPDATE SET b = x'01'");
	query_int(&q, 1, add->number);
	rc = query_end(&q, NULL);
	return rc == RC_OK ? event_append(tx, &nothing, NULL) : rc;
}

static void done_add(struct job *job, enum rc outcome)
{
	((struct add *)job)->outcome = outcome;
}

static void put(int64_t number)
{
	struct add add = {{run_add, done_add, false}, number, RC_INTERNAL};

	assert_true(executor_write(ex, &add.job));
	assert_int_equal(executor_step(ex), 1);
	assert_int_equal(add.outcome, RC_OK);
}

/* An order for a backup, and what became of it. */
struct wish {
	struct job job;
	struct backup_order order;
	int told;
	enum rc outcome;
};

static void on_backup(struct backup_order *order, enum rc outcome)
{
	struct wish *wish =
		(struct wish *)((char *)order - offsetof(struct wish, order));

	wish->told++;
	wish->outcome = outcome;
}

static enum rc run_wish(struct job *job, struct tx *tx)
{
	(void)job;
	return event_append(tx, &nothing, NULL);
}

static void done_wish(struct job *job, enum rc outcome)
{
	struct wish *wish = (struct wish *)job;

	assert_int_equal(outcome, RC_OK);
	executor_backup_start(ex, &wish->order);
}

static struct wish a_wish(void)
{
	return (struct wish){.job = {run_wish, done_wish, false},
			     .order = {.done = on_backup, .fd = -1}};
}

static void begin(struct wish *wish)
{
	assert_true(executor_backup_claim(ex));
	assert_true(executor_write(ex, &wish->job));
	assert_int_equal(executor_step(ex), 1);
}

static void finish(struct wish *wish)
{
	for (int i = 0; wish->told == 0; i++) {
		assert_true(i < 10000);
		assert_int_equal(executor_step(ex), 0);
	}
	executor_backup_release(ex);
}

/* ---- a store with some megabytes in it ---- */

static int set_up(void **state)
{
	static bool registered;
	struct err err = ERR_INIT;
	struct db *db;

	(void)state;
	fault = VFS_PASS;
	scratch_begin(&scratch);
	registered = registered || vfs_register(&hook);
	scratch.env.vfs = VFS_FAULT_NAME;
	db = scratch_open(&scratch);
	scratch_run(db,
		    "CREATE TABLE t (a INTEGER PRIMARY KEY, b BLOB) STRICT");
	scratch_run(db, "WITH RECURSIVE n (a) AS (SELECT 1 UNION ALL SELECT a"
			" + 1 FROM n WHERE a < 3000)"
			" INSERT INTO t SELECT a, randomblob(1000) FROM n");
	db_close(db);
	return registered && executor_new(&scratch.env, &ex, &err) == RC_OK
		       ? 0
		       : -1;
}

static int tear_down(void **state)
{
	(void)state;
	fault = VFS_PASS;
	executor_stop(ex);
	executor_free(ex);
	scratch_end(&scratch);
	return 0;
}

static bool is_there(const char *suffix)
{
	char path[160];

	snprintf(path, sizeof(path), "%s%s", scratch.path, suffix);
	return access(path, F_OK) == 0;
}

/* The copy under a name again, to be looked into. */
static void save(const struct wish *wish, char out[160])
{
	static char bytes[16 << 20];
	struct err err = ERR_INIT;

	snprintf(out, 160, "%s/saved", scratch.dir);
	assert_in_range(wish->order.bytes, 1, sizeof(bytes));
	assert_true(pread(wish->order.fd, bytes, sizeof(bytes), 0) ==
		    wish->order.bytes);
	assert_int_equal(file_write_new(out, bytes, (size_t)wish->order.bytes,
					0600, &err),
			 RC_OK);
	assert_int_equal(bytes[18], 1); /* it needs no log beside it */
	close(wish->order.fd);
}

/* Sound, with so many rows and the whole chain. */
static void look_into(const struct wish *wish, int64_t rows, int64_t changed)
{
	struct store_env env = scratch.env;
	struct event_report report;
	struct err err = ERR_INIT;
	struct reader *reader;
	struct tx tx;
	char path[160];

	save(wish, path);
	env.path = path;
	assert_int_equal(reader_new(&env, &reader, &err), RC_OK);
	assert_int_equal(reader_begin(reader, &tx, &err), RC_OK);
	assert_int_equal(scratch_number(tx.db, "SELECT count(*) FROM t"), rows);
	assert_int_equal(scratch_number(tx.db, "SELECT count(*) FROM t"
					       " WHERE b = x'01'"),
			 changed);
	assert_int_equal(scratch_number(tx.db, "SELECT integrity_check = 'ok'"
					       " FROM pragma_integrity_check"),
			 1);
	assert_int_equal(event_verify(&tx, &report, &err), RC_OK);
	assert_true(report.ok);
	assert_int_equal(report.events,
			 1 + (rows - ROWS) + changed); /* and its own */
	reader_end(reader);
	reader_free(reader);
}

/* ---- the tests ---- */

static void test_idle(void **state)
{
	struct wish wish = a_wish();

	(void)state;
	begin(&wish);
	assert_int_equal(wish.told, 0); /* not all in one go */
	assert_true(is_there(".backup"));
	finish(&wish);
	assert_int_equal(wish.outcome, RC_OK);
	assert_false(is_there(".backup"));
	look_into(&wish, ROWS, 0);
}

/* What is committed between two turns is in it, before and behind where the
 * copy has come to; a checkpoint in the middle changes nothing. */
static void test_changes_meanwhile(void **state)
{
	struct wish wish = a_wish();
	int64_t n = 0;

	(void)state;
	begin(&wish);
	for (int i = 0; i < 3; i++) {
		put(1 + i);
		put(ROWS - i);
		put(ROWS + 1 + i);
		n++;
		assert_int_equal(wish.told, 0);
	}
	scratch.now += 3600;
	finish(&wish);
	assert_int_equal(wish.outcome, RC_OK);
	look_into(&wish, ROWS + n, 2 * n);
}

static void test_one_at_a_time(void **state)
{
	struct wish wish = a_wish();

	(void)state;
	begin(&wish);
	assert_false(executor_backup_claim(ex));
	finish(&wish);
	close(wish.order.fd);
	assert_true(executor_backup_claim(ex));
	executor_backup_release(ex);
}

static struct stat mode_of(const char *suffix)
{
	struct stat st;
	char path[160];

	snprintf(path, sizeof(path), "%s%s", scratch.path, suffix);
	assert_int_equal(lstat(path, &st), 0);
	return st;
}

static void test_nobody_else_reads_it(void **state)
{
	struct wish wish = a_wish();
	struct stat st;

	(void)state;
	umask(0);
	begin(&wish);
	assert_int_equal(mode_of(".backup").st_mode & 0777, 0600);
	finish(&wish);
	assert_int_equal(fstat(wish.order.fd, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_nlink, 0);
	close(wish.order.fd);
}

static void fail_with(enum vfs_fault what, int after, enum rc expected)
{
	struct wish wish = a_wish(), again = a_wish();

	fault = what;
	faults_after = after;
	begin(&wish);
	finish(&wish);
	assert_int_equal(wish.outcome, expected);
	assert_int_equal(wish.order.fd, -1);
	assert_true(strlen(wish.order.err.text) > 0);
	assert_null(strstr(wish.order.err.text, scratch.dir));
	assert_false(is_there(".backup"));
	assert_int_equal(executor_failed(ex), RC_OK);
	fault = VFS_PASS;
	put(ROWS + 1);
	begin(&again);
	finish(&again);
	assert_int_equal(again.outcome, RC_OK);
	close(again.order.fd);
}

static void test_full(void **state)
{
	(void)state;
	fail_with(VFS_FAIL_FULL, 0, RC_FULL);
}

static void test_full_later(void **state)
{
	(void)state;
	fail_with(VFS_FAIL_FULL, 300, RC_FULL);
}

static void test_failing(void **state)
{
	(void)state;
	fail_with(VFS_FAIL_IO, 300, RC_IO);
}

/* In the way stands a folder that cannot be replaced. */
static void test_no_file(void **state)
{
	struct wish wish = a_wish();
	char path[160];

	(void)state;
	snprintf(path, sizeof(path), "%s.backup", scratch.path);
	assert_int_equal(mkdir(path, 0700), 0);
	begin(&wish);
	assert_int_equal(wish.told, 1);
	assert_int_equal(wish.outcome, RC_EXISTS);
	assert_null(strstr(wish.order.err.text, scratch.dir));
	executor_backup_release(ex);
	assert_int_equal(rmdir(path), 0);
}

static void test_stop(void **state)
{
	struct wish wish = a_wish();

	(void)state;
	begin(&wish);
	executor_stop(ex);
	assert_int_equal(wish.told, 1);
	if (wish.outcome == RC_OK)
		close(wish.order.fd);
	else
		assert_int_equal(wish.outcome, RC_BUSY);
	assert_false(is_there(".backup"));
}

/* A store that has given up makes no copy of what it cannot read. */
static void test_failed_store(void **state)
{
	struct wish wish = a_wish();

	(void)state;
	begin(&wish);
	executor_fail(ex, RC_IO);
	finish(&wish);
	assert_int_equal(wish.outcome, RC_IO);
	assert_false(is_there(".backup"));
}

/* What a killed process left goes at the next start, and nothing else. */
static void test_clear(void **state)
{
	static const char *const names[] = {".backup", ".backup-journal",
					    ".backup-wal", ".backup-shm"};
	struct err err = ERR_INIT;
	char path[160];

	(void)state;
	executor_stop(ex);
	executor_free(ex);
	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s%s", scratch.path, names[i]);
		assert_int_equal(file_write_new(path, "x", 1, 0600, &err),
				 RC_OK);
	}
	snprintf(path, sizeof(path), "%s.backup-of-mine", scratch.path);
	assert_int_equal(file_write_new(path, "x", 1, 0600, &err), RC_OK);
	assert_int_equal(executor_new(&scratch.env, &ex, &err), RC_OK);
	for (size_t i = 0; i < 4; i++)
		assert_false(is_there(names[i]));
	assert_true(is_there(".backup-of-mine"));
}

/* ---- the line at the end ---- */

static char marked_path[160];

static void mark_file(size_t content, size_t cut, long flip)
{
	char bytes[4096 + BACKUP_MARK_LEN + 1];
	struct crypt_part part = {bytes, content};
	uint8_t hash[CRYPT_HASH_LEN];
	struct err err = ERR_INIT;

	memset(bytes, 'b', sizeof(bytes));
	crypt_sha256(&part, 1, hash);
	backup_mark(hash, bytes + content);
	if (flip >= 0)
		bytes[flip] ^= 1;
	snprintf(marked_path, sizeof(marked_path), "%s/marked", scratch.dir);
	unlink(marked_path);
	assert_int_equal(file_write_new(marked_path, bytes,
					content + BACKUP_MARK_LEN - cut, 0600,
					&err),
			 RC_OK);
}

static enum rc unmark(void)
{
	struct err err = ERR_INIT;

	return backup_unmark(marked_path, &err);
}

static void test_mark(void **state)
{
	struct err err = ERR_INIT;
	struct stat st;

	(void)state;
	mark_file(4096, 0, -1);
	assert_int_equal(unmark(), RC_OK);
	assert_int_equal(stat(marked_path, &st), 0);
	assert_int_equal(st.st_size, 4096);
	assert_int_equal(unmark(), RC_CORRUPT); /* a whole page, no mark */
	assert_int_equal(stat(marked_path, &st), 0);
	assert_int_equal(st.st_size, 4096);
	assert_int_equal(backup_mark_file(marked_path, &err), RC_OK);
	assert_int_equal(unmark(), RC_OK);
	assert_int_equal(stat(marked_path, &st), 0);
	assert_int_equal(st.st_size, 4096);
	for (long at = 0; at < 4096 + BACKUP_MARK_LEN; at += 61) {
		mark_file(4096, 0, at);
		assert_int_equal(unmark(), RC_CORRUPT);
	}
	for (size_t cut = 1; cut <= BACKUP_MARK_LEN; cut++) {
		mark_file(4096, cut, -1);
		assert_int_equal(unmark(), RC_CORRUPT);
	}
	mark_file(0, 0, -1);
	assert_int_equal(unmark(), RC_OK);
	unlink(marked_path);
	assert_int_equal(unmark(), RC_NOT_FOUND);
	assert_int_equal(backup_mark_file(marked_path, &err), RC_NOT_FOUND);
}

/* ---- with the writer's own thread ---- */

struct waiting {
	struct add add;
	atomic_bool back;
};

static void done_waiting(struct job *job, enum rc outcome)
{
	struct waiting *w = (struct waiting *)(void *)job;

	w->add.outcome = outcome;
	atomic_store(&w->back, true);
}

struct threaded {
	struct wish wish;
	atomic_bool back;
};

static void on_threaded(struct backup_order *order, enum rc outcome)
{
	struct threaded *t =
		(struct threaded *)((char *)order -
				    offsetof(struct threaded, wish.order));

	t->wish.outcome = outcome;
	atomic_store(&t->back, true);
}

/* Bookings go on while it is made, and it comes to an end. */
static void test_threads(void **state)
{
	struct threaded t = {.wish = a_wish()};
	struct err err = ERR_INIT;
	int64_t n = 0;

	(void)state;
	t.wish.order.done = on_threaded;
	assert_int_equal(executor_start(ex, &err), RC_OK);
	assert_true(executor_backup_claim(ex));
	assert_true(executor_write(ex, &t.wish.job));
	for (; !atomic_load(&t.back); n++) {
		struct waiting w = {.add = {{run_add, done_waiting, false},
					    ROWS + 1 + n,
					    RC_INTERNAL}};

		assert_true(executor_write(ex, &w.add.job));
		while (!atomic_load(&w.back))
			usleep(50);
		assert_int_equal(w.add.outcome, RC_OK);
	}
	assert_int_equal(t.wish.outcome, RC_OK);
	close(t.wish.order.fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_idle),	  TEST(test_changes_meanwhile),
		TEST(test_one_at_a_time), TEST(test_nobody_else_reads_it),
		TEST(test_full),	  TEST(test_full_later),
		TEST(test_failing),	  TEST(test_no_file),
		TEST(test_stop),	  TEST(test_failed_store),
		TEST(test_mark),	  TEST(test_clear),
		TEST(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
