/* Who waits and what is offered, as lists (waitlist.h). */
#include <string.h>

#include "daemon/store/calendar.h"
#include "daemon/work/waitlist.h"

static enum rc read_query(struct work *w, const struct msg_wait_query *in,
			  struct list_filter *out)
{
	struct msg_list_query query;

	proto_clear(&msg_list_query_table, &query);
	query.site = in->site;
	query.limit = in->limit;
	query.cursor = in->cursor;
	return work_list_filter(w, &query, &words_request_status, out);
}

/* --- the waitlist --- */

/* A page of it in the making: by lead, then by place. */
struct page {
	struct list_filter filter;
	struct msg_waiting *v; /* room for filter.limit */
	size_t n;
	int64_t lead, place; /* of the last one */
	bool more;
};

static enum rc view_windows(struct work *w, const struct waiting *row,
			    struct field_list *out)
{
	struct msg_interval *v =
		arena_array(w->arena, row->nwindows, sizeof(*v));

	if (row->nwindows && !v)
		return work_nomem(w);
	for (size_t i = 0; i < row->nwindows; i++)
		v[i] = (struct msg_interval){row->windows[i].from,
					     row->windows[i].to};
	*out = (struct field_list){v, row->nwindows};
	return RC_OK;
}

static enum rc view_expert(struct work *w, int64_t expert, const char **out)
{
	struct calendar_loader loader = {
		.tx = w->tx, .arena = w->arena, .bare = true};
	struct core_subject s;

	*out = NULL;
	if (!expert)
		return RC_OK;
	enum rc rc = calendar_name(&loader, expert, &s, &w->err);

	*out = s.slug;
	return rc;
}

static enum rc view_waiting(struct work *w, const struct waiting *row,
			    size_t before, struct msg_waiting *out)
{
	struct request r;
	enum rc rc = request_by_id(w->tx, row->request, w->arena, &r, &w->err);

	proto_clear(&msg_waiting_table, out);
	if (rc != RC_OK)
		return rc;
	out->kind = (int)r.kind;
	out->urgency = (int)row->urgency;
	out->lead = r.lead_slug;
	out->partner = r.partner_slug;
	out->specialty = r.specialty;
	out->submitted_at = row->submitted_at;
	out->put_at = row->put_at;
	out->before = (int64_t)before;
	out->displaced = row->first;
	out->until = row->until;
	out->notice_minutes = row->notice;
	if (row->rests_at)
		out->rests_since = row->rests_at;
	rc = work_view_code(w, &row->code, &out->request);
	if (rc == RC_OK)
		rc = work_view_code(w, &row->offer, &out->offer);
	if (rc == RC_OK)
		rc = view_expert(w, row->expert, &out->expert);
	return rc == RC_OK ? view_windows(w, row, &out->windows) : rc;
}

/* Of somebody else's request nothing is told but that it is there. */
static bool is_shown(const struct page *page, const struct waiting *row,
		     int64_t place, int64_t site)
{
	const struct list_filter *f = &page->filter;

	if (f->as_lead != row->lead && f->as_partner != row->partner)
		return false;
	if (f->site && site != row->lead && site != row->partner)
		return false;
	return !f->after || row->lead > f->after_key ||
	       (row->lead == f->after_key && place > f->after_id);
}

static enum rc add_lead(struct work *w, int64_t lead, int64_t site,
			struct page *page)
{
	struct waiting *rows = NULL;
	struct waitlist_place *places = NULL;
	size_t n = 0;
	enum rc rc = waiting_of_lead(w->tx, lead, w->arena, &rows, &n, &w->err);

	if (rc == RC_OK)
		rc = work_wait_order(w, rows, n, &places);
	for (size_t i = 0; rc == RC_OK && i < n && !page->more; i++) {
		const struct waiting *row = &rows[places[i].row];

		if (!is_shown(page, row, (int64_t)i + 1, site))
			continue;
		page->more = page->n + 1 == (size_t)page->filter.limit;
		if (page->more)
			break;
		rc = view_waiting(w, row, i, &page->v[page->n++]);
		page->lead = lead;
		page->place = (int64_t)i + 1;
	}
	return rc;
}

static enum rc find_site(struct work *w, const char *slug, int64_t *out)
{
	struct site site = {0};

	if (!slug)
		return RC_OK;
	enum rc rc = site_by_slug(w->tx, slug, w->arena, &site, &w->err);

	*out = rc == RC_OK ? site.id : -1;
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}

enum rc work_waitlist(struct work *w, const struct msg_wait_query *in,
		      struct msg_waitlist *out)
{
	struct page page = {0};
	int64_t *leads = NULL, site = 0;
	size_t n = 0;
	enum rc rc = read_query(w, in, &page.filter);

	proto_clear(&msg_waitlist_table, out);
	if (rc == RC_OK)
		rc = find_site(w, in->site, &site);
	if (rc == RC_OK)
		rc = waiting_leads(w->tx, page.filter.as_lead,
				   page.filter.as_partner, w->arena, &leads, &n,
				   &w->err);
	if (rc != RC_OK)
		return rc;
	page.v = arena_array(w->arena, (size_t)page.filter.limit,
			     sizeof(*page.v));
	if (!page.v)
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < n && !page.more; i++)
		rc = add_lead(w, leads[i], site, &page);
	out->items = (struct field_list){page.v, page.n};
	if (page.more)
		out->next = work_cursor(w, page.lead, page.place);
	return rc;
}

/* --- offers --- */

static enum rc view_offer(struct work *w, const struct offer *o,
			  struct msg_offer *out)
{
	const struct booking *b = &o->booking;

	proto_clear(&msg_offer_table, out);
	out->kind = (int)b->kind;
	out->urgency = (int)o->urgency;
	out->lead = b->lead_slug;
	out->partner = b->partner_slug;
	out->expert = b->expert_slug;
	out->from = b->from;
	out->to = b->to;
	out->time_zone = b->lead_zone;
	out->made_at = o->made_at;
	out->until = o->until;
	enum rc rc = work_view_code(w, &b->code, &out->booking);

	return rc == RC_OK ? work_view_code(w, &b->request_code, &out->request)
			   : rc;
}

enum rc work_offer_list(struct work *w, const struct msg_wait_query *in,
			struct msg_offer_list *out)
{
	struct list_filter filter;
	struct offer *rows = NULL;
	size_t n = 0;
	enum rc rc = read_query(w, in, &filter);

	proto_clear(&msg_offer_list_table, out);
	if (rc == RC_OK)
		rc = offer_list(w->tx, &filter, w->arena, &rows, &n, &w->err);
	if (rc != RC_OK)
		return rc;
	bool more = work_list_more(&filter, &n);
	struct msg_offer *v = arena_array(w->arena, n, sizeof(*v));

	if (n && !v)
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = view_offer(w, &rows[i], &v[i]);
	out->items = (struct field_list){v, n};
	if (more)
		out->next = work_cursor(w, rows[n - 1].until,
					rows[n - 1].booking.id);
	return rc;
}
