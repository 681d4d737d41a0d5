#include "daemon/main/due.h"

#include <stddef.h>

#include "base/log.h"
#include "daemon/stat/stat.h"

static enum rc run_steps(struct due *due, struct tx *tx)
{
	bool one = due->mode == DUE_ONE;

	due->steps.limit = one ? 1 : STEPS_AT_ONCE;
	due->steps.leave_holds = one;
	return steps_run(tx, &due->steps);
}

static enum rc run_due(struct job *job, struct tx *tx)
{
	struct due *due = (struct due *)(void *)job;

	if (due->mode == DUE_PUT_OFF)
		return due_put_off(tx, &due->steps.row, &due->try_at,
				   &due->steps.why);
	return run_steps(due, tx);
}

/* Not for what a step is about, but for how things stand: all would fail, and
 * will not for ever. */
static bool is_passing(enum rc rc)
{
	return rc == RC_FULL || rc == RC_BUSY || rc == RC_IO ||
	       rc == RC_UNKNOWN;
}

static void say_put_off(const struct due *due)
{
	const struct due_row *row = &due->steps.row;

	log_event(LOG_LVL_ERR, "due-step-failed",
		  LOG_S("what", words_name(&words_due, (int)row->what)),
		  LOG_N("thing", row->thing_id), LOG_N("at", row->at),
		  LOG_N("failed", row->failed + 1),
		  LOG_N("again_at", due->try_at),
		  LOG_S("why", due->steps.why.text), LOG_DO_REPORT);
}

static void say_passing(const char *why)
{
	log_event(LOG_LVL_WARN, "due-failed", LOG_S("why", why),
		  LOG_DO("nothing, unless it is said again and again: then "
			 "look at the disk"));
}

/* A hold that cannot end: what else is due is done all the same. */
static void say_hold(const struct due *due)
{
	log_event(LOG_LVL_ERR, "hold-stays", LOG_S("why", due->steps.why.text),
		  LOG_DO_REPORT);
}

/* Is there more to do at once? */
static bool went_well(struct due *due)
{
	bool put_off = due->mode == DUE_PUT_OFF;

	if (put_off)
		say_put_off(due);
	if (put_off || !due->steps.more)
		due->mode = DUE_MANY;
	return put_off || due->steps.more;
}

static bool went_wrong(struct due *due, enum rc outcome)
{
	enum due_mode mode = due->mode;

	due->mode = DUE_MANY;
	if (is_passing(outcome) || mode == DUE_PUT_OFF) {
		say_passing(rc_row(outcome)->code);
		return false;
	}
	if (mode == DUE_MANY && !due->steps.any)
		say_hold(due);
	if (mode == DUE_ONE && !due->steps.any) {
		say_passing(due->steps.why.text);
		return false;
	}
	due->mode = mode == DUE_MANY ? DUE_ONE : DUE_PUT_OFF;
	return true;
}

/* On the writer's thread. */
static void on_done(struct job *job, enum rc outcome)
{
	struct due *due = (struct due *)(void *)job;
	bool again =
		outcome == RC_OK ? went_well(due) : went_wrong(due, outcome);

	if (!again || !executor_write(due->executor, &due->job))
		atomic_store(&due->at_rest, true);
}

_Static_assert(offsetof(struct due, job) == 0, "on_done() finds its due");

enum rc due_init(struct due *due, struct executor *executor,
		 const struct store_env *env, struct err *err)
{
	*due = (struct due){.job = {.run = run_due, .done = on_done},
			    .executor = executor};
	atomic_init(&due->at_rest, true);
	return reader_new(env, &due->reader, err);
}

void due_fini(struct due *due)
{
	reader_free(due->reader);
}

/* Where it cannot be read the writer will find that, too. */
static bool look(struct due *due)
{
	struct tx tx;
	bool any = true;
	enum rc rc = reader_begin(due->reader, &tx, NULL);

	if (rc != RC_OK)
		return true;
	rc = steps_are_due(&tx, &any, NULL);
	reader_end(due->reader);
	if (rc == RC_OK && !any)
		stat_set(STAT_DUE_DONE, 0, 0, tx.now);
	return rc != RC_OK || any;
}

void due_turn(struct due *due)
{
	if (!atomic_load(&due->at_rest) || !look(due))
		return;
	atomic_store(&due->at_rest, false);
	if (!executor_write(due->executor, &due->job))
		atomic_store(&due->at_rest, true);
}
