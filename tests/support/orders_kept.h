/*
 * orders_kept - somebody who keeps what they have read in the orders as the
 * service does (daemon/api/kept.h), and looks whether it is still true.
 */
#ifndef TESTS_SUPPORT_ORDERS_KEPT_H
#define TESTS_SUPPORT_ORDERS_KEPT_H

#include "tests/support/orders.h"

struct orders_kept;
struct orders_kept *orders_kept_new(struct orders *o);
/* Some plans are read anew and compared with what is kept of them. After every
 * step. */
void orders_kept_look(struct orders *o, struct orders_kept *kept);
/* How often something kept was still good, and was not. */
void orders_kept_free(struct orders_kept *kept, int *out_stood, int *out_fell);

#endif
