/* What must be there before a session begins, what a reason may stand for, and
 * what is told until it has come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "daemon/work/day.h"
#include "daemon/work/ready.h"
#include "daemon/work/worklist.h"
#include "tests/support/desk_day.h"

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

/* --- consent --- */

static size_t lacks(struct desk_day_start *b, enum block reason,
		    const char *rule)
{
	const struct msg_blocker *v;
	size_t found = 0;

	assert_int_equal(RC_RULE, desk_day_begins(&desk, &desk.one, b));
	v = b->w.blockers.v;
	for (size_t i = 0; i < b->w.blockers.n; i++)
		found += v[i].reason == (int)reason &&
			 (!rule || strcmp(v[i].rule, rule) == 0);
	return found;
}

static void each_consent_is_there_before_it_begins(void **state)
{
	const char *request;
	struct msg_booking b =
		desk_day_guided(&desk, "P-12", URGENCY_ROUTINE, &request);
	struct desk_day_start start = {.code = b.code};
	struct consenting c = consenting(b.code, CONSENT_TELEMENTORING);

	(void)state;
	desk.house.scratch.now = DESK_MONDAY;
	/* all at once; and whoever is no emergency has no reason without */
	start.in.reason = "there is no time";
	assert_int_equal(1, lacks(&start, BLOCK_CONSENT, "treatment"));
	assert_int_equal(1, lacks(&start, BLOCK_CONSENT, "telementoring"));
	assert_int_equal(2, lacks(&start, BLOCK_CONSENT, NULL));
	desk_consent(&desk, &desk.one, b.code, CONSENT_TREATMENT);
	assert_int_equal(1, lacks(&start, BLOCK_CONSENT, NULL));
	/* consent to others is no consent to this */
	desk_consent(&desk, &desk.one, b.code, CONSENT_BROADCAST);
	assert_int_equal(1, lacks(&start, BLOCK_CONSENT, "telementoring"));
	/* with its reason, where it is kept, not from tomorrow, by whom */
	c.in.reason = NULL;
	assert_int_equal(RC_INVALID,
			 desk_do(&desk, &desk.one, consent_step, &c));
	c.in.reason = "nobody here has done one";
	c.in.kept = NULL;
	assert_int_equal(RC_INVALID,
			 desk_do(&desk, &desk.one, consent_step, &c));
	c.in.kept = "folder 88";
	c.in.signed_at = DESK_MONDAY + 1;
	assert_int_equal(RC_INVALID,
			 desk_do(&desk, &desk.one, consent_step, &c));
	c.in.signed_at = DESK_MONDAY - 3600;
	c.in.signer = SIGNER_GUARDIAN;
	assert_int_equal(RC_INVALID,
			 desk_do(&desk, &desk.one, consent_step, &c));
	c.in.relation = "daughter";
	c.in.name = "Canary Li";
	assert_int_equal(RC_NOT_FOUND,
			 desk_do(&desk, &desk.two, consent_step, &c));
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, consent_step, &c));
	assert_int_equal(RC_STATE, desk_do(&desk, &desk.one, consent_step, &c));
	/* taken back, it is not there; signed again, it is */
	struct consenting back = consenting(b.code, CONSENT_TREATMENT);

	back.in.withdrawn = true;
	assert_int_equal(RC_INVALID,
			 desk_do(&desk, &desk.one, consent_step, &back));
	back.in.reason = "afraid";
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, consent_step, &back));
	assert_int_equal(RC_STATE,
			 desk_do(&desk, &desk.one, consent_step, &back));
	assert_int_equal(1, lacks(&start, BLOCK_CONSENT, "treatment"));
	assert_int_equal(1, lacks(&start, BLOCK_FALLBACK, NULL));
	desk_day_takes_over(&desk, b.code, "chest-pain-1");
	assert_int_equal(0, lacks(&start, BLOCK_FALLBACK, NULL));
	desk_day_started(&desk, &desk.surgeon, b.code);
	struct on show = {.code = request};

	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, show_step, &show));
	const struct msg_consent *v = show.r.consents.v;

	assert_int_equal(4, show.r.consents.n);
	assert_int_equal(DESK_MONDAY, v[0].withdrawn_at);
	assert_string_equal("daughter", v[2].relation);
	assert_string_equal("Canary Li", v[2].name);
	assert_int_equal(SIGNER_GUARDIAN, v[2].signer);
	assert_int_equal(FIELD_NONE, v[3].withdrawn_at);
	assert_int_equal(0, desk_count(&desk, "SELECT count(*) FROM consent"
					      " WHERE instr(papers, 'Canary')"
					      " OR instr(papers, 'folder')"));
}

