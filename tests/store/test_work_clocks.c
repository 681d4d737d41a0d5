/* What is promised of a request follows its states, and who is told of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/work/clocks.h"
#include "daemon/work/day.h"
#include "daemon/work/worklist.h"
#include "tests/support/desk.h"

/* Other things fall due as well. */
#define OF_PROMISES                                                            \
	"SELECT count(*) FROM due WHERE what IN"                               \
	" ('answer', 'begin', 'opinion')"

#define HOUR 3600
#define DAY (24 * HOUR)

static struct desk desk;

static int setup(void **state)
{
	(void)state;
	desk_begin(&desk);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	desk_end(&desk);
	return 0;
}

static enum rc due_step(struct work *w, void *arg)
{
	struct steps *steps = arg;

	steps->limit = STEPS_AT_ONCE;
	return steps_run(w->tx, steps);
}

static void pass(int64_t seconds)
{
	struct steps steps = {.more = true};

	desk.house.scratch.now += seconds;
	while (steps.more)
		assert_int_equal(RC_OK,
				 desk_do(&desk, &desk.lead, due_step, &steps));
}

static int64_t now(void)
{
	return desk.house.scratch.now;
}

static const char *submitted(enum urgency urgency)
{
	struct ask_for a = ask_for("liaoyang-central", "P-1");

	a.in.urgency = (int)urgency;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, submit_step, &a));
	return a.out.code;
}

static struct msg_request shown(const char *code)
{
	struct on on = {.code = code};

	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, show_step, &on));
	return on.r;
}

static void accept(const char *code)
{
	struct on on = {.code = code, .accept.duration_minutes = FIELD_NONE};

	on.accept.expert = "coronary-1";
	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, accept_step, &on));
}

static int64_t told(const char *verb)
{
	return desk_count(&desk, strcmp(verb, "remind") == 0
					 ? "SELECT count(*) FROM event"
					   " WHERE verb = 'remind'"
					 : "SELECT count(*) FROM event"
					   " WHERE verb = 'escalate'");
}

static void an_answer_is_due(void **state)
{
	const char *code = submitted(URGENCY_ROUTINE);
	int64_t begin = now();
	struct msg_request r = shown(code);

	(void)state;
	assert_int_equal(r.answer_due, begin + DAY);
	assert_int_equal(r.start_due, begin + 2 * DAY);
	assert_int_equal(r.opinion_due, FIELD_NONE);
	assert_int_equal(r.answer_state, CLOCK_RUNNING);
	assert_int_equal(r.opinion_state, -1);
	pass(12 * HOUR - 1);
	assert_int_equal(told("remind"), 0);
	pass(1);
	assert_int_equal(told("remind"), 1);
	pass(7 * HOUR);
	assert_int_equal(told("remind"), 1);
	pass(2 * HOUR + 12 * 60);
	assert_int_equal(shown(code).answer_state, CLOCK_RUNNING);
	/* The answer's third, and the start's first. */
	assert_int_equal(told("remind"), 2);
	pass(2 * HOUR + 48 * 60);
	assert_int_equal(told("remind"), 3);
	assert_int_equal(told("escalate"), 1);
	/* Answered in the last second it would have been in time. */
	assert_int_equal(shown(code).answer_state, CLOCK_RUNNING);
	pass(1);
	assert_int_equal(shown(code).answer_state, CLOCK_LATE);
	accept(code);
	r = shown(code);
	assert_int_equal(r.answer_state, CLOCK_MISSED);
	assert_int_equal(r.answer_due, begin + DAY);
	assert_int_equal(r.start_state, CLOCK_RUNNING);
	pass(3 * DAY);
	/* The start's: 80 % reminds, 100 and 200 escalate, 200 twice. */
	assert_int_equal(told("remind"), 4);
	assert_int_equal(told("escalate"), 4);
	pass(30 * DAY);
	assert_int_equal(told("escalate"), 4);
	assert_int_equal(0, desk_count(&desk, OF_PROMISES));
}

