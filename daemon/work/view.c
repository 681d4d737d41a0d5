/* Rows as messages (tools.h). Strings are borrowed: all live in the arena. */
#include "daemon/work/expiry.h"
#include "daemon/work/tools.h"

#include <string.h>

#include "daemon/core/kind.h"
#include "daemon/store/day.h"
#include "daemon/work/clocks.h"
#include "daemon/work/consent.h"

enum rc work_view_code(struct work *w, const struct code *code,
		       const char **out)
{
	*out = NULL;
	if (code->s[0])
		*out = arena_strndup(w->arena, code->s, CODE_LEN);
	return *out || !code->s[0] ? RC_OK : work_nomem(w);
}

static int64_t or_none(int64_t value)
{
	return value ? value : FIELD_NONE;
}

static enum rc view_wanted(struct work *w, const struct request *r,
			   struct field_list *out)
{
	struct msg_interval *v = arena_array(w->arena, r->nwanted, sizeof(*v));

	if (r->nwanted && !v)
		return work_nomem(w);
	for (size_t i = 0; i < r->nwanted; i++)
		v[i] = (struct msg_interval){r->wanted[i].from,
					     r->wanted[i].to};
	*out = (struct field_list){v, r->nwanted};
	return RC_OK;
}

enum rc work_view_request(struct work *w, const struct request *r,
			  struct msg_request *out)
{
	proto_clear(&msg_request_table, out);
	out->kind = (int)r->kind;
	out->status = (int)r->status;
	out->urgency = (int)r->urgency;
	out->mode = r->forward ? MODE_FORWARD : -1;
	out->agreement = r->agreement_slug;
	out->lead = r->lead_slug;
	out->partner = r->partner_slug;
	out->specialty = r->specialty;
	out->expert = r->expert_slug;
	out->title = r->title;
	out->modality = r->modality;
	out->languages.v = r->languages;
	out->languages.n = r->nlanguages;
	out->also = (struct field_strs){r->also, r->nalso};
	out->surgeon = r->surgeon_slug;
	out->duration_minutes = r->minutes;
	out->before_minutes = or_none(r->before);
	out->after_minutes = or_none(r->after);
	out->submitted_at = r->submitted_at;
	if (r->why)
		out->reason_code =
			words_find(&words_why, r->why, strlen(r->why));
	out->version = r->version;
	if (kind_row(r->kind)->course)
		out->to = r->down ? r->partner_slug : r->lead_slug;
	enum rc rc = work_view_code(w, &r->code, &out->code);

	if (rc == RC_OK)
		rc = work_view_code(w, &r->of_code, &out->of);

	if (rc == RC_OK)
		rc = work_view_code(w, &r->booking, &out->booking);
	if (rc == RC_OK)
		rc = clocks_view(w, r, out);
	if (rc == RC_OK)
		rc = expiry_view(w, r, out);
	return rc == RC_OK ? view_wanted(w, r, &out->wanted) : rc;
}

static bool is_at(const char *slug, const char *site)
{
	size_t len = strcspn(slug, "/");

	return site && strlen(site) == len && !strncmp(slug, site, len);
}

const char *work_seen_slug(const struct work *w, const struct booking *b,
			   const char *slug)
{
	bool seen = !slug || !strchr(slug, '/') || w->who->site == b->lead ||
		    is_at(slug, b->lead_slug) || is_at(slug, b->partner_slug) ||
		    is_at(slug, w->who->site_slug);

	return seen ? slug : NULL;
}

static enum rc view_claims(struct work *w, const struct booking *b,
			   const struct booking_claim *claims, size_t n,
			   struct field_list *out)
{
	struct msg_claim *v = arena_array(w->arena, n, sizeof(*v));

	if (n && !v)
		return work_nomem(w);
	for (size_t i = 0; i < n; i++)
		v[i] = (struct msg_claim){
			.subject = work_seen_slug(w, b, claims[i].slug),
			.role = (int)claims[i].role,
			.from = claims[i].from,
			.to = claims[i].to,
		};
	*out = (struct field_list){v, n};
	return RC_OK;
}

enum rc work_view_booking(struct work *w, const struct booking *b,
			  struct msg_booking *out)
{
	struct booking_claim *claims;
	size_t n;
	enum rc rc =
		booking_claims(w->tx, b->id, w->arena, &claims, &n, &w->err);

	return rc == RC_OK ? work_view_claimed(w, b, claims, n, out) : rc;
}

/* Until somebody comes or looks there is nothing to say. */
static enum rc view_day(struct work *w, const struct booking *b,
			struct msg_booking *out)
{
	struct day day;

	if (b->status == BOOKING_PENDING || b->version == 1)
		return RC_OK;
	enum rc rc = day_find(w->tx, b->id, w->arena, &day, &w->err);

	out->arrived_at = or_none(day.arrived_at);
	out->started_at = or_none(day.started_at);
	out->finished_at = or_none(day.finished_at);
	out->absent = day.absent;
	out->contingency = day.contingency;
	out->passed = day.passed;
	out->fallback_surgeon = day.fallback_slug;
	return rc == RC_OK && (day.passed & GATESET(GATE_CONSENT))
		       ? consent_due(w, b->request, &out->consent_due)
		       : rc;
}

/* One alone says it all. */
static enum rc view_experts(struct work *w, const struct booking *b,
			    struct field_strs *out)
{
	const char **v;

	if (b->nalso == 0)
		return RC_OK;
	v = arena_array(w->arena, b->nalso + 1, sizeof(*v));
	if (!v)
		return work_nomem(w);
	v[0] = b->expert_slug;
	for (size_t i = 0; i < b->nalso; i++)
		v[i + 1] = b->also_slugs[i];
	*out = (struct field_strs){v, b->nalso + 1};
	return RC_OK;
}

