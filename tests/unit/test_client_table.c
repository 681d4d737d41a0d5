#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <locale.h>
#include <string.h>

#include <cmocka.h>

#include "client/items.h"
#include "client/query.h"
#include "client/table.h"
#include "client/term.h"
#include "proto/messages.h"

static int begin(void **state)
{
	(void)state;
	return setlocale(LC_CTYPE, "C.UTF-8") ? 0 : -1;
}

static void columns_are_measured(void **state)
{
	(void)state;
	assert_int_equal(term_columns(""), 0);
	assert_int_equal(term_columns("abc"), 3);
	assert_int_equal(term_columns("周勇"), 4);
	assert_int_equal(term_columns("a周b"), 4);
	assert_int_equal(term_columns("e\u0301"), 1); /* a combining accent */
	assert_int_equal(term_columns("\u00b7\u258c\u2592"), 3);
	assert_int_equal(term_columns("\x1b[2J"), 7); /* as \x1b[2J */
	assert_int_equal(term_columns("\xff"), 4);
}

static void harm_is_escaped(void **state)
{
	/* U+202E, U+2066, U+FEFF, U+200B; a literal would mislead readers */
	static const char reorders[] = {'\xe2', '\x80', '\xae', '\xe2', '\x81',
					'\xa6', '\xef', '\xbb', '\xbf', '\xe2',
					'\x80', '\x8b', '\0'};
	const char *const rows[][2] = {
		{"plain 周", "plain 周"},
		{"\x1b[31m", "\\x1b[31m"},
		{"a\nb\tc\rd", "a\\x0ab\\x09c\\x0dd"},
		{"\x7f", "\\x7f"},
		{"\xc2\x9b", "\\x9b"},
		{reorders, "\\u202e\\u2066\\ufeff\\u200b"},
		{"\xff\xc3", "\\xff\\xc3"},
		{"\xed\xa0\x80", "\\xed\\xa0\\x80"},
		{"\xe5\x91", "\\xe5\\x91"},
		{"\U0001f600", "\U0001f600"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out;

		buf_init(&out, 1000);
		term_add(&out, rows[i][0]);
		assert_string_equal(buf_cstr(&out), rows[i][1]);
		assert_int_equal(term_columns(rows[i][0]),
				 term_columns(rows[i][1]));
		buf_fini(&out);
	}
}

static void fitted(const char *s, size_t columns, const char *wanted)
{
	struct buf out;

	buf_init(&out, 1000);
	term_fit(&out, s, columns);
	assert_string_equal(buf_cstr(&out), wanted);
	assert_int_equal(term_columns(buf_cstr(&out)), columns);
	buf_fini(&out);
}

static void text_is_fitted_by_columns(void **state)
{
	(void)state;
	fitted("abc", 5, "abc  ");
	fitted("abcdef", 3, "abc");
	fitted("周勇主任", 8, "周勇主任");
	fitted("周勇主任", 7, "周勇主 ");
	fitted("周勇主任", 1, " ");
	fitted("周", 0, "");
	fitted("a\x1b", 4, "a   "); /* an escape is not cut in two */
}

static void lines_are_indented(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 10000);
	term_add_lines(&out, "one\n\ntwo\x1b\n", "  ");
	assert_string_equal(buf_cstr(&out), "  one\n  \n  two\\x1b\n");
	buf_fini(&out);
}

static void json_stays_the_same_document(void **state)
{
	static const char in[] =
		"{\"a\":\"\xc2\x9b\x7f\xe2\x80\xae周\",\n \"b\":1}\n\n";
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	term_json(&out, in, sizeof(in) - 1);
	assert_string_equal(buf_cstr(&out),
			    "{\"a\":\"\\u009b\\u007f\\u202e周\","
			    "\n \"b\":1}\n");
	buf_fini(&out);
}

static void arguments_are_quoted(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	term_quote(&out, "2026-12-01T09:30:00+08:00");
	buf_chr(&out, ' ');
	term_quote(&out, "mon 9:30");
	buf_chr(&out, ' ');
	term_quote(&out, "it's $(rm)");
	buf_chr(&out, ' ');
	term_quote(&out, "");
	assert_string_equal(buf_cstr(&out),
			    "2026-12-01T09:30:00+08:00 'mon 9:30' "
			    "'it'\\''s $(rm)' ''");
	buf_fini(&out);
}

static void colour_is_only_painted_when_wanted(void **state)
{
	struct term plain = {.width = 80}, bright = {.colour = true};
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	term_paint(&out, &plain, TERM_RED, "x", 2);
	term_paint(&out, &bright, TERM_RED, "y", 2);
	term_paint(&out, &bright, TERM_PLAIN, "z", 1);
	assert_string_equal(buf_cstr(&out), "x \x1b[31my \x1b[0mz");
	buf_fini(&out);
}

