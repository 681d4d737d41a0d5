/*
 * ask - the facts for the core, loaded for a wish and a window.
 *
 * The same loading serves the search, the booking and the nearest times, so
 * that all three decide on the same things.
 */
#ifndef DAEMON_WORK_ASK_H
#define DAEMON_WORK_ASK_H

#include "daemon/store/calendar.h"
#include "daemon/store/share.h"
#include "daemon/work/work.h"

struct ask {
	struct calendar_loader loader;
	struct core_agreement agreement;
	struct core_subject patient, surgeon;
	struct core_shares shares;
	const int64_t *had; /* what wish->ignore_booking claims now */
	size_t nhad;
	/* What the experts have had (fair.h); NULL: they come by name. */
	const struct core_load *loads;
	/* Of core, to be completed. */
	struct core_expert *experts;
	struct core_subject *lead_rooms;
	struct core_ask core;
};

/* The experts who may do, the rooms where they may be and the ways between
 * them; of the ask the loader, the agreement, the kind and had are there. */
enum rc ask_load_people(struct work *w, const struct wish *wish,
			struct ask *ask);

/* The facts live in the arena, and out must not be moved. What is answered is
 * copied into that of w. */
enum rc ask_load(struct work *w, const struct wish *wish,
		 struct core_span window, struct arena *arena, struct ask *out);

/* The same for a search over any expert: what of it the connection keeps
 * (squad.h) is not loaded again. */
enum rc ask_load_search(struct work *w, const struct wish *wish,
			struct core_span window, struct arena *arena,
			struct ask *out);

/* Decides at wish->at, for the named expert or the first who can. RC_REFUSED:
 * every reason of every expert stands in w->blockers, the wish in w->wish. */
enum rc ask_decide(struct work *w, const struct ask *ask,
		   const struct wish *wish, struct core_plan *out);

/* Adds them to w->blockers, in words. */
enum rc ask_tell(struct work *w, const struct core_blockers *more);

/* What of an expert's answer is not for whoever asks is told of the expert. */
void ask_hide_places(const struct work *w, const struct ask *ask,
		     struct core_blockers *blockers);

/* Is what is claimed in that role a room, a link or another resource? */
bool ask_is_resource(enum claim_role role);

enum rc ask_view_slot(struct work *w, const struct ask *ask,
		      const struct core_plan *plan, struct msg_slot *out);

#endif
