/* A session that runs late, and what becomes of those that follow: each is
 * moved by the rules or stays and is warned, and is told so once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "daemon/work/day.h"
#include "tests/support/desk_day.h"

#define MINUTE ((int64_t)60)

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

static int64_t last_event(void)
{
	return desk_count(&desk, "SELECT coalesce(max(seq), 0) FROM event");
}

/* One event of that booking since then, of that verb, to both of its sides and
 * to its expert. */
static void assert_told_once(int64_t since, int64_t booking, const char *verb)
{
	struct query q;

	query_begin(&q, desk.house.db,
		    "SELECT e.verb, e.lead = b.lead AND e.partner = b.partner"
		    " AND x.expert = b.expert AND x.assigned = 1 FROM event e"
		    " JOIN booking b ON b.id = e.id"
		    " LEFT JOIN event_expert x ON x.seq = e.seq"
		    " WHERE e.thing = 'booking' AND e.id = $1 AND e.seq > $2");
	query_int(&q, 1, booking);
	query_int(&q, 2, since);
	assert_true(query_row(&q));
	assert_string_equal(verb, query_col_text(&q, 0));
	assert_int_equal(1, query_col_int(&q, 1));
	assert_false(query_row(&q));
	assert_int_equal(RC_OK, query_end(&q, NULL));
}

static int64_t id_of(const char *code)
{
	struct query q;
	int64_t id;

	query_begin(&q, desk.house.db,
		    "SELECT id FROM booking WHERE code = $1");
	query_text(&q, 1, code);
	assert_true(query_row(&q));
	id = query_col_int(&q, 0);
	assert_int_equal(RC_OK, query_end(&q, NULL));
	return id;
}

static void nothing_overlaps(void);

/* Whoever is told is told once, and nobody else is. */
static struct running runs_late(const struct principal *who, const char *code,
				int64_t minutes)
{
	struct running r = {.code = code, .in = {.minutes = minutes}};
	int64_t since = last_event();

	assert_int_equal(RC_OK, desk_do(&desk, who, late_step, &r));
	const struct msg_follower *v = r.out.following.v;

	assert_int_equal(1 + r.out.following.n, last_event() - since);
	assert_told_once(since, id_of(code), "run-late");
	for (size_t i = 0; i < r.out.following.n; i++) {
		bool moved = strcmp(v[i].outcome, "moved") == 0;

		assert_int_equal(moved && v[i].booking,
				 v[i].now_from != FIELD_NONE);
		if (v[i].booking)
			assert_told_once(since, id_of(v[i].booking),
					 moved ? "move" : "run-late");
	}
	nothing_overlaps();
	return r;
}

static struct msg_booking begun_guidance(const char *patient)
{
	const char *request;
	struct msg_booking b =
		desk_day_guided(&desk, patient, URGENCY_ROUTINE, &request);

	desk.house.scratch.now = DESK_MONDAY;
	desk_consent(&desk, &desk.one, b.code, CONSENT_TELEMENTORING);
	desk_day_takes_over(&desk, b.code, "chest-pain-1");
	return desk_day_started(&desk, &desk.one, b.code);
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
	assert_int_equal(0, desk_day_unresolved(&desk, &desk.one).out.items.n);
	desk.house.scratch.now++;
	assert_int_equal(1, desk_day_unresolved(&desk, &desk.one).out.items.n);
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
	assert_int_equal(next.from,
			 desk_day_shown(&desk, &desk.two, next.code).from);
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
	first = desk_day_shown(&desk, &desk.one, first.code);
	assert_int_equal(v[0].now_from, first.from);
	assert_int_equal(1, first.sequence);
	assert_true(first.from > free);
	assert_int_equal(second.from,
			 desk_day_shown(&desk, &desk.two, second.code).from);
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
	assert_int_equal(second.from,
			 desk_day_shown(&desk, &desk.two, second.code).from);
	assert_int_equal(second.from, claim_as(&r.out, CLAIM_EXPERT).to);
	nothing_overlaps();
}

/* --- several that follow --- */

