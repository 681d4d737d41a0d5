/*
 * Sessions with seats: who may join which, the last seat, what is told to whom,
 * and a demonstration that goes with the operation it shows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/work/consent.h"
#include "daemon/work/day.h"
#include "daemon/work/series.h"
#include "daemon/work/sessions.h"
#include "tests/support/desk.h"

#define MINUTE 60
#define HOUR 3600

#define SITE(id)                                                               \
	"{\"id\":\"" id "\",\"name\":\"" id                                    \
	"\",\"time_zone\":\"Asia/Shanghai\"}"
#define ROOM(id, type)                                                         \
	"{\"id\":\"" id "\",\"name\":\"" id "\",\"type\":\"" type              \
	"\",\"capacity\":1}"
#define AGREED(id, partner, to, kinds)                                         \
	"{\"id\":\"" id "\",\"lead\":\"up\",\"partner\":\"" partner            \
	"\",\"valid_from\":\"2026-01-01\",\"valid_to\":\"" to                  \
	"\",\"kinds\":[" kinds                                                 \
	"],\"specialties\":[\"heart\"],\"min_independent_years\":0}"
#define OPEN(of, kinds)                                                        \
	"{\"of\":\"" of "\",\"rrule\":\"FREQ=DAILY\",\"start\":"               \
	"\"2022-01-03T08:00\",\"end\":\"2022-01-03T20:00\",\"time_zone\":"     \
	"\"Asia/Shanghai\",\"kinds\":[" kinds "]}"
#define EVENTS "\"teaching-round\",\"surgery-demonstration\""

#define GUIDED "\"surgical-guidance\""
#define DOCTOR(id, home, kinds)                                                \
	"{\"id\":\"" id "\",\"name\":\"" id "\",\"home\":\"" home              \
	"\",\"specialties\":[\"heart\"],\"kinds\":[" kinds "]}"

/* clang-format off */
#define SITES                                                                  \
	SITE("up") "," SITE("one") "," SITE("two") ","                         \
	SITE("three") "," SITE("four")
/* "c" is over before most of it */
#define AGREEMENTS                                                             \
	AGREED("a", "one", "2028-12-31", GUIDED "," EVENTS) ","                \
	AGREED("b", "two", "2028-12-31", EVENTS) ","                           \
	AGREED("c", "three", "2027-01-18", EVENTS) ","                         \
	AGREED("d", "four", "2028-12-31", GUIDED)
#define ROOMS                                                                  \
	ROOM("up/ward", "ward") "," ROOM("up/s", "studio") ","                 \
	ROOM("up/or", "operating-room") "," ROOM("up/link", "link") ","        \
	ROOM("one/or", "operating-room") "," ROOM("one/link", "link")
#define DOCTORS                                                                \
	DOCTOR("x-1", "up", GUIDED "," EVENTS) ","                             \
	DOCTOR("y-1", "one", GUIDED)

static const char network[] =
	"{\"version\":1,\"sites\":[" SITES "],"
	"\"agreements\":[" AGREEMENTS "],"
	"\"resources\":[" ROOMS "],"
	"\"experts\":[" DOCTORS "],"
	"\"availability\":[" OPEN("x-1", GUIDED "," EVENTS) "]}";
/* clang-format on */

static struct desk desk; /* its house alone */
static struct principal up, one, two, three, four, doctor, auditor;

static int setup(void **state)
{
	struct house *h = &desk.house;

	(void)state;
	house_begin_with(h, network, strlen(network));
	up = house_person(h, ROLE_LEAD_COORDINATOR, "up", NULL);
	one = house_person(h, ROLE_SITE_COORDINATOR, "one", NULL);
	two = house_person(h, ROLE_SITE_COORDINATOR, "two", NULL);
	three = house_person(h, ROLE_SITE_COORDINATOR, "three", NULL);
	four = house_person(h, ROLE_SITE_COORDINATOR, "four", NULL);
	doctor = house_person(h, ROLE_EXPERT, "up", "x-1");
	auditor = house_person(h, ROLE_AUDITOR, "up", NULL);
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
	struct msg_join join;
	struct msg_attendance came;
	struct msg_session out;
	struct msg_session_list list;
};

static enum rc make_step(struct work *w, void *arg)
{
	struct doing *d = arg;

	return work_session_make(w, &d->in, &d->out);
}

static enum rc join_step(struct work *w, void *arg)
{
	struct doing *d = arg;

	return work_session_join(w, d->code, &d->join, &d->out);
}

static enum rc leave_step(struct work *w, void *arg)
{
	struct doing *d = arg;

	return work_session_leave(w, d->code, &d->out);
}

