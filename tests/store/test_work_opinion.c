/* Opinions: who signs what, what a forgery is, and what becomes of a request
 * when all have signed and the partner has received. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/pki.h"
#include "base/text.h"
#include "daemon/store/opinion.h"
#include "daemon/work/consent.h"
#include "daemon/work/day.h"
#include "daemon/work/opinions.h"
#include "daemon/work/steps.h"
#include "tests/support/filing.h"

static struct desk desk;
static struct buf key; /* the surgeon's */

static int setup(void **state)
{
	(void)state;
	desk_begin(&desk);
	buf_init(&key, 1000);
	assert_int_equal(RC_OK, pki_key_new(&key, NULL));
	filing_enrol(&desk.surgeon, &key);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	buf_fini(&key);
	desk_end(&desk);
	return 0;
}

/* --- steps --- */

struct listing {
	const char *code;
	struct msg_opinion_list out;
};

static enum rc list_step(struct work *w, void *arg)
{
	struct listing *l = arg;

	return work_opinion_list(w, l->code, &l->out);
}

static enum rc receive_step(struct work *w, void *arg)
{
	struct on *on = arg;

	return work_opinion_receive(w, on->code, &on->r);
}

static enum rc follow_step(struct work *w, void *arg)
{
	return opinions_follow(w, *(int64_t *)arg);
}

static struct msg_opinion_list listed(const struct principal *who,
				      const char *code)
{
	struct listing l = {.code = code};

	assert_int_equal(RC_OK, desk_do(&desk, who, list_step, &l));
	return l.out;
}

/* What the surgeon signs next, as the service says. */
static struct opinion_lines next_lines(const char *code, const char *text)
{
	return filing_next(listed(&desk.surgeon, code).to_sign, text);
}

static void fill(struct filing *f, const char *code,
		 const struct opinion_lines *lines)
{
	filing_fill(f, &key, code, lines);
}

static enum rc file(const char *code, const char *text)
{
	const struct opinion_lines lines = next_lines(code, text);
	struct filing f;

	fill(&f, code, &lines);
	return desk_do(&desk, &desk.surgeon, filing_step, &f);
}

static void booking_does(const char *code,
			 enum rc (*verb)(struct work *, const char *,
					 struct msg_booking *))
{
	struct on on = {.code = code, .booking = verb};

	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, booking_step, &on));
}

/* A request whose session has begun; its booking. */
static const char *begun(const char *patient, const char **out_request)
{
	int64_t at = desk.house.scratch.now < DESK_MONDAY
			     ? DESK_MONDAY
			     : desk.house.scratch.now + 3600;
	const char *code;

	*out_request = desk_accepted(&desk, &desk.one, patient);
	code = desk_booked(&desk, &desk.one, *out_request, at).code;
	desk.house.scratch.now = at;
	desk_started(&desk, &desk.lead, code);
	return code;
}

/* One whose session is over, which no opinion is on yet. */
static const char *seen(const char *patient)
{
	const char *request;

	booking_does(begun(patient, &request), work_booking_finish);
	assert_int_equal(REQUEST_STARTED, desk_request_status(&desk, request));
	return request;
}

/* --- tests --- */

static void the_whole_way(void **state)
{
	const char *code = seen("P-1");
	struct on on = {.code = code};
	struct msg_opinion_list l;
	const struct msg_opinion *o;

	(void)state;
	assert_int_equal(RC_STATE,
			 desk_do(&desk, &desk.one, receive_step, &on));
	assert_int_equal(RC_OK, file(code, "stent the canarylad"));
	assert_int_equal(REQUEST_COMPLETED, desk_request_status(&desk, code));
	l = listed(&desk.one, code);
	assert_null(l.to_sign);
	assert_int_equal(1, l.items.n);
	o = l.items.v;
	assert_string_equal("stent the canarylad", o->text);
	assert_true(o->verified);
	assert_int_equal(FIELD_NONE, o->received_at);
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, receive_step, &on));
	assert_int_equal(REQUEST_CLOSED, on.r.status);
	o = listed(&desk.lead, code).items.v;
	assert_int_equal(desk.house.scratch.now, o->received_at);
	assert_int_equal(RC_STATE,
			 desk_do(&desk, &desk.one, receive_step, &on));
	assert_int_equal(0, desk_count(&desk, "SELECT count(*) FROM due"
					      " WHERE what = 'receipt'"));
	assert_int_equal(0,
			 desk_count(&desk, "SELECT count(*) FROM opinion WHERE"
					   " instr(content, CAST('canarylad' AS"
					   " BLOB))"));
}

