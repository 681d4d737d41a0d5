#include "tests/support/oracle.h"

#include <string.h>

#include "base/civil.h"
#include "tests/support/oracle_facts.h"

static bool has_part(const struct oracle_matter *m, enum kind_part part)
{
	return (m->kind->parts & (unsigned)part) != 0;
}

static bool can_come(const struct oracle_matter *m,
		     const struct core_subject *room, struct oracle_faults *out)
{
	if (!has_part(m, KIND_PART_EXPERT) || oracle_find_ways(m, room).good)
		return true;
	oracle_add(out, &m->e->subject, BLOCK_TRANSFER);
	return false;
}

/* --- rooms --- */

static bool names(const struct core_ask *ask, const struct core_subject *s)
{
	for (size_t i = 0; i < ask->nnamed; i++)
		if (ask->named[i].id == s->id)
			return true;
	return false;
}

/* Rooms of which one is wanted. */
struct choice {
	const struct core_subject *rooms;
	size_t n;
	bool studios;	/* of the lead alone */
	bool operation; /* for all of it */
	bool expert;	/* where the expert is */
};

struct taken {
	int64_t ids[KIND_POOLS_MAX + 1];
	size_t n;
};

static bool serves(const struct oracle_matter *m, const struct choice *c,
		   size_t i, const struct taken *taken)
{
	const struct core_subject *s = &c->rooms[i];

	return (!c->studios || (s->type == SUBJECT_STUDIO &&
				s->site == m->ask->agreement->lead)) &&
	       !oracle_among(taken->ids, taken->n, s->id);
}

/* May it be this one, as far as names go? */
static bool eligible(const struct oracle_matter *m, const struct choice *c,
		     size_t i, const struct taken *taken)
{
	bool named = false;

	for (size_t j = 0; j < c->n; j++)
		named |= serves(m, c, j, taken) && names(m->ask, &c->rooms[j]);
	return serves(m, c, i, taken) &&
	       (!named || names(m->ask, &c->rooms[i]));
}

static bool chosen_does(const struct oracle_matter *m, const struct choice *c,
			size_t i, struct oracle_faults *out)
{
	bool good = oracle_does(m, &c->rooms[i], c->operation, out);

	return (!c->expert || can_come(m, &c->rooms[i], out)) && good;
}

static struct choice pool_choice(const struct oracle_matter *m, size_t i)
{
	return (struct choice){.rooms = m->ask->pools[i].rooms,
			       .n = m->ask->pools[i].n,
			       .operation = m->kind->pools[i].operation};
}

/* Is there one of each of the pools from the i-th on? */
static bool pools_do(const struct oracle_matter *m, size_t i,
		     struct taken taken)
{
	struct oracle_faults ignored = {.n = 0};
	struct choice c;

	if (i == m->kind->npools)
		return true;
	c = pool_choice(m, i);
	for (size_t j = 0; j < c.n; j++) {
		struct taken more = taken;

		more.ids[more.n++] = c.rooms[j].id;
		if (eligible(m, &c, j, &taken) &&
		    chosen_does(m, &c, j, &ignored) && pools_do(m, i + 1, more))
			return true;
	}
	return false;
}

static bool choice_does(const struct oracle_matter *m, const struct choice *c)
{
	struct oracle_faults ignored = {.n = 0};
	struct taken taken = {.n = 0};

	for (size_t i = 0; i < c->n; i++)
		if (eligible(m, c, i, &taken) && chosen_does(m, c, i, &ignored))
			return true;
	return false;
}

static void tell_choice(const struct oracle_matter *m, const struct choice *c)
{
	struct taken taken = {.n = 0};
	bool any = false;

	for (size_t i = 0; i < c->n; i++)
		if (eligible(m, c, i, &taken)) {
			any = true;
			(void)chosen_does(m, c, i, m->faults);
		}
	if (!any)
		oracle_add(m->faults, NULL, BLOCK_NO_ROOM);
}

/* --- where --- */

static const struct core_subject *room_of(const struct core_ask *ask,
					  int64_t place)
{
	for (size_t i = 0; i < ask->nlead_rooms; i++)
		if (ask->lead_rooms[i].id == place)
			return &ask->lead_rooms[i];
	return NULL;
}

