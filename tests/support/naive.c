#include "tests/support/naive.h"

#include <stdlib.h>
#include <string.h>

#include "base/civil.h"

int naive_patient(int site, int number)
{
	return TANGLE_SUBJECTS + site * NAIVE_PATIENTS + number;
}

const struct tz *naive_zone(const struct naive *m, const char *name)
{
	const struct tz *zone;

	if (tz_get(m->zones, name, &zone, NULL) != RC_OK)
		abort();
	return zone;
}

int64_t naive_day(const struct naive *m, const char *zone, int64_t at)
{
	return civil_day_of(tz_to_wall(naive_zone(m, zone), at));
}

bool naive_is_dead(const struct naive *m, const struct naive_booking *b)
{
	return b->status == BOOKING_PENDING && b->hold_until <= m->now;
}

bool naive_stands(const struct naive *m, const struct naive_booking *b)
{
	return b->status == BOOKING_BOOKED ||
	       (b->status == BOOKING_PENDING && !naive_is_dead(m, b));
}

struct naive_booking *naive_of_request(struct naive *m, int request)
{
	for (int i = 0; i < m->nbookings; i++)
		if (m->bookings[i].request == request &&
		    naive_stands(m, &m->bookings[i]))
			return &m->bookings[i];
	return NULL;
}

/* --- what a kind is --- */

static const struct tangle_agreement *agreement(const struct naive *m,
						const struct naive_ask *ask)
{
	return &m->net->agreements[ask->agreement];
}

static int64_t overrun(const struct naive *m, const struct naive_ask *ask)
{
	int minutes = agreement(m, ask)->overrun;

	if (ask->kind != KIND_SURGICAL_GUIDANCE)
		return 0;
	return (minutes < 0 ? 30 : minutes) * 60;
}

/* May a patient of the partner come there, or the expert sit there? */
static bool place_suits(const struct naive *m, const struct naive_ask *ask,
			int place)
{
	int site = m->net->subjects[place].site;

	if (ask->kind == KIND_ONSITE_PROCEDURE)
		return site == agreement(m, ask)->partner;
	if (ask->kind == KIND_CLINIC_SLOT)
		return site == agreement(m, ask)->partner ||
		       site == agreement(m, ask)->lead;
	return true;
}

/* --- asking it --- */

static bool any_leave(const struct naive_board *b, int subject,
		      struct naive_span s)
{
	for (int64_t t = s.from; t < s.to; t += 60)
		if (b->leave[subject][(t - b->base) / 60])
			return true;
	return false;
}

static bool is_free(const struct naive_board *b, int subject, int capacity,
		    struct naive_span s)
{
	for (int64_t t = s.from; t < s.to; t += 60) {
		int64_t i = (t - b->base) / 60;
		int depth = b->depth[subject][i];

		if (subject < TANGLE_EXPERTS)
			depth += b->ways[subject][i];
		if (depth >= capacity)
			return false;
	}
	return true;
}

static bool room_fits(const struct naive_board *b, int room,
		      struct naive_span open, struct naive_span taken)
{
	for (int64_t t = open.from; t < open.to; t += 60)
		if (b->shut[room][(t - b->base) / 60])
			return false;
	return !any_leave(b, room, open) &&
	       is_free(b, room, b->m->net->subjects[room].capacity, taken);
}

/* The times of it: the expert's part, with the reserve, the operation. */
struct times {
	struct naive_span part, taken, operation, whole;
};

int64_t naive_length(const struct naive_board *b, const struct naive_ask *ask,
		     int expert, const struct naive_way *how)
{
	for (int i = 0; how->session && i < b->nsessions; i++) {
		const struct naive_session *s = &b->sessions[i];

		if (s->expert == expert && s->from == how->session &&
		    s->place == how->place)
			return s->slot * 60;
	}
	return ask->kind == KIND_CLINIC_SLOT ? 60 : ask->minutes * 60;
}

static struct times times_of(const struct naive_board *b,
			     const struct naive_ask *ask, int expert,
			     int64_t at, const struct naive_way *how)
{
	int64_t to = at + naive_length(b, ask, expert, how);
	int64_t end = to + overrun(b->m, ask);
	struct times t = {{at, to}, {at, end}, {at, to}, {at, end}};

	t.operation.from -= ask->before * 60;
	t.operation.to += ask->after * 60;
	t.whole = t.operation;
	if (t.whole.to < end)
		t.whole.to = end;
	return t;
}

