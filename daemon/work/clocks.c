#include "daemon/work/clocks.h"

#include "daemon/store/clock_list.h"
#include "daemon/work/calls.h"

#define ALL_THE_TIME 100 /* per cent */

/* What a state means for a promise. */
enum phase { NOT_YET, RUNS, STANDS, KEPT, NOT_WANTED };

/* The partner is answered by an acceptance or a refusal; begun is what starts,
 * or needs no meeting. The opinion is waited for from the session's end on
 * (clocks_finished), which no state of the request shows; without a meeting
 * from the acceptance on. */
static const enum phase phases[CLOCK_WHATS][REQUEST_COUNT] = {
	[DUE_ANSWER] = {[REQUEST_SUBMITTED] = RUNS,
			[REQUEST_SUPPLEMENT_NEEDED] = STANDS,
			[REQUEST_ACCEPTED] = KEPT,
			[REQUEST_WAITLISTED] = KEPT,
			[REQUEST_SCHEDULED] = KEPT,
			[REQUEST_STARTED] = KEPT,
			[REQUEST_COMPLETED] = KEPT,
			[REQUEST_CLOSED] = KEPT,
			[REQUEST_DECLINED] = KEPT,
			[REQUEST_WITHDRAWN] = NOT_WANTED,
			[REQUEST_EXPIRED] = NOT_WANTED},
	[DUE_BEGIN] = {[REQUEST_SUBMITTED] = RUNS,
		       [REQUEST_SUPPLEMENT_NEEDED] = STANDS,
		       [REQUEST_ACCEPTED] = RUNS,
		       [REQUEST_WAITLISTED] = RUNS,
		       [REQUEST_SCHEDULED] = RUNS,
		       [REQUEST_STARTED] = KEPT,
		       [REQUEST_COMPLETED] = KEPT,
		       [REQUEST_CLOSED] = KEPT,
		       [REQUEST_DECLINED] = NOT_WANTED,
		       [REQUEST_WITHDRAWN] = NOT_WANTED,
		       [REQUEST_EXPIRED] = NOT_WANTED},
	[DUE_OPINION] = {[REQUEST_COMPLETED] = KEPT,
			 [REQUEST_CLOSED] = KEPT,
			 [REQUEST_DECLINED] = NOT_WANTED,
			 [REQUEST_WITHDRAWN] = NOT_WANTED,
			 [REQUEST_EXPIRED] = NOT_WANTED},
};

/* Where the agreement has no ladder of its own. */
#define LEAD_AND_EXPERT (TELLSET(TELL_LEAD) | TELLSET(TELL_EXPERT))
static const struct clock_rung default_ladder[] = {
	{50, LEAD_AND_EXPERT},
	{80, LEAD_AND_EXPERT},
	{100, LEAD_AND_EXPERT | TELLSET(TELL_PARTNER)},
	{200,
	 LEAD_AND_EXPERT | TELLSET(TELL_PARTNER) | TELLSET(TELL_ADMINISTRATOR)},
};

static enum rc read_limits(struct work *w, const struct request *r,
			   struct clock_limits *out)
{
	enum rc rc = clock_limits(w->tx, r->agreement, r->urgency, w->arena,
				  out, &w->err);

	if (rc == RC_OK && out->n == 0) {
		out->ladder = default_ladder;
		out->n = sizeof(default_ladder) / sizeof(default_ladder[0]);
	}
	return rc;
}

static struct deadline_clock hands_of(const struct clock_row *row)
{
	return (struct deadline_clock){
		.limit = row->limit_minutes * 60,
		.used = row->used,
		.running = row->state == CLOCK_RUNNING,
		.run_from = row->run_from,
	};
}

/* The first above what was told; NULL: there is none. */
static const struct clock_rung *next_rung(const struct clock_limits *limits,
					  int64_t told)
{
	for (size_t i = 0; i < limits->n; i++)
		if (limits->ladder[i].percent > told)
			return &limits->ladder[i];
	return NULL;
}

/* Stores one that runs, and when the next rung is reached. */
static enum rc let_run(struct work *w, const struct clock_limits *limits,
		       struct clock_row *row)
{
	const struct deadline_clock hands = hands_of(row);
	const struct clock_rung *rung = next_rung(limits, row->told);
	struct due_row due = {.what = row->what,
			      .thing = THING_REQUEST,
			      .thing_id = row->request};

