#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/text.h"

static int ends[2];

static int set_up(void **state)
{
	(void)state;
	assert_int_equal(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
	log_init(ends[1], LOG_LVL_INFO, 1);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	log_init(STDERR_FILENO, LOG_LVL_INFO, 0);
	close(ends[0]);
	close(ends[1]);
	return 0;
}

/* What was written, with one read(): a line is one write. */
static const char *written(void)
{
	static char out[8192];
	ssize_t n = read(ends[0], out, sizeof(out) - 1);

	out[n > 0 ? n : 0] = '\0';
	return out;
}

static void lines_have_their_form(void **state)
{
	const char *none = NULL;

	(void)state;
	log_event(LOG_LVL_INFO, "ready");
	assert_string_equal(written(), "<6>event=ready\n");
	log_event(LOG_LVL_ERR, "failed", LOG_S("code", "busy"),
		  LOG_N("after", -5), LOG_N("max", INT64_MIN));
	assert_string_equal(written(), "<3>event=failed code=busy after=-5 "
				       "max=-9223372036854775808\n");
	log_event(LOG_LVL_WARN, "x", LOG_S("none", none), LOG_S("empty", ""));
	assert_string_equal(written(), "<4>event=x none=\"\" empty=\"\"\n");
	log_init(ends[1], LOG_LVL_DEBUG, 0);
	log_event(LOG_LVL_DEBUG, "x");
	assert_string_equal(written(), "level=debug event=x\n");
	log_event(LOG_LVL_INFO, "x");
	assert_string_equal(written(), "level=info event=x\n");
	log_event(LOG_LVL_WARN, "x");
	assert_string_equal(written(), "level=warning event=x\n");
	log_event(LOG_LVL_ERR, "x");
	assert_string_equal(written(), "level=error event=x\n");
}

static void less_is_left_out(void **state)
{
	(void)state;
	log_event(LOG_LVL_DEBUG, "x");
	assert_string_equal(written(), "");
	log_init(ends[1], LOG_LVL_ERR, 1);
	log_event(LOG_LVL_WARN, "x");
	assert_string_equal(written(), "");
	log_event(LOG_LVL_ERR, "x");
	assert_string_equal(written(), "<3>event=x\n");
}

static void values_are_escaped(void **state)
{
	static const struct {
		const char *value, *shown;
	} rows[] = {
		{"plain-1.2/x:y", "plain-1.2/x:y"},
		{"two words", "\"two words\""},
		{"a=b", "\"a=b\""},
		{"say \"hi\"", "\"say \\\"hi\\\"\""},
		{"back\\slash", "\"back\\\\slash\""},
		{"line\nbreak", "\"line\\nbreak\""},
		{"cr\rlf\n", "\"cr\\x0dlf\\n\""},
		{"tab\t", "\"tab\\x09\""},
		{"\x1b[2J", "\"\\x1b[2J\""},
		{"\x7f", "\"\\x7f\""},
		{"\x01\x1f", "\"\\x01\\x1f\""},
		{"中心医院", "\"中心医院\""},
		{"é𝄞", "\"é𝄞\""},
		{"\xc2\x9b"
		 "2J",
		 "\"\\xc2\\x9b"
		 "2J\""}, /* C1: CSI */
		{"\xc2\x80\xc2\xa0", "\"\\xc2\\x80\xc2\xa0\""},
		{"\xe2\x80\xae"
		 "abc",
		 "\"\\xe2\\x80\\xae"
		 "abc\""}, /* RLO */
		{"\xe2\x80\xa8", "\"\\xe2\\x80\\xa8\""},
		{"\xe2\x80\x8e", "\"\\xe2\\x80\\x8e\""},
		{"\xe2\x81\xa6", "\"\\xe2\\x81\\xa6\""},
		{"\xe2\x80\x94", "\"—\""},
		{"\xff\xfe", "\"\\xff\\xfe\""}, /* no UTF-8 */
		{"\xe4\xb8", "\"\\xe4\\xb8\""},
		{"\x9b"
		 "2J",
		 "\"\\x9b"
		 "2J\""},
		{"\xe4\xb8\xad\xff", "\"\\xe4\\xb8\\xad\\xff\""},
	};
	char want[256];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		log_event(LOG_LVL_INFO, "x", LOG_S("v", rows[i].value),
			  LOG_N("n", 1));
		snprintf(want, sizeof(want), "<6>event=x v=%s n=1\n",
			 rows[i].shown);
		assert_string_equal(written(), want);
	}
}

