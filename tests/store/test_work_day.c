/* The day of a session: who came, when it began and ended, who did not come,
 * and of what nobody said a word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "daemon/store/keep.h"
#include "daemon/work/day.h"
#include "daemon/work/ready.h"
#include "tests/support/desk.h"

static struct desk desk;

static int setup(void **state)
{
	(void)state;
	desk_begin(&desk);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	desk_end(&desk);
	return 0;
}

typedef enum rc verb_fn(struct work *, const char *, struct msg_booking *);

static enum rc say(const struct principal *who, verb_fn *verb, const char *code,
		   struct msg_booking *out)
{
	struct on on = {.code = code, .booking = verb};
	enum rc rc = desk_do(&desk, who, booking_step, &on);

	if (rc == RC_OK && out)
		*out = on.b;
	return rc;
}

struct beginning {
	const char *code;
	struct msg_start in;
	struct msg_booking out;
	struct work w;
};

static enum rc start_step(struct work *w, void *arg)
{
	struct beginning *b = arg;

	return work_booking_start(w, b->code, &b->in, &b->out);
}

static enum rc begins(const struct principal *who, struct beginning *b)
{
	return house_do(&desk.house, who, WORK_MATCH_ANY, start_step, b, &b->w);
}

struct taking_over {
	const char *code;
	struct msg_fallback in;
	struct msg_booking out;
};

static enum rc fallback_step(struct work *w, void *arg)
{
	struct taking_over *t = arg;

	return work_booking_fallback(w, t->code, &t->in, &t->out);
}

static void takes_over(const char *code, const char *surgeon)
{
	struct taking_over t = {.code = code, .in = {surgeon}};

	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, fallback_step, &t));
	assert_string_equal(surgeon, t.out.fallback_surgeon);
}

/* With everything there that a consultation needs. */
static struct msg_booking started(const struct principal *who, const char *code)
{
	struct beginning b = {.code = code};

	desk_consent(&desk, &desk.one, code, CONSENT_TREATMENT);
	assert_int_equal(RC_OK, begins(who, &b));
	return b.out;
}

static struct msg_booking said(const struct principal *who, verb_fn *verb,
			       const char *code)
{
	struct msg_booking b;

	assert_int_equal(RC_OK, say(who, verb, code, &b));
	return b;
}

struct absence {
	const char *code;
	struct msg_noshow in;
	struct msg_booking out;
};

static enum rc noshow_step(struct work *w, void *arg)
{
	struct absence *a = arg;

	return work_booking_noshow(w, a->code, &a->in, &a->out);
}

static struct msg_booking booked_at(const char *patient, int64_t at)
{
	return desk_booked(&desk, &desk.one,
			   desk_accepted(&desk, &desk.one, patient), at);
}

static int64_t claims_of(const char *role)
{
	char sql[128];

	snprintf(sql, sizeof(sql),
		 "SELECT count(*) FROM claim WHERE role = '%s'", role);
	return desk_count(&desk, sql);
}

static void a_session_from_arrival_to_end(void **state)
{
	const char *request = desk_accepted(&desk, &desk.one, "P-1");
	struct msg_booking b =
		desk_booked(&desk, &desk.one, request, DESK_MONDAY);

	(void)state;
	assert_int_equal(FIELD_NONE, b.started_at);
	/* a day too early for that */
	assert_int_equal(RC_STATE,
			 say(&desk.one, work_booking_arrive, b.code, NULL));
	desk.house.scratch.now = DESK_MONDAY - 600;
	b = said(&desk.one, work_booking_arrive, b.code);
	assert_int_equal(BOOKING_ARRIVED, b.status);
	assert_int_equal(DESK_MONDAY - 600, b.arrived_at);
	assert_int_equal(REQUEST_SCHEDULED,
			 desk_request_status(&desk, request));
	desk.house.scratch.now = DESK_MONDAY + 120;
	b = started(&desk.surgeon, b.code);
	assert_int_equal(BOOKING_STARTED, b.status);
	assert_int_equal(DESK_MONDAY + 120, b.started_at);
	assert_int_equal(REQUEST_STARTED, desk_request_status(&desk, request));
	/* what has begun is neither moved nor cancelled nor begun again */
	struct shift m = shift(b.code, DESK_MONDAY + 7200);
	struct on on = {.code = b.code, .reason = {"too late"}};

	assert_int_equal(RC_STATE, desk_do(&desk, &desk.one, move_step, &m));
	assert_int_equal(RC_STATE, desk_do(&desk, &desk.one, cancel_step, &on));
	assert_int_equal(RC_STATE, begins(&desk.one,
					  &(struct beginning){.code = b.code}));
	desk.house.scratch.now = DESK_MONDAY + 3600;
	b = said(&desk.lead, work_booking_finish, b.code);
	assert_int_equal(BOOKING_FULFILLED, b.status);
	assert_int_equal(DESK_MONDAY - 600, b.arrived_at);
	assert_int_equal(DESK_MONDAY + 120, b.started_at);
	assert_int_equal(DESK_MONDAY + 3600, b.finished_at);
	/* the opinion is still to come */
	assert_int_equal(REQUEST_STARTED, desk_request_status(&desk, request));
}

