/*
 * scratch - a store in a folder of its own, for one test.
 *
 * scratch_begin() makes the folder and fills env (system clock and randomness,
 * fixed keys); scratch_end() removes it with all that is in it. The first one
 * of a process initialises the libraries over mem_ops().
 */
#ifndef TESTS_SUPPORT_SCRATCH_H
#define TESTS_SUPPORT_SCRATCH_H

#include "daemon/store/tx.h"

struct scratch {
	char dir[64];
	char path[96]; /* of the database */
	int64_t now;   /* what env.clock says; moved by the test */
	struct clock clock;
	struct store_env env;
};

void scratch_begin(struct scratch *scratch);
void scratch_end(struct scratch *scratch);

/* A writer on it, migrated; aborts when that fails. */
struct db *scratch_open(struct scratch *scratch);
/* To be called before many a fork(): gives back what ASan keeps of memory that
 * was freed, which each fork would copy the pages of. It stays poisoned until
 * it is used again. */
void scratch_lean(void);
/* A writing tx on db, to be filled by event_load_head() where events are. */
struct tx scratch_tx(struct scratch *scratch, struct db *db);
/* Runs DDL or DML or aborts with the reason. */
void scratch_run(struct db *db, const char *sql);
/* The one number that a query without parameters answers; aborts on failure. */
int64_t scratch_number(struct db *db, const char *sql);

/* One site (1), one agreement, one identity, so that bookings can refer to
 * them; `n` bookings 1..n. */
void scratch_basics(struct db *db, int n);

/* The seed of this run: the environment's SEED, or a random one; printed. */
uint64_t scratch_seed(void);
/* A number below `below` out of the seed's sequence (xorshift64*). */
uint64_t scratch_random(uint64_t *state, uint64_t below);

#endif
