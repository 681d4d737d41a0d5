/*
 * The order that makes an answer true: run, release, commit, then done().
 *
 * A batch is one transaction, or several where the engine threw one away in
 * the middle: what had been done in it is answered with the reason of that,
 * and the rest begins anew.
 */
#include "daemon/store/executor.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/log.h"
#include "daemon/store/event.h"
#include "daemon/store/idem.h"
#include "daemon/store/keep.h"
#include "daemon/store/queue.h"
#include "daemon/store/stamps.h"

/* A log larger than this is moved at once. A page that many bookings change is
 * then written to the file once for all of them: of so many pages of the log
 * every third is a page of the file, of 20,000 two of three. */
#define LOG_PAGES 65536
#define QUIET_MS 1000	       /* without a job, before a small one is */
#define EXPIRE_MS (600 * 1000) /* between looks for expired keys */
#define EXPIRE_JOBS 256	       /* ... which bring fewer than a look takes */
#define EXPIRE_MAX 500	       /* keys a look */

struct batch {
	struct job *jobs[EXECUTOR_BATCH];
	enum rc outcomes[EXECUTOR_BATCH];
	unsigned n;
};

struct executor {
	const struct store_env *env;
	struct db *db;
	struct keep *keep;	 /* the writer's: facts alone */
	struct reader *reader;	 /* the reports' */
	struct event_head head;	 /* as committed, or as the open batch has it */
	atomic_int_fast64_t seq; /* of the head as committed */
	struct queue writes, reports;
	atomic_int failed;  /* an enum rc */
	atomic_int doubted; /* an enum rc: why nothing could be stored lately */
	struct job expiry;
	struct backup *backup; /* being made; or NULL */
	atomic_bool backing_up;
	struct stat_tally tallies[EXECUTOR_BATCH]; /* of the open batch */
	unsigned ntallies;
	int64_t now, changes;		 /* as the open batch began */
	int64_t quiet_since, expired_at; /* monotonic ms */
	unsigned unexpired;		 /* jobs since the last look for keys */
	bool in_house;			 /* nobody's job runs */
	atomic_uint_fast64_t jobs, commits, checkpoints, refused;
	atomic_int_fast64_t log_pages, checkpoint_at;
};

/* ---- a batch ---- */

void executor_fail(struct executor *ex, enum rc rc)
{
	if (atomic_exchange(&ex->failed, (int)rc) == RC_OK)
		log_event(LOG_LVL_ERR, "writer-stopped",
			  LOG_S("reason", rc_row(rc)->title),
			  LOG_DO("look at the disk; verify the log; if the "
				 "database "
				 "is damaged, restore the last backup"));
}

static void count(atomic_uint_fast64_t *figure, uint64_t n)
{
	atomic_fetch_add_explicit(figure, n, memory_order_relaxed);
}

static void undo(struct executor *ex)
{
	db_rollback_savepoint(ex->db);
	stamps_job_undone(ex->env->stamps);
}

/* A change without an event: nobody knows what it was. */
static void touch_untold(struct executor *ex, const struct job *job,
			 struct tx *tx, int64_t changes_before)
{
	if (db_changes_ever(tx->db) != changes_before && job != &ex->expiry)
		stamps_touch_all(tx);
}

/* Moves the head only with what the job keeps. */
static enum rc run_plain(struct executor *ex, struct job *job)
{
	int64_t changes = db_changes_ever(ex->db);
	struct tx tx = {.db = ex->db,
			.env = ex->env,
			.write = true,
			.keep = ex->keep,
			.now = ex->now,
			.head = ex->head};
	enum rc rc;

	stamps_job_begins(ex->env->stamps);
	keep_begin(ex->keep, &tx);
	rc = job->run(job, &tx);
	if (tx.head.seq == ex->head.seq)
		touch_untold(ex, job, &tx, changes);
	if (rc != RC_OK || job->undo)
		return rc;
	ex->head = tx.head;
	if (tx.tally.n > 0)
		ex->tallies[ex->ntallies++] = tx.tally;
	return RC_OK;
}

