#include "tests/support/oracle_facts.h"

#include <stdlib.h>

#include "base/civil.h"

void oracle_add(struct oracle_faults *f, const struct core_subject *s,
		enum block reason)
{
	int64_t id = s != NULL ? s->id : 0;

	for (size_t i = 0; i < f->n; i++)
		if (f->v[i].subject == id && f->v[i].reason == reason)
			return;
	if (f->n == ORACLE_FAULTS)
		abort();
	f->v[f->n++] = (struct oracle_fault){id, reason};
}

/* --- when rules are open --- */

int64_t oracle_day(const struct tz *zone, int64_t t)
{
	return civil_day_of(tz_to_wall(zone, t));
}

bool oracle_is_away(const struct core_away *away, int64_t t)
{
	int64_t day = oracle_day(away->zone, t);

	return day >= away->first_day && day <= away->last_day;
}

bool oracle_among(const int64_t *days, size_t n, int64_t day)
{
	for (size_t i = 0; i < n; i++)
		if (days[i] == day)
			return true;
	return false;
}

static bool on_day(const struct core_rule *r, int64_t day, unsigned leave)
{
	int weekday = -1;

	if (day < r->first_day || day > r->last_day ||
	    oracle_among(r->exdates, r->nexdates, day))
		return false;
	for (size_t i = 0; r->calendar != NULL && i < r->calendar->n; i++)
		if (r->calendar->days[i].day == day) {
			weekday = r->calendar->days[i].works_as;
			if (weekday < 0 && !r->on_holidays &&
			    (leave & ORACLE_NO_HOLIDAYS) == 0)
				return false;
		}
	return oracle_among(r->rdates, r->nrdates, day) ||
	       rrule_on(&r->rrule, civil_day_of(r->start), day, weekday);
}

/* A home rule ends when its expert goes away. */
static void cut(struct oracle_instance *in, const struct core_expert *e)
{
	for (int64_t t = in->from; t < in->to; t += 60)
		for (size_t i = 0; i < e->naway; i++)
			if (oracle_is_away(&e->away[i], t))
				in->to = t;
}

static bool offers(const struct oracle_matter *m, const struct core_rule *r,
		   bool experts)
{
	if (r->kinds != 0)
		return (r->kinds & KINDSET(m->ask->kind)) != 0;
	return !experts ||
	       (!m->kind->named && (m->e->kinds & KINDSET(m->ask->kind)) != 0);
}

/* What of the subject's rules touches the span, and offers the kind. */
void oracle_lay(const struct oracle_matter *m, const struct core_subject *s,
		unsigned leave, struct core_span span,
		struct oracle_instances *out)
{
	bool experts = s == &m->e->subject;

	out->n = 0;
	for (size_t i = 0; i < s->nrules; i++) {
		const struct core_rule *r = &s->rules[i];
		int64_t first = oracle_day(r->zone, span.from) - 4;
		int64_t wall = r->start % CIVIL_DAY;

		if ((leave & ORACLE_ANY_KIND) == 0 && !offers(m, r, experts))
			continue;
		for (int64_t d = first; d < first + 8; d++) {
			int64_t from = d * CIVIL_DAY + wall;
			struct oracle_instance in = {
				r, tz_to_utc(r->zone, from),
				tz_to_utc(r->zone, from + r->end - r->start)};

			if (in.to <= span.from || in.from >= span.to ||
			    !on_day(r, d, leave))
				continue;
			if (experts && !r->seconded &&
			    (leave & ORACLE_NO_AWAY) == 0)
				cut(&in, m->e);
			if (in.to <= span.from)
				continue;
			if (out->n == ORACLE_INSTANCES)
				abort();
			out->v[out->n++] = in;
		}
	}
}

/* Is every minute in an instance at the place? */
bool oracle_covers(const struct oracle_instances *all, int64_t place,
		   bool on_grid, struct core_span span)
{
	for (int64_t t = span.from; t < span.to; t += 60) {
		bool open = false;

		for (size_t i = 0; i < all->n && !open; i++)
			open = all->v[i].rule->place == place &&
			       !(on_grid && all->v[i].rule->slot_minutes > 0) &&
			       all->v[i].from <= t && t < all->v[i].to;
		if (!open)
			return false;
	}
	return true;
}

static bool covered_somewhere(const struct oracle_instances *all,
			      struct core_span span)
{
	for (size_t i = 0; i < all->n; i++)
		if (oracle_covers(all, all->v[i].rule->place, false, span))
			return true;
	return false;
}

/* Of what is shut: would it be open but for one thing? */
enum block oracle_why_closed(const struct oracle_matter *m,
			     const struct core_subject *s,
			     struct core_span span)
{
	struct oracle_instances all;

	oracle_lay(m, s, ORACLE_ANY_KIND, span, &all);
	if (covered_somewhere(&all, span))
		return BLOCK_KIND;
	oracle_lay(m, s, ORACLE_NO_HOLIDAYS, span, &all);
	if (covered_somewhere(&all, span))
		return BLOCK_HOLIDAY;
	oracle_lay(m, s, ORACLE_NO_AWAY, span, &all);
	return covered_somewhere(&all, span) ? BLOCK_SECONDED : BLOCK_CLOSED;
}

/* --- whether somebody is free --- */

static bool lives(const struct core_ask *ask, const struct core_claim *c)
{
	if (c->hold_until != 0 && c->hold_until <= ask->now)
		return false;
	return ask->ignore_booking == 0 || c->booking != ask->ignore_booking;
}

bool oracle_stands(const struct core_ask *ask, const struct core_claim *c)
{
	return lives(ask, c) && c->role != CLAIM_TRANSFER;
}

