/* Ready or not, for every reason that there is; and what ends soon. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "daemon/api/health.h"
#include "daemon/store/ending.h"
#include "daemon/store/event.h"
#include "daemon/store/probe.h"
#include "daemon/work/work.h"
#include "tests/support/scratch.h"

#define DAY 86400

static struct scratch scratch;
static struct clock clock;
static int64_t mono_ms;
static struct executor *ex;
static struct api_config config;
static struct health health;
static struct reader *reader;

static int64_t mono(void *ctx)
{
	(void)ctx;
	return mono_ms;
}

static int64_t wall(void *ctx)
{
	return ((const struct scratch *)ctx)->now;
}

static int set_up(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	log_init(2, LOG_LVL_ERR, 0);
	scratch_begin(&scratch);
	mono_ms = 1000000;
	clock = (struct clock){wall, mono, &scratch};
	scratch.env.clock = &clock;
	if (executor_new(&scratch.env, &ex, &err) != RC_OK ||
	    reader_new(&scratch.env, &reader, &err) != RC_OK)
		return -1;
	config = (struct api_config){
		.store = &scratch.env, .executor = ex, .clock = &clock};
	health_init(&health, &config);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	reader_free(reader);
	executor_stop(ex);
	executor_free(ex);
	scratch_end(&scratch);
	return 0;
}

/* As it is answered to anybody: by the status alone, whatever the reason. */
static int asked(void)
{
	struct http_reply reply;
	int status;

	health_reply_ready(&health, reader, "0123456789abcdef", &reply);
	status = reply.status;
	if (status == 200)
		assert_string_equal(buf_cstr(&reply.body),
				    "{\"status\":\"ok\"}");
	else
		assert_null(strstr(buf_cstr(&reply.body), "detail"));
	http_reply_fini(&reply);
	return status;
}

static const char *lack(void)
{
	static struct err err;
	struct tx tx;

	err = (struct err)ERR_INIT;
	assert_int_equal(reader_begin(reader, &tx, &err), RC_OK);
	assert_int_not_equal(health_ready(&health, &tx, &err), RC_OK);
	reader_end(reader);
	return err.text;
}

struct play {
	struct job job;
	enum rc (*what)(struct tx *tx);
};

static enum rc run_play(struct job *job, struct tx *tx)
{
	return ((struct play *)(void *)job)->what(tx);
}

static void forget(struct job *job, enum rc outcome)
{
	(void)job;
	(void)outcome;
}

static void write_one(enum rc (*what)(struct tx *tx))
{
	struct play play = {{.run = run_play, .done = forget}, what};

	assert_true(executor_write(ex, &play.job));
	assert_int_equal(executor_step(ex), 1);
}

static enum rc lose(struct tx *tx)
{
	db_rollback(tx->db); /* as the engine does on a full disk */
	return RC_FULL;
}

static enum rc keep(struct tx *tx)
{
	return probe_write(tx, NULL);
}

static enum rc backup_event(struct tx *tx,
			    enum rc (*put_on_record)(struct work *w))
{
	const struct principal who = {.name = "system"};
	struct work w = {.tx = tx, .who = &who, .request_id = "r"};

	return put_on_record(&w);
}

static enum rc event(struct tx *tx)
{
	return backup_event(tx, work_backup);
}

static enum rc made(struct tx *tx)
{
	return backup_event(tx, work_backup_made);
}

static void ready(void **state)
{
	(void)state;
	assert_int_equal(asked(), 200);
}

static void a_writer_that_is_silent(void **state)
{
	(void)state;
	mono_ms += HEALTH_WRITER_MS;
	assert_int_equal(asked(), 200);
	mono_ms++;
	assert_int_equal(asked(), 503);
	assert_non_null(strstr(lack(), "does not answer"));
	write_one(keep);
	assert_int_equal(asked(), 200);
}

static void a_full_disk(void **state)
{
	(void)state;
	write_one(lose);
	assert_int_equal(asked(), 503);
	assert_non_null(strstr(lack(), "disk is full"));
	write_one(keep);
	assert_int_equal(asked(), 200);
}

static void a_writer_that_gave_up(void **state)
{
	(void)state;
	log_init(2, LOG_LVL_ERR - 1, 0);
	executor_fail(ex, RC_IO);
	assert_int_equal(asked(), 503);
	assert_non_null(strstr(lack(), "has stopped"));
}

static void a_clock_behind_the_log(void **state)
{
	(void)state;
	write_one(event);
	scratch.now -= PROBE_CLOCK_SLACK;
	assert_int_equal(asked(), 200);
	scratch.now--;
	assert_int_equal(asked(), 503);
	assert_non_null(strstr(lack(), "clock"));
	scratch.now += DAY;
	assert_int_equal(asked(), 200);
}

static void draining(void **state)
{
	(void)state;
	atomic_store(&health.draining, true);
	assert_int_equal(asked(), 503);
	assert_non_null(strstr(lack(), "stopping"));
}

/* ---- what ends ---- */

static struct tx writing;

static void open_again(void)
{
	executor_stop(ex);
	executor_free(ex);
	struct db *db = scratch_open(&scratch);

	scratch_run(db,
		    "INSERT INTO site (id, slug, name, tier, time_zone) VALUES"
		    " (1, 'lead', 'Lead', '3', 'Asia/Shanghai'),"
		    " (2, 'partner', 'Partner', '2', 'Asia/Shanghai'),"
		    " (3, 'other', 'Other', '2', 'Asia/Shanghai');");
	writing = scratch_tx(&scratch, db);
}

