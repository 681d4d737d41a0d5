#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/civil.h"
#include "daemon/core/local.h"
#include "tests/support/stage.h"

/* --- plans --- */

static void the_whole_plan(void **state)
{
	struct stage *s = *state;

	stage_taken(s, s->t);
	assert_int_equal(s->plan.expert, 0);
	assert_int_equal(s->plan.span.from, s->t);
	assert_int_equal(s->plan.span.to, s->t + 30 * MIN);
	assert_int_equal(s->plan.nclaims, 4);
	stage_has(s, 0, EXPERT, CLAIM_EXPERT, 0, 30);
	stage_has(s, 1, PATIENT, CLAIM_PATIENT, 0, 30);
	stage_has(s, 2, STUDIO, CLAIM_LEAD_STUDIO, 0, 30);
	stage_has(s, 3, FAR, CLAIM_PARTNER_STUDIO, 0, 30);
	/* a buffer, a place, a link; no patient yet */
	s->expert.buffer_minutes = 10;
	s->rules[0].place = CLINIC;
	s->ask.nnamed = 1;
	s->ask.patient = NULL;
	stage_taken(s, s->t);
	assert_int_equal(s->plan.nclaims, 5);
	stage_has(s, 0, EXPERT, CLAIM_EXPERT, 0, 30);
	stage_has(s, 1, EXPERT, CLAIM_BUFFER, 30, 40);
	stage_has(s, 2, CLINIC, CLAIM_LEAD_STUDIO, 0, 30);
	stage_has(s, 3, FAR, CLAIM_PARTNER_STUDIO, 0, 30);
	stage_has(s, 4, LINK, CLAIM_RESOURCE, 0, 30);
}

/* One of the two rooms at the other end as a ward. */
static void ask_bed(struct stage *s, int64_t days)
{
	s->ask.kind = KIND_REFERRAL;
	s->ask.bed_days = days;
	s->ask.beds = (struct core_pool){s->far, 2};
}

/* A referral to a bed claims the patient and no expert, until the midnight that
 * ends its last day. */
static void a_bed_for_days(void **state)
{
	struct stage *s = *state;
	const int64_t two = 15 * 60 + 1440, begins = 24 * 60;
	struct core_span window = {s->t, s->t + 3 * CIVIL_DAY};
	struct core_plan plans[5];
	size_t n;

	ask_bed(s, 2);
	s->expert.buffer_minutes = 10;
	stage_taken(s, s->t);
	assert_int_equal(s->plan.nclaims, 2);
	stage_has(s, 0, PATIENT, CLAIM_PATIENT, 0, 15);
	stage_has(s, 1, FAR, CLAIM_BED, 0, two);
	/* nobody lies in two */
	s->ask.stays = &(struct core_span){s->t - CIVIL_DAY, s->t + 1};
	s->ask.nstays = 1;
	assert_int_equal(stage_only(s, s->t, BLOCK_BUSY)->role, CLAIM_PATIENT);
	s->ask.stays = &(struct core_span){s->t - CIVIL_DAY, s->t};
	stage_taken(s, s->t);
	s->ask.nstays = 0;
	/* each day, at the time of day with which the window begins */
	assert_int_equal(core_search(&s->ask, window, 5, &s->arena, plans, &n),
			 RC_OK);
	assert_int_equal(n, 3);
	assert_int_equal(plans[2].span.from, s->t + 2 * CIVIL_DAY);
	/* a ward with two beds, and the last minute of one */
	s->far[0].capacity = 2;
	stage_claim(s, &s->far[0], two - 1, two + begins);
	stage_taken(s, s->t);
	stage_has(s, 1, FAR, CLAIM_BED, 0, two);
	s->far[0].capacity = 1;
	stage_taken(s, s->t);
	stage_has(s, 1, FAR2, CLAIM_BED, 0, two);
	stage_claim(s, &s->far[1], -1, 1);
	stage_refused(s, s->t, REASONS(BLOCK_BUSY, BLOCK_BUSY));
	assert_int_equal(s->why.v[0].role, CLAIM_BED);
	assert_int_equal(core_nearest(&s->ask, window, s->t + 3 * CIVIL_DAY, 1,
				      &s->arena, plans, &n),
			 RC_OK);
	assert_int_equal(n, 1);
	assert_int_equal(plans[0].span.from, s->t + 2 * CIVIL_DAY);
	s->ask.beds.n = 0;
	(void)stage_only(s, s->t, BLOCK_NO_ROOM);
	s->ask.now = s->t + 1;
	s->agreement.quota[KIND_REFERRAL] = 0;
	stage_refused(s, s->t, REASONS(BLOCK_PAST, BLOCK_QUOTA, BLOCK_NO_ROOM));
}

