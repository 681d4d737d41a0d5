/* Loading a network file into the store, part by part (work.h). */
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "daemon/store/network.h"
#include "daemon/work/tools.h"

#define MIN_YEARS 3 /* the telemedicine service rules of 2018 */
#define WARNINGS_MAX 200

enum part {
	PART_SITES,
	PART_CALENDARS,
	PART_LIMITS,
	PART_AGREEMENTS,
	PART_RESOURCES,
	PART_EXPERTS,
	PART_AVAILABILITY,
	PART_SECONDMENTS,
	PART_COUNT
};

static const char *const part_names[PART_COUNT] = {
	"sites",     "calendars", "limit_sets",	  "agreements",
	"resources", "experts",	  "availability", "secondments",
};

struct load {
	struct work *w;
	const struct msg_network *in;
	struct msg_import_count *counts;
};

static void count(struct load *l, enum part part, enum network_put put)
{
	struct msg_import_count *c = &l->counts[part];

	c->created += put == NETWORK_CREATED;
	c->changed += put == NETWORK_CHANGED;
	c->unchanged += put == NETWORK_SAME;
}

/* A failure of the store, said with the element that met it. */
static enum rc failed_at(struct load *l, enum rc rc, enum part part, size_t i)
{
	char why[ERR_TEXT_MAX];

	if (rc != RC_REFUSED && rc != RC_RULE && rc != RC_NOT_FOUND)
		return rc;
	memcpy(why, l->w->err.text, sizeof(why));
	const char *pointer =
		arena_printf(l->w->arena, "/%s/%zu", part_names[part], i);

	return pointer ? work_fault(l->w, pointer, "cannot be stored: %s", why)
		       : work_nomem(l->w);
}

static enum rc load_sites(struct load *l)
{
	const struct msg_net_site *v = l->in->sites.v;
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < l->in->sites.n; i++) {
		const struct network_site site = {
			.slug = v[i].id,
			.name = v[i].name,
			.short_name = v[i].short_name,
			.tier = v[i].tier,
			.time_zone = v[i].time_zone,
			.calendar = v[i].calendar,
		};
		enum network_put put;

		rc = network_put_site(l->w->tx, &site, &put, &l->w->err);
		if (rc != RC_OK)
			return failed_at(l, rc, PART_SITES, i);
		count(l, PART_SITES, put);
	}
	return rc;
}

static int weekday_of(const char *name)
{
	static const char days[] = "MOTUWETHFRSASU";
	const char *at = strstr(days, name);

	return at ? (int)(at - days) / 2 : -1;
}

static int by_day(const void *a, const void *b)
{
	const struct network_day *x = a, *y = b;

	return (x->day > y->day) - (x->day < y->day);
}

/* Days off and shifted workdays as one list, by day, each day once: what a
 * day works as wins over its being off. */
static size_t days_of(const struct msg_net_calendar *c,
		      struct network_day *days)
{
	const struct msg_net_shift *shifts = c->shifted_workdays.v;
	size_t n = 0, kept = 0;

	for (size_t i = 0; i < c->shifted_workdays.n; i++)
		days[n++] = (struct network_day){
			shifts[i].date, weekday_of(shifts[i].works_as)};
	for (size_t i = 0; i < c->days_off.n; i++) {
		days[n].works_as = -1;
		if (civil_read_date(c->days_off.v[i], strlen(c->days_off.v[i]),
				    &days[n].day))
			n++;
	}
	if (n)
		qsort(days, n, sizeof(*days), by_day);
	for (size_t i = 0; i < n; i++) {
		if (kept && days[kept - 1].day == days[i].day) {
			if (days[i].works_as >= 0)
				days[kept - 1] = days[i];
		} else {
			days[kept++] = days[i];
		}
	}
	return kept;
}

static enum rc load_calendars(struct load *l)
{
	const struct msg_net_calendar *v = l->in->calendars.v;
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < l->in->calendars.n; i++) {
		size_t most = v[i].days_off.n + v[i].shifted_workdays.n;
		struct network_day *days =
			arena_array(l->w->arena, most, sizeof(*days));
		enum network_put put;

		if (most && !days)
			return work_nomem(l->w);
		size_t n = days_of(&v[i], days);

		rc = network_put_calendar(l->w->tx, v[i].name, days, n, &put,
					  &l->w->err);
		if (rc == RC_OK)
			count(l, PART_CALENDARS, put);
	}
	return rc;
}

