/* The waitlist on a real database: who is offered what, and what ends it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "tests/support/waitroom.h"

static struct desk desk;

#define HOUR ((int64_t)3600)
#define SESSION WAITROOM_SESSION

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

/* --- steps --- */

static enum rc put(const struct principal *who, struct wait *a)
{
	return desk_do(&desk, who, wait_step, a);
}

/* A second passes, and what is due is done. */
static void turn(void)
{
	desk.house.scratch.now++;
	waitroom_turn(&desk);
}

static void later(int64_t seconds)
{
	desk.house.scratch.now += seconds - 1;
	turn();
}

/* The code of what the request is offered or has booked; "" nothing. */
static const char *booking_of(const char *code)
{
	struct on on = {.code = code};

	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, show_step, &on));
	return on.r.booking ? on.r.booking : "";
}

static int64_t offers(void)
{
	return desk_count(&desk, "SELECT count(*) FROM offer"
				 " WHERE outcome IS NULL");
}

static const char *put_new(const struct principal *who, const char *patient,
			   int64_t from, int64_t to)
{
	const char *code = desk_accepted(&desk, who, patient);
	struct wait a = waiting_for(code, from, to);

	assert_int_equal(RC_OK, put(who, &a));
	assert_int_equal(REQUEST_WAITLISTED, a.out.status);
	return code;
}

static enum rc confirm(const struct principal *who, const char *booking)
{
	struct on on = {.code = booking, .booking = work_booking_confirm};

	return desk_do(&desk, who, booking_step, &on);
}

static enum rc refuse(const struct principal *who, const char *booking)
{
	struct on on = {.code = booking, .reason.reason = "no bed that day"};

	return desk_do(&desk, who, refuse_step, &on);
}

static void cancel(const struct principal *who, const char *booking)
{
	struct on on = {.code = booking, .reason.reason = "recovered"};

	assert_int_equal(RC_OK, desk_do(&desk, who, cancel_step, &on));
}

/* --- tests --- */

static void what_is_free_is_offered_at_once(void **state)
{
	const char *a =
		put_new(&desk.one, "P-1", DESK_MONDAY, DESK_MONDAY + SESSION);

	(void)state;
	assert_string_equal("", booking_of(a));
	turn();
	const char *offer = booking_of(a);

	assert_string_not_equal("", offer);
	assert_int_equal(1, offers());
	assert_int_equal(REQUEST_WAITLISTED, desk_request_status(&desk, a));
	/* It is the partner's to answer. */
	assert_int_equal(RC_FORBIDDEN, confirm(&desk.lead, offer));
	assert_int_equal(RC_NOT_FOUND, confirm(&desk.two, offer));
	assert_int_equal(RC_OK, confirm(&desk.one, offer));
	assert_int_equal(REQUEST_SCHEDULED, desk_request_status(&desk, a));
	assert_int_equal(0, offers());
	assert_int_equal(0, desk_count(&desk, "SELECT count(*) FROM waiting"));
	assert_int_equal(1, desk_count(&desk, "SELECT count(*) FROM offer"
					      " WHERE outcome = 'accepted'"));
}

static void freed_time_goes_to_the_first_and_refused_to_the_next(void **state)
{
	const char *had = desk_accepted(&desk, &desk.one, "P-0");
	struct msg_booking b = desk_booked(&desk, &desk.one, had, DESK_MONDAY);
	int64_t to = DESK_MONDAY + SESSION;
	const char *a = put_new(&desk.two, "P-1", DESK_MONDAY, to);
	const char *c, *offer;

	(void)state;
	desk.house.scratch.now += 60;
	c = put_new(&desk.one, "P-2", DESK_MONDAY, to);
	turn();
	assert_int_equal(0, offers());
	cancel(&desk.one, b.code);
	turn();
	offer = booking_of(a);
	assert_string_not_equal("", offer);
	assert_string_equal("", booking_of(c));
	assert_int_equal(RC_OK, refuse(&desk.two, offer));
	turn();
	/* Not the same again, though it is free. */
	assert_string_equal("", booking_of(a));
	assert_string_not_equal("", booking_of(c));
	/* Unanswered it lapses, and nobody is left for it. */
	later(5 * HOUR);
	assert_int_equal(0, offers());
	later(HOUR);
	assert_int_equal(0, offers());
	assert_int_equal(1, desk_count(&desk, "SELECT count(*) FROM offer"
					      " WHERE outcome = 'lapsed'"));
	assert_int_equal(1, desk_count(&desk, "SELECT count(*) FROM offer"
					      " WHERE outcome = 'refused'"));
	assert_int_equal(REQUEST_WAITLISTED, desk_request_status(&desk, c));
}