static void who_is_no_party_may_say_nothing(void **state)
{
	struct msg_booking b = booked_at("P-2", DESK_MONDAY);
	verb_fn *const verbs[] = {work_booking_arrive, work_booking_finish};
	struct beginning start = {.code = b.code};
	struct absence a = {.code = b.code, .in = {ABSENT_EXPERT, NULL}};

	(void)state;
	desk.house.scratch.now = DESK_MONDAY;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		assert_int_equal(RC_NOT_FOUND,
				 say(&desk.two, verbs[i], b.code, NULL));
		assert_int_equal(RC_NOT_FOUND,
				 say(&desk.other_lead, verbs[i], b.code, NULL));
	}
	assert_int_equal(RC_NOT_FOUND,
			 desk_do(&desk, &desk.two, noshow_step, &a));
	assert_int_equal(RC_NOT_FOUND, begins(&desk.two, &start));
	struct work w;

	assert_int_equal(RC_STALE,
			 house_do(&desk.house, &desk.one, b.version + 1,
				  noshow_step, &a, &w));
}

/* What a session leaves of its time is there for the next. */
static void an_early_end_frees_the_rest(void **state)
{
	struct msg_booking b = booked_at("P-3", DESK_MONDAY);
	const char *next = desk_accepted(&desk, &desk.two, "P-4");
	int64_t pause = desk_count(&desk, "SELECT buffer_minutes FROM expert"
					  " JOIN subject ON id = subject"
					  " WHERE slug = 'coronary-1'");
	int64_t over = DESK_MONDAY + 300;
	struct take t = take(next, over + pause * 60, false);

	(void)state;
	assert_true(pause > 0 && pause % 5 == 0);
	assert_int_equal(DESK_MONDAY + 1800, b.to);
	desk.house.scratch.now = DESK_MONDAY;
	started(&desk.one, b.code);
	desk.house.scratch.now = over;
	assert_int_equal(RC_REFUSED, desk_do(&desk, &desk.two, take_step, &t));
	b = said(&desk.surgeon, work_booking_finish, b.code);
	const struct msg_claim *v = b.claims.v;

	assert_int_equal(5, b.claims.n);
	for (size_t i = 0; i < b.claims.n; i++)
		assert_int_equal(v[i].role == CLAIM_BUFFER ? over + pause * 60
							   : over,
				 v[i].to);
	/* as it was agreed on */
	assert_int_equal(DESK_MONDAY + 1800, b.to);
	assert_int_equal(RC_OK, desk_do(&desk, &desk.two, take_step, &t));
}

/* Begun before its time and over before it, too: nothing is left of it. */
static void over_before_its_time(void **state)
{
	struct msg_booking b = booked_at("P-5", DESK_MONDAY);

	(void)state;
	desk.house.scratch.now = DESK_MONDAY - 3600;
	started(&desk.one, b.code);
	desk.house.scratch.now = DESK_MONDAY - 1800;
	b = said(&desk.one, work_booking_finish, b.code);
	assert_int_equal(0, b.claims.n);
	booked_at("P-6", DESK_MONDAY);
}

/* The expert is free; in the operating room they go on for as long as the
 * operation was to take after that. */
