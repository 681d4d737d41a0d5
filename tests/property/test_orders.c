/*
 * No order of steps breaks what must never break: random people of random
 * sites search, book, hold, confirm, release, move and cancel, requests come
 * and go, time passes, the network is imported anew, and after every step the
 * whole store is compared with a model that knows nothing of the core. Whoever
 * keeps plans as the service does never has one that is not so.
 *
 * Each world has a seed of its own, one more than the last one's: SEED replays
 * it. ORDERS_WORLDS and ORDERS_STEPS say how much, ORDERS_SAY=1 says each step.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "daemon/work/tools.h"
#include "tests/support/orders_kept.h"
#include "tests/support/orders_sought.h"
#include "tests/support/orders_steps.h"

#ifdef __SANITIZE_ADDRESS__
#define WORLDS 10
#else
#define WORLDS 24
#endif
#define STEPS 400

#define ANY(o, v) ((v)[orders_below(o, sizeof(v) / sizeof((v)[0]))])

static struct orders orders;

/* --- bookings that end or stay --- */

static enum rc confirm_step(struct work *w, void *arg)
{
	struct orders_on *on = arg;

	return work_booking_confirm(w, on->code, &on->b);
}

static enum rc release_step(struct work *w, void *arg)
{
	struct orders_on *on = arg;

	return work_booking_release(w, on->code, &on->b);
}

static enum rc cancel_step(struct work *w, void *arg)
{
	struct orders_on *on = arg;

	return work_booking_cancel(w, on->code, &on->reason, &on->b);
}

/* One that is held, if there is one. */
static int some_hold(struct orders *o)
{
	int i = orders_recent(o, o->m.nbookings);

	for (int k = o->m.nbookings - 1; k >= 0 && !orders_rarely(o, 10); k--)
		if (o->m.bookings[k].status == BOOKING_PENDING)
			return k;
	return i;
}

static void step_hold(struct orders *o)
{
	int i = some_hold(o);
	struct naive_booking *b = &o->m.bookings[i];
	bool keep = !orders_rarely(o, 3);
	int who = orders_somebody(o, b->ask.agreement);
	enum rc want = orders_found(orders_sides_of_booking(o, who, i),
				    SIDE_LEAD | SIDE_PARTNER);
	struct orders_on on = {.code = b->code};

	if (want == RC_OK &&
	    strcmp(o->people[who].site_slug, tangle_sites[b->owner]) != 0)
		want = RC_FORBIDDEN;
	if (want == RC_OK &&
	    (b->status != BOOKING_PENDING || naive_is_dead(&o->m, b)))
		want = RC_STATE;
	orders_note(o, " %d %s %s", who, keep ? "confirms" : "releases",
		    b->code);
	orders_expect(o, want,
		      orders_act(o, who, WORK_MATCH_ANY,
				 keep ? confirm_step : release_step, &on));
	if (want != RC_OK)
		return;
	b->version++;
	orders_event(o, b->code, keep ? VERB_CONFIRM : VERB_RELEASE);
	if (!keep) {
		naive_end(&o->m, b, BOOKING_RELEASED);
		return;
	}
	b->status = BOOKING_BOOKED;
	b->hold_until = 0;
	orders_schedule(o, b->request, REQUEST_SCHEDULED, VERB_SCHEDULE);
}

/* Often one of somebody who has a hold that is over but not ended yet. */
static int beside_dead(struct orders *o)
{
	int i = orders_recent(o, o->m.nbookings);

	for (int k = 0; k < o->m.nbookings && !orders_rarely(o, 20); k++) {
		const struct naive_booking *dead = &o->m.bookings[k];

		for (int b = 0; naive_is_dead(&o->m, dead) && b < k; b++)
			if (o->m.bookings[b].expert == dead->expert &&
			    o->m.bookings[b].status == BOOKING_BOOKED &&
			    o->m.bookings[b].from < dead->from)
				return b;
	}
	return i;
}

