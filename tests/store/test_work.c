/* The use cases, one after the other, on a real database. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/civil.h"
#include "tests/support/house.h"

static struct house house;
static struct principal lead, one, two, surgeon, other_lead;

/* Monday 2027-01-18 08:00 in Shanghai, when coronary-1 begins. */
static const int64_t monday = 1800000000 + 64 * 3600;

static int setup(void **state)
{
	(void)state;
	house_begin(&house);
	lead = house_person(&house, ROLE_LEAD_COORDINATOR, "anzhen", NULL);
	one = house_person(&house, ROLE_SITE_COORDINATOR, "liaoyang-central",
			   NULL);
	two = house_person(&house, ROLE_SITE_COORDINATOR, "cooperating-2",
			   NULL);
	surgeon = house_person(&house, ROLE_EXPERT, "anzhen", "coronary-1");
	other_lead =
		house_person(&house, ROLE_LEAD_COORDINATOR, "tiantan", NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	house_end(&house);
	return 0;
}

/* --- steps --- */

struct ask_for {
	struct msg_request_new in;
	struct msg_patient patient;
	struct msg_request out;
};

static enum rc submit_step(struct work *w, void *arg)
{
	struct ask_for *a = arg;

	a->in.patient = &a->patient;
	return work_request_submit(w, &a->in, &a->out);
}

static struct ask_for ask_for(const char *site, const char *patient)
{
	struct ask_for a = {0};

	proto_clear(&msg_request_new_table, &a.in);
	a.patient = (struct msg_patient){.local_id = patient,
					 .name = "Canary Zhang"};
	a.in.kind = KIND_REMOTE_CONSULTATION;
	a.in.site = site;
	a.in.reason = "chest pain at rest";
	a.in.specialty = "coronary";
	a.in.expert = "coronary-1";
	return a;
}

struct on {
	const char *code;
	enum rc (*request)(struct work *, const char *,
			   const struct msg_reason *, struct msg_request *);
	enum rc (*booking)(struct work *, const char *, struct msg_booking *);
	struct msg_reason reason;
	struct msg_accept accept;
	struct msg_request r;
	struct msg_booking b;
};

static enum rc accept_step(struct work *w, void *arg)
{
	struct on *on = arg;

	return work_request_accept(w, on->code, &on->accept, &on->r);
}

static enum rc request_step(struct work *w, void *arg)
{
	struct on *on = arg;

	return on->request(w, on->code, &on->reason, &on->r);
}

static enum rc show_step(struct work *w, void *arg)
{
	struct on *on = arg;

	return work_request_show(w, on->code, &on->r);
}

static enum rc booking_step(struct work *w, void *arg)
{
	struct on *on = arg;

	return on->booking(w, on->code, &on->b);
}

static enum rc cancel_step(struct work *w, void *arg)
{
	struct on *on = arg;

	return work_booking_cancel(w, on->code, &on->reason, &on->b);
}

struct take {
	struct msg_book in;
	struct msg_booking out;
	bool hold;
};

static enum rc take_step(struct work *w, void *arg)
{
	struct take *t = arg;

	return t->hold ? work_booking_hold(w, &t->in, &t->out)
		       : work_booking_book(w, &t->in, &t->out);
}

static struct take take(const char *request, int64_t at, bool hold)
{
	struct take t = {.hold = hold};

	proto_clear(&msg_hold_table, &t.in);
	t.in.request = request;
	t.in.at = at;
	return t;
}

struct shift {
	const char *code;
	struct msg_move in;
	struct msg_booking out;
};

static enum rc move_step(struct work *w, void *arg)
{
	struct shift *m = arg;

	return work_booking_move(w, m->code, &m->in, &m->out);
}

static struct shift shift(const char *code, int64_t at)
{
	struct shift m = {.code = code};

	proto_clear(&msg_move_table, &m.in);
	m.in.at = at;
	return m;
}

struct pages {
	struct msg_list_query in;
	struct msg_request_list out;
};

static enum rc list_step(struct work *w, void *arg)
{
	struct pages *p = arg;

	return work_request_list(w, &p->in, &p->out);
}

/* --- shorthands --- */

static enum rc as(const struct principal *who, house_step step, void *arg)
{
	struct work w;

	return house_do(&house, who, WORK_MATCH_ANY, step, arg, &w);
}

static const char *accepted(const struct principal *who, const char *patient)
{
	struct ask_for a = ask_for(who->site_slug, patient);
	struct on on = {.accept.duration_minutes = FIELD_NONE};

	assert_int_equal(RC_OK, as(who, submit_step, &a));
	on.code = a.out.code;
	assert_int_equal(RC_OK, as(&lead, accept_step, &on));
	assert_int_equal(REQUEST_ACCEPTED, on.r.status);
	return a.out.code;
}

static struct msg_booking booked(const struct principal *who,
				 const char *request, int64_t at)
{
	struct take t = take(request, at, false);

	assert_int_equal(RC_OK, as(who, take_step, &t));
	return t.out;
}

static int64_t count(const char *sql)
{
	return scratch_number(house.db, sql);
}

static int request_status(const char *code)
{
	struct on on = {.code = code};
	struct work w;

	assert_int_equal(RC_OK, house_do(&house, &lead, WORK_MATCH_ANY,
					 show_step, &on, &w));
	return on.r.status;
}

/* --- tests --- */

static void a_request_is_submitted(void **state)
{
	struct ask_for a = ask_for("liaoyang-central", "P-1");
	struct work w;

	(void)state;
	assert_int_equal(RC_OK, house_do(&house, &one, WORK_MATCH_ANY,
					 submit_step, &a, &w));
	assert_int_equal(REQUEST_SUBMITTED, a.out.status);
	assert_string_equal("heart-centre", a.out.agreement);
	assert_string_equal("anzhen", a.out.lead);
	assert_int_equal(1, a.out.version);
	assert_null(a.out.patient);
	assert_null(a.out.reason);
	assert_int_equal(0, count("SELECT count(*) FROM subject WHERE slug LIKE"
				  " '%P-1%' OR name LIKE '%Canary%'"));
}

static void only_for_ones_own_site(void **state)
{
	struct ask_for a = ask_for("cooperating-2", "P-1");
	struct work w;

	(void)state;
	assert_int_equal(RC_FORBIDDEN, house_do(&house, &one, WORK_MATCH_ANY,
						submit_step, &a, &w));
}

static void what_no_agreement_covers_is_refused(void **state)
{
	struct ask_for a = ask_for("liaoyang-central", "P-1");
	struct work w;

	(void)state;
	a.in.expert = NULL;
	a.in.specialty = "dentistry";
	assert_int_equal(RC_RULE, house_do(&house, &one, WORK_MATCH_ANY,
					   submit_step, &a, &w));
	/* An agreement that has ended says so itself. */
	a.in.specialty = "thoracic-surgery";
	a.in.agreement = "thoracic-study";
	assert_int_equal(RC_RULE, house_do(&house, &one, WORK_MATCH_ANY,
					   submit_step, &a, &w));
	assert_true(w.blockers.n >= 1);
	a.in.agreement = "heart-centre-2";
	assert_int_equal(RC_INVALID, house_do(&house, &one, WORK_MATCH_ANY,
					      submit_step, &a, &w));
	assert_string_equal("/agreement", w.faults.v[0].pointer);
}

static void papers_are_for_the_parties(void **state)
{
	const char *code = accepted(&one, "P-2");
	struct on on = {.code = code};
	struct work w;
	int64_t events = count("SELECT count(*) FROM event");

	(void)state;
	assert_int_equal(RC_OK, house_do(&house, &lead, WORK_MATCH_ANY,
					 show_step, &on, &w));
	assert_string_equal("Canary Zhang", on.r.patient->name);
	assert_string_equal("chest pain at rest", on.r.reason);
	assert_int_equal(2, on.r.history.n);
	/* The reading is a record, too. */
	assert_int_equal(events + 1, count("SELECT count(*) FROM event"));
	assert_int_equal(RC_OK, house_do(&house, &surgeon, WORK_MATCH_ANY,
					 show_step, &on, &w));
	assert_int_equal(RC_NOT_FOUND, house_do(&house, &two, WORK_MATCH_ANY,
						show_step, &on, &w));
	struct work foreign = w;
	struct on none = {.code = "00000000"};

	assert_int_equal(RC_NOT_FOUND,
			 house_do(&house, &other_lead, WORK_MATCH_ANY,
				  show_step, &none, &w));
	assert_string_equal(foreign.err.text, w.err.text);
}

static void whom_a_partner_wishes_for_sees_nothing_yet(void **state)
{
	struct ask_for a = ask_for("liaoyang-central", "P-3");
	struct on on = {.accept.duration_minutes = FIELD_NONE};
	struct pages p;

	(void)state;
	proto_clear(&msg_list_query_table, &p.in);
	assert_int_equal(RC_OK, as(&one, submit_step, &a));
	on.code = a.out.code;
	assert_int_equal(RC_NOT_FOUND, as(&surgeon, show_step, &on));
	assert_int_equal(RC_OK, as(&surgeon, list_step, &p));
	assert_int_equal(0, p.out.items.n);
	assert_int_equal(RC_OK, as(&lead, accept_step, &on));
	assert_int_equal(RC_OK, as(&surgeon, show_step, &on));
	assert_int_equal(RC_OK, as(&surgeon, list_step, &p));
	assert_int_equal(1, p.out.items.n);
}

static void only_the_lead_accepts_and_once(void **state)
{
	struct ask_for a = ask_for("liaoyang-central", "P-3");
	struct work w;

	(void)state;
	assert_int_equal(RC_OK, house_do(&house, &one, WORK_MATCH_ANY,
					 submit_step, &a, &w));
	struct on on = {.code = a.out.code,
			.accept.duration_minutes = FIELD_NONE};

	assert_int_equal(RC_FORBIDDEN,
			 house_do(&house, &one, 1, accept_step, &on, &w));
	assert_int_equal(RC_STALE,
			 house_do(&house, &lead, 7, accept_step, &on, &w));
	assert_int_equal(RC_OK,
			 house_do(&house, &lead, 1, accept_step, &on, &w));
	assert_int_equal(2, on.r.version);
	assert_int_equal(RC_STATE,
			 house_do(&house, &lead, 2, accept_step, &on, &w));
}

static void the_second_hears_all_reasons_and_the_nearest_times(void **state)
{
	const char *a = accepted(&one, "P-4"), *b = accepted(&two, "P-5");
	struct msg_booking first = booked(&one, a, monday);
	struct take t = take(b, monday, false);
	struct work w;

	(void)state;
	assert_int_equal(BOOKING_BOOKED, first.status);
	assert_int_equal(REQUEST_SCHEDULED, request_status(a));
	assert_int_equal(RC_REFUSED, house_do(&house, &two, WORK_MATCH_ANY,
					      take_step, &t, &w));
	/* The expert, the buffer that would follow, and the studio. */
	assert_true(w.blockers.n >= 2);
	const struct msg_blocker *v = w.blockers.v;

	for (size_t i = 0; i < w.blockers.n; i++)
		assert_int_not_equal(BLOCK_CLOSED, v[i].reason);

	struct tx tx = scratch_tx(&house.scratch, house.db);
	struct field_list near;

	w.tx = &tx;
	assert_int_equal(RC_OK, work_nearest(&w, &near));
	assert_true(near.n >= 1);
	const struct msg_slot *slots = near.v;

	booked(&two, b, slots[0].from);
	assert_int_equal(0, count("SELECT count(*) FROM claim a, claim b"
				  " WHERE a.subject = b.subject"
				  " AND a.booking <> b.booking"
				  " AND a.from_time < b.to_time"
				  " AND b.from_time < a.to_time"));
}

static void a_hold_lives_and_lapses(void **state)
{
	const char *a = accepted(&one, "P-6"), *b = accepted(&two, "P-7");
	struct take hold = take(a, monday, true);
	struct take other = take(b, monday, false);
	struct work w;

	(void)state;
	assert_int_equal(RC_OK, house_do(&house, &one, WORK_MATCH_ANY,
					 take_step, &hold, &w));
	assert_int_equal(BOOKING_PENDING, hold.out.status);
	assert_int_equal(REQUEST_ACCEPTED, request_status(a));
	assert_int_equal(RC_REFUSED, house_do(&house, &two, WORK_MATCH_ANY,
					      take_step, &other, &w));
	/* Its owner may not take a second one. */
	struct take again = take(a, monday + 7200, true);

	assert_int_equal(RC_STATE, house_do(&house, &one, WORK_MATCH_ANY,
					    take_step, &again, &w));
	house.scratch.now += 5 * 60;
	assert_int_equal(RC_OK, house_do(&house, &two, WORK_MATCH_ANY,
					 take_step, &other, &w));
	struct on on = {.code = hold.out.code, .booking = work_booking_confirm};

	assert_int_equal(RC_STATE, house_do(&house, &one, WORK_MATCH_ANY,
					    booking_step, &on, &w));
	assert_int_equal(1, count("SELECT count(*) FROM event"
				  " WHERE verb = 'lapse'"));
}

static enum rc due_step(struct work *w, void *arg)
{
	(void)arg;
	return work_due(w->tx);
}

static void a_hold_lapses_by_itself(void **state)
{
	struct take hold = take(accepted(&one, "P-6"), monday, true);
	struct work w;

	(void)state;
	assert_int_equal(RC_OK, house_do(&house, &one, WORK_MATCH_ANY,
					 take_step, &hold, &w));
	house.scratch.now += 5 * 60 - 1;
	assert_int_equal(RC_OK, house_do(&house, &one, WORK_MATCH_ANY, due_step,
					 NULL, &w));
	assert_int_equal(5, count("SELECT count(*) FROM claim"));
	house.scratch.now++;
	assert_int_equal(RC_OK, house_do(&house, &one, WORK_MATCH_ANY, due_step,
					 NULL, &w));
	assert_int_equal(0, count("SELECT count(*) FROM claim"));
	assert_int_equal(1, count("SELECT count(*) FROM event WHERE"
				  " verb = 'lapse' AND actor = 'system'"));
}

static void a_hold_is_confirmed_by_its_owner(void **state)
{
	const char *a = accepted(&one, "P-8");
	struct take hold = take(a, monday, true);
	struct work w;

	(void)state;
	assert_int_equal(RC_OK, house_do(&house, &one, WORK_MATCH_ANY,
					 take_step, &hold, &w));
	struct on on = {.code = hold.out.code, .booking = work_booking_confirm};

	assert_int_equal(RC_FORBIDDEN, house_do(&house, &lead, WORK_MATCH_ANY,
						booking_step, &on, &w));
	assert_int_equal(RC_NOT_FOUND, house_do(&house, &two, WORK_MATCH_ANY,
						booking_step, &on, &w));
	assert_int_equal(RC_OK,
			 house_do(&house, &one, 1, booking_step, &on, &w));
	assert_int_equal(BOOKING_BOOKED, on.b.status);
	assert_int_equal(REQUEST_SCHEDULED, request_status(a));
	house.scratch.now += 3600;
	assert_int_equal(0, count("SELECT count(*) FROM claim"
				  " WHERE hold_until <> 0"));
}

static void withdrawing_gives_the_held_time_back(void **state)
{
	const char *a = accepted(&one, "P-9");
	struct take hold = take(a, monday, true);
	struct work w;

	(void)state;
	assert_int_equal(RC_OK, house_do(&house, &one, WORK_MATCH_ANY,
					 take_step, &hold, &w));
	struct on on = {.code = a, .request = work_request_withdraw};

	assert_int_equal(RC_FORBIDDEN, house_do(&house, &lead, WORK_MATCH_ANY,
						request_step, &on, &w));
	assert_int_equal(RC_OK, house_do(&house, &one, WORK_MATCH_ANY,
					 request_step, &on, &w));
	assert_int_equal(REQUEST_WITHDRAWN, on.r.status);
	assert_int_equal(0, count("SELECT count(*) FROM claim"));
}

static void a_move_keeps_the_booking_and_never_blocks_itself(void **state)
{
	const char *a = accepted(&one, "P-10");
	struct msg_booking b = booked(&one, a, monday);
	struct shift m = shift(b.code, monday + 300);
	struct work w;

	(void)state;
	assert_int_equal(RC_STALE, house_do(&house, &one, b.version + 1,
					    move_step, &m, &w));
	assert_int_equal(RC_OK,
			 house_do(&house, &one, b.version, move_step, &m, &w));
	assert_string_equal(b.code, m.out.code);
	assert_int_equal(monday + 300, m.out.from);
	assert_int_equal(1, m.out.sequence);
	assert_int_equal(b.to - b.from, m.out.to - m.out.from);
	/* A refused move leaves the old time. */
	struct shift night = shift(b.code, monday + 12 * 3600);

	assert_int_equal(RC_REFUSED, house_do(&house, &one, WORK_MATCH_ANY,
					      move_step, &night, &w));
	assert_int_equal(5, count("SELECT count(*) FROM claim"));
	assert_int_equal(monday + 300,
			 count("SELECT min(from_time) FROM claim"));
}

static void cancelling_puts_the_request_back(void **state)
{
	const char *a = accepted(&one, "P-11");
	struct msg_booking b = booked(&lead, a, monday);
	struct on on = {.code = b.code, .reason = {"patient transferred"}};
	struct work w;

	(void)state;
	assert_int_equal(
		RC_OK, house_do(&house, &one, b.version, cancel_step, &on, &w));
	assert_int_equal(BOOKING_CANCELLED, on.b.status);
	assert_int_equal(0, on.b.claims.n);
	assert_int_equal(REQUEST_ACCEPTED, request_status(a));
	struct on show = {.code = b.code, .booking = work_booking_show};

	assert_int_equal(RC_OK, house_do(&house, &one, WORK_MATCH_ANY,
					 booking_step, &show, &w));
	assert_string_equal("patient transferred", show.b.reason);
	booked(&one, a, monday);
}

static void one_patient_is_not_booked_twice_at_once(void **state)
{
	const char *a = accepted(&one, "P-12"), *b = accepted(&one, "P-12");
	struct work w;

	(void)state;
	booked(&one, a, monday);
	struct take t = take(b, monday, false);

	assert_int_equal(RC_REFUSED, house_do(&house, &one, WORK_MATCH_ANY,
					      take_step, &t, &w));
	const struct msg_blocker *v = w.blockers.v;
	bool patient = false;

	for (size_t i = 0; i < w.blockers.n; i++)
		patient |= v[i].role == CLAIM_PATIENT && !v[i].subject;
	assert_true(patient);
}

struct search {
	struct msg_slots_query in;
	struct msg_slots out;
};

static enum rc slots_step(struct work *w, void *arg)
{
	struct search *s = arg;

	return work_slots(w, &s->in, &s->out);
}

static void what_is_offered_is_taken(void **state)
{
	const char *a = accepted(&one, "P-13");
	struct search s;
	struct work w;

	(void)state;
	proto_clear(&msg_slots_query_table, &s.in);
	s.in.request = a;
	assert_int_equal(RC_OK, house_do(&house, &one, WORK_MATCH_ANY,
					 slots_step, &s, &w));
	assert_int_equal(10, s.out.slots.n);
	const struct msg_slot *v = s.out.slots.v;

	assert_int_equal(monday, v[0].from);
	assert_int_equal(2, v[0].with.n);
	booked(&one, a, v[9].from);
	/* By kind, over every agreement of the site. */
	proto_clear(&msg_slots_query_table, &s.in);
	s.in.kind = KIND_REMOTE_CONSULTATION;
	s.in.n = 100;
	assert_int_equal(RC_OK, house_do(&house, &one, WORK_MATCH_ANY,
					 slots_step, &s, &w));
	assert_int_equal(100, s.out.slots.n);
}

struct plan {
	const char *subject;
	struct msg_schedule_query in;
	struct msg_schedule out;
};

static enum rc schedule_step(struct work *w, void *arg)
{
	struct plan *p = arg;

	return work_schedule_subject(w, p->subject, &p->in, &p->out);
}

static void others_see_only_busy(void **state)
{
	const char *a = accepted(&one, "P-14");
	struct plan p = {.subject = "coronary-1", .in = {monday, FIELD_NONE}};
	struct work w;

	(void)state;
	booked(&one, a, monday);
	assert_int_equal(RC_OK, house_do(&house, &surgeon, WORK_MATCH_ANY,
					 schedule_step, &p, &w));
	const struct msg_entry *v = p.out.entries.v;

	assert_int_equal(2, p.out.entries.n); /* and the buffer */
	assert_int_equal(BOOKING_BOOKED, v[0].status);
	assert_string_equal("liaoyang-central", v[0].partner);
	assert_true(p.out.open.n >= 2);
	assert_int_equal(RC_OK, house_do(&house, &two, WORK_MATCH_ANY,
					 schedule_step, &p, &w));
	v = p.out.entries.v;
	assert_int_equal(2, p.out.entries.n);
	assert_int_equal(-1, v[0].status);
	assert_null(v[0].partner);
	assert_null(v[0].booking);
	assert_null(v[0].place);
	assert_int_equal(RC_NOT_FOUND,
			 house_do(&house, &other_lead, WORK_MATCH_ANY,
				  schedule_step, &p, &w));
}

static void a_list_has_pages_and_no_strangers(void **state)
{
	struct pages p;
	struct work w;
	int seen = 0;

	(void)state;
	for (int i = 0; i < 5; i++)
		accepted(&one, "P-15");
	accepted(&two, "P-16");
	proto_clear(&msg_list_query_table, &p.in);
	p.in.limit = 2;
	do {
		assert_int_equal(RC_OK, house_do(&house, &one, WORK_MATCH_ANY,
						 list_step, &p, &w));
		const struct msg_request *v = p.out.items.v;

		for (size_t i = 0; i < p.out.items.n; i++, seen++)
			assert_string_equal("liaoyang-central", v[i].partner);
		p.in.cursor = p.out.next;
	} while (p.in.cursor && seen < 100);
	assert_int_equal(5, seen);
	/* A list that is just full has no next page. */
	proto_clear(&msg_list_query_table, &p.in);
	p.in.limit = 5;
	assert_int_equal(RC_OK, house_do(&house, &one, WORK_MATCH_ANY,
					 list_step, &p, &w));
	assert_int_equal(5, p.out.items.n);
	assert_null(p.out.next);
	p.in.cursor = "nonsense";
	assert_int_equal(RC_INVALID, house_do(&house, &one, WORK_MATCH_ANY,
					      list_step, &p, &w));
}

/* --- what nobody else may learn, and what only looks alike --- */

static struct search search_for(const char *request, const char *expert)
{
	struct search s = {0};

	proto_clear(&msg_slots_query_table, &s.in);
	s.in.request = request;
	s.in.expert = expert;
	if (!request)
		s.in.kind = KIND_REMOTE_CONSULTATION;
	return s;
}

/* What w says, whoever asks for what. */
static void assert_said_alike(const struct work *a, const struct work *b)
{
	assert_int_equal(a->err.rc, b->err.rc);
	assert_string_equal(a->err.text, b->err.text);
	assert_int_equal(a->faults.n, b->faults.n);
}

/* neurology-1 is of another lead (tiantan): nobody here hears that there is
 * one. */
static void a_strangers_expert_is_nobody(void **state)
{
	static const char *const names[] = {"neurology-1", "no-such"};
	const char *a = accepted(&one, "P-18");
	struct work said[2][4];

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct search for_request = search_for(a, names[i]);
		struct search for_kind = search_for(NULL, names[i]);
		struct ask_for submit = ask_for("cooperating-2", "P-19");
		struct take t = take(a, monday, false);

		submit.in.expert = names[i];
		t.in.expert = names[i];
		house_do(&house, &one, WORK_MATCH_ANY, slots_step, &for_request,
			 &said[i][0]);
		house_do(&house, &two, WORK_MATCH_ANY, slots_step, &for_kind,
			 &said[i][1]);
		house_do(&house, &two, WORK_MATCH_ANY, submit_step, &submit,
			 &said[i][2]);
		house_do(&house, &one, WORK_MATCH_ANY, take_step, &t,
			 &said[i][3]);
	}
	for (int k = 0; k < 4; k++) {
		assert_int_equal(RC_INVALID, said[0][k].err.rc);
		assert_said_alike(&said[0][k], &said[1][k]);
	}
}

