/* Drawing what somebody does, and what happens to requests. */
#include "tests/support/orders_steps.h"

#include <stdio.h>
#include <string.h>

#include "base/civil.h"

#define ANY(o, v) ((v)[orders_below(o, sizeof(v) / sizeof((v)[0]))])

#define BEFORE_DAYS 2 /* that a board is laid before now, and after it */
#define AFTER_DAYS 9

/* --- drawing --- */

/* Mostly somebody whom the agreement is about. */
int orders_somebody(struct orders *o, int agreement)
{
	static const int of[TANGLE_AGREEMENTS][3] = {
		{HUB_LEAD, EAST_LEAD, EAST_PEOPLE},
		{HUB_LEAD, WEST_PEOPLE, WEST_PEOPLE},
		{EAST_LEAD, WEST_PEOPLE, WEST_PEOPLE},
	};

	if (orders_rarely(o, 12))
		return (int)orders_below(o, ORDERS_PEOPLE);
	return ANY(o, of[agreement]);
}

int orders_expert_of(struct orders *o, int site)
{
	if (site == HUB)
		return orders_rarely(o, 2) ? ONE : TWO;
	return site == EAST ? EASTERN : WESTERN;
}

static int room_of(struct orders *o, int agreement)
{
	const struct tangle_agreement *a = &o->net.agreements[agreement];
	int room;

	do
		room = TANGLE_EXPERTS +
		       (int)orders_below(o, TANGLE_SUBJECTS - TANGLE_EXPERTS);
	while (o->net.subjects[room].site != a->lead &&
	       o->net.subjects[room].site != a->partner);
	return room;
}

void orders_name_rooms(struct orders *o, struct naive_ask *ask,
		       const char *with[2], size_t *out_n)
{
	int most = orders_rarely(o, 3) ? 1 + (int)orders_below(o, 2) : 0;

	ask->nnamed = 0;
	for (; ask->nnamed < most; ask->nnamed++) {
		int room = room_of(o, ask->agreement);

		ask->named[ask->nnamed] = room;
		with[ask->nnamed] = o->net.subjects[room].slug;
	}
	*out_n = (size_t)ask->nnamed;
}

/* One of the last, which are the ones that something still happens to. */
int orders_recent(struct orders *o, int n)
{
	int last = n < 25 || orders_rarely(o, 8) ? n : 25;

	return n - 1 - (int)orders_below(o, last);
}

void orders_by_turn(const struct orders *o, int out[TANGLE_EXPERTS])
{
	for (int i = 0; i < TANGLE_EXPERTS; i++) {
		int k = i;

		for (; k > 0 && naive_comes_before(&o->m, i, out[k - 1]); k--)
			out[k] = out[k - 1];
		out[k] = i;
	}
}

bool orders_may(const struct orders *o, const struct naive_ask *ask, int64_t at,
		int *out_expert)
{
	int in_turn[TANGLE_EXPERTS];

	orders_by_turn(o, in_turn);
	for (int i = 0; i < TANGLE_EXPERTS; i++) {
		int e = in_turn[i];

		*out_expert = e;
		if ((ask->expert == TANGLE_NONE || ask->expert == e) &&
		    naive_may(&o->board, ask, e, at, NULL, NULL))
			return true;
	}
	return false;
}

/* A time that may do and is not far from that one; or that one. */
static int64_t free_time(struct orders *o, const struct naive_ask *ask,
			 int64_t at)
{
	bool grid = ask->kind != KIND_CLINIC_SLOT;
	int64_t step = grid ? 300 : MINUTE;
	int expert;

	for (int64_t t = at; t < at + CIVIL_DAY + CIVIL_DAY / 2; t += step)
		if (orders_may(o, ask, t, &expert))
			return t;
	return at;
}

/* Somewhat before or after what is booked, if that is to come. */
static int64_t near_another(struct orders *o, int64_t at)
{
	const struct naive_booking *b =
		&o->m.bookings[orders_recent(o, o->m.nbookings)];

	if (!naive_stands(&o->m, b) || b->from < o->m.now)
		return at;
	return b->from / 300 * 300 + (orders_below(o, 30) - 15) * 300;
}

int64_t orders_some_time(struct orders *o, const struct naive_ask *ask)
{
	int64_t at = o->m.now / 300 * 300 + (orders_below(o, 450) - 6) * 300;

	if (o->m.nbookings && orders_rarely(o, 2))
		at = near_another(o, at);
	if (orders_rarely(o, 15))
		return at + orders_below(o, 5) * MINUTE;
	if (orders_rarely(o, 4))
		return at;
	at = free_time(o, ask, at);
	if (orders_rarely(o, 5))
		at += (orders_below(o, 7) - 3) * 300;
	return at;
}

