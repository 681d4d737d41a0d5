#include "daemon/main/record.h"

#include "base/log.h"
#include "daemon/store/event.h"

static enum rc run_record(struct job *job, struct tx *tx)
{
	const struct event event = {
		.actor = words_name(&words_role, ROLE_SYSTEM),
		.thing = "server-certificate",
		.version = 1,
		.verb = VERB_RENEW,
		.request_id = "renew",
		.class = EVENT_CHANGE};

	(void)job;
	return event_append(tx, &event, NULL);
}

static void say_lost(const char *why)
{
	log_event(LOG_LVL_WARN, "not-on-record",
		  LOG_S("what", "server-certificate"), LOG_S("why", why),
		  LOG_DO("keep this line: the event log has none of it"));
}

static void on_done(struct job *job, enum rc outcome)
{
	if (outcome != RC_OK)
		say_lost(rc_row(outcome)->code);
	mem_free(job);
}

void record_renewal(struct executor *executor)
{
	struct job *job = mem_alloc(sizeof(*job));

	*job = (struct job){.run = run_record, .done = on_done};
	if (executor_write(executor, job))
		return;
	mem_free(job);
	say_lost(rc_row(RC_BUSY)->code);
}