/* Of which agreements what follows is moved by itself. */
static void agree_to_moves(const char *agreements)
{
	char sql[256];

	snprintf(sql, sizeof(sql),
		 "INSERT INTO agreement_session (agreement, waives,"
		 " moves_when_late) SELECT id, 0, 1 FROM agreement"
		 " WHERE slug IN (%s)",
		 agreements);
	scratch_run(desk.house.db, sql);
}

struct guidance {
	const char *patient, *expert, *room; /* room NULL: any */
	int64_t at, before, after;
};

static struct msg_booking guided(const struct guidance *g)
{
	struct ask_for a = ask_for("liaoyang-central", g->patient);
	struct on on = {.accept.duration_minutes = FIELD_NONE};
	const char *with[] = {g->room};

	a.in.kind = KIND_SURGICAL_GUIDANCE;
	a.in.expert = g->expert;
	if (strcmp(g->expert, "coronary-1") != 0)
		a.in.specialty = "cardiac-surgery";
	a.in.duration_minutes = 60;
	a.in.before_minutes = g->before;
	a.in.after_minutes = g->after;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, submit_step, &a));
	on.code = a.out.code;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, accept_step, &on));
	struct take t = take(a.out.code, g->at, false);

	if (g->room)
		t.in.with = (struct field_strs){with, 1};
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, take_step, &t));
	return t.out;
}

static struct msg_booking begun(const struct guidance *g)
{
	struct msg_booking b = guided(g);

	if (desk.house.scratch.now < g->at)
		desk.house.scratch.now = g->at;
	desk_consent(&desk, &desk.one, b.code, CONSENT_TELEMENTORING);
	desk_day_takes_over(&desk, b.code, "chest-pain-1");
	return desk_day_started(&desk, &desk.one, b.code);
}

/* From eight to nine, with its reserve and its pause until 9:35. */
static struct msg_booking begun_at_eight(void)
{
	return begun(&(struct guidance){.patient = "P-1",
					.expert = "coronary-1",
					.room = "liaoyang-central/or-1",
					.at = DESK_MONDAY});
}

/* Minutes after eight. */
static int64_t eight_and(int64_t minutes)
{
	return DESK_MONDAY + minutes * MINUTE;
}

static const struct msg_follower *follower(const struct running *r,
					   const char *code)
{
	const struct msg_follower *v = r->out.following.v;

	for (size_t i = 0; i < r->out.following.n; i++)
		if (v[i].booking && strcmp(v[i].booking, code) == 0)
			return &v[i];
	fail_msg("%s does not follow", code);
	return NULL;
}

static void assert_moved(const struct running *r, const char *code, int64_t to)
{
	const struct msg_follower *f = follower(r, code);
	struct msg_booking b = desk_day_shown(&desk, &desk.lead, code);

	assert_string_equal("moved", f->outcome);
	assert_int_equal(to, f->now_from);
	assert_int_equal(to, b.from);
	assert_int_equal(f->now_to, b.to);
}

static void assert_stayed(const struct running *r,
			  const struct msg_booking *had)
{
	struct msg_booking b = desk_day_shown(&desk, &desk.lead, had->code);

	assert_string_equal("warned", follower(r, had->code)->outcome);
	assert_int_equal(had->from, b.from);
	assert_int_equal(had->to, b.to);
	assert_int_equal(had->sequence, b.sequence);
	assert_int_equal(had->version, b.version);
	assert_int_equal(had->claims.n, b.claims.n);
}

/* Both of the same call keep their order; the second call finds the morning
 * full, and who has no time any more on that day stays. */
