#include "daemon/api/access.h"

#include "base/log.h"
#include "daemon/stat/stat.h"

void access_init(void)
{
	size_t n;
	const struct route *table = routes(&n);

	for (size_t i = 0; i < n; i++)
		stat_set_route((unsigned)i, http_method_name(table[i].method),
			       table[i].path);
}

static unsigned number_of(const struct route *route)
{
	size_t n;

	return route ? (unsigned)(route - routes(&n)) : STAT_ROUTE_NONE;
}

static void count(const struct route *route, int status, uint64_t bytes,
		  int64_t elapsed_ms)
{
	unsigned number = number_of(route);

	stat_add(STAT_HTTP_REQUESTS, number, (unsigned)(status / 100 - 2), 1);
	stat_add(STAT_HTTP_BYTES, 0, 0, bytes);
	/* how long somebody listens is no latency */
	if (!route || !(route->flags & ROUTE_STREAM) || status >= 400)
		stat_observe(STAT_HTTP_DURATION, number, elapsed_ms);
}

void access_note(const struct route *route, const struct http_request *req,
		 int status, uint64_t bytes, int64_t elapsed_ms)
{
	count(route, status, bytes, elapsed_ms);
	log_event(LOG_LVL_INFO, "request", LOG_S("id", req->id),
		  LOG_S("method", http_method_name(req->method)),
		  LOG_S("route", route ? route->path : "-"),
		  LOG_SORT_N("status", status), LOG_N("bytes", (int64_t)bytes),
		  LOG_N("ms", elapsed_ms),
		  LOG_SORT_S("peer", req->peer->address));
}