	row->due_at = deadline_at(&limits->hours, &hands, ALL_THE_TIME);
	enum rc rc = clock_put(w->tx, row, &w->err);

	if (rc != RC_OK || !rung)
		return rc;
	due.step = rung->percent;
	due.at = deadline_at(&limits->hours, &hands, rung->percent);
	return due.at == DEADLINE_NEVER ? RC_OK : due_put(w->tx, &due, &w->err);
}

/* What would have been told before now, had anybody looked. */
static int64_t passed(const struct clock_limits *limits,
		      const struct clock_row *row, int64_t now)
{
	const struct deadline_clock hands = hands_of(row);
	int64_t told = 0;

	for (size_t i = 0; i < limits->n; i++) {
		int64_t percent = limits->ladder[i].percent;

		if (deadline_at(&limits->hours, &hands, percent) < now)
			told = percent;
	}
	return told;
}

static enum rc begin_for(struct work *w, const struct clock_limits *limits,
			 struct clock_row *row)
{
	row->state = CLOCK_RUNNING;
	row->run_from = row->since;
	row->told = passed(limits, row, w->tx->now);
	return let_run(w, limits, row);
}

static enum rc begin(struct work *w, const struct request *r,
		     enum due_what what, int64_t since)
{
	struct clock_limits limits;
	enum rc rc = read_limits(w, r, &limits);

	if (rc != RC_OK || limits.minutes[what] <= 0)
		return rc;
	struct clock_row row = {.request = r->id,
				.what = what,
				.since = since,
				.limit_minutes = limits.minutes[what]};

	return begin_for(w, &limits, &row);
}

enum rc clocks_promise(struct work *w, const struct request *r,
		       enum due_what what, int64_t minutes)
{
	struct clock_limits limits;
	struct clock_row row = {.request = r->id,
				.what = what,
				.since = w->tx->now,
				.limit_minutes = minutes};
	struct clock_row had;
	enum rc rc = clock_find(w->tx, r->id, what, &had, &w->err);

	if (rc == RC_OK && !had.ended_at)
		return RC_OK; /* it is promised already */
	if (rc == RC_OK || rc == RC_NOT_FOUND)
		rc = read_limits(w, r, &limits);
	return rc == RC_OK ? begin_for(w, &limits, &row) : rc;
}

static enum rc resume(struct work *w, const struct request *r,
		      struct clock_row *row)
{
	struct deadline_clock hands = hands_of(row);
	struct clock_limits limits;
	enum rc rc = read_limits(w, r, &limits);

	if (rc != RC_OK)
		return rc;
	deadline_resume(&hands, w->tx->now);
	row->state = CLOCK_RUNNING;
	row->run_from = hands.run_from;
	return let_run(w, &limits, row);
}

/* Takes away what would be told. */
static enum rc stop(struct work *w, const struct clock_row *row)
{
	enum rc rc = clock_put(w->tx, row, &w->err);

	return rc == RC_OK ? due_drop(w->tx, row->what, THING_REQUEST,
				      row->request, &w->err)
			   : rc;
}

static enum rc pause(struct work *w, const struct request *r,
		     struct clock_row *row)
{
	struct deadline_clock hands = hands_of(row);
	struct clock_limits limits;
	enum rc rc = read_limits(w, r, &limits);

	if (rc != RC_OK)
		return rc;
	deadline_pause(&limits.hours, &hands, w->tx->now);
	row->state = CLOCK_PAUSED;
	row->used = hands.used;
	row->due_at = 0;
	return stop(w, row);
}

/* One that stands still was in time as long as it had any left. */
static bool in_time(const struct clock_row *row, int64_t now)
{
	return row->state == CLOCK_PAUSED ? row->used <= row->limit_minutes * 60
					  : now <= row->due_at;
}

/* What it has used is counted now: hours may be others some day. */
static enum rc end(struct work *w, const struct request *r,
		   struct clock_row *row, enum phase phase)
{
	struct deadline_clock hands = hands_of(row);
	struct clock_limits limits;
	enum rc rc = read_limits(w, r, &limits);

