/*
 * world - random worlds for the core: experts, rooms, rules, claims, ways, and
 * a question about them, all out of one seed.
 *
 * Everything is a whole number of minutes, often off the five-minute grid.
 * Zones are ones that change their clocks in odd ways, and the days are often
 * those of a change. Claims on rooms may be more than there is room for; those
 * on an expert that stand do not overlap, as in a store. A world is plain
 * memory; its zones belong to the store that it was given.
 */
#ifndef TESTS_SUPPORT_WORLD_H
#define TESTS_SUPPORT_WORLD_H

#include "daemon/core/decide.h"
#include "tests/support/fake.h"

#define WORLD_LEAD 1
#define WORLD_PARTNER 2
#define WORLD_THIRD 3

#define WORLD_EXPERTS 3
#define WORLD_ROOMS 4
#define WORLD_RULES 5
#define WORLD_CLAIMS 60
#define WORLD_LEAVES 2
#define WORLD_AWAYS 2
#define WORLD_MONTHS 4
#define WORLD_TRANSFERS 6

/* What belongs to a subject. */
struct world_things {
	struct core_rule rules[WORLD_RULES];
	struct core_claim claims[WORLD_CLAIMS];
	struct core_span leaves[WORLD_LEAVES];
	struct core_away aways[WORLD_AWAYS];
};

/* Of the lead (and the experts' places), of the pools, and what is named. */
enum world_group {
	WORLD_OF_LEAD,
	WORLD_OF_POOL, /* and of the second one */
	WORLD_NAMED = WORLD_OF_POOL + KIND_POOLS_MAX,
	WORLD_GROUPS,
};

struct world {
	struct core_ask ask;
	struct core_span window;
	int64_t at; /* to be near to */
	/* A room may be the expert's place and one of a pool as well. */
	bool shares_rooms;

	struct core_agreement agreement;
	struct core_month months[WORLD_MONTHS];
	struct core_calendar_day days[6];
	struct core_calendar calendar;
	int64_t dates[9]; /* one after the other, for exdates and rdates */
	struct core_transfer transfers[WORLD_TRANSFERS];
	struct core_expert experts[WORLD_EXPERTS];
	struct world_things of_expert[WORLD_EXPERTS];
	struct core_subject rooms[WORLD_GROUPS][WORLD_ROOMS];
	struct world_things of_room[WORLD_GROUPS][WORLD_ROOMS];
	struct core_subject patient, surgeon;
	struct world_things of_patient, of_surgeon;
};

void world_make(struct world *world, enum kind kind, struct fake_rnd *rnd,
		struct tz_store *zones);

#endif
