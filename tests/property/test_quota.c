/*
 * Quotas never go wrong: in any order of booking, holding, confirming, lapsing,
 * moving, cancelling in time and too late by either side, of patients who do
 * not come and bookings that are displaced, to another time or to none, over
 * the borders of months, what is used of a month is what a count by hand says,
 * and a time is refused for the quota exactly when that is used up.
 *
 * Each world has a seed of its own, one more than the last one's: SEED replays
 * it.
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

#include "daemon/store/spent.h"
#include "daemon/work/give_way.h"
#include "tests/support/desk.h"

#define WORLDS 16
#define STEPS 160
#define QUOTA 4
#define MONTHS 4
#define BOOKINGS 128
#define HOUR ((int64_t)3600)
#define DAY (24 * HOUR)
#define CHINA (8 * HOUR)
/* 2026-11-20 08:00 in Shanghai; the months begin at midnight there. */
#define BEGIN (INT64_C(1795132800))
static const int64_t month_begins[MONTHS + 1] = {
	INT64_C(1793491200) - CHINA, INT64_C(1796083200) - CHINA,
	INT64_C(1798761600) - CHINA, INT64_C(1801440000) - CHINA,
	INT64_C(1803859200) - CHINA};

struct counted {
	char code[CODE_LEN + 1];
	enum booking_status status;
	int64_t from, hold_until;
	bool owes; /* given up too late within its month */
	int charged[MONTHS];
};

static struct world {
	struct house house;
	struct principal lead, partner;
	uint64_t random;
	int64_t lead_notice, partner_notice; /* seconds */
	bool lead_only;
	struct counted v[BOOKINGS];
	int n, patients;
	int refused, late, given;
} g;

static int64_t below(int64_t n)
{
	return (int64_t)scratch_random(&g.random, (uint64_t)n);
}

static int month_of(int64_t at)
{
	int m = 0;

	assert_true(at >= month_begins[0] && at < month_begins[MONTHS]);
	while (at >= month_begins[m + 1])
		m++;
	return m;
}

static int64_t *now(void)
{
	return &g.house.scratch.now;
}

/* --- the count by hand --- */

static bool stands(const struct counted *b)
{
	return b->status == BOOKING_BOOKED ||
	       (b->status == BOOKING_PENDING && b->hold_until > *now());
}

static int used(int month, const struct counted *without)
{
	int n = 0;

	for (int i = 0; i < g.n; i++) {
		const struct counted *b = &g.v[i];
		bool counts = stands(b) || ((b->status == BOOKING_CANCELLED ||
					     b->status == BOOKING_NOSHOW) &&
					    b->owes);

		n += b->charged[month] +
		     (b != without && counts && month_of(b->from) == month);
	}
	return n;
}

static bool is_late(const struct counted *b, bool by_lead)
{
	return *now() > b->from - (by_lead ? g.lead_notice : g.partner_notice);
}

static enum rc used_step(struct work *w, void *arg)
{
	int64_t *out = arg;
	enum rc rc = RC_OK;

	for (int m = 0; rc == RC_OK && m < MONTHS; m++) {
		struct spent_ask ask = {
			.agreement = 1,
			.kind = KIND_REMOTE_CONSULTATION,
			.month = {month_begins[m], month_begins[m + 1]}};

		rc = spent_used(w->tx, &ask, &out[m], &w->err);
	}
	return rc;
}

static void compare(void)
{
	int64_t stored[MONTHS];
	struct work w;

	assert_int_equal(RC_OK, house_do(&g.house, &g.lead, WORK_MATCH_ANY,
					 used_step, stored, &w));
	for (int m = 0; m < MONTHS; m++) {
		assert_int_equal(used(m, NULL), stored[m]);
		assert_true(used(m, NULL) <= QUOTA);
	}
}

/* --- the network --- */

static void add_experts(struct buf *out)
{
	for (int i = 0; i < 24; i++)
		buf_printf(out,
			   "%s{\"id\":\"x-%d\",\"name\":\"X\",\"home\":\"up\","
			   "\"specialties\":[\"heart\"],"
			   "\"kinds\":[\"remote-consultation\"]}",
			   i ? "," : "", i);
}

