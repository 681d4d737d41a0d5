/*
 * answer - where an HTTP/1.1 answer ends, and no more of it than that.
 *
 * Fed with bytes as they come; reads the status, the framing (Content-Length,
 * chunked, none) and the few fields that a load generator reports. The body is
 * counted, never kept. Only answers of our own daemon and floors are read:
 * what is not understood is an error, nothing is repaired.
 */
#ifndef TESTS_BENCH_COMMON_ANSWER_H
#define TESTS_BENCH_COMMON_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ANSWER_HEAD_MAX 4096

struct answer {
	int status; /* as soon as the head is whole */
	bool close; /* the server will close */
	bool retry_after;
	uint64_t bytes; /* of head and body so far */
	/* below: its own */
	int state;
	bool chunked;
	uint64_t left; /* of the body or of the chunk */
	size_t used;
	char head[ANSWER_HEAD_MAX]; /* then a chunk's line */
};

/* Before each answer. */
void answer_begin(struct answer *a);
/* Takes what belongs to the answer, and says how much that was in out_taken;
 * 1: whole, 0: more is to come, -1: not understood. */
int answer_feed(struct answer *a, const char *data, size_t len,
		size_t *out_taken);

#endif
