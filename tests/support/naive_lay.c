/* Laying a board: the calendar of a kind, minute by minute (naive.h). */
#include "tests/support/naive.h"

#include <stdlib.h>
#include <string.h>

#include "base/civil.h"

int64_t naive_utc(const struct naive *m, const char *zone, int64_t wall)
{
	return tz_to_utc(naive_zone(m, zone), wall);
}

bool naive_is_remote(enum kind kind)
{
	return kind == KIND_REMOTE_CONSULTATION ||
	       kind == KIND_SURGICAL_GUIDANCE;
}

struct naive_span naive_stay(const struct naive *m, const struct tangle_stay *s)
{
	const char *zone = m->net->zones[s->site];

	return (struct naive_span){
		naive_utc(m, zone, s->first * CIVIL_DAY),
		naive_utc(m, zone, (s->last + 1) * CIVIL_DAY)};
}

static void mark(const struct naive_board *b, bool *row, struct naive_span s)
{
	int64_t from = (s.from - b->base) / 60, to = (s.to - b->base) / 60;

	if (s.from < b->base)
		from = 0;
	if (to > b->minutes)
		to = b->minutes;
	for (int64_t i = from; i < to; i++)
		row[i] = true;
}

static bool rule_on(const struct tangle *t, const struct tangle_rule *r,
		    int site, int64_t day)
{
	bool calendar = site == HUB || site == EAST;
	int weekday = civil_weekday(day);

	if (day == r->exdate)
		return false;
	if (calendar && day == t->shifted)
		weekday = t->works_as;
	else if (calendar && day == t->day_off && !r->on_holidays)
		return false;
	return day == r->rdate || r->weekdays == 0 ||
	       (r->weekdays & 1u << weekday) != 0;
}

static void cut_stays(const struct naive *m, int expert, struct naive_span *s)
{
	for (int i = 0; i < TANGLE_STAYS; i++) {
		struct naive_span away = naive_stay(m, &m->net->stays[i]);

		if (!m->net->stays[i].on || m->net->stays[i].expert != expert)
			continue;
		if (s->from >= away.from && s->from < away.to)
			s->to = s->from;
		else if (s->from < away.from && s->to > away.from)
			s->to = away.from;
	}
}

static void lay_open(struct naive_board *b, const struct tangle_rule *r, int of,
		     struct naive_span s)
{
	int64_t i = (s.from - b->base) / 60, to = (s.to - b->base) / 60;

	if (s.from < b->base)
		i = 0;
	for (; i < to && i < b->minutes; i++) {
		if (of < TANGLE_EXPERTS)
			b->open[of][i] |= UINT32_C(1) << (1 + r->place);
		else if (of < TANGLE_SUBJECTS)
			b->shut[of][i] = false;
	}
}

static void lay_session(struct naive_board *b, const struct tangle_rule *r,
			int of, struct naive_span s)
{
	if (s.from >= s.to)
		return;
	if (b->nsessions == NAIVE_SESSIONS)
		abort();
	b->sessions[b->nsessions++] =
		(struct naive_session){of, r->place, s.from, s.to, r->slot};
}

static bool offers(const struct naive_board *b, const struct tangle_rule *r,
		   int of)
{
	kindset kinds = r->kinds;

	if (kinds == 0 && of < TANGLE_EXPERTS)
		return naive_is_remote(b->kind);
	return kinds == 0 || (kinds & KINDSET(b->kind)) != 0;
}

/* Whose holidays count. */
static int site_of(const struct naive *m, const struct tangle_rule *r, int of,
		   const struct tangle_stay *stay)
{
	if (r->place != TANGLE_NONE)
		return m->net->subjects[r->place].site;
	return stay ? stay->site : m->net->subjects[of].site;
}

