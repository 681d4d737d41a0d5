#include "daemon/net/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BACKLOG 1024
/* Behind sockets of the service manager's a process may open none itself. */
#define NO_FAMILY " (under systemd: enable its socket unit)"

struct address {
	struct sockaddr_storage s;
	socklen_t len;
};

static bool read_v4(const struct net_listen *listen, struct address *out)
{
	struct sockaddr_in in = {
		.sin_family = AF_INET,
		.sin_port = htons(listen->port),
	};

	if (inet_pton(AF_INET, listen->address, &in.sin_addr) != 1)
		return false;
	memcpy(&out->s, &in, sizeof(in));
	out->len = sizeof(in);
	return true;
}

static bool read_v6(const struct net_listen *listen, struct address *out)
{
	struct sockaddr_in6 in6 = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(listen->port),
	};

	if (inet_pton(AF_INET6, listen->address, &in6.sin6_addr) != 1)
		return false;
	memcpy(&out->s, &in6, sizeof(in6));
	out->len = sizeof(in6);
	return true;
}

static bool set_int(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) == 0;
}

/* "::" takes both families. */
static bool bind_and_listen(int fd, const struct address *a)
{
	if (!set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1))
		return false;
	if (a->s.ss_family == AF_INET6 &&
	    !set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0))
		return false;
	return bind(fd, (const struct sockaddr *)&a->s, a->len) == 0 &&
	       listen(fd, BACKLOG) == 0;
}

static bool prepare(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0 &&
	       fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 &&
	       set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

static enum rc open_address(const struct net_listen *listen, int *out_fd,
			    struct err *err)
{
	struct address a = {0};

	if (!listen->address || (!read_v4(listen, &a) && !read_v6(listen, &a)))
		return err_set(err, RC_INVALID, "%s is not an address",
			       listen->address ? listen->address : "\"\"");
	int fd = socket(a.s.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || !bind_and_listen(fd, &a)) {
		enum rc rc = errno == EADDRINUSE ? RC_BUSY
			     : errno == EACCES	 ? RC_FORBIDDEN
						 : RC_IO;

		(void)err_set(err, rc, "cannot listen on %s:%u: %s%s",
			      listen->address, listen->port, strerror(errno),
			      errno == EAFNOSUPPORT ? NO_FAMILY : "");
		if (fd >= 0)
			close(fd);
		return rc;
	}
	*out_fd = fd;
	return RC_OK;
}

enum rc listen_open(const struct net_listen *listen, int *out_fd,
		    struct err *err)
{
	int fd = listen->fd;
	enum rc rc;

	if (fd < 0) {
		rc = open_address(listen, &fd, err);
		if (rc != RC_OK)
			return rc;
	}
	if (!prepare(fd)) {
		rc = err_set(err, RC_IO, "the listening socket: %s",
			     strerror(errno));
		close(fd);
		return rc;
	}
	*out_fd = fd;
	return RC_OK;
}

uint16_t listen_port(int fd)
{
	struct sockaddr_storage s = {0};
	socklen_t len = sizeof(s);
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	if (getsockname(fd, (struct sockaddr *)&s, &len) != 0)
		return 0;
	if (s.ss_family == AF_INET) {
		memcpy(&in, &s, sizeof(in));
		return ntohs(in.sin_port);
	}
	memcpy(&in6, &s, sizeof(in6));
	return s.ss_family == AF_INET6 ? ntohs(in6.sin6_port) : 0;
}

enum listen_got listen_accept(int fd, int *out_fd,
			      struct sockaddr_storage *out_peer)
{
	socklen_t len = sizeof(*out_peer);
	int got;

	memset(out_peer, 0, sizeof(*out_peer));
	got = accept4(fd, (struct sockaddr *)out_peer, &len,
		      SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (got >= 0) {
		*out_fd = got;
		return LISTEN_CONNECTION;
	}
	if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
	    errno == ENOMEM)
		return LISTEN_SHORT;
	return LISTEN_NOTHING;
}

void listen_show(const struct sockaddr_storage *peer, char *out)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	const char *shown = NULL;

	if (peer->ss_family == AF_INET) {
		memcpy(&in, peer, sizeof(in));
		shown = inet_ntop(AF_INET, &in.sin_addr, out, 64);
	} else if (peer->ss_family == AF_INET6) {
		memcpy(&in6, peer, sizeof(in6));
		shown = inet_ntop(AF_INET6, &in6.sin6_addr, out, 64);
	}
	if (!shown)
		snprintf(out, 64, "?");
}
