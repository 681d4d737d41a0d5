/*
 * stage - the day of a session at a desk: what is said of it, before it begins
 * and after. Each shorthand fails the test where its verb is refused, but
 * stage_say() and stage_begins().
 */
#ifndef TESTS_SUPPORT_STAGE_H
#define TESTS_SUPPORT_STAGE_H

#include "tests/support/desk.h"

typedef enum rc stage_verb(struct work *, const char *, struct msg_booking *);
/* out may be NULL. */
enum rc stage_say(struct desk *desk, const struct principal *who,
		  stage_verb *verb, const char *code, struct msg_booking *out);
struct msg_booking stage_said(struct desk *desk, const struct principal *who,
			      stage_verb *verb, const char *code);

struct stage_start {
	const char *code;
	struct msg_start in;
	struct msg_booking out;
	struct work w; /* its blockers, afterwards */
};
enum rc stage_begins(struct desk *desk, const struct principal *who,
		     struct stage_start *start);
/* With the patient's consent to treatment; nobody has looked. */
struct msg_booking stage_started(struct desk *desk, const struct principal *who,
				 const char *code);

struct stage_fallback {
	const char *code;
	struct msg_fallback in;
	struct msg_booking out;
};
enum rc stage_fallback_step(struct work *w, void *arg); /* stage_fallback */
void stage_takes_over(struct desk *desk, const char *code, const char *surgeon);

/* A consultation, and an hour of guidance on DESK_MONDAY, of desk->one's. */
struct msg_booking stage_booked_at(struct desk *desk, const char *patient,
				   int64_t at);
struct msg_booking stage_guided(struct desk *desk, const char *patient,
				enum urgency urgency, const char **out_request);
struct msg_booking stage_shown(struct desk *desk, const struct principal *who,
			       const char *code);

struct stage_list {
	struct msg_list_query in;
	struct msg_booking_list out;
};
enum rc stage_unresolved_step(struct work *w, void *arg); /* stage_list */
struct stage_list stage_unresolved(struct desk *desk,
				   const struct principal *who);
enum rc stage_due_step(struct work *w, void *arg);

#endif
