/*
 * Emergencies, whatever is done with them in whatever order: nobody is called
 * twice, nobody left out, and none that is open is forgotten.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/duty.h"

static struct duty duty;

/* Over any pauses of the service, transactions that are lost, answers of those
 * who are called or not, and sessions that do not take place: in a round nobody
 * is called twice but with everybody, steps follow one another, only one call
 * stands before the last rung, everybody is called there, a round ends by one
 * answer, and the next one does not begin with who had it or cannot. */
#define RULE_MAX 6
/* In the round that the request r is in. */
#define OF(what)                                                               \
	"(SELECT count(*) FROM duty_call c WHERE c.request = r.id"             \
	" AND c.round = (SELECT max(n.round) FROM duty_call n"                 \
	" WHERE n.request = r.id) AND " what ")"
#define STANDING OF("c.outcome = 'called'")
#define LAST OF("c.level IS NULL")
#define KEPT OF("c.level IS NULL AND c.outcome IN ('called', 'cannot')")
static const char *const broken[RULE_MAX] = {
	/* called twice */
	"SELECT count(*) FROM duty_call a JOIN duty_call b ON b.id > a.id"
	" AND b.request = a.request AND b.round = a.round"
	" AND b.expert IS a.expert AND (b.level IS NULL) = (a.level IS NULL)",
	/* called alone, though they had it or cannot */
	"SELECT count(*) FROM duty_call a JOIN duty_call b ON b.round > a.round"
	" AND b.request = a.request AND b.expert = a.expert"
	" WHERE a.outcome IN ('answered', 'cannot') AND b.level IS NOT NULL",
	/* a round without the answer before it, or called after its answer */
	"SELECT count(*) FROM duty_call a WHERE a.round <> 1 + (SELECT count(*)"
	" FROM duty_call b WHERE b.request = a.request"
	" AND b.outcome = 'answered' AND b.round < a.round)",
	/* one stands, or all of the last rung do who can */
	"SELECT count(*) FROM request r WHERE CASE WHEN r.status NOT IN"
	" ('submitted', 'accepted') THEN " STANDING " <> 0 WHEN " LAST " = 0"
	" THEN " STANDING " <> 1"
	" ELSE " LAST " <> 4 OR " KEPT " <> 4 OR " STANDING " = 0 END",
	/* somebody looks after it, exactly while it is open */
	"SELECT count(*) FROM request r WHERE (r.status IN"
	" ('submitted', 'accepted')) <> EXISTS (SELECT 1 FROM due d"
	" WHERE d.thing = 'request' AND d.thing_id = r.id"
	" AND d.what = 'call')",
	/* each answer had its session */
	"SELECT count(*) FROM request r WHERE (SELECT count(*) FROM duty_call c"
	" WHERE c.request = r.id AND c.outcome = 'answered')"
	" <> (SELECT count(*) FROM booking b WHERE b.request = r.id)",
};

static void check_calls(const struct msg_request *r, uint64_t seed)
{
	int64_t step = 0;

	for (size_t i = 0; i < r->calls.n; i++) {
		const struct msg_call *c =
			(const struct msg_call *)r->calls.v + i;
		bool same = c->step == step;

		if (!same && c->step != step + 1)
			fail_msg("SEED=%llu: step %lld after %lld",
				 (unsigned long long)seed, (long long)c->step,
				 (long long)step);
		if (same && c->level != FIELD_NONE)
			fail_msg("SEED=%llu: two calls of step %lld",
				 (unsigned long long)seed, (long long)step);
		step = c->step;
	}
	for (size_t i = 0; i < RULE_MAX; i++) {
		if (desk_count(&duty.desk, broken[i]))
			fail_msg("SEED=%llu: %s", (unsigned long long)seed,
				 broken[i]);
	}
}

static uint64_t drawn;

static unsigned any(unsigned n)
{
	return (unsigned)scratch_random(&drawn, n);
}

struct lost {
	house_step step;
	void *arg;
};

/* The process ends before it is committed. */
static enum rc lost_step(struct work *w, void *arg)
{
	struct lost *lost = arg;
	enum rc rc = lost->step(w, lost->arg);

	return rc == RC_OK ? RC_BUSY : rc;
}

/* Now and then in vain before it is done. */
static enum rc act(const struct principal *who, house_step step, void *arg)
{
	struct lost lost = {step, arg};

	if (any(3) == 0)
		(void)desk_do(&duty.desk, who, lost_step, &lost);
	return desk_do(&duty.desk, who, step, arg);
}

/* *at: when it was answered first. */
static void anything(const char *code, int64_t *at)
{
	const struct principal *const all[] = {&duty.first, &duty.second,
					       &duty.third, &duty.centre};
	static const char *const slugs[] = {"chest-pain-1", "chest-pain-2",
					    "chest-pain-3"};
	const struct principal *who = all[any(4)];
	bool accepts = any(3) == 0;
	struct duty_reply r = {.code = code,
			       .in = {.answer = accepts ? "accept" : "cannot"}};
	struct on on = {.code = duty_shown(&duty, code).booking,
			.reason = {"another theatre", -1}};

	if (on.code) {
		if (any(2) == 0)
			(void)act(&duty.centre,
				  any(2) ? cancel_step : duty_noshow_step, &on);
		return;
	}
	if (who == &duty.centre && any(2) == 0)
		r.in.expert = slugs[any(3)];
	if (any(2) == 0 && act(who, duty_answer_step, &r) == RC_OK && accepts &&
	    *at == FIELD_NONE)
		*at = duty.desk.house.scratch.now;
}

static void nobody_twice_and_nobody_left_out(void **state)
{
	static const int64_t pauses[] = {0, 1, 179, 180, 10 * MINUTE, 5 * 3600};
	uint64_t seed = scratch_seed();

	(void)state;
	drawn = seed;
	duty_begin(&duty);
	for (int i = 0; i < 12; i++) {
		const char *code = duty_emergency(&duty, NULL);
		int64_t began = duty.desk.house.scratch.now, at = FIELD_NONE;

		for (int k = 0; k < 16; k++) {
			duty.desk.house.scratch.now += pauses[any(6)];
			/* What is done may come before what is due. */
			if (any(4) > 0)
				assert_int_equal(
					RC_OK,
					act(&duty.centre, duty_due_step, NULL));
			anything(code, &at);
			struct msg_request r = duty_shown(&duty, code);

			check_calls(&r, seed);
			assert_int_equal(r.intervals->call_to_answer,
					 at == FIELD_NONE ? FIELD_NONE
							  : at - began);
		}
		duty.desk.house.scratch.now += 4 * 3600;
	}
	duty_end(&duty);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_twice_and_nobody_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