static void whoever_waits_no_more_is_not_told(void **state)
{
	struct on on = {.code = submitted(URGENCY_URGENT),
			.request = work_request_withdraw,
			.reason = {.reason = "better"}};

	(void)state;
	pass(15 * 60);
	assert_int_equal(told("remind"), 1);
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, request_step, &on));
	assert_int_equal(on.r.answer_state, CLOCK_DROPPED);
	assert_int_equal(on.r.start_state, CLOCK_DROPPED);
	pass(30 * DAY);
	assert_int_equal(told("remind"), 1);
	assert_int_equal(told("escalate"), 0);
}

static void a_refusal_is_an_answer(void **state)
{
	struct on on = {.code = submitted(URGENCY_EMERGENCY),
			.request = work_request_decline,
			.reason = {.reason = "not for us"}};

	(void)state;
	pass(5 * 60);
	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, request_step, &on));
	assert_int_equal(on.r.answer_state, CLOCK_MET);
	assert_int_equal(on.r.start_state, CLOCK_DROPPED);
}

static void run_sql(const char *sql)
{
	scratch_run(desk.house.db, sql);
}

struct looking {
	struct msg_list_query list;
	struct msg_worklist late;
	struct msg_report_query span;
	struct msg_report_answers report;
};

static enum rc look_step(struct work *w, void *arg)
{
	struct looking *l = arg;

	proto_clear(&msg_list_query_table, &l->list);
	proto_clear(&msg_report_query_table, &l->span);
	l->list.limit = 100;
	l->list.to = w->tx->now + 30 * DAY;
	enum rc rc = work_worklist(w, &l->list, &l->late);

	return rc == RC_OK ? work_report_answers(w, &l->span, &l->report) : rc;
}

static struct looking look(const struct principal *who)
{
	struct looking l;

	assert_int_equal(RC_OK, desk_do(&desk, who, look_step, &l));
	return l;
}

/* What is late or soon will be of that, as that person sees it; NULL: nothing.
 */
static const struct msg_late *listed(const struct principal *who,
				     const char *what)
{
	const struct looking l = look(who);
	const struct msg_late *v = l.late.items.v;

	for (size_t i = 0; i < l.late.items.n; i++)
		if (strcmp(v[i].what, what) == 0)
			return &v[i];
	return NULL;
}

/* Of an expert, or (NULL) of the two sites. */
static struct msg_answers reported(const char *expert)
{
	const struct looking l = look(&desk.lead);
	const struct msg_answers *v = l.report.items.v;

	for (size_t i = 0; i < l.report.items.n; i++)
		if (expert ? v[i].expert && !strcmp(v[i].expert, expert)
			   : v[i].partner != NULL)
			return v[i];
	fail_msg("nothing is reported");
	return (struct msg_answers){0};
}

static void ten_hours_on_workdays(void)
{
	run_sql("INSERT INTO limit_hours"
		" SELECT 'heart', v.n, 480, 1080 FROM"
		" (WITH RECURSIVE d (n) AS (SELECT 0 UNION ALL SELECT n + 1"
		" FROM d WHERE n < 4) SELECT n FROM d) v");
}

