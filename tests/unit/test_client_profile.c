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

#include "base/file.h"
#include "client/profile.h"

/* A $XDG_CONFIG_HOME of its own. */
struct home {
	char root[64];
	struct profile_home home;
	struct arena arena;
};

static int begin(void **state)
{
	static struct home one;
	struct home *h = &one;

	snprintf(h->root, sizeof(h->root), "/tmp/teleconsult-profile-XXXXXX");
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

	snprintf(command, sizeof(command), "rm -rf %s", h->root);
	arena_fini(&h->arena);
	return system(command) != 0;
}

static const char *dir_of(struct home *h, const char *name)
{
	const char *dir = NULL;

	assert_int_equal(profile_dir(&h->home, name, &h->arena, &dir, NULL),
			 RC_OK);
	return dir;
}

static void put(struct home *h, const char *name, const char *file,
		const char *text, unsigned mode)
{
	const char *path =
		arena_printf(&h->arena, "%s/%s", dir_of(h, name), file);

	assert_int_equal(file_write_new(path, text, strlen(text), mode, NULL),
			 RC_OK);
}

static void make(struct home *h, const char *name, const char *conf)
{
	const char *root;

	assert_int_equal(profile_root(&h->home, &h->arena, &root, NULL), RC_OK);
	(void)mkdir(root, 0700);
	assert_int_equal(mkdir(dir_of(h, name), 0700), 0);
	put(h, name, "identity.pem", "KEY\nCERT\n", 0600);
	put(h, name, "ca.pem", "CA\n", 0644);
	if (conf)
		put(h, name, "profile.conf", conf, 0644);
}

static const char *path_of(struct home *h, const char *name, const char *file)
{
	return arena_printf(&h->arena, "%s/%s", dir_of(h, name), file);
}

static enum rc load(struct home *h, const char *name, struct profile *out,
		    struct err *err)
{
	return profile_read(&h->home, name, &h->arena, out, err);
}

static void a_profile_is_read(void **state)
{
	struct home *h = *state;
	struct profile p;

	make(h, "default",
	     "# mine\r\n\n  server =  https://tele.example:8443/ \n"
	     "time_zone=Asia/Shanghai");
	assert_int_equal(load(h, "default", &p, NULL), RC_OK);
	assert_string_equal(p.server, "https://tele.example:8443");
	assert_string_equal(p.time_zone, "Asia/Shanghai");
	assert_string_equal(p.identity, "KEY\nCERT\n");
	assert_string_equal(p.ca, "CA\n");
}

static void the_file_may_be_missing(void **state)
{
	struct home *h = *state;
	struct profile p;

	make(h, "bare", NULL);
	assert_int_equal(load(h, "bare", &p, NULL), RC_OK);
	assert_null(p.server);
	assert_null(p.time_zone);
}

static void wrong_lines_are_named(void **state)
{
	static const char *const texts[] = {
		"server = http://x\n",
		"server = https://\n",
		"server = https://a b\n",
		"server = https://x/path\n",
		"server = https://u@x\n",
		"server = https://x?y\n",
		"server = \n",
		"server\n",
		"= https://x\n",
		"Server = https://x\n",
		"servers = https://x\n",
		"time_zone = \n",
		"port = 3\n",
	};
	struct home *h = *state;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char name[16], conf[128];
		struct profile p;
		struct err err = ERR_INIT;

		snprintf(name, sizeof(name), "wrong-%zu", i);
		snprintf(conf, sizeof(conf), "# one\n%s", texts[i]);
		make(h, name, conf);
		if (load(h, name, &p, &err) != RC_USAGE)
			fail_msg("\"%s\" was taken", texts[i]);
		assert_non_null(strstr(err.text, "profile.conf:2 "));
	}
}