static bool may_be_at(const struct oracle_matter *m,
		      const struct core_subject *room)
{
	const struct core_agreement *a = m->ask->agreement;

	if (m->kind->where == KIND_REMOTE)
		return true;
	if (room->site == a->partner)
		return m->kind->where != KIND_AT_LEAD;
	return m->kind->where != KIND_AT_PARTNER && room->site == a->lead;
}

static bool is_anywhere(const struct oracle_matter *m, int64_t place)
{
	return place == 0 && m->kind->where == KIND_REMOTE &&
	       !has_part(m, KIND_PART_LEAD_STUDIO);
}

static struct choice place_choice(const struct oracle_matter *m, int64_t place)
{
	struct choice c = {.expert = true};

	if (place == 0 && m->kind->where == KIND_REMOTE) {
		c.rooms = m->ask->lead_rooms;
		c.n = m->ask->nlead_rooms;
		c.studios = true;
	} else {
		c.rooms = room_of(m->ask, place);
		c.n = c.rooms != NULL;
	}
	return c;
}

/* Can it be there, with a room of every pool besides? */
static bool place_does(const struct oracle_matter *m, int64_t place, bool alone)
{
	struct oracle_faults ignored = {.n = 0};
	struct choice c = place_choice(m, place);
	struct taken none = {.n = 0};

	if (is_anywhere(m, place))
		return can_come(m, NULL, &ignored) &&
		       (alone || pools_do(m, 0, none));
	if (c.n == 1 && !c.studios && !may_be_at(m, c.rooms))
		return false;
	for (size_t i = 0; i < c.n; i++) {
		struct taken taken = {{c.rooms[i].id}, 1};

		if (eligible(m, &c, i, &none) &&
		    chosen_does(m, &c, i, &ignored) &&
		    (alone || pools_do(m, 0, taken)))
			return true;
	}
	return false;
}

static void tell_place(const struct oracle_matter *m, int64_t place)
{
	struct choice c = place_choice(m, place);

	if (is_anywhere(m, place))
		(void)can_come(m, NULL, m->faults);
	else if (c.n == 1 && !c.studios && !may_be_at(m, c.rooms))
		oracle_add(m->faults, c.rooms, BLOCK_ELSEWHERE);
	else
		tell_choice(m, &c);
}

/* Is it open there, and where else? Of a place of a session: where that is. */
static size_t open_places(const struct oracle_matter *m, int64_t *out)
{
	struct oracle_instances all;
	size_t n = 0;

	if (m->places != 0) {
		out[0] = m->place;
		return 1;
	}
	if (m->kind->places)
		return 0;
	oracle_lay(m, &m->e->subject, 0, m->session, &all);
	for (size_t i = 0; i < all.n; i++) {
		int64_t place = all.v[i].rule->place;

		if (!oracle_among(out, n, place) &&
		    oracle_covers(&all, place, true, m->session))
			out[n++] = place;
	}
	return n;
}

/* No rule covers it: because places begin at other times, or else why? */
static void tell_closed(const struct oracle_matter *m)
{
	const struct core_subject *s = &m->e->subject;
	struct oracle_instances all;
	bool any = false;

	oracle_lay(m, s, 0, m->session, &all);
	for (size_t i = 0; i < all.n; i++) {
		const struct core_rule *r = all.v[i].rule;
		const struct core_subject *room = room_of(m->ask, r->place);

		if (r->slot_minutes == 0 || all.v[i].from > m->session.from)
			continue;
		any = true;
		if (room != NULL && !may_be_at(m, room))
			oracle_add(m->faults, room, BLOCK_ELSEWHERE);
		else if (room == NULL && m->kind->where != KIND_REMOTE)
			oracle_add(m->faults, NULL, BLOCK_NO_ROOM);
		else
			oracle_add(m->faults, s, BLOCK_PLACE_START);
	}
	if (!any)
		oracle_add(m->faults, s, oracle_why_closed(m, s, m->session));
}

static bool check_rooms(const struct oracle_matter *m)
{
	int64_t places[ORACLE_INSTANCES];
	size_t n = open_places(m, places);
	bool some = false, alone = false;

	for (size_t i = 0; i < n; i++) {
		some |= place_does(m, places[i], false);
		alone |= place_does(m, places[i], true);
	}
	if (some)
		return true;
	for (size_t i = 0; i < n && !alone; i++)
		tell_place(m, places[i]);
	if (n == 0)
		tell_closed(m);
	for (size_t i = 0; i < m->kind->npools; i++) {
		struct choice c = pool_choice(m, i);

		if (!choice_does(m, &c))
			tell_choice(m, &c);
	}
	return false;
}

