/* Storing changes of rosters, or trying them (rearrange.h). */
#include "daemon/work/rearrange.h"

#include <string.h>

#include "base/civil.h"
#include "base/log.h"
#include "base/text.h"
#include "daemon/store/shadow.h"
#include "daemon/store/site_calendar.h"
#include "daemon/work/import.h"
#include "daemon/work/orphans.h"
#include "daemon/work/waitlist.h"

#define CAUSE_MAX 1000

/* --- storing what each has --- */

/* A set as the pointers to its elements; those that are gone are left out. */
static enum rc put_set(struct rearrange *r, const struct rearranged *of,
		       const struct field_list *list, size_t size,
		       import_put_set *put)
{
	struct import l = {.w = r->w};
	const void **v = arena_array(r->w->arena, list->n, sizeof(*v));
	enum network_put said;
	size_t n = 0;

	if (list->n && !v)
		return work_nomem(r->w);
	for (size_t i = 0; i < list->n; i++) {
		const char *element = (const char *)list->v + i * size;

		if (put == import_put_rules &&
		    !((const struct msg_net_rule *)(const void *)element)
			     ->rrule)
			continue;
		v[n++] = element;
	}
	return put(&l, of->of, v, n, &said);
}

/* Twice the same would be no network file. */
static enum rc check_rules(struct rearrange *r, const struct rearranged *of)
{
	const struct msg_net_rule *in = of->rules.v;
	struct msg_net_rule *v =
		arena_array(r->w->arena, of->rules.n, sizeof(*v));
	struct msg_network all = {.availability = {v, 0}};
	struct import_check c = {.w = r->w, .in = &all};
	size_t had = r->w->faults.n;

	if (of->rules.n && !v)
		return work_nomem(r->w);
	for (size_t i = 0; i < of->rules.n; i++)
		if (in[i].rrule)
			v[all.availability.n++] = in[i];
	import_check_availability(&c);
	if (c.broken != RC_OK || r->w->faults.n == had)
		return c.broken;
	r->w->faults.n = had;
	return work_fault(r->w, "/changes", "%s would have the same rule twice",
			  of->of);
}

/* A calendar that others follow stays theirs. */
static enum rc own_calendar(struct rearrange *r, struct rearranged *of)
{
	struct work *w = r->w;
	bool shared, taken;
	enum rc rc = site_calendar(w->tx, of->site.id, w->arena, &of->calendar,
				   &shared, &w->err);

	if (rc != RC_OK || (of->calendar && !shared))
		return rc;
	of->calendar = arena_printf(w->arena, "%s%s%s",
				    of->calendar ? of->calendar : "",
				    of->calendar ? "-" : "", of->of);
	if (!of->calendar)
		return work_nomem(w);
	rc = site_calendar_followed(w->tx, of->calendar, &taken, &w->err);
	if (rc == RC_OK && (taken || strlen(of->calendar) > SLUG_MAX))
		return err_set(&w->err, RC_STATE,
			       "a calendar of your own cannot be called %s: ask"
			       " the administrator to give your site one",
			       of->calendar);
	return rc == RC_OK ? site_calendar_follow(w->tx, of->site.id,
						  of->calendar, &w->err)
			   : rc;
}

static enum rc put_days(struct rearrange *r, struct rearranged *of)
{
	enum network_put said;
	enum rc rc = own_calendar(r, of);

	return rc == RC_OK ? network_put_calendar(r->w->tx, of->calendar,
						  of->days.v, of->days.n, &said,
						  &r->w->err)
			   : rc;
}

static enum rc put_all(struct rearrange *r, struct rearranged *of)
{
	enum rc rc = RC_OK;

	if (of->put_days)
		rc = put_days(r, of);
	if (rc == RC_OK && of->put_rules)
		rc = check_rules(r, of);
	if (rc == RC_OK && of->put_rules)
		rc = put_set(r, of, &of->rules, sizeof(struct msg_net_rule),
			     import_put_rules);
	if (rc == RC_OK && of->put_stays)
		rc = put_set(r, of, &of->stays,
			     sizeof(struct msg_net_secondment),
			     import_put_secondments);
	if (rc == RC_OK && of->put_leave)
		rc = put_set(r, of, &of->leave, sizeof(struct msg_net_leave),
			     import_put_leave);
	return rc;
}

