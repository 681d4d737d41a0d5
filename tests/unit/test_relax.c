/* What is counted of a window without a time, and what would give one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/civil.h"
#include "daemon/core/explain.h"
#include "daemon/core/relax.h"
#include "daemon/core/share.h"
#include "daemon/core/title.h"
#include "tests/support/stage.h"

#define ENOUGH (SIZE_MAX / 2)

static struct core_span morning(const struct stage *s)
{
	/* 8 to 12 */
	return (struct core_span){s->t - HOUR, s->t + 3 * HOUR};
}

static struct relax_world world_of(const struct stage *s)
{
	return (struct relax_world){.ask = &s->ask, .window = morning(s)};
}

static struct relax_answer help(struct stage *s, const struct relax_world *w)
{
	struct relax_answer a;

	assert_int_equal(RC_OK, relax_find(w, ENOUGH, &s->arena, &a));
	assert_false(a.cut);
	return a;
}

/* This alone helps, at that many minutes after t. */
static const struct relax_found *only(struct stage *s,
				      const struct relax_world *w,
				      enum relax what, size_t which, int64_t at)
{
	struct relax_answer a = help(s, w);

	assert_int_equal(1, a.n);
	assert_int_equal(1, a.v[0].ncases);
	assert_string_equal(
		words_name(&words_relax, (int)what),
		words_name(&words_relax, (int)a.v[0].cases[0].what));
	assert_int_equal(which, a.v[0].cases[0].which);
	assert_int_equal(s->t + at * MIN, a.v[0].plan.span.from);
	return a.v;
}

static struct explain_count count(struct stage *s, size_t asks)
{
	struct explain_count c;

	assert_int_equal(RC_OK, explain_count(&s->ask, morning(s), asks, NULL,
					      &s->arena, &c));
	return c;
}

static void has(const struct explain_count *c, size_t i, enum block reason,
		size_t alone, size_t with_others)
{
	assert_true(i < c->n);
	assert_string_equal(
		words_name(&words_block, (int)reason),
		words_name(&words_block, (int)c->reasons[i].reason));
	assert_int_equal(alone, c->reasons[i].alone);
	assert_int_equal(with_others, c->reasons[i].with_others);
}

/* --- counting --- */

static void every_start_has_its_reasons(void **state)
{
	struct stage *s = *state;
	struct explain_count c;

	/* 48 starts of 30 minutes, the last five run beyond the day */
	stage_leave(s, &s->expert.subject, -60, 60);
	stage_claim(s, &s->expert.subject, 30, 180);
	c = count(s, EXPLAIN_ASKS_MAX);
	assert_int_equal(48, c.chances);
	assert_int_equal(1, c.every);
	assert_int_equal(0, c.free);
	assert_int_equal(3, c.n);
	/* leave from 8:00, busy from 9:30 on; what begins after 9:00 meets both
	 * until 9:55 */
	has(&c, 0, BLOCK_BUSY, 19, 16);
	has(&c, 1, BLOCK_LEAVE, 13, 11);
	has(&c, 2, BLOCK_CLOSED, 0, 5);
	assert_int_equal(32, c.by_one);
	assert_int_equal(16, c.by_several);
	assert_int_equal(2 * HOUR, c.reasons[1].seconds);
	assert_int_equal(150 * MIN, c.reasons[0].seconds);
	assert_int_equal(48, c.reasons[0].of);
}

static void what_is_the_rooms_is_of_all_experts(void **state)
{
	struct stage *s = *state;
	struct core_expert two[2] = {s->expert, s->expert};
	struct explain_count c;

	two[1].subject.id = EXPERT + 90;
	two[1].kinds = 0;
	s->ask.experts = two;
	s->ask.nexperts = 2;
	stage_leave(s, &s->far[0], -60, 600);
	s->ask.pools[0].n = 1;
	c = count(s, EXPLAIN_ASKS_MAX);
	assert_int_equal(96, c.chances);
	has(&c, 0, BLOCK_LEAVE, 43, 53);
	assert_int_equal(FAR, c.reasons[0].subject->id);
	assert_int_equal(96, c.reasons[0].of);
	assert_int_equal(4 * HOUR, c.reasons[0].seconds);
	has(&c, 1, BLOCK_KIND, 0, 48);
	assert_int_equal(48, c.reasons[1].of);
}

