/*
 * A request that waits for the writer or the report thread, and what becomes
 * of it when whoever sent it is revoked meanwhile. There is no socket and no
 * thread: the answers come to the net that is played here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "daemon/api/api.h"
#include "daemon/net/conn.h"
#include "tests/support/desk.h"
#include "tests/support/fake.h"

static struct desk desk;
static struct fake_clock time_;
static struct fake_rnd random_;
static struct executor *executor;
static struct api *api;
static struct net_config net_config;
static struct conn_stats stats;
static struct conn_env env;
static struct principal auditor;
static const char *code;

/* --- the net --- */

static struct {
	unsigned answers;
	int status;
	struct buf body;
	char challenge[128];
} got;

void net_answer(struct net *net, struct http_ticket ticket,
		struct http_reply *reply)
{
	(void)net;
	(void)ticket;
	buf_fini(&got.body);
	got.answers++;
	got.status = reply->status;
	got.body = reply->body;
	snprintf(got.challenge, sizeof(got.challenge), "%s",
		 reply->www_authenticate ? reply->www_authenticate : "");
	http_reply_init(reply, reply->status);
}

void net_close_key(struct net *net, const uint8_t key[32])
{
	(void)net;
	(void)key;
}

void net_figures(const struct net *net, struct net_figures *out)
{
	(void)net;
	*out = (struct net_figures){.workers = 0};
}

int64_t net_turned_ms(const struct net *net, unsigned worker)
{
	(void)net;
	(void)worker;
	return 0;
}

void net_config_init(struct net_config *config)
{
	*config = (struct net_config){
		.max_head = 16384,
		.max_fields = 100,
		.max_target = 8192,
		.max_output = 8u << 20,
		.handshake_ms = 10000,
		.idle_ms = 10000,
		.head_ms = 10000,
		.body_ms = 10000,
		.body_rate = 1024,
		.handler_ms = 10000,
		.write_ms = 10000,
		.requests_per_connection = 100,
	};
}

/* --- who asks --- */

static void on_write(void *ctx, const void *data, size_t len)
{
	(void)ctx;
	(void)data;
	(void)len;
}

static void on_take(void *ctx, struct buf *body)
{
	(void)ctx;
	buf_fini(body);
}

static const struct conn_sink sink = {on_write, on_take};

/* Sent and waiting, by the time this is over. */
static void ask(struct conn *conn, const struct principal *who,
		const char *line, const char *fields)
{
	char text[512];
	int n = snprintf(text, sizeof(text), "%s HTTP/1.1\r\nHost: h\r\n%s\r\n",
			 line, fields);

	got.answers = 0;
	conn_init(conn, &env, NULL, HTTP_PARTNERS, 1);
	conn->peer.has_cert = true;
	memcpy(conn->peer.issuer, who->proof.issuer, 32);
	memcpy(conn->peer.key, who->proof.hash, 32);
	conn_open(conn);
	(void)conn_input(conn, text, (size_t)n);
	assert_int_equal(0, got.answers);
}

static void ask_to_read(struct conn *conn)
{
	char line[64];

	snprintf(line, sizeof(line), "GET /v1/requests/%s", code);
	ask(conn, &desk.one, line, "");
}

static void ask_to_verify(struct conn *conn)
{
	ask(conn, &auditor, "POST /v1/log/verify", "Content-Length: 0\r\n");
}

static void revoke(const struct principal *who)
{
	char sql[128];

	snprintf(sql, sizeof(sql),
		 "UPDATE identity SET revoked_at = made_at WHERE id = %lld",
		 (long long)who->identity);
	scratch_run(desk.house.db, sql);
}

static int64_t reads(void)
{
	return scratch_number(desk.house.db,
			      "SELECT count(*) FROM event WHERE verb = 'read'");
}

/* --- the service --- */

static void start_service(void)
{
	const struct api_config config = {
		.store = &desk.house.scratch.env,
		.executor = executor,
		.clock = &time_.clock,
		.rnd = &random_.rnd,
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

static int setup(void **state)
{
	(void)state;
	desk_begin(&desk);
	log_set_level(LOG_LVL_ERR);
	fake_clock_init(&time_, desk.house.scratch.now);
	fake_rnd_init(&random_, 1);
	auditor = house_person(&desk.house, ROLE_AUDITOR, "anzhen", NULL);
	code = desk_accepted(&desk, &desk.one, "S0");
	assert_int_equal(
		RC_OK, executor_new(&desk.house.scratch.env, &executor, NULL));
	start_service();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	env.app->worker_stop(env.app->ctx, env.state);
	conn_env_fini(&env);
	api_free(api);
	executor_stop(executor);
	executor_free(executor);
	buf_fini(&got.body);
	desk_end(&desk);
	return 0;
}

/* --- what is expected --- */

static void answered(int status, const char *challenge)
{
	assert_int_equal(1, got.answers);
	assert_int_equal(status, got.status);
	assert_string_equal(challenge, got.challenge);
}

static void what_waits_for_the_writer(void **state)
{
	struct conn first, second;

	(void)state;
	ask_to_read(&first);
	assert_int_equal(1, executor_step(executor));
	answered(200, "");
	assert_int_equal(1, reads());
	conn_fini(&first);

	ask_to_read(&second);
	revoke(&desk.one);
	assert_int_equal(1, executor_step(executor));
	answered(401, "Bearer realm=\"teleconsult\"");
	assert_null(strstr(buf_cstr(&got.body), "S0"));
	assert_int_equal(1, reads());
	conn_fini(&second);
}

static void what_waits_for_the_report_thread(void **state)
{
	struct conn first, second;

	(void)state;
	ask_to_verify(&first);
	assert_int_equal(1, executor_report_step(executor));
	answered(200, "");
	conn_fini(&first);

	ask_to_verify(&second);
	revoke(&auditor);
	assert_int_equal(1, executor_report_step(executor));
	answered(401, "Bearer realm=\"teleconsult\"");
	conn_fini(&second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_waits_for_the_writer,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_waits_for_the_report_thread, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
