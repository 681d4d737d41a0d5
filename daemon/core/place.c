/*
 * Where the expert is: the stage that finds a place which is open, free, and
 * can be reached, and beside it a room of every pool (inquiry.h).
 */
#include "daemon/core/inquiry.h"
#include "daemon/core/way.h"

bool inquiry_is_lead_studio(const struct core_ask *ask,
			    const struct core_subject *room)
{
	return room->type == SUBJECT_STUDIO &&
	       room->site == ask->agreement->lead;
}

static bool suits(const struct core_ask *ask, const struct core_subject *room)
{
	const struct core_agreement *a = ask->agreement;
	enum kind_where where = kind_row(ask->kind)->where;

	if (where == KIND_REMOTE)
		return true;
	return room->site == a->partner
		       ? where != KIND_AT_LEAD
		       : where != KIND_AT_PARTNER && room->site == a->lead;
}

static const struct core_subject *named_place(const struct core_ask *ask,
					      const struct core_rule *rule)
{
	for (size_t i = 0; i < ask->nlead_rooms; i++)
		if (ask->lead_rooms[i].id == rule->place)
			return &ask->lead_rooms[i];
	return NULL;
}

const struct core_subject *inquiry_rule_place(const struct core_ask *ask,
					      const struct core_rule *rule)
{
	const struct core_subject *room = named_place(ask, rule);

	return room != NULL && suits(ask, room) ? room : NULL;
}

bool inquiry_is_place(const struct core_ask *ask, const struct core_open *open,
		      int64_t at)
{
	int64_t slot = (int64_t)open->rule->slot_minutes * 60;

	return slot > 0 && kind_has_places(ask->kind) && at >= open->from &&
	       at + slot <= open->to && (at - open->from) % slot == 0 &&
	       inquiry_rule_place(ask, open->rule) != NULL;
}

/* --- the way there --- */

static struct way_stop stop_of(const struct inquiry *q,
			       const struct core_subject *place)
{
	return (struct way_stop){
		.place = place != NULL ? place->id : 0,
		.site = place != NULL ? place->site : 0,
		.busy = {q->span.from,
			 q->end + (int64_t)q->expert->buffer_minutes * 60},
		.end = q->end,
		.session = q->session,
	};
}

static const struct core_claim *find_way(const struct inquiry *q,
					 const struct core_subject *place,
					 struct way *out)
{
	struct way_view view = {q->expert,
				{q->ask->transfers, q->ask->ntransfers},
				q->ask->now,
				q->ask->ignore_booking};
	struct way_stop stop = stop_of(q, place);

	return way_find(&view, &stop, out);
}

static bool has_expert(const struct inquiry *q)
{
	return (kind_row(q->ask->kind)->parts & KIND_PART_EXPERT) != 0;
}

bool inquiry_way_fits(struct inquiry *q, const struct core_subject *place)
{
	struct core_plan *plan = q->plan;
	struct way way;

	if (!has_expert(q))
		return true;
	if (find_way(q, place, &way) != NULL)
		return false;
	plan->place = place != NULL ? place->id : 0;
	if (way.before.from < way.before.to)
		inquiry_claim(q, &q->expert->subject, CLAIM_TRANSFER,
			      way.before);
	if (way.next != NULL) {
		plan->next.booking = way.next->booking;
		plan->next.hold_until = way.next->hold_until;
		plan->next.span = way.after;
	}
	return true;
}

void inquiry_way_tell(struct inquiry *q, const struct core_subject *place)
{
	struct way way;
	const struct core_claim *c =
		has_expert(q) ? find_way(q, place, &way) : NULL;

	if (c != NULL)
		inquiry_refuse(q, &(struct core_blocker){
					  .subject = &q->expert->subject,
					  .role = CLAIM_TRANSFER,
					  .reason = BLOCK_TRANSFER,
					  .span = {c->from, c->to},
					  .has_span = true});
}

/* --- the place --- */

/* The place of a session under that rule: the one that the rule names, or any
 * studio of the lead. */