/* In a savepoint, which is undone where nothing of it is kept. */
static enum rc run_safe(struct executor *ex, struct job *job)
{
	const struct event_head before = ex->head;
	unsigned ntallies = ex->ntallies;
	enum rc rc = db_savepoint(ex->db, NULL);

	if (rc != RC_OK)
		return rc;
	rc = run_plain(ex, job);
	if (rc == RC_OK && job->undo) {
		undo(ex);
		return rc;
	}
	if (rc == RC_OK)
		rc = db_release(ex->db, NULL);
	if (rc != RC_OK) {
		undo(ex);
		ex->head = before;
		ex->ntallies = ntallies;
	}
	return rc;
}

/* Nothing of these jobs is stored: those that thought so hear why not. */
static void lose(struct executor *ex, enum rc *outcomes, unsigned n,
		 enum rc why)
{
	stamps_publish(ex->env->stamps);
	atomic_store(&ex->doubted, (int)why);
	for (unsigned i = 0; i < n; i++)
		if (outcomes[i] == RC_OK)
			outcomes[i] = why;
}

/* A full disk and a busy engine say so before anything is stored. After any
 * other failure the log may hold the transaction or not. */
static enum rc commit_outcome(enum rc rc)
{
	return rc == RC_OK || rc == RC_FULL || rc == RC_BUSY ? rc : RC_UNKNOWN;
}

static void committed(struct executor *ex, unsigned n, int64_t ms)
{
	stamps_publish(ex->env->stamps);
	atomic_store(&ex->seq, ex->head.seq);
	atomic_store(&ex->log_pages, db_log_pages(ex->db));
	if (ex->in_house)
		return;
	count(&ex->commits, 1);
	if (db_changes_ever(ex->db) != ex->changes)
		atomic_store(&ex->doubted, RC_OK);
	stat_observe(STAT_WRITER_BATCH, 0, n);
	stat_observe(STAT_WRITER_COMMIT_DURATION, 0, ms);
	for (unsigned i = 0; i < ex->ntallies; i++)
		stat_publish(&ex->tallies[i]);
}

static void commit(struct executor *ex, enum rc *outcomes, unsigned n,
		   const struct event_head *before)
{
	struct err err = ERR_INIT;
	int64_t begun = clock_mono_ms(ex->env->clock);
	enum rc rc = db_commit(ex->db, &err);

	if (rc == RC_OK) {
		committed(ex, n, clock_mono_ms(ex->env->clock) - begun);
		return;
	}
	log_event(LOG_LVL_ERR, "commit-failed", LOG_S("reason", err.text),
		  LOG_DO("look at the disk and its space: nothing is lost, "
			 "clients repeat with their keys"));
	db_rollback(ex->db);
	ex->head = *before;
	lose(ex, outcomes, n, commit_outcome(rc));
}

/* A savepoint costs a copy of every page that the job then writes, and nearly
 * all jobs either keep what they wrote or refuse before they wrote. So there
 * is none at first; false: something has to be undone of one job, and the
 * transaction is to begin anew with them. What is but tried has one always. */
static bool run_job(struct executor *ex, struct job *job, bool safe,
		    enum rc *out_outcome)
{
	int64_t before = db_changes_ever(ex->db);

	queue_turned(&ex->writes);
	if (safe || job->undo) {
		*out_outcome = run_safe(ex, job);
		return true;
	}
	*out_outcome = run_plain(ex, job);
	if (*out_outcome == RC_OK)
		return true;
	stamps_job_undone(ex->env->stamps);
	return db_changes_ever(ex->db) == before;
}

static bool is_lost(const struct executor *ex)
{
	return db_failed(ex->db) != RC_OK || !db_in_transaction(ex->db);
}

/* What came while others of the batch ran shares its sync. It ends when nobody
 * waits, it is full, or somebody urgent is in it. */
