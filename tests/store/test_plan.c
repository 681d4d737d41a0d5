/* The statements that every booking runs find their rows by an index, and those
 * of an import that have to do with bookings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "daemon/store/booking_row.h"
#include "daemon/store/network_lean.h"
#include "tests/support/scratch.h"

static struct scratch scratch;
static struct db *db;

static int setup(void **state)
{
	(void)state;
	scratch_begin(&scratch);
	db = scratch_open(&scratch);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	db_close(db);
	scratch_end(&scratch);
	return 0;
}

/* The detail stands in the fourth column of EXPLAIN QUERY PLAN. */
static bool scans(const char *sql, const char *table)
{
	bool found = false;
	struct query q;

	query_begin(&q, db, sql);
	while (query_row(&q)) {
		const char *detail = query_col_text(&q, 3);

		print_message("  %s\n", detail);
		found |= strncmp(detail, "SCAN ", 5) == 0 &&
			 strcspn(detail + 5, " ") == strlen(table) &&
			 strncmp(detail + 5, table, strlen(table)) == 0;
	}
	assert_int_equal(RC_OK, query_end(&q, NULL));
	return found;
}

static void a_requests_booking_is_found(void **state)
{
	(void)state;
	assert_false(scans("EXPLAIN QUERY PLAN " SQL_BOOKING
			   " WHERE b.request = 1 AND " SQL_LIVE("2"),
			   "b"));
	assert_true(scans("EXPLAIN QUERY PLAN " SQL_BOOKING
			  " WHERE b.sequence = 1",
			  "b"));
}

static void lapsed_holds_are_found(void **state)
{
	(void)state;
	assert_false(scans("EXPLAIN QUERY PLAN " SQL_BOOKING
			   " WHERE b.status = 'pending' AND b.hold_until <= 1"
			   " ORDER BY b.hold_until LIMIT 1",
			   "b"));
}

static void the_seconded_come_before_their_claims(void **state)
{
	(void)state;
	assert_false(scans("EXPLAIN QUERY PLAN SELECT b.id FROM"
			   " (" NETWORK_SECONDED ") s"
			   " JOIN claim c ON c.subject = s.id"
			   "  AND c.from_time > 2 - s.longest"
			   " JOIN booking b ON b.id = c.booking"
			   " WHERE " SQL_LIVE("2"),
			   "c"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_requests_booking_is_found),
		TEST(lapsed_holds_are_found),
		TEST(the_seconded_come_before_their_claims),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