struct lateness {
	struct msg_list_query in;
	struct msg_worklist out;
};

static enum rc worklist_step(struct work *w, void *arg)
{
	struct lateness *l = arg;

	return work_worklist(w, &l->in, &l->out);
}

static struct lateness late_of(const struct principal *who, const char *status)
{
	struct lateness l;

	proto_clear(&msg_list_query_table, &l.in);
	l.in.status = status;
	assert_int_equal(RC_OK, desk_do(&desk, who, worklist_step, &l));
	return l;
}

/* The first of them that waits for it. */
static struct msg_late listed_as(const struct lateness *l, const char *what,
				 size_t *out_n)
{
	const struct msg_late *v = l->out.items.v;
	struct msg_late first = {0};

	*out_n = 0;
	for (size_t i = 0; i < l->out.items.n; i++)
		if (strcmp(v[i].what, what) == 0 && (*out_n)++ == 0)
			first = v[i];
	return first;
}

static struct msg_late consent_of(const struct principal *who)
{
	struct lateness l = late_of(who, NULL);
	size_t n;
	struct msg_late one = listed_as(&l, "consent", &n);

	assert_int_equal(1, n);
	return one;
}

#define TOLD(verb)                                                             \
	"SELECT count(*) FROM event WHERE verb = '" verb                       \
	"' AND thing = 'request' AND actor = 'system'"

/* How often by so many minutes after it began. */
static int64_t told_by(int64_t minutes, const char *sql)
{
	desk.house.scratch.now = DESK_MONDAY + minutes * 60;
	for (int i = 0; i < 4; i++)
		assert_int_equal(RC_OK, desk_do(&desk, &desk.one,
						desk_day_due_step, NULL));
	return desk_count(&desk, sql);
}

/* One that is so by its kind, without its being called for. */
static struct msg_booking emergency(const char *patient)
{
	const char *request;
	struct msg_booking b =
		desk_day_guided(&desk, patient, URGENCY_EMERGENCY, &request);

	scratch_run(desk.house.db, "UPDATE request SET kind ="
				   " 'emergency-consultation'");
	scratch_run(desk.house.db, "UPDATE booking SET kind ="
				   " 'emergency-consultation'");
	return b;
}

