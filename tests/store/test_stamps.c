#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "daemon/store/calendar.h"
#include "daemon/store/event.h"
#include "daemon/store/executor.h"
#include "daemon/store/stamps.h"
#include "tests/support/desk.h"
#include "tests/support/lobby.h"

/* --- what the writer says, and when others see it --- */

static struct scratch scratch;
static struct executor *ex;

static struct stamps *stamps(void)
{
	return scratch.env.stamps;
}

/* What a job does, and what it and its answer saw. */
struct act {
	struct job job;
	const char *thing; /* of its event; NULL: none */
	int64_t subject;
	int row;  /* 0: none */
	bool end; /* throws the whole transaction away */
	enum rc answer;
	uint64_t own, all, here, here_after; /* while it ran */
	uint64_t told_own, told_all;	     /* as it was answered */
};

static enum rc act_run(struct job *job, struct tx *tx)
{
	struct act *a = (struct act *)job;
	const struct event event = {.actor = "system",
				    .thing = a->thing,
				    .verb = VERB_BOOK,
				    .request_id = "r"};
	struct query q;
	enum rc rc = RC_OK;

	a->here = stamps_all_of(tx);
	if (a->row) {
		query_begin(&q, tx->db, "INSERT INTO t (a) VALUES ($1)");
		query_int(&q, 1, a->row);
		rc = query_end(&q, NULL);
	}
	if (rc == RC_OK && a->thing)
		rc = event_append(tx, &event, NULL);
	if (a->subject)
		stamps_touch_subject(tx, a->subject);
	a->own = stamps_subject(stamps(), a->subject);
	a->all = stamps_all(stamps());
	a->here_after = stamps_all_of(tx);
	if (a->end)
		db_rollback(tx->db);
	return rc == RC_OK ? a->answer : rc;
}

static void act_done(struct job *job, enum rc outcome)
{
	struct act *a = (struct act *)job;

	assert_int_equal(outcome, a->answer);
	a->told_own = stamps_subject(stamps(), a->subject);
	a->told_all = stamps_all(stamps());
}

static void act(struct act *a)
{
	a->job = (struct job){act_run, act_done, a->job.undo};
	assert_true(executor_write(ex, &a->job));
	assert_int_equal(executor_step(ex), 1);
}

static int set_up(void **state)
{
	struct db *db;

	(void)state;
	scratch_begin(&scratch);
	db = scratch_open(&scratch);
	scratch_run(db, "CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT");
	db_close(db);
	return executor_new(&scratch.env, &ex, NULL) == RC_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	executor_stop(ex);
	executor_free(ex);
	scratch_end(&scratch);
	return 0;
}

/* Nothing is seen before the commit, everything before the answer. */
static void told_between_commit_and_answer(void **state)
{
	struct act one = {.thing = "booking", .subject = 7};
	struct act other = {.thing = "booking", .subject = 8};

	(void)state;
	act(&one);
	assert_int_equal(one.told_own, one.own + 1);
	assert_int_equal(one.told_all, one.all);
	act(&other);
	assert_int_equal(other.told_own, other.own + 1);
	assert_int_equal(stamps_subject(stamps(), 7), one.told_own);
	assert_int_equal(stamps_site(stamps(), 7), 1);
}

static void whatever_is_not_known_is_all(void **state)
{
	struct act import = {.thing = "network"};
	struct act untold = {.row = 1};
	struct act access = {0};

	(void)state;
	act(&import);
	assert_int_equal(import.told_all, import.all + 1);
	act(&untold);
	assert_int_equal(untold.told_all, untold.all + 1);
	act(&access);
	assert_int_equal(access.told_all, access.all);
}

static void lost(struct job *job, enum rc outcome)
{
	(void)job;
	assert_int_equal(outcome, RC_INTERNAL);
}

/* What the writer has kept in a job that was taken back was never true. */
static void the_writer_sees_its_own(void **state)
{
	struct act import = {.thing = "network", .answer = RC_RULE};
	struct act trial = {.thing = "network", .job.undo = true};
	struct act next = {.thing = "booking"};

	(void)state;
	act(&import);
	assert_true(import.here_after != import.here);
	act(&trial);
	assert_true(trial.here != import.here);
	assert_true(trial.here != import.here_after);
	assert_true(trial.here_after != trial.here);
	act(&next);
	assert_true(next.here != trial.here);
	assert_true(next.here != trial.here_after);
	assert_int_equal(next.here_after, next.here);
}

