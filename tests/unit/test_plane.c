#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/core/claims.h"
#include "daemon/core/plane.h"
#include "tests/support/fake.h"

#define MOST 400
#define ROUNDS 3000

/* A plane and what it ought to be. */
struct twin {
	struct plane plane;
	bool bits[MOST];
};

struct bed {
	struct arena arena;
	struct fake_rnd rnd;
	uint64_t seed;
};

static int set_up(void **state)
{
	struct bed *bed = calloc(1, sizeof(*bed));

	bed->seed = fake_seed();
	fake_rnd_init(&bed->rnd, bed->seed);
	arena_init(&bed->arena, 1u << 26);
	*state = bed;
	return 0;
}

static int tear_down(void **state)
{
	struct bed *bed = *state;

	arena_fini(&bed->arena);
	free(bed);
	return 0;
}

static int64_t below(struct bed *bed, int64_t bound)
{
	return (int64_t)fake_rnd_below(&bed->rnd, (uint64_t)bound);
}

/* Lengths about the words' edges as often as any other. */
static size_t some_length(struct bed *bed)
{
	static const size_t edges[] = {0, 1, 63, 64, 65, 127, 128, 129, 320};

	return below(bed, 2) == 0 ? edges[below(bed, 9)]
				  : (size_t)below(bed, MOST);
}

static void make(struct bed *bed, struct twin *t, int64_t base, size_t nbits)
{
	struct core_span span = {base, base + (int64_t)nbits * CORE_GRANULE};
	int64_t density = 1 + below(bed, 40);

	assert_int_equal(plane_init(&t->plane, span, &bed->arena), RC_OK);
	assert_int_equal(t->plane.nbits, nbits);
	for (size_t i = 0; i < nbits; i++) {
		t->bits[i] = below(bed, density) == 0;
		if (below(bed, 2) == 0) /* long runs as well */
			t->bits[i] = i > 0 && t->bits[i - 1];
		if (t->bits[i])
			plane_touch(&t->plane,
				    (struct core_span){base + (int64_t)i * 300,
						       base + (int64_t)i * 300 +
							       1});
	}
}

static void same(const struct bed *bed, const struct twin *t, const char *what)
{
	size_t words = (t->plane.nbits + 63) / 64;

	for (size_t i = 0; i < words * 64; i++) {
		bool bit = (t->plane.words[i / 64] >> i % 64 & 1) != 0;
		bool want = i < t->plane.nbits && t->bits[i];

		if (bit != want)
			fail_msg("SEED=%" PRIu64 ": %s, bit %zu of %zu",
				 bed->seed, what, i, t->plane.nbits);
	}
}

static void check_pair(struct bed *bed, struct twin *a, struct twin *b)
{
	size_t n = a->plane.nbits;
	int op = (int)below(bed, 4);
	void (*const ops[])(struct plane *, const struct plane *) = {
		plane_and, plane_or, plane_and_not, plane_copy};

	for (size_t i = 0; i < n; i++) {
		const bool want[] = {a->bits[i] && b->bits[i],
				     a->bits[i] || b->bits[i],
				     a->bits[i] && !b->bits[i], b->bits[i]};

		a->bits[i] = want[op];
	}
	ops[op](&a->plane, &b->plane);
	same(bed, a, "two planes");
}

static void check_spans(struct bed *bed, struct twin *t)
{
	int64_t base = t->plane.base;
	int64_t length = (int64_t)t->plane.nbits * CORE_GRANULE;
	struct core_span span;
	bool touch = below(bed, 2) == 0;

	span.from = base - 2000 + below(bed, length + 4000);
	span.to = span.from - 300 + below(bed, 9000);
	if (below(bed, 10) == 0)
		span.from = INT64_MIN;
	if (below(bed, 10) == 0)
		span.to = INT64_MAX;
	for (size_t i = 0; i < t->plane.nbits; i++) {
		int64_t g = base + (int64_t)i * CORE_GRANULE;

		if (touch)
			t->bits[i] |= span.from < span.to && g < span.to &&
				      g + CORE_GRANULE > span.from;
		else
			t->bits[i] |= g >= span.from && g < span.to;
	}
	if (touch)
		plane_touch(&t->plane, span);
	else
		plane_begin(&t->plane, span);
	same(bed, t, touch ? "touch" : "begin");
}

static void check_steps(const struct bed *bed, const struct twin *t)
{
	size_t n = t->plane.nbits;

	for (size_t i = 0; i <= n; i++) {
		size_t next = i;
		size_t prev = i;

		while (next < n && !t->bits[next])
			next++;
		while (prev > 0 && !t->bits[prev - 1])
			prev--;
		prev = prev > 0 ? prev - 1 : n;
		if (plane_next(&t->plane, i) != next ||
		    plane_prev(&t->plane, i) != prev)
			fail_msg("SEED=%" PRIu64 ": steps at %zu of %zu",
				 bed->seed, i, n);
	}
	assert_int_equal(plane_next(&t->plane, n + 1000), n);
}

