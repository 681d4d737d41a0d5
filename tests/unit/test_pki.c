#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/crypt.h"
#include "base/file.h"
#include "base/pki.h"
#include "tests/support/fake.h"

#define NOW INT64_C(1796088600) /* 2026-12-01T01:30:00Z */
#define DAY INT64_C(86400)

struct house {
	struct fake_rnd rnd;
	struct buf ca_key, ca_cert, key, csr, cert;
	uint8_t id[PKI_ID_LEN];
	int64_t end;
	struct err err;
};

static void pem_init(struct buf *pem)
{
	buf_init(pem, 16384);
}

static int set_up(void **state)
{
	struct house *h = calloc(1, sizeof(*h));

	assert_non_null(h);
	fake_rnd_init(&h->rnd, 11);
	pem_init(&h->ca_key);
	pem_init(&h->ca_cert);
	pem_init(&h->key);
	pem_init(&h->csr);
	pem_init(&h->cert);
	assert_int_equal(pki_key_new(&h->ca_key, NULL), RC_OK);
	assert_int_equal(pki_ca_new(buf_cstr(&h->ca_key), "沈阳中心医院", NOW,
				    3650, &h->rnd.rnd, &h->ca_cert, NULL),
			 RC_OK);
	assert_int_equal(pki_key_new(&h->key, NULL), RC_OK);
	assert_int_equal(
		pki_csr_new(buf_cstr(&h->key), "whoever", &h->csr, NULL),
		RC_OK);
	*state = h;
	return 0;
}

static int tear_down(void **state)
{
	struct house *h = *state;

	buf_fini(&h->ca_key);
	buf_fini(&h->ca_cert);
	buf_fini(&h->key);
	buf_fini(&h->csr);
	buf_fini(&h->cert);
	free(h);
	return 0;
}

static struct pki_order order_of(const struct house *h)
{
	return (struct pki_order){
		.csr_pem = buf_cstr(&h->csr),
		.name = "liaoyang",
		.usage = PKI_CLIENT,
		.now = NOW,
		.days = 365,
	};
}

static enum rc sign(struct house *h, const struct pki_order *order)
{
	buf_reset(&h->cert);
	h->err = (struct err)ERR_INIT;
	return pki_sign(buf_cstr(&h->ca_cert), buf_cstr(&h->ca_key), order,
			&h->rnd.rnd, &h->cert, h->id, &h->end, &h->err);
}

/* Runs the openssl program over files ca.pem and cert.pem; its output. */
static const char *openssl(struct house *h, const char *arguments)
{
	static char out[16384];
	char dir[] = "/tmp/test_pki.XXXXXX";
	char command[1024], path[64];
	FILE *pipe;
	size_t n;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/ca.pem", dir);
	assert_int_equal(file_write_new(path, h->ca_cert.data, h->ca_cert.len,
					0600, NULL),
			 RC_OK);
	snprintf(path, sizeof(path), "%s/cert.pem", dir);
	assert_int_equal(
		file_write_new(path, h->cert.data, h->cert.len, 0600, NULL),
		RC_OK);
	snprintf(command, sizeof(command), "cd %s && openssl %s 2>&1; rm -r %s",
		 dir, arguments, dir);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	n = fread(out, 1, sizeof(out) - 1, pipe);
	out[n] = '\0';
	pclose(pipe);
	return out;
}

static void assert_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("no \"%s\" in:\n%s", part, text);
}

static void keys_are_pkcs8_and_new(void **state)
{
	struct house *h = *state;

	assert_memory_equal(buf_cstr(&h->key), "-----BEGIN PRIVATE KEY-----\n",
			    28);
	assert_string_not_equal(buf_cstr(&h->key), buf_cstr(&h->ca_key));
}

