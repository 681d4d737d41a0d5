/*
 * Several experts in one booking, one of each group: who sits, who is told why
 * not, whose it is to see, to move, to finish and to sign.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/store/opinion.h"
#include "daemon/store/site.h"
#include "daemon/work/day.h"
#include "daemon/work/feed.h"
#include "tests/support/desk.h"

#define HOUR 3600

#define EXPERT(id, specialty, more)                                            \
	"{\"id\":\"" id "\",\"name\":\"X\",\"home\":\"up\","                   \
	"\"specialties\":[\"" specialty "\"" more "],"                         \
	"\"modalities\":[\"mri\"],"                                            \
	"\"kinds\":[\"remote-consultation\"]}"
#define OPEN(id, from)                                                         \
	"{\"of\":\"" id "\",\"rrule\":\"FREQ=DAILY\",\"start\":\"2022-01-03T"  \
	"" from "\",\"end\":\"2022-01-03T20:00\","                             \
	"\"time_zone\":\"Asia/Shanghai\"}"

/* heart-1 and image-1 are there from 8 on, knife-1 from 9, knife-2 from 10;
 * wide-1, a cardiologist who reads pictures, from 8. */
static const char network[] =
	"{\"version\":1,\"sites\":["
	"{\"id\":\"up\",\"name\":\"Up\",\"time_zone\":\"Asia/Shanghai\"},"
	"{\"id\":\"down\",\"name\":\"Down\",\"time_zone\":\"Asia/Shanghai\"}],"
	"\"agreements\":[{\"id\":\"a\",\"lead\":\"up\",\"partner\":\"down\","
	"\"valid_from\":\"2026-01-01\",\"valid_to\":\"2028-12-31\","
	"\"kinds\":[\"remote-consultation\"],"
	"\"specialties\":[\"heart\",\"imaging\",\"surgery\"],"
	"\"min_independent_years\":0}],"
	"\"resources\":["
	"{\"id\":\"up/s\",\"name\":\"S\",\"type\":\"studio\",\"capacity\":1},"
	"{\"id\":\"down/s\",\"name\":\"S\",\"type\":\"studio\","
	"\"capacity\":9}],"
	"\"experts\":[" EXPERT("heart-1", "heart", "") "," EXPERT("image-1", "imaging", "") "," EXPERT(
		"knife-1", "surgery",
		"") "," EXPERT("knife-2", "surgery",
			       "") "," EXPERT("wide-1", "heart",
					      ",\"imaging\"") "],"
							      "\"availability\""
							      ":"
							      "[" OPEN(
								      "heart-1",
								      "08"
								      ":0"
								      "0") "," OPEN("image-1",
										    "08:00") "," OPEN("knife-1",
												      "09:00") "," OPEN("knife-2",
															"10:00") "," OPEN("wide-1",
																	  "08:00") "]}";

static struct desk desk; /* its house alone */
static struct principal up, down;

static int setup(void **state)
{
	(void)state;
	house_begin_with(&desk.house, network, strlen(network));
	up = house_person(&desk.house, ROLE_LEAD_COORDINATOR, "up", NULL);
	down = house_person(&desk.house, ROLE_SITE_COORDINATOR, "down", NULL);
	desk.house.scratch.now = DESK_MONDAY; /* 08:00 */
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	house_end(&desk.house);
	return 0;
}

static const char *wanted[7];
static const char *asked_for;

/* An accepted request for that specialty and as many further experts. */
static const char *asked(const char *specialty, size_t n)
{
	struct ask_for a = ask_for("down", "P-1");
	struct on on = {.accept.duration_minutes = FIELD_NONE};

	a.in.expert = NULL;
	a.in.specialty = specialty;
	a.in.also = (struct field_strs){wanted, n};
	assert_int_equal(RC_OK, desk_do(&desk, &down, submit_step, &a));
	assert_int_equal(a.out.also.n, n);
	on.code = a.out.code;
	assert_int_equal(RC_OK, desk_do(&desk, &up, accept_step, &on));
	return on.r.code;
}

static struct msg_booking booked(const char *request, int64_t at)
{
	struct take t = take(request, at, false);

	assert_int_equal(RC_OK, desk_do(&desk, &up, take_step, &t));
	return t.out;
}

