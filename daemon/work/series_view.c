/* Series as they are shown, and told (series.h). */
#include "daemon/work/series.h"

#include <string.h>

#include "daemon/work/tools.h"

enum rc series_name(struct work *w, int64_t booking, const char **out)
{
	struct series s;
	enum rc rc = series_of_booking(w->tx, booking, w->arena, &s, &w->err);

	*out = NULL;
	if (rc == RC_NOT_FOUND)
		return RC_OK;
	return rc == RC_OK ? work_view_code(w, &s.code, out) : rc;
}

enum rc series_tell(struct work *w, const struct series *s, enum verb verb,
		    const char *reason)
{
	const struct event e = {
		.actor = w->who->name,
		.actor_site = w->who->site,
		.lead = s->lead,
		.partner = s->partner,
		.thing = "series",
		.id = s->id,
		.code = s->code.s,
		.version = 1,
		.verb = verb,
		.reason = reason,
		.request_id = w->request_id,
		.class = EVENT_CHANGE,
	};

	return event_append(w->tx, &e, &w->err);
}

enum rc series_view(struct work *w, const struct series *s,
		    struct msg_series *out)
{
	proto_clear(&msg_series_table, out);
	out->kind = (int)s->kind;
	out->lead = s->lead_slug;
	out->partner = s->partner_slug;
	out->rrule = s->rrule;
	out->start = s->start;
	out->time_zone = s->time_zone;
	out->on_holiday = (int)s->on_holiday;
	out->except = (struct field_strs){s->except, s->nexcept};
	out->add = (struct field_strs){s->also, s->nalso};
	out->made_at = s->made_at;
	out->days = s->noccurrences;
	out->booked = s->nbooked;
	return work_view_code(w, &s->code, &out->code);
}

enum rc series_view_day(struct work *w, const struct occurrence *o,
			struct msg_occurrence *out)
{
	proto_clear(&msg_occurrence_table, out);
	out->position = o->position;
	out->day = o->day;
	out->planned = o->planned;
	out->outcome = o->left_out  ? OUTCOME_LEFT_OUT
		       : o->booking ? OUTCOME_MADE
				    : OUTCOME_SKIPPED;
	out->why = o->left_out ? "a day off" : o->why;
	if (!o->code.s[0])
		return RC_OK;
	out->apart = o->from != o->planned;
	out->status = (int)o->status;
	out->from = o->from;
	out->to = o->to;
	out->expert = o->expert_slug;
	return work_view_code(w, &o->code, &out->booking);
}

void series_view_attempt(const struct attempt *a, struct msg_occurrence *out)
{
	out->why = a->why;
	out->blockers = a->blockers;
	if (a->blockers_more)
		out->blockers_more = (int64_t)a->blockers_more;
}

const char *series_why(struct work *w, const struct attempt *a)
{
	const struct msg_blocker *v = a->blockers.v;
	const char *all = a->why;
	size_t told = 0;

	/* As many as there is room for. */
	for (size_t i = 0; i < a->blockers.n; i++) {
		const char *more = !v[i].detail ? NULL
				   : told ? arena_printf(w->arena, "%s; %s",
							 all, v[i].detail)
					  : v[i].detail;

		if (!more || strlen(more) > OCCURRENCE_WHY_MAX)
			continue;
		all = more;
		told++;
	}
	return all;
}

enum rc series_refuse(struct work *w, struct msg_occurrence *failed, size_t n,
		      const char *what)
{
	w->occurrences = (struct field_list){failed, n};
	w->blockers = failed[0].blockers;
	return err_set(&w->err, RC_REFUSED,
		       "%zu cannot be %s, so nothing was done", n, what);
}

/* --- reading --- */

static enum rc is_theirs(struct work *w, const struct occurrence *o, bool *out)
{
	struct booking b;

	*out = false;
	if (!o->booking)
		return RC_OK;
	enum rc rc = booking_by_id(w->tx, o->booking, w->arena, &b, &w->err);

	*out = rc == RC_OK && work_booking_sides(w, &b) != 0;
	return rc;
}

/* An expert sees the days that are theirs. */
static enum rc view_days(struct work *w, const struct series *s, unsigned sides,
			 struct msg_series *out)
{
	struct occurrence *days;
	struct msg_occurrence *v;
	size_t n, seen = 0;
	enum rc rc =
		series_occurrences(w->tx, s->id, w->arena, &days, &n, &w->err);

	if (rc != RC_OK)
		return rc;
	v = arena_array(w->arena, n, sizeof(*v));
	if (n && !v)
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		bool theirs = sides != 0;

		if (!theirs)
			rc = is_theirs(w, &days[i], &theirs);
		if (rc == RC_OK && theirs)
			rc = series_view_day(w, &days[i], &v[seen++]);
	}
	out->occurrences = (struct field_list){v, seen};
	if (!sides)
		out->days = out->booked = FIELD_NONE;
	return rc;
}

enum rc work_series_show(struct work *w, const char *code,
			 struct msg_series *out)
{
	struct series s;
	enum rc rc = series_by_code(w->tx, code, w->arena, &s, &w->err);

	if (rc != RC_OK)
		return rc == RC_NOT_FOUND
			       ? err_set(&w->err, rc, "there is no such series")
			       : rc;
	unsigned sides = principal_sides(w->who, s.lead, s.partner, 0);

	rc = series_view(w, &s, out);
	if (rc == RC_OK)
		rc = view_days(w, &s, sides, out);
	if (rc == RC_OK && !sides && !out->occurrences.n)
		return err_set(&w->err, RC_NOT_FOUND,
			       "there is no such series");
	return rc;
}

enum rc work_series_list(struct work *w, const struct msg_list_query *in,
			 struct msg_series_list *out)
{
	struct list_filter filter;
	struct series *rows = NULL;
	size_t n = 0;
	enum rc rc = work_list_filter(w, in, &words_booking_status, &filter);

	proto_clear(&msg_series_list_table, out);
	if (rc == RC_OK)
		rc = series_list(w->tx, &filter, w->arena, &rows, &n, &w->err);
	if (rc != RC_OK)
		return rc;
	bool more = work_list_more(&filter, &n);
	struct msg_series *v = arena_array(w->arena, n, sizeof(*v));

	if (n && !v)
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		rc = series_view(w, &rows[i], &v[i]);
		if (!principal_sides(w->who, rows[i].lead, rows[i].partner, 0))
			v[i].days = v[i].booked = FIELD_NONE;
	}
	out->items = (struct field_list){v, n};
	if (more)
		out->next = work_cursor(w, rows[n - 1].id, rows[n - 1].id);
	return rc;
}
