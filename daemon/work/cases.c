#include "daemon/work/cases.h"

#include <string.h>

#include "daemon/store/cases.h"
#include "daemon/work/beside.h"
#include "daemon/work/parts.h"

/* --- who sits, and when --- */

void cases_leave(struct core_plan *plan)
{
	size_t n = 0;

	for (size_t i = 0; i < plan->nclaims; i++)
		if (plan->claims[i].role == CLAIM_PARTNER_STUDIO)
			plan->claims[n++] = plan->claims[i];
	plan->nclaims = n;
	/* No way but that of the session. */
	plan->next = (struct core_next){0};
	for (size_t i = 0; i < plan->nalso; i++)
		plan->also[i].next = (struct core_next){0};
}

/* What is not free for a case is no reason to look for another time of what it
 * follows from. */
static enum rc decide(struct work *w, const struct wish *wish,
		      struct core_plan *plan, struct ask *ask)
{
	enum rc rc = work_decide(w, wish, plan, ask);

	w->wish = (struct wish){0};
	return rc;
}

static bool sits(const struct core_plan *plan, int64_t first, int64_t expert)
{
	for (size_t i = 0; i < plan->nalso; i++)
		if (plan->also[i].expert->subject.id == expert)
			return true;
	return first == expert;
}

/* The n-th expert of the session; NULL: after the last. */
static const char *nth(const struct booking *s, size_t n, int64_t *out)
{
	if (n > s->nalso)
		return NULL;
	*out = n ? s->also[n - 1] : s->expert;
	return n ? s->also_slugs[n - 1] : s->expert_slug;
}

/* All who sit in the session: those whom the request wants as the plan seats
 * them, then the others. */
static enum rc name_all(struct work *w, const struct core_plan *plan,
			struct wish *wish)
{
	const struct booking *s = wish->within;
	const char **v = arena_array(w->arena, s->nalso, sizeof(*v));
	const char *slug;
	size_t n = 0;
	int64_t id;

	if (s->nalso && !v)
		return work_nomem(w);
	for (size_t i = 0; i < plan->nalso; i++)
		v[n++] = plan->also[i].expert->subject.slug;
	for (size_t i = 0; (slug = nth(s, i, &id)) != NULL; i++)
		if (!sits(plan, wish->expert, id) && n < s->nalso)
			v[n++] = slug;
	for (size_t i = 0; i < n; i++) {
		v[i] = arena_printf(w->arena, "expert=%s", v[i]);
		if (!v[i])
			return work_nomem(w);
	}
	wish->also = (struct field_strs){v, n};
	return RC_OK;
}

/* The wish of a request for that session, at its time: one of each group is
 * there, and then everybody is. */
static enum rc seat(struct work *w, const struct booking *s, struct wish *wish)
{
	struct core_plan plan;
	struct ask ask;

	if (wish->expert && !booking_has_expert(s, wish->expert))
		wish->expert = 0; /* whoever was to have it alone */
	if (wish->also.n > s->nalso)
		return err_set(&w->err, RC_STATE,
			       "the request wants more experts than the"
			       " session has");
	enum rc rc = decide(w, wish, &plan, &ask);

	if (rc != RC_OK)
		return rc;
	wish->expert = ask.core.experts[plan.expert].subject.id;
	return name_all(w, &plan, wish);
}

static enum rc wish_for(struct work *w, int64_t request,
			const struct booking *s, struct wish *out)
{
	struct request r;
	enum rc rc = request_by_id(w->tx, request, w->arena, &r, &w->err);

	if (rc != RC_OK)
		return rc;
	work_wish_of(&r, out);
	out->within = s;
	return RC_OK;
}

static enum rc put(struct work *w, const struct booking *s,
		   const struct booking *b)
{
	const struct case_row row = {.booking = b->id,
				     .begins = b->from - s->from,
				     .length = b->to - b->from};

	return cases_put(w->tx, s->id, &row, &w->err);
}

/* --- the list --- */

static enum rc begin(struct work *w, const char *code, struct sessions_seen *s)
{
	enum rc rc = sessions_see(w, code, s);

