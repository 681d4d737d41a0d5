/* Visits: an expert is at another site for some days (rearrange.h). A visit is
 * a secondment; what an agreement and the expert's own plans have against one
 * is told whole. */
#include <string.h>

#include "base/civil.h"
#include "daemon/core/decide.h"
#include "daemon/core/inquiry.h"
#include "daemon/core/local.h"
#include "daemon/store/calendar.h"
#include "daemon/store/rows.h"
#include "daemon/store/site_calendar.h"
#include "daemon/work/rearrange.h"

#define AGREEMENTS_MAX 64

struct visit {
	struct rearrange_at *at;
	struct msg_net_secondment *had; /* NULL: a new one */
	struct msg_net_secondment new;
	struct site site;
	const struct tz *zone; /* there */
	struct core_expert expert;
	int64_t own_last; /* days up to it are the visit's already */
	struct field_list blockers;
};

/* --- reasons --- */

static struct work *work_of(const struct visit *v)
{
	return v->at->r->w;
}

/* days: from..to in the zone there; or none. */
static enum rc block(struct visit *v, enum block reason, const char *rule,
		     struct core_span span, const char *detail)
{
	struct work *w = work_of(v);
	struct msg_blocker *b;

	b = rows_grown(w->arena, v->blockers.v, v->blockers.n, sizeof(*b));
	if (!b || !detail)
		return work_nomem(w);
	v->blockers.v = b;
	b += v->blockers.n++;
	proto_clear(&msg_blocker_table, b);
	b->reason = (int)reason;
	b->subject = v->new.expert;
	b->rule = rule;
	b->detail = detail;
	if (span.from < span.to) {
		b->from = span.from;
		b->to = span.to;
	}
	return RC_OK;
}

static enum rc block_expert(struct visit *v, enum block reason,
			    const char *rule, const char *what)
{
	return block(
		v, reason, rule, (struct core_span){0},
		arena_printf(work_of(v)->arena, "%s %s", v->new.expert, what));
}

/* --- agreements --- */

static enum rc block_agreement(struct visit *v, const struct core_agreement *a,
			       enum block reason)
{
	static const char *const texts[BLOCK_COUNT] = {
		[BLOCK_AGREEMENT] = "is not in force on all those days",
		[BLOCK_AGREEMENT_KIND] = "does not cover onsite-visit",
		[BLOCK_SPECIALTY] = "does not cover what the expert does",
		[BLOCK_EXPERIENCE] = "asks for more years of independent"
				     " practice",
		[BLOCK_QUOTA] = "has no visit left that month",
	};

	return block(
		v, reason, a->slug,
		reason == BLOCK_AGREEMENT
			? local_days(a->lead_zone, a->first_day, a->last_day)
			: (struct core_span){0},
		arena_printf(work_of(v)->arena, "%s %s", a->slug,
			     texts[reason]));
}

static enum rc is_spent(struct visit *v, const struct core_agreement *a,
			bool *out)
{
	struct work *w = work_of(v);
	int64_t quota = a->quota[KIND_ONSITE_VISIT], used, first, last;
	struct civil c;

	*out = false;
	if (quota < 0 || v->had)
		return RC_OK;
	civil_from_days(v->new.from, &c);
	first = civil_days(c.year, c.month, 1);
	last = first + civil_month_days(c.year, c.month) - 1;
	enum rc rc = site_visits_begun(w->tx, a->lead, a->partner, first, last,
				       &used, &w->err);

	*out = used >= quota;
	return rc;
}

/* What the agreement has against it; *out: nothing. */
static enum rc ask_agreement(struct visit *v, int64_t id, bool *out)
{
	struct work *w = work_of(v);
	struct core_agreement a;
	enum block blocks[8];
	size_t n;
	bool suits = true, spent = false;
	enum rc rc = agreement_by_id(w->tx, id, w->arena, &a, &w->err);

	if (rc == RC_OK)
		rc = agreement_suits(w->tx, id, v->expert.subject.id, &suits,
				     &w->err);
	if (rc == RC_OK)
		rc = is_spent(v, &a, &spent);
	if (rc != RC_OK)
		return rc;
	n = core_agreement_blocks(&a, KIND_ONSITE_VISIT, NULL, v->new.from,
				  blocks);
	if (n == 0 || blocks[0] != BLOCK_AGREEMENT)
		n = core_agreement_blocks(&a, KIND_ONSITE_VISIT, NULL,
					  v->new.to, blocks);
	if (!suits)
		blocks[n++] = BLOCK_SPECIALTY;
	if (spent)
		blocks[n++] = BLOCK_QUOTA;
	if (v->new.from <
	    inquiry_seasoned(&(struct core_ask){.agreement = &a}, &v->expert))
		blocks[n++] = BLOCK_EXPERIENCE;
	*out |= n == 0;
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = block_agreement(v, &a, blocks[i]);
	return rc;
}

