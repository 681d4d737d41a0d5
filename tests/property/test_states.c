/*
 * Whatever is done with requests and bookings in whatever order, by whom and
 * when: each step that is stored is one of the table of transitions, and each
 * of the table is taken by somebody, but for those that a signature takes.
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

#include "daemon/core/lifecycle.h"
#include "daemon/work/day.h"
#include "daemon/work/waitlist.h"
#include "tests/support/desk.h"

#define WORLDS 30
#define STEPS 1500
#define KEPT 3
#define WEEK ((int64_t)7 * 86400)

struct world {
	uint64_t random;
	struct desk desk;
	char requests[KEPT][16], bookings[KEPT][16];
	const char *request, *booking; /* of this step */
	const struct principal *who;
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
		keep(s, s->bookings, b->code);
	return rc;
}

static enum rc do_submit(struct work *w, struct world *s)
{
	char patient[16];

	snprintf(patient, sizeof(patient), "P-%d", ++s->patients);
	struct ask_for a = ask_for(w->who->site_slug, patient);
	enum rc rc = submit_step(w, &a);

	if (rc == RC_OK)
		keep(s, s->requests, a.out.code);
	return rc;
}

static enum rc do_accept(struct work *w, struct world *s)
{
	struct on on = {.code = s->request,
			.accept.duration_minutes = FIELD_NONE};

	return accept_step(w, &on);
}

static enum rc do_assign(struct work *w, struct world *s)
{
	const struct msg_assign in = {any(s, 2) ? "coronary-1" : "resident-new",
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
	struct msg_run_late in = {1 + any(s, 90), NULL};
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

static doing *const doings[] = {
	do_submit,  do_submit,	 do_accept,  do_accept,	 do_accept,
	do_decline, do_withdraw, do_ask,     do_ask,	 do_supplement,
	do_wait,    do_wait,	 do_unwait,  do_take,	 do_take,
	do_take,    do_move,	 do_confirm, do_confirm, do_release,
	do_cancel,  do_arrive,	 do_arrive,  do_consent, do_consent,
	do_start,   do_start,	 do_late,    do_finish,	 do_noshow,
	do_due,	    do_assign,
};
#define NDOINGS (sizeof(doings) / sizeof(doings[0]))

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

/* To a booking's time, a little on, or (seldom) so far that all is over. */
static void let_time_pass(struct world *s)
{
	int64_t *now = &s->desk.house.scratch.now;
	unsigned how = any(s, 150);

	if (how == 0)
		*now += 5 * WEEK;
	else if (how < 8)
		*now = s->at;
	else
		*now += (int64_t)any(s, 60);
	while (s->at < *now + 600)
		s->at += WEEK;
}

static void one_step(struct world *s)
{
	const struct principal *people[] = {&s->desk.lead, &s->desk.one,
					    &s->desk.two, &s->desk.surgeon};
	struct step step = {s, doings[any(s, NDOINGS)]};
	int64_t monday;
	struct work w;

	let_time_pass(s);
	monday = s->at;
	s->at += (int64_t)any(s, 36) * 300;
	s->request = s->requests[any(s, KEPT)];
	s->booking = s->bookings[any(s, KEPT)];
	enum rc rc = house_do(&s->desk.house, people[any(s, 4)], WORK_MATCH_ANY,
			      run_step, &step, &w);

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

	query_begin(&q, s->desk.house.db,
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
		desk_count(&s->desk,
			   "SELECT count(*) FROM request r WHERE r.status IN"
			   " ('scheduled', 'started') AND NOT EXISTS"
			   " (SELECT 1 FROM booking b WHERE b.request = r.id"
			   " AND b.status IN ('booked', 'arrived', 'started',"
			   " 'fulfilled'))"));
}

/* Opinions are signed with a key (store/test_work_opinion.c), offers answered
 * in test_waitlist.c, emergencies in store/test_work_calls.c, and nothing here
 * is more urgent than the rest. */
static bool is_elsewhere(const struct transition *row)
{
	return row->verb == VERB_COMPLETE || row->verb == VERB_CLOSE ||
	       row->verb == VERB_DISPLACE || row->verb == VERB_REFUSE ||
	       row->verb == VERB_ANSWER;
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
	const char *s = getenv(name);

	return s ? strtoull(s, NULL, 10) : otherwise;
}

static void any_order_of_steps(void **state)
{
	uint64_t seed = number_of("SEED", 1);
	uint64_t worlds = number_of("STATES_WORLDS", WORLDS);
	size_t n;
	const struct transition *rows = core_transitions(&n);

	(void)state;
	for (uint64_t i = 0; i < worlds; i++) {
		struct world *s = calloc(1, sizeof(*s));

		assert_non_null(s);
		printf("SEED=%" PRIu64 "\n", seed + i);
		s->random = seed + i;
		s->at = DESK_MONDAY;
		desk_begin(&s->desk);
		for (int k = 0; k < STEPS; k++)
			one_step(s);
		check_log(s);
		desk_end(&s->desk);
		free(s);
	}
	for (size_t i = 0; worlds >= WORLDS && i < n; i++)
		if (!taken[i] && !is_elsewhere(&rows[i]))
			fail_msg("nobody took: thing %d, %d %s %d",
				 (int)rows[i].thing, rows[i].from,
				 words_name(&words_verb, (int)rows[i].verb),
				 rows[i].to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order_of_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
