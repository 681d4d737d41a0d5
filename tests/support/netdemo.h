/*
 * netdemo - a small application behind the real front, with its own keys.
 *
 *   GET  /healthz   "alive\n"; any other method 405
 *   POST /echo      the body
 *   GET  /big?N     N bytes 'b' at once
 *   GET  /stream?N  N pieces "piece i\n"
 *   GET  /later     "later\n", from another thread, by ticket
 *   GET  /never     no answer
 *   GET  /whoami    the key's hash in hex, or "nobody"
 *   GET  /peer      netdemo_show_peer()
 *   POST /small     at most 10 bytes; admit() refuses with 403 when the
 *                   field "Refuse" is there
 */
#ifndef TESTS_SUPPORT_NETDEMO_H
#define TESTS_SUPPORT_NETDEMO_H

#include <stdatomic.h>

#include "base/mbox.h"
#include "daemon/net/net.h"

struct netdemo_keys {
	struct buf ca_key, ca, key, cert;
};
struct netdemo_client {
	struct buf key, cert;
	uint8_t id[32];
};

/* now: when the server's and the authority's certificates begin. */
void netdemo_keys_make(struct netdemo_keys *keys, int64_t now);
void netdemo_keys_free(struct netdemo_keys *keys);
void netdemo_tls(const struct netdemo_keys *keys, struct net_tls *out);
void netdemo_client_make(const struct netdemo_keys *keys, int64_t now, int days,
			 struct netdemo_client *client);
void netdemo_client_free(struct netdemo_client *client);

/* Issuer and key in hex, and the last second of the certificate; out holds
 * 256. */
void netdemo_show_peer(const uint8_t issuer[32], const uint8_t key[32],
		       int64_t not_after, char *out);

struct netdemo {
	struct http_app app;
	struct net *net;
	_Atomic unsigned handled, done;
	struct mbox *later; /* tickets for the thread that answers */
	_Atomic bool stop;
	_Atomic bool hold; /* keep them for now */
	unsigned long thread;
	bool running;
};

void netdemo_init(struct netdemo *demo);
/* The thread that answers /later; after demo->net is set. */
void netdemo_start(struct netdemo *demo);
void netdemo_fini(struct netdemo *demo);

#endif