static void check_runs(struct bed *bed, struct twin *t)
{
	size_t n = below(bed, 2) == 0 ? (size_t)below(bed, 8)
				      : (size_t)below(bed, 200);
	size_t run = 0;

	for (size_t i = t->plane.nbits; i-- > 0;) {
		run = t->bits[i] ? run + 1 : 0;
		t->bits[i] = run > 0 && run >= n;
	}
	plane_runs(&t->plane, n);
	same(bed, t, "runs");
}

static void as_an_array(void **state)
{
	struct bed *bed = *state;

	for (int i = 0; i < ROUNDS; i++) {
		size_t n = some_length(bed);
		int64_t base = (below(bed, 2000000) - 1000000) * CORE_GRANULE;
		struct twin a = {.bits = {false}};
		struct twin b = {.bits = {false}};

		make(bed, &a, base, n);
		make(bed, &b, base, n);
		same(bed, &a, "made");
		check_pair(bed, &a, &b);
		check_spans(bed, &a);
		check_steps(bed, &a);
		check_runs(bed, &b);
	}
}

static void filling_and_moving(void **state)
{
	struct bed *bed = *state;

	for (size_t n = 0; n < 200; n++) {
		struct twin t = {.bits = {false}};

		make(bed, &t, 0, n);
		memset(t.bits, true, sizeof(t.bits));
		plane_fill(&t.plane, true);
		same(bed, &t, "filled");
		memset(t.bits, false, sizeof(t.bits));
		plane_move(&t.plane, 3000, n / 2);
		assert_int_equal(t.plane.base, 3000);
		assert_int_equal(t.plane.nbits, n / 2);
		same(bed, &t, "moved");
	}
}

static void the_window(void **state)
{
	struct bed *bed = *state;
	struct arena small;
	struct plane p;

	assert_int_equal(
		plane_init(&p, (struct core_span){301, 601}, &bed->arena),
		RC_OK);
	assert_int_equal(p.base, 300);
	assert_int_equal(p.nbits, 2);
	assert_int_equal(
		plane_init(&p, (struct core_span){-301, -300}, &bed->arena),
		RC_OK);
	assert_int_equal(p.base, -600);
	assert_int_equal(p.nbits, 1);
	assert_int_equal(
		plane_init(&p, (struct core_span){900, 300}, &bed->arena),
		RC_OK);
	assert_int_equal(p.nbits, 0);
	arena_init(&small, 1000);
	assert_int_equal(
		plane_init(&p, (struct core_span){0, 86400 * 365}, &small),
		RC_NOMEM);
	arena_fini(&small);
}

/* --- claims --- */

#define CLAIMS 24
#define MINUTES 600

static void make_claims(struct bed *bed, struct core_claim *claims)
{
	int64_t from = 0;

	for (size_t i = 0; i < CLAIMS; i++) {
		from += below(bed, 50) * 60;
		claims[i] = (struct core_claim){
			.from = from,
			.to = from + (1 + below(bed, 90)) * 60,
			.booking = below(bed, 5),
			.role = below(bed, 3) == 0 ? CLAIM_BUFFER
						   : CLAIM_EXPERT,
			.hold_until =
				below(bed, 3) == 0 ? 99 + below(bed, 3) : 0,
		};
	}
}

static int depth_at(const struct claims_view *view, int64_t t)
{
	int depth = 0;

	for (size_t i = 0; i < view->subject->nclaims; i++) {
		const struct core_claim *c = &view->subject->claims[i];
		bool lapsed = c->hold_until == 99 || c->hold_until == 100;
		bool ignored = view->ignore_booking != 0 &&
			       c->booking == view->ignore_booking;

		depth += c->from <= t && t < c->to && !lapsed && !ignored;
	}
	return depth;
}

struct met {
	const struct core_claim *v[2 * CLAIMS];
	size_t n;
};

static void meet(void *ctx, const struct core_claim *claim)
{
	struct met *met = ctx;

	assert_true(met->n < 2 * CLAIMS);
	met->v[met->n++] = claim;
}

/* Is the claim there at some minute of the span at which all is full? */
static bool in_the_way(const struct claims_view *view,
		       const struct core_claim *c, struct core_span span)
{
	struct core_subject alone = {.claims = c, .nclaims = 1, .capacity = 1};
	struct claims_view one = {&alone, view->now, view->ignore_booking};

	for (int64_t t = span.from; t < span.to; t += 60)
		if (depth_at(view, t) >= view->subject->capacity &&
		    depth_at(&one, t) > 0)
			return true;
	return false;
}