static void has_experts(const struct msg_booking *b, const char *a,
			const char *second, const char *third)
{
	const char *want[] = {a, second, third};

	assert_int_equal(b->experts.n, third ? 3 : 2);
	for (size_t i = 0; i < b->experts.n; i++)
		assert_string_equal(b->experts.v[i], want[i]);
	assert_string_equal(b->expert, a);
}

static void one_of_each_group(void **state)
{
	struct msg_booking b;
	struct shift to;

	(void)state;
	wanted[0] = "specialty=imaging,modality=mri";
	wanted[1] = "specialty=surgery";
	b = booked(asked("heart", 2), DESK_MONDAY + 2 * HOUR);
	has_experts(&b, "heart-1", "image-1", "knife-1");
	/* all in one room, each with a claim of their own */
	assert_int_equal(desk_count(&desk, "SELECT count(*) FROM claim"
					   " WHERE role = 'expert'"),
			 3);
	assert_int_equal(desk_count(&desk, "SELECT count(*) FROM claim"
					   " WHERE role = 'lead-studio'"),
			 1);
	/* a move keeps them, and what is free without its own claims is */
	to = shift(b.code, DESK_MONDAY + 2 * HOUR + 600);
	assert_int_equal(RC_OK, desk_do(&desk, &down, move_step, &to));
	has_experts(&to.out, "heart-1", "image-1", "knife-1");
	/* ... or exchanges one */
	to.in.also = (struct field_strs){
		(const char *[]){"expert=image-1", "expert=knife-2"}, 2};
	assert_int_equal(RC_OK, desk_do(&desk, &up, move_step, &to));
	has_experts(&to.out, "heart-1", "image-1", "knife-2");
	assert_int_equal(desk_count(&desk, "SELECT count(*) FROM claim c JOIN"
					   " subject s ON s.id = c.subject"
					   " WHERE s.slug = 'knife-1'"),
			 0);
	struct on on = {.code = b.code, .reason.reason = "x"};

	assert_int_equal(RC_OK, desk_do(&desk, &up, cancel_step, &on));
	assert_int_equal(desk_count(&desk, "SELECT count(*) FROM claim"), 0);
}

/* Nobody sits twice, and nobody is refused where another seating does: the one
 * who could be both is left to the group that has nobody else. */
static void who_sits_where(void **state)
{
	struct msg_booking b;
	struct take t;

	(void)state;
	wanted[0] = "specialty=heart";
	wanted[1] = "expert=wide-1";
	b = booked(asked("imaging", 2), DESK_MONDAY);
	has_experts(&b, "image-1", "heart-1", "wide-1");
	/* a third cardiologist is not there */
	wanted[1] = "specialty=heart";
	t = take(asked("heart", 2), DESK_MONDAY + 4 * HOUR, false);
	assert_int_equal(RC_REFUSED, desk_do(&desk, &up, take_step, &t));
}

static bool tells(const struct work *w, const char *who, enum block reason)
{
	const struct msg_blocker *v = w->blockers.v;

	for (size_t i = 0; i < w->blockers.n; i++)
		if (v[i].subject && !strcmp(v[i].subject, who) &&
		    v[i].reason == (int)reason)
			return true;
	return false;
}

static enum rc slots_step(struct work *w, void *arg)
{
	struct msg_slots_query q;

	proto_clear(&msg_slots_query_table, &q);
	q.request = *(const char **)arg;
	q.n = 1;
	struct msg_slots *out = arena_alloc(w->arena, sizeof(*out));
	enum rc rc = work_slots(w, &q, out);

	if (rc == RC_OK) {
		const struct msg_slot *v = out->slots.v;

		assert_int_equal(out->slots.n, 1);
		assert_int_equal(v->from, DESK_MONDAY + HOUR);
		assert_int_equal(v->experts.n, 3);
	}
	return rc;
}