static void add_rules(struct buf *out)
{
	for (int i = 0; i < 24; i++)
		buf_printf(out,
			   "%s{\"of\":\"x-%d\",\"rrule\":\"FREQ=DAILY\","
			   "\"start\":\"2022-01-03T00:00\","
			   "\"end\":\"2022-01-04T00:00\","
			   "\"time_zone\":\"Asia/Shanghai\"}",
			   i ? "," : "", i);
}

static void write_network(struct buf *out)
{
	buf_str(out,
		"{\"version\":1,\"sites\":[{\"id\":\"up\",\"name\":\"Up\","
		"\"time_zone\":\"Asia/Shanghai\"},{\"id\":\"down\",\"name\":"
		"\"Down\",\"time_zone\":\"Asia/Shanghai\"}],\"agreements\":[");
	buf_printf(out,
		   "{\"id\":\"a\",\"lead\":\"up\",\"partner\":\"down\","
		   "\"valid_from\":\"2026-01-01\",\"valid_to\":\"2028-12-31\","
		   "\"kinds\":[\"remote-consultation\"],"
		   "\"quota_per_month\":{\"remote-consultation\":%d},"
		   "\"min_independent_years\":0,"
		   "\"lead_notice_minutes\":%" PRId64
		   ",\"partner_notice_minutes\":%" PRId64
		   ",\"late_change\":\"%s\"}],\"resources\":[",
		   QUOTA, g.lead_notice / 60, g.partner_notice / 60,
		   g.lead_only ? "lead-only" : "spends");
	buf_str(out, "{\"id\":\"up/s\",\"name\":\"S\",\"type\":\"studio\","
		     "\"capacity\":99},{\"id\":\"down/s\",\"name\":\"S\","
		     "\"type\":\"studio\",\"capacity\":99}],\"experts\":[");
	add_experts(out);
	buf_str(out, "],\"availability\":[");
	add_rules(out);
	buf_str(out, "]}");
}

static void begin_world(uint64_t seed)
{
	struct buf text;

	memset(&g, 0, sizeof(g));
	g.random = seed * 2 + 1;
	g.lead_notice = below(3) * 12 * HOUR;
	g.partner_notice = below(4) * 36 * HOUR;
	g.lead_only = below(3) == 0;
	buf_init(&text, 65536);
	write_network(&text);
	house_begin_with(&g.house, text.data, text.len);
	buf_fini(&text);
	*now() = BEGIN;
	g.lead = house_person(&g.house, ROLE_LEAD_COORDINATOR, "up", NULL);
	g.partner = house_person(&g.house, ROLE_SITE_COORDINATOR, "down", NULL);
}

/* --- steps --- */

static enum rc go(const struct principal *who, house_step step, void *arg,
		  struct work *out_w)
{
	return house_do(&g.house, who, WORK_MATCH_ANY, step, arg, out_w);
}

static const char *accepted(void)
{
	char patient[16];
	struct work w;
	struct ask_for a;
	struct on on = {.accept.duration_minutes = FIELD_NONE};

	snprintf(patient, sizeof(patient), "P-%d", g.patients++);
	a = ask_for("down", patient);
	a.in.expert = NULL;
	a.in.specialty = "heart";
	assert_int_equal(RC_OK, go(&g.partner, submit_step, &a, &w));
	on.code = a.out.code;
	assert_int_equal(RC_OK, go(&g.lead, accept_step, &on, &w));
	return on.r.code;
}

/* Mostly about the end of a month. */
static int64_t some_time(void)
{
	int64_t first = *now() + HOUR, last = month_begins[MONTHS] - DAY;
	int64_t at = first + below(40 * DAY);

	if (below(2))
		at = month_begins[1 + below(MONTHS - 1)] - 2 * HOUR +
		     below(4 * HOUR);
	at = at < first ? first : at > last ? last : at;
	return at - at % 300 + 300;
}

