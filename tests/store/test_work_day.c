/* The day of a session: who came, when it began and ended, who did not come,
 * and of what nobody said a word. What runs late: test_work_late.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "daemon/store/keep.h"
#include "daemon/work/day.h"
#include "daemon/work/ready.h"
#include "daemon/work/worklist.h"
#include "tests/support/desk_day.h"

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

struct absence {
	const char *code;
	struct msg_noshow in;
	struct msg_booking out;
};

static enum rc noshow_step(struct work *w, void *arg)
{
	struct absence *a = arg;

	return work_booking_noshow(w, a->code, &a->in, &a->out);
}

static int64_t claims_of(const char *role)
{
	char sql[128];

	snprintf(sql, sizeof(sql),
		 "SELECT count(*) FROM claim WHERE role = '%s'", role);
	return desk_count(&desk, sql);
}

static void a_session_from_arrival_to_end(void **state)
{
	const char *request = desk_accepted(&desk, &desk.one, "P-1");
	struct msg_booking b =
		desk_booked(&desk, &desk.one, request, DESK_MONDAY);

	(void)state;
	assert_int_equal(FIELD_NONE, b.started_at);
	/* a day too early for that */
	assert_int_equal(RC_STATE,
			 desk_day_say(&desk, &desk.one, work_booking_arrive,
				      b.code, NULL));
	desk.house.scratch.now = DESK_MONDAY - 600;
	b = desk_day_said(&desk, &desk.one, work_booking_arrive, b.code);
	assert_int_equal(BOOKING_ARRIVED, b.status);
	assert_int_equal(DESK_MONDAY - 600, b.arrived_at);
	assert_int_equal(REQUEST_SCHEDULED,
			 desk_request_status(&desk, request));
	desk.house.scratch.now = DESK_MONDAY + 120;
	b = desk_day_started(&desk, &desk.surgeon, b.code);
	assert_int_equal(BOOKING_STARTED, b.status);
	assert_int_equal(DESK_MONDAY + 120, b.started_at);
	assert_int_equal(REQUEST_STARTED, desk_request_status(&desk, request));
	/* what has begun is neither moved nor cancelled nor begun again */
	struct shift m = shift(b.code, DESK_MONDAY + 7200);
	struct on on = {.code = b.code, .reason = {"too late"}};

	assert_int_equal(RC_STATE, desk_do(&desk, &desk.one, move_step, &m));
	assert_int_equal(RC_STATE, desk_do(&desk, &desk.one, cancel_step, &on));
	assert_int_equal(RC_STATE, desk_day_begins(&desk, &desk.one,
						   &(struct desk_day_start){
							   .code = b.code}));
	desk.house.scratch.now = DESK_MONDAY + 3600;
	b = desk_day_said(&desk, &desk.lead, work_booking_finish, b.code);
	assert_int_equal(BOOKING_FULFILLED, b.status);
	assert_int_equal(DESK_MONDAY - 600, b.arrived_at);
	assert_int_equal(DESK_MONDAY + 120, b.started_at);
	assert_int_equal(DESK_MONDAY + 3600, b.finished_at);
	/* the opinion is still to come */
	assert_int_equal(REQUEST_STARTED, desk_request_status(&desk, request));
}

static void who_is_no_party_may_say_nothing(void **state)
{
	struct msg_booking b = desk_day_booked_at(&desk, "P-2", DESK_MONDAY);
	desk_day_verb *const verbs[] = {work_booking_arrive,
					work_booking_finish};
	struct desk_day_start start = {.code = b.code};
	struct absence a = {.code = b.code, .in = {ABSENT_EXPERT, NULL}};

	(void)state;
	desk.house.scratch.now = DESK_MONDAY;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		assert_int_equal(
			RC_NOT_FOUND,
			desk_day_say(&desk, &desk.two, verbs[i], b.code, NULL));
		assert_int_equal(RC_NOT_FOUND,
				 desk_day_say(&desk, &desk.other_lead, verbs[i],
					      b.code, NULL));
	}
	assert_int_equal(RC_NOT_FOUND,
			 desk_do(&desk, &desk.two, noshow_step, &a));
	assert_int_equal(RC_NOT_FOUND,
			 desk_day_begins(&desk, &desk.two, &start));
	struct work w;

	assert_int_equal(RC_STALE,
			 house_do(&desk.house, &desk.one, b.version + 1,
				  noshow_step, &a, &w));
}

