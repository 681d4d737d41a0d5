/* Who took a copy of everything: on record before the copy is made. */
#include "daemon/store/event.h"
#include "daemon/work/tools.h"

enum rc work_backup(struct work *w)
{
	struct event event = {
		.actor = w->who->name,
		.actor_site = w->who->site,
		.thing = "database",
		.version = 1,
		.verb = VERB_BACKUP,
		.request_id = w->request_id,
		.class = EVENT_CHANGE,
	};

	return event_append(w->tx, &event, &w->err);
}