static void step_cancel(struct orders *o)
{
	int i = beside_dead(o);
	struct naive_booking *b = &o->m.bookings[i];
	int who = orders_somebody(o, b->ask.agreement);
	enum rc want = orders_found(orders_sides_of_booking(o, who, i),
				    SIDE_LEAD | SIDE_PARTNER);
	struct orders_on on = {.code = b->code, .reason.reason = "so"};

	if (want == RC_OK && b->status != BOOKING_BOOKED)
		want = RC_STATE;
	orders_note(o, " %d cancels %s", who, b->code);
	orders_expect(o, want,
		      orders_act(o, who, WORK_MATCH_ANY, cancel_step, &on));
	if (want != RC_OK)
		return;
	b->spent |= orders_is_late(o, b);
	b->version++;
	o->seen.spent += b->spent;
	orders_event(o, b->code, VERB_CANCEL);
	naive_end(&o->m, b, BOOKING_CANCELLED);
	orders_schedule(o, b->request, REQUEST_ACCEPTED, VERB_UNSCHEDULE);
}

/* --- searching --- */

struct search {
	int who;
	int request; /* or TANGLE_NONE */
	struct msg_slots_query in;
	struct msg_slots out;
	const char *with[2];
	struct naive_ask ask;
};

static enum rc search_step(struct work *w, void *arg)
{
	struct search *s = arg;

	s->in.with.v = s->with;
	return work_slots(w, &s->in, &s->out);
}

static enum rc search_for_request(struct orders *o, struct search *s)
{
	enum rc rc;

	s->request = orders_recent(o, o->m.nrequests);
	s->ask = o->m.requests[s->request].ask;
	s->ask.now = o->m.now;
	s->ask.expert = orders_expert_of_request(o, s->request);
	s->in.request = o->m.requests[s->request].code;
	s->who = orders_somebody(o, s->ask.agreement);
	rc = orders_found(orders_sides_of_request(o, s->who, s->request),
			  SIDE_LEAD | SIDE_PARTNER | SIDE_EXPERT);
	return rc == RC_NOT_FOUND ? RC_INVALID : rc;
}

static enum rc search_for_kind(struct orders *o, struct search *s)
{
	static const enum kind kinds[] = {
		KIND_REMOTE_CONSULTATION, KIND_SURGICAL_GUIDANCE,
		KIND_CLINIC_SLOT, KIND_CLINIC_SLOT, KIND_ONSITE_PROCEDURE};
	int agreement = (int)orders_below(o, TANGLE_AGREEMENTS);
	enum rc rc;

	s->request = TANGLE_NONE;
	s->ask = orders_new_ask(o, ANY(o, kinds), agreement);
	do
		s->who = orders_somebody(o, agreement);
	while (s->who == DOCTOR);
	s->in.kind = (int)s->ask.kind;
	s->in.agreement = o->net.agreements[agreement].slug;
	if (orders_rarely(o, 3))
		s->in.specialty = s->ask.specialty = orders_specialty(o);
	rc = orders_say_site(o, s->who, agreement, &s->in.site);
	if (rc == RC_OK ||
	    strcmp(tangle_sites[FAR], o->people[s->who].site_slug) == 0)
		return rc;
	/* a partner of the asker's, but under another agreement */
	return RC_RULE;
}

static void draw_search(struct orders *o, struct search *s)
{
	struct naive_ask *ask = &s->ask;

	if (orders_rarely(o, 3)) {
		ask->expert = orders_expert_of(
			o, o->net.agreements[ask->agreement].lead);
		s->in.expert = o->net.subjects[ask->expert].slug;
	}
	if (ask->kind != KIND_CLINIC_SLOT && orders_rarely(o, 3))
		s->in.duration_minutes = ask->minutes =
			1 + orders_below(o, 150);
	if (ask->kind == KIND_SURGICAL_GUIDANCE && orders_rarely(o, 3))
		s->in.before_minutes = ask->before = orders_below(o, 200);
	orders_name_rooms(o, ask, s->with, &s->in.with.n);
	s->in.from = o->m.now + orders_below(o, 4 * CIVIL_DAY) - 7200;
	s->in.to = s->in.from + 3600 + orders_below(o, 40 * 3600);
	s->in.n = 1 + orders_below(o, 60);
	s->in.why_not = orders_rarely(o, 2);
}

