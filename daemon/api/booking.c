#include "daemon/api/booking.h"

enum rc booking_run_slots(struct call *c)
{
	return work_slots(&c->w, c->in, c->out);
}

bool booking_is_wide_search(const struct call *c)
{
	return work_slots_wide(c->in, clock_now(c->config->clock));
}

enum rc booking_run_book(struct call *c)
{
	return work_booking_book(&c->w, c->in, c->out);
}

enum rc booking_run_hold(struct call *c)
{
	return work_booking_hold(&c->w, c->in, c->out);
}

enum rc booking_run_list(struct call *c)
{
	return work_booking_list(&c->w, c->in, c->out);
}

enum rc booking_run_show(struct call *c)
{
	return work_booking_show(&c->w, c->param[0], c->out);
}

enum rc booking_run_confirm(struct call *c)
{
	return work_booking_confirm(&c->w, c->param[0], c->out);
}

enum rc booking_run_release(struct call *c)
{
	return work_booking_release(&c->w, c->param[0], c->out);
}

enum rc booking_run_move(struct call *c)
{
	return work_booking_move(&c->w, c->param[0], c->in, c->out);
}

enum rc booking_run_cancel(struct call *c)
{
	return work_booking_cancel(&c->w, c->param[0], c->in, c->out);
}

bool booking_is_for_emergency(struct call *c)
{
	const struct msg_book *in = c->in;

	return in->request && work_code_is_urgent(&c->w, in->request);
}