/* Out of a session that they may see no more with it. */
static enum rc leaves(const struct principal *who, const char *code)
{
	struct doing d = {.code = code};

	return desk_do(&desk, who, leave_step, &d);
}

static enum rc came_step(struct work *w, void *arg)
{
	struct doing *d = arg;

	return work_session_attend(w, d->code, &d->came, &d->out);
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

static struct doing session(enum kind kind, int64_t at)
{
	struct doing d = {0};

	proto_clear(&msg_session_new_table, &d.in);
	d.in.kind = (int)kind;
	d.in.title = "mitral valves";
	d.in.at = at;
	d.in.expert = "x-1";
	d.in.seats = 10;
	d.in.seats_per_site = 6;
	return d;
}

static struct msg_session made(struct doing d)
{
	assert_int_equal(RC_OK, desk_do(&desk, &up, make_step, &d));
	return d.out;
}

static enum rc joins(const struct principal *who, const char *code,
		     int64_t seats, struct msg_session *out)
{
	struct doing d = {.code = code, .join = {seats}};
	enum rc rc = desk_do(&desk, who, join_step, &d);

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

static size_t listed(const struct principal *who)
{
	struct doing d = {0};

	assert_int_equal(RC_OK, desk_do(&desk, who, list_step, &d));
	return d.list.items.n;
}

static const char *last_verb(const struct msg_session *s)
{
	const struct msg_event *v = s->history.v;

	return s->history.n ? v[s->history.n - 1].verb : "";
}

struct starting {
	const char *code;
	struct msg_start in;
	struct msg_booking out;
};

static enum rc start_step(struct work *w, void *arg)
{
	struct starting *s = arg;

	return work_booking_start(w, s->code, &s->in, &s->out);
}

static enum rc starts(const char *code)
{
	struct starting s = {.code = code};

	s.in.reason = "nobody looked";
	return desk_do(&desk, &up, start_step, &s);
}

/* --- who joins, and what they hear --- */

static void a_round_is_joined_by_those_who_may(void **state)
{
	struct msg_session s =
		made(session(KIND_TEACHING_ROUND, DESK_MONDAY + 2 * HOUR));
	struct doing d = {.code = s.code};

	(void)state;
	assert_null(s.partner);
	assert_int_equal(1, s.with.n);
	assert_string_equal("up/ward", s.with.v[0]);
	assert_int_equal(10, s.free);
	assert_int_equal(1, listed(&up));
	assert_int_equal(1, listed(&one));
	assert_int_equal(1, listed(&doctor));
	assert_int_equal(0, listed(&four)); /* not its kind */
	assert_int_equal(RC_NOT_FOUND, desk_do(&desk, &four, look_step, &d));
	assert_int_equal(RC_NOT_FOUND, joins(&four, s.code, 1, NULL));
	assert_int_equal(RC_FORBIDDEN, joins(&up, s.code, 1, NULL));

	/* the last seats, of all and of one site */
	assert_int_equal(RC_INVALID, joins(&one, s.code, 7, NULL));
	assert_int_equal(RC_OK, joins(&one, s.code, 6, &s));
	assert_int_equal(6, s.joined);
	assert_int_equal(4, s.free);
	assert_int_equal(RC_STATE, joins(&two, s.code, 5, NULL));
	assert_int_equal(RC_OK, joins(&two, s.code, 4, &s));
	assert_int_equal(0, s.free);
	/* who else comes is not theirs to see */
	assert_int_equal(1, s.sites.n);
	assert_int_equal(2, look(&up, s.code).sites.n);
	assert_int_equal(1, look(&two, s.code).history.n);
	assert_int_equal(2, look(&up, s.code).history.n);
	/* another number, then none */
	assert_int_equal(RC_OK, joins(&one, s.code, 2, &s));
	assert_int_equal(4, s.free);
	assert_int_equal(RC_OK, desk_do(&desk, &one, leave_step, &d));
	assert_int_equal(RC_STATE, desk_do(&desk, &one, leave_step, &d));
	assert_int_equal(6, look(&one, s.code).free);
}

static void the_database_refuses_the_seat_too_many(void **state)
{
	struct msg_session s =
		made(session(KIND_TEACHING_ROUND, DESK_MONDAY + 2 * HOUR));
	static const char *const tries[] = {
		"INSERT INTO session_seat (booking, site, seats)"
		" SELECT booking, lead + 1, 7 FROM session",
		"UPDATE session_seat SET seats = 7",
		"UPDATE session SET seats = 5, per_site = 5",
		"UPDATE session SET per_site = 3",
		"INSERT INTO session_seat (booking, site, seats)"
		" SELECT booking, lead, 5 FROM session",
	};

	(void)state;
	assert_int_equal(RC_OK, joins(&two, s.code, 6, NULL));
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		struct err err = {0};
		enum rc rc = db_run(desk.house.db, tries[i], &err);

		assert_int_not_equal(RC_OK, rc);
	}
	assert_int_equal(
		6, desk_count(&desk, "SELECT sum(seats) FROM session_seat"));
}

static void beyond_an_agreement_nobody_joins(void **state)
{
	struct msg_session today =
		made(session(KIND_TEACHING_ROUND, DESK_MONDAY + 2 * HOUR));
	struct msg_session tomorrow =
		made(session(KIND_TEACHING_ROUND, DESK_MONDAY + 26 * HOUR));
	struct shift to = shift(today.code, DESK_MONDAY + 28 * HOUR);

	(void)state;
	assert_int_equal(1, listed(&three));
	assert_int_equal(RC_OK, joins(&three, today.code, 1, NULL));
	assert_int_equal(RC_NOT_FOUND, joins(&three, tomorrow.code, 1, NULL));
	/* moved there it is no more theirs to join; who joined is told, and
	 * can leave */
	assert_int_equal(RC_OK, desk_do(&desk, &up, move_step, &to));
	tomorrow = look(&three, today.code);
	assert_string_equal("move", last_verb(&tomorrow));
	assert_int_equal(RC_FORBIDDEN, joins(&three, today.code, 2, NULL));
	assert_int_equal(RC_OK, leaves(&three, today.code));
	assert_int_equal(0, listed(&three));
}

static void attendance_is_said_by_a_person(void **state)
{
	struct msg_session s =
		made(session(KIND_TEACHING_ROUND, DESK_MONDAY + 2 * HOUR));
	struct doing d = {.code = s.code, .came = {NULL, 3}};
	const struct msg_session_seats *v;

	(void)state;
	assert_int_equal(RC_OK, joins(&one, s.code, 4, NULL));
	assert_int_equal(RC_OK, joins(&two, s.code, 2, NULL));
	assert_int_equal(RC_STATE, desk_do(&desk, &one, came_step, &d));
	desk.house.scratch.now = s.from;
	assert_int_equal(RC_OK, starts(s.code));
	s = look(&one, s.code);
	assert_string_equal("start", last_verb(&s));
	assert_int_equal(RC_STATE, joins(&one, s.code, 5, NULL));
	assert_int_equal(RC_OK, desk_do(&desk, &one, came_step, &d));
	d.came = (struct msg_attendance){"two", 0};
	assert_int_equal(RC_INVALID, desk_do(&desk, &one, came_step, &d));
	assert_int_equal(RC_OK, desk_do(&desk, &up, came_step, &d));
	s = look(&up, s.code);
	v = s.sites.v;
	assert_int_equal(3, v[0].came);
	assert_int_equal(0, v[1].came);
}

static void what_was_not_begun_is_left_as_it_is_afterwards(void **state)
{
	struct msg_session s =
		made(session(KIND_TEACHING_ROUND, DESK_MONDAY + 2 * HOUR));

	(void)state;
	assert_int_equal(RC_OK, joins(&one, s.code, 4, NULL));
	desk.house.scratch.now = s.to - MINUTE;
	assert_int_equal(RC_OK, joins(&two, s.code, 1, NULL));
	desk.house.scratch.now = s.to;
	assert_int_equal(RC_STATE, joins(&two, s.code, 2, NULL));
	assert_int_equal(RC_STATE, leaves(&one, s.code));
	assert_int_equal(5, 10 - look(&up, s.code).free);
	/* people said it yet: it began, and who came */
	assert_int_equal(RC_OK, starts(s.code));
}

static void an_auditor_reads_the_numbers_and_not_the_words(void **state)
{
	struct msg_session s =
		made(session(KIND_TEACHING_ROUND, DESK_MONDAY + 2 * HOUR));
	struct on off = {.code = s.code,
			 .reason = {.reason = "Canary Zhang has a fever"}};
	const struct msg_event *told;

	(void)state;
	assert_int_equal(RC_OK, joins(&one, s.code, 4, NULL));
	assert_int_equal(RC_OK, joins(&one, s.code, 6, NULL));
	assert_int_equal(RC_OK, desk_do(&desk, &up, cancel_step, &off));
	assert_string_equal(off.reason.reason, look(&one, s.code).reason);
	s = look(&auditor, s.code);
	told = s.history.v;
	assert_int_equal(3, s.history.n);
	assert_string_equal("4 seats", told[0].reason);
	assert_string_equal("6 seats", told[1].reason);
	assert_null(told[2].reason);
	assert_null(s.reason);
}

/* --- the operation that is shown --- */

static const char *guided(int64_t at)
{
	struct ask_for a = ask_for("one", "P-1");
	struct on on = {.accept.duration_minutes = FIELD_NONE};

	a.in.kind = KIND_SURGICAL_GUIDANCE;
	a.in.specialty = "heart";
	a.in.expert = "x-1";
	assert_int_equal(RC_OK, desk_do(&desk, &one, submit_step, &a));
	on.code = a.out.code;
	assert_int_equal(RC_OK, desk_do(&desk, &up, accept_step, &on));
	struct take t = take(on.r.code, at, false);

	t.in.expert = NULL;
	assert_int_equal(RC_OK, desk_do(&desk, &one, take_step, &t));
	return t.out.code;
}

static struct msg_session showing(const char *operation)
{
	struct doing d = session(KIND_SURGERY_DEMONSTRATION, FIELD_NONE);

