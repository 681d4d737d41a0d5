/* Surgical guidance: everybody for as long as they are needed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/civil.h"
#include "tests/support/stage.h"

/* Session 0 to 60, operation -30 to 80, reserve to 90, pause to 100. */
static void every_interval(void **state)
{
	struct stage *s = *state;

	stage_operation(s);
	s->expert.buffer_minutes = 10;
	s->ask.nnamed = 1;
	s->named[0].type = SUBJECT_DEVICE;
	stage_taken(s, s->t);
	assert_int_equal(s->plan.span.from, s->t);
	assert_int_equal(s->plan.span.to, s->t + 60 * MIN);
	assert_int_equal(s->plan.operation.from, s->t - 30 * MIN);
	assert_int_equal(s->plan.operation.to, s->t + 80 * MIN);
	assert_int_equal(s->plan.place, STUDIO);
	assert_int_equal(s->plan.session, 0);
	assert_int_equal(s->plan.next.booking, 0);
	assert_int_equal(s->plan.nclaims, 9);
	stage_has(s, 0, EXPERT, CLAIM_EXPERT, 0, 60);
	stage_has(s, 1, EXPERT, CLAIM_OVERRUN, 60, 90);
	stage_has(s, 2, EXPERT, CLAIM_BUFFER, 90, 100);
	stage_has(s, 3, PATIENT, CLAIM_PATIENT, -30, 90);
	stage_has(s, 4, SURGEON, CLAIM_SURGEON, -30, 90);
	stage_has(s, 5, STUDIO, CLAIM_LEAD_STUDIO, 0, 90);
	stage_has(s, 6, THEATRE, CLAIM_OPERATING_ROOM, -30, 90);
	stage_has(s, 7, LINE, CLAIM_LINK, 0, 90);
	stage_has(s, 8, LINK, CLAIM_RESOURCE, 0, 90);
}

/* What the operation needs is taken until its end, if that is later than the
 * reserve; odd minutes are as good as others. */
static void longer_than_the_reserve(void **state)
{
	struct stage *s = *state;

	stage_operation(s);
	s->ask.before = 7;
	s->ask.after = 33;
	s->ask.surgeon = NULL;
	s->ask.patient = NULL;
	stage_taken(s, s->t);
	assert_int_equal(s->plan.nclaims, 5);
	stage_has(s, 3, THEATRE, CLAIM_OPERATING_ROOM, -7, 93);
	stage_has(s, 4, LINE, CLAIM_LINK, 0, 90);
	s->ask.before = s->ask.after = 0;
	stage_taken(s, s->t);
	stage_has(s, 3, THEATRE, CLAIM_OPERATING_ROOM, 0, 90);
}

static void the_agreements_reserve(void **state)
{
	struct stage *s = *state;

	stage_operation(s);
	s->agreement.overrun_minutes = 0;
	s->expert.buffer_minutes = 10;
	stage_taken(s, s->t);
	assert_int_equal(s->plan.nclaims, 7);
	stage_has(s, 1, EXPERT, CLAIM_BUFFER, 60, 70);
	stage_has(s, 6, LINE, CLAIM_LINK, 0, 60);
	stage_has(s, 5, THEATRE, CLAIM_OPERATING_ROOM, -30, 80);
	s->agreement.overrun_minutes = 45;
	stage_taken(s, s->t);
	stage_has(s, 1, EXPERT, CLAIM_OVERRUN, 60, 105);
	stage_has(s, 2, EXPERT, CLAIM_BUFFER, 105, 115);
	stage_has(s, 6, THEATRE, CLAIM_OPERATING_ROOM, -30, 105);
	/* a consultation ends when it ends */
	s->ask.kind = KIND_REMOTE_CONSULTATION;
	s->ask.before = s->ask.after = 0;
	s->ask.pools[0] = (struct core_pool){s->far, 2};
	stage_taken(s, s->t);
	stage_has(s, 1, EXPERT, CLAIM_BUFFER, 60, 70);
}