static void a_correction_names_the_one_before(void **state)
{
	const char *code = seen("P-1");
	struct on on = {.code = code};
	struct msg_opinion_list l;
	const struct msg_opinion *v;

	(void)state;
	assert_int_equal(RC_OK, file(code, "left"));
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, receive_step, &on));
	assert_int_equal(RC_OK, file(code, "right, not left"));
	l = listed(&desk.one, code);
	v = l.items.v;
	assert_int_equal(2, l.items.n);
	assert_int_equal(1, v[1].corrects);
	assert_string_equal(v[0].hash, v[1].previous);
	assert_true(v[0].verified && v[1].verified);
	assert_int_equal(REQUEST_CLOSED, desk_request_status(&desk, code));
	assert_int_equal(FIELD_NONE, v[1].received_at);
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, receive_step, &on));
	assert_int_equal(1, desk_count(&desk, "SELECT count(*) FROM event"
					      " WHERE verb = 'receive'"));
}

static void what_was_signed_stays(void **state)
{
	static const char *const tries[] = {
		"UPDATE opinion SET content = x'00' WHERE id = 1",
		"UPDATE opinion SET signed_at = 5 WHERE id = 1",
		"UPDATE opinion SET key = zeroblob(91) WHERE id = 1",
		"UPDATE opinion SET expert = expert + 1 WHERE id = 1",
		"DELETE FROM opinion",
		"INSERT OR REPLACE INTO opinion SELECT * FROM opinion",
		"INSERT INTO opinion (request, expert, version, identity,"
		" signed_at, filed_at, key, content) SELECT request, expert, 3,"
		" identity, signed_at, filed_at, key, content FROM opinion",
	};

	(void)state;
	assert_int_equal(RC_OK, file(seen("P-1"), "as it is"));
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++)
		assert_int_not_equal(RC_OK,
				     db_script(desk.house.db, tries[i], NULL));
}

/* Each is as it ought to be but for one thing. */
static void forgeries_are_refused(void **state)
{
	const char *another = seen("P-2"), *code = seen("P-1");
	const struct opinion_lines good = next_lines(code, "as it is");
	struct opinion_lines other = good;
	struct filing f;
	struct buf stranger;

	(void)state;
	buf_init(&stranger, 1000);
	assert_int_equal(RC_OK, pki_key_new(&stranger, NULL));
	/* another's key, and another's signature under one's own name */
	fill(&f, code, &good);
	filing_sign(&f, &stranger, &good);
	assert_int_equal(RC_INVALID,
			 desk_do(&desk, &desk.surgeon, filing_step, &f));
	fill(&f, code, &good);
	char own[sizeof(f.key)];

	memcpy(own, f.key, sizeof(own));
	filing_sign(&f, &stranger, &good);
	f.in.key = own;
	assert_int_equal(RC_INVALID,
			 desk_do(&desk, &desk.surgeon, filing_step, &f));
	/* changed words, another time */
	fill(&f, code, &good);
	f.in.text = "as it is not";
	assert_int_equal(RC_INVALID,
			 desk_do(&desk, &desk.surgeon, filing_step, &f));
	fill(&f, code, &good);
	f.in.reference = "https://elsewhere/";
	assert_int_equal(RC_INVALID,
			 desk_do(&desk, &desk.surgeon, filing_step, &f));
	fill(&f, code, &good);
	f.in.signed_at++;
	assert_int_equal(RC_INVALID,
			 desk_do(&desk, &desk.surgeon, filing_step, &f));
	other.time -= 1000;
	fill(&f, code, &other);
	assert_int_equal(RC_INVALID,
			 desk_do(&desk, &desk.surgeon, filing_step, &f));
	/* of another request, of another expert, over another history */
	other = next_lines(another, "as it is");
	fill(&f, code, &other);
	assert_int_equal(RC_INVALID,
			 desk_do(&desk, &desk.surgeon, filing_step, &f));
	other = good;
	other.expert = "coronary-2";
	fill(&f, code, &other);
	assert_int_equal(RC_INVALID,
			 desk_do(&desk, &desk.surgeon, filing_step, &f));
	other = good;
	other.corrects[0] ^= 1;
	fill(&f, code, &other);
	assert_int_equal(RC_INVALID,
			 desk_do(&desk, &desk.surgeon, filing_step, &f));
	fill(&f, code, &good);
	f.signature[20] = f.signature[20] == '0' ? '1' : '0';
	assert_int_equal(RC_INVALID,
			 desk_do(&desk, &desk.surgeon, filing_step, &f));
	/* and nothing was wrong with it */
	fill(&f, code, &good);
	assert_int_equal(RC_OK, desk_do(&desk, &desk.surgeon, filing_step, &f));
	buf_fini(&stranger);
}