	d.in.expert = NULL;
	d.in.shows = operation;
	d.in.no_record = true;
	return made(d);
}

static void what_is_shown_takes_its_demonstration_along(void **state)
{
	const char *operation = guided(DESK_MONDAY + 2 * HOUR);
	struct msg_session s = showing(operation);
	struct shift to = shift(operation, DESK_MONDAY + 6 * HOUR);
	struct shift alone = shift(s.code, DESK_MONDAY + 7 * HOUR);
	struct on off = {.code = operation,
			 .reason = {.reason = "Canary Zhang has a fever"}};

	(void)state;
	assert_int_equal(DESK_MONDAY + 2 * HOUR, s.from);
	assert_string_equal("x-1", s.expert);
	assert_string_equal(operation, s.shows);
	assert_int_equal(RC_OK, joins(&two, s.code, 4, &s));
	assert_null(s.shows); /* another site's */
	assert_true(s.no_record);
	assert_int_equal(RC_STATE, desk_do(&desk, &up, move_step, &alone));
	assert_int_equal(RC_OK, desk_do(&desk, &one, move_step, &to));
	s = look(&two, s.code);
	assert_int_equal(DESK_MONDAY + 6 * HOUR, s.from);
	assert_string_equal("move", last_verb(&s));
	/* it ends with it; of the patient nothing is told */
	assert_int_equal(RC_OK, desk_do(&desk, &one, cancel_step, &off));
	s = look(&two, s.code);
	assert_int_equal(BOOKING_CANCELLED, s.status);
	assert_string_equal("cancel", last_verb(&s));
	assert_string_equal("the operation that it shows does not take place",
			    s.reason);
}

static void nobody_watches_without_consent_to_it(void **state)
{
	const char *operation = guided(DESK_MONDAY + 2 * HOUR);
	struct msg_session s = showing(operation);
	struct consenting at = consenting(s.code, CONSENT_BROADCAST);

	(void)state;
	desk.house.scratch.now = s.from;
	desk_consent(&desk, &one, operation, CONSENT_TREATMENT);
	assert_int_equal(RC_RULE, starts(s.code));
	/* it is said of the operation, whose patient's it is */
	assert_int_equal(RC_STATE, desk_do(&desk, &up, consent_step, &at));
	desk_consent(&desk, &one, operation, CONSENT_BROADCAST);
	assert_int_equal(RC_OK, starts(s.code));
}

static enum rc finish_step(struct work *w, void *arg)
{
	struct starting *s = arg;

