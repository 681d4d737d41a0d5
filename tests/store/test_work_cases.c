/*
 * Lists of cases: who sits, when each has its turn, what is seen of the
 * others', and what becomes of them with their session.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/store/tx.h"
#include "daemon/work/cases.h"
#include "daemon/work/day.h"
#include "daemon/work/opinions.h"
#include "tests/support/desk.h"

#define MINUTE 60
#define HOUR 3600
#define AT (DESK_MONDAY + 2 * HOUR) /* 10:00 */

#define SITE(id)                                                               \
	"{\"id\":\"" id "\",\"name\":\"" id                                    \
	"\",\"time_zone\":\"Asia/Shanghai\"}"
#define STUDIO(id)                                                             \
	"{\"id\":\"" id "\",\"name\":\"" id                                    \
	"\",\"type\":\"studio\",\"capacity\":1}"
#define AGREED(id, partner)                                                    \
	"{\"id\":\"" id "\",\"lead\":\"up\",\"partner\":\"" partner            \
	"\",\"valid_from\":\"2026-01-01\",\"valid_to\":\"2028-12-31\""         \
	",\"kinds\":[\"case-discussion\"],\"min_independent_years\":0"         \
	",\"specialties\":[\"heart\",\"imaging\"],\"quota_per_month\":"        \
	"{\"case-discussion\":2}}"
#define OPEN(of)                                                               \
	"{\"of\":\"" of "\",\"rrule\":\"FREQ=DAILY\",\"start\":"               \
	"\"2022-01-03T08:00\",\"end\":\"2022-01-03T20:00\",\"time_zone\":"     \
	"\"Asia/Shanghai\"}"
#define DOCTOR(id, of)                                                         \
	"{\"id\":\"" id "\",\"name\":\"" id                                    \
	"\",\"home\":\"up\",\"specialties\":[\"" of                            \
	"\"],\"kinds\":[\"case-discussion\",\"case-conference\"]}"

static const char network[] =
	"{\"version\":1,\"sites\":[" SITE("up") "," SITE("one") "," SITE("two") "],\"agreements\":[" AGREED("a", "one") "," AGREED("b", "two") "],\"resources\":[" STUDIO("up/s") "," STUDIO(
		"one/s") "," STUDIO("two/s") "],\"experts\":"
					     "[" DOCTOR(
						     "x-"
						     "1",
						     "hea"
						     "rt") "," DOCTOR("x-2",
								      "hear"
								      "t") "," DOCTOR("z-1",
										      "imaging") "],\"availability\":[" OPEN("x-1") "," OPEN("x-2") "," OPEN("z-1") "]}";

static struct desk desk; /* its house alone */
static struct principal one, two, heart, imaging;
#define up desk.lead

static int setup(void **state)
{
	struct house *h = &desk.house;

	(void)state;
	house_begin_with(h, network, strlen(network));
	up = house_person(h, ROLE_LEAD_COORDINATOR, "up", NULL);
	one = house_person(h, ROLE_SITE_COORDINATOR, "one", NULL);
	two = house_person(h, ROLE_SITE_COORDINATOR, "two", NULL);
	heart = house_person(h, ROLE_EXPERT, "up", "x-1");
	imaging = house_person(h, ROLE_EXPERT, "up", "z-1");
	h->scratch.now = DESK_MONDAY; /* 08:00 */
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	house_end(&desk.house);
	return 0;
}

/* --- what is done --- */

struct doing {
	const char *code;
	struct msg_session_new in;
	struct msg_case_new add;
	struct msg_case_order order;
	struct msg_session out;
	struct msg_session_list list;
};

static enum rc make_step(struct work *w, void *arg)
{
	struct doing *d = arg;

	return work_session_make(w, &d->in, &d->out);
}

static enum rc add_step(struct work *w, void *arg)
{
	struct doing *d = arg;

	return work_session_add(w, d->code, &d->add, &d->out);
}

static enum rc order_step(struct work *w, void *arg)
{
	struct doing *d = arg;

	return work_session_order(w, d->code, &d->order, &d->out);
}

static enum rc look_step(struct work *w, void *arg)
{
	struct doing *d = arg;

