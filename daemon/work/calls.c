#include "daemon/work/calls.h"

#include <string.h>

#include "daemon/core/kind.h"
#include "daemon/store/roster.h"
#include "daemon/work/at_once.h"

#define REMIND_MAX 3600 /* seconds between two of the last rung */
#define DOOR_AHEAD ((int64_t)12 * 3600) /* an ambulance may be on its way */
#define DOOR_AGO ((int64_t)7 * 86400)

/* Everything that calling somebody needs to know. */
struct calling {
	struct work *w;
	const struct request *r;
	struct duty_limits limits;
	struct roster *rosters;
	size_t nrosters;
	struct duty_call *calls; /* so far */
	size_t ncalls;
	int64_t step; /* the last one */
	int64_t round;
	const char *because; /* NULL: it is the first */
};

static enum rc load(struct work *w, const struct request *r, struct calling *c)
{
	const struct core_span now = {w->tx->now, w->tx->now + 1};
	enum rc rc = duty_limits_of(w->tx, r->agreement, &c->limits, &w->err);

	c->w = w;
	c->r = r;
	c->step = 0;
	if (rc == RC_OK)
		rc = roster_load(w->tx, r->lead, r->specialty, now, w->arena,
				 &c->rosters, &c->nrosters, &w->err);
	if (rc == RC_OK)
		rc = duty_call_list(w->tx, r->id, w->arena, &c->calls,
				    &c->ncalls, &w->err);
	if (rc != RC_OK)
		return rc;
	if (c->ncalls)
		c->step = c->calls[c->ncalls - 1].step;
	c->round = calls_round(c->calls, c->ncalls);
	return RC_OK;
}

/* In this round; or they had it already, or said that they cannot: then not
 * before everybody is called. */
static bool was_called(const struct calling *c, int64_t expert)
{
	for (size_t i = 0; i < c->ncalls; i++) {
		const struct duty_call *call = &c->calls[i];

		if (call->expert == expert && (call->round == c->round ||
					       call->outcome == CALL_ANSWERED ||
					       call->outcome == CALL_CANNOT))
			return true;
	}
	return false;
}

/* On record, and told to whom it calls. */
static enum rc tell(const struct calling *c, const struct duty_call *call,
		    const char *whom)
{
	struct work *w = c->w;
	struct work_change change = {
		.verb = VERB_CALL,
		.from = (int)c->r->status,
		.to = (int)c->r->status,
		.by_system = true,
		.expert = call->expert,
		.told = call->expert != 0,
		.reason = c->because ? arena_printf(w->arena, "%s; %s", whom,
						    c->because)
				     : whom,
	};

	if (!change.reason)
		return work_nomem(w);
	return work_event_request(w, c->r, &change);
}

static enum rc put_due(const struct calling *c, int64_t at)
{
	const struct due_row row = {.at = at,
				    .what = DUE_CALL,
				    .thing = THING_REQUEST,
				    .thing_id = c->r->id,
				    .step = c->step};

	return due_put(c->w->tx, &row, &c->w->err);
}

/* --- one after the other --- */

static enum rc call_one(struct calling *c, const struct roster *roster,
			const struct roster_person *p)
{
	struct work *w = c->w;
	struct duty_call call = {
		.request = c->r->id,
		.step = ++c->step,
		.round = c->round,
		.expert = p->expert,
		.level = roster->level,
		.reach = p->reach,
		.called_at = w->tx->now,
		.until = w->tx->now + c->limits.call * 60,
	};
	const char *whom =
		arena_printf(w->arena, "%s, level %d", p->slug, roster->level);
	enum rc rc = duty_call_add(w->tx, &call, &w->err);

	if (rc == RC_OK && !whom)
		return work_nomem(w);
	if (rc == RC_OK)
		rc = tell(c, &call, whom);
	return rc == RC_OK ? put_due(c, call.until) : rc;
}