/* Nor what it kept in a batch that was lost with all of its jobs. */
static void the_writer_forgets_what_was_lost(void **state)
{
	struct act import = {.thing = "network"};
	struct act ruin = {.end = true, .answer = RC_INTERNAL};
	struct act next = {.thing = "booking"};

	(void)state;
	import.job = (struct job){act_run, lost, false};
	ruin.job = (struct job){act_run, act_done, false};
	assert_true(executor_write(ex, &import.job));
	assert_true(executor_write(ex, &ruin.job));
	assert_int_equal(executor_step(ex), 2);
	act(&next);
	assert_true(next.here != import.here);
	assert_true(next.here != import.here_after);
}

static enum rc touch_many(struct job *job, struct tx *tx)
{
	(void)job;
	for (int64_t i = 0; i < 100000; i += 17)
		stamps_touch_subject(tx, i);
	return RC_OK;
}

static void nothing_to_say(struct job *job, enum rc outcome)
{
	(void)job;
	assert_int_equal(outcome, RC_OK);
}

static void too_many_are_all_subjects(void **state)
{
	struct job job = {touch_many, nothing_to_say};

	(void)state;
	assert_true(executor_write(ex, &job));
	assert_int_equal(executor_step(ex), 1);
	for (int64_t id = 1; id < 70000; id += 7)
		assert_int_equal(stamps_subject(stamps(), id), 2);
}

/* Where nothing is kept nobody is told. */
static void without_stamps(void **state)
{
	struct store_env env = {0};
	struct tx tx = {.env = &env, .write = true};

	(void)state;
	stamps_touch_subject(&tx, 1);
	stamps_touch_site(&tx, 1);
	stamps_touch_all(&tx);
	stamps_job_begins(NULL);
	stamps_job_undone(NULL);
	stamps_publish(NULL);
	assert_int_equal(stamps_all_of(&tx), 0);
}

/* --- threads --- */

#define RACE_JOBS 1500
#define RACE_READERS 2

static atomic_int race_told; /* the number that was acknowledged last */
static atomic_bool race_over;

static enum rc race_run(struct job *job, struct tx *tx)
{
	(void)job;
	stamps_touch_subject(tx, 7);
	return db_run(tx->db, "UPDATE t SET a = a + 1", NULL);
}

static void race_done(struct job *job, enum rc outcome)
{
	(void)job;
	assert_int_equal(outcome, RC_OK);
	atomic_fetch_add(&race_told, 1);
}

/* Reads the number anew; false where what it read is not to be kept. */
static bool race_read(struct reader *reader, uint64_t *out_stamp, int *out)
{
	uint64_t published = stamps_published(stamps());
	struct query q;
	struct tx tx;

	assert_int_equal(reader_begin(reader, &tx, NULL), RC_OK);
	query_begin(&q, tx.db, "SELECT a FROM t");
	assert_true(query_row(&q));
	*out = (int)query_col_int(&q, 0);
	assert_int_equal(query_end(&q, NULL), RC_OK);
	*out_stamp = stamps_subject(stamps(), 7);
	reader_end(reader);
	return stamps_published(stamps()) == published;
}

static void *race(void *unused)
{
	struct reader *reader;
	bool kept = false;
	uint64_t stamp = 0;
	int have = 0;

	(void)unused;
	assert_int_equal(reader_new(&scratch.env, &reader, NULL), RC_OK);
	while (!atomic_load(&race_over)) {
		int told = atomic_load(&race_told);

		if (!kept || stamps_subject(stamps(), 7) != stamp)
			kept = race_read(reader, &stamp, &have);
		if (have < told)
			abort();
	}
	reader_free(reader);
	return NULL;
}

