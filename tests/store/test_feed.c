/* Who is told of which changes, and that no way of cutting what is told
 * changes it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "daemon/store/feed.h"
#include "daemon/work/feed.h"
#include "tests/support/desk.h"

#define AFTERNOON (DESK_MONDAY + 6 * 3600)

static struct desk desk;
static struct principal doctor, former, admin, auditor, county;
static int64_t begin; /* the log's end before anything happened */
static char moved[CODE_LEN + 1];

static int64_t head(void)
{
	return desk_count(&desk, "SELECT max(seq) FROM event");
}

/* A request for any cardiac surgeon, booked with one and moved to another. */
static void move_to_another(void)
{
	struct ask_for a = ask_for("cooperating-2", "M1");
	struct on on = {.accept.duration_minutes = FIELD_NONE};

	a.in.specialty = "cardiac-surgery";
	a.in.expert = NULL;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.two, submit_step, &a));
	on.code = a.out.code;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, accept_step, &on));
	struct take t = take(on.code, DESK_MONDAY, false);

	t.in.expert = "cardiac-surgery-2";
	assert_int_equal(RC_OK, desk_do(&desk, &desk.two, take_step, &t));
	struct shift m = shift(t.out.code, AFTERNOON);

	m.in.expert = "cardiac-surgery-1";
	assert_int_equal(RC_OK, desk_do(&desk, &desk.two, move_step, &m));
	snprintf(moved, sizeof(moved), "%s", t.out.code);
}

/* A request that names an expert and is declined before it is accepted. */
static void decline_at_once(void)
{
	struct ask_for a = ask_for("cooperating-2", "M2");
	struct on on = {.request = work_request_decline,
			.reason.reason = "no time"};

	assert_int_equal(RC_OK, desk_do(&desk, &desk.two, submit_step, &a));
	on.code = a.out.code;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, request_step, &on));
}

/* One that is booked, read, and cancelled; then declined as well. */
static void cancel_and_decline(void)
{
	const char *code = desk_accepted(&desk, &desk.one, "M3");
	struct msg_booking b = desk_booked(&desk, &desk.one, code, DESK_MONDAY);
	struct on off = {.code = b.code, .reason.reason = "is better"};
	struct on no = {.code = code,
			.request = work_request_decline,
			.reason.reason = "not needed"};

	(void)desk_request_status(&desk, code);
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, cancel_step, &off));
	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, request_step, &no));
}

static int setup(void **state)
{
	struct house *house = &desk.house;

	(void)state;
	desk_begin(&desk);
	doctor =
		house_person(house, ROLE_EXPERT, "anzhen", "cardiac-surgery-1");
	former =
		house_person(house, ROLE_EXPERT, "anzhen", "cardiac-surgery-2");
	admin = house_person(house, ROLE_ADMINISTRATOR, NULL, NULL);
	auditor = house_person(house, ROLE_AUDITOR, "liaoyang-central", NULL);
	county = house_person(house, ROLE_SITE_COORDINATOR, "dengta-county",
			      NULL);
	begin = head();
	move_to_another();
	decline_at_once();
	cancel_and_decline();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	desk_end(&desk);
	return 0;
}

/* --- what somebody is told --- */

struct told {
	struct msg_feed_query in;
	struct work_feed_span span;
	struct buf text; /* "submit/accept/" */
	int64_t last, position;
	size_t left; /* what there is still room for */
	bool others; /* an expert was named to whom they are not */
};

static bool tell(void *ctx, const struct msg_change *change)
{
	struct told *t = ctx;

	assert_true(change->seq > t->last);
	t->last = change->seq;
	buf_printf(&t->text, "%s/", change->verb);
	t->others |= change->expert &&
		     strcmp(change->expert, "cardiac-surgery-1") == 0;
	/* who reads is nobody's change */
	assert_string_not_equal("read", change->verb);
	return --t->left > 0;
}

static enum rc told_step(struct work *w, void *arg)
{
	struct told *t = arg;
	struct work_feed feed;
	enum rc rc = work_feed_begin(w, &t->in, &feed);

	t->span.tell = tell;
	t->span.ctx = t;
	return rc == RC_OK ? work_feed_read(w, &feed, &t->span, &t->position)
			   : rc;
}

