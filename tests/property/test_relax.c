/*
 * Where nothing is free: what is told of it, and what would help.
 *
 * In random worlds every count of explain_count() is made again out of
 * core_decide() alone, and every change that relax_find() answers is applied
 * again and asked about: it gives the time that it says, a smaller one does
 * not, none that would do alone is left out, and two at once are told only
 * where no single one helps. The same changes are made by hand as well, to the
 * world itself, and the search finds that very time and expert.
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
#include "daemon/core/title.h"
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
	struct core_group groups[2];
	uint32_t order[WORLD_EXPERTS], rank[WORLD_EXPERTS];
	const char *languages[8];
	struct arena arena;
	uint64_t seed;
	size_t helped[RELAX_COUNT], none, pairs, counted, by_hand, seated;
};

static struct bench bench;

static const enum kind kinds[] = {
	KIND_REMOTE_CONSULTATION, KIND_SURGICAL_GUIDANCE, KIND_CLINIC_SLOT,
	KIND_ONSITE_PROCEDURE,	  KIND_CASE_DISCUSSION,	  KIND_REMOTE_SURGERY};
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

/* The more of it the better. */
static bool is_ordered(enum relax what)
{
	return what == RELAX_TITLE || what == RELAX_DURATION;
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
		if (less[i].which-- == 0 || !is_ordered(what))
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
		    (a->v[i].cases[0].which == which ||
		     (is_ordered(what) && a->v[i].cases[0].which < which)))
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

/* One of each of one or two groups, of anybody there is. */
static void add_groups(struct bench *b, struct fake_rnd *rnd)
{
	struct world *w = &b->world;

	b->ask.groups = b->groups;
	b->ask.ngroups = 1 + (size_t)fake_rnd_below(rnd, 2);
	for (size_t i = 0; i < b->ask.ngroups; i++) {
		size_t from = (size_t)fake_rnd_below(rnd, w->ask.nexperts);
		size_t most = w->ask.nexperts - from;

		b->groups[i] = (struct core_group){
			.experts = &w->experts[from],
			.nexperts = 1 + (size_t)fake_rnd_below(rnd, most)};
		if (fake_rnd_below(rnd, 3) == 0)
			b->groups[i].specialty = w->ask.specialty;
	}
	b->seated++;
}

