/* The ways of an expert between two rooms of a partner, in the store: they are
 * where the sessions that stand ask for them, and in nobody's way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "tests/support/desk.h"

#define MINUTE 60

/* Monday 2027-01-18 08:00 UTC. */
static const int64_t monday = 1800000000 + 3 * (int64_t)CIVIL_DAY;

/* From 8:00 to 10:00 in room a, from 9:20 to 11:00 in room b, 20 minutes from
 * it; where both are open a is taken. */
static const char network[] =
	"{'version':1,'limit_sets':{},"
	"'sites':[{'id':'lead','name':'l','time_zone':'UTC'},"
	"{'id':'far','name':'f','time_zone':'UTC'}],"
	"'agreements':[{'id':'a','lead':'lead','partner':'far',"
	"'valid_from':'2022-01-01','valid_to':'2035-12-31',"
	"'kinds':['onsite-procedure']}],"
	"'resources':[{'id':'far/a','name':'a','type':'ward','capacity':1},"
	"{'id':'far/b','name':'b','type':'ward','capacity':1}],"
	"'experts':[{'id':'e','name':'e','home':'lead',"
	"'independent_since':'1995-08-01','specialties':['coronary'],"
	"'kinds':['onsite-procedure']}],"
	"'transfers':[{'from':'far/a','to':'far/b','minutes':20}],"
	"'availability':[{'of':'e','rrule':'FREQ=DAILY','at':'far/a',"
	"'start':'2027-01-01T08:00','end':'2027-01-01T10:00',"
	"'time_zone':'UTC','kinds':['onsite-procedure']},"
	"{'of':'e','rrule':'FREQ=DAILY','at':'far/b',"
	"'start':'2027-01-01T09:20','end':'2027-01-01T11:00',"
	"'time_zone':'UTC','kinds':['onsite-procedure']}]}";

static struct desk desk;

static int set_up(void **state)
{
	char *text = strdup(network);

	(void)state;
	for (char *c = text; *c; c++)
		if (*c == '\'')
			*c = '"';
	house_begin_with(&desk.house, text, strlen(text));
	free(text);
	desk.one =
		house_person(&desk.house, ROLE_SITE_COORDINATOR, "far", NULL);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	house_end(&desk.house);
	return 0;
}

static struct take procedure(int64_t minutes, int64_t long_for)
{
	struct take t = take(NULL, monday + minutes * MINUTE, false);

	t.in.kind = KIND_ONSITE_PROCEDURE;
	t.in.expert = "e";
	t.in.duration_minutes = long_for;
	return t;
}

/* A patient of their own each. */
static const char *taken(struct take t)
{
	static const char *const ids[] = {"P-1", "P-2", "P-3", "P-4", "P-5"};
	static size_t next;
	struct msg_patient patient = {.local_id = ids[next++ % 5],
				      .name = "Canary Zhang"};

	t.in.patient = &patient;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, take_step, &t));
	return t.out.code;
}

static const char *held(int64_t minutes, int64_t long_for, int64_t hold)
{
	struct take t = procedure(minutes, long_for);

	t.hold = true;
	t.in.hold_minutes = hold;
	return taken(t);
}

/* How many ways there are, and when the first begins: minutes after 8:00. */
static int64_t ways(void)
{
	return desk_count(&desk, "SELECT count(*) FROM claim"
				 " WHERE role = 'transfer'");
}

static int64_t way_from(void)
{
	return (desk_count(&desk, "SELECT min(from_time) FROM claim"
				  " WHERE role = 'transfer'") -
		monday) /
	       MINUTE;
}

/* What lapses together goes one after the other: the way that is found when
 * the first has gone does not lead through the second. */
static void two_holds_lapse_together(void **state)
{
	(void)state;
	(void)taken(procedure(0, 30));
	(void)held(60, 20, 5);
	(void)held(140, 20, 6);
	(void)taken(procedure(160, 20));
	/* the way is to the second hold, right before it */
	assert_int_equal(1, ways());
	assert_int_equal(120, way_from());
	desk.house.scratch.now += 6 * MINUTE;
	(void)taken(procedure(90, 20));
	assert_int_equal(2, desk_count(&desk, "SELECT count(*) FROM booking"
					      " WHERE status = 'lapsed'"));
	/* now it is to the session after it */
	assert_int_equal(1, ways());
	assert_int_equal(140, way_from());
}

/* The next day's session begins less than a day after the end of one that is
 * cancelled, but more than a day after its start. */
static void a_day_after_what_went(void **state)
{
	struct on on = {.reason = {.reason = "another time"}};

	(void)state;
	on.code = taken(procedure(100, 80));
	(void)taken(procedure(1440 + 105, 10));
	assert_int_equal(1, ways());
	assert_int_equal(1440 + 85, way_from());
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, cancel_step, &on));
	assert_int_equal(0, ways());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(two_holds_lapse_together,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_day_after_what_went, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
