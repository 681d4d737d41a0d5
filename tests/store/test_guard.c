/*
 * The guard against a model that is too simple to be wrong: a list of claims,
 * and the depth counted at every moment of a short stretch of time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "tests/support/scratch.h"

#define SPAN 60	    /* moments 0..59 */
#define BOOKINGS 40 /* one claim each */
#define SUBJECTS 4
#define STEPS 8000

static struct scratch scratch;
static struct db *db;

static int set_up(void **state)
{
	(void)state;
	scratch_begin(&scratch);
	db = scratch_open(&scratch);
	scratch_basics(db, BOOKINGS);
	scratch_run(db, "INSERT INTO subject (id, type, slug, site, name,"
			" capacity) VALUES (1, 'link', 'a', 1, 'a', 1),"
			" (2, 'link', 'b', 1, 'b', 2),"
			" (3, 'link', 'c', 1, 'c', 1),"
			" (4, 'link', 'd', 1, 'd', 5)");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	db_close(db);
	scratch_end(&scratch);
	return 0;
}

static enum rc claim_in_role(const char *verb, int subject, int from, int to,
			     int booking, const char *role)
{
	char text[200];
	struct err err = ERR_INIT;

	snprintf(text, sizeof(text),
		 "%s INTO claim (subject, from_time, to_time, booking, role)"
		 " VALUES (%d, %d, %d, %d, '%s')",
		 verb, subject, from, to, booking, role);
	return db_script(db, text, &err);
}

static enum rc claim(int subject, int from, int to, int booking)
{
	return claim_in_role("INSERT", subject, from, to, booking, "r");
}

static enum rc change(const char *text)
{
	struct err err = ERR_INIT;

	return db_script(db, text, &err);
}

static void test_one(void **state)
{
	(void)state;
	assert_int_equal(claim(1, 10, 20, 1), RC_OK);
	assert_int_equal(claim(1, 20, 30, 2), RC_OK);
	assert_int_equal(claim(1, 5, 10, 3), RC_OK);
	assert_int_equal(claim(1, 19, 20, 4), RC_REFUSED);
	assert_int_equal(claim(1, 9, 11, 4), RC_REFUSED);
	assert_int_equal(claim(1, 0, 40, 4), RC_REFUSED);
	assert_int_equal(claim(1, 12, 14, 4), RC_REFUSED);
	assert_int_equal(claim(1, 10, 20, 4), RC_REFUSED);
	assert_int_equal(claim(1, 29, 31, 4), RC_REFUSED);
	assert_int_equal(claim(3, 10, 20, 4), RC_OK);
	assert_int_equal(claim(1, 40, 40, 5), RC_RULE);
	assert_int_equal(claim(1, 41, 40, 5), RC_RULE);
	assert_int_equal(claim(9, 41, 42, 5), RC_RULE);
}

/* A booking claims an expert, and buffers before and after. */
static void test_roles(void **state)
{
	(void)state;
	assert_int_equal(claim_in_role("INSERT", 1, 10, 20, 1, "expert"),
			 RC_OK);
	assert_int_equal(claim_in_role("INSERT", 1, 20, 25, 1, "buffer"),
			 RC_OK);
	assert_int_equal(claim_in_role("INSERT", 1, 5, 10, 1, "buffer"), RC_OK);
	assert_int_equal(claim_in_role("INSERT", 1, 24, 26, 1, "x"),
			 RC_REFUSED);
	assert_int_equal(claim_in_role("INSERT", 4, 5, 9, 1, "a"), RC_OK);
	assert_int_equal(claim_in_role("INSERT", 4, 5, 9, 1, "b"), RC_OK);
	assert_int_equal(claim_in_role("INSERT", 4, 5, 9, 1, "b"), RC_EXISTS);
}

/* Depth, not the sum of what overlaps. */
static void test_many(void **state)
{
	(void)state;
	assert_int_equal(claim(2, 0, 100, 1), RC_OK);
	assert_int_equal(claim(2, 10, 20, 2), RC_OK);
	assert_int_equal(claim(2, 30, 40, 3), RC_OK);
	assert_int_equal(claim(2, 20, 30, 4), RC_OK);
	assert_int_equal(claim(2, 35, 50, 5), RC_REFUSED);
	assert_int_equal(claim(2, 5, 11, 5), RC_REFUSED);
	assert_int_equal(claim(2, 40, 100, 5), RC_OK);
	assert_int_equal(claim(2, 99, 101, 6), RC_REFUSED);
	assert_int_equal(claim(2, 100, 101, 6), RC_OK);
}

