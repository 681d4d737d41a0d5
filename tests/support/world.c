#include "tests/support/world.h"

#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "daemon/core/local.h"
#include "daemon/core/rule.h"

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
static const int slots[] = {7, 10, 12, 15, 20, 25, 60};
#define NSLOTS (sizeof(slots) / sizeof(slots[0]))
static const int abouts[] = {0, 5, 15, 20, 37, 90};
#define NABOUTS (sizeof(abouts) / sizeof(abouts[0]))
static const int overruns[] = {-1, -1, 0, 5, 17, 45};
#define NOVERRUNS (sizeof(overruns) / sizeof(overruns[0]))

#define OTHER KIND_TEACHING_ROUND
#define ELSEWHERE 900 /* a place that the ask says nothing of */
#define NOWHERE 999
#define BOOKINGS 30

static const char *const heart[] = {"heart"};
static const char *const both[] = {"brain", "heart"};
static const char *const words[] = {"ct", "mri", "ultrasound"};
static const char *const tongues[] = {"en", "ru", "zh"};
/* The first four by rank; the last is of none. */
static const char *const titles[] = {"chief-physician",
				     "associate-chief-physician", "attending",
				     "resident", "professor"};

struct maker {
	struct world *w;
	struct fake_rnd *rnd;
	const struct tz *zones[NZONES];
	int64_t middle; /* the day about which everything happens */
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

static bool is_direct(const struct maker *m)
{
	return kind_row(m->kind)->how == KIND_DIRECT;
}

/* --- rules --- */

static const int64_t *some_dates(struct maker *m, size_t *out_n)
{
	int64_t at = below(m, 9);

	*out_n = rarely(m, 4) ? (size_t)(1 + below(m, 9 - at)) : 0;
	return &m->w->dates[at];
}

static void make_rule(struct maker *m, struct core_rule *r)
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
}

static int64_t some_place(struct maker *m)
{
	if (rarely(m, 16))
		return NOWHERE;
	return m->w->rooms[WORLD_OF_LEAD][below(m, WORLD_ROOMS)].id;
}

/* Where and for what an expert is there. */
static void make_roster(struct maker *m, struct core_rule *r)
{
	bool travels = kind_row(m->kind)->where != KIND_REMOTE;

	make_rule(m, r);
	if (!rarely(m, travels ? 10 : 2))
		r->place = some_place(m);
	r->seconded = rarely(m, 4);
	if (kind_row(m->kind)->named && !rarely(m, 8))
		r->kinds =
			KINDSET(m->kind) | (rarely(m, 3) ? KINDSET(OTHER) : 0);
}

static void make_session(struct maker *m, struct core_rule *r)
{
	make_roster(m, r);
	r->slot_minutes = slots[below(m, NSLOTS)];
	if (!rarely(m, 4))
		r->rrule = (struct rrule){.interval = 1, .until = INT64_MAX};
	r->end = r->start + (r->slot_minutes + some_minutes(m, 400)) * 60;
}

/* As the session before it, in another room, a while later or at once. */
static void make_second(struct maker *m, struct core_rule *r)
{
	int64_t later = rarely(m, 3) ? 0 : some_minutes(m, 120) * 60;

	*r = r[-1];
	r->start += later;
	r->end += later;
	r->slot_minutes = slots[below(m, NSLOTS)];
	r->place = some_place(m);
}

static bool wants_session(struct maker *m)
{
	if (kind_row(m->kind)->places)
		return !rarely(m, 8);
	return rarely(m, is_direct(m) ? 2 : 8);
}

static void make_rosters(struct maker *m, struct core_expert *e,
			 struct world_things *of)
{
	size_t n = (size_t)(2 + below(m, WORLD_RULES - 1));

	for (size_t i = 0; i < n; i++) {
		struct core_rule *r = &of->rules[i];

		if (i > 0 && r[-1].slot_minutes > 0 && rarely(m, 3))
			make_second(m, r);
		else if (wants_session(m))
			make_session(m, r);
		else
			make_roster(m, r);
	}
	e->subject.rules = of->rules;
	e->subject.nrules = n;
}

/* --- claims and leave --- */

static int by_from(const void *left, const void *right)
{
	const struct core_claim *a = left;
	const struct core_claim *b = right;

	return (a->from > b->from) - (a->from < b->from);
}

