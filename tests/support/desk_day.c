#include "tests/support/desk_day.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/work/day.h"
#include "daemon/work/ready.h"

enum rc desk_day_say(struct desk *desk, const struct principal *who,
		     desk_day_verb *verb, const char *code,
		     struct msg_booking *out)
{
	struct on on = {.code = code, .booking = verb};
	enum rc rc = desk_do(desk, who, booking_step, &on);

	if (rc == RC_OK && out)
		*out = on.b;
	return rc;
}

static enum rc start_step(struct work *w, void *arg)
{
	struct desk_day_start *b = arg;

	return work_booking_start(w, b->code, &b->in, &b->out);
}

enum rc desk_day_begins(struct desk *desk, const struct principal *who,
			struct desk_day_start *start)
{
	return house_do(&desk->house, who, WORK_MATCH_ANY, start_step, start,
			&start->w);
}

enum rc desk_day_fallback_step(struct work *w, void *arg)
{
	struct desk_day_fallback *t = arg;

	return work_booking_fallback(w, t->code, &t->in, &t->out);
}

void desk_day_takes_over(struct desk *desk, const char *code,
			 const char *surgeon)
{
	struct desk_day_fallback t = {.code = code, .in = {surgeon}};

	assert_int_equal(RC_OK,
			 desk_do(desk, &desk->one, desk_day_fallback_step, &t));
	assert_string_equal(surgeon, t.out.fallback_surgeon);
}

/* With everything there that a consultation needs. */
struct msg_booking desk_day_started(struct desk *desk,
				    const struct principal *who,
				    const char *code)
{
	struct desk_day_start b = {.code = code, .in = {"nobody has looked"}};

	desk_consent(desk, &desk->one, code, CONSENT_TREATMENT);
	assert_int_equal(RC_OK, desk_day_begins(desk, who, &b));
	return b.out;
}

struct msg_booking desk_day_said(struct desk *desk, const struct principal *who,
				 desk_day_verb *verb, const char *code)
{
	struct msg_booking b;

	assert_int_equal(RC_OK, desk_day_say(desk, who, verb, code, &b));
	return b;
}

struct msg_booking desk_day_booked_at(struct desk *desk, const char *patient,
				      int64_t at)
{
	return desk_booked(desk, &desk->one,
			   desk_accepted(desk, &desk->one, patient), at);
}

enum rc desk_day_unresolved_step(struct work *w, void *arg)
{
	struct desk_day_list *u = arg;

	return work_unresolved_list(w, &u->in, &u->out);
}

struct desk_day_list desk_day_unresolved(struct desk *desk,
					 const struct principal *who)
{
	struct desk_day_list u;

	proto_clear(&msg_list_query_table, &u.in);
	assert_int_equal(RC_OK,
			 desk_do(desk, who, desk_day_unresolved_step, &u));
	return u;
}

enum rc desk_day_due_step(struct work *w, void *arg)
{
	(void)arg;
	return work_due(w->tx);
}

struct msg_booking desk_day_guided(struct desk *desk, const char *patient,
				   enum urgency urgency,
				   const char **out_request)
{
	struct ask_for a = ask_for("liaoyang-central", patient);
	struct on on = {.accept.duration_minutes = FIELD_NONE};

	a.in.kind = KIND_SURGICAL_GUIDANCE;
	a.in.urgency = (int)urgency;
	a.in.duration_minutes = 60;
	assert_int_equal(RC_OK, desk_do(desk, &desk->one, submit_step, &a));
	on.code = *out_request = a.out.code;
	assert_int_equal(RC_OK, desk_do(desk, &desk->lead, accept_step, &on));
	return desk_booked(desk, &desk->one, a.out.code, DESK_MONDAY);
}

struct msg_booking desk_day_shown(struct desk *desk,
				  const struct principal *who, const char *code)
{
	struct on show = {.code = code, .booking = work_booking_show};

	assert_int_equal(RC_OK, desk_do(desk, who, booking_step, &show));
	return show.b;
}
