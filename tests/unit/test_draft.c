/* A large file written bit by bit: all of it in its place, or nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/draft.h"
#include "base/file.h"

static char dir[64], path[96], part[128];

static int set_up(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/teleconsult-XXXXXX");
	if (mkdtemp(dir) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/it", dir);
	snprintf(part, sizeof(part), "%s.part", path);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	unlink(part);
	return rmdir(dir);
}

static void holds(const char *name, const char *text)
{
	struct err err = ERR_INIT;
	struct buf got;

	buf_init(&got, 1000);
	assert_int_equal(file_read(name, &got, &err), RC_OK);
	assert_string_equal(buf_cstr(&got), text);
	buf_fini(&got);
}

static struct draft *a_draft(const char *text)
{
	struct err err = ERR_INIT;
	struct draft *draft;

	assert_int_equal(draft_new(path, &draft, &err), RC_OK);
	for (; *text != '\0'; text++)
		assert_int_equal(draft_add(draft, text, 1, &err), RC_OK);
	return draft;
}

static void becomes_the_file(void **state)
{
	struct err err = ERR_INIT;
	struct draft *draft;
	struct stat st;

	(void)state;
	umask(0);
	draft = a_draft("hello");
	assert_int_equal(access(path, F_OK), -1);
	holds(part, "hello");
	assert_int_equal(draft_place(draft, false, &err), RC_OK);
	holds(path, "hello");
	assert_int_equal(access(part, F_OK), -1);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_nlink, 1);
}

static void replaces_only_when_asked_to(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(file_write_new(path, "old", 3, 0644, &err), RC_OK);
	assert_int_equal(draft_place(a_draft("new"), false, &err), RC_EXISTS);
	holds(path, "old");
	assert_int_equal(access(part, F_OK), -1);
	assert_int_equal(draft_place(a_draft("new"), true, &err), RC_OK);
	holds(path, "new");
}

static void begins_again(void **state)
{
	struct err err = ERR_INIT;
	struct draft *draft = a_draft("something longer");

	(void)state;
	assert_int_equal(draft_restart(draft, &err), RC_OK);
	assert_int_equal(draft_add(draft, "short", 5, &err), RC_OK);
	assert_int_equal(draft_place(draft, false, &err), RC_OK);
	holds(path, "short");
}

/* What a crash left is neither followed nor added to. */
static void an_older_part_goes(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(file_write_new(path, "mine", 4, 0600, &err), RC_OK);
	assert_int_equal(symlink(path, part), 0);
	draft_drop(a_draft("other"));
	holds(path, "mine");
	assert_int_equal(access(part, F_OK), -1);
}

static void what_cannot_be_is_said(void **state)
{
	struct err err = ERR_INIT;
	struct draft *draft;
	char nowhere[160], deep[6000];

	(void)state;
	snprintf(nowhere, sizeof(nowhere), "%s/no/it", dir);
	assert_int_equal(draft_new(nowhere, &draft, &err), RC_NOT_FOUND);
	memset(deep, 'a', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	assert_int_equal(draft_new(deep, &draft, &err), RC_NOT_FOUND);
	assert_int_equal(mkdir(path, 0700), 0);
	draft = a_draft("x");
	assert_int_equal(draft_place(draft, true, &err), RC_NOT_FOUND);
	assert_int_equal(rmdir(path), 0);
	draft_drop(NULL);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(becomes_the_file),	   T(replaces_only_when_asked_to),
		T(begins_again),	   T(an_older_part_goes),
		T(what_cannot_be_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
