/*
 * Three opinions on the same random worlds: the search (planes, rings), the
 * decision asked about every start on the grid, and an oracle that walks minute
 * by minute and shares nothing with either but the recurrence rules and the
 * catalogue of kinds.
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
#include "tests/support/world.h"

#define WORLDS 250
#define PLANS_MAX 20000
#define ARENA_MAX (4u << 20)

/* --- the oracle --- */

static int64_t day_at(const struct tz *zone, int64_t t)
{
	return civil_day_of(tz_to_wall(zone, t));
}

static bool stands(const struct core_ask *ask, const struct core_claim *c)
{
	if (c->hold_until != 0 && c->hold_until <= ask->now)
		return false;
	return ask->ignore_booking == 0 || c->booking != ask->ignore_booking;
}

static bool free_for(const struct core_ask *ask, const struct core_subject *s,
		     int64_t from, int64_t minutes)
{
	for (int64_t t = from; t < from + minutes * 60; t += 60) {
		int depth = 0;

		for (size_t i = 0; i < s->nclaims; i++)
			depth += s->claims[i].from <= t &&
				 t < s->claims[i].to &&
				 stands(ask, &s->claims[i]);
		if (depth >= s->capacity)
			return false;
	}
	return true;
}

static bool is_away(const struct core_away *away, int64_t t)
{
	int64_t day = day_at(away->zone, t);

	return day >= away->first_day && day <= away->last_day;
}

static bool is_among(const int64_t *days, size_t n, int64_t day)
{
	for (size_t i = 0; i < n; i++)
		if (days[i] == day)
			return true;
	return false;
}

/* Does the instance of that local day hold the minute? */
static bool instance_holds(const struct core_rule *r, int64_t day,
			   const struct core_away *aways, size_t naway,
			   int64_t t)
{
	int64_t start_day = civil_day_of(r->start);
	int64_t wall = day * CIVIL_DAY + r->start - start_day * CIVIL_DAY;
	int64_t from = tz_to_utc(r->zone, wall);
	int weekday = -1;

	if (t < from || t >= tz_to_utc(r->zone, wall + r->end - r->start) ||
	    day < r->first_day || day > r->last_day)
		return false;
	for (size_t i = 0; r->calendar != NULL && i < r->calendar->n; i++)
		if (r->calendar->days[i].day == day) {
			weekday = r->calendar->days[i].works_as;
			if (weekday < 0 && !r->on_holidays)
				return false;
		}
	for (size_t i = 0; i < naway && !r->seconded; i++)
		for (int64_t u = from; u <= t; u += 60)
			if (is_away(&aways[i], u))
				return false;
	if (is_among(r->exdates, r->nexdates, day))
		return false;
	return is_among(r->rdates, r->nrdates, day) ||
	       rrule_on(&r->rrule, start_day, day, weekday);
}

static bool rule_holds(const struct core_rule *r, const struct core_away *aways,
		       size_t naway, int64_t t)
{
	int64_t day = day_at(r->zone, t);

	for (int64_t d = day - 4; d <= day + 1; d++)
		if (instance_holds(r, d, aways, naway, t))
			return true;
	return false;
}

static bool offers(const struct core_ask *ask, const struct core_rule *r,
		   bool of_expert)
{
	if (r->kinds == 0)
		return !of_expert || !kind_row(ask->kind)->named;
	return (r->kinds & KINDSET(ask->kind)) != 0;
}

static bool has_part(const struct core_ask *ask, enum kind_part part)
{
	return (kind_row(ask->kind)->parts & (unsigned)part) != 0;
}

/* Do the rules, those at that place alone unless it is -1, cover it all? */
static bool open_for(const struct core_ask *ask, const struct core_subject *s,
		     int64_t place, const struct core_away *aways, size_t naway,
		     int64_t from)
{
	for (int64_t t = from; t < from + ask->minutes * 60; t += 60) {
		bool open = false;

		for (size_t i = 0; i < s->nrules && !open; i++)
			open = (place == -1 || s->rules[i].place == place) &&
			       offers(ask, &s->rules[i], place != -1) &&
			       rule_holds(&s->rules[i], aways, naway, t);
		if (!open)
			return false;
	}
	return true;
}

