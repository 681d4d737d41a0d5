/*
 * What gives way to an emergency, and where it goes: many places at once, a
 * studio for several, holds, and what cannot be moved.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/work/day.h"
#include "daemon/work/emergency.h"
#include "daemon/work/steps.h"
#include "tests/support/desk.h"

#define MINUTE 60
#define PLACES 12

/* The clinic has places of five minutes from 08:00 to 20:00; its doctor is on
 * call as well. */
static const char network[] =
	"{\"version\":1,\"sites\":["
	"{\"id\":\"up\",\"name\":\"Up\",\"time_zone\":\"Asia/Shanghai\"},"
	"{\"id\":\"down\",\"name\":\"Down\",\"time_zone\":\"Asia/Shanghai\"}],"
	"\"agreements\":[{\"id\":\"a\",\"lead\":\"up\",\"partner\":\"down\","
	"\"valid_from\":\"2026-01-01\",\"valid_to\":\"2028-12-31\","
	"\"kinds\":[\"remote-consultation\",\"clinic-slot\","
	"\"emergency-consultation\"],\"specialties\":[\"heart\"],"
	"\"min_independent_years\":0}],"
	"\"resources\":["
	"{\"id\":\"up/s\",\"name\":\"S\",\"type\":\"studio\",\"capacity\":2},"
	"{\"id\":\"up/"
	"c\",\"name\":\"C\",\"type\":\"clinic-room\",\"capacity\":1},"
	"{\"id\":\"down/s\",\"name\":\"S\",\"type\":\"studio\","
	"\"capacity\":9},"
	"{\"id\":\"down/"
	"cart\",\"name\":\"Cart\",\"type\":\"device\",\"capacity\":1}],"
	"\"experts\":["
	"{\"id\":\"x-1\",\"name\":\"X\",\"home\":\"up\","
	"\"specialties\":[\"heart\"],\"kinds\":[\"remote-consultation\","
	"\"clinic-slot\",\"emergency-consultation\"]},"
	"{\"id\":\"x-2\",\"name\":\"X\",\"home\":\"up\","
	"\"specialties\":[\"heart\"],\"kinds\":[\"remote-consultation\"]},"
	"{\"id\":\"x-3\",\"name\":\"X\",\"home\":\"up\","
	"\"specialties\":[\"heart\"],\"kinds\":[\"remote-consultation\"]}],"
	"\"availability\":["
	"{\"of\":\"x-1\",\"rrule\":\"FREQ=DAILY\","
	"\"start\":\"2022-01-03T08:00\",\"end\":\"2022-01-03T20:00\","
	"\"time_zone\":\"Asia/Shanghai\",\"at\":\"up/c\","
	"\"kinds\":[\"clinic-slot\"],\"slot_minutes\":5},"
	"{\"of\":\"x-1\",\"rrule\":\"FREQ=DAILY\","
	"\"start\":\"2022-01-03T20:00\",\"end\":\"2022-01-04T08:00\","
	"\"time_zone\":\"Asia/Shanghai\"},"
	"{\"of\":\"x-2\",\"rrule\":\"FREQ=DAILY\","
	"\"start\":\"2022-01-03T00:00\",\"end\":\"2022-01-04T00:00\","
	"\"time_zone\":\"Asia/Shanghai\"},"
	"{\"of\":\"x-3\",\"rrule\":\"FREQ=DAILY\","
	"\"start\":\"2022-01-03T00:00\",\"end\":\"2022-01-04T00:00\","
	"\"time_zone\":\"Asia/Shanghai\"}],"
	"\"on_call\":[{\"site\":\"up\",\"specialty\":\"heart\",\"level\":1,"
	"\"reach\":\"1\",\"turn_days\":1,\"start\":\"2026-01-01T08:00\","
	"\"people\":[{\"expert\":\"x-1\"}]}]}";

static struct desk desk; /* its house alone */
static struct principal up, down, doctor;

static int setup(void **state)
{
	(void)state;
	house_begin_with(&desk.house, network, strlen(network));
	up = house_person(&desk.house, ROLE_LEAD_COORDINATOR, "up", NULL);
	down = house_person(&desk.house, ROLE_SITE_COORDINATOR, "down", NULL);
	doctor = house_person(&desk.house, ROLE_EXPERT, "up", "x-1");
	desk.house.scratch.now = DESK_MONDAY; /* 08:00 */
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	house_end(&desk.house);
	return 0;
}

static int64_t now(void)
{
	return desk.house.scratch.now;
}

/* --- what is done --- */

