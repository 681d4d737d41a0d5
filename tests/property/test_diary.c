/*
 * A diary over many bookings, moves, cancellations and holds that lapse: what
 * the core decides is put among an expert's claims as the store puts it, and
 * there it must always fit, the ways between places among the rest. Every
 * session at a place has the way from the one before it, or as much of it as
 * was free when it was found out anew.
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
#include "daemon/core/way.h"
#include "tests/support/fake.h"
#include "tests/support/stage.h"

#define DIARIES 150
#define STEPS 120
#define CLAIMS 400
#define BOOKINGS 60
#define DAYS 3

struct booking {
	int64_t id; /* 0: none */
	int64_t from;
	int64_t hold_until;
};

struct diary {
	struct stage *stage;
	struct fake_rnd rnd;
	uint64_t seed;
	struct core_rule rules[6];
	struct core_claim claims[CLAIMS];
	struct booking bookings[BOOKINGS];
	int64_t last_id;
	size_t booked;
};

static int64_t below(struct diary *d, int64_t bound)
{
	return (int64_t)fake_rnd_below(&d->rnd, (uint64_t)bound);
}

static struct core_subject *expert(struct diary *d)
{
	return &d->stage->expert.subject;
}

/* --- the claims --- */

static int by_from(const void *left, const void *right)
{
	const struct core_claim *a = left;
	const struct core_claim *b = right;

	return (a->from > b->from) - (a->from < b->from);
}

static void sort_claims(struct diary *d)
{
	qsort(d->claims, expert(d)->nclaims, sizeof(d->claims[0]), by_from);
}

/* One that overlaps is refused, as the store does. */
static void put(struct diary *d, const struct core_claim *c)
{
	size_t n = expert(d)->nclaims;

	for (size_t i = 0; i < n; i++)
		if (d->claims[i].from < c->to && c->from < d->claims[i].to)
			fail_msg("SEED=%" PRIu64 ": %s of %" PRId64
				 " at %" PRId64 " overlaps %s of %" PRId64,
				 d->seed,
				 words_name(&words_claim_role, (int)c->role),
				 c->booking, c->from,
				 words_name(&words_claim_role,
					    (int)d->claims[i].role),
				 d->claims[i].booking);
	assert_true(n < CLAIMS);
	d->claims[n] = *c;
	expert(d)->nclaims++;
}

/* All of a booking's, or its way alone. */
static void drop(struct diary *d, int64_t booking, bool way)
{
	size_t kept = 0;

	for (size_t i = 0; i < expert(d)->nclaims; i++)
		if (d->claims[i].booking != booking ||
		    (way && d->claims[i].role != CLAIM_TRANSFER))
			d->claims[kept++] = d->claims[i];
	expert(d)->nclaims = kept;
}

static void set_way(struct diary *d, int64_t booking, int64_t hold_until,
		    struct core_span span)
{
	struct core_claim c = {.from = span.from,
			       .to = span.to,
			       .booking = booking,
			       .hold_until = hold_until,
			       .role = CLAIM_TRANSFER};

	drop(d, booking, true);
	if (span.from < span.to)
		put(d, &c);
}

static void put_plan(struct diary *d, const struct booking *b,
		     const struct core_plan *plan)
{
	if (plan->next.booking != 0)
		drop(d, plan->next.booking, true);
	for (size_t i = 0; i < plan->nclaims; i++) {
		enum claim_role role = plan->claims[i].role;
		bool there = role == CLAIM_EXPERT || role == CLAIM_OVERRUN;
		struct core_claim c = {.from = plan->claims[i].span.from,
				       .to = plan->claims[i].span.to,
				       .booking = b->id,
				       .hold_until = b->hold_until,
				       .role = role};

		if (plan->claims[i].subject != expert(d))
			continue;
		if (there && plan->place != 0) {
			c.place = plan->place;
			for (size_t r = 0; r < 6; r++)
				if (d->stage->lead[r].id == plan->place)
					c.place_site = d->stage->lead[r].site;
		}
		c.session = there ? plan->session : 0;
		put(d, &c);
	}
	if (plan->next.booking != 0)
		set_way(d, plan->next.booking, plan->next.hold_until,
			plan->next.span);
	sort_claims(d);
}

/* A hold that has lapsed is there until it is its turn to be taken away. */
static void mend(struct diary *d, int64_t from)
{
	struct stage *s = d->stage;
	struct way_view view = {.expert = &s->expert,
				.map = {s->transfers, s->ask.ntransfers},
				.now = INT64_MIN};
	struct way way;

	way_next(&view, from, &way);
	if (way.next == NULL)
		return;
	set_way(d, way.next->booking, way.next->hold_until, way.after);
	sort_claims(d);
}