static struct table *sample(void)
{
	static const struct table_column columns[] = {{"NAME", 0},
						      {"N", TABLE_RIGHT},
						      {"SITE", TABLE_CUT},
						      {NULL, 0}};
	struct table *t = table_new(columns);

	table_row(t);
	table_cell(t, "周勇");
	table_cell(t, "7");
	table_cell(t, "辽阳市中心医院");
	table_row(t);
	table_cell(t, "John \x1b[2J");
	table_cell(t, "1051");
	table_cell(t, NULL);
	return t;
}

static void a_table_is_aligned_for_chinese(void **state)
{
	struct term pipe = {.width = 20};
	struct table *t = sample();
	struct buf out;

	(void)state;
	buf_init(&out, 4000);
	assert_int_equal(table_rows(t), 2);
	table_print(t, &pipe, &out);
	assert_string_equal(buf_cstr(&out), "NAME            N SITE\n"
					    "周勇            7 辽阳市中心医院\n"
					    "John \\x1b[2J 1051 -\n");
	table_free(t);
	buf_fini(&out);
}

static void a_terminal_is_kept_within_its_width(void **state)
{
	struct term narrow = {.width = 26, .cut = true};
	struct table *t = sample();
	struct buf out;
	const char *row;

	(void)state;
	buf_init(&out, 4000);
	table_print(t, &narrow, &out);
	row = buf_cstr(&out);
	while (*row) {
		size_t len = strcspn(row, "\n");
		char line[256];

		assert_true(len < sizeof(line));
		memcpy(line, row, len);
		line[len] = '\0';
		assert_true(term_columns(line) <= 26);
		row += len + (row[len] == '\n');
	}
	table_free(t);
	buf_fini(&out);
}

static void printed(size_t width, const char *wanted)
{
	static const struct table_column columns[] = {
		{"CODE", 0},
		{"KIND", TABLE_CUT},
		{"WHO", TABLE_CUT},
		{"ONE", TABLE_SPARE},
		{"TWO", TABLE_CUT | TABLE_SPARE},
		{NULL, 0}};
	struct term term = {.width = width, .cut = true};
	struct table *t = table_new(columns);
	struct buf out;

	buf_init(&out, 4000);
	table_row(t);
	table_cell(t, "7K2M");
	table_cell(t, "remote-consultation");
	table_cell(t, "徐州医科大学附属医院");
	table_cell(t, "111");
	table_cell(t, "22222");
	table_print(t, &term, &out);
	assert_string_equal(buf_cstr(&out), wanted);
	table_free(t);
	buf_fini(&out);
}

/* First columns are spared, from the right, then the widest are cut. */
static void what_does_not_fit_is_spared_then_cut(void **state)
{
	(void)state;
	printed(55, "CODE KIND                WHO                  ONE TWO\n"
		    "7K2M remote-consultation 徐州医科大学附属医院 111 22222"
		    "\n");
	printed(54, "CODE KIND                WHO                  ONE\n"
		    "7K2M remote-consultation 徐州医科大学附属医院 111\n");
	printed(48, "CODE KIND                WHO\n"
		    "7K2M remote-consultation 徐州医科大学附属医院\n");
	printed(40, "CODE KIND              WHO\n"
		    "7K2M remote-consultat… 徐州医科大学附属…\n");
	/* not below the least width */
	printed(10, "CODE KIND     WHO\n"
		    "7K2M remote-… 徐州医…\n");
}

/* Cells that were not given are shown as such. */
static void a_row_may_be_short(void **state)
{
	static const struct table_column columns[] = {
		{"A", 0}, {"B", 0}, {NULL, 0}};
	struct term pipe = {.width = 80};
	struct table *t = table_new(columns);
	struct buf out;

	(void)state;
	buf_init(&out, 4000);
	table_row(t);
	table_cell(t, "1");
	table_row(t);
	table_cell(t, "2");
	table_cell(t, "");
	table_print(t, &pipe, &out);
	assert_string_equal(buf_cstr(&out), "A B\n1 -\n2 -\n");
	table_free(t);
	buf_fini(&out);
}

static void a_rare_column_is_shown_when_it_holds_something(void **state)
{
	static const struct table_column columns[] = {
		{"A", 0}, {"B", TABLE_RARE}, {"C", TABLE_RARE}, {NULL, 0}};
	struct term pipe = {.width = 80};
	struct table *t = table_new(columns);
	struct buf out;

	(void)state;
	buf_init(&out, 4000);
	table_row(t);
	table_cell(t, "1");
	table_row(t);
	table_cell(t, "2");
	table_cell(t, NULL);
	table_cell(t, "c");
	table_print(t, &pipe, &out);
	assert_string_equal(buf_cstr(&out), "A C\n1 -\n2 c\n");
	table_free(t);
	buf_fini(&out);
}

