/*
 * Whatever is done with requests and bookings in whatever order, by whom and
 * when: each step that is stored is one of the table of transitions, and each
 * of the table is taken by somebody.
 *
 * Each world has a seed of its own, one more than the last one's: SEED replays
 * it. STATES_WORLDS says how many.
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

#include "base/pki.h"
#include "daemon/core/lifecycle.h"
#include "daemon/work/consent.h"
#include "daemon/work/day.h"
#include "daemon/work/referral.h"
#include "tests/support/duty.h"
#include "tests/support/filing.h"
#include "tests/support/waitroom.h"

#define WORLDS 12
#define STEPS 1500
#define KEPT 3
#define WEEK ((int64_t)7 * 86400)

/* What some people have to do with. */
struct lot {
	char requests[KEPT][16], bookings[KEPT][16];
};

/* Planned sessions, emergencies, what is read without a meeting, and patients
 * who are sent: of each the people who have to do with it. */
enum place { PLANNED, AT_ONCE, READ, SENT, PLACES };

struct world {
	uint64_t random;
	struct duty duty;
	struct principal reader;
	struct buf key; /* of all who sign */
	struct lot lots[PLACES], *lot;
	char request[16], booking[16]; /* of this step */
	int64_t at;
	int patients;
};

/* What was taken, in all worlds: by the row of the table. */
static bool taken[256];

static unsigned any(struct world *s, unsigned n)
{
	return (unsigned)scratch_random(&s->random, n);
}

static void keep(struct world *s, char kept[KEPT][16], const char *code)
{
	snprintf(kept[any(s, KEPT)], 16, "%s", code);
}

/* --- what may be done --- */

typedef enum rc doing(struct work *w, struct world *s);

static enum rc keep_booking(struct world *s, enum rc rc,
			    const struct msg_booking *b)
{
	if (rc == RC_OK)
		keep(s, s->lot->bookings, b->code);
	return rc;
}

static enum rc submit(struct work *w, struct world *s, struct ask_for *a)
{
	enum rc rc = submit_step(w, a);

	if (rc == RC_OK)
		keep(s, s->lot->requests, a->out.code);
	return rc;
}

static enum rc do_submit(struct work *w, struct world *s)
{
	char patient[16];

	snprintf(patient, sizeof(patient), "P-%d", ++s->patients);
	struct ask_for a = ask_for(w->who->site_slug, patient);

	if (any(s, 3) == 0)
		a.in.urgency = URGENCY_URGENT;
	return submit(w, s, &a);
}

static enum rc do_hurry(struct work *w, struct world *s)
{
	struct ask_for a = ask_for(w->who->site_slug, "P-0");

	a.in.kind = KIND_EMERGENCY_CONSULTATION;
	a.in.expert = NULL;
	return submit(w, s, &a);
}

static enum rc do_send(struct work *w, struct world *s)
{
	struct ask_for a = ask_for(w->who->site_slug, "P-0");

	a.in.kind = KIND_IMAGING_CONSULTATION;
	a.in.mode = MODE_FORWARD;
	a.in.specialty = "imaging";
	a.in.modality = "CT";
	a.in.expert = NULL;
	return submit(w, s, &a);
}

static enum rc do_accept(struct work *w, struct world *s)
{
	struct on on = {.code = s->request,
			.accept.duration_minutes = FIELD_NONE};

	if (s->lot == &s->lots[READ])
		on.accept.expert = "cardiac-imaging-1";
	return accept_step(w, &on);
}

static enum rc do_assign(struct work *w, struct world *s)
{
	const struct msg_assign in = {any(s, 4) ? "coronary-1" : "resident-new",
				      NULL};
	struct msg_request out;

	return work_request_assign(w, s->request, &in, &out);
}

static enum rc on_request(struct work *w, struct world *s,
			  enum rc (*verb)(struct work *, const char *,
					  const struct msg_reason *,
					  struct msg_request *))
{
	struct msg_reason in = {"as it happens", -1};
	struct msg_request out;

