/*
 * rotate - field keys come and go while the service runs.
 *
 * A new first key of the file is first written into the database and the log,
 * by a job of the writer's; once that is committed it seals, and jobs seal anew
 * what is under older keys (store/reseal.h), one after the other, but none
 * while the writer is late. What does not open is said, and tried again at each
 * start and reload. Keys that are gone from the file open until the
 * next start. Only the main thread calls these; after executor_stop() the job
 * is at rest.
 */
#ifndef DAEMON_MAIN_ROTATE_H
#define DAEMON_MAIN_ROTATE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "daemon/store/executor.h"
#include "daemon/store/reseal.h"

struct rotate {
	struct job job; /* first: the executor gives this back */
	struct executor *executor;
	struct store_env *env;
	atomic_uint slot;      /* the key that is to seal */
	unsigned settles;      /* which one the job under way is for */
	bool settling;	       /* what the job under way is for */
	struct reseal_at at;   /* as the last job left it */
	struct reseal_at next; /* as the one under way finds it */
	atomic_bool wanted;    /* there may be something to do */
	atomic_bool again;     /* what did not open is to be tried */
	atomic_bool at_rest;   /* the job is not under way */
};

void rotate_init(struct rotate *rotate, struct executor *executor,
		 struct store_env *env);
/* The keys of the file as it is now. RC_FORBIDDEN: one is missing that
 * something is sealed under; RC_BUSY: there was no room for another one. */
__attribute__((warn_unused_result)) enum rc
rotate_take(struct rotate *rotate, const struct store_keys *fresh,
	    struct err *err);
/* Hands the writer a job when there is one; often is fine. */
void rotate_turn(struct rotate *rotate);

#endif
