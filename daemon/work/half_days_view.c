/* Pooled half-days as people see and change them (half_days.h). */
#include <string.h>

#include "base/civil.h"
#include "daemon/store/calendar.h"
#include "daemon/work/half_days.h"

static enum rc view_case(struct work *w, const struct half_day_case *c,
			 struct msg_pool_case *out)
{
	proto_clear(&msg_pool_case_table, out);
	out->kind = (int)c->kind;
	out->urgency = (int)c->is.urgency;
	out->status = (int)c->status;
	out->partner = c->partner;
	out->submitted_at = c->is.submitted_at;
	out->from = c->span.from;
	out->to = c->span.to;
	enum rc rc = work_view_code(w, &c->code, &out->booking);

	return rc == RC_OK ? work_view_code(w, &c->request_code, &out->request)
			   : rc;
}

static enum rc view_cases(struct work *w, const struct half_day *h,
			  struct msg_pool *out)
{
	struct half_day_case *cases;
	struct msg_pool_case *v;
	size_t n;
	enum rc rc =
		half_day_cases(w->tx, h->id, w->arena, &cases, &n, &w->err);

	if (rc != RC_OK)
		return rc;
	v = arena_array(w->arena, n, sizeof(*v));
	if (n && !v)
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = view_case(w, &cases[i], &v[i]);
	out->opened_at = h->opened_at;
	out->cases = (struct field_list){v, n};
	return rc == RC_OK ? work_view_code(w, &h->code, &out->code) : rc;
}

/* h: NULL where it is not open. */
static enum rc view(struct work *w, const struct half_day_open *o,
		    const struct half_day *h, struct msg_pool *out)
{
	const struct half_day_wants wants = {w->who->site, o->expert,
					     h ? h->id : 0, &o->read};
	struct pooled_case *queue;
	size_t n;
	enum rc rc =
		half_day_queue(w->tx, &wants, w->arena, &queue, &n, &w->err);

	proto_clear(&msg_pool_table, out);
	out->expert = o->slug;
	out->specialty = arena_strndup(w->arena, o->read.specialty,
				       strlen(o->read.specialty));
	out->from = o->span.from;
	out->to = o->span.to;
	out->time_zone = o->zone;
	out->threshold = o->read.threshold;
	out->waiting = (int64_t)n;
	if (rc == RC_OK && !out->specialty)
		return work_nomem(w);
	return rc == RC_OK && h ? view_cases(w, h, out) : rc;
}

/* One that is open is shown whatever became of its rule. */
static enum rc as_open(struct work *w, const struct half_day *h,
		       struct half_day_open *out)
{
	struct calendar_loader loader = {
		.tx = w->tx, .arena = w->arena, .bare = true};
	struct core_subject s;
	enum rc rc = calendar_name(&loader, h->expert, &s, &w->err);

	if (rc != RC_OK)
		return rc;
	*out = (struct half_day_open){.expert = h->expert,
				      .span = h->span,
				      .terms = h->terms,
				      .slug = s.slug,
				      .zone = tz_name(s.zone)};
	return pooled_read(h->terms, &out->read)
		       ? RC_OK
		       : err_set(&w->err, RC_CORRUPT, "terms of a half-day");
}

static enum rc view_open(struct work *w, const struct half_day *h,
			 struct msg_pool *out)
{
	struct half_day_open o;
	enum rc rc = as_open(w, h, &o);

	return rc == RC_OK ? view(w, &o, h, out) : rc;
}

/* --- the list --- */

static enum rc read_span(struct work *w, const struct msg_pool_query *in,
			 struct core_span *out)
{
	out->from = in->from == FIELD_NONE ? w->tx->now : in->from;
	out->to = in->to == FIELD_NONE
			  ? out->from + POOLED_DAYS * (int64_t)CIVIL_DAY
			  : in->to;
	if (out->to <= out->from)
		return work_fault(w, "#to", "must be after from");
	if (out->to - out->from > 62 * (int64_t)CIVIL_DAY)
		return work_fault(w, "#to", "at most 62 days after from");
	return RC_OK;
}

static bool is_listed(const struct half_day *v, size_t n,
		      const struct half_day_open *o)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].expert == o->expert && v[i].span.from == o->span.from)
			return true;
	return false;
}

struct lists {
	struct half_day *open;
	size_t nopen;
	struct half_day_open *laid;
	size_t nlaid;
};

