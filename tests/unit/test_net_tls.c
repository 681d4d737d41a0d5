/*
 * Who gets in and how: certificates, versions, ciphers, protocols, resumption,
 * plain HTTP, reload and revocation.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/err.h>

#include "base/cert.h"
#include "base/mem.h"
#include "base/pki.h"
#include "tests/support/netrig.h"

static int setup(void **state)
{
	struct netrig *rig = mem_alloc(sizeof(*rig));

	netrig_new(rig);
	netrig_start(rig);
	*state = rig;
	return 0;
}

static int teardown(void **state)
{
	netrig_free(*state);
	mem_free(*state);
	return 0;
}

static bool gets_in(struct netrig_client *c)
{
	struct buf out;
	bool in;

	buf_init(&out, 65536);
	in = netrig_ask(c, NETRIG_GET("/healthz"), &out) &&
	     strstr(buf_cstr(&out), "alive\n");
	if (!in && out.len)
		fail_msg("refused, but answered: %s", buf_cstr(&out));
	buf_fini(&out);
	return in;
}

/* Tries to get in with a prepared context; nothing else is answered. */
static bool tries(struct netrig *rig, unsigned listener, SSL_CTX *ctx)
{
	struct netrig_client c;
	bool in = netrig_handshake(&c, ctx, netrig_connect(rig, listener)) &&
		  gets_in(&c);

	netrig_close(&c);
	return in;
}

static void assert_failures(struct netrig *rig, uint64_t expected)
{
	struct net_figures figures = {0};

	assert_true(netrig_await(rig, &figures.handshakes_failed, &figures,
				 expected));
}

static void certificates(void **state)
{
	struct netrig *rig = *state;
	int64_t now = clock_now(clock_system());
	struct netdemo_keys other;
	struct netdemo_client foreign, expired, early;
	const struct buf *ca = &rig->keys.ca;

	netdemo_keys_make(&other, now);
	netdemo_client_make(&other, now, 1, &foreign);
	netdemo_client_make(&rig->keys, now - 3 * 86400, 1, &expired);
	netdemo_client_make(&rig->keys, now + 86400, 1, &early);
	assert_true(tries(rig, 0, netrig_ctx(ca, &rig->partner)));
	assert_failures(rig, 0);
	assert_false(tries(rig, 0, netrig_ctx(ca, NULL)));
	assert_failures(rig, 1);
	assert_false(tries(rig, 0, netrig_ctx(ca, &foreign)));
	assert_failures(rig, 2);
	assert_false(tries(rig, 0, netrig_ctx(ca, &expired)));
	assert_failures(rig, 3);
	assert_false(tries(rig, 0, netrig_ctx(ca, &early)));
	assert_failures(rig, 4);
	/* A client that knows the server by another authority leaves. */
	assert_false(tries(rig, 1, netrig_ctx(&other.ca, NULL)));
	netdemo_client_free(&foreign);
	netdemo_client_free(&expired);
	netdemo_client_free(&early);
	netdemo_keys_free(&other);
}

/* A server's certificate is no client's. */
static void certificate_for_another_use(void **state)
{
	struct netrig *rig = *state;
	struct netdemo_client server = {.key = rig->keys.key,
					.cert = rig->keys.cert};

	assert_false(tries(rig, 0, netrig_ctx(&rig->keys.ca, &server)));
	assert_failures(rig, 1);
}

static void identity_is_what_pki_computes(void **state)
{
	struct netrig *rig = *state;
	uint8_t issuer[PKI_ID_LEN], key[PKI_ID_LEN];
	int64_t not_after;

	assert_int_equal(pki_cert_id(buf_cstr(&rig->partner.cert), issuer, key,
				     &not_after, NULL),
			 RC_OK);
	assert_memory_equal(key, rig->partner.id, PKI_ID_LEN);
	struct netrig_client c;
	struct buf out;
	char expected[256];

	buf_init(&out, 65536);
	netrig_open(rig, &rig->partner, &c);
	assert_true(netrig_ask(&c, NETRIG_GET("/peer"), &out));
	netdemo_show_peer(issuer, key, not_after, expected);
	assert_non_null(strstr(buf_cstr(&out), expected));
	buf_fini(&out);
	netrig_close(&c);
}

static SSL_CTX *people_ctx(struct netrig *rig)
{
	return netrig_ctx(&rig->keys.ca, NULL);
}

static void versions_and_ciphers(void **state)
{
	struct netrig *rig = *state;
	SSL_CTX *ctx;

	ctx = people_ctx(rig);
	SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION);
	assert_true(tries(rig, 1, ctx));
	ctx = people_ctx(rig);
	SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
	assert_true(tries(rig, 1, ctx));
	ctx = people_ctx(rig);
	SSL_CTX_set_security_level(ctx, 0);
	SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
	SSL_CTX_set_max_proto_version(ctx, TLS1_1_VERSION);
	SSL_CTX_set_cipher_list(ctx, "ALL:@SECLEVEL=0");
	assert_false(tries(rig, 1, ctx));
	ctx = people_ctx(rig);
	SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_cipher_list(ctx, "ECDHE-ECDSA-AES128-SHA256");
	assert_false(tries(rig, 1, ctx));
	assert_failures(rig, 2);
}

