#include "daemon/net/writer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"

static const struct {
	int status;
	const char *reason;
} reasons[] = {
	{200, "OK"},
	{201, "Created"},
	{202, "Accepted"},
	{204, "No Content"},
	{301, "Moved Permanently"},
	{303, "See Other"},
	{304, "Not Modified"},
	{307, "Temporary Redirect"},
	{308, "Permanent Redirect"},
	{400, "Bad Request"},
	{401, "Unauthorized"},
	{403, "Forbidden"},
	{404, "Not Found"},
	{405, "Method Not Allowed"},
	{406, "Not Acceptable"},
	{408, "Request Timeout"},
	{409, "Conflict"},
	{410, "Gone"},
	{412, "Precondition Failed"},
	{413, "Content Too Large"},
	{414, "URI Too Long"},
	{415, "Unsupported Media Type"},
	{417, "Expectation Failed"},
	{421, "Misdirected Request"},
	{422, "Unprocessable Content"},
	{428, "Precondition Required"},
	{429, "Too Many Requests"},
	{431, "Request Header Fields Too Large"},
	{500, "Internal Server Error"},
	{501, "Not Implemented"},
	{503, "Service Unavailable"},
	{505, "HTTP Version Not Supported"},
};

const char *writer_reason(int status)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "";
}

void writer_date(int64_t utc, char *out)
{
	static const char days[7][4] = {"Mon", "Tue", "Wed", "Thu",
					"Fri", "Sat", "Sun"};
	static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr",
					   "May", "Jun", "Jul", "Aug",
					   "Sep", "Oct", "Nov", "Dec"};
	struct civil c;

	civil_from_wall(utc, &c);
	int n = snprintf(out, WRITER_DATE_LEN + 1,
			 "%s, %02u %s %04u %02u:%02u:%02u GMT",
			 days[civil_weekday(civil_day_of(utc))],
			 (unsigned)c.day % 100u, months[c.month - 1],
			 (unsigned)c.year % 10000u, (unsigned)c.hour % 100u,
			 (unsigned)c.minute % 100u, (unsigned)c.second % 100u);
	if (n != WRITER_DATE_LEN)
		abort();
}

size_t writer_chunk(size_t len, char *out)
{
	int n = snprintf(out, WRITER_CHUNK_MAX, "%zx\r\n", len);

	if (n < 0 || (size_t)n >= WRITER_CHUNK_MAX)
		abort();
	return (size_t)n;
}

struct lines {
	char *out;
	size_t len;
	unsigned dropped;
};

static void add_bytes(struct lines *l, const char *s, size_t n)
{
	if (n > WRITER_HEAD_MAX - l->len)
		abort();
	memcpy(l->out + l->len, s, n);
	l->len += n;
}

#define ADD(l, text) add_bytes(l, text, sizeof(text) - 1) /* a literal */

static void add_number(struct lines *l, uint64_t value)
{
	char digits[24];
	size_t i = sizeof(digits);

	do
		digits[--i] = (char)('0' + value % 10);
	while (value /= 10);
	add_bytes(l, digits + i, sizeof(digits) - i);
}

static bool is_clean(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			return false;
	return true;
}

/* A field with a computed value; none when it is empty. */
static void add_field(struct lines *l, struct http_str name, const char *value)
{
	size_t len = value ? strlen(value) : 0;

	if (!len)
		return;
	if (!is_clean(value, len)) {
		l->dropped++;
		return;
	}
	add_bytes(l, name.p, name.len);
	add_bytes(l, value, len);
	ADD(l, "\r\n");
}

#define ADD_FIELD(l, name, value)                                              \
	add_field(l, (struct http_str){name ": ", sizeof(name ": ") - 1}, value)

static void add_framing(struct lines *l, const struct writer_head *h)
{
	if (h->framing == WRITER_CHUNKED)
		ADD(l, "Transfer-Encoding: chunked\r\n");
	if (h->framing != WRITER_LENGTH)
		return;
	ADD(l, "Content-Length: ");
	add_number(l, h->length);
	ADD(l, "\r\n");
}

static void add_status(struct lines *l, int status)
{
	if (status < 100 || status > 999)
		status = 500;
	ADD(l, "HTTP/1.1 ");
	add_number(l, (uint64_t)status);
	ADD(l, " ");
	const char *reason = writer_reason(status);
	add_bytes(l, reason, strlen(reason));
	ADD(l, "\r\n");
}

size_t writer_head(const struct writer_head *h, char *out,
		   unsigned *out_dropped)
{
	const struct http_reply *reply = h->reply;
	struct lines l = {0};

	l.out = out;
	add_status(&l, reply->status);
	ADD_FIELD(&l, "Date", h->date);
	add_framing(&l, h);
	if (h->framing != WRITER_NONE)
		ADD_FIELD(&l, "Content-Type", reply->content_type);
	ADD_FIELD(&l, "Allow", reply->allow);
	ADD_FIELD(&l, "WWW-Authenticate", reply->www_authenticate);
	ADD_FIELD(&l, "ETag", reply->etag);
	ADD_FIELD(&l, "Location", reply->location);
	ADD_FIELD(&l, "Link", reply->link);
	ADD_FIELD(&l, "Repr-Digest", reply->digest);
	if (reply->retry_after > 0) {
		ADD(&l, "Retry-After: ");
		add_number(&l, (uint64_t)reply->retry_after);
		ADD(&l, "\r\n");
	}
	if (reply->no_store)
		ADD(&l, "Cache-Control: no-store\r\n");
	if (h->close)
		ADD(&l, "Connection: close\r\n");
	ADD_FIELD(&l, "X-Request-Id", h->request_id);
	ADD(&l, "X-Content-Type-Options: nosniff\r\n"
		"Strict-Transport-Security: max-age=31536000\r\n\r\n");
	*out_dropped = l.dropped;
	return l.len;
}
