/*
 * duty - emergencies at a desk: what is done with them, as desk.h has it for
 * everything else.
 *
 * The city's chest pain centre has three people on call, one a level
 * (examples/chest-pain.json); the county hospital asks it.
 */
#ifndef TESTS_SUPPORT_DUTY_H
#define TESTS_SUPPORT_DUTY_H

#include "base/err.h"
#include "daemon/work/emergency.h"
#include "tests/support/desk.h"

#define MINUTE 60
/* 2027-01-19 02:10 in Shanghai. */
#define DUTY_NIGHT (DESK_MONDAY + 18 * 3600 + 10 * MINUTE)

struct duty {
	struct desk desk;
	struct principal county, centre;
	struct principal first, second, third; /* on call */
};

/* It is night. */
void duty_begin(struct duty *duty);
void duty_end(struct duty *duty);

/* The code of one more; the patient came five minutes ago. out may be NULL. */
const char *duty_emergency(struct duty *duty, struct msg_request *out);
struct msg_request duty_shown(struct duty *duty, const char *code);

struct duty_reply {
	const char *code;
	struct msg_answer in;
	struct msg_request out;
	struct work_moves moves;
	bool look;
	char said[ERR_TEXT_MAX]; /* why it was refused */
};
enum rc duty_look_step(struct work *w, void *duty_reply);
enum rc duty_answer_step(struct work *w, void *duty_reply);
enum rc duty_noshow_step(struct work *w, void *on); /* of the booking */
enum rc duty_due_step(struct work *w, void *unused);

#endif
