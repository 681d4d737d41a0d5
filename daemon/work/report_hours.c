/* What experts' rules offer, and what of it is taken (report.h). */
#include <stdlib.h>
#include <string.h>

#include "daemon/core/rule.h"
#include "daemon/store/calendar.h"
#include "daemon/work/report.h"
#include "daemon/work/tools.h"

#define FACTS_MAX (8u << 20)

struct spans {
	struct core_span *v;
	size_t n;
};

static int by_start(const void *left, const void *right)
{
	const struct core_span *a = left, *b = right;

	return (a->from > b->from) - (a->from < b->from);
}

/* Sorted, none touching another. */
static void unite(struct spans *s)
{
	size_t n = 0;

	if (s->n)
		qsort(s->v, s->n, sizeof(*s->v), by_start);
	for (size_t i = 0; i < s->n; i++) {
		if (n && s->v[i].from <= s->v[n - 1].to) {
			if (s->v[i].to > s->v[n - 1].to)
				s->v[n - 1].to = s->v[i].to;
		} else {
			s->v[n++] = s->v[i];
		}
	}
	s->n = n;
}

static void add(struct spans *s, int64_t from, int64_t to,
		struct core_span within)
{
	if (from < within.from)
		from = within.from;
	if (to > within.to)
		to = within.to;
	if (from < to)
		s->v[s->n++] = (struct core_span){from, to};
}

/* How long both are at once; both are united. */
static int64_t common(const struct spans *a, const struct spans *b)
{
	int64_t seconds = 0;
	size_t i = 0, k = 0;

	while (i < a->n && k < b->n) {
		const struct core_span *x = &a->v[i], *y = &b->v[k];
		int64_t from = x->from > y->from ? x->from : y->from;
		int64_t to = x->to < y->to ? x->to : y->to;

		if (from < to)
			seconds += to - from;
		if (x->to < y->to)
			i++;
		else
			k++;
	}
	return seconds;
}

static int64_t length(const struct spans *s)
{
	return common(s, s);
}

/* What leaves take of what is open, and what claims take of the rest. */
struct day_parts {
	struct spans open, leave, claims;
};

static enum rc lay_out(struct report_run *r, struct arena *facts,
		       const struct core_expert *e, struct day_parts *out)
{
	const struct core_subject *s = &e->subject;
	struct core_opens opens;
	enum rc rc = rule_expand(s->rules, s->nrules, e->away, e->naway,
				 r->ask.span, facts, &opens);

	if (rc != RC_OK)
		return work_nomem(r->w);
	out->open.v = arena_array(facts, opens.n, sizeof(*out->open.v));
	out->leave.v = arena_array(facts, s->nleaves, sizeof(*out->leave.v));
	out->claims.v = arena_array(facts, s->nclaims + s->nleaves,
				    sizeof(*out->claims.v));
	if ((opens.n && !out->open.v) || (s->nleaves && !out->leave.v) ||
	    (s->nclaims + s->nleaves && !out->claims.v))
		return work_nomem(r->w);
	for (size_t i = 0; i < opens.n; i++)
		add(&out->open, opens.v[i].from, opens.v[i].to, r->ask.span);
	for (size_t i = 0; i < s->nleaves; i++)
		add(&out->leave, s->leaves[i].from, s->leaves[i].to,
		    r->ask.span);
	for (size_t i = 0; i < s->nclaims; i++)
		if (!s->claims[i].hold_until ||
		    s->claims[i].hold_until > r->w->tx->now)
			add(&out->claims, s->claims[i].from, s->claims[i].to,
			    r->ask.span);
	unite(&out->open);
	unite(&out->leave);
	return RC_OK;
}

static void put_minutes(struct day_parts *parts, struct msg_expert_hours *row)
{
	int64_t leave = common(&parts->open, &parts->leave);
	int64_t offered = length(&parts->open) - leave;

	/* With leave among what is taken nothing counts twice. */
	for (size_t i = 0; i < parts->leave.n; i++)
		parts->claims.v[parts->claims.n++] = parts->leave.v[i];
	unite(&parts->claims);
	int64_t taken = common(&parts->open, &parts->claims) - leave;

	row->offered_minutes = offered / 60;
	row->taken_minutes = taken / 60;
	row->free_minutes = (offered - taken) / 60;
	if (offered)
		row->free_percent = (offered - taken) * 100 / offered;
}

static enum rc put_row(struct report_run *r, const struct core_expert *e,
		       struct day_parts *parts)
{
	struct work *w = r->w;
	const char *slug = e->subject.slug;
	struct report_sessions sessions;
	enum rc rc = report_sessions(w->tx, e->subject.id, r->ask.span,
				     &sessions, &w->err);
	struct msg_expert_hours *row = rc == RC_OK ? report_add(r) : NULL;

	if (!row)
		return w->faults.n ? RC_INVALID : rc == RC_OK ? RC_NOMEM : rc;
	row->lead = w->who->site_slug;
	row->period = r->ask.period;
	row->expert = arena_strndup(w->arena, slug, strlen(slug));
	put_minutes(parts, row);
	row->sessions = sessions.n;
	row->session_minutes = sessions.seconds / 60;
	return row->expert ? RC_OK : work_nomem(w);
}

/* What is known of one is forgotten for the next. */
static enum rc one_expert(struct report_run *r, int64_t id)
{
	struct arena facts;
	struct calendar_loader loader = {
		.tx = r->w->tx, .arena = &facts, .window = r->ask.span};
	struct day_parts parts = {0};
	struct core_expert e;

	arena_init(&facts, FACTS_MAX);
	enum rc rc = calendar_expert(&loader, id, &e, &r->w->err);

	if (rc == RC_OK)
		rc = lay_out(r, &facts, &e, &parts);
	if (rc == RC_OK)
		rc = put_row(r, &e, &parts);
	arena_fini(&facts);
	return rc;
}

enum rc report_hours(struct report_run *r)
{
	int64_t site =
		r->ask.as_lead || r->ask.as_partner ? r->w->who->site : 0;
	int64_t *ids;
	size_t n;
	enum rc rc;

	if (r->ask.span.to - r->ask.span.from > CORE_WINDOW_MAX)
		return work_fault(r->w, "#to",
				  "without months or days: at"
				  " most 400 days after from");
	rc = report_experts(r->w->tx, &r->ask, site, r->w->arena, &ids, &n,
			    &r->w->err);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = one_expert(r, ids[i]);
	return rc;
}
