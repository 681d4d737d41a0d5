/* The waitlist: on it, off it, and what follows a change (waitlist.h). */
#include "daemon/work/waitlist.h"

#include "base/civil.h"
#include "daemon/work/calls.h"
#include "daemon/work/imaging.h"
#include "daemon/work/parts.h"
#include "daemon/work/refuse.h"

/* --- on the list --- */

static enum rc read_windows(struct work *w, const struct msg_wait *in,
			    const struct request *r, struct waiting *out)
{
	const struct msg_interval *v = in->windows.v;

	for (size_t i = 0; i < in->windows.n; i++) {
		if (v[i].to <= v[i].from)
			return work_fault(w, "/windows",
					  "each must end after it begins");
		out->windows[out->nwindows++] =
			(struct core_span){v[i].from, v[i].to};
	}
	if (in->windows.n || in->until != FIELD_NONE)
		return RC_OK;
	for (size_t i = 0; i < r->nwanted; i++) {
		if (r->wanted[i].to > w->tx->now)
			out->windows[out->nwindows++] = r->wanted[i];
	}
	return RC_OK;
}

static int64_t last_end(const struct waiting *row, int64_t otherwise)
{
	int64_t end = row->nwindows ? INT64_MIN : otherwise;

	for (size_t i = 0; i < row->nwindows; i++) {
		if (row->windows[i].to > end)
			end = row->windows[i].to;
	}
	return end;
}

/* Is there any time left that could be offered? */
static enum rc check_times(struct work *w, const struct request *r,
			   const struct waiting *row)
{
	const struct waitlist_wish wish = {
		.windows = row->windows,
		.nwindows = row->nwindows,
		.earliest = waitlist_earliest(w->tx->now, 0, row->notice),
		.until = row->until,
		.length = r->minutes * 60,
	};
	struct core_span starts[REQUEST_WANTED_MAX];
	struct core_span within = {w->tx->now,
				   w->tx->now + WAITLIST_DAYS_MAX * CIVIL_DAY};

	if (row->until > within.to)
		return work_fault(w, "/until", "at most %d days from now",
				  WAITLIST_DAYS_MAX);
	if (waitlist_starts(&wish, within, starts) == 0)
		return work_fault(w, row->nwindows ? "/windows" : "/until",
				  "no time is left that could be offered");
	return RC_OK;
}

static enum rc read_expert(struct work *w, const struct msg_wait *in,
			   const struct request *r, int64_t *out)
{
	struct core_subject expert;

	*out = in->any_expert ? 0 : r->expert;
	if (!in->expert)
		return RC_OK;
	if (in->any_expert)
		return work_fault(w, "/any_expert", "an expert is named");
	enum rc rc = work_find_expert(w, "/expert", in->expert,
				      request_receiver(r), &expert);

	*out = expert.id;
	return rc;
}

static struct waiting new_row(const struct work *w, const struct request *r)
{
	return (struct waiting){
		.request = r->id,
		.lead = r->lead,
		.partner = r->partner,
		.urgency = r->urgency,
		.submitted_at = r->submitted_at,
		.put_at = w->tx->now,
		.put_by = w->who ? w->who->identity : 0,
		.until = w->tx->now + WAITLIST_DAYS * (int64_t)CIVIL_DAY,
		.notice = waitlist_terms(r->urgency)->notice,
		.expert = r->expert,
		.whole_from = 0,
	};
}

static enum rc read_row(struct work *w, const struct msg_wait *in,
			const struct request *r, struct waiting *out)
{
	enum rc rc = read_windows(w, in, r, out);

	out->until =
		in->until != FIELD_NONE ? in->until : last_end(out, out->until);
	if (in->notice_minutes != FIELD_NONE)
		out->notice = in->notice_minutes;
	if (rc == RC_OK)
		rc = read_expert(w, in, r, &out->expert);
	return rc == RC_OK ? check_times(w, r, out) : rc;
}