static void an_empty_table_prints_nothing(void **state)
{
	static const struct table_column columns[] = {{"A", 0}, {NULL, 0}};
	struct term pipe = {.width = 80};
	struct table *t = table_new(columns);
	struct buf out;

	(void)state;
	buf_init(&out, 100);
	table_print(t, &pipe, &out);
	assert_int_equal(out.len, 0);
	table_free(t);
	table_free(NULL);
	buf_fini(&out);
}

static void items_of(const char *json, size_t max, const char *wanted)
{
	struct buf out;

	buf_init(&out, 1000);
	items_append(json, strlen(json), "items", max, &out);
	assert_string_equal(buf_cstr(&out), wanted);
	buf_fini(&out);
}

static void items_are_taken_as_they_are(void **state)
{
	(void)state;
	items_of("{\"items\":[]}", 9, "");
	items_of("{\"items\": [ ] , \"next\":null}", 9, "");
	items_of("{\"items\":[1,2,3]}", 9, "1,2,3");
	items_of("{\"items\":[1,2,3]}", 2, "1,2");
	items_of("{\"items\":[1,2,3]}", 0, "");
	items_of("{\"x\":{\"items\":[9]},\"y\":\"\\\"items\\\":[8]\","
		 "\"items\" : [{\"a\":\"]},[\"}, [4]]}",
		 9, "{\"a\":\"]},[\"},[4]");
	items_of("{\"z\":\"items\",\"items\":[\"\\\\\",\"\\\"]\"]}", 9,
		 "\"\\\\\",\"\\\"]\"");
	items_of("{\"other\":[1]}", 9, "");
	items_of("{}", 9, "");
}

static void pages_are_joined(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	items_append("{\"items\":[1]}", 13, "items", 9, &out);
	items_append("{\"items\":[]}", 12, "items", 9, &out);
	items_append("{\"users\":[2]}", 13, "users", 9, &out);
	items_append("{\"users\":[3]}", 13, "user", 9, &out);
	assert_string_equal(buf_cstr(&out), "1,2");
	buf_fini(&out);
}

static void a_query_says_what_is_there(void **state)
{
	const char *with[] = {"a/b", "c/d"};
	struct msg_slots_query q;
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	proto_clear(&msg_slots_query_table, &q);
	query_encode(&msg_slots_query_table, &q, &out);
	assert_string_equal(buf_cstr(&out), "");
	q.kind = KIND_REFERRAL;
	q.from = 0;
	q.n = 5;
	q.why_not = true;
	q.with.v = with;
	q.with.n = 2;
	query_encode(&msg_slots_query_table, &q, &out);
	assert_string_equal(buf_cstr(&out),
			    "?kind=referral&from=1970-01-01T00:00:00Z"
			    "&with=a/b&with=c/d&n=5&why_not=true");
	buf_fini(&out);
}

/* What is written is what the server's reader of the same table reads. */
static void a_query_is_read_back(void **state)
{
	struct msg_list_query q, back;
	struct field_faults faults = {0};
	struct arena arena;
	struct buf out;

	(void)state;
	arena_init(&arena, 1 << 20);
	buf_init(&out, 1000);
	proto_clear(&msg_list_query_table, &q);
	q.cursor = "a+b&c=d %/\u5468?";
	q.limit = 7;
	q.to = 1796090400;
	query_encode(&msg_list_query_table, &q, &out);
	assert_int_equal(proto_decode_query(&msg_list_query_table,
					    buf_cstr(&out) + 1, out.len - 1,
					    &arena, &back, &faults, NULL),
			 RC_OK);
	assert_string_equal(back.cursor, q.cursor);
	assert_int_equal(back.limit, 7);
	assert_int_equal(back.to, 1796090400);
	assert_int_equal(back.from, FIELD_NONE);
	buf_fini(&out);
	arena_fini(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_measured),
		cmocka_unit_test(harm_is_escaped),
		cmocka_unit_test(text_is_fitted_by_columns),
		cmocka_unit_test(lines_are_indented),
		cmocka_unit_test(json_stays_the_same_document),
		cmocka_unit_test(arguments_are_quoted),
		cmocka_unit_test(colour_is_only_painted_when_wanted),
		cmocka_unit_test(a_table_is_aligned_for_chinese),
		cmocka_unit_test(a_terminal_is_kept_within_its_width),
		cmocka_unit_test(what_does_not_fit_is_spared_then_cut),
		cmocka_unit_test(a_row_may_be_short),
		cmocka_unit_test(
			a_rare_column_is_shown_when_it_holds_something),
		cmocka_unit_test(an_empty_table_prints_nothing),
		cmocka_unit_test(items_are_taken_as_they_are),
		cmocka_unit_test(pages_are_joined),
		cmocka_unit_test(a_query_says_what_is_there),
		cmocka_unit_test(a_query_is_read_back),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
