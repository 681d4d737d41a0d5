/*
 * The front's bounds and its life: caps, deadlines on real sockets, drain,
 * handed-over sockets, no descriptors, and a worker stepped without a thread.
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "daemon/net/conn.h"
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

static bool gets_in(struct netrig_client *c)
{
	struct buf out;
	bool in;

	buf_init(&out, 65536);
	in = netrig_ask(c, NETRIG_GET("/healthz"), &out);
	buf_fini(&out);
	return in;
}

static void ask_without_reading(struct netrig_client *c, const char *request)
{
	netrig_send(c, request, strlen(request));
}

/* The end, and not the time limit of the client. */
static bool is_cut(int fd)
{
	char byte;

	return recv(fd, &byte, 1, 0) == 0;
}

/* --- caps ------------------------------------------------------------- */

static void check_cap(struct netrig *rig)
{
	struct netrig_client c[3], more;
	struct net_figures figures = {0};
	int fd;

	netrig_start(rig);
	for (int i = 0; i < 3; i++)
		netrig_open(rig, NULL, &c[i]);
	fd = netrig_connect(rig, 1);
	assert_true(is_cut(fd));
	close(fd);
	net_figures(rig->net, &figures);
	assert_int_equal(figures.refused, 1);
	assert_int_equal(figures.connections, 3);
	netrig_close(&c[0]);
	assert_true(netrig_await(rig, &figures.connections, &figures, 2));
	netrig_open(rig, NULL, &more);
	assert_true(gets_in(&more));
	netrig_close(&more);
	netrig_close(&c[1]);
	netrig_close(&c[2]);
}

static void cap_of_all(void **state)
{
	struct netrig *rig = *state;

	rig->config.max_connections = 3;
	check_cap(rig);
}

static void cap_of_an_address(void **state)
{
	struct netrig *rig = *state;

	rig->config.max_per_address = 3;
	check_cap(rig);
}

/* CPU seconds that the whole program spends in so many milliseconds. */
static double busy_for(unsigned ms)
{
	struct timespec nap = {ms / 1000, (long)(ms % 1000) * 1000000};
	clock_t from = clock();

	nanosleep(&nap, NULL);
	return (double)(clock() - from) / CLOCKS_PER_SEC;
}

/* Without a free descriptor the front waits, and does not spin; what waited
 * meanwhile is served. */
static void no_descriptors(void **state)
{
	struct netrig *rig = *state;
	struct rlimit was, none;
	struct netrig_client c;
	struct net_figures figures = {0};
	struct sockaddr_in in = {.sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	netrig_start(rig);
	in.sin_port = htons(net_port(rig->net, 1));
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
	none = was;
	none.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&in, sizeof(in)),
			 0);
	double busy = busy_for(400);
	net_figures(rig->net, &figures);
	assert_int_equal(figures.accepted, 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &was), 0);
	if (busy > 0.05)
		fail_msg("%.2f s of CPU in 0.4 s without work", busy);
	assert_true(netrig_handshake(&c, netrig_ctx(&rig->keys.ca, NULL), fd));
	assert_true(gets_in(&c));
	netrig_close(&c);
}

/* --- deadlines -------------------------------------------------------- */

static void silent_peer(void **state)
{
	struct netrig *rig = *state;
	struct net_figures figures = {0};
	int fd;

	rig->config.handshake_ms = 200;
	netrig_start(rig);
	fd = netrig_connect(rig, 0);
	assert_true(is_cut(fd));
	net_figures(rig->net, &figures);
	assert_int_equal(figures.timeouts, 1);
	close(fd);
}

static void idle_peer(void **state)
{
	struct netrig *rig = *state;
	struct netrig_client c;
	struct buf out;

	rig->config.idle_ms = 200;
	netrig_start(rig);
	buf_init(&out, 4096);
	netrig_open(rig, NULL, &c);
	assert_true(gets_in(&c));
	assert_true(netrig_read(&c, NULL, &out)); /* close_notify */
	assert_int_equal(out.len, 0);
	netrig_close(&c);
}

static void slow_head(void **state)
{
	struct netrig *rig = *state;
	struct netrig_client c;
	struct buf out;

	rig->config.head_ms = 200;
	netrig_start(rig);
	buf_init(&out, 4096);
	netrig_open(rig, NULL, &c);
	ask_without_reading(&c, "GET / HTTP/1.1\r\n");
	assert_true(netrig_read(&c, NULL, &out));
	assert_non_null(strstr(buf_cstr(&out), "HTTP/1.1 408 "));
	buf_fini(&out);
	netrig_close(&c);
}

