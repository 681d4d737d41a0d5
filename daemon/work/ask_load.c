/* The facts of a wish, loaded (ask.h). */
#include "daemon/work/ask.h"

#include <string.h>

#include "base/civil.h"
#include "daemon/core/kind.h"
#include "daemon/core/local.h"
#include "daemon/store/site.h"
#include "daemon/store/stays.h"
#include "daemon/work/beside.h"
#include "daemon/work/fairness.h"
#include "daemon/work/squad.h"
#include "daemon/work/tools.h"

/* Of a bed: whose clock counts its days. */
static enum rc load_nobody(struct work *w, struct ask *ask)
{
	struct core_expert *v = arena_alloc(ask->loader.arena, sizeof(*v));
	struct site site;
	enum rc rc = site_by_id(w->tx, ask->agreement.lead, w->arena, &site,
				&w->err);

	if (rc != RC_OK)
		return rc;
	if (!v)
		return work_nomem(w);
	*v = (struct core_expert){
		.subject = {.type = SUBJECT_EXPERT, .site = site.id}};
	ask->core.experts = ask->experts = v;
	ask->core.nexperts = 1;
	return tz_get(w->tx->env->zones, site.time_zone, &v->subject.zone,
		      &w->err);
}

static enum rc load_experts(struct work *w, const struct wish *wish,
			    struct ask *ask)
{
	int64_t one[] = {wish->expert};
	int64_t *ids = one;
	size_t n = 1;
	enum rc rc = RC_OK;

	if (wish->bed_days)
		return load_nobody(w, ask);
	if (!wish->expert)
		rc = calendar_experts_for(&ask->loader, &ask->agreement,
					  wish->kind, wish->specialty, &ids, &n,
					  &w->err);
	n = beside_within(wish, ids, n);
	/* What is kept over many searches has its order beside it. */
	if (rc == RC_OK && !ask->loader.bare && n > 1 &&
	    ask->agreement.terms.fairness_weeks > 0)
		rc = fairness_order(w, ids, n, ask);
	if (rc != RC_OK)
		return rc;
	struct core_expert *v = arena_array(ask->loader.arena, n, sizeof(*v));

	if (n && !v)
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = calendar_expert(&ask->loader, ids[i], &v[i], &w->err);
	/* One of another site is no business of the agreement. */
	if (rc == RC_OK && wish->expert &&
	    v[0].subject.site != ask->agreement.lead)
		rc = work_fault(w, "/expert", "the lead has no such expert");
	ask->core.experts = ask->experts = v;
	ask->core.nexperts = n;
	return rc;
}

/* A set of subjects in the making; room for all must be there from the start
 * because the core keeps pointers. */
struct rooms {
	struct core_subject *v;
	size_t n, cap;
};

static enum rc rooms_init(struct work *w, struct ask *ask, size_t cap,
			  struct rooms *out)
{
	*out = (struct rooms){.cap = cap};
	out->v = arena_array(ask->loader.arena, cap, sizeof(*out->v));
	return cap && !out->v ? work_nomem(w) : RC_OK;
}

static enum rc add_room(struct work *w, struct ask *ask, struct rooms *rooms,
			int64_t id)
{
	for (size_t i = 0; i < rooms->n; i++) {
		if (rooms->v[i].id == id)
			return RC_OK;
	}
	if (rooms->n == rooms->cap)
		return work_nomem(w);
	return calendar_subject(&ask->loader, id, &rooms->v[rooms->n++],
				&w->err);
}

/* Ids to choose from. */
struct choice {
	int64_t *ids;
	size_t n;
};

static enum rc find_rooms(struct work *w, struct ask *ask, int64_t site,
			  enum subject_type type, struct choice *out)
{
	return calendar_ids_of_type(&ask->loader, site, type, &out->ids,
				    &out->n, &w->err);
}

static bool is_had(const struct ask *ask, int64_t id)
{
	for (size_t i = 0; i < ask->nhad; i++) {
		if (ask->had[i] == id)
			return true;
	}
	return false;
}

