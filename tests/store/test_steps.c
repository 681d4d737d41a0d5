/*
 * What bookings and requests cost does not grow with how many there are: each
 * statement of each use case takes about as many steps in a store with many
 * bookings of one agreement as in one with few. A search along an index that is
 * wider than what it looks for is found so, which reads no whole table.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/desk.h"

#define FEW 40
#define MANY 2000
#define MINUTE 60
#define STATEMENTS 400

static const char network[] =
	"{\"version\":1,\"sites\":["
	"{\"id\":\"up\",\"name\":\"Up\",\"time_zone\":\"Asia/Shanghai\"},"
	"{\"id\":\"down\",\"name\":\"Down\",\"time_zone\":\"Asia/Shanghai\"}],"
	"\"agreements\":[{\"id\":\"a\",\"lead\":\"up\",\"partner\":\"down\","
	"\"valid_from\":\"2020-01-01\",\"valid_to\":\"2028-12-31\","
	"\"kinds\":[\"remote-consultation\",\"clinic-slot\"],"
	"\"quota_per_month\":{\"clinic-slot\":100},"
	"\"specialties\":[\"heart\"],\"min_independent_years\":0}],"
	"\"resources\":["
	"{\"id\":\"up/s\",\"name\":\"S\",\"type\":\"studio\",\"capacity\":2},"
	"{\"id\":\"up/c\",\"name\":\"C\",\"type\":\"clinic-room\","
	"\"capacity\":1},"
	"{\"id\":\"down/s\",\"name\":\"S\",\"type\":\"studio\","
	"\"capacity\":9}],"
	"\"experts\":["
	"{\"id\":\"x-1\",\"name\":\"X\",\"home\":\"up\","
	"\"specialties\":[\"heart\"],\"kinds\":[\"remote-consultation\","
	"\"clinic-slot\"]}],"
	"\"availability\":["
	"{\"of\":\"x-1\",\"rrule\":\"FREQ=DAILY\","
	"\"start\":\"2022-01-03T08:00\",\"end\":\"2022-01-03T16:00\","
	"\"time_zone\":\"Asia/Shanghai\",\"at\":\"up/c\","
	"\"kinds\":[\"clinic-slot\"],\"slot_minutes\":5},"
	"{\"of\":\"x-1\",\"rrule\":\"FREQ=DAILY\","
	"\"start\":\"2022-01-03T16:00\",\"end\":\"2022-01-03T20:00\","
	"\"time_zone\":\"Asia/Shanghai\"}]}";

/* Each with a patient of its own, the expert, the room and a request that was
 * closed; two a day, all in the past but every fiftieth, which is a year
 * ahead. $COUNT of them. */
static const char filling[] =
	"CREATE TEMP TABLE n AS WITH RECURSIVE"
	" c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < %d)"
	" SELECT i, CASE WHEN i %% 50 = 0 THEN %lld + (400 + i) * 86400"
	"  ELSE %lld - (60 + i / 2) * 86400 + i %% 2 * 3600 END AS at FROM c;"
	"INSERT INTO subject (id, type, slug, site, name)"
	" SELECT 10000 + i, 'patient', printf('p-%%032d', i),"
	"  (SELECT id FROM site WHERE slug = 'down'), '' FROM n;"
	"INSERT INTO request (id, code, agreement, lead, partner, kind, status,"
	" urgency, minutes, patient, papers, submitted_at, version)"
	" SELECT 1000 + i, printf('R%%07d', i), a.id, a.lead, a.partner,"
	"  'remote-consultation', 'closed', 'routine', 30, 10000 + i, x'00', "
	"at,"
	"  1 FROM n, agreement a;"
	"INSERT INTO booking (id, code, request, agreement, lead, partner, "
	"kind,"
	" status, expert, from_time, to_time, owner, owner_site, version,"
	" patient) SELECT 1000 + i, printf('B%%07d', i),"
	"  CASE WHEN i %% 2 THEN 1000 + i END, a.id, a.lead, a.partner,"
	"  CASE WHEN i %% 2 THEN 'remote-consultation' ELSE 'clinic-slot' END,"
	"  CASE WHEN i %% 50 THEN 'fulfilled' ELSE 'booked' END,"
	"  (SELECT id FROM subject WHERE slug = 'x-1'), at, at + 300,"
	"  (SELECT min(id) FROM identity), a.lead, 1, 10000 + i"
	" FROM n, agreement a;"
	"INSERT INTO claim (subject, from_time, to_time, booking, role)"
	" SELECT s.id, at, at + 300, 1000 + i,"
	"  CASE s.slug WHEN 'x-1' THEN 'expert' ELSE 'place' END"
	" FROM n, subject s WHERE s.slug IN ('x-1', 'up/c');"
	"INSERT INTO claim (subject, from_time, to_time, booking, role)"
	" SELECT 10000 + i, at, at + 300, 1000 + i, 'patient' FROM n;"
	"DROP TABLE n";

static struct desk desk; /* its house alone */
static struct principal up, down;

static void begin(int stored)
{
	const long long now = DESK_MONDAY;
	char sql[4096];

	house_begin_with(&desk.house, network, strlen(network));
	up = house_person(&desk.house, ROLE_LEAD_COORDINATOR, "up", NULL);
	down = house_person(&desk.house, ROLE_SITE_COORDINATOR, "down", NULL);
	desk.house.scratch.now = DESK_MONDAY; /* 08:00 */
	assert_in_range(snprintf(sql, sizeof(sql), filling, stored, now, now),
			1, sizeof(sql) - 1);
	assert_int_equal(RC_OK, db_script(desk.house.db, sql, NULL));
	house_forget(&desk.house);
}

/* --- what is counted --- */

