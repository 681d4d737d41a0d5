/*
 * session - what the day of a session does to what it claims. Pure.
 */
#ifndef DAEMON_CORE_SESSION_H
#define DAEMON_CORE_SESSION_H

#include "daemon/core/model.h"

/* What an agreement says about the day of its sessions; one that says nothing
 * has session_terms_default. Minutes. */
struct session_terms {
	int64_t early;	   /* before its time somebody may come or begin */
	consentset waives; /* consents that it does not ask for */
	int64_t consent;   /* after an emergency began without them */
	int64_t equipment; /* before its time it is tested; 0: not asked for */
	int64_t link;	   /* ... the link is on */
	int64_t connected; /* ... both ends see each other */
	bool moves_when_late; /* by itself, after what runs late before it */
	enum unchecked unchecked; /* what it takes, where nobody looked */
	gateset insists;	  /* on these even with an emergency */
};
extern const struct session_terms session_terms_default;

/* A session that is over. */
struct session_end {
	int64_t from; /* when the expert's part was to begin */
	int64_t at;   /* when it was over */
	/* How long the operation goes on after the expert's part, seconds. */
	int64_t after;
};

/* A session that ends later than agreed. */
struct session_late {
	int64_t from;  /* when the expert's part began */
	int64_t to;    /* when it is going to end now */
	int64_t after; /* as of session_end */
};

/* What a claim of its would take then. The reserve is used up first; the pause
 * follows what is left of it. Empty: nothing. */
struct core_span session_later(const struct session_late *late,
			       enum claim_role role, struct core_span claim);

/* What a claim of its takes then; empty: nothing any more. The expert's pause
 * follows the end, and is none where nothing of the session's time was used;
 * nothing takes what the booking did not take before. */
struct core_span session_left(const struct session_end *end,
			      enum claim_role role, struct core_span claim);

#endif