	return verb(w, s->request, &in, &out);
}

static enum rc do_decline(struct work *w, struct world *s)
{
	return on_request(w, s, work_request_decline);
}

static enum rc do_withdraw(struct work *w, struct world *s)
{
	return on_request(w, s, work_request_withdraw);
}

static enum rc do_unwait(struct work *w, struct world *s)
{
	return on_request(w, s, work_request_unwait);
}

static enum rc do_ask(struct work *w, struct world *s)
{
	struct msg_ask in = {"the last pictures"};
	struct msg_request out;

	return work_request_ask(w, s->request, &in, &out);
}

static enum rc do_supplement(struct work *w, struct world *s)
{
	struct msg_supplement in;
	struct msg_request out;

	proto_clear(&msg_supplement_table, &in);
	in.note = in.summary = "here they are";
	return work_request_supplement(w, s->request, &in, &out);
}

/* What is seldom, and so is looked for: the first code that this answers. */
static void seek(struct world *s, const char *sql, char out[16])
{
	struct query q;

	query_begin(&q, s->duty.desk.house.db, sql);
	if (query_row(&q))
		snprintf(out, 16, "%s", query_col_text(&q, 0));
	assert_int_equal(RC_OK, query_end(&q, NULL));
}

static enum rc do_wait_on(struct work *w, struct world *s)
{
	struct msg_wait in;
	struct msg_request out;

	seek(s,
	     "SELECT code FROM request JOIN waiting ON request = id"
	     " WHERE status = 'waitlisted' AND rests_at > 0",
	     s->request);
	proto_clear(&msg_wait_table, &in);
	return work_request_wait(w, s->request, &in, &out);
}

static enum rc do_wait(struct work *w, struct world *s)
{
	struct msg_interval when = {w->tx->now + WEEK, w->tx->now + 3 * WEEK};
	struct msg_wait in;
	struct msg_request out;

	proto_clear(&msg_wait_table, &in);
	in.windows = (struct field_list){&when, 1};
	return work_request_wait(w, s->request, &in, &out);
}

static enum rc do_take(struct work *w, struct world *s)
{
	struct take t = take(s->request, s->at, any(s, 2));

	return keep_booking(s, take_step(w, &t), &t.out);
}

static enum rc do_move(struct work *w, struct world *s)
{
	struct shift m = shift(s->booking, s->at);

	return move_step(w, &m);
}

static enum rc do_confirm(struct work *w, struct world *s)
{
	struct msg_booking out;

	return work_booking_confirm(w, s->booking, &out);
}

static enum rc do_release(struct work *w, struct world *s)
{
	struct msg_booking out;

	return work_booking_release(w, s->booking, &out);
}

static enum rc do_cancel(struct work *w, struct world *s)
{
	struct on on = {.code = s->booking, .reason = {"so it is", -1}};

	return cancel_step(w, &on);
}

static enum rc do_arrive(struct work *w, struct world *s)
{
	struct msg_booking out;

	return work_booking_arrive(w, s->booking, &out);
}

static enum rc do_consent(struct work *w, struct world *s)
{
	struct consenting c = consenting(s->booking, CONSENT_TREATMENT);

	return consent_step(w, &c);
}

static enum rc do_start(struct work *w, struct world *s)
{
	struct msg_start in = {any(s, 2) ? "it is time" : NULL};
	struct msg_booking out;

	return work_booking_start(w, s->booking, &in, &out);
}

static enum rc do_late(struct work *w, struct world *s)
{
	struct msg_run_late in = {.minutes = 1 + any(s, 90), .reason_code = -1};
	struct msg_booking out;

	return work_booking_late(w, s->booking, &in, &out);
}

static enum rc do_finish(struct work *w, struct world *s)
{
	struct msg_booking out;

	return work_booking_finish(w, s->booking, &out);
}