	if (rc == RC_OK)
		rc = work_match(w, s->b.version);
	if (rc != RC_OK)
		return rc;
	/* Whoever has nothing of it has nothing to do with its list. */
	if (!s->sides && !s->had)
		return err_set(&w->err, RC_NOT_FOUND,
			       "there is no such session");
	if (!(s->sides & SIDE_LEAD))
		return err_set(&w->err, RC_FORBIDDEN,
			       "a coordinator of the lead keeps the list");
	if (s->b.kind != KIND_CASE_CONFERENCE)
		return err_set(&w->err, RC_STATE,
			       "only a case-conference has a list of cases");
	if (s->b.status != BOOKING_BOOKED && s->b.status != BOOKING_ARRIVED)
		return err_set(
			&w->err, RC_STATE, "the session is %s",
			words_name(&words_booking_status, (int)s->b.status));
	return RC_OK;
}

static enum rc find_case(struct work *w, const struct msg_case_new *in,
			 const struct booking *s, struct booking *b,
			 struct wish *wish)
{
	struct request r;
	enum rc rc = work_find_bookable(w, in->request, &r);

	if (rc != RC_OK)
		return rc;
	if (r.lead != s->lead || r.kind != KIND_CASE_DISCUSSION)
		return work_fault(w, "/request",
				  "is no case-discussion of this lead's");
	*b = (struct booking){.request = r.id,
			      .request_code = r.code,
			      .agreement = r.agreement,
			      .lead = r.lead,
			      .partner = r.partner,
			      .kind = r.kind};
	work_wish_of(&r, wish);
	wish->within = s;
	return work_read_minutes(w, "/duration_minutes", r.kind,
				 in->duration_minutes, &wish->minutes);
}

/* Is it free there, seen from the list? */
static bool is_free(const struct case_row *v, size_t n, int64_t begins,
		    int64_t length)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].begins < begins + length &&
		    v[i].begins + v[i].length > begins)
			return false;
	return true;
}

/* Behind so many of the list. */
static int64_t behind(const struct case_row *v, size_t i)
{
	return i ? v[i - 1].begins + v[i - 1].length : 0;
}

/* The first of the times that are left at which everybody can. */
static enum rc find_place(struct work *w, const struct booking *s,
			  struct wish *wish)
{
	const struct wish wanted = *wish;
	int64_t length = wish->minutes * 60;
	struct case_row *v;
	size_t n;
	bool any = false;
	enum rc rc = cases_of(w->tx, s->id, w->arena, &v, &n, &w->err);

	if (rc != RC_OK)
		return rc;
	rc = RC_REFUSED;
	for (size_t i = 0; rc == RC_REFUSED && i <= n; i++) {
		int64_t begins = behind(v, i);

		if (s->from + begins + length > s->to ||
		    !is_free(v, n, begins, length))
			continue;
		any = true;
		*wish = wanted;
		wish->at = s->from + begins;
		w->blockers = (struct field_list){0};
		w->blockers_more = 0;
		rc = seat(w, s, wish);
	}
	return any ? rc
		   : err_set(&w->err, RC_STATE,
			     "no %lld minutes are left in the session; in"
			     " another order they may be",
			     (long long)wish->minutes);
}

enum rc work_session_add(struct work *w, const char *code,
			 const struct msg_case_new *in, struct msg_session *out)
{
	struct sessions_seen s;
	struct booking b = {0};
	struct wish wish = {0};
	enum rc rc = begin(w, code, &s);

	if (rc == RC_OK)
		rc = find_case(w, in, &s.b, &b, &wish);
	if (rc == RC_OK)
		rc = work_lapse_holds(w);
	if (rc == RC_OK)
		rc = find_place(w, &s.b, &wish);
	if (rc == RC_OK)
		rc = work_take(w, &wish, &b);
	if (rc == RC_OK)
		rc = put(w, &s.b, &b);
	if (rc == RC_OK)
		rc = work_schedule_request(w, &b, VERB_SCHEDULE, NULL);
	w->wish = (struct wish){0};
	return rc == RC_OK ? sessions_answer(w, code, out) : rc;
}

/* --- all of them anew --- */

struct moving {
	struct booking b;
	int64_t begins;
};

