/*
 * house - a store with a network in it, Liaoyang's by default, and people who
 * act.
 *
 * house_do() opens a writing tx, lets the step run as that person and commits
 * when it answers RC_OK, as the writer does with a job alone. house_end() holds
 * whatever happened to requests and bookings against the table of transitions.
 */
#ifndef TESTS_SUPPORT_HOUSE_H
#define TESTS_SUPPORT_HOUSE_H

#include "daemon/work/work.h"
#include "tests/support/scratch.h"

struct house {
	struct scratch scratch;
	struct db *db;
	struct event_head head;
	struct keep *keep;
	struct arena arena; /* of all that is answered; until house_end() */
	int people;
};

void house_begin(struct house *house);
/* With another network instead: the text of its file. */
void house_begin_with(struct house *house, const char *network, size_t len);
void house_end(struct house *house);
/* The network was changed behind the back of what is kept of it. */
void house_forget(struct house *house);

/* Enters an identity; NULL site or expert: none. */
struct principal house_person(struct house *house, enum role role,
			      const char *site, const char *expert);

typedef enum rc (*house_step)(struct work *w, void *arg);
/* w is left behind for a look at its faults and blockers. */
enum rc house_do(struct house *house, const struct principal *who,
		 int64_t match, house_step step, void *arg, struct work *out_w);

#endif
