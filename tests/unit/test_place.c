/* Sessions of places, and where experts may be for what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/civil.h"
#include "tests/support/stage.h"

static int64_t at(const struct stage *s, int64_t minutes)
{
	return s->t + minutes * MIN;
}

static size_t found(struct stage *s, int64_t from, int64_t to, size_t n,
		    struct core_plan *plans)
{
	struct core_span window = {at(s, from), at(s, to)};
	size_t got = 77;

	assert_int_equal(
		core_search(&s->ask, window, n, &s->arena, plans, &got), RC_OK);
	return got;
}

/* --- places --- */

static void the_plan_of_a_place(void **state)
{
	struct stage *s = *state;

	stage_clinic(s, 20);
	s->expert.buffer_minutes = 10; /* is none between places */
	stage_taken(s, s->t);
	assert_int_equal(s->plan.span.from, s->t);
	assert_int_equal(s->plan.span.to, at(s, 20));
	assert_int_equal(s->plan.operation.from, s->t);
	assert_int_equal(s->plan.operation.to, at(s, 20));
	assert_int_equal(s->plan.session, at(s, -60));
	assert_int_equal(s->plan.place, CLINIC);
	assert_int_equal(s->plan.nclaims, 3);
	stage_has(s, 0, EXPERT, CLAIM_EXPERT, 0, 20);
	stage_has(s, 1, PATIENT, CLAIM_PATIENT, 0, 20);
	stage_has(s, 2, CLINIC, CLAIM_PLACE, 0, 20);
}

/* 240 minutes hold 34 places of 7: 8:00 to 11:51, and two minutes are left. */
static void first_last_and_cut(void **state)
{
	struct stage *s = *state;
	struct core_plan plans[64];
	const struct core_blocker *b;

	stage_clinic(s, 7);
	stage_taken(s, at(s, -60));
	stage_taken(s, at(s, -53));
	stage_taken(s, at(s, 171));
	b = stage_only(s, at(s, 178), BLOCK_PLACE_START);
	assert_int_equal(b->subject->id, EXPERT);
	assert_int_equal(b->role, CLAIM_EXPERT);
	assert_int_equal(b->span.from, at(s, -60));
	assert_int_equal(b->span.to, at(s, 180));
	assert_string_equal(b->rule, s->rules[0].text);
	(void)stage_only(s, at(s, -59), BLOCK_PLACE_START);
	(void)stage_only(s, at(s, -54), BLOCK_PLACE_START);
	(void)stage_only(s, at(s, -60) + 1, BLOCK_PLACE_START);
	(void)stage_only(s, at(s, 179), BLOCK_PLACE_START);
	(void)stage_only(s, at(s, 180), BLOCK_CLOSED);
	(void)stage_only(s, at(s, -61), BLOCK_CLOSED);
	assert_int_equal(found(s, -600, 600, 64, plans), 34);
	assert_int_equal(plans[33].span.from, at(s, 171));
	/* one as long as the session, and one longer */
	s->rules[0].slot_minutes = 240;
	stage_taken(s, at(s, -60));
	(void)stage_only(s, at(s, -59), BLOCK_PLACE_START);
	s->rules[0].slot_minutes = 241;
	(void)stage_only(s, at(s, -60), BLOCK_PLACE_START);
	assert_int_equal(found(s, -600, 600, 64, plans), 0);
}

/* A session that begins off the grid, in a window that does, near to a time
 * that is. */
