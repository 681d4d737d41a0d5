/*
 * Whatever order things come in: younger ones overtake nobody too often; and on
 * a real store, where requests wait, are offered time, answer or do not, are
 * booked by hand, moved, cancelled and taken off, and the service stands still
 * and comes back: at most one offer stands for a place and for a request, each
 * of them is a hold that lives, no month's quota is exceeded, nobody is passed
 * over by one behind them, who never answers is offered nothing until they say
 * that they still wait, and once all are asked nobody waits for a time that is
 * free and that their quota allows.
 *
 * Each world has a seed of its own, one more than the last one's: SEED replays
 * it. WAITLIST_WORLDS says how many.
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
#include "daemon/store/keep.h"
#include "daemon/store/spent.h"
#include "tests/support/waitroom.h"

/* --- the order alone --- */

#define CROWD 40

struct crowd {
	uint64_t random;
	struct waitlist_place v[CROWD];
	size_t n;
	int64_t served[4];
	int64_t clock;
	int64_t overtaken[1000]; /* by request */
	int64_t last;
};

static void arrive(struct crowd *c)
{
	struct waitlist_place *p = &c->v[c->n++];

	*p = (struct waitlist_place){
		.request = ++c->last,
		/* the first hospital sends most */
		.partner = scratch_random(&c->random, 3)
				   ? 0
				   : (int64_t)scratch_random(&c->random, 4),
		.urgency =
			(enum urgency)scratch_random(&c->random, URGENCY_COUNT),
		.first = scratch_random(&c->random, 12) == 0,
		.submitted_at =
			c->clock - (int64_t)scratch_random(&c->random, 5),
	};
}

/* Anybody may be the first whom a time suits. */
static void serve(struct crowd *c)
{
	for (size_t i = 0; i < c->n; i++)
		c->v[i].served = c->served[c->v[i].partner];
	waitlist_sort(c->v, c->n);
	struct waitlist_place got = c->v[0];

	c->served[got.partner]++;
	c->v[0] = c->v[--c->n];
	for (size_t i = 0; i < c->n; i++) {
		struct waitlist_place *p = &c->v[i];

		/* Its own count, by what it means. */
		if (p->urgency == got.urgency && !got.first && !p->first &&
		    got.submitted_at > p->submitted_at)
			c->overtaken[p->request]++;
		assert_true(c->overtaken[p->request] <= WAITLIST_PASSES);
		p->passed += waitlist_passes(&got, p);
	}
}

static void nobody_is_overtaken_for_ever(void **state)
{
	uint64_t seed = scratch_seed();

	(void)state;
	for (uint64_t round = 0; round < 300; round++) {
		struct crowd c = {.random = (seed + round) * 2 + 1};

		while (c.last < 900) {
			c.clock++;
			if (c.n < CROWD && scratch_random(&c.random, 2))
				arrive(&c);
			else if (c.n)
				serve(&c);
		}
	}
}

/* --- a store --- */

#ifdef __SANITIZE_ADDRESS__
#define WORLDS 4
#else
#define WORLDS 10
#endif
#define STEPS 60
#define PEOPLE 24
#define HOUR ((int64_t)3600)
#define WEEK ((int64_t)7 * 86400)

struct asked {
	char code[CODE_LEN + 1];
	const struct principal *who;
};

struct world {
	struct desk desk;
	uint64_t seed, random;
	struct asked v[PEOPLE];
	size_t n;
	int patients;
	int64_t offers_seen; /* the last booking of one */
	int64_t quota;	     /* of a month; 0: none */
};

static struct world g;

static int64_t below(int64_t n)
{
	return (int64_t)scratch_random(&g.random, (uint64_t)n);
}

static int64_t number(const char *sql)
{
	return scratch_number(g.desk.house.db, sql);
}

/* A Monday morning of the three after the next. */
static int64_t morning(void)
{
	return DESK_MONDAY + (1 + below(3)) * WEEK;
}