static bool resource_does(const struct core_ask *ask,
			  const struct core_subject *s, int64_t at)
{
	return free_for(ask, s, at, ask->minutes) &&
	       (s->nrules == 0 || open_for(ask, s, -1, NULL, 0, at));
}

static bool names(const struct core_ask *ask, const struct core_subject *s)
{
	for (size_t i = 0; i < ask->nnamed; i++)
		if (ask->named[i].id == s->id)
			return true;
	return false;
}

static bool serves(const struct core_subject *s, bool studios)
{
	return !studios || (s->type == SUBJECT_STUDIO && s->site == 1);
}

static bool some_room_does(const struct core_ask *ask,
			   const struct core_subject *rooms, size_t n,
			   bool studios, int64_t at)
{
	bool named = false;

	for (size_t i = 0; i < n; i++)
		named |= serves(&rooms[i], studios) && names(ask, &rooms[i]);
	for (size_t i = 0; i < n; i++)
		if (serves(&rooms[i], studios) &&
		    (!named || names(ask, &rooms[i])) &&
		    resource_does(ask, &rooms[i], at))
			return true;
	return false;
}

static bool place_does(const struct core_ask *ask, int64_t place, int64_t at)
{
	enum kind_where where = kind_row(ask->kind)->where;

	if (place == 0 && where != KIND_REMOTE)
		return false;
	if (place == 0)
		return !has_part(ask, KIND_PART_LEAD_STUDIO) ||
		       some_room_does(ask, ask->lead_rooms, ask->nlead_rooms,
				      true, at);
	for (size_t i = 0; i < ask->nlead_rooms; i++)
		if (ask->lead_rooms[i].id == place)
			return (where != KIND_AT_PARTNER ||
				ask->lead_rooms[i].site == 2) &&
			       resource_does(ask, &ask->lead_rooms[i], at);
	return false;
}

static bool open_somewhere(const struct core_ask *ask,
			   const struct core_expert *e, int64_t at)
{
	for (size_t i = 0; i < e->subject.nrules; i++) {
		int64_t place = e->subject.rules[i].place;

		if (place_does(ask, place, at) &&
		    open_for(ask, &e->subject, place, e->away, e->naway, at))
			return true;
	}
	return false;
}

static bool agreed(const struct core_ask *ask, int64_t at)
{
	const struct core_agreement *a = ask->agreement;
	int64_t day = day_at(a->lead_zone, at);
	int64_t used = 0;

	for (size_t i = 0; i < ask->nmonths; i++)
		if (at >= ask->months[i].span.from &&
		    at < ask->months[i].span.to)
			used = ask->months[i].used;
	return at >= ask->now && at % 300 == 0 && day >= a->first_day &&
	       day <= a->last_day && (a->kinds & KINDSET(ask->kind)) != 0 &&
	       (a->quota[ask->kind] < 0 || used < a->quota[ask->kind]) &&
	       (a->nspecialties == 0 || ask->specialty == NULL ||
		strcmp(ask->specialty, "heart") == 0);
}

static bool can(const struct core_ask *ask, const struct core_expert *e,
		int64_t at)
{
	const struct tz *zone = ask->agreement->lead_zone;
	struct civil since, c;
	int64_t wall = tz_to_wall(zone, at);
	int years = ask->agreement->min_independent_years;
	bool brain =
		ask->specialty != NULL && strcmp(ask->specialty, "brain") == 0;

	civil_from_days(e->independent_since, &since);
	civil_from_wall(wall, &c);
	/* whole years that have gone by, as a person counts them */
	c.year -= since.year;
	if (c.month < since.month ||
	    (c.month == since.month && c.day < since.day))
		c.year--;
	return (e->kinds & KINDSET(ask->kind)) != 0 &&
	       (!brain || e->nspecialties == 2) &&
	       (years == 0 || c.year >= years);
}

static bool not_too_many(const struct core_ask *ask,
			 const struct core_expert *e, int64_t at)
{
	int64_t day = day_at(e->subject.zone, at);
	int n = 0;

	for (size_t i = 0; i < e->subject.nclaims; i++) {
		const struct core_claim *c = &e->subject.claims[i];

		n += c->role == CLAIM_EXPERT && stands(ask, c) &&
		     day_at(e->subject.zone, c->from) == day;
	}
	return e->cap_per_day == 0 || n < e->cap_per_day;
}

