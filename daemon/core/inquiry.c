#include "daemon/core/inquiry.h"

#include <string.h>

#include "daemon/core/claims.h"
#include "daemon/core/kind.h"
#include "daemon/core/rows.h"
#include "daemon/core/share.h"

static void grow(size_t *most, const struct core_subject *subjects, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (subjects[i].nrules > *most)
			*most = subjects[i].nrules;
}

enum rc inquiry_room(const struct core_ask *ask, int64_t length,
		     struct arena *arena, struct inquiry_room *out)
{
	struct core_span span = {0, length};
	struct core_span longer = {0, length + SHARE_BEHIND};
	size_t own = 0, most = 0, group = 0;

	for (size_t i = 0; i < ask->nexperts && ask->rows == NULL; i++)
		grow(&own, &ask->experts[i].subject, 1);
	if (ask->rows == NULL)
		grow(&most, ask->lead_rooms, ask->nlead_rooms);
	else
		own = ask->rows->most_rules, most = ask->rows->most_room_rules;
	for (size_t i = 0; i < KIND_POOLS_MAX; i++)
		grow(&most, ask->pools[i].rooms, ask->pools[i].n);
	grow(&most, ask->named, ask->nnamed);
	for (size_t i = 0; i < ask->ngroups; i++)
		for (size_t k = 0; k < ask->groups[i].nexperts; k++)
			grow(&group, &ask->groups[i].experts[k].subject, 1);
	grow(&most, ask->beds.rooms, ask->beds.n);
	out->expert = arena_array(arena, rule_room(own, span),
				  sizeof(out->expert[0]));
	out->resource = arena_array(arena, rule_room(most, span),
				    sizeof(out->resource[0]));
	out->sessions = arena_array(arena, rule_room(own, longer),
				    sizeof(out->sessions[0]));
	if (!inquiry_asks_behind(ask))
		own = 0;
	out->behind = arena_array(arena, rule_room(own, longer),
				  sizeof(out->behind[0]));
	out->group = arena_array(arena, rule_room(group, span),
				 sizeof(out->group[0]));
	return out->expert != NULL && out->resource != NULL &&
			       out->sessions != NULL && out->behind != NULL &&
			       out->group != NULL
		       ? RC_OK
		       : RC_NOMEM;
}

void inquiry_refuse(struct inquiry *q, const struct core_blocker *why)
{
	q->refused = true;
	if (q->blockers == NULL)
		return;
	if (q->blockers->n == CORE_BLOCKERS_MAX) {
		q->blockers->dropped++;
		return;
	}
	q->blockers->v[q->blockers->n] = *why;
	q->blockers->v[q->blockers->n++].of = &q->expert->subject;
}

void inquiry_claim(struct inquiry *q, const struct core_subject *subject,
		   enum claim_role role, struct core_span span)
{
	struct core_plan *plan = q->plan;

	plan->claims[plan->nclaims].subject = subject;
	plan->claims[plan->nclaims].role = role;
	plan->claims[plan->nclaims++].span = span;
}

bool inquiry_has(const struct inquiry *q, const struct core_subject *subject)
{
	for (size_t i = 0; i < q->plan->nclaims; i++)
		if (q->plan->claims[i].subject->id == subject->id)
			return true;
	return false;
}

struct inquiry_want inquiry_want(const struct inquiry *q,
				 const struct core_subject *subject,
				 enum claim_role role, bool operation)
{
	struct inquiry_want want = {subject, role, q->span, q->span};

	if (operation)
		want.open = want.taken = q->operation;
	if (want.taken.to < q->end)
		want.taken.to = q->end;
	return want;
}

static struct claims_view view_of(const struct inquiry *q,
				  const struct core_subject *subject)
{
	/* the surgeon is an expert too, with ways of other bookings */
	return (struct claims_view){subject, q->ask->now,
				    q->ask->ignore_booking,
				    subject->type == SUBJECT_EXPERT};
}

static struct rule_set rules_of(const struct core_subject *subject)
{
	return (struct rule_set){subject->rules, subject->nrules, NULL, 0};
}