static struct told told_new(void)
{
	struct told t = {
		.span.after = begin, .span.upto = head(), .left = SIZE_MAX};

	buf_init(&t.text, 65536);
	return t;
}

static void expect(const struct principal *who, const char *expert,
		   const char *site, const char *wanted)
{
	struct told t = told_new();

	t.in = (struct msg_feed_query){.expert = expert, .site = site};
	assert_int_equal(RC_OK, desk_do(&desk, who, told_step, &t));
	assert_string_equal(wanted, buf_cstr(&t.text));
	assert_int_equal(t.span.upto, t.position);
	buf_fini(&t.text);
}

#define MOVED "submit/accept/book/schedule/move/"
#define DECLINED "submit/decline/"
#define CANCELLED "submit/accept/book/schedule/cancel/unschedule/decline/"

static void each_side_is_told_its_own(void **state)
{
	(void)state;
	expect(&desk.lead, NULL, NULL, MOVED DECLINED CANCELLED);
	expect(&desk.two, NULL, NULL, MOVED DECLINED);
	expect(&desk.one, NULL, NULL, CANCELLED);
	expect(&auditor, NULL, NULL, CANCELLED);
	expect(&desk.other_lead, NULL, NULL, "");
	expect(&county, NULL, NULL, "");
	expect(&admin, NULL, NULL, "");
}

static void an_expert_is_told_what_is_theirs(void **state)
{
	(void)state;
	/* from the acceptance on, and that it is theirs no more */
	expect(&desk.surgeon, NULL, NULL,
	       "accept/book/schedule/cancel/unschedule/decline/");
	/* the one who had it hears that it went, the other that it came */
	expect(&former, NULL, NULL, "book/schedule/move/");
	expect(&doctor, NULL, NULL, "move/");
}

static void who_has_it_now_is_not_told_to_who_had_it(void **state)
{
	struct told t = told_new();

	(void)state;
	assert_int_equal(RC_OK, desk_do(&desk, &former, told_step, &t));
	assert_false(t.others);
	buf_reset(&t.text);
	t.last = 0;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.two, told_step, &t));
	assert_true(t.others);
	buf_fini(&t.text);
}

static void it_is_narrowed(void **state)
{
	(void)state;
	/* a wish is known to those who made it and who got it */
	expect(&desk.lead, "coronary-1", NULL, DECLINED CANCELLED);
	expect(&desk.lead, "cardiac-surgery-1", NULL, "move/");
	expect(&desk.lead, "cardiac-surgery-2", NULL, "book/schedule/move/");
	expect(&desk.lead, NULL, "cooperating-2", MOVED DECLINED);
	expect(&desk.lead, "coronary-1", "liaoyang-central", CANCELLED);
	expect(&desk.two, NULL, "anzhen", MOVED DECLINED);
	expect(&former, "cardiac-surgery-2", NULL, "book/schedule/move/");
	/* to ask for the other does not tell who has it */
	expect(&former, "cardiac-surgery-1", NULL, "");
	expect(&doctor, "cardiac-surgery-2", NULL, "move/");
}

