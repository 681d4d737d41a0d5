/*
 * watch - does the daemon still do its work?
 *
 * The writer is given a job that does nothing: it is alive when the last one
 * came back, or when its queue is full and moves. The workers are alive when
 * each has turned its loop lately. Only the main thread calls these; the job
 * comes back on the writer's. After executor_stop() the job is at rest.
 */
#ifndef DAEMON_MAIN_WATCH_H
#define DAEMON_MAIN_WATCH_H

#include <stdatomic.h>
#include <stdbool.h>

#include "daemon/net/net.h"
#include "daemon/store/executor.h"

struct watch {
	struct job job;
	struct executor *executor;
	const struct net *net;
	const struct clock *clock;
	int64_t interval_ms;
	int64_t due_ms;	      /* monotonic: the next look */
	atomic_bool at_rest;  /* the job is not under way */
	uint64_t jobs_before; /* settled by the writer at the last look */
};

/* interval_ms: what the service manager waits at most; > 0. */
void watch_init(struct watch *watch, struct executor *executor,
		const struct net *net, const struct clock *clock,
		int64_t interval_ms);
/* True when a look was due and all is well: then say so to the manager. */
bool watch_turn(struct watch *watch);

#endif
