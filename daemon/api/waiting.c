#include "daemon/api/waiting.h"

#include "daemon/work/waitlist.h"

enum rc waiting_run_wait(struct call *c)
{
	return work_request_wait(&c->w, c->param[0], c->in, c->out);
}

enum rc waiting_run_unwait(struct call *c)
{
	return work_request_unwait(&c->w, c->param[0], c->in, c->out);
}

enum rc waiting_run_refuse(struct call *c)
{
	return work_booking_refuse(&c->w, c->param[0], c->in, c->out);
}

enum rc waiting_run_waitlist(struct call *c)
{
	return work_waitlist(&c->w, c->in, c->out);
}

enum rc waiting_run_offers(struct call *c)
{
	return work_offer_list(&c->w, c->in, c->out);
}
