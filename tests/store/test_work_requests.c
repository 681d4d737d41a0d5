/* Requests: submitting, triage, who sees what, and lists of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

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

struct pages {
	struct msg_list_query in;
	struct msg_request_list out;
};

static enum rc list_step(struct work *w, void *arg)
{
	struct pages *p = arg;

	return work_request_list(w, &p->in, &p->out);
}

static void a_request_is_submitted(void **state)
{
	struct ask_for a = ask_for("liaoyang-central", "P-1");

	(void)state;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, submit_step, &a));
	assert_int_equal(REQUEST_SUBMITTED, a.out.status);
	assert_string_equal("heart-centre", a.out.agreement);
	assert_string_equal("anzhen", a.out.lead);
	assert_int_equal(1, a.out.version);
	assert_null(a.out.patient);
	assert_null(a.out.reason);
	assert_int_equal(
		0,
		desk_count(&desk, "SELECT count(*) FROM subject WHERE slug LIKE"
				  " '%P-1%' OR name LIKE '%Canary%'"));
}

static void only_for_ones_own_site(void **state)
{
	struct ask_for a = ask_for("cooperating-2", "P-1");

	(void)state;
	assert_int_equal(RC_FORBIDDEN,
			 desk_do(&desk, &desk.one, submit_step, &a));
}

static void what_no_agreement_covers_is_refused(void **state)
{
	struct ask_for a = ask_for("liaoyang-central", "P-1");
	struct work w;

	(void)state;
	a.in.expert = NULL;
	a.in.specialty = "dentistry";
	/* ... with all that is at fault besides */
	struct msg_interval back = {DESK_MONDAY, DESK_MONDAY - 60};

	a.in.wanted = (struct field_list){&back, 1};
	assert_int_equal(RC_RULE,
			 house_do(&desk.house, &desk.one, WORK_MATCH_ANY,
				  submit_step, &a, &w));
	assert_int_equal(1, w.faults.n);
	assert_non_null(strstr(w.err.text, "no live agreement"));
	/* Each of the site's own says why it does not, all of it. */
	const struct msg_blocker *b = w.blockers.v;
	size_t ended = 0, others = 0;

	for (size_t i = 0; i < w.blockers.n; i++) {
		assert_non_null(b[i].rule);
		assert_non_null(b[i].detail);
		others += strncmp(b[i].rule, "county-", 7) == 0;
		if (strcmp(b[i].rule, "thoracic-study") != 0)
			continue;
		ended += b[i].reason == BLOCK_AGREEMENT &&
			 b[i].to < desk.house.scratch.now;
		ended += b[i].reason == BLOCK_SPECIALTY;
	}
	assert_int_equal(2, ended);
	assert_int_equal(0, others);
	/* An agreement that has ended says so itself. */
	a.in.specialty = "thoracic-surgery";
	a.in.agreement = "thoracic-study";
	assert_int_equal(RC_RULE,
			 house_do(&desk.house, &desk.one, WORK_MATCH_ANY,
				  submit_step, &a, &w));
	assert_true(w.blockers.n >= 1);
	assert_true(w.faults.n >= 1);
	a.in.wanted.n = 0;
	a.in.agreement = "heart-centre-2";
	assert_int_equal(RC_INVALID,
			 house_do(&desk.house, &desk.one, WORK_MATCH_ANY,
				  submit_step, &a, &w));
	assert_string_equal("/agreement", w.faults.v[0].pointer);
}

static void papers_are_for_the_parties(void **state)
{
	const char *code = desk_accepted(&desk, &desk.one, "P-2");
	struct on on = {.code = code};
	struct work w;
	int64_t events = desk_count(&desk, "SELECT count(*) FROM event");

	(void)state;
	assert_int_equal(RC_OK, house_do(&desk.house, &desk.lead,
					 WORK_MATCH_ANY, show_step, &on, &w));
	assert_string_equal("Canary Zhang", on.r.patient->name);
	assert_string_equal("chest pain at rest", on.r.reason);
	assert_int_equal(2, on.r.history.n);
	/* The reading is a record, too. */
	assert_int_equal(events + 1,
			 desk_count(&desk, "SELECT count(*) FROM event"));
	assert_int_equal(RC_OK, house_do(&desk.house, &desk.surgeon,
					 WORK_MATCH_ANY, show_step, &on, &w));
	assert_int_equal(RC_NOT_FOUND,
			 house_do(&desk.house, &desk.two, WORK_MATCH_ANY,
				  show_step, &on, &w));
	struct work foreign = w;
	struct on none = {.code = "00000000"};

	assert_int_equal(RC_NOT_FOUND,
			 house_do(&desk.house, &desk.other_lead, WORK_MATCH_ANY,
				  show_step, &none, &w));
	assert_string_equal(foreign.err.text, w.err.text);
}

