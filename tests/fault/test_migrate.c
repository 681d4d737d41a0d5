/*
 * A migration is interrupted at its n-th operation on the disk, for every n:
 * the disk is full, it fails, or the process is killed there. What was stored
 * is there, under the schema of one step or the next, and the next start ends
 * it. So it is with a new database, where a write may be torn, too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/crypt.h"
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

/* One migration goes by; at each of its operations on the disk, before it is
 * done, stands what one that is interrupted there leaves behind. */
static struct {
	bool watched;
	int n;		      /* operations so far */
	enum vfs_fault fault; /* of a child: whatever it does from here on */
	char left[160];	      /* what is left behind, as files of its own */
	bool seen[32];	      /* by schema */
	int people;	      /* stored beforehand */
	const enum vfs_fault *faults; /* two; of a new one in turns */
} disk;

static const enum vfs_fault of_old[] = {VFS_FAIL_FULL, VFS_FAIL_IO};
static const enum vfs_fault of_new[] = {VFS_FAIL_IO, VFS_TEAR};

static bool interrupt(void);

static enum vfs_fault ask(void *ctx, enum vfs_op op, const char *path,
			  int64_t bytes)
{
	(void)ctx;
	(void)path;
	(void)bytes;
	if (!disk.watched || op == VFS_READ || op == VFS_OPEN)
		return VFS_PASS;
	if (disk.fault == VFS_PASS && !interrupt())
		return VFS_PASS;
	return disk.fault;
}

static const struct vfs_hook hook = {ask, NULL};