	return work_booking_finish(w, s->code, &s->out);
}

static void what_is_watched_ends_with_the_operation(void **state)
{
	const char *operation = guided(DESK_MONDAY + 2 * HOUR);
	struct msg_session s = showing(operation), late = showing(operation);
	struct starting over = {.code = operation};
	struct shift to = shift(operation, DESK_MONDAY + 6 * HOUR);
	const struct msg_event *told;

	(void)state;
	assert_int_equal(RC_OK, joins(&two, s.code, 4, NULL));
	desk_consent(&desk, &one, operation, CONSENT_TREATMENT);
	desk_consent(&desk, &one, operation, CONSENT_BROADCAST);
	desk.house.scratch.now = s.from;
	assert_int_equal(RC_OK, starts(s.code));
	/* what is watched already is not carried away */
	assert_int_equal(RC_OK, desk_do(&desk, &one, move_step, &to));
	assert_int_equal(DESK_MONDAY + 2 * HOUR, look(&up, s.code).from);
	assert_int_equal(DESK_MONDAY + 6 * HOUR, look(&up, late.code).from);
	desk.house.scratch.now = to.in.at;
	scratch_run(desk.house.db, "UPDATE booking SET status = 'started'"
				   " WHERE kind = 'surgical-guidance'");
	desk.house.scratch.now += HOUR;
	assert_int_equal(RC_OK, desk_do(&desk, &up, finish_step, &over));
	s = look(&two, s.code);
	assert_int_equal(BOOKING_FULFILLED, s.status);
	assert_string_equal("finish", last_verb(&s));
	told = s.history.v;
	assert_string_equal("the operation that it shows is over",
			    told[s.history.n - 1].reason);
	/* it was not said of this one that it began: people say what was */
	assert_int_equal(BOOKING_BOOKED, look(&up, late.code).status);
}

static void the_leads_own_operation_is_shown_as_well(void **state)
{
	struct doing d =
		session(KIND_SURGERY_DEMONSTRATION, DESK_MONDAY + 2 * HOUR);
	const char *with[] = {"up/or"};

	(void)state;
	d.in.with = (struct field_strs){with, 1};
	struct msg_session s = made(d);

	assert_int_equal(2, s.with.n);
	desk.house.scratch.now = s.from;
	assert_int_equal(RC_RULE, starts(s.code));
	desk_consent(&desk, &up, s.code, CONSENT_BROADCAST);
	assert_int_equal(RC_OK, starts(s.code));
	/* the operator and the room are taken */
	d.in.at += HOUR;
	assert_int_equal(RC_REFUSED, desk_do(&desk, &up, make_step, &d));
}

static void what_is_said_wrong_is_said_back(void **state)
{
	struct doing d = session(KIND_TEACHING_ROUND, FIELD_NONE);

	(void)state;
	assert_int_equal(RC_INVALID, desk_do(&desk, &up, make_step, &d));
	d = session(KIND_REMOTE_CONSULTATION, DESK_MONDAY + HOUR);
	assert_int_equal(RC_INVALID, desk_do(&desk, &up, make_step, &d));
	d = session(KIND_TEACHING_ROUND, DESK_MONDAY + HOUR);
	d.in.seats_per_site = 11;
	assert_int_equal(RC_INVALID, desk_do(&desk, &up, make_step, &d));
	d = session(KIND_TEACHING_ROUND, DESK_MONDAY + HOUR);
	assert_int_equal(RC_INVALID, desk_do(&desk, &one, make_step, &d));
	d = session(KIND_SURGERY_DEMONSTRATION, FIELD_NONE);
	d.in.shows = guided(DESK_MONDAY + 2 * HOUR);
	assert_int_equal(RC_INVALID, desk_do(&desk, &up, make_step, &d));
	d.in.expert = NULL;
	d.in.shows = "00000000";
	assert_int_equal(RC_INVALID, desk_do(&desk, &up, make_step, &d));
}

/* --- again and again --- */

struct again {
	struct msg_series_new in;
	struct msg_session_new first;
	struct msg_series out;
};

static enum rc again_step(struct work *w, void *arg)
{
	struct again *a = arg;