static enum rc do_noshow(struct work *w, struct world *s)
{
	struct msg_noshow in = {(int)any(s, ABSENT_COUNT), NULL};
	struct msg_booking out;

	return work_booking_noshow(w, s->booking, &in, &out);
}

static enum rc do_due(struct work *w, struct world *s)
{
	(void)s;
	return work_due(w->tx);
}

static enum rc do_refuse(struct work *w, struct world *s)
{
	struct on on = {.code = s->booking, .reason = {"no bed then", -1}};

	return refuse_step(w, &on);
}

/* The lead takes what cannot wait, and makes way for it at once. */
static enum rc do_displace(struct work *w, struct world *s)
{
	const struct msg_displace in = {s->request, "cannot wait"};
	struct msg_booking out;

	seek(s,
	     "SELECT code FROM request WHERE urgency = 'urgent'"
	     " AND status IN ('accepted', 'submitted')"
	     " ORDER BY status, id DESC",
	     s->request);
	seek(s,
	     "SELECT b.code FROM booking b JOIN request r ON r.id = b.request"
	     " WHERE b.status IN ('arrived', 'booked')"
	     " AND r.urgency = 'routine' ORDER BY b.status, b.id DESC",
	     s->booking);
	enum rc rc = do_accept(w, s);

	if (rc != RC_OK && rc != RC_STATE)
		return rc;
	return keep_booking(s, work_booking_displace(w, s->booking, &in, &out),
			    &out);
}

static enum rc do_answer(struct work *w, struct world *s)
{
	const struct msg_answer in = {.answer =
					      any(s, 3) ? "accept" : "cannot"};
	struct msg_request out;
	enum rc rc = work_request_answer(w, s->request, &in, &out);

	if (rc == RC_OK && out.booking)
		keep(s, s->lot->bookings, out.booking);
	return rc;
}

static enum rc do_agree(struct work *w, struct world *s)
{
	struct consenting c = consenting(s->request, CONSENT_TREATMENT);
	struct msg_request out;

	return work_request_consent(w, c.code, &c.in, &out);
}

static enum rc do_sign(struct work *w, struct world *s)
{
	struct msg_opinion_list l;
	struct opinion_lines lines;
	struct filing f;
	enum rc rc = work_opinion_list(w, s->request, &l);

	if (rc != RC_OK || !l.to_sign)
		return rc;
	lines = filing_next(l.to_sign, "as it is");
	filing_fill(&f, &s->key, s->request, &lines);
	return filing_step(w, &f);
}

static enum rc do_receive(struct work *w, struct world *s)
{
	struct msg_request out;

	return work_opinion_receive(w, s->request, &out);
}

static enum rc do_refer(struct work *w, struct world *s)
{
	char patient[16];

	snprintf(patient, sizeof(patient), "R-%d", ++s->patients);
	struct ask_for a = ask_for(w->who->site_slug, patient);

	a.in.kind = KIND_REFERRAL;
	a.in.expert = NULL;
	return submit(w, s, &a);
}

static enum rc do_bed(struct work *w, struct world *s)
{
	struct take t = take(s->request, s->at, false);

	t.in.expert = NULL;
	t.in.bed_days = 1 + any(s, 3);
	return keep_booking(s, take_step(w, &t), &t.out);
}

/* How it goes on is told of those as well where all is over. */
static enum rc do_course(struct work *w, struct world *s)
{
	struct msg_course_new in;
	struct msg_course_entry out;

	if (any(s, 2))
		seek(s,
		     "SELECT code FROM request WHERE kind = 'referral'"
		     " AND status IN ('completed', 'closed')"
		     " ORDER BY id DESC",
		     s->request);
	proto_clear(&msg_course_new_table, &in);
	in.what = (int)any(s, 3);
	in.text = "as it is";
	return work_course_add(w, s->request, &in, &out);
}

enum role_there { LEAD, PARTNER, EXPERT, ANYBODY };

/* Who does it as a rule, and how often. */
struct turn {
	doing *what;
	enum place place;
	enum role_there who;
	unsigned often;
};