static void set_claims(struct core_subject *s, struct world_things *of,
		       size_t n)
{
	if (n > 1)
		qsort(of->claims, n, sizeof(of->claims[0]), by_from);
	s->claims = of->claims;
	s->nclaims = n;
}

static struct core_claim some_claim(struct maker *m, int64_t subject)
{
	struct core_claim c = {.subject = subject, .role = CLAIM_EXPERT};

	c.from = (m->middle - 3) * CIVIL_DAY + some_minutes(m, 12 * 1440) * 60;
	c.to = c.from + (1 + some_minutes(m, 300)) * 60;
	c.booking = 1 + below(m, BOOKINGS);
	if (rarely(m, 4))
		c.hold_until = m->w->ask.now - 300 + below(m, 600);
	return c;
}

static void make_claims(struct maker *m, struct core_subject *s,
			struct world_things *of, int64_t most)
{
	size_t n = (size_t)below(m, most + 1);

	for (size_t i = 0; i < n; i++) {
		of->claims[i] = some_claim(m, s->id);
		if (rarely(m, 4))
			of->claims[i].role = CLAIM_BUFFER;
		else if (s->type == SUBJECT_EXPERT && rarely(m, 4))
			of->claims[i].role = CLAIM_TRANSFER;
	}
	set_claims(s, of, n);
}

static void make_leaves(struct maker *m, struct core_subject *s,
			struct world_things *of)
{
	s->leaves = of->leaves;
	s->nleaves = rarely(m, 3) ? (size_t)(1 + below(m, WORLD_LEAVES)) : 0;
	for (size_t i = 0; i < s->nleaves; i++) {
		int64_t length = 1 + below(m, rarely(m, 3) ? 3000 : 240);

		of->leaves[i].from = (m->middle - 2) * CIVIL_DAY +
				     some_minutes(m, 6 * 1440) * 60;
		of->leaves[i].to = of->leaves[i].from + length * 60;
	}
}

/* --- rooms and people --- */

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

static int64_t site_in(struct maker *m, enum world_group group)
{
	if (group == WORLD_OF_POOL)
		return WORLD_PARTNER;
	if (group == WORLD_OF_LEAD && is_direct(m) && !rarely(m, 3))
		return rarely(m, 4) ? WORLD_THIRD : WORLD_PARTNER;
	return rarely(m, 5) ? WORLD_PARTNER : WORLD_LEAD;
}

static enum subject_type type_in(struct maker *m, enum world_group group)
{
	const struct kind_row *kind = kind_row(m->kind);
	size_t pool = (size_t)group - WORLD_OF_POOL;

	if (group != WORLD_OF_LEAD && group != WORLD_NAMED &&
	    pool < kind->npools)
		return kind->pools[pool].type;
	return rarely(m, 4) ? SUBJECT_CLINIC_ROOM : SUBJECT_STUDIO;
}

static void make_room(struct maker *m, enum world_group group, size_t i)
{
	struct core_subject *s = &m->w->rooms[group][i];
	struct world_things *of = &m->w->of_room[group][i];
	int64_t most;

	make_subject(m, s, type_in(m, group), site_in(m, group));
	if (rarely(m, s->type == SUBJECT_LINK ? 2 : 3))
		s->capacity = (int)(2 + below(m, 3));
	if (rarely(m, 20))
		s->capacity = 70;
	if (rarely(m, 6))
		s->nrules = (size_t)(1 + below(m, WORLD_RULES - 1));
	for (size_t r = 0; r < s->nrules; r++)
		make_rule(m, &of->rules[r]);
	s->rules = of->rules;
	most = (group == WORLD_OF_LEAD && is_direct(m) ? 2 : 5) * s->capacity;
	make_claims(m, s, of, most > WORLD_CLAIMS ? WORLD_CLAIMS : most);
	make_leaves(m, s, of);
}

static void make_rooms(struct maker *m)
{
	struct world *w = m->w;

	for (int g = 0; g < WORLD_GROUPS; g++)
		for (size_t i = 0; i < WORLD_ROOMS; i++)
			make_room(m, (enum world_group)g, i);
	w->shares_rooms = kind_row(m->kind)->npools > 0 && rarely(m, 8);
	if (w->shares_rooms)
		w->rooms[WORLD_OF_LEAD][below(m, WORLD_ROOMS)] =
			w->rooms[WORLD_OF_POOL][below(m, WORLD_ROOMS)];
}

