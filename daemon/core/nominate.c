#include "daemon/core/nominate.h"

#include <string.h>

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

static void take(const struct plane *plane, struct rows_bits *out)
{
	for (size_t i = 0; i < ROWS_WORDS; i++)
		out->w[i] = plane->words[i];
}

static void narrow(struct rows_bits *bits, const struct rows_bits *by)
{
	for (size_t i = 0; i < ROWS_WORDS; i++)
		bits->w[i] &= by->w[i];
}

static void widen(struct rows_bits *bits, const struct rows_bits *by)
{
	for (size_t i = 0; i < ROWS_WORDS; i++)
		bits->w[i] |= by->w[i];
}

static bool is_lead_room(const struct core_ask *ask, int64_t id)
{
	for (size_t i = 0; i < ask->nlead_rooms; i++)
		if (ask->lead_rooms[i].id == id)
			return true;
	return false;
}

static bool is_named(const struct core_ask *ask, int64_t id)
{
	for (size_t i = 0; i < ask->nnamed; i++)
		if (ask->named[i].id == id)
			return true;
	return false;
}

/* Is a room of the pool named that cannot be the expert's place? Then it must
 * be one that is named. */
static bool is_settled(const struct core_ask *ask, const struct core_pool *of)
{
	for (size_t i = 0; i < of->n; i++)
		if (is_named(ask, of->rooms[i].id) &&
		    !is_lead_room(ask, of->rooms[i].id))
			return true;
	return false;
}

/* Leaves the starts at which one of the pool can do. */
static void with_pool(struct nominator *s, size_t pool)
{
	const struct core_pool *of = &s->ask->pools[pool];
	bool operation = kind_row(s->ask->kind)->pools[pool].operation;
	bool settled = is_settled(s->ask, of);

	plane_move(&s->some, s->base, s->nbits);
	for (size_t i = 0; i < of->n; i++) {
		struct plane *one = &s->one;

		if (settled && !is_named(s->ask, of->rooms[i].id))
			continue;
		plane_move(one, s->base, s->nbits);
		plane_copy(one, &s->starts);
		without_shut(s, &of->rooms[i], operation, one);
		plane_or(&s->some, one);
	}
	plane_copy(&s->starts, &s->some);
}

/* Leaves the starts at which two links can do that are independent. */
static void with_pair(struct nominator *s, size_t pool)
{
	const struct core_pool *of = &s->ask->pools[pool];

	plane_move(&s->some, s->base, s->nbits);
	for (size_t i = 0; i < of->n; i++)
		for (size_t k = 0; k < i; k++) {
			if (!inquiry_apart(&of->rooms[i], &of->rooms[k]))
				continue;
			plane_move(&s->one, s->base, s->nbits);
			plane_copy(&s->one, &s->starts);
			without_shut(s, &of->rooms[i], false, &s->one);
			without_shut(s, &of->rooms[k], false, &s->one);
			plane_or(&s->some, &s->one);
		}
	plane_copy(&s->starts, &s->some);
}

static void with_pools(struct nominator *s)
{
	const struct kind_row *kind = kind_row(s->ask->kind);

	for (size_t i = 0; i < kind->npools; i++) {
		if (kind->pools[i].apart)
			with_pair(s, i);
		else if (!kind->pools[i].optional)
			with_pool(s, i);
	}
}

/* A named resource is wanted for as long as what it is wanted as: at least as
 * long as the session. */
static void with_named(struct nominator *s)
{
	const struct core_ask *ask = s->ask;

	for (size_t i = 0; i < ask->nnamed; i++)
		without_shut(s, &ask->named[i], false, &s->starts);
}