static void an_offer_ends_with_its_request(void **state)
{
	int64_t to = DESK_MONDAY + SESSION;
	const char *a = put_new(&desk.one, "P-1", DESK_MONDAY, to), *offer;
	struct on off = {.code = a};

	(void)state;
	turn();
	offer = booking_of(a);
	assert_string_not_equal("", offer);
	const char *c = put_new(&desk.two, "P-2", DESK_MONDAY, to);

	turn();
	assert_string_equal("", booking_of(c));
	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, unwait_step, &off));
	assert_int_equal(REQUEST_ACCEPTED, off.r.status);
	assert_int_equal(RC_STATE, confirm(&desk.one, offer));
	turn();
	offer = booking_of(c);
	assert_string_not_equal("", offer);

	/* The lead books it elsewhere: the time is for others again. */
	desk_booked(&desk, &desk.lead, c, DESK_MONDAY + 2 * HOUR);
	assert_int_equal(0, offers());
	assert_int_equal(RC_STATE, confirm(&desk.two, offer));
	struct wait again = waiting_for(a, DESK_MONDAY, to);

	assert_int_equal(RC_OK, put(&desk.one, &again));
	turn();
	assert_string_not_equal("", booking_of(a));
	struct on withdraw = {.code = a, .request = work_request_withdraw};

	assert_int_equal(RC_OK,
			 desk_do(&desk, &desk.one, request_step, &withdraw));
	assert_int_equal(0, offers());
	assert_int_equal(0, desk_count(&desk, "SELECT count(*) FROM waiting"));
	assert_int_equal(3, desk_count(&desk, "SELECT count(*) FROM offer"
					      " WHERE outcome = 'ended'"));
	assert_int_equal(0, desk_count(&desk, "SELECT count(*) FROM due"
					      " WHERE what = 'offer'"));
}

static enum rc first_step(struct work *w, void *arg)
{
	const char *code = arg;
	struct request r;
	enum rc rc = request_by_code(w->tx, code, w->arena, &r, &w->err);

	return rc == RC_OK ? work_wait_first(w, &r) : rc;
}

static void who_lost_their_time_goes_first(void **state)
{
	const char *late = desk_accepted(&desk, &desk.two, "P-9");
	struct msg_booking had =
		desk_booked(&desk, &desk.two, late, DESK_MONDAY);
	const char *a =
		put_new(&desk.one, "P-1", DESK_MONDAY, DESK_MONDAY + SESSION);

	(void)state;
	turn();
	assert_string_equal("", booking_of(a));
	cancel(&desk.two, had.code);
	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, first_step,
					(void *)(uintptr_t)late));
	/* An exact time is what the other wants: this one takes the first. */
	turn();
	assert_string_not_equal("", booking_of(late));
	struct on on = {.code = booking_of(late),
			.booking = work_booking_confirm};

	assert_int_equal(RC_OK, desk_do(&desk, &desk.two, booking_step, &on));
	assert_true(on.b.from <= DESK_MONDAY);
}

static struct wait asked(const char *code)
{
	return waiting_for(code, 0, 0);
}

