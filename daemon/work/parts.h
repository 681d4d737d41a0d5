/*
 * parts - what taking time and changing it have in common, and what the verbs
 * of requests have.
 *
 * Internal to the use cases of requests and bookings.
 */
#ifndef DAEMON_WORK_PARTS_H
#define DAEMON_WORK_PARTS_H

#include "daemon/work/ask.h"
#include "daemon/work/tools.h"

#define WORK_HOLD_MINUTES 5 /* where nobody says how long */

/* The expert whom a message names, instead of the one in *out. */
enum rc work_name_expert(struct work *w, const char *slug, int64_t lead,
			 int64_t *out);
/* What of time must be loaded to decide about wish->at. */
struct core_span work_window_at(const struct wish *wish);
/* Whoever asks to book beyond the agreement's end is a coordinator of the lead;
 * out_reason: what its event says, where it is beyond. */
enum rc work_go_beyond(struct work *w, bool asked, int64_t lead,
		       struct wish *wish, const char **out_reason);
/* The facts and the decision on them. */
enum rc work_decide(struct work *w, const struct wish *wish,
		    struct core_plan *plan, struct ask *ask);
/* The plan's experts are the booking's. */
enum rc work_take_experts(struct work *w, const struct core_plan *plan,
			  const struct ask *ask, struct booking *b);
/* Takes the step of the booking's request, where there is one. */
enum rc work_schedule_request(struct work *w, const struct booking *b,
			      enum verb verb, const char *reason);
/* A hold belongs to the site that took it, or for which it was taken, and only
 * while it lives. */
enum rc work_find_own_hold(struct work *w, const char *code, struct booking *b);
/* What it was booked for, at the time that it has. */
enum rc work_wish_again(struct work *w, const struct booking *b,
			struct wish *out);
/* The old claims go before the new ones come; then whatever came after the old
 * time is reached from another place. */
enum rc work_replace_claims(struct work *w, struct booking *b,
			    const struct core_plan *plan,
			    const struct ask *ask);
/* What a request must be for time to be taken for it; RC_INVALID: there is
 * none of that code. */
enum rc work_find_bookable(struct work *w, const char *code, struct request *r);
/* Takes the time of the wish for the booking, of which agreement, sides and
 * kind are there: decided and stored as any other. Where nobody does it (a due
 * step) the owner is, too. */
enum rc work_take(struct work *w, const struct wish *wish, struct booking *b);
/* work_booking_book(), and why: of the request's own side alone. NULL: no word
 * is needed. */
enum rc work_booking_book_for(struct work *w, const struct msg_book *in,
			      const char *reason, struct msg_booking *out);
/* Of what is booked without a request: between whom it would be; whether it
 * could be, which reads only; and it is booked, without an answer. */
enum rc work_booking_between(struct work *w, const struct msg_book *in,
			     int64_t *out_lead, int64_t *out_partner);
enum rc work_booking_would(struct work *w, const struct msg_book *in);
enum rc work_booking_take(struct work *w, const struct msg_book *in,
			  struct booking *out);
/* The verbs move and cancel, of a booking that was found; and whether it could
 * be moved, which reads only. */
enum rc work_booking_would_move(struct work *w, const struct msg_move *in,
				struct booking *b);
enum rc work_booking_move_it(struct work *w, const struct msg_move *in,
			     struct booking *b);
enum rc work_booking_cancel_it(struct work *w, const struct msg_reason *in,
			       struct booking *b);
/* The booking as it stands now. */
enum rc work_answer_booking(struct work *w, const struct code *code,
			    struct msg_booking *out);

/* Of a verb on a request: finds it, compares the version, takes the step in
 * memory; then stores it, says so and answers. */
enum rc work_request_begin(struct work *w, const char *code, unsigned sides,
			   struct work_change *change, struct request *r);
enum rc work_request_end(struct work *w, struct request *r,
			 const struct work_change *change,
			 struct msg_request *out);
/* Nothing goes on under an agreement that has ended, or that covers the kind no
 * more: RC_RULE, with w->blockers. */
enum rc work_check_live(struct work *w, const struct request *r,
			struct core_agreement *out);
/* What it said before it was supplemented; NULL: it was not. */
enum rc work_view_earlier(struct work *w, const struct request *r,
			  struct msg_earlier **out);

#endif
