/* The way between two places, before a session and after it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/civil.h"
#include "daemon/core/way.h"
#include "tests/support/stage.h"

#define DAY_MIN 1440

static int64_t at(const struct stage *s, int64_t minutes)
{
	return s->t + minutes * MIN;
}

static struct core_transfer *transfer(struct stage *s, int64_t site_a,
				      int64_t place_a, int64_t site_b,
				      int64_t place_b, int64_t minutes)
{
	struct core_transfer *t = &s->transfers[s->ask.ntransfers++];

	*t = (struct core_transfer){site_a, place_a, site_b, place_b,
				    minutes * MIN};
	return t;
}

/* A consultation from the studio, 30 minutes, between sessions at the
 * partner's room, an hour away. */
static void travel(struct stage *s)
{
	s->ask.nlead_rooms = 6;
	transfer(s, LEAD, 0, PARTNER, 0, 60);
}

/* --- how long --- */

static void the_narrowest(void **state)
{
	static const struct core_transfer all[] = {
		{LEAD, 0, PARTNER, 0, 3600},
		{LEAD, STUDIO, PARTNER, ROOM, 1200},
		{LEAD, 0, LEAD, 0, 300},
	};
	struct way_map map = {all, 3};

	(void)state;
	/* two places, in either direction, wherever it stands in the list */
	assert_int_equal(way_seconds(&map, LEAD, STUDIO, PARTNER, ROOM), 1200);
	assert_int_equal(way_seconds(&map, PARTNER, ROOM, LEAD, STUDIO), 1200);
	/* any other pair of the two sites */
	assert_int_equal(way_seconds(&map, LEAD, STUDIO, PARTNER, ROOM2), 3600);
	assert_int_equal(way_seconds(&map, PARTNER, ROOM, LEAD, CLINIC), 3600);
	/* within a site, but not from a place to itself */
	assert_int_equal(way_seconds(&map, LEAD, STUDIO, LEAD, CLINIC), 300);
	assert_int_equal(way_seconds(&map, LEAD, STUDIO, LEAD, STUDIO), 0);
	assert_int_equal(way_seconds(&map, PARTNER, ROOM, PARTNER, ROOM2), 0);
	/* of which nothing is said */
	assert_int_equal(way_seconds(&map, THIRD, THIRD_ROOM, LEAD, STUDIO), 0);
	map.n = 0;
	assert_int_equal(way_seconds(&map, LEAD, STUDIO, PARTNER, ROOM), 0);
}

static void when_a_claim_ends(void **state)
{
	struct stage *s = *state;
	struct core_claim c = {.to = 1000, .session = 7, .place = ROOM};

	s->expert.buffer_minutes = 10;
	assert_int_equal(way_end(&s->expert, &c, 7, ROOM), 1000);
	assert_int_equal(way_end(&s->expert, &c, 7, ROOM2), 1600);
	assert_int_equal(way_end(&s->expert, &c, 8, ROOM), 1600);
	assert_int_equal(way_end(&s->expert, &c, 0, ROOM), 1600);
	c.session = 0;
	assert_int_equal(way_end(&s->expert, &c, 7, ROOM), 1000);
	assert_false(way_of_session(&c, 0, ROOM));
}

/* --- to the session --- */