static struct inquiry_pool pool_of(const struct inquiry *q,
				   const struct core_rule *rule)
{
	const struct core_ask *ask = q->ask;
	bool studio = (kind_row(ask->kind)->parts & KIND_PART_LEAD_STUDIO) != 0;
	struct inquiry_pool pool = {
		.role = studio || kind_row(ask->kind)->where == KIND_REMOTE
				? CLAIM_LEAD_STUDIO
				: CLAIM_PLACE,
		.expert = true};

	/* whom a patient comes to see is somewhere */
	if (rule->place == 0 && kind_row(ask->kind)->where == KIND_REMOTE) {
		pool.rooms = ask->lead_rooms;
		pool.n = ask->nlead_rooms;
		pool.studios = true;
		return pool;
	}
	pool.rooms = named_place(ask, rule);
	pool.n = pool.rooms != NULL;
	return pool;
}

/* A kind to which nobody travels may be done from anywhere, and needs a room
 * for it only if it is seen in one. */
static bool place_needed(const struct inquiry *q, const struct core_rule *rule)
{
	const struct kind_row *kind = kind_row(q->ask->kind);

	return rule->place != 0 || kind->where != KIND_REMOTE ||
	       (kind->parts & KIND_PART_LEAD_STUDIO) != 0;
}

static bool is_elsewhere(const struct inquiry *q, const struct core_rule *rule)
{
	const struct core_subject *room = named_place(q->ask, rule);

	return room != NULL && !suits(q->ask, room);
}

/* Whom a patient comes to see is somewhere. */
static bool is_nowhere(const struct inquiry *q, const struct core_rule *rule)
{
	return kind_row(q->ask->kind)->where != KIND_REMOTE &&
	       named_place(q->ask, rule) == NULL;
}

static struct inquiry_pool kind_pool(const struct inquiry *q, size_t i)
{
	const struct kind_pool *of = &kind_row(q->ask->kind)->pools[i];

	return (struct inquiry_pool){
		.rooms = q->ask->pools[i].rooms,
		.n = q->ask->pools[i].n,
		.role = of->role,
		.operation = of->operation,
		.apart = of->apart,
	};
}

/* The place where the expert sits may be one of them. */
static bool is_seated(const struct inquiry *q, size_t i)
{
	const struct core_pool *of = &q->ask->pools[i];

	if (!kind_row(q->ask->kind)->pools[i].seat)
		return false;
	for (size_t k = 0; k < of->n; k++)
		if (inquiry_has(q, &of->rooms[k]))
			return true;
	return false;
}

static bool pools_take(struct inquiry *q)
{
	for (size_t i = 0; i < kind_row(q->ask->kind)->npools; i++) {
		struct inquiry_pool pool = kind_pool(q, i);

		if (!is_seated(q, i) && !inquiry_pool_take(q, &pool) &&
		    !kind_row(q->ask->kind)->pools[i].optional)
			return false;
	}
	return true;
}

static void pools_tell(struct inquiry *q)
{
	for (size_t i = 0; i < kind_row(q->ask->kind)->npools; i++) {
		struct inquiry_pool pool = kind_pool(q, i);

		if (!is_seated(q, i) && !inquiry_pool_take(q, &pool) &&
		    !kind_row(q->ask->kind)->pools[i].optional)
			inquiry_pool_tell(q, &pool);
	}
}

/* Rules for several places may cover the session: the first place that fits
 * is taken; with a room of every pool besides, or whatever they have. */
static bool place_take(struct inquiry *q, bool pools)
{
	const struct core_open *open;
	size_t before = q->plan->nclaims;
	size_t at = 0;

	while ((open = rule_next_cover(&q->opens, q->span, &at)) != NULL) {
		struct inquiry_pool pool = pool_of(q, open->rule);

		if (is_elsewhere(q, open->rule))
			continue;
		if ((place_needed(q, open->rule) ? inquiry_pool_take(q, &pool)
						 : inquiry_way_fits(q, NULL)) &&
		    (!pools || pools_take(q)))
			return true;
		q->plan->nclaims = before;
	}
	return false;
}

static void place_tell_one(struct inquiry *q, const struct core_open *open)
{
	struct inquiry_pool pool = pool_of(q, open->rule);

	if (is_elsewhere(q, open->rule))
		inquiry_refuse(q, &(struct core_blocker){
					  .subject = pool.rooms,
					  .role = (int)pool.role,
					  .reason = BLOCK_ELSEWHERE,
					  .span = {open->from, open->to},
					  .has_span = true,
					  .rule = open->rule->text});
	else if (place_needed(q, open->rule))
		inquiry_pool_tell(q, &pool);
	else
		inquiry_way_tell(q, NULL);
}