/* From eight to six on workdays, but an emergency's is round the clock. */
static void working_hours(void **state)
{
	(void)state;
	ten_hours_on_workdays();
	/* Friday 2027-01-15, 17:00 */
	desk.house.scratch.now = DESK_MONDAY - 3 * DAY + 9 * HOUR;
	const char *code = submitted(URGENCY_URGENT);

	assert_int_equal(shown(code).answer_due, now() + 30 * 60);
	/* 720 minutes: one that day, ten on Monday, one on Tuesday */
	assert_int_equal(shown(code).start_due, DESK_MONDAY + DAY + HOUR);
	assert_int_equal(shown(submitted(URGENCY_EMERGENCY)).start_due,
			 now() + 15 * 60);
	desk.house.scratch.now += 2 * HOUR;
	const char *evening = submitted(URGENCY_URGENT);

	assert_int_equal(shown(evening).answer_due, DESK_MONDAY + 30 * 60);
	/* In time is by what the limit counts, and so is what it took: 20
	 * minutes, of 61 hours; of the one of the afternoon 80. */
	desk.house.scratch.now = DESK_MONDAY + 20 * 60;
	accept(evening);
	struct msg_answers v = reported(NULL);

	assert_int_equal(1, v.answers_in_time);
	assert_int_equal(20, v.answer_median_minutes);
	accept(code);
	assert_int_equal(20, reported(NULL).answer_median_minutes);
	assert_int_equal(80, reported(NULL).answer_p90_minutes);
	/* As it was when they ended, whatever hours there are now. */
	run_sql("DELETE FROM limit_hours");
	assert_int_equal(80, reported(NULL).answer_p90_minutes);
}

struct asking {
	const char *code;
	struct msg_supplement in;
	struct msg_request out;
};

static enum rc ask_step(struct work *w, void *arg)
{
	static const struct msg_ask what = {"the ECG"};
	struct asking *a = arg;

	return work_request_ask(w, a->code, &what, &a->out);
}

static enum rc supplement_step(struct work *w, void *arg)
{
	struct asking *a = arg;

	proto_clear(&msg_supplement_table, &a->in);
	a->in.note = "here it is";
	return work_request_supplement(w, a->code, &a->in, &a->out);
}

/* From Friday at five on: an hour that day, the other one on Monday. */
static void a_supplement_in_working_hours(void **state)
{
	(void)state;
	ten_hours_on_workdays();
	run_sql("UPDATE agreement SET supplement_minutes = 120,"
		" expiry_days = 1");
	desk.house.scratch.now = DESK_MONDAY - 3 * DAY + 9 * HOUR;
	struct asking late = {.code = submitted(URGENCY_URGENT)};
	struct asking a = {.code = submitted(URGENCY_ROUTINE)};

	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, ask_step, &late));
	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, ask_step, &a));
	assert_int_equal(a.out.supplement_until, DESK_MONDAY + HOUR);
	pass(DESK_MONDAY + HOUR - 1 - now());
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, supplement_step, &a));
	/* Of its day nothing has passed meanwhile. */
	pass(DAY - 1);
	assert_int_equal(REQUEST_SUBMITTED, shown(a.code).status);
	assert_int_equal(REQUEST_EXPIRED, shown(late.code).status);
	pass(1);
	assert_int_equal(REQUEST_EXPIRED, shown(a.code).status);
}

/* To whom an event is: lead, partner, expert. */
static void audience_is(int64_t seq, bool lead, bool partner, bool expert)
{
	struct query q;

	query_begin(&q, desk.house.db,
		    "SELECT e.lead, e.partner, x.assigned FROM event e"
		    " LEFT JOIN event_expert x ON x.seq = e.seq"
		    " WHERE e.seq = $1");
	query_int(&q, 1, seq);
	assert_true(query_row(&q));
	assert_int_equal(query_col_int(&q, 0) != 0, lead);
	assert_int_equal(query_col_int(&q, 1) != 0, partner);
	assert_int_equal(query_col_int(&q, 2) != 0, expert);
	assert_int_equal(query_end(&q, NULL), RC_OK);
}

static int64_t last_event(void)
{
	return desk_count(&desk, "SELECT max(seq) FROM event");
}

