/* Places that are kept for others, and places behind the last. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/core/share.h"
#include "tests/support/stage.h"

/* A session of eight places of half an hour, from an hour before t. */
#define SLOT 30
#define FIRST (-60)
#define LAST (FIRST + 7 * SLOT)
#define OWN 1
#define OTHER 2
#define THIRD_AGREEMENT 3

static struct core_shares shares;
static struct core_share v[4];
static struct core_placed placed[STAGE_CLAIMS];
static struct core_taken_back taken[1];

static int64_t at(const struct stage *s, int64_t minutes)
{
	return s->t + minutes * MIN;
}

static struct core_share share(const struct stage *s, int64_t agreement,
			       int64_t places)
{
	return (struct core_share){.agreement = agreement,
				   .first_day = 0,
				   .last_day = CORE_NO_DAY - 1,
				   .lead_zone = s->agreement.lead_zone,
				   .places = places,
				   .days_before = 2,
				   .minute = 17 * 60};
}

static int set_up(void **state)
{
	int rc = stage_set_up(state);
	struct stage *s = *state;

	stage_clinic(s, SLOT);
	s->agreement.id = OWN;
	s->ask.now = at(s, -7 * 1440);
	shares = (struct core_shares){.v = v, .taken = taken, .placed = placed};
	s->ask.shares = &shares;
	return rc;
}

/* The i-th place is a booking's, under that agreement. */
static void give(struct stage *s, int64_t i, int64_t agreement)
{
	struct core_claim *c = stage_session(s, CLINIC, FIRST + i * SLOT,
					     FIRST + (i + 1) * SLOT);

	c->booking = 100 + (int64_t)shares.nplaced;
	c->session = at(s, FIRST);
	placed[shares.nplaced++] = (struct core_placed){c->booking, agreement};
}

/* Saturday at 17:00 in Shanghai, before Monday the 2nd. */
static int64_t until(void)
{
	return stage_utc("2024-11-30T17:00:00+08:00");
}

static void kept_until_its_time(void **state)
{
	struct stage *s = *state;
	const struct core_blocker *b;

	v[0] = share(s, OTHER, 8);
	shares.n = 1;
	b = stage_only(s, at(s, FIRST), BLOCK_SHARE);
	assert_int_equal(b->subject->id, EXPERT);
	assert_int_equal(b->span.to, until());
	s->ask.now = until() - 1;
	(void)stage_only(s, at(s, LAST), BLOCK_SHARE);
	s->ask.now = until();
	stage_taken(s, at(s, LAST));
	/* one more than is kept is anybody's */
	s->ask.now = until() - 1;
	v[0].places = 7;
	stage_taken(s, at(s, LAST));
	v[0].places = INT64_MAX / 4;
	(void)stage_only(s, at(s, FIRST), BLOCK_SHARE);
	/* under an agreement that is over by then nothing is kept */
	v[0].last_day = 0;
	stage_taken(s, at(s, FIRST));
}

static void what_its_own_have_is_kept_no_longer(void **state)
{
	struct stage *s = *state;

	v[0] = share(s, OTHER, 3);
	shares.n = 1;
	for (int64_t i = 0; i < 4; i++)
		give(s, i, OWN);
	/* four left, three kept */
	stage_taken(s, at(s, LAST));
	give(s, 4, OWN);
	(void)stage_only(s, at(s, LAST), BLOCK_SHARE);
	/* were it the other's own, two of three left would be kept */
	placed[4].agreement = OTHER;
	stage_taken(s, at(s, LAST));
	/* a hold that has lapsed holds nothing */
	s->claims[4].hold_until = s->ask.now;
	stage_taken(s, at(s, LAST));
	placed[4].agreement = OWN;
	stage_taken(s, at(s, LAST));
	/* whoever moves out of the session leaves a place behind */
	s->claims[4].hold_until = 0;
	(void)stage_only(s, at(s, LAST), BLOCK_SHARE);
	s->ask.ignore_booking = 104;
	stage_taken(s, at(s, LAST));
}

static void of_several_the_narrowest(void **state)
{
	struct stage *s = *state;

	v[0] = share(s, OTHER, 8);
	v[1] = share(s, OTHER, 1);
	v[1].expert = EXPERT;
	shares.n = 2;
	stage_taken(s, at(s, FIRST));
	v[2] = share(s, OTHER, 8);
	v[2].rule = s->rules[0].text;
	shares.n = 3;
	(void)stage_only(s, at(s, FIRST), BLOCK_SHARE);
	v[2].rule = "FREQ=DAILY";
	stage_taken(s, at(s, FIRST));
	/* two agreements keep half each; the first to end frees a half */
	v[0] = share(s, OTHER, 4);
	v[1] = share(s, THIRD_AGREEMENT, 4);
	v[1].days_before = 1;
	shares.n = 2;
	assert_int_equal(stage_only(s, at(s, FIRST), BLOCK_SHARE)->span.to,
			 until());
	v[1].places = 8;
	assert_int_equal(stage_only(s, at(s, FIRST), BLOCK_SHARE)->span.to,
			 until() + 86400);
	/* by hand */
	taken[0] =
		(struct core_taken_back){THIRD_AGREEMENT, EXPERT, at(s, FIRST)};
	shares.ntaken = 1;
	stage_taken(s, at(s, FIRST));
	taken[0].session += 1;
	(void)stage_only(s, at(s, FIRST), BLOCK_SHARE);
}

