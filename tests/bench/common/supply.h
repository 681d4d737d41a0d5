/*
 * supply - the requests of a load, rendered before it begins.
 *
 * GETs come from a file of paths, one a line, and are gone through again and
 * again. POSTs come from a file of bodies, one JSON a line: each is used once,
 * in order, by whichever thread comes first, under an Idempotency-Key of its
 * own. With groups (bodies that only some may post) line n is for group n
 * modulo their number. Shared by threads after supply_open().
 */
#ifndef TESTS_BENCH_COMMON_SUPPLY_H
#define TESTS_BENCH_COMMON_SUPPLY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct supply_config {
	const char *get;    /* a file of paths, or NULL */
	const char *post;   /* a path, or NULL */
	const char *bodies; /* a file */
	const char *host;
	const char *token; /* a bearer's, or NULL */
	unsigned groups;   /* 0: one; at most SUPPLY_GROUPS */
};

#define SUPPLY_GROUPS 64

struct supply_line {
	const char *at;
	size_t len;
};

struct supply {
	char *text;		   /* the file */
	char *rendered;		   /* GETs; or the head of a POST */
	struct supply_line *lines; /* requests, or bodies */
	size_t n, head_len;
	bool once;
	char run[17]; /* in each key: another in each run */
	unsigned groups;
	atomic_size_t next[SUPPLY_GROUPS];
};

#define SUPPLY_HEAD_MAX 1024

void supply_open(struct supply *s, const struct supply_config *config);
/* The number of the group's next request; false when none is left. */
bool supply_next(struct supply *s, unsigned group, size_t *out_number);
/* Its bytes, in *room (grown by mem_realloc(), *size) where they are not kept
 * ready; valid until the room is used again. */
const char *supply_request(const struct supply *s, size_t number, char **room,
			   size_t *size, size_t *out_len);
void supply_close(struct supply *s);

#endif
