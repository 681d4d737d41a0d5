#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/core/kind.h"
#include "daemon/core/lifecycle.h"

/* The whole law, in words, written apart from the table. */
static const char *const law[] = {
	"request - submit submitted",
	"request submitted accept accepted",
	"request submitted decline declined",
	"request submitted withdraw withdrawn",
	"request accepted decline declined",
	"request accepted withdraw withdrawn",
	"request accepted assign accepted",
	"request accepted schedule scheduled",
	"request scheduled unschedule accepted",
	"request accepted answer accepted",
	"request submitted ask supplement-needed",
	"request supplement-needed supplement submitted",
	"request supplement-needed decline declined",
	"request supplement-needed withdraw withdrawn",
	"request submitted expire expired",
	"request supplement-needed expire expired",
	"request accepted expire expired",
	"request accepted wait waitlisted",
	"request waitlisted unwait accepted",
	"request waitlisted rest waitlisted",
	"request waitlisted wait waitlisted",
	"request waitlisted schedule scheduled",
	"request waitlisted decline declined",
	"request waitlisted withdraw withdrawn",
	"request waitlisted expire expired",
	"request scheduled start started",
	"request started complete completed",
	"request accepted complete completed",
	"request completed close closed",
	"request scheduled course scheduled",
	"request started course started",
	"request completed course completed",
	"request closed course closed",
	"booking - book booked",
	"booking - hold pending",
	"booking - offer pending",
	"booking pending refuse released",
	"booking pending confirm booked",
	"booking pending release released",
	"booking pending lapse lapsed",
	"booking booked move booked",
	"booking booked cancel cancelled",
	"booking arrived cancel cancelled",
	"booking booked displace cancelled",
	"booking arrived displace cancelled",
	"booking booked arrive arrived",
	"booking booked start started",
	"booking arrived start started",
	"booking started finish fulfilled",
	"booking started run-late started",
	"booking booked noshow noshow",
	"booking arrived noshow noshow",
};

#define NLAW (sizeof(law) / sizeof(law[0]))

static const struct words *const states[] = {
	[THING_REQUEST] = &words_request_status,
	[THING_BOOKING] = &words_booking_status,
};

static bool in_law(const char *line)
{
	for (size_t i = 0; i < NLAW; i++)
		if (strcmp(law[i], line) == 0)
			return true;
	return false;
}

static const char *state_name(int thing, int state)
{
	return state == STATE_NONE ? "-" : words_name(states[thing], state);
}

/* Every thing, state and verb: exactly the law's lines, nothing besides. */
static void the_whole_law(void **state)
{
	size_t found = 0;

	(void)state;
	for (int t = THING_REQUEST; t <= THING_BOOKING; t++)
		for (int from = STATE_NONE; from < states[t]->count; from++)
			for (int v = 0; v < VERB_COUNT; v++) {
				int to = core_step((enum thing)t, from,
						   (enum verb)v);
				char line[128];

				if (to == STATE_REFUSED)
					continue;
				snprintf(line, sizeof(line), "%s %s %s %s",
					 t == THING_REQUEST ? "request"
							    : "booking",
					 state_name(t, from),
					 words_name(&words_verb, v),
					 state_name(t, to));
				if (!in_law(line))
					fail_msg("not the law: %s", line);
				found++;
			}
	assert_int_equal(found, NLAW);
}

static void nothing_else_is_a_state(void **state)
{
	(void)state;
	assert_int_equal(core_step(THING_REQUEST, REQUEST_COUNT, VERB_ACCEPT),
			 STATE_REFUSED);
	assert_int_equal(core_step(THING_BOOKING, STATE_REFUSED, VERB_BOOK),
			 STATE_REFUSED);
	assert_int_equal(core_step(THING_BOOKING, STATE_NONE, VERB_COUNT),
			 STATE_REFUSED);
}

/* Walk the table from nothing: each state that a row leads to is met. */
static void every_state_is_reachable(void **state)
{
	size_t n;
	const struct transition *rows = core_transitions(&n);
	bool met[2][32] = {{false}};
	bool more = true;

	(void)state;
	assert_int_equal(n, NLAW);
	while (more) {
		more = false;
		for (size_t i = 0; i < n; i++) {
			const struct transition *r = &rows[i];

			if ((r->from == STATE_NONE || met[r->thing][r->from]) &&
			    !met[r->thing][r->to])
				more = met[r->thing][r->to] = true;
		}
	}
	for (size_t i = 0; i < n; i++)
		assert_true(met[rows[i].thing][rows[i].to]);
}

