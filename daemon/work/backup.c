/* Who wants a copy of everything is on record before it is made; that it was,
 * when they have it. */
#include "daemon/store/event.h"
#include "daemon/work/tools.h"

static enum rc append(struct work *w, const char *state)
{
	struct event event = {
		.actor = w->who->name,
		.actor_site = w->who->site,
		.thing = "database",
		.version = 1,
		.verb = VERB_BACKUP,
		.to_state = state,
		.request_id = w->request_id,
		.class = EVENT_CHANGE,
	};

	return event_append(w->tx, &event, &w->err);
}

enum rc work_backup(struct work *w)
{
	return append(w, NULL);
}

enum rc work_backup_made(struct work *w)
{
	return append(w, "made");
}
