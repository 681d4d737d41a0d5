#include "tests/bench/common/plan.h"

#include <stdlib.h>

#include "base/civil.h"
#include "daemon/core/local.h"
#include "daemon/core/rule.h"

#define DAY ((int64_t)CIVIL_DAY)
#define YEAR (365 * DAY)
#define PATIENT_VISITS 4  /* of each, about */
#define PATIENTS_LEAST 20 /* of each partner */
#define MONTHS 200
#define TALKS 20000 /* remote consultations at most */
#define FREE_AFTER (14 * DAY)
#define CROWDED 0.6 /* of the places at most */

/* ---- chance ---- */

uint64_t plan_random(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

size_t plan_below(struct plan *p, size_t n)
{
	return (size_t)(plan_random(&p->random) % n);
}

/* ---- what is planned ---- */

static int64_t partner_of(const struct plan *p, size_t agreement)
{
	return p->ground.agreements[agreement].core.partner;
}

static unsigned short *month_of(struct plan *p, size_t agreement, int64_t at)
{
	const struct core_agreement *a = &p->ground.agreements[agreement].core;
	struct civil c;

	civil_from_days(local_day(a->lead_zone, at), &c);
	return &p->used[agreement * MONTHS +
			(size_t)((c.year - 2020) * 12 + c.month) % MONTHS];
}

/* Of those that may book the expert then, one with something left of its
 * month. */
static bool choose_agreement(struct plan *p, enum kind kind,
			     const struct ground_expert *e, int64_t at,
			     size_t *out)
{
	size_t first = plan_below(p, e->nagreements);

	for (size_t i = 0; i < e->nagreements; i++) {
		size_t k = e->agreements[(first + i) % e->nagreements];
		const struct ground_agreement *a = &p->ground.agreements[k];
		int64_t quota = a->core.quota[kind];

		if ((a->core.kinds & KINDSET(kind)) == 0 ||
		    at < a->valid.from || at >= a->valid.to)
			continue;
		if (quota >= 0 && kind == KIND_CLINIC_SLOT) {
			unsigned short *used = month_of(p, k, at);

			if (*used >= quota)
				continue;
			++*used;
		}
		*out = k;
		return true;
	}
	return false;
}

/* Nobody is in two places in one half day. */
static bool take_half_day(struct plan *p, size_t patient, int64_t at)
{
	uint64_t key = ((uint64_t)patient << 24) + (uint64_t)(at / (DAY / 2));
	uint64_t hash = key;
	size_t i = (size_t)(plan_random(&hash) % p->ntaken);

	for (; p->taken[i] != 0; i = (i + 1) % p->ntaken)
		if (p->taken[i] == key + 1)
			return false;
	p->taken[i] = key + 1;
	return true;
}

static bool choose_patient(struct plan *p, size_t agreement, int64_t at,
			   size_t *out)
{
	size_t site = (size_t)partner_of(p, agreement);
	size_t first = p->first[site], n = p->first[site + 1] - first;

	for (int i = 0; i < 20; i++) {
		*out = first + plan_below(p, n);
		if (take_half_day(p, *out, at))
			return true;
	}
	return false;
}

/* Some weeks ahead, and in the past by now. */
static int64_t choose_made(struct plan *p, int64_t from)
{
	int64_t latest = from < p->now ? from - 3600 : p->now - 3600;
	int64_t ahead = (int64_t)plan_below(p, 60 * DAY);

	return latest - ahead;
}

static bool plan(struct plan *p, struct deed *d, enum kind kind)
{
	const struct ground_expert *e = &p->ground.experts[d->expert];

	if (!choose_agreement(p, kind, e, d->from, &d->agreement) ||
	    !choose_patient(p, d->agreement, d->from, &d->patient))
		return false;
	d->made = choose_made(p, d->from);
	return true;
}

static void keep(struct plan *p, const struct deed *d, int64_t claims)
{
	if (p->ndeeds == p->room) {
		p->room = p->room ? 2 * p->room : 1 << 16;
		p->deeds = mem_realloc(p->deeds, p->room * sizeof(*p->deeds));
	}
	p->deeds[p->ndeeds++] = *d;
	p->claims += claims;
}

static struct deed deed_of_spot(const struct plan *p, struct plan_spot spot)
{
	const struct ground_session *s = &p->ground.sessions[spot.session];

	return (struct deed){
		.session = spot.session,
		.expert = s->expert,
		.from = s->span.from + (int64_t)spot.place * s->minutes * 60,
	};
}

/* ---- full weeks ---- */

struct week {
	struct core_span span;
	size_t expert;
	size_t n; /* bookings */
	bool dry; /* nothing is planned yet: could it be filled? */
};

struct core_span plan_week(const struct plan *p, size_t expert, int number)
{
	const struct tz *zone = p->ground.experts[expert].core.subject.zone;
	int64_t day = local_day(zone, p->now);
	int64_t monday = day + 14 - civil_weekday(day) + 7 * (int64_t)number;

	return local_days(zone, monday, monday + 6);
}

/* The places of the expert's own clinics. */
static void fill_clinics(struct plan *p, struct week *week)
{
	for (size_t i = 0; i < p->ground.nsessions; i++) {
		const struct ground_session *s = &p->ground.sessions[i];

		if (s->expert != week->expert ||
		    s->span.from < week->span.from ||
		    s->span.from >= week->span.to)
			continue;
		for (int n = 0; n < s->places && week->n < PLAN_WEEK; n++) {
			struct deed d = deed_of_spot(
				p,
				(struct plan_spot){(uint32_t)i, (uint32_t)n});

			if (!week->dry && !plan(p, &d, KIND_CLINIC_SLOT))
				continue;
			if (!week->dry)
				keep(p, &d, 3);
			week->n++;
		}
		if (!week->dry)
			p->full[i] = 1;
	}
}

static bool has_clinic(const struct core_opens *opens, int64_t day,
		       const struct tz *zone)
{
	for (size_t i = 0; i < opens->n; i++)
		if (opens->v[i].rule->slot_minutes > 0 &&
		    local_day(zone, opens->v[i].from) == day)
			return true;
	return false;
}

static bool is_studio_free(const struct plan *p, int64_t studio, int64_t at)
{
	for (size_t i = 0; i < p->ntalks; i++) {
		const struct deed *d = &p->talks[i];

		if ((d->place == studio || d->there == studio) &&
		    d->from < at + PLAN_TALK_MINUTES * 60 &&
		    at < d->from + PLAN_TALK_MINUTES * 60)
			return false;
	}
	return true;
}

static bool choose_studio(struct plan *p, struct deed *d)
{
	const struct ground_site *s =
		&p->ground.sites[partner_of(p, d->agreement)];

	for (size_t i = 0; i < s->nstudios; i++) {
		d->there = s->studios[i];
		if (is_studio_free(p, d->there, d->from))
			return true;
	}
	return false;
}

static void plan_talk(struct plan *p, struct deed *d, struct week *week)
{
	const struct core_expert *e = &p->ground.experts[d->expert].core;

	if (!is_studio_free(p, d->place, d->from))
		return;
	if (!week->dry) {
		if (p->ntalks == TALKS ||
		    !plan(p, d, KIND_REMOTE_CONSULTATION) ||
		    !choose_studio(p, d))
			return;
		p->talks[p->ntalks++] = *d;
		keep(p, d, 4 + (e->buffer_minutes > 0));
	}
	week->n++;
}

static void fill_talks_of(struct plan *p, const struct core_open *open,
			  struct week *week)
{
	const struct core_expert *e = &p->ground.experts[week->expert].core;
	int64_t length = (PLAN_TALK_MINUTES + e->buffer_minutes) * 60;
	int cap = e->cap_per_day > 0 ? e->cap_per_day : PLAN_WEEK;

	for (int64_t at = open->from;
	     at + length <= open->to && week->n < PLAN_WEEK && cap > 0;
	     at += length, cap--) {
		struct deed d = {.session = DEED_TALK,
				 .expert = week->expert,
				 .from = at,
				 .place = open->rule->place};

		plan_talk(p, &d, week);
	}
}

/* Remote consultations, on days without a clinic: the cap of a day is one for
 * both. */
static enum rc fill_talks(struct plan *p, struct week *week, struct err *err)
{
	const struct core_expert *e = &p->ground.experts[week->expert].core;
	struct core_opens opens;
	int64_t last = INT64_MIN;
	enum rc rc = rule_expand(e->subject.rules, e->subject.nrules, e->away,
				 e->naway, week->span, p->ground.arena, &opens);

	if (rc != RC_OK)
		return err_set(err, rc, "a week's rules");
	for (size_t i = 0; i < opens.n; i++) {
		const struct core_open *open = &opens.v[i];
		int64_t day = local_day(e->subject.zone, open->from);
		kindset kinds = kind_offered(open->rule->kinds, e->kinds);

		if (day == last || open->rule->place == 0 ||
		    (kinds & KINDSET(KIND_REMOTE_CONSULTATION)) == 0 ||
		    has_clinic(&opens, day, e->subject.zone))
			continue;
		last = day;
		fill_talks_of(p, open, week);
	}
	return RC_OK;
}

static enum rc fill_week(struct plan *p, size_t expert, struct core_span span,
			 struct err *err)
{
	struct week week = {.expert = expert, .span = span};

	for (int pass = 0; pass < 2; pass++) {
		week.n = 0;
		week.dry = pass == 0;
		fill_clinics(p, &week);
		enum rc rc = fill_talks(p, &week, err);

		if (rc != RC_OK || week.n < PLAN_WEEK)
			return rc;
	}
	return RC_OK;
}

/* Those who can have so many in a week, for some weeks to come; not more than
 * half of all. */
enum rc plan_weeks(struct plan *p, struct err *err)
{
	const struct ground *g = &p->ground;
	enum rc rc = RC_OK;

	for (int n = 0; n < PLAN_WEEKS; n++)
		for (size_t i = 0; rc == RC_OK && i < g->nexperts; i++)
			if (g->experts[i].core.subject.site == p->week_lead &&
			    g->experts[i].nagreements > 0 &&
			    p->claims < p->nclaims / 2)
				rc = fill_week(p, i, plan_week(p, i, n), err);
	return rc;
}

/* ---- everything else ---- */

static void shuffle_spots(struct plan *p)
{
	p->spots = mem_alloc(p->ground.nplaces * sizeof(*p->spots));
	for (size_t i = 0; i < p->ground.nsessions; i++)
		for (int n = 0; n < p->ground.sessions[i].places; n++)
			p->spots[p->nspots++] =
				(struct plan_spot){(uint32_t)i, (uint32_t)n};
	for (size_t i = p->nspots; i > 1; i--) {
		size_t k = plan_below(p, i);
		struct plan_spot spot = p->spots[k];

		p->spots[k] = p->spots[i - 1];
		p->spots[i - 1] = spot;
	}
}

/* The next spot that may still be booked; false after the last. */
static bool next_spot(struct plan *p, struct deed *out)
{
	while (p->next_spot < p->nspots) {
		struct plan_spot spot = p->spots[p->next_spot++];

		if (p->full[spot.session])
			continue;
		*out = deed_of_spot(p, spot);
		return true;
	}
	return false;
}

static int by_made(const void *a, const void *b)
{
	const struct deed *x = a, *y = b;

	if (x->made != y->made)
		return x->made < y->made ? -1 : 1;
	return (x->from > y->from) - (x->from < y->from);
}

enum rc plan_stored(struct plan *p, struct err *err)
{
	struct deed d;

	shuffle_spots(p);
	while (p->claims < p->nclaims) {
		if (!next_spot(p, &d))
			return err_set(err, RC_FULL,
				       "the clinics have too few places");
		if (plan(p, &d, KIND_CLINIC_SLOT))
			keep(p, &d, 3);
	}
	if (p->ndeeds > 0)
		qsort(p->deeds, p->ndeeds, sizeof(*p->deeds), by_made);
	return RC_OK;
}

bool plan_next_free(struct plan *p, struct deed *out)
{
	while (next_spot(p, out))
		if (out->from >= p->now + FREE_AFTER &&
		    plan(p, out, KIND_CLINIC_SLOT))
			return true;
	return false;
}

/* --- the beginning --- */

/* From when the rules begin until there is room enough: a year ahead, and
 * years more where that many claims want them. */
static enum rc lay_ground(struct plan *p, struct err *err)
{
	double wanted = (double)p->nclaims / 3 / CROWDED;
	struct core_span span = {p->now - 3 * YEAR, p->now + YEAR};
	enum rc rc = ground_lay(&p->ground, span, err);

	while (rc == RC_OK && (double)p->ground.nplaces < wanted &&
	       span.to < p->now + 9 * YEAR) {
		span.to += YEAR;
		rc = ground_lay(&p->ground, span, err);
	}
	return rc;
}

/* Whoever has the most experts here has the weeks. */
static enum rc choose_lead(struct plan *p, struct err *err)
{
	const struct ground *g = &p->ground;
	size_t *n = mem_alloc(g->nsites * sizeof(*n));

	for (size_t i = 0; i < g->nexperts; i++) {
		int64_t site = g->experts[i].core.subject.site;

		if (g->sites[site].lead.identity == 0)
			return err_set(err, RC_STATE,
				       "%s has no lead coordinator",
				       g->sites[site].slug);
		if (++n[site] > n[p->week_lead])
			p->week_lead = site;
	}
	mem_free(n);
	return RC_OK;
}

static void share_patients(struct plan *p)
{
	size_t bookings = (size_t)p->nclaims / 3;
	size_t each = bookings / PATIENT_VISITS / p->ground.nsites;

	if (each < PATIENTS_LEAST)
		each = PATIENTS_LEAST;
	p->first = mem_alloc((p->ground.nsites + 1) * sizeof(*p->first));
	for (size_t i = 0; i < p->ground.nsites; i++) {
		p->first[i] = p->npatients;
		if (p->ground.sites[i].slug != NULL)
			p->npatients += each;
	}
	p->first[p->ground.nsites] = p->npatients;
	p->ntaken = 2 * (bookings + (size_t)p->nbodies) + 1000;
	p->taken = mem_alloc(p->ntaken * sizeof(*p->taken));
}

enum rc plan_lay(struct plan *p, struct tx *tx, struct arena *arena,
		 struct err *err)
{
	enum rc rc = ground_read(&p->ground, tx, arena, err);

	if (rc == RC_OK)
		rc = lay_ground(p, err);
	if (rc == RC_OK)
		rc = choose_lead(p, err);
	if (rc != RC_OK)
		return rc;
	share_patients(p);
	p->used = mem_alloc(p->ground.nagreements * MONTHS * sizeof(*p->used));
	p->full = mem_alloc((p->ground.nsessions + 1) * sizeof(*p->full));
	p->talks = mem_alloc(TALKS * sizeof(*p->talks));
	return RC_OK;
}
