/*
 * fill STATE --claims N [--seed S] [--bodies B]: years of a network's clinics
 * in a service's store, for measuring.
 *
 * STATE is the directory of a service that does not run, with the network
 * imported and a lead coordinator enrolled for every lead. The claims are those
 * of bookings made through the store's own functions, as the service itself
 * makes them, at places that its rules allow: within caps, quotas and
 * agreements, from three years back to one ahead, more for more claims. Each
 * booking has its claims, event, sealed papers and idempotency key; keys are as
 * if all had come in the last days, so that the table has its full size. Of one
 * lead's experts some weeks hold exactly WEEK bookings: places of the clinic
 * and remote consultations with their requests.
 *
 * Besides, in STATE/..: week.paths (those weeks, a path a line),
 * bodies/SITE.bodies (bookings of places that are free, a JSON a line, for that
 * lead's coordinator) and free.bodies (those of the lead with the weeks).
 * The same seed makes the same bookings at the same places of the same day.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/file.h"
#include "base/text.h"
#include "daemon/core/local.h"
#include "daemon/core/rule.h"
#include "daemon/main/material.h"
#include "daemon/store/booking.h"
#include "daemon/store/event.h"
#include "daemon/store/idem.h"
#include "daemon/store/lock.h"
#include "daemon/store/rows.h"
#include "tests/support/ground.h"

#define DAY ((int64_t)CIVIL_DAY)
#define YEAR (365 * DAY)
#define ARENA ((size_t)6 << 30)
#define BATCH 60000	  /* bookings a transaction */
#define WEEK 30		  /* bookings of a full week */
#define WEEKS 16	  /* full ones of each expert who can have one */
#define TALK_MINUTES 15	  /* of a remote consultation in such a week */
#define PATIENT_VISITS 4  /* of each, about */
#define PATIENTS_LEAST 20 /* of each partner */
#define FREE_AFTER (14 * DAY)
#define MONTHS 200
#define TALKS 20000 /* remote consultations at most */

/* One booking that is to be. */
struct deed {
	int64_t made; /* when it was asked for */
	int64_t from;
	size_t session; /* of a clinic; or NONE: a remote consultation */
	size_t expert;	/* ... of whom */
	int64_t place;	/* ... where, and where the partner is */
	int64_t there;
	size_t agreement; /* index */
	size_t patient;	  /* index */
};
#define NONE SIZE_MAX

struct spot {
	uint32_t session, place;
};

struct patients {
	int64_t *ids;	 /* subjects: of site i from first[i] on */
	size_t *first;	 /* by site; nsites + 1 of them */
	uint64_t *taken; /* hashes of patient and half day; 0: free */
	size_t ntaken;
};

struct fill {
	int64_t nclaims, nbodies;
	const char *state;
	uint64_t random;
	struct store_env env;
	struct clock clock;
	struct rnd rnd;
	struct arena arena;
	struct conf conf;
	struct db *db;
	struct tx tx; /* of the open transaction */
	int64_t now;  /* of the filling itself */
	struct ground ground;
	int64_t beginning;    /* of the first session */
	unsigned short *used; /* by agreement and month */
	unsigned short *full; /* places taken of each session */
	struct patients patients;
	struct spot *spots;
	size_t nspots;
	struct deed *deeds;
	size_t ndeeds, room;
	struct deed *talks;
	size_t ntalks;
	int64_t claims; /* of the deeds; then: that are stored */
	int64_t bookings, refused;
	int64_t week_lead; /* site */
};

/* ---- chance ---- */

