#include "daemon/work/at_once.h"

#include <stdlib.h>

#include "daemon/core/kind.h"
#include "daemon/store/rows.h"
#include "daemon/store/site.h"
#include "daemon/work/ask.h"

struct finding {
	struct work *w;
	struct calendar_loader loader;
	struct core_span span;
	struct at_once *out;
};

/* A claim that may not give way, and of what. */
struct hard {
	const struct core_claim *claim;
	struct booking booking;
};
#define HARD_MAX 8

/* What there is about one subject in that time. */
struct in_the_way {
	struct give_way gives; /* that may */
	struct at_once_pause *pauses;
	size_t npauses;
	struct hard hard[HARD_MAX];
	size_t nhard;
	bool many; /* too many to give way at once: the last is hard */
};

static bool is_pause(const struct core_claim *c)
{
	return c->role == CLAIM_BUFFER || c->role == CLAIM_TRANSFER ||
	       c->role == CLAIM_OVERRUN;
}

static bool stands(const struct finding *f, const struct core_claim *c)
{
	return c->from < f->span.to && c->to > f->span.from &&
	       (!c->hold_until || c->hold_until > f->w->tx->now);
}

static enum rc add_pause(struct work *w, struct at_once_pause pause,
			 struct at_once_pause **v, size_t *n)
{
	*v = rows_grown(w->arena, *v, *n, sizeof(**v));
	if (!*v)
		return work_nomem(w);
	(*v)[(*n)++] = pause;
	return RC_OK;
}

/* The reserve of one that has started is in use, it seems. */
static enum rc judge_claim(struct finding *f, const struct core_claim *c,
			   struct in_the_way *out)
{
	struct work *w = f->w;
	struct booking b;
	bool may;
	enum rc rc = booking_by_id(w->tx, c->booking, w->arena, &b, &w->err);

	if (rc == RC_OK)
		rc = give_way_may(w, &b, &may);
	if (rc != RC_OK)
		return rc;
	if (is_pause(c) &&
	    (c->role != CLAIM_OVERRUN || b.status != BOOKING_STARTED))
		return add_pause(w,
				 (struct at_once_pause){c->booking, c->subject},
				 &out->pauses, &out->npauses);
	rc = may ? give_way_add(w, &out->gives, &b) : RC_REFUSED;
	if (rc != RC_REFUSED)
		return rc;
	w->err = (struct err)ERR_INIT;
	out->many |= may;
	if (out->nhard < HARD_MAX)
		out->hard[out->nhard++] = (struct hard){c, b};
	return RC_OK;
}

static enum rc judge(struct finding *f, const struct core_subject *s,
		     struct in_the_way *out)
{
	enum rc rc = RC_OK;

	*out = (struct in_the_way){0};
	for (size_t i = 0; rc == RC_OK && i < s->nclaims; i++) {
		if (stands(f, &s->claims[i]) &&
		    !give_way_has(&f->out->gives, s->claims[i].booking))
			rc = judge_claim(f, &s->claims[i], out);
	}
	return rc;
}

/* All of it or nothing; RC_REFUSED: it would be too much at once. */
static enum rc take_ways(struct finding *f, const struct in_the_way *in)
{
	struct at_once *out = f->out;
	enum rc rc = RC_OK;

	if (out->gives.n + in->gives.n > WORK_MOVES_MAX)
		return RC_REFUSED;
	for (size_t i = 0; rc == RC_OK && i < in->gives.n; i++)
		rc = give_way_add(f->w, &out->gives, &in->gives.v[i]);
	for (size_t i = 0; rc == RC_OK && i < in->npauses; i++)
		rc = add_pause(f->w, in->pauses[i], &out->pauses,
			       &out->npauses);
	return rc;
}

static enum rc claim(struct finding *f, const struct core_subject *s,
		     enum claim_role role)
{
	struct core_plan *plan = &f->out->plan;
	struct core_subject *kept = arena_alloc(f->w->arena, sizeof(*kept));

	if (!kept)
		return work_nomem(f->w);
	*kept = *s;
	plan->claims[plan->nclaims].subject = kept;
	plan->claims[plan->nclaims].role = role;
	plan->claims[plan->nclaims++].span = f->span;
	return RC_OK;
}

/* --- who answers --- */

/* Its code, to whom it is theirs: they may finish it. */
static enum rc say_what(struct work *w, const struct core_subject *s,
			const struct hard *h, const char **out)
{
	bool theirs = work_booking_sides(w, &h->booking) != 0;
	const char *what = h->booking.status == BOOKING_STARTED
				   ? "in a session that has started"
				   : "with another emergency";
	char code[CODE_SHOWN_LEN + 1];

	code_show(&h->booking.code, code);
	*out = arena_printf(w->arena, "%s is %s%s%s", s->slug, what,
			    theirs ? ": " : "", theirs ? code : "");
	return *out ? RC_OK : work_nomem(w);
}