static bool not_away(const struct core_ask *ask, const struct core_expert *e,
		     int64_t at)
{
	for (size_t i = 0; i < e->naway; i++)
		for (int64_t t = at; t < at + ask->minutes * 60; t += 60)
			if (kind_row(ask->kind)->where == KIND_REMOTE &&
			    !e->away[i].remote_requests &&
			    is_away(&e->away[i], t))
				return false;
	return true;
}

static bool oracle(const struct core_ask *ask, size_t expert, int64_t at)
{
	const struct core_expert *e = &ask->experts[expert];

	if (!agreed(ask, at) || !can(ask, e, at) || !not_too_many(ask, e, at) ||
	    !not_away(ask, e, at) ||
	    (has_part(ask, KIND_PART_EXPERT) &&
	     !free_for(ask, &e->subject, at, ask->minutes + e->buffer_minutes)))
		return false;
	for (size_t i = 0; i < ask->nnamed; i++)
		if (!resource_does(ask, &ask->named[i], at))
			return false;
	return (ask->patient == NULL || !has_part(ask, KIND_PART_PATIENT) ||
		free_for(ask, ask->patient, at, ask->minutes)) &&
	       (kind_row(ask->kind)->npools == 0 ||
		some_room_does(ask, ask->pools[0].rooms, ask->pools[0].n, false,
			       at)) &&
	       open_somewhere(ask, e, at);
}

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

static void brute_force(struct bench *b)
{
	const struct core_ask *ask = &b->world.ask;
	int64_t first = (b->world.window.from + 299) / 300 * 300;
	struct core_plan plan;

	b->nall = 0;
	for (int64_t t = first; t < b->world.window.to; t += 300)
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
	assert_int_equal(plan->span.to - plan->span.from,
			 b->world.ask.minutes * 60);
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

static void check_oracle(struct bench *b, struct fake_rnd *rnd)
{
	const struct core_ask *ask = &b->world.ask;
	struct core_blockers why;
	struct core_plan plan;
	uint64_t grid =
		(uint64_t)(b->world.window.to - b->world.window.from) / 300 + 1;

	for (int i = 0; i < 60; i++) {
		size_t e = fake_rnd_below(rnd, ask->nexperts);
		int64_t at = b->world.window.from / 300 * 300 +
			     (int64_t)fake_rnd_below(rnd, grid) * 300;
		bool taken;

		if (i % 2 == 0 && b->nall > 0) {
			struct pair p = b->all[fake_rnd_below(rnd, b->nall)];

			/* at what is taken, and about it */
			e = p.expert;
			at = p.start +
			     ((int64_t)fake_rnd_below(rnd, 5) - 2) * 300;
		}
		if (i % 10 == 0)
			at += 60;
		taken = decide(ask, e, at, &plan, &why);
		if (taken != oracle(ask, e, at))
			fail_msg("SEED=%" PRIu64 ": %s at %" PRId64
				 " by %zu (%zu blockers, the first: %s)",
				 b->seed, taken ? "taken" : "refused", at, e,
				 why.n,
				 why.n > 0 ? words_name(&words_block,
							(int)why.v[0].reason)
					   : "-");
		if (taken != (why.n == 0))
			fail_msg("SEED=%" PRIu64 ": no reasons", b->seed);
	}
}

static void one_mind(void **state)
{
	uint64_t seed = fake_seed();
	struct tz_store *zones = tz_store_new(TZ_SYSTEM_DIR);
	size_t offered = 0;

	(void)state;
	for (uint64_t i = 0; i < WORLDS; i++) {
		struct fake_rnd rnd;

		bench.seed = seed + i; /* this world alone is its first */
		fake_rnd_init(&rnd, bench.seed);
		world_make(&bench.world, &rnd, zones);
		brute_force(&bench);
		offered += bench.nall > 0;
		check_search(&bench, PLANS_MAX);
		check_search(&bench, 1 + fake_rnd_below(&rnd, 20));
		check_oracle(&bench, &rnd);
		check_nearest(&bench, 1 + fake_rnd_below(&rnd, 20));
	}
	tz_store_free(zones);
	printf("%zu of %d worlds had times to offer\n", offered, WORLDS);
	assert_true(offered > WORLDS / 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_mind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
