/* Taking time and moving it; why not, and what would do instead. */
#include "tests/support/orders_steps.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"

/* --- taking time --- */

enum rc orders_take_step(struct work *w, void *arg)
{
	struct orders_want *x = arg;

	if (x->local[0]) {
		x->patient = (struct msg_patient){.local_id = x->local,
						  .name = "Li"};
		x->in.patient = &x->patient;
	}
	x->in.with.v = x->with;
	return x->hold ? work_booking_hold(w, &x->in, &x->out)
		       : work_booking_book(w, &x->in, &x->out);
}

static void vary(struct orders *o, struct orders_want *x)
{
	struct naive_ask *ask = &x->ask;
	int lead = o->net.agreements[ask->agreement].lead;

	if (ask->kind != KIND_CLINIC_SLOT && orders_rarely(o, 4)) {
		ask->minutes = 5 + orders_below(o, 24) * 5;
		x->in.duration_minutes = ask->minutes;
	}
	if (ask->kind == KIND_SURGICAL_GUIDANCE && orders_rarely(o, 4)) {
		ask->before = x->in.before_minutes = orders_below(o, 10) * 15;
		ask->after = x->in.after_minutes = orders_below(o, 10) * 15;
	}
	if (orders_rarely(o, 3)) {
		ask->expert = orders_expert_of(o, lead);
		x->in.expert = o->net.subjects[ask->expert].slug;
	}
	orders_name_rooms(o, ask, x->with, &x->in.with.n);
}

static bool is_bookable(struct orders *o, int request)
{
	return o->m.requests[request].status == REQUEST_ACCEPTED &&
	       !naive_of_request(&o->m, request);
}

/* Mostly one that waits for a time; or none. */
static int some_request(struct orders *o)
{
	if (!o->m.nrequests || orders_rarely(o, 3))
		return TANGLE_NONE;
	if (orders_rarely(o, 15))
		return orders_recent(o, o->m.nrequests);
	for (int i = o->m.nrequests - 1; i >= 0; i--)
		if (is_bookable(o, i) && !orders_rarely(o, 3))
			return i;
	return TANGLE_NONE;
}

static enum rc want_for_request(struct orders *o, struct orders_want *x, int i)
{
	enum rc rc;

	x->request = i;
	x->ask = o->m.requests[i].ask;
	x->ask.now = o->m.now;
	x->in.request = o->m.requests[i].code;
	x->who = orders_somebody(o, x->ask.agreement);
	vary(o, x);
	rc = orders_request_rc(o, x->who, i, SIDE_LEAD | SIDE_PARTNER,
			       1u << REQUEST_ACCEPTED);
	if (rc == RC_NOT_FOUND)
		return RC_INVALID;
	return rc == RC_OK && naive_of_request(&o->m, i) ? RC_STATE : rc;
}

/* Whose patient it is, if the asker may say so. */
enum rc orders_say_site(struct orders *o, int who, int agreement,
			const char **out_site)
{
	const struct tangle_agreement *a = &o->net.agreements[agreement];
	const char *own = o->people[who].site_slug;

	*out_site = tangle_sites[a->partner];
	return strcmp(own, *out_site) == 0 ||
			       strcmp(own, tangle_sites[a->lead]) == 0
		       ? RC_OK
		       : RC_INVALID;
}

static enum rc want_directly(struct orders *o, struct orders_want *x)
{
	int agreement = (int)orders_below(o, TANGLE_AGREEMENTS - 1);
	enum kind kind =
		orders_rarely(o, 2) ? KIND_CLINIC_SLOT : KIND_ONSITE_PROCEDURE;
	int number = (int)orders_below(o, NAIVE_PATIENTS - 1);

	x->request = TANGLE_NONE;
	x->ask = orders_new_ask(o, kind, agreement);
	do
		x->who = orders_somebody(o, agreement);
	while (x->who == DOCTOR);
	x->in.kind = (int)kind;
	x->in.agreement = o->net.agreements[agreement].slug;
	x->ask.patient =
		naive_patient(o->net.agreements[agreement].partner, number);
	snprintf(x->local, sizeof(x->local), "P-%d", number);
	vary(o, x);
	if (x->ask.expert == TANGLE_NONE || orders_rarely(o, 3))
		x->in.specialty = x->ask.specialty = orders_specialty(o);
	return orders_say_site(o, x->who, agreement, &x->in.site);
}

