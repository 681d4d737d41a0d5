#include <stdlib.h>
#include <string.h>

#include "daemon/core/claims.h"
#include "daemon/core/decide.h"
#include "daemon/core/inquiry.h"
#include "daemon/core/kind.h"
#include "daemon/core/local.h"
#include "daemon/core/plane.h"

/*
 * The search goes outward from `at` in rings: some days after it, as many
 * before it, then twice as many beyond, until no later ring can hold anything
 * nearer than the plans that it has. In each ring planes nominate starts,
 * expert by expert, nearest first, and inquiry_answer() decides.
 */
#define RING_FIRST ((int64_t)86400)
#define RING_MOST ((int64_t)16 * 86400)

struct search {
	const struct core_ask *ask;
	struct core_span window; /* of starts; on the grid, not before now */
	int64_t at;
	int64_t length; /* of the session, seconds */
	struct inquiry_room room;

	int64_t reach; /* of the longest session with its buffer, and a granule:
			* how much longer than its starts a plane is */

	/* the planes of half a ring; the last three may be shorter */
	struct plane shared;  /* starts at which everybody but the expert and
			       * the lead's place may do */
	struct plane studios; /* ... at which some studio of the lead may */
	struct plane *places; /* ... at which lead_rooms[i] may */
	struct plane starts;  /* ... at which the expert may as well */
	struct plane work, work2;

	struct core_plan *plans; /* the nearest so far, nearest first */
	size_t n, max;
};

/* The first time on the grid at or after that one. */
static int64_t to_grid(int64_t seconds)
{
	int64_t rest = seconds % CORE_GRANULE;

	if (rest > 0)
		rest -= CORE_GRANULE;
	return seconds - rest;
}

static int64_t distance(const struct search *s, int64_t start)
{
	return start < s->at ? s->at - start : start - s->at;
}

/* Is a plan of that start and expert nearer than this one? */
static bool nearer(const struct search *s, int64_t start, size_t expert,
		   const struct core_plan *than)
{
	int64_t a = distance(s, start);
	int64_t b = distance(s, than->span.from);

	if (a != b)
		return a < b;
	if (start != than->span.from)
		return start < than->span.from;
	return expert < than->expert;
}

static bool worth_asking(const struct search *s, int64_t start, size_t expert)
{
	return s->n < s->max || nearer(s, start, expert, &s->plans[s->max - 1]);
}

static void keep(struct search *s, const struct core_plan *plan)
{
	size_t i = s->n;

	while (i > 0 &&
	       nearer(s, plan->span.from, plan->expert, &s->plans[i - 1]))
		i--;
	if (s->n < s->max)
		s->n++;
	memmove(&s->plans[i + 1], &s->plans[i],
		(s->n - 1 - i) * sizeof(s->plans[0]));
	s->plans[i] = *plan;
}

/* --- nominating --- */

static size_t touched(const struct search *s)
{
	return (size_t)((s->length + CORE_GRANULE - 1) / CORE_GRANULE);
}

static struct core_span plane_span(const struct plane *plane)
{
	return (struct core_span){plane->base,
				  plane->base +
					  (int64_t)plane->nbits * CORE_GRANULE};
}

/* Takes away the starts at which the subject is busy during `length`. */
static void without_busy(struct search *s, const struct core_subject *subject,
			 int64_t length, struct plane *starts)
{
	size_t filled = (size_t)(length / CORE_GRANULE);

	if (filled == 0)
		return;
	plane_move(&s->work, starts->base, starts->nbits);
	plane_busy(&s->work, subject, s->ask->now, s->ask->ignore_booking);
	plane_move(&s->work2, starts->base, starts->nbits);
	plane_fill(&s->work2, true);
	plane_and_not(&s->work2, &s->work);
	plane_runs(&s->work2, filled);
	plane_and(starts, &s->work2);
}

/* Takes away the starts at which the resource cannot do. */
static void without_shut(struct search *s, const struct core_subject *subject,
			 struct plane *starts)
{
	struct rule_set set = {subject->rules, subject->nrules, NULL, 0};
	struct core_opens opens = {s->room.resource, 0};