static struct network_limit limit_of(const struct msg_net_limit *in)
{
	if (!in)
		return (struct network_limit){INT64_MIN, INT64_MIN, INT64_MIN};
	return (struct network_limit){in->answer_minutes, in->start_minutes,
				      in->opinion_minutes};
}

static enum rc load_limits(struct load *l)
{
	const struct msg_net_limits *v = l->in->limit_sets.v;
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < l->in->limit_sets.n; i++) {
		const struct network_limit limits[URGENCY_COUNT] = {
			[URGENCY_EMERGENCY] = limit_of(v[i].emergency),
			[URGENCY_URGENT] = limit_of(v[i].urgent),
			[URGENCY_ROUTINE] = limit_of(v[i].routine),
		};
		enum network_put put;

		rc = network_put_limits(l->w->tx, v[i].name, limits, &put,
					&l->w->err);
		if (rc == RC_OK)
			count(l, PART_LIMITS, put);
	}
	return rc;
}

static enum rc load_agreements(struct load *l)
{
	const struct msg_net_agreement *v = l->in->agreements.v;
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < l->in->agreements.n; i++) {
		const struct network_agreement a = {
			.slug = v[i].id,
			.alliance = v[i].alliance,
			.lead = v[i].lead,
			.partner = v[i].partner,
			.limits = v[i].limits,
			.valid_from = v[i].valid_from,
			.valid_to = v[i].valid_to,
			.min_independent_years =
				v[i].min_independent_years == FIELD_NONE
					? MIN_YEARS
					: v[i].min_independent_years,
			.kinds = v[i].kinds,
			.quota = v[i].quota_per_month,
			.specialties = v[i].specialties.v,
			.nspecialties = v[i].specialties.n,
		};
		enum network_put put;

		rc = network_put_agreement(l->w->tx, &a, &put, &l->w->err);
		if (rc != RC_OK)
			return failed_at(l, rc, PART_AGREEMENTS, i);
		count(l, PART_AGREEMENTS, put);
	}
	return rc;
}

static enum rc load_resources(struct load *l)
{
	const struct msg_net_resource *v = l->in->resources.v;
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < l->in->resources.n; i++) {
		const struct network_subject s = {
			.type = (enum subject_type)v[i].type,
			.slug = v[i].id,
			.site = arena_strndup(l->w->arena, v[i].id,
					      strcspn(v[i].id, "/")),
			.name = v[i].name,
			.capacity = v[i].capacity,
		};
		enum network_put put;

		if (!s.site)
			return work_nomem(l->w);
		rc = network_put_subject(l->w->tx, &s, &put, &l->w->err);
		if (rc != RC_OK)
			return failed_at(l, rc, PART_RESOURCES, i);
		count(l, PART_RESOURCES, put);
	}
	return rc;
}

static enum rc load_expert(struct load *l, const struct msg_net_expert *e,
			   enum network_put *put)
{
	const struct network_subject s = {
		.type = SUBJECT_EXPERT,
		.slug = e->id,
		.site = e->home,
		.name = e->name,
		.capacity = 1,
	};
	const struct network_expert expert = {
		.slug = e->id,
		.title = e->title,
		.independent_since = e->independent_since,
		.buffer_minutes =
			e->buffer_minutes == FIELD_NONE ? 0 : e->buffer_minutes,
		.cap_per_day =
			e->cap_per_day == FIELD_NONE ? 0 : e->cap_per_day,
		.kinds = e->kinds,
		.words = {{"specialty", e->specialties.v, e->specialties.n},
			  {"modality", e->modalities.v, e->modalities.n},
			  {"language", e->languages.v, e->languages.n}},
	};
	enum rc rc = network_put_subject(l->w->tx, &s, put, &l->w->err);

	return rc == RC_OK
		       ? network_put_expert(l->w->tx, &expert, put, &l->w->err)
		       : rc;
}

