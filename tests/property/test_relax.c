/*
 * Where nothing is free: what is told of it, and what would help.
 *
 * In random worlds every count of explain_count() is made again out of
 * core_decide() alone, and every change that relax_find() answers is applied
 * again and asked about: it gives the time that it says, a smaller one does
 * not, none that would do alone is left out, and two at once are told only
 * where no single one helps.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "daemon/core/explain.h"
#include "daemon/core/relax.h"
#include "tests/support/world.h"

#define WORLDS 240
#define ARENA_MAX (32u << 20)
#define BEYOND ((int64_t)5 * CIVIL_DAY)
#define ENOUGH SIZE_MAX / 2

struct bench {
	struct world world;
	struct core_ask ask; /* of the first expert, when one is named */
	struct core_ask other;
	struct core_agreement other_agreement;
	struct relax_world how;
	struct arena arena;
	uint64_t seed;
	size_t helped[RELAX_COUNT], none, pairs, counted;
};

static struct bench bench;

static const enum kind kinds[] = {KIND_REMOTE_CONSULTATION,
				  KIND_SURGICAL_GUIDANCE, KIND_CLINIC_SLOT,
				  KIND_ONSITE_PROCEDURE};
#define NKINDS (sizeof(kinds) / sizeof(kinds[0]))

static size_t search(const struct core_ask *ask, struct core_span window,
		     struct core_plan *out)
{
	struct arena arena;
	size_t n;

	arena_init(&arena, ARENA_MAX);
	assert_int_equal(RC_OK, core_search(ask, window, 1, &arena, out, &n));
	arena_fini(&arena);
	return n;
}

/* --- the counts, made again --- */

static bool is_of(const struct explain_reason *r, const struct core_blocker *b)
{
	return r->reason == b->reason &&
	       (r->subject != NULL ? r->subject->id : 0) ==
		       (b->subject != NULL ? b->subject->id : 0) &&
	       (b->subject != NULL || r->role == b->role) &&
	       (r->rule == b->rule || (r->rule != NULL && b->rule != NULL &&
				       strcmp(r->rule, b->rule) == 0));
}

/* How many of the answer's reasons are the same as the i-th before it. */
static bool is_new(const struct core_blockers *why, size_t i)
{
	struct explain_reason r = {.subject = why->v[i].subject,
				   .role = why->v[i].role,
				   .reason = why->v[i].reason,
				   .rule = why->v[i].rule};

	for (size_t k = 0; k < i; k++)
		if (is_of(&r, &why->v[k]))
			return false;
	return true;
}

struct recount {
	const struct explain_reason *of;
	size_t alone, with_others;
	size_t chances, free, by_one, by_several;
};

static void recount_one(struct recount *r, const struct core_blockers *why)
{
	size_t n = 0;
	bool names = false;

	for (size_t i = 0; i < why->n; i++) {
		n += is_new(why, i);
		names = names || is_of(r->of, &why->v[i]);
	}
	r->by_one += n == 1 && why->dropped == 0;
	r->by_several += n != 1 || why->dropped > 0;
	r->alone += names && n == 1 && why->dropped == 0;
	r->with_others += names && (n != 1 || why->dropped > 0);
}

static void recount(struct bench *b, struct recount *r)
{
	const struct core_ask *ask = &b->ask;
	struct core_span w = b->world.window;
	int64_t t = w.from > ask->now ? w.from : ask->now;

	t = (t + CORE_GRANULE - 1) / CORE_GRANULE * CORE_GRANULE;
	for (; t < w.to; t += CORE_GRANULE)
		for (size_t e = 0; e < ask->nexperts; e++) {
			struct arena arena;
			struct core_plan plan;
			struct core_blockers why;

			arena_init(&arena, ARENA_MAX);
			r->chances++;
			if (core_decide(ask, e, t, &arena, &plan, &why) ==
			    RC_OK)
				r->free++;
			else
				recount_one(r, &why);
			arena_fini(&arena);
		}
}

