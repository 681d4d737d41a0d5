/*
 * kind - the service catalogue: one row a kind.
 *
 * A row says what a booking of the kind claims besides the named resources,
 * how it comes about, and whether availability rules must name it. To add a
 * kind add its word (base/words.h) and its row.
 */
#ifndef DAEMON_CORE_KIND_H
#define DAEMON_CORE_KIND_H

#include <stdbool.h>

#include "base/words.h"

enum kind_how {
	KIND_BY_REQUEST, /* a request, triaged, then booked */
	KIND_BY_EVENT,	 /* a session with seats */
	KIND_DIRECT,	 /* booked by the partner within its quota */
	KIND_AT_ONCE,	 /* now; papers later */
	KIND_BY_LEAD,	 /* entered by the lead's coordinator */
};

enum kind_part {
	KIND_PART_EXPERT = 1,
	KIND_PART_LEAD_STUDIO = 2,
	KIND_PART_PARTNER_STUDIO = 4,
	KIND_PART_PATIENT = 8,
};

struct kind_row {
	const char *zh;
	enum kind_how how;
	unsigned parts;	     /* KIND_PART_*: one claim each */
	int default_minutes; /* 0: no meeting of its own length */
	bool named;	     /* a rule without kinds does not offer it */
	bool remote;	     /* the expert does not travel for it: refused while
			      * seconded with remote requests refused */
	bool served;	     /* this version takes it */
};

const struct kind_row *kind_row(enum kind kind);

/* What a rule offers: its own kinds, or all of the expert's not `named`. */
kindset kind_offered(kindset rule_kinds, kindset expert_kinds);

#endif
