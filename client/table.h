/*
 * table - rows and columns for people, aligned by libsmartcols.
 *
 * Cells are copied and escaped when they are set. On a terminal a table keeps
 * within its width: columns that may be spared are left out, from the right,
 * then the widest of those that may be cut are, down to TABLE_CUT_MIN; what was
 * cut ends in an ellipsis. Elsewhere nothing is left out or cut.
 */
#ifndef CLIENT_TABLE_H
#define CLIENT_TABLE_H

#include <stddef.h>

#include "base/buf.h"
#include "client/term.h"

enum {
	TABLE_RIGHT = 1, /* numbers */
	TABLE_CUT = 2,	 /* may be cut on a narrow terminal */
	TABLE_SPARE = 4, /* may be left out there */
	TABLE_RARE = 8,	 /* left out when no row has anything in it */
};

#define TABLE_COLUMNS_MAX 12
#define TABLE_CUT_MIN 8

struct table_column {
	const char *head;
	unsigned flags;
};

struct table;

/* columns ends with a row whose head is NULL. */
struct table *table_new(const struct table_column *columns);
void table_free(struct table *table);
void table_row(struct table *table); /* the cells that follow go there */
/* The next cell of the row; NULL is shown as "-". */
void table_cell(struct table *table, const char *text);
size_t table_rows(const struct table *table);
void table_print(struct table *table, const struct term *term, struct buf *out);

#endif