/* Whoever asks after an answer never has less than what was answered. */
static void nobody_is_behind(void **state)
{
	struct job jobs[RACE_JOBS];
	pthread_t readers[RACE_READERS];
	struct db *db = scratch_open(&scratch);

	(void)state;
	scratch_run(db, "INSERT INTO t VALUES (0)");
	db_close(db);
	assert_int_equal(executor_start(ex, NULL), RC_OK);
	for (size_t i = 0; i < RACE_READERS; i++)
		assert_int_equal(pthread_create(&readers[i], NULL, race, NULL),
				 0);
	for (size_t i = 0; i < RACE_JOBS; i++) {
		jobs[i] = (struct job){.run = race_run, .done = race_done};
		while (!executor_write(ex, &jobs[i]))
			sched_yield();
		if (i % 7 == 0) /* alone, or several in a batch */
			while (atomic_load(&race_told) < (int)i)
				sched_yield();
	}
	while (atomic_load(&race_told) < RACE_JOBS)
		sched_yield();
	atomic_store(&race_over, true);
	for (size_t i = 0; i < RACE_READERS; i++)
		pthread_join(readers[i], NULL);
}

/* --- what changes with each use case --- */

static struct desk desk;

static int set_up_desk(void **state)
{
	(void)state;
	desk_begin(&desk);
	desk.house.scratch.now = DESK_MONDAY;
	return 0;
}

static int tear_down_desk(void **state)
{
	(void)state;
	desk_end(&desk);
	return 0;
}

struct seen {
	uint64_t all, expert, studio, leads, asks;
};

static int64_t subject(const char *sql)
{
	return scratch_number(desk.house.db, sql);
}

static struct seen look(void)
{
	const struct stamps *s = desk.house.scratch.env.stamps;

	return (struct seen){
		stamps_all(s),
		stamps_subject(s, subject("SELECT id FROM subject WHERE slug ="
					  " 'coronary-1'")),
		stamps_subject(s, subject("SELECT id FROM subject WHERE slug ="
					  " 'anzhen/studio-1'")),
		stamps_site(s, subject("SELECT id FROM site WHERE slug ="
				       " 'anzhen'")),
		stamps_site(s, subject("SELECT id FROM site WHERE slug ="
				       " 'liaoyang-central'")),
	};
}

static void changes_plans(struct seen *before)
{
	struct seen now = look();

	assert_int_equal(now.all, before->all);
	assert_true(now.expert != before->expert);
	assert_true(now.studio != before->studio);
	assert_true(now.leads != before->leads);
	assert_true(now.asks != before->asks);
	*before = now;
}

static void each_step_of_a_booking(void **state)
{
	const char *request = desk_accepted(&desk, &desk.one, "p-1");
	struct seen seen = look();
	struct take hold = take(request, DESK_MONDAY + 7200, true);
	struct on on = {.booking = work_booking_confirm};
	struct shift later;

	(void)state;
	assert_int_equal(desk_do(&desk, &desk.one, take_step, &hold), RC_OK);
	changes_plans(&seen);
	on.code = hold.out.code;
	assert_int_equal(desk_do(&desk, &desk.one, booking_step, &on), RC_OK);
	changes_plans(&seen);
	later = shift(on.code, DESK_MONDAY + 9000);
	assert_int_equal(desk_do(&desk, &desk.one, move_step, &later), RC_OK);
	changes_plans(&seen);
	on.reason.reason = "no more";
	assert_int_equal(desk_do(&desk, &desk.one, cancel_step, &on), RC_OK);
	changes_plans(&seen);
	hold = take(request, DESK_MONDAY + 7200, true);
	assert_int_equal(desk_do(&desk, &desk.one, take_step, &hold), RC_OK);
	changes_plans(&seen);
	on = (struct on){.code = hold.out.code,
			 .booking = work_booking_release};
	assert_int_equal(desk_do(&desk, &desk.one, booking_step, &on), RC_OK);
	changes_plans(&seen);
}

static enum rc due_step(struct work *w, void *unused)
{
	(void)unused;
	return work_due(w->tx);
}

static void a_hold_that_lapses(void **state)
{
	const char *request = desk_accepted(&desk, &desk.one, "p-1");
	struct take hold = take(request, DESK_MONDAY + 7200, true);
	struct seen seen;

	(void)state;
	assert_int_equal(desk_do(&desk, &desk.one, take_step, &hold), RC_OK);
	seen = look();
	desk.house.scratch.now += 86400;
	assert_int_equal(desk_do(&desk, &desk.one, due_step, NULL), RC_OK);
	changes_plans(&seen);
}

/* Whoever has been given a subject's claims has them until the transaction
 * ends, though the subject is asked for again and has changed by then. */