static void of_two_second_versions_one_is(void **state)
{
	const char *code = seen("P-1");
	struct opinion_lines one, two;
	struct filing f;

	(void)state;
	assert_int_equal(RC_OK, file(code, "first"));
	one = next_lines(code, "second");
	two = next_lines(code, "the other second");
	fill(&f, code, &one);
	assert_int_equal(RC_OK, desk_do(&desk, &desk.surgeon, filing_step, &f));
	fill(&f, code, &two);
	assert_int_equal(RC_STALE,
			 desk_do(&desk, &desk.surgeon, filing_step, &f));
	f.in.version = 3;
	f.in.corrects = 2;
	assert_int_equal(RC_INVALID,
			 desk_do(&desk, &desk.surgeon, filing_step, &f));
}

static void who_has_no_part_in_it(void **state)
{
	struct principal reader =
		house_person(&desk.house, ROLE_EXPERT, "anzhen", "coronary-2");
	struct principal auditor =
		house_person(&desk.house, ROLE_AUDITOR, "anzhen", NULL);
	const char *code = seen("P-1");
	const struct opinion_lines lines = next_lines(code, "not mine");
	struct listing l = {.code = code};
	struct on on = {.code = code};
	struct filing f;

	(void)state;
	fill(&f, code, &lines);
	filing_enrol(&reader, &key);
	assert_int_equal(RC_NOT_FOUND,
			 desk_do(&desk, &reader, filing_step, &f));
	assert_int_equal(RC_NOT_FOUND, desk_do(&desk, &reader, list_step, &l));
	assert_int_equal(RC_NOT_FOUND,
			 desk_do(&desk, &desk.two, list_step, &l));
	assert_int_equal(RC_NOT_FOUND,
			 desk_do(&desk, &desk.other_lead, list_step, &l));
	assert_int_equal(RC_FORBIDDEN,
			 desk_do(&desk, &desk.one, filing_step, &f));
	assert_int_equal(RC_FORBIDDEN,
			 desk_do(&desk, &desk.lead, receive_step, &on));
	/* an auditor sees that there is one, and that it holds */
	assert_int_equal(RC_OK, file(code, "for the parties"));
	const struct msg_opinion *o = listed(&auditor, code).items.v;

	assert_true(o->verified);
	assert_null(o->text);
	assert_null(o->signature);
	assert_int_equal(4, desk_count(&desk, "SELECT count(*) FROM event"
					      " WHERE verb = 'read'"));
}

