#include "daemon/main/watch.h"

/* Looks in one interval of the manager's. */
#define LOOKS 4

static enum rc run_nothing(struct job *job, struct tx *tx)
{
	(void)job;
	(void)tx;
	return RC_OK;
}

/* Whatever the outcome: it is an answer. */
static void on_done(struct job *job, enum rc outcome)
{
	struct watch *watch = (struct watch *)(void *)job;

	(void)outcome;
	atomic_store(&watch->at_rest, true);
}

_Static_assert(offsetof(struct watch, job) == 0, "on_done() finds its watch");

void watch_init(struct watch *watch, struct executor *executor,
		const struct net *net, const struct clock *clock,
		int64_t interval_ms)
{
	*watch = (struct watch){.job = {.run = run_nothing, .done = on_done},
				.executor = executor,
				.net = net,
				.clock = clock,
				.interval_ms = interval_ms};
	atomic_init(&watch->at_rest, true);
}

static bool writer_alive(struct watch *watch)
{
	struct executor_figures figures;
	bool moves;

	executor_figures(watch->executor, &figures);
	moves = figures.jobs != watch->jobs_before;
	watch->jobs_before = figures.jobs;
	if (!atomic_load(&watch->at_rest))
		return moves;
	atomic_store(&watch->at_rest, false);
	if (executor_write(watch->executor, &watch->job))
		return true;
	atomic_store(&watch->at_rest, true);
	return moves;
}

static bool workers_alive(const struct watch *watch, int64_t now)
{
	struct net_figures figures;

	net_figures(watch->net, &figures);
	return now - figures.turned_ms < watch->interval_ms;
}

bool watch_turn(struct watch *watch)
{
	int64_t now = clock_mono_ms(watch->clock);

	if (now < watch->due_ms)
		return false;
	watch->due_ms = now + watch->interval_ms / LOOKS;
	return writer_alive(watch) && workers_alive(watch, now);
}