/* Of the choice, what the booking that moves has now. */
static enum rc add_had(struct work *w, struct ask *ask, struct rooms *rooms,
		       const struct choice *c)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < c->n; i++) {
		if (is_had(ask, c->ids[i]))
			rc = add_room(w, ask, rooms, c->ids[i]);
	}
	return rc;
}

/* What the booking that moves has now comes first, whoever's it is: it keeps
 * its rooms where they do. */
static enum rc add_rooms(struct work *w, struct ask *ask, struct rooms *rooms,
			 const struct choice *c, size_t n)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = add_had(w, ask, rooms, &c[i]);
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		for (size_t k = 0; rc == RC_OK && k < c[i].n; k++)
			rc = add_room(w, ask, rooms, c[i].ids[k]);
	}
	return rc;
}

/* All who may take part, for whatever group; NULL after the last. */
static const struct core_expert *nth_expert(const struct ask *ask, size_t n)
{
	const struct core_ask *core = &ask->core;

	if (n < core->nexperts)
		return &core->experts[n];
	n -= core->nexperts;
	for (size_t g = 0; g < core->ngroups; g++) {
		if (n < core->groups[g].nexperts)
			return &core->groups[g].experts[n];
		n -= core->groups[g].nexperts;
	}
	return NULL;
}

static size_t count_places(const struct ask *ask)
{
	const struct core_expert *e;
	size_t n = 0;

	for (size_t i = 0; (e = nth_expert(ask, i)) != NULL; i++)
		n += e->subject.nrules;
	return n;
}

/* The places that the experts' rules name; out_free: does a rule name none? */
static enum rc add_places(struct work *w, struct ask *ask, struct rooms *rooms,
			  bool *out_free)
{
	const struct core_expert *e;
	enum rc rc = RC_OK;

	*out_free = false;
	for (size_t i = 0; (e = nth_expert(ask, i)) != NULL; i++) {
		const struct core_subject *s = &e->subject;

		for (size_t k = 0; rc == RC_OK && k < s->nrules; k++) {
			if (s->rules[k].place)
				rc = add_room(w, ask, rooms, s->rules[k].place);
			else
				*out_free = true;
		}
	}
	return rc;
}

static enum rc load_lead_rooms(struct work *w, struct ask *ask)
{
	struct choice studios;
	bool any;
	struct rooms rooms = {0};
	enum rc rc = find_rooms(w, ask, ask->agreement.lead, SUBJECT_STUDIO,
				&studios);

	if (rc == RC_OK)
		rc = rooms_init(w, ask, studios.n + count_places(ask), &rooms);
	if (rc == RC_OK)
		rc = add_places(w, ask, &rooms, &any);
	if (rc == RC_OK && any)
		rc = add_rooms(w, ask, &rooms, &studios, 1);
	ask->core.lead_rooms = ask->lead_rooms = rooms.v;
	ask->core.nlead_rooms = rooms.n;
	return rc;
}

static enum rc load_pool(struct work *w, struct ask *ask,
			 const struct kind_pool *kind, struct core_pool *out)
{
	const enum subject_type types[2] = {kind->type, kind->or_type};
	struct choice found[4] = {{0}};
	struct rooms rooms = {0};
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < 2; i++) {
		if (types[i] == SUBJECT_EXPERT)
			continue;
		if (kind->sides & KIND_LEAD)
			rc = find_rooms(w, ask, ask->agreement.lead, types[i],
					&found[i]);
		if (rc == RC_OK && kind->sides & KIND_PARTNER)
			rc = find_rooms(w, ask, ask->agreement.partner,
					types[i], &found[2 + i]);
	}
	if (rc == RC_OK)
		rc = rooms_init(w, ask,
				found[0].n + found[1].n + found[2].n +
					found[3].n,
				&rooms);
	if (rc == RC_OK)
		rc = add_rooms(w, ask, &rooms, found, 4);
	*out = (struct core_pool){rooms.v, rooms.n};
	return rc;
}

