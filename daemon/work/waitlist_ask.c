/* Who of those that wait is offered which time (waitlist.h). */
#include <string.h>

#include "base/civil.h"
#include "daemon/core/decide.h"
#include "daemon/work/ask.h"
#include "daemon/work/parts.h"
#include "daemon/work/waitlist.h"

/* Of one search: as much as one that is asked for on a worker. */
#define STRIDE (31 * (int64_t)CIVIL_DAY)
#define FACTS_MAX ((size_t)16 << 20)
/* About what came free: a session that touches it begins before it, and with
 * it a whole day of an expert's has more room. */
#define ABOUT ((int64_t)CIVIL_DAY)

/* One request while it is asked. */
struct look {
	struct waiting *row;
	struct request r;
	struct wish wish; /* of the search */
	struct waitlist_wish times;
	struct waitlist_terms terms;
	struct core_span refused[OFFERS_REFUSED_MAX];
	struct core_span *starts;
	bool searched;
	bool found;
};

static enum rc begin_look(struct work *w, struct waiting *row, struct look *l)
{
	*l = (struct look){.row = row};
	enum rc rc =
		request_by_id(w->tx, row->request, w->arena, &l->r, &w->err);

	if (rc == RC_OK)
		rc = offer_terms(w->tx, l->r.agreement, row->urgency, &l->terms,
				 &w->err);
	if (rc == RC_OK)
		rc = offer_refused(w->tx, row->request, l->refused,
				   &l->times.nrefused, &w->err);
	if (rc != RC_OK)
		return rc;
	work_wish_of(&l->r, &l->wish);
	l->wish.expert = row->expert;
	l->times.windows = row->windows;
	l->times.nwindows = row->nwindows;
	l->times.refused = l->refused;
	l->times.earliest =
		waitlist_earliest(w->tx->now, l->terms.offer, row->notice);
	l->times.until = row->until;
	l->times.length = l->r.minutes * 60;
	l->starts = arena_array(w->arena, waitlist_starts_max(&l->times),
				sizeof(*l->starts));
	return l->starts ? RC_OK : work_nomem(w);
}

static struct core_span hull_of(const struct core_span *v, size_t n)
{
	struct core_span hull = v[0];

	for (size_t i = 1; i < n; i++) {
		if (v[i].from < hull.from)
			hull.from = v[i].from;
		if (v[i].to > hull.to)
			hull.to = v[i].to;
	}
	return hull;
}

/* Facts that are not there, or are too many, are no time that would do: what
 * is wrong with one request holds up nobody else. */
static bool is_no_time(enum rc rc)
{
	return rc == RC_INVALID || rc == RC_NOT_FOUND || rc == RC_RULE ||
	       rc == RC_NOMEM;
}

/* The hold, as the plan has it: by nobody but the list, for the partner. */
static enum rc make_offer(struct work *w, const struct look *l,
			  const struct ask *ask, const struct core_plan *plan)
{
	struct work_change change = {
		.verb = VERB_OFFER, .from = STATE_NONE, .by_system = true};
	struct booking b = {
		.request = l->r.id,
		.request_code = l->r.code,
		.agreement = l->r.agreement,
		.lead = l->r.lead,
		.partner = l->r.partner,
		.kind = l->r.kind,
		.from = plan->span.from,
		.to = plan->span.to,
		.before = l->wish.before,
		.after = l->wish.after,
		.hold_until = waitlist_deadline(w->tx->now, plan->span.from,
						l->terms.offer, l->row->notice),
		.owner = l->row->put_by,
		.owner_site = l->r.partner,
		.version = 1,
	};
	enum rc rc =
		work_step(w, THING_BOOKING, STATE_NONE, VERB_OFFER, &change.to);

	b.status = (enum booking_status)change.to;
	if (rc == RC_OK)
		rc = work_take_experts(w, plan, ask, &b);
	if (rc == RC_OK)
		rc = request_draw_code(w->tx, &b.code, &w->err);
	if (rc == RC_OK)
		rc = booking_insert(w->tx, &b, plan, NULL, &w->err);
	if (rc == RC_OK)
		rc = offer_add(w->tx, &b, &w->err);
	if (rc != RC_OK)
		return rc;
	l->row->offer = b.code;
	l->row->held = true;
	stat_note(&w->tx->tally, STAT_OFFERS, b.kind, STAT_OFFER_MADE);
	return work_event_booking(w, &b, &change);
}

static enum rc search(struct work *w, struct look *l, size_t n,
		      const struct ask *ask)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && !l->found && i < n; i++) {
		struct core_plan plan;
		size_t found = 0;

		rc = core_search(&ask->core, l->starts[i], 1, w->arena, &plan,
				 &found);
		l->found = rc == RC_OK && found > 0;
		if (l->found)
			rc = make_offer(w, l, ask, &plan);
		else if (is_no_time(rc))
			rc = RC_OK;
	}
	return rc;
}

/* The first time within that would do, if there is one. */
static enum rc try(struct work *w, struct look *l, struct core_span within)
{
	struct ask ask;
	size_t n = waitlist_starts(&l->times, within, l->starts);

	if (n == 0)
		return RC_OK;
	l->searched = true;
	enum rc rc = ask_load_search(w, &l->wish, hull_of(l->starts, n),
				     w->arena, &ask);

	if (is_no_time(rc)) {
		w->faults = (struct field_faults){0};
		return RC_OK;
	}
	return rc == RC_OK ? search(w, l, n, &ask) : rc;
}

