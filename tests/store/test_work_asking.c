/* What a request must have, what is asked for besides, and how long it waits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "daemon/work/steps.h"
#include "tests/support/desk.h"

#define HOUR ((int64_t)3600)
#define DAY (24 * HOUR)
#define STUDY "1.2.840.113619.2.55.3.604688119.969"
#define HASH "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

static struct desk desk;
static struct principal county, central; /* of the strict agreement */
static struct work last;

static int setup(void **state)
{
	(void)state;
	desk_begin(&desk);
	county = house_person(&desk.house, ROLE_SITE_COORDINATOR,
			      "liaoyang-county", NULL);
	central = house_person(&desk.house, ROLE_LEAD_COORDINATOR,
			       "liaoyang-central", NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	desk_end(&desk);
	return 0;
}

static enum rc go(const struct principal *who, house_step step, void *arg)
{
	return house_do(&desk.house, who, WORK_MATCH_ANY, step, arg, &last);
}

static int64_t *now(void)
{
	return &desk.house.scratch.now;
}

/* Its faults and no other, in any order. */
static void faults_are(const char *const *pointers, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool found = false;

		for (size_t j = 0; j < last.faults.n; j++)
			found |= !strcmp(pointers[i], last.faults.v[j].pointer);
		if (!found)
			print_error("no fault at %s, but at %s\n", pointers[i],
				    last.faults.n ? last.faults.v[0].pointer
						  : "none");
		assert_true(found);
	}
	assert_int_equal(n, last.faults.n);
}

#define FAULTS(...)                                                            \
	do {                                                                   \
		static const char *const at[] = {__VA_ARGS__};                 \
                                                                               \
		faults_are(at, sizeof(at) / sizeof(at[0]));                    \
	} while (0)

static struct ask_for strict(void)
{
	struct ask_for a = ask_for("liaoyang-county", "P-1");

	a.in.expert = NULL;
	return a;
}

static struct msg_physician physician = {"Dr Wang", "110-1", "13800000000"};
static struct msg_interval wanted = {DESK_MONDAY, DESK_MONDAY + 4 * HOUR};

/* All that the strict agreement wants. */
static struct ask_for whole(void)
{
	struct ask_for a = strict();

	a.in.purpose = "whether to operate";
	a.in.title = "chief-physician";
	a.patient.summary = "chest pain for two days";
	a.in.wanted = (struct field_list){&wanted, 1};
	a.in.accompanied_by = &physician;
	return a;
}

static void all_that_is_missing_is_told_at_once(void **state)
{
	struct ask_for a = strict();

	(void)state;
	assert_int_equal(RC_INVALID, go(&county, submit_step, &a));
	FAULTS("/purpose", "/wanted", "/patient/summary", "/title",
	       "/accompanied_by");
	a.in.specialty = NULL;
	assert_int_equal(RC_INVALID, go(&county, submit_step, &a));
	FAULTS("/specialty");
	a = strict();
	a.in.urgency = URGENCY_EMERGENCY;
	assert_int_equal(RC_INVALID, go(&county, submit_step, &a));
	FAULTS("/accompanied_by");
	a.in.accompanied_by = &physician;
	assert_int_equal(RC_OK, go(&county, submit_step, &a));
	a = whole();
	assert_int_equal(RC_OK, go(&county, submit_step, &a));
}

static void what_is_malformed_is_told_with_it(void **state)
{
	struct msg_attachment v[] = {
		{.kind = "dicom-study", .uid = "1.02.3"},
		{.kind = "document", .url = "http://a.example/x"},
		{.kind = "dicom-study", .uid = STUDY, .sha256 = HASH},
	};
	struct msg_interval times[] = {
		{wanted.to, wanted.from},
		{0, HOUR},
		{DESK_MONDAY + 4000 * DAY, DESK_MONDAY + 4001 * DAY}};
	struct ask_for a = whole();

	(void)state;
	a.in.purpose = NULL;
	a.in.attachments = (struct field_list){v, 3};
	a.in.wanted = (struct field_list){times, 3};
	assert_int_equal(RC_INVALID, go(&county, submit_step, &a));
	FAULTS("/purpose", "/attachments/0/uid", "/attachments/1/url",
	       "/attachments/1/sha256", "/attachments/2/sha256", "/wanted/0",
	       "/wanted/1", "/wanted/2");
}

