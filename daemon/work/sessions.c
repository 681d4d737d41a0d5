#include "daemon/work/sessions.h"

#include <string.h>

#include "daemon/core/kind.h"
#include "daemon/core/local.h"
#include "daemon/store/own.h"
#include "daemon/store/walk_in.h"
#include "daemon/work/beside.h"
#include "daemon/work/parts.h"
#include "daemon/work/sessions_view.h"

/* --- making one --- */

struct making {
	struct wish wish;
	struct booking b;
	struct session_row row;
};

struct beyond {
	const char *pointer;
	bool given;
};

static enum rc check_beyond(struct work *w, const struct beyond *fields,
			    size_t n, const char *what)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; i < n; i++)
		if (fields[i].given)
			rc = work_fault(w, fields[i].pointer, "%s", what);
	return rc;
}

/* Others join, and nobody walks in. */
static enum rc check_seats(struct work *w, const struct msg_session_new *in)
{
	const struct beyond fields[] = {
		{"/site", in->site != NULL},
		{"/agreement", in->agreement != NULL},
		{"/experts", in->experts.n > 0},
		{"/tokens", in->tokens != FIELD_NONE},
	};
	enum rc rc = check_beyond(w, fields, sizeof(fields) / sizeof(fields[0]),
				  "is said of a free clinic alone");

	if (in->seats == FIELD_NONE && in->kind != KIND_CASE_CONFERENCE)
		rc = work_fault(w, "/seats", "is required");
	else if (in->seats_per_site > in->seats)
		rc = work_fault(w, "/seats_per_site", "is more than there are");
	return rc;
}

/* Nobody joins, and patients walk in. */
static enum rc check_clinic(struct work *w, const struct msg_session_new *in)
{
	const struct beyond fields[] = {
		{"/seats", in->seats != FIELD_NONE},
		{"/seats_per_site", in->seats_per_site != FIELD_NONE},
		{"/no_record", in->no_record},
	};
	enum rc rc = check_beyond(w, fields, sizeof(fields) / sizeof(fields[0]),
				  "is of a session that others join");

	if (!in->site)
		rc = work_fault(w, "/site", "is required: where it is");
	if (in->tokens == FIELD_NONE)
		rc = work_fault(w, "/tokens",
				"is required: how many may walk in");
	return rc;
}

static enum rc check_new(struct work *w, const struct msg_session_new *in)
{
	const struct kind_row *kind = kind_row((enum kind)in->kind);
	enum rc rc;

	if (kind->how != KIND_BY_EVENT)
		return work_fault(w, "/kind", "is no session with seats");
	if (!kind->served)
		return work_fault(w, "/kind", "this version does not book it");
	rc = own_is_kind((enum kind)in->kind) ? check_seats(w, in)
					      : check_clinic(w, in);
	if (in->also.n > 0 && in->kind != KIND_CASE_CONFERENCE)
		rc = work_fault(w, "/also", "is of a case-conference alone");
	if (in->shows && in->kind != KIND_SURGERY_DEMONSTRATION)
		rc = work_fault(w, "/shows",
				"only a surgery demonstration shows one");
	if (in->shows)
		return rc;
	if (in->at == FIELD_NONE)
		rc = work_fault(w, "/at", "is required");
	if (!in->expert)
		rc = work_fault(w, "/expert", "is required");
	return rc;
}

/* What it shows says already. */
static enum rc check_shows(struct work *w, const struct msg_session_new *in)
{
	const struct beyond fields[] = {
		{"/at", in->at != FIELD_NONE},
		{"/duration_minutes", in->duration_minutes != FIELD_NONE},
		{"/expert", in->expert != NULL},
		{"/with", in->with.n > 0},
	};
	return check_beyond(w, fields, sizeof(fields) / sizeof(fields[0]),
			    "is as the operation has it");
}

/* Under what the lead agreed on with itself. */
static enum rc of_its_own(struct work *w, const struct msg_session_new *in,
			  struct making *m)
{
	struct core_agreement a;
	int64_t id;
	enum rc rc = own_find(w->tx, w->who->site, &id, &w->err);

	if (rc == RC_OK && !id)
		return work_fault(w, "/kind",
				  "no agreement of yours covers it: nobody"
				  " could join");
	m->b.agreement = m->wish.agreement = id;
	m->b.lead = m->b.partner = w->who->site;
	m->wish.also = in->also;
	if (rc == RC_OK && in->also.n)
		rc = agreement_by_id(w->tx, id, w->arena, &a, &w->err);
	return rc == RC_OK && in->also.n
		       ? beside_check(w, "/also", &in->also, &a, m->wish.kind)
		       : rc;
}

