/*
 * give_way - what stands in the way of something urgent, and where it goes.
 *
 * Bookings that are routine or urgent, and that have not started, give way to
 * an emergency; live holds on somebody are released. Never another emergency,
 * nor one that has started. First all of them lose their claims
 * (give_way_clear), then the urgent one takes the time, then each of them is
 * moved to the nearest time that was looked for beforehand and that still
 * does, or else its request goes back to be arranged anew, first of those that
 * wait (give_way_settle). Everybody concerned hears of it by the events.
 */
#ifndef DAEMON_WORK_GIVE_WAY_H
#define DAEMON_WORK_GIVE_WAY_H

#include "daemon/work/emergency.h"
#include "daemon/work/tools.h"

struct give_way {
	struct booking v[WORK_MOVES_MAX];
	size_t n;
};

/* May that booking give way to an emergency? */
enum rc give_way_may(struct work *w, const struct booking *b, bool *out);
/* False: it has as many as it takes. */
bool give_way_add(struct give_way *g, const struct booking *b);
bool give_way_has(const struct give_way *g, int64_t booking);

enum rc give_way_clear(struct work *w, const struct give_way *g);
/* for_request: to which; reason: for everybody whose session it was. */
enum rc give_way_settle(struct work *w, struct give_way *g, int64_t for_request,
			const char *reason);
/* Reads only: the nearest times of each, none of which touches the span; the
 * nearest first. */
enum rc give_way_look(struct work *w, const struct give_way *g,
		      struct core_span taken, struct work_moves *out);

#endif
