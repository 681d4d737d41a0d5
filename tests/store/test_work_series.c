/*
 * Series of bookings: made, moved and cancelled, all or as far as possible, at
 * a lead whose clocks change on 28 March 2027.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "base/civil.h"
#include "base/log.h"
#include "daemon/work/series.h"
#include "tests/support/desk.h"
#include "tests/support/failing.h"

#define HOUR 3600
#define WEEK (7 * (int64_t)86400)

/* The laboratory is open every day, from March to June five procedures a month.
 * 5 and 6 April 2027 are off, and Saturday the tenth works as a Monday. */
static const char network[] =
	"{\"version\":1,\"calendars\":{\"de\":{\"days_off\":[\"2027-04-05\","
	"\"2027-04-06\"],\"shifted_workdays\":[{\"date\":\"2027-04-10\","
	"\"works_as\":\"MO\"}]}},\"sites\":["
	"{\"id\":\"up\",\"name\":\"Up\",\"time_zone\":\"Europe/Berlin\","
	"\"calendar\":\"de\"},"
	"{\"id\":\"down\",\"name\":\"Down\",\"time_zone\":\"Europe/Berlin\"},"
	"{\"id\":\"side\",\"name\":\"Side\",\"time_zone\":\"Europe/Berlin\"}],"
	"\"agreements\":[{\"id\":\"a\",\"lead\":\"up\",\"partner\":\"down\","
	"\"valid_from\":\"2026-01-01\",\"valid_to\":\"2027-06-30\","
	"\"kinds\":[\"onsite-procedure\"],\"specialties\":[\"heart\"],"
	"\"quota_per_month\":{\"onsite-procedure\":5},"
	"\"partner_notice_minutes\":2880,\"late_change\":\"lead-only\","
	"\"min_independent_years\":0},"
	"{\"id\":\"b\",\"lead\":\"up\",\"partner\":\"side\","
	"\"valid_from\":\"2026-01-01\",\"valid_to\":\"2027-12-31\","
	"\"kinds\":[\"onsite-procedure\"],\"specialties\":[\"heart\"],"
	"\"min_independent_years\":0}],"
	"\"resources\":[{\"id\":\"down/lab\",\"name\":\"Lab\","
	"\"type\":\"operating-room\",\"capacity\":1}],"
	"\"experts\":[{\"id\":\"x-1\",\"name\":\"X\",\"home\":\"up\","
	"\"specialties\":[\"heart\"],\"kinds\":[\"onsite-procedure\"]},"
	"{\"id\":\"x-2\",\"name\":\"X\",\"home\":\"up\","
	"\"specialties\":[\"heart\"],\"kinds\":[\"onsite-procedure\"]}],"
	"\"availability\":[{\"of\":\"x-1\",\"rrule\":\"FREQ=DAILY\","
	"\"start\":\"2026-01-01T07:00\",\"end\":\"2026-01-01T20:00\","
	"\"time_zone\":\"Europe/Berlin\",\"at\":\"down/lab\","
	"\"kinds\":[\"onsite-procedure\"]}]}";

static struct desk desk; /* its house alone */
static struct principal up, down, side, doctor, other;

static int setup(void **state)
{
	(void)state;
	house_begin_with(&desk.house, network, strlen(network));
	up = house_person(&desk.house, ROLE_LEAD_COORDINATOR, "up", NULL);
	down = house_person(&desk.house, ROLE_SITE_COORDINATOR, "down", NULL);
	side = house_person(&desk.house, ROLE_SITE_COORDINATOR, "side", NULL);
	doctor = house_person(&desk.house, ROLE_EXPERT, "up", "x-1");
	other = house_person(&desk.house, ROLE_EXPERT, "up", "x-2");
	desk.house.scratch.now = civil_days(2027, 3, 1) * CIVIL_DAY;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	house_end(&desk.house);
	return 0;
}

