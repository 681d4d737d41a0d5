/*
 * ledger - what was promised about each of many jobs, and whether it was kept.
 *
 * Job n adds row n, an event with a sealed body, an idempotency key and a claim
 * of one and the same subject; every third claim overlaps the one before it.
 * The outcomes are noted as done() hears them; ledger_check() then opens the
 * database afresh and compares.
 */
#ifndef TESTS_SUPPORT_LEDGER_H
#define TESTS_SUPPORT_LEDGER_H

#include "daemon/store/executor.h"
#include "tests/support/scratch.h"

#define LEDGER_MAX 200000

enum promise {
	PROMISE_NONE, /* not settled, or RC_UNKNOWN: either may be */
	PROMISE_STORED,
	PROMISE_ABSENT,
};

struct ledger_job {
	struct job job;
	struct ledger *ledger;
	int number;
};

struct ledger {
	unsigned char promises[LEDGER_MAX];
	int next;  /* number of the next job */
	bool deaf; /* outcomes are not noted: nobody is there to hear them */
	/* Called after noting, when not NULL. */
	void (*heard)(struct ledger *ledger, int number, enum rc outcome);
	void *ctx;
	int stored, absent, unknown; /* counts of outcomes heard */
};

/* Makes the tables and rows that the jobs use; before the first job. */
void ledger_prepare(struct scratch *scratch);
/* The next job; freed by its done(). */
struct job *ledger_job(struct ledger *ledger);
/* Notes an outcome that was heard elsewhere. */
void ledger_note(struct ledger *ledger, int number, enum rc outcome);
/* Aborts with a text when the database breaks a promise, its chain or itself.
 */
void ledger_check(struct scratch *scratch, const struct ledger *ledger);

#endif
