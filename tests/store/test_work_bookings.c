/* Bookings and holds: taking, keeping, moving, giving back, on a real database.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

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

static void the_second_hears_all_reasons_and_the_nearest_times(void **state)
{
	const char *a = desk_accepted(&desk, &desk.one, "P-4"),
		   *b = desk_accepted(&desk, &desk.two, "P-5");
	struct msg_booking first =
		desk_booked(&desk, &desk.one, a, DESK_MONDAY);
	struct take t = take(b, DESK_MONDAY, false);
	struct work w;

	(void)state;
	assert_int_equal(BOOKING_BOOKED, first.status);
	assert_int_equal(REQUEST_SCHEDULED, desk_request_status(&desk, a));
	assert_int_equal(RC_REFUSED,
			 house_do(&desk.house, &desk.two, WORK_MATCH_ANY,
				  take_step, &t, &w));
	/* The expert, the buffer that would follow, and the studio. */
	assert_true(w.blockers.n >= 2);
	const struct msg_blocker *v = w.blockers.v;

	for (size_t i = 0; i < w.blockers.n; i++)
		assert_int_not_equal(BLOCK_CLOSED, v[i].reason);

	struct tx tx = scratch_tx(&desk.house.scratch, desk.house.db);
	struct field_list near;

	w.tx = &tx;
	assert_int_equal(RC_OK, work_nearest(&w, &near));
	assert_true(near.n >= 1);
	const struct msg_slot *slots = near.v;

	desk_booked(&desk, &desk.two, b, slots[0].from);
	assert_int_equal(0, desk_count(&desk,
				       "SELECT count(*) FROM claim a, claim b"
				       " WHERE a.subject = b.subject"
				       " AND a.booking <> b.booking"
				       " AND a.from_time < b.to_time"
				       " AND b.from_time < a.to_time"));
}

static void a_hold_lives_and_lapses(void **state)
{
	const char *a = desk_accepted(&desk, &desk.one, "P-6"),
		   *b = desk_accepted(&desk, &desk.two, "P-7");
	struct take hold = take(a, DESK_MONDAY, true);
	struct take other = take(b, DESK_MONDAY, false);

	(void)state;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, take_step, &hold));
	assert_int_equal(BOOKING_PENDING, hold.out.status);
	assert_int_equal(REQUEST_ACCEPTED, desk_request_status(&desk, a));
	assert_int_equal(RC_REFUSED,
			 desk_do(&desk, &desk.two, take_step, &other));
	/* Its owner may not take a second one. */
	struct take again = take(a, DESK_MONDAY + 7200, true);

	assert_int_equal(RC_STATE,
			 desk_do(&desk, &desk.one, take_step, &again));
	desk.house.scratch.now += 5 * 60;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.two, take_step, &other));
	struct on on = {.code = hold.out.code, .booking = work_booking_confirm};

	assert_int_equal(RC_STATE,
			 desk_do(&desk, &desk.one, booking_step, &on));
	assert_int_equal(1, desk_count(&desk, "SELECT count(*) FROM event"
					      " WHERE verb = 'lapse'"));
}

static enum rc due_step(struct work *w, void *arg)
{
	(void)arg;
	return work_due(w->tx);
}

static void a_hold_lapses_by_itself(void **state)
{
	struct take hold =
		take(desk_accepted(&desk, &desk.one, "P-6"), DESK_MONDAY, true);

	(void)state;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, take_step, &hold));
	desk.house.scratch.now += 5 * 60 - 1;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, due_step, NULL));
	assert_int_equal(5, desk_count(&desk, "SELECT count(*) FROM claim"));
	desk.house.scratch.now++;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, due_step, NULL));
	assert_int_equal(0, desk_count(&desk, "SELECT count(*) FROM claim"));
	assert_int_equal(1, desk_count(&desk,
				       "SELECT count(*) FROM event WHERE"
				       " verb = 'lapse' AND actor = 'system'"));
}

/* The one hold there is, 5000 times more: claims two hours apart. */
static void multiply_hold(void)
{
	struct db *db = desk.house.db;

	scratch_run(db, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL"
			" SELECT i + 1 FROM n WHERE i < 5000)"
			" INSERT INTO booking (id, code, agreement, lead,"
			" partner, kind, status, expert, from_time, to_time,"
			" hold_until, owner, owner_site, sequence, version)"
			" SELECT b.id + i, printf('%08d', i), b.agreement,"
			" b.lead, b.partner, b.kind, b.status, b.expert,"
			" b.from_time + 7200 * i, b.to_time + 7200 * i,"
			" b.hold_until, b.owner, b.owner_site, 0, 1"
			" FROM booking b, n");
	scratch_run(db, "INSERT INTO claim (subject, from_time, to_time,"
			" booking, role, hold_until)"
			" SELECT c.subject, c.from_time + 7200 * n.i,"
			" c.to_time + 7200 * n.i, b.id, c.role, c.hold_until"
			" FROM (SELECT id - (SELECT min(id) FROM booking) AS i,"
			"  id FROM booking) n JOIN booking b ON b.id = n.id,"
			" claim c WHERE n.i > 0");
}

