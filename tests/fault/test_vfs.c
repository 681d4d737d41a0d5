/*
 * The disk fails at its n-th operation, for every n: what was acknowledged is
 * there afterwards, what was refused is not, the database and its chain are
 * whole. Then power is cut at the n-th operation: what was not synced is gone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "daemon/store/vfs.h"
#include "tests/support/ledger.h"

#define ROUNDS 4
#define JOBS 3 /* a round */
#define OP(op) (1u << (op))
#define OPS_CHANGE (OP(VFS_WRITE) | OP(VFS_SYNC) | OP(VFS_TRUNCATE))
#define OPS_ALL                                                                \
	(OPS_CHANGE | OP(VFS_OPEN) | OP(VFS_READ) | OP(VFS_DELETE) |           \
	 OP(VFS_SHM))

static struct scratch scratch;
static struct ledger *ledger;

/* The disk: fails at an operation to come, once or from then on. */
static struct {
	enum vfs_fault fault; /* VFS_PASS: sound */
	unsigned ops;	      /* those counted */
	int left;	      /* of them, before the fault */
	bool for_good;
	bool fired;
	bool keep_synced; /* notes each file as it was when last synced */
} disk;

static int64_t mono;

/* Copies a file whole; one that is not there is no copy. */
static void copy_file(const char *from, const char *to)
{
	struct buf bytes;

	unlink(to);
	buf_init(&bytes, 64 << 20);
	if (file_read(from, &bytes, NULL) == RC_OK &&
	    file_write_new(to, buf_cstr(&bytes), bytes.len, 0600, NULL) !=
		    RC_OK)
		abort();
	buf_fini(&bytes);
}

static void keep_synced(const char *path)
{
	char copy[200];

	snprintf(copy, sizeof(copy), "%s.synced", path);
	copy_file(path, copy);
}

static enum vfs_fault ask(void *ctx, enum vfs_op op, const char *path,
			  int64_t bytes)
{
	(void)ctx;
	(void)bytes;
	if (disk.keep_synced && op == VFS_SYNC && !disk.fired)
		keep_synced(path);
	if (disk.fault == VFS_PASS || !(disk.ops & OP(op)))
		return VFS_PASS;
	if (disk.fired)
		return disk.for_good ? disk.fault : VFS_PASS;
	if (disk.left-- > 0)
		return VFS_PASS;
	disk.fired = true;
	if (disk.fault == VFS_LOSE)
		ledger->deaf = true; /* from now on nobody hears an answer */
	return disk.fault;
}

static const struct vfs_hook hook = {ask, NULL};

static int64_t mono_by_hand(void *ctx)
{
	(void)ctx;
	return mono;
}

static int set_up(void **state)
{
	(void)state;
	scratch_begin(&scratch);
	scratch.clock.mono_ms = mono_by_hand;
	memset(&disk, 0, sizeof(disk));
	ledger = calloc(1, sizeof(*ledger));
	ledger_prepare(&scratch);
	return ledger != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	free(ledger);
	scratch_end(&scratch);
	return 0;
}

static void arm(enum vfs_fault fault, unsigned ops, int left, bool for_good)
{
	disk.ops = ops;
	disk.left = left;
	disk.for_good = for_good;
	disk.fired = false;
	disk.fault = fault;
}

static void send(struct executor *ex, int n)
{
	for (int i = 0; i < n; i++)
		assert_true(executor_write(ex, ledger_job(ledger)));
	while (executor_step(ex) > 0)
		continue;
}

/* Jobs with a checkpoint after every second round. */
static void work(struct executor *ex)
{
	for (int round = 0; round < ROUNDS; round++) {
		send(ex, JOBS);
		if (round % 2 == 1)
			mono += 2000;
		executor_step(ex);
	}
}

static struct executor *open_faulty(void)
{
	struct err err = ERR_INIT;
	struct executor *ex;

	scratch.env.vfs = VFS_FAULT_NAME;
	if (executor_new(&scratch.env, &ex, &err) != RC_OK)
		fail_msg("%s", err.text);
	return ex;
}

