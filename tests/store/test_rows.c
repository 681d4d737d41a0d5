/* Rows of requests and bookings: what is written is read again, what cannot be
 * read is said to be corrupt, and every filter of a list chooses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "daemon/store/booking.h"
#include "daemon/store/request.h"
#include "daemon/store/seal.h"
#include "tests/support/desk.h"
#include "tests/support/fake.h"

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

/* --- spoiled rows --- */

/* The step's answer after that statement, which is undone. */
static enum rc after(const char *sql, const struct principal *who,
		     house_step step, void *arg)
{
	struct db *db = desk.house.db;
	struct tx tx = scratch_tx(&desk.house.scratch, db);
	struct work w = {.tx = &tx,
			 .who = who,
			 .arena = &desk.house.arena,
			 .request_id = "test",
			 .match = WORK_MATCH_ANY};

	tx.head = desk.house.head;
	assert_int_equal(RC_OK, db_begin(db, NULL));
	scratch_run(db, sql);
	enum rc rc = step(&w, arg);

	db_rollback(db);
	if (rc != RC_OK)
		assert_int_equal(rc, w.err.rc);
	return rc;
}

static enum rc slots_step(struct work *w, void *arg)
{
	struct msg_slots_query in;
	struct msg_slots out;

	proto_clear(&msg_slots_query_table, &in);
	in.request = ((const struct on *)arg)->code;
	return work_slots(w, &in, &out);
}

static void a_word_that_is_none_is_corrupt(void **state)
{
	static const char *const of_requests[] = {
		"UPDATE request SET kind = 'tea'",
		"UPDATE request SET status = 'lost'",
		"UPDATE request SET urgency = ''",
	};
	static const char *const of_bookings[] = {
		"UPDATE booking SET kind = 'tea'",
		"UPDATE booking SET status = 'Booked'",
		"UPDATE claim SET role = 'guest'",
		"UPDATE subject SET type = 'ghost' WHERE type = 'studio'",
	};
	const char *a = desk_accepted(&desk, &desk.one, "P-1");
	struct on on = {.code = a, .booking = work_booking_show};

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(RC_CORRUPT, after(of_requests[i], &desk.one,
						   show_step, &on));
	on.code = desk_booked(&desk, &desk.one, a, DESK_MONDAY).code;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(RC_CORRUPT, after(of_bookings[i], &desk.one,
						   booking_step, &on));
	assert_int_equal(RC_OK, after("UPDATE booking SET kind = kind",
				      &desk.one, booking_step, &on));
}

static void a_calendar_that_cannot_be_read_is_corrupt(void **state)
{
	static const char *const spoil[] = {
		"UPDATE subject SET type = 'ghost' WHERE slug = 'coronary-1'",
		"UPDATE rule SET rrule = 'FREQ=SOMETIMES'",
		"UPDATE agreement_kind SET kind = 'tea'"
		" WHERE kind = 'remote-consultation'",
		"UPDATE expert_word SET word = 'tea' WHERE sort = 'kind'"
		" AND word = 'remote-consultation'",
		"UPDATE claim SET role = 'guest'",
		"UPDATE rule SET time_zone = 'Moon/Tycho'",
		"UPDATE site SET time_zone = 'Moon/Tycho'",
	};
	const char *a = desk_accepted(&desk, &desk.one, "P-2");
	const char *b = desk_accepted(&desk, &desk.two, "P-2");

	(void)state;
	desk_booked(&desk, &desk.two, b, DESK_MONDAY);
	for (size_t i = 0; i < sizeof(spoil) / sizeof(spoil[0]); i++) {
		struct on on = {.code = a};
		enum rc rc = after(spoil[i], &desk.one, slots_step, &on);

		if (rc != RC_CORRUPT)
			fail_msg("%s: %s", spoil[i], rc_row(rc)->code);
	}
}

/* --- wanted times --- */

static void wanted_times_are_kept(void **state)
{
	struct msg_interval wanted[] = {
		{DESK_MONDAY, DESK_MONDAY + 3600},
		{DESK_MONDAY + 86400, DESK_MONDAY + 90000}};
	struct ask_for ask = ask_for("liaoyang-central", "P-3");
	struct on on = {0};

	(void)state;
	ask.in.wanted = (struct field_list){wanted, 2};
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, submit_step, &ask));
	on.code = ask.out.code;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, show_step, &on));
	assert_int_equal(2, on.r.wanted.n);
	assert_memory_equal(wanted, on.r.wanted.v, sizeof(wanted));
}

