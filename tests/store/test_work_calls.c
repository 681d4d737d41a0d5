/*
 * Emergencies: who is called in which order over time and standstills, who may
 * answer, what gives way and where it goes, and that nobody is left out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "daemon/work/emergency.h"
#include "daemon/work/steps.h"
#include "tests/support/desk.h"
#include "tests/support/fake.h"

#define MINUTE 60
/* 2027-01-19 02:10 in Shanghai. */
#define NIGHT (DESK_MONDAY + 18 * 3600 + 10 * MINUTE)

static struct desk desk;
static struct principal county, centre, first, second, third;

static enum rc import_step(struct work *w, void *arg)
{
	struct msg_import_report report;
	enum rc rc = work_import_check(w, arg);

	return rc == RC_OK ? work_import(w, arg, &report) : rc;
}

static void import_more(void)
{
	static const struct principal root = {.name = "root",
					      .role = ROLE_ADMINISTRATOR};
	struct msg_network *net = arena_alloc(&desk.house.arena, sizeof(*net));
	struct work w = {0};
	struct buf file;

	buf_init(&file, 1u << 20);
	assert_int_equal(RC_OK,
			 file_read("examples/chest-pain.json", &file, NULL));
	assert_int_equal(RC_OK,
			 proto_decode(&msg_network_table, file.data, file.len,
				      PROTO_STRICT, &desk.house.arena, net,
				      &w.faults, &w.err));
	assert_int_equal(RC_OK, desk_do(&desk, &root, import_step, net));
	buf_fini(&file);
}

static int setup(void **state)
{
	(void)state;
	desk_begin(&desk);
	import_more();
	desk.house.scratch.now = NIGHT;
	county = house_person(&desk.house, ROLE_SITE_COORDINATOR,
			      "dengta-county", NULL);
	centre = house_person(&desk.house, ROLE_LEAD_COORDINATOR,
			      "liaoyang-central", NULL);
	first = house_person(&desk.house, ROLE_EXPERT, "liaoyang-central",
			     "chest-pain-1");
	second = house_person(&desk.house, ROLE_EXPERT, "liaoyang-central",
			      "chest-pain-2");
	third = house_person(&desk.house, ROLE_EXPERT, "liaoyang-central",
			     "chest-pain-3");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	desk_end(&desk);
	return 0;
}

/* --- what is done --- */

static enum rc due_step(struct work *w, void *arg)
{
	struct steps steps = {.limit = 64};

	(void)arg;
	enum rc rc = steps_run(w->tx, &steps);

	if (rc != RC_OK)
		print_message("due: %s\n", steps.why.text);
	return rc;
}

static void pass(int64_t seconds)
{
	desk.house.scratch.now += seconds;
	assert_int_equal(RC_OK, desk_do(&desk, &centre, due_step, NULL));
}

static const char *emergency(struct msg_request *out)
{
	struct ask_for a = ask_for("dengta-county", "P-9");

	a.in.kind = KIND_EMERGENCY_CONSULTATION;
	a.in.expert = NULL;
	a.in.door_at = desk.house.scratch.now - 5 * MINUTE;
	assert_int_equal(RC_OK, desk_do(&desk, &county, submit_step, &a));
	if (out)
		*out = a.out;
	return a.out.code;
}

struct reply {
	const char *code;
	struct msg_answer in;
	struct msg_request out;
	struct work_moves moves;
	bool look;
};

static enum rc answer_step(struct work *w, void *arg)
{
	struct reply *r = arg;

	w->moves = r->look ? &r->moves : NULL;
	return work_request_answer(w, r->code, &r->in, &r->out);
}

static enum rc look_step(struct work *w, void *arg)
{
	struct reply *r = arg;

	return work_answer_look(w, r->code, &r->in, &r->moves);
}

static enum rc answer(const struct principal *who, const char *code,
		      const char *what, const char *expert,
		      struct msg_request *out)
{
	struct reply r = {.code = code,
			  .in = {.answer = what, .expert = expert}};

	r.look = desk_do(&desk, who, look_step, &r) == RC_OK;
	enum rc rc = desk_do(&desk, who, answer_step, &r);

	if (out)
		*out = r.out;
	return rc;
}