static void the_next_room_that_is_free(void **state)
{
	struct stage *s = *state;

	stage_claim(s, &s->lead[0], 29, 60);
	stage_taken(s, s->t);
	stage_has(s, 2, STUDIO2, CLAIM_LEAD_STUDIO, 0, 30);
	/* beside it nothing is in the way */
	s->claims[0].from = s->t + 30 * MIN;
	stage_taken(s, s->t);
	stage_has(s, 2, STUDIO, CLAIM_LEAD_STUDIO, 0, 30);
	/* a studio of another site is none of the lead's */
	s->lead[0].site = PARTNER;
	stage_taken(s, s->t);
	stage_has(s, 2, STUDIO2, CLAIM_LEAD_STUDIO, 0, 30);
	stage_claim(s, &s->far[0], 0, 30);
	stage_taken(s, s->t);
	stage_has(s, 3, FAR2, CLAIM_PARTNER_STUDIO, 0, 30);
}

static void a_room_that_is_named(void **state)
{
	struct stage *s = *state;

	s->named[0] = s->far[1];
	s->named[1] = s->lead[1];
	s->named[2] = s->lead[1];
	s->ask.nnamed = 3;
	stage_taken(s, s->t);
	assert_int_equal(s->plan.nclaims, 4);
	stage_has(s, 2, STUDIO2, CLAIM_LEAD_STUDIO, 0, 30);
	stage_has(s, 3, FAR2, CLAIM_PARTNER_STUDIO, 0, 30);
	/* the named one and no other: a refusal speaks of it alone */
	stage_claim(s, &s->far[1], 0, 30);
	assert_int_equal(stage_only(s, s->t, BLOCK_BUSY)->subject->id, FAR2);
	/* ... and once, whatever it might have been taken as */
	s->named[0] = s->far[1];
	assert_int_equal(stage_only(s, s->t, BLOCK_BUSY)->subject->id, FAR2);
	/* where the rule names a place, a named studio is one more */
	s->far[1].nclaims = 0;
	s->rules[0].place = STUDIO;
	stage_taken(s, s->t);
	assert_int_equal(s->plan.nclaims, 5);
	stage_has(s, 2, STUDIO, CLAIM_LEAD_STUDIO, 0, 30);
	stage_has(s, 4, STUDIO2, CLAIM_RESOURCE, 0, 30);
	/* ... but once */
	s->rules[0].place = STUDIO2;
	stage_taken(s, s->t);
	assert_int_equal(s->plan.nclaims, 4);
	stage_has(s, 2, STUDIO2, CLAIM_LEAD_STUDIO, 0, 30);
}

static void as_many_as_a_plan_holds(void **state)
{
	struct stage *s = *state;

	s->expert.buffer_minutes = 5;
	s->ask.nnamed = CORE_NAMED_MAX;
	stage_taken(s, s->t);
	assert_int_equal(s->plan.nclaims, CORE_NAMED_MAX + 5);
	s->ask.nnamed++;
	assert_int_equal(stage_decide(s, s->t), RC_INVALID);
	s->ask.nnamed = 0;
	s->ask.minutes = 0;
	assert_int_equal(stage_decide(s, s->t), RC_INVALID);
	s->ask.minutes = CORE_MINUTES_MAX + 1;
	assert_int_equal(stage_decide(s, s->t), RC_INVALID);
	s->ask.minutes = CORE_MINUTES_MAX;
	(void)stage_only(s, s->t, BLOCK_CLOSED);
}

/* An expert who sits in the partner's own studio: the session wants another
 * one there. */
static void a_place_at_the_partner(void **state)
{
	struct stage *s = *state;

	s->lead[2] = s->far[0];
	s->rules[0].place = FAR;
	stage_taken(s, s->t);
	stage_has(s, 2, FAR, CLAIM_LEAD_STUDIO, 0, 30);
	stage_has(s, 3, FAR2, CLAIM_PARTNER_STUDIO, 0, 30);
	s->ask.pools[0].n = 1;
	assert_int_equal(stage_only(s, s->t, BLOCK_NO_ROOM)->role,
			 CLAIM_PARTNER_STUDIO);
}

/* --- one reason --- */

static void past_and_grid(void **state)
{
	struct stage *s = *state;

	s->ask.now = s->t;
	stage_taken(s, s->t);
	s->ask.now = s->t + 1;
	assert_null(stage_only(s, s->t, BLOCK_PAST)->subject);
	assert_int_equal(s->why.v[0].role, -1);
	s->ask.now = 0;
	assert_false(stage_only(s, s->t + 1, BLOCK_GRID)->has_span);
	(void)stage_only(s, s->t + 299, BLOCK_GRID);
	stage_taken(s, s->t + 300);
}

static void the_agreements_days(void **state)
{
	struct stage *s = *state;
	const struct core_blocker *b;

	s->agreement.first_day = s->agreement.last_day =
		civil_days(2024, 12, 2);
	stage_taken(s, s->t);
	s->agreement.first_day = s->agreement.last_day + 1;
	b = stage_only(s, s->t, BLOCK_AGREEMENT);
	assert_null(b->subject);
	assert_string_equal(b->rule, "heart-centre");
	assert_int_equal(b->role, -1);
	s->agreement.first_day -= 9;
	s->agreement.last_day -= 1;
	(void)stage_only(s, s->t, BLOCK_AGREEMENT);
	/* the day is the lead's: in New York it is the evening before */
	s->agreement.lead_zone = stage_zone(s, "America/New_York");
	stage_taken(s, s->t);
}