/* A surgeon's ways are other bookings' and stay; nobody else has any. */
static bool holds(const struct core_ask *ask, const struct core_claim *c,
		  int64_t t)
{
	return lives(ask, c) && c->from <= t && t < c->to;
}

static bool check_free(const struct oracle_matter *m,
		       const struct core_subject *s, struct core_span span,
		       struct oracle_faults *out)
{
	bool all = true;

	for (int64_t t = span.from; t < span.to; t += 60) {
		int depth = 0;

		for (size_t i = 0; i < s->nclaims; i++)
			depth += holds(m->ask, &s->claims[i], t);
		if (depth < s->capacity)
			continue;
		all = false;
		for (size_t i = 0; i < s->nclaims; i++)
			if (holds(m->ask, &s->claims[i], t))
				oracle_add(out, s,
					   s->claims[i].role == CLAIM_BUFFER
						   ? BLOCK_BUFFER
						   : BLOCK_BUSY);
	}
	return all;
}

bool oracle_on_leave(const struct core_subject *s, struct core_span span)
{
	for (size_t i = 0; i < s->nleaves; i++)
		for (int64_t t = span.from; t < span.to; t += 60)
			if (s->leaves[i].from <= t && t < s->leaves[i].to)
				return true;
	return false;
}

/* What is wanted of anybody but the expert, the whole operation or not. */
bool oracle_does(const struct oracle_matter *m, const struct core_subject *s,
		 bool operation, struct oracle_faults *out)
{
	struct core_span open = operation ? m->operation : m->session;
	struct core_span taken = open;
	struct oracle_instances all;
	bool good = true;

	if (taken.to < m->end)
		taken.to = m->end;
	if (s->nrules > 0) {
		oracle_lay(m, s, 0, open, &all);
		good = covered_somewhere(&all, open);
		if (!good)
			oracle_add(out, s, oracle_why_closed(m, s, open));
	}
	if (oracle_on_leave(s, open)) {
		oracle_add(out, s, BLOCK_LEAVE);
		good = false;
	}
	return check_free(m, s, taken, out) && good;
}

/* --- the way --- */

static int64_t minutes_between(const struct core_ask *ask, int64_t site_a,
			       int64_t place_a, int64_t site_b, int64_t place_b)
{
	int64_t sites = 0;

	if (place_a == place_b)
		return 0;
	for (size_t i = 0; i < ask->ntransfers; i++) {
		const struct core_transfer *t = &ask->transfers[i];
		bool there = t->site_a == site_a && t->site_b == site_b;
		bool back = t->site_a == site_b && t->site_b == site_a;

		if ((t->place_a == place_a && t->place_b == place_b) ||
		    (t->place_a == place_b && t->place_b == place_a))
			return t->seconds / 60;
		if (t->place_a == 0 && (there || back))
			sites = t->seconds / 60;
	}
	return sites;
}

/* Is the minute somebody's, or of the pause after a place of a session that is
 * not this one? */
static bool is_taken(const struct oracle_matter *m, int64_t t, int64_t session,
		     int64_t place)
{
	const struct core_subject *s = &m->e->subject;

	for (size_t i = 0; i < s->nclaims; i++) {
		const struct core_claim *c = &s->claims[i];
		bool other = c->session != 0 &&
			     (c->session != session || c->place != place);

		if (oracle_stands(m->ask, c) && c->from <= t &&
		    t < c->to + (other ? m->pause : 0))
			return true;
	}
	return false;
}

static const struct core_claim *before(const struct oracle_matter *m)
{
	const struct core_subject *s = &m->e->subject;
	const struct core_claim *found = NULL;

	for (size_t i = 0; i < s->nclaims; i++) {
		const struct core_claim *c = &s->claims[i];

		if (oracle_stands(m->ask, c) && c->place != 0 &&
		    c->to <= m->session.from &&
		    m->session.from - c->to < CIVIL_DAY &&
		    (found == NULL || c->to > found->to))
			found = c;
	}
	return found;
}

static const struct core_claim *after(const struct oracle_matter *m)
{
	const struct core_subject *s = &m->e->subject;
	const struct core_claim *found = NULL;

	for (size_t i = 0; i < s->nclaims; i++) {
		const struct core_claim *c = &s->claims[i];

		if (oracle_stands(m->ask, c) && c->role == CLAIM_EXPERT &&
		    c->place != 0 && c->from >= m->end &&
		    c->from - m->end < CIVIL_DAY &&
		    (found == NULL || c->from < found->from))
			found = c;
	}
	return found;
}

struct oracle_ways oracle_find_ways(const struct oracle_matter *m,
				    const struct core_subject *room)
{
	const struct core_claim *last = before(m);
	const struct core_claim *next = after(m);
	int64_t place = room != NULL ? room->id : 0;
	int64_t site = room != NULL ? room->site : 0;
	struct oracle_ways w = {.next = next, .good = true};

	w.before.from = w.before.to = m->session.from;
	if (last != NULL && room != NULL)
		w.before.from -= 60 * minutes_between(m->ask, last->place_site,
						      last->place, site, place);
	for (int64_t t = w.before.from; t < w.before.to; t += 60)
		w.good &= !is_taken(m, t, m->places, m->place);
	if (next == NULL)
		return w;
	if (room == NULL && last != NULL && next->from - last->to < CIVIL_DAY) {
		place = last->place;
		site = last->place_site;
	}
	w.after.from = w.after.to = next->from;
	if (place != 0)
		w.after.from -=
			60 * minutes_between(m->ask, site, place,
					     next->place_site, next->place);
	for (int64_t t = w.after.from; t < w.after.to; t += 60)
		w.good &= t >= m->end + m->pause &&
			  !is_taken(m, t, next->session, next->place);
	return w;
}