/* What an expert has, or is asked for: some of the words. */
static size_t some_of(struct maker *m, const char *const *all,
		      const char *const **out)
{
	int64_t at = below(m, 3);

	*out = all + at;
	return (size_t)(1 + below(m, 3 - at));
}

static void make_talents(struct maker *m, struct core_expert *e)
{
	e->kinds = rarely(m, 20) ? KINDSET(OTHER)
				 : KINDSET(m->kind) | KINDSET(OTHER);
	e->specialties = rarely(m, 2) ? heart : both;
	e->nspecialties = e->specialties == heart ? 1 : 2;
	e->nmodalities = some_of(m, words, &e->modalities);
	e->nlanguages = some_of(m, tongues, &e->languages);
	e->title = rarely(m, 8) ? NULL : titles[below(m, 5)];
	e->independent_since = civil_days(2020, 2, 29);
	if (rarely(m, 4))
		e->independent_since = m->middle - 3 * 365 - below(m, 9);
	e->buffer_minutes = (int)(rarely(m, 2) ? 0 : below(m, 40));
	e->cap_per_day = (int)(rarely(m, 2) ? 0 : 1 + below(m, 5));
}

static void make_aways(struct maker *m, struct core_expert *e,
		       struct world_things *of)
{
	int64_t day = m->middle - 4 + below(m, 8);

	e->away = of->aways;
	e->naway = rarely(m, 2) ? (size_t)(1 + below(m, WORLD_AWAYS)) : 0;
	for (size_t i = 0; i < e->naway; i++) {
		struct core_away *away = &of->aways[i];

		away->zone = any_zone(m);
		away->site = rarely(m, 2) ? WORLD_PARTNER : WORLD_THIRD;
		away->first_day = day;
		away->last_day = day + below(m, 5);
		away->remote_requests = rarely(m, 2);
		day = away->last_day + 1 + below(m, 3);
	}
}

/* --- what an expert does already --- */

static bool overlaps(const struct core_claim *a, const struct core_claim *b)
{
	return a->from < b->to && b->from < a->to;
}

/* Puts the claim to the others unless one that stands is in its way, or a
 * margin for what is put behind it is used up. */
static bool put_claim(struct maker *m, struct world_things *of, size_t *n,
		      struct core_claim c)
{
	int64_t now = m->w->ask.now;
	bool lapsed = c.hold_until != 0 && c.hold_until <= now;

	if (*n == WORLD_CLAIMS)
		return false;
	for (size_t i = 0; i < *n && !lapsed; i++) {
		const struct core_claim *o = &of->claims[i];

		if (overlaps(o, &c) && o->role != CLAIM_TRANSFER &&
		    (o->hold_until == 0 || o->hold_until > now))
			return false;
	}
	of->claims[(*n)++] = c;
	return true;
}

static int64_t site_of(const struct maker *m, int64_t place)
{
	for (size_t i = 0; i < WORLD_ROOMS; i++)
		if (m->w->rooms[WORLD_OF_LEAD][i].id == place)
			return m->w->rooms[WORLD_OF_LEAD][i].site;
	return WORLD_THIRD;
}

static void put_booking(struct maker *m, const struct core_expert *e,
			struct world_things *of, size_t *n)
{
	struct core_claim c = some_claim(m, e->subject.id);

	if (!rarely(m, 3)) {
		c.place = rarely(m, 5) ? ELSEWHERE : some_place(m);
		c.place_site = site_of(m, c.place);
	}
	if (!put_claim(m, of, n, c))
		return;
	c.from = c.to;
	c.to += (1 + below(m, 40)) * 60;
	c.role = CLAIM_OVERRUN;
	if (rarely(m, 4) && put_claim(m, of, n, c))
		c.from = c.to;
	c.to = c.from +
	       (e->buffer_minutes + (rarely(m, 4) ? below(m, 20) : 0)) * 60;
	c.role = CLAIM_BUFFER;
	c.place = c.place_site = 0;
	if (c.to > c.from)
		(void)put_claim(m, of, n, c);
}