static void with_person(struct nominator *s, const struct core_subject *person)
{
	if (person == NULL)
		return;
	without_busy(s, person, operation_taken(s), &s->starts);
	without_leave(s, person, operation_open(s), &s->starts);
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
static void mark_full_days(struct nominator *s, const struct core_expert *e,
			   const struct plane *starts)
{
	struct core_span span = plane_span(starts);
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
static void without_forbidden(struct nominator *s, const struct core_expert *e,
			      struct plane *starts)
{
	int64_t seasoned = inquiry_seasoned(s->ask, e);
	struct core_span green = {
		INT64_MIN,
		local_days(s->ask->agreement->lead_zone, seasoned, seasoned)
			.from};

	plane_move(&s->work, starts->base, starts->nbits);
	plane_begin(&s->work, green);
	mark_full_days(s, e, starts);
	for (size_t i = 0; i < e->naway; i++) {
		struct core_span away =
			local_days(e->away[i].zone, e->away[i].first_day,
				   e->away[i].last_day);

		if (!inquiry_away(s->ask, &e->away[i]))
			continue;
		if (away.from > starts->base)
			away.from -= s->length - 1; /* sessions run into it */
		plane_begin(&s->work, away);
	}
	plane_and_not(starts, &s->work);
}

/* What the rules, the claims and the days of a further expert leave of one. */
static void with_candidate(struct nominator *s, const struct core_expert *e,
			   struct plane *one)
{
	struct rule_set set = {e->subject.rules, e->subject.nrules, e->away,
			       e->naway};
	struct core_opens opens = {s->room.group, 0};
	struct around busy = session_taken(s);

	busy.after += (int64_t)e->buffer_minutes * 60;
	without_busy(s, &e->subject, busy, one);
	without_leave(s, &e->subject, (struct around){0, s->length}, one);
	plane_move(&s->work, one->base, one->nbits);
	rule_lay(&set, plane_span(&s->work), 0, &opens);
	rule_keep_kind(&opens, s->ask->kind, e->kinds);
	for (size_t i = 0; i < opens.n; i++)
		if (opens.v[i].rule->slot_minutes == 0 &&
		    opens.v[i].rule->pool == NULL)
			plane_touch(&s->work,
				    (struct core_span){opens.v[i].from,
						       opens.v[i].to});
	plane_runs(&s->work, (size_t)ceil_granules(s->length));
	plane_and(one, &s->work);
	without_forbidden(s, e, one);
}

/* Leaves the starts at which one of the group can do. */
static void with_group(struct nominator *s, const struct core_group *group)
{
	plane_move(&s->some, s->base, s->nbits);
	for (size_t i = 0; i < group->nexperts; i++) {
		if (!inquiry_group_suits(s->ask, group, &group->experts[i]))
			continue;
		plane_move(&s->one, s->base, s->nbits);
		plane_copy(&s->one, &s->starts);
		with_candidate(s, &group->experts[i], &s->one);
		plane_or(&s->some, &s->one);
	}
	plane_copy(&s->starts, &s->some);
}

static void lay_shared(struct nominator *s)
{
	const struct core_ask *ask = s->ask;

	plane_move(&s->starts, s->base, s->nbits);
	plane_fill(&s->starts, true);
	within_agreement(s, &s->starts);
	with_named(s);
	with_person(s, inquiry_patient(ask));
	with_person(s, inquiry_surgeon(ask));
	with_pools(s);
	for (size_t i = 0; i < ask->ngroups; i++)
		with_group(s, &ask->groups[i]);
	take(&s->starts, &s->shared);
}

static void lay_room(struct nominator *s, size_t room)
{
	plane_move(&s->starts, s->base, s->nbits);
	plane_fill(&s->starts, true);
	without_shut(s, &s->ask->lead_rooms[room], false, &s->starts);
	take(&s->starts, &s->stripe->rooms[room]);
}

/* Where the experts may be. */
static void lay_rooms(struct nominator *s)
{
	const struct core_ask *ask = s->ask;
	const struct core_rows *r = s->rows;
	bool studio = (kind_row(ask->kind)->parts & KIND_PART_LEAD_STUDIO) != 0;

	memset(&s->studios, studio ? 0 : 0xff, sizeof(s->studios));
	for (size_t i = 0; i < r->nrooms; i++) {
		uint32_t *known = &s->stripe->known[r->nexperts + i];

		if (!r->wanted[i])
			continue;
		if (*known != r->version[r->nexperts + i])
			lay_room(s, i);
		*known = r->version[r->nexperts + i];
		if (studio && inquiry_is_lead_studio(ask, &ask->lead_rooms[i]))
			widen(&s->studios, &s->stripe->rooms[i]);
	}
}

/* The starts of a lane at which the expert is open at its place. */
static void lay_lane(struct nominator *s, const struct core_opens *opens,
		     size_t lane)
{
	int32_t at = s->rows->place[lane];
	int64_t place = at == ROWS_ANY ? 0 : s->ask->lead_rooms[at].id;
	bool any = false;

	plane_move(&s->work, s->base, s->nbits);
	for (size_t i = 0; i < opens->n; i++) {
		const struct core_open *o = &opens->v[i];

		if (o->rule->place != place || o->rule->slot_minutes > 0 ||
		    o->rule->pool != NULL)
			continue;
		plane_touch(&s->work, (struct core_span){o->from, o->to});
		any = true;
	}
	if (any)
		plane_runs(&s->work, (size_t)ceil_granules(s->length));
	take(&s->work, &s->stripe->lanes[lane]);
	widen(&s->stripe->open, &s->stripe->lanes[lane]);
}

/* Lays the expert's lanes by the rules alone. */
static void lay_open(struct nominator *s, size_t expert)
{
	const struct core_expert *e = &s->ask->experts[expert];
	struct rule_set set = {e->subject.rules, e->subject.nrules, e->away,
			       e->naway};
	struct core_opens opens = {s->room.expert, 0};
	struct core_span span = {s->base,
				 s->base + (int64_t)s->nbits * CORE_GRANULE};

	rule_lay(&set, span, 0, &opens);
	rule_keep_kind(&opens, s->ask->kind, e->kinds);
	for (size_t i = s->rows->first[expert]; i < s->rows->first[expert + 1];
	     i++)
		lay_lane(s, &opens, i);
}

static bool is_open(const struct nominator *s, size_t expert)
{
	for (size_t i = s->rows->first[expert]; i < s->rows->first[expert + 1];
	     i++)
		if (!rows_none(&s->stripe->lanes[i]))
			return true;
	return false;
}

/* By the rules alone, which needs nobody's claims: at night and on a Sunday
 * nobody is asked then. */
static void open_all(struct nominator *s)
{
	for (size_t i = 0; i < s->rows->nexperts; i++) {
		lay_open(s, i);
		s->stripe->known[i] = ROWS_OPEN;
	}
	s->stripe->opened = true;
}

void nominate_chunk(struct nominator *s, int64_t chunk)
{
	s->stripe = rows_stripe(s->rows, chunk);
	s->base = chunk * ROWS_SECONDS;
	lay_shared(s);
	if (s->ask->fetch != NULL && !rows_none(&s->shared)) {
		if (!s->stripe->opened)
			open_all(s);
		narrow(&s->shared, &s->stripe->open);
	}
	if (!rows_none(&s->shared))
		lay_rooms(s);
}

/* Takes away the starts at which the expert is taken, or may not. */
static void without_taken(struct nominator *s, size_t expert)
{
	const struct core_expert *e = &s->ask->experts[expert];
	struct around busy = session_taken(s);
	struct rows_bits bits;

	plane_move(&s->starts, s->base, s->nbits);
	plane_fill(&s->starts, true);
	if ((kind_row(s->ask->kind)->parts & KIND_PART_EXPERT) != 0) {
		busy.after += (int64_t)e->buffer_minutes * 60;
		without_busy(s, &e->subject, busy, &s->starts);
		without_leave(s, &e->subject, (struct around){0, s->length},
			      &s->starts);
	}
	without_forbidden(s, e, &s->starts);
	take(&s->starts, &bits);
	for (size_t i = s->rows->first[expert]; i < s->rows->first[expert + 1];
	     i++)
		narrow(&s->stripe->lanes[i], &bits);
}

static enum rc lay_expert(struct nominator *s, size_t expert)
{
	const struct core_ask *ask = s->ask;
	struct core_span span = {s->base,
				 s->base + (int64_t)s->nbits * CORE_GRANULE};
	enum rc rc = RC_OK;

	if (s->stripe->known[expert] != ROWS_OPEN)
		lay_open(s, expert);
	if (is_open(s, expert)) {
		if (ask->fetch != NULL)
			rc = ask->fetch(ask->fetch_ctx, expert, span);
		if (rc == RC_OK)
			without_taken(s, expert);
	}
	if (rc != RC_OK)
		return rc;
	s->stripe->known[expert] = s->rows->version[expert];
	return RC_OK;
}

enum rc nominate_expert(struct nominator *s, size_t expert,
			struct rows_bits *out)
{
	const struct core_rows *r = s->rows;
	size_t end = r->first[expert + 1];
	enum rc rc = RC_OK;

	if (s->stripe->known[expert] != r->version[expert])
		rc = lay_expert(s, expert);
	*out = (struct rows_bits){{0}};
	for (size_t i = r->first[expert]; rc == RC_OK && i < end; i++) {
		struct rows_bits bits = s->stripe->lanes[i];

		narrow(&bits, r->place[i] == ROWS_ANY
				      ? &s->studios
				      : &s->stripe->rooms[r->place[i]]);
		widen(out, &bits);
	}
	narrow(out, &s->shared);
	return rc;
}

enum rc nominate_init(struct nominator *s, const struct core_ask *ask,
		      struct core_rows *rows, struct arena *arena)
{
	struct plane *const planes[] = {&s->starts, &s->work, &s->work2,
					&s->some, &s->one};
	struct core_span span = {0, ROWS_SECONDS};
	int most_buffer = rows->most_buffer;
	struct around most;
	enum rc rc;

	s->ask = ask;
	s->rows = rows;
	s->length = inquiry_length(ask);
	most = operation_taken(s);
	for (size_t i = 0; i < ask->ngroups; i++)
		for (size_t k = 0; k < ask->groups[i].nexperts; k++)
			if (ask->groups[i].experts[k].buffer_minutes >
			    most_buffer)
				most_buffer = ask->groups[i]
						      .experts[k]
						      .buffer_minutes;
	span.to += (ceil_granules(most.before) +
		    ceil_granules(most.after + (int64_t)most_buffer * 60) + 1) *
		   CORE_GRANULE;
	s->nbits = (size_t)(span.to / CORE_GRANULE);
	rc = inquiry_room(ask, span.to, arena, &s->room);
	for (size_t i = 0; i < 5 && rc == RC_OK; i++)
		rc = plane_init(planes[i], span, arena);
	return rc;
}
