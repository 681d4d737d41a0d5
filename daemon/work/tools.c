#include "daemon/work/tools.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "daemon/core/way.h"
#include "daemon/store/calendar.h"
#include "daemon/work/calls.h"
#include "daemon/work/clocks.h"
#include "daemon/work/expiry.h"
#include "daemon/work/give_back.h"
#include "daemon/work/half_days.h"
#include "daemon/work/opinions.h"
#include "daemon/work/parts.h"
#include "daemon/work/ready.h"
#include "daemon/work/sessions.h"
#include "daemon/work/waitlist.h"

enum rc work_nomem(struct work *w)
{
	return err_set(&w->err, RC_NOMEM, "the answer is too large");
}

enum rc work_fault(struct work *w, const char *pointer, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	struct field_faults *f = &w->faults;

	if (f->n == FIELD_FAULTS_MAX) {
		f->dropped++;
	} else {
		const char *copy = arena_strndup(w->arena, text, strlen(text));

		if (!copy)
			return work_nomem(w);
		f->v[f->n++] = (struct field_fault){pointer, copy};
	}
	return err_set(&w->err, RC_INVALID, "%s", text);
}

enum rc work_match(struct work *w, int64_t version)
{
	if (w->match == WORK_MATCH_ANY || w->match == version)
		return RC_OK;
	return err_set(&w->err, RC_STALE,
		       "it is now at another version; look again");
}

enum rc work_step(struct work *w, enum thing thing, int from, enum verb verb,
		  int *out_to)
{
	const struct words *states = thing == THING_REQUEST
					     ? &words_request_status
					     : &words_booking_status;

	*out_to = core_step(thing, from, verb);
	if (*out_to != STATE_REFUSED)
		return RC_OK;
	return err_set(&w->err, RC_STATE, "a %s that is %s does not take %s",
		       thing == THING_REQUEST ? "request" : "booking",
		       words_name(states, from),
		       words_name(&words_verb, (int)verb));
}

static const char *state_name(const struct words *states, int state)
{
	return state < 0 ? NULL : words_name(states, state);
}

static struct event event_of(const struct work *w,
			     const struct work_change *change,
			     const struct words *states)
{
	bool by_system = change->by_system || !w->who;

	return (struct event){
		.actor = by_system ? "system" : w->who->name,
		.actor_site = by_system ? 0 : w->who->site,
		.verb = change->verb,
		.from_state = state_name(states, change->from),
		.to_state = state_name(states, change->to),
		.reason = change->reason,
		.request_id = w->request_id,
		.class =
			change->verb == VERB_READ ? EVENT_ACCESS : EVENT_CHANGE,
	};
}

static bool is_assigned(int state)
{
	return state >= 0 && core_request_assigned((enum request_status)state);
}

/* What is counted of an event once it is kept; the others are not. */
static const struct {
	enum verb verb;
	enum stat_id id;
	unsigned change;
} counted[] = {
	{VERB_BOOK, STAT_BOOKINGS, STAT_BOOKED},
	{VERB_CONFIRM, STAT_BOOKINGS, STAT_BOOKED},
	{VERB_HOLD, STAT_BOOKINGS, STAT_HELD},
	{VERB_MOVE, STAT_BOOKINGS, STAT_MOVED},
	{VERB_CANCEL, STAT_BOOKINGS, STAT_CANCELLED},
	{VERB_OFFER, STAT_BOOKINGS, STAT_HELD},
	{VERB_RELEASE, STAT_BOOKINGS, STAT_RELEASED},
	{VERB_REFUSE, STAT_BOOKINGS, STAT_RELEASED},
	{VERB_LAPSE, STAT_BOOKINGS, STAT_LAPSED},
	{VERB_SUBMIT, STAT_REQUESTS, STAT_SUBMITTED},
	{VERB_ACCEPT, STAT_REQUESTS, STAT_ACCEPTED},
	{VERB_DECLINE, STAT_REQUESTS, STAT_DECLINED},
	{VERB_WITHDRAW, STAT_REQUESTS, STAT_WITHDRAWN},
};

static void note(struct work *w, enum stat_id id, enum kind kind,
		 enum verb verb)
{
	for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++)
		if (counted[i].verb == verb && counted[i].id == id)
			stat_note(&w->tx->tally, id, kind, counted[i].change);
}

/* Of a request that has several experts, those beside the first. */
static enum rc tell_beside(struct work *w, const struct request *r,
			   const struct work_change *change, struct event *e)
{
	int64_t *ids;

	if (change->of) {
		e->also = change->of->also;
		e->nalso = change->of->nalso;
		return RC_OK;
	}
	enum rc rc = request_also_experts(w->tx, r, w->arena, &ids, &e->nalso,
					  &w->err);

	e->also = ids;
	return rc;
}

