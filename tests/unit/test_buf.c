#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "tests/support/fake.h"

static void appends_every_way(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 1000);
	assert_string_equal(buf_cstr(&buf), "");
	buf_add(&buf, "ab", 2);
	buf_add(&buf, NULL, 0);
	buf_chr(&buf, 'c');
	buf_str(&buf, "de");
	buf_printf(&buf, "<%d>%s", -5, "");
	buf_hex(&buf, "\x00\xff\x1a", 3);
	buf_hex(&buf, NULL, 0);
	assert_string_equal(buf_cstr(&buf), "abcde<-5>00ff1a");
	assert_int_equal(buf.len, 15);
	assert_false(buf.failed);
	buf_reset(&buf);
	assert_string_equal(buf_cstr(&buf), "");
	buf_printf(&buf, "%s", "");
	assert_int_equal(buf.len, 0);
	buf_fini(&buf);
	assert_string_equal(buf_cstr(&buf), "");
	buf_chr(&buf, 'x'); /* usable again, with the same bound */
	assert_string_equal(buf_cstr(&buf), "x");
	buf_fini(&buf);
}

static void numbers(void **state)
{
	static const int64_t values[] = {
		0, 1, -1, 9, 10, -10, 99, 1000000, INT64_MAX, INT64_MIN};
	struct buf ours, theirs;

	(void)state;
	buf_init(&ours, 1000);
	buf_init(&theirs, 1000);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		buf_reset(&ours);
		buf_reset(&theirs);
		buf_int(&ours, values[i]);
		buf_printf(&theirs, "%lld", (long long)values[i]);
		assert_string_equal(buf_cstr(&ours), buf_cstr(&theirs));
	}
	buf_fini(&ours);
	buf_fini(&theirs);
}

/* Fills to each bound by each way; what fits is there, what not is refused. */
static void the_bound_holds(void **state)
{
	(void)state;
	for (size_t max = 0; max < 700; max++)
		for (int way = 0; way < 6; way++) {
			struct buf buf;
			size_t last = 0;

			buf_init(&buf, max);
			while (!buf.failed) {
				last = buf.len;
				if (way == 0)
					buf_chr(&buf, 'x');
				else if (way == 1)
					buf_str(&buf, "xxxxxxx");
				else if (way == 2)
					buf_int(&buf, 1234567);
				else if (way == 3)
					buf_printf(&buf, "%7d", 5);
				else if (way == 4)
					buf_hex(&buf, "abc", 3);
				else
					buf_add(&buf, "xxx\0xxx", 7);
				assert_true(buf.len <= max);
				assert_true(buf.cap <= max);
				assert_true(buf.len <= buf.cap);
				if (buf.data != NULL)
					assert_int_equal(buf.data[buf.len], 0);
			}
			assert_int_equal(buf.len, last);
			assert_true(max - buf.len < 7);
			buf_chr(&buf, 'y'); /* failed: nothing is added */
			assert_null(buf_room(&buf, 0));
			assert_int_equal(buf.len, last);
			buf_reset(&buf);
			assert_false(buf.failed);
			buf_fini(&buf);
		}
}

static void room_is_given_or_refused(void **state)
{
	struct buf buf;
	char *p;

	(void)state;
	buf_init(&buf, 100);
	p = buf_room(&buf, 100);
	assert_non_null(p);
	memset(p, 'z', 100);
	buf.len += 100;
	assert_int_equal(strlen(buf_cstr(&buf)), 100);
	assert_non_null(buf_room(&buf, 0));
	assert_null(buf_room(&buf, 1));
	assert_true(buf.failed);
	buf_reset(&buf);
	assert_null(buf_room(&buf, SIZE_MAX));
	buf_reset(&buf);
	buf_hex(&buf, "x", SIZE_MAX / 2 + 1);
	assert_true(buf.failed);
	buf_fini(&buf);
	buf_init(&buf, SIZE_MAX);
	assert_null(buf_room(&buf, SIZE_MAX));
	buf_fini(&buf);
}

static void json_strings(void **state)
{
	static const struct {
		const char *s;
		size_t len;
		const char *json;
	} rows[] = {
		{"", 0, "\"\""},
		{"abc", 3, "\"abc\""},
		{"\"", 1, "\"\\\"\""},
		{"a\\b/c", 5, "\"a\\\\b/c\""},
		{"\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\""},
		{"\0\x01\x1f\x7f", 4, "\"\\u0000\\u0001\\u001f\x7f\""},
		{"会诊\n中", 10, "\"会诊\\n中\""},
		{"x\"y\"", 4, "\"x\\\"y\\\"\""},
	};
	struct buf buf;

	(void)state;
	buf_init(&buf, 1000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_reset(&buf);
		buf_json(&buf, rows[i].s, rows[i].len);
		assert_string_equal(buf_cstr(&buf), rows[i].json);
	}
	buf_fini(&buf);
}

static void memory_that_ends_fails_it(void **state)
{
	struct buf buf;

	(void)state;
	for (uint64_t n = 1; n <= 4; n++) {
		size_t at;

		buf_init(&buf, 100000);
		fake_mem_fail_at(n);
		while (!buf.failed)
			buf_str(&buf, "0123456789");
		assert_int_equal(fake_mem_calls(), n);
		at = buf.len;
		buf_str(&buf, "more");
		fake_mem_restore();
		assert_int_equal(buf.len, at);
		assert_int_equal(at % 10, 0);
		assert_int_equal(strlen(buf_cstr(&buf)), at);
		buf_fini(&buf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(appends_every_way),
		cmocka_unit_test(numbers),
		cmocka_unit_test(the_bound_holds),
		cmocka_unit_test(room_is_given_or_refused),
		cmocka_unit_test(json_strings),
		cmocka_unit_test(memory_that_ends_fails_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