/* --- the agreement --- */

bool naive_same_month(const struct naive *m, const char *zone, int64_t a,
		      int64_t b)
{
	struct civil x, y;

	civil_from_wall(tz_to_wall(naive_zone(m, zone), a), &x);
	civil_from_wall(tz_to_wall(naive_zone(m, zone), b), &y);
	return x.year == y.year && x.month == y.month;
}

int naive_used(const struct naive *m, const struct naive_ask *ask, int64_t at)
{
	const char *zone = m->net->zones[agreement(m, ask)->lead];
	int n = 0;

	for (int i = 0; i < m->nbookings; i++) {
		const struct naive_booking *k = &m->bookings[i];
		bool counts = naive_stands(m, k) ||
			      (k->status == BOOKING_CANCELLED && k->spent);

		if (k->ask.kind != ask->kind ||
		    k->ask.agreement != ask->agreement)
			continue;
		n += i != ask->ignore && counts &&
		     naive_same_month(m, zone, k->from, at);
		for (int j = 0; j < k->nleft; j++)
			n += naive_same_month(m, zone, k->left[j], at);
	}
	return n;
}

static bool agreed(const struct naive *m, const struct naive_ask *ask,
		   int64_t at)
{
	const struct tangle_agreement *a = agreement(m, ask);
	int64_t day = naive_day(m, m->net->zones[a->lead], at);
	int quota = a->quota[ask->kind];

	return day >= a->first && day <= a->last &&
	       (a->kinds & KINDSET(ask->kind)) != 0 &&
	       (!a->heart || !ask->specialty ||
		strcmp(ask->specialty, "heart") == 0) &&
	       (quota < 0 || naive_used(m, ask, at) < quota);
}

/* --- the expert --- */

static bool expert_suits(const struct naive *m, const struct naive_ask *ask,
			 int expert)
{
	const struct tangle_subject *e = &m->net->subjects[expert];
	bool brain = ask->specialty && strcmp(ask->specialty, "brain") == 0;

	return e->site == agreement(m, ask)->lead &&
	       (e->kinds & KINDSET(ask->kind)) != 0 && (!brain || e->brain);
}

/* Two stays that follow each other may overlap by their clocks: until the
 * earlier has ended, it counts. */
static const char *zone_then(const struct naive *m, int expert, int64_t at)
{
	const char *zone = m->net->zones[m->net->subjects[expert].site];
	int64_t begun = INT64_MAX;

	for (int i = 0; i < TANGLE_STAYS; i++) {
		const struct tangle_stay *s = &m->net->stays[i];
		struct naive_span away = naive_stay(m, s);

		if (s->on && s->expert == expert && at >= away.from &&
		    at < away.to && s->first < begun) {
			begun = s->first;
			zone = m->net->zones[s->site];
		}
	}
	return zone;
}

typedef bool each_claim(void *ctx, const struct naive_booking *b,
			const struct naive_claim *c);

/* Calls it for every claim on the subject that stands (or, rows: that is there,
 * for a hold that is over has its rows until it is ended), transfers apart,
 * until it answers true. */
static bool any_row(const struct naive *m, int subject, int ignore, bool rows,
		    each_claim *each, void *ctx)
{
	for (int i = 0; i < m->nbookings; i++) {
		const struct naive_booking *b = &m->bookings[i];

		if (i == ignore || !(rows || naive_stands(m, b)))
			continue;
		for (int c = 0; c < b->nclaims; c++)
			if (b->claims[c].subject == subject &&
			    b->claims[c].role != CLAIM_TRANSFER &&
			    each(ctx, b, &b->claims[c]))
				return true;
	}
	return false;
}

static bool any_claim(const struct naive *m, int subject, int ignore,
		      each_claim *each, void *ctx)
{
	return any_row(m, subject, ignore, false, each, ctx);
}

struct day_count {
	const struct naive *m;
	const char *zone;
	int64_t day;
	int n;
};

static bool count_day(void *ctx, const struct naive_booking *b,
		      const struct naive_claim *c)
{
	struct day_count *d = ctx;

	(void)b;
	d->n += c->role == CLAIM_EXPERT &&
		naive_day(d->m, d->zone, c->from) == d->day;
	return false;
}