	return work_session_show(w, d->code, &d->out);
}

static enum rc list_step(struct work *w, void *arg)
{
	struct doing *d = arg;
	struct msg_list_query in;

	proto_clear(&msg_list_query_table, &in);
	return work_session_list(w, &in, &d->list);
}

/* Of 90 minutes, with one who reads images. */
static const char *conference(int64_t at)
{
	static const char *also[] = {"specialty=imaging"};
	struct doing d = {0};

	proto_clear(&msg_session_new_table, &d.in);
	d.in.kind = KIND_CASE_CONFERENCE;
	d.in.title = "valves, of the week";
	d.in.at = at;
	d.in.duration_minutes = 90;
	d.in.expert = "x-1";
	d.in.also = (struct field_strs){also, 1};
	assert_int_equal(RC_OK, desk_do(&desk, &up, make_step, &d));
	return d.out.code;
}

/* An accepted request of so many minutes, which wants one more as well. */
static const char *request_of(const struct principal *who, const char *patient,
			      int64_t minutes)
{
	static const char *also[] = {"specialty=heart"};
	struct ask_for a = ask_for(who->site_slug, patient);
	struct on on = {0};

	a.in.kind = KIND_CASE_DISCUSSION;
	a.in.specialty = "imaging";
	a.in.expert = NULL;
	a.in.also = (struct field_strs){also, 1};
	a.in.duration_minutes = minutes;
	assert_int_equal(RC_OK, desk_do(&desk, who, submit_step, &a));
	on.code = a.out.code;
	proto_clear(&msg_accept_table, &on.accept);
	assert_int_equal(RC_OK, desk_do(&desk, &up, accept_step, &on));
	return a.out.code;
}

static enum rc adds(const char *code, const char *request,
		    struct msg_session *out)
{
	struct doing d = {.code = code, .add = {request, FIELD_NONE}};
	enum rc rc = desk_do(&desk, &up, add_step, &d);

	if (out)
		*out = d.out;
	return rc;
}

static struct msg_session look(const struct principal *who, const char *code)
{
	struct doing d = {.code = code};

	assert_int_equal(RC_OK, desk_do(&desk, who, look_step, &d));
	return d.out;
}

static enum rc looks(const struct principal *who, const char *code)
{
	struct doing d = {.code = code};

	return desk_do(&desk, who, look_step, &d);
}

static size_t listed(const struct principal *who)
{
	struct doing d = {0};

	assert_int_equal(RC_OK, desk_do(&desk, who, list_step, &d));
	return d.list.items.n;
}

static const struct msg_case *nth(const struct msg_session *s, size_t n)
{
	assert_true(n < s->cases.n);
	return (const struct msg_case *)s->cases.v + n;
}

static enum rc orders(const char *code, const char *first, const char *second)
{
	const char *codes[] = {first, second};
	struct doing d = {.code = code, .order = {{codes, 2}}};

	return desk_do(&desk, &up, order_step, &d);
}

struct starting {
	const char *code;
	struct msg_start in;
	struct msg_reason why;
	struct msg_booking out;
};

static enum rc start_step(struct work *w, void *arg)
{
	struct starting *s = arg;

	return work_booking_start(w, s->code, &s->in, &s->out);
}

static enum rc finish_step(struct work *w, void *arg)
{
	struct starting *s = arg;

	return work_booking_finish(w, s->code, &s->out);
}

static enum rc booking_show_step(struct work *w, void *arg)
{
	struct starting *s = arg;

	return work_booking_show(w, s->code, &s->out);
}

static enum rc says(const struct principal *who, const char *code,
		    house_step step)
{
	struct starting s = {.code = code};

	s.in.reason = "nobody looked";
	return desk_do(&desk, who, step, &s);
}

static struct msg_booking booking(const struct principal *who, const char *code)
{
	struct starting s = {.code = code};

	assert_int_equal(RC_OK, desk_do(&desk, who, booking_show_step, &s));
	return s.out;
}

/* A session with a case of each partner's. */
struct round {
	const char *code, *of_one, *of_two; /* requests */
	struct msg_session s;
};