void orders_lay(struct orders *o, const struct naive_ask *ask)
{
	naive_lay(&o->board, &o->m, ask, o->m.now, BEFORE_DAYS, AFTER_DAYS);
}

/* --- requests --- */

struct submit {
	struct msg_request_new in;
	struct msg_patient patient;
	struct msg_request out;
	char local[16];
};

static enum rc submit_step(struct work *w, void *arg)
{
	struct submit *s = arg;

	s->patient = (struct msg_patient){.local_id = s->local, .name = "Li"};
	s->in.patient = &s->patient;
	return work_request_submit(w, &s->in, &s->out);
}

static int64_t default_minutes(enum kind kind)
{
	static const int64_t minutes[KIND_COUNT] = {
		[KIND_REMOTE_CONSULTATION] = 30,
		[KIND_SURGICAL_GUIDANCE] = 120,
		[KIND_CLINIC_SLOT] = 1,
		[KIND_ONSITE_PROCEDURE] = 120,
	};

	return minutes[kind];
}

struct naive_ask orders_new_ask(struct orders *o, enum kind kind, int agreement)
{
	return (struct naive_ask){.kind = kind,
				  .agreement = agreement,
				  .minutes = default_minutes(kind),
				  .expert = TANGLE_NONE,
				  .patient = TANGLE_NONE,
				  .surgeon = TANGLE_NONE,
				  .ignore = TANGLE_NONE,
				  .now = o->m.now};
}

const char *orders_specialty(struct orders *o)
{
	return orders_rarely(o, 3) ? "brain" : "heart";
}

static void draw_operation(struct orders *o, int partner, struct submit *s,
			   struct naive_ask *ask)
{
	if (ask->kind != KIND_SURGICAL_GUIDANCE)
		return;
	if (orders_rarely(o, 2)) {
		ask->before = s->in.before_minutes = orders_below(o, 10) * 10;
		ask->after = s->in.after_minutes = orders_below(o, 12) * 10;
	}
	if (orders_rarely(o, 2)) {
		ask->surgeon = orders_expert_of(o, partner);
		s->in.surgeon = o->net.subjects[ask->surgeon].slug;
	}
}

/* Today, where the lead is. */
static bool is_agreed(const struct orders *o, const struct naive_ask *ask)
{
	const struct tangle_agreement *a = &o->net.agreements[ask->agreement];
	int64_t day = naive_day(&o->m, o->net.zones[a->lead], o->m.now);

	return day >= a->first && day <= a->last &&
	       (a->kinds & KINDSET(ask->kind)) != 0 &&
	       (!a->heart || !ask->specialty ||
		strcmp(ask->specialty, "heart") == 0);
}

static enum rc draw_submit(struct orders *o, int who, struct submit *s,
			   struct naive_ask *ask)
{
	const struct tangle_agreement *a = &o->net.agreements[ask->agreement];
	int number = (int)orders_below(o, NAIVE_PATIENTS - 1);
	int site = who == STRANGER ? FAR : a->partner;

	proto_clear(&msg_request_new_table, &s->in);
	s->in.kind = (int)ask->kind;
	s->in.site = tangle_sites[site];
	s->in.agreement = a->slug;
	s->in.reason = "so";
	ask->patient = naive_patient(a->partner, number);
	snprintf(s->local, sizeof(s->local), "P-%d", number);
	if (orders_rarely(o, 3)) {
		ask->minutes = 5 + orders_below(o, 30) * 5;
		s->in.duration_minutes = ask->minutes;
	}
	if (orders_rarely(o, 2))
		ask->expert = orders_expert_of(o, a->lead);
	if (ask->expert == TANGLE_NONE || orders_rarely(o, 2))
		s->in.specialty = ask->specialty = orders_specialty(o);
	if (ask->expert != TANGLE_NONE)
		s->in.expert = o->net.subjects[ask->expert].slug;
	draw_operation(o, a->partner, s, ask);
	if (strcmp(s->in.site, o->people[who].site_slug) != 0)
		return RC_FORBIDDEN;
	if (site == FAR)
		return RC_INVALID;
	return is_agreed(o, ask) ? RC_OK : RC_RULE;
}

static enum rc accept_step(struct work *w, void *arg)
{
	struct orders_on *on = arg;

	return work_request_accept(w, on->code, &on->accept, &on->r);
}

enum rc orders_request_rc(struct orders *o, int who, int request,
			  unsigned sides, unsigned states)
{
	unsigned has = orders_sides_of_request(o, who, request);
	enum rc rc = orders_found(has, sides);

	if (rc != RC_OK)
		return rc;
	return (states & 1u << o->m.requests[request].status) != 0 ? RC_OK
								   : RC_STATE;
}

