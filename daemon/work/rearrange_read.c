/* Changes of rosters, read into what each subject will have (rearrange.h). */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/civil.h"
#include "daemon/core/local.h"
#include "daemon/work/import.h"
#include "daemon/work/rearrange.h"

#define DAYS_AT_ONCE 366

/* --- faults --- */

enum rc rearrange_fault(struct rearrange_at *at, const char *member,
			const char *fmt, ...)
{
	struct work *w = at->r->w;
	char text[ERR_TEXT_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	const char *pointer = arena_printf(w->arena, "/changes/%zu%s%s", at->i,
					   *member ? "/" : "", member);

	return pointer ? work_fault(w, pointer, "%s", text) : work_nomem(w);
}

/* Where an element of a file stands in a change. */
static const struct {
	const char *file, *change;
} places[] = {
	{"/availability/0", "/rule"},
	{"/leave/0/start", "/from"},
	{"/leave/0/end", "/to"},
	{"/leave/0", ""},
	{"/secondments/0/from", "/first_day"},
	{"/secondments/0/to", "/last_day"},
	{"/secondments/0", ""},
};

static const char *pointer_of(struct rearrange_at *at, const char *file)
{
	struct arena *arena = at->r->w->arena;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		size_t len = strlen(places[i].file);

		if (!strncmp(file, places[i].file, len))
			return arena_printf(arena, "/changes/%zu%s%s", at->i,
					    places[i].change, file + len);
	}
	return arena_printf(arena, "/changes/%zu", at->i);
}

enum rc rearrange_check(struct rearrange_at *at, const struct msg_network *one)
{
	struct work *w = at->r->w;
	struct import_check c = {.w = w, .in = one};
	size_t had = w->faults.n;

	import_check_availability(&c);
	import_check_secondments(&c);
	import_check_leave(&c);
	if (c.broken != RC_OK)
		return c.broken;
	for (size_t i = had; i < w->faults.n; i++) {
		w->faults.v[i].pointer = pointer_of(at, w->faults.v[i].pointer);
		if (!w->faults.v[i].pointer)
			return work_nomem(w);
	}
	return w->faults.n > had ? RC_INVALID : RC_OK;
}

void rearrange_concerns(struct rearrange *r, int64_t from, int64_t to)
{
	if (from < r->span.from)
		r->span.from = from;
	if (to > r->span.to)
		r->span.to = to;
}

/* --- members --- */

enum {
	M_FROM = 1,
	M_TO = 2,
	M_ZONE = 4,
	M_FIRST = 8,
	M_LAST = 16,
	M_SITE = 32,
	M_REMOTE = 64,
	M_AVAILABILITY = 128,
	M_WORKS = 256,
	M_RULE = 512,
	M_NUMBER = 1024,
	M_NOTE = 2048,
};

struct member {
	unsigned bit;
	const char *name;
	bool given;
};

/* Those that it must have are there, and no others but those it may. */
static enum rc check_members(struct rearrange_at *at, unsigned needs,
			     unsigned takes)
{
	const struct msg_roster_change *in = at->in;
	const struct member members[] = {
		{M_FROM, "from", in->from != FIELD_NONE},
		{M_TO, "to", in->to != FIELD_NONE},
		{M_ZONE, "time_zone", in->time_zone != NULL},
		{M_FIRST, "first_day", in->first_day != FIELD_NONE},
		{M_LAST, "last_day", in->last_day != FIELD_NONE},
		{M_SITE, "site", in->site != NULL},
		{M_REMOTE, "remote_requests", in->remote_requests != NULL},
		{M_AVAILABILITY, "availability", in->availability.n > 0},
		{M_WORKS, "works_as", in->works_as != NULL},
		{M_RULE, "rule", in->rule != NULL},
		{M_NUMBER, "number", in->number != FIELD_NONE},
		{M_NOTE, "note", in->note != NULL},
	};
	enum rc rc = RC_OK;

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		const struct member *m = &members[i];

		if (!m->given && m->bit & needs)
			rc = rearrange_fault(at, m->name, "is required");
		if (m->given && !(m->bit & (needs | takes)))
			rc = rearrange_fault(
				at, m->name, "means nothing in %s",
				words_name(&words_roster, in->change));
	}
	return rc;
}

/* --- leave --- */