static enum rc put_due(struct work *w, enum due_what what, enum thing thing,
		       int64_t id, int64_t at)
{
	struct due_row row = {
		.at = at, .what = what, .thing = thing, .thing_id = id};

	return due_put(w->tx, &row, &w->err);
}

/* The request's state is r's already; it is asked about all its time. */
static enum rc store_row(struct work *w, struct request *r, struct waiting *row,
			 const struct work_change *change)
{
	enum rc rc = freed_last(w->tx, &row->asked, &w->err);

	if (rc == RC_OK && !row->put_by)
		rc = waiting_owner(w->tx, r->id, &row->put_by, &w->err);
	if (rc == RC_OK)
		rc = request_update(w->tx, r, &w->err);
	if (rc == RC_OK)
		rc = waiting_put(w->tx, row, &w->err);
	if (rc == RC_OK)
		rc = work_event_request(w, r, change);
	if (rc == RC_OK)
		rc = put_due(w, DUE_OFFER, THING_REQUEST, r->id, w->tx->now);
	return rc;
}

static enum rc step(struct work *w, struct request *r,
		    struct work_change *change)
{
	change->from = (int)r->status;
	enum rc rc = work_step(w, THING_REQUEST, change->from, change->verb,
			       &change->to);

	if (rc == RC_OK)
		r->status = (enum request_status)change->to;
	return rc;
}

static enum rc find(struct work *w, const char *code, struct request *r)
{
	enum rc rc = work_find_request(w, code, SIDE_LEAD | SIDE_PARTNER, r);

	return rc == RC_OK ? work_match(w, r->version) : rc;
}

static enum rc check_room(struct work *w, const struct request *r)
{
	int64_t n;
	enum rc rc = waiting_count(w->tx, r->lead, &n, &w->err);

	if (rc != RC_OK)
		return rc;
	if (r->booking.s[0])
		return err_set(&w->err, RC_STATE,
			       "time is held for it: confirm or release that");
	if (n >= WAITLIST_MAX)
		return refuse_by_rule(
			w, &(struct refusal){.reason = BLOCK_FULL},
			"the waitlist has as many as it may have, %d",
			WAITLIST_MAX);
	return RC_OK;
}

static enum rc answer(struct work *w, const struct request *r,
		      struct msg_request *out)
{
	struct request now;
	enum rc rc = request_by_code(w->tx, r->code.s, w->arena, &now, &w->err);

	return rc == RC_OK ? work_view_request(w, &now, out) : rc;
}

static bool says_anything(const struct msg_wait *in)
{
	return in->windows.n || in->until != FIELD_NONE ||
	       in->notice_minutes != FIELD_NONE || in->expert || in->any_expert;
}

/* It rests, and its partner says that it still waits. */
static enum rc wait_on(struct work *w, struct request *r,
		       const struct msg_wait *in)
{
	struct work_change change = {.verb = VERB_WAIT};
	struct waiting row;
	enum rc rc = step(w, r, &change);

	if (rc == RC_OK)
		rc = waiting_find(w->tx, r->id, &row, &w->err);
	if (rc != RC_OK)
		return rc;
	if (!row.rests_at)
		return err_set(&w->err, RC_STATE, "it waits already");
	if (w->who->site != r->partner)
		return err_set(&w->err, RC_STATE,
			       "its partner has to say that it still waits");
	if (says_anything(in))
		return work_fault(w, "",
				  "it waits as it was put on the list: say"
				  " nothing else, or take it off first");
	rc = waiting_resume(w->tx, r->id, &w->err);
	if (rc == RC_OK)
		rc = request_update(w->tx, r, &w->err);
	if (rc == RC_OK)
		rc = work_event_request(w, r, &change);
	return rc == RC_OK
		       ? put_due(w, DUE_OFFER, THING_REQUEST, r->id, w->tx->now)
		       : rc;
}

