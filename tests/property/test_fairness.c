/*
 * A month of a clinic with equal experts, booked by specialty at times in any
 * order: after every booking the spread of hours among them is one session at
 * most, who is taken is whom the search offers first, and why is said. By name
 * the first of them would have it all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/civil.h"
#include "tests/support/fake.h"
#include "tests/support/house.h"

#define EXPERTS 5
#define DAYS 28
#define PLACES 12
#define SLOT ((int64_t)1200)
#define NIGHT_CALL 45 /* minutes that a call at night counts as */
/* Friday 2027-01-15 00:00 UTC; the scratch's clock stands at 8:00. */
#define TODAY (INT64_C(1800000000) / CIVIL_DAY * CIVIL_DAY)

static struct month {
	struct house house;
	struct principal far;
	uint64_t random;
	int64_t had[EXPERTS];
	int64_t starts[DAYS * PLACES];
	int n, patients;
} g;

static void add_clinics(struct buf *text)
{
	buf_printf(text, "\"resources\":[");
	for (int i = 0; i < EXPERTS; i++)
		buf_printf(text,
			   "%s{\"id\":\"lead/c%d\",\"name\":\"c\",\"type\":"
			   "\"clinic-room\",\"capacity\":1}",
			   i ? "," : "", i);
	buf_printf(text, "],\"experts\":[");
	for (int i = 0; i < EXPERTS; i++)
		buf_printf(text,
			   "%s{\"id\":\"e%d\",\"name\":\"E %d\",\"home\":"
			   "\"lead\",\"specialties\":[\"heart\"],\"title\":"
			   "\"attending\",\"independent_since\":\"2000-08-01\","
			   "\"kinds\":[\"clinic-slot\"]}",
			   i ? "," : "", i, i);
	buf_printf(text, "],\"availability\":[");
	for (int i = 0; i < EXPERTS; i++)
		buf_printf(text,
			   "%s{\"of\":\"e%d\",\"rrule\":\"FREQ=DAILY\","
			   "\"start\":\"2026-01-01T10:00\",\"end\":"
			   "\"2026-01-01T14:00\",\"time_zone\":\"UTC\","
			   "\"at\":\"lead/c%d\",\"slot_minutes\":20,"
			   "\"kinds\":[\"clinic-slot\"]}",
			   i ? "," : "", i, i);
	buf_printf(text, "]}");
}

static void begin(int weeks)
{
	struct buf text;

	memset(&g, 0, sizeof(g));
	buf_init(&text, 1 << 20);
	buf_printf(&text,
		   "{\"version\":1,\"limit_sets\":{},\"sites\":["
		   "{\"id\":\"lead\",\"name\":\"l\",\"time_zone\":\"UTC\"},"
		   "{\"id\":\"far\",\"name\":\"f\",\"time_zone\":\"UTC\"}],"
		   "\"agreements\":[{\"id\":\"a\",\"lead\":\"lead\","
		   "\"partner\":\"far\",\"specialties\":[\"heart\"],"
		   "\"valid_from\":\"2022-01-01\",\"valid_to\":\"2035-12-31\","
		   "\"fairness_weeks\":%d,\"night_call_minutes\":%d,"
		   "\"kinds\":[\"clinic-slot\"]}],",
		   weeks, NIGHT_CALL);
	add_clinics(&text);
	assert_false(text.failed);
	house_begin_with(&g.house, text.data, text.len);
	buf_fini(&text);
	g.far = house_person(&g.house, ROLE_SITE_COORDINATOR, "far", NULL);
}

/* Every place of the month once, in any order. */
static void shuffle(void)
{
	g.n = 0;
	for (int d = 1; d <= DAYS; d++)
		for (int p = 0; p < PLACES; p++)
			g.starts[g.n++] =
				TODAY + d * CIVIL_DAY + 36000 + p * SLOT;
	for (int i = g.n - 1; i > 0; i--) {
		int k = (int)scratch_random(&g.random, (uint64_t)i + 1);
		int64_t one = g.starts[i];

		g.starts[i] = g.starts[k];
		g.starts[k] = one;
	}
}

struct booking_step {
	struct msg_slots_query query;
	struct msg_slots found;
	struct msg_patient patient;
	struct msg_book in;
	struct msg_booking out;
};

static enum rc search_step(struct work *w, void *arg)
{
	struct booking_step *b = arg;

	return work_slots(w, &b->query, &b->found);
}

static enum rc book_step(struct work *w, void *arg)
{
	struct booking_step *b = arg;

	return work_booking_book(w, &b->in, &b->out);
}

static void run(house_step step, struct booking_step *b)
{
	struct work w;
	enum rc rc = house_do(&g.house, &g.far, WORK_MATCH_ANY, step, b, &w);

	if (rc != RC_OK)
		fail_msg("%s", w.err.text);
}

