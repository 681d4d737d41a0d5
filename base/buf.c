#include "base/buf.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

#define BUF_FIRST 256

void buf_init(struct buf *buf, size_t max)
{
	*buf = (struct buf){.max = max};
}

void buf_fini(struct buf *buf)
{
	if (buf->data != NULL) {
		mem_wipe(buf->data, buf->cap + 1);
		mem_free(buf->data);
	}
	*buf = (struct buf){.max = buf->max};
}

void buf_reset(struct buf *buf)
{
	buf->len = 0;
	buf->failed = false;
	if (buf->data != NULL)
		buf->data[0] = '\0';
}

/* Not realloc(): it would leave the old bytes behind unwiped. */
static bool buf_grow(struct buf *buf, size_t need)
{
	size_t cap = buf->cap < BUF_FIRST ? BUF_FIRST : buf->cap;
	char *data;

	while (cap < need)
		cap = cap > buf->max / 2 ? buf->max : cap * 2;
	if (cap > buf->max)
		cap = buf->max;
	if (cap == SIZE_MAX)
		return false;
	data = mem_ops()->alloc(cap + 1);
	if (data == NULL)
		return false;
	if (buf->data != NULL) {
		memcpy(data, buf->data, buf->len);
		mem_wipe(buf->data, buf->cap + 1);
		mem_free(buf->data);
	}
	data[buf->len] = '\0';
	buf->data = data;
	buf->cap = cap;
	return true;
}

char *buf_room(struct buf *buf, size_t n)
{
	if (buf->failed)
		return NULL;
	if (n > buf->max - buf->len) {
		buf->failed = true;
		return NULL;
	}
	if ((buf->data == NULL || n > buf->cap - buf->len) &&
	    !buf_grow(buf, buf->len + n)) {
		buf->failed = true;
		return NULL;
	}
	return buf->data + buf->len;
}

static void buf_advance(struct buf *buf, size_t n)
{
	buf->len += n;
	buf->data[buf->len] = '\0';
}

void buf_add(struct buf *buf, const void *data, size_t len)
{
	char *p = buf_room(buf, len);

	if (p == NULL || len == 0)
		return;
	memcpy(p, data, len);
	buf_advance(buf, len);
}

void buf_str(struct buf *buf, const char *s)
{
	buf_add(buf, s, strlen(s));
}

void buf_chr(struct buf *buf, char c)
{
	char *p = buf_room(buf, 1);

	if (p == NULL)
		return;
	*p = c;
	buf_advance(buf, 1);
}

void buf_int(struct buf *buf, int64_t value)
{
	char digits[21];
	size_t at = sizeof(digits);
	uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;

	do {
		digits[--at] = (char)('0' + left % 10);
		left /= 10;
	} while (left > 0);
	if (value < 0)
		digits[--at] = '-';
	buf_add(buf, digits + at, sizeof(digits) - at);
}

void buf_hex(struct buf *buf, const void *data, size_t len)
{
	char *p = len <= SIZE_MAX / 2 ? buf_room(buf, 2 * len) : NULL;

	if (p == NULL) {
		buf->failed = true;
		return;
	}
	text_hex(data, len, p);
	buf->len += 2 * len;
}

void buf_printf(struct buf *buf, const char *fmt, ...)
{
	va_list args;
	char *p;
	int n;

	va_start(args, fmt);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	p = n >= 0 ? buf_room(buf, (size_t)n) : NULL;
	if (p == NULL) {
		buf->failed = true;
		return;
	}
	va_start(args, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, args);
	va_end(args);
	buf->len += (size_t)n;
}

static void buf_json_escape(struct buf *buf, unsigned char c)
{
	static const char shorts[] = "\"\"\\\\\bb\ff\nn\rr\tt";

	for (const char *s = shorts; *s != '\0'; s += 2)
		if ((unsigned char)*s == c) {
			buf_add(buf, (const char[]){'\\', s[1]}, 2);
			return;
		}
	buf_str(buf, "\\u00");
	buf_hex(buf, &c, 1);
}

static bool needs_escape(unsigned char c)
{
	return c < 0x20 || c == '"' || c == '\\';
}

void buf_quoted(struct buf *buf, const char *s, size_t len)
{
	char *p = len < SIZE_MAX - 2 ? buf_room(buf, len + 2) : NULL;

	if (p == NULL) {
		buf->failed = true;
		return;
	}
	*p = '"';
	if (len > 0)
		memcpy(p + 1, s, len);
	p[len + 1] = '"';
	buf_advance(buf, len + 2);
}

void buf_json(struct buf *buf, const char *s, size_t len)
{
	size_t plain = 0; /* start of the run that needs no escape */
	size_t clean = 0;

	while (clean < len && !needs_escape((unsigned char)s[clean]))
		clean++;
	if (clean == len) {
		buf_quoted(buf, s, len);
		return;
	}
	buf_chr(buf, '"');
	for (size_t i = clean; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if (!needs_escape(c))
			continue;
		buf_add(buf, s + plain, i - plain);
		buf_json_escape(buf, c);
		plain = i + 1;
	}
	if (len > plain)
		buf_add(buf, s + plain, len - plain);
	buf_chr(buf, '"');
}

const char *buf_cstr(const struct buf *buf)
{
	if (buf->data == NULL)
		return "";
	/* whoever filled buf_room() raised len without the NUL */
	buf->data[buf->len] = '\0';
	return buf->data;
}