static enum rc refuse(struct finding *f, const struct core_subject *s,
		      const struct in_the_way *in)
{
	struct work *w = f->w;
	struct msg_blocker *v = arena_array(w->arena, in->nhard, sizeof(*v));
	enum rc rc = RC_OK;

	if (!v)
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < in->nhard; i++) {
		proto_clear(&msg_blocker_table, &v[i]);
		v[i].subject = s->slug;
		v[i].role = CLAIM_EXPERT;
		v[i].reason = BLOCK_BUSY;
		v[i].from = in->hard[i].claim->from;
		v[i].to = in->hard[i].claim->to;
		rc = say_what(w, s, &in->hard[i], &v[i].detail);
	}
	if (rc != RC_OK)
		return rc;
	w->blockers = (struct field_list){v, in->nhard};
	if (in->many)
		return err_set(&w->err, RC_REFUSED,
			       "more than %d bookings of %s are in its way",
			       WORK_MOVES_MAX, s->slug);
	return err_set(&w->err, RC_REFUSED,
		       "%s cannot take it now: answer \"cannot\", or finish"
		       " the other session",
		       s->slug);
}

/* Of what is asked of an expert: the rosters say who is there, and for what. */
static bool is_asked(enum block reason)
{
	return reason == BLOCK_KIND || reason == BLOCK_CREDENTIAL ||
	       reason == BLOCK_EXPERIENCE;
}

static enum rc find_lacks(struct work *w, const struct request *r,
			  const struct core_expert *e,
			  struct core_blockers **out)
{
	struct core_agreement agreement;
	struct core_blockers *found = arena_alloc(w->arena, sizeof(*found));
	const struct core_ask ask = {.kind = r->kind,
				     .now = w->tx->now,
				     .agreement = &agreement,
				     .experts = e,
				     .nexperts = 1};
	size_t n = 0;

	if (!found)
		return work_nomem(w);
	enum rc rc = agreement_by_id(w->tx, r->agreement, w->arena, &agreement,
				     &w->err);

	found->n = 0;
	if (rc == RC_OK &&
	    core_decide_reader(&ask, 0, w->tx->now, found) != RC_OK) {
		for (size_t i = 0; i < found->n; i++)
			if (is_asked(found->v[i].reason))
				found->v[n++] = found->v[i];
		found->n = n;
	}
	*out = found;
	return rc;
}

enum rc at_once_lacks(struct work *w, const struct request *r, int64_t expert,
		      const char **out)
{
	struct calendar_loader loader = {
		.tx = w->tx,
		.arena = w->arena,
		.bare = true,
		.window = {w->tx->now, w->tx->now + 1}};
	struct core_blockers *found = NULL;
	struct core_expert e;
	enum rc rc = calendar_expert(&loader, expert, &e, &w->err);

	*out = NULL;
	if (rc == RC_OK)
		rc = find_lacks(w, r, &e, &found);
	if (rc == RC_OK && found && found->n)
		*out = words_name(&words_block, (int)found->v[0].reason);
	return rc;
}

static enum rc refuse_lacks(struct finding *f, const struct request *r,
			    const struct core_expert *e)
{
	struct core_blockers *found = NULL;
	enum rc rc = find_lacks(f->w, r, e, &found);

	if (rc != RC_OK || !found || !found->n)
		return rc;
	rc = ask_tell(f->w, found);
	return rc == RC_OK ? err_set(&f->w->err, RC_REFUSED,
				     "%s may not take it", e->subject.slug)
			   : rc;
}

static enum rc plan_expert(struct finding *f, const struct request *r,
			   int64_t id)
{
	struct core_expert e;
	struct in_the_way in;
	enum rc rc = calendar_expert(&f->loader, id, &e, &f->w->err);

	if (rc == RC_OK)
		rc = refuse_lacks(f, r, &e);
	if (rc == RC_OK)
		rc = judge(f, &e.subject, &in);
	if (rc != RC_OK)
		return rc;
	if (in.nhard)
		return refuse(f, &e.subject, &in);
	rc = take_ways(f, &in);
	return rc == RC_OK ? claim(f, &e.subject, CLAIM_EXPERT) : rc;
}

/* --- studios --- */

static bool is_out(const struct finding *f, const struct core_subject *s)
{
	for (size_t i = 0; i < s->nleaves; i++) {
		if (s->leaves[i].from < f->span.to &&
		    s->leaves[i].to > f->span.from)
			return true;
	}
	return false;
}

