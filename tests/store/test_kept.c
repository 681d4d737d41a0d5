/*
 * What a worker keeps: principals, and answers. Requests come through the
 * whole skin, without a socket; changes are made beside it, as the writer makes
 * them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "daemon/api/api.h"
#include "daemon/api/kept.h"
#include "daemon/auth/known.h"
#include "daemon/net/conn.h"
#include "daemon/store/identity.h"
#include "tests/support/desk.h"
#include "tests/support/fake.h"

#define KEPT_BYTES (256u << 10)
#define DAY ((int64_t)86400)

static struct desk desk;
static struct fake_rnd random_;
static struct executor *executor;
static struct api *api;
static struct net_config net_config;
static struct conn_stats stats;
static struct conn_env env;

/* --- the net --- */

static struct buf got; /* an answer as it was sent */

static void on_write(void *ctx, const void *data, size_t len)
{
	(void)ctx;
	buf_add(&got, data, len);
}

static void on_take(void *ctx, struct buf *body)
{
	on_write(ctx, body->data, body->len);
	buf_fini(body);
}

static const struct conn_sink sink = {on_write, on_take};

static const struct net_config limits = {
	.max_head = 16384,
	.max_fields = 100,
	.max_target = 8192,
	.max_output = 8u << 20,
	.handshake_ms = 10000,
	.idle_ms = 10000,
	.head_ms = 10000,
	.body_ms = 10000,
	.handler_ms = 10000,
	.write_ms = 10000,
	.requests_per_connection = 100,
};

/* Sends it, and answers the status; the whole answer is in `got`. */
static int ask_with(const struct principal *who, const char *method,
		    const char *target, const char *fields)
{
	struct conn conn;
	char text[1024];
	int64_t status;
	int n = snprintf(text, sizeof(text),
			 "%s %s HTTP/1.1\r\nHost: h\r\n%s\r\n", method, target,
			 fields);

	buf_reset(&got);
	conn_init(&conn, &env, NULL, HTTP_PARTNERS, 1);
	conn.peer.has_cert = true;
	memcpy(conn.peer.issuer, who->proof.issuer, 32);
	memcpy(conn.peer.key, who->proof.hash, 32);
	conn_open(&conn);
	(void)conn_input(&conn, text, (size_t)n);
	conn_fini(&conn);
	if (got.len < 12 || !text_int(got.data + 9, 3, 100, 599, &status))
		return 0;
	return (int)status;
}

static int ask(const struct principal *who, const char *target)
{
	return ask_with(who, "GET", target, "");
}

static const char *body(void)
{
	return strstr(buf_cstr(&got), "\r\n\r\n") + 4;
}

static const char *tag(void)
{
	static char text[64];
	const char *at = strstr(buf_cstr(&got), "\r\nETag: ");

	if (!at || sscanf(at, "\r\nETag: %63[^\r]", text) != 1)
		return "";
	return text;
}

/* --- the service --- */

#define PLAN "/v1/experts/coronary-1/schedule"
#define WEEK PLAN "?from=2027-01-17T16:00:00Z&to=2027-01-24T16:00:00Z"

static void start(size_t kept_max)
{
	const struct api_config config = {
		.store = &desk.house.scratch.env,
		.executor = executor,
		.clock = &desk.house.scratch.clock,
		.rnd = &random_.rnd,
		.kept_max = kept_max,
	};

	assert_int_equal(RC_OK, api_new(&config, &api, NULL));
	net_config = limits;
	env = (struct conn_env){
		.config = &net_config,
		.app = api_app(api),
		.clock = &desk.house.scratch.clock,
		.rnd = &random_.rnd,
		.sink = &sink,
		.stats = &stats,
	};
	conn_env_init(&env);
	env.state = env.app->worker_start(env.app->ctx, 0);
	assert_non_null(env.state);
}

static void stop(void)
{
	env.app->worker_stop(env.app->ctx, env.state);
	conn_env_fini(&env);
	api_free(api);
}