/* No byte of any value breaks the line or is a control character. */
static void no_byte_breaks_a_line(void **state)
{
	(void)state;
	for (int a = 1; a < 256; a++)
		for (int b = 1; b < 256; b++) {
			const char value[] = {(char)a, (char)b, '\0'};
			const char *line;
			size_t len;

			log_event(LOG_LVL_INFO, "x", LOG_S("v", value));
			line = written();
			len = strlen(line);
			assert_int_equal(line[len - 1], '\n');
			if (!text_printable(line, len - 1, false))
				fail_msg("%02x %02x", a, b);
		}
}

/* Cut lines: of every length around the bound, from every kind of character. */
static void long_lines_are_cut_with_a_mark(void **state)
{
	static const char *const fill[] = {"x",	 "\n", "\x1b", "\"",
					   "中", "x ", "\xff"};
	char value[5000];

	(void)state;
	for (size_t f = 0; f < sizeof(fill) / sizeof(fill[0]); f++)
		for (size_t lead = 0; lead < 5; lead++) {
			size_t len = lead, n;
			const char *line;

			memset(value, 'x', lead);
			while (len < 4500) {
				memcpy(value + len, fill[f], strlen(fill[f]));
				len += strlen(fill[f]);
			}
			value[len] = '\0';
			log_event(LOG_LVL_INFO, "x", LOG_S("a", "b c"),
				  LOG_S("v", value), LOG_N("never", 1));
			line = written();
			n = strlen(line);
			assert_in_range(n, 10, 2048);
			assert_true(text_printable(line, n - 1, false));
			assert_string_equal(line + n - 7, " cut=1\n");
			assert_null(strstr(line, "never"));
			if (f > 0)
				assert_int_equal(line[n - 8], '"');
		}
}

/* The bound falls on every place: key, sign, number, quotes. */
static void a_cut_line_is_well_formed(void **state)
{
	char value[2100];

	(void)state;
	for (size_t len = 1900; len < 2060; len++) {
		const char *line, *p;
		int quotes = 0;

		memset(value, 'x', len);
		value[len] = '\0';
		log_event(LOG_LVL_INFO, "x", LOG_S("v", value),
			  LOG_N("number", 1234567), LOG_S("q", "a b"),
			  LOG_S("z", "中 中"));
		line = written();
		for (p = line; *p != '\0'; p++)
			quotes += *p == '"';
		assert_int_equal(quotes % 2, 0);
		assert_int_equal(p[-1], '\n');
		assert_true(strstr(line, "z=\"中 中\"\n") != NULL ||
			    strstr(line, " cut=1\n") != NULL);
		assert_true(strstr(line, "number=") == NULL ||
			    strstr(line, "number=1234567 ") != NULL ||
			    strstr(line, "number= cut=1") != NULL);
	}
}

static void a_closed_log_stops_nothing(void **state)
{
	(void)state;
	log_init(-1, LOG_LVL_INFO, 1);
	log_event(LOG_LVL_ERR, "x");
	log_init(ends[1], LOG_LVL_INFO, 1);
	for (int i = 0; i < 10000; i++) /* a full pipe neither */
		log_event(LOG_LVL_ERR, "filling");
	assert_int_equal(strncmp(written(), "<3>event=filling\n", 17), 0);
}

static void *write_lines(void *arg)
{
	for (int i = 0; i < 200; i++)
		log_event(LOG_LVL_INFO, arg, LOG_S("v", "some more words"),
			  LOG_N("i", i));
	return NULL;
}

static void threads_do_not_mix(void **state)
{
	static const char name[] = "thread";
	char pipeful[65536 * 2];
	pthread_t threads[4];
	ssize_t n;
	int lines = 0;

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, write_lines,
						(void *)(uintptr_t)name),
				 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	n = read(ends[0], pipeful, sizeof(pipeful) - 1);
	assert_true(n > 0);
	pipeful[n] = '\0';
	for (char *line = pipeful, *end; (end = strchr(line, '\n')) != NULL;
	     line = end + 1) {
		int i = -1, used = 0;

		*end = '\0';
		sscanf(line, "<6>event=thread v=\"some more words\" i=%d%n", &i,
		       &used);
		assert_in_range(i, 0, 199);
		assert_int_equal(used, strlen(line));
		lines++;
	}
	assert_int_equal(lines, 800);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lines_have_their_form),
		TEST(less_is_left_out),
		TEST(values_are_escaped),
		TEST(no_byte_breaks_a_line),
		TEST(long_lines_are_cut_with_a_mark),
		TEST(a_cut_line_is_well_formed),
		TEST(a_closed_log_stops_nothing),
		TEST(threads_do_not_mix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