static const struct turn turns[] = {
	{do_submit, PLANNED, PARTNER, 3},  {do_accept, PLANNED, LEAD, 4},
	{do_decline, PLANNED, LEAD, 1},	   {do_withdraw, PLANNED, PARTNER, 2},
	{do_ask, PLANNED, LEAD, 1},	   {do_supplement, PLANNED, PARTNER, 2},
	{do_wait, PLANNED, PARTNER, 3},	   {do_wait_on, PLANNED, PARTNER, 2},
	{do_unwait, PLANNED, PARTNER, 1},  {do_take, PLANNED, PARTNER, 6},
	{do_move, PLANNED, PARTNER, 1},	   {do_confirm, PLANNED, PARTNER, 3},
	{do_refuse, PLANNED, PARTNER, 2},  {do_release, PLANNED, PARTNER, 1},
	{do_cancel, PLANNED, PARTNER, 1},  {do_arrive, PLANNED, ANYBODY, 4},
	{do_consent, PLANNED, PARTNER, 2}, {do_start, PLANNED, EXPERT, 2},
	{do_late, PLANNED, EXPERT, 2},	   {do_finish, PLANNED, EXPERT, 1},
	{do_noshow, PLANNED, LEAD, 1},	   {do_assign, PLANNED, LEAD, 1},
	{do_displace, PLANNED, LEAD, 4},   {do_sign, PLANNED, EXPERT, 1},
	{do_receive, PLANNED, PARTNER, 1}, {do_due, PLANNED, ANYBODY, 1},
	{do_hurry, AT_ONCE, PARTNER, 1},   {do_answer, AT_ONCE, EXPERT, 2},
	{do_answer, AT_ONCE, LEAD, 1},	   {do_cancel, AT_ONCE, LEAD, 1},
	{do_start, AT_ONCE, EXPERT, 1},	   {do_finish, AT_ONCE, EXPERT, 1},
	{do_sign, AT_ONCE, EXPERT, 1},	   {do_receive, AT_ONCE, PARTNER, 1},
	{do_noshow, AT_ONCE, LEAD, 1},	   {do_withdraw, AT_ONCE, PARTNER, 1},
	{do_send, READ, PARTNER, 1},	   {do_accept, READ, LEAD, 1},
	{do_agree, READ, PARTNER, 1},	   {do_sign, READ, EXPERT, 1},
	{do_receive, READ, PARTNER, 1},	   {do_refer, SENT, PARTNER, 1},
	{do_accept, SENT, LEAD, 1},	   {do_bed, SENT, PARTNER, 2},
	{do_consent, SENT, PARTNER, 1},	   {do_start, SENT, LEAD, 1},
	{do_course, SENT, LEAD, 2},	   {do_finish, SENT, LEAD, 1},
	{do_receive, SENT, PARTNER, 1},
};
#define NTURNS (sizeof(turns) / sizeof(turns[0]))

static const struct turn *draw(struct world *s)
{
	unsigned all = 0, at;
	size_t i = 0;

	for (size_t k = 0; k < NTURNS; k++)
		all += turns[k].often;
	for (at = any(s, all); at >= turns[i].often; i++)
		at -= turns[i].often;
	return &turns[i];
}

/* --- the worlds --- */

struct step {
	struct world *s;
	doing *what;
};

static enum rc run_step(struct work *w, void *arg)
{
	struct step *step = arg;

	return step->what(w, step->s);
}

/* To a booking's time, to the end of a hold (and the service does what is due
 * then), a little on, or (seldom) so far that all is over. */
