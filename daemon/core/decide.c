#include "daemon/core/decide.h"

#include <string.h>

#include "base/civil.h"
#include "daemon/core/claims.h"
#include "daemon/core/inquiry.h"
#include "daemon/core/kind.h"
#include "daemon/core/local.h"
#include "daemon/core/way.h"

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
	if (q->session == 0 && !kind_row(q->ask->kind)->places &&
	    q->span.from % CORE_GRANULE != 0)
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
	int64_t used = 0;

	if (quota < 0 || q->behind > 0)
		return;
	for (size_t i = 0; i < ask->nmonths; i++)
		if (ask->months[i].span.from <= q->span.from &&
		    q->span.from < ask->months[i].span.to)
			used = ask->months[i].used;
	if (used >= quota)
		refuse_in(q, NULL, BLOCK_QUOTA,
			  local_month(ask->agreement->lead_zone, q->span.from),
			  ask->agreement->slug);
}

static void take_or_tell(struct inquiry *q, const struct core_subject *subject,
			 enum claim_role role, bool operation)
{
	struct inquiry_want want = inquiry_want(q, subject, role, operation);

	if (inquiry_has(q, subject))
		return;
	inquiry_tell(q, &want);
	inquiry_claim(q, subject, role, want.taken);
}

/* What could have been the place or of a pool, and could not be had. */
static bool is_told(const struct inquiry *q, const struct core_subject *room)
{
	for (size_t i = q->told; q->blockers != NULL && i < q->blockers->n;
	     i++) {
		const struct core_blocker *b = &q->blockers->v[i];

		if (b->subject != NULL && b->subject->id == room->id &&
		    b->reason != BLOCK_ELSEWHERE)
			return true;
	}
	return false;
}

static void stage_named(struct inquiry *q)
{
	for (size_t i = 0; i < q->ask->nnamed; i++)
		if (!is_told(q, &q->ask->named[i]))
			take_or_tell(q, &q->ask->named[i], CLAIM_RESOURCE,
				     false);
}

static void stage_patient(struct inquiry *q)
{
	const struct core_subject *patient = inquiry_patient(q->ask);

	if (patient != NULL && q->ask->bed_days > 0)
		inquiry_admit(q, patient);
	else if (patient != NULL)
		take_or_tell(q, patient, CLAIM_PATIENT, true);
}

static void stage_surgeon(struct inquiry *q)
{
	const struct core_subject *surgeon = inquiry_surgeon(q->ask);

	if (surgeon != NULL)
		take_or_tell(q, surgeon, CLAIM_SURGEON, true);
}

static void (*const stages[])(struct inquiry *q) = {
	stage_time,	stage_agreement, stage_quota,	   inquiry_person,
	stage_patient,	stage_surgeon,	 inquiry_rooms,	   stage_named,
	inquiry_groups, inquiry_shares,	 inquiry_overbook,
};

/* Whatever it says of claims and of further experts is read no farther than
 * there are some. */
static void plan_begin(struct inquiry *q)
{
	struct core_plan *plan = q->plan;

	plan->span = q->span;
	plan->operation = q->operation;
	plan->session = q->session;
	plan->behind = q->behind > 0;
	plan->place = 0;
	plan->next = (struct core_next){0};
	plan->nalso = plan->nclaims = 0;
}

/* The first stages to the last, about the session as q says it. */
static bool ask_stages(struct inquiry *q)
{
	q->refused = false;
	q->told = q->blockers != NULL ? q->blockers->n : 0;
	plan_begin(q);
	for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
		stages[i](q);
		if (q->refused && q->blockers == NULL)
			break;
	}
	return !q->refused;
}

bool inquiry_place(struct inquiry *q, struct core_open open)
{
	q->session = open.from;
	q->opens = (struct core_opens){&open, 1};
	q->span.to = q->span.from + (int64_t)open.rule->slot_minutes * 60;
	q->end = q->span.to;
	q->operation = q->span;
	return ask_stages(q);
}