/* A resource without rules is always open. */
static bool is_open(const struct inquiry *q, const struct inquiry_want *want)
{
	struct rule_set set = rules_of(want->subject);
	struct core_opens opens = {q->room->resource, 0};
	size_t at = 0;

	if (want->subject->nrules == 0)
		return true;
	rule_lay(&set, want->open, 0, &opens);
	rule_keep_kind(&opens, q->ask->kind, 0);
	return rule_next_cover(&opens, want->open, &at) != NULL;
}

static bool touches(struct core_span a, struct core_span b)
{
	return a.from < b.to && a.to > b.from;
}

static bool is_on_leave(const struct inquiry_want *want)
{
	for (size_t i = 0; i < want->subject->nleaves; i++)
		if (touches(want->subject->leaves[i], want->open))
			return true;
	return false;
}

bool inquiry_fits(const struct inquiry *q, const struct inquiry_want *want)
{
	struct claims_view view = view_of(q, want->subject);

	return is_open(q, want) && !is_on_leave(want) &&
	       claims_free(&view, want->taken);
}

struct telling {
	struct inquiry *q;
	const struct inquiry_want *want;
};

static void tell_claim(void *ctx, const struct core_claim *claim)
{
	struct telling *t = ctx;

	inquiry_refuse(t->q, &(struct core_blocker){
				     .subject = t->want->subject,
				     .role = (int)t->want->role,
				     .reason = claim->role == CLAIM_BUFFER
						       ? BLOCK_BUFFER
						       : BLOCK_BUSY,
				     .span = {claim->from, claim->to},
				     .has_span = true});
}

void inquiry_tell_leave(struct inquiry *q, const struct core_subject *subject,
			enum claim_role role, struct core_span span)
{
	for (size_t i = 0; i < subject->nleaves; i++)
		if (touches(subject->leaves[i], span))
			inquiry_refuse(q, &(struct core_blocker){
						  .subject = subject,
						  .role = (int)role,
						  .reason = BLOCK_LEAVE,
						  .span = subject->leaves[i],
						  .has_span = true});
}

void inquiry_tell(struct inquiry *q, const struct inquiry_want *want)
{
	struct rule_set set = rules_of(want->subject);
	struct claims_view view = view_of(q, want->subject);
	struct telling telling = {q, want};

	if (!is_open(q, want))
		inquiry_tell_closed(q, want, &set, 0);
	inquiry_tell_leave(q, want->subject, want->role, want->open);
	claims_in_the_way(&view, want->taken, tell_claim, &telling);
}

/* What, left out of account, would let the session be: that is the reason. */
static const struct {
	unsigned leave;
	bool any_kind;
	enum block reason;
} excuses[] = {
	{0, true, BLOCK_KIND},
	{RULE_NO_HOLIDAYS, false, BLOCK_HOLIDAY},
	{RULE_NO_AWAY, false, BLOCK_SECONDED},
};

void inquiry_tell_closed(struct inquiry *q, const struct inquiry_want *want,
			 const struct rule_set *set, kindset kinds)
{
	bool of_expert = want->subject == &q->expert->subject;
	struct core_opens opens = {
		of_expert ? q->room->expert : q->room->resource, 0};
	struct core_blocker why = {.subject = want->subject,
				   .role = (int)want->role,
				   .reason = BLOCK_CLOSED};

	if (of_expert && q->pooled.rule != NULL)
		return; /* that is told (person.c) */
	for (size_t i = 0; i < sizeof(excuses) / sizeof(excuses[0]); i++) {
		const struct core_open *open;
		size_t at = 0;

		rule_lay(set, want->open, excuses[i].leave, &opens);
		if (!excuses[i].any_kind)
			rule_keep_kind(&opens, q->ask->kind, kinds);
		open = rule_next_cover(&opens, want->open, &at);
		if (open == NULL)
			continue;
		why.reason = excuses[i].reason;
		why.span = (struct core_span){open->from, open->to};
		why.has_span = true;
		why.rule = open->rule->text;
		break;
	}
	inquiry_refuse(q, &why);
}

/* --- pooled half-days --- */

