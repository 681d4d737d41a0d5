/*
 * The server's certificate over the years, by a clock of the test's: when it is
 * renewed, by whom it is not, and what a start finds after a crash.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cert.h"
#include "base/crypt.h"
#include "base/file.h"
#include "base/log.h"
#include "base/pki.h"
#include "daemon/main/renew.h"

#define DAY ((int64_t)86400)
#define START (1800000000 + 12 * (int64_t)3600)

static char dir[64];
static int64_t now;
static struct conf conf;
static struct material material;
static struct renew renew;

static int64_t now_of(void *ctx)
{
	(void)ctx;
	return now;
}

static const struct clock by_hand = {now_of, now_of, NULL};
static const struct material_from from = {&conf, NULL};

static const char *at(const char *name)
{
	static char path[2][128];
	static int turn;

	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", dir, name);
	return path[turn];
}

static void put(const char *name, const struct buf *text)
{
	struct err err = ERR_INIT;

	assert_int_equal(
		file_replace(at(name), text->data, text->len, 0600, &err),
		RC_OK);
}

static void get(const char *name, struct buf *out)
{
	struct err err = ERR_INIT;

	buf_init(out, 65536);
	assert_int_equal(file_read(at(name), out, &err), RC_OK);
}

/* A pair for these hosts, of so many days from now on. */
static void make_pair(const char *const *hosts, size_t nhosts, int days,
		      struct buf *out_cert, struct buf *out_key)
{
	struct pki_order order = {.name = "the server",
				  .usage = PKI_SERVER,
				  .hosts = hosts,
				  .nhosts = nhosts,
				  .now = now,
				  .days = days};
	uint8_t id[PKI_ID_LEN];
	struct err err = ERR_INIT;
	int64_t not_after;
	struct buf csr;

	buf_init(&csr, 65536);
	buf_init(out_cert, 65536);
	buf_init(out_key, 65536);
	assert_int_equal(pki_key_new(out_key, &err), RC_OK);
	assert_int_equal(pki_csr_new(buf_cstr(out_key), order.name, &csr, &err),
			 RC_OK);
	order.csr_pem = buf_cstr(&csr);
	assert_int_equal(pki_sign(buf_cstr(&material.ca_certificate),
				  buf_cstr(&material.ca_key), &order,
				  rnd_system(), out_cert, id, &not_after, &err),
			 RC_OK);
	buf_fini(&csr);
}

static void place(int days)
{
	static const char *const hosts[] = {"a.example", "127.0.0.1", "::1"};
	struct buf cert, key;

	make_pair(hosts, 3, days, &cert, &key);
	put("server.pem", &cert);
	put("server.key", &key);
	buf_fini(&cert);
	buf_fini(&key);
}

static void make_ca(int days)
{
	struct err err = ERR_INIT;

	buf_reset(&material.ca_certificate);
	assert_int_equal(pki_ca_new(buf_cstr(&material.ca_key), "ca", now, days,
				    rnd_system(), &material.ca_certificate,
				    &err),
			 RC_OK);
	put("ca.pem", &material.ca_certificate);
}

static int set_up(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/teleconsult-XXXXXX");
	if (mkdtemp(dir) == NULL)
		return -1;
	now = START;
	conf_init(&conf);
	snprintf(conf.state.s, sizeof(conf.state.s), "%s", dir);
	material_init(&material);
	assert_int_equal(pki_key_new(&material.ca_key, &err), RC_OK);
	make_ca(3650);
	renew_init(&renew, &material, &by_hand, rnd_system());
	return 0;
}

static int tear_down(void **state)
{
	static const char *const names[] = {"server.pem", "server.key",
					    "server.pem.next",
					    "server.key.next", "ca.pem"};

	(void)state;
	material_fini(&material);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(at(names[i]));
	return rmdir(dir);
}

static void life(int64_t *out_from, int64_t *out_to)
{
	struct err err = ERR_INIT;
	struct buf cert;

	get("server.pem", &cert);
	assert_int_equal(cert_life(buf_cstr(&cert), out_from, out_to, &err),
			 RC_OK);
	buf_fini(&cert);
}