static enum rc load_experts(struct load *l)
{
	const struct msg_net_expert *v = l->in->experts.v;
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < l->in->experts.n; i++) {
		enum network_put put;

		rc = load_expert(l, &v[i], &put);
		if (rc != RC_OK)
			return failed_at(l, rc, PART_EXPERTS, i);
		count(l, PART_EXPERTS, put);
	}
	return rc;
}

/* --- rules: those of one subject together --- */

static struct network_rule rule_of(const struct msg_net_rule *r)
{
	return (struct network_rule){
		.rrule = r->rrule,
		.time_zone = r->time_zone,
		.at = r->at,
		.start = r->start,
		.end = r->end,
		.kinds = r->kinds,
		.slot_minutes =
			r->slot_minutes == FIELD_NONE ? 0 : r->slot_minutes,
		.on_holidays = r->on_holidays,
	};
}

/* Pointers into the file's rules, by subject and then by their place. */
static int by_subject(const void *a, const void *b)
{
	const struct msg_net_rule *x = *(const struct msg_net_rule *const *)a;
	const struct msg_net_rule *y = *(const struct msg_net_rule *const *)b;
	int order = strcmp(x->of, y->of);

	return order ? order : (x > y) - (x < y);
}

static enum rc put_rules(struct load *l, const char *subject,
			 const struct msg_net_rule **v, size_t n)
{
	struct network_rule *rules =
		arena_array(l->w->arena, n, sizeof(*rules));
	enum network_put put;

	if (n && !rules)
		return work_nomem(l->w);
	for (size_t i = 0; i < n; i++)
		rules[i] = rule_of(v[i]);
	enum rc rc = network_put_rules(l->w->tx, subject, rules, n, &put,
				       &l->w->err);

	if (rc == RC_OK && n)
		count(l, PART_AVAILABILITY, put);
	else if (rc == RC_OK && put == NETWORK_CHANGED)
		l->counts[PART_AVAILABILITY].removed++;
	return rc;
}

static int find_subject(const void *key, const void *element)
{
	return strcmp(key, (*(const struct msg_net_rule *const *)element)->of);
}

/* A subject of the file that no rule of the file names has none. */
static enum rc clear_unnamed(struct load *l, const struct msg_net_rule **v,
			     size_t n, const struct field_list *subjects,
			     size_t size)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < subjects->n; i++) {
		const char *slug;

		memcpy(&slug, (const char *)subjects->v + i * size,
		       sizeof(slug));
		if (!n ||
		    !bsearch(slug, v, n, sizeof(const void *), find_subject))
			rc = put_rules(l, slug, NULL, 0);
	}
	return rc;
}

static enum rc load_availability(struct load *l)
{
	const struct msg_net_rule *in = l->in->availability.v;
	size_t n = l->in->availability.n;
	const struct msg_net_rule **v =
		arena_array(l->w->arena, n, sizeof(const void *));
	enum rc rc = RC_OK;

	if (n && !v)
		return work_nomem(l->w);
	for (size_t i = 0; i < n; i++)
		v[i] = &in[i];
	if (n)
		qsort(v, n, sizeof(const void *), by_subject);
	for (size_t i = 0, k; rc == RC_OK && i < n; i = k) {
		for (k = i + 1; k < n && !strcmp(v[k]->of, v[i]->of); k++)
			;
		rc = put_rules(l, v[i]->of, v + i, k - i);
		if (rc != RC_OK)
			return failed_at(l, rc, PART_AVAILABILITY,
					 (size_t)(v[i] - in));
	}
	if (rc == RC_OK)
		rc = clear_unnamed(l, v, n, &l->in->experts,
				   sizeof(struct msg_net_expert));
	if (rc == RC_OK)
		rc = clear_unnamed(l, v, n, &l->in->resources,
				   sizeof(struct msg_net_resource));
	return rc;
}

static enum rc fill_secondment(struct load *l,
			       const struct msg_net_secondment *s,
			       struct network_secondment *out)
{
	const struct msg_net_rule *in = s->availability.v;
	size_t n = s->availability.n;
	struct network_rule *rules =
		arena_array(l->w->arena, n, sizeof(*rules));

