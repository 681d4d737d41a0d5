/* What a connection keeps: good by stamps alone, and bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/civil.h"
#include "daemon/store/calendar.h"
#include "daemon/store/executor.h"
#include "daemon/store/keep.h"
#include "daemon/store/site.h"
#include "daemon/store/stamps.h"
#include "tests/support/house.h"

#define MIB ((size_t)1 << 20)

static struct house house;
static struct reader *reader;
static struct arena arena;
static int64_t expert;

static int setup(void **state)
{
	(void)state;
	house_begin(&house);
	(void)house_person(&house, ROLE_ADMINISTRATOR, NULL, NULL);
	scratch_run(house.db,
		    "INSERT INTO booking (id, code, agreement, lead, partner,"
		    " kind, status, from_time, to_time, owner, owner_site,"
		    " version) SELECT 1, '1', min(id), 1, 2, 'clinic-slot',"
		    " 'booked', 0, 1, 1, 1, 1 FROM agreement");
	expert = scratch_number(house.db, "SELECT min(subject) FROM expert");
	assert_int_equal(RC_OK, reader_new(&house.scratch.env, &reader, NULL));
	arena_init(&arena, 16 * MIB);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_fini(&arena);
	reader_free(reader);
	house_end(&house);
	return 0;
}

/* As the writer: the n-th hour of tomorrow is taken. */
static enum rc claim_step(struct work *w, void *arg)
{
	const int *n = arg;
	int64_t from = w->tx->now + CIVIL_DAY + *n * 3600;
	struct query q;

	query_begin(&q, w->tx->db,
		    "INSERT INTO claim (subject, from_time, to_time, booking,"
		    " role, hold_until) VALUES ($1, $2, $3, 1, 'expert', 0)");
	query_int(&q, 1, expert);
	query_int(&q, 2, from);
	query_int(&q, 3, from + 1800);
	stamps_touch_subject(w->tx, expert);
	return query_end(&q, &w->err);
}

static void claim(int n)
{
	static const struct principal root = {.name = "root"};
	struct work w;

	assert_int_equal(RC_OK, house_do(&house, &root, WORK_MATCH_ANY,
					 claim_step, &n, &w));
}

static size_t count(struct tx *tx)
{
	struct calendar_loader l = {
		.tx = tx,
		.arena = &arena,
		.window = {tx->now, tx->now + 3 * CIVIL_DAY}};
	struct core_expert e;

	assert_int_equal(RC_OK, calendar_expert(&l, expert, &e, NULL));
	return e.subject.nclaims;
}

static size_t count_once(void)
{
	struct tx tx;

	assert_int_equal(RC_OK, reader_begin(reader, &tx, NULL));
	size_t n = count(&tx);

	reader_end(reader);
	return n;
}

/* The claim is there, but nobody was told: what is kept is what is answered,
 * which shows that it is. */
static void claims_are_kept_while_their_stamp_stands(void **state)
{
	(void)state;
	assert_int_equal(0, count_once());
	scratch_run(house.db,
		    "INSERT INTO claim (subject, from_time, to_time, booking,"
		    " role, hold_until) SELECT min(subject), 1800050000,"
		    " 1800051000, 1, 'expert', 0 FROM expert");
	assert_int_equal(0, count_once());
	claim(2);
	assert_int_equal(2, count_once());
}

/* A transaction that began before the change reads what was; its stamp is that
 * of what is. */
static void a_stamp_younger_than_what_is_read_keeps_nothing(void **state)
{
	struct tx tx;

	(void)state;
	assert_int_equal(RC_OK, reader_begin(reader, &tx, NULL));
	/* the snapshot is taken with the first look */
	assert_int_equal(0,
			 scratch_number(tx.db, "SELECT count(*) FROM claim"));
	claim(0);
	assert_int_equal(0, count(&tx));
	reader_end(reader);
	assert_int_equal(1, count_once());
}

