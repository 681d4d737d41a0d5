#include "daemon/core/nominate.h"

#include "daemon/core/claims.h"
#include "daemon/core/kind.h"
#include "daemon/core/local.h"

/* For how long before a start and after it a subject is wanted. */
struct around {
	int64_t before, after;
};

static struct around session_taken(const struct nominator *s)
{
	return (struct around){0, s->length + inquiry_overrun(s->ask)};
}

static struct around operation_open(const struct nominator *s)
{
	return (struct around){inquiry_before(s->ask),
			       s->length + inquiry_after(s->ask)};
}

static struct around operation_taken(const struct nominator *s)
{
	struct around a = operation_open(s);
	int64_t least = s->length + inquiry_overrun(s->ask);

	return (struct around){a.before, a.after > least ? a.after : least};
}

static int64_t ceil_granules(int64_t seconds)
{
	return (seconds + CORE_GRANULE - 1) / CORE_GRANULE;
}

/* Takes away the starts at which the subject is busy meanwhile. A plane that
 * begins as much earlier as the subject is wanted earlier has the same bits. */
static void without_busy(struct nominator *s,
			 const struct core_subject *subject,
			 struct around wanted, struct plane *starts)
{
	int64_t early = wanted.before / CORE_GRANULE;
	size_t filled = (size_t)(early + wanted.after / CORE_GRANULE);
	int64_t base = starts->base - early * CORE_GRANULE;

	if (filled == 0)
		return;
	plane_move(&s->work, base, starts->nbits);
	plane_busy(&s->work, subject, s->ask->now, s->ask->ignore_booking);
	plane_move(&s->work2, base, starts->nbits);
	plane_fill(&s->work2, true);
	plane_and_not(&s->work2, &s->work);
	plane_runs(&s->work2, filled);
	plane_and(starts, &s->work2);
}

/* Takes away the starts at which the subject is on leave meanwhile. */
static void without_leave(struct nominator *s,
			  const struct core_subject *subject,
			  struct around wanted, struct plane *starts)
{
	if (subject->nleaves == 0)
		return;
	plane_move(&s->work, starts->base, starts->nbits);
	for (size_t i = 0; i < subject->nleaves; i++) {
		struct core_span leave = subject->leaves[i];

		plane_begin(&s->work,
			    (struct core_span){leave.from - wanted.after + 1,
					       leave.to + wanted.before});
	}
	plane_and_not(starts, &s->work);
}

/* Takes away the starts at which the resource cannot do. */
static void without_shut(struct nominator *s,
			 const struct core_subject *subject, bool operation,
			 struct plane *starts)
{
	struct rule_set set = {subject->rules, subject->nrules, NULL, 0};
	struct core_opens opens = {s->room.resource, 0};
	struct around open =
		operation ? operation_open(s) : (struct around){0, s->length};
	int64_t early = ceil_granules(open.before);

	without_busy(s, subject,
		     operation ? operation_taken(s) : session_taken(s), starts);
	without_leave(s, subject, open, starts);
	if (subject->nrules == 0)
		return;
	plane_move(&s->work, starts->base - early * CORE_GRANULE,
		   starts->nbits);
	rule_lay(&set, plane_span(&s->work), 0, &opens);
	rule_keep_kind(&opens, s->ask->kind, 0);
	for (size_t i = 0; i < opens.n; i++)
		plane_touch(&s->work,
			    (struct core_span){opens.v[i].from, opens.v[i].to});
	plane_runs(&s->work, (size_t)(early + ceil_granules(open.after)));
	plane_and(starts, &s->work);
}

/* Leaves the starts that the agreement's validity and quota allow. */
static void within_agreement(struct nominator *s, struct plane *starts)
{
	const struct core_agreement *a = s->ask->agreement;
	int64_t quota = a->quota[s->ask->kind];

	plane_move(&s->work, starts->base, starts->nbits);
	plane_begin(&s->work,
		    local_days(a->lead_zone, a->first_day, a->last_day));
	plane_and(starts, &s->work);
	plane_move(&s->work, starts->base, starts->nbits);
	for (size_t i = 0; i < s->ask->nmonths; i++)
		if (quota >= 0 && s->ask->months[i].used >= quota)
			plane_begin(&s->work, s->ask->months[i].span);
	plane_and_not(starts, &s->work);
}

