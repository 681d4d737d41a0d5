/* What a status means is said in C, by the core, and in SQL, where rows are
 * chosen by it: both say the same of every word there is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>

#include "daemon/core/lifecycle.h"
#include "daemon/store/booking.h"
#include "tests/support/desk.h"

static struct desk desk;

static int setup(void **state)
{
	(void)state;
	desk_begin(&desk);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	desk_end(&desk);
	return 0;
}

static void set_request(int status)
{
	char sql[100];

	snprintf(sql, sizeof(sql), "UPDATE request SET status = '%s'",
		 words_name(&words_request_status, status));
	scratch_run(desk.house.db, sql);
}

static void set_booking(int status, int64_t hold_until)
{
	char sql[100];

	snprintf(sql, sizeof(sql),
		 "UPDATE booking SET status = '%s', hold_until = %" PRId64,
		 words_name(&words_booking_status, status), hold_until);
	scratch_run(desk.house.db, sql);
}

static enum rc list_step(struct work *w, void *arg)
{
	struct msg_list_query all;

	proto_clear(&msg_list_query_table, &all);
	return work_request_list(w, &all, arg);
}

static void an_expert_is_listed_what_they_may_see(void **state)
{
	struct on on = {.code = desk_accepted(&desk, &desk.one, "P-1")};
	struct msg_request_list list;

	(void)state;
	for (int s = 0; s < REQUEST_COUNT; s++) {
		bool theirs = core_request_assigned((enum request_status)s);

		set_request(s);
		assert_int_equal(
			RC_OK, desk_do(&desk, &desk.surgeon, list_step, &list));
		assert_int_equal(theirs, list.items.n);
		assert_int_equal(theirs ? RC_OK : RC_NOT_FOUND,
				 desk_do(&desk, &desk.surgeon, show_step, &on));
	}
}

static enum rc of_request_step(struct work *w, void *arg)
{
	const struct on *on = arg;
	struct request r;
	struct booking b;
	enum rc rc = request_by_code(w->tx, on->code, w->arena, &r, &w->err);

	if (rc == RC_OK)
		rc = booking_of_request(w->tx, r.id, w->arena, &b, &w->err);
	return rc;
}

static void a_request_has_the_booking_that_stands(void **state)
{
	const char *code = desk_accepted(&desk, &desk.one, "P-2");
	const int64_t now = desk.house.scratch.now;
	struct on on = {.code = code};

	(void)state;
	desk_booked(&desk, &desk.one, code, DESK_MONDAY);
	for (int i = 0; i < BOOKING_COUNT * 3; i++) {
		int64_t until = now - 1 + i % 3;
		bool stands = core_booking_live((enum booking_status)(i / 3),
						until, now);

		set_booking(i / 3, until);
		assert_int_equal(
			stands ? RC_OK : RC_NOT_FOUND,
			desk_do(&desk, &desk.one, of_request_step, &on));
		assert_int_equal(RC_OK,
				 desk_do(&desk, &desk.one, show_step, &on));
		assert_int_equal(stands, on.r.booking != NULL);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_expert_is_listed_what_they_may_see),
		TEST(a_request_has_the_booking_that_stands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
