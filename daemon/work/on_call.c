/* Who is on call, and swaps of it. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "daemon/store/calendar.h"
#include "daemon/store/roster.h"
#include "daemon/work/emergency.h"
#include "daemon/work/tools.h"

#define AHEAD (14 * (int64_t)86400)

/* --- reading --- */

static enum rc find_site(struct work *w, const char *slug, struct site *out)
{
	if (slug &&
	    (!w->who->site_slug || strcmp(slug, w->who->site_slug) != 0))
		return work_fault(w, "#site", "is not your site");
	return site_by_id(w->tx, w->who->site, w->arena, out, &w->err);
}

static void view_turn(const struct roster *r, const struct roster_turn *t,
		      struct msg_turn *out)
{
	*out = (struct msg_turn){
		.specialty = r->specialty,
		.level = r->level,
		.from = t->span.from,
		.to = t->span.to,
		.instead = t->instead ? t->instead->slug : NULL,
		.gap = !t->who,
	};
	if (!t->who)
		return;
	out->expert = t->who->slug;
	out->name = t->who->name;
	out->reach = t->who->reach;
}

/* Appends one roster's. */
static enum rc view_roster(struct work *w, const struct roster *r,
			   struct core_span window, struct msg_on_call *out)
{
	struct roster_turn *turns;
	size_t n, had = out->turns.n;
	enum rc rc = roster_lay(r, window, w->arena, &turns, &n);

	if (rc != RC_OK)
		return work_nomem(w);
	struct msg_turn *v = arena_array(w->arena, had + n, sizeof(*v));

	if (!v)
		return work_nomem(w);
	if (had)
		memcpy(v, out->turns.v, had * sizeof(*v));
	for (size_t i = 0; i < n; i++) {
		view_turn(r, &turns[i], &v[had + i]);
		out->gaps += r->level == 1 && v[had + i].gap;
	}
	out->turns = (struct field_list){v, had + n};
	return RC_OK;
}

static enum rc read_window(struct work *w, int64_t from, int64_t to,
			   struct core_span *out)
{
	out->from = from == FIELD_NONE ? w->tx->now : from;
	out->to = to == FIELD_NONE ? out->from + AHEAD : to;
	if (out->to <= out->from)
		return work_fault(w, "#to", "must be after from");
	if (out->to - out->from > CORE_WINDOW_MAX)
		return work_fault(w, "#to", "is too long after from");
	return RC_OK;
}

enum rc work_on_call(struct work *w, const struct msg_on_call_query *in,
		     struct msg_on_call *out)
{
	struct core_span window = {0};
	struct roster *rosters = NULL;
	struct site site = {0};
	size_t n = 0;
	enum rc rc = find_site(w, in->site, &site);

	proto_clear(&msg_on_call_table, out);
	out->gaps = 0;
	if (rc == RC_OK)
		rc = read_window(w, in->from, in->to, &window);
	if (rc == RC_OK)
		rc = roster_load(w->tx, site.id, in->specialty, window,
				 w->arena, &rosters, &n, &w->err);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = view_roster(w, &rosters[i], window, out);
	out->site = site.slug;
	out->time_zone = site.time_zone;
	return rc;
}

/* Gaps of the first level, and where the first of them is. */
struct gaps {
	struct work *w;
	struct core_span window;
	int64_t n, first;
	int64_t site;
	char specialty[SLUG_MAX + 1];
};

static enum rc count_gaps(void *ctx, const struct roster *r)
{
	struct gaps *g = ctx;
	struct roster_turn *turns;
	size_t n;

	if (roster_lay(r, g->window, g->w->arena, &turns, &n) != RC_OK)
		return work_nomem(g->w);
	for (size_t i = 0; i < n; i++) {
		if (turns[i].who)
			continue;
		g->n++;
		if (turns[i].span.from >= g->first)
			continue;
		g->first = turns[i].span.from;
		g->site = r->site;
		snprintf(g->specialty, sizeof(g->specialty), "%s",
			 r->specialty);
	}
	return RC_OK;
}

enum rc work_on_call_gaps(struct work *w, int64_t *out_n,
			  const char **out_first)
{
	struct gaps g = {.w = w,
			 .window = {w->tx->now, w->tx->now + AHEAD},
			 .first = INT64_MAX};
	struct site site;
	enum rc rc = roster_each(w->tx, 1, g.window, w->arena, count_gaps, &g,
				 &w->err);

	*out_n = g.n;
	*out_first = NULL;
	if (rc != RC_OK || !g.site)
		return rc;
	rc = site_by_id(w->tx, g.site, w->arena, &site, &w->err);
	if (rc == RC_OK)
		*out_first = arena_printf(w->arena, "%s, %s", site.slug,
					  g.specialty);
	return rc == RC_OK && !*out_first ? work_nomem(w) : rc;
}

/* --- swapping --- */

