#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "daemon/store/keycheck.h"
#include "tests/support/scratch.h"

static struct scratch scratch;
static struct db *db;
static struct tx tx;

static int set_up(void **state)
{
	(void)state;
	scratch_begin(&scratch);
	db = scratch_open(&scratch);
	tx = scratch_tx(&scratch, db);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	db_close(db);
	scratch_end(&scratch);
	return 0;
}

static void test_right_key(void **state)
{
	(void)state;
	assert_int_equal(keycheck_add(&tx, NULL), RC_OK);
	assert_int_equal(keycheck_verify(&tx, NULL), RC_OK);
	assert_int_equal(keycheck_add(&tx, NULL), RC_EXISTS);
	assert_int_equal(keycheck_verify(&tx, NULL), RC_OK);
}

static void test_never_written(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(keycheck_verify(&tx, &err), RC_NOT_FOUND);
	assert_non_null(strstr(err.text, "teleconsultd init"));
}

static void test_any_other_key(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(keycheck_add(&tx, NULL), RC_OK);
	for (size_t i = 0; i < CRYPT_KEY_LEN; i++) {
		scratch.env.keys.field[0].bytes[i] ^= 1;
		assert_int_equal(keycheck_verify(&tx, &err), RC_FORBIDDEN);
		scratch.env.keys.field[0].bytes[i] ^= 1;
	}
	assert_int_equal(keycheck_verify(&tx, NULL), RC_OK);
}

/* What somebody wrote there instead never passes. */
static void test_forged(void **state)
{
	static const char *const values[] = {"''",
					     "'00'",
					     "'0'",
					     "'xyz'",
					     "hex(zeroblob(43))",
					     "hex(zeroblob(5000))"};

	(void)state;
	assert_int_equal(keycheck_add(&tx, NULL), RC_OK);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		char sql[100] = "UPDATE meta SET value = ";

		strncat(sql, values[i], sizeof(sql) - strlen(sql) - 30);
		strncat(sql, " WHERE name = 'key-check'", 30);
		scratch_run(db, sql);
		assert_int_equal(keycheck_verify(&tx, NULL), RC_FORBIDDEN);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_right_key, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_never_written, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_any_other_key, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_forged, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