static void accept(struct orders *o, int i, int who)
{
	struct naive_request *r = &o->m.requests[i];
	enum rc want = orders_request_rc(o, who, i, SIDE_LEAD,
					 1u << REQUEST_SUBMITTED);
	struct orders_on on = {.code = r->code, .reason.reason = "so"};
	int expert = r->ask.expert;

	if (want == RC_OK && !is_agreed(o, &r->ask))
		want = RC_RULE;
	on.accept.duration_minutes = FIELD_NONE;
	if (orders_rarely(o, 3)) {
		expert = orders_expert_of(
			o, o->net.agreements[r->ask.agreement].lead);
		on.accept.expert = o->net.subjects[expert].slug;
	}
	orders_note(o, " %d accepts %s", who, r->code);
	orders_expect(o, want,
		      orders_act(o, who, WORK_MATCH_ANY, accept_step, &on));
	if (want != RC_OK)
		return;
	r->ask.expert = expert;
	r->status = REQUEST_ACCEPTED;
	r->version++;
	orders_event(o, r->code, VERB_ACCEPT);
}

void orders_step_submit(struct orders *o)
{
	int agreement = (int)orders_below(o, TANGLE_AGREEMENTS);
	enum kind kind = orders_rarely(o, 2) ? KIND_SURGICAL_GUIDANCE
					     : KIND_REMOTE_CONSULTATION;
	struct naive_ask ask = orders_new_ask(o, kind, agreement);
	int who = orders_rarely(o, 4) ? orders_somebody(o, agreement)
		  : agreement == 0    ? EAST_PEOPLE
				      : WEST_PEOPLE;
	struct submit s = {0};
	enum rc want = draw_submit(o, who, &s, &ask);
	struct naive_request *r = &o->m.requests[o->m.nrequests];

	orders_note(o, " %d submits %s", who, words_name(&words_kind, kind));
	orders_expect(o, want,
		      orders_act(o, who, WORK_MATCH_ANY, submit_step, &s));
	if (want != RC_OK)
		return;
	*r = (struct naive_request){.ask = ask,
				    .status = REQUEST_SUBMITTED,
				    .version = 1,
				    .submitted_at = o->m.now,
				    .id = ++o->m.nrequests};
	memcpy(r->code, s.out.code, sizeof(r->code));
	orders_event(o, r->code, VERB_SUBMIT);
	orders_note(o, " %s", r->code);
	if (!orders_rarely(o, 4))
		accept(o, o->m.nrequests - 1,
		       agreement == 2 ? EAST_LEAD : HUB_LEAD);
}

static enum rc decline_step(struct work *w, void *arg)
{
	struct orders_on *on = arg;

	return work_request_decline(w, on->code, &on->reason, &on->r);
}

static enum rc withdraw_step(struct work *w, void *arg)
{
	struct orders_on *on = arg;

	return work_request_withdraw(w, on->code, &on->reason, &on->r);
}

void orders_step_accept(struct orders *o)
{
	int i = orders_recent(o, o->m.nrequests);

	accept(o, i, orders_somebody(o, o->m.requests[i].ask.agreement));
}

void orders_step_end_request(struct orders *o)
{
	int i = orders_recent(o, o->m.nrequests);
	struct naive_request *r = &o->m.requests[i];
	bool decline = orders_rarely(o, 2);
	int who = orders_somebody(o, r->ask.agreement);
	enum rc want = orders_request_rc(
		o, who, i, decline ? SIDE_LEAD : SIDE_PARTNER,
		1u << REQUEST_SUBMITTED | 1u << REQUEST_ACCEPTED);
	struct orders_on on = {.code = r->code, .reason.reason = "so"};
	struct naive_booking *b;

	orders_note(o, " %d %s %s", who, decline ? "declines" : "withdraws",
		    r->code);
	orders_expect(o, want,
		      orders_act(o, who, WORK_MATCH_ANY,
				 decline ? decline_step : withdraw_step, &on));
	if (want != RC_OK)
		return;
	orders_lapse(o);
	b = naive_of_request(&o->m, i);
	if (b) {
		orders_event(o, b->code, VERB_RELEASE);
		b->version++;
		naive_end(&o->m, b, BOOKING_RELEASED);
	}
	r->status = decline ? REQUEST_DECLINED : REQUEST_WITHDRAWN;
	r->version++;
	orders_event(o, r->code, decline ? VERB_DECLINE : VERB_WITHDRAW);
}