static void wanted_times_that_are_none_are_corrupt(void **state)
{
	static const char *const spoil[] = {
		"UPDATE request SET wanted = 'x'",
		"UPDATE request SET wanted = '1'",
		"UPDATE request SET wanted = '1/'",
		"UPDATE request SET wanted = '/2'",
		"UPDATE request SET wanted = '1/2 3'",
		"UPDATE request SET wanted = '1/2x'",
		"UPDATE request SET wanted = '1 2/3'",
	};
	struct on on = {.code = desk_accepted(&desk, &desk.one, "P-4")};

	(void)state;
	for (size_t i = 0; i < sizeof(spoil) / sizeof(spoil[0]); i++)
		assert_int_equal(RC_CORRUPT,
				 after(spoil[i], &desk.one, show_step, &on));
	assert_int_equal(RC_OK, after("UPDATE request SET wanted = '1/2 3/4'",
				      &desk.one, show_step, &on));
	assert_int_equal(2, on.r.wanted.n);
}

/* --- papers --- */

/* Shows the request of `on` once its papers hold these bytes, well sealed. */
struct sheet {
	struct on *on;
	const void *plain;
	size_t len;
};

static enum rc papers_step(struct work *w, void *arg)
{
	struct sheet *p = arg;
	struct request r;
	struct buf sealed;
	struct query q;
	enum rc rc = request_by_code(w->tx, p->on->code, w->arena, &r, NULL);

	assert_int_equal(RC_OK, rc);
	const struct seal_place place = {"request.papers", r.id, r.partner};

	buf_init(&sealed, 4096);
	assert_int_equal(RC_OK, seal_close(w->tx, &place, p->plain, p->len,
					   &sealed, NULL));
	query_begin(&q, w->tx->db,
		    "UPDATE request SET papers = $1 WHERE id = $2");
	query_blob(&q, 1, sealed.data, sealed.len);
	query_int(&q, 2, r.id);
	assert_int_equal(RC_OK, query_end(&q, NULL));
	buf_fini(&sealed);
	return show_step(w, p->on);
}

static void papers_that_are_cut_are_corrupt(void **state)
{
	static const unsigned char five[] = {
		1, 0, 0,   0,	 'x',  0xff, 0xff, 0xff, 0xff, 1,    0,
		0, 0, 'y', 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
	struct on on = {.code = desk_accepted(&desk, &desk.one, "P-5")};
	struct sheet p = {&on, five, 0};

	(void)state;
	for (; p.len < sizeof(five); p.len++)
		assert_int_equal(RC_CORRUPT, after("UPDATE request SET title"
						   " = title",
						   &desk.one, papers_step, &p));
	assert_int_equal(RC_OK, after("UPDATE request SET title = title",
				      &desk.one, papers_step, &p));
	assert_string_equal("x", on.r.patient->local_id);
	assert_null(on.r.patient->name);
	assert_string_equal("y", on.r.patient->summary);
}

static void papers_of_another_row_do_not_open(void **state)
{
	struct on on = {.code = desk_accepted(&desk, &desk.one, "P-6")};

	(void)state;
	desk_accepted(&desk, &desk.one, "P-7");
	assert_int_equal(
		RC_CORRUPT,
		after("UPDATE request SET papers = (SELECT papers FROM request"
		      " ORDER BY id DESC LIMIT 1)",
		      &desk.one, show_step, &on));
	assert_int_equal(RC_CORRUPT, after("UPDATE request SET papers = x''",
					   &desk.one, show_step, &on));
}

/* --- codes, versions --- */

static void fill_with_zeros(void *ctx, void *out, size_t len)
{
	(void)ctx;
	memset(out, 0, len);
}

static void a_code_that_is_taken_is_drawn_again_for_a_while(void **state)
{
	struct ask_for ask = ask_for("liaoyang-central", "P-8");
	struct fake_rnd same;
	struct work w;

	(void)state;
	fake_rnd_init(&same, 1);
	desk.house.scratch.env.rnd = &same.rnd;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, submit_step, &ask));
	/* The first drawn is the one that is there: another is drawn. */
	fake_rnd_init(&same, 1);
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, submit_step, &ask));
	assert_int_equal(2, desk_count(&desk, "SELECT count(*) FROM request"));
	desk.house.scratch.env.rnd =
		&(struct rnd){.fill = fill_with_zeros, .ctx = NULL};
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, submit_step, &ask));
	assert_int_equal(RC_INTERNAL,
			 house_do(&desk.house, &desk.one, WORK_MATCH_ANY,
				  submit_step, &ask, &w));
	assert_string_equal("no free code was drawn", w.err.text);
	desk.house.scratch.env.rnd = rnd_system();
}

/* Two read the same row; the second to write hears of it. */
static enum rc update_twice_step(struct work *w, void *arg)
{
	const struct on *on = arg;
	struct request r;
	struct booking b;
	enum rc rc = request_by_code(w->tx, on->code, w->arena, &r, NULL);

	assert_int_equal(RC_OK, rc);
	assert_int_equal(RC_OK,
			 booking_of_request(w->tx, r.id, w->arena, &b, NULL));
	struct request late_r = r;
	struct booking late_b = b;

