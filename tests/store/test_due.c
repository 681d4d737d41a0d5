/* What falls due: in its order, all of it, once; and a step that fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/main/due.h"
#include "daemon/stat/stat.h"
#include "tests/support/desk.h"

#define HOUR 3600

static struct desk desk;
static struct executor *ex;
static struct due due;

static int64_t now(void)
{
	return desk.house.scratch.now;
}

static int set_up(void **state)
{
	(void)state;
	desk_begin(&desk);
	stat_clear();
	return 0;
}

/* From then on the house only looks: the log's end is the executor's. */
static void start(void)
{
	struct err err = ERR_INIT;

	assert_int_equal(executor_new(&desk.house.scratch.env, &ex, &err),
			 RC_OK);
	assert_int_equal(due_init(&due, ex, &desk.house.scratch.env, &err),
			 RC_OK);
}

static void stop(void)
{
	executor_stop(ex);
	due_fini(&due);
	executor_free(ex);
}

static int tear_down(void **state)
{
	(void)state;
	desk_end(&desk);
	return 0;
}

/* One look of the main thread, and what the writer makes of it: how many of
 * its batches had something to do. */
static unsigned turn(void)
{
	unsigned n = 0;

	due_turn(&due);
	while (executor_step(ex) > 0)
		n++;
	return n;
}

static const char *submit(const char *patient)
{
	struct ask_for a = ask_for("liaoyang-central", patient);

	a.in.urgency = URGENCY_URGENT;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, submit_step, &a));
	return a.out.code;
}

static void submit_many(int n)
{
	char patient[16];

	for (int i = 0; i < n; i++) {
		snprintf(patient, sizeof(patient), "P-%d", i);
		submit(patient);
	}
}

static int64_t number(const char *sql)
{
	return desk_count(&desk, sql);
}

#define REMINDED "SELECT count(*) FROM event WHERE verb = 'remind'"

static void the_writer_hears_of_nothing_else(void **state)
{
	(void)state;
	submit("P-1");
	start();
	turn(); /* of the agreements something may be due from the first */
	assert_int_equal(turn(), 0);
	assert_int_equal(stat_get(STAT_DUE_DONE, 0, 0), now());
	desk.house.scratch.now += 15 * 60 - 1;
	assert_int_equal(turn(), 0);
	assert_int_equal(stat_get(STAT_DUE_DONE, 0, 0), now());
	desk.house.scratch.now++;
	assert_int_equal(turn(), 1);
	assert_int_equal(number(REMINDED), 1);
	assert_int_equal(stat_get(STAT_DUE_DONE, 0, 0), now() - 1);
	assert_int_equal(turn(), 0);
	assert_int_equal(stat_get(STAT_DUE_DONE, 0, 0), now());
	stop();
}

/* At once, as many batches as it takes. */
static void all_of_it_at_once(void **state)
{
	(void)state;
	submit_many(STEPS_AT_ONCE + 3);
	start();
	desk.house.scratch.now += 15 * 60;
	assert_int_equal(turn(), 2);
	assert_int_equal(number(REMINDED), STEPS_AT_ONCE + 3);
	desk.house.scratch.now += 1000 * HOUR;
	turn();
	assert_int_equal(number("SELECT count(*) FROM due WHERE what IN"
				" ('answer', 'begin')"),
			 0);
	/* Of each request 50 and 80, and 100 and 200, of answer and start. */
	assert_int_equal(number(REMINDED), 4 * (STEPS_AT_ONCE + 3));
	assert_int_equal(number("SELECT count(*) FROM event WHERE verb ="
				" 'escalate' AND thing = 'request'"),
			 4 * (STEPS_AT_ONCE + 3));
	stop();
}

static void let_fail(const char *what)
{
	char sql[256];

	snprintf(sql, sizeof(sql),
		 "CREATE TRIGGER broken BEFORE INSERT ON event WHEN %s"
		 " BEGIN SELECT RAISE(ABORT, 'broken'); END",
		 what);
	scratch_run(desk.house.db, sql);
}

/* One step of many cannot be done: the others are, it waits, ever longer, and
 * is done in the end, once. */