/* The instant at which a clock in Berlin shows that. */
static int64_t wall(int month, int day, int hour)
{
	return civil_days(2027, month, day) * CIVIL_DAY + hour * HOUR -
	       (month > 3 || (month == 3 && day >= 28) ? 2 : 1) * HOUR;
}

/* --- steps --- */

struct repeat {
	struct msg_series_new in;
	struct msg_book book;
	struct msg_patient patient;
	struct msg_series out;
	struct series_sought sought;
	struct work w;
};

static struct repeat repeat(const char *rrule, int64_t at,
			    enum together together)
{
	struct repeat r = {.patient = {.local_id = "P-1", .name = "Canary"}};

	proto_clear(&msg_series_new_table, &r.in);
	proto_clear(&msg_book_table, &r.book);
	r.in.rrule = rrule;
	r.in.together = (int)together;
	r.book.kind = KIND_ONSITE_PROCEDURE;
	r.book.expert = "x-1";
	r.book.at = at;
	return r;
}

static enum rc make_step(struct work *w, void *arg)
{
	struct repeat *r = arg;

	r->in.booking = &r->book;
	r->book.patient = &r->patient;
	w->sought = r->sought.n ? &r->sought : NULL;
	return work_series_make(w, &r->in, &r->out);
}

static enum rc look_step(struct work *w, void *arg)
{
	struct repeat *r = arg;

	r->in.booking = &r->book;
	r->book.patient = &r->patient;
	return work_series_look(w, &r->in, &r->sought);
}

static enum rc make(struct repeat *r)
{
	return house_do(&desk.house, &down, WORK_MATCH_ANY, make_step, r,
			&r->w);
}

struct follow {
	const char *code;
	struct msg_series_move move;
	struct msg_series_cancel cancel;
	struct msg_series out;
	struct series_sought sought;
	struct work w;
};

static enum rc look_move_step(struct work *w, void *arg)
{
	struct follow *f = arg;

	return work_series_look_move(w, f->code, &f->move, &f->sought);
}

static enum rc follow_step(struct work *w, void *arg)
{
	struct follow *f = arg;

	w->sought = f->sought.n ? &f->sought : NULL;
	return f->cancel.reason
		       ? work_series_cancel(w, f->code, &f->cancel, &f->out)
		       : work_series_move(w, f->code, &f->move, &f->out);
}

static enum rc follow(struct follow *f, const struct principal *who)
{
	return house_do(&desk.house, who, WORK_MATCH_ANY, follow_step, f,
			&f->w);
}

struct look {
	const char *code;
	struct msg_series out;
};

static enum rc show_series_step(struct work *w, void *arg)
{
	struct look *l = arg;

	return work_series_show(w, l->code, &l->out);
}

static const struct msg_occurrence *day_of(const struct msg_series *s, size_t i)
{
	assert_true(i < s->occurrences.n);
	return (const struct msg_occurrence *)s->occurrences.v + i;
}

static struct msg_series shown(const char *code)
{
	struct look l = {.code = code};

	assert_int_equal(RC_OK, desk_do(&desk, &down, show_series_step, &l));
	return l.out;
}

static int64_t bookings(void)
{
	return desk_count(&desk, "SELECT count(*) FROM booking");
}

/* --- what is made --- */

static void each_keeps_its_wall_time(void **state)
{
	struct repeat r =
		repeat("FREQ=WEEKLY;COUNT=5", wall(3, 15, 9), TOGETHER_ALL);

	(void)state;
	assert_int_equal(RC_OK, make(&r));
	/* Monday the fifth is off, and the Saturday after it works as one. */
	static const int days[][2] = {{3, 15}, {3, 22}, {3, 29},
				      {4, 5},  {4, 10}, {4, 12}};

	assert_int_equal(6, r.out.occurrences.n);
	assert_int_equal(5, r.out.done);
	for (size_t i = 0; i < 6; i++) {
		const struct msg_occurrence *o = day_of(&r.out, i);

		assert_int_equal(wall(days[i][0], days[i][1], 9), o->planned);
		assert_int_equal(i == 3 ? OUTCOME_LEFT_OUT : OUTCOME_MADE,
				 o->outcome);
		if (o->booking)
			assert_int_equal(o->planned, o->from);
	}
	struct msg_series s = shown(r.out.code);

	assert_int_equal(6, s.occurrences.n);
	assert_string_equal(r.out.code, s.code);
	/* A booking knows its series. */
	struct on on = {.code = day_of(&s, 0)->booking,
			.booking = work_booking_show};

	assert_int_equal(RC_OK, desk_do(&desk, &down, booking_step, &on));
	assert_string_equal(s.code, on.b.series);
}

