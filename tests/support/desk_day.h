/*
 * desk_day - the day of a session at a desk: what is said of it, before it
 * begins and after. Each shorthand fails the test where its verb is refused,
 * but desk_day_say() and desk_day_begins().
 */
#ifndef TESTS_SUPPORT_DESK_DAY_H
#define TESTS_SUPPORT_DESK_DAY_H

#include "tests/support/desk.h"

typedef enum rc desk_day_verb(struct work *, const char *,
			      struct msg_booking *);
/* out may be NULL. */
enum rc desk_day_say(struct desk *desk, const struct principal *who,
		     desk_day_verb *verb, const char *code,
		     struct msg_booking *out);
struct msg_booking desk_day_said(struct desk *desk, const struct principal *who,
				 desk_day_verb *verb, const char *code);

struct desk_day_start {
	const char *code;
	struct msg_start in;
	struct msg_booking out;
	struct work w; /* its blockers, afterwards */
};
enum rc desk_day_begins(struct desk *desk, const struct principal *who,
			struct desk_day_start *start);
/* With the patient's consent to treatment; nobody has looked. */
struct msg_booking desk_day_started(struct desk *desk,
				    const struct principal *who,
				    const char *code);

struct desk_day_fallback {
	const char *code;
	struct msg_fallback in;
	struct msg_booking out;
};
enum rc desk_day_fallback_step(struct work *w,
			       void *arg); /* desk_day_fallback */
void desk_day_takes_over(struct desk *desk, const char *code,
			 const char *surgeon);

/* A consultation, and an hour of guidance on DESK_MONDAY, of desk->one's. */
struct msg_booking desk_day_booked_at(struct desk *desk, const char *patient,
				      int64_t at);
struct msg_booking desk_day_guided(struct desk *desk, const char *patient,
				   enum urgency urgency,
				   const char **out_request);
struct msg_booking desk_day_shown(struct desk *desk,
				  const struct principal *who,
				  const char *code);

struct desk_day_list {
	struct msg_list_query in;
	struct msg_booking_list out;
};
enum rc desk_day_unresolved_step(struct work *w, void *arg); /* desk_day_list */
struct desk_day_list desk_day_unresolved(struct desk *desk,
					 const struct principal *who);
enum rc desk_day_due_step(struct work *w, void *arg);

#endif
