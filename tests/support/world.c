#include "tests/support/world.h"

#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "daemon/core/local.h"

#define LEAD 1
#define PARTNER 2

static const char *const zone_names[] = {
	"Asia/Shanghai",
	"America/New_York",
	"Australia/Lord_Howe",
	"America/St_Johns",
	"Africa/Cairo",
	"America/Havana",
	"UTC",
	"Europe/Lisbon",
};
#define NZONES (sizeof(zone_names) / sizeof(zone_names[0]))

static const char *const rule_texts[] = {
	"FREQ=DAILY",
	"FREQ=DAILY",
	"FREQ=DAILY;INTERVAL=2",
	"FREQ=DAILY;COUNT=20",
	"FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
	"FREQ=WEEKLY;BYDAY=SA,SU",
	"FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE,FR",
	"FREQ=MONTHLY;BYDAY=2SA,-1SU,1MO",
	"FREQ=MONTHLY;BYMONTHDAY=1,10,-1",
	"FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,3,-1",
	"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=2,5,-3,-1",
};
#define NRULES (sizeof(rule_texts) / sizeof(rule_texts[0]))

static const int lengths[] = {1, 4, 5, 7, 15, 20, 30, 45, 61, 90, 200};
#define NLENGTHS (sizeof(lengths) / sizeof(lengths[0]))

/* Of each sort of parts, and one that rules must name. */
static const enum kind kinds[] = {
	KIND_REMOTE_CONSULTATION, KIND_REMOTE_CONSULTATION,
	KIND_REMOTE_CONSULTATION, KIND_CASE_DISCUSSION,
	KIND_ONSITE_PROCEDURE,	  KIND_REFERRAL,
};
#define NKINDS (sizeof(kinds) / sizeof(kinds[0]))
#define OTHER KIND_TEACHING_ROUND

static const char *const heart[] = {"heart"};
static const char *const both[] = {"brain", "heart"};

struct maker {
	struct world *w;
	struct fake_rnd *rnd;
	const struct tz *zones[NZONES];
	int64_t middle; /* the day about which everything happens */
	int64_t next_booking;
	int64_t next_id;
	enum kind kind;
};

static int64_t below(struct maker *m, int64_t bound)
{
	return (int64_t)fake_rnd_below(m->rnd, (uint64_t)bound);
}

/* True once in n times. */
static bool rarely(struct maker *m, int64_t n)
{
	return below(m, n) == 0;
}

static const struct tz *any_zone(struct maker *m)
{
	return m->zones[below(m, NZONES)];
}

/* Minutes of a day; two times out of three on the grid. */
static int64_t some_minutes(struct maker *m, int64_t bound)
{
	int64_t minutes = below(m, bound);

	return rarely(m, 3) ? minutes : minutes - minutes % 5;
}

static const int64_t *some_dates(struct maker *m, size_t *out_n)
{
	int64_t at = below(m, 9);

	*out_n = rarely(m, 4) ? (size_t)(1 + below(m, 9 - at)) : 0;
	return &m->w->dates[at];
}

static void make_rule(struct maker *m, struct core_rule *r, bool of_expert)
{
	struct err err = ERR_INIT;
	int64_t day = m->middle - 30 + below(m, 30);

	r->text = rule_texts[below(m, NRULES)];
	if (rrule_parse(r->text, strlen(r->text), &r->rrule, &err) != RC_OK)
		abort();
	r->zone = rarely(m, 6) ? any_zone(m) : m->w->agreement.lead_zone;
	r->start = day * CIVIL_DAY + some_minutes(m, 1440) * 60;
	r->end = r->start +
		 (1 + some_minutes(m, rarely(m, 4) ? 3000 : 700)) * 60;
	r->first_day = rarely(m, 6) ? m->middle - below(m, 9) : INT64_MIN;
	r->last_day = rarely(m, 6) ? m->middle + below(m, 9) : CORE_NO_DAY;
	r->exdates = some_dates(m, &r->nexdates);
	r->rdates = some_dates(m, &r->nrdates);
	if (rarely(m, 2))
		r->calendar = &m->w->calendar;
	r->on_holidays = rarely(m, 3);
	if (rarely(m, 5))
		r->kinds = KINDSET(rarely(m, 2) ? m->kind : OTHER);
	if (of_expert && rarely(m, 2))
		r->place = m->w->rooms[0][below(m, WORLD_ROOMS)].id;
	if (of_expert && rarely(m, 12))
		r->place = 999; /* is nowhere */
	r->seconded = of_expert && rarely(m, 4);
}

static int by_from(const void *left, const void *right)
{
	const struct core_claim *a = left;
	const struct core_claim *b = right;

	return (a->from > b->from) - (a->from < b->from);
}

