/*
 * What lies between TLS records and the socket: records that come together, in
 * parts or not whole, bytes that wait inside OpenSSL, answers that the socket
 * does not take, and ends in the middle of something. The client keeps its
 * records in memory and sends them as the case wants.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "tests/support/netrig.h"

#define LAST                                                                   \
	"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"                         \
	"Connection: close\r\n\r\n"
#define LARGE 8000000

static int setup(void **state)
{
	struct netrig *rig = mem_alloc(sizeof(*rig));

	netrig_new(rig);
	rig->config.workers = 1; /* what stops one is seen by all */
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

static void nap(unsigned ms)
{
	struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};

	nanosleep(&t, NULL);
}

/* From here on what the client writes stays in memory until it is sent. */
static BIO *hold_back(struct netrig_client *c)
{
	BIO *out = BIO_new(BIO_s_mem());

	assert_non_null(out);
	SSL_set0_wbio(c->ssl, out);
	return out;
}

static void let_go(struct netrig_client *c, BIO *out, size_t from, size_t to)
{
	char *data;
	long len = BIO_get_mem_data(out, &data);

	to = to < (size_t)len ? to : (size_t)len;
	while (from < to) {
		ssize_t n = send(c->fd, data + from, to - from, 0);

		assert_true(n > 0);
		from += (size_t)n;
	}
}

static void write_record(struct netrig_client *c, const char *text)
{
	netrig_send(c, text, strlen(text));
}

static unsigned count(const struct buf *out, const char *word)
{
	unsigned n = 0;

	for (const char *at = buf_cstr(out); (at = strstr(at, word)); at++)
		n++;
	return n;
}

static void assert_serves(struct netrig *rig)
{
	struct netrig_client c;
	struct buf out;

	buf_init(&out, 65536);
	netrig_open(rig, NULL, &c);
	assert_true(netrig_ask(&c, NETRIG_GET("/healthz"), &out));
	netrig_close(&c);
	buf_fini(&out);
}

/* The first one waits for another thread, while the others lie decrypted or
 * not inside OpenSSL: no readiness tells of them. */
static void records_that_come_together(void **state)
{
	struct netrig *rig = *state;
	struct netrig_client c;
	struct buf out;

	buf_init(&out, 1 << 20);
	netrig_open(rig, NULL, &c);
	BIO *held = hold_back(&c);
	for (int i = 0; i < 10; i++) {
		write_record(&c, NETRIG_GET("/later"));
		write_record(&c, NETRIG_GET("/healthz"));
	}
	write_record(&c, LAST);
	SSL_shutdown(c.ssl);
	let_go(&c, held, 0, SIZE_MAX);
	assert_true(netrig_read(&c, NULL, &out));
	assert_int_equal(10, count(&out, "later\n"));
	assert_int_equal(11, count(&out, "alive\n"));
	netrig_close(&c);
	buf_fini(&out);
}

/* A request and the end of the client's side in one segment, while the answer
 * is made elsewhere. */
static void an_end_behind_a_request(void **state)
{
	struct netrig *rig = *state;
	struct netrig_client c;
	struct buf out;

	buf_init(&out, 1 << 20);
	netrig_open(rig, NULL, &c);
	BIO *held = hold_back(&c);
	write_record(&c, NETRIG_GET("/later"));
	SSL_shutdown(c.ssl);
	let_go(&c, held, 0, SIZE_MAX);
	assert_true(netrig_read(&c, NULL, &out));
	assert_int_equal(1, count(&out, "later\n"));
	netrig_close(&c);
	buf_fini(&out);
}

static void a_record_byte_by_byte(void **state)
{
	struct netrig *rig = *state;
	struct netrig_client c;
	struct buf out;
	char *data;

	buf_init(&out, 1 << 20);
	netrig_open(rig, NULL, &c);
	BIO *held = hold_back(&c);
	write_record(&c, NETRIG_GET("/healthz"));
	size_t len = (size_t)BIO_get_mem_data(held, &data);
	for (size_t i = 0; i < len; i++) {
		let_go(&c, held, i, i + 1);
		if (i % 16 == 0)
			nap(1);
	}
	assert_true(netrig_read(&c, "alive\n", &out));
	assert_serves(rig);
	netrig_close(&c);
	buf_fini(&out);
}

/* Wherever it happens, the connection is let go. */
static void an_end_within_a_record(void **state)
{
	struct netrig *rig = *state;
	struct net_figures figures = {0};
	static const size_t ends[] = {1, 4, 5, 6, 40, 60};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct netrig_client c;

		netrig_open(rig, NULL, &c);
		BIO *held = hold_back(&c);
		write_record(&c, NETRIG_GET("/healthz"));
		let_go(&c, held, 0, ends[i]);
		if (i % 2)
			nap(5);
		shutdown(c.fd, SHUT_WR);
		assert_true(
			netrig_await(rig, &figures.connections, &figures, 0));
		netrig_close(&c);
	}
	net_figures(rig->net, &figures);
	assert_int_equal(0, figures.requests);
	assert_serves(rig);
}

