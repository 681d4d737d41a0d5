/* sse - see sse.h. */
#include "client/sse.h"

#include <string.h>

#include "base/text.h"

void sse_init(struct sse *sse, bool (*take)(void *, const struct sse_event *),
	      void *ctx)
{
	*sse = (struct sse){.take = take, .ctx = ctx, .retry_ms = -1};
	buf_init(&sse->line, SSE_EVENT_MAX);
	buf_init(&sse->data, SSE_EVENT_MAX);
}

void sse_fini(struct sse *sse)
{
	buf_fini(&sse->line);
	buf_fini(&sse->data);
}

static void forget_event(struct sse *sse)
{
	buf_reset(&sse->data);
	sse->name[0] = '\0';
}

void sse_begin(struct sse *sse)
{
	buf_reset(&sse->line);
	forget_event(sse);
	sse->after_cr = sse->begun = false;
	memcpy(sse->id, sse->last_id, sizeof(sse->id));
}

/* The empty line: the id counts whether there is something to tell or not. */
static bool dispatch(struct sse *sse)
{
	bool more = true;

	memcpy(sse->last_id, sse->id, sizeof(sse->id));
	if (sse->data.len > 0) {
		sse->data.data[--sse->data.len] =
			'\0'; /* the last line's end */
		const struct sse_event event = {
			.name = sse->name[0] ? sse->name : "message",
			.data = buf_cstr(&sse->data),
			.len = sse->data.len,
		};

		more = sse->take(sse->ctx, &event);
	}
	forget_event(sse);
	return more;
}

static void set_data(struct sse *sse, const char *value, size_t len)
{
	buf_add(&sse->data, value, len);
	buf_chr(&sse->data, '\n');
}

/* A name that is too long for any of ours is of an event that we do not know.
 */
static void set_name(struct sse *sse, const char *value, size_t len)
{
	if (len > SSE_NAME_MAX)
		value = "?", len = 1;
	memcpy(sse->name, value, len);
	sse->name[len] = '\0';
}

static void set_id(struct sse *sse, const char *value, size_t len)
{
	if (len > SSE_ID_MAX || !text_printable(value, len, false))
		return;
	memcpy(sse->id, value, len);
	sse->id[len] = '\0';
}

static void set_retry(struct sse *sse, const char *value, size_t len)
{
	int64_t ms;

	if (text_int(value, len, 0, INT64_MAX, &ms))
		sse->retry_ms = ms < SSE_RETRY_MAX_MS ? ms : SSE_RETRY_MAX_MS;
}

static const struct {
	const char *name;
	void (*set)(struct sse *sse, const char *value, size_t len);
} fields[] = {
	{"data", set_data},
	{"event", set_name},
	{"id", set_id},
	{"retry", set_retry},
};

/* "name: value"; a line that begins with a colon is a comment. */
static void take_field(struct sse *sse, const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len);
	size_t name = colon ? (size_t)(colon - line) : len;
	size_t at = colon ? name + 1 : len;

	if (at < len && line[at] == ' ')
		at++;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strlen(fields[i].name) == name &&
		    memcmp(fields[i].name, line, name) == 0)
			fields[i].set(sse, line + at, len - at);
}

static bool take_line(struct sse *sse)
{
	static const char mark[] = "\xef\xbb\xbf"; /* of the byte order */
	const char *line = buf_cstr(&sse->line);
	size_t len = sse->line.len;
	bool more = true;

	if (!sse->begun && len >= 3 && memcmp(line, mark, 3) == 0)
		line += 3, len -= 3;
	sse->begun = true;
	if (len == 0)
		more = dispatch(sse);
	else
		take_field(sse, line, len);
	buf_reset(&sse->line);
	return more && !sse->data.failed;
}

bool sse_feed(struct sse *sse, const void *data, size_t len)
{
	const char *s = data;

	for (size_t i = 0; i < len; i++) {
		bool second = sse->after_cr && s[i] == '\n';

		sse->after_cr = s[i] == '\r';
		if (second)
			continue;
		if (s[i] != '\r' && s[i] != '\n')
			buf_chr(&sse->line, s[i]);
		else if (!take_line(sse))
			return false;
		if (sse->line.failed)
			return false;
	}
	return true;
}