static void test_updates(void **state)
{
	(void)state;
	assert_int_equal(claim(1, 10, 20, 1), RC_OK);
	assert_int_equal(claim(1, 30, 40, 2), RC_OK);
	assert_int_equal(change("UPDATE claim SET to_time = 30"
				" WHERE booking = 1"),
			 RC_OK);
	assert_int_equal(change("UPDATE claim SET to_time = 31"
				" WHERE booking = 1"),
			 RC_REFUSED);
	assert_int_equal(change("UPDATE claim SET from_time = 29"
				" WHERE booking = 2"),
			 RC_REFUSED);
	assert_int_equal(change("UPDATE claim SET from_time = 5, to_time = 45"
				" WHERE booking = 1"),
			 RC_REFUSED);
	assert_int_equal(change("UPDATE claim SET from_time = 12, to_time = 14"
				" WHERE booking = 1"),
			 RC_OK);
	assert_int_equal(claim(3, 33, 34, 3), RC_OK);
	assert_int_equal(change("UPDATE claim SET subject = 1"
				" WHERE booking = 3"),
			 RC_REFUSED);
	assert_int_equal(change("UPDATE claim SET subject = 9"
				" WHERE booking = 3"),
			 RC_RULE);
	assert_int_equal(change("UPDATE claim SET hold_until = 7"), RC_OK);
}

/* No form of words gets past it. */
static void test_by_ways(void **state)
{
	(void)state;
	assert_int_equal(claim(1, 10, 20, 1), RC_OK);
	assert_int_equal(claim_in_role("INSERT OR IGNORE", 1, 15, 16, 2, "r"),
			 RC_REFUSED);
	assert_int_equal(claim_in_role("INSERT OR REPLACE", 1, 15, 16, 2, "r"),
			 RC_REFUSED);
	assert_int_equal(claim_in_role("REPLACE", 1, 10, 20, 1, "r"),
			 RC_REFUSED);
	assert_int_equal(claim(1, 20, 30, 2), RC_OK);
	assert_int_equal(change("UPDATE OR REPLACE claim SET from_time = 10"
				" WHERE booking = 2"),
			 RC_REFUSED);
	assert_int_equal(change("UPDATE OR IGNORE claim SET from_time = 10"
				" WHERE booking = 2"),
			 RC_REFUSED);

	assert_int_equal(claim(2, 10, 20, 3), RC_OK);
	assert_int_equal(claim(2, 10, 20, 4), RC_OK);
	assert_int_equal(change("REPLACE INTO subject (id, type, slug, site,"
				" name, capacity)"
				" VALUES (2, 'link', 'b', 1, 'b', 1)"),
			 RC_RULE);
	assert_int_equal(change("UPDATE subject SET longest = 1 WHERE id = 2"),
			 RC_RULE);
	assert_int_equal(change("UPDATE subject SET id = 7 WHERE id = 2"),
			 RC_RULE);
	assert_int_equal(change("DELETE FROM subject WHERE id = 2"), RC_RULE);
	assert_int_equal(change("PRAGMA foreign_keys = OFF"), RC_OK);
	assert_int_equal(change("UPDATE subject SET id = 7 WHERE id = 2"),
			 RC_RULE);
	assert_int_equal(claim(77, 1, 2, 1), RC_RULE);
	assert_int_equal(scratch_number(db, "SELECT count(*) FROM claim"), 4);
}

static void test_capacity(void **state)
{
	(void)state;
	assert_int_equal(claim(4, 0, 50, 1), RC_OK);
	assert_int_equal(claim(4, 10, 20, 2), RC_OK);
	assert_int_equal(claim(4, 15, 30, 3), RC_OK);
	assert_int_equal(change("UPDATE subject SET capacity = 2 WHERE id = 4"),
			 RC_REFUSED);
	assert_int_equal(change("UPDATE subject SET capacity = 3 WHERE id = 4"),
			 RC_OK);
	assert_int_equal(change("DELETE FROM claim WHERE booking = 3"), RC_OK);
	assert_int_equal(change("UPDATE subject SET capacity = 2 WHERE id = 4"),
			 RC_OK);
	assert_int_equal(change("UPDATE subject SET capacity = 1 WHERE id = 4"),
			 RC_REFUSED);
	assert_int_equal(change("DELETE FROM claim WHERE booking = 1"), RC_OK);
	assert_int_equal(change("UPDATE subject SET capacity = 1 WHERE id = 4"),
			 RC_OK);
	assert_int_equal(claim(4, 15, 16, 4), RC_REFUSED);
	assert_int_equal(change("DELETE FROM claim"), RC_OK);
	assert_int_equal(change("UPDATE subject SET capacity = 0 WHERE id = 4"),
			 RC_RULE);
}

