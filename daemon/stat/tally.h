/*
 * tally - what is to be counted if a transaction is kept.
 *
 * A use case notes; whoever commits publishes, or forgets. A few entries: one
 * use case changes few kinds of things in few ways. A plain value, zero is
 * empty.
 */
#ifndef DAEMON_STAT_TALLY_H
#define DAEMON_STAT_TALLY_H

#include "daemon/stat/stat.h"

/* Every kind may lapse at once, be offered again, and something else be done.
 */
#define STAT_TALLY_MAX (4 * KIND_COUNT + 4)

struct stat_tally {
	unsigned n;
	struct stat_note {
		uint8_t id, first, second;
		unsigned count;
	} notes[STAT_TALLY_MAX];
};

void stat_note(struct stat_tally *tally, enum stat_id id, unsigned first,
	       unsigned second);
void stat_publish(const struct stat_tally *tally);

#endif
