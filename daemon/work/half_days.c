/* When pooled half-days open, and who is put into them (half_days.h). */
#include "daemon/work/half_days.h"

#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "daemon/core/kind.h"
#include "daemon/core/rule.h"
#include "daemon/store/calendar.h"
#include "daemon/store/rows.h"
#include "daemon/work/attempt.h"

#define FACTS_MAX ((size_t)16 << 20)

/* --- by the rules --- */

struct laying {
	struct half_day_open *v;
	size_t n;
};

static bool on_leave(const struct core_subject *s, const struct core_open *o)
{
	for (size_t i = 0; i < s->nleaves; i++)
		if (s->leaves[i].from < o->to && s->leaves[i].to > o->from)
			return true;
	return false;
}

static enum rc lay_one(struct work *w, int64_t id, struct core_span span,
		       struct laying *l)
{
	struct calendar_loader loader = {
		.tx = w->tx, .arena = w->arena, .window = span, .bare = true};
	struct core_expert e;
	struct core_opens opens;
	enum rc rc = calendar_expert(&loader, id, &e, &w->err);

	if (rc == RC_OK)
		rc = rule_expand(e.subject.rules, e.subject.nrules, e.away,
				 e.naway, span, w->arena, &opens);
	for (size_t i = 0; rc == RC_OK && i < opens.n; i++) {
		const struct core_open *o = &opens.v[i];
		struct half_day_open open = {.expert = id,
					     .span = {o->from, o->to},
					     .terms = o->rule->pool,
					     .slug = e.subject.slug,
					     .zone = tz_name(e.subject.zone)};

		if (!open.terms || o->from < span.from || o->from >= span.to ||
		    on_leave(&e.subject, o))
			continue;
		if (!pooled_read(open.terms, &open.read))
			return err_set(&w->err, RC_CORRUPT,
				       "terms of a half-day");
		l->v = rows_grown(w->arena, l->v, l->n, sizeof(*l->v));
		if (!l->v)
			return work_nomem(w);
		l->v[l->n++] = open;
	}
	return rc;
}

static int by_start(const void *left, const void *right)
{
	const struct half_day_open *a = left, *b = right;

	if (a->span.from != b->span.from)
		return a->span.from < b->span.from ? -1 : 1;
	return (a->expert > b->expert) - (a->expert < b->expert);
}

enum rc half_days_lay(struct work *w, int64_t lead, struct core_span span,
		      struct half_day_open **out, size_t *out_n)
{
	struct laying l = {0};
	int64_t *experts;
	size_t n;
	enum rc rc =
		half_day_experts(w->tx, lead, w->arena, &experts, &n, &w->err);

	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = lay_one(w, experts[i], span, &l);
	if (rc == RC_OK && l.n > 1)
		qsort(l.v, l.n, sizeof(*l.v), by_start);
	*out = l.v;
	*out_n = l.v ? l.n : 0;
	return rc;
}

/* --- who is put in --- */

struct joining {
	const struct half_day *h;
	struct pooled_case comes;
};

static enum rc join(struct work *w, void *arg)
{
	struct joining *j = arg;
	struct pooled_case there[POOLED_CASES_MAX];
	struct half_day_seat *v;
	size_t n;
	enum rc rc = half_days_seats(w, j->h, &v, &n);

	if (rc == RC_OK && n >= POOLED_CASES_MAX)
		return err_set(&w->err, RC_REFUSED, "the half-day is full");
	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < n; i++)
		there[i] = v[i].is.is;
	size_t at = pooled_place(there, n, &j->comes);

	memmove(&v[at + 1], &v[at], (n - at) * sizeof(*v));
	v[at] = (struct half_day_seat){.comes = true};
	v[at].is.is = j->comes;
	return half_days_arrange(w, j->h, v, n + 1);
}

static int by_turn(const void *left, const void *right)
{
	return pooled_place(left, 1, right) ? -1 : 1;
}

static enum rc queue_of(struct work *w, int64_t lead, int64_t expert,
			int64_t half_day, const struct pooled_terms *terms,
			struct pooled_case **out, size_t *out_n)
{
	const struct half_day_wants wants = {lead, expert, half_day, terms};
	enum rc rc =
		half_day_queue(w->tx, &wants, w->arena, out, out_n, &w->err);

