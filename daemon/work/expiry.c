#include "daemon/work/expiry.h"

#include "daemon/store/clock.h"
#include "daemon/store/waiting.h"

/* Pictures that are to be read without a meeting have their reader. */
static bool waits(const struct request *r, int state)
{
	return state == REQUEST_SUBMITTED || state == REQUEST_WAITLISTED ||
	       (state == REQUEST_ACCEPTED && !r->forward);
}

static int64_t last_wanted(const struct request *r)
{
	int64_t last = 0;

	for (size_t i = 0; i < r->nwanted; i++)
		if (r->wanted[i].to > last)
			last = r->wanted[i].to;
	return last;
}

/* since: when it began to wait anew; 0: when it was submitted. */
static int64_t expires_at(const struct core_agreement *agreement,
			  const struct request *r, int64_t since)
{
	int64_t last = last_wanted(r);
	int64_t wait =
		(since ? since : r->submitted_at) + agreement->terms.expiry;

	if (!last)
		return wait;
	return since && wait > last ? wait : last;
}

static enum rc put(struct work *w, const struct request *r, enum due_what what,
		   int64_t at)
{
	const struct due_row row = {.at = at,
				    .what = what,
				    .thing = THING_REQUEST,
				    .thing_id = r->id};

	return due_put(w->tx, &row, &w->err);
}

static enum rc drop(struct work *w, const struct request *r, enum due_what what)
{
	return due_drop(w->tx, what, THING_REQUEST, r->id, &w->err);
}

/* It waits for somebody, in one state or another. */
static enum rc begin_waiting(struct work *w, const struct request *r,
			     const struct work_change *change)
{
	struct core_agreement agreement;
	int64_t since = 0;
	enum rc rc = agreement_by_id(w->tx, r->agreement, w->arena, &agreement,
				     &w->err);

	if (rc != RC_OK)
		return rc;
	/* Its booking has ended, or what is wanted is said anew. */
	if (change->from == REQUEST_SCHEDULED)
		since = w->tx->now;
	/* While the partner had it nobody could take it. */
	if (change->from == REQUEST_SUPPLEMENT_NEEDED && !r->nwanted)
		since = r->submitted_at + w->tx->now - r->asked_at;
	return put(w, r, DUE_EXPIRY, expires_at(&agreement, r, since));
}

static enum rc begin_supplement(struct work *w, const struct request *r)
{
	struct core_agreement agreement;
	struct clock_limits limits;
	enum rc rc = agreement_by_id(w->tx, r->agreement, w->arena, &agreement,
				     &w->err);

	if (rc == RC_OK)
		rc = clock_limits(w->tx, r->agreement, r->urgency, w->arena,
				  &limits, &w->err);
	if (rc != RC_OK)
		return rc;
	int64_t until = deadline_after(&limits.hours, w->tx->now,
				       agreement.terms.supplement);

	/* Where nobody ever works it waits for somebody's word. */
	if (until != DEADLINE_NEVER)
		rc = put(w, r, DUE_SUPPLEMENT, until);
	return rc == RC_OK ? drop(w, r, DUE_EXPIRY) : rc;
}

enum rc expiry_follow(struct work *w, const struct request *r,
		      const struct work_change *change)
{
	enum rc rc = RC_OK;

	if (change->from == change->to)
		return RC_OK;
	if (change->from == REQUEST_SUPPLEMENT_NEEDED)
		rc = drop(w, r, DUE_SUPPLEMENT);
	if (rc != RC_OK)
		return rc;
	if (change->to == REQUEST_SUPPLEMENT_NEEDED)
		return begin_supplement(w, r);
	if (!waits(r, change->to))
		return waits(r, change->from) ? drop(w, r, DUE_EXPIRY) : RC_OK;
	return waits(r, change->from) ? RC_OK : begin_waiting(w, r, change);
}

static enum rc expire(struct work *w, struct request *r, const char *why)
{
	struct work_change change = {.verb = VERB_EXPIRE,
				     .from = (int)r->status,
				     .reason = why,
				     .by_system = true};
	enum rc rc = work_step(w, THING_REQUEST, change.from, change.verb,
			       &change.to);

	if (rc != RC_OK)
		return rc;
	r->status = (enum request_status)change.to;
	rc = request_update(w->tx, r, &w->err);
	return rc == RC_OK ? work_event_request(w, r, &change) : rc;
}

/* Of old: not before some time has passed since the first look. */
static enum rc begin_of_old(struct work *w, const struct request *r,
			    const struct core_agreement *agreement)
{
	return put(w, r, DUE_EXPIRY, expires_at(agreement, r, w->tx->now));
}

/* How long it stays on the waitlist, where other times may be wanted; 0: it is
 * on none. */
static enum rc waits_until(struct work *w, const struct request *r,
			   int64_t *out)
{
	struct waiting waiting;

	*out = 0;
	if (r->status != REQUEST_WAITLISTED)
		return RC_OK;
	enum rc rc = waiting_find(w->tx, r->id, &waiting, &w->err);

	if (rc == RC_OK)
		*out = waiting.until + 1;
	return rc;
}

enum rc expiry_step(struct work *w, const struct due_row *row)
{
	struct core_agreement agreement;
	int64_t until;
	struct booking held;
	struct request r;
	enum rc rc = request_by_id(w->tx, row->thing_id, w->arena, &r, &w->err);

	if (rc != RC_OK || !waits(&r, (int)r.status))
		return rc;
	rc = agreement_by_id(w->tx, r.agreement, w->arena, &agreement, &w->err);
	if (rc != RC_OK)
		return rc;
	if (row->step == 1)
		return begin_of_old(w, &r, &agreement);
	rc = waits_until(w, &r, &until);
	if (rc != RC_OK)
		return rc;
	if (until > w->tx->now) /* on the waitlist, for later times */
		return put(w, &r, DUE_EXPIRY, until);
	rc = booking_of_request(w->tx, r.id, w->arena, &held, NULL);
	if (rc == RC_OK) /* a hold: what becomes of it is known then */
		return put(w, &r, DUE_EXPIRY, held.hold_until + 1);
	if (rc != RC_NOT_FOUND)
		return err_set(&w->err, rc, "the booking is unreadable");
	return expire(w, &r,
		      r.nwanted ? "every time that was wanted has passed"
				: "nobody took it within its time");
}

enum rc expiry_supplement_step(struct work *w, const struct due_row *row)
{
	struct request r;
	enum rc rc = request_by_id(w->tx, row->thing_id, w->arena, &r, &w->err);

	if (rc != RC_OK || r.status != REQUEST_SUPPLEMENT_NEEDED)
		return rc;
	return expire(w, &r, "what was asked for did not come in time");
}

enum rc expiry_view(struct work *w, const struct request *r,
		    struct msg_request *out)
{
	struct due_row row;
	enum rc rc = RC_OK;

	if (r->asked_at)
		out->asked_at = r->asked_at;
	if (r->status != REQUEST_SUPPLEMENT_NEEDED)
		return RC_OK;
	rc = due_find(w->tx, DUE_SUPPLEMENT, THING_REQUEST, r->id, &row, NULL);
	if (rc == RC_OK)
		out->supplement_until = row.at;
	return rc == RC_OK || rc == RC_NOT_FOUND
		       ? RC_OK
		       : err_set(&w->err, rc, "its limit is unreadable");
}
