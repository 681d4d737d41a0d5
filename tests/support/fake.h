/*
 * fake - the seams of base in the hands of a test: time that stands still
 * until it is set, randomness from a seed, an allocator that fails on demand.
 *
 * A fake_clock and a fake_rnd carry the table that is handed on; they must
 * outlive its users and belong to one thread.
 */
#ifndef TESTS_SUPPORT_FAKE_H
#define TESTS_SUPPORT_FAKE_H

#include <stdint.h>

#include "base/clock.h"

struct fake_clock {
	struct clock clock; /* hand on &fake.clock */
	int64_t now;	    /* UTC seconds */
	int64_t mono_ms;
};

void fake_clock_init(struct fake_clock *fake, int64_t now);
/* Both hands go forward together. */
void fake_clock_pass(struct fake_clock *fake, int64_t seconds);

struct fake_rnd {
	struct rnd rnd; /* hand on &fake.rnd */
	uint64_t state;
};

/* The same seed gives the same bytes, on every machine. */
void fake_rnd_init(struct fake_rnd *fake, uint64_t seed);
uint64_t fake_rnd_next(struct fake_rnd *fake);
/* Evenly from 0 to bound - 1; bound > 0. */
uint64_t fake_rnd_below(struct fake_rnd *fake, uint64_t bound);

/* SEED from the environment, else one drawn anew; prints it either way. */
uint64_t fake_seed(void);

/*
 * Puts a counting allocator under mem_set_ops() and lets the n-th call from
 * now on (1 is the next) answer NULL, that one only; 0 fails none.
 */
void fake_mem_fail_at(uint64_t n);
/* Calls of alloc and realloc since fake_mem_fail_at(). */
uint64_t fake_mem_calls(void);
/* The system's allocator again. */
void fake_mem_restore(void);

#endif