static bool fits(void)
{
	struct buf cert, key;
	bool ok;

	get("server.pem", &cert);
	get("server.key", &key);
	ok = cert_fits(buf_cstr(&cert), buf_cstr(&key),
		       buf_cstr(&material.ca_certificate), NULL) == RC_OK;
	buf_fini(&cert);
	buf_fini(&key);
	return ok;
}

/* Turns once a step until then; answers how many renewals there were. */
static int live_by(int64_t step, int64_t end)
{
	int n = 0;

	for (; now < end; now += step) {
		n += renew_turn(&renew, &from);
		assert_false(renew_turn(&renew, &from)); /* once is enough */
	}
	return n;
}

static int live_until(int64_t end)
{
	return live_by(8 * 3600, end); /* a look every hour is no news */
}

static void when_a_third_is_left(void **state)
{
	int64_t begin, end, due;

	(void)state;
	place(90);
	life(&begin, &end);
	due = end - (end - begin) / 3;
	assert_int_equal(live_until(due - 60), 0);
	now = due - 1;
	assert_false(renew_turn(&renew, &from));
	now = due; /* it has noted the moment: not an hour later */
	assert_true(renew_turn(&renew, &from));
	assert_true(fits());
	life(&begin, &end);
	assert_int_equal(end, due + RENEW_SERVER_DAYS * DAY);
	assert_false(renew_turn(&renew, &from));
}

/* Nobody looks after it, and there is always one that is good. */
static void for_years(void **state)
{
	int64_t begin, end, year = START;
	int n = 0;

	(void)state;
	place(90);
	while (year < START + 3500 * DAY) {
		year += 100 * DAY;
		n += live_by(5 * DAY, year);
		life(&begin, &end);
		assert_true(end > now);
		assert_true(fits());
	}
	assert_in_range(n, 5, 8); /* some more near the end of its CA */
}

static void the_same_names(void **state)
{
	struct err err = ERR_INIT;
	struct buf cert, names;

	(void)state;
	place(3);
	now += 3 * DAY;
	assert_true(renew_turn(&renew, &from));
	get("server.pem", &cert);
	buf_init(&names, 1000);
	assert_int_equal(cert_names(buf_cstr(&cert), &names, &err), RC_OK);
	assert_string_equal(buf_cstr(&names),
			    "the server\na.example\n127.0.0.1\n::1");
	buf_fini(&names);
	buf_fini(&cert);
}

/* A host that the options name now, and the certificate does not yet. */
static void a_new_host_is_added(void **state)
{
	static const char *const also[] = {"a.example", "b.example",
					   "2001:DB8:0::7", "127.0.0.1"};
	struct err err = ERR_INIT;
	struct buf cert, names;

	(void)state;
	make_ca(80); /* also when it ends with its CA already */
	place(90);
	assert_false(renew_turn(&renew, &from));
	for (unsigned i = 0; i < 4; i++)
		strcpy(conf.hosts.name[conf.hosts.n++], also[i]);
	renew.look_at = 0;
	assert_true(renew_turn(&renew, &from));
	assert_true(fits());
	get("server.pem", &cert);
	buf_init(&names, 1000);
	assert_int_equal(cert_names(buf_cstr(&cert), &names, &err), RC_OK);
	assert_string_equal(buf_cstr(&names),
			    "the server\na.example\n127.0.0.1\n::1\n"
			    "b.example\n2001:db8::7");
	buf_fini(&names);
	buf_fini(&cert);
	assert_int_equal(live_until(now + 10 * DAY), 0);
}

/* Whose certificate it is, is theirs to mend. */
static void to_somebody_elses_none_is_added(void **state)
{
	(void)state;
	place(90);
	snprintf(conf.tls_certificate.s, sizeof(conf.tls_certificate.s), "%s",
		 at("server.pem"));
	strcpy(conf.hosts.name[conf.hosts.n++], "b.example");
	assert_false(renew_turn(&renew, &from));
}