enum rc work_request_wait(struct work *w, const char *code,
			  const struct msg_wait *in, struct msg_request *out)
{
	struct work_change change = {.verb = VERB_WAIT};
	struct core_agreement agreement;
	struct request r;
	struct waiting row;
	enum rc rc = find(w, code, &r);

	if (rc == RC_OK && r.status == REQUEST_WAITLISTED) {
		rc = wait_on(w, &r, in);
		return rc == RC_OK ? answer(w, &r, out) : rc;
	}
	if (rc == RC_OK)
		rc = imaging_check_meeting(w, &r);
	if (rc == RC_OK)
		rc = calls_refuse(w, &r);
	if (rc == RC_OK)
		rc = step(w, &r, &change);
	if (rc == RC_OK)
		rc = work_check_live(w, &r, &agreement);
	if (rc == RC_OK)
		rc = check_room(w, &r);
	if (rc != RC_OK)
		return rc;
	row = new_row(w, &r);
	rc = read_row(w, in, &r, &row);
	if (rc == RC_OK)
		rc = store_row(w, &r, &row, &change);
	return rc == RC_OK ? answer(w, &r, out) : rc;
}

/* It waited already, and was offered what was taken from it. */
static enum rc come_first(struct work *w, const struct request *r)
{
	struct waiting row;
	enum rc rc = waiting_find(w->tx, r->id, &row, &w->err);

	row.first = true;
	row.whole_from = 0;
	if (rc == RC_OK)
		rc = waiting_drop(w->tx, r->id, &w->err);
	if (rc == RC_OK)
		rc = waiting_put(w->tx, &row, &w->err);
	return rc == RC_OK
		       ? put_due(w, DUE_OFFER, THING_REQUEST, r->id, w->tx->now)
		       : rc;
}

enum rc work_wait_first(struct work *w, struct request *r)
{
	if (r->status == REQUEST_WAITLISTED)
		return come_first(w, r);
	struct work_change change = {.verb = VERB_WAIT};
	struct waiting row = new_row(w, r);
	enum rc rc = step(w, r, &change);

	row.first = true;
	row.notice = waitlist_terms(URGENCY_EMERGENCY)->notice;
	return rc == RC_OK ? store_row(w, r, &row, &change) : rc;
}

/* --- off the list --- */

static enum rc unwait(struct work *w, struct request *r, const char *reason)
{
	struct work_change change = {.verb = VERB_UNWAIT, .reason = reason};
	enum rc rc = step(w, r, &change);

	if (rc == RC_OK)
		rc = request_update(w->tx, r, &w->err);
	return rc == RC_OK ? work_event_request(w, r, &change) : rc;
}

enum rc work_request_unwait(struct work *w, const char *code,
			    const struct msg_reason *in,
			    struct msg_request *out)
{
	struct request r;
	enum rc rc = find(w, code, &r);

	if (rc == RC_OK)
		rc = unwait(w, &r, in->reason);
	return rc == RC_OK ? answer(w, &r, out) : rc;
}

enum rc work_offer_end(struct work *w, int64_t request)
{
	struct booking b;
	enum rc rc = offer_of_request(w->tx, request, w->arena, &b, &w->err);

	if (rc == RC_NOT_FOUND)
		return RC_OK;
	if (rc == RC_OK)
		rc = offer_end(w->tx, b.id, OFFER_ENDED, &w->err);
	return rc == RC_OK ? work_booking_end(w, &b, VERB_RELEASE, NULL) : rc;
}

/* Whatever takes it off the list: when it is scheduled the offer was taken, or
 * has ended before. */
enum rc work_wait_request_changed(struct work *w, const struct request *r,
				  const struct work_change *change)
{
	if (change->from != REQUEST_WAITLISTED || change->to == change->from)
		return RC_OK;
	enum rc rc = change->to == REQUEST_SCHEDULED ? RC_OK
						     : work_offer_end(w, r->id);

	if (rc == RC_OK)
		rc = waiting_drop(w->tx, r->id, &w->err);
	if (rc == RC_OK)
		rc = due_drop(w->tx, DUE_OFFER, THING_REQUEST, r->id, &w->err);
	return rc == RC_OK ? freed_clear(w->tx, r->lead, &w->err) : rc;
}