/* The client's Finished and its first requests in one segment: the handshake's
 * read takes them all. */
static void requests_with_the_handshake(void **state)
{
	struct netrig *rig = *state;
	struct netrig_client c = {0};
	struct buf out;
	BIO *held;

	buf_init(&out, 1 << 20);
	c.ctx = netrig_ctx(&rig->keys.ca, &rig->partner);
	c.fd = netrig_connect(rig, 0);
	c.ssl = SSL_new(c.ctx);
	assert_int_equal(1, SSL_set_fd(c.ssl, c.fd));
	assert_int_equal(1, SSL_set1_host(c.ssl, "localhost"));
	SSL_set_connect_state(c.ssl);
	held = hold_back(&c);
	/* Writes the hello, which is sent by hand, and waits for the answer. */
	struct timeval none = {0, 20000}, limit = {10, 0};
	setsockopt(c.fd, SOL_SOCKET, SO_RCVTIMEO, &none, sizeof(none));
	assert_int_equal(-1, SSL_do_handshake(c.ssl));
	setsockopt(c.fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	let_go(&c, held, 0, SIZE_MAX);
	assert_int_equal(1, BIO_reset(held));
	assert_int_equal(1, SSL_do_handshake(c.ssl));
	write_record(&c, NETRIG_GET("/whoami"));
	write_record(&c, LAST);
	let_go(&c, held, 0, SIZE_MAX);
	assert_true(netrig_read(&c, NULL, &out));
	assert_int_equal(2, count(&out, "HTTP/1.1 200 "));
	assert_int_equal(1, count(&out, "alive\n"));
	netrig_close(&c);
	buf_fini(&out);
}

/* Keys change under way; the other side is to change its own, too. */
static void key_updates(void **state)
{
	struct netrig *rig = *state;
	struct netrig_client c;
	struct buf out;

	buf_init(&out, 1 << 24);
	netrig_open(rig, NULL, &c);
	for (int i = 0; i < 20; i++) {
		assert_int_equal(
			1, SSL_key_update(c.ssl, SSL_KEY_UPDATE_REQUESTED));
		assert_int_equal(1, SSL_do_handshake(c.ssl));
		assert_true(netrig_ask(&c, NETRIG_GET("/big?100000"), &out));
		assert_int_equal(100000,
				 strlen(strstr(out.data, "\r\n\r\n")) - 4);
	}
	netrig_close(&c);
	buf_fini(&out);
}

/* They cost the front more than whoever sends them; nobody waits for all of
 * them to be taken. */
static void a_flood_of_key_updates(void **state)
{
	struct netrig *rig = *state;
	struct netrig_client c, other;
	struct pollfd answered = {.events = POLLIN};
	struct buf out;

	buf_init(&out, 1 << 20);
	netrig_open(rig, NULL, &other);
	netrig_open(rig, NULL, &c);
	answered.fd = c.fd;
	assert_true(netrig_ask(&c, NETRIG_GET("/healthz"), &out));
	BIO *held = hold_back(&c);
	for (int i = 0; i < 10000; i++) {
		assert_int_equal(
			1, SSL_key_update(c.ssl, SSL_KEY_UPDATE_NOT_REQUESTED));
		assert_int_equal(1, SSL_do_handshake(c.ssl));
	}
	write_record(&c, NETRIG_GET("/healthz"));
	let_go(&c, held, 0, SIZE_MAX);
	assert_true(netrig_ask(&other, NETRIG_GET("/healthz"), &out));
	assert_int_equal(0, poll(&answered, 1, 0));
	assert_true(netrig_read(&c, "alive\n", &out));
	netrig_close(&c);
	netrig_close(&other);
	buf_fini(&out);
}

static void read_less(struct netrig_client *c, size_t len, struct buf *out)
{
	char piece[4096];

	while (len) {
		int n = SSL_read(
			c->ssl, piece,
			(int)(len < sizeof(piece) ? len : sizeof(piece)));

		assert_true(n > 0);
		buf_add(out, piece, (size_t)n);
		len -= (size_t)n;
	}
}

/* Far more than the socket takes; meanwhile a key update comes, which is to be
 * answered between two records, others are served, and behind the large answer
 * waits a small one. */
static void a_large_answer_taken_slowly(void **state)
{
	struct netrig *rig = *state;
	struct netrig_client c;
	struct buf out;

	buf_init(&out, 1 << 24);
	netrig_open(rig, NULL, &c);
	write_record(&c, NETRIG_GET("/big?8000000"));
	nap(50);
	assert_int_equal(1, SSL_key_update(c.ssl, SSL_KEY_UPDATE_REQUESTED));
	assert_int_equal(1, SSL_do_handshake(c.ssl));
	write_record(&c, LAST);
	for (int i = 0; i < 5; i++) {
		read_less(&c, 100000, &out);
		assert_serves(rig);
		nap(5);
	}
	assert_true(netrig_read(&c, NULL, &out));
	char *body = strstr(out.data, "\r\n\r\n") + 4;
	assert_int_equal(LARGE, strspn(body, "b"));
	assert_ptr_equal(body + LARGE, strstr(body, "HTTP/1.1 200 "));
	assert_int_equal(1, count(&out, "alive\n"));
	netrig_close(&c);
	buf_fini(&out);
}

/* An answer that ends with the connection is whole: close_notify comes behind
 * its last byte, also where the socket was full. */
static void an_answer_until_the_end(void **state)
{
	struct netrig *rig = *state;
	struct netrig_client c;
	struct buf out;

	buf_init(&out, 1 << 24);
	netrig_open(rig, NULL, &c);
	write_record(&c, "GET /stream?400000 HTTP/1.0\r\n\r\n");
	nap(100);
	assert_true(netrig_read(&c, NULL, &out));
	assert_string_equal("\npiece 399999\n", out.data + out.len - 14);
	netrig_close(&c);
	buf_fini(&out);
}

/* Gone in the middle of a large answer, in order and by a reset. */
static void gone_within_an_answer(void **state)
{
	struct netrig *rig = *state;
	struct net_figures figures = {0};
	struct linger reset = {1, 0};

	for (int i = 0; i < 4; i++) {
		struct netrig_client c;
		struct buf out;

		buf_init(&out, 1 << 24);
		netrig_open(rig, NULL, &c);
		write_record(&c, NETRIG_GET("/big?8000000"));
		if (i & 1)
			read_less(&c, 50000, &out);
		if (i & 2)
			setsockopt(c.fd, SOL_SOCKET, SO_LINGER, &reset,
				   sizeof(reset));
		netrig_close(&c);
		buf_fini(&out);
		assert_true(
			netrig_await(rig, &figures.connections, &figures, 0));
	}
	assert_serves(rig);
}

/* Somebody whose certificate is refused has sent a request already; still he
 * gets to read the alert, and not a reset. */
static void the_refused_are_told(void **state)
{
	struct netrig *rig = *state;
	struct netdemo_keys others;
	struct netdemo_client stranger;
	struct net_figures figures = {0};
	int64_t now = clock_now(clock_system());
	char byte;

	netdemo_keys_make(&others, now);
	netdemo_client_make(&others, now, 1, &stranger);
	for (int i = 0; i < 10; i++) {
		struct netrig_client c;

		if (netrig_handshake(&c, netrig_ctx(&rig->keys.ca, &stranger),
				     netrig_connect(rig, 0))) {
			for (int j = 0; j < 20; j++)
				write_record(&c, NETRIG_GET("/healthz"));
			int n = SSL_read(c.ssl, &byte, 1);
			assert_int_equal(SSL_ERROR_SSL,
					 SSL_get_error(c.ssl, n));
		}
		netrig_close(&c);
	}
	assert_true(
		netrig_await(rig, &figures.handshakes_failed, &figures, 10));
	assert_true(netrig_await(rig, &figures.connections, &figures, 0));
	netdemo_client_free(&stranger);
	netdemo_keys_free(&others);
}

/* Who was refused and stays, saying nothing or ever more, does not stay long.
 */
static void the_refused_do_not_stay(void **state)
{
	struct netrig *rig = *state;
	struct net_figures figures = {0};
	char junk[4096];
	int fd[2];

	memset(junk, 'x', sizeof(junk));
	for (int i = 0; i < 2; i++) {
		fd[i] = netrig_connect(rig, i);
		assert_true(send(fd[i], junk, sizeof(junk), 0) > 0);
	}
	assert_true(netrig_await(rig, &figures.handshakes_failed, &figures, 2));
	for (int i = 0; i < 1000; i++)
		if (send(fd[0], junk, sizeof(junk), MSG_NOSIGNAL) < 0)
			break;
	assert_true(netrig_await(rig, &figures.connections, &figures, 0));
	assert_int_equal(0, figures.requests);
	for (int i = 0; i < 2; i++)
		close(fd[i]);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(records_that_come_together),	T(an_end_behind_a_request),
		T(a_record_byte_by_byte),	T(an_end_within_a_record),
		T(requests_with_the_handshake), T(key_updates),
		T(a_flood_of_key_updates),	T(a_large_answer_taken_slowly),
		T(an_answer_until_the_end),	T(gone_within_an_answer),
		T(the_refused_are_told),	T(the_refused_do_not_stay),
	};

	netrig_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
