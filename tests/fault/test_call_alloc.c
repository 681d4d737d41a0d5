/*
 * The n-th allocation fails while a call is decoded and run: each time it ends
 * with a clean refusal and nothing of it is stored, or it is whole all the
 * same, or the process aborts. One step of a booking's life after the other,
 * every n of each.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "daemon/api/call.h"
#include "tests/support/fake.h"
#include "tests/support/house.h"

/* Monday 2027-01-18 08:00 in Shanghai, when coronary-1 begins. */
#define MONDAY "2027-01-18T00:00:00Z"
#define TUESDAY_NIGHT "2027-01-19T15:00:00Z"

static struct house house;
static struct api_config config;
static struct principal lead, one, admin;
static const struct api_public public = {.people = "localhost:1",
					 .partners = "localhost:2"};
static int steps_done;
static char request[CODE_SHOWN_LEN + 1], booking[CODE_SHOWN_LEN + 1];

static int setup(void **state)
{
	(void)state;
	house_begin(&house);
	lead = house_person(&house, ROLE_LEAD_COORDINATOR, "anzhen", NULL);
	one = house_person(&house, ROLE_SITE_COORDINATOR, "liaoyang-central",
			   NULL);
	admin = house_person(&house, ROLE_ADMINISTRATOR, NULL, NULL);
	config = (struct api_config){.store = &house.scratch.env,
				     .clock = &house.scratch.clock,
				     .ca_cert_pem = "an authority"};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	house_end(&house);
	return 0;
}

/* --- one call --- */

struct step {
	const struct principal *who;
	enum http_method method;
	const char *path; /* @: the code */
	const char *code;
	const char *input; /* body or query */
	enum rc expected;
	char *out_code; /* where the code of what is made goes */
};

static struct call *make_call(const struct step *s)
{
	struct route_match match;
	char path[128];

	size_t head = strcspn(s->path, "@");

	snprintf(path, sizeof(path), "%.*s%s%s", (int)head, s->path,
		 s->path[head] ? s->code : "",
		 s->path[head] ? s->path + head + 1 : "");
	route_find(s->method, (struct http_str){path, strlen(path)}, &match);
	assert_non_null(match.route);
	struct call *c = call_new(&config, NULL, match.route);

	assert_non_null(c);
	memcpy(c->param, match.param, sizeof(c->param));
	strcpy(c->request_id, "0123456789abcdef");
	c->who = *s->who;
	c->match = WORK_MATCH_ANY;
	c->has_key = s->method == HTTP_POST;
	snprintf(c->key, sizeof(c->key), "key-%d", steps_done);
	/* What the routes' prepare() makes: a secret's hash, a signature. */
	c->public = &public;
	c->hash[0] = 1;
	c->cert_key[0] = (uint8_t)(0x80 + steps_done);
	c->cert = (struct work_certified){.issuer = c->cert_issuer,
					  .key = c->cert_key,
					  .not_after = house.scratch.now +
						       365 * 86400};
	buf_str(&c->cert_pem, "a certificate");
	c->idem = (struct idem_key){.identity = s->who->identity,
				    .route = match.route->path,
				    .key = c->key};
	return c;
}

static enum rc decode(struct call *c, const struct step *s)
{
	const struct msg *query = c->route->query;

	if (c->route->body)
		return call_decode(c, s->input, strlen(s->input));
	if (!query)
		return RC_OK;
	c->in = arena_alloc(&c->arena, query->size);
	return c->in ? proto_decode_query(query, s->input, strlen(s->input),
					  &c->arena, c->in, &c->w.faults,
					  &c->w.err)
		     : RC_NOMEM;
}

/* --- what is stored --- */

#define LOOKS 12

struct stored {
	int64_t n[LOOKS];
};

static struct stored look(void)
{
	static const char *const sql[LOOKS] = {
		"SELECT count(*) + sum(version) FROM request",
		"SELECT count(*) + sum(version) FROM booking",
		"SELECT count(*) + sum(from_time % 100000) FROM claim",
		"SELECT count(*) FROM event",
		"SELECT count(*) FROM idempotency",
		"SELECT count(*) + sum(longest) FROM subject",
		"SELECT count(*) FROM request WHERE status = 'scheduled'",
		"SELECT count(*) FROM booking WHERE status = 'booked'",
		"SELECT count(*) + sum(revoked_at IS NULL) FROM identity",
		"SELECT count(*) + sum(not_after % 100000) FROM certificate",
		"SELECT count(*) + sum(not_after % 100000) FROM token",
		"SELECT count(*) + sum(used_at IS NULL) FROM invitation",
	};
	struct stored stored;

	for (size_t i = 0; i < LOOKS; i++)
		stored.n[i] = scratch_number(house.db, sql[i]);
	return stored;
}