static const char *booking_of(const struct asked *a)
{
	struct on on = {.code = a->code};

	assert_int_equal(RC_OK, desk_do(&g.desk, a->who, show_step, &on));
	return on.r.booking ? on.r.booking : "";
}

static void submit(void)
{
	static const enum urgency urgencies[] = {
		URGENCY_URGENT, URGENCY_ROUTINE, URGENCY_ROUTINE};
	const struct principal *who = below(3) ? &g.desk.one : &g.desk.two;
	struct on on = {.accept.duration_minutes = FIELD_NONE};
	struct ask_for a;
	char patient[16];

	if (g.n == PEOPLE)
		return;
	snprintf(patient, sizeof(patient), "P-%d", ++g.patients);
	a = ask_for(who->site_slug, patient);
	a.in.urgency = (int)urgencies[below(3)];
	assert_int_equal(RC_OK, desk_do(&g.desk, who, submit_step, &a));
	on.code = a.out.code;
	assert_int_equal(RC_OK,
			 desk_do(&g.desk, &g.desk.lead, accept_step, &on));
	memcpy(g.v[g.n].code, a.out.code, CODE_LEN + 1);
	g.v[g.n++].who = who;
}

static void put_on(struct asked *a)
{
	int64_t from = morning() + below(6) * 900;
	struct wait wait =
		waiting_for(a->code, from, from + 1800 + below(4) * 900);

	(void)desk_do(&g.desk, a->who, wait_step, &wait);
}

static void wait_on(struct asked *a)
{
	struct wait wait = waiting_for(a->code, 0, 0);

	wait.in.notice_minutes = FIELD_NONE;
	(void)desk_do(&g.desk, a->who, wait_step, &wait);
}

static void book(struct asked *a)
{
	struct take t =
		take(a->code, morning() + below(12) * 900, below(4) == 0);

	(void)desk_do(&g.desk, below(2) ? a->who : &g.desk.lead, take_step, &t);
}

static void answer(struct asked *a)
{
	struct on on = {.code = booking_of(a),
			.reason.reason = "as it is",
			.reason.reason_code = -1};
	int64_t how = below(5);

	if (!*on.code)
		return;
	on.booking = how < 2 ? work_booking_confirm : work_booking_release;
	(void)desk_do(&g.desk, a->who, how < 3 ? booking_step : refuse_step,
		      &on);
}

static void cancel(struct asked *a)
{
	struct on on = {.code = booking_of(a),
			.reason.reason = "recovered",
			.reason.reason_code = -1};

	if (*on.code)
		(void)desk_do(&g.desk, a->who, cancel_step, &on);
}

static void move(struct asked *a)
{
	struct shift m = shift(booking_of(a), morning() + below(12) * 900);

	if (*m.code)
		(void)desk_do(&g.desk, a->who, move_step, &m);
}

static void take_off(struct asked *a)
{
	struct on on = {.code = a->code, .reason.reason_code = -1};

	(void)desk_do(&g.desk, &g.desk.lead, unwait_step, &on);
}

static void end(struct asked *a)
{
	struct on on = {.code = a->code,
			.request = below(2) ? work_request_decline
					    : work_request_withdraw,
			.reason.reason = "no more",
			.reason.reason_code = -1};
	const struct principal *who =
		on.request == work_request_decline ? &g.desk.lead : a->who;

	if (desk_do(&g.desk, who, request_step, &on) == RC_OK)
		*a = g.v[--g.n];
}

static enum rc first_step(struct work *w, void *arg)
{
	const struct asked *a = arg;
	struct request r;
	enum rc rc = request_by_code(w->tx, a->code, w->arena, &r, &w->err);

	return rc == RC_OK ? work_wait_first(w, &r) : rc;
}

static void displace(struct asked *a)
{
	cancel(a);
	(void)desk_do(&g.desk, &g.desk.lead, first_step, a);
}

