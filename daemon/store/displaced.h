/*
 * displaced - bookings that gave way to something urgent, as it is stored.
 *
 * A row each time. One that had no request, and got no other time, is open
 * until its partner has said that it knows, or has booked for the patient
 * again: nobody waits on a list for it.
 */
#ifndef DAEMON_STORE_DISPLACED_H
#define DAEMON_STORE_DISPLACED_H

#include "daemon/store/booking.h"

struct displaced {
	int64_t booking;
	int64_t request; /* the urgent one */
	bool moved;
	bool open;
};
__attribute__((warn_unused_result)) enum rc
displaced_add(struct tx *tx, const struct displaced *in, struct err *err);
/* It is open no more; *out: it was. */
__attribute__((warn_unused_result)) enum rc
displaced_settle(struct tx *tx, int64_t booking, bool *out, struct err *err);
/* A booking of the same patient's, kind and agreement settles those that are
 * open. */
__attribute__((warn_unused_result)) enum rc
displaced_rebooked(struct tx *tx, const struct booking *by, struct err *err);

#endif
