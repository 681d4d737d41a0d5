/* table - see table.h. */
#include "client/table.h"

#include <libsmartcols/libsmartcols.h>
#include <stdlib.h>

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

/* Appends text without the blanks at the ends of its lines. */
static void add_trimmed(struct buf *out, const char *text)
{
	size_t blanks = 0;

	for (; *text; text++) {
		if (*text == ' ') {
			blanks++;
			continue;
		}
		if (*text != '\n')
			term_repeat(out, " ", blanks);
		blanks = 0;
		buf_chr(out, *text);
	}
}

void table_print(const struct table *table, const struct term *term,
		 struct buf *out)
{
	char *text = NULL;

	if (table->rows == 0)
		return;
	scols_table_set_termforce(table->scols, term->cut
							? SCOLS_TERMFORCE_ALWAYS
							: SCOLS_TERMFORCE_NEVER);
	if (term->cut)
		scols_table_set_termwidth(table->scols, term->width);
	if (scols_print_table_to_string(table->scols, &text) != 0)
		abort();
	add_trimmed(out, text);
	buf_chr(out, '\n');
	free(text);
}
