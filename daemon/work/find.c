/* Whom and what a message names (tools.h). */
#include <string.h>

#include "daemon/core/kind.h"
#include "daemon/store/calendar.h"
#include "daemon/store/duty_call.h"
#include "daemon/work/calls.h"
#include "daemon/work/refuse.h"
#include "daemon/work/tools.h"

/* Of a referral down the sides are exchanged: whoever stands on the lead's
 * sends as a partner does, and on the partner's is asked as the lead is. */
static unsigned turned(unsigned sides, bool down)
{
	unsigned lead = sides & SIDE_LEAD, partner = sides & SIDE_PARTNER;

	if (!down)
		return sides;
	return (sides & ~(unsigned)(SIDE_LEAD | SIDE_PARTNER)) |
	       (lead ? SIDE_PARTNER : 0) | (partner ? SIDE_LEAD : 0);
}

static enum rc check_sides(struct work *w, unsigned has, unsigned wanted,
			   const char *what)
{
	if (!has)
		return err_set(&w->err, RC_NOT_FOUND, "there is no such %s",
			       what);
	if (!(has & wanted))
		return err_set(&w->err, RC_FORBIDDEN,
			       "this is for the other side to do");
	return RC_OK;
}

unsigned work_booking_sides(const struct work *w, const struct booking *b)
{
	int64_t expert = booking_has_expert(b, w->who->expert) ? w->who->expert
							       : b->expert;

	return principal_sides(w->who, b->lead, b->partner, expert);
}

enum rc work_find_request(struct work *w, const char *code, unsigned sides,
			  struct request *out)
{
	struct booking live;
	enum rc rc = request_by_code(w->tx, code, w->arena, out, &w->err);

	if (rc != RC_OK)
		return rc;
	unsigned has = principal_sides(
		w->who, out->lead, out->partner,
		core_request_assigned(out->status) ? out->expert : 0);

	if (!has && w->who->expert) {
		rc = booking_of_request(w->tx, out->id, w->arena, &live, NULL);
		if (rc == RC_OK)
			has = work_booking_sides(w, &live);
		else if (rc != RC_NOT_FOUND)
			return err_set(&w->err, rc,
				       "the booking is unreadable");
	}
	if (!has && w->who->expert && calls_open(out)) {
		bool called;

		rc = duty_call_reached(w->tx, out->id, w->who->expert, &called,
				       &w->err);
		if (rc != RC_OK)
			return rc;
		has = called ? SIDE_EXPERT : 0;
	}
	return check_sides(w, turned(has, out->down), sides, "request");
}

enum rc work_find_booking(struct work *w, const char *code, unsigned sides,
			  struct booking *out)
{
	enum rc rc = booking_by_code(w->tx, code, w->arena, out, &w->err);

	if (rc != RC_OK)
		return rc;
	return check_sides(w, turned(work_booking_sides(w, out), out->down),
			   sides, "booking");
}

static enum rc is_near(struct work *w, const struct core_subject *expert,
		       int64_t lead, bool *out)
{
	*out = expert->type == SUBJECT_EXPERT &&
	       expert->site == (lead ? lead : w->who->site);
	if (*out || lead || expert->type != SUBJECT_EXPERT)
		return RC_OK;
	return agreement_joins(w->tx, w->who->site, expert->site, out, &w->err);
}

enum rc work_find_expert(struct work *w, const char *pointer, const char *slug,
			 int64_t lead, struct core_subject *out)
{
	struct calendar_loader loader = {.tx = w->tx, .arena = w->arena};
	bool near = false;

	*out = (struct core_subject){0};
	if (!slug)
		return RC_OK;
	enum rc rc = calendar_find(&loader, slug, out, &w->err);

	if (rc == RC_OK)
		rc = is_near(w, out, lead, &near);
	if (rc == RC_NOT_FOUND || (rc == RC_OK && !near))
		return work_fault(w, pointer,
				  lead ? "the lead has no such expert"
				       : "you work with no such expert");
	return rc;
}

enum rc work_find_surgeon(struct work *w, const char *pointer, enum kind kind,
			  const char *slug, int64_t partner, int64_t *out)
{
	struct calendar_loader loader = {.tx = w->tx, .arena = w->arena};
	struct core_subject s;

	*out = 0;
	if (!slug)
		return RC_OK;
	if (!(kind_row(kind)->parts & KIND_PART_SURGEON))
		return work_fault(w, pointer, "this kind has no surgeon");
	enum rc rc = calendar_find(&loader, slug, &s, &w->err);

	if (rc == RC_NOT_FOUND ||
	    (rc == RC_OK && (s.type != SUBJECT_EXPERT || s.site != partner)))
		return work_fault(w, pointer, "the partner has no such expert");
	*out = s.id;
	return rc;
}

