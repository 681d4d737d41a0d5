/*
 * netrig - the front on loopback with the demo application, and TLS clients.
 *
 * Clients block, with a time limit on each read: a test ends whatever the
 * front does. Listener 0 is the partners', listener 1 the people's.
 */
#ifndef TESTS_SUPPORT_NETRIG_H
#define TESTS_SUPPORT_NETRIG_H

#include <openssl/ssl.h>

#include "tests/support/netdemo.h"

struct netrig {
	struct net_config config; /* to be changed before netrig_start() */
	struct netdemo demo;
	struct netdemo_keys keys;
	struct netdemo_client partner; /* with a good certificate */
	struct net *net;
};

/* Once a program, before anything else. */
void netrig_init(void);
void netrig_new(struct netrig *rig);
void netrig_start(struct netrig *rig); /* threads, too */
void netrig_free(struct netrig *rig);  /* drains without grace */

struct netrig_client {
	SSL_CTX *ctx;
	SSL *ssl;
	int fd;
};

/* A TCP connection, or -1. */
int netrig_connect(const struct netrig *rig, unsigned listener);
/* A context that trusts ca, with a certificate or NULL. */
SSL_CTX *netrig_ctx(const struct buf *ca, const struct netdemo_client *id);
/* Takes ctx and fd; false when the handshake fails. */
bool netrig_handshake(struct netrig_client *c, SSL_CTX *ctx, int fd);
/* As people (NULL) or as this partner; aborts when it cannot be had. */
void netrig_open(const struct netrig *rig, const struct netdemo_client *id,
		 struct netrig_client *out);
void netrig_close(struct netrig_client *c);

void netrig_send(struct netrig_client *c, const char *data, size_t len);
/* Appends what comes until `until` is seen, the end or the time limit; true
 * when it was seen. until NULL: to the end; true when that came. */
bool netrig_read(struct netrig_client *c, const char *until, struct buf *out);
/* Sends a request and reads one answer with a Content-Length. */
bool netrig_ask(struct netrig_client *c, const char *request, struct buf *out);

/* Waits until a figure of the front has the value; false after 5 s. */
bool netrig_await(const struct netrig *rig, const uint64_t *figure,
		  struct net_figures *figures, uint64_t value);

#define NETRIG_GET(path) "GET " path " HTTP/1.1\r\nHost: localhost\r\n\r\n"

#endif