static enum rc carry(struct work *w, const struct booking *s, struct moving *m,
		     const char *reason)
{
	struct booking *b = &m->b;
	struct work_change change = {.verb = VERB_MOVE,
				     .from = (int)b->status,
				     .other = b->expert,
				     .gone = b->also,
				     .ngone = b->nalso,
				     .reason = reason};
	struct core_plan plan;
	struct wish wish;
	struct ask ask;
	enum rc rc = work_step(w, THING_BOOKING, change.from, change.verb,
			       &change.to);

	if (rc == RC_OK && s->from + m->begins + b->to - b->from > s->to)
		rc = err_set(&w->err, RC_STATE,
			     "its list of cases is longer than that");
	if (rc == RC_OK)
		rc = wish_for(w, b->request, s, &wish);
	if (rc != RC_OK)
		return rc;
	wish.at = s->from + m->begins;
	wish.minutes = (b->to - b->from) / 60;
	wish.ignore_booking = b->id;
	rc = seat(w, s, &wish);
	if (rc == RC_OK)
		rc = decide(w, &wish, &plan, &ask);
	if (rc == RC_OK)
		rc = work_replace_claims(w, b, &plan, &ask);
	b->sequence++;
	if (rc == RC_OK)
		rc = booking_update(w->tx, b, &w->err);
	if (rc == RC_OK)
		rc = put(w, s, b);
	return rc == RC_OK ? work_event_booking(w, b, &change) : rc;
}

/* All are taken off before the first is put on: none is in another's way. */
static enum rc carry_all(struct work *w, const struct booking *s,
			 struct moving *v, size_t n, const char *reason)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		rc = cases_drop(w->tx, v[i].b.id, &w->err);
		if (rc == RC_OK)
			rc = booking_delete_claims(w->tx, v[i].b.id, &w->err);
	}
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		rc = carry(w, s, &v[i], reason);
	return rc;
}

static enum rc read_all(struct work *w, int64_t session, struct moving **out,
			size_t *out_n)
{
	struct case_row *rows;
	enum rc rc = cases_of(w->tx, session, w->arena, &rows, out_n, &w->err);
	struct moving *v =
		rc == RC_OK ? arena_array(w->arena, *out_n, sizeof(*v)) : NULL;

	if (rc == RC_OK && *out_n && !v)
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < *out_n; i++) {
		v[i].begins = rows[i].begins;
		rc = booking_by_id(w->tx, rows[i].booking, w->arena, &v[i].b,
				   &w->err);
	}
	*out = v;
	return rc;
}

static enum rc not_the_list(struct work *w)
{
	return work_fault(w, "/cases",
			  "name every case of the list, and each once");
}

/* In the order of the message; which of them change their time goes first. */
static enum rc read_order(struct work *w, const struct msg_case_order *in,
			  struct moving *v, size_t n, size_t *out_n)
{
	int64_t at = 0;
	size_t kept = 0;

	if (in->cases.n != n)
		return not_the_list(w);
	for (size_t i = 0; i < n; i++) {
		size_t k = i;
		struct code code;

		if (!code_read(in->cases.v[i], strlen(in->cases.v[i]), &code))
			return not_the_list(w);
		while (k < n && strcmp(v[k].b.code.s, code.s) != 0)
			k++;
		if (k == n)
			return not_the_list(w);
		struct moving m = v[k];

		memmove(&v[i + 1], &v[i], (k - i) * sizeof(*v));
		v[i] = m;
	}
	for (size_t i = 0; i < n; i++) {
		struct moving m = v[i];
		bool stays = m.begins == at;

		m.begins = at;
		at += m.b.to - m.b.from;
		if (!stays)
			v[kept++] = m;
	}
	*out_n = kept;
	return RC_OK;
}

enum rc work_session_order(struct work *w, const char *code,
			   const struct msg_case_order *in,
			   struct msg_session *out)
{
	struct sessions_seen s;
	struct moving *v = NULL;
	size_t n = 0, moved = 0;
	enum rc rc = begin(w, code, &s);

	if (rc == RC_OK)
		rc = read_all(w, s.b.id, &v, &n);
	if (rc == RC_OK)
		rc = read_order(w, in, v, n, &moved);
	if (rc == RC_OK)
		rc = work_lapse_holds(w);
	if (rc == RC_OK)
		rc = carry_all(w, &s.b, v, moved, NULL);
	return rc == RC_OK ? sessions_answer(w, code, out) : rc;
}

/* --- what follows --- */

/* Those whose turn has not come wait again. */
static enum rc give_up(struct work *w, const struct booking *s,
		       const char *reason)
{
	struct moving *v;
	size_t n;
	enum rc rc = read_all(w, s->id, &v, &n);

	for (size_t i = 0; rc == RC_OK && i < n; i++)
		if (v[i].b.status == BOOKING_BOOKED ||
		    v[i].b.status == BOOKING_ARRIVED)
			rc = work_booking_end(w, &v[i].b, VERB_CANCEL, reason);
	return rc;
}