static void coming_from_before(void **state)
{
	struct stage *s = *state;
	struct core_claim *c;
	const struct core_blocker *b;

	travel(s);
	c = stage_session(s, ROOM, -90, -60);
	stage_taken(s, s->t);
	assert_int_equal(s->plan.place, STUDIO);
	assert_int_equal(s->plan.nclaims, 5);
	stage_has(s, 2, EXPERT, CLAIM_TRANSFER, -60, 0);
	stage_has(s, 3, STUDIO, CLAIM_LEAD_STUDIO, 0, 30);
	assert_int_equal(s->plan.next.booking, 0);
	c->to += MIN;
	/* both studios of the lead are as far */
	stage_refused(s, s->t, REASONS(BLOCK_TRANSFER, BLOCK_TRANSFER));
	b = &s->why.v[0];
	assert_int_equal(b->subject->id, EXPERT);
	assert_int_equal(b->role, CLAIM_TRANSFER);
	assert_int_equal(b->span.from, c->from);
	assert_int_equal(b->span.to, c->to);
	/* one of them is nearer */
	transfer(s, PARTNER, ROOM, LEAD, STUDIO2, 59);
	stage_taken(s, s->t);
	stage_has(s, 2, EXPERT, CLAIM_TRANSFER, -59, 0);
	stage_has(s, 3, STUDIO2, CLAIM_LEAD_STUDIO, 0, 30);
	/* a hold that has lapsed, the one that moves: nobody comes from there
	 */
	c->hold_until = s->ask.now;
	stage_taken(s, s->t);
	assert_int_equal(s->plan.nclaims, 4);
	c->hold_until++;
	stage_taken(s, s->t);
	assert_int_equal(s->plan.nclaims, 5);
	s->ask.ignore_booking = 8;
	stage_taken(s, s->t);
	assert_int_equal(s->plan.nclaims, 4);
	/* a way is nowhere: no stored one is looked at */
	s->ask.ignore_booking = 0;
	c->role = CLAIM_TRANSFER;
	c->from = s->t - MIN;
	c->to = s->t + MIN;
	stage_taken(s, s->t);
	assert_int_equal(s->plan.nclaims, 4);
}

/* Nothing lies in the way: no work at no place of note, no pause. */
static void a_way_is_free(void **state)
{
	struct stage *s = *state;
	struct core_claim *c;

	travel(s);
	s->ask.lead_rooms = &s->lead[0];
	s->ask.nlead_rooms = 1;
	c = stage_claim(s, &s->expert.subject, -120, -110);
	c->place = ROOM;
	c->place_site = PARTNER;
	c = stage_claim(s, &s->expert.subject, -70, -60);
	stage_taken(s, s->t);
	stage_has(s, 2, EXPERT, CLAIM_TRANSFER, -60, 0);
	c->to += MIN;
	assert_int_equal(stage_only(s, s->t, BLOCK_TRANSFER)->span.from,
			 c->from);
	c->role = CLAIM_BUFFER;
	(void)stage_only(s, s->t, BLOCK_TRANSFER);
	c->hold_until = s->ask.now;
	stage_taken(s, s->t);
	/* the pause after a place of a session, which has no claim of its own
	 */
	*c = (struct core_claim){.from = at(s, -90),
				 .to = at(s, -75),
				 .place = ROOM,
				 .place_site = PARTNER,
				 .session = at(s, -120),
				 .role = CLAIM_EXPERT};
	s->expert.buffer_minutes = 15;
	stage_taken(s, s->t);
	s->expert.buffer_minutes = 16;
	(void)stage_only(s, s->t, BLOCK_TRANSFER);
}

/* The session that ended last, also among ones that overlap. */
static void the_last_to_end(void **state)
{
	struct stage *s = *state;

	travel(s);
	stage_session(s, ROOM, -120, -60);
	stage_session(s, CLINIC, -90, -70);
	stage_taken(s, s->t);
	stage_has(s, 2, EXPERT, CLAIM_TRANSFER, -60, 0);
	s->claims[1].to = at(s, -59);
	stage_taken(s, s->t);
	assert_int_equal(s->plan.nclaims, 4);
}

/* Where one was a day ago does not matter. */
static void a_day_ago(void **state)
{
	struct stage *s = *state;
	struct core_claim *c;

	travel(s);
	c = stage_session(s, ROOM, -DAY_MIN - 60, -DAY_MIN);
	stage_taken(s, s->t);
	assert_int_equal(s->plan.nclaims, 4);
	c->to++;
	stage_taken(s, s->t);
	assert_int_equal(s->plan.nclaims, 5);
	c = stage_session(s, ROOM, DAY_MIN + 30, DAY_MIN + 60);
	stage_taken(s, s->t);
	assert_int_equal(s->plan.next.booking, 0);
	c->from--;
	stage_taken(s, s->t);
	assert_int_equal(s->plan.next.booking, 8);
}

