#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void integers(void **state)
{
	static const struct {
		const char *s;
		int64_t min, max;
		int64_t value;
	} rows[] = {
		{"0", INT64_MIN, INT64_MAX, 0},
		{"7", 7, 7, 7},
		{"-7", -7, -7, -7},
		{"10", 0, 10, 10},
		{"9223372036854775807", INT64_MIN, INT64_MAX, INT64_MAX},
		{"-9223372036854775808", INT64_MIN, INT64_MAX, INT64_MIN},
		{"-9223372036854775807", INT64_MIN, INT64_MAX, -INT64_MAX},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t value;

		if (!text_int(rows[i].s, strlen(rows[i].s), rows[i].min,
			      rows[i].max, &value))
			fail_msg("refused %s", rows[i].s);
		assert_true(value == rows[i].value);
	}
}

static void what_is_no_integer(void **state)
{
	static const char *const bad[] = {
		"",
		"-",
		"+5",
		"+",
		"00",
		"01",
		"-0",
		"-01",
		"--1",
		" 1",
		"1 ",
		"0x1",
		"1e3",
		"1.0",
		"1_000",
		"1,000",
		"1\n",
		"\t1",
		"/",
		":",
		"1/",
		"1:",
		"１",
		"9223372036854775808",
		"-9223372036854775809",
		"18446744073709551616",
		"99999999999999999999999999999999999999",
		"-99999999999999999999999999999999999999",
	};
	int64_t value = 42;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (text_int(bad[i], strlen(bad[i]), INT64_MIN, INT64_MAX,
			     &value))
			fail_msg("took %s", bad[i]);
	assert_false(text_int("1\0", 2, 0, 10, &value));
	assert_false(text_int("11", 2, 0, 10, &value));
	assert_false(text_int("-1", 2, 0, 10, &value));
	assert_false(text_int("4", 1, 5, 10, &value));
	assert_int_equal(value, 42);
	/* and it does not look beyond its length */
	assert_true(text_int("123", 2, 0, 100, &value));
	assert_int_equal(value, 12);
	assert_false(text_int("-1", 1, -9, 9, &value));
}

static size_t encode(uint32_t c, char *out)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 63));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 63));
		out[2] = (char)(0x80 | (c & 63));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 63));
	out[2] = (char)(0x80 | (c >> 6 & 63));
	out[3] = (char)(0x80 | (c & 63));
	return 4;
}

static void every_code_point(void **state)
{
	(void)state;
	for (uint32_t c = 0; c < 0x1fffff; c++) {
		int well = c != 0 && c <= 0x10ffff &&
			   !(c >= 0xd800 && c <= 0xdfff);
		int control = c < 0x20 || (c >= 0x7f && c <= 0x9f);
		int line = c == '\t' || c == '\r' || c == '\n';
		char s[4];
		size_t len = encode(c, s);

		if (text_utf8(s, len) != well ||
		    text_printable(s, len, false) != (well && !control) ||
		    text_printable(s, len, true) !=
			    (well && (!control || line)))
			fail_msg("U+%04X", c);
		if (well && text_utf8_len(s, len) != 1)
			fail_msg("length of U+%04X", c);
		for (size_t cut = 1; cut < len; cut++)
			if (text_utf8(s, cut))
				fail_msg("cut U+%04X", c);
	}
}

static void what_is_not_utf8(void **state)
{
	static const char *const bad[] = {
		"\x80",
		"\xbf",
		"\xc0\x80", /* overlong */
		"\xc0\xaf",
		"\xc1\xbf",
		"\xe0\x80\xaf",
		"\xe0\x9f\xbf",
		"\xf0\x80\x80\xaf",
		"\xf0\x8f\xbf\xbf",
		"\xed\xa0\x80", /* surrogates */
		"\xed\xbf\xbf",
		"\xed\xa0\xbd\xed\xb8\x80",
		"\xf4\x90\x80\x80", /* beyond U+10FFFF */
		"\xf5\x80\x80\x80",
		"\xf8\x88\x80\x80\x80",
		"\xfc\x84\x80\x80\x80\x80",
		"\xfe",
		"\xff",
		"a\xe4\xb8", /* cut */
		"\xe4\xb8z",
		"\xe4z\xad",
		"\xf0\x9d\x84z",
		"\xf0\x9dz\x9e",
		"\xe4\xb8\xad\xad",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		if (text_utf8(bad[i], strlen(bad[i])))
			fail_msg("took row %d", (int)i);
		assert_false(text_printable(bad[i], strlen(bad[i]), true));
	}
	assert_false(text_utf8("a\0b", 3));
	assert_true(text_utf8("", 0));
	assert_true(text_printable("", 0, false));
	assert_true(text_utf8("远程会诊 𝄞 é", 20));
	assert_int_equal(text_utf8_len("远程会诊 𝄞 é", 20), 8);
	assert_true(text_printable("a\r\n\tb", 5, true));
	assert_false(text_printable("a\nb", 3, false));
	assert_true(text_blank("", 0));
	assert_true(text_blank(" \t\r\n\xc2\xa0\xe3\x80\x80", 9));
	assert_false(text_blank("\xe3\x80\x80-", 4));
	assert_false(text_blank("\xe3\x80\x81", 3));
	assert_false(text_blank("\xe3\x80", 2));
}

