/* Which changes give a time: one by one, then two by two (relax.h). */
#include "daemon/core/relax.h"

#include "daemon/core/inquiry.h"
#include "daemon/core/rows.h"

struct finder {
	const struct relax_world *world;
	struct arena *arena;
	size_t work; /* that is left */
	struct relax_answer *out;
};

/* The more of it the better for every start: the least is looked for. */
static bool is_ordered(enum relax what)
{
	return what == RELAX_TITLE || what == RELAX_DURATION;
}

/* What replaces the ask or the experts comes before what changes them. */
static int turn(enum relax what)
{
	return what == RELAX_AGREEMENT ? 0 : what == RELAX_EXPERT ? 1 : 2;
}

enum rc relax_search(const struct relax_ask *changed, struct arena *arena,
		     struct core_plan *out)
{
	size_t n = 0;
	enum rc rc = core_nearest(&changed->ask, changed->window, changed->at,
				  1, arena, out, &n);

	return rc == RC_OK && n == 0 ? RC_NOT_FOUND : rc;
}

/* What the search of it may cost, in experts and chunks of rows. */
static size_t cost_of(const struct relax_ask *r)
{
	int64_t from =
		r->window.from > r->ask.now ? r->window.from : r->ask.now;
	int64_t length = r->window.to > from ? r->window.to - from : 0;

	if (length > CORE_WINDOW_MAX)
		length = CORE_WINDOW_MAX;
	return (r->ask.nexperts + 1) * (size_t)(length / ROWS_SECONDS + 2);
}

static bool can_afford(struct finder *f, const struct relax_ask *r)
{
	size_t cost = cost_of(r);

	if (cost > f->work) {
		f->out->cut = true;
		return false;
	}
	f->work -= cost;
	return true;
}

/* Applies the changes and asks. RC_NOT_FOUND: no time, nothing to change, or
 * nothing left to ask with; then no memory is used up. */
static enum rc attempt(struct finder *f, const struct relax_case *cases,
		       size_t n, struct relax_found *out)
{
	struct arena_mark mark = arena_mark(f->arena);
	struct relax_ask *r = arena_alloc(f->arena, sizeof(*r));
	enum rc rc = RC_OK;

	if (r == NULL)
		return RC_NOMEM;
	*out = (struct relax_found){.ncases = n, .changed = r};
	relax_begin(f->world, r);
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		out->cases[i] = cases[i];
		rc = relax_apply(f->world, cases[i], f->arena, r);
	}
	if (rc == RC_OK && !can_afford(f, r))
		rc = RC_NOT_FOUND;
	if (rc == RC_OK)
		rc = relax_search(r, f->arena, &out->plan);
	if (rc == RC_NOT_FOUND)
		arena_back(f->arena, mark);
	return rc;
}

/* The changes gave a time with the most of `cases[i]`, which is ordered: the
 * least of it that does. */
static enum rc tighten(struct finder *f, struct relax_case *cases, size_t n,
		       size_t i, struct relax_found *best)
{
	size_t low = 0, high = cases[i].which;
	enum rc rc = RC_OK;

	while (low < high && rc == RC_OK) {
		struct relax_found less;

		cases[i].which = low + (high - low) / 2;
		rc = attempt(f, cases, n, &less);
		if (rc == RC_OK) {
			*best = less;
			high = cases[i].which;
		} else if (rc == RC_NOT_FOUND) {
			low = cases[i].which + 1;
			rc = RC_OK;
		}
	}
	cases[i].which = high;
	return rc;
}

/* Tries these and keeps what is found. */
static enum rc consider(struct finder *f, struct relax_case *cases, size_t n)
{
	struct relax_found best;
	enum rc rc = attempt(f, cases, n, &best);

	for (size_t i = 0; rc == RC_OK && i < n; i++)
		if (is_ordered(cases[i].what))
			rc = tighten(f, cases, n, i, &best);
	if (rc == RC_OK)
		f->out->v[f->out->n++] = best;
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

static size_t list_cases(struct finder *f, struct relax_case *out)
{
	size_t n = 0;

	for (int what = 0; what < RELAX_COUNT; what++) {
		size_t count = relax_count(f->world, (enum relax)what);
		size_t from = 0;

		/* the most of it stands for all */
		if (count > 0 && is_ordered((enum relax)what))
			from = count - 1;
		for (size_t i = from; i < count; i++) {
			if (n == RELAX_CASES_MAX) {
				f->out->cut = true;
				return n;
			}
			out[n++] = (struct relax_case){(enum relax)what, i};
		}
	}
	return n;
}

static bool go_together(struct relax_case a, struct relax_case b)
{
	bool apart = (a.what == RELAX_LATER && b.what == RELAX_EARLIER) ||
		     (a.what == RELAX_AGREEMENT && b.what == RELAX_AGREEMENT);

	return !apart;
}

static enum rc try_pairs(struct finder *f, const struct relax_case *cases,
			 size_t n)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++) {
			struct relax_case pair[] = {cases[i], cases[k]};

			if (!go_together(pair[0], pair[1]))
				continue;
			if (turn(pair[1].what) < turn(pair[0].what)) {
				pair[0] = cases[k];
				pair[1] = cases[i];
			}
			rc = consider(f, pair, 2);
			if (rc != RC_OK || f->out->n == RELAX_PAIRS_MAX)
				return rc;
		}
	return rc;
}

enum rc relax_find(const struct relax_world *world, size_t work,
		   struct arena *arena, struct relax_answer *out)
{
	struct relax_case cases[RELAX_CASES_MAX];
	enum rc rc = RC_OK;

	*out = (struct relax_answer){
		.v = arena_array(arena, RELAX_FOUND_MAX, sizeof(out->v[0]))};
	if (out->v == NULL)
		return RC_NOMEM;
	if (!inquiry_is_sane(world->ask))
		return RC_INVALID;
	struct finder f = {world, arena, work, out};
	size_t n = list_cases(&f, cases);

	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		if (out->n == RELAX_FOUND_MAX) {
			out->cut = true;
			break;
		}
		rc = consider(&f, &cases[i], 1);
	}
	if (rc == RC_OK && out->n == 0)
		rc = try_pairs(&f, cases, n);
	return rc;
}
