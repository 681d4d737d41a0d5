/* Reviewing a schedule: of an expert, a resource, a site. */
#include <string.h>

#include "base/civil.h"
#include "daemon/core/kind.h"
#include "daemon/core/local.h"
#include "daemon/core/rule.h"
#include "daemon/store/calendar.h"
#include "daemon/store/site.h"
#include "daemon/work/tools.h"

#define SCHEDULE_DAYS_MAX 62
#define WEEK (7 * (int64_t)CIVIL_DAY)

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void good_until(struct work *w, int64_t end)
{
	w->basis.until = earlier(w->basis.until, end);
}

/* Absent bounds: from Monday, and for a week, as the clock is where the subject
 * is. */
static enum rc read_span(struct work *w, const struct msg_schedule_query *in,
			 const struct tz *zone, struct core_span *out)
{
	int64_t today = local_day(zone, w->tx->now);
	int64_t monday = today - civil_weekday(today);

	out->from = in->from == FIELD_NONE
			    ? local_days(zone, monday, monday).from
			    : in->from;
	if (in->from == FIELD_NONE)
		good_until(w, local_days(zone, monday + 7, monday + 7).from);
	out->to = in->to == FIELD_NONE
			  ? tz_to_utc(zone, tz_to_wall(zone, out->from) + WEEK)
			  : in->to;
	if (out->to <= out->from)
		return work_fault(w, "#to", "must be after from");
	if (out->to - out->from > SCHEDULE_DAYS_MAX * (int64_t)CIVIL_DAY)
		return work_fault(w, "#to", "at most %d days after from",
				  SCHEDULE_DAYS_MAX);
	return RC_OK;
}

/* Whoever is no party sees "busy" and when, and nothing else. */
static enum rc view_entry(struct work *w, const struct booking_entry *e,
			  struct msg_entry *out)
{
	const struct booking *b = &e->booking;

	proto_clear(&msg_entry_table, out);
	out->from = e->from;
	out->to = e->to;
	if (b->hold_until)
		good_until(w, b->hold_until);
	/* a pause is no session; else no stranger learns what it is taken as */
	if (e->role == CLAIM_BUFFER)
		out->role = CLAIM_BUFFER;
	if (!work_booking_sides(w, b))
		return RC_OK;
	out->role = (int)e->role;
	out->status = (int)b->status;
	out->kind = (int)b->kind;
	out->partner = b->partner_slug;
	out->lead = b->lead_slug;
	out->expert = b->expert_slug;
	out->place = work_seen_slug(w, b, e->place);
	enum rc rc = work_view_code(w, &b->code, &out->booking);

	return rc == RC_OK ? work_view_code(w, &b->request_code, &out->request)
			   : rc;
}

static enum rc view_entries(struct work *w, const struct booking_entry *rows,
			    size_t n, struct msg_schedule *out)
{
	struct msg_entry *v = arena_array(w->arena, n, sizeof(*v));
	enum rc rc = RC_OK;

	if (n && !v)
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = view_entry(w, &rows[i], &v[i]);
	out->entries = (struct field_list){v, n};
	return rc;
}

/* The place of an open, when it is of the subject's own site or of the
 * principal's: where else somebody is seconded to is told to nobody. */
static enum rc view_place(struct work *w, int64_t home, int64_t place,
			  const char **out)
{
	struct calendar_loader loader = {
		.tx = w->tx, .arena = w->arena, .bare = true};
	struct core_subject s;

	*out = NULL;
	if (!place)
		return RC_OK;
	enum rc rc = calendar_subject(&loader, place, &s, &w->err);

	if (rc == RC_OK && (s.site == home || s.site == w->who->site))
		*out = s.slug;
	return rc;
}

/* The spans of one open that no leave takes away: at most one more than there
 * are leaves. Leaves are by start. */
static size_t without_leave(struct core_span open,
			    const struct core_subject *of,
			    struct core_span *out)
{
	size_t n = 0;

	for (size_t i = 0; i < of->nleaves && open.from < open.to; i++) {
		struct core_span leave = of->leaves[i];

		if (leave.to <= open.from || leave.from >= open.to)
			continue;
		if (leave.from > open.from)
			out[n++] = (struct core_span){open.from, leave.from};
		open.from = leave.to;
	}
	if (open.from < open.to)
		out[n++] = open;
	return n;
}

/* What is open, as messages in the making. */
struct opens_view {
	const struct core_expert *of;
	struct core_span span;
	struct core_span *pieces; /* room for one open's */
	struct msg_open *v;
	size_t n;
};

static enum rc add_open(struct work *w, struct opens_view *view,
			const struct core_open *open)
{
	const struct core_rule *rule = open->rule;
	struct core_span span = {later(open->from, view->span.from),
				 earlier(open->to, view->span.to)};
	size_t n = without_leave(span, &view->of->subject, view->pieces);
	const char *place;
	enum rc rc = view_place(w, view->of->subject.site, rule->place, &place);

	for (size_t i = 0; rc == RC_OK && i < n; i++)
		view->v[view->n++] = (struct msg_open){
			.from = view->pieces[i].from,
			.to = view->pieces[i].to,
			.place = place,
			.kinds = kind_offered(rule->kinds, view->of->kinds),
			.slot_minutes = rule->slot_minutes ? rule->slot_minutes
							   : FIELD_NONE,
		};
	return rc;
}

static enum rc view_open(struct work *w, const struct core_opens *opens,
			 struct core_span span, const struct core_expert *of,
			 struct msg_schedule *out)
{
	size_t most = of->subject.nleaves + 1;
	struct opens_view view = {.of = of, .span = span};
	enum rc rc = RC_OK;