/* --- what leans on it --- */

static enum rc hunt(struct rearrange *r, struct orphan_hunt *h)
{
	struct work *w = r->w;
	struct network_leanings list = {.arena = w->arena};
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < r->n; i++)
		rc = network_lean_on(w->tx,
				     r->v[i].is_site ? NETWORK_OF_SITE
						     : NETWORK_OF_SUBJECT,
				     r->v[i].of, &list, &w->err);
	network_leanings_end(&list);
	return rc == RC_OK ? orphans_find(h, &list) : rc;
}

/* --- words --- */

/* What was changed, as people and the log are told: never a note, never why. */
static const char *describe(struct work *w, const struct msg_roster_change *c)
{
	char from[CIVIL_DATE_LEN + 8] = "", to[CIVIL_DATE_LEN + 8] = "";

	if (c->from != FIELD_NONE)
		civil_show_wall(c->from, from);
	else if (c->first_day != FIELD_NONE)
		civil_show_date(c->first_day, from);
	if (c->to != FIELD_NONE)
		civil_show_wall(c->to, to);
	else if (c->last_day != FIELD_NONE)
		civil_show_date(c->last_day, to);
	return arena_printf(w->arena, "%s %s%s%s%s%s%s%s",
			    words_name(&words_roster, c->change), c->of,
			    c->site ? " at " : "", c->site ? c->site : "",
			    *from ? " from " : "", from, *to ? " to " : "", to);
}

static enum rc describe_all(struct rearrange *r)
{
	const struct msg_roster_change *v = r->in->changes.v;
	struct buf out;

	buf_init(&out, CAUSE_MAX);
	for (size_t i = 0; i < r->in->changes.n && !out.failed; i++) {
		const char *one = describe(r->w, &v[i]);

		if (i)
			buf_str(&out, "; ");
		buf_str(&out, one ? one : "?");
	}
	r->cause = out.failed ? "several changes of rosters"
			      : arena_strndup(r->w->arena, buf_cstr(&out),
					      out.len);
	buf_fini(&out);
	return r->cause ? RC_OK : work_nomem(r->w);
}

/* --- telling --- */

/* The site where a visit is, or was, is told of it, too. */
static enum rc other_site(struct rearrange *r, const struct rearranged *of,
			  const struct msg_roster_change *c, int64_t *out)
{
	const struct msg_net_secondment *v = of->stays.v;
	const char *slug = c->site;
	struct site site;

	*out = of->site.id;
	for (size_t i = 0; !slug && i < of->stays.n; i++)
		if (c->change == ROSTER_END_VISIT && v[i].from == c->first_day)
			slug = v[i].site;
	if (!slug && c->change == ROSTER_END_VISIT)
		slug = of->left;
	if (!slug)
		return RC_OK;
	enum rc rc =
		site_by_slug(r->w->tx, slug, r->w->arena, &site, &r->w->err);

	*out = site.id;
	return rc;
}

static enum rc tell(struct rearrange *r, const struct rearranged *of,
		    const struct msg_roster_change *c)
{
	struct work *w = r->w;
	bool expert = !of->is_site && of->subject.type == SUBJECT_EXPERT;
	struct event event = {
		.actor = w->who->name,
		.actor_site = w->who->site,
		.lead = of->site.id,
		.expert = expert ? of->subject.id : 0,
		.assigned = expert,
		.thing = "roster",
		.id = of->is_site ? of->site.id : of->subject.id,
		.version = of->version + 1,
		.verb = VERB_REROSTER,
		.to_state = words_name(&words_roster, c->change),
		.request_id = w->request_id,
		.class = EVENT_CHANGE,
	};
	const char *what = describe(w, c);
	enum rc rc = other_site(r, of, c, &event.partner);

	event.reason =
		what ? arena_printf(w->arena, "%s: %s", what, r->in->reason)
		     : NULL;
	if (rc != RC_OK)
		return rc;
	return event.reason ? event_append(w->tx, &event, &w->err)
			    : work_nomem(w);
}