static struct round round_of_two(void)
{
	struct round r = {.code = conference(AT)};

	r.of_one = request_of(&one, "1", 30);
	r.of_two = request_of(&two, "2", 20);
	assert_int_equal(RC_OK, adds(r.code, r.of_one, NULL));
	assert_int_equal(RC_OK, adds(r.code, r.of_two, &r.s));
	return r;
}

/* --- the list --- */

static void each_has_its_turn_and_everybody_sits(void **state)
{
	struct round r = round_of_two();
	struct msg_booking b;

	(void)state;
	assert_int_equal(2, r.s.cases.n);
	assert_int_equal(AT, nth(&r.s, 0)->from);
	assert_int_equal(AT + 30 * MINUTE, nth(&r.s, 1)->from);
	assert_int_equal(AT + 50 * MINUTE, nth(&r.s, 1)->to);
	assert_string_equal("two", nth(&r.s, 1)->partner);
	assert_int_equal(REQUEST_SCHEDULED,
			 desk_request_status(&desk, r.of_one));
	/* who reads images comes first, as the request has it */
	b = booking(&one, nth(&r.s, 0)->code);
	assert_string_equal("z-1", b.expert);
	assert_int_equal(2, b.experts.n);
	assert_string_equal(r.code, b.session);
	/* nobody's time is taken twice, and each partner has its studio */
	assert_int_equal(2, desk_count(&desk, "SELECT count(*) FROM claim"
					      " WHERE role = 'expert'"));
	assert_int_equal(2, desk_count(&desk, "SELECT count(*) FROM claim"
					      " WHERE role ="
					      " 'partner-studio'"));
	assert_int_equal(1, desk_count(&desk, "SELECT count(*) FROM claim"
					      " WHERE role = 'lead-studio'"));
	/* 40 minutes are left, and not 45 */
	assert_int_equal(RC_STATE,
			 adds(r.code, request_of(&one, "3", 45), NULL));
	assert_int_equal(RC_OK, adds(r.code, request_of(&one, "4", 40), NULL));
	/* two are all that a month has */
	assert_int_equal(RC_REFUSED, adds(conference(AT + 5 * HOUR),
					  request_of(&one, "5", 20), NULL));
}

static void one_partner_sees_nothing_of_the_other(void **state)
{
	struct round r = round_of_two();
	const char *code = conference(AT + 5 * HOUR);
	struct msg_session s = look(&one, r.code);

	(void)state;
	assert_int_equal(1, s.cases.n);
	assert_string_equal("one", nth(&s, 0)->partner);
	assert_int_equal(2, look(&heart, r.code).cases.n);
	assert_int_equal(2, look(&imaging, r.code).cases.n);
	assert_int_equal(1, listed(&one));
	assert_int_equal(2, listed(&up));
	assert_int_equal(RC_NOT_FOUND, looks(&one, code));
	assert_int_equal(RC_NOT_FOUND,
			 says(&one, nth(&r.s, 1)->code, booking_show_step));
	/* and once it has no case there, nothing at all */
	struct on on = {.code = nth(&r.s, 0)->code};

	on.reason.reason = "gone home";
	on.reason.reason_code = -1;
	assert_int_equal(RC_OK, desk_do(&desk, &one, cancel_step, &on));
	assert_int_equal(RC_NOT_FOUND, looks(&one, r.code));
	assert_int_equal(REQUEST_ACCEPTED,
			 desk_request_status(&desk, r.of_one));
}

