/* A session that runs late, and what it runs into (day.h). */
#include <stdlib.h>

#include "daemon/core/local.h"
#include "daemon/core/session.h"
#include "daemon/store/day.h"
#include "daemon/store/network.h"
#include "daemon/store/site.h"
#include "daemon/store/why.h"
#include "daemon/work/cases.h"
#include "daemon/work/day.h"
#include "daemon/work/parts.h"
#include "daemon/work/stay.h"

static const char why[] = "what comes before it runs late";

/* A booking that the late one runs into. */
struct follower {
	struct booking b;
	struct core_span had;
	struct booking_claim *claims; /* that it had */
	size_t nclaims;
	int64_t *subjects; /* of them */
	bool movable;	   /* as far as is known yet */
};

struct lateness {
	struct work *w;
	struct booking *b;
	struct session_late later;
	struct booking_claim *claims; /* before it was late */
	size_t nclaims;
	struct follower *v; /* by their start */
	size_t n;
};

/* --- whom it runs into --- */

/* One that has not begun, and whose hospitals have agreed to it. */
static enum rc may_move(struct lateness *l, struct follower *f)
{
	struct session_terms terms;
	enum rc rc = network_session_terms(l->w->tx, f->b.agreement, &terms,
					   &l->w->err);

	f->movable = f->b.status == BOOKING_BOOKED && terms.moves_when_late;
	return rc;
}

static int by_start(const void *left, const void *right)
{
	const struct follower *a = left, *b = right;

	if (a->b.from != b->b.from)
		return a->b.from < b->b.from ? -1 : 1;
	return (a->b.id > b->b.id) - (a->b.id < b->b.id);
}

static enum rc load_claims(struct lateness *l, struct follower *f)
{
	struct work *w = l->w;
	enum rc rc = booking_claims(w->tx, f->b.id, w->arena, &f->claims,
				    &f->nclaims, &w->err);

	if (rc != RC_OK)
		return rc;
	f->subjects = arena_array(w->arena, f->nclaims, sizeof(*f->subjects));
	if (!f->subjects)
		return work_nomem(w);
	for (size_t i = 0; i < f->nclaims; i++)
		f->subjects[i] = f->claims[i].subject;
	return RC_OK;
}

static enum rc load_follower(struct lateness *l, int64_t id, struct follower *f)
{
	enum rc rc = day_booking(l->w->tx, id, l->w->arena, &f->b, &l->w->err);

	f->had = (struct core_span){f->b.from, f->b.to};
	if (rc == RC_OK)
		rc = load_claims(l, f);
	return rc == RC_OK ? may_move(l, f) : rc;
}

/* Who is over already is run into by nobody. */
static enum rc load_followers(struct lateness *l, const int64_t *ids, size_t n)
{
	enum rc rc = RC_OK;

	if (!n)
		return RC_OK;
	l->v = arena_array(l->w->arena, n, sizeof(*l->v));
	if (!l->v)
		return work_nomem(l->w);
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		rc = load_follower(l, ids[i], &l->v[l->n]);
		if (rc == RC_OK && l->v[l->n].b.status != BOOKING_FULFILLED)
			l->n++;
	}
	if (rc == RC_OK)
		qsort(l->v, l->n, sizeof(*l->v), by_start);
	return rc;
}

static enum rc find_followers(struct lateness *l)
{
	int64_t ids[DAY_DISTURBED_MAX] = {0};
	size_t n = 0;
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < l->nclaims; i++) {
		struct booking_claim *c = &l->claims[i];
		struct core_span had = {c->from, c->to};
		struct core_span more = session_later(&l->later, c->role, had);

		if (more.to > had.to)
			rc = day_disturbed(
				l->w->tx, l->b->id, c->subject,
				(struct core_span){had.from, more.to}, ids, &n,
				&l->w->err);
	}
	return rc == RC_OK ? load_followers(l, ids, n) : rc;
}

/* --- the late one --- */

/* In which order: each into what the one before it has left. */
static int turn_of(enum claim_role role)
{
	return role == CLAIM_BUFFER ? 0 : role == CLAIM_OVERRUN ? 1 : 2;
}

/* As far as nobody else is there. Of what takes several at a time the guard
 * knows whether one more goes. */
static enum rc extend_claim(struct lateness *l, const struct booking_claim *c)
{
	struct core_span had = {c->from, c->to};
	struct core_span more = session_later(&l->later, c->role, had);
	int64_t next;
	enum rc rc = day_next_claim(l->w->tx, l->b->id, c->subject,
				    l->later.from, &next, &l->w->err);

	if (rc != RC_OK)
		return rc;
	if (more.to > next)
		more.to = next;
	if (more.from == had.from && more.to == had.to)
		return RC_OK;
	rc = booking_set_claim(l->w->tx, l->b->id, c, more, NULL);
	return rc == RC_REFUSED ? RC_OK : rc;
}

