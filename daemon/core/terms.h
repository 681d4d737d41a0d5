/*
 * terms - what an agreement says about its requests and bookings beside kinds,
 * days and quotas: who may change what until when, what a request must have,
 * and how long anybody waits.
 *
 * An agreement that says nothing has core_terms_default: one table. Sources:
 * the telemedicine rules of 2018 (an invitation holds reason, purpose, times,
 * summary, wanted specialty and title; a physician accompanies the patient).
 */
#ifndef DAEMON_CORE_TERMS_H
#define DAEMON_CORE_TERMS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/words.h"

struct core_terms {
	/* Seconds before its start until when each side may call a booking off
	 * or move it; what is later is late. */
	int64_t lead_notice, partner_notice;
	enum late late;
	/* What a request must have; of an emergency the second. */
	needset requires, requires_emergency;
	int64_t supplement;    /* seconds of working time for one */
	int64_t expiry;	       /* seconds until nobody wants it any more */
	int64_t ending_notice; /* seconds before the end that it is told */
	/* Until the partner is reminded to confirm opinions, and between two:
	 * seconds of working time; how often it is told, at last to escalate.
	 */
	int64_t receipt, receipt_notices;
	int64_t signing_slack; /* seconds that a signer's clock may be off */
	int64_t overbook_most; /* places behind the last of a session */
	/* Over how many weeks experts' hours are spread (0: they come by name),
	 * and as how many seconds of work a call at night counts (fair.h). */
	int64_t fairness_weeks, night_call;
};

extern const struct core_terms core_terms_default;

/* Is a change of a booking that starts then late for that side? */
bool core_terms_late(const struct core_terms *terms, bool by_lead,
		     int64_t start, int64_t now);

/* What a request of the kind and urgency must have: of what the agreement
 * requires that which means something for the kind. */
needset core_terms_need(const struct core_terms *terms, enum kind kind,
			enum urgency urgency);

#endif
