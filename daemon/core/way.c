#include "daemon/core/way.h"

#include "base/civil.h"
#include "daemon/core/claims.h"

static bool is_at(int64_t site, int64_t place, int64_t of_site, int64_t of)
{
	return site == of_site && (of == 0 || place == of);
}

static bool joins(const struct core_transfer *t, int64_t site_a,
		  int64_t place_a, int64_t site_b, int64_t place_b)
{
	return (is_at(site_a, place_a, t->site_a, t->place_a) &&
		is_at(site_b, place_b, t->site_b, t->place_b)) ||
	       (is_at(site_a, place_a, t->site_b, t->place_b) &&
		is_at(site_b, place_b, t->site_a, t->place_a));
}

int64_t way_seconds(const struct way_map *map, int64_t site_a, int64_t place_a,
		    int64_t site_b, int64_t place_b)
{
	int64_t found = 0;

	if (place_a == place_b)
		return 0;
	for (size_t i = 0; i < map->n; i++) {
		const struct core_transfer *t = &map->transfers[i];

		if (!joins(t, site_a, place_a, site_b, place_b))
			continue;
		if (t->place_a != 0)
			return t->seconds;
		found = t->seconds;
	}
	return found;
}

bool way_of_session(const struct core_claim *c, int64_t session, int64_t place)
{
	return c->session != 0 && c->session == session && c->place == place;
}

int64_t way_end(const struct core_expert *expert, const struct core_claim *c,
		int64_t session, int64_t place)
{
	if (c->session == 0 || way_of_session(c, session, place))
		return c->to;
	return c->to + (int64_t)expert->buffer_minutes * 60;
}

static bool stands(const struct way_view *view, const struct core_claim *c)
{
	return claims_stand(c, view->now, view->ignore_booking);
}

/* The last session at a place that has ended by then, within a day. */
static const struct core_claim *placed_before(const struct way_view *view,
					      int64_t instant)
{
	const struct core_subject *s = &view->expert->subject;
	const struct core_claim *last = NULL;

	for (size_t i = 0; i < s->nclaims; i++) {
		const struct core_claim *c = &s->claims[i];

		if (c->place != 0 && c->to <= instant &&
		    c->to > instant - CIVIL_DAY && stands(view, c) &&
		    (last == NULL || c->to > last->to))
			last = c;
	}
	return last;
}

/* The first one that begins then or later, but before the end. Claims are by
 * from; where a session has begun before, its reserve is none. */
static const struct core_claim *placed_after(const struct way_view *view,
					     int64_t instant, int64_t end)
{
	const struct core_subject *s = &view->expert->subject;

	for (size_t i = 0; i < s->nclaims; i++) {
		const struct core_claim *c = &s->claims[i];

		if (c->place != 0 && c->role == CLAIM_EXPERT &&
		    c->from >= instant && c->from < end && stands(view, c))
			return c;
	}
	return NULL;
}

/* The first claim that reaches into the way; it lies before the session that
 * the way leads to. */
static const struct core_claim *in_the_way(const struct way_view *view,
					   struct core_span way,
					   int64_t session, int64_t place)
{
	const struct core_subject *s = &view->expert->subject;

	for (size_t i = 0; i < s->nclaims && s->claims[i].from < way.to; i++) {
		const struct core_claim *c = &s->claims[i];

		if (stands(view, c) &&
		    way_end(view->expert, c, session, place) > way.from)
			return c;
	}
	return NULL;
}

/* Of two claims the one that is there. */
static const struct core_claim *either(const struct core_claim *a,
				       const struct core_claim *b)
{
	return a != NULL ? a : b;
}

const struct core_claim *way_find(const struct way_view *view,
				  const struct way_stop *stop, struct way *out)
{
	int64_t from = stop->busy.from;
	const struct core_claim *last = placed_before(view, from);
	const struct core_claim *next =
		placed_after(view, stop->end, stop->end + CIVIL_DAY);
	int64_t place = stop->place, site = stop->site;
	const struct core_claim *blocked = NULL;

	*out = (struct way){.before = {from, from}, .next = next};
	if (last != NULL && place != 0)
		out->before.from -= way_seconds(&view->map, last->place_site,
						last->place, site, place);
	if (out->before.from < from)
		blocked = in_the_way(view, out->before, stop->session,
				     stop->place);
	if (next == NULL)
		return blocked;
	if (place == 0 && last != NULL && last->to > next->from - CIVIL_DAY) {
		place = last->place;
		site = last->place_site;
	}
	out->after = (struct core_span){next->from, next->from};
	if (place != 0)
		out->after.from -= way_seconds(&view->map, site, place,
					       next->place_site, next->place);
	if (out->after.from == next->from)
		return blocked;
	if (out->after.from < stop->busy.to)
		return either(blocked, next);
	return either(blocked,
		      in_the_way(view, out->after, next->session, next->place));
}

void way_next(const struct way_view *view, int64_t instant, struct way *out)
{
	const struct core_claim *next = placed_after(view, instant, INT64_MAX);
	const struct core_claim *last, *c;

	*out = (struct way){.next = next};
	if (next == NULL)
		return;
	last = placed_before(view, next->from);
	out->after = (struct core_span){next->from, next->from};
	if (last == NULL)
		return;
	out->after.from -=
		way_seconds(&view->map, last->place_site, last->place,
			    next->place_site, next->place);
	while (out->after.from < next->from &&
	       (c = in_the_way(view, out->after, next->session, next->place)) !=
		       NULL)
		out->after.from =
			way_end(view->expert, c, next->session, next->place);
	if (out->after.from > next->from)
		out->after.from = next->from;
}
