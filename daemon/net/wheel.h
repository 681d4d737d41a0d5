/*
 * wheel - deadlines of many, looked at by a coarse tick (a hashed wheel).
 *
 * Setting a later deadline costs nothing: a node stays where it is and is put
 * further when its slot comes round; so a node's slot is never behind its
 * deadline by more than a tick. Time is an argument. Nothing is allocated.
 */
#ifndef DAEMON_NET_WHEEL_H
#define DAEMON_NET_WHEEL_H

#include <stdbool.h>
#include <stdint.h>

#define WHEEL_TICK_MS 50
#define WHEEL_SLOTS 256

struct wheel_node {
	struct wheel_node *prev, *next; /* NULL: not in a wheel */
	int64_t at;			/* its deadline, ms */
	int64_t tick;			/* the slot that it stands in */
};

struct wheel {
	int64_t tick; /* the last one that was looked at */
	struct wheel_node slots[WHEEL_SLOTS];
};

void wheel_init(struct wheel *wheel, int64_t now);
void wheel_set(struct wheel *wheel, struct wheel_node *node, int64_t at);
void wheel_remove(struct wheel_node *node);
/* Calls due() for each node whose deadline is reached, after removing it; due()
 * may set it again, and remove or set any other. */
void wheel_advance(struct wheel *wheel, int64_t now,
		   void (*due)(struct wheel_node *node, void *ctx), void *ctx);

#endif
