#include "tests/support/tangle.h"

#include <stddef.h>

#include "base/civil.h"

const char *const tangle_sites[TANGLE_SITES] = {"hub", "east", "west", "far"};

#define REMOTE KINDSET(KIND_REMOTE_CONSULTATION)
#define GUIDANCE KINDSET(KIND_SURGICAL_GUIDANCE)
#define CLINIC KINDSET(KIND_CLINIC_SLOT)
#define ONSITE KINDSET(KIND_ONSITE_PROCEDURE)
#define ALL (REMOTE | GUIDANCE | CLINIC | ONSITE)

#define WORKDAYS 0x1fu

static int64_t below(struct fake_rnd *rnd, int64_t bound)
{
	return (int64_t)fake_rnd_below(rnd, (uint64_t)bound);
}

static bool rarely(struct fake_rnd *rnd, int64_t n)
{
	return below(rnd, n) == 0;
}

#define ANY(rnd, v) ((v)[below(rnd, sizeof(v) / sizeof((v)[0]))])

/* --- as it is drawn --- */

static const struct tangle_subject subjects[TANGLE_SUBJECTS] = {
	[EASTERN] = {"eastern", SUBJECT_EXPERT, EAST, 1, 0, 0, REMOTE, false},
	[ONE] = {"one", SUBJECT_EXPERT, HUB, 1, 10, 0, ALL, true},
	[TWO] = {"two", SUBJECT_EXPERT, HUB, 1, 0, 0, ALL, false},
	[WESTERN] = {"western", SUBJECT_EXPERT, WEST, 1, 5, 0, REMOTE, false},
	[EAST_CLINIC] = {"east/clinic", SUBJECT_CLINIC_ROOM, EAST, 1},
	[EAST_DEVICE] = {"east/device", SUBJECT_DEVICE, EAST, 1},
	[EAST_OR] = {"east/or", SUBJECT_OPERATING_ROOM, EAST, 1},
	[EAST_STUDIO] = {"east/studio", SUBJECT_STUDIO, EAST, 1},
	[EAST_STUDIO_2] = {"east/studio-2", SUBJECT_STUDIO, EAST, 1},
	[HUB_CLINIC] = {"hub/clinic", SUBJECT_CLINIC_ROOM, HUB, 1},
	[HUB_LINK] = {"hub/link", SUBJECT_LINK, HUB, 2},
	[HUB_STUDIO] = {"hub/studio", SUBJECT_STUDIO, HUB, 1},
	[HUB_STUDIO_2] = {"hub/studio-2", SUBJECT_STUDIO, HUB, 3},
	[WEST_OR] = {"west/or", SUBJECT_OPERATING_ROOM, WEST, 1},
	[WEST_STUDIO] = {"west/studio", SUBJECT_STUDIO, WEST, 3},
};

#define HOURS(h) ((h)*60)

/* Zones come with the site. */
static const struct tangle_rule rules[TANGLE_RULES] = {
	{true, ONE, HUB_STUDIO, NULL, 0, HOURS(8), HOURS(10),
	 REMOTE | GUIDANCE},
	{true, ONE, HUB_CLINIC, NULL, 0, HOURS(13), HOURS(3), CLINIC, 20},
	{true, ONE, EAST_CLINIC, NULL, WORKDAYS, HOURS(6), HOURS(8), REMOTE},
	{true, ONE, EAST_CLINIC, NULL, 0, HOURS(16), HOURS(2), CLINIC, 30},
	{true, TWO, TANGLE_NONE, NULL, 0, HOURS(0), HOURS(24), 0},
	{true, TWO, HUB_STUDIO_2, NULL, WORKDAYS, HOURS(9), HOURS(8), REMOTE},
	{true, TWO, EAST_OR, NULL, 0, HOURS(10), HOURS(7), ONSITE},
	{true, TWO, EAST_CLINIC, NULL, 0, HOURS(9), HOURS(3), CLINIC | ONSITE,
	 35},
	{true, EASTERN, EAST_STUDIO, NULL, 0, HOURS(8), HOURS(8), 0},
	{true, EASTERN, EAST_STUDIO_2, NULL, 0, HOURS(12), HOURS(9), 0},
	{true, HUB_LINK, TANGLE_NONE, NULL, 0, HOURS(5), HOURS(17), 0},
	{true, EAST_OR, TANGLE_NONE, NULL, 0x3f, HOURS(7), HOURS(13), 0},
};

