/*
 * give_way - what stands in the way of something urgent, and where it goes.
 *
 * Bookings that are routine or urgent, and that have not started, give way to
 * an emergency; so do live holds on somebody, never on a room
 * (docs/decisions/0032-a-hold-and-an-emergency.md). Never another emergency,
 * nor one that has started. First all of them lose their claims
 * (give_way_clear), then the urgent one takes the time, then each of them is
 * moved to the nearest time that was looked for beforehand and that still
 * does, or else is given back (give_way_settle, give_back.h). Everybody
 * concerned hears of it by the events.
 */
#ifndef DAEMON_WORK_GIVE_WAY_H
#define DAEMON_WORK_GIVE_WAY_H

#include "daemon/work/emergency.h"
#include "daemon/work/tools.h"

/* In the arena of the work. */
struct give_way {
	struct booking *v;
	size_t n;
};

/* May that booking give way to an emergency? */
enum rc give_way_may(struct work *w, const struct booking *b, bool *out);
/* Each once; RC_REFUSED: it has as many as may give way at once. */
enum rc give_way_add(struct work *w, struct give_way *g,
		     const struct booking *b);
bool give_way_has(const struct give_way *g, int64_t booking);

enum rc give_way_clear(struct work *w, const struct give_way *g);
/* for_request: to which; reason: for everybody whose session it was. One that
 * cannot be moved, for whatever reason, is no reason against the urgent one. */
enum rc give_way_settle(struct work *w, struct give_way *g, int64_t for_request,
			const char *reason);
/* Reads only: the nearest times of each, none of which touches the span; the
 * nearest first, but behind the others those that an earlier one of the same
 * expert's will have. */
enum rc give_way_look(struct work *w, const struct give_way *g,
		      struct core_span taken, struct work_moves *out);

#endif