/* Called for nothing, they would cost the limit. */
static enum rc pass_over(struct calling *c, const struct roster *roster,
			 const struct roster_person *p)
{
	int64_t now = c->w->tx->now;
	struct duty_call call = {
		.request = c->r->id,
		.step = ++c->step,
		.round = c->round,
		.expert = p->expert,
		.level = roster->level,
		.reach = p->reach,
		.called_at = now,
		.outcome = CALL_ENGAGED,
		.ended_at = now,
	};

	c->because = arena_printf(c->w->arena,
				  "%s is in another session that has begun",
				  p->slug);
	return c->because ? duty_call_add(c->w->tx, &call, &c->w->err)
			  : work_nomem(c->w);
}

/* Called for nothing, too: the session would not begin. The event of whom is
 * called in their place says why. */
static enum rc may_begin(struct calling *c, const struct roster_person *p,
			 bool *out)
{
	struct work *w = c->w;
	const char *lacks;
	enum rc rc = at_once_lacks(w, c->r, p->expert, &lacks);

	*out = !lacks;
	if (rc != RC_OK || !lacks)
		return rc;
	c->because = arena_printf(w->arena, "%s%s%s may not take it: %s",
				  c->because ? c->because : "",
				  c->because ? "; " : "", p->slug, lacks);
	return c->because ? RC_OK : work_nomem(w);
}

/* *out: somebody was called. */
static enum rc try_level(struct calling *c, const struct roster *roster,
			 bool *out)
{
	struct work *w = c->w;
	const struct roster_person *p;
	bool engaged, fits;
	enum rc rc = roster_at(roster, w->tx->now, w->arena, &p);

	if (rc != RC_OK)
		return err_set(&w->err, rc, "the roster is too large");
	if (!p || was_called(c, p->expert))
		return RC_OK;
	rc = may_begin(c, p, &fits);
	if (rc != RC_OK || !fits)
		return rc;
	rc = duty_call_engaged(w->tx, p->expert, &engaged, &w->err);
	if (rc != RC_OK)
		return rc;
	if (engaged)
		return pass_over(c, roster, p);
	*out = true;
	return call_one(c, roster, p);
}

/* --- the last rung --- */

static bool is_absent(const struct roster_person *p, int64_t at)
{
	for (size_t i = 0; i < p->nabsent; i++) {
		if (p->absent[i].from <= at && at < p->absent[i].to)
			return true;
	}
	return false;
}

/* Is it the first place at which the rosters name that person? */
static bool is_first(const struct calling *c, size_t roster, size_t person)
{
	int64_t expert = c->rosters[roster].people[person].expert;

	for (size_t i = 0; i <= roster; i++) {
		const struct roster *r = &c->rosters[i];
		size_t n = i == roster ? person : r->npeople;

		for (size_t k = 0; k < n; k++) {
			if (r->people[k].expert == expert)
				return false;
		}
	}
	return true;
}

static enum rc call_too(struct calling *c, const struct roster_person *p)
{
	struct work *w = c->w;
	struct duty_call call = {
		.request = c->r->id,
		.step = c->step,
		.round = c->round,
		.expert = p ? p->expert : 0,
		.reach = p ? p->reach : NULL,
		.called_at = w->tx->now,
	};
	const char *whom =
		arena_printf(w->arena, "everybody: %s",
			     p ? p->slug : "the lead's coordinators");
	enum rc rc = duty_call_add(w->tx, &call, &w->err);

	if (rc == RC_OK && !whom)
		return work_nomem(w);
	if (rc == RC_OK)
		rc = tell(c, &call, whom);
	c->because = NULL; /* said once */
	return rc;
}

static enum rc call_everybody(struct calling *c)
{
	struct work *w = c->w;
	enum rc rc = RC_OK;

	c->step++;
	for (size_t i = 0; rc == RC_OK && i < c->nrosters; i++) {
		const struct roster *r = &c->rosters[i];

		for (size_t k = 0; rc == RC_OK && k < r->npeople; k++) {
			const char *lacks = NULL;

			if (!is_first(c, i, k) ||
			    is_absent(&r->people[k], w->tx->now))
				continue;
			rc = at_once_lacks(w, c->r, r->people[k].expert,
					   &lacks);
			if (rc == RC_OK && !lacks)
				rc = call_too(c, &r->people[k]);
		}
	}
	if (rc == RC_OK)
		rc = call_too(c, NULL);
	return rc == RC_OK ? put_due(c, w->tx->now + c->limits.call * 60) : rc;
}