/* A ward has as many beds as its capacity. */
static const struct kind_pool wards = {CLAIM_BED, SUBJECT_WARD, KIND_LEAD,
				       false};

static enum rc load_pools(struct work *w, const struct wish *wish,
			  struct ask *ask)
{
	const struct kind_row *kind = kind_row(ask->core.kind);
	enum rc rc = RC_OK;

	if (wish->bed_days)
		return load_pool(w, ask, &wards, &ask->core.beds);
	for (size_t i = 0; rc == RC_OK && i < kind->npools; i++)
		rc = load_pool(w, ask, &kind->pools[i], &ask->core.pools[i]);
	return rc;
}

/* One list of the ways about every site where an expert may be. */
static enum rc add_transfers(struct work *w, struct ask *ask, int64_t site)
{
	struct core_transfer *more;
	size_t n, had = ask->core.ntransfers;
	enum rc rc = calendar_transfers(&ask->loader, site, &more, &n, &w->err);

	if (rc != RC_OK || n == 0)
		return rc;
	struct core_transfer *all =
		arena_array(ask->loader.arena, had + n, sizeof(*all));

	if (!all)
		return work_nomem(w);
	if (had)
		memcpy(all, ask->core.transfers, had * sizeof(*all));
	memcpy(all + had, more, n * sizeof(*all));
	ask->core.transfers = all;
	ask->core.ntransfers = had + n;
	return RC_OK;
}

/* The lead, or where one of the first n places is. */
static bool is_met(const struct ask *ask, size_t n, int64_t site)
{
	for (size_t i = 0; i < n; i++) {
		if (ask->core.lead_rooms[i].site == site)
			return true;
	}
	return site == ask->agreement.lead;
}

static enum rc add_away_transfers(struct work *w, struct ask *ask,
				  const struct core_expert *e, int64_t *last)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < e->naway; i++) {
		int64_t site = e->away[i].site;

		if (site != *last && !is_met(ask, ask->core.nlead_rooms, site))
			rc = add_transfers(w, ask, site);
		*last = site;
	}
	return rc;
}

static enum rc load_transfers(struct work *w, struct ask *ask)
{
	enum rc rc = add_transfers(w, ask, ask->agreement.lead);
	int64_t last = 0;

	for (size_t i = 0; rc == RC_OK && i < ask->core.nlead_rooms; i++) {
		int64_t site = ask->core.lead_rooms[i].site;

		if (!is_met(ask, i, site))
			rc = add_transfers(w, ask, site);
	}
	const struct core_expert *e;

	for (size_t i = 0; rc == RC_OK && (e = nth_expert(ask, i)) != NULL; i++)
		rc = add_away_transfers(w, ask, e, &last);
	return rc;
}

/* The pause about a session of places has no claim of its own: to whoever asks
 * for the surgeon each place is longer by it. */
static enum rc with_pauses(struct work *w, struct ask *ask,
			   const struct core_expert *e)
{
	struct core_subject *s = &ask->surgeon;
	struct core_claim *v =
		arena_array(ask->loader.arena, s->nclaims, sizeof(*v));

	if (s->nclaims == 0)
		return RC_OK;
	if (!v)
		return work_nomem(w);
	for (size_t i = 0; i < s->nclaims; i++) {
		v[i] = s->claims[i];
		if (v[i].session)
			v[i].to += (int64_t)e->buffer_minutes * 60;
	}
	s->claims = v;
	return RC_OK;
}

/* Whoever is seconded to another site operates there. */
static enum rc with_stays(struct work *w, struct ask *ask,
			  const struct core_expert *e)
{
	struct core_subject *s = &ask->surgeon;
	struct core_span *v = arena_array(ask->loader.arena,
					  s->nleaves + e->naway, sizeof(*v));
	size_t n = s->nleaves;

	if (e->naway == 0)
		return RC_OK;
	if (!v)
		return work_nomem(w);
	if (n > 0)
		memcpy(v, s->leaves, n * sizeof(*v));
	for (size_t i = 0; i < e->naway; i++) {
		const struct core_away *a = &e->away[i];

		if (a->site != s->site)
			v[n++] = local_days(a->zone, a->first_day, a->last_day);
	}
	s->leaves = v;
	s->nleaves = n;
	return RC_OK;
}

