#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "client/command.h"
#include "client/option.h"

#define WORDS_MAX 8

/* One line, read with the options of a few commands. */
struct line {
	struct arena arena;
	struct options opts;
	struct option_args args;
	struct err err;
	int used;
	enum rc rc;
};

static const optset own = OPTSET(SITE) | OPTSET(WITH) | OPTSET(LIMIT) |
			  OPTSET(WHY_NOT) | OPTSET(MOVE_TO) | OPTSET(STATUS) |
			  OPTSET(DURATION);

static void read_line(struct line *l, bool words_first, const char *const *v)
{
	char *argv[WORDS_MAX + 1] = {0};
	struct option_read in = {.own = words_first ? 0 : own,
				 .words_first = words_first,
				 .arena = &l->arena,
				 .argv = argv};

	*l = (struct line){0};
	arena_init(&l->arena, 1 << 20);
	while (v[in.argc] && in.argc < WORDS_MAX) {
		argv[in.argc] = arena_strndup(&l->arena, v[in.argc],
					      strlen(v[in.argc]));
		in.argc++;
	}
	l->rc = options_read(&in, &l->opts, &l->args, &l->used, &l->err);
}

#define READ(l, ...) read_line((l), false, (const char *[]){__VA_ARGS__, NULL})
#define READ_FIRST(l, ...)                                                     \
	read_line((l), true, (const char *[]){__VA_ARGS__, NULL})

static void values_are_read(void **state)
{
	static const char *const spellings[][4] = {
		{"--site", "anzhen", NULL},
		{"--site=anzhen", NULL},
	};
	struct line l;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		read_line(&l, false, spellings[i]);
		assert_int_equal(l.rc, RC_OK);
		assert_string_equal(options_get(&l.opts, OPT_SITE), "anzhen");
		arena_fini(&l.arena);
	}
	READ(&l, "--site=", "--site2");
	assert_int_equal(l.rc, RC_USAGE);
	arena_fini(&l.arena);
	READ(&l, "--site=a=b");
	assert_string_equal(options_get(&l.opts, OPT_SITE), "a=b");
	arena_fini(&l.arena);
	READ(&l, "--site", "--why-not");
	assert_string_equal(options_get(&l.opts, OPT_SITE), "--why-not");
	assert_false(options_has(&l.opts, OPT_WHY_NOT));
	arena_fini(&l.arena);
}

static void letters_are_read(void **state)
{
	static const char *const spellings[][4] = {
		{"-n", "5", NULL},
		{"-n5", NULL},
		{"-n=5", NULL},
		{"--limit", "5", NULL},
	};
	struct line l;
	int64_t n;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		read_line(&l, false, spellings[i]);
		assert_int_equal(l.rc, RC_OK);
		assert_int_equal(
			options_int(&l.opts, OPT_LIMIT, 1, 10, &n, &l.err),
			RC_OK);
		assert_int_equal(n, 5);
		arena_fini(&l.arena);
	}
	READ(&l, "-h");
	assert_true(options_has(&l.opts, OPT_HELP));
	arena_fini(&l.arena);
	READ(&l, "-hn");
	assert_int_equal(l.rc, RC_USAGE);
	arena_fini(&l.arena);
}

static void words_and_options_mix(void **state)
{
	struct line l;

	(void)state;
	READ(&l, "one", "--why-not", "two", "-", "--", "--site", "-n");
	assert_int_equal(l.rc, RC_OK);
	assert_int_equal(l.args.n, 5);
	assert_string_equal(l.args.v[2], "-");
	assert_string_equal(l.args.v[3], "--site");
	assert_false(options_has(&l.opts, OPT_SITE));
	assert_int_equal(l.used, 7);
	arena_fini(&l.arena);
}

static void repeats_are_kept_or_refused(void **state)
{
	struct line l;

	(void)state;
	READ(&l, "--with", "a/b", "--with=c/d");
	assert_int_equal(l.rc, RC_OK);
	assert_int_equal(l.opts.v[OPT_WITH].n, 2);
	assert_string_equal(l.opts.v[OPT_WITH].v[0], "a/b");
	assert_string_equal(l.opts.v[OPT_WITH].v[1], "c/d");
	arena_fini(&l.arena);
	READ(&l, "--site", "a", "--site", "b");
	assert_int_equal(l.rc, RC_USAGE);
	arena_fini(&l.arena);
}