enum rc work_event_request(struct work *w, const struct request *r,
			   const struct work_change *change)
{
	struct event e = event_of(w, change, &words_request_status);

	note(w, STAT_REQUESTS, r->kind, change->verb);
	e.thing = "request";
	e.id = r->id;
	e.code = r->code.s;
	e.version = r->version;
	e.lead = r->lead;
	e.partner = r->partner;
	e.assigned = change->told || is_assigned(change->from) ||
		     is_assigned(change->to);
	e.expert = change->expert ? change->expert : r->expert;
	if (e.assigned)
		e.other = change->other ? change->other : r->expert;
	if (e.other == e.expert)
		e.other = 0;
	enum rc rc = e.assigned ? tell_beside(w, r, change, &e) : RC_OK;

	if (rc == RC_OK)
		rc = event_append(w->tx, &e, &w->err);

	if (rc == RC_OK)
		rc = clocks_follow(w, r, change->from, change->to);
	if (rc == RC_OK)
		rc = expiry_follow(w, r, change);
	if (rc == RC_OK)
		rc = calls_follow(w, r, change);
	if (rc == RC_OK)
		rc = half_days_follow_request(w, r, change);
	return rc == RC_OK ? work_wait_request_changed(w, r, change) : rc;
}

static enum rc follow_booking(struct work *w, const struct booking *b,
			      const struct work_change *change)
{
	enum rc rc = ready_follow(w, b, change);

	if (rc == RC_OK)
		rc = give_back_follow(w, b, change);
	if (rc == RC_OK)
		rc = sessions_follow(w, b, change);
	if (rc == RC_OK)
		rc = half_days_follow_booking(w, b, change);
	return rc == RC_OK ? work_wait_booking_changed(w, b, change) : rc;
}

enum rc work_event_booking(struct work *w, const struct booking *b,
			   const struct work_change *change)
{
	struct event e = event_of(w, change, &words_booking_status);

	note(w, STAT_BOOKINGS, b->kind, change->verb);
	e.thing = "booking";
	e.id = b->id;
	e.code = b->code.s;
	e.version = b->version;
	e.lead = b->lead;
	e.partner = b->partner;
	e.expert = b->expert;
	e.assigned = true;
	e.also = b->also;
	e.nalso = b->nalso;
	e.gone = change->gone;
	e.ngone = change->ngone;
	if (change->other != b->expert)
		e.other = change->other;
	enum rc rc = event_append(w->tx, &e, &w->err);

	/* Whoever has the session has the request: its papers and promises. */
	if (rc == RC_OK && b->request && b->expert && change->verb == VERB_MOVE)
		rc = request_set_expert(w->tx, b->request, b->expert, &w->err);
	if (rc == RC_OK && change->to == (int)BOOKING_FULFILLED)
		rc = clocks_finished(w, b);
	if (rc == RC_OK && b->request && change->to == BOOKING_FULFILLED)
		rc = opinions_follow(w, b->request);
	return rc == RC_OK ? follow_booking(w, b, change) : rc;
}

enum rc work_event_session(struct work *w, const struct booking *b,
			   int64_t site, const struct work_change *change)
{
	struct event e = event_of(w, change, &words_booking_status);

	e.thing = "session";
	e.id = b->id;
	e.code = b->code.s;
	e.version = b->version;
	e.lead = b->lead;
	e.partner = site;
	return event_append(w->tx, &e, &w->err);
}

#define WAY_MAX ((size_t)1 << 20) /* an expert's claims of some days */

/* Of several holds that lapse at once each is in the store until its turn. */
static enum rc mend_way(struct work *w, struct calendar_loader *l,
			int64_t expert, int64_t from)
{
	struct core_expert e;
	struct core_transfer *transfers;
	struct way_view view = {.expert = &e, .now = INT64_MIN};
	struct way way;
	enum rc rc = calendar_transfers_of(l, expert, &transfers, &view.map.n,
					   &w->err);
	bool any = view.map.n > 0;

	view.map.transfers = transfers;
	/* Where there are none any more, one may be stored yet. */
	if (rc == RC_OK && !any)
		rc = booking_has_way(w->tx, expert, from, &any, &w->err);
	if (rc == RC_OK && any)
		rc = calendar_expert(l, expert, &e, &w->err);
	if (rc != RC_OK || !any)
		return rc;
	way_next(&view, from, &way);
	if (way.next == NULL)
		return RC_OK;
	struct booking_way next = {.expert = expert,
				   .booking = way.next->booking,
				   .hold_until = way.next->hold_until,
				   .span = way.after};

	return booking_set_way(w->tx, &next, &w->err);
}