static void restart(struct asked *a)
{
	struct house *house = &g.desk.house;

	(void)a;
	keep_free(house->keep);
	db_close(house->db);
	house->db = scratch_open(&house->scratch);
	assert_int_equal(RC_OK, event_load_head(house->db, &house->head, NULL));
	house->keep = keep_new(&house->scratch.env);
}

static void wait_long(struct asked *a)
{
	(void)a;
	g.desk.house.scratch.now += below(2) ? 31 * 60 : 241 * 60;
}

static void (*const steps[])(struct asked *) = {
	put_on,	  put_on, put_on,   put_on,  book,	book,
	answer,	  answer, answer,   cancel,  cancel,	move,
	take_off, end,	  displace, restart, wait_long, wait_on,
};
#define NSTEPS (sizeof(steps) / sizeof(steps[0]))

/* --- what must be so --- */

static void check_rows(void)
{
	assert_int_equal(0,
			 number("SELECT count(*) FROM offer a, offer b"
				" WHERE a.booking < b.booking"
				" AND a.outcome IS NULL AND b.outcome IS NULL"
				" AND (a.request = b.request"
				"  OR (a.expert = b.expert"
				"   AND a.from_time < b.to_time"
				"   AND b.from_time < a.to_time))"));
	assert_int_equal(
		0, number("SELECT count(*) FROM offer o"
			  " JOIN booking b ON b.id = o.booking"
			  " JOIN request r ON r.id = o.request"
			  " WHERE (o.outcome IS NULL) <> (b.status = 'pending')"
			  " OR (o.outcome IS NULL AND r.status <> 'waitlisted')"
			  " OR b.owner_site <> r.partner"));
	assert_int_equal(0, number("SELECT count(*) FROM request r"
				   " LEFT JOIN waiting w ON w.request = r.id"
				   " WHERE (r.status = 'waitlisted') <>"
				   "  (w.request IS NOT NULL)"));
	/* No time was offered to one who had refused what touches it. */
	assert_int_equal(0, number("SELECT count(*) FROM offer a, offer b"
				   " WHERE a.booking < b.booking"
				   " AND a.request = b.request"
				   " AND a.outcome IN ('refused', 'lapsed')"
				   " AND a.from_time < b.to_time"
				   " AND b.from_time < a.to_time"));
}

/* Of the request's agreement, in the month of that time. */
static int64_t used(int64_t request, int64_t at)
{
	/* in the lead's zone */
	const int64_t february = DESK_MONDAY + 13 * CIVIL_DAY + 16 * HOUR;
	const struct scratch *scratch = &g.desk.house.scratch;
	struct tx tx = {.db = g.desk.house.db,
			.env = &scratch->env,
			.now = scratch->now};
	struct spent_ask ask = {.kind = KIND_REMOTE_CONSULTATION,
				.month = {february, february + 28 * CIVIL_DAY}};
	struct query q;
	int64_t n;

	if (at < february)
		ask.month =
			(struct core_span){february - 31 * CIVIL_DAY, february};
	query_begin(&q, tx.db, "SELECT agreement FROM request WHERE id = $1");
	query_int(&q, 1, request);
	ask.agreement = query_row(&q) ? query_col_int(&q, 0) : 0;
	assert_int_equal(RC_OK, query_end(&q, NULL));
	assert_int_equal(RC_OK, spent_used(&tx, &ask, &n, NULL));
	return n;
}

/* The rows as they are before the list is asked, and the order found the plain
 * way: who of two goes first. */
struct snapshot {
	struct waiting *rows;
	size_t n;
	int64_t *served; /* by row */
	int64_t now;
};

