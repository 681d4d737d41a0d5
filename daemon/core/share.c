#include "daemon/core/share.h"

#include <string.h>

#include "base/civil.h"
#include "daemon/core/claims.h"
#include "daemon/core/inquiry.h"
#include "daemon/core/local.h"
#include "daemon/core/way.h"

int64_t share_until(const struct core_share *share,
		    const struct core_rule *rule, int64_t session)
{
	int64_t day = local_day(rule->zone, session) - share->days_before;

	return tz_to_utc(rule->zone, day * CIVIL_DAY + share->minute * 60);
}

bool share_covers(const struct core_share *share, int64_t expert,
		  const struct core_open *open)
{
	int64_t day = local_day(share->lead_zone, open->from);

	return open->rule->slot_minutes > 0 && day >= share->first_day &&
	       day <= share->last_day &&
	       (share->expert == 0 || share->expert == expert) &&
	       (share->rule == NULL ||
		strcmp(share->rule, open->rule->text) == 0);
}

static int64_t slot_of(const struct core_open *open)
{
	return (int64_t)open->rule->slot_minutes * 60;
}

int64_t share_places(const struct core_open *open)
{
	return slot_of(open) > 0 ? (open->to - open->from) / slot_of(open) : 0;
}

int64_t share_behind(const struct core_open *open, int64_t at)
{
	int64_t slot = slot_of(open);
	int64_t since;

	if (slot == 0)
		return 0;
	since = at - open->from - share_places(open) * slot;
	return since >= 0 && since % slot == 0 ? since / slot + 1 : 0;
}

static int narrowness(const struct core_share *share)
{
	return (share->rule != NULL) * 2 + (share->expert != 0);
}

bool share_narrower(const struct core_share *share,
		    const struct core_share *than)
{
	return narrowness(share) > narrowness(than);
}

/* --- what is kept of one session --- */

/* The narrowest of an agreement's, which begin at *i and end where it comes
 * out; NULL: none is about the session. */
static const struct core_share *next_share(const struct core_shares *all,
					   int64_t expert,
					   const struct core_open *open,
					   size_t *i)
{
	int64_t agreement = all->v[*i].agreement;
	const struct core_share *best = NULL;

	for (; *i < all->n && all->v[*i].agreement == agreement; ++*i) {
		const struct core_share *s = &all->v[*i];

		if (share_covers(s, expert, open) &&
		    (best == NULL || share_narrower(s, best)))
			best = s;
	}
	return best;
}

static bool is_taken_back(const struct core_shares *all, int64_t agreement,
			  int64_t expert, int64_t session)
{
	for (size_t i = 0; i < all->ntaken; i++)
		if (all->taken[i].agreement == agreement &&
		    all->taken[i].expert == expert &&
		    all->taken[i].session == session)
			return true;
	return false;
}

static int64_t agreement_of(const struct core_shares *all, int64_t booking)
{
	size_t low = 0, high = all->nplaced;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (all->placed[mid].booking < booking)
			low = mid + 1;
		else
			high = mid;
	}
	return low < all->nplaced && all->placed[low].booking == booking
		       ? all->placed[low].agreement
		       : 0;
}

/* How many places of the session the agreement has already. */
static int64_t used(const struct inquiry *q, int64_t agreement)
{
	const struct core_subject *s = &q->expert->subject;
	int64_t place = q->opens.v[0].rule->place;
	int64_t n = 0;

	for (size_t i = 0; i < s->nclaims; i++) {
		const struct core_claim *c = &s->claims[i];

		n += c->role == CLAIM_EXPERT &&
		     way_of_session(c, q->session, place) &&
		     claims_stand(c, q->ask->now, q->ask->ignore_booking) &&
		     agreement_of(q->ask->shares, c->booking) == agreement;
	}
	return n;
}

/* Has the expert something else then? */
static bool is_busy(const struct inquiry *q, struct core_span span)
{
	const struct core_subject *s = &q->expert->subject;
	int64_t pause = (int64_t)q->expert->buffer_minutes * 60;
	int64_t place = q->opens.v[0].rule->place;

	for (size_t i = 0; i < s->nclaims; i++) {
		const struct core_claim *c = &s->claims[i];
		bool same = way_of_session(c, q->session, place);

		if (c->from < span.to + (same ? 0 : pause) &&
		    way_end(q->expert, c, q->session, place) > span.from &&
		    claims_stand(c, q->ask->now, q->ask->ignore_booking))
			return true;
	}
	for (size_t i = 0; i < s->nleaves; i++)
		if (s->leaves[i].from < span.to && s->leaves[i].to > span.from)
			return true;
	return false;
}

