#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "daemon/store/seal.h"
#include "tests/support/scratch.h"

static struct scratch scratch;
static struct tx tx;
static struct buf sealed, plain;

static const struct seal_place place = {"request.papers", 7, 2};
static const char text[] = "Zhang San";

static int set_up(void **state)
{
	(void)state;
	scratch_begin(&scratch);
	tx = scratch_tx(&scratch, NULL);
	buf_init(&sealed, 1000);
	buf_init(&plain, 1000);
	return seal_close(&tx, &place, text, strlen(text), &sealed, NULL) ==
			       RC_OK
		       ? 0
		       : -1;
}

static int tear_down(void **state)
{
	(void)state;
	buf_fini(&sealed);
	buf_fini(&plain);
	scratch_end(&scratch);
	return 0;
}

static enum rc open_at(const char *column, int64_t row, int64_t site)
{
	const struct seal_place at = {column, row, site};

	buf_reset(&plain);
	return seal_open(&tx, &at, sealed.data, sealed.len, &plain, NULL);
}

static void test_there_and_back(void **state)
{
	(void)state;
	assert_int_equal(sealed.len, strlen(text) + CRYPT_SEAL_EXTRA);
	assert_null(memmem(sealed.data, sealed.len, text, 4));
	assert_int_equal(open_at("request.papers", 7, 2), RC_OK);
	assert_string_equal(buf_cstr(&plain), text);
}

static void test_elsewhere(void **state)
{
	(void)state;
	assert_int_equal(open_at("request.paper", 7, 2), RC_CORRUPT);
	assert_int_equal(open_at("request.papersx", 7, 2), RC_CORRUPT);
	assert_int_equal(open_at("event.body", 7, 2), RC_CORRUPT);
	assert_int_equal(open_at("request.papers", 8, 2), RC_CORRUPT);
	assert_int_equal(open_at("request.papers", 7, 1), RC_CORRUPT);
	assert_int_equal(open_at("request.papers", 2, 7), RC_CORRUPT);
	assert_int_equal(plain.len, 0);
}

static void test_any_changed_byte(void **state)
{
	(void)state;
	for (size_t i = 0; i < sealed.len; i++) {
		sealed.data[i] ^= 1;
		assert_int_equal(open_at("request.papers", 7, 2), RC_CORRUPT);
		sealed.data[i] ^= 1;
	}
	assert_int_equal(open_at("request.papers", 7, 2), RC_OK);
}

static void test_other_key(void **state)
{
	(void)state;
	scratch.env.keys.field[0].bytes[0] ^= 1;
	assert_int_equal(open_at("request.papers", 7, 2), RC_CORRUPT);
}

static void test_never_alike(void **state)
{
	struct buf again;

	(void)state;
	buf_init(&again, 1000);
	assert_int_equal(
		seal_close(&tx, &place, text, strlen(text), &again, NULL),
		RC_OK);
	assert_int_equal(again.len, sealed.len);
	assert_memory_not_equal(again.data, sealed.data, sealed.len);
	buf_fini(&again);
}

static void test_patient_slug(void **state)
{
	char one[SEAL_PATIENT_SLUG_LEN + 1], two[SEAL_PATIENT_SLUG_LEN + 1];
	struct crypt_key key;

	(void)state;
	memset(key.bytes, 0x22, sizeof(key.bytes));
	/* half the HMAC-SHA-256 of "lead\x1f4711" under 32 bytes 0x22 */
	seal_patient_slug(&key, "lead", "4711", one);
	assert_string_equal(one, "p-a2a82600bd2473c36d12bc5e3a3289eb");
	seal_patient_slug(&key, "lead", "4711", two);
	assert_string_equal(one, two);
	seal_patient_slug(&key, "lea", "d4711", two);
	assert_string_not_equal(one, two);
	seal_patient_slug(&key, "partner", "4711", two);
	assert_string_not_equal(one, two);
	key.bytes[5] ^= 1;
	seal_patient_slug(&key, "lead", "4711", two);
	assert_string_not_equal(one, two);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_there_and_back),   TEST(test_elsewhere),
		TEST(test_any_changed_byte), TEST(test_other_key),
		TEST(test_never_alike),	     TEST(test_patient_slug),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
