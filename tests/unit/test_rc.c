#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/text.h"
#include "base/words.h"

static void every_result_has_its_row(void **state)
{
	(void)state;
	for (int i = 0; i < RC_COUNT; i++) {
		const struct rc_row *row = rc_row((enum rc)i);

		assert_true(text_slug(row->code, strlen(row->code)));
		assert_true(row->http == 0 ||
			    (row->http >= 200 && row->http <= 599));
		assert_in_range(row->exit, 0, 6);
		assert_int_equal(row->exit == 0, i == RC_OK);
		assert_true(strlen(row->fhir) > 0);
		assert_true(strlen(row->title) > 0);
		assert_int_equal(rc_from_code(row->code), i);
		for (int other = 0; other < i; other++)
			assert_string_not_equal(row->code,
						rc_row((enum rc)other)->code);
	}
}

static void what_is_no_result_is_internal(void **state)
{
	(void)state;
	assert_ptr_equal(rc_row(RC_COUNT), rc_row(RC_INTERNAL));
	assert_ptr_equal(rc_row((enum rc) - 1), rc_row(RC_INTERNAL));
	assert_ptr_equal(rc_row((enum rc)12345), rc_row(RC_INTERNAL));
	assert_int_equal(rc_from_code(""), RC_INTERNAL);
	assert_int_equal(rc_from_code("okay"), RC_INTERNAL);
}

static void an_error_keeps_its_text(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(err_set(NULL, RC_BUSY, "%d", 1), RC_BUSY);
	assert_int_equal(err_set(&err, RC_BUSY, "%d of %s", 1, "two"), RC_BUSY);
	assert_int_equal(err.rc, RC_BUSY);
	assert_string_equal(err.text, "1 of two");
	err_set(&err, RC_IO, "a\nb\tc\x1b[2J\x7f");
	assert_string_equal(err.text, "a b c [2J ");
}

/* Text of every length around the bound, of characters of every length. */
static void a_long_error_stays_utf8(void **state)
{
	static const char *const chars[] = {"x", "é", "中", "𝄞"};
	char text[ERR_TEXT_MAX * 2];
	struct err err;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		for (size_t lead = 0; lead < 4; lead++) {
			size_t len = lead;

			memset(text, 'x', lead);
			while (len < ERR_TEXT_MAX + 10) {
				memcpy(text + len, chars[i], strlen(chars[i]));
				len += strlen(chars[i]);
				text[len] = '\0';
				err_set(&err, RC_IO, "%s", text);
				assert_true(
					text_utf8(err.text, strlen(err.text)));
				if (len < ERR_TEXT_MAX)
					assert_string_equal(err.text, text);
				else
					assert_in_range(strlen(err.text),
							ERR_TEXT_MAX - 4,
							ERR_TEXT_MAX - 1);
			}
		}
}

static void every_word_is_found(void **state)
{
	static const struct words *const sets[] = {
		&words_kind,	       &words_urgency, &words_request_status,
		&words_booking_status, &words_subject, &words_claim_role,
		&words_role,	       &words_block};

	(void)state;
	for (size_t s = 0; s < sizeof(sets) / sizeof(sets[0]); s++)
		for (int i = 0; i < sets[s]->count; i++) {
			const char *name = words_name(sets[s], i);
			size_t len = strlen(name);

			assert_true(text_slug(name, len));
			assert_int_equal(words_find(sets[s], name, len), i);
			assert_int_equal(words_find(sets[s], name, len - 1),
					 -1);
			assert_int_equal(words_find(sets[s], name, len + 1),
					 -1);
		}
}

static void words_and_enums_agree(void **state)
{
	(void)state;
	assert_int_equal(words_kind.count, KIND_COUNT);
	assert_int_equal(words_urgency.count, URGENCY_COUNT);
	assert_int_equal(words_request_status.count, REQUEST_COUNT);
	assert_int_equal(words_booking_status.count, BOOKING_COUNT);
	assert_int_equal(words_subject.count, SUBJECT_COUNT);
	assert_int_equal(words_claim_role.count, CLAIM_COUNT);
	assert_int_equal(words_role.count, ROLE_COUNT);
	assert_int_equal(words_block.count, BLOCK_COUNT);
	assert_true(KIND_COUNT <= 32); /* kindset */
	assert_string_equal(words_name(&words_kind, KIND_REFERRAL), "referral");
	assert_string_equal(words_name(&words_block, BLOCK_NO_ROOM), "no-room");
	assert_string_equal(words_name(&words_kind, -1), "?");
	assert_string_equal(words_name(&words_kind, KIND_COUNT), "?");
	assert_int_equal(words_find(&words_kind, "", 0), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_result_has_its_row),
		cmocka_unit_test(what_is_no_result_is_internal),
		cmocka_unit_test(an_error_keeps_its_text),
		cmocka_unit_test(a_long_error_stays_utf8),
		cmocka_unit_test(every_word_is_found),
		cmocka_unit_test(words_and_enums_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