enum rc work_mend_way(struct work *w, int64_t expert, int64_t from)
{
	struct arena facts;
	struct calendar_loader loader = {
		.tx = w->tx, .arena = &facts, .window = {from, from + 1}};

	if (!expert)
		return RC_OK;
	arena_init(&facts, WAY_MAX);
	enum rc rc = mend_way(w, &loader, expert, from);

	arena_fini(&facts);
	return rc;
}

enum rc work_mend_ways(struct work *w, const struct booking *b, int64_t from)
{
	enum rc rc = work_mend_way(w, b->expert, from);

	for (size_t i = 0; rc == RC_OK && i < b->nalso; i++)
		rc = work_mend_way(w, b->also[i], from);
	return rc;
}

static enum rc end_booking(struct work *w, struct booking *b,
			   struct work_change *change)
{
	change->from = (int)b->status;
	enum rc rc = work_step(w, THING_BOOKING, (int)b->status, change->verb,
			       &change->to);

	if (rc != RC_OK)
		return rc;
	b->status = (enum booking_status)change->to;
	if (change->verb == VERB_DISPLACE) /* nobody's to pay for */
		b->spent = false;
	rc = booking_delete_claims(w->tx, b->id, &w->err);
	if (rc == RC_OK)
		rc = work_mend_ways(w, b, b->from);
	if (rc == RC_OK)
		rc = booking_update(w->tx, b, &w->err);
	if (rc == RC_OK)
		rc = work_event_booking(w, b, change);
	/* What it was booked for waits for another time. */
	if (rc == RC_OK && change->from != BOOKING_PENDING)
		rc = work_schedule_request(w, b, VERB_UNSCHEDULE,
					   change->reason);
	return rc;
}

enum rc work_booking_end(struct work *w, struct booking *b, enum verb verb,
			 const char *reason)
{
	struct work_change change = {.verb = verb, .reason = reason};

	return end_booking(w, b, &change);
}

#define ROW_MAX 16384 /* however many lapse at once */

enum rc work_lapse_holds(struct work *w)
{
	enum rc rc = RC_OK;

	while (rc == RC_OK) {
		struct work_change change = {.verb = VERB_LAPSE,
					     .by_system = true};
		struct booking b;
		struct arena row;

		arena_init(&row, ROW_MAX);
		rc = booking_next_lapsed(w->tx, &row, &b, &w->err);
		if (rc == RC_OK)
			rc = end_booking(w, &b, &change);
		arena_fini(&row);
	}
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

/* --- lists --- */

static enum rc read_cursor(struct work *w, const char *cursor,
			   struct list_filter *out)
{
	const char *dot = strchr(cursor, '.');

	if (!dot ||
	    !text_int(cursor, (size_t)(dot - cursor), INT64_MIN, INT64_MAX,
		      &out->after_key) ||
	    !text_int(dot + 1, strlen(dot + 1), 1, INT64_MAX, &out->after_id))
		return work_fault(w, "#cursor", "is not one that was given");
	out->after = true;
	return RC_OK;
}

const char *work_cursor(struct work *w, int64_t key, int64_t id)
{
	return arena_printf(w->arena, "%lld.%lld", (long long)key,
			    (long long)id);
}

/* Who sees which side is principal_sides()' to say; a list asks it about the
 * principal's own site and self. */
static void filter_whose(const struct principal *who, struct list_filter *out)
{
	if (principal_sides(who, who->site, 0, 0) & SIDE_LEAD)
		out->as_lead = who->site;
	if (principal_sides(who, 0, who->site, 0) & SIDE_PARTNER)
		out->as_partner = who->site;
	if (principal_sides(who, 0, 0, who->expert) & SIDE_EXPERT)
		out->as_expert = who->expert;
}

bool work_list_more(const struct list_filter *filter, size_t *n)
{
	bool more = *n == (size_t)filter->limit;

	*n -= more;
	return more;
}

#define LIST_DEFAULT 50

enum rc work_list_filter(struct work *w, const struct msg_list_query *in,
			 const struct words *statuses, struct list_filter *out)
{
	*out = (struct list_filter){
		.status = in->status,
		.site = in->site,
		.expert = in->expert,
		.kind = in->kind,
		.from = in->from,
		.to = in->to,
		.limit = (in->limit == FIELD_NONE ? LIST_DEFAULT : in->limit) +
			 1,
	};
	filter_whose(w->who, out);
	if (in->status &&
	    words_find(statuses, in->status, strlen(in->status)) < 0)
		return work_fault(w, "#status", "is no status of these things");
	return in->cursor ? read_cursor(w, in->cursor, out) : RC_OK;
}