static void several_are_moved_until_the_day_is_full(void **state)
{
	struct msg_booking b = begun_at_eight();
	struct msg_booking first = desk_day_booked_at(&desk, "P-2",
						      eight_and(95)),
			   second = desk_day_booked_at(&desk, "P-3",
						       eight_and(130));

	(void)state;
	agree_to_moves("'heart-centre'");
	struct running r = runs_late(&desk.surgeon, b.code, 90);

	assert_int_equal(2, r.out.following.n);
	assert_moved(&r, first.code, eight_and(155));
	assert_moved(&r, second.code, eight_and(190));
	assert_int_equal(eight_and(150), claim_as(&r.out, CLAIM_EXPERT).to);
	/* 10:35 is no more, 11:10 is the other's, 11:45 is too late */
	first = desk_day_shown(&desk, &desk.one, first.code);
	r = runs_late(&desk.surgeon, b.code, 20);
	assert_int_equal(1, r.out.following.n);
	assert_stayed(&r, &first);
	assert_int_equal(eight_and(170), r.out.to);
	assert_int_equal(first.from, claim_as(&r.out, CLAIM_EXPERT).to);
	assert_int_equal(eight_and(190),
			 desk_day_shown(&desk, &desk.one, second.code).from);
}

/* Each by its own agreement: who has not agreed is in the way of both. */
static void each_by_its_own_agreement(void **state)
{
	const char *asked = desk_accepted(&desk, &desk.two, "P-2");
	struct msg_booking b = begun_at_eight();
	struct msg_booking other =
		desk_booked(&desk, &desk.two, asked, eight_and(95));
	struct msg_booking own =
		desk_day_booked_at(&desk, "P-3", eight_and(130));

	(void)state;
	agree_to_moves("'heart-centre-2'");
	struct running r = runs_late(&desk.lead, b.code, 90);

	assert_int_equal(2, r.out.following.n);
	assert_stayed(&r, &own);
	/* behind the one that stays */
	assert_moved(&r, other.code, eight_and(165));
	assert_int_equal(own.from, claim_as(&r.out, CLAIM_EXPERT).to);
}

/* Who is there already stays. Whoever comes after that one has its own time
 * still: nothing of it changes, and so it was not moved. */
static void who_has_come_stays_and_holds_the_rest(void **state)
{
	struct msg_booking b = begun_at_eight();
	struct msg_booking there = desk_day_booked_at(&desk, "P-2",
						      eight_and(95)),
			   next = desk_day_booked_at(&desk, "P-3",
						     eight_and(130));

	(void)state;
	agree_to_moves("'heart-centre'");
	there = desk_day_said(&desk, &desk.one, work_booking_arrive,
			      there.code);
	struct running r = runs_late(&desk.one, b.code, 90);

	assert_int_equal(2, r.out.following.n);
	assert_stayed(&r, &there);
	assert_stayed(&r, &next);
	assert_int_equal(there.from, claim_as(&r.out, CLAIM_EXPERT).to);
	assert_int_equal(eight_and(150), r.out.to);
}

/* Another surgeon's patient in the same operating room, prepared for half an
 * hour before: it is moved with its preparation behind the operation, while the
 * expert of the late one is not in its way. */
static void the_operating_room_is_shared(void **state)
{
	struct msg_booking b =
		begun(&(struct guidance){.patient = "P-1",
					 .expert = "coronary-1",
					 .room = "liaoyang-central/or-1",
					 .at = DESK_MONDAY,
					 .after = 30});
	struct msg_booking other =
		guided(&(struct guidance){.patient = "P-2",
					  .expert = "cardiac-surgery-2",
					  .room = "liaoyang-central/or-1",
					  .at = eight_and(120),
					  .before = 15});

	(void)state;
	agree_to_moves("'heart-centre'");
	struct running r = runs_late(&desk.lead, b.code, 40);

	assert_int_equal(1, r.out.following.n);
	assert_int_equal(eight_and(130),
			 claim_as(&r.out, CLAIM_OPERATING_ROOM).to);
	assert_moved(&r, other.code, eight_and(145));
	/* and once more */
	r = runs_late(&desk.lead, b.code, 20);
	assert_int_equal(1, r.out.following.n);
	assert_moved(&r, other.code, eight_and(165));
	other = desk_day_shown(&desk, &desk.lead, other.code);
	assert_string_equal("liaoyang-central/or-1",
			    claim_as(&other, CLAIM_OPERATING_ROOM).subject);
	assert_int_equal(eight_and(150),
			 claim_as(&other, CLAIM_OPERATING_ROOM).from);
	assert_int_equal(2, other.sequence);
	/* It has begun, and the operating room is taken until then. */
	desk.house.scratch.now = other.from;
	desk_consent(&desk, &desk.one, other.code, CONSENT_TELEMENTORING);
	desk_day_takes_over(&desk, other.code, "chest-pain-1");
	other = desk_day_started(&desk, &desk.one, other.code);
	r = runs_late(&desk.lead, b.code, 40);
	assert_int_equal(1, r.out.following.n);
	assert_stayed(&r, &other);
	assert_int_equal(eight_and(150),
			 claim_as(&r.out, CLAIM_OPERATING_ROOM).to);
	assert_int_equal(eight_and(160), claim_as(&r.out, CLAIM_EXPERT).to);
}

