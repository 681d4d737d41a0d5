/*
 * change - a verb on a request or a booking that the command names by its code.
 *
 * Posts to the thing's verb and says in one line what became of it (or, with
 * -o json, in the server's document).
 */
#ifndef CLIENT_CHANGE_H
#define CLIENT_CHANGE_H

#include "client/client.h"

/* c->args.v[0] is the code; msg and in: the body. */
__attribute__((warn_unused_result)) enum rc
change_request(struct client *c, const char *verb, const struct msg *msg,
	       const void *in, struct err *err);
__attribute__((warn_unused_result)) enum rc
change_booking(struct client *c, const char *verb, const struct msg *msg,
	       const void *in, struct err *err);

/* What became of one. */
void change_show_request(struct client *c, const struct msg_request *request);
void change_show_booking(struct client *c, const struct msg_booking *booking);

#endif