	without_busy(s, subject, s->length, starts);
	if (subject->nrules == 0)
		return;
	rule_lay(&set, plane_span(starts), 0, &opens);
	rule_keep_kind(&opens, s->ask->kind, 0);
	plane_move(&s->work, starts->base, starts->nbits);
	for (size_t i = 0; i < opens.n; i++)
		plane_touch(&s->work,
			    (struct core_span){opens.v[i].from, opens.v[i].to});
	plane_runs(&s->work, touched(s));
	plane_and(starts, &s->work);
}

/* Leaves the starts that the agreement's validity and quota allow. */
static void within_agreement(struct search *s, struct plane *starts)
{
	const struct core_agreement *a = s->ask->agreement;
	int64_t quota = a->quota[s->ask->kind];

	plane_move(&s->work, starts->base, starts->nbits);
	plane_begin(&s->work,
		    local_days(a->lead_zone, a->first_day, a->last_day));
	plane_and(starts, &s->work);
	plane_move(&s->work, starts->base, starts->nbits);
	for (size_t i = 0; i < s->ask->nmonths; i++)
		if (quota >= 0 && s->ask->months[i].used >= quota)
			plane_begin(&s->work, s->ask->months[i].span);
	plane_and_not(starts, &s->work);
}

static void with_partner(struct search *s)
{
	const struct core_ask *ask = s->ask;

	if ((kind_row(ask->kind)->parts & KIND_PART_PARTNER_STUDIO) == 0)
		return;
	/* starts and studios serve as memory here, before their time */
	plane_move(&s->studios, s->shared.base, s->shared.nbits);
	for (size_t i = 0; i < ask->npartner_rooms; i++) {
		plane_move(&s->starts, s->shared.base, s->shared.nbits);
		plane_copy(&s->starts, &s->shared);
		without_shut(s, &ask->partner_rooms[i], &s->starts);
		plane_or(&s->studios, &s->starts);
	}
	plane_copy(&s->shared, &s->studios);
}

/* The planes that do not depend on the expert. */
static void share(struct search *s, int64_t base, size_t nbits)
{
	const struct core_ask *ask = s->ask;

	plane_move(&s->shared, base, nbits);
	plane_fill(&s->shared, true);
	within_agreement(s, &s->shared);
	if (inquiry_patient(ask) != NULL)
		without_busy(s, ask->patient, s->length, &s->shared);
	for (size_t i = 0; i < ask->nnamed; i++)
		without_shut(s, &ask->named[i], &s->shared);
	with_partner(s);
	plane_move(&s->studios, base, nbits);
	for (size_t i = 0; i < ask->nlead_rooms; i++) {
		plane_move(&s->places[i], base, nbits);
		plane_copy(&s->places[i], &s->shared);
		without_shut(s, &ask->lead_rooms[i], &s->places[i]);
		if (inquiry_is_lead_studio(ask, &ask->lead_rooms[i]))
			plane_or(&s->studios, &s->places[i]);
	}
	if ((kind_row(ask->kind)->parts & KIND_PART_LEAD_STUDIO) == 0)
		plane_copy(&s->studios, &s->shared);
}

static const struct plane *place_plane(const struct search *s, int64_t place)
{
	if (place == 0)
		return &s->studios;
	for (size_t i = 0; i < s->ask->nlead_rooms; i++)
		if (s->ask->lead_rooms[i].id == place)
			return &s->places[i];
	return NULL;
}

/* The starts at which the expert is open at a place that may do. */
static void at_places(struct search *s, const struct core_expert *e)
{
	struct rule_set set = {e->subject.rules, e->subject.nrules, e->away,
			       e->naway};
	struct core_opens opens = {s->room.expert, 0};
	struct core_span span = plane_span(&s->starts);
	const struct core_open *first;
	size_t at = 0;

	rule_lay(&set, span, 0, &opens);
	rule_keep_kind(&opens, s->ask->kind, e->kinds);
	while ((first = rule_next_place(&opens, span, &at)) != NULL) {
		const struct plane *place = place_plane(s, first->rule->place);

		if (place == NULL)
			continue;
		plane_move(&s->work, s->starts.base, s->starts.nbits);
		for (size_t i = 0; i < opens.n; i++)
			if (opens.v[i].rule->place == first->rule->place)
				plane_touch(&s->work,
					    (struct core_span){opens.v[i].from,
							       opens.v[i].to});
		plane_runs(&s->work, touched(s));
		plane_and(&s->work, place);
		plane_or(&s->starts, &s->work);
	}
}