static const struct tangle_stay stays[TANGLE_STAYS] = {
	{true,
	 TWO,
	 EAST,
	 2,
	 3,
	 true,
	 {{true, TWO, EAST_OR, NULL, 0, HOURS(8), HOURS(8), ONSITE, 40},
	  {true, TWO, EAST_CLINIC, NULL, 0, HOURS(9), HOURS(2), CLINIC, 15}}},
	{true,
	 ONE,
	 WEST,
	 5,
	 5,
	 false,
	 {{true, ONE, WEST_OR, NULL, 0, HOURS(6), HOURS(12), ONSITE},
	  {true, ONE, WEST_STUDIO, NULL, 0, HOURS(8), HOURS(6),
	   REMOTE | GUIDANCE}}},
	{false,
	 TWO,
	 WEST,
	 7,
	 8,
	 true,
	 {{true, TWO, WEST_OR, NULL, 0, HOURS(7), HOURS(9), ONSITE, 60},
	  {false, TWO, WEST_STUDIO, NULL, 0, HOURS(7), HOURS(9), REMOTE}}},
};

static const struct tangle_way ways[TANGLE_WAYS] = {
	{false, HUB_STUDIO, HUB_CLINIC, 10},
	{true, HUB, HUB, 5},
	{true, HUB, EAST, 90},
	{false, EAST_STUDIO, EAST_STUDIO_2, 20},
	{false, EAST_CLINIC, EAST_OR, 15},
	{true, EAST, WEST, 200},
	{false, HUB_STUDIO, EAST_CLINIC, 60},
	{true, HUB, WEST, 0},
};

static const struct tangle_agreement agreements[TANGLE_AGREEMENTS] = {
	{.slug = "hub-east", .lead = HUB, .partner = EAST, .kinds = ALL},
	{.slug = "hub-west",
	 .lead = HUB,
	 .partner = WEST,
	 .kinds = ALL,
	 .heart = true},
	{.slug = "east-west", .lead = EAST, .partner = WEST, .kinds = REMOTE},
};

static const char *const zones[] = {
	"America/New_York", "America/St_Johns",	   "Australia/Lord_Howe",
	"Asia/Shanghai",    "Asia/Kathmandu",	   "America/Vancouver",
	"Europe/Lisbon",    "America/Los_Angeles", "UTC",
};

static void zone_rule(struct tangle *t, struct tangle_rule *r, int site)
{
	r->zone = t->zones[site];
}

static void make_rules(struct tangle *t)
{
	for (int i = 0; i < TANGLE_RULES; i++) {
		const struct tangle_rule *r = &rules[i];
		int whose = r->place == TANGLE_NONE ? r->of : r->place;

		t->rules[i] = *r;
		zone_rule(t, &t->rules[i], subjects[whose].site);
	}
	for (int i = 0; i < TANGLE_STAYS; i++) {
		t->stays[i] = stays[i];
		t->stays[i].first += t->day;
		t->stays[i].last += t->day;
		for (int k = 0; k < TANGLE_STAY_RULES; k++)
			zone_rule(t, &t->stays[i].rules[k], stays[i].site);
	}
}

/* Daylight changes of 2027: America on 14 March, Europe on 28 March, Lord Howe
 * on 4 April. */
static int64_t first_day(struct fake_rnd *rnd)
{
	const int64_t days[] = {civil_days(2027, 3, 11),
				civil_days(2027, 3, 25), civil_days(2027, 4, 1),
				civil_days(2027, 4, 28)};

	return ANY(rnd, days) + below(rnd, 2);
}

void tangle_make(struct tangle *t, struct fake_rnd *rnd)
{
	*t = (struct tangle){.day = first_day(rnd)};
	for (int i = 0; i < TANGLE_SITES; i++)
		t->zones[i] = ANY(rnd, zones);
	for (int i = 0; i < TANGLE_SUBJECTS; i++)
		t->subjects[i] = subjects[i];
	make_rules(t);
	for (int i = 0; i < TANGLE_WAYS; i++)
		t->ways[i] = ways[i];
	for (int i = 0; i < TANGLE_AGREEMENTS; i++) {
		struct tangle_agreement *a = &t->agreements[i];

		*a = agreements[i];
		a->first = t->day - 100;
		a->last = t->day + 100;
		a->overrun = -1;
		a->notice = i == 0 ? 600 : 0;
		for (int k = 0; k < KIND_COUNT; k++)
			a->quota[k] = -1;
		a->quota[KIND_CLINIC_SLOT] = 4 + (int)below(rnd, 12);
		a->quota[KIND_ONSITE_PROCEDURE] = 8;
	}
}

