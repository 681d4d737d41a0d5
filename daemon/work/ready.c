#include "daemon/work/ready.h"

#include <string.h>

#include "base/civil.h"
#include "daemon/core/kind.h"
#include "daemon/store/network.h"
#include "daemon/work/parts.h"

struct end {
	int64_t id;
	const char *slug;
};

/* --- by when --- */

/* 0: it is not asked for. */
static int64_t minutes_of(const struct session_terms *terms, int what)
{
	const int64_t minutes[CHECK_COUNT] = {
		[CHECK_EQUIPMENT] = terms->equipment,
		[CHECK_LINK] = terms->link,
		[CHECK_CONNECTED] = terms->connected,
	};

	return minutes[what];
}

static int64_t due_at(const struct booking *b,
		      const struct session_terms *terms, int what)
{
	return b->from - minutes_of(terms, what) * 60;
}

static enum rc read_terms(struct work *w, const struct booking *b,
			  struct session_terms *out)
{
	return network_session_terms(w->tx, b->agreement, out, &w->err);
}

/* From that one on, the first that is asked for and due from then on. */
static enum rc put_next(struct work *w, const struct booking *b,
			const struct session_terms *terms, int what,
			int64_t from)
{
	while (what < CHECK_COUNT &&
	       (minutes_of(terms, what) == 0 || due_at(b, terms, what) <= from))
		what++;
	if (what >= CHECK_COUNT)
		return RC_OK;
	struct due_row row = {.at = due_at(b, terms, what),
			      .what = DUE_CHECK,
			      .thing = THING_BOOKING,
			      .thing_id = b->id,
			      .step = what};

	return due_put(w->tx, &row, &w->err);
}

/* When the first of them is asked for. */
static int64_t first_due(const struct booking *b,
			 const struct session_terms *terms)
{
	int64_t first = b->from;

	for (int what = 0; what < CHECK_COUNT; what++)
		if (due_at(b, terms, what) < first)
			first = due_at(b, terms, what);
	return first;
}

/* That something worked long before a session that has another time now: at
 * more than twice the time that the check is asked for before it. What did not
 * work stays so until it does. Once everything is to be looked at again, what
 * was chosen is to be, too. */
static enum rc forget(struct work *w, const struct booking *b,
		      const struct session_terms *terms)
{
	struct day day;
	enum rc rc = day_find(w->tx, b->id, w->arena, &day, &w->err);

	for (int what = 0; rc == RC_OK && what < CHECK_COUNT; what++)
		rc = day_forget_check(w->tx, b->id, (enum check_what)what,
				      b->from - minutes_of(terms, what) * 120,
				      &w->err);
	if (rc != RC_OK || day.contingency < 0 ||
	    (day.contingency != CONTINGENCY_POSTPONE &&
	     first_due(b, terms) <= w->tx->now))
		return rc;
	day.contingency = -1;
	return day_put(w->tx, &day, &w->err);
}

static enum rc begin(struct work *w, const struct booking *b, bool again)
{
	struct session_terms terms;
	enum rc rc = read_terms(w, b, &terms);

	if (rc == RC_OK && again)
		rc = forget(w, b, &terms);
	if (rc == RC_OK)
		rc = due_drop(w->tx, DUE_CHECK, THING_BOOKING, b->id, &w->err);
	return rc == RC_OK ? put_next(w, b, &terms, 0, w->tx->now) : rc;
}

enum rc ready_follow(struct work *w, const struct booking *b,
		     const struct work_change *change)
{
	bool booked = change->to == BOOKING_BOOKED &&
		      (change->from != change->to || change->verb == VERB_MOVE);

	if (!kind_row(b->kind)->checks || change->to == BOOKING_PENDING)
		return RC_OK;
	if (booked)
		return begin(w, b, change->verb == VERB_MOVE);
	if (change->from == change->to || change->to == BOOKING_ARRIVED ||
	    change->from == BOOKING_PENDING)
		return RC_OK;
	return due_drop(w->tx, DUE_CHECK, THING_BOOKING, b->id, &w->err);
}

static const struct day_check *check_of(const struct day_check *v, size_t n,
					int64_t site, int what)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].site == site && (int)v[i].what == what)
			return &v[i];
	return NULL;
}

static enum rc remind_site(struct work *w, const struct booking *b, int what,
			   const char *site)
{
	struct work_change change = {.verb = VERB_REMIND,
				     .from = (int)b->status,
				     .to = (int)b->status,
				     .by_system = true};

	change.reason = arena_printf(w->arena, "%s at %s: nobody has said yet",
				     words_name(&words_check, what), site);
	return change.reason ? work_event_booking(w, b, &change)
			     : work_nomem(w);
}

