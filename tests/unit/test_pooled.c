/* Pooled half-days: their terms, their order, and that nothing else is in
 * them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/core/pooled.h"
#include "tests/support/stage.h"

#define TERMS "coronary 6 1440 remote-consultation:8 imaging-consultation:5"

/* --- terms --- */

static void terms_are_read(void **state)
{
	struct pooled_terms t;

	(void)state;
	assert_true(pooled_read(TERMS, &t));
	assert_string_equal(t.specialty, "coronary");
	assert_int_equal(t.threshold, 6);
	assert_int_equal(t.notice, 1440);
	assert_int_equal(t.minutes[KIND_REMOTE_CONSULTATION], 8);
	assert_int_equal(t.minutes[KIND_IMAGING_CONSULTATION], 5);
	assert_int_equal(t.minutes[KIND_CASE_DISCUSSION], 0);
}

static void what_is_none_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"coronary",
		"coronary 6",
		"coronary 6 1440",
		"coronary 0 1440 remote-consultation:8",
		"coronary 501 1440 remote-consultation:8",
		"coronary 6 -1 remote-consultation:8",
		"coronary 6 40321 remote-consultation:8",
		"coronary 6 1440 remote-consultation",
		"coronary 6 1440 remote-consultation:",
		"coronary 6 1440 remote-consultation:0",
		"coronary 6 1440 remote-consultation:1441",
		"coronary 6 1440 tea:8",
		"coronary x 1440 remote-consultation:8",
		" 6 1440 remote-consultation:8",
	};
	struct pooled_terms t;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(pooled_read(wrong[i], &t));
}

/* --- the order --- */

static bool before(const struct pooled_case *a, const struct pooled_case *b)
{
	if (a->urgency != b->urgency)
		return a->urgency < b->urgency;
	if (a->submitted_at != b->submitted_at)
		return a->submitted_at < b->submitted_at;
	return a->request < b->request;
}

static void put(struct pooled_case *v, size_t *n, struct pooled_case c)
{
	size_t at = pooled_place(v, *n, &c);

	assert_true(at <= *n);
	memmove(&v[at + 1], &v[at], (*n - at) * sizeof(*v));
	v[at] = c;
	(*n)++;
}

/* However they come, they stand by urgency, then by age. */
static void whoever_comes_first_stands_in_order(void **state)
{
	unsigned seed = 7;

	(void)state;
	for (int round = 0; round < 200; round++) {
		struct pooled_case v[40];
		size_t n = 0;

		for (int64_t i = 0; i < 40; i++)
			put(v, &n,
			    (struct pooled_case){
				    .urgency = (enum urgency)(rand_r(&seed) %
							      URGENCY_COUNT),
				    .submitted_at = rand_r(&seed) % 9,
				    .request = i});
		for (size_t i = 1; i < n; i++)
			assert_true(before(&v[i - 1], &v[i]));
	}
}

/* A coordinator's order is not undone by who comes after. */
static void an_order_by_hand_stays(void **state)
{
	struct pooled_case v[8] = {
		{URGENCY_ROUTINE, 9, 1},
		{URGENCY_URGENT, 2, 2},
		{URGENCY_ROUTINE, 3, 3},
	};
	size_t n = 3;

	(void)state;
	put(v, &n, (struct pooled_case){URGENCY_URGENT, 5, 4});
	put(v, &n, (struct pooled_case){URGENCY_ROUTINE, 4, 5});
	assert_int_equal(v[0].request, 1);
	assert_int_equal(v[1].request, 2);
	assert_int_equal(v[2].request, 4);
	assert_int_equal(v[3].request, 3);
	assert_int_equal(v[4].request, 5);
}

/* --- starts --- */

static bool free_at(const struct core_span *v, size_t n, struct core_span span)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].from < span.to && v[i].to > span.from)
			return false;
	return true;
}

