/*
 * roster - who is on call, as it is stored: rosters and swaps.
 *
 * A roster is known by its site, specialty and level; a swap names these, so
 * it outlives an import that changes the roster's people. network.h writes
 * rosters; swaps are made here.
 */
#ifndef DAEMON_STORE_ROSTER_H
#define DAEMON_STORE_ROSTER_H

#include "daemon/core/roster.h"
#include "daemon/store/tx.h"

/* Of a site (0: of all), of a specialty (NULL: of all), by site, specialty and
 * level; with the swaps that touch the window. Everything lives in the arena.
 */
__attribute__((warn_unused_result)) enum rc
roster_load(struct tx *tx, int64_t site, const char *specialty,
	    struct core_span window, struct arena *arena, struct roster **out,
	    size_t *out_n, struct err *err);

/* One after the other of all sites' rosters of that level, by site and
 * specialty; of each the arena has room again once it was looked at. A look
 * that does not answer RC_OK ends it. */
typedef enum rc (*roster_look)(void *ctx, const struct roster *roster);
__attribute__((warn_unused_result)) enum rc
roster_each(struct tx *tx, int level, struct core_span window,
	    struct arena *arena, roster_look look, void *ctx, struct err *err);

struct roster_swap_row {
	int64_t id; /* out */
	int64_t site;
	const char *specialty;
	int level;
	int64_t gives, takes;
	struct core_span span;
	bool given, taken; /* out: by either */
};
/* Says what the row says in the name of who gives, of who takes over, or of
 * both; the same row said by the other agrees on it. RC_STATE: that was said
 * already. */
__attribute__((warn_unused_result)) enum rc
roster_swap_say(struct tx *tx, struct roster_swap_row *row, struct err *err);

#endif
