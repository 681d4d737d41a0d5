#include "daemon/work/steps.h"

#include "daemon/work/agreements.h"
#include "daemon/work/calls.h"
#include "daemon/work/clocks.h"
#include "daemon/work/consent.h"
#include "daemon/work/expiry.h"
#include "daemon/work/half_days.h"
#include "daemon/work/opinions.h"
#include "daemon/work/ready.h"
#include "daemon/work/tools.h"
#include "daemon/work/waitlist.h"

typedef enum rc step_fn(struct work *w, const struct due_row *row);

/* NULL: nobody puts such a row. */
static step_fn *const table[DUE_COUNT] = {
	[DUE_ENDING] = agreements_step,
	[DUE_SUPPLEMENT] = expiry_supplement_step,
	[DUE_EXPIRY] = expiry_step,
	[DUE_OFFER] = work_wait_offer_due,
	[DUE_FREED] = work_wait_freed_due,
	[DUE_ANSWER] = clocks_step,
	[DUE_BEGIN] = clocks_step,
	[DUE_OPINION] = clocks_step,
	[DUE_RECEIPT] = opinions_remind,
	[DUE_CONSENT] = consent_is_late,
	[DUE_CHECK] = ready_remind,
	[DUE_CALL] = calls_step,
	[DUE_PAPERS] = papers_step,
	[DUE_POOL] = half_days_step,
};

static enum rc do_step(struct work *w, const struct due_row *row)
{
	enum rc rc =
		due_drop(w->tx, row->what, row->thing, row->thing_id, &w->err);

	if (rc != RC_OK)
		return rc;
	if (!table[row->what])
		return err_set(&w->err, RC_CORRUPT, "nobody knows what is due");
	return table[row->what](w, row);
}

#define STEP_MAX (1024 * 1024) /* of memory, for one */

static enum rc take_step(struct work *w, const struct due_row *row)
{
	struct arena arena;

	arena_init(&arena, STEP_MAX);
	w->arena = &arena;

	enum rc rc = do_step(w, row);

	w->arena = NULL;
	arena_fini(&arena);
	return rc;
}

/* *out: none is left. */
static enum rc take_next(struct work *w, struct steps *steps, bool *out)
{
	struct due_row row;
	enum rc rc = due_next(w->tx, &row, &w->err);

	*out = rc == RC_NOT_FOUND;
	if (*out)
		return RC_OK;
	if (rc != RC_OK)
		return rc;
	steps->row = row;
	steps->any = true;
	return take_step(w, &row);
}

static enum rc run(struct work *w, struct steps *steps)
{
	enum rc rc = steps->leave_holds ? RC_OK : work_lapse_holds(w);
	bool none = false;

	for (unsigned i = 0; rc == RC_OK && !none && i < steps->limit; i++)
		rc = take_next(w, steps, &none);
	if (rc == RC_OK && !none) {
		struct due_row next;

		rc = due_next(w->tx, &next, &w->err);
		steps->more = rc == RC_OK;
		if (rc == RC_NOT_FOUND)
			rc = RC_OK;
	}
	return rc;
}

enum rc steps_run(struct tx *tx, struct steps *steps)
{
	struct work w = {.tx = tx, .request_id = "due"};

	steps->more = false;
	steps->any = false;
	enum rc rc = run(&w, steps);

	steps->why = w.err;
	return rc;
}

#define ROW_MAX 16384 /* a hold */

static enum rc is_lapsed(struct tx *tx, struct err *err)
{
	struct arena row;
	struct booking b;

	arena_init(&row, ROW_MAX);
	enum rc rc = booking_next_lapsed(tx, &row, &b, err);

	arena_fini(&row);
	return rc;
}

enum rc steps_are_due(struct tx *tx, bool *out, struct err *err)
{
	struct due_row next;
	enum rc rc = due_next(tx, &next, err);

	if (rc == RC_NOT_FOUND)
		rc = is_lapsed(tx, err);
	*out = rc == RC_OK;
	return rc == RC_NOT_FOUND ? RC_OK : rc;
}
