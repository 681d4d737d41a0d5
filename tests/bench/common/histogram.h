/*
 * histogram - how long things took: log-linear buckets, under 1 % off.
 *
 * Nanoseconds up to about five hours; a larger value counts as the largest.
 * Each octave has 128 buckets, so that the middle of a bucket is at most
 * 0.4 % from any value in it; below 256 ns a value is its own bucket. The
 * largest value is kept as it was. Not locked: one for each thread, merged.
 */
#ifndef TESTS_BENCH_COMMON_HISTOGRAM_H
#define TESTS_BENCH_COMMON_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define HISTOGRAM_SUB 128
#define HISTOGRAM_OCTAVES 37
#define HISTOGRAM_BUCKETS ((HISTOGRAM_OCTAVES + 1) * HISTOGRAM_SUB)

struct histogram {
	uint64_t n, max;
	uint64_t buckets[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *h, uint64_t ns);
void histogram_merge(struct histogram *into, const struct histogram *from);
/* The value that this share (0..1) of all is at or below; 0 of none. */
uint64_t histogram_at(const struct histogram *h, double share);
/* {"p50":..,"p90":..,"p99":..,"p999":..,"max":..} in microseconds. */
void histogram_print(const struct histogram *h, FILE *out);

#endif
