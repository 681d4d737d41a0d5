/*
 * pool - blocks that were freed, kept for what the same thread asks for next.
 *
 * One handshake asks five thousand times, and a request some dozens, for blocks
 * of the same few sizes. The C library's own cache has room for seven of each
 * size, none above a kilobyte, and what goes by it takes a lock. Here a thread
 * keeps up to POOL_KEPT bytes, a list for each size, and gives the rest back.
 *
 * Every block is one of malloc's: whoever has one may free() it, and one of
 * malloc's may be given to pool_free(). A thread's lists end with it. What is
 * freed twice, or overwritten while it is free, aborts mostly, as the C
 * library's does. Under a sanitizer nothing is kept, or it would not see what
 * it looks for.
 */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include <stddef.h>

#define POOL_KEPT ((size_t)8 << 20) /* bytes, of each thread */
#define POOL_LARGEST 17400u	    /* bytes: a record's buffer of OpenSSL's */

void *pool_alloc(size_t size); /* NULL when memory ends */
void pool_free(void *p);

#endif