static void who_has_no_seat_there_is_no_case_for_it(void **state)
{
	const char *code = conference(AT);
	struct ask_for a = ask_for("one", "1");
	struct doing d = {.code = code, .add = {NULL, FIELD_NONE}};
	struct on on = {0};

	(void)state;
	a.in.kind = KIND_CASE_DISCUSSION;
	a.in.specialty = "heart";
	a.in.expert = "x-2";
	assert_int_equal(RC_OK, desk_do(&desk, &one, submit_step, &a));
	assert_int_equal(RC_INVALID, adds(code, "0000-0000", NULL));
	assert_int_equal(RC_STATE, adds(code, a.out.code, NULL));
	on.code = a.out.code;
	proto_clear(&msg_accept_table, &on.accept);
	assert_int_equal(RC_OK, desk_do(&desk, &up, accept_step, &on));
	d.add.request = a.out.code;
	assert_int_equal(RC_NOT_FOUND, desk_do(&desk, &one, add_step, &d));
	/* whoever was to have it alone, it is the session's experts' now */
	assert_int_equal(RC_OK, adds(code, a.out.code, &d.out));
	assert_string_equal("x-1", booking(&up, nth(&d.out, 0)->code).expert);
	assert_int_equal(RC_STATE, adds(code, a.out.code, NULL));
	/* three groups are more than two people */
	static const char *also[] = {"specialty=heart", "specialty=heart"};
	struct ask_for many = ask_for("two", "2");

	many.in.kind = KIND_CASE_DISCUSSION;
	many.in.specialty = "imaging";
	many.in.expert = NULL;
	many.in.also = (struct field_strs){also, 2};
	assert_int_equal(RC_OK, desk_do(&desk, &two, submit_step, &many));
	on.code = many.out.code;
	assert_int_equal(RC_OK, desk_do(&desk, &up, accept_step, &on));
	assert_int_equal(RC_STATE, adds(code, many.out.code, NULL));
}

static void another_order_and_a_gap_that_is_filled(void **state)
{
	struct round r = round_of_two();
	const char *first = nth(&r.s, 0)->code, *second = nth(&r.s, 1)->code;
	struct msg_session s;

	(void)state;
	assert_int_equal(RC_INVALID, orders(r.code, first, first));
	assert_int_equal(RC_OK, orders(r.code, second, first));
	s = look(&up, r.code);
	assert_string_equal(second, nth(&s, 0)->code);
	assert_int_equal(AT, nth(&s, 0)->from);
	assert_int_equal(AT + 20 * MINUTE, nth(&s, 1)->from);
	assert_int_equal(AT + 20 * MINUTE, booking(&one, first).from);
	/* not on its own */
	struct shift m = shift(first, AT + 60 * MINUTE);

	assert_int_equal(RC_STATE, desk_do(&desk, &up, move_step, &m));
	/* what is taken off leaves its time to who comes next */
	struct on on = {.code = second};

	on.reason.reason = "it is clear";
	on.reason.reason_code = -1;
	assert_int_equal(RC_OK, desk_do(&desk, &up, cancel_step, &on));
	assert_int_equal(RC_OK, adds(r.code, request_of(&two, "6", 15), &s));
	assert_int_equal(AT, nth(&s, 0)->from);
	assert_int_equal(AT + 20 * MINUTE, nth(&s, 1)->from);
}

/* --- with the session --- */

static void it_goes_where_the_session_goes(void **state)
{
	struct round r = round_of_two();
	struct shift m = shift(r.code, AT + HOUR);
	struct msg_session s;
	struct on on = {.code = r.code};

	(void)state;
	assert_int_equal(RC_OK, desk_do(&desk, &up, move_step, &m));
	s = look(&up, r.code);
	assert_int_equal(2, s.cases.n);
	assert_int_equal(AT + HOUR, nth(&s, 0)->from);
	assert_int_equal(AT + HOUR + 30 * MINUTE, nth(&s, 1)->from);
	assert_int_equal(1, booking(&two, nth(&s, 1)->code).sequence);
	/* another expert comes with all of them */
	m = shift(r.code, AT + HOUR);
	m.in.expert = "x-2";
	assert_int_equal(RC_OK, desk_do(&desk, &up, move_step, &m));
	assert_int_equal(RC_NOT_FOUND,
			 says(&heart, nth(&s, 0)->code, booking_show_step));
	assert_int_equal(2, booking(&up, nth(&s, 0)->code).experts.n);
	/* what would not fit is not moved */
	m = shift(r.code, AT + HOUR);
	m.in.duration_minutes = 30;
	assert_int_equal(RC_STATE, desk_do(&desk, &up, move_step, &m));
	/* not held: they wait again */
	on.reason.reason = "the room is flooded";
	on.reason.reason_code = -1;
	assert_int_equal(RC_OK, desk_do(&desk, &up, cancel_step, &on));
	assert_int_equal(REQUEST_ACCEPTED,
			 desk_request_status(&desk, r.of_one));
	assert_int_equal(REQUEST_ACCEPTED,
			 desk_request_status(&desk, r.of_two));
	assert_int_equal(0, desk_count(&desk, "SELECT count(*) FROM claim"));
	assert_int_equal(
		0, desk_count(&desk, "SELECT count(*) FROM session_case"));
}