/* --- bookings --- */

enum rc work_wait_freed(struct work *w, const struct booking *b)
{
	struct core_span span = {b->from, b->to};
	struct arena arena;
	int64_t *leads;
	size_t n = 0;

	if (b->to <= w->tx->now)
		return RC_OK;
	arena_init(&arena, WAITLIST_MAX * sizeof(*leads) * 4);
	enum rc rc =
		waiting_leads_about(w->tx, b->id, &arena, &leads, &n, &w->err);

	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = freed_add(w->tx, leads[i], span, &w->err);
	arena_fini(&arena);
	if (rc != RC_OK || n == 0)
		return rc;
	rc = waiting_again(w->tx, b->agreement, b->kind, &w->err);
	return rc == RC_OK
		       ? put_due(w, DUE_FREED, THING_BOOKING, b->id, w->tx->now)
		       : rc;
}

enum rc work_wait_again(struct work *w)
{
	struct arena arena;
	int64_t *ids;
	size_t n = 0;

	arena_init(&arena, 1024 * sizeof(*ids) * 4);
	enum rc rc = waiting_again(w->tx, 0, KIND_COUNT, &w->err);

	if (rc == RC_OK)
		rc = waiting_each_lead(w->tx, &arena, &ids, &n, &w->err);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = put_due(w, DUE_OFFER, THING_REQUEST, ids[i], w->tx->now);
	arena_fini(&arena);
	return rc;
}

/* What a change means to the time that it had, and to an offer. */
static const struct follow {
	enum verb verb;
	bool frees;
	int outcome;
} follows[] = {
	{VERB_CONFIRM, false, OFFER_ACCEPTED},
	{VERB_REFUSE, true, OFFER_REFUSED},
	{VERB_RELEASE, true, OFFER_REFUSED},
	{VERB_LAPSE, true, OFFER_LAPSED},
	{VERB_CANCEL, true, OFFER_COUNT},
	{VERB_DISPLACE, true, OFFER_COUNT},
	{VERB_NOSHOW, true, OFFER_COUNT},
	{VERB_FINISH, true, OFFER_COUNT},
};

/* Whoever else releases it (for an emergency, that is) refuses nothing. */
static int outcome_of(const struct work *w, const struct booking *b,
		      const struct work_change *change, int outcome)
{
	bool own = w->who && w->who->site == b->owner_site;

	return change->verb == VERB_RELEASE && !own ? OFFER_ENDED : outcome;
}

static enum rc rest(struct work *w, struct request *r)
{
	struct work_change change = {
		.verb = VERB_REST,
		.by_system = true,
		.reason = "its offers were not answered: \"wait\" once more"
			  " says that it still waits"};
	enum rc rc = step(w, r, &change);

	if (rc == RC_OK)
		rc = waiting_rest(w->tx, r->id, &w->err);
	return rc == RC_OK ? work_event_request(w, r, &change) : rc;
}

#define REQUEST_ARENA ((size_t)1 << 20)

/* So many in a row without an answer, and it rests. */
static enum rc count_lapse(struct work *w, const struct booking *b)
{
	struct waitlist_terms terms;
	struct arena arena;
	struct request r;
	int64_t lapses;
	enum rc rc = waiting_lapsed(w->tx, b->request, &lapses, NULL);

	if (rc != RC_OK)
		return rc == RC_NOT_FOUND ? RC_OK : rc;
	arena_init(&arena, REQUEST_ARENA);
	rc = request_by_id(w->tx, b->request, &arena, &r, &w->err);
	if (rc == RC_OK)
		rc = offer_terms(w->tx, r.agreement, r.urgency, &terms,
				 &w->err);
	if (rc == RC_OK && lapses >= terms.lapses)
		rc = rest(w, &r);
	arena_fini(&arena);
	return rc;
}