static struct msg_request shown(const char *code)
{
	struct on on = {.code = code};

	assert_int_equal(RC_OK, desk_do(&desk, &centre, show_step, &on));
	return on.r;
}

static const struct msg_call *call(const struct msg_request *r, size_t i)
{
	assert_true(i < r->calls.n);
	return (const struct msg_call *)r->calls.v + i;
}

static void assert_call(const struct msg_request *r, size_t i,
			const char *expert, const char *outcome)
{
	const struct msg_call *c = call(r, i);

	if (expert)
		assert_string_equal(expert, c->expert);
	else
		assert_null(c->expert);
	assert_string_equal(outcome, c->outcome);
}

/* How often that was said of it. */
static size_t told(const char *code, const char *about)
{
	struct msg_request r = shown(code);
	const struct msg_event *v = r.history.v;
	size_t n = 0;

	for (size_t i = 0; i < r.history.n; i++)
		n += v[i].reason && strstr(v[i].reason, about) &&
		     !strcmp(v[i].actor, "system");
	return n;
}

/* --- calls --- */

static void the_answer_says_who_is_called(void **state)
{
	struct msg_request r;

	(void)state;
	emergency(&r);
	assert_int_equal(REQUEST_SUBMITTED, r.status);
	assert_int_equal(URGENCY_EMERGENCY, r.urgency);
	assert_int_equal(1, r.calls.n);
	assert_call(&r, 0, "chest-pain-1", "called");
	assert_string_equal("chest pain centre, duty telephone 1",
			    call(&r, 0)->reach);
	assert_int_equal(desk.house.scratch.now + 3 * MINUTE,
			 call(&r, 0)->until);
	assert_int_equal(5 * MINUTE, r.intervals->door_to_request);
}

static void one_after_the_other_and_then_everybody(void **state)
{
	const char *code = emergency(NULL);
	struct msg_request r;

	(void)state;
	pass(3 * MINUTE - 1);
	assert_int_equal(1, shown(code).calls.n);
	pass(1);
	r = shown(code);
	assert_int_equal(2, r.calls.n);
	assert_call(&r, 0, "chest-pain-1", "unanswered");
	assert_call(&r, 1, "chest-pain-2", "called");
	assert_int_equal(RC_OK, answer(&second, code, "cannot", NULL, &r));
	assert_call(&r, 1, "chest-pain-2", "cannot");
	assert_call(&r, 2, "chest-pain-3", "called");
	pass(3 * MINUTE);
	r = shown(code);
	/* All three again, and the coordinators. */
	assert_int_equal(7, r.calls.n);
	assert_call(&r, 2, "chest-pain-3", "unanswered");
	for (size_t i = 3; i < 7; i++) {
		assert_string_equal("called", call(&r, i)->outcome);
		assert_int_equal(4, call(&r, i)->step);
		assert_int_equal(FIELD_NONE, call(&r, i)->until);
	}
	assert_null(call(&r, 6)->expert);
	/* It stays until somebody answers, and is told again and again. */
	assert_int_equal(0, told(code, "nobody has answered"));
	pass(24 * 3600);
	assert_int_equal(7, shown(code).calls.n);
	assert_int_equal(1, told(code, "nobody has answered"));
	assert_int_equal(1, told(code, "papers are overdue"));
	assert_int_equal(0, told(code, "papers are still"));
	pass(3600);
	assert_int_equal(2, told(code, "nobody has answered"));
	assert_int_equal(RC_OK,
			 answer(&centre, code, "accept", "chest-pain-3", &r));
	assert_int_equal(REQUEST_SCHEDULED, r.status);
	assert_string_equal("lead-coordinator", call(&r, 5)->said_by);
	assert_call(&r, 4, "chest-pain-2", "over");
	pass(48 * 3600);
	assert_int_equal(2, told(code, "nobody has answered"));
	assert_int_equal(7, shown(code).calls.n);
}

/* However long it stood still: one step, with the whole limit before it. */
static void after_a_standstill_one_is_called(void **state)
{
	const char *code = emergency(NULL);
	struct msg_request r;

	(void)state;
	pass(40 * MINUTE);
	r = shown(code);
	assert_int_equal(2, r.calls.n);
	assert_int_equal(desk.house.scratch.now + 3 * MINUTE,
			 call(&r, 1)->until);
	pass(0);
	assert_int_equal(2, shown(code).calls.n);
}