/* PS3.5 section 9.1. */
static void what_a_uid_is(void **state)
{
	static const struct {
		const char *uid;
		enum rc rc;
	} uids[] = {
		{STUDY, RC_OK},
		{"2.25.329800735698586629295641978511506172918", RC_OK},
		{"0.0", RC_OK},
		{"1", RC_OK},
		{"1.", RC_INVALID},
		{".1", RC_INVALID},
		{"1..2", RC_INVALID},
		{"1.2.x", RC_INVALID},
		{"1.00", RC_INVALID},
		{"1.2.3456789012345678901234567890123456789012345678901234567"
		 "89012",
		 RC_OK},
		{"1.2.3456789012345678901234567890123456789012345678901234567"
		 "890123",
		 RC_INVALID},
	};
	struct msg_attachment v = {.kind = "dicom-study"};
	struct ask_for a = ask_for("liaoyang-central", "P-1");

	(void)state;
	a.in.attachments = (struct field_list){&v, 1};
	for (size_t i = 0; i < sizeof(uids) / sizeof(uids[0]); i++) {
		v.uid = uids[i].uid;
		assert_int_equal(uids[i].rc, go(&desk.one, submit_step, &a));
	}
}

/* --- supplements --- */

struct more {
	const char *code;
	struct msg_ask ask;
	struct msg_supplement in;
	struct msg_request out;
};

static struct more more(const char *code)
{
	struct more m = {.code = code, .ask = {"the ECG"}};

	proto_clear(&msg_supplement_table, &m.in);
	return m;
}

static enum rc ask_step(struct work *w, void *arg)
{
	struct more *m = arg;

	return work_request_ask(w, m->code, &m->ask, &m->out);
}

static enum rc supplement_step(struct work *w, void *arg)
{
	struct more *m = arg;

	return work_request_supplement(w, m->code, &m->in, &m->out);
}

static struct msg_request shown(const struct principal *who, const char *code)
{
	struct on on = {.code = code};

	assert_int_equal(RC_OK, go(who, show_step, &on));
	return on.r;
}

static const char *submitted(const struct principal *who, struct ask_for a)
{
	assert_int_equal(RC_OK, go(who, submit_step, &a));
	return a.out.code;
}

static void supplements_are_asked_for_once(void **state)
{
	struct msg_attachment study = {
		.kind = "dicom-study", .uid = STUDY, .label = "CT"};
	struct msg_attachment letter = {.kind = "document",
					.url = "https://his.example/1",
					.sha256 = HASH};
	struct ask_for a = whole();

	(void)state;
	a.in.attachments = (struct field_list){&study, 1};

	const char *code = submitted(&county, a);
	struct more m = more(code);

	assert_int_equal(RC_FORBIDDEN, go(&county, ask_step, &m));
	assert_int_equal(RC_STATE, go(&county, supplement_step, &m));
	assert_int_equal(RC_OK, go(&central, ask_step, &m));
	assert_int_equal(REQUEST_SUPPLEMENT_NEEDED, m.out.status);
	assert_int_equal(*now() + DAY, m.out.supplement_until);
	assert_string_equal("the ECG", shown(&county, code).missing);
	assert_int_equal(RC_FORBIDDEN, go(&central, supplement_step, &m));
	assert_int_equal(RC_INVALID, go(&county, supplement_step, &m));
	m.in.note = "the ECG of today";
	m.in.summary = "chest pain, ECG with ST elevation";
	m.in.attachments = (struct field_list){&letter, 1};
	assert_int_equal(RC_OK, go(&county, supplement_step, &m));
	assert_int_equal(REQUEST_SUBMITTED, m.out.status);

	struct msg_request r = shown(&central, code);
	const struct msg_attachment *v = r.attachments.v;
	const struct msg_event *e = r.history.v;

	assert_int_equal(2, r.attachments.n);
	assert_string_equal(STUDY, v[0].uid);
	assert_string_equal("CT", v[0].label);
	assert_string_equal(HASH, v[1].sha256);
	assert_string_equal("Dr Wang", r.accompanied_by->name);
	assert_string_equal(m.in.summary, r.patient->summary);
	assert_string_equal("chest pain for two days", r.earlier->summary);
	assert_int_equal(1, r.earlier->attachments.n);
	assert_string_equal("the ECG of today", e[2].reason);
	assert_int_equal(FIELD_NONE, r.supplement_until);
	assert_int_equal(RC_STATE, go(&central, ask_step, &m));
	assert_non_null(strstr(last.err.text, "once already"));
}

