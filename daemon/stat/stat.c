#include "daemon/stat/stat.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "daemon/stat/metric.h"

/* Threads count in rows of their own, or all workers would write to the same
 * few lines of the cache with every request; a value is the sum over the rows.
 * What is set is set in the first row, and added to nowhere. */
#define ROWS ((size_t)8)
#define LINE 64u /* bytes */
#define ROW_CELLS ((METRIC_TOTAL * 8u + LINE - 1) / LINE * LINE / 8u)

static _Alignas(LINE) _Atomic int64_t cells[ROWS * ROW_CELLS];
static _Atomic unsigned threads;
static _Thread_local size_t own_row; /* and one; 0: not drawn yet */

static size_t row_of_thread(void)
{
	if (own_row == 0)
		own_row = 1 + atomic_fetch_add_explicit(&threads, 1,
							memory_order_relaxed) %
				      ROWS;
	return own_row - 1;
}

/* The value's first cell, or NULL for a number outside its label's set. */
static _Atomic int64_t *cell(size_t row, enum stat_id id, unsigned first,
			     unsigned second)
{
	if (first >= metric_size(id, 0) || second >= metric_size(id, 1))
		return NULL;
	return &cells[row * ROW_CELLS + metric_at(id) +
		      (first * metric_size(id, 1) + second) * metric_cells(id)];
}

static void add(_Atomic int64_t *to, int64_t n)
{
	atomic_fetch_add_explicit(to, n, memory_order_relaxed);
}

/* Over all rows. */
static int64_t sum(const _Atomic int64_t *first_row)
{
	int64_t n = 0;

	for (size_t i = 0; i < ROWS; i++)
		n += atomic_load_explicit(&first_row[i * ROW_CELLS],
					  memory_order_relaxed);
	return n;
}

void stat_add(enum stat_id id, unsigned first, unsigned second, uint64_t n)
{
	_Atomic int64_t *to = cell(row_of_thread(), id, first, second);

	if (to != NULL)
		add(to, (int64_t)n);
}

void stat_set(enum stat_id id, unsigned first, unsigned second, int64_t value)
{
	_Atomic int64_t *to = cell(0, id, first, second);

	if (to != NULL)
		atomic_store_explicit(to, value, memory_order_relaxed);
}

int64_t stat_get(enum stat_id id, unsigned first, unsigned second)
{
	const _Atomic int64_t *from = cell(0, id, first, second);

	return from == NULL ? 0 : sum(from);
}

void stat_observe(enum stat_id id, unsigned first, int64_t value)
{
	const int64_t *bounds = metric_rows[id].bounds;
	_Atomic int64_t *to = cell(row_of_thread(), id, first, 0);
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
	const _Atomic int64_t *from = cell(0, id, first, 0);
	uint64_t n = 0;

	for (unsigned i = 0; i < STAT_BUCKETS; i++) {
		n += (uint64_t)sum(&from[i]);
		out->up_to[i] = n;
	}
	out->sum = sum(&from[STAT_BUCKETS]);
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
	for (size_t i = 0; i < ROWS * ROW_CELLS; i++)
		atomic_store_explicit(&cells[i], 0, memory_order_relaxed);
	metric_names = (struct metric_names){0};
}