static void slow_handler(void **state)
{
	struct netrig *rig = *state;
	struct netrig_client c;
	struct buf out;

	rig->config.handler_ms = 200;
	netrig_start(rig);
	buf_init(&out, 4096);
	netrig_open(rig, NULL, &c);
	ask_without_reading(&c, NETRIG_GET("/never"));
	assert_true(netrig_read(&c, NULL, &out));
	assert_non_null(strstr(buf_cstr(&out), "HTTP/1.1 503 "));
	buf_fini(&out);
	netrig_close(&c);
}

/* Cut, while others are served; its answer of 4 MB waited in memory. */
static void slow_reader(void **state)
{
	struct netrig *rig = *state;
	struct netrig_client slow, quick;
	struct net_figures figures = {0};

	rig->config.write_ms = 400;
	netrig_start(rig);
	netrig_open(rig, NULL, &slow);
	netrig_open(rig, NULL, &quick);
	ask_without_reading(&slow, NETRIG_GET("/big?8000000"));
	assert_true(gets_in(&quick));
	assert_true(netrig_await(rig, &figures.connections, &figures, 1));
	assert_int_equal(figures.timeouts, 1);
	assert_true(gets_in(&quick));
	netrig_close(&slow);
	netrig_close(&quick);
}

/* What a peer sends while its answer is pending is not taken beyond a bound:
 * its own sending stops. */
