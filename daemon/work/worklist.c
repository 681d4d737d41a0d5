#include "daemon/work/worklist.h"

#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "daemon/store/check_list.h"
#include "daemon/store/rows.h"
#include "daemon/work/clocks.h"

static const char *const what_names[DUE_COUNT] = {
	[DUE_ANSWER] = "answer",   [DUE_BEGIN] = "start",
	[DUE_OPINION] = "opinion", [DUE_CONSENT] = "consent",
	[DUE_CHECK] = "check",
};

/* Whose it is when it is no expert's. */
static const char *owing_site(const struct clock_item *item)
{
	if (item->row.what == DUE_CHECK)
		return item->site;
	return item->row.what == DUE_CONSENT ? item->partner : item->lead;
}

/* The experts who have to do it; nobody of them: a hospital has. */
static enum rc view_owing(struct work *w, const struct clock_item *item,
			  struct field_strs *out)
{
	struct clock_owing *owing = NULL;
	size_t n = 0;
	enum rc rc =
		item->row.what < CLOCK_WHATS
			? clock_owing(w->tx, item->row.request, item->row.what,
				      w->arena, &owing, &n, &w->err)
			: RC_OK;
	const char **v = arena_array(w->arena, n + 1, sizeof(*v));

	if (rc == RC_OK && !v)
		return work_nomem(w);
	if (rc != RC_OK)
		return rc;
	v[0] = owing_site(item);
	for (size_t i = 0; i < n; i++)
		v[i] = owing[i].slug;
	*out = (struct field_strs){v, n ? n : 1};
	return RC_OK;
}

static enum rc view_item(struct work *w, const struct clock_item *item,
			 struct msg_late *out)
{
	enum rc rc;

	*out = (struct msg_late){
		.what = what_names[item->row.what],
		.state = (int)clocks_state(&item->row, w->tx->now),
		.due = item->row.due_at,
		.since = item->row.since,
		.limit_minutes = item->row.limit_minutes,
		.kind = (int)item->kind,
		.status = (int)item->status,
		.urgency = (int)item->urgency,
		.lead = item->lead,
		.partner = item->partner,
		.expert = item->expert,
		.check = item->row.what == DUE_CHECK ? item->check : -1,
		.site = item->site,
	};
	rc = work_view_code(w, &item->booking, &out->booking);
	if (rc == RC_OK)
		rc = view_owing(w, item, &out->owes);
	return rc == RC_OK ? work_view_code(w, &item->code, &out->code) : rc;
}

/* Of the states only those are listed that run. */
static const char *const listed_names[] = {"running", "late"};
static const struct words listed = {"state", listed_names, 2};

enum rc work_worklist(struct work *w, const struct msg_list_query *in,
		      struct msg_worklist *out)
{
	struct list_filter filter;
	struct clock_item *items = NULL;
	size_t n = 0;
	enum rc rc;

	proto_clear(&msg_worklist_table, out);
	rc = work_list_filter(w, in, &listed, &filter);
	if (filter.to == FIELD_NONE)
		filter.to = w->tx->now + CIVIL_DAY;
	if (rc == RC_OK)
		rc = clock_list(w->tx, &filter, w->arena, &items, &n, &w->err);
	if (rc == RC_OK)
		rc = check_list_add(w->tx, &filter, w->arena, &items, &n,
				    &w->err);
	if (rc != RC_OK)
		return rc;
	bool more = work_list_more(&filter, &n);
	struct msg_late *v = arena_array(w->arena, n, sizeof(*v));

	if (n && !v)
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = view_item(w, &items[i], &v[i]);
	out->items = (struct field_list){v, n};
	if (more)
		out->next = work_cursor(w, items[n - 1].row.due_at,
					items[n - 1].row.id);
	return rc;
}

/* --- how they were kept --- */

#define REPORT_DAYS 30
#define MINUTE 60

/* One promise of one row. */
struct tally {
	int64_t n, in_time, late;
	int64_t *took; /* seconds that their limits counted */
	size_t ntook;
};