/* What a session leaves of its time is there for the next. */
static void an_early_end_frees_the_rest(void **state)
{
	struct msg_booking b = desk_day_booked_at(&desk, "P-3", DESK_MONDAY);
	const char *next = desk_accepted(&desk, &desk.two, "P-4");
	int64_t pause = desk_count(&desk, "SELECT buffer_minutes FROM expert"
					  " JOIN subject ON id = subject"
					  " WHERE slug = 'coronary-1'");
	int64_t over = DESK_MONDAY + 300;
	struct take t = take(next, over + pause * 60, false);

	(void)state;
	assert_true(pause > 0 && pause % 5 == 0);
	assert_int_equal(DESK_MONDAY + 1800, b.to);
	desk.house.scratch.now = DESK_MONDAY;
	desk_day_started(&desk, &desk.one, b.code);
	desk.house.scratch.now = over;
	assert_int_equal(RC_REFUSED, desk_do(&desk, &desk.two, take_step, &t));
	b = desk_day_said(&desk, &desk.surgeon, work_booking_finish, b.code);
	const struct msg_claim *v = b.claims.v;

	assert_int_equal(5, b.claims.n);
	for (size_t i = 0; i < b.claims.n; i++)
		assert_int_equal(v[i].role == CLAIM_BUFFER ? over + pause * 60
							   : over,
				 v[i].to);
	/* as it was agreed on */
	assert_int_equal(DESK_MONDAY + 1800, b.to);
	assert_int_equal(RC_OK, desk_do(&desk, &desk.two, take_step, &t));
}

/* Begun before its time and over before it, too: nothing is left of it. */
static void over_before_its_time(void **state)
{
	struct msg_booking b = desk_day_booked_at(&desk, "P-5", DESK_MONDAY);

	(void)state;
	desk.house.scratch.now = DESK_MONDAY - 3600;
	desk_day_started(&desk, &desk.one, b.code);
	desk.house.scratch.now = DESK_MONDAY - 1800;
	b = desk_day_said(&desk, &desk.one, work_booking_finish, b.code);
	assert_int_equal(0, b.claims.n);
	desk_day_booked_at(&desk, "P-6", DESK_MONDAY);
}

/* The expert is free; in the operating room they go on for as long as the
 * operation was to take after that. */
static void an_operation_goes_on_after_the_expert(void **state)
{
	struct ask_for a = ask_for("liaoyang-central", "P-7");
	struct on on = {.accept.duration_minutes = FIELD_NONE};

	(void)state;
	a.in.kind = KIND_SURGICAL_GUIDANCE;
	a.in.duration_minutes = 60;
	a.in.before_minutes = 30;
	a.in.after_minutes = 60;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, submit_step, &a));
	on.code = a.out.code;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, accept_step, &on));
	struct msg_booking b =
		desk_booked(&desk, &desk.one, a.out.code, DESK_MONDAY);

	assert_int_equal(1, claims_of("overrun"));
	desk.house.scratch.now = DESK_MONDAY;
	desk_consent(&desk, &desk.one, b.code, CONSENT_TELEMENTORING);
	desk_day_takes_over(&desk, b.code, "chest-pain-1");
	desk_day_started(&desk, &desk.one, b.code);
	desk.house.scratch.now = DESK_MONDAY + 1200;
	b = desk_day_said(&desk, &desk.one, work_booking_finish, b.code);
	const struct msg_claim *v = b.claims.v;
	int whole = 0, part = 0;

	assert_int_equal(0, claims_of("overrun"));
	for (size_t i = 0; i < b.claims.n; i++) {
		if (v[i].role == CLAIM_BUFFER)
			continue;
		whole += v[i].to == DESK_MONDAY + 1200 + 3600;
		part += v[i].to == DESK_MONDAY + 1200;
	}
	assert_int_equal(2, whole); /* operating room, patient */
	assert_int_equal(b.claims.n - 1, whole + part);
}

