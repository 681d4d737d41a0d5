/*
 * metric - the inside of stat: what a row says, and where its cells are.
 */
#ifndef DAEMON_STAT_METRIC_H
#define DAEMON_STAT_METRIC_H

#include "daemon/stat/stat.h"

enum metric_type {
	METRIC_COUNTER,
	METRIC_GAUGE,
	METRIC_HISTOGRAM,
	METRIC_INFO,
	METRIC_TYPE_COUNT
};

#define METRIC_NAME_MAX 16

/* A label's closed set of values. */
struct metric_dim {
	const char *label;
	bool (*shown)(unsigned i); /* NULL: all of them */
	/* one of these */
	const char *const *names;
	const char *(*word)(unsigned i);
	void (*made)(unsigned i, char out[METRIC_NAME_MAX]);
};
const char *metric_label(const struct metric_dim *dim, unsigned i,
			 char scratch[METRIC_NAME_MAX]);

struct metric_row {
	const char *name; /* without the suffixes of its type */
	enum metric_type type;
	const char *unit;      /* the name's last part, or NULL */
	int64_t scale;	       /* the cells' value a unit: 1000 for ms */
	const int64_t *bounds; /* of a histogram; STAT_BUCKETS - 1 */
	/* of the first and second number; a third has the first's */
	const struct metric_dim *dims[3];
	const char *help;
	const char *source;
};

extern const struct metric_row metric_rows[STAT_COUNT];
/* The first cell of the metric, the cells a value has, and how many values the
 * first (0) and second (1) label. */
unsigned metric_at(enum stat_id id);
unsigned metric_cells(enum stat_id id);
unsigned metric_size(enum stat_id id, unsigned dim);
#define METRIC_SIZE_(sym, a, b, c) +(a) * (b) * (c)
#define METRIC_TOTAL (0 STAT_IDS(METRIC_SIZE_))

/* As both formats want it: how many were up to each bound. */
struct metric_histogram {
	uint64_t up_to[STAT_BUCKETS];
	int64_t sum;
};
void metric_histogram(enum stat_id id, unsigned first,
		      struct metric_histogram *out);

/* What the names of some labels come from. */
struct metric_names {
	struct {
		const char *method, *path; /* NULL: there is no such one */
	} routes[STAT_ROUTES_MAX];
	unsigned nthreads;
	const char *version;
	int schema;
};
extern struct metric_names metric_names;

#endif