/* Four hours away nobody needs a time in twenty minutes; and an offer does not
 * stand longer than the notice allows, or the agreement says. */
static void notice_and_deadline(void **state)
{
	const char *a = desk_accepted(&desk, &desk.one, "P-1");
	struct wait wait = waiting_for(a, DESK_MONDAY, DESK_MONDAY + SESSION);

	(void)state;
	desk.house.scratch.now = DESK_MONDAY - 2 * HOUR;
	wait.in.notice_minutes = 121;
	assert_int_equal(RC_INVALID, put(&desk.one, &wait));
	wait.in.notice_minutes = 90;
	assert_int_equal(RC_OK, put(&desk.one, &wait));
	turn();
	assert_int_equal(DESK_MONDAY - 90 * 60,
			 desk_count(&desk, "SELECT until FROM offer"));
	assert_int_equal(DESK_MONDAY - 90 * 60,
			 desk_count(&desk, "SELECT hold_until FROM booking"));
	struct on off = {.code = a};

	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, unwait_step, &off));
	scratch_run(desk.house.db, "UPDATE limit_set SET offer_minutes = 7");
	assert_int_equal(RC_OK, put(&desk.one, &wait));
	turn();
	assert_int_equal(desk.house.scratch.now + 7 * 60,
			 desk_count(&desk, "SELECT until FROM offer"
					   " WHERE outcome IS NULL"));
}

static int64_t said(const char *verb)
{
	struct query q;
	int64_t n = -1;

	query_begin(&q, desk.house.db,
		    "SELECT count(*) FROM event WHERE thing = 'request'"
		    " AND verb = $1 AND from_state = 'waitlisted'"
		    " AND to_state = 'waitlisted' AND lead IS NOT NULL"
		    " AND partner IS NOT NULL");
	query_text(&q, 1, verb);
	if (query_row(&q))
		n = query_col_int(&q, 0);
	assert_int_equal(RC_OK, query_end(&q, NULL));
	return n;
}

/* Nothing could be offered. */
static void nobody_waits_under_an_ended_agreement(void **state)
{
	const char *code = desk_accepted(&desk, &desk.one, "P-1");
	struct wait a = waiting_for(code, DESK_MONDAY, DESK_MONDAY + HOUR);

	(void)state;
	scratch_run(desk.house.db,
		    "UPDATE agreement SET valid_to = valid_from");
	house_forget(&desk.house);
	assert_int_equal(RC_RULE, put(&desk.one, &a));
}

/* Its offers lapse, so many in a row. */
static void lapse(const char *code, int n)
{
	turn();
	for (int i = 0; i < n; i++) {
		assert_string_not_equal("", booking_of(code));
		later(4 * HOUR);
		turn();
	}
}

/* Whoever never answers is left in peace, and passed by nobody meanwhile, until
 * they say that they still wait. */
static void who_never_answers_rests(void **state)
{
	const int64_t day = 24 * 3600;
	const char *a =
		put_new(&desk.one, "P-1", DESK_MONDAY, DESK_MONDAY + 20 * day);
	struct wait again = waiting_for(a, 0, 0);
	const char *b;

	(void)state;
	again.in.notice_minutes = FIELD_NONE;
	assert_int_equal(RC_STATE, put(&desk.one, &again)); /* it waits */
	lapse(a, 2);
	assert_int_equal(RC_OK, refuse(&desk.one, booking_of(a)));
	lapse(a, 3); /* an answer begins the count anew */
	assert_string_equal("", booking_of(a));
	assert_int_equal(1, said("rest"));
	assert_int_equal(REQUEST_WAITLISTED, desk_request_status(&desk, a));
	b = put_new(&desk.two, "P-2", DESK_MONDAY, DESK_MONDAY + 20 * day);
	turn();
	assert_string_not_equal("", booking_of(b));
	assert_int_equal(0, desk_count(&desk, "SELECT sum(passed)"
					      " FROM waiting"));
	later(30 * 60);
	assert_string_equal("", booking_of(a));
	/* it is its partner's to say, and nothing else with it */
	assert_int_equal(RC_STATE, put(&desk.lead, &again));
	again.in.notice_minutes = 5;
	assert_int_equal(RC_INVALID, put(&desk.one, &again));
	again.in.notice_minutes = FIELD_NONE;
	assert_int_equal(RC_OK, put(&desk.one, &again));
	assert_int_equal(1, said("wait"));
	turn();
	assert_string_not_equal("", booking_of(a));
	scratch_run(desk.house.db, "UPDATE limit_set SET offer_lapses = 1");
	later(4 * HOUR);
	turn();
	assert_string_equal("", booking_of(a));
	assert_int_equal(3, said("rest")); /* the other one, too */
}

