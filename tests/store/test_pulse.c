/* What the store's threads show of themselves: that they move, and whether
 * what was changed could be kept. */
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/main/proof.h"
#include "daemon/store/executor.h"
#include "daemon/store/keycheck.h"
#include "daemon/store/probe.h"
#include "tests/support/scratch.h"

#define PATIENCE_MS 120000 /* a machine that has much else to do */

static struct scratch scratch;
static struct executor *ex;

static int set_up(void **state)
{
	struct err err = ERR_INIT;
	struct db *db;

	(void)state;
	scratch_begin(&scratch);
	db = scratch_open(&scratch);
	struct tx tx = scratch_tx(&scratch, db);

	if (keycheck_add(&tx, &err) != RC_OK)
		return -1;
	db_close(db);
	if (executor_new(&scratch.env, &ex, &err) != RC_OK)
		return -1;
	return executor_start(ex, &err) == RC_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	executor_stop(ex);
	executor_free(ex);
	scratch_end(&scratch);
	return 0;
}

static struct executor_figures figures(void)
{
	struct executor_figures f;

	executor_figures(ex, &f);
	return f;
}

/* A job that is at work until it is told to stop. */
struct long_job {
	struct job job;
	atomic_bool begun, stop, done;
	bool in_engine; /* one statement after the other, or just waiting */
	bool says_so;	/* by itself, that it moves */
};

static enum rc run_long(struct job *job, struct tx *tx)
{
	struct long_job *l = (struct long_job *)(void *)job;
	struct query q;
	enum rc rc = RC_OK;

	atomic_store(&l->begun, true);
	while (rc == RC_OK && !atomic_load(&l->stop)) {
		if (l->says_so)
			executor_report_moves(ex);
		if (!l->in_engine) {
			usleep(1000);
			continue;
		}
		query_begin(&q, tx->db,
			    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL"
			    " SELECT i + 1 FROM n WHERE i < 100000)"
			    " SELECT count(*) FROM n");
		(void)query_row(&q);
		rc = query_end(&q, NULL);
	}
	return rc;
}

static void done_long(struct job *job, enum rc outcome)
{
	struct long_job *l = (struct long_job *)(void *)job;

	assert_int_equal(outcome, RC_OK);
	atomic_store(&l->done, true);
}

static void wait_until(atomic_bool *flag)
{
	int64_t end = clock_mono_ms(clock_system()) + PATIENCE_MS;

	while (!atomic_load(flag) && clock_mono_ms(clock_system()) < end)
		usleep(1000);
	assert_true(atomic_load(flag));
}

static int64_t report_turned(void)
{
	return figures().report_turned_ms;
}

static int64_t write_turned(void)
{
	return figures().write_turned_ms;
}

/* Does the sign of life rise while the job is at work? */
static bool rises(struct long_job *l, int64_t (*turned)(void))
{
	int64_t first, end;
	bool risen = false;

	wait_until(&l->begun);
	usleep(5000);
	first = turned();
	end = clock_mono_ms(clock_system()) +
	      (l->in_engine || l->says_so ? PATIENCE_MS : 300);
	while (!risen && clock_mono_ms(clock_system()) < end) {
		usleep(1000);
		risen = turned() > first;
	}
	assert_false(atomic_load(&l->done));
	atomic_store(&l->stop, true);
	wait_until(&l->done);
	return risen;
}

static void long_work_shows_that_it_moves(void **state)
{
	static struct long_job report = {.job = {run_long, done_long},
					 .in_engine = true};
	static struct long_job says = {.job = {run_long, done_long},
				       .says_so = true};
	static struct long_job write = {.job = {run_long, done_long},
					.in_engine = true};

	(void)state;
	assert_true(executor_report(ex, &report.job));
	assert_true(rises(&report, report_turned));
	assert_true(executor_report(ex, &says.job));
	assert_true(rises(&says, report_turned));
	assert_true(executor_write(ex, &write.job));
	assert_true(rises(&write, write_turned));
}

static void hung_work_shows_nothing(void **state)
{
	static struct long_job report = {.job = {run_long, done_long}};
	static struct long_job write = {.job = {run_long, done_long}};

	(void)state;
	assert_true(executor_report(ex, &report.job));
	assert_false(rises(&report, report_turned));
	assert_true(executor_write(ex, &write.job));
	assert_false(rises(&write, write_turned));
}

static void the_writer_proves_itself(void **state)
{
	struct err err = ERR_INIT;
	uint64_t commits = figures().commits;

	(void)state;
	assert_int_equal(proof_of_writer(ex, &err), RC_OK);
	assert_int_equal(figures().commits, commits + 1);
	assert_int_equal(figures().doubted, RC_OK);
}