static void authority_is_as_it_should(void **state)
{
	struct house *h = *state;
	const char *text;

	buf_str(&h->cert, "-");
	text = openssl(h, "x509 -in ca.pem -noout -text -nameopt utf8,sname");
	assert_has(text, "Version: 3 (0x2)");
	assert_has(text, "CN=沈阳中心医院");
	assert_has(text, "Signature Algorithm: ecdsa-with-SHA256");
	assert_has(text, "CA:TRUE, pathlen:0");
	assert_has(text, "Certificate Sign, CRL Sign");
	assert_has(text, "Not Before: Dec  1 00:30:00 2026 GMT");
	assert_has(text, "Not After : Nov 28 01:30:00 2036 GMT");
	assert_has(text, "Subject Key Identifier");
	assert_has(text, "NIST CURVE: P-256");
}

static void client_verifies_as_client_only(void **state)
{
	struct house *h = *state;
	struct pki_order order = order_of(h);
	const char *text;

	assert_int_equal(sign(h, &order), RC_OK);
	assert_int_equal(h->end, NOW + 365 * DAY);
	assert_has(openssl(h, "verify -x509_strict -attime 1796090000 -purpose "
			      "sslclient -CAfile ca.pem cert.pem"),
		   "cert.pem: OK");
	assert_has(openssl(h, "verify -attime 1796090000 -purpose sslserver "
			      "-CAfile ca.pem cert.pem"),
		   "unsuitable certificate purpose");
	text = openssl(h, "x509 -in cert.pem -noout -text");
	assert_has(text, "Subject: CN = liaoyang\n");
	assert_has(text, "CA:FALSE");
	assert_has(text, "TLS Web Client Authentication\n");
	assert_has(text, "Digital Signature\n");
	assert_has(text, "Authority Key Identifier");
	assert_null(strstr(text, "whoever"));
}

static void server_has_its_hosts(void **state)
{
	static const char *const hosts[] = {"tele.example.org", "10.1.2.3",
					    "2001:db8::1", "localhost"};
	struct house *h = *state;
	struct pki_order order = order_of(h);
	char command[256];

	order.usage = PKI_SERVER;
	order.hosts = hosts;
	order.nhosts = 4;
	assert_int_equal(sign(h, &order), RC_OK);
	for (int i = 0; i < 4; i++) {
		int ip = i == 1 || i == 2;

		snprintf(command, sizeof(command),
			 "verify -x509_strict -attime 1796090000 -purpose "
			 "sslserver -%s %s -CAfile ca.pem cert.pem",
			 ip ? "verify_ip" : "verify_hostname", hosts[i]);
		assert_has(openssl(h, command), "cert.pem: OK");
	}
	assert_has(openssl(h, "verify -attime 1796090000 -verify_hostname "
			      "other.example.org -CAfile ca.pem cert.pem"),
		   "hostname mismatch");
	assert_has(openssl(h, "x509 -in cert.pem -noout -text"),
		   "TLS Web Server Authentication\n");
}

static void hosts_are_read_strictly(void **state)
{
	static const char *const bad[] = {
		"",
		".",
		"a..b",
		"a.b.",
		".a",
		"-a.b",
		"a-.b",
		"a.-b",
		"a b",
		"a,DNS:b",
		"*.a.b",
		"a_b",
		"10.1.2",
		"10.1.2.999",
		"1.2.3.4.5",
		"10.1.2.3/8",
		"[::1]",
		"::1%eth0",
		"fe80:::1",
		"中心.cn",
		"a\n.b",
		"http://a.b",
		"a.b:443",
		"256.1.1.1",
		"a.123456789012345678901234567890123456789012345678901234567890"
		"1234.b",
	};
	struct house *h = *state;
	struct pki_order order = order_of(h);

	order.usage = PKI_SERVER;
	order.nhosts = 1;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		order.hosts = &bad[i];
		if (sign(h, &order) != RC_INVALID)
			fail_msg("took \"%s\"", bad[i]);
		assert_int_equal(h->cert.len, 0);
		assert_has(h->err.text, "host name or address");
	}
}

