#include "tests/support/fake.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static int64_t fake_now(void *ctx)
{
	return ((struct fake_clock *)ctx)->now;
}

static int64_t fake_mono_ms(void *ctx)
{
	return ((struct fake_clock *)ctx)->mono_ms;
}

void fake_clock_init(struct fake_clock *fake, int64_t now)
{
	*fake = (struct fake_clock){
		.clock = {fake_now, fake_mono_ms, fake},
		.now = now,
		.mono_ms = 1000,
	};
}

void fake_clock_pass(struct fake_clock *fake, int64_t seconds)
{
	fake->now += seconds;
	fake->mono_ms += seconds * 1000;
}

/* SplitMix64 (Steele, Lea, Flood 2014). */
uint64_t fake_rnd_next(struct fake_rnd *fake)
{
	uint64_t z = fake->state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

uint64_t fake_rnd_below(struct fake_rnd *fake, uint64_t bound)
{
	uint64_t spill = -bound % bound; /* 2^64 mod bound */
	uint64_t x;

	do
		x = fake_rnd_next(fake);
	while (x < spill);
	return x % bound;
}

static void fake_fill(void *ctx, void *out, size_t len)
{
	unsigned char *p = out;

	for (size_t i = 0; i < len; i++)
		p[i] = (unsigned char)(fake_rnd_next(ctx) >> 56);
}

void fake_rnd_init(struct fake_rnd *fake, uint64_t seed)
{
	*fake = (struct fake_rnd){.rnd = {fake_fill, fake}, .state = seed};
}

uint64_t fake_seed(void)
{
	const char *given = getenv("SEED");
	uint64_t seed;

	if (given != NULL)
		seed = strtoull(given, NULL, 10);
	else
		rnd_fill(rnd_system(), &seed, sizeof(seed));
	fprintf(stderr, "SEED=%llu\n", (unsigned long long)seed);
	return seed;
}

static atomic_uint_fast64_t mem_calls;
static atomic_uint_fast64_t mem_fail_at;

static int this_one_fails(void)
{
	return atomic_fetch_add(&mem_calls, 1) + 1 == atomic_load(&mem_fail_at);
}

static void *failing_alloc(size_t size)
{
	return this_one_fails() ? NULL : malloc(size);
}

static void *failing_realloc(void *old, size_t size)
{
	return this_one_fails() ? NULL : realloc(old, size);
}

void fake_mem_fail_at(uint64_t n)
{
	static const struct mem_ops ops = {failing_alloc, failing_realloc,
					   free};

	atomic_store(&mem_calls, 0);
	atomic_store(&mem_fail_at, n);
	mem_set_ops(&ops);
}

uint64_t fake_mem_calls(void)
{
	return atomic_load(&mem_calls);
}

void fake_mem_restore(void)
{
	mem_set_ops(NULL);
}
