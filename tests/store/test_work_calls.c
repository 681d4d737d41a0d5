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

#include "daemon/work/day.h"
#include "daemon/work/waitlist.h"
#include "tests/support/duty.h"

static struct duty duty;

static int setup(void **state)
{
	(void)state;
	duty_begin(&duty);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	duty_end(&duty);
	return 0;
}

/* --- what is done --- */

static void pass(int64_t seconds)
{
	duty.desk.house.scratch.now += seconds;
	assert_int_equal(
		RC_OK, desk_do(&duty.desk, &duty.centre, duty_due_step, NULL));
}

static char said[ERR_TEXT_MAX]; /* why the last one was refused */

static enum rc answer(const struct principal *who, const char *code,
		      const char *what, const char *expert,
		      struct msg_request *out)
{
	struct duty_reply r = {.code = code,
			       .in = {.answer = what, .expert = expert}};

	r.look = desk_do(&duty.desk, who, duty_look_step, &r) == RC_OK;
	enum rc rc = desk_do(&duty.desk, who, duty_answer_step, &r);

	memcpy(said, r.said, sizeof(said));
	if (out)
		*out = r.out;
	return rc;
}

static enum rc seen(const struct principal *who, const char *code)
{
	struct on on = {.code = code};

	return desk_do(&duty.desk, who, show_step, &on);
}

static enum rc list_step(struct work *w, void *arg)
{
	struct msg_list_query in;

	proto_clear(&msg_list_query_table, &in);
	return work_request_list(w, &in, arg);
}

/* How many; each is one that they may read, too. */
static size_t listed(const struct principal *who)
{
	struct msg_request_list list;

	assert_int_equal(RC_OK, desk_do(&duty.desk, who, list_step, &list));
	const struct msg_request *v = list.items.v;

	for (size_t i = 0; i < list.items.n; i++)
		assert_int_equal(RC_OK, seen(who, v[i].code));
	return list.items.n;
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
	struct msg_request r = duty_shown(&duty, code);
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
	duty_emergency(&duty, &r);
	assert_int_equal(REQUEST_SUBMITTED, r.status);
	assert_int_equal(URGENCY_EMERGENCY, r.urgency);
	assert_int_equal(1, r.calls.n);
	assert_call(&r, 0, "chest-pain-1", "called");
	assert_string_equal("chest pain centre, duty telephone 1",
			    call(&r, 0)->reach);
	assert_int_equal(duty.desk.house.scratch.now + 3 * MINUTE,
			 call(&r, 0)->until);
	assert_int_equal(5 * MINUTE, r.intervals->door_to_request);
}

static void one_after_the_other_and_then_everybody(void **state)
{
	const char *code = duty_emergency(&duty, NULL);
	struct msg_request r;

	(void)state;
	pass(3 * MINUTE - 1);
	assert_int_equal(1, duty_shown(&duty, code).calls.n);
	pass(1);
	r = duty_shown(&duty, code);
	assert_int_equal(2, r.calls.n);
	assert_call(&r, 0, "chest-pain-1", "unanswered");
	assert_call(&r, 1, "chest-pain-2", "called");
	assert_int_equal(RC_OK, answer(&duty.second, code, "cannot", NULL, &r));
	assert_call(&r, 1, "chest-pain-2", "cannot");
	assert_call(&r, 2, "chest-pain-3", "called");
	pass(3 * MINUTE);
	r = duty_shown(&duty, code);
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
	assert_int_equal(7, duty_shown(&duty, code).calls.n);
	assert_int_equal(1, told(code, "nobody has answered"));
	assert_int_equal(1, told(code, "papers are overdue"));
	assert_int_equal(0, told(code, "papers are still"));
	pass(3600);
	assert_int_equal(2, told(code, "nobody has answered"));
	assert_int_equal(RC_OK, answer(&duty.centre, code, "accept",
				       "chest-pain-3", &r));
	assert_int_equal(REQUEST_SCHEDULED, r.status);
	assert_string_equal("lead-coordinator", call(&r, 5)->said_by);
	assert_call(&r, 4, "chest-pain-2", "over");
	pass(48 * 3600);
	assert_int_equal(2, told(code, "nobody has answered"));
	assert_int_equal(7, duty_shown(&duty, code).calls.n);
}