static int setup(void **state)
{
	(void)state;
	desk_begin(&desk);
	log_set_level(LOG_LVL_ERR);
	fake_rnd_init(&random_, 1);
	buf_init(&got, 1u << 20);
	desk.house.scratch.now = DESK_MONDAY;
	assert_int_equal(
		RC_OK, executor_new(&desk.house.scratch.env, &executor, NULL));
	start(KEPT_BYTES);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	stop();
	executor_stop(executor);
	executor_free(executor);
	buf_fini(&got);
	desk_end(&desk);
	return 0;
}

/* Behind everybody's back: only what is kept does not see it. */
static void spoil(void)
{
	scratch_run(desk.house.db,
		    "UPDATE claim SET from_time = from_time + 60");
}

static bool is_spoilt(void)
{
	return strstr(body(), ":01:00Z") != NULL;
}

static void book(int64_t at)
{
	const char *request = desk_accepted(&desk, &desk.one, "p-1");

	(void)desk_booked(&desk, &desk.one, request, at);
}

/* --- answers --- */

static void an_answer_is_made_once(void **state)
{
	char first[8192];

	(void)state;
	book(DESK_MONDAY + 7200);
	assert_int_equal(ask(&desk.one, WEEK), 200);
	snprintf(first, sizeof(first), "%s", body());
	assert_non_null(strstr(first, "\"open\":"));
	spoil();
	assert_int_equal(ask(&desk.one, WEEK), 200);
	assert_string_equal(first, body());
	/* another query, others who see another thing, and nothing kept */
	assert_int_equal(ask(&desk.one, PLAN "?from=2027-01-17T16:00:00Z"),
			 200);
	assert_true(is_spoilt());
	assert_int_equal(ask(&desk.two, WEEK), 200);
	assert_true(is_spoilt());
	assert_int_equal(ask(&desk.other_lead, WEEK), 404);
	stop();
	start(0);
	assert_int_equal(ask(&desk.one, WEEK), 200);
	assert_true(is_spoilt());
	assert_int_equal(ask(&desk.one, WEEK), 200);
}

static void a_booking_is_seen_at_once(void **state)
{
	const char *request = desk_accepted(&desk, &desk.one, "p-1");
	struct msg_booking b;
	struct on on = {.booking = NULL};

	(void)state;
	assert_int_equal(ask(&desk.one, WEEK), 200);
	assert_null(strstr(body(), "remote-consultation\",\"partner"));
	b = desk_booked(&desk, &desk.one, request, DESK_MONDAY + 7200);
	assert_int_equal(ask(&desk.one, WEEK), 200);
	assert_non_null(strstr(body(), "\"status\":\"booked\""));
	assert_int_equal(ask(&desk.two, WEEK), 200);
	assert_null(strstr(body(), "\"status\":\"booked\""));
	assert_non_null(strstr(body(), "\"entries\":[{"));
	assert_int_equal(ask(&desk.one, "/v1/sites/liaoyang-central/schedule"),
			 200);
	assert_non_null(strstr(body(), "\"status\":\"booked\""));
	on.code = b.code;
	on.reason.reason = "no more";
	assert_int_equal(desk_do(&desk, &desk.one, cancel_step, &on), RC_OK);
	assert_int_equal(ask(&desk.one, WEEK), 200);
	assert_non_null(strstr(body(), "\"entries\":[]"));
	assert_int_equal(ask(&desk.one, "/v1/sites/liaoyang-central/schedule"),
			 200);
	assert_non_null(strstr(body(), "\"entries\":[]"));
}