static enum rc follow_offer(struct work *w, const struct booking *b,
			    int outcome)
{
	if (outcome == OFFER_LAPSED)
		return count_lapse(w, b);
	return outcome == OFFER_REFUSED
		       ? waiting_answered(w->tx, b->request, &w->err)
		       : RC_OK;
}

static enum rc end_offer(struct work *w, const struct booking *b,
			 const struct work_change *change, int outcome)
{
	outcome = outcome_of(w, b, change, outcome);
	if (change->from != BOOKING_PENDING || !b->request)
		return RC_OK;
	enum rc rc = offer_end(w->tx, b->id, (enum offer_outcome)outcome, NULL);

	if (rc == RC_NOT_FOUND)
		return RC_OK;
	if (rc != RC_OK)
		return err_set(&w->err, rc, "the offer cannot be ended");
	stat_note(&w->tx->tally, STAT_OFFERS, b->kind, (unsigned)outcome + 1);
	return follow_offer(w, b, outcome);
}

enum rc work_wait_booking_changed(struct work *w, const struct booking *b,
				  const struct work_change *change)
{
	const struct follow *f = NULL;

	for (size_t i = 0; i < sizeof(follows) / sizeof(follows[0]); i++) {
		if (follows[i].verb == change->verb)
			f = &follows[i];
	}
	if (!f)
		return RC_OK;
	enum rc rc = f->outcome == OFFER_COUNT
			     ? RC_OK
			     : end_offer(w, b, change, f->outcome);

	return rc == RC_OK && f->frees ? work_wait_freed(w, b) : rc;
}

enum rc work_booking_refuse(struct work *w, const char *code,
			    const struct msg_reason *in,
			    struct msg_booking *out)
{
	struct booking b;
	enum rc rc = work_find_own_hold(w, code, &b);

	if (rc == RC_OK)
		rc = work_booking_end(w, &b, VERB_REFUSE, in->reason);
	return rc == RC_OK ? work_answer_booking(w, &b.code, out) : rc;
}

/* --- what falls due --- */

enum rc work_wait_freed_due(struct work *w, const struct due_row *row)
{
	int64_t *leads;
	size_t n = 0;
	bool more = false;
	enum rc rc = waiting_leads_about(w->tx, row->thing_id, w->arena, &leads,
					 &n, &w->err);

	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		struct arena_mark mark = arena_mark(w->arena);
		bool again;

		rc = work_wait_ask(w, leads[i], &again);
		more |= rc == RC_OK && again;
		arena_back(w->arena, mark);
	}
	if (rc != RC_OK || !more)
		return rc;
	return put_due(w, row->what, row->thing, row->thing_id, w->tx->now + 1);
}

/* Its time on the list is over; what it is offered is to be answered yet. */
static enum rc take_off(struct work *w, int64_t request)
{
	struct booking b;
	struct request r;
	enum rc rc = offer_of_request(w->tx, request, w->arena, &b, &w->err);

	if (rc == RC_OK)
		return put_due(w, DUE_OFFER, THING_REQUEST, request,
			       b.hold_until > w->tx->now ? b.hold_until
							 : w->tx->now + 1);
	if (rc != RC_NOT_FOUND)
		return rc;
	rc = request_by_id(w->tx, request, w->arena, &r, &w->err);
	return rc == RC_OK ? unwait(w, &r, NULL) : rc;
}

enum rc work_wait_offer_due(struct work *w, const struct due_row *row)
{
	struct waiting waiting;
	bool more = false;
	enum rc rc = waiting_find(w->tx, row->thing_id, &waiting, &w->err);

	if (rc == RC_NOT_FOUND)
		return RC_OK;
	if (rc == RC_OK && waiting.until <= w->tx->now)
		return take_off(w, row->thing_id);
	if (rc == RC_OK)
		rc = work_wait_ask(w, waiting.lead, &more);
	return rc == RC_OK ? put_due(w, row->what, row->thing, row->thing_id,
				     more ? w->tx->now + 1 : waiting.until)
			   : rc;
}