static void what_each_group_says(void **state)
{
	const char *code;
	struct work w;
	struct take t;

	(void)state;
	wanted[0] = "specialty=imaging";
	wanted[1] = "specialty=surgery";
	code = asked("heart", 2);
	/* before nine no surgeon is there, and both say so */
	t = take(code, DESK_MONDAY, false);
	assert_int_equal(RC_REFUSED, house_do(&desk.house, &up, WORK_MATCH_ANY,
					      take_step, &t, &w));
	assert_true(tells(&w, "knife-1", BLOCK_CLOSED));
	assert_true(tells(&w, "knife-2", BLOCK_CLOSED));
	assert_false(tells(&w, "image-1", BLOCK_CLOSED));
	/* the search knows it as well, and the booking takes what it says */
	assert_int_equal(RC_OK, desk_do(&desk, &up, slots_step, &code));
	booked(code, DESK_MONDAY + HOUR);
	/* a language that nobody speaks: nobody, and no time */
	wanted[0] = "specialty=imaging,language=fr";
	t = take(asked("heart", 1), DESK_MONDAY + 6 * HOUR, false);
	assert_int_equal(RC_REFUSED, house_do(&desk.house, &up, WORK_MATCH_ANY,
					      take_step, &t, &w));
	assert_true(tells(&w, "image-1", BLOCK_LANGUAGE));
	assert_true(tells(&w, "wide-1", BLOCK_LANGUAGE));
}

/* --- whose it is --- */

static enum rc show_booking(struct work *w, void *arg)
{
	struct on *on = arg;

	return work_booking_show(w, on->code, &on->b);
}

static enum rc finish(struct work *w, void *arg)
{
	struct on *on = arg;

	return work_booking_finish(w, on->code, &on->b);
}

static enum rc start(struct work *w, void *arg)
{
	struct on *on = arg;

	return work_booking_start(
		w, on->code, &(struct msg_start){"nobody has looked"}, &on->b);
}

static enum rc listed(struct work *w, void *arg)
{
	struct msg_list_query q;
	struct msg_booking_list bookings;
	struct msg_request_list requests;
	struct msg_schedule_query span;
	struct msg_schedule plan;
	size_t *n = arg;

	proto_clear(&msg_list_query_table, &q);
	enum rc rc = work_booking_list(w, &q, &bookings);

	if (rc == RC_OK)
		rc = work_request_list(w, &q, &requests);
	if (rc != RC_OK)
		return rc;
	n[0] = bookings.items.n;
	n[1] = requests.items.n;
	proto_clear(&msg_schedule_query_table, &span);
	rc = work_schedule_subject(w, "up/s", &span, &plan);
	if (rc != RC_OK)
		return rc;
	const struct msg_entry *v = plan.entries.v;

	n[2] = plan.entries.n > 0 && v[0].booking != NULL;
	return RC_OK;
}

static void sees(const struct principal *who, size_t n)
{
	size_t found[3] = {0};

	assert_int_equal(RC_OK, desk_do(&desk, who, listed, found));
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(found[i], n);
}

static bool told_of(void *ctx, const struct msg_change *change)
{
	size_t *n = ctx;

	*n += strcmp(change->thing, "booking") == 0;
	return true;
}

static enum rc feed(struct work *w, void *arg)
{
	struct msg_feed_query q;
	struct work_feed f;
	struct work_feed_span span = {
		.upto = w->tx->head.seq, .tell = told_of, .ctx = arg};
	int64_t seq;

	proto_clear(&msg_feed_query_table, &q);
	enum rc rc = work_feed_begin(w, &q, &f);

	return rc == RC_OK ? work_feed_read(w, &f, &span, &seq) : rc;
}

static size_t told(const struct principal *who)
{
	size_t n = 0;

	assert_int_equal(RC_OK, desk_do(&desk, who, feed, &n));
	return n;
}

/* How many have to sign, and have not. */
static enum rc missing_step(struct work *w, void *arg)
{
	struct request r;
	size_t *n = arg;
	enum rc rc = request_by_code(w->tx, asked_for, w->arena, &r, &w->err);

	return rc == RC_OK ? opinion_missing(w->tx, &r, n, &w->err) : rc;
}

static size_t missing(void)
{
	size_t n;

	assert_int_equal(RC_OK, desk_do(&desk, &up, missing_step, &n));
	return n;
}

/* --- why there is no time --- */

struct search {
	struct msg_slots_query in;
	struct msg_slots out;
};

static enum rc search_step(struct work *w, void *arg)
{
	struct search *s = arg;

