#include "tests/support/waitroom.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/work/steps.h"

struct wait waiting_for(const char *code, int64_t from, int64_t to)
{
	struct wait a = {.code = code, .window = {from, to}};

	proto_clear(&msg_wait_table, &a.in);
	a.in.notice_minutes = 0;
	return a;
}

enum rc wait_step(struct work *w, void *arg)
{
	struct wait *a = arg;

	if (a->window.from)
		a->in.windows = (struct field_list){&a->window, 1};
	return work_request_wait(w, a->code, &a->in, &a->out);
}

enum rc unwait_step(struct work *w, void *arg)
{
	struct on *on = arg;

	return work_request_unwait(w, on->code, &on->reason, &on->r);
}

enum rc refuse_step(struct work *w, void *arg)
{
	struct on *on = arg;

	return work_booking_refuse(w, on->code, &on->reason, &on->b);
}

static enum rc due_step(struct work *w, void *arg)
{
	struct steps steps = {.limit = STEPS_AT_ONCE};
	bool *more = arg;
	enum rc rc = steps_run(w->tx, &steps);

	w->err = steps.why;
	*more = steps.more;
	return rc;
}

/* By nobody. */
static void do_well(struct desk *desk, house_step step, void *arg)
{
	struct work w;
	enum rc rc =
		house_do(&desk->house, NULL, WORK_MATCH_ANY, step, arg, &w);

	if (rc != RC_OK)
		fail_msg("%s: %s", rc_row(rc)->code, w.err.text);
}

void waitroom_turn(struct desk *desk)
{
	bool more = true;

	while (more)
		do_well(desk, due_step, &more);
}

static enum rc lapse_step(struct work *w, void *arg)
{
	(void)arg;
	return work_lapse_holds(w);
}

void waitroom_lapse(struct desk *desk)
{
	do_well(desk, lapse_step, NULL);
}
