/* Another field key: taken, sealed under, everything sealed anew, the old one
 * gone; broken off anywhere and gone on with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/store/body.h"
#include "daemon/store/keycheck.h"
#include "daemon/store/reseal.h"
#include "tests/support/desk.h"

static struct desk desk;
static struct store_keys *keys;
static struct crypt_key kept[3];

static enum rc add_check(struct work *w, void *arg)
{
	(void)arg;
	return keycheck_add(w->tx, &w->err);
}

static enum rc verify_check(struct work *w, void *arg)
{
	struct err *err = arg;

	return keycheck_verify(w->tx, err);
}

static enum rc load(struct work *w, void *arg)
{
	return keycheck_load(w->tx, arg, NULL);
}

static enum rc settle(struct work *w, void *arg)
{
	return keycheck_settle(w->tx, *(unsigned *)arg, &w->err);
}

static struct reseal_at at;

static enum rc step(struct work *w, void *arg)
{
	bool *more = arg;
	enum rc rc = reseal_step(w->tx, &at, &w->err);

	*more = at.more;
	return rc;
}

static enum rc progress(struct work *w, void *arg)
{
	return reseal_find(w->tx, arg, &w->err);
}

static enum rc verify_log(struct work *w, void *arg)
{
	return event_verify(w->tx, arg, &w->err);
}

static enum rc act(house_step what, void *arg)
{
	return desk_do(&desk, &desk.lead, what, arg);
}

/* As after a start with these keys, the first of which seals. */
static void given(const unsigned *which, size_t n)
{
	keys_init(keys, &kept[which[0]]);
	for (size_t i = 1; i < n; i++)
		assert_true(keys_add(keys, &kept[which[i]]) >= 0);
	assert_int_equal(RC_OK, act(verify_check, NULL));
	assert_int_equal(RC_OK, act(load, keys));
}

static int setup(void **state)
{
	(void)state;
	desk_begin(&desk);
	keys = &desk.house.scratch.env.keys;
	for (size_t i = 0; i < 3; i++)
		memset(kept[i].bytes, (int)(0x31 + i), CRYPT_KEY_LEN);
	keys_init(keys, &kept[0]);
	/* what was sealed before it was ours */
	assert_int_equal(RC_OK, act(add_check, NULL));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	desk_end(&desk);
	return 0;
}

/* Papers of requests and bookings, and a reason in the log. */
static const char *some(const char *patient)
{
	struct on on = {.request = work_request_decline,
			.reason.reason = "canaryreason"};
	struct ask_for a = ask_for("liaoyang-central", patient);

	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, submit_step, &a));
	on.code = a.out.code;
	assert_int_equal(RC_OK, act(request_step, &on));
	return a.out.code;
}

/* A booking, and a consent that stands and one that is withdrawn. */
static const char *with_consent(const char *patient)
{
	const char *code = desk_accepted(&desk, &desk.one, patient);

	const char *booking =
		desk_booked(&desk, &desk.one, code, DESK_MONDAY).code;

	desk_consent(&desk, &desk.one, booking, CONSENT_TREATMENT);
	desk_consent(&desk, &desk.one, booking, CONSENT_BROADCAST);
	scratch_run(desk.house.db,
		    "INSERT INTO request_earlier (request, until, by_name,"
		    " wanted, papers) SELECT id, 1, 'x', wanted, papers"
		    " FROM request");
	scratch_run(desk.house.db, "UPDATE consent SET withdrawn_at = said_at"
				   " WHERE consent = 'broadcast'");
	return code;
}

static void reads(const char *code)
{
	struct on on = {.code = code};
	const struct msg_event *v;

	assert_int_equal(RC_OK, desk_do(&desk, &desk.one, show_step, &on));
	assert_string_equal("Canary Zhang", on.r.patient->name);
	v = on.r.history.v;
	assert_string_equal("canaryreason", v[on.r.history.n - 1].reason);
}

static void chain_holds(void)
{
	struct event_report report;

	assert_int_equal(RC_OK, act(verify_log, &report));
	assert_true(report.ok);
}

static int64_t under(unsigned which)
{
	struct store_keys one;
	uint8_t id[CRYPT_ID_LEN];
	struct query q;
	int64_t n = 0;

	keys_init(&one, &kept[which]);
	crypt_key_id(&one.field[0], id);
	query_begin(&q, desk.house.db,
		    "SELECT (SELECT count(*) FROM request WHERE"
		    " substr(papers, 1, 4) = $1) + (SELECT count(*) FROM"
		    " consent WHERE substr(papers, 1, 4) = $1)"
		    " + (SELECT count(*) FROM request_earlier WHERE"
		    " substr(papers, 1, 4) = $1)"
		    " + (SELECT count(*) FROM event"
		    " WHERE substr(body, 1, 4) = $1)");
	query_blob(&q, 1, id, sizeof(id));
	assert_true(query_row(&q));
	n = query_col_int(&q, 0);
	assert_int_equal(RC_OK, query_end(&q, NULL));
	return n;
}