/* What was offered is taken, if it is taken at once. */
static void take_offered(struct orders *o, const struct search *s,
			 const struct msg_slot *slot)
{
	struct orders_want x = {.who = s->who, .hold = orders_rarely(o, 2)};

	proto_clear(&msg_hold_table, &x.in);
	memcpy(x.with, s->with, sizeof(x.with));
	x.in.with = s->in.with;
	x.in.at = slot->from;
	x.in.expert = slot->expert;
	x.in.duration_minutes = s->in.duration_minutes;
	x.in.before_minutes = s->in.before_minutes;
	x.in.hold_minutes = 5;
	x.in.request = s->in.request;
	if (!s->in.request) {
		x.in.kind = s->in.kind;
		x.in.site = s->in.site;
		x.in.agreement = slot->agreement;
		x.in.specialty = s->in.specialty;
		snprintf(x.local, sizeof(x.local), "P-%d", NAIVE_PATIENTS - 1);
	}
	orders_note(o, " (takes %" PRId64 " %s)", slot->from, slot->expert);
	orders_expect(o, RC_OK, orders_try(o, x.who, orders_take_step, &x));
	o->seen.offered++;
}

/* Can what was searched be taken by who searched? */
static bool can_take(struct orders *o, const struct search *s)
{
	if (s->request == TANGLE_NONE)
		return s->ask.kind == KIND_CLINIC_SLOT ||
		       s->ask.kind == KIND_ONSITE_PROCEDURE;
	return !naive_of_request(&o->m, s->request) &&
	       orders_request_rc(o, s->who, s->request,
				 SIDE_LEAD | SIDE_PARTNER,
				 1u << REQUEST_ACCEPTED) == RC_OK;
}

static void step_search(struct orders *o)
{
	struct search s = {0};
	enum rc want, got;
	size_t n;

	proto_clear(&msg_slots_query_table, &s.in);
	want = o->m.nrequests && orders_rarely(o, 2) ? search_for_request(o, &s)
						     : search_for_kind(o, &s);
	draw_search(o, &s);
	orders_note(o, " %d searches %s from %" PRId64 " (%s)", s.who,
		    words_name(&words_kind, (int)s.ask.kind), s.in.from,
		    rc_row(want)->code);
	got = orders_try(o, s.who, search_step, &s);
	/* to whom the agreement is none, its experts may be none either */
	orders_expect(o, want,
		      want == RC_RULE && got == RC_INVALID ? want : got);
	if (want != RC_OK)
		return;
	naive_lay(&o->board, &o->m, &s.ask, s.in.from, 2, 5);
	n = orders_brute_force(o, &s.ask, s.in.from, s.in.to, 0);
	orders_compare(o, &s.out.slots, n < (size_t)s.in.n ? n : (size_t)s.in.n,
		       "search");
	if (n == 0 && s.in.why_not && s.in.to > o->m.now + 300 &&
	    s.out.blockers.n == 0)
		orders_wrong(o, "nothing is offered for no reason");
	for (int k = 0; k < 2 && n && can_take(o, &s); k++) {
		const struct msg_slot *v = s.out.slots.v;

		take_offered(o, &s,
			     &v[orders_below(o, (int64_t)s.out.slots.n)]);
	}
}

/* --- who sees what --- */

static enum rc show_booking_step(struct work *w, void *arg)
{
	struct orders_on *on = arg;

	return work_booking_show(w, on->code, &on->b);
}

static enum rc show_request_step(struct work *w, void *arg)
{
	struct orders_on *on = arg;

	return work_request_show(w, on->code, &on->r);
}

/* A thing of others is in every word like none. */
static void step_show(struct orders *o)
{
	bool booking = o->m.nbookings && orders_rarely(o, 2);
	int i = orders_recent(o, booking ? o->m.nbookings : o->m.nrequests);
	int who = (int)orders_below(o, ORDERS_PEOPLE);
	house_step step = booking ? show_booking_step : show_request_step;
	struct orders_on on = {.code = booking ? o->m.bookings[i].code
					       : o->m.requests[i].code};
	struct orders_on none = {.code = "00000000"};
	unsigned has = booking ? orders_sides_of_booking(o, who, i)
			       : orders_sides_of_request(o, who, i);
	char said[ERR_TEXT_MAX];

	orders_note(o, " %d looks at %s", who, on.code);
	orders_expect(o, has ? RC_OK : RC_NOT_FOUND,
		      orders_try(o, who, step, &on));
	if (has)
		return;
	memcpy(said, o->w.err.text, sizeof(said));
	orders_expect(o, RC_NOT_FOUND, orders_try(o, who, step, &none));
	if (strcmp(said, o->w.err.text) != 0)
		orders_wrong(o, "what is not theirs is there");
}

