/*
 * orders_sought - somebody who searches the orders as a worker of the service
 * does, keeping facts, claims and rows from one search to the next with nothing
 * but the stamps to say when they are good no more; and as somebody who keeps
 * nothing. Both must be told the same.
 */
#ifndef TESTS_SUPPORT_ORDERS_SOUGHT_H
#define TESTS_SUPPORT_ORDERS_SOUGHT_H

#include "tests/support/orders.h"

struct orders_sought;
struct orders_sought *orders_sought_new(struct orders *o);
/* Some searches. After every step. */
void orders_sought_look(struct orders *o, struct orders_sought *s);
/* How many times were told, and how many searches had none. */
void orders_sought_free(struct orders_sought *s, int *out_told, int *out_none);

#endif