/* The first minute that does, found minute by minute. */
static int64_t slow_start(struct core_span session, const struct core_span *v,
			  size_t n, int64_t from, int64_t length)
{
	if (from < session.from)
		from = session.from;
	for (; from + length <= session.to; from++)
		if (free_at(v, n, (struct core_span){from, from + length}))
			return from;
	return INT64_MAX;
}

static void the_first_start_that_is_free(void **state)
{
	const struct core_span session = {100, 160};
	unsigned seed = 11;

	(void)state;
	for (int round = 0; round < 5000; round++) {
		struct core_span v[6];
		size_t n = (size_t)rand_r(&seed) % 7;
		int64_t from = 90 + rand_r(&seed) % 80;
		int64_t length = 1 + rand_r(&seed) % 61;

		for (size_t i = 0; i < n; i++) {
			v[i].from = 95 + rand_r(&seed) % 65;
			v[i].to = v[i].from + 1 + rand_r(&seed) % 20;
		}
		assert_int_equal(pooled_start(session, v, n, from, length),
				 slow_start(session, v, n, from, length));
	}
}

/* --- what may lie in one --- */

/* The expert's first rule is a half-day from an hour before t to three hours
 * behind it. */
static int set_up(void **state)
{
	int rc = stage_set_up(state);
	struct stage *s = *state;

	s->rules[0].pool = TERMS;
	s->rules[0].kinds = KINDSET(s->ask.kind);
	s->expert.subject.nrules = 1;
	s->expert.buffer_minutes = 10;
	return rc;
}

static int64_t opens(struct stage *s)
{
	const struct core_blocker *why = stage_only(s, s->t, BLOCK_POOL);

	assert_true(why->has_span);
	return why->span.from;
}

static void nothing_else_is_booked_in_it(void **state)
{
	struct stage *s = *state;

	(void)opens(s);
	/* ... nor where another rule covers it */
	s->rules[1] = s->rules[0];
	s->rules[1].pool = NULL;
	s->rules[1].kinds = 0;
	s->expert.subject.nrules = 2;
	(void)opens(s);
}

static void a_case_of_it_is(void **state)
{
	struct stage *s = *state;

	s->ask.pool = opens(s);
	s->ask.minutes = 8;
	stage_taken(s, s->t + 3 * MIN); /* on no grid */
	assert_int_equal(s->plan.session, s->ask.pool);
	/* ... of that one alone */
	s->ask.pool += 86400;
	(void)stage_only(s, s->t, BLOCK_POOL);
}

static void no_pause_lies_between_cases(void **state)
{
	struct stage *s = *state;
	struct core_claim *c;

	s->ask.pool = opens(s);
	s->ask.minutes = 8;
	c = stage_session(s, 0, -8, 0);
	c->session = s->ask.pool;
	stage_taken(s, s->t);
	c->session = 0;
	c->role = CLAIM_BUFFER;
	c->to += 10 * MIN;
	(void)stage_only(s, s->t, BLOCK_BUFFER);
}

static void search_offers_nothing_of_it(void **state)
{
	struct stage *s = *state;
	struct core_plan plans[4];
	size_t n = 0;

	assert_int_equal(
		core_search(&s->ask,
			    (struct core_span){s->t - 86400, s->t + 7 * 86400},
			    4, &s->arena, plans, &n),
		RC_OK);
	assert_int_equal(n, 0);
	s->rules[0].pool = NULL;
	assert_int_equal(
		core_search(&s->ask,
			    (struct core_span){s->t - 86400, s->t + 7 * 86400},
			    4, &s->arena, plans, &n),
		RC_OK);
	assert_int_equal(n, 4);
}

#define STAGED(f) cmocka_unit_test_setup_teardown(f, set_up, stage_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(terms_are_read),
		cmocka_unit_test(what_is_none_is_refused),
		cmocka_unit_test(whoever_comes_first_stands_in_order),
		cmocka_unit_test(an_order_by_hand_stays),
		cmocka_unit_test(the_first_start_that_is_free),
		STAGED(nothing_else_is_booked_in_it),
		STAGED(a_case_of_it_is),
		STAGED(no_pause_lies_between_cases),
		STAGED(search_offers_nothing_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
