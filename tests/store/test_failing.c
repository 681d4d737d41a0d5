/* The steps of a booking's life over a store that fails them (failing.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <unistd.h>

#include "base/log.h"
#include "tests/support/desk.h"
#include "tests/support/failing.h"

static struct desk desk;

static int setup(void **state)
{
	(void)state;
	desk_begin(&desk);
	failing_begin(&desk.house);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	desk_end(&desk);
	return 0;
}

/* --- the life of a booking --- */

struct view {
	struct msg_list_query list;
	struct msg_schedule_query week;
	struct msg_slots_query slots;
	struct msg_request_list requests;
	struct msg_booking_list bookings;
	struct msg_slots found;
	struct msg_schedule plan;
	struct msg_log_report log;
};

static struct view view(void)
{
	struct view v = {.week = {DESK_MONDAY, FIELD_NONE}};

	proto_clear(&msg_list_query_table, &v.list);
	proto_clear(&msg_slots_query_table, &v.slots);
	return v;
}

static enum rc requests_step(struct work *w, void *arg)
{
	struct view *v = arg;

	return work_request_list(w, &v->list, &v->requests);
}

static enum rc bookings_step(struct work *w, void *arg)
{
	struct view *v = arg;

	return work_booking_list(w, &v->list, &v->bookings);
}

static enum rc slots_step(struct work *w, void *arg)
{
	struct view *v = arg;

	return work_slots(w, &v->slots, &v->found);
}

static enum rc schedule_step(struct work *w, void *arg)
{
	struct view *v = arg;

	return work_schedule_subject(w, "coronary-1", &v->week, &v->plan);
}

static enum rc site_step(struct work *w, void *arg)
{
	struct view *v = arg;

	return work_schedule_site(w, "anzhen", &v->week, &v->plan);
}

static enum rc verify_step(struct work *w, void *arg)
{
	struct view *v = arg;

	return work_log_verify(w, &v->log);
}

#define WALK(who, run, arg, rc, table, out)                                    \
	failing_walk(&desk.house,                                              \
		     &(struct failing_step){#run, &desk.who, run, arg, rc,     \
					    &table, out})

static void of_a_request(void **state)
{
	struct ask_for ask = ask_for("liaoyang-central", "P-1");
	struct on on = {.accept.duration_minutes = FIELD_NONE,
			.request = work_request_withdraw,
			.reason = {"moved away"}};
	struct view v = view();

	(void)state;
	WALK(one, submit_step, &ask, RC_OK, msg_request_table, &ask.out);
	on.code = ask.out.code;
	WALK(lead, accept_step, &on, RC_OK, msg_request_table, &on.r);
	WALK(surgeon, show_step, &on, RC_OK, msg_request_table, &on.r);
	WALK(surgeon, requests_step, &v, RC_OK, msg_request_list_table,
	     &v.requests);
	WALK(two, show_step, &on, RC_NOT_FOUND, msg_request_table, &on.r);
	WALK(one, request_step, &on, RC_OK, msg_request_table, &on.r);
}

static void of_a_booking(void **state)
{
	const char *bridge[] = {"anzhen/bridge"};
	const char *a = desk_accepted(&desk, &desk.one, "P-2"),
		   *b = desk_accepted(&desk, &desk.two, "P-3");
	struct take hold = take(a, DESK_MONDAY, true),
		    second = take(b, DESK_MONDAY, false);
	struct on on = {.booking = work_booking_confirm,
			.reason = {"feels better"}};
	struct view v = view();

	(void)state;
	hold.in.with = (struct field_strs){bridge, 1};
	WALK(one, take_step, &hold, RC_OK, msg_booking_table, &hold.out);
	on.code = hold.out.code;
	WALK(one, booking_step, &on, RC_OK, msg_booking_table, &on.b);
	WALK(two, take_step, &second, RC_REFUSED, msg_booking_table,
	     &second.out);
	struct shift later = shift(on.code, DESK_MONDAY + 3600);

	WALK(one, move_step, &later, RC_OK, msg_booking_table, &later.out);
	WALK(surgeon, bookings_step, &v, RC_OK, msg_booking_list_table,
	     &v.bookings);
	on.booking = work_booking_show;
	WALK(one, booking_step, &on, RC_OK, msg_booking_table, &on.b);
	WALK(lead, cancel_step, &on, RC_OK, msg_booking_table, &on.b);
	WALK(one, booking_step, &on, RC_OK, msg_booking_table, &on.b);
}

