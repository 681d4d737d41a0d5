/*
 * waitroom - what people do about the waitlist at a desk (desk.h), and the
 * turns in which the service does its part.
 */
#ifndef TESTS_SUPPORT_WAITROOM_H
#define TESTS_SUPPORT_WAITROOM_H

#include "daemon/work/waitlist.h"
#include "tests/support/desk.h"

/* Of a remote consultation. */
#define WAITROOM_SESSION ((int64_t)1800)

struct wait {
	const char *code;
	struct msg_wait in; /* without windows where window.from is 0 */
	struct msg_interval window;
	struct msg_request out;
};
/* Within that time, without notice. */
struct wait waiting_for(const char *code, int64_t from, int64_t to);
/* arg: a wait; and an on of the request, and of the booking. */
enum rc wait_step(struct work *w, void *arg);
enum rc unwait_step(struct work *w, void *arg);
enum rc refuse_step(struct work *w, void *arg);

/* All that is due by now is done, holds that have lapsed first. */
void waitroom_turn(struct desk *desk);
/* The holds alone. */
void waitroom_lapse(struct desk *desk);

#endif