/* Whose turn it is: the last comes first. */
static void turn_round(struct bench *b, struct core_ask *ask)
{
	for (uint32_t i = 0; i < ask->nexperts; i++)
		b->order[i] = b->rank[i] = (uint32_t)ask->nexperts - 1 - i;
	ask->order = b->order;
	ask->rank = b->rank;
}

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
	if (fake_rnd_below(rnd, 2) == 0)
		turn_round(b, &w->ask);
	b->ask = w->ask;
	if (w->ask.nexperts > 0 &&
	    kind_row(w->ask.kind)->how == KIND_BY_REQUEST &&
	    fake_rnd_below(rnd, 2) == 0)
		add_groups(b, rnd);
	w->ask.groups = b->ask.groups;
	w->ask.ngroups = b->ask.ngroups;
	b->how = (struct relax_world){
		.ask = &b->ask, .window = w->window, .beyond = BEYOND};
	if (fake_rnd_below(rnd, 2) == 0) {
		b->ask.nexperts = 1;
		b->ask.order = b->ask.rank = NULL;
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

static void make(struct bench *b, uint64_t seed, struct tz_store *zones,
		 struct fake_rnd *rnd)
{
	b->seed = seed;
	fake_rnd_init(rnd, seed);
	world_make(&b->world, kinds[seed % NKINDS], rnd, zones);
	spoil(b, rnd);
}

/* --- the same by hand, in the world itself --- */

static void open_rooms(struct bench *b, int64_t site, bool at_all_hours)
{
	for (int g = 0; g < WORLD_GROUPS; g++)
		for (size_t i = 0; i < WORLD_ROOMS; i++) {
			struct core_subject *s = &b->world.rooms[g][i];

			if (s->site != site)
				continue;
			if (at_all_hours)
				s->nrules = 0;
			for (size_t k = 0; k < WORLD_RULES; k++)
				b->world.of_room[g][i].rules[k].on_holidays =
					true;
		}
}

static void change_experts(struct bench *b, enum relax what)
{
	for (size_t i = 0; i < WORLD_EXPERTS; i++) {
		struct core_expert *e = &b->world.experts[i];
		struct world_things *of = &b->world.of_expert[i];

		for (size_t k = 0; k < WORLD_RULES; k++)
			of->rules[k].on_holidays = of->rules[k].on_holidays ||
						   what == RELAX_LEAD_HOLIDAY;
		for (size_t k = 0; k < WORLD_AWAYS; k++)
			of->aways[k].remote_requests =
				of->aways[k].remote_requests ||
				what == RELAX_SECONDED;
		e->cap_per_day += what == RELAX_DAY_CAP && e->cap_per_day > 0;
	}
}

/* Without the i-th of the n things, in their own place. */
static void without(void *v, size_t size, size_t n, size_t i)
{
	char *at = (char *)v + i * size;

	memmove(at, at + size, (n - i - 1) * size);
}

static void ask_for_less(struct bench *b, struct relax_case c)
{
	struct core_ask *ask = &b->ask;
	size_t n = ask->nlanguages;

	switch (c.what) {
	case RELAX_ROOM:
		without(b->world.rooms[WORLD_NAMED],
			sizeof(struct core_subject), ask->nnamed--, c.which);
		return;
	case RELAX_AFTER:
		ask->after = 0;
		return;
	case RELAX_BEFORE:
		ask->before = 0;
		return;
	case RELAX_TITLE:
		for (size_t i = 0; i <= c.which; i++)
			ask->title = title_below(ask->title);
		return;
	case RELAX_LANGUAGE:
		memcpy(b->languages, ask->languages, n * sizeof(char *));
		without(b->languages, sizeof(char *), n, c.which);
		ask->languages = b->languages;
		ask->nlanguages--;
		return;
	case RELAX_MODALITY:
		ask->modality = NULL;
		return;
	case RELAX_SURGEON:
		ask->surgeon = NULL;
		return;
	case RELAX_ALSO:
		without(b->groups, sizeof(b->groups[0]), ask->ngroups--,
			c.which);
		return;
	default:
		ask->minutes = relax_minutes(&b->how, c);
	}
}

static void ask_for_more(struct bench *b, enum relax what,
			 struct core_span *window)
{
	struct core_ask *ask = &b->ask;
	struct core_span w = *window;

	switch (what) {
	case RELAX_EXPERT:
		*ask = b->world.ask;
		return;
	case RELAX_LATER:
		*window = (struct core_span){w.to, w.to + BEYOND};
		return;
	case RELAX_EARLIER:
		*window = (struct core_span){w.from - BEYOND, w.from};
		return;
	case RELAX_AGREEMENT:
		*ask = b->other;
		return;
	case RELAX_PARTNER_HOLIDAY:
	case RELAX_PARTNER_HOURS:
		open_rooms(b, WORLD_PARTNER, what == RELAX_PARTNER_HOURS);
		return;
	case RELAX_LEAD_HOURS:
	case RELAX_LEAD_HOLIDAY:
		open_rooms(b, WORLD_LEAD, what == RELAX_LEAD_HOURS);
		break;
	case RELAX_SHARE:
		ask->shares = NULL;
		return;
	case RELAX_OVERBOOK:
		ask->overbook = CORE_OVERBOOK_LEAD;
		return;
	case RELAX_BEYOND:
		b->world.agreement.last_day = CORE_NO_DAY;
		return;
	case RELAX_QUOTA:
		b->world.agreement.quota[ask->kind]++;
		return;
	default:
		break;
	}
	change_experts(b, what);
}

/* What was told of, done in the network: there is that time, with whom it says,
 * and it is the first. */
static void check_by_hand(struct bench *b, const struct relax_found *f)
{
	enum relax what = f->cases[0].what;
	struct core_span window = b->world.window;
	struct core_plan plan;

	if (what <= RELAX_DURATION && what != RELAX_EXPERT)
		ask_for_less(b, f->cases[0]);
	else
		ask_for_more(b, what, &window);
	if (search(&b->ask, window, &plan) == 0)
		fail_msg("SEED=%" PRIu64 ": %s, done by hand, gives none",
			 b->seed, words_name(&words_relax, (int)what));
	if (what != RELAX_EARLIER && (plan.span.from != f->plan.span.from ||
				      plan.expert != f->plan.expert))
		fail_msg("SEED=%" PRIu64 ": %s, done by hand, gives another",
			 b->seed, words_name(&words_relax, (int)what));
	b->by_hand++;
}

static const enum relax expert_changes[] = {RELAX_LEAD_HOLIDAY, RELAX_SECONDED,
					    RELAX_DAY_CAP};
#define NEXPERT_CHANGES (sizeof(expert_changes) / sizeof(expert_changes[0]))

/* Each in a world of its own, made anew out of the same seed. */
static void check_each_by_hand(struct bench *b, struct tz_store *zones)
{
	struct relax_answer a;
	struct fake_rnd rnd;

	assert_int_equal(RC_OK, relax_find(&b->how, ENOUGH, &b->arena, &a));
	for (size_t i = 0; i < a.n && a.v[i].ncases == 1; i++) {
		const struct relax_found f = a.v[i];

		check_by_hand(b, &f);
		make(b, b->seed, zones, &rnd);
	}
	/* what was not told of experts would not have helped */
	for (size_t i = 0; i < NEXPERT_CHANGES; i++) {
		struct core_span window = b->world.window;
		struct core_plan plan;

		if (is_told(&a, expert_changes[i], 0, 1))
			continue;
		ask_for_more(b, expert_changes[i], &window);
		if (search(&b->ask, window, &plan) > 0)
			fail_msg("SEED=%" PRIu64 ": %s was not told", b->seed,
				 words_name(&words_relax,
					    (int)expert_changes[i]));
		make(b, b->seed, zones, &rnd);
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

		arena_init(&bench.arena, 4 * ARENA_MAX);
		make(&bench, seed + i, zones, &rnd);
		if (search(&bench.ask, bench.world.window, &plan) == 0) {
			nothing++;
			check_counts(&bench, &rnd);
			check_relaxed(&bench);
			check_each_by_hand(&bench, zones);
		}
		arena_fini(&bench.arena);
	}
	tz_store_free(zones);
	printf("%zu of %d worlds had no time: %zu counted again, %zu beyond"
	       " help, %zu pairs, %zu done by hand; %zu worlds with groups\n",
	       nothing, WORLDS, bench.counted, bench.none, bench.pairs,
	       bench.by_hand, bench.seated);
	for (int i = 0; i < RELAX_COUNT; i++)
		printf("%s %zu\n", words_name(&words_relax, i),
		       bench.helped[i]);
	assert_true(nothing > WORLDS / 4 && bench.pairs > 0);
	assert_true(bench.counted > 5 && bench.by_hand > WORLDS / 8);
	assert_true(bench.helped[RELAX_ALSO] > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_told_is_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