static void before_the_session_there_is_none(void **state)
{
	const char *code = desk_accepted(&desk, &desk.one, "P-1");
	struct opinion_lines lines = {.request = code,
				      .expert = "coronary-1",
				      .version = 1,
				      .time = desk.house.scratch.now,
				      .text = "too early"};
	struct filing f;

	(void)state;
	assert_null(listed(&desk.surgeon, code).to_sign);
	fill(&f, code, &lines);
	assert_int_equal(RC_STATE,
			 desk_do(&desk, &desk.surgeon, filing_step, &f));
}

/* Signed while the session runs: completed when that is over. */
static void the_session_ends_after_it(void **state)
{
	const char *request, *code = begun("P-1", &request);
	int64_t id = desk_count(&desk, "SELECT id FROM request");

	(void)state;
	assert_int_equal(RC_OK, file(request, "while we talk"));
	assert_int_equal(REQUEST_STARTED, desk_request_status(&desk, request));
	booking_does(code, work_booking_finish);
	assert_int_equal(REQUEST_COMPLETED,
			 desk_request_status(&desk, request));
	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, follow_step, &id));
	assert_int_equal(1, desk_count(&desk, "SELECT count(*) FROM event"
					      " WHERE verb = 'complete'"));
}

static enum rc due_step(struct work *w, void *arg)
{
	return steps_run(w->tx, arg);
}

static void a_late_receipt_is_reminded_of(void **state)
{
	const char *code = seen("P-1");

	(void)state;
	assert_int_equal(RC_OK, file(code, "read me"));
	for (int i = 0; i < 10; i++) {
		struct steps steps = {.limit = STEPS_AT_ONCE};

		desk.house.scratch.now += 86400;
		assert_int_equal(RC_OK, desk_do(&desk, NULL, due_step, &steps));
	}
	assert_int_equal(
		6,
		desk_count(
			&desk,
			"SELECT count(*) FROM event"
			" WHERE from_state = 'completed' AND verb = 'remind'"));
	assert_int_equal(1, desk_count(&desk, "SELECT count(*) FROM event"
					      " WHERE verb = 'escalate'"));
}

static int64_t reminders(void)
{
	return desk_count(&desk, "SELECT sum(CASE verb WHEN 'remind' THEN 1"
				 " WHEN 'escalate' THEN 100 ELSE 0 END)"
				 " FROM event WHERE from_state = 'completed'");
}

/* Every two hours of those from eight to noon, twice; and who signs has a clock
 * that is right to the minute. */
static void receipts_as_the_agreement_says(void **state)
{
	struct steps steps = {.limit = STEPS_AT_ONCE};

	(void)state;
	scratch_run(desk.house.db,
		    "UPDATE agreement SET receipt_minutes = 120,"
		    " receipt_notices = 2, signing_slack_minutes = 1");
	scratch_run(desk.house.db, "INSERT INTO limit_hours VALUES"
				   " ('heart', 0, 480, 720),"
				   " ('heart', 1, 480, 720)");
	const char *code = seen("P-1"); /* on Monday at eight */
	struct opinion_lines lines = next_lines(code, "read me");
	struct filing f;

	desk.house.scratch.now = DESK_MONDAY + 3 * 3600;
	lines.time = desk.house.scratch.now - 61;
	fill(&f, code, &lines);
	assert_int_equal(RC_INVALID,
			 desk_do(&desk, &desk.surgeon, filing_step, &f));
	lines.time++;
	fill(&f, code, &lines);
	assert_int_equal(RC_OK, desk_do(&desk, &desk.surgeon, filing_step, &f));
	/* An hour on Monday, one on Tuesday; then at eleven. */
	const struct {
		int64_t at, told;
	} want[] = {{DESK_MONDAY + 86400 + 3599, 0},
		    {DESK_MONDAY + 86400 + 3600, 1},
		    {DESK_MONDAY + 86400 + 3 * 3600 - 1, 1},
		    {DESK_MONDAY + 86400 + 3 * 3600, 101},
		    {DESK_MONDAY + 30 * 86400, 101}};

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		desk.house.scratch.now = want[i].at;
		assert_int_equal(RC_OK, desk_do(&desk, NULL, due_step, &steps));
		assert_int_equal(want[i].told, reminders());
	}
}

