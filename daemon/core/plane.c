#include "daemon/core/plane.h"

#include <string.h>

#include "daemon/core/claims.h"

#define WORD 64

static size_t nwords(const struct plane *plane)
{
	return (plane->nbits + WORD - 1) / WORD;
}

/* Bits beyond nbits stay 0. */
static void trim(struct plane *plane)
{
	size_t rest = plane->nbits % WORD;

	if (rest != 0)
		plane->words[nwords(plane) - 1] &=
			~UINT64_C(0) >> (WORD - rest);
}

static int64_t floor_granule(int64_t seconds)
{
	int64_t rest = seconds % CORE_GRANULE;

	return seconds - rest - (rest < 0 ? CORE_GRANULE : 0);
}

enum rc plane_init(struct plane *plane, struct core_span window,
		   struct arena *arena)
{
	int64_t length;

	plane->base = floor_granule(window.from);
	length = window.to - plane->base + CORE_GRANULE - 1;
	plane->nbits = length > 0 ? (size_t)(length / CORE_GRANULE) : 0;
	plane->words = arena_array(arena, nwords(plane), sizeof(uint64_t));
	return plane->words != NULL ? RC_OK : RC_NOMEM;
}

struct core_span plane_span(const struct plane *plane)
{
	return (struct core_span){plane->base,
				  plane->base +
					  (int64_t)plane->nbits * CORE_GRANULE};
}

void plane_move(struct plane *plane, int64_t base, size_t nbits)
{
	plane->base = base;
	plane->nbits = nbits;
	plane_fill(plane, false);
}

void plane_fill(struct plane *plane, bool value)
{
	memset(plane->words, value ? 0xff : 0,
	       nwords(plane) * sizeof(uint64_t));
	if (value)
		trim(plane);
}

/* Sets the bits first..end-1. */
static void set(struct plane *plane, size_t first, size_t end)
{
	while (first < end) {
		size_t bit = first % WORD;
		size_t n = end - first < WORD - bit ? end - first : WORD - bit;

		plane->words[first / WORD] |= ~UINT64_C(0) >> (WORD - n) << bit;
		first += n;
	}
}

/* The number of the first granule that begins at or after the instant (which
 * lies in the plane); the one that holds it when `down`. */
static size_t granule(const struct plane *plane, int64_t instant, bool down)
{
	int64_t up = down ? 0 : CORE_GRANULE - 1;

	return (size_t)((instant - plane->base + up) / CORE_GRANULE);
}

/* The part of the span that lies in the plane; empty: from >= to. */
static struct core_span clip(const struct plane *plane, struct core_span span)
{
	int64_t end = plane->base + (int64_t)plane->nbits * CORE_GRANULE;

	if (span.from < plane->base)
		span.from = plane->base;
	if (span.to > end)
		span.to = end;
	return span;
}

void plane_touch(struct plane *plane, struct core_span span)
{
	span = clip(plane, span);
	if (span.from < span.to)
		set(plane, granule(plane, span.from, true),
		    granule(plane, span.to, false));
}

void plane_begin(struct plane *plane, struct core_span span)
{
	span = clip(plane, span);
	if (span.from < span.to)
		set(plane, granule(plane, span.from, false),
		    granule(plane, span.to, false));
}

void plane_copy(struct plane *plane, const struct plane *other)
{
	memcpy(plane->words, other->words, nwords(plane) * sizeof(uint64_t));
}

void plane_and(struct plane *plane, const struct plane *other)
{
	for (size_t i = 0; i < nwords(plane); i++)
		plane->words[i] &= other->words[i];
}

void plane_or(struct plane *plane, const struct plane *other)
{
	for (size_t i = 0; i < nwords(plane); i++)
		plane->words[i] |= other->words[i];
}

void plane_and_not(struct plane *plane, const struct plane *other)
{
	for (size_t i = 0; i < nwords(plane); i++)
		plane->words[i] &= ~other->words[i];
}

/* Keeps the bits whose neighbour `by` bits later is set as well. */
static void and_later(struct plane *plane, size_t by)
{
	size_t n = nwords(plane);
	size_t words = by / WORD;
	size_t bits = by % WORD;

	for (size_t i = 0; i < n; i++) {
		uint64_t low = i + words < n ? plane->words[i + words] : 0;
		uint64_t high =
			i + words + 1 < n ? plane->words[i + words + 1] : 0;

		if (bits != 0)
			low = low >> bits | high << (WORD - bits);
		plane->words[i] &= low;
	}
}

void plane_runs(struct plane *plane, size_t n)
{
	size_t have = 1; /* every bit begins a run of that many */

	while (have < n) {
		size_t step = n - have < have ? n - have : have;

		and_later(plane, step);
		have += step;
	}
}

size_t plane_next(const struct plane *plane, size_t from)
{
	size_t n = nwords(plane);
	uint64_t word;

	if (from >= plane->nbits)
		return plane->nbits;
	word = plane->words[from / WORD] & ~UINT64_C(0) << from % WORD;
	for (size_t i = from / WORD;;) {
		if (word != 0)
			return i * WORD + (size_t)__builtin_ctzll(word);
		if (++i == n)
			return plane->nbits;
		word = plane->words[i];
	}
}

size_t plane_prev(const struct plane *plane, size_t end)
{
	for (size_t i = (end + WORD - 1) / WORD; i-- > 0;) {
		uint64_t word = plane->words[i];

		if (end - i * WORD < WORD)
			word &= ~(~UINT64_C(0) << (end - i * WORD));
		if (word != 0)
			return i * WORD + WORD - 1 -
			       (size_t)__builtin_clzll(word);
	}
	return plane->nbits;
}

/* The ends of the claims that stand at the moment: of more than the capacity
 * the latest ones, for the subject is full until the first of these. */
struct depth {
	int64_t ends[PLANE_DEPTH_MAX];
	int n;
};

static void drop_ended(struct depth *depth, int64_t instant)
{
	int kept = 0;

	for (int i = 0; i < depth->n; i++)
		if (depth->ends[i] > instant)
			depth->ends[kept++] = depth->ends[i];
	depth->n = kept;
}

static int64_t *first_end(struct depth *depth)
{
	int64_t *end = depth->ends;

	for (int i = 1; i < depth->n; i++)
		if (depth->ends[i] < *end)
			end = &depth->ends[i];
	return end;
}

static void add_end(struct depth *depth, int capacity, int64_t end)
{
	if (depth->n < capacity)
		depth->ends[depth->n++] = end;
	else if (end > *first_end(depth))
		*first_end(depth) = end;
}

void plane_busy(struct plane *plane, const struct core_subject *subject,
		int64_t now, int64_t ignore_booking)
{
	struct depth depth = {.n = 0};

	if (subject->capacity > PLANE_DEPTH_MAX)
		return;
	for (size_t i = 0; i < subject->nclaims; i++) {
		const struct core_claim *c = &subject->claims[i];

		if (!claims_stand(c, now, ignore_booking))
			continue;
		drop_ended(&depth, c->from);
		add_end(&depth, subject->capacity, c->to);
		if (depth.n == subject->capacity)
			plane_touch(plane,
				    (struct core_span){c->from,
						       *first_end(&depth)});
	}
}
