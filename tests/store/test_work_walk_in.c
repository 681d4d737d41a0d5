/* A free clinic: several experts at a partner's stations, and who walks in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/work/day.h"
#include "daemon/work/sessions.h"
#include "daemon/work/walk_in.h"
#include "tests/support/desk.h"

#define HOUR 3600

#define SITE(id)                                                               \
	"{\"id\":\"" id "\",\"name\":\"" id                                    \
	"\",\"time_zone\":\"Asia/Shanghai\"}"
#define STATION(id)                                                            \
	"{\"id\":\"" id "\",\"name\":\"" id                                    \
	"\",\"type\":\"station\",\"capacity\":1}"
#define DOCTOR(id)                                                             \
	"{\"id\":\"" id "\",\"name\":\"" id                                    \
	"\",\"home\":\"up\",\"specialties\":[\"heart\"],\"kinds\":["           \
	"\"free-clinic\"]}"
#define OPEN(of, at)                                                           \
	"{\"of\":\"" of "\",\"rrule\":\"FREQ=DAILY\",\"start\":"               \
	"\"2022-01-03T08:00\",\"end\":\"2022-01-03T20:00\",\"time_zone\":"     \
	"\"Asia/Shanghai\",\"kinds\":[\"free-clinic\"],\"at\":\"" at "\"}"
#define AGREED(id, partner)                                                    \
	"{\"id\":\"" id "\",\"lead\":\"up\",\"partner\":\"" partner            \
	"\",\"valid_from\":\"2026-01-01\",\"valid_to\":\"2028-12-31\","        \
	"\"kinds\":[\"free-clinic\"],\"specialties\":[\"heart\"],"             \
	"\"min_independent_years\":0}"

#define SITES SITE("up") "," SITE("one") "," SITE("two")
#define AGREEMENTS AGREED("a", "one") "," AGREED("b", "two")
#define STATIONS                                                               \
	STATION("one/s-1") "," STATION("one/s-2") "," STATION("one/s-3")
#define DOCTORS DOCTOR("x-1") "," DOCTOR("x-2")
#define OPENED OPEN("x-1", "one/s-1") "," OPEN("x-2", "one/s-2")

static const char network[] =
	"{\"version\":1,\"sites\":[" SITES "],\"agreements\":[" AGREEMENTS
	"],\"resources\":[" STATIONS "],\"experts\":[" DOCTORS
	"],\"availability\":[" OPENED "]}";

static struct desk desk; /* its house alone */
static struct principal up, one, two, second;

static int setup(void **state)
{
	struct house *h = &desk.house;

	(void)state;
	house_begin_with(h, network, strlen(network));
	up = house_person(h, ROLE_LEAD_COORDINATOR, "up", NULL);
	one = house_person(h, ROLE_SITE_COORDINATOR, "one", NULL);
	two = house_person(h, ROLE_SITE_COORDINATOR, "two", NULL);
	second = house_person(h, ROLE_EXPERT, "up", "x-2");
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
	struct msg_session out;
	struct msg_walk_in_new draw;
	struct msg_walk_in_call call;
	struct msg_walk_in_mark mark;
	struct msg_walk_in token;
	struct msg_walk_in_list list;
};

static enum rc make_step(struct work *w, void *arg)
{
	struct doing *d = arg;

	return work_session_make(w, &d->in, &d->out);
}

static enum rc look_step(struct work *w, void *arg)
{
	struct doing *d = arg;

	return work_session_show(w, d->code, &d->out);
}

static enum rc draw_step(struct work *w, void *arg)
{
	struct doing *d = arg;

	return work_walk_in_draw(w, d->code, &d->draw, &d->token);
}

static enum rc call_step(struct work *w, void *arg)
{
	struct doing *d = arg;

	return work_walk_in_call(w, d->code, &d->call, &d->token);
}

static enum rc mark_step(struct work *w, void *arg)
{
	struct doing *d = arg;

	return work_walk_in_mark(w, d->code, &d->mark, &d->token);
}

static enum rc list_step(struct work *w, void *arg)
{
	struct doing *d = arg;

	return work_walk_in_list(w, d->code, &d->list);
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

static const char *beside[] = {"x-2"};

static struct doing clinic(int64_t at)
{
	struct doing d = {0};

	proto_clear(&msg_session_new_table, &d.in);
	d.in.kind = KIND_FREE_CLINIC;
	d.in.title = "hearts";
	d.in.at = at;
	d.in.expert = "x-1";
	d.in.experts = (struct field_strs){beside, 1};
	d.in.site = "one";
	d.in.tokens = 3;
	return d;
}

static const char *made(int64_t at)
{
	struct doing d = clinic(at);

	assert_int_equal(RC_OK, desk_do(&desk, &up, make_step, &d));
	return d.out.code;
}

static enum rc draws(const char *code, const char *station, const char *name)
{
	struct doing d = {.code = code, .draw = {station, name}};

	return desk_do(&desk, &one, draw_step, &d);
}

static enum rc calls(const struct principal *who, const char *code,
		     const char *station, struct msg_walk_in *out)
{
	struct doing d = {.code = code, .call = {station}};
	enum rc rc = desk_do(&desk, who, call_step, &d);

	*out = d.token;
	return rc;
}

static enum rc marks(const char *code, int64_t number,
		     enum walk_in_state outcome)
{
	struct doing d = {.code = code, .mark = {number, (int)outcome}};