/* What is open and what is not, by start. */
static enum rc merge(struct work *w, const struct lists *l, struct msg_pool *v,
		     size_t *out_n)
{
	size_t i = 0, n = 0;
	enum rc rc = RC_OK;

	for (size_t k = 0; rc == RC_OK && k <= l->nlaid; k++) {
		const struct half_day_open *o = &l->laid[k];

		for (; rc == RC_OK && i < l->nopen &&
		       (k == l->nlaid || l->open[i].span.from <= o->span.from);
		     i++)
			rc = view_open(w, &l->open[i], &v[n++]);
		if (rc == RC_OK && k < l->nlaid &&
		    !is_listed(l->open, l->nopen, o))
			rc = view(w, o, NULL, &v[n++]);
	}
	*out_n = n;
	return rc;
}

enum rc work_pool_list(struct work *w, const struct msg_pool_query *in,
		       struct msg_pool_list *out)
{
	bool lead = (principal_sides(w->who, w->who->site, 0, 0) & SIDE_LEAD) !=
			    0 ||
		    w->who->role == ROLE_AUDITOR;
	struct lists l = {0};
	struct core_span span;
	struct msg_pool *v;
	enum rc rc = read_span(w, in, &span);

	proto_clear(&msg_pool_list_table, out);
	if (rc != RC_OK || !lead)
		return rc;
	rc = half_day_list(w->tx, w->who->site, span, w->arena, &l.open,
			   &l.nopen, &w->err);
	if (rc == RC_OK)
		rc = half_days_lay(w, w->who->site, span, &l.laid, &l.nlaid);
	if (rc != RC_OK)
		return rc;
	v = arena_array(w->arena, l.nopen + l.nlaid, sizeof(*v));
	if (l.nopen + l.nlaid && !v)
		return work_nomem(w);
	out->items.v = v;
	return merge(w, &l, v, &out->items.n);
}

/* --- opened, and put in order, by hand --- */

enum rc work_pool_open(struct work *w, const struct msg_pool_new *in,
		       struct msg_pool *out)
{
	struct core_span then = {in->at, in->at + 1};
	struct half_day_open *laid;
	struct core_subject expert;
	struct half_day h;
	size_t n, i = 0;
	enum rc rc = work_find_expert(w, "/expert", in->expert, w->who->site,
				      &expert);

	if (rc == RC_OK && in->at <= w->tx->now)
		return work_fault(w, "/at", "has begun");
	if (rc == RC_OK)
		rc = half_days_lay(w, w->who->site, then, &laid, &n);
	if (rc != RC_OK)
		return rc;
	while (i < n && laid[i].expert != expert.id)
		i++;
	if (i == n)
		return work_fault(w, "/at",
				  "no pooled half-day of theirs begins then");
	rc = half_day_find(w->tx, expert.id, in->at, w->arena, &h, &w->err);
	if (rc == RC_OK)
		return err_set(&w->err, RC_STATE, "it is open already");
	if (rc == RC_NOT_FOUND)
		rc = half_days_open(w, w->who->site, &laid[i], &h);
	return rc == RC_OK ? view_open(w, &h, out) : rc;
}

/* Where it stands from `from` on; n: nowhere. */
static size_t find(const struct half_day_seat *v, size_t from, size_t n,
		   const char *code)
{
	struct code read;

	if (!code_read(code, strlen(code), &read))
		return n;
	while (from < n && strcmp(v[from].is.code.s, read.s) != 0 &&
	       strcmp(v[from].is.request_code.s, read.s) != 0)
		from++;
	return from;
}

enum rc work_pool_order(struct work *w, const char *code,
			const struct msg_pool_order *in, struct msg_pool *out)
{
	struct half_day_seat *v, seat;
	struct half_day h;
	size_t n;
	enum rc rc = half_day_by_code(w->tx, code, w->arena, &h, &w->err);

	if (rc == RC_NOT_FOUND || (rc == RC_OK && h.lead != w->who->site))
		return err_set(&w->err, RC_NOT_FOUND,
			       "there is no such half-day");
	if (rc == RC_OK)
		rc = half_days_seats(w, &h, &v, &n);
	for (size_t i = 0; rc == RC_OK && i < in->cases.n; i++) {
		size_t at = find(v, i, n, in->cases.v[i]);

		if (at == n)
			return work_fault(w, "/cases",
					  "one is not in it, or there twice");
		seat = v[at];
		memmove(&v[i + 1], &v[i], (at - i) * sizeof(*v));
		v[i] = seat;
	}
	if (rc == RC_OK)
		rc = half_days_arrange(w, &h, v, n);
	return rc == RC_OK ? view_open(w, &h, out) : rc;
}