/* What was answered, where it is not what was to be. */
static void expect(enum rc want, enum rc rc, const struct work *w)
{
	const struct msg_blocker *b = w->blockers.v;

	if (rc == want)
		return;
	print_error("%s\n", w->err.text);
	for (size_t i = 0; i < w->blockers.n && i < 8; i++)
		print_error("  %s\n", b[i].detail);
	assert_int_equal(want, rc);
}

/* Is the quota a reason? It is told with all the others. */
static bool for_quota(const struct work *w)
{
	const struct msg_blocker *b = w->blockers.v;
	bool quota = false;

	for (size_t i = 0; i < w->blockers.n; i++)
		quota |= b[i].reason == BLOCK_QUOTA;
	g.refused += quota;
	return quota;
}

static void step_take(void)
{
	struct take t = take(accepted(), some_time(), below(2));
	bool full = used(month_of(t.in.at), NULL) >= QUOTA;
	struct counted *b = &g.v[g.n];
	struct work w;
	enum rc rc = go(&g.partner, take_step, &t, &w);

	expect(full ? RC_REFUSED : RC_OK, rc, &w);
	if (full) {
		assert_true(for_quota(&w));
		return;
	}
	g.n++;
	snprintf(b->code, sizeof(b->code), "%s", t.out.code);
	b->status = t.hold ? BOOKING_PENDING : BOOKING_BOOKED;
	b->from = t.in.at;
	b->hold_until = t.hold ? t.out.hold_until : 0;
}

/* One of those that stand in that state; NULL: none. */
static struct counted *some(enum booking_status status)
{
	int at = g.n ? (int)below(g.n) : 0;

	for (int i = 0; i < g.n; i++) {
		struct counted *b = &g.v[(at + i) % g.n];

		if (b->status == status && stands(b))
			return b;
	}
	return NULL;
}

static void step_hold_ends(void)
{
	struct counted *b = some(BOOKING_PENDING);
	bool keep = below(3) != 0;
	struct on on = {.booking = keep ? work_booking_confirm
					: work_booking_release};
	struct work w;

	if (!b)
		return;
	on.code = b->code;
	assert_int_equal(RC_OK, go(&g.partner, booking_step, &on, &w));
	b->status = keep ? BOOKING_BOOKED : BOOKING_RELEASED;
}

static void give_up(struct counted *b, bool late)
{
	g.late += late;
	b->owes |= late;
}

static void step_move(void)
{
	struct counted *b = some(BOOKING_BOOKED);
	bool by_lead = below(2);
	struct shift m;
	struct work w;

	if (!b)
		return;
	m = shift(b->code, some_time());
	int old = month_of(b->from), new = month_of(m.in.at);
	bool late = is_late(b, by_lead);
	bool stays = old == new;
	/* What it leaves behind was counted before: it is no reason. */
	bool full = used(new, b) >= QUOTA;
	enum rc rc = go(by_lead ? &g.lead : &g.partner, move_step, &m, &w);

	if (late && !by_lead && g.lead_only) {
		expect(RC_RULE, rc, &w);
		return;
	}
	if (rc == RC_REFUSED) { /* or its expert is busy */
		assert_int_equal(full, for_quota(&w));
		return;
	}
	expect(full ? RC_REFUSED : RC_OK, rc, &w);
	give_up(b, late);
	if (!stays) {
		b->charged[old] += b->owes;
		b->owes = false;
	}
	b->from = m.in.at;
}

static void step_cancel(void)
{
	struct counted *b = some(BOOKING_BOOKED);
	bool by_lead = below(2);
	struct on on = {.reason = {.reason = "no more", .reason_code = -1}};
	struct work w;

	if (!b)
		return;
	on.code = b->code;
	bool late = is_late(b, by_lead);
	enum rc rc = go(by_lead ? &g.lead : &g.partner, cancel_step, &on, &w);

	if (late && !by_lead && g.lead_only) {
		expect(RC_RULE, rc, &w);
		return;
	}
	assert_int_equal(RC_OK, rc);
	give_up(b, late);
	b->status = BOOKING_CANCELLED;
}

struct ending {
	const char *code;
	enum verb verb;
	bool partner; /* it was they who did not come */
};