static void seals(unsigned slot)
{
	assert_int_equal(RC_OK, act(settle, &slot));
	atomic_store(&keys->seals, slot);
	assert_int_equal(RC_OK, keys_name_by(keys, slot));
}

static unsigned walk(void)
{
	unsigned n = 0;
	bool more = true;

	at = (struct reseal_at){0};
	while (more) {
		assert_int_equal(RC_OK, act(step, &more));
		n++;
	}
	return n;
}

static void all_of_it_moves(void **state)
{
	const char *one = some("P-1"), *two;
	struct reseal_progress p;

	(void)state;
	with_consent("P-3");
	assert_int_equal(1, keys_add(keys, &kept[1]));
	seals(1);
	two = some("P-2"); /* meanwhile: under the new one at once */
	assert_true(under(0) > 0 && under(1) > 0);
	assert_int_equal(RC_OK, act(progress, &p));
	assert_true(p.going && p.all > 0);
	assert_true(walk() > 1);
	assert_int_equal(0, under(0));
	assert_int_equal(RC_OK, act(progress, &p));
	assert_false(p.going);
	given((const unsigned[]){1}, 1);
	reads(one);
	reads(two);
	chain_holds();
	assert_int_equal(1, desk_count(&desk, "SELECT count(*) FROM meta WHERE"
					      " name LIKE 'key-check%'"));
	/* the same patient is the same subject */
	some("P-1");
	assert_int_equal(3, desk_count(&desk, "SELECT count(*) FROM subject"
					      " WHERE type = 'patient'"));
}

static int64_t patients(void)
{
	return desk_count(&desk, "SELECT count(*) FROM subject"
				 " WHERE type = 'patient'");
}

static int64_t metas(const char *like)
{
	struct query q;
	int64_t n = -1;

	query_begin(&q, desk.house.db,
		    "SELECT count(*) FROM meta WHERE name LIKE $1");
	query_text(&q, 1, like);
	if (query_row(&q))
		n = query_col_int(&q, 0);
	assert_int_equal(RC_OK, query_end(&q, NULL));
	return n;
}

/* Two who were there before, and one who is new, each asking again. */
static void they_come_again(unsigned i)
{
	char new[16];

	snprintf(new, sizeof(new), "N-%u", i);
	some("P-1");
	some("P-2");
	some(new);
	some(new);
	assert_int_equal(3 + i, patients());
}

/* Slugs are of another key then; whoever comes in the middle, killed after each
 * step, is who they were. */
static void patients_stay_who_they_are(void **state)
{
	bool more = true;
	unsigned i = 0;

	(void)state;
	they_come_again(i++);
	with_consent("P-1");
	scratch_run(desk.house.db,
		    "CREATE TEMP TABLE was AS SELECT id, slug FROM subject"
		    " WHERE type = 'patient'");
	assert_int_equal(1, keys_add(keys, &kept[1]));
	seals(1);
	they_come_again(i++);
	at = (struct reseal_at){0};
	while (more) {
		given((const unsigned[]){1, 0}, 2);
		seals(0);
		assert_int_equal(1, metas("patient-key-%"));
		they_come_again(i++);
		assert_int_equal(RC_OK, act(step, &more));
		if (metas("reseal") == 0)
			break;
	}
	assert_true(i > 5);
	walk();
	they_come_again(i++);
	assert_int_equal(0, metas("patient-key-%"));
	given((const unsigned[]){1}, 1);
	they_come_again(i++);
	assert_int_equal(3, desk_count(&desk, "SELECT count(*) FROM was"));
	assert_int_equal(0, desk_count(&desk,
				       "SELECT count(*) FROM was JOIN subject s"
				       " ON s.slug = was.slug"));
	chain_holds();
}

/* A step that makes the first byte behind the nonce another, and back. */
static void damage(const char *table, const char *code)
{
	struct query q;

	scratch_run(desk.house.db, "INSERT INTO meta VALUES ('reseal', 'x')");
	query_begin(&q, desk.house.db,
		    strcmp(table, "request") == 0
			    ? "UPDATE request SET papers = CAST("
			      "substr(papers, 1, 40) || x'00' ||"
			      " substr(papers, 42) AS BLOB) WHERE code = $1"
			    : "UPDATE event SET body = CAST(substr(body, 1, 40)"
			      " || x'00' || substr(body, 42) AS BLOB)"
			      " WHERE code = $1 AND body IS NOT NULL");
	query_text(&q, 1, code);
	assert_int_equal(RC_OK, query_end(&q, NULL));
	scratch_run(desk.house.db, "DELETE FROM meta WHERE name = 'reseal'");
}