static enum rc tell_all(struct rearrange *r)
{
	const struct msg_roster_change *v = r->in->changes.v;
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < r->in->changes.n; i++)
		rc = tell(r, r->whose[i], &v[i]);
	return rc;
}

/* --- the whole --- */

static enum rc view_changed(struct rearrange *r, struct msg_roster_report *out)
{
	struct work *w = r->w;
	struct msg_roster_changed *v = arena_array(w->arena, r->n, sizeof(*v));
	enum rc rc = RC_OK;

	if (r->n && !v)
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < r->n; i++) {
		const struct rearranged *of = &r->v[i];

		v[i].of = of->of;
		v[i].calendar = of->is_site ? of->calendar : NULL;
		rc = of->is_site
			     ? network_version(w->tx, NETWORK_CALENDAR_DAYS,
					       of->calendar, &v[i].version,
					       &w->err)
			     : network_version(w->tx, NETWORK_ROSTER, of->of,
					       &v[i].version, &w->err);
	}
	out->changed = (struct field_list){v, r->n};
	return rc;
}

static void log_it(const struct rearrange *r, const struct orphan_hunt *h,
		   int64_t begun)
{
	log_event(LOG_LVL_INFO, "roster-change", LOG_S("id", r->w->request_id),
		  LOG_N("changes", (int64_t)r->in->changes.n),
		  LOG_N("dry_run", !h->keep), LOG_N("orphaned", h->orphaned),
		  LOG_N("ms", clock_mono_ms(r->w->tx->env->clock) - begun));
}

static enum rc rearrange(struct work *w, const struct msg_roster_changes *in,
			 bool dry, struct msg_roster_report *out)
{
	int64_t begun = clock_mono_ms(w->tx->env->clock);
	struct rearrange r = {
		.w = w, .in = in, .span = {INT64_MAX / 2, INT64_MIN / 2}};
	struct orphan_hunt h = {
		.w = w, .reason = in->reason, .keep = !dry, .seek = dry};
	enum rc rc = rearrange_read(&r);

	proto_clear(&msg_roster_report_table, out);
	for (size_t i = 0; rc == RC_OK && i < r.n; i++)
		rc = put_all(&r, &r.v[i]);
	if (rc == RC_OK)
		rc = describe_all(&r);
	h.cause = r.cause;
	h.span = r.span;
	if (rc == RC_OK)
		rc = hunt(&r, &h);
	if (rc == RC_OK)
		rc = view_changed(&r, out);
	if (rc == RC_OK && !dry)
		rc = tell_all(&r);
	if (rc == RC_OK)
		log_it(&r, &h, begun);
	out->dry_run = dry;
	out->orphaned = h.orphaned;
	out->orphans = h.found;
	out->unchecked = h.unchecked;
	out->unsought = h.unsought;
	return rc;
}

/* What the connection keeps of the network is not what this makes of it. */
enum rc work_roster_plan(struct work *w, const struct msg_roster_changes *in,
			 struct msg_roster_report *out)
{
	struct keep *keep = w->tx->keep;
	enum rc rc = shadow_begin(w->tx, &w->err);

	w->tx->keep = NULL;
	if (rc == RC_OK)
		rc = rearrange(w, in, true, out);
	shadow_end(w->tx);
	w->tx->keep = keep;
	return rc;
}

enum rc work_roster_change(struct work *w, const struct msg_roster_changes *in,
			   struct msg_roster_report *out)
{
	enum rc rc = work_lapse_holds(w);

	w->tx->keep = NULL;
	if (rc == RC_OK)
		rc = rearrange(w, in, false, out);
	return rc == RC_OK ? work_wait_again(w) : rc;
}