static void let_time_pass(struct world *s)
{
	int64_t *now = &s->duty.desk.house.scratch.now, held;
	unsigned how = any(s, 300);

	if (how < 2) {
		*now += 5 * WEEK;
	} else if (how < 8) {
		*now = s->at;
	} else if (how < 20) {
		held = desk_count(&s->duty.desk,
				  "SELECT coalesce(min(hold_until), 0)"
				  " FROM booking WHERE status = 'pending'");
		*now = held > *now ? held : *now;
		waitroom_turn(&s->duty.desk);
	} else {
		*now += (int64_t)any(s, 20);
	}
	while (s->at < *now + 600)
		s->at += WEEK;
}

/* One of those whose it is, or (seldom) anybody at all. */
static const struct principal *somebody(struct world *s, enum place place,
					enum role_there who)
{
	const struct duty *d = &s->duty;
	const struct desk *desk = &d->desk;
	const struct principal *people[PLACES][ANYBODY][4] = {
		{{&desk->lead},
		 {&desk->one, &desk->one, &desk->one, &desk->two},
		 {&desk->surgeon}},
		{{&d->centre},
		 {&d->county},
		 {&d->first, &d->second, &d->third}},
		{{&desk->lead}, {&desk->one}, {&s->reader}},
		{{&desk->lead}, {&desk->one}, {&desk->surgeon}},
	};
	size_t n = 0;

	if (who == ANYBODY || any(s, 10) == 0)
		who = any(s, ANYBODY);
	if (any(s, 20) == 0)
		place = any(s, PLACES);
	while (n < 4 && people[place][who][n])
		n++;
	return people[place][who][any(s, (unsigned)n)];
}

/* Of the last ones that are not over yet, one; else (or seldom) one that may
 * be. */
static void pick(struct world *s, struct query *q, const char *kept,
		 char out[16])
{
	static const enum kind kinds[PLACES] = {
		KIND_REMOTE_CONSULTATION, KIND_EMERGENCY_CONSULTATION,
		KIND_IMAGING_CONSULTATION, KIND_REFERRAL};
	const char *code = kept;

	query_text(q, 1, words_name(&words_kind, kinds[s->lot - s->lots]));
	query_int(q, 2, any(s, KEPT) * any(s, 2));
	if (query_row(q) && any(s, 8))
		code = query_col_text(q, 0);
	snprintf(out, 16, "%s", code);
	assert_int_equal(RC_OK, query_end(q, NULL));
}

static void pick_both(struct world *s)
{
	struct query q;

	query_begin(&q, s->duty.desk.house.db,
		    "SELECT code FROM request WHERE kind = $1 AND status NOT IN"
		    " ('declined', 'withdrawn', 'expired', 'closed')"
		    " ORDER BY id DESC LIMIT 1 OFFSET $2");
	pick(s, &q, s->lot->requests[any(s, KEPT)], s->request);
	query_begin(&q, s->duty.desk.house.db,
		    "SELECT code FROM booking WHERE kind = $1 AND status IN"
		    " ('pending', 'booked', 'arrived', 'started')"
		    " ORDER BY id DESC LIMIT 1 OFFSET $2");
	pick(s, &q, s->lot->bookings[any(s, KEPT)], s->booking);
}

static void one_step(struct world *s)
{
	const struct turn *turn = draw(s);
	struct step step = {s, turn->what};
	int64_t monday;
	struct work w;

	let_time_pass(s);
	monday = s->at;
	s->at += (int64_t)any(s, 36) * 300;
	s->lot = &s->lots[turn->place];
	pick_both(s);
	enum rc rc = house_do(&s->duty.desk.house,
			      somebody(s, turn->place, turn->who),
			      WORK_MATCH_ANY, run_step, &step, &w);

	s->at = monday;
	switch (rc) {
	case RC_OK:
	case RC_STATE:
	case RC_RULE:
	case RC_REFUSED:
	case RC_INVALID:
	case RC_FORBIDDEN:
	case RC_NOT_FOUND:
		return;
	default:
		fail_msg("%s", w.err.text);
	}
}

