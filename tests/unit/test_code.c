#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/code.h"
#include "tests/support/fake.h"

#define MANY 2000

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static void reads_what_it_makes(void **state)
{
	struct fake_rnd rnd;

	(void)state;
	fake_rnd_init(&rnd, fake_seed());
	for (int i = 0; i < MANY; i++) {
		char shown[CODE_SHOWN_LEN + 1];
		struct code made, read;

		code_make(&rnd.rnd, &made);
		assert_int_equal(strlen(made.s), CODE_LEN);
		assert_true(code_read(made.s, CODE_LEN, &read));
		assert_string_equal(read.s, made.s);
		code_show(&made, shown);
		assert_int_equal(strlen(shown), CODE_SHOWN_LEN);
		assert_int_equal(shown[4], '-');
		assert_true(code_read(shown, CODE_SHOWN_LEN, &read));
		assert_string_equal(read.s, made.s);
	}
}

static void finds_every_wrong_character(void **state)
{
	struct fake_rnd rnd;
	struct code made, read;

	(void)state;
	fake_rnd_init(&rnd, fake_seed());
	for (int i = 0; i < MANY; i++) {
		code_make(&rnd.rnd, &made);
		for (int at = 0; at < CODE_LEN; at++) {
			struct code wrong = made;

			for (const char *c = alphabet; *c != '\0'; c++) {
				wrong.s[at] = *c;
				assert_int_equal(
					code_read(wrong.s, CODE_LEN, &read),
					*c == made.s[at]);
			}
		}
	}
}

static void finds_every_swap_of_neighbours(void **state)
{
	struct fake_rnd rnd;
	struct code made, read;

	(void)state;
	fake_rnd_init(&rnd, fake_seed());
	for (int i = 0; i < MANY; i++) {
		code_make(&rnd.rnd, &made);
		for (int at = 0; at + 1 < CODE_LEN; at++) {
			struct code wrong = made;

			wrong.s[at] = made.s[at + 1];
			wrong.s[at + 1] = made.s[at];
			assert_int_equal(code_read(wrong.s, CODE_LEN, &read),
					 made.s[at] == made.s[at + 1]);
		}
	}
}

static void folds_what_people_confuse(void **state)
{
	static const char *const same[] = {"00000000", "oOoO0000", "OOOO-OOOO",
					   "00 00-00 00", "0000 - 0000"};
	struct fake_rnd rnd;
	struct code read;
	int ones = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		assert_true(code_read(same[i], strlen(same[i]), &read));
		assert_string_equal(read.s, "00000000");
	}
	fake_rnd_init(&rnd, 1);
	for (int i = 0; i < MANY; i++) {
		struct code made, folded;

		code_make(&rnd.rnd, &made);
		folded = made;
		for (char *c = folded.s; *c != '\0'; c++) {
			ones += *c == '1';
			if (*c == '1')
				*c = "IiLl"[i % 4];
			else if (*c >= 'A')
				*c = (char)(*c - 'A' + 'a');
		}
		assert_true(code_read(folded.s, CODE_LEN, &read));
		assert_string_equal(read.s, made.s);
	}
	assert_true(ones > 100);
}

static void refuses_what_is_no_code(void **state)
{
	static const char *const bad[] = {
		"",
		"0",
		"0000000",
		"000000000",
		"-00000000",
		"00000000-",
		" 00000000",
		"00000000 ",
		"0000000U",
		"0000_0000",
		"0000\t0000",
		"0000\n0000",
		"\xef\xbc\x90"
		"0000000",
	};
	struct code read = {"untouch"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(code_read(bad[i], strlen(bad[i]), &read));
	assert_false(code_read("0000\0"
			       "0000",
			       9, &read));
	assert_false(code_read("0000000\0", 8, &read));
	assert_string_equal(read.s, "untouch");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_it_makes),
		cmocka_unit_test(finds_every_wrong_character),
		cmocka_unit_test(finds_every_swap_of_neighbours),
		cmocka_unit_test(folds_what_people_confuse),
		cmocka_unit_test(refuses_what_is_no_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
