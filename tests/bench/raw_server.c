/*
 * raw_server - the floor of P1: the same bytes with nothing above TLS.
 *
 * usage: raw_server STATE-DIRECTORY ANSWER-FILE
 *
 * OpenSSL driven straight from libevent's events by one thread: after each
 * head (a GET has no body) the bytes of the file go out, whatever was asked.
 * Prints "port N" on 127.0.0.1, and serves until its standard input ends.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "tests/bench/common/state.h"
#include "tests/bench/common/wire.h"

struct server {
	struct event_base *base;
	struct tls_pair *tls;
	char *answer;
	size_t answer_len;
};

struct client {
	struct server *server;
	struct event *readable, *writable;
	SSL *ssl;
	int fd;
	bool shaken;
	unsigned matched; /* bytes of the empty line so far */
	unsigned due;	  /* answers that are to be written */
	size_t written;	  /* of the first of them */
};

static void end_client(struct client *c)
{
	event_free(c->readable);
	event_free(c->writable);
	SSL_free(c->ssl);
	close(c->fd);
	ERR_clear_error();
	mem_free(c);
}

/* What OpenSSL waits for; false when the connection is over. */
static bool wait_for(struct client *c, int n)
{
	int why = SSL_get_error(c->ssl, n);

	if (why == SSL_ERROR_WANT_WRITE)
		event_add(c->writable, NULL);
	return why == SSL_ERROR_WANT_WRITE || why == SSL_ERROR_WANT_READ;
}

static void count_heads(struct client *c, const char *data, size_t len)
{
	static const char end[] = "\r\n\r\n";

	for (size_t i = 0; i < len; i++) {
		if (data[i] == end[c->matched])
			c->matched++;
		else
			c->matched = data[i] == '\r';
		if (c->matched == 4) {
			c->matched = 0;
			c->due++;
		}
	}
}

static bool answer_due(struct client *c)
{
	const struct server *s = c->server;

	while (c->due > 0) {
		int n = SSL_write(c->ssl, s->answer + c->written,
				  (int)(s->answer_len - c->written));

		if (n <= 0)
			return wait_for(c, n);
		c->written += (size_t)n;
		if (c->written == s->answer_len) {
			c->written = 0;
			c->due--;
		}
	}
	return true;
}

static bool serve(struct client *c)
{
	char data[16384];
	int n;

	if (!c->shaken) {
		n = SSL_do_handshake(c->ssl);
		if (n != 1)
			return wait_for(c, n);
		c->shaken = true;
	}
	if (!answer_due(c))
		return false;
	do {
		n = SSL_read(c->ssl, data, sizeof(data));
		if (n <= 0)
			return wait_for(c, n);
		count_heads(c, data, (size_t)n);
		if (!answer_due(c))
			return false;
	} while (SSL_has_pending(c->ssl));
	return true;
}

static void on_ready(evutil_socket_t fd, short what, void *arg)
{
	struct client *c = arg;

	(void)fd;
	(void)what;
	if (!serve(c))
		end_client(c);
}

static void on_accept(evutil_socket_t fd, short what, void *arg)
{
	struct server *s = arg;
	struct client *c;
	int one = 1;
	int got = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)what;
	if (got < 0)
		return;
	setsockopt(got, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	c = mem_alloc(sizeof(*c));
	c->server = s;
	c->fd = got;
	c->ssl = state_accept(s->tls);
	SSL_set_mode(c->ssl, SSL_MODE_ENABLE_PARTIAL_WRITE);
	SSL_set_accept_state(c->ssl);
	if (SSL_set_fd(c->ssl, got) != 1)
		wire_die("no TLS connection");
	c->readable =
		event_new(s->base, got, EV_READ | EV_PERSIST, on_ready, c);
	c->writable = event_new(s->base, got, EV_WRITE, on_ready, c);
	if (!c->readable || !c->writable || event_add(c->readable, NULL) != 0)
		wire_die("no event");
}

static void on_input(evutil_socket_t fd, short what, void *arg)
{
	struct server *s = arg;
	char c;

	(void)what;
	if (read((int)fd, &c, 1) <= 0)
		event_base_loopbreak(s->base);
}

/* The port it got. */
static unsigned listen_on(struct server *s, struct event **out_event)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
	    listen(fd, 1024) != 0 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) != 0)
		wire_die("cannot listen: %s", strerror(errno));
	*out_event = event_new(s->base, fd, EV_READ | EV_PERSIST, on_accept, s);
	if (!*out_event || event_add(*out_event, NULL) != 0)
		wire_die("no event");
	return ntohs(at.sin_port);
}

int main(int argc, char **argv)
{
	struct server s = {0};
	struct event *accepting, *input;

	if (argc != 3)
		wire_die("usage: raw_server STATE-DIRECTORY ANSWER-FILE");
	signal(SIGPIPE, SIG_IGN);
	s.tls = state_tls(argv[1]);
	s.answer = wire_file(argv[2], &s.answer_len);
	s.base = event_base_new();
	if (!s.base || s.answer_len == 0)
		wire_die("nothing to serve");
	printf("port %u\n", listen_on(&s, &accepting));
	fflush(stdout);
	input = event_new(s.base, STDIN_FILENO, EV_READ | EV_PERSIST, on_input,
			  &s);
	/* A file is no event of epoll's: then a signal ends it. */
	if (input)
		event_add(input, NULL);
	return event_base_dispatch(s.base) < 0;
}
