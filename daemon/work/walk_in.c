#include "daemon/work/walk_in.h"

#include <string.h>

#include "daemon/core/local.h"
#include "daemon/store/sessions.h"
#include "daemon/store/walk_in.h"
#include "daemon/work/tools.h"

/* A clinic, and who looks at it. */
struct clinic {
	struct booking b;
	struct session_row row;
};

static enum rc find_clinic(struct work *w, const char *code, unsigned sides,
			   struct clinic *out)
{
	enum rc rc = work_find_booking(w, code, sides, &out->b);

	if (rc != RC_OK)
		return rc;
	rc = sessions_find(w->tx, out->b.id, w->arena, &out->row, &w->err);
	if (rc == RC_NOT_FOUND || (rc == RC_OK && out->row.tokens == 0))
		return err_set(&w->err, RC_STATE, "nobody walks in there");
	return rc;
}

static enum rc find_station(struct work *w, const struct clinic *c,
			    const char *slug, int64_t *out)
{
	struct walk_in_station *v;
	size_t n;

	*out = 0;
	if (!slug)
		return RC_OK;
	enum rc rc =
		walk_in_stations(w->tx, c->b.id, w->arena, &v, &n, &w->err);

	for (size_t i = 0; rc == RC_OK && i < n; i++)
		if (strcmp(v[i].slug, slug) == 0)
			*out = v[i].id;
	return rc == RC_OK && !*out
		       ? work_fault(w, "/station", "is none of the clinic's")
		       : rc;
}

static int64_t or_none(int64_t value)
{
	return value ? value : FIELD_NONE;
}

static void view(const struct walk_in *t, struct msg_walk_in *out)
{
	*out = (struct msg_walk_in){
		.number = t->number,
		.station = t->station_slug,
		.state = t->state,
		.called_to = t->called_slug,
		.drawn_at = t->drawn_at,
		.called_at = or_none(t->called_at),
		.ended_at = or_none(t->ended_at),
		.name = t->name,
	};
}

/* It is put on record by its number alone. */
static enum rc say(struct work *w, const struct clinic *c, enum verb verb,
		   const struct walk_in *t)
{
	struct work_change change = {
		.verb = verb,
		.from = (int)c->b.status,
		.to = (int)c->b.status,
		.reason =
			arena_printf(w->arena, "%lld %s", (long long)t->number,
				     words_name(&words_walk_in, t->state))};

	return change.reason
		       ? work_event_session(w, &c->b, c->b.partner, &change)
		       : work_nomem(w);
}

static enum rc answer(struct work *w, const struct clinic *c, int64_t number,
		      struct msg_walk_in *out)
{
	struct walk_in t;
	enum rc rc =
		walk_in_find(w->tx, c->b.id, number, w->arena, &t, &w->err);

	if (rc == RC_OK)
		view(&t, out);
	return rc;
}

/* --- drawing --- */

static enum rc check_day(struct work *w, const struct clinic *c)
{
	struct core_agreement a;
	enum rc rc =
		agreement_by_id(w->tx, c->b.agreement, w->arena, &a, &w->err);

	if (rc != RC_OK)
		return rc;
	if (c->b.status != BOOKING_BOOKED && c->b.status != BOOKING_ARRIVED &&
	    c->b.status != BOOKING_STARTED)
		return err_set(
			&w->err, RC_STATE, "the clinic is %s",
			words_name(&words_booking_status, (int)c->b.status));
	if (local_day(a.lead_zone, w->tx->now) != c->row.day)
		return err_set(&w->err, RC_STATE,
			       "tokens are drawn on the day of the clinic");
	return RC_OK;
}

static enum rc check_left(struct work *w, const struct clinic *c)
{
	int64_t n[WALK_IN_COUNT], drawn = 0;
	enum rc rc = walk_in_count(w->tx, c->b.id, n, &w->err);

	for (int i = 0; rc == RC_OK && i < WALK_IN_COUNT; i++)
		drawn += n[i];
	if (rc == RC_OK && drawn >= c->row.tokens)
		return err_set(&w->err, RC_STATE, "all %lld tokens are drawn",
			       (long long)c->row.tokens);
	return rc;
}

enum rc work_walk_in_draw(struct work *w, const char *code,
			  const struct msg_walk_in_new *in,
			  struct msg_walk_in *out)
{
	struct clinic c;
	struct walk_in t = {.name = in->name};
	enum rc rc = find_clinic(w, code, SIDE_LEAD | SIDE_PARTNER, &c);