/* --- what must hold --- */

static const struct core_claim *way_of(struct diary *d, int64_t booking)
{
	for (size_t i = 0; i < expert(d)->nclaims; i++)
		if (d->claims[i].booking == booking &&
		    d->claims[i].role == CLAIM_TRANSFER)
			return &d->claims[i];
	return NULL;
}

/* Does something end then, its pause included? */
static bool ends_then(struct diary *d, const struct core_claim *of,
		      int64_t instant)
{
	for (size_t i = 0; i < expert(d)->nclaims; i++) {
		const struct core_claim *c = &d->claims[i];

		if (c->role != CLAIM_TRANSFER && c->from < of->from &&
		    way_end(&d->stage->expert, c, of->session, of->place) >=
			    instant)
			return true;
	}
	return false;
}

static void check_way(struct diary *d, const struct core_claim *c,
		      const struct core_claim *last)
{
	struct way_map map = {d->stage->transfers, d->stage->ask.ntransfers};
	const struct core_claim *way = way_of(d, c->booking);
	int64_t seconds = 0;

	if (last != NULL && last->to > c->from - CIVIL_DAY)
		seconds = way_seconds(&map, last->place_site, last->place,
				      c->place_site, c->place);
	if (way == NULL && seconds > 0 && !ends_then(d, c, c->from))
		fail_msg("SEED=%" PRIu64 ": no way to %" PRId64, d->seed,
			 c->booking);
	if (way == NULL)
		return;
	if (way->to != c->from || way->from < c->from - seconds)
		fail_msg("SEED=%" PRIu64 ": a way to %" PRId64
			 " that none needs",
			 d->seed, c->booking);
	if (way->from > c->from - seconds && !ends_then(d, c, way->from))
		fail_msg("SEED=%" PRIu64 ": the way to %" PRId64 " is short",
			 d->seed, c->booking);
}

static void check(struct diary *d)
{
	const struct core_claim *last = NULL;

	for (size_t i = 0; i < expert(d)->nclaims; i++) {
		const struct core_claim *c = &d->claims[i];

		if (c->place == 0)
			continue;
		if (c->role == CLAIM_EXPERT)
			check_way(d, c, last);
		last = c;
	}
}

/* --- what is done --- */

static const enum kind kinds[] = {
	KIND_REMOTE_CONSULTATION, KIND_SURGICAL_GUIDANCE,
	KIND_EMERGENCY_CONSULTATION, KIND_CLINIC_SLOT, KIND_ONSITE_PROCEDURE};

static void some_ask(struct diary *d)
{
	struct core_ask *ask = &d->stage->ask;

	ask->kind = kinds[below(d, 5)];
	ask->minutes = 5 + below(d, 90);
	ask->before = ask->after = 0;
	ask->pools[0] = (struct core_pool){d->stage->far, 2};
	if (ask->kind != KIND_SURGICAL_GUIDANCE)
		return;
	ask->before = below(d, 60);
	ask->pools[0] = (struct core_pool){d->stage->theatres, 2};
	ask->pools[1] = (struct core_pool){d->stage->lines, 2};
}

/* The nearest start to some time or other. */
static bool some_plan(struct diary *d, struct core_plan *out)
{
	struct stage *s = d->stage;
	struct core_span window = {s->t, s->t + DAYS * CIVIL_DAY};
	struct arena arena;
	size_t n;

	arena_init(&arena, 1u << 22);
	assert_int_equal(core_nearest(&s->ask, window,
				      s->t + below(d, DAYS * CIVIL_DAY), 1,
				      &arena, out, &n),
			 RC_OK);
	arena_fini(&arena);
	return n == 1;
}

static struct booking *some_booking(struct diary *d, bool free)
{
	for (int i = 0; i < 20; i++) {
		struct booking *b = &d->bookings[below(d, BOOKINGS)];

		if ((b->id == 0) == free)
			return b;
	}
	return NULL;
}

static void book(struct diary *d)
{
	struct booking *b = some_booking(d, true);
	struct core_plan plan;

	some_ask(d);
	if (b == NULL || !some_plan(d, &plan))
		return;
	*b = (struct booking){.id = ++d->last_id, .from = plan.span.from};
	if (below(d, 4) == 0)
		b->hold_until = d->stage->ask.now + 1 + below(d, 300);
	put_plan(d, b, &plan);
	d->booked++;
}

static void cancel(struct diary *d, struct booking *b)
{
	drop(d, b->id, false);
	mend(d, b->from);
	b->id = 0;
}