static void one_that_fails_is_put_off_alone(void **state)
{
	int64_t due_at;

	(void)state;
	submit_many(10);
	let_fail("NEW.verb = 'remind' AND NEW.id = 4");
	start();
	desk.house.scratch.now += 15 * 60;
	due_at = now();
	turn();
	assert_int_equal(number(REMINDED), 9);
	assert_int_equal(turn(), 0);
	assert_int_equal(number("SELECT count(*) FROM due WHERE failed > 0"),
			 1);
	assert_int_equal(number("SELECT thing_id FROM due WHERE failed = 1"),
			 4);
	/* after one minute, two, four ... an hour at most */
	for (int64_t wait = 60, i = 0; i < 8; i++) {
		assert_int_equal(
			number("SELECT try_at FROM due WHERE failed > 0"),
			now() + wait);
		assert_int_equal(number("SELECT at FROM due WHERE failed > 0"),
				 due_at);
		desk.house.scratch.now += wait - 1;
		turn();
		assert_int_equal(
			number("SELECT failed FROM due WHERE failed > 0"),
			i + 1);
		desk.house.scratch.now++;
		turn();
		assert_int_equal(
			number("SELECT failed FROM due WHERE failed > 0"),
			i + 2);
		wait = wait * 2 > HOUR ? HOUR : wait * 2;
	}
	assert_int_equal(number("SELECT count(*) FROM event WHERE verb ="
				" 'remind' AND id = 4"),
			 0);
	scratch_run(desk.house.db, "DROP TRIGGER broken");
	desk.house.scratch.now += HOUR;
	turn();
	assert_int_equal(number("SELECT count(*) FROM due WHERE failed > 0"),
			 0);
	assert_int_equal(number("SELECT count(*) FROM event WHERE verb ="
				" 'remind' AND id = 4"),
			 2);
	stop();
}

/* Several at once, and the process ends between: nothing is lost. */
static void many_fail_and_it_starts_anew(void **state)
{
	(void)state;
	submit_many(30);
	let_fail("NEW.verb = 'remind' AND NEW.id % 3 = 0");
	start();
	desk.house.scratch.now += 15 * 60;
	turn();
	stop();
	start();
	assert_int_equal(turn(), 0);
	assert_int_equal(number(REMINDED), 20);
	assert_int_equal(number("SELECT count(*) FROM due WHERE failed = 1"),
			 10);
	scratch_run(desk.house.db, "DROP TRIGGER broken");
	desk.house.scratch.now += 60;
	turn();
	assert_int_equal(number(REMINDED), 30);
	stop();
}

/* A hold that cannot end does not hold up the rest. */
static void a_hold_that_stays(void **state)
{
	const char *code = desk_accepted(&desk, &desk.one, "P-1");
	struct take t = take(code, DESK_MONDAY, true);

	(void)state;
	desk.house.scratch.now = DESK_MONDAY - 48 * HOUR;
	t.in.expert = "coronary-1";
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, take_step, &t));
	submit("P-2");
	let_fail("NEW.verb = 'lapse'");
	start();
	desk.house.scratch.now += 15 * 60;
	turn();
	assert_true(number(REMINDED) > 0);
	assert_int_equal(number("SELECT count(*) FROM booking WHERE status ="
				" 'pending'"),
			 1);
	scratch_run(desk.house.db, "DROP TRIGGER broken");
	turn();
	assert_int_equal(number("SELECT count(*) FROM booking WHERE status ="
				" 'lapsed'"),
			 1);
	stop();
}

/* In place of the one before it, which is forgotten, its failures too. */
static enum rc put_step(struct work *w, void *arg)
{
	struct due_row row = {.at = w->tx->now + 100,
			      .what = DUE_ANSWER,
			      .thing = THING_REQUEST,
			      .thing_id = 77,
			      .step = 1};
	struct due_row found;
	int64_t try_at;
	enum rc rc = due_put(w->tx, &row, &w->err);

	(void)arg;
	row.step = 2;
	row.at += 5;
	if (rc == RC_OK)
		rc = due_find(w->tx, DUE_ANSWER, THING_REQUEST, 77, &found,
			      &w->err);
	if (rc == RC_OK)
		rc = due_put_off(w->tx, &found, &try_at, &w->err);
	if (rc == RC_OK)
		rc = due_put(w->tx, &row, &w->err);
	if (rc == RC_OK)
		rc = due_find(w->tx, DUE_ANSWER, THING_REQUEST, 77, &found,
			      &w->err);
	assert_int_equal(found.step, 2);
	assert_int_equal(found.failed, 0);
	assert_int_equal(found.at, row.at);
	if (rc == RC_OK)
		rc = due_drop_all(w->tx, THING_REQUEST, 77, &w->err);
	assert_int_equal(
		due_find(w->tx, DUE_ANSWER, THING_REQUEST, 77, &found, &w->err),
		RC_NOT_FOUND);
	return rc;
}

static void one_for_each_thing_and_purpose(void **state)
{
	(void)state;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, put_step, NULL));
	assert_int_equal(
		number("SELECT count(*) FROM due WHERE thing_id = 77 AND"
		       " what = 'answer'"),
		0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(the_writer_hears_of_nothing_else),
		TEST(all_of_it_at_once),
		TEST(one_that_fails_is_put_off_alone),
		TEST(many_fail_and_it_starts_anew),
		TEST(a_hold_that_stays),
		TEST(one_for_each_thing_and_purpose),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