/* --- as it changes --- */

static struct tangle_rule *any_rule(struct tangle *t, struct fake_rnd *rnd)
{
	int64_t i = below(rnd, TANGLE_RULES + 2 * TANGLE_STAYS);

	if (i < TANGLE_RULES)
		return &t->rules[i];
	i -= TANGLE_RULES;
	return &t->stays[i / 2].rules[i % 2];
}

static void shake_hours(struct tangle *t, struct fake_rnd *rnd)
{
	struct tangle_rule *r = any_rule(t, rnd);

	r->start = (int)below(rnd, 24 * 12) * 5;
	r->minutes = 60 + (int)below(rnd, 16 * 12) * 5;
	if (rarely(rnd, 3)) {
		r->start = 0;
		r->minutes = 1440;
	}
	if (r->slot > r->minutes)
		r->slot = r->minutes;
}

static void shake_days(struct tangle *t, struct fake_rnd *rnd)
{
	struct tangle_rule *r = any_rule(t, rnd);
	static const unsigned days[] = {0, 0, WORKDAYS, 0x60, 0x2a, 0x7f};

	r->on = !rarely(rnd, 4);
	r->weekdays = ANY(rnd, days);
	r->exdate = rarely(rnd, 2) ? t->day + below(rnd, 8) : 0;
	r->rdate = rarely(rnd, 3) ? t->day + below(rnd, 8) : 0;
	r->on_holidays = rarely(rnd, 3);
}

static void shake_zone(struct tangle *t, struct fake_rnd *rnd)
{
	any_rule(t, rnd)->zone = ANY(rnd, zones);
}

static void shake_slot(struct tangle *t, struct fake_rnd *rnd)
{
	static const int slots[] = {7, 15, 20, 30, 45, 60};
	struct tangle_rule *r = any_rule(t, rnd);

	if (r->slot > 0 && r->minutes >= 60)
		r->slot = ANY(rnd, slots);
}

static void shake_kinds(struct tangle *t, struct fake_rnd *rnd)
{
	static const kindset session[] = {CLINIC, ONSITE, CLINIC | ONSITE};
	static const kindset remote[] = {0, REMOTE, GUIDANCE,
					 REMOTE | GUIDANCE};
	struct tangle_rule *r = any_rule(t, rnd);

	if (r->slot > 0)
		r->kinds = ANY(rnd, session);
	else if (r->kinds != ONSITE)
		r->kinds = ANY(rnd, remote);
}

static void shake_leave(struct tangle *t, struct fake_rnd *rnd)
{
	struct tangle_leave *l = &t->leaves[below(rnd, TANGLE_LEAVES)];

	l->on = !rarely(rnd, 3);
	l->of = (int)below(rnd, TANGLE_SUBJECTS);
	l->from = t->day * CIVIL_DAY + below(rnd, 8 * 1440) * 60;
	l->to = l->from + (1 + below(rnd, 1440)) * 60;
}

static bool stays_overlap(const struct tangle *t)
{
	for (int i = 0; i < TANGLE_STAYS; i++)
		for (int k = 0; k < i; k++) {
			const struct tangle_stay *a = &t->stays[i];
			const struct tangle_stay *b = &t->stays[k];

			if (a->on && b->on && a->expert == b->expert &&
			    a->first <= b->last && b->first <= a->last)
				return true;
		}
	return false;
}

static void shake_stay(struct tangle *t, struct fake_rnd *rnd)
{
	struct tangle_stay *s = &t->stays[below(rnd, TANGLE_STAYS)];

	s->on = !rarely(rnd, 3);
	s->first = t->day + below(rnd, 8);
	s->last = s->first + below(rnd, 3);
	s->remote = rarely(rnd, 2);
	if (stays_overlap(t))
		s->on = false;
}

static void shake_capacity(struct tangle *t, struct fake_rnd *rnd)
{
	t->subjects[TANGLE_EXPERTS +
		    below(rnd, TANGLE_SUBJECTS - TANGLE_EXPERTS)]
		.capacity = 1 + (int)below(rnd, 3);
}

static void shake_expert(struct tangle *t, struct fake_rnd *rnd)
{
	struct tangle_subject *e = &t->subjects[below(rnd, TANGLE_EXPERTS)];

	e->buffer = rarely(rnd, 3) ? 0 : (int)below(rnd, 31);
	e->cap = rarely(rnd, 2) ? 0 : 1 + (int)below(rnd, 6);
}

