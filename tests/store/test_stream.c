/*
 * The stream of events over a conn without a socket: what it asks of the store
 * and when, how it ends, how large its pieces are, and that the n-th
 * allocation that fails makes no event wrong.
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
#include "daemon/api/stream.h"
#include "daemon/net/conn.h"
#include "tests/support/desk.h"
#include "tests/support/fake.h"

#define LONG_LOG (STREAM_BEHIND + 1000)
#define OUT_MAX_ ((size_t)64 << 20)
#define ROOM 65536

static struct desk desk;
static struct fake_clock time_;
static struct fake_rnd random_;
static struct executor *executor;
static struct api *api;
static struct net_config net_config;
static struct conn_stats stats;
static struct conn_env env;
static char epoch[EVENT_EPOCH_LEN + 1];

/* --- the writer --- */

struct step {
	struct job job;
	const struct principal *who;
	house_step run;
	void *arg;
	enum rc outcome;
};

static enum rc step_run(struct job *job, struct tx *tx)
{
	struct step *s = (struct step *)(void *)job;
	struct work w = {.tx = tx,
			 .who = s->who,
			 .arena = &desk.house.arena,
			 .request_id = "test",
			 .match = WORK_MATCH_ANY};

	return s->run(&w, s->arg);
}

static void step_done(struct job *job, enum rc outcome)
{
	((struct step *)(void *)job)->outcome = outcome;
}

static void submit(void)
{
	struct ask_for a = ask_for("liaoyang-central", "S1");
	struct step s = {{step_run, step_done, false},
			 &desk.one,
			 submit_step,
			 &a,
			 RC_INTERNAL};

	assert_true(executor_write(executor, &s.job));
	assert_int_equal(1, executor_step(executor));
	assert_int_equal(RC_OK, s.outcome);
}

static int64_t head(void)
{
	return executor_seq(executor);
}

/* --- a listener --- */

struct listener {
	struct conn conn;
	struct buf out;
	size_t largest; /* written between two looks */
};

static void on_write(void *ctx, const void *data, size_t len)
{
	buf_add(&((struct listener *)ctx)->out, data, len);
}

static void on_take(void *ctx, struct buf *body)
{
	on_write(ctx, body->data, body->len);
	buf_fini(body);
}

static const struct conn_sink sink = {on_write, on_take};

static void take_all(struct listener *l)
{
	while (l->conn.unsent) {
		if (l->conn.unsent > l->largest)
			l->largest = l->conn.unsent;
		conn_drained(&l->conn);
	}
}

static void meet(struct listener *l, const struct principal *who)
{
	memset(l, 0, sizeof(*l));
	buf_init(&l->out, OUT_MAX_);
	assert_non_null(buf_room(&l->out, ROOM)); /* the test's own memory */
	conn_init(&l->conn, &env, l, HTTP_PARTNERS, 1);
	l->conn.peer.has_cert = true;
	memcpy(l->conn.peer.issuer, who->proof.issuer, 32);
	memcpy(l->conn.peer.key, who->proof.hash, 32);
	conn_open(&l->conn);
}

static void ask(struct listener *l, const char *query)
{
	char text[512];
	int n = snprintf(text, sizeof(text),
			 "GET /v1/events%s HTTP/1.1\r\nHost: h\r\n\r\n", query);

	(void)conn_input(&l->conn, text, (size_t)n);
	take_all(l);
}

static void ask_after(struct listener *l, int64_t seq)
{
	char query[128];

	snprintf(query, sizeof(query), "?after=%s.%lld", epoch, (long long)seq);
	ask(l, query);
}

static void listen_to(struct listener *l, const struct principal *who,
		      const char *query)
{
	meet(l, who);
	ask(l, query);
}

static void listen_after(struct listener *l, const struct principal *who,
			 int64_t seq)
{
	meet(l, who);
	ask_after(l, seq);
}

static void leave(struct listener *l)
{
	conn_fini(&l->conn);
	buf_fini(&l->out);
}

/* Time passes and what is due is done, again and again. */
static void later(struct listener *l, int64_t ms)
{
	while (ms > 0) {
		int64_t step = ms < STREAM_PAUSE_MS ? ms : STREAM_PAUSE_MS;

		time_.mono_ms += step;
		ms -= step;
		conn_tick(&l->conn);
		take_all(l);
	}
}

static unsigned count(const struct listener *l, const char *what)
{
	const char *at = buf_cstr(&l->out);
	unsigned n = 0;

	while ((at = strstr(at, what))) {
		at += strlen(what);
		n++;
	}
	return n;
}

