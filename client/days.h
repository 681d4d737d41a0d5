/*
 * days - the days of a series for people: what became of each, and why.
 */
#ifndef CLIENT_DAYS_H
#define CLIENT_DAYS_H

#include "client/client.h"

/* A table, one row each; then the reasons. c->when is ready. */
void days_print(struct client *c, const struct field_list *days);
/* Of those that have any: everything in the way, and the nearest times. */
void days_reasons(const struct client *c, const struct field_list *days,
		  struct buf *out);

#endif