/* --- rules about times and people --- */

static void check_agreement(const struct oracle_matter *m)
{
	const struct core_ask *ask = m->ask;
	const struct core_agreement *a = ask->agreement;
	int64_t at = m->session.from;
	int64_t day = oracle_day(a->lead_zone, at);
	int64_t used = 0;

	if (at < ask->now)
		oracle_add(m->faults, NULL, BLOCK_PAST);
	if (m->places == 0 && !m->kind->places && at % 300 != 0)
		oracle_add(m->faults, NULL, BLOCK_GRID);
	if (day < a->first_day || day > a->last_day)
		oracle_add(m->faults, NULL, BLOCK_AGREEMENT);
	if ((a->kinds & KINDSET(ask->kind)) == 0)
		oracle_add(m->faults, NULL, BLOCK_AGREEMENT_KIND);
	if (a->nspecialties > 0 && ask->specialty != NULL &&
	    strcmp(ask->specialty, "heart") != 0)
		oracle_add(m->faults, NULL, BLOCK_SPECIALTY);
	for (size_t i = 0; i < ask->nmonths; i++)
		if (at >= ask->months[i].span.from &&
		    at < ask->months[i].span.to)
			used = ask->months[i].used;
	if (a->quota[ask->kind] >= 0 && used >= a->quota[ask->kind])
		oracle_add(m->faults, NULL, BLOCK_QUOTA);
}

static bool has_word(const char *const *all, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(all[i], word) == 0)
			return true;
	return false;
}

/* The higher the less; 4: a title beside the ladder. */
static int rank_of(const char *title)
{
	return strcmp(title, "chief-physician") == 0		 ? 0
	       : strcmp(title, "associate-chief-physician") == 0 ? 1
	       : strcmp(title, "attending") == 0		 ? 2
	       : strcmp(title, "resident") == 0			 ? 3
								 : 4;
}

static bool is_titled(const char *has, const char *wanted)
{
	if (wanted == NULL)
		return true;
	if (has == NULL)
		return false;
	return strcmp(has, wanted) == 0 ||
	       (rank_of(wanted) < 4 && rank_of(has) < rank_of(wanted));
}

static bool speaks(const struct core_ask *ask, const struct core_expert *e)
{
	for (size_t i = 0; i < ask->nlanguages; i++)
		if (!has_word(e->languages, e->nlanguages, ask->languages[i]))
			return false;
	return true;
}

/* Whole years that have gone by, as a person counts them. */
static bool is_seasoned(const struct oracle_matter *m)
{
	int years = m->ask->agreement->min_independent_years;
	struct civil since, c;

	civil_from_days(m->e->independent_since, &since);
	civil_from_wall(
		tz_to_wall(m->ask->agreement->lead_zone, m->session.from), &c);
	c.year -= since.year;
	if (c.month < since.month ||
	    (c.month == since.month && c.day < since.day))
		c.year--;
	return years == 0 || c.year >= years;
}

static void check_talents(const struct oracle_matter *m)
{
	const struct core_ask *ask = m->ask;
	const struct core_expert *e = m->e;
	const struct core_subject *s = &e->subject;

	if ((e->kinds & KINDSET(ask->kind)) == 0)
		oracle_add(m->faults, s, BLOCK_KIND);
	/* every expert has the heart, which is all that agreements are about */
	if (ask->specialty != NULL &&
	    !has_word(e->specialties, e->nspecialties, ask->specialty))
		oracle_add(m->faults, s, BLOCK_SPECIALTY);
	if (!is_titled(e->title, ask->title))
		oracle_add(m->faults, s, BLOCK_TITLE);
	if (ask->modality != NULL &&
	    !has_word(e->modalities, e->nmodalities, ask->modality))
		oracle_add(m->faults, s, BLOCK_MODALITY);
	if (!speaks(ask, e))
		oracle_add(m->faults, s, BLOCK_LANGUAGE);
	if (!is_seasoned(m))
		oracle_add(m->faults, s, BLOCK_EXPERIENCE);
}