	if (rc != RC_OK)
		return rc;
	if (hands.running) {
		deadline_pause(&limits.hours, &hands, w->tx->now);
		row->used = hands.used;
		row->run_from = w->tx->now;
	}
	row->state = phase == NOT_WANTED	? CLOCK_DROPPED
		     : in_time(row, w->tx->now) ? CLOCK_MET
						: CLOCK_MISSED;
	row->ended_at = w->tx->now;
	return stop(w, row);
}

static enum rc change(struct work *w, const struct request *r,
		      enum due_what what, enum phase phase)
{
	struct clock_row row;
	enum rc rc = clock_find(w->tx, r->id, what, &row, &w->err);

	if (rc == RC_NOT_FOUND)
		return phase == RUNS ? begin(w, r, what, w->tx->now) : RC_OK;
	if (rc != RC_OK || row.ended_at)
		return rc;
	if (phase == RUNS)
		return row.state == CLOCK_PAUSED ? resume(w, r, &row) : RC_OK;
	if (phase == STANDS)
		return pause(w, r, &row);
	return phase == NOT_YET ? RC_OK : end(w, r, &row, phase);
}

static enum phase phase_of(const struct request *r, enum due_what what,
			   int state)
{
	if (r->forward && state == REQUEST_ACCEPTED && what != DUE_ANSWER)
		return what == DUE_BEGIN ? KEPT : RUNS;
	return state < 0 ? NOT_YET : phases[what][state];
}

enum rc clocks_keep(struct work *w, const struct request *r, enum due_what what)
{
	return change(w, r, what, KEPT);
}

enum rc clocks_follow(struct work *w, const struct request *r, int from, int to)
{
	enum rc rc = RC_OK;

	for (int i = 0; rc == RC_OK && i < CLOCK_WHATS; i++) {
		enum due_what what = (enum due_what)i;
		enum phase phase = phase_of(r, what, to);

		if (phase != phase_of(r, what, from))
			rc = change(w, r, what, phase);
	}
	return rc;
}

enum rc clocks_finished(struct work *w, const struct booking *b)
{
	struct request r;
	enum rc rc;

	if (b->request == 0)
		return RC_OK;
	rc = request_by_id(w->tx, b->request, w->arena, &r, &w->err);
	return rc == RC_OK ? change(w, &r, DUE_OPINION, RUNS) : rc;
}

/* --- who is told --- */

static const char *const names[DUE_COUNT] = {
	[DUE_ANSWER] = "answer",
	[DUE_BEGIN] = "start",
	[DUE_OPINION] = "opinion",
	[DUE_CONSENT] = "consent",
};

/* to: an expert who is told apart, or NULL. */
static enum rc say(struct work *w, struct event *e, enum due_what what,
		   int64_t percent, const char *to)
{
	e->reason = arena_printf(
		w->arena, "%s: %lld %% of the time is over%s%s", names[what],
		(long long)percent, to ? ", to " : "", to ? to : "");
	if (!e->reason)
		return work_nomem(w);
	e->verb = percent < ALL_THE_TIME ? VERB_REMIND : VERB_ESCALATE;
	e->actor = "system";
	e->request_id = w->request_id;
	e->class = EVENT_CHANGE;
	return event_append(w->tx, e, &w->err);
}

static bool has(tellset tell, enum tell who)
{
	return (tell & TELLSET(who)) != 0;
}

/* One who is told as well, alone: the sites have read it already. */
static enum rc tell_one_more(struct work *w, struct event e,
			     const struct clock_owing *who, enum due_what what,
			     int64_t percent)
{
	e.lead = e.partner = 0;
	e.expert = who->expert;
	e.assigned = true;
	return say(w, &e, what, percent, who->slug);
}

/* The two sites and the experts who have to do it read of the request itself.
 */