/* As they were kept before anything was done to them. */
static void put_back(void)
{
	scratch_run(desk.house.db,
		    "INSERT INTO meta VALUES ('reseal', 'x');"
		    "UPDATE request SET papers = (SELECT papers FROM kept)"
		    " WHERE id = (SELECT id FROM kept);"
		    "UPDATE event SET body = (SELECT body FROM said)"
		    " WHERE seq = (SELECT seq FROM said);"
		    "DELETE FROM meta WHERE name = 'reseal'");
}

static void expect_unopened(int64_t n)
{
	struct reseal_progress p;

	assert_int_equal(RC_OK, act(progress, &p));
	assert_false(p.going);
	assert_int_equal(n, p.unopened);
	if (n)
		assert_string_equal("request.papers", p.first[0].place);
}

/* It is left, the rest is sealed anew, and the older keys stay for it. */
static void what_does_not_open_is_left(void **state)
{
	const char *damaged = some("P-1"), *whole = some("P-2");

	(void)state;
	scratch_run(desk.house.db,
		    "CREATE TEMP TABLE kept AS SELECT id, papers FROM request"
		    " ORDER BY id LIMIT 1;"
		    "CREATE TEMP TABLE said AS SELECT seq, body FROM event"
		    " WHERE body IS NOT NULL ORDER BY seq DESC LIMIT 1");
	damage("request", damaged);
	damage("event", whole);
	assert_int_equal(1, keys_add(keys, &kept[1]));
	seals(1);
	walk();
	/* the papers, the words, and the patient whom none names */
	expect_unopened(3);
	/* each is said once, besides what seals and that it is done */
	assert_int_equal(3 + 2,
			 desk_count(&desk, "SELECT count(*) FROM event"
					   " WHERE thing = 'field-key'"));
	assert_int_equal(2, metas("key-check%"));
	assert_int_equal(1, metas("patient-key-%"));
	/* at a start both keys are needed, and no patient is two */
	given((const unsigned[]){1, 0}, 2);
	seals(0);
	assert_int_equal(0, metas("reseal"));
	walk();
	expect_unopened(3);
	some("P-1");
	assert_int_equal(2, patients());
	keys_init(keys, &kept[1]);
	assert_int_equal(RC_FORBIDDEN, act(verify_check, NULL));
	/* a third key, and nothing is said twice */
	given((const unsigned[]){2, 1, 0}, 3);
	seals(0);
	walk();
	expect_unopened(2); /* the patient was named in the new papers */
	put_back();
	given((const unsigned[]){2, 1, 0}, 3);
	walk();
	expect_unopened(0);
	assert_int_equal(1, metas("key-check%"));
	assert_int_equal(0, metas("patient-key-%"));
	given((const unsigned[]){2}, 1);
	reads(damaged);
	reads(whole);
	some("P-1");
	assert_int_equal(2, patients());
	chain_holds();
}

static void a_key_that_is_needed_is_missed(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	some("P-1");
	assert_int_equal(1, keys_add(keys, &kept[1]));
	seals(1);
	keys_init(keys, &kept[1]);
	assert_int_equal(RC_FORBIDDEN, act(verify_check, &err));
	assert_non_null(strstr(err.text, "3 values are still sealed"));
	keys_init(keys, &kept[2]);
	assert_int_equal(RC_FORBIDDEN, act(verify_check, NULL));
}

/* Restarted after each step, with the keys in any order, and a third one. */
static void it_is_broken_off_and_goes_on(void **state)
{
	const char *codes[6];
	bool more = true;

	(void)state;
	for (size_t i = 0; i < 6; i++)
		codes[i] = some(i % 2 ? "P-1" : "P-2");
	assert_int_equal(1, keys_add(keys, &kept[1]));
	seals(1);
	for (int i = 0; more && i < 2; i++) {
		assert_int_equal(RC_OK, act(step, &more));
		given((const unsigned[]){1, 0}, 2);
		seals(0);
	}
	assert_true(more);
	given((const unsigned[]){0, 1}, 2); /* back again */
	seals(0);
	assert_int_equal(RC_OK, act(step, &more));
	given((const unsigned[]){2, 1, 0}, 3);
	seals(0);
	walk();
	given((const unsigned[]){2}, 1);
	assert_int_equal(0, under(0) + under(1));
	for (size_t i = 0; i < 6; i++)
		reads(codes[i]);
	chain_holds();
}