static void a_holiday_goes_to_the_next_working_day(void **state)
{
	struct repeat r =
		repeat("FREQ=WEEKLY;COUNT=2", wall(3, 30, 9), TOGETHER_ALL);

	(void)state;
	r.in.on_holiday = ON_HOLIDAY_NEXT_WORKING_DAY;
	assert_int_equal(RC_OK, make(&r));
	assert_int_equal(wall(4, 7, 9), day_of(&r.out, 1)->from);
	assert_int_equal(civil_days(2027, 4, 6), day_of(&r.out, 1)->day);
	assert_false(day_of(&r.out, 1)->apart);
}

/* --- all or nothing, or what is possible --- */

static void all_or_nothing_leaves_nothing(void **state)
{
	struct repeat r =
		repeat("FREQ=DAILY;COUNT=7", wall(3, 8, 9), TOGETHER_ALL);
	int64_t seq = desk.house.head.seq;

	(void)state;
	/* The month has five: the sixth and the seventh see those before. */
	assert_int_equal(RC_REFUSED, make(&r));
	assert_int_equal(2, r.w.occurrences.n);
	const struct msg_occurrence *failed = r.w.occurrences.v;

	assert_int_equal(6, failed[0].position);
	assert_int_equal(7, failed[1].position);
	for (int i = 0; i < 2; i++) {
		const struct msg_blocker *b = failed[i].blockers.v;

		assert_int_equal(1, failed[i].blockers.n);
		assert_int_equal(BLOCK_QUOTA, b->reason);
	}
	assert_int_equal(0, r.w.wish.agreement);
	assert_int_equal(seq, desk.house.head.seq);
	assert_int_equal(0, bookings());
	assert_int_equal(0, desk_count(&desk, "SELECT count(*) FROM claim"));
	assert_int_equal(0, desk_count(&desk, "SELECT count(*) FROM series"));
	assert_int_equal(0,
			 desk_count(&desk, "SELECT count(*) FROM occurrence"));
}

static void what_is_possible_is_made(void **state)
{
	struct take taken = take(NULL, wall(3, 16, 8), false);
	struct repeat r =
		repeat("FREQ=WEEKLY;COUNT=3", wall(3, 9, 9), TOGETHER_POSSIBLE);

	(void)state;
	taken.in.kind = KIND_ONSITE_PROCEDURE;
	taken.in.expert = "x-1";
	taken.in.patient =
		&(struct msg_patient){.local_id = "P-2", .name = "Another"};
	assert_int_equal(RC_OK, desk_do(&desk, &down, take_step, &taken));
	assert_int_equal(RC_OK, desk_do(&desk, &down, look_step, &r));
	assert_int_equal(RC_OK, make(&r));
	assert_int_equal(2, r.out.done);
	const struct msg_occurrence *skipped = day_of(&r.out, 1);
	const struct msg_slot *near = skipped->nearest.v;

	assert_int_equal(OUTCOME_SKIPPED, skipped->outcome);
	assert_null(skipped->booking);
	assert_true(skipped->blockers.n >= 1);
	assert_true(skipped->nearest.n >= 1);
	assert_true(near[0].from >= wall(3, 16, 7));
	assert_true(near[skipped->nearest.n - 1].from <= wall(3, 16, 11));
	struct msg_series s = shown(r.out.code);

	assert_int_equal(OUTCOME_SKIPPED, day_of(&s, 1)->outcome);
	/* Why, is known as long as the series is. */
	assert_non_null(strstr(day_of(&s, 1)->why,
			       "x-1 is taken by another session then"));
	assert_null(day_of(&s, 0)->why);
	/* Of none of them is anything made. */
	struct repeat none =
		repeat("FREQ=DAILY;COUNT=1", wall(3, 9, 9), TOGETHER_POSSIBLE);

	assert_int_equal(RC_REFUSED, make(&none));
	assert_int_equal(1, desk_count(&desk, "SELECT count(*) FROM series"));
}