static void the_agreements_kinds(void **state)
{
	struct stage *s = *state;
	enum block blocks[4];

	s->agreement.kinds = KINDSET(KIND_CLINIC_SLOT);
	assert_string_equal(stage_only(s, s->t, BLOCK_AGREEMENT_KIND)->rule,
			    "heart-centre");
	assert_int_equal(core_agreement_blocks(&s->agreement,
					       KIND_REMOTE_CONSULTATION,
					       "brain", 0, blocks),
			 3);
	assert_int_equal(blocks[0], BLOCK_AGREEMENT);
	assert_int_equal(blocks[1], BLOCK_AGREEMENT_KIND);
	assert_int_equal(blocks[2], BLOCK_SPECIALTY);
	assert_int_equal(core_agreement_blocks(&s->agreement, KIND_CLINIC_SLOT,
					       "vessels",
					       civil_days(2022, 7, 1), blocks),
			 0);
	assert_int_equal(core_agreement_blocks(&s->agreement, KIND_CLINIC_SLOT,
					       NULL, civil_days(2035, 12, 31),
					       blocks),
			 0);
}

static void specialties(void **state)
{
	struct stage *s = *state;

	s->ask.specialty = "vessels";
	stage_taken(s, s->t);
	/* the expert has it not */
	s->expert.nspecialties = 1;
	assert_int_equal(stage_only(s, s->t, BLOCK_SPECIALTY)->subject->id,
			 EXPERT);
	/* neither has the agreement */
	s->ask.specialty = "brain";
	s->expert.specialties = stage_brain;
	assert_null(stage_only(s, s->t, BLOCK_SPECIALTY)->subject);
	s->agreement.nspecialties = 0;
	stage_taken(s, s->t);
	/* nothing is asked for: any that the two share */
	s->ask.specialty = NULL;
	stage_taken(s, s->t);
	s->agreement.nspecialties = 2;
	assert_int_equal(stage_only(s, s->t, BLOCK_SPECIALTY)->subject->id,
			 EXPERT);
	s->expert.nspecialties = 0;
	(void)stage_only(s, s->t, BLOCK_SPECIALTY);
	s->agreement.nspecialties = 0;
	stage_taken(s, s->t);
}