static void searched_off_the_grid(void **state)
{
	struct stage *s = *state;
	struct core_plan plans[64];
	struct core_span window = {at(s, -600), at(s, 600)};
	size_t n;

	stage_clinic(s, 7);
	s->rules[0].start += 61;
	s->rules[0].end += 61;
	assert_int_equal(found(s, -60, 600, 1, plans), 1);
	assert_int_equal(plans[0].span.from, at(s, -60) + 61);
	/* both edges to the second, and now as well */
	window.from = at(s, -53) + 61;
	window.to = at(s, -39) + 61;
	assert_int_equal(core_search(&s->ask, window, 9, &s->arena, plans, &n),
			 RC_OK);
	assert_int_equal(n, 2);
	window.from++;
	window.to++;
	assert_int_equal(core_search(&s->ask, window, 9, &s->arena, plans, &n),
			 RC_OK);
	assert_int_equal(n, 2);
	assert_int_equal(plans[1].span.from, at(s, -39) + 61);
	s->ask.now = window.from = at(s, -39) + 61;
	window.to = window.from + 1;
	assert_int_equal(core_search(&s->ask, window, 9, &s->arena, plans, &n),
			 RC_OK);
	assert_int_equal(n, 1);
	s->ask.now++;
	assert_int_equal(core_search(&s->ask, window, 9, &s->arena, plans, &n),
			 RC_OK);
	assert_int_equal(n, 0);
	(void)stage_only(s, window.from, BLOCK_PAST);
	/* of two as near the earlier */
	s->ask.now = 0;
	window = (struct core_span){at(s, -600), at(s, 600)};
	assert_int_equal(core_nearest(&s->ask, window, at(s, -4) + 61 + 210, 1,
				      &s->arena, plans, &n),
			 RC_OK);
	assert_int_equal(plans[0].span.from, at(s, -4) + 61);
	assert_int_equal(core_nearest(&s->ask, window, at(s, -4) + 61 + 211, 1,
				      &s->arena, plans, &n),
			 RC_OK);
	assert_int_equal(plans[0].span.from, at(s, 3) + 61);
}

/* A ring ends at a time that no place begins at: the one just before `at` is
 * nearer than the ring is wide. */
static void nearest_in_rings(void **state)
{
	struct stage *s = *state;
	struct core_span window = {at(s, -14400), at(s, 14400)};
	struct core_plan plans[1];
	size_t n;

	stage_clinic(s, 240);
	for (int64_t off = -300; off <= 300; off += 20) {
		/* a day and a bit from Monday's session, less from Friday's */
		int64_t from = at(s, -60 - 3 * 1440) + 86400 + off;
		int64_t friday = at(s, -60 - 3 * 1440);
		int64_t monday = at(s, -60);
		bool early = from - friday <= monday - from;

		assert_int_equal(core_nearest(&s->ask, window, from, 1,
					      &s->arena, plans, &n),
				 RC_OK);
		assert_int_equal(n, 1);
		assert_int_equal(plans[0].span.from, early ? friday : monday);
	}
}

static void booked_neighbours(void **state)
{
	struct stage *s = *state;
	struct core_claim *c;
	struct core_plan plans[64];

	stage_clinic(s, 20);
	s->expert.buffer_minutes = 30;
	c = stage_session(s, CLINIC, -20, 0);
	c->session = at(s, -60);
	c = stage_session(s, CLINIC, 20, 40);
	c->session = at(s, -60);
	/* between two places of the session */
	stage_taken(s, s->t);
	assert_int_equal(s->plan.next.booking, 8);
	assert_int_equal(s->plan.next.span.from, s->plan.next.span.to);
	assert_int_equal(found(s, -600, 600, 64, plans), 10);
	(void)stage_only(s, at(s, 20), BLOCK_BUSY);
	/* if it is of another session its pause counts, on either side */
	c->session = at(s, 20);
	assert_int_equal(stage_only(s, s->t, BLOCK_BUSY)->role, CLAIM_BUFFER);
	c->from = at(s, 50);
	c->to = at(s, 70);
	c->session = at(s, 50);
	stage_taken(s, s->t);
	assert_int_equal(stage_only(s, at(s, 80), BLOCK_BUFFER)->span.from,
			 at(s, 70));
	assert_int_equal(s->why.v[0].span.to, at(s, 100));
	stage_taken(s, at(s, 100));
	/* it has begun when ours did, but in another room */
	c->session = at(s, -60);
	c->place = STUDIO;
	(void)stage_only(s, at(s, 80), BLOCK_BUFFER);
	c->place = CLINIC;
	stage_taken(s, at(s, 80));
	/* a hold that has lapsed, and the one that moves */
	c->session = 0;
	c->from = at(s, 80);
	c->to = at(s, 100);
	(void)stage_only(s, at(s, 80), BLOCK_BUSY);
	c->hold_until = s->ask.now;
	stage_taken(s, at(s, 80));
	c->hold_until = 0;
	s->ask.ignore_booking = 8;
	stage_taken(s, at(s, 80));
}

