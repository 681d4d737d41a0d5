/*
 * text - strict readers of small things: numbers, UTF-8, slugs, hex.
 *
 * All take a pointer and a length, never look beyond it, accept exactly one
 * spelling of a value, and answer false without touching the result otherwise.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decimal, no sign but '-', no leading zeros, min <= value <= max. */
bool text_int(const char *s, size_t len, int64_t min, int64_t max,
	      int64_t *out);
/* Well-formed UTF-8 (RFC 3629): no overlong forms, surrogates or NUL. */
bool text_utf8(const char *s, size_t len);
/* How many bytes of it are that, from the start; whole characters. */
size_t text_utf8_prefix(const char *s, size_t len);
/* Characters (code points) in well-formed UTF-8. */
size_t text_utf8_len(const char *s, size_t len);
/* Well-formed, and no control character (C0, DEL, C1) but tab, CR and LF when
 * `lines`. */
bool text_printable(const char *s, size_t len, bool lines);
/* Nothing but spaces, those of CJK text too, tab, CR and LF. */
bool text_blank(const char *s, size_t len);

#define SLUG_MAX 64
/* [a-z0-9]([a-z0-9-]*[a-z0-9])?, at most SLUG_MAX bytes. */
bool text_slug(const char *s, size_t len);
/* slug "/" slug: a resource, named with its site. */
bool text_ref(const char *s, size_t len);

/* out holds 2 * len + 1. */
void text_hex(const void *data, size_t len, char *out);
/* Lower case only; len must be 2 * out_len. */
bool text_unhex(const char *s, size_t len, void *out, size_t out_len);

/* RFC 4648 section 4, padded; out holds TEXT_BASE64_LEN(len) + 1. */
#define TEXT_BASE64_LEN(len) (((len) + 2) / 3 * 4)
void text_base64(const void *data, size_t len, char *out);

#endif