/* --- store-and-forward --- */

static struct ask_for films(const char *modality)
{
	struct ask_for a = ask_for("liaoyang-central", "P-1");

	a.in.kind = KIND_IMAGING_CONSULTATION;
	a.in.mode = MODE_FORWARD;
	a.in.specialty = "imaging";
	a.in.expert = NULL;
	a.in.modality = modality;
	return a;
}

static enum rc request_consent_step(struct work *w, void *arg)
{
	struct consenting *c = arg;
	struct msg_request out;

	return work_request_consent(w, c->code, &c->in, &out);
}

static enum rc assign_step(struct work *w, void *arg)
{
	const struct on *on = arg;
	const struct msg_assign in = {on->accept.expert, "is at a congress"};
	struct msg_request out;

	return work_request_assign(w, on->code, &in, &out);
}

static void without_a_meeting(void **state)
{
	struct ask_for a = films("CT");
	struct on on = {.accept = {.expert = "cardiac-imaging-1",
				   .duration_minutes = FIELD_NONE}};
	struct consenting c;
	struct take t;

	(void)state;
	desk.surgeon = house_person(&desk.house, ROLE_EXPERT, "anzhen",
				    "cardiac-imaging-1");
	filing_enrol(&desk.surgeon, &key);
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, submit_step, &a));
	assert_int_equal(MODE_FORWARD, a.out.mode);
	on.code = a.out.code;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, accept_step, &on));
	t = take(on.code, DESK_MONDAY, false);
	assert_int_equal(RC_STATE, desk_do(&desk, &desk.one, take_step, &t));
	/* nobody waits for a meeting; the opinion is waited for at once */
	assert_int_equal(1, desk_count(&desk, "SELECT count(*) FROM due"
					      " WHERE what = 'opinion'"));
	assert_int_equal(0, desk_count(&desk, "SELECT count(*) FROM due"
					      " WHERE what = 'begin'"));
	/* the patient agrees before it is read, and was to within a time */
	assert_int_equal(RC_RULE, file(on.code, "no stenosis"));
	assert_int_equal(1, desk_count(&desk, "SELECT count(*) FROM due"
					      " WHERE what = 'consent'"));
	c = consenting(on.code, CONSENT_TREATMENT);
	assert_int_equal(RC_OK,
			 desk_do(&desk, &desk.one, request_consent_step, &c));
	assert_int_equal(0, desk_count(&desk, "SELECT count(*) FROM due"
					      " WHERE what = 'consent'"));
	/* taken back it is owed again */
	c.in.withdrawn = true;
	c.in.reason = "the family wants to wait";
	assert_int_equal(RC_OK,
			 desk_do(&desk, &desk.one, request_consent_step, &c));
	assert_int_equal(1, desk_count(&desk, "SELECT count(*) FROM due"
					      " WHERE what = 'consent'"));
	assert_int_equal(RC_RULE, file(on.code, "no stenosis"));
	c = consenting(on.code, CONSENT_TREATMENT);
	assert_int_equal(RC_OK,
			 desk_do(&desk, &desk.one, request_consent_step, &c));
	assert_int_equal(RC_OK, file(on.code, "no stenosis"));
	assert_int_equal(0, desk_count(&desk, "SELECT count(*) FROM due"
					      " WHERE what = 'opinion'"));
	assert_int_equal(REQUEST_COMPLETED,
			 desk_request_status(&desk, on.code));
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, receive_step, &on));
	assert_int_equal(REQUEST_CLOSED, on.r.status);
}