static void an_emergency_begins_first_and_is_reminded(void **state)
{
	struct msg_booking b = emergency("P-13");
	struct desk_day_start start = {.code = b.code};

	(void)state;
	desk.house.scratch.now = DESK_MONDAY;
	assert_int_equal(1, lacks(&start, BLOCK_CONSENT, NULL));
	start.in.reason = "unconscious, alone";
	assert_int_equal(RC_OK, desk_day_begins(&desk, &desk.one, &start));
	assert_int_equal(GATESET(GATE_CONSENT), start.out.passed);
	assert_int_equal(DESK_MONDAY + 1440 * 60, start.out.consent_due);
	/* 50 %, 80 %; 100 %, 200 %: and that was all */
	assert_int_equal(0, told_by(719, TOLD("remind")));
	assert_int_equal(1, told_by(720, TOLD("remind")));
	assert_int_equal(2, told_by(1152, TOLD("remind")));
	assert_int_equal(CLOCK_RUNNING, consent_of(&desk.one).state);
	assert_int_equal(1, told_by(1440, TOLD("escalate")));
	assert_int_equal(2, told_by(2880, TOLD("escalate")));
	assert_int_equal(2, told_by(30 * 1440, TOLD("escalate")));
	assert_int_equal(2, told_by(30 * 1440, TOLD("remind")));
	assert_int_equal(1, desk_count(&desk, "SELECT count(*) FROM event"
					      " WHERE thing = 'clock'"));
	assert_int_equal(0, desk_count(&desk, "SELECT count(*) FROM due"
					      " WHERE what = 'consent'"));
	/* it stands there until it is settled, whatever else is said */
	struct msg_late listed = consent_of(&desk.surgeon);

	assert_int_equal(CLOCK_LATE, listed.state);
	assert_int_equal(1440, listed.limit_minutes);
	desk_day_said(&desk, &desk.one, work_booking_finish, b.code);
	const struct principal *those[] = {&desk.one, &desk.lead,
					   &desk.surgeon};

	for (size_t i = 0; i < 3; i++) {
		struct desk_day_list u = desk_day_unresolved(&desk, those[i]);
		const struct msg_booking *v = u.out.items.v;

		assert_int_equal(1, u.out.items.n);
		assert_int_equal(BOOKING_FULFILLED, v->status);
		assert_int_equal(DESK_MONDAY + 1440 * 60, v->consent_due);
	}
	assert_int_equal(0, desk_day_unresolved(&desk, &desk.two).out.items.n);
	desk_consent(&desk, &desk.one, b.code, CONSENT_BROADCAST);
	assert_int_equal(1, desk_day_unresolved(&desk, &desk.one).out.items.n);
	desk_consent(&desk, &desk.one, b.code, CONSENT_TREATMENT);
	assert_int_equal(0, desk_day_unresolved(&desk, &desk.one).out.items.n);
	assert_int_equal(1, desk_count(&desk, "SELECT count(*) FROM clock"
					      " WHERE what = 'consent'"
					      " AND state = 'missed'"));
}

/* Nobody waits for what the agreement no longer asks. */
static void what_has_come_is_not_reminded(void **state)
{
	struct msg_booking b = emergency("P-30");
	struct desk_day_start start = {.code = b.code, .in = {"unconscious"}};

	(void)state;
	desk.house.scratch.now = DESK_MONDAY;
	assert_int_equal(RC_OK, desk_day_begins(&desk, &desk.one, &start));
	scratch_run(desk.house.db,
		    "INSERT INTO agreement_session (agreement, waives,"
		    " moves_when_late) SELECT DISTINCT agreement, 1, 0"
		    " FROM booking");
	assert_int_equal(0, told_by(720, TOLD("remind")));
	desk_day_said(&desk, &desk.one, work_booking_finish, b.code);
	assert_int_equal(0, desk_day_unresolved(&desk, &desk.one).out.items.n);
	assert_int_equal(1, desk_count(&desk, "SELECT count(*) FROM clock"
					      " WHERE what = 'consent'"
					      " AND state = 'met'"));
}