static void who_was_called_may_still_take_it(void **state)
{
	const char *code = emergency(NULL);
	struct msg_request r;

	(void)state;
	assert_int_equal(RC_NOT_FOUND,
			 answer(&third, code, "accept", NULL, NULL));
	pass(3 * MINUTE);
	assert_int_equal(RC_OK, answer(&first, code, "accept", NULL, &r));
	assert_call(&r, 0, "chest-pain-1", "answered");
	assert_call(&r, 1, "chest-pain-2", "over");
	assert_int_equal(8 * MINUTE, r.intervals->door_to_answer);
	assert_int_equal(3 * MINUTE, r.intervals->call_to_answer);
	assert_non_null(r.booking);
	/* It is theirs now, and nobody else's. */
	assert_int_equal(RC_NOT_FOUND,
			 answer(&second, code, "accept", NULL, NULL));
	assert_int_equal(RC_STATE,
			 answer(&centre, code, "accept", "chest-pain-3", NULL));
	pass(24 * 3600);
	assert_int_equal(2, shown(code).calls.n);
}

static void a_second_emergency_passes_over_who_has_the_first(void **state)
{
	const char *one = emergency(NULL);
	struct msg_request r;

	(void)state;
	assert_int_equal(RC_OK, answer(&first, one, "accept", NULL, NULL));
	emergency(&r);
	assert_call(&r, 0, "chest-pain-1", "engaged");
	assert_call(&r, 1, "chest-pain-2", "called");
	/* Nor can it be forced on them. */
	assert_int_equal(RC_REFUSED, answer(&centre, r.code, "accept",
					    "chest-pain-1", NULL));
}

static enum rc ask_step(struct work *w, void *arg)
{
	struct on *on = arg;
	const struct msg_ask in = {.missing = "the last ECG"};

	return work_request_ask(w, on->code, &in, &on->r);
}

/* While the partner had it nobody would be called. */
static void it_is_not_sent_back_for_more(void **state)
{
	const char *code = emergency(NULL);
	struct on on = {.code = code};

	(void)state;
	assert_int_equal(RC_STATE, desk_do(&desk, &centre, ask_step, &on));
	pass(3 * MINUTE);
	assert_int_equal(2, shown(code).calls.n);
}

static void withdrawn_it_calls_nobody(void **state)
{
	const char *code = emergency(NULL);
	struct on on = {.code = code, .request = work_request_withdraw};
	struct msg_request r;

	(void)state;
	assert_int_equal(RC_OK, desk_do(&desk, &county, request_step, &on));
	pass(24 * 3600);
	r = shown(code);
	assert_int_equal(1, r.calls.n);
	assert_call(&r, 0, "chest-pain-1", "over");
}

/* --- what gives way --- */

static struct msg_booking routine(const struct principal *who, const char *site,
				  const char *patient, int64_t at)
{
	struct ask_for a = ask_for(site, patient);
	struct on on = {.accept = {.duration_minutes = FIELD_NONE}};

	a.in.expert = "chest-pain-2";
	assert_int_equal(RC_OK, desk_do(&desk, who, submit_step, &a));
	on.code = a.out.code;
	assert_int_equal(RC_OK, desk_do(&desk, &centre, accept_step, &on));
	return desk_booked(&desk, who, a.out.code, at);
}

static struct msg_booking booking(const char *code)
{
	struct on on = {.code = code, .booking = work_booking_show};

	assert_int_equal(RC_OK, desk_do(&desk, &centre, booking_step, &on));
	return on.b;
}

