/*
 * orphans - bookings that are not allowed any more, as a table.
 */
#ifndef CLIENT_ORPHANS_H
#define CLIENT_ORPHANS_H

#include "client/client.h"

/* msg_orphan: a row for each reason, so that none is left out, and for each
 * time to which it could go. Needs viewer_when(). */
void orphans_print(struct client *c, const struct field_list *list);

#endif