/* However long it stood still: one step, with the whole limit before it. */
static void after_a_standstill_one_is_called(void **state)
{
	const char *code = duty_emergency(&duty, NULL);
	struct msg_request r;

	(void)state;
	pass(40 * MINUTE);
	r = duty_shown(&duty, code);
	assert_int_equal(2, r.calls.n);
	assert_int_equal(duty.desk.house.scratch.now + 3 * MINUTE,
			 call(&r, 1)->until);
	pass(0);
	assert_int_equal(2, duty_shown(&duty, code).calls.n);
}

static void who_was_called_may_still_take_it(void **state)
{
	const char *code = duty_emergency(&duty, NULL);
	struct msg_request r;

	(void)state;
	assert_int_equal(RC_NOT_FOUND,
			 answer(&duty.third, code, "accept", NULL, NULL));
	pass(3 * MINUTE);
	assert_int_equal(RC_OK, answer(&duty.first, code, "accept", NULL, &r));
	assert_call(&r, 0, "chest-pain-1", "answered");
	assert_call(&r, 1, "chest-pain-2", "over");
	assert_int_equal(8 * MINUTE, r.intervals->door_to_answer);
	assert_int_equal(3 * MINUTE, r.intervals->call_to_answer);
	assert_non_null(r.booking);
	/* It is theirs now: who was called is told so, nobody else. */
	assert_int_equal(RC_STATE,
			 answer(&duty.second, code, "accept", NULL, NULL));
	assert_string_equal("chest-pain-1 has it already; were that session"
			    " cancelled, it would be called again",
			    said);
	assert_int_equal(RC_STATE,
			 answer(&duty.first, code, "accept", NULL, NULL));
	assert_non_null(strstr(said, "you have it already: its booking is "));
	assert_int_equal(RC_NOT_FOUND,
			 answer(&duty.third, code, "accept", NULL, NULL));
	assert_int_equal(RC_NOT_FOUND, seen(&duty.second, code));
	assert_int_equal(RC_STATE, answer(&duty.centre, code, "accept",
					  "chest-pain-3", NULL));
	pass(24 * 3600);
	assert_int_equal(2, duty_shown(&duty, code).calls.n);
}

static void a_second_emergency_passes_over_who_has_the_first(void **state)
{
	const char *one = duty_emergency(&duty, NULL);
	struct msg_request r;

	(void)state;
	assert_int_equal(RC_OK, answer(&duty.first, one, "accept", NULL, NULL));
	duty_emergency(&duty, &r);
	assert_call(&r, 0, "chest-pain-1", "engaged");
	assert_call(&r, 1, "chest-pain-2", "called");
	/* Nor can it be forced on them. */
	assert_int_equal(RC_REFUSED, answer(&duty.centre, r.code, "accept",
					    "chest-pain-1", NULL));
	/* And who was passed over was not called: it is nothing of theirs. */
	assert_int_equal(RC_NOT_FOUND, seen(&duty.first, r.code));
	assert_int_equal(1, listed(&duty.first)); /* the other one */
	assert_int_equal(RC_NOT_FOUND,
			 answer(&duty.first, r.code, "cannot", NULL, NULL));
	assert_int_equal(RC_INVALID, answer(&duty.centre, r.code, "cannot",
					    "chest-pain-1", NULL));
}

static enum rc start_step(struct work *w, void *arg)
{
	const struct msg_start in = {"in shock"};
	struct on *on = arg;

	return work_booking_start(w, on->code, &in, &on->b);
}

static enum rc call_off(const char *code, house_step how)
{
	struct on on = {.code = duty_shown(&duty, code).booking,
			.reason = {"another theatre", -1}};

	return desk_do(&duty.desk, &duty.centre, how, &on);
}

struct figures {
	struct msg_emergencies_query in;
	struct msg_emergencies out;
};

static enum rc figures_step(struct work *w, void *arg)
{
	struct figures *f = arg;

	return work_report_emergencies(w, &f->in, &f->out);
}

static void measured(int64_t door_answer, int64_t door_start)
{
	struct figures f;

	proto_clear(&msg_emergencies_query_table, &f.in);
	assert_int_equal(RC_OK,
			 desk_do(&duty.desk, &duty.centre, figures_step, &f));
	assert_int_equal(1, f.out.sites.n);
	const struct msg_emergency_site *v = f.out.sites.v;

	assert_int_equal(1, v->answered);
	assert_int_equal(door_answer, v->door_to_answer->median);
	assert_int_equal(door_start, v->door_to_start->median);
}