#define EVENT "\nevent: request\nid: "
#define FIRST_EVENT "event: request\nid: "
#define POSITION "\nid: "
#define LAST_CHUNK "\n0\r\n\r\n"

/* --- a house with a service in it --- */

static void lengthen_log(int64_t n)
{
	char sql[1024];

	scratch_run(
		desk.house.db,
		"INSERT INTO event SELECT seq + 1, at, actor, actor_site,"
		" lead, partner, thing, id, code, version, verb, from_state,"
		" to_state, request_id, class, NULL, x'', hash,"
		" zeroblob(32) FROM event ORDER BY seq DESC LIMIT 1");
	snprintf(sql, sizeof(sql),
		 "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM"
		 " n WHERE i < %lld) INSERT INTO event SELECT seq + i, at,"
		 " actor, actor_site, lead, partner, thing, id, code, version,"
		 " verb, from_state, to_state, request_id, class, NULL, x'',"
		 " zeroblob(32), zeroblob(32) FROM n, (SELECT * FROM event"
		 " ORDER BY seq DESC LIMIT 1)",
		 (long long)n);
	scratch_run(desk.house.db, sql);
}

static void start_service(void)
{
	const struct api_config config = {
		.store = &desk.house.scratch.env,
		.executor = executor,
		.clock = &time_.clock,
		.rnd = &random_.rnd,
		.streams = 4,
		.streams_per_identity = 3,
	};

	assert_int_equal(RC_OK, api_new(&config, &api, NULL));
	net_config_init(&net_config);
	env = (struct conn_env){
		.config = &net_config,
		.app = api_app(api),
		.clock = &time_.clock,
		.rnd = &random_.rnd,
		.sink = &sink,
		.stats = &stats,
	};
	conn_env_init(&env);
	env.state = env.app->worker_start(env.app->ctx, 0);
	assert_non_null(env.state);
}

static int setup_with(int64_t rows)
{
	struct ask_for a;

	desk_begin(&desk);
	log_set_level(LOG_LVL_ERR);
	fake_clock_init(&time_, desk.house.scratch.now);
	fake_rnd_init(&random_, 1);
	a = ask_for("liaoyang-central", "S0");
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, submit_step, &a));
	if (rows)
		lengthen_log(rows);
	struct tx tx = scratch_tx(&desk.house.scratch, desk.house.db);

	assert_int_equal(RC_OK, event_epoch(&tx, epoch, NULL));
	assert_int_equal(
		RC_OK, executor_new(&desk.house.scratch.env, &executor, NULL));
	start_service();
	return 0;
}

static int setup(void **state)
{
	(void)state;
	return setup_with(0);
}

static int setup_long(void **state)
{
	(void)state;
	return setup_with(LONG_LOG);
}

static int teardown(void **state)
{
	(void)state;
	env.app->worker_stop(env.app->ctx, env.state);
	conn_env_fini(&env);
	api_free(api);
	executor_stop(executor);
	executor_free(executor);
	desk_end(&desk);
	return 0;
}

/* --- what it asks, and when --- */

static void an_idle_one_asks_nothing(void **state)
{
	struct listener l;

	(void)state;
	listen_to(&l, &desk.lead, "");
	assert_int_equal(1, count(&l, POSITION));
	later(&l, 1000);
	/* the store cannot be asked anything without memory */
	fake_mem_fail_at(0);
	later(&l, STREAM_BEAT_MS - 2000);
	assert_int_equal(0, fake_mem_calls());
	fake_mem_restore();
	assert_int_equal(1, count(&l, POSITION));
	submit();
	later(&l, STREAM_PAUSE_MS);
	assert_int_equal(1, count(&l, EVENT));
	leave(&l);
}

static void a_heartbeat_after_so_long_a_silence(void **state)
{
	struct listener l;

	(void)state;
	listen_to(&l, &desk.lead, "");
	later(&l, STREAM_BEAT_MS - STREAM_PAUSE_MS);
	assert_int_equal(1, count(&l, POSITION));
	later(&l, STREAM_PAUSE_MS);
	assert_int_equal(2, count(&l, POSITION));
	/* what is told counts as one */
	later(&l, STREAM_BEAT_MS - STREAM_PAUSE_MS);
	submit();
	later(&l, STREAM_BEAT_MS);
	assert_int_equal(1, count(&l, EVENT));
	assert_int_equal(3, count(&l, POSITION)); /* the event's own */
	leave(&l);
}

