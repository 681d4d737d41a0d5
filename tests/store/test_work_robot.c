/*
 * Remote surgery: a robot at both ends, two links that do not fail together,
 * and a surgeon on site who stands by.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/work/day.h"
#include "tests/support/desk_day.h"

#define HOUR 3600
/* Saturday 2027-02-13 09:00 in Shanghai, the second of its month. */
#define SATURDAY (DESK_MONDAY + 26 * 24 * HOUR + HOUR)

static struct desk desk;
static struct principal pumch, robot;

static int setup(void **state)
{
	(void)state;
	desk_begin(&desk);
	pumch = house_person(&desk.house, ROLE_LEAD_COORDINATOR, "pumch", NULL);
	robot = house_person(&desk.house, ROLE_EXPERT, "pumch",
			     "robot-urology-1");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	desk_end(&desk);
	return 0;
}

static struct ask_for operation(const char *surgeon)
{
	struct ask_for a = ask_for("liaoyang-central", "P-5");

	a.in.kind = KIND_REMOTE_SURGERY;
	a.in.expert = NULL;
	a.in.specialty = "urology";
	a.in.surgeon = surgeon;
	a.in.before_minutes = 30;
	a.in.after_minutes = 20;
	return a;
}

static const char *accepted(void)
{
	struct ask_for a = operation("chest-pain-1");
	struct on on = {.accept.duration_minutes = FIELD_NONE};

	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, submit_step, &a));
	on.code = a.out.code;
	assert_int_equal(RC_OK, desk_do(&desk, &pumch, accept_step, &on));
	return on.r.code;
}

/* From and to in minutes about the session of four hours; its reserve is an
 * hour by this agreement. */
static void takes(const struct msg_booking *b, const char *subject,
		  enum claim_role role, int64_t from, int64_t to)
{
	const struct msg_claim *v = b->claims.v;

	for (size_t i = 0; i < b->claims.n; i++)
		if (v[i].subject && !strcmp(v[i].subject, subject) &&
		    v[i].role == (int)role) {
			assert_int_equal(b->from + from * 60, v[i].from);
			assert_int_equal(b->to + to * 60, v[i].to);
			return;
		}
	fail_msg("no claim on %s", subject);
}

static void all_that_it_takes(void **state)
{
	struct ask_for nobody = operation(NULL);
	struct msg_booking b;
	struct take t;

	(void)state;
	/* nobody stands by: it is not even asked */
	assert_int_equal(RC_INVALID,
			 desk_do(&desk, &desk.one, submit_step, &nobody));
	t = take(accepted(), SATURDAY, false);
	t.in.with = (struct field_strs){
		(const char *[]){"liaoyang-central/or-2"}, 1};
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, take_step, &t));
	b = t.out;
	takes(&b, "pumch/robot-console", CLAIM_LEAD_STUDIO, 0, 60);
	takes(&b, "liaoyang-central/robot", CLAIM_ROBOT, -30, 60);
	takes(&b, "liaoyang-central/or-2", CLAIM_OPERATING_ROOM, -30, 60);
	takes(&b, "chest-pain-1", CLAIM_SURGEON, -30, 60);
	/* carriers a and c of the lead's: the partner's a would fail with one
	 */
	takes(&b, "pumch/link-1", CLAIM_LINK, 0, 60);
	takes(&b, "pumch/link-2", CLAIM_LINK, 0, 60);
	/* the consents are there, and whoever stands by takes over */
	struct desk_day_start start = {.code = b.code};

	desk.house.scratch.now = SATURDAY;
	start.in.reason = "nobody has looked";
	desk_consent(&desk, &desk.one, b.code, CONSENT_TREATMENT);
	assert_int_equal(RC_RULE, desk_day_begins(&desk, &robot, &start));
	assert_int_equal(1, start.w.blockers.n); /* telementoring */
	desk_consent(&desk, &desk.one, b.code, CONSENT_TELEMENTORING);
	assert_int_equal(RC_OK, desk_day_begins(&desk, &robot, &start));
}

static void along_one_path(const char *sql)
{
	scratch_run(desk.house.db, sql);
	house_forget(&desk.house);
}

static enum rc slots_step(struct work *w, void *arg)
{
	struct msg_slots_query q;
	struct msg_slots out;

	proto_clear(&msg_slots_query_table, &q);
	q.request = *(const char **)arg;
	q.from = SATURDAY - HOUR;
	q.to = SATURDAY + 12 * HOUR;
	enum rc rc = work_slots(w, &q, &out);

	*(const char **)arg = rc == RC_OK && out.slots.n > 0 ? "yes" : NULL;
	return rc;
}

static bool found(const char *code)
{
	assert_int_equal(RC_OK, desk_do(&desk, &pumch, slots_step, &code));
	return code != NULL;
}

static void two_that_do_not_fail_together(void **state)
{
	const char *code = accepted();
	struct take t = take(code, SATURDAY, false);
	const struct msg_blocker *v;
	struct work w;
	size_t paths = 0;

	(void)state;
	assert_true(found(code));
	/* all of one carrier; of one nobody says which */
	along_one_path("UPDATE subject SET path = 'carrier-a'"
		       " WHERE path IS NOT NULL");
	along_one_path("UPDATE subject SET path = NULL"
		       " WHERE slug = 'pumch/link-2'");
	assert_false(found(code));
	assert_int_equal(RC_REFUSED,
			 house_do(&desk.house, &desk.one, WORK_MATCH_ANY,
				  take_step, &t, &w));
	v = w.blockers.v;
	for (size_t i = 0; i < w.blockers.n; i++)
		paths += v[i].reason == BLOCK_PATH;
	assert_int_equal(3, paths);
	/* with one of another, that one and any */
	along_one_path("UPDATE subject SET path = 'carrier-b'"
		       " WHERE slug = 'liaoyang-central/5g-b'");
	assert_true(found(code));
	struct msg_booking b = desk_booked(&desk, &desk.one, code, SATURDAY);

	takes(&b, "pumch/link-1", CLAIM_LINK, 0, 60);
	takes(&b, "liaoyang-central/5g-b", CLAIM_LINK, 0, 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_that_it_takes, setup,
						teardown),
		cmocka_unit_test_setup_teardown(two_that_do_not_fail_together,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