static void slugs_and_references(void **state)
{
	static const char *const good[] = {"a",	   "0",	   "anzhen",
					   "or-2", "a--b", "0-0"};
	static const char *const bad[] = {
		"",    "-",   "-a", "a-",  "A",	    "a_b", "a.b",
		"a b", "a/b", "中", "a\n", "a\x7f", "`",   "{",
		"a@",  "a[",  "/",  ":",   "..",
	};
	static const char *const refs[] = {"anzhen/or-2", "a/b", "0/0"};
	static const char *const no_refs[] = {
		"",	"/",   "a/",  "/b",   "a",    "a/b/c",
		"a//b", "A/b", "a/B", "a-/b", "a/-b", "a /b",
	};
	char longest[2 * SLUG_MAX + 3];

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(text_slug(good[i], strlen(good[i])));
	for (size_t i = 0; i < COUNT(bad); i++)
		if (text_slug(bad[i], strlen(bad[i])))
			fail_msg("took %s", bad[i]);
	for (size_t i = 0; i < COUNT(refs); i++)
		assert_true(text_ref(refs[i], strlen(refs[i])));
	for (size_t i = 0; i < COUNT(no_refs); i++)
		if (text_ref(no_refs[i], strlen(no_refs[i])))
			fail_msg("took %s", no_refs[i]);
	memset(longest, 'a', sizeof(longest));
	assert_true(text_slug(longest, SLUG_MAX));
	assert_false(text_slug(longest, SLUG_MAX + 1));
	longest[SLUG_MAX] = '/';
	assert_true(text_ref(longest, 2 * SLUG_MAX + 1));
	assert_false(text_ref(longest, 2 * SLUG_MAX + 2));
	assert_false(text_slug("a\0b", 3));
}

static void hex(void **state)
{
	unsigned char bytes[256], back[256];
	char shown[513];

	(void)state;
	for (int i = 0; i < 256; i++)
		bytes[i] = (unsigned char)i;
	text_hex(bytes, 256, shown);
	assert_int_equal(strlen(shown), 512);
	assert_memory_equal(shown, "000102030405060708090a0b0c0d0e0f10", 34);
	assert_true(text_unhex(shown, 512, back, 256));
	assert_memory_equal(bytes, back, 256);
	memset(back, 7, sizeof(back));
	assert_false(text_unhex(shown, 512, back, 255));
	assert_false(text_unhex(shown, 511, back, 256));
	assert_false(text_unhex("0", 1, back, 0));
	assert_false(text_unhex("0g", 2, back, 1));
	assert_false(text_unhex("g0", 2, back, 1));
	assert_false(text_unhex("AB", 2, back, 1));
	assert_false(text_unhex("0x", 2, back, 1));
	assert_false(text_unhex(" 1", 2, back, 1));
	assert_false(text_unhex("00/:", 4, back, 2));
	assert_int_equal(back[0], 7);
	assert_true(text_unhex("", 0, back, 0));
}

/* RFC 4648 section 10, and the digits at the end of the alphabet. */
static void base64(void **state)
{
	static const char *const rows[][2] = {
		{"", ""},
		{"f", "Zg=="},
		{"fo", "Zm8="},
		{"foo", "Zm9v"},
		{"foob", "Zm9vYg=="},
		{"fooba", "Zm9vYmE="},
		{"foobar", "Zm9vYmFy"},
		{"\xfb\xff\xbf", "+/+/"},
	};
	char out[32];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		text_base64(rows[i][0], strlen(rows[i][0]), out);
		assert_string_equal(out, rows[i][1]);
		assert_int_equal(strlen(out),
				 TEXT_BASE64_LEN(strlen(rows[i][0])));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers),
		cmocka_unit_test(what_is_no_integer),
		cmocka_unit_test(every_code_point),
		cmocka_unit_test(what_is_not_utf8),
		cmocka_unit_test(slugs_and_references),
		cmocka_unit_test(hex),
		cmocka_unit_test(base64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