/* Other work keeps its distance from the session, before it and after it. */
static void the_pause_about_a_session(void **state)
{
	struct stage *s = *state;
	struct core_claim *c;

	stage_clinic(s, 20);
	s->expert.buffer_minutes = 30;
	c = stage_claim(s, &s->expert.subject, 50, 80);
	stage_taken(s, s->t);
	c->from -= MIN;
	assert_int_equal(stage_only(s, s->t, BLOCK_BUSY)->span.from, at(s, 49));
	/* before the session its own pause stands as a claim */
	c->from = at(s, -90);
	c->to = at(s, -60);
	stage_taken(s, at(s, -60));
	c->role = CLAIM_BUFFER;
	c->to += MIN;
	(void)stage_only(s, at(s, -60), BLOCK_BUFFER);
	/* a consultation after a booked place, and before one */
	s->ask.kind = KIND_REMOTE_CONSULTATION;
	s->rules[0].slot_minutes = 0;
	s->rules[0].kinds = 0;
	*c = (struct core_claim){.from = s->t,
				 .to = at(s, 20),
				 .booking = 8,
				 .place = CLINIC,
				 .place_site = LEAD,
				 .session = at(s, -60),
				 .role = CLAIM_EXPERT};
	s->ask.minutes = 15;
	stage_taken(s, at(s, 50));
	assert_int_equal(stage_only(s, at(s, 45), BLOCK_BUFFER)->span.to,
			 at(s, 50));
	stage_taken(s, at(s, -45));
	(void)stage_only(s, at(s, -40), BLOCK_BUSY);
}

static void leave_in_the_middle(void **state)
{
	struct stage *s = *state;
	struct core_plan plans[64];
	const struct core_blocker *b;

	stage_clinic(s, 20);
	stage_leave(s, &s->expert.subject, 10, 41);
	stage_taken(s, at(s, -20));
	b = stage_only(s, s->t, BLOCK_LEAVE);
	assert_int_equal(b->span.from, at(s, 10));
	assert_int_equal(b->span.to, at(s, 41));
	(void)stage_only(s, at(s, 20), BLOCK_LEAVE);
	(void)stage_only(s, at(s, 40), BLOCK_LEAVE);
	stage_taken(s, at(s, 60));
	assert_int_equal(found(s, -600, 600, 64, plans), 9);
	/* the room's leave */
	s->expert.subject.nleaves = 0;
	s->lead[2].leaves = &s->leave;
	s->lead[2].nleaves = 1;
	b = stage_only(s, at(s, 40), BLOCK_LEAVE);
	assert_int_equal(b->subject->id, CLINIC);
	assert_int_equal(b->role, CLAIM_PLACE);
	assert_int_equal(found(s, -600, 600, 64, plans), 9);
}

/* An expert goes away in the middle of a session; one is seconded to where the
 * session is. */
static void cut_by_a_secondment(void **state)
{
	struct stage *s = *state;
	struct core_plan plans[64];

	stage_clinic(s, 20);
	s->expert.naway = 1;
	s->away.zone = stage_zone(s, "America/New_York");
	s->away.first_day = civil_days(2024, 12, 2);
	s->away.last_day = civil_days(2024, 12, 9);
	/* New York's 2 December begins at 13:00 of Shanghai's */
	s->rules[0].start += 3 * HOUR + 50 * MIN;
	s->rules[0].end += 3 * HOUR + 50 * MIN;
	stage_taken(s, at(s, 210));
	(void)stage_only(s, at(s, 230), BLOCK_PLACE_START);
	assert_int_equal(found(s, -600, 1600, 64, plans), 3);
	(void)stage_only(s, at(s, 250), BLOCK_SECONDED);
	/* seen from afar or not, a clinic is where its expert is */
	s->rules[0].seconded = true;
	s->rules[0].place = ROOM;
	stage_taken(s, at(s, 250));
	stage_has(s, 2, ROOM, CLAIM_PLACE, 250, 270);
}

static void two_rooms_at_once(void **state)
{
	struct stage *s = *state;
	struct core_plan plans[64];

	stage_clinic(s, 20);
	s->expert.subject.nrules = 2;
	s->rules[1] = s->rules[0];
	s->rules[1].place = ROOM;
	s->rules[1].slot_minutes = 15;
	stage_taken(s, at(s, -60));
	stage_has(s, 2, CLINIC, CLAIM_PLACE, -60, -40);
	stage_taken(s, at(s, -45));
	stage_has(s, 2, ROOM, CLAIM_PLACE, -45, -30);
	/* the clinic is taken: the other room's place is shorter */
	stage_claim(s, &s->lead[2], -60, -40);
	stage_taken(s, at(s, -60));
	stage_has(s, 2, ROOM, CLAIM_PLACE, -60, -45);
	assert_int_equal(s->plan.place, ROOM);
	/* 12 and 16 places, 4 of them at the same time */
	assert_int_equal(found(s, -600, 600, 64, plans), 24);
	for (int i = 1; i < 24; i++)
		assert_true(plans[i].span.from > plans[i - 1].span.from);
	/* both taken: both are told */
	stage_claim(s, &s->lead[3], -60, -40);
	stage_refused(s, at(s, -60), REASONS(BLOCK_BUSY, BLOCK_BUSY));
	assert_int_equal(s->why.v[0].subject->id, CLINIC);
	assert_int_equal(s->why.v[1].subject->id, ROOM);
	assert_int_equal(found(s, -600, 600, 64, plans), 22);
}