/* Not first whoever had it or said that they cannot; at last everybody. */
static void called_off_it_is_called_again(void **state)
{
	const char *code = duty_emergency(&duty, NULL);
	struct msg_request r;

	(void)state;
	assert_int_equal(RC_OK,
			 answer(&duty.first, code, "cannot", NULL, NULL));
	pass(MINUTE);
	assert_int_equal(RC_OK,
			 answer(&duty.second, code, "accept", NULL, NULL));
	pass(MINUTE);
	assert_int_equal(RC_OK, call_off(code, cancel_step));
	r = duty_shown(&duty, code);
	assert_int_equal(REQUEST_ACCEPTED, r.status);
	assert_null(r.expert);
	assert_null(r.booking);
	assert_int_equal(3, r.calls.n);
	assert_call(&r, 2, "chest-pain-3", "called");
	assert_int_equal(duty.desk.house.scratch.now + 3 * MINUTE,
			 call(&r, 2)->until);
	assert_int_equal(1, told(code, "its session does not take place"));
	assert_int_equal(RC_OK, seen(&duty.second, code));
	assert_int_equal(RC_INVALID,
			 answer(&duty.second, code, "cannot", NULL, NULL));
	pass(3 * MINUTE);
	r = duty_shown(&duty, code);
	assert_int_equal(7, r.calls.n);
	assert_call(&r, 2, "chest-pain-3", "unanswered");
	assert_call(&r, 3, "chest-pain-1", "called");
	assert_call(&r, 6, NULL, "called");
	assert_int_equal(RC_OK, answer(&duty.first, code, "accept", NULL, &r));
	assert_int_equal(REQUEST_SCHEDULED, r.status);
	assert_string_equal("chest-pain-1", r.expert);
	assert_call(&r, 3, "chest-pain-1", "answered");
	assert_call(&r, 4, "chest-pain-2", "over");
	/* Nobody came: once more, and by one who was not called this time. */
	assert_int_equal(RC_OK, call_off(code, duty_noshow_step));
	r = duty_shown(&duty, code);
	assert_int_equal(8, r.calls.n);
	assert_call(&r, 7, "chest-pain-3", "called");
	assert_int_equal(RC_OK, answer(&duty.second, code, "accept", NULL, &r));
	assert_int_equal(9, r.calls.n);
	assert_call(&r, 7, "chest-pain-3", "over");
	assert_call(&r, 8, "chest-pain-2", "answered");
	pass(MINUTE);
	assert_int_equal(RC_OK, call_off(code, start_step));
	pass(24 * 3600);
	assert_int_equal(9, duty_shown(&duty, code).calls.n);
	/* The first answer, and when it began indeed. */
	measured(6 * MINUTE, 11 * MINUTE);
}

static enum rc wait_step(struct work *w, void *arg)
{
	struct msg_wait in;
	struct on *on = arg;

	proto_clear(&msg_wait_table, &in);
	return work_request_wait(w, on->code, &in, &on->r);
}

/* A plan for later would end the calls, and nobody would come now. */
static void it_is_not_planned(void **state)
{
	const char *code = duty_emergency(&duty, NULL);
	struct on on = {.code = code,
			.accept = {.duration_minutes = FIELD_NONE}};
	struct take t = take(code, DUTY_NIGHT + 3600, false);

	(void)state;
	assert_int_equal(RC_OK,
			 answer(&duty.first, code, "accept", NULL, NULL));
	assert_int_equal(RC_OK, call_off(code, cancel_step));
	assert_int_equal(RC_STATE,
			 desk_do(&duty.desk, &duty.centre, take_step, &t));
	t.hold = true;
	assert_int_equal(RC_STATE,
			 desk_do(&duty.desk, &duty.centre, take_step, &t));
	assert_int_equal(RC_STATE,
			 desk_do(&duty.desk, &duty.centre, wait_step, &on));
	assert_int_equal(RC_STATE,
			 desk_do(&duty.desk, &duty.centre, accept_step, &on));
	on.request = work_request_withdraw;
	assert_int_equal(RC_OK,
			 desk_do(&duty.desk, &duty.county, request_step, &on));
	on.r = duty_shown(&duty, code);
	assert_call(&on.r, 1, "chest-pain-2", "over");
	assert_int_equal(RC_STATE,
			 answer(&duty.first, code, "accept", NULL, NULL));
	assert_string_equal("it is withdrawn: nobody is called for it any more",
			    said);
}

