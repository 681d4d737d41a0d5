#include "daemon/work/day.h"

#include "daemon/core/kind.h"
#include "daemon/core/session.h"
#include "daemon/store/day.h"
#include "daemon/store/network.h"
#include "daemon/work/cases.h"
#include "daemon/work/gate.h"
#include "daemon/work/parts.h"
#include "daemon/work/tools.h"

/* Somebody says what happened with a booking. */
struct saying {
	struct booking b;
	struct day day;
	struct work_change change;
};

static enum rc begin(struct work *w, const char *code, enum verb verb,
		     struct saying *s)
{
	*s = (struct saying){.change = {.verb = verb}};
	enum rc rc = work_find_booking(
		w, code, SIDE_LEAD | SIDE_PARTNER | SIDE_EXPERT, &s->b);

	if (rc == RC_OK)
		rc = work_match(w, s->b.version);
	if (rc != RC_OK)
		return rc;
	s->change.from = (int)s->b.status;
	rc = work_step(w, THING_BOOKING, s->change.from, verb, &s->change.to);
	return rc == RC_OK
		       ? day_find(w->tx, s->b.id, w->arena, &s->day, &w->err)
		       : rc;
}

static enum rc put(struct work *w, struct saying *s)
{
	s->b.status = (enum booking_status)s->change.to;
	enum rc rc = booking_update(w->tx, &s->b, &w->err);

	if (rc == RC_OK)
		rc = day_put(w->tx, &s->day, &w->err);
	return rc == RC_OK ? work_event_booking(w, &s->b, &s->change) : rc;
}

static enum rc end(struct work *w, struct saying *s, struct msg_booking *out)
{
	enum rc rc = put(w, s);

	return rc == RC_OK ? work_answer_booking(w, &s->b.code, out) : rc;
}

/* Nobody comes to next month's session today: that was another booking. */
static enum rc refuse_early(struct work *w, const struct booking *b)
{
	struct session_terms terms;
	enum rc rc =
		network_session_terms(w->tx, b->agreement, &terms, &w->err);

	if (rc != RC_OK ||
	    w->tx->now >= b->from - (b->before + terms.early) * 60)
		return rc;
	return err_set(&w->err, RC_STATE, "it is too early for that");
}

enum rc work_booking_arrive(struct work *w, const char *code,
			    struct msg_booking *out)
{
	struct saying s;
	enum rc rc = begin(w, code, VERB_ARRIVE, &s);

	if (rc == RC_OK)
		rc = refuse_early(w, &s.b);
	s.day.arrived_at = w->tx->now;
	return rc == RC_OK ? end(w, &s, out) : rc;
}

/* "without consent fallback-surgeon: REASON" */
static enum rc word_start(struct work *w, gateset passed,
			  const struct msg_start *in, const char **out)
{
	const char *text = NULL;

	*out = in->reason;
	for (int g = 0; g < GATE_COUNT; g++) {
		if (!(passed & GATESET(g)))
			continue;
		text = arena_printf(w->arena, "%s%s %s",
				    text ? text : "without", text ? "," : "",
				    words_name(&words_gate, g));
		if (!text)
			return work_nomem(w);
	}
	if (!text)
		return RC_OK;
	*out = arena_printf(w->arena, "%s: %s", text, in->reason);
	return *out ? RC_OK : work_nomem(w);
}

enum rc work_booking_start(struct work *w, const char *code,
			   const struct msg_start *in, struct msg_booking *out)
{
	struct saying s;
	enum rc rc = begin(w, code, VERB_START, &s);

	if (rc == RC_OK)
		rc = refuse_early(w, &s.b);
	if (rc == RC_OK)
		rc = cases_check_start(w, &s.b);
	if (rc == RC_OK)
		rc = gate_pass(w, &s.b, in, &s.day);
	if (rc == RC_OK)
		rc = word_start(w, s.day.passed, in, &s.change.reason);
	if (rc == RC_OK)
		rc = work_schedule_request(w, &s.b, VERB_START, NULL);
	s.day.started_at = w->tx->now;
	return rc == RC_OK ? end(w, &s, out) : rc;
}