	return work_slots(w, &s->in, &s->out);
}

/* A cardiologist and as many more, between 8 and 9. */
static struct search early(size_t n)
{
	struct search s = {0};

	proto_clear(&msg_slots_query_table, &s.in);
	s.in.kind = KIND_REMOTE_CONSULTATION;
	s.in.agreement = "a";
	s.in.specialty = "heart";
	s.in.also = (struct field_strs){wanted, n};
	s.in.from = DESK_MONDAY;
	s.in.to = DESK_MONDAY + HOUR;
	s.in.n = 1;
	s.in.explain = true;
	return s;
}

static const struct msg_removal *removal(const struct msg_explanation *e,
					 const char *who, enum block reason)
{
	const struct msg_removal *v = e->removals.v;

	for (size_t i = 0; i < e->removals.n; i++)
		if (v[i].subject && !strcmp(v[i].subject, who) &&
		    v[i].reason == (int)reason)
			return &v[i];
	fail_msg("%s is not told of %s", who,
		 words_name(&words_block, (int)reason));
	abort();
}

static const struct msg_relaxation *relaxed(const struct msg_explanation *e,
					    enum relax what)
{
	const struct msg_relaxation *v = e->relaxations.v;

	for (size_t i = 0; i < e->relaxations.n; i++) {
		const struct msg_relaxed *c = v[i].changes.v;

		if (v[i].changes.n == 1 && c->what == (int)what)
			return &v[i];
	}
	fail_msg("%s", words_name(&words_relax, (int)what));
	abort();
}

/* Every participant of every group is counted, none more often than it could
 * sit; what is said to help does. */
static void why_no_group_has_time(void **state)
{
	struct search s = early(2);

	(void)state;
	wanted[0] = "specialty=imaging";
	wanted[1] = "specialty=surgery";
	assert_int_equal(RC_OK, desk_do(&desk, &down, search_step, &s));
	assert_int_equal(0, s.out.slots.n);
	assert_int_equal(1, s.out.explained.n);
	const struct msg_explanation *e = s.out.explained.v;
	const struct msg_removal *v = e->removals.v;

	for (size_t i = 0; i < e->removals.n; i++) {
		assert_non_null(v[i].detail);
		assert_true(v[i].alone + v[i].with_others <= v[i].of);
		assert_false(v[i].subject && !strcmp(v[i].subject, "image-1") &&
			     v[i].reason == BLOCK_CLOSED);
	}
	/* two cardiologists, twelve starts, and never a surgeon */
	assert_int_equal(24, e->chances);
	const struct msg_removal *knife = removal(e, "knife-1", BLOCK_CLOSED);

	assert_int_equal(24, knife->with_others);
	assert_int_equal(24, knife->of);
	removal(e, "knife-2", BLOCK_CLOSED);
	const struct msg_relaxation *later = relaxed(e, RELAX_LATER);
	const struct msg_relaxation *less = relaxed(e, RELAX_ALSO);

	assert_int_equal(DESK_MONDAY + HOUR, later->slot->from);
	assert_int_equal(DESK_MONDAY, less->slot->from);
	const struct msg_relaxed *change = less->changes.v;

	assert_string_equal("surgery", change->value);
	assert_int_equal(ROLE_SITE_COORDINATOR, change->granted_by);
	/* asked for what it says, the search finds these very times */
	s = early(1);
	assert_int_equal(RC_OK, desk_do(&desk, &down, search_step, &s));
	assert_int_equal(1, s.out.slots.n);
	assert_int_equal(DESK_MONDAY,
			 ((const struct msg_slot *)s.out.slots.v)->from);
	s = early(2);
	s.in.to = DESK_MONDAY + 4 * HOUR;
	assert_int_equal(RC_OK, desk_do(&desk, &down, search_step, &s));
	assert_int_equal(DESK_MONDAY + HOUR,
			 ((const struct msg_slot *)s.out.slots.v)->from);
}

