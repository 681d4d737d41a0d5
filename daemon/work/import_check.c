/*
 * What can be wrong with a network file: every fault, each with its pointer.
 * A reference may name a thing of the file or one that is stored already.
 */
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/text.h"
#include "daemon/core/rrule.h"
#include "daemon/store/network.h"
#include "daemon/work/tools.h"

struct name {
	const char *s;
	size_t index;
};

/* The names that one part of the file gives, sorted. */
struct names {
	struct name *v;
	size_t n;
};

struct check {
	struct work *w;
	const struct msg_network *in;
	struct names sites, agreements, resources, experts, calendars, limits;
	enum rc broken; /* not the file's fault: the store's, or memory's */
};

/* One fault at "/part/index/field". */
static void fault(struct check *c, const char *part, size_t index,
		  const char *field, const char *text)
{
	const char *pointer =
		arena_printf(c->w->arena, "/%s/%zu/%s", part, index, field);

	if (!pointer)
		c->broken = work_nomem(c->w);
	else
		(void)work_fault(c->w, pointer, "%s", text);
}

/* --- names --- */

static int by_name(const void *a, const void *b)
{
	const struct name *x = a, *y = b;
	int order = strcmp(x->s, y->s);

	return order ? order : (x->index > y->index) - (x->index < y->index);
}

/* Elements of `size` bytes whose first member is their name. */
static struct names read_names(struct check *c, const struct field_list *list,
			       size_t size, const char *part)
{
	struct names names = {.n = list->n};

	names.v = arena_array(c->w->arena, list->n, sizeof(*names.v));
	if (list->n && !names.v) {
		c->broken = work_nomem(c->w);
		return (struct names){0};
	}
	for (size_t i = 0; i < list->n; i++) {
		memcpy(&names.v[i].s, (const char *)list->v + i * size,
		       sizeof(names.v[i].s));
		names.v[i].index = i;
	}
	if (names.n)
		qsort(names.v, names.n, sizeof(*names.v), by_name);
	for (size_t i = 1; i < names.n; i++) {
		if (!strcmp(names.v[i - 1].s, names.v[i].s))
			fault(c, part, names.v[i].index, "id",
			      "stands in the file twice");
	}
	return names;
}

static int find_name(const void *key, const void *element)
{
	return strcmp(key, ((const struct name *)element)->s);
}

static bool has_name(const struct names *names, const char *s)
{
	return names->n &&
	       bsearch(s, names->v, names->n, sizeof(*names->v), find_name);
}

/* In the file or in the store. */
static bool known(struct check *c, const struct names *names,
		  enum network_sort sort, const char *s)
{
	bool stored = false;

	if (has_name(names, s))
		return true;
	enum rc rc = network_has(c->w->tx, sort, s, &stored, &c->w->err);

	if (rc != RC_OK)
		c->broken = rc;
	return stored;
}

static bool known_subject(struct check *c, const char *s)
{
	return has_name(&c->experts, s) ||
	       known(c, &c->resources, NETWORK_SUBJECT, s);
}

static void check_zone(struct check *c, const char *zone, const char *part,
		       size_t i)
{
	const struct tz *tz;

	if (tz_get(c->w->tx->env->zones, zone, &tz, NULL) != RC_OK)
		fault(c, part, i, "time_zone", "is no IANA time zone");
}

/* --- parts --- */

static void check_sites(struct check *c)
{
	const struct msg_net_site *v = c->in->sites.v;

	for (size_t i = 0; i < c->in->sites.n; i++) {
		check_zone(c, v[i].time_zone, "sites", i);
		if (v[i].calendar &&
		    !known(c, &c->calendars, NETWORK_CALENDAR, v[i].calendar))
			fault(c, "sites", i, "calendar",
			      "there is no such calendar");
	}
}

static void check_agreements(struct check *c)
{
	const struct msg_net_agreement *v = c->in->agreements.v;

	for (size_t i = 0; i < c->in->agreements.n; i++) {
		if (!known(c, &c->sites, NETWORK_SITE, v[i].lead))
			fault(c, "agreements", i, "lead",
			      "there is no such site");
		if (!known(c, &c->sites, NETWORK_SITE, v[i].partner))
			fault(c, "agreements", i, "partner",
			      "there is no such site");
		if (!strcmp(v[i].lead, v[i].partner))
			fault(c, "agreements", i, "partner",
			      "must be another site than the lead");
		if (v[i].valid_to < v[i].valid_from)
			fault(c, "agreements", i, "valid_to",
			      "must not be before valid_from");
		if (v[i].limits &&
		    !known(c, &c->limits, NETWORK_LIMITS, v[i].limits))
			fault(c, "agreements", i, "limits",
			      "there is no such limit set");
	}
}