/* What an emergency passes by, its agreement may insist on. */
static void a_reason_stands_for_what_may_be_missing(void **state)
{
	const char *request;
	struct msg_booking b =
		desk_day_guided(&desk, "P-31", URGENCY_EMERGENCY, &request);
	struct desk_day_start start = {.code = b.code, .in = {"bleeding"}};

	(void)state;
	desk.house.scratch.now = DESK_MONDAY;
	scratch_run(desk.house.db,
		    "INSERT INTO agreement_session (agreement, waives,"
		    " moves_when_late, unchecked, emergency_needs)"
		    " SELECT DISTINCT agreement, 0, 0, 'contingency', 6"
		    " FROM booking");
	assert_int_equal(1, lacks(&start, BLOCK_FALLBACK, NULL));
	assert_int_equal(6, lacks(&start, BLOCK_CHECK, NULL));
	/* who but calls it an emergency has no reason without consent */
	assert_int_equal(2, lacks(&start, BLOCK_CONSENT, NULL));
	desk_consent(&desk, &desk.one, b.code, CONSENT_TREATMENT);
	desk_consent(&desk, &desk.one, b.code, CONSENT_TELEMENTORING);
	scratch_run(desk.house.db,
		    "UPDATE agreement_session SET emergency_needs = 0");
	start.in.reason = NULL;
	assert_int_equal(1, lacks(&start, BLOCK_FALLBACK, NULL));
	assert_int_equal(6, lacks(&start, BLOCK_CHECK, NULL));
	start.in.reason = "bleeding";
	assert_int_equal(RC_OK, desk_day_begins(&desk, &desk.one, &start));
	assert_int_equal(GATESET(GATE_FALLBACK) | GATESET(GATE_CHECKS),
			 start.out.passed);
	struct on show = {.code = b.code, .booking = work_booking_show};

	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, booking_step, &show));
	const struct msg_event *last =
		(struct msg_event *)show.b.history.v + show.b.history.n - 1;

	assert_string_equal("start", last->verb);
	assert_string_equal("without fallback-surgeon, checks: bleeding",
			    last->reason);
}

/* --- what must be there --- */

struct looking {
	const char *code;
	struct msg_checking in;
	struct msg_booking out;
};

static enum rc check_step(struct work *w, void *arg)
{
	struct looking *l = arg;

	return work_booking_check(w, l->code, &l->in, &l->out);
}

static enum rc looked(const struct principal *who, const char *code, int check,
		      bool red, int contingency)
{
	struct looking l = {.code = code,
			    .in = {check, red, NULL, contingency, NULL}};

	return desk_do(&desk, who, check_step, &l);
}

static void who_takes_over_is_one_of_the_partners(void **state)
{
	const char *request;
	struct msg_booking b = desk_day_guided(&desk, "P-20", URGENCY_ROUTINE,
					       &request),
			   other = desk_day_booked_at(&desk, "P-21",
						      DESK_MONDAY + 7200);
	struct desk_day_fallback of_lead = {.code = b.code,
					    .in = {"coronary-1"}},
				 no_kind = {.code = other.code,
					    .in = {"chest-pain-1"}};

	(void)state;
	assert_int_equal(RC_INVALID, desk_do(&desk, &desk.one,
					     desk_day_fallback_step, &of_lead));
	assert_int_equal(RC_INVALID, desk_do(&desk, &desk.one,
					     desk_day_fallback_step, &no_kind));
	assert_int_equal(RC_FORBIDDEN,
			 desk_do(&desk, &desk.surgeon, desk_day_fallback_step,
				 &no_kind));
	/* nobody takes over from themselves */
	scratch_run(desk.house.db,
		    "UPDATE request SET surgeon = (SELECT id FROM subject"
		    " WHERE slug = 'chest-pain-1')");
	no_kind.code = b.code;
	assert_int_equal(RC_INVALID, desk_do(&desk, &desk.one,
					     desk_day_fallback_step, &no_kind));
}