/* The further experts, as every booking names them. */
static enum rc name_experts(struct work *w, const struct msg_session_new *in,
			    const struct core_agreement *a, struct making *m)
{
	struct field_strs *also = &m->wish.also;

	also->v = arena_array(w->arena, in->experts.n, sizeof(*also->v));
	if (in->experts.n && !also->v)
		return work_nomem(w);
	for (size_t i = 0; i < in->experts.n; i++) {
		also->v[i] =
			arena_printf(w->arena, "expert=%s", in->experts.v[i]);
		if (!also->v[i])
			return work_nomem(w);
	}
	also->n = in->experts.n;
	return beside_check(w, "/experts", also, a, m->wish.kind);
}

/* Under the agreement with the partner where it is. */
static enum rc of_a_partner(struct work *w, const struct msg_session_new *in,
			    struct making *m)
{
	struct agreement_filter filter = {
		.slug = in->agreement,
		.kind = m->wish.kind,
		.lead = w->who->site,
		.now = in->at > w->tx->now ? in->at : w->tx->now};
	struct core_agreement a;
	struct site partner;
	enum rc rc = work_find_partner(w, "/site", in->site, &partner);

	if (rc == RC_OK && partner.id == w->who->site)
		rc = work_fault(w, "/site", "is your own: name a partner");
	filter.partner = partner.id;
	if (rc == RC_OK)
		rc = work_find_agreement(w, &filter, &a);
	if (rc != RC_OK)
		return rc;
	m->b.agreement = m->wish.agreement = a.id;
	m->b.lead = a.lead;
	m->b.partner = a.partner;
	return name_experts(w, in, &a, m);
}

/* Where each of them sits. */
static enum rc check_stations(struct work *w, const struct msg_session_new *in,
			      const struct making *m)
{
	struct walk_in_station *v;
	size_t n;
	enum rc rc =
		walk_in_stations(w->tx, m->b.id, w->arena, &v, &n, &w->err);

	if (rc == RC_OK && n < in->experts.n + 1)
		return work_fault(w, "/with",
				  "name a station of the partner's for each"
				  " expert");
	return rc;
}

static enum rc read_wish(struct work *w, const struct msg_session_new *in,
			 struct making *m)
{
	struct core_subject expert;
	enum rc rc = work_find_expert(w, "/expert", in->expert, w->who->site,
				      &expert);

	m->wish.expert = expert.id;
	m->wish.at = in->at;
	m->wish.with = in->with;
	m->wish.minutes = work_minutes(m->wish.kind);
	if (rc == RC_OK)
		rc = work_read_minutes(w, "/duration_minutes", m->wish.kind,
				       in->duration_minutes, &m->wish.minutes);
	return rc;
}

static enum rc take_time(struct work *w, const struct msg_session_new *in,
			 struct making *m)
{
	enum rc rc = read_wish(w, in, m);

	return rc == RC_OK ? work_take(w, &m->wish, &m->b) : rc;
}

/* --- the operation that it shows --- */

#define SHOWN                                                                  \
	(KINDSET(KIND_SURGICAL_GUIDANCE) | KINDSET(KIND_REMOTE_SURGERY) |      \
	 KINDSET(KIND_ONSITE_PROCEDURE))

static enum rc find_shown(struct work *w, const char *code, struct booking *out)
{
	enum rc rc = work_find_booking(w, code, SIDE_LEAD, out);

	if (rc == RC_NOT_FOUND || rc == RC_FORBIDDEN)
		return work_fault(w, "/shows", "there is no such booking");
	if (rc == RC_OK && !(SHOWN & KINDSET(out->kind)))
		return work_fault(w, "/shows", "that is no operation");
	if (rc == RC_OK && out->status != BOOKING_BOOKED &&
	    out->status != BOOKING_ARRIVED)
		return err_set(
			&w->err, RC_STATE, "the operation is %s",
			words_name(&words_booking_status, (int)out->status));
	return rc;
}

/* Where it is and when is the operation's: it claims nothing. */
static enum rc show_operation(struct work *w, const struct msg_session_new *in,
			      struct making *m)
{
	struct work_change change = {.verb = VERB_BOOK, .from = STATE_NONE};
	const struct core_plan nothing = {0};
	struct booking shown, *b = &m->b;
	enum rc rc = check_shows(w, in);

