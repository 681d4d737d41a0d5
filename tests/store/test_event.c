#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "daemon/store/event.h"
#include "tests/support/scratch.h"

static struct scratch scratch;
static struct db *db;
static struct tx tx;

/* Six rows: with and without body, with and without nulls. */
static const struct event rows[] = {
	{.actor = "wang",
	 .actor_site = 2,
	 .lead = 1,
	 .partner = 2,
	 .thing = "request",
	 .id = 7,
	 .code = "7K2MQX9D",
	 .version = 1,
	 .verb = VERB_SUBMIT,
	 .to_state = "submitted",
	 .request_id = "r1"},
	{.actor = "li",
	 .actor_site = 1,
	 .lead = 1,
	 .partner = 2,
	 .thing = "request",
	 .id = 7,
	 .code = "7K2MQX9D",
	 .version = 2,
	 .verb = VERB_DECLINE,
	 .from_state = "submitted",
	 .to_state = "declined",
	 .reason = "没有号源: no place this month",
	 .request_id = "r2"},
	{.actor = "system",
	 .thing = "network",
	 .id = 1,
	 .version = 1,
	 .verb = VERB_IMPORT,
	 .request_id = "r3"},
	{.actor = "li",
	 .actor_site = 1,
	 .lead = 1,
	 .thing = "request",
	 .id = 7,
	 .version = 2,
	 .verb = VERB_READ,
	 .request_id = "r4",
	 .class = EVENT_ACCESS},
	{.actor = "li",
	 .lead = 1,
	 .partner = 2,
	 .thing = "booking",
	 .id = 7,
	 .version = 2,
	 .verb = VERB_CANCEL,
	 .reason = "",
	 .request_id = ""},
	{.actor = "system",
	 .thing = "booking",
	 .id = 8,
	 .version = 1,
	 .verb = VERB_LAPSE,
	 .request_id = "r6"},
};

#define NROWS ((int)(sizeof(rows) / sizeof(rows[0])))

static int set_up(void **state)
{
	(void)state;
	scratch_begin(&scratch);
	db = scratch_open(&scratch);
	tx = scratch_tx(&scratch, db);
	for (int i = 0; i < NROWS; i++)
		if (event_append(&tx, &rows[i], NULL) != RC_OK)
			return -1;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	db_close(db);
	scratch_end(&scratch);
	return 0;
}

static struct event_report verify(void)
{
	struct event_report report;

	assert_int_equal(event_verify(&tx, &report, NULL), RC_OK);
	return report;
}

static void test_whole(void **state)
{
	struct event_report report = verify();
	struct event_head head;

	(void)state;
	assert_true(report.ok);
	assert_int_equal(report.events, NROWS);
	assert_int_equal(report.first_bad, 0);
	assert_int_equal(strlen(report.epoch), 32);
	assert_int_equal(event_load_head(db, &head, NULL), RC_OK);
	assert_int_equal(head.seq, NROWS);
	assert_memory_equal(&head, &tx.head, sizeof(head));
	assert_memory_equal(&head, &report.head, sizeof(head));
}

static void test_empty(void **state)
{
	struct event_report report;
	struct event_head head;

	(void)state;
	scratch_run(db, "DROP TRIGGER event_delete; DELETE FROM event");
	report = verify();
	assert_true(report.ok);
	assert_int_equal(report.events, 0);
	assert_int_equal(event_load_head(db, &head, NULL), RC_OK);
	assert_int_equal(head.seq, 0);
}

static void test_history(void **state)
{
	struct arena arena;
	struct event *events;
	size_t n;

	(void)state;
	arena_init(&arena, 65536);
	assert_int_equal(
		event_history(&tx, "request", 7, &arena, &events, &n, NULL),
		RC_OK);
	/* a reading is a record, but no part of the history */
	assert_int_equal(n, 2);
	assert_int_equal(events[0].seq, 1);
	assert_true(events[0].at == scratch.now);
	assert_string_equal(events[0].code, "7K2MQX9D");
	assert_null(events[0].from_state);
	assert_null(events[0].reason);
	assert_int_equal(events[1].verb, VERB_DECLINE);
	assert_string_equal(events[1].reason, rows[1].reason);
	assert_int_equal(events[1].class, EVENT_CHANGE);
	assert_int_equal(1, scratch_number(db, "SELECT count(*) FROM event"
					       " WHERE thing = 'request'"
					       " AND id = 7"
					       " AND class = 'access'"));
	assert_int_equal(
		event_history(&tx, "booking", 7, &arena, &events, &n, NULL),
		RC_OK);
	assert_int_equal(n, 1);
	assert_string_equal(events[0].reason, "");
	assert_int_equal(
		event_history(&tx, "booking", 9, &arena, &events, &n, NULL),
		RC_OK);
	assert_int_equal(n, 0);
	arena_fini(&arena);
	arena_init(&arena, 64);
	assert_int_equal(
		event_history(&tx, "request", 7, &arena, &events, &n, NULL),
		RC_NOMEM);
	arena_fini(&arena);
}