static void an_operation_goes_on_after_the_expert(void **state)
{
	struct ask_for a = ask_for("liaoyang-central", "P-7");
	struct on on = {.accept.duration_minutes = FIELD_NONE};

	(void)state;
	a.in.kind = KIND_SURGICAL_GUIDANCE;
	a.in.duration_minutes = 60;
	a.in.before_minutes = 30;
	a.in.after_minutes = 60;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, submit_step, &a));
	on.code = a.out.code;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, accept_step, &on));
	struct msg_booking b =
		desk_booked(&desk, &desk.one, a.out.code, DESK_MONDAY);

	assert_int_equal(1, claims_of("overrun"));
	desk.house.scratch.now = DESK_MONDAY;
	desk_consent(&desk, &desk.one, b.code, CONSENT_TELEMENTORING);
	takes_over(b.code, "chest-pain-1");
	started(&desk.one, b.code);
	desk.house.scratch.now = DESK_MONDAY + 1200;
	b = said(&desk.one, work_booking_finish, b.code);
	const struct msg_claim *v = b.claims.v;
	int whole = 0, part = 0;

	assert_int_equal(0, claims_of("overrun"));
	for (size_t i = 0; i < b.claims.n; i++) {
		if (v[i].role == CLAIM_BUFFER)
			continue;
		whole += v[i].to == DESK_MONDAY + 1200 + 3600;
		part += v[i].to == DESK_MONDAY + 1200;
	}
	assert_int_equal(2, whole); /* operating room, patient */
	assert_int_equal(b.claims.n - 1, whole + part);
}

static void a_noshow_is_said_when_its_time_has_come(void **state)
{
	const char *request = desk_accepted(&desk, &desk.one, "P-8");
	struct msg_booking b =
		desk_booked(&desk, &desk.one, request, DESK_MONDAY);
	struct absence a = {.code = b.code,
			    .in = {ABSENT_PATIENT, "was not fit"}};

	(void)state;
	desk.house.scratch.now = DESK_MONDAY - 1;
	assert_int_equal(RC_STATE,
			 desk_do(&desk, &desk.surgeon, noshow_step, &a));
	desk.house.scratch.now = DESK_MONDAY;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.surgeon, noshow_step, &a));
	assert_int_equal(BOOKING_NOSHOW, a.out.status);
	assert_int_equal(ABSENT_PATIENT, a.out.absent);
	assert_int_equal(0, a.out.claims.n);
	assert_int_equal(REQUEST_ACCEPTED, desk_request_status(&desk, request));
	struct on show = {.code = b.code, .booking = work_booking_show};

	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, booking_step, &show));
	assert_string_equal("patient: was not fit", show.b.reason);
	assert_int_equal(1, desk_count(&desk, "SELECT count(*) FROM booking"
					      " WHERE spent = 1"));
	/* another time for it, and then it is the link that fails */
	b = desk_booked(&desk, &desk.one, request, DESK_MONDAY + 300);
	desk.house.scratch.now = DESK_MONDAY + 600;
	said(&desk.one, work_booking_arrive, b.code);
	struct absence link = {.code = b.code, .in = {ABSENT_LINK, NULL}};

	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, noshow_step, &link));
	assert_int_equal(1, desk_count(&desk, "SELECT count(*) FROM booking"
					      " WHERE spent = 1"));
	assert_int_equal(REQUEST_ACCEPTED, desk_request_status(&desk, request));
}

struct unresolved {
	struct msg_list_query in;
	struct msg_booking_list out;
};

static enum rc unresolved_step(struct work *w, void *arg)
{
	struct unresolved *u = arg;

	return work_unresolved_list(w, &u->in, &u->out);
}

static struct unresolved unresolved(const struct principal *who)
{
	struct unresolved u;

	proto_clear(&msg_list_query_table, &u.in);
	assert_int_equal(RC_OK, desk_do(&desk, who, unresolved_step, &u));
	return u;
}

static enum rc due_step(struct work *w, void *arg)
{
	(void)arg;
	return work_due(w->tx);
}