static void close_faulty(struct executor *ex)
{
	executor_stop(ex);
	executor_free(ex);
	disk.fault = VFS_PASS;
	scratch.env.vfs = NULL;
}

/* What a writer must say of itself after the fault. */
static void check_writer(struct executor *ex, enum vfs_fault fault)
{
	int stored;

	if (fault == VFS_FAIL_FULL) {
		/* it stays up, and goes on when there is room again */
		disk.fault = VFS_PASS;
		assert_int_equal(executor_failed(ex), RC_OK);
		ledger->next += ledger->next % 3 == 2;
		stored = ledger->stored;
		send(ex, 1);
		assert_int_equal(ledger->stored, stored + 1);
	} else if (executor_failed(ex) != RC_OK) {
		int absent = ledger->absent;

		send(ex, 2);
		assert_int_equal(ledger->absent, absent + 2);
	}
}

static void walk(enum vfs_fault fault, unsigned ops, bool for_good)
{
	bool fired = true;
	int n, failures = 0;

	for (n = 0; fired; n++) {
		struct executor *ex = open_faulty();

		arm(fault, ops, n, for_good);
		work(ex);
		fired = disk.fired;
		if (fired)
			check_writer(ex, fault);
		failures += executor_failed(ex) != RC_OK;
		close_faulty(ex);
		ledger_check(&scratch, ledger);
	}
	assert_true(n > 20);
	assert_true(fault == VFS_FAIL_FULL ? failures == 0 : failures > 10);
	assert_true(ledger->stored > n);
	print_message("%d faults: %d stored, %d refused, %d unknown\n", n - 1,
		      ledger->stored, ledger->absent, ledger->unknown);
}

/* Once or for good is the same to a writer that gives up at once. */
static void test_io(void **state)
{
	(void)state;
	walk(VFS_FAIL_IO, OPS_CHANGE, false);
	assert_true(ledger->unknown > 0);
}

static void test_full_once(void **state)
{
	(void)state;
	walk(VFS_FAIL_FULL, OP(VFS_WRITE), false);
}

static void test_full_for_long(void **state)
{
	(void)state;
	walk(VFS_FAIL_FULL, OP(VFS_WRITE), true);
}

static void test_torn(void **state)
{
	(void)state;
	walk(VFS_TEAR, OP(VFS_WRITE), true);
}

/* Opening fails cleanly at any operation, and works afterwards. */
static void test_opening(void **state)
{
	bool fired = true;
	int n, refused = 0;

	(void)state;
	for (n = 0; fired; n++) {
		struct err err = ERR_INIT;
		struct executor *ex;
		enum rc rc;

		scratch.env.vfs = VFS_FAULT_NAME;
		arm(VFS_FAIL_IO, OPS_ALL, n, true);
		rc = executor_new(&scratch.env, &ex, &err);
		fired = disk.fired;
		disk.fault = VFS_PASS;
		if (rc == RC_OK) {
			send(ex, 1);
			close_faulty(ex);
		} else {
			refused++;
			assert_int_equal(err.rc, rc);
			assert_true(err.text[0] != '\0');
		}
		scratch.env.vfs = NULL;
		ledger_check(&scratch, ledger);
	}
	assert_true(refused > 5);
}

/* Pages are overwritten under the writer: it says so, and stops for good. */
static void test_damage(void **state)
{
	static char junk[4096];
	char copy[140];
	struct executor *ex;
	struct buf bytes;
	struct err err = ERR_INIT;

	(void)state;
	buf_init(&bytes, 64 << 20);
	memset(junk, 0xa5, sizeof(junk));
	assert_int_equal(file_read(scratch.path, &bytes, NULL), RC_OK);
	/* all but the first page, where the schema begins, is spoilt */
	for (size_t at = 8192; at < bytes.len; at++)
		bytes.data[at] = junk[at % sizeof(junk)];
	snprintf(copy, sizeof(copy), "%s.bad", scratch.path);
	assert_int_equal(
		file_write_new(copy, bytes.data, bytes.len, 0600, NULL), RC_OK);
	buf_fini(&bytes);
	scratch.env.path = copy;
	if (executor_new(&scratch.env, &ex, &err) == RC_OK) {
		send(ex, 2);
		assert_int_equal(executor_failed(ex), RC_CORRUPT);
		assert_int_equal(ledger->absent, 2);
		executor_stop(ex);
		executor_free(ex);
	} else {
		assert_int_equal(err.rc, RC_CORRUPT);
	}
	scratch.env.path = scratch.path;
}