/* What is named with one lead's experts is no fault of the other leads. */
static void a_room_of_one_lead_is_searched_with(void **state)
{
	const char *bridge[] = {"anzhen/bridge"}, *none[] = {"anzhen/none"};
	struct search s = search_for(NULL, NULL);
	struct work w;

	(void)state;
	s.in.with = (struct field_strs){bridge, 1};
	assert_int_equal(RC_OK, house_do(&house, &one, WORK_MATCH_ANY,
					 slots_step, &s, &w));
	const struct msg_slot *v = s.out.slots.v;

	assert_int_equal(10, s.out.slots.n);
	assert_int_equal(3, v[0].with.n);
	for (size_t i = 1; i < s.out.slots.n; i++)
		assert_false(v[i].from == v[i - 1].from &&
			     !strcmp(v[i].expert, v[i - 1].expert));
	s.in.with = (struct field_strs){none, 1};
	assert_int_equal(RC_INVALID, house_do(&house, &one, WORK_MATCH_ANY,
					      slots_step, &s, &w));
}

static void why_not_is_said_of_a_time_to_come(void **state)
{
	struct search s = search_for(NULL, "coronary-1");
	struct work w;

	(void)state;
	s.in.from = monday - 7 * CIVIL_DAY;
	s.in.to = house.scratch.now + 600;
	s.in.why_not = true;
	assert_int_equal(RC_OK, house_do(&house, &one, WORK_MATCH_ANY,
					 slots_step, &s, &w));
	const struct msg_blocker *v = s.out.blockers.v;

	assert_int_equal(0, s.out.slots.n);
	assert_true(s.out.blockers.n >= 1);
	for (size_t i = 0; i < s.out.blockers.n; i++)
		assert_int_not_equal(BLOCK_PAST, v[i].reason);
}