/* --- from the session --- */

static void going_on(void **state)
{
	struct stage *s = *state;
	struct core_claim *c;

	travel(s);
	s->expert.buffer_minutes = 10;
	c = stage_session(s, ROOM, 100, 130);
	c->hold_until = s->t + HOUR;
	stage_taken(s, s->t);
	assert_int_equal(s->plan.nclaims, 5);
	assert_int_equal(s->plan.next.booking, 8);
	assert_int_equal(s->plan.next.hold_until, s->t + HOUR);
	assert_int_equal(s->plan.next.span.from, at(s, 40));
	assert_int_equal(s->plan.next.span.to, at(s, 100));
	/* the pause is no part of the way */
	c->from -= MIN;
	stage_refused(s, s->t, REASONS(BLOCK_TRANSFER, BLOCK_TRANSFER));
	assert_int_equal(s->why.v[0].span.from, c->from);
	s->expert.buffer_minutes = 9;
	stage_taken(s, s->t);
	/* nor is what lies between */
	c->from = at(s, 130);
	c->to = at(s, 160);
	c = stage_claim(s, &s->expert.subject, 130, 160);
	s->claims[0] = *c;
	s->claims[0].from = at(s, 60);
	s->claims[0].to = at(s, 70);
	c->booking = 8;
	c->place = ROOM;
	c->place_site = PARTNER;
	stage_taken(s, s->t);
	s->claims[0].to += MIN;
	stage_refused(s, s->t, REASONS(BLOCK_TRANSFER, BLOCK_TRANSFER));
	assert_int_equal(s->why.v[0].span.from, at(s, 60));
}

/* Put between two sessions it takes the place of the first of them as where
 * the second is come from. */
static void between_two(void **state)
{
	struct stage *s = *state;

	travel(s);
	stage_session(s, ROOM, -90, -60);
	stage_session(s, ROOM, 90, 120)->booking = 9;
	stage_taken(s, s->t);
	stage_has(s, 2, EXPERT, CLAIM_TRANSFER, -60, 0);
	assert_int_equal(s->plan.next.booking, 9);
	assert_int_equal(s->plan.next.span.from, at(s, 30));
	assert_int_equal(s->plan.next.span.to, at(s, 90));
	/* too late for the second, too early for the first: each is told */
	s->ask.minutes = 35;
	stage_refused(s, s->t, REASONS(BLOCK_TRANSFER, BLOCK_TRANSFER));
	assert_int_equal(s->why.v[0].span.from, at(s, 90));
	s->ask.minutes = 30;
	stage_refused(s, at(s, -5), REASONS(BLOCK_TRANSFER, BLOCK_TRANSFER));
	assert_int_equal(s->why.v[0].span.from, at(s, -90));
	/* at the same place there is no way, and the next has none any more */
	s->rules[0].place = ROOM;
	stage_taken(s, s->t);
	assert_int_equal(s->plan.nclaims, 4);
	assert_int_equal(s->plan.next.booking, 9);
	assert_int_equal(s->plan.next.span.from, s->plan.next.span.to);
}

/* The reserve and the pause of an operation, and then the way. */
static void after_an_operation(void **state)
{
	struct stage *s = *state;
	struct core_claim *c;

	stage_operation(s);
	travel(s);
	s->expert.buffer_minutes = 10;
	/* 60 and 30 and 10 minutes */
	c = stage_session(s, ROOM, 160, 200);
	stage_taken(s, s->t);
	assert_int_equal(s->plan.next.span.from, at(s, 100));
	c->from -= MIN;
	stage_refused(s, s->t, REASONS(BLOCK_TRANSFER, BLOCK_TRANSFER));
	/* from the reserve of one, which is where its session was */
	c->role = CLAIM_OVERRUN;
	c->from = at(s, -90);
	c->to = at(s, -60);
	stage_taken(s, s->t);
	stage_has(s, 3, PATIENT, CLAIM_PATIENT, -30, 90);
	stage_has(s, 5, EXPERT, CLAIM_TRANSFER, -60, 0);
}

