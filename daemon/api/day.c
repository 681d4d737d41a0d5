#include "daemon/api/day.h"

#include "daemon/work/consent.h"
#include "daemon/work/day.h"
#include "daemon/work/ready.h"

enum rc day_run_arrive(struct call *c)
{
	return work_booking_arrive(&c->w, c->param[0], c->out);
}

enum rc day_run_start(struct call *c)
{
	return work_booking_start(&c->w, c->param[0], c->in, c->out);
}

enum rc day_run_finish(struct call *c)
{
	return work_booking_finish(&c->w, c->param[0], c->out);
}

enum rc day_run_noshow(struct call *c)
{
	return work_booking_noshow(&c->w, c->param[0], c->in, c->out);
}

enum rc day_run_unresolved(struct call *c)
{
	return work_unresolved_list(&c->w, c->in, c->out);
}

enum rc day_run_consent(struct call *c)
{
	return work_request_consent(&c->w, c->param[0], c->in, c->out);
}

enum rc day_run_consent_booking(struct call *c)
{
	return work_booking_consent(&c->w, c->param[0], c->in, c->out);
}

enum rc day_run_late(struct call *c)
{
	return work_booking_late(&c->w, c->param[0], c->in, c->out);
}

enum rc day_run_check(struct call *c)
{
	return work_booking_check(&c->w, c->param[0], c->in, c->out);
}

enum rc day_run_fallback(struct call *c)
{
	return work_booking_fallback(&c->w, c->param[0], c->in, c->out);
}