static bool is_before(const struct snapshot *s, size_t a, size_t b)
{
	const struct waiting *x = &s->rows[a], *y = &s->rows[b];
	const int64_t keys[][2] = {
		{x->urgency, y->urgency},
		{!x->first, !y->first},
		{!(x->first || x->passed >= 3), !(y->first || y->passed >= 3)},
		{x->first || x->passed >= 3 ? 0 : s->served[a],
		 y->first || y->passed >= 3 ? 0 : s->served[b]},
		{x->submitted_at, y->submitted_at},
		{x->request, y->request},
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (keys[i][0] != keys[i][1])
			return keys[i][0] < keys[i][1];
	}
	return false;
}

struct made {
	int64_t request;
	struct core_span span;
};

/* Would it have taken that time? All ask for the same expert's half hour, and
 * have patients of their own. */
static bool suits(const struct waiting *row, const struct made *made)
{
	struct query q;
	bool in = row->nwindows == 0;

	/* Full at the end, it may have been full then. */
	if (g.quota && used(row->request, made->span.from) >= g.quota)
		return false;

	for (size_t i = 0; i < row->nwindows; i++)
		in |= made->span.from >= row->windows[i].from &&
		      made->span.to <= row->windows[i].to;
	if (!in || made->span.to > row->until)
		return false;
	query_begin(&q, g.desk.house.db,
		    "SELECT count(*) FROM offer WHERE request = $1"
		    " AND outcome IN ('refused', 'lapsed')"
		    " AND from_time < $2 AND to_time > $3");
	query_int(&q, 1, row->request);
	query_int(&q, 2, made->span.to);
	query_int(&q, 3, made->span.from);
	bool refused = query_row(&q) && query_col_int(&q, 0) > 0;

	assert_int_equal(RC_OK, query_end(&q, NULL));
	return !refused;
}

static size_t row_of(const struct snapshot *s, int64_t request)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->rows[i].request == request)
			return i;
	}
	fail_msg("SEED=%" PRIu64 ": who is offered a time did not wait",
		 g.seed);
	return 0;
}

static void check_made(struct snapshot *s, const struct made *made)
{
	size_t at = row_of(s, made->request);
	struct waiting *got = &s->rows[at];

	assert_int_equal(0, got->rests_at);
	if (g.quota)
		assert_true(used(made->request, made->span.from) <= g.quota);
	for (size_t i = 0; i < s->n; i++) {
		if (i != at && !s->rows[i].held && !s->rows[i].rests_at &&
		    is_before(s, i, at) && suits(&s->rows[i], made))
			fail_msg("SEED=%" PRIu64 ": request %" PRId64
				 " was passed over by %" PRId64,
				 g.seed, s->rows[i].request, got->request);
	}
	got->held = true;
	for (size_t i = 0; i < s->n; i++) {
		struct waiting *row = &s->rows[i];

		s->served[i] += row->partner == got->partner;
		if (!row->held && !row->rests_at && !got->first &&
		    row->urgency == got->urgency &&
		    (row->submitted_at < got->submitted_at ||
		     (row->submitted_at == got->submitted_at &&
		      row->request < got->request)))
			row->passed++;
	}
}

static enum rc look_step(struct work *w, void *arg)
{
	struct snapshot *s = arg;
	enum rc rc = waiting_of_lead(w->tx, g.desk.lead.site, w->arena,
				     &s->rows, &s->n, &w->err);

	s->served = arena_array(w->arena, s->n, sizeof(*s->served));
	for (size_t i = 0; i < s->n; i++)
		s->served[i] = s->rows[i].served;
	return rc;
}

static void check_order(struct snapshot *s)
{
	struct query q;
	struct made made[64];
	size_t n = 0;

	query_begin(&q, g.desk.house.db,
		    "SELECT booking, request, from_time, to_time FROM offer"
		    " WHERE booking > $1 ORDER BY booking");
	query_int(&q, 1, g.offers_seen);
	while (n < 64 && query_row(&q)) {
		g.offers_seen = query_col_int(&q, 0);
		made[n++] = (struct made){
			query_col_int(&q, 1),
			{query_col_int(&q, 2), query_col_int(&q, 3)}};
	}
	assert_int_equal(RC_OK, query_end(&q, NULL));
	for (size_t i = 0; i < n; i++)
		check_made(s, &made[i]);
}