/* Places that are booked, most of them one after the other. */
static void put_places(struct maker *m, const struct core_expert *e,
		       struct world_things *of, size_t *n,
		       const struct core_open *open)
{
	int64_t slot = (int64_t)open->rule->slot_minutes * 60;
	int64_t all = (open->to - open->from) / slot;
	int64_t first = all > 0 ? below(m, all) : 0;

	for (int64_t k = first; k < all && k < first + 4; k++) {
		struct core_claim c = some_claim(m, e->subject.id);

		c.from = open->from + k * slot;
		c.to = c.from + slot;
		c.place = open->rule->place;
		c.place_site = site_of(m, c.place);
		c.session = open->from;
		if (!rarely(m, 3))
			(void)put_claim(m, of, n, c);
	}
}

static void put_sessions(struct maker *m, const struct core_expert *e,
			 struct world_things *of, size_t *n)
{
	struct core_span about = {(m->middle - 2) * CIVIL_DAY,
				  (m->middle + 4) * CIVIL_DAY};
	struct core_opens opens;
	struct arena arena;

	arena_init(&arena, 1u << 20);
	if (rule_expand(e->subject.rules, e->subject.nrules, e->away, e->naway,
			about, &arena, &opens) != RC_OK)
		abort();
	for (size_t i = 0; i < opens.n; i++)
		if (opens.v[i].rule->slot_minutes > 0 && !rarely(m, 3))
			put_places(m, e, of, n, &opens.v[i]);
	arena_fini(&arena);
}

static void make_diary(struct maker *m, struct core_expert *e,
		       struct world_things *of)
{
	size_t n = 0;
	int64_t bookings = below(m, 12);
	int64_t ways = below(m, 4);

	put_sessions(m, e, of, &n);
	while (bookings-- > 0)
		put_booking(m, e, of, &n);
	while (ways-- > 0 && n < WORLD_CLAIMS) {
		of->claims[n] = some_claim(m, e->subject.id);
		of->claims[n++].role = CLAIM_TRANSFER;
	}
	set_claims(&e->subject, of, n);
}

static void make_experts(struct maker *m)
{
	for (size_t i = 0; i < WORLD_EXPERTS; i++) {
		struct core_expert *e = &m->w->experts[i];
		struct world_things *of = &m->w->of_expert[i];

		make_subject(m, &e->subject, SUBJECT_EXPERT, WORLD_LEAD);
		make_talents(m, e);
		make_aways(m, e, of);
		make_rosters(m, e, of);
		make_leaves(m, &e->subject, of);
		make_diary(m, e, of);
	}
}

/* --- what is agreed --- */