static void what_is_said_is_sealed(void **state)
{
	struct msg_attachment study = {.kind = "dicom-study", .uid = STUDY};
	struct ask_for a = whole();

	(void)state;
	a.in.attachments = (struct field_list){&study, 1};

	struct more m = more(submitted(&county, a));

	m.in.note = "canary note";
	m.in.replace_attachments = true;
	assert_int_equal(RC_OK, go(&central, ask_step, &m));
	assert_int_equal(RC_OK, go(&county, supplement_step, &m));
	assert_int_equal(0, shown(&county, m.code).attachments.n);
	assert_int_equal(
		0,
		desk_count(&desk, "SELECT (SELECT count(*) FROM request_earlier"
				  "  WHERE instr(papers, CAST('" STUDY
				  "' AS BLOB)) OR instr(papers, CAST('Wang' AS"
				  "  BLOB)))"
				  " + (SELECT count(*) FROM event WHERE"
				  "  instr(body, CAST('canary' AS BLOB)))"));
	assert_int_equal(
		1, desk_count(&desk, "SELECT count(*) FROM request_earlier"));
}

/* A supplement does not take away what the agreement wants, nor may it come
 * after the agreement's end. */
static void a_supplement_is_judged_as_the_request_was(void **state)
{
	struct msg_interval past = {0, HOUR};
	struct more m = more(submitted(&county, whole()));

	(void)state;
	assert_int_equal(RC_OK, go(&central, ask_step, &m));
	m.in.wanted = (struct field_list){&past, 1};
	assert_int_equal(RC_INVALID, go(&county, supplement_step, &m));
	FAULTS("/wanted/0");
}

/* --- time --- */

static enum rc due_step(struct work *w, void *arg)
{
	struct steps steps = {.limit = 64};
	enum rc rc = steps_run(w->tx, &steps);

	(void)arg;
	w->err = steps.why;
	return rc;
}

static void until(int64_t at)
{
	*now() = at;
	assert_int_equal(RC_OK, go(&desk.lead, due_step, NULL));
}

static void without_a_supplement_it_expires(void **state)
{
	struct ask_for a = whole();

	(void)state;
	wanted.to += 30 * DAY;

	struct more m = more(submitted(&county, a));

	wanted.to -= 30 * DAY;
	assert_int_equal(RC_OK, go(&central, ask_step, &m));
	until(m.out.supplement_until - 1);
	assert_int_equal(REQUEST_SUPPLEMENT_NEEDED,
			 shown(&county, m.code).status);
	until(m.out.supplement_until);

	struct msg_request r = shown(&county, m.code);
	const struct msg_event *e = r.history.v;

	assert_int_equal(REQUEST_EXPIRED, r.status);
	assert_string_equal("system", e[2].actor);
	assert_int_equal(0, desk_count(&desk, "SELECT count(*) FROM due"
					      " WHERE what IN ('supplement',"
					      " 'expiry')"));
}