static void a_noshow_is_said_when_its_time_has_come(void **state)
{
	const char *request = desk_accepted(&desk, &desk.one, "P-8");
	struct msg_booking b =
		desk_booked(&desk, &desk.one, request, DESK_MONDAY);
	struct absence a = {.code = b.code,
			    .in = {ABSENT_PATIENT, "was not fit"}};

	(void)state;
	desk.house.scratch.now = DESK_MONDAY - 1;
	assert_int_equal(RC_STATE,
			 desk_do(&desk, &desk.surgeon, noshow_step, &a));
	desk.house.scratch.now = DESK_MONDAY;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.surgeon, noshow_step, &a));
	assert_int_equal(BOOKING_NOSHOW, a.out.status);
	assert_int_equal(ABSENT_PATIENT, a.out.absent);
	assert_int_equal(0, a.out.claims.n);
	assert_int_equal(REQUEST_ACCEPTED, desk_request_status(&desk, request));
	struct on show = {.code = b.code, .booking = work_booking_show};

	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, booking_step, &show));
	assert_string_equal("patient: was not fit", show.b.reason);
	assert_int_equal(1, desk_count(&desk, "SELECT count(*) FROM booking"
					      " WHERE spent = 1"));
	/* another time for it, and then it is the link that fails */
	b = desk_booked(&desk, &desk.one, request, DESK_MONDAY + 300);
	desk.house.scratch.now = DESK_MONDAY + 600;
	desk_day_said(&desk, &desk.one, work_booking_arrive, b.code);
	struct absence link = {.code = b.code, .in = {ABSENT_LINK, NULL}};

	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, noshow_step, &link));
	assert_int_equal(1, desk_count(&desk, "SELECT count(*) FROM booking"
					      " WHERE spent = 1"));
	assert_int_equal(REQUEST_ACCEPTED, desk_request_status(&desk, request));
}

static void without_a_word_nothing_becomes_of_it(void **state)
{
	struct msg_booking first = desk_day_booked_at(&desk, "P-9",
						      DESK_MONDAY),
			   second = desk_day_booked_at(&desk, "P-10",
						       DESK_MONDAY + 3600),
			   third = desk_booked(
				   &desk, &desk.two,
				   desk_accepted(&desk, &desk.two, "P-11"),
				   DESK_MONDAY + 7200);

	(void)state;
	desk.house.scratch.now = first.to - 1;
	assert_int_equal(0, desk_day_unresolved(&desk, &desk.lead).out.items.n);
	desk.house.scratch.now = first.to;
	assert_int_equal(1, desk_day_unresolved(&desk, &desk.lead).out.items.n);
	desk.house.scratch.now = DESK_MONDAY + 30 * 86400;
	for (int i = 0; i < 3; i++)
		assert_int_equal(RC_OK, desk_do(&desk, &desk.lead,
						desk_day_due_step, NULL));
	struct desk_day_list u = desk_day_unresolved(&desk, &desk.lead);
	const struct msg_booking *v = u.out.items.v;

	assert_int_equal(3, u.out.items.n);
	assert_string_equal(first.code, v[0].code);
	assert_string_equal(second.code, v[1].code);
	assert_string_equal(third.code, v[2].code);
	assert_int_equal(BOOKING_BOOKED, v[0].status);
	assert_int_equal(2, desk_day_unresolved(&desk, &desk.one).out.items.n);
	assert_int_equal(1, desk_day_unresolved(&desk, &desk.two).out.items.n);
	assert_int_equal(3,
			 desk_day_unresolved(&desk, &desk.surgeon).out.items.n);
	assert_int_equal(
		0, desk_day_unresolved(&desk, &desk.other_lead).out.items.n);
	/* page by page */
	u.in.limit = 2;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead,
					desk_day_unresolved_step, &u));
	assert_int_equal(2, u.out.items.n);
	u.in.cursor = u.out.next;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead,
					desk_day_unresolved_step, &u));
	v = u.out.items.v;
	assert_int_equal(1, u.out.items.n);
	assert_string_equal(third.code, v[0].code);
	assert_null(u.out.next);
	/* late words are words, too */
	desk_day_started(&desk, &desk.one, first.code);
	assert_int_equal(3, desk_day_unresolved(&desk, &desk.lead).out.items.n);
	desk_day_said(&desk, &desk.one, work_booking_finish, first.code);
	struct absence a = {.code = second.code, .in = {ABSENT_SITE, NULL}};

	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, noshow_step, &a));
	u = desk_day_unresolved(&desk, &desk.lead);
	v = u.out.items.v;
	assert_int_equal(1, u.out.items.n);
	assert_string_equal(third.code, v[0].code);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_session_from_arrival_to_end),
		TEST(who_is_no_party_may_say_nothing),
		TEST(an_early_end_frees_the_rest),
		TEST(over_before_its_time),
		TEST(an_operation_goes_on_after_the_expert),
		TEST(a_noshow_is_said_when_its_time_has_come),
		TEST(without_a_word_nothing_becomes_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