static enum rc extend(struct lateness *l)
{
	enum rc rc = RC_OK;

	for (int turn = 0; turn < 3; turn++)
		for (size_t i = 0; rc == RC_OK && i < l->nclaims; i++)
			if (turn_of(l->claims[i].role) == turn)
				rc = extend_claim(l, &l->claims[i]);
	return rc;
}

/* --- those that follow --- */

/* The first time from its own on, of its day there; in the rooms that it had,
 * where they do. */
static enum rc find_time(struct lateness *l, struct follower *f,
			 struct ask *ask, struct core_plan *plan,
			 bool *out_found)
{
	struct work *w = l->w;
	struct wish wish;
	size_t n = 0;
	enum rc rc = work_wish_again(w, &f->b, &wish);

	if (rc != RC_OK)
		return rc;
	wish.with = (struct field_strs){f->b.named, f->b.nnamed};
	wish.at = f->had.from;
	wish.had = f->subjects;
	wish.nhad = f->nclaims;
	rc = ask_load(w, &wish, work_window_at(&wish), w->arena, ask);
	if (rc != RC_OK)
		return rc;
	const struct tz *zone = ask->agreement.lead_zone;
	int64_t day = local_day(zone, f->had.from);
	struct core_span window = {f->had.from, local_days(zone, day, day).to};

	rc = ask_load(w, &wish, window, w->arena, ask);
	if (rc == RC_OK)
		rc = core_search(&ask->core, window, 1, w->arena, plan, &n);
	*out_found = rc == RC_OK && n > 0 && !wish.within;
	return rc;
}

static bool is_had(const struct follower *f, int64_t subject,
		   struct core_span span)
{
	for (size_t i = 0; i < f->nclaims; i++)
		if (f->claims[i].subject == subject &&
		    f->claims[i].from == span.from &&
		    f->claims[i].to == span.to)
			return true;
	return false;
}

/* Somebody who stays holds the late one off. A way is as long as the place
 * before it is far, and nobody's wish. */
static bool changes(const struct follower *f, const struct core_plan *plan)
{
	for (size_t i = 0; i < plan->nclaims; i++)
		if (plan->claims[i].role != CLAIM_TRANSFER &&
		    !is_had(f, plan->claims[i].subject->id,
			    plan->claims[i].span))
			return true;
	return false;
}

static enum rc move_one(struct lateness *l, struct follower *f, bool *out_moved)
{
	struct core_plan plan;
	struct ask ask;
	enum rc rc = find_time(l, f, &ask, &plan, out_moved);

	if (rc == RC_INVALID) { /* it is not the agreement's any more */
		l->w->faults.n = 0;
		*out_moved = false;
		return RC_OK;
	}
	*out_moved = rc == RC_OK && *out_moved && changes(f, &plan);
	return *out_moved ? work_replace_claims(l->w, &f->b, &plan, &ask) : rc;
}

/* All that may be moved, away and to their new times; *out_stuck: one that has
 * none, and nothing of it is good. */
static enum rc try_all(struct lateness *l, struct follower **out_stuck)
{
	bool moved = true;
	enum rc rc = RC_OK;

	*out_stuck = NULL;
	for (size_t i = 0; rc == RC_OK && i < l->n; i++)
		if (l->v[i].movable)
			rc = booking_delete_claims(l->w->tx, l->v[i].b.id,
						   &l->w->err);
	if (rc == RC_OK)
		rc = extend(l);
	for (size_t i = 0; rc == RC_OK && moved && i < l->n; i++) {
		if (!l->v[i].movable)
			continue;
		rc = move_one(l, &l->v[i], &moved);
		if (!moved)
			*out_stuck = &l->v[i];
	}
	return rc;
}

static void forget(struct lateness *l)
{
	for (size_t i = 0; i < l->n; i++) {
		l->v[i].b.from = l->v[i].had.from;
		l->v[i].b.to = l->v[i].had.to;
	}
}

/* Whoever cannot be moved stays, and the others are looked at again: they were
 * moved as if that one were away. */
static enum rc replan(struct lateness *l)
{
	struct db *db = l->w->tx->db;
	struct follower *stuck;

	for (;;) {
		enum rc rc = db_savepoint(db, &l->w->err);

		if (rc != RC_OK)
			return rc;
		rc = try_all(l, &stuck);
		if (rc == RC_OK && !stuck)
			return db_release(db, &l->w->err);
		/* Whoever undoes the whole finds the savepoint that was
		 * theirs as the innermost. */
		db_rollback_savepoint(db);
		if (rc != RC_OK)
			return rc;
		if (!db_in_transaction(db))
			return err_set(&l->w->err, RC_FULL,
				       "the transaction is lost");
		forget(l);
		stuck->movable = false;
	}
}

static enum rc tell_one(struct lateness *l, struct follower *f)
{
	struct work_change change = {.verb = f->movable ? VERB_MOVE
							: VERB_RUN_LATE,
				     .from = (int)f->b.status,
				     .to = (int)f->b.status,
				     .other = f->b.expert,
				     .reason = why,
				     .by_system = true};
	enum rc rc = RC_OK;

