/* What was measured of emergencies, by partner. */
#include <stdlib.h>
#include <string.h>

#include "daemon/work/calls.h"
#include "daemon/work/emergency.h"

#define REPORT_DAYS (30 * (int64_t)86400)

/* The measured ones of a list, in order. */
struct sample {
	int64_t *v;
	size_t n;
};

static int by_length(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* The smallest that so many percent of all are no longer than. */
static int64_t percentile(const struct sample *s, size_t percent)
{
	size_t rank = (s->n * percent + 99) / 100;

	return s->v[rank ? rank - 1 : 0];
}

static enum rc view_figure(struct work *w, struct sample *s,
			   struct msg_interval_figure **out)
{
	struct msg_interval_figure *f = arena_alloc(w->arena, sizeof(*f));

	if (!f)
		return work_nomem(w);
	*f = (struct msg_interval_figure){(int64_t)s->n, FIELD_NONE,
					  FIELD_NONE};
	if (s->n) {
		qsort(s->v, s->n, sizeof(*s->v), by_length);
		f->median = percentile(s, 50);
		f->p90 = percentile(s, 90);
	}
	*out = f;
	return RC_OK;
}

/* One of the intervals, of all of them. */
static enum rc measure(struct work *w, const struct duty_measured *v, size_t n,
		       size_t offset, struct msg_interval_figure **out)
{
	struct sample s = {
		.v = arena_array(w->arena, n, sizeof(*s.v)),
	};

	if (!s.v)
		return work_nomem(w);
	for (size_t i = 0; i < n; i++) {
		struct msg_intervals all;
		int64_t length;

		calls_view_times(&v[i].times, &all);
		memcpy(&length, (const char *)&all + offset, sizeof(length));
		if (length != FIELD_NONE)
			s.v[s.n++] = length;
	}
	return view_figure(w, &s, out);
}

static enum rc view_site(struct work *w, const struct duty_measured *v,
			 size_t n, struct msg_emergency_site *out)
{
	*out = (struct msg_emergency_site){.site = v[0].site,
					   .requests = (int64_t)n};
	const struct {
		size_t offset;
		struct msg_interval_figure **figure;
	} rows[] = {
		{offsetof(struct msg_intervals, door_to_request),
		 &out->door_to_request},
		{offsetof(struct msg_intervals, request_to_call),
		 &out->request_to_call},
		{offsetof(struct msg_intervals, call_to_answer),
		 &out->call_to_answer},
		{offsetof(struct msg_intervals, door_to_answer),
		 &out->door_to_answer},
		{offsetof(struct msg_intervals, door_to_start),
		 &out->door_to_start},
	};
	enum rc rc = RC_OK;

	for (size_t i = 0; i < n; i++) {
		out->answered += v[i].times.answered != INT64_MIN;
		out->unanswered += v[i].status == REQUEST_SUBMITTED ||
				   v[i].status == REQUEST_EXPIRED;
		out->displaced += v[i].displaced;
	}
	for (size_t i = 0; rc == RC_OK && i < sizeof(rows) / sizeof(rows[0]);
	     i++)
		rc = measure(w, v, n, rows[i].offset, rows[i].figure);
	return rc;
}

static enum rc view_sites(struct work *w, const struct duty_measured *v,
			  size_t n, struct field_list *out)
{
	struct msg_emergency_site *sites =
		arena_array(w->arena, n, sizeof(*sites));
	enum rc rc = RC_OK;

	if (n && !sites)
		return work_nomem(w);
	*out = (struct field_list){sites, 0};
	for (size_t i = 0, k; rc == RC_OK && i < n; i = k) {
		for (k = i + 1; k < n && !strcmp(v[k].site, v[i].site);)
			k++;
		rc = view_site(w, v + i, k - i, &sites[out->n++]);
	}
	return rc;
}

enum rc work_report_emergencies(struct work *w,
				const struct msg_emergencies_query *in,
				struct msg_emergencies *out)
{
	const struct principal *who = w->who;
	struct duty_filter filter = {.site = in->site};
	struct duty_measured *v;
	size_t n;

	filter.to = in->to == FIELD_NONE ? w->tx->now + 1 : in->to;
	filter.from =
		in->from == FIELD_NONE ? filter.to - REPORT_DAYS : in->from;
	if (principal_sides(who, who->site, 0, 0) & SIDE_LEAD)
		filter.as_lead = who->site;
	if (principal_sides(who, 0, who->site, 0) & SIDE_PARTNER)
		filter.as_partner = who->site;
	*out = (struct msg_emergencies){.from = filter.from, .to = filter.to};
	enum rc rc = duty_report(w->tx, &filter, w->arena, &v, &n, &w->err);

	return rc == RC_OK ? view_sites(w, v, n, &out->sites) : rc;
}