/* A surgeon operates at home: what the rules offer to others is no matter. */
static enum rc load_surgeon(struct work *w, const struct wish *wish,
			    struct ask *ask)
{
	struct core_expert e;

	if (!wish->surgeon)
		return RC_OK;
	enum rc rc = calendar_expert(&ask->loader, wish->surgeon, &e, &w->err);

	if (rc != RC_OK)
		return rc;
	ask->surgeon = e.subject;
	ask->surgeon.nrules = 0;
	ask->core.surgeon = &ask->surgeon;
	rc = with_stays(w, ask, &e);
	return rc == RC_OK ? with_pauses(w, ask, &e) : rc;
}

static enum rc load_had(struct work *w, const struct wish *wish,
			struct ask *ask)
{
	int64_t *had = NULL;
	enum rc rc = RC_OK;

	ask->had = wish->had;
	ask->nhad = wish->nhad;
	if (!wish->ignore_booking || wish->had)
		return RC_OK;
	rc = booking_subjects(w->tx, wish->ignore_booking, ask->loader.arena,
			      &had, &ask->nhad, &w->err);
	ask->had = had;
	return rc;
}

static enum rc load_named(struct work *w, const struct wish *wish,
			  struct ask *ask)
{
	struct rooms rooms = {.cap = wish->with.n};
	enum rc rc = RC_OK;

	if (wish->with.n > CORE_NAMED_MAX)
		return work_fault(w, "/with", "at most %d resources",
				  CORE_NAMED_MAX);
	rooms.v = arena_array(ask->loader.arena, rooms.cap, sizeof(*rooms.v));
	if (rooms.cap && !rooms.v)
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < wish->with.n; i++) {
		struct core_subject s;

		rc = calendar_find(&ask->loader, wish->with.v[i], &s, &w->err);
		if (rc == RC_OK && s.site != ask->agreement.lead &&
		    s.site != ask->agreement.partner && !is_had(ask, s.id))
			rc = RC_NOT_FOUND;
		if (rc == RC_OK && s.type == SUBJECT_EXPERT)
			rc = RC_NOT_FOUND;
		if (rc == RC_NOT_FOUND)
			return work_fault(w, "/with",
					  "neither site has a resource %s",
					  wish->with.v[i]);
		if (rc == RC_OK)
			rc = add_room(w, ask, &rooms, s.id);
	}
	ask->core.named = rooms.v;
	ask->core.nnamed = rooms.n;
	return rc;
}

/* Of a patient nothing is asked but the claims: no name, no rule. */
static enum rc load_patient(struct work *w, const struct wish *wish,
			    struct ask *ask)
{
	if (!wish->patient && !wish->new_patient)
		return RC_OK;
	ask->core.patient = &ask->patient;
	ask->patient = (struct core_subject){.id = wish->patient,
					     .type = SUBJECT_PATIENT,
					     .site = ask->agreement.partner,
					     .zone = ask->agreement.lead_zone,
					     .capacity = 1};
	if (wish->new_patient)
		return RC_OK;
	enum rc rc = calendar_claims(&ask->loader, &ask->patient, &w->err);
	struct core_span *stays = NULL;

	if (rc == RC_OK && wish->bed_days)
		rc = stays_of_patient(w->tx, wish->patient, ask->loader.window,
				      wish->ignore_booking, ask->loader.arena,
				      &stays, &ask->core.nstays, &w->err);
	ask->core.stays = stays;
	return rc;
}

static enum rc load_months(struct work *w, const struct wish *wish,
			   struct ask *ask)
{
	struct core_month *months;
	size_t n;
	enum rc rc =
		calendar_months(&ask->loader, &ask->agreement, wish->kind,
				wish->ignore_booking, &months, &n, &w->err);

	ask->core.months = months;
	ask->core.nmonths = n;
	return rc;
}