static void without_a_word_nothing_becomes_of_it(void **state)
{
	struct msg_booking first = booked_at("P-9", DESK_MONDAY),
			   second = booked_at("P-10", DESK_MONDAY + 3600),
			   third = desk_booked(
				   &desk, &desk.two,
				   desk_accepted(&desk, &desk.two, "P-11"),
				   DESK_MONDAY + 7200);

	(void)state;
	desk.house.scratch.now = first.to - 1;
	assert_int_equal(0, unresolved(&desk.lead).out.items.n);
	desk.house.scratch.now = first.to;
	assert_int_equal(1, unresolved(&desk.lead).out.items.n);
	desk.house.scratch.now = DESK_MONDAY + 30 * 86400;
	for (int i = 0; i < 3; i++)
		assert_int_equal(RC_OK,
				 desk_do(&desk, &desk.lead, due_step, NULL));
	struct unresolved u = unresolved(&desk.lead);
	const struct msg_booking *v = u.out.items.v;

	assert_int_equal(3, u.out.items.n);
	assert_string_equal(first.code, v[0].code);
	assert_string_equal(second.code, v[1].code);
	assert_string_equal(third.code, v[2].code);
	assert_int_equal(BOOKING_BOOKED, v[0].status);
	assert_int_equal(2, unresolved(&desk.one).out.items.n);
	assert_int_equal(1, unresolved(&desk.two).out.items.n);
	assert_int_equal(3, unresolved(&desk.surgeon).out.items.n);
	assert_int_equal(0, unresolved(&desk.other_lead).out.items.n);
	/* page by page */
	u.in.limit = 2;
	assert_int_equal(RC_OK,
			 desk_do(&desk, &desk.lead, unresolved_step, &u));
	assert_int_equal(2, u.out.items.n);
	u.in.cursor = u.out.next;
	assert_int_equal(RC_OK,
			 desk_do(&desk, &desk.lead, unresolved_step, &u));
	v = u.out.items.v;
	assert_int_equal(1, u.out.items.n);
	assert_string_equal(third.code, v[0].code);
	assert_null(u.out.next);
	/* late words are words, too */
	started(&desk.one, first.code);
	assert_int_equal(3, unresolved(&desk.lead).out.items.n);
	said(&desk.one, work_booking_finish, first.code);
	struct absence a = {.code = second.code, .in = {ABSENT_SITE, NULL}};

	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, noshow_step, &a));
	u = unresolved(&desk.lead);
	v = u.out.items.v;
	assert_int_equal(1, u.out.items.n);
	assert_string_equal(third.code, v[0].code);
}

/* --- consent --- */

static struct msg_booking guided(const char *patient, enum urgency urgency,
				 const char **out_request)
{
	struct ask_for a = ask_for("liaoyang-central", patient);
	struct on on = {.accept.duration_minutes = FIELD_NONE};

	a.in.kind = KIND_SURGICAL_GUIDANCE;
	a.in.urgency = (int)urgency;
	a.in.duration_minutes = 60;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, submit_step, &a));
	on.code = *out_request = a.out.code;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, accept_step, &on));
	return desk_booked(&desk, &desk.one, a.out.code, DESK_MONDAY);
}

static size_t lacks(struct beginning *b, enum block reason, const char *rule)
{
	const struct msg_blocker *v;
	size_t found = 0;

	assert_int_equal(RC_RULE, begins(&desk.one, b));
	v = b->w.blockers.v;
	for (size_t i = 0; i < b->w.blockers.n; i++)
		found += v[i].reason == (int)reason &&
			 (!rule || strcmp(v[i].rule, rule) == 0);
	return found;
}