static void lay_day(struct naive_board *b, const struct tangle_rule *r, int of,
		    const struct tangle_stay *stay, int64_t day)
{
	const struct naive *m = b->m;
	int64_t wall = day * CIVIL_DAY + (int64_t)r->start * 60;
	struct naive_span s = {naive_utc(m, r->zone, wall),
			       naive_utc(m, r->zone, wall + r->minutes * 60)};

	if (!rule_on(m->net, r, site_of(m, r, of, stay), day) ||
	    (stay && (day < stay->first || day > stay->last)))
		return;
	if (!stay && of < TANGLE_EXPERTS)
		cut_stays(m, of, &s);
	if (r->slot)
		lay_session(b, r, of, s);
	else
		lay_open(b, r, of, s);
}

/* stay: NULL for a rule at home. */
static void lay_rule(struct naive_board *b, const struct tangle_rule *r, int of,
		     const struct tangle_stay *stay)
{
	int64_t first = civil_day_of(b->base) - 3;
	int64_t last = first + b->minutes / 1440 + 6;

	for (int64_t d = first; r->on && offers(b, r, of) && d <= last; d++)
		lay_day(b, r, of, stay, d);
}

static void lay_rules(struct naive_board *b)
{
	const struct tangle *t = b->m->net;

	for (int i = 0; i < TANGLE_RULES; i++)
		if (t->rules[i].on && t->rules[i].of >= TANGLE_EXPERTS)
			memset(b->shut[t->rules[i].of], true,
			       (size_t)b->minutes);
	for (int i = 0; i < TANGLE_RULES; i++)
		lay_rule(b, &t->rules[i], t->rules[i].of, NULL);
	for (int i = 0; i < TANGLE_STAYS; i++) {
		const struct tangle_stay *s = &t->stays[i];

		for (int k = 0; s->on && k < TANGLE_STAY_RULES; k++)
			lay_rule(b, &s->rules[k], s->expert, s);
		if (s->on && !s->remote && naive_is_remote(b->kind))
			mark(b, b->away[s->expert], naive_stay(b->m, s));
	}
}

static void lay_leaves(struct naive_board *b)
{
	const struct tangle *t = b->m->net;

	for (int i = 0; i < TANGLE_LEAVES; i++) {
		const struct tangle_leave *l = &t->leaves[i];
		const char *zone = t->zones[t->subjects[l->of].site];

		if (l->on)
			mark(b, b->leave[l->of],
			     (struct naive_span){naive_utc(b->m, zone, l->from),
						 naive_utc(b->m, zone, l->to)});
	}
}

static void lay_claim(struct naive_board *b, const struct naive_claim *c)
{
	uint8_t *row = c->role == CLAIM_TRANSFER ? b->ways[c->subject]
						 : b->depth[c->subject];
	int64_t i = (c->from - b->base) / 60, to = (c->to - b->base) / 60;

	if (c->from < b->base)
		i = 0;
	for (; i < to && i < b->minutes; i++)
		row[i]++;
}

static void lay_claims(struct naive_board *b, int ignore)
{
	const struct naive *m = b->m;

	for (int i = 0; i < m->nbookings; i++) {
		const struct naive_booking *k = &m->bookings[i];

		for (int c = 0;
		     i != ignore && naive_stands(m, k) && c < k->nclaims; c++)
			lay_claim(b, &k->claims[c]);
	}
}

#define CLEAR(rows)                                                            \
	do {                                                                   \
		for (size_t i_ = 0; i_ < sizeof(rows) / sizeof((rows)[0]);     \
		     i_++)                                                     \
			memset((rows)[i_], 0,                                  \
			       (size_t)b->minutes * sizeof((rows)[0][0]));     \
	} while (0)

void naive_lay(struct naive_board *b, const struct naive *m,
	       const struct naive_ask *ask, int64_t at, int days_before,
	       int days_after)
{
	b->m = m;
	b->kind = ask->kind;
	b->base = at / 60 * 60 - (int64_t)days_before * CIVIL_DAY;
	b->minutes = (days_before + days_after) * 1440;
	b->nsessions = 0;
	if (b->minutes > NAIVE_MINUTES)
		abort();
	CLEAR(b->open);
	CLEAR(b->away);
	CLEAR(b->shut);
	CLEAR(b->leave);
	CLEAR(b->depth);
	CLEAR(b->ways);
	lay_rules(b);
	lay_leaves(b);
	lay_claims(b, ask->ignore);
}
