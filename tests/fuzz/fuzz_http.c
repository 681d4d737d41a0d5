/*
 * Foreign bytes into the HTTP reader and a connection over it.
 *
 * The first byte draws the pieces and what happens between them; the rest is
 * what a peer sends. Held: the reader understands the same however the bytes
 * are cut; a connection answers at most one error, handles nothing behind it
 * and takes no more input; it handles no more than it answers; nothing is
 * read or written out of bounds, nothing leaks.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "tests/support/connrig.h"
#include "tests/support/transcript.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static uint32_t draw(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static size_t cut_not(void *ctx, size_t left)
{
	(void)ctx;
	return left;
}

static size_t cut_random(void *ctx, size_t left)
{
	size_t n = 1 + draw(ctx) % 40;

	return n < left ? n : left;
}

static void cut_makes_no_difference(const char *data, size_t len, uint32_t seed)
{
	struct buf whole, cut;

	buf_init(&whole, 1 << 20);
	buf_init(&cut, 1 << 20);
	transcript_make(data, len, cut_not, NULL, &whole);
	transcript_make(data, len, cut_random, &seed, &cut);
	must(whole.len == cut.len);
	must(!whole.len || memcmp(whole.data, cut.data, whole.len) == 0);
	buf_fini(&whole);
	buf_fini(&cut);
}

/* The peer, the clock or another thread does something. */
static void happen(struct connrig *rig, uint32_t *seed)
{
	switch (draw(seed) % 8) {
	case 0:
		connrig_take_all(rig);
		break;
	case 1:
		connrig_later(rig, draw(seed) % 3000);
		break;
	case 2:
		if (rig->conn.phase == CONN_HANDLER)
			connrig_answer(rig->waiting, 200, "late");
		break;
	case 3:
		rig->pieces = draw(seed) % 3;
		break;
	default:
		break;
	}
}

static void check(const struct connrig *rig)
{
	must(rig->problems <= 1);
	must(rig->done <= rig->handled + rig->problems + rig->refused);
	if (!rig->problems)
		return;
	must(rig->handled == rig->handled_then);
	must(conn_want(&rig->conn) != CONN_WANT_INPUT);
}

static void converse(struct connrig *rig, const char *data, size_t len,
		     uint32_t seed)
{
	for (size_t at = 0; at < len;) {
		size_t n = cut_random(&seed, len - at);

		buf_add(&rig->held, data + at, n);
		at += n;
		connrig_push(rig);
		check(rig);
		happen(rig, &seed);
		check(rig);
	}
	connrig_take_all(rig);
	conn_eof(&rig->conn);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *rig;

	log_init(2, LOG_LVL_ERR, 0);
	if (size < 2 || size > 65536)
		return 0;
	cut_makes_no_difference((const char *)data + 1, size - 1, data[0]);
	if (connrig_setup(&rig) != 0)
		abort();
	converse(rig, (const char *)data + 1, size - 1, data[0]);
	connrig_teardown(&rig);
	return 0;
}