enum rc ready_remind(struct work *w, const struct due_row *row)
{
	struct day_check v[DAY_CHECKS_MAX];
	struct session_terms terms;
	struct booking b;
	int what = (int)row->step;
	size_t n = 0;
	enum rc rc = day_booking(w->tx, row->thing_id, w->arena, &b, &w->err);

	if (rc != RC_OK ||
	    (b.status != BOOKING_BOOKED && b.status != BOOKING_ARRIVED))
		return rc;
	rc = day_checks(w->tx, b.id, v, &n, &w->err);
	if (rc == RC_OK && !check_of(v, n, b.lead, what))
		rc = remind_site(w, &b, what, b.lead_slug);
	if (rc == RC_OK && !check_of(v, n, b.partner, what))
		rc = remind_site(w, &b, what, b.partner_slug);
	if (rc == RC_OK)
		rc = read_terms(w, &b, &terms);
	/* Those whose time passed while the service stood still, too. */
	return rc == RC_OK ? put_next(w, &b, &terms, what + 1, INT64_MIN) : rc;
}

/* --- what is said --- */

static enum rc find_open(struct work *w, const char *code, unsigned sides,
			 struct booking *b, struct day *day)
{
	enum rc rc = work_find_booking(w, code, sides, b);

	if (rc == RC_OK)
		rc = work_match(w, b->version);
	if (rc == RC_OK && b->status != BOOKING_BOOKED &&
	    b->status != BOOKING_ARRIVED && b->status != BOOKING_STARTED)
		rc = err_set(&w->err, RC_STATE,
			     "a booking that is %s needs nothing more",
			     words_name(&words_booking_status, (int)b->status));
	return rc == RC_OK ? day_find(w->tx, b->id, w->arena, day, &w->err)
			   : rc;
}

static enum rc store(struct work *w, struct booking *b, const struct day *day,
		     const char *what, struct msg_booking *out)
{
	struct work_change change = {.verb = VERB_CHECK,
				     .from = (int)b->status,
				     .to = (int)b->status,
				     .reason = what};

	if (!what)
		return work_nomem(w);
	enum rc rc = booking_update(w->tx, b, &w->err);

	if (rc == RC_OK)
		rc = day_put(w->tx, day, &w->err);
	if (rc == RC_OK)
		rc = work_event_booking(w, b, &change);
	return rc == RC_OK ? work_answer_booking(w, &b->code, out) : rc;
}

/* At which of the two ends. */
static enum rc find_end(struct work *w, const struct booking *b,
			const char *slug, int64_t *out, const char **out_slug)
{
	const char *site = slug ? slug : w->who->site_slug;

	*out = 0;
	*out_slug = site;
	if (site && strcmp(site, b->lead_slug) == 0)
		*out = b->lead;
	else if (site && strcmp(site, b->partner_slug) == 0)
		*out = b->partner;
	return *out ? RC_OK : work_fault(w, "/site", "is at neither end of it");
}

static enum rc put_check(struct work *w, const struct booking *b,
			 const struct msg_checking *in, struct day *day,
			 const char **out_what)
{
	struct day_check check = {.what = (enum check_what)in->check,
				  .red = in->red,
				  .said_at = w->tx->now};
	const char *site;
	enum rc rc = find_end(w, b, in->site, &check.site, &site);

	if (rc == RC_OK && !in->red && w->tx->now < b->from - CIVIL_DAY)
		rc = err_set(&w->err, RC_STATE,
			     "that it works is said on its day, at most 24"
			     " hours before");
	if (rc == RC_OK && !in->red && check.site != w->who->site)
		rc = err_set(&w->err, RC_FORBIDDEN,
			     "that an end works its own hospital says");
	if (rc != RC_OK)
		return rc;
	if (in->red)
		day->contingency = -1; /* it was chosen for something else */
	*out_what =
		arena_printf(w->arena, "%s at %s: %s%s%s",
			     words_name(&words_check, in->check), site,
			     in->red ? "red" : "green", in->reason ? ", " : "",
			     in->reason ? in->reason : "");
	return day_put_check(w->tx, b->id, &check, &w->err);
}

enum rc work_booking_check(struct work *w, const char *code,
			   const struct msg_checking *in,
			   struct msg_booking *out)
{
	const char *what = "";
	struct booking b;
	struct day day;

	if (in->check < 0 && in->contingency < 0)
		return work_fault(w, "/check",
				  "say what was looked at, or what is chosen"
				  " instead");
	enum rc rc = find_open(w, code, SIDE_LEAD | SIDE_PARTNER | SIDE_EXPERT,
			       &b, &day);