static void a_ladder_says_who(void **state)
{
	(void)state;
	run_sql("INSERT INTO limit_ladder VALUES ('heart', 10, 1),"
		" ('heart', 20, 2), ('heart', 150, 12), ('heart', 300, 8)");
	const char *code = submitted(URGENCY_ROUTINE);

	accept(code);
	int64_t before = last_event();

	/* the start's: 2880 minutes */
	pass(288 * 60);
	assert_int_equal(last_event(), before + 1);
	audience_is(before + 1, true, false, false);
	pass(288 * 60);
	audience_is(before + 2, false, false, true);
	pass(2 * DAY);
	assert_int_equal(last_event(), before + 2);
	pass(2 * DAY);
	/* the partner, and the administrator, of whom the log speaks apart */
	audience_is(before + 3, false, true, false);
	assert_int_equal(last_event(), before + 4);
	assert_int_equal(1,
			 desk_count(&desk, "SELECT count(*) FROM event WHERE"
					   " thing = 'clock' AND lead IS NULL"
					   " AND partner IS NULL"));
	pass(2 * DAY);
	assert_int_equal(last_event(), before + 5);
	assert_int_equal(2, desk_count(&desk, "SELECT count(*) FROM event WHERE"
					      " thing = 'clock'"));
}

/* While nothing ran everything fell due: each is told once, in its order. */
static void after_a_long_night(void **state)
{
	(void)state;
	submitted(URGENCY_URGENT);
	pass(100 * DAY);
	assert_int_equal(told("remind"), 4);
	assert_int_equal(told("escalate"), 6);
	assert_int_equal(0, desk_count(&desk, OF_PROMISES));
}

static enum rc broken_step(struct work *w, void *arg)
{
	(void)arg;
	const struct due_row row = {.at = w->tx->now - 10,
				    .what = DUE_ANSWER,
				    .thing = THING_REQUEST,
				    .thing_id = 4711};

	return due_put(w->tx, &row, &w->err);
}

/* A row of something that is gone is no fault, and gone after it. */
static void nothing_left_to_do(void **state)
{
	(void)state;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, broken_step, NULL));
	pass(0);
	assert_int_equal(0, desk_count(&desk, OF_PROMISES));
}

/* It starts in time or not; from its end on the opinion is waited for. */
static void a_session_and_its_opinion(void **state)
{
	(void)state;
	/* an hour before the first of them is to begin */
	desk.house.scratch.now = DESK_MONDAY - HOUR;
	const char *code = desk_accepted(&desk, &desk.one, "P-1");
	struct msg_booking b = desk_booked(&desk, &desk.one, code, DESK_MONDAY);
	struct on on = {.code = b.code, .booking = work_booking_finish};

	assert_int_equal(shown(code).start_state, CLOCK_RUNNING);
	desk.house.scratch.now = DESK_MONDAY + 60;
	desk_started(&desk, &desk.one, b.code);
	assert_int_equal(shown(code).start_state, CLOCK_MET);
	assert_int_equal(shown(code).opinion_state, -1);
	desk.house.scratch.now += 30 * 60;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, booking_step, &on));
	assert_int_equal(shown(code).opinion_due, now() + 3 * DAY);
	int64_t before = told("remind");

	pass(3 * DAY);
	/* its 50 and 80 per cent, and at last 100 */
	assert_int_equal(told("remind"), before + 2);
	assert_int_equal(told("escalate"), 1);
	pass(1);
	assert_int_equal(shown(code).opinion_state, CLOCK_LATE);
}

static enum rc worklist_step(struct work *w, void *out)
{
	struct msg_list_query in;

	proto_clear(&msg_list_query_table, &in);
	in.to = w->tx->now + 30 * DAY;
	return work_worklist(w, &in, out);
}

/* On whose worklist it is, and who is told of it how often from then on. */
static void is_due_from(const struct principal *who, size_t listed,
			int64_t times, int64_t before)
{
	struct msg_worklist list;
	struct query q;

	assert_int_equal(RC_OK, desk_do(&desk, who, worklist_step, &list));
	assert_int_equal(listed, list.items.n);
	query_begin(&q, desk.house.db,
		    "SELECT count(*) FROM event e"
		    " JOIN event_expert x ON x.seq = e.seq WHERE e.seq > $1"
		    " AND x.expert = $2 AND x.assigned"
		    " AND e.verb IN ('remind', 'escalate')");
	query_int(&q, 1, before);
	query_int(&q, 2, who->expert);
	assert_true(query_row(&q));
	assert_int_equal(times, query_col_int(&q, 0));
	assert_int_equal(RC_OK, query_end(&q, NULL));
}

