/*
 * relax_network - the changes of an ask that are ones of rooms and experts as
 * the network has them (rows of relax.c's table): the ask gets copies in the
 * arena, what the world holds stays as it is.
 */
#ifndef DAEMON_CORE_RELAX_NETWORK_H
#define DAEMON_CORE_RELAX_NETWORK_H

#include "daemon/core/relax.h"

#define RELAX_CHANGE(name)                                                     \
	__attribute__((warn_unused_result)) enum rc relax_##name(              \
		const struct relax_world *world, size_t which,                 \
		struct arena *arena, struct relax_ask *io)

RELAX_CHANGE(partner_holiday);
RELAX_CHANGE(partner_hours);
RELAX_CHANGE(lead_holiday);
RELAX_CHANGE(lead_hours);
RELAX_CHANGE(seconded);
RELAX_CHANGE(day_cap);

/* Copies of the ask's groups, to be changed; NULL: no memory, or none. */
struct core_group *relax_own_groups(struct relax_ask *io, struct arena *arena);

#endif
