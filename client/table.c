/* table - see table.h. */
#include "client/table.h"

#include <libsmartcols/libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

#include "base/mem.h"

#define CELL_MAX 4096

struct table {
	struct libscols_table *scols;
	struct libscols_line *line;
	size_t next; /* the cell of the line that comes next */
	size_t rows;
};

struct table *table_new(const struct table_column *columns)
{
	struct table *t = mem_alloc(sizeof(*t));

	t->scols = scols_new_table();
	if (!t->scols)
		abort();
	for (; columns->head; columns++) {
		int flags = 0;

		if (columns->flags & TABLE_RIGHT)
			flags |= SCOLS_FL_RIGHT;
		if (columns->flags & TABLE_CUT)
			flags |= SCOLS_FL_TRUNC;
		if (!scols_table_new_column(t->scols, columns->head, 0, flags))
			abort();
	}
	/* the cells are escaped already */
	scols_table_enable_noencoding(t->scols, 1);
	return t;
}

void table_free(struct table *table)
{
	if (!table)
		return;
	scols_unref_table(table->scols);
	mem_free(table);
}

void table_row(struct table *table)
{
	table->line = scols_table_new_line(table->scols, NULL);
	if (!table->line)
		abort();
	table->next = 0;
	table->rows++;
}

void table_cell(struct table *table, const char *text)
{
	struct buf cell;

	buf_init(&cell, CELL_MAX);
	term_add(&cell, text && *text ? text : "-");
	if (scols_line_set_data(table->line, table->next,
				cell.failed ? "?" : buf_cstr(&cell)) != 0)
		abort();
	table->next++;
	buf_fini(&cell);
}

size_t table_rows(const struct table *table)
{
	return table->rows;
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

void table_print(const struct table *table, const struct term *term,
		 struct buf *out)
{
	struct trim trim = {.out = out};
	FILE *to;

	if (table->rows == 0)
		return;
	to = fopencookie(&trim, "w",
			 (cookie_io_functions_t){.write = write_trimmed});
	if (!to)
		abort();
	scols_table_set_termforce(table->scols,
				  term->cut ? SCOLS_TERMFORCE_ALWAYS
					    : SCOLS_TERMFORCE_NEVER);
	if (term->cut)
		scols_table_set_termwidth(table->scols, term->width);
	scols_table_set_stream(table->scols, to);
	if (scols_print_table(table->scols) != 0)
		abort();
	fclose(to);
}
