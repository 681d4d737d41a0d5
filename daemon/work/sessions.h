/*
 * sessions - the use cases of sessions with seats (work.h): a booking that the
 * lead makes and that its partners join.
 *
 * The booking is moved, cancelled and begun as every booking; what follows from
 * it for those who joined hangs on work_event_booking(). A demonstration of an
 * operation that is booked takes no time of its own: it is where and when the
 * operation is, and not without it. What is told to those who join holds no
 * word of the operation's patient or partner.
 */
#ifndef DAEMON_WORK_SESSIONS_H
#define DAEMON_WORK_SESSIONS_H

#include "daemon/work/tools.h"

enum rc work_session_make(struct work *w, const struct msg_session_new *in,
			  struct msg_session *out);
/* The same without an answer; and could it be? Reads only, of one that shows no
 * operation. */
enum rc work_session_take(struct work *w, const struct msg_session_new *in,
			  struct booking *out);
enum rc work_session_would(struct work *w, const struct msg_session_new *in);
enum rc work_session_list(struct work *w, const struct msg_list_query *in,
			  struct msg_session_list *out);
enum rc work_session_show(struct work *w, const char *code,
			  struct msg_session *out);
/* Before it begins; again: as many as are said now. */
enum rc work_session_join(struct work *w, const char *code,
			  const struct msg_join *in, struct msg_session *out);
enum rc work_session_leave(struct work *w, const char *code,
			   struct msg_session *out);
/* Once it has begun. */
enum rc work_session_attend(struct work *w, const char *code,
			    const struct msg_attendance *in,
			    struct msg_session *out);

/* After a change of a booking: who joined it is told, and what shows it goes
 * with it. */
enum rc sessions_follow(struct work *w, const struct booking *b,
			const struct work_change *change);
/* The booking of the operation that this one shows; RC_NOT_FOUND, without a
 * word: none. */
enum rc sessions_shown(struct work *w, const struct booking *b,
		       struct booking *out);
/* RC_STATE: that is said of the operation that it shows. */
enum rc sessions_check_move(struct work *w, const struct booking *b);
enum rc sessions_check_consent(struct work *w, const struct booking *b);

#endif
