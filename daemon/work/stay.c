#include "daemon/work/stay.h"

#include "daemon/core/kind.h"
#include "daemon/core/local.h"
#include "daemon/store/site.h"
#include "daemon/work/parts.h"

static enum rc find_zone(struct work *w, const struct booking *b,
			 const struct tz **out)
{
	struct site site;
	enum rc rc = site_by_id(w->tx, booking_receiver(b), w->arena, &site,
				&w->err);

	return rc == RC_OK
		       ? tz_get(w->tx->env->zones, site.time_zone, out, &w->err)
		       : rc;
}

enum rc stay_again(struct work *w, const struct booking *b, struct wish *out)
{
	const struct tz *zone;

	if (b->expert || !kind_row(b->kind)->beds)
		return RC_OK;
	enum rc rc = find_zone(w, b, &zone);

	if (rc != RC_OK)
		return rc;
	out->minutes = 1;
	out->expert = 0;
	out->bed_days =
		local_day(zone, b->to - 1) - local_day(zone, b->from) + 1;
	return rc;
}

static enum rc find_bed(struct work *w, const struct booking *b,
			struct booking_claim *out)
{
	struct booking_claim *v;
	size_t n;
	enum rc rc = booking_claims(w->tx, b->id, w->arena, &v, &n, &w->err);

	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		if (v[i].role == CLAIM_BED) {
			*out = v[i];
			return rc;
		}
	}
	return rc == RC_OK ? err_set(&w->err, RC_STATE, "it has no bed") : rc;
}

/* From the midnight that ends it on, or from now where that is past and nobody
 * said a word. It is that month's already, and the agreement may end
 * meanwhile: whoever lies there does. */
static enum rc decide(struct work *w, const struct booking *b, const char *ward,
		      int64_t days, struct core_plan *plan)
{
	const struct tz *zone;
	struct wish wish;
	struct ask ask;
	enum rc rc = work_wish_again(w, b, &wish);

	if (rc == RC_OK)
		rc = find_zone(w, b, &zone);
	if (rc != RC_OK)
		return rc;
	wish.at = b->to > w->tx->now ? b->to : w->tx->now;
	wish.bed_days = local_day(zone, b->to - 1) + days -
			local_day(zone, wish.at) + 1;
	if (wish.bed_days < 1)
		return work_fault(w, "/days", "are over already");
	wish.with = (struct field_strs){&ward, 1};
	wish.beyond_end = true;
	rc = ask_load(w, &wish, work_window_at(&wish), w->arena, &ask);
	ask.agreement.quota[b->kind] = -1;
	return rc == RC_OK ? ask_decide(w, &ask, &wish, plan) : rc;
}

/* Where nobody said a word in time others may have had the bed since: then it
 * is taken from now on. */
static enum rc take(struct work *w, const struct booking *b,
		    const struct booking_claim *bed, struct core_span more)
{
	struct core_span whole = {bed->from, more.to};
	bool late = more.from > b->to;
	enum rc rc = booking_set_claim(w->tx, b->id, bed, whole,
				       late ? NULL : &w->err);

	return late && rc == RC_REFUSED
		       ? booking_set_claim(w->tx, b->id, bed, more, &w->err)
		       : rc;
}

enum rc stay_longer(struct work *w, struct booking *b, int64_t days)
{
	struct core_plan plan = {0};
	struct booking_claim bed = {0};
	enum rc rc = find_bed(w, b, &bed);

	if (rc == RC_OK)
		rc = decide(w, b, bed.slug, days, &plan);
	/* No other time is offered: nobody can lie there later. */
	w->wish.agreement = 0;
	if (rc == RC_OK)
		rc = take(w, b, &bed, plan.span);
	if (rc == RC_OK)
		b->to = plan.span.to;
	return rc;
}