static void search_agrees(void **state)
{
	struct stage *s = *state;
	struct core_plan plans[16];
	struct core_span window = {at(s, FIRST), at(s, FIRST + 600)};
	size_t n;

	v[0] = share(s, OTHER, 8);
	shares.n = 1;
	assert_int_equal(core_search(&s->ask, window, 16, &s->arena, plans, &n),
			 RC_OK);
	assert_int_equal(n, 0);
	v[0].places = 7;
	assert_int_equal(core_search(&s->ask, window, 16, &s->arena, plans, &n),
			 RC_OK);
	assert_int_equal(n, 8);
}

/* --- behind the last place --- */

static void behind_the_last(void **state)
{
	struct stage *s = *state;
	int64_t behind = at(s, LAST + SLOT);

	v[0] = share(s, OTHER, 8);
	shares.n = 1;
	s->agreement.quota[KIND_CLINIC_SLOT] = 0;
	s->expert.cap_per_day = 1;
	give(s, 0, OWN);
	stage_refused(s, behind,
		      REASONS(BLOCK_QUOTA, BLOCK_DAY_CAP, BLOCK_CLOSED));
	s->ask.overbook = CORE_OVERBOOK_LEAD;
	(void)stage_only(s, behind, BLOCK_OVERBOOK_MOST);
	s->agreement.terms.overbook_most = 1;
	/* quota, share and cap are set aside; the session is the same */
	stage_taken(s, behind);
	assert_int_equal(s->plan.session, at(s, FIRST));
	assert_int_equal(s->plan.span.to, behind + SLOT * MIN);
	assert_true(s->plan.behind);
	(void)stage_only(s, behind + SLOT * MIN, BLOCK_OVERBOOK_MOST);
	s->ask.overbook = CORE_OVERBOOK_STANDS;
	stage_taken(s, behind + SLOT * MIN);
	/* what stands in a place is no place behind the last by that */
	s->ask.overbook = CORE_PLACE_STANDS;
	stage_refused(s, behind,
		      REASONS(BLOCK_QUOTA, BLOCK_DAY_CAP, BLOCK_CLOSED));
	stage_refused(s, at(s, LAST), REASONS(BLOCK_QUOTA, BLOCK_DAY_CAP));
	s->ask.overbook = CORE_OVERBOOK_STANDS;
	stage_refused(s, behind + MIN,
		      REASONS(BLOCK_QUOTA, BLOCK_DAY_CAP, BLOCK_CLOSED));
	/* ... and so they are not for a place of the session */
	s->ask.overbook = CORE_OVERBOOK_LEAD;
	stage_refused(s, at(s, LAST),
		      REASONS(BLOCK_QUOTA, BLOCK_DAY_CAP, BLOCK_SHARE));
	/* by others: with every reason */
	s->ask.overbook = CORE_OVERBOOK_OTHERS;
	give(s, 8, OWN);
	stage_refused(s, behind, REASONS(BLOCK_BUSY, BLOCK_OVERBOOK));
}

static void behind_is_free_of_other_claims(void **state)
{
	struct stage *s = *state;
	int64_t behind = at(s, LAST + SLOT);

	s->ask.overbook = CORE_OVERBOOK_LEAD;
	s->agreement.terms.overbook_most = 2;
	stage_taken(s, behind);
	stage_claim(s, &s->patient, LAST + SLOT, LAST + SLOT + 5);
	(void)stage_only(s, behind, BLOCK_BUSY);
	stage_taken(s, behind + SLOT * MIN);
	stage_claim(s, &s->lead[2], LAST + 2 * SLOT, LAST + 3 * SLOT);
	(void)stage_only(s, behind + SLOT * MIN, BLOCK_BUSY);
}

static void behind_is_searched(void **state)
{
	struct stage *s = *state;
	struct core_plan plans[16];
	struct core_span window = {at(s, FIRST), at(s, FIRST + 600)};
	size_t n;

	shares.n = 0;
	s->agreement.terms.overbook_most = 2;
	assert_int_equal(core_search(&s->ask, window, 16, &s->arena, plans, &n),
			 RC_OK);
	assert_int_equal(n, 8);
	s->ask.overbook = CORE_OVERBOOK_LEAD;
	assert_int_equal(core_search(&s->ask, window, 16, &s->arena, plans, &n),
			 RC_OK);
	assert_int_equal(n, 10);
	assert_int_equal(plans[9].span.from, at(s, LAST + 2 * SLOT));
	/* from behind the session on */
	window.from = at(s, LAST + SLOT) + 1;
	assert_int_equal(core_search(&s->ask, window, 16, &s->arena, plans, &n),
			 RC_OK);
	assert_int_equal(n, 1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, stage_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(kept_until_its_time),
		T(what_its_own_have_is_kept_no_longer),
		T(of_several_the_narrowest),
		T(search_agrees),
		T(behind_the_last),
		T(behind_is_free_of_other_claims),
		T(behind_is_searched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