struct page {
	struct msg_list_query in;
	struct msg_booking_list bookings;
	struct msg_request_list requests;
};

static enum rc bookings_step(struct work *w, void *arg)
{
	struct page *p = arg;

	return work_booking_list(w, &p->in, &p->bookings);
}

static enum rc requests_step(struct work *w, void *arg)
{
	struct page *p = arg;

	return work_request_list(w, &p->in, &p->requests);
}

static const struct naive *sorted; /* whose bookings are put in order */

static int by_time(const void *left, const void *right)
{
	const struct naive_booking *a = &sorted->bookings[*(const int *)left];
	const struct naive_booking *b = &sorted->bookings[*(const int *)right];

	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return (a->id > b->id) - (a->id < b->id);
}

static const char *shown_status(const struct orders *o,
				const struct naive_booking *b)
{
	return words_name(&words_booking_status, naive_is_dead(&o->m, b)
							 ? BOOKING_LAPSED
							 : (int)b->status);
}

/* What the list must hold, in order. */
static int visible(const struct orders *o, int who, const char *status,
		   int out[NAIVE_BOOKINGS])
{
	int n = 0;

	for (int i = 0; i < o->m.nbookings; i++)
		if (orders_sides_of_booking(o, who, i) &&
		    (!status ||
		     strcmp(status, shown_status(o, &o->m.bookings[i])) == 0))
			out[n++] = i;
	sorted = &o->m;
	qsort(out, (size_t)n, sizeof(out[0]), by_time);
	return n;
}

static void step_list(struct orders *o)
{
	static const char *const statuses[] = {NULL,	 NULL,	   "pending",
					       "lapsed", "booked", "cancelled"};
	int who = (int)orders_below(o, ORDERS_PEOPLE);
	int want[NAIVE_BOOKINGS] = {0}, at = 0;
	struct page p = {0};

	proto_clear(&msg_list_query_table, &p.in);
	p.in.status = ANY(o, statuses);
	p.in.limit = 1 + orders_below(o, 40);
	orders_note(o, " %d lists bookings", who);
	int n = visible(o, who, p.in.status, want);

	do {
		orders_expect(o, RC_OK, orders_try(o, who, bookings_step, &p));
		const struct msg_booking *v = p.bookings.items.v;

		for (size_t i = 0; i < p.bookings.items.n; i++, at++)
			if (at == n ||
			    strcmp(v[i].code, o->m.bookings[want[at]].code) !=
				    0)
				orders_wrong(o, "%s is listed at %d", v[i].code,
					     at);
		p.in.cursor = p.bookings.next;
	} while (p.in.cursor);
	if (at != n)
		orders_wrong(o, "%d bookings are listed, not %d", at, n);
}

static void step_list_requests(struct orders *o)
{
	int who = (int)orders_below(o, ORDERS_PEOPLE);
	int at = o->m.nrequests;
	struct page p = {0};

	proto_clear(&msg_list_query_table, &p.in);
	p.in.limit = 1 + orders_below(o, 40);
	orders_note(o, " %d lists requests", who);
	do {
		orders_expect(o, RC_OK, orders_try(o, who, requests_step, &p));
		const struct msg_request *v = p.requests.items.v;

		/* the latest first */
		for (size_t i = 0; i < p.requests.items.n; i++) {
			do
				at--;
			while (at >= 0 && !orders_sides_of_request(o, who, at));
			if (at < 0 ||
			    strcmp(v[i].code, o->m.requests[at].code) != 0)
				orders_wrong(o, "%s is listed", v[i].code);
		}
		p.in.cursor = p.requests.next;
	} while (p.in.cursor);
	while (--at >= 0)
		if (orders_sides_of_request(o, who, at))
			orders_wrong(o, "%s is not listed",
				     o->m.requests[at].code);
}

/* --- time --- */

