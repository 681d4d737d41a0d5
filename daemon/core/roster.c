#include "daemon/core/roster.h"

#include <stdlib.h>

#define DAY ((int64_t)86400)

/* The roster while it is being laid out. */
struct lay {
	const struct roster *r;
	struct core_span window;
	struct core_opens *duties; /* of each of nown */
	int64_t *cuts;		   /* where somebody else may begin */
	size_t ncuts, cap;
};

/* --- turns --- */

static int64_t turn_begins(const struct roster *r, int64_t turn)
{
	return tz_to_utc(r->zone, r->start + turn * r->days * DAY);
}

/* The number of the turn that the instant lies in. */
static int64_t turn_at(const struct roster *r, int64_t at)
{
	int64_t length = r->days * DAY;
	int64_t wall = tz_to_wall(r->zone, at) - r->start;
	int64_t turn = wall / length - (wall % length < 0);

	while (turn_begins(r, turn) > at)
		turn--;
	while (turn_begins(r, turn + 1) <= at)
		turn++;
	return turn;
}

static bool has_begun(const struct roster *r, int64_t at)
{
	return r->start == INT64_MIN || tz_to_utc(r->zone, r->start) <= at;
}

static bool has_ended(const struct roster *r, int64_t at)
{
	return r->until != INT64_MAX && tz_to_utc(r->zone, r->until) <= at;
}

/* --- who --- */

static bool covers(const struct core_span *spans, size_t n, int64_t at)
{
	for (size_t i = 0; i < n; i++) {
		if (spans[i].from <= at && at < spans[i].to)
			return true;
	}
	return false;
}

static bool is_absent(const struct roster_person *p, int64_t at)
{
	return covers(p->absent, p->nabsent, at);
}

static bool has_duty(const struct lay *l, size_t person, int64_t at)
{
	const struct core_opens *o = &l->duties[person];

	for (size_t i = 0; i < o->n; i++) {
		if (o->v[i].from <= at && at < o->v[i].to)
			return true;
	}
	return false;
}

static const struct roster_person *swapped(const struct roster *r, size_t who,
					   int64_t at)
{
	for (size_t i = 0; i < r->nswaps; i++) {
		const struct roster_swap *s = &r->swaps[i];

		if (r->people[s->from].expert == r->people[who].expert &&
		    covers(&s->span, 1, at))
			who = s->to;
	}
	return &r->people[who];
}

/* One whose time it is, if they or who took over are there. */
static bool take(const struct roster *r, size_t whose, int64_t at,
		 struct roster_turn *turn)
{
	const struct roster_person *who = swapped(r, whose, at);
	const struct roster_person *had = &r->people[whose];

	if (is_absent(who, at)) {
		if (!turn->instead)
			turn->instead = who;
		return false;
	}
	turn->who = who;
	turn->instead = who->expert == had->expert ? NULL : had;
	return true;
}

static void find_who(const struct lay *l, int64_t at, struct roster_turn *turn)
{
	const struct roster *r = l->r;

	turn->who = turn->instead = NULL;
	if (r->nown == 0 || !has_begun(r, at) || has_ended(r, at))
		return;
	if (r->days) {
		(void)take(r, (size_t)(turn_at(r, at) % (int64_t)r->nown), at,
			   turn);
		return;
	}
	for (size_t i = 0; i < r->nown; i++) {
		if (has_duty(l, i, at) && take(r, i, at, turn))
			return;
	}
}

/* --- where it may change --- */

static void cut(struct lay *l, int64_t at)
{
	if (at > l->window.from && at < l->window.to && l->ncuts < l->cap)
		l->cuts[l->ncuts++] = at;
}

static void cut_spans(struct lay *l, const struct core_span *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		cut(l, v[i].from);
		cut(l, v[i].to);
	}
}

static void cut_turns(struct lay *l)
{
	const struct roster *r = l->r;
	int64_t turn = turn_at(r, l->window.from);

	for (int64_t at = turn_begins(r, turn); at < l->window.to;
	     at = turn_begins(r, ++turn))
		cut(l, at);
}