	if (rc == RC_OK && *out_n > 1)
		qsort(*out, *out_n, sizeof(**out), by_turn);
	return rc;
}

/* Everybody who fits, in their order, or that one (0: everybody); who does not
 * stays where they are. */
static enum rc fill(struct work *w, const struct half_day *h, int64_t request)
{
	struct pooled_terms terms;
	struct pooled_case *queue;
	size_t n;

	if (!pooled_read(h->terms, &terms))
		return err_set(&w->err, RC_CORRUPT, "terms of a half-day");
	enum rc rc = queue_of(w, h->lead, h->expert, h->id, &terms, &queue, &n);

	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		struct joining j = {h, queue[i]};
		struct attempt done;

		if (!request || queue[i].request == request)
			rc = attempt_run(w, join, &j, 0, &done);
	}
	return rc;
}

static enum rc close_up_step(struct work *w, void *arg)
{
	const struct half_day *h = arg;
	struct half_day_seat *v;
	size_t n;
	enum rc rc = half_days_seats(w, h, &v, &n);

	return rc == RC_OK ? half_days_arrange(w, h, v, n) : rc;
}

/* Somebody left it: the others move up, and the next one comes. */
static enum rc close_up(struct work *w, struct half_day *h)
{
	struct attempt done;
	enum rc rc = h->span.from > w->tx->now
			     ? attempt_run(w, close_up_step, h, 0, &done)
			     : RC_OK;

	return rc == RC_OK && h->span.from > w->tx->now ? fill(w, h, 0) : rc;
}

/* --- opened --- */

enum rc half_days_open(struct work *w, int64_t lead,
		       const struct half_day_open *o, struct half_day *out)
{
	*out = (struct half_day){.lead = lead,
				 .expert = o->expert,
				 .span = o->span,
				 .terms = o->terms,
				 .opened_by = w->who ? w->who->identity : 0};
	enum rc rc = half_day_draw_code(w->tx, &out->code, &w->err);

	if (rc == RC_OK)
		rc = half_day_insert(w->tx, out, &w->err);
	return rc == RC_OK ? fill(w, out, 0) : rc;
}

/* What could be opened for the request by now, and by how many. */
static enum rc open_one(struct work *w, const struct request *r,
			const struct half_day_open *o)
{
	struct pooled_case *queue;
	struct half_day h;
	size_t n;

	if (!r->specialty || strcmp(o->read.specialty, r->specialty) != 0 ||
	    !o->read.minutes[r->kind] ||
	    o->span.from < w->tx->now + o->read.notice * 60)
		return RC_OK;
	enum rc rc = half_day_find(w->tx, o->expert, o->span.from, w->arena, &h,
				   &w->err);

	if (rc != RC_NOT_FOUND)
		return rc;
	rc = queue_of(w, r->lead, o->expert, 0, &o->read, &queue, &n);
	return rc == RC_OK && n >= (size_t)o->read.threshold
		       ? half_days_open(w, r->lead, o, &h)
		       : rc;
}

static bool waits(const struct request *r)
{
	return r->status == REQUEST_ACCEPTED || r->status == REQUEST_WAITLISTED;
}

/* Into what is open, else into what its coming opens. */
static enum rc serve(struct work *w, int64_t request)
{
	struct half_day_open *laid;
	struct half_day *open;
	struct request r;
	size_t n;
	enum rc rc = request_by_id(w->tx, request, w->arena, &r, &w->err);
	struct core_span ahead = {
		w->tx->now + 1, w->tx->now + POOLED_DAYS * (int64_t)CIVIL_DAY};

	if (rc != RC_OK || !waits(&r))
		return rc;
	rc = half_day_list(w->tx, r.lead, ahead, w->arena, &open, &n, &w->err);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = fill(w, &open[i], r.id);
	if (rc == RC_OK)
		rc = half_days_lay(w, r.lead, ahead, &laid, &n);
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		rc = request_by_id(w->tx, request, w->arena, &r, &w->err);
		if (rc == RC_OK && !waits(&r))
			break;
		if (rc == RC_OK)
			rc = open_one(w, &r, &laid[i]);
	}
	return rc;
}