/* The longest claim reaches as far as it can. */
static void test_capacity_reach(void **state)
{
	(void)state;
	assert_int_equal(claim(2, 0, 10, 1), RC_OK);
	assert_int_equal(claim(2, 9, 10, 2), RC_OK);
	assert_int_equal(claim(2, 9, 10, 3), RC_REFUSED);
	assert_int_equal(change("UPDATE subject SET capacity = 1 WHERE id = 2"),
			 RC_REFUSED);
}

/* A second connection meets the same guard. */
static void test_other_connection(void **state)
{
	struct err err = ERR_INIT;
	struct db *first = db, *second;
	enum rc rc;

	(void)state;
	assert_int_equal(claim(1, 10, 20, 1), RC_OK);
	assert_int_equal(db_open(scratch.path, DB_WRITER, NULL, &second, &err),
			 RC_OK);
	db = second;
	rc = claim(1, 15, 25, 2);
	db = first;
	db_close(second);
	assert_int_equal(rc, RC_REFUSED);
}

/* ---- the model ---- */

struct model {
	int capacity[SUBJECTS + 1];
	struct {
		int subject, from, to; /* subject 0: none */
	} claims[BOOKINGS + 1];
};

static bool model_holds(const struct model *m, int subject)
{
	for (int at = 0; at < SPAN; at++) {
		int depth = 0;

		for (int b = 1; b <= BOOKINGS; b++)
			depth += m->claims[b].subject == subject &&
				 m->claims[b].from <= at &&
				 at < m->claims[b].to;
		if (depth > m->capacity[subject])
			return false;
	}
	return true;
}

/* Does as the model says it must; answers whether the two agree. */
static bool agree(struct model *m, const struct model *changed, int subject,
		  const char *text)
{
	bool may = model_holds(changed, subject);
	enum rc rc = change(text);

	if (may)
		*m = *changed;
	return rc == (may ? RC_OK : RC_REFUSED);
}

static bool step_claim(struct model *m, uint64_t *rnd, int b)
{
	struct model next = *m;
	int subject = 1 + (int)scratch_random(rnd, SUBJECTS);
	int from = (int)scratch_random(rnd, SPAN - 1);
	int longest = scratch_random(rnd, 8) == 0 ? SPAN : 8;
	int to = from + 1 + (int)scratch_random(rnd, (uint64_t)longest);
	char text[200];

	if (to > SPAN)
		to = SPAN;
	if (m->claims[b].subject == 0)
		snprintf(text, sizeof(text),
			 "INSERT INTO claim (subject, from_time, to_time,"
			 " booking, role) VALUES (%d, %d, %d, %d, 'r')",
			 subject, from, to, b);
	else
		snprintf(text, sizeof(text),
			 "UPDATE claim SET subject = %d, from_time = %d,"
			 " to_time = %d WHERE booking = %d",
			 subject, from, to, b);
	next.claims[b].subject = subject;
	next.claims[b].from = from;
	next.claims[b].to = to;
	return agree(m, &next, subject, text);
}

static bool step_delete(struct model *m, int b)
{
	struct model next = *m;
	char text[80];

	snprintf(text, sizeof(text), "DELETE FROM claim WHERE booking = %d", b);
	next.claims[b].subject = 0;
	return agree(m, &next, 1, text);
}

static bool step_capacity(struct model *m, uint64_t *rnd)
{
	struct model next = *m;
	int subject = 1 + (int)scratch_random(rnd, SUBJECTS);
	char text[80];

	next.capacity[subject] = 1 + (int)scratch_random(rnd, 5);
	snprintf(text, sizeof(text),
		 "UPDATE subject SET capacity = %d WHERE id = %d",
		 next.capacity[subject], subject);
	return agree(m, &next, subject, text);
}

static void test_against_model(void **state)
{
	struct model m = {.capacity = {0, 1, 2, 1, 5}};
	uint64_t seed = scratch_seed();
	uint64_t rnd = seed;

	(void)state;
	assert_int_equal(db_begin(db, NULL), RC_OK);
	for (int i = 0; i < STEPS; i++) {
		int b = 1 + (int)scratch_random(&rnd, BOOKINGS);
		uint64_t what = scratch_random(&rnd, 20);
		bool ok;

		if (what == 0)
			ok = step_capacity(&m, &rnd);
		else if (what < 5)
			ok = step_delete(&m, b);
		else
			ok = step_claim(&m, &rnd, b);
		if (!ok)
			fail_msg("step %d, SEED=%llu", i,
				 (unsigned long long)seed);
	}
	assert_int_equal(db_commit(db, NULL), RC_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_one),
		TEST(test_roles),
		TEST(test_many),
		TEST(test_updates),
		TEST(test_by_ways),
		TEST(test_capacity),
		TEST(test_capacity_reach),
		TEST(test_other_connection),
		TEST(test_against_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
