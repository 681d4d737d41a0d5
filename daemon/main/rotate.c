#include "daemon/main/rotate.h"

#include <stddef.h>

#include "base/log.h"
#include "daemon/store/keycheck.h"
#include "daemon/store/sound.h"

static struct rotate *of(struct job *job)
{
	return (struct rotate *)(void *)job;
}

_Static_assert(offsetof(struct rotate, job) == 0, "a job is its rotation");

static enum rc run(struct job *job, struct tx *tx)
{
	struct rotate *r = of(job);

	r->settles = atomic_load(&r->slot);
	r->settling = r->settles != atomic_load(&r->env->keys.seals);
	if (r->settling)
		return keycheck_settle(tx, r->settles, NULL);
	r->next = r->at;
	return reseal_step(tx, &r->next, NULL);
}

/* A key that is not settled yet, or a walk that goes on. */
static bool is_wanted(const struct rotate *r)
{
	return atomic_load(&r->wanted) ||
	       atomic_load(&r->slot) != atomic_load(&r->env->keys.seals);
}

static void say_failed(enum rc outcome)
{
	log_event(LOG_LVL_WARN, "rotation-failed",
		  LOG_S("why", rc_row(outcome)->code),
		  LOG_DO("keep the old field key; it is tried again, and when "
			 "this is said again and again look at the disk"));
}

static void say_unopened(const struct reseal_at *at)
{
	if (at->unopened == 0)
		return;
	log_event(LOG_LVL_WARN, "value-unopened", LOG_N("count", at->unopened),
		  LOG_S("column", at->place), LOG_N("row", at->number),
		  LOG_DO("keep the older field keys in their file; see \"What"
			 " does not open\" in the administrator's guide"));
}

static void seal_by(struct rotate *r)
{
	if (keys_name_by(&r->env->keys, r->settles) != RC_OK)
		say_failed(RC_BUSY);
	atomic_store(&r->env->keys.seals, r->settles);
	/* A walk that ended meanwhile was of the key before. */
	atomic_store(&r->wanted, true);
	log_event(LOG_LVL_INFO, "field-key-seals");
}

static void on_step(struct rotate *r)
{
	say_unopened(&r->next);
	r->at = r->next;
	if (atomic_exchange(&r->again, false))
		r->at = (struct reseal_at){.more = true};
	if (!r->at.more)
		atomic_store(&r->wanted, false);
}

static void on_done(struct job *job, enum rc outcome)
{
	struct rotate *r = of(job);

	if (outcome != RC_OK)
		say_failed(outcome);
	else if (r->settling)
		seal_by(r);
	else
		on_step(r);
	if (outcome == RC_OK && is_wanted(r) &&
	    !executor_is_late(r->executor) &&
	    executor_write(r->executor, &r->job))
		return;
	atomic_store(&r->at_rest, true);
}

void rotate_init(struct rotate *rotate, struct executor *executor,
		 struct store_env *env)
{
	*rotate = (struct rotate){
		.job = {.run = run, .done = on_done},
		.executor = executor,
		.env = env,
	};
	atomic_init(&rotate->slot, atomic_load(&env->keys.seals));
	atomic_init(&rotate->wanted,
		    true); /* a walk may have been broken off */
	atomic_init(&rotate->again, false);
	atomic_init(&rotate->at_rest, true);
}

/* Every key of the file is among ours. */
static enum rc add_all(struct store_keys *keys, const struct store_keys *fresh,
		       struct err *err)
{
	for (unsigned i = 0; i < keys_count(fresh); i++)
		if (keys_find_same(keys, fresh, i) < 0 &&
		    keys_add_of(keys, fresh, i) < 0)
			return err_set(err, RC_BUSY,
				       "there were %d field keys since the "
				       "start: restart the daemon",
				       STORE_KEYS_MAX);
	return RC_OK;
}

enum rc rotate_take(struct rotate *rotate, const struct store_keys *fresh,
		    struct err *err)
{
	struct store_env trial = *rotate->env;
	int version;
	enum rc rc;

	trial.keys = *fresh;
	rc = sound_key(&trial, &version, err);
	mem_wipe(&trial.keys, sizeof(trial.keys));
	if (rc == RC_OK)
		rc = add_all(&rotate->env->keys, fresh, err);
	if (rc != RC_OK)
		return rc;
	atomic_store(&rotate->slot,
		     (unsigned)keys_find_same(&rotate->env->keys, fresh, 0));
	atomic_store(&rotate->again, true);
	atomic_store(&rotate->wanted, true);
	return RC_OK;
}

void rotate_turn(struct rotate *rotate)
{
	if (!is_wanted(rotate) || !atomic_load(&rotate->at_rest) ||
	    executor_is_late(rotate->executor))
		return;
	atomic_store(&rotate->at_rest, false);
	if (!executor_write(rotate->executor, &rotate->job))
		atomic_store(&rotate->at_rest, true);
}