static void adds_up(struct bench *b, const struct explain_count *c)
{
	size_t alone = 0;

	if (c->chances != c->by_one + c->by_several + c->free)
		fail_msg("SEED=%" PRIu64 ": %zu chances, %zu + %zu + %zu",
			 b->seed, c->chances, c->by_one, c->by_several,
			 c->free);
	for (size_t i = 0; i < c->n; i++) {
		const struct explain_reason *r = &c->reasons[i];
		int64_t window = b->world.window.to - b->world.window.from;

		alone += r->alone;
		assert_true(r->alone + r->with_others <= r->of);
		assert_true(r->alone + r->with_others > 0);
		assert_true(r->seconds >= 0 && r->seconds <= window);
		assert_true(r->seconds <= r->span.to - r->span.from);
	}
	if (alone != c->by_one)
		fail_msg("SEED=%" PRIu64 ": %zu alone of %zu", b->seed, alone,
			 c->by_one);
}

static void check_counts(struct bench *b, struct fake_rnd *rnd)
{
	struct explain_count c;
	struct recount r = {0};

	assert_int_equal(RC_OK,
			 explain_count(&b->ask, b->world.window,
				       EXPLAIN_ASKS_MAX, NULL, &b->arena, &c));
	adds_up(b, &c);
	if (c.free > 0 || c.n == 0 || kind_row(b->ask.kind)->how == KIND_DIRECT)
		return;
	assert_int_equal(1, c.every);
	r.of = &c.reasons[fake_rnd_below(rnd, c.n)];
	recount(b, &r);
	if (r.chances != c.chances || r.free != c.free ||
	    r.by_one != c.by_one || r.alone != r.of->alone ||
	    r.with_others != r.of->with_others)
		fail_msg("SEED=%" PRIu64 ": %s is counted otherwise", b->seed,
			 words_name(&words_block, (int)r.of->reason));
	b->counted++;
	/* with less to ask it still adds up */
	assert_int_equal(RC_OK, explain_count(&b->ask, b->world.window, 50,
					      NULL, &b->arena, &c));
	assert_true(c.chances <= 50);
	adds_up(b, &c);
}

/* --- what helps --- */

/* The nearest time of the changed ask, or none. */
static bool gives(struct bench *b, const struct relax_case *cases, size_t n,
		  int64_t *out_at)
{
	struct relax_ask r;
	struct core_plan plan;
	enum rc rc = RC_OK;

	relax_begin(&b->how, &r);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = relax_apply(&b->how, cases[i], &b->arena, &r);
	if (rc == RC_OK)
		rc = relax_search(&r, &b->arena, &plan);
	assert_true(rc == RC_OK || rc == RC_NOT_FOUND);
	*out_at = rc == RC_OK ? plan.span.from : 0;
	return rc == RC_OK;
}

static void check_found(struct bench *b, const struct relax_found *f)
{
	const struct relax_ask *r = f->changed;
	struct core_plan plan;
	struct arena arena;
	int64_t at;

	arena_init(&arena, ARENA_MAX);
	if (core_decide(&r->ask, f->plan.expert, f->plan.span.from, &arena,
			&plan, NULL) != RC_OK ||
	    !gives(b, f->cases, f->ncases, &at) || at != f->plan.span.from ||
	    at < r->window.from || at >= r->window.to)
		fail_msg("SEED=%" PRIu64 ": %s does not give %" PRId64, b->seed,
			 words_name(&words_relax, (int)f->cases[0].what),
			 f->plan.span.from);
	arena_fini(&arena);
	/* what it needs less of would not have been enough */
	for (size_t i = 0; i < f->ncases; i++) {
		struct relax_case less[2] = {f->cases[0], f->cases[1]};
		enum relax what = less[i].what;

		b->helped[what]++;
		if (less[i].which-- == 0 ||
		    (what != RELAX_TITLE && what != RELAX_DURATION))
			continue;
		if (gives(b, less, f->ncases, &at))
			fail_msg("SEED=%" PRIu64 ": less of %s gives one",
				 b->seed, words_name(&words_relax, (int)what));
	}
}

static bool is_told(const struct relax_answer *a, enum relax what, size_t which,
		    size_t ncases)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->v[i].ncases == ncases && a->v[i].cases[0].what == what &&
		    a->v[i].cases[0].which <= which)
			return true;
	return false;
}

