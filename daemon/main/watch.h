/*
 * watch - does every thread of the daemon still do its work?
 *
 * Each thread shows when it last moved. A worker turns its loop at least once
 * a second by itself; the writer and the report thread are given a small job
 * at every look, so that idle ones move, too, and one with a long job shows
 * from within it that the engine makes progress. A thread that has not moved
 * for half the manager's interval (two seconds at least) is silent: the log
 * names it once, the manager is told nothing more, and acts when its interval
 * is over. Main is who looks: when it hangs nobody tells the manager anything;
 * when it comes back late it says so.
 *
 * While the last changes could not be stored the writer's job stores
 * something, so that the end of it is noticed. Only the main thread calls
 * these; the jobs come back on their threads. After executor_stop() they are
 * at rest.
 */
#ifndef DAEMON_MAIN_WATCH_H
#define DAEMON_MAIN_WATCH_H

#include <stdatomic.h>
#include <stdbool.h>

#include "daemon/net/net.h"
#include "daemon/store/executor.h"

#define WATCH_UNWATCHED_MS 30000 /* without a manager that waits */
#define WATCH_LOOK_MS 5000	 /* between two looks at most */
#define WATCH_LEAST_MS 2000	 /* a worker may sleep for half of it */
#define WATCH_THREADS_MAX 67	 /* main, writer, reports, 64 workers */

#define WATCH_NAME_MAX 24

/* One question to a thread of the store. */
struct watch_ask {
	struct job job;	     /* first: the executor gives this back */
	atomic_bool at_rest; /* the job is not under way */
	int64_t asked_ms;    /* monotonic: when it went; 0: it could not */
	struct executor *executor;
};

struct watch {
	struct watch_ask write, report;
	struct executor *executor;
	const struct net *net;
	const struct clock *clock;
	int64_t limit_ms; /* of silence */
	int64_t look_ms;  /* between two looks */
	int64_t due_ms;	  /* monotonic: the next look */
	int64_t main_ms;  /* monotonic: the last turn */
	bool silent[WATCH_THREADS_MAX];
};

/* interval_ms: what the service manager waits at most; 0: there is none, and
 * silence is only logged. */
void watch_init(struct watch *watch, struct executor *executor,
		const struct net *net, const struct clock *clock,
		int64_t interval_ms);
/* How long main may sleep before the next turn. */
int64_t watch_wait_ms(const struct watch *watch);
/* True when a look was due and all is well: then say
 * so to the manager. */
bool watch_turn(struct watch *watch);

#endif