static void a_stopped_writer_proves_nothing(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	executor_stop(ex);
	assert_int_equal(proof_of_writer(ex, &err), RC_BUSY);
	assert_string_not_equal(err.text, "");
}

/* As the engine does it on a full disk. */
static enum rc run_full(struct job *job, struct tx *tx)
{
	(void)job;
	db_rollback(tx->db);
	return RC_FULL;
}

static enum rc run_idle(struct job *job, struct tx *tx)
{
	(void)job;
	(void)tx;
	return RC_OK;
}

static enum rc run_change(struct job *job, struct tx *tx)
{
	(void)job;
	return probe_write(tx, NULL);
}

static void ignore(struct job *job, enum rc outcome)
{
	(void)job;
	(void)outcome;
}

/* Driven by hand, so that each is a batch of its own. */
static void what_cannot_be_kept_is_doubted(void **state)
{
	struct job full = {run_full, ignore}, idle = {run_idle, ignore};
	struct job change = {run_change, ignore};
	struct err err = ERR_INIT;

	(void)state;
	executor_stop(ex);
	executor_free(ex);
	assert_int_equal(executor_new(&scratch.env, &ex, &err), RC_OK);
	assert_int_equal(figures().doubted, RC_OK);
	assert_true(executor_write(ex, &full));
	assert_int_equal(executor_step(ex), 1);
	assert_int_equal(figures().doubted, RC_FULL);
	assert_true(executor_write(ex, &idle)); /* says nothing of the disk */
	assert_int_equal(executor_step(ex), 1);
	assert_int_equal(figures().doubted, RC_FULL);
	assert_true(executor_write(ex, &change));
	assert_int_equal(executor_step(ex), 1);
	assert_int_equal(figures().doubted, RC_OK);
}

/* Notes a booking, and ends as it is told. */
static enum rc run_noted(struct job *job, struct tx *tx)
{
	(void)job;
	stat_note(&tx->tally, STAT_BOOKINGS, KIND_REFERRAL, STAT_BOOKED);
	return probe_write(tx, NULL);
}

static enum rc run_refused(struct job *job, struct tx *tx)
{
	(void)run_noted(job, tx);
	return RC_RULE;
}

static enum rc run_lost(struct job *job, struct tx *tx)
{
	(void)run_noted(job, tx);
	db_rollback(tx->db);
	return RC_FULL;
}

static int64_t counted(void)
{
	return stat_get(STAT_BOOKINGS, KIND_REFERRAL, STAT_BOOKED);
}

static void batch(struct job *jobs, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		assert_true(executor_write(ex, &jobs[i]));
	assert_int_equal(executor_step(ex), n);
}

/* What is counted is what is kept. */
static void figures_follow_the_commit(void **state)
{
	struct job kept[3] = {{run_noted, ignore, false},
			      {run_refused, ignore, false},
			      {run_noted, ignore, true}};
	struct job lost[2] = {{run_noted, ignore, false},
			      {run_lost, ignore, false}};
	struct err err = ERR_INIT;

	(void)state;
	executor_stop(ex);
	executor_free(ex);
	assert_int_equal(executor_new(&scratch.env, &ex, &err), RC_OK);
	stat_clear();
	batch(kept, 3); /* kept, refused, and only tried */
	assert_int_equal(counted(), 1);
	batch(lost, 2); /* the first goes with the second */
	assert_int_equal(counted(), 1);
	batch(kept, 1);
	assert_int_equal(counted(), 2);
}

static void another_schema_is_no_proof(void **state)
{
	struct err err = ERR_INIT;
	char back[80];
	struct db *db;

	(void)state;
	executor_stop(ex);
	executor_free(ex);
	ex = NULL;
	db = scratch_open(&scratch);
	scratch_run(db, "UPDATE meta SET value = '99' WHERE name = 'schema'");
	struct tx tx = {.db = db, .env = &scratch.env, .now = scratch.now};

	assert_int_equal(probe_read(&tx, &err), RC_INVALID);
	assert_int_equal(probe_write(&tx, &err), RC_INVALID);
	(void)snprintf(back, sizeof(back),
		       "UPDATE meta SET value = '%d' WHERE name = 'schema'",
		       db_schema_version());
	scratch_run(db, back);
	assert_int_equal(probe_read(&tx, &err), RC_OK);
	db_close(db);
	assert_int_equal(executor_new(&scratch.env, &ex, &err), RC_OK);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(long_work_shows_that_it_moves),
		TEST(hung_work_shows_nothing),
		TEST(the_writer_proves_itself),
		TEST(a_stopped_writer_proves_nothing),
		TEST(what_cannot_be_kept_is_doubted),
		TEST(figures_follow_the_commit),
		TEST(another_schema_is_no_proof),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