static void input_is_bounded(void **state)
{
	struct netrig *rig = *state;
	struct netrig_client c;
	struct timeval limit = {0, 300 * 1000};
	char *junk = mem_alloc(16384);
	size_t sent = 0;
	int n;

	netrig_start(rig);
	netrig_open(rig, NULL, &c);
	ask_without_reading(&c, NETRIG_GET("/never"));
	setsockopt(c.fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	while ((n = SSL_write(c.ssl, junk, 16384)) > 0 && sent < 100u << 20)
		sent += (size_t)n;
	assert_in_range(sent, 1, 50u << 20); /* the kernel's buffers */
	mem_free(junk);
	netrig_close(&c);
}

/* --- drain ------------------------------------------------------------ */

static void drain_finishes_what_is_under_way(void **state)
{
	struct netrig *rig = *state;
	struct netrig_client idle, waiting, busy;
	struct net_figures figures = {0};
	struct buf out;

	buf_init(&out, 1 << 20);
	netrig_start(rig);
	netrig_open(rig, NULL, &idle);
	netrig_open(rig, NULL, &waiting);
	netrig_open(rig, NULL, &busy);
	atomic_store(&rig->demo.hold, true);
	ask_without_reading(&waiting, NETRIG_GET("/later"));
	assert_true(netrig_await(rig, &figures.requests, &figures, 1));
	net_drain(rig->net, 5000);

	/* Whoever is busy is served until it is told to close. */
	do
		assert_true(netrig_ask(&busy, NETRIG_GET("/healthz"), &out));
	while (!strstr(buf_cstr(&out), "Connection: close\r\n"));
	buf_reset(&out);
	assert_true(netrig_read(&idle, NULL, &out));
	assert_int_equal(out.len, 0);

	atomic_store(&rig->demo.hold, false);
	buf_reset(&out);
	assert_true(netrig_read(&waiting, NULL, &out));
	assert_non_null(strstr(buf_cstr(&out), "later\n"));
	assert_non_null(strstr(buf_cstr(&out), "Connection: close\r\n"));
	netrig_close(&idle);
	netrig_close(&waiting);
	netrig_close(&busy);
	net_join(rig->net);
	net_figures(rig->net, &figures);
	assert_int_equal(figures.connections, 0);
	buf_fini(&out);
}

static bool is_listened_on(unsigned port)
{
	struct sockaddr_in in = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc = connect(fd, (const struct sockaddr *)&in, sizeof(in));

	close(fd);
	return rc == 0;
}

static void drain_ends_with_its_grace(void **state)
{
	struct netrig *rig = *state;
	struct netrig_client c;
	struct net_figures figures = {0};

	netrig_start(rig);
	netrig_open(rig, NULL, &c);
	ask_without_reading(&c, NETRIG_GET("/never"));
	assert_true(netrig_await(rig, &figures.requests, &figures, 1));
	unsigned port = net_port(rig->net, 1);
	int64_t from = clock_mono_ms(clock_system());
	net_drain(rig->net, 300);
	busy_for(100);
	assert_false(is_listened_on(port)); /* who comes now is refused */
	net_join(rig->net);
	assert_in_range(clock_mono_ms(clock_system()) - from, 300, 3000);
	netrig_close(&c);
}

/* A monitor that only opens a port must not hold up a restart. */
static void drain_does_not_wait_for_the_mute(void **state)
{
	struct netrig *rig = *state;
	struct net_figures figures = {0};

	netrig_start(rig);
	int fd = netrig_connect(rig, 1);
	assert_true(netrig_await(rig, &figures.accepted, &figures, 1));
	int64_t from = clock_mono_ms(clock_system());
	net_drain(rig->net, 60000);
	net_join(rig->net);
	assert_in_range(clock_mono_ms(clock_system()) - from,
			CONN_DRAIN_SHAKE_MS / 2, 2 * CONN_DRAIN_SHAKE_MS);
	close(fd);
}

static void drain_with_nobody(void **state)
{
	struct netrig *rig = *state;

	netrig_start(rig);
	int64_t from = clock_mono_ms(clock_system());
	net_drain(rig->net, 60000);
	net_join(rig->net);
	assert_in_range(clock_mono_ms(clock_system()) - from, 0, 3000);
}

/* --- start ------------------------------------------------------------ */

/* As systemd hands it over: blocking, without TCP_NODELAY. */
static void handed_over_socket(void **state)
{
	struct netrig *rig = *state;
	struct sockaddr_in in = {.sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct netrig_client c;

	assert_int_equal(bind(fd, (const struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(listen(fd, 16), 0);
	rig->config.listen[1].fd = fd;
	rig->config.listen[1].address = NULL;
	netrig_start(rig);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	netrig_open(rig, NULL, &c);
	assert_true(gets_in(&c));
	netrig_close(&c);
}

static void an_address_in_use(void **state)
{
	struct netrig *rig = *state;
	struct net *second = NULL;
	struct net_config config;
	struct err err = ERR_INIT;

	netrig_start(rig);
	config = rig->config;
	config.listen[1].port = net_port(rig->net, 1);
	assert_int_equal(net_new(&config, &rig->demo.app, clock_system(),
				 rnd_system(), &second, &err),
			 RC_BUSY);
	assert_non_null(strstr(err.text, "127.0.0.1"));
	config.listen[1].address = "nowhere";
	assert_int_equal(net_new(&config, &rig->demo.app, clock_system(),
				 rnd_system(), &second, &err),
			 RC_INVALID);
	assert_null(second);
}

static void both_families(void **state)
{
	struct netrig *rig = *state;
	struct netrig_client c;

	rig->config.listen[1].address = "::";
	netrig_start(rig);
	netrig_open(rig, NULL, &c); /* 127.0.0.1 */
	assert_true(gets_in(&c));
	netrig_close(&c);
}

static void *no_state(void *ctx, unsigned worker)
{
	return worker == 0 ? ctx : NULL;
}

static void a_worker_that_cannot_start(void **state)
{
	struct netrig *rig = *state;
	struct err err = ERR_INIT;

	rig->demo.app.worker_start = no_state;
	assert_int_equal(net_new(&rig->config, &rig->demo.app, clock_system(),
				 rnd_system(), &rig->net, &err),
			 RC_OK);
	assert_int_equal(net_start(rig->net, &err), RC_INTERNAL);
}

static void *be_a_client(void *arg)
{
	struct netrig *rig = arg;
	struct netrig_client c;
	bool in = true;

	netrig_open(rig, NULL, &c);
	for (int i = 0; i < 10; i++)
		in = in && gets_in(&c);
	netrig_close(&c);
	return in ? rig : NULL;
}

/* No thread of the front: the caller takes the turns. */
static void stepped(void **state)
{
	struct netrig *rig = *state;
	struct net_figures figures = {0};
	pthread_t client;
	void *served;

	rig->config.workers = 1;
	assert_int_equal(net_new(&rig->config, &rig->demo.app, clock_system(),
				 rnd_system(), &rig->net, NULL),
			 RC_OK);
	assert_true(net_worker_step(rig->net, 0, 0));
	assert_int_equal(pthread_create(&client, NULL, be_a_client, rig), 0);
	for (int i = 0; i < 5000 && figures.requests < 10; i++) {
		assert_true(net_worker_step(rig->net, 0, 10));
		net_figures(rig->net, &figures);
	}
	pthread_join(client, &served);
	assert_non_null(served);
	net_drain(rig->net, 1000);
	for (int i = 0; net_worker_step(rig->net, 0, 10); i++)
		assert_true(i < 1000);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(cap_of_all),
		T(cap_of_an_address),
		T(no_descriptors),
		T(silent_peer),
		T(idle_peer),
		T(slow_head),
		T(slow_handler),
		T(slow_reader),
		T(input_is_bounded),
		T(drain_finishes_what_is_under_way),
		T(drain_ends_with_its_grace),
		T(drain_does_not_wait_for_the_mute),
		T(drain_with_nobody),
		T(handed_over_socket),
		T(an_address_in_use),
		T(both_families),
		T(a_worker_that_cannot_start),
		T(stepped),
	};

	netrig_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