	if (n && !rules)
		return work_nomem(l->w);
	for (size_t i = 0; i < n; i++)
		rules[i] = rule_of(&in[i]);
	*out = (struct network_secondment){
		.site = s->site,
		.remote_requests =
			s->remote_requests ? s->remote_requests : "refuse",
		.note = s->note,
		.from = s->from,
		.to = s->to,
		.rules = rules,
		.nrules = n,
	};
	return RC_OK;
}

/* Every expert of the file has exactly the secondments that it lists. */
static enum rc load_expert_secondments(struct load *l, const char *expert,
				       struct network_secondment *v)
{
	const struct msg_net_secondment *in = l->in->secondments.v;
	enum network_put put;
	enum rc rc = RC_OK;
	size_t n = 0;

	for (size_t i = 0; rc == RC_OK && i < l->in->secondments.n; i++) {
		if (!strcmp(in[i].expert, expert))
			rc = fill_secondment(l, &in[i], &v[n++]);
	}
	if (rc == RC_OK)
		rc = network_put_secondments(l->w->tx, expert, v, n, &put,
					     &l->w->err);
	if (rc == RC_OK && n)
		count(l, PART_SECONDMENTS, put);
	else if (rc == RC_OK && put == NETWORK_CHANGED)
		l->counts[PART_SECONDMENTS].removed++;
	return rc;
}

/* Is this the file's first secondment of an expert whom it does not describe
 * besides? */
static bool only_seconded(const struct msg_network *in, size_t at)
{
	const struct msg_net_secondment *v = in->secondments.v;
	const struct msg_net_expert *experts = in->experts.v;

	for (size_t i = 0; i < at; i++) {
		if (!strcmp(v[i].expert, v[at].expert))
			return false;
	}
	for (size_t i = 0; i < in->experts.n; i++) {
		if (!strcmp(experts[i].id, v[at].expert))
			return false;
	}
	return true;
}

static enum rc load_secondments(struct load *l)
{
	const struct msg_net_expert *experts = l->in->experts.v;
	const struct msg_net_secondment *in = l->in->secondments.v;
	size_t n = l->in->secondments.n;
	struct network_secondment *v = arena_array(l->w->arena, n, sizeof(*v));
	enum rc rc = RC_OK;

	if (n && !v)
		return work_nomem(l->w);
	for (size_t i = 0; rc == RC_OK && i < l->in->experts.n; i++)
		rc = load_expert_secondments(l, experts[i].id, v);
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		if (only_seconded(l->in, i))
			rc = load_expert_secondments(l, in[i].expert, v);
	}
	return rc;
}

/* --- the whole --- */

static enum rc (*const loaders[])(struct load *) = {
	load_sites,	load_calendars, load_limits,	   load_agreements,
	load_resources, load_experts,	load_availability, load_secondments,
};

static enum rc warn(struct load *l, struct msg_import_report *out)
{
	return network_lacking(l->w->tx, l->w->arena, &out->warnings.v,
			       WARNINGS_MAX, &out->warnings.n, &l->w->err);
}

static enum rc log_import(struct work *w)
{
	struct event event = {
		.actor = w->who->name,
		.actor_site = w->who->site,
		.thing = "network",
		.id = 1,
		.version = 1,
		.verb = VERB_IMPORT,
		.request_id = w->request_id,
		.class = EVENT_CHANGE,
	};

	return event_append(w->tx, &event, &w->err);
}

enum rc work_import(struct work *w, const struct msg_network *in,
		    struct msg_import_report *out)
{
	struct load l = {.w = w, .in = in};
	enum rc rc = RC_OK;

	proto_clear(&msg_import_report_table, out);
	out->orphaned = 0;
	l.counts = arena_array(w->arena, PART_COUNT, sizeof(*l.counts));
	if (!l.counts)
		return work_nomem(w);
	for (int i = 0; i < PART_COUNT; i++)
		l.counts[i].part = part_names[i];
	for (int i = 0; rc == RC_OK && i < PART_COUNT; i++)
		rc = loaders[i](&l);
	out->parts = (struct field_list){l.counts, PART_COUNT};
	if (rc == RC_OK)
		rc = warn(&l, out);
	return rc == RC_OK ? log_import(w) : rc;
}