/* Who is there once cannot sit twice: it is said in words. */
static void nobody_sits_twice_is_said(void **state)
{
	struct search s = early(2);
	const struct msg_removal *twice;

	(void)state;
	wanted[0] = "expert=image-1";
	wanted[1] = "expert=image-1";
	assert_int_equal(RC_OK, desk_do(&desk, &down, search_step, &s));
	assert_int_equal(0, s.out.slots.n);
	twice = removal(s.out.explained.v, "image-1", BLOCK_TWICE);
	assert_string_equal("image-1 sits in the session already",
			    twice->detail);
	const struct msg_relaxation *less =
		relaxed(s.out.explained.v, RELAX_ALSO);

	assert_string_equal(
		"image-1",
		((const struct msg_relaxed *)less->changes.v)->value);
}

static void each_of_them(void **state)
{
	struct principal image =
		house_person(&desk.house, ROLE_EXPERT, "up", "image-1");
	struct principal knife =
		house_person(&desk.house, ROLE_EXPERT, "up", "knife-1");
	struct principal other =
		house_person(&desk.house, ROLE_EXPERT, "up", "knife-2");
	struct msg_booking b;
	struct shift to;
	const char *code;

	(void)state;
	wanted[0] = "specialty=imaging";
	wanted[1] = "specialty=surgery";
	code = asked("heart", 2);
	b = booked(code, DESK_MONDAY + 2 * HOUR);
	struct on on = {.code = b.code};
	struct on of = {.code = code};

	/* it is theirs as it is the first's, and nobody else's */
	assert_int_equal(RC_OK, desk_do(&desk, &image, show_booking, &on));
	assert_int_equal(RC_OK, desk_do(&desk, &knife, show_step, &of));
	assert_int_equal(RC_NOT_FOUND,
			 desk_do(&desk, &other, show_booking, &on));
	assert_int_equal(RC_NOT_FOUND, desk_do(&desk, &other, show_step, &of));
	sees(&image, 1);
	sees(&knife, 1);
	sees(&other, 0);
	assert_int_equal(told(&knife), 1);
	assert_int_equal(told(&other), 0);
	/* whoever is exchanged is told that, and sees it no more */
	to = shift(b.code, DESK_MONDAY + 2 * HOUR);
	to.in.also = (struct field_strs){
		(const char *[]){"expert=image-1", "expert=knife-2"}, 2};
	assert_int_equal(RC_OK, desk_do(&desk, &up, move_step, &to));
	assert_int_equal(told(&knife), 2);
	assert_int_equal(told(&other), 1);
	sees(&knife, 0);
	sees(&other, 1);
	assert_int_equal(RC_NOT_FOUND,
			 desk_do(&desk, &knife, show_booking, &on));
	/* any of them says how it goes; it ends, and is theirs yet */
	desk.house.scratch.now = DESK_MONDAY + 2 * HOUR;
	desk_consent(&desk, &down, b.code, CONSENT_TREATMENT);
	assert_int_equal(RC_OK, desk_do(&desk, &image, start, &on));
	desk.house.scratch.now += 600;
	assert_int_equal(RC_OK, desk_do(&desk, &other, finish, &on));
	sees(&image, 1);
	asked_for = code;
	assert_int_equal(missing(), 3);
}

static void what_is_no_group(void **state)
{
	static const char *const wrong[] = {
		"imaging",	 "specialty=",	     "=imaging",
		"specialty=a,",	 "speciality=heart", "specialty=a,specialty=b",
		"specialty=A b", "expert=nobody",    "specialty=kidney",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct ask_for a = ask_for("down", "P-1");
		struct work w;

		a.in.expert = NULL;
		a.in.specialty = "heart";
		a.in.also = (struct field_strs){wanted, 1};
		wanted[0] = wrong[i];
		assert_int_equal(RC_INVALID,
				 house_do(&desk.house, &down, WORK_MATCH_ANY,
					  submit_step, &a, &w));
		assert_string_equal(w.faults.v[0].pointer, "/also");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_of_each_group, setup,
						teardown),
		cmocka_unit_test_setup_teardown(who_sits_where, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_each_group_says, setup,
						teardown),
		cmocka_unit_test_setup_teardown(why_no_group_has_time, setup,
						teardown),
		cmocka_unit_test_setup_teardown(nobody_sits_twice_is_said,
						setup, teardown),
		cmocka_unit_test_setup_teardown(each_of_them, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_group, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
