/*
 * Changes of rosters: tried and done, what they orphan, and how the orphans
 * leave the worklist again; the coronary expert goes away for nine months.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "daemon/work/orphans.h"
#include "daemon/work/rearrange.h"
#include "tests/support/desk.h"

#define HOUR 3600
#define DAY ((int64_t)86400)
#define MONDAY (DESK_MONDAY / DAY * DAY) /* 2027-01-18 in Shanghai */

static struct desk desk;

static int setup(void **state)
{
	(void)state;
	desk_begin(&desk);
	desk.house.scratch.now = DESK_MONDAY - 3 * DAY;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	desk_end(&desk);
	return 0;
}

/* --- steps --- */

struct change {
	struct msg_roster_changes in;
	struct msg_roster_change v[4];
	struct msg_roster_report out;
	bool dry;
};

static struct msg_roster_change one(enum roster_change what, const char *of)
{
	struct msg_roster_change c;

	proto_clear(&msg_roster_change_table, &c);
	c.change = (int)what;
	c.of = of;
	return c;
}

static enum rc change_step(struct work *w, void *arg)
{
	struct change *c = arg;

	return c->dry ? work_roster_plan(w, &c->in, &c->out)
		      : work_roster_change(w, &c->in, &c->out);
}

/* The first n of c.v. */
static enum rc change(struct change *c, const struct principal *who, size_t n,
		      bool dry, struct work *out_w)
{
	c->in.reason = "the roster";
	c->in.changes = (struct field_list){c->v, n};
	c->dry = dry;
	return house_do(&desk.house, who, WORK_MATCH_ANY, change_step, c,
			out_w);
}

static void changed(struct change *c, const struct principal *who)
{
	struct work w;

	assert_int_equal(RC_OK, change(c, who, 1, false, &w));
}

static enum rc orphans_step(struct work *w, void *arg)
{
	const struct msg_orphan_query in = {.moves = false};

	return work_orphan_list(w, &in, arg);
}

static size_t orphans(const struct principal *who)
{
	struct msg_orphan_list list;

	assert_int_equal(RC_OK, desk_do(&desk, who, orphans_step, &list));
	return list.items.n;
}

struct show {
	struct msg_roster_query in;
	struct msg_roster out;
};

static enum rc show_roster_step(struct work *w, void *arg)
{
	struct show *s = arg;

	return work_roster_show(w, &s->in, &s->out);
}

static struct msg_roster roster(const struct principal *who, const char *of)
{
	struct show s = {.in.of = of};

	assert_int_equal(RC_OK, desk_do(&desk, who, show_roster_step, &s));
	return s.out;
}

static enum rc visits_step(struct work *w, void *arg)
{
	const struct msg_visit_query in = {.over = false};

	return work_visit_list(w, &in, arg);
}

static size_t visits(const struct principal *who)
{
	struct msg_visit_list list;

	assert_int_equal(RC_OK, desk_do(&desk, who, visits_step, &list));
	return list.items.n;
}

static struct msg_booking booked(const struct principal *who, const char *name,
				 int64_t at)
{
	return desk_booked(&desk, who, desk_accepted(&desk, who, name), at);
}

static int64_t wall(int64_t day, int64_t hour)
{
	return (MONDAY / DAY + day) * DAY + hour * HOUR;
}

static struct msg_roster_change leave_of(int64_t day)
{
	struct msg_roster_change c = one(ROSTER_LEAVE, "coronary-1");

	c.from = wall(day, 0);
	c.to = wall(day + 1, 0);
	return c;
}

static bool has_reason(const struct field_list *blockers, enum block reason)
{
	const struct msg_blocker *v = blockers->v;

	for (size_t i = 0; i < blockers->n; i++)
		if (v[i].reason == (int)reason)
			return true;
	return false;
}

/* --- leave --- */

