/*
 * mbox - the only channel between threads: bounded, with an eventfd to wake.
 *
 * Many may put, one takes. A message is a pointer that the taker then owns.
 * A full mailbox refuses (false): the putter answers "busy" and keeps its
 * message. Order between two puts of one thread is kept. mbox_fd() becomes
 * readable when something was put into a mailbox that its taker had drained.
 */
#ifndef BASE_MBOX_H
#define BASE_MBOX_H

#include <stdbool.h>
#include <stddef.h>

struct mbox;

/* capacity is rounded up to a power of two. */
struct mbox *mbox_new(size_t capacity);
void mbox_free(struct mbox *box); /* must be empty */
bool mbox_put(struct mbox *box, void *message);
void *mbox_take(struct mbox *box); /* NULL when empty */
int mbox_fd(const struct mbox *box);
/* Clears the readiness of mbox_fd(); then take until NULL. */
void mbox_rearm(struct mbox *box);
/* Wakes the taker without a message (shut down). */
void mbox_wake(struct mbox *box);

#endif
