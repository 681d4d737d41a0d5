#include "daemon/work/steps.h"

typedef enum rc step_fn(struct work *w, const struct due_row *row);

/* NULL: nobody puts such a row. */
static step_fn *const table[DUE_COUNT] = {0};

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

enum rc steps_run(struct work *w)
{
	for (int i = 0; i < STEPS_AT_ONCE; i++) {
		struct due_row row;
		enum rc rc = due_next(w->tx, &row, &w->err);

		if (rc == RC_NOT_FOUND)
			return RC_OK;
		if (rc == RC_OK)
			rc = take_step(w, &row);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}
