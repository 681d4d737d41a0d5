#include "daemon/work/feed.h"

#include <string.h>

#include "daemon/store/calendar.h"
#include "daemon/store/feed.h"
#include "daemon/store/site.h"

/* Do the principal's own people work with those of that site? */
static enum rc check_joined(struct work *w, int64_t site, const char *what)
{
	bool joined = site == w->who->site;
	enum rc rc = RC_OK;

	if (!joined && w->who->site)
		rc = agreement_joins(w->tx, site, w->who->site, &joined,
				     &w->err);
	if (rc == RC_OK && !joined)
		rc = err_set(&w->err, RC_NOT_FOUND, "there is no such %s",
			     what);
	return rc;
}

static enum rc find_expert(struct work *w, const char *slug, int64_t *out)
{
	struct calendar_loader loader = {.tx = w->tx, .arena = w->arena};
	struct core_subject s;
	enum rc rc = calendar_find(&loader, slug, &s, &w->err);

	if (rc == RC_OK && s.type == SUBJECT_EXPERT) {
		*out = s.id;
		return check_joined(w, s.site, "expert");
	}
	return rc == RC_OK || rc == RC_NOT_FOUND
		       ? err_set(&w->err, RC_NOT_FOUND,
				 "there is no such expert")
		       : rc;
}

static enum rc find_site(struct work *w, const char *slug, int64_t *out)
{
	struct site site;
	enum rc rc = site_by_slug(w->tx, slug, w->arena, &site, &w->err);

	if (rc == RC_OK) {
		*out = site.id;
		return check_joined(w, site.id, "site");
	}
	return rc == RC_NOT_FOUND
		       ? err_set(&w->err, rc, "there is no such site")
		       : rc;
}

enum rc work_feed_begin(struct work *w, const struct msg_feed_query *in,
			struct work_feed *out)
{
	enum rc rc = RC_OK;

	*out = (struct work_feed){0};
	if (in->expert)
		rc = find_expert(w, in->expert, &out->expert);
	if (rc == RC_OK && in->site)
		rc = find_site(w, in->site, &out->site);
	return rc;
}

/* Of two hospitals, and told to theirs. */
static bool is_of_sites(const struct feed_row *row)
{
	return !strcmp(row->thing, "request") ||
	       !strcmp(row->thing, "booking") ||
	       !strcmp(row->thing, "session") ||
	       !strcmp(row->thing, "series") ||
	       !strcmp(row->thing, "agreement") ||
	       !strcmp(row->thing, "on-call") || !strcmp(row->thing, "roster");
}

/* As whom the principal is told of it; 0: not at all. Whoever is an expert no
 * more of it is told that, and not who has it now. */
static unsigned sides_of(const struct principal *who,
			 const struct feed_row *row, bool *out_theirs_no_more)
{
	unsigned sides = principal_sides(who, row->lead, row->partner,
					 row->assigned ? row->expert : 0);

	bool no_more = row->other || row->viewer == FEED_BESIDE_NO_MORE;

	if (row->viewer == FEED_BESIDE)
		sides |= SIDE_EXPERT;

	*out_theirs_no_more = !sides && no_more;
	if (sides || row->viewer != FEED_BESIDE_NO_MORE)
		return sides ? sides : principal_sides(who, 0, 0, row->other);
	return SIDE_EXPERT;
}

/* What is told of it; false: nothing. */
static bool view(const struct principal *who, const struct work_feed *feed,
		 const struct feed_row *row, struct msg_change *out)
{
	bool no_more = false;
	bool shown = is_of_sites(row) ? sides_of(who, row, &no_more) != 0
				      : who->role == ROLE_ADMINISTRATOR;
	int64_t expert = no_more ? 0 : row->expert;
	int64_t other = no_more ? who->expert : row->other;

	if (feed->expert && feed->expert != expert && feed->expert != other &&
	    (no_more || row->wanted == FEED_NOT_BESIDE))
		shown = false;
	if (feed->site && feed->site != row->lead && feed->site != row->partner)
		shown = false;
	*out = (struct msg_change){
		.seq = row->seq,
		.at = row->at,
		.thing = row->thing,
		.code = row->code,
		.verb = row->verb,
		.from_state = row->from_state,
		.to_state = row->to_state,
		.version = row->version,
		.lead = row->lead_slug,
		.partner = row->partner_slug,
		.actor_site = row->actor_site_slug,
		.expert = no_more ? NULL : row->expert_slug,
		.agreement = row->agreement,
	};
	return shown;
}

enum rc work_feed_read(struct work *w, const struct work_feed *feed,
		       const struct work_feed_span *span, int64_t *out_seq)
{
	struct msg_change change;
	struct feed_row row;
	struct feed rows;
	bool more = true;

	*out_seq = span->upto;
	feed_begin(&rows, w->tx,
		   &(struct feed_span){.after = span->after,
				       .upto = span->upto,
				       .viewer = w->who->expert,
				       .wanted = feed->expert});
	while (more && feed_next(&rows, &row)) {
		if (!view(w->who, feed, &row, &change))
			continue;
		more = span->tell(span->ctx, &change);
		if (!more)
			*out_seq = row.seq;
	}
	return feed_end(&rows, &w->err);
}