static void a_move_keeps_what_was_named(void **state)
{
	const char *bridge[] = {"anzhen/bridge"};
	struct take t = take(accepted(&one, "P-20"), monday, false);
	struct work w;

	(void)state;
	t.in.with = (struct field_strs){bridge, 1};
	assert_int_equal(RC_OK, house_do(&house, &one, WORK_MATCH_ANY,
					 take_step, &t, &w));
	struct shift m = shift(t.out.code, monday + 3600);

	assert_int_equal(RC_OK, house_do(&house, &one, WORK_MATCH_ANY,
					 move_step, &m, &w));
	assert_int_equal(t.out.claims.n, m.out.claims.n);
	assert_int_equal(1, count("SELECT count(*) FROM claim c JOIN subject s"
				  " ON s.id = c.subject"
				  " WHERE s.slug = 'anzhen/bridge'"));
}

struct book_pages {
	struct msg_list_query in;
	struct msg_booking_list out;
};

static enum rc bookings_step(struct work *w, void *arg)
{
	struct book_pages *p = arg;

	return work_booking_list(w, &p->in, &p->out);
}

/* A hold is found as what it is by now, whatever its row says yet. */
static void a_lapsed_hold_is_listed_as_lapsed(void **state)
{
	struct take hold = take(accepted(&one, "P-22"), monday, true);
	struct book_pages p;
	struct work w;

	(void)state;
	assert_int_equal(RC_OK, house_do(&house, &one, WORK_MATCH_ANY,
					 take_step, &hold, &w));
	for (int i = 0; i < 2; i++, house.scratch.now += 5 * 60) {
		static const char *const statuses[] = {"pending", "lapsed"};

		for (int k = 0; k < 2; k++) {
			proto_clear(&msg_list_query_table, &p.in);
			p.in.status = statuses[k];
			assert_int_equal(RC_OK,
					 house_do(&house, &one, WORK_MATCH_ANY,
						  bookings_step, &p, &w));
			assert_int_equal(i == k, p.out.items.n);
		}
	}
}