static enum rc call_next(struct calling *c)
{
	bool called = false;
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && !called && i < c->nrosters; i++)
		rc = try_level(c, &c->rosters[i], &called);
	if (rc == RC_OK && !called && !c->because)
		c->because = "nobody is on call";
	return rc == RC_OK && !called ? call_everybody(c) : rc;
}

enum rc calls_next(struct work *w, const struct request *r, const char *because)
{
	struct calling c = {.because = because};
	enum rc rc = load(w, r, &c);

	return rc == RC_OK ? call_next(&c) : rc;
}

/* --- papers --- */

/* Somebody is reminded at half the time, and told at its end. */
static enum rc papers_due(struct work *w, const struct request *r,
			  const struct duty_row *row)
{
	const struct due_row due = {
		.at = w->tx->now + (row->papers_until - w->tx->now) / 2,
		.what = DUE_PAPERS,
		.thing = THING_REQUEST,
		.thing_id = r->id,
	};

	return due_put(w->tx, &due, &w->err);
}

static enum rc tell_papers(struct work *w, const struct request *r,
			   bool too_late)
{
	struct work_change change = {
		.verb = too_late ? VERB_ESCALATE : VERB_REMIND,
		.from = (int)r->status,
		.to = (int)r->status,
		.by_system = true,
		.reason = too_late ? "the papers are overdue"
				   : "the papers are still to come",
	};

	return work_event_request(w, r, &change);
}

enum rc papers_step(struct work *w, const struct due_row *row)
{
	struct duty_times times = {0};
	struct request r;
	enum rc rc = request_by_id(w->tx, row->thing_id, w->arena, &r, &w->err);

	if (rc == RC_OK)
		rc = duty_times_of(w->tx, row->thing_id, &times, &w->err);
	if (rc != RC_OK || times.papers_at != INT64_MIN ||
	    r.status == REQUEST_DECLINED || r.status == REQUEST_WITHDRAWN ||
	    r.status == REQUEST_EXPIRED)
		return rc;
	bool late = w->tx->now >= times.papers_until;

	rc = tell_papers(w, &r, late);
	if (rc != RC_OK || late)
		return rc;
	const struct due_row next = {.at = times.papers_until,
				     .what = DUE_PAPERS,
				     .thing = THING_REQUEST,
				     .thing_id = r.id,
				     .step = 1};

	return due_put(w->tx, &next, &w->err);
}

/* --- at the beginning, and as time passes --- */

enum rc calls_check(struct work *w, const struct msg_request_new *in)
{
	const struct kind_row *kind = kind_row((enum kind)in->kind);
	const int64_t now = w->tx->now;

	if (in->expert)
		return work_fault(w, "/expert",
				  "who comes is who is on call: name the"
				  " specialty");
	if (in->urgency >= 0 && in->urgency != URGENCY_EMERGENCY)
		return work_fault(w, "/urgency", "is an emergency");
	if (in->wanted.n)
		return work_fault(w, "/wanted", "is now");
	if (kind->longest_minutes &&
	    in->duration_minutes > kind->longest_minutes)
		return work_fault(w, "/duration_minutes",
				  "is at most %d: others give way for as"
				  " long",
				  kind->longest_minutes);
	if (in->door_at != FIELD_NONE &&
	    (in->door_at > now + DOOR_AHEAD || in->door_at < now - DOOR_AGO))
		return work_fault(w, "/door_at", "is too far from now");
	return RC_OK;
}

enum rc calls_begin(struct work *w, const struct request *r,
		    const struct msg_request_new *in)
{
	struct calling c = {0};
	enum rc rc = load(w, r, &c);
	bool there = in->patient && in->patient->summary;
	struct duty_row row = {.door_at = in->door_at,
			       .papers_until =
				       w->tx->now + c.limits.papers * 60,
			       .papers_at = there ? w->tx->now : INT64_MIN};

	if (rc == RC_OK)
		rc = duty_set(w->tx, r->id, &row, &w->err);
	if (rc == RC_OK)
		rc = call_next(&c);
	return rc == RC_OK && !there ? papers_due(w, r, &row) : rc;
}