/* The room that it was prepared in, although the first of the list is free. */
static void who_is_moved_keeps_its_room(void **state)
{
	struct msg_booking b = begun_at_eight();
	struct guidance g = {.patient = "P-2",
			     .expert = "cardiac-surgery-2",
			     .room = "liaoyang-central/cath-lab",
			     .at = eight_and(100)};
	struct msg_booking first = guided(&g);
	struct on on = {.code = first.code, .reason = {"not fit"}};

	(void)state;
	agree_to_moves("'heart-centre'");
	g = (struct guidance){
		.patient = "P-3", .expert = "coronary-1", .at = eight_and(100)};
	struct msg_booking next = guided(&g);
	const char *room = claim_as(&next, CLAIM_OPERATING_ROOM).subject;

	assert_string_not_equal("liaoyang-central/cath-lab", room);
	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, cancel_step, &on));
	struct running r = runs_late(&desk.surgeon, b.code, 50);

	assert_moved(&r, next.code, eight_and(115));
	next = desk_day_shown(&desk, &desk.lead, next.code);
	assert_string_equal(room,
			    claim_as(&next, CLAIM_OPERATING_ROOM).subject);
}

/* A hold is nobody's to move; and what is over is run into by nobody. */
static void holds_are_told_and_what_is_over_is_not(void **state)
{
	struct msg_booking b = begun_at_eight();
	struct msg_booking over =
		desk_day_booked_at(&desk, "P-2", eight_and(95));
	struct take t = take(desk_accepted(&desk, &desk.one, "P-3"),
			     eight_and(130), true);

	(void)state;
	agree_to_moves("'heart-centre'");
	desk.house.scratch.now = over.from;
	desk_day_started(&desk, &desk.one, over.code);
	desk.house.scratch.now = eight_and(115);
	desk_day_said(&desk, &desk.one, work_booking_finish, over.code);
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, take_step, &t));
	struct running r = runs_late(&desk.one, b.code, 90);

	assert_int_equal(1, r.out.following.n);
	assert_stayed(&r, &t.out);
	struct on on = {.code = t.out.code, .booking = work_booking_confirm};

	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, booking_step, &on));
}

/* Its time has come meanwhile: it is not moved into what is over. */
static void nobody_is_moved_into_the_past(void **state)
{
	struct msg_booking b = begun_at_eight();
	struct msg_booking next =
		desk_day_booked_at(&desk, "P-2", eight_and(95));

	(void)state;
	agree_to_moves("'heart-centre'");
	desk.house.scratch.now = eight_and(120);
	struct running r = runs_late(&desk.one, b.code, 40);

	assert_moved(&r, next.code, eight_and(120));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_late_end_uses_the_reserve_first),
		TEST(who_has_not_agreed_stays_and_is_told),
		TEST(who_has_agreed_is_moved_by_the_rules),
		TEST(several_are_moved_until_the_day_is_full),
		TEST(each_by_its_own_agreement),
		TEST(who_has_come_stays_and_holds_the_rest),
		TEST(the_operating_room_is_shared),
		TEST(who_is_moved_keeps_its_room),
		TEST(holds_are_told_and_what_is_over_is_not),
		TEST(nobody_is_moved_into_the_past),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