static const struct tz *zone_of(const struct core_expert *e, int64_t t)
{
	for (size_t i = 0; i < e->naway; i++)
		if (oracle_is_away(&e->away[i], t))
			return e->away[i].zone;
	return e->subject.zone;
}

static void check_days(const struct oracle_matter *m)
{
	const struct core_expert *e = m->e;
	const struct tz *zone = zone_of(e, m->session.from);
	int64_t day = oracle_day(zone, m->session.from);
	int begun = 0;

	for (size_t i = 0; i < e->subject.nclaims; i++) {
		const struct core_claim *c = &e->subject.claims[i];

		begun += c->role == CLAIM_EXPERT && oracle_stands(m->ask, c) &&
			 oracle_day(zone, c->from) == day;
	}
	if (e->cap_per_day > 0 && begun >= e->cap_per_day)
		oracle_add(m->faults, &e->subject, BLOCK_DAY_CAP);
	if (!has_part(m, KIND_PART_EXPERT) || m->kind->where != KIND_REMOTE)
		return;
	for (size_t i = 0; i < e->naway; i++)
		for (int64_t t = m->session.from; t < m->session.to; t += 60)
			if (!e->away[i].remote_requests &&
			    oracle_is_away(&e->away[i], t))
				oracle_add(m->faults, &e->subject,
					   BLOCK_SECONDED);
}

static void check_diary(const struct oracle_matter *m)
{
	const struct core_subject *s = &m->e->subject;

	if (!has_part(m, KIND_PART_EXPERT))
		return;
	if (oracle_on_leave(s, m->session))
		oracle_add(m->faults, s, BLOCK_LEAVE);
	for (size_t i = 0; i < s->nclaims; i++) {
		const struct core_claim *c = &s->claims[i];
		bool same = c->session != 0 && c->session == m->places &&
			    c->place == m->place;
		int64_t theirs = c->session != 0 && !same ? m->pause : 0;

		if (!oracle_stands(m->ask, c) ||
		    c->from >= m->end + (same ? 0 : m->pause) ||
		    c->to + theirs <= m->session.from)
			continue;
		oracle_add(m->faults, s,
			   c->role == CLAIM_BUFFER || c->to <= m->session.from
				   ? BLOCK_BUFFER
				   : BLOCK_BUSY);
	}
}

static const struct core_subject *patient_of(const struct oracle_matter *m)
{
	return has_part(m, KIND_PART_PATIENT) ? m->ask->patient : NULL;
}

static const struct core_subject *surgeon_of(const struct oracle_matter *m)
{
	return has_part(m, KIND_PART_SURGEON) ? m->ask->surgeon : NULL;
}

static void check_others(const struct oracle_matter *m)
{
	if (patient_of(m) != NULL)
		(void)oracle_does(m, patient_of(m), true, m->faults);
	if (surgeon_of(m) != NULL)
		(void)oracle_does(m, surgeon_of(m), true, m->faults);
}

/* A room that could have been the place or of a pool is told of once. */
static void check_named(const struct oracle_matter *m)
{
	for (size_t i = 0; i < m->ask->nnamed; i++) {
		const struct core_subject *s = &m->ask->named[i];
		bool told = false;

		for (size_t f = 0; f < m->faults->n; f++)
			told |= m->faults->v[f].subject == s->id &&
				m->faults->v[f].reason != BLOCK_ELSEWHERE;
		if (!told)
			(void)oracle_does(m, s, false, m->faults);
	}
}

/* --- the question --- */

static void measure(struct oracle_matter *m, int64_t at, int64_t length)
{
	const struct core_ask *ask = m->ask;
	int64_t reserve = ask->agreement->overrun_minutes;

	if (reserve < 0)
		reserve = m->kind->overrun_minutes;
	if (!m->kind->operation)
		reserve = 0;
	m->session = (struct core_span){at, at + length};
	m->end = m->session.to + reserve * 60;
	m->operation.from = at - ask->before * 60;
	m->operation.to = m->session.to + ask->after * 60;
	m->pause = (int64_t)m->e->buffer_minutes * 60;
}

static bool answer(const struct oracle_matter *m)
{
	struct oracle_faults own = {.n = 0};
	struct oracle_matter mine = *m;
	bool rooms;

	mine.faults = &own;
	check_agreement(&mine);
	check_talents(&mine);
	check_days(&mine);
	check_diary(&mine);
	check_others(&mine);
	rooms = check_rooms(&mine);
	check_named(&mine);
	for (size_t i = 0; i < own.n; i++) {
		struct core_subject s = {.id = own.v[i].subject};

		oracle_add(m->faults, &s, own.v[i].reason);
	}
	return rooms && own.n == 0;
}

