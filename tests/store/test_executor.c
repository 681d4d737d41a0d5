#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#include "daemon/store/event.h"
#include "daemon/store/executor.h"
#include "daemon/store/idem.h"
#include "tests/support/scratch.h"

static struct scratch scratch;
static struct executor *ex;

/* Adds a row with its number, and answers as it was told. */
struct add {
	struct job job;
	int64_t number;
	bool event; /* appends one, too */
	enum rc answer;
	int runs, dones;
	int64_t head;	    /* as it found it */
	atomic_int outcome; /* -1 before */
};

static const struct event nothing = {.actor = "system",
				     .thing = "booking",
				     .verb = VERB_BOOK,
				     .request_id = "r"};

static enum rc run_add(struct job *job, struct tx *tx)
{
	struct add *add = (struct add *)job;
	struct query q;
	enum rc rc;

	add->runs++;
	add->head = tx->head.seq;
	query_begin(&q, tx->db, "INSERT INTO t (a) VALUES ($1)");
	query_int(&q, 1, add->number);
	rc = query_end(&q, NULL);
	if (rc == RC_OK && add->event)
		rc = event_append(tx, &nothing, NULL);
	return rc == RC_OK ? add->answer : rc;
}

static void done_add(struct job *job, enum rc outcome)
{
	struct add *add = (struct add *)job;

	add->dones++;
	atomic_store(&add->outcome, (int)outcome);
}

static struct add an_add(int64_t number)
{
	return (struct add){
		.job = {run_add, done_add}, .number = number, .outcome = -1};
}

static int set_up(void **state)
{
	struct err err = ERR_INIT;
	struct db *db;

	(void)state;
	scratch_begin(&scratch);
	db = scratch_open(&scratch);
	scratch_run(db, "CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT");
	db_close(db);
	return executor_new(&scratch.env, &ex, &err) == RC_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	executor_stop(ex);
	executor_free(ex);
	scratch_end(&scratch);
	return 0;
}

static int64_t count_rows(void)
{
	struct err err = ERR_INIT;
	struct reader *reader;
	struct tx tx;
	int64_t n;

	assert_int_equal(reader_new(&scratch.env, &reader, &err), RC_OK);
	assert_int_equal(reader_begin(reader, &tx, &err), RC_OK);
	assert_false(tx.write);
	assert_true(tx.now == scratch.now);
	n = scratch_number(tx.db, "SELECT count(*) FROM t");
	reader_end(reader);
	reader_free(reader);
	return n;
}

/* One batch, driven by hand: a refused job leaves nothing, others stay. */
static void test_step(void **state)
{
	struct add adds[4] = {an_add(1), an_add(2), an_add(1), an_add(3)};
	static const enum rc want[4] = {RC_OK, RC_RULE, RC_EXISTS, RC_OK};
	struct executor_figures figures;

	(void)state;
	adds[1].answer = RC_RULE;
	assert_int_equal(executor_step(ex), 0);
	for (int i = 0; i < 4; i++)
		assert_true(executor_write(ex, &adds[i].job));
	executor_figures(ex, &figures);
	assert_int_equal(figures.queue, 4);
	assert_int_equal(adds[0].runs, 0);
	assert_int_equal(executor_step(ex), 4);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(adds[i].dones, 1);
		assert_int_equal(adds[i].outcome, want[i]);
	}
	assert_int_equal(count_rows(), 2);
	executor_figures(ex, &figures);
	assert_int_equal(figures.jobs, 4);
	assert_int_equal(figures.commits, 1);
	assert_int_equal(figures.refused, 2);
	assert_int_equal(figures.queue, 0);
	assert_int_equal(executor_failed(ex), RC_OK);
}

static enum rc verify(struct job *job, struct tx *tx)
{
	struct event_report report;
	enum rc rc = event_verify(tx, &report, NULL);

	(void)job;
	if (rc != RC_OK)
		return rc;
	return report.ok && report.events == 2 ? RC_OK : RC_CORRUPT;
}