static void a_routine_booking_moves_away(void **state)
{
	struct msg_booking b =
		routine(&county, "dengta-county", "P-1", NIGHT + 5 * MINUTE);
	const char *code = emergency(NULL);
	struct msg_request r;

	(void)state;
	pass(3 * MINUTE);
	assert_int_equal(RC_OK, answer(&second, code, "accept", NULL, &r));
	struct msg_booking urgent = booking(r.booking), moved = booking(b.code);

	assert_int_equal(BOOKING_BOOKED, urgent.status);
	assert_int_equal(desk.house.scratch.now, urgent.from);
	assert_int_equal(BOOKING_BOOKED, moved.status);
	assert_true(moved.from >= urgent.to);
	assert_true(moved.from < urgent.to + 10 * MINUTE);
	assert_int_equal(1, moved.sequence);
	const struct msg_event *last =
		(struct msg_event *)moved.history.v + moved.history.n - 1;

	assert_string_equal("move", last->verb);
	assert_string_equal("gives way to an emergency", last->reason);
	/* Expert, patient and a studio at each end. */
	assert_int_equal(4, urgent.claims.n);
}

static void without_a_time_it_goes_back(void **state)
{
	struct msg_booking b =
		routine(&county, "dengta-county", "P-1", NIGHT + 5 * MINUTE);
	const char *code = emergency(NULL);
	struct reply r = {.code = code, .in = {.answer = "accept"}};

	(void)state;
	pass(3 * MINUTE);
	assert_int_equal(RC_OK, desk_do(&desk, &second, answer_step, &r));
	assert_int_equal(BOOKING_CANCELLED, booking(b.code).status);
	assert_int_equal(REQUEST_WAITLISTED, shown(b.request).status);
	assert_int_equal(1, desk_count(&desk, "SELECT count(*) FROM displaced"
					      " WHERE moved = 0"));
}

/* Displaced by hand, for something urgent that gets the time. */
struct make_way {
	const char *code;
	struct msg_displace in;
	struct msg_booking out;
	struct work_moves moves;
};

static enum rc displace_look(struct work *w, void *arg)
{
	struct make_way *m = arg;

	return work_displace_look(w, m->code, &m->moves);
}

static enum rc displace_step(struct work *w, void *arg)
{
	struct make_way *m = arg;

	w->moves = &m->moves;
	return work_booking_displace(w, m->code, &m->in, &m->out);
}

static void by_hand_for_something_urgent(void **state)
{
	struct msg_booking b =
		routine(&county, "dengta-county", "P-1", NIGHT + 65 * MINUTE);
	struct ask_for a = ask_for("dengta-county", "P-2");
	struct on on = {.accept = {.duration_minutes = FIELD_NONE}};
	struct make_way m = {.code = b.code, .in = {.reason = "shock"}};

	(void)state;
	a.in.expert = "chest-pain-2";
	assert_int_equal(RC_OK, desk_do(&desk, &county, submit_step, &a));
	m.in.request = on.code = a.out.code;
	assert_int_equal(RC_OK, desk_do(&desk, &centre, accept_step, &on));
	/* Routine is no more urgent than routine. */
	assert_int_equal(RC_INVALID,
			 desk_do(&desk, &centre, displace_step, &m));
	a = ask_for("dengta-county", "P-3");
	a.in.expert = "chest-pain-2";
	a.in.urgency = URGENCY_URGENT;
	assert_int_equal(RC_OK, desk_do(&desk, &county, submit_step, &a));
	m.in.request = on.code = a.out.code;
	assert_int_equal(RC_OK, desk_do(&desk, &centre, accept_step, &on));
	assert_int_equal(RC_FORBIDDEN,
			 desk_do(&desk, &county, displace_step, &m));
	assert_int_equal(RC_OK, desk_do(&desk, &centre, displace_look, &m));
	assert_int_equal(RC_OK, desk_do(&desk, &centre, displace_step, &m));
	assert_int_equal(b.from, m.out.from);
	struct msg_booking moved = booking(b.code);

	assert_int_equal(BOOKING_BOOKED, moved.status);
	assert_true(moved.from >= m.out.to || moved.to <= m.out.from);
}

/* --- swaps and gaps --- */

struct hand_over {
	struct msg_swap in;
	struct msg_swapped out;
};

static enum rc swap_step(struct work *w, void *arg)
{
	struct hand_over *h = arg;

	return work_on_call_swap(w, &h->in, &h->out);
}

struct look {
	struct msg_on_call_query in;
	struct msg_on_call out;
	int64_t gaps;
	const char *first;
};

static enum rc on_call_step(struct work *w, void *arg)
{
	struct look *l = arg;
	enum rc rc = work_on_call(w, &l->in, &l->out);

