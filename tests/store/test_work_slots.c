/* What is offered, what a schedule shows, and to whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/civil.h"
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

struct search {
	struct msg_slots_query in;
	struct msg_slots out;
};

static struct search search_for(const char *request, const char *expert)
{
	struct search s = {0};

	proto_clear(&msg_slots_query_table, &s.in);
	s.in.request = request;
	s.in.expert = expert;
	if (!request)
		s.in.kind = KIND_REMOTE_CONSULTATION;
	return s;
}

static enum rc slots_step(struct work *w, void *arg)
{
	struct search *s = arg;

	return work_slots(w, &s->in, &s->out);
}

static void what_is_offered_is_taken(void **state)
{
	const char *a = desk_accepted(&desk, &desk.one, "P-13");
	struct search s;

	(void)state;
	proto_clear(&msg_slots_query_table, &s.in);
	s.in.request = a;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, slots_step, &s));
	assert_int_equal(10, s.out.slots.n);
	const struct msg_slot *v = s.out.slots.v;

	assert_int_equal(DESK_MONDAY, v[0].from);
	assert_int_equal(2, v[0].with.n);
	desk_booked(&desk, &desk.one, a, v[9].from);
	/* By kind, over every agreement of the site. */
	proto_clear(&msg_slots_query_table, &s.in);
	s.in.kind = KIND_REMOTE_CONSULTATION;
	s.in.n = 100;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, slots_step, &s));
	assert_int_equal(100, s.out.slots.n);
}

/* What w says, whoever asks for what. */
static void assert_said_alike(const struct work *a, const struct work *b)
{
	assert_int_equal(a->err.rc, b->err.rc);
	assert_string_equal(a->err.text, b->err.text);
	assert_int_equal(a->faults.n, b->faults.n);
}

/* neurology-1 is of another lead (tiantan): nobody here hears that there is
 * one. */
static void a_strangers_expert_is_nobody(void **state)
{
	static const char *const names[] = {"neurology-1", "no-such"};
	const char *a = desk_accepted(&desk, &desk.one, "P-18");
	struct work said[2][4];

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct search for_request = search_for(a, names[i]);
		struct search for_kind = search_for(NULL, names[i]);
		struct ask_for submit = ask_for("cooperating-2", "P-19");
		struct take t = take(a, DESK_MONDAY, false);

		submit.in.expert = names[i];
		t.in.expert = names[i];
		house_do(&desk.house, &desk.one, WORK_MATCH_ANY, slots_step,
			 &for_request, &said[i][0]);
		house_do(&desk.house, &desk.two, WORK_MATCH_ANY, slots_step,
			 &for_kind, &said[i][1]);
		house_do(&desk.house, &desk.two, WORK_MATCH_ANY, submit_step,
			 &submit, &said[i][2]);
		house_do(&desk.house, &desk.one, WORK_MATCH_ANY, take_step, &t,
			 &said[i][3]);
	}
	for (int k = 0; k < 4; k++) {
		assert_int_equal(RC_INVALID, said[0][k].err.rc);
		assert_said_alike(&said[0][k], &said[1][k]);
	}
}

/* What is named with one lead's experts is no fault of the other leads. */
static void a_room_of_one_lead_is_searched_with(void **state)
{
	const char *bridge[] = {"anzhen/bridge"}, *none[] = {"anzhen/none"};
	struct search s = search_for(NULL, NULL);

	(void)state;
	s.in.with = (struct field_strs){bridge, 1};
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, slots_step, &s));
	const struct msg_slot *v = s.out.slots.v;

	assert_int_equal(10, s.out.slots.n);
	assert_int_equal(3, v[0].with.n);
	for (size_t i = 1; i < s.out.slots.n; i++)
		assert_false(v[i].from == v[i - 1].from &&
			     !strcmp(v[i].expert, v[i - 1].expert));
	s.in.with = (struct field_strs){none, 1};
	assert_int_equal(RC_INVALID, desk_do(&desk, &desk.one, slots_step, &s));
}

static void why_not_is_said_of_a_time_to_come(void **state)
{
	struct search s = search_for(NULL, "coronary-1");

	(void)state;
	s.in.from = DESK_MONDAY - 7 * CIVIL_DAY;
	s.in.to = desk.house.scratch.now + 600;
	s.in.why_not = true;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, slots_step, &s));
	const struct msg_blocker *v = s.out.blockers.v;

	assert_int_equal(0, s.out.slots.n);
	assert_true(s.out.blockers.n >= 1);
	for (size_t i = 0; i < s.out.blockers.n; i++)
		assert_int_not_equal(BLOCK_PAST, v[i].reason);
}

