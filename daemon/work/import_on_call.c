/* The rosters of a network file: what can be wrong with them, and loading them
 * (import.h). A roster of a site of the file that the file does not list is
 * taken away; swaps stay. */
#include <string.h>

#include "daemon/core/roster.h"
#include "daemon/store/network_read.h"
#include "daemon/work/import.h"

/* --- checking --- */

static bool is_same(const struct msg_net_roster *a,
		    const struct msg_net_roster *b)
{
	return a->site && b->site && a->specialty && b->specialty &&
	       a->level == b->level && !strcmp(a->site, b->site) &&
	       !strcmp(a->specialty, b->specialty);
}

static void check_duty(struct import_check *c, const struct msg_net_on_call *p,
		       const char *at)
{
	struct rrule rrule;
	struct err err = ERR_INIT;

	if (!p->rrule) {
		import_fault(c, "is required: the roster has no turn_days",
			     "%s/rrule", at);
		return;
	}
	if (rrule_parse(p->rrule, strlen(p->rrule), &rrule, &err) != RC_OK)
		import_fault(c, err.text, "%s/rrule", at);
	if (p->start == FIELD_NONE)
		import_fault(c, "is required with rrule", "%s/start", at);
	if (p->end == FIELD_NONE)
		import_fault(c, "is required with rrule", "%s/end", at);
	if (p->start == FIELD_NONE || p->end == FIELD_NONE)
		return;
	if (p->end <= p->start)
		import_fault(c, "must be after start", "%s/end", at);
	else if (p->end - p->start > CORE_RULE_MAX)
		import_fault(c, "is more than a week after start", "%s/end",
			     at);
}

static void check_person(struct import_check *c, const struct msg_net_roster *r,
			 const struct msg_net_on_call *p, const char *at)
{
	if (p->expert && !import_knows_subject(c, p->expert))
		import_fault(
			c, import_said(c, "there is no expert ", p->expert, ""),
			"%s/expert", at);
	if (r->turn_days == FIELD_NONE)
		check_duty(c, p, at);
	else if (p->rrule || p->start != FIELD_NONE || p->end != FIELD_NONE)
		import_fault(c, "who takes turns has no duty of their own",
			     "%s/rrule", at);
}

static void check_people(struct import_check *c, const struct msg_net_roster *r,
			 size_t i)
{
	const struct msg_net_on_call *v = r->people.v;

	for (size_t k = 0; k < r->people.n; k++) {
		const char *at = arena_printf(c->w->arena,
					      "/on_call/%zu/people/%zu", i, k);

		if (at)
			check_person(c, r, &v[k], at);
		else
			c->broken = work_nomem(c->w);
	}
	if (r->people.n == 0)
		import_fault(c, "must name somebody", "/on_call/%zu/people", i);
}

static void check_roster(struct import_check *c, const struct msg_net_roster *r,
			 size_t i)
{
	if (r->site && !import_knows_site(c, r->site))
		import_fault(c,
			     import_said(c, "there is no site ", r->site, ""),
			     "/on_call/%zu/site", i);
	if (r->time_zone && !import_knows_zone(c, r->time_zone))
		import_fault(c, "is no IANA time zone",
			     "/on_call/%zu/time_zone", i);
	if (r->turn_days != FIELD_NONE && r->start == FIELD_NONE)
		import_fault(c, "is required with turn_days",
			     "/on_call/%zu/start", i);
	if (r->start != FIELD_NONE && r->until != FIELD_NONE &&
	    r->until <= r->start)
		import_fault(c, "must be after start", "/on_call/%zu/until", i);
	check_people(c, r, i);
}

void import_check_on_call(struct import_check *c)
{
	const struct msg_net_roster *v = c->in->on_call.v;

	for (size_t i = 0; i < c->in->on_call.n; i++) {
		check_roster(c, &v[i], i);
		for (size_t k = 0; k < i; k++) {
			if (!is_same(&v[k], &v[i]))
				continue;
			import_fault(c, "stands in the file twice",
				     "/on_call/%zu/level", i);
			break;
		}
	}
}

/* --- loading --- */

static const char *name_of(struct import *l, const char *site,
			   const char *specialty, int64_t level)
{
	return arena_printf(l->w->arena, "%s %s %lld", site, specialty,
			    (long long)level);
}

static enum rc put_roster(struct import *l, const struct msg_net_roster *r,
			  enum network_put *put)
{
	const struct msg_net_on_call *in = r->people.v;
	size_t n = r->people.n;
	struct network_on_call *people =
		arena_array(l->w->arena, n, sizeof(*people));
	struct network_roster roster = {
		.site = r->site,
		.specialty = r->specialty,
		.time_zone = r->time_zone,
		.reach = r->reach,
		.level = r->level,
		.days = r->turn_days == FIELD_NONE ? 0 : r->turn_days,
		.start = r->start,
		.until = r->until,
		.people = people,
		.npeople = n,
	};

	if (n && !people)
		return work_nomem(l->w);
	for (size_t i = 0; i < n; i++)
		people[i] = (struct network_on_call){in[i].expert, in[i].reach,
						     in[i].rrule, in[i].start,
						     in[i].end};
	return network_put_roster(l->w->tx, &roster, put, &l->w->err);
}

static bool is_listed(const struct import *l, const struct network_roster *r)
{
	const struct msg_net_roster *v = l->in->on_call.v;
	const struct msg_net_roster stored = {
		.site = r->site, .specialty = r->specialty, .level = r->level};

	for (size_t i = 0; i < l->in->on_call.n; i++) {
		if (is_same(&v[i], &stored))
			return true;
	}
	return false;
}

static enum rc remove_unlisted(struct import *l)
{
	struct network_list stored;
	enum rc rc = network_read_rosters(l->w->tx, l->w->arena, &stored,
					  &l->w->err);
	const struct network_stored_roster *v = stored.v;

	for (size_t i = 0; rc == RC_OK && i < stored.n; i++) {
		const struct network_roster *r = &v[i].roster;
		const char *name = name_of(l, r->site, r->specialty, r->level);

		if (!import_names_has(&l->sites, r->site) || is_listed(l, r))
			continue;
		rc = network_delete_roster(l->w->tx, r, &l->w->err);
		if (rc == RC_OK && !name)
			return work_nomem(l->w);
		if (rc == RC_OK)
			import_removed(l, IMPORT_ON_CALL, name);
	}
	return rc;
}

enum rc import_load_on_call(struct import *l)
{
	const struct msg_net_roster *v = l->in->on_call.v;
	enum rc rc = remove_unlisted(l);

	for (size_t i = 0; rc == RC_OK && i < l->in->on_call.n; i++) {
		enum network_put put = NETWORK_SAME;
		const char *name =
			name_of(l, v[i].site, v[i].specialty, v[i].level);

		rc = put_roster(l, &v[i], &put);
		if (rc != RC_OK)
			return import_failed_at(l, rc, IMPORT_ON_CALL, i);
		if (!name)
			return work_nomem(l->w);
		import_done(l, IMPORT_ON_CALL, name, put);
	}
	return rc;
}