/* Marks the days of the plane on which the expert has enough. */
static void mark_full_days(struct search *s, const struct core_expert *e)
{
	struct core_span span = plane_span(&s->starts);
	const struct tz *zone = e->subject.zone;
	int64_t last = local_day(zone, span.to);
	struct claims_view view = {&e->subject, s->ask->now,
				   s->ask->ignore_booking};

	if (e->cap_per_day == 0 || e->subject.nclaims < (size_t)e->cap_per_day)
		return;
	for (int64_t d = local_day(zone, span.from); d <= last; d++) {
		struct core_span day = local_days(zone, d, d);

		if (claims_started(&view, CLAIM_EXPERT, day) >=
		    (size_t)e->cap_per_day)
			plane_begin(&s->work, day);
	}
}

/* Takes away the starts that a rule about the expert forbids. */
static void without_forbidden(struct search *s, const struct core_expert *e)
{
	int64_t seasoned = inquiry_seasoned(s->ask, e);
	struct core_span green = {
		INT64_MIN,
		local_days(s->ask->agreement->lead_zone, seasoned, seasoned)
			.from};

	plane_move(&s->work, s->starts.base, s->starts.nbits);
	plane_begin(&s->work, green);
	mark_full_days(s, e);
	for (size_t i = 0; i < e->naway; i++) {
		struct core_span away =
			local_days(e->away[i].zone, e->away[i].first_day,
				   e->away[i].last_day);

		if (!inquiry_away(s->ask, &e->away[i]))
			continue;
		if (away.from > s->starts.base)
			away.from -= s->length - 1; /* sessions run into it */
		plane_begin(&s->work, away);
	}
	plane_and_not(&s->starts, &s->work);
}

static void nominate(struct search *s, const struct core_expert *e)
{
	int64_t busy = 0;

	at_places(s, e);
	if ((kind_row(s->ask->kind)->parts & KIND_PART_EXPERT) != 0)
		busy = s->length + (int64_t)e->buffer_minutes * 60;
	without_busy(s, &e->subject, busy, &s->starts);
	without_forbidden(s, e);
}

/* --- asking --- */

/* False when nothing that comes after it can be worth asking. */
static bool ask_start(struct search *s, size_t expert, size_t bit)
{
	int64_t start = s->starts.base + (int64_t)bit * CORE_GRANULE;
	struct core_plan plan;

	if (!worth_asking(s, start, expert))
		return false;
	if (inquiry_answer(s->ask, expert, start, &s->room, &plan, NULL) ==
	    RC_OK)
		keep(s, &plan);
	return true;
}

static void ask_expert(struct search *s, size_t expert, size_t nbits,
		       bool backward)
{
	const struct plane *starts = &s->starts;
	size_t end = nbits < starts->nbits ? nbits : starts->nbits;
	size_t bit = backward ? plane_prev(starts, end) : plane_next(starts, 0);

	while (bit < end && ask_start(s, expert, bit))
		bit = backward ? plane_prev(starts, bit)
			       : plane_next(starts, bit + 1);
}

/* How long the planes of the next expert need to be: starts that are farther
 * than the last of the plans are not worth asking any more. (ask_rings() sees
 * to it that the last is no nearer than this half of the ring.) */
static size_t worth_laying(const struct search *s, bool backward)
{
	struct core_span all = plane_span(&s->shared);
	int64_t end;

	if (backward || s->n < s->max)
		return s->shared.nbits;
	end = s->at + distance(s, s->plans[s->n - 1].span.from) + s->reach;
	if (end > all.to)
		end = all.to;
	return (size_t)((end - all.from) / CORE_GRANULE);
}

/* All starts of [from, to), which is on the grid and at most RING_MOST long. */
static void ask_half(struct search *s, int64_t from, int64_t to, bool backward)
{
	if (from < s->window.from)
		from = s->window.from;
	if (to > s->window.to)
		to = s->window.to;
	if (from >= to)
		return;
	share(s, from, (size_t)((to - from + s->reach) / CORE_GRANULE));
	for (size_t i = 0; i < s->ask->nexperts; i++) {
		if (!inquiry_suits(s->ask, &s->ask->experts[i]))
			continue;
		plane_move(&s->starts, from, worth_laying(s, backward));
		nominate(s, &s->ask->experts[i]);
		ask_expert(s, i, (size_t)((to - from) / CORE_GRANULE),
			   backward);
	}
}