static void cut_all(struct lay *l)
{
	const struct roster *r = l->r;

	if (r->start != INT64_MIN)
		cut(l, tz_to_utc(r->zone, r->start));
	if (r->until != INT64_MAX)
		cut(l, tz_to_utc(r->zone, r->until));
	if (r->days)
		cut_turns(l);
	for (size_t i = 0; i < r->npeople; i++)
		cut_spans(l, r->people[i].absent, r->people[i].nabsent);
	for (size_t i = 0; i < r->nswaps; i++)
		cut_spans(l, &r->swaps[i].span, 1);
	for (size_t i = 0; !r->days && i < r->nown; i++) {
		for (size_t k = 0; k < l->duties[i].n; k++) {
			cut(l, l->duties[i].v[k].from);
			cut(l, l->duties[i].v[k].to);
		}
	}
}

static size_t count_cuts(const struct lay *l)
{
	const struct roster *r = l->r;
	size_t n = 4 + 2 * r->nswaps;

	for (size_t i = 0; i < r->npeople; i++)
		n += 2 * r->people[i].nabsent;
	for (size_t i = 0; !r->days && i < r->nown; i++)
		n += 2 * l->duties[i].n;
	if (r->days)
		n += (size_t)((l->window.to - l->window.from) /
			      (r->days * DAY)) +
		     3;
	return n;
}

static int by_time(const void *left, const void *right)
{
	int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

	return (a > b) - (a < b);
}

/* --- the whole --- */

static enum rc lay_duties(struct lay *l, struct arena *arena)
{
	const struct roster *r = l->r;
	enum rc rc = RC_OK;

	l->duties = arena_array(arena, r->nown + 1, sizeof(*l->duties));
	if (!l->duties)
		return RC_NOMEM;
	for (size_t i = 0; rc == RC_OK && !r->days && i < r->nown; i++)
		rc = rule_expand(&r->people[i].duty, 1, NULL, 0, l->window,
				 arena, &l->duties[i]);
	return rc;
}

static void add_turn(struct lay *l, struct core_span span,
		     struct roster_turn *v, size_t *n)
{
	struct roster_turn turn = {.span = span};

	if (span.from >= span.to)
		return;
	find_who(l, span.from, &turn);
	if (*n && v[*n - 1].who == turn.who &&
	    v[*n - 1].instead == turn.instead)
		v[*n - 1].span.to = span.to;
	else
		v[(*n)++] = turn;
}

enum rc roster_lay(const struct roster *roster, struct core_span window,
		   struct arena *arena, struct roster_turn **out, size_t *out_n)
{
	struct lay l = {.r = roster, .window = window};
	struct roster_turn *v;

	if (l.window.to - l.window.from > CORE_WINDOW_MAX)
		l.window.to = l.window.from + CORE_WINDOW_MAX;
	enum rc rc = lay_duties(&l, arena);

	if (rc != RC_OK)
		return rc;
	l.cap = count_cuts(&l);
	l.cuts = arena_array(arena, l.cap, sizeof(*l.cuts));
	v = arena_array(arena, l.cap + 1, sizeof(*v));
	if (!l.cuts || !v)
		return RC_NOMEM;
	cut_all(&l);
	qsort(l.cuts, l.ncuts, sizeof(*l.cuts), by_time);
	*out = v;
	*out_n = 0;
	int64_t from = l.window.from;

	for (size_t i = 0; i < l.ncuts; i++) {
		add_turn(&l, (struct core_span){from, l.cuts[i]}, v, out_n);
		from = l.cuts[i];
	}
	add_turn(&l, (struct core_span){from, l.window.to}, v, out_n);
	return RC_OK;
}

enum rc roster_at(const struct roster *roster, int64_t at, struct arena *arena,
		  const struct roster_person **out)
{
	struct roster_turn *turns;
	size_t n;
	enum rc rc = roster_lay(roster, (struct core_span){at, at + 1}, arena,
				&turns, &n);

	*out = rc == RC_OK && n ? turns[0].who : NULL;
	return rc;
}