/* As an upgrade finds them: called off, and nobody called since. */
static void what_stood_still_is_called_for(void **state)
{
	const char *code = duty_emergency(&duty, NULL);
	struct msg_request r;

	(void)state;
	assert_int_equal(RC_OK,
			 answer(&duty.first, code, "accept", NULL, NULL));
	assert_int_equal(RC_OK, call_off(code, cancel_step));
	scratch_run(duty.desk.house.db,
		    "DELETE FROM duty_call WHERE round = 2");
	scratch_run(duty.desk.house.db,
		    "UPDATE due SET at = 0, try_at = 0 WHERE what = 'call'");
	pass(0);
	r = duty_shown(&duty, code);
	assert_int_equal(2, r.calls.n);
	assert_call(&r, 1, "chest-pain-2", "called");
}

/* Who is called sees it among their requests, as long as it is open. */
static void who_is_called_has_it_listed(void **state)
{
	const char *code = duty_emergency(&duty, NULL);

	(void)state;
	assert_int_equal(1, listed(&duty.first));
	assert_int_equal(0, listed(&duty.second));
	pass(3 * MINUTE);
	assert_int_equal(1, listed(&duty.first));
	assert_int_equal(1, listed(&duty.second));
	assert_int_equal(0, listed(&duty.third));
	assert_int_equal(RC_OK,
			 answer(&duty.second, code, "accept", NULL, NULL));
	assert_int_equal(0, listed(&duty.first));
	assert_int_equal(1, listed(&duty.second));
	assert_int_equal(RC_OK, call_off(code, cancel_step));
	assert_int_equal(1, listed(&duty.first));
	assert_int_equal(1, listed(&duty.second));
	assert_int_equal(0, listed(&duty.third));
}

/* The calls are its reminders; the promise is measured all the same. */
static void one_set_of_reminders(void **state)
{
	const char *code = duty_emergency(&duty, NULL);

	(void)state;
	for (int i = 0; i < 20; i++)
		pass(MINUTE);
	assert_int_equal(0, told(code, "of the time is over"));
	assert_int_equal(CLOCK_LATE, duty_shown(&duty, code).answer_state);
	assert_int_equal(CLOCK_LATE, duty_shown(&duty, code).start_state);
	/* Whoever sees nothing of it learns that it is late. */
	assert_int_equal(2, desk_count(&duty.desk, "SELECT count(*) FROM event"
						   " WHERE thing = 'clock'"));
	/* It is said once why. */
	assert_int_equal(1, told(code, "chest-pain-3 has not answered"));
	assert_int_equal(RC_OK,
			 answer(&duty.first, code, "accept", NULL, NULL));
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
	const char *code = duty_emergency(&duty, NULL);
	struct on on = {.code = code};

	(void)state;
	assert_int_equal(RC_STATE,
			 desk_do(&duty.desk, &duty.centre, ask_step, &on));
	pass(3 * MINUTE);
	assert_int_equal(2, duty_shown(&duty, code).calls.n);
}

static void withdrawn_it_calls_nobody(void **state)
{
	const char *code = duty_emergency(&duty, NULL);
	struct on on = {.code = code, .request = work_request_withdraw};
	struct msg_request r;

	(void)state;
	assert_int_equal(RC_OK,
			 desk_do(&duty.desk, &duty.county, request_step, &on));
	pass(24 * 3600);
	r = duty_shown(&duty, code);
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
	assert_int_equal(RC_OK, desk_do(&duty.desk, who, submit_step, &a));
	on.code = a.out.code;
	assert_int_equal(RC_OK,
			 desk_do(&duty.desk, &duty.centre, accept_step, &on));
	return desk_booked(&duty.desk, who, a.out.code, at);
}

static struct msg_booking booking(const char *code)
{
	struct on on = {.code = code, .booking = work_booking_show};

