/*
 * A request that waits for the writer or the report thread: what becomes of it
 * when whoever sent it is revoked meanwhile, and when too many wait. There is
 * no socket and no thread: the answers come to the net that is played here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "daemon/api/api.h"
#include "daemon/net/conn.h"
#include "daemon/store/stamps.h"
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
static const char *code, *urgent;

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

/* What was answered at once. */
static char written[2048];

static void on_write(void *ctx, const void *data, size_t len)
{
	(void)ctx;
	snprintf(written, sizeof(written), "%.*s", (int)len,
		 (const char *)data);
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

static void ask_for_code(struct conn *conn, const char *which)
{
	char line[64];

	snprintf(line, sizeof(line), "GET /v1/requests/%s", which);
	ask(conn, &desk.one, line, "");
}

static void ask_to_read(struct conn *conn)
{
	ask_for_code(conn, code);
}

static const char *emergency(void)
{
	struct ask_for a = ask_for(desk.one.site_slug, "S1");

	a.in.urgency = URGENCY_EMERGENCY;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, submit_step, &a));
	return a.out.code;
}

static void ask_to_verify(struct conn *conn)
{
	ask(conn, &auditor, "POST /v1/log/verify", "Content-Length: 0\r\n");
}

/* As a job before it would have: and the stamps say so. */
static void revoke(const struct principal *who)
{
	struct tx tx = scratch_tx(&desk.house.scratch, desk.house.db);
	char sql[128];

	snprintf(sql, sizeof(sql),
		 "UPDATE identity SET revoked_at = made_at WHERE id = %lld",
		 (long long)who->identity);
	scratch_run(desk.house.db, sql);
	stamps_touch_all(&tx);
	stamps_publish(desk.house.scratch.env.stamps);
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
	urgent = emergency();
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

static bool is_urgent(const char *which)
{
	struct tx tx = scratch_tx(&desk.house.scratch, desk.house.db);
	struct work w = {.tx = &tx};

	return work_code_is_urgent(&w, which);
}

/* By the code of the request, or of the booking that was made for it. */
static void what_concerns_an_emergency(void **state)
{
	struct on on = {.code = urgent, .accept.duration_minutes = FIELD_NONE};
	struct msg_booking first, second;

	(void)state;
	assert_int_equal(RC_OK, desk_do(&desk, &desk.lead, accept_step, &on));
	first = desk_booked(&desk, &desk.one, urgent, DESK_MONDAY);
	second = desk_booked(&desk, &desk.one, code, DESK_MONDAY + 3600);
	assert_true(is_urgent(urgent));
	assert_true(is_urgent(first.code));
	assert_false(is_urgent(code));
	assert_false(is_urgent(second.code));
	assert_false(is_urgent("00000000"));
}

/* More than a batch waits for longer than the writer is allowed: whoever comes
 * now is told to come again, but for an emergency, which goes first. */
static void what_waits_for_too_long(void **state)
{
	const unsigned n = EXECUTOR_BATCH + 1;
	struct conn *crowd = calloc(n + 1, sizeof(*crowd));
	const struct timespec longer = {.tv_nsec = (EXECUTOR_LATE_MS + 20) *
						   1000000L};
	struct conn last;

	(void)state;
	assert_non_null(crowd);
	for (unsigned i = 0; i < n; i++)
		ask_to_read(&crowd[i]);
	written[0] = '\0';
	nanosleep(&longer, NULL);
	ask_to_read(&last);
	assert_non_null(strstr(written, "HTTP/1.1 503 "));
	assert_non_null(strstr(written, "\r\nRetry-After: 1\r\n"));

	written[0] = '\0';
	ask_for_code(&crowd[n], urgent);
	assert_string_equal("", written);
	assert_int_equal(1, executor_step(executor));
	answered(200, "");
	assert_non_null(strstr(buf_cstr(&got.body), "\"emergency\""));

	assert_int_equal(EXECUTOR_BATCH, executor_step(executor));
	assert_int_equal(1, executor_step(executor));
	assert_int_equal(n + 1, got.answers);
	conn_fini(&last);
	ask_to_read(&last); /* as if nothing had been */
	assert_int_equal(1, executor_step(executor));
	answered(200, "");
	conn_fini(&last);
	for (unsigned i = 0; i <= n; i++)
		conn_fini(&crowd[i]);
	free(crowd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_waits_for_the_writer,
						setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_waits_for_the_report_thread, setup, teardown),
		cmocka_unit_test_setup_teardown(what_concerns_an_emergency,
						setup, teardown),
		cmocka_unit_test_setup_teardown(what_waits_for_too_long, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