static void what_is_wrong_with_it(void **state)
{
	struct repeat r =
		repeat("FREQ=WEEKLY", wall(3, 9, 9), TOGETHER_POSSIBLE);

	(void)state;
	assert_int_equal(RC_INVALID, make(&r));
	assert_string_equal("/rrule", r.w.faults.v[0].pointer);
	r = repeat("FREQ=WEEKLY;COUNT=2", wall(3, 9, 9), TOGETHER_ALL);
	r.book.kind = KIND_REMOTE_CONSULTATION;
	assert_int_equal(RC_INVALID, make(&r));
	assert_string_equal("/booking/kind", r.w.faults.v[0].pointer);
	r = repeat("FREQ=WEEKLY;COUNT=2", wall(3, 9, 9), TOGETHER_ALL);
	r.book.expert = "nobody";
	assert_int_equal(RC_INVALID, make(&r));
	assert_string_equal("/booking/expert", r.w.faults.v[0].pointer);
	/* Beyond the agreement's end, from one occurrence on. */
	r = repeat("FREQ=WEEKLY;COUNT=3", wall(6, 22, 9), TOGETHER_ALL);
	assert_int_equal(RC_REFUSED, make(&r));
	const struct msg_occurrence *failed = r.w.occurrences.v;

	assert_int_equal(1, r.w.occurrences.n);
	assert_int_equal(3, failed->position);
	assert_int_equal(0, bookings());
}

/* --- one of them, and those that follow --- */

static struct msg_series weekly(void)
{
	struct repeat r =
		repeat("FREQ=WEEKLY;COUNT=4", wall(3, 9, 9), TOGETHER_ALL);

	assert_int_equal(RC_OK, make(&r));
	assert_int_equal(4, r.out.done);
	return r.out;
}

static void one_goes_its_own_way(void **state)
{
	struct msg_series s = weekly();
	struct shift alone = shift(day_of(&s, 1)->booking, wall(3, 17, 15));
	struct on off = {.code = day_of(&s, 2)->booking,
			 .reason = {"feels better", -1}};

	(void)state;
	assert_int_equal(RC_OK, desk_do(&desk, &down, move_step, &alone));
	assert_int_equal(RC_OK, desk_do(&desk, &down, cancel_step, &off));
	s = shown(s.code);
	assert_true(day_of(&s, 1)->apart);
	assert_int_equal(wall(3, 16, 9), day_of(&s, 1)->planned);
	assert_int_equal(wall(3, 17, 15), day_of(&s, 1)->from);
	assert_int_equal(BOOKING_CANCELLED, day_of(&s, 2)->status);
	assert_false(day_of(&s, 3)->apart);
}