static void a_leave_is_tried_then_taken_then_taken_back(void **state)
{
	struct msg_booking b = booked(&desk.one, "P-1", DESK_MONDAY + 2 * DAY);
	struct change c = {.v = {leave_of(2)}};
	struct work w;

	(void)state;
	booked(&desk.two, "P-2", DESK_MONDAY);
	size_t leave = roster(&desk.lead, "coronary-1").leave.n;
	int64_t events = desk_count(&desk, "SELECT count(*) FROM event");

	assert_int_equal(RC_OK, change(&c, &desk.lead, 1, true, &w));
	assert_true(c.out.dry_run);
	assert_int_equal(1, c.out.orphaned);
	const struct msg_orphan *o = c.out.orphans.v;

	assert_string_equal(b.code, o->booking);
	assert_true(has_reason(&o->blockers, BLOCK_LEAVE));
	assert_int_equal(3, o->moves.n);
	for (size_t i = 0; i < o->moves.n; i++) {
		const struct msg_slot *s = (struct msg_slot *)o->moves.v + i;

		assert_int_equal(0, s->from >= DESK_MONDAY + 2 * DAY &&
					    s->from < DESK_MONDAY + 3 * DAY);
	}
	/* Nothing of it is there. */
	assert_int_equal(events,
			 desk_count(&desk, "SELECT count(*) FROM event"));
	assert_int_equal(leave, roster(&desk.lead, "coronary-1").leave.n);
	assert_int_equal(0, orphans(&desk.lead));

	changed(&c, &desk.lead);
	assert_int_equal(1, c.out.orphaned);
	assert_int_equal(leave + 1, roster(&desk.lead, "coronary-1").leave.n);
	assert_int_equal(1, orphans(&desk.lead));
	assert_int_equal(1, orphans(&desk.one));
	assert_int_equal(1, orphans(&desk.surgeon));
	assert_int_equal(0, orphans(&desk.two));
	assert_int_equal(1, desk_count(&desk, "SELECT count(*) FROM event"
					      " WHERE verb = 'orphan'"));
	/* Done twice, it is told once, and is a fault. */
	assert_int_equal(RC_INVALID, change(&c, &desk.lead, 1, false, &w));
	assert_string_equal("/changes/0/from", w.faults.v[0].pointer);

	c.v[0].change = ROSTER_END_LEAVE;
	c.v[0].to = FIELD_NONE;
	c.v[0].version = 0;
	assert_int_equal(RC_STALE, change(&c, &desk.lead, 1, false, &w));
	c.v[0].version = roster(&desk.lead, "coronary-1").version;
	changed(&c, &desk.lead);
	assert_int_equal(0, orphans(&desk.lead));
	assert_int_equal(0, desk_count(&desk, "SELECT count(*) FROM orphan"));
}

/* --- whose they are --- */

static enum rc try_as(const struct principal *who, struct msg_roster_change c,
		      struct work *w)
{
	struct change all = {.v = {c}};
	enum rc rc = change(&all, who, 1, true, w);

	assert_int_equal(rc, change(&all, who, 1, false, w));
	return rc;
}

static void each_changes_their_own(void **state)
{
	struct msg_roster_change c = leave_of(2);
	struct work w, x;

	(void)state;
	assert_int_equal(RC_INVALID, try_as(&desk.one, c, &w));
	c.of = "nobody-1";
	assert_int_equal(RC_INVALID, try_as(&desk.one, c, &x));
	assert_string_equal(w.faults.v[0].detail, x.faults.v[0].detail);
	c.of = "liaoyang-central/studio-1";
	assert_int_equal(RC_INVALID, try_as(&desk.lead, c, &w));
	assert_int_equal(RC_INVALID, try_as(&desk.other_lead, leave_of(2), &w));
	/* Each member has its place. */
	c = leave_of(2);
	c.number = 1;
	c.to = FIELD_NONE;
	assert_int_equal(RC_INVALID, try_as(&desk.lead, c, &w));
	assert_int_equal(2, w.faults.n);
	assert_string_equal("/changes/0/to", w.faults.v[0].pointer);
	assert_string_equal("/changes/0/number", w.faults.v[1].pointer);
	c = leave_of(2);
	c.time_zone = "Asia/Nowhere";
	assert_int_equal(RC_INVALID, try_as(&desk.lead, c, &w));
	assert_string_equal("/changes/0/time_zone", w.faults.v[0].pointer);
}