static void orders_are_checked(void **state)
{
	static const char *const host = "tele.example.org";
	struct house *h = *state;
	struct pki_order order = order_of(h);

	order.hosts = &host;
	order.nhosts = 1;
	assert_int_equal(sign(h, &order), RC_INVALID);
	order = order_of(h);
	order.usage = PKI_SERVER;
	assert_int_equal(sign(h, &order), RC_INVALID);
	order = order_of(h);
	order.days = 0;
	assert_int_equal(sign(h, &order), RC_INVALID);
	order.days = 1000000;
	assert_int_equal(sign(h, &order), RC_INVALID);
	order = order_of(h);
	order.name = "";
	assert_int_equal(sign(h, &order), RC_INVALID);
	order.name = "a name of more than the sixty-four characters that X.520 "
		     "lets them be";
	assert_int_equal(sign(h, &order), RC_INVALID);
	assert_has(h->err.text, "1 to 64 characters");
	order.name = "\xff\xfe";
	assert_int_equal(sign(h, &order), RC_INVALID);
}

static void certificates_end_with_their_authority(void **state)
{
	struct house *h = *state;
	struct pki_order order = order_of(h);

	order.now = NOW + 3600 * DAY;
	assert_int_equal(sign(h, &order), RC_OK);
	assert_int_equal(h->end, NOW + 3650 * DAY);
	assert_has(openssl(h, "x509 -in cert.pem -noout -enddate"),
		   "notAfter=Nov 28 01:30:00 2036 GMT");
	order.now = NOW + 3650 * DAY;
	assert_int_equal(sign(h, &order), RC_STATE);
}

static void serials_differ(void **state)
{
	struct house *h = *state;
	struct pki_order order = order_of(h);
	char first[128];

	assert_int_equal(sign(h, &order), RC_OK);
	snprintf(first, sizeof(first), "%s",
		 openssl(h, "x509 -in cert.pem -noout -serial"));
	/* 128 bits, the first of them set */
	assert_int_equal(strlen(first), strlen("serial=") + 32 + 1);
	assert_non_null(strchr("89ABCDEF", first[7]));
	assert_int_equal(sign(h, &order), RC_OK);
	assert_string_not_equal(first,
				openssl(h, "x509 -in cert.pem -noout -serial"));
}

static void ids_stay(void **state)
{
	struct house *h = *state;
	struct pki_order order = order_of(h);
	uint8_t issuer[PKI_ID_LEN], key[PKI_ID_LEN], again[PKI_ID_LEN];
	uint8_t ca_issuer[PKI_ID_LEN], ca_key[PKI_ID_LEN];
	int64_t end;

	assert_int_equal(sign(h, &order), RC_OK);
	assert_int_equal(
		pki_cert_id(buf_cstr(&h->cert), issuer, key, &end, NULL),
		RC_OK);
	assert_memory_equal(key, h->id, PKI_ID_LEN);
	assert_int_equal(end, h->end);
	order.name = "another name";
	order.now += DAY;
	assert_int_equal(sign(h, &order), RC_OK);
	assert_memory_equal(key, h->id, PKI_ID_LEN);
	assert_int_equal(
		pki_cert_id(buf_cstr(&h->cert), again, key, &end, NULL), RC_OK);
	assert_memory_equal(again, issuer, PKI_ID_LEN);
	assert_int_equal(pki_cert_id(buf_cstr(&h->ca_cert), ca_issuer, ca_key,
				     &end, NULL),
			 RC_OK);
	assert_memory_equal(ca_issuer, issuer, PKI_ID_LEN);
	assert_memory_not_equal(ca_key, key, PKI_ID_LEN);
}

/* The same hash as the openssl program makes of the public key. */
static void id_is_of_the_spki(void **state)
{
	struct house *h = *state;
	struct pki_order order = order_of(h);
	char hex[2 * PKI_ID_LEN + 1];

	assert_int_equal(sign(h, &order), RC_OK);
	for (int i = 0; i < PKI_ID_LEN; i++)
		snprintf(hex + 2 * i, 3, "%02x", h->id[i]);
	assert_has(openssl(h, "x509 -in cert.pem -noout -pubkey | openssl pkey "
			      "-pubin -outform DER | openssl dgst -sha256"),
		   hex);
}