/* Less and less often, at least once an hour. */
static enum rc remind(struct calling *c, const struct duty_call *first)
{
	struct work *w = c->w;
	int64_t since = w->tx->now - first->called_at;
	int64_t pause = since > REMIND_MAX ? REMIND_MAX : since;
	struct work_change change = {
		.verb = VERB_ESCALATE,
		.from = (int)c->r->status,
		.to = (int)c->r->status,
		.by_system = true,
		.reason = arena_printf(w->arena,
				       "everybody was called %lld minutes ago,"
				       " and nobody has answered",
				       (long long)since / 60),
	};

	if (!change.reason)
		return work_nomem(w);
	enum rc rc = work_event_request(w, c->r, &change);

	if (pause < c->limits.call * 60)
		pause = c->limits.call * 60;
	return rc == RC_OK ? put_due(c, w->tx->now + pause) : rc;
}

static enum rc end_unanswered(struct calling *c, const struct duty_call *call)
{
	c->because =
		arena_printf(c->w->arena, "%s has not answered", call->slug);
	if (!c->because)
		return work_nomem(c->w);
	return duty_call_end(c->w->tx, call, CALL_UNANSWERED, NULL, &c->w->err);
}

enum rc calls_step(struct work *w, const struct due_row *row)
{
	struct calling c = {0};
	struct request r;
	enum rc rc = request_by_id(w->tx, row->thing_id, w->arena, &r, &w->err);

	if (rc != RC_OK || !calls_open(&r))
		return rc;
	rc = load(w, &r, &c);
	if (rc != RC_OK)
		return rc;
	for (size_t i = 0; rc == RC_OK && i < c.ncalls; i++) {
		const struct duty_call *call = &c.calls[i];

		if (call->outcome != CALL_CALLED)
			continue;
		if (!call->level)
			return remind(&c, call);
		rc = end_unanswered(&c, call);
	}
	return rc == RC_OK ? call_next(&c) : rc;
}

/* --- as its state changes --- */

bool calls_open(const struct request *r)
{
	return kind_row(r->kind)->how == KIND_AT_ONCE &&
	       (r->status == REQUEST_SUBMITTED ||
		r->status == REQUEST_ACCEPTED);
}

enum rc calls_refuse(struct work *w, const struct request *r)
{
	if (kind_row(r->kind)->how != KIND_AT_ONCE)
		return RC_OK;
	return err_set(&w->err, RC_STATE,
		       "an emergency is answered by who is called, or by a"
		       " coordinator of the lead for them: answer it");
}

static enum rc end_calls(struct work *w, const struct request *r)
{
	enum rc rc = duty_call_over(w->tx, r->id, &w->err);

	return rc == RC_OK ? due_drop(w->tx, DUE_CALL, THING_REQUEST, r->id,
				      &w->err)
			   : rc;
}

enum rc calls_follow(struct work *w, const struct request *r,
		     const struct work_change *change)
{
	if (kind_row(r->kind)->how != KIND_AT_ONCE ||
	    change->from == change->to || change->from == STATE_NONE)
		return RC_OK;
	if (change->to == REQUEST_ACCEPTED && change->from != REQUEST_SUBMITTED)
		return calls_next(w, r, "its session does not take place");
	return end_calls(w, r);
}

int64_t calls_round(const struct duty_call *v, size_t n)
{
	int64_t round = 1;

	for (size_t i = 0; i < n; i++)
		round += v[i].outcome == CALL_ANSWERED;
	return round;
}

enum rc calls_find(struct work *w, const struct request *r, int64_t expert,
		   struct duty_call *out)
{
	struct duty_call *v;
	size_t n;
	enum rc rc = duty_call_list(w->tx, r->id, w->arena, &v, &n, &w->err);

	if (rc != RC_OK)
		return rc;
	*out = (struct duty_call){.request = r->id,
				  .step = n ? v[n - 1].step : 1,
				  .round = calls_round(v, n),
				  .expert = expert};
	for (size_t i = n; i-- > 0 && v[i].round == out->round;) {
		if (v[i].expert && v[i].outcome != CALL_ENGAGED &&
		    (!expert || v[i].expert == expert)) {
			*out = v[i];
			return RC_OK;
		}
	}
	return RC_NOT_FOUND;
}