static void when_every_wanted_time_has_passed_it_expires(void **state)
{
	const char *code = submitted(&county, whole());

	(void)state;
	until(wanted.to - 1);
	assert_int_equal(REQUEST_SUBMITTED, shown(&county, code).status);
	until(wanted.to);
	assert_int_equal(REQUEST_EXPIRED, shown(&county, code).status);
	until(wanted.to + DAY);
	assert_int_equal(1, desk_count(&desk, "SELECT count(*) FROM event"
					      " WHERE verb = 'expire'"));
}

/* Without times it waits for as long as the agreement says. */
static void nobody_takes_it(void **state)
{
	const char *code = desk_accepted(&desk, &desk.one, "P-2");
	int64_t begun = *now();

	(void)state;
	until(begun + 30 * DAY - 1);
	assert_int_equal(REQUEST_ACCEPTED, shown(&desk.one, code).status);
	until(begun + 30 * DAY);
	assert_int_equal(REQUEST_EXPIRED, shown(&desk.one, code).status);
}

static void what_is_booked_or_held_does_not_expire(void **state)
{
	const char *code = desk_accepted(&desk, &desk.one, "P-2");
	int64_t begun = *now();
	struct msg_booking b = desk_booked(&desk, &desk.one, code, DESK_MONDAY);
	struct on on = {.code = b.code, .reason = {.reason = "ill"}};

	(void)state;
	until(DESK_MONDAY - HOUR);
	*now() = DESK_MONDAY - HOUR;
	assert_int_equal(RC_OK, go(&desk.one, cancel_step, &on));
	/* It waits anew from there. */
	until(begun + 30 * DAY);
	assert_int_equal(REQUEST_ACCEPTED, shown(&desk.one, code).status);
	*now() = DESK_MONDAY - HOUR + 30 * DAY - 60;

	struct take t = take(code, DESK_MONDAY + 35 * DAY, true);

	assert_int_equal(RC_OK, go(&desk.one, take_step, &t));
	until(DESK_MONDAY - HOUR + 30 * DAY);
	assert_int_equal(REQUEST_ACCEPTED, shown(&desk.one, code).status);
	until(t.out.hold_until + 1);
	assert_int_equal(REQUEST_EXPIRED, shown(&desk.one, code).status);
}

/* Of before there was an end to waiting: from the first look on. */
static void what_waited_already_waits_on(void **state)
{
	const char *code = desk_accepted(&desk, &desk.one, "P-2");
	int64_t first = *now() + 100 * DAY;

	(void)state;
	scratch_run(desk.house.db, "UPDATE due SET at = 0, try_at = 0, step = 1"
				   " WHERE what = 'expiry'");
	until(first);
	assert_int_equal(REQUEST_ACCEPTED, shown(&desk.one, code).status);
	until(first + 30 * DAY);
	assert_int_equal(REQUEST_EXPIRED, shown(&desk.one, code).status);
}

static void nothing_goes_on_after_the_agreements_end(void **state)
{
	struct ask_for a = ask_for("liaoyang-central", "P-1");
	struct on on = {.accept.duration_minutes = FIELD_NONE};

	(void)state;
	on.code = submitted(&desk.one, a);

	struct more m = more(on.code);

	scratch_run(desk.house.db, "UPDATE agreement SET valid_to = 20000");
	house_forget(&desk.house);
	assert_int_equal(RC_RULE, go(&desk.lead, accept_step, &on));
	assert_int_equal(1, last.blockers.n);
	assert_int_equal(RC_RULE, go(&desk.lead, ask_step, &m));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_that_is_missing_is_told_at_once),
		TEST(what_is_malformed_is_told_with_it),
		TEST(what_a_uid_is),
		TEST(supplements_are_asked_for_once),
		TEST(what_is_said_is_sealed),
		TEST(a_supplement_is_judged_as_the_request_was),
		TEST(without_a_supplement_it_expires),
		TEST(when_every_wanted_time_has_passed_it_expires),
		TEST(nobody_takes_it),
		TEST(what_is_booked_or_held_does_not_expire),
		TEST(what_waited_already_waits_on),
		TEST(nothing_goes_on_after_the_agreements_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