	assert_int_equal(RC_OK, request_update(w->tx, &r, NULL));
	assert_int_equal(late_r.version + 1, r.version);
	assert_int_equal(RC_OK, booking_update(w->tx, &b, NULL));
	assert_int_equal(late_b.version + 1, b.version);
	assert_int_equal(RC_STALE, booking_update(w->tx, &late_b, &w->err));
	return request_update(w->tx, &late_r, &w->err);
}

static void who_is_second_to_write_hears_of_it(void **state)
{
	struct on on = {.code = desk_accepted(&desk, &desk.one, "P-9")};
	struct work w;

	(void)state;
	desk_booked(&desk, &desk.one, on.code, DESK_MONDAY);
	assert_int_equal(RC_STALE,
			 house_do(&desk.house, &desk.one, WORK_MATCH_ANY,
				  update_twice_step, &on, &w));
	assert_string_equal("the request was changed", w.err.text);
}

/* --- lists --- */

struct pages {
	struct msg_list_query in;
	struct msg_request_list requests;
	struct msg_booking_list bookings;
};

static enum rc requests_step(struct work *w, void *arg)
{
	struct pages *p = arg;

	return work_request_list(w, &p->in, &p->requests);
}

static enum rc bookings_step(struct work *w, void *arg)
{
	struct pages *p = arg;

	return work_booking_list(w, &p->in, &p->bookings);
}

static void assert_listed(const struct msg_list_query *in, size_t requests,
			  size_t bookings)
{
	struct pages p = {.in = *in};

	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, requests_step, &p));
	assert_int_equal(requests, p.requests.items.n);
	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, bookings_step, &p));
	assert_int_equal(bookings, p.bookings.items.n);
}

#define LISTED(requests, bookings, field, value)                               \
	do {                                                                   \
		struct msg_list_query in;                                      \
		proto_clear(&msg_list_query_table, &in);                       \
		in.field = value;                                              \
		assert_listed(&in, requests, bookings);                        \
	} while (0)

/* Two requests, of two partners; one of them is booked. */
static void every_filter_chooses(void **state)
{
	const char *a = desk_accepted(&desk, &desk.one, "P-10");
	int64_t now = desk.house.scratch.now;

	(void)state;
	desk_accepted(&desk, &desk.two, "P-11");
	desk_booked(&desk, &desk.one, a, DESK_MONDAY);
	LISTED(2, 1, limit, FIELD_NONE);
	LISTED(1, 1, limit, 1);
	LISTED(1, 1, site, "liaoyang-central");
	LISTED(1, 0, site, "cooperating-2");
	LISTED(2, 1, site, "anzhen");
	LISTED(0, 0, site, "tiantan");
	LISTED(2, 1, expert, "coronary-1");
	LISTED(0, 0, expert, "echo-1");
	LISTED(2, 1, kind, KIND_REMOTE_CONSULTATION);
	LISTED(0, 0, kind, KIND_REFERRAL);
	LISTED(2, 1, from, now);
	LISTED(0, 1, from, now + 1);
	LISTED(0, 0, from, DESK_MONDAY + 1);
	LISTED(0, 0, to, now);
	LISTED(2, 0, to, now + 1);
	LISTED(2, 1, to, DESK_MONDAY + 1);
}

/* Page after page, each row once, in order. */
static void bookings_are_turned_over_page_by_page(void **state)
{
	struct pages p;
	int64_t last = 0;
	int seen = 0;

	(void)state;
	for (int i = 0; i < 5; i++)
		desk_booked(&desk, &desk.one,
			    desk_accepted(&desk, &desk.one, "P-12"),
			    DESK_MONDAY + 2400 * (4 - i));
	proto_clear(&msg_list_query_table, &p.in);
	p.in.limit = 2;
	do {
		assert_int_equal(RC_OK,
				 desk_do(&desk, &desk.one, bookings_step, &p));
		const struct msg_booking *v = p.bookings.items.v;

		for (size_t i = 0; i < p.bookings.items.n; i++, seen++) {
			assert_true(v[i].from > last);
			last = v[i].from;
		}
		p.in.cursor = p.bookings.next;
	} while (p.in.cursor && seen < 100);
	assert_int_equal(5, seen);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_word_that_is_none_is_corrupt),
		TEST(a_calendar_that_cannot_be_read_is_corrupt),
		TEST(wanted_times_are_kept),
		TEST(wanted_times_that_are_none_are_corrupt),
		TEST(papers_that_are_cut_are_corrupt),
		TEST(papers_of_another_row_do_not_open),
		TEST(a_code_that_is_taken_is_drawn_again_for_a_while),
		TEST(who_is_second_to_write_hears_of_it),
		TEST(every_filter_chooses),
		TEST(bookings_are_turned_over_page_by_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