/* Whoever has the session owes its opinion, for whomever it was accepted. */
static void an_opinion_is_its_session_s_expert_s(void **state)
{
	struct principal second = house_person(&desk.house, ROLE_EXPERT,
					       "anzhen", "resident-new");
	struct ask_for a = ask_for("liaoyang-central", "P-1");
	struct on on = {.accept.duration_minutes = FIELD_NONE,
			.booking = work_booking_finish};

	(void)state;
	desk.house.scratch.now = DESK_MONDAY - HOUR;
	a.in.expert = NULL;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, submit_step, &a));
	on.code = a.out.code;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, accept_step, &on));
	struct take t = take(a.out.code, DESK_MONDAY, false);

	t.in.expert = "coronary-1";
	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, take_step, &t));
	struct shift s = shift(t.out.code, DESK_MONDAY + HOUR);

	s.in.expert = "resident-new";
	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, move_step, &s));
	desk.house.scratch.now = DESK_MONDAY + HOUR;
	desk_started(&desk, &desk.one, t.out.code);
	on.code = t.out.code;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, booking_step, &on));
	int64_t before = last_event();

	pass(2 * DAY);
	is_due_from(&desk.surgeon, 0, 0, before);
	is_due_from(&second, 1, 1, before);
	/* Auditors read what the service says, and no words of people. */
	struct principal auditor =
		house_person(&desk.house, ROLE_AUDITOR, "anzhen", NULL);
	struct on read = {.code = a.out.code};

	assert_int_equal(RC_OK, desk_do(&desk, &auditor, show_step, &read));
	const struct msg_event *last = read.r.history.v;

	last += read.r.history.n - 1;
	assert_string_equal("remind", last->verb);
	assert_string_equal("opinion: 50 % of the time is over", last->reason);
}

/* Whom the last events were for alone, as bits: 1 for coronary-1, 2 for
 * electrophysiology-1, 4 for a site as well. */
static int told_since(int64_t seq)
{
	struct query q;
	int who = 0;

	query_begin(&q, desk.house.db,
		    "SELECT s.slug = 'coronary-1', e.lead IS NOT NULL"
		    " FROM event e"
		    " LEFT JOIN event_expert x ON x.seq = e.seq AND x.assigned"
		    " LEFT JOIN subject s ON s.id = x.expert"
		    " WHERE e.seq > $1 AND e.verb IN ('remind', 'escalate')"
		    "  AND e.thing = 'request'");
	query_int(&q, 1, seq);
	while (query_row(&q)) {
		int bits = query_col_int(&q, 1) ? 4 : 0;

		if (!query_col_null(&q, 0))
			bits |= query_col_int(&q, 0) ? 1 : 2;
		assert_int_equal(0, who & bits); /* nobody twice */
		who |= bits;
	}
	assert_int_equal(query_end(&q, NULL), RC_OK);
	return who;
}

static void signs(const char *expert)
{
	struct query q;

	query_begin(&q, desk.house.db,
		    "INSERT INTO opinion (request, expert, version, identity,"
		    " signed_at, filed_at, key, content)"
		    " SELECT 1, s.id, 1, (SELECT min(id) FROM identity),"
		    " $1, $1, zeroblob(91), x'' FROM subject s"
		    " WHERE s.slug = $2");
	query_int(&q, 1, now());
	query_text(&q, 2, expert);
	assert_int_equal(query_end(&q, NULL), RC_OK);
}

/* Two experts, of whom one was asked for: each is told what they owe, until
 * they have done it, and each is in time on their own. */
