/*
 * viewer - who looks, and in which zone: fetched when it is first needed.
 */
#ifndef CLIENT_VIEWER_H
#define CLIENT_VIEWER_H

#include "client/client.h"

/* Who the certificate stands for, into c->me; asked once. */
__attribute__((warn_unused_result)) enum rc viewer_whoami(struct client *c,
							  struct err *err);
/* Makes c->when ready for those whom no server knows yet: --tz, else `name`;
 * both must be zones. */
__attribute__((warn_unused_result)) enum rc
viewer_zone(struct client *c, const char *name, struct err *err);
/* Makes c->when ready: --tz, the profile's zone, the caller's site's, UTC. */
__attribute__((warn_unused_result)) enum rc viewer_when(struct client *c,
							struct err *err);

#endif
