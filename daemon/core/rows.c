#include "daemon/core/rows.h"

#include <string.h>

#include "daemon/core/inquiry.h"

/* Does the rule offer the kind, and at a place that may be? */
static bool offers(const struct core_ask *ask, const struct core_expert *e,
		   const struct core_rule *rule, int32_t *out_place)
{
	const struct core_subject *room;

	*out_place = ROWS_ANY;
	if ((kind_offered(rule->kinds, e->kinds) & KINDSET(ask->kind)) == 0)
		return false;
	if (rule->place == 0)
		return kind_row(ask->kind)->where == KIND_REMOTE;
	room = inquiry_rule_place(ask, rule);
	if (room != NULL)
		*out_place = (int32_t)(room - ask->lead_rooms);
	return room != NULL;
}

static bool has_lane(const struct core_rows *r, size_t expert, int32_t place)
{
	for (size_t i = r->first[expert]; i < r->nlanes; i++)
		if (r->place[i] == place)
			return true;
	return false;
}

static void add_lanes(struct core_rows *r, const struct core_ask *ask,
		      size_t expert)
{
	const struct core_expert *e = &ask->experts[expert];
	bool places = kind_row(ask->kind)->places;

	r->first[expert] = (uint32_t)r->nlanes;
	for (size_t i = 0; i < e->subject.nrules; i++) {
		const struct core_rule *rule = &e->subject.rules[i];
		int32_t place;

		r->sessions |= rule->slot_minutes > 0;
		if (!offers(ask, e, rule, &place))
			continue;
		if (place != ROWS_ANY)
			r->wanted[place] = true;
		if (!places && rule->slot_minutes == 0 && rule->pool == NULL &&
		    !has_lane(r, expert, place))
			r->place[r->nlanes++] = place;
	}
	r->first[expert + 1] = (uint32_t)r->nlanes;
}

/* The lead's studios serve those whose rule names no place. */
static void want_studios(struct core_rows *r, const struct core_ask *ask)
{
	unsigned parts = kind_row(ask->kind)->parts;
	bool any = false;

	for (size_t i = 0; i < r->nlanes; i++)
		any |= r->place[i] == ROWS_ANY;
	if (!any || (parts & KIND_PART_LEAD_STUDIO) == 0)
		return;
	for (size_t i = 0; i < r->nrooms; i++)
		r->wanted[i] |=
			inquiry_is_lead_studio(ask, &ask->lead_rooms[i]);
}

static size_t count_rules(struct core_rows *r, const struct core_ask *ask)
{
	size_t all = 0;

	for (size_t i = 0; i < r->nexperts; i++) {
		const struct core_expert *e = &ask->experts[i];

		all += e->subject.nrules;
		if (e->subject.nrules > r->most_rules)
			r->most_rules = e->subject.nrules;
		if (e->buffer_minutes > r->most_buffer)
			r->most_buffer = e->buffer_minutes;
	}
	for (size_t i = 0; i < r->nrooms; i++)
		if (ask->lead_rooms[i].nrules > r->most_room_rules)
			r->most_room_rules = ask->lead_rooms[i].nrules;
	return all;
}

static enum rc make_stripes(struct core_rows *r, size_t bytes,
			    struct arena *arena)
{
	size_t each = (r->nlanes + r->nrooms) * sizeof(struct rows_bits) +
		      (r->nexperts + r->nrooms) * sizeof(uint32_t) +
		      sizeof(struct rows_stripe);
	size_t n = bytes / each;

	r->nstripes = n < 1 ? 1 : n < ROWS_STRIPES_MAX ? n : ROWS_STRIPES_MAX;
	r->stripes = arena_array(arena, r->nstripes, sizeof(r->stripes[0]));
	if (r->stripes == NULL)
		return RC_NOMEM;
	for (size_t i = 0; i < r->nstripes; i++) {
		struct rows_stripe *s = &r->stripes[i];

		s->chunk = INT64_MIN;
		s->known = arena_array(arena, r->nexperts + r->nrooms,
				       sizeof(uint32_t));
		s->lanes =
			arena_array(arena, r->nlanes, sizeof(struct rows_bits));
		s->rooms =
			arena_array(arena, r->nrooms, sizeof(struct rows_bits));
		if (s->known == NULL || s->lanes == NULL || s->rooms == NULL)
			return RC_NOMEM;
	}
	return RC_OK;
}

enum rc rows_init(struct core_rows *r, const struct core_ask *ask, size_t bytes,
		  struct arena *arena)
{
	size_t n = ask->nexperts;

	*r = (struct core_rows){.nexperts = n, .nrooms = ask->nlead_rooms};
	r->first = arena_array(arena, n + 1, sizeof(r->first[0]));
	r->place = arena_array(arena, count_rules(r, ask), sizeof(r->place[0]));
	r->version = arena_array(arena, n + r->nrooms, sizeof(r->version[0]));
	r->wanted = arena_array(arena, r->nrooms, sizeof(r->wanted[0]));
	r->candidates = arena_array(arena, n, sizeof(r->candidates[0]));
	if (r->first == NULL || r->place == NULL || r->version == NULL ||
	    r->wanted == NULL || r->candidates == NULL)
		return RC_NOMEM;
	for (size_t i = 0; i < n; i++)
		add_lanes(r, ask, i);
	for (size_t i = 0; i < n + r->nrooms; i++)
		r->version[i] = 1;
	want_studios(r, ask);
	return make_stripes(r, bytes, arena);
}

void rows_forget_expert(struct core_rows *r, size_t expert)
{
	r->version[expert]++;
}

void rows_forget_room(struct core_rows *r, size_t room)
{
	r->version[r->nexperts + room]++;
}

int64_t rows_chunk_of(int64_t instant)
{
	int64_t rest = instant % ROWS_SECONDS;

	return instant / ROWS_SECONDS - (rest < 0);
}

struct rows_stripe *rows_stripe(struct core_rows *r, int64_t chunk)
{
	struct rows_stripe *s = &r->stripes[(uint64_t)chunk % r->nstripes];

	if (s->chunk == chunk)
		return s;
	memset(s->known, 0, (r->nexperts + r->nrooms) * sizeof(s->known[0]));
	s->chunk = chunk;
	s->open = (struct rows_bits){{0}};
	s->opened = false;
	return s;
}

size_t rows_next(const struct rows_bits *b, size_t from)
{
	for (size_t i = from / 64; i < ROWS_WORDS; i++) {
		uint64_t word = b->w[i];

		if (i == from / 64)
			word &= ~UINT64_C(0) << from % 64;
		if (word != 0)
			return i * 64 + (size_t)__builtin_ctzll(word);
	}
	return ROWS_CHUNK;
}

size_t rows_prev(const struct rows_bits *b, size_t end)
{
	for (size_t i = (end + 63) / 64; i-- > 0;) {
		uint64_t word = b->w[i];

		if (end - i * 64 < 64)
			word &= ~(~UINT64_C(0) << (end - i * 64));
		if (word != 0)
			return i * 64 + 63 - (size_t)__builtin_clzll(word);
	}
	return ROWS_CHUNK;
}