/* A credential that has ended keeps from booking, and from beginning. */
static void credentials_end(void **state)
{
	const char *request;
	struct msg_booking b =
		desk_day_guided(&desk, "P-22", URGENCY_ROUTINE, &request);
	const char *later = desk_accepted(&desk, &desk.one, "P-23");
	struct desk_day_start start = {.code = b.code, .in = {"it is time"}};
	struct take t = take(later, DESK_MONDAY + 7200, false);
	struct work w;

	(void)state;
	desk_consent(&desk, &desk.one, b.code, CONSENT_TREATMENT);
	desk_consent(&desk, &desk.one, b.code, CONSENT_TELEMENTORING);
	desk_day_takes_over(&desk, b.code, "chest-pain-1");
	/* the Saturday before; for guidance alone (the fourth kind) */
	scratch_run(desk.house.db,
		    "UPDATE expert SET credentials = '20834 8 certificate'"
		    " || char(10) WHERE subject = (SELECT id FROM subject"
		    " WHERE slug = 'coronary-1')");
	house_forget(&desk.house);
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, take_step, &t));
	desk.house.scratch.now = DESK_MONDAY;
	assert_int_equal(1, lacks(&start, BLOCK_CREDENTIAL, "certificate"));
	scratch_run(desk.house.db, "UPDATE expert SET credentials ="
				   " '20834 0 licence' || char(10)");
	house_forget(&desk.house);
	/* the expert's, and that of whoever takes over */
	assert_int_equal(2, lacks(&start, BLOCK_CREDENTIAL, "licence"));
	t = take(desk_accepted(&desk, &desk.one, "P-24"), DESK_MONDAY + 10800,
		 false);
	assert_int_equal(RC_REFUSED,
			 house_do(&desk.house, &desk.one, WORK_MATCH_ANY,
				  take_step, &t, &w));
	const struct msg_blocker *v = w.blockers.v;

	assert_int_equal(1, w.blockers.n);
	assert_int_equal(BLOCK_CREDENTIAL, v[0].reason);
	assert_string_equal("licence", v[0].rule);
	scratch_run(desk.house.db, "UPDATE expert SET credentials ="
				   " '20836 0 licence' || char(10)");
	house_forget(&desk.house);
	assert_int_equal(RC_OK, desk_day_begins(&desk, &desk.one, &start));
}

static int64_t reminders(void)
{
	return desk_count(&desk, "SELECT count(*) FROM event"
				 " WHERE verb = 'remind' AND thing = 'booking'"
				 " AND actor = 'system'");
}

/* At T-60, T-20 and T-10, of both ends; what was said is not asked for. */
static void what_is_looked_at_is_due(void **state)
{
	struct msg_booking b = desk_day_booked_at(&desk, "P-25", DESK_MONDAY);

	(void)state;
	desk.house.scratch.now = DESK_MONDAY - 3601;
	assert_int_equal(RC_OK,
			 desk_do(&desk, &desk.one, desk_day_due_step, NULL));
	assert_int_equal(0, reminders());
	assert_int_equal(RC_OK,
			 looked(&desk.one, b.code, CHECK_EQUIPMENT, false, -1));
	desk.house.scratch.now = DESK_MONDAY - 3600;
	assert_int_equal(RC_OK,
			 desk_do(&desk, &desk.one, desk_day_due_step, NULL));
	assert_int_equal(1, reminders()); /* the lead's end */
	desk.house.scratch.now = DESK_MONDAY - 1200;
	assert_int_equal(RC_OK,
			 desk_do(&desk, &desk.one, desk_day_due_step, NULL));
	assert_int_equal(3, reminders());
	assert_int_equal(RC_OK,
			 looked(&desk.one, b.code, CHECK_CONNECTED, false, -1));
	assert_int_equal(RC_OK, looked(&desk.surgeon, b.code, CHECK_CONNECTED,
				       false, -1));
	desk.house.scratch.now = DESK_MONDAY - 600;
	assert_int_equal(RC_OK,
			 desk_do(&desk, &desk.one, desk_day_due_step, NULL));
	assert_int_equal(3, reminders());
	b = desk_day_shown(&desk, &desk.lead, b.code);
	const struct msg_check *v = b.checks.v;

	assert_int_equal(6, b.checks.n);
	assert_string_equal("open", v[0].state);
	assert_string_equal("green", v[1].state);
	assert_int_equal(DESK_MONDAY - 3600, v[0].due_at);
	assert_string_equal("green", v[5].state);
	/* it is over: nobody is reminded */
	struct on on = {
		.code = desk_day_booked_at(&desk, "P-26", DESK_MONDAY + 7200)
				.code,
		.reason = {"moved elsewhere"}};

	assert_int_equal(1, desk_count(&desk, "SELECT count(*) FROM due"
					      " WHERE what = 'check'"));
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, cancel_step, &on));
	assert_int_equal(0, desk_count(&desk, "SELECT count(*) FROM due"
					      " WHERE what = 'check'"));
}

