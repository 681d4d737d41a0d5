/*
 * ready - is everything there that a session needs: what is looked at before
 * it at both ends, what is chosen instead of what does not work, and who takes
 * over at the partner's (work.h).
 *
 * Of each end the equipment, the link and the connection are looked at by
 * times that its agreement says (core/session.h). Whoever has not said so then
 * is reminded, and it is late until they have; what is red keeps the session
 * from beginning until something is chosen instead, and what nobody looked at
 * is not green either (gate.h).
 */
#ifndef DAEMON_WORK_READY_H
#define DAEMON_WORK_READY_H

#include "daemon/core/session.h"
#include "daemon/store/day.h"
#include "daemon/store/due.h"
#include "daemon/work/tools.h"

enum rc work_booking_check(struct work *w, const char *code,
			   const struct msg_checking *in,
			   struct msg_booking *out);
enum rc work_booking_fallback(struct work *w, const char *code,
			      const struct msg_fallback *in,
			      struct msg_booking *out);

/* One that nobody looked at, at that end. */
struct ready_unchecked {
	const char *site;
	enum check_what what;
};
/* What the agreement asks for and nobody looked at. Whoever looked at a later
 * thing has seen that the ones before it are there. */
enum rc ready_unchecked(struct work *w, const struct booking *b,
			const struct session_terms *terms,
			struct ready_unchecked out[DAY_CHECKS_MAX],
			size_t *out_n);

/* What is looked at, as part of the booking that is shown. */
enum rc ready_view(struct work *w, const struct booking *b,
		   struct field_list *out);

/* A booking has changed: when somebody is reminded, or not any more. Called by
 * work_event_booking() alone. */
enum rc ready_follow(struct work *w, const struct booking *b,
		     const struct work_change *change);
/* What is due then (DUE_CHECK). */
enum rc ready_remind(struct work *w, const struct due_row *row);

#endif