static void whom_a_partner_wishes_for_sees_nothing_yet(void **state)
{
	struct ask_for a = ask_for("liaoyang-central", "P-3");
	struct on on = {.accept.duration_minutes = FIELD_NONE};
	struct pages p;

	(void)state;
	proto_clear(&msg_list_query_table, &p.in);
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, submit_step, &a));
	on.code = a.out.code;
	assert_int_equal(RC_NOT_FOUND,
			 desk_do(&desk, &desk.surgeon, show_step, &on));
	assert_int_equal(RC_OK, desk_do(&desk, &desk.surgeon, list_step, &p));
	assert_int_equal(0, p.out.items.n);
	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, accept_step, &on));
	assert_int_equal(RC_OK, desk_do(&desk, &desk.surgeon, show_step, &on));
	assert_int_equal(RC_OK, desk_do(&desk, &desk.surgeon, list_step, &p));
	assert_int_equal(1, p.out.items.n);
}

static void only_the_lead_accepts_and_once(void **state)
{
	struct ask_for a = ask_for("liaoyang-central", "P-3");
	struct work w;

	(void)state;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, submit_step, &a));
	struct on on = {.code = a.out.code,
			.accept.duration_minutes = FIELD_NONE};

	assert_int_equal(RC_FORBIDDEN, house_do(&desk.house, &desk.one, 1,
						accept_step, &on, &w));
	assert_int_equal(RC_STALE, house_do(&desk.house, &desk.lead, 7,
					    accept_step, &on, &w));
	assert_int_equal(RC_OK, house_do(&desk.house, &desk.lead, 1,
					 accept_step, &on, &w));
	assert_int_equal(2, on.r.version);
	assert_int_equal(RC_STATE, house_do(&desk.house, &desk.lead, 2,
					    accept_step, &on, &w));
}

static void withdrawing_gives_the_held_time_back(void **state)
{
	const char *a = desk_accepted(&desk, &desk.one, "P-9");
	struct take hold = take(a, DESK_MONDAY, true);

	(void)state;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, take_step, &hold));
	struct on on = {.code = a, .request = work_request_withdraw};

	assert_int_equal(RC_FORBIDDEN,
			 desk_do(&desk, &desk.lead, request_step, &on));
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, request_step, &on));
	assert_int_equal(REQUEST_WITHDRAWN, on.r.status);
	assert_int_equal(0, desk_count(&desk, "SELECT count(*) FROM claim"));
}

static void a_list_has_pages_and_no_strangers(void **state)
{
	struct pages p;
	int seen = 0;

	(void)state;
	for (int i = 0; i < 5; i++)
		desk_accepted(&desk, &desk.one, "P-15");
	desk_accepted(&desk, &desk.two, "P-16");
	proto_clear(&msg_list_query_table, &p.in);
	p.in.limit = 2;
	do {
		assert_int_equal(RC_OK,
				 desk_do(&desk, &desk.one, list_step, &p));
		const struct msg_request *v = p.out.items.v;

		for (size_t i = 0; i < p.out.items.n; i++, seen++)
			assert_string_equal("liaoyang-central", v[i].partner);
		p.in.cursor = p.out.next;
	} while (p.in.cursor && seen < 100);
	assert_int_equal(5, seen);
	/* A list that is just full has no next page. */
	proto_clear(&msg_list_query_table, &p.in);
	p.in.limit = 5;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, list_step, &p));
	assert_int_equal(5, p.out.items.n);
	assert_null(p.out.next);
	p.in.cursor = "nonsense";
	assert_int_equal(RC_INVALID, desk_do(&desk, &desk.one, list_step, &p));
}

/* An expert sees what is theirs now; whom it went to sees it instead. */
static void who_is_no_longer_assigned_sees_nothing(void **state)
{
	struct principal second = house_person(&desk.house, ROLE_EXPERT,
					       "anzhen", "cardiology-oncall-1");
	struct ask_for a = ask_for("liaoyang-central", "P-21");
	struct pages p;

	(void)state;
	a.in.expert = NULL;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, submit_step, &a));
	struct on on = {.code = a.out.code,
			.accept.duration_minutes = FIELD_NONE};

	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, accept_step, &on));
	struct take t = take(a.out.code, DESK_MONDAY, false);

	t.in.expert = "coronary-1";
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, take_step, &t));
	proto_clear(&msg_list_query_table, &p.in);
	assert_int_equal(RC_OK, desk_do(&desk, &desk.surgeon, list_step, &p));
	assert_int_equal(1, p.out.items.n);
	struct on off = {.code = t.out.code, .reason = {"moved"}};

	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, cancel_step, &off));
	for (int i = 0; i < 2; i++) {
		const struct principal *who = i ? &second : &desk.surgeon;

		assert_int_equal(RC_OK, desk_do(&desk, who, list_step, &p));
		assert_int_equal(0, p.out.items.n);
		assert_int_equal(RC_NOT_FOUND,
				 desk_do(&desk, who, show_step, &on));
	}
}