static void who_reads_must_fit(void **state)
{
	struct ask_for a = films("MRI");
	struct on on = {.accept.duration_minutes = FIELD_NONE};
	const struct msg_blocker *b;
	struct work w;

	(void)state;
	a.in.kind = KIND_REMOTE_CONSULTATION;
	assert_int_equal(RC_INVALID,
			 desk_do(&desk, &desk.one, submit_step, &a));
	a.in.kind = KIND_IMAGING_CONSULTATION;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, submit_step, &a));
	on.code = a.out.code;
	assert_int_equal(RC_INVALID,
			 desk_do(&desk, &desk.lead, accept_step, &on));
	on.accept.expert = "coronary-1";
	assert_int_equal(RC_RULE,
			 house_do(&desk.house, &desk.lead, WORK_MATCH_ANY,
				  accept_step, &on, &w));
	b = w.blockers.v;
	assert_true(w.blockers.n >= 2);
	for (size_t i = 0; i < w.blockers.n; i++)
		assert_string_equal("coronary-1", b[i].subject);
}

/* Whatever a meeting would be refused for. */
static void who_reads_may_practise(void **state)
{
	struct ask_for a = films("CT");
	struct on on = {.accept = {.expert = "cardiac-imaging-1",
				   .duration_minutes = FIELD_NONE}};
	const struct msg_blocker *b;
	struct work w;

	(void)state;
	scratch_run(desk.house.db,
		    "UPDATE expert SET independent_since = NULL,"
		    " credentials = '1 4294967295 licence' || char(10) WHERE "
		    "subject ="
		    " (SELECT id FROM subject WHERE slug ="
		    " 'cardiac-imaging-1');"
		    "INSERT INTO leave (subject, start_wall, end_wall)"
		    " SELECT id, 0, 4000000000 FROM subject"
		    " WHERE slug = 'cardiac-imaging-1'");
	a.in.title = "chief-physician";
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, submit_step, &a));
	on.code = a.out.code;
	assert_int_equal(RC_RULE,
			 house_do(&desk.house, &desk.lead, WORK_MATCH_ANY,
				  accept_step, &on, &w));
	b = w.blockers.v;
	assert_int_equal(3, w.blockers.n);
	assert_int_equal(BLOCK_CREDENTIAL, b[0].reason);
	assert_int_equal(BLOCK_EXPERIENCE, b[1].reason);
	assert_int_equal(BLOCK_LEAVE, b[2].reason);
}

static void another_reads_it(void **state)
{
	struct ask_for a = films("CT");
	struct on on = {.accept = {.expert = "cardiac-imaging-1",
				   .duration_minutes = FIELD_NONE}};
	struct listing l;

	(void)state;
	scratch_run(desk.house.db,
		    "INSERT OR IGNORE INTO expert_word (expert, sort, word)"
		    " SELECT id, 'modality', 'CT' FROM subject"
		    " WHERE slug = 'echo-1'");
	desk.surgeon = house_person(&desk.house, ROLE_EXPERT, "anzhen",
				    "cardiac-imaging-1");
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, submit_step, &a));
	l = (struct listing){.code = on.code = a.out.code};
	/* not before it is accepted, nor to one who does not fit */
	assert_int_equal(RC_STATE,
			 desk_do(&desk, &desk.lead, assign_step, &on));
	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, accept_step, &on));
	assert_int_equal(RC_OK, desk_do(&desk, &desk.surgeon, list_step, &l));
	on.accept.expert = "coronary-1";
	assert_int_equal(RC_RULE, desk_do(&desk, &desk.lead, assign_step, &on));
	on.accept.expert = "echo-1";
	assert_int_equal(RC_FORBIDDEN,
			 desk_do(&desk, &desk.one, assign_step, &on));
	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, assign_step, &on));
	assert_int_equal(RC_NOT_FOUND,
			 desk_do(&desk, &desk.surgeon, list_step, &l));
	assert_int_equal(1, desk_count(&desk,
				       "SELECT count(*) FROM request"
				       " WHERE expert = (SELECT id FROM subject"
				       " WHERE slug = 'echo-1')"));
}

static enum rc verify_step(struct work *w, void *arg)
{
	return opinion_verify_all(w->tx, arg, NULL);
}