/* Leaves the starts at which one of the pool can do. */
static void with_pool(struct nominator *s, size_t pool)
{
	const struct core_pool *of = &s->ask->pools[pool];
	bool operation = kind_row(s->ask->kind)->pools[pool].operation;

	/* starts and studios serve as memory here, before their time */
	plane_move(&s->studios, s->shared.base, s->shared.nbits);
	for (size_t i = 0; i < of->n; i++) {
		plane_move(&s->starts, s->shared.base, s->shared.nbits);
		plane_copy(&s->starts, &s->shared);
		without_shut(s, &of->rooms[i], operation, &s->starts);
		plane_or(&s->studios, &s->starts);
	}
	plane_copy(&s->shared, &s->studios);
}

/* A named resource is wanted for as long as what it is wanted as: at least as
 * long as the session. */
static void with_named(struct nominator *s)
{
	const struct core_ask *ask = s->ask;

	for (size_t i = 0; i < ask->nnamed; i++)
		without_shut(s, &ask->named[i], false, &s->shared);
}

static void with_person(struct nominator *s, const struct core_subject *person)
{
	if (person == NULL)
		return;
	without_busy(s, person, operation_taken(s), &s->shared);
	without_leave(s, person, operation_open(s), &s->shared);
}

void nominate_shared(struct nominator *s, int64_t base, size_t nbits)
{
	const struct core_ask *ask = s->ask;
	const struct kind_row *kind = kind_row(ask->kind);

	plane_move(&s->shared, base, nbits);
	plane_fill(&s->shared, true);
	within_agreement(s, &s->shared);
	with_person(s, inquiry_patient(ask));
	with_person(s, inquiry_surgeon(ask));
	with_named(s);
	for (size_t i = 0; i < kind->npools; i++)
		with_pool(s, i);
	plane_move(&s->studios, base, nbits);
	for (size_t i = 0; i < ask->nlead_rooms; i++) {
		plane_move(&s->places[i], base, nbits);
		plane_copy(&s->places[i], &s->shared);
		without_shut(s, &ask->lead_rooms[i], false, &s->places[i]);
		if (inquiry_is_lead_studio(ask, &ask->lead_rooms[i]))
			plane_or(&s->studios, &s->places[i]);
	}
	if ((kind->parts & KIND_PART_LEAD_STUDIO) == 0)
		plane_copy(&s->studios, &s->shared);
}

static const struct plane *place_plane(const struct nominator *s,
				       const struct core_rule *rule)
{
	const struct core_subject *room;

	if (rule->place == 0)
		return kind_row(s->ask->kind)->where == KIND_REMOTE
			       ? &s->studios
			       : NULL;
	room = inquiry_rule_place(s->ask, rule);
	return room != NULL ? &s->places[room - s->ask->lead_rooms] : NULL;
}

/* The starts at which the expert is open at a place that may do. */
static void at_places(struct nominator *s, const struct core_expert *e)
{
	struct rule_set set = {e->subject.rules, e->subject.nrules, e->away,
			       e->naway};
	struct core_opens opens = {s->room.expert, 0};
	struct core_span span = plane_span(&s->starts);
	const struct core_open *first;
	size_t at = 0;

	rule_lay(&set, span, 0, &opens);
	rule_keep_kind(&opens, s->ask->kind, e->kinds);
	while ((first = rule_next_place(&opens, span, &at)) != NULL) {
		const struct plane *place = place_plane(s, first->rule);

		if (place == NULL)
			continue;
		plane_move(&s->work, s->starts.base, s->starts.nbits);
		for (size_t i = 0; i < opens.n; i++)
			if (opens.v[i].rule->place == first->rule->place &&
			    opens.v[i].rule->slot_minutes == 0)
				plane_touch(&s->work,
					    (struct core_span){opens.v[i].from,
							       opens.v[i].to});
		plane_runs(&s->work, (size_t)ceil_granules(s->length));
		plane_and(&s->work, place);
		plane_or(&s->starts, &s->work);
	}
}

