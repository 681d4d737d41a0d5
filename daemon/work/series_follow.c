/* One occurrence of a series and all that follow it (series.h). */
#include <string.h>

#include "base/civil.h"
#include "daemon/core/series.h"
#include "daemon/store/calendar.h"
#include "daemon/store/rows.h"
#include "daemon/work/parts.h"
#include "daemon/work/series.h"

#define BLOCKERS_MAX 500 /* of all of them */

struct following {
	struct series series;
	struct occurrence *v; /* from this one on */
	size_t n;
	struct msg_occurrence *told; /* of each */
	bool *failed;		     /* of each: it could not be done to it */
	enum together together;
	enum outcome outcome; /* of one to which it was done */
	const char *what;     /* the same, as a word */
	/* moves */
	const struct tz *zone;
	const struct core_calendar *calendar;
	int64_t at;    /* of the first */
	int64_t shift; /* wall seconds */
	/* cancellations */
	struct msg_reason reason;
	/* the one that it is about */
	struct occurrence *one;
	size_t left; /* reasons that may yet be told */
};

/* --- whom it is about --- */

/* Leaves this one and those behind it that were booked at all. */
static void cut(struct following *f, int64_t booking)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		if (n ? f->v[i].booking != 0 : f->v[i].booking == booking)
			f->v[n++] = f->v[i];
	f->n = n;
}

static enum rc begin(struct work *w, const char *code, int together,
		     struct following *f)
{
	struct booking b;
	enum rc rc = work_find_booking(w, code, SIDE_LEAD | SIDE_PARTNER, &b);

	f->together = together < 0 ? TOGETHER_ALL : (enum together)together;
	f->left = BLOCKERS_MAX;
	if (rc == RC_OK)
		rc = work_match(w, b.version);
	if (rc != RC_OK)
		return rc;
	if (b.status != BOOKING_BOOKED)
		return err_set(
			&w->err, RC_STATE,
			"it is %s: name the first one of the series that"
			" is booked yet",
			words_name(&words_booking_status, (int)b.status));
	rc = series_of_booking(w->tx, b.id, w->arena, &f->series, &w->err);
	if (rc == RC_NOT_FOUND)
		return err_set(&w->err, RC_STATE, "it is of no series");
	if (rc == RC_OK)
		rc = series_occurrences(w->tx, f->series.id, w->arena, &f->v,
					&f->n, &w->err);
	if (rc != RC_OK)
		return rc;
	cut(f, b.id);
	f->told = arena_array(w->arena, f->n, sizeof(*f->told));
	f->failed = arena_array(w->arena, f->n, sizeof(*f->failed));
	return f->told && f->failed ? RC_OK : work_nomem(w);
}

/* Why nothing is done with it, or NULL. */
static const char *why_kept(const struct following *f,
			    const struct occurrence *o)
{
	if (o->status != BOOKING_BOOKED)
		return "is booked no more";
	if (f->outcome == OUTCOME_MOVED && o != f->v && o->from != o->planned)
		return "was moved on its own before";
	return NULL;
}

/* --- where it goes --- */

/* The wall time that the series names, holidays apart. */
static int64_t wall_of(const struct following *f, const struct occurrence *o)
{
	int64_t wall = tz_to_wall(f->zone, o->planned);

	return o->day * CIVIL_DAY + wall - civil_day_of(wall) * CIVIL_DAY;
}

/* Where it goes: the first as was said, the others as far. */
static void target(const struct following *f, const struct occurrence *o,
		   struct occurrence *out)
{
	int64_t wall = wall_of(f, o) + f->shift;

	*out = *o;
	out->day = civil_day_of(wall);
	if (f->series.on_holiday == ON_HOLIDAY_NEXT_WORKING_DAY &&
	    series_is_off(f->calendar, out->day))
		wall += (series_next_working(f->calendar, out->day) -
			 out->day) *
			CIVIL_DAY;
	out->planned = o == f->v ? f->at : tz_to_utc(f->zone, wall);
}

/* --- each of them --- */

/* What the one that stays was to come to. */
static void view_tried(const struct work *w, const struct following *f,
		       const struct occurrence *o, struct msg_occurrence *out)
{
	struct occurrence next;
	size_t i = (size_t)(o - f->v);

	if (f->outcome != OUTCOME_MOVED)
		return;
	target(f, o, &next);
	out->tried = next.planned;
	if (w->sought && i < w->sought->n)
		out->nearest = w->sought->nearest[i];
}

static enum rc do_one(struct work *w, struct following *f, attempt_step step,
		      struct occurrence *o, struct msg_occurrence *out)
{
	const char *why = why_kept(f, o);
	struct attempt a = {.why = why};
	const int64_t was = o->from;
	enum rc rc = RC_OK;

	f->one = o;
	if (!why)
		rc = attempt_run(w, step, f, f->left, &a);
	if (rc == RC_OK)
		rc = series_view_day(w, o, out);
	if (rc != RC_OK)
		return rc;
	out->outcome = (int)(a.done ? f->outcome : OUTCOME_KEPT);
	series_view_attempt(&a, out);
	f->left -= a.blockers.n;
	if (a.done && f->outcome == OUTCOME_MOVED)
		out->was = was;
	if (a.done || why)
		return RC_OK;
	view_tried(w, f, o, out);
	f->failed[o - f->v] = true;
	return RC_OK;
}

/* The later ones first where they go to a later time, so that none is in the
 * way of another. */
static enum rc do_all(struct work *w, struct following *f, attempt_step step)
{
	bool backwards = f->shift > 0;
	enum rc rc = RC_OK;