/* True when there were places to tell about. */
static bool place_tell(struct inquiry *q)
{
	const struct core_open *open;
	bool any = false;
	size_t at = 0;

	while ((open = rule_next_cover(&q->opens, q->span, &at)) != NULL) {
		place_tell_one(q, open);
		any = true;
	}
	return any;
}

/* --- beside others --- */

/* A room of the session that could be the place. */
static const struct core_subject *shared(const struct inquiry *q,
					 const struct inquiry_pool *pool)
{
	for (size_t i = 0; i < q->plan->nclaims; i++) {
		const struct core_subject *room = q->plan->claims[i].subject;

		if (q->plan->claims[i].role != pool->role ||
		    (pool->studios && !inquiry_is_lead_studio(q->ask, room)))
			continue;
		for (size_t k = 0; k < pool->n; k++)
			if (pool->rooms[k].id == room->id)
				return room;
	}
	return NULL;
}

static bool beside_take(struct inquiry *q)
{
	const struct core_open *open;
	size_t at = 0;

	while ((open = rule_next_cover(&q->opens, q->span, &at)) != NULL) {
		struct inquiry_pool pool = pool_of(q, open->rule);
		const struct core_subject *room = shared(q, &pool);

		if (is_elsewhere(q, open->rule))
			continue;
		if (room != NULL || !place_needed(q, open->rule)
			    ? inquiry_way_fits(q, room)
			    : inquiry_pool_take(q, &pool))
			return true;
	}
	return false;
}

/* True when there were places to tell about. */
static bool beside_tell(struct inquiry *q)
{
	const struct core_open *open;
	bool any = false;
	size_t at = 0;

	while ((open = rule_next_cover(&q->opens, q->span, &at)) != NULL) {
		struct inquiry_pool pool = pool_of(q, open->rule);
		const struct core_subject *room = shared(q, &pool);

		if (room != NULL && !is_elsewhere(q, open->rule))
			inquiry_way_tell(q, room);
		else
			place_tell_one(q, open);
		any = true;
	}
	return any;
}

void inquiry_beside(struct inquiry *q)
{
	const struct core_expert *e = q->expert;
	struct rule_set set = {e->subject.rules, e->subject.nrules, e->away,
			       e->naway};
	struct inquiry_want want =
		inquiry_want(q, &e->subject, CLAIM_EXPERT, false);

	if (beside_take(q))
		return;
	q->refused = true;
	if (q->blockers != NULL && !beside_tell(q))
		inquiry_tell_closed(q, &want, &set, e->kinds);
}

/* Refuses with the sessions of places that are on then, but begin no place at
 * that time. True when there were any. */
static bool places_tell(struct inquiry *q, const struct rule_set *set)
{
	struct core_opens opens = {q->room->expert, 0};
	bool any = false;

	rule_lay(set, q->span, 0, &opens);
	rule_keep_kind(&opens, q->ask->kind, q->expert->kinds);
	for (size_t i = 0; i < opens.n; i++) {
		const struct core_open *open = &opens.v[i];

		if (open->rule->slot_minutes == 0 || open->from > q->span.from)
			continue;
		any = true;
		if (is_elsewhere(q, open->rule) || is_nowhere(q, open->rule))
			place_tell_one(q, open);
		else
			inquiry_refuse(q,
				       &(struct core_blocker){
					       .subject = &q->expert->subject,
					       .role = CLAIM_EXPERT,
					       .reason = BLOCK_PLACE_START,
					       .span = {open->from, open->to},
					       .has_span = true,
					       .rule = open->rule->text});
	}
	return any;
}

void inquiry_rooms(struct inquiry *q)
{
	const struct core_expert *e = q->expert;
	struct rule_set set = {e->subject.rules, e->subject.nrules, e->away,
			       e->naway};
	struct inquiry_want want =
		inquiry_want(q, &e->subject, CLAIM_EXPERT, false);

	if (q->ask->bed_days > 0) {
		inquiry_beds(q);
		return;
	}
	if (place_take(q, true))
		return;
	q->refused = true;
	if (q->blockers == NULL)
		return;
	if (!place_take(q, false) && !place_tell(q) && !places_tell(q, &set))
		inquiry_tell_closed(q, &want, &set, e->kinds);
	pools_tell(q);
}
