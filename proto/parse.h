/*
 * parse - JSON text to jansson's tree, with jansson as a guest in an arena.
 *
 * Before jansson sees a byte the text is checked for UTF-8 and depth. jansson
 * 2.14 loses characters or aborts when an allocation fails while it reads
 * (github.com/akheron/jansson/issues/362), it repeats parts of the text in its
 * errors, and it does not wipe what it frees. So its memory is an arena that
 * dies as a whole: it never sees NULL, the end of memory leaves it by a long
 * jump, and of its errors only the number and the place are used.
 */
#ifndef PROTO_PARSE_H
#define PROTO_PARSE_H

#include <jansson.h>

#include "base/err.h"
#include "base/mem.h"

/* The most that jansson takes for len bytes of text: at worst "{},{},...". */
#define PARSE_POOL(len) (65536 + 128 * (len))

/* RC_MALFORMED or RC_NOMEM. The tree lives and dies with the pool; nobody
 * calls json_decref() on it. */
__attribute__((warn_unused_result)) enum rc
parse_json(const char *text, size_t len, struct arena *pool, json_t **out_root,
	   struct err *err);

#endif
