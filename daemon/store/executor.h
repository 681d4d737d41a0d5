/*
 * executor - the writer: the only one who commits.
 *
 * Jobs are drained into a batch, with those that come while it runs until
 * nobody waits; it runs in one BEGIN IMMEDIATE and is committed once, and only
 * then every job hears its outcome (group commit). A batch with somebody urgent
 * takes nobody more. A job that refuses, or is but tried, is rolled back alone:
 * where it had changed something already, the batch is run again, each job in a
 * savepoint. Outcomes: what run() answered, when the commit held; RC_FULL,
 * RC_BUSY, RC_NOMEM or RC_IO when nothing of the batch is stored; RC_UNKNOWN
 * when the commit failed and nobody can say; after RC_IO or RC_CORRUPT of the
 * engine the writer takes no more work and answers every job so
 * (executor_failed).
 *
 * The writer is a step function (executor_step), called for ever by its
 * thread and one by one by a simulation. Checkpoints happen in it, when it is
 * idle or the log is large. A second kind of job only reads, on a thread and a
 * connection of its own: reports, verification.
 *
 * A backup is made by the writer, too, some pages between two batches: a batch
 * waits for one such turn at most.
 */
#ifndef DAEMON_STORE_EXECUTOR_H
#define DAEMON_STORE_EXECUTOR_H

#include "daemon/store/backup.h"
#include "daemon/store/tx.h"

struct executor;

struct job {
	/* In the writer: may be called more than once; answers RC_OK to keep
	 * its changes. In a reading job: tx->write is false. */
	enum rc (*run)(struct job *job, struct tx *tx);
	/* After the outcome is certain, on the writer's (or report) thread;
	 * takes the job back: it may hand it on or free it. */
	void (*done)(struct job *job, enum rc outcome);
	/* But tried: whatever run() answers, its changes are undone, the chain
	 * included. done() hears the outcome as if they had been kept. */
	bool undo;
	/* Goes before what is not, when it is put. */
	bool urgent;
	int64_t put_ms; /* the executor's own */
};

#define EXECUTOR_QUEUE 4096
#define EXECUTOR_BATCH 256
#define EXECUTOR_REPORTS 1024 /* waiting at a time */
#define EXECUTOR_LATE_MS 100

/* Opens the writer's connection (the lock is held already, lock.h), migrates,
 * reads the chain's head. env outlives it. */
__attribute__((warn_unused_result)) enum rc
executor_new(const struct store_env *env, struct executor **out,
	     struct err *err);
/* Where it fails, executor_stop() ends what was begun. */
__attribute__((warn_unused_result)) enum rc executor_start(struct executor *ex,
							   struct err *err);
/* Any thread. False: the queue is full, or the executor is stopping; the job
 * stays the caller's. */
bool executor_write(struct executor *ex, struct job *job);
bool executor_report(struct executor *ex, struct job *job);
/* Any thread: more comes than the writer can do. More than a batch waits, and
 * the oldest for longer than EXECUTOR_LATE_MS; where only few wait, it is a
 * slow moment that will pass. Who puts what may come again asks this first. */
bool executor_is_late(const struct executor *ex);
/* From within a reading job that asks the engine nothing for long: it moves. */
void executor_report_moves(struct executor *ex);
/* One batch; answers the number of jobs it settled. Without any it may do what
 * is due meanwhile: move the log, forget expired keys. */
unsigned executor_step(struct executor *ex);
/* One reading job; for a simulation, which has no thread for them. */
unsigned executor_report_step(struct executor *ex);
/* Any thread: the number of the last event that is committed for certain, told
 * before anybody hears the outcome of its job. Whoever is told of events asks
 * this, and the database only when it has moved. */
int64_t executor_seq(const struct executor *ex);
/* RC_OK, or why the writer has given up for good. */
enum rc executor_failed(const struct executor *ex);
/* A reader met a failing disk or a damaged database: no more work is taken. */
void executor_fail(struct executor *ex, enum rc rc);
/* Settles everything queued, then ends the threads and checkpoints. */
void executor_stop(struct executor *ex);
/* After executor_stop(). */
void executor_free(struct executor *ex);

/* There is one backup at a time, from the claim to the release, by whoever got
 * the claim; any thread. */
bool executor_backup_claim(struct executor *ex);
void executor_backup_release(struct executor *ex);
/* On the writer's thread, from a job's done(): the copy begins, and what was
 * committed until it ends is in it. The order is told in any case. */
void executor_backup_start(struct executor *ex, struct backup_order *order);

struct executor_figures {
	uint64_t jobs, commits, checkpoints, refused;
	uint64_t queue, reports; /* waiting now */
	/* Monotonic: the threads' last signs of life. One with a job gives them
	 * often, also from within a long statement; one without, never. */
	int64_t write_turned_ms, report_turned_ms;
	int64_t log_pages;     /* as of the last commit or checkpoint */
	int64_t checkpoint_at; /* UTC; 0: none yet */
	/* RC_OK, or why the last changes could not be stored: until some are.
	 */
	enum rc doubted;
};
void executor_figures(const struct executor *ex, struct executor_figures *out);

/* A reader's connection for a worker thread. */
struct reader;
__attribute__((warn_unused_result)) enum rc
reader_new(const struct store_env *env, struct reader **out, struct err *err);
void reader_free(struct reader *reader);
__attribute__((warn_unused_result)) enum rc
reader_begin(struct reader *reader, struct tx *out_tx, struct err *err);
void reader_end(struct reader *reader);
/* db_watch() of its connection. */
void reader_watch(struct reader *reader, void (*moving)(void *ctx), void *ctx);
/* RC_OK, or RC_IO or RC_CORRUPT: then executor_fail() must hear of it. */
enum rc reader_failed(const struct reader *reader);

#endif
