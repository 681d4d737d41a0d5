#include "daemon/stat/tally.h"

#include <stdlib.h>

_Static_assert(STAT_COUNT <= UINT8_MAX, "a note's id is a byte");

void stat_note(struct stat_tally *tally, enum stat_id id, unsigned first,
	       unsigned second)
{
	for (unsigned i = 0; i < tally->n; i++) {
		struct stat_note *note = &tally->notes[i];

		if (note->id == id && note->first == first &&
		    note->second == second) {
			note->count++;
			return;
		}
	}
	if (tally->n == STAT_TALLY_MAX)
		abort(); /* a use case that does more than any can */
	tally->notes[tally->n++] = (struct stat_note){.id = (uint8_t)id,
						      .first = (uint8_t)first,
						      .second = (uint8_t)second,
						      .count = 1};
}

void stat_publish(const struct stat_tally *tally)
{
	for (unsigned i = 0; i < tally->n; i++) {
		const struct stat_note *note = &tally->notes[i];

		stat_add((enum stat_id)note->id, note->first, note->second,
			 note->count);
	}
}