static void wrong_lines_are_refused(void **state)
{
	static const char *const lines[][4] = {
		{"--nothing", NULL},	  {"--sit", "a", NULL},
		{"--sites", "a", NULL},	  {"-x", NULL},
		{"--site", NULL},	  {"-n", NULL},
		{"--why-not=yes", NULL},  {"--reason", "x", NULL},
		{"--site", "\xff", NULL}, {"\xc0\x80", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct line l;

		read_line(&l, false, lines[i]);
		assert_int_equal(l.rc, RC_USAGE);
		assert_true(strlen(l.err.text) > 5);
		arena_fini(&l.arena);
	}
}

/* Before the command only the global meaning of a name exists. */
static void a_name_means_what_its_command_says(void **state)
{
	struct line l;

	(void)state;
	READ_FIRST(&l, "--profile", "mine", "admin", "--to");
	assert_int_equal(l.rc, RC_OK);
	assert_int_equal(l.used, 2);
	assert_string_equal(options_get(&l.opts, OPT_PROFILE), "mine");
	arena_fini(&l.arena);
	READ(&l, "--profile", "new", "--to", "mon 9:30", "-o", "json");
	assert_int_equal(l.rc, RC_OK);
	assert_string_equal(options_get(&l.opts, OPT_PROFILE), "new");
	assert_string_equal(options_get(&l.opts, OPT_MOVE_TO), "mon 9:30");
	assert_null(options_get(&l.opts, OPT_TO));
	assert_string_equal(options_get(&l.opts, OPT_OUTPUT), "json");
	arena_fini(&l.arena);
}

static void an_option_is_found_by_its_word(void **state)
{
	const char *value = "x";

	(void)state;
	assert_int_equal(option_find(own, "--to", &value), OPT_MOVE_TO);
	assert_null(value);
	assert_int_equal(option_find(own, "--to=mon", &value), OPT_MOVE_TO);
	assert_string_equal(value, "mon");
	assert_int_equal(option_find(0, "-ojson", &value), OPT_OUTPUT);
	assert_string_equal(value, "json");
	assert_int_equal(option_find(0, "--to", &value), -1);
	assert_int_equal(option_find(0, "--", &value), -1);
	assert_int_equal(option_find(0, "-", &value), -1);
	assert_int_equal(option_find(0, "", &value), -1);
	assert_int_equal(option_find(0, "-=", &value), -1);
	assert_null(value);
}

static void numbers_are_strict(void **state)
{
	static const char *const wrong[] = {"",	  "0",	"11",  "-1", "+5",
					    "5 ", "5x", "0x5", "1e1"};
	struct line l;
	int64_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		READ(&l, "--duration", wrong[i]);
		assert_int_equal(
			options_int(&l.opts, OPT_DURATION, 1, 10, &n, &l.err),
			RC_USAGE);
		assert_non_null(strstr(l.err.text, "--duration"));
		arena_fini(&l.arena);
	}
	READ(&l, "x");
	assert_int_equal(options_int(&l.opts, OPT_DURATION, 1, 10, &n, &l.err),
			 RC_OK);
	assert_int_equal(n, FIELD_NONE);
	arena_fini(&l.arena);
}

static void words_are_of_their_set(void **state)
{
	struct line l;
	int word;

	(void)state;
	READ(&l, "--status", "booked");
	assert_int_equal(options_word(&l.opts, OPT_STATUS,
				      &words_booking_status, &word, &l.err),
			 RC_OK);
	assert_int_equal(word, BOOKING_BOOKED);
	assert_int_equal(options_word(&l.opts, OPT_STATUS,
				      &words_request_status, &word, &l.err),
			 RC_USAGE);
	assert_non_null(strstr(l.err.text, "supplement-needed"));
	arena_fini(&l.arena);
	/* every set fits into the text */
	assert_int_equal(option_word("no", &words_kind, &word, &l.err),
			 RC_USAGE);
	assert_non_null(strstr(l.err.text, "referral"));
}

static void slugs_are_checked(void **state)
{
	struct line l;
	const char *slug;

	(void)state;
	READ(&l, "--site", "../../etc");
	assert_int_equal(options_slug(&l.opts, OPT_SITE, &slug, &l.err),
			 RC_USAGE);
	arena_fini(&l.arena);
	READ(&l, "--site", "liaoyang-central");
	assert_int_equal(options_slug(&l.opts, OPT_SITE, &slug, &l.err), RC_OK);
	assert_string_equal(slug, "liaoyang-central");
	arena_fini(&l.arena);
}

/* The tables themselves. */
static void no_command_takes_one_name_twice(void **state)
{
	(void)state;
	for (size_t i = 0; commands[i]; i++) {
		optset set = commands[i]->options;

		assert_int_equal(commands[i]->required & ~set, 0);
		for (int a = 0; a < OPT_COUNT; a++)
			for (int b = 0; b < a; b++)
				if ((set >> a & 1) && (set >> b & 1))
					assert_string_not_equal(
						option_rows[a].name,
						option_rows[b].name);
	}
}

static void every_option_is_taken_somewhere(void **state)
{
	optset taken = option_globals;

	(void)state;
	for (size_t i = 0; commands[i]; i++)
		taken |= commands[i]->options;
	for (int o = 0; o < OPT_COUNT; o++) {
		assert_non_null(option_rows[o].name);
		assert_non_null(option_rows[o].help);
		assert_true(taken >> o & 1);
	}
}

static void commands_are_found_by_their_words(void **state)
{
	static const char *const lines[][3] = {{"admin", "verify-log", "x"},
					       {"admin", "frob", "x"},
					       {"sho", "x", "y"},
					       {"shows", "x", "y"},
					       {"show", "admin", "import"}};
	size_t taken;

	(void)state;
	assert_ptr_equal(command_find(lines[0], 3, &taken),
			 &cmd_admin_verify_log);
	assert_int_equal(taken, 2);
	assert_null(command_find(lines[0], 1, &taken));
	assert_null(command_find(lines[0], 0, &taken));
	assert_null(command_find(lines[1], 3, &taken));
	assert_null(command_find(lines[2], 3, &taken));
	assert_null(command_find(lines[3], 3, &taken));
	assert_ptr_equal(command_find(lines[4], 3, &taken), &cmd_show);
	assert_int_equal(taken, 1);
	assert_true(command_is_group("admin"));
	assert_false(command_is_group("adm"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_read),
		cmocka_unit_test(letters_are_read),
		cmocka_unit_test(words_and_options_mix),
		cmocka_unit_test(repeats_are_kept_or_refused),
		cmocka_unit_test(wrong_lines_are_refused),
		cmocka_unit_test(a_name_means_what_its_command_says),
		cmocka_unit_test(an_option_is_found_by_its_word),
		cmocka_unit_test(numbers_are_strict),
		cmocka_unit_test(words_are_of_their_set),
		cmocka_unit_test(slugs_are_checked),
		cmocka_unit_test(no_command_takes_one_name_twice),
		cmocka_unit_test(every_option_is_taken_somewhere),
		cmocka_unit_test(commands_are_found_by_their_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