	if (rc == RC_OK)
		rc = find_shown(w, in->shows, &shown);
	if (rc == RC_OK)
		rc = work_step(w, THING_BOOKING, change.from, change.verb,
			       &change.to);
	if (rc == RC_OK)
		rc = booking_draw_code(w->tx, &b->code, &w->err);
	if (rc != RC_OK)
		return rc;
	m->row.shows = shown.id;
	b->status = (enum booking_status)change.to;
	b->from = shown.from;
	b->to = shown.to;
	b->owner = w->who->identity;
	b->owner_site = w->who->site;
	b->version = 1;
	rc = booking_insert(w->tx, b, &nothing, NULL, &w->err);
	return rc == RC_OK ? work_event_booking(w, b, &change) : rc;
}

static enum rc store_row(struct work *w, const struct msg_session_new *in,
			 struct making *m)
{
	struct core_agreement a;
	enum rc rc =
		agreement_by_id(w->tx, m->b.agreement, w->arena, &a, &w->err);

	if (rc != RC_OK)
		return rc;
	m->row.booking = m->b.id;
	m->row.lead = m->b.lead;
	m->row.kind = m->b.kind;
	m->row.day = local_day(a.lead_zone, m->b.from);
	m->row.title = in->title;
	if (in->tokens != FIELD_NONE) {
		m->row.tokens = in->tokens;
	} else if (in->seats != FIELD_NONE) {
		m->row.seats = in->seats;
		m->row.per_site = in->seats_per_site == FIELD_NONE
					  ? in->seats
					  : in->seats_per_site;
	}
	m->row.no_record = in->no_record;
	return sessions_insert(w->tx, &m->row, &w->err);
}

static enum rc begin_new(struct work *w, const struct msg_session_new *in,
			 struct making *m)
{
	*m = (struct making){.wish.kind = (enum kind)in->kind,
			     .b.kind = (enum kind)in->kind};
	enum rc rc = check_new(w, in);

	if (rc != RC_OK)
		return rc;
	return own_is_kind(m->b.kind) ? of_its_own(w, in, m)
				      : of_a_partner(w, in, m);
}

enum rc work_session_take(struct work *w, const struct msg_session_new *in,
			  struct booking *out)
{
	struct making m;
	enum rc rc = begin_new(w, in, &m);

	if (rc == RC_OK)
		rc = in->shows ? show_operation(w, in, &m)
			       : take_time(w, in, &m);
	if (rc == RC_OK && !own_is_kind(m.b.kind))
		rc = check_stations(w, in, &m);
	if (rc == RC_OK)
		rc = store_row(w, in, &m);
	*out = m.b;
	return rc;
}

enum rc work_session_would(struct work *w, const struct msg_session_new *in)
{
	struct core_plan plan;
	struct making m;
	struct ask ask;
	enum rc rc = begin_new(w, in, &m);

	if (rc == RC_OK)
		rc = read_wish(w, in, &m);
	return rc == RC_OK ? work_decide(w, &m.wish, &plan, &ask) : rc;
}

enum rc work_session_make(struct work *w, const struct msg_session_new *in,
			  struct msg_session *out)
{
	struct booking b;
	enum rc rc = work_session_take(w, in, &b);

	return rc == RC_OK ? sessions_answer(w, b.code.s, out) : rc;
}

/* --- seats --- */

static enum rc not_joining(struct work *w)
{
	return err_set(&w->err, RC_FORBIDDEN,
		       "partners join that have an agreement for the kind");
}

/* Seats of a session that nobody said began are not taken, or given back,
 * after it. */
static enum rc check_time(struct work *w, const struct sessions_seen *s)
{
	if (w->tx->now >= s->b.to)
		return err_set(&w->err, RC_STATE, "its time is over");
	return RC_OK;
}

static enum rc may_join(struct work *w, const struct sessions_seen *s)
{
	bool covered;
	enum rc rc = sessions_covers(w->tx, &s->row, w->who->site, &covered,
				     &w->err);

	if (rc != RC_OK)
		return rc;
	if (w->who->site == s->b.lead || !covered)
		return not_joining(w);
	if (s->b.status != BOOKING_BOOKED && s->b.status != BOOKING_ARRIVED)
		return err_set(
			&w->err, RC_STATE, "the session is %s",
			words_name(&words_booking_status, (int)s->b.status));
	return check_time(w, s);
}