	return rc == RC_OK ? work_on_call_gaps(w, &l->gaps, &l->first) : rc;
}

static struct look on_call(void)
{
	struct look l;

	proto_clear(&msg_on_call_query_table, &l.in);
	assert_int_equal(RC_OK, desk_do(&desk, &centre, on_call_step, &l));
	return l;
}

static void the_two_agree_or_a_coordinator_says_so(void **state)
{
	int64_t now = desk.house.scratch.now;
	struct hand_over h = {.in = {.specialty = "coronary",
				     .level = 1,
				     .gives = "chest-pain-1",
				     .takes = "chest-pain-3",
				     .from = now,
				     .to = now + 3600,
				     .reason = "a course"}};
	struct msg_request r;

	(void)state;
	assert_int_equal(RC_FORBIDDEN, desk_do(&desk, &second, swap_step, &h));
	assert_int_equal(RC_OK, desk_do(&desk, &first, swap_step, &h));
	assert_false(h.out.agreed);
	assert_int_equal(RC_STATE, desk_do(&desk, &first, swap_step, &h));
	emergency(&r);
	assert_call(&r, 0, "chest-pain-1", "called");
	assert_int_equal(RC_OK, desk_do(&desk, &third, swap_step, &h));
	assert_true(h.out.agreed);
	emergency(&r);
	assert_call(&r, 0, "chest-pain-3", "called");
	/* It is not theirs to give any more. */
	h.in.takes = "chest-pain-2";
	assert_int_equal(RC_INVALID, desk_do(&desk, &centre, swap_step, &h));
	h.in.gives = "chest-pain-3";
	assert_int_equal(RC_OK, desk_do(&desk, &centre, swap_step, &h));
	emergency(&r);
	assert_call(&r, 0, "chest-pain-2", "called");
	assert_int_equal(3, desk_count(&desk, "SELECT count(*) FROM event"
					      " WHERE verb = 'swap'"));
}

static void leave_is_a_gap_unless_swapped(void **state)
{
	int64_t now = desk.house.scratch.now;
	struct hand_over h = {.in = {.specialty = "coronary",
				     .level = FIELD_NONE,
				     .gives = "chest-pain-1",
				     .takes = "chest-pain-2",
				     .from = now - 3600,
				     .to = now + 30 * 86400,
				     .reason = "ill"}};
	struct keep *keep = desk.house.keep;
	struct look l = on_call();
	struct msg_request r;

	(void)state;
	assert_int_equal(0, l.out.gaps);
	assert_int_equal(0, l.gaps);
	scratch_run(desk.house.db,
		    "INSERT INTO leave (subject, start_wall, end_wall)"
		    " SELECT id, 1800000000, 1803600000 FROM subject"
		    " WHERE slug = 'chest-pain-1'");
	/* Nobody said so to what is kept. */
	desk.house.keep = NULL;
	l = on_call();
	assert_int_equal(1, l.out.gaps);
	assert_int_equal(1, l.gaps);
	assert_string_equal("liaoyang-central, coronary", l.first);
	emergency(&r);
	assert_call(&r, 0, "chest-pain-2", "called");
	assert_int_equal(RC_OK, desk_do(&desk, &centre, swap_step, &h));
	l = on_call();
	assert_int_equal(0, l.out.gaps);
	assert_string_equal("chest-pain-1",
			    ((const struct msg_turn *)l.out.turns.v)->instead);
	desk.house.keep = keep;
}

/* --- the property --- */

/* Over any pauses of the service and answers of those who are called: nobody
 * is called twice for one step, steps follow one another, only one call stands
 * before the last rung, everybody is called there, and it never ends but by an
 * answer. */