static int row_of(const char *thing, const char *from, const char *verb,
		  const char *to)
{
	size_t n;
	const struct transition *rows = core_transitions(&n);

	for (size_t i = 0; i < n; i++) {
		bool request = rows[i].thing == THING_REQUEST;
		const struct words *states =
			request ? &words_request_status : &words_booking_status;

		if (strcmp(thing, request ? "request" : "booking") == 0 &&
		    strcmp(from, rows[i].from < 0
					 ? ""
					 : words_name(states, rows[i].from)) ==
			    0 &&
		    strcmp(verb, words_name(&words_verb, (int)rows[i].verb)) ==
			    0 &&
		    strcmp(to, words_name(states, rows[i].to)) == 0)
			return (int)i;
	}
	return -1;
}

/* What the log says was done; who but told something changed no state. */
static void check_log(struct world *s)
{
	struct query q;

	query_begin(&q, s->duty.desk.house.db,
		    "SELECT DISTINCT thing, coalesce(from_state, ''), verb,"
		    " coalesce(to_state, '') FROM event"
		    " WHERE thing IN ('request', 'booking')");
	while (query_row(&q)) {
		const char *from = query_col_text(&q, 1),
			   *to = query_col_text(&q, 3);
		int row = row_of(query_col_text(&q, 0), from,
				 query_col_text(&q, 2), to);

		if (row >= 0)
			taken[row] = true;
		else if (strcmp(from, to) != 0)
			fail_msg("%s: %s %s %s", query_col_text(&q, 0), from,
				 query_col_text(&q, 2), to);
	}
	assert_int_equal(query_end(&q, NULL), RC_OK);
	/* Whatever is scheduled or has begun has its booking. */
	assert_int_equal(
		0,
		desk_count(&s->duty.desk,
			   "SELECT count(*) FROM request r WHERE r.status IN"
			   " ('scheduled', 'started') AND NOT EXISTS"
			   " (SELECT 1 FROM booking b WHERE b.request = r.id"
			   " AND b.status IN ('booked', 'arrived', 'started',"
			   " 'fulfilled'))"));
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
	const char *s = getenv(name);

	return s ? strtoull(s, NULL, 10) : otherwise;
}

static void begin_world(struct world *s, uint64_t seed)
{
	printf("SEED=%" PRIu64 "\n", seed);
	s->random = seed;
	s->at = DESK_MONDAY;
	duty_begin(&s->duty);
	s->duty.desk.house.scratch.now = DESK_MONDAY - 2 * 86400;
	s->reader = house_person(&s->duty.desk.house, ROLE_EXPERT, "anzhen",
				 "cardiac-imaging-1");
	buf_init(&s->key, 1000);
	assert_int_equal(RC_OK, pki_key_new(&s->key, NULL));
	struct principal *sign[] = {&s->duty.desk.surgeon, &s->reader,
				    &s->duty.first, &s->duty.second,
				    &s->duty.third};

	for (size_t i = 0; i < sizeof(sign) / sizeof(sign[0]); i++)
		filing_enrol(sign[i], &s->key);
}

static void any_order_of_steps(void **state)
{
	uint64_t seed = number_of("SEED", 1);
	uint64_t worlds = number_of("STATES_WORLDS", WORLDS);
	size_t n, missed = 0;
	const struct transition *rows = core_transitions(&n);

	(void)state;
	for (uint64_t i = 0; i < worlds; i++) {
		struct world *s = calloc(1, sizeof(*s));

		assert_non_null(s);
		begin_world(s, seed + i);
		for (int k = 0; k < STEPS; k++)
			one_step(s);
		check_log(s);
		buf_fini(&s->key);
		duty_end(&s->duty);
		free(s);
	}
	for (size_t i = 0; i < n; i++) {
		if (taken[i])
			continue;
		missed++;
		printf("nobody took: %s, %d %s %d\n",
		       rows[i].thing == THING_REQUEST ? "request" : "booking",
		       rows[i].from, words_name(&words_verb, (int)rows[i].verb),
		       rows[i].to);
	}
	assert_true(missed == 0 || worlds < WORLDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order_of_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
