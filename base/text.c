#include "base/text.h"

#include <string.h>

bool text_int(const char *s, size_t len, int64_t min, int64_t max, int64_t *out)
{
	bool minus = len > 0 && s[0] == '-';
	size_t at = minus ? 1 : 0;
	int64_t value = 0;

	if (at == len || (s[at] == '0' && (minus || len > 1)))
		return false;
	for (; at < len; at++) {
		int digit = s[at] - '0';

		if (digit < 0 || digit > 9)
			return false;
		/* towards its own side, for INT64_MIN has no positive twin */
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, minus ? -digit : digit,
					   &value))
			return false;
	}
	if (value < min || value > max)
		return false;
	*out = value;
	return true;
}

/* RFC 3629 section 4: what the bytes after a leading byte may be. */
static const struct utf8_row {
	unsigned char first, last; /* leading byte */
	unsigned char low, high;   /* second byte */
	unsigned char len;
} utf8_rows[] = {
	{0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
	{0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3},
	{0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
	{0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

/* Length of the sequence at s (1 to 4), 0 when it is not well-formed. */
static size_t utf8_step(const unsigned char *s, size_t len)
{
	const struct utf8_row *row = utf8_rows;
	const struct utf8_row *end =
		utf8_rows + sizeof(utf8_rows) / sizeof(utf8_rows[0]);

	if (s[0] < 0x80)
		return s[0] != 0;
	while (row < end && (s[0] < row->first || s[0] > row->last))
		row++;
	if (row == end || len < row->len || s[1] < row->low || s[1] > row->high)
		return 0;
	for (size_t i = 2; i < row->len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return row->len;
}

size_t text_utf8_prefix(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t at = 0, step = 1;

	while (at < len && step > 0) {
		step = utf8_step(p + at, len - at);
		at += step;
	}
	return at;
}

bool text_utf8(const char *s, size_t len)
{
	return text_utf8_prefix(s, len) == len;
}

size_t text_utf8_len(const char *s, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += ((unsigned char)s[i] & 0xc0) != 0x80;
	return n;
}

bool text_printable(const char *s, size_t len, bool lines)
{
	unsigned char before = 0;

	if (!text_utf8(s, len))
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		bool line = c == '\t' || c == '\r' || c == '\n';

		if ((c < 0x20 && !(lines && line)) || c == 0x7f)
			return false;
		if (before == 0xc2 && c < 0xa0) /* U+0080 to U+009F */
			return false;
		before = c;
	}
	return true;
}

static const char *const blanks[] = {" ",  "\t",       "\r",
				     "\n", "\xc2\xa0", "\xe3\x80\x80"};

static size_t blank_at(const char *s, size_t len)
{
	for (size_t i = 0; i < sizeof(blanks) / sizeof(blanks[0]); i++) {
		size_t n = strlen(blanks[i]);

		if (n <= len && memcmp(s, blanks[i], n) == 0)
			return n;
	}
	return 0;
}

bool text_blank(const char *s, size_t len)
{
	size_t at = 0;

	for (size_t n = 1; at < len && n > 0; at += n)
		n = blank_at(s + at, len - at);
	return at == len;
}

static bool slug_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool text_slug(const char *s, size_t len)
{
	if (len == 0 || len > SLUG_MAX || s[0] == '-' || s[len - 1] == '-')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!slug_char(s[i]) && s[i] != '-')
			return false;
	return true;
}

bool text_ref(const char *s, size_t len)
{
	const char *slash = len > 0 ? memchr(s, '/', len) : NULL;
	size_t site = slash != NULL ? (size_t)(slash - s) : 0;

	return slash != NULL && text_slug(s, site) &&
	       text_slug(slash + 1, len - site - 1);
}

void text_hex(const void *data, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *p = data;

	for (size_t i = 0; i < len; i++) {
		*out++ = digits[p[i] >> 4];
		*out++ = digits[p[i] & 15];
	}
	*out = '\0';
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool text_unhex(const char *s, size_t len, void *out, size_t out_len)
{
	unsigned char *p = out;

	if (len % 2 != 0 || len / 2 != out_len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (hex_digit(s[i]) < 0)
			return false;
	for (size_t i = 0; i < out_len; i++)
		p[i] = (unsigned char)(hex_digit(s[2 * i]) * 16 +
				       hex_digit(s[2 * i + 1]));
	return true;
}

void text_base64(const void *data, size_t len, char *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *p = data;

	for (size_t i = 0; i < len; i += 3) {
		uint32_t three = (uint32_t)p[i] << 16;

		if (i + 1 < len)
			three |= (uint32_t)p[i + 1] << 8;
		if (i + 2 < len)
			three |= p[i + 2];
		*out++ = digits[three >> 18];
		*out++ = digits[three >> 12 & 63];
		*out++ = i + 1 < len ? digits[three >> 6 & 63] : '=';
		*out++ = i + 2 < len ? digits[three & 63] : '=';
	}
	*out = '\0';
}
