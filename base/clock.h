/*
 * clock, rnd - time and randomness as arguments (the simulation's seams).
 *
 * Nothing else calls clock_gettime(), time(), getrandom() or RAND_bytes().
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

struct clock {
	int64_t (*now)(void *ctx);     /* UTC seconds since 1970 */
	int64_t (*mono_ms)(void *ctx); /* milliseconds, never backwards */
	void *ctx;
};

struct rnd {
	/* Unpredictable bytes; aborts rather than answer predictable ones. */
	void (*fill)(void *ctx, void *out, size_t len);
	void *ctx;
};

const struct clock *clock_system(void);
const struct rnd *rnd_system(void);

static inline int64_t clock_now(const struct clock *c)
{
	return c->now(c->ctx);
}

static inline int64_t clock_mono_ms(const struct clock *c)
{
	return c->mono_ms(c->ctx);
}

static inline void rnd_fill(const struct rnd *r, void *out, size_t len)
{
	r->fill(r->ctx, out, len);
}

#endif