static void move(struct diary *d)
{
	struct booking *b = some_booking(d, false);
	struct core_plan plan;
	int64_t from;

	some_ask(d);
	if (b == NULL)
		return;
	d->stage->ask.ignore_booking = b->id;
	if (some_plan(d, &plan)) {
		drop(d, b->id, false);
		from = b->from;
		b->from = plan.span.from;
		put_plan(d, b, &plan);
		mend(d, from);
	}
	d->stage->ask.ignore_booking = 0;
}

/* Holds that have lapsed go before anything else is asked. */
static void pass(struct diary *d)
{
	d->stage->ask.now += below(d, 200);
	for (int i = 0; i < BOOKINGS; i++) {
		struct booking *b = &d->bookings[i];

		if (b->id != 0 && b->hold_until != 0 &&
		    b->hold_until <= d->stage->ask.now)
			cancel(d, b);
	}
}

static void step(struct diary *d)
{
	int64_t what = below(d, 10);
	struct booking *b;

	if (what < 6) {
		book(d);
	} else if (what < 7) {
		move(d);
	} else if (what < 8) {
		pass(d);
	} else {
		b = some_booking(d, false);
		if (b != NULL)
			cancel(d, b);
	}
	check(d);
}

/* --- the stage of it --- */

static struct core_rule daily(struct diary *d, kindset set, int64_t place,
			      int64_t from, int64_t hours, int slot)
{
	struct core_rule r =
		stage_rule(d->stage, "FREQ=DAILY", from * 60, hours * HOUR + 1);

	r.kinds = set;
	r.place = place;
	r.slot_minutes = slot;
	return r;
}

static void open_everywhere(struct diary *d)
{
	kindset remote = KINDSET(KIND_REMOTE_CONSULTATION) |
			 KINDSET(KIND_SURGICAL_GUIDANCE);
	kindset clinic = KINDSET(KIND_CLINIC_SLOT);

	d->rules[0] = daily(d, remote, 0, 0, 24, 0);
	d->rules[1] = daily(d, remote, THIRD_ROOM, below(d, 1440), 6, 0);
	d->rules[2] =
		daily(d, KINDSET(KIND_EMERGENCY_CONSULTATION), 0, 0, 24, 0);
	d->rules[3] = daily(d, clinic, CLINIC, below(d, 1440), 4, 20);
	d->rules[4] = daily(d, clinic | KINDSET(KIND_ONSITE_PROCEDURE), ROOM,
			    below(d, 1440), 5, 13);
	d->rules[5] = daily(d, KINDSET(KIND_ONSITE_PROCEDURE), ROOM2, 0, 24, 0);
	expert(d)->rules = d->rules;
	expert(d)->nrules = 6;
}

static void some_ways(struct diary *d)
{
	static const struct core_transfer all[] = {
		{LEAD, 0, PARTNER, 0, 0},  {LEAD, 0, THIRD, 0, 0},
		{THIRD, 0, PARTNER, 0, 0}, {PARTNER, ROOM, PARTNER, ROOM2, 0},
		{LEAD, 0, LEAD, 0, 0},
	};
	struct core_transfer *ways = d->stage->transfers;

	for (size_t i = 0; i < 3; i++) {
		ways[i] = all[(i + (size_t)(d->seed % 5)) % 5];
		ways[i].seconds = (1 + below(d, 200)) * MIN;
	}
	if (below(d, 8) == 0)
		ways[0].seconds = CORE_TRANSFER_MAX * MIN;
	d->stage->ask.ntransfers = 3;
}

static void one_diary(struct diary *d)
{
	struct stage *s = d->stage;

	expert(d)->claims = d->claims;
	for (size_t i = 0; i < 5; i++)
		s->agreement.kinds |= KINDSET(kinds[i]);
	s->expert.kinds = s->agreement.kinds;
	s->expert.buffer_minutes = (int)(below(d, 2) * below(d, 30));
	s->agreement.overrun_minutes = (int)(below(d, 60) - 1);
	s->ask.nlead_rooms = 6;
	s->ask.patient = NULL;
	open_everywhere(d);
	some_ways(d);
	for (int i = 0; i < STEPS; i++)
		step(d);
}

static void what_is_decided_fits(void **state)
{
	uint64_t seed = fake_seed();
	size_t booked = 0;

	(void)state;
	for (uint64_t i = 0; i < DIARIES; i++) {
		struct diary *d = calloc(1, sizeof(*d));
		void *stage;

		stage_set_up(&stage);
		d->stage = stage;
		d->seed = seed + i; /* this diary alone is its first */
		fake_rnd_init(&d->rnd, d->seed);
		one_diary(d);
		booked += d->booked;
		stage_tear_down(&stage);
		free(d);
	}
	printf("%zu bookings in %d diaries\n", booked, DIARIES);
	assert_true(booked > DIARIES * STEPS / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_decided_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