/* --- at no place of note --- */

/* A round is taught from wherever one is: without a way, but the next
 * session is still come to from the last place. */
static void from_anywhere(void **state)
{
	struct stage *s = *state;
	struct core_claim *c;

	travel(s);
	s->ask.kind = KIND_TEACHING_ROUND;
	s->agreement.kinds = s->expert.kinds = s->rules[0].kinds =
		KINDSET(KIND_TEACHING_ROUND);
	s->ask.pools[0] = (struct core_pool){s->theatres, 1}; /* the ward */
	stage_taken(s, s->t);
	assert_int_equal(s->plan.nclaims, 2);
	assert_int_equal(s->plan.place, 0);
	c = stage_session(s, STUDIO, 90, 120);
	stage_taken(s, s->t);
	assert_int_equal(s->plan.next.booking, 8);
	assert_int_equal(s->plan.next.span.from, s->plan.next.span.to);
	stage_session(s, STUDIO, 90, 120);
	*c = (struct core_claim){.from = at(s, -90),
				 .to = s->t,
				 .booking = 6,
				 .place = ROOM,
				 .place_site = PARTNER,
				 .role = CLAIM_EXPERT};
	stage_taken(s, s->t);
	assert_int_equal(s->plan.nclaims, 2);
	assert_int_equal(s->plan.next.booking, 8);
	assert_int_equal(s->plan.next.span.from, at(s, 30));
	s->ask.minutes = 35;
	assert_int_equal(stage_only(s, s->t, BLOCK_TRANSFER)->span.from,
			 at(s, 90));
}

/* Whoever claims no expert comes from nowhere. */
static void nobody_goes(void **state)
{
	struct stage *s = *state;

	travel(s);
	s->ask.kind = KIND_REFERRAL;
	s->ask.bed_days = 1;
	s->ask.beds = (struct core_pool){s->far, 2};
	s->rules[0].place = ROOM;
	stage_session(s, STUDIO, -30, -10);
	stage_session(s, STUDIO, 40, 60);
	stage_taken(s, s->t);
	assert_int_equal(s->plan.nclaims, 2);
	assert_int_equal(s->plan.place, 0);
	assert_int_equal(s->plan.next.booking, 0);
	stage_claim(s, &s->patient, 0, 5);
	(void)stage_only(s, s->t, BLOCK_BUSY);
}

/* --- clinics --- */

/* Within a session of places nobody walks; into it and out of it they do. */
static void to_a_clinic(void **state)
{
	struct stage *s = *state;
	struct core_claim *c;

	stage_clinic(s, 20);
	transfer(s, LEAD, 0, LEAD, 0, 25);
	s->expert.buffer_minutes = 10;
	c = stage_session(s, CLINIC, 0, 20);
	c->session = at(s, -60);
	stage_taken(s, at(s, 20));
	assert_int_equal(s->plan.nclaims, 3);
	/* another room's session that begins at once: its pause and the way */
	c->place = STUDIO;
	assert_int_equal(stage_decide(s, at(s, 40)), RC_REFUSED);
	assert_int_equal(s->why.v[0].reason, BLOCK_TRANSFER);
	stage_taken(s, at(s, 60));
	stage_has(s, 2, EXPERT, CLAIM_TRANSFER, 35, 60);
	/* and before it */
	stage_taken(s, at(s, -60));
	assert_int_equal(s->plan.next.span.from, at(s, -25));
	(void)stage_only(s, at(s, -40), BLOCK_TRANSFER);
	c->from += 14 * MIN;
	(void)stage_only(s, at(s, -40), BLOCK_TRANSFER);
	c->from += MIN;
	stage_taken(s, at(s, -40));
	assert_int_equal(s->plan.next.span.from, at(s, -10));
}