/* Books whoever is to have it at that time; answers who. */
static int book(int64_t at)
{
	struct booking_step b;
	char number[16];

	proto_clear(&msg_slots_query_table, &b.query);
	b.query.kind = KIND_CLINIC_SLOT;
	b.query.specialty = "heart";
	b.query.from = at;
	b.query.to = at + 1;
	run(search_step, &b);
	const struct msg_slot *v = b.found.slots.v;

	assert_int_equal(EXPERTS, b.found.slots.n);
	proto_clear(&msg_patient_table, &b.patient);
	proto_clear(&msg_book_table, &b.in);
	snprintf(number, sizeof(number), "P-%d", g.patients++);
	b.patient.local_id = number;
	b.patient.name = "somebody";
	b.in.kind = KIND_CLINIC_SLOT;
	b.in.specialty = "heart";
	b.in.patient = &b.patient;
	b.in.at = at;
	run(book_step, &b);
	assert_string_equal(v[0].expert, b.out.expert);
	if (v[0].fair) {
		assert_non_null(b.out.fair);
		assert_int_equal(1, b.out.fair->rank);
		assert_int_equal(EXPERTS, b.out.fair->of);
		assert_int_equal(FIELD_NONE, b.out.fair->night_calls);
	}
	for (size_t i = 0; v[0].fair && i < EXPERTS; i++) {
		assert_int_equal(i + 1, v[i].fair->rank);
		assert_int_equal(g.had[v[i].expert[1] - '0'] * 20,
				 v[i].fair->minutes);
	}
	return b.out.expert[1] - '0';
}

static int64_t spread(void)
{
	int64_t least = g.had[0], most = g.had[0];

	for (int i = 1; i < EXPERTS; i++) {
		least = g.had[i] < least ? g.had[i] : least;
		most = g.had[i] > most ? g.had[i] : most;
	}
	return most - least;
}

static void hours_are_spread(void **state)
{
	uint64_t seed = fake_seed();

	(void)state;
	begin(4);
	g.random = seed;
	shuffle();
	for (int i = 0; i < g.n; i++) {
		g.had[book(g.starts[i])]++;
		if (spread() > 1)
			fail_msg("SEED=%" PRIu64 ": after %d", seed, i);
	}
	house_end(&g.house);
}

/* Calls in the night before last; nobody asks whose. */
static void add_calls(void)
{
	scratch_run(g.house.db, "PRAGMA foreign_keys = OFF");
	for (int i = 0; i < EXPERTS; i++)
		for (int k = (int)scratch_random(&g.random, 4); k > 0; k--) {
			char text[300];

			snprintf(text, sizeof(text),
				 "INSERT INTO duty_call (request, step, expert,"
				 " called_at, outcome, ended_at) SELECT 1, %d,"
				 " id, %" PRId64 ", 'over', %" PRId64
				 " FROM subject WHERE slug = 'e%d'",
				 k, TODAY - 2 * 3600, TODAY - 3600, i);
			scratch_run(g.house.db, text);
		}
}

/* Whom the search offers at one time come in the order that their own figures
 * say; by the lead's and by the partner's. */
static void check_order(const struct principal *who, int64_t at)
{
	struct booking_step b;
	int64_t had = -1;
	struct work w;

	proto_clear(&msg_slots_query_table, &b.query);
	b.query.kind = KIND_CLINIC_SLOT;
	b.query.specialty = "heart";
	b.query.from = at;
	b.query.to = at + 1;
	b.query.agreement = "a";
	b.query.site = "far";
	assert_int_equal(RC_OK, house_do(&g.house, who, WORK_MATCH_ANY,
					 search_step, &b, &w));
	const struct msg_slot *v = b.found.slots.v;

	assert_int_equal(EXPERTS, b.found.slots.n);
	for (size_t i = 0; i < EXPERTS; i++) {
		const struct msg_fair *f = v[i].fair;
		bool lead = f->night_calls != FIELD_NONE;
		int64_t now =
			f->minutes + (lead ? NIGHT_CALL * f->night_calls : 0);

		assert_int_equal(who != &g.far, lead);
		assert_int_equal(i + 1, f->rank);
		if (now < had ||
		    (now == had && strcmp(v[i - 1].expert, v[i].expert) > 0))
			fail_msg("%s is number %zu: %s", v[i].expert, i + 1,
				 f->detail);
		had = now;
	}
}

static void the_figures_say_the_order(void **state)
{
	struct principal lead;

	(void)state;
	begin(4);
	lead = house_person(&g.house, ROLE_LEAD_COORDINATOR, "lead", NULL);
	g.random = fake_seed();
	shuffle();
	add_calls();
	for (int i = 0; i < 60; i++) {
		struct booking_step b;

		check_order(&g.far, g.starts[i]);
		check_order(&lead, g.starts[i]);
		proto_clear(&msg_patient_table, &b.patient);
		proto_clear(&msg_book_table, &b.in);
		b.patient.local_id = "P";
		b.patient.name = "somebody";
		b.in.kind = KIND_CLINIC_SLOT;
		b.in.specialty = "heart";
		b.in.patient = &b.patient;
		b.in.at = g.starts[i];
		run(book_step, &b);
		assert_int_equal(1, b.out.fair->rank);
	}
	house_end(&g.house);
}

static void by_name_the_first_has_it_all(void **state)
{
	(void)state;
	begin(0);
	g.random = fake_seed();
	shuffle();
	for (int i = 0; i < 60; i++)
		g.had[book(g.starts[i])]++;
	assert_int_equal(60, spread());
	house_end(&g.house);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hours_are_spread),
		cmocka_unit_test(the_figures_say_the_order),
		cmocka_unit_test(by_name_the_first_has_it_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