/* What the store never does passes through the shim as well: another journal,
 * the engine's clock and chance, waiting for a lock. */
static void test_shim(void **state)
{
	struct err err = ERR_INIT;
	struct db *one, *two;

	(void)state;
	scratch.env.vfs = VFS_FAULT_NAME;
	one = scratch_open(&scratch);
	two = scratch_open(&scratch);
	assert_true(scratch_number(one, "SELECT strftime('%s')") > 0);
	assert_int_equal(scratch_number(one, "SELECT length(randomblob(9))"),
			 9);
	assert_int_equal(db_begin(one, &err), RC_OK);
	assert_int_equal(db_begin(two, &err), RC_BUSY);
	db_rollback(one);
	db_close(two);
	scratch_run(one, "PRAGMA journal_mode = DELETE");
	arm(VFS_FAIL_IO, OP(VFS_DELETE), 0, false);
	assert_int_equal(db_script(one, "DELETE FROM subject", &err), RC_IO);
	assert_true(disk.fired);
	assert_int_equal(db_failed(one), RC_IO);
	disk.fault = VFS_PASS;
	db_close(one);

	one = scratch_open(&scratch);
	scratch_run(one, "PRAGMA journal_mode = TRUNCATE");
	arm(VFS_FAIL_IO, OP(VFS_TRUNCATE), 0, false);
	assert_int_equal(db_script(one, "DELETE FROM subject", &err), RC_IO);
	assert_true(disk.fired);
	disk.fault = VFS_PASS;
	db_close(one);
	scratch.env.vfs = NULL;
}

/* ---- power cuts ---- */

static void to_synced(void)
{
	static const char *const ends[] = {"", "-wal"};
	char path[128], copy[140];

	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s%s", scratch.path, ends[i]);
		snprintf(copy, sizeof(copy), "%s.synced", path);
		copy_file(copy, path);
	}
	snprintf(path, sizeof(path), "%s-shm", scratch.path);
	unlink(path);
}

static void test_power(void **state)
{
	bool fired = true;
	char wal[128];
	int n;

	(void)state;
	snprintf(wal, sizeof(wal), "%s-wal", scratch.path);
	for (n = 0; fired; n++) {
		struct executor *ex = open_faulty();

		keep_synced(scratch.path);
		keep_synced(wal);
		disk.keep_synced = true;
		arm(VFS_LOSE, OPS_CHANGE, n, true);
		work(ex);
		fired = disk.fired;
		close_faulty(ex);
		disk.keep_synced = false;
		if (fired)
			to_synced();
		ledger->deaf = false;
		ledger_check(&scratch, ledger);
	}
	assert_true(n > 20);
	assert_true(ledger->stored > n);
	print_message("%d cuts: %d stored\n", n - 1, ledger->stored);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static int once(void **state)
{
	struct scratch first;

	(void)state;
	log_init(STDERR_FILENO, LOG_LVL_ERR - 1, 0); /* it is all expected */
	scratch_begin(&first); /* initialises the libraries */
	scratch_end(&first);
	if (!vfs_register(&hook))
		return -1;
	return vfs_register(&hook) ? -1 : 0; /* the second time it is there */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_io),	 TEST(test_full_once), TEST(test_full_for_long),
		TEST(test_torn), TEST(test_opening),   TEST(test_damage),
		TEST(test_shim), TEST(test_power),
	};

	return cmocka_run_group_tests(tests, once, NULL);
}
