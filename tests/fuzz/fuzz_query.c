/*
 * fuzz_query - the query reader: what it accepts, the JSON reader accepts as
 * well when it is written as JSON; what it refuses has reasons that can be
 * shown. The first byte chooses the message; any may be asked for in a query.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "proto/field.h"

#define ARENA_MAX (8u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct msg *choose(uint8_t byte)
{
	size_t n = 0;

	while (proto_messages[n] != NULL)
		n++;
	if (n == 0)
		abort();
	return proto_messages[byte % n];
}

static void check_faults(enum rc rc, const struct field_faults *faults)
{
	if ((rc == RC_INVALID) != (faults->n > 0) && rc != RC_NOMEM)
		abort();
	for (size_t i = 0; i < faults->n; i++) {
		const struct field_fault *f = &faults->v[i];

		if (!text_printable(f->pointer, strlen(f->pointer), false) ||
		    (f->pointer[0] != '\0' && f->pointer[0] != '#') ||
		    f->detail[0] == '\0')
			abort();
	}
}

static void check_as_json(const struct msg *msg, const void *in,
			  struct arena *arena)
{
	void *out = arena_alloc(arena, msg->size);
	struct field_faults faults;
	struct buf buf;

	buf_init(&buf, ARENA_MAX);
	proto_encode(msg, in, &buf);
	if (out == NULL || buf.failed ||
	    proto_decode(msg, buf.data, buf.len, PROTO_STRICT, arena, out,
			 &faults, NULL) != RC_OK)
		abort();
	buf_fini(&buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	const struct msg *msg = choose(size > 0 ? data[0] : 0);
	struct field_faults faults;
	struct arena arena;
	void *out;
	enum rc rc;

	if (!ready)
		proto_init(1);
	ready = true;
	if (size == 0)
		return 0;
	arena_init(&arena, ARENA_MAX);
	out = arena_alloc(&arena, msg->size);
	if (out == NULL)
		abort();
	rc = proto_decode_query(msg, (const char *)data + 1, size - 1, &arena,
				out, &faults, NULL);
	check_faults(rc, &faults);
	if (rc == RC_OK)
		check_as_json(msg, out, &arena);
	arena_fini(&arena);
	return 0;
}