static enum rc enough_seats(struct work *w, const struct sessions_seen *s,
			    int64_t seats)
{
	int64_t left = s->row.seats - s->row.taken + s->had;

	if (seats > s->row.per_site)
		return work_fault(w, "/seats", "at most %lld for one site",
				  (long long)s->row.per_site);
	if (seats > left)
		return err_set(&w->err, RC_STATE,
			       "%lld seats are left for your site",
			       (long long)left);
	return RC_OK;
}

static enum rc begin(struct work *w, const char *code, struct sessions_seen *s)
{
	enum rc rc = sessions_see(w, code, s);

	return rc == RC_OK ? work_match(w, s->b.version) : rc;
}

enum rc work_session_join(struct work *w, const char *code,
			  const struct msg_join *in, struct msg_session *out)
{
	struct sessions_seen s;
	struct work_change change = {.verb = VERB_JOIN};
	enum rc rc = begin(w, code, &s);

	if (rc == RC_OK)
		rc = may_join(w, &s);
	if (rc == RC_OK)
		rc = enough_seats(w, &s, in->seats);
	if (rc == RC_OK)
		rc = sessions_put_seats(w->tx, s.b.id, w->who->site, in->seats,
					&w->err);
	if (rc != RC_OK)
		return rc;
	change.from = change.to = (int)s.b.status;
	change.reason =
		arena_printf(w->arena, "%lld seats", (long long)in->seats);
	rc = work_event_session(w, &s.b, w->who->site, &change);
	return rc == RC_OK ? sessions_answer(w, code, out) : rc;
}

enum rc work_session_leave(struct work *w, const char *code,
			   struct msg_session *out)
{
	struct sessions_seen s;
	struct work_change change = {.verb = VERB_LEAVE};
	enum rc rc = begin(w, code, &s);

	if (rc == RC_OK && w->who->site == s.b.lead)
		rc = not_joining(w);
	if (rc == RC_OK && (!s.had || (s.b.status != BOOKING_BOOKED &&
				       s.b.status != BOOKING_ARRIVED)))
		rc = err_set(&w->err, RC_STATE,
			     s.had ? "it has begun or is over"
				   : "your site has not joined");
	if (rc == RC_OK)
		rc = check_time(w, &s);
	if (rc == RC_OK)
		rc = sessions_put_seats(w->tx, s.b.id, w->who->site, 0,
					&w->err);
	change.from = change.to = (int)s.b.status;
	if (rc == RC_OK)
		rc = work_event_session(w, &s.b, w->who->site, &change);
	s.row.taken -= s.had;
	s.had = 0; /* it may be theirs to see no more */
	return rc == RC_OK ? sessions_view(w, &s, out) : rc;
}

/* A site says it of its own people, the lead of everybody. */
static enum rc whose_people(struct work *w, const struct sessions_seen *s,
			    const char *slug, int64_t *out)
{
	struct session_seats *v;
	size_t n;
	enum rc rc = sessions_seats(w->tx, s->b.id, w->arena, &v, &n, &w->err);

	if (rc != RC_OK)
		return rc;
	if (!slug)
		slug = w->who->site_slug;
	if (s->sides & SIDE_LEAD || strcmp(slug, w->who->site_slug) == 0)
		for (size_t i = 0; i < n; i++)
			if (strcmp(v[i].slug, slug) == 0) {
				*out = v[i].site;
				return RC_OK;
			}
	return work_fault(w, "/site", "that site has not joined");
}

enum rc work_session_attend(struct work *w, const char *code,
			    const struct msg_attendance *in,
			    struct msg_session *out)
{
	struct sessions_seen s;
	struct work_change change = {.verb = VERB_ATTEND};
	int64_t site = 0;
	enum rc rc = begin(w, code, &s);

	if (rc == RC_OK)
		rc = whose_people(w, &s, in->site, &site);
	if (rc == RC_OK && s.b.status != BOOKING_STARTED &&
	    s.b.status != BOOKING_FULFILLED)
		rc = err_set(&w->err, RC_STATE, "it has not begun");
	if (rc == RC_OK)
		rc = sessions_put_came(w->tx, s.b.id, site, in->came, &w->err);
	if (rc != RC_OK)
		return rc;
	change.from = change.to = (int)s.b.status;
	change.reason =
		arena_printf(w->arena, "%lld came", (long long)in->came);
	rc = work_event_session(w, &s.b, site, &change);
	return rc == RC_OK ? sessions_answer(w, code, out) : rc;
}
