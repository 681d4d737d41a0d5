#include "tests/support/stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "daemon/core/local.h"

static const char *const heart[] = {"heart", "vessels"};
const char *const stage_brain[] = {"brain"};

int64_t stage_utc(const char *s)
{
	int64_t t;

	if (!civil_read_rfc3339(s, strlen(s), &t))
		fail_msg("%s", s);
	return t;
}

const struct tz *stage_zone(struct stage *s, const char *name)
{
	const struct tz *tz;

	assert_int_equal(tz_get(s->zones, name, &tz, NULL), RC_OK);
	return tz;
}

struct core_rule stage_rule(struct stage *s, const char *text, int64_t start,
			    int64_t length)
{
	struct core_rule r = {
		.text = text,
		.start = start,
		.end = start + length,
		.zone = stage_zone(s, "Asia/Shanghai"),
		.first_day = INT64_MIN,
		.last_day = CORE_NO_DAY,
	};

	assert_int_equal(rrule_parse(text, strlen(text), &r.rrule, NULL),
			 RC_OK);
	return r;
}

static struct core_subject subject_of(struct stage *s, int64_t id,
				      enum subject_type type, int64_t site,
				      const char *slug)
{
	return (struct core_subject){.id = id,
				     .type = type,
				     .site = site,
				     .slug = slug,
				     .zone = stage_zone(s, "Asia/Shanghai"),
				     .capacity = 1};
}

static void make_people(struct stage *s)
{
	struct core_expert *e = &s->expert;

	/* Mondays to Fridays, 8 to 12 */
	s->rules[0] = stage_rule(s, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
				 civil_days(2024, 1, 1) * CIVIL_DAY + 8 * HOUR,
				 4 * HOUR);
	e->subject = subject_of(s, EXPERT, SUBJECT_EXPERT, LEAD, "coronary-1");
	e->subject.rules = s->rules;
	e->subject.nrules = 1;
	e->kinds = KINDSET(KIND_REMOTE_CONSULTATION) |
		   KINDSET(KIND_CLINIC_SLOT) | KINDSET(KIND_REFERRAL);
	e->specialties = heart;
	e->nspecialties = 2;
	e->independent_since = civil_days(2010, 1, 1);
	s->away.zone = stage_zone(s, "Asia/Shanghai");
	s->away.first_day = civil_days(2024, 12, 2);
	s->away.last_day = civil_days(2024, 12, 3);
	e->away = &s->away;
	s->patient = subject_of(s, PATIENT, SUBJECT_PATIENT, PARTNER, NULL);
	s->surgeon =
		subject_of(s, SURGEON, SUBJECT_EXPERT, PARTNER, "surgeon-1");
}

static void make_rooms(struct stage *s)
{
	s->lead[0] = subject_of(s, STUDIO, SUBJECT_STUDIO, LEAD, "lead/one");
	s->lead[1] = subject_of(s, STUDIO2, SUBJECT_STUDIO, LEAD, "lead/two");
	s->lead[2] =
		subject_of(s, CLINIC, SUBJECT_CLINIC_ROOM, LEAD, "lead/clinic");
	s->far[0] = subject_of(s, FAR, SUBJECT_STUDIO, PARTNER, "far/one");
	s->far[1] = subject_of(s, FAR2, SUBJECT_STUDIO, PARTNER, "far/two");
	s->lead[3] =
		subject_of(s, ROOM, SUBJECT_CLINIC_ROOM, PARTNER, "far/room");
	s->lead[4] =
		subject_of(s, ROOM2, SUBJECT_CLINIC_ROOM, PARTNER, "far/room2");
	s->lead[5] = subject_of(s, THIRD_ROOM, SUBJECT_CLINIC_ROOM, THIRD,
				"third/room");
	for (int i = 0; i < 2; i++) {
		s->theatres[i] =
			subject_of(s, THEATRE + i, SUBJECT_OPERATING_ROOM,
				   PARTNER, "far/or");
		s->lines[i] = subject_of(s, LINE + i, SUBJECT_LINK, LEAD,
					 "lead/line");
	}
	for (int i = 0; i <= CORE_NAMED_MAX; i++)
		s->named[i] = subject_of(s, LINK + i, SUBJECT_LINK, LEAD,
					 "lead/link");
}

static void make_ask(struct stage *s)
{
	struct core_ask *ask = &s->ask;

	s->month.span = local_month(s->agreement.lead_zone, s->t);
	s->calendar.days = &s->day;
	s->calendar.n = 1;
	s->day.day = civil_days(2024, 12, 2);
	s->day.works_as = -1;
	ask->kind = KIND_REMOTE_CONSULTATION;
	ask->minutes = 30;
	ask->now = s->t - 9 * CIVIL_DAY;
	ask->agreement = &s->agreement;
	ask->months = &s->month;
	ask->nmonths = 1;
	ask->experts = &s->expert;
	ask->nexperts = 1;
	ask->lead_rooms = s->lead;
	ask->nlead_rooms = 3;
	ask->pools[0] = (struct core_pool){s->far, 2};
	ask->named = s->named;
	ask->transfers = s->transfers;
	s->claims = s->diaries[0];
	ask->patient = &s->patient;
}

