/*
 * buf - a growing byte buffer with a bound: the one output buffer.
 *
 * Invariants: len <= cap <= max (+1 for the NUL that always follows); once an
 * append fails (bound or memory) the buffer is `failed`, further appends do
 * nothing, and the writer asks once at the end. Readers may keep pointers only
 * until the next append.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	char *data; /* NULL until the first append */
	size_t len;
	size_t cap;
	size_t max;
	bool failed;
};

void buf_init(struct buf *buf, size_t max);
void buf_fini(struct buf *buf);	 /* wipes and frees */
void buf_reset(struct buf *buf); /* empty again, memory kept */
void buf_add(struct buf *buf, const void *data, size_t len);
void buf_str(struct buf *buf, const char *s);
void buf_chr(struct buf *buf, char c);
void buf_int(struct buf *buf, int64_t value); /* decimal */
void buf_hex(struct buf *buf, const void *data, size_t len);
__attribute__((format(printf, 2, 3))) void buf_printf(struct buf *buf,
						      const char *fmt, ...);
/* A JSON string with its quotes (RFC 8259 section 7); input is valid UTF-8. */
void buf_json(struct buf *buf, const char *s, size_t len);
/* The same of what needs no escape. */
void buf_quoted(struct buf *buf, const char *s, size_t len);
/* Room for n more bytes, or NULL; the caller then raises len itself. */
char *buf_room(struct buf *buf, size_t n);
/* The bytes as a C string; "" while empty. Owned by the buffer. */
const char *buf_cstr(const struct buf *buf);

#endif
