/*
 * mem - memory: sizes we choose abort, sizes a peer chooses are bounded.
 *
 * mem_* never answers NULL: it aborts when memory ends. An arena belongs to
 * one request: everything in it dies together, and it refuses (NULL) beyond
 * its bound, which is how a peer's sizes are answered and not died of.
 *
 * The allocator itself is a seam: mem_set_ops() before any thread starts, for
 * tests that let the n-th allocation fail.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

struct mem_ops {
	void *(*alloc)(size_t size);
	void *(*realloc)(void *old, size_t size);
	void (*free)(void *p);
};

/* The allocator in force; the libraries' own hooks are given the same one. */
const struct mem_ops *mem_ops(void);
/* NULL: the system's again. */
void mem_set_ops(const struct mem_ops *ops);

void *mem_alloc(size_t size);		   /* zeroed; aborts */
void *mem_realloc(void *old, size_t size); /* aborts */
char *mem_strdup(const char *s);	   /* aborts */
void *mem_try(size_t size);		   /* zeroed; NULL when memory ends */
void mem_free(void *p);
/* Overwrites with zeros in a way that the compiler keeps. */
void mem_wipe(void *p, size_t size);

struct arena_block;
struct arena {
	struct arena_block *head;
	size_t used; /* bytes taken from the allocator */
	size_t max;  /* beyond it arena_* answers NULL */
};

void arena_init(struct arena *arena, size_t max);
void arena_fini(struct arena *arena); /* wipes: requests carry patient data */
/* Where it stands; and back to there: what was given out since is wiped. */
struct arena_mark {
	struct arena_block *head;
	size_t head_used, used;
};
struct arena_mark arena_mark(const struct arena *arena);
void arena_back(struct arena *arena, struct arena_mark mark);
/* Zeroed, aligned for any type; NULL beyond the bound or without memory. */
void *arena_alloc(struct arena *arena, size_t size);
void *arena_array(struct arena *arena, size_t n, size_t size); /* no overflow */
char *arena_strndup(struct arena *arena, const char *s, size_t len);
__attribute__((format(printf, 2, 3))) char *arena_printf(struct arena *arena,
							 const char *fmt, ...);

#endif