/* What others keep of the sessions that it may be a place of. */
static enum rc load_shares(struct work *w, const struct wish *wish,
			   struct ask *ask)
{
	enum rc rc;

	if (!kind_has_places(wish->kind))
		return RC_OK;
	rc = share_load(w->tx, &ask->agreement, ask->loader.window,
			ask->loader.arena, &ask->shares, &w->err);
	if (rc == RC_OK && ask->shares.n > 0)
		ask->core.shares = &ask->shares;
	return rc;
}

/* In this order: rooms and ways follow from the experts. */
enum rc ask_load_people(struct work *w, const struct wish *wish,
			struct ask *ask)
{
	enum rc rc = load_experts(w, wish, ask);

	if (rc == RC_OK)
		rc = beside_load(w, wish, ask);
	if (rc == RC_OK)
		rc = load_lead_rooms(w, ask);
	return rc == RC_OK ? load_transfers(w, ask) : rc;
}

static enum rc (*const loaders[])(struct work *w, const struct wish *wish,
				  struct ask *ask) = {
	load_pools,   load_named,  load_surgeon,
	load_patient, load_months, load_shares,
};
#define NLOADERS (sizeof(loaders) / sizeof(loaders[0]))

#define NO_LAST_DAY 2932896 /* 9999-12-31 */

static enum rc load(struct work *w, const struct wish *wish,
		    struct core_span window, struct arena *arena,
		    enum rc (*people)(struct work *w, const struct wish *wish,
				      struct ask *ask),
		    struct ask *out)
{
	*out = (struct ask){
		.loader = {.tx = w->tx,
			   .arena = arena,
			   .window = window,
			   .without = wish->within ? wish->within->id : 0},
		.core = {.kind = wish->kind,
			 .minutes = wish->minutes,
			 .now = w->tx->now,
			 .agreement = &out->agreement,
			 .before = wish->before,
			 .after = wish->after,
			 .specialty = wish->specialty,
			 .title = wish->title,
			 .modality = wish->modality,
			 .languages = wish->languages,
			 .nlanguages = wish->nlanguages,
			 .ignore_booking = wish->ignore_booking,
			 .pool = wish->pool,
			 .overbook = wish->overbook,
			 .bed_days = wish->bed_days},
	};
	enum rc rc = agreement_by_id(w->tx, wish->agreement, arena,
				     &out->agreement, &w->err);

	if (wish->down) {
		/* the agreement turned round: the receiver is asked */
		int64_t lead = out->agreement.lead;

		out->agreement.lead = out->agreement.partner;
		out->agreement.partner = lead;
	}
	if (wish->bed_days)
		out->loader.window.to += (wish->bed_days + 1) * CIVIL_DAY;
	/* Whoever leads another agreement is no lead here. */
	if (wish->overbook == CORE_OVERBOOK_LEAD &&
	    out->agreement.lead != w->who->site)
		out->core.overbook = CORE_OVERBOOK_OTHERS;
	if (wish->beyond_end)
		out->agreement.last_day = NO_LAST_DAY;
	if (rc == RC_OK)
		rc = load_had(w, wish, out);
	if (rc == RC_OK)
		rc = people(w, wish, out);
	for (size_t i = 0; rc == RC_OK && i < NLOADERS; i++)
		rc = loaders[i](w, wish, out);
	return rc;
}

static enum rc load_people_about(struct work *w, const struct wish *wish,
				 struct ask *ask)
{
	core_reach(&ask->core, &ask->loader.before, &ask->loader.length);
	return ask_load_people(w, wish, ask);
}

enum rc ask_load(struct work *w, const struct wish *wish,
		 struct core_span window, struct arena *arena, struct ask *out)
{
	return load(w, wish, window, arena, load_people_about, out);
}

enum rc ask_load_search(struct work *w, const struct wish *wish,
			struct core_span window, struct arena *arena,
			struct ask *out)
{
	return load(w, wish, window, arena,
		    squad_fits(w, wish) ? squad_join : ask_load_people, out);
}
