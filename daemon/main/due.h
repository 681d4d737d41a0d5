/*
 * due - what time does by itself, as a job of the writer now and then.
 *
 * One job at a time; what falls due is a row with its time, so nothing is lost
 * when a turn is left out or the process ends. Nothing depends on the turn's
 * moment either: readers compare with the clock. Only the main thread calls
 * these; after executor_stop() the job is at rest.
 */
#ifndef DAEMON_MAIN_DUE_H
#define DAEMON_MAIN_DUE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "daemon/store/executor.h"

#define DUE_EVERY_MS 1000

struct due {
	struct job job; /* first: the executor gives this back */
	struct executor *executor;
	const struct clock *clock;
	int64_t next_ms; /* monotonic */
	atomic_bool at_rest;
};

void due_init(struct due *due, struct executor *executor,
	      const struct clock *clock);
/* Hands the job to the writer when it is time; often is fine. */
void due_turn(struct due *due);

#endif