static void a_wide_window_is_asked_about_here_and_there(void **state)
{
	struct stage *s = *state;
	struct explain_count c;

	s->ask.specialty = "brain";
	c = count(s, 48);
	assert_int_equal(1, c.every);
	/* 2 to 4 have a factor in common with a day */
	c = count(s, 24);
	assert_int_equal(5, c.every);
	assert_int_equal(10, c.chances);
	assert_int_equal(10, c.by_several);
	s->ask.now = s->t + 100 * HOUR;
	c = count(s, 24);
	assert_int_equal(0, c.chances);
	s->ask.nexperts = 0;
	s->ask.now = 0;
	c = count(s, 24);
	assert_int_equal(0, c.chances);
	s->ask.minutes = 0;
	assert_int_equal(RC_INVALID, explain_count(&s->ask, morning(s), 9, NULL,
						   &s->arena, &c));
}

static void places_are_asked_about_where_they_begin(void **state)
{
	struct stage *s = *state;
	struct explain_count c;

	stage_clinic(s, 7);
	stage_leave(s, &s->expert.subject, -60, 600);
	c = count(s, EXPLAIN_ASKS_MAX);
	assert_int_equal(34, c.chances);
	has(&c, 0, BLOCK_LEAVE, 34, 0);
}

static void hide(void *ctx, struct core_blockers *why, size_t expert)
{
	(void)expert;
	for (size_t i = 0; i < why->n; i++)
		why->v[i].subject = ctx;
}

static void what_is_hidden_is_not_counted_under_its_name(void **state)
{
	struct stage *s = *state;
	struct explain_mask mask = {hide, &s->expert.subject};
	struct explain_count c;

	stage_leave(s, &s->far[0], -60, 600);
	s->ask.pools[0].n = 1;
	assert_int_equal(RC_OK,
			 explain_count(&s->ask, morning(s), EXPLAIN_ASKS_MAX,
				       &mask, &s->arena, &c));
	for (size_t i = 0; i < c.n; i++)
		assert_int_equal(EXPERT, c.reasons[i].subject->id);
}

static void without_memory(void **state)
{
	struct stage *s = *state;
	struct relax_world w = world_of(s);
	bool done = false;

	s->ask.specialty = "brain";
	for (size_t max = 0; !done; max += 4096) {
		struct explain_count c;
		struct relax_answer a;
		struct arena small;
		enum rc rc;

		arena_init(&small, max);
		rc = explain_count(&s->ask, w.window, 9, NULL, &small, &c);
		if (rc == RC_OK)
			rc = relax_find(&w, ENOUGH, &small, &a);
		arena_fini(&small);
		done = rc == RC_OK;
		assert_true(rc == RC_OK || rc == RC_NOMEM);
		assert_true(max < 4000000);
	}
}

/* --- what helps --- */

static void another_room_does(void **state)
{
	struct stage *s = *state;
	struct relax_world w = world_of(s);
	const struct relax_found *f;

	/* the second of the pool would do as well, a link has to be there */
	s->named[1] = s->far[0];
	s->ask.nnamed = 2;
	stage_leave(s, &s->named[1], -60, 600);
	s->far[0].leaves = s->named[1].leaves;
	s->far[0].nleaves = 1;
	f = only(s, &w, RELAX_ROOM, 1, -60);
	assert_string_equal("far/one", relax_value(&w, f->cases[0]));
	assert_int_equal(1, f->changed->ask.nnamed);
	assert_int_equal(LINK, f->changed->ask.named[0].id);
	assert_int_equal(ROLE_SITE_COORDINATOR, relax_grants(&w, RELAX_ROOM));
}

