/* A search that found nothing: what is told, to whom, and that it is so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <string.h>

#include "base/civil.h"
#include "tests/support/desk.h"

#define HOUR ((int64_t)3600)
#define SUNDAY (DESK_MONDAY - 32 * HOUR)

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

static enum rc slots_step(struct work *w, void *arg)
{
	struct search *s = arg;

	return work_slots(w, &s->in, &s->out);
}

static struct search search_on(int64_t from, int64_t to)
{
	struct search s = {0};

	proto_clear(&msg_slots_query_table, &s.in);
	s.in.from = from;
	s.in.to = to;
	s.in.explain = true;
	return s;
}

/* What is told has been counted whole; answers it. */
static const struct msg_explanation *
explained(const struct principal *who, struct search *s, size_t agreements)
{
	assert_int_equal(RC_OK, desk_do(&desk, who, slots_step, s));
	assert_int_equal(0, s->out.slots.n);
	assert_int_equal(agreements, s->out.explained.n);
	const struct msg_explanation *v = s->out.explained.v;

	for (size_t i = 0; i < agreements; i++) {
		const struct msg_removal *r = v[i].removals.v;
		int64_t alone = 0;

		assert_int_equal(v[i].chances, v[i].by_one + v[i].by_several);
		for (size_t k = 0; k < v[i].removals.n; k++)
			alone += r[k].alone;
		assert_int_equal(alone, v[i].by_one);
	}
	return &v[0];
}

static const struct msg_relaxation *relaxation(const struct msg_explanation *e,
					       enum relax what)
{
	const struct msg_relaxation *v = e->relaxations.v;

	for (size_t i = 0; i < e->relaxations.n; i++) {
		const struct msg_relaxed *c = v[i].changes.v;

		if (v[i].changes.n == 1 && c->what == (int)what)
			return &v[i];
	}
	fail_msg("%s", words_name(&words_relax, (int)what));
	abort();
}

/* Of the expert that was asked for. */
static const struct msg_removal *removal(const struct msg_explanation *e,
					 enum block reason)
{
	const struct msg_removal *v = e->removals.v;

	for (size_t i = 0; i < e->removals.n; i++)
		if (v[i].reason == (int)reason && v[i].subject &&
		    !strchr(v[i].subject, '/'))
			return &v[i];
	fail_msg("%s", words_name(&words_block, (int)reason));
	abort();
}

static void a_sunday_is_closed(void **state)
{
	struct search s = search_on(SUNDAY, SUNDAY + 24 * HOUR);

	(void)state;
	s.in.kind = KIND_REMOTE_CONSULTATION;
	s.in.expert = "coronary-1";
	s.in.agreement = "heart-centre";
	const struct msg_explanation *e = explained(&desk.one, &s, 1);
	const struct msg_removal *closed = removal(e, BLOCK_CLOSED);
	const struct msg_relaxation *later = relaxation(e, RELAX_LATER);

	assert_int_equal(288, e->chances);
	assert_int_equal(1, e->every);
	assert_string_equal("coronary-1", closed->subject);
	assert_int_equal(288, closed->alone + closed->with_others);
	assert_string_equal("coronary-1 is not available", closed->detail);
	assert_int_equal(DESK_MONDAY, later->slot->from);
	assert_false(e->cut);
	/* asked for what it says, the search finds that very time */
	s.in.to = s.in.from + 7 * 24 * HOUR;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, slots_step, &s));
	assert_int_equal(0, s.out.explained.n);
	const struct msg_slot *v = s.out.slots.v;

	assert_int_equal(later->slot->from, v[0].from);
}

/* The one studio that is named is taken; any other would do, and so would
 * another expert, and the same expert an hour on. */
static void what_would_help_helps(void **state)
{
	const char *a = desk_accepted(&desk, &desk.two, "P-13");
	const char *b = desk_accepted(&desk, &desk.one, "P-14");
	struct msg_booking taken =
		desk_booked(&desk, &desk.two, a, DESK_MONDAY);
	struct search s = search_on(DESK_MONDAY, DESK_MONDAY + 300);

	(void)state;
	s.in.request = b;
	const struct msg_explanation *e = explained(&desk.one, &s, 1);
	const struct msg_removal *busy = removal(e, BLOCK_BUSY);

	assert_int_equal(1, e->chances);
	assert_string_equal("coronary-1", busy->subject);
	assert_int_equal(taken.from, busy->from);
	assert_int_equal(5, busy->minutes); /* of the window */
	const struct msg_relaxation *v = e->relaxations.v;

	assert_true(e->relaxations.n > 0);
	for (size_t i = 0; i < e->relaxations.n; i++) {
		const struct msg_relaxed *c = v[i].changes.v;
		struct take t = take(b, v[i].slot->from, false);

		assert_int_equal(1, v[i].changes.n);
		if (c->what != RELAX_LATER && c->what != RELAX_EXPERT)
			continue;
		assert_int_equal(c->what == RELAX_EXPERT
					 ? ROLE_LEAD_COORDINATOR
					 : ROLE_SITE_COORDINATOR,
				 c->granted_by);
		t.in.expert = v[i].slot->expert;
		t.hold = true;
		assert_int_equal(RC_OK,
				 desk_do(&desk, &desk.one, take_step, &t));
		struct on drop = {.code = t.out.code,
				  .booking = work_booking_release};

		assert_int_equal(
			RC_OK, desk_do(&desk, &desk.one, booking_step, &drop));
	}
}

/* coronary-1 sees patients at liaoyang-central then: other partners are told
 * that, and of no room there. */
static void a_third_hospitals_room_is_not_named(void **state)
{
	int64_t monday = INT64_C(1656864000); /* 2022-07-04 in Shanghai */
	struct search s = search_on(monday, monday + 2 * 24 * HOUR);
	bool elsewhere = false;

	(void)state;
	desk.house.scratch.now = monday - 24 * HOUR;
	s.in.kind = KIND_CLINIC_SLOT;
	s.in.expert = "coronary-1";
	const struct msg_explanation *e = explained(&desk.two, &s, 1);
	const struct msg_removal *r = e->removals.v;

	for (size_t i = 0; i < e->removals.n; i++) {
		assert_string_equal("coronary-1", r[i].subject);
		elsewhere = elsewhere || r[i].reason == BLOCK_ELSEWHERE;
		assert_true(!r[i].rule || !strstr(r[i].rule, "liaoyang"));
	}
	assert_true(elsewhere);
	const struct msg_relaxation *v = e->relaxations.v;

	for (size_t i = 0; i < e->relaxations.n; i++)
		for (size_t k = 0; k < v[i].slot->with.n; k++)
			assert_null(strstr(v[i].slot->with.v[k], "liaoyang"));
}

/* Nobody at the lead does it, by that name or any. */
static void that_nobody_does_it_is_told(void **state)
{
	struct search s = search_on(SUNDAY, SUNDAY + 24 * HOUR);

	(void)state;
	s.in.kind = KIND_CLINIC_SLOT;
	s.in.specialty = "coronary";
	s.in.expert = "electrophysiology-1";
	const struct msg_explanation *e = explained(&desk.one, &s, 1);

	assert_string_equal("electrophysiology-1",
			    removal(e, BLOCK_SPECIALTY)->subject);
	assert_string_equal("electrophysiology-1",
			    removal(e, BLOCK_KIND)->subject);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_sunday_is_closed),
		TEST(what_would_help_helps),
		TEST(a_third_hospitals_room_is_not_named),
		TEST(that_nobody_does_it_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
