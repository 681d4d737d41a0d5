/*
 * What can be wrong with a network file: every fault, each with its pointer.
 * A reference may name a thing of the file or one that is stored already.
 *
 * A file with faults of form is looked at all the same, so that its writer
 * hears of everything at once: what could not be read is absent here, and
 * nothing is said about it a second time.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/work/import.h"

#define POINTER_MAX 300 /* words and numbers of ours, and one slug */

/* --- faults --- */

/* Does the one pointer name what the other names, or a part of it? */
static bool lies_in(const char *inner, const char *outer)
{
	size_t len = strlen(outer);

	return !strncmp(inner, outer, len) &&
	       (!inner[len] || inner[len] == '/');
}

void import_fault(struct import_check *c, const char *detail,
		  const char *pointer, ...)
{
	char text[POINTER_MAX];
	va_list ap;

	va_start(ap, pointer);
	vsnprintf(text, sizeof(text), pointer, ap);
	va_end(ap);
	for (size_t i = 0; i < c->nform; i++) {
		if (lies_in(text, c->w->faults.v[i].pointer))
			return;
	}
	const char *copy = arena_strndup(c->w->arena, text, strlen(text));

	if (!copy)
		c->broken = work_nomem(c->w);
	else
		(void)work_fault(c->w, copy, "%s", detail);
}

const char *import_said(struct import_check *c, const char *before,
			const char *name, const char *after)
{
	const char *text =
		arena_printf(c->w->arena, "%s%s%s", before, name, after);

	if (!text)
		c->broken = work_nomem(c->w);
	return text ? text : before;
}

bool import_unread(struct import_check *c, const char *pointer)
{
	for (size_t i = 0; i < c->nform; i++) {
		const char *form = c->w->faults.v[i].pointer;

		if (lies_in(form, pointer) || lies_in(pointer, form))
			return true;
	}
	return false;
}

/* --- names --- */

/* Was the list as a whole, or an element, not what it should be? Then nobody
 * can say which names it would have had. */
static bool is_unread(struct import_check *c, const char *part)
{
	size_t len = strlen(part);

	for (size_t i = 0; i < c->nform; i++) {
		const char *at = c->w->faults.v[i].pointer;

		if (!lies_in(at, part))
			continue;
		at += len;
		if (!*at || !strchr(at + 1, '/'))
			return true;
	}
	return false;
}

static void read_names(struct import_check *c, const struct field_list *list,
		       size_t size, const char *part, struct import_names *out)
{
	enum rc rc = import_names(c->w, list, size, out);

	if (rc != RC_OK)
		c->broken = rc;
	for (size_t i = 1; i < out->n; i++) {
		if (!strcmp(out->v[i - 1].s, out->v[i].s))
			import_fault(c,
				     import_said(c, "", out->v[i].s,
						 " stands in the file twice"),
				     "%s/%zu/id", part, out->v[i].index);
	}
	out->unread = is_unread(c, part);
}

bool import_knows(struct import_check *c, const struct import_names *names,
		  enum network_sort sort, const char *s)
{
	bool stored = false;

	if (names->unread || import_names_has(names, s))
		return true;
	enum rc rc = network_has(c->w->tx, sort, s, &stored, &c->w->err);

	if (rc != RC_OK)
		c->broken = rc;
	return stored;
}

bool import_knows_site(struct import_check *c, const char *s)
{
	return import_knows(c, &c->sites, NETWORK_SITE, s);
}

bool import_knows_subject(struct import_check *c, const char *s)
{
	return import_knows(c, strchr(s, '/') ? &c->resources : &c->experts,
			    NETWORK_SUBJECT, s);
}

bool import_knows_zone(struct import_check *c, const char *zone)
{
	const struct tz *tz;

	return tz_get(c->w->tx->env->zones, zone, &tz, NULL) == RC_OK;
}

/* --- parts --- */

#define NO_SITE(name) import_said(c, "there is no site ", name, "")

static void check_sites(struct import_check *c)
{
	const struct msg_net_site *v = c->in->sites.v;

	for (size_t i = 0; i < c->in->sites.n; i++) {
		if (v[i].time_zone && !import_knows_zone(c, v[i].time_zone))
			import_fault(c, "is no IANA time zone",
				     "/sites/%zu/time_zone", i);
		if (v[i].calendar &&
		    !import_knows(c, &c->calendars, NETWORK_CALENDAR,
				  v[i].calendar))
			import_fault(c,
				     import_said(c, "there is no calendar ",
						 v[i].calendar, ""),
				     "/sites/%zu/calendar", i);
	}
}

