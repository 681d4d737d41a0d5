/*
 * due - what time does by itself, as a job of the writer when there is any.
 *
 * Every turn of the main thread looks, with a connection of its own, whether
 * anything is due: the writer hears of nothing else. One job at a time; what
 * falls due is a row with its time, so nothing is lost when a turn is left out
 * or the process ends. Nothing depends on the turn's moment either: readers
 * compare with the clock. While more is due than one job does, the next follows
 * at once. Where a job fails its steps are done one by one, and the one that
 * fails alone is put off and said in the log; a full disk and the like wait for
 * the next turn.
 *
 * Only the main thread calls these; after executor_stop() the job is at rest.
 */
#ifndef DAEMON_MAIN_DUE_H
#define DAEMON_MAIN_DUE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "daemon/store/executor.h"
#include "daemon/work/steps.h"

enum due_mode {
	DUE_MANY,    /* as many as go into one transaction */
	DUE_ONE,     /* by itself: one of many failed */
	DUE_PUT_OFF, /* the one that failed by itself */
};

struct due {
	struct job job; /* first: the executor gives this back */
	struct executor *executor;
	struct reader *reader;
	enum due_mode mode;
	struct steps steps;
	int64_t try_at; /* of what is put off */
	atomic_bool at_rest;
};

__attribute__((warn_unused_result)) enum rc
due_init(struct due *due, struct executor *executor,
	 const struct store_env *env, struct err *err);
void due_fini(struct due *due);
/* Gives the writer the job where something is due. */
void due_turn(struct due *due);

#endif