	for (size_t n = 0; rc == RC_OK && n < f->n; n++) {
		size_t i = backwards ? f->n - 1 - n : n;

		rc = do_one(w, f, step, &f->v[i], &f->told[i]);
	}
	return rc;
}

static size_t count_done(const struct following *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++)
		n += f->told[i].outcome == (int)f->outcome;
	return n;
}

/* It was to be all of them, or there is none: those that failed, in order. */
static enum rc judge(struct work *w, const struct following *f, size_t done)
{
	struct msg_occurrence *v = arena_array(w->arena, f->n, sizeof(*v));
	size_t n = 0;

	if (!v)
		return work_nomem(w);
	for (size_t i = 0; i < f->n; i++)
		if (f->failed[i])
			v[n++] = f->told[i];
	if (n && (f->together == TOGETHER_ALL || !done))
		return series_refuse(w, v, n, f->what);
	return RC_OK;
}

/* What they are now; why one was kept was told already. */
static enum rc answer(struct work *w, struct following *f, enum verb verb,
		      struct msg_series *out)
{
	size_t done = count_done(f);
	enum rc rc = judge(w, f, done);

	if (rc == RC_OK)
		rc = series_tell(w, &f->series, verb, f->reason.reason);
	if (rc == RC_OK)
		rc = series_view(w, &f->series, out);
	if (rc != RC_OK)
		return rc;
	out->done = (int64_t)done;
	out->occurrences = (struct field_list){f->told, f->n};
	return RC_OK;
}

/* --- moved --- */

/* The one that it is about as a booking, and its message. */
static enum rc read_move(struct work *w, const struct following *f,
			 struct occurrence *next, struct msg_move *in,
			 struct booking *b)
{
	target(f, f->one, next);
	proto_clear(&msg_move_table, in);
	in->at = next->planned;
	return booking_by_id(w->tx, f->one->booking, w->arena, b, &w->err);
}

static enum rc move_step(struct work *w, void *ctx)
{
	struct following *f = ctx;
	struct occurrence next;
	struct msg_move in;
	struct booking b;
	enum rc rc = read_move(w, f, &next, &in, &b);

	if (rc == RC_OK)
		rc = work_booking_move_it(w, &in, &b);
	if (rc == RC_OK)
		rc = series_replan(w->tx, f->series.id, &next, &w->err);
	if (rc != RC_OK)
		return rc;
	next.from = b.from;
	next.to = b.to;
	*f->one = next;
	return RC_OK;
}

static enum rc would_step(struct work *w, void *ctx)
{
	struct following *f = ctx;
	struct occurrence next;
	struct msg_move in;
	struct booking b;
	enum rc rc = read_move(w, f, &next, &in, &b);

	return rc == RC_OK ? work_booking_would_move(w, &in, &b) : rc;
}

static enum rc begin_move(struct work *w, const char *booking,
			  const struct msg_series_move *in, struct following *f)
{
	struct calendar_loader loader = {.tx = w->tx, .arena = w->arena};

	*f = (struct following){
		.outcome = OUTCOME_MOVED, .what = "moved", .at = in->at};
	enum rc rc = begin(w, booking, in->together, f);

	if (rc == RC_OK)
		rc = rows_zone(w->tx, f->series.time_zone, &f->zone, &w->err);
	if (rc == RC_OK)
		rc = calendar_of_site(&loader, f->series.lead, &f->calendar,
				      &w->err);
	if (rc == RC_OK)
		f->shift = tz_to_wall(f->zone, in->at) - wall_of(f, &f->v[0]);
	return rc;
}

enum rc work_series_look_move(struct work *w, const char *booking,
			      const struct msg_series_move *in,
			      struct series_sought *out)
{
	struct following f;
	struct attempt a;
	enum rc rc = begin_move(w, booking, in, &f);

	*out = (struct series_sought){0};
	if (rc != RC_OK)
		return rc;
	out->nearest = arena_array(w->arena, f.n, sizeof(*out->nearest));
	if (!out->nearest)
		return work_nomem(w);
	for (size_t i = 0; rc == RC_OK && i < f.n; i++) {
		out->nearest[out->n++] = (struct field_list){0};
		f.one = &f.v[i];
		if (why_kept(&f, f.one))
			continue;
		rc = attempt_look(w, would_step, &f, &a);
		out->nearest[i] = a.nearest;
	}
	return rc;
}

enum rc work_series_move(struct work *w, const char *booking,
			 const struct msg_series_move *in,
			 struct msg_series *out)
{
	struct following f;
	enum rc rc = begin_move(w, booking, in, &f);

	if (rc == RC_OK)
		rc = do_all(w, &f, move_step);
	return rc == RC_OK ? answer(w, &f, VERB_MOVE, out) : rc;
}

/* --- cancelled --- */

static enum rc cancel_step(struct work *w, void *ctx)
{
	struct following *f = ctx;
	struct booking b;
	enum rc rc =
		booking_by_id(w->tx, f->one->booking, w->arena, &b, &w->err);

	if (rc == RC_OK)
		rc = work_booking_cancel_it(w, &f->reason, &b);
	if (rc == RC_OK)
		f->one->status = b.status;
	return rc;
}

enum rc work_series_cancel(struct work *w, const char *booking,
			   const struct msg_series_cancel *in,
			   struct msg_series *out)
{
	struct following f = {.outcome = OUTCOME_CANCELLED,
			      .what = "cancelled",
			      .reason = {in->reason, in->reason_code}};
	enum rc rc = begin(w, booking, in->together, &f);

	if (rc == RC_OK)
		rc = do_all(w, &f, cancel_step);
	return rc == RC_OK ? answer(w, &f, VERB_CANCEL, out) : rc;
}