static void what_is_red_wants_something_instead(void **state)
{
	struct msg_booking b = desk_day_booked_at(&desk, "P-27", DESK_MONDAY);
	struct desk_day_start start = {.code = b.code, .in = {"it is time"}};
	struct looking elsewhere = {
		.code = b.code,
		.in = {CHECK_LINK, true, "cooperating-2", -1, NULL}};

	(void)state;
	desk_consent(&desk, &desk.one, b.code, CONSENT_TREATMENT);
	desk.house.scratch.now = DESK_MONDAY;
	assert_int_equal(RC_INVALID,
			 desk_do(&desk, &desk.one, check_step, &elsewhere));
	assert_int_equal(RC_INVALID, looked(&desk.one, b.code, -1, false, -1));
	assert_int_equal(RC_NOT_FOUND,
			 looked(&desk.two, b.code, CHECK_LINK, true, -1));
	assert_int_equal(RC_OK,
			 looked(&desk.one, b.code, CHECK_LINK, true, -1));
	assert_int_equal(1, lacks(&start, BLOCK_CHECK, "link"));
	assert_int_equal(RC_OK, looked(&desk.one, b.code, -1, false,
				       CONTINGENCY_POSTPONE));
	assert_int_equal(1, lacks(&start, BLOCK_CHECK, "link"));
	assert_int_equal(RC_OK, looked(&desk.one, b.code, -1, false,
				       CONTINGENCY_TELEPHONE));
	/* what was chosen was not chosen for what fails now */
	assert_int_equal(RC_OK, looked(&desk.surgeon, b.code, CHECK_EQUIPMENT,
				       true, -1));
	assert_int_equal(2, lacks(&start, BLOCK_CHECK, NULL));
	assert_int_equal(RC_OK, looked(&desk.surgeon, b.code, CHECK_EQUIPMENT,
				       false, -1));
	assert_int_equal(1, lacks(&start, BLOCK_CHECK, "link"));
	assert_int_equal(RC_OK, looked(&desk.one, b.code, -1, false,
				       CONTINGENCY_SECOND_LINE));
	assert_int_equal(RC_OK, desk_day_begins(&desk, &desk.one, &start));
	assert_int_equal(CONTINGENCY_SECOND_LINE, start.out.contingency);
}

