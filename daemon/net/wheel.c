#include "daemon/net/wheel.h"

#include <stddef.h>

static void link_before(struct wheel_node *head, struct wheel_node *node)
{
	node->prev = head->prev;
	node->next = head;
	head->prev->next = node;
	head->prev = node;
}

static void make_empty(struct wheel_node *head)
{
	head->prev = head->next = head;
}

void wheel_init(struct wheel *wheel, int64_t now)
{
	for (int i = 0; i < WHEEL_SLOTS; i++)
		make_empty(&wheel->slots[i]);
	wheel->tick = now / WHEEL_TICK_MS;
}

void wheel_remove(struct wheel_node *node)
{
	if (!node->next)
		return;
	node->prev->next = node->next;
	node->next->prev = node->prev;
	node->prev = node->next = NULL;
}

/* The first tick that is not before the deadline, within one turn. */
static int64_t tick_of(const struct wheel *wheel, int64_t at)
{
	int64_t tick = at / WHEEL_TICK_MS + 1;

	if (tick > wheel->tick + WHEEL_SLOTS - 1)
		return wheel->tick + WHEEL_SLOTS - 1;
	return tick > wheel->tick ? tick : wheel->tick + 1;
}

void wheel_set(struct wheel *wheel, struct wheel_node *node, int64_t at)
{
	int64_t tick = tick_of(wheel, at);

	node->at = at;
	if (node->next && node->tick <= tick)
		return;
	wheel_remove(node);
	node->tick = tick;
	link_before(&wheel->slots[tick % WHEEL_SLOTS], node);
}

/* The slot's nodes move to a list of their own first: what due() does to this
 * slot meanwhile is for the next turn. */
static void empty_slot(struct wheel *wheel, struct wheel_node *slot,
		       int64_t now,
		       void (*due)(struct wheel_node *node, void *ctx),
		       void *ctx)
{
	struct wheel_node batch;

	if (slot->next == slot)
		return;
	batch = *slot;
	batch.next->prev = batch.prev->next = &batch;
	make_empty(slot);
	while (batch.next != &batch) {
		struct wheel_node *node = batch.next;

		wheel_remove(node);
		if (node->at <= now)
			due(node, ctx);
		else
			wheel_set(wheel, node, node->at);
	}
}

void wheel_advance(struct wheel *wheel, int64_t now,
		   void (*due)(struct wheel_node *node, void *ctx), void *ctx)
{
	int64_t last = now / WHEEL_TICK_MS;
	int64_t from = wheel->tick + 1;

	if (last - from >= WHEEL_SLOTS)
		from = last - WHEEL_SLOTS + 1;
	for (int64_t t = from; t <= last; t++) {
		wheel->tick = t;
		empty_slot(wheel, &wheel->slots[t % WHEEL_SLOTS], now, due,
			   ctx);
	}
}