/* The pause moves last: into what the session leaves. */
static enum rc free_rest(struct work *w, const struct booking *b)
{
	struct session_end over = {b->from, w->tx->now, b->after * 60};
	struct booking_claim *v;
	size_t n;
	enum rc rc = booking_claims(w->tx, b->id, w->arena, &v, &n, &w->err);

	for (int pause = 0; pause < 2; pause++) {
		for (size_t i = 0; rc == RC_OK && i < n; i++) {
			struct core_span had = {v[i].from, v[i].to};
			struct core_span left =
				session_left(&over, v[i].role, had);

			if ((v[i].role == CLAIM_BUFFER) == pause &&
			    (left.from != had.from || left.to != had.to))
				rc = booking_set_claim(w->tx, b->id, &v[i],
						       left, &w->err);
		}
	}
	return rc == RC_OK ? work_mend_ways(w, b, b->from) : rc;
}

static enum rc finish(struct work *w, struct saying *s)
{
	enum rc rc = free_rest(w, &s->b);

	if (rc == RC_OK && !kind_row(s->b.kind)->opinion)
		rc = work_schedule_request(w, &s->b, VERB_COMPLETE, NULL);
	s->day.finished_at = w->tx->now;
	return rc;
}

enum rc work_booking_finish(struct work *w, const char *code,
			    struct msg_booking *out)
{
	struct saying s;
	enum rc rc = begin(w, code, VERB_FINISH, &s);

	if (rc == RC_OK)
		rc = finish(w, &s);
	return rc == RC_OK ? end(w, &s, out) : rc;
}

enum rc work_booking_over(struct work *w, const struct booking *b,
			  const char *reason)
{
	struct saying s = {.b = *b,
			   .change = {.verb = VERB_FINISH,
				      .from = (int)b->status,
				      .by_system = true,
				      .reason = reason}};
	enum rc rc = work_step(w, THING_BOOKING, s.change.from, VERB_FINISH,
			       &s.change.to);

	if (rc == RC_OK)
		rc = day_find(w->tx, b->id, w->arena, &s.day, &w->err);
	if (rc == RC_OK)
		rc = finish(w, &s);
	return rc == RC_OK ? put(w, &s) : rc;
}

/* "patient: was taken to the ward" */
static enum rc word_noshow(struct work *w, const struct msg_noshow *in,
			   const char **out)
{
	const char *who = words_name(&words_absent, in->absent);

	*out = in->reason ? arena_printf(w->arena, "%s: %s", who, in->reason)
			  : who;
	return *out ? RC_OK : work_nomem(w);
}

enum rc work_booking_noshow(struct work *w, const char *code,
			    const struct msg_noshow *in,
			    struct msg_booking *out)
{
	struct saying s;
	const char *reason;
	enum rc rc = begin(w, code, VERB_NOSHOW, &s);

	if (rc == RC_OK && w->tx->now < s.b.from - s.b.before * 60)
		rc = err_set(&w->err, RC_STATE,
			     "its time has not come yet; it can be cancelled");
	if (rc == RC_OK)
		rc = word_noshow(w, in, &reason);
	if (rc != RC_OK)
		return rc;
	s.day.absent = in->absent;
	s.b.spent |= in->absent == ABSENT_PATIENT || in->absent == ABSENT_SITE;
	rc = work_booking_end(w, &s.b, VERB_NOSHOW, reason);
	if (rc == RC_OK)
		rc = day_put(w->tx, &s.day, &w->err);
	return rc == RC_OK ? work_answer_booking(w, &s.b.code, out) : rc;
}

enum rc work_unresolved_list(struct work *w, const struct msg_list_query *in,
			     struct msg_booking_list *out)
{
	struct list_filter filter;
	struct booking *rows = NULL;
	size_t n = 0;
	enum rc rc = work_list_filter(w, in, &words_booking_status, &filter);

	proto_clear(&msg_booking_list_table, out);
	if (rc == RC_OK)
		rc = day_unresolved(w->tx, &filter, w->arena, &rows, &n,
				    &w->err);
	return rc == RC_OK ? work_view_bookings(w, &filter, rows, n, out) : rc;
}