static void check_span(struct bed *bed, const struct claims_view *view)
{
	struct core_span span = {below(bed, 900) * 60, 0};
	const struct core_subject *s = view->subject;
	struct met met = {.n = 0};
	bool full = false;
	size_t want = 0;

	span.to = span.from + below(bed, 150) * 60;
	for (int64_t t = span.from; t < span.to; t += 60)
		full |= depth_at(view, t) >= s->capacity;
	if (claims_free(view, span) == full)
		fail_msg("SEED=%" PRIu64 ": free", bed->seed);
	claims_in_the_way(view, span, meet, &met);
	for (size_t i = 0; i < s->nclaims; i++)
		want += in_the_way(view, &s->claims[i], span);
	for (size_t i = 0; i < met.n; i++) {
		assert_true(in_the_way(view, met.v[i], span));
		for (size_t j = 0; j < i; j++)
			assert_ptr_not_equal(met.v[i], met.v[j]);
	}
	if (met.n != want)
		fail_msg("SEED=%" PRIu64 ": %zu claims instead of %zu",
			 bed->seed, met.n, want);
}

/* A busy granule is one that no session can fill: all is full at some instant
 * of it. */
static void check_busy(struct bed *bed, const struct claims_view *view)
{
	struct plane p;
	struct core_span span = {0, 90000};

	assert_int_equal(plane_init(&p, span, &bed->arena), RC_OK);
	plane_busy(&p, view->subject, view->now, view->ignore_booking);
	for (size_t i = 0; i < p.nbits; i++) {
		bool full = false;
		bool bit = (p.words[i / 64] >> i % 64 & 1) != 0;

		for (int64_t t = (int64_t)i * 300; t < (int64_t)i * 300 + 300;
		     t += 60)
			full |= depth_at(view, t) >= view->subject->capacity;
		if (bit != full)
			fail_msg("SEED=%" PRIu64 ": granule %zu", bed->seed, i);
	}
}

static void claims_as_minutes(void **state)
{
	struct bed *bed = *state;

	for (int i = 0; i < 400; i++) {
		struct core_claim claims[CLAIMS];
		struct core_subject s = {
			.capacity = (int)(1 + below(bed, 4)),
			.claims = claims,
			.nclaims = (size_t)below(bed, CLAIMS + 1)};
		struct claims_view view = {&s, 100, below(bed, 3)};

		make_claims(bed, claims);
		for (int k = 0; k < 20; k++)
			check_span(bed, &view);
		check_busy(bed, &view);
	}
}

/* Two places, two claims that follow one another: room for a third. */
static void depth_and_not_sum(void **state)
{
	static const struct core_claim claims[] = {{.from = 0, .to = 600},
						   {.from = 600, .to = 1200}};
	struct core_subject s = {.capacity = 2, .claims = claims, .nclaims = 2};
	struct core_subject one = {
		.capacity = 1, .claims = claims, .nclaims = 2};
	struct core_subject many = {.capacity = PLANE_DEPTH_MAX + 1,
				    .claims = claims,
				    .nclaims = 2};
	struct claims_view view = {&s, 0, 0};
	struct bed *bed = *state;
	struct plane p;

	assert_true(claims_free(&view, (struct core_span){0, 1200}));
	view.subject = &one;
	assert_false(claims_free(&view, (struct core_span){0, 1200}));
	assert_true(claims_free(&view, (struct core_span){1200, 1500}));
	assert_true(claims_free(&view, (struct core_span){300, 300}));
	assert_int_equal(
		claims_started(&view, CLAIM_EXPERT, (struct core_span){0, 601}),
		2);
	assert_int_equal(
		claims_started(&view, CLAIM_EXPERT, (struct core_span){1, 600}),
		0);
	assert_int_equal(claims_started(&view, CLAIM_BUFFER,
					(struct core_span){0, 1200}),
			 0);
	/* too many places to keep count of: nothing is said */
	assert_int_equal(
		plane_init(&p, (struct core_span){0, 1200}, &bed->arena),
		RC_OK);
	plane_busy(&p, &many, 0, 0);
	assert_int_equal(plane_next(&p, 0), p.nbits);
}

/* Three places, full by the third claim until the first of them ends. */
static void full_until_the_first_end(void **state)
{
	static const struct core_claim claims[] = {
		{.from = 0, .to = 3000},
		{.from = 300, .to = 1500},
		{.from = 600, .to = 2400},
		{.from = 900, .to = 2700}, /* one too many */
		{.from = 2700, .to = 3000},
	};
	struct core_subject s = {.capacity = 3, .claims = claims, .nclaims = 5};
	struct bed *bed = *state;
	struct plane p;

	assert_int_equal(
		plane_init(&p, (struct core_span){0, 6000}, &bed->arena),
		RC_OK);
	plane_busy(&p, &s, 0, 0);
	assert_int_equal(plane_next(&p, 0), 2);
	assert_int_equal(plane_prev(&p, p.nbits), 7);
	/* the most places that are kept count of */
	s.capacity = PLANE_DEPTH_MAX;
	plane_busy(&p, &s, 0, 0);
	assert_int_equal(plane_prev(&p, p.nbits), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_an_array),
		cmocka_unit_test(filling_and_moving),
		cmocka_unit_test(the_window),
		cmocka_unit_test(claims_as_minutes),
		cmocka_unit_test(depth_and_not_sum),
		cmocka_unit_test(full_until_the_first_end),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