static void its_time_on_the_list_ends(void **state)
{
	const char *a = desk_accepted(&desk, &desk.one, "P-1"), *offer;
	struct wait wait = asked(a);

	(void)state;
	wait.in.until = DESK_MONDAY + SESSION;
	assert_int_equal(RC_OK, put(&desk.one, &wait));
	turn();
	offer = booking_of(a);
	assert_string_not_equal("", offer);
	assert_int_equal(RC_OK, refuse(&desk.one, offer));
	desk.house.scratch.now = DESK_MONDAY + SESSION - 1;
	turn();
	assert_int_equal(REQUEST_ACCEPTED, desk_request_status(&desk, a));
	assert_int_equal(1, desk_count(&desk, "SELECT count(*) FROM event"
					      " WHERE verb = 'unwait'"
					      " AND actor = 'system'"));
	assert_int_equal(0, desk_count(&desk, "SELECT count(*) FROM freed"));
}

/* Whoever waits for a time after those that were wanted is not given up when
 * these have passed, nor when nobody would have taken it otherwise. */
static void who_waits_does_not_expire(void **state)
{
	const char *a = desk_accepted(&desk, &desk.one, "P-1");
	const int64_t day = 24 * 3600;
	struct wait wait = asked(a);

	(void)state;
	wait.in.until = DESK_MONDAY + 50 * day;
	assert_int_equal(RC_OK, put(&desk.one, &wait));
	later(45 * day);
	assert_int_equal(REQUEST_WAITLISTED, desk_request_status(&desk, a));
	assert_int_equal(1, desk_count(&desk, "SELECT count(*) FROM due"
					      " WHERE what = 'expiry'"));
	assert_int_equal(0, desk_count(&desk, "SELECT count(*) FROM event"
					      " WHERE verb = 'expire'"));
}

static enum rc list_step(struct work *w, void *arg)
{
	struct msg_wait_query in = {.limit = 1};
	struct msg_waitlist *out = arg;

	in.cursor = out->next;
	return work_waitlist(w, &in, out);
}

static enum rc offers_step(struct work *w, void *arg)
{
	struct msg_wait_query in = {.limit = 1};
	struct msg_offer_list *out = arg;

	in.cursor = out->next;
	return work_offer_list(w, &in, out);
}

/* How many pages of one each there are, and whose the last is. */
static size_t pages(const struct principal *who, int64_t *out_before)
{
	struct msg_waitlist out = {0};
	size_t n = 0;

	do {
		assert_int_equal(RC_OK, desk_do(&desk, who, list_step, &out));
		const struct msg_waiting *v = out.items.v;

		n += out.items.n;
		if (out.items.n)
			*out_before = v->before;
	} while (out.next);
	return n;
}

static size_t offer_pages(const struct principal *who)
{
	struct msg_offer_list out = {0};
	size_t n = 0;

	do {
		assert_int_equal(RC_OK, desk_do(&desk, who, offers_step, &out));
		n += out.items.n;
	} while (out.next);
	return n;
}