static void check_calls(const struct msg_request *r, uint64_t seed)
{
	int64_t step = 0, standing = 0, last = 0;

	for (size_t i = 0; i < r->calls.n; i++) {
		const struct msg_call *c = call(r, i);

		if (c->step != step && c->step != step + 1)
			fail_msg("SEED=%llu: step %lld after %lld",
				 (unsigned long long)seed, (long long)c->step,
				 (long long)step);
		if (c->step == step && c->level != FIELD_NONE)
			fail_msg("SEED=%llu: two calls of step %lld",
				 (unsigned long long)seed, (long long)step);
		step = c->step;
		standing += strcmp(c->outcome, "called") == 0;
		last += c->level == FIELD_NONE;
		for (size_t k = 0; k < i; k++) {
			const struct msg_call *b = call(r, k);

			assert_false(c->expert && b->expert &&
				     strcmp(c->expert, b->expert) == 0 &&
				     (c->level == FIELD_NONE) ==
					     (b->level == FIELD_NONE));
		}
	}
	if (r->status == REQUEST_SUBMITTED && last == 0)
		assert_int_equal(1, standing);
	if (r->status == REQUEST_SUBMITTED && last > 0)
		assert_true(standing > 0 && last == 4);
	if (r->status != REQUEST_SUBMITTED)
		assert_int_equal(0, standing);
}

static void nobody_twice_and_nobody_left_out(void **state)
{
	const struct principal *const all[] = {&first, &second, &third};
	static const int64_t pauses[] = {0, 1, 179, 180, 10 * MINUTE, 5 * 3600};
	uint64_t seed = fake_seed();
	struct fake_rnd rnd;

	(void)state;
	fake_rnd_init(&rnd, seed);
	for (int i = 0; i < 12; i++) {
		const char *code = emergency(NULL);

		for (int k = 0; k < 10; k++) {
			uint64_t who = fake_rnd_below(&rnd, 3);
			uint64_t what = fake_rnd_below(&rnd, 8);

			pass(pauses[fake_rnd_below(&rnd, 6)]);
			if (what < 3)
				(void)answer(all[who], code, "cannot", NULL,
					     NULL);
			if (what == 7)
				(void)answer(all[who], code, "accept", NULL,
					     NULL);
			struct msg_request r = shown(code);

			check_calls(&r, seed);
		}
		pass(4 * 3600);
	}
}

/* --- papers --- */

static void papers_are_asked_for(void **state)
{
	const char *code = emergency(NULL);
	struct msg_request r = shown(code);

	(void)state;
	assert_int_equal(desk.house.scratch.now + 120 * MINUTE, r.papers_until);
	assert_int_equal(RC_OK, answer(&first, code, "accept", NULL, NULL));
	pass(60 * MINUTE);
	assert_int_equal(1, told(code, "papers are still"));
	pass(60 * MINUTE);
	assert_int_equal(1, told(code, "papers are overdue"));
	pass(48 * 3600);
	assert_int_equal(1, told(code, "papers are overdue"));
}

struct give {
	const char *code;
	struct msg_papers in;
	struct msg_request out;
};

static enum rc papers_step_(struct work *w, void *arg)
{
	struct give *g = arg;

	return work_request_papers(w, g->code, &g->in, &g->out);
}

static void papers_that_come_are_not_asked_for(void **state)
{
	const char *code = emergency(NULL);
	struct give g = {.code = code, .in = {.summary = "ST elevation"}};

	(void)state;
	assert_int_equal(RC_OK, answer(&first, code, "accept", NULL, NULL));
	assert_int_equal(RC_FORBIDDEN,
			 desk_do(&desk, &centre, papers_step_, &g));
	assert_int_equal(RC_OK, desk_do(&desk, &county, papers_step_, &g));
	assert_int_equal(desk.house.scratch.now, g.out.papers_at);
	assert_string_equal("ST elevation", shown(code).patient->summary);
	assert_string_equal("Canary Zhang", shown(code).patient->name);
	pass(24 * 3600);
	assert_int_equal(0, told(code, "papers are"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_answer_says_who_is_called),
		TEST(one_after_the_other_and_then_everybody),
		TEST(after_a_standstill_one_is_called),
		TEST(who_was_called_may_still_take_it),
		TEST(a_second_emergency_passes_over_who_has_the_first),
		TEST(it_is_not_sent_back_for_more),
		TEST(withdrawn_it_calls_nobody),
		TEST(a_routine_booking_moves_away),
		TEST(without_a_time_it_goes_back),
		TEST(by_hand_for_something_urgent),
		TEST(the_two_agree_or_a_coordinator_says_so),
		TEST(leave_is_a_gap_unless_swapped),
		TEST(nobody_twice_and_nobody_left_out),
		TEST(papers_are_asked_for),
		TEST(papers_that_come_are_not_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
