/* The network as a file: what an import would make of nothing (work.h). */
#include <string.h>

#include "base/civil.h"
#include "base/text.h"
#include "daemon/store/credential.h"
#include "daemon/store/network_read.h"
#include "daemon/work/export.h"
#include "daemon/work/import.h"
#include "daemon/work/tools.h"
#include "proto/messages_emergency.h"

/* Reads a part and turns each element of what was read into one of the file;
 * `fill` answers false when the arena is full. */
struct part {
	network_reader *read;
	size_t stored, size; /* bytes of an element: read, and written */
	bool (*fill)(struct export *e, const void *stored, void *out);
	size_t offset; /* of the list in the network */
};

static enum rc export_part(struct export *e, const struct part *part)
{
	struct work *w = e->w;
	struct network_list in;
	enum rc rc = part->read(w->tx, w->arena, &in, &w->err);

	if (rc != RC_OK)
		return rc;
	char *v = arena_array(w->arena, in.n, part->size);

	if (in.n && !v)
		return work_nomem(w);
	for (size_t i = 0; i < in.n; i++) {
		if (!part->fill(e, (const char *)in.v + i * part->stored,
				v + i * part->size))
			return work_nomem(w);
	}
	const struct field_list list = {v, in.n};

	memcpy((char *)e->out + part->offset, &list, sizeof(list));
	return RC_OK;
}

/* What is zero where nothing was said. (What is absent is the same number to
 * the store and in a message.) */
static int64_t none_if_zero(int64_t value)
{
	return value ? value : FIELD_NONE;
}

/* The arena's words are not written to again. */
static struct field_strs strs_of(struct export *e, const char *const *v,
				 size_t n)
{
	struct field_strs out = {
		.v = arena_array(e->w->arena, n, sizeof(*out.v)), .n = n};

	if (n && out.v)
		memcpy(out.v, v, n * sizeof(*v));
	return out;
}

static bool is_whole(const struct field_strs *strs)
{
	return strs->v || !strs->n;
}

/* --- sites, calendars, limits --- */

static bool fill_site(struct export *e, const void *stored, void *out)
{
	const struct network_site *s = stored;

	(void)e;
	*(struct msg_net_site *)out = (struct msg_net_site){
		.id = s->slug,
		.name = s->name,
		.short_name = s->short_name,
		.tier = s->tier,
		.time_zone = s->time_zone,
		.calendar = s->calendar,
	};
	return true;
}

static const char *date_text(struct export *e, int64_t day)
{
	char shown[CIVIL_DATE_LEN + 1];

	civil_show_date(day, shown);
	return arena_strndup(e->w->arena, shown, strlen(shown));
}

static bool fill_calendar(struct export *e, const void *stored, void *out)
{
	static const char *const weekdays[] = {"MO", "TU", "WE", "TH",
					       "FR", "SA", "SU"};
	const struct network_calendar *c = stored;
	const struct network_day *days = c->days.v;
	size_t n = c->days.n, off = 0, shifted = 0;
	const char **dates = arena_array(e->w->arena, n, sizeof(*dates));
	struct msg_net_shift *shifts =
		arena_array(e->w->arena, n, sizeof(*shifts));

	if (n && (!dates || !shifts))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (days[i].works_as >= 0) {
			shifts[shifted++] = (struct msg_net_shift){
				days[i].day, weekdays[days[i].works_as]};
			continue;
		}
		dates[off] = date_text(e, days[i].day);
		if (!dates[off++])
			return false;
	}
	*(struct msg_net_calendar *)out = (struct msg_net_calendar){
		.name = c->name,
		.days_off = {dates, off},
		.shifted_workdays = {shifts, shifted},
	};
	return true;
}

/* NULL: no limit at all, and so nothing to say. */
static bool fill_limit(struct export *e, const struct network_limit *l,
		       struct msg_net_limit **out)
{
	*out = NULL;
	if (l->answer == INT64_MIN && l->start == INT64_MIN &&
	    l->opinion == INT64_MIN && l->call == INT64_MIN &&
	    l->papers == INT64_MIN && l->offer == INT64_MIN &&
	    l->lapses == INT64_MIN)
		return true;
	*out = arena_alloc(e->w->arena, sizeof(**out));
	if (*out)
		**out = (struct msg_net_limit){l->answer, l->start,  l->opinion,
					       l->call,	  l->papers, l->offer,
					       l->lapses};
	return *out;
}