static void less_is_asked_of_an_expert(void **state)
{
	static const char *const tongues[] = {"zh", "ru"};
	struct stage *s = *state;
	struct relax_world w = world_of(s);
	const struct relax_found *f;

	s->expert.title = "attending";
	s->expert.languages = tongues;
	s->expert.nlanguages = 1;
	s->ask.title = "chief-physician";
	f = only(s, &w, RELAX_TITLE, 1, -60);
	assert_string_equal("attending", relax_value(&w, f->cases[0]));
	s->ask.title = "professor"; /* of no rank: any instead */
	f = only(s, &w, RELAX_TITLE, 0, -60);
	assert_null(relax_value(&w, f->cases[0]));
	assert_null(f->changed->ask.title);
	s->ask.title = NULL;
	s->ask.languages = tongues;
	s->ask.nlanguages = 2;
	f = only(s, &w, RELAX_LANGUAGE, 1, -60);
	assert_string_equal("ru", relax_value(&w, f->cases[0]));
	s->ask.nlanguages = 0;
	s->ask.modality = "ct";
	f = only(s, &w, RELAX_MODALITY, 0, -60);
	assert_string_equal("ct", relax_value(&w, f->cases[0]));
	/* what the specialty is nobody can give way in */
	s->ask.modality = NULL;
	s->ask.specialty = "brain";
	assert_int_equal(0, help(s, &w).n);
}

static void another_expert_does(void **state)
{
	struct stage *s = *state;
	struct core_expert two[2] = {s->expert, s->expert};
	struct core_ask wide = s->ask;
	struct relax_world w = world_of(s);

	two[1].subject.id = EXPERT + 90;
	wide.experts = two;
	wide.nexperts = 2;
	w.wide = &wide;
	stage_leave(s, &s->expert.subject, -60, 600);
	two[0] = s->expert;
	assert_int_equal(1, only(s, &w, RELAX_EXPERT, 0, -60)->plan.expert);
	assert_int_equal(ROLE_SITE_COORDINATOR, relax_grants(&w, RELAX_EXPERT));
	w.assigned = true;
	assert_int_equal(ROLE_LEAD_COORDINATOR, relax_grants(&w, RELAX_EXPERT));
}

static void an_operation_is_shorter(void **state)
{
	struct stage *s = *state;
	struct relax_world w = world_of(s);
	const struct relax_found *f;
	struct relax_answer a;

	stage_operation(s);
	s->ask.pools[0].n = 1;
	s->ask.minutes = 120;
	/* 9:00 to 12:00 is the expert's; the room is taken beside it */
	s->ask.after = 40;
	w.window.from = s->t + 60 * MIN;
	w.window.to = s->t + 65 * MIN;
	stage_claim(s, &s->theatres[0], 215, 300);
	a = help(s, &w);
	assert_int_equal(2, a.n);
	assert_int_equal(RELAX_AFTER, a.v[0].cases[0].what);
	assert_int_equal(0, a.v[0].changed->ask.after);
	assert_int_equal(30, a.v[0].changed->ask.before);
	assert_int_equal(RELAX_DURATION, a.v[1].cases[0].what);
	assert_int_equal(115, a.v[1].changed->ask.minutes);
	stage_claim(s, &s->surgeon, 20, 40);
	/* the least that helps, of two at once */
	a = help(s, &w);
	assert_int_equal(2, a.v[0].ncases);
	assert_int_equal(RELAX_AFTER, a.v[0].cases[0].what);
	assert_int_equal(RELAX_BEFORE, a.v[0].cases[1].what);
	/* 10:00 to 12:00 does; 11:00 would end at 13:00, without an hour of it
	 * at 12:00; nothing is done in less than half of its kind's time */
	s->ask.before = s->ask.after = 0;
	s->theatres[0].nclaims = 0;
	s->surgeon.nclaims = 0;
	w.window.from = s->t + 100 * MIN;
	w.window.to = s->t + 105 * MIN;
	f = only(s, &w, RELAX_DURATION, 7, 100);
	assert_int_equal(80, relax_minutes(&w, f->cases[0]));
	assert_int_equal(80, f->changed->ask.minutes);
	w.window.from = s->t + 121 * MIN;
	w.window.to = s->t + 130 * MIN;
	assert_int_equal(0, help(s, &w).n);
}

