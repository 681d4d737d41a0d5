/*
 * why - the word for why a booking was cancelled or ran late, for who counts
 * them; what people said of it in their own words is sealed in the log.
 */
#ifndef DAEMON_STORE_WHY_H
#define DAEMON_STORE_WHY_H

#include "daemon/store/booking.h"

enum why_what { WHY_CANCELLED, WHY_LATE };
enum why_side { WHY_LEAD, WHY_PARTNER, WHY_EXPERT };

struct why_row {
	int64_t booking;
	enum why_what what;
	enum why_side side; /* who says so */
	int reason;	    /* words_why; -1: no word was given */
	int64_t to;	    /* when it was to end */
};
/* One that runs late again was to end when it first was, and has its last
 * word. */
__attribute__((warn_unused_result)) enum rc
why_put(struct tx *tx, const struct why_row *row, struct err *err);

#endif