static void make_agreement(struct maker *m)
{
	struct core_agreement *a = &m->w->agreement;

	a->slug = "agreement";
	a->lead = WORLD_LEAD;
	a->partner = WORLD_PARTNER;
	a->lead_zone = any_zone(m);
	a->first_day = rarely(m, 5) ? m->middle - 2 + below(m, 6) : INT64_MIN;
	a->last_day = rarely(m, 5) ? m->middle + below(m, 9) : CORE_NO_DAY;
	a->kinds = rarely(m, 30) ? KINDSET(OTHER) : KINDSET(m->kind);
	a->specialties = heart;
	a->nspecialties = rarely(m, 2);
	a->min_independent_years = rarely(m, 2) ? 3 : 0;
	a->overrun_minutes = overruns[below(m, NOVERRUNS)];
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

/* Sites, a site's own places, and pairs of rooms; each pair once. */
static void make_transfers(struct maker *m)
{
	static const int64_t pairs[][2] = {{WORLD_LEAD, WORLD_LEAD},
					   {WORLD_LEAD, WORLD_PARTNER},
					   {WORLD_THIRD, WORLD_LEAD},
					   {WORLD_PARTNER, WORLD_PARTNER}};
	struct world *w = m->w;
	size_t n = 0;

	for (size_t i = 0; i < 4; i++)
		if (rarely(m, 2))
			w->transfers[n++] = (struct core_transfer){
				.site_a = pairs[i][0], .site_b = pairs[i][1]};
	for (size_t i = 0; i < 2; i++) {
		const struct core_subject *room = &w->rooms[WORLD_OF_LEAD][i];
		const struct core_subject *next = room + 1;

		if (rarely(m, 2))
			w->transfers[n++] = (struct core_transfer){
				room->site, room->id, next->site, next->id, 0};
	}
	for (size_t i = 0; i < n; i++)
		w->transfers[i].seconds =
			60 * (rarely(m, 20) ? CORE_TRANSFER_MAX
					    : 1 + some_minutes(m, 120));
	w->ask.transfers = w->transfers;
	w->ask.ntransfers = rarely(m, 3) ? 0 : n;
}

/* --- the question --- */

static void make_named(struct maker *m)
{
	struct core_ask *ask = &m->w->ask;
	struct core_subject *named = m->w->rooms[WORLD_NAMED];

	ask->named = named;
	ask->nnamed = rarely(m, 3) ? (size_t)(1 + below(m, 2)) : 0;
	for (size_t i = 0; i < ask->nnamed; i++)
		if (rarely(m, 2))
			named[i] = m->w->rooms[below(m, WORLD_NAMED)]
					      [below(m, WORLD_ROOMS)];
}

static size_t some_rooms(struct maker *m)
{
	return rarely(m, 15) ? 0 : (size_t)(2 + below(m, WORLD_ROOMS - 1));
}

static void make_wishes(struct maker *m)
{
	struct core_ask *ask = &m->w->ask;

	ask->specialty = rarely(m, 3)	 ? NULL
			 : rarely(m, 12) ? "brain"
					 : "heart";
	if (rarely(m, 5))
		ask->title = titles[below(m, 5)];
	if (rarely(m, 6))
		ask->modality = words[below(m, 3)];
	if (rarely(m, 6))
		ask->nlanguages = some_of(m, tongues, &ask->languages);
}

static void make_ask(struct maker *m)
{
	struct world *w = m->w;
	struct core_ask *ask = &w->ask;

	ask->kind = m->kind;
	ask->minutes = lengths[below(m, NLENGTHS)];
	if (kind_row(m->kind)->operation) {
		ask->before = abouts[below(m, NABOUTS)];
		ask->after = abouts[below(m, NABOUTS)];
	}
	ask->agreement = &w->agreement;
	ask->experts = w->experts;
	ask->nexperts = (size_t)(1 + below(m, WORLD_EXPERTS));
	ask->lead_rooms = w->rooms[WORLD_OF_LEAD];
	ask->nlead_rooms =
		is_direct(m) && !rarely(m, 4) ? WORLD_ROOMS : some_rooms(m);
	for (size_t i = 0; i < kind_row(m->kind)->npools; i++) {
		ask->pools[i].rooms = w->rooms[WORLD_OF_POOL + i];
		ask->pools[i].n = some_rooms(m);
	}
	make_wishes(m);
	make_named(m);
	ask->patient = rarely(m, 2) ? &w->patient : NULL;
	ask->surgeon = rarely(m, 2) ? &w->surgeon : NULL;
	ask->ignore_booking = rarely(m, 2) ? 1 + below(m, BOOKINGS) : 0;
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

/* Starts of a kind with places are tried minute by minute: of fewer days. */
static void make_window(struct maker *m)
{
	struct world *w = m->w;
	int64_t days = rarely(m, 4) ? 20 : 5;

	w->window.from = (m->middle - 1) * CIVIL_DAY + below(m, 2 * CIVIL_DAY);
	if (is_direct(m))
		days = rarely(m, 8) ? 6 : 2;
	w->window.to = w->window.from + below(m, days * CIVIL_DAY);
	w->at = w->window.from - CIVIL_DAY +
		below(m, w->window.to - w->window.from + 2 * CIVIL_DAY);
	w->ask.now = w->window.from - CIVIL_DAY + below(m, 3 * CIVIL_DAY / 2);
}

void world_make(struct world *w, enum kind kind, struct fake_rnd *rnd,
		struct tz_store *zones)
{
	struct maker m = {.w = w, .rnd = rnd, .next_id = 10, .kind = kind};
	struct err err = ERR_INIT;

	memset(w, 0, sizeof(*w));
	for (size_t i = 0; i < NZONES; i++)
		if (tz_get(zones, zone_names[i], &m.zones[i], &err) != RC_OK)
			abort();
	m.middle = some_day(&m);
	make_window(&m);
	make_agreement(&m);
	make_calendar(&m);
	make_rooms(&m);
	make_transfers(&m);
	make_experts(&m);
	make_subject(&m, &w->patient, SUBJECT_PATIENT, WORLD_PARTNER);
	make_claims(&m, &w->patient, &w->of_patient, 6);
	make_subject(&m, &w->surgeon, SUBJECT_EXPERT, WORLD_PARTNER);
	make_claims(&m, &w->surgeon, &w->of_surgeon, 8);
	make_leaves(&m, &w->surgeon, &w->of_surgeon);
	make_months(&m);
	make_ask(&m);
}