struct report {
	struct work *w;
	bool by_expert;
	struct msg_answers *v;
	size_t n;
	struct tally tallies[CLOCK_WHATS]; /* of the row under way */
	/* The limits that were looked up last, of one agreement. */
	int64_t agreement;
	struct {
		bool known;
		struct clock_limits limits;
	} of[URGENCY_COUNT];
};

static int by_length(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static int64_t rank(const struct tally *t, size_t part, size_t of)
{
	if (t->ntook == 0)
		return FIELD_NONE;
	qsort(t->took, t->ntook, sizeof(*t->took), by_length);
	return t->took[(t->ntook * part + of - 1) / of - 1] / MINUTE;
}

static void put_tallies(struct report *r)
{
	const struct tally *t = r->tallies;

	if (!r->v || !r->n)
		return;
	struct msg_answers *out = &r->v[r->n - 1];
	const struct {
		int64_t *n, *in_time, *late, *median, *p90;
	} to[CLOCK_WHATS] = {
		{&out->answers, &out->answers_in_time, &out->answers_late,
		 &out->answer_median_minutes, &out->answer_p90_minutes},
		{&out->starts, &out->starts_in_time, &out->starts_late,
		 &out->start_median_minutes, &out->start_p90_minutes},
		{&out->opinions, &out->opinions_in_time, &out->opinions_late,
		 &out->opinion_median_minutes, &out->opinion_p90_minutes},
	};

	for (int i = 0; i < CLOCK_WHATS; i++) {
		*to[i].n = t[i].n;
		*to[i].in_time = t[i].in_time;
		*to[i].late = t[i].late;
		*to[i].median = rank(&t[i], 1, 2);
		*to[i].p90 = rank(&t[i], 9, 10);
	}
	memset(r->tallies, 0, sizeof(r->tallies));
}

static bool same(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

static bool is_of(const struct report *r, const struct clock_kept *k)
{
	const struct msg_answers *last = r->n > 0 ? &r->v[r->n - 1] : NULL;

	if (!last)
		return false;
	return r->by_expert ? same(last->expert, k->expert)
			    : same(last->lead, k->lead) &&
				      same(last->partner, k->partner);
}

static const char *copied(struct report *r, const char *s)
{
	return arena_strndup(r->w->arena, s, strlen(s));
}

static bool begin_row(struct report *r, const struct clock_kept *k)
{
	struct msg_answers *row;

	r->v = rows_grown(r->w->arena, r->v, r->n, sizeof(*r->v));
	if (!r->v)
		return false;
	row = &r->v[r->n++];
	proto_clear(&msg_answers_table, row);
	if (r->by_expert) {
		row->expert = copied(r, k->expert);
		return row->expert;
	}
	row->lead = copied(r, k->lead);
	row->partner = copied(r, k->partner);
	return row->lead && row->partner;
}

static enum rc find_hours(struct report *r, const struct clock_kept *k,
			  const struct deadline_hours **out)
{
	struct work *w = r->w;
	enum rc rc = RC_OK;

	if (r->agreement != k->agreement)
		memset(r->of, 0, sizeof(r->of));
	r->agreement = k->agreement;
	if (!r->of[k->urgency].known)
		rc = clock_limits(w->tx, k->agreement, k->urgency, w->arena,
				  &r->of[k->urgency].limits, &w->err);
	r->of[k->urgency].known = rc == RC_OK;
	*out = &r->of[k->urgency].limits.hours;
	return rc;
}

/* How much of its limit it took. That was counted when it ended, but for those
 * of old, and for one of several who signed before the last. */
static enum rc measure(struct report *r, const struct clock_kept *k,
		       int64_t *out)
{
	bool at_end = k->kept_at == k->row.ended_at;
	int64_t from = at_end ? k->row.run_from : k->row.since;
	const struct deadline_hours *hours;

	*out = at_end ? k->row.used : 0;
	if (at_end && (!k->row.due_at || from >= k->kept_at))
		return RC_OK; /* it stood still then, or all is counted */
	enum rc rc = find_hours(r, k, &hours);

	if (rc == RC_OK)
		*out += deadline_between(hours, from, k->kept_at);
	return rc;
}

/* An expert of several is in time, or late, on their own. */
static enum clock_state state_of(const struct report *r,
				 const struct clock_kept *k)
{
	if (k->kept_at == k->row.ended_at)
		return clocks_state(&k->row, r->w->tx->now);
	return k->kept_at <= k->row.due_at ? CLOCK_MET : CLOCK_MISSED;
}

static enum rc count(struct report *r, const struct clock_kept *k)
{
	struct tally *t = &r->tallies[k->row.what];
	enum clock_state state = state_of(r, k);
	int64_t took;

	t->n++;
	t->in_time += state == CLOCK_MET;
	t->late += state == CLOCK_MISSED || state == CLOCK_LATE;
	if (!k->kept_at)
		return RC_OK;
	enum rc rc = measure(r, k, &took);

	if (rc != RC_OK)
		return rc;
	t->took = rows_grown(r->w->arena, t->took, t->ntook, sizeof(*t->took));
	if (!t->took)
		return work_nomem(r->w);
	t->took[t->ntook++] = took;
	return RC_OK;
}

static enum rc take_one(struct report *r, const struct clock_kept *k)
{
	if (k->row.what >= CLOCK_WHATS)
		return RC_OK;
	if (!is_of(r, k)) {
		put_tallies(r);
		if (!begin_row(r, k))
			return work_nomem(r->w);
	}
	return count(r, k);
}

static enum rc gather(struct work *w, const struct list_filter *filter,
		      bool by_expert, struct report *out)
{
	struct clock_walk walk;
	struct clock_kept kept;
	enum rc rc = RC_OK;

	*out = (struct report){.w = w, .by_expert = by_expert};
	clock_walk_begin(&walk, w->tx, filter, by_expert);
	while (rc == RC_OK && clock_walk_next(&walk, &kept))
		rc = take_one(out, &kept);
	if (rc == RC_OK)
		put_tallies(out);
	enum rc ended = clock_walk_end(&walk, rc == RC_OK ? &w->err : NULL);

	return rc == RC_OK ? ended : rc;
}

static enum rc join(struct work *w, const struct report *sites,
		    const struct report *experts, struct field_list *out)
{
	size_t n = sites->n + experts->n;
	struct msg_answers *v = arena_array(w->arena, n, sizeof(*v));

	if (n && !v)
		return work_nomem(w);
	if (sites->n)
		memcpy(v, sites->v, sites->n * sizeof(*v));
	if (experts->n)
		memcpy(v + sites->n, experts->v, experts->n * sizeof(*v));
	*out = (struct field_list){v, n};
	return RC_OK;
}

enum rc work_report_answers(struct work *w, const struct msg_report_query *in,
			    struct msg_report_answers *out)
{
	struct msg_list_query all;
	struct list_filter filter;
	struct report sites, experts;
	enum rc rc;

	proto_clear(&msg_report_answers_table, out);
	proto_clear(&msg_list_query_table, &all);
	rc = work_list_filter(w, &all, &words_request_status, &filter);
	filter.to = in->to == FIELD_NONE ? w->tx->now : in->to;
	filter.from = in->from == FIELD_NONE
			      ? filter.to - (int64_t)REPORT_DAYS * CIVIL_DAY
			      : in->from;
	filter.kind = in->kind;
	if (rc == RC_OK && filter.from > filter.to)
		rc = work_fault(w, "#to", "must not be before from");
	if (rc == RC_OK)
		rc = gather(w, &filter, false, &sites);
	if (rc == RC_OK)
		rc = gather(w, &filter, true, &experts);
	if (rc != RC_OK)
		return rc;
	out->from = filter.from;
	out->to = filter.to;
	return join(w, &sites, &experts, &out->items);
}