static struct take place(int n, int64_t at, bool hold)
{
	static struct msg_patient patients[PLACES];
	static char names[PLACES][8];
	struct take t = take(NULL, at, hold);

	snprintf(names[n], sizeof(names[n]), "C-%d", n);
	patients[n] = (struct msg_patient){.local_id = names[n], .name = "X"};
	t.in.kind = KIND_CLINIC_SLOT;
	t.in.expert = "x-1";
	t.in.patient = &patients[n];
	return t;
}

static struct msg_booking clinic(int n, int64_t at, bool hold)
{
	struct take t = place(n, at, hold);

	assert_int_equal(RC_OK, desk_do(&desk, &down, take_step, &t));
	return t.out;
}

static const char *accepted(const char *patient, const char *expert)
{
	struct ask_for a = ask_for("down", patient);
	struct on on = {.accept.duration_minutes = FIELD_NONE};

	a.in.specialty = "heart";
	a.in.expert = expert;
	assert_int_equal(RC_OK, desk_do(&desk, &down, submit_step, &a));
	on.code = a.out.code;
	assert_int_equal(RC_OK, desk_do(&desk, &up, accept_step, &on));
	return on.r.code;
}

struct reply {
	const char *code;
	struct msg_answer in;
	struct msg_request out;
	struct work_moves moves;
	bool look;
};

static enum rc answer_step(struct work *w, void *arg)
{
	struct reply *r = arg;

	w->moves = r->look ? &r->moves : NULL;
	return work_request_answer(w, r->code, &r->in, &r->out);
}

static enum rc look_step(struct work *w, void *arg)
{
	struct reply *r = arg;

	return work_answer_look(w, r->code, &r->in, &r->moves);
}

/* The doctor takes one; look: where what is in its way could go is known. */
static struct msg_request emergency(const char *patient, bool look)
{
	struct ask_for a = ask_for("down", patient);
	struct reply r = {.in.answer = "accept", .look = look};

	a.in.kind = KIND_EMERGENCY_CONSULTATION;
	a.in.specialty = "heart";
	a.in.expert = NULL;
	a.in.duration_minutes = 60;
	assert_int_equal(RC_OK, desk_do(&desk, &down, submit_step, &a));
	r.code = a.out.code;
	if (look)
		assert_int_equal(RC_OK, desk_do(&desk, &doctor, look_step, &r));
	assert_int_equal(RC_OK, desk_do(&desk, &doctor, answer_step, &r));
	return r.out;
}

static struct msg_booking booking(const char *code)
{
	struct on on = {.code = code, .booking = work_booking_show};

	assert_int_equal(RC_OK, desk_do(&desk, &up, booking_step, &on));
	return on.b;
}

static enum request_status status(const char *request)
{
	struct on on = {.code = request};

	assert_int_equal(RC_OK, desk_do(&desk, &up, show_step, &on));
	return (enum request_status)on.r.status;
}

/* --- many --- */

static void twelve_places_move_each_to_its_own(void **state)
{
	struct msg_booking had[PLACES], has[PLACES];
	size_t used;

	(void)state;
	for (int i = 0; i < PLACES; i++)
		had[i] = clinic(i, now() + i * 5 * MINUTE, false);
	used = desk.house.arena.used;
	struct msg_request r = emergency("P-1", true);

	/* Neither a look nor a try leaves its facts behind. */
	assert_true(desk.house.arena.used - used < (1u << 20));
	struct msg_booking urgent = booking(r.booking);

	for (int i = 0; i < PLACES; i++) {
		has[i] = booking(had[i].code);
		assert_int_equal(BOOKING_BOOKED, has[i].status);
		assert_true(has[i].from >= urgent.to);
		assert_true(has[i].from < urgent.to + 61 * MINUTE);
		for (int k = 0; k < i; k++)
			assert_true(has[k].from != has[i].from);
	}
	assert_int_equal(PLACES,
			 desk_count(&desk, "SELECT count(*) FROM displaced"
					   " WHERE moved = 1"));
}

/* --- what cannot be moved --- */

/* What it was booked with is no more: that is no refusal of a time, and no
 * reason against an emergency. */