static void protocols(void **state)
{
	struct netrig *rig = *state;
	static const unsigned char h1[] = "\x02h2\x08http/1.1";
	static const unsigned char h2[] = "\x02h2";
	struct netrig_client c;
	const unsigned char *chosen;
	unsigned len;
	SSL_CTX *ctx = people_ctx(rig);

	SSL_CTX_set_alpn_protos(ctx, h1, sizeof(h1) - 1);
	assert_true(netrig_handshake(&c, ctx, netrig_connect(rig, 1)));
	SSL_get0_alpn_selected(c.ssl, &chosen, &len);
	assert_int_equal(len, 8);
	assert_memory_equal(chosen, "http/1.1", 8);
	assert_true(gets_in(&c));
	netrig_close(&c);

	ctx = people_ctx(rig);
	SSL_CTX_set_alpn_protos(ctx, h2, sizeof(h2) - 1);
	assert_false(netrig_handshake(&c, ctx, netrig_connect(rig, 1)));
	assert_int_equal(ERR_GET_REASON(ERR_peek_last_error()),
			 SSL_R_TLSV1_ALERT_NO_APPLICATION_PROTOCOL);
	netrig_close(&c);
}

/* Connects twice; the second time with what the first session left. */
static bool resumes(struct netrig *rig, const struct netdemo_client *id,
		    int version)
{
	SSL_CTX *ctx = netrig_ctx(&rig->keys.ca, id);
	unsigned listener = id ? 0 : 1;
	struct netrig_client c;
	bool reused;

	SSL_CTX_set_min_proto_version(ctx, version);
	SSL_CTX_set_max_proto_version(ctx, version);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT);
	SSL_CTX_up_ref(ctx);
	assert_true(netrig_handshake(&c, ctx, netrig_connect(rig, listener)));
	assert_true(gets_in(&c));
	SSL_SESSION *session = SSL_get1_session(c.ssl);
	SSL_shutdown(c.ssl);
	netrig_close(&c);

	c.ctx = ctx;
	c.fd = netrig_connect(rig, listener);
	c.ssl = SSL_new(ctx);
	SSL_set_fd(c.ssl, c.fd);
	SSL_set1_host(c.ssl, "localhost");
	SSL_set_session(c.ssl, session);
	assert_int_equal(SSL_connect(c.ssl), 1);
	assert_true(gets_in(&c));
	reused = SSL_session_reused(c.ssl);
	SSL_SESSION_free(session);
	netrig_close(&c);
	return reused;
}

/* A resumed session would not be verified again. The people's listener shows
 * that this test can see a resumption. */
static void partners_resume_nothing(void **state)
{
	struct netrig *rig = *state;

	assert_true(resumes(rig, NULL, TLS1_3_VERSION));
	assert_true(resumes(rig, NULL, TLS1_2_VERSION));
	assert_false(resumes(rig, &rig->partner, TLS1_3_VERSION));
	assert_false(resumes(rig, &rig->partner, TLS1_2_VERSION));
}

/* Who comes to the partners' listener knows the authority, as it does; who
 * enrols looks for it among what people's sends. */
static void only_what_is_given_is_sent(void **state)
{
	struct netrig *rig = *state;
	struct netrig_client c;
	SSL_CTX *ctx = netrig_ctx(&rig->keys.ca, &rig->partner);

	netrig_open(rig, &rig->partner, &c);
	assert_int_equal(sk_X509_num(SSL_get_peer_cert_chain(c.ssl)), 1);
	netrig_close(&c);
	netrig_open(rig, NULL, &c);
	assert_int_equal(sk_X509_num(SSL_get_peer_cert_chain(c.ssl)), 2);
	netrig_close(&c);
	assert_false(SSL_CTX_get_mode(ctx) & SSL_MODE_NO_AUTO_CHAIN);
	cert_send_given(ctx);
	assert_true(SSL_CTX_get_mode(ctx) & SSL_MODE_NO_AUTO_CHAIN);
	assert_true(tries(rig, 0, ctx)); /* takes it */
}

/* Whatever comes without TLS gets an alert at most, and never HTTP. */
static void plain_http(void **state)
{
	struct netrig *rig = *state;
	static const char *const texts[] = {
		NETRIG_GET("/healthz"),
		"\x16\x03\x01",
		"\x16\x03\x01\xff\xff" NETRIG_GET("/healthz"),
		"\r\n",
	};

	for (unsigned i = 0; i < 8; i++) {
		int fd = netrig_connect(rig, i % 2);
		char got[4096] = "";
		size_t len = 0;
		ssize_t n;

		send(fd, texts[i / 2], strlen(texts[i / 2]), MSG_NOSIGNAL);
		shutdown(fd, SHUT_WR);
		while ((n = recv(fd, got + len, sizeof(got) - len, 0)) > 0)
			len += (size_t)n;
		assert_null(memmem(got, len, "HTTP", 4));
		close(fd);
	}
	assert_failures(rig, 8);
	assert_int_equal(rig->demo.handled, 0);
}

