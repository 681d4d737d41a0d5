#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/rc.h"
#include "base/version.h"
#include "client/command.h"

#define MANUAL "docs/man/teleconsult.1"

/* The manual as it reads: "\-" is a hyphen, a "\e" at the end of a line and
 * the blanks around it join two lines; requests and fonts stay. */
static struct buf manual;

static void append_plain(struct buf *out, const char *s)
{
	for (; *s; s++) {
		if (s[0] == '\\' && s[1] == '-') {
			buf_chr(out, '-');
			s++;
		} else if (s[0] == '\\' && s[1] == 'e' && s[2] == '\n') {
			s += 2 + strspn(s + 3, " ");
		} else {
			buf_chr(out, *s);
		}
	}
}

static int begin(void **state)
{
	struct buf raw;

	(void)state;
	buf_init(&raw, 1 << 20);
	buf_init(&manual, 1 << 20);
	if (file_read(MANUAL, &raw, NULL) != RC_OK)
		return -1;
	append_plain(&manual, buf_cstr(&raw));
	buf_fini(&raw);
	return manual.failed;
}

static int end(void **state)
{
	(void)state;
	buf_fini(&manual);
	return 0;
}

/* The part of the manual under this line, up to the next heading. */
static struct buf section(const char *heading)
{
	const char *at = strstr(buf_cstr(&manual), heading);
	const char *stop;
	struct buf part;

	buf_init(&part, 1 << 20);
	if (!at) {
		fail_msg("the manual has no line \"%s\"", heading);
		return part;
	}
	at += strlen(heading);
	stop = strstr(at, "\n.S");
	buf_add(&part, at, stop ? (size_t)(stop - at) : strlen(at));
	return part;
}

static bool has_option(const char *text, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = text; (p = strstr(p, "--")); p += 2) {
		char after = p[2 + strnlen(p + 2, len)];

		if (strncmp(p + 2, name, len) == 0 &&
		    !isalnum((unsigned char)after) && after != '-')
			return true;
	}
	return false;
}

static void check_options(const struct buf *part, optset set, const char *where)
{
	for (int o = 0; o < OPT_COUNT; o++)
		if ((set >> o & 1) &&
		    !has_option(buf_cstr(part), option_rows[o].name))
			fail_msg("%s: --%s is not in the manual", where,
				 option_rows[o].name);
}

static void every_command_is_described(void **state)
{
	(void)state;
	for (size_t i = 0; commands[i]; i++) {
		const struct command *cmd = commands[i];
		char heading[128];
		struct buf part;

		snprintf(heading, sizeof(heading), "\n.SS %s%s%s\n", cmd->name,
			 *cmd->args ? " " : "", cmd->args);
		part = section(heading);
		check_options(&part, cmd->options, cmd->name);
		if (!strstr(buf_cstr(&part), cmd->example))
			fail_msg("%s: its example is not in the manual",
				 cmd->name);
		buf_fini(&part);
	}
}

static void every_global_option_is_described(void **state)
{
	struct buf part = section("\n.SH OPTIONS\n");

	(void)state;
	check_options(&part, option_globals, "OPTIONS");
	buf_fini(&part);
}

/* And nothing is described that there is not. */
static void no_other_option_is_described(void **state)
{
	(void)state;
	for (const char *p = buf_cstr(&manual); (p = strstr(p, "--")); p += 2) {
		size_t len = strspn(p + 2, "abcdefghijklmnopqrstuvwxyz-");
		bool known = len == 0;

		for (int o = 0; o < OPT_COUNT; o++)
			known = known ||
				(strlen(option_rows[o].name) == len &&
				 memcmp(option_rows[o].name, p + 2, len) == 0);
		if (!known)
			fail_msg("no such option: %.30s", p);
	}
}

static void no_other_command_is_described(void **state)
{
	const char *p = strstr(buf_cstr(&manual), ".SH REQUESTS");

	(void)state;
	assert_non_null(p);
	while ((p = strstr(p, "\n.SS "))) {
		const char *words[2] = {0};
		char line[128];
		size_t taken, len;
		char *blank;

		p += 5;
		len = strcspn(p, "\n");
		assert_true(len < sizeof(line));
		memcpy(line, p, len);
		line[len] = '\0';
		words[0] = line;
		blank = strchr(line, ' ');
		if (blank) {
			*blank = '\0';
			words[1] = blank + 1;
			blank = strchr(blank + 1, ' ');
			if (blank)
				*blank = '\0';
		}
		assert_non_null(command_find(words, words[1] ? 2 : 1, &taken));
	}
}

static void every_exit_code_is_described(void **state)
{
	struct buf part = section("\n.SH EXIT STATUS\n");

	(void)state;
	for (int rc = 0; rc < RC_COUNT; rc++) {
		char line[16];

		snprintf(line, sizeof(line), "\n.B %d\n",
			 rc_row((enum rc)rc)->exit);
		assert_non_null(strstr(buf_cstr(&part), line));
	}
	buf_fini(&part);
}

static void every_kind_and_role_is_named(void **state)
{
	(void)state;
	for (int k = 0; k < KIND_COUNT; k++)
		assert_non_null(
			strstr(buf_cstr(&manual), words_name(&words_kind, k)));
	for (int r = 0; r < ROLE_COUNT; r++)
		assert_non_null(
			strstr(buf_cstr(&manual), words_name(&words_role, r)));
}

static void the_version_is_this_one(void **state)
{
	(void)state;
	assert_non_null(
		strstr(buf_cstr(&manual), "\"teleconsult " VERSION "\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_command_is_described),
		cmocka_unit_test(every_global_option_is_described),
		cmocka_unit_test(no_other_option_is_described),
		cmocka_unit_test(no_other_command_is_described),
		cmocka_unit_test(every_exit_code_is_described),
		cmocka_unit_test(every_kind_and_role_is_named),
		cmocka_unit_test(the_version_is_this_one),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
