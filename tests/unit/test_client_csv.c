#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <locale.h>
#include <string.h>

#include <cmocka.h>

#include "client/term.h"
#include "proto/csv.h"
#include "proto/messages.h"
#include "proto/rows.h"

/* 2026-12-01T10:00:00+08:00 */
#define NOW 1796090400

static int begin(void **state)
{
	(void)state;
	proto_init(1);
	return setlocale(LC_CTYPE, "C.UTF-8") ? 0 : -1;
}

/* Every type that has a cell, and the ones that have none. */
struct msg_sample {
	const char *text;
	const char *code;
	int64_t n, at, on, wall;
	bool yes;
	int word;
	kindset kinds;
	struct field_strs names;
	const char *secret;
	struct field_list inner; /* msg_interval */
};

static const MESSAGE(sample, "Sample", "all types",
		     STR(sample, text, OPTIONAL, 1, 64, "text"),
		     CODE(sample, code, OPTIONAL, "code"),
		     COUNT(sample, n, OPTIONAL, "n"),
		     TIME(sample, at, OPTIONAL, "at"),
		     DATE(sample, on, OPTIONAL, "on"),
		     WALL(sample, wall, OPTIONAL, "wall"),
		     BOOL(sample, yes, OPTIONAL, "yes"),
		     WORD(sample, word, OPTIONAL, kind, KIND, "word"),
		     KINDS(sample, kinds, OPTIONAL, "kinds"),
		     STRS(sample, names, OPTIONAL, 1, 64, 4, "names"),
		     STR(sample, secret, SECRET, 1, 64, "secret"),
		     OBJECTS(sample, inner, OPTIONAL, interval, 4, "inner"));

struct sheet {
	struct tz_store *zones;
	struct buf out;
	struct csv csv;
};

static void open_sheet(struct sheet *s, const char *zone)
{
	memset(s, 0, sizeof(*s));
	s->zones = tz_store_new(TZ_SYSTEM_DIR);
	buf_init(&s->out, 1 << 20);
	s->csv.out = &s->out;
	s->csv.show = term_add;
	assert_int_equal(tz_get(s->zones, zone, &s->csv.zone, NULL), RC_OK);
}

static void close_sheet(struct sheet *s)
{
	buf_fini(&s->out);
	tz_store_free(s->zones);
}

static void a_row_is_flat(void **state)
{
	const char *names[] = {"zh", "en"};
	struct msg_interval inner = {0, 1};
	struct msg_sample v = {.text = "a",
			       .code = "7K2MQX91",
			       .n = 45,
			       .at = NOW,
			       .on = 20788,
			       .wall = 20788 * INT64_C(86400) + 34200,
			       .yes = true,
			       .word = KIND_REFERRAL,
			       .kinds = KINDSET(KIND_REMOTE_CONSULTATION) |
					KINDSET(KIND_REFERRAL),
			       .names = {names, 2},
			       .secret = "nobody",
			       .inner = {&inner, 1}};
	struct sheet s;

	(void)state;
	open_sheet(&s, "Asia/Kathmandu");
	csv_names(&s.csv, &msg_sample_table);
	csv_end(&s.csv);
	csv_values(&s.csv, &msg_sample_table, &v);
	csv_end(&s.csv);
	assert_string_equal(
		buf_cstr(&s.out),
		"text,code,n,at,on,wall,yes,word,kinds,names\r\n"
		"a,7K2M-QX91,45,2026-12-01T07:45:00+05:45,2026-12-01,"
		"2026-12-01T09:30,true,referral,"
		"\"remote-consultation referral\",\"zh en\"\r\n");
	close_sheet(&s);
}

static void what_is_absent_is_empty(void **state)
{
	struct msg_sample v;
	struct sheet s;

	(void)state;
	open_sheet(&s, "UTC");
	proto_clear(&msg_sample_table, &v);
	csv_values(&s.csv, &msg_sample_table, &v);
	csv_end(&s.csv);
	assert_string_equal(buf_cstr(&s.out), ",,,,,,false,,,\r\n");
	close_sheet(&s);
}

static void texts_are_quoted_and_disarmed(void **state)
{
	static const char *const rows[][2] = {
		{"", "\r\n"},
		{"plain", "plain\r\n"},
		{"a b", "\"a b\"\r\n"},
		{"a,b", "\"a,b\"\r\n"},
		{"say \"so\"", "\"say \"\"so\"\"\"\r\n"},
		{"=1+1", "'=1+1\r\n"},
		{"+1", "'+1\r\n"},
		{"-1", "'-1\r\n"},
		{"@a", "'@a\r\n"},
		{"'=1", "''=1\r\n"},
		{"\uff1d1", "'\uff1d1\r\n"},
		{"\uff0d1,2", "\"'\uff0d1,2\"\r\n"},
		{"\t=1", "\\x09=1\r\n"},
		{"\r=1\n", "\\x0d=1\\x0a\r\n"},
		{"1-1", "1-1\r\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sheet s;

		open_sheet(&s, "UTC");
		csv_cell(&s.csv, rows[i][0]);
		csv_end(&s.csv);
		assert_string_equal(buf_cstr(&s.out), rows[i][1]);
		close_sheet(&s);
	}
}

static void an_empty_cell_begins_a_row_too(void **state)
{
	struct sheet s;

	(void)state;
	open_sheet(&s, "UTC");
	csv_cell(&s.csv, NULL);
	csv_cell(&s.csv, "b");
	csv_end(&s.csv);
	csv_cell(&s.csv, "a");
	csv_cell(&s.csv, NULL);
	csv_end(&s.csv);
	assert_string_equal(buf_cstr(&s.out), ",b\r\na,\r\n");
	close_sheet(&s);
}

/* Whoever sees the failure says so: half a cell is never printed. */
static void what_is_too_long_fails(void **state)
{
	char *text = mem_alloc(100001);
	struct sheet s;

	(void)state;
	memset(text, 'x', 100000);
	open_sheet(&s, "UTC");
	csv_cell(&s.csv, text);
	assert_true(s.out.failed);
	close_sheet(&s);
	mem_free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_is_flat),
		cmocka_unit_test(what_is_absent_is_empty),
		cmocka_unit_test(texts_are_quoted_and_disarmed),
		cmocka_unit_test(an_empty_cell_begins_a_row_too),
		cmocka_unit_test(what_is_too_long_fails),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
