/*
 * clinic - what became of places, counted.
 */
#ifndef DAEMON_STORE_CLINIC_H
#define DAEMON_STORE_CLINIC_H

#include "daemon/store/booking.h"

enum clinic_end {
	CLINIC_OPEN,
	CLINIC_CAME,
	CLINIC_ABSENT, /* the patient or the site */
	CLINIC_FAILED, /* the expert or the link */
	CLINIC_CANCELLED,
	CLINIC_LATE,
	CLINIC_ENDS
};

struct clinic_month {
	int64_t first_day; /* of the month, in the lead's zone */
	const char *agreement, *lead, *partner;
	int64_t n[CLINIC_ENDS];
};

struct clinic_filter {
	int64_t as_lead, as_partner; /* whose; 0: of none */
	enum kind kind;
	int64_t from, to;
};
/* By agreement and month. */
__attribute__((warn_unused_result)) enum rc
clinic_months(struct tx *tx, const struct clinic_filter *filter,
	      struct arena *arena, struct clinic_month **out, size_t *out_n,
	      struct err *err);

#endif
