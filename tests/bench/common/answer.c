#include "tests/bench/common/answer.h"

#include <string.h>
#include <strings.h>

enum state { HEAD, BODY, SIZE, CHUNK, CHUNK_END, TRAILER, WHOLE };

void answer_begin(struct answer *a)
{
	memset(a, 0, offsetof(struct answer, head));
}

static bool starts(const char *line, size_t len, const char *name)
{
	size_t n = strlen(name);

	return len >= n && strncasecmp(line, name, n) == 0;
}

static bool read_number(const char *s, const char *end, unsigned base,
			uint64_t *out)
{
	uint64_t value = 0;
	const char *p = s;

	for (; p < end; p++) {
		unsigned digit = base;

		if (*p >= '0' && *p <= '9')
			digit = (unsigned)(*p - '0');
		else if ((*p | 0x20) >= 'a' && (*p | 0x20) <= 'f')
			digit = (unsigned)((*p | 0x20) - 'a') + 10;
		if (digit >= base || value > UINT64_MAX / 32)
			break;
		value = value * base + digit;
	}
	*out = value;
	return p > s && (p == end || *p == ';');
}

static bool read_field(struct answer *a, const char *line, size_t len)
{
	const char *end = line + len;
	const char *value = memchr(line, ':', len);

	if (!value)
		return false;
	for (value++; value < end && *value == ' ';)
		value++;
	switch (*line | 0x20) {
	case 'c':
		if (starts(line, len, "content-length:"))
			return read_number(value, end, 10, &a->left);
		if (starts(line, len, "connection:"))
			a->close =
				starts(value, (size_t)(end - value), "close");
		break;
	case 'r':
		a->retry_after |= starts(line, len, "retry-after:");
		break;
	case 't':
		a->chunked |= starts(line, len, "transfer-encoding:");
		break;
	default:
		break;
	}
	return true;
}

/* The head without its empty line. */
static bool read_head(struct answer *a, size_t len)
{
	const char *line = a->head, *end = a->head + len;
	uint64_t status;

	if (len < 12 || memcmp(line, "HTTP/1.1 ", 9) != 0 ||
	    !read_number(line + 9, line + 12, 10, &status))
		return false;
	a->status = (int)status;
	for (;;) {
		const char *next = memchr(line, '\n', (size_t)(end - line));

		if (!next)
			break;
		line = next + 1;
		next = memchr(line, '\r', (size_t)(end - line));
		if (!read_field(a, line, (size_t)((next ? next : end) - line)))
			return false;
	}
	if (a->chunked)
		a->state = SIZE;
	else if (a->status == 204 || a->status == 304 || a->left == 0)
		a->state = WHOLE;
	else
		a->state = BODY;
	a->used = 0;
	return true;
}

/* Up to the end of the head; a->used counts what is kept of it. */
static int feed_head(struct answer *a, const char *data, size_t len,
		     size_t *out_taken)
{
	size_t before = a->used, room = sizeof(a->head) - before;
	size_t from = before > 3 ? before - 3 : 0, whole;
	const char *end;

	if (len > room)
		len = room;
	memcpy(a->head + before, data, len);
	a->used += len;
	end = memmem(a->head + from, a->used - from, "\r\n\r\n", 4);
	if (!end) {
		*out_taken = len;
		return a->used < sizeof(a->head) ? 0 : -1;
	}
	whole = (size_t)(end - a->head);
	*out_taken = whole + 4 - before;
	return read_head(a, whole) ? 0 : -1;
}

/* A line of the chunked coding into head[], without its end. */
static int feed_line(struct answer *a, const char *data, size_t len,
		     size_t *out_taken)
{
	const char *end = memchr(data, '\n', len);
	size_t n = end ? (size_t)(end - data) + 1 : len;

	*out_taken = n;
	if (n > sizeof(a->head) - a->used)
		return -1;
	memcpy(a->head + a->used, data, n);
	a->used += n;
	if (!end)
		return 0;
	if (a->used < 2 || a->head[a->used - 2] != '\r')
		return -1;
	return 1;
}

static int end_line(struct answer *a)
{
	size_t len = a->used - 2;

	a->used = 0;
	if (a->state == SIZE) {
		if (!read_number(a->head, a->head + len, 16, &a->left))
			return -1;
		a->state = a->left ? CHUNK : TRAILER;
		return 0;
	}
	if (a->state == CHUNK_END) {
		a->state = SIZE;
		return len == 0 ? 0 : -1;
	}
	if (len == 0) /* of the trailer */
		a->state = WHOLE;
	return 0;
}

static void feed_body(struct answer *a, size_t len, size_t *out_taken)
{
	*out_taken = len < a->left ? len : (size_t)a->left;
	a->left -= *out_taken;
	if (a->left == 0)
		a->state = a->state == CHUNK ? CHUNK_END : WHOLE;
}

static int feed_some(struct answer *a, const char *data, size_t len,
		     size_t *out_taken)
{
	int rc;

	if (a->state == HEAD)
		return feed_head(a, data, len, out_taken);
	if (a->state == BODY || a->state == CHUNK) {
		feed_body(a, len, out_taken);
		return 0;
	}
	rc = feed_line(a, data, len, out_taken);
	return rc == 1 ? end_line(a) : rc;
}

int answer_feed(struct answer *a, const char *data, size_t len,
		size_t *out_taken)
{
	size_t done = 0;

	*out_taken = 0;
	while (done < len && a->state != WHOLE) {
		size_t n;

		if (feed_some(a, data + done, len - done, &n) < 0)
			return -1;
		done += n;
	}
	a->bytes += done;
	*out_taken = done;
	return a->state == WHOLE;
}