static bool tells(const struct orders *o, const char *subject,
		  const struct naive_claim *c)
{
	const struct msg_blocker *v = o->w.blockers.v;

	for (size_t i = 0; i < o->w.blockers.n; i++) {
		bool who =
			subject ? v[i].subject &&
					  strcmp(v[i].subject, subject) == 0
				: !v[i].subject && v[i].role == CLAIM_PATIENT;

		if (who && ((v[i].from == c->from && v[i].to == c->to) ||
			    v[i].from == c->to))
			return true;
	}
	return false;
}

/* Is the claim in the way of somebody or something that was asked for by
 * name? */
static bool must_be_told(const struct orders *o, const struct naive_ask *ask,
			 int64_t at, const struct naive_claim *c)
{
	const struct naive_way grid = {0, TANGLE_NONE};
	int64_t to = at;

	if (ask->expert == TANGLE_NONE)
		return false;
	if (naive_in_the_way(&o->board, ask, ask->expert, at, c))
		return true;
	if (!naive_place_begins(&o->board, ask, ask->expert, at))
		to += naive_length(&o->board, ask, ask->expert, &grid);
	if (c->subject == ask->patient && c->from < to && c->to > at)
		return true;
	for (int i = 0; i < ask->nnamed; i++)
		if (naive_fills(&o->board, ask, ask->named[i], at, to, c))
			return true;
	return false;
}

static void check_reasons(struct orders *o, const struct naive_ask *ask,
			  int64_t at)
{
	if (o->w.blockers.n == 0)
		orders_wrong(o, "refused for no reason: %s", o->w.err.text);
	for (int i = 0; !o->w.blockers_more && i < o->m.nbookings; i++) {
		const struct naive_booking *b = &o->m.bookings[i];

		for (int c = 0; i != ask->ignore && naive_stands(&o->m, b) &&
				c < b->nclaims;
		     c++) {
			int s = b->claims[c].subject;

			if (must_be_told(o, ask, at, &b->claims[c]) &&
			    !tells(o,
				   s < TANGLE_SUBJECTS ? o->net.subjects[s].slug
						       : NULL,
				   &b->claims[c]))
				orders_wrong(o,
					     "%s of %s at %" PRId64
					     " is not said to be in the way",
					     words_name(&words_claim_role,
							(int)b->claims[c].role),
					     b->code, b->claims[c].from);
		}
	}
}

/* --- the nearest times --- */

static int nearer(const void *left, const void *right)
{
	const struct orders_slot *a = left, *b = right;

	if (a->distance != b->distance)
		return a->distance < b->distance ? -1 : 1;
	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	return a->turn - b->turn;
}

static int earlier(const void *left, const void *right)
{
	const struct orders_slot *a = left, *b = right;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	return a->turn - b->turn;
}

/* Every start in the window, by the model. */
size_t orders_brute_force(struct orders *o, const struct naive_ask *ask,
			  int64_t from, int64_t to, int64_t about)
{
	int in_turn[TANGLE_EXPERTS];
	size_t n = 0;

	orders_by_turn(o, in_turn);
	if (from < o->m.now)
		from = o->m.now;
	from = (from + MINUTE - 1) / MINUTE * MINUTE;
	for (int64_t t = from; t < to; t += MINUTE)
		for (int i = 0; i < TANGLE_EXPERTS; i++) {
			int e = in_turn[i];

			if (ask->expert != TANGLE_NONE && ask->expert != e)
				continue;
			if (!naive_may(&o->board, ask, e, t, NULL, NULL))
				continue;
			if (n == ORDERS_SLOTS)
				orders_wrong(o, "too many times");
			o->slots[n++] = (struct orders_slot){
				t, t < about ? about - t : t - about, e, i};
		}
	return n;
}