	if (rc == RC_OK)
		rc = find_station(w, &c, in->station, &t.station);
	if (rc == RC_OK)
		rc = check_day(w, &c);
	if (rc == RC_OK)
		rc = check_left(w, &c);
	if (rc == RC_OK)
		rc = walk_in_draw(w->tx, &c.b, &t, &w->err);
	if (rc == RC_OK)
		rc = say(w, &c, VERB_DRAW, &t);
	return rc == RC_OK ? answer(w, &c, t.number, out) : rc;
}

/* --- calling --- */

#define STAFF (SIDE_LEAD | SIDE_PARTNER | SIDE_EXPERT)

enum rc work_walk_in_call(struct work *w, const char *code,
			  const struct msg_walk_in_call *in,
			  struct msg_walk_in *out)
{
	struct clinic c;
	struct walk_in t;
	int64_t station;
	enum rc rc = find_clinic(w, code, STAFF, &c);

	if (rc == RC_OK)
		rc = find_station(w, &c, in->station, &station);
	if (rc == RC_OK && c.b.status != BOOKING_STARTED)
		rc = err_set(&w->err, RC_STATE,
			     "the clinic has not begun, or is over");
	if (rc != RC_OK)
		return rc;
	rc = walk_in_next(w->tx, c.b.id, station, w->arena, &t, &w->err);
	if (rc == RC_NOT_FOUND)
		return err_set(&w->err, RC_STATE, "nobody waits for it");
	if (rc == RC_OK)
		rc = walk_in_open(w->tx, &c.b, w->arena, &t, &w->err);
	t.state = WALK_IN_CALLED;
	t.called_to = station;
	t.called_slug = in->station;
	t.called_at = w->tx->now;
	if (rc == RC_OK)
		rc = walk_in_update(w->tx, &t, &w->err);
	if (rc == RC_OK)
		rc = say(w, &c, VERB_CALL, &t);
	if (rc == RC_OK)
		view(&t, out);
	return rc;
}

enum rc work_walk_in_mark(struct work *w, const char *code,
			  const struct msg_walk_in_mark *in,
			  struct msg_walk_in *out)
{
	struct clinic c;
	struct walk_in t;
	enum rc rc = find_clinic(w, code, STAFF, &c);

	if (rc != RC_OK)
		return rc;
	rc = walk_in_find(w->tx, c.b.id, in->number, w->arena, &t, &w->err);
	if (rc == RC_NOT_FOUND)
		return work_fault(w, "/number", "is not drawn");
	if (rc != RC_OK)
		return rc;
	if (t.state != WALK_IN_CALLED &&
	    (t.state != WALK_IN_WAITING || in->outcome != WALK_IN_GONE))
		return err_set(&w->err, RC_STATE, "number %lld is %s",
			       (long long)t.number,
			       words_name(&words_walk_in, t.state));
	t.state = in->outcome;
	t.ended_at = w->tx->now;
	rc = walk_in_update(w->tx, &t, &w->err);
	if (rc == RC_OK)
		rc = say(w, &c, VERB_MARK, &t);
	if (rc == RC_OK)
		view(&t, out);
	return rc;
}

enum rc work_walk_in_list(struct work *w, const char *code,
			  struct msg_walk_in_list *out)
{
	struct clinic c;
	struct walk_in *rows = NULL;
	int64_t count[WALK_IN_COUNT];
	size_t n = 0;
	enum rc rc = find_clinic(w, code, STAFF, &c);

	if (rc == RC_OK)
		rc = walk_in_list(w->tx, c.b.id, w->arena, &rows, &n, &w->err);
	if (rc == RC_OK)
		rc = walk_in_count(w->tx, c.b.id, count, &w->err);
	if (rc != RC_OK)
		return rc;
	struct msg_walk_in *v = arena_array(w->arena, n, sizeof(*v));

	if (n && !v)
		return work_nomem(w);
	for (size_t i = 0; i < n; i++)
		view(&rows[i], &v[i]);
	*out = (struct msg_walk_in_list){.items = {v, n},
					 .waiting = count[WALK_IN_WAITING],
					 .called = count[WALK_IN_CALLED],
					 .seen = count[WALK_IN_SEEN],
					 .gone = count[WALK_IN_GONE]};
	return RC_OK;
}