/* By a day and six hours, over the change of clocks and over one another. */
static void those_that_follow_move(void **state)
{
	struct repeat r = repeat("FREQ=DAILY;UNTIL=20270330", wall(3, 26, 9),
				 TOGETHER_ALL);

	(void)state;
	assert_int_equal(RC_OK, make(&r));
	assert_int_equal(5, r.out.done);
	struct shift alone = shift(day_of(&r.out, 3)->booking, wall(3, 29, 17));
	struct follow f = {.code = day_of(&r.out, 1)->booking,
			   .move = {wall(3, 28, 9), -1}};

	assert_int_equal(RC_OK, desk_do(&desk, &down, move_step, &alone));
	assert_int_equal(RC_OK, follow(&f, &down));
	assert_int_equal(3, f.out.done);
	assert_int_equal(OUTCOME_KEPT, day_of(&f.out, 2)->outcome);
	struct msg_series s = shown(r.out.code);
	const int64_t at[] = {wall(3, 26, 9), wall(3, 28, 9), wall(3, 29, 9),
			      wall(3, 29, 17), wall(3, 31, 9)};

	for (size_t i = 0; i < 5; i++) {
		const struct msg_occurrence *o = NULL;

		for (size_t k = 0; k < 5; k++)
			if (day_of(&s, k)->position == (int64_t)i + 1)
				o = day_of(&s, k);
		assert_non_null(o);
		assert_int_equal(at[i], o->from);
		assert_int_equal(i == 3, o->apart);
	}
	/* And back again. */
	f.move.at = wall(3, 27, 9);
	assert_int_equal(RC_OK, follow(&f, &down));
	s = shown(r.out.code);
	assert_int_equal(wall(3, 28, 9), day_of(&s, 2)->from);
}

/* Each of the near times would do. */
static void check_near(const struct msg_occurrence *o)
{
	const struct msg_slot *v = o->nearest.v;

	assert_true(o->nearest.n >= 1);
	for (size_t i = 0; i < o->nearest.n; i++) {
		struct shift s = shift(o->booking, v[i].from);

		assert_int_equal(RC_OK, desk_do(&desk, &down, move_step, &s));
	}
	struct shift back = shift(o->booking, o->from);

	assert_int_equal(RC_OK, desk_do(&desk, &down, move_step, &back));
}

static void all_of_them_or_none_move(void **state)
{
	struct msg_series s = weekly();
	struct repeat in_the_way =
		repeat("FREQ=DAILY;COUNT=1", wall(3, 24, 13), TOGETHER_ALL);
	struct follow f = {.code = day_of(&s, 1)->booking,
			   .move = {wall(3, 17, 13), TOGETHER_ALL}};

	(void)state;
	in_the_way.patient.local_id = "P-2";
	assert_int_equal(RC_OK, make(&in_the_way));
	assert_int_equal(RC_OK, desk_do(&desk, &down, look_move_step, &f));
	assert_int_equal(3, f.sought.n);
	assert_int_equal(0, f.sought.nearest[0].n); /* it is free */
	assert_int_equal(RC_REFUSED, follow(&f, &down));
	const struct msg_occurrence *failed = f.w.occurrences.v;

	assert_int_equal(1, f.w.occurrences.n);
	assert_int_equal(3, failed->position);
	assert_true(failed->blockers.n >= 1);
	assert_int_equal(wall(3, 24, 13), failed->tried);
	assert_int_equal(wall(3, 23, 9), failed->from);
	check_near(failed);
	s = shown(s.code);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(wall(3, 9 + 7 * (int)i, 9),
				 day_of(&s, i)->from);
	f.move.together = TOGETHER_POSSIBLE;
	assert_int_equal(RC_OK, follow(&f, &down));
	assert_int_equal(2, f.out.done);
	assert_int_equal(OUTCOME_KEPT, day_of(&f.out, 1)->outcome);
	assert_int_equal(wall(3, 24, 13), day_of(&f.out, 1)->tried);
	assert_int_equal(FIELD_NONE, day_of(&f.out, 1)->was);
	assert_int_equal(wall(3, 16, 9), day_of(&f.out, 0)->was);
	assert_int_equal(wall(3, 17, 13), day_of(&f.out, 0)->from);
	assert_int_equal(FIELD_NONE, day_of(&f.out, 0)->tried);
	s = shown(s.code);
	assert_int_equal(wall(3, 17, 13), day_of(&s, 1)->from);
	assert_int_equal(wall(3, 23, 9), day_of(&s, 2)->from);
	assert_int_equal(wall(3, 31, 13), day_of(&s, 3)->from);
}

