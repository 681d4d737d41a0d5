/*
 * Three opinions on the same random worlds: the search (planes, rings), the
 * decision asked about every start on the grid (about every minute where kinds
 * are booked as places), and an oracle (tests/support/oracle.h) that walks
 * minute by minute. The oracle also says every reason against a start, and
 * what is wrong with a plan.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "daemon/core/decide.h"
#include "daemon/core/kind.h"
#include "tests/support/oracle.h"
#include "tests/support/world.h"

#define WORLDS 600
#define PLANS_MAX 20000
#define ARENA_MAX (4u << 20)

/* --- the three side by side --- */

struct pair {
	int64_t start;
	size_t expert;
};

struct bench {
	struct world world;
	struct pair all[PLANS_MAX]; /* what the decision takes, by start */
	size_t nall;
	struct core_plan plans[PLANS_MAX];
	size_t nplans;
	uint64_t seed;
	int64_t at; /* for sorting */
};

static struct bench bench;

static bool decide(const struct core_ask *ask, size_t expert, int64_t at,
		   struct core_plan *plan, struct core_blockers *blockers)
{
	struct arena arena;
	enum rc rc;

	arena_init(&arena, ARENA_MAX);
	rc = core_decide(ask, expert, at, &arena, plan, blockers);
	arena_fini(&arena);
	assert_true(rc == RC_OK || rc == RC_REFUSED);
	return rc == RC_OK;
}

/* How far the starts that may do are from one another. */
static int64_t step(const struct core_ask *ask)
{
	return kind_has_places(ask->kind) ? 60 : CORE_GRANULE;
}

static void brute_force(struct bench *b)
{
	const struct core_ask *ask = &b->world.ask;
	int64_t by = step(ask);
	int64_t first = (b->world.window.from + by - 1) / by * by;
	struct core_plan plan;

	b->nall = 0;
	for (int64_t t = first; t < b->world.window.to; t += by)
		for (size_t e = 0; e < ask->nexperts; e++)
			if (decide(ask, e, t, &plan, NULL)) {
				assert_true(b->nall < PLANS_MAX);
				b->all[b->nall++] = (struct pair){t, e};
			}
}

static int by_distance(const void *left, const void *right, void *ctx)
{
	const struct pair *p = left;
	const struct pair *q = right;
	const struct bench *b = ctx;
	int64_t dp = llabs((long long)(p->start - b->at));
	int64_t dq = llabs((long long)(q->start - b->at));

	if (dp != dq)
		return dp < dq ? -1 : 1;
	if (p->start != q->start)
		return p->start < q->start ? -1 : 1;
	return (p->expert > q->expert) - (p->expert < q->expert);
}

static void same_plan(const struct bench *b, const struct core_plan *plan)
{
	struct core_plan again;

	assert_true(decide(&b->world.ask, plan->expert, plan->span.from, &again,
			   NULL));
	assert_memory_equal(&plan->span, &again.span, sizeof(plan->span));
	assert_memory_equal(&plan->next.span, &again.next.span,
			    sizeof(plan->next.span));
	assert_int_equal(plan->next.booking, again.next.booking);
	assert_int_equal(plan->place, again.place);
	assert_int_equal(plan->session, again.session);
	assert_int_equal(plan->nclaims, again.nclaims);
	for (size_t i = 0; i < plan->nclaims; i++) {
		assert_ptr_equal(plan->claims[i].subject,
				 again.claims[i].subject);
		assert_int_equal(plan->claims[i].role, again.claims[i].role);
		assert_memory_equal(&plan->claims[i].span,
				    &again.claims[i].span,
				    sizeof(plan->claims[i].span));
	}
}

/* The plans are the first n of b->all, in that order. */
static void compare(struct bench *b, size_t n, const char *what)
{
	size_t want = b->nall < n ? b->nall : n;

	for (size_t i = 0; i < b->nplans && i < want; i++) {
		if (b->plans[i].span.from != b->all[i].start ||
		    b->plans[i].expert != b->all[i].expert)
			fail_msg("SEED=%" PRIu64 ": %s, plan %zu: %" PRId64
				 " by %zu instead of %" PRId64 " by %zu",
				 b->seed, what, i, b->plans[i].span.from,
				 b->plans[i].expert, b->all[i].start,
				 b->all[i].expert);
		same_plan(b, &b->plans[i]);
	}
	if (b->nplans != want)
		fail_msg("SEED=%" PRIu64 ": %s, %zu plans instead of %zu",
			 b->seed, what, b->nplans, want);
}

static void check_search(struct bench *b, size_t n)
{
	struct arena arena;

	arena_init(&arena, ARENA_MAX);
	assert_int_equal(core_search(&b->world.ask, b->world.window, n, &arena,
				     b->plans, &b->nplans),
			 RC_OK);
	arena_fini(&arena);
	compare(b, n, "search");
}

static void check_nearest(struct bench *b, size_t n)
{
	struct arena arena;
	size_t kept = b->nall < n ? b->nall : n;

	b->at = b->world.at;
	qsort_r(b->all, b->nall, sizeof(b->all[0]), by_distance, b);
	b->at = INT64_MIN / 2; /* the nearest n again by start */
	qsort_r(b->all, kept, sizeof(b->all[0]), by_distance, b);
	arena_init(&arena, ARENA_MAX);
	assert_int_equal(core_nearest(&b->world.ask, b->world.window,
				      b->world.at, n, &arena, b->plans,
				      &b->nplans),
			 RC_OK);
	arena_fini(&arena);
	compare(b, n, "nearest");
}

/* --- the oracle --- */

