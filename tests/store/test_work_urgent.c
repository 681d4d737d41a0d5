/*
 * What only an emergency may, and what it may not: drive out, go on for ever,
 * call who cannot begin, or lose what was said of it before.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "daemon/work/day.h"
#include "daemon/work/emergency.h"
#include "daemon/work/steps.h"
#include "tests/support/desk.h"

#define MINUTE 60
#define DAY ((int64_t)86400)
/* 2027-01-19 02:10 in Shanghai. */
#define NIGHT (DESK_MONDAY + 18 * 3600 + 10 * MINUTE)

static struct desk desk;
static struct principal county, centre, first, second;

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
	return steps_run(w->tx, &steps);
}

static void pass(int64_t seconds)
{
	desk.house.scratch.now += seconds;
	assert_int_equal(RC_OK, desk_do(&desk, &centre, due_step, NULL));
}

static struct ask_for asked(const char *patient)
{
	struct ask_for a = ask_for("dengta-county", patient);

	a.in.kind = KIND_EMERGENCY_CONSULTATION;
	a.in.expert = NULL;
	return a;
}

static const char *emergency(void)
{
	struct ask_for a = asked("P-9");

	assert_int_equal(RC_OK, desk_do(&desk, &county, submit_step, &a));
	return a.out.code;
}

struct reply {
	const char *code;
	struct msg_answer in;
	struct msg_request out;
};

static enum rc answer_step(struct work *w, void *arg)
{
	struct reply *r = arg;

	return work_request_answer(w, r->code, &r->in, &r->out);
}

