/*
 * emergency - the use cases of emergencies and of who is on call.
 *
 * As in work.h: one function each, inside one transaction. What reads only is
 * for before the writer is asked.
 */
#ifndef DAEMON_WORK_EMERGENCY_H
#define DAEMON_WORK_EMERGENCY_H

#include "daemon/work/work.h"

/* Where bookings that may have to give way could go: looked for before the
 * writer is asked, who decides on each again. */
#define BOOKING_TIMES 48
struct booking_times {
	int64_t at[BOOKING_TIMES];
	size_t n;
};
/* More than so many do not give way at once: the answer is refused, and names
 * it. */
#define WORK_MOVES_MAX 256
struct work_move {
	struct code booking;
	struct booking_times times;
};
struct work_moves {
	struct work_move *v;
	size_t n;
};

/* Whoever is called for an emergency takes it, or cannot; or a coordinator of
 * the lead says so for them. Taking it makes its booking, at once; what is in
 * its way gives way. RC_REFUSED: what cannot. */
enum rc work_request_answer(struct work *w, const char *code,
			    const struct msg_answer *in,
			    struct msg_request *out);
/* An emergency's papers come after it. */
enum rc work_request_papers(struct work *w, const char *code,
			    const struct msg_papers *in,
			    struct msg_request *out);
/* Reads only: where what that would displace could go; for before the writer
 * is asked. */
enum rc work_answer_look(struct work *w, const char *code,
			 const struct msg_answer *in, struct work_moves *out);

/* It gives way to the urgent request, which gets its time, in the same
 * transaction; answered is the urgent one's booking. */
enum rc work_booking_displace(struct work *w, const char *code,
			      const struct msg_displace *in,
			      struct msg_booking *out);
enum rc work_displace_look(struct work *w, const char *code,
			   struct work_moves *out);

/* The partner knows that a booking of its own, without a request, gave way and
 * got no other time: it is listed no more. */
enum rc work_booking_receive(struct work *w, const char *code,
			     struct msg_booking *out);

/* --- on call --- */

enum rc work_on_call(struct work *w, const struct msg_on_call_query *in,
		     struct msg_on_call *out);
/* At how many times of the next 14 days nobody would be called first, of all
 * sites; and where the first of them is, or NULL. */
enum rc work_on_call_gaps(struct work *w, int64_t *out_n,
			  const char **out_first);
/* By a coordinator of the lead, or by each of the two. */
enum rc work_on_call_swap(struct work *w, const struct msg_swap *in,
			  struct msg_swapped *out);
enum rc work_report_emergencies(struct work *w,
				const struct msg_emergencies_query *in,
				struct msg_emergencies *out);

#endif