static void none_is_left_out(struct bench *b, const struct relax_answer *a)
{
	for (int what = 0; what < RELAX_COUNT; what++)
		for (size_t i = 0; i < relax_count(&b->how, (enum relax)what);
		     i++) {
			struct relax_case c = {(enum relax)what, i};
			int64_t at;

			if (gives(b, &c, 1, &at) && !is_told(a, c.what, i, 1))
				fail_msg("SEED=%" PRIu64 ": %s is not told",
					 b->seed,
					 words_name(&words_relax, what));
		}
}

static void check_relaxed(struct bench *b)
{
	struct relax_answer a;

	assert_int_equal(RC_OK, relax_find(&b->how, ENOUGH, &b->arena, &a));
	assert_false(a.cut);
	b->none += a.n == 0;
	for (size_t i = 0; i < a.n; i++) {
		assert_int_equal(a.v[0].ncases, a.v[i].ncases);
		check_found(b, &a.v[i]);
		b->pairs += a.v[i].ncases == 2;
	}
	none_is_left_out(b, &a);
	/* with nothing to ask with nothing is told */
	assert_int_equal(RC_OK, relax_find(&b->how, 0, &b->arena, &a));
	assert_int_equal(0, a.n);
	assert_true(a.cut);
}

/* --- the worlds --- */

/* Worse than it comes: a quota that is spent, a window that is short. */
static void spoil(struct bench *b, struct fake_rnd *rnd)
{
	struct world *w = &b->world;
	int64_t *most = &w->agreement.quota[w->ask.kind];

	if (fake_rnd_below(rnd, 3) == 0 && w->ask.nmonths > 0)
		*most = w->months[0].used;
	if (fake_rnd_below(rnd, 3) == 0)
		w->window.to = w->window.from + 3 * 3600;
	if (fake_rnd_below(rnd, 4) == 0)
		w->agreement.last_day = w->window.from / CIVIL_DAY - 2;
	b->ask = w->ask;
	b->how = (struct relax_world){
		.ask = &b->ask, .window = w->window, .beyond = BEYOND};
	if (fake_rnd_below(rnd, 2) == 0) {
		b->ask.nexperts = 1;
		b->how.wide = &w->ask;
	}
	if (fake_rnd_below(rnd, 3) == 0) {
		b->other_agreement = w->agreement;
		b->other_agreement.last_day = CORE_NO_DAY;
		b->other_agreement.quota[w->ask.kind] = -1;
		b->other = b->ask;
		b->other.agreement = &b->other_agreement;
		b->how.others = &b->other;
		b->how.nothers = 1;
	}
}

static void what_is_told_is_so(void **state)
{
	uint64_t seed = fake_seed();
	struct tz_store *zones = tz_store_new(TZ_SYSTEM_DIR);
	size_t nothing = 0;

	(void)state;
	for (uint64_t i = 0; i < WORLDS; i++) {
		struct fake_rnd rnd;
		struct core_plan plan;

		bench.seed = seed + i;
		arena_init(&bench.arena, 4 * ARENA_MAX);
		fake_rnd_init(&rnd, bench.seed);
		world_make(&bench.world, kinds[bench.seed % NKINDS], &rnd,
			   zones);
		spoil(&bench, &rnd);
		if (search(&bench.ask, bench.world.window, &plan) == 0) {
			nothing++;
			check_counts(&bench, &rnd);
			check_relaxed(&bench);
		}
		arena_fini(&bench.arena);
	}
	tz_store_free(zones);
	printf("%zu of %d worlds had no time: %zu counted again, %zu beyond"
	       " help, %zu pairs\n",
	       nothing, WORLDS, bench.counted, bench.none, bench.pairs);
	for (int i = 0; i < RELAX_COUNT; i++)
		printf("%s %zu\n", words_name(&words_relax, i),
		       bench.helped[i]);
	assert_true(nothing > WORLDS / 4 && bench.pairs > 0);
	assert_true(bench.counted > 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_told_is_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
