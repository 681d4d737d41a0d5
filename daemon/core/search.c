#include <string.h>

#include "daemon/core/kind.h"
#include "daemon/core/nominate.h"
#include "daemon/core/share.h"

/*
 * The search goes outward from `at` piece by piece, each within one chunk
 * (rows.h), until nothing farther can be nearer than the plans that it has. In
 * a piece rows nominate starts, nearest first, and of one start the experts in
 * their order; inquiry_answer() decides.
 */

struct search {
	const struct core_ask *ask;
	struct core_span window; /* of starts; not before now */
	int64_t at;
	struct nominator by;
	struct core_rows rows;	 /* unless the ask brings some */
	struct core_plan *plans; /* the nearest so far, nearest first */
	size_t n, max;
};

/* What is asked about at one time: the starts of [from, to). */
struct piece {
	int64_t from, to;
	bool backward; /* the later the nearer */
	struct rows_bits bits;
};

static int64_t distance(const struct search *s, int64_t start)
{
	return start < s->at ? s->at - start : start - s->at;
}

/* The i-th in the order of experts, and where an expert is in it. */
static size_t expert_at(const struct core_ask *ask, size_t i)
{
	return ask->order != NULL ? ask->order[i] : i;
}

static size_t rank_of(const struct core_ask *ask, size_t expert)
{
	return ask->rank != NULL ? ask->rank[expert] : expert;
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
	return rank_of(s->ask, expert) < rank_of(s->ask, than->expert);
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

static enum rc fetch(struct search *s, size_t expert, struct core_span span)
{
	const struct core_ask *ask = s->ask;

	return ask->fetch != NULL ? ask->fetch(ask->fetch_ctx, expert, span)
				  : RC_OK;
}

static enum rc ask_at(struct search *s, size_t expert, int64_t start)
{
	struct core_plan plan;
	enum rc rc = fetch(s, expert, (struct core_span){start, start + 1});

	if (rc == RC_OK && inquiry_answer(s->ask, expert, start, &s->by.room,
					  &plan, NULL) == RC_OK)
		keep(s, &plan);
	return rc;
}

/* Every place that begins in the span, of one session. */
static enum rc ask_places(struct search *s, size_t expert,
			  struct core_span span, struct core_open open)
{
	int64_t slot = (int64_t)open.rule->slot_minutes * 60;
	int64_t first = open.from;
	enum rc rc = RC_OK;

	if (first < span.from)
		first += (span.from - first + slot - 1) / slot * slot;
	for (int64_t at = first; rc == RC_OK && at < span.to && at < open.to;
	     at += slot)
		if (inquiry_is_place(s->ask, &open, at) &&
		    worth_asking(s, at, expert))
			rc = ask_at(s, expert, at);
	return rc;
}

/* Those behind its last place, where they are asked for. */
static enum rc ask_behind(struct search *s, size_t expert,
			  struct core_span span, struct core_open open)
{
	int64_t slot = (int64_t)open.rule->slot_minutes * 60;
	int64_t at = open.from + share_places(&open) * slot;
	enum rc rc = RC_OK;

	if (!inquiry_asks_behind(s->ask))
		return RC_OK;
	for (int64_t i = 0;
	     rc == RC_OK && i < s->ask->agreement->terms.overbook_most;
	     i++, at += slot)
		if (at >= span.from && at < span.to &&
		    inquiry_is_place(s->ask, &open, open.from) &&
		    worth_asking(s, at, expert))
			rc = ask_at(s, expert, at);
	return rc;
}

/* Sessions of places have a grid of their own: no row nominates them. */
static enum rc ask_sessions(struct search *s, size_t expert,
			    struct core_span span)
{
	const struct core_expert *e = &s->ask->experts[expert];
	struct rule_set set = {e->subject.rules, e->subject.nrules, e->away,
			       e->naway};
	struct core_opens opens = {s->by.room.sessions, 0};
	enum rc rc = RC_OK;

	struct core_span wide = span;

	if (inquiry_asks_behind(s->ask))
		wide.from -= SHARE_BEHIND;
	rule_lay(&set, wide, 0, &opens);
	rule_keep_kind(&opens, s->ask->kind, e->kinds);
	for (size_t i = 0; rc == RC_OK && i < opens.n; i++) {
		if (opens.v[i].rule->slot_minutes == 0)
			continue;
		rc = ask_places(s, expert, span, opens.v[i]);
		if (rc == RC_OK)
			rc = ask_behind(s, expert, span, opens.v[i]);
	}
	return rc;
}

static bool has_sessions(const struct core_expert *e)
{
	for (size_t i = 0; i < e->subject.nrules; i++)
		if (e->subject.rules[i].slot_minutes > 0)
			return true;
	return false;
}

static enum rc ask_all_sessions(struct search *s, const struct piece *p)
{
	const struct core_ask *ask = s->ask;
	enum rc rc = RC_OK;

	if (!kind_has_places(ask->kind) || !s->by.rows->sessions)
		return RC_OK;
	for (size_t i = 0; rc == RC_OK && i < ask->nexperts; i++)
		if (has_sessions(&ask->experts[i]) &&
		    inquiry_suits(ask, &ask->experts[i]))
			rc = ask_sessions(s, i,
					  (struct core_span){p->from, p->to});
	return rc;
}

/* --- the grid --- */

/* The starts of the piece that everybody but the experts can do. */
static void find_shared(struct search *s, int64_t chunk, struct piece *p)
{
	int64_t base = chunk * ROWS_SECONDS;

	nominate_chunk(&s->by, chunk);
	for (size_t i = 0; i < ROWS_CHUNK; i++) {
		int64_t start = base + (int64_t)i * CORE_GRANULE;

		if (start >= p->from && start < p->to)
			p->bits.w[i / 64] |= UINT64_C(1) << i % 64;
	}
	for (size_t i = 0; i < ROWS_WORDS; i++)
		p->bits.w[i] &= s->by.shared.w[i];
}

/* The next of the bits, from one that was asked about (ROWS_CHUNK: none yet);
 * ROWS_CHUNK after the last. */
static size_t next_bit(const struct piece *p, const struct rows_bits *bits,
		       size_t last)
{
	if (p->backward)
		return rows_prev(bits, last);
	return rows_next(bits, last == ROWS_CHUNK ? 0 : last + 1);
}

/* Asks about the nearest start that may do, and finds on the way who may do at
 * any: in the order of experts, so that often a few of them are enough. False:
 * nothing of the piece is worth asking any more. */
static enum rc ask_first(struct search *s, const struct piece *p, size_t bit,
			 size_t *out_n, bool *out_more)
{
	int64_t start = s->by.base + (int64_t)bit * CORE_GRANULE;
	struct rows_candidate *v = s->by.rows->candidates;
	enum rc rc = RC_OK;
	size_t n = 0;

	*out_more = true;
	for (size_t k = 0; rc == RC_OK && k < s->ask->nexperts; k++) {
		size_t i = expert_at(s->ask, k);

		if (!worth_asking(s, start, i)) {
			*out_more = false;
			break;
		}
		v[n].expert = i;
		rc = nominate_expert(&s->by, i, &v[n].bits);
		for (size_t b = 0; b < ROWS_WORDS; b++)
			v[n].bits.w[b] &= p->bits.w[b];
		if (rc != RC_OK || rows_none(&v[n].bits) ||
		    !inquiry_suits(s->ask, &s->ask->experts[i]))
			continue;
		if (rows_has(&v[n++].bits, bit))
			rc = ask_at(s, i, start);
	}
	*out_n = n;
	return rc;
}

/* Asks about another start. False: as above. */
static enum rc ask_later(struct search *s, size_t bit, size_t n, bool *out_more)
{
	int64_t start = s->by.base + (int64_t)bit * CORE_GRANULE;
	const struct rows_candidate *v = s->by.rows->candidates;
	enum rc rc = RC_OK;

	*out_more = n > 0 && worth_asking(s, start, v[0].expert);
	for (size_t i = 0; rc == RC_OK && *out_more && i < n; i++) {
		if (!rows_has(&v[i].bits, bit))
			continue;
		if (!worth_asking(s, start, v[i].expert))
			break;
		rc = ask_at(s, v[i].expert, start);
	}
	return rc;
}

static enum rc ask_grid(struct search *s, int64_t chunk, struct piece *p)
{
	const struct rows_candidate *v = s->by.rows->candidates;
	struct rows_bits some = {{0}};
	enum rc rc = RC_OK;
	bool more = true;
	size_t n = 0;

	find_shared(s, chunk, p);
	size_t bit = next_bit(p, &p->bits, ROWS_CHUNK);

	if (bit < ROWS_CHUNK)
		rc = ask_first(s, p, bit, &n, &more);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < ROWS_WORDS; k++)
			some.w[k] |= v[i].bits.w[k];
	while (bit < ROWS_CHUNK && rc == RC_OK && more) {
		bit = next_bit(p, &some, bit);
		if (bit < ROWS_CHUNK)
			rc = ask_later(s, bit, n, &more);
	}
	return rc;
}

