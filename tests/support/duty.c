#include "tests/support/duty.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/file.h"
#include "daemon/work/day.h"
#include "daemon/work/steps.h"

static enum rc import_step(struct work *w, void *arg)
{
	struct msg_import_report report;
	enum rc rc = work_import_check(w, arg);

	return rc == RC_OK ? work_import(w, arg, &report) : rc;
}

static void import_more(struct desk *desk)
{
	static const struct principal root = {.name = "root",
					      .role = ROLE_ADMINISTRATOR};
	struct msg_network *net = arena_alloc(&desk->house.arena, sizeof(*net));
	struct work w = {0};
	struct buf file;

	buf_init(&file, 1u << 20);
	assert_int_equal(RC_OK,
			 file_read("examples/chest-pain.json", &file, NULL));
	assert_int_equal(RC_OK,
			 proto_decode(&msg_network_table, file.data, file.len,
				      PROTO_STRICT, &desk->house.arena, net,
				      &w.faults, &w.err));
	assert_int_equal(RC_OK, desk_do(desk, &root, import_step, net));
	buf_fini(&file);
}

void duty_begin(struct duty *duty)
{
	static const char site[] = "liaoyang-central";
	struct house *house = &duty->desk.house;

	desk_begin(&duty->desk);
	import_more(&duty->desk);
	house->scratch.now = DUTY_NIGHT;
	duty->county = house_person(house, ROLE_SITE_COORDINATOR,
				    "dengta-county", NULL);
	duty->centre = house_person(house, ROLE_LEAD_COORDINATOR, site, NULL);
	duty->first = house_person(house, ROLE_EXPERT, site, "chest-pain-1");
	duty->second = house_person(house, ROLE_EXPERT, site, "chest-pain-2");
	duty->third = house_person(house, ROLE_EXPERT, site, "chest-pain-3");
}

void duty_end(struct duty *duty)
{
	desk_end(&duty->desk);
}

const char *duty_emergency(struct duty *duty, struct msg_request *out)
{
	struct ask_for a = ask_for("dengta-county", "P-9");

	a.in.kind = KIND_EMERGENCY_CONSULTATION;
	a.in.expert = NULL;
	a.in.door_at = duty->desk.house.scratch.now - 5 * MINUTE;
	assert_int_equal(RC_OK,
			 desk_do(&duty->desk, &duty->county, submit_step, &a));
	if (out)
		*out = a.out;
	return a.out.code;
}

struct msg_request duty_shown(struct duty *duty, const char *code)
{
	struct on on = {.code = code};

	assert_int_equal(RC_OK,
			 desk_do(&duty->desk, &duty->centre, show_step, &on));
	return on.r;
}

enum rc duty_look_step(struct work *w, void *arg)
{
	struct duty_reply *r = arg;

	return work_answer_look(w, r->code, &r->in, &r->moves);
}

enum rc duty_answer_step(struct work *w, void *arg)
{
	struct duty_reply *r = arg;

	w->moves = r->look ? &r->moves : NULL;
	enum rc rc = work_request_answer(w, r->code, &r->in, &r->out);

	snprintf(r->said, sizeof(r->said), "%s",
		 rc == RC_OK ? "" : w->err.text);
	return rc;
}

enum rc duty_noshow_step(struct work *w, void *arg)
{
	const struct msg_noshow in = {ABSENT_EXPERT, NULL};
	struct on *on = arg;

	return work_booking_noshow(w, on->code, &in, &on->b);
}

enum rc duty_due_step(struct work *w, void *arg)
{
	struct steps steps = {.limit = 64};

	(void)arg;
	enum rc rc = steps_run(w->tx, &steps);

	if (rc != RC_OK)
		print_message("due: %s\n", steps.why.text);
	return rc;
}
