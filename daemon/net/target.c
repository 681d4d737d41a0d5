#include "daemon/net/target.h"

#include <string.h>
#include <strings.h>

#include "base/text.h"

/* What a byte may be part of (RFC 3986 sections 2.2, 2.3 and 3.3). */
enum { IN_PATH = 1, IN_QUERY = 2, IN_HOST = 4, IN_V6 = 8 };

#define ALNUM (IN_PATH | IN_QUERY | IN_HOST)
static const unsigned char uri_class[256] = {
	['0' ... '9'] = ALNUM | IN_V6,
	['a' ... 'f'] = ALNUM | IN_V6,
	['g' ... 'z'] = ALNUM,
	['A' ... 'F'] = ALNUM | IN_V6,
	['G' ... 'Z'] = ALNUM,
	['-'] = ALNUM,
	['.'] = ALNUM | IN_V6,
	['_'] = ALNUM,
	['~'] = ALNUM,
	['!'] = IN_PATH | IN_QUERY,
	['$'] = IN_PATH | IN_QUERY,
	['&'] = IN_PATH | IN_QUERY,
	['\''] = IN_PATH | IN_QUERY,
	['('] = IN_PATH | IN_QUERY,
	[')'] = IN_PATH | IN_QUERY,
	['*'] = IN_PATH | IN_QUERY,
	['+'] = IN_PATH | IN_QUERY,
	[','] = IN_PATH | IN_QUERY,
	[';'] = IN_PATH | IN_QUERY,
	['='] = IN_PATH | IN_QUERY,
	[':'] = IN_PATH | IN_QUERY | IN_V6,
	['@'] = IN_PATH | IN_QUERY,
	['/'] = IN_PATH | IN_QUERY,
	['%'] = IN_PATH | IN_QUERY,
	['?'] = IN_QUERY,
};

static bool all_in(const char *s, size_t len, unsigned char class)
{
	for (size_t i = 0; i < len; i++)
		if (!(uri_class[(unsigned char)s[i]] & class))
			return false;
	return true;
}

bool http_str_is(struct http_str s, const char *word)
{
	return s.len == strlen(word) && strncasecmp(s.p, word, s.len) == 0;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The byte that "%xy" stands for; -1 when it stands for none we take. */
static int decode_byte(const char *s, size_t len)
{
	int hi = len >= 3 ? hex_value(s[1]) : -1;
	int lo = len >= 3 ? hex_value(s[2]) : -1;

	if (hi < 0 || lo < 0)
		return -1;
	int byte = hi << 4 | lo;
	if (byte < 0x20 || byte == 0x7f || byte == '/')
		return -1;
	return byte;
}

static bool decode_path(char *path, size_t *len)
{
	size_t out = 0;

	for (size_t in = 0; in < *len; in++) {
		int byte = (unsigned char)path[in];

		if (byte == '%') {
			byte = decode_byte(path + in, *len - in);
			if (byte < 0)
				return false;
			in += 2;
		}
		path[out++] = (char)byte;
	}
	*len = out;
	return text_utf8(path, out);
}

static bool has_dot_segment(const char *path, size_t len)
{
	size_t start = 1;

	for (size_t i = 1; i <= len; i++) {
		if (i < len && path[i] != '/')
			continue;
		size_t n = i - start;
		if ((n == 1 && path[start] == '.') ||
		    (n == 2 && path[start] == '.' && path[start + 1] == '.'))
			return true;
		start = i + 1;
	}
	return false;
}

static enum rc refuse(const char **out_detail, const char *why)
{
	*out_detail = why;
	return RC_MALFORMED;
}

/* "/path?query": what follows an authority, too. */
static enum rc parse_origin(char *raw, size_t len, struct target *out,
			    const char **out_detail)
{
	char *mark = memchr(raw, '?', len);
	size_t path_len = mark ? (size_t)(mark - raw) : len;

	if (!path_len || raw[0] != '/')
		return refuse(out_detail, "the target must be a path");
	if (!all_in(raw, path_len, IN_PATH))
		return refuse(out_detail, "the path has bytes to be encoded");
	if (!decode_path(raw, &path_len))
		return refuse(out_detail, "the path is not encoded well");
	if (has_dot_segment(raw, path_len))
		return refuse(out_detail, "the path has a dot segment");
	out->path = (struct http_str){raw, path_len};
	if (!mark)
		return RC_OK;
	out->query =
		(struct http_str){mark + 1, len - (size_t)(mark + 1 - raw)};
	if (!all_in(out->query.p, out->query.len, IN_QUERY))
		return refuse(out_detail, "the query has bytes to be encoded");
	return RC_OK;
}

static enum rc parse_absolute(char *raw, size_t len, struct target *out,
			      const char **out_detail)
{
	size_t scheme = out->https ? strlen("https://") : strlen("http://");
	char *rest = raw + scheme;
	size_t rest_len = len - scheme;
	size_t n = 0;

	while (n < rest_len && rest[n] != '/' && rest[n] != '?')
		n++;
	out->absolute = true;
	out->authority = (struct http_str){rest, n};
	if (n == rest_len) {
		out->path = (struct http_str){"/", 1};
		return RC_OK;
	}
	return parse_origin(rest + n, rest_len - n, out, out_detail);
}

static bool starts(const char *s, size_t len, const char *word)
{
	size_t n = strlen(word);

	return len >= n && strncasecmp(s, word, n) == 0;
}

enum rc target_parse(char *raw, size_t len, enum http_method method,
		     struct target *out, const char **out_detail)
{
	*out = (struct target){.query = {"", 0}};
	if (len == 1 && raw[0] == '*' && method == HTTP_OPTIONS) {
		out->path = (struct http_str){raw, 1};
		return RC_OK;
	}
	out->https = starts(raw, len, "https://");
	if (out->https || starts(raw, len, "http://"))
		return parse_absolute(raw, len, out, out_detail);
	return parse_origin(raw, len, out, out_detail);
}

static bool port_ok(const char *s, size_t len)
{
	int64_t port;

	return text_int(s, len, 1, 65535, &port);
}

bool target_host(struct http_str authority, struct http_str *out_host)
{
	const char *s = authority.p;
	size_t len = authority.len;
	size_t host = 0;

	if (len && s[0] == '[') {
		const char *end = memchr(s, ']', len);

		host = end ? (size_t)(end - s) + 1 : 0;
		if (host < 4 || !all_in(s + 1, host - 2, IN_V6))
			return false;
	} else {
		const char *colon = memchr(s, ':', len);

		host = colon ? (size_t)(colon - s) : len;
		if (!host || !all_in(s, host, IN_HOST))
			return false;
	}
	if (host < len &&
	    (s[host] != ':' || !port_ok(s + host + 1, len - host - 1)))
		return false;
	*out_host = (struct http_str){s, host};
	return true;
}