static void a_key_is_private_or_refused(void **state)
{
	static const unsigned modes[] = {0640, 0604, 0620, 0602, 0610, 0677};
	struct home *h = *state;
	struct err err = ERR_INIT;
	struct profile p;
	char *key;

	make(h, "key", "server = https://x\n");
	assert_int_equal(load(h, "key", &p, NULL), RC_OK);
	key = strdup(path_of(h, "key", "identity.pem"));
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		assert_int_equal(chmod(key, modes[i]), 0);
		assert_int_equal(load(h, "key", &p, &err), RC_FORBIDDEN);
		assert_non_null(strstr(err.text, "chmod 600"));
	}
	assert_int_equal(chmod(key, 0400), 0);
	assert_int_equal(load(h, "key", &p, NULL), RC_OK);
	assert_int_equal(unlink(key), 0);
	assert_int_equal(load(h, "key", &p, &err), RC_UNAUTHENTICATED);
	assert_non_null(strstr(err.text, "no profile \"key\"; there are:"));
	assert_int_equal(mkdir(key, 0700), 0);
	assert_int_equal(load(h, "key", &p, &err), RC_FORBIDDEN);
	free(key);
}

static void names_stay_in_their_directory(void **state)
{
	static const char *const names[] = {"",	    ".",   "..",
					    "../x", "a/b", ".ssh",
					    "a b",  "a\n", "\xe5\x91\xa8"};
	struct home *h = *state;
	const char *dir;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(
			profile_dir(&h->home, names[i], &h->arena, &dir, NULL),
			RC_USAGE);
}

static void the_home_is_found(void **state)
{
	struct home *h = *state;
	struct profile_home only_home = {.home = "/somewhere"};
	struct profile_home relative = {.config_home = "etc", .home = "/h"};
	struct profile_home none = {.config_home = "", .home = ""};
	const char *dir;

	assert_int_equal(profile_dir(&only_home, "a", &h->arena, &dir, NULL),
			 RC_OK);
	assert_string_equal(dir, "/somewhere/.config/teleconsult/a");
	assert_int_equal(profile_dir(&relative, "a", &h->arena, &dir, NULL),
			 RC_OK);
	assert_string_equal(dir, "/h/.config/teleconsult/a");
	assert_int_equal(profile_dir(&none, "a", &h->arena, &dir, NULL),
			 RC_USAGE);
}

static void whom_to_believe_must_be_known(void **state)
{
	struct home *h = *state;
	struct err err = ERR_INIT;
	struct profile p;

	make(h, "no-ca", "server = https://x\n");
	assert_int_equal(unlink(path_of(h, "no-ca", "ca.pem")), 0);
	assert_int_equal(load(h, "no-ca", &p, &err), RC_USAGE);
	assert_non_null(strstr(err.text, "ca.pem"));
}

static void profiles_are_listed(void **state)
{
	struct home *h = *state;
	struct profile_home other = {.config_home = h->root};
	struct field_strs names;
	const char *root;

	other.config_home = arena_printf(&h->arena, "%s/other", h->root);
	assert_int_equal(profile_names(&other, &h->arena, &names, NULL), RC_OK);
	assert_int_equal(names.n, 0);
	assert_int_equal(mkdir(other.config_home, 0700), 0);
	h->home = other;
	make(h, "b", NULL);
	make(h, "a", NULL);
	assert_int_equal(profile_root(&other, &h->arena, &root, NULL), RC_OK);
	assert_int_equal(mkdir(arena_printf(&h->arena, "%s/empty", root), 0700),
			 0);
	assert_int_equal(profile_names(&other, &h->arena, &names, NULL), RC_OK);
	h->home.config_home = h->root;
	assert_int_equal(names.n, 2);
	assert_string_equal(names.v[0], "a");
	assert_string_equal(names.v[1], "b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_profile_is_read),
		cmocka_unit_test(the_file_may_be_missing),
		cmocka_unit_test(wrong_lines_are_named),
		cmocka_unit_test(a_key_is_private_or_refused),
		cmocka_unit_test(names_stay_in_their_directory),
		cmocka_unit_test(the_home_is_found),
		cmocka_unit_test(whom_to_believe_must_be_known),
		cmocka_unit_test(profiles_are_listed),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