static void one_that_nothing_fits_does_not_fail_it(void **state)
{
	static const char *with[] = {"down/cart"};
	const char *code = accepted("P-2", "x-1");
	struct take t = take(code, now() + 12 * 3600 + 5 * MINUTE, false);

	(void)state;
	t.in.with = (struct field_strs){with, 1};
	assert_int_equal(RC_OK, desk_do(&desk, &down, take_step, &t));
	desk.house.scratch.now += 12 * 3600;
	/* The times were looked for before. */
	struct ask_for a = ask_for("down", "P-1");
	struct reply r = {.in.answer = "accept", .look = true};

	a.in.kind = KIND_EMERGENCY_CONSULTATION;
	a.in.specialty = "heart";
	a.in.expert = NULL;
	a.in.duration_minutes = 60;
	assert_int_equal(RC_OK, desk_do(&desk, &down, submit_step, &a));
	r.code = a.out.code;
	assert_int_equal(RC_OK, desk_do(&desk, &doctor, look_step, &r));
	assert_int_equal(1, r.moves.n);
	assert_true(r.moves.v[0].times.n > 0);
	scratch_run(desk.house.db, "UPDATE subject SET slug = 'down/trolley'"
				   " WHERE slug = 'down/cart'");
	struct reply later = r;
	struct keep *keep = desk.house.keep;

	desk.house.keep = NULL; /* nobody said so to what is kept */
	/* Nor is it one that nothing can be found for it. */
	assert_int_equal(RC_OK, desk_do(&desk, &doctor, look_step, &later));
	assert_int_equal(0, later.moves.v[0].times.n);
	assert_int_equal(RC_OK, desk_do(&desk, &doctor, answer_step, &r));
	assert_int_equal(BOOKING_CANCELLED, booking(t.out.code).status);
	assert_int_equal(REQUEST_WAITLISTED, status(code));
	desk.house.keep = keep;
}

/* --- a studio for several --- */

static void a_studio_for_two_is_not_emptied(void **state)
{
	const char *two = accepted("P-2", "x-2"),
		   *three = accepted("P-3", "x-3");
	int64_t at = now() + 12 * 3600;

	(void)state;
	struct take t = take(two, at - 15 * MINUTE, false);
	struct take u = take(three, at + 15 * MINUTE, false);

	assert_int_equal(RC_OK, desk_do(&desk, &down, take_step, &t));
	assert_int_equal(RC_OK, desk_do(&desk, &down, take_step, &u));
	desk.house.scratch.now = at;
	struct msg_request r = emergency("P-1", true);

	assert_int_equal(4, booking(r.booking).claims.n);
	assert_int_equal(at - 15 * MINUTE, booking(t.out.code).from);
	assert_int_equal(1,
			 desk_count(&desk, "SELECT count(*) FROM displaced"));
	assert_true(booking(u.out.code).from >= at + 30 * MINUTE);
}

/* --- holds --- */

static enum rc confirm(const char *code)
{
	struct on on = {.code = code, .booking = work_booking_confirm};

	return desk_do(&desk, &down, booking_step, &on);
}

static const struct msg_event *last(const struct msg_booking *b)
{
	return (const struct msg_event *)b->history.v + b->history.n - 1;
}

/* The code in its owner's last event. */
static void read_instead(const struct msg_booking *b, char out[16])
{
	const char *at = strstr(last(b)->reason, "; ");

	assert_non_null(at);
	assert_int_equal(
		2, sscanf(at, "; %4[^-]-%4s is held instead", out, out + 4));
}

static void a_hold_is_taken_anew_for_its_owner(void **state)
{
	struct msg_booking had = clinic(0, now() + 5 * MINUTE, true), has;
	char instead[16];

	(void)state;
	desk.house.scratch.now += 4 * MINUTE;
	struct msg_request r = emergency("P-1", true);

	had = booking(had.code);
	assert_int_equal(BOOKING_RELEASED, had.status);
	assert_string_equal("release", last(&had)->verb);
	read_instead(&had, instead);
	has = booking(instead);
	assert_int_equal(BOOKING_PENDING, has.status);
	assert_true(has.from >= booking(r.booking).to);
	assert_int_equal(now() + 5 * MINUTE, has.hold_until);
	assert_string_equal("C-0", has.patient->local_id);
	/* The old one says where it is now. */
	assert_int_equal(RC_STATE, confirm(had.code));
	assert_int_equal(RC_OK, confirm(instead));
	assert_int_equal(0,
			 desk_count(&desk, "SELECT count(*) FROM displaced"));
}

static enum rc due_step(struct work *w, void *arg)
{
	struct steps steps = {.limit = 64};

	(void)arg;
	return steps_run(w->tx, &steps);
}

static struct msg_request request(const char *code)
{
	struct on on = {.code = code};

	assert_int_equal(RC_OK, desk_do(&desk, &up, show_step, &on));
	return on.r;
}

/* What is held for a request is offered to it again, before all others; and
 * what it is offered, when that is taken again. */