/* Who read a thing: the newest so many, and how many besides. */
static void test_reads(void **state)
{
	struct event read = {.thing = "request",
			     .id = 7,
			     .version = 1,
			     .verb = VERB_READ,
			     .request_id = "r",
			     .class = EVENT_ACCESS};
	static const char *const who[] = {"a", "b", "c"};
	struct event *events;
	struct arena arena;
	size_t n, more;

	(void)state;
	arena_init(&arena, 65536);
	assert_int_equal(event_reads(&tx, "request", 7, 5, &arena, &events, &n,
				     &more, NULL),
			 RC_OK);
	size_t before = n;

	for (size_t i = 0; i < 3; i++) {
		read.actor = who[i];
		assert_int_equal(event_append(&tx, &read, NULL), RC_OK);
	}
	assert_int_equal(event_reads(&tx, "request", 7, 2, &arena, &events, &n,
				     &more, NULL),
			 RC_OK);
	assert_int_equal(n, 2);
	assert_int_equal(more, before + 1);
	assert_string_equal(events[0].actor, "b");
	assert_string_equal(events[1].actor, "c");
	assert_int_equal(events[1].class, EVENT_ACCESS);
	assert_int_equal(event_reads(&tx, "request", 7, 50, &arena, &events, &n,
				     &more, NULL),
			 RC_OK);
	assert_int_equal(n, before + 3);
	assert_int_equal(more, 0);
	assert_int_equal(event_reads(&tx, "booking", 99, 5, &arena, &events, &n,
				     &more, NULL),
			 RC_OK);
	assert_int_equal(n + more, 0);
	arena_fini(&arena);
}

/* No reason stands readable in the file. */
static void test_sealed(void **state)
{
	(void)state;
	assert_int_equal(
		scratch_number(db,
			       "SELECT count(*) FROM event"
			       " WHERE instr(body, CAST('no place' AS BLOB))"),
		0);
	assert_int_equal(scratch_number(db, "SELECT count(*) FROM event"
					    " WHERE body IS NOT NULL"),
			 2);
}

static void test_purge(void **state)
{
	struct arena arena;
	struct event *events;
	size_t n;

	(void)state;
	scratch_run(db, "UPDATE event SET body = NULL WHERE id = 7");
	assert_true(verify().ok);
	arena_init(&arena, 65536);
	assert_int_equal(
		event_history(&tx, "request", 7, &arena, &events, &n, NULL),
		RC_OK);
	assert_int_equal(n, 2);
	assert_null(events[1].reason);
	arena_fini(&arena);
}

static enum rc change(const char *text)
{
	return db_script(db, text, NULL);
}