	return desk_do(&desk, &one, mark_step, &d);
}

static void begins(const char *code)
{
	struct starting s = {.code = code};

	assert_int_equal(RC_OK, desk_do(&desk, &one, start_step, &s));
}

/* --- what comes of it --- */

static void the_experts_come_to_stations_of_their_own(void **state)
{
	struct doing d = clinic(DESK_MONDAY + 2 * HOUR);

	(void)state;
	assert_int_equal(RC_OK, desk_do(&desk, &up, make_step, &d));
	assert_int_equal(2, d.out.experts.n);
	assert_int_equal(2, d.out.with.n);
	assert_string_equal("one", d.out.partner);
	d.code = d.out.code;
	assert_int_equal(RC_OK, desk_do(&desk, &one, look_step, &d));
	assert_int_equal(RC_OK, desk_do(&desk, &second, look_step, &d));
	/* it is at one partner: the other has no part in it */
	assert_int_equal(RC_NOT_FOUND, desk_do(&desk, &two, look_step, &d));
	assert_int_equal(RC_NOT_FOUND, desk_do(&desk, &two, list_step, &d));
	/* both are there all the time */
	beside[0] = "x-1";
	d = clinic(DESK_MONDAY + 4 * HOUR);
	d.in.expert = "x-2";
	assert_int_equal(RC_REFUSED, desk_do(&desk, &up, make_step, &d));
	beside[0] = "x-2";
	d = clinic(DESK_MONDAY + 26 * HOUR);
	d.in.site = NULL;
	assert_int_equal(RC_INVALID, desk_do(&desk, &up, make_step, &d));
	d = clinic(DESK_MONDAY + 26 * HOUR);
	d.in.seats = 3;
	assert_int_equal(RC_INVALID, desk_do(&desk, &up, make_step, &d));
}

static void numbers_are_drawn_called_and_seen(void **state)
{
	const char *code = made(DESK_MONDAY + 2 * HOUR);
	struct msg_walk_in t;
	struct doing d = {.code = code};

	(void)state;
	assert_int_equal(RC_OK, draws(code, "one/s-2", "Canary Zhang"));
	assert_int_equal(RC_OK, draws(code, NULL, NULL));
	assert_int_equal(RC_OK, draws(code, "one/s-1", NULL));
	assert_int_equal(RC_STATE, draws(code, NULL, NULL)); /* three */
	assert_int_equal(RC_INVALID, draws(code, "one/s-3", NULL));
	assert_int_equal(RC_STATE, calls(&one, code, "one/s-1", &t));
	begins(code);
	/* whom the station is for, or any; in the order of their numbers */
	assert_int_equal(RC_OK, calls(&one, code, "one/s-1", &t));
	assert_int_equal(2, t.number);
	assert_null(t.name);
	assert_int_equal(RC_OK, calls(&second, code, "one/s-2", &t));
	assert_int_equal(1, t.number);
	assert_string_equal("Canary Zhang", t.name);
	/* the same is called until they are marked */
	assert_int_equal(RC_OK, calls(&one, code, "one/s-2", &t));
	assert_int_equal(1, t.number);
	assert_int_equal(RC_STATE, marks(code, 3, WALK_IN_SEEN));
	assert_int_equal(RC_OK, marks(code, 2, WALK_IN_SEEN));
	assert_int_equal(RC_STATE, marks(code, 2, WALK_IN_GONE));
	assert_int_equal(RC_OK, marks(code, 3, WALK_IN_GONE));
	assert_int_equal(RC_INVALID, marks(code, 4, WALK_IN_GONE));
	assert_int_equal(RC_OK, desk_do(&desk, &one, list_step, &d));
	assert_int_equal(1, d.list.items.n);
	assert_int_equal(1, d.list.called);
	assert_int_equal(RC_OK, desk_do(&desk, &up, look_step, &d));
	assert_int_equal(1, d.out.seen);
	assert_int_equal(1, d.out.gone);
	assert_int_equal(0, d.out.waiting);
	/* a name is sealed */
	assert_int_equal(0, desk_count(&desk,
				       "SELECT count(*) FROM walk_in WHERE"
				       " instr(CAST(name AS TEXT), 'Canary')"));
}

static void the_database_holds_the_numbers(void **state)
{
	static const char *const tries[] = {
		"INSERT INTO walk_in (booking, number, state, drawn_at)"
		" SELECT booking, 4, 'waiting', 1 FROM session",
		"INSERT INTO walk_in (booking, number, state, drawn_at)"
		" SELECT booking, 3, 'waiting', 1 FROM session",
		"UPDATE walk_in SET number = 7",
		"UPDATE walk_in SET state = 'waiting'",
	};
	const char *code = made(DESK_MONDAY + 2 * HOUR);

	(void)state;
	assert_int_equal(RC_OK, draws(code, NULL, NULL));
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		struct err err = {0};

		assert_int_not_equal(RC_OK,
				     db_run(desk.house.db, tries[i], &err));
	}
}

static void on_another_day_nobody_draws(void **state)
{
	const char *code = made(DESK_MONDAY + 26 * HOUR);

	(void)state;
	assert_int_equal(RC_STATE, draws(code, NULL, NULL));
	desk.house.scratch.now += 24 * HOUR;
	assert_int_equal(RC_OK, draws(code, NULL, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(the_experts_come_to_stations_of_their_own),
		T(numbers_are_drawn_called_and_seen),
		T(the_database_holds_the_numbers),
		T(on_another_day_nobody_draws),
#undef T
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