/* A time on the grid, in what is open besides sessions of places: nothing is,
 * for a kind that is a place and nothing else. */
static bool ask_grid(struct inquiry *q, int64_t length)
{
	struct core_opens *opens = &q->opens;

	if (kind_row(q->ask->kind)->places)
		opens->n = 0;
	inquiry_on_grid(q->ask, opens);
	q->session = opens->n > 0 ? q->ask->pool : 0;
	q->span.to = q->span.from + length;
	q->end = q->span.to + inquiry_overrun(q->ask);
	q->operation.from = q->span.from - inquiry_before(q->ask);
	q->operation.to = q->span.to + inquiry_after(q->ask);
	return ask_stages(q);
}

enum rc inquiry_answer(const struct core_ask *ask, size_t expert, int64_t at,
		       const struct inquiry_room *room,
		       struct core_plan *out_plan,
		       struct core_blockers *out_blockers)
{
	const struct core_expert *e = &ask->experts[expert];
	int64_t length = inquiry_length(ask);
	struct rule_set set = {e->subject.rules, e->subject.nrules, e->away,
			       e->naway};
	struct core_opens opens = {room->expert, 0};
	struct inquiry q = {
		.ask = ask,
		.expert = e,
		.span = {at, at + length},
		.room = room,
		.plan = out_plan,
		.blockers = out_blockers,
	};
	bool any = false, fits = false;

	out_plan->expert = expert;
	if (ask->bed_days > 0) {
		q.span.to = q.end = inquiry_bed_end(ask, at);
		q.operation = q.span;
		return ask_stages(&q) ? RC_OK : RC_REFUSED;
	}
	rule_lay(&set, q.span, 0, &opens);
	q.pooled = inquiry_pooled(ask, &opens);
	rule_keep_kind(&opens, ask->kind, e->kinds);
	for (size_t i = 0; i < opens.n && !fits; i++) {
		if (!inquiry_is_place(ask, &opens.v[i], at))
			continue;
		any = true;
		fits = inquiry_place(&q, opens.v[i]);
	}
	if (!any)
		fits = inquiry_behind(&q, &set, &any);
	if (fits && out_blockers != NULL)
		out_blockers->n = out_blockers->dropped = 0;
	if (any)
		return fits ? RC_OK : RC_REFUSED;
	q.opens = opens;
	return ask_grid(&q, length) ? RC_OK : RC_REFUSED;
}

/* A place is as long as its session says. */
static int64_t longest_part(const struct core_ask *ask)
{
	if (ask->bed_days > 0)
		return (ask->bed_days + 1) * CIVIL_DAY;
	return kind_has_places(ask->kind) ? CORE_MINUTES_MAX * 60
					  : inquiry_length(ask);
}

/* The rules are asked about the session and, of rooms, the operation. */
static int64_t longest(const struct core_ask *ask)
{
	return inquiry_before(ask) + longest_part(ask) + inquiry_after(ask);
}

void core_reach(const struct core_ask *ask, int64_t *out_before,
		int64_t *out_length)
{
	*out_before = inquiry_before(ask);
	*out_length =
		longest_part(ask) + inquiry_after(ask) + inquiry_overrun(ask);
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
	if (inquiry_room(ask, longest(ask), arena, &room) != RC_OK)
		return RC_NOMEM;
	return inquiry_answer(ask, expert, at, &room, out_plan, out_blockers);
}

enum rc core_decide_reader(const struct core_ask *ask, size_t expert,
			   int64_t at, struct core_blockers *out)
{
	const struct core_expert *e = &ask->experts[expert];
	struct inquiry q = {
		.ask = ask,
		.expert = e,
		.span = {at, at + 1},
		.blockers = out,
	};

	out->n = 0;
	out->dropped = 0;
	inquiry_able(&q);
	inquiry_tell_leave(&q, &e->subject, CLAIM_EXPERT, q.span);
	return q.refused ? RC_REFUSED : RC_OK;
}