/* As it is in memory: nobody pulls the plug here. */
static void copy_file(const char *from, const char *to)
{
	struct buf bytes;
	FILE *out = fopen(to, "wx");

	assert_non_null(out);
	buf_init(&bytes, 16 << 20);
	assert_int_equal(file_read(from, &bytes, NULL), RC_OK);
	assert_int_equal(fwrite(bytes.data, 1, bytes.len, out), bytes.len);
	assert_int_equal(fclose(out), 0);
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
	memset(&disk, 0, sizeof(disk));
	scratch_begin(&scratch);
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

static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
#define NSUFFIXES (sizeof(suffixes) / sizeof(suffixes[0]))

static bool is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

/* The process that is killed here leaves the files as they are now. */
static void take_what_is_left(void)
{
	for (size_t i = 0; i < NSUFFIXES; i++) {
		char from[168], to[168];

		snprintf(from, sizeof(from), "%s%s", scratch.path, suffixes[i]);
		snprintf(to, sizeof(to), "%s%s", disk.left, suffixes[i]);
		unlink(to);
		if (is_there(from))
			copy_file(from, to);
	}
}

static enum rc migrate(const char *path)
{
	struct db *db = NULL;
	enum rc rc = db_open(path, DB_WRITER, VFS_FAULT_NAME, &db, NULL);

	if (rc == RC_OK)
		rc = db_migrate(db, scratch.env.rnd, NULL);
	if (rc == RC_OK)
		rc = db_checkpoint(db, DB_LOG_EMPTY, NULL);
	db_close(db);
	return rc;
}

/* Some schema from the first on, and what was stored; answers which. */
static int look(const char *path)
{
	struct err err = ERR_INIT;
	struct db *db;
	int version;

	assert_int_equal(db_open(path, DB_WRITER, NULL, &db, &err), RC_OK);
	assert_int_equal(db_find_schema(db, &version, &err), RC_OK);
	assert_in_range(version, disk.people ? 1 : 0, db_schema_version());
	if (version > 0)
		assert_int_equal(
			scratch_number(db, "SELECT count(*) FROM identity"),
			disk.people);
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

#define LOG_HEAD 32
#define FRAME_HEAD 24

static uint32_t number_at(const struct buf *b, size_t at)
{
	const uint8_t *p = (const uint8_t *)b->data + at;

	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

/* Of the log, what is committed (sqlite.org/fileformat2.html, section 4): a
 * frame that ends a transaction says how large the database is by then. */
static size_t committed(const struct buf *log)
{
	size_t end = 0;

	if (log->len < LOG_HEAD)
		return 0;
	size_t frame = FRAME_HEAD + number_at(log, 8);

	for (size_t at = LOG_HEAD; at + frame <= log->len; at += frame) {
		if (number_at(log, at + 4))
			end = at + frame;
	}
	return end;
}

/* What is the same to whoever opens it ends in the same way: that is tried
 * once. That it can be opened is tried always. */
static bool is_new(const char *path)
{
	static uint8_t known[MOST][32];
	static size_t n;
	struct buf file, log, journal;
	uint8_t hash[32];
	char log_path[168], journal_path[168];

	snprintf(log_path, sizeof(log_path), "%s-wal", path);
	snprintf(journal_path, sizeof(journal_path), "%s-journal", path);
	buf_init(&file, 16 << 20);
	buf_init(&log, 16 << 20);
	buf_init(&journal, 16 << 20);
	assert_int_equal(file_read(path, &file, NULL), RC_OK);
	if (is_there(journal_path))
		assert_int_equal(file_read(journal_path, &journal, NULL),
				 RC_OK);
	if (is_there(log_path))
		assert_int_equal(file_read(log_path, &log, NULL), RC_OK);
	const struct crypt_part parts[] = {{file.data, file.len},
					   {log.data, committed(&log)},
					   {journal.data, journal.len}};

	crypt_sha256(parts, 3, hash);
	buf_fini(&journal);
	buf_fini(&file);
	buf_fini(&log);
	for (size_t i = 0; i < n; i++) {
		if (memcmp(known[i], hash, sizeof(hash)) == 0)
			return false;
	}
	assert_in_range(n, 0, MOST - 1);
	memcpy(known[n++], hash, sizeof(hash));
	return true;
}

static void ends_well(const char *path)
{
	assert_int_equal(migrate(path), RC_OK);
	assert_int_equal(look(path), db_schema_version());
}

/* Of each file that is there, what is in it. */
static void keep_files(struct buf kept[NSUFFIXES])
{
	for (size_t i = 0; i < NSUFFIXES; i++) {
		char path[168];

		snprintf(path, sizeof(path), "%s%s", scratch.path, suffixes[i]);
		buf_init(&kept[i], 16 << 20);
		if (is_there(path))
			assert_int_equal(file_read(path, &kept[i], NULL),
					 RC_OK);
	}
}

/* In place, since they are open. */
static void put_back(struct buf kept[NSUFFIXES])
{
	for (size_t i = 0; i < NSUFFIXES; i++) {
		char path[168];

		snprintf(path, sizeof(path), "%s%s", scratch.path, suffixes[i]);
		if (is_there(path)) {
			int fd = open(path, O_WRONLY);

			assert_true(fd >= 0);
			assert_int_equal(ftruncate(fd, (off_t)kept[i].len), 0);
			assert_int_equal(
				pwrite(fd, buf_cstr(&kept[i]), kept[i].len, 0),
				kept[i].len);
			close(fd);
		}
		buf_fini(&kept[i]);
	}
}

static void look_at_what_is_left(void)
{
	take_what_is_left();
	bool new = is_new(disk.left);

	disk.seen[look(disk.left)] = true;
	if (new)
		ends_well(disk.left);
}

/* True in a process of its own, for which the disk is full, or fails, or tears
 * what is written, from here on. What that one changes is put back. */
static bool goes_on_in_a_child(enum vfs_fault fault)
{
	struct buf kept[NSUFFIXES];
	int status = 0;

	keep_files(kept);
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		disk.fault = fault;
		disk.watched = true;
		return true;
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	if (fault == VFS_TEAR)
		look_at_what_is_left();
	put_back(kept);
	return false;
}

/* Whatever interrupts it here, the files are these: who is killed does nothing
 * more, and what a failing disk is told is not done. Half of it is done of a
 * write that is torn. */
static bool interrupt(void)
{
	disk.watched = false;
	look_at_what_is_left();
	scratch_lean();
	disk.n++;
	for (size_t i = 0; i < 2; i++) {
		if (!disk.people && i != (size_t)disk.n % 2)
			continue;
		if (goes_on_in_a_child(disk.faults[i]))
			return true;
	}
	disk.watched = true;
	return false;
}

static void walk(int first)
{
	enum rc rc;

	snprintf(disk.left, sizeof(disk.left), "%s/left", scratch.dir);
	disk.watched = true;
	rc = migrate(scratch.path);
	if (disk.fault == VFS_FAIL_FULL)
		_exit(rc != RC_OK && rc != RC_FULL);
	if (disk.fault != VFS_PASS)
		_exit(rc != RC_OK && rc != RC_IO);
	disk.watched = false;
	assert_int_equal(rc, RC_OK);
	disk.seen[look(scratch.path)] = true;
	assert_in_range(disk.n, 10, MOST);
	/* So it has really been everywhere. */
	for (int i = first; i <= db_schema_version(); i++)
		assert_true(disk.seen[i]);
	print_message("%d operations\n", disk.n);
}

static void a_migration_is_interrupted_anywhere(void **state)
{
	(void)state;
	disk.people = PEOPLE;
	disk.faults = of_old;
	copy_file(old_path, scratch.path);
	walk(1);
}

/* What could not be finished is begun anew. */
static void a_new_database_is_interrupted_anywhere(void **state)
{
	(void)state;
	disk.faults = of_new;
	walk(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_migration_is_interrupted_anywhere, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_new_database_is_interrupted_anywhere, set_up,
			tear_down),
	};

	log_set_level(LOG_LVL_ERR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