static bool day_is_full(const struct naive *m, const struct naive_ask *ask,
			int expert, int64_t at)
{
	const char *zone = zone_then(m, expert, at);
	struct day_count d = {m, zone, naive_day(m, zone, at), 0};
	int cap = m->net->subjects[expert].cap;

	if (cap)
		any_claim(m, expert, ask->ignore, count_day, &d);
	return cap && d.n >= cap;
}

/* Somebody's time, in a session of places or in none. */
struct meeting {
	const struct naive *m;
	struct naive_span taken;
	struct naive_way how;
	int64_t pause;
};

static bool same_session(const struct meeting *x, const struct naive_claim *c)
{
	return x->how.session && c->session == x->how.session &&
	       c->place == x->how.place;
}

/* The pause that a claim still asks for behind it. */
static int64_t until(const struct meeting *x, const struct naive_claim *c)
{
	if (!c->session || same_session(x, c))
		return c->to;
	return c->to + x->m->net->subjects[c->subject].buffer * 60;
}

static bool collides(void *ctx, const struct naive_booking *b,
		     const struct naive_claim *c)
{
	const struct meeting *x = ctx;

	(void)b;
	return c->from < x->taken.to + (same_session(x, c) ? 0 : x->pause) &&
	       until(x, c) > x->taken.from;
}

static struct meeting meeting_of(const struct naive_board *b,
				 const struct naive_ask *ask, int expert,
				 int64_t at, const struct naive_way *how)
{
	return (struct meeting){b->m, times_of(b, ask, expert, at, how).taken,
				*how, b->m->net->subjects[expert].buffer * 60};
}

/* --- ways --- */

static bool is_end(const struct naive *m, bool of_sites, int end, int place)
{
	return of_sites ? m->net->subjects[place].site == end : place == end;
}

static int64_t way_seconds(const struct naive *m, int from, int to)
{
	int64_t found = 0;

	if (from == to)
		return 0;
	for (int narrow = 0; narrow < 2; narrow++)
		for (int i = 0; i < TANGLE_WAYS; i++) {
			const struct tangle_way *w = &m->net->ways[i];
			bool s = w->of_sites;

			if (s == narrow || w->minutes == 0)
				continue;
			if ((is_end(m, s, w->a, from) &&
			     is_end(m, s, w->b, to)) ||
			    (is_end(m, s, w->a, to) &&
			     is_end(m, s, w->b, from)))
				found = w->minutes * 60;
		}
	return found;
}

/* The nearest session at a place: before an instant or from one on. */
struct neighbour {
	int64_t instant, within; /* before it: negative */
	const struct naive_booking *booking;
	const struct naive_claim *claim;
};

static bool find_neighbour(void *ctx, const struct naive_booking *b,
			   const struct naive_claim *c)
{
	struct neighbour *n = ctx;
	bool better;

	if (c->place == TANGLE_NONE)
		return false;
	if (n->within > 0)
		better = c->role == CLAIM_EXPERT && c->from >= n->instant &&
			 c->from < n->instant + n->within &&
			 (!n->claim || c->from < n->claim->from);
	else
		better = c->to <= n->instant &&
			 c->to > n->instant + n->within &&
			 (!n->claim || c->to > n->claim->to);
	if (better) {
		n->booking = b;
		n->claim = c;
	}
	return false;
}

static struct neighbour neighbour(const struct naive *m, int expert, int ignore,
				  int64_t instant, int64_t within, bool rows)
{
	struct neighbour n = {instant, within, NULL, NULL};

	any_row(m, expert, ignore, rows, find_neighbour, &n);
	return n;
}

/* Does anything of the expert's reach into the way to that session? */
static bool way_blocked(const struct naive *m, int expert, int ignore,
			struct naive_span way, const struct naive_way *to)
{
	struct meeting x = {m, way, *to, 0};

	return way.from < way.to && any_claim(m, expert, ignore, collides, &x);
}