static void each_consent_is_there_before_it_begins(void **state)
{
	const char *request;
	struct msg_booking b = guided("P-12", URGENCY_ROUTINE, &request);
	struct beginning start = {.code = b.code};
	struct consenting c = consenting(b.code, CONSENT_TELEMENTORING);

	(void)state;
	desk.house.scratch.now = DESK_MONDAY;
	/* all at once; and whoever is no emergency has no reason without */
	start.in.reason = "there is no time";
	assert_int_equal(1, lacks(&start, BLOCK_CONSENT, "treatment"));
	assert_int_equal(1, lacks(&start, BLOCK_CONSENT, "telementoring"));
	assert_int_equal(2, lacks(&start, BLOCK_CONSENT, NULL));
	desk_consent(&desk, &desk.one, b.code, CONSENT_TREATMENT);
	assert_int_equal(1, lacks(&start, BLOCK_CONSENT, NULL));
	/* consent to others is no consent to this */
	desk_consent(&desk, &desk.one, b.code, CONSENT_BROADCAST);
	assert_int_equal(1, lacks(&start, BLOCK_CONSENT, "telementoring"));
	/* with its reason, where it is kept, not from tomorrow, by whom */
	c.in.reason = NULL;
	assert_int_equal(RC_INVALID,
			 desk_do(&desk, &desk.one, consent_step, &c));
	c.in.reason = "nobody here has done one";
	c.in.kept = NULL;
	assert_int_equal(RC_INVALID,
			 desk_do(&desk, &desk.one, consent_step, &c));
	c.in.kept = "folder 88";
	c.in.signed_at = DESK_MONDAY + 1;
	assert_int_equal(RC_INVALID,
			 desk_do(&desk, &desk.one, consent_step, &c));
	c.in.signed_at = DESK_MONDAY - 3600;
	c.in.signer = SIGNER_GUARDIAN;
	assert_int_equal(RC_INVALID,
			 desk_do(&desk, &desk.one, consent_step, &c));
	c.in.relation = "daughter";
	c.in.name = "Canary Li";
	assert_int_equal(RC_NOT_FOUND,
			 desk_do(&desk, &desk.two, consent_step, &c));
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, consent_step, &c));
	assert_int_equal(RC_STATE, desk_do(&desk, &desk.one, consent_step, &c));
	/* taken back, it is not there; signed again, it is */
	struct consenting back = consenting(b.code, CONSENT_TREATMENT);

	back.in.withdrawn = true;
	assert_int_equal(RC_INVALID,
			 desk_do(&desk, &desk.one, consent_step, &back));
	back.in.reason = "afraid";
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, consent_step, &back));
	assert_int_equal(RC_STATE,
			 desk_do(&desk, &desk.one, consent_step, &back));
	assert_int_equal(1, lacks(&start, BLOCK_CONSENT, "treatment"));
	assert_int_equal(1, lacks(&start, BLOCK_FALLBACK, NULL));
	takes_over(b.code, "chest-pain-1");
	assert_int_equal(0, lacks(&start, BLOCK_FALLBACK, NULL));
	started(&desk.surgeon, b.code);
	struct on show = {.code = request};

	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, show_step, &show));
	const struct msg_consent *v = show.r.consents.v;

	assert_int_equal(4, show.r.consents.n);
	assert_int_equal(DESK_MONDAY, v[0].withdrawn_at);
	assert_string_equal("daughter", v[2].relation);
	assert_string_equal("Canary Li", v[2].name);
	assert_int_equal(SIGNER_GUARDIAN, v[2].signer);
	assert_int_equal(FIELD_NONE, v[3].withdrawn_at);
	assert_int_equal(0, desk_count(&desk, "SELECT count(*) FROM consent"
					      " WHERE instr(papers, 'Canary')"
					      " OR instr(papers, 'folder')"));
}

/* --- late --- */

struct running {
	const char *code;
	struct msg_run_late in;
	struct msg_booking out;
};

static enum rc late_step(struct work *w, void *arg)
{
	struct running *r = arg;

	return work_booking_late(w, r->code, &r->in, &r->out);
}

static struct running runs_late(const struct principal *who, const char *code,
				int64_t minutes)
{
	struct running r = {.code = code, .in = {minutes, NULL}};

	assert_int_equal(RC_OK, desk_do(&desk, who, late_step, &r));
	return r;
}

static struct msg_booking begun_guidance(const char *patient)
{
	const char *request;
	struct msg_booking b = guided(patient, URGENCY_ROUTINE, &request);

	desk.house.scratch.now = DESK_MONDAY;
	desk_consent(&desk, &desk.one, b.code, CONSENT_TELEMENTORING);
	takes_over(b.code, "chest-pain-1");
	return started(&desk.one, b.code);
}

static struct msg_booking shown(const struct principal *who, const char *code)
{
	struct on show = {.code = code, .booking = work_booking_show};

	assert_int_equal(RC_OK, desk_do(&desk, who, booking_step, &show));
	return show.b;
}

static void nothing_overlaps(void)
{
	assert_int_equal(
		0, desk_count(&desk, "SELECT count(*) FROM claim a, claim b,"
				     " subject s WHERE a.subject = b.subject"
				     " AND s.id = a.subject AND s.capacity = 1"
				     " AND (a.booking, a.role) <>"
				     " (b.booking, b.role)"
				     " AND a.from_time < b.to_time"
				     " AND b.from_time < a.to_time"));
}

/* Zeros when there is none. */
static struct msg_claim claim_as(const struct msg_booking *b,
				 enum claim_role role)
{
	const struct msg_claim *v = b->claims.v;

	for (size_t i = 0; i < b->claims.n; i++)
		if (v[i].role == (int)role)
			return v[i];
	return (struct msg_claim){0};
}