static void none_outlives_its_ca(void **state)
{
	int64_t begin, end;

	(void)state;
	make_ca(100);
	place(30);
	assert_int_equal(live_until(START + 25 * DAY), 1);
	life(&begin, &end);
	assert_int_equal(end, START + 100 * DAY);
	/* as long as the CA: another would be no better */
	assert_int_equal(live_until(START + 100 * DAY), 0);
}

static void not_what_somebody_else_put_there(void **state)
{
	(void)state;
	place(3);
	now += 2 * DAY;
	snprintf(conf.tls_certificate.s, sizeof(conf.tls_certificate.s), "%s",
		 at("server.pem"));
	assert_false(renew_turn(&renew, &from));
	now += DAY;
	conf.tls_certificate.s[0] = '\0';
	make_ca(3650); /* another certificate, the same key: still ours */
	assert_true(renew_turn(&renew, &from));
}

static void not_another_cas(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	place(3);
	buf_reset(&material.ca_key);
	assert_int_equal(pki_key_new(&material.ca_key, &err), RC_OK);
	make_ca(3650);
	now += 2 * DAY;
	assert_false(renew_turn(&renew, &from));
	assert_false(fits());
}

/* Each of the four files is there or not, old or new: a start finds a pair
 * wherever there is one, and leaves nothing beside it. */
static void after_a_crash(void **state)
{
	static const char *const host[] = {"a.example"};
	struct err err = ERR_INIT;
	struct buf cert[2], key[2];
	int pairs = 0;

	(void)state;
	for (int i = 0; i < 2; i++)
		make_pair(host, 1, 30, &cert[i], &key[i]);
	for (int way = 0; way < 16; way++) {
		bool possible;

		put("server.pem", &cert[way & 1]);
		put("server.key", &key[way >> 1 & 1]);
		unlink(at("server.pem.next"));
		unlink(at("server.key.next"));
		if (way & 4)
			put("server.pem.next", &cert[1]);
		if (way & 8)
			put("server.key.next", &key[1]);
		possible = (way & 1) == (way >> 1 & 1) ||
			   ((way & 2) && (way & 4)) || ((way & 1) && (way & 8));
		assert_int_equal(renew_fits(&from), possible);
		assert_int_equal(renew_settle(&from, &err), RC_OK);
		assert_int_equal(fits(), possible);
		assert_int_equal(access(at("server.pem.next"), F_OK), -1);
		assert_int_equal(access(at("server.key.next"), F_OK), -1);
		pairs += possible;
	}
	assert_int_equal(pairs, 12);
	for (int i = 0; i < 2; i++) {
		buf_fini(&cert[i]);
		buf_fini(&key[i]);
	}
}

/* A try ends in the middle; the next look completes it, and says that there is
 * a pair to be put in force. */
static void after_half_a_try(void **state)
{
	static const char *const host[] = {"a.example"};

	(void)state;
	for (int whole = 0; whole < 2; whole++) {
		struct buf cert, key;

		place(3);
		now += 3 * DAY - 3600;
		assert_int_equal(mkdir(at("server.pem.next"), 0700), 0);
		assert_false(renew_turn(&renew, &from));
		assert_true(fits()); /* it had not begun to exchange */
		assert_int_equal(rmdir(at("server.pem.next")), 0);
		make_pair(host, 1, 30, &cert, &key);
		put("server.key", &key);
		put(whole ? "server.pem" : "server.pem.next", &cert);
		assert_int_equal(fits(), whole);
		now += 3600;
		assert_true(renew_turn(&renew, &from));
		assert_true(fits());
		assert_int_equal(access(at("server.pem.next"), F_OK), -1);
		now += 3600;
		assert_false(renew_turn(&renew, &from)); /* once is enough */
		buf_fini(&cert);
		buf_fini(&key);
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(when_a_third_is_left),
		T(for_years),
		T(the_same_names),
		T(a_new_host_is_added),
		T(to_somebody_elses_none_is_added),
		T(none_outlives_its_ca),
		T(not_what_somebody_else_put_there),
		T(not_another_cas),
		T(after_a_crash),
		T(after_half_a_try),
	};

	crypt_init();
	log_set_level(LOG_LVL_ERR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