/* One that covers it is enough: then the others' reasons are none. */
static enum rc ask_agreements(struct visit *v)
{
	struct work *w = work_of(v);
	int64_t ids[AGREEMENTS_MAX];
	bool covered = false;
	size_t n = 0;
	enum rc rc = agreement_all(w->tx, v->site.id, w->who->site, ids,
				   AGREEMENTS_MAX, &n, &w->err);

	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = ask_agreement(v, ids[i], &covered);
	if (covered)
		v->blockers.n = 0;
	return rc;
}

/* --- the expert --- */

static enum rc ask_expert(struct visit *v)
{
	const struct core_credential *ended =
		core_ended(&v->expert, KIND_ONSITE_VISIT, v->new.to);
	enum rc rc = RC_OK;

	if (!(v->expert.kinds & KINDSET(KIND_ONSITE_VISIT)))
		rc = block_expert(v, BLOCK_KIND, "onsite-visit",
				  "does not take this kind");
	if (rc == RC_OK && ended)
		rc = block_expert(v, BLOCK_CREDENTIAL, ended->name,
				  "has a credential that has ended by then");
	return rc;
}

static enum rc ask_stays(struct visit *v)
{
	const struct msg_net_secondment *s = v->at->of->stays.v;
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < v->at->of->stays.n; i++) {
		if (&s[i] == v->had || s[i].to < v->new.from ||
		    s[i].from > v->new.to)
			continue;
		rc = block(v, BLOCK_SECONDED, s[i].site,
			   local_days(v->zone, s[i].from, s[i].to),
			   arena_printf(work_of(v)->arena, "%s is at %s then",
					v->new.expert, s[i].site));
	}
	return rc;
}

/* A leave of the visit's own days is no reason. */
static enum rc ask_leave(struct visit *v)
{
	struct work *w = work_of(v);
	const struct rearranged *of = v->at->of;
	const struct msg_net_leave *l = of->leave.v;
	int64_t first =
		v->own_last < v->new.from ? v->new.from : v->own_last + 1;
	struct core_span span = local_days(v->zone, first, v->new.to);
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < of->leave.n; i++) {
		const char *name =
			l[i].time_zone ? l[i].time_zone : of->site.time_zone;
		const struct tz *zone;

		rc = rows_zone(w->tx, name, &zone, &w->err);
		if (rc != RC_OK)
			break;
		struct core_span leave = {tz_to_utc(zone, l[i].start),
					  tz_to_utc(zone, l[i].end)};

		if (leave.to <= span.from || leave.from >= span.to)
			continue;
		rc = block(v, BLOCK_LEAVE, NULL, leave,
			   arena_printf(w->arena, "%s is on leave then",
					v->new.expert));
	}
	return rc;
}

static enum rc ask_time(struct visit *v)
{
	if (v->had || v->new.from >= local_day(v->zone, work_of(v)->tx->now))
		return RC_OK;
	return block(v, BLOCK_PAST, NULL, (struct core_span){0},
		     "a visit cannot begin in the past");
}

static enum rc judge(struct visit *v)
{
	static enum rc (*const asks[])(struct visit * v) = {
		ask_agreements, ask_expert, ask_stays, ask_leave, ask_time};
	struct work *w = work_of(v);
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < sizeof(asks) / sizeof(asks[0]);
	     i++)
		rc = asks[i](v);
	if (rc != RC_OK || !v->blockers.n)
		return rc;
	w->blockers = v->blockers;
	return err_set(&w->err, RC_RULE, "%s cannot be at %s on all those days",
		       v->new.expert, v->site.slug);
}

/* --- reading --- */

static struct msg_net_secondment *find_stay(const struct rearranged *of,
					    int64_t first_day)
{
	struct msg_net_secondment *v = of->stays.v;

	for (size_t i = 0; i < of->stays.n; i++)
		if (v[i].from == first_day)
			return &v[i];
	return NULL;
}

static enum rc find_place(struct visit *v)
{
	struct work *w = work_of(v);
	struct calendar_loader loader = {
		.tx = w->tx, .arena = w->arena, .bare = true};
	int64_t any[1];
	size_t n = 0;
	enum rc rc =
		site_by_slug(w->tx, v->new.site, w->arena, &v->site, &w->err);

