#include "daemon/api/series.h"

#include "daemon/work/series.h"

/* Without them it is decided all the same; what is wrong is said by who does
 * it. */
static void look(struct call *c,
		 enum rc (*seek)(struct call *c, struct series_sought *out))
{
	if (c->w.faults.n)
		return;
	c->sought = arena_alloc(&c->arena, sizeof(*c->sought));
	if (!c->sought || seek(c, c->sought) == RC_OK)
		return;
	c->sought = NULL;
	c->w.err = (struct err)ERR_INIT;
	c->w.faults = (struct field_faults){0};
	c->w.blockers = (struct field_list){0};
}

static enum rc seek_new(struct call *c, struct series_sought *out)
{
	return work_series_look(&c->w, c->in, out);
}

enum rc series_prepare(struct call *c)
{
	look(c, seek_new);
	return RC_OK;
}

static enum rc seek_move(struct call *c, struct series_sought *out)
{
	return work_series_look_move(&c->w, c->param[0], c->in, out);
}

enum rc series_prepare_move(struct call *c)
{
	c->w.match = c->match;
	look(c, seek_move);
	return RC_OK;
}

enum rc series_run_make(struct call *c)
{
	return work_series_make(&c->w, c->in, c->out);
}

enum rc series_run_trial(struct call *c)
{
	struct msg_series *out = c->out;
	enum rc rc = work_series_make(&c->w, c->in, out);

	out->dry_run = true;
	out->code = NULL;
	return rc;
}

enum rc series_run_list(struct call *c)
{
	return work_series_list(&c->w, c->in, c->out);
}

enum rc series_run_show(struct call *c)
{
	return work_series_show(&c->w, c->param[0], c->out);
}

enum rc series_run_move(struct call *c)
{
	return work_series_move(&c->w, c->param[0], c->in, c->out);
}

static enum rc tried(struct call *c, enum rc rc)
{
	struct msg_series *out = c->out;

	out->dry_run = true;
	return rc;
}

enum rc series_run_move_trial(struct call *c)
{
	return tried(c, series_run_move(c));
}

enum rc series_run_cancel(struct call *c)
{
	return work_series_cancel(&c->w, c->param[0], c->in, c->out);
}

enum rc series_run_cancel_trial(struct call *c)
{
	return tried(c, series_run_cancel(c));
}
