#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/crypt.h"
#include "base/file.h"
#include "client/settle.h"

struct home {
	char root[64];
	struct profile_home home;
	struct arena arena;
};

static int begin(void **state)
{
	struct home *h = calloc(1, sizeof(*h));

	crypt_init();
	assert_non_null(h);
	strcpy(h->root, "/tmp/teleconsult-settle-XXXXXX");
	if (!mkdtemp(h->root))
		return -1;
	h->home.config_home = h->root;
	arena_init(&h->arena, 1 << 20);
	*state = h;
	return 0;
}

static int end(void **state)
{
	struct home *h = *state;
	char command[128];
	int failed;

	snprintf(command, sizeof(command), "rm -rf %s", h->root);
	failed = system(command);
	arena_fini(&h->arena);
	free(h);
	return failed;
}

static enum rc start(struct home *h, struct settle *s, const char *secret,
		     bool replace)
{
	struct settle_begin in = {.home = &h->home,
				  .name = "me",
				  .secret = secret,
				  .secret_len = strlen(secret),
				  .replace = replace};

	return settle_begin(s, &in, &h->arena, NULL);
}

static enum rc finish(const struct settle *s, const char *cert)
{
	struct settle_files files = {.server = "https://x:1",
				     .time_zone = "Asia/Shanghai",
				     .cert_pem = cert,
				     .ca_pem = "CA\n"};

	return settle_finish(s, &files, NULL);
}

static void read_back(struct home *h, const char *end_of_identity)
{
	struct profile p;
	size_t len = strlen(end_of_identity);

	assert_int_equal(profile_read(&h->home, "me", &h->arena, &p, NULL),
			 RC_OK);
	assert_string_equal(p.server, "https://x:1");
	assert_string_equal(p.time_zone, "Asia/Shanghai");
	assert_string_equal(p.ca, "CA\n");
	assert_non_null(strstr(p.identity, "PRIVATE KEY"));
	assert_string_equal(p.identity + strlen(p.identity) - len,
			    end_of_identity);
}

static void a_profile_appears_whole(void **state)
{
	struct home *h = *state;
	struct settle s;
	struct stat st;

	umask(0);
	assert_int_equal(start(h, &s, "secret", false), RC_OK);
	assert_int_equal(stat(s.dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_not_equal(stat(s.target, &st), 0);
	assert_int_equal(finish(&s, "CERT\n"), RC_OK);
	assert_int_not_equal(stat(s.dir, &st), 0);
	assert_int_equal(stat(s.target, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	settle_fini(&s);
	read_back(h, "CERT\n");
}

/* The same invitation finds its key again, another one does not. */
static void the_key_waits_for_its_invitation(void **state)
{
	struct home *h = *state;
	struct settle s;
	char *key;

	assert_int_equal(start(h, &s, "secret", false), RC_OK);
	key = strdup(buf_cstr(&s.key));
	assert_non_null(key);
	settle_fini(&s);
	assert_int_equal(start(h, &s, "secret", false), RC_OK);
	assert_string_equal(buf_cstr(&s.key), key);
	settle_fini(&s);
	assert_int_equal(start(h, &s, "another", false), RC_OK);
	assert_string_not_equal(buf_cstr(&s.key), key);
	settle_forget(&s);
	settle_fini(&s);
	assert_int_equal(start(h, &s, "another", false), RC_OK);
	assert_string_not_equal(buf_cstr(&s.key), key);
	settle_fini(&s);
	free(key);
}

static void one_at_a_time(void **state)
{
	struct home *h = *state;
	struct settle one, two;

	assert_int_equal(start(h, &one, "secret", false), RC_OK);
	assert_int_equal(start(h, &two, "secret", false), RC_EXISTS);
	settle_fini(&two);
	settle_fini(&one);
}

static void a_profile_is_replaced_when_that_is_said(void **state)
{
	struct home *h = *state;
	struct settle s;
	struct stat st;

	assert_int_equal(start(h, &s, "secret", false), RC_OK);
	assert_int_equal(finish(&s, "FIRST\n"), RC_OK);
	settle_fini(&s);
	assert_int_equal(start(h, &s, "secret", false), RC_EXISTS);
	settle_fini(&s);
	read_back(h, "FIRST\n");
	assert_int_equal(start(h, &s, "second", true), RC_OK);
	read_back(h, "FIRST\n");
	assert_int_equal(finish(&s, "SECOND\n"), RC_OK);
	assert_int_not_equal(stat(s.dir, &st), 0);
	settle_fini(&s);
	read_back(h, "SECOND\n");
}

/* It came into being while the service signed. */
static void nothing_is_overwritten_behind_ones_back(void **state)
{
	struct home *h = *state;
	struct settle s;

	assert_int_equal(start(h, &s, "secret", false), RC_OK);
	assert_int_equal(mkdir(s.target, 0700), 0);
	assert_int_not_equal(finish(&s, "CERT\n"), RC_OK);
	assert_int_equal(rmdir(s.target), 0);
	assert_int_equal(finish(&s, "CERT\n"), RC_OK);
	settle_fini(&s);
	read_back(h, "CERT\n");
}

static void no_place_is_said(void **state)
{
	struct home *h = *state;
	struct settle s;

	h->home.config_home = "/proc/nowhere";
	assert_int_equal(start(h, &s, "secret", false), RC_USAGE);
	settle_fini(&s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_profile_appears_whole),
		TEST(the_key_waits_for_its_invitation),
		TEST(one_at_a_time),
		TEST(a_profile_is_replaced_when_that_is_said),
		TEST(nothing_is_overwritten_behind_ones_back),
		TEST(no_place_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