/* Within one transaction claims that were given stay, whoever asks again. */
static void what_was_given_stays_until_the_end(void **state)
{
	struct calendar_loader l = {.arena = &arena};
	struct core_subject first, again;
	struct tx tx;

	(void)state;
	claim(0);
	assert_int_equal(1, count_once());
	assert_int_equal(RC_OK, reader_begin(reader, &tx, NULL));
	assert_int_equal(1,
			 scratch_number(tx.db, "SELECT count(*) FROM claim"));
	l.tx = &tx;
	l.window = (struct core_span){tx.now, tx.now + CIVIL_DAY};
	assert_int_equal(RC_OK, calendar_subject(&l, expert, &first, NULL));
	claim(1);
	l.window.to += 90 * CIVIL_DAY;
	assert_int_equal(RC_OK, calendar_subject(&l, expert, &again, NULL));
	assert_int_equal(1, again.nclaims);
	assert_int_equal(1, first.nclaims);
	assert_memory_equal(first.claims, again.claims, sizeof(*first.claims));
	reader_end(reader);
	assert_int_equal(2, count_once());
}

static enum rc rename_step(struct work *w, void *arg)
{
	(void)arg;
	stamps_touch_all(w->tx);
	return db_run(w->tx->db, "UPDATE site SET name = 'another'", &w->err);
}

static bool is_renamed(void)
{
	struct site site;
	struct tx tx;

	assert_int_equal(RC_OK, reader_begin(reader, &tx, NULL));
	assert_int_equal(RC_OK, site_by_id(&tx, 1, &arena, &site, NULL));
	bool renamed = strcmp(site.name, "another") == 0;

	reader_end(reader);
	return renamed;
}

static void facts_are_kept_while_all_stands(void **state)
{
	static const struct principal root = {.name = "root"};
	struct work w;

	(void)state;
	assert_false(is_renamed());
	/* nobody is told */
	scratch_run(house.db, "UPDATE site SET name = 'another'");
	assert_false(is_renamed());
	assert_int_equal(RC_OK, house_do(&house, &root, WORK_MATCH_ANY,
					 rename_step, NULL, &w));
	assert_true(is_renamed());
}

/* --- bounds --- */

static int freed;

static void free_block(struct keep_block *block)
{
	freed++;
	mem_free(block);
}

static struct keep_block *block_of(int64_t number, size_t bytes)
{
	struct keep_block *b = mem_alloc(sizeof(*b));

	*b = (struct keep_block){.key = {.sort = KEEP_CLAIMS, .a = number},
				 .bytes = bytes,
				 .free = free_block};
	return b;
}

static void the_oldest_go_but_none_that_is_in_use(void **state)
{
	const struct keep_key first = {.sort = KEEP_CLAIMS, .a = 0};
	struct tx tx;
	int64_t n = 0;

	(void)state;
	freed = 0;
	assert_int_equal(RC_OK, reader_begin(reader, &tx, NULL));
	while (keep_room(&tx, MIB))
		keep_add_block_take(&tx, block_of(n++, MIB));
	reader_end(reader);
	assert_in_range(n, 4, 64);
	assert_int_equal(0, freed);
	/* in the next one all but the first, which is looked at, may go */
	assert_int_equal(RC_OK, reader_begin(reader, &tx, NULL));
	assert_non_null(keep_find_block(&tx, &first));
	for (int64_t i = 1; i < n; i++) {
		assert_true(keep_room(&tx, MIB));
		keep_add_block_take(&tx, block_of(n + i, MIB));
		assert_int_equal(i, freed);
	}
	assert_false(keep_room(&tx, MIB));
	assert_int_equal(n - 1, freed);
	assert_non_null(keep_find_block(&tx, &first));
	reader_end(reader);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(claims_are_kept_while_their_stamp_stands),
		TEST(a_stamp_younger_than_what_is_read_keeps_nothing),
		TEST(what_was_given_stays_until_the_end),
		TEST(facts_are_kept_while_all_stands),
		TEST(the_oldest_go_but_none_that_is_in_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
