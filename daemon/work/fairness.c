#include "daemon/work/fairness.h"

#include <inttypes.h>
#include <string.h>

#include "daemon/store/load.h"
#include "daemon/work/tools.h"

/* What each has had, and their order by it. */
static enum rc sum_up(struct work *w, const struct ask *ask, const int64_t *ids,
		      size_t n, struct core_load *loads, uint32_t *order)
{
	const struct core_agreement *a = &ask->agreement;
	int64_t since = fair_since(&a->terms, w->tx->now);
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		order[i] = (uint32_t)i;
		rc = load_of(w->tx, ids[i], since, a->lead_zone, &loads[i],
			     &w->err);
	}
	if (rc == RC_OK)
		fair_order(&a->terms, loads, order, n);
	return rc;
}

enum rc fairness_order(struct work *w, const int64_t *ids, size_t n,
		       struct ask *ask)
{
	struct arena *arena = ask->loader.arena;
	struct core_load *loads = arena_array(arena, n, sizeof(*loads));
	uint32_t *order = arena_array(arena, n, sizeof(*order));
	uint32_t *rank = arena_array(arena, n, sizeof(*rank));

	if (!loads || !order || !rank)
		return work_nomem(w);
	enum rc rc = sum_up(w, ask, ids, n, loads, order);

	if (rc != RC_OK)
		return rc;
	fair_rank(order, n, rank);
	ask->loads = loads;
	ask->core.order = order;
	ask->core.rank = rank;
	return RC_OK;
}

enum rc fairness_sort(struct work *w, const struct ask *ask, int64_t **io_ids,
		      size_t n)
{
	struct arena *arena = ask->loader.arena;
	struct core_load *loads = arena_array(arena, n, sizeof(*loads));
	uint32_t *order = arena_array(arena, n, sizeof(*order));
	int64_t *ids = arena_array(arena, n, sizeof(*ids));

	if (n < 2 || ask->agreement.terms.fairness_weeks == 0)
		return RC_OK;
	if (!loads || !order || !ids)
		return work_nomem(w);
	enum rc rc = sum_up(w, ask, *io_ids, n, loads, order);

	for (size_t i = 0; i < n; i++)
		ids[i] = (*io_ids)[order[i]];
	*io_ids = ids;
	return rc;
}

/* "12 h 30 min and 2 calls at night (60 min each) from 4 weeks ago on, the
 * least of 5 who suit" */
static const char *say(struct work *w, const struct msg_fair *f,
		       int64_t night_call)
{
	struct buf text;

	buf_init(&text, 256);
	buf_printf(&text, "%" PRId64 " h", f->minutes / 60);
	if (f->minutes % 60)
		buf_printf(&text, " %" PRId64 " min", f->minutes % 60);
	if (f->night_calls != FIELD_NONE && f->night_calls > 0)
		buf_printf(&text,
			   " and %" PRId64 " calls at night (%" PRId64
			   " min each)",
			   f->night_calls, night_call / 60);
	buf_printf(&text, " from %" PRId64 " weeks ago on, ", f->weeks);
	if (f->rank == 1)
		buf_printf(&text, "the least of %" PRId64 " who suit", f->of);
	else
		buf_printf(&text, "number %" PRId64 " of %" PRId64 " who suit",
			   f->rank, f->of);
	const char *kept = arena_strndup(w->arena, buf_cstr(&text), text.len);

	buf_fini(&text);
	return kept;
}

enum rc fairness_view(struct work *w, const struct ask *ask, size_t expert,
		      struct msg_fair **out)
{
	const struct core_agreement *a = &ask->agreement;
	bool lead = w->who->site == a->lead;
	const struct core_load *load;
	struct msg_fair *f;
	size_t rank, of;

	*out = NULL;
	if (!ask->loads)
		return RC_OK;
	f = arena_alloc(w->arena, sizeof(*f));
	if (!f)
		return work_nomem(w);
	fair_place(&ask->core, expert, &rank, &of);
	proto_clear(&msg_fair_table, f);
	load = &ask->loads[expert];
	/* Whoever is not told of the calls has them in the minutes: the order
	 * is what the figures say. */
	f->minutes =
		(lead ? load->seconds : fair_weighed(&a->terms, load)) / 60;
	if (lead)
		f->night_calls = load->calls;
	f->weeks = a->terms.fairness_weeks;
	f->rank = (int64_t)rank;
	f->of = (int64_t)of;
	f->detail = say(w, f, a->terms.night_call);
	*out = f;
	return f->detail ? RC_OK : work_nomem(w);
}