static bool is_fault(const struct oracle_faults *faults,
		     const struct core_blocker *why)
{
	int64_t id = why->subject != NULL ? why->subject->id : 0;

	for (size_t i = 0; i < faults->n; i++)
		if (faults->v[i].subject == id &&
		    faults->v[i].reason == why->reason)
			return true;
	return false;
}

static bool is_told(const struct core_blockers *why,
		    const struct oracle_fault *fault)
{
	for (size_t i = 0; i < why->n; i++) {
		const struct core_subject *s = why->v[i].subject;

		if ((s != NULL ? s->id : 0) == fault->subject &&
		    why->v[i].reason == fault->reason)
			return true;
	}
	return why->dropped > 0;
}

/* Every reason is told, and none is made up. */
static void same_reasons(const struct bench *b, const struct pair *p,
			 const struct core_blockers *why,
			 const struct oracle_faults *faults)
{
	for (size_t i = 0; i < faults->n; i++)
		if (!is_told(why, &faults->v[i]))
			fail_msg("SEED=%" PRIu64 ": at %" PRId64
				 " by %zu nobody tells %s of %" PRId64,
				 b->seed, p->start, p->expert,
				 words_name(&words_block,
					    (int)faults->v[i].reason),
				 faults->v[i].subject);
	for (size_t i = 0; i < why->n; i++)
		if (!is_fault(faults, &why->v[i]))
			fail_msg(
				"SEED=%" PRIu64 ": at %" PRId64
				" by %zu: %s of %" PRId64 " is no reason",
				b->seed, p->start, p->expert,
				words_name(&words_block, (int)why->v[i].reason),
				why->v[i].subject != NULL
					? why->v[i].subject->id
					: 0);
}

static void same_answer(const struct bench *b, const struct pair *p)
{
	const struct core_ask *ask = &b->world.ask;
	struct core_blockers why;
	struct oracle_faults faults;
	struct core_plan plan;
	const char *wrong = NULL;
	bool taken = decide(ask, p->expert, p->start, &plan, &why);

	faults.v[0].reason = BLOCK_NO_ROOM;
	if (taken != oracle_takes(ask, p->expert, p->start, &faults))
		fail_msg(
			"SEED=%" PRIu64 ": %s at %" PRId64
			" by %zu, though the first reason is: %s",
			b->seed, taken ? "taken" : "refused", p->start,
			p->expert,
			taken ? words_name(&words_block,
					   (int)faults.v[0].reason)
			      : words_name(&words_block, (int)why.v[0].reason));
	if (taken != (why.n == 0))
		fail_msg("SEED=%" PRIu64 ": no reasons", b->seed);
	if (taken)
		wrong = oracle_plan(ask, &plan);
	else if (!b->world.shares_rooms)
		same_reasons(b, p, &why, &faults);
	if (wrong != NULL)
		fail_msg("SEED=%" PRIu64 ": at %" PRId64 " by %zu wrong: %s",
			 b->seed, p->start, p->expert, wrong);
}

static void check_oracle(struct bench *b, struct fake_rnd *rnd)
{
	const struct core_ask *ask = &b->world.ask;
	int64_t by = step(ask);
	uint64_t grid = (uint64_t)(b->world.window.to - b->world.window.from) /
				(uint64_t)by +
			1;

	for (int i = 0; i < 60; i++) {
		struct pair p = {b->world.window.from / by * by +
					 (int64_t)fake_rnd_below(rnd, grid) *
						 by,
				 fake_rnd_below(rnd, ask->nexperts)};

		if (i % 2 == 0 && b->nall > 0) {
			/* at what is taken, and about it */
			p = b->all[fake_rnd_below(rnd, b->nall)];
			p.start += ((int64_t)fake_rnd_below(rnd, 5) - 2) * by;
		}
		if (i % 10 == 0)
			p.start += 60;
		same_answer(b, &p);
	}
}

/* --- the worlds --- */

/* Of each sort of parts, in turn. */
static const struct {
	enum kind kind;
	size_t least; /* worlds with something to offer */
} kinds[] = {
	{KIND_REMOTE_CONSULTATION, 12}, {KIND_CLINIC_SLOT, 8},
	{KIND_SURGICAL_GUIDANCE, 12},	{KIND_ONSITE_PROCEDURE, 8},
	{KIND_CASE_DISCUSSION, 12},	{KIND_REFERRAL, 12},
};
#define NKINDS (sizeof(kinds) / sizeof(kinds[0]))

static void one_mind(void **state)
{
	uint64_t seed = fake_seed();
	struct tz_store *zones = tz_store_new(TZ_SYSTEM_DIR);
	size_t offered[NKINDS] = {0};

	(void)state;
	for (uint64_t i = 0; i < WORLDS; i++) {
		struct fake_rnd rnd;
		size_t k;

		bench.seed = seed + i; /* this world alone is its first */
		k = bench.seed % NKINDS;
		fake_rnd_init(&rnd, bench.seed);
		world_make(&bench.world, kinds[k].kind, &rnd, zones);
		brute_force(&bench);
		offered[k] += bench.nall > 0;
		check_search(&bench, PLANS_MAX);
		check_search(&bench, 1 + fake_rnd_below(&rnd, 20));
		check_oracle(&bench, &rnd);
		check_nearest(&bench, 1 + fake_rnd_below(&rnd, 20));
	}
	tz_store_free(zones);
	for (size_t k = 0; k < NKINDS; k++) {
		printf("%zu of %zu worlds had times to offer for %s\n",
		       offered[k], WORLDS / NKINDS,
		       words_name(&words_kind, (int)kinds[k].kind));
		assert_true(offered[k] >= kinds[k].least);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_mind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
