/*
 * consent - the use cases of what a patient consents to (work.h).
 *
 * Of a request, or of a booking that has none; said at the code of a booking
 * with a request, it is the request's. Each sort is apart from the others.
 * What a session of the kind needs stands in the table of kinds; what an
 * agreement does not ask for, in its terms (core/session.h).
 */
#ifndef DAEMON_WORK_CONSENT_H
#define DAEMON_WORK_CONSENT_H

#include "daemon/store/consent.h"
#include "daemon/store/due.h"
#include "daemon/work/work.h"

enum rc work_request_consent(struct work *w, const char *code,
			     const struct msg_consent_new *in,
			     struct msg_request *out);
enum rc work_booking_consent(struct work *w, const char *code,
			     const struct msg_consent_new *in,
			     struct msg_booking *out);

/* Those that its agreement asks for before the booking begins and that are not
 * there. */
enum rc consent_missing(struct work *w, const struct booking *b,
			consentset *out);
/* ... and before what a request is about is read without a meeting. */
enum rc consent_missing_to_read(struct work *w, const struct request *r,
				consentset *out);
/* Of a request, with the names for those who read papers. */
enum rc consent_view(struct work *w, const struct consent_of *of,
		     struct field_list *out);

/* An emergency begins without them: they are promised within the agreement's
 * time, are told of by the ladder of its limit set, and stand among what is
 * late, and then unresolved, until they are there. */
enum rc consent_put_off(struct work *w, const struct booking *b);
enum rc consent_put_off_reading(struct work *w, const struct request *r);
/* A rung of that promise is reached (DUE_CONSENT). */
enum rc consent_is_late(struct work *w, const struct due_row *row);
/* By when they are to come, or FIELD_NONE: nobody waits for them. */
enum rc consent_due(struct work *w, int64_t request, int64_t *out);

#endif
