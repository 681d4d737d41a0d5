#include "daemon/core/explain.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/core/inquiry.h"

#define TABLE ((size_t)EXPLAIN_REASONS_MAX * 2)
#define DAY_GRANULES (86400 / CORE_GRANULE)

struct counter {
	const struct core_ask *ask;
	struct core_span window;
	const struct explain_mask *mask;
	struct inquiry_room room;
	struct explain_count *out;
	uint32_t *table; /* hash: index of a reason + 1; 0: none */
	int64_t *told;	 /* of each reason: until when its time is counted */
	uint64_t *seen;	 /* of each reason: the chance that named it last */
	int64_t *starts;
	size_t nstarts;
};

/* --- the starts --- */

static int by_time(const void *left, const void *right)
{
	int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

	return (a > b) - (a < b);
}

static size_t grid_size(struct core_span window)
{
	return (size_t)((window.to - window.from) / CORE_GRANULE + 1);
}

static void add_grid(struct counter *c)
{
	int64_t t = (c->window.from + CORE_GRANULE - 1) / CORE_GRANULE *
		    CORE_GRANULE;

	for (; t < c->window.to; t += CORE_GRANULE)
		c->starts[c->nstarts++] = t;
}

static bool has_sessions(const struct core_expert *e)
{
	for (size_t i = 0; i < e->subject.nrules; i++)
		if (e->subject.rules[i].slot_minutes > 0)
			return true;
	return false;
}

/* Where a place of the expert's sessions begins in the span. */
static void add_places(struct counter *c, const struct core_expert *e,
		       struct core_span span, size_t max)
{
	struct rule_set set = {e->subject.rules, e->subject.nrules, e->away,
			       e->naway};
	struct core_opens opens = {c->room.sessions, 0};

	rule_lay(&set, span, 0, &opens);
	rule_keep_kind(&opens, c->ask->kind, e->kinds);
	for (size_t i = 0; i < opens.n; i++) {
		const struct core_open *o = &opens.v[i];
		int64_t slot = (int64_t)o->rule->slot_minutes * 60;

		for (int64_t t = o->from;
		     slot > 0 && t < o->to && c->nstarts < max; t += slot)
			if (t >= span.from && t < span.to &&
			    inquiry_is_place(c->ask, o, t))
				c->starts[c->nstarts++] = t;
	}
}

static void add_sessions(struct counter *c, size_t max)
{
	struct core_span day;

	for (day.from = c->window.from; day.from < c->window.to;
	     day.from = day.to) {
		day.to = day.from + 86400;
		if (day.to > c->window.to)
			day.to = c->window.to;
		for (size_t i = 0; i < c->ask->nexperts; i++)
			if (has_sessions(&c->ask->experts[i]))
				add_places(c, &c->ask->experts[i], day, max);
	}
}

static void drop_doubles(struct counter *c)
{
	size_t kept = 0;

	if (c->nstarts > 1)
		qsort(c->starts, c->nstarts, sizeof(c->starts[0]), by_time);
	for (size_t i = 0; i < c->nstarts; i++)
		if (kept == 0 || c->starts[kept - 1] != c->starts[i])
			c->starts[kept++] = c->starts[i];
	c->nstarts = kept;
}

static bool shares_factor(size_t a, size_t b)
{
	while (b != 0) {
		size_t rest = a % b;

		a = b;
		b = rest;
	}
	return a != 1;
}

/* One out of so many keeps within the bound and meets all times of day. */
static size_t every(size_t starts, size_t experts, size_t asks)
{
	size_t most = asks / (experts > 0 ? experts : 1);
	size_t n = most > 0 ? (starts + most - 1) / most : starts;

	if (n <= 1)
		return 1;
	while (shares_factor(n, DAY_GRANULES))
		n++;
	return n;
}

static enum rc find_starts(struct counter *c, size_t asks, struct arena *arena)
{
	const struct core_ask *ask = c->ask;
	bool direct = kind_has_places(ask->kind);
	size_t grid = grid_size(c->window);
	size_t max = grid + (direct ? asks : 0);
	size_t kept = 0;