static void close_again(void)
{
	struct err err = ERR_INIT;

	db_close(writing.db);
	assert_int_equal(executor_new(&scratch.env, &ex, &err), RC_OK);
}

static void agreements_that_end(void **state)
{
	struct ending_agreement *v;
	struct err err = ERR_INIT;
	struct arena arena;
	int64_t all;
	size_t n;

	(void)state;
	open_again();
	scratch_run(writing.db,
		    "INSERT INTO agreement (id, slug, alliance, lead, partner,"
		    " valid_from, valid_to) VALUES"
		    " (1, 'over', 'a', 1, 2, 0, 99),"
		    " (2, 'today', 'b', 1, 2, 0, 100),"
		    " (3, 'followed', 'c', 1, 2, 0, 110),"
		    " (4, 'follows', 'c', 1, 2, 111, 500),"
		    " (5, 'with-a-gap', 'd', 1, 2, 0, 120),"
		    " (6, 'after-it', 'd', 1, 2, 122, 500),"
		    " (7, 'of-others', NULL, 1, 3, 0, 130),"
		    " (8, 'last', 'b', 1, 3, 0, 160),"
		    " (9, 'later', 'e', 1, 3, 0, 161)");
	arena_init(&arena, 1 << 16);
	assert_int_equal(ending_agreements(&writing, 100, 160, 3, &arena, &v,
					   &n, &all, &err),
			 RC_OK);
	assert_int_equal(all, 4);
	assert_int_equal(n, 3);
	assert_string_equal(v[0].slug, "today");
	assert_string_equal(v[1].slug, "with-a-gap");
	assert_string_equal(v[2].slug, "of-others");
	assert_string_equal(v[2].lead, "lead");
	assert_string_equal(v[2].partner, "other");
	assert_int_equal(v[2].last_day, 130);
	assert_int_equal(ending_agreements(&writing, 162, 400, 3, &arena, &v,
					   &n, &all, &err),
			 RC_OK);
	assert_int_equal(n + (size_t)all, 0);
	arena_fini(&arena);
	close_again();
}

static void people_whose_last_credential_ends(void **state)
{
	struct ending_user *v;
	struct err err = ERR_INIT;
	struct arena arena;
	int64_t all;
	size_t n;

	(void)state;
	open_again();
	scratch_run(
		writing.db,
		"INSERT INTO identity (id, name, role, site, made_at,"
		" revoked_at) VALUES"
		" (1, 'soon', 'expert', 2, 0, NULL),"
		" (2, 'renewed', 'expert', 2, 0, NULL),"
		" (3, 'revoked', 'expert', 2, 0, 5),"
		" (4, 'system', 'system', NULL, 0, NULL),"
		" (5, 'over', 'auditor', 1, 0, NULL),"
		" (6, 'without', 'auditor', 1, 0, NULL);"
		"INSERT INTO certificate (key, issuer, identity, made_at,"
		" not_after) SELECT randomblob(32), randomblob(32), column1,"
		" 0, column2 FROM (VALUES (1, 150), (2, 150), (2, 900),"
		" (3, 150), (5, 100));"
		"INSERT INTO token (hash, identity, scopes, made_at,"
		" not_after) VALUES (randomblob(32), 4, 1, 0, 120)");
	arena_init(&arena, 1 << 16);
	assert_int_equal(ending_users(&writing, 100, 200, 10, &arena, &v, &n,
				      &all, &err),
			 RC_OK);
	assert_int_equal(n, 2);
	assert_int_equal(all, 2);
	assert_string_equal(v[0].name, "system");
	assert_null(v[0].site);
	assert_int_equal(v[0].role, ROLE_SYSTEM);
	assert_string_equal(v[1].name, "soon");
	assert_string_equal(v[1].site, "partner");
	assert_int_equal(v[1].not_after, 150);
	arena_fini(&arena);
	close_again();
}

static int64_t last_backup(void)
{
	struct err err = ERR_INIT;
	struct tx tx;
	int64_t at = -1;

	assert_int_equal(reader_begin(reader, &tx, &err), RC_OK);
	assert_int_equal(ending_backup(&tx, &at, &err), RC_OK);
	reader_end(reader);
	return at;
}

/* Asked for is not made. */
static void the_last_backup(void **state)
{
	int64_t first;

	(void)state;
	assert_int_equal(last_backup(), 0);
	write_one(event);
	assert_int_equal(last_backup(), 0);
	first = scratch.now += 10;
	write_one(made);
	assert_int_equal(last_backup(), first);
	scratch.now += 10;
	write_one(event);
	assert_int_equal(last_backup(), first);
	scratch.now += 10;
	write_one(made);
	assert_int_equal(last_backup(), scratch.now);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ready),
		TEST(a_writer_that_is_silent),
		TEST(a_full_disk),
		TEST(a_writer_that_gave_up),
		TEST(a_clock_behind_the_log),
		TEST(draining),
		TEST(agreements_that_end),
		TEST(people_whose_last_credential_ends),
		TEST(the_last_backup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
