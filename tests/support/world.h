/*
 * world - random worlds for the core: experts, rooms, rules, claims, and a
 * question about them, all out of one seed.
 *
 * Everything is a whole number of minutes, often off the five-minute grid.
 * Zones are ones that change their clocks in odd ways, and the days are often
 * those of a change. A world is plain memory; its zones belong to the store
 * that it was given.
 */
#ifndef TESTS_SUPPORT_WORLD_H
#define TESTS_SUPPORT_WORLD_H

#include "daemon/core/decide.h"
#include "tests/support/fake.h"

#define WORLD_EXPERTS 3
#define WORLD_ROOMS 4
#define WORLD_RULES 4
#define WORLD_CLAIMS 40
#define WORLD_MONTHS 4

struct world_rules {
	struct core_rule v[WORLD_RULES];
	size_t n;
};

struct world_claims {
	struct core_claim v[WORLD_CLAIMS];
	size_t n;
};

struct world {
	struct core_ask ask;
	struct core_span window;
	int64_t at; /* to be near to */

	struct core_agreement agreement;
	struct core_month months[WORLD_MONTHS];
	struct core_calendar_day days[6];
	struct core_calendar calendar;
	int64_t dates[9]; /* one after the other, for exdates and rdates */
	struct core_expert experts[WORLD_EXPERTS];
	struct core_away aways[WORLD_EXPERTS];
	struct world_rules expert_rules[WORLD_EXPERTS];
	struct world_claims expert_claims[WORLD_EXPERTS];
	/* of the lead, of the partner, and some that are named */
	struct core_subject rooms[3][WORLD_ROOMS];
	struct world_rules room_rules[3][WORLD_ROOMS];
	struct world_claims room_claims[3][WORLD_ROOMS];
	struct core_subject patient;
	struct world_claims patient_claims;
};

void world_make(struct world *world, struct fake_rnd *rnd,
		struct tz_store *zones);

#endif