static enum rc ask_piece(struct search *s, int64_t from, int64_t to,
			 bool backward)
{
	struct piece p = {.from = from, .to = to, .backward = backward};
	enum rc rc = ask_all_sessions(s, &p);

	if (rc == RC_OK && !kind_row(s->ask->kind)->places)
		rc = ask_grid(s, rows_chunk_of(from), &p);
	return rc;
}

/* How far the search has come: [behind, ahead) is searched. */
struct reach {
	int64_t behind, ahead;
};

/* Is it better to go back than on? */
static bool goes_back(const struct search *s, const struct reach *r)
{
	if (r->ahead == s->window.to)
		return true;
	return r->behind > s->window.from &&
	       distance(s, r->behind) < distance(s, r->ahead);
}

/* Can nothing at the edge or beyond it be nearer than what there is? */
static bool is_enough(const struct search *s, int64_t edge)
{
	return s->n == s->max &&
	       distance(s, s->plans[s->n - 1].span.from) < distance(s, edge);
}

static enum rc ask_back(struct search *s, struct reach *r)
{
	int64_t edge = r->behind;
	int64_t chunk = rows_chunk_of(edge - 1) * ROWS_SECONDS;

	r->behind = chunk > s->window.from ? chunk : s->window.from;
	return ask_piece(s, r->behind, edge, true);
}