/* --- when one is taken away --- */

static struct way next_way(struct stage *s, int64_t minutes)
{
	struct way_view view = {&s->expert,
				{s->transfers, s->ask.ntransfers},
				s->ask.now,
				s->ask.ignore_booking};
	struct way way;

	way_next(&view, at(s, minutes), &way);
	return way;
}

static void the_next_one_alone(void **state)
{
	struct stage *s = *state;
	struct core_claim *last, *next;
	struct way way;

	travel(s);
	assert_null(next_way(s, 0).next);
	next = stage_session(s, STUDIO, 90, 120);
	assert_null(next_way(s, 91).next);
	assert_ptr_equal(next_way(s, 90 - 3 * DAY_MIN).next, next);
	/* nowhere to come from */
	way = next_way(s, 90);
	assert_ptr_equal(way.next, next);
	assert_int_equal(way.after.from, way.after.to);
	assert_int_equal(way.after.to, next->from);
	stage_session(s, STUDIO, 90, 120);
	next++;
	last = &s->claims[0];
	*last = (struct core_claim){.from = at(s, -90),
				    .to = at(s, -60),
				    .booking = 6,
				    .place = ROOM,
				    .place_site = PARTNER,
				    .role = CLAIM_EXPERT};
	way = next_way(s, 0);
	assert_ptr_equal(way.next, next);
	assert_int_equal(way.after.from, at(s, 30));
	assert_int_equal(way.after.to, at(s, 90));
	/* from a day ago nobody comes */
	last->from -= DAY_MIN * MIN;
	last->to = at(s, 90 - DAY_MIN);
	way = next_way(s, 0);
	assert_int_equal(way.after.from, way.after.to);
	last->to++;
	assert_int_equal(next_way(s, 0).after.from, at(s, 30));
	/* the one that moves, the hold that has lapsed */
	s->ask.ignore_booking = 8;
	assert_null(next_way(s, 0).next);
	s->ask.ignore_booking = 6;
	way = next_way(s, 0);
	assert_int_equal(way.after.from, way.after.to);
	s->ask.ignore_booking = 0;
	next->hold_until = s->ask.now;
	assert_null(next_way(s, 0).next);
}

/* What has been put there meanwhile is not moved: the way is cut. */
static void a_way_is_cut(void **state)
{
	struct stage *s = *state;
	struct core_claim *between;
	struct way way;

	travel(s);
	s->expert.buffer_minutes = 10;
	stage_session(s, ROOM, -90, -60);
	between = stage_claim(s, &s->expert.subject, 10, 30);
	stage_session(s, STUDIO, 90, 120);
	assert_int_equal(next_way(s, 0).after.from, at(s, 30));
	between->to += MIN;
	assert_int_equal(next_way(s, 0).after.from, at(s, 31));
	between->to = at(s, 90);
	way = next_way(s, 0);
	assert_int_equal(way.after.from, way.after.to);
	assert_int_equal(way.after.to, at(s, 90));
	/* with the pause after a place of a session */
	between->to = at(s, 40);
	between->session = at(s, 10);
	assert_int_equal(next_way(s, 0).after.from, at(s, 50));
	between->to = at(s, 85);
	way = next_way(s, 0);
	assert_int_equal(way.after.from, at(s, 90));
	/* the last place itself may reach into it */
	between->session = 0;
	between->place = ROOM;
	between->place_site = PARTNER;
	assert_int_equal(next_way(s, 50).after.from, at(s, 85));
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, stage_set_up, stage_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_narrowest),
		TEST(when_a_claim_ends),
		TEST(coming_from_before),
		TEST(a_way_is_free),
		TEST(the_last_to_end),
		TEST(a_day_ago),
		TEST(going_on),
		TEST(between_two),
		TEST(after_an_operation),
		TEST(from_anywhere),
		TEST(nobody_goes),
		TEST(to_a_clinic),
		TEST(the_next_one_alone),
		TEST(a_way_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