/* The slots are the first n of the o->slots. */
void orders_compare(struct orders *o, const struct field_list *slots, size_t n,
		    const char *what)
{
	const struct msg_slot *v = slots->v;

	for (size_t i = 0; i < n && i < 5; i++)
		orders_note(o, " <%" PRId64 " %d>", o->slots[i].at,
			    o->slots[i].expert);
	for (size_t i = 0; i < n && i < slots->n; i++) {
		const char *expert = o->net.subjects[o->slots[i].expert].slug;

		if (v[i].from != o->slots[i].at ||
		    strcmp(v[i].expert, expert) != 0)
			orders_wrong(o,
				     "%s: %" PRId64 " by %s, not %" PRId64
				     " by %s",
				     what, v[i].from, v[i].expert,
				     o->slots[i].at, expert);
	}
	if (slots->n != n)
		orders_wrong(o, "%s: %zu times, not %zu", what, slots->n, n);
}

#define NEAREST 3
#define NEAREST_BEFORE ((int64_t)3 * CIVIL_DAY)
#define NEAREST_AFTER ((int64_t)14 * CIVIL_DAY)

static void check_all_nearest(struct orders *o, const struct naive_ask *ask,
			      int64_t at, const struct field_list *slots)
{
	int64_t from = at - NEAREST_BEFORE, to = at + NEAREST_AFTER;
	size_t n;

	if (to < o->m.now) {
		from = o->m.now;
		to = from + NEAREST_AFTER;
	}
	naive_lay(&o->board, &o->m, ask, from, 2, 21);
	n = orders_brute_force(o, ask, from, to, at);
	qsort(o->slots, n, sizeof(o->slots[0]), nearer);
	n = n < NEAREST ? n : NEAREST;
	qsort(o->slots, n, sizeof(o->slots[0]), earlier);
	orders_compare(o, slots, n, "nearest");
}

/* The times that are said to do instead, and that each of them does. */
static void check_nearest(struct orders *o, const struct naive_ask *ask,
			  int64_t at,
			  enum rc (*try)(struct orders *o, void *ctx,
					 const struct msg_slot *slot),
			  void *ctx)
{
	struct tx tx = scratch_tx(&o->house.scratch, o->house.db);
	struct work w = o->w;
	struct field_list near;
	const struct msg_slot *v;

	w.tx = &tx;
	orders_expect(o, RC_OK, work_nearest(&w, &near));
	v = near.v;
	for (size_t i = 0; i < near.n; i++) {
		orders_note(o, " (near %" PRId64 " %s)", v[i].from,
			    v[i].expert);
		orders_expect(o, RC_OK, try(o, ctx, &v[i]));
		o->seen.nearest++;
	}
	if (orders_rarely(o, 4))
		check_all_nearest(o, ask, at, &near);
}

static enum rc try_take(struct orders *o, void *ctx,
			const struct msg_slot *slot)
{
	struct orders_want x = *(const struct orders_want *)ctx;

	x.in.at = slot->from;
	x.in.expert = slot->expert;
	return orders_try(o, x.who, orders_take_step, &x);
}

/* --- taken --- */

static void check_taken(struct orders *o, struct naive_booking *b, int expert,
			const struct naive_ask *ask,
			const struct msg_booking *out)
{
	enum booking_status status = b->status;
	const char *wrong;

	if (strcmp(out->expert, o->net.subjects[expert].slug) != 0)
		orders_wrong(o, "%s was taken, not %s", out->expert,
			     o->net.subjects[expert].slug);
	b->ask = *ask;
	b->expert = expert;
	b->from = out->from;
	b->to = out->to;
	b->nclaims = orders_claims(o, b->id, b->claims);
	b->status = BOOKING_RELEASED; /* it is not in its own way */
	wrong = naive_check(&o->board, ask, expert, b->from, b->claims,
			    b->nclaims);
	b->status = status;
	for (int i = 0; wrong && i < b->nclaims; i++)
		orders_note(
			o, " %s %d [%" PRId64 ", %" PRId64 ")",
			words_name(&words_claim_role, (int)b->claims[i].role),
			b->claims[i].subject, b->claims[i].from,
			b->claims[i].to);
	if (wrong)
		orders_wrong(o, "wrong claims: %s", wrong);
	o->seen.taken++;
}

