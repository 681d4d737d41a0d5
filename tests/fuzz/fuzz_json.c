/*
 * fuzz_json - the JSON reader: whatever it accepts is written again as what it
 * accepts again, strictly, and as the same bytes; what it refuses has reasons
 * that can be shown. The first byte chooses the message, its top bit leniency.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "proto/field.h"

#define ARENA_MAX (32u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct msg *choose(uint8_t byte)
{
	size_t n = 0;

	while (proto_messages[n] != NULL)
		n++;
	if (n == 0)
		abort();
	return proto_messages[(byte & 0x7f) % n];
}

static void check_faults(enum rc rc, const struct field_faults *faults)
{
	if ((rc == RC_INVALID) != (faults->n > 0) && rc != RC_NOMEM)
		abort();
	for (size_t i = 0; i < faults->n; i++) {
		const struct field_fault *f = &faults->v[i];

		if (!text_printable(f->pointer, strlen(f->pointer), false) ||
		    f->detail[0] == '\0')
			abort();
	}
}

static void check_again(const struct msg *msg, const void *in,
			struct arena *arena)
{
	void *out = arena_alloc(arena, msg->size);
	struct field_faults faults;
	struct buf first, second;

	buf_init(&first, ARENA_MAX);
	buf_init(&second, ARENA_MAX);
	proto_encode(msg, in, &first);
	if (out == NULL || first.failed ||
	    proto_decode(msg, first.data, first.len, PROTO_STRICT, arena, out,
			 &faults, NULL) != RC_OK)
		abort();
	proto_encode(msg, out, &second);
	if (first.len != second.len ||
	    memcmp(first.data, second.data, first.len) != 0)
		abort();
	buf_fini(&first);
	buf_fini(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool ready;
	const struct msg *msg = choose(size > 0 ? data[0] : 0);
	int mode = size > 0 && (data[0] & 0x80) ? PROTO_LENIENT : PROTO_STRICT;
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
	rc = proto_decode(msg, (const char *)data + 1, size - 1, mode, &arena,
			  out, &faults, NULL);
	check_faults(rc, &faults);
	if (rc == RC_OK)
		check_again(msg, out, &arena);
	arena_fini(&arena);
	return 0;
}