static bool take_more(struct executor *ex, struct batch *b)
{
	unsigned n = b->n;

	if (!ex->in_house && !ex->writes.urgent_last)
		b->n += queue_take(&ex->writes, b->jobs + n,
				   EXECUTOR_BATCH - n);
	return b->n > n;
}

/* As far as the jobs run, from that one on: where the next one is, or, where
 * the transaction is lost by it, behind the last. *out_again: begin anew with
 * savepoints. */
static unsigned run_jobs(struct executor *ex, struct batch *b, unsigned from,
			 bool safe, bool *out_again)
{
	*out_again = false;
	for (unsigned i = from; i < b->n || take_more(ex, b); i++) {
		bool clean = run_job(ex, b->jobs[i], safe, &b->outcomes[i]);

		if (is_lost(ex))
			return i + 1;
		*out_again = !clean;
		if (!clean)
			return i;
	}
	return b->n;
}

static enum rc begin(struct executor *ex)
{
	enum rc rc = db_begin(ex->db, NULL);

	ex->now = clock_now(ex->env->clock);
	ex->changes = db_changes_ever(ex->db);
	ex->ntallies = 0;
	return rc;
}

/* Runs jobs from that one on in one transaction, and answers behind which of
 * them have their outcome now: not all where the transaction was lost. */
static unsigned run_transaction(struct executor *ex, struct batch *b,
				unsigned from)
{
	const struct event_head before = ex->head;
	enum rc rc = begin(ex);
	bool again = false;
	unsigned ran = from;

	if (rc == RC_OK)
		ran = run_jobs(ex, b, from, false, &again);
	if (again) {
		db_rollback(ex->db);
		stamps_publish(ex->env->stamps);
		ex->head = before;
		rc = begin(ex);
		if (rc == RC_OK)
			ran = run_jobs(ex, b, from, true, &again);
	}
	if (rc != RC_OK) {
		atomic_store(&ex->doubted, (int)rc);
		while (from < b->n)
			b->outcomes[from++] = rc;
		return b->n;
	}
	if (is_lost(ex)) {
		/* one that overlooked it must not pass for stored */
		rc = b->outcomes[ran - 1];
		db_rollback(ex->db);
		ex->head = before;
		lose(ex, b->outcomes + from, ran - from,
		     rc != RC_OK ? rc : RC_INTERNAL);
		return ran;
	}
	commit(ex, b->outcomes + from, b->n - from, &before);
	return b->n;
}

static void run_batch(struct executor *ex, struct batch *b)
{
	unsigned i = 0;

	while (i < b->n) {
		enum rc failed = executor_failed(ex);

		if (failed != RC_OK) {
			b->outcomes[i++] = failed;
			continue;
		}
		i = run_transaction(ex, b, i);
		if (db_failed(ex->db) != RC_OK)
			executor_fail(ex, db_failed(ex->db));
	}
}

/* ---- when there is nothing to do ---- */

static void move_log(struct executor *ex, int64_t min_pages)
{
	struct err err = ERR_INIT;

	if (executor_failed(ex) != RC_OK || db_log_pages(ex->db) <= min_pages)
		return;
	if (db_checkpoint(ex->db, min_pages, &err) == RC_OK) {
		count(&ex->checkpoints, 1);
		atomic_store(&ex->checkpoint_at, clock_now(ex->env->clock));
		atomic_store(&ex->log_pages, db_log_pages(ex->db));
	} else /* nothing is lost: it stays in the log */
		log_event(LOG_LVL_WARN, "checkpoint-failed",
			  LOG_S("reason", err.text),
			  LOG_DO("look at the disk and its space; it is tried "
				 "again"));
	if (db_failed(ex->db) != RC_OK)
		executor_fail(ex, db_failed(ex->db));
}

static enum rc expire(struct job *job, struct tx *tx)
{
	(void)job;
	return idem_expire(tx, EXPIRE_MAX, NULL);
}