/* Minutes before and after are for operations, and bounded. */
static void what_can_be_asked(void **state)
{
	struct stage *s = *state;

	stage_operation(s);
	s->ask.before = CORE_MINUTES_MAX + 1;
	assert_int_equal(stage_decide(s, s->t), RC_INVALID);
	s->ask.before = -1;
	assert_int_equal(stage_decide(s, s->t), RC_INVALID);
	s->ask.before = CORE_MINUTES_MAX;
	stage_taken(s, s->t);
	s->ask.after = CORE_MINUTES_MAX + 1;
	assert_int_equal(stage_decide(s, s->t), RC_INVALID);
	s->ask.after = -1;
	assert_int_equal(stage_decide(s, s->t), RC_INVALID);
	s->ask.after = CORE_MINUTES_MAX;
	stage_taken(s, s->t);
	s->ask.kind = KIND_REMOTE_CONSULTATION;
	s->ask.after = 0;
	assert_int_equal(stage_decide(s, s->t), RC_INVALID);
	s->ask.before = 0;
	s->ask.after = 1;
	assert_int_equal(stage_decide(s, s->t), RC_INVALID);
}

/* The reserve is taken and counts against others, but need not be open. */
static void the_reserve_is_taken(void **state)
{
	struct stage *s = *state;
	struct core_claim *c;
	const struct core_blocker *b;

	stage_operation(s);
	/* 8 to 12: the last session is from 11 */
	stage_taken(s, s->t + 2 * HOUR);
	(void)stage_only(s, s->t + 2 * HOUR + 300, BLOCK_CLOSED);
	c = stage_claim(s, &s->expert.subject, 90, 120);
	stage_taken(s, s->t);
	c->from -= MIN;
	b = stage_only(s, s->t, BLOCK_BUSY);
	assert_int_equal(b->span.from, s->t + 89 * MIN);
	assert_int_equal(b->role, CLAIM_EXPERT);
	/* the pause behind the reserve */
	c->from += MIN;
	s->expert.buffer_minutes = 1;
	assert_int_equal(stage_only(s, s->t, BLOCK_BUSY)->role, CLAIM_BUFFER);
	/* somebody else's reserve is as good as a session */
	*c = (struct core_claim){.subject = EXPERT,
				 .from = s->t - HOUR,
				 .to = s->t + MIN,
				 .booking = 7,
				 .role = CLAIM_OVERRUN};
	(void)stage_only(s, s->t, BLOCK_BUSY);
	c->to = s->t;
	stage_taken(s, s->t);
	/* the expert's leave begins when the session ends */
	stage_leave(s, &s->expert.subject, 60, 600);
	stage_taken(s, s->t);
	s->leave.from -= MIN;
	b = stage_only(s, s->t, BLOCK_LEAVE);
	assert_int_equal(b->subject->id, EXPERT);
	assert_int_equal(b->role, CLAIM_EXPERT);
	assert_int_equal(b->span.from, s->t + 59 * MIN);
	assert_int_equal(b->span.to, s->t + 600 * MIN);
}

/* An operating room: claims until the reserve's end, opening hours and leave
 * for the operation alone; the minutes on either side. */
