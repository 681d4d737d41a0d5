#include "daemon/work/sessions_view.h"

#include "daemon/store/cases.h"
#include "daemon/store/walk_in.h"
#include "daemon/work/ask.h"
#include "daemon/work/cases.h"

static enum rc no_such(struct work *w)
{
	return err_set(&w->err, RC_NOT_FOUND, "there is no such session");
}

static enum rc count_own(struct work *w, struct sessions_seen *s)
{
	struct session_seats *v;
	size_t n;
	enum rc rc = sessions_seats(w->tx, s->b.id, w->arena, &v, &n, &w->err);

	for (size_t i = 0; rc == RC_OK && i < n; i++)
		if (v[i].site == w->who->site)
			s->had = v[i].seats;
	return rc;
}

/* Sessions are a site's to join by those who stand on a partner's side. */
static bool is_partner(const struct principal *who)
{
	return (principal_sides(who, 0, who->site, 0) & SIDE_PARTNER) != 0;
}

static enum rc see(struct work *w, struct sessions_seen *s)
{
	bool covered = false;
	enum rc rc = sessions_find(w->tx, s->b.id, w->arena, &s->row, &w->err);

	s->sides = work_booking_sides(w, &s->b);
	/* Of its own the lead's coordinators dispose. */
	if (s->b.lead == s->b.partner)
		s->sides &= ~(unsigned)SIDE_PARTNER;
	if (rc == RC_OK)
		rc = count_own(w, s);
	if (rc == RC_OK && is_partner(w->who))
		rc = sessions_covers(w->tx, &s->row, w->who->site, &covered,
				     &w->err);
	if (rc == RC_OK && !covered && is_partner(w->who) &&
	    s->b.kind == KIND_CASE_CONFERENCE)
		rc = cases_has_partner(w->tx, s->b.id, w->who->site, &covered,
				       &w->err);
	if (rc == RC_NOT_FOUND)
		return no_such(w);
	if (rc == RC_OK && !s->sides && !covered &&
	    !(s->had && is_partner(w->who)))
		return no_such(w);
	return rc;
}

enum rc sessions_see(struct work *w, const char *code,
		     struct sessions_seen *out)
{
	*out = (struct sessions_seen){0};
	enum rc rc = booking_by_code(w->tx, code, w->arena, &out->b, &w->err);

	if (rc == RC_NOT_FOUND)
		return no_such(w);
	return rc == RC_OK ? see(w, out) : rc;
}

/* --- as a message --- */

static enum rc view_sites(struct work *w, const struct sessions_seen *s,
			  struct field_list *out)
{
	bool all = (s->sides & (SIDE_LEAD | SIDE_EXPERT)) != 0;
	struct session_seats *rows;
	size_t n, kept = 0;
	enum rc rc =
		sessions_seats(w->tx, s->b.id, w->arena, &rows, &n, &w->err);
	struct msg_session_seats *v = arena_array(w->arena, n, sizeof(*v));

	if (rc == RC_OK && n && !v)
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		if (all || rows[i].site == w->who->site)
			v[kept++] = (struct msg_session_seats){
				rows[i].slug, rows[i].seats,
				rows[i].came < 0 ? FIELD_NONE : rows[i].came};
	*out = (struct field_list){v, kept};
	return rc;
}

/* Who does it there, and to those who may see that booking, which it is. */
static enum rc view_shown(struct work *w, const struct sessions_seen *s,
			  struct msg_session *out)
{
	struct booking shown;
	enum rc rc = sessions_shown(w, &s->b, &shown);

	if (rc != RC_OK)
		return rc == RC_NOT_FOUND ? RC_OK : rc;
	out->expert = shown.expert_slug;
	if (principal_sides(w->who, shown.lead, shown.partner, shown.expert))
		rc = work_view_code(w, &shown.code, &out->shows);
	return rc;
}

static enum rc view_with(struct work *w, const struct sessions_seen *s,
			 struct field_strs *out)
{
	struct booking_claim *claims;
	size_t n;
	enum rc rc =
		booking_claims(w->tx, s->b.id, w->arena, &claims, &n, &w->err);

	if (rc != RC_OK || !s->sides)
		return rc;
	out->v = arena_array(w->arena, n, sizeof(*out->v));
	if (n && !out->v)
		return work_nomem(w);
	for (size_t i = 0; i < n; i++)
		if (ask_is_resource(claims[i].role))
			out->v[out->n++] = claims[i].slug;
	return RC_OK;
}

