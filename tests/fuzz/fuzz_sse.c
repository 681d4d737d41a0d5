/*
 * fuzz_sse - a stream of server-sent events from a server that may be anybody.
 * Held: however the bytes are cut, the same events come out, with the same id
 * at the end; names, ids and data are as long as they may be; an id can be
 * sent back in a header field.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "client/sse.h"

#define HEARD_MAX (8u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static bool take(void *ctx, const struct sse_event *event)
{
	struct buf *heard = ctx;

	must(event->name[0] && strlen(event->name) <= SSE_NAME_MAX);
	must(event->len < SSE_EVENT_MAX);
	buf_str(heard, event->name);
	buf_chr(heard, '=');
	buf_add(heard, event->data, event->len);
	buf_chr(heard, ';');
	return true;
}

/* In pieces of so many bytes. */
static bool hear(const uint8_t *data, size_t size, size_t step, struct sse *sse,
		 struct buf *heard)
{
	bool ok = true;

	buf_init(heard, HEARD_MAX);
	sse_init(sse, take, heard);
	sse_begin(sse);
	for (size_t at = 0; ok && at < size; at += step)
		ok = sse_feed(sse, data + at,
			      step < size - at ? step : size - at);
	must(text_printable(sse->last_id, strlen(sse->last_id), false));
	must(sse->retry_ms >= -1 && sse->retry_ms <= SSE_RETRY_MAX_MS);
	return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t steps[] = {1, 3, 17};
	struct buf whole, cut;
	struct sse one, other;
	bool ok = hear(data, size, size + 1, &one, &whole);

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		must(hear(data, size, steps[i], &other, &cut) == ok);
		must(cut.len == whole.len);
		must(cut.len == 0 ||
		     memcmp(cut.data, whole.data, cut.len) == 0);
		must(strcmp(one.last_id, other.last_id) == 0);
		must(one.retry_ms == other.retry_ms);
		sse_fini(&other);
		buf_fini(&cut);
	}
	sse_fini(&one);
	buf_fini(&whole);
	return 0;
}