static void expire_keys(struct executor *ex)
{
	struct batch b = {.jobs = {&ex->expiry}, .n = 1};

	ex->unexpired = 0;
	ex->in_house = true;
	run_batch(ex, &b);
	ex->in_house = false;
}

/* A quiet moment: small work that nobody waits for. */
static void keep_house(struct executor *ex)
{
	int64_t now = clock_mono_ms(ex->env->clock);

	if (now - ex->quiet_since < QUIET_MS)
		return;
	ex->quiet_since = now;
	if (now - ex->expired_at >= EXPIRE_MS) {
		ex->expired_at = now;
		expire_keys(ex);
	}
	move_log(ex, 0);
}

/* ---- a backup ---- */

bool executor_backup_claim(struct executor *ex)
{
	return !atomic_exchange(&ex->backing_up, true);
}

void executor_backup_release(struct executor *ex)
{
	atomic_store(&ex->backing_up, false);
}

void executor_backup_start(struct executor *ex, struct backup_order *order)
{
	ex->backup = backup_begin(ex->db, ex->env, order);
}

static void end_backup(struct executor *ex, enum rc why)
{
	struct backup *backup = ex->backup;

	ex->backup = NULL;
	backup_drop(backup, why);
}

static void carry_backup_on(struct executor *ex)
{
	enum rc failed = executor_failed(ex);

	if (ex->backup == NULL)
		return;
	if (failed != RC_OK)
		end_backup(ex, failed);
	else if (backup_turn(ex->backup))
		ex->backup = NULL;
}

/* ---- the queues ---- */

bool executor_write(struct executor *ex, struct job *job)
{
	return queue_put(&ex->writes, job);
}

bool executor_is_late(const struct executor *ex)
{
	return queue_is_late(&ex->writes, EXECUTOR_BATCH, EXECUTOR_LATE_MS);
}

bool executor_report(struct executor *ex, struct job *job)
{
	return queue_put(&ex->reports, job);
}

void executor_report_moves(struct executor *ex)
{
	queue_turned(&ex->reports);
}

unsigned executor_step(struct executor *ex)
{
	struct batch b;
	unsigned refused = 0;

	b.n = queue_take(&ex->writes, b.jobs, EXECUTOR_BATCH);
	if (b.n == 0) {
		carry_backup_on(ex);
		queue_turned(&ex->writes);
		keep_house(ex);
		return 0;
	}
	run_batch(ex, &b);
	for (unsigned i = 0; i < b.n; i++)
		refused += b.outcomes[i] != RC_OK;
	count(&ex->jobs, b.n);
	count(&ex->refused, refused);
	for (unsigned i = 0; i < b.n; i++)
		b.jobs[i]->done(b.jobs[i], b.outcomes[i]);
	carry_backup_on(ex);
	ex->unexpired += b.n;
	if (ex->unexpired >= EXPIRE_JOBS)
		expire_keys(ex);
	queue_turned(&ex->writes);
	move_log(ex, LOG_PAGES);
	queue_turned(&ex->writes);
	ex->quiet_since = clock_mono_ms(ex->env->clock);
	return b.n;
}

unsigned executor_report_step(struct executor *ex)
{
	struct job *job;
	struct tx tx;
	enum rc rc;

	if (queue_take(&ex->reports, &job, 1) == 0)
		return 0;
	queue_turned(&ex->reports);
	rc = reader_begin(ex->reader, &tx, NULL);
	if (rc == RC_OK) {
		rc = job->run(job, &tx);
		reader_end(ex->reader);
	}
	if (reader_failed(ex->reader) != RC_OK)
		executor_fail(ex, reader_failed(ex->reader));
	job->done(job, rc);
	queue_turned(&ex->reports);
	return 1;
}

/* ---- threads ---- */

static int write_pause_ms(const struct executor *ex)
{
	return ex->backup != NULL	  ? 0
	       : db_log_pages(ex->db) > 0 ? QUIET_MS
					  : EXPIRE_MS;
}