/* What one place's refusal told of a named room the other one needs as well. */
static void two_rooms_and_a_device(void **state)
{
	struct stage *s = *state;

	stage_clinic(s, 20);
	s->expert.subject.nrules = 2;
	s->rules[1] = s->rules[0];
	s->rules[1].place = ROOM;
	s->rules[1].slot_minutes = 15;
	s->ask.nnamed = 1;
	stage_claim(s, &s->named[0], -45, 0);
	stage_taken(s, at(s, -60));
	assert_int_equal(s->plan.nclaims, 4);
	stage_has(s, 2, ROOM, CLAIM_PLACE, -60, -45);
	stage_has(s, 3, LINK, CLAIM_RESOURCE, -60, -45);
	s->named[0].nclaims = 0;
	stage_claim(s, &s->named[0], -60, 0);
	stage_refused(s, at(s, -60), REASONS(BLOCK_BUSY, BLOCK_BUSY));
	assert_int_equal(s->why.v[1].subject->id, LINK);
}

/* A rule without places offers no kind of places. */
static void a_place_is_of_a_session(void **state)
{
	struct stage *s = *state;
	struct core_plan plans[4];

	stage_clinic(s, 0);
	assert_int_equal(stage_only(s, s->t, BLOCK_KIND)->subject->id, EXPERT);
	assert_int_equal(found(s, -600, 600, 4, plans), 0);
	s->rules[0].slot_minutes = 20;
	s->rules[0].kinds = KINDSET(KIND_ONSITE_PROCEDURE);
	(void)stage_only(s, s->t, BLOCK_KIND);
	s->rules[0].kinds = 0;
	(void)stage_only(s, s->t, BLOCK_KIND);
	/* nor a session of places what is asked for from afar */
	s->rules[0].kinds = KINDSET(KIND_REMOTE_CONSULTATION);
	s->ask.kind = KIND_REMOTE_CONSULTATION;
	s->ask.minutes = 20;
	(void)stage_only(s, s->t, BLOCK_PLACE_START);
}

static void places_on_holidays(void **state)
{
	struct stage *s = *state;
	const struct core_blocker *b;

	stage_clinic(s, 20);
	s->rules[0].calendar = &s->calendar;
	b = stage_only(s, s->t, BLOCK_HOLIDAY);
	assert_int_equal(b->span.from, at(s, -60));
	s->rules[0].on_holidays = true;
	stage_taken(s, s->t);
}

/* --- where --- */

static void no_such_room(void **state)
{
	struct stage *s = *state;
	const struct core_blocker *b;

	stage_clinic(s, 20);
	s->rules[0].place = WARD;
	b = stage_only(s, s->t, BLOCK_NO_ROOM);
	assert_int_equal(b->role, CLAIM_PLACE);
	assert_null(b->subject);
	s->rules[0].place = 0;
	(void)stage_only(s, s->t, BLOCK_NO_ROOM);
}

static void a_clinic_elsewhere(void **state)
{
	struct stage *s = *state;
	const struct core_blocker *b;
	struct core_plan plans[4];

	stage_clinic(s, 20);
	s->rules[0].place = ROOM;
	stage_taken(s, s->t);
	s->rules[0].place = THIRD_ROOM;
	b = stage_only(s, s->t, BLOCK_ELSEWHERE);
	assert_int_equal(b->subject->id, THIRD_ROOM);
	assert_int_equal(b->role, CLAIM_PLACE);
	assert_int_equal(b->span.from, at(s, -60));
	assert_int_equal(b->span.to, at(s, 180));
	assert_string_equal(b->rule, s->rules[0].text);
	(void)stage_only(s, at(s, 1), BLOCK_ELSEWHERE);
	assert_int_equal(found(s, -600, 600, 4, plans), 0);
	/* a room that is named and elsewhere may be busy as well */
	s->named[0] = s->lead[5];
	s->ask.nnamed = 1;
	stage_claim(s, &s->named[0], -60, 60);
	stage_refused(s, s->t, REASONS(BLOCK_ELSEWHERE, BLOCK_BUSY));
}