enum rc work_view_claimed(struct work *w, const struct booking *b,
			  const struct booking_claim *claims, size_t n,
			  struct msg_booking *out)
{
	proto_clear(&msg_booking_table, out);
	out->kind = (int)b->kind;
	out->status = (int)b->status;
	/* A hold is dead the second it lapses, whatever its row says yet. */
	if (b->status == BOOKING_PENDING &&
	    !core_booking_live(b->status, b->hold_until, w->tx->now))
		out->status = BOOKING_LAPSED;
	out->agreement = b->lead == b->partner ? NULL : b->agreement_slug;
	out->lead = b->lead_slug;
	out->partner = b->partner_slug;
	out->expert = b->expert_slug;
	out->from = b->from;
	out->to = b->to;
	out->time_zone = b->lead_zone;
	if (out->status == BOOKING_PENDING)
		out->hold_until = or_none(b->hold_until);
	out->before_minutes = or_none(b->before);
	out->after_minutes = or_none(b->after);
	out->sequence = b->sequence;
	out->version = b->version;
	enum rc rc = view_day(w, b, out);

	if (rc == RC_OK)
		rc = view_experts(w, b, &out->experts);
	if (rc == RC_OK)
		rc = work_view_code(w, &b->code, &out->code);

	if (rc == RC_OK)
		rc = work_view_code(w, &b->request_code, &out->request);
	return rc == RC_OK ? view_claims(w, b, claims, n, &out->claims) : rc;
}

enum rc work_view_bookings(struct work *w, const struct list_filter *filter,
			   const struct booking *rows, size_t n,
			   struct msg_booking_list *out)
{
	bool more = work_list_more(filter, &n);
	struct msg_booking *v = arena_array(w->arena, n, sizeof(*v));
	enum rc rc = RC_OK;

	if (n && !v)
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = work_view_booking(w, &rows[i], &v[i]);
	out->items = (struct field_list){v, n};
	if (more)
		out->next = work_cursor(w, rows[n - 1].from, rows[n - 1].id);
	return rc;
}

static bool by_service(const struct event *e)
{
	return !e->actor_site && strcmp(e->actor, "system") == 0;
}

/* How many seats, which number: words of the service, whoever did it. */
static bool is_count(const struct event *e)
{
	return strcmp(e->thing, "session") == 0 &&
	       (e->verb == VERB_JOIN || e->verb == VERB_ATTEND ||
		e->verb == VERB_DRAW || e->verb == VERB_CALL ||
		e->verb == VERB_MARK);
}

const char *work_view_reason(const struct work *w, const struct event *e)
{
	return principal_reads_papers(w->who) || by_service(e) || is_count(e)
		       ? e->reason
		       : NULL;
}

static enum rc view_events(struct work *w, const struct event *events, size_t n,
			   struct field_list *out)
{
	struct msg_event *v = arena_array(w->arena, n, sizeof(*v));
	enum rc rc;

	if (n && !v)
		return work_nomem(w);
	for (size_t i = 0; i < n; i++) {
		struct site site = {0};

		if (events[i].actor_site) {
			rc = site_by_id(w->tx, events[i].actor_site, w->arena,
					&site, &w->err);
			if (rc != RC_OK)
				return rc;
		}
		v[i] = (struct msg_event){
			.seq = events[i].seq,
			.at = events[i].at,
			.thing = events[i].thing,
			.code = events[i].code,
			.actor = events[i].actor,
			.actor_site = site.slug,
			.verb = words_name(&words_verb, (int)events[i].verb),
			.from_state = events[i].from_state,
			.to_state = events[i].to_state,
			.reason = work_view_reason(w, &events[i]),
		};
	}
	*out = (struct field_list){v, n};
	return RC_OK;
}

enum rc work_view_history(struct work *w, const char *thing, int64_t id,
			  struct field_list *out)
{
	struct event *events;
	size_t n;
	enum rc rc =
		event_history(w->tx, thing, id, w->arena, &events, &n, &w->err);

	return rc == RC_OK ? view_events(w, events, n, out) : rc;
}

enum rc work_view_history_told(struct work *w, const char *thing, int64_t id,
			       int64_t partner, struct field_list *out)
{
	struct event *events;
	size_t n, kept = 0;
	enum rc rc =
		event_history(w->tx, thing, id, w->arena, &events, &n, &w->err);

	for (size_t i = 0; rc == RC_OK && i < n; i++)
		if (!partner || events[i].partner == partner)
			events[kept++] = events[i];
	return rc == RC_OK ? view_events(w, events, kept, out) : rc;
}

enum rc work_view_whole(struct work *w, const struct request *r,
			struct field_list *out)
{
	struct event *events;
	size_t n;
	enum rc rc = event_history_of_request(w->tx, r->id, w->arena, &events,
					      &n, &w->err);

	return rc == RC_OK ? view_events(w, events, n, out) : rc;
}

enum rc work_view_reads(struct work *w, const char *thing, int64_t id,
			struct field_list *out, int64_t *out_more)
{
	struct event *events;
	size_t n, more;
	enum rc rc;

	if (w->who->role != ROLE_AUDITOR)
		return RC_OK;
	rc = event_reads(w->tx, thing, id, READS_MAX, w->arena, &events, &n,
			 &more, &w->err);
	if (rc == RC_OK && more)
		*out_more = (int64_t)more;
	return rc == RC_OK ? view_events(w, events, n, out) : rc;
}
