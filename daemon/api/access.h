/*
 * access - what is kept of each answered exchange: a line, and figures.
 */
#ifndef DAEMON_API_ACCESS_H
#define DAEMON_API_ACCESS_H

#include "daemon/api/route.h"
#include "daemon/net/http.h"

/* Tells the figures which routes there are; before threads. */
void access_init(void);
/* route: NULL where it was none. */
void access_note(const struct route *route, const struct http_request *req,
		 int status, uint64_t bytes, int64_t elapsed_ms);

#endif