int stage_set_up(void **state)
{
	struct stage *s = calloc(1, sizeof(*s));
	struct core_agreement *a = &s->agreement;

	s->zones = tz_store_new(TZ_SYSTEM_DIR);
	arena_init(&s->arena, 1u << 22);
	s->t = stage_utc("2024-12-02T09:00:00+08:00");
	a->slug = "heart-centre";
	a->lead = LEAD;
	a->partner = PARTNER;
	a->lead_zone = stage_zone(s, "Asia/Shanghai");
	a->first_day = civil_days(2022, 7, 1);
	a->last_day = civil_days(2035, 12, 31);
	a->kinds = KINDSET(KIND_REMOTE_CONSULTATION) | KINDSET(KIND_REFERRAL);
	a->specialties = heart;
	a->nspecialties = 2;
	a->min_independent_years = 3;
	for (int k = 0; k < KIND_COUNT; k++)
		a->quota[k] = -1;
	make_people(s);
	make_rooms(s);
	make_ask(s);
	*state = s;
	return 0;
}

int stage_tear_down(void **state)
{
	struct stage *s = *state;

	arena_fini(&s->arena);
	tz_store_free(s->zones);
	free(s);
	return 0;
}

enum rc stage_decide(struct stage *s, int64_t at)
{
	enum rc rc = core_decide(&s->ask, 0, at, &s->arena, &s->plan, NULL);

	assert_int_equal(
		core_decide(&s->ask, 0, at, &s->arena, &s->plan, &s->why), rc);
	assert_int_equal(s->why.n > 0, rc == RC_REFUSED);
	return rc;
}

void stage_taken(struct stage *s, int64_t at)
{
	if (stage_decide(s, at) != RC_OK)
		fail_msg("refused: %s",
			 words_name(&words_block, (int)s->why.v[0].reason));
}

void stage_refused(struct stage *s, int64_t at, const int *reasons)
{
	size_t n = 0;

	while (reasons[n] >= 0)
		n++;
	assert_int_equal(stage_decide(s, at), RC_REFUSED);
	for (size_t i = 0; i < s->why.n; i++) {
		int want = i < n ? reasons[i] : -1;

		if ((int)s->why.v[i].reason != want)
			fail_msg("%s instead of %s",
				 words_name(&words_block,
					    (int)s->why.v[i].reason),
				 words_name(&words_block, want));
	}
	assert_int_equal(s->why.n, n);
}

const struct core_blocker *stage_only(struct stage *s, int64_t at,
				      enum block reason)
{
	stage_refused(s, at, REASONS((int)reason));
	return &s->why.v[0];
}

struct core_claim *stage_claim(struct stage *s, struct core_subject *subject,
			       int64_t from, int64_t to)
{
	struct core_claim *c;

	if (subject->claims == NULL)
		subject->claims = s->diaries[s->ndiaries++];
	/* the stage's own, whoever reads it */
	c = (struct core_claim *)(uintptr_t)&subject
		    ->claims[subject->nclaims++];
	*c = (struct core_claim){.subject = subject->id,
				 .from = s->t + from * MIN,
				 .to = s->t + to * MIN,
				 .booking = 7,
				 .role = CLAIM_EXPERT};
	return c;
}

struct core_claim *stage_session(struct stage *s, int64_t place, int64_t from,
				 int64_t to)
{
	struct core_claim *c = stage_claim(s, &s->expert.subject, from, to);

	c->booking = 8;
	c->place = place;
	for (size_t i = 0; i < s->ask.nlead_rooms; i++)
		if (s->lead[i].id == place)
			c->place_site = s->lead[i].site;
	return c;
}

void stage_leave(struct stage *s, struct core_subject *subject, int64_t from,
		 int64_t to)
{
	s->leave = (struct core_span){s->t + from * MIN, s->t + to * MIN};
	subject->leaves = &s->leave;
	subject->nleaves = 1;
}

static void allow(struct stage *s, enum kind kind)
{
	s->ask.kind = kind;
	s->agreement.kinds |= KINDSET(kind);
	s->expert.kinds |= KINDSET(kind);
	s->ask.nlead_rooms = 6;
}

void stage_operation(struct stage *s)
{
	allow(s, KIND_SURGICAL_GUIDANCE);
	s->agreement.overrun_minutes = -1;
	s->ask.minutes = 60;
	s->ask.before = 30;
	s->ask.after = 20;
	s->ask.pools[0] = (struct core_pool){s->theatres, 2};
	s->ask.pools[1] = (struct core_pool){s->lines, 2};
	s->ask.surgeon = &s->surgeon;
}

void stage_clinic(struct stage *s, int slot_minutes)
{
	allow(s, KIND_CLINIC_SLOT);
	s->ask.minutes = 1;
	s->rules[0].kinds = KINDSET(KIND_CLINIC_SLOT);
	s->rules[0].place = CLINIC;
	s->rules[0].slot_minutes = slot_minutes;
}

void stage_has(const struct stage *s, size_t i, int64_t id,
	       enum claim_role role, int64_t from, int64_t to)
{
	assert_true(i < s->plan.nclaims);
	assert_int_equal(s->plan.claims[i].subject->id, id);
	assert_int_equal(s->plan.claims[i].role, role);
	assert_int_equal(s->plan.claims[i].span.from, s->t + from * MIN);
	assert_int_equal(s->plan.claims[i].span.to, s->t + to * MIN);
}
