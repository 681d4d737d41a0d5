#include <stdlib.h>
#include <string.h>

#include "daemon/core/kind.h"
#include "daemon/core/nominate.h"

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
	struct core_span window; /* of starts; not before now */
	int64_t at;
	struct nominator by;
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

/* A place of a session may be nominated as a time on the grid as well. */
static bool is_kept(const struct search *s, const struct core_plan *plan)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->plans[i].span.from == plan->span.from &&
		    s->plans[i].expert == plan->expert)
			return true;
	return false;
}

static void keep(struct search *s, const struct core_plan *plan)
{
	size_t i = s->n;

	if (plan->session != 0 && is_kept(s, plan))
		return;

	while (i > 0 &&
	       nearer(s, plan->span.from, plan->expert, &s->plans[i - 1]))
		i--;
	if (s->n < s->max)
		s->n++;
	memmove(&s->plans[i + 1], &s->plans[i],
		(s->n - 1 - i) * sizeof(s->plans[0]));
	s->plans[i] = *plan;
}

/* --- asking --- */

static void ask_at(struct search *s, size_t expert, int64_t start)
{
	struct core_plan plan;

	if (inquiry_answer(s->ask, expert, start, &s->by.room, &plan, NULL) ==
	    RC_OK)
		keep(s, &plan);
}

/* False when nothing that comes after it can be worth asking. */
static bool ask_start(struct search *s, size_t expert, size_t bit)
{
	int64_t start = s->by.starts.base + (int64_t)bit * CORE_GRANULE;

	if (!worth_asking(s, start, expert))
		return false;
	ask_at(s, expert, start);
	return true;
}

/* Every place that begins in the span, of one session. */
static void ask_places(struct search *s, size_t expert, struct core_span span,
		       struct core_open open)
{
	int64_t slot = (int64_t)open.rule->slot_minutes * 60;
	int64_t first = open.from;

	if (first < span.from)
		first += (span.from - first + slot - 1) / slot * slot;
	for (int64_t at = first; at < span.to && at < open.to; at += slot)
		if (inquiry_is_place(s->ask, &open, at) &&
		    worth_asking(s, at, expert))
			ask_at(s, expert, at);
}

/* Sessions of places have a grid of their own: no plane nominates them. */
static void ask_sessions(struct search *s, size_t expert, struct core_span span)
{
	const struct core_expert *e = &s->ask->experts[expert];
	struct rule_set set = {e->subject.rules, e->subject.nrules, e->away,
			       e->naway};
	struct core_opens opens = {s->by.room.sessions, 0};

	rule_lay(&set, span, 0, &opens);
	rule_keep_kind(&opens, s->ask->kind, e->kinds);
	for (size_t i = 0; i < opens.n; i++)
		if (opens.v[i].rule->slot_minutes > 0)
			ask_places(s, expert, span, opens.v[i]);
}

static bool has_sessions(const struct core_expert *e)
{
	for (size_t i = 0; i < e->subject.nrules; i++)
		if (e->subject.rules[i].slot_minutes > 0)
			return true;
	return false;
}

static void ask_expert(struct search *s, size_t expert, size_t nbits,
		       bool backward)
{
	const struct plane *starts = &s->by.starts;
	size_t end = nbits < starts->nbits ? nbits : starts->nbits;
	size_t bit = backward ? plane_prev(starts, end) : plane_next(starts, 0);

	while (bit < end && ask_start(s, expert, bit))
		bit = backward ? plane_prev(starts, bit)
			       : plane_next(starts, bit + 1);
}

/* How long the planes of the next expert need to be: starts that are farther
 * than the last of the plans are not worth asking any more. (ask_rings() sees
 * to it that the last is no nearer than this half of the ring; and it is no
 * farther than the half's end.) */
static size_t worth_laying(const struct search *s, bool backward)
{
	struct core_span all = plane_span(&s->by.shared);
	int64_t end;

	if (backward || s->n < s->max)
		return s->by.shared.nbits;
	end = s->at + distance(s, s->plans[s->n - 1].span.from) + s->by.reach;
	return (size_t)((end - all.from) / CORE_GRANULE);
}

/* All starts of [from, to), which is at most RING_MOST long. */
static void ask_half(struct search *s, int64_t from, int64_t to, bool backward)
{
	bool places = kind_row(s->ask->kind)->places;
	bool direct = kind_row(s->ask->kind)->how == KIND_DIRECT;
	int64_t base, length; /* of those on the grid */

	if (from < s->window.from)
		from = s->window.from;
	if (to > s->window.to)
		to = s->window.to;
	if (from >= to)
		return;
	base = to_grid(from);
	length = to_grid(to) - base;
	if (!places)
		nominate_shared(
			&s->by, base,
			(size_t)((length + s->by.reach) / CORE_GRANULE));
	for (size_t i = 0; i < s->ask->nexperts; i++) {
		if (!inquiry_suits(s->ask, &s->ask->experts[i]))
			continue;
		if (direct && has_sessions(&s->ask->experts[i]))
			ask_sessions(s, i, (struct core_span){from, to});
		if (places)
			continue;
		plane_move(&s->by.starts, base, worth_laying(s, backward));
		nominate_expert(&s->by, &s->ask->experts[i]);
		ask_expert(s, i, (size_t)(length / CORE_GRANULE), backward);
	}
}

static void ask_rings(struct search *s)
{
	int64_t centre = s->at;
	int64_t ring = RING_FIRST;
	int64_t outside; /* how far from `at` the window is */

	if (centre < s->window.from)
		centre = s->window.from;
	if (centre > s->window.to)
		centre = s->window.to;
	outside = distance(s, centre);
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

static struct core_span starts_window(const struct core_ask *ask,
				      struct core_span window)
{
	if (window.to > window.from + CORE_WINDOW_MAX)
		window.to = window.from + CORE_WINDOW_MAX;
	if (window.from < ask->now)
		window.from = ask->now;
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
			   .plans = out_plans,
			   .max = n};
	int64_t starts;

	*out_n = 0;
	if (!inquiry_is_sane(ask))
		return RC_INVALID;
	if (n == 0 || s.window.from >= s.window.to || hopeless(ask))
		return RC_OK;
	starts = s.window.to - s.window.from;
	if (nominate_init(&s.by, ask, starts < RING_MOST ? starts : RING_MOST,
			  arena) != RC_OK)
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
