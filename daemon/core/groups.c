/*
 * The further experts of a session, one of each group (decide.h).
 *
 * Each group's question is the ask itself with the group's own wants, put by
 * the same stages. Who sits for which group is found as people are paired: the
 * first who suits and is free, and if that one sits for another group already,
 * whoever sits there changes where that can be; so nobody is refused as long as
 * some seating does.
 */
#include "daemon/core/inquiry.h"
#include "daemon/core/kind.h"

#define NOBODY SIZE_MAX

/* Candidates by their place in their group; NOBODY: none yet. */
struct seating {
	size_t seat[CORE_GROUPS_MAX];
};

static struct core_ask ask_of(const struct core_ask *ask,
			      const struct core_group *group)
{
	struct core_ask own = *ask;

	own.specialty = group->specialty;
	own.title = group->title;
	own.modality = group->modality;
	own.languages = group->languages;
	own.nlanguages = group->nlanguages;
	own.experts = group->experts;
	own.nexperts = group->nexperts;
	own.groups = NULL;
	own.ngroups = 0;
	return own;
}

bool inquiry_group_suits(const struct core_ask *ask,
			 const struct core_group *group,
			 const struct core_expert *e)
{
	struct core_ask own = ask_of(ask, group);

	return inquiry_suits(&own, e);
}

/* Keeps what the place of the first expert says in the plan. */
static void sit(struct inquiry *q)
{
	struct core_plan *plan = q->plan;
	struct core_plan_also *also = &plan->also[plan->nalso];
	int64_t place = plan->place;
	struct core_next next = plan->next;

	*also = (struct core_plan_also){.expert = q->expert};
	plan->next = (struct core_next){0};
	inquiry_beside(q);
	also->place = plan->place;
	also->next = plan->next;
	plan->place = place;
	plan->next = next;
}

/* Puts the question about one candidate, whose claims go into the plan; with
 * blockers to fill, every reason. */
static bool put(struct inquiry *q, size_t g, size_t candidate,
		struct core_blockers *blockers)
{
	const struct core_group *group = &q->ask->groups[g];
	const struct core_expert *e = &group->experts[candidate];
	struct core_ask own = ask_of(q->ask, group);
	struct rule_set set = {e->subject.rules, e->subject.nrules, e->away,
			       e->naway};
	struct inquiry_room room = *q->room;
	struct inquiry one = {.ask = &own,
			      .expert = e,
			      .span = q->span,
			      .end = q->end,
			      .operation = q->operation,
			      .opens = {q->room->group, 0},
			      .room = &room,
			      .plan = q->plan,
			      .blockers = blockers};

	room.expert = q->room->group;
	own.pool = 0; /* the half-day is the first expert's */
	rule_lay(&set, q->span, 0, &one.opens);
	one.pooled = inquiry_pooled(&own, &one.opens);
	rule_keep_kind(&one.opens, own.kind, e->kinds);
	inquiry_on_grid(&own, &one.opens);
	inquiry_person(&one);
	if (!one.refused || blockers != NULL)
		sit(&one);
	return !one.refused;
}

/* Nothing of it stays in the plan. */
static bool can(struct inquiry *q, size_t g, size_t candidate)
{
	size_t nclaims = q->plan->nclaims;
	bool answer = put(q, g, candidate, NULL);

	q->plan->nclaims = nclaims;
	return answer;
}

static int64_t id_of(const struct inquiry *q, size_t g, size_t candidate)
{
	return q->ask->groups[g].experts[candidate].subject.id;
}

/* The group for which they sit; NOBODY: for none. */
static size_t seated(const struct inquiry *q, const struct seating *s,
		     int64_t expert)
{
	for (size_t g = 0; g < q->ask->ngroups; g++)
		if (s->seat[g] != NOBODY && id_of(q, g, s->seat[g]) == expert)
			return g;
	return NOBODY;
}

/* Is it the first expert, or the surgeon? */
static bool is_in(const struct inquiry *q, size_t g, size_t candidate)
{
	return inquiry_has(q, &q->ask->groups[g].experts[candidate].subject);
}

static bool seat_free(struct inquiry *q, struct seating *s, size_t g)
{
	for (size_t c = 0; c < q->ask->groups[g].nexperts; c++) {
		if (is_in(q, g, c) || seated(q, s, id_of(q, g, c)) != NOBODY ||
		    !can(q, g, c))
			continue;
		s->seat[g] = c;
		return true;
	}
	return false;
}

/* visited: groups that look for somebody already. */
static bool seat_group(struct inquiry *q, struct seating *s, size_t g,
		       unsigned *visited)
{
	*visited |= 1u << g;
	if (seat_free(q, s, g))
		return true;
	for (size_t c = 0; c < q->ask->groups[g].nexperts; c++) {
		size_t other = seated(q, s, id_of(q, g, c));

		if (other == NOBODY || (*visited & 1u << other) != 0 ||
		    !can(q, g, c) || !seat_group(q, s, other, visited))
			continue;
		s->seat[g] = c;
		return true;
	}
	return false;
}

static void refuse_nobody(struct inquiry *q, const struct core_group *group)
{
	inquiry_refuse(
		q, &(struct core_blocker){.role = CLAIM_EXPERT,
					  .reason = group->specialty != NULL
							    ? BLOCK_SPECIALTY
							    : BLOCK_KIND,
					  .rule = group->specialty});
}

/* Whoever could sit, if not somewhere else in it. */
static void refuse_twice(struct inquiry *q, const struct core_subject *subject)
{
	inquiry_refuse(q, &(struct core_blocker){.subject = subject,
						 .role = CLAIM_EXPERT,
						 .reason = BLOCK_TWICE});
}

static void tell_group(struct inquiry *q, size_t g)
{
	const struct core_group *group = &q->ask->groups[g];
	size_t nclaims = q->plan->nclaims;

	q->refused = true;
	if (q->blockers == NULL)
		return;
	if (group->nexperts == 0)
		refuse_nobody(q, group);
	for (size_t c = 0; c < group->nexperts; c++) {
		if (is_in(q, g, c) || put(q, g, c, q->blockers))
			refuse_twice(q, &group->experts[c].subject);
		q->plan->nclaims = nclaims;
	}
}

/* What the agreement says of what the group is to cover. */
static void stage_ground(struct inquiry *q, const struct core_group *group)
{
	const struct core_agreement *a = q->ask->agreement;

	if (group->specialty != NULL &&
	    !core_agreement_covers(a, group->specialty))
		inquiry_refuse(q,
			       &(struct core_blocker){.role = -1,
						      .reason = BLOCK_SPECIALTY,
						      .rule = a->slug});
}

/* Each may have taken the room that the next had found. */
static void lay(struct inquiry *q, const struct seating *s)
{
	for (size_t g = 0; g < q->ask->ngroups; g++) {
		size_t nclaims = q->plan->nclaims;

		if (put(q, g, s->seat[g], q->blockers)) {
			q->plan->nalso++;
			continue;
		}
		q->plan->nclaims = nclaims;
		q->refused = true;
	}
}

void inquiry_groups(struct inquiry *q)
{
	struct seating s;
	bool all = true;

	for (size_t g = 0; g < CORE_GROUPS_MAX; g++)
		s.seat[g] = NOBODY;
	for (size_t g = 0; g < q->ask->ngroups; g++) {
		unsigned visited = 0;

		stage_ground(q, &q->ask->groups[g]);
		if (seat_group(q, &s, g, &visited))
			continue;
		all = false;
		tell_group(q, g);
		if (q->blockers == NULL)
			return;
	}
	if (all && q->ask->ngroups > 0)
		lay(q, &s);
}
