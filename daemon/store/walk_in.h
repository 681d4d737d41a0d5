/*
 * walk_in - the tokens of a free clinic, as they are stored.
 *
 * A token is waiting, then called to a station, then seen; or gone, from
 * either. Numbers count from 1 and follow one another; the database holds that,
 * and the most that there are. A name is sealed (seal.h), and need not be
 * given.
 */
#ifndef DAEMON_STORE_WALK_IN_H
#define DAEMON_STORE_WALK_IN_H

#include "daemon/store/booking.h"

struct walk_in {
	int64_t id;
	int64_t number;
	int64_t station;		       /* for which it is; 0: any */
	int64_t called_to;		       /* 0: not yet */
	int state;			       /* words_walk_in */
	int64_t drawn_at, called_at, ended_at; /* 0: not yet */
	const char *station_slug, *called_slug;
	const char *name; /* NULL: none was given */
};

/* Draws the next; in: station and name, out: all of it. RC_REFUSED: no more. */
__attribute__((warn_unused_result)) enum rc
walk_in_draw(struct tx *tx, const struct booking *b, struct walk_in *inout,
	     struct err *err);
/* Whoever is called to the station, and neither seen nor gone; else the next
 * that waits for it or for any. RC_NOT_FOUND: nobody. */
__attribute__((warn_unused_result)) enum rc
walk_in_next(struct tx *tx, int64_t booking, int64_t station,
	     struct arena *arena, struct walk_in *out, struct err *err);
__attribute__((warn_unused_result)) enum rc
walk_in_find(struct tx *tx, int64_t booking, int64_t number,
	     struct arena *arena, struct walk_in *out, struct err *err);
/* Writes state, called_to and the times. */
__attribute__((warn_unused_result)) enum rc
walk_in_update(struct tx *tx, const struct walk_in *in, struct err *err);
/* Opens its name, where it has one. */
__attribute__((warn_unused_result)) enum rc
walk_in_open(struct tx *tx, const struct booking *b, struct arena *arena,
	     struct walk_in *inout, struct err *err);
/* Those that are called or wait, by number, without names. */
__attribute__((warn_unused_result)) enum rc
walk_in_list(struct tx *tx, int64_t booking, struct arena *arena,
	     struct walk_in **out, size_t *out_n, struct err *err);
/* How many are in each state. */
__attribute__((warn_unused_result)) enum rc
walk_in_count(struct tx *tx, int64_t booking, int64_t out[WALK_IN_COUNT],
	      struct err *err);
/* The stations that the booking has. */
struct walk_in_station {
	int64_t id;
	const char *slug;
};
__attribute__((warn_unused_result)) enum rc
walk_in_stations(struct tx *tx, int64_t booking, struct arena *arena,
		 struct walk_in_station **out, size_t *out_n, struct err *err);

#endif
