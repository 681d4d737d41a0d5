/*
 * orders - a store with a tangle in it, its naive model beside it, and people
 * who act on both; for the property that no order of steps breaks anything.
 *
 * A step acts through orders_act(), tells the model what must have happened,
 * and notes the events that it must have left; orders_look() then compares
 * every row with the model. What does not fit ends the program with the seed,
 * the last steps and the network.
 */
#ifndef TESTS_SUPPORT_ORDERS_H
#define TESTS_SUPPORT_ORDERS_H

#include "tests/support/house.h"
#include "tests/support/naive.h"

enum {
	HUB_LEAD,
	EAST_LEAD,
	EAST_PEOPLE,
	WEST_PEOPLE,
	STRANGER,
	DOCTOR, /* ONE */
	ORDERS_PEOPLE
};

#define ORDERS_TRACE 30
#define ORDERS_EVENTS 64
#define ORDERS_IDS 1024

#define ORDERS_SLOTS 20000
struct orders_slot {
	int64_t at, distance;
	int expert;
	int turn; /* of the experts, 0: the first */
};

struct orders {
	uint64_t seed;
	struct fake_rnd rnd, codes;
	struct house house;
	struct principal people[ORDERS_PEOPLE];
	struct tangle net;
	struct naive m;
	struct naive_board board;
	struct orders_slot slots[ORDERS_SLOTS];
	int subject_of[ORDERS_IDS]; /* by id of the store; or TANGLE_NONE */
	struct work w;		    /* what the last act left behind */
	int step;
	char trace[ORDERS_TRACE][500];
	int64_t seq; /* of the last event that was looked at */
	struct {
		char code[CODE_LEN + 1];
		enum verb verb;
	} events[ORDERS_EVENTS];
	int nevents;
	/* how often what was seen */
	struct {
		int offered, taken, refused, nearest, imports, rechecked;
		int orphans, lapsed, moved, spent;
	} seen;
};

void orders_begin(struct orders *o, uint64_t seed);
void orders_end(struct orders *o);

/* One line more for the trace. */
__attribute__((format(printf, 2, 3))) void orders_note(struct orders *o,
						       const char *fmt, ...);
/* Something is as it must not be. */
__attribute__((format(printf, 2, 3), noreturn)) void
orders_wrong(struct orders *o, const char *fmt, ...);
/* The answer must be that. */
void orders_expect(struct orders *o, enum rc want, enum rc got);

int64_t orders_below(struct orders *o, int64_t bound);
bool orders_rarely(struct orders *o, int64_t n);

/* In a transaction of its own; o->w is left behind. */
enum rc orders_act(struct orders *o, int who, int64_t match, house_step step,
		   void *arg);
/* The same, taken back whatever it answers. */
enum rc orders_try(struct orders *o, int who, house_step step, void *arg);

/* Which sides of it somebody is on (SIDE_*). */
unsigned orders_sides(const struct orders *o, int who, int agreement,
		      int expert);
unsigned orders_sides_of_request(struct orders *o, int who, int request);
/* Whose it is: while it is booked its booking's, else whom it was accepted
 * for; TANGLE_NONE: anybody's. */
int orders_expert_of_request(struct orders *o, int request);
unsigned orders_sides_of_booking(const struct orders *o, int who, int booking);
/* What finding it answers to somebody who must be on one of the sides. */
enum rc orders_found(unsigned has, unsigned wanted);

/* The change that must be in the log, in whatever order within a step. */
void orders_event(struct orders *o, const char *code, enum verb verb);
/* Every hold that is over ends, as before anything is taken. */
void orders_lapse(struct orders *o);

/* Reads the booking's claims as they are stored. */
int orders_claims(struct orders *o, int64_t booking,
		  struct naive_claim out[NAIVE_CLAIMS]);
/* Every row is as the model has it, and the log grew by what was noted. */
void orders_look(struct orders *o);
void orders_verify(struct orders *o);

#endif