/* A refused job's event is no link of the chain. */
static void test_head_after_rollback(void **state)
{
	struct add adds[3] = {an_add(1), an_add(2), an_add(3)};
	struct add report = an_add(0);

	(void)state;
	for (int i = 0; i < 3; i++) {
		adds[i].event = true;
		assert_true(executor_write(ex, &adds[i].job));
	}
	adds[1].answer = RC_STATE;
	assert_int_equal(executor_step(ex), 3);
	assert_int_equal(adds[0].head, 0);
	assert_int_equal(adds[1].head, 1);
	assert_int_equal(adds[2].head, 1);
	assert_int_equal(adds[2].outcome, RC_OK);

	report.job.run = verify;
	assert_true(executor_report(ex, &report.job));
	assert_int_equal(executor_report_step(ex), 1);
	assert_int_equal(report.outcome, RC_OK);
	assert_int_equal(executor_report_step(ex), 0);
}

/* What a full disk does: the whole transaction goes, also what was done in it
 * before; what comes after it begins anew. */
static enum rc run_lose(struct job *job, struct tx *tx)
{
	(void)job;
	scratch_run(tx->db, "ROLLBACK");
	return RC_FULL;
}

/* The same by a job that overlooks it, and would write on. */
static enum rc run_overlook(struct job *job, struct tx *tx)
{
	scratch_run(tx->db, "ROLLBACK");
	(void)run_add(job, tx);
	return RC_OK;
}

/* What is but tried runs on what came before it in the batch and leaves
 * nothing behind: the next one finds the row free and the chain as it was. */
