/*
 * What a front begins with, and what it refuses to begin with: bounds,
 * addresses, sockets that are handed over, certificates and keys.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/log.h"
#include "base/lograte.h"
#include "base/mem.h"
#include "daemon/net/listen.h"
#include "daemon/net/tls.h"
#include "daemon/net/worker.h"
#include "tests/support/netrig.h"

static int setup(void **state)
{
	struct netrig *rig = mem_alloc(sizeof(*rig));

	netrig_new(rig);
	*state = rig;
	return 0;
}

static int teardown(void **state)
{
	netrig_free(*state);
	mem_free(*state);
	return 0;
}

/* --- bounds --- */

static enum rc opens(struct netrig *rig, const struct net_config *config)
{
	struct net *net = NULL;
	enum rc rc = net_new(config, &rig->demo.app, clock_system(),
			     rnd_system(), &net, NULL);

	assert_int_equal(rc == RC_OK, net != NULL);
	net_free(net);
	return rc;
}

#define BOUND(field, good, bad)                                                \
	do {                                                                   \
		struct net_config config = rig->config;                        \
		config.field = good;                                           \
		assert_int_equal(RC_OK, opens(rig, &config));                  \
		config.field = bad;                                            \
		assert_int_equal(RC_INVALID, opens(rig, &config));             \
	} while (0)

static void bounds_are_kept(void **state)
{
	struct netrig *rig = *state;

	BOUND(workers, 1, 0);
	BOUND(workers, 64, 65);
	BOUND(nlisten, 1, NET_LISTEN_MAX + 1);
	BOUND(nhosts, 0, NET_HOSTS_MAX + 1);
	BOUND(max_connections, 1, 0);
	BOUND(max_per_address, 1, 0);
	BOUND(max_head, 64, 63);
	BOUND(max_output, 1024, 1023);
}

/* --- addresses and sockets --- */

static enum rc listens(const char *address, int handed_over)
{
	const struct net_listen listen = {.address = address,
					  .fd = handed_over};
	int fd = -1;
	enum rc rc = listen_open(&listen, &fd, NULL);

	assert_int_equal(rc == RC_OK, fd >= 0);
	if (rc == RC_OK) {
		assert_int_not_equal(0, listen_port(fd));
		close(fd);
	}
	return rc;
}

static void addresses(void **state)
{
	(void)state;
	assert_int_equal(RC_OK, listens("127.0.0.1", -1));
	assert_int_equal(RC_OK, listens("::1", -1));
	assert_int_equal(RC_INVALID, listens(NULL, -1));
	assert_int_equal(RC_INVALID, listens("", -1));
	assert_int_equal(RC_INVALID, listens("localhost", -1));
	assert_int_equal(RC_INVALID, listens("127.0.0.256", -1));
	/* of no machine (RFC 5737, RFC 3849) */
	assert_int_equal(RC_IO, listens("192.0.2.1", -1));
	assert_int_equal(RC_IO, listens("2001:db8::1", -1));
}

static void what_is_handed_over_is_a_tcp_socket(void **state)
{
	int file = open("/dev/null", O_RDWR | O_CLOEXEC);
	int local = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	assert_true(file >= 0 && local >= 0);
	assert_int_equal(0, listen_port(file));
	assert_int_equal(0, listen_port(local));
	assert_int_equal(RC_IO, listens(NULL, file)); /* and closed */
	assert_int_equal(RC_IO, listens(NULL, local));
	assert_int_equal(RC_IO, listens(NULL, local)); /* nothing is there */
}