static void claims_stay_while_they_are_read(void **state)
{
	const char *request = desk_accepted(&desk, &desk.one, "p-1");
	const struct store_env *env = &desk.house.scratch.env;
	struct tx writer = {.env = env, .write = true}, tx;
	struct core_subject first, again;
	struct reader *reader;
	struct arena arena;
	struct calendar_loader loader = {
		.tx = &tx,
		.arena = &arena,
		.window = {DESK_MONDAY, DESK_MONDAY + 86400}};
	int64_t id = subject("SELECT id FROM subject WHERE slug ="
			     " 'anzhen/studio-1'");

	(void)state;
	(void)desk_booked(&desk, &desk.one, request, DESK_MONDAY + 7200);
	arena_init(&arena, 1 << 20);
	assert_int_equal(RC_OK, reader_new(env, &reader, NULL));
	assert_int_equal(RC_OK, reader_begin(reader, &tx, NULL));
	assert_int_equal(RC_OK, calendar_subject(&loader, id, &first, NULL));
	stamps_touch_subject(&writer, id);
	stamps_publish(env->stamps);
	assert_int_equal(RC_OK, calendar_subject(&loader, id, &again, NULL));
	assert_int_equal(first.nclaims, 1);
	assert_int_equal(again.nclaims, 1);
	assert_ptr_not_equal(first.claims, again.claims);
	assert_int_equal(first.claims[0].subject, id);
	assert_int_equal(first.claims[0].from, again.claims[0].from);
	reader_end(reader);
	reader_free(reader);
	arena_fini(&arena);
}

/* Looking, asking and being refused cost nobody anything. */
static void what_changes_no_plan(void **state)
{
	struct seen seen = look();
	const char *request = desk_accepted(&desk, &desk.one, "p-1");
	struct on show = {.code = request};
	struct take late = take(request, DESK_MONDAY - 86400, false);
	struct seen now;

	(void)state;
	assert_int_equal(desk_do(&desk, &desk.one, show_step, &show), RC_OK);
	assert_int_not_equal(desk_do(&desk, &desk.one, take_step, &late),
			     RC_OK);
	now = look();
	assert_memory_equal(&seen, &now, sizeof(now));
}

static uint64_t of_lobby(void)
{
	return stamps_all(house.scratch.env.stamps);
}

#define CHANGES_ALL(step)                                                      \
	do {                                                                   \
		uint64_t before = of_lobby();                                  \
		(void)(step);                                                  \
		assert_true(of_lobby() != before);                             \
	} while (0)

static void whatever_is_about_people(void **state)
{
	const char *user;
	struct principal one;
	struct step token;

	(void)state;
	CHANGES_ALL(done(&admin, invite(ROLE_SITE_COORDINATOR, SITE, NULL, 1)));
	CHANGES_ALL(done(&nobody, enroll(1, 2)));
	CHANGES_ALL(user = enter(ROLE_SITE_COORDINATOR, SITE, 10));
	one = known(10);
	CHANGES_ALL(done(&one, renew(11)));
	CHANGES_ALL(done(&admin, revoke(user)));
	CHANGES_ALL(token = done(&admin, grant(SITE, SCOPES_ALL, 20)));
	CHANGES_ALL(done(&admin, grant_again(token.granted.user, 21)));
	CHANGES_ALL(done(&admin, revoke(token.granted.user)));
}

int main(void)
{
	const struct CMUnitTest alone[] = {
		cmocka_unit_test_setup_teardown(told_between_commit_and_answer,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(whatever_is_not_known_is_all,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_writer_sees_its_own, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
			the_writer_forgets_what_was_lost, set_up, tear_down),
		cmocka_unit_test_setup_teardown(too_many_are_all_subjects,
						set_up, tear_down),
		cmocka_unit_test(without_stamps),
		cmocka_unit_test_setup_teardown(nobody_is_behind, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(each_step_of_a_booking,
						set_up_desk, tear_down_desk),
		cmocka_unit_test_setup_teardown(a_hold_that_lapses, set_up_desk,
						tear_down_desk),
		cmocka_unit_test_setup_teardown(claims_stay_while_they_are_read,
						set_up_desk, tear_down_desk),
		cmocka_unit_test_setup_teardown(what_changes_no_plan,
						set_up_desk, tear_down_desk),
		cmocka_unit_test_setup_teardown(whatever_is_about_people,
						lobby_set_up, lobby_tear_down),
	};

	return cmocka_run_group_tests(alone, NULL, NULL);
}