/* The database itself refuses what the log's rules forbid. */
static void test_refusals(void **state)
{
	static const char *const texts[] = {
		"DELETE FROM event WHERE seq = 6",
		"UPDATE event SET seq = 9 WHERE seq = 6",
		"UPDATE event SET at = 1 WHERE seq = 6",
		"UPDATE event SET actor = 'x' WHERE seq = 6",
		"UPDATE event SET actor_site = 1 WHERE seq = 6",
		"UPDATE event SET actor_site = NULL WHERE seq = 1",
		"UPDATE event SET lead = 1 WHERE seq = 6",
		"UPDATE event SET partner = 1 WHERE seq = 6",
		"UPDATE event SET thing = 'x' WHERE seq = 6",
		"UPDATE event SET id = 1 WHERE seq = 6",
		"UPDATE event SET code = 'x' WHERE seq = 6",
		"UPDATE event SET version = 9 WHERE seq = 6",
		"UPDATE event SET verb = 'book' WHERE seq = 6",
		"UPDATE event SET from_state = 'x' WHERE seq = 6",
		"UPDATE event SET to_state = 'x' WHERE seq = 6",
		"UPDATE event SET request_id = 'x' WHERE seq = 6",
		"UPDATE event SET class = 'x' WHERE seq = 6",
		"UPDATE event SET body = x'01' WHERE seq = 6",
		"UPDATE event SET body = x'01' WHERE seq = 2",
		"UPDATE event SET body_hash = x'' WHERE seq = 2",
		"UPDATE event SET prev = hash WHERE seq = 6",
		"UPDATE event SET hash = prev WHERE seq = 6",
		"UPDATE event SET body = NULL, at = 1 WHERE seq = 2",
		"REPLACE INTO event SELECT * FROM event WHERE seq = 6",
		"INSERT OR IGNORE INTO event SELECT * FROM event WHERE seq = 6",
		"INSERT INTO event (seq, at, actor, thing, id, version, verb,"
		" request_id, class, body_hash, prev, hash) SELECT 8, at, "
		"actor,"
		" thing, id, version, verb, request_id, class, body_hash, hash,"
		" hash FROM event WHERE seq = 6",
		"INSERT INTO event (seq, at, actor, thing, id, version, verb,"
		" request_id, class, body_hash, prev, hash) SELECT 7, at, "
		"actor,"
		" thing, id, version, verb, request_id, class, body_hash, prev,"
		" hash FROM event WHERE seq = 6",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (change(texts[i]) != RC_RULE)
			fail_msg("%s", texts[i]);
	assert_true(verify().ok);
	assert_int_equal(verify().events, NROWS);
}

/* Whoever gets round the triggers is found. */
static void test_tampering(void **state)
{
	static const struct {
		const char *text;
		int first_bad;
	} edits[] = {
		{"UPDATE event SET at = at + 1 WHERE seq = 3", 3},
		{"UPDATE event SET actor = 'wanh' WHERE seq = 1", 1},
		{"UPDATE event SET actor = 'wan', thing = 'grequest'"
		 " WHERE seq = 1",
		 1},
		{"UPDATE event SET actor_site = NULL WHERE seq = 1", 1},
		{"UPDATE event SET actor_site = 0 WHERE seq = 6", 6},
		{"UPDATE event SET lead = 2, partner = 1 WHERE seq = 2", 2},
		{"UPDATE event SET partner = NULL WHERE seq = 2", 2},
		{"UPDATE event SET thing = 'booking' WHERE seq = 2", 2},
		{"UPDATE event SET id = 8 WHERE seq = 5", 5},
		{"UPDATE event SET code = '' WHERE seq = 4", 4},
		{"UPDATE event SET code = NULL WHERE seq = 1", 1},
		{"UPDATE event SET version = 3 WHERE seq = 2", 2},
		{"UPDATE event SET verb = 'accept' WHERE seq = 2", 2},
		{"UPDATE event SET from_state = to_state WHERE seq = 2", 2},
		{"UPDATE event SET to_state = NULL WHERE seq = 2", 2},
		{"UPDATE event SET request_id = 'r9' WHERE seq = 2", 2},
		{"UPDATE event SET class = 'change' WHERE seq = 4", 4},
		{"UPDATE event SET body = zeroblob(60) WHERE seq = 2", 2},
		{"UPDATE event SET body = zeroblob(60) WHERE seq = 3", 3},
		{"UPDATE event SET body_hash = x'', body = NULL"
		 " WHERE seq = 2",
		 2},
		{"UPDATE event SET prev = zeroblob(32) WHERE seq = 4", 4},
		{"UPDATE event SET hash = zeroblob(32) WHERE seq = 4", 4},
		{"DELETE FROM event WHERE seq = 1", 2},
		{"DELETE FROM event WHERE seq = 4", 5},
		{"DELETE FROM event WHERE seq = 4;"
		 "UPDATE event SET seq = seq - 1 WHERE seq > 4",
		 4},
		{"UPDATE event SET seq = -3 WHERE seq = 3;"
		 "UPDATE event SET seq = 3 WHERE seq = 4;"
		 "UPDATE event SET seq = 4 WHERE seq = -3",
		 3},
	};

	(void)state;
	scratch_run(db, "DROP TRIGGER event_update; DROP TRIGGER event_delete");
	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		struct event_report report;

		scratch_run(db, "BEGIN");
		scratch_run(db, edits[i].text);
		report = verify();
		scratch_run(db, "ROLLBACK");
		if (report.ok || report.first_bad != edits[i].first_bad ||
		    report.detail == NULL)
			fail_msg("%s", edits[i].text);
	}
	assert_true(verify().ok);
}

/* A sealed reason put into another row does not open. */
static void test_moved_body(void **state)
{
	struct arena arena;
	struct event *events;
	size_t n;

	(void)state;
	scratch_run(db, "DROP TRIGGER event_update;"
			"UPDATE event SET body = (SELECT body FROM event"
			" WHERE seq = 2) WHERE seq = 5");
	arena_init(&arena, 65536);
	assert_int_equal(
		event_history(&tx, "booking", 7, &arena, &events, &n, NULL),
		RC_CORRUPT);
	scratch_run(db, "UPDATE event SET body = x'0102' WHERE seq = 5");
	assert_int_equal(
		event_history(&tx, "booking", 7, &arena, &events, &n, NULL),
		RC_CORRUPT);
	scratch_run(db, "UPDATE event SET verb = 'sing' WHERE seq = 6");
	assert_int_equal(
		event_history(&tx, "booking", 8, &arena, &events, &n, NULL),
		RC_CORRUPT);
	arena_fini(&arena);
}

/* What cannot be appended moves no head. */
static void test_failed_append(void **state)
{
	struct event_head before = tx.head;
	static char long_reason[70000];
	struct event event = rows[1];

	(void)state;
	memset(long_reason, 'x', sizeof(long_reason) - 1);
	event.reason = long_reason;
	assert_int_not_equal(event_append(&tx, &event, NULL), RC_OK);
	event = rows[1];
	event.actor = NULL;
	assert_int_equal(event_append(&tx, &event, NULL), RC_RULE);
	assert_memory_equal(&before, &tx.head, sizeof(before));
	assert_int_equal(event_append(&tx, &rows[1], NULL), RC_OK);
	assert_true(verify().ok);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_whole),      TEST(test_empty),
		TEST(test_history),    TEST(test_reads),
		TEST(test_sealed),     TEST(test_purge),
		TEST(test_refusals),   TEST(test_tampering),
		TEST(test_moved_body), TEST(test_failed_append),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