static void another_time_does(void **state)
{
	struct stage *s = *state;
	struct relax_world w = world_of(s);
	struct relax_answer a;

	w.beyond = 2 * CIVIL_DAY;
	stage_leave(s, &s->expert.subject, -60, 180);
	a = help(s, &w);
	/* Friday is too long ago */
	assert_int_equal(1, a.n);
	assert_int_equal(RELAX_LATER, a.v[0].cases[0].what);
	assert_int_equal(s->t + 23 * HOUR, a.v[0].plan.span.from);
	w.beyond = 3 * CIVIL_DAY;
	a = help(s, &w);
	assert_int_equal(2, a.n);
	assert_int_equal(RELAX_EARLIER, a.v[1].cases[0].what);
	/* the last one on Friday */
	assert_int_equal(s->t - 3 * CIVIL_DAY + 150 * MIN,
			 a.v[1].plan.span.from);
	s->ask.now = w.window.from;
	assert_int_equal(1, help(s, &w).n);
}

static void a_holiday_is_worked_on(void **state)
{
	struct stage *s = *state;
	struct relax_world w = world_of(s);
	struct core_rule at_far = s->rules[0];

	at_far.calendar = &s->calendar;
	s->far[0].rules = &at_far;
	s->far[0].nrules = 1;
	s->ask.pools[0].n = 1;
	struct relax_answer a = help(s, &w);

	assert_int_equal(2, a.n);
	assert_int_equal(RELAX_PARTNER_HOLIDAY, a.v[0].cases[0].what);
	assert_int_equal(RELAX_PARTNER_HOURS, a.v[1].cases[0].what);
	assert_false(at_far.on_holidays);
	/* both keep it: each has to work */
	s->rules[0].calendar = &s->calendar;
	a = help(s, &w);
	assert_int_equal(2, a.n);
	assert_int_equal(2, a.v[0].ncases);
	assert_int_equal(RELAX_PARTNER_HOLIDAY, a.v[0].cases[0].what);
	assert_int_equal(RELAX_LEAD_HOLIDAY, a.v[0].cases[1].what);
	assert_int_equal(RELAX_PARTNER_HOURS, a.v[1].cases[0].what);
	s->far[0].nrules = 0;
	only(s, &w, RELAX_LEAD_HOLIDAY, 0, -60);
	assert_int_equal(ROLE_LEAD_COORDINATOR,
			 relax_grants(&w, RELAX_LEAD_HOLIDAY));
	/* the lead's own room is shut */
	s->rules[0].calendar = NULL;
	at_far.start += 12 * HOUR;
	at_far.end += 12 * HOUR;
	s->lead[0].rules = s->lead[1].rules = &at_far;
	s->lead[0].nrules = s->lead[1].nrules = 1;
	only(s, &w, RELAX_LEAD_HOURS, 0, -60);
}

static void who_is_seconded_is_asked_there(void **state)
{
	struct stage *s = *state;
	struct relax_world w = world_of(s);

	s->rules[1] = s->rules[0];
	s->rules[1].seconded = true;
	s->expert.subject.nrules = 2;
	s->expert.naway = 1;
	only(s, &w, RELAX_SECONDED, 0, -60);
	assert_false(s->away.remote_requests);
}

static void figures_are_raised_by_one(void **state)
{
	struct stage *s = *state;
	struct relax_world w = world_of(s);
	int64_t *quota = &s->agreement.quota[KIND_REMOTE_CONSULTATION];

	*quota = s->month.used = 4;
	only(s, &w, RELAX_QUOTA, 0, -60);
	assert_int_equal(4, *quota);
	assert_int_equal(ROLE_ADMINISTRATOR, relax_grants(&w, RELAX_QUOTA));
	s->month.used = 5; /* one is not enough, and that is not told */
	assert_int_equal(0, help(s, &w).n);
	*quota = s->month.used = 0;
	only(s, &w, RELAX_QUOTA, 0, -60);
	*quota = -1;
	s->expert.cap_per_day = 1;
	stage_claim(s, &s->expert.subject, 300, 320);
	only(s, &w, RELAX_DAY_CAP, 0, -60);
	assert_int_equal(1, s->expert.cap_per_day);
}