static void assert_as_before(const struct stored *before)
{
	struct stored now = look();

	assert_memory_equal(before, &now, sizeof(now));
}

/* --- the walk --- */

static void take_code(const struct call *c, const struct step *s)
{
	const char *made;
	struct code code;

	if (!s->out_code)
		return;
	memcpy(&made, c->out, sizeof(made)); /* the first field */
	assert_true(code_read(made, strlen(made), &code));
	code_show(&code, s->out_code);
}

/* The writer runs a job again where another of its batch was undone: it ends
 * as it did, and takes no more memory than once. */
static void run_again(struct call *c, struct tx *tx, enum rc outcome)
{
	size_t used = c->arena.used;

	db_rollback_savepoint(house.db);
	*tx = scratch_tx(&house.scratch, house.db);
	tx->head = house.head;
	assert_int_equal(RC_OK, db_savepoint(house.db, NULL));
	assert_int_equal(outcome, call_run(c, tx));
	assert_int_equal(used, c->arena.used);
}

/* The outcome, with the n-th allocation failing (0: none). It is undone unless
 * it is to be kept. */
static enum rc run_once(const struct step *s, uint64_t n, bool keep,
			uint64_t *out_calls)
{
	struct tx tx = scratch_tx(&house.scratch, house.db);
	const struct stored before = look();
	struct call *c = make_call(s);

	tx.head = house.head;
	assert_int_equal(RC_OK, db_begin(house.db, NULL));
	assert_int_equal(RC_OK, db_savepoint(house.db, NULL));
	fake_mem_fail_at(n);
	enum rc rc = decode(c, s);

	if (rc == RC_OK)
		rc = call_run(c, &tx);
	*out_calls = fake_mem_calls();
	fake_mem_restore();
	if (n == 0 && c->ran)
		run_again(c, &tx, rc);
	if (rc == RC_OK) {
		assert_int_equal(2, c->reply.status / 100);
		assert_false(c->reply.body.failed);
		assert_true(c->reply.body.len > 2);
		take_code(c, s);
	} else {
		call_fail(c, rc);
		assert_int_equal(rc_row(rc)->http, c->reply.status);
		assert_false(c->reply.body.failed);
		db_rollback_savepoint(house.db);
		if (db_in_transaction(house.db))
			assert_as_before(&before);
	}
	if (rc == RC_OK && keep) {
		assert_int_equal(RC_OK, db_release(house.db, NULL));
		assert_int_equal(RC_OK, db_commit(house.db, NULL));
		house.head = tx.head;
	} else {
		db_rollback(house.db);
		assert_as_before(&before);
	}
	call_free(c);
	return rc;
}

enum { REFUSED = 40, DONE, FINISHED };

/* What the n-th failure makes of it, in a process of its own, since sizes that
 * we choose ourselves abort: 0 for that, or one of the above. */
static int one_life(const struct step *s, uint64_t n)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct rlimit no_core = {0, 0};
		uint64_t calls;

		setrlimit(RLIMIT_CORE, &no_core);
		signal(SIGABRT, SIG_DFL);
		enum rc rc = run_once(s, n, false, &calls);

		if (rc != RC_NOMEM && rc != s->expected)
			fail_msg("%s: allocation %llu: %s", s->path,
				 (unsigned long long)n, rc_row(rc)->code);
		_exit(calls < n ? FINISHED : rc == RC_NOMEM ? REFUSED : DONE);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status)) {
		assert_int_equal(SIGABRT, WTERMSIG(status));
		return 0;
	}
	assert_true(WEXITSTATUS(status) >= REFUSED);
	return WEXITSTATUS(status);
}

static void walk(const struct step *s)
{
	int figures[FINISHED + 1] = {0}, end;
	const struct stored before = look();
	uint64_t calls;

	/* a statement is made once and kept */
	assert_int_equal(s->expected, run_once(s, 0, false, &calls));
	scratch_lean();
	for (uint64_t n = 1; (end = one_life(s, n)) != FINISHED; n++)
		figures[end]++;
	assert_as_before(&before);
	print_message("%s: %d refused, %d aborted, %d done all the same\n",
		      s->path, figures[REFUSED], figures[0], figures[DONE]);
	assert_true(figures[REFUSED] > figures[0]);
	assert_int_equal(s->expected, run_once(s, 0, true, &calls));
	steps_done++;
}

#define NEW_REQUEST                                                            \
	"{\"kind\":\"remote-consultation\",\"site\":\"liaoyang-central\","     \
	"\"reason\":\"chest pain\",\"specialty\":\"coronary\","                \
	"\"expert\":\"coronary-1\",\"patient\":{\"local_id\":\"P1\","          \
	"\"name\":\"Canary\",\"summary\":\"stable\"}}"

