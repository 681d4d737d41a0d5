#include "base/lograte.h"

#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#define SETS 128 /* a power of two */
#define WAYS 4

struct entry {
	uint64_t hash; /* 0: free */
	int64_t begun_ms;
	uint64_t passed;
	struct lograte_sum sum; /* lines: what did not pass */
};

struct set {
	pthread_mutex_t lock;
	struct entry entries[WAYS];
};

struct lograte {
	struct set sets[SETS];
};

/* FNV-1a, 64 bits (draft-eastlake-fnv). */
static uint64_t mix(uint64_t h, const char *s)
{
	do {
		h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
	} while (*s++ != '\0');
	return h;
}

static uint64_t hash_of(const struct lograte_sort *sort)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325) ^ (uint64_t)sort->level;

	h = mix(mix(h, sort->what), sort->whose);
	return h != 0 ? h : 1;
}

struct lograte *lograte_new(void)
{
	struct lograte *rate = mem_alloc(sizeof(*rate));

	for (size_t i = 0; i < SETS; i++)
		pthread_mutex_init(&rate->sets[i].lock, NULL);
	return rate;
}

void lograte_free(struct lograte *rate)
{
	if (rate == NULL)
		return;
	for (size_t i = 0; i < SETS; i++)
		pthread_mutex_destroy(&rate->sets[i].lock);
	mem_free(rate);
}

/* What has not passed, taken out of the entry: its while is over. */
static struct lograte_sum take_sum(struct entry *e, int64_t now_ms)
{
	struct lograte_sum sum = e->sum;

	sum.ms = now_ms - e->begun_ms;
	e->sum.lines = 0;
	e->passed = 0;
	e->begun_ms = now_ms;
	return sum;
}

/* The sort's own entry, or the one that is missed least: nothing waits in it,
 * and then the oldest. */
static struct entry *choose(struct set *set, uint64_t hash)
{
	struct entry *best = &set->entries[0];

	for (size_t i = 0; i < WAYS; i++) {
		struct entry *e = &set->entries[i];

		if (e->hash == hash)
			return e;
		if ((e->sum.lines == 0) != (best->sum.lines == 0)
			    ? e->sum.lines == 0
			    : e->begun_ms < best->begun_ms)
			best = e;
	}
	return best;
}

static void begin(struct entry *e, const struct lograte_sort *sort,
		  uint64_t hash, int64_t now_ms)
{
	*e = (struct entry){.hash = hash, .begun_ms = now_ms};
	e->sum.what = sort->what;
	e->sum.level = sort->level;
	snprintf(e->sum.whose, sizeof(e->sum.whose), "%s", sort->whose);
}

static void tell(const struct lograte_ear *ear, const struct lograte_sum *sum)
{
	if (sum->lines > 0)
		ear->tell(ear->ctx, sum);
}

static bool take(struct lograte *rate, const struct lograte_sort *sort,
		 uint64_t lines, int64_t now_ms, const struct lograte_ear *ear)
{
	uint64_t hash = hash_of(sort);
	struct set *set = &rate->sets[(hash >> 32) % SETS];
	struct lograte_sum sum = {.lines = 0};
	bool passes;

	pthread_mutex_lock(&set->lock);
	struct entry *e = choose(set, hash);

	if (e->hash != hash) {
		sum = take_sum(e, now_ms);
		begin(e, sort, hash, now_ms);
	} else if (now_ms - e->begun_ms >= LOGRATE_WINDOW_MS) {
		sum = take_sum(e, now_ms);
	}
	passes = e->passed < lines;
	e->passed += passes;
	e->sum.lines += !passes;
	pthread_mutex_unlock(&set->lock);
	tell(ear, &sum);
	return passes;
}

bool lograte_take(struct lograte *rate, const struct lograte_sort *sort,
		  uint64_t lines, int64_t now_ms, const struct lograte_ear *ear)
{
	const struct lograte_sort all = {sort->what, sort->level, ""};

	if (sort->whose[0] == '\0')
		return take(rate, sort, lines, now_ms, ear);
	return take(rate, sort, lines, now_ms, ear) &&
	       take(rate, &all, lines * LOGRATE_ALL, now_ms, ear);
}

void lograte_turn(struct lograte *rate, bool all, int64_t now_ms,
		  const struct lograte_ear *ear)
{
	for (size_t i = 0; i < SETS * WAYS; i++) {
		struct set *set = &rate->sets[i / WAYS];
		struct entry *e = &set->entries[i % WAYS];
		struct lograte_sum sum = {.lines = 0};

		pthread_mutex_lock(&set->lock);
		if (e->sum.lines > 0 &&
		    (all || now_ms - e->begun_ms >= LOGRATE_WINDOW_MS))
			sum = take_sum(e, now_ms);
		pthread_mutex_unlock(&set->lock);
		tell(ear, &sum);
	}
}