static void test_undo(void **state)
{
	struct add adds[3] = {an_add(1), an_add(2), an_add(2)};
	struct add more[2] = {an_add(3), an_add(3)}; /* each alone */

	(void)state;
	for (int i = 0; i < 3; i++)
		adds[i].event = true;
	adds[1].job.undo = true;
	for (int i = 0; i < 3; i++)
		assert_true(executor_write(ex, &adds[i].job));
	assert_int_equal(executor_step(ex), 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(atomic_load(&adds[i].outcome), RC_OK);
	assert_int_equal(adds[1].head, 1);
	assert_int_equal(adds[2].head, 1);
	assert_int_equal(count_rows(), 2);
	/* One that refuses is as any other. */
	more[0].job.undo = true;
	more[0].answer = RC_RULE;
	assert_true(executor_write(ex, &more[0].job));
	assert_int_equal(executor_step(ex), 1);
	assert_int_equal(atomic_load(&more[0].outcome), RC_RULE);
	/* Alone in its batch it may even be all that was done. */
	more[1].job.undo = true;
	assert_true(executor_write(ex, &more[1].job));
	assert_int_equal(executor_step(ex), 1);
	assert_int_equal(atomic_load(&more[1].outcome), RC_OK);
	assert_int_equal(more[1].head, 2);
	assert_int_equal(count_rows(), 2);
}

static void test_lost_batch(void **state)
{
	struct add adds[6] = {an_add(1), an_add(2), an_add(3),
			      an_add(4), an_add(5), an_add(6)};
	static const enum rc want[6] = {RC_FULL,     RC_RULE,	  RC_FULL,
					RC_INTERNAL, RC_INTERNAL, RC_OK};

	(void)state;
	adds[1].answer = RC_RULE;
	adds[2].job.run = run_lose;
	adds[4].job.run = run_overlook;
	for (int i = 0; i < 6; i++) {
		adds[i].event = true;
		assert_true(executor_write(ex, &adds[i].job));
	}
	assert_int_equal(executor_step(ex), 6);
	for (int i = 0; i < 6; i++)
		assert_int_equal(adds[i].outcome, want[i]);
	assert_int_equal(adds[3].head, 0);
	assert_int_equal(adds[5].head, 0);
	assert_int_equal(count_rows(), 1);
	assert_int_equal(executor_failed(ex), RC_OK);
}

static void test_full_queue(void **state)
{
	static struct add adds[EXECUTOR_QUEUE + 1];
	struct executor_figures figures;
	unsigned settled = 0, n;

	(void)state;
	for (int i = 0; i <= EXECUTOR_QUEUE; i++) {
		adds[i] = an_add(i);
		assert_int_equal(executor_write(ex, &adds[i].job),
				 i < EXECUTOR_QUEUE);
	}
	while ((n = executor_step(ex)) > 0) {
		assert_true(n <= EXECUTOR_BATCH);
		settled += n;
	}
	assert_int_equal(settled, EXECUTOR_QUEUE);
	assert_int_equal(adds[EXECUTOR_QUEUE].dones, 0);
	assert_int_equal(count_rows(), EXECUTOR_QUEUE);
	executor_figures(ex, &figures);
	assert_int_equal(figures.commits, EXECUTOR_QUEUE / EXECUTOR_BATCH);
}

/* Without a thread stopping settles what is queued, and takes no more. */
static void test_stop_drains(void **state)
{
	static struct add adds[300];
	struct add late = an_add(1000), report = an_add(0);

	(void)state;
	report.job.run = verify;
	assert_true(executor_report(ex, &report.job));
	for (int i = 0; i < 300; i++) {
		adds[i] = an_add(i);
		assert_true(executor_write(ex, &adds[i].job));
	}
	executor_stop(ex);
	assert_false(executor_write(ex, &late.job));
	assert_false(executor_report(ex, &late.job));
	assert_int_equal(report.dones, 1);
	assert_int_equal(count_rows(), 300);
}

/* Quiet for a while: the log is moved and expired keys are forgotten. */
static int64_t mono;

static int64_t mono_by_hand(void *ctx)
{
	(void)ctx;
	return mono;
}

static enum rc run_keep(struct job *job, struct tx *tx)
{
	struct idem_key key = {1, "r", "k", {0}};
	struct idem_answer answer = {.status = 201};

	(void)job;
	return idem_keep(tx, &key, &answer, NULL);
}

static enum rc run_count_keys(struct job *job, struct tx *tx)
{
	((struct add *)job)->number =
		scratch_number(tx->db, "SELECT count(*) FROM idempotency");
	return RC_OK;
}

static int64_t count_keys(void)
{
	struct add report = an_add(0);

	report.job.run = run_count_keys;
	assert_true(executor_report(ex, &report.job));
	assert_int_equal(executor_report_step(ex), 1);
	assert_int_equal(report.outcome, RC_OK);
	return report.number;
}

static void test_housekeeping(void **state)
{
	struct executor_figures figures;
	struct add keep = an_add(0);

	(void)state;
	mono = clock_mono_ms(&scratch.clock);
	scratch.clock.mono_ms = mono_by_hand;
	keep.job.run = run_keep;
	assert_true(executor_write(ex, &keep.job));
	assert_int_equal(executor_step(ex), 1);
	assert_int_equal(executor_step(ex), 0);
	executor_figures(ex, &figures);
	assert_int_equal(figures.checkpoints, 0);
	mono += 1000;
	assert_int_equal(executor_step(ex), 0);
	executor_figures(ex, &figures);
	assert_int_equal(figures.checkpoints, 1);
	assert_int_equal(count_keys(), 1);

	scratch.now += IDEM_KEPT;
	mono += 600 * 1000;
	assert_int_equal(executor_step(ex), 0);
	assert_int_equal(count_keys(), 0);
	executor_figures(ex, &figures);
	assert_int_equal(figures.checkpoints, 2);
	assert_int_equal(figures.jobs, 1);
}

/* A log that has grown large is moved without waiting for a quiet time. */
static enum rc run_large(struct job *job, struct tx *tx)
{
	(void)job;
	for (int i = 0; i < 28; i++)
		scratch_run(tx->db, "INSERT INTO idempotency"
				    " (identity, route, key, body_hash,"
				    " status, etag, location, body, at) VALUES"
				    " (1, 'r', hex(randomblob(8)), x'', 1, '',"
				    " '', zeroblob(10000000), 0)");
	return RC_OK;
}

static void test_large_log(void **state)
{
	struct executor_figures figures;
	struct add small = an_add(1), large = an_add(2);

	(void)state;
	mono = clock_mono_ms(&scratch.clock);
	scratch.clock.mono_ms = mono_by_hand;
	assert_true(executor_write(ex, &small.job));
	assert_int_equal(executor_step(ex), 1);
	executor_figures(ex, &figures);
	assert_int_equal(figures.checkpoints, 0);
	large.job.run = run_large;
	assert_true(executor_write(ex, &large.job));
	assert_int_equal(executor_step(ex), 1);
	assert_int_equal(large.outcome, RC_OK);
	executor_figures(ex, &figures);
	assert_int_equal(figures.checkpoints, 1);
}

/* Somebody else holds the database: the jobs hear "busy", and may come again.
 */
static void test_busy(void **state)
{
	struct add add = an_add(1);
	struct db *other = scratch_open(&scratch);

	(void)state;
	assert_int_equal(db_begin(other, NULL), RC_OK);
	assert_true(executor_write(ex, &add.job));
	assert_int_equal(executor_step(ex), 1);
	assert_int_equal(add.outcome, RC_BUSY);
	assert_int_equal(add.runs, 0);
	db_rollback(other);
	db_close(other);
	assert_true(executor_write(ex, &add.job));
	assert_int_equal(executor_step(ex), 1);
	assert_int_equal(add.outcome, RC_OK);
	assert_int_equal(executor_failed(ex), RC_OK);
}

/* ---- with threads ---- */

#define THREADS 8
#define EACH 400

struct sender {
	pthread_t thread;
	int number;
	struct add adds[EACH];
};

static void *send_all(void *arg)
{
	struct sender *sender = arg;

	for (int i = 0; i < EACH; i++) {
		struct add *add = &sender->adds[i];

		*add = an_add(sender->number * EACH + i);
		add->event = i % 4 == 0;
		add->answer = i % 5 == 0 ? RC_STATE : RC_OK;
		while (!executor_write(ex, &add->job))
			sched_yield();
		if (i % 50 == 49) /* somebody waits for his answer */
			while (atomic_load(&add->outcome) < 0)
				sched_yield();
	}
	return NULL;
}

static void test_threads(void **state)
{
	static struct sender senders[THREADS];
	struct executor_figures figures;
	struct err err = ERR_INIT;
	struct add report = an_add(0);

	(void)state;
	assert_int_equal(executor_start(ex, &err), RC_OK);
	for (int i = 0; i < THREADS; i++) {
		senders[i].number = i;
		assert_int_equal(pthread_create(&senders[i].thread, NULL,
						send_all, &senders[i]),
				 0);
	}
	report.job.run = run_count_keys;
	assert_true(executor_report(ex, &report.job));
	for (int i = 0; i < THREADS; i++)
		pthread_join(senders[i].thread, NULL);
	executor_stop(ex);
	assert_int_equal(report.outcome, RC_OK);
	for (int i = 0; i < THREADS; i++)
		for (int j = 0; j < EACH; j++) {
			struct add *add = &senders[i].adds[j];

			assert_int_equal(add->dones, 1);
			assert_in_range(add->runs, 1, 2);
			assert_int_equal(add->outcome, add->answer);
		}
	assert_int_equal(count_rows(), THREADS * EACH * 4 / 5);
	executor_figures(ex, &figures);
	assert_int_equal(figures.jobs, THREADS * EACH);
	assert_true(figures.commits < figures.jobs);
}

/* A job that sends the next one from done(), as a worker's answer may. */
struct chain {
	struct job job;
	atomic_int left;
};

static enum rc run_nothing(struct job *job, struct tx *tx)
{
	(void)job;
	(void)tx;
	return RC_OK;
}

static void done_again(struct job *job, enum rc outcome)
{
	struct chain *chain = (struct chain *)job;

	assert_int_equal(outcome, RC_OK);
	if (atomic_fetch_sub(&chain->left, 1) > 1)
		assert_true(executor_write(ex, job));
}

static void test_from_done(void **state)
{
	struct chain chain = {.job = {run_nothing, done_again}, .left = 20};
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(executor_start(ex, &err), RC_OK);
	assert_true(executor_write(ex, &chain.job));
	while (atomic_load(&chain.left) > 0)
		sched_yield();
	executor_stop(ex);
}

static void test_no_database(void **state)
{
	struct store_env env = scratch.env;
	struct err err = ERR_INIT;
	struct executor *other;
	struct reader *reader;

	(void)state;
	env.path = "/nowhere/at/all";
	assert_int_equal(executor_new(&env, &other, &err), RC_NOT_FOUND);
	assert_int_equal(reader_new(&env, &reader, &err), RC_NOT_FOUND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_step),	 TEST(test_head_after_rollback),
		TEST(test_undo),	 TEST(test_lost_batch),
		TEST(test_full_queue),	 TEST(test_stop_drains),
		TEST(test_housekeeping), TEST(test_large_log),
		TEST(test_busy),	 TEST(test_threads),
		TEST(test_from_done),	 TEST(test_no_database),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
