#include "daemon/work/agreements.h"

#include "base/text.h"
#include "daemon/core/local.h"
#include "daemon/store/agreements.h"
#include "daemon/store/network.h"
#include "daemon/store/spent.h"
#include "daemon/work/tools.h"

#include <string.h>

/* --- as its two sides look at it --- */

#define PAGE_DEFAULT 50
#define BEYOND_MAX 200

static enum rc view_kind(struct work *w, const struct core_agreement *a,
			 enum kind kind, struct msg_agreed_kind *out)
{
	struct spent_ask ask = {
		.agreement = a->id,
		.kind = kind,
		.month = local_month(a->lead_zone, w->tx->now),
	};
	enum rc rc = spent_used(w->tx, &ask, &out->used, &w->err);

	out->kind = (int)kind;
	out->quota = out->left = FIELD_NONE;
	if (a->quota[kind] < 0)
		return rc;
	out->quota = a->quota[kind];
	out->left = out->used < out->quota ? out->quota - out->used : 0;
	return rc;
}

static enum rc view_kinds(struct work *w, const struct core_agreement *a,
			  struct field_list *out)
{
	struct msg_agreed_kind *v =
		arena_array(w->arena, KIND_COUNT, sizeof(*v));
	enum rc rc = RC_OK;
	size_t n = 0;

	if (!v)
		return work_nomem(w);
	for (int k = 0; rc == RC_OK && k < KIND_COUNT; k++)
		if (a->kinds & KINDSET(k))
			rc = view_kind(w, a, (enum kind)k, &v[n++]);
	*out = (struct field_list){v, n};
	return rc;
}

static int64_t end_of(const struct core_agreement *a)
{
	return local_days(a->lead_zone, a->last_day, a->last_day).to;
}

static enum rc view_beyond(struct work *w, const struct core_agreement *a,
			   struct msg_agreement *out)
{
	struct agreement_beyond *rows;
	struct msg_beyond *v;
	size_t n;
	enum rc rc =
		agreements_beyond(w->tx, a->id, end_of(a), BEYOND_MAX, w->arena,
				  &rows, &n, &out->beyond_all, &w->err);

	if (rc != RC_OK)
		return rc;
	v = arena_array(w->arena, n, sizeof(*v));
	if (n && !v)
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		v[i].kind = (int)rows[i].kind;
		v[i].expert = rows[i].expert;
		v[i].from = rows[i].from;
		rc = work_view_code(w, &rows[i].code, &v[i].booking);
	}
	out->beyond = (struct field_list){v, n};
	return rc;
}

static enum rc view_shares(struct work *w, const struct core_agreement *a,
			   struct msg_agreement *out)
{
	const struct network_share *rows;
	struct msg_net_share *v;
	size_t n;
	enum rc rc =
		network_read_shares(w->tx, w->arena, a->id, &rows, &n, &w->err);

	if (rc != RC_OK)
		return rc;
	v = arena_array(w->arena, n, sizeof(*v));
	if (n && !v)
		return work_nomem(w);
	for (size_t i = 0; i < n; i++) {
		v[i] = (struct msg_net_share){.expert = rows[i].expert,
					      .rule = rows[i].rule,
					      .places = rows[i].places,
					      .days_before =
						      rows[i].days_before};
		if (rows[i].minute)
			v[i].until = arena_printf(w->arena, "%02d:%02d",
						  (int)rows[i].minute / 60,
						  (int)rows[i].minute % 60);
	}
	out->shares = (struct field_list){v, n};
	return RC_OK;
}

static void view_terms(const struct core_terms *t, struct msg_agreement *out)
{
	out->lead_notice_minutes = t->lead_notice / 60;
	out->partner_notice_minutes = t->partner_notice / 60;
	out->late_change = (int)t->late;
	out->requires = t->requires;
	out->requires_emergency = t->requires_emergency;
	out->supplement_minutes = t->supplement / 60;
	out->expiry_days = t->expiry / 86400;
	out->receipt_minutes = t->receipt / 60;
	out->receipt_notices = t->receipt_notices;
	out->signing_slack_minutes = t->signing_slack / 60;
	out->overbook_most = t->overbook_most;
	out->fairness_weeks = t->fairness_weeks;
	out->night_call_minutes = t->night_call / 60;
}

static enum rc view(struct work *w, const struct agreement_row *row,
		    struct msg_agreement *out)
{
	struct core_agreement a;
	enum rc rc = agreement_by_id(w->tx, row->id, w->arena, &a, &w->err);

	if (rc != RC_OK)
		return rc;
	int64_t today = local_day(a.lead_zone, w->tx->now);

