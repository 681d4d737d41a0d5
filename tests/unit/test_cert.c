#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cert.h"
#include "base/crypt.h"
#include "base/pki.h"
#include "tests/support/fake.h"

#define NOW 1796090400
#define DAY 86400

/* A CA, and somebody's key with the certificate that it signed. */
struct house {
	struct buf ca_key, ca, key, cert;
};

static void sign(const struct house *h, const struct rnd *rnd,
		 struct buf *out_key, struct buf *out_cert)
{
	struct pki_order order = {
		.name = "x", .usage = PKI_CLIENT, .now = NOW, .days = 90};
	uint8_t id[PKI_ID_LEN];
	int64_t end;
	struct buf csr;

	buf_init(&csr, 10000);
	assert_int_equal(pki_key_new(out_key, NULL), RC_OK);
	assert_int_equal(pki_csr_new(buf_cstr(out_key), "x", &csr, NULL),
			 RC_OK);
	order.csr_pem = buf_cstr(&csr);
	assert_int_equal(pki_sign(buf_cstr(&h->ca), buf_cstr(&h->ca_key),
				  &order, rnd, out_cert, id, &end, NULL),
			 RC_OK);
	buf_fini(&csr);
}

static void house_init(struct house *h)
{
	struct fake_rnd rnd;

	fake_rnd_init(&rnd, 7);
	buf_init(&h->ca_key, 10000);
	buf_init(&h->ca, 10000);
	buf_init(&h->key, 10000);
	buf_init(&h->cert, 10000);
	assert_int_equal(pki_key_new(&h->ca_key, NULL), RC_OK);
	assert_int_equal(pki_ca_new(buf_cstr(&h->ca_key), "CA", NOW, 365,
				    &rnd.rnd, &h->ca, NULL),
			 RC_OK);
	sign(h, &rnd.rnd, &h->key, &h->cert);
}

static void house_fini(struct house *h)
{
	buf_fini(&h->ca_key);
	buf_fini(&h->ca);
	buf_fini(&h->key);
	buf_fini(&h->cert);
}

static void a_life_is_read(void **state)
{
	struct house h;
	struct buf both;
	int64_t from, to;

	(void)state;
	house_init(&h);
	assert_int_equal(cert_life(buf_cstr(&h.cert), &from, &to, NULL), RC_OK);
	assert_int_equal(from, NOW - 3600);
	assert_int_equal(to, NOW + 90 * DAY);
	/* also behind its key, as profiles keep it */
	buf_init(&both, 20000);
	buf_str(&both, buf_cstr(&h.key));
	buf_str(&both, buf_cstr(&h.cert));
	assert_int_equal(cert_life(buf_cstr(&both), &from, &to, NULL), RC_OK);
	assert_int_equal(to, NOW + 90 * DAY);
	assert_int_equal(cert_fits(buf_cstr(&both), buf_cstr(&both),
				   buf_cstr(&h.ca), NULL),
			 RC_OK);
	buf_fini(&both);
	house_fini(&h);
}

static void what_fits_is_taken_alone(void **state)
{
	struct house mine, other;
	struct err err = ERR_INIT;

	(void)state;
	house_init(&mine);
	house_init(&other);
	assert_int_equal(cert_fits(buf_cstr(&mine.cert), buf_cstr(&mine.key),
				   buf_cstr(&mine.ca), NULL),
			 RC_OK);
	assert_int_equal(cert_fits(buf_cstr(&mine.cert), buf_cstr(&other.key),
				   buf_cstr(&mine.ca), &err),
			 RC_INVALID);
	assert_non_null(strstr(err.text, "another key"));
	/* of the same name, with another key */
	assert_int_equal(cert_fits(buf_cstr(&mine.cert), buf_cstr(&mine.key),
				   buf_cstr(&other.ca), &err),
			 RC_INVALID);
	assert_non_null(strstr(err.text, "not from that CA"));
	/* who has a certificate is no authority */
	assert_int_equal(cert_fits(buf_cstr(&mine.cert), buf_cstr(&mine.key),
				   buf_cstr(&mine.cert), &err),
			 RC_INVALID);
	house_fini(&other);
	house_fini(&mine);
}

static void what_is_none_is_said(void **state)
{
	static const char *const texts[] = {
		"", "x", "-----BEGIN CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"};
	struct house h;
	int64_t from, to;

	(void)state;
	house_init(&h);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct err err = ERR_INIT;

		assert_int_equal(cert_life(texts[i], &from, &to, &err),
				 RC_INVALID);
		assert_int_equal(cert_fits(texts[i], buf_cstr(&h.key),
					   buf_cstr(&h.ca), NULL),
				 RC_INVALID);
		assert_int_equal(cert_fits(buf_cstr(&h.cert), buf_cstr(&h.key),
					   texts[i], NULL),
				 RC_INVALID);
		assert_int_equal(cert_fits(buf_cstr(&h.cert), texts[i],
					   buf_cstr(&h.ca), NULL),
				 RC_INVALID);
	}
	house_fini(&h);
}

static int begin(void **state)
{
	(void)state;
	crypt_init();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_life_is_read),
		cmocka_unit_test(what_fits_is_taken_alone),
		cmocka_unit_test(what_is_none_is_said),
	};

	return cmocka_run_group_tests(tests, begin, NULL);
}