/* And of the whole certificate. */
static void hash_is_of_the_der(void **state)
{
	struct house *h = *state;
	struct pki_order order = order_of(h);
	uint8_t hash[PKI_ID_LEN];
	char hex[2 * PKI_ID_LEN + 1];

	assert_int_equal(sign(h, &order), RC_OK);
	assert_int_equal(pki_cert_hash(buf_cstr(&h->cert), hash, NULL), RC_OK);
	for (int i = 0; i < PKI_ID_LEN; i++)
		snprintf(hex + 2 * i, 3, "%02x", hash[i]);
	assert_has(openssl(h, "x509 -in cert.pem -outform DER |"
			      " openssl dgst -sha256"),
		   hex);
	assert_int_not_equal(pki_cert_hash("x", hash, NULL), RC_OK);
}

static void any_changed_request_is_refused(void **state)
{
	struct house *h = *state;
	struct pki_order order = order_of(h);
	char *csr = strdup(buf_cstr(&h->csr));
	char *body = strchr(csr, '\n') + 1;
	char *end = strstr(csr, "-----END");

	assert_non_null(csr);
	order.csr_pem = csr;
	assert_int_equal(sign(h, &order), RC_OK);
	for (char *p = body; p < end; p++) {
		char old = *p;

		if (old == '\n' || old == '=')
			continue;
		*p = old == 'A' ? 'B' : 'A';
		/* the last character's low bits may be padding */
		if (p + 2 < end && p[1] != '=' && p[2] != '-' &&
		    sign(h, &order) != RC_INVALID)
			fail_msg("took a changed byte %d", (int)(p - body));
		*p = old;
	}
	free(csr);
}

static void foreign_kinds_of_keys_are_refused(void **state)
{
	static const char *const commands[] = {
		"req -new -batch -subj /CN=x -nodes -keyout k -newkey rsa:2048",
		"req -new -batch -subj /CN=x -nodes -keyout k -newkey ec "
		"-pkeyopt ec_paramgen_curve:P-384",
		"req -new -batch -subj /CN=x -nodes -keyout k -newkey ed25519",
		"req -new -batch -subj /CN=x -nodes -keyout k -newkey ec "
		"-pkeyopt ec_paramgen_curve:P-256 -pkeyopt "
		"ec_param_enc:explicit",
	};
	struct house *h = *state;
	struct pki_order order = order_of(h);

	buf_str(&h->cert, "-");
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		char *csr = strdup(openssl(h, commands[i]));

		assert_non_null(csr);
		assert_has(csr, "-----BEGIN CERTIFICATE REQUEST-----");
		order.csr_pem = csr;
		if (sign(h, &order) != RC_INVALID)
			fail_msg("took %s", commands[i]);
		buf_str(&h->cert, "-");
		free(csr);
	}
}

static void a_foreign_p256_request_is_taken(void **state)
{
	struct house *h = *state;
	struct pki_order order = order_of(h);
	char *csr;

	buf_str(&h->cert, "-");
	csr = strdup(openssl(h, "req -new -batch -subj /CN=x -nodes -keyout k "
				"-newkey ec -pkeyopt ec_paramgen_curve:P-256"));
	assert_non_null(csr);
	order.csr_pem = csr;
	assert_int_equal(sign(h, &order), RC_OK);
	free(csr);
}