void orders_schedule(struct orders *o, int request, enum request_status to,
		     enum verb verb)
{
	struct naive_request *r;

	if (request == TANGLE_NONE)
		return;
	r = &o->m.requests[request];
	r->status = to;
	r->version++;
	orders_event(o, r->code, verb);
}

static void note_taken(struct orders *o, const struct orders_want *x,
		       int expert)
{
	struct naive_booking *b = &o->m.bookings[o->m.nbookings];
	const struct tangle_agreement *a = &o->net.agreements[x->ask.agreement];
	const char *site = o->people[x->who].site_slug;

	orders_lapse(o);
	*b = (struct naive_booking){
		.id = ++o->m.nbookings,
		.request = x->request,
		.status = x->hold ? BOOKING_PENDING : BOOKING_BOOKED,
		.hold_until = x->hold ? x->out.hold_until : 0,
		.owner = strcmp(site, tangle_sites[a->lead]) == 0 ? a->lead
								  : a->partner,
		.version = 1,
		.ask = x->ask,
	};
	memcpy(b->code, x->out.code, sizeof(b->code));
	if (x->hold && b->hold_until != o->m.now + x->in.hold_minutes * MINUTE)
		orders_wrong(o, "held for another time");
	check_taken(o, b, expert, &x->ask, &x->out);
	naive_took(&o->m, b);
	orders_event(o, b->code, x->hold ? VERB_HOLD : VERB_BOOK);
	if (!x->hold)
		orders_schedule(o, x->request, REQUEST_SCHEDULED,
				VERB_SCHEDULE);
	orders_note(o, " %s", b->code);
}

void orders_step_take(struct orders *o)
{
	struct orders_want x = {.hold = orders_rarely(o, 2)};
	enum rc want;
	int expert, request;

	proto_clear(&msg_hold_table, &x.in);
	if (x.hold)
		x.in.hold_minutes = 1 + orders_below(o, 15);
	request = some_request(o);
	want = request == TANGLE_NONE ? want_directly(o, &x)
				      : want_for_request(o, &x, request);
	orders_lay(o, &x.ask);
	x.in.at = orders_some_time(o, &x.ask);
	if (want == RC_OK && !orders_may(o, &x.ask, x.in.at, &expert))
		want = RC_REFUSED;
	orders_note(o, " %d %s %s%s at %" PRId64 " (%s)", x.who,
		    x.hold ? "holds" : "books",
		    words_name(&words_kind, (int)x.ask.kind),
		    x.request == TANGLE_NONE ? "" : " by request", x.in.at,
		    rc_row(want)->code);
	orders_expect(
		o, want,
		orders_act(o, x.who, WORK_MATCH_ANY, orders_take_step, &x));
	if (want == RC_OK)
		note_taken(o, &x, expert);
	if (want != RC_REFUSED)
		return;
	o->seen.refused++;
	check_reasons(o, &x.ask, x.in.at);
	if (o->w.wish.agreement && orders_rarely(o, 3))
		check_nearest(o, &x.ask, x.in.at, try_take, &x);
}

/* --- moving --- */

struct shift {
	int who;
	const char *code;
	struct msg_move in;
	struct msg_booking out;
	const char *with[2];
	struct naive_ask ask;
};

static enum rc move_step(struct work *w, void *arg)
{
	struct shift *x = arg;

	x->in.with.v = x->with;
	return work_booking_move(w, x->code, &x->in, &x->out);
}

static enum rc try_move(struct orders *o, void *ctx,
			const struct msg_slot *slot)
{
	struct shift x = *(const struct shift *)ctx;

	x.in.at = slot->from;
	x.in.expert = slot->expert;
	return orders_try(o, x.who, move_step, &x);
}

/* What it is wished for as, when it moves. */
struct naive_ask orders_ask_again(struct orders *o, int booking)
{
	const struct naive_booking *b = &o->m.bookings[booking];
	struct naive_ask ask = b->ask;