static enum rc answer(const struct principal *who, const char *code,
		      const char *what, const char *expert)
{
	struct reply r = {.code = code,
			  .in = {.answer = what, .expert = expert}};

	return desk_do(&desk, who, answer_step, &r);
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

/* Is that said of it? */
static bool has_word(const struct field_list *history, const char *about)
{
	const struct msg_event *v = history->v;

	for (size_t i = 0; i < history->n; i++) {
		if (v[i].reason && strstr(v[i].reason, about))
			return true;
	}
	return false;
}

/* An ordinary consultation with chest-pain-2, however urgent in words. */
static const char *ordinary(enum urgency urgency, const char *patient)
{
	struct ask_for a = ask_for("dengta-county", patient);
	struct on on = {.accept = {.duration_minutes = FIELD_NONE}};

	a.in.expert = "chest-pain-2";
	a.in.urgency = (int)urgency;
	assert_int_equal(RC_OK, desk_do(&desk, &county, submit_step, &a));
	on.code = a.out.code;
	assert_int_equal(RC_OK, desk_do(&desk, &centre, accept_step, &on));
	return a.out.code;
}

static struct msg_booking booking(const char *code)
{
	struct on on = {.code = code, .booking = work_booking_show};

	assert_int_equal(RC_OK, desk_do(&desk, &centre, booking_step, &on));
	return on.b;
}

/* --- the word --- */

static void a_word_drives_no_emergency_out(void **state)
{
	struct msg_booking b =
		desk_booked(&desk, &county, ordinary(URGENCY_EMERGENCY, "P-1"),
			    NIGHT + 5 * MINUTE);
	const char *code = emergency();

	(void)state;
	assert_int_equal(RC_OK, answer(&first, code, "cannot", NULL));
	pass(6 * MINUTE);
	code = emergency();
	assert_int_equal(RC_OK, answer(&first, code, "cannot", NULL));
	/* Nor is who has it with an emergency. */
	struct msg_request r = shown(code);

	assert_string_equal("called", call(&r, 1)->outcome);
	assert_int_equal(RC_OK, answer(&second, code, "accept", NULL));
	assert_int_equal(BOOKING_CANCELLED, booking(b.code).status);
}

struct begin {
	const char *code;
	struct msg_start in;
	struct msg_booking out;
};

static enum rc start_step(struct work *w, void *arg)
{
	struct begin *b = arg;

	return work_booking_start(w, b->code, &b->in, &b->out);
}

static void nor_begins_it_without_consent(void **state)
{
	struct msg_booking b =
		desk_booked(&desk, &county, ordinary(URGENCY_EMERGENCY, "P-1"),
			    NIGHT + 5 * MINUTE);
	struct begin begin = {.code = b.code, .in = {.reason = "in a hurry"}};

	(void)state;
	pass(5 * MINUTE);
	assert_int_equal(RC_RULE, desk_do(&desk, &second, start_step, &begin));
}

/* What has only to come afterwards, of what is one by its kind. */
static void an_emergency_begins_and_is_reminded(void **state)
{
	const char *code = emergency();
	struct begin begin = {.in = {.reason = NULL}};

	(void)state;
	assert_int_equal(RC_OK, answer(&first, code, "accept", NULL));
	begin.code = shown(code).booking;
	assert_int_equal(RC_RULE, desk_do(&desk, &first, start_step, &begin));
	begin.in.reason = "unconscious, alone";
	assert_int_equal(RC_OK, desk_do(&desk, &first, start_step, &begin));
	pass(2 * DAY);
	struct msg_request r = shown(code);

	assert_true(has_word(&r.history, "consent"));
	desk_consent(&desk, &county, begin.code, CONSENT_TREATMENT);
	assert_int_equal(0, desk_count(&desk, "SELECT count(*) FROM due"
					      " WHERE what = 'consent'"));
}

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

/* Why, concerns another's patient. */
static void by_hand_the_word_is_no_more_than_urgent(void **state)
{
	struct msg_booking urgent =
		desk_booked(&desk, &county, ordinary(URGENCY_URGENT, "P-1"),
			    NIGHT + 65 * MINUTE);
	struct msg_booking routine =
		desk_booked(&desk, &county, ordinary(URGENCY_ROUTINE, "P-2"),
			    NIGHT + 125 * MINUTE);
	struct make_way m = {.code = urgent.code, .in = {.reason = "shock"}};

	(void)state;
	m.in.request = ordinary(URGENCY_EMERGENCY, "P-3");
	assert_int_equal(RC_INVALID,
			 desk_do(&desk, &centre, displace_step, &m));
	m.code = routine.code;
	assert_int_equal(RC_OK, desk_do(&desk, &centre, displace_look, &m));
	assert_int_equal(RC_OK, desk_do(&desk, &centre, displace_step, &m));
	struct msg_booking moved = booking(routine.code);

	assert_false(has_word(&moved.history, "shock"));
	assert_true(has_word(&moved.history, "more urgent"));
	struct msg_request r = shown(routine.request);

	assert_false(has_word(&r.history, "shock"));
	r = shown(m.in.request);
	assert_true(has_word(&r.history, "shock"));
}

/* --- calls --- */

/* The reserve of one that has started is in use, it seems. */
static void who_runs_over_is_engaged(void **state)
{
	struct msg_booking b =
		desk_booked(&desk, &county, ordinary(URGENCY_ROUTINE, "P-1"),
			    NIGHT + 5 * MINUTE);

	(void)state;
	scratch_run(desk.house.db, "UPDATE claim SET role = 'overrun'"
				   " WHERE role = 'expert'");
	pass(6 * MINUTE);
	const char *code = emergency();

	assert_int_equal(RC_OK, answer(&first, code, "cannot", NULL));
	struct msg_request r = shown(code);

	assert_string_equal("called", call(&r, 1)->outcome);
	desk_consent(&desk, &county, b.code, CONSENT_TREATMENT);
	struct begin begin = {.code = b.code,
			      .in = {.reason = "nobody has looked"}};

	assert_int_equal(RC_OK, desk_do(&desk, &second, start_step, &begin));
	code = emergency();
	assert_int_equal(RC_OK, answer(&first, code, "cannot", NULL));
	r = shown(code);
	assert_string_equal("chest-pain-2", call(&r, 1)->expert);
	assert_string_equal("engaged", call(&r, 1)->outcome);
}

static void what_became_of_a_call_stays(void **state)
{
	const char *code = emergency();

	(void)state;
	pass(3 * MINUTE);
	int64_t ended = desk.house.scratch.now;

	pass(MINUTE);
	assert_int_equal(RC_OK, answer(&first, code, "cannot", NULL));
	struct msg_request r = shown(code);

	assert_string_equal("unanswered", call(&r, 0)->outcome);
	assert_int_equal(ended, call(&r, 0)->ended_at);
	assert_int_equal(2, r.calls.n);
	assert_true(has_word(&r.history, "chest-pain-1 cannot"));
}

struct figures {
	struct msg_emergencies_query in;
	struct msg_emergencies out;
};

static enum rc report_step(struct work *w, void *arg)
{
	struct figures *f = arg;

	proto_clear(&msg_emergencies_query_table, &f->in);
	f->in.from = NIGHT - DAY;
	return work_report_emergencies(w, &f->in, &f->out);
}

static void an_expired_one_was_not_answered(void **state)
{
	const char *code = emergency();
	struct figures f;

	(void)state;
	for (int i = 0; i < 3; i++)
		pass(3 * MINUTE);
	pass(31 * DAY);
	struct msg_request r = shown(code);

	assert_int_equal(REQUEST_EXPIRED, r.status);
	for (size_t i = 0; i < r.calls.n; i++)
		assert_string_not_equal("called", call(&r, i)->outcome);
	assert_int_equal(RC_OK, desk_do(&desk, &centre, report_step, &f));
	assert_int_equal(1, f.out.sites.n);
	assert_int_equal(
		1,
		((const struct msg_emergency_site *)f.out.sites.v)->unanswered);
}

static void who_may_not_begin_is_not_called(void **state)
{
	struct keep *keep = desk.house.keep;

	(void)state;
	scratch_run(desk.house.db,
		    "UPDATE expert SET independent_since = NULL WHERE subject ="
		    " (SELECT id FROM subject WHERE slug = 'chest-pain-1')");
	desk.house.keep = NULL; /* nobody said so to what is kept */
	const char *code = emergency();
	struct msg_request r = shown(code);

	assert_string_equal("chest-pain-2", call(&r, 0)->expert);
	assert_true(has_word(&r.history, "chest-pain-1 may not take it"));
	assert_int_equal(RC_REFUSED,
			 answer(&centre, code, "accept", "chest-pain-1"));
	/* Nor with everybody. */
	pass(3 * MINUTE);
	pass(3 * MINUTE);
	r = shown(code);
	assert_true(r.calls.n > 3);
	for (size_t i = 0; i < r.calls.n; i++)
		assert_false(call(&r, i)->expert &&
			     !strcmp("chest-pain-1", call(&r, i)->expert));
	desk.house.keep = keep;
}

static void it_is_no_longer_than_its_kind(void **state)
{
	struct ask_for a = asked("P-9");

	(void)state;
	a.in.duration_minutes = 121;
	assert_int_equal(RC_INVALID, desk_do(&desk, &county, submit_step, &a));
	a.in.duration_minutes = 120;
	assert_int_equal(RC_OK, desk_do(&desk, &county, submit_step, &a));
}

/* --- papers --- */

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

/* The first say when they came, and what they said before is kept. */
static void papers_are_replaced_once(void **state)
{
	struct ask_for a = asked("P-9");
	struct give g = {.in = {.summary = "ST elevation"}};

	(void)state;
	a.patient.summary = NULL;
	assert_int_equal(RC_OK, desk_do(&desk, &county, submit_step, &a));
	g.code = a.out.code;
	assert_int_equal(RC_OK, answer(&first, g.code, "accept", NULL));
	pass(MINUTE);
	assert_int_equal(RC_OK, desk_do(&desk, &county, papers_step_, &g));
	int64_t came = desk.house.scratch.now;

	assert_null(g.out.earlier);
	pass(MINUTE);
	g.in.summary = "no ST elevation";
	assert_int_equal(RC_OK, desk_do(&desk, &county, papers_step_, &g));
	struct msg_request r = shown(g.code);

	assert_int_equal(came, r.papers_at);
	assert_string_equal("no ST elevation", r.patient->summary);
	assert_string_equal("ST elevation", r.earlier->summary);
	g.in.summary = "another";
	assert_int_equal(RC_STATE, desk_do(&desk, &county, papers_step_, &g));
}

static void what_has_ended_takes_no_papers(void **state)
{
	struct give g = {.code = emergency(), .in = {.summary = "late"}};
	struct on on = {.code = g.code, .request = work_request_withdraw};

	(void)state;
	assert_int_equal(RC_OK, desk_do(&desk, &county, request_step, &on));
	assert_int_equal(RC_STATE, desk_do(&desk, &county, papers_step_, &g));
}

/* --- swaps --- */

struct hand_over {
	struct msg_swap in;
	struct msg_swapped out;
};

static enum rc swap_step(struct work *w, void *arg)
{
	struct hand_over *h = arg;

	return work_on_call_swap(w, &h->in, &h->out);
}

static void there_and_back_and_there_again(void **state)
{
	struct hand_over there = {.in = {.specialty = "coronary",
					 .level = 1,
					 .gives = "chest-pain-1",
					 .takes = "chest-pain-2",
					 .from = NIGHT,
					 .to = NIGHT + 3600,
					 .reason = "a course"}};
	struct hand_over back = there;

	(void)state;
	back.in.gives = "chest-pain-2";
	back.in.takes = "chest-pain-1";
	for (int i = 0; i < 3; i++) {
		assert_int_equal(RC_OK,
				 desk_do(&desk, &centre, swap_step, &there));
		/* Not twice, while it stands. */
		assert_int_not_equal(
			RC_OK, desk_do(&desk, &centre, swap_step, &there));
		struct msg_request r = shown(emergency());

		assert_string_equal("chest-pain-2", call(&r, 0)->expert);
		assert_int_equal(RC_OK,
				 desk_do(&desk, &centre, swap_step, &back));
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_word_drives_no_emergency_out),
		TEST(nor_begins_it_without_consent),
		TEST(an_emergency_begins_and_is_reminded),
		TEST(by_hand_the_word_is_no_more_than_urgent),
		TEST(who_runs_over_is_engaged),
		TEST(what_became_of_a_call_stays),
		TEST(an_expired_one_was_not_answered),
		TEST(who_may_not_begin_is_not_called),
		TEST(it_is_no_longer_than_its_kind),
		TEST(papers_are_replaced_once),
		TEST(what_has_ended_takes_no_papers),
		TEST(there_and_back_and_there_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
