/*
 * desk - who works with the Liaoyang network, and what they do there: the
 * steps of the use cases for house_do(), shared by their tests.
 *
 * A desk is a house with five people in it. Each step has its struct, made by
 * the function of its name with everything absent that is not given; what it
 * answers is in it afterwards.
 */
#ifndef TESTS_SUPPORT_DESK_H
#define TESTS_SUPPORT_DESK_H

#include "tests/support/house.h"

/* Monday 2027-01-18 08:00 in Shanghai, when coronary-1 begins. */
#define DESK_MONDAY ((int64_t)1800000000 + 64 * 3600)

struct desk {
	struct house house;
	struct principal lead;	     /* coordinator at anzhen */
	struct principal one, two;   /* at two of its partners */
	struct principal surgeon;    /* coronary-1 */
	struct principal other_lead; /* at tiantan */
};

void desk_begin(struct desk *desk);
void desk_end(struct desk *desk);

/* --- steps --- */

struct ask_for {
	struct msg_request_new in;
	struct msg_patient patient;
	struct msg_request out;
};
/* coronary-1 for the patient of that local id. */
struct ask_for ask_for(const char *site, const char *patient);
enum rc submit_step(struct work *w, void *ask_for);

/* One verb on one request or booking. */
struct on {
	const char *code;
	enum rc (*request)(struct work *, const char *,
			   const struct msg_reason *, struct msg_request *);
	enum rc (*booking)(struct work *, const char *, struct msg_booking *);
	struct msg_reason reason;
	struct msg_accept accept;
	struct msg_request r;
	struct msg_booking b;
};
enum rc accept_step(struct work *w, void *on);
enum rc request_step(struct work *w, void *on); /* on->request */
enum rc show_step(struct work *w, void *on);	/* the request */
enum rc booking_step(struct work *w, void *on); /* on->booking */
enum rc cancel_step(struct work *w, void *on);	/* the booking */

struct take {
	struct msg_book in;
	struct msg_booking out;
	bool hold;
};
struct take take(const char *request, int64_t at, bool hold);
enum rc take_step(struct work *w, void *take);

struct shift {
	const char *code;
	struct msg_move in;
	struct msg_booking out;
};
struct shift shift(const char *code, int64_t at);
enum rc move_step(struct work *w, void *shift);

struct consenting {
	const char *code;
	struct msg_consent_new in;
	struct msg_booking out;
};
struct consenting consenting(const char *booking, enum consent consent);
enum rc consent_step(struct work *w, void *consenting);

/* --- shorthands --- */

/* house_do() whatever the version and without a look at what it says. */
enum rc desk_do(struct desk *desk, const struct principal *who, house_step step,
		void *arg);
/* The code of a new request of theirs that the lead has accepted. */
const char *desk_accepted(struct desk *desk, const struct principal *who,
			  const char *patient);
struct msg_booking desk_booked(struct desk *desk, const struct principal *who,
			       const char *request, int64_t at);
/* Their patient's consent to a booking of theirs or its request. */
void desk_consent(struct desk *desk, const struct principal *who,
		  const char *booking, enum consent consent);
/* It begins: the patient's consent to treatment is there, and nobody has looked
 * at what it needs. */
struct msg_booking desk_started(struct desk *desk, const struct principal *who,
				const char *booking);
enum request_status desk_request_status(struct desk *desk, const char *code);
int64_t desk_count(struct desk *desk, const char *sql);

#endif