static void what_is_no_pem_is_refused(void **state)
{
	static const char *const bad[] = {
		"", "x", "-----BEGIN CERTIFICATE REQUEST-----\n",
		"-----BEGIN CERTIFICATE-----\nAAAA\n"
		"-----END CERTIFICATE-----\n",
		"-----BEGIN PRIVATE KEY-----\nMIGH\n"
		"-----END PRIVATE KEY-----\n"};
	struct house *h = *state;
	struct pki_order order = order_of(h);
	uint8_t id[PKI_ID_LEN];
	int64_t end;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct pki_order with = order;

		with.csr_pem = bad[i];
		assert_int_equal(sign(h, &with), RC_INVALID);
		assert_int_equal(pki_sign(bad[i], buf_cstr(&h->ca_key), &order,
					  &h->rnd.rnd, &h->cert, id, &end,
					  NULL),
				 RC_INVALID);
		assert_int_equal(pki_sign(buf_cstr(&h->ca_cert), bad[i], &order,
					  &h->rnd.rnd, &h->cert, id, &end,
					  NULL),
				 RC_INVALID);
		assert_int_equal(pki_cert_id(bad[i], id, id, &end, NULL),
				 RC_INVALID);
		assert_int_equal(pki_csr_new(bad[i], "x", &h->cert, NULL),
				 RC_INVALID);
		assert_int_equal(pki_ca_new(bad[i], "x", NOW, 1, &h->rnd.rnd,
					    &h->cert, NULL),
				 RC_INVALID);
	}
	assert_int_equal(h->cert.len, 0);
}

static void only_an_authority_signs(void **state)
{
	struct house *h = *state;
	struct pki_order order = order_of(h);
	struct buf leaf;
	uint8_t id[PKI_ID_LEN];
	int64_t end;

	assert_int_equal(sign(h, &order), RC_OK);
	pem_init(&leaf);
	buf_str(&leaf, buf_cstr(&h->cert));
	/* a client's certificate and key are no authority */
	assert_int_equal(pki_sign(buf_cstr(&leaf), buf_cstr(&h->key), &order,
				  &h->rnd.rnd, &h->cert, id, &end, NULL),
			 RC_INVALID);
	/* nor is the authority with another's key */
	assert_int_equal(pki_sign(buf_cstr(&h->ca_cert), buf_cstr(&h->key),
				  &order, &h->rnd.rnd, &h->cert, id, &end,
				  NULL),
			 RC_INVALID);
	buf_fini(&leaf);
}

/* A child signs while its n-th allocation fails: how it ended. */
static int sign_failing_at(struct house *h, uint64_t n)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		const struct rlimit no_core = {0, 0};
		struct pki_order order = order_of(h);
		enum rc rc;

		setrlimit(RLIMIT_CORE, &no_core);
		signal(SIGABRT, SIG_DFL);
		signal(SIGSEGV, SIG_DFL);
		fake_mem_fail_at(n);
		rc = sign(h, &order);
		if ((rc == RC_OK) != (h->cert.len > 0))
			rc = RC_USAGE; /* half an answer */
		if (rc != RC_OK && h->err.rc != rc)
			rc = RC_USAGE;
		_exit(fake_mem_calls() < n ? 255 : (int)rc);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/*
 * OpenSSL does not always say that it was memory, so any refusal will do, or
 * the clean abort of hashing; never a crash, never half a certificate.
 */
static void no_memory_is_answered(void **state)
{
	struct house *h = *state;
	int refused = 0, got = 0;

	for (uint64_t n = 1; n < 100000 && got != 255; n += 1 + n / 16) {
		got = sign_failing_at(h, n);
		refused += got == RC_NOMEM;
		if (got != RC_NOMEM && got != RC_INVALID &&
		    got != RC_INTERNAL && got != RC_TOO_LARGE && got != RC_OK &&
		    got != -SIGABRT && got != 255)
			fail_msg("allocation %d: %d", (int)n, got);
	}
	assert_int_equal(got, 255);
	assert_true(refused > 5);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(keys_are_pkcs8_and_new),
		TEST(authority_is_as_it_should),
		TEST(client_verifies_as_client_only),
		TEST(server_has_its_hosts),
		TEST(hosts_are_read_strictly),
		TEST(orders_are_checked),
		TEST(certificates_end_with_their_authority),
		TEST(serials_differ),
		TEST(ids_stay),
		TEST(id_is_of_the_spki),
		TEST(hash_is_of_the_der),
		TEST(any_changed_request_is_refused),
		TEST(foreign_kinds_of_keys_are_refused),
		TEST(a_foreign_p256_request_is_taken),
		TEST(what_is_no_pem_is_refused),
		TEST(only_an_authority_signs),
		TEST(no_memory_is_answered),
	};

	crypt_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