static size_t find_leave(const struct rearranged *of, int64_t start)
{
	const struct msg_net_leave *v = of->leave.v;
	size_t i = 0;

	while (i < of->leave.n && v[i].start != start)
		i++;
	return i;
}

static void remove_at(struct field_list *list, size_t size, size_t i)
{
	char *v = list->v;

	list->n--;
	memmove(v + i * size, v + (i + 1) * size, (list->n - i) * size);
}

/* Of wall times wherever they are. */
static void concern_wall(struct rearrange_at *at, int64_t from, int64_t to)
{
	rearrange_concerns(at->r, from - CIVIL_DAY, to + CIVIL_DAY);
}

static enum rc add_leave(struct rearrange_at *at)
{
	const struct msg_roster_change *in = at->in;
	struct rearranged *of = at->of;
	struct msg_net_leave new = {of->of, in->from, in->to, in->time_zone,
				    in->note};
	struct msg_net_leave *v = of->leave.v;
	enum rc rc =
		rearrange_check(at, &(struct msg_network){.leave = {&new, 1}});

	if (rc != RC_OK)
		return rc;
	if (find_leave(of, in->from) < of->leave.n)
		return rearrange_fault(at, "from",
				       "a leave that begins then is there"
				       " already");
	v[of->leave.n++] = new;
	of->put_leave = true;
	concern_wall(at, in->from, in->to);
	return RC_OK;
}

static enum rc end_leave(struct rearrange_at *at)
{
	const struct msg_roster_change *in = at->in;
	struct rearranged *of = at->of;
	struct msg_net_leave *v = of->leave.v;
	size_t i = find_leave(of, in->from);

	if (i == of->leave.n)
		return rearrange_fault(at, "from", "no leave of %s begins then",
				       of->of);
	if (in->to != FIELD_NONE && in->to <= v[i].start)
		return rearrange_fault(at, "to", "must be after from");
	concern_wall(at, v[i].start,
		     in->to != FIELD_NONE && in->to > v[i].end ? in->to
							       : v[i].end);
	if (in->to != FIELD_NONE)
		v[i].end = in->to;
	else
		remove_at(&of->leave, sizeof(*v), i);
	of->put_leave = true;
	return RC_OK;
}

/* --- days of a calendar --- */

static void set_day(struct rearranged *of, int64_t day, bool usual,
		    int works_as)
{
	struct network_day *v = of->days.v;
	size_t i = 0;

	while (i < of->days.n && v[i].day < day)
		i++;
	bool there = i < of->days.n && v[i].day == day;

	if (usual && there) {
		of->days.n--;
		memmove(&v[i], &v[i + 1], (of->days.n - i) * sizeof(*v));
	} else if (!usual) {
		if (!there)
			memmove(&v[i + 1], &v[i],
				(of->days.n++ - i) * sizeof(*v));
		v[i] = (struct network_day){day, works_as};
	}
}

static enum rc set_days(struct rearrange_at *at)
{
	static const char weekdays[] = "MOTUWETHFRSASU";
	const struct msg_roster_change *in = at->in;
	int64_t last =
		in->last_day == FIELD_NONE ? in->first_day : in->last_day;
	const char *weekday = strstr(weekdays, in->works_as);

	if (last < in->first_day)
		return rearrange_fault(at, "last_day",
				       "must not be before first_day");
	if (last - in->first_day >= DAYS_AT_ONCE)
		return rearrange_fault(at, "last_day", "at most %d days",
				       DAYS_AT_ONCE);
	for (int64_t day = in->first_day; day <= last; day++)
		set_day(at->of, day, !strcmp(in->works_as, "usual"),
			weekday ? (int)(weekday - weekdays) / 2 : -1);
	at->of->put_days = true;
	concern_wall(at, in->first_day * CIVIL_DAY, (last + 1) * CIVIL_DAY);
	return RC_OK;
}

/* --- whose --- */

static enum rc no_such(struct rearrange_at *at)
{
	return rearrange_fault(at, "of", "your site has no such %s",
			       at->in->change == ROSTER_DAYS
				       ? "calendar: name your own site"
				       : "expert or resource");
}

/* The lead's coordinator changes experts; rooms are any coordinator's. */
static enum rc check_whose(struct rearrange_at *at, const struct rearranged *of)
{
	const struct work *w = at->r->w;