/* Two days before its start a change is the lead's alone. */
static void those_that_follow_are_cancelled(void **state)
{
	struct msg_series s = weekly();
	struct follow f = {.code = day_of(&s, 0)->booking,
			   .cancel = {"moved away", -1, -1}};

	(void)state;
	desk.house.scratch.now = wall(3, 8, 9);
	assert_int_equal(RC_REFUSED, follow(&f, &down));
	const struct msg_occurrence *failed = f.w.occurrences.v;
	const struct msg_blocker *b = failed->blockers.v;

	assert_int_equal(1, f.w.occurrences.n);
	assert_int_equal(BLOCK_LATE_CHANGE, b->reason);
	f.cancel.together = TOGETHER_POSSIBLE;
	assert_int_equal(RC_OK, follow(&f, &down));
	assert_int_equal(3, f.out.done);
	assert_int_equal(OUTCOME_KEPT, day_of(&f.out, 0)->outcome);
	assert_int_equal(RC_OK, follow(&f, &up));
	assert_int_equal(0,
			 desk_count(&desk, "SELECT count(*) FROM booking WHERE"
					   " status = 'booked'"));
	assert_int_equal(RC_STATE, follow(&f, &up));
}

/* --- who sees it --- */

static void who_has_no_part_in_it_sees_nothing(void **state)
{
	struct msg_series s = weekly();
	struct look l = {.code = s.code};
	struct follow f = {.code = day_of(&s, 0)->booking,
			   .cancel = {"mine", -1, -1}};

	(void)state;
	assert_int_equal(RC_OK, desk_do(&desk, &up, show_series_step, &l));
	assert_int_equal(RC_OK, desk_do(&desk, &doctor, show_series_step, &l));
	assert_int_equal(4, l.out.occurrences.n);
	assert_int_equal(RC_NOT_FOUND,
			 desk_do(&desk, &side, show_series_step, &l));
	assert_int_equal(RC_NOT_FOUND,
			 desk_do(&desk, &other, show_series_step, &l));
	assert_int_equal(RC_NOT_FOUND, follow(&f, &side));
	assert_int_equal(RC_FORBIDDEN, follow(&f, &doctor));
}

/* --- a store that fails --- */

static void a_failure_anywhere_leaves_nothing(void **state)
{
	struct repeat r =
		repeat("FREQ=WEEKLY;COUNT=3", wall(3, 9, 9), TOGETHER_ALL);
	struct follow f = {.move = {wall(3, 10, 9), -1}};

	(void)state;
	failing_begin(&desk.house);
	failing_walk(&desk.house,
		     &(struct failing_step){"make", &down, make_step, &r, RC_OK,
					    &msg_series_table, &r.out});
	f.code = day_of(&r.out, 0)->booking;
	failing_walk(&desk.house,
		     &(struct failing_step){"move", &down, follow_step, &f,
					    RC_OK, &msg_series_table, &f.out});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_keeps_its_wall_time, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			a_holiday_goes_to_the_next_working_day, setup,
			teardown),
		cmocka_unit_test_setup_teardown(all_or_nothing_leaves_nothing,
						setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_possible_is_made, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_is_wrong_with_it, setup,
						teardown),
		cmocka_unit_test_setup_teardown(one_goes_its_own_way, setup,
						teardown),
		cmocka_unit_test_setup_teardown(those_that_follow_move, setup,
						teardown),
		cmocka_unit_test_setup_teardown(all_of_them_or_none_move, setup,
						teardown),
		cmocka_unit_test_setup_teardown(those_that_follow_are_cancelled,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			who_has_no_part_in_it_sees_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_failure_anywhere_leaves_nothing, setup, teardown),
	};

	/* above the lowest level there is: a line for each failure otherwise */
	log_init(STDERR_FILENO, LOG_LVL_ERR - 1, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