static void an_agreement_gives_way(void **state)
{
	struct stage *s = *state;
	struct relax_world w = world_of(s);
	struct core_agreement other = s->agreement;
	struct core_ask under = s->ask;
	const struct relax_found *f;

	s->agreement.last_day = civil_days(2024, 11, 30);
	f = only(s, &w, RELAX_BEYOND, 0, -60);
	assert_int_equal(ROLE_LEAD_COORDINATOR, relax_grants(&w, RELAX_BEYOND));
	assert_int_equal(civil_days(2024, 11, 30), s->agreement.last_day);
	other.slug = "other";
	under.agreement = &other;
	w.others = &under;
	w.nothers = 1;
	s->agreement.kinds = 0;
	f = only(s, &w, RELAX_AGREEMENT, 0, -60);
	assert_string_equal("other", relax_value(&w, f->cases[0]));
	assert_ptr_equal(&f->changed->agreement, f->changed->ask.agreement);
}

static void a_session_has_more_places(void **state)
{
	struct stage *s = *state;
	struct relax_world w = world_of(s);
	struct core_share all = {.agreement = 99,
				 .last_day = CORE_NO_DAY - 1,
				 .lead_zone = s->agreement.lead_zone,
				 .places = 4};
	struct core_shares shares = {.v = &all, .n = 1};
	struct relax_answer a;

	stage_clinic(s, 60);
	s->ask.shares = &shares;
	w.window.to += HOUR;
	only(s, &w, RELAX_SHARE, 0, -60);
	s->agreement.terms.overbook_most = 1;
	a = help(s, &w);
	assert_int_equal(2, a.n);
	assert_int_equal(RELAX_OVERBOOK, a.v[1].cases[0].what);
	assert_int_equal(s->t + 180 * MIN, a.v[1].plan.span.from);
	assert_int_equal(ROLE_LEAD_COORDINATOR,
			 relax_grants(&w, RELAX_OVERBOOK));
}

static void what_cannot_be_tried_is_said(void **state)
{
	struct stage *s = *state;
	struct relax_world w = world_of(s);
	struct relax_answer a;

	s->agreement.last_day = civil_days(2024, 11, 30);
	assert_int_equal(RC_OK, relax_find(&w, 1, &s->arena, &a));
	assert_int_equal(0, a.n);
	assert_true(a.cut);
	s->ask.minutes = 0;
	assert_int_equal(RC_INVALID, relax_find(&w, 1, &s->arena, &a));
}

static void titles_stand_in_their_order(void **state)
{
	(void)state;
	assert_true(title_serves("chief-physician", "attending"));
	assert_true(title_serves("attending", "attending"));
	assert_false(title_serves("resident", "attending"));
	assert_false(title_serves(NULL, "resident"));
	assert_false(title_serves("professor", "resident"));
	assert_true(title_serves("professor", "professor"));
	assert_string_equal("resident", title_below("attending"));
	assert_null(title_below("resident"));
	assert_null(title_below("professor"));
}

#define T(f) cmocka_unit_test_setup_teardown(f, stage_set_up, stage_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_start_has_its_reasons),
		T(what_is_the_rooms_is_of_all_experts),
		T(a_wide_window_is_asked_about_here_and_there),
		T(places_are_asked_about_where_they_begin),
		T(what_is_hidden_is_not_counted_under_its_name),
		T(without_memory),
		T(another_room_does),
		T(less_is_asked_of_an_expert),
		T(another_expert_does),
		T(an_operation_is_shorter),
		T(another_time_does),
		T(a_holiday_is_worked_on),
		T(who_is_seconded_is_asked_there),
		T(figures_are_raised_by_one),
		T(an_agreement_gives_way),
		T(a_session_has_more_places),
		T(what_cannot_be_tried_is_said),
		cmocka_unit_test(titles_stand_in_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