/* However many there are, they are ended one by one in little memory, by the
 * first who books. */
static void thousands_of_holds_lapse_at_once(void **state)
{
	const char *a = desk_accepted(&desk, &desk.one, "P-24"),
		   *b = desk_accepted(&desk, &desk.two, "P-25");
	struct take hold = take(a, DESK_MONDAY, true);
	struct take other = take(b, DESK_MONDAY, false);
	struct arena *arena = &desk.house.arena;

	(void)state;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, take_step, &hold));
	multiply_hold();
	assert_int_equal(5 * 5001,
			 desk_count(&desk, "SELECT count(*) FROM claim"));
	desk.house.scratch.now = hold.out.hold_until;
	size_t max = arena->max;

	arena->max = arena->used + ((size_t)256 << 10);
	assert_int_equal(RC_OK, desk_do(&desk, &desk.two, take_step, &other));
	arena->max = max;
	assert_int_equal(5001, desk_count(&desk, "SELECT count(*) FROM booking"
						 " WHERE status = 'lapsed'"));
	assert_int_equal(5001,
			 desk_count(&desk, "SELECT count(*) FROM event WHERE"
					   " verb = 'lapse' AND actor ="
					   " 'system'"));
	assert_int_equal(5, desk_count(&desk, "SELECT count(*) FROM claim"));
}

static void a_hold_is_confirmed_by_its_owner(void **state)
{
	const char *a = desk_accepted(&desk, &desk.one, "P-8");
	struct take hold = take(a, DESK_MONDAY, true);
	struct work w;

	(void)state;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, take_step, &hold));
	struct on on = {.code = hold.out.code, .booking = work_booking_confirm};

	assert_int_equal(RC_FORBIDDEN,
			 desk_do(&desk, &desk.lead, booking_step, &on));
	assert_int_equal(RC_NOT_FOUND,
			 desk_do(&desk, &desk.two, booking_step, &on));
	assert_int_equal(RC_OK, house_do(&desk.house, &desk.one, 1,
					 booking_step, &on, &w));
	assert_int_equal(BOOKING_BOOKED, on.b.status);
	assert_int_equal(REQUEST_SCHEDULED, desk_request_status(&desk, a));
	desk.house.scratch.now += 3600;
	assert_int_equal(0, desk_count(&desk, "SELECT count(*) FROM claim"
					      " WHERE hold_until <> 0"));
}

static void a_move_keeps_the_booking_and_never_blocks_itself(void **state)
{
	const char *a = desk_accepted(&desk, &desk.one, "P-10");
	struct msg_booking b = desk_booked(&desk, &desk.one, a, DESK_MONDAY);
	struct shift m = shift(b.code, DESK_MONDAY + 300);
	struct work w;

	(void)state;
	assert_int_equal(RC_STALE, house_do(&desk.house, &desk.one,
					    b.version + 1, move_step, &m, &w));
	assert_int_equal(RC_OK, house_do(&desk.house, &desk.one, b.version,
					 move_step, &m, &w));
	assert_string_equal(b.code, m.out.code);
	assert_int_equal(DESK_MONDAY + 300, m.out.from);
	assert_int_equal(1, m.out.sequence);
	assert_int_equal(b.to - b.from, m.out.to - m.out.from);
	/* A refused move leaves the old time. */
	struct shift night = shift(b.code, DESK_MONDAY + 12 * 3600);

	assert_int_equal(RC_REFUSED,
			 desk_do(&desk, &desk.one, move_step, &night));
	assert_int_equal(5, desk_count(&desk, "SELECT count(*) FROM claim"));
	assert_int_equal(DESK_MONDAY + 300,
			 desk_count(&desk, "SELECT min(from_time) FROM claim"));
}

static void cancelling_puts_the_request_back(void **state)
{
	const char *a = desk_accepted(&desk, &desk.one, "P-11");
	struct msg_booking b = desk_booked(&desk, &desk.lead, a, DESK_MONDAY);
	struct on on = {.code = b.code, .reason = {"patient transferred"}};
	struct work w;

	(void)state;
	assert_int_equal(RC_OK, house_do(&desk.house, &desk.one, b.version,
					 cancel_step, &on, &w));
	assert_int_equal(BOOKING_CANCELLED, on.b.status);
	assert_int_equal(0, on.b.claims.n);
	assert_int_equal(REQUEST_ACCEPTED, desk_request_status(&desk, a));
	struct on show = {.code = b.code, .booking = work_booking_show};

	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, booking_step, &show));
	assert_string_equal("patient transferred", show.b.reason);
	desk_booked(&desk, &desk.one, a, DESK_MONDAY);
}

