#include "daemon/main/watch.h"

#include <stddef.h>
#include <stdio.h>

#include "base/log.h"
#include "daemon/store/probe.h"

/* Looks in one interval of the manager's. */
#define LOOKS 4

enum { MAIN, WRITER, REPORTS, WORKERS }; /* in watch->silent */

static enum rc run_write(struct job *job, struct tx *tx)
{
	const struct watch_ask *ask =
		(const struct watch_ask *)(const void *)job;
	struct executor_figures figures;

	executor_figures(ask->executor, &figures);
	return figures.doubted == RC_OK ? RC_OK : probe_write(tx, NULL);
}

/* Moving is all that is asked. */
static enum rc run_report(struct job *job, struct tx *tx)
{
	(void)job;
	(void)tx;
	return RC_OK;
}

/* Whatever the outcome: it is an answer. */
static void on_done(struct job *job, enum rc outcome)
{
	struct watch_ask *ask = (struct watch_ask *)(void *)job;

	(void)outcome;
	atomic_store(&ask->at_rest, true);
}

_Static_assert(offsetof(struct watch_ask, job) == 0, "on_done() finds its ask");

static void ask_init(struct watch_ask *ask, struct executor *executor,
		     enum rc (*run)(struct job *job, struct tx *tx))
{
	ask->job = (struct job){.run = run, .done = on_done};
	ask->executor = executor;
	atomic_init(&ask->at_rest, true);
}

void watch_init(struct watch *watch, struct executor *executor,
		const struct net *net, const struct clock *clock,
		int64_t interval_ms)
{
	int64_t ms = interval_ms > 0 ? interval_ms : WATCH_UNWATCHED_MS;

	*watch = (struct watch){.executor = executor,
				.net = net,
				.clock = clock,
				.limit_ms = ms / 2,
				.look_ms = ms / LOOKS,
				.main_ms = clock_mono_ms(clock)};
	if (watch->look_ms > WATCH_LOOK_MS)
		watch->look_ms = WATCH_LOOK_MS;
	if (watch->limit_ms < WATCH_LEAST_MS)
		watch->limit_ms = WATCH_LEAST_MS;
	ask_init(&watch->write, executor, run_write);
	ask_init(&watch->report, executor, run_report);
}

/* A full queue is no fault: its thread shows whether it moves. */
static void put_question(struct watch_ask *ask, int64_t now,
			 bool (*put)(struct executor *ex, struct job *job))
{
	if (!atomic_exchange(&ask->at_rest, false))
		return;
	ask->asked_ms = now;
	if (put(ask->executor, &ask->job))
		return;
	ask->asked_ms = 0;
	atomic_store(&ask->at_rest, true);
}

/* Of a thread of the store that has last moved at turned_ms. */
static int64_t silence(const struct watch_ask *ask, int64_t now,
		       int64_t turned_ms)
{
	if (ask->asked_ms == 0)
		return now - turned_ms;
	if (atomic_load(&ask->at_rest))
		return 0;
	return now - (turned_ms > ask->asked_ms ? turned_ms : ask->asked_ms);
}

static void name_of(unsigned thread, char out[WATCH_NAME_MAX])
{
	static const char *const names[] = {"main", "writer", "reports"};

	if (thread < WORKERS)
		snprintf(out, WATCH_NAME_MAX, "%s", names[thread]);
	else
		snprintf(out, WATCH_NAME_MAX, "worker-%u", thread - WORKERS);
}

/* Says once that it is silent, and once that it is not any more. */
static bool moves(struct watch *watch, unsigned thread, int64_t silent_ms)
{
	bool silent = silent_ms >= watch->limit_ms;
	char name[WATCH_NAME_MAX];

	if (silent == watch->silent[thread])
		return !silent;
	watch->silent[thread] = silent;
	name_of(thread, name);
	if (silent)
		log_event(LOG_LVL_ERR, "thread-silent", LOG_S("thread", name),
			  LOG_N("ms", silent_ms),
			  LOG_DO("report it, with the lines around this one; "
				 "unless it moves again the service manager "
				 "starts the daemon anew"));
	else
		log_event(LOG_LVL_NOTICE, "thread-back", LOG_S("thread", name));
	return !silent;
}

/* All are asked, so that the log names all that are silent. */
static bool all_move(struct watch *watch, int64_t now)
{
	struct executor_figures store;
	struct net_figures net;
	unsigned silent = 0;

	executor_figures(watch->executor, &store);
	net_figures(watch->net, &net);
	silent += !moves(watch, WRITER,
			 silence(&watch->write, now, store.write_turned_ms));
	silent += !moves(watch, REPORTS,
			 silence(&watch->report, now, store.report_turned_ms));
	for (unsigned i = 0; i < net.workers; i++)
		silent += !moves(watch, WORKERS + i,
				 now - net_turned_ms(watch->net, i));
	return silent == 0;
}

int64_t watch_wait_ms(const struct watch *watch)
{
	int64_t ms = watch->look_ms;

	return ms < 1 ? 1 : ms < WATCH_LEAST_MS / 2 ? ms : WATCH_LEAST_MS / 2;
}

bool watch_turn(struct watch *watch)
{
	int64_t now = clock_mono_ms(watch->clock);

	(void)moves(watch, MAIN, now - watch->main_ms);
	watch->main_ms = now;
	if (now < watch->due_ms)
		return false;
	watch->due_ms = now + watch->look_ms;
	bool well = all_move(watch, now);

	put_question(&watch->write, now, executor_write);
	put_question(&watch->report, now, executor_report);
	return well;
}