static const char *time_of_day(struct export *e, int minute)
{
	return arena_printf(e->w->arena, "%02d:%02d", minute / 60, minute % 60);
}

/* The days that have the same span stand together. */
static bool fill_hours(struct export *e, const struct network_clocks *in,
		       struct field_list *out)
{
	struct msg_net_hours *v =
		arena_array(e->w->arena, in->nspans, sizeof(*v));
	size_t n = 0, k;

	for (size_t i = 0; v && i < in->nspans; i++) {
		const struct deadline_span *span = &in->spans[i];
		const char *from = time_of_day(e, span->from);
		const char *to = time_of_day(e, span->to);

		if (!from || !to)
			return false;
		for (k = 0; k < n && (strcmp(v[k].from, from) != 0 ||
				      strcmp(v[k].to, to) != 0);
		     k++)
			continue;
		if (k == n)
			v[n++] = (struct msg_net_hours){0, from, to};
		v[k].days |= KINDSET(span->weekday);
	}
	*out = (struct field_list){v, n};
	return v || !in->nspans;
}

static bool fill_ladder(struct export *e, const struct network_clocks *in,
			struct field_list *out)
{
	struct msg_net_rung *v =
		arena_array(e->w->arena, in->nladder, sizeof(*v));

	for (size_t i = 0; v && i < in->nladder; i++)
		v[i] = (struct msg_net_rung){in->ladder[i].percent,
					     in->ladder[i].tell};
	*out = (struct field_list){v, in->nladder};
	return v || !in->nladder;
}

static bool fill_limits(struct export *e, const void *stored, void *out)
{
	const struct network_limits *l = stored;
	struct msg_net_limits *m = out;

	m->name = l->name;
	return fill_hours(e, &l->clocks, &m->hours) &&
	       fill_ladder(e, &l->clocks, &m->ladder) &&
	       fill_limit(e, &l->limits[URGENCY_EMERGENCY], &m->emergency) &&
	       fill_limit(e, &l->limits[URGENCY_URGENT], &m->urgent) &&
	       fill_limit(e, &l->limits[URGENCY_ROUTINE], &m->routine);
}

/* --- agreements, resources, experts --- */

static bool fill_session(struct export *e, const struct session_terms *s,
			 struct msg_net_session **out)
{
	*out = NULL;
	if (!s)
		return true;
	*out = arena_alloc(e->w->arena, sizeof(**out));
	if (*out)
		**out = (struct msg_net_session){
			.early_minutes = s->early,
			.waives = s->waives,
			.consent_minutes = s->consent,
			.equipment_minutes = s->equipment,
			.link_minutes = s->link,
			.connected_minutes = s->connected,
			.moves_when_late = s->moves_when_late,
			.unchecked = s->unchecked == UNCHECKED_COUNT
					     ? -1
					     : (int)s->unchecked,
			.emergency_needs = s->insists,
		};
	return *out;
}

static bool fill_shares(struct export *e, const struct network_agreement *a,
			struct field_list *out)
{
	struct msg_net_share *v =
		arena_array(e->w->arena, a->nshares, sizeof(*v));

	for (size_t i = 0; v && i < a->nshares; i++) {
		const struct network_share *s = &a->shares[i];

		v[i] = (struct msg_net_share){.expert = s->expert,
					      .rule = s->rule,
					      .places = s->places,
					      .days_before = s->days_before};
		if (s->minute)
			v[i].until = time_of_day(e, (int)s->minute);
		if (s->minute && !v[i].until)
			return false;
	}
	*out = (struct field_list){v, a->nshares};
	return v || !a->nshares;
}

