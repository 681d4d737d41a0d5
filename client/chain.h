/*
 * chain - the certificates that a server shows, before any of it is believed.
 */
#ifndef CLIENT_CHAIN_H
#define CLIENT_CHAIN_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define CHAIN_HASH_LEN 32

/*
 * Connects, looks, says nothing and goes: the certificate with this SHA-256
 * (of its DER) out of the chain that the server shows, as PEM. Nothing is
 * verified here but that hash; whoever has the certificate then verifies a
 * connection of its own by it. RC_UNREACHABLE when the server does not show
 * it: it is another service, or somebody is in between.
 */
__attribute__((warn_unused_result)) enum rc
chain_find(const char *server, const uint8_t hash[CHAIN_HASH_LEN],
	   struct buf *out_pem, struct err *err);

#endif