struct free_time {
	const struct waiting *row;
	struct made found;
	bool any;
};

/* As anybody would look for it. */
static enum rc free_step(struct work *w, void *arg)
{
	struct free_time *f = arg;
	struct msg_slots_query in;
	struct msg_slots out;
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && !f->any && i < f->row->nwindows;
	     i++) {
		proto_clear(&msg_slots_query_table, &in);
		in.request = f->row->code.s;
		in.n = 100;
		in.from = f->row->windows[i].from;
		in.to = f->row->windows[i].to;
		if (in.from < w->tx->now + 5 * 60)
			in.from = w->tx->now + 5 * 60;
		if (in.from >= in.to)
			continue;
		rc = work_slots(w, &in, &out);
		const struct msg_slot *v = out.slots.v;

		for (size_t k = 0; rc == RC_OK && k < out.slots.n; k++) {
			struct made m = {f->row->request, {v[k].from, v[k].to}};

			f->any |= suits(f->row, &m);
		}
	}
	return rc;
}

static void check_nobody_waits_in_vain(void)
{
	struct snapshot s;

	assert_int_equal(RC_OK, desk_do(&g.desk, &g.desk.lead, look_step, &s));
	for (size_t i = 0; i < s.n; i++) {
		struct free_time f = {.row = &s.rows[i]};

		if (s.rows[i].held || s.rows[i].rests_at)
			continue;
		assert_int_equal(RC_OK,
				 desk_do(&g.desk, &g.desk.lead, free_step, &f));
		if (f.any)
			fail_msg("SEED=%" PRIu64 ": request %" PRId64
				 " waits, and there is time for it",
				 g.seed, s.rows[i].request);
	}
}

static void turn(void)
{
	struct snapshot s;

	g.desk.house.scratch.now++;
	waitroom_lapse(&g.desk);
	assert_int_equal(RC_OK, desk_do(&g.desk, &g.desk.lead, look_step, &s));
	waitroom_turn(&g.desk);
	check_rows();
	check_order(&s);
	/* So much is asked in one second. */
	if (number("SELECT count(*) FROM due WHERE step = 0"
		   " AND what IN ('freed', 'offer')"
		   " AND at <= (SELECT max(asked_at) + 1 FROM waiting)") == 0)
		check_nobody_waits_in_vain();
}

static void set_quota(void)
{
	struct query q;

	query_begin(&q, g.desk.house.db,
		    "UPDATE agreement_kind SET quota = nullif($1, 0)");
	query_int(&q, 1, g.quota);
	assert_int_equal(RC_OK, query_end(&q, NULL));
}

static void run_world(uint64_t seed)
{
	memset(&g, 0, sizeof(g));
	g.seed = seed;
	g.random = seed * 2 + 1;
	desk_begin(&g.desk);
	/* All want the same: then who fits follows from their windows, and
	 * from what their hospital has left of the month. */
	g.quota = below(2) ? 1 + below(4) : 0;
	set_quota();
	for (int i = 0; i < STEPS; i++) {
		if (g.n < 6 || below(4) == 0)
			submit();
		else
			steps[below(NSTEPS)](&g.v[below((int64_t)g.n)]);
		if (below(3) == 0)
			turn();
	}
	for (int i = 0; i < 4; i++)
		turn();
	check_nobody_waits_in_vain();
	desk_end(&g.desk);
}

static void no_order_of_steps_breaks_the_list(void **state)
{
	const char *worlds = getenv("WAITLIST_WORLDS");
	uint64_t seed = scratch_seed();
	long n = worlds ? strtol(worlds, NULL, 10) : WORLDS;

	(void)state;
	for (long i = 0; i < n; i++)
		run_world(seed + (uint64_t)i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_is_overtaken_for_ever),
		cmocka_unit_test(no_order_of_steps_breaks_the_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
