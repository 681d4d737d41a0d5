/*
 * A bed for some days: no expert and no place, but a ward of the lead's (or of
 * whoever takes the patient over) that has one left (decide.h).
 */
#include <string.h>

#include "base/civil.h"
#include "daemon/core/inquiry.h"
#include "daemon/core/kind.h"
#include "daemon/core/local.h"

bool inquiry_has_expert(const struct core_ask *ask)
{
	return ask->bed_days == 0 &&
	       (kind_row(ask->kind)->parts & KIND_PART_EXPERT) != 0;
}

static const struct tz *zone_of(const struct core_ask *ask)
{
	return ask->experts[0].subject.zone;
}

int64_t inquiry_bed_end(const struct core_ask *ask, int64_t at)
{
	int64_t day = local_day(zone_of(ask), at);

	return local_days(zone_of(ask), day, day + ask->bed_days - 1).to;
}

void inquiry_admit(struct inquiry *q, const struct core_subject *patient)
{
	int64_t minutes = kind_row(q->ask->kind)->default_minutes;
	struct core_span span = {q->span.from, q->span.from + minutes * 60};
	struct inquiry_want want = {patient, CLAIM_PATIENT, span, span};

	inquiry_tell(q, &want);
	for (size_t i = 0; i < q->ask->nstays; i++) {
		const struct core_span *stay = &q->ask->stays[i];

		if (stay->from < q->span.to && q->span.from < stay->to)
			inquiry_refuse(
				q, &(struct core_blocker){.subject = patient,
							  .role = CLAIM_PATIENT,
							  .reason = BLOCK_BUSY,
							  .span = *stay,
							  .has_span = true});
	}
	inquiry_claim(q, patient, CLAIM_PATIENT, span);
}

void inquiry_beds(struct inquiry *q)
{
	struct inquiry_pool pool = {.rooms = q->ask->beds.rooms,
				    .n = q->ask->beds.n,
				    .role = CLAIM_BED};

	if (!inquiry_pool_take(q, &pool))
		inquiry_pool_tell(q, &pool);
}

/* --- looking for one --- */

struct looking {
	int64_t at;
	struct core_plan *v; /* by start */
	size_t n, max;
};

static int64_t distance(const struct looking *l, int64_t start)
{
	return start < l->at ? l->at - start : start - l->at;
}

/* Is a later one than all that there are worth asking about? */
static bool is_worth(const struct looking *l, int64_t start)
{
	return l->n < l->max ||
	       distance(l, start) < distance(l, l->v[0].span.from);
}

static void keep(struct looking *l, const struct core_plan *plan)
{
	if (l->n == l->max)
		memmove(l->v, l->v + 1, --l->n * sizeof(*l->v));
	l->v[l->n++] = *plan;
}

enum rc inquiry_nearest_beds(const struct core_ask *ask,
			     struct core_span window, int64_t at, size_t n,
			     struct arena *arena, struct core_plan *out_plans,
			     size_t *out_n)
{
	struct looking l = {.at = at, .v = out_plans, .max = n};
	int64_t first =
		(window.from + CORE_GRANULE - 1) / CORE_GRANULE * CORE_GRANULE;
	int64_t wall = tz_to_wall(zone_of(ask), first);
	int64_t start = first;

	for (int64_t day = 1; start < window.to; day++) {
		struct core_plan plan;

		if (!is_worth(&l, start) && start > at)
			break;
		enum rc rc =
			is_worth(&l, start)
				? core_decide(ask, 0, start, arena, &plan, NULL)
				: RC_REFUSED;

		if (rc != RC_OK && rc != RC_REFUSED)
			return rc;
		if (rc == RC_OK)
			keep(&l, &plan);
		start = tz_to_utc(zone_of(ask), wall + day * CIVIL_DAY);
	}
	*out_n = l.n;
	return RC_OK;
}