	c->starts = arena_array(arena, max, sizeof(c->starts[0]));
	if (c->starts == NULL)
		return RC_NOMEM;
	if (direct)
		add_sessions(c, asks);
	if (c->nstarts == 0 || !kind_row(ask->kind)->places)
		add_grid(c);
	drop_doubles(c);
	c->out->every = every(c->nstarts, ask->nexperts, asks);
	for (size_t i = 0; i < c->nstarts; i += c->out->every)
		c->starts[kept++] = c->starts[i];
	c->nstarts = c->out->starts = kept;
	return RC_OK;
}

/* --- the reasons --- */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static int64_t id_of(const struct core_subject *s)
{
	return s != NULL ? s->id : 0;
}

static bool is_same(const struct explain_reason *r,
		    const struct core_blocker *b)
{
	return r->reason == b->reason &&
	       id_of(r->subject) == id_of(b->subject) &&
	       (b->subject != NULL || r->role == b->role) &&
	       same_text(r->rule, b->rule);
}

static bool is_among(const struct core_expert *experts, size_t n, int64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (experts[i].subject.id == id)
			return true;
	return false;
}

/* Who could only be the first has part in their own chances; who could sit
 * beside others in all of them. */
static bool is_first_alone(const struct core_ask *ask,
			   const struct core_subject *s)
{
	for (size_t g = 0; g < ask->ngroups; g++)
		if (is_among(ask->groups[g].experts, ask->groups[g].nexperts,
			     id_of(s)))
			return false;
	return s != NULL && is_among(ask->experts, ask->nexperts, s->id);
}

static uint64_t hash_of(const struct core_blocker *b)
{
	uint64_t h = (uint64_t)id_of(b->subject) * 64 + (uint64_t)b->reason;

	for (const char *s = b->rule; s != NULL && *s != '\0'; s++)
		h = h * 31 + (unsigned char)*s;
	return h * UINT64_C(0x9e3779b97f4a7c15) >> 32;
}

/* The reason's place; EXPLAIN_REASONS_MAX: there is no room for more. */
static size_t reason_of(struct counter *c, const struct core_blocker *b)
{
	struct explain_count *out = c->out;
	size_t at = hash_of(b) % TABLE;

	for (; c->table[at] != 0; at = (at + 1) % TABLE)
		if (is_same(&out->reasons[c->table[at] - 1], b))
			return c->table[at] - 1;
	if (out->n == EXPLAIN_REASONS_MAX)
		return EXPLAIN_REASONS_MAX;
	out->reasons[out->n] = (struct explain_reason){
		.subject = b->subject,
		.role = b->role,
		.reason = b->reason,
		.rule = b->rule,
		.of = is_first_alone(c->ask, b->subject) ? c->nstarts
							 : out->chances,
	};
	c->told[out->n] = INT64_MIN;
	c->table[at] = (uint32_t)++out->n;
	return out->n - 1;
}

/* What of the span was not counted yet: spans of one reason come by the starts
 * that they are in the way of. */
static void count_time(struct counter *c, size_t i, struct core_span span)
{
	struct explain_reason *r = &c->out->reasons[i];
	int64_t from = span.from > c->window.from ? span.from : c->window.from;
	int64_t to = span.to < c->window.to ? span.to : c->window.to;

	if (r->span.from == r->span.to)
		r->span = span;
	if (span.from < r->span.from)
		r->span.from = span.from;
	if (span.to > r->span.to)
		r->span.to = span.to;
	if (from < c->told[i])
		from = c->told[i];
	if (to <= from)
		return;
	r->seconds += to - from;
	c->told[i] = to;
}