/* Nobody says so: the clock does. */
static void a_hold_that_lapses(void **state)
{
	const char *request = desk_accepted(&desk, &desk.one, "p-1");
	struct take hold = take(request, DESK_MONDAY + 7200, true);
	int64_t until;

	(void)state;
	assert_int_equal(desk_do(&desk, &desk.one, take_step, &hold), RC_OK);
	until = hold.out.hold_until;
	assert_true(until > DESK_MONDAY);
	assert_int_equal(ask(&desk.one, WEEK), 200);
	assert_non_null(strstr(body(), "\"status\":\"pending\""));
	desk.house.scratch.now = until - 1;
	spoil();
	assert_int_equal(ask(&desk.one, WEEK), 200);
	assert_non_null(strstr(body(), "\"status\":\"pending\""));
	assert_false(is_spoilt());
	desk.house.scratch.now = until;
	assert_int_equal(ask(&desk.one, WEEK), 200);
	assert_non_null(strstr(body(), "\"entries\":[]"));
}

static void this_week_turns(void **state)
{
	/* Monday 2027-01-25 00:00 in Shanghai */
	const int64_t next = DESK_MONDAY - 8 * 3600 + 7 * DAY;

	(void)state;
	book(DESK_MONDAY + 7200);
	assert_int_equal(ask(&desk.one, PLAN), 200);
	assert_non_null(strstr(body(), "\"from\":\"2027-01-17T16:00:00Z\""));
	desk.house.scratch.now = next - 1;
	spoil();
	assert_int_equal(ask(&desk.one, PLAN), 200);
	assert_false(is_spoilt());
	desk.house.scratch.now = next;
	assert_int_equal(ask(&desk.one, PLAN), 200);
	assert_non_null(strstr(body(), "\"from\":\"2027-01-24T16:00:00Z\""));
}

static void a_tag_spares_the_answer(void **state)
{
	char field[160], first[64];

	(void)state;
	assert_int_equal(ask(&desk.one, WEEK), 200);
	snprintf(first, sizeof(first), "%s", tag());
	assert_int_equal(strlen(first), KEPT_TAG_LEN);
	assert_int_equal(ask(&desk.one, WEEK), 200);
	assert_string_equal(first, tag());
	snprintf(field, sizeof(field), "If-None-Match: \"x\", W/%s\r\n", first);
	assert_int_equal(ask_with(&desk.one, "GET", WEEK, field), 304);
	assert_string_equal(body(), "");
	assert_string_equal(first, tag());
	assert_int_equal(ask_with(&desk.one, "HEAD", WEEK, field), 304);
	assert_int_equal(ask_with(&desk.one, "HEAD", WEEK, ""), 200);
	assert_string_equal(body(), "");
	book(DESK_MONDAY + 7200);
	assert_int_equal(ask_with(&desk.one, "GET", WEEK, field), 200);
	assert_string_not_equal(first, tag());
	/* as well where it is made for this one */
	snprintf(field, sizeof(field), "If-None-Match: %s\r\n", tag());
	stop();
	start(KEPT_BYTES);
	assert_int_equal(ask_with(&desk.one, "GET", WEEK, field), 304);
	assert_int_equal(
		ask_with(&desk.one, "GET", WEEK, "If-None-Match: *\r\n"), 304);
}