/* The reserve is there for it: nobody else hears of it. */
static void a_late_end_uses_the_reserve_first(void **state)
{
	struct msg_booking b = begun_guidance("P-14");
	int64_t until = claim_as(&b, CLAIM_OVERRUN).to;
	struct absence none = {.code = b.code, .in = {ABSENT_PATIENT, NULL}};

	(void)state;
	assert_int_equal(30 * 60, until - b.to);
	assert_int_equal(RC_STATE,
			 desk_do(&desk, &desk.one, noshow_step, &none));
	struct running r = runs_late(&desk.surgeon, b.code, 20);

	assert_int_equal(0, r.out.following.n);
	assert_int_equal(b.to + 20 * 60, r.out.to);
	assert_int_equal(r.out.to, claim_as(&r.out, CLAIM_EXPERT).to);
	assert_int_equal(r.out.to, claim_as(&r.out, CLAIM_OVERRUN).from);
	assert_int_equal(until, claim_as(&r.out, CLAIM_OVERRUN).to);
	assert_int_equal(until, claim_as(&r.out, CLAIM_BUFFER).from);
	/* beyond it everything goes on, and the pause behind */
	r = runs_late(&desk.surgeon, b.code, 40);
	assert_int_equal(0, claim_as(&r.out, CLAIM_OVERRUN).to);
	assert_int_equal(r.out.to, claim_as(&r.out, CLAIM_BUFFER).from);
	assert_int_equal(r.out.to, claim_as(&r.out, CLAIM_LINK).to);
	assert_int_equal(r.out.to, claim_as(&r.out, CLAIM_OPERATING_ROOM).to);
	nothing_overlaps();
	/* and is not past its end before that */
	desk.house.scratch.now = r.out.to - 1;
	assert_int_equal(0, unresolved(&desk.one).out.items.n);
	desk.house.scratch.now++;
	assert_int_equal(1, unresolved(&desk.one).out.items.n);
}

static void who_has_not_agreed_stays_and_is_told(void **state)
{
	const char *request = desk_accepted(&desk, &desk.two, "P-16");
	struct msg_booking b = begun_guidance("P-15");
	int64_t free = claim_as(&b, CLAIM_BUFFER).to;
	struct msg_booking next = desk_booked(&desk, &desk.two, request, free);
	struct running r = runs_late(&desk.one, b.code, 90);
	const struct msg_follower *v = r.out.following.v;

	(void)state;
	assert_int_equal(1, r.out.following.n);
	assert_string_equal("warned", v[0].outcome);
	assert_null(v[0].booking); /* of another hospital */
	assert_int_equal(next.from, v[0].from);
	assert_int_equal(next.from, shown(&desk.two, next.code).from);
	assert_int_equal(b.to + 90 * 60, r.out.to);
	/* as far as they leave it */
	assert_int_equal(next.from, claim_as(&r.out, CLAIM_EXPERT).to);
	nothing_overlaps();
	assert_int_equal(2, desk_count(&desk, "SELECT count(*) FROM event"
					      " WHERE verb = 'run-late'"));
}

static void who_has_agreed_is_moved_by_the_rules(void **state)
{
	const char *one = desk_accepted(&desk, &desk.one, "P-18"),
		   *two = desk_accepted(&desk, &desk.two, "P-19");
	struct msg_booking b = begun_guidance("P-17");
	int64_t free = claim_as(&b, CLAIM_BUFFER).to;
	struct msg_booking first = desk_booked(&desk, &desk.one, one, free);
	struct msg_booking second = desk_booked(
		&desk, &desk.two, two, claim_as(&first, CLAIM_BUFFER).to);

	(void)state;
	scratch_run(desk.house.db,
		    "INSERT INTO agreement_session (agreement, waives,"
		    " moves_when_late) SELECT DISTINCT agreement, 0, 1"
		    " FROM booking");
	struct running r = runs_late(&desk.lead, b.code, 60);
	const struct msg_follower *v = r.out.following.v;

	assert_int_equal(1, r.out.following.n);
	assert_string_equal("moved", v[0].outcome);
	assert_string_equal(first.code, v[0].booking);
	assert_int_equal(r.out.to, claim_as(&r.out, CLAIM_EXPERT).to);
	first = shown(&desk.one, first.code);
	assert_int_equal(v[0].now_from, first.from);
	assert_int_equal(1, first.sequence);
	assert_true(first.from > free);
	assert_int_equal(second.from, shown(&desk.two, second.code).from);
	nothing_overlaps();
	/* Now both are in the way, and none has agreed any more. */
	scratch_run(desk.house.db,
		    "UPDATE agreement_session SET moves_when_late = 0");
	r = runs_late(&desk.lead, b.code, 60);
	v = r.out.following.v;
	assert_int_equal(2, r.out.following.n);
	assert_string_equal(second.code, v[0].booking);
	assert_string_equal("warned", v[0].outcome);
	assert_string_equal("warned", v[1].outcome);
	assert_int_equal(second.from, shown(&desk.two, second.code).from);
	assert_int_equal(second.from, claim_as(&r.out, CLAIM_EXPERT).to);
	nothing_overlaps();
}