static void make_claims(struct maker *m, struct core_subject *s,
			struct world_claims *claims, int64_t most)
{
	claims->n = (size_t)below(m, most + 1);
	for (size_t i = 0; i < claims->n; i++) {
		struct core_claim *c = &claims->v[i];

		c->subject = s->id;
		c->from = (m->middle - 3) * CIVIL_DAY +
			  some_minutes(m, 12 * 1440) * 60;
		c->to = c->from + (1 + some_minutes(m, 300)) * 60;
		c->booking = 1 + below(m, 30);
		c->role = rarely(m, 4) ? CLAIM_BUFFER : CLAIM_EXPERT;
		if (rarely(m, 4))
			c->hold_until = m->w->ask.now - 300 + below(m, 600);
	}
	qsort(claims->v, claims->n, sizeof(claims->v[0]), by_from);
	s->claims = claims->v;
	s->nclaims = claims->n;
}

static void make_subject(struct maker *m, struct core_subject *s,
			 enum subject_type type, int64_t site)
{
	s->id = m->next_id++;
	s->type = type;
	s->slug = "somebody";
	s->site = site;
	s->zone = any_zone(m);
	s->capacity = 1;
}

/* Which: 0 of the lead, 1 of the partner, 2 named. */
static void make_rooms(struct maker *m, int which)
{
	for (size_t i = 0; i < WORLD_ROOMS; i++) {
		struct core_subject *s = &m->w->rooms[which][i];
		struct world_rules *rules = &m->w->room_rules[which][i];

		make_subject(m, s, rarely(m, 4) ? SUBJECT_LINK : SUBJECT_STUDIO,
			     which == 1 || rarely(m, 5) ? PARTNER : LEAD);
		if (rarely(m, 3))
			s->capacity = (int)(2 + below(m, 3));
		if (rarely(m, 20))
			s->capacity = 70;
		if (rarely(m, 6))
			rules->n = (size_t)(1 + below(m, WORLD_RULES));
		for (size_t r = 0; r < rules->n; r++)
			make_rule(m, &rules->v[r], false);
		s->rules = rules->v;
		s->nrules = rules->n;
		make_claims(m, s, &m->w->room_claims[which][i],
			    5 * s->capacity > WORLD_CLAIMS ? WORLD_CLAIMS
							   : 5 * s->capacity);
	}
}

static void make_experts(struct maker *m)
{
	for (size_t i = 0; i < WORLD_EXPERTS; i++) {
		struct core_expert *e = &m->w->experts[i];
		struct world_rules *rules = &m->w->expert_rules[i];
		struct core_away *away = &m->w->aways[i];

		make_subject(m, &e->subject, SUBJECT_EXPERT, LEAD);
		e->kinds = rarely(m, 20) ? KINDSET(OTHER)
					 : KINDSET(m->kind) | KINDSET(OTHER);
		e->specialties = rarely(m, 2) ? heart : both;
		e->nspecialties = e->specialties == heart ? 1 : 2;
		e->independent_since = civil_days(2020, 2, 29);
		if (rarely(m, 4))
			e->independent_since =
				m->middle - 3 * 365 - below(m, 9);
		e->buffer_minutes = (int)(rarely(m, 2) ? 0 : below(m, 40));
		e->cap_per_day = (int)(rarely(m, 2) ? 0 : below(m, 5));
		rules->n = (size_t)(2 + below(m, WORLD_RULES - 1));
		for (size_t r = 0; r < rules->n; r++)
			make_rule(m, &rules->v[r], true);
		e->subject.rules = rules->v;
		e->subject.nrules = rules->n;
		make_claims(m, &e->subject, &m->w->expert_claims[i], 14);
		away->zone = any_zone(m);
		away->first_day = m->middle - 4 + below(m, 12);
		away->last_day = away->first_day + below(m, 6);
		away->remote_requests = rarely(m, 2);
		e->away = away;
		e->naway = rarely(m, 2);
	}
}

static void make_agreement(struct maker *m)
{
	struct core_agreement *a = &m->w->agreement;

	a->slug = "agreement";
	a->lead = LEAD;
	a->partner = PARTNER;
	a->lead_zone = any_zone(m);
	a->first_day = rarely(m, 5) ? m->middle - 2 + below(m, 6) : INT64_MIN;
	a->last_day = rarely(m, 5) ? m->middle + below(m, 9) : CORE_NO_DAY;
	a->kinds = rarely(m, 30) ? KINDSET(OTHER) : KINDSET(m->kind);
	a->specialties = heart;
	a->nspecialties = rarely(m, 2);
	a->min_independent_years = rarely(m, 2) ? 3 : 0;
	for (int k = 0; k < KIND_COUNT; k++)
		a->quota[k] = -1;
	if (rarely(m, 3))
		a->quota[m->kind] = rarely(m, 8) ? 0 : 1 + below(m, 5);
}