/* Nobody looked: it is looked at now, or something is chosen, or said why. */
static void what_nobody_looked_at_is_not_green(void **state)
{
	struct msg_booking b = desk_day_booked_at(&desk, "P-28", DESK_MONDAY),
			   next = desk_day_booked_at(&desk, "P-29",
						     DESK_MONDAY + 3600);
	struct desk_day_start start = {.code = b.code},
			      other = {.code = next.code};
	struct looking at_lead = {
		.code = b.code,
		.in = {CHECK_CONNECTED, false, "anzhen", -1, NULL}};

	(void)state;
	desk_consent(&desk, &desk.one, b.code, CONSENT_TREATMENT);
	desk_consent(&desk, &desk.one, next.code, CONSENT_TREATMENT);
	desk.house.scratch.now = DESK_MONDAY;
	assert_int_equal(6, lacks(&start, BLOCK_CHECK, NULL));
	/* whoever has the link has tested the equipment */
	assert_int_equal(RC_OK,
			 looked(&desk.one, b.code, CHECK_LINK, false, -1));
	assert_int_equal(4, lacks(&start, BLOCK_CHECK, NULL));
	/* that an end works its own hospital says */
	assert_int_equal(RC_FORBIDDEN,
			 desk_do(&desk, &desk.one, check_step, &at_lead));
	assert_int_equal(RC_OK,
			 desk_do(&desk, &desk.lead, check_step, &at_lead));
	assert_int_equal(1, lacks(&start, BLOCK_CHECK, "connected"));
	const struct msg_blocker *v = start.w.blockers.v;

	assert_string_equal("liaoyang-central", v[0].subject);
	assert_int_equal(RC_OK,
			 looked(&desk.one, b.code, CHECK_CONNECTED, false, -1));
	assert_int_equal(RC_OK, desk_day_begins(&desk, &desk.one, &start));
	assert_int_equal(0, start.out.passed);
	/* by the agreement a reason does, or not, or nothing is needed */
	desk.house.scratch.now = DESK_MONDAY + 3600;
	scratch_run(desk.house.db,
		    "INSERT INTO agreement_session (agreement, waives,"
		    " moves_when_late, unchecked, link_minutes)"
		    " SELECT DISTINCT agreement, 0, 0, 'contingency', 0"
		    " FROM booking");
	other.in.reason = "it has always worked";
	assert_int_equal(4, lacks(&other, BLOCK_CHECK, NULL));
	assert_int_equal(RC_OK, looked(&desk.one, next.code, -1, false,
				       CONTINGENCY_POSTPONE));
	assert_int_equal(4, lacks(&other, BLOCK_CHECK, NULL));
	assert_int_equal(RC_OK, looked(&desk.one, next.code, -1, false,
				       CONTINGENCY_TELEPHONE));
	assert_int_equal(RC_OK, desk_day_begins(&desk, &desk.one, &other));
	assert_int_equal(0, other.out.passed);
	scratch_run(desk.house.db,
		    "UPDATE agreement_session SET unchecked = 'nothing'");
	b = desk_day_booked_at(&desk, "P-32", DESK_MONDAY + 2 * 3600);
	start = (struct desk_day_start){.code = b.code};
	desk_consent(&desk, &desk.one, b.code, CONSENT_TREATMENT);
	assert_int_equal(RC_OK, desk_day_begins(&desk, &desk.one, &start));
	assert_int_equal(0, start.out.passed);
}

/* Of another day nothing was said; what was chosen was for that other time. */
static void a_move_forgets_what_was_looked_at(void **state)
{
	struct msg_booking b = desk_day_booked_at(&desk, "P-40", DESK_MONDAY);
	struct shift m = shift(b.code, DESK_MONDAY + 1800);
	const struct msg_check *v;

	(void)state;
	desk.house.scratch.now = DESK_MONDAY - 3600;
	assert_int_equal(RC_OK,
			 looked(&desk.one, b.code, CHECK_EQUIPMENT, false, -1));
	assert_int_equal(RC_OK, looked(&desk.one, b.code, CHECK_LINK, true,
				       CONTINGENCY_TELEPHONE));
	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, move_step, &m));
	b = desk_day_shown(&desk, &desk.lead, b.code);
	v = b.checks.v;
	assert_string_equal("green",
			    v[1].state);	/* an hour and a half before */
	assert_string_equal("red", v[3].state); /* until somebody says else */
	assert_int_equal(-1, b.contingency);
	m = shift(b.code, DESK_MONDAY + 7 * 86400);
	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, move_step, &m));
	b = desk_day_shown(&desk, &desk.lead, b.code);
	v = b.checks.v;
	for (size_t i = 0; i < b.checks.n; i++)
		assert_string_equal(i == 3 ? "red" : "open", v[i].state);
	/* nobody knows today what works next week */
	assert_int_equal(RC_STATE,
			 looked(&desk.one, b.code, CHECK_LINK, false, -1));
	assert_int_equal(1, desk_count(&desk, "SELECT count(*) FROM due"
					      " WHERE what = 'check'"));
}

