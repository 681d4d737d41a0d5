#include "tests/support/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/store/event.h"
#include "daemon/store/idem.h"

#define DIE(...)                                                               \
	do {                                                                   \
		fprintf(stderr, __VA_ARGS__);                                  \
		fputc('\n', stderr);                                           \
		abort();                                                       \
	} while (0)

void ledger_prepare(struct scratch *scratch)
{
	struct db *db = scratch_open(scratch);

	scratch_basics(db, 1);
	scratch_run(db, "CREATE TABLE t (a INTEGER PRIMARY KEY, pad BLOB);"
			"INSERT INTO subject (id, type, slug, site, name)"
			" VALUES (1, 'link', 'l', 1, 'l')");
	if (db_checkpoint(db, DB_LOG_EMPTY, NULL) != RC_OK)
		DIE("no checkpoint");
	db_close(db);
}

static enum rc add_row(struct tx *tx, int number, struct err *err)
{
	struct query q;

	query_begin(&q, tx->db,
		    "INSERT INTO t (a, pad) VALUES ($1, zeroblob(700))");
	query_int(&q, 1, number);
	return query_end(&q, err);
}

static enum rc add_claim(struct tx *tx, int number, struct err *err)
{
	struct query q;
	int64_t from = 10 * (int64_t)number - (number % 3 == 2 ? 5 : 0);

	query_begin(&q, tx->db,
		    "INSERT INTO claim (subject, from_time, to_time, booking,"
		    " role) VALUES (1, $1, $2, 1, 'resource')");
	query_int(&q, 1, from);
	query_int(&q, 2, from + 10);
	return query_end(&q, err);
}

static enum rc run(struct job *job, struct tx *tx)
{
	int number = ((struct ledger_job *)job)->number;
	struct event event = {.actor = "system",
			      .thing = "booking",
			      .id = number,
			      .verb = VERB_BOOK,
			      .reason = "why not",
			      .request_id = "r"};
	struct idem_answer answer = {.status = 201};
	char name[16];
	struct idem_key key = {.identity = 1, .route = "r", .key = name};
	enum rc rc;

	snprintf(name, sizeof(name), "%d", number);
	rc = add_row(tx, number, NULL);
	if (rc == RC_OK)
		rc = event_append(tx, &event, NULL);
	if (rc == RC_OK)
		rc = idem_keep(tx, &key, &answer, NULL);
	if (rc == RC_OK)
		rc = add_claim(tx, number, NULL);
	return rc;
}

void ledger_note(struct ledger *ledger, int number, enum rc outcome)
{
	enum promise promise = PROMISE_ABSENT;

	if (outcome == RC_OK)
		promise = PROMISE_STORED;
	else if (outcome == RC_UNKNOWN)
		promise = PROMISE_NONE;
	ledger->promises[number] = (unsigned char)promise;
	ledger->stored += promise == PROMISE_STORED;
	ledger->absent += promise == PROMISE_ABSENT;
	ledger->unknown += promise == PROMISE_NONE;
}

static void done(struct job *job, enum rc outcome)
{
	struct ledger_job *lj = (struct ledger_job *)job;
	struct ledger *ledger = lj->ledger;

	if (!ledger->deaf) {
		ledger_note(ledger, lj->number, outcome);
		if (ledger->heard != NULL)
			ledger->heard(ledger, lj->number, outcome);
	}
	free(lj);
}

struct job *ledger_job(struct ledger *ledger)
{
	struct ledger_job *lj = calloc(1, sizeof(*lj));

	if (lj == NULL || ledger->next >= LEDGER_MAX)
		DIE("no job");
	lj->job = (struct job){run, done};
	lj->ledger = ledger;
	lj->number = ledger->next++;
	return &lj->job;
}

static void check_rows(struct db *db, const struct ledger *ledger)
{
	unsigned char *there = calloc(LEDGER_MAX, 1);
	struct query q;

	if (there == NULL)
		DIE("no memory");
	query_begin(&q, db, "SELECT a FROM t");
	while (query_row(&q))
		there[query_col_int(&q, 0)] = 1;
	if (query_end(&q, NULL) != RC_OK)
		DIE("rows cannot be read");
	for (int i = 0; i < ledger->next; i++) {
		if (ledger->promises[i] == PROMISE_STORED && !there[i])
			DIE("job %d was acknowledged and is lost", i);
		if (ledger->promises[i] == PROMISE_ABSENT && there[i])
			DIE("job %d was refused and is there", i);
	}
	free(there);
}

/* All that a job adds is there or none of it. */
static void check_whole(struct db *db)
{
	int64_t rows = scratch_number(db, "SELECT count(*) FROM t");

	if (scratch_number(db, "SELECT count(*) FROM t"
			       " JOIN event ON event.id = t.a"
			       " AND event.thing = 'booking'"
			       " JOIN idempotency i ON i.identity = 1 AND"
			       " i.route = 'r' AND i.key = CAST(a AS TEXT)") !=
		    rows ||
	    scratch_number(db, "SELECT count(*) FROM event") != rows ||
	    scratch_number(db, "SELECT count(*) FROM idempotency") != rows ||
	    scratch_number(db, "SELECT count(*) FROM claim") != rows)
		DIE("a job is there in part");
	if (scratch_number(db, "SELECT count(*) FROM claim a JOIN claim b"
			       " ON b.subject = a.subject"
			       " AND b.from_time > a.from_time"
			       " AND b.from_time < a.to_time") != 0)
		DIE("two claims overlap");
}

void ledger_check(struct scratch *scratch, const struct ledger *ledger)
{
	struct db *db = scratch_open(scratch);
	struct tx tx = scratch_tx(scratch, db);
	struct event_report report;

	if (scratch_number(db, "SELECT count(*) FROM pragma_integrity_check"
			       " WHERE integrity_check <> 'ok'") != 0)
		DIE("the database is damaged");
	check_rows(db, ledger);
	check_whole(db);
	if (event_verify(&tx, &report, NULL) != RC_OK || !report.ok)
		DIE("the chain is broken");
	if (db_checkpoint(db, DB_LOG_EMPTY, NULL) != RC_OK)
		DIE("no checkpoint");
	db_close(db);
}
