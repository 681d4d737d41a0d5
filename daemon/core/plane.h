/*
 * plane - a bitmap over time: one bit a granule of five minutes, in UTC.
 *
 * A busy plane has a bit set for every granule that a claim touches (capacity
 * above 1: where the depth reaches the capacity); a free plane for every
 * granule that is wholly open. Several participants at once is an AND, "one of
 * these" an OR, "long enough" a run of set bits. Planes nominate start times:
 * they may nominate one that the exact decision then refuses, never miss one.
 */
#ifndef DAEMON_CORE_PLANE_H
#define DAEMON_CORE_PLANE_H

#include "base/mem.h"
#include "daemon/core/model.h"

struct plane {
	int64_t base; /* UTC second of bit 0; a multiple of CORE_GRANULE */
	size_t nbits;
	uint64_t *words; /* (nbits + 63) / 64; bits beyond nbits are 0 */
};

/* All bits 0. RC_NOMEM beyond the arena's bound. */
__attribute__((warn_unused_result)) enum rc
plane_init(struct plane *plane, struct core_span window, struct arena *arena);
void plane_fill(struct plane *plane, bool value);
/* Sets the granules that the span touches / that lie wholly in it. */
void plane_touch(struct plane *plane, struct core_span span);
void plane_cover(struct plane *plane, struct core_span span);
/* The other plane must have the same base and length. */
void plane_and(struct plane *plane, const struct plane *other);
void plane_or(struct plane *plane, const struct plane *other);
void plane_and_not(struct plane *plane, const struct plane *other);
/* Keeps the bits that begin a run of at least n set bits. */
void plane_runs(struct plane *plane, size_t n);
/* The first set bit at or after `from` (a bit number), or nbits. */
size_t plane_next(const struct plane *plane, size_t from);

/* The granules in which the claims fill the capacity; holds that lapsed by
 * now, and the claims of ignore_booking, do not count. */
void plane_busy(struct plane *plane, const struct core_subject *subject,
		int64_t now, int64_t ignore_booking);

#endif