static uint64_t random_next(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static size_t below(struct fill *f, size_t n)
{
	return (size_t)(random_next(&f->random) % n);
}

static void fill_random(void *ctx, void *out, size_t len)
{
	uint8_t *p = out;

	while (len > 0) {
		uint64_t z = random_next(ctx);
		size_t n = len < sizeof(z) ? len : sizeof(z);

		memcpy(p, &z, n);
		p += n;
		len -= n;
	}
}

static int64_t clock_of(void *ctx)
{
	return ((struct fill *)ctx)->tx.now;
}

static int64_t mono_of(void *ctx)
{
	return ((struct fill *)ctx)->tx.now * 1000;
}

/* ---- what is planned ---- */

static const struct ground_agreement *agreement_of(const struct fill *f,
						   const struct deed *d)
{
	return &f->ground.agreements[d->agreement];
}

static int64_t partner_of(const struct fill *f, size_t agreement)
{
	return f->ground.agreements[agreement].core.partner;
}

static unsigned short *month_of(struct fill *f, size_t agreement, int64_t at)
{
	const struct core_agreement *a = &f->ground.agreements[agreement].core;
	struct civil c;

	civil_from_days(local_day(a->lead_zone, at), &c);
	return &f->used[agreement * MONTHS +
			(size_t)((c.year - 2020) * 12 + c.month) % MONTHS];
}

/* Of those that may book the expert then, one with something left of its
 * month. */
static bool choose_agreement(struct fill *f, enum kind kind,
			     const struct ground_expert *e, int64_t at,
			     size_t *out)
{
	size_t first = below(f, e->nagreements);

	for (size_t i = 0; i < e->nagreements; i++) {
		size_t k = e->agreements[(first + i) % e->nagreements];
		const struct ground_agreement *a = &f->ground.agreements[k];
		int64_t quota = a->core.quota[kind];

		if ((a->core.kinds & KINDSET(kind)) == 0 ||
		    at < a->valid.from || at >= a->valid.to)
			continue;
		if (quota >= 0 && kind == KIND_CLINIC_SLOT) {
			unsigned short *used = month_of(f, k, at);

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
static bool take_half_day(struct fill *f, size_t patient, int64_t at)
{
	struct patients *p = &f->patients;
	uint64_t key = ((uint64_t)patient << 24) + (uint64_t)(at / (DAY / 2));
	uint64_t hash = key;
	size_t i = (size_t)(random_next(&hash) % p->ntaken);

	for (; p->taken[i] != 0; i = (i + 1) % p->ntaken)
		if (p->taken[i] == key + 1)
			return false;
	p->taken[i] = key + 1;
	return true;
}

static bool choose_patient(struct fill *f, size_t agreement, int64_t at,
			   size_t *out)
{
	const size_t *first = &f->patients.first[partner_of(f, agreement)];

	for (int i = 0; i < 20; i++) {
		*out = first[0] + below(f, first[1] - first[0]);
		if (take_half_day(f, *out, at))
			return true;
	}
	return false;
}

/* Some weeks ahead, and in the past by now. */
static int64_t choose_made(struct fill *f, int64_t from)
{
	int64_t latest = from < f->now ? from - 3600 : f->now - 3600;
	int64_t ahead = (int64_t)below(f, 60 * DAY);

	return latest - ahead;
}

static bool plan(struct fill *f, struct deed *d, enum kind kind)
{
	const struct ground_expert *e = &f->ground.experts[d->expert];

	if (!choose_agreement(f, kind, e, d->from, &d->agreement) ||
	    !choose_patient(f, d->agreement, d->from, &d->patient))
		return false;
	d->made = choose_made(f, d->from);
	return true;
}

static void keep(struct fill *f, const struct deed *d, int64_t claims)
{
	if (f->ndeeds == f->room) {
		f->room = f->room ? 2 * f->room : 1 << 16;
		f->deeds = mem_realloc(f->deeds, f->room * sizeof(*f->deeds));
	}
	f->deeds[f->ndeeds++] = *d;
	f->claims += claims;
}

static struct deed deed_of_spot(const struct fill *f, struct spot spot)
{
	const struct ground_session *s = &f->ground.sessions[spot.session];

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

static struct week week_of(const struct fill *f, size_t expert, int number)
{
	const struct tz *zone = f->ground.experts[expert].core.subject.zone;
	int64_t day = local_day(zone, f->now);
	int64_t monday = day + 14 - civil_weekday(day) + 7 * number;

	return (struct week){.span = local_days(zone, monday, monday + 6),
			     .expert = expert};
}

/* The places of the expert's own clinics. */
static void fill_clinics(struct fill *f, struct week *week)
{
	for (size_t i = 0; i < f->ground.nsessions; i++) {
		const struct ground_session *s = &f->ground.sessions[i];

		if (s->expert != week->expert ||
		    s->span.from < week->span.from ||
		    s->span.from >= week->span.to)
			continue;
		for (int n = 0; n < s->places && week->n < WEEK; n++) {
			struct deed d = deed_of_spot(
				f, (struct spot){(uint32_t)i, (uint32_t)n});

			if (!week->dry && !plan(f, &d, KIND_CLINIC_SLOT))
				continue;
			if (!week->dry)
				keep(f, &d, 3);
			week->n++;
		}
		if (!week->dry)
			f->full[i] = (unsigned short)s->places;
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

static bool is_studio_free(const struct fill *f, int64_t studio, int64_t at)
{
	for (size_t i = 0; i < f->ntalks; i++) {
		const struct deed *d = &f->talks[i];

		if ((d->place == studio || d->there == studio) &&
		    d->from < at + TALK_MINUTES * 60 &&
		    at < d->from + TALK_MINUTES * 60)
			return false;
	}
	return true;
}

static bool choose_studio(struct fill *f, struct deed *d)
{
	const struct ground_site *s =
		&f->ground.sites[partner_of(f, d->agreement)];

	for (size_t i = 0; i < s->nstudios; i++) {
		d->there = s->studios[i];
		if (is_studio_free(f, d->there, d->from))
			return true;
	}
	return false;
}

static void plan_talk(struct fill *f, struct deed *d, struct week *week)
{
	const struct core_expert *e = &f->ground.experts[d->expert].core;

	if (!is_studio_free(f, d->place, d->from))
		return;
	if (!week->dry) {
		if (f->ntalks == TALKS ||
		    !plan(f, d, KIND_REMOTE_CONSULTATION) ||
		    !choose_studio(f, d))
			return;
		f->talks[f->ntalks++] = *d;
		keep(f, d, 4 + (e->buffer_minutes > 0));
	}
	week->n++;
}

static void fill_talks_of(struct fill *f, const struct core_open *open,
			  struct week *week)
{
	const struct core_expert *e = &f->ground.experts[week->expert].core;
	int64_t length = (TALK_MINUTES + e->buffer_minutes) * 60;
	int cap = e->cap_per_day > 0 ? e->cap_per_day : WEEK;

	for (int64_t at = open->from;
	     at + length <= open->to && week->n < WEEK && cap > 0;
	     at += length, cap--) {
		struct deed d = {.session = NONE,
				 .expert = week->expert,
				 .from = at,
				 .place = open->rule->place};

		plan_talk(f, &d, week);
	}
}

/* Remote consultations, on days without a clinic: the cap of a day is one for
 * both. */
static enum rc fill_talks(struct fill *f, struct week *week, struct err *err)
{
	const struct core_expert *e = &f->ground.experts[week->expert].core;
	struct core_opens opens;
	int64_t last = INT64_MIN;
	enum rc rc = rule_expand(e->subject.rules, e->subject.nrules, e->away,
				 e->naway, week->span, &f->arena, &opens);

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
		fill_talks_of(f, open, week);
	}
	return RC_OK;
}

static enum rc fill_week(struct fill *f, struct week week, struct err *err)
{
	for (int pass = 0; pass < 2; pass++) {
		week.n = 0;
		week.dry = pass == 0;
		fill_clinics(f, &week);
		enum rc rc = fill_talks(f, &week, err);

		if (rc != RC_OK || week.n < WEEK)
			return rc;
	}
	return RC_OK;
}

/* Those who can have so many in a week, for some weeks to come; not more than
 * half of all. */
static enum rc fill_weeks(struct fill *f, struct err *err)
{
	const struct ground *g = &f->ground;
	enum rc rc = RC_OK;

	for (int n = 0; n < WEEKS; n++)
		for (size_t i = 0; rc == RC_OK && i < g->nexperts; i++)
			if (g->experts[i].core.subject.site == f->week_lead &&
			    g->experts[i].nagreements > 0 &&
			    f->claims < f->nclaims / 2)
				rc = fill_week(f, week_of(f, i, n), err);
	return rc;
}

/* ---- everything else ---- */

static void shuffle_spots(struct fill *f)
{
	f->spots = mem_alloc(f->ground.nplaces * sizeof(*f->spots));
	for (size_t i = 0; i < f->ground.nsessions; i++)
		for (int n = 0; n < f->ground.sessions[i].places; n++)
			f->spots[f->nspots++] =
				(struct spot){(uint32_t)i, (uint32_t)n};
	for (size_t i = f->nspots; i > 1; i--) {
		size_t k = below(f, i);
		struct spot spot = f->spots[k];

		f->spots[k] = f->spots[i - 1];
		f->spots[i - 1] = spot;
	}
}

/* The next spot that may still be booked; false after the last. */
static bool next_spot(struct fill *f, size_t *at, struct deed *out)
{
	while (*at < f->nspots) {
		struct spot spot = f->spots[(*at)++];
		const struct ground_session *s =
			&f->ground.sessions[spot.session];

		if (f->full[spot.session] >= s->places)
			continue;
		*out = deed_of_spot(f, spot);
		return true;
	}
	return false;
}

static enum rc plan_stored(struct fill *f, size_t *at, struct err *err)
{
	struct deed d;

	while (f->claims < f->nclaims) {
		if (!next_spot(f, at, &d))
			return err_set(err, RC_FULL,
				       "the clinics have too few places");
		if (plan(f, &d, KIND_CLINIC_SLOT))
			keep(f, &d, 3);
	}
	return RC_OK;
}

static int by_made(const void *a, const void *b)
{
	const struct deed *x = a, *y = b;

	if (x->made != y->made)
		return x->made < y->made ? -1 : 1;
	return (x->from > y->from) - (x->from < y->from);
}

/* ---- storing ---- */

static void local_id(size_t patient, char out[16])
{
	snprintf(out, 16, "P%08zu", patient);
}

static enum rc make_patients(struct fill *f, struct err *err)
{
	struct patients *p = &f->patients;
	size_t bookings = (size_t)f->nclaims / 3;
	size_t each = bookings / PATIENT_VISITS / f->ground.nsites;
	enum rc rc = RC_OK;
	size_t n = 0;

	if (each < PATIENTS_LEAST)
		each = PATIENTS_LEAST;
	p->first = mem_alloc((f->ground.nsites + 1) * sizeof(*p->first));
	p->ids = mem_alloc(f->ground.nsites * each * sizeof(*p->ids));
	p->ntaken = 2 * (bookings + (size_t)f->nbodies) + 1000;
	p->taken = mem_alloc(p->ntaken * sizeof(*p->taken));
	for (size_t i = 0; i < f->ground.nsites; i++) {
		const char *slug = f->ground.sites[i].slug;

		p->first[i] = n;
		for (size_t k = 0; rc == RC_OK && slug && k < each; k++, n++) {
			char id[16];
			bool made;

			local_id(n, id);
			rc = request_patient(&f->tx, (int64_t)i, slug, id,
					     &p->ids[n], &made, err);
		}
	}
	p->first[f->ground.nsites] = n;
	return rc;
}

static struct papers papers_of(const struct deed *d, char id[16])
{
	local_id(d->patient, id);
	return (struct papers){.local_id = id, .name = "王建国"};
}

static enum rc append(struct fill *f, const struct booking *b,
		      const char *thing, int64_t id, enum verb verb,
		      const char *to, struct err *err)
{
	const struct ground_desk *desk = &f->ground.sites[b->lead].lead;
	char request_id[17];
	struct event e = {
		.actor = desk->name,
		.actor_site = b->lead,
		.lead = b->lead,
		.partner = b->partner,
		.expert = b->expert,
		.assigned = true,
		.thing = thing,
		.id = id,
		.code = b->code.s,
		.version = 1,
		.verb = verb,
		.to_state = to,
		.request_id = request_id,
		.class = EVENT_CHANGE,
	};

	snprintf(request_id, sizeof(request_id), "%016" PRIx64,
		 random_next(&f->random));
	return event_append(&f->tx, &e, err);
}

/* What the service answered to whoever booked it. */
static void show_answer(struct fill *f, const struct deed *d,
			const struct booking *b, struct buf *out)
{
	const struct ground *g = &f->ground;
	const char *expert = g->slugs[b->expert], *place = g->slugs[d->place];
	char code[CODE_SHOWN_LEN + 1], span[96];
	char from[CIVIL_RFC3339_LEN + 1], to[CIVIL_RFC3339_LEN + 1];

	code_show(&b->code, code);
	civil_show_rfc3339(b->from, 0, from);
	civil_show_rfc3339(b->to, 0, to);
	snprintf(span, sizeof(span), "\"from\":\"%s\",\"to\":\"%s\"", from, to);
	buf_printf(out,
		   "{\"code\":\"%s\",\"kind\":\"clinic-slot\","
		   "\"status\":\"booked\",\"agreement\":\"%s\",\"lead\":\"%s\","
		   "\"partner\":\"%s\",\"expert\":\"%s\",%s,"
		   "\"time_zone\":\"%s\",\"sequence\":0,\"version\":1,"
		   "\"claims\":[{\"subject\":\"%s\",\"role\":\"place\",%s},"
		   "{\"subject\":\"%s\",\"role\":\"expert\",%s},"
		   "{\"role\":\"patient\",%s}]}",
		   code, agreement_of(f, d)->core.slug, g->sites[b->lead].slug,
		   g->sites[b->partner].slug, expert, span,
		   tz_name(agreement_of(f, d)->core.lead_zone), place, span,
		   expert, span, span);
}

static enum rc keep_key(struct fill *f, const struct deed *d,
			const struct booking *b, struct err *err)
{
	struct tx young = f->tx;
	char name[33];
	struct idem_key key = {
		.identity = b->owner, .route = "/v1/bookings", .key = name};
	struct idem_answer answer = {.status = 201};
	char code[CODE_SHOWN_LEN + 1];

	young.now = f->now - (int64_t)below(f, DAY);
	snprintf(name, sizeof(name), "%016" PRIx64 "%016" PRIx64,
		 random_next(&f->random), random_next(&f->random));
	fill_random(&f->random, key.body_hash, sizeof(key.body_hash));
	snprintf(answer.etag, sizeof(answer.etag), "\"1\"");
	code_show(&b->code, code);
	snprintf(answer.location, sizeof(answer.location), "/v1/bookings/%s",
		 code);
	buf_init(&answer.body, 4096);
	show_answer(f, d, b, &answer.body);
	enum rc rc = idem_keep(&young, &key, &answer, err);

	buf_fini(&answer.body);
	return rc;
}

static void claim_of(struct core_plan *p, const struct core_subject *subject,
		     enum claim_role role, int64_t from, int64_t to)
{
	p->claims[p->nclaims].subject = subject;
	p->claims[p->nclaims].role = role;
	p->claims[p->nclaims++].span = (struct core_span){from, to};
}

static struct booking booking_of(const struct fill *f, const struct deed *d)
{
	const struct ground_expert *e = &f->ground.experts[d->expert];
	const struct core_agreement *a = &agreement_of(f, d)->core;

	return (struct booking){
		.agreement = a->id,
		.lead = a->lead,
		.partner = a->partner,
		.kind = KIND_CLINIC_SLOT,
		.status = BOOKING_BOOKED,
		.expert = e->core.subject.id,
		.from = d->from,
		.owner = f->ground.sites[a->lead].lead.identity,
		.owner_site = a->lead,
		.version = 1,
	};
}

/* As the core plans it: no pause between the places of one session. */
static enum rc store_place(struct fill *f, struct deed *d, struct err *err)
{
	const struct ground_session *s = &f->ground.sessions[d->session];
	const struct core_subject patient = {.id = f->patients.ids[d->patient]};
	const struct core_subject place = {.id = s->place};
	struct booking b = booking_of(f, d);
	struct core_plan p = {.place = s->place, .session = s->span.from};
	char id[16];
	struct papers papers = papers_of(d, id);

	b.to = b.from + s->minutes * 60;
	b.patient = patient.id;
	d->place = s->place;
	p.span = p.operation = (struct core_span){b.from, b.to};
	claim_of(&p, &place, CLAIM_PLACE, b.from, b.to);
	claim_of(&p, &f->ground.experts[s->expert].core.subject, CLAIM_EXPERT,
		 b.from, b.to);
	claim_of(&p, &patient, CLAIM_PATIENT, b.from, b.to);
	enum rc rc = request_draw_code(&f->tx, &b.code, err);

	if (rc == RC_OK)
		rc = booking_insert(&f->tx, &b, &p, &papers, err);
	if (rc == RC_OK)
		rc = append(f, &b, "booking", b.id, VERB_BOOK, "booked", err);
	if (rc == RC_OK)
		rc = keep_key(f, d, &b, err);
	if (rc == RC_OK)
		f->claims += 3;
	return rc;
}

static enum rc store_request(struct fill *f, const struct deed *d,
			     struct booking *b, struct err *err)
{
	const struct ground_agreement *a = agreement_of(f, d);
	char id[16];
	struct papers papers = papers_of(d, id);
	struct request r = {
		.agreement = a->core.id,
		.lead = a->core.lead,
		.partner = a->core.partner,
		.kind = KIND_REMOTE_CONSULTATION,
		.status = REQUEST_SCHEDULED,
		.urgency = URGENCY_ROUTINE,
		.expert = b->expert,
		.minutes = TALK_MINUTES,
		.patient = f->patients.ids[d->patient],
		.submitted_at = d->made,
		.version = 3,
	};

	papers.reason = "for advice";
	enum rc rc = request_draw_code(&f->tx, &r.code, err);

	if (rc == RC_OK)
		rc = request_insert(&f->tx, &r, &papers, err);
	b->code = r.code;
	if (rc == RC_OK)
		rc = append(f, b, "request", r.id, VERB_SUBMIT, "submitted",
			    err);
	if (rc == RC_OK)
		rc = append(f, b, "request", r.id, VERB_ACCEPT, "accepted",
			    err);
	if (rc == RC_OK)
		rc = append(f, b, "request", r.id, VERB_SCHEDULE, "scheduled",
			    err);
	b->request = r.id;
	return rc;
}

static enum rc store_talk(struct fill *f, struct deed *d, struct err *err)
{
	const struct core_expert *e = &f->ground.experts[d->expert].core;
	struct booking b = booking_of(f, d);
	const struct core_subject patient = {.id = f->patients.ids[d->patient]};
	const struct core_subject here = {.id = d->place};
	const struct core_subject there = {.id = d->there};
	struct core_plan p = {.place = d->place};

	b.kind = KIND_REMOTE_CONSULTATION;
	b.to = b.from + TALK_MINUTES * 60;
	p.span = p.operation = (struct core_span){b.from, b.to};
	claim_of(&p, &here, CLAIM_LEAD_STUDIO, b.from, b.to);
	claim_of(&p, &there, CLAIM_PARTNER_STUDIO, b.from, b.to);
	claim_of(&p, &e->subject, CLAIM_EXPERT, b.from, b.to);
	if (e->buffer_minutes > 0)
		claim_of(&p, &e->subject, CLAIM_BUFFER, b.to,
			 b.to + e->buffer_minutes * 60);
	claim_of(&p, &patient, CLAIM_PATIENT, b.from, b.to);
	enum rc rc = store_request(f, d, &b, err);

	if (rc == RC_OK)
		rc = request_draw_code(&f->tx, &b.code, err);
	if (rc == RC_OK)
		rc = booking_insert(&f->tx, &b, &p, NULL, err);
	if (rc == RC_OK)
		rc = append(f, &b, "booking", b.id, VERB_BOOK, "booked", err);
	if (rc == RC_OK)
		f->claims += (int64_t)p.nclaims;
	return rc;
}

/* A place that the guard knows to be taken is left out. */
static enum rc store(struct fill *f, struct deed *d, struct err *err)
{
	const struct event_head before = f->tx.head;
	enum rc rc = db_savepoint(f->db, err);

	if (rc != RC_OK)
		return rc;
	if (f->tx.now < d->made)
		f->tx.now = d->made;
	rc = d->session != NONE ? store_place(f, d, err)
				: store_talk(f, d, err);
	if (rc == RC_OK) {
		f->bookings++;
		return db_release(f->db, err);
	}
	db_rollback_savepoint(f->db);
	f->tx.head = before;
	f->refused++;
	return rc == RC_REFUSED ? RC_OK : rc;
}

static enum rc store_all(struct fill *f, struct err *err)
{
	enum rc rc = RC_OK;

	f->claims = 0;
	for (size_t i = 0; rc == RC_OK && i < f->ndeeds;) {
		size_t end = i + BATCH < f->ndeeds ? i + BATCH : f->ndeeds;

		rc = db_begin(f->db, err);
		while (rc == RC_OK && i < end)
			rc = store(f, &f->deeds[i++], err);
		if (rc == RC_OK)
			rc = db_commit(f->db, err);
		if (rc == RC_OK)
			rc = db_checkpoint(f->db, 20000, err);
	}
	return rc == RC_OK ? db_checkpoint(f->db, DB_LOG_EMPTY, err) : rc;
}

/* ---- the files for load ---- */

static FILE *open_beside(const struct fill *f, const char *name)
{
	char path[4200];
	FILE *out;

	snprintf(path, sizeof(path), "%s/../%s", f->state, name);
	out = fopen(path, "w");
	if (out == NULL) {
		perror(path);
		exit(1);
	}
	return out;
}

static enum rc count_week(struct fill *f, const struct week *week, int64_t *out,
			  struct err *err)
{
	struct query q;

	query_begin(&q, f->db,
		    "SELECT count(*) FROM claim WHERE subject = $1"
		    " AND from_time >= $2 AND from_time < $3"
		    " AND role = 'expert'");
	query_int(&q, 1, f->ground.experts[week->expert].core.subject.id);
	query_int(&q, 2, week->span.from);
	query_int(&q, 3, week->span.to);
	*out = query_row(&q) ? query_col_int(&q, 0) : 0;
	return query_end(&q, err);
}

/* The weeks that came out whole, as the store has them. */
static enum rc write_paths(struct fill *f, size_t *out_n, struct err *err)
{
	FILE *out = open_beside(f, "week.paths");
	size_t tried = f->ground.nexperts * WEEKS;
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < tried; i++) {
		struct week week = week_of(f, i % f->ground.nexperts,
					   (int)(i / f->ground.nexperts));
		const struct core_subject *s =
			&f->ground.experts[week.expert].core.subject;
		char from[CIVIL_RFC3339_LEN + 1], to[CIVIL_RFC3339_LEN + 1];
		int64_t n = 0;

		if (s->site == f->week_lead)
			rc = count_week(f, &week, &n, err);
		if (n != WEEK)
			continue;
		civil_show_rfc3339(week.span.from, 0, from);
		civil_show_rfc3339(week.span.to, 0, to);
		fprintf(out, "/v1/experts/%s/schedule?from=%s&to=%s\n", s->slug,
			from, to);
		++*out_n;
	}
	fclose(out);
	return rc;
}

static FILE **open_bodies(const struct fill *f)
{
	FILE **v = mem_alloc(f->ground.nsites * sizeof(FILE *));
	char name[200];

	for (size_t i = 0; i < f->ground.nsites; i++) {
		if (f->ground.sites[i].lead.identity == 0)
			continue;
		snprintf(name, sizeof(name), "bodies/%s.bodies",
			 f->ground.sites[i].slug);
		v[i] = open_beside(f, name);
	}
	return v;
}

static void write_body(const struct fill *f, const struct deed *d, FILE *out)
{
	const struct core_agreement *a = &agreement_of(f, d)->core;
	char at[CIVIL_RFC3339_LEN + 1], id[16];

	local_id(d->patient, id);
	civil_show_rfc3339(d->from, 0, at);
	fprintf(out,
		"{\"kind\":\"clinic-slot\",\"site\":\"%s\",\"agreement\":"
		"\"%s\",\"expert\":\"%s\",\"at\":\"%s\",\"patient\":"
		"{\"local_id\":\"%s\",\"name\":\"王建国\"}}\n",
		f->ground.sites[a->partner].slug, a->slug,
		f->ground.experts[d->expert].core.subject.slug, at, id);
}

static int64_t write_bodies(struct fill *f, size_t at)
{
	FILE **files = open_bodies(f);
	FILE *own = open_beside(f, "free.bodies");
	struct deed d;
	int64_t n = 0;

	while (n < f->nbodies && next_spot(f, &at, &d)) {
		int64_t lead = f->ground.experts[d.expert].core.subject.site;

		if (d.from < f->now + FREE_AFTER ||
		    !plan(f, &d, KIND_CLINIC_SLOT))
			continue;
		write_body(f, &d, files[lead]);
		if (lead == f->week_lead)
			write_body(f, &d, own);
		n++;
	}
	for (size_t i = 0; i < f->ground.nsites; i++)
		if (files[i] != NULL)
			fclose(files[i]);
	fclose(own);
	mem_free(files);
	return n;
}

/* ---- the whole ---- */

/* From when the rules begin until there is room enough: a year ahead, and
 * years more where that many claims want them. */
static enum rc lay_ground(struct fill *f, struct err *err)
{
	double wanted = (double)f->nclaims / 3 / 0.6;
	int64_t past = f->now - 3 * YEAR;
	int64_t until = f->now + YEAR;
	enum rc rc = ground_read(&f->ground, &f->tx, &f->arena, err);

	if (rc == RC_OK)
		rc = ground_lay(&f->ground, (struct core_span){past, until},
				err);
	while (rc == RC_OK && (double)f->ground.nplaces < wanted &&
	       until < f->now + 9 * YEAR) {
		int64_t to = until + YEAR;

		until += YEAR;
		f->ground.nsessions = f->ground.nplaces = 0;
		rc = ground_lay(&f->ground, (struct core_span){past, to}, err);
	}
	if (rc != RC_OK)
		return rc;
	f->used = mem_alloc(f->ground.nagreements * MONTHS * sizeof(*f->used));
	f->full = mem_alloc((f->ground.nsessions + 1) * sizeof(*f->full));
	f->talks = mem_alloc(TALKS * sizeof(*f->talks));
	return RC_OK;
}

/* Whoever has the most experts here has the weeks. */
static enum rc choose_lead(struct fill *f, struct err *err)
{
	const struct ground *g = &f->ground;
	size_t *n = mem_alloc(g->nsites * sizeof(*n));

	for (size_t i = 0; i < g->nexperts; i++) {
		int64_t site = g->experts[i].core.subject.site;

		if (g->sites[site].lead.identity == 0)
			return err_set(err, RC_STATE,
				       "%s has no lead coordinator",
				       g->sites[site].slug);
		if (++n[site] > n[f->week_lead])
			f->week_lead = site;
	}
	mem_free(n);
	return RC_OK;
}

static enum rc prepare(struct fill *f, struct err *err)
{
	enum rc rc = lay_ground(f, err);

	if (rc == RC_OK)
		rc = choose_lead(f, err);
	if (rc == RC_OK)
		rc = db_begin(f->db, err);
	if (rc == RC_OK)
		rc = make_patients(f, err);
	return rc == RC_OK ? db_commit(f->db, err) : rc;
}

static enum rc run(struct fill *f, struct err *err)
{
	size_t at = 0, paths = 0;
	enum rc rc = prepare(f, err);

	if (rc == RC_OK)
		rc = fill_weeks(f, err);
	if (rc != RC_OK)
		return rc;
	shuffle_spots(f);
	rc = plan_stored(f, &at, err);
	if (rc != RC_OK)
		return rc;
	qsort(f->deeds, f->ndeeds, sizeof(*f->deeds), by_made);
	if (f->ndeeds > 0)
		f->tx.now = f->deeds[0].made;
	rc = store_all(f, err);
	f->tx.now = f->now;
	if (rc == RC_OK)
		rc = write_paths(f, &paths, err);
	if (rc == RC_OK)
		printf("{\"bookings\":%" PRId64 ",\"claims\":%" PRId64
		       ",\"left_out\":%" PRId64 ",\"places\":%zu,"
		       "\"paths\":%zu,\"bodies\":%" PRId64
		       ",\"lead\":\"%s\"}\n",
		       f->bookings, f->claims, f->refused, f->ground.nplaces,
		       paths, write_bodies(f, at),
		       f->ground.sites[f->week_lead].slug);
	return rc;
}

static enum rc begin(struct fill *f, char path[MATERIAL_PATH_MAX],
		     struct err *err)
{
	char key_path[MATERIAL_PATH_MAX];
	struct material_from from = {.conf = &f->conf};
	enum rc rc;

	conf_init(&f->conf);
	rc = conf_set(&f->conf, "daemon", "state", f->state, err);
	if (rc != RC_OK)
		return rc;
	material_path(&f->conf, MATERIAL_DATABASE, path);
	f->now = clock_now(clock_system());
	f->clock = (struct clock){clock_of, mono_of, f};
	f->rnd = (struct rnd){fill_random, &f->random};
	f->env = (struct store_env){
		.path = path, .clock = &f->clock, .rnd = &f->rnd};
	f->env.zones = tz_store_new(TZ_SYSTEM_DIR);
	arena_init(&f->arena, ARENA);
	rc = material_read_keys(&from, &f->env.keys, key_path, err);
	if (rc == RC_OK)
		rc = db_open(path, DB_WRITER, NULL, &f->db, err);
	/* nothing is lost with it that could not be made again */
	if (rc == RC_OK)
		rc = db_script(f->db,
			       "PRAGMA synchronous = OFF;"
			       "PRAGMA cache_size = -4000000",
			       err);
	f->tx = (struct tx){
		.db = f->db, .env = &f->env, .write = true, .now = f->now};
	return rc == RC_OK ? event_load_head(f->db, &f->tx.head, err) : rc;
}

static enum rc read_args(struct fill *f, int argc, char **argv, struct err *err)
{
	int64_t seed = 1;
	const struct {
		const char *name;
		int64_t *to;
	} numbers[] = {{"--claims", &f->nclaims},
		       {"--seed", &seed},
		       {"--bodies", &f->nbodies}};

	f->nclaims = 10000;
	f->nbodies = 300000;
	for (int i = 1; i < argc; i++) {
		size_t k = 0;

		while (k < 3 && strcmp(argv[i], numbers[k].name) != 0)
			k++;
		if (k == 3 && f->state == NULL && argv[i][0] != '-')
			f->state = argv[i];
		else if (k == 3 || ++i == argc ||
			 !text_int(argv[i], strlen(argv[i]), 0, 100000000,
				   numbers[k].to))
			return err_set(err, RC_INVALID,
				       "usage: fill STATE [--claims N]"
				       " [--seed S] [--bodies B]");
	}
	f->random = (uint64_t)seed;
	return f->state != NULL ? RC_OK
				: err_set(err, RC_INVALID,
					  "fill: which state directory?");
}

int main(int argc, char **argv)
{
	static struct fill fill;
	char path[MATERIAL_PATH_MAX];
	struct err err = ERR_INIT;
	struct lock *lock = NULL;
	enum rc rc = read_args(&fill, argc, argv, &err);

	crypt_init();
	db_init();
	if (rc == RC_OK)
		rc = begin(&fill, path, &err);
	if (rc == RC_OK)
		rc = lock_take(path, &lock, &err);
	if (rc == RC_OK)
		rc = run(&fill, &err);
	if (rc != RC_OK)
		fprintf(stderr, "fill: %s\n", err.text);
	db_close(fill.db);
	return rc == RC_OK ? 0 : 1;
}