static void of_looking(void **state)
{
	const char *a = desk_accepted(&desk, &desk.one, "P-4");
	struct view v = view();

	(void)state;
	desk_booked(&desk, &desk.one, a, DESK_MONDAY);
	v.slots.request = a;
	WALK(one, slots_step, &v, RC_OK, msg_slots_table, &v.found);
	v.slots.request = NULL;
	v.slots.kind = KIND_REMOTE_CONSULTATION;
	v.slots.specialty = "coronary";
	WALK(one, slots_step, &v, RC_OK, msg_slots_table, &v.found);
	WALK(one, schedule_step, &v, RC_OK, msg_schedule_table, &v.plan);
	WALK(two, schedule_step, &v, RC_OK, msg_schedule_table, &v.plan);
	WALK(lead, site_step, &v, RC_OK, msg_schedule_table, &v.plan);
	WALK(lead, verify_step, &v, RC_OK, msg_log_report_table, &v.log);
}

/* The operation as it is asked for and booked, longer than the expert's part.
 */
static void of_an_operation(void **state)
{
	const char *or_2[] = {"liaoyang-central/or-2"};
	const char *languages[] = {"zh", "en"};
	struct msg_interval wanted = {DESK_MONDAY, DESK_MONDAY + 86400};
	struct ask_for ask = ask_for("liaoyang-central", "P-5");
	struct on on = {.accept.duration_minutes = FIELD_NONE};

	(void)state;
	ask.in.kind = KIND_SURGICAL_GUIDANCE;
	ask.in.languages = (struct field_strs){languages, 2};
	ask.in.surgeon = "chest-pain-1";
	ask.in.duration_minutes = 60;
	ask.in.before_minutes = 90;
	ask.in.after_minutes = 150;
	ask.in.wanted = (struct field_list){&wanted, 1};
	WALK(one, submit_step, &ask, RC_OK, msg_request_table, &ask.out);
	on.code = ask.out.code;
	WALK(lead, accept_step, &on, RC_OK, msg_request_table, &on.r);
	/* Wednesday 9:30 */
	struct take t = take(on.code, DESK_MONDAY + 2 * 86400 + 5400, false);

	t.in.with = (struct field_strs){or_2, 1};
	WALK(one, take_step, &t, RC_OK, msg_booking_table, &t.out);
	WALK(surgeon, show_step, &on, RC_OK, msg_request_table, &on.r);
}

/* A place in a clinic, without a request: Tuesday 13:30. */
static void of_a_place(void **state)
{
	struct msg_patient patient = {.local_id = "P-6", .name = "Canary"};
	struct take t = take(NULL, DESK_MONDAY + 86400 + 19800, false);
	struct on on = {.booking = work_booking_show};
	struct view v = view();

	(void)state;
	t.in.kind = KIND_CLINIC_SLOT;
	t.in.expert = "coronary-1";
	t.in.patient = &patient;
	WALK(one, take_step, &t, RC_OK, msg_booking_table, &t.out);
	on.code = t.out.code;
	WALK(one, booking_step, &on, RC_OK, msg_booking_table, &on.b);
	v.slots.kind = KIND_CLINIC_SLOT;
	v.slots.expert = "coronary-1";
	v.slots.from = DESK_MONDAY;
	WALK(one, slots_step, &v, RC_OK, msg_slots_table, &v.found);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(of_a_request),    TEST(of_a_booking), TEST(of_looking),
		TEST(of_an_operation), TEST(of_a_place),
	};

	/* above the lowest level there is: a line for each failure otherwise */
	log_init(STDERR_FILENO, LOG_LVL_ERR - 1, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