/* Does a place of that session begin then, where the kind may be? */
static bool begins_place(const struct oracle_matter *m,
			 const struct oracle_instance *in, int64_t at)
{
	int64_t slot = (int64_t)in->rule->slot_minutes * 60;
	const struct core_subject *room = room_of(m->ask, in->rule->place);

	if (slot == 0 || !kind_has_places(m->ask->kind) || room == NULL ||
	    !may_be_at(m, room))
		return false;
	for (int64_t t = in->from; t + slot <= in->to; t += slot)
		if (t == at)
			return true;
	return false;
}

bool oracle_takes(const struct core_ask *ask, size_t expert, int64_t at,
		  struct oracle_faults *out)
{
	struct oracle_matter m = {.ask = ask,
				  .kind = kind_row(ask->kind),
				  .e = &ask->experts[expert],
				  .faults = out};
	struct oracle_instances all;
	bool any = false;

	out->n = 0;
	oracle_lay(&m, &m.e->subject, 0, (struct core_span){at, at + 60}, &all);
	for (size_t i = 0; i < all.n; i++) {
		const struct core_rule *r = all.v[i].rule;

		if (!begins_place(&m, &all.v[i], at))
			continue;
		any = true;
		measure(&m, at, (int64_t)r->slot_minutes * 60);
		m.places = all.v[i].from;
		m.place = r->place;
		if (answer(&m)) {
			out->n = 0;
			return true;
		}
	}
	if (any)
		return false;
	measure(&m, at, m.kind->places ? 60 : ask->minutes * 60);
	return answer(&m);
}

/* --- a plan --- */

struct claimed {
	size_t n;
	const struct core_subject *subject;
	struct core_span span;
};

static struct claimed claimed_as(const struct core_plan *plan,
				 enum claim_role role)
{
	struct claimed found = {.n = 0};

	for (size_t i = 0; i < plan->nclaims; i++)
		if (plan->claims[i].role == role) {
			found.n++;
			found.subject = plan->claims[i].subject;
			found.span = plan->claims[i].span;
		}
	return found;
}

/* Once if it is wanted, of that subject (unless it is NULL), for that long. */
static bool is_claimed(const struct core_plan *plan, enum claim_role role,
		       bool wanted, const struct core_subject *subject,
		       int64_t from, int64_t to)
{
	struct claimed c = claimed_as(plan, role);

	if (!wanted)
		return c.n == 0;
	return c.n == 1 && (subject == NULL || c.subject == subject) &&
	       c.span.from == from && c.span.to == to;
}

static bool is_in(const struct core_subject *s, const struct core_subject *all,
		  size_t n)
{
	return n > 0 && s >= all && s < all + n;
}

static const char *wrong_people(const struct oracle_matter *m,
				const struct core_plan *plan)
{
	const struct core_subject *e = &m->e->subject;
	bool expert = has_part(m, KIND_PART_EXPERT);
	int64_t to = m->operation.to > m->end ? m->operation.to : m->end;

	if (!is_claimed(plan, CLAIM_EXPERT, expert, e, m->session.from,
			m->session.to))
		return "the expert";
	if (!is_claimed(plan, CLAIM_OVERRUN, expert && m->end > m->session.to,
			e, m->session.to, m->end))
		return "the reserve";
	if (!is_claimed(plan, CLAIM_BUFFER,
			expert && m->places == 0 && m->pause > 0, e, m->end,
			m->end + m->pause))
		return "the pause";
	if (!is_claimed(plan, CLAIM_PATIENT, patient_of(m) != NULL,
			patient_of(m), m->operation.from, to))
		return "the patient";
	if (!is_claimed(plan, CLAIM_SURGEON, surgeon_of(m) != NULL,
			surgeon_of(m), m->operation.from, to))
		return "the surgeon";
	return NULL;
}