static void verbs_have_names(void **state)
{
	(void)state;
	assert_int_equal(words_verb.count, VERB_COUNT);
	assert_int_equal(words_find(&words_verb, "cancel", 6), VERB_CANCEL);
	assert_string_equal(words_name(&words_verb, VERB_INIT), "init");
}

static void what_stands(void **state)
{
	(void)state;
	for (int s = 0; s < BOOKING_COUNT; s++) {
		bool stands = s == BOOKING_BOOKED || s == BOOKING_ARRIVED ||
			      s == BOOKING_STARTED || s == BOOKING_FULFILLED;

		if (s != BOOKING_PENDING)
			assert_int_equal(
				core_booking_live((enum booking_status)s, 0, 9),
				stands);
	}
	assert_true(core_booking_live(BOOKING_PENDING, 10, 9));
	assert_false(core_booking_live(BOOKING_PENDING, 10, 10));
	assert_false(core_booking_live(BOOKING_PENDING, 10, 11));
}

static void whose_expert_is_assigned(void **state)
{
	static const enum request_status those[] = {
		REQUEST_ACCEPTED, REQUEST_WAITLISTED, REQUEST_SCHEDULED,
		REQUEST_STARTED,  REQUEST_COMPLETED,  REQUEST_CLOSED,
	};
	bool assigned[REQUEST_COUNT] = {false};

	(void)state;
	for (size_t i = 0; i < sizeof(those) / sizeof(those[0]); i++)
		assigned[those[i]] = true;
	for (int s = 0; s < REQUEST_COUNT; s++)
		assert_int_equal(core_request_assigned((enum request_status)s),
				 assigned[s]);
}

static void the_catalogue(void **state)
{
	kindset named = KINDSET(KIND_SURGERY_DEMONSTRATION) |
			KINDSET(KIND_TEACHING_ROUND) |
			KINDSET(KIND_EMERGENCY_CONSULTATION) |
			KINDSET(KIND_CLINIC_SLOT) | KINDSET(KIND_FREE_CLINIC) |
			KINDSET(KIND_ONSITE_PROCEDURE) | KINDSET(KIND_REFERRAL);
	kindset served =
		KINDSET(KIND_REMOTE_CONSULTATION) |
		KINDSET(KIND_SURGICAL_GUIDANCE) |
		KINDSET(KIND_IMAGING_CONSULTATION) |
		KINDSET(KIND_EMERGENCY_CONSULTATION) |
		KINDSET(KIND_CLINIC_SLOT) |
		KINDSET(KIND_SURGERY_DEMONSTRATION) |
		KINDSET(KIND_TEACHING_ROUND) | KINDSET(KIND_CASE_DISCUSSION) |
		KINDSET(KIND_REMOTE_SURGERY) | KINDSET(KIND_ONSITE_VISIT) |
		KINDSET(KIND_FREE_CLINIC) | KINDSET(KIND_ONSITE_PROCEDURE) |
		KINDSET(KIND_REFERRAL) | KINDSET(KIND_CASE_CONFERENCE);
	kindset all = KINDSET(KIND_COUNT) - 1;

	(void)state;
	for (int k = 0; k < KIND_COUNT; k++) {
		const struct kind_row *row = kind_row((enum kind)k);

		assert_true(row->zh != NULL && row->zh[0] != '\0');
		assert_true(row->parts != 0);
		assert_int_equal(row->served, (served & KINDSET(k)) != 0);
		assert_int_equal(row->named, (named & KINDSET(k)) != 0);
		/* what is asked for from afar has a length of its own */
		assert_true((row->parts & KIND_PART_EXPERT) == 0 ||
			    row->where != KIND_REMOTE ||
			    row->default_minutes > 0);
	}
	assert_int_equal(kind_row(KIND_REMOTE_CONSULTATION)->parts,
			 KIND_PART_EXPERT | KIND_PART_LEAD_STUDIO |
				 KIND_PART_PATIENT);
	assert_int_equal(kind_offered(0, all), all & ~named);
	assert_int_equal(kind_offered(0, KINDSET(KIND_CLINIC_SLOT)), 0);
	assert_int_equal(kind_offered(KINDSET(KIND_CLINIC_SLOT), all),
			 KINDSET(KIND_CLINIC_SLOT));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_whole_law),
		cmocka_unit_test(nothing_else_is_a_state),
		cmocka_unit_test(every_state_is_reachable),
		cmocka_unit_test(verbs_have_names),
		cmocka_unit_test(what_stands),
		cmocka_unit_test(whose_expert_is_assigned),
		cmocka_unit_test(the_catalogue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