static void kinds_of_the_expert(void **state)
{
	struct stage *s = *state;
	const struct core_blocker *b;

	s->expert.kinds = KINDSET(KIND_REFERRAL);
	stage_refused(s, s->t, REASONS(BLOCK_KIND, BLOCK_KIND));
	assert_int_equal(s->why.v[0].subject->id, EXPERT);
	/* the expert does it, but not then: the rule that is open says so */
	s->expert.kinds = KINDSET(KIND_REMOTE_CONSULTATION);
	s->rules[0].kinds = KINDSET(KIND_CLINIC_SLOT);
	b = stage_only(s, s->t, BLOCK_KIND);
	assert_int_equal(b->subject->id, EXPERT);
	assert_string_equal(b->rule, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR");
	assert_int_equal(b->span.from, s->t - HOUR);
	assert_int_equal(b->span.to, s->t + 3 * HOUR);
	assert_true(b->has_span);
	s->rules[0].kinds |= KINDSET(KIND_REMOTE_CONSULTATION);
	stage_taken(s, s->t);
}

/* A title serves for those below it; others for themselves alone. */
static void titles(void **state)
{
	static const char *const ladder[] = {"chief-physician",
					     "associate-chief-physician",
					     "attending", "resident"};
	struct stage *s = *state;
	const struct core_blocker *b;

	for (int has = 0; has < 4; has++)
		for (int wanted = 0; wanted < 4; wanted++) {
			s->expert.title = ladder[has];
			s->ask.title = ladder[wanted];
			if (has <= wanted) {
				stage_taken(s, s->t);
				continue;
			}
			b = stage_only(s, s->t, BLOCK_TITLE);
			assert_int_equal(b->subject->id, EXPERT);
			assert_string_equal(b->rule, ladder[wanted]);
			assert_false(b->has_span);
		}
	s->expert.title = NULL;
	(void)stage_only(s, s->t, BLOCK_TITLE);
	s->ask.title = NULL;
	stage_taken(s, s->t);
	s->ask.title = "professor";
	(void)stage_only(s, s->t, BLOCK_TITLE);
	s->expert.title = "chief-physician";
	(void)stage_only(s, s->t, BLOCK_TITLE);
	s->expert.title = "professor";
	stage_taken(s, s->t);
	s->ask.title = "resident";
	(void)stage_only(s, s->t, BLOCK_TITLE);
}

static void modality_and_languages(void **state)
{
	static const char *const two[] = {"en", "ru"};
	struct stage *s = *state;

	s->ask.modality = "ct";
	assert_string_equal(stage_only(s, s->t, BLOCK_MODALITY)->rule, "ct");
	s->expert.modalities = (const char *const[]){"mri", "ct"};
	s->expert.nmodalities = 1;
	(void)stage_only(s, s->t, BLOCK_MODALITY);
	s->expert.nmodalities = 2;
	stage_taken(s, s->t);
	/* all the languages; the first that lacks is told */
	s->ask.languages = two;
	s->ask.nlanguages = 2;
	assert_string_equal(stage_only(s, s->t, BLOCK_LANGUAGE)->rule, "en");
	s->expert.languages = two;
	s->expert.nlanguages = 1;
	assert_string_equal(stage_only(s, s->t, BLOCK_LANGUAGE)->rule, "ru");
	s->expert.nlanguages = 2;
	stage_taken(s, s->t);
	s->ask.nlanguages = 1;
	s->expert.languages = &two[1];
	s->expert.nlanguages = 1;
	assert_int_equal(stage_only(s, s->t, BLOCK_LANGUAGE)->subject->id,
			 EXPERT);
}

static void years_of_practice(void **state)
{
	struct stage *s = *state;

	s->expert.independent_since = civil_days(2021, 12, 2);
	stage_taken(s, s->t);
	s->expert.independent_since++;
	assert_string_equal(stage_only(s, s->t, BLOCK_EXPERIENCE)->rule,
			    "heart-centre");
	s->expert.independent_since = CORE_NO_DAY;
	(void)stage_only(s, s->t, BLOCK_EXPERIENCE);
	s->agreement.min_independent_years = 0;
	stage_taken(s, s->t);
	/* three years from a 29 February are over on 1 March */
	s->agreement.min_independent_years = 3;
	s->expert.independent_since = civil_days(2024, 2, 29);
	stage_taken(s, stage_utc("2027-03-01T09:00:00+08:00"));
	(void)stage_only(s, stage_utc("2027-02-26T09:00:00+08:00"),
			 BLOCK_EXPERIENCE);
	s->agreement.min_independent_years = 4;
	stage_taken(s, stage_utc("2028-02-29T09:00:00+08:00"));
	(void)stage_only(s, stage_utc("2028-02-28T09:00:00+08:00"),
			 BLOCK_EXPERIENCE);
}

static void caps_of_a_day(void **state)
{
	struct stage *s = *state;
	struct core_subject *e = &s->expert.subject;
	const struct core_blocker *b;

	s->expert.cap_per_day = 2;
	stage_claim(s, e, -9 * 60 - 1, -9 * 60); /* a minute before midnight */
	stage_claim(s, e, -9 * 60, -8 * 60);
	stage_claim(s, e, 14 * 60, 16 * 60);
	b = stage_only(s, s->t, BLOCK_DAY_CAP);
	assert_int_equal(b->span.from, s->t - 9 * HOUR);
	assert_int_equal(b->span.to, s->t + 15 * HOUR);
	/* a buffer is no booking, nor is a hold that has lapsed */
	s->claims[2].role = CLAIM_BUFFER;
	stage_taken(s, s->t);
	s->claims[2].role = CLAIM_EXPERT;
	s->claims[2].hold_until = s->ask.now;
	stage_taken(s, s->t);
	s->claims[2].hold_until++;
	(void)stage_only(s, s->t, BLOCK_DAY_CAP);
	/* nor the one that moves */
	s->claims[2].booking = s->ask.ignore_booking = 99;
	stage_taken(s, s->t);
	s->ask.ignore_booking = 0;
	/* the day is the expert's: New York's is another */
	e->zone = stage_zone(s, "America/New_York");
	(void)stage_only(s, s->t, BLOCK_DAY_CAP);
	s->claims[0].from -= 11 * HOUR;
	s->claims[1].from -= 11 * HOUR;
	stage_taken(s, s->t);
}

/* The day of the cap is that of the clock where the expert is. */
static void caps_of_a_secondment(void **state)
{
	struct stage *s = *state;
	struct core_subject *e = &s->expert.subject;
	const struct core_blocker *b;
	struct core_away two[2];

	/* in Havana from its 2 December, which begins at 13:00 in Shanghai */
	s->rules[0] = stage_rule(s, "FREQ=DAILY", 0, CIVIL_DAY);
	s->rules[0].seconded = true;
	two[0] = s->away;
	two[0].zone = stage_zone(s, "America/Havana");
	two[0].remote_requests = true;
	two[1] = two[0];
	two[1].first_day += 30;
	two[1].last_day += 30;
	s->expert.away = two;
	s->expert.naway = 2;
	s->expert.cap_per_day = 1;
	stage_claim(s, e, 240, 270); /* at 13:00 */
	/* until then the day is Shanghai's, and has it already */
	b = stage_only(s, s->t + 180 * MIN, BLOCK_DAY_CAP);
	assert_int_equal(b->span.from, s->t - 9 * HOUR);
	assert_int_equal(b->span.to, s->t + 15 * HOUR);
	b = stage_only(s, s->t + 270 * MIN, BLOCK_DAY_CAP);
	assert_int_equal(b->span.from, s->t + 4 * HOUR);
	assert_int_equal(b->span.to, s->t + 28 * HOUR);
	/* a minute earlier it is of Shanghai's day alone */
	s->claims[0].from -= MIN;
	stage_taken(s, s->t + 270 * MIN);
	(void)stage_only(s, s->t + 180 * MIN, BLOCK_DAY_CAP);
	/* home again on the fourth, at 13:00 */
	s->claims[0].from = s->t + 51 * HOUR;
	s->claims[0].to = s->claims[0].from + MIN;
	(void)stage_only(s, s->t + 50 * HOUR, BLOCK_DAY_CAP);
	(void)stage_only(s, s->t + 52 * HOUR, BLOCK_DAY_CAP);
	stage_taken(s, s->t + 63 * HOUR);
}

/* The quota's month turns at the lead's midnight, wherever others are. */
static void quotas(void **state)
{
	struct stage *s = *state;
	struct core_month months[2], turned[2];
	int64_t midnight = stage_utc("2025-01-01T00:00:00+08:00");
	const struct core_blocker *b;

	s->agreement.quota[KIND_REMOTE_CONSULTATION] = 5;
	s->month.used = 4;
	stage_taken(s, s->t);
	s->month.used = 5;
	b = stage_only(s, s->t, BLOCK_QUOTA);
	assert_null(b->subject);
	assert_string_equal(b->rule, "heart-centre");
	assert_int_equal(b->span.from, stage_utc("2024-12-01T00:00:00+08:00"));
	assert_int_equal(b->span.to, midnight);
	s->rules[0] = stage_rule(s, "FREQ=DAILY", 0, CIVIL_DAY);
	s->ask.nmonths = 2;
	months[0] = (struct core_month){s->month.span, 5};
	months[1] = (struct core_month){
		local_month(s->agreement.lead_zone, midnight), 0};
	s->ask.months = months;
	(void)stage_only(s, midnight - 300, BLOCK_QUOTA);
	stage_taken(s, midnight);
	turned[0] = (struct core_month){months[0].span, 0};
	turned[1] = (struct core_month){months[1].span, 5};
	s->ask.months = turned;
	stage_taken(s, midnight - 300);
	(void)stage_only(s, midnight, BLOCK_QUOTA);
	/* a month of which nothing is known has used nothing */
	s->ask.nmonths = 0;
	stage_taken(s, midnight);
	s->agreement.quota[KIND_REMOTE_CONSULTATION] = 0;
	(void)stage_only(s, midnight, BLOCK_QUOTA);
}

static void closed(void **state)
{
	struct stage *s = *state;
	const struct core_blocker *b;

	stage_taken(s, s->t - HOUR);
	b = stage_only(s, s->t - HOUR - 300, BLOCK_CLOSED);
	assert_int_equal(b->subject->id, EXPERT);
	assert_int_equal(b->role, CLAIM_EXPERT);
	assert_false(b->has_span);
	stage_taken(s, s->t + 150 * MIN);
	(void)stage_only(s, s->t + 155 * MIN, BLOCK_CLOSED);
	/* the buffer need not be open */
	s->expert.buffer_minutes = 60;
	stage_taken(s, s->t + 150 * MIN);
	/* two rules that touch are one, unless they have two places */
	s->rules[1] = s->rules[0];
	s->rules[1].start += 4 * HOUR;
	s->rules[1].end += 4 * HOUR;
	s->expert.subject.nrules = 2;
	stage_taken(s, s->t + 170 * MIN);
	s->rules[1].place = STUDIO;
	(void)stage_only(s, s->t + 170 * MIN, BLOCK_CLOSED);
	s->expert.subject.nrules = 0;
	(void)stage_only(s, s->t, BLOCK_CLOSED);
}

static void holidays(void **state)
{
	struct stage *s = *state;
	const struct core_blocker *b;

	s->rules[0].calendar = &s->calendar;
	b = stage_only(s, s->t, BLOCK_HOLIDAY);
	assert_int_equal(b->span.from, s->t - HOUR);
	assert_string_equal(b->rule, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR");
	/* not at night: that is closed on any day */
	(void)stage_only(s, s->t + 12 * HOUR, BLOCK_CLOSED);
	s->rules[0].on_holidays = true;
	stage_taken(s, s->t);
	s->rules[0].on_holidays = false;
	s->day.works_as = 6;
	(void)stage_only(s, s->t, BLOCK_CLOSED);
	s->day.works_as = 2;
	stage_taken(s, s->t);
}

static void seconded(void **state)
{
	struct stage *s = *state;
	const struct core_blocker *b;

	/* away and refusing: once for that, once for the rule it replaces */
	s->expert.naway = 1;
	stage_refused(s, s->t, REASONS(BLOCK_SECONDED, BLOCK_SECONDED));
	b = &s->why.v[0];
	assert_int_equal(b->span.from, stage_utc("2024-12-02T00:00:00+08:00"));
	assert_int_equal(b->span.to, stage_utc("2024-12-04T00:00:00+08:00"));
	assert_string_equal(s->why.v[1].rule, s->rules[0].text);
	/* allowed, but nothing says when */
	s->away.remote_requests = true;
	(void)stage_only(s, s->t, BLOCK_SECONDED);
	/* the roster says when */
	s->rules[1] = s->rules[0];
	s->rules[1].seconded = true;
	s->expert.subject.nrules = 2;
	stage_taken(s, s->t);
	/* the roster is open, the expert refuses all the same */
	s->away.remote_requests = false;
	(void)stage_only(s, s->t, BLOCK_SECONDED);
	/* a bed claims no expert; a procedure is done where they are */
	ask_bed(s, 1);
	stage_taken(s, s->t);
	s->ask.bed_days = 0;
	s->ask.kind = KIND_ONSITE_PROCEDURE;
	s->agreement.kinds |= KINDSET(KIND_ONSITE_PROCEDURE);
	s->expert.kinds |= KINDSET(KIND_ONSITE_PROCEDURE);
	s->rules[1].kinds = KINDSET(KIND_ONSITE_PROCEDURE);
	s->rules[1].place = ROOM;
	s->ask.nlead_rooms = 6;
	stage_taken(s, s->t);
	s->rules[1].kinds = 0;
	s->rules[1].place = 0;
	s->ask.nlead_rooms = 3;
	s->ask.kind = KIND_REMOTE_CONSULTATION;
	/* before and after */
	s->expert.subject.nrules = 1;
	stage_taken(s, s->t - 3 * CIVIL_DAY);
	stage_taken(s, s->t + 2 * CIVIL_DAY);
	/* a session that runs into it, and one that ends where it begins */
	s->rules[0] = stage_rule(s, "FREQ=DAILY", 0, CIVIL_DAY);
	stage_taken(s, s->away.first_day * CIVIL_DAY - 8 * HOUR - 30 * MIN);
	stage_refused(s, s->away.first_day * CIVIL_DAY - 8 * HOUR - 25 * MIN,
		      REASONS(BLOCK_SECONDED, BLOCK_SECONDED));
}

static void busy(void **state)
{
	struct stage *s = *state;
	struct core_subject *e = &s->expert.subject;
	const struct core_blocker *b;

	stage_claim(s, e, 29, 61);
	b = stage_only(s, s->t, BLOCK_BUSY);
	assert_int_equal(b->subject->id, EXPERT);
	assert_int_equal(b->role, CLAIM_EXPERT);
	assert_int_equal(b->span.from, s->t + 29 * MIN);
	assert_int_equal(b->span.to, s->t + 61 * MIN);
	s->claims[0].role = CLAIM_BUFFER;
	(void)stage_only(s, s->t, BLOCK_BUFFER);
	s->claims[0].from = s->t + 30 * MIN;
	stage_taken(s, s->t);
	/* our own buffer runs into it */
	s->expert.buffer_minutes = 1;
	b = stage_only(s, s->t, BLOCK_BUFFER);
	assert_int_equal(b->role, CLAIM_BUFFER);
	s->claims[0].role = CLAIM_EXPERT;
	assert_int_equal(stage_only(s, s->t, BLOCK_BUSY)->role, CLAIM_BUFFER);
	s->expert.buffer_minutes = 0;
	/* from before, until its end */
	s->claims[0].from = s->t - HOUR;
	s->claims[0].to = s->t + 1;
	(void)stage_only(s, s->t, BLOCK_BUSY);
	s->claims[0].to = s->t;
	stage_taken(s, s->t);
}

/* Out of service, or on leave: the session alone is asked about. */
static void on_leave(void **state)
{
	struct stage *s = *state;
	const struct core_blocker *b;

	s->expert.buffer_minutes = 10;
	stage_leave(s, &s->expert.subject, -60, 0);
	stage_taken(s, s->t);
	s->leave.to += MIN;
	b = stage_only(s, s->t, BLOCK_LEAVE);
	assert_int_equal(b->subject->id, EXPERT);
	assert_int_equal(b->role, CLAIM_EXPERT);
	assert_int_equal(b->span.from, s->t - HOUR);
	assert_int_equal(b->span.to, s->t + MIN);
	assert_null(b->rule);
	stage_leave(s, &s->expert.subject, 30, 31);
	stage_taken(s, s->t);
	s->leave.from -= MIN;
	(void)stage_only(s, s->t, BLOCK_LEAVE);
	/* a bed needs no expert then */
	ask_bed(s, 1);
	stage_taken(s, s->t);
	s->ask.bed_days = 0;
	s->ask.kind = KIND_REMOTE_CONSULTATION;
	s->expert.subject.nleaves = 0;
	/* a studio in repair is passed over; both are told */
	stage_leave(s, &s->lead[0], 0, 1);
	stage_taken(s, s->t);
	stage_has(s, 1, EXPERT, CLAIM_BUFFER, 30, 40);
	stage_has(s, 3, STUDIO2, CLAIM_LEAD_STUDIO, 0, 30);
	stage_leave(s, &s->lead[1], 0, 1);
	stage_refused(s, s->t, REASONS(BLOCK_LEAVE, BLOCK_LEAVE));
	assert_int_equal(s->why.v[1].role, CLAIM_LEAD_STUDIO);
	/* shut, in repair and busy: all three */
	s->lead[0].nleaves = s->lead[1].nleaves = 0;
	stage_leave(s, &s->named[0], 0, 1);
	stage_claim(s, &s->named[0], 0, 1);
	s->rules[1] = stage_rule(s, "FREQ=WEEKLY;BYDAY=TU", 0, CIVIL_DAY);
	s->named[0].rules = &s->rules[1];
	s->named[0].nrules = 1;
	s->ask.nnamed = 1;
	stage_refused(s, s->t, REASONS(BLOCK_CLOSED, BLOCK_LEAVE, BLOCK_BUSY));
}

static void holds(void **state)
{
	struct stage *s = *state;
	struct core_claim *c = stage_claim(s, &s->expert.subject, 0, 30);

	c->hold_until = s->ask.now + 1;
	(void)stage_only(s, s->t, BLOCK_BUSY);
	c->hold_until = s->ask.now;
	stage_taken(s, s->t);
	c->hold_until = 0;
	(void)stage_only(s, s->t, BLOCK_BUSY);
	s->ask.ignore_booking = 8;
	(void)stage_only(s, s->t, BLOCK_BUSY);
	s->ask.ignore_booking = 7;
	stage_taken(s, s->t);
	/* 0 ignores nothing, not even a claim of no booking */
	s->ask.ignore_booking = c->booking = 0;
	(void)stage_only(s, s->t, BLOCK_BUSY);
}

static void the_patient_twice(void **state)
{
	struct stage *s = *state;
	const struct core_blocker *b;

	stage_claim(s, &s->patient, -10, 5);
	b = stage_only(s, s->t, BLOCK_BUSY);
	assert_int_equal(b->subject->id, PATIENT);
	assert_int_equal(b->role, CLAIM_PATIENT);
	assert_null(b->subject->slug);
	/* a way is the expert's alone */
	s->claims[0].role = CLAIM_TRANSFER;
	stage_taken(s, s->t);
}

static void places_of_a_resource(void **state)
{
	struct stage *s = *state;

	s->ask.nnamed = 1;
	s->named[0].capacity = 2;
	stage_claim(s, &s->named[0], 0, 20);
	stage_taken(s, s->t);
	stage_claim(s, &s->named[0], 20, 40);
	stage_taken(s, s->t);
	stage_claim(s, &s->named[0], 25, 40);
	stage_refused(s, s->t, REASONS(BLOCK_BUSY, BLOCK_BUSY));
	assert_int_equal(s->why.v[0].span.from, s->t + 20 * MIN);
	assert_int_equal(s->why.v[1].span.from, s->t + 25 * MIN);
	assert_int_equal(s->why.v[1].role, CLAIM_RESOURCE);
}

static void a_resource_that_is_shut(void **state)
{
	struct stage *s = *state;

	/* shut on that day; its own holiday, its own kind */
	s->rules[1] = stage_rule(s, "FREQ=WEEKLY;BYDAY=TU", 0, CIVIL_DAY);
	s->named[0].rules = &s->rules[1];
	s->named[0].nrules = 1;
	s->ask.nnamed = 1;
	assert_int_equal(stage_only(s, s->t, BLOCK_CLOSED)->subject->id, LINK);
	s->rules[1] = stage_rule(s, "FREQ=DAILY", 0, CIVIL_DAY);
	stage_taken(s, s->t);
	s->rules[1].calendar = &s->calendar;
	(void)stage_only(s, s->t, BLOCK_HOLIDAY);
	s->rules[1].calendar = NULL;
	s->rules[1].kinds = KINDSET(KIND_CLINIC_SLOT);
	assert_int_equal(stage_only(s, s->t, BLOCK_KIND)->role, CLAIM_RESOURCE);
	/* a place of the pool that is shut is passed over */
	s->ask.nnamed = 0;
	s->far[0].rules = &s->rules[1];
	s->far[0].nrules = 1;
	stage_taken(s, s->t);
	stage_has(s, 3, FAR2, CLAIM_PARTNER_STUDIO, 0, 30);
}

static void no_room(void **state)
{
	struct stage *s = *state;

	s->ask.pools[0].n = 0;
	assert_int_equal(stage_only(s, s->t, BLOCK_NO_ROOM)->role,
			 CLAIM_PARTNER_STUDIO);
	s->ask.pools[0].n = 1;
	s->ask.nlead_rooms = 0;
	assert_int_equal(stage_only(s, s->t, BLOCK_NO_ROOM)->role,
			 CLAIM_LEAD_STUDIO);
	/* a clinic room is no studio */
	s->ask.lead_rooms = &s->lead[2];
	s->ask.nlead_rooms = 1;
	(void)stage_only(s, s->t, BLOCK_NO_ROOM);
	/* the rule's place is not known */
	s->ask.lead_rooms = s->lead;
	s->ask.nlead_rooms = 3;
	s->rules[0].place = WARD;
	(void)stage_only(s, s->t, BLOCK_NO_ROOM);
}

/* --- several reasons --- */

static void every_alternative(void **state)
{
	struct stage *s = *state;

	/* both studios of the lead, at the same hours as the expert */
	s->claims[0] = (struct core_claim){.from = s->t, .to = s->t + HOUR};
	s->claims[1] =
		(struct core_claim){.from = s->t + 10 * MIN, .to = s->t + HOUR};
	s->lead[0].claims = s->lead[1].claims = s->claims;
	s->lead[0].nclaims = 1;
	s->lead[1].nclaims = 2;
	s->lead[1].capacity = 2;
	stage_refused(s, s->t, REASONS(BLOCK_BUSY, BLOCK_BUSY, BLOCK_BUSY));
	assert_int_equal(s->why.v[0].subject->id, STUDIO);
	assert_int_equal(s->why.v[1].subject->id, STUDIO2);
	assert_int_equal(s->why.v[2].subject->id, STUDIO2);
	/* another rule has another place: that does */
	s->rules[1] = s->rules[0];
	s->rules[1].place = CLINIC;
	s->expert.subject.nrules = 2;
	stage_taken(s, s->t);
	stage_has(s, 2, CLINIC, CLAIM_LEAD_STUDIO, 0, 30);
	/* and when it does not either, it is told with the others */
	s->lead[2].claims = s->claims;
	s->lead[2].nclaims = 1;
	stage_refused(s, s->t,
		      REASONS(BLOCK_BUSY, BLOCK_BUSY, BLOCK_BUSY, BLOCK_BUSY));
	assert_int_equal(s->why.v[3].subject->id, CLINIC);
}

static void everything_at_once(void **state)
{
	struct stage *s = *state;

	s->ask.now = s->t + HOUR;
	s->agreement.last_day = civil_days(2023, 1, 1);
	s->agreement.kinds = 0;
	s->agreement.quota[KIND_REMOTE_CONSULTATION] = 0;
	s->ask.specialty = "brain";
	s->expert.kinds = KINDSET(KIND_CLINIC_SLOT);
	s->expert.independent_since = civil_days(2024, 1, 1);
	s->expert.cap_per_day = 1;
	s->expert.naway = 1;
	s->ask.pools[0].n = 0;
	s->ask.nnamed = 1;
	stage_claim(s, &s->expert.subject, 0, 10);
	s->named[0].claims = s->patient.claims = s->claims;
	s->named[0].nclaims = s->patient.nclaims = 1;
	stage_refused(s, s->t + 1,
		      REASONS(BLOCK_PAST, BLOCK_GRID, BLOCK_AGREEMENT,
			      BLOCK_AGREEMENT_KIND, BLOCK_SPECIALTY,
			      BLOCK_QUOTA, BLOCK_KIND, BLOCK_SPECIALTY,
			      BLOCK_EXPERIENCE, BLOCK_SECONDED, BLOCK_DAY_CAP,
			      BLOCK_BUSY, BLOCK_BUSY, BLOCK_CLOSED,
			      BLOCK_NO_ROOM, BLOCK_BUSY));
	assert_int_equal(s->why.dropped, 0);
}

static void more_than_can_be_told(void **state)
{
	struct stage *s = *state;
	struct core_claim claims[CORE_BLOCKERS_MAX + 3];

	for (int i = 0; i < CORE_BLOCKERS_MAX + 3; i++)
		claims[i] = (struct core_claim){.from = s->t + i,
						.to = s->t + HOUR};
	s->patient.claims = claims;
	s->patient.nclaims = CORE_BLOCKERS_MAX + 3;
	assert_int_equal(stage_decide(s, s->t), RC_REFUSED);
	assert_int_equal(s->why.n, CORE_BLOCKERS_MAX);
	assert_int_equal(s->why.dropped, 3);
	/* and the next answer begins anew */
	s->patient.nclaims = 1;
	(void)stage_only(s, s->t, BLOCK_BUSY);
	assert_int_equal(s->why.dropped, 0);
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, stage_set_up, stage_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_whole_plan),
		TEST(a_bed_for_days),
		TEST(the_next_room_that_is_free),
		TEST(a_room_that_is_named),
		TEST(a_place_at_the_partner),
		TEST(as_many_as_a_plan_holds),
		TEST(past_and_grid),
		TEST(the_agreements_days),
		TEST(the_agreements_kinds),
		TEST(specialties),
		TEST(kinds_of_the_expert),
		TEST(titles),
		TEST(modality_and_languages),
		TEST(years_of_practice),
		TEST(caps_of_a_day),
		TEST(caps_of_a_secondment),
		TEST(quotas),
		TEST(closed),
		TEST(holidays),
		TEST(seconded),
		TEST(busy),
		TEST(on_leave),
		TEST(holds),
		TEST(the_patient_twice),
		TEST(places_of_a_resource),
		TEST(a_resource_that_is_shut),
		TEST(no_room),
		TEST(every_alternative),
		TEST(everything_at_once),
		TEST(more_than_can_be_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