static struct tangle_agreement *any_agreement(struct tangle *t,
					      struct fake_rnd *rnd)
{
	return &t->agreements[below(rnd, TANGLE_AGREEMENTS)];
}

static void shake_validity(struct tangle *t, struct fake_rnd *rnd)
{
	struct tangle_agreement *a = any_agreement(t, rnd);

	a->first = t->day - 100;
	a->last = t->day + 100;
	if (rarely(rnd, 3))
		a->last = t->day + 1 + below(rnd, 9);
	else if (rarely(rnd, 3))
		a->first = t->day + below(rnd, 5);
}

static void shake_agreed(struct tangle *t, struct fake_rnd *rnd)
{
	struct tangle_agreement *a = any_agreement(t, rnd);

	a->kinds = ALL;
	if (rarely(rnd, 2))
		a->kinds &= ~(KINDSET(below(rnd, KIND_COUNT)) | CLINIC);
	a->heart = rarely(rnd, 3);
	a->overrun = rarely(rnd, 2) ? -1 : (int)below(rnd, 61);
	a->notice = (int)below(rnd, 3) * 400;
}

static void shake_quota(struct tangle *t, struct fake_rnd *rnd)
{
	static const enum kind kinds[] = {
		KIND_REMOTE_CONSULTATION, KIND_SURGICAL_GUIDANCE,
		KIND_CLINIC_SLOT, KIND_ONSITE_PROCEDURE};

	any_agreement(t, rnd)->quota[ANY(rnd, kinds)] =
		rarely(rnd, 2) ? -1 : (int)below(rnd, 15);
}

static void shake_way(struct tangle *t, struct fake_rnd *rnd)
{
	static const int minutes[] = {0, 0, 1, 5, 15, 30, 45, 90, 240, 1440};

	t->ways[below(rnd, TANGLE_WAYS)].minutes = ANY(rnd, minutes);
}

static void shake_no_ways(struct tangle *t, struct fake_rnd *rnd)
{
	for (int i = 0; i < TANGLE_WAYS; i++)
		t->ways[i].minutes = rarely(rnd, 2) ? 0 : ways[i].minutes;
	if (rarely(rnd, 2))
		for (int i = 0; i < TANGLE_WAYS; i++)
			t->ways[i].minutes = 0;
}

static void shake_calendar(struct tangle *t, struct fake_rnd *rnd)
{
	t->day_off = rarely(rnd, 2) ? 0 : t->day + below(rnd, 8);
	t->shifted = rarely(rnd, 2) ? 0 : t->day + below(rnd, 8);
	t->works_as = (int)below(rnd, 7);
}

static const struct {
	const char *what;
	void (*shake)(struct tangle *t, struct fake_rnd *rnd);
} shakes[] = {
	{"hours", shake_hours},	      {"days", shake_days},
	{"zone", shake_zone},	      {"slot", shake_slot},
	{"kinds", shake_kinds},	      {"leave", shake_leave},
	{"stay", shake_stay},	      {"capacity", shake_capacity},
	{"expert", shake_expert},     {"validity", shake_validity},
	{"agreed", shake_agreed},     {"quota", shake_quota},
	{"way", shake_way},	      {"way", shake_way},
	{"no ways", shake_no_ways},   {"calendar", shake_calendar},
	{"capacity", shake_capacity},
};

void tangle_shake(struct tangle *t, struct fake_rnd *rnd, struct buf *out_what)
{
	for (int64_t n = 1 + below(rnd, 3); n > 0; n--) {
		int64_t i = below(rnd, sizeof(shakes) / sizeof(shakes[0]));

		buf_printf(out_what, " %s", shakes[i].what);
		shakes[i].shake(t, rnd);
	}
}

/* --- as a file --- */

static void write_date(struct buf *out, int64_t day)
{
	char text[CIVIL_DATE_LEN + 1];

	civil_show_date(day, text);
	buf_printf(out, "\"%s\"", text);
}

static void write_wall(struct buf *out, int64_t wall)
{
	char text[17];

	civil_show_wall(wall, text);
	buf_printf(out, "\"%s\"", text);
}

/* A comma before all but the first of a list. */
static void next(struct buf *out)
{
	if (out->data[out->len - 1] != '[' && out->data[out->len - 1] != '{')
		buf_chr(out, ',');
}

static void write_kinds(struct buf *out, kindset kinds)
{
	buf_str(out, "[");
	for (int k = 0; k < KIND_COUNT; k++) {
		if ((kinds & KINDSET(k)) == 0)
			continue;
		next(out);
		buf_printf(out, "\"%s\"", words_name(&words_kind, k));
	}
	buf_str(out, "]");
}

