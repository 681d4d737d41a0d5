/*
 * expiry - how long a request waits for somebody, and what becomes of it then.
 *
 * While it is unserved a request expires when the last of the times that were
 * wanted has passed, or, where none was said, when its agreement's time for
 * that is over: days of the calendar, since a patient does not wait in working
 * hours. One whose booking has ended waits for that time again. While the
 * partner is asked for a supplement its own limit runs instead, in the working
 * hours of the agreement as every limit for what somebody has to do: then it
 * expires, too, since nobody can judge it. A request for which time is held
 * waits for the hold. Two due rows, which follow the states alone.
 */
#ifndef DAEMON_WORK_EXPIRY_H
#define DAEMON_WORK_EXPIRY_H

#include "daemon/store/due.h"
#include "daemon/work/tools.h"

/* For work_event_request() alone. */
enum rc expiry_follow(struct work *w, const struct request *r,
		      const struct work_change *change);

/* The steps; of expiry, step 1 is of a request from before there was any. */
enum rc expiry_step(struct work *w, const struct due_row *row);
enum rc expiry_supplement_step(struct work *w, const struct due_row *row);

/* Until when the partner has time for a supplement. */
enum rc expiry_view(struct work *w, const struct request *r,
		    struct msg_request *out);

#endif
