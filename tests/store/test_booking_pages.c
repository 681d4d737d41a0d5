/* Pages of bookings against a plain reading of the table: every list, walked
 * from its first page to its last, over any filter; and the codes of what is
 * made together. SEED. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/store/booking.h"
#include "tests/support/scratch.h"

#define SITES 6
#define AGREEMENTS 9
#define EXPERTS 3 /* subjects 1..3 */
#define BOOKINGS 500
#define WALKS 120
#define DAY INT64_C(86400)

static struct scratch scratch;
static struct db *db;
static uint64_t seed, chance;

static int64_t below(int64_t n)
{
	return (int64_t)scratch_random(&chance, (uint64_t)n);
}

static void run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void run(const char *fmt, ...)
{
	char sql[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(sql, sizeof(sql), fmt, args);
	va_end(args);
	scratch_run(db, sql);
}

/* Some sites are the lead of one agreement and the partner of another. */
static void network(void)
{
	for (int i = 1; i <= SITES; i++)
		run("INSERT INTO site (id, slug, name, time_zone)"
		    " VALUES (%d, 's%d', '', 'UTC')",
		    i, i);
	for (int i = 1; i <= EXPERTS; i++)
		run("INSERT INTO subject (id, type, slug, site, name, capacity)"
		    " VALUES (%d, 'expert', 's1/e%d', 1, '', 100000);"
		    " INSERT INTO expert (subject, buffer_minutes, cap_per_day)"
		    " VALUES (%d, 0, 0)",
		    i, i, i);
	for (int i = 1; i <= AGREEMENTS; i++)
		run("INSERT INTO agreement (id, slug, lead, partner, "
		    "valid_from,"
		    " valid_to) VALUES (%d, 'a%d', %d, %d, 0, 90000)",
		    i, i, 1 + i % 3, 1 + (i % 3 + 1 + i % 5) % SITES);
	run("INSERT INTO identity (id, name, role, made_at)"
	    " VALUES (1, 'desk', 'auditor', 0)");
}

/* Some lie close together, some years apart, some at the same second. */
static int64_t a_time(void)
{
	static const int64_t spread[] = {1, 2 * DAY, 40 * DAY, 1500 * DAY};

	return scratch.now + 3600 * below(spread[below(4)] / 3600 + 1) -
	       below(2) * 300 * DAY;
}

static void a_booking(int id)
{
	int agreement = 1 + (int)below(AGREEMENTS);
	int expert = (int)below(EXPERTS + 1);
	enum booking_status status =
		below(3) ? BOOKING_BOOKED
			 : (enum booking_status)below(BOOKING_COUNT);
	const char *word = words_name(&words_booking_status, (int)status);
	int64_t at = a_time();
	int64_t until =
		status == BOOKING_PENDING ? scratch.now - 50 + below(100) : 0;

	run("INSERT INTO booking (id, code, agreement, lead, partner, kind,"
	    " status, expert, from_time, to_time, hold_until, owner,"
	    " owner_site, version) SELECT %d, 'C%d', id, lead, partner, '%s',"
	    " '%s', nullif(%d, 0), %" PRId64 ", %" PRId64 ", %" PRId64
	    ", 1, lead, 1 FROM agreement WHERE id = %d",
	    id, id, below(2) ? "clinic-slot" : "referral", word, expert, at,
	    at + 1800, until, agreement);
	if (expert &&
	    (status == BOOKING_PENDING || status == BOOKING_BOOKED || below(2)))
		run("INSERT INTO claim (subject, from_time, to_time, booking,"
		    " role) VALUES (%d, %" PRId64 ", %" PRId64
		    ", %d, 'expert')",
		    expert, at, at + 1800, id);
}

static int setup(void **state)
{
	(void)state;
	scratch_begin(&scratch);
	db = scratch_open(&scratch);
	scratch.now = INT64_C(1800000000);
	network();
	scratch_run(db, "BEGIN");
	for (int i = 1; i <= BOOKINGS; i++)
		a_booking(i);
	scratch_run(db, "COMMIT");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	db_close(db);
	scratch_end(&scratch);
	return 0;
}

/* ---- what is asked for ---- */

static struct list_filter a_filter(void)
{
	static const char *const sites[] = {"s1", "s2", "s6", "none"};
	static const char *const experts[] = {"s1/e1", "s1/e3", "none"};
	struct list_filter f = {
		.kind = -1, .from = INT64_MIN, .to = INT64_MIN, .limit = 1};

	if (below(3) == 0)
		f.as_expert = 1 + below(EXPERTS);
	if (!f.as_expert || below(4) == 0)
		f.as_lead = f.as_partner = 1 + below(SITES);
	if (below(4) == 0)
		f.as_partner = 0;
	if (below(3) == 0)
		f.status = words_name(&words_booking_status,
				      (int)below(BOOKING_COUNT));
	if (below(4) == 0)
		f.site = sites[below(4)];
	if (below(4) == 0)
		f.expert = experts[below(3)];
	if (below(4) == 0)
		f.kind = below(2) ? KIND_CLINIC_SLOT : KIND_REFERRAL;
	if (below(2))
		f.from = a_time();
	if (below(2))
		f.to = a_time();
	f.limit += 1 + below(60);
	return f;
}

/* The table read as a whole, one row after the other in the list's order. */
static void expect(struct query *q, const struct list_filter *f)
{
	query_begin(q, db,
		    "SELECT b.id FROM booking b"
		    " LEFT JOIN subject e ON e.id = b.expert"
		    " JOIN site l ON l.id = b.lead JOIN site p ON p.id ="
		    " b.partner WHERE (b.lead = $1 OR b.partner = $2"
		    "  OR b.expert = $3) AND b.from_time >= $4"
		    " AND b.from_time < $5 AND ($6 IS NULL OR $6 = CASE"
		    "  WHEN b.status = 'pending' AND b.hold_until <= $7"
		    "  THEN 'lapsed' ELSE b.status END)"
		    " AND ($8 IS NULL OR $8 IN (l.slug, p.slug))"
		    " AND ($9 IS NULL OR $9 = e.slug)"
		    " AND ($10 IS NULL OR $10 = b.kind)"
		    " ORDER BY b.from_time, b.id");
	query_int(q, 1, f->as_lead);
	query_int(q, 2, f->as_partner);
	query_int(q, 3, f->as_expert);
	query_int(q, 4, f->from);
	query_int(q, 5, f->to == INT64_MIN ? INT64_MAX : f->to);
	query_text(q, 6, f->status);
	query_int(q, 7, scratch.now);
	query_text(q, 8, f->site);
	query_text(q, 9, f->expert);
	query_text(q, 10,
		   f->kind < 0 ? NULL : words_name(&words_kind, f->kind));
}

/* One page more; the number of its rows. */
static size_t turn(struct query *want, struct list_filter *f)
{
	struct tx tx = {.db = db, .env = &scratch.env, .now = scratch.now};
	struct err err = ERR_INIT;
	struct booking *page;
	struct arena arena;
	size_t n;

	arena_init(&arena, (size_t)1 << 22);
	if (booking_list(&tx, f, &arena, &page, &n, &err) != RC_OK)
		fail_msg("SEED=%" PRIu64 ": %s", seed, err.text);
	for (size_t i = 0; i < n; i++) {
		if (!query_row(want) || query_col_int(want, 0) != page[i].id)
			fail_msg("SEED=%" PRIu64 ": %" PRId64
				 " stands where %" PRId64 " belongs",
				 seed, page[i].id, query_col_int(want, 0));
		f->after = true;
		f->after_key = page[i].from;
		f->after_id = page[i].id;
	}
	arena_fini(&arena);
	return n;
}

static void every_page_follows_the_last(void **state)
{
	size_t seen = 0;

	(void)state;
	for (int i = 0; i < WALKS; i++) {
		struct list_filter f = a_filter();
		struct query want;
		size_t n;

		expect(&want, &f);
		do {
			n = turn(&want, &f);
			seen += n;
		} while (n == (size_t)f.limit);
		if (query_row(&want))
			fail_msg("SEED=%" PRIu64 ": %" PRId64 " is left out",
				 seed, query_col_int(&want, 0));
		assert_int_equal(query_end(&want, NULL), RC_OK);
	}
	assert_true(seen > WALKS);
}

/* ---- codes ---- */

/* As with bookings: each begins as the one before it, until a run is over. */
static void codes_come_in_runs(void **state)
{
	struct tx tx = scratch_tx(&scratch, db);
	char last[4] = "";
	int runs = 0;

	(void)state;
	scratch_run(db, "DELETE FROM claim; DELETE FROM booking; BEGIN");
	for (int i = 1; i <= 3000; i++) {
		struct code code, read;
		struct err err = ERR_INIT;

		assert_int_equal(booking_draw_code(&tx, &code, &err), RC_OK);
		assert_true(code_read(code.s, CODE_LEN, &read));
		runs += strncmp(code.s, last, 3) != 0;
		snprintf(last, sizeof(last), "%.3s", code.s);
		run("INSERT INTO booking (id, code, agreement, lead, partner,"
		    " kind, status, from_time, to_time, owner, owner_site,"
		    " version) SELECT %d, '%s', id, lead, partner, 'referral',"
		    " 'booked', 1, 2, 1, 1, 1 FROM agreement WHERE id = 1",
		    i, code.s);
	}
	scratch_run(db, "COMMIT");
	assert_in_range(runs, 10, 13);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_page_follows_the_last),
		cmocka_unit_test(codes_come_in_runs),
	};

	seed = chance = scratch_seed();
	return cmocka_run_group_tests(tests, setup, teardown);
}
