#include "daemon/work/squad.h"

#include <string.h>

#include "daemon/core/rows.h"
#include "daemon/store/keep.h"
#include "daemon/store/load.h"
#include "daemon/work/tools.h"

#define SQUAD_MAX ((size_t)16 << 20)
#define ROWS_MAX ((size_t)7 << 20) /* of its rows */
#define CLAIMS_MAX ((size_t)8 << 20)

/* By which what is known of an expert or a room is good. */
struct good {
	uint64_t stamp; /* 0: no more than this once */
	int64_t until;	/* a hold lapses */
};

struct squad {
	struct keep_block block;
	struct arena arena; /* of all that follows */
	struct core_expert *experts;
	struct core_subject *rooms;
	size_t nexperts, nrooms;
	const struct core_transfer *transfers;
	size_t ntransfers;
	struct core_rows rows;
	int64_t *ids; /* of experts, then of rooms */
	struct good *good;
	/* Whose turn it is; all of it NULL where they come by name. */
	struct core_load *loads;
	bool *summed; /* is the load known? */
	uint32_t *order, *rank;
	int64_t since; /* from when on they were summed up */

	/* While a search uses it. */
	struct work *w;
	struct arena claims; /* of the expert asked for last, if not kept */
	size_t fetched;	     /* that expert, and for when */
	struct core_span span;
};

static void free_squad(struct keep_block *block)
{
	struct squad *q = (struct squad *)block;

	arena_fini(&q->claims);
	arena_fini(&q->arena);
	mem_free(q);
}

bool squad_fits(const struct work *w, const struct wish *wish)
{
	return keep_blocks(w->tx) && !wish->expert && !wish->bed_days &&
	       !wish->ignore_booking && wish->also.n == 0;
}

/* Whatever rows depend on. The overrun and the years are bounded well below
 * what is left to them here. */
static struct keep_key key_of(const struct wish *wish, const struct ask *ask)
{
	const struct core_agreement *a = &ask->agreement;
	bool remote = kind_row(wish->kind)->where == KIND_REMOTE;

	return (struct keep_key){
		.sort = KEEP_SQUAD,
		.a = a->lead,
		.b = wish->specialty ? 0 : a->id,
		.c = remote ? 0 : a->partner,
		.d = (int64_t)wish->kind + wish->minutes * 256 +
		     ((int64_t)a->overrun_minutes + 1) * (1 << 20) +
		     (int64_t)a->min_independent_years * (INT64_C(1) << 32) +
		     a->terms.fairness_weeks * (INT64_C(1) << 42) +
		     a->terms.night_call / 60 * (INT64_C(1) << 48),
		.s = wish->specialty,
	};
}

/* --- a new one --- */

static enum rc init_good(struct work *w, struct squad *q)
{
	size_t n = q->nexperts + q->nrooms;

	q->ids = arena_array(&q->arena, n, sizeof(*q->ids));
	q->good = arena_array(&q->arena, n, sizeof(*q->good));
	if (!q->ids || !q->good)
		return work_nomem(w);
	for (size_t i = 0; i < q->nexperts; i++)
		q->ids[i] = q->experts[i].subject.id;
	for (size_t i = 0; i < q->nrooms; i++)
		q->ids[q->nexperts + i] = q->rooms[i].id;
	return RC_OK;
}

static enum rc init_order(struct work *w, const struct ask *ask,
			  struct squad *q)
{
	size_t n = q->nexperts;

	if (n < 2 || ask->agreement.terms.fairness_weeks == 0)
		return RC_OK;
	q->loads = arena_array(&q->arena, n, sizeof(*q->loads));
	q->summed = arena_array(&q->arena, n, sizeof(*q->summed));
	q->order = arena_array(&q->arena, n, sizeof(*q->order));
	q->rank = arena_array(&q->arena, n, sizeof(*q->rank));
	if (!q->loads || !q->summed || !q->order || !q->rank)
		return work_nomem(w);
	for (size_t i = 0; i < n; i++)
		q->order[i] = (uint32_t)i;
	return RC_OK;
}

/* Loads everything but claims into its own memory. */
static enum rc load(struct work *w, const struct wish *wish,
		    const struct ask *ask, struct squad *q)
{
	struct ask own = {
		.loader = {.tx = w->tx, .arena = &q->arena, .bare = true},
		.agreement = ask->agreement,
		.core = {.kind = wish->kind, .minutes = wish->minutes},
	};

	own.core.agreement = &own.agreement;
	enum rc rc = ask_load_people(w, wish, &own);

	if (rc != RC_OK)
		return rc;
	q->experts = own.experts;
	q->nexperts = own.core.nexperts;
	q->rooms = own.lead_rooms;
	q->nrooms = own.core.nlead_rooms;
	q->transfers = own.core.transfers;
	q->ntransfers = own.core.ntransfers;
	rc = rows_init(&q->rows, &own.core, ROWS_MAX, &q->arena);
	if (rc != RC_OK)
		return work_nomem(w);
	rc = init_good(w, q);
	return rc == RC_OK ? init_order(w, ask, q) : rc;
}

/* NULL: *out_rc says why. */
static struct squad *make(struct work *w, const struct wish *wish,
			  const struct ask *ask, enum rc *out_rc)
{
	struct squad *q = mem_try(sizeof(*q));

	if (!q) {
		*out_rc = work_nomem(w);
		return NULL;
	}
	q->block = (struct keep_block){.key = key_of(wish, ask),
				       .free = free_squad};
	arena_init(&q->arena, SQUAD_MAX);
	arena_init(&q->claims, CLAIMS_MAX);
	enum rc rc = load(w, wish, ask, q);

	if (rc == RC_OK && wish->specialty) {
		q->block.key.s = arena_strndup(&q->arena, wish->specialty,
					       strlen(wish->specialty));
		rc = q->block.key.s ? RC_OK : work_nomem(w);
	}
	q->block.bytes = sizeof(*q) + q->arena.used;
	*out_rc = rc;
	if (rc == RC_OK)
		return q;
	free_squad(&q->block);
	return NULL;
}