static void a_partner_closes_its_room(void **state)
{
	struct msg_booking b = booked(&desk.one, "P-1", DESK_MONDAY);
	struct msg_roster_change c = leave_of(0);
	struct change all = {.v = {c}};

	(void)state;
	all.v[0].of = "liaoyang-central/studio-1";
	changed(&all, &desk.one);
	assert_int_equal(1, all.out.orphaned);
	assert_string_equal(b.code,
			    ((struct msg_orphan *)all.out.orphans.v)->booking);
	/* It moves to another day: nothing is left. */
	struct shift s = shift(b.code, DESK_MONDAY + 2 * DAY);

	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, move_step, &s));
	assert_int_equal(0, orphans(&desk.one));
	assert_int_equal(0, orphans(&desk.lead));
}

/* --- calendars --- */

static void a_holiday_is_the_sites_own(void **state)
{
	struct change c = {.v = {one(ROSTER_DAYS, "anzhen")}};

	(void)state;
	booked(&desk.one, "P-1", DESK_MONDAY);
	c.v[0].first_day = MONDAY / DAY;
	c.v[0].works_as = "off";
	changed(&c, &desk.lead);
	assert_int_equal(1, c.out.orphaned);
	assert_string_equal(
		"cn-anzhen",
		((struct msg_roster_changed *)c.out.changed.v)->calendar);
	assert_int_equal(1, desk_count(&desk, "SELECT count(*) FROM site"
					      " WHERE calendar = 'cn-anzhen'"));
	assert_true(desk_count(&desk, "SELECT count(*) FROM calendar_day"
				      " WHERE calendar = 'cn-anzhen'") > 1);
	c.v[0].works_as = "usual";
	changed(&c, &desk.lead);
	assert_int_equal(0, orphans(&desk.lead));
	/* The Saturday works as the Monday. */
	c.v[0].first_day += 5;
	c.v[0].works_as = "MO";
	changed(&c, &desk.lead);
	booked(&desk.two, "P-2", DESK_MONDAY + 5 * DAY);
}

/* --- rules --- */

static void a_rule_ends_and_another_follows(void **state)
{
	struct msg_net_rule rule = {
		.rrule = "FREQ=WEEKLY;BYDAY=TU",
		.start = wall(8, 13),
		.end = wall(8, 17),
		.time_zone = "Asia/Shanghai",
		.at = "anzhen/studio-1",
		.slot_minutes = FIELD_NONE,
	};
	struct msg_net_rule elsewhere = rule, never = rule;
	struct change c = {.v = {one(ROSTER_EDIT_RULE, "coronary-1")}};
	struct work w;

	(void)state;
	elsewhere.at = "liaoyang-central/studio-1";
	never.rrule = "FREQ=NEVER";
	booked(&desk.one, "P-1", DESK_MONDAY);
	booked(&desk.one, "P-2", DESK_MONDAY + 7 * DAY);
	size_t n = roster(&desk.lead, "coronary-1").rules.n;

	c.v[0].number = 1;
	c.v[0].first_day = MONDAY / DAY + 7;
	c.v[0].rule = &elsewhere;
	assert_int_equal(RC_INVALID, change(&c, &desk.lead, 1, false, &w));
	assert_string_equal("/changes/0/rule/at", w.faults.v[0].pointer);
	c.v[0].rule = &never;
	assert_int_equal(RC_INVALID, change(&c, &desk.lead, 1, true, &w));
	assert_string_equal("/changes/0/rule/rrule", w.faults.v[0].pointer);
	c.v[0].rule = &rule;
	changed(&c, &desk.lead);
	/* What was before that day stays. */
	assert_int_equal(1, c.out.orphaned);
	struct msg_roster r = roster(&desk.lead, "coronary-1");
	const struct msg_net_rule *v = r.rules.v;

	assert_int_equal(n + 1, r.rules.n);
	assert_string_equal("FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20270124",
			    v[0].rrule);
	booked(&desk.one, "P-3", DESK_MONDAY + 8 * DAY + 5 * HOUR);
	/* Twice the same is none. */
	c.v[0] = one(ROSTER_RULE, "coronary-1");
	c.v[0].rule = &rule;
	rule.of = NULL;
	assert_int_equal(RC_INVALID, change(&c, &desk.lead, 1, false, &w));
	assert_string_equal("/changes", w.faults.v[0].pointer);
	/* From its first day on: it is gone. */
	c.v[0] = one(ROSTER_END_RULE, "coronary-1");
	c.v[0].number = (int64_t)n + 1;
	c.v[0].first_day = MONDAY / DAY + 8;
	changed(&c, &desk.lead);
	assert_int_equal(n, roster(&desk.lead, "coronary-1").rules.n);
	assert_int_equal(2, orphans(&desk.lead));
}

