/*
 * A ring of numbered cells after Dmitry Vyukov's bounded queue: a cell whose
 * number equals a position is free for it, one above it is filled. A putter
 * claims a position, writes its message, and publishes by raising the number.
 *
 * Waking: `told` says that the eventfd was, or is just being, written. The
 * taker clears the eventfd first and `told` after it; the other order could
 * leave `told` standing over a cleared eventfd, and nobody would be woken
 * again. A putter that finds `told` set happens before the clearing, so that
 * the takes after it see its message.
 */
#include "base/mbox.h"

#include <errno.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"

#define CACHE_LINE 64

struct mbox_cell {
	atomic_size_t number;
	void *message;
};

struct mbox {
	struct mbox_cell *cells;
	size_t mask;
	int fd;
	char pad0[CACHE_LINE]; /* putters and the taker on lines apart */
	atomic_size_t head;    /* next position to put */
	atomic_bool told;
	char pad1[CACHE_LINE];
	size_t tail; /* next position to take; the taker's own */
};

struct mbox *mbox_new(size_t capacity)
{
	struct mbox *box = mem_alloc(sizeof(*box));
	size_t n = 2;

	if (capacity > SIZE_MAX / 4 / sizeof(struct mbox_cell))
		abort();
	while (n < capacity)
		n *= 2;
	box->cells = mem_alloc(n * sizeof(*box->cells));
	box->mask = n - 1;
	for (size_t i = 0; i < n; i++)
		atomic_init(&box->cells[i].number, i);
	atomic_init(&box->head, 0);
	atomic_init(&box->told, false);
	box->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (box->fd < 0)
		abort();
	return box;
}

void mbox_free(struct mbox *box)
{
	if (box == NULL)
		return;
	if (atomic_load(&box->head) != box->tail)
		abort(); /* somebody's message would be lost */
	close(box->fd);
	mem_free(box->cells);
	mem_free(box);
}

void mbox_wake(struct mbox *box)
{
	const uint64_t one = 1;

	/* EAGAIN: it is readable already, which is all that is wanted */
	while (write(box->fd, &one, sizeof(one)) < 0 && errno == EINTR)
		continue;
}

/* The cell of a position that is now the caller's, or NULL when full. */
static struct mbox_cell *claim(struct mbox *box, size_t *out_at)
{
	size_t at = atomic_load_explicit(&box->head, memory_order_relaxed);

	for (;;) {
		struct mbox_cell *cell = &box->cells[at & box->mask];
		size_t number = atomic_load_explicit(&cell->number,
						     memory_order_acquire);
		intptr_t ahead = (intptr_t)(number - at);

		if (ahead < 0)
			return NULL;
		if (ahead > 0)
			at = atomic_load_explicit(&box->head,
						  memory_order_relaxed);
		else if (atomic_compare_exchange_weak_explicit(
				 &box->head, &at, at + 1, memory_order_relaxed,
				 memory_order_relaxed)) {
			*out_at = at;
			return cell;
		}
	}
}

bool mbox_put(struct mbox *box, void *message)
{
	struct mbox_cell *cell;
	size_t at;

	if (message == NULL)
		abort(); /* mbox_take() could not tell it from nothing */
	cell = claim(box, &at);
	if (cell == NULL)
		return false;
	cell->message = message;
	atomic_store_explicit(&cell->number, at + 1, memory_order_release);
	if (!atomic_exchange(&box->told, true))
		mbox_wake(box);
	return true;
}

void *mbox_take(struct mbox *box)
{
	size_t at = box->tail;
	struct mbox_cell *cell = &box->cells[at & box->mask];
	void *message;

	if (atomic_load_explicit(&cell->number, memory_order_acquire) != at + 1)
		return NULL;
	message = cell->message;
	cell->message = NULL;
	box->tail = at + 1;
	atomic_store_explicit(&cell->number, at + box->mask + 1,
			      memory_order_release);
	return message;
}

int mbox_fd(const struct mbox *box)
{
	return box->fd;
}

void mbox_rearm(struct mbox *box)
{
	uint64_t count;

	/* EAGAIN: nobody woke us, which is fine */
	while (read(box->fd, &count, sizeof(count)) < 0 && errno == EINTR)
		continue;
	atomic_exchange(&box->told, false);
}
