#include "base/mem.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/pool.h"

#define ARENA_FIRST 4096
#define ARENA_LARGEST 65536

struct arena_block {
	struct arena_block *next;
	size_t used;
	size_t size; /* of data */
	alignas(max_align_t) unsigned char data[];
};

static const struct mem_ops system_ops = {pool_alloc, realloc, pool_free};
/* The seam itself: changed only before threads start. */
static const struct mem_ops *ops = &system_ops;

const struct mem_ops *mem_ops(void)
{
	return ops;
}

void mem_set_ops(const struct mem_ops *new_ops)
{
	ops = new_ops != NULL ? new_ops : &system_ops;
}

void *mem_try(size_t size)
{
	void *p = ops->alloc(size > 0 ? size : 1);

	if (p != NULL)
		memset(p, 0, size);
	return p;
}

void *mem_alloc(size_t size)
{
	void *p = mem_try(size);

	if (p == NULL)
		abort();
	return p;
}

void *mem_realloc(void *old, size_t size)
{
	void *p = ops->realloc(old, size > 0 ? size : 1);

	if (p == NULL)
		abort();
	return p;
}

char *mem_strdup(const char *s)
{
	size_t size = strlen(s) + 1;

	return memcpy(mem_alloc(size), s, size);
}

void mem_free(void *p)
{
	if (p != NULL)
		ops->free(p);
}

void mem_wipe(void *p, size_t size)
{
	if (size > 0)
		explicit_bzero(p, size);
}

void arena_init(struct arena *arena, size_t max)
{
	*arena = (struct arena){.max = max};
}

struct arena_mark arena_mark(const struct arena *arena)
{
	return (struct arena_mark){
		.head = arena->head,
		.head_used = arena->head != NULL ? arena->head->used : 0,
		.used = arena->used,
	};
}

void arena_back(struct arena *arena, struct arena_mark mark)
{
	struct arena_block *b;

	while ((b = arena->head) != mark.head) {
		arena->head = b->next;
		mem_wipe(b->data, b->used);
		ops->free(b);
	}
	if (b != NULL) {
		mem_wipe(b->data + mark.head_used, b->used - mark.head_used);
		b->used = mark.head_used;
	}
	arena->used = mark.used;
}

void arena_fini(struct arena *arena)
{
	arena_back(arena, (struct arena_mark){.head = NULL});
}

/* A new head with room for size; blocks double so that there are few. */
static struct arena_block *arena_grow(struct arena *arena, size_t size)
{
	size_t room = arena->max - arena->used;
	size_t head = sizeof(struct arena_block);
	size_t want = arena->used < ARENA_FIRST ? ARENA_FIRST : arena->used;
	struct arena_block *b;

	if (room < head || size > room - head)
		return NULL;
	if (want > ARENA_LARGEST)
		want = ARENA_LARGEST;
	if (want < head + size)
		want = head + size;
	if (want > room)
		want = room;
	b = ops->alloc(want);
	if (b == NULL)
		return NULL;
	b->next = arena->head;
	b->used = 0;
	b->size = want - head;
	arena->head = b;
	arena->used += want;
	return b;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	const size_t align = alignof(max_align_t);
	struct arena_block *b = arena->head;
	void *p;

	if (size == 0)
		size = 1;
	if (size > SIZE_MAX - align)
		return NULL;
	size = (size + align - 1) / align * align;
	if (b == NULL || size > b->size - b->used)
		b = arena_grow(arena, size);
	if (b == NULL)
		return NULL;
	p = b->data + b->used;
	b->used += size;
	memset(p, 0, size);
	return p;
}

void *arena_array(struct arena *arena, size_t n, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(n, size, &total))
		return NULL;
	return arena_alloc(arena, total);
}

char *arena_strndup(struct arena *arena, const char *s, size_t len)
{
	char *p = len < SIZE_MAX ? arena_alloc(arena, len + 1) : NULL;

	if (p != NULL && len > 0)
		memcpy(p, s, len);
	return p;
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
	va_list args;
	char *p;
	int n;

	va_start(args, fmt);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n < 0)
		return NULL;
	p = arena_alloc(arena, (size_t)n + 1);
	if (p == NULL)
		return NULL;
	va_start(args, fmt);
	n = vsnprintf(p, (size_t)n + 1, fmt, args);
	va_end(args);
	return n < 0 ? NULL : p;
}
