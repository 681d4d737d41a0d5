/*
 * plane - a bitmap over time: one bit a granule of five minutes, in UTC.
 *
 * Several participants at once is an AND, "one of these" an OR, "long enough"
 * a run of set bits. Planes nominate start times: they may nominate one that
 * the exact decision then refuses, never miss one. So a plane of what is open
 * has every granule that an open touches, and asks for runs of as many
 * granules as a session touches; a plane of what is free lacks every granule
 * that a claim touches, and asks for runs of as many granules as a session
 * fills wholly: a claim that touches a granule that the session fills is in
 * its way for certain.
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

/* Granules from the one that holds window.from to the one before window.to;
 * all bits 0. RC_NOMEM beyond the arena's bound. */
__attribute__((warn_unused_result)) enum rc
plane_init(struct plane *plane, struct core_span window, struct arena *arena);
/* The same memory for another plane, no longer than at first; base is a
 * multiple of CORE_GRANULE. All bits 0. */
void plane_move(struct plane *plane, int64_t base, size_t nbits);
void plane_fill(struct plane *plane, bool value);
struct core_span plane_span(const struct plane *plane);
/* Sets the granules that the span touches / that begin in it. */
void plane_touch(struct plane *plane, struct core_span span);
void plane_begin(struct plane *plane, struct core_span span);
/* The other plane has the same base; it may be longer in plane_and() and
 * plane_and_not(). */
void plane_copy(struct plane *plane, const struct plane *other);
void plane_and(struct plane *plane, const struct plane *other);
void plane_or(struct plane *plane, const struct plane *other);
void plane_and_not(struct plane *plane, const struct plane *other);
/* Keeps the bits that begin a run of at least n set bits. */
void plane_runs(struct plane *plane, size_t n);
/* The first set bit at or after `from` (a bit number), or nbits. */
size_t plane_next(const struct plane *plane, size_t from);
/* The last set bit before `end` (a bit number up to nbits), or nbits. */
size_t plane_prev(const struct plane *plane, size_t end);

/* Sets the granules in which the claims fill the capacity; holds that lapsed
 * by now, and the claims of ignore_booking, do not count. A subject of more
 * than PLANE_DEPTH_MAX places is left to the exact decision. */
#define PLANE_DEPTH_MAX 64
void plane_busy(struct plane *plane, const struct core_subject *subject,
		int64_t now, int64_t ignore_booking);

#endif