	assert_int_equal(RC_OK,
			 desk_do(&duty.desk, &duty.centre, booking_step, &on));
	return on.b;
}

static void a_routine_booking_moves_away(void **state)
{
	struct msg_booking b = routine(&duty.county, "dengta-county", "P-1",
				       DUTY_NIGHT + 5 * MINUTE);
	const char *code = duty_emergency(&duty, NULL);
	struct msg_request r;

	(void)state;
	pass(3 * MINUTE);
	assert_int_equal(RC_OK, answer(&duty.second, code, "accept", NULL, &r));
	struct msg_booking urgent = booking(r.booking), moved = booking(b.code);

	assert_int_equal(BOOKING_BOOKED, urgent.status);
	assert_int_equal(duty.desk.house.scratch.now, urgent.from);
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
	struct msg_booking b = routine(&duty.county, "dengta-county", "P-1",
				       DUTY_NIGHT + 5 * MINUTE);
	const char *code = duty_emergency(&duty, NULL);
	struct duty_reply r = {.code = code, .in = {.answer = "accept"}};

	(void)state;
	pass(3 * MINUTE);
	assert_int_equal(
		RC_OK, desk_do(&duty.desk, &duty.second, duty_answer_step, &r));
	assert_int_equal(BOOKING_CANCELLED, booking(b.code).status);
	assert_int_equal(REQUEST_WAITLISTED,
			 duty_shown(&duty, b.request).status);
	assert_int_equal(1,
			 desk_count(&duty.desk, "SELECT count(*) FROM displaced"
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
	struct msg_booking b = routine(&duty.county, "dengta-county", "P-1",
				       DUTY_NIGHT + 65 * MINUTE);
	struct ask_for a = ask_for("dengta-county", "P-2");
	struct on on = {.accept = {.duration_minutes = FIELD_NONE}};
	struct make_way m = {.code = b.code, .in = {.reason = "shock"}};

	(void)state;
	a.in.expert = "chest-pain-2";
	assert_int_equal(RC_OK,
			 desk_do(&duty.desk, &duty.county, submit_step, &a));
	m.in.request = on.code = a.out.code;
	assert_int_equal(RC_OK,
			 desk_do(&duty.desk, &duty.centre, accept_step, &on));
	/* Routine is no more urgent than routine. */
	assert_int_equal(RC_INVALID,
			 desk_do(&duty.desk, &duty.centre, displace_step, &m));
	a = ask_for("dengta-county", "P-3");
	a.in.expert = "chest-pain-2";
	a.in.urgency = URGENCY_URGENT;
	assert_int_equal(RC_OK,
			 desk_do(&duty.desk, &duty.county, submit_step, &a));
	m.in.request = on.code = a.out.code;
	assert_int_equal(RC_OK,
			 desk_do(&duty.desk, &duty.centre, accept_step, &on));
	assert_int_equal(RC_FORBIDDEN,
			 desk_do(&duty.desk, &duty.county, displace_step, &m));
	assert_int_equal(RC_OK,
			 desk_do(&duty.desk, &duty.centre, displace_look, &m));
	assert_int_equal(RC_OK,
			 desk_do(&duty.desk, &duty.centre, displace_step, &m));
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
	assert_int_equal(RC_OK,
			 desk_do(&duty.desk, &duty.centre, on_call_step, &l));
	return l;
}

static void the_two_agree_or_a_coordinator_says_so(void **state)
{
	int64_t now = duty.desk.house.scratch.now;
	struct hand_over h = {.in = {.specialty = "coronary",
				     .level = 1,
				     .gives = "chest-pain-1",
				     .takes = "chest-pain-3",
				     .from = now,
				     .to = now + 3600,
				     .reason = "a course"}};
	struct msg_request r;

	(void)state;
	assert_int_equal(RC_FORBIDDEN,
			 desk_do(&duty.desk, &duty.second, swap_step, &h));
	assert_int_equal(RC_OK,
			 desk_do(&duty.desk, &duty.first, swap_step, &h));
	assert_false(h.out.agreed);
	assert_int_equal(RC_STATE,
			 desk_do(&duty.desk, &duty.first, swap_step, &h));
	duty_emergency(&duty, &r);
	assert_call(&r, 0, "chest-pain-1", "called");
	assert_int_equal(RC_OK,
			 desk_do(&duty.desk, &duty.third, swap_step, &h));
	assert_true(h.out.agreed);
	duty_emergency(&duty, &r);
	assert_call(&r, 0, "chest-pain-3", "called");
	/* It is not theirs to give any more. */
	h.in.takes = "chest-pain-2";
	assert_int_equal(RC_INVALID,
			 desk_do(&duty.desk, &duty.centre, swap_step, &h));
	h.in.gives = "chest-pain-3";
	assert_int_equal(RC_OK,
			 desk_do(&duty.desk, &duty.centre, swap_step, &h));
	duty_emergency(&duty, &r);
	assert_call(&r, 0, "chest-pain-2", "called");
	assert_int_equal(3, desk_count(&duty.desk, "SELECT count(*) FROM event"
						   " WHERE verb = 'swap'"));
}

static void leave_is_a_gap_unless_swapped(void **state)
{
	int64_t now = duty.desk.house.scratch.now;
	struct hand_over h = {.in = {.specialty = "coronary",
				     .level = FIELD_NONE,
				     .gives = "chest-pain-1",
				     .takes = "chest-pain-2",
				     .from = now - 3600,
				     .to = now + 30 * 86400,
				     .reason = "ill"}};
	struct keep *keep = duty.desk.house.keep;
	struct look l = on_call();
	struct msg_request r;

	(void)state;
	assert_int_equal(0, l.out.gaps);
	assert_int_equal(0, l.gaps);
	scratch_run(duty.desk.house.db,
		    "INSERT INTO leave (subject, start_wall, end_wall)"
		    " SELECT id, 1800000000, 1803600000 FROM subject"
		    " WHERE slug = 'chest-pain-1'");
	/* Nobody said so to what is kept. */
	duty.desk.house.keep = NULL;
	l = on_call();
	assert_int_equal(1, l.out.gaps);
	assert_int_equal(1, l.gaps);
	assert_string_equal("liaoyang-central, coronary", l.first);
	duty_emergency(&duty, &r);
	assert_call(&r, 0, "chest-pain-2", "called");
	assert_int_equal(RC_OK,
			 desk_do(&duty.desk, &duty.centre, swap_step, &h));
	l = on_call();
	assert_int_equal(0, l.out.gaps);
	assert_string_equal("chest-pain-1",
			    ((const struct msg_turn *)l.out.turns.v)->instead);
	duty.desk.house.keep = keep;
}

/* --- papers --- */

static void papers_are_asked_for(void **state)
{
	const char *code = duty_emergency(&duty, NULL);
	struct msg_request r = duty_shown(&duty, code);

	(void)state;
	assert_int_equal(duty.desk.house.scratch.now + 120 * MINUTE,
			 r.papers_until);
	assert_int_equal(RC_OK,
			 answer(&duty.first, code, "accept", NULL, NULL));
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
	const char *code = duty_emergency(&duty, NULL);
	struct give g = {.code = code, .in = {.summary = "ST elevation"}};

	(void)state;
	assert_int_equal(RC_OK,
			 answer(&duty.first, code, "accept", NULL, NULL));
	assert_int_equal(RC_FORBIDDEN,
			 desk_do(&duty.desk, &duty.centre, papers_step_, &g));
	assert_int_equal(RC_OK,
			 desk_do(&duty.desk, &duty.county, papers_step_, &g));
	assert_int_equal(duty.desk.house.scratch.now, g.out.papers_at);
	assert_string_equal("ST elevation",
			    duty_shown(&duty, code).patient->summary);
	assert_string_equal("Canary Zhang",
			    duty_shown(&duty, code).patient->name);
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
		TEST(called_off_it_is_called_again),
		TEST(it_is_not_planned),
		TEST(who_is_called_has_it_listed),
		TEST(one_set_of_reminders),
		TEST(what_stood_still_is_called_for),
		TEST(it_is_not_sent_back_for_more),
		TEST(withdrawn_it_calls_nobody),
		TEST(a_routine_booking_moves_away),
		TEST(without_a_time_it_goes_back),
		TEST(by_hand_for_something_urgent),
		TEST(the_two_agree_or_a_coordinator_says_so),
		TEST(leave_is_a_gap_unless_swapped),
		TEST(papers_are_asked_for),
		TEST(papers_that_come_are_not_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