static void make_months(struct maker *m)
{
	const struct tz *zone = m->w->agreement.lead_zone;
	int64_t at = (m->middle - 3) * CIVIL_DAY;

	for (size_t i = 0; i < WORLD_MONTHS; i++) {
		m->w->months[i].span = local_month(zone, at);
		m->w->months[i].used = below(m, 5);
		at = m->w->months[i].span.to;
	}
	m->w->ask.months = m->w->months;
	m->w->ask.nmonths = (size_t)below(m, WORLD_MONTHS + 1);
}

static void make_calendar(struct maker *m)
{
	struct world *w = m->w;

	for (size_t i = 0; i < 6; i++) {
		w->days[i].day = m->middle - 3 + (int64_t)i * 2 + below(m, 2);
		w->days[i].works_as = rarely(m, 2) ? -1 : (int)below(m, 7);
	}
	for (int i = 0; i < 9; i++)
		w->dates[i] = m->middle - 4 + i;
	w->calendar.days = w->days;
	w->calendar.n = 6;
}

static void make_named(struct maker *m)
{
	struct core_ask *ask = &m->w->ask;

	ask->named = m->w->rooms[2];
	ask->nnamed = rarely(m, 3) ? (size_t)(1 + below(m, 2)) : 0;
	for (size_t i = 0; i < ask->nnamed; i++)
		if (rarely(m, 2))
			m->w->rooms[2][i] =
				m->w->rooms[below(m, 2)][below(m, WORLD_ROOMS)];
}

static void make_ask(struct maker *m)
{
	struct world *w = m->w;
	struct core_ask *ask = &w->ask;

	ask->kind = m->kind;
	ask->minutes = lengths[below(m, NLENGTHS)];
	ask->agreement = &w->agreement;
	ask->specialty = rarely(m, 3)	 ? NULL
			 : rarely(m, 12) ? "brain"
					 : "heart";
	ask->experts = w->experts;
	ask->nexperts = (size_t)(1 + below(m, WORLD_EXPERTS));
	ask->lead_rooms = w->rooms[0];
	ask->nlead_rooms =
		rarely(m, 12) ? 0 : (size_t)(2 + below(m, WORLD_ROOMS - 1));
	ask->pools[0].rooms = w->rooms[1];
	ask->pools[0].n =
		rarely(m, 15) ? 0 : (size_t)(2 + below(m, WORLD_ROOMS - 1));
	make_named(m);
	ask->patient = rarely(m, 2) ? &w->patient : NULL;
	ask->ignore_booking = rarely(m, 2) ? 1 + below(m, 30) : 0;
}

/* A day in 2024 to 2027; one time out of two that of a change of clocks. */
static int64_t some_day(struct maker *m)
{
	int64_t day = civil_days(2024, 1, 1) + below(m, 4 * 365);
	const struct tz *zone = any_zone(m);
	int32_t offset = tz_offset(zone, day * CIVIL_DAY, NULL);

	if (rarely(m, 2))
		return day;
	for (int i = 0; i < 366; i++, day++)
		if (tz_offset(zone, (day + 1) * CIVIL_DAY, NULL) != offset)
			break;
	return day;
}

void world_make(struct world *w, struct fake_rnd *rnd, struct tz_store *zones)
{
	struct maker m = {.w = w, .rnd = rnd, .next_id = 10};
	struct err err = ERR_INIT;

	memset(w, 0, sizeof(*w));
	for (size_t i = 0; i < NZONES; i++)
		if (tz_get(zones, zone_names[i], &m.zones[i], &err) != RC_OK)
			abort();
	m.middle = some_day(&m);
	m.kind = kinds[below(&m, NKINDS)];
	w->window.from = (m.middle - 1) * CIVIL_DAY + below(&m, 2 * CIVIL_DAY);
	w->window.to = w->window.from +
		       below(&m, (rarely(&m, 4) ? 20 : 5) * CIVIL_DAY);
	w->at = w->window.from - CIVIL_DAY +
		below(&m, w->window.to - w->window.from + 2 * CIVIL_DAY);
	w->ask.now = w->window.from - CIVIL_DAY + below(&m, 3 * CIVIL_DAY / 2);
	make_agreement(&m);
	make_calendar(&m);
	for (int which = 0; which < 3; which++)
		make_rooms(&m, which);
	make_experts(&m);
	make_subject(&m, &w->patient, SUBJECT_PATIENT, PARTNER);
	make_claims(&m, &w->patient, &w->patient_claims, 6);
	make_months(&m);
	make_ask(&m);
}
