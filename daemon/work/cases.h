/*
 * cases - the use cases of the list of a session of cases (work.h).
 *
 * The lead puts accepted requests on the list until the session begins. Each
 * becomes a booking of its own: its own time within the session, consent,
 * beginning, end and opinions, and the studio of its partner; the experts and
 * the room at the lead's are the session's. It goes where the session goes:
 * moved with it, and to wait again where the session is not held, or ends
 * before its turn. Its partner sees the session and this case of it.
 */
#ifndef DAEMON_WORK_CASES_H
#define DAEMON_WORK_CASES_H

#include "daemon/work/sessions_view.h"

/* At the earliest time of the session that is free and does for its partner. */
enum rc work_session_add(struct work *w, const char *code,
			 const struct msg_case_new *in,
			 struct msg_session *out);
/* One behind the other from the session's beginning, in that order. */
enum rc work_session_order(struct work *w, const char *code,
			   const struct msg_case_order *in,
			   struct msg_session *out);

/* After a change of a booking, if it is a session of cases, or may be one. */
enum rc cases_follow(struct work *w, const struct booking *b,
		     const struct work_change *change);
/* The session on whose list the booking is; *out is NULL: on none. */
enum rc cases_within(struct work *w, const struct booking *b,
		     const struct booking **out);
/* RC_STATE: that is said of the session that it is a case of. */
enum rc cases_check(struct work *w, const struct booking *b, const char *verb);
/* RC_STATE: its session has not begun. */
enum rc cases_check_start(struct work *w, const struct booking *b);

/* Of whatever the plan claims what a case has besides the session. */
void cases_leave(struct core_plan *plan);

/* The list, to the lead and the experts; to a partner its own. */
enum rc cases_view(struct work *w, const struct sessions_seen *s,
		   struct field_list *out);
/* The code of the session that it is a case of; NULL: of none. */
enum rc cases_name(struct work *w, const struct booking *b, const char **out);

#endif