static bool fill_agreement(struct export *e, const void *stored, void *out)
{
	const struct network_agreement *a = stored;
	struct msg_net_agreement *m = out;

	*m = (struct msg_net_agreement){
		.id = a->slug,
		.alliance = a->alliance,
		.lead = a->lead,
		.partner = a->partner,
		.specialties = strs_of(e, a->specialties, a->nspecialties),
		.valid_from = a->valid_from,
		.valid_to = a->valid_to,
		.kinds = a->kinds,
		.limits = a->limits,
		.min_independent_years = a->min_independent_years,
		.overrun_minutes = a->overrun_minutes,
		.cancel_notice_minutes = none_if_zero(a->cancel_notice_minutes),
		.lead_notice_minutes = a->lead_notice_minutes,
		.partner_notice_minutes = a->partner_notice_minutes,
		.late_change = a->late,
		.requires = a->requires,
		.requires_emergency = a->requires_emergency,
		.supplement_minutes = a->supplement_minutes,
		.expiry_days = a->expiry_days,
		.ending_notice_days = a->ending_notice_days,
		.receipt_minutes = a->receipt_minutes,
		.receipt_notices = a->receipt_notices,
		.signing_slack_minutes = a->signing_slack_minutes,
		.overbook_most = a->overbook_most,
		.fairness_weeks = a->fairness_weeks,
		.night_call_minutes = a->night_call_minutes,
	};
	memcpy(m->quota_per_month, a->quota, sizeof(m->quota_per_month));
	return is_whole(&m->specialties) &&
	       fill_session(e, a->session, &m->session) &&
	       fill_shares(e, a, &m->shares);
}

static bool fill_resource(struct export *e, const void *stored, void *out)
{
	const struct network_subject *s = stored;

	(void)e;
	*(struct msg_net_resource *)out = (struct msg_net_resource){
		.id = s->slug,
		.name = s->name,
		.type = (int)s->type,
		.capacity = s->capacity,
		.path = s->path,
	};
	return true;
}

static bool fill_credentials(struct export *e, const char *text,
			     struct field_list *out)
{
	const struct core_credential *v;
	size_t n;

	if (credential_split(text, e->w->arena, &v, &n) != RC_OK)
		return false;
	struct msg_net_credential *m = arena_array(e->w->arena, n, sizeof(*m));

	if (n && !m)
		return false;
	for (size_t i = 0; i < n; i++)
		m[i] = (struct msg_net_credential){v[i].name, v[i].kinds,
						   v[i].last_day};
	*out = (struct field_list){m, n};
	return true;
}

static bool fill_expert(struct export *e, const void *stored, void *out)
{
	const struct network_stored_expert *s = stored;
	const struct network_expert *x = &s->expert;
	struct msg_net_expert *m = out;

	*m = (struct msg_net_expert){
		.id = x->slug,
		.name = s->name,
		.home = s->home,
		.title = x->title,
		.specialties = strs_of(e, x->words[0].v, x->words[0].n),
		.modalities = strs_of(e, x->words[1].v, x->words[1].n),
		.languages = strs_of(e, x->words[2].v, x->words[2].n),
		.independent_since = x->independent_since,
		.kinds = x->kinds,
		.buffer_minutes = x->buffer_minutes,
		.cap_per_day = none_if_zero(x->cap_per_day),
	};
	return is_whole(&m->specialties) && is_whole(&m->modalities) &&
	       is_whole(&m->languages) &&
	       fill_credentials(e, x->credentials, &m->credentials);
}

/* --- rules, secondments, leave, transfers --- */

/* "20822 20824" as dates. */
static bool fill_dates(struct export *e, const char *text,
		       struct field_strs *out)
{
	size_t most = strlen(text) / 2 + 1;

	*out = (struct field_strs){0};
	if (!*text)
		return true;
	out->v = arena_array(e->w->arena, most, sizeof(*out->v));
	while (out->v && *text) {
		size_t len = strcspn(text, " ");
		int64_t day;

		if (text_int(text, len, INT64_MIN, INT64_MAX, &day)) {
			out->v[out->n] = date_text(e, day);
			if (!out->v[out->n++])
				return false;
		}
		text += len + (text[len] == ' ');
	}
	return out->v;
}

static bool fill_rule(struct export *e, const struct network_rule *r,
		      const char *of, struct msg_net_rule *out)
{
	*out = (struct msg_net_rule){
		.of = of,
		.rrule = r->rrule,
		.start = r->start,
		.end = r->end,
		.time_zone = r->time_zone,
		.at = r->at,
		.kinds = r->kinds,
		.slot_minutes = none_if_zero(r->slot_minutes),
		.on_holidays = r->on_holidays,
	};
	return fill_dates(e, r->exdates, &out->exdates) &&
	       fill_dates(e, r->rdates, &out->rdates) &&
	       import_pool_read(e->w->arena, r->pool, &out->pool);
}

bool export_rule(struct export *e, const void *stored, void *out)
{
	const struct network_stored_rule *r = stored;

	return fill_rule(e, &r->rule, r->of, out);
}

