#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "daemon/store/lock.h"
#include "tests/support/scratch.h"

static struct scratch scratch;

static int set_up(void **state)
{
	(void)state;
	scratch_begin(&scratch);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scratch_end(&scratch);
	return 0;
}

static enum rc try_lock(const char *path, struct err *err)
{
	struct lock *lock;
	enum rc rc = lock_take(path, &lock, err);

	if (rc == RC_OK)
		lock_drop(lock);
	return rc;
}

static void test_one_at_a_time(void **state)
{
	struct err err = ERR_INIT;
	struct lock *lock;
	char name[128], pid[32];
	struct stat st;

	(void)state;
	assert_int_equal(lock_take(scratch.path, &lock, &err), RC_OK);
	assert_int_equal(try_lock(scratch.path, &err), RC_BUSY);
	snprintf(pid, sizeof(pid), "process %ld", (long)getpid());
	assert_non_null(strstr(err.text, pid));
	lock_drop(lock);
	assert_int_equal(try_lock(scratch.path, &err), RC_OK);
	lock_drop(NULL);

	snprintf(name, sizeof(name), "%s.lock", scratch.path);
	assert_int_equal(stat(name, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

/* A process that takes the lock, says so, and waits to be killed. */
static pid_t another_holder(void)
{
	int pipes[2];
	char byte;
	pid_t child;

	assert_int_equal(pipe(pipes), 0);
	child = fork();
	if (child == 0) {
		struct lock *lock;
		bool held = lock_take(scratch.path, &lock, NULL) == RC_OK;

		if (!held || write(pipes[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_true(child > 0);
	close(pipes[1]);
	assert_int_equal(read(pipes[0], &byte, 1), 1);
	close(pipes[0]);
	return child;
}

static void test_other_process(void **state)
{
	struct err err = ERR_INIT;
	char pid[32];
	pid_t child = another_holder();

	(void)state;
	assert_int_equal(try_lock(scratch.path, &err), RC_BUSY);
	snprintf(pid, sizeof(pid), "process %ld", (long)child);
	assert_non_null(strstr(err.text, pid));
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(try_lock(scratch.path, &err), RC_OK);
}

/* By another name it is the same database. */
static void test_other_names(void **state)
{
	struct err err = ERR_INIT;
	struct lock *lock;
	char path[128], hard[128];

	(void)state;
	db_close(scratch_open(&scratch));
	assert_int_equal(lock_take(scratch.path, &lock, &err), RC_OK);
	snprintf(path, sizeof(path), "%s/link", scratch.dir);
	assert_int_equal(symlink("db", path), 0);
	assert_int_equal(try_lock(path, &err), RC_BUSY);
	snprintf(path, sizeof(path), "%s/../%s/db", scratch.dir,
		 strrchr(scratch.dir, '/') + 1);
	assert_int_equal(try_lock(path, &err), RC_BUSY);
	lock_drop(lock);

	snprintf(hard, sizeof(hard), "%s/hard", scratch.dir);
	assert_int_equal(link(scratch.path, hard), 0);
	assert_int_equal(try_lock(hard, &err), RC_INVALID);
	assert_int_equal(try_lock(scratch.path, &err), RC_INVALID);
}

/* Before the database is there, and after it came. */
static void test_new_database(void **state)
{
	struct err err = ERR_INIT;
	struct lock *lock;
	char path[128];

	(void)state;
	assert_int_equal(lock_take(scratch.path, &lock, &err), RC_OK);
	db_close(scratch_open(&scratch));
	assert_int_equal(try_lock(scratch.path, &err), RC_BUSY);
	lock_drop(lock);

	snprintf(path, sizeof(path), "%s/none/db", scratch.dir);
	assert_int_equal(try_lock(path, &err), RC_NOT_FOUND);
	snprintf(path, sizeof(path), "%s/dangling", scratch.dir);
	assert_int_equal(symlink("nothing", path), 0);
	assert_int_equal(try_lock(path, &err), RC_INVALID);
}

/* The lock is not kept by closing some other descriptor of the file, and the
 * database's own locks are not dropped by taking it. */
static void test_with_connection(void **state)
{
	struct db *db = scratch_open(&scratch);
	struct err err = ERR_INIT;
	struct lock *lock;

	(void)state;
	assert_int_equal(db_begin(db, &err), RC_OK);
	assert_int_equal(lock_take(scratch.path, &lock, &err), RC_OK);
	scratch_run(db, "UPDATE meta SET value = value");
	assert_int_equal(db_commit(db, &err), RC_OK);
	lock_drop(lock);
	db_close(db);
}

static void test_lock_is_no_link(void **state)
{
	struct err err = ERR_INIT;
	char name[128];

	(void)state;
	snprintf(name, sizeof(name), "%s.lock", scratch.path);
	assert_int_equal(symlink("elsewhere", name), 0);
	assert_int_not_equal(try_lock(scratch.path, &err), RC_OK);
}

/* In the folder where we are. */
static void test_plain_name(void **state)
{
	struct lock *lock;
	char here[256];

	(void)state;
	assert_non_null(getcwd(here, sizeof(here)));
	assert_int_equal(chdir(scratch.dir), 0);
	enum rc rc = lock_take("db", &lock, NULL);
	assert_int_equal(chdir(here), 0);
	assert_int_equal(rc, RC_OK);
	assert_int_equal(try_lock(scratch.path, NULL), RC_BUSY);
	lock_drop(lock);
}

/* A folder that is a file, a lock that is a folder. */
static void test_wrong_kinds(void **state)
{
	struct err err = ERR_INIT;
	char path[128];

	(void)state;
	db_close(scratch_open(&scratch));
	snprintf(path, sizeof(path), "%s/db", scratch.path);
	assert_int_equal(try_lock(path, &err), RC_NOT_FOUND);
	snprintf(path, sizeof(path), "%s.lock", scratch.path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(try_lock(scratch.path, &err), RC_IO);
	assert_int_equal(rmdir(path), 0);
}

/* Somebody has just locked it and not written who they are yet. */
static void test_unnamed_holder(void **state)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	struct err err = ERR_INIT;
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s.lock", scratch.path);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_OFD_SETLK, &whole), 0);
	assert_int_equal(try_lock(scratch.path, &err), RC_BUSY);
	assert_non_null(strstr(err.text, "(not yet named)"));
	close(fd);
}

/* Whoever cannot write who they are does not hold it. */
static void test_no_room(void **state)
{
	struct rlimit was, none;
	struct err err = ERR_INIT;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	none = was;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	enum rc rc = try_lock(scratch.path, &err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(rc, RC_IO);
	assert_int_equal(try_lock(scratch.path, &err), RC_OK);
}

/* The answers to somebody who is not the folder's owner. */
static void as_nobody(const char *path, enum rc *out)
{
	bool root = geteuid() == 0;

	if (root)
		assert_int_equal(seteuid(65534), 0);
	*out = try_lock(path, NULL);
	if (root)
		assert_int_equal(seteuid(0), 0);
}

static void test_not_allowed(void **state)
{
	char closed[128], inside[160];
	enum rc rc;

	(void)state;
	db_close(scratch_open(&scratch));
	/* seen, but not to be written into */
	assert_int_equal(chmod(scratch.dir, 0555), 0);
	as_nobody(scratch.path, &rc);
	assert_int_equal(rc, RC_FORBIDDEN);
	assert_int_equal(chmod(scratch.dir, 0700), 0);
	/* not even seen, whether there is a database or not */
	snprintf(closed, sizeof(closed), "%s/closed", scratch.dir);
	snprintf(inside, sizeof(inside), "%s/db", closed);
	assert_int_equal(mkdir(closed, 0), 0);
	assert_int_equal(chmod(scratch.dir, 0755), 0);
	as_nobody(inside, &rc);
	assert_int_equal(rc, RC_FORBIDDEN);
	assert_int_equal(chmod(scratch.dir, 0700), 0);
	assert_int_equal(rmdir(closed), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_one_at_a_time),   TEST(test_other_process),
		TEST(test_other_names),	    TEST(test_new_database),
		TEST(test_with_connection), TEST(test_lock_is_no_link),
		TEST(test_plain_name),	    TEST(test_wrong_kinds),
		TEST(test_unnamed_holder),  TEST(test_no_room),
		TEST(test_not_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