static void write_sites(const struct tangle *t, struct buf *out)
{
	for (int i = 0; i < TANGLE_SITES; i++) {
		next(out);
		buf_printf(out,
			   "{\"id\":\"%s\",\"name\":\"%s\","
			   "\"time_zone\":\"%s\"%s}",
			   tangle_sites[i], tangle_sites[i], t->zones[i],
			   i <= EAST ? ",\"calendar\":\"c\"" : "");
	}
}

static void write_calendar(const struct tangle *t, struct buf *out)
{
	static const char *const weekdays[] = {"MO", "TU", "WE", "TH",
					       "FR", "SA", "SU"};

	buf_str(out, "\"c\":{\"days_off\":[");
	if (t->day_off)
		write_date(out, t->day_off);
	buf_str(out, "],\"shifted_workdays\":[");
	if (t->shifted) {
		buf_str(out, "{\"date\":");
		write_date(out, t->shifted);
		buf_printf(out, ",\"works_as\":\"%s\"}", weekdays[t->works_as]);
	}
	buf_str(out, "]}");
}

static void write_agreement(const struct tangle_agreement *a, struct buf *out)
{
	next(out);
	buf_printf(out, "{\"id\":\"%s\",\"lead\":\"%s\",\"partner\":\"%s\"",
		   a->slug, tangle_sites[a->lead], tangle_sites[a->partner]);
	buf_str(out, ",\"valid_from\":");
	write_date(out, a->first);
	buf_str(out, ",\"valid_to\":");
	write_date(out, a->last);
	buf_str(out, ",\"kinds\":");
	write_kinds(out, a->kinds);
	buf_str(out, ",\"quota_per_month\":{");
	for (int k = 0; k < KIND_COUNT; k++) {
		if (a->quota[k] < 0 || (a->kinds & KINDSET(k)) == 0)
			continue;
		next(out);
		buf_printf(out, "\"%s\":%d", words_name(&words_kind, k),
			   a->quota[k]);
	}
	buf_printf(out,
		   "},\"min_independent_years\":0,"
		   "\"cancel_notice_minutes\":%d",
		   a->notice);
	if (a->heart)
		buf_str(out, ",\"specialties\":[\"heart\"]");
	if (a->overrun >= 0)
		buf_printf(out, ",\"overrun_minutes\":%d", a->overrun);
	buf_str(out, "}");
}

static void write_agreements(const struct tangle *t, struct buf *out)
{
	for (int i = 0; i < TANGLE_AGREEMENTS; i++)
		write_agreement(&t->agreements[i], out);
}

static void write_resources(const struct tangle *t, struct buf *out)
{
	for (int i = TANGLE_EXPERTS; i < TANGLE_SUBJECTS; i++) {
		const struct tangle_subject *s = &t->subjects[i];

		next(out);
		buf_printf(out,
			   "{\"id\":\"%s\",\"name\":\"room\","
			   "\"type\":\"%s\",\"capacity\":%d}",
			   s->slug, words_name(&words_subject, (int)s->type),
			   s->capacity);
	}
}

static void write_experts(const struct tangle *t, struct buf *out)
{
	for (int i = 0; i < TANGLE_EXPERTS; i++) {
		const struct tangle_subject *e = &t->subjects[i];

		next(out);
		buf_printf(out,
			   "{\"id\":\"%s\",\"name\":\"Dr %s\",\"home\":\"%s\","
			   "\"specialties\":[\"heart\"%s],"
			   "\"buffer_minutes\":%d",
			   e->slug, e->slug, tangle_sites[e->site],
			   e->brain ? ",\"brain\"" : "", e->buffer);
		if (e->cap)
			buf_printf(out, ",\"cap_per_day\":%d", e->cap);
		buf_str(out, ",\"kinds\":");
		write_kinds(out, e->kinds);
		buf_str(out, "}");
	}
}

static void write_recurrence(const struct tangle_rule *r, struct buf *out)
{
	static const char *const weekdays[] = {"MO", "TU", "WE", "TH",
					       "FR", "SA", "SU"};
	const char *comma = "";

	buf_str(out, "\"rrule\":\"FREQ=");
	buf_str(out, r->weekdays ? "WEEKLY;BYDAY=" : "DAILY");
	for (int i = 0; i < 7; i++) {
		if ((r->weekdays & 1u << i) == 0)
			continue;
		buf_printf(out, "%s%s", comma, weekdays[i]);
		comma = ",";
	}
	buf_str(out, "\"");
}