/* --- what must be there --- */

struct looking {
	const char *code;
	struct msg_checking in;
	struct msg_booking out;
};

static enum rc check_step(struct work *w, void *arg)
{
	struct looking *l = arg;

	return work_booking_check(w, l->code, &l->in, &l->out);
}

static enum rc looked(const struct principal *who, const char *code, int check,
		      bool red, int contingency)
{
	struct looking l = {.code = code,
			    .in = {check, red, NULL, contingency, NULL}};

	return desk_do(&desk, who, check_step, &l);
}

static void who_takes_over_is_one_of_the_partners(void **state)
{
	const char *request;
	struct msg_booking b = guided("P-20", URGENCY_ROUTINE, &request),
			   other = booked_at("P-21", DESK_MONDAY + 7200);
	struct taking_over of_lead = {.code = b.code, .in = {"coronary-1"}},
			   no_kind = {.code = other.code,
				      .in = {"chest-pain-1"}};

	(void)state;
	assert_int_equal(RC_INVALID,
			 desk_do(&desk, &desk.one, fallback_step, &of_lead));
	assert_int_equal(RC_INVALID,
			 desk_do(&desk, &desk.one, fallback_step, &no_kind));
	assert_int_equal(RC_FORBIDDEN, desk_do(&desk, &desk.surgeon,
					       fallback_step, &no_kind));
}

/* The network was changed behind the back of what is kept of it. */
static void keep_forget(void)
{
	keep_free(desk.house.keep);
	desk.house.keep = keep_new(&desk.house.scratch.env);
}

/* A credential that has ended keeps from booking, and from beginning. */
static void credentials_end(void **state)
{
	const char *request;
	struct msg_booking b = guided("P-22", URGENCY_ROUTINE, &request);
	const char *later = desk_accepted(&desk, &desk.one, "P-23");
	struct beginning start = {.code = b.code};
	struct take t = take(later, DESK_MONDAY + 7200, false);
	struct work w;

	(void)state;
	desk_consent(&desk, &desk.one, b.code, CONSENT_TREATMENT);
	desk_consent(&desk, &desk.one, b.code, CONSENT_TELEMENTORING);
	takes_over(b.code, "chest-pain-1");
	/* the Saturday before; for guidance alone (the fourth kind) */
	scratch_run(desk.house.db,
		    "UPDATE expert SET credentials = '20834 8 certificate'"
		    " || char(10) WHERE subject = (SELECT id FROM subject"
		    " WHERE slug = 'coronary-1')");
	keep_forget();
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, take_step, &t));
	desk.house.scratch.now = DESK_MONDAY;
	assert_int_equal(1, lacks(&start, BLOCK_CREDENTIAL, "certificate"));
	scratch_run(desk.house.db, "UPDATE expert SET credentials ="
				   " '20834 0 licence' || char(10)");
	keep_forget();
	assert_int_equal(1, lacks(&start, BLOCK_CREDENTIAL, "licence"));
	t = take(desk_accepted(&desk, &desk.one, "P-24"), DESK_MONDAY + 10800,
		 false);
	assert_int_equal(RC_REFUSED,
			 house_do(&desk.house, &desk.one, WORK_MATCH_ANY,
				  take_step, &t, &w));
	const struct msg_blocker *v = w.blockers.v;

	assert_int_equal(1, w.blockers.n);
	assert_int_equal(BLOCK_CREDENTIAL, v[0].reason);
	assert_string_equal("licence", v[0].rule);
	scratch_run(desk.house.db, "UPDATE expert SET credentials ="
				   " '20836 0 licence' || char(10)");
	keep_forget();
	assert_int_equal(RC_OK, begins(&desk.one, &start));
}

static int64_t reminders(void)
{
	return desk_count(&desk, "SELECT count(*) FROM event"
				 " WHERE verb = 'remind' AND thing = 'booking'"
				 " AND actor = 'system'");
}

