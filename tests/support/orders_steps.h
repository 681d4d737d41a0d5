/*
 * orders_steps - what people do in the orders, step by step.
 */
#ifndef TESTS_SUPPORT_ORDERS_STEPS_H
#define TESTS_SUPPORT_ORDERS_STEPS_H

#include "tests/support/orders.h"

#define MINUTE 60

/* --- drawing --- */
/* The experts, whose turn it is first. */
void orders_by_turn(const struct orders *o, int out[TANGLE_EXPERTS]);

/* Mostly somebody whom the agreement is about. */
int orders_somebody(struct orders *o, int agreement);
int orders_expert_of(struct orders *o, int site);
const char *orders_specialty(struct orders *o);
/* One of n, mostly of the last, to which something still happens. */
int orders_recent(struct orders *o, int n);
struct naive_ask orders_new_ask(struct orders *o, enum kind kind,
				int agreement);
/* Rooms of either side that must take part, sometimes. */
void orders_name_rooms(struct orders *o, struct naive_ask *ask,
		       const char *with[2], size_t *out_n);
/* The board for it, about now. */
void orders_lay(struct orders *o, const struct naive_ask *ask);
/* The first expert who may, by the board. */
bool orders_may(const struct orders *o, const struct naive_ask *ask, int64_t at,
		int *out_expert);
/* Mostly one that may do, or nearly; by the board. */
int64_t orders_some_time(struct orders *o, const struct naive_ask *ask);

/* --- requests --- */

/* One verb on one request or booking. */
struct orders_on {
	const char *code;
	struct msg_accept accept;
	struct msg_reason reason;
	struct msg_request r;
	struct msg_booking b;
};

/* What somebody who must be on one of the sides, of a request that must be in
 * one of the states, is answered. */
enum rc orders_request_rc(struct orders *o, int who, int request,
			  unsigned sides, unsigned states);
void orders_schedule(struct orders *o, int request, enum request_status to,
		     enum verb verb);

/* --- taking time --- */

/* What somebody wants, as a message and as the model has it. */
struct orders_want {
	int who;
	int request; /* or TANGLE_NONE */
	bool hold;
	struct msg_book in;
	struct msg_booking out;
	struct msg_patient patient;
	char local[16];
	const char *with[2];
	struct naive_ask ask;
};

enum rc orders_take_step(struct work *w, void *arg); /* an orders_want */
/* Whose patient it is, if the asker may say so. */
enum rc orders_say_site(struct orders *o, int who, int agreement,
			const char **out_site);
/* What the booking is wished for as, when it moves. */
struct naive_ask orders_ask_again(struct orders *o, int booking);

/* Too late to be given back to its month's quota? */
bool orders_is_late(const struct orders *o, const struct naive_booking *b);

/* Every start in the window, by the board, into o->slots; answers how many. */
size_t orders_brute_force(struct orders *o, const struct naive_ask *ask,
			  int64_t from, int64_t to, int64_t about);
/* The slots are the first n of them. */
void orders_compare(struct orders *o, const struct field_list *slots, size_t n,
		    const char *what);

/* --- steps --- */

void orders_step_submit(struct orders *o);
void orders_step_accept(struct orders *o);
void orders_step_end_request(struct orders *o);
void orders_step_take(struct orders *o); /* book or hold */
void orders_step_move(struct orders *o);

#endif