static enum rc find_roster(struct work *w, const struct msg_swap *in,
			   struct roster **out)
{
	const struct core_span span = {in->from, in->to};
	int64_t level = in->level == FIELD_NONE ? 1 : in->level;
	size_t n;
	enum rc rc = roster_load(w->tx, w->who->site, in->specialty, span,
				 w->arena, out, &n, &w->err);

	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < n; i++, (*out)++) {
		if ((*out)->level == level)
			return RC_OK;
	}
	return work_fault(w, "/specialty",
			  "your site has no such roster of that level");
}

/* Is it theirs at any moment of the span? Else nothing would change. */
static enum rc check_duty(struct work *w, const struct msg_swap *in,
			  const struct roster *roster, int64_t gives)
{
	const struct core_span span = {in->from, in->to};
	struct roster_turn *v;
	size_t n;

	if (roster_lay(roster, span, w->arena, &v, &n) != RC_OK)
		return work_nomem(w);
	for (size_t i = 0; i < n; i++) {
		if ((v[i].who && v[i].who->expert == gives) ||
		    (!v[i].who && v[i].instead &&
		     v[i].instead->expert == gives))
			return RC_OK;
	}
	return work_fault(w, "/gives", "is not on call then");
}

static enum rc check_specialty(struct work *w, const struct msg_swap *in,
			       int64_t takes)
{
	struct calendar_loader loader = {
		.tx = w->tx, .arena = w->arena, .bare = true};
	struct core_expert e;
	enum rc rc = calendar_expert(&loader, takes, &e, &w->err);

	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; i < e.nspecialties; i++) {
		if (!strcmp(e.specialties[i], in->specialty))
			return RC_OK;
	}
	return work_fault(w, "/takes", "does not cover this specialty");
}

static enum rc who_says(struct work *w, struct roster_swap_row *row)
{
	bool all = w->who->role == ROLE_LEAD_COORDINATOR;

	row->given = all || w->who->expert == row->gives;
	row->taken = all || w->who->expert == row->takes;
	if (row->given || row->taken)
		return RC_OK;
	return err_set(&w->err, RC_FORBIDDEN,
		       "a swap is made by the two, or by a coordinator");
}

static enum rc log_swap(struct work *w, const struct msg_swap *in,
			const struct roster_swap_row *row)
{
	struct event event = {
		.actor = w->who->name,
		.actor_site = w->who->site,
		.lead = w->who->site,
		.expert = row->gives,
		.assigned = true,
		.other = row->takes,
		.thing = "on-call",
		.id = row->id,
		.version = 1,
		.verb = VERB_SWAP,
		.to_state = row->given && row->taken ? "agreed" : "proposed",
		.reason = arena_printf(w->arena, "%s, %s for %s: %s",
				       in->specialty, in->takes, in->gives,
				       in->reason),
		.request_id = w->request_id,
		.class = EVENT_CHANGE,
	};

	return event.reason ? event_append(w->tx, &event, &w->err)
			    : work_nomem(w);
}

static enum rc find_two(struct work *w, const struct msg_swap *in,
			struct roster_swap_row *row)
{
	struct core_subject gives, takes;
	enum rc rc =
		work_find_expert(w, "/gives", in->gives, w->who->site, &gives);

	if (rc == RC_OK)
		rc = work_find_expert(w, "/takes", in->takes, w->who->site,
				      &takes);
	if (rc != RC_OK)
		return rc;
	if (gives.id == takes.id)
		return work_fault(w, "/takes", "must be somebody else");
	if (in->to <= in->from)
		return work_fault(w, "/to", "must be after from");
	if (in->to <= w->tx->now)
		return work_fault(w, "/to", "is over");
	row->gives = gives.id;
	row->takes = takes.id;
	return RC_OK;
}

enum rc work_on_call_swap(struct work *w, const struct msg_swap *in,
			  struct msg_swapped *out)
{
	struct roster_swap_row row = {
		.site = w->who->site,
		.specialty = in->specialty,
		.level = in->level == FIELD_NONE ? 1 : (int)in->level,
		.span = {in->from, in->to},
	};
	struct roster *roster;
	enum rc rc = find_two(w, in, &row);

	if (rc == RC_OK)
		rc = who_says(w, &row);
	if (rc == RC_OK)
		rc = find_roster(w, in, &roster);
	if (rc == RC_OK)
		rc = check_duty(w, in, roster, row.gives);
	if (rc == RC_OK)
		rc = check_specialty(w, in, row.takes);
	if (rc == RC_OK)
		rc = roster_swap_say(w->tx, &row, &w->err);
	if (rc == RC_OK)
		rc = log_swap(w, in, &row);
	*out = (struct msg_swapped){
		.specialty = in->specialty,
		.level = row.level,
		.gives = in->gives,
		.takes = in->takes,
		.from = in->from,
		.to = in->to,
		.agreed = row.given && row.taken,
	};
	return rc;
}
