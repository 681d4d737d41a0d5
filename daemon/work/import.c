/* Loading a network file into the store, part by part (work.h). */
#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "daemon/store/credential.h"
#include "daemon/work/agreements.h"
#include "daemon/work/import.h"
#include "daemon/work/waitlist.h"

#define MIN_YEARS 3	 /* the telemedicine service rules of 2018 */
#define WARNINGS_MAX 200 /* of what is lacking; then, that there are more */
#define CHANGES_MAX 1000 /* that are named; the counts say all */

static const char *const part_names[IMPORT_PARTS] = {
	"sites",     "calendars", "limit_sets",	  "agreements",
	"resources", "experts",	  "availability", "secondments",
	"leave",     "transfers", "on_call",
};

/* --- names --- */

static int by_name(const void *a, const void *b)
{
	const struct import_name *x = a, *y = b;
	int order = strcmp(x->s, y->s);

	return order ? order : (x->index > y->index) - (x->index < y->index);
}

enum rc import_names(struct work *w, const struct field_list *list, size_t size,
		     struct import_names *out)
{
	struct import_name *v = arena_array(w->arena, list->n, sizeof(*v));
	size_t n = 0;

	*out = (struct import_names){0};
	if (list->n && !v)
		return work_nomem(w);
	for (size_t i = 0; i < list->n; i++) {
		v[n].index = i;
		memcpy(&v[n].s, (const char *)list->v + i * size,
		       sizeof(v[n].s));
		n += v[n].s != NULL;
	}
	if (n)
		qsort(v, n, sizeof(*v), by_name);
	*out = (struct import_names){v, n};
	return RC_OK;
}

static int find_name(const void *key, const void *element)
{
	return strcmp(key, ((const struct import_name *)element)->s);
}

bool import_names_has(const struct import_names *names, const char *s)
{
	return names->n &&
	       bsearch(s, names->v, names->n, sizeof(*names->v), find_name);
}

/* --- what is told --- */

static void note_change(struct import *l, const char *part, const char *id,
			const char *change)
{
	if (l->nchanges < CHANGES_MAX)
		l->changes[l->nchanges++] =
			(struct msg_import_change){part, id, change};
}

/* What of each part carries bookings, and whether a new one does: not what
 * nobody can have booked before, but a set that somebody has had empty. */
static const struct carries {
	bool any, also_new;
	enum network_part part;
} carriers[IMPORT_PARTS] = {
	[IMPORT_SITES] = {true, false, NETWORK_OF_SITE},
	[IMPORT_CALENDARS] = {true, true, NETWORK_OF_CALENDAR},
	[IMPORT_AGREEMENTS] = {true, false, NETWORK_OF_AGREEMENT},
	[IMPORT_RESOURCES] = {true, false, NETWORK_OF_SUBJECT},
	[IMPORT_EXPERTS] = {true, false, NETWORK_OF_SUBJECT},
	[IMPORT_AVAILABILITY] = {true, true, NETWORK_OF_SUBJECT},
	[IMPORT_SECONDMENTS] = {true, true, NETWORK_OF_SUBJECT},
	[IMPORT_LEAVE] = {true, true, NETWORK_OF_SUBJECT},
	/* The loader of transfers says which ends it touches. */
};

static void touch(struct import *l, enum import_part part, const char *id,
		  bool new)
{
	const struct carries *c = &carriers[part];

	if (c->any && (c->also_new || !new))
		import_touch(l, c->part, id);
}

void import_done(struct import *l, enum import_part part, const char *id,
		 enum network_put put)
{
	struct msg_import_count *c = &l->counts[part];

	c->created += put == NETWORK_CREATED;
	c->changed += put == NETWORK_CHANGED;
	c->unchanged += put == NETWORK_SAME;
	if (put == NETWORK_SAME)
		return;
	note_change(l, part_names[part], id,
		    put == NETWORK_CREATED ? "created" : "changed");
	touch(l, part, id, put == NETWORK_CREATED);
}

void import_removed(struct import *l, enum import_part part, const char *id)
{
	l->counts[part].removed++;
	note_change(l, part_names[part], id, "removed");
	touch(l, part, id, false);
}

enum rc import_failed_at(struct import *l, enum rc rc, enum import_part part,
			 size_t i)
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

/* --- part by part --- */

static enum rc load_sites(struct import *l)
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
			return import_failed_at(l, rc, IMPORT_SITES, i);
		import_done(l, IMPORT_SITES, v[i].id, put);
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

static enum rc load_calendars(struct import *l)
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
			import_done(l, IMPORT_CALENDARS, v[i].name, put);
	}
	return rc;
}