static void a_procedure(struct stage *s)
{
	stage_clinic(s, 0);
	s->ask.kind = KIND_ONSITE_PROCEDURE;
	s->ask.minutes = 90;
	s->agreement.kinds |= KINDSET(KIND_ONSITE_PROCEDURE);
	s->expert.kinds |= KINDSET(KIND_ONSITE_PROCEDURE);
	s->rules[0].kinds = KINDSET(KIND_ONSITE_PROCEDURE);
	s->rules[0].place = ROOM;
}

static void procedures_at_the_partner(void **state)
{
	struct stage *s = *state;
	struct core_plan plans[64];

	a_procedure(s);
	s->expert.buffer_minutes = 10;
	stage_taken(s, s->t);
	assert_int_equal(s->plan.place, ROOM);
	assert_int_equal(s->plan.session, 0);
	assert_int_equal(s->plan.nclaims, 4);
	stage_has(s, 0, EXPERT, CLAIM_EXPERT, 0, 90);
	stage_has(s, 1, EXPERT, CLAIM_BUFFER, 90, 100);
	stage_has(s, 3, ROOM, CLAIM_PLACE, 0, 90);
	(void)stage_only(s, at(s, 1), BLOCK_GRID);
	assert_int_equal(found(s, -600, 600, 64, plans), 31);
	s->rules[0].place = CLINIC;
	assert_int_equal(stage_only(s, s->t, BLOCK_ELSEWHERE)->subject->id,
			 CLINIC);
	s->rules[0].place = THIRD_ROOM;
	(void)stage_only(s, s->t, BLOCK_ELSEWHERE);
	s->rules[0].place = 0;
	assert_int_equal(stage_only(s, s->t, BLOCK_NO_ROOM)->role, CLAIM_PLACE);
	assert_int_equal(found(s, -600, 600, 64, plans), 0);
	/* one of two places is elsewhere: the other does */
	s->rules[0].place = CLINIC;
	s->rules[1] = s->rules[0];
	s->rules[1].place = ROOM;
	s->expert.subject.nrules = 2;
	stage_taken(s, s->t);
	assert_int_equal(s->plan.place, ROOM);
	stage_claim(s, &s->lead[3], 0, 20);
	stage_refused(s, s->t, REASONS(BLOCK_ELSEWHERE, BLOCK_BUSY));
}

/* Procedures may have places too: where one begins it is as long as that. */
static void procedures_in_places(void **state)
{
	struct stage *s = *state;
	struct core_plan plans[64];

	a_procedure(s);
	s->rules[1] = s->rules[0];
	s->rules[1].place = ROOM2;
	s->rules[1].slot_minutes = 100;
	s->expert.subject.nrules = 2;
	stage_taken(s, at(s, -60));
	assert_int_equal(s->plan.span.to, at(s, 40));
	assert_int_equal(s->plan.session, at(s, -60));
	stage_taken(s, at(s, -55));
	assert_int_equal(s->plan.span.to, at(s, 35));
	assert_int_equal(s->plan.session, 0);
	/* every start once, the places among them */
	assert_int_equal(found(s, -600, 600, 64, plans), 31);
	assert_int_equal(plans[0].session, at(s, -60));
	assert_int_equal(plans[20].session, at(s, -60));
	assert_int_equal(plans[20].span.from, at(s, 40));
	assert_int_equal(plans[21].session, 0);
	/* ... the nearest few, too */
	assert_int_equal(found(s, -60, 600, 3, plans), 3);
	assert_int_equal(plans[1].span.from, at(s, -55));
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, stage_set_up, stage_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_plan_of_a_place),
		TEST(first_last_and_cut),
		TEST(searched_off_the_grid),
		TEST(nearest_in_rings),
		TEST(booked_neighbours),
		TEST(the_pause_about_a_session),
		TEST(leave_in_the_middle),
		TEST(cut_by_a_secondment),
		TEST(two_rooms_at_once),
		TEST(two_rooms_and_a_device),
		TEST(a_place_is_of_a_session),
		TEST(places_on_holidays),
		TEST(no_such_room),
		TEST(a_clinic_elsewhere),
		TEST(procedures_at_the_partner),
		TEST(procedures_in_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