/* Often right to where a hold ends, or a second before. */
static void step_time(struct orders *o)
{
	int64_t until = o->m.now + 1 + orders_below(o, 900);

	if (orders_rarely(o, 4))
		until = o->m.now + orders_below(o, 3 * 3600);
	for (int i = 0; i < o->m.nbookings && !orders_rarely(o, 12); i++) {
		const struct naive_booking *b = &o->m.bookings[i];

		if (b->status != BOOKING_PENDING || naive_is_dead(&o->m, b))
			continue;
		until = b->hold_until - (orders_rarely(o, 2) ? 1 : 0);
		if (orders_rarely(o, 3))
			break;
	}
	if (until > o->m.now)
		o->m.now = until;
	o->house.scratch.now = o->m.now;
	orders_note(o, " it is %" PRId64, o->m.now);
}

static enum rc due_step(struct work *w, void *arg)
{
	(void)arg;
	return work_due(w->tx);
}

static void step_due(struct orders *o)
{
	orders_note(o, " what is due");
	orders_expect(o, RC_OK,
		      orders_act(o, HUB_LEAD, WORK_MATCH_ANY, due_step, NULL));
	orders_lapse(o);
}

/* --- importing --- */

struct import {
	struct msg_network *in;
	struct msg_import_report out;
};

static enum rc import_step(struct work *w, void *arg)
{
	struct import *i = arg;
	enum rc rc = work_import_check(w, i->in);

	return rc == RC_OK ? work_import(w, i->in, &i->out) : rc;
}

static void read_network(struct orders *o, struct import *i)
{
	struct field_faults faults = {0};
	struct err err = ERR_INIT;
	struct buf file;

	buf_init(&file, 1u << 20);
	tangle_write(&o->net, &file);
	i->in = arena_alloc(&o->house.arena, sizeof(*i->in));
	if (proto_decode(&msg_network_table, buf_cstr(&file), file.len,
			 PROTO_STRICT, &o->house.arena, i->in, &faults,
			 &err) != RC_OK)
		orders_wrong(o, "%s: %s", err.text,
			     faults.n ? faults.v[0].pointer : "");
	buf_fini(&file);
}

/* Does something that stands, or has stood, need more than there will be? */
static bool is_needed(const struct orders *o, int room)
{
	const struct naive *m = &o->m;

	for (int i = 0; i < m->nbookings; i++)
		for (int c = 0; naive_stands(m, &m->bookings[i]) &&
				c < m->bookings[i].nclaims;
		     c++) {
			int64_t at = m->bookings[i].claims[c].from;
			int depth = 0;

			if (m->bookings[i].claims[c].subject != room)
				continue;
			for (int k = 0; k < m->nbookings; k++)
				for (int d = 0;
				     naive_stands(m, &m->bookings[k]) &&
				     d < m->bookings[k].nclaims;
				     d++) {
					const struct naive_claim *x =
						&m->bookings[k].claims[d];

					depth += x->subject == room &&
						 x->from <= at && x->to > at;
				}
			if (depth > m->net->subjects[room].capacity)
				return true;
		}
	return false;
}

static bool is_changed(const struct msg_import_report *r)
{
	const struct msg_import_count *v = r->parts.v;

	for (size_t i = 0; i < r->parts.n; i++)
		if (v[i].created || v[i].changed || v[i].removed)
			return true;
	return false;
}

struct recheck {
	const char *code;
	struct msg_booking out;
};

static enum rc recheck_step(struct work *w, void *arg)
{
	struct recheck *r = arg;
	struct booking b;
	enum rc rc = booking_by_code(w->tx, r->code, w->arena, &b, &w->err);

	return rc == RC_OK ? work_booking_recheck(w, &b) : rc;
}

/* Is it allowed as the network is, at its own time and in its own rooms? */
static bool may_stay(struct orders *o, int booking)
{
	const struct naive_booking *b = &o->m.bookings[booking];
	struct naive_ask ask = orders_ask_again(o, booking);

	for (int i = 0; i < b->nclaims && ask.nnamed < NAIVE_NAMED; i++)
		if (b->claims[i].subject >= TANGLE_EXPERTS &&
		    b->claims[i].subject < TANGLE_SUBJECTS)
			ask.named[ask.nnamed++] = b->claims[i].subject;
	if (ask.now > b->from)
		ask.now = b->from;
	naive_lay(&o->board, &o->m, &ask, b->from, 2, 5);
	return naive_may(&o->board, &ask, b->expert, b->from, NULL, NULL);
}

