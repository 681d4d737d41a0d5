#include "daemon/work/attempt.h"

#include <string.h>

#include "daemon/work/tools.h"

#define FACTS_MAX ((size_t)16 << 20) /* of one step */

/* --- what outlives the facts --- */

static const char *kept(struct work *w, const char *s, enum rc *rc)
{
	const char *copy = s ? arena_strndup(w->arena, s, strlen(s)) : NULL;

	if (s && !copy)
		*rc = work_nomem(w);
	return copy;
}

static enum rc keep_blockers(struct work *w, struct field_list had, size_t more,
			     size_t room, struct attempt *out)
{
	size_t n = had.n < room ? had.n : room;

	out->blockers_more = more + had.n - n;
	had.n = n;
	return proto_copy_list(&msg_blocker_table, &had, w->arena,
			       &out->blockers)
		       ? RC_OK
		       : work_nomem(w);
}

static enum rc keep_slots(struct work *w, struct field_list had,
			  struct attempt *out)
{
	return proto_copy_list(&msg_slot_table, &had, w->arena, &out->nearest)
		       ? RC_OK
		       : work_nomem(w);
}

/* What is at fault with the message is so of every step. */
static enum rc keep_faults(struct work *w, struct arena *answers, enum rc rc)
{
	w->arena = answers;
	for (size_t i = 0; rc == RC_INVALID && i < w->faults.n; i++) {
		struct field_fault *f = &w->faults.v[i];
		enum rc copied = RC_OK;

		f->pointer = kept(w, f->pointer, &copied);
		f->detail = kept(w, f->detail, &copied);
		if (copied != RC_OK)
			return copied;
	}
	return rc;
}

/* It is told in the answer, and no fault of it. */
static void forget(struct work *w)
{
	w->blockers = (struct field_list){0};
	w->blockers_more = 0;
	w->wish = (struct wish){0};
	w->err = (struct err)ERR_INIT;
}

static bool is_its_own(enum rc rc)
{
	return rc == RC_REFUSED || rc == RC_RULE || rc == RC_STATE;
}

static enum rc tell(struct work *w, struct arena *answers, size_t room,
		    struct attempt *out)
{
	w->arena = answers;
	enum rc rc = keep_blockers(w, w->blockers, w->blockers_more, room, out);

	if (rc == RC_OK)
		out->why = kept(w, w->err.text, &rc);
	if (rc == RC_OK)
		forget(w);
	return rc;
}

/* --- the step --- */

enum rc attempt_run(struct work *w, attempt_step step, void *ctx, size_t room,
		    struct attempt *out)
{
	const struct event_head head = w->tx->head;
	const struct stat_tally tally = w->tx->tally;
	struct arena facts, *answers = w->arena;
	enum rc rc = db_savepoint(w->tx->db, &w->err);

	*out = (struct attempt){0};
	if (rc != RC_OK)
		return rc;
	arena_init(&facts, FACTS_MAX);
	w->arena = &facts;
	rc = step(w, ctx);
	out->done = rc == RC_OK;
	if (out->done) {
		rc = db_release(w->tx->db, &w->err);
	} else {
		db_rollback_savepoint(w->tx->db);
		w->tx->head = head;
		w->tx->tally = tally;
		if (!is_its_own(rc))
			rc = keep_faults(w, answers, rc);
		else if (db_in_transaction(w->tx->db))
			rc = tell(w, answers, room, out);
		else
			rc = err_set(&w->err, RC_FULL,
				     "the transaction is lost");
	}
	w->arena = answers;
	arena_fini(&facts);
	return rc;
}

enum rc attempt_look(struct work *w, attempt_step step, void *ctx,
		     struct attempt *out)
{
	struct arena facts, *answers = w->arena;
	struct field_list nearest = {0};

	*out = (struct attempt){0};
	arena_init(&facts, FACTS_MAX);
	w->arena = &facts;
	enum rc rc = step(w, ctx);

	out->done = rc == RC_OK;
	/* Without them the refusal still has its reasons. */
	if (rc == RC_REFUSED && w->wish.agreement &&
	    work_nearest(w, &nearest) != RC_OK)
		nearest = (struct field_list){0};
	if (!out->done && is_its_own(rc)) {
		rc = tell(w, answers, 0, out);
		if (rc == RC_OK)
			rc = keep_slots(w, nearest, out);
	} else if (!out->done) {
		rc = keep_faults(w, answers, rc);
	}
	w->arena = answers;
	arena_fini(&facts);
	return rc;
}