static void each_case_begins_and_ends_by_itself(void **state)
{
	struct round r = round_of_two();
	const char *first = nth(&r.s, 0)->code;

	(void)state;
	desk.house.scratch.now = AT;
	/* not before its session, and not without its patient's consent */
	desk_consent(&desk, &one, first, CONSENT_TREATMENT);
	assert_int_equal(RC_STATE, says(&heart, first, start_step));
	assert_int_equal(RC_OK, says(&heart, r.code, start_step));
	assert_int_equal(RC_RULE,
			 says(&imaging, nth(&r.s, 1)->code, start_step));
	assert_int_equal(RC_OK, says(&imaging, first, start_step));
	assert_int_equal(RC_STATE, orders(r.code, nth(&r.s, 1)->code, first));
	assert_int_equal(RC_STATE,
			 adds(r.code, request_of(&two, "7", 15), NULL));
	desk.house.scratch.now = AT + 25 * MINUTE;
	assert_int_equal(RC_OK, says(&heart, first, finish_step));
	assert_int_equal(REQUEST_STARTED, desk_request_status(&desk, r.of_one));
	/* whose turn has not come waits again */
	assert_int_equal(RC_OK, says(&heart, r.code, finish_step));
	assert_int_equal(REQUEST_ACCEPTED,
			 desk_request_status(&desk, r.of_two));
	assert_int_equal(1, look(&up, r.code).cases.n);
}

/* --- whatever a caller believes --- */

static enum rc does(const char *sql)
{
	struct err err = ERR_INIT;

	return db_run(desk.house.db, sql, &err);
}

static void the_database_holds_it(void **state)
{
	static const char *const wrong[] = {
		/* at another's time, out of the session, beside itself */
		"INSERT INTO session_case SELECT min(booking), session, 1800,"
		" 1800 FROM session_case",
		"INSERT INTO session_case SELECT max(booking), session, 5400,"
		" 1200 FROM session_case",
		"INSERT INTO session_case SELECT session, session, 3600, 60"
		" FROM session_case LIMIT 1",
		"UPDATE session_case SET begins = 3600 WHERE begins = 0",
	};
	struct round r = round_of_two();

	(void)state;
	(void)r;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_not_equal(RC_OK, does(wrong[i]));
	assert_int_equal(RC_OK, does("DELETE FROM session_case"
				     " WHERE begins = 1800"));
	assert_int_equal(RC_OK,
			 does("INSERT INTO session_case SELECT b.id,"
			      " (SELECT session FROM session_case), 1800, 1200"
			      " FROM booking b WHERE b.partner ="
			      " (SELECT id FROM site WHERE slug = 'two')"));
	/* whoever is not of the session */
	assert_int_equal(RC_OK, does("DELETE FROM session_case"
				     " WHERE begins = 1800"));
	assert_int_equal(RC_OK, does("UPDATE booking SET expert = (SELECT id"
				     " FROM subject WHERE slug = 'x-2')"
				     " WHERE partner = (SELECT id FROM site"
				     " WHERE slug = 'two')"));
	assert_int_not_equal(
		RC_OK, does("INSERT INTO session_case SELECT b.id,"
			    " (SELECT session FROM session_case), 1800, 1200"
			    " FROM booking b WHERE b.partner ="
			    " (SELECT id FROM site WHERE slug = 'two')"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_has_its_turn_and_everybody_sits),
		TEST(one_partner_sees_nothing_of_the_other),
		TEST(who_has_no_seat_there_is_no_case_for_it),
		TEST(another_order_and_a_gap_that_is_filled),
		TEST(it_goes_where_the_session_goes),
		TEST(each_case_begins_and_ends_by_itself),
		TEST(the_database_holds_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