static void sees(const struct principal *who, const char *code, bool does)
{
	struct on on = {.code = code};
	struct pages p;

	proto_clear(&msg_list_query_table, &p.in);
	assert_int_equal(RC_OK, desk_do(&desk, who, list_step, &p));
	assert_int_equal(does ? 1 : 0, p.out.items.n);
	assert_int_equal(does ? RC_OK : RC_NOT_FOUND,
			 desk_do(&desk, who, show_step, &on));
	assert_true(!does || on.r.patient);
}

/* Another expert has the session: it was accepted for the first, and is theirs
 * again when the session is off. */
static void it_goes_with_its_session(void **state)
{
	struct principal second = house_person(&desk.house, ROLE_EXPERT,
					       "anzhen", "resident-new");
	const char *code = desk_accepted(&desk, &desk.one, "P-22");
	struct msg_booking b = desk_booked(&desk, &desk.one, code, DESK_MONDAY);
	struct shift t = shift(b.code, DESK_MONDAY + 24 * 3600);
	struct on off = {.code = b.code, .reason = {"moved"}};

	(void)state;
	sees(&desk.surgeon, code, true);
	sees(&second, code, false);
	t.in.expert = "resident-new";
	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, move_step, &t));
	sees(&desk.surgeon, code, false);
	sees(&second, code, true);
	/* The first is told, once, that it is theirs no more. */
	assert_int_equal(1, desk_count(&desk,
				       "SELECT count(*) FROM event e"
				       " JOIN event_expert x ON x.seq = e.seq"
				       " WHERE e.verb = 'move'"
				       " AND x.other IS NOT NULL"));
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, cancel_step, &off));
	sees(&desk.surgeon, code, true);
	sees(&second, code, false);
	/* Time that is but held takes it from nobody. */
	struct take held = take(code, DESK_MONDAY + 24 * 3600, true);

	held.in.expert = "resident-new";
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, take_step, &held));
	sees(&desk.surgeon, code, true);
	struct on on = {.code = held.out.code, .booking = work_booking_confirm};

	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, booking_step, &on));
	sees(&desk.surgeon, code, false);
	sees(&second, code, true);
}

/* Their reason may be about the patient: whoever reads it is recorded. */
static void a_reason_is_read(void **state)
{
	struct principal auditor =
		house_person(&desk.house, ROLE_AUDITOR, "anzhen", NULL);
	const char *code = desk_accepted(&desk, &desk.one, "P-23");
	struct msg_booking b = desk_booked(&desk, &desk.one, code, DESK_MONDAY);
	struct on off = {.code = b.code, .reason = {"she died"}};
	struct on show = {.code = b.code, .booking = work_booking_show};
	static const char reads[] =
		"SELECT count(*) FROM event WHERE verb = 'read'"
		" AND thing = 'booking'";

	(void)state;
	assert_int_equal(RC_OK,
			 desk_do(&desk, &desk.lead, booking_step, &show));
	assert_int_equal(0, desk_count(&desk, reads));
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, cancel_step, &off));
	assert_int_equal(RC_OK,
			 desk_do(&desk, &desk.lead, booking_step, &show));
	assert_string_equal("she died", show.b.reason);
	assert_int_equal(1, desk_count(&desk, reads));
	assert_int_equal(RC_OK, desk_do(&desk, &auditor, booking_step, &show));
	assert_null(show.b.reason);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_request_is_submitted),
		TEST(only_for_ones_own_site),
		TEST(what_no_agreement_covers_is_refused),
		TEST(papers_are_for_the_parties),
		TEST(whom_a_partner_wishes_for_sees_nothing_yet),
		TEST(only_the_lead_accepts_and_once),
		TEST(withdrawing_gives_the_held_time_back),
		TEST(a_list_has_pages_and_no_strangers),
		TEST(who_is_no_longer_assigned_sees_nothing),
		TEST(it_goes_with_its_session),
		TEST(a_reason_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