/* --- its claims --- */

/* When the first of the holds lapses that stand now. */
static int64_t first_lapse(const struct core_subject *s, int64_t now)
{
	int64_t first = INT64_MAX;

	for (size_t i = 0; i < s->nclaims; i++) {
		int64_t until = s->claims[i].hold_until;

		if (until > now && until < first)
			first = until;
	}
	return first;
}

static enum rc fetch(void *ctx, size_t expert, struct core_span span)
{
	struct squad *q = ctx;
	struct core_subject *s = &q->experts[expert].subject;
	struct calendar_loader loader = {
		.tx = q->w->tx, .arena = &q->claims, .window = span};

	if (q->fetched == expert && span.from >= q->span.from &&
	    span.to <= q->span.to)
		return RC_OK;
	if (q->claims.used > 0) {
		arena_fini(&q->claims);
		arena_init(&q->claims, CLAIMS_MAX);
	}
	q->fetched = q->nexperts;
	enum rc rc = calendar_claims(&loader, s, &q->w->err);

	if (rc != RC_OK)
		return rc;
	int64_t lapse = first_lapse(s, q->w->tx->now);

	if (lapse < q->good[expert].until)
		q->good[expert].until = lapse;
	q->fetched = expert;
	q->span = span;
	return RC_OK;
}

/* Whole chunks, as rows are laid. */
static struct core_span in_chunks(struct core_span window)
{
	return (struct core_span){rows_chunk_of(window.from) * ROWS_SECONDS,
				  (rows_chunk_of(window.to) + 1) *
					  ROWS_SECONDS};
}

static enum rc find_rooms(struct squad *q, const struct ask *ask)
{
	struct calendar_loader loader = {.tx = q->w->tx,
					 .arena = ask->loader.arena,
					 .window =
						 in_chunks(ask->loader.window)};
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < q->nrooms; i++) {
		struct good *good = &q->good[q->nexperts + i];

		if (!q->rows.wanted[i])
			continue;
		rc = calendar_claims(&loader, &q->rooms[i], &q->w->err);
		int64_t lapse = first_lapse(&q->rooms[i], q->w->tx->now);

		if (lapse < good->until)
			good->until = lapse;
	}
	return rc;
}

/* Forgets what is good no more. */
static void look_over(struct squad *q)
{
	const struct tx *tx = q->w->tx;
	size_t n = q->nexperts + q->nrooms;

	for (size_t i = 0; i < n; i++) {
		struct good *good = &q->good[i];

		if (keep_stands(tx, q->ids[i], good->stamp) &&
		    tx->now < good->until)
			continue;
		*good = (struct good){keep_stamp(tx, q->ids[i]), INT64_MAX};
		if (i < q->nexperts && q->summed)
			q->summed[i] = false;
		if (i < q->nexperts)
			rows_forget_expert(&q->rows, i);
		else
			rows_forget_room(&q->rows, i - q->nexperts);
	}
}

/* Sums up anew what has changed, and puts them in their order. */
static enum rc take_turns(struct squad *q, const struct ask *ask)
{
	const struct core_agreement *a = &ask->agreement;
	int64_t since = fair_since(&a->terms, q->w->tx->now);
	bool changed = false;
	enum rc rc = RC_OK;

	if (!q->loads)
		return RC_OK;
	if (since != q->since)
		memset(q->summed, 0, q->nexperts * sizeof(*q->summed));
	q->since = since;
	for (size_t i = 0; rc == RC_OK && i < q->nexperts; i++) {
		if (q->summed[i])
			continue;
		rc = load_of(q->w->tx, q->ids[i], since, a->lead_zone,
			     &q->loads[i], &q->w->err);
		q->summed[i] = rc == RC_OK;
		changed = true;
	}
	if (changed) {
		fair_order(&a->terms, q->loads, q->order, q->nexperts);
		fair_rank(q->order, q->nexperts, q->rank);
	}
	return rc;
}

enum rc squad_join(struct work *w, const struct wish *wish, struct ask *ask)
{
	const struct keep_key key = key_of(wish, ask);
	struct keep_block *block = keep_find_block(w->tx, &key);
	struct squad *q = (struct squad *)block;

	if (!q) {
		enum rc rc;

		q = make(w, wish, ask, &rc);
		if (!q)
			return rc;
		if (!keep_room(w->tx, q->block.bytes)) {
			free_squad(&q->block);
			return ask_load_people(w, wish, ask);
		}
		keep_add_block_take(w->tx, &q->block);
	}
	q->w = w;
	q->fetched = q->nexperts;
	look_over(q);
	ask->core.experts = q->experts;
	ask->core.nexperts = q->nexperts;
	ask->core.lead_rooms = q->rooms;
	ask->core.nlead_rooms = q->nrooms;
	ask->core.transfers = q->transfers;
	ask->core.ntransfers = q->ntransfers;
	ask->core.rows = &q->rows;
	ask->core.fetch = fetch;
	ask->core.fetch_ctx = q;
	enum rc rc = take_turns(q, ask);

	ask->loads = q->loads;
	ask->core.order = q->order;
	ask->core.rank = q->rank;
	return rc == RC_OK ? find_rooms(q, ask) : rc;
}
