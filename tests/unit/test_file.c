#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "tests/support/fake.h"

struct place {
	char dir[32];
	char path[64]; /* of a file that is not there yet */
	struct buf buf;
	struct err err;
};

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	strcpy(p->dir, "/tmp/test_file.XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->path, sizeof(p->path), "%s/file", p->dir);
	buf_init(&p->buf, 100000);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	unlink(p->path);
	assert_int_equal(rmdir(p->dir), 0); /* and nothing else was left */
	buf_fini(&p->buf);
	free(p);
	return 0;
}

static enum rc write_new(struct place *p, const char *text, unsigned mode)
{
	enum rc rc;

	p->err = (struct err)ERR_INIT;
	rc = file_write_new(p->path, text, strlen(text), mode, &p->err);
	assert_int_equal(p->err.rc, rc);
	if (rc != RC_OK)
		assert_non_null(strstr(p->err.text, p->path));
	return rc;
}

static enum rc read_it(struct place *p)
{
	enum rc rc;

	p->err = (struct err)ERR_INIT;
	rc = file_read(p->path, &p->buf, &p->err);
	assert_int_equal(p->err.rc, rc);
	if (rc != RC_OK)
		assert_non_null(strstr(p->err.text, p->path));
	return rc;
}

static void reads_what_was_written(void **state)
{
	static const size_t sizes[] = {0, 1, 255, 16384, 16385, 99999, 100000};
	struct place *p = *state;
	char *data = malloc(100000);

	assert_non_null(data);
	for (int i = 0; i < 100000; i++)
		data[i] = (char)(i * 7 % 251);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_int_equal(
			file_write_new(p->path, data, sizes[i], 0600, NULL),
			RC_OK);
		buf_reset(&p->buf);
		assert_int_equal(read_it(p), RC_OK);
		assert_int_equal(p->buf.len, sizes[i]);
		if (sizes[i] > 0)
			assert_memory_equal(p->buf.data, data, sizes[i]);
		unlink(p->path);
	}
	free(data);
}

static void reading_appends(void **state)
{
	struct place *p = *state;

	assert_int_equal(write_new(p, "world", 0600), RC_OK);
	buf_str(&p->buf, "hello ");
	assert_int_equal(read_it(p), RC_OK);
	assert_string_equal(buf_cstr(&p->buf), "hello world");
}

static void reading_is_bounded(void **state)
{
	struct place *p = *state;

	assert_int_equal(write_new(p, "0123456789", 0600), RC_OK);
	for (size_t max = 0; max < 13; max++) {
		struct buf buf;

		buf_init(&buf, max);
		buf_add(&buf, "ab", max < 2 ? max : 2);
		assert_int_equal(file_read(p->path, &buf, NULL),
				 max < 12 ? RC_TOO_LARGE : RC_OK);
		assert_int_equal(buf.len, max < 2 ? max : max < 12 ? 2 : 12);
		buf_fini(&buf);
	}
	/* what never ends does, too */
	assert_int_equal(file_read("/dev/zero", &p->buf, NULL), RC_TOO_LARGE);
	assert_int_equal(p->buf.len, 0);
}

static void reading_fails_by_name(void **state)
{
	struct place *p = *state;

	assert_int_equal(read_it(p), RC_NOT_FOUND);
	assert_int_equal(file_read(p->dir, &p->buf, NULL), RC_NOT_FOUND);
	assert_int_equal(file_read("", &p->buf, NULL), RC_NOT_FOUND);
	assert_int_equal(write_new(p, "x", 0600), RC_OK);
	fake_mem_fail_at(1);
	assert_int_equal(read_it(p), RC_NOMEM);
	fake_mem_restore();
}

static void modes_are_exact(void **state)
{
	static const unsigned modes[] = {0600, 0400, 0644, 0640, 0};
	struct place *p = *state;
	mode_t old = umask(077);
	struct stat st;

	for (size_t i = 0; i < 2 * sizeof(modes) / sizeof(modes[0]); i++) {
		umask(i % 2 ? 077 : 0);
		assert_int_equal(write_new(p, "key", modes[i / 2]), RC_OK);
		assert_int_equal(stat(p->path, &st), 0);
		assert_int_equal(st.st_mode & 07777, modes[i / 2]);
		assert_int_equal(st.st_nlink, 1);
		unlink(p->path);
	}
	umask(old);
}

