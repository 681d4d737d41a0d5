#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "daemon/store/idem.h"
#include "tests/support/scratch.h"

static struct scratch scratch;
static struct db *db;
static struct tx tx;

static const struct idem_key base_key = {1, "POST /v1/bookings", "k1", {7}};

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

static void keep(const struct idem_key *key, int status, const char *body)
{
	struct idem_answer answer = {.status = status,
				     .etag = "\"1\"",
				     .location = "/v1/bookings/X"};

	buf_init(&answer.body, 1000);
	buf_str(&answer.body, body);
	assert_int_equal(idem_keep(&tx, key, &answer, NULL), RC_OK);
	buf_fini(&answer.body);
}

static enum rc find(const struct idem_key *key)
{
	struct idem_answer answer;
	enum rc rc = idem_find(&tx, key, &answer, NULL);

	if (rc == RC_OK)
		buf_fini(&answer.body);
	return rc;
}

static void test_first_answer(void **state)
{
	struct idem_answer answer;

	(void)state;
	assert_int_equal(find(&base_key), RC_NOT_FOUND);
	keep(&base_key, 201, "{\"code\":\"X\"}");
	assert_int_equal(idem_find(&tx, &base_key, &answer, NULL), RC_OK);
	assert_int_equal(answer.status, 201);
	assert_string_equal(answer.etag, "\"1\"");
	assert_string_equal(answer.location, "/v1/bookings/X");
	assert_string_equal(buf_cstr(&answer.body), "{\"code\":\"X\"}");
	buf_fini(&answer.body);
}

static void test_empty_body(void **state)
{
	struct idem_answer answer;

	(void)state;
	keep(&base_key, 204, "");
	assert_int_equal(idem_find(&tx, &base_key, &answer, NULL), RC_OK);
	assert_int_equal(answer.status, 204);
	assert_int_equal(answer.body.len, 0);
	buf_fini(&answer.body);
}

static void test_other_body(void **state)
{
	struct idem_key key = base_key;
	struct err err = ERR_INIT;
	struct idem_answer answer;

	(void)state;
	keep(&base_key, 201, "x");
	key.body_hash[31] = 1;
	assert_int_equal(idem_find(&tx, &key, &answer, &err), RC_KEY_REUSED);
	assert_int_equal(err.rc, RC_KEY_REUSED);
}

static void test_scope(void **state)
{
	struct idem_key key = base_key;

	(void)state;
	keep(&base_key, 201, "x");
	key.identity = 2;
	assert_int_equal(find(&key), RC_NOT_FOUND);
	key = base_key;
	key.route = "POST /v1/requests";
	assert_int_equal(find(&key), RC_NOT_FOUND);
	key = base_key;
	key.key = "K1";
	assert_int_equal(find(&key), RC_NOT_FOUND);
	assert_int_equal(find(&base_key), RC_OK);
}

/* Kept for 72 hours, to the second; then the name is free again. */
static void test_expiry(void **state)
{
	struct idem_key key = base_key;

	(void)state;
	keep(&base_key, 201, "x");
	tx.now += IDEM_KEPT - 1;
	assert_int_equal(find(&base_key), RC_OK);
	tx.now += 1;
	assert_int_equal(find(&base_key), RC_NOT_FOUND);
	key.body_hash[0] = 9;
	keep(&key, 200, "y");
	assert_int_equal(find(&key), RC_OK);
	assert_int_equal(find(&base_key), RC_KEY_REUSED);
}

static void test_expire(void **state)
{
	static const char *const names[] = {"a", "b", "c", "d", "e"};
	struct idem_key key = base_key;

	(void)state;
	for (int i = 0; i < 5; i++) {
		key.key = names[i];
		keep(&key, 201, "x");
		tx.now++;
	}
	tx.now += IDEM_KEPT - 2; /* four of five are over */
	assert_int_equal(idem_expire(&tx, 3, NULL), RC_OK);
	assert_int_equal(db_changes(db), 3);
	assert_int_equal(idem_expire(&tx, 3, NULL), RC_OK);
	assert_int_equal(db_changes(db), 1);
	assert_int_equal(find(&key), RC_OK);
	assert_int_equal(scratch_number(db, "SELECT count(*) FROM idempotency"),
			 1);
}

static void test_broken_store(void **state)
{
	struct idem_answer answer;

	(void)state;
	scratch_run(db, "DROP TABLE idempotency");
	assert_int_equal(idem_find(&tx, &base_key, &answer, NULL), RC_INTERNAL);
	assert_int_equal(idem_expire(&tx, 1, NULL), RC_INTERNAL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_first_answer), TEST(test_empty_body),
		TEST(test_other_body),	 TEST(test_scope),
		TEST(test_expiry),	 TEST(test_expire),
		TEST(test_broken_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
