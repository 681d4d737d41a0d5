#include "daemon/main/due.h"

#include <stddef.h>

#include "base/log.h"
#include "daemon/work/work.h"

static enum rc run_due(struct job *job, struct tx *tx)
{
	(void)job;
	return work_due(tx);
}

static void on_done(struct job *job, enum rc outcome)
{
	struct due *due = (struct due *)(void *)job;

	if (outcome != RC_OK)
		log_event(LOG_LVL_WARN, "due-failed",
			  LOG_S("why", rc_row(outcome)->code),
			  LOG_DO("nothing, unless it is said again and again: "
				 "then "
				 "look at the disk"));
	atomic_store(&due->at_rest, true);
}

_Static_assert(offsetof(struct due, job) == 0, "on_done() finds its due");

void due_init(struct due *due, struct executor *executor,
	      const struct clock *clock)
{
	*due = (struct due){.job = {.run = run_due, .done = on_done},
			    .executor = executor,
			    .clock = clock};
	atomic_init(&due->at_rest, true);
}

void due_turn(struct due *due)
{
	int64_t now = clock_mono_ms(due->clock);

	if (now < due->next_ms || !atomic_load(&due->at_rest))
		return;
	due->next_ms = now + DUE_EVERY_MS;
	atomic_store(&due->at_rest, false);
	if (!executor_write(due->executor, &due->job))
		atomic_store(&due->at_rest, true);
}