static void nothing_is_replaced(void **state)
{
	struct place *p = *state;
	char other[80];

	assert_int_equal(write_new(p, "first", 0600), RC_OK);
	assert_int_equal(write_new(p, "second", 0600), RC_EXISTS);
	assert_int_equal(read_it(p), RC_OK);
	assert_string_equal(buf_cstr(&p->buf), "first");
	unlink(p->path);
	/* not even a link to nowhere */
	snprintf(other, sizeof(other), "%s/nowhere", p->dir);
	assert_int_equal(symlink(other, p->path), 0);
	assert_int_equal(write_new(p, "third", 0600), RC_EXISTS);
	assert_int_equal(access(other, F_OK), -1);
}

static void a_draft_left_behind_is_no_hindrance(void **state)
{
	struct place *p = *state;
	char draft[100];
	FILE *f;

	snprintf(draft, sizeof(draft), "%s.%ld.new", p->path, (long)getpid());
	f = fopen(draft, "w");
	assert_non_null(f);
	fputs("half of i", f);
	fclose(f);
	assert_int_equal(write_new(p, "whole", 0600), RC_OK);
	assert_int_equal(read_it(p), RC_OK);
	assert_string_equal(buf_cstr(&p->buf), "whole");
	assert_int_equal(access(draft, F_OK), -1);
}

static void no_directory_is_said(void **state)
{
	struct place *p = *state;
	char path[64], *longest = calloc(1, 5001);

	assert_non_null(longest);
	strcpy(path, p->path);
	snprintf(p->path, sizeof(p->path), "%s/no/file", p->dir);
	assert_int_equal(write_new(p, "x", 0600), RC_NOT_FOUND);
	strcpy(p->path, path);
	memset(longest, 'x', 5000);
	assert_int_equal(file_write_new(longest, "x", 1, 0600, NULL),
			 RC_NOT_FOUND);
	assert_int_equal(file_read(longest, &p->buf, NULL), RC_NOT_FOUND);
	free(longest);
}

/* In a child that is nobody (root may everything), or with little space. */
static enum rc in_child(struct place *p, int nobody, size_t space)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		struct rlimit limit = {space, space};
		char text[2000];

		memset(text, 'x', sizeof(text));
		signal(SIGXFSZ, SIG_IGN);
		if (nobody && (setgid(65534) != 0 || setuid(65534) != 0))
			_exit(254);
		if (space > 0 && setrlimit(RLIMIT_FSIZE, &limit) != 0)
			_exit(254);
		_exit((int)file_write_new(p->path, text, sizeof(text), 0600,
					  NULL));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return (enum rc)WEXITSTATUS(status);
}

static void a_directory_of_others_is_forbidden(void **state)
{
	struct place *p = *state;

	assert_int_equal(chmod(p->dir, 0500), 0);
	if (geteuid() == 0)
		assert_int_equal(in_child(p, 1, 0), RC_FORBIDDEN);
	else
		assert_int_equal(write_new(p, "x", 0600), RC_FORBIDDEN);
	assert_int_equal(chmod(p->dir, 0700), 0);
}

/* The write fails half-way: neither the file nor a piece of it stays. */
static void half_a_file_is_none(void **state)
{
	struct place *p = *state;

	assert_int_equal(in_child(p, 0, 1000), RC_TOO_LARGE);
	assert_int_equal(read_it(p), RC_NOT_FOUND);
}

static enum rc fake_read(const char *path, struct buf *out, struct err *err)
{
	buf_str(out, path);
	return err_set(err, RC_IO, "as told");
}

static enum rc fake_write(const char *path, const void *data, size_t len,
			  unsigned mode, struct err *err)
{
	(void)path;
	(void)data;
	(void)len;
	(void)mode;
	return err_set(err, RC_FULL, "as told");
}

