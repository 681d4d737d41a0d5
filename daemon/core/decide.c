#include "daemon/core/decide.h"

#include <string.h>

#include "base/civil.h"
#include "daemon/core/claims.h"
#include "daemon/core/inquiry.h"
#include "daemon/core/kind.h"
#include "daemon/core/local.h"

static bool among(const char *const *words, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

size_t core_agreement_blocks(const struct core_agreement *a, enum kind kind,
			     const char *specialty, int64_t day,
			     enum block out[4])
{
	size_t n = 0;

	if (day < a->first_day || day > a->last_day)
		out[n++] = BLOCK_AGREEMENT;
	if ((a->kinds & KINDSET(kind)) == 0)
		out[n++] = BLOCK_AGREEMENT_KIND;
	if (specialty != NULL && a->nspecialties > 0 &&
	    !among(a->specialties, a->nspecialties, specialty))
		out[n++] = BLOCK_SPECIALTY;
	return n;
}

/* Has the expert what is asked for, or else anything that the agreement is
 * about? */
static bool has_specialty(const struct core_ask *ask,
			  const struct core_expert *e)
{
	const struct core_agreement *a = ask->agreement;

	if (ask->specialty != NULL)
		return among(e->specialties, e->nspecialties, ask->specialty);
	for (size_t i = 0; i < e->nspecialties; i++)
		if (among(a->specialties, a->nspecialties, e->specialties[i]))
			return true;
	return a->nspecialties == 0;
}

static bool has_kind(const struct core_ask *ask, const struct core_expert *e)
{
	return (e->kinds & KINDSET(ask->kind)) != 0;
}

bool inquiry_is_sane(const struct core_ask *ask)
{
	return ask->minutes >= 1 && ask->minutes <= CORE_MINUTES_MAX &&
	       ask->nnamed <= CORE_NAMED_MAX;
}

const struct core_subject *inquiry_patient(const struct core_ask *ask)
{
	unsigned parts = kind_row(ask->kind)->parts;

	return (parts & KIND_PART_PATIENT) != 0 ? ask->patient : NULL;
}

bool inquiry_suits(const struct core_ask *ask, const struct core_expert *e)
{
	return has_kind(ask, e) && has_specialty(ask, e);
}

int64_t inquiry_seasoned(const struct core_ask *ask,
			 const struct core_expert *e)
{
	int years = ask->agreement->min_independent_years;
	struct civil c;
	int mlen;

	if (years == 0)
		return INT64_MIN;
	if (e->independent_since == CORE_NO_DAY)
		return CORE_NO_DAY;
	civil_from_days(e->independent_since, &c);
	/* 29 February is complete on 1 March where there is none */
	mlen = civil_month_days(c.year + years, c.month);
	return c.day <= mlen ? civil_days(c.year + years, c.month, c.day)
			     : civil_days(c.year + years, c.month, mlen) + 1;
}

bool inquiry_away(const struct core_ask *ask, const struct core_away *away)
{
	return kind_row(ask->kind)->remote && !away->remote_requests;
}

bool inquiry_is_lead_studio(const struct core_ask *ask,
			    const struct core_subject *room)
{
	return room->type == SUBJECT_STUDIO &&
	       room->site == ask->agreement->lead;
}

/* --- the stages: what may stand against it, rules first --- */

static void refuse_by(struct inquiry *q, const struct core_subject *subject,
		      enum block reason)
{
	inquiry_refuse(q, &(struct core_blocker){.subject = subject,
						 .role = -1,
						 .reason = reason});
}

static void refuse_in(struct inquiry *q, const struct core_subject *subject,
		      enum block reason, struct core_span span,
		      const char *rule)
{
	inquiry_refuse(q, &(struct core_blocker){.subject = subject,
						 .role = -1,
						 .reason = reason,
						 .span = span,
						 .has_span = true,
						 .rule = rule});
}

static void stage_time(struct inquiry *q)
{
	if (q->span.from < q->ask->now)
		refuse_by(q, NULL, BLOCK_PAST);
	if (q->span.from % CORE_GRANULE != 0)
		refuse_by(q, NULL, BLOCK_GRID);
}

static void stage_agreement(struct inquiry *q)
{
	const struct core_agreement *a = q->ask->agreement;
	enum block blocks[4];
	size_t n = core_agreement_blocks(a, q->ask->kind, q->ask->specialty,
					 local_day(a->lead_zone, q->span.from),
					 blocks);

	for (size_t i = 0; i < n; i++)
		inquiry_refuse(q, &(struct core_blocker){.role = -1,
							 .reason = blocks[i],
							 .rule = a->slug});
}

static void stage_quota(struct inquiry *q)
{
	const struct core_ask *ask = q->ask;
	int64_t quota = ask->agreement->quota[ask->kind];
	struct core_span month =
		local_month(ask->agreement->lead_zone, q->span.from);
	int64_t used = 0;

	for (size_t i = 0; i < ask->nmonths; i++)
		if (ask->months[i].span.from <= q->span.from &&
		    q->span.from < ask->months[i].span.to)
			used = ask->months[i].used;
	if (quota >= 0 && used >= quota)
		refuse_in(q, NULL, BLOCK_QUOTA, month, ask->agreement->slug);
}

static void stage_expert(struct inquiry *q)
{
	const struct core_expert *e = q->expert;
	const struct tz *zone = q->ask->agreement->lead_zone;

	if (!has_kind(q->ask, e))
		refuse_by(q, &e->subject, BLOCK_KIND);
	if (!has_specialty(q->ask, e))
		refuse_by(q, &e->subject, BLOCK_SPECIALTY);
	if (local_day(zone, q->span.from) < inquiry_seasoned(q->ask, e))
		inquiry_refuse(q, &(struct core_blocker){
					  .subject = &e->subject,
					  .role = -1,
					  .reason = BLOCK_EXPERIENCE,
					  .rule = q->ask->agreement->slug});
}

static void stage_away(struct inquiry *q)
{
	const struct core_expert *e = q->expert;

	for (size_t i = 0; i < e->naway; i++) {
		const struct core_away *away = &e->away[i];
		struct core_span span =
			local_days(away->zone, away->first_day, away->last_day);

		if (inquiry_away(q->ask, away) && q->span.from < span.to &&
		    q->span.to > span.from)
			refuse_in(q, &e->subject, BLOCK_SECONDED, span, NULL);
	}
}

static void stage_cap(struct inquiry *q)
{
	const struct core_expert *e = q->expert;
	struct claims_view view = {&e->subject, q->ask->now,
				   q->ask->ignore_booking};
	int64_t day = local_day(e->subject.zone, q->span.from);
	struct core_span span = local_days(e->subject.zone, day, day);

	if (e->cap_per_day > 0 &&
	    claims_started(&view, CLAIM_EXPERT, span) >= (size_t)e->cap_per_day)
		refuse_in(q, &e->subject, BLOCK_DAY_CAP, span, NULL);
}

static void stage_busy(struct inquiry *q)
{
	const struct core_expert *e = q->expert;
	struct core_span pause = {q->span.to,
				  q->span.to + e->buffer_minutes * 60};
	struct inquiry_want want = {&e->subject, CLAIM_EXPERT, pause.to};

	if ((kind_row(q->ask->kind)->parts & KIND_PART_EXPERT) == 0)
		return;
	inquiry_tell_busy(q, &want);
	inquiry_claim(q, &e->subject, CLAIM_EXPERT, q->span);
	if (e->buffer_minutes > 0)
		inquiry_claim(q, &e->subject, CLAIM_BUFFER, pause);
}

/* --- rooms --- */

/* Where one of several would do. */
struct pool {
	const struct core_subject *rooms;
	size_t n;
	bool studios; /* of the lead alone */
	enum claim_role role;
};

static bool is_named(const struct inquiry *q, const struct core_subject *room)
{
	for (size_t i = 0; i < q->ask->nnamed; i++)
		if (q->ask->named[i].id == room->id)
			return true;
	return false;
}

static bool in_pool(const struct inquiry *q, const struct pool *pool, size_t i)
{
	return (!pool->studios ||
		inquiry_is_lead_studio(q->ask, &pool->rooms[i])) &&
	       !inquiry_has(q, &pool->rooms[i]);
}

/* Somebody who names a room of the pool wants that one. */
static bool pool_named(const struct inquiry *q, const struct pool *pool)
{
	for (size_t i = 0; i < pool->n; i++)
		if (in_pool(q, pool, i) && is_named(q, &pool->rooms[i]))
			return true;
	return false;
}

/* Claims the first that fits. */
static bool pool_take(struct inquiry *q, const struct pool *pool)
{
	bool named = pool_named(q, pool);

	for (size_t i = 0; i < pool->n; i++) {
		struct inquiry_want want = {&pool->rooms[i], pool->role,
					    q->span.to};

		if (in_pool(q, pool, i) &&
		    (!named || is_named(q, want.subject)) &&
		    inquiry_fits(q, &want)) {
			inquiry_claim(q, want.subject, want.role, q->span);
			return true;
		}
	}
	return false;
}

static void pool_tell(struct inquiry *q, const struct pool *pool)
{
	bool named = pool_named(q, pool);
	bool any = false;

	for (size_t i = 0; i < pool->n; i++) {
		struct inquiry_want want = {&pool->rooms[i], pool->role,
					    q->span.to};

		if (!in_pool(q, pool, i) ||
		    (named && !is_named(q, want.subject)))
			continue;
		any = true;
		inquiry_tell(q, &want);
	}
	if (!any)
		inquiry_refuse(q,
			       &(struct core_blocker){.role = (int)pool->role,
						      .reason = BLOCK_NO_ROOM});
}

/* The lead's place of a session under that rule: the place that the rule
 * names, or any studio. */
static struct pool lead_pool(const struct inquiry *q,
			     const struct core_rule *rule)
{
	const struct core_ask *ask = q->ask;
	struct pool pool = {.role = CLAIM_LEAD_STUDIO};

	if (rule->place == 0)
		return (struct pool){ask->lead_rooms, ask->nlead_rooms, true,
				     CLAIM_LEAD_STUDIO};
	for (size_t i = 0; i < ask->nlead_rooms && pool.n == 0; i++)
		if (ask->lead_rooms[i].id == rule->place) {
			pool.rooms = &ask->lead_rooms[i];
			pool.n = 1;
		}
	return pool;
}

static bool place_needed(const struct inquiry *q, const struct core_rule *rule)
{
	return rule->place != 0 ||
	       (kind_row(q->ask->kind)->parts & KIND_PART_LEAD_STUDIO) != 0;
}

/* Rules for several places may cover the session: the first place that fits
 * is taken. */
static bool place_take(struct inquiry *q, const struct core_opens *opens)
{
	const struct core_open *open;
	size_t at = 0;

	while ((open = rule_next_cover(opens, q->span, &at)) != NULL) {
		struct pool pool = lead_pool(q, open->rule);

		if (!place_needed(q, open->rule) || pool_take(q, &pool))
			return true;
	}
	return false;
}

/* True when there were places to tell about. */
static bool place_tell(struct inquiry *q, const struct core_opens *opens)
{
	const struct core_open *open;
	bool any = false;
	size_t at = 0;

	while ((open = rule_next_cover(opens, q->span, &at)) != NULL) {
		struct pool pool = lead_pool(q, open->rule);

		pool_tell(q, &pool);
		any = true;
	}
	return any;
}

/* The expert must be open, at a place that is free. */
static void stage_place(struct inquiry *q)
{
	const struct core_expert *e = q->expert;
	struct rule_set set = {e->subject.rules, e->subject.nrules, e->away,
			       e->naway};
	struct core_opens opens = {q->room->expert, 0};

	rule_lay(&set, q->span, 0, &opens);
	rule_keep_kind(&opens, q->ask->kind, e->kinds);
	if (!place_take(q, &opens) && !place_tell(q, &opens))
		inquiry_tell_closed(q, &e->subject, CLAIM_EXPERT, &set,
				    e->kinds);
}

static void stage_partner(struct inquiry *q)
{
	struct pool pool = {q->ask->partner_rooms, q->ask->npartner_rooms,
			    false, CLAIM_PARTNER_STUDIO};

	if ((kind_row(q->ask->kind)->parts & KIND_PART_PARTNER_STUDIO) == 0)
		return;
	if (!pool_take(q, &pool))
		pool_tell(q, &pool);
}

static void take_or_tell(struct inquiry *q, const struct core_subject *subject,
			 enum claim_role role)
{
	struct inquiry_want want = {subject, role, q->span.to};

	if (inquiry_has(q, subject))
		return;
	inquiry_tell(q, &want);
	inquiry_claim(q, subject, role, q->span);
}

static void stage_named(struct inquiry *q)
{
	for (size_t i = 0; i < q->ask->nnamed; i++)
		take_or_tell(q, &q->ask->named[i], CLAIM_RESOURCE);
}

static void stage_patient(struct inquiry *q)
{
	const struct core_subject *patient = inquiry_patient(q->ask);

	if (patient != NULL)
		take_or_tell(q, patient, CLAIM_PATIENT);
}

static void (*const stages[])(struct inquiry *q) = {
	stage_time,  stage_agreement, stage_quota, stage_expert,
	stage_away,  stage_cap,	      stage_busy,  stage_patient,
	stage_place, stage_partner,   stage_named,
};

enum rc inquiry_answer(const struct core_ask *ask, size_t expert, int64_t at,
		       const struct inquiry_room *room,
		       struct core_plan *out_plan,
		       struct core_blockers *out_blockers)
{
	struct inquiry q = {
		.ask = ask,
		.expert = &ask->experts[expert],
		.span = {at, at + ask->minutes * 60},
		.room = room,
		.plan = out_plan,
		.blockers = out_blockers,
	};

	out_plan->expert = expert;
	out_plan->span = q.span;
	out_plan->nclaims = 0;
	for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
		stages[i](&q);
		if (q.refused && out_blockers == NULL)
			break;
	}
	return q.refused ? RC_REFUSED : RC_OK;
}

enum rc core_decide(const struct core_ask *ask, size_t expert, int64_t at,
		    struct arena *arena, struct core_plan *out_plan,
		    struct core_blockers *out_blockers)
{
	struct inquiry_room room;

	if (out_blockers != NULL) {
		out_blockers->n = 0;
		out_blockers->dropped = 0;
	}
	if (!inquiry_is_sane(ask))
		return RC_INVALID;
	if (inquiry_room(ask, ask->minutes * 60, arena, &room) != RC_OK)
		return RC_NOMEM;
	return inquiry_answer(ask, expert, at, &room, out_plan, out_blockers);
}