static enum rc follow_session(struct work *w, const struct booking *s,
			      const struct work_change *change)
{
	struct moving *v;
	size_t n;

	if (change->to == BOOKING_CANCELLED || change->to == BOOKING_NOSHOW)
		return give_up(w, s, "its session is not held");
	if (change->to == BOOKING_FULFILLED)
		return give_up(w, s, "its session ended before its turn");
	if (change->verb != VERB_MOVE)
		return RC_OK;
	enum rc rc = read_all(w, s->id, &v, &n);

	return rc == RC_OK ? carry_all(w, s, v, n, "its session is moved") : rc;
}

enum rc cases_follow(struct work *w, const struct booking *b,
		     const struct work_change *change)
{
	if (b->kind == KIND_CASE_CONFERENCE)
		return follow_session(w, b, change);
	if (b->kind == KIND_CASE_DISCUSSION &&
	    (change->to == BOOKING_CANCELLED || change->to == BOOKING_NOSHOW))
		return cases_drop(w->tx, b->id, &w->err);
	return RC_OK;
}

/* --- of which it is one --- */

enum rc cases_within(struct work *w, const struct booking *b,
		     const struct booking **out)
{
	struct booking *s;
	int64_t id = 0;

	*out = NULL;
	if (b->kind != KIND_CASE_DISCUSSION)
		return RC_OK;
	enum rc rc = cases_session_of(w->tx, b->id, &id, &w->err);

	if (rc != RC_OK || !id)
		return rc;
	s = arena_alloc(w->arena, sizeof(*s));
	if (!s)
		return work_nomem(w);
	rc = booking_by_id(w->tx, id, w->arena, s, &w->err);
	*out = s;
	return rc;
}

enum rc cases_check(struct work *w, const struct booking *b, const char *verb)
{
	const struct booking *s;
	char shown[CODE_SHOWN_LEN + 1];
	enum rc rc = cases_within(w, b, &s);

	if (rc != RC_OK || !s)
		return rc;
	code_show(&s->code, shown);
	return err_set(&w->err, RC_STATE, "it is a case of the session %s: %s",
		       shown, verb);
}

enum rc cases_check_start(struct work *w, const struct booking *b)
{
	const struct booking *s;
	enum rc rc = cases_within(w, b, &s);

	if (rc != RC_OK || !s || s->status == BOOKING_STARTED ||
	    s->status == BOOKING_FULFILLED)
		return rc;
	return cases_check(w, b, "that one begins first");
}

/* --- as a message --- */

static enum rc view_one(struct work *w, const struct booking *b,
			struct msg_case *out)
{
	struct request r;
	enum rc rc = request_by_id(w->tx, b->request, w->arena, &r, &w->err);

	if (rc == RC_OK)
		rc = work_view_code(w, &b->code, &out->code);
	if (rc == RC_OK)
		rc = work_view_code(w, &r.code, &out->request);
	if (rc != RC_OK)
		return rc;
	out->partner = b->partner_slug;
	out->urgency = (int)r.urgency;
	out->status = (int)b->status;
	out->from = b->from;
	out->to = b->to;
	return RC_OK;
}

enum rc cases_view(struct work *w, const struct sessions_seen *s,
		   struct field_list *out)
{
	bool all = (s->sides & (SIDE_LEAD | SIDE_EXPERT)) != 0;
	struct moving *rows = NULL;
	size_t n = 0, kept = 0;

	if (s->b.kind != KIND_CASE_CONFERENCE)
		return RC_OK;
	enum rc rc = read_all(w, s->b.id, &rows, &n);
	struct msg_case *v =
		rc == RC_OK ? arena_array(w->arena, n, sizeof(*v)) : NULL;

	if (rc == RC_OK && n && (!rows || !v))
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < n; i++)
		if (all || work_booking_sides(w, &rows[i].b))
			rc = view_one(w, &rows[i].b, &v[kept++]);
	*out = (struct field_list){v, kept};
	return rc;
}

enum rc cases_name(struct work *w, const struct booking *b, const char **out)
{
	const struct booking *s;
	enum rc rc = cases_within(w, b, &s);

	return rc == RC_OK && s ? work_view_code(w, &s->code, out) : rc;
}