static enum rc ask_on(struct search *s, struct reach *r)
{
	int64_t edge = r->ahead;
	int64_t next = (rows_chunk_of(edge) + 1) * ROWS_SECONDS;

	r->ahead = next < s->window.to ? next : s->window.to;
	return ask_piece(s, edge, r->ahead, false);
}

/* Of what lies before and behind, the nearer piece first. */
static enum rc ask_outward(struct search *s)
{
	const struct core_span *w = &s->window;
	int64_t at = s->at > w->to ? w->to : s->at;
	struct reach r = {at, at};
	enum rc rc = RC_OK;

	if (at < w->from)
		r = (struct reach){w->from, w->from};
	while (rc == RC_OK && (r.ahead < w->to || r.behind > w->from)) {
		bool back = goes_back(s, &r);

		if (is_enough(s, back ? r.behind : r.ahead))
			break;
		rc = back ? ask_back(s, &r) : ask_on(s, &r);
	}
	return rc;
}

/* --- the doors --- */

/* Can no time do, whatever the calendars say? */
static bool hopeless(const struct core_ask *ask)
{
	const struct core_agreement *a = ask->agreement;
	enum block blocks[4];

	for (size_t i = 0; i < ask->ngroups; i++)
		if (ask->groups[i].nexperts == 0)
			return true;
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

static bool is_earlier(const struct core_ask *ask, const struct core_plan *a,
		       const struct core_plan *b)
{
	if (a->span.from != b->span.from)
		return a->span.from < b->span.from;
	return rank_of(ask, a->expert) < rank_of(ask, b->expert);
}

/* Few, and of a search in this order already. */
static void sort_by_start(const struct search *s)
{
	struct core_plan *v = s->plans;

	for (size_t i = 1; i < s->n; i++) {
		size_t k = i;

		while (k > 0 && is_earlier(s->ask, &v[i], &v[k - 1]))
			k--;
		if (k == i)
			continue;
		struct core_plan one = v[i];

		memmove(&v[k + 1], &v[k], (i - k) * sizeof(v[0]));
		v[k] = one;
	}
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
	enum rc rc = RC_OK;

	*out_n = 0;
	if (!inquiry_is_sane(ask))
		return RC_INVALID;
	if (n == 0 || s.window.from >= s.window.to || hopeless(ask))
		return RC_OK;
	if (ask->bed_days > 0)
		return inquiry_nearest_beds(ask, s.window, at, n, arena,
					    out_plans, out_n);
	if (ask->rows == NULL)
		rc = rows_init(&s.rows, ask, 0, arena);
	if (rc == RC_OK)
		rc = nominate_init(&s.by, ask,
				   ask->rows != NULL ? ask->rows : &s.rows,
				   arena);
	if (rc == RC_OK)
		rc = ask_outward(&s);
	sort_by_start(&s);
	*out_n = s.n;
	return rc;
}

enum rc core_search(const struct core_ask *ask, struct core_span window,
		    size_t n, struct arena *arena, struct core_plan *out_plans,
		    size_t *out_n)
{
	int64_t first = starts_window(ask, window).from;

	return core_nearest(ask, window, first, n, arena, out_plans, out_n);
}