/* --- visits --- */

static struct msg_net_rule there[] = {
	{.rrule = "FREQ=WEEKLY;BYDAY=TU,TH",
	 .time_zone = "Asia/Shanghai",
	 .at = "liaoyang-central/cath-lab",
	 .kinds = KINDSET(KIND_ONSITE_PROCEDURE),
	 .slot_minutes = FIELD_NONE},
};

static struct msg_roster_change nine_months(void)
{
	struct msg_roster_change c = one(ROSTER_VISIT, "coronary-1");

	there[0].start = wall(8, 8);
	there[0].end = wall(8, 17);
	c.site = "liaoyang-central";
	c.first_day = MONDAY / DAY + 7;
	c.last_day = c.first_day + 270;
	c.availability = (struct field_list){there, 1};
	return c;
}

static void a_visit_is_refused_with_all_reasons(void **state)
{
	struct change c = {.v = {leave_of(40)}};
	struct work w;

	(void)state;
	changed(&c, &desk.lead);
	c.v[0] = nine_months();
	c.v[0].site = "cooperating-2";
	c.v[0].availability.n = 0;
	assert_int_equal(RC_RULE, change(&c, &desk.lead, 1, true, &w));
	assert_true(has_reason(&w.blockers, BLOCK_AGREEMENT_KIND));
	assert_true(has_reason(&w.blockers, BLOCK_LEAVE));
	assert_int_equal(2, w.blockers.n);
	/* The leave ends in the same list, before the visit is asked about. */
	c.v[0] = leave_of(40);
	c.v[0].change = ROSTER_END_LEAVE;
	c.v[0].to = FIELD_NONE;
	c.v[1] = nine_months();
	assert_int_equal(RC_OK, change(&c, &desk.lead, 2, false, &w));
	c.v[0] = nine_months();
	c.v[0].first_day += 100;
	c.v[0].last_day += 365 * 20;
	assert_int_equal(RC_RULE, change(&c, &desk.lead, 1, true, &w));
	assert_true(has_reason(&w.blockers, BLOCK_SECONDED));
	assert_true(has_reason(&w.blockers, BLOCK_AGREEMENT));
	c.v[0] = nine_months();
	c.v[0].site = "tiantan";
	assert_int_equal(RC_INVALID, change(&c, &desk.lead, 1, true, &w));
	struct work x;

	c.v[0].site = "nowhere";
	assert_int_equal(RC_INVALID, change(&c, &desk.lead, 1, true, &x));
	assert_string_equal(w.faults.v[0].detail, x.faults.v[0].detail);
}

static struct msg_booking procedure(const char *name, int64_t at, enum rc rc)
{
	struct msg_patient patient = {.local_id = name, .name = "X"};
	struct take t = take(NULL, at, false);

	t.in.kind = KIND_ONSITE_PROCEDURE;
	t.in.expert = "coronary-1";
	t.in.patient = &patient;
	assert_int_equal(rc, desk_do(&desk, &desk.one, take_step, &t));
	return t.out;
}