static void the_operating_room(void **state)
{
	struct stage *s = *state;
	struct core_claim *c;

	stage_operation(s);
	s->ask.pools[0].n = 1;
	c = stage_claim(s, &s->theatres[0], -60, -30);
	stage_taken(s, s->t);
	c->to += MIN;
	assert_int_equal(stage_only(s, s->t, BLOCK_BUSY)->role,
			 CLAIM_OPERATING_ROOM);
	*c = (struct core_claim){.from = s->t + 90 * MIN,
				 .to = s->t + 99 * MIN};
	stage_taken(s, s->t);
	c->from -= MIN;
	(void)stage_only(s, s->t, BLOCK_BUSY);
	/* that one is busy, the other does */
	s->ask.pools[0].n = 2;
	stage_taken(s, s->t);
	stage_has(s, 5, THEATRE2, CLAIM_OPERATING_ROOM, -30, 90);
	s->ask.pools[0].n = 1;
	s->theatres[0].nclaims = 0;
	stage_leave(s, &s->theatres[0], 80, 90);
	stage_taken(s, s->t);
	s->leave.from -= MIN;
	(void)stage_only(s, s->t, BLOCK_LEAVE);
	stage_leave(s, &s->theatres[0], -60, -30);
	stage_taken(s, s->t);
	s->leave.to += MIN;
	(void)stage_only(s, s->t, BLOCK_LEAVE);
	s->theatres[0].nleaves = 0;
	s->rules[1] = stage_rule(s, "FREQ=DAILY",
				 civil_days(2024, 1, 1) * CIVIL_DAY + 8 * HOUR +
					 30 * MIN,
				 110 * MIN);
	s->theatres[0].rules = &s->rules[1];
	s->theatres[0].nrules = 1;
	stage_taken(s, s->t);
	s->ask.before++;
	(void)stage_only(s, s->t, BLOCK_CLOSED);
	s->ask.before--;
	s->ask.after++;
	(void)stage_only(s, s->t, BLOCK_CLOSED);
}

static void a_links_capacity(void **state)
{
	struct stage *s = *state;

	stage_operation(s);
	s->ask.pools[1].n = 1;
	s->lines[0].capacity = 2;
	stage_claim(s, &s->lines[0], 0, 30);
	stage_claim(s, &s->lines[0], 30, 90);
	stage_taken(s, s->t);
	/* for one minute three */
	stage_claim(s, &s->lines[0], 89, 120);
	stage_refused(s, s->t, REASONS(BLOCK_BUSY, BLOCK_BUSY));
	assert_int_equal(s->why.v[0].role, CLAIM_LINK);
	assert_int_equal(s->why.v[0].span.from, s->t + 30 * MIN);
	assert_int_equal(s->why.v[1].span.from, s->t + 89 * MIN);
	/* the second link */
	s->ask.pools[1].n = 2;
	stage_taken(s, s->t);
	stage_has(s, 6, LINE2, CLAIM_LINK, 0, 90);
	s->ask.pools[1].n = 0;
	assert_int_equal(stage_only(s, s->t, BLOCK_NO_ROOM)->role, CLAIM_LINK);
}

static void the_surgeon(void **state)
{
	struct stage *s = *state;
	struct core_claim *c;
	const struct core_blocker *b;

	stage_operation(s);
	c = stage_claim(s, &s->surgeon, -90, -30);
	stage_taken(s, s->t);
	c->to += MIN;
	b = stage_only(s, s->t, BLOCK_BUSY);
	assert_int_equal(b->subject->id, SURGEON);
	assert_int_equal(b->role, CLAIM_SURGEON);
	c->role = CLAIM_BUFFER;
	(void)stage_only(s, s->t, BLOCK_BUFFER);
	/* on the way to a session of another booking */
	c->role = CLAIM_TRANSFER;
	(void)stage_only(s, s->t, BLOCK_BUSY);
	/* lapsed, and the one that moves */
	c->hold_until = s->ask.now;
	stage_taken(s, s->t);
	c->hold_until = 0;
	s->ask.ignore_booking = 7;
	stage_taken(s, s->t);
	s->surgeon.nclaims = 0;
	stage_leave(s, &s->surgeon, 79, 200);
	assert_int_equal(stage_only(s, s->t, BLOCK_LEAVE)->role, CLAIM_SURGEON);
	/* a consultation has none */
	s->ask.kind = KIND_REMOTE_CONSULTATION;
	s->ask.before = s->ask.after = 0;
	s->ask.pools[0] = (struct core_pool){s->far, 2};
	stage_taken(s, s->t);
	assert_int_equal(s->plan.nclaims, 4);
}

/* A theatre that is named is wanted for the operation; a second one for the
 * session; what could not be had is told of once. */