#define WATCHED 8 /* of the last bookings, before an import and after it */

struct watched {
	int v[WATCHED];
	bool stays[WATCHED];
	int n;
};

static void watch(struct orders *o, struct watched *out)
{
	out->n = 0;
	for (int i = o->m.nbookings - 1; i >= 0 && out->n < WATCHED; i--)
		if (naive_stands(&o->m, &o->m.bookings[i])) {
			out->stays[out->n] = may_stay(o, i);
			out->v[out->n++] = i;
		}
}

static bool is_told_of(const struct msg_import_report *r, const char *code)
{
	const struct msg_orphan *v = r->orphans.v;

	for (size_t i = 0; i < r->orphans.n; i++)
		if (strcmp(v[i].booking, code) == 0)
			return true;
	return false;
}

static void check_watched(struct orders *o, const struct watched *watched,
			  const struct msg_import_report *report)
{
	for (int i = 0; i < watched->n; i++) {
		const struct naive_booking *b = &o->m.bookings[watched->v[i]];
		bool stays = may_stay(o, watched->v[i]);
		bool told = is_told_of(report, b->code);
		struct recheck r = {.code = b->code};

		orders_note(o, " (%s %s)", b->code, stays ? "stays" : "goes");
		orders_expect(o, stays ? RC_OK : RC_REFUSED,
			      orders_try(o, HUB_LEAD, recheck_step, &r));
		if (!stays && o->w.blockers.n == 0)
			orders_wrong(o, "an orphan for no reason");
		if (told && stays)
			orders_wrong(o, "%s is no orphan", b->code);
		if (!told && !stays && watched->stays[i] && b->to > o->m.now)
			orders_wrong(o, "%s is an orphan", b->code);
		o->seen.rechecked++;
		o->seen.orphans += !stays;
	}
}

/* What lapses does so before anything changes. */
static void lapse_before(struct orders *o, const struct tangle *had)
{
	struct tangle now = o->net;

	o->net = *had;
	orders_lapse(o);
	o->net = now;
}

/* Each orphan is told of once, until it moves. */
static bool is_listed(struct orders *o, const char *code)
{
	struct query q;
	int64_t n = 0;

	query_begin(&q, o->house.db,
		    "SELECT count(*) FROM orphan o"
		    " JOIN booking b ON b.id = o.booking"
		    " AND b.sequence = o.sequence WHERE b.code = $1");
	query_text(&q, 1, code);
	if (query_row(&q))
		n = query_col_int(&q, 0);
	if (query_end(&q, NULL) != RC_OK)
		orders_wrong(o, "the orphans cannot be read");
	return n > 0;
}

static void list_orphans(struct orders *o, bool *out)
{
	for (int i = 0; i < o->m.nbookings; i++)
		out[i] = is_listed(o, o->m.bookings[i].code);
}

static void expect_told(struct orders *o, const bool *listed,
			const struct msg_import_report *report)
{
	for (int i = 0; i < o->m.nbookings; i++)
		if (!listed[i] && is_told_of(report, o->m.bookings[i].code))
			orders_event(o, o->m.bookings[i].code, VERB_ORPHAN);
}

/* Is there a room whose bookings need more than it had and will have? */
static bool is_too_small(const struct orders *o, const struct tangle *had)
{
	for (int room = TANGLE_EXPERTS; room < TANGLE_SUBJECTS; room++)
		if (o->net.subjects[room].capacity <
			    had->subjects[room].capacity &&
		    is_needed(o, room))
			return true;
	return false;
}

static void note_imported(struct orders *o, struct import *i,
			  const struct tangle *had, const bool *listed,
			  const struct watched *watched)
{
	orders_event(o, "network!", VERB_IMPORT);
	expect_told(o, listed, &i->out);
	lapse_before(o, had);
	check_watched(o, watched, &i->out);
	o->seen.imports++;
	if (orders_rarely(o, 2))
		return;
	orders_expect(o, RC_OK,
		      orders_act(o, HUB_LEAD, WORK_MATCH_ANY, import_step, i));
	orders_event(o, "network!", VERB_IMPORT);
	if (is_changed(&i->out))
		orders_wrong(o, "twice is not as once");
}