static void without_a_walk_nothing_is_exchanged(void **state)
{
	(void)state;
	some("P-1");
	assert_int_not_equal(RC_OK,
			     db_script(desk.house.db,
				       "UPDATE event SET body = zeroblob(60)"
				       " WHERE body IS NOT NULL",
				       NULL));
}

/* A new column of bytes is sealed, and then it has its row in reseal.c, or it
 * is none of these. */
static void every_sealed_column_has_its_row(void **state)
{
	static const char *const plain[] = {
		"certificate.key",  "certificate.issuer",
		"token.hash",	    "invitation.hash",
		"event.body_hash",  "event.prev",
		"event.hash",	    "opinion.key",
		"idempotency.body", "idempotency.body_hash",
	};
	static const char *const sealed[] = {
		"request.papers", "booking.papers", "opinion.content",
		"consent.papers", "event.body",	    "request_earlier.papers",
		"walk_in.name",	  "course.content",
	};
	struct query q;
	size_t found = 0;

	(void)state;
	query_begin(&q, desk.house.db,
		    "SELECT m.name || '.' || c.name FROM sqlite_schema m,"
		    " pragma_table_info(m.name) c WHERE m.type = 'table'"
		    " AND c.type = 'BLOB'");
	while (query_row(&q)) {
		const char *name = query_col_text(&q, 0);
		bool known = false;

		for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
			known |= strcmp(plain[i], name) == 0;
		for (size_t i = 0; i < sizeof(sealed) / sizeof(sealed[0]); i++)
			if (strcmp(sealed[i], name) == 0)
				known = true, found++;
		if (!known)
			print_message("what is %s?\n", name);
		assert_true(known);
	}
	assert_int_equal(RC_OK, query_end(&q, NULL));
	assert_int_equal(sizeof(sealed) / sizeof(sealed[0]), found);
}

/* --- bodies of old --- */

static enum rc old_bodies(struct work *w, void *arg)
{
	const struct body_of of = {7, 3};
	const struct seal_place place = {"event.body", of.seq, of.lead};
	struct buf old, anew, words;
	uint8_t hash[CRYPT_HASH_LEN], want[CRYPT_HASH_LEN];

	(void)arg;
	buf_init(&old, 1000);
	buf_init(&anew, 1000);
	buf_init(&words, 1000);
	buf_add(&old, "0123456789abcdef", 16);
	assert_int_equal(RC_OK, seal_close_with(w->tx, 0, &place, "said so", 7,
						&old, NULL));
	const struct crypt_part part = {old.data, old.len};

	crypt_sha256(&part, 1, want);
	assert_int_equal(0, body_slot(w->tx, old.data, old.len));
	assert_int_equal(RC_OK, body_open(w->tx, &of, old.data, old.len, &words,
					  hash, NULL));
	assert_string_equal("said so", buf_cstr(&words));
	assert_memory_equal(want, hash, sizeof(hash));
	/* under the second key: the same words, and the same hash */
	atomic_store(&keys->seals, 1U);
	assert_int_equal(RC_OK, body_close_anew(w->tx, &of, old.data, old.len,
						&anew, NULL));
	assert_int_equal(1, body_slot(w->tx, anew.data, anew.len));
	for (int i = 0; i < 2; i++) {
		buf_reset(&words);
		memset(hash, 0, sizeof(hash));
		assert_int_equal(RC_OK,
				 body_open(w->tx, &of, anew.data, anew.len,
					   &words, hash, NULL));
		assert_string_equal("said so", buf_cstr(&words));
		assert_memory_equal(want, hash, sizeof(hash));
		/* and once more under the third */
		buf_reset(&old);
		atomic_store(&keys->seals, 2U);
		if (i == 0)
			assert_int_equal(RC_OK,
					 body_close_anew(w->tx, &of, anew.data,
							 anew.len, &old, NULL));
		buf_reset(&anew);
		buf_add(&anew, old.data, old.len);
		if (i == 0)
			assert_int_equal(2,
					 body_slot(w->tx, anew.data, anew.len));
	}
	buf_fini(&old);
	buf_fini(&anew);
	buf_fini(&words);
	return RC_OK;
}

static void bodies_of_old_keep_their_hash(void **state)
{
	(void)state;
	assert_int_equal(1, keys_add(keys, &kept[1]));
	assert_int_equal(2, keys_add(keys, &kept[2]));
	assert_int_equal(-1, keys_add(keys, &kept[1]));
	assert_int_equal(RC_OK, act(old_bodies, NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_of_it_moves),
		TEST(patients_stay_who_they_are),
		TEST(what_does_not_open_is_left),
		TEST(a_key_that_is_needed_is_missed),
		TEST(it_is_broken_off_and_goes_on),
		TEST(without_a_walk_nothing_is_exchanged),
		TEST(every_sealed_column_has_its_row),
		TEST(bodies_of_old_keep_their_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