static bool is_of_pool(const struct core_ask *ask, const struct core_open *open)
{
	return ask->pool != 0 && open->rule->pool != NULL &&
	       open->from == ask->pool;
}

void inquiry_on_grid(const struct core_ask *ask, struct core_opens *opens)
{
	size_t kept = 0;

	for (size_t i = 0; i < opens->n; i++) {
		const struct core_rule *rule = opens->v[i].rule;

		if (ask->pool != 0
			    ? is_of_pool(ask, &opens->v[i])
			    : rule->slot_minutes == 0 && rule->pool == NULL)
			opens->v[kept++] = opens->v[i];
	}
	opens->n = kept;
}

struct core_open inquiry_pooled(const struct core_ask *ask,
				const struct core_opens *opens)
{
	for (size_t i = 0; i < opens->n; i++)
		if (opens->v[i].rule->pool != NULL &&
		    !is_of_pool(ask, &opens->v[i]))
			return opens->v[i];
	return (struct core_open){0};
}

/* --- where one of several would do --- */

static bool is_named(const struct inquiry *q, const struct core_subject *room)
{
	for (size_t i = 0; i < q->ask->nnamed; i++)
		if (q->ask->named[i].id == room->id)
			return true;
	return false;
}

/* Does it go another way than those that the plan has in its role? */
static bool is_apart(const struct inquiry *q, const struct inquiry_pool *pool,
		     const struct core_subject *link)
{
	if (!pool->apart)
		return true;
	for (size_t i = 0; i < q->plan->nclaims && link->path != NULL; i++)
		if (q->plan->claims[i].role == pool->role &&
		    !inquiry_apart(q->plan->claims[i].subject, link))
			return false;
	return link->path != NULL;
}

bool inquiry_apart(const struct core_subject *a, const struct core_subject *b)
{
	return a->path != NULL && b->path != NULL &&
	       strcmp(a->path, b->path) != 0;
}

static bool in_pool(const struct inquiry *q, const struct inquiry_pool *pool,
		    size_t i)
{
	return (!pool->studios ||
		inquiry_is_lead_studio(q->ask, &pool->rooms[i])) &&
	       !inquiry_has(q, &pool->rooms[i]);
}

/* Somebody who names a room of the pool wants that one. */
static bool pool_named(const struct inquiry *q, const struct inquiry_pool *pool)
{
	for (size_t i = 0; i < pool->n; i++)
		if (is_named(q, &pool->rooms[i]) && in_pool(q, pool, i))
			return true;
	return false;
}

bool inquiry_pool_take(struct inquiry *q, const struct inquiry_pool *pool)
{
	bool named = q->ask->nnamed > 0 && pool_named(q, pool);

	for (size_t i = 0; i < pool->n; i++) {
		struct inquiry_want want = inquiry_want(
			q, &pool->rooms[i], pool->role, pool->operation);

		if ((!named || is_named(q, want.subject)) &&
		    in_pool(q, pool, i) && is_apart(q, pool, want.subject) &&
		    inquiry_fits(q, &want) &&
		    (!pool->expert || inquiry_way_fits(q, want.subject))) {
			inquiry_claim(q, want.subject, want.role, want.taken);
			return true;
		}
	}
	return false;
}

void inquiry_pool_tell(struct inquiry *q, const struct inquiry_pool *pool)
{
	bool named = pool_named(q, pool);
	bool any = false;

	for (size_t i = 0; i < pool->n; i++) {
		struct inquiry_want want = inquiry_want(
			q, &pool->rooms[i], pool->role, pool->operation);

		if (!in_pool(q, pool, i) ||
		    (named && !is_named(q, want.subject)))
			continue;
		any = true;
		inquiry_tell(q, &want);
		if (!is_apart(q, pool, want.subject))
			inquiry_refuse(q, &(struct core_blocker){
						  .subject = want.subject,
						  .role = (int)pool->role,
						  .reason = BLOCK_PATH});
		if (pool->expert)
			inquiry_way_tell(q, want.subject);
	}
	if (!any)
		inquiry_refuse(q,
			       &(struct core_blocker){.role = (int)pool->role,
						      .reason = BLOCK_NO_ROOM});
}