/* The way to it, and from it to the next. */
static bool ways_do(const struct naive_board *b, const struct naive_ask *ask,
		    int expert, int64_t at, const struct naive_way *how,
		    struct naive_span *out_way)
{
	const struct naive *m = b->m;
	struct times t = times_of(b, ask, expert, at, how);
	int64_t pause = m->net->subjects[expert].buffer * 60;
	struct neighbour last =
		neighbour(m, expert, ask->ignore, at, -CIVIL_DAY, false);
	struct neighbour next =
		neighbour(m, expert, ask->ignore, t.taken.to, CIVIL_DAY, false);
	struct naive_way there;
	struct naive_span after;

	*out_way = (struct naive_span){at, at};
	if (last.claim)
		out_way->from -= way_seconds(m, last.claim->place, how->place);
	if (way_blocked(m, expert, ask->ignore, *out_way, how))
		return false;
	if (!next.claim)
		return true;
	after = (struct naive_span){next.claim->from, next.claim->from};
	after.from -= way_seconds(m, how->place, next.claim->place);
	if (after.from == after.to)
		return true;
	there = (struct naive_way){next.claim->session, next.claim->place};
	return after.from >= t.taken.to + pause &&
	       !way_blocked(m, expert, ask->ignore, after, &there);
}

/* --- rooms where one of several would do --- */

static bool is_named(const struct naive_ask *ask, int room)
{
	for (int i = 0; i < ask->nnamed; i++)
		if (ask->named[i] == room)
			return true;
	return false;
}

static bool in_pool(const struct naive_board *b, const struct naive_ask *ask,
		    enum claim_role role, int room)
{
	const struct tangle_subject *s = &b->m->net->subjects[room];
	const struct tangle_agreement *a = agreement(b->m, ask);

	switch (role) {
	case CLAIM_LEAD_STUDIO:
		return s->type == SUBJECT_STUDIO && s->site == a->lead;
	case CLAIM_PARTNER_STUDIO:
		return s->type == SUBJECT_STUDIO && s->site == a->partner;
	case CLAIM_OPERATING_ROOM:
		return s->type == SUBJECT_OPERATING_ROOM &&
		       s->site == a->partner;
	default:
		return s->type == SUBJECT_LINK &&
		       (s->site == a->lead || s->site == a->partner);
	}
}

static bool pool_wants(const struct naive_board *b, const struct naive_ask *ask,
		       enum claim_role role, int room)
{
	bool named = false;

	for (int i = TANGLE_EXPERTS; i < TANGLE_SUBJECTS; i++)
		named |= in_pool(b, ask, role, i) && is_named(ask, i);
	return in_pool(b, ask, role, room) && (!named || is_named(ask, room));
}

static bool pool_fits(const struct naive_board *b, const struct naive_ask *ask,
		      enum claim_role role, int room, const struct times *t)
{
	bool whole = role == CLAIM_OPERATING_ROOM;

	return pool_wants(b, ask, role, room) &&
	       room_fits(b, room, whole ? t->operation : t->part,
			 whole ? t->whole : t->taken);
}

static int pools_of(enum kind kind, enum claim_role out[2])
{
	if (kind == KIND_REMOTE_CONSULTATION) {
		out[0] = CLAIM_PARTNER_STUDIO;
		return 1;
	}
	if (kind != KIND_SURGICAL_GUIDANCE)
		return 0;
	out[0] = CLAIM_OPERATING_ROOM;
	out[1] = CLAIM_LINK;
	return 2;
}

static bool pools_do(const struct naive_board *b, const struct naive_ask *ask,
		     int place, const struct times *t)
{
	enum claim_role roles[2];
	int n = pools_of(ask->kind, roles);

	for (int i = 0; i < n; i++) {
		bool any = false;

		for (int r = TANGLE_EXPERTS; r < TANGLE_SUBJECTS; r++)
			any |= r != place && pool_fits(b, ask, roles[i], r, t);
		if (!any)
			return false;
	}
	return true;
}

/* --- all of it --- */

static bool people_do(const struct naive_board *b, const struct naive_ask *ask,
		      int expert, const struct times *t)
{
	for (int64_t s = t->part.from; s < t->part.to; s += 60)
		if (b->away[expert][(s - b->base) / 60])
			return false;
	if (any_leave(b, expert, t->part))
		return false;
	if (ask->patient != TANGLE_NONE &&
	    !is_free(b, ask->patient, 1, t->whole))
		return false;
	return ask->kind != KIND_SURGICAL_GUIDANCE ||
	       ask->surgeon == TANGLE_NONE ||
	       (!any_leave(b, ask->surgeon, t->operation) &&
		is_free(b, ask->surgeon, 1, t->whole));
}