/* The other side's records move its position and nothing else. */
static void a_heartbeat_passes_what_is_others(void **state)
{
	struct listener l;
	char position[96];

	(void)state;
	listen_to(&l, &desk.two, "");
	submit();
	submit();
	later(&l, 2 * STREAM_BEAT_MS);
	assert_int_equal(0, count(&l, EVENT));
	snprintf(position, sizeof(position), "id: %s.%lld\n\n", epoch,
		 (long long)head());
	assert_true(count(&l, position) >= 1);
	leave(&l);
}

/* --- how it ends --- */

static void it_ends_with_the_certificate(void **state)
{
	struct listener l;
	int64_t now = time_.now;

	(void)state;
	listen_to(&l, &desk.lead, "");
	time_.now = desk.lead.not_after - 1;
	later(&l, STREAM_PAUSE_MS);
	assert_int_equal(0, count(&l, LAST_CHUNK));
	time_.now++;
	later(&l, STREAM_PAUSE_MS);
	assert_int_equal(1, count(&l, LAST_CHUNK));
	time_.now = now;
	leave(&l);
}

static enum rc revoke_step(struct work *w, void *arg)
{
	struct query q;

	(void)arg;
	query_begin(&q, w->tx->db,
		    "UPDATE identity SET revoked_at = $1 WHERE id = $2");
	query_int(&q, 1, w->tx->now);
	query_int(&q, 2, desk.other_lead.identity);
	return query_end(&q, NULL);
}

/* Of what is committed with the revocation or after it nothing is told. */
static void whoever_is_revoked_is_told_no_more(void **state)
{
	struct ask_for a = ask_for("liaoyang-central", "S2");
	struct step revoke = {{step_run, step_done, false},
			      &desk.one,
			      revoke_step,
			      NULL,
			      RC_INTERNAL};
	struct step make = {{step_run, step_done, false},
			    &desk.one,
			    submit_step,
			    &a,
			    RC_INTERNAL};
	struct listener l, after;

	(void)state;
	listen_to(&l, &desk.other_lead, "");
	assert_true(executor_write(executor, &make.job));
	assert_true(executor_write(executor, &revoke.job));
	assert_int_equal(2, executor_step(executor));
	assert_int_equal(RC_OK, revoke.outcome);
	later(&l, STREAM_PAUSE_MS);
	assert_int_equal(1, count(&l, LAST_CHUNK));
	assert_int_equal(1, count(&l, POSITION));
	listen_to(&after, &desk.other_lead, "");
	assert_int_equal(1, count(&after, " 401 "));
	leave(&after);
	leave(&l);
}

static void there_is_an_end_to_how_many(void **state)
{
	struct listener v[4], one_more;

	(void)state;
	for (int i = 0; i < 3; i++)
		listen_to(&v[i], &desk.one, "");
	listen_to(&one_more, &desk.one, "");
	assert_int_equal(1, count(&one_more, " 429 "));
	assert_int_equal(1, count(&one_more, "Retry-After: 5\r\n"));
	leave(&one_more);
	listen_to(&v[3], &desk.lead, "");
	assert_int_equal(1, count(&v[3], " 200 "));
	listen_to(&one_more, &desk.two, "");
	assert_int_equal(1, count(&one_more, " 503 "));
	assert_int_equal(1, count(&one_more, "Retry-After: 5\r\n"));
	leave(&one_more);
	for (int i = 0; i < 4; i++)
		leave(&v[i]);
	listen_to(&one_more, &desk.one, "");
	assert_int_equal(1, count(&one_more, " 200 "));
	leave(&one_more);
}

/* --- a long log --- */

static void the_bound_of_what_is_too_old(void **state)
{
	struct listener l;

	(void)state;
	listen_after(&l, &desk.two, head() - STREAM_BEHIND - 1);
	assert_int_equal(1, count(&l, "event: reset\n"));
	assert_int_equal(1, count(&l, "the id is too old"));
	leave(&l);
	listen_after(&l, &desk.two, head() - STREAM_BEHIND);
	assert_int_equal(0, count(&l, "event: reset\n"));
	leave(&l);
}

/* It goes on at once, step by step, each of which may be the last. */
static void a_long_way_without_anything_to_tell(void **state)
{
	int64_t begin = head() - STREAM_BEHIND;
	struct listener l;
	char position[96];

	(void)state;
	listen_after(&l, &desk.two, begin);
	assert_int_equal(0, count(&l, EVENT));
	assert_true(l.largest < 1024);
	assert_true(count(&l, POSITION) >= STREAM_BEHIND / STREAM_STEP);
	snprintf(position, sizeof(position), "id: %s.%lld\n\n", epoch,
		 (long long)(begin + 2 * (int64_t)STREAM_STEP));
	assert_int_equal(1, count(&l, position));
	leave(&l);
}

