#include "daemon/main/proof.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/log.h"
#include "daemon/store/keycheck.h"
#include "daemon/store/probe.h"

struct proof {
	struct job job;
	struct err err;
	pthread_mutex_t lock;
	pthread_cond_t told;
	bool done;
	enum rc outcome;
};

static enum rc run_proof(struct job *job, struct tx *tx)
{
	struct proof *proof = (struct proof *)(void *)job;

	enum rc rc = keycheck_verify(tx, &proof->err);

	if (rc == RC_OK)
		rc = probe_write(tx, &proof->err);
	/* the key that seals is known before anything is sealed under it */
	return rc == RC_OK
		       ? keycheck_settle(tx, atomic_load(&tx->env->keys.seals),
					 &proof->err)
		       : rc;
}

static void on_proof(struct job *job, enum rc outcome)
{
	struct proof *proof = (struct proof *)(void *)job;

	pthread_mutex_lock(&proof->lock);
	proof->outcome = outcome;
	proof->done = true;
	pthread_cond_signal(&proof->told);
	pthread_mutex_unlock(&proof->lock);
}

_Static_assert(offsetof(struct proof, job) == 0, "a job is its proof");

static void await(struct proof *proof)
{
	pthread_mutex_lock(&proof->lock);
	while (!proof->done)
		pthread_cond_wait(&proof->told, &proof->lock);
	pthread_mutex_unlock(&proof->lock);
}

enum rc proof_of_writer(struct executor *executor, struct err *err)
{
	struct proof proof = {.job = {.run = run_proof, .done = on_proof},
			      .err = ERR_INIT};
	enum rc rc;

	pthread_mutex_init(&proof.lock, NULL);
	pthread_cond_init(&proof.told, NULL);
	if (executor_write(executor, &proof.job))
		await(&proof);
	else
		proof.outcome = RC_BUSY;
	pthread_cond_destroy(&proof.told);
	pthread_mutex_destroy(&proof.lock);
	rc = proof.outcome;
	if (rc == RC_FULL)
		log_event(LOG_LVL_ERR, "disk-full",
			  LOG_DO("make room: until then everything can be "
				 "read and nothing be changed"));
	if (rc == RC_OK || rc == RC_FULL)
		return RC_OK;
	return err_set(err, rc, "%s",
		       proof.err.text[0] != '\0' ? proof.err.text
						 : rc_row(rc)->title);
}
