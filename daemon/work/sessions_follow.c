/* What follows from a change of a booking: for those who joined it, and for
 * what shows it (sessions.h). */
#include "daemon/core/kind.h"
#include "daemon/core/local.h"
#include "daemon/store/sessions.h"
#include "daemon/work/cases.h"
#include "daemon/work/day.h"
#include "daemon/work/sessions.h"

static bool is_told(enum verb verb)
{
	return verb == VERB_MOVE || verb == VERB_CANCEL || verb == VERB_START ||
	       verb == VERB_FINISH || verb == VERB_NOSHOW;
}

static enum rc tell_sites(struct work *w, const struct booking *b,
			  const struct work_change *change)
{
	struct session_seats *v;
	size_t n;
	enum rc rc = sessions_seats(w->tx, b->id, w->arena, &v, &n, &w->err);

	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = work_event_session(w, b, v[i].site, change);
	return rc;
}

static enum rc put_day(struct work *w, const struct booking *b)
{
	struct core_agreement a;
	enum rc rc =
		agreement_by_id(w->tx, b->agreement, w->arena, &a, &w->err);

	return rc == RC_OK ? sessions_set_day(w->tx, b->id,
					      local_day(a.lead_zone, b->from),
					      &w->err)
			   : rc;
}

/* --- what shows it --- */

static enum rc carry(struct work *w, struct booking *b,
		     const struct booking *shown)
{
	struct work_change change = {
		.verb = VERB_MOVE,
		.from = (int)b->status,
		.by_system = true,
		.reason = "the operation that it shows is moved"};
	enum rc rc = work_step(w, THING_BOOKING, change.from, change.verb,
			       &change.to);

	b->from = shown->from;
	b->to = shown->to;
	b->sequence++;
	if (rc == RC_OK)
		rc = booking_update(w->tx, b, &w->err);
	return rc == RC_OK ? work_event_booking(w, b, &change) : rc;
}

#define NO_OPERATION "the operation that it shows does not take place"

/* What has begun was watched: it ends, and is not undone. What has not, and
 * whose operation is over, is left to people: somebody may have forgotten to
 * say that it began. */
static enum rc follow_one(struct work *w, int64_t id,
			  const struct booking *shown, enum verb verb)
{
	struct booking b;
	enum rc rc = booking_by_id(w->tx, id, w->arena, &b, &w->err);

	if (rc != RC_OK)
		return rc;
	if (b.status == BOOKING_STARTED)
		return verb == VERB_MOVE ? RC_OK
		       : verb == VERB_FINISH
			       ? work_booking_over(w, &b,
						   "the operation that it"
						   " shows is over")
			       : work_booking_over(w, &b, NO_OPERATION);
	if (verb == VERB_FINISH)
		return RC_OK;
	return verb == VERB_MOVE
		       ? carry(w, &b, shown)
		       : work_booking_end(w, &b, VERB_CANCEL, NO_OPERATION);
}

static enum rc follow_shown(struct work *w, const struct booking *b,
			    enum verb verb)
{
	int64_t *ids;
	size_t n;
	enum rc rc =
		sessions_showing(w->tx, b->id, w->arena, &ids, &n, &w->err);

	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = follow_one(w, ids[i], b, verb);
	return rc;
}

/* Of clinics and consultations nothing is looked up. */
static bool may_be_shown(enum kind kind)
{
	return kind == KIND_SURGICAL_GUIDANCE || kind == KIND_REMOTE_SURGERY ||
	       kind == KIND_ONSITE_PROCEDURE;
}

enum rc sessions_follow(struct work *w, const struct booking *b,
			const struct work_change *change)
{
	bool off =
		change->to == BOOKING_CANCELLED || change->to == BOOKING_NOSHOW;
	enum rc rc = cases_follow(w, b, change);

	if (rc != RC_OK)
		return rc;
	if (may_be_shown(b->kind) &&
	    (off || change->verb == VERB_MOVE || change->verb == VERB_FINISH))
		return follow_shown(w, b, off ? VERB_CANCEL : change->verb);
	if (kind_row(b->kind)->how != KIND_BY_EVENT || !is_told(change->verb))
		return rc;
	if (change->verb == VERB_MOVE)
		rc = put_day(w, b);
	return rc == RC_OK ? tell_sites(w, b, change) : rc;
}

/* --- what is said of the operation itself --- */

enum rc sessions_shown(struct work *w, const struct booking *b,
		       struct booking *out)
{
	struct session_row row;

	if (b->kind != KIND_SURGERY_DEMONSTRATION)
		return RC_NOT_FOUND;
	enum rc rc = sessions_find(w->tx, b->id, w->arena, &row, &w->err);

	if (rc == RC_OK && !row.shows)
		return RC_NOT_FOUND;
	return rc == RC_OK
		       ? booking_by_id(w->tx, row.shows, w->arena, out, &w->err)
		       : rc;
}

static enum rc check(struct work *w, const struct booking *b, const char *verb)
{
	char shown[CODE_SHOWN_LEN + 1];
	struct booking of;
	enum rc rc = sessions_shown(w, b, &of);

	if (rc == RC_NOT_FOUND)
		return RC_OK;
	if (rc != RC_OK)
		return rc;
	code_show(&of.code, shown);
	return err_set(&w->err, RC_STATE,
		       "it shows the operation of %s: %s that one", shown,
		       verb);
}

enum rc sessions_check_move(struct work *w, const struct booking *b)
{
	enum rc rc = cases_check(w, b,
				 "that one is moved, or its list brought into"
				 " another order");

	return rc == RC_OK ? check(w, b, "move") : rc;
}

enum rc sessions_check_consent(struct work *w, const struct booking *b)
{
	return check(w, b, "say the consent of");
}