static void pieces_are_bounded_and_nothing_is_left_out(void **state)
{
	int64_t begin = head() - 5000;
	struct listener l;
	char id[96];

	(void)state;
	listen_after(&l, &desk.one, begin);
	assert_true(l.largest < STREAM_PIECE + 2048);
	assert_true(l.largest > STREAM_PIECE);
	assert_int_equal(5000, count(&l, FIRST_EVENT));
	for (int64_t seq = begin + 1; seq <= head(); seq += 7) {
		snprintf(id, sizeof(id), "id: %s.%lld\n", epoch,
			 (long long)seq);
		assert_non_null(strstr(buf_cstr(&l.out), id));
	}
	leave(&l);
}

/* --- without memory --- */

enum { WRONG = 40, REFUSED, ENDED, WHOLE, FINISHED };

/* Listens while the n-th allocation fails, then with memory again. */
static int listen_without_memory(uint64_t n)
{
	struct listener l;
	int64_t begin = head() - 3;

	meet(&l, &desk.one);
	fake_mem_fail_at(n);
	ask_after(&l, begin);
	bool finished = fake_mem_calls() < n;

	fake_mem_restore();
	take_all(&l);
	unsigned told = count(&l, FIRST_EVENT);
	bool ok = count(&l, " 200 ") == 1;
	bool open = l.conn.phase == CONN_STREAM;

	for (unsigned i = 0; i < told; i++) {
		char id[96];

		snprintf(id, sizeof(id),
			 FIRST_EVENT "%s.%lld\ndata: {\"seq\":", epoch,
			 (long long)begin + 1 + i);
		ok = ok && count(&l, id) == 1;
	}
	if (finished)
		return ok && told == 3 ? FINISHED : WRONG;
	if (!ok)
		return told == 0 && (l.out.len == 0 || count(&l, " 503 "))
			       ? REFUSED
			       : WRONG;
	return open ? (told == 3 ? WHOLE : WRONG) : ENDED;
}

static int one_life(uint64_t n)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct rlimit no_core = {0, 0};

		setrlimit(RLIMIT_CORE, &no_core);
		signal(SIGABRT, SIG_DFL);
		_exit(listen_without_memory(n));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status)) {
		assert_int_equal(SIGABRT, WTERMSIG(status));
		return 0;
	}
	assert_int_not_equal(WRONG, WEXITSTATUS(status));
	assert_true(WEXITSTATUS(status) > WRONG);
	return WEXITSTATUS(status);
}

static void no_allocation_that_fails_makes_it_wrong(void **state)
{
	int figures[FINISHED + 1] = {0}, end;
	struct listener l;

	(void)state;
	for (int i = 0; i < 3; i++)
		submit();
	/* a statement is made once and kept */
	listen_after(&l, &desk.one, head() - 3);
	assert_int_equal(3, count(&l, FIRST_EVENT));
	leave(&l);
	for (uint64_t n = 1; (end = one_life(n)) != FINISHED; n++)
		figures[end]++;
	print_message("%d refused, %d ended, %d whole, %d aborted\n",
		      figures[REFUSED], figures[ENDED], figures[WHOLE],
		      figures[0]);
	assert_true(figures[REFUSED] > 0 && figures[ENDED] > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_idle_one_asks_nothing),
		cmocka_unit_test(a_heartbeat_after_so_long_a_silence),
		cmocka_unit_test(a_heartbeat_passes_what_is_others),
		cmocka_unit_test(it_ends_with_the_certificate),
		cmocka_unit_test(whoever_is_revoked_is_told_no_more),
		cmocka_unit_test(there_is_an_end_to_how_many),
		cmocka_unit_test(no_allocation_that_fails_makes_it_wrong),
	};
	const struct CMUnitTest long_tests[] = {
		cmocka_unit_test(the_bound_of_what_is_too_old),
		cmocka_unit_test(a_long_way_without_anything_to_tell),
		cmocka_unit_test(pieces_are_bounded_and_nothing_is_left_out),
	};
	int failed = cmocka_run_group_tests(tests, setup, teardown);

	return failed +
	       cmocka_run_group_tests(long_tests, setup_long, teardown);
}