static void ask_rings(struct search *s)
{
	int64_t centre = to_grid(s->at);
	int64_t ring = RING_FIRST;
	int64_t outside; /* how far from `at` the window is */

	if (centre < s->window.from)
		centre = s->window.from;
	if (centre > s->window.to)
		centre = s->window.to;
	outside = centre == to_grid(s->at) ? 0 : distance(s, centre);
	for (int64_t r = 0;
	     centre + r < s->window.to || centre - r > s->window.from;
	     r += ring, ring = ring < RING_MOST ? 2 * ring : ring) {
		if (s->n == s->max &&
		    distance(s, s->plans[s->n - 1].span.from) < r + outside)
			return;
		ask_half(s, centre + r, centre + r + ring, false);
		ask_half(s, centre - r - ring, centre - r, true);
	}
}

/* --- the doors --- */

/* Can no time do, whatever the calendars say? */
static bool hopeless(const struct core_ask *ask)
{
	const struct core_agreement *a = ask->agreement;
	enum block blocks[4];

	return a->quota[ask->kind] == 0 ||
	       core_agreement_blocks(a, ask->kind, ask->specialty, a->first_day,
				     blocks) > 0;
}

static int64_t most_buffer(const struct core_ask *ask)
{
	int64_t most = 0;

	for (size_t i = 0; i < ask->nexperts; i++)
		if (ask->experts[i].buffer_minutes > most)
			most = ask->experts[i].buffer_minutes;
	return most * 60;
}

/* Memory for planes no longer than the window needs. */
static enum rc search_init(struct search *s, struct arena *arena)
{
	int64_t starts = s->window.to - s->window.from;
	struct core_span span = {0, starts < RING_MOST ? starts : RING_MOST};
	struct plane *const planes[] = {&s->shared, &s->studios, &s->starts,
					&s->work, &s->work2};
	enum rc rc;

	s->reach = to_grid(s->length + most_buffer(s->ask)) + CORE_GRANULE;
	span.to += s->reach;
	rc = inquiry_room(s->ask, span.to, arena, &s->room);
	for (size_t i = 0; i < 5 && rc == RC_OK; i++)
		rc = plane_init(planes[i], span, arena);
	s->places =
		arena_array(arena, s->ask->nlead_rooms, sizeof(s->places[0]));
	if (s->places == NULL)
		rc = RC_NOMEM;
	for (size_t i = 0; i < s->ask->nlead_rooms && rc == RC_OK; i++)
		rc = plane_init(&s->places[i], span, arena);
	return rc;
}

static struct core_span starts_window(const struct core_ask *ask,
				      struct core_span window)
{
	if (window.to > window.from + CORE_WINDOW_MAX)
		window.to = window.from + CORE_WINDOW_MAX;
	if (window.from < ask->now)
		window.from = ask->now;
	window.from = to_grid(window.from);
	window.to = to_grid(window.to);
	return window;
}

static int by_start(const void *left, const void *right)
{
	const struct core_plan *a = left;
	const struct core_plan *b = right;

	if (a->span.from != b->span.from)
		return a->span.from < b->span.from ? -1 : 1;
	return (a->expert > b->expert) - (a->expert < b->expert);
}

enum rc core_nearest(const struct core_ask *ask, struct core_span window,
		     int64_t at, size_t n, struct arena *arena,
		     struct core_plan *out_plans, size_t *out_n)
{
	struct search s = {.ask = ask,
			   .window = starts_window(ask, window),
			   .at = at,
			   .length = ask->minutes * 60,
			   .plans = out_plans,
			   .max = n};

	*out_n = 0;
	if (!inquiry_is_sane(ask))
		return RC_INVALID;
	if (n == 0 || s.window.from >= s.window.to || hopeless(ask))
		return RC_OK;
	if (search_init(&s, arena) != RC_OK)
		return RC_NOMEM;
	ask_rings(&s);
	if (s.n > 1)
		qsort(s.plans, s.n, sizeof(s.plans[0]), by_start);
	*out_n = s.n;
	return RC_OK;
}

enum rc core_search(const struct core_ask *ask, struct core_span window,
		    size_t n, struct arena *arena, struct core_plan *out_plans,
		    size_t *out_n)
{
	int64_t first = starts_window(ask, window).from;

	return core_nearest(ask, window, first, n, arena, out_plans, out_n);
}