enum rc work_read_around(struct work *w, const char *pointer, enum kind kind,
			 int64_t minutes, int64_t *out)
{
	if (minutes == FIELD_NONE)
		return RC_OK;
	if (!kind_row(kind)->operation)
		return work_fault(w, pointer,
				  "this kind has no operation about it");
	*out = minutes;
	return RC_OK;
}

#define AGREEMENTS_TRIED 8

static enum rc which_agreement(struct work *w, const int64_t *ids, size_t n)
{
	struct core_agreement a;
	struct buf names;

	buf_init(&names, ERR_TEXT_MAX);
	for (size_t i = 0; i < n; i++) {
		if (agreement_by_id(w->tx, ids[i], w->arena, &a, NULL) == RC_OK)
			buf_printf(&names, "%s%s", i ? ", " : "", a.slug);
	}
	enum rc rc = work_fault(w, "/agreement",
				"several agreements fit; name one of: %s",
				buf_cstr(&names));

	buf_fini(&names);
	return rc;
}

enum rc work_find_agreement(struct work *w,
			    const struct agreement_filter *filter,
			    struct core_agreement *out)
{
	int64_t ids[AGREEMENTS_TRIED];
	size_t n;
	enum rc rc = agreement_find(w->tx, filter, ids, AGREEMENTS_TRIED, &n,
				    &w->err);

	if (rc != RC_OK)
		return rc;
	if (n == 0 && filter->slug)
		return work_fault(w, "/agreement",
				  "the partner has no such agreement");
	if (n == 0)
		return refuse_uncovered(w, filter);
	if (n > 1)
		return which_agreement(w, ids, n);
	return agreement_by_id(w->tx, ids[0], w->arena, out, &w->err);
}

enum rc work_find_partner(struct work *w, const char *pointer, const char *slug,
			  struct site *out)
{
	bool joined = false;

	if (!slug)
		slug = w->who->site_slug;
	enum rc rc = site_by_slug(w->tx, slug, w->arena, out, &w->err);

	if (rc == RC_OK && out->id == w->who->site)
		return RC_OK;
	if (rc == RC_OK)
		rc = agreement_joins(w->tx, w->who->site, out->id, &joined,
				     &w->err);
	if (rc == RC_NOT_FOUND || (rc == RC_OK && !joined))
		return work_fault(w, pointer, "you work with no such site");
	return rc;
}

int64_t work_minutes(enum kind kind)
{
	return kind_row(kind)->places ? 1 : kind_row(kind)->default_minutes;
}

enum rc work_read_minutes(struct work *w, const char *pointer, enum kind kind,
			  int64_t minutes, int64_t *out)
{
	if (minutes == FIELD_NONE)
		return RC_OK;
	if (kind_row(kind)->places)
		return work_fault(w, pointer,
				  "a place is as long as its session says");
	*out = minutes;
	return RC_OK;
}

enum rc work_read_bed(struct work *w, const char *pointer, int64_t days,
		      struct wish *out)
{
	if (days == FIELD_NONE)
		return RC_OK;
	if (!kind_row(out->kind)->beds)
		return work_fault(w, pointer, "this kind takes no bed");
	out->bed_days = days;
	out->expert = 0;
	return RC_OK;
}

void work_wish_of(const struct request *r, struct wish *out)
{
	*out = (struct wish){
		.agreement = r->agreement,
		.kind = r->kind,
		.minutes = r->minutes,
		.before = r->before,
		.after = r->after,
		.specialty = r->specialty,
		.title = r->expert ? NULL : r->title,
		.modality = r->modality,
		.languages = r->languages,
		.nlanguages = r->nlanguages,
		.expert = r->expert,
		.also = {r->also, r->nalso},
		.surgeon = r->surgeon,
		.patient = r->patient,
		.down = r->down,
	};
}

enum rc work_given_already(struct work *w, const struct work_given *fields,
			   size_t n)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < n; i++)
		if (fields[i].given)
			rc = work_fault(w, fields[i].pointer,
					"the request says it already");
	return rc;
}