/* What nobody has, of those that can be had yet. */
static int64_t count_free(const struct inquiry *q)
{
	const struct core_open *open = &q->opens.v[0];
	int64_t slot = slot_of(open), n = 0;

	for (int64_t i = 0; i < share_places(open); i++) {
		int64_t at = open->from + i * slot;

		n += at >= q->ask->now &&
		     !is_busy(q, (struct core_span){at, at + slot});
	}
	return n;
}

struct kept {
	int64_t places, until;
};

static size_t find_kept(const struct inquiry *q, struct kept out[SHARE_MAX])
{
	const struct core_shares *all = q->ask->shares;
	const struct core_open *open = &q->opens.v[0];
	int64_t expert = q->expert->subject.id;
	size_t n = 0, i = 0;

	while (i < all->n && n < SHARE_MAX) {
		const struct core_share *s = next_share(all, expert, open, &i);

		if (s == NULL ||
		    is_taken_back(all, s->agreement, expert, q->session))
			continue;
		out[n].until = share_until(s, open->rule, q->session);
		out[n].places = s->places - used(q, s->agreement);
		n += out[n].until > q->ask->now && out[n].places > 0;
	}
	return n;
}

/* How many are kept at that time and later. */
static int64_t kept_at(const struct kept *v, size_t n, int64_t at)
{
	int64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		if (v[i].until > at)
			sum += v[i].places;
	return sum;
}

/* From when on one is left for others. */
static int64_t freed_at(const struct kept *v, size_t n, int64_t free)
{
	int64_t at = INT64_MAX;

	for (size_t i = 0; i < n; i++)
		if (v[i].until < at && kept_at(v, n, v[i].until) < free)
			at = v[i].until;
	return at;
}

void inquiry_shares(struct inquiry *q)
{
	struct kept kept[SHARE_MAX];
	size_t n;
	int64_t free;

	if (q->session == 0 || q->behind > 0 || q->ask->shares == NULL ||
	    q->ask->overbook == CORE_PLACE_STANDS ||
	    q->ask->overbook == CORE_OVERBOOK_STANDS)
		return;
	n = find_kept(q, kept);
	free = n > 0 ? count_free(q) : 0;
	/* where none is free, that is what stands in the way */
	if (free == 0 || free > kept_at(kept, n, q->ask->now))
		return;
	inquiry_refuse(q,
		       &(struct core_blocker){
			       .subject = &q->expert->subject,
			       .role = CLAIM_EXPERT,
			       .reason = BLOCK_SHARE,
			       .span = {q->ask->now, freed_at(kept, n, free)},
			       .has_span = true});
}

/* --- behind the last place --- */

bool inquiry_asks_behind(const struct core_ask *ask)
{
	return ask->overbook != CORE_PLACES_ONLY &&
	       ask->overbook != CORE_PLACE_STANDS;
}

void inquiry_overbook(struct inquiry *q)
{
	const struct core_agreement *a = q->ask->agreement;
	struct core_blocker why = {.subject = &q->expert->subject,
				   .role = CLAIM_EXPERT};

	if (q->behind == 0 || q->ask->overbook == CORE_OVERBOOK_STANDS)
		return;
	if (q->ask->overbook == CORE_OVERBOOK_OTHERS) {
		why.reason = BLOCK_OVERBOOK;
		inquiry_refuse(q, &why);
	}
	if (q->behind > a->terms.overbook_most) {
		why.reason = BLOCK_OVERBOOK_MOST;
		why.rule = a->slug;
		inquiry_refuse(q, &why);
	}
}

bool inquiry_behind(struct inquiry *q, const struct rule_set *set,
		    bool *out_any)
{
	struct core_span since = {q->span.from - SHARE_BEHIND, q->span.from};
	struct core_opens opens = {q->room->behind, 0};
	bool fits = false;

	if (!inquiry_asks_behind(q->ask))
		return false;
	rule_lay(set, since, 0, &opens);
	rule_keep_kind(&opens, q->ask->kind, q->expert->kinds);
	for (size_t i = 0; i < opens.n && !fits; i++) {
		struct core_open open = opens.v[i];

		q->behind = share_behind(&open, since.to);
		if (q->behind == 0 ||
		    !inquiry_is_place(q->ask, &open, open.from))
			continue;
		*out_any = true;
		open.to = since.to + slot_of(&open);
		q->span.from = since.to;
		fits = inquiry_place(q, open);
	}
	q->behind = 0;
	return fits;
}