/* Counts one answer; chance: its number, from 1 on. */
static void count_answer(struct counter *c, const struct core_blockers *why,
			 uint64_t chance)
{
	struct explain_count *out = c->out;
	size_t met[CORE_BLOCKERS_MAX];
	bool lost = why->dropped > 0;
	size_t n = 0;

	for (size_t i = 0; i < why->n; i++) {
		const struct core_blocker *b = &why->v[i];
		size_t at = reason_of(c, b);

		lost = lost || at == EXPLAIN_REASONS_MAX;
		if (at == EXPLAIN_REASONS_MAX)
			continue;
		if (b->has_span)
			count_time(c, at, b->span);
		if (c->seen[at] != chance)
			met[n++] = at;
		c->seen[at] = chance;
	}
	out->by_one += n == 1 && !lost;
	out->by_several += n != 1 || lost;
	for (size_t i = 0; i < n; i++) {
		out->reasons[met[i]].alone += n == 1 && !lost;
		out->reasons[met[i]].with_others += n != 1 || lost;
	}
}

static void ask_all(struct counter *c)
{
	uint64_t chance = 0;

	for (size_t i = 0; i < c->nstarts; i++)
		for (size_t e = 0; e < c->ask->nexperts; e++) {
			struct core_blockers why;
			struct core_plan plan;

			why.n = why.dropped = 0;
			if (inquiry_answer(c->ask, e, c->starts[i], &c->room,
					   &plan, &why) == RC_OK) {
				c->out->free++;
				continue;
			}
			if (c->mask != NULL)
				c->mask->mask(c->mask->ctx, &why, e);
			count_answer(c, &why, ++chance);
		}
}

static int by_chances(const void *left, const void *right)
{
	const struct explain_reason *a = left, *b = right;
	size_t x = a->alone + a->with_others, y = b->alone + b->with_others;

	if (a->alone != b->alone)
		return a->alone > b->alone ? -1 : 1;
	if (x != y)
		return x > y ? -1 : 1;
	if (id_of(a->subject) != id_of(b->subject))
		return id_of(a->subject) < id_of(b->subject) ? -1 : 1;
	if (a->reason != b->reason)
		return a->reason < b->reason ? -1 : 1;
	return strcmp(a->rule != NULL ? a->rule : "",
		      b->rule != NULL ? b->rule : "");
}

static enum rc take_memory(struct counter *c, struct arena *arena)
{
	struct core_span span = {
		0, 86400 + CORE_MINUTES_MAX * 60 + inquiry_before(c->ask) +
			   inquiry_length(c->ask) + inquiry_after(c->ask)};

	c->table = arena_array(arena, TABLE, sizeof(c->table[0]));
	c->told = arena_array(arena, EXPLAIN_REASONS_MAX, sizeof(c->told[0]));
	c->seen = arena_array(arena, EXPLAIN_REASONS_MAX, sizeof(c->seen[0]));
	c->out->reasons = arena_array(arena, EXPLAIN_REASONS_MAX,
				      sizeof(c->out->reasons[0]));
	if (c->table == NULL || c->told == NULL || c->seen == NULL ||
	    c->out->reasons == NULL)
		return RC_NOMEM;
	return inquiry_room(c->ask, span.to, arena, &c->room);
}

enum rc explain_count(const struct core_ask *ask, struct core_span window,
		      size_t asks, const struct explain_mask *mask,
		      struct arena *arena, struct explain_count *out)
{
	struct counter c = {
		.ask = ask, .window = window, .mask = mask, .out = out};
	enum rc rc;

	*out = (struct explain_count){.every = 1};
	if (!inquiry_is_sane(ask))
		return RC_INVALID;
	if (c.window.from < ask->now)
		c.window.from = ask->now;
	if (c.window.to > c.window.from + CORE_WINDOW_MAX)
		c.window.to = c.window.from + CORE_WINDOW_MAX;
	if (c.window.to < c.window.from)
		c.window.to = c.window.from;
	rc = take_memory(&c, arena);
	if (rc == RC_OK)
		rc = find_starts(&c, asks, arena);
	if (rc != RC_OK)
		return rc;
	out->chances = c.nstarts * ask->nexperts;
	ask_all(&c);
	if (out->n > 1)
		qsort(out->reasons, out->n, sizeof(out->reasons[0]),
		      by_chances);
	return RC_OK;
}