/* An expert sees what is theirs now; whom it went to sees it instead. */
static void who_is_no_longer_assigned_sees_nothing(void **state)
{
	struct principal second = house_person(&house, ROLE_EXPERT, "anzhen",
					       "cardiology-oncall-1");
	struct ask_for a = ask_for("liaoyang-central", "P-21");
	struct pages p;
	struct work w;

	(void)state;
	a.in.expert = NULL;
	assert_int_equal(RC_OK, house_do(&house, &one, WORK_MATCH_ANY,
					 submit_step, &a, &w));
	struct on on = {.code = a.out.code,
			.accept.duration_minutes = FIELD_NONE};

	assert_int_equal(RC_OK, house_do(&house, &lead, WORK_MATCH_ANY,
					 accept_step, &on, &w));
	struct take t = take(a.out.code, monday, false);

	t.in.expert = "coronary-1";
	assert_int_equal(RC_OK, house_do(&house, &one, WORK_MATCH_ANY,
					 take_step, &t, &w));
	proto_clear(&msg_list_query_table, &p.in);
	assert_int_equal(RC_OK, house_do(&house, &surgeon, WORK_MATCH_ANY,
					 list_step, &p, &w));
	assert_int_equal(1, p.out.items.n);
	struct on off = {.code = t.out.code, .reason = {"moved"}};

	assert_int_equal(RC_OK, house_do(&house, &one, WORK_MATCH_ANY,
					 cancel_step, &off, &w));
	for (int i = 0; i < 2; i++) {
		const struct principal *who = i ? &second : &surgeon;

		assert_int_equal(RC_OK, house_do(&house, who, WORK_MATCH_ANY,
						 list_step, &p, &w));
		assert_int_equal(0, p.out.items.n);
		assert_int_equal(RC_NOT_FOUND,
				 house_do(&house, who, WORK_MATCH_ANY,
					  show_step, &on, &w));
	}
}