	a->in.session = &a->first;
	return work_series_make(w, &a->in, &a->out);
}

static void a_round_every_week(void **state)
{
	struct again a = {.first =
				  session(KIND_TEACHING_ROUND, DESK_MONDAY).in};

	(void)state;
	proto_clear(&msg_series_new_table, &a.in);
	a.in.rrule = "FREQ=WEEKLY;COUNT=3";
	assert_int_equal(RC_FORBIDDEN, desk_do(&desk, &one, again_step, &a));
	assert_int_equal(RC_OK, desk_do(&desk, &up, again_step, &a));
	assert_int_equal(3, a.out.done);
	assert_int_equal(3, desk_count(&desk, "SELECT count(*) FROM session"));
	/* There is one at that time already: none of them is made. */
	assert_int_equal(RC_REFUSED, desk_do(&desk, &up, again_step, &a));
	assert_int_equal(3, desk_count(&desk, "SELECT count(*) FROM session"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(a_round_is_joined_by_those_who_may),
		T(the_database_refuses_the_seat_too_many),
		T(beyond_an_agreement_nobody_joins),
		T(attendance_is_said_by_a_person),
		T(what_was_not_begun_is_left_as_it_is_afterwards),
		T(an_auditor_reads_the_numbers_and_not_the_words),
		T(what_is_shown_takes_its_demonstration_along),
		T(nobody_watches_without_consent_to_it),
		T(what_is_watched_ends_with_the_operation),
		T(the_leads_own_operation_is_shown_as_well),
		T(what_is_said_wrong_is_said_back),
		T(a_round_every_week),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