/* What fell due while the service stood still is told, each of it. */
static void what_was_missed_is_told(void **state)
{
	(void)state;
	desk_day_booked_at(&desk, "P-41", DESK_MONDAY);
	desk.house.scratch.now = DESK_MONDAY - 300;
	for (int i = 0; i < CHECK_COUNT; i++)
		assert_int_equal(RC_OK, desk_do(&desk, &desk.one,
						desk_day_due_step, NULL));
	assert_int_equal(2 * CHECK_COUNT, reminders());
}

/* How many, and the first of them. */
static size_t unchecked(const struct principal *who, struct msg_late *out)
{
	struct lateness l = late_of(who, "late");
	size_t n;

	*out = listed_as(&l, "check", &n);
	return n;
}

/* One line for each end, of what comes next there. */
static void what_nobody_looked_at_is_late(void **state)
{
	struct msg_booking b = desk_day_booked_at(&desk, "P-33", DESK_MONDAY);
	int64_t *now = &desk.house.scratch.now;
	struct msg_late v;

	(void)state;
	*now = DESK_MONDAY - 3600; /* that second is still in time */
	assert_int_equal(0, unchecked(&desk.lead, &v));
	*now += 1;
	assert_int_equal(2, unchecked(&desk.lead, &v));
	assert_int_equal(2, unchecked(&desk.surgeon, &v));
	assert_int_equal(0, unchecked(&desk.two, &v));
	assert_int_equal(0, unchecked(&desk.other_lead, &v));
	assert_int_equal(RC_OK,
			 looked(&desk.one, b.code, CHECK_EQUIPMENT, true, -1));
	assert_int_equal(1, unchecked(&desk.one, &v));
	assert_string_equal("anzhen", v.site);
	assert_string_equal(b.code, v.booking);
	assert_int_equal(CHECK_EQUIPMENT, v.check);
	assert_int_equal(DESK_MONDAY - 3600, v.due);
	*now = DESK_MONDAY - 1199;
	assert_int_equal(2, unchecked(&desk.one, &v));
	/* page by page, among what else is late */
	struct lateness l = late_of(&desk.one, "late");
	size_t all = l.out.items.n, n, checks = 0;

	l.in.limit = 1;
	do {
		assert_int_equal(RC_OK,
				 desk_do(&desk, &desk.one, worklist_step, &l));
		assert_int_equal(1, l.out.items.n);
		v = listed_as(&l, "check", &n);
		checks += n;
		l.in.cursor = l.out.next;
	} while (--all > 0);
	assert_null(l.out.next);
	assert_int_equal(2, checks);
	assert_string_equal("liaoyang-central", v.site);
	assert_int_equal(CHECK_LINK, v.check);
	assert_int_equal(DESK_MONDAY - 1200, v.due);
	l = late_of(&desk.one, "running");
	listed_as(&l, "check", &n);
	assert_int_equal(0, n);
	/* once it has begun, or is over, there is nothing to look at */
	*now = b.to;
	assert_int_equal(0, unchecked(&desk.one, &v));
	*now = b.to - 1;
	assert_int_equal(2, unchecked(&desk.one, &v));
	assert_int_equal(RC_OK, looked(&desk.one, b.code, -1, false,
				       CONTINGENCY_TELEPHONE));
	desk_day_started(&desk, &desk.one, b.code);
	assert_int_equal(0, unchecked(&desk.one, &v));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(each_consent_is_there_before_it_begins),
		TEST(an_emergency_begins_first_and_is_reminded),
		TEST(what_has_come_is_not_reminded),
		TEST(a_reason_stands_for_what_may_be_missing),
		TEST(who_takes_over_is_one_of_the_partners),
		TEST(credentials_end),
		TEST(what_is_looked_at_is_due),
		TEST(what_is_red_wants_something_instead),
		TEST(what_nobody_looked_at_is_not_green),
		TEST(a_move_forgets_what_was_looked_at),
		TEST(what_was_missed_is_told),
		TEST(what_nobody_looked_at_is_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