struct efforts {
	struct db_effort v[STATEMENTS];
	size_t n;
};

static void enter(void *ctx, const struct db_effort *effort)
{
	struct efforts *all = ctx;

	assert_in_range(all->n, 0, STATEMENTS - 1);
	all->v[all->n++] = *effort;
}

static void forget(void *ctx, const struct db_effort *effort)
{
	(void)ctx;
	(void)effort;
}

static const struct db_effort *find(const struct efforts *all, const char *sql)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].sql == sql)
			return &all->v[i];
	return NULL;
}

static int64_t each(int64_t n, const struct db_effort *e)
{
	return n / e->runs;
}

/* As many and half as many more, and some: the indexes are no deeper, and what
 * is found is the same. */
static bool grew(int64_t few, int64_t many)
{
	return many > few + few / 2 + 20;
}

static size_t count_grown(const struct efforts *few, const struct efforts *many)
{
	size_t n = 0;

	for (size_t i = 0; i < many->n; i++) {
		const struct db_effort *m = &many->v[i];
		const struct db_effort *f = find(few, m->sql);

		if (!f || (!grew(each(f->steps, f), each(m->steps, m)) &&
			   !grew(each(f->walked, f), each(m->walked, m))))
			continue;
		n++;
		print_message("%lld steps a run for %lld, %lld walked for"
			      " %lld: %s\n",
			      (long long)each(m->steps, m),
			      (long long)each(f->steps, f),
			      (long long)each(m->walked, m),
			      (long long)each(f->walked, f), m->sql);
	}
	return n;
}

/* --- what is done --- */

static struct take place(const char *patient, int64_t at, bool hold)
{
	static struct msg_patient of;
	struct take t = take(NULL, at, hold);

	of = (struct msg_patient){.local_id = patient, .name = "X"};
	t.in.kind = KIND_CLINIC_SLOT;
	t.in.expert = "x-1";
	t.in.patient = &of;
	return t;
}

static const char *clinic(const char *patient, int64_t at, bool hold)
{
	struct take t = place(patient, at, hold);

	assert_int_equal(RC_OK, desk_do(&desk, &down, take_step, &t));
	return t.out.code;
}

/* Booked, again for the same, held and confirmed, moved, cancelled. */
static void use_places(void)
{
	const int64_t day = DESK_MONDAY + 86400;
	const char *one = clinic("P-1", day, false);
	struct shift m = shift(one, day + 15 * MINUTE);
	struct on held = {.booking = work_booking_confirm};
	struct on cancelled = {.code = one, .reason.reason = "no need"};

	clinic("P-1", day + 60 * MINUTE, false);
	held.code = clinic("P-2", day + 30 * MINUTE, true);
	assert_int_equal(RC_OK, desk_do(&desk, &down, booking_step, &held));
	assert_int_equal(RC_OK, desk_do(&desk, &down, move_step, &m));
	assert_int_equal(RC_OK, desk_do(&desk, &down, cancel_step, &cancelled));
}

/* Asked, accepted, booked, shown, moved, cancelled. */
static void use_request(void)
{
	const int64_t at = DESK_MONDAY + 86400 + 8 * 3600;
	struct ask_for a = ask_for("down", "P-3");
	struct on on = {.accept.duration_minutes = FIELD_NONE,
			.reason.reason = "no need"};

	a.in.specialty = "heart";
	a.in.expert = "x-1";
	assert_int_equal(RC_OK, desk_do(&desk, &down, submit_step, &a));
	on.code = a.out.code;
	assert_int_equal(RC_OK, desk_do(&desk, &up, accept_step, &on));

	struct take t = take(on.code, at, false);

	assert_int_equal(RC_OK, desk_do(&desk, &up, take_step, &t));
	assert_int_equal(RC_OK, desk_do(&desk, &down, show_step, &on));

	struct shift m = shift(t.out.code, at + 60 * MINUTE);

	assert_int_equal(RC_OK, desk_do(&desk, &up, move_step, &m));
	on.code = t.out.code;
	assert_int_equal(RC_OK, desk_do(&desk, &down, cancel_step, &on));
}

static void count(int stored, void (*use)(void), struct efforts *out)
{
	begin(stored);
	db_see_effort(desk.house.db, forget, NULL);
	use();
	out->n = 0;
	db_see_effort(desk.house.db, enter, out);
	house_end(&desk.house);
}

static void compare(void (*use)(void))
{
	static struct efforts few, many;

	count(FEW, use, &few);
	count(MANY, use, &many);
	assert_in_range(many.n, 20, STATEMENTS);
	assert_int_equal(0, count_grown(&few, &many));
}

static void a_booking_costs_what_it_is(void **state)
{
	(void)state;
	compare(use_places);
}

static void a_request_costs_what_it_is(void **state)
{
	(void)state;
	compare(use_request);
}

/* --- and would it be seen? --- */

/* Along the index of the agreement; and along none. */
static void walk(void)
{
	struct query q;

	query_begin(&q, desk.house.db,
		    "SELECT count(*) FROM booking WHERE agreement = 1"
		    " AND patient = 0");
	assert_true(query_row(&q));
	assert_int_equal(RC_OK, query_end(&q, NULL));
	query_begin(&q, desk.house.db,
		    "SELECT count(*) FROM booking WHERE sequence = 9");
	assert_true(query_row(&q));
	assert_int_equal(RC_OK, query_end(&q, NULL));
}

static void a_wide_search_is_seen(void **state)
{
	struct efforts few, many;

	(void)state;
	count(FEW, walk, &few);
	count(MANY, walk, &many);
	assert_int_equal(2, count_grown(&few, &many));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_booking_costs_what_it_is),
		cmocka_unit_test(a_request_costs_what_it_is),
		cmocka_unit_test(a_wide_search_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
