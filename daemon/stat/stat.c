#include "daemon/stat/stat.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "daemon/stat/metric.h"

static _Atomic int64_t cells[METRIC_TOTAL];

/* The value's first cell, or NULL for a number outside its label's set. */
static _Atomic int64_t *cell(enum stat_id id, unsigned first, unsigned second)
{
	if (first >= metric_size(id, 0) || second >= metric_size(id, 1))
		return NULL;
	return &cells[metric_at(id) +
		      (first * metric_size(id, 1) + second) * metric_cells(id)];
}

static void add(_Atomic int64_t *to, int64_t n)
{
	atomic_fetch_add_explicit(to, n, memory_order_relaxed);
}

void stat_add(enum stat_id id, unsigned first, unsigned second, uint64_t n)
{
	_Atomic int64_t *to = cell(id, first, second);

	if (to != NULL)
		add(to, (int64_t)n);
}

void stat_set(enum stat_id id, unsigned first, unsigned second, int64_t value)
{
	_Atomic int64_t *to = cell(id, first, second);

	if (to != NULL)
		atomic_store_explicit(to, value, memory_order_relaxed);
}

int64_t stat_get(enum stat_id id, unsigned first, unsigned second)
{
	_Atomic int64_t *from = cell(id, first, second);

	return from == NULL ? 0
			    : atomic_load_explicit(from, memory_order_relaxed);
}

void stat_observe(enum stat_id id, unsigned first, int64_t value)
{
	const int64_t *bounds = metric_rows[id].bounds;
	_Atomic int64_t *to = cell(id, first, 0);
	unsigned i = 0;

	if (to == NULL)
		return;
	while (i < STAT_BUCKETS - 1 && value > bounds[i])
		i++;
	add(&to[i], 1);
	add(&to[STAT_BUCKETS], value);
}

void metric_histogram(enum stat_id id, unsigned first,
		      struct metric_histogram *out)
{
	const _Atomic int64_t *from = cell(id, first, 0);
	uint64_t n = 0;

	for (unsigned i = 0; i < STAT_BUCKETS; i++) {
		n += (uint64_t)atomic_load_explicit(&from[i],
						    memory_order_relaxed);
		out->up_to[i] = n;
	}
	out->sum =
		atomic_load_explicit(&from[STAT_BUCKETS], memory_order_relaxed);
}

void stat_set_route(unsigned number, const char *method, const char *path)
{
	if (number >= STAT_ROUTE_NONE)
		abort(); /* raise STAT_ROUTES_MAX */
	metric_names.routes[number].method = method;
	metric_names.routes[number].path = path;
}

void stat_set_threads(unsigned n)
{
	metric_names.nthreads = n;
}

void stat_set_build(const char *version, int schema)
{
	metric_names.version = version;
	metric_names.schema = schema;
	stat_set(STAT_BUILD, 0, 0, 1);
}

void stat_clear(void)
{
	for (size_t i = 0; i < METRIC_TOTAL; i++)
		atomic_store_explicit(&cells[i], 0, memory_order_relaxed);
	metric_names = (struct metric_names){0};
}
