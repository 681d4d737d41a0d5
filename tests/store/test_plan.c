/* The statements that every booking runs find their rows by an index, and those
 * of an import that have to do with bookings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "daemon/store/booking_row.h"
#include "daemon/store/duty_call.h"
#include "daemon/store/network_lean.h"
#include "daemon/store/report.h"
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

/* In full: the words of the plan, one line after the other. */
static void plan_of(const char *sql, char *out, size_t size)
{
	struct query q;
	size_t len = 0;

	out[0] = '\0';
	query_begin(&q, db, sql);
	while (query_row(&q) && len < size)
		len += (size_t)snprintf(out + len, size - len, "%s\n",
					query_col_text(&q, 3));
	assert_int_equal(RC_OK, query_end(&q, NULL));
}

static void a_month_is_counted_in_its_index(void **state)
{
	char plan[512];

	(void)state;
	plan_of("EXPLAIN QUERY PLAN SELECT count(*) FROM booking"
		" WHERE agreement = 1 AND from_time >= 1"
		" AND from_time < 2 AND kind = 'k' AND id <> 3 AND (status IN "
		"('booked')"
		"  OR (status = 'cancelled' AND spent = 1)"
		"  OR (status = 'pending' AND hold_until > 4))",
		plan, sizeof(plan));
	assert_non_null(strstr(plan, "USING COVERING INDEX booking_agreement"));
}

static void a_sites_rooms_are_found_among_its_patients(void **state)
{
	char plan[512];

	(void)state;
	plan_of("EXPLAIN QUERY PLAN SELECT id FROM subject WHERE site = 1"
		" AND type = 'studio' AND type <> 'patient' ORDER BY slug",
		plan, sizeof(plan));
	assert_non_null(strstr(plan, "USING INDEX subject_site"));
}

static void the_oldest_keys_are_found(void **state)
{
	char plan[512];

	(void)state;
	plan_of("EXPLAIN QUERY PLAN DELETE FROM idempotency WHERE id IN"
		" (SELECT id FROM idempotency ORDER BY id LIMIT 5)"
		" AND at <= 9",
		plan, sizeof(plan));
	assert_null(strstr(plan, "TEMP B-TREE"));
	assert_non_null(strstr(plan, "USING INTEGER PRIMARY KEY"));
}

/* However many there were: those that are open, in their order. */
static void who_is_called_finds_what_is_open(void **state)
{
	char plan[512];

	(void)state;
	plan_of("EXPLAIN QUERY PLAN SELECT r.id, r.submitted_at FROM request r"
		" WHERE " SQL_IS_CALLED(
			"1") " AND r.submitted_at >= 1"
			     " ORDER BY r.submitted_at DESC, r.id DESC LIMIT 9",
		plan, sizeof(plan));
	assert_non_null(strstr(plan, "USING INDEX request_called"));
	assert_non_null(strstr(plan, "USING INDEX duty_call_expert"
				     " (expert=? AND request=?)"));
	assert_null(strstr(plan, "TEMP B-TREE"));
}

/* Reports read what is of their time, whatever came before it. */
static void reports_look_at_their_time_alone(void **state)
{
	static char explained[REPORT_COUNT][8192];

	(void)state;
	for (int i = 0; i < REPORT_COUNT; i++) {
		int len = snprintf(explained[i], sizeof(explained[i]),
				   "EXPLAIN QUERY PLAN %s", report_sql[i]);

		assert_in_range(len, 1, (int)sizeof(explained[i]) - 1);
		assert_false(scans(explained[i], "b"));
		assert_false(scans(explained[i], "r"));
		assert_false(scans(explained[i], "o"));
		assert_false(scans(explained[i], "d"));
		assert_false(scans(explained[i], "c"));
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_requests_booking_is_found),
		TEST(lapsed_holds_are_found),
		TEST(a_month_is_counted_in_its_index),
		TEST(a_sites_rooms_are_found_among_its_patients),
		TEST(the_oldest_keys_are_found),
		TEST(who_is_called_finds_what_is_open),
		TEST(the_seconded_come_before_their_claims),
		TEST(reports_look_at_their_time_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