static void named_theatres(void **state)
{
	struct stage *s = *state;

	stage_operation(s);
	s->named[0] = s->theatres[1];
	s->ask.nnamed = 1;
	stage_taken(s, s->t);
	assert_int_equal(s->plan.nclaims, 7);
	stage_has(s, 5, THEATRE2, CLAIM_OPERATING_ROOM, -30, 90);
	s->named[1] = s->theatres[0];
	s->ask.nnamed = 2;
	stage_taken(s, s->t);
	assert_int_equal(s->plan.nclaims, 8);
	stage_has(s, 5, THEATRE, CLAIM_OPERATING_ROOM, -30, 90);
	stage_has(s, 7, THEATRE2, CLAIM_RESOURCE, 0, 90);
	/* the first is busy before the session: they change parts */
	stage_claim(s, &s->theatres[0], -60, 0);
	stage_taken(s, s->t);
	stage_has(s, 5, THEATRE2, CLAIM_OPERATING_ROOM, -30, 90);
	stage_has(s, 7, THEATRE, CLAIM_RESOURCE, 0, 90);
	s->ask.nnamed = 1;
	s->named[0] = s->theatres[0];
	assert_int_equal(stage_only(s, s->t, BLOCK_BUSY)->role,
			 CLAIM_OPERATING_ROOM);
}

/* The expert sits in the only room of a pool, or somewhere else. */
static void a_place_beside_the_pool(void **state)
{
	struct stage *s = *state;

	stage_operation(s);
	s->lead[3] = s->theatres[0];
	s->ask.pools[0].n = 1;
	s->rules[0].place = THEATRE;
	assert_int_equal(stage_only(s, s->t, BLOCK_NO_ROOM)->role,
			 CLAIM_OPERATING_ROOM);
	s->rules[1] = s->rules[0];
	s->rules[1].place = CLINIC;
	s->expert.subject.nrules = 2;
	stage_taken(s, s->t);
	assert_int_equal(s->plan.place, CLINIC);
	assert_int_equal(s->plan.nclaims, 7);
	stage_has(s, 4, CLINIC, CLAIM_LEAD_STUDIO, 0, 90);
	stage_has(s, 5, THEATRE, CLAIM_OPERATING_ROOM, -30, 90);
	s->ask.pools[0].n = 2;
	stage_taken(s, s->t);
	stage_has(s, 4, THEATRE, CLAIM_LEAD_STUDIO, 0, 90);
	stage_has(s, 5, THEATRE2, CLAIM_OPERATING_ROOM, -30, 90);
}

/* What the search offers begins where operation and reserve fit in. */
static void searched(void **state)
{
	struct stage *s = *state;
	struct core_plan plans[64];
	struct core_span day = {s->t - 9 * HOUR, s->t + 15 * HOUR};
	size_t n;

	stage_operation(s);
	s->ask.before = 7;
	s->ask.pools[0].n = 1;
	stage_claim(s, &s->theatres[0], -60, -2);
	stage_claim(s, &s->surgeon, 121, 300);
	assert_int_equal(core_search(&s->ask, day, 64, &s->arena, plans, &n),
			 RC_OK);
	/* from 9:05, for 8:58 and 7 minutes; until 11:01 less 90 minutes */
	assert_int_equal(n, 6);
	assert_int_equal(plans[0].span.from, s->t + 5 * MIN);
	assert_int_equal(plans[5].span.from, s->t + 30 * MIN);
	assert_int_equal(plans[5].operation.to, s->t + 110 * MIN);
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, stage_set_up, stage_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_interval),
		TEST(longer_than_the_reserve),
		TEST(the_agreements_reserve),
		TEST(what_can_be_asked),
		TEST(the_reserve_is_taken),
		TEST(the_operating_room),
		TEST(a_links_capacity),
		TEST(the_surgeon),
		TEST(named_theatres),
		TEST(a_place_beside_the_pool),
		TEST(searched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
