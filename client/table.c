/* table - see table.h. */
#include "client/table.h"

#include <libsmartcols/libsmartcols.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "base/mem.h"

#define CELL_MAX 4096

struct table {
	const struct table_column *columns;
	size_t ncolumns;
	char **cells; /* row by row, escaped */
	size_t ncells, capacity;
};

/* How wide each column is shown; 0 for one that is left out. */
struct layout {
	size_t width[TABLE_COLUMNS_MAX];
	bool cut[TABLE_COLUMNS_MAX];
};

struct table *table_new(const struct table_column *columns)
{
	struct table *t = mem_alloc(sizeof(*t));

	t->columns = columns;
	while (columns[t->ncolumns].head)
		t->ncolumns++;
	if (t->ncolumns == 0 || t->ncolumns > TABLE_COLUMNS_MAX)
		abort();
	return t;
}

void table_free(struct table *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->ncells; i++) {
		mem_wipe(t->cells[i], strlen(t->cells[i]));
		mem_free(t->cells[i]);
	}
	mem_free(t->cells);
	mem_free(t);
}

size_t table_rows(const struct table *t)
{
	return (t->ncells + t->ncolumns - 1) / t->ncolumns;
}

void table_row(struct table *t)
{
	while (t->ncells % t->ncolumns != 0)
		table_cell(t, NULL);
}

void table_cell(struct table *t, const char *text)
{
	struct buf cell;

	if (t->ncells == t->capacity) {
		t->capacity = t->capacity ? 2 * t->capacity : 64;
		t->cells =
			mem_realloc(t->cells, t->capacity * sizeof(*t->cells));
	}
	buf_init(&cell, CELL_MAX);
	term_add(&cell, text && *text ? text : "-");
	t->cells[t->ncells++] = mem_strdup(cell.failed ? "?" : buf_cstr(&cell));
	buf_fini(&cell);
}

/* --- what fits --- */

static bool has_value(const struct table *t, size_t column)
{
	for (size_t i = column; i < t->ncells; i += t->ncolumns)
		if (strcmp(t->cells[i], "-") != 0)
			return true;
	return false;
}

static struct layout natural_layout(const struct table *t)
{
	struct layout l = {0};
	size_t column = 0;

	for (size_t i = 0; i < t->ncolumns; i++)
		l.width[i] = term_columns(t->columns[i].head);
	for (size_t i = 0; i < t->ncells; i++) {
		size_t columns = term_columns(t->cells[i]);

		if (columns > l.width[column])
			l.width[column] = columns;
		column = column + 1 < t->ncolumns ? column + 1 : 0;
	}
	for (size_t i = 0; i < t->ncolumns; i++)
		if ((t->columns[i].flags & TABLE_RARE) && !has_value(t, i))
			l.width[i] = 0;
	return l;
}

/* With a blank between any two. */
static size_t total(const struct table *t, const struct layout *l)
{
	size_t sum = 0;

	for (size_t i = 0; i < t->ncolumns; i++)
		sum += l->width[i] + (l->width[i] > 0);
	return sum > 0 ? sum - 1 : 0;
}

static bool spare_one(const struct table *t, struct layout *l)
{
	for (size_t i = t->ncolumns; i-- > 0;) {
		if (l->width[i] > 0 && (t->columns[i].flags & TABLE_SPARE)) {
			l->width[i] = 0;
			return true;
		}
	}
	return false;
}

static bool cut_one(const struct table *t, struct layout *l)
{
	size_t widest = t->ncolumns;

	for (size_t i = 0; i < t->ncolumns; i++)
		if ((t->columns[i].flags & TABLE_CUT) &&
		    l->width[i] > TABLE_CUT_MIN &&
		    (widest == t->ncolumns || l->width[i] > l->width[widest]))
			widest = i;
	if (widest == t->ncolumns)
		return false;
	l->width[widest]--;
	l->cut[widest] = true;
	return true;
}

static struct layout choose_layout(const struct table *t,
				   const struct term *term)
{
	struct layout l = natural_layout(t);

	if (!term->cut)
		return l;
	while (total(t, &l) > term->width && spare_one(t, &l))
		continue;
	while (total(t, &l) > term->width && cut_one(t, &l))
		continue;
	return l;
}

/* --- printing --- */

static void set_cell(struct libscols_line *line, size_t at, const char *text,
		     size_t width)
{
	struct buf cell;

	if (term_columns(text) <= width) {
		if (scols_line_set_data(line, at, text) != 0)
			abort();
		return;
	}
	buf_init(&cell, CELL_MAX);
	term_cut(&cell, text, width - 1);
	buf_str(&cell, "\u2026");
	if (scols_line_set_data(line, at, buf_cstr(&cell)) != 0)
		abort();
	buf_fini(&cell);
}

static void fill_row(const struct table *t, const struct layout *l, size_t row,
		     struct libscols_table *scols)
{
	struct libscols_line *line = scols_table_new_line(scols, NULL);
	size_t at = 0;

	if (!line)
		abort();
	for (size_t i = 0; i < t->ncolumns; i++)
		if (l->width[i] > 0)
			set_cell(line, at++, t->cells[row * t->ncolumns + i],
				 l->width[i]);
}

static struct libscols_table *fill(const struct table *t,
				   const struct layout *l)
{
	struct libscols_table *scols = scols_new_table();

	if (!scols)
		abort();
	for (size_t i = 0; i < t->ncolumns; i++) {
		int right = t->columns[i].flags & TABLE_RIGHT;

		if (l->width[i] > 0 &&
		    !scols_table_new_column(scols, t->columns[i].head, 0,
					    right ? SCOLS_FL_RIGHT : 0))
			abort();
	}
	for (size_t row = 0; row < table_rows(t); row++)
		fill_row(t, l, row, scols);
	/* the cells are escaped and cut already */
	scols_table_enable_noencoding(scols, 1);
	scols_table_set_termforce(scols, SCOLS_TERMFORCE_NEVER);
	return scols;
}

/* Text on its way to a buffer, without the blanks at the ends of lines. */
struct trim {
	struct buf *out;
	size_t blanks;
};

static ssize_t write_trimmed(void *ctx, const char *text, size_t len)
{
	struct trim *t = ctx;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == ' ') {
			t->blanks++;
			continue;
		}
		if (text[i] != '\n')
			term_repeat(t->out, " ", t->blanks);
		t->blanks = 0;
		buf_chr(t->out, text[i]);
	}
	return (ssize_t)len;
}

void table_print(struct table *t, const struct term *term, struct buf *out)
{
	struct trim trim = {.out = out};
	struct libscols_table *scols;
	struct layout layout;
	FILE *to;

	table_row(t); /* fills the last one up */
	if (t->ncells == 0)
		return;
	to = fopencookie(&trim, "w",
			 (cookie_io_functions_t){.write = write_trimmed});
	if (!to)
		abort();
	layout = choose_layout(t, term);
	scols = fill(t, &layout);
	scols_table_set_stream(scols, to);
	if (scols_print_table(scols) != 0)
		abort();
	scols_unref_table(scols);
	fclose(to);
}