static enum rc tell_those_of_it(struct work *w, const struct request *r,
				enum due_what what,
				const struct clock_rung *rung)
{
	const char *state = words_name(&words_request_status, (int)r->status);
	/* a referral down is the partner's to answer */
	enum tell asked = r->down ? TELL_PARTNER : TELL_LEAD;
	enum tell asks = r->down ? TELL_LEAD : TELL_PARTNER;
	struct clock_owing *owing = NULL;
	size_t n = 0;
	enum rc rc = RC_OK;

	if (has(rung->tell, TELL_EXPERT))
		rc = clock_owing(w->tx, r->id, what, w->arena, &owing, &n,
				 &w->err);
	struct event e = {
		.thing = "request",
		.id = r->id,
		.code = r->code.s,
		.version = r->version,
		.from_state = state,
		.to_state = state,
		.lead = has(rung->tell, asked) ? r->lead : 0,
		.partner = has(rung->tell, asks) ? r->partner : 0,
		.expert = n ? owing[0].expert : r->expert,
		.assigned = n > 0,
	};

	if (rc == RC_OK && (e.lead || e.partner || e.assigned))
		rc = say(w, &e, what, rung->percent, NULL);
	for (size_t i = 1; rc == RC_OK && i < n; i++)
		rc = tell_one_more(w, e, &owing[i], what, rung->percent);
	return rc;
}

/* The administrator sees nothing of a patient: only that it is late. */
static enum rc tell_administrator(struct work *w, const struct request *r,
				  enum due_what what,
				  const struct clock_rung *rung)
{
	struct event e = {.thing = "clock",
			  .id = r->id,
			  .code = r->code.s,
			  .version = r->version};

	return has(rung->tell, TELL_ADMINISTRATOR)
		       ? say(w, &e, what, rung->percent, NULL)
		       : RC_OK;
}

static enum rc tell(struct work *w, const struct request *r,
		    const struct clock_limits *limits, enum due_what what,
		    int64_t percent)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < limits->n; i++) {
		if (limits->ladder[i].percent != percent)
			continue; /* it is another ladder now */
		/* While it is called for, the calls tell them. */
		if (!calls_open(r))
			rc = tell_those_of_it(w, r, what, &limits->ladder[i]);
		if (rc == RC_OK)
			rc = tell_administrator(w, r, what, &limits->ladder[i]);
	}
	return rc;
}

static enum rc climb(struct work *w, const struct request *r,
		     const struct due_row *due, struct clock_row *row)
{
	struct clock_limits limits;
	enum rc rc = read_limits(w, r, &limits);

	if (rc == RC_OK)
		rc = tell(w, r, &limits, due->what, due->step);
	if (rc != RC_OK)
		return rc;
	row->told = due->step;
	return let_run(w, &limits, row);
}

enum rc clocks_step(struct work *w, const struct due_row *due)
{
	struct clock_row row;
	struct request r;
	enum rc rc = request_by_id(w->tx, due->thing_id, w->arena, &r, &w->err);

	if (rc != RC_OK)
		return rc == RC_NOT_FOUND ? RC_OK : rc;
	rc = clock_find(w->tx, r.id, due->what, &row, &w->err);
	/* It is older than the promises, and still waits. */
	if (rc == RC_NOT_FOUND)
		return due->what < CLOCK_WHATS &&
				       phase_of(&r, due->what, (int)r.status) ==
					       RUNS
			       ? begin(w, &r, due->what, r.submitted_at)
			       : RC_OK;
	if (rc != RC_OK || row.state != CLOCK_RUNNING)
		return rc;
	return climb(w, &r, due, &row);
}

/* --- as it is shown --- */

enum clock_state clocks_state(const struct clock_row *row, int64_t now)
{
	bool late = row->state == CLOCK_RUNNING && now > row->due_at;

	return late ? CLOCK_LATE : row->state;
}

enum rc clocks_view(struct work *w, const struct request *r,
		    struct msg_request *out)
{
	struct clock_row rows[CLOCK_WHATS];
	const struct {
		int64_t *due;
		int *state;
	} to[CLOCK_WHATS] = {
		{&out->answer_due, &out->answer_state},
		{&out->start_due, &out->start_state},
		{&out->opinion_due, &out->opinion_state},
	};
	enum rc rc = clock_all(w->tx, r->id, rows, &w->err);

	for (int i = 0; rc == RC_OK && i < CLOCK_WHATS; i++) {
		if (!rows[i].id)
			continue;
		*to[i].state = (int)clocks_state(&rows[i], w->tx->now);
		if (rows[i].due_at && rows[i].due_at != DEADLINE_NEVER)
			*to[i].due = rows[i].due_at;
	}
	return rc;
}