static void a_request_that_time_was_held_for_comes_first(void **state)
{
	desk.house.scratch.now += 12 * 3600;
	const char *code = accepted("P-2", "x-1");
	struct take t = take(code, now() + 5 * MINUTE, true);

	(void)state;
	assert_int_equal(RC_OK, desk_do(&desk, &down, take_step, &t));
	const char *urgent = emergency("P-1", true).booking;

	assert_int_equal(BOOKING_RELEASED, booking(t.out.code).status);
	assert_int_equal(REQUEST_WAITLISTED, status(code));
	assert_int_equal(1, desk_count(&desk, "SELECT first FROM waiting"));
	assert_int_equal(RC_OK, desk_do(&desk, &up, due_step, NULL));
	struct msg_booking offer = booking(request(code).booking);

	assert_int_equal(BOOKING_PENDING, offer.status);
	assert_true(offer.from >= booking(urgent).to);
	/* It is over at once, and there is another. */
	scratch_run(desk.house.db,
		    "DELETE FROM claim WHERE booking IN (SELECT id FROM booking"
		    " WHERE kind = 'emergency-consultation')");
	scratch_run(desk.house.db, "UPDATE booking SET status = 'fulfilled'"
				   " WHERE kind = 'emergency-consultation'");
	desk.house.scratch.now += 5 * MINUTE;
	scratch_run(desk.house.db, "UPDATE duty_call SET outcome = 'over'");
	emergency("P-3", true);
	assert_int_equal(BOOKING_RELEASED, booking(offer.code).status);
	assert_int_equal(REQUEST_WAITLISTED, status(code));
	assert_int_equal(RC_OK, desk_do(&desk, &up, due_step, NULL));
	assert_non_null(request(code).booking);
}

/* --- booked without a request --- */

struct listing {
	struct msg_list_query in;
	struct msg_booking_list out;
};

static enum rc unresolved_step(struct work *w, void *arg)
{
	struct listing *l = arg;

	return work_unresolved_list(w, &l->in, &l->out);
}

static size_t unresolved(const struct principal *who)
{
	struct listing l;

	proto_clear(&msg_list_query_table, &l.in);
	assert_int_equal(RC_OK, desk_do(&desk, who, unresolved_step, &l));
	return l.out.items.n;
}

static struct msg_booking arrived_and_displaced(void)
{
	struct msg_booking b = clinic(0, now() + 5 * MINUTE, false);
	struct on on = {.code = b.code, .booking = work_booking_arrive};

	assert_int_equal(RC_OK, desk_do(&desk, &down, booking_step, &on));
	emergency("P-1", true);
	b = booking(b.code);
	assert_int_equal(BOOKING_CANCELLED, b.status);
	/* Why, and when it could be instead. */
	assert_string_equal("displace", last(&b)->verb);
	assert_non_null(strstr(last(&b)->reason, "gives way to an emergency; "
						 "the nearest times: 2027-"));
	assert_non_null(strstr(last(&b)->reason, "(Asia/Shanghai)"));
	assert_int_equal(1, unresolved(&down));
	assert_int_equal(1, unresolved(&up));
	return b;
}

static void a_direct_one_is_listed_until_it_is_known(void **state)
{
	struct msg_booking b = arrived_and_displaced();
	struct on on = {.code = b.code, .booking = work_booking_receive};

	(void)state;
	desk.house.scratch.now += 40 * 86400;
	assert_int_equal(1, unresolved(&down) - 1); /* the emergency's, too */
	assert_int_equal(RC_FORBIDDEN, desk_do(&desk, &up, booking_step, &on));
	assert_int_equal(RC_OK, desk_do(&desk, &down, booking_step, &on));
	assert_int_equal(1, unresolved(&down));
	assert_int_equal(RC_STATE, desk_do(&desk, &down, booking_step, &on));
}

static void or_until_it_is_booked_again(void **state)
{
	(void)state;
	arrived_and_displaced();
	clinic(1, now() + 120 * MINUTE, false);
	assert_int_equal(1, unresolved(&down));
	struct msg_booking held = clinic(0, now() + 125 * MINUTE, true);

	assert_int_equal(1, unresolved(&down));
	assert_int_equal(RC_OK, confirm(held.code));
	assert_int_equal(0, unresolved(&down));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(twelve_places_move_each_to_its_own),
		TEST(one_that_nothing_fits_does_not_fail_it),
		TEST(a_studio_for_two_is_not_emptied),
		TEST(a_hold_is_taken_anew_for_its_owner),
		TEST(a_request_that_time_was_held_for_comes_first),
		TEST(a_direct_one_is_listed_until_it_is_known),
		TEST(or_until_it_is_booked_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
