/*
 * kind - the service catalogue: one row a kind.
 *
 * A row says what a booking of the kind claims besides the named resources,
 * for how long each, how it comes about, and whether availability rules must
 * name it. To add a kind add its word (base/words.h) and its row.
 *
 * The expert's part is the session. An operation is longer: some parts are
 * taken for all of it, from before_minutes before the session to after_minutes
 * after it. Behind the session lies the overrun reserve, because guidance ends
 * when the operation lets it: the expert, the expert's room and the link are
 * kept for it, and whatever else an operation needs at least until its end.
 */
#ifndef DAEMON_CORE_KIND_H
#define DAEMON_CORE_KIND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/words.h"

enum kind_how {
	KIND_BY_REQUEST, /* a request, triaged, then booked */
	KIND_BY_EVENT,	 /* a session with seats */
	KIND_DIRECT,	 /* booked by the partner within its quota */
	KIND_AT_ONCE,	 /* now; papers later */
	KIND_BY_LEAD,	 /* entered by the lead's coordinator */
};

/* Who comes to whom. */
enum kind_where {
	KIND_REMOTE,	 /* nobody travels; refused while the expert is
			  * seconded with remote requests refused */
	KIND_AT_EITHER,	 /* the expert's place is the lead's or the partner's */
	KIND_AT_PARTNER, /* the expert's place is the partner's */
	KIND_AT_LEAD,	 /* ... the lead's; or who takes the patient over */
};

enum kind_part {
	KIND_PART_EXPERT = 1,
	KIND_PART_LEAD_STUDIO = 2, /* unless the expert's rule names a place */
	KIND_PART_PATIENT = 4,
	KIND_PART_SURGEON = 8, /* of the partner, where one is named */
};

enum kind_side { KIND_LEAD = 1, KIND_PARTNER = 2 };

/* A part that any one of several resources can be.
 *
 * A link is a whole connection of the two ends. Two are independent when both
 * say along which path they go (the carrier, the route), and it is not the
 * same; of a link that says nothing, nothing is known, so it is independent of
 * none. */
struct kind_pool {
	enum claim_role role;
	enum subject_type type;
	unsigned sides; /* KIND_LEAD | KIND_PARTNER: whose */
	bool operation; /* taken for all of it */
	bool seat;	/* where the expert is serves, if it is one */
	bool optional;	/* if one is free */
	bool apart;	/* independent of what has the same role: a pair */
	enum subject_type or_type; /* SUBJECT_EXPERT: no other */
};
#define KIND_POOLS_MAX 6

struct kind_row {
	const char *zh;
	enum kind_how how;
	enum kind_where where;
	unsigned parts; /* KIND_PART_*: one claim each */
	struct kind_pool pools[KIND_POOLS_MAX];
	size_t npools;
	int default_minutes; /* 0: no meeting of its own length */
	int longest_minutes; /* that may be asked for; 0: no bound of its own */
	int overrun_minutes; /* unless the agreement says another */
	bool operation;	     /* may have minutes before and after it */
	bool places;	     /* only as a place of a session of places */
	bool named;	     /* a rule without kinds does not offer it */
	consentset consents; /* of the patient, before it begins */
	bool fallback;	     /* a surgeon of the partner's takes over */
	bool standby;	     /* ... the one whom the request names, always */
	bool checks;	     /* what both ends need is looked at before */
	bool opinion;	     /* each expert signs one after it */
	bool course;	     /* who has the patient says how it goes on */
	bool beds;	     /* or a bed for some days, without expert */
	bool pooled;	     /* a case of a pooled half-day may be one */
	bool served;	     /* this version takes it */
};

const struct kind_row *kind_row(enum kind kind);

/* May it be a place of a session of places? */
bool kind_has_places(enum kind kind);

/* What a rule offers: its own kinds, or all of the expert's not `named`. */
kindset kind_offered(kindset rule_kinds, kindset expert_kinds);

#endif