static void peers_are_shown(void **state)
{
	struct sockaddr_storage peer = {0};
	struct sockaddr_in in = {.sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6,
				   .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	char shown[64];

	(void)state;
	listen_show(&peer, shown);
	assert_string_equal("?", shown);
	memcpy(&peer, &in, sizeof(in));
	listen_show(&peer, shown);
	assert_string_equal("127.0.0.1", shown);
	memcpy(&peer, &in6, sizeof(in6));
	listen_show(&peer, shown);
	assert_string_equal("::1", shown);
}

/* --- certificates and keys --- */

static enum rc takes(const char *chain, const char *key, const char *ca)
{
	const struct net_tls tls = {chain, key, ca};
	struct tls_pair *pair = NULL;
	struct err err = ERR_INIT;
	enum rc rc = tls_pair_new(&tls, &pair, &err);

	assert_int_equal(rc == RC_OK, pair != NULL);
	assert_int_equal(rc, err.rc);
	assert_int_equal(0, ERR_peek_error()); /* nobody finds it later */
	tls_pair_free(pair);
	return rc;
}

static void two(struct buf *out, const struct buf *a, const struct buf *b)
{
	buf_init(out, 1 << 20);
	buf_add(out, a->data, a->len);
	buf_add(out, b->data, b->len);
}

/* Those that lead to the root are sent along. */
static void a_chain_is_sent_whole(void **state)
{
	struct netrig *rig = *state;
	struct netrig_client c;
	struct buf chain;

	two(&chain, &rig->keys.cert, &rig->keys.ca);
	rig->config.tls.cert_chain = buf_cstr(&chain);
	netrig_start(rig);
	netrig_open(rig, NULL, &c);
	assert_int_equal(2, sk_X509_num(SSL_get_peer_cert_chain(c.ssl)));
	netrig_close(&c);
	buf_fini(&chain);
}

static void partners_of_two_authorities(void **state)
{
	struct netrig *rig = *state;
	int64_t now = clock_now(clock_system());
	struct netdemo_keys other;
	struct netdemo_client theirs;
	struct netrig_client c;
	struct buf both;

	netdemo_keys_make(&other, now);
	netdemo_client_make(&other, now, 1, &theirs);
	two(&both, &rig->keys.ca, &other.ca);
	rig->config.tls.client_ca = buf_cstr(&both);
	netrig_start(rig);
	netrig_open(rig, &rig->partner, &c);
	netrig_close(&c);
	struct buf out;

	buf_init(&out, 65536);
	assert_true(netrig_handshake(&c, netrig_ctx(&rig->keys.ca, &theirs),
				     netrig_connect(rig, 0)));
	assert_true(netrig_ask(&c, NETRIG_GET("/healthz"), &out));
	netrig_close(&c);
	buf_fini(&out);
	buf_fini(&both);
	netdemo_client_free(&theirs);
	netdemo_keys_free(&other);
}

/* As a person would have it, who is asked for a password. */
static void encrypt(const struct buf *key, struct buf *out)
{
	BIO *in = BIO_new_mem_buf(key->data, (int)key->len);
	BIO *made = BIO_new(BIO_s_mem());
	EVP_PKEY *pkey = PEM_read_bio_PrivateKey(in, NULL, NULL, NULL);
	char password[] = "secret", *data;

	assert_int_equal(1, PEM_write_bio_PKCS8PrivateKey(
				    made, pkey, EVP_aes_256_cbc(), password,
				    (int)strlen(password), NULL, NULL));
	long len = BIO_get_mem_data(made, &data);

	buf_init(out, 1 << 20);
	buf_add(out, data, (size_t)len);
	EVP_PKEY_free(pkey);
	BIO_free(in);
	BIO_free(made);
}

static void material_that_does_not_do(void **state)
{
	struct netrig *rig = *state;
	const char *cert = buf_cstr(&rig->keys.cert);
	const char *key = buf_cstr(&rig->keys.key);
	const char *ca = buf_cstr(&rig->keys.ca);
	struct buf locked, mixed;

	assert_int_equal(RC_OK, takes(cert, key, ca));
	assert_int_equal(RC_OK, takes(cert, key, NULL));
	assert_int_equal(RC_INVALID, takes(NULL, key, ca));
	assert_int_equal(RC_INVALID, takes("", key, ca));
	assert_int_equal(RC_INVALID, takes(key, key, ca));
	assert_int_equal(RC_INVALID, takes(cert, NULL, ca));
	assert_int_equal(RC_INVALID, takes(cert, cert, ca));
	assert_int_equal(RC_INVALID, takes(cert, key, ""));
	assert_int_equal(RC_INVALID, takes(cert, key, key));
	/* somebody else's key */
	assert_int_equal(RC_INVALID,
			 takes(cert, buf_cstr(&rig->partner.key), ca));
	encrypt(&rig->keys.key, &locked);
	assert_int_equal(RC_INVALID, takes(cert, buf_cstr(&locked), ca));
	buf_fini(&locked);
	/* the first certificate is not the server's */
	two(&mixed, &rig->keys.ca, &rig->keys.cert);
	assert_int_equal(RC_INVALID, takes(buf_cstr(&mixed), key, ca));
	buf_fini(&mixed);
}

/* A front for people alone needs no authority, also when it is reloaded. */
static void people_alone(void **state)
{
	struct netrig *rig = *state;
	struct tls_pair *pair;
	struct net_tls tls = {.cert_chain = buf_cstr(&rig->keys.cert),
			      .key = buf_cstr(&rig->keys.key)};

	assert_int_equal(RC_OK, tls_pair_new(&tls, &pair, NULL));
	assert_null(tls_accept(pair, HTTP_PARTNERS, 0));
	assert_int_equal(RC_OK, tls_pair_reload(pair, &tls, NULL));
	assert_int_equal(RC_OK, tls_pair_reload(pair, &rig->config.tls, NULL));
	assert_int_equal(RC_INVALID, tls_pair_reload(pair, &tls, NULL));
	SSL *ssl = tls_accept(pair, HTTP_PARTNERS, 0);

	assert_non_null(ssl);
	assert_string_equal("the peer went away", tls_reason(ssl, 0));
	SSL_free(ssl);
	assert_string_equal("the peer went away", tls_reason(NULL, 0));
	tls_pair_free(pair);
	tls_pair_free(NULL);
}

static unsigned lines_with(int fd, const char *word)
{
	static char text[1 << 20];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	unsigned count = 0;

	assert_true(n >= 0);
	text[n] = '\0';
	for (const char *at = text; (at = strstr(at, word)); at++)
		count++;
	return count;
}

#define FLOOD 192u

/* Whoever knocks in vain, again and again, does not fill the log. */
static void a_flood_of_failures_is_logged_a_little(void **state)
{
	struct netrig *rig = *state;
	int log = memfd_create("log", MFD_CLOEXEC);
	struct net_figures figures = {0};
	int64_t start = clock_mono_ms(clock_system());

	/* Two threads' lines are not to be written over each other. */
	assert_int_equal(fcntl(log, F_SETFL, O_APPEND), 0);
	/* before there are threads, which log */
	log_init(log, LOG_LVL_INFO, 0);
	log_limit(clock_system());
	netrig_start(rig);
	for (unsigned i = 0; i < FLOOD; i++) {
		int fd = netrig_connect(rig, i % 2);

		assert_int_equal(4, write(fd, "GET ", 4));
		close(fd);
		if (i % 32 == 31) /* never more at once than there may be */
			assert_true(netrig_await(rig,
						 &figures.handshakes_failed,
						 &figures, i + 1));
	}
	netrig_free(rig); /* whoever was about to log has logged */
	log_last();
	log_limit(NULL);
	log_init(STDERR_FILENO, LOG_LVL_ERR, 0);
	netrig_new(rig);
	int64_t ms = clock_mono_ms(clock_system()) - start;
	unsigned most = (unsigned)(ms / LOGRATE_WINDOW_MS + 1) * LOG_BAD_LINES;

	assert_in_range(lines_with(log, "event=handshake-failed"),
			LOG_BAD_LINES, most);
	assert_int_not_equal(lines_with(log,
					"event=suppressed of=handshake-failed"
					" whose=127.0.0.1 lines="),
			     0);
	close(log);
}

#define MANY 20

/* Whichever worker the kernel wakes: each has its share. */
static void connections_are_spread(void **state)
{
	struct netrig *rig = *state;
	struct netrig_client c[MANY];

	netrig_start(rig);
	for (unsigned i = 0; i < MANY; i++) {
		struct buf out;

		buf_init(&out, 65536);
		netrig_open(rig, NULL, &c[i]);
		assert_true(netrig_ask(&c[i], NETRIG_GET("/healthz"), &out));
		buf_fini(&out);
	}
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(MANY / 2,
				 atomic_load(&rig->net->workers[i]->load));
	for (unsigned i = 0; i < MANY; i++)
		netrig_close(&c[i]);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(bounds_are_kept),
		T(addresses),
		T(what_is_handed_over_is_a_tcp_socket),
		T(peers_are_shown),
		T(a_chain_is_sent_whole),
		T(partners_of_two_authorities),
		T(material_that_does_not_do),
		T(people_alone),
		T(a_flood_of_failures_is_logged_a_little),
		T(connections_are_spread),
	};

	netrig_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
