#include "daemon/work/give_back.h"

#include "base/civil.h"
#include "daemon/store/displaced.h"
#include "daemon/store/rows.h"
#include "daemon/work/parts.h"
#include "daemon/work/waitlist.h"

#define TOLD 3 /* of the nearest times */

/* --- a hold --- */

/* The same, of the same owner, at the time of the plan. */
static enum rc hold_again(struct work *w, const struct booking *had,
			  const struct core_plan *plan, const struct ask *ask,
			  struct booking *out)
{
	const int64_t until = w->tx->now + WORK_HOLD_MINUTES * 60;
	struct work_change change = {.verb = VERB_HOLD,
				     .from = STATE_NONE,
				     .reason = "instead of one that gave way",
				     .by_system = true};
	struct papers papers;
	enum rc rc =
		work_step(w, THING_BOOKING, STATE_NONE, VERB_HOLD, &change.to);

	*out = *had;
	out->status = (enum booking_status)change.to;
	out->from = plan->span.from;
	out->to = plan->span.to;
	out->hold_until = had->hold_until > until ? had->hold_until : until;
	out->sequence = 0;
	out->version = 1;
	if (rc == RC_OK)
		rc = work_take_experts(w, plan, ask, out);
	if (rc == RC_OK)
		rc = booking_open_papers(w->tx, had, w->arena, &papers,
					 &w->err);
	if (rc == RC_OK)
		rc = booking_draw_code(w->tx, &out->code, &w->err);
	if (rc == RC_OK)
		rc = booking_insert(w->tx, out, plan, &papers, &w->err);
	return rc == RC_OK ? work_event_booking(w, out, &change) : rc;
}

enum rc give_back_hold(struct work *w, struct booking *b, int64_t at,
		       const char *reason)
{
	char shown[CODE_SHOWN_LEN + 1];
	struct core_plan plan;
	struct booking next;
	struct wish wish;
	struct ask ask;
	enum rc rc = work_wish_again(w, b, &wish);

	wish.at = at;
	wish.with = (struct field_strs){b->named, b->nnamed};
	if (rc == RC_OK)
		rc = work_decide(w, &wish, &plan, &ask);
	if (rc == RC_OK)
		rc = hold_again(w, b, &plan, &ask, &next);
	if (rc != RC_OK)
		return rc;
	code_show(&next.code, shown);
	const char *why =
		arena_printf(w->arena, "%s; %s is held instead", reason, shown);

	return why ? work_booking_end(w, b, VERB_RELEASE, why) : work_nomem(w);
}

/* --- a request --- */

static enum rc put_first(struct work *w, const struct booking *b)
{
	struct request r;
	enum rc rc = request_by_id(w->tx, b->request, w->arena, &r, &w->err);

	return rc == RC_OK ? work_wait_first(w, &r) : rc;
}

/* --- a booking without one --- */

/* "...; the nearest times: 2027-01-19T09:00 2027-01-19T09:10 (Asia/Shanghai)"
 */
static enum rc word_times(struct work *w, const struct booking *b,
			  const struct booking_times *times, const char *reason,
			  const char **out)
{
	const struct tz *zone;
	enum rc rc = rows_zone(w->tx, b->lead_zone, &zone, &w->err);

	*out = arena_printf(w->arena,
			    times && times->n ? "%s; the nearest times:"
					      : "%s; no time was found for it",
			    reason);
	for (size_t i = 0;
	     rc == RC_OK && *out && times && i < times->n && i < TOLD; i++) {
		char wall[17];

		civil_show_wall(tz_to_wall(zone, times->at[i]), wall);
		*out = arena_printf(w->arena, "%s %s", *out, wall);
	}
	if (rc == RC_OK && *out && times && times->n)
		*out = arena_printf(w->arena, "%s (%s)", *out, tz_name(zone));
	return rc == RC_OK && !*out ? work_nomem(w) : rc;
}

enum rc give_back(struct work *w, struct booking *b,
		  const struct booking_times *times, const char *reason,
		  bool *out_open)
{
	bool held = b->status == BOOKING_PENDING;
	enum rc rc = RC_OK;

	*out_open = !held && !b->request;
	if (*out_open)
		rc = word_times(w, b, times, reason, &reason);
	if (rc == RC_OK)
		rc = work_booking_end(w, b, held ? VERB_RELEASE : VERB_DISPLACE,
				      reason);
	return rc == RC_OK && b->request ? put_first(w, b) : rc;
}

/* --- until somebody knows --- */

enum rc give_back_follow(struct work *w, const struct booking *b,
			 const struct work_change *change)
{
	if (change->to != BOOKING_BOOKED || change->from == change->to ||
	    b->request || !b->patient)
		return RC_OK;
	return displaced_rebooked(w->tx, b, &w->err);
}

enum rc work_booking_receive(struct work *w, const char *code,
			     struct msg_booking *out)
{
	struct work_change change = {.verb = VERB_RECEIVE};
	struct booking b;
	bool open = false;
	enum rc rc = work_find_booking(w, code, SIDE_PARTNER, &b);

	if (rc == RC_OK)
		rc = work_match(w, b.version);
	if (rc == RC_OK)
		rc = displaced_settle(w->tx, b.id, &open, &w->err);
	if (rc == RC_OK && !open)
		rc = err_set(&w->err, RC_STATE,
			     "nobody waits for that word: it did not give way,"
			     " or is settled already");
	change.from = change.to = (int)b.status;
	if (rc == RC_OK)
		rc = work_event_booking(w, &b, &change);
	return rc == RC_OK ? work_answer_booking(w, &b.code, out) : rc;
}
