/*
 * The two formats, side by side (prometheus.io/docs/instrumenting/
 * exposition_formats; OpenMetrics 1.0, RFC draft-richih-opsawg-openmetrics).
 * They differ in how a family is named in its head, in "# UNIT" and in the end.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/stat/metric.h"

static const char *const content_types[STAT_FORMAT_COUNT] = {
	[STAT_TEXT] = "text/plain; version=0.0.4; charset=utf-8",
	[STAT_OPENMETRICS] =
		"application/openmetrics-text; version=1.0.0; charset=utf-8",
};

/* What a sample's name ends with; and its type in each format. */
static const struct {
	const char *suffix;
	const char *names[STAT_FORMAT_COUNT];
} types[METRIC_TYPE_COUNT] = {
	[METRIC_COUNTER] = {"_total", {"counter", "counter"}},
	[METRIC_GAUGE] = {"", {"gauge", "gauge"}},
	[METRIC_HISTOGRAM] = {"", {"histogram", "histogram"}},
	[METRIC_INFO] = {"_info", {"gauge", "info"}},
};

const char *stat_content_type(enum stat_format format)
{
	return content_types[format];
}

/* A fraction without the noise of binary ones, and no locale's comma. */
static void add_number(struct buf *out, int64_t value, int64_t scale)
{
	uint64_t v = value < 0 ? -(uint64_t)value : (uint64_t)value;
	uint64_t rest = v % (uint64_t)scale;
	char digits[8];
	int n = 0;

	buf_printf(out, "%s%" PRIu64, value < 0 ? "-" : "",
		   v / (uint64_t)scale);
	if (rest == 0)
		return;
	n = snprintf(digits, sizeof(digits), ".%03u", (unsigned)rest);
	while (digits[n - 1] == '0')
		n--;
	buf_add(out, digits, (size_t)n);
}

/* OpenMetrics wants a point in every bound; the other takes it. */
static void add_bound(struct buf *out, int64_t bound, int64_t scale)
{
	add_number(out, bound, scale);
	if (bound % scale == 0)
		buf_str(out, ".0");
}

static void add_escaped(struct buf *out, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '\\' || *s == '"')
			buf_chr(out, '\\');
		if (*s == '\n')
			buf_str(out, "\\n");
		else
			buf_chr(out, *s);
	}
}

static void add_head(struct buf *out, enum stat_format format,
		     const struct metric_row *row)
{
	/* OpenMetrics heads a family, the other its samples */
	const char *suffix =
		format == STAT_OPENMETRICS ? "" : types[row->type].suffix;

	buf_printf(out, "# HELP %s%s ", row->name, suffix);
	add_escaped(out, row->help);
	buf_printf(out, "\n# TYPE %s%s %s\n", row->name, suffix,
		   types[row->type].names[format]);
	if (format == STAT_OPENMETRICS && row->unit != NULL)
		buf_printf(out, "# UNIT %s %s\n", row->name, row->unit);
}

/* One value of a metric, by its labels' numbers. */
struct at {
	enum stat_id id;
	unsigned numbers[2];
};

static bool is_shown(const struct at *at)
{
	const struct metric_row *row = &metric_rows[at->id];

	for (unsigned i = 0; i < 2; i++)
		if (row->dims[i] != NULL && row->dims[i]->shown != NULL &&
		    !row->dims[i]->shown(at->numbers[i]))
			return false;
	return row->type != METRIC_GAUGE ||
	       stat_get(at->id, at->numbers[0], at->numbers[1]) != STAT_UNKNOWN;
}

/* "{route="/readyz",le=", say, without its end; nothing without labels. */
static bool add_labels(struct buf *out, const struct at *at)
{
	const struct metric_row *row = &metric_rows[at->id];
	char scratch[METRIC_NAME_MAX];
	bool any = false;

	for (unsigned i = 0; i < 3; i++) {
		const struct metric_dim *dim = row->dims[i];

		if (dim == NULL)
			continue;
		buf_printf(out, "%c%s=\"", any ? ',' : '{', dim->label);
		add_escaped(out,
			    metric_label(dim, at->numbers[i % 2], scratch));
		buf_chr(out, '"');
		any = true;
	}
	return any;
}

static void add_sample(struct buf *out, const struct at *at, const char *suffix,
		       int64_t value, int64_t scale)
{
	buf_printf(out, "%s%s", metric_rows[at->id].name, suffix);
	if (add_labels(out, at))
		buf_chr(out, '}');
	buf_chr(out, ' ');
	add_number(out, value, scale);
	buf_chr(out, '\n');
}

static void add_bucket(struct buf *out, const struct at *at, unsigned i,
		       uint64_t n)
{
	const struct metric_row *row = &metric_rows[at->id];

	buf_printf(out, "%s_bucket", row->name);
	buf_str(out, add_labels(out, at) ? ",le=\"" : "{le=\"");
	if (i < STAT_BUCKETS - 1)
		add_bound(out, row->bounds[i], row->scale);
	else
		buf_str(out, "+Inf");
	buf_printf(out, "\"} %" PRIu64 "\n", n);
}

static void add_histogram(struct buf *out, const struct at *at)
{
	const struct metric_row *row = &metric_rows[at->id];
	struct metric_histogram h;

	metric_histogram(at->id, at->numbers[0], &h);
	for (unsigned i = 0; i < STAT_BUCKETS; i++)
		add_bucket(out, at, i, h.up_to[i]);
	add_sample(out, at, "_sum", h.sum, row->scale);
	add_sample(out, at, "_count", (int64_t)h.up_to[STAT_BUCKETS - 1], 1);
}

static void add_value(struct buf *out, const struct at *at)
{
	const struct metric_row *row = &metric_rows[at->id];

	if (!is_shown(at))
		return;
	if (row->type == METRIC_HISTOGRAM)
		add_histogram(out, at);
	else
		add_sample(out, at, types[row->type].suffix,
			   stat_get(at->id, at->numbers[0], at->numbers[1]),
			   row->scale);
}

void stat_print(enum stat_format format, struct buf *out)
{
	for (unsigned id = 0; id < STAT_COUNT; id++) {
		struct at at = {.id = (enum stat_id)id};
		unsigned n = metric_size(at.id, 0), m = metric_size(at.id, 1);

		add_head(out, format, &metric_rows[id]);
		for (unsigned i = 0; i < n * m; i++) {
			at.numbers[0] = i / m;
			at.numbers[1] = i % m;
			add_value(out, &at);
		}
	}
	if (format == STAT_OPENMETRICS)
		buf_str(out, "# EOF\n");
}

/* ---- for people ---- */

static void add_dims(struct buf *out, const struct metric_row *row)
{
	const char *comma = "";

	for (unsigned i = 0; i < 3; i++) {
		if (row->dims[i] == NULL)
			continue;
		buf_printf(out, "%s`%s`", comma, row->dims[i]->label);
		comma = ", ";
	}
}

void stat_document(struct buf *out)
{
	buf_str(out, "| metric | type | labels | what it says | from |\n"
		     "|---|---|---|---|---|\n");
	for (unsigned id = 0; id < STAT_COUNT; id++) {
		const struct metric_row *row = &metric_rows[id];

		buf_printf(out, "| `%s%s` | %s | ", row->name,
			   types[row->type].suffix,
			   types[row->type].names[STAT_OPENMETRICS]);
		add_dims(out, row);
		buf_printf(out, " | %s | %s |\n", row->help, row->source);
	}
}
