/*
 * session - what the day of a session does to what it claims. Pure.
 */
#ifndef DAEMON_CORE_SESSION_H
#define DAEMON_CORE_SESSION_H

#include "daemon/core/model.h"

/* How long before its time somebody may come or begin. */
#define SESSION_EARLY_MINUTES 720

/* A session that is over. */
struct session_end {
	int64_t from; /* when the expert's part was to begin */
	int64_t at;   /* when it was over */
	/* How long the operation goes on after the expert's part, seconds. */
	int64_t after;
};

/* What a claim of its takes then; empty: nothing any more. The expert's pause
 * follows the end, and is none where nothing of the session's time was used;
 * nothing takes what the booking did not take before. */
struct core_span session_left(const struct session_end *end,
			      enum claim_role role, struct core_span claim);

#endif