static bool is_full_day(const struct nominator *s, const struct core_expert *e,
			struct core_span day)
{
	struct claims_view view = {&e->subject, s->ask->now,
				   s->ask->ignore_booking};

	return claims_started(&view, CLAIM_EXPERT, day) >=
	       (size_t)e->cap_per_day;
}

/* Marks the days of the plane on which the expert has enough, as the clock
 * where the expert is then counts them. */
static void mark_full_days(struct nominator *s, const struct core_expert *e)
{
	struct core_span span = plane_span(&s->starts);
	int64_t t = span.from;

	if (e->cap_per_day == 0 || e->subject.nclaims < (size_t)e->cap_per_day)
		return;
	while (t < span.to) {
		int64_t until;
		const struct tz *zone = inquiry_zone(e, t, &until);
		int64_t d = local_day(zone, t);
		struct core_span day = local_days(zone, d, d);

		if (until > day.to)
			until = day.to;
		if (is_full_day(s, e, day))
			plane_begin(&s->work, (struct core_span){t, until});
		t = until;
	}
}

/* Takes away the starts that a rule about the expert forbids. */
static void without_forbidden(struct nominator *s, const struct core_expert *e)
{
	int64_t seasoned = inquiry_seasoned(s->ask, e);
	struct core_span green = {
		INT64_MIN,
		local_days(s->ask->agreement->lead_zone, seasoned, seasoned)
			.from};

	plane_move(&s->work, s->starts.base, s->starts.nbits);
	plane_begin(&s->work, green);
	mark_full_days(s, e);
	for (size_t i = 0; i < e->naway; i++) {
		struct core_span away =
			local_days(e->away[i].zone, e->away[i].first_day,
				   e->away[i].last_day);

		if (!inquiry_away(s->ask, &e->away[i]))
			continue;
		if (away.from > s->starts.base)
			away.from -= s->length - 1; /* sessions run into it */
		plane_begin(&s->work, away);
	}
	plane_and_not(&s->starts, &s->work);
}

void nominate_expert(struct nominator *s, const struct core_expert *e)
{
	struct around busy = session_taken(s);

	at_places(s, e);
	if ((kind_row(s->ask->kind)->parts & KIND_PART_EXPERT) != 0) {
		busy.after += (int64_t)e->buffer_minutes * 60;
		without_busy(s, &e->subject, busy, &s->starts);
		without_leave(s, &e->subject, (struct around){0, s->length},
			      &s->starts);
	}
	without_forbidden(s, e);
}

static int64_t most_buffer(const struct core_ask *ask)
{
	int64_t most = 0;

	for (size_t i = 0; i < ask->nexperts; i++)
		if (ask->experts[i].buffer_minutes > most)
			most = ask->experts[i].buffer_minutes;
	return most * 60;
}

enum rc nominate_init(struct nominator *s, const struct core_ask *ask,
		      int64_t starts, struct arena *arena)
{
	struct core_span span = {0, starts};
	struct plane *const planes[] = {&s->shared, &s->studios, &s->starts,
					&s->work, &s->work2};
	struct around most;
	enum rc rc;

	s->ask = ask;
	s->length = inquiry_length(ask);
	most = operation_taken(s);
	s->reach = (ceil_granules(most.before) +
		    ceil_granules(most.after + most_buffer(ask)) + 1) *
		   CORE_GRANULE;
	span.to += s->reach;
	rc = inquiry_room(ask, span.to, arena, &s->room);
	for (size_t i = 0; i < 5 && rc == RC_OK; i++)
		rc = plane_init(planes[i], span, arena);
	s->places = arena_array(arena, ask->nlead_rooms, sizeof(s->places[0]));
	if (s->places == NULL)
		rc = RC_NOMEM;
	for (size_t i = 0; i < ask->nlead_rooms && rc == RC_OK; i++)
		rc = plane_init(&s->places[i], span, arena);
	return rc;
}