/* A day works as one weekday. */
static void check_calendar(struct import_check *c,
			   const struct msg_net_calendar *calendar)
{
	const struct msg_net_shift *v = calendar->shifted_workdays.v;

	for (size_t i = 0; i < calendar->shifted_workdays.n; i++) {
		for (size_t k = 0; k < i && v[i].date != FIELD_NONE; k++) {
			if (v[k].date != v[i].date)
				continue;
			import_fault(c, "stands there twice",
				     "/calendars/%s/shifted_workdays/%zu/date",
				     calendar->name, i);
			break;
		}
	}
}

static void check_calendars(struct import_check *c)
{
	const struct msg_net_calendar *v = c->in->calendars.v;

	for (size_t i = 0; i < c->in->calendars.n; i++) {
		if (v[i].name)
			check_calendar(c, &v[i]);
	}
}

static void check_parties(struct import_check *c, size_t i,
			  const struct msg_net_agreement *a)
{
	if (a->lead && !import_knows_site(c, a->lead))
		import_fault(c, NO_SITE(a->lead), "/agreements/%zu/lead", i);
	if (a->partner && !import_knows_site(c, a->partner))
		import_fault(c, NO_SITE(a->partner), "/agreements/%zu/partner",
			     i);
	if (a->lead && a->partner && !strcmp(a->lead, a->partner))
		import_fault(c, "must be another site than the lead",
			     "/agreements/%zu/partner", i);
}

static void check_agreements(struct import_check *c)
{
	const struct msg_net_agreement *v = c->in->agreements.v;

	for (size_t i = 0; i < c->in->agreements.n; i++) {
		check_parties(c, i, &v[i]);
		if (v[i].valid_from != FIELD_NONE &&
		    v[i].valid_to != FIELD_NONE &&
		    v[i].valid_to < v[i].valid_from)
			import_fault(c, "must not be before valid_from",
				     "/agreements/%zu/valid_to", i);
		if (v[i].limits &&
		    !import_knows(c, &c->limits, NETWORK_LIMITS, v[i].limits))
			import_fault(c,
				     import_said(c, "there is no limit set ",
						 v[i].limits, ""),
				     "/agreements/%zu/limits", i);
	}
}

static void check_resources(struct import_check *c)
{
	const struct msg_net_resource *v = c->in->resources.v;

	for (size_t i = 0; i < c->in->resources.n; i++) {
		if (!v[i].id)
			continue;
		const char *site = arena_strndup(c->w->arena, v[i].id,
						 strcspn(v[i].id, "/"));

		if (!site)
			c->broken = work_nomem(c->w);
		else if (!import_knows_site(c, site))
			import_fault(c, NO_SITE(site), "/resources/%zu/id", i);
	}
}

static void check_experts(struct import_check *c)
{
	const struct msg_net_expert *v = c->in->experts.v;

	for (size_t i = 0; i < c->in->experts.n; i++) {
		if (v[i].home && !import_knows_site(c, v[i].home))
			import_fault(c, NO_SITE(v[i].home), "/experts/%zu/home",
				     i);
	}
}

/* --- the whole --- */

static void read_all_names(struct import_check *c)
{
	const struct msg_network *in = c->in;

	read_names(c, &in->sites, sizeof(struct msg_net_site), "/sites",
		   &c->sites);
	read_names(c, &in->agreements, sizeof(struct msg_net_agreement),
		   "/agreements", &c->agreements);
	read_names(c, &in->resources, sizeof(struct msg_net_resource),
		   "/resources", &c->resources);
	read_names(c, &in->experts, sizeof(struct msg_net_expert), "/experts",
		   &c->experts);
	read_names(c, &in->calendars, sizeof(struct msg_net_calendar),
		   "/calendars", &c->calendars);
	read_names(c, &in->limit_sets, sizeof(struct msg_net_limits),
		   "/limit_sets", &c->limits);
}

static void (*const checks[])(struct import_check *) = {
	check_sites,	    check_calendars,	       import_check_limits,
	check_agreements,   import_check_shares,       check_resources,
	check_experts,	    import_check_availability, import_check_secondments,
	import_check_leave, import_check_transfers,    import_check_on_call,
};

static enum rc sum_up(struct work *w)
{
	size_t all = w->faults.n + w->faults.dropped;

	if (!all)
		return RC_OK;
	return w->faults.dropped
		       ? err_set(&w->err, RC_INVALID,
				 "the file has %zu faults; these are the first"
				 " %zu, %zu more are not listed",
				 all, w->faults.n, w->faults.dropped)
		       : err_set(&w->err, RC_INVALID,
				 "the file has %zu fault%s", all,
				 all > 1 ? "s" : "");
}

enum rc work_import_check(struct work *w, const struct msg_network *in)
{
	struct import_check c = {.w = w, .in = in, .nform = w->faults.n};

	read_all_names(&c);
	for (size_t i = 0;
	     c.broken == RC_OK && i < sizeof(checks) / sizeof(checks[0]); i++)
		checks[i](&c);
	return c.broken == RC_OK ? sum_up(w) : c.broken;
}