static bool does(const struct naive_board *b, const struct naive_ask *ask,
		 int expert, int64_t at, const struct naive_way *how)
{
	struct times t = times_of(b, ask, expert, at, how);
	struct meeting x = meeting_of(b, ask, expert, at, how);
	struct naive_span way;

	if (!people_do(b, ask, expert, &t) ||
	    any_claim(b->m, expert, ask->ignore, collides, &x) ||
	    !room_fits(b, how->place, t.part, t.taken) ||
	    !pools_do(b, ask, how->place, &t))
		return false;
	for (int i = 0; i < ask->nnamed; i++)
		if (!room_fits(b, ask->named[i], t.part, t.taken))
			return false;
	return ways_do(b, ask, expert, at, how, &way);
}

static bool begins(const struct naive_board *b, const struct naive_ask *ask,
		   const struct naive_session *s, int expert, int64_t at)
{
	return s->expert == expert && at >= s->from &&
	       at + s->slot * 60 <= s->to &&
	       (at - s->from) % (s->slot * 60) == 0 &&
	       place_suits(b->m, ask, s->place);
}

bool naive_place_begins(const struct naive_board *b,
			const struct naive_ask *ask, int expert, int64_t at)
{
	for (int i = 0; !naive_is_remote(ask->kind) && i < b->nsessions; i++)
		if (begins(b, ask, &b->sessions[i], expert, at))
			return true;
	return false;
}

static bool is_asked(const struct naive_way *asked, const struct naive_way *how)
{
	return !asked ||
	       (asked->session == how->session && asked->place == how->place);
}

static bool session_does(const struct naive_board *b,
			 const struct naive_ask *ask, int expert, int64_t at,
			 const struct naive_way *asked, struct naive_way *out)
{
	for (int i = 0; i < b->nsessions; i++) {
		*out = (struct naive_way){b->sessions[i].from,
					  b->sessions[i].place};
		if (begins(b, ask, &b->sessions[i], expert, at) &&
		    is_asked(asked, out) && does(b, ask, expert, at, out))
			return true;
	}
	return false;
}

/* Could the expert be there for all of the time, as a rule says, or as none
 * says where? */
static bool may_be_at(const struct naive_board *b, const struct naive_ask *ask,
		      uint32_t open, int room)
{
	bool anywhere = (open & 1) && naive_is_remote(ask->kind) &&
			pool_wants(b, ask, CLAIM_LEAD_STUDIO, room);

	return anywhere || ((open & UINT32_C(1) << (1 + room)) != 0 &&
			    place_suits(b->m, ask, room));
}

static bool grid_does(const struct naive_board *b, const struct naive_ask *ask,
		      int expert, int64_t at, const struct naive_way *asked,
		      struct naive_way *out)
{
	uint32_t open = UINT32_MAX;

	for (int64_t t = at; t < at + ask->minutes * 60; t += 60)
		open &= b->open[expert][(t - b->base) / 60];
	for (int r = TANGLE_EXPERTS; r < TANGLE_SUBJECTS; r++) {
		*out = (struct naive_way){0, r};
		if (may_be_at(b, ask, open, r) && is_asked(asked, out) &&
		    does(b, ask, expert, at, out))
			return true;
	}
	return false;
}

bool naive_may(const struct naive_board *b, const struct naive_ask *ask,
	       int expert, int64_t at, const struct naive_way *how_asked,
	       struct naive_way *out_how)
{
	struct naive_way how;

	if (!out_how)
		out_how = &how;
	if (at < ask->now || !expert_suits(b->m, ask, expert))
		return false;
	if (naive_place_begins(b, ask, expert, at)) {
		if (!session_does(b, ask, expert, at, how_asked, out_how))
			return false;
	} else if (ask->kind == KIND_CLINIC_SLOT || at % 300 != 0 ||
		   !grid_does(b, ask, expert, at, how_asked, out_how)) {
		return false;
	}
	return agreed(b->m, ask, at) && !day_is_full(b->m, ask, expert, at);
}

/* --- why not --- */