static void check_resources(struct check *c)
{
	const struct msg_net_resource *v = c->in->resources.v;

	for (size_t i = 0; i < c->in->resources.n; i++) {
		size_t len = strcspn(v[i].id, "/");
		const char *site = arena_strndup(c->w->arena, v[i].id, len);

		if (!site)
			c->broken = work_nomem(c->w);
		else if (!known(c, &c->sites, NETWORK_SITE, site))
			fault(c, "resources", i, "id",
			      "begins with no known site");
	}
}

static void check_experts(struct check *c)
{
	const struct msg_net_expert *v = c->in->experts.v;

	for (size_t i = 0; i < c->in->experts.n; i++) {
		if (!known(c, &c->sites, NETWORK_SITE, v[i].home))
			fault(c, "experts", i, "home", "there is no such site");
	}
}

static void check_rule(struct check *c, const struct msg_net_rule *r,
		       const char *part, size_t i)
{
	struct rrule rrule;
	struct err err = ERR_INIT;

	if (rrule_parse(r->rrule, strlen(r->rrule), &rrule, &err) != RC_OK)
		fault(c, part, i, "rrule", err.text);
	check_zone(c, r->time_zone, part, i);
	if (r->end <= r->start)
		fault(c, part, i, "end", "must be after start");
	if (r->end - r->start > CORE_RULE_MAX)
		fault(c, part, i, "end", "is more than a week after start");
	if (r->at && !known(c, &c->resources, NETWORK_SUBJECT, r->at))
		fault(c, part, i, "at", "there is no such resource");
}

static void check_availability(struct check *c)
{
	const struct msg_net_rule *v = c->in->availability.v;

	for (size_t i = 0; i < c->in->availability.n; i++) {
		check_rule(c, &v[i], "availability", i);
		if (!v[i].of || !known_subject(c, v[i].of))
			fault(c, "availability", i, "of",
			      "there is no such expert or resource");
	}
}

static void check_secondments(struct check *c)
{
	const struct msg_net_secondment *v = c->in->secondments.v;

	for (size_t i = 0; i < c->in->secondments.n; i++) {
		const struct msg_net_rule *rules = v[i].availability.v;
		const char *part = arena_printf(
			c->w->arena, "secondments/%zu/availability", i);

		if (!known(c, &c->experts, NETWORK_SUBJECT, v[i].expert))
			fault(c, "secondments", i, "expert",
			      "there is no such expert");
		if (!known(c, &c->sites, NETWORK_SITE, v[i].site))
			fault(c, "secondments", i, "site",
			      "there is no such site");
		if (v[i].to < v[i].from)
			fault(c, "secondments", i, "to",
			      "must not be before from");
		for (size_t k = 0; part && k < v[i].availability.n; k++)
			check_rule(c, &rules[k], part, k);
		if (!part)
			c->broken = work_nomem(c->w);
	}
}

enum rc work_import_check(struct work *w, const struct msg_network *in)
{
	struct check c = {.w = w, .in = in};

	c.sites = read_names(&c, &in->sites, sizeof(struct msg_net_site),
			     "sites");
	c.agreements =
		read_names(&c, &in->agreements,
			   sizeof(struct msg_net_agreement), "agreements");
	c.resources = read_names(&c, &in->resources,
				 sizeof(struct msg_net_resource), "resources");
	c.experts = read_names(&c, &in->experts, sizeof(struct msg_net_expert),
			       "experts");
	c.calendars = read_names(&c, &in->calendars,
				 sizeof(struct msg_net_calendar), "calendars");
	c.limits = read_names(&c, &in->limit_sets,
			      sizeof(struct msg_net_limits), "limit_sets");
	if (c.broken == RC_OK) {
		check_sites(&c);
		check_agreements(&c);
		check_resources(&c);
		check_experts(&c);
		check_availability(&c);
		check_secondments(&c);
	}
	if (c.broken != RC_OK)
		return c.broken;
	return w->faults.n ? RC_INVALID : RC_OK;
}