static void nine_months_away(void **state)
{
	struct msg_booking stays = booked(&desk.one, "P-1", DESK_MONDAY),
			   moves = booked(&desk.one, "P-2",
					  DESK_MONDAY + 7 * DAY),
			   ends = booked(&desk.two, "P-3",
					 DESK_MONDAY + 9 * DAY);
	struct change c = {.v = {nine_months()}};
	struct work w;

	(void)state;
	assert_int_equal(0, visits(&desk.one));
	assert_int_equal(RC_OK, change(&c, &desk.lead, 1, true, &w));
	assert_int_equal(2, c.out.orphaned);
	assert_int_equal(0, visits(&desk.one));
	changed(&c, &desk.lead);
	assert_int_equal(2, c.out.orphaned);
	assert_int_equal(1, visits(&desk.lead));
	assert_int_equal(1, visits(&desk.one));
	assert_int_equal(1, visits(&desk.surgeon));
	assert_int_equal(0, visits(&desk.two));
	assert_int_equal(2, orphans(&desk.lead));
	assert_int_equal(1, orphans(&desk.one));
	assert_int_equal(1, orphans(&desk.two));
	/* One by one, until the list is empty. */
	struct shift s = shift(moves.code, DESK_MONDAY + 2 * DAY);
	struct on on = {.code = ends.code, .reason.reason = "away"};

	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, move_step, &s));
	assert_int_equal(1, orphans(&desk.lead));
	assert_int_equal(RC_OK, desk_do(&desk, &desk.two, cancel_step, &on));
	assert_int_equal(0, orphans(&desk.lead));
	on = (struct on){.code = stays.code, .booking = work_booking_show};
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, booking_step, &on));
	assert_int_equal(DESK_MONDAY, on.b.from);

	/* There: procedures; from home nothing. */
	procedure("P-4", DESK_MONDAY + 8 * DAY, RC_OK);
	struct msg_booking last =
		procedure("P-5", DESK_MONDAY + 29 * DAY, RC_OK);
	struct take t = take(desk_accepted(&desk, &desk.two, "P-6"),
			     DESK_MONDAY + 14 * DAY, false);

	assert_int_equal(RC_REFUSED, desk_do(&desk, &desk.two, take_step, &t));

	/* Ended after four weeks: what came later is orphaned, and at home the
	 * old rules are back. */
	desk.house.scratch.now = DESK_MONDAY + 13 * DAY;
	c.v[0] = one(ROSTER_END_VISIT, "coronary-1");
	c.v[0].first_day = MONDAY / DAY + 7;
	assert_int_equal(RC_INVALID, change(&c, &desk.lead, 1, false, &w));
	c.v[0].last_day = MONDAY / DAY + 20;
	changed(&c, &desk.lead);
	assert_int_equal(1, c.out.orphaned);
	assert_string_equal(last.code,
			    ((struct msg_orphan *)c.out.orphans.v)->booking);
	booked(&desk.two, "P-7", DESK_MONDAY + 21 * DAY);
	/* Longer again: the orphan is none, and that one is. */
	c.v[0].last_day = MONDAY / DAY + 60;
	changed(&c, &desk.lead);
	assert_int_equal(1, orphans(&desk.lead));
	assert_int_equal(0, orphans(&desk.one));
	assert_int_equal(1, orphans(&desk.two));
}

static void what_began_is_no_orphan(void **state)
{
	struct change c = {.v = {leave_of(0)}};

	(void)state;
	booked(&desk.one, "P-1", DESK_MONDAY);
	changed(&c, &desk.lead);
	assert_int_equal(1, orphans(&desk.lead));
	desk.house.scratch.now = DESK_MONDAY + DAY;
	assert_int_equal(0, orphans(&desk.lead));
	c.v[0] = leave_of(10);
	changed(&c, &desk.lead);
	assert_int_equal(0, desk_count(&desk, "SELECT count(*) FROM orphan"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_leave_is_tried_then_taken_then_taken_back, setup,
			teardown),
		cmocka_unit_test_setup_teardown(each_changes_their_own, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_partner_closes_its_room,
						setup, teardown),
		cmocka_unit_test_setup_teardown(a_holiday_is_the_sites_own,
						setup, teardown),
		cmocka_unit_test_setup_teardown(a_rule_ends_and_another_follows,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_visit_is_refused_with_all_reasons, setup, teardown),
		cmocka_unit_test_setup_teardown(nine_months_away, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_began_is_no_orphan, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
