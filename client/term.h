/*
 * term - text for a terminal: escaped, measured, cut and coloured.
 *
 * Whatever came over the wire reaches the terminal only through term_add() or
 * term_fit(): control characters, and those that reorder text on the screen,
 * are written as "\x1b" or "\u202e", bytes that are no UTF-8 as "\xff". Widths
 * are columns: Chinese characters take two. The caller has set LC_CTYPE to a
 * UTF-8 locale.
 */
#ifndef CLIENT_TERM_H
#define CLIENT_TERM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum term_style {
	TERM_PLAIN,
	TERM_DIM,
	TERM_BOLD,
	TERM_GREEN,
	TERM_YELLOW,
	TERM_RED,
	TERM_INVERSE,
};

struct term {
	bool colour;
	bool cut; /* a line is cut at `width`; else it may be longer */
	size_t width;
};

/* Columns of the text as term_add() would write it. */
size_t term_columns(const char *s);
void term_add(struct buf *out, const char *s);
/* The same, line breaks kept and every line begun with `indent`. */
void term_add_lines(struct buf *out, const char *s, const char *indent);
/* At most `columns` wide, cut at a character; answers how wide. */
size_t term_cut(struct buf *out, const char *s, size_t columns);
/* Exactly `columns` wide: cut at a character, or filled up with blanks. */
void term_fit(struct buf *out, const char *s, size_t columns);
void term_repeat(struct buf *out, const char *s, size_t n);
/* term_fit() in a style, or without one when colour is off. */
void term_paint(struct buf *out, const struct term *term, enum term_style style,
		const char *s, size_t columns);
/* A JSON document as it came; what a terminal could obey becomes \uXXXX, which
 * means the same in JSON. A line end is added when there is none. */
void term_json(struct buf *out, const char *json, size_t len);
/* As an argument that a POSIX shell reads back. */
void term_quote(struct buf *out, const char *s);

#endif