static void everybody_who_owes(void **state)
{
	(void)state;
	desk.house.scratch.now = DESK_MONDAY - HOUR;
	struct principal other = house_person(&desk.house, ROLE_EXPERT, NULL,
					      "electrophysiology-1");
	const char *code = desk_accepted(&desk, &desk.one, "P-1");

	assert_string_equal("coronary-1",
			    listed(&desk.surgeon, "start")->owes.v[0]);
	struct msg_booking b = desk_booked(&desk, &desk.one, code, DESK_MONDAY);

	run_sql("INSERT INTO claim (subject, from_time, to_time, booking, role)"
		" SELECT s.id, b.from_time, b.to_time, b.id, 'expert'"
		" FROM booking b JOIN subject s"
		" ON s.slug = 'electrophysiology-1'");
	run_sql("INSERT INTO co_expert (booking, position, expert)"
		" SELECT b.id, 1, s.id FROM booking b JOIN subject s"
		" ON s.slug = 'electrophysiology-1'");
	assert_int_equal(2, listed(&other, "start")->owes.n);
	desk.house.scratch.now = DESK_MONDAY + 60;
	desk_started(&desk, &desk.one, b.code);
	desk.house.scratch.now += 30 * 60;
	struct on on = {.code = b.code, .booking = work_booking_finish};

	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, booking_step, &on));
	int64_t before = last_event();

	pass(36 * HOUR); /* of three days */
	assert_int_equal(1 | 2 | 4, told_since(before));
	signs("coronary-1");
	before = last_event();
	pass(24 * HOUR);
	assert_int_equal(2 | 4, told_since(before));
	const struct msg_late *late = listed(&desk.lead, "opinion");

	assert_int_equal(1, late->owes.n);
	assert_string_equal("electrophysiology-1", late->owes.v[0]);
	assert_non_null(listed(&other, "opinion"));
	pass(12 * HOUR + 1);
	struct msg_answers one = reported("coronary-1");
	struct msg_answers two = reported("electrophysiology-1");

	assert_int_equal(1, one.opinions_in_time);
	assert_int_equal(36 * 60, one.opinion_median_minutes);
	assert_int_equal(1, two.opinions_late);
	assert_int_equal(FIELD_NONE, two.opinion_median_minutes);
	assert_int_equal(1, reported(NULL).opinions_late);
}

/* Before there is an expert the lead owes. */
static void the_lead_owes_an_answer(void **state)
{
	(void)state;
	submitted(URGENCY_URGENT);
	const struct msg_late *late = listed(&desk.lead, "answer");

	assert_int_equal(1, late->owes.n);
	assert_string_equal("anzhen", late->owes.v[0]);
}

/* As the schema's step leaves what is older than it: what had passed is told to
 * nobody any more, what comes is. */
static void what_is_older_than_promises(void **state)
{
	const char *code = submitted(URGENCY_ROUTINE);
	int64_t begin = now();

	(void)state;
	run_sql("DELETE FROM clock");
	run_sql("DELETE FROM due");
	desk.house.scratch.now += 20 * HOUR;
	run_sql("INSERT INTO due (at, what, thing, thing_id, try_at)"
		" VALUES (0, 'answer', 'request', 1, 0),"
		" (0, 'begin', 'request', 1, 0),"
		" (0, 'opinion', 'request', 1, 0)");
	pass(0);
	assert_int_equal(told("remind"), 0);
	assert_int_equal(shown(code).answer_due, begin + DAY);
	assert_int_equal(shown(code).start_due, begin + 2 * DAY);
	assert_int_equal(shown(code).opinion_due, FIELD_NONE);
	pass(4 * HOUR);
	assert_int_equal(told("remind"), 1);
	assert_int_equal(told("escalate"), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(an_answer_is_due),
		TEST(whoever_waits_no_more_is_not_told),
		TEST(a_refusal_is_an_answer),
		TEST(working_hours),
		TEST(a_supplement_in_working_hours),
		TEST(a_ladder_says_who),
		TEST(after_a_long_night),
		TEST(nothing_left_to_do),
		TEST(what_is_older_than_promises),
		TEST(a_session_and_its_opinion),
		TEST(an_opinion_is_its_session_s_expert_s),
		TEST(everybody_who_owes),
		TEST(the_lead_owes_an_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