static char book[128], book_again[128], later[128], night[128];

static void a_booking_s_life(void **state)
{
	static const char *const query =
		"kind=remote-consultation&n=3&with=anzhen/bridge";
	static char slots[64];
	const struct step steps[] = {
		{&one, HTTP_POST, "/v1/requests", "", NEW_REQUEST, RC_OK,
		 request},
		{&one, HTTP_GET, "/v1/requests", "", "", RC_OK, NULL},
		{&lead, HTTP_POST, "/v1/requests/@/accept", request, "{}",
		 RC_OK, NULL},
		{&lead, HTTP_GET, "/v1/requests/@", request, "", RC_OK, NULL},
		{&one, HTTP_GET, "/v1/slots", "", query, RC_OK, NULL},
		{&one, HTTP_GET, "/v1/slots", "", slots, RC_OK, NULL},
		{&one, HTTP_POST, "/v1/holds", "", book, RC_OK, booking},
		{&one, HTTP_POST, "/v1/bookings/@/confirm", booking, "{}",
		 RC_OK, NULL},
		{&one, HTTP_POST, "/v1/bookings/@/move", booking, later, RC_OK,
		 NULL},
		{&one, HTTP_POST, "/v1/bookings/@/move", booking, night,
		 RC_REFUSED, NULL},
		{&lead, HTTP_GET, "/v1/experts/coronary-1/schedule", "",
		 "from=" MONDAY, RC_OK, NULL},
		{&one, HTTP_POST, "/v1/bookings/@/cancel", booking,
		 "{\"reason\":\"feels better\"}", RC_OK, NULL},
		{&one, HTTP_GET, "/v1/bookings/@", booking, "", RC_OK, NULL},
		{&one, HTTP_GET, "/v1/bookings", "", "", RC_OK, NULL},
		{&one, HTTP_POST, "/v1/bookings", "", book_again, RC_OK,
		 booking},
	};

	(void)state;
	snprintf(later, sizeof(later), "{\"at\":\"2027-01-18T01:00:00Z\"}");
	snprintf(night, sizeof(night), "{\"at\":\"" TUESDAY_NIGHT "\"}");
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		snprintf(slots, sizeof(slots), "request=%s", request);
		snprintf(book, sizeof(book),
			 "{\"request\":\"%s\",\"at\":\"" MONDAY "\"}", request);
		memcpy(book_again, book, sizeof(book));
		walk(&steps[i]);
	}
	struct event_report report;
	struct tx tx = scratch_tx(&house.scratch, house.db);

	assert_int_equal(RC_OK, event_verify(&tx, &report, NULL));
	assert_true(report.ok);
	assert_int_equal(1,
			 scratch_number(house.db, "SELECT count(*) FROM booking"
						  " WHERE status = 'booked'"));
}

/* lead, one and admin are the first three. */
static void somebody_s_life(void **state)
{
	const struct step steps[] = {
		{&admin, HTTP_POST, "/v1/invitations", "",
		 "{\"name\":\"x\",\"role\":\"auditor\",\"site\":\"anzhen\"}",
		 RC_OK, NULL},
		{&admin, HTTP_POST, "/v1/enroll", "",
		 "{\"secret\":\"00000000000000000000000000000000\","
		 "\"csr\":\"x\"}",
		 RC_OK, NULL},
		{&admin, HTTP_GET, "/v1/invitations", "", "", RC_OK, NULL},
		{&lead, HTTP_POST, "/v1/certificate", "", "{\"csr\":\"x\"}",
		 RC_OK, NULL},
		{&lead, HTTP_POST, "/v1/certificate", "", "{\"csr\":\"x\"}",
		 RC_OK, NULL},
		{&admin, HTTP_POST, "/v1/tokens", "",
		 "{\"name\":\"x\",\"site\":\"anzhen\",\"scopes\":[\"read\"]}",
		 RC_OK, NULL},
		{&admin, HTTP_POST, "/v1/invitations/invitation-1/revoke", "",
		 "{\"reason\":\"x\"}", RC_STATE, NULL},
		{&admin, HTTP_POST, "/v1/users/user-4/revoke", "",
		 "{\"reason\":\"x\"}", RC_OK, NULL},
		{&admin, HTTP_POST, "/v1/users/user-3/revoke", "",
		 "{\"reason\":\"x\"}", RC_STATE, NULL},
		{&admin, HTTP_GET, "/v1/users", "", "status=live", RC_OK, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		walk(&steps[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_booking_s_life, setup,
						teardown),
		cmocka_unit_test_setup_teardown(somebody_s_life, setup,
						teardown),
	};

	/* above the lowest level there is: thousands of lines otherwise */
	log_init(STDERR_FILENO, LOG_LVL_ERR - 1, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
