/*
 * listen - listening sockets and what comes in through them.
 *
 * A listening descriptor is shared by all workers and therefore non-blocking,
 * also one that was handed over; TCP_NODELAY is set on it and inherited, since
 * without it a kept-alive exchange waits 40 ms for a delayed acknowledgement.
 */
#ifndef DAEMON_NET_LISTEN_H
#define DAEMON_NET_LISTEN_H

#include <sys/socket.h>

#include "base/err.h"
#include "daemon/net/net.h"

/* Binds and listens, or prepares the descriptor that was handed over. */
__attribute__((warn_unused_result)) enum rc
listen_open(const struct net_listen *listen, int *out_fd, struct err *err);
uint16_t listen_port(int fd);

enum listen_got {
	LISTEN_CONNECTION,
	LISTEN_NOTHING, /* somebody else took it, or it is gone */
	LISTEN_SHORT,	/* of descriptors or memory: pause */
};
enum listen_got listen_accept(int fd, int *out_fd,
			      struct sockaddr_storage *out_peer);
/* The address without port, for the log; out holds 64. */
void listen_show(const struct sockaddr_storage *peer, char *out);

#endif
