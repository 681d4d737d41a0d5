#include "daemon/work/clinic.h"

#include "base/civil.h"
#include "daemon/core/kind.h"
#include "daemon/store/clinic.h"
#include "daemon/store/network.h"
#include "daemon/work/ask.h"
#include "daemon/work/tools.h"

/* --- behind the last place --- */

enum rc work_overbook(struct work *w, const char *reason, struct wish *wish,
		      const char **out_reason)
{
	if (!reason)
		return RC_OK;
	if (!kind_has_places(wish->kind))
		return work_fault(w, "/overbook",
				  "a kind without places has none to give");
	wish->overbook = w->who->role == ROLE_LEAD_COORDINATOR
				 ? CORE_OVERBOOK_LEAD
				 : CORE_OVERBOOK_OTHERS;
	*out_reason = reason;
	return RC_OK;
}

/* --- taken back --- */

/* What is taken back. */
struct taking_back {
	struct core_agreement agreement;
	struct core_subject expert;
	struct core_share share;
	struct core_open session;
	int64_t until;
};

static enum rc find_agreement(struct work *w, const char *slug,
			      struct core_agreement *out)
{
	int64_t id;
	enum rc rc = network_agreement_id(w->tx, slug, &id, &w->err);

	if (rc == RC_OK)
		rc = agreement_by_id(w->tx, id, w->arena, out, &w->err);
	if (rc == RC_NOT_FOUND || (rc == RC_OK && out->lead != w->who->site))
		return work_fault(w, "/agreement",
				  "you lead no such agreement");
	return rc;
}

/* The first of the expert's sessions then that the agreement keeps places of.
 */
static bool find_session(const struct core_shares *shares,
			 const struct core_opens *opens, int64_t at,
			 struct taking_back *t)
{
	bool found = false;

	for (size_t i = 0; i < opens->n && !found; i++)
		for (size_t k = 0; k < shares->n; k++) {
			const struct core_open *open = &opens->v[i];

			if (open->from > at || open->to <= at ||
			    !share_covers(&shares->v[k], t->expert.id, open))
				continue;
			/* the narrowest, as core has it */
			if (found && !share_narrower(&shares->v[k], &t->share))
				continue;
			t->share = shares->v[k];
			t->session = *open;
			found = true;
		}
	return found;
}

static enum rc find_kept(struct work *w, const struct msg_take_back *in,
			 struct taking_back *t)
{
	struct core_span window = {in->at, in->at + 1};
	struct calendar_loader loader = {
		.tx = w->tx, .arena = w->arena, .window = window, .bare = true};
	struct core_expert e;
	struct core_shares shares;
	struct core_opens opens;
	enum rc rc = calendar_expert(&loader, t->expert.id, &e, &w->err);

	if (rc == RC_OK)
		rc = share_of(w->tx, &t->agreement, w->arena, &shares, &w->err);
	if (rc == RC_OK &&
	    rule_expand(e.subject.rules, e.subject.nrules, e.away, e.naway,
			window, w->arena, &opens) != RC_OK)
		rc = work_nomem(w);
	if (rc != RC_OK)
		return rc;
	if (!find_session(&shares, &opens, in->at, t))
		return work_fault(w, "/at",
				  "the agreement keeps no places of a session"
				  " of theirs then");
	t->until = share_until(&t->share, t->session.rule, t->session.from);
	return t->until > w->tx->now
		       ? RC_OK
		       : err_set(&w->err, RC_STATE,
				 "they are anybody's already: they were kept"
				 " until their time");
}

static enum rc say_taken_back(struct work *w, const struct taking_back *t,
			      const char *reason)
{
	const struct event e = {
		.actor = w->who->name,
		.actor_site = w->who->site,
		.lead = t->agreement.lead,
		.partner = t->agreement.partner,
		.thing = "agreement",
		.id = t->agreement.id,
		.version = t->agreement.last_day,
		.verb = VERB_TAKE_BACK,
		.reason = reason,
		.request_id = w->request_id,
		.class = EVENT_CHANGE,
	};

	return event_append(w->tx, &e, &w->err);
}

enum rc work_take_back(struct work *w, const struct msg_take_back *in,
		       struct msg_taken_back *out)
{
	struct taking_back t = {0};
	bool is_new = false;
	enum rc rc = find_agreement(w, in->agreement, &t.agreement);

	if (rc == RC_OK)
		rc = work_find_expert(w, "/expert", in->expert,
				      t.agreement.lead, &t.expert);
	if (rc == RC_OK)
		rc = find_kept(w, in, &t);
	if (rc != RC_OK)
		return rc;
	const struct core_taken_back row = {t.agreement.id, t.expert.id,
					    t.session.from};

	rc = share_take_back(w->tx, &row, &is_new, &w->err);
	if (rc == RC_OK && !is_new)
		rc = err_set(&w->err, RC_STATE, "they were taken back already");
	if (rc == RC_OK)
		rc = say_taken_back(w, &t, in->reason);
	*out = (struct msg_taken_back){.agreement = t.agreement.slug,
				       .expert = t.expert.slug,
				       .from = t.session.from,
				       .to = t.session.to,
				       .places = t.share.places,
				       .until = t.until};
	return rc;
}

/* --- counted --- */

#define REPORT_DAYS 92

static struct msg_clinic_figure view(const struct clinic_month *m)
{
	struct msg_clinic_figure f = {
		.month = m->first_day,
		.agreement = m->agreement,
		.lead = m->lead,
		.partner = m->partner,
		.open = m->n[CLINIC_OPEN],
		.came = m->n[CLINIC_CAME],
		.absent = m->n[CLINIC_ABSENT],
		.failed = m->n[CLINIC_FAILED],
		.cancelled = m->n[CLINIC_CANCELLED],
		.cancelled_late = m->n[CLINIC_LATE],
	};

	for (int i = 0; i < CLINIC_ENDS; i++)
		f.booked += m->n[i];
	return f;
}

enum rc work_report_clinic(struct work *w, const struct msg_report_query *in,
			   struct msg_clinic_report *out)
{
	const struct principal *who = w->who;
	struct clinic_filter filter = {
		.kind = in->kind < 0 ? KIND_CLINIC_SLOT : (enum kind)in->kind};
	struct clinic_month *months;
	struct msg_clinic_figure *v;
	size_t n;

	filter.to = in->to == FIELD_NONE ? w->tx->now : in->to;
	filter.from = in->from == FIELD_NONE
			      ? filter.to - REPORT_DAYS * (int64_t)CIVIL_DAY
			      : in->from;
	if (filter.from > filter.to)
		return work_fault(w, "#to", "must not be before from");
	if (!kind_has_places(filter.kind))
		return work_fault(w, "#kind", "has no places");
	if (principal_sides(who, who->site, 0, 0) & SIDE_LEAD)
		filter.as_lead = who->site;
	if (principal_sides(who, 0, who->site, 0) & SIDE_PARTNER)
		filter.as_partner = who->site;
	enum rc rc =
		clinic_months(w->tx, &filter, w->arena, &months, &n, &w->err);

	if (rc != RC_OK)
		return rc;
	v = arena_array(w->arena, n, sizeof(*v));
	if (n && !v)
		return work_nomem(w);
	for (size_t i = 0; i < n; i++)
		v[i] = view(&months[i]);
	*out = (struct msg_clinic_report){
		.from = filter.from, .to = filter.to, .items = {v, n}};
	return RC_OK;
}
