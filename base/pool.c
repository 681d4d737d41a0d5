#include "base/pool.h"

#include <malloc.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

void *pool_alloc(size_t size)
{
	return malloc(size);
}

void pool_free(void *p)
{
	free(p);
}

#else

/* malloc's blocks: a multiple of GRAIN, of which it needs HEAD itself. */
#define GRAIN 16u
#define HEAD 8u
#define CLASSES ((POOL_LARGEST + HEAD) / GRAIN + 1)

struct block {
	uintptr_t next; /* hidden, see hide() */
	const void *keeper;
};

static _Thread_local struct {
	struct block *first[CLASSES]; /* by (size - HEAD) / GRAIN */
	size_t bytes;
	bool ends; /* drain() is called when the thread ends */
} kept;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t at_end;

/* Who overwrites it without knowing where it lies writes no address. */
static uintptr_t hide(const struct block *block, uintptr_t next)
{
	return next ^ (uintptr_t)block >> 12;
}

static struct block *take(size_t class)
{
	struct block *block = kept.first[class];
	uintptr_t next = hide(block, block->next);

	if (next % GRAIN)
		abort(); /* somebody wrote into what he had freed */
	kept.first[class] = (struct block *)next;
	kept.bytes -= class * GRAIN + HEAD;
	block->keeper = NULL;
	return block;
}

static void drain(void *unused)
{
	(void)unused;
	for (size_t class = 0; class < CLASSES; class ++)
		while (kept.first[class])
			free(take(class));
	kept.ends = false;
}

static void make_key(void)
{
	if (pthread_key_create(&at_end, drain) != 0)
		abort();
}

/* Anew when others' destructors, which run after ours, free something. */
static bool ends(void)
{
	if (kept.ends)
		return true;
	pthread_once(&once, make_key);
	kept.ends = pthread_setspecific(at_end, &kept) == 0;
	return kept.ends;
}

/* The list whose blocks are all large enough. */
static size_t class_for(size_t size)
{
	return size <= HEAD ? 1 : (size + GRAIN - HEAD - 1) / GRAIN;
}

/* malloc's block may be a grain larger than it had to be, and is kept among
 * those, where who wants such a size again must find it. */
void *pool_alloc(size_t size)
{
	size_t class = class_for(size);

	if (size <= POOL_LARGEST && kept.first[class])
		return take(class);
	if (class + 1 < CLASSES && kept.first[class + 1])
		return take(class + 1);
	return malloc(size);
}

/* The mark alone may be what was in it by chance. */
static void look_for(const struct block *block, size_t class)
{
	const struct block *p = kept.first[class];

	while (p && p != block)
		p = (const struct block *)hide(p, p->next);
	if (p)
		abort(); /* freed twice */
}

void pool_free(void *p)
{
	struct block *block = p;
	size_t size = p ? malloc_usable_size(p) : 0;
	size_t class = (size - HEAD) / GRAIN;

	if (!p || class >= CLASSES) {
		free(p);
		return;
	}
	if (block->keeper == &kept)
		look_for(block, class);
	if (kept.bytes + size > POOL_KEPT || !ends()) {
		free(p);
		return;
	}
	block->keeper = &kept;
	block->next = hide(block, (uintptr_t)kept.first[class]);
	kept.first[class] = block;
	kept.bytes += size;
}

#endif