static enum rc step(struct work *w, const struct due_row *row)
{
	struct half_day h;
	bool in;

	if (row->thing == THING_REQUEST)
		return serve(w, row->thing_id);
	enum rc rc = half_day_of_booking(w->tx, row->thing_id, w->arena, &h,
					 &in, &w->err);

	return rc == RC_OK ? close_up(w, &h) : rc;
}

enum rc half_days_step(struct work *w, const struct due_row *row)
{
	struct arena facts, *arena = w->arena;

	arena_init(&facts, FACTS_MAX);
	w->arena = &facts;
	enum rc rc = step(w, row);

	w->arena = arena;
	arena_fini(&facts);
	return rc;
}

/* --- what follows a change --- */

static enum rc put_due(struct work *w, enum thing thing, int64_t id)
{
	struct due_row row = {.at = w->tx->now,
			      .what = DUE_POOL,
			      .thing = thing,
			      .thing_id = id};

	return due_put(w->tx, &row, &w->err);
}

/* One whose time was just taken from it goes back into the queue, and not at
 * once to where it came from. */
enum rc half_days_follow_request(struct work *w, const struct request *r,
				 const struct work_change *change)
{
	struct arena ids;
	int64_t *experts;
	size_t n = 0;

	if (!kind_row(r->kind)->pooled || !waits(r) || r->forward ||
	    change->verb == VERB_UNSCHEDULE || change->verb == VERB_READ)
		return RC_OK;
	arena_init(&ids, 1 << 16);
	enum rc rc =
		half_day_experts(w->tx, r->lead, &ids, &experts, &n, &w->err);

	arena_fini(&ids);
	return rc == RC_OK && n > 0 ? put_due(w, THING_REQUEST, r->id) : rc;
}

static bool is_in(const struct half_day *h, const struct booking *b)
{
	return b->expert == h->expert && b->from >= h->span.from &&
	       b->to <= h->span.to;
}

/* It has another time, or none any more. */
static bool is_gone(const struct half_day *h, const struct booking *b,
		    const struct work_change *change)
{
	return change->verb == VERB_MOVE
		       ? !is_in(h, b)
		       : change->to == (int)BOOKING_CANCELLED ||
				 change->to == (int)BOOKING_NOSHOW;
}

static enum rc leave(struct work *w, const struct half_day *h,
		     const struct booking *b)
{
	enum rc rc = half_day_leave(w->tx, b->id, &w->err);

	return rc == RC_OK && h->span.from > w->tx->now
		       ? put_due(w, THING_BOOKING, b->id)
		       : rc;
}

enum rc half_days_follow_booking(struct work *w, const struct booking *b,
				 const struct work_change *change)
{
	struct arena row;
	struct half_day h;
	bool in = false;

	if (!kind_row(b->kind)->pooled || !b->request ||
	    change->verb == VERB_READ || change->verb == VERB_BOOK)
		return RC_OK;
	arena_init(&row, 1 << 14);
	enum rc rc = half_day_of_booking(w->tx, b->id, &row, &h, &in, &w->err);

	if (rc == RC_OK && in && is_gone(&h, b, change))
		rc = leave(w, &h, b);
	arena_fini(&row);
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc half_days_wish(struct work *w, const struct booking *b,
		       struct wish *wish)
{
	struct half_day h;
	bool in = false;

	if (!kind_row(b->kind)->pooled || !b->request)
		return RC_OK;
	enum rc rc =
		half_day_of_booking(w->tx, b->id, w->arena, &h, &in, &w->err);

	if (rc == RC_OK && in)
		wish->pool = h.span.from;
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc half_days_move(struct work *w, const struct booking *b,
		       struct wish *wish)
{
	struct half_day h;
	enum rc rc;

	if (!wish->pool)
		return RC_OK;
	rc = half_day_find(w->tx, b->expert, wish->pool, w->arena, &h, &w->err);
	if (rc == RC_OK &&
	    ((w->who && w->who->site != b->lead) || wish->at < h.span.from ||
	     wish->at >= h.span.to || wish->expert != h.expert))
		wish->pool = 0;
	return rc;
}