	if (f->movable) {
		f->b.sequence++;
		rc = booking_update(l->w->tx, &f->b, &l->w->err);
	}
	return rc == RC_OK ? work_event_booking(l->w, &f->b, &change) : rc;
}

static enum rc view_one(struct lateness *l, const struct follower *f,
			struct msg_follower *out)
{
	enum rc rc = RC_OK;

	*out = (struct msg_follower){.from = f->had.from,
				     .to = f->had.to,
				     .outcome = f->movable ? "moved" : "warned",
				     .now_from = FIELD_NONE,
				     .now_to = FIELD_NONE};
	if (!work_booking_sides(l->w, &f->b))
		return RC_OK;
	rc = work_view_code(l->w, &f->b.code, &out->booking);
	out->expert = f->b.expert_slug;
	if (f->movable) {
		out->now_from = f->b.from;
		out->now_to = f->b.to;
	}
	return rc;
}

static enum rc tell(struct lateness *l, struct field_list *out)
{
	struct msg_follower *v = arena_array(l->w->arena, l->n, sizeof(*v));
	enum rc rc = RC_OK;

	if (l->n && !v)
		return work_nomem(l->w);
	for (size_t i = 0; rc == RC_OK && i < l->n; i++) {
		rc = tell_one(l, &l->v[i]);
		if (rc == RC_OK)
			rc = view_one(l, &l->v[i], &v[i]);
	}
	*out = (struct field_list){v, l->n};
	return rc;
}

static enum rc begin(struct work *w, const char *code, struct booking *b)
{
	int to;
	enum rc rc = work_find_booking(
		w, code, SIDE_LEAD | SIDE_PARTNER | SIDE_EXPERT, b);

	if (rc == RC_OK)
		rc = work_match(w, b->version);
	if (rc == RC_OK)
		rc = work_step(w, THING_BOOKING, (int)b->status, VERB_RUN_LATE,
			       &to);
	if (rc == RC_OK)
		rc = cases_check(w, b, "say it of that one");
	return rc == RC_OK ? work_lapse_holds(w) : rc;
}

static enum rc keep_why(struct work *w, const struct booking *b, int reason)
{
	struct why_row row = {
		.booking = b->id,
		.what = WHY_LATE,
		.side = w->who->expert && w->who->expert == b->expert
				? WHY_EXPERT
			: w->who->site == b->lead ? WHY_LEAD
						  : WHY_PARTNER,
		.reason = reason,
		.to = b->to,
	};

	return why_put(w->tx, &row, &w->err);
}

/* What it runs into: of a session, as far as anybody is there; of a bed nobody,
 * for that is asked for as it was. */
static enum rc run_late(struct lateness *l, const struct msg_run_late *in)
{
	struct work *w = l->w;
	struct booking *b = l->b;

	if (!b->expert)
		return stay_longer(w, b, in->days);
	b->to += in->minutes * 60;
	l->later = (struct session_late){b->from, b->to, b->after * 60};
	enum rc rc = booking_claims(w->tx, b->id, w->arena, &l->claims,
				    &l->nclaims, &w->err);

	if (rc == RC_OK)
		rc = find_followers(l);
	if (rc == RC_OK)
		rc = replan(l);
	return rc == RC_OK ? work_mend_ways(w, b, b->from + 1) : rc;
}

static enum rc check_length(struct work *w, const struct booking *b,
			    const struct msg_run_late *in)
{
	bool days = in->days > 0, minutes = in->minutes > 0;

	if (!b->expert && (!days || minutes))
		return work_fault(w, "/days", "a bed is had for days");
	if (b->expert && (days || !minutes))
		return work_fault(w, "/minutes",
				  "a session ends minutes later");
	return RC_OK;
}

enum rc work_booking_late(struct work *w, const char *code,
			  const struct msg_run_late *in,
			  struct msg_booking *out)
{
	struct work_change change = {.verb = VERB_RUN_LATE,
				     .from = BOOKING_STARTED,
				     .to = BOOKING_STARTED,
				     .reason = in->reason};
	struct field_list following = {0};
	struct booking b;
	struct lateness l = {.w = w, .b = &b};
	enum rc rc = begin(w, code, &b);

	if (rc == RC_OK)
		rc = check_length(w, &b, in);
	if (rc == RC_OK)
		rc = keep_why(w, &b, in->reason_code);
	if (rc == RC_OK)
		rc = run_late(&l, in);
	if (rc == RC_OK)
		rc = booking_update(w->tx, &b, &w->err);
	if (rc == RC_OK)
		rc = work_event_booking(w, &b, &change);
	if (rc == RC_OK)
		rc = tell(&l, &following);
	if (rc == RC_OK)
		rc = work_answer_booking(w, &b.code, out);
	out->following = following;
	return rc;
}
