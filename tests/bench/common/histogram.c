#include "tests/bench/common/histogram.h"

#define SUB_BITS 7 /* HISTOGRAM_SUB is 1 << SUB_BITS */

_Static_assert(HISTOGRAM_SUB == 1 << SUB_BITS, "buckets of an octave");

static size_t bucket_of(uint64_t ns)
{
	unsigned octave;
	size_t bucket;

	if (ns < 2 * HISTOGRAM_SUB)
		return (size_t)ns;
	octave = 63 - (unsigned)__builtin_clzll(ns) - SUB_BITS;
	bucket = (size_t)octave * HISTOGRAM_SUB + (size_t)(ns >> octave);
	return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

static uint64_t middle_of(size_t bucket)
{
	unsigned octave;
	uint64_t first;

	if (bucket < (size_t)2 * HISTOGRAM_SUB)
		return bucket;
	octave = (unsigned)(bucket / HISTOGRAM_SUB) - 1;
	first = bucket - (size_t)octave * HISTOGRAM_SUB;
	return (first << octave) + ((uint64_t)1 << octave) / 2;
}

void histogram_add(struct histogram *h, uint64_t ns)
{
	h->buckets[bucket_of(ns)]++;
	h->n++;
	if (ns > h->max)
		h->max = ns;
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		into->buckets[i] += from->buckets[i];
	into->n += from->n;
	if (from->max > into->max)
		into->max = from->max;
}

uint64_t histogram_at(const struct histogram *h, double share)
{
	uint64_t want = (uint64_t)(share * (double)h->n + 0.9999999);
	uint64_t seen = 0;

	if (h->n == 0)
		return 0;
	if (want < 1)
		want = 1;
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		uint64_t ns = middle_of(i);

		seen += h->buckets[i];
		if (seen >= want)
			return ns < h->max ? ns : h->max;
	}
	return h->max;
}

void histogram_print(const struct histogram *h, FILE *out)
{
	static const struct {
		const char *name;
		double share;
	} rows[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}};

	fprintf(out, "{");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		fprintf(out, "\"%s\":%.1f,", rows[i].name,
			(double)histogram_at(h, rows[i].share) / 1000);
	fprintf(out, "\"max\":%.1f}", (double)h->max / 1000);
}