static void one_patient_is_not_booked_twice_at_once(void **state)
{
	const char *a = desk_accepted(&desk, &desk.one, "P-12"),
		   *b = desk_accepted(&desk, &desk.one, "P-12");
	struct work w;

	(void)state;
	desk_booked(&desk, &desk.one, a, DESK_MONDAY);
	struct take t = take(b, DESK_MONDAY, false);

	assert_int_equal(RC_REFUSED,
			 house_do(&desk.house, &desk.one, WORK_MATCH_ANY,
				  take_step, &t, &w));
	const struct msg_blocker *v = w.blockers.v;
	bool patient = false;

	for (size_t i = 0; i < w.blockers.n; i++)
		patient |= v[i].role == CLAIM_PATIENT && !v[i].subject;
	assert_true(patient);
}

static void a_move_keeps_what_was_named(void **state)
{
	const char *bridge[] = {"anzhen/bridge"};
	struct take t = take(desk_accepted(&desk, &desk.one, "P-20"),
			     DESK_MONDAY, false);

	(void)state;
	t.in.with = (struct field_strs){bridge, 1};
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, take_step, &t));
	struct shift m = shift(t.out.code, DESK_MONDAY + 3600);

	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, move_step, &m));
	assert_int_equal(t.out.claims.n, m.out.claims.n);
	assert_int_equal(
		1,
		desk_count(&desk, "SELECT count(*) FROM claim c JOIN subject s"
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
	struct take hold = take(desk_accepted(&desk, &desk.one, "P-22"),
				DESK_MONDAY, true);
	struct book_pages p;

	(void)state;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, take_step, &hold));
	for (int i = 0; i < 2; i++, desk.house.scratch.now += 5 * 60) {
		static const char *const statuses[] = {"pending", "lapsed"};

		for (int k = 0; k < 2; k++) {
			proto_clear(&msg_list_query_table, &p.in);
			p.in.status = statuses[k];
			assert_int_equal(RC_OK, desk_do(&desk, &desk.one,
							bookings_step, &p));
			assert_int_equal(i == k, p.out.items.n);
		}
	}
}

static void the_chain_of_it_all_verifies(void **state)
{
	struct event_report report;
	struct tx tx = scratch_tx(&desk.house.scratch, desk.house.db);
	const char *a = desk_accepted(&desk, &desk.one, "P-17");

	(void)state;
	desk_booked(&desk, &desk.one, a, DESK_MONDAY);
	assert_int_equal(RC_OK, event_verify(&tx, &report, NULL));
	assert_true(report.ok);
	assert_int_equal(desk.house.head.seq, report.head.seq);
}

struct listed {
	const struct msg_booking *answer;
	bool found;
};

static void encode(const struct msg_booking *b, struct buf *out)
{
	buf_init(out, 1 << 16);
	proto_encode(&msg_booking_table, b, out);
	assert_false(out->failed);
}

/* Byte for byte what is read of it. */
static enum rc find_listed(struct work *w, void *arg)
{
	struct msg_list_query query;
	struct msg_booking_list list;
	struct listed *l = arg;
	struct buf want, is;

	proto_clear(&msg_list_query_table, &query);
	enum rc rc = work_booking_list(w, &query, &list);
	const struct msg_booking *v = list.items.v;

	encode(l->answer, &want);
	for (size_t i = 0; rc == RC_OK && i < list.items.n; i++) {
		encode(&v[i], &is);
		l->found |= strcmp(buf_cstr(&want), buf_cstr(&is)) == 0;
		buf_fini(&is);
	}
	buf_fini(&want);
	return rc;
}

static void what_is_answered_is_what_is_stored(void **state)
{
	const struct principal *who[] = {&desk.one, &desk.two, &desk.lead};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const char *a = desk_accepted(&desk, i < 2 ? who[i] : &desk.one,
					      i ? "P-2" : "P-1");
		struct take t =
			take(a, DESK_MONDAY + (int64_t)i * 3600, i == 1);
		struct listed l = {.answer = &t.out};

		assert_int_equal(RC_OK, desk_do(&desk, who[i], take_step, &t));
		assert_true(t.out.claims.n >= 3);
		assert_int_equal(RC_OK,
				 desk_do(&desk, who[i], find_listed, &l));
		assert_true(l.found);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_second_hears_all_reasons_and_the_nearest_times),
		TEST(what_is_answered_is_what_is_stored),
		TEST(a_hold_lives_and_lapses),
		TEST(a_hold_lapses_by_itself),
		TEST(thousands_of_holds_lapse_at_once),
		TEST(a_hold_is_confirmed_by_its_owner),
		TEST(a_move_keeps_the_booking_and_never_blocks_itself),
		TEST(cancelling_puts_the_request_back),
		TEST(one_patient_is_not_booked_twice_at_once),
		TEST(a_move_keeps_what_was_named),
		TEST(a_lapsed_hold_is_listed_as_lapsed),
		TEST(the_chain_of_it_all_verifies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