static void which_tags_match(void **state)
{
	static const struct {
		const char *field;
		bool matches;
	} rows[] = {
		{"\"ab\"", true},
		{"W/\"ab\"", true},
		{"*", true},
		{"\"x\", \"ab\"", true},
		{"\"ab\",\"x\"", true},
		{"", false},
		{"ab", false},
		{"\"ab", false},
		{"\"abc\"", false},
		{"\"a\" b\"ab", false},
		{"\"*\"", false},
		{"\"", false},
		{"\",\"ab\"", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct http_str field = {rows[i].field,
					       strlen(rows[i].field)};

		assert_int_equal(kept_matches(field, "\"ab\""),
				 rows[i].matches);
	}
}

/* --- the store of them --- */

static struct kept_key key_for(const char *path, int64_t site)
{
	return (struct kept_key){.view = {.site = site, .role = ROLE_AUDITOR},
				 .path = {path, strlen(path)}};
}

static void put(struct kept *kept, const char *path, int64_t site,
		const struct work_basis *basis, size_t len)
{
	const struct kept_key key = key_for(path, site);
	const struct kept_before before = kept_before(kept);
	char mark[KEPT_TAG_LEN + 1];
	struct buf text;

	buf_init(&text, len);
	while (text.len < len)
		buf_chr(&text, 'x');
	kept_tag(&text, mark);
	kept_put(kept, &key, &before, basis, &text, mark);
	buf_fini(&text);
}

static bool has(struct kept *kept, const char *path, int64_t site, int64_t now)
{
	const struct kept_key key = key_for(path, site);

	return kept_find(kept, &key, now) != NULL;
}

static void within_its_bytes(void **state)
{
	const struct work_basis basis = {.known = true, .until = 100};
	struct stamps *stamps = stamps_new();
	struct kept *kept = kept_new(stamps, 10000);
	char path[16];

	(void)state;
	for (int i = 0; i < 100; i++) {
		snprintf(path, sizeof(path), "/%d", i);
		put(kept, path, 1, &basis, 1000);
		assert_true(has(kept, path, 1, 0));
		assert_true(has(kept, "/0", 1, 0)); /* asked for, so it stays */
	}
	assert_false(has(kept, "/50", 1, 0));
	put(kept, "/large", 1, &basis, 9000);
	assert_false(has(kept, "/large", 1, 0));
	assert_true(has(kept, "/0", 1, 0));
	put(kept, "/0", 1, &basis, 2000);
	assert_true(has(kept, "/0", 1, 99));
	assert_false(has(kept, "/0", 2, 0));
	assert_false(has(kept, "/0", 1, 100));
	kept_free(kept);
	stamps_free(stamps);
}

static void touch(struct stamps *stamps, int64_t subject, int64_t site,
		  bool all)
{
	struct store_env store = {.stamps = stamps};
	struct tx tx = {.env = &store, .write = true};

	if (subject)
		stamps_touch_subject(&tx, subject);
	if (site)
		stamps_touch_site(&tx, site);
	if (all)
		stamps_touch_all(&tx);
	stamps_publish(stamps);
}

static void while_its_stamps_stand(void **state)
{
	const struct work_basis of_subject = {
		.known = true, .subject = 3, .until = 100};
	const struct work_basis of_site = {
		.known = true, .site = 3, .until = 100};
	const struct work_basis unknown = {.subject = 3, .until = 100};
	struct stamps *stamps = stamps_new();
	struct kept *kept = kept_new(stamps, 10000);
	struct kept_before before;
	struct kept_key key = key_for("/late", 1);
	char mark[KEPT_TAG_LEN + 1] = "";
	struct buf text;

	(void)state;
	put(kept, "/1", 1, &of_subject, 10);
	put(kept, "/2", 1, &of_site, 10);
	put(kept, "/3", 1, &unknown, 10);
	assert_false(has(kept, "/3", 1, 0));
	touch(stamps, 4, 4, false);
	assert_true(has(kept, "/1", 1, 0));
	assert_true(has(kept, "/2", 1, 0));
	touch(stamps, 3, 0, false);
	assert_false(has(kept, "/1", 1, 0));
	assert_true(has(kept, "/2", 1, 0));
	touch(stamps, 0, 3, false);
	assert_false(has(kept, "/2", 1, 0));
	put(kept, "/1", 1, &of_subject, 10);
	assert_true(has(kept, "/1", 1, 0));
	touch(stamps, 0, 0, true);
	assert_false(has(kept, "/1", 1, 0));
	/* something was published while it was read */
	before = kept_before(kept);
	touch(stamps, 3, 0, false);
	buf_init(&text, 10);
	kept_put(kept, &key, &before, &of_subject, &text, mark);
	assert_false(has(kept, "/late", 1, 0));
	kept_free(kept);
	stamps_free(stamps);
}

/* --- principals --- */

static enum rc revoke_step(struct work *w, void *arg)
{
	const struct event event = {.actor = "root",
				    .thing = "identity",
				    .verb = VERB_REVOKE,
				    .request_id = "r"};
	enum rc rc = identity_revoke(w->tx, *(int64_t *)arg, &w->err);

	return rc == RC_OK ? event_append(w->tx, &event, &w->err) : rc;
}

static void the_revoked_are_nobody_at_once(void **state)
{
	int64_t id = desk.one.identity;

	(void)state;
	assert_int_equal(ask(&desk.one, "/v1/whoami"), 200);
	assert_int_equal(ask(&desk.one, WEEK), 200);
	assert_int_equal(ask(&desk.one, WEEK), 200);
	assert_int_equal(desk_do(&desk, &desk.lead, revoke_step, &id), RC_OK);
	assert_int_equal(ask(&desk.one, WEEK), 401);
	assert_int_equal(ask(&desk.one, "/v1/whoami"), 401);
	assert_int_equal(ask(&desk.two, WEEK), 200);
}

static void a_credential_ends(void **state)
{
	(void)state;
	assert_int_equal(ask(&desk.one, PLAN), 200);
	desk.house.scratch.now = desk.one.not_after - 1;
	assert_int_equal(ask(&desk.one, PLAN), 200);
	assert_int_equal(ask(&desk.one, PLAN), 200);
	desk.house.scratch.now = desk.one.not_after;
	assert_int_equal(ask(&desk.one, PLAN), 401);
}

static void by_what_was_shown(void **state)
{
	struct stamps *stamps = stamps_new();
	struct known *known = known_new(stamps);
	struct principal who = {.name = "somebody", .not_after = 100};
	struct principal_proof other = {.token = true};

	(void)state;
	assert_null(known_find(known, &who.proof, 0));
	known_keep(known, &who, stamps_all(stamps));
	assert_string_equal(known_find(known, &who.proof, 99)->name,
			    "somebody");
	assert_null(known_find(known, &who.proof, 100));
	assert_null(known_find(known, &other, 0));
	other = who.proof;
	other.issuer[3] = 1;
	assert_null(known_find(known, &other, 0));
	other = who.proof;
	other.hash[31] = 1; /* the same place */
	assert_null(known_find(known, &other, 0));
	who.proof = other;
	known_keep(known, &who, stamps_all(stamps));
	assert_non_null(known_find(known, &other, 0));
	touch(stamps, 0, 0, true);
	assert_null(known_find(known, &other, 0));
	known_free(known);
	known = known_new(NULL);
	known_keep(known, &who, 0);
	assert_null(known_find(known, &other, 0));
	known_free(known);
	stamps_free(stamps);
}

static void with_texts_of_any_length(void **state)
{
	struct stamps *stamps = stamps_new();
	struct known *known = known_new(stamps);
	char text[300];

	(void)state;
	memset(text, 'x', sizeof(text));
	for (size_t n = 0; n < sizeof(text); n++) {
		const char *end = text + sizeof(text) - 1 - n;
		const struct principal who = {.name = end,
					      .site_slug = end,
					      .site_name = end,
					      .time_zone = end,
					      .expert_slug = end,
					      .not_after = 100};
		const struct principal *found;

		text[sizeof(text) - 1] = '\0';
		known_keep(known, &who, stamps_all(stamps));
		found = known_find(known, &who.proof, 0);
		assert_non_null(found);
		assert_string_equal(found->name, end);
		assert_string_equal(found->expert_slug, end);
	}
	known_free(known);
	stamps_free(stamps);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_answer_is_made_once),
		TEST(a_booking_is_seen_at_once),
		TEST(a_hold_that_lapses),
		TEST(this_week_turns),
		TEST(a_tag_spares_the_answer),
		cmocka_unit_test(which_tags_match),
		cmocka_unit_test(within_its_bytes),
		cmocka_unit_test(while_its_stamps_stand),
		TEST(the_revoked_are_nobody_at_once),
		TEST(a_credential_ends),
		cmocka_unit_test(by_what_was_shown),
		cmocka_unit_test(with_texts_of_any_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
