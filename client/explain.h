/*
 * explain - prints why there is no time, and what would give one.
 *
 * First what would help, because that is what the reader goes on with; then
 * what took the times, the worst first.
 */
#ifndef CLIENT_EXPLAIN_H
#define CLIENT_EXPLAIN_H

#include "client/client.h"

/* Of all agreements that were searched. */
void explain_print(struct client *c, const struct field_list *explained);

#endif