	view.pieces = arena_array(w->arena, most, sizeof(*view.pieces));
	view.v = arena_array(w->arena, opens->n * most, sizeof(*view.v));
	if (!view.pieces || (opens->n && !view.v))
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < opens->n; i++)
		rc = add_open(w, &view, &opens->v[i]);
	out->open = (struct field_list){view.v, view.n};
	return rc;
}

/* May the principal look at the plans of that site's people and rooms? */
static enum rc check_site(struct work *w, int64_t site)
{
	bool joined = site == w->who->site;
	enum rc rc = RC_OK;

	if (!joined)
		rc = agreement_joins(w->tx, site, w->who->site, &joined,
				     &w->err);
	if (rc == RC_OK && !joined)
		rc = err_set(&w->err, RC_NOT_FOUND,
			     "there is no such expert or resource");
	return rc;
}

static enum rc fill_entries(struct work *w, int64_t subject,
			    struct core_span span, struct msg_schedule *out)
{
	struct booking_entry *rows;
	size_t n;
	enum rc rc = booking_entries_of_subject(w->tx, subject, span, w->arena,
						&rows, &n, &w->err);

	return rc == RC_OK ? view_entries(w, rows, n, out) : rc;
}

/* Where somebody is is told at home and there; to others they are just not to
 * be had. */
static enum rc view_away(struct work *w, const struct core_expert *e,
			 struct core_span span, struct msg_schedule *out)
{
	struct msg_away *v = arena_array(w->arena, e->naway, sizeof(*v));
	size_t n = 0;
	enum rc rc = RC_OK;

	if (e->naway && !v)
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < e->naway; i++) {
		const struct core_away *a = &e->away[i];
		struct core_span stay =
			local_days(a->zone, a->first_day, a->last_day);
		struct site site;

		if (stay.to <= span.from || stay.from >= span.to ||
		    (w->who->site != a->site &&
		     w->who->site != e->subject.site))
			continue;
		rc = site_by_id(w->tx, a->site, w->arena, &site, &w->err);
		v[n++] = (struct msg_away){site.slug, a->first_day, a->last_day,
					   a->remote_requests ? "allow"
							      : "refuse"};
	}
	out->away = (struct field_list){v, n};
	return rc;
}

static enum rc fill_open(struct work *w, const struct core_subject *s,
			 struct core_span span, struct msg_schedule *out)
{
	struct calendar_loader loader = {
		.tx = w->tx, .arena = w->arena, .window = span, .bare = true};
	struct core_expert expert = {0};
	struct core_opens opens;
	enum rc rc = s->type == SUBJECT_EXPERT
			     ? calendar_expert(&loader, s->id, &expert, &w->err)
			     : calendar_subject(&loader, s->id, &expert.subject,
						&w->err);

	if (rc == RC_OK)
		rc = rule_expand(expert.subject.rules, expert.subject.nrules,
				 expert.away, expert.naway, span, w->arena,
				 &opens);
	if (rc == RC_OK)
		rc = view_open(w, &opens, span, &expert, out);
	if (rc == RC_OK)
		rc = view_away(w, &expert, span, out);
	return rc == RC_NOMEM ? work_nomem(w) : rc;
}

enum rc work_schedule_subject(struct work *w, const char *subject,
			      const struct msg_schedule_query *in,
			      struct msg_schedule *out)
{
	struct calendar_loader loader = {.tx = w->tx, .arena = w->arena};
	struct core_subject s;
	struct core_span span;
	enum rc rc = calendar_find(&loader, subject, &s, &w->err);

	proto_clear(&msg_schedule_table, out);
	w->basis = (struct work_basis){
		.known = true, .subject = s.id, .until = INT64_MAX};
	if (rc == RC_OK)
		rc = check_site(w, s.site);
	if (rc == RC_OK)
		rc = read_span(w, in, s.zone, &span);
	if (rc != RC_OK)
		return rc;
	out->subject = s.slug;
	out->name = s.name;
	out->time_zone = tz_name(s.zone);
	out->from = span.from;
	out->to = span.to;
	rc = fill_entries(w, s.id, span, out);
	return rc == RC_OK ? fill_open(w, &s, span, out) : rc;
}

enum rc work_schedule_site(struct work *w, const char *slug,
			   const struct msg_schedule_query *in,
			   struct msg_schedule *out)
{
	struct site site;
	const struct tz *zone;
	struct core_span span;
	struct booking_entry *rows;
	size_t n;
	enum rc rc = site_by_slug(w->tx, slug, w->arena, &site, &w->err);

	proto_clear(&msg_schedule_table, out);
	w->basis = (struct work_basis){
		.known = true, .site = site.id, .until = INT64_MAX};
	if (rc == RC_OK && site.id != w->who->site)
		rc = err_set(&w->err, RC_NOT_FOUND, "there is no such site");
	if (rc == RC_OK)
		rc = tz_get(w->tx->env->zones, site.time_zone, &zone, &w->err);
	if (rc == RC_OK)
		rc = read_span(w, in, zone, &span);
	if (rc != RC_OK)
		return rc;
	out->subject = site.slug;
	out->name = site.name;
	out->time_zone = site.time_zone;
	out->from = span.from;
	out->to = span.to;
	rc = booking_entries_of_site(w->tx, site.id, span, w->arena, &rows, &n,
				     &w->err);
	return rc == RC_OK ? view_entries(w, rows, n, out) : rc;
}
