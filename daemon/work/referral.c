#include "daemon/work/referral.h"

#include "daemon/core/kind.h"
#include "daemon/store/course.h"
#include "daemon/store/day.h"
#include "daemon/work/tools.h"

enum rc referral_way(struct work *w, const struct msg_request_new *in,
		     struct agreement_filter *filter)
{
	int64_t own = w->who->site, id;
	struct site to;
	size_t n = 0;

	if (!in->to)
		return RC_OK;
	enum rc rc = work_find_partner(w, "/to", in->to, &to);

	if (rc == RC_OK && to.id == own)
		rc = work_fault(w, "/to", "must be another site");
	if (rc != RC_OK)
		return rc;
	filter->lead = to.id;
	rc = agreement_find(w->tx, filter, &id, 1, &n, &w->err);
	if (rc != RC_OK || n > 0)
		return rc;
	filter->lead = own;
	filter->partner = to.id;
	return rc;
}

static bool joins_same(const struct request *a, const struct request *b)
{
	return (a->lead == b->lead && a->partner == b->partner) ||
	       (a->lead == b->partner && a->partner == b->lead);
}

enum rc referral_read_of(struct work *w, const struct msg_request_new *in,
			 struct request *r)
{
	struct request of;
	enum rc rc;

	if (!in->of)
		return RC_OK;
	rc = request_by_code(w->tx, in->of, w->arena, &of, NULL);
	if (rc == RC_NOT_FOUND || (rc == RC_OK && !joins_same(r, &of)))
		return work_fault(w, "/of",
				  "there is no such request of the two"
				  " hospitals");
	if (rc != RC_OK)
		return err_set(&w->err, rc, "the request is unreadable");
	r->of = of.id;
	r->of_code = of.code;
	return RC_OK;
}

/* --- how it goes on --- */

static enum rc find_referral(struct work *w, const char *code, unsigned sides,
			     struct request *r)
{
	enum rc rc = work_find_request(w, code, sides, r);

	if (rc == RC_OK && !kind_row(r->kind)->course)
		rc = err_set(&w->err, RC_STATE,
			     "only of a referral a course is written");
	return rc;
}

static enum rc read_entry(struct work *w, const struct msg_course_new *in,
			  const struct request *r, struct course *out)
{
	*out = (struct course){
		.what = (enum course_what)in->what,
		.at = in->at == FIELD_NONE ? w->tx->now : in->at,
		.said_at = w->tx->now,
		.site = w->who->site,
		.site_slug = w->who->site_slug,
		.by = w->who->name,
		.text = in->text,
	};
	if (out->at > w->tx->now)
		return work_fault(w, "/at", "has not come yet");
	if (out->at < r->submitted_at)
		return work_fault(w, "/at", "is before it was submitted");
	return RC_OK;
}

static struct msg_course_entry view(const struct course *c, bool words)
{
	return (struct msg_course_entry){.what = (int)c->what,
					 .at = c->at,
					 .said_at = c->said_at,
					 .site = c->site_slug,
					 .by = c->by,
					 .text = words ? c->text : NULL};
}

enum rc work_course_add(struct work *w, const char *code,
			const struct msg_course_new *in,
			struct msg_course_entry *out)
{
	struct work_change change = {.verb = VERB_COURSE};
	struct course entry;
	struct request r;
	enum rc rc = find_referral(w, code, SIDE_LEAD | SIDE_EXPERT, &r);

	if (rc != RC_OK)
		return rc;
	change.from = (int)r.status;
	change.reason = words_name(&words_course, in->what);
	rc = work_step(w, THING_REQUEST, change.from, change.verb, &change.to);
	if (rc == RC_OK)
		rc = read_entry(w, in, &r, &entry);
	if (rc == RC_OK)
		rc = course_add(w->tx, &r, &entry, &w->err);
	if (rc == RC_OK)
		rc = work_event_request(w, &r, &change);
	/* Answers to keys are kept as they are: without the words. */
	if (rc == RC_OK)
		*out = view(&entry, false);
	return rc;
}

static int64_t or_none(int64_t at)
{
	return at ? at : FIELD_NONE;
}

/* When they came, and so on, as it is said of the booking. */
static enum rc view_day(struct work *w, const struct request *r,
			struct msg_course *out)
{
	struct booking b;
	struct day day;
	enum rc rc = booking_of_request(w->tx, r->id, w->arena, &b, NULL);

	if (rc == RC_NOT_FOUND)
		return RC_OK;
	if (rc != RC_OK)
		return err_set(&w->err, rc, "the booking is unreadable");
	rc = work_view_code(w, &b.code, &out->booking);
	if (rc == RC_OK)
		rc = day_find(w->tx, b.id, w->arena, &day, &w->err);
	if (rc != RC_OK)
		return rc;
	out->arrived_at = or_none(day.arrived_at);
	out->started_at = or_none(day.started_at);
	out->finished_at = or_none(day.finished_at);
	return rc;
}

enum rc work_course_list(struct work *w, const char *code,
			 struct msg_course *out)
{
	struct work_change read = {.verb = VERB_READ};
	struct msg_course_entry *v;
	struct course *rows;
	struct request r;
	size_t n;
	enum rc rc = work_find_request(
		w, code, SIDE_LEAD | SIDE_PARTNER | SIDE_EXPERT, &r);

	proto_clear(&msg_course_table, out);
	if (rc == RC_OK)
		rc = course_list(w->tx, &r, w->arena, &rows, &n, &w->err);
	if (rc != RC_OK)
		return rc;
	v = arena_array(w->arena, n, sizeof(*v));
	if (n && !v)
		return work_nomem(w);
	for (size_t i = 0; i < n; i++)
		v[i] = view(&rows[i], principal_reads_papers(w->who));
	out->entries = (struct field_list){v, n};
	out->status = (int)r.status;
	read.from = read.to = (int)r.status;
	rc = work_view_code(w, &r.code, &out->request);
	if (rc == RC_OK)
		rc = view_day(w, &r, out);
	return rc == RC_OK ? work_event_request(w, &r, &read) : rc;
}
