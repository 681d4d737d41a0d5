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

static void add(struct lines *l, const char *s)
{
	size_t n = strlen(s);

	if (n > WRITER_HEAD_MAX - l->len)
		abort();
	memcpy(l->out + l->len, s, n);
	l->len += n;
}

static void add_number(struct lines *l, uint64_t value)
{
	char digits[24];
	size_t i = sizeof(digits) - 1;

	digits[i] = '\0';
	do
		digits[--i] = (char)('0' + value % 10);
	while (value /= 10);
	add(l, digits + i);
}

static bool is_clean(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	return true;
}

/* A field with a computed value; none when it is empty. */
static void add_field(struct lines *l, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	if (!is_clean(value)) {
		l->dropped++;
		return;
	}
	add(l, name);
	add(l, ": ");
	add(l, value);
	add(l, "\r\n");
}

static void add_framing(struct lines *l, const struct writer_head *h)
{
	if (h->framing == WRITER_CHUNKED)
		add(l, "Transfer-Encoding: chunked\r\n");
	if (h->framing != WRITER_LENGTH)
		return;
	add(l, "Content-Length: ");
	add_number(l, h->length);
	add(l, "\r\n");
}

static void add_status(struct lines *l, int status)
{
	if (status < 100 || status > 999)
		status = 500;
	add(l, "HTTP/1.1 ");
	add_number(l, (uint64_t)status);
	add(l, " ");
	add(l, writer_reason(status));
	add(l, "\r\n");
}

size_t writer_head(const struct writer_head *h, char *out,
		   unsigned *out_dropped)
{
	const struct http_reply *reply = h->reply;
	struct lines l = {0};

	l.out = out;
	add_status(&l, reply->status);
	add_field(&l, "Date", h->date);
	add_framing(&l, h);
	if (h->framing != WRITER_NONE)
		add_field(&l, "Content-Type", reply->content_type);
	add_field(&l, "Allow", reply->allow);
	add_field(&l, "WWW-Authenticate", reply->www_authenticate);
	add_field(&l, "ETag", reply->etag);
	add_field(&l, "Location", reply->location);
	add_field(&l, "Link", reply->link);
	add_field(&l, "Repr-Digest", reply->digest);
	if (reply->retry_after > 0) {
		add(&l, "Retry-After: ");
		add_number(&l, (uint64_t)reply->retry_after);
		add(&l, "\r\n");
	}
	if (reply->no_store)
		add(&l, "Cache-Control: no-store\r\n");
	if (h->close)
		add(&l, "Connection: close\r\n");
	add_field(&l, "X-Request-Id", h->request_id);
	add(&l, "X-Content-Type-Options: nosniff\r\n"
		"Strict-Transport-Security: max-age=31536000\r\n\r\n");
	*out_dropped = l.dropped;
	return l.len;
}