static void the_chain_of_it_all_verifies(void **state)
{
	struct event_report report;
	struct tx tx = scratch_tx(&house.scratch, house.db);
	const char *a = accepted(&one, "P-17");

	(void)state;
	booked(&one, a, monday);
	assert_int_equal(RC_OK, event_verify(&tx, &report, NULL));
	assert_true(report.ok);
	assert_int_equal(house.head.seq, report.head.seq);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_request_is_submitted),
		TEST(only_for_ones_own_site),
		TEST(what_no_agreement_covers_is_refused),
		TEST(papers_are_for_the_parties),
		TEST(whom_a_partner_wishes_for_sees_nothing_yet),
		TEST(only_the_lead_accepts_and_once),
		TEST(the_second_hears_all_reasons_and_the_nearest_times),
		TEST(a_hold_lives_and_lapses),
		TEST(a_hold_lapses_by_itself),
		TEST(a_hold_is_confirmed_by_its_owner),
		TEST(withdrawing_gives_the_held_time_back),
		TEST(a_move_keeps_the_booking_and_never_blocks_itself),
		TEST(cancelling_puts_the_request_back),
		TEST(one_patient_is_not_booked_twice_at_once),
		TEST(what_is_offered_is_taken),
		TEST(others_see_only_busy),
		TEST(a_list_has_pages_and_no_strangers),
		TEST(a_strangers_expert_is_nobody),
		TEST(a_room_of_one_lead_is_searched_with),
		TEST(why_not_is_said_of_a_time_to_come),
		TEST(a_move_keeps_what_was_named),
		TEST(a_lapsed_hold_is_listed_as_lapsed),
		TEST(who_is_no_longer_assigned_sees_nothing),
		TEST(the_chain_of_it_all_verifies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