	if (rc == RC_OK && in->check >= 0)
		rc = put_check(w, &b, in, &day, &what);
	if (rc != RC_OK)
		return rc;
	if (in->contingency >= 0) {
		day.contingency = in->contingency;
		bool alone = *what == '\0';

		what = arena_printf(
			w->arena, "%s%sinstead: %s%s%s", what,
			alone ? "" : "; ",
			words_name(&words_contingency, in->contingency),
			alone && in->reason ? ", " : "",
			alone && in->reason ? in->reason : "");
	}
	return store(w, &b, &day, what, out);
}

/* Nobody takes over from themselves. */
static enum rc check_other(struct work *w, const struct booking *b,
			   int64_t fallback)
{
	struct request r;

	if (!b->request)
		return RC_OK;
	enum rc rc = request_by_id(w->tx, b->request, w->arena, &r, &w->err);

	return rc == RC_OK && r.surgeon == fallback &&
			       !kind_row(b->kind)->standby
		       ? work_fault(w, "/surgeon", "is the one who operates")
		       : rc;
}

enum rc work_booking_fallback(struct work *w, const char *code,
			      const struct msg_fallback *in,
			      struct msg_booking *out)
{
	struct booking b;
	struct day day;
	enum rc rc = find_open(w, code, SIDE_LEAD | SIDE_PARTNER, &b, &day);

	if (rc == RC_OK)
		rc = work_find_surgeon(w, "/surgeon", b.kind, in->surgeon,
				       b.partner, &day.fallback);
	if (rc == RC_OK)
		rc = check_other(w, &b, day.fallback);
	return rc == RC_OK ? store(w, &b, &day,
				   arena_printf(w->arena, "takes over: %s",
						in->surgeon),
				   out)
			   : rc;
}

/* --- reading --- */

static int last_said(const struct day_check *v, size_t n, int64_t site)
{
	int what = CHECK_COUNT - 1;

	while (what >= 0 && !check_of(v, n, site, what))
		what--;
	return what;
}

enum rc ready_unchecked(struct work *w, const struct booking *b,
			const struct session_terms *terms,
			struct ready_unchecked out[DAY_CHECKS_MAX],
			size_t *out_n)
{
	const struct end ends[] = {{b->lead, b->lead_slug},
				   {b->partner, b->partner_slug}};
	struct day_check said[DAY_CHECKS_MAX];
	size_t n = 0;

	*out_n = 0;
	if (!kind_row(b->kind)->checks)
		return RC_OK;
	enum rc rc = day_checks(w->tx, b->id, said, &n, &w->err);

	for (size_t e = 0; rc == RC_OK && e < 2; e++)
		for (int what = last_said(said, n, ends[e].id) + 1;
		     what < CHECK_COUNT; what++)
			if (minutes_of(terms, what) > 0)
				out[(*out_n)++] = (struct ready_unchecked){
					ends[e].slug, (enum check_what)what};
	return rc;
}

static struct msg_check view_one(const struct day_check *said, const char *site,
				 int what, int64_t at)
{
	return (struct msg_check){.site = site,
				  .check = what,
				  .due_at = at,
				  .state = !said       ? "open"
					   : said->red ? "red"
						       : "green",
				  .said_at = said ? said->said_at : FIELD_NONE};
}

enum rc ready_view(struct work *w, const struct booking *b,
		   struct field_list *out)
{
	const struct end ends[] = {{b->lead, b->lead_slug},
				   {b->partner, b->partner_slug}};
	struct day_check said[DAY_CHECKS_MAX];
	struct session_terms terms;
	size_t nsaid, n = 0;

	if (!kind_row(b->kind)->checks)
		return RC_OK;
	struct msg_check *v = arena_array(w->arena, DAY_CHECKS_MAX, sizeof(*v));
	enum rc rc = day_checks(w->tx, b->id, said, &nsaid, &w->err);

	if (rc == RC_OK)
		rc = network_session_terms(w->tx, b->agreement, &terms,
					   &w->err);
	if (rc == RC_OK && !v)
		return work_nomem(w);
	for (int c = 0; rc == RC_OK && c < CHECK_COUNT; c++)
		for (size_t e = 0; e < 2 && minutes_of(&terms, c) > 0; e++)
			v[n++] =
				view_one(check_of(said, nsaid, ends[e].id, c),
					 ends[e].slug, c, due_at(b, &terms, c));
	*out = (struct field_list){v, n};
	return rc;
}
