#include "tests/support/transcript.h"

#include <stdlib.h>
#include <string.h>

static const char *const hosts[] = {"localhost", "[::1]"};
const struct reader_limits transcript_limits = {
	.max_head = TRANSCRIPT_HEAD,
	.max_target = 512,
	.max_fields = TRANSCRIPT_FIELDS,
	.hosts = hosts,
	.nhosts = 2,
};

struct run {
	struct reader reader;
	char head[TRANSCRIPT_HEAD];
	struct http_field fields[TRANSCRIPT_FIELDS];
	struct buf body;
	struct buf *out;
	bool started, over;
};

static void next_request(struct run *run)
{
	reader_init(&run->reader, &transcript_limits, run->head, run->fields);
	buf_reset(&run->body);
	run->started = false;
}

static void tell_request(struct run *run)
{
	const struct target *t = &run->reader.target;

	buf_str(run->out, http_method_name(run->reader.method));
	buf_chr(run->out, ' ');
	buf_add(run->out, t->path.p, t->path.len);
	buf_chr(run->out, '?');
	buf_add(run->out, t->query.p, t->query.len);
	buf_str(run->out, "=[");
	buf_add(run->out, run->body.data, run->body.len);
	buf_str(run->out, "];");
}

static void on_event(struct run *run, enum reader_got got)
{
	switch (got) {
	case READER_MORE:
		break;
	case READER_HEAD:
		reader_bound(&run->reader, 100);
		break;
	case READER_BODY:
		buf_add(&run->body, run->reader.piece.p, run->reader.piece.len);
		break;
	case READER_DONE:
		tell_request(run);
		next_request(run);
		break;
	case READER_ERROR:
		run->over = true;
		buf_printf(run->out, "!%d;", rc_row(run->reader.error)->http);
		if (!run->reader.detail)
			abort();
		break;
	}
}

static void feed(struct run *run, const char *data, size_t len)
{
	enum reader_got got = READER_HEAD;
	size_t used = 0;

	while (!run->over && (used < len || got != READER_MORE)) {
		if (got == READER_DONE && used == len)
			break;
		run->started = true;
		used += reader_feed(&run->reader, data + used, len - used,
				    &got);
		on_event(run, got);
	}
}

/* Each piece is a copy just as long: reading beyond its end is found. */
static void feed_copy(struct run *run, const char *data, size_t len)
{
	char *copy = malloc(len);

	if (!copy)
		abort();
	memcpy(copy, data, len);
	feed(run, copy, len);
	free(copy);
}

void transcript_make(const char *data, size_t len,
		     size_t (*cut)(void *ctx, size_t left), void *ctx,
		     struct buf *out)
{
	struct run run = {.out = out};

	buf_init(&run.body, 4096);
	buf_reset(out);
	next_request(&run);
	for (size_t at = 0; at < len && !run.over;) {
		size_t n = cut(ctx, len - at);

		feed_copy(&run, data + at, n);
		at += n;
	}
	if (!run.over && (run.started || !len))
		buf_str(out, "...");
	buf_fini(&run.body);
}
