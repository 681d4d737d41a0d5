/*
 * csv - rows for scripts and spreadsheets: RFC 4180, out of the field tables.
 *
 * UTF-8 without a byte order mark, a line of names first, CRLF after each row.
 * A message's columns are its fields under their names on the wire, but for
 * objects, lists of objects, and whatever is a patient's. Absent is empty;
 * times are RFC 3339 in `zone` with its offset; lists are joined by blanks.
 *
 * A row is one line: `show` writes text so that it has no line ends (the tool's
 * is term_add()); without it text is written as it is, which none of ours has
 * them in. Text that a spreadsheet would take for a formula (it begins with = +
 * - @, or with their full-width forms) gets an apostrophe before it; so does
 * text that begins with one, so that taking one away gives back what was there.
 */
#ifndef PROTO_CSV_H
#define PROTO_CSV_H

#include <stdbool.h>

#include "base/tz.h"
#include "proto/field.h"

struct csv {
	struct buf *out;
	const struct tz *zone; /* NULL: UTC */
	void (*show)(struct buf *out, const char *text);
	bool begun; /* the row has a cell already */
};

void csv_cell(struct csv *csv, const char *text); /* NULL: empty */
void csv_end(struct csv *csv);			  /* of a row */

/* The cells of the names, and of one message. */
void csv_names(struct csv *csv, const struct msg *msg);
void csv_values(struct csv *csv, const struct msg *msg, const void *in);
/* One cell: the words, joined; a number, or FIELD_NONE for none. */
void csv_kinds(struct csv *csv, kindset kinds);
void csv_wordset(struct csv *csv, const struct words *words, uint32_t set);
void csv_number(struct csv *csv, int64_t n);

#endif