static void step_import(struct orders *o)
{
	struct tangle had = o->net;
	struct watched watched;
	bool listed[NAIVE_BOOKINGS];
	struct import i = {0};
	enum rc want = RC_OK;
	struct buf what;

	watch(o, &watched);
	list_orphans(o, listed);
	buf_init(&what, 200);
	tangle_shake(&o->net, &o->rnd, &what);
	if (is_too_small(o, &had))
		want = RC_INVALID;
	read_network(o, &i);
	orders_note(o, " imports%s (%s)", buf_cstr(&what), rc_row(want)->code);
	buf_fini(&what);
	orders_expect(o, want,
		      orders_act(o, HUB_LEAD, WORK_MATCH_ANY, import_step, &i));
	if (want == RC_OK)
		note_imported(o, &i, &had, listed, &watched);
	else
		o->net = had;
}

/* --- all of it --- */

static const struct {
	int weight;
	bool needs_request, needs_booking;
	void (*step)(struct orders *o);
} steps[] = {
	{12, false, false, orders_step_submit},
	{3, true, false, orders_step_accept},
	{2, true, false, orders_step_end_request},
	{40, false, false, orders_step_take},
	{10, false, true, orders_step_move},
	{9, false, true, step_hold},
	{10, false, true, step_cancel},
	{9, false, false, step_search},
	{3, true, false, step_show},
	{2, false, false, step_list},
	{1, false, false, step_list_requests},
	{8, false, false, step_time},
	{2, false, false, step_due},
	{6, false, false, step_import},
};
#define NSTEPS (sizeof(steps) / sizeof(steps[0]))

static void one_step(struct orders *o, struct orders_kept *kept,
		     struct orders_sought *sought)
{
	int64_t sum = 0, at;
	size_t i = 0;

	for (size_t k = 0; k < NSTEPS; k++)
		sum += steps[k].weight;
	for (at = orders_below(o, sum); at >= steps[i].weight; i++)
		at -= steps[i].weight;
	arena_fini(&o->house.arena);
	arena_init(&o->house.arena, 256u << 20);
	o->trace[o->step % ORDERS_TRACE][0] = '\0';
	if ((steps[i].needs_request && !o->m.nrequests) ||
	    (steps[i].needs_booking && !o->m.nbookings))
		return;
	steps[i].step(o);
	if (getenv("ORDERS_SAY"))
		fprintf(stderr, "%d:%s\n", o->step,
			o->trace[o->step % ORDERS_TRACE]);
	orders_look(o);
	orders_kept_look(o, kept);
	orders_sought_look(o, sought);
	if (o->step % 200 == 199)
		orders_verify(o);
}

static int64_t from_environment(const char *name, int64_t otherwise)
{
	const char *given = getenv(name);

	return given ? strtoll(given, NULL, 10) : otherwise;
}

static void no_order_breaks_anything(void **state)
{
	uint64_t seed = fake_seed();
	int64_t worlds = from_environment("ORDERS_WORLDS", WORLDS);
	int64_t n = from_environment("ORDERS_STEPS", STEPS);
	struct orders *o = &orders;
	int stood = 0, fell = 0, told = 0, none = 0;

	(void)state;
	for (int64_t i = 0; i < worlds; i++) {
		struct orders_kept *kept;
		struct orders_sought *sought;

		orders_begin(o, seed + (uint64_t)i);
		kept = orders_kept_new(o);
		sought = orders_sought_new(o);
		for (o->step = 0; o->step < n; o->step++)
			one_step(o, kept, sought);
		orders_kept_free(kept, &stood, &fell);
		orders_sought_free(sought, &told, &none);
		orders_verify(o);
		orders_end(o);
	}
	printf("%d taken, %d refused, %d moved, %d lapsed, %d spent; %d offered"
	       " and %d near ones tried; %d imports, %d of %d orphaned\n",
	       o->seen.taken, o->seen.refused, o->seen.moved, o->seen.lapsed,
	       o->seen.spent, o->seen.offered, o->seen.nearest, o->seen.imports,
	       o->seen.orphans, o->seen.rechecked);
	printf("%d kept plans stood, %d fell\n", stood, fell);
	printf("%d times told alike, %d searches without any\n", told, none);
	assert_true(stood > 0 && fell > 0 && told > 0 && none > 0);
	assert_true(o->seen.taken > 0 && o->seen.refused > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_order_breaks_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