static void renegotiation(void **state)
{
	struct netrig *rig = *state;
	SSL_CTX *ctx = people_ctx(rig);
	struct netrig_client c;

	SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION);
	assert_true(netrig_handshake(&c, ctx, netrig_connect(rig, 1)));
	assert_true(gets_in(&c));
	assert_int_equal(SSL_renegotiate(c.ssl), 1);
	assert_false(SSL_do_handshake(c.ssl) == 1 && gets_in(&c));
	netrig_close(&c);
}

static void reload(void **state)
{
	struct netrig *rig = *state;
	struct netdemo_keys other;
	struct netrig_client live;
	struct net_tls tls, broken;
	struct err err = ERR_INIT;

	netdemo_keys_make(&other, clock_now(clock_system()));
	netdemo_tls(&other, &tls);
	netrig_open(rig, NULL, &live);

	broken = tls;
	broken.key = buf_cstr(&rig->keys.key); /* of another certificate */
	assert_int_not_equal(net_reload_tls(rig->net, &broken, &err), RC_OK);
	assert_non_null(strstr(err.text, "key"));
	broken = tls;
	broken.cert_chain = "nonsense";
	assert_int_not_equal(net_reload_tls(rig->net, &broken, &err), RC_OK);
	broken = tls;
	broken.client_ca = NULL;
	assert_int_not_equal(net_reload_tls(rig->net, &broken, &err), RC_OK);
	assert_true(tries(rig, 1, netrig_ctx(&rig->keys.ca, NULL)));

	assert_int_equal(net_reload_tls(rig->net, &tls, &err), RC_OK);
	assert_false(tries(rig, 1, netrig_ctx(&rig->keys.ca, NULL)));
	assert_true(tries(rig, 1, netrig_ctx(&other.ca, NULL)));
	assert_false(tries(rig, 0, netrig_ctx(&other.ca, &rig->partner)));
	assert_true(gets_in(&live));
	netrig_close(&live);
	netdemo_keys_free(&other);
}

static bool is_cut(struct netrig_client *c)
{
	char byte;

	return SSL_read(c->ssl, &byte, 1) <= 0;
}

/* Only that key's connections are closed, on whichever worker they are, also
 * those that wait for an answer. */
static void close_key(void **state)
{
	struct netrig *rig = *state;
	struct netdemo_client other;
	struct netrig_client c[6], waiting, stays, person;

	netdemo_client_make(&rig->keys, clock_now(clock_system()), 1, &other);
	netrig_open(rig, &other, &stays);
	netrig_open(rig, NULL, &person);
	netrig_open(rig, &rig->partner, &waiting);
	netrig_send(&waiting, NETRIG_GET("/never"),
		    strlen(NETRIG_GET("/never")));
	for (int i = 0; i < 6; i++) {
		netrig_open(rig, &rig->partner, &c[i]);
		assert_true(gets_in(&c[i]));
	}
	net_close_key(rig->net, rig->partner.id);
	for (int i = 0; i < 6; i++) {
		assert_true(is_cut(&c[i]));
		netrig_close(&c[i]);
	}
	assert_true(is_cut(&waiting));
	netrig_close(&waiting);
	assert_true(gets_in(&stays));
	assert_true(gets_in(&person));
	netrig_close(&stays);
	netrig_close(&person);
	netdemo_client_free(&other);
}

static void unusable_material(void **state)
{
	struct netrig *rig = *state;
	struct net_config config = rig->config;
	struct net *net = NULL;
	struct err err = ERR_INIT;

	config.tls.client_ca = NULL;
	assert_int_equal(net_new(&config, &rig->demo.app, clock_system(),
				 rnd_system(), &net, &err),
			 RC_INVALID);
	assert_non_null(strstr(err.text, "authority"));
	config.tls = rig->config.tls;
	config.tls.key = NULL;
	assert_int_equal(net_new(&config, &rig->demo.app, clock_system(),
				 rnd_system(), &net, &err),
			 RC_INVALID);
	config.tls = rig->config.tls;
	config.workers = 0;
	assert_int_equal(net_new(&config, &rig->demo.app, clock_system(),
				 rnd_system(), &net, &err),
			 RC_INVALID);
	assert_null(net);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(certificates),
		T(certificate_for_another_use),
		T(identity_is_what_pki_computes),
		T(versions_and_ciphers),
		T(protocols),
		T(partners_resume_nothing),
		T(only_what_is_given_is_sent),
		T(plain_http),
		T(renegotiation),
		T(reload),
		T(close_key),
		T(unusable_material),
	};

	netrig_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