static struct naive_way way_then(const struct naive_board *b,
				 const struct naive_ask *ask, int expert,
				 int64_t at)
{
	for (int i = 0; !naive_is_remote(ask->kind) && i < b->nsessions; i++)
		if (begins(b, ask, &b->sessions[i], expert, at))
			return (struct naive_way){b->sessions[i].from,
						  b->sessions[i].place};
	return (struct naive_way){0, TANGLE_NONE};
}

bool naive_in_the_way(const struct naive_board *b, const struct naive_ask *ask,
		      int expert, int64_t at, const struct naive_claim *c)
{
	struct naive_way how = way_then(b, ask, expert, at);
	struct meeting x = meeting_of(b, ask, expert, at, &how);

	return c->subject == expert && c->role != CLAIM_TRANSFER &&
	       collides(&x, NULL, c);
}

bool naive_fills(const struct naive_board *b, const struct naive_ask *ask,
		 int room, int64_t from, int64_t to,
		 const struct naive_claim *c)
{
	int capacity = b->m->net->subjects[room].capacity;

	(void)ask;
	if (c->subject != room)
		return false;
	for (int64_t t = from; t < to; t += 60)
		if (b->depth[room][(t - b->base) / 60] >= capacity &&
		    c->from <= t && t < c->to)
			return true;
	return false;
}

/* --- claims --- */

struct list {
	struct naive_claim v[NAIVE_CLAIMS + 4];
	int n;
};

static void add(struct list *l, int subject, enum claim_role role,
		struct naive_span s)
{
	if (subject != TANGLE_NONE && s.from < s.to)
		l->v[l->n++] = (struct naive_claim){
			subject, role, s.from, s.to, TANGLE_NONE, 0};
}

static const struct naive_claim *of_role(const struct naive_claim *v, int n,
					 enum claim_role role)
{
	for (int i = 0; i < n; i++)
		if (v[i].role == role)
			return &v[i];
	return NULL;
}

static bool has_subject(const struct list *l, int subject)
{
	for (int i = 0; i < l->n; i++)
		if (l->v[i].subject == subject)
			return true;
	return false;
}

static void add_expert(const struct naive_board *b, const struct naive_ask *ask,
		       int expert, const struct times *t,
		       const struct naive_way *how, struct list *l)
{
	int64_t pause = b->m->net->subjects[expert].buffer * 60;
	struct naive_span way;

	add(l, expert, CLAIM_EXPERT, t->part);
	add(l, expert, CLAIM_OVERRUN,
	    (struct naive_span){t->part.to, t->taken.to});
	for (int i = 0; i < l->n; i++) {
		l->v[i].place = how->place;
		l->v[i].session = how->session;
	}
	if (!how->session)
		add(l, expert, CLAIM_BUFFER,
		    (struct naive_span){t->taken.to, t->taken.to + pause});
	ways_do(b, ask, expert, t->part.from, how, &way);
	add(l, expert, CLAIM_TRANSFER, way);
}

/* The rooms that it chose, if it might. */
static const char *add_pools(const struct naive_board *b,
			     const struct naive_ask *ask, const struct times *t,
			     const struct naive_claim *claims, int n,
			     struct list *l)
{
	enum claim_role roles[2];
	int npools = pools_of(ask->kind, roles);

	for (int i = 0; i < npools; i++) {
		const struct naive_claim *c = of_role(claims, n, roles[i]);

		if (!c || !pool_fits(b, ask, roles[i], c->subject, t))
			return "a room that may not be";
		add(l, c->subject, roles[i],
		    roles[i] == CLAIM_OPERATING_ROOM ? t->whole : t->taken);
	}
	for (int i = 0; i < ask->nnamed; i++)
		if (!has_subject(l, ask->named[i]))
			add(l, ask->named[i], CLAIM_RESOURCE, t->taken);
	return NULL;
}

static bool same_claim(const struct naive_claim *a, const struct naive_claim *b)
{
	return a->subject == b->subject && a->role == b->role &&
	       a->from == b->from && a->to == b->to && a->place == b->place &&
	       a->session == b->session;
}

static const char *compare(const struct list *want,
			   const struct naive_claim *claims, int n)
{
	for (int i = 0; i < want->n; i++) {
		bool found = false;

		for (int k = 0; k < n; k++)
			found |= same_claim(&want->v[i], &claims[k]);
		if (!found)
			return words_name(&words_claim_role,
					  (int)want->v[i].role);
	}
	return want->n == n ? NULL : "too many or too few claims";
}

