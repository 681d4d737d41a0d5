/*
 * rows - at which starts each expert, and each room of the lead, can do: bits
 * that the search works out and that may be kept from one search to the next.
 *
 * Time is cut into chunks of ROWS_CHUNK granules, counted from 1970 on, so that
 * they are the same for every search. A row has a bit for every start in the
 * chunk: set where it is worth asking (as planes are: never one too few). An
 * expert has a row for each place where the rules put them (a lane): such a
 * start will do if the place will as well. A stripe is one chunk's rows of all
 * of them, one behind the other, so that a search reads memory in its order.
 *
 * Rows hold for the experts, the rooms and the figures of the ask (kind,
 * minutes, before, after; the lead; of the agreement the overrun and the years
 * of practice) that they were made for, whatever else is asked. Whoever keeps
 * them forgets an expert or room when its claims have changed, or a hold among
 * them has lapsed. There are so many stripes, and a later chunk takes the place
 * of an earlier.
 */
#ifndef DAEMON_CORE_ROWS_H
#define DAEMON_CORE_ROWS_H

#include "daemon/core/decide.h"

#define ROWS_WORDS 4
#define ROWS_CHUNK ((size_t)ROWS_WORDS * 64) /* granules: 21 h 20 min */
#define ROWS_SECONDS ((int64_t)ROWS_CHUNK * CORE_GRANULE)
#define ROWS_OPEN UINT32_MAX /* a version: laid by the rules, not by claims */
#define ROWS_ANY (-1) /* a lane: any studio of the lead, or nowhere of note */

struct rows_bits {
	uint64_t w[ROWS_WORDS];
};

struct rows_stripe {
	int64_t chunk; /* INT64_MIN: none yet */
	/* The version that is known: of experts, then of rooms. */
	uint32_t *known;
	struct rows_bits *lanes, *rooms;
	/* Starts at which by the rules anybody may do; once it is opened. */
	struct rows_bits open;
	bool opened;
};

/* Somebody who can do at some start of the stretch that is searched. */
struct rows_candidate {
	size_t expert;
	struct rows_bits bits;
};

struct core_rows {
	size_t nexperts, nrooms, nlanes;
	uint32_t *first;   /* lane of expert i; nexperts + 1 of them */
	int32_t *place;	   /* of a lane: a lead_room, or ROWS_ANY */
	uint32_t *version; /* of experts, then of rooms; from 1 on */
	bool *wanted;	   /* rooms where an expert may be for the kind */
	struct rows_stripe *stripes;
	size_t nstripes;
	struct rows_candidate *candidates; /* the search's, room for all */
	/* Of the experts' and rooms' own. */
	size_t most_rules, most_room_rules;
	int most_buffer; /* minutes */
	bool sessions;	 /* some expert has sessions of places */
};

/* For the ask's experts and rooms; as many stripes as so many bytes take, but
 * at least one and at most ROWS_STRIPES_MAX. RC_NOMEM beyond the arena's bound.
 */
#define ROWS_STRIPES_MAX 16 /* two weeks */
__attribute__((warn_unused_result)) enum rc
rows_init(struct core_rows *rows, const struct core_ask *ask, size_t bytes,
	  struct arena *arena);

/* What is known of them is good no more. */
void rows_forget_expert(struct core_rows *rows, size_t expert);
void rows_forget_room(struct core_rows *rows, size_t room);

/* The number of the chunk that holds the instant. */
int64_t rows_chunk_of(int64_t instant);
/* The chunk's stripe, empty if it is not there yet. */
struct rows_stripe *rows_stripe(struct core_rows *rows, int64_t chunk);

static inline bool rows_none(const struct rows_bits *b)
{
	return (b->w[0] | b->w[1] | b->w[2] | b->w[3]) == 0;
}

static inline bool rows_has(const struct rows_bits *b, size_t bit)
{
	return (b->w[bit / 64] >> bit % 64 & 1) != 0;
}

/* The first set bit at or after `from`, the last before `end`; ROWS_CHUNK:
 * none. */
size_t rows_next(const struct rows_bits *b, size_t from);
size_t rows_prev(const struct rows_bits *b, size_t end);

#endif