bool export_secondment(struct export *e, const void *stored, void *out)
{
	const struct network_stored_secondment *s = stored;
	const struct network_stored_rule *in = s->rules.v;
	struct msg_net_rule *rules =
		arena_array(e->w->arena, s->rules.n, sizeof(*rules));

	if (s->rules.n && !rules)
		return false;
	for (size_t i = 0; i < s->rules.n; i++) {
		if (!fill_rule(e, &in[i].rule, NULL, &rules[i]))
			return false;
	}
	*(struct msg_net_secondment *)out = (struct msg_net_secondment){
		.expert = s->expert,
		.site = s->secondment.site,
		.from = s->secondment.from,
		.to = s->secondment.to,
		.remote_requests = s->secondment.remote_requests,
		.note = s->secondment.note,
		.availability = {rules, s->rules.n},
	};
	return true;
}

bool export_leave(struct export *e, const void *stored, void *out)
{
	const struct network_stored_leave *l = stored;

	(void)e;
	*(struct msg_net_leave *)out = (struct msg_net_leave){
		.of = l->of,
		.start = l->leave.start,
		.end = l->leave.end,
		.time_zone = l->leave.time_zone,
		.note = l->leave.note,
	};
	return true;
}

static bool fill_roster(struct export *e, const void *stored, void *out)
{
	const struct network_roster *r =
		&((const struct network_stored_roster *)stored)->roster;
	struct msg_net_on_call *people =
		arena_array(e->w->arena, r->npeople, sizeof(*people));

	if (r->npeople && !people)
		return false;
	for (size_t i = 0; i < r->npeople; i++)
		people[i] = (struct msg_net_on_call){
			.expert = r->people[i].expert,
			.reach = r->people[i].reach,
			.rrule = r->people[i].rrule,
			.start = r->people[i].start,
			.end = r->people[i].end,
		};
	*(struct msg_net_roster *)out = (struct msg_net_roster){
		.site = r->site,
		.specialty = r->specialty,
		.level = r->level,
		.time_zone = r->time_zone,
		.reach = r->reach,
		.turn_days = none_if_zero(r->days),
		.start = r->start,
		.until = r->until,
		.people = {people, r->npeople},
	};
	return true;
}

static bool fill_transfer(struct export *e, const void *stored, void *out)
{
	const struct network_transfer *t = stored;

	(void)e;
	*(struct msg_net_transfer *)out = (struct msg_net_transfer){
		.from = t->from, .to = t->to, .minutes = t->minutes};
	return true;
}

/* --- the whole --- */

#define PART(list, reader, stored, written, fill)                              \
	{                                                                      \
		reader, sizeof(struct stored), sizeof(struct written), fill,   \
			offsetof(struct msg_network, list)                     \
	}

static const struct part parts[] = {
	PART(sites, network_read_sites, network_site, msg_net_site, fill_site),
	PART(calendars, network_read_calendars, network_calendar,
	     msg_net_calendar, fill_calendar),
	PART(limit_sets, network_read_limits, network_limits, msg_net_limits,
	     fill_limits),
	PART(agreements, network_read_agreements, network_agreement,
	     msg_net_agreement, fill_agreement),
	PART(resources, network_read_resources, network_subject,
	     msg_net_resource, fill_resource),
	PART(experts, network_read_experts, network_stored_expert,
	     msg_net_expert, fill_expert),
	PART(availability, network_read_rules, network_stored_rule,
	     msg_net_rule, export_rule),
	PART(secondments, network_read_secondments, network_stored_secondment,
	     msg_net_secondment, export_secondment),
	PART(leave, network_read_leave, network_stored_leave, msg_net_leave,
	     export_leave),
	PART(transfers, network_read_transfers, network_transfer,
	     msg_net_transfer, fill_transfer),
	PART(on_call, network_read_rosters, network_stored_roster,
	     msg_net_roster, fill_roster),
};

enum rc work_export(struct work *w, struct msg_network *out)
{
	struct export e = {w, out};
	enum rc rc;

	proto_clear(&msg_network_table, out);
	out->version = 1;
	rc = network_read_note(w->tx, w->arena, &out->note, &w->err);
	for (size_t i = 0; rc == RC_OK && i < sizeof(parts) / sizeof(parts[0]);
	     i++)
		rc = export_part(&e, &parts[i]);
	return rc;
}