const char *naive_check(const struct naive_board *b,
			const struct naive_ask *ask, int expert, int64_t at,
			const struct naive_claim *claims, int n)
{
	const struct naive_claim *part = of_role(claims, n, CLAIM_EXPERT);
	bool remote = naive_is_remote(ask->kind);
	enum claim_role role = remote ? CLAIM_LEAD_STUDIO : CLAIM_PLACE;
	const struct naive_claim *place = of_role(claims, n, role);
	struct list want = {.n = 0};
	const char *wrong;
	struct naive_way how;
	struct times t;

	if (!part || !place)
		return "no expert, or no place";
	how = (struct naive_way){part->session, place->subject};
	if (!naive_may(b, ask, expert, at, &how, NULL))
		return "not in that way";
	t = times_of(b, ask, expert, at, &how);
	add_expert(b, ask, expert, &t, &how, &want);
	add(&want, how.place, role, t.taken);
	add(&want, ask->patient, CLAIM_PATIENT, t.whole);
	if (ask->kind == KIND_SURGICAL_GUIDANCE)
		add(&want, ask->surgeon, CLAIM_SURGEON, t.whole);
	wrong = add_pools(b, ask, &t, claims, n, &want);
	return wrong ? wrong : compare(&want, claims, n);
}

/* --- what happened --- */

static void set_way(struct naive_booking *b, int expert, struct naive_span way)
{
	int kept = 0;

	for (int i = 0; i < b->nclaims; i++)
		if (b->claims[i].role != CLAIM_TRANSFER)
			b->claims[kept++] = b->claims[i];
	b->nclaims = kept;
	if (way.from < way.to)
		b->claims[b->nclaims++] =
			(struct naive_claim){expert, CLAIM_TRANSFER, way.from,
					     way.to, TANGLE_NONE,    0};
}

/* When everything of the expert's that reaches into the way has ended. */
static bool push_back(void *ctx, const struct naive_booking *b,
		      const struct naive_claim *c)
{
	struct meeting *x = ctx;

	if (collides(x, b, c))
		x->taken.from = until(x, c);
	return false;
}

/* However late the next one begins, as far as anybody looks. */
#define MENDED ((int64_t)4 * CIVIL_DAY)

void naive_mend(struct naive *m, int expert, int64_t from)
{
	struct neighbour next =
		neighbour(m, expert, TANGLE_NONE, from, MENDED + 1, true);
	struct neighbour last;
	struct meeting x = {.m = m};

	if (!next.claim)
		return;
	last = neighbour(m, expert, TANGLE_NONE, next.claim->from, -CIVIL_DAY,
			 true);
	x.how = (struct naive_way){next.claim->session, next.claim->place};
	x.taken = (struct naive_span){next.claim->from, next.claim->from};
	if (last.claim)
		x.taken.from -=
			way_seconds(m, last.claim->place, next.claim->place);
	for (int i = 0; x.taken.from < x.taken.to && i < m->nbookings; i++)
		any_row(m, expert, TANGLE_NONE, true, push_back, &x);
	set_way(&m->bookings[next.booking - m->bookings], expert, x.taken);
}

void naive_took(struct naive *m, struct naive_booking *b)
{
	struct neighbour next;
	int place = TANGLE_NONE;
	int64_t end = 0;
	struct naive_span way;

	for (int i = 0; i < b->nclaims; i++)
		if (b->claims[i].place != TANGLE_NONE) {
			place = b->claims[i].place;
			if (b->claims[i].to > end)
				end = b->claims[i].to;
		}
	next = neighbour(m, b->expert, TANGLE_NONE, end, CIVIL_DAY, false);
	if (!next.claim)
		return;
	way = (struct naive_span){next.claim->from, next.claim->from};
	way.from -= way_seconds(m, place, next.claim->place);
	set_way(&m->bookings[next.booking - m->bookings], b->expert, way);
}

void naive_end(struct naive *m, struct naive_booking *b,
	       enum booking_status status)
{
	b->status = status;
	b->nclaims = 0;
	naive_mend(m, b->expert, b->from);
}