struct plan {
	const char *subject;
	struct msg_schedule_query in;
	struct msg_schedule out;
};

static enum rc schedule_step(struct work *w, void *arg)
{
	struct plan *p = arg;

	return work_schedule_subject(w, p->subject, &p->in, &p->out);
}

static void assert_is_only_busy(const struct msg_entry *e)
{
	assert_int_equal(-1, e->status);
	assert_int_equal(-1, e->kind);
	assert_null(e->partner);
	assert_null(e->lead);
	assert_null(e->expert);
	assert_null(e->booking);
	assert_null(e->request);
	assert_null(e->place);
}

static void others_see_only_busy(void **state)
{
	const char *a = desk_accepted(&desk, &desk.one, "P-14");
	struct plan p = {.subject = "coronary-1",
			 .in = {DESK_MONDAY, FIELD_NONE}};

	(void)state;
	desk_booked(&desk, &desk.one, a, DESK_MONDAY);
	assert_int_equal(RC_OK,
			 desk_do(&desk, &desk.surgeon, schedule_step, &p));
	const struct msg_entry *v = p.out.entries.v;

	assert_int_equal(2, p.out.entries.n); /* and the buffer */
	assert_int_equal(BOOKING_BOOKED, v[0].status);
	assert_string_equal("liaoyang-central", v[0].partner);
	assert_true(p.out.open.n >= 2);
	assert_int_equal(RC_OK, desk_do(&desk, &desk.two, schedule_step, &p));
	v = p.out.entries.v;
	assert_int_equal(2, p.out.entries.n);
	for (size_t i = 0; i < 2; i++)
		assert_is_only_busy(&v[i]);
	assert_int_equal(-1, v[0].role);
	assert_int_equal(CLAIM_BUFFER, v[1].role);
	assert_int_equal(RC_NOT_FOUND,
			 desk_do(&desk, &desk.other_lead, schedule_step, &p));
}

/* That a room is taken is all that a stranger learns, not even as what. */
static void a_strangers_room_is_only_busy(void **state)
{
	const char *a = desk_accepted(&desk, &desk.one, "P-23");
	struct plan p = {.in = {DESK_MONDAY, FIELD_NONE}};
	struct take t = take(a, DESK_MONDAY, false);

	(void)state;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, take_step, &t));
	p.subject = "anzhen/studio-1";
	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, schedule_step, &p));
	const struct msg_entry *v = p.out.entries.v;

	assert_int_equal(1, p.out.entries.n);
	assert_int_equal(CLAIM_LEAD_STUDIO, v[0].role);
	assert_string_equal("coronary-1", v[0].expert);
	assert_int_equal(RC_OK, desk_do(&desk, &desk.two, schedule_step, &p));
	v = p.out.entries.v;
	assert_int_equal(1, p.out.entries.n);
	assert_int_equal(t.out.from, v[0].from);
	assert_int_equal(t.out.to, v[0].to);
	assert_is_only_busy(&v[0]);
	assert_int_equal(-1, v[0].role);
	/* Rooms of a site that is none of theirs do not exist. */
	p.subject = "liaoyang-central/studio-1";
	assert_int_equal(RC_NOT_FOUND,
			 desk_do(&desk, &desk.two, schedule_step, &p));
}

/* coronary-1 was seconded to liaoyang-central; in the open that week begins
 * with, the first field that says where. */
static const char *seconded_place(const struct principal *who, size_t *out_n)
{
	/* Monday 2022-07-04 00:00 in Shanghai */
	struct plan p = {.subject = "coronary-1",
			 .in = {1656864000, FIELD_NONE}};
	const char *place = NULL;

	assert_int_equal(RC_OK, desk_do(&desk, who, schedule_step, &p));
	const struct msg_open *v = p.out.open.v;

	for (size_t i = 0; i < p.out.open.n; i++)
		place = place ? place : v[i].place;
	*out_n = p.out.open.n;
	return place;
}

static void where_somebody_is_seconded_is_for_that_site(void **state)
{
	size_t here, there;

	(void)state;
	assert_string_equal("liaoyang-central/vip-clinic",
			    seconded_place(&desk.one, &here));
	assert_null(seconded_place(&desk.two, &there));
	/* That they are available then is no secret. */
	assert_int_equal(here, there);
	assert_true(here >= 3);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_offered_is_taken),
		TEST(a_strangers_expert_is_nobody),
		TEST(a_room_of_one_lead_is_searched_with),
		TEST(why_not_is_said_of_a_time_to_come),
		TEST(others_see_only_busy),
		TEST(a_strangers_room_is_only_busy),
		TEST(where_somebody_is_seconded_is_for_that_site),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
