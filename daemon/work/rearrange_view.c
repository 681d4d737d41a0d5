/* Looking at rosters and visits (rearrange.h). */
#include <string.h>

#include "base/civil.h"
#include "daemon/core/local.h"
#include "daemon/store/calendar.h"
#include "daemon/work/export.h"
#include "daemon/work/rearrange.h"

static const char *const weekdays[] = {"MO", "TU", "WE", "TH",
				       "FR", "SA", "SU"};

/* --- visits --- */

static const char *state_of(const struct msg_visit *v, int64_t today)
{
	if (today < v->first_day)
		return "to-come";
	return today > v->last_day ? "over" : "there";
}

static enum rc view_visit(struct work *w, const struct msg_net_secondment *s,
			  const struct core_subject *expert, const char *home,
			  struct msg_visit *out)
{
	struct site site;
	const struct tz *zone;
	enum rc rc = site_by_slug(w->tx, s->site, w->arena, &site, &w->err);

	if (rc == RC_OK)
		rc = tz_get(w->tx->env->zones, site.time_zone, &zone, &w->err);
	if (rc != RC_OK)
		return rc;
	*out = (struct msg_visit){
		.expert = s->expert,
		.name = expert->name,
		.home = home,
		.site = s->site,
		.first_day = s->from,
		.last_day = s->to,
		.remote_requests = s->remote_requests,
		.note = s->note,
		.availability = s->availability,
	};
	out->state = state_of(out, local_day(zone, w->tx->now));
	return RC_OK;
}

/* Home and the site of the visit see it, and the expert. */
static bool is_seen(const struct work *w, const struct core_subject *expert,
		    const struct site *home,
		    const struct network_stored_secondment *s)
{
	if (w->who->role == ROLE_EXPERT && w->who->expert != expert->id)
		return w->who->site_slug &&
		       !strcmp(s->secondment.site, w->who->site_slug);
	return w->who->site == home->id ||
	       (w->who->site_slug &&
		!strcmp(s->secondment.site, w->who->site_slug));
}

static bool is_asked_for(const struct msg_visit_query *in,
			 const struct msg_visit *v)
{
	return (!in->expert || !strcmp(in->expert, v->expert)) &&
	       (!in->site || !strcmp(in->site, v->site)) &&
	       (in->over || strcmp(v->state, "over") != 0);
}

static enum rc add_visit(struct work *w, const struct msg_visit_query *in,
			 const struct network_stored_secondment *s,
			 struct field_list *out)
{
	struct calendar_loader loader = {
		.tx = w->tx, .arena = w->arena, .bare = true};
	struct export e = {.w = w};
	struct msg_visit *v = (struct msg_visit *)out->v + out->n;
	struct msg_net_secondment stay;
	struct core_subject expert;
	struct site home;
	enum rc rc = calendar_name(&loader, s->subject, &expert, &w->err);

	if (rc == RC_OK)
		rc = site_by_id(w->tx, expert.site, w->arena, &home, &w->err);
	if (rc != RC_OK || !is_seen(w, &expert, &home, s))
		return rc;
	if (!export_secondment(&e, s, &stay))
		return work_nomem(w);
	rc = view_visit(w, &stay, &expert, home.slug, v);
	out->n += rc == RC_OK && is_asked_for(in, v);
	return rc;
}

enum rc work_visit_list(struct work *w, const struct msg_visit_query *in,
			struct msg_visit_list *out)
{
	struct network_list stored;
	enum rc rc = network_read_secondments_at(w->tx, w->who->site, w->arena,
						 &stored, &w->err);
	const struct network_stored_secondment *v = stored.v;

	proto_clear(&msg_visit_list_table, out);
	if (rc != RC_OK)
		return rc;
	out->items.v =
		arena_array(w->arena, stored.n, sizeof(struct msg_visit));
	if (stored.n && !out->items.v)
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < stored.n; i++)
		rc = add_visit(w, in, &v[i], &out->items);
	return rc;
}

/* --- one roster --- */

static enum rc view_visits(struct work *w, const struct rearranged *of,
			   struct field_list *out)
{
	const struct msg_net_secondment *in = of->stays.v;
	struct msg_visit *v = arena_array(w->arena, of->stays.n, sizeof(*v));
	enum rc rc = RC_OK;

	if (of->stays.n && !v)
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < of->stays.n; i++)
		rc = view_visit(w, &in[i], &of->subject, of->site.slug, &v[i]);
	*out = (struct field_list){v, of->stays.n};
	return rc;
}

static enum rc view_days(struct work *w, const struct rearranged *of,
			 struct field_list *out)
{
	const struct network_day *in = of->days.v;
	struct msg_roster_day *v =
		arena_array(w->arena, of->days.n, sizeof(*v));

	if (of->days.n && !v)
		return work_nomem(w);
	for (size_t i = 0; i < of->days.n; i++)
		v[i] = (struct msg_roster_day){
			in[i].day,
			in[i].works_as < 0 ? "off" : weekdays[in[i].works_as]};
	*out = (struct field_list){v, of->days.n};
	return RC_OK;
}

/* Of one's own site; an expert their own alone. */
static bool is_own(const struct work *w, const struct rearranged *of)
{
	if (of->site.id != w->who->site)
		return false;
	return w->who->role != ROLE_EXPERT || of->is_site ||
	       of->subject.type != SUBJECT_EXPERT ||
	       of->subject.id == w->who->expert;
}

static enum rc find(struct work *w, const char *name, struct rearranged *of)
{
	*of = (struct rearranged){
		.of = name,
		.is_site =
			w->who->site_slug && !strcmp(name, w->who->site_slug),
	};
	enum rc rc = rearrange_find(w, of);

	if (rc == RC_NOT_FOUND || (rc == RC_OK && !is_own(w, of)))
		return err_set(&w->err, RC_NOT_FOUND,
			       "your site has no such expert or resource");
	return rc == RC_OK ? rearrange_load(w, 0, of) : rc;
}

enum rc work_roster_show(struct work *w, const struct msg_roster_query *in,
			 struct msg_roster *out)
{
	struct rearranged of;
	enum rc rc = find(w, in->of ? in->of : w->who->site_slug, &of);

	proto_clear(&msg_roster_table, out);
	if (rc != RC_OK)
		return rc;
	out->of = of.of;
	out->name = of.is_site ? of.site.name : of.subject.name;
	out->time_zone = of.site.time_zone;
	out->version = of.version;
	out->rules = of.rules;
	out->leave = of.leave;
	out->calendar = of.calendar;
	rc = view_visits(w, &of, &out->visits);
	return rc == RC_OK ? view_days(w, &of, &out->days) : rc;
}