	if (rc == RC_OK)
		rc = agreement_all(w->tx, v->site.id, w->who->site, any, 1, &n,
				   &w->err);
	if (rc == RC_NOT_FOUND || (rc == RC_OK && n == 0))
		return rearrange_fault(v->at, "site",
				       "is no partner of your site");
	if (rc == RC_OK)
		rc = tz_get(w->tx->env->zones, v->site.time_zone, &v->zone,
			    &w->err);
	return rc == RC_OK ? calendar_expert(&loader, v->at->of->subject.id,
					     &v->expert, &w->err)
			   : rc;
}

static enum rc check_places(struct visit *v)
{
	const struct msg_net_rule *rules = v->new.availability.v;
	enum rc rc = rearrange_check(
		v->at, &(struct msg_network){.secondments = {&v->new, 1}});

	for (size_t i = 0; rc == RC_OK && i < v->new.availability.n; i++)
		if (!rearrange_place_fits(&rules[i], v->at->of->site.slug,
					  v->new.site))
			rc = rearrange_fault(v->at, "availability",
					     "%s is a place of neither site",
					     rules[i].at);
	return rc;
}

static enum rc keep(struct visit *v)
{
	struct rearranged *of = v->at->of;
	struct msg_net_secondment *stays = of->stays.v;
	int64_t last =
		v->had && v->had->to > v->new.to ? v->had->to : v->new.to;

	if (v->had)
		*v->had = v->new;
	else
		stays[of->stays.n++] = v->new;
	of->put_stays = true;
	rearrange_concerns(v->at->r, (v->new.from - 1) * CIVIL_DAY,
			   (last + 2) * CIVIL_DAY);
	return RC_OK;
}

enum rc rearrange_visit(struct rearrange_at *at)
{
	const struct msg_roster_change *in = at->in;
	struct visit v = {.at = at, .had = find_stay(at->of, in->first_day)};

	v.new = (struct msg_net_secondment){
		.expert = at->of->of,
		.site = in->site,
		.from = in->first_day,
		.to = in->last_day,
		.remote_requests = in->remote_requests,
		.note = in->note,
		.availability = in->availability,
	};
	v.own_last = v.had ? v.had->to : INT64_MIN;
	if (v.had && strcmp(v.had->site, in->site) != 0)
		return rearrange_fault(at, "first_day",
				       "a visit to %s begins that day",
				       v.had->site);
	enum rc rc = check_places(&v);

	if (rc == RC_OK)
		rc = find_place(&v);
	if (rc == RC_OK)
		rc = judge(&v);
	return rc == RC_OK ? keep(&v) : rc;
}

/* --- ending --- */

static enum rc take_back(struct visit *v)
{
	struct rearranged *of = v->at->of;
	struct msg_net_secondment *stays = of->stays.v;
	size_t i = (size_t)(v->had - stays);
	int64_t first = v->had->from, last = v->had->to;

	of->left = v->had->site;
	of->stays.n--;
	memmove(&stays[i], &stays[i + 1], (of->stays.n - i) * sizeof(*stays));
	of->put_stays = true;
	rearrange_concerns(v->at->r, (first - 1) * CIVIL_DAY,
			   (last + 2) * CIVIL_DAY);
	return RC_OK;
}

/* Earlier, or later: then the days that come besides are asked about. */
enum rc rearrange_end_visit(struct rearrange_at *at)
{
	const struct msg_roster_change *in = at->in;
	struct visit v = {.at = at, .had = find_stay(at->of, in->first_day)};

	if (!v.had)
		return rearrange_fault(at, "first_day",
				       "no visit of %s begins that day",
				       at->of->of);
	v.new = *v.had;
	v.own_last = v.had->to;
	if (in->last_day != FIELD_NONE)
		v.new.to = in->last_day;
	if (v.new.to < v.new.from)
		return rearrange_fault(at, "last_day",
				       "must not be before first_day");
	enum rc rc = find_place(&v);
	int64_t today =
		rc == RC_OK ? local_day(v.zone, work_of(&v)->tx->now) : 0;

	if (rc != RC_OK)
		return rc;
	if (v.had->to < today)
		return rearrange_fault(at, "first_day", "that visit is over");
	if (in->last_day == FIELD_NONE)
		return v.had->from > today
			       ? take_back(&v)
			       : rearrange_fault(at, "last_day",
						 "is required: the visit has"
						 " begun");
	if (v.new.to < today - 1)
		return rearrange_fault(at, "last_day",
				       "must not be before yesterday");
	if (v.new.to > v.had->to)
		rc = judge(&v);
	return rc == RC_OK ? keep(&v) : rc;
}
