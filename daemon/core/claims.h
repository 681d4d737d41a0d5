/*
 * claims - what the claims on a subject leave free.
 *
 * A subject of capacity n takes one more claim over a span when at no instant
 * of the span n claims stand already (depth, never the sum of what overlaps).
 * Claims come sorted by their start. A claim of a hold that has lapsed, and
 * one of the booking to ignore, does not stand; nor does a transfer, which
 * way.h finds out anew from the sessions about it, unless the view counts it.
 */
#ifndef DAEMON_CORE_CLAIMS_H
#define DAEMON_CORE_CLAIMS_H

#include "daemon/core/model.h"

struct claims_view {
	const struct core_subject *subject;
	int64_t now;
	int64_t ignore_booking; /* 0: none */
	bool ways; /* of somebody whose own ways stay as they are */
};

bool claims_stand(const struct core_claim *claim, int64_t now,
		  int64_t ignore_booking);

/* Is there room for one more over the span? */
bool claims_free(const struct claims_view *view, struct core_span span);

/* Calls each() for every claim that takes part in filling the capacity at some
 * instant of the span, once each. */
void claims_in_the_way(const struct claims_view *view, struct core_span span,
		       void (*each)(void *ctx, const struct core_claim *claim),
		       void *ctx);

/* How many stand in that role and start in the span. */
size_t claims_started(const struct claims_view *view, enum claim_role role,
		      struct core_span span);

#endif