/* How many of what stands there would have to go; 0: none. */
static size_t too_many(const struct finding *f, const struct core_subject *s)
{
	int taken = 0;

	for (size_t i = 0; i < s->nclaims; i++)
		taken += stands(f, &s->claims[i]) &&
			 !give_way_has(&f->out->gives, s->claims[i].booking);
	return taken < s->capacity ? 0 : (size_t)(taken - s->capacity + 1);
}

static int by_start_last(const void *left, const void *right)
{
	const struct booking *a = left, *b = right;

	if (a->from != b->from)
		return a->from > b->from ? -1 : 1;
	return (a->id < b->id) - (a->id > b->id);
}

/* Nobody's hold is taken for a room. */
static void keep_needed(struct in_the_way *in, size_t needed)
{
	struct give_way *g = &in->gives;
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++) {
		if (g->v[i].status != BOOKING_PENDING)
			g->v[n++] = g->v[i];
	}
	if (n > 1)
		qsort(g->v, n, sizeof(*g->v), by_start_last);
	g->n = n < needed ? n : needed;
}

/* Of several that would have to be emptied, the first that can be. */
static enum rc empty_one(struct finding *f, const struct core_subject *v,
			 size_t n, const struct core_subject **out)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		size_t needed = too_many(f, &v[i]);
		struct in_the_way in;

		if (is_out(f, &v[i]))
			continue;
		rc = judge(f, &v[i], &in);
		if (rc != RC_OK)
			return rc;
		keep_needed(&in, needed);
		rc = in.gives.n < needed ? RC_REFUSED : take_ways(f, &in);
		if (rc == RC_OK) {
			*out = &v[i];
			return RC_OK;
		}
		if (rc == RC_REFUSED)
			rc = RC_OK;
	}
	return rc;
}

static enum rc load_studios(struct finding *f, int64_t site,
			    struct core_subject **out, size_t *out_n)
{
	int64_t *ids;
	enum rc rc = calendar_ids_of_type(&f->loader, site, SUBJECT_STUDIO,
					  &ids, out_n, &f->w->err);
	struct core_subject *v =
		rc == RC_OK ? arena_array(f->w->arena, *out_n, sizeof(*v))
			    : NULL;

	if (rc == RC_OK && *out_n && !v)
		return work_nomem(f->w);
	for (size_t i = 0; rc == RC_OK && i < *out_n; i++)
		rc = calendar_subject(&f->loader, ids[i], &v[i], &f->w->err);
	*out = v;
	return rc;
}

static enum rc plan_studio(struct finding *f, int64_t site,
			   enum claim_role role)
{
	const struct core_subject *found = NULL;
	struct core_subject *v = NULL;
	size_t n = 0;
	enum rc rc = load_studios(f, site, &v, &n);

	if (rc != RC_OK || !v)
		return rc;
	for (size_t i = 0; !found && i < n; i++) {
		if (!is_out(f, &v[i]) && !too_many(f, &v[i]))
			found = &v[i];
	}
	if (!found)
		rc = empty_one(f, v, n, &found);
	return rc == RC_OK && found ? claim(f, found, role) : rc;
}

/* --- the patient --- */

static enum rc plan_patient(struct finding *f, int64_t id)
{
	struct core_subject s;
	struct in_the_way in = {0};
	enum rc rc = calendar_subject(&f->loader, id, &s, &f->w->err);

	if (rc == RC_OK)
		rc = judge(f, &s, &in);
	if (rc == RC_OK)
		rc = in.nhard ? RC_REFUSED : take_ways(f, &in);
	if (rc == RC_REFUSED)
		return RC_OK;
	return rc == RC_OK ? claim(f, &s, CLAIM_PATIENT) : rc;
}

enum rc at_once_plan(struct work *w, const struct request *r, int64_t expert,
		     struct at_once *out)
{
	struct finding f = {
		.w = w,
		.span = {w->tx->now, w->tx->now + r->minutes * 60},
		.out = out,
	};

	*out = (struct at_once){0};
	f.loader = (struct calendar_loader){
		.tx = w->tx, .arena = w->arena, .window = f.span};
	out->plan.span = out->plan.operation = f.span;
	enum rc rc = plan_expert(&f, r, expert);

	if (rc == RC_OK && r->patient)
		rc = plan_patient(&f, r->patient);
	if (rc == RC_OK)
		rc = plan_studio(&f, r->lead, CLAIM_LEAD_STUDIO);
	return rc == RC_OK ? plan_studio(&f, r->partner, CLAIM_PARTNER_STUDIO)
			   : rc;
}