static struct network_limit limit_of(const struct msg_net_limit *in)
{
	if (!in)
		return (struct network_limit){INT64_MIN, INT64_MIN, INT64_MIN,
					      INT64_MIN, INT64_MIN, INT64_MIN,
					      INT64_MIN};
	return (struct network_limit){in->answer_minutes,  in->start_minutes,
				      in->opinion_minutes, in->call_minutes,
				      in->papers_minutes,  in->offer_minutes,
				      in->offer_lapses};
}

static enum rc load_limits(struct import *l)
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
			rc = import_clocks(l->w, &v[i], &put);
		if (rc == RC_OK)
			import_done(l, IMPORT_LIMITS, v[i].name, put);
	}
	return rc;
}

/* NULL when nothing is said. */
static const struct session_terms *session_of(const struct msg_net_session *in,
					      struct session_terms *out)
{
	if (!in)
		return NULL;
	*out = (struct session_terms){
		.early = in->early_minutes,
		.waives = in->waives,
		.consent = in->consent_minutes,
		.equipment = in->equipment_minutes,
		.link = in->link_minutes,
		.connected = in->connected_minutes,
		.moves_when_late = in->moves_when_late,
		.unchecked = in->unchecked < 0 ? UNCHECKED_COUNT
					       : (enum unchecked)in->unchecked,
		.insists = in->emergency_needs,
	};
	return out;
}

static enum rc load_agreements(struct import *l)
{
	const struct msg_net_agreement *v = l->in->agreements.v;
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < l->in->agreements.n; i++) {
		struct session_terms session;
		const struct network_agreement a = {
			.session = session_of(v[i].session, &session),
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
			.overrun_minutes = v[i].overrun_minutes,
			.cancel_notice_minutes =
				v[i].cancel_notice_minutes == FIELD_NONE
					? 0
					: v[i].cancel_notice_minutes,
			.lead_notice_minutes = v[i].lead_notice_minutes,
			.partner_notice_minutes = v[i].partner_notice_minutes,
			.late = v[i].late_change,
			.requires = v[i].requires,
			.requires_emergency = v[i].requires_emergency,
			.supplement_minutes = v[i].supplement_minutes,
			.expiry_days = v[i].expiry_days,
			.ending_notice_days = v[i].ending_notice_days,
			.receipt_minutes = v[i].receipt_minutes,
			.receipt_notices = v[i].receipt_notices,
			.signing_slack_minutes = v[i].signing_slack_minutes,
			.overbook_most = v[i].overbook_most,
			.fairness_weeks = v[i].fairness_weeks,
			.night_call_minutes = v[i].night_call_minutes,
			.shares = import_shares(l->w, &v[i].shares),
			.nshares = v[i].shares.n,
			.kinds = v[i].kinds,
			.quota = v[i].quota_per_month,
			.specialties = v[i].specialties.v,
			.nspecialties = v[i].specialties.n,
		};
		enum network_put put;

		if (a.nshares && !a.shares)
			return work_nomem(l->w);
		rc = network_put_agreement(l->w->tx, &a, &put, &l->w->err);
		if (rc != RC_OK)
			return import_failed_at(l, rc, IMPORT_AGREEMENTS, i);
		import_done(l, IMPORT_AGREEMENTS, v[i].id, put);
		if (put != NETWORK_SAME)
			rc = agreements_imported(l->w, v[i].id);
	}
	return rc;
}

static enum rc load_resources(struct import *l)
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
			.path = v[i].path,
		};
		enum network_put put;

		if (!s.site)
			return work_nomem(l->w);
		rc = network_put_subject(l->w->tx, &s, &put, &l->w->err);
		if (rc != RC_OK)
			return import_failed_at(l, rc, IMPORT_RESOURCES, i);
		import_done(l, IMPORT_RESOURCES, v[i].id, put);
	}
	return rc;
}

static void join_credentials(const struct field_list *list, struct buf *out)
{
	const struct msg_net_credential *v = list->v;

	for (size_t i = 0; i < list->n; i++) {
		const struct core_credential c = {v[i].name, v[i].kinds,
						  v[i].valid_to};

		credential_join(&c, 1, out);
	}
}

static enum rc load_expert(struct import *l, const struct msg_net_expert *e,
			   enum network_put *put)
{
	struct buf credentials;

	const struct network_subject s = {
		.type = SUBJECT_EXPERT,
		.slug = e->id,
		.site = e->home,
		.name = e->name,
		.capacity = 1,
	};
	buf_init(&credentials, CREDENTIALS_MAX);
	join_credentials(&e->credentials, &credentials);
	const struct network_expert expert = {
		.slug = e->id,
		.credentials = buf_cstr(&credentials),
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

	if (rc == RC_OK && credentials.failed)
		rc = work_nomem(l->w);
	if (rc == RC_OK)
		rc = network_put_expert(l->w->tx, &expert, put, &l->w->err);
	buf_fini(&credentials);
	return rc;
}

static enum rc load_experts(struct import *l)
{
	const struct msg_net_expert *v = l->in->experts.v;
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < l->in->experts.n; i++) {
		enum network_put put;

		rc = load_expert(l, &v[i], &put);
		if (rc != RC_OK)
			return import_failed_at(l, rc, IMPORT_EXPERTS, i);
		import_done(l, IMPORT_EXPERTS, v[i].id, put);
	}
	return rc;
}

