#include "daemon/work/give_way.h"

#include <string.h>

#include "daemon/core/kind.h"
#include "daemon/store/duty_call.h"
#include "daemon/work/waitlist.h"

#define LOOK_AFTER (14 * (int64_t)86400)
#define LOOK_BEFORE (3 * (int64_t)86400)

enum rc give_way_may(struct work *w, const struct booking *b, bool *out)
{
	(void)w;
	*out = kind_row(b->kind)->how != KIND_AT_ONCE &&
	       (b->status == BOOKING_BOOKED || b->status == BOOKING_ARRIVED ||
		b->status == BOOKING_PENDING);
	return RC_OK;
}

bool give_way_has(const struct give_way *g, int64_t booking)
{
	for (size_t i = 0; i < g->n; i++) {
		if (g->v[i].id == booking)
			return true;
	}
	return false;
}

bool give_way_add(struct give_way *g, const struct booking *b)
{
	if (give_way_has(g, b->id))
		return true;
	if (g->n == WORK_MOVES_MAX)
		return false;
	g->v[g->n++] = *b;
	return true;
}

enum rc give_way_clear(struct work *w, const struct give_way *g)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < g->n; i++)
		rc = booking_delete_claims(w->tx, g->v[i].id, &w->err);
	return rc;
}

/* --- where it goes --- */

static const struct booking_times *times_of(const struct work *w,
					    const struct booking *b)
{
	for (size_t i = 0; w->moves && i < w->moves->n; i++) {
		if (!strcmp(w->moves->v[i].booking.s, b->code.s))
			return &w->moves->v[i].times;
	}
	return NULL;
}

/* *out: it has another time. A refusal is no fault of who answers. */
static enum rc try_times(struct work *w, struct booking *b, const char *reason,
			 bool *out)
{
	const struct booking_times *times = times_of(w, b);
	enum rc rc = RC_REFUSED;

	*out = false;
	if (b->status != BOOKING_BOOKED || !times)
		return RC_OK;
	for (size_t i = 0; rc == RC_REFUSED && i < times->n; i++)
		rc = work_booking_shift(w, b, times->at[i], reason);
	*out = rc == RC_OK;
	if (rc != RC_REFUSED)
		return rc;
	w->blockers = (struct field_list){0};
	w->blockers_more = 0;
	w->wish = (struct wish){0};
	w->err = (struct err)ERR_INIT;
	return RC_OK;
}

/* Whoever asked for it is the first of those who wait. */
static enum rc send_back(struct work *w, struct booking *b, const char *reason)
{
	bool held = b->status == BOOKING_PENDING;
	struct request r;
	enum rc rc = work_booking_end(w, b, held ? VERB_RELEASE : VERB_DISPLACE,
				      reason);

	if (rc != RC_OK || held || !b->request)
		return rc;
	rc = request_by_id(w->tx, b->request, w->arena, &r, &w->err);
	return rc == RC_OK ? work_wait_first(w, &r) : rc;
}

enum rc give_way_settle(struct work *w, struct give_way *g, int64_t for_request,
			const char *reason)
{
	enum rc rc = RC_OK;

	for (size_t i = 0; rc == RC_OK && i < g->n; i++) {
		struct booking *b = &g->v[i];
		bool moved, held = b->status == BOOKING_PENDING;

		rc = try_times(w, b, reason, &moved);
		if (rc == RC_OK && !moved)
			rc = send_back(w, b, reason);
		if (rc == RC_OK && !held)
			rc = duty_note_displaced(w->tx, b->id, for_request,
						 moved, &w->err);
	}
	return rc;
}

/* --- beforehand --- */

/* As long as the pause behind it: so far from what takes its time it has to
 * be, too. */
static enum rc pause_of(struct work *w, const struct booking *b, int64_t *out)
{
	struct booking_claim *v;
	size_t n;
	enum rc rc = booking_claims(w->tx, b->id, w->arena, &v, &n, &w->err);

	*out = 0;
	for (size_t i = 0; rc == RC_OK && i < n; i++) {
		if (v[i].role == CLAIM_BUFFER)
			*out = v[i].to - v[i].from;
	}
	return rc;
}

static int64_t away(const struct booking *b, int64_t at)
{
	return at > b->from ? at - b->from : b->from - at;
}

/* Kept in their order; the farthest falls out of a full list. */
static void add_time(struct booking_times *times, const struct booking *b,
		     int64_t at)
{
	size_t i = times->n;

	while (i > 0 && away(b, times->at[i - 1]) > away(b, at))
		i--;
	if (i > 0 && times->at[i - 1] == at)
		return;
	if (i == BOOKING_TIMES)
		return;
	if (times->n < BOOKING_TIMES)
		times->n++;
	for (size_t k = times->n - 1; k > i; k--)
		times->at[k] = times->at[k - 1];
	times->at[i] = at;
}

static enum rc look_in(struct work *w, const struct booking *b,
		       struct core_span window, struct booking_times *out)
{
	struct booking_times found;

	if (window.from < w->tx->now)
		window.from = w->tx->now;
	if (window.from >= window.to)
		return RC_OK;
	enum rc rc = work_booking_nearest(w, b, window, &found);

	for (size_t i = 0; rc == RC_OK && i < found.n; i++)
		add_time(out, b, found.at[i]);
	return rc;
}

static enum rc look_for(struct work *w, const struct booking *b,
			struct core_span taken, struct booking_times *out)
{
	int64_t pause;
	enum rc rc = pause_of(w, b, &pause);
	const struct core_span after = {taken.to, taken.to + LOOK_AFTER};
	const struct core_span later = {taken.to + pause, after.to};
	const struct core_span before = {b->from - LOOK_BEFORE,
					 taken.from - (b->to - b->from) -
						 pause + 1};

	if (rc == RC_OK)
		rc = look_in(w, b, after, out);
	/* What takes its time may have such a pause, too. */
	if (rc == RC_OK)
		rc = look_in(w, b, later, out);
	return rc == RC_OK ? look_in(w, b, before, out) : rc;
}

enum rc give_way_look(struct work *w, const struct give_way *g,
		      struct core_span taken, struct work_moves *out)
{
	enum rc rc = RC_OK;

	*out = (struct work_moves){.n = 0};
	for (size_t i = 0; rc == RC_OK && i < g->n; i++) {
		const struct booking *b = &g->v[i];

		if (b->status != BOOKING_BOOKED)
			continue;
		out->v[out->n].booking = b->code;
		rc = look_for(w, b, taken, &out->v[out->n].times);
		out->n++;
	}
	return rc;
}
