/* term - see term.h. */
#include "client/term.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "base/text.h"

#define SHOWN_MAX 12 /* the longest that one character is shown as, and NUL */

static const char *const style_codes[] = {
	[TERM_PLAIN] = "",	    [TERM_DIM] = "\x1b[2m",
	[TERM_BOLD] = "\x1b[1m",    [TERM_GREEN] = "\x1b[32m",
	[TERM_YELLOW] = "\x1b[33m", [TERM_RED] = "\x1b[31m",
	[TERM_INVERSE] = "\x1b[7m",
};

/* One character, taken from the front of a string. */
struct glyph {
	uint32_t point;
	size_t bytes;
	bool broken; /* no UTF-8: one byte is taken */
};

static size_t sequence_len(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xe0)
		return 2;
	return first < 0xf0 ? 3 : 4;
}

static struct glyph next_glyph(const char *s, size_t left)
{
	unsigned char first = (unsigned char)*s;
	struct glyph g = {.point = first, .bytes = 1};
	size_t len = sequence_len(first);

	if (len == 1)
		return g;
	if (len > left || !text_utf8(s, len)) {
		g.broken = true;
		return g;
	}
	g.point = first & (0xffu >> (len + 1));
	for (size_t i = 1; i < len; i++)
		g.point = g.point << 6 | ((unsigned char)s[i] & 0x3fu);
	g.bytes = len;
	return g;
}

/* C0, DEL, C1, and the characters that reorder or hide text. */
static bool is_harmful(uint32_t p)
{
	return p < 0x20 || (p >= 0x7f && p < 0xa0) || p == 0x61c ||
	       (p >= 0x200b && p <= 0x200f) || (p >= 0x2028 && p <= 0x202e) ||
	       (p >= 0x2060 && p <= 0x206f) || p == 0xfeff;
}

/* What the character is shown as, and its columns. */
static size_t show_glyph(const char *s, struct glyph g, char out[SHOWN_MAX])
{
	int columns;

	if (g.broken || (is_harmful(g.point) && g.point < 0x100))
		return (size_t)snprintf(out, SHOWN_MAX, "\\x%02x",
					(unsigned)g.point & 0xff);
	if (is_harmful(g.point))
		return (size_t)snprintf(out, SHOWN_MAX, "\\u%04x",
					(unsigned)g.point & 0xffff);
	memcpy(out, s, g.bytes);
	out[g.bytes] = '\0';
	columns = wcwidth((wchar_t)g.point);
	return columns < 0 ? 1 : (size_t)columns;
}

size_t term_columns(const char *s)
{
	size_t left = strlen(s), columns = 0;
	char shown[SHOWN_MAX];

	while (left > 0) {
		struct glyph g = next_glyph(s, left);

		columns += show_glyph(s, g, shown);
		s += g.bytes;
		left -= g.bytes;
	}
	return columns;
}

void term_add(struct buf *out, const char *s)
{
	size_t left = strlen(s);
	char shown[SHOWN_MAX];

	while (left > 0) {
		struct glyph g = next_glyph(s, left);

		show_glyph(s, g, shown);
		buf_str(out, shown);
		s += g.bytes;
		left -= g.bytes;
	}
}

void term_add_lines(struct buf *out, const char *s, const char *indent)
{
	while (*s) {
		size_t len = strcspn(s, "\n");
		char line[1024];

		if (len >= sizeof(line))
			len = sizeof(line) - 1;
		while (len > 1 && ((unsigned char)s[len] & 0xc0) == 0x80)
			len--; /* between characters */
		memcpy(line, s, len);
		line[len] = '\0';
		buf_str(out, indent);
		term_add(out, line);
		buf_chr(out, '\n');
		s += len + (s[len] == '\n');
	}
}

size_t term_cut(struct buf *out, const char *s, size_t columns)
{
	size_t left = strlen(s), used = 0;
	char shown[SHOWN_MAX];

	while (left > 0) {
		struct glyph g = next_glyph(s, left);
		size_t width = show_glyph(s, g, shown);

		if (used + width > columns)
			break;
		buf_str(out, shown);
		used += width;
		s += g.bytes;
		left -= g.bytes;
	}
	return used;
}

void term_fit(struct buf *out, const char *s, size_t columns)
{
	size_t used = term_cut(out, s, columns);

	term_repeat(out, " ", columns - used);
}

void term_repeat(struct buf *out, const char *s, size_t n)
{
	while (n-- > 0)
		buf_str(out, s);
}

void term_paint(struct buf *out, const struct term *term, enum term_style style,
		const char *s, size_t columns)
{
	bool coloured = term->colour && style != TERM_PLAIN;

	if (coloured)
		buf_str(out, style_codes[style]);
	term_fit(out, s, columns);
	if (coloured)
		buf_str(out, "\x1b[0m");
}

void term_json(struct buf *out, const char *json, size_t len)
{
	while (len > 0 && strchr(" \t\r\n", json[len - 1]))
		len--;
	while (len > 0) {
		struct glyph g = next_glyph(json, len);
		bool space =
			g.point == '\n' || g.point == '\t' || g.point == '\r';

		if (g.broken || (is_harmful(g.point) && !space))
			buf_printf(out, "\\u%04x", (unsigned)g.point & 0xffff);
		else
			buf_add(out, json, g.bytes);
		json += g.bytes;
		len -= g.bytes;
	}
	buf_chr(out, '\n');
}

static bool is_plain_word(const char *s)
{
	return *s && strspn(s, "abcdefghijklmnopqrstuvwxyz"
			       "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "0123456789_-+=:,./@%") == strlen(s);
}

void term_quote(struct buf *out, const char *s)
{
	if (is_plain_word(s)) {
		buf_str(out, s);
		return;
	}
	buf_chr(out, '\'');
	for (; *s; s++) {
		if (*s == '\'')
			buf_str(out, "'\\''");
		else
			buf_chr(out, *s);
	}
	buf_chr(out, '\'');
}