static void what_is_not_ones_own_to_see_is_not_there(void **state)
{
	static const struct {
		const struct principal *who;
		const char *expert, *site;
	} v[] = {
		{&desk.two, "no-such-one", NULL},
		{&desk.two, "neurology-1", NULL}, /* of a lead of others */
		{&desk.two, NULL, "no-such-site"},
		{&desk.two, NULL, "tiantan"},
		{&desk.two, NULL, "liaoyang-central"},
		{&admin, "coronary-1", NULL},
		{&admin, NULL, "anzhen"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		struct told t = told_new();
		struct work w;

		t.in.expert = v[i].expert;
		t.in.site = v[i].site;
		assert_int_equal(RC_NOT_FOUND,
				 house_do(&desk.house, v[i].who, WORK_MATCH_ANY,
					  told_step, &t, &w));
		assert_string_equal(v[i].expert ? "there is no such expert"
						: "there is no such site",
				    w.err.text);
		buf_fini(&t.text);
	}
}

/* What is neither a request nor a booking. */
static void administrators_are_told_of_the_network(void **state)
{
	struct told t = told_new();

	(void)state;
	t.span.after = 0;
	assert_int_equal(RC_OK, desk_do(&desk, &admin, told_step, &t));
	assert_string_equal("import/", buf_cstr(&t.text));
	buf_fini(&t.text);
}

/* --- cuts --- */

/* Everything in pieces of some records and of some room, drawn at random. */
static void read_in_pieces(const struct principal *who, uint64_t *seed,
			   struct told *t)
{
	int64_t end = head();

	t->position = begin;
	while (t->position < end) {
		int64_t step = 1 + (int64_t)scratch_random(seed, 6);

		t->span.after = t->position;
		t->span.upto =
			t->position + step < end ? t->position + step : end;
		t->left = 1 + scratch_random(seed, 3);
		assert_int_equal(RC_OK, desk_do(&desk, who, told_step, t));
		assert_true(t->position > t->span.after);
	}
}

static void no_cut_changes_what_is_told(void **state)
{
	const struct principal *whose[] = {&desk.lead, &desk.one,    &desk.two,
					   &doctor,    &former,	     &auditor,
					   &county,    &desk.surgeon};
	uint64_t seed = scratch_seed();

	(void)state;
	for (int round = 0; round < 200; round++) {
		const struct principal *who =
			whose[(size_t)round % (sizeof(whose) / sizeof(*whose))];
		struct told whole = told_new(), pieces = told_new();

		assert_int_equal(RC_OK, desk_do(&desk, who, told_step, &whole));
		read_in_pieces(who, &seed, &pieces);
		assert_string_equal(buf_cstr(&whole.text),
				    buf_cstr(&pieces.text));
		buf_fini(&whole.text);
		buf_fini(&pieces.text);
	}
}

/* --- the rows --- */

static void a_row_says_what_was_written(void **state)
{
	struct tx tx = scratch_tx(&desk.house.scratch, desk.house.db);
	struct feed_row row;
	struct feed feed;
	bool found = false;

	(void)state;
	feed_begin(&feed, &tx,
		   &(struct feed_span){.after = begin, .upto = head()});
	while (feed_next(&feed, &row)) {
		if (strcmp(row.verb, "move") != 0)
			continue;
		found = true;
		assert_string_equal("booking", row.thing);
		assert_string_equal(moved, row.code);
		assert_string_equal("booked", row.from_state);
		assert_string_equal("booked", row.to_state);
		assert_string_equal("anzhen", row.lead_slug);
		assert_string_equal("cooperating-2", row.partner_slug);
		assert_string_equal("cooperating-2", row.actor_site_slug);
		assert_string_equal("cardiac-surgery-1", row.expert_slug);
		assert_int_equal(doctor.expert, row.expert);
		assert_int_equal(former.expert, row.other);
		assert_int_equal(desk.house.scratch.now, row.at);
		assert_int_equal(2, row.version);
	}
	assert_int_equal(RC_OK, feed_end(&feed, NULL));
	assert_true(found);
}

static void the_epoch_is_the_databases(void **state)
{
	struct tx tx = scratch_tx(&desk.house.scratch, desk.house.db);
	char one[EVENT_EPOCH_LEN + 1], two[EVENT_EPOCH_LEN + 1];

	(void)state;
	assert_int_equal(RC_OK, event_epoch(&tx, one, NULL));
	assert_int_equal(RC_OK, event_epoch(&tx, two, NULL));
	assert_int_equal(EVENT_EPOCH_LEN, strlen(one));
	assert_string_equal(one, two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_side_is_told_its_own),
		cmocka_unit_test(an_expert_is_told_what_is_theirs),
		cmocka_unit_test(who_has_it_now_is_not_told_to_who_had_it),
		cmocka_unit_test(it_is_narrowed),
		cmocka_unit_test(what_is_not_ones_own_to_see_is_not_there),
		cmocka_unit_test(administrators_are_told_of_the_network),
		cmocka_unit_test(no_cut_changes_what_is_told),
		cmocka_unit_test(a_row_says_what_was_written),
		cmocka_unit_test(the_epoch_is_the_databases),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