	ask.specialty = b->request == TANGLE_NONE
				? NULL
				: o->m.requests[b->request].ask.specialty;
	ask.expert = b->expert;
	ask.minutes = (b->to - b->from) / MINUTE;
	ask.ignore = booking;
	ask.now = o->m.now;
	ask.nnamed = 0;
	return ask;
}

static void draw_move(struct orders *o, int booking, struct shift *x)
{
	const struct naive_booking *b = &o->m.bookings[booking];
	struct naive_ask *ask = &x->ask;

	proto_clear(&msg_move_table, &x->in);
	x->code = b->code;
	*ask = orders_ask_again(o, booking);
	if (ask->kind != KIND_CLINIC_SLOT && orders_rarely(o, 5))
		x->in.duration_minutes = ask->minutes =
			5 + orders_below(o, 24) * 5;
	if (ask->kind == KIND_SURGICAL_GUIDANCE && orders_rarely(o, 4))
		x->in.after_minutes = ask->after = orders_below(o, 10) * 15;
	if (orders_rarely(o, 4)) {
		ask->expert = orders_expert_of(
			o, o->net.agreements[ask->agreement].lead);
		x->in.expert = o->net.subjects[ask->expert].slug;
	}
	orders_name_rooms(o, ask, x->with, &x->in.with.n);
	for (int i = 0; !x->in.with.n && i < b->ask.nnamed; i++)
		ask->named[ask->nnamed++] = b->ask.named[i];
}

bool orders_is_late(const struct orders *o, const struct naive_booking *b)
{
	int notice = o->net.agreements[b->ask.agreement].notice;

	return o->m.now > b->from - notice * MINUTE;
}

static void note_moved(struct orders *o, struct naive_booking *b,
		       const struct shift *x)
{
	const struct tangle_agreement *a = &o->net.agreements[b->ask.agreement];
	const char *zone = o->net.zones[a->lead];
	int expert = b->expert;
	int64_t from = b->from;

	orders_lapse(o);
	b->spent |= orders_is_late(o, b);
	check_taken(o, b, x->ask.expert, &x->ask, &x->out);
	if (b->spent && !naive_same_month(&o->m, zone, from, b->from)) {
		b->spent = false;
		b->left[b->nleft++] = from;
	}
	b->version++;
	b->sequence++;
	naive_took(&o->m, b);
	naive_mend(&o->m, expert, from);
	orders_event(o, b->code, VERB_MOVE);
	o->seen.moved++;
}

void orders_step_move(struct orders *o)
{
	int i = orders_recent(o, o->m.nbookings);
	struct naive_booking *b = &o->m.bookings[i];
	struct shift x = {.who = orders_somebody(o, b->ask.agreement)};
	int64_t match = orders_rarely(o, 10) ? b->version - 1 : WORK_MATCH_ANY;
	enum rc want = orders_found(orders_sides_of_booking(o, x.who, i),
				    SIDE_LEAD | SIDE_PARTNER);
	int expert;

	draw_move(o, i, &x);
	orders_lay(o, &x.ask);
	x.in.at = orders_some_time(o, &x.ask);
	if (want == RC_OK && match != WORK_MATCH_ANY)
		want = RC_STALE;
	if (want == RC_OK && b->status != BOOKING_BOOKED)
		want = RC_STATE;
	if (want == RC_OK && !orders_may(o, &x.ask, x.in.at, &expert))
		want = RC_REFUSED;
	orders_note(o, " %d moves %s to %" PRId64 " (%s)", x.who, b->code,
		    x.in.at, rc_row(want)->code);
	orders_expect(o, want, orders_act(o, x.who, match, move_step, &x));
	if (want == RC_OK)
		note_moved(o, b, &x);
	if (want != RC_REFUSED)
		return;
	check_reasons(o, &x.ask, x.in.at);
	if (o->w.wish.agreement && orders_rarely(o, 3))
		check_nearest(o, &x.ask, x.in.at, try_move, &x);
}