/* --- the whole --- */

static enum rc (*const loaders[])(struct import *) = {
	load_sites,
	load_calendars,
	load_limits,
	load_agreements,
	load_resources,
	load_experts,
	import_load_availability,
	import_load_secondments,
	import_load_leave,
	import_load_transfers,
	import_load_on_call,
};

/* A file without a note says nothing about it. */
static enum rc load_note(struct import *l)
{
	enum network_put put;

	if (!l->in->note)
		return RC_OK;
	enum rc rc = network_put_note(l->w->tx, l->in->note, &put, &l->w->err);

	if (rc == RC_OK && put != NETWORK_SAME)
		note_change(l, "note", "note", "changed");
	return rc;
}

static enum rc begin(struct import *l)
{
	struct work *w = l->w;
	const struct msg_network *in = l->in;
	enum rc rc;

	l->counts = arena_array(w->arena, IMPORT_PARTS, sizeof(*l->counts));
	l->changes = arena_array(w->arena, CHANGES_MAX, sizeof(*l->changes));
	if (!l->counts || !l->changes)
		return work_nomem(w);
	for (int i = 0; i < IMPORT_PARTS; i++)
		l->counts[i].part = part_names[i];
	rc = import_names(w, &in->sites, sizeof(struct msg_net_site),
			  &l->sites);
	if (rc == RC_OK)
		rc = import_names(w, &in->experts,
				  sizeof(struct msg_net_expert), &l->experts);
	if (rc == RC_OK)
		rc = import_names(w, &in->resources,
				  sizeof(struct msg_net_resource),
				  &l->resources);
	return rc;
}

enum rc import_warn(struct import *l, struct msg_import_report *out,
		    const char *warning)
{
	const char **v =
		arena_array(l->w->arena, out->warnings.n + 1, sizeof(*v));

	if (!v || !warning)
		return work_nomem(l->w);
	if (out->warnings.n)
		memcpy(v, out->warnings.v, out->warnings.n * sizeof(*v));
	v[out->warnings.n++] = warning;
	out->warnings.v = v;
	return RC_OK;
}

/* A quota of what is not agreed on is not kept. */
static enum rc warn_of_quota(struct import *l,
			     const struct msg_net_agreement *a,
			     struct msg_import_report *out)
{
	enum rc rc = RC_OK;

	for (int k = 0; rc == RC_OK && k < KIND_COUNT; k++) {
		if (a->quota_per_month[k] == FIELD_NONE ||
		    a->kinds & KINDSET(k) || out->warnings.n >= WARNINGS_MAX)
			continue;
		rc = import_warn(l, out,
				 arena_printf(l->w->arena,
					      "%s has a quota for %s, which is"
					      " not among its kinds",
					      a->id,
					      words_name(&words_kind, k)));
	}
	return rc;
}

static enum rc warn(struct import *l, struct msg_import_report *out)
{
	const struct msg_net_agreement *v = l->in->agreements.v;
	struct work *w = l->w;
	size_t n;
	enum rc rc = network_lacking(w->tx, w->arena, &out->warnings.v,
				     WARNINGS_MAX, &n, &w->err);

	out->warnings.n = n;
	for (size_t i = 0; rc == RC_OK && i < l->in->agreements.n; i++)
		rc = warn_of_quota(l, &v[i], out);
	return rc == RC_OK && out->warnings.n >= WARNINGS_MAX
		       ? import_warn(l, out, "there may be more of the kind")
		       : rc;
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
	struct import l = {.w = w, .in = in};
	enum rc rc = begin(&l);

	/* what is kept of the network is not what this makes of it */
	w->tx->keep = NULL;
	proto_clear(&msg_import_report_table, out);
	out->orphaned = 0;
	/* The database's guard of capacities knows no clock. */
	if (rc == RC_OK)
		rc = work_lapse_holds(w);
	for (int i = 0; rc == RC_OK && i < IMPORT_PARTS; i++)
		rc = loaders[i](&l);
	if (rc == RC_OK)
		rc = load_note(&l);
	out->parts = (struct field_list){l.counts, IMPORT_PARTS};
	out->changes = (struct field_list){l.changes, l.nchanges};
	if (rc == RC_OK)
		rc = warn(&l, out);
	if (rc == RC_OK)
		rc = l.nomem ? work_nomem(w) : import_find_orphans(&l, out);
	if (rc == RC_OK)
		rc = work_wait_again(w);
	return rc == RC_OK ? log_import(w) : rc;
}