static void the_seam_is_used(void **state)
{
	static const struct file_ops ops = {fake_read, fake_write};
	struct place *p = *state;

	file_set_ops(&ops);
	assert_int_equal(file_read("/x", &p->buf, &p->err), RC_IO);
	assert_string_equal(buf_cstr(&p->buf), "/x");
	assert_int_equal(file_write_new(p->path, "x", 1, 0600, &p->err),
			 RC_FULL);
	file_set_ops(NULL);
	assert_int_equal(write_new(p, "x", 0600), RC_OK);
}

static void a_bare_name_is_in_this_directory(void **state)
{
	struct place *p = *state;
	char *here = getcwd(NULL, 0);

	assert_non_null(here);
	assert_int_equal(chdir(p->dir), 0);
	assert_int_equal(file_write_new("file", "here", 4, 0600, NULL), RC_OK);
	assert_int_equal(chdir(here), 0);
	assert_int_equal(read_it(p), RC_OK);
	assert_string_equal(buf_cstr(&p->buf), "here");
	free(here);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

static void a_file_is_replaced_whole(void **state)
{
	struct place *p = *state;
	struct stat st;

	assert_int_equal(file_replace(p->path, "one", 3, 0600, NULL), RC_OK);
	assert_int_equal(file_replace(p->path, "another", 7, 0640, NULL),
			 RC_OK);
	assert_int_equal(file_read(p->path, &p->buf, NULL), RC_OK);
	assert_string_equal(buf_cstr(&p->buf), "another");
	assert_int_equal(stat(p->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(file_replace("/nonexistent/x", "x", 1, 0600, &p->err),
			 RC_NOT_FOUND);
	assert_int_equal(unlink(p->path), 0);
	assert_int_equal(mkdir(p->path, 0700), 0);
	assert_int_not_equal(file_replace(p->path, "x", 1, 0600, &p->err),
			     RC_OK);
	assert_int_equal(rmdir(p->path), 0); /* and no draft is left beside */
}

/* Whichever process it was that left a draft, with whatever in it. */
static void a_crash_leaves_no_draft_for_long(void **state)
{
	struct place *p = *state;
	char draft[80];
	struct stat st;

	snprintf(draft, sizeof(draft), "%s.draft", p->path);
	assert_int_equal(file_write_new(draft, "half a k", 8, 0644, NULL),
			 RC_OK);
	assert_int_equal(file_replace(p->path, "key", 3, 0600, NULL), RC_OK);
	assert_int_equal(file_read(p->path, &p->buf, NULL), RC_OK);
	assert_string_equal(buf_cstr(&p->buf), "key");
	assert_int_equal(stat(p->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(draft, &st), -1);
	/* while the old one cannot be taken away nothing is touched */
	assert_int_equal(mkdir(draft, 0700), 0);
	assert_int_equal(file_replace(p->path, "x", 1, 0600, &p->err),
			 RC_EXISTS);
	assert_int_equal(rmdir(draft), 0);
	buf_reset(&p->buf);
	assert_int_equal(file_read(p->path, &p->buf, NULL), RC_OK);
	assert_string_equal(buf_cstr(&p->buf), "key");
}

static void a_lock_is_held_by_one(void **state)
{
	struct place *p = *state;
	int one, two;

	assert_int_equal(file_lock(p->path, false, &one, NULL), RC_OK);
	assert_int_equal(file_lock(p->path, false, &two, &p->err), RC_BUSY);
	file_unlock(one);
	assert_int_equal(file_lock(p->path, true, &two, NULL), RC_OK);
	file_unlock(two);
	assert_int_equal(file_lock("/nonexistent/x", true, &two, &p->err),
			 RC_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_file_is_replaced_whole),
		TEST(a_crash_leaves_no_draft_for_long),
		TEST(a_lock_is_held_by_one),
		TEST(reads_what_was_written),
		TEST(reading_appends),
		TEST(reading_is_bounded),
		TEST(reading_fails_by_name),
		TEST(modes_are_exact),
		TEST(nothing_is_replaced),
		TEST(a_draft_left_behind_is_no_hindrance),
		TEST(no_directory_is_said),
		TEST(a_directory_of_others_is_forbidden),
		TEST(half_a_file_is_none),
		TEST(the_seam_is_used),
		TEST(a_bare_name_is_in_this_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