static void lists_show_each_side_its_own(void **state)
{
	int64_t before = -1;

	(void)state;
	for (int i = 0; i < 3; i++) {
		char patient[8] = {'P', (char)('a' + i), 0};
		struct wait wait = asked(desk_accepted(
			&desk, i < 2 ? &desk.one : &desk.two, patient));

		assert_int_equal(RC_OK, put(&desk.lead, &wait));
		desk.house.scratch.now += 60;
	}
	assert_int_equal(3, pages(&desk.lead, &before));
	assert_int_equal(2, before);
	assert_int_equal(2, pages(&desk.one, &before));
	assert_int_equal(1, before);
	assert_int_equal(1, pages(&desk.two, &before));
	assert_int_equal(2, before);
	assert_int_equal(0, pages(&desk.other_lead, &before));
	turn();
	assert_int_equal(3, offer_pages(&desk.lead));
	assert_int_equal(2, offer_pages(&desk.one));
	assert_int_equal(1, offer_pages(&desk.two));
	assert_int_equal(0, offer_pages(&desk.other_lead));
	/* Dead in that second, whoever has ended them by then. */
	desk.house.scratch.now += 4 * HOUR;
	assert_int_equal(0, offer_pages(&desk.lead));
}

/* What the database itself refuses. */
static void a_place_is_offered_once(void **state)
{
	struct db *db = desk.house.db;
	struct query q;

	(void)state;
	put_new(&desk.one, "P-1", DESK_MONDAY, DESK_MONDAY + SESSION);
	turn();
	assert_int_equal(1, offers());
	query_begin(&q, db,
		    "INSERT INTO offer (booking, request, lead, partner,"
		    " expert, from_time, to_time, made_at, until)"
		    " SELECT booking + 1, request, lead, partner, expert,"
		    " from_time, to_time, made_at, until FROM offer");
	assert_int_equal(RC_RULE, query_end(&q, NULL));
	query_begin(&q, db, "UPDATE offer SET from_time = from_time + 60");
	assert_int_equal(RC_RULE, query_end(&q, NULL));
}

static enum rc give_way_step(struct work *w, void *arg)
{
	struct booking b;
	enum rc rc = booking_by_code(w->tx, arg, w->arena, &b, &w->err);

	return rc == RC_OK ? work_booking_end(w, &b, VERB_RELEASE, "emergency")
			   : rc;
}

/* Who had to give way has refused nothing: the time may be theirs yet. */
static void what_is_taken_away_is_not_refused(void **state)
{
	const char *a =
		put_new(&desk.one, "P-1", DESK_MONDAY, DESK_MONDAY + SESSION);
	const char *offer;

	(void)state;
	turn();
	offer = booking_of(a);
	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, give_way_step,
					(void *)(uintptr_t)offer));
	assert_int_equal(1, desk_count(&desk, "SELECT count(*) FROM offer"
					      " WHERE outcome = 'ended'"));
	turn();
	assert_string_not_equal("", booking_of(a));
	assert_string_not_equal(offer, booking_of(a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_free_is_offered_at_once,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			freed_time_goes_to_the_first_and_refused_to_the_next,
			setup, teardown),
		cmocka_unit_test_setup_teardown(an_offer_ends_with_its_request,
						setup, teardown),
		cmocka_unit_test_setup_teardown(who_lost_their_time_goes_first,
						setup, teardown),
		cmocka_unit_test_setup_teardown(notice_and_deadline, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			nobody_waits_under_an_ended_agreement, setup, teardown),
		cmocka_unit_test_setup_teardown(who_waits_does_not_expire,
						setup, teardown),
		cmocka_unit_test_setup_teardown(who_never_answers_rests, setup,
						teardown),
		cmocka_unit_test_setup_teardown(its_time_on_the_list_ends,
						setup, teardown),
		cmocka_unit_test_setup_teardown(lists_show_each_side_its_own,
						setup, teardown),
		cmocka_unit_test_setup_teardown(a_place_is_offered_once, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			what_is_taken_away_is_not_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