	proto_clear(&msg_agreement_table, out);
	out->id = row->slug;
	out->alliance = row->alliance;
	out->lead = row->lead;
	out->partner = row->partner;
	out->valid_from = a.first_day;
	out->valid_to = a.last_day;
	out->live = today >= a.first_day && today <= a.last_day;
	out->days_left = a.last_day > today ? a.last_day - today : 0;
	out->specialties.n = a.nspecialties;
	out->specialties.v =
		arena_array(w->arena, a.nspecialties, sizeof(char *));
	if (a.nspecialties && !out->specialties.v)
		return work_nomem(w);
	for (size_t i = 0; i < a.nspecialties; i++)
		out->specialties.v[i] = a.specialties[i];
	view_terms(&a.terms, out);
	rc = view_kinds(w, &a, &out->kinds);
	if (rc == RC_OK)
		rc = view_shares(w, &a, out);
	return rc == RC_OK ? view_beyond(w, &a, out) : rc;
}

enum rc work_agreement_list(struct work *w,
			    const struct msg_agreement_query *in,
			    struct msg_agreement_list *out)
{
	struct agreement_page page = {
		.site = in->site,
		.after = in->cursor ? in->cursor : "",
		.limit = (in->limit == FIELD_NONE ? PAGE_DEFAULT : in->limit) +
			 1,
	};
	struct agreement_row *rows;
	size_t n;

	proto_clear(&msg_agreement_list_table, out);
	if (in->cursor && !text_slug(in->cursor, strlen(in->cursor)))
		return work_fault(w, "#cursor", "is not one that was given");
	if (principal_sides(w->who, w->who->site, 0, 0) & SIDE_LEAD)
		page.as_lead = w->who->site;
	if (principal_sides(w->who, 0, w->who->site, 0) & SIDE_PARTNER)
		page.as_partner = w->who->site;
	enum rc rc =
		agreements_list(w->tx, &page, w->arena, &rows, &n, &w->err);

	if (rc != RC_OK)
		return rc;
	if (n == (size_t)page.limit)
		out->next = rows[--n - 1].slug;
	struct msg_agreement *v = arena_array(w->arena, n, sizeof(*v));

	if (n && !v)
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = view(w, &rows[i], &v[i]);
	out->items = (struct field_list){v, n};
	return rc;
}

/* --- its end --- */

static enum rc put(struct work *w, int64_t id, int64_t at)
{
	const struct due_row row = {.at = at,
				    .what = DUE_ENDING,
				    .thing = THING_AGREEMENT,
				    .thing_id = id};

	return due_put(w->tx, &row, &w->err);
}

/* Told to its two sites; unless it goes on as another. */
static enum rc tell(struct work *w, const struct core_agreement *a,
		    enum verb verb)
{
	const struct event e = {
		.actor = "system",
		.lead = a->lead,
		.partner = a->partner,
		.thing = "agreement",
		.id = a->id,
		.version = a->last_day,
		.verb = verb,
		.from_state = verb == VERB_END ? "ending" : "live",
		.to_state = verb == VERB_END ? "ended" : "ending",
		.request_id = w->request_id,
		.class = EVENT_CHANGE,
	};
	bool followed;
	enum rc rc = agreements_followed(w->tx, a->id, &followed, &w->err);

	if (rc != RC_OK || followed)
		return rc;
	return event_append(w->tx, &e, &w->err);
}

static enum rc end(struct work *w, const struct core_agreement *a,
		   struct agreement_told *told, bool silent)
{
	if (told->end == a->last_day)
		return RC_OK;
	told->ending = told->end = a->last_day;
	enum rc rc = silent ? RC_OK : tell(w, a, VERB_END);

	return rc == RC_OK ? agreements_tell(w->tx, a->id, told, &w->err) : rc;
}

static enum rc warn(struct work *w, const struct core_agreement *a,
		    struct agreement_told *told)
{
	enum rc rc = RC_OK;

	if (told->ending != a->last_day) {
		told->ending = a->last_day;
		rc = tell(w, a, VERB_ENDING);
		if (rc == RC_OK)
			rc = agreements_tell(w->tx, a->id, told, &w->err);
	}
	return rc == RC_OK ? put(w, a->id, end_of(a)) : rc;
}

enum rc agreements_step(struct work *w, const struct due_row *row)
{
	struct agreement_told told;
	struct core_agreement a;
	enum rc rc =
		agreement_by_id(w->tx, row->thing_id, w->arena, &a, &w->err);

	if (rc == RC_OK)
		rc = agreements_told(w->tx, a.id, &told, &w->err);
	if (rc != RC_OK)
		return rc;
	int64_t over = end_of(&a), soon = over - a.terms.ending_notice;

	if (w->tx->now >= over)
		return end(w, &a, &told, row->step == 1);
	if (w->tx->now >= soon)
		return warn(w, &a, &told);
	return put(w, a.id, soon);
}

enum rc agreements_imported(struct work *w, const char *slug)
{
	struct due_row row = {.at = w->tx->now,
			      .what = DUE_ENDING,
			      .thing = THING_AGREEMENT,
			      .step = 1};
	enum rc rc = network_agreement_id(w->tx, slug, &row.thing_id, &w->err);

	return rc == RC_OK ? due_put(w->tx, &row, &w->err) : rc;
}