static void all_are_verified(void **state)
{
	struct opinion_report report;

	(void)state;
	assert_int_equal(RC_OK, file(seen("P-1"), "one"));
	assert_int_equal(RC_OK, file(seen("P-2"), "two"));
	assert_int_equal(RC_OK,
			 desk_do(&desk, &desk.lead, verify_step, &report));
	assert_int_equal(2, report.opinions);
	assert_int_equal(0, report.bad);
	/* somebody with the database in hand */
	scratch_run(desk.house.db, "DROP TRIGGER opinion_update;"
				   "UPDATE opinion SET signed_at = signed_at -"
				   " 1 WHERE id = 2");
	assert_int_equal(RC_OK,
			 desk_do(&desk, &desk.lead, verify_step, &report));
	assert_int_equal(1, report.bad);
	scratch_run(desk.house.db,
		    "UPDATE opinion SET content = (SELECT content FROM opinion"
		    " WHERE id = 2) WHERE id = 1");
	assert_int_equal(RC_OK,
			 desk_do(&desk, &desk.lead, verify_step, &report));
	assert_int_equal(2, report.bad);
}

/* With the database in hand: another text where that one was, with a good
 * signature over it, by whichever key. */
static enum rc exchange_step(struct work *w, void *arg)
{
	const struct filing *f = arg;
	size_t len = strlen(f->signature) / 2;
	struct request r;
	struct opinion o = {.expert = desk.surgeon.expert,
			    .version = f->in.version,
			    .identity = desk.surgeon.identity,
			    .signed_at = f->in.signed_at,
			    .filed_at = w->tx->now,
			    .text = f->in.text,
			    .signature_len = len};

	assert_true(text_unhex(f->key, 2 * SIGN_KEY_LEN, o.key, SIGN_KEY_LEN));
	assert_true(text_unhex(f->signature, 2 * len, o.signature, len));
	assert_int_equal(
		RC_OK, request_by_code(w->tx, f->code, w->arena, &r, &w->err));
	return opinion_insert(w->tx, &r, &o, &w->err);
}

static int64_t bad(int64_t opinions)
{
	struct opinion_report report;

	assert_int_equal(RC_OK,
			 desk_do(&desk, &desk.lead, verify_step, &report));
	assert_int_equal(opinions, report.opinions);
	assert_true(!report.bad == !report.of.s[0]);
	return report.bad;
}

/* The log says what was signed, and that something was. */
static void the_log_knows_what_was_signed(void **state)
{
	const char *code = seen("P-1");
	struct opinion_lines lines = next_lines(code, "operate");
	struct filing f;

	(void)state;
	assert_int_equal(RC_OK, file(code, "operate"));
	assert_int_equal(RC_OK, file(seen("P-2"), "wait"));
	assert_int_equal(0, bad(2));
	scratch_run(desk.house.db, "DROP TRIGGER opinion_delete;"
				   "DELETE FROM opinion WHERE id = 1");
	assert_int_equal(1, bad(1)); /* it is gone */
	lines.text = "do not operate";
	fill(&f, code, &lines);
	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, exchange_step, &f));
	assert_int_equal(1, bad(2));
	/* one more than was ever signed */
	lines = next_lines(code, "and more");
	fill(&f, code, &lines);
	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, exchange_step, &f));
	assert_int_equal(2, bad(3));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_whole_way),
		TEST(a_correction_names_the_one_before),
		TEST(what_was_signed_stays),
		TEST(forgeries_are_refused),
		TEST(of_two_second_versions_one_is),
		TEST(who_has_no_part_in_it),
		TEST(before_the_session_there_is_none),
		TEST(the_session_ends_after_it),
		TEST(a_late_receipt_is_reminded_of),
		TEST(receipts_as_the_agreement_says),
		TEST(without_a_meeting),
		TEST(who_reads_must_fit),
		TEST(who_reads_may_practise),
		TEST(another_reads_it),
		TEST(all_are_verified),
		TEST(the_log_knows_what_was_signed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