static int report_pause_ms(const struct executor *ex)
{
	(void)ex;
	return -1;
}

enum rc executor_start(struct executor *ex, struct err *err)
{
	static const struct queue_work writes = {"writer", executor_step,
						 write_pause_ms};
	static const struct queue_work reports = {
		"report", executor_report_step, report_pause_ms};

	if (queue_start(&ex->writes, &writes, ex) &&
	    queue_start(&ex->reports, &reports, ex))
		return RC_OK;
	return err_set(err, RC_BUSY, "cannot start the store's threads");
}

void executor_stop(struct executor *ex)
{
	queue_close(&ex->reports);
	queue_close(&ex->writes);
	queue_end(&ex->reports);
	queue_end(&ex->writes);
	/* what came between a thread's last look and its end, or all of it
	 * where there were no threads */
	while (executor_report_step(ex) > 0 || executor_step(ex) > 0)
		continue;
	end_backup(ex, RC_BUSY);
	move_log(ex, DB_LOG_EMPTY);
}

/* ---- a whole one ---- */

static enum rc open_both(struct executor *ex, struct err *err)
{
	const struct store_env *env = ex->env;
	enum rc rc = db_open(env->path, DB_WRITER, env->vfs, &ex->db, err);

	if (rc == RC_OK) {
		backup_clear(env->path);
		rc = db_migrate(ex->db, env->rnd, err);
	}
	if (rc == RC_OK)
		rc = event_load_head(ex->db, &ex->head, err);
	if (rc == RC_OK)
		rc = reader_new(env, &ex->reader, err);
	if (rc == RC_OK) {
		db_watch(ex->db, queue_turned, &ex->writes);
		reader_watch(ex->reader, queue_turned, &ex->reports);
	}
	atomic_store(&ex->seq, ex->head.seq);
	return rc;
}

enum rc executor_new(const struct store_env *env, struct executor **out,
		     struct err *err)
{
	struct executor *ex = mem_alloc(sizeof(*ex));
	enum rc rc;

	ex->env = env;
	ex->keep = keep_new(env);
	queue_init(&ex->writes, EXECUTOR_QUEUE, env->clock);
	queue_init(&ex->reports, EXECUTOR_REPORTS, env->clock);
	ex->expiry.run = expire;
	ex->quiet_since = clock_mono_ms(env->clock);
	ex->expired_at = ex->quiet_since;
	rc = open_both(ex, err);
	if (rc == RC_OK)
		*out = ex;
	else
		executor_free(ex);
	return rc;
}

void executor_free(struct executor *ex)
{
	if (ex == NULL)
		return;
	reader_free(ex->reader);
	keep_free(ex->keep);
	db_close(ex->db);
	queue_fini(&ex->writes);
	queue_fini(&ex->reports);
	mem_free(ex);
}

int64_t executor_seq(const struct executor *ex)
{
	return (int64_t)atomic_load(&ex->seq);
}

enum rc executor_failed(const struct executor *ex)
{
	return (enum rc)atomic_load(&ex->failed);
}

void executor_figures(const struct executor *ex, struct executor_figures *out)
{
	*out = (struct executor_figures){
		.jobs = atomic_load(&ex->jobs),
		.commits = atomic_load(&ex->commits),
		.checkpoints = atomic_load(&ex->checkpoints),
		.refused = atomic_load(&ex->refused),
		.queue = atomic_load(&ex->writes.waiting),
		.reports = atomic_load(&ex->reports.waiting),
		.write_turned_ms = atomic_load(&ex->writes.turned_ms),
		.report_turned_ms = atomic_load(&ex->reports.turned_ms),
		.log_pages = atomic_load(&ex->log_pages),
		.checkpoint_at = atomic_load(&ex->checkpoint_at),
		.doubted = (enum rc)atomic_load(&ex->doubted),
	};
}