/* At T-60, T-20 and T-10, of both ends; what was said is not asked for. */
static void what_is_looked_at_is_due(void **state)
{
	struct msg_booking b = booked_at("P-25", DESK_MONDAY);

	(void)state;
	desk.house.scratch.now = DESK_MONDAY - 3601;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, due_step, NULL));
	assert_int_equal(0, reminders());
	assert_int_equal(RC_OK,
			 looked(&desk.one, b.code, CHECK_EQUIPMENT, false, -1));
	desk.house.scratch.now = DESK_MONDAY - 3600;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, due_step, NULL));
	assert_int_equal(1, reminders()); /* the lead's end */
	desk.house.scratch.now = DESK_MONDAY - 1200;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, due_step, NULL));
	assert_int_equal(3, reminders());
	assert_int_equal(RC_OK,
			 looked(&desk.one, b.code, CHECK_CONNECTED, false, -1));
	assert_int_equal(RC_OK, looked(&desk.surgeon, b.code, CHECK_CONNECTED,
				       false, -1));
	desk.house.scratch.now = DESK_MONDAY - 600;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, due_step, NULL));
	assert_int_equal(3, reminders());
	b = shown(&desk.lead, b.code);
	const struct msg_check *v = b.checks.v;

	assert_int_equal(6, b.checks.n);
	assert_string_equal("open", v[0].state);
	assert_string_equal("green", v[1].state);
	assert_int_equal(DESK_MONDAY - 3600, v[0].due_at);
	assert_string_equal("green", v[5].state);
	/* it is over: nobody is reminded */
	struct on on = {.code = booked_at("P-26", DESK_MONDAY + 7200).code,
			.reason = {"moved elsewhere"}};

	assert_int_equal(1, desk_count(&desk, "SELECT count(*) FROM due"
					      " WHERE what = 'check'"));
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, cancel_step, &on));
	assert_int_equal(0, desk_count(&desk, "SELECT count(*) FROM due"
					      " WHERE what = 'check'"));
}

static void what_is_red_wants_something_instead(void **state)
{
	struct msg_booking b = booked_at("P-27", DESK_MONDAY);
	struct beginning start = {.code = b.code};
	struct looking elsewhere = {
		.code = b.code,
		.in = {CHECK_LINK, true, "cooperating-2", -1, NULL}};

	(void)state;
	desk_consent(&desk, &desk.one, b.code, CONSENT_TREATMENT);
	desk.house.scratch.now = DESK_MONDAY;
	assert_int_equal(RC_INVALID,
			 desk_do(&desk, &desk.one, check_step, &elsewhere));
	assert_int_equal(RC_INVALID, looked(&desk.one, b.code, -1, false, -1));
	assert_int_equal(RC_NOT_FOUND,
			 looked(&desk.two, b.code, CHECK_LINK, true, -1));
	assert_int_equal(RC_OK,
			 looked(&desk.one, b.code, CHECK_LINK, true, -1));
	assert_int_equal(1, lacks(&start, BLOCK_CHECK, "link"));
	assert_int_equal(RC_OK, looked(&desk.one, b.code, -1, false,
				       CONTINGENCY_POSTPONE));
	assert_int_equal(1, lacks(&start, BLOCK_CHECK, "link"));
	assert_int_equal(RC_OK, looked(&desk.one, b.code, -1, false,
				       CONTINGENCY_TELEPHONE));
	/* what was chosen was not chosen for what fails now */
	assert_int_equal(RC_OK, looked(&desk.surgeon, b.code, CHECK_EQUIPMENT,
				       true, -1));
	assert_int_equal(2, lacks(&start, BLOCK_CHECK, NULL));
	assert_int_equal(RC_OK, looked(&desk.surgeon, b.code, CHECK_EQUIPMENT,
				       false, -1));
	assert_int_equal(1, lacks(&start, BLOCK_CHECK, "link"));
	assert_int_equal(RC_OK, looked(&desk.one, b.code, -1, false,
				       CONTINGENCY_SECOND_LINE));
	assert_int_equal(RC_OK, begins(&desk.one, &start));
	assert_int_equal(CONTINGENCY_SECOND_LINE, start.out.contingency);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_session_from_arrival_to_end),
		TEST(who_is_no_party_may_say_nothing),
		TEST(an_early_end_frees_the_rest),
		TEST(over_before_its_time),
		TEST(an_operation_goes_on_after_the_expert),
		TEST(a_noshow_is_said_when_its_time_has_come),
		TEST(without_a_word_nothing_becomes_of_it),
		TEST(each_consent_is_there_before_it_begins),
		TEST(a_late_end_uses_the_reserve_first),
		TEST(who_has_not_agreed_stays_and_is_told),
		TEST(who_has_agreed_is_moved_by_the_rules),
		TEST(who_takes_over_is_one_of_the_partners),
		TEST(credentials_end),
		TEST(what_is_looked_at_is_due),
		TEST(what_is_red_wants_something_instead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
