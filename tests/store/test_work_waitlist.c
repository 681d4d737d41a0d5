/* The waitlist on a real database: who is offered what, and what ends it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "daemon/work/steps.h"
#include "daemon/work/waitlist.h"
#include "tests/support/desk.h"

static struct desk desk;

#define HOUR ((int64_t)3600)
#define SESSION (HOUR / 2) /* of a remote consultation */

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

struct wait {
	const char *code;
	struct msg_wait in;
	struct msg_request out;
	struct msg_interval window;
};

static enum rc wait_step(struct work *w, void *arg)
{
	struct wait *a = arg;

	return work_request_wait(w, a->code, &a->in, &a->out);
}

/* At exactly that time, where it is given. */
static struct wait waiting_for(const char *code, int64_t from, int64_t to)
{
	struct wait a = {.code = code, .window = {from, to}};

	proto_clear(&msg_wait_table, &a.in);
	a.in.notice_minutes = 0;
	return a;
}

static enum rc put(const struct principal *who, struct wait *a)
{
	if (a->window.from)
		a->in.windows = (struct field_list){&a->window, 1};
	return desk_do(&desk, who, wait_step, a);
}

static enum rc unwait_step(struct work *w, void *arg)
{
	struct on *on = arg;

	return work_request_unwait(w, on->code, &on->reason, &on->r);
}

static enum rc refuse_step(struct work *w, void *arg)
{
	struct on *on = arg;

	return work_booking_refuse(w, on->code, &on->reason, &on->b);
}

static enum rc due_step(struct work *w, void *arg)
{
	struct steps steps = {.limit = STEPS_AT_ONCE};
	bool *more = arg;
	enum rc rc = steps_run(w->tx, &steps);

	*more = steps.more;
	return rc;
}

/* A second passes, and what is due is done. */
static void turn(void)
{
	bool more = true;

	desk.house.scratch.now++;
	while (more)
		assert_int_equal(RC_OK,
				 desk_do(&desk, &desk.lead, due_step, &more));
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
