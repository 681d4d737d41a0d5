#include "daemon/work/give_way.h"

#include <string.h>

#include "daemon/core/kind.h"
#include "daemon/store/displaced.h"
#include "daemon/store/rows.h"
#include "daemon/work/give_back.h"

#define LOOK_AFTER (14 * (int64_t)86400)
#define LOOK_BEFORE (3 * (int64_t)86400)
#define TRIES 12 /* of the times that were found, the writer's time is dear */

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

enum rc give_way_add(struct work *w, struct give_way *g,
		     const struct booking *b)
{
	if (give_way_has(g, b->id))
		return RC_OK;
	if (g->n == WORK_MOVES_MAX)
		return err_set(&w->err, RC_REFUSED,
			       "more than %d bookings are in the way",
			       WORK_MOVES_MAX);
	g->v = rows_grown(w->arena, g->v, g->n, sizeof(*g->v));
	if (!g->v)
		return work_nomem(w);
	g->v[g->n++] = *b;
	return RC_OK;
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

/* What is no fault of the storage is one of the booking that is to move. */
static bool is_its_own(enum rc rc)
{
	static const enum rc own[] = {
		RC_REFUSED,   RC_INVALID,   RC_NOT_FOUND, RC_RULE,
		RC_STATE,     RC_STALE,	    RC_EXISTS,	  RC_NOMEM,
		RC_FORBIDDEN, RC_TOO_LARGE,
	};

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		if (own[i] == rc)
			return true;
	}
	return false;
}

/* Whatever of it failed has left nothing behind. */
static enum rc undo_try(struct work *w, enum rc rc, struct event_head head,
			const struct stat_tally *tally)
{
	db_rollback_savepoint(w->tx->db);
	w->tx->head = head;
	w->tx->tally = *tally;
	if (!db_in_transaction(w->tx->db))
		return err_set(&w->err, RC_FULL, "the transaction is lost");
	if (!is_its_own(rc))
		return rc;
	w->blockers = (struct field_list){0};
	w->blockers_more = 0;
	w->faults = (struct field_faults){0};
	w->wish = (struct wish){0};
	w->err = (struct err)ERR_INIT;
	return RC_OK;
}

/* At that time instead: a booking moves, a hold is taken anew. */
static enum rc put_at(struct work *w, struct booking *b, int64_t at,
		      const char *reason)
{
	return b->status == BOOKING_PENDING
		       ? give_back_hold(w, b, at, reason)
		       : work_booking_shift(w, b, at, reason);
}

static enum rc try_time(struct work *w, struct booking *b, int64_t at,
			const char *reason, bool *out)
{
	const struct arena_mark mark = arena_mark(w->arena);
	const struct event_head head = w->tx->head;
	const struct stat_tally tally = w->tx->tally;
	struct booking moved = *b;
	enum rc rc = db_savepoint(w->tx->db, &w->err);

	if (rc != RC_OK)
		return rc;
	rc = put_at(w, &moved, at, reason);
	*out = rc == RC_OK;
	if (rc == RC_OK)
		rc = db_release(w->tx->db, &w->err);
	else
		rc = undo_try(w, rc, head, &tally);
	arena_back(w->arena, mark);
	if (*out)
		*b = moved;
	return rc;
}

/* Who has come is not sent to another time unasked; and what was held for a
 * request is offered to that again. */
static bool may_move(const struct booking *b)
{
	return b->status == BOOKING_BOOKED ||
	       (b->status == BOOKING_PENDING && !b->request);
}

/* *out: it has another time. Whether it has is no fault of who answers. `left`
 * has the times that were not tried. */
static enum rc try_times(struct work *w, struct booking *b, const char *reason,
			 struct booking_times *left, bool *out)
{
	enum rc rc = RC_OK;
	size_t n = 0;

	*out = false;
	while (rc == RC_OK && !*out && may_move(b) && n < left->n && n < TRIES)
		rc = try_time(w, b, left->at[n++], reason, out);
	left->n -= n;
	memmove(left->at, left->at + n, left->n * sizeof(left->at[0]));
	return rc;
}

static enum rc settle_one(struct work *w, struct booking *b,
			  int64_t for_request, const char *reason)
{
	const bool held = b->status == BOOKING_PENDING;
	struct displaced row = {.booking = b->id, .request = for_request};
	struct booking_times left = {.n = 0};
	const struct booking_times *times = times_of(w, b);

	if (times)
		left = *times;
	enum rc rc = try_times(w, b, reason, &left, &row.moved);

	if (rc == RC_OK && !row.moved)
		rc = give_back(w, b, &left, reason, &row.open);
	return rc == RC_OK && !held ? displaced_add(w->tx, &row, &w->err) : rc;
}

enum rc give_way_settle(struct work *w, struct give_way *g, int64_t for_request,
			const char *reason)
{
	enum rc rc = RC_OK;

	/* What is booked before what is only held. */
	for (int held = 0; held < 2; held++)
		for (size_t i = 0; rc == RC_OK && i < g->n; i++)
			if ((g->v[i].status == BOOKING_PENDING) == held)
				rc = settle_one(w, &g->v[i], for_request,
						reason);
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

static bool shares_expert(const struct booking *a, const struct booking *b)
{
	bool shares = booking_has_expert(a, b->expert);

	for (size_t i = 0; i < b->nalso && !shares; i++)
		shares = booking_has_expert(a, b->also[i]);
	return shares;
}

/* Will that earlier one have the time, as far as is known? */
static bool clashes(const struct booking *b, int64_t at,
		    const struct booking *earlier, const struct work_move *has)
{
	const int64_t length = earlier->to - earlier->from;

	return shares_expert(earlier, b) && has->times.n &&
	       at < has->times.at[0] + length &&
	       at + (b->to - b->from) > has->times.at[0];
}

/* Those that nobody before it will have first. */
static void sort_out(const struct give_way *g, const struct work_moves *moves,
		     const struct booking *b, struct booking_times *times)
{
	struct booking_times later = {.n = 0};
	size_t n = 0;

	for (size_t i = 0; i < times->n; i++) {
		bool has = false;

		for (size_t k = 0; !has && k < moves->n; k++)
			has = clashes(b, times->at[i], &g->v[k], &moves->v[k]);
		if (has)
			later.at[later.n++] = times->at[i];
		else
			times->at[n++] = times->at[i];
	}
	memcpy(times->at + n, later.at, later.n * sizeof(later.at[0]));
}

/* Of one of which nothing is found, for whatever reason, there is no time. */
static void look_one(struct work *w, const struct booking *b,
		     struct core_span taken, struct booking_times *out)
{
	const struct arena_mark mark = arena_mark(w->arena);

	*out = (struct booking_times){.n = 0};
	if ((b->status != BOOKING_PENDING || !b->request) &&
	    look_for(w, b, taken, out) != RC_OK) {
		*out = (struct booking_times){.n = 0};
		w->err = (struct err)ERR_INIT;
		w->faults = (struct field_faults){0};
	}
	arena_back(w->arena, mark);
}

enum rc give_way_look(struct work *w, const struct give_way *g,
		      struct core_span taken, struct work_moves *out)
{
	*out = (struct work_moves){
		.v = arena_array(w->arena, g->n + 1, sizeof(*out->v))};
	if (!out->v)
		return work_nomem(w);
	for (size_t i = 0; i < g->n; i++) {
		struct work_move *move = &out->v[i];

		move->booking = g->v[i].code;
		look_one(w, &g->v[i], taken, &move->times);
		sort_out(g, out, &g->v[i], &move->times);
		out->n++;
	}
	return RC_OK;
}