static enum rc end_step(struct work *w, void *arg)
{
	const struct ending *e = arg;
	struct booking b;
	enum rc rc = work_find_booking(w, e->code, SIDE_LEAD, &b);

	b.spent |= e->partner;
	return rc == RC_OK ? work_booking_end(w, &b, e->verb, NULL) : rc;
}

/* A partner who did not come had its place; who was displaced, or waited for
 * an expert, owes nothing for that. */
static void step_end(void)
{
	struct counted *b = some(BOOKING_BOOKED);
	struct ending e = {.verb = below(2) ? VERB_NOSHOW : VERB_DISPLACE};
	struct work w;

	if (!b)
		return;
	e.code = b->code;
	e.partner = e.verb == VERB_NOSHOW && below(2);
	assert_int_equal(RC_OK, go(&g.lead, end_step, &e, &w));
	b->status = e.verb == VERB_NOSHOW ? BOOKING_NOSHOW : BOOKING_CANCELLED;
	b->owes = e.verb == VERB_NOSHOW && (b->owes || e.partner);
}

struct giving {
	const char *code;
	struct work_move move;
	struct work_moves moves;
	struct booking b;
};

static enum rc give_way_step(struct work *w, void *arg)
{
	struct giving *give = arg;
	struct give_way gives = {&give->b, 1};
	enum rc rc = work_find_booking(w, give->code, SIDE_LEAD, &give->b);

	give->moves = (struct work_moves){&give->move, 1};
	w->moves = &give->moves;
	give->move.booking = give->b.code;
	if (rc == RC_OK)
		rc = give_way_clear(w, &gives);
	return rc == RC_OK
		       ? give_way_settle(w, &gives, give->b.request, "gives")
		       : rc;
}

/* Whoever gives way owes nothing for it, wherever the time is that it gets. */
static void step_give_way(void)
{
	struct counted *b = some(BOOKING_BOOKED);
	struct giving give = {.move.times.n = (size_t)below(3)};
	struct work w;

	for (int i = 0; b && !b->owes && i < 16; i++)
		b = some(BOOKING_BOOKED);
	if (!b)
		return;
	give.code = b->code;
	for (size_t i = 0; i < give.move.times.n; i++)
		give.move.times.at[i] = some_time();
	assert_int_equal(RC_OK, go(&g.lead, give_way_step, &give, &w));
	b->status = give.b.status;
	if (b->status == BOOKING_BOOKED) {
		assert_true(used(month_of(give.b.from), b) < QUOTA);
		g.given += b->owes;
		b->from = give.b.from;
	}
	b->owes = false;
}

/* Holds lapse; not past what the months here are. */
static void step_wait(void)
{
	const struct counted *b = some(BOOKING_BOOKED);
	int64_t span = below(3) ? below(HOUR) : below(2 * DAY);

	/* Shortly before one begins, for a change that is late. */
	if (b && below(3) == 0 && b->from > *now() + HOUR)
		span = b->from - *now() - below(HOUR);

	if (*now() + span < month_begins[MONTHS] - 10 * DAY)
		*now() += span;
}

static void (*const steps[])(void) = {
	step_take,     step_take, step_take,   step_hold_ends,
	step_move,     step_move, step_cancel, step_end,
	step_give_way, step_wait, step_wait,
};

#define NSTEPS (sizeof(steps) / sizeof(steps[0]))

static void quotas_never_go_wrong(void **state)
{
	uint64_t seed = scratch_seed();
	int refused = 0, late = 0, given = 0;

	(void)state;
	for (int i = 0; i < WORLDS; i++) {
		printf("world %d: SEED=%" PRIu64 "\n", i, seed + (uint64_t)i);
		fflush(stdout);
		begin_world(seed + (uint64_t)i);
		for (int s = 0; s < STEPS && g.n < BOOKINGS; s++) {
			steps[below(NSTEPS)]();
			compare();
		}
		refused += g.refused;
		late += g.late;
		given += g.given;
		house_end(&g.house);
	}
	printf("%d refused for the quota, %d changed late, %d of those gave"
	       " way\n",
	       refused, late, given);
	assert_true(refused > 0 && late > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quotas_never_go_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
