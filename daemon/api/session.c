#include "daemon/api/session.h"

#include "daemon/work/cases.h"
#include "daemon/work/sessions.h"
#include "daemon/work/walk_in.h"

enum rc session_run_make(struct call *c)
{
	return work_session_make(&c->w, c->in, c->out);
}

enum rc session_run_list(struct call *c)
{
	return work_session_list(&c->w, c->in, c->out);
}

enum rc session_run_show(struct call *c)
{
	return work_session_show(&c->w, c->param[0], c->out);
}

enum rc session_run_join(struct call *c)
{
	return work_session_join(&c->w, c->param[0], c->in, c->out);
}

enum rc session_run_leave(struct call *c)
{
	return work_session_leave(&c->w, c->param[0], c->out);
}

enum rc session_run_attend(struct call *c)
{
	return work_session_attend(&c->w, c->param[0], c->in, c->out);
}

enum rc session_run_add(struct call *c)
{
	return work_session_add(&c->w, c->param[0], c->in, c->out);
}

enum rc session_run_order(struct call *c)
{
	return work_session_order(&c->w, c->param[0], c->in, c->out);
}

enum rc session_run_draw(struct call *c)
{
	return work_walk_in_draw(&c->w, c->param[0], c->in, c->out);
}

enum rc session_run_call(struct call *c)
{
	return work_walk_in_call(&c->w, c->param[0], c->in, c->out);
}

enum rc session_run_mark(struct call *c)
{
	return work_walk_in_mark(&c->w, c->param[0], c->in, c->out);
}

enum rc session_run_tokens(struct call *c)
{
	return work_walk_in_list(&c->w, c->param[0], c->out);
}