/* All its time, so much at once. */
static enum rc look_whole(struct work *w, struct look *l)
{
	struct waiting *row = l->row;
	int64_t from = row->whole_from > l->times.earliest ? row->whole_from
							   : l->times.earliest;
	enum rc rc = try(w, l, (struct core_span){from, from + STRIDE});

	if (rc == RC_OK && !l->found)
		row->whole_from = from + STRIDE < row->until ? from + STRIDE
							     : WAITING_DONE;
	return rc;
}

/* What came free since it was asked; each hour once. Too much of it: all. */
static enum rc look_freed(struct work *w, struct look *l, int64_t newest)
{
	struct freed freed[FREED_MAX];
	struct core_span within = {INT64_MIN, INT64_MIN};
	size_t n;
	bool more;
	enum rc rc = freed_of(w->tx, l->row->lead, l->row->asked, freed, &n,
			      &more, &w->err);

	if (rc == RC_OK && more) {
		l->row->whole_from = 0;
		l->row->asked = newest;
		return RC_OK;
	}
	for (size_t i = 0; rc == RC_OK && !l->found && i < n; i++) {
		struct core_span next = {freed[i].span.from - ABOUT,
					 freed[i].span.to + ABOUT};

		if (next.from < within.to)
			next.from = within.to;
		if (next.from >= next.to)
			continue;
		within = next;
		rc = try(w, l, within);
	}
	if (rc == RC_OK && !l->found)
		l->row->asked = newest;
	return rc;
}

static bool is_asked(const struct waiting *row, int64_t newest)
{
	return row->whole_from == WAITING_DONE && row->asked >= newest;
}

/* Asks one. What it is offered it has not been asked about in vain: when it
 * refuses it is asked on from there. */
static enum rc look(struct work *w, struct waiting *row, int64_t newest,
		    bool *out_searched)
{
	struct arena facts, *arena = w->arena;
	struct look l;

	arena_init(&facts, FACTS_MAX);
	w->arena = &facts;
	enum rc rc = begin_look(w, row, &l);

	if (rc == RC_OK)
		rc = row->whole_from != WAITING_DONE
			     ? look_whole(w, &l)
			     : look_freed(w, &l, newest);
	w->arena = arena;
	arena_fini(&facts);
	*out_searched = l.searched;
	return rc == RC_OK ? waiting_asked(w->tx, row, l.searched, &w->err)
			   : rc;
}

/* --- whose turn it is --- */

struct queue {
	struct waiting *rows;
	struct waitlist_place *places;
	size_t n;
	int64_t newest; /* of what came free */
};

enum rc work_wait_order(struct work *w, const struct waiting *rows, size_t n,
			struct waitlist_place **out)
{
	struct waitlist_place *v = arena_array(w->arena, n, sizeof(*v));

	if (n && !v)
		return work_nomem(w);
	for (size_t i = 0; i < n; i++)
		v[i] = (struct waitlist_place){
			.row = i,
			.request = rows[i].request,
			.partner = rows[i].partner,
			.urgency = rows[i].urgency,
			.first = rows[i].first,
			.rests = rows[i].rests_at != 0,
			.submitted_at = rows[i].submitted_at,
			.passed = rows[i].passed,
			.served = rows[i].served,
		};
	waitlist_sort(v, n);
	*out = v;
	return RC_OK;
}

/* The first that has anything to be asked about. */
static struct waitlist_place *next_of(const struct queue *q)
{
	for (size_t i = 0; i < q->n; i++) {
		const struct waiting *row = &q->rows[q->places[i].row];

		if (!row->held && !row->rests_at && !is_asked(row, q->newest))
			return &q->places[i];
	}
	return NULL;
}

/* An offer was made: its partner was served, and older ones were passed. */
static enum rc count_offer(struct work *w, struct queue *q,
			   struct waitlist_place offered)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < q->n; i++) {
		struct waitlist_place *p = &q->places[i];

		p->served += p->partner == offered.partner;
		if (q->rows[p->row].held || p->rests ||
		    !waitlist_passes(&offered, p))
			continue;
		p->passed++;
		rc = waiting_passed(w->tx, p->request, &w->err);
	}
	waitlist_sort(q->places, q->n);
	return rc;
}

static enum rc ask_next(struct work *w, struct queue *q,
			const struct waitlist_place *next, int64_t *budget)
{
	struct waiting *row = &q->rows[next->row];
	struct waitlist_place offered = *next;
	bool searched;
	enum rc rc = look(w, row, q->newest, &searched);

	*budget -= searched;
	return rc == RC_OK && row->offer.s[0] ? count_offer(w, q, offered) : rc;
}

enum rc work_wait_ask(struct work *w, int64_t lead, bool *out_more)
{
	struct queue q = {0};
	struct waitlist_place *next = NULL;
	int64_t asked = 0;
	enum rc rc = waiting_asked_now(w->tx, &asked, &w->err);
	int64_t budget = WAITLIST_LOOKS - asked;

	if (rc == RC_OK)
		rc = freed_newest(w->tx, lead, &q.newest, &w->err);
	if (rc == RC_OK)
		rc = waiting_of_lead(w->tx, lead, w->arena, &q.rows, &q.n,
				     &w->err);
	if (rc == RC_OK)
		rc = work_wait_order(w, q.rows, q.n, &q.places);
	while (rc == RC_OK && (next = next_of(&q)) && budget > 0)
		rc = ask_next(w, &q, next, &budget);
	*out_more = rc == RC_OK && next != NULL;
	return rc == RC_OK ? freed_clear(w->tx, lead, &w->err) : rc;
}
