#include "daemon/api/emergency.h"
#include "daemon/work/emergency.h"

/* Without them it is decided all the same: what gives way waits. What is wrong
 * is said by who does it. */
static enum rc looked(struct call *c, enum rc rc)
{
	if (rc == RC_OK)
		return RC_OK;
	c->moves = NULL;
	c->w.err = (struct err)ERR_INIT;
	c->w.faults = (struct field_faults){0};
	c->w.blockers = (struct field_list){0};
	return RC_OK;
}

static bool make_room(struct call *c)
{
	c->w.match = c->match;
	c->moves = arena_alloc(&c->arena, sizeof(*c->moves));
	if (c->moves)
		c->moves->n = 0;
	return c->moves;
}

enum rc emergency_prepare_answer(struct call *c)
{
	return looked(c, make_room(c) ? work_answer_look(&c->w, c->param[0],
							 c->in, c->moves)
				      : RC_NOMEM);
}

enum rc emergency_run_answer(struct call *c)
{
	return work_request_answer(&c->w, c->param[0], c->in, c->out);
}

enum rc emergency_prepare_displace(struct call *c)
{
	return looked(c, make_room(c) ? work_displace_look(&c->w, c->param[0],
							   c->moves)
				      : RC_NOMEM);
}

enum rc emergency_run_displace(struct call *c)
{
	return work_booking_displace(&c->w, c->param[0], c->in, c->out);
}

enum rc emergency_run_receive(struct call *c)
{
	return work_booking_receive(&c->w, c->param[0], c->out);
}

enum rc emergency_run_papers(struct call *c)
{
	return work_request_papers(&c->w, c->param[0], c->in, c->out);
}

enum rc emergency_run_on_call(struct call *c)
{
	return work_on_call(&c->w, c->in, c->out);
}

enum rc emergency_run_swap(struct call *c)
{
	return work_on_call_swap(&c->w, c->in, c->out);
}

enum rc emergency_run_report(struct call *c)
{
	return work_report_emergencies(&c->w, c->in, c->out);
}
