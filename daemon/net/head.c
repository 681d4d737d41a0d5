#include "daemon/net/head.h"

#include <string.h>
#include <strings.h>

/* RFC 9110 section 5.6.2. */
static const bool token_byte[256] = {
	['0' ... '9'] = true, ['a' ... 'z'] = true, ['A' ... 'Z'] = true,
	['!'] = true,	      ['#'] = true,	    ['$'] = true,
	['%'] = true,	      ['&'] = true,	    ['\''] = true,
	['*'] = true,	      ['+'] = true,	    ['-'] = true,
	['.'] = true,	      ['^'] = true,	    ['_'] = true,
	['`'] = true,	      ['|'] = true,	    ['~'] = true,
};

static bool is_token(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!token_byte[(unsigned char)s[i]])
			return false;
	return len > 0;
}

/* RFC 9110 section 5.5: blanks, what is visible, and bytes above ASCII. */
static bool is_value(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

static enum rc refuse(struct reader *r, enum rc rc, const char *why)
{
	r->detail = why;
	return rc;
}

static enum rc malformed(struct reader *r, const char *why)
{
	return refuse(r, RC_MALFORMED, why);
}

static enum rc read_version(struct reader *r, const char *s, size_t len)
{
	if (len != 8 || memcmp(s, "HTTP/", 5) != 0 || s[6] != '.' ||
	    s[5] < '0' || s[5] > '9' || s[7] < '0' || s[7] > '9')
		return malformed(r, "the request line has no HTTP version");
	r->http10 = s[7] == '0';
	if (s[5] != '1' || (s[7] != '0' && s[7] != '1'))
		return refuse(r, RC_VERSION, "only HTTP/1.1 is spoken here");
	return RC_OK;
}

static enum rc read_method(struct reader *r, const char *s, size_t len)
{
	struct http_str word = {s, len};

	for (int m = 0; m < HTTP_METHOD_COUNT; m++) {
		const char *name = http_method_name((enum http_method)m);

		if (len == strlen(name) && memcmp(word.p, name, len) == 0) {
			r->method = (enum http_method)m;
			return RC_OK;
		}
	}
	return refuse(r, RC_NOT_IMPLEMENTED, "the method is not known here");
}

enum rc head_line(struct reader *r, char *line, size_t len)
{
	char *sp1 = memchr(line, ' ', len);
	size_t method = sp1 ? (size_t)(sp1 - line) : 0;

	if (!sp1 || !is_token(line, method))
		return malformed(r, "the request line has no method");
	char *target = sp1 + 1;
	size_t rest = len - method - 1;
	char *sp2 = memchr(target, ' ', rest);
	size_t target_len = sp2 ? (size_t)(sp2 - target) : 0;

	if (!target_len)
		return malformed(r, "the request line has no target");
	enum rc rc = read_version(r, sp2 + 1, rest - target_len - 1);
	if (rc == RC_OK)
		rc = read_method(r, line, method);
	if (rc != RC_OK)
		return rc;
	if (target_len > r->limits->max_target)
		return refuse(r, RC_URI_TOO_LONG, "the target is too long");
	return target_parse(target, target_len, r->method, &r->target,
			    &r->detail);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct http_str trim(const char *s, size_t len)
{
	while (len && is_blank(*s))
		s++, len--;
	while (len && is_blank(s[len - 1]))
		len--;
	return (struct http_str){s, len};
}

enum rc head_split(struct reader *r, const char *line, size_t len,
		   struct http_field *out)
{
	const char *colon = memchr(line, ':', len);
	size_t name = colon ? (size_t)(colon - line) : 0;

	if (len && is_blank(line[0]))
		return malformed(r, "a field goes on over two lines");
	if (!is_token(line, name))
		return malformed(r, "a line is not a header field");
	if (!is_value(colon + 1, len - name - 1))
		return malformed(r, "a field has control characters");
	out->name = (struct http_str){line, name};
	out->value = trim(colon + 1, len - name - 1);
	return RC_OK;
}

static enum rc take_host(struct reader *r, struct http_str value)
{
	r->has_host = true;
	r->host_value = value;
	if (!target_host(value, &r->host))
		return malformed(r, "the Host field names no host");
	return RC_OK;
}

/* One spelling a number: no sign, blank, leading zero or list. */
static enum rc take_length(struct reader *r, struct http_str value)
{
	bool zero_led = value.len > 1 && value.p[0] == '0';

	r->has_length = true;
	if (!value.len || zero_led)
		return malformed(r, "Content-Length is not a number");
	for (size_t i = 0; i < value.len; i++)
		if (value.p[i] < '0' || value.p[i] > '9')
			return malformed(r, "Content-Length is not a number");
	if (value.len > 15)
		return refuse(r, RC_TOO_LARGE, "the body is too large");
	for (size_t i = 0; i < value.len; i++)
		r->length = r->length * 10 + (uint64_t)(value.p[i] - '0');
	return RC_OK;
}

static enum rc take_coding(struct reader *r, struct http_str value)
{
	r->has_coding = true;
	r->coding_known = http_str_is(value, "chunked");
	return RC_OK;
}

/* A list of tokens, of which one concerns us. */
static enum rc take_connection(struct reader *r, struct http_str value)
{
	while (value.len) {
		const char *comma = memchr(value.p, ',', value.len);
		size_t n = comma ? (size_t)(comma - value.p) : value.len;

		if (http_str_is(trim(value.p, n), "close"))
			r->says_close = true;
		n += comma ? 1 : 0;
		value.p += n;
		value.len -= n;
	}
	return RC_OK;
}

static enum rc take_expect(struct reader *r, struct http_str value)
{
	r->expects_continue = http_str_is(value, "100-continue");
	r->expect_unknown = !r->expects_continue;
	return RC_OK;
}

struct known_field {
	const char *name;
	size_t len;
	bool once; /* a second one is refused */
	enum rc (*take)(struct reader *r, struct http_str value);
};

#define ROW(name, once, take)                                                  \
	{                                                                      \
		name, sizeof(name) - 1, once, take                             \
	}
static const struct known_field known[] = {
	ROW("host", true, take_host),
	ROW("content-length", true, take_length),
	ROW("transfer-encoding", true, take_coding),
	ROW("connection", false, take_connection),
	ROW("expect", true, take_expect),
	ROW("authorization", true, NULL),
	ROW("content-encoding", true, NULL),
	ROW("content-type", true, NULL),
	ROW("cookie", true, NULL),
	ROW("idempotency-key", true, NULL),
	ROW("if-match", true, NULL),
	ROW("if-modified-since", true, NULL),
	ROW("if-none-match", true, NULL),
	ROW("if-range", true, NULL),
	ROW("if-unmodified-since", true, NULL),
	ROW("last-event-id", true, NULL),
	ROW("origin", true, NULL),
	ROW("range", true, NULL),
	ROW("referer", true, NULL),
	ROW("user-agent", true, NULL),
};
#define NKNOWN (sizeof(known) / sizeof(known[0]))
_Static_assert(NKNOWN <= 32, "reader.seen has a bit for each row");

enum rc head_field(struct reader *r, const struct http_field *field)
{
	for (size_t i = 0; i < NKNOWN; i++) {
		uint32_t bit = (uint32_t)1 << i;

		if (field->name.len != known[i].len ||
		    strncasecmp(field->name.p, known[i].name, known[i].len) !=
			    0)
			continue;
		if (known[i].once && (r->seen & bit))
			return malformed(r, "a field stands twice that may "
					    "stand once only");
		r->seen |= bit;
		return known[i].take ? known[i].take(r, field->value) : RC_OK;
	}
	return RC_OK;
}

static enum rc judge_framing(struct reader *r)
{
	if (r->has_coding && r->has_length)
		return malformed(r, "the body is framed in two ways");
	if (r->has_coding && r->http10)
		return malformed(r, "HTTP/1.0 has no transfer coding");
	if (r->has_coding && !r->coding_known)
		return refuse(r, RC_NOT_IMPLEMENTED,
			      "the only transfer coding taken is chunked");
	r->chunked = r->has_coding;
	return RC_OK;
}

static bool same(struct http_str a, struct http_str b)
{
	return a.len == b.len && strncasecmp(a.p, b.p, a.len) == 0;
}

static bool host_is_ours(const struct reader *r)
{
	for (unsigned i = 0; i < r->limits->nhosts; i++)
		if (http_str_is(r->host, r->limits->hosts[i]))
			return true;
	return r->limits->nhosts == 0;
}

/* An absolute target and Host name the same place, or somebody is confused
 * (RFC 9112 section 3.2.2 lets the target win; a client must send both alike).
 */
static enum rc judge_host(struct reader *r)
{
	if (!r->has_host && !r->http10)
		return malformed(r, "a Host field is required");
	if (r->target.absolute) {
		if (!r->target.https)
			return refuse(r, RC_MISDIRECTED,
				      "only https targets are served here");
		if (!target_host(r->target.authority, &r->host))
			return malformed(r, "the target names no host");
		if (!host_is_ours(r))
			return refuse(r, RC_MISDIRECTED,
				      "this server is not that host");
		if (r->has_host && !same(r->target.authority, r->host_value))
			return malformed(r, "Host and target differ");
		return RC_OK;
	}
	if (r->has_host && !host_is_ours(r))
		return refuse(r, RC_MISDIRECTED,
			      "this server is not that host");
	return RC_OK;
}

enum rc head_judge(struct reader *r)
{
	enum rc rc = judge_framing(r);

	if (rc == RC_OK)
		rc = judge_host(r);
	if (rc != RC_OK)
		return rc;
	r->keep_alive = !r->http10 && !r->says_close;
	if (r->http10) /* RFC 9110 section 10.1.1: ignored there */
		r->expects_continue = r->expect_unknown = false;
	if (r->expect_unknown)
		return refuse(r, RC_EXPECTATION,
			      "only 100-continue can be expected here");
	return RC_OK;
}
