#include "tests/support/desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/work/consent.h"
#include "daemon/work/day.h"

void desk_begin(struct desk *desk)
{
	struct house *house = &desk->house;

	house_begin(house);
	desk->lead = house_person(house, ROLE_LEAD_COORDINATOR, "anzhen", NULL);
	desk->one = house_person(house, ROLE_SITE_COORDINATOR,
				 "liaoyang-central", NULL);
	desk->two = house_person(house, ROLE_SITE_COORDINATOR, "cooperating-2",
				 NULL);
	desk->surgeon =
		house_person(house, ROLE_EXPERT, "anzhen", "coronary-1");
	desk->other_lead =
		house_person(house, ROLE_LEAD_COORDINATOR, "tiantan", NULL);
}

void desk_end(struct desk *desk)
{
	house_end(&desk->house);
}

/* --- steps --- */

struct ask_for ask_for(const char *site, const char *patient)
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

enum rc submit_step(struct work *w, void *arg)
{
	struct ask_for *a = arg;

	a->in.patient = &a->patient;
	return work_request_submit(w, &a->in, &a->out);
}

enum rc accept_step(struct work *w, void *arg)
{
	struct on *on = arg;

	return work_request_accept(w, on->code, &on->accept, &on->r);
}

enum rc request_step(struct work *w, void *arg)
{
	struct on *on = arg;

	return on->request(w, on->code, &on->reason, &on->r);
}

enum rc show_step(struct work *w, void *arg)
{
	struct on *on = arg;

	return work_request_show(w, on->code, &on->r);
}

enum rc booking_step(struct work *w, void *arg)
{
	struct on *on = arg;

	return on->booking(w, on->code, &on->b);
}

enum rc cancel_step(struct work *w, void *arg)
{
	struct on *on = arg;

	return work_booking_cancel(w, on->code, &on->reason, &on->b);
}

struct take take(const char *request, int64_t at, bool hold)
{
	struct take t = {.hold = hold};

	proto_clear(&msg_hold_table, &t.in);
	t.in.request = request;
	t.in.at = at;
	return t;
}

enum rc take_step(struct work *w, void *arg)
{
	struct take *t = arg;

	return t->hold ? work_booking_hold(w, &t->in, &t->out)
		       : work_booking_book(w, &t->in, &t->out);
}

struct shift shift(const char *code, int64_t at)
{
	struct shift m = {.code = code};

	proto_clear(&msg_move_table, &m.in);
	m.in.at = at;
	return m;
}

enum rc move_step(struct work *w, void *arg)
{
	struct shift *m = arg;

	return work_booking_move(w, m->code, &m->in, &m->out);
}

struct consenting consenting(const char *booking, enum consent consent)
{
	struct consenting c = {.code = booking};

	proto_clear(&msg_consent_new_table, &c.in);
	c.in.consent = (int)consent;
	c.in.kept = "ward 12, folder 88";
	if (consent == CONSENT_TELEMENTORING)
		c.in.reason = "nobody here has done one";
	return c;
}

enum rc consent_step(struct work *w, void *arg)
{
	struct consenting *c = arg;

	return work_booking_consent(w, c->code, &c->in, &c->out);
}

static enum rc start_step(struct work *w, void *arg)
{
	struct on *on = arg;

	return work_booking_start(
		w, on->code, &(struct msg_start){"nobody has looked"}, &on->b);
}

/* --- shorthands --- */

enum rc desk_do(struct desk *desk, const struct principal *who, house_step step,
		void *arg)
{
	struct work w;

	return house_do(&desk->house, who, WORK_MATCH_ANY, step, arg, &w);
}

const char *desk_accepted(struct desk *desk, const struct principal *who,
			  const char *patient)
{
	struct ask_for a = ask_for(who->site_slug, patient);
	struct on on = {.accept.duration_minutes = FIELD_NONE};

	assert_int_equal(RC_OK, desk_do(desk, who, submit_step, &a));
	on.code = a.out.code;
	assert_int_equal(RC_OK, desk_do(desk, &desk->lead, accept_step, &on));
	assert_int_equal(REQUEST_ACCEPTED, on.r.status);
	return a.out.code;
}

struct msg_booking desk_booked(struct desk *desk, const struct principal *who,
			       const char *request, int64_t at)
{
	struct take t = take(request, at, false);

	assert_int_equal(RC_OK, desk_do(desk, who, take_step, &t));
	return t.out;
}

void desk_consent(struct desk *desk, const struct principal *who,
		  const char *booking, enum consent consent)
{
	struct consenting c = consenting(booking, consent);

	assert_int_equal(RC_OK, desk_do(desk, who, consent_step, &c));
}

struct msg_booking desk_started(struct desk *desk, const struct principal *who,
				const char *booking)
{
	struct on on = {.code = booking};

	desk_consent(desk, who, booking, CONSENT_TREATMENT);
	assert_int_equal(RC_OK, desk_do(desk, who, start_step, &on));
	return on.b;
}

enum request_status desk_request_status(struct desk *desk, const char *code)
{
	struct on on = {.code = code};

	assert_int_equal(RC_OK, desk_do(desk, &desk->lead, show_step, &on));
	return (enum request_status)on.r.status;
}

int64_t desk_count(struct desk *desk, const char *sql)
{
	return scratch_number(desk->house.db, sql);
}