static void write_rule(const struct tangle *t, const struct tangle_rule *r,
		       bool of, struct buf *out)
{
	int64_t wall = (t->day - 40) * CIVIL_DAY + (int64_t)r->start * 60;

	next(out);
	buf_str(out, "{");
	write_recurrence(r, out);
	buf_printf(out, ",\"time_zone\":\"%s\",\"start\":", r->zone);
	write_wall(out, wall);
	buf_str(out, ",\"end\":");
	write_wall(out, wall + (int64_t)r->minutes * 60);
	if (of)
		buf_printf(out, ",\"of\":\"%s\"", t->subjects[r->of].slug);
	if (r->place != TANGLE_NONE)
		buf_printf(out, ",\"at\":\"%s\"", t->subjects[r->place].slug);
	if (r->kinds) {
		buf_str(out, ",\"kinds\":");
		write_kinds(out, r->kinds);
	}
	if (r->slot)
		buf_printf(out, ",\"slot_minutes\":%d", r->slot);
	if (r->on_holidays)
		buf_str(out, ",\"on_holidays\":true");
	buf_str(out, ",\"exdates\":[");
	if (r->exdate)
		write_date(out, r->exdate);
	buf_str(out, "],\"rdates\":[");
	if (r->rdate)
		write_date(out, r->rdate);
	buf_str(out, "]}");
}

static void write_rules(const struct tangle *t, struct buf *out)
{
	for (int i = 0; i < TANGLE_RULES; i++)
		if (t->rules[i].on)
			write_rule(t, &t->rules[i], true, out);
}

static void write_stays(const struct tangle *t, struct buf *out)
{
	for (int i = 0; i < TANGLE_STAYS; i++) {
		const struct tangle_stay *s = &t->stays[i];

		if (!s->on)
			continue;
		next(out);
		buf_printf(out,
			   "{\"expert\":\"%s\",\"site\":\"%s\","
			   "\"remote_requests\":\"%s\",\"from\":",
			   t->subjects[s->expert].slug, tangle_sites[s->site],
			   s->remote ? "allow" : "refuse");
		write_date(out, s->first);
		buf_str(out, ",\"to\":");
		write_date(out, s->last);
		buf_str(out, ",\"availability\":[");
		for (int k = 0; k < TANGLE_STAY_RULES; k++)
			if (s->rules[k].on)
				write_rule(t, &s->rules[k], false, out);
		buf_str(out, "]}");
	}
}

static void write_leaves(const struct tangle *t, struct buf *out)
{
	for (int i = 0; i < TANGLE_LEAVES; i++) {
		const struct tangle_leave *l = &t->leaves[i];

		if (!l->on)
			continue;
		next(out);
		buf_printf(out, "{\"of\":\"%s\",\"start\":",
			   t->subjects[l->of].slug);
		write_wall(out, l->from);
		buf_str(out, ",\"end\":");
		write_wall(out, l->to);
		buf_str(out, "}");
	}
}

static void write_ways(const struct tangle *t, struct buf *out)
{
	for (int i = 0; i < TANGLE_WAYS; i++) {
		const struct tangle_way *w = &t->ways[i];

		if (!w->minutes)
			continue;
		next(out);
		buf_printf(out,
			   "{\"from\":\"%s\",\"to\":\"%s\",\"minutes\":%d}",
			   w->of_sites ? tangle_sites[w->a]
				       : t->subjects[w->a].slug,
			   w->of_sites ? tangle_sites[w->b]
				       : t->subjects[w->b].slug,
			   w->minutes);
	}
}

void tangle_write(const struct tangle *t, struct buf *out)
{
	static const struct {
		const char *name;
		void (*write)(const struct tangle *t, struct buf *out);
		char open, close;
	} parts[] = {
		{"sites", write_sites, '[', ']'},
		{"calendars", write_calendar, '{', '}'},
		{"agreements", write_agreements, '[', ']'},
		{"resources", write_resources, '[', ']'},
		{"experts", write_experts, '[', ']'},
		{"availability", write_rules, '[', ']'},
		{"secondments", write_stays, '[', ']'},
		{"leave", write_leaves, '[', ']'},
		{"transfers", write_ways, '[', ']'},
	};

	buf_str(out, "{\"version\":1");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		buf_printf(out, ",\"%s\":%c", parts[i].name, parts[i].open);
		parts[i].write(t, out);
		buf_chr(out, parts[i].close);
	}
	buf_str(out, "}");
}