	if (of->site.id != w->who->site)
		return no_such(at);
	if (!of->is_site && of->subject.type == SUBJECT_EXPERT &&
	    w->who->role != ROLE_LEAD_COORDINATOR)
		return err_set(&at->r->w->err, RC_FORBIDDEN,
			       "what experts have is a lead coordinator's to"
			       " change");
	return RC_OK;
}

static size_t days_to_come(const struct msg_roster_changes *in)
{
	const struct msg_roster_change *v = in->changes.v;
	size_t n = 0;

	for (size_t i = 0; i < in->changes.n; i++)
		n += v[i].change == ROSTER_DAYS ? DAYS_AT_ONCE : 1;
	return n;
}

static enum rc find_of(struct rearrange_at *at)
{
	struct rearrange *r = at->r;
	struct rearranged *of = &r->v[r->n];
	bool is_site = at->in->change == ROSTER_DAYS;

	for (size_t i = 0; i < r->n; i++) {
		at->of = &r->v[i];
		if (at->of->is_site == is_site &&
		    !strcmp(at->of->of, at->in->of))
			return RC_OK;
	}
	*of = (struct rearranged){.of = at->in->of, .is_site = is_site};
	at->of = of;
	enum rc rc = rearrange_find(r->w, of);

	if (rc == RC_NOT_FOUND)
		return no_such(at);
	if (rc == RC_OK)
		rc = check_whose(at, of);
	if (rc == RC_OK)
		rc = rearrange_load(r->w, days_to_come(r->in), of);
	r->n += rc == RC_OK;
	return rc;
}

/* --- one by one --- */

static enum rc visit_only_experts(struct rearrange_at *at)
{
	if (at->of->subject.type != SUBJECT_EXPERT)
		return rearrange_fault(at, "of", "must be an expert");
	return at->in->change == ROSTER_VISIT ? rearrange_visit(at)
					      : rearrange_end_visit(at);
}

static const struct {
	unsigned needs, takes;
	enum rc (*read)(struct rearrange_at *at);
} kinds[ROSTER_COUNT] = {
	[ROSTER_LEAVE] = {M_FROM | M_TO, M_ZONE | M_NOTE, add_leave},
	[ROSTER_END_LEAVE] = {M_FROM, M_TO, end_leave},
	[ROSTER_VISIT] = {M_FIRST | M_LAST | M_SITE,
			  M_REMOTE | M_AVAILABILITY | M_NOTE,
			  visit_only_experts},
	[ROSTER_END_VISIT] = {M_FIRST, M_LAST, visit_only_experts},
	[ROSTER_DAYS] = {M_FIRST | M_WORKS, M_LAST, set_days},
	[ROSTER_RULE] = {M_RULE, 0, rearrange_rule},
	[ROSTER_EDIT_RULE] = {M_RULE | M_NUMBER | M_FIRST, 0, rearrange_rule},
	[ROSTER_END_RULE] = {M_NUMBER | M_FIRST, 0, rearrange_rule},
};

static enum rc read_one(struct rearrange_at *at)
{
	enum roster_change change = (enum roster_change)at->in->change;
	enum rc rc =
		check_members(at, kinds[change].needs, kinds[change].takes);

	if (rc == RC_OK)
		rc = find_of(at);
	if (rc != RC_OK)
		return rc;
	if (at->in->version != FIELD_NONE && at->in->version != at->of->version)
		return err_set(&at->r->w->err, RC_STALE,
			       "the roster of %s was changed by somebody else"
			       " meanwhile; look again",
			       at->of->of);
	return kinds[change].read(at);
}

/* Of several that cannot be, all are told; but nothing is said on top of what
 * another version would be. */
enum rc rearrange_read(struct rearrange *r)
{
	const struct msg_roster_change *v = r->in->changes.v;
	enum rc worst = RC_OK;

	r->v = arena_array(r->w->arena, r->in->changes.n, sizeof(*r->v));
	r->whose = arena_array(r->w->arena, r->in->changes.n,
			       sizeof(struct rearranged *));
	if (!r->v || !r->whose)
		return r->in->changes.n
			       ? work_nomem(r->w)
			       : work_fault(r->w, "/changes", "is empty");
	for (size_t i = 0; i < r->in->changes.n; i++) {
		struct rearrange_at at = {.r = r, .in = &v[i], .i = i};
		enum rc rc = read_one(&at);

		r->whose[i] = at.of;
		if (rc == RC_OK)
			continue;
		if (rc != RC_INVALID)
			return rc;
		worst = rc;
	}
	return worst;
}