static enum rc view_experts(struct work *w, const struct booking *b,
			    struct field_strs *out)
{
	if (b->nalso == 0)
		return RC_OK;
	out->v = arena_array(w->arena, b->nalso + 1, sizeof(*out->v));
	if (!out->v)
		return work_nomem(w);
	out->v[out->n++] = b->expert_slug;
	for (size_t i = 0; i < b->nalso; i++)
		out->v[out->n++] = b->also_slugs[i];
	return RC_OK;
}

static enum rc view_tokens(struct work *w, const struct sessions_seen *s,
			   struct msg_session *out)
{
	int64_t n[WALK_IN_COUNT];

	if (s->row.tokens == 0)
		return RC_OK;
	enum rc rc = walk_in_count(w->tx, s->b.id, n, &w->err);

	out->tokens = s->row.tokens;
	out->waiting = n[WALK_IN_WAITING];
	out->called = n[WALK_IN_CALLED];
	out->seen = n[WALK_IN_SEEN];
	out->gone = n[WALK_IN_GONE];
	return rc;
}

static enum rc view_reason(struct work *w, const struct sessions_seen *s,
			   const char **out)
{
	struct event *v;
	size_t n;

	if (s->b.status != BOOKING_CANCELLED)
		return RC_OK;
	enum rc rc =
		event_history_of_verb(w->tx, "booking", s->b.id, VERB_CANCEL,
				      w->arena, &v, &n, &w->err);

	if (rc == RC_OK && n)
		*out = work_view_reason(w, &v[n - 1]);
	return rc;
}

enum rc sessions_view(struct work *w, const struct sessions_seen *s,
		      struct msg_session *out)
{
	const struct booking *b = &s->b;

	proto_clear(&msg_session_table, out);
	out->kind = (int)b->kind;
	out->status = (int)b->status;
	out->title = s->row.title;
	out->lead = b->lead_slug;
	out->partner = b->partner == b->lead ? NULL : b->partner_slug;
	out->expert = b->expert_slug;
	out->from = b->from;
	out->to = b->to;
	out->time_zone = b->lead_zone;
	out->no_record = s->row.no_record;
	out->seats = s->row.seats;
	out->seats_per_site = s->row.per_site;
	out->free = s->row.seats - s->row.taken;
	out->joined = s->had ? s->had : FIELD_NONE;
	out->sequence = b->sequence;
	out->version = b->version;
	enum rc rc = work_view_code(w, &b->code, &out->code);

	if (rc == RC_OK)
		rc = view_shown(w, s, out);
	if (rc == RC_OK)
		rc = view_experts(w, b, &out->experts);
	if (rc == RC_OK)
		rc = view_tokens(w, s, out);
	if (rc == RC_OK)
		rc = view_with(w, s, &out->with);
	if (rc == RC_OK)
		rc = view_sites(w, s, &out->sites);
	if (rc == RC_OK)
		rc = cases_view(w, s, &out->cases);
	return rc == RC_OK ? view_reason(w, s, &out->reason) : rc;
}

enum rc sessions_answer(struct work *w, const char *code,
			struct msg_session *out)
{
	struct sessions_seen s;
	enum rc rc = sessions_see(w, code, &s);

	return rc == RC_OK ? sessions_view(w, &s, out) : rc;
}

enum rc work_session_show(struct work *w, const char *code,
			  struct msg_session *out)
{
	struct sessions_seen s;
	enum rc rc = sessions_see(w, code, &s);

	if (rc == RC_OK)
		rc = sessions_view(w, &s, out);
	return rc == RC_OK ? work_view_history_told(w, "session", s.b.id,
						    s.sides ? 0 : w->who->site,
						    &out->history)
			   : rc;
}

enum rc work_session_list(struct work *w, const struct msg_list_query *in,
			  struct msg_session_list *out)
{
	struct list_filter filter;
	struct booking *rows = NULL;
	size_t n = 0;
	enum rc rc = work_list_filter(w, in, &words_booking_status, &filter);

	proto_clear(&msg_session_list_table, out);
	if (filter.from == FIELD_NONE)
		filter.from = w->tx->now;
	if (filter.to == FIELD_NONE)
		filter.to = INT64_MAX;
	if (rc == RC_OK)
		rc = sessions_list(w->tx, &filter, w->arena, &rows, &n,
				   &w->err);
	bool more = rc == RC_OK && work_list_more(&filter, &n);
	struct msg_session *v = arena_array(w->arena, n, sizeof(*v));

	if (rc == RC_OK && n && !v)
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		struct sessions_seen s = {.b = rows[i]};

		rc = see(w, &s);
		if (rc == RC_OK)
			rc = sessions_view(w, &s, &v[i]);
	}
	out->items = (struct field_list){v, n};
	if (rc == RC_OK && more)
		out->next = work_cursor(w, rows[n - 1].from, rows[n - 1].id);
	return rc;
}