static const char *wrong_way(const struct oracle_matter *m,
			     const struct core_plan *plan,
			     const struct core_subject *place)
{
	struct oracle_ways ways = oracle_find_ways(m, place);

	if (!ways.good ||
	    !is_claimed(plan, CLAIM_TRANSFER, ways.before.from < ways.before.to,
			&m->e->subject, ways.before.from, m->session.from))
		return "the way";
	if (plan->next.booking != (ways.next != NULL ? ways.next->booking : 0))
		return "the next one";
	if (ways.next != NULL &&
	    (plan->next.hold_until != ways.next->hold_until ||
	     plan->next.span.from != ways.after.from ||
	     plan->next.span.to != ways.after.to))
		return "the way to the next one";
	return NULL;
}

static const char *wrong_place(const struct oracle_matter *m,
			       const struct core_plan *plan)
{
	bool remote = m->kind->where == KIND_REMOTE;
	enum claim_role role = remote ? CLAIM_LEAD_STUDIO : CLAIM_PLACE;
	struct claimed place = claimed_as(plan, role);
	struct oracle_faults none = {.n = 0};

	if (place.n > 0 &&
	    (!is_in(place.subject, m->ask->lead_rooms, m->ask->nlead_rooms) ||
	     !may_be_at(m, place.subject) ||
	     !oracle_does(m, place.subject, false, &none) ||
	     !is_claimed(plan, role, true, NULL, m->session.from, m->end)))
		return "the place";
	if (place.n == 0 && (!remote || has_part(m, KIND_PART_LEAD_STUDIO)))
		return "no place";
	if (!has_part(m, KIND_PART_EXPERT))
		return plan->next.booking != 0 ? "a way of nobody" : NULL;
	if (plan->place != (place.n > 0 ? place.subject->id : 0))
		return "another place";
	return wrong_way(m, plan, place.subject);
}

static const char *wrong_pool(const struct oracle_matter *m,
			      const struct core_plan *plan, size_t i)
{
	enum claim_role role = m->kind->pools[i].role;
	struct choice c = pool_choice(m, i);
	struct claimed room = claimed_as(plan, role);
	struct oracle_faults none = {.n = 0};
	int64_t to = m->session.to;

	if (c.operation)
		to = m->operation.to;
	if (to < m->end)
		to = m->end;
	if (room.n != 1 || !is_in(room.subject, c.rooms, c.n) ||
	    !oracle_does(m, room.subject, c.operation, &none))
		return "a room of a pool";
	if (!is_claimed(plan, role, true, NULL,
			c.operation ? m->operation.from : m->session.from, to))
		return "how long a room of a pool is taken";
	return NULL;
}

/* Everything that is named is claimed, and nothing twice. */
static const char *wrong_named(const struct oracle_matter *m,
			       const struct core_plan *plan)
{
	size_t more = claimed_as(plan, CLAIM_RESOURCE).n;

	for (size_t i = 0; i < m->ask->nnamed; i++) {
		size_t n = 0;

		for (size_t c = 0; c < plan->nclaims; c++)
			n += plan->claims[c].subject->id == m->ask->named[i].id;
		if (n != 1)
			return "what is named";
	}
	for (size_t c = 0; c < plan->nclaims; c++)
		if (plan->claims[c].role == CLAIM_RESOURCE) {
			more -= is_in(plan->claims[c].subject, m->ask->named,
				      m->ask->nnamed) &&
				plan->claims[c].span.from == m->session.from &&
				plan->claims[c].span.to == m->end;
		}
	return more != 0 ? "a resource that nobody named" : NULL;
}

const char *oracle_plan(const struct core_ask *ask,
			const struct core_plan *plan)
{
	struct oracle_matter m = {.ask = ask,
				  .kind = kind_row(ask->kind),
				  .e = &ask->experts[plan->expert],
				  .places = plan->session,
				  .place =
					  plan->session != 0 ? plan->place : 0};
	int64_t length = plan->span.to - plan->span.from;
	const char *wrong;

	if (plan->session == 0 && length != ask->minutes * 60)
		return "the length";
	measure(&m, plan->span.from, length);
	if (plan->operation.from != m.operation.from ||
	    plan->operation.to != m.operation.to)
		return "the operation";
	wrong = wrong_people(&m, plan);
	if (wrong == NULL)
		wrong = wrong_place(&m, plan);
	for (size_t i = 0; i < m.kind->npools && wrong == NULL; i++)
		wrong = wrong_pool(&m, plan, i);
	return wrong != NULL ? wrong : wrong_named(&m, plan);
}
