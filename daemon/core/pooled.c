#include "daemon/core/pooled.h"

#include <string.h>

#include "base/text.h"

/* The next word of the text, up to a space. */
static size_t word(const char **text, const char **out)
{
	size_t len = strcspn(*text, " ");

	*out = *text;
	*text += len + ((*text)[len] == ' ');
	return len;
}

static bool read_minutes(const char *s, size_t len, struct pooled_terms *out)
{
	const char *colon = memchr(s, ':', len);
	int kind = colon ? words_find(&words_kind, s, (size_t)(colon - s)) : -1;

	return kind >= 0 && text_int(colon + 1, len - (size_t)(colon + 1 - s),
				     1, CORE_MINUTES_MAX, &out->minutes[kind]);
}

bool pooled_read(const char *text, struct pooled_terms *out)
{
	const char *s;
	size_t len = word(&text, &s);

	*out = (struct pooled_terms){0};
	if (len == 0 || len > POOLED_SPECIALTY_MAX)
		return false;
	memcpy(out->specialty, s, len);
	len = word(&text, &s);
	if (!text_int(s, len, 1, POOLED_THRESHOLD_MAX, &out->threshold))
		return false;
	len = word(&text, &s);
	if (!text_int(s, len, 0, POOLED_NOTICE_MAX, &out->notice))
		return false;
	if (*text == '\0')
		return false;
	while (*text != '\0') {
		len = word(&text, &s);
		if (!read_minutes(s, len, out))
			return false;
	}
	return true;
}

/* Does the one that stands give way to the one that comes? */
static bool gives_way(const struct pooled_case *stands,
		      const struct pooled_case *comes)
{
	if (stands->urgency != comes->urgency)
		return stands->urgency > comes->urgency;
	if (stands->submitted_at != comes->submitted_at)
		return stands->submitted_at > comes->submitted_at;
	return stands->request > comes->request;
}

size_t pooled_place(const struct pooled_case *v, size_t n,
		    const struct pooled_case *comes)
{
	while (n > 0 && gives_way(&v[n - 1], comes))
		n--;
	return n;
}

/* The end of one that the span touches, or INT64_MIN. */
static int64_t touched(const struct core_span *taken, size_t n,
		       struct core_span span)
{
	for (size_t i = 0; i < n; i++)
		if (taken[i].from < span.to && taken[i].to > span.from)
			return taken[i].to;
	return INT64_MIN;
}

int64_t pooled_start(struct core_span session, const struct core_span *taken,
		     size_t n, int64_t from, int64_t length)
{
	int64_t behind;

	if (from < session.from)
		from = session.from;
	while (length <= session.to - from) {
		behind = touched(taken, n,
				 (struct core_span){from, from + length});
		if (behind == INT64_MIN)
			return from;
		from = behind;
	}
	return INT64_MAX;
}
